"""What has become of helper classes that are gone: losses of gradient boosting and SGD, scorers, lists of columns.

The sources are sklearn/ensemble/_gb_losses.py of 1.3 beside sklearn/_loss/loss.py, sklearn/linear_model/_sgd_fast.pyx
of 1.5 beside 1.6, sklearn/metrics/_scorer.py of 1.2, 1.3 and 1.4, and sklearn/compose/_column_transformer.py of 1.6.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hermetic.codecs.history import Change, Step, leave, upward
from hermetic.codecs.related import items_of, related
from hermetic.codecs.table_edit import TableEdit
from hermetic.graph import Name, Sequences, Value

__all__ = ["CHANGES"]

_LINEAR = "sklearn.linear_model."
_PASSING = "sklearn.metrics._scorer._passthrough_scorer"


def _become_loss(kind: str, parameters: Mapping[str, str]) -> Step:
    def become(edit: TableEdit) -> None:
        columns = {new: edit.values(old) for new, old in parameters.items()}
        edit.drop(*edit.node.fields)
        for field, values in columns.items():
            edit.put(field, values)
        # Boosting always gives its loss an array of weights.
        edit.fill("constant_hessian", False)
        edit.become(f"sklearn.loss.{kind}")

    return become


def _become_native(kind: str) -> Step:
    def become(edit: TableEdit) -> None:
        edit.rename("c", "parameter")
        edit.become(f"sklearn.loss.{kind}")

    return become


def _become_scorer(response_method: Value) -> Step:
    def become(edit: TableEdit) -> None:
        for field in ("score_func", "sign", "kwargs"):
            edit.rename(f"_{field}", field)
        edit.fill("response_method", response_method)
        edit.become("sklearn.metrics._Scorer")

    return become


def _become_former_scorer(edit: TableEdit) -> None:
    # metrics/_scorer.py of 1.3: what is asked of a model was a class for each.
    kinds = {_former_scorer(edit, row) for row in range(edit.rows)}
    if len(kinds) != 1:
        raise edit.no_way("scorers that ask for different answers stand in one table")
    for field in ("score_func", "sign", "kwargs"):
        edit.rename(field, f"_{field}")
    edit.drop("response_method")
    edit.become(f"sklearn.metrics.{kinds.pop()}")


def _former_scorer(edit: TableEdit, row: int) -> str:
    method = edit.value("response_method", row)
    own = items_of(edit, method)
    wanted = {"tuple": own} if own is not None else method
    known = next((kind for kind, response in _SCORERS.items() if response == wanted), None)
    if known is None:
        raise edit.no_way("scorers that ask for other answers are new in scikit-learn 1.4", row=row)
    return known


def _pass_through_again(edit: TableEdit) -> None:
    for row, value in enumerate(values := edit.values("scorer_")):
        found = related(edit, value)
        if found is not None and found[0] == "sklearn.metrics._PassthroughScorer":
            values[row] = {"name": _number_of_passing(edit)}
            edit.put("scorer_", values)


def _number_of_passing(edit: TableEdit) -> int:
    name = Name(_PASSING, "referenced")
    if name not in edit.graph.names:
        edit.graph.names.append(name)
    return edit.graph.names.index(name)


def _become_former_loss(edit: TableEdit) -> None:
    # linear_model/_sgd_fast.pyx of 1.5; the object is only looked at while a model is fitted.
    if not edit.has("_loss_function_"):
        return
    values = edit.values("_loss_function_")
    for row, value in enumerate(values):
        found = related(edit, value)
        former = _SGD.get(found[0].rpartition(".")[2]) if found is not None else None
        if found is not None and former is not None:
            fields = {"parameter": found[1].value("parameter", found[2])} if former == "Huber" else {}
            values[row] = edit.new_object(f"sklearn.loss.{former}", fields)
    edit.put("_loss_function_", values)


def _pass_through(edit: TableEdit) -> None:
    # A function that calls score has become an object that knows the model whose score it calls.
    _replace_passing(
        edit,
        "scorer_",
        lambda row: edit.new_object("sklearn.metrics._PassthroughScorer", {"estimator": edit.value("estimator", row)}),
    )


def _forget_passing(edit: TableEdit) -> None:
    # Histogram boosting asks for its scorer while it is fitted only.
    _replace_passing(edit, "_scorer", lambda row: None)


def _replace_passing(edit: TableEdit, field: str, make: Callable[[int], Value]) -> None:
    values = edit.values(field)
    for row, value in enumerate(values):
        number = value.get("name") if type(value) is dict else None
        if type(number) is int and edit.graph.names[number].name == _PASSING:
            values[row] = make(row)
            # What nothing refers to any longer must not be looked for.
            edit.graph.names[number] = Name(_PASSING, "constructed")
            edit.put(field, values)


def _become_list(edit: TableEdit) -> None:
    rows = [items_of(edit, value) for value in edit.values("data")]
    items = [item for row in rows for item in row or ()]
    lengths = [len(row or ()) for row in rows]
    edit.graph.nodes[edit.index] = (
        Sequences(type="list", lengths=lengths[0], columns=[items])
        if edit.rows == 1
        else Sequences(type="list", lengths=lengths, columns=[items], rows=edit.rows)
    )


_BOOSTING: dict[str, tuple[str, dict[str, str]]] = {
    "BinomialDeviance": ("HalfBinomialLoss", {}),
    "ExponentialLoss": ("ExponentialLoss", {}),
    "HuberLossFunction": ("HuberLoss", {"quantile": "alpha", "delta": "gamma"}),
    "LeastAbsoluteError": ("AbsoluteError", {}),
    "LeastSquaresError": ("HalfSquaredError", {}),
    "MultinomialDeviance": ("HalfMultinomialLoss", {"n_classes": "K"}),
    "QuantileLossFunction": ("PinballLoss", {"quantile": "alpha"}),
}
_NATIVE = {"Huber": "CyHuberLoss", "Log": "CyHalfBinomialLoss", "SquaredLoss": "CyHalfSquaredError"}
_SGD = {now: former for former, now in _NATIVE.items()}
_SCORERS: dict[str, Value] = {
    "_PredictScorer": "predict",
    "_ProbaScorer": "predict_proba",
    "_ThresholdScorer": {"tuple": ["decision_function", "predict_proba"]},
}
_SEARCHES = " ".join(
    f"sklearn.model_selection.{name}"
    for name in ("GridSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV", "RandomizedSearchCV")
)

CHANGES: dict[str, tuple[Change, ...]] = {
    **{
        f"sklearn.ensemble.losses.{name}": (upward("1.4", _become_loss(*became)),) for name, became in _BOOSTING.items()
    },
    **{f"sklearn.loss.{name}": (upward("1.6", _become_native(became)),) for name, became in _NATIVE.items()},
    **{f"sklearn.metrics.{name}": (upward("1.4", _become_scorer(method)),) for name, method in _SCORERS.items()},
    "sklearn.metrics._Scorer": (Change("1.4", leave, _become_former_scorer),),
    f"{_LINEAR}SGDClassifier {_LINEAR}SGDOneClassSVM {_LINEAR}Perceptron {_LINEAR}PassiveAggressiveClassifier": (
        Change("1.6", leave, _become_former_loss),
    ),
    _SEARCHES: (Change("1.3", _pass_through, _pass_through_again),),
    "sklearn.ensemble.HistGradientBoostingClassifier sklearn.ensemble.HistGradientBoostingRegressor": (
        upward("1.3", _forget_passing),
    ),
    "sklearn.compose._RemainderColsList": (upward("1.7", _become_list), Change("1.5", leave, _become_list)),
}
