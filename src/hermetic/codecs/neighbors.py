"""Estimators that search neighbours: the data they keep are as many, and as wide, as they say.

Fields: the ``__dict__``. Brute-force search multiplies its input with ``_fit_X`` without comparing widths, and counts
votes into one place for each class without looking at ``_y``. Trees check the width of their input themselves; what
they follow is checked in `hermetic.codecs.neighbor_trees`. The parameters of a metric go to native code as they are.

Source: sklearn/neighbors/_base.py, sklearn/metrics/_pairwise_distances_reduction.
"""

from __future__ import annotations

from collections.abc import Set
from typing import ClassVar

from hermetic.codecs.codec import FieldView
from hermetic.codecs.distance_metrics import DistanceMetricCodec
from hermetic.codecs.estimators import CountingCodec, public_names
from hermetic.codecs.field_checks import amount_of, length_of, shape_of
from hermetic.codecs.finite_distances import problem_of_data, problem_of_parameter
from hermetic.codecs.neighbor_trees import NeighborTreeCodec
from hermetic.codecs.related import items_of, mapping_of, plain_number, related
from hermetic.codecs.texts import text_of
from hermetic.graph import Packed, Value

__all__ = ["NeighborsCodec"]

_PARAMETERS = "effective_metric_params_"
_MOST_NEIGHBORS = 10_000
_TREES = ("ball_tree", "kd_tree")
_WITH_MISSING = "nan_euclidean"


class NeighborsCodec(CountingCodec):
    """Neighbour searches; see the module docstring."""

    classes: ClassVar = {
        **public_names("sklearn.neighbors._classification", "KNeighborsClassifier RadiusNeighborsClassifier"),
        **public_names("sklearn.neighbors._graph", "KNeighborsTransformer RadiusNeighborsTransformer"),
        **public_names("sklearn.neighbors._lof", "LocalOutlierFactor"),
        **public_names("sklearn.neighbors._regression", "KNeighborsRegressor RadiusNeighborsRegressor"),
        **public_names("sklearn.neighbors._unsupervised", "NearestNeighbors"),
    }
    counted: ClassVar = {"sklearn.neighbors.RadiusNeighborsClassifier": "_y"}
    checked_fields = frozenset({"_fit_X", "_y"})
    sealed_fields = frozenset(
        {
            *("_fit_X", "_tree", "_y", "classes_", "effective_metric_params_", "n_features_in_", "n_neighbors"),
            *("_fit_method", "effective_metric_", "metric", "metric_params", "n_samples_fit_", "p"),
        }
    )

    def fields_read(self, name: str, view: FieldView) -> Set[str]:
        """Leave out the data where a tree is searched: only brute-force search needs data that are finite."""
        return self.checked_fields - {"_fit_X"} if _searches_trees(view) else self.checked_fields

    def validate(self, name: str, view: FieldView) -> None:
        """Compare the data, the tree and the labels of each estimator."""
        super().validate(name, view)
        if "_fit_X" not in view.node.fields:
            return
        fields = ("_fit_X", "n_samples_fit_", "n_features_in_", "_tree", "_y", "classes_")
        for row, (data, n_samples, n_features, tree, labels, classes) in enumerate(
            zip(*(view.values(field) for field in fields), strict=True)
        ):
            shape = _shape(view, data)
            if shape is None or shape != (plain_number(n_samples), plain_number(n_features)) or shape[0] < 1:
                found = f"{shape}, said are {n_samples!r} samples of {n_features!r} features"
                raise view.refuse(f"the data have the shape {found}", row=row, field="_fit_X")
            if tree is not None:
                _check_tree(view, row, tree, shape)
            if name.endswith("Classifier"):
                _check_labels(view, row, labels, classes, shape[0])
            _check_metric_parameters(view, row, shape[1])
            # Trees look for themselves; `fields_read` relies on it.
            if text_of(view.value("_fit_method", row)) not in _TREES:
                _check_distances(view, row, data)
            _check_number(view, row, shape[0])


def _searches_trees(view: FieldView) -> bool:
    """Tell whether every row searches a tree; a packed column is not read yet, and tells nothing."""
    if type(view.node.fields.get("_fit_method")) is Packed:
        return False
    return all(text_of(method) in _TREES for method in view.values("_fit_method"))


def _shape(view: FieldView, value: Value) -> tuple[int, ...] | None:
    array = view.array(value)
    if array is not None:
        return tuple(array.shape)
    found = related(view, value)
    if found is None or not found[0].startswith("scipy.sparse."):
        return None
    return shape_of(found[1].value("shape", found[2]))


def _check_tree(view: FieldView, row: int, value: Value, shape: tuple[int, ...]) -> None:
    found = related(view, value)
    data = None
    if found is not None and found[0] in NeighborTreeCodec.classes:
        data = found[1].array(found[1].value("data", found[2]))
    if data is None or data.shape != shape:
        raise view.refuse(f"the tree is not over the data of shape {shape}", row=row, field="_tree")


def _check_metric_parameters(view: FieldView, row: int, n_features: int) -> None:
    """Refuse parameters that brute-force search reads without looking: norms of the data, and a matrix of scipy's."""
    value = view.value(_PARAMETERS, row)
    if value is None:
        return
    parameters = mapping_of(view, value)
    if parameters is None:
        raise view.refuse("the parameters of a metric must be a dictionary of names", row=row, field=_PARAMETERS)
    if norms := parameters.keys() & {"X_norm_squared", "Y_norm_squared"}:
        found = f"{min(norms)} is computed, never stored: native code would read it without looking at its length"
        raise view.refuse(found, row=row, field=_PARAMETERS)
    if "VI" in parameters and not _is_square(view, parameters["VI"], n_features):
        found = f"VI must be a matrix of {n_features} x {n_features}: scipy would read beyond a smaller one"
        raise view.refuse(found, row=row, field=_PARAMETERS)


def _check_distances(view: FieldView, row: int, data: Value) -> None:
    """Refuse data and parameters, as fitted and as given, to which brute-force search finds no distance."""
    # Missing values are honest where the metric passes over them.
    if view.value("effective_metric_", row) != _WITH_MISSING and (problem := problem_of_data(view, data)):
        raise view.refuse(problem, row=row, field="_fit_X")
    given = {"p": view.value("p", row)} if text_of(view.value("metric", row)) == "minkowski" else {}
    for field, parameters_field, others in (("effective_metric_", _PARAMETERS, {}), ("metric", "metric_params", given)):
        metric = view.value(field, row)
        distance = related(view, metric)
        if distance is not None and distance[0] in DistanceMetricCodec.classes:
            _, table, own_row = distance
            others = {**others, "p": table.value("p", own_row)}
        elif distance is not None or (type(metric) is dict and "name" in metric):
            continue  # a function takes what it likes, and is called by other code
        parameters = mapping_of(view, view.value(parameters_field, row)) or {}
        for name, parameter in [*parameters.items(), *others.items()]:
            if problem := problem_of_parameter(view, name, parameter):
                raise view.refuse(problem, row=row, field=parameters_field)


def _check_number(view: FieldView, row: int, n_samples: int) -> None:
    """Refuse a number of neighbours that nobody has: a vote by brute force makes room for all of them."""
    number = amount_of(view, view.value("n_neighbors", row))
    most = max(n_samples, _MOST_NEIGHBORS)
    if number is not None and number > most:
        found = f"n_neighbors is {number} for {n_samples} samples: predict would allocate as many for each row"
        raise view.refuse(f"{found}; {most} is the limit", row=row, field="n_neighbors")


def _is_square(view: FieldView, value: Value, length: int) -> bool:
    """Tell whether an array, or a list of lists, has as many rows as columns."""
    array = view.array(value)
    if array is not None:
        return bool(array.shape == (length, length))
    rows = items_of(view, value) or ()
    return len(rows) == length and all(len(items_of(view, row) or ()) == length for row in rows)


def _check_labels(view: FieldView, row: int, labels: Value, classes: Value, n_samples: int) -> None:
    """Compare labels with classes: a row of them with what stands in `classes_`, columns with its items."""
    codes = view.array(labels)
    if codes is None or codes.dtype.kind != "i" or codes.ndim not in (1, 2) or len(codes) != n_samples:
        raise view.refuse(f"_y must be {n_samples} integers", row=row, field="_y")
    listed = [classes] if codes.ndim == 1 else items_of(view, classes) or []
    if codes.ndim == 2 and codes.shape[1] != len(listed):
        raise view.refuse(f"_y has {codes.shape[1]} columns for {len(listed)} rows of classes", row=row, field="_y")
    for column, names in zip(codes.reshape(n_samples, -1).T, listed, strict=True):
        n_classes = length_of(view, names) or 0
        if int(column.min()) < 0 or int(column.max()) >= n_classes:
            raise view.refuse(f"_y names a class beyond the {n_classes} there are", row=row, field="_y")
