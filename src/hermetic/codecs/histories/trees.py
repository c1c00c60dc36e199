"""What releases have changed in native trees and forests before 1.7: layouts of nodes, meanings of values.

The sources are sklearn/tree/_tree.pyx and _classes.py, and in sklearn/ensemble/ _iforest.py, _weight_boosting.py and
_hist_gradient_boosting/, of scikit-learn 1.2 to 1.6.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hermetic.codecs.histories.kept import is_kept, keep_fitted
from hermetic.codecs.histories.predictors import (
    keep_boosting_by_probabilities,
    keep_boosting_by_shares,
    keep_boosting_by_votes,
)
from hermetic.codecs.history import Change, Step, refused_when
from hermetic.codecs.related import items_of, related
from hermetic.codecs.table_edit import TableEdit
from hermetic.graph import Value
from hermetic.lazy import numpy as np

__all__ = ["CHANGES"]

_MISSING = "missing_go_to_left"
_ALIGNMENT = 8
_ROUNDING = 1e-12


def _send_missing_right(edit: TableEdit) -> None:
    # tree/_tree.pxd, Node: a byte more since 1.3, for values that no tree before could meet.
    edit.recast("nodes", _with_missing, lambda nodes: _copied(nodes, _with_missing(nodes.dtype)))


def _with_missing(dtype: Any) -> Any:
    names = list(dtype.names or ())
    if "left_child" not in names or _MISSING in names:
        return dtype
    fields = [dtype.fields[name] for name in names]
    end = max(offset + kind.itemsize for kind, offset in fields)
    return np.dtype(
        {
            "names": [*names, _MISSING],
            "formats": [*(kind for kind, _ in fields), "u1"],
            "offsets": [*(offset for _, offset in fields), end],
            "itemsize": -(-(end + 1) // _ALIGNMENT) * _ALIGNMENT,
        }
    )


def _forget_missing(edit: TableEdit) -> None:
    # Rows with missing values are refused by the older release itself, whatever a tree says of them.
    for row, nodes in enumerate(edit.arrays("nodes")):
        names = (nodes.dtype.names or ()) if nodes is not None else ()
        if "threshold" in names and not np.isfinite(nodes["threshold"]).all():
            raise edit.no_way("trees that part missing values from all others are new in scikit-learn 1.3", row=row)
    edit.recast("nodes", _without_missing, lambda nodes: _copied(nodes, _without_missing(nodes.dtype)))


def _without_missing(dtype: Any) -> Any:
    names = [name for name in dtype.names or () if name != _MISSING]
    return np.dtype([(name, dtype.fields[name][0]) for name in names]) if _MISSING in (dtype.names or ()) else dtype


def _with_features(dtype: Any, kind: str) -> Any:
    # _hist_gradient_boosting/common.pxd: the number of a feature is intp since 1.3.
    names = dtype.names or ()
    return np.dtype([(name, kind if name == "feature_idx" else dtype.fields[name][0]) for name in names])


def _copied(nodes: Any, dtype: Any) -> Any:
    copied = np.zeros(nodes.shape, dtype=dtype)
    for name in set(nodes.dtype.names) & set(dtype.names):
        copied[name] = nodes[name]
    return copied


def _casting_features(kind: str) -> Step:
    return lambda edit: edit.recast(
        "nodes",
        lambda dtype: _with_features(dtype, kind),
        lambda nodes: _copied(nodes, _with_features(nodes.dtype, kind)),
    )


def _count_shares(edit: TableEdit) -> None:
    # tree/_classes.py, predict_proba: until 1.3 it divided the weights of the classes in a node by their sum.
    for reference, values, _ in _values_of_trees(edit):
        total = values.sum(axis=2, keepdims=True)
        total[total == 0.0] = 1.0
        edit.set_array(reference, values / total)


def _count_weights(edit: TableEdit) -> None:
    # The share of a class times the weight of its node; without weights of samples a whole number, to the last bit.
    for reference, values, nodes in _values_of_trees(edit):
        if nodes is None or len(nodes) != len(values):
            raise edit.refuse("the nodes of a tree have no weights", field="tree_")
        # A tree that two models share is brought back once.
        if edit.is_first(_count_weights, reference):
            weights = values * nodes["weighted_n_node_samples"][:, None, None]
            whole = np.rint(weights)
            edit.set_array(reference, np.where(np.abs(weights - whole) <= _ROUNDING * whole, whole, weights))


def _values_of_trees(edit: TableEdit) -> Iterator[tuple[Value, Any, Any]]:
    for value in edit.values("tree_"):
        found = related(edit, value)
        if found is not None:
            _, table, row = found
            reference = table.value("values", row)
            values = table.array(reference)
            if values is not None and values.ndim == 3:
                yield reference, values, table.array(table.value("nodes", row))


def _measure_isolation(edit: TableEdit) -> None:
    # _iforest.py: what it computed at each prediction is kept since 1.3.
    if not edit.has("estimators_") or edit.has("_decision_path_lengths"):
        return
    lengths, depths = [], []
    for row in range(edit.rows):
        measured = [_measures(edit, value) for value in items_of(edit, edit.value("estimators_", row)) or ()]
        lengths.append(edit.new_sequence("list", [edit.new_array(own[0]) for own in measured]))
        depths.append(edit.new_sequence("list", [edit.new_array(own[1]) for own in measured]))
    edit.put("_average_path_length_per_tree", lengths)
    edit.put("_decision_path_lengths", depths)


def _measures(edit: TableEdit, value: Value) -> tuple[Any, Any]:
    regressor = related(edit, value)
    tree = related(edit, regressor[1].value("tree_", regressor[2])) if regressor is not None else None
    nodes = tree[1].array(tree[1].value("nodes", tree[2])) if tree is not None else None
    if nodes is None or not {"left_child", "right_child", "n_node_samples"} <= set(nodes.dtype.names or ()):
        raise edit.refuse("an isolation forest has no trees", field="estimators_")
    return _average_path_length(nodes["n_node_samples"]), _depths(edit, nodes)


def _average_path_length(n_samples: Any) -> Any:
    # _iforest.py, _average_path_length.
    lengths = np.zeros(n_samples.shape, dtype=np.float64)
    lengths[n_samples == 2] = 1.0
    more = n_samples > 2
    lengths[more] = (
        2.0 * (np.log(n_samples[more] - 1.0) + np.euler_gamma) - 2.0 * (n_samples[more] - 1.0) / n_samples[more]
    )
    return lengths


def _depths(edit: TableEdit, nodes: Any) -> Any:
    # Children come after their parents: level by level, and what would go round in circles is no tree.
    depths = np.zeros(len(nodes), dtype=np.int64)
    level = np.zeros(1, dtype=np.int64)
    for depth in range(1, len(nodes) + 2):
        depths[level] = depth
        inner = level[nodes["left_child"][level] != -1]
        level = np.concatenate([nodes["left_child"][inner], nodes["right_child"][inner]])
        if not len(level):
            return depths
        if not ((level > 0) & (level < len(nodes))).all() or len(level) > len(nodes):
            break
    raise edit.refuse("the nodes of a tree are no tree", field="estimators_")


def _number_no_categories(edit: TableEdit) -> None:
    if edit.has("_predictors") and not edit.has("_preprocessor"):
        edit.fill("_preprocessor", None)
        edit.copy("_is_categorical_remapped", "is_categorical_")


def _keep_own_categories(edit: TableEdit) -> None:
    # _hist_gradient_boosting/gradient_boosting.py: since 1.4 the model itself numbers categories, and puts them first.
    has_own = any(preprocessor is not None for preprocessor in edit.values("_preprocessor"))
    if has_own and not keep_fitted(edit, "1.4"):
        raise edit.no_way("categories that the model numbers itself are new in scikit-learn 1.4")
    if is_kept(edit.name):
        if not edit.has("max_features"):
            edit.fill("max_features", 1.0)
        return
    edit.drop("_preprocessor", "_is_categorical_remapped")
    edit.replace("categorical_features", {"warn": None, "from_dtype": None})


def _knows_gamma(edit: TableEdit, row: int) -> bool:
    return bool(edit.value("loss", row) == "gamma")


_ENSEMBLE = "sklearn.ensemble."
_HISTOGRAM = f"{_ENSEMBLE}HistGradientBoostingClassifier {_ENSEMBLE}HistGradientBoostingRegressor"
_ISOLATION = ("_average_path_length_per_tree", "_decision_path_lengths")

CHANGES: dict[str, tuple[Change, ...]] = {
    "sklearn.tree.Tree": (Change("1.3", _send_missing_right, _forget_missing),),
    "sklearn.tree.DecisionTreeClassifier sklearn.tree.ExtraTreeClassifier": (
        Change("1.4", _count_shares, _count_weights),
    ),
    f"{_ENSEMBLE}TreePredictor": (Change("1.3", _casting_features("i8"), _casting_features("u4")),),
    f"{_ENSEMBLE}HistGradientBoostingRegressor": (
        refused_when("1.3", "loss='gamma' is new in scikit-learn 1.3", _knows_gamma),
    ),
    _HISTOGRAM: (Change("1.4", _number_no_categories, _keep_own_categories),),
    f"{_ENSEMBLE}AdaBoostClassifier": (
        Change("1.3", keep_boosting_by_votes, keep_boosting_by_shares),
        Change("1.6", keep_boosting_by_probabilities, lambda edit: edit.replace("algorithm", {"deprecated": "SAMME"})),
    ),
    f"{_ENSEMBLE}IsolationForest": (Change("1.3", _measure_isolation, lambda edit: edit.drop(*_ISOLATION)),),
}
