"""What releases before 1.7 have changed in gradient boosting: losses, and the scores from which it starts.

The sources are sklearn/ensemble/_gb.py and _gb_losses.py of scikit-learn 1.2 and 1.3, beside sklearn/_loss/loss.py of
1.4.
"""

from __future__ import annotations

from typing import Any

from hermetic.codecs.history import Change, attribute_added, attribute_removed, leave
from hermetic.codecs.related import items_of, plain_number, related, shape_of_objects
from hermetic.codecs.table_edit import TableEdit
from hermetic.graph import Value
from hermetic.lazy import numpy as np

__all__ = ["CHANGES"]


def _count_trees(edit: TableEdit, row: int) -> Value:
    shape = shape_of_objects(edit, edit.value("estimators_", row))
    if shape is None or len(shape) != 2:
        raise edit.refuse("the stages of boosting are no table", row=row, field="estimators_")
    return shape[1]


def _start_from_centre(edit: TableEdit) -> None:
    _move_start(edit, 1.0)


def _start_from_shares(edit: TableEdit) -> None:
    _move_start(edit, -1.0)


def _move_start(edit: TableEdit, sign: float) -> None:
    """Put into the trees of the first stage what the initial model no longer gives, or take it out again.

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
            _raise_leaves(edit, value, sign * shift)


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
    # Leaves that two models share are moved once; they cannot be where they should for both.
    reference = tree[1].value("values", tree[2])
    if edit.is_first(_raise_leaves, reference, shift):
        edit.set_array(reference, values + shift)


def _take_former_loss(edit: TableEdit) -> None:
    # What former releases compute predictions with; how it was fitted is of no account.
    if not edit.has("_loss", "estimators_"):
        return
    values = edit.values("_loss")
    for row, value in enumerate(values):
        found = related(edit, value)
        kind = found[0].rpartition(".")[2] if found is not None else ""
        if found is None or kind not in _FORMER:
            raise edit.refuse("gradient boosting has no loss of its own", row=row, field="_loss")
        former, parameters = _FORMER[kind]
        fields: dict[str, Any] = {new: found[1].value(old, found[2]) for new, old in parameters.items()}
        if kind == "PinballLoss":
            fields["percentile"] = float(plain_number(fields["alpha"])) * 100
        values[row] = edit.new_object(f"sklearn.ensemble.losses.{former}", {"K": 1, **fields})
    edit.put("_loss", values)


def _number_of_classes(edit: TableEdit, row: int) -> Value:
    return edit.value("n_classes_", row)


_FORMER: dict[str, tuple[str, dict[str, str]]] = {
    "AbsoluteError": ("LeastAbsoluteError", {}),
    "ExponentialLoss": ("ExponentialLoss", {}),
    "HalfBinomialLoss": ("BinomialDeviance", {}),
    "HalfMultinomialLoss": ("MultinomialDeviance", {"K": "n_classes"}),
    "HalfSquaredError": ("LeastSquaresError", {}),
    "HuberLoss": ("HuberLossFunction", {"alpha": "quantile", "gamma": "delta"}),
    "PinballLoss": ("QuantileLossFunction", {"alpha": "quantile"}),
}
_CLASSIFIER = "sklearn.ensemble.GradientBoostingClassifier"

CHANGES: dict[str, tuple[Change, ...]] = {
    _CLASSIFIER: (
        Change("1.4", _start_from_centre, _start_from_shares),
        attribute_removed("1.4", "_n_classes", _number_of_classes, beside="n_classes_"),
    ),
    f"{_CLASSIFIER} sklearn.ensemble.GradientBoostingRegressor": (
        Change("1.4", leave, _take_former_loss),
        attribute_added("1.4", "n_trees_per_iteration_", _count_trees, beside="estimators_"),
    ),
}
