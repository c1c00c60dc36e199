"""scikit-learn's small containers that are built-in ones at heart: `Bunch` and the iterative imputer's triplet.

Fields
------
``Bunch``: ``items`` (dict); ``warnings`` (dict), where keys are deprecated.
``_ImputerTriplet``: ``feat_idx``, ``neighbor_feat_idx``, ``estimator``.

Source: sklearn/utils/_bunch.py, sklearn/impute/_iterative.py.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar

from hermetic.codecs.codec import Codec, FieldView, LegacyObject, not_adopted, pairs_of
from hermetic.codecs.records import is_mapping

__all__ = ["BunchCodec", "ImputerTripletCodec"]

_WARNINGS = "_deprecated_key_to_warnings"
_TRIPLET = ("feat_idx", "neighbor_feat_idx", "estimator")


class BunchCodec(Codec):
    """`sklearn.utils.Bunch`, a dictionary whose keys are attributes too."""

    classes: ClassVar = {"sklearn.utils.Bunch": "sklearn.utils._bunch:Bunch"}
    aliases: ClassVar = {"sklearn.utils:Bunch": "sklearn.utils.Bunch"}

    def group(self, instance: Any) -> Hashable:
        """Let all bunches share a table, but for those with deprecated keys."""
        return bool(vars(instance).get(_WARNINGS))

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the pairs as a plain dictionary."""
        fields: dict[str, Any] = {"items": pairs_of(made)}
        state = made.state if type(made.state) is dict else {}
        if state.get(_WARNINGS):
            fields["warnings"] = dict(state[_WARNINGS])
        return fields

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give each bunch as a plain dictionary."""
        fields: dict[str, list[Any]] = {"items": [dict(bunch) for bunch in instances]}
        if vars(instances[0]).get(_WARNINGS):
            fields["warnings"] = [dict(vars(bunch)[_WARNINGS]) for bunch in instances]
        return fields

    def validate(self, name: str, view: FieldView) -> None:
        """Check that the fields are dictionaries."""
        if unknown := view.node.fields.keys() - {"items", "warnings"}:
            raise view.refuse(f"a Bunch has no field {min(unknown)!r}")
        for field in {"items", *view.node.fields}:
            for row, value in enumerate(view.values(field)):
                if not is_mapping(view, value):
                    raise view.refuse(f"{field} of a Bunch must be a dictionary", row=row, field=field)

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the bunches."""
        kind = self.resolve(name)
        made = []
        for row in range(rows):
            bunch = kind()
            dict.update(bunch, fields["items"][row])
            if "warnings" in fields:
                bunch.__dict__[_WARNINGS] = fields["warnings"][row]
            made.append(bunch)
        return made


class ImputerTripletCodec(Codec):
    """One step of `sklearn.impute.IterativeImputer`, a named tuple."""

    classes: ClassVar = {"sklearn.impute._ImputerTriplet": "sklearn.impute._iterative:_ImputerTriplet"}

    def group(self, instance: Any) -> Hashable:
        """Let all steps share a table."""
        return None

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the three parts."""
        parts = made.arguments or made.items  # protocols 0 and 1 make it as a tuple
        if len(parts) != len(_TRIPLET):
            raise not_adopted(made, "it has not three parts")
        return dict(zip(_TRIPLET, parts, strict=True))

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the three parts of each step."""
        return {field: [step[position] for step in instances] for position, field in enumerate(_TRIPLET)}

    def validate(self, name: str, view: FieldView) -> None:
        """Check that all three parts are there."""
        if set(view.node.fields) != set(_TRIPLET):
            raise view.refuse(f"a step of an iterative imputer has the fields {sorted(view.node.fields)}")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the steps."""
        kind = self.resolve(name)
        return [kind(*parts) for parts in zip(*(fields[field] for field in _TRIPLET), strict=True)]
