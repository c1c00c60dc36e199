"""scikit-learn's scorers: what measures a model in a search, a tuned threshold or early stopping.

Fields
------
``_Scorer``, ``_CurveScorer``: ``score_func`` (function), ``sign`` (1 or -1), ``kwargs`` (dict), ``response_method``
(str or tuple of str); curve scorers also ``thresholds``. ``_MultimetricScorer``: ``scorers`` (dict), ``raise_exc``
(bool). ``_PassthroughScorer``: ``estimator``. Each may have ``_metadata_request``, which refers back to the scorer;
attributes that somebody has added keep their own names.

Source: sklearn/metrics/_scorer.py, sklearn/utils/_metadata_requests.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from hermetic.codecs.codec import FieldView, LegacyObject, not_adopted
from hermetic.codecs.estimators import EstimatorCodec
from hermetic.codecs.related import plain_number

__all__ = ["ScorerCodec"]

_SCORER = {
    "score_func": "_score_func",
    "sign": "_sign",
    "kwargs": "_kwargs",
    "response_method": "_response_method",
}
_ATTRIBUTES: dict[str, dict[str, str]] = {
    "_CurveScorer": {**_SCORER, "thresholds": "_thresholds"},
    "_MultimetricScorer": {"scorers": "_scorers", "raise_exc": "_raise_exc"},
    "_PassthroughScorer": {"estimator": "_estimator"},
    "_Scorer": _SCORER,
}


class ScorerCodec(EstimatorCodec):
    """Scorers: kind, function, sign and arguments."""

    classes: ClassVar = {f"sklearn.metrics.{name}": f"sklearn.metrics._scorer:{name}" for name in _ATTRIBUTES}
    # Where scikit-learn 1.5 has it.
    aliases: ClassVar = {
        "sklearn.model_selection._classification_threshold:_CurveScorer": "sklearn.metrics._CurveScorer"
    }
    sealed_fields = frozenset({"sign"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the state under the names of the constructor's arguments."""
        fields = super().adopt(name, made)
        known = _attributes(name)
        named = {field: fields.pop(attribute) for field, attribute in known.items() if attribute in fields}
        if clashing := fields.keys() & known.keys():
            raise not_adopted(made, f"its own attribute {min(clashing)!r} has the name of an argument of its class")
        return {**named, **fields}

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the arguments of the constructor under their own names, then whatever else the scorers hold."""
        fields = super().capture(name, instances)
        known = {attribute: field for field, attribute in _attributes(name).items()}
        if clashing := fields.keys() & set(known.values()):
            raise self.refuse(
                instances[0],
                f"its own attribute {min(clashing)!r} has the name of an argument of its class",
                "Give the attribute another name.",
            )
        named = {field: fields[attribute] for attribute, field in known.items() if attribute in fields}
        return {**named, **{attribute: values for attribute, values in fields.items() if attribute not in known}}

    def validate(self, name: str, view: FieldView) -> None:
        """Check that nothing is missing or under two names, that no method is hidden and that a sign is a sign."""
        super().validate(name, view)
        fields, attributes = view.node.fields.keys(), _attributes(name)
        if missing := attributes.keys() - fields:
            raise view.refuse(f"{name} lacks {', '.join(sorted(missing))}")
        # It would replace, unseen, what stands under the public name.
        if private := fields & set(attributes.values()):
            raise view.refuse(f"{name} has no field {min(private)!r} besides its public name")
        if "sign" in attributes and not all(plain_number(sign) in (1, -1) for sign in view.values("sign")):
            raise view.refuse("the sign of a scorer must be 1 or -1", field="sign")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the scorers."""
        attributes = _attributes(name)
        return super().restore(name, {attributes.get(field, field): values for field, values in fields.items()}, rows)

    def link(self, instance: Any, field: str, value: Any) -> None:
        """Set one field: a scorer's metadata request refers back to it."""
        instance.__dict__[_attributes(self._name(instance)).get(field, field)] = value

    def _name(self, instance: Any) -> str:
        return f"sklearn.metrics.{type(instance).__name__}"


def _attributes(name: str) -> dict[str, str]:
    return _ATTRIBUTES[name.rpartition(".")[2]]
