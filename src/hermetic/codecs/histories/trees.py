"""What releases have changed in native trees and in boosting before 1.7: layouts of nodes, meanings of values.

The sources are sklearn/tree/_tree.pyx and _classes.py, and in sklearn/ensemble/ _gb.py, _gb_losses.py, _iforest.py,
_weight_boosting.py and _hist_gradient_boosting/, of scikit-learn 1.2 to 1.6.
"""

from __future__ import annotations

from typing import Any

from hermetic.codecs.histories.predictors import keep_boosting_by_probabilities, keep_boosting_by_votes
from hermetic.codecs.history import Change, attribute_added, upward
from hermetic.codecs.related import items_of, plain_number, related, shape_of_objects
from hermetic.codecs.table_edit import TableEdit
from hermetic.graph import Value
from hermetic.lazy import numpy as np

__all__ = ["CHANGES"]

_MISSING = "missing_go_to_left"
_ALIGNMENT = 8


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


def _with_wide_features(dtype: Any) -> Any:
    # _hist_gradient_boosting/common.pxd: the number of a feature is intp since 1.3.
    names = dtype.names or ()
    return np.dtype([(name, "i8" if name == "feature_idx" else dtype.fields[name][0]) for name in names])


def _copied(nodes: Any, dtype: Any) -> Any:
    copied = np.zeros(nodes.shape, dtype=dtype)
    for name in set(nodes.dtype.names) & set(dtype.names):
        copied[name] = nodes[name]
    return copied


def _widen_features(edit: TableEdit) -> None:
    edit.recast("nodes", _with_wide_features, lambda nodes: _copied(nodes, _with_wide_features(nodes.dtype)))


def _count_shares(edit: TableEdit) -> None:
    # tree/_classes.py, predict_proba: until 1.3 it divided the weights of the classes in a node by their sum.
    for value in edit.values("tree_"):
        found = related(edit, value)
        if found is not None:
            _, table, row = found
            reference = table.value("values", row)
            values = table.array(reference)
            if values is not None and values.ndim == 3:
                total = values.sum(axis=2, keepdims=True)
                total[total == 0.0] = 1.0
                edit.set_array(reference, values / total)


def _count_trees(edit: TableEdit, row: int) -> Value:
    shape = shape_of_objects(edit, edit.value("estimators_", row))
    if shape is None or len(shape) != 2:
        raise edit.refuse("the stages of boosting are no table", row=row, field="estimators_")
    return shape[1]


def _start_from_centre(edit: TableEdit) -> None:
    """Put into the trees of the first stage what the initial model no longer gives.

    _gb_losses.py, MultinomialDeviance: the start was log(p); since 1.4 it is log(p) less its mean over the classes, so
    all scores of a row would be lower by one number. Every leaf of a first tree is reached exactly once.
    """
    if not edit.has("estimators_", "init_", "learning_rate"):
        return
    for row in range(edit.rows):
        n_trees, init = _count_trees(edit, row), edit.value("init_", row)
        if type(n_trees) is not int or n_trees < 3 or init == "zero":
            continue
        shift = _centre_of(edit, row, init) / float(plain_number(edit.value("learning_rate", row)))
        stages = items_of(edit, edit.value("estimators_", row)) or []
        for value in stages[:n_trees]:
            _raise_leaves(edit, value, shift)


def _centre_of(edit: TableEdit, row: int, init: Value) -> float:
    found = related(edit, init)
    if found is not None and found[0] == "sklearn.dummy.DummyClassifier":
        _, table, own_row = found
        strategy, prior = table.value("strategy", own_row), table.array(table.value("class_prior_", own_row))
        if strategy == "prior" and prior is not None and prior.ndim == 1 and len(prior):
            smallest = np.finfo(np.float32).eps
            return float(np.mean(np.log(np.clip(prior, smallest, 1 - smallest))))
    raise edit.no_way(
        "gradient boosting for more than two classes starts from centred scores since scikit-learn 1.4, and the "
        "model given as init= starts from others for each row",
        row=row,
        field="init_",
    )


def _raise_leaves(edit: TableEdit, value: Value, shift: float) -> None:
    regressor = related(edit, value)
    tree = related(edit, regressor[1].value("tree_", regressor[2])) if regressor is not None else None
    values = tree[1].array(tree[1].value("values", tree[2])) if tree is not None else None
    if tree is None or values is None:
        raise edit.refuse("a stage of boosting has no tree", field="estimators_")
    edit.set_array(tree[1].value("values", tree[2]), values + shift)


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


def _flags_of_mapper(edit: TableEdit, row: int) -> Value:
    return edit.value("is_categorical_", row)


_ENSEMBLE = "sklearn.ensemble."
_HISTOGRAM = f"{_ENSEMBLE}HistGradientBoostingClassifier {_ENSEMBLE}HistGradientBoostingRegressor"
_BOOSTING = f"{_ENSEMBLE}GradientBoostingClassifier {_ENSEMBLE}GradientBoostingRegressor"


def _added(release: str, field: str, value: Any, beside: str) -> Change:
    return upward(release, attribute_added(release, field, value, beside=beside).up)


CHANGES: dict[str, tuple[Change, ...]] = {
    "sklearn.tree.Tree": (upward("1.3", _send_missing_right),),
    "sklearn.tree.DecisionTreeClassifier sklearn.tree.ExtraTreeClassifier": (upward("1.4", _count_shares),),
    f"{_ENSEMBLE}TreePredictor": (upward("1.3", _widen_features),),
    _HISTOGRAM: (
        _added("1.4", "_preprocessor", None, "_predictors"),
        _added("1.4", "_is_categorical_remapped", _flags_of_mapper, "_predictors"),
    ),
    f"{_ENSEMBLE}GradientBoostingClassifier": (upward("1.4", _start_from_centre),),
    _BOOSTING: (_added("1.4", "n_trees_per_iteration_", _count_trees, "estimators_"),),
    f"{_ENSEMBLE}AdaBoostClassifier": (
        upward("1.3", keep_boosting_by_votes),
        upward("1.6", keep_boosting_by_probabilities),
    ),
    f"{_ENSEMBLE}IsolationForest": (upward("1.3", _measure_isolation),),
}
