"""`sklearn.metrics.DistanceMetric`: native distances, as kind and parameters of the constructor.

Fields, by kind
---------------
SEuclidean: ``V`` (float64 array, one for each feature). Minkowski: ``p`` (finite float of more than 0) and ``w``
(float64 array, one for each feature, or None). Mahalanobis: ``VI`` (float64 array, square). PyFunc: ``func`` (a
function, called for each distance) and ``kwargs`` (dict). All others: none.

Native code reads as many weights as the data have features, so whoever holds both compares the two (`n_weights`).
Names: the 64-bit kinds had no suffix before scikit-learn 1.3, and stood in ``sklearn.neighbors`` before 1.0.

Source: sklearn/metrics/_dist_metrics.pyx.tp.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar

from hermetic.codecs.codec import Codec, FieldView, LegacyObject, not_adopted
from hermetic.codecs.finite_distances import problem_of_parameter
from hermetic.codecs.related import mapping_of, plain_number
from hermetic.lazy import numpy as np

__all__ = ["DistanceMetricCodec", "n_weights"]

_NAMES = (
    "BrayCurtis Canberra Chebyshev Dice Euclidean Hamming Haversine Jaccard Kulsinski Mahalanobis Manhattan Matching "
    "Minkowski PyFunc RogersTanimoto RussellRao SEuclidean SokalMichener SokalSneath"
)
_KINDS = _NAMES.split()
_FIELDS: dict[str, tuple[str, ...]] = {
    "Mahalanobis": ("VI",),
    "Minkowski": ("p", "w"),
    "PyFunc": ("func", "kwargs"),
    "SEuclidean": ("V",),
}
_OLD_MODULES = ("sklearn.metrics._dist_metrics", "sklearn.neighbors._dist_metrics", "sklearn.neighbors.dist_metrics")
_HAVERSINE_FEATURES = 2


class DistanceMetricCodec(Codec):
    """Distances that hold parameters or none; see the module docstring."""

    row_bytes = 2 << 10
    classes: ClassVar = {
        f"sklearn.metrics.{kind}Distance{width}": f"sklearn.metrics._dist_metrics:{kind}Distance{width}"
        for kind in _KINDS
        for width in (32, 64)
    }
    aliases: ClassVar = {
        f"{module}:{kind}Distance": f"sklearn.metrics.{kind}Distance64" for kind in _KINDS for module in _OLD_MODULES
    }
    makers: ClassVar = {f"{module}:newObj": "" for module in _OLD_MODULES}
    checked_fields = frozenset({"V", "VI", "w"})

    def group(self, instance: Any) -> Hashable:
        """Let all distances of one kind share a table."""
        return None

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the parameters out of the state: p, vector, matrix, and the function with its keywords."""
        state = made.state
        if type(state) is not tuple or len(state) not in (3, 5):
            raise not_adopted(made, "its state is no tuple of 3 or 5")
        kind = _kind(name)
        if kind == "PyFunc":
            return {"func": state[3], "kwargs": state[4]}
        # Before scikit-learn 1.1 a vector of one zero stood for no weights.
        has_weights = len(state[1]) > 1 or (len(state[1]) == 1 and state[1][0] != 0)
        values = {"p": state[0], "w": state[1] if has_weights else None, "V": state[1], "VI": state[2]}
        return {field: values[field] for field in _FIELDS.get(kind, ())}

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the parameters that the kind has."""
        kind = _kind(name)
        states = [metric.__getstate__() for metric in instances]
        if kind == "Minkowski":
            weights = [state[1] if len(state[1]) else None for state in states]
            return {"p": [state[0] for state in states], "w": weights}
        if kind == "SEuclidean":
            return {"V": [state[1] for state in states]}
        if kind == "Mahalanobis":
            return {"VI": [state[2] for state in states]}
        if kind == "PyFunc":
            return {"func": [state[3] for state in states], "kwargs": [state[4] for state in states]}
        return {}

    def validate(self, name: str, view: FieldView) -> None:
        """Check the parameters' types and shapes."""
        kind = _kind(name)
        expected = _FIELDS.get(kind, ())
        if set(view.node.fields) != set(expected):
            raise view.refuse(f"{name} has the fields {sorted(view.node.fields)}, expected {sorted(expected)}")
        for field in {"V", "VI", "w"} & set(expected):
            _check_weights(view, field)
        for row, keywords in enumerate(view.values("kwargs") if kind == "PyFunc" else ()):
            if mapping_of(view, keywords) is None:
                raise view.refuse("kwargs must be a dictionary of names", row=row, field="kwargs")
        if kind == "Minkowski":
            for row, power in enumerate(map(plain_number, view.values("p"))):
                if type(power) is not float or not 0.0 < power < np.inf:
                    raise view.refuse(f"p must be a finite float of more than 0, got {power!r}", row=row, field="p")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the distances with the installed library's constructor."""
        kind = self.resolve(name)
        if _kind(name) == "PyFunc":
            columns = zip(fields["func"], fields["kwargs"], strict=True)
            return [kind(function, **keywords) for function, keywords in columns]
        return [kind(**{field: values[row] for field, values in fields.items()}) for row in range(rows)]


def _kind(name: str) -> str:
    return name.rpartition(".")[2].partition("Distance")[0]


def _check_weights(view: FieldView, field: str) -> None:
    n_dimensions = 2 if field == "VI" else 1
    for row, (value, weights) in enumerate(zip(view.values(field), view.arrays(field), strict=True)):
        if field == "w" and value is None:
            continue
        if weights is None or weights.dtype != np.float64 or weights.ndim != n_dimensions or not weights.size:
            raise view.refuse(f"{field} must be a float64 array of {n_dimensions} dimension(s)", row=row, field=field)
        if not weights.flags.c_contiguous or (field == "VI" and weights.shape[0] != weights.shape[1]):
            raise view.refuse(f"{field} has the shape {weights.shape}, not in C order or square", row=row, field=field)
        if field == "w" and not ((weights >= 0) & np.isfinite(weights)).all():
            raise view.refuse("a weight is negative or not finite", row=row, field=field)
        if problem := problem_of_parameter(view, field, value):
            raise view.refuse(problem, row=row, field=field)


def n_weights(name: str, view: FieldView, row: int) -> int | None:
    """Give how many features a distance needs; None where it takes any number.

    Parameters
    ----------
    name : str
        Neutral name of the distance.
    view : FieldView
        Its table.
    row : int
        Its row.

    Returns
    -------
    int or None
        Number of features.
    """
    kind = _kind(name)
    if kind == "Haversine":
        return _HAVERSINE_FEATURES
    for field in ("V", "VI", "w"):
        if field in _FIELDS.get(kind, ()):
            weights = view.array(view.value(field, row))
            return None if weights is None else len(weights)
    return None
