"""What releases have changed in linear models, support vector machines and networks.

Each change names the release that made it; the sources are the files of sklearn/linear_model/ and sklearn/svm/.
"""

from __future__ import annotations

from hermetic.codecs.histories.predictors import keep_deviations
from hermetic.codecs.history import (
    Change,
    attribute_added,
    leave,
    parameter_removed,
    refused_when,
    values_changed,
)
from hermetic.codecs.related import items_of, plain_number, related, shape_of_objects
from hermetic.codecs.table_edit import TableEdit
from hermetic.graph import Value
from hermetic.lazy import numpy as np

__all__ = ["CHANGES"]

_LINEAR = "sklearn.linear_model."
_INFINITY = {"float": "inf"}
_SEPARATE = (
    "one-versus-rest probabilities of more than two classes, and multinomial ones of two, are gone since "
    "scikit-learn 1.8"
)


def _center_nothing(edit: TableEdit) -> None:
    # _bayes.py, predict: since 1.9 the deviation is that of X - X_offset_, before it was that of X.
    if edit.has("X_offset_"):
        edit.put_arrays("X_offset_", lambda row: np.zeros_like(edit.array(edit.value("coef_", row))), "coef_")


def _join_alphas(edit: TableEdit) -> None:
    # _coordinate_descent.py: n_alphas has become an integer for alphas.
    if edit.has("alphas", "n_alphas"):
        pairs = zip(edit.values("alphas"), edit.values("n_alphas"), strict=True)
        edit.put("alphas", [_alphas(*pair) for pair in pairs])
    edit.drop("n_alphas", "_alphas")


def _alphas(alphas: Value, n_alphas: Value) -> Value:
    if alphas not in ("warn", None):
        return alphas
    return 100 if n_alphas == "deprecated" else n_alphas


def _split_alphas(edit: TableEdit) -> None:
    edit.fill("n_alphas", "deprecated")


def _n_classes(edit: TableEdit, row: int) -> int:
    labels = edit.value("classes_", row)
    if type(labels) is not list:
        return 0
    array = edit.array(labels)
    if array is not None:
        return len(array)
    return int(getattr(edit.graph.nodes[labels[0]], "shape", [0])[0])


def _is_one_versus_rest(edit: TableEdit, row: int) -> bool:
    # _logistic.py, LogisticRegression.predict_proba of 1.7.
    how, n_classes = edit.value("multi_class", row, "auto"), _n_classes(edit, row)
    if how == "multinomial":
        return 0 < n_classes <= 2
    is_separate = how in ("ovr", "warn") or edit.value("solver", row) == "liblinear"
    return n_classes > 2 and is_separate


def _keep_probabilities(edit: TableEdit) -> None:
    if any(_is_one_versus_rest(edit, row) for row in range(edit.rows)):
        edit.become(f"hermetic.legacy.{edit.name.rpartition('.')[2]}")


_refuse_probabilities = refused_when("1.8", _SEPARATE, _is_one_versus_rest).down


def _say_penalty_as_ratio(edit: TableEdit) -> None:
    # _logistic.py, LogisticRegression.fit of 1.8: penalty is said by l1_ratio and C.
    if not edit.has("penalty", "l1_ratio", "C"):
        return
    penalties, ratios, strengths = (edit.values(field) for field in ("penalty", "l1_ratio", "C"))
    new_ratios = {"l1": 1.0, "l2": 0.0, "none": 0.0, None: 0.0}
    known = [penalty if type(penalty) in (str, type(None)) else "?" for penalty in penalties]
    edit.put("l1_ratio", [new_ratios.get(own, ratio) for own, ratio in zip(known, ratios, strict=True)])
    edit.put("C", [_INFINITY if own in (None, "none") else C for own, C in zip(known, strengths, strict=True)])
    edit.replace("penalty", dict.fromkeys(("l1", "l2", "elasticnet", "none", None), "deprecated"))


def _number_best_ratios(edit: TableEdit) -> None:
    # _logistic.py, LogisticRegressionCV.fit: without elastic net it kept None, which feature selection cannot compare.
    if not edit.has("l1_ratio_", "penalty"):
        return
    ratios = []
    for value, penalty in zip(edit.values("l1_ratio_"), edit.values("penalty"), strict=True):
        shape = shape_of_objects(edit, value)
        is_none = shape is not None and not any(item is not None for item in items_of(edit, value) or ())
        ratios.append(edit.new_array(np.full(shape, float(penalty == "l1"))) if is_none else value)
    edit.put("l1_ratio_", ratios)


def _say_ratio_as_penalty(edit: TableEdit) -> None:
    if not edit.has("penalty", "l1_ratio", "C"):
        return
    fields = [edit.values(field) for field in ("penalty", "l1_ratio", "C")]
    rows = [_penalty(*row) for row in zip(*fields, strict=True)]
    edit.put("penalty", [penalty for penalty, _, _ in rows])
    edit.put("l1_ratio", [ratio for _, ratio, _ in rows])
    edit.put("C", [C for _, _, C in rows])


def _penalty(penalty: Value, ratio: Value, strength: Value) -> tuple[Value, Value, Value]:
    if penalty != "deprecated":
        return penalty, ratio, strength
    if strength == _INFINITY:
        return None, None, 1.0
    number = plain_number(ratio)
    return {0.0: "l2", 1.0: "l1"}.get(number, "elasticnet"), None if number in (0.0, 1.0) else ratio, strength


def _labels_of_binarizer(edit: TableEdit, row: int) -> Value:
    found = related(edit, edit.value("_label_binarizer", row))
    if found is None:
        raise edit.refuse("the classifier has no binarizer of labels", row=row, field="_label_binarizer")
    return found[1].value("classes_", found[2])


def _effective_probability(edit: TableEdit, row: int) -> Value:
    return edit.value("probability", row, False)


def _probability_again(edit: TableEdit) -> None:
    # libsvm asks for true or false.
    edit.replace("probability", {"deprecated": False})


def _keep_working_rate(edit: TableEdit) -> None:
    # _stochastic_gradient.py: a rate of 0, the default for the schedule that does not use it, is no longer valid.
    if not edit.has("eta0"):
        return
    rates = edit.values("eta0")
    is_unused = [plain_number(rate) == 0 and type(plain_number(rate)) in (int, float) for rate in rates]
    edit.put("eta0", [0.01 if unused else rate for unused, rate in zip(is_unused, rates, strict=True)])


_COORDINATE = " ".join(
    f"{_LINEAR}{name}" for name in ("ElasticNetCV", "LassoCV", "MultiTaskElasticNetCV", "MultiTaskLassoCV")
)
_LOGISTIC = f"{_LINEAR}LogisticRegression {_LINEAR}LogisticRegressionCV"

CHANGES: dict[str, tuple[Change, ...]] = {
    f"{_LINEAR}ARDRegression {_LINEAR}BayesianRidge": (Change("1.9", _center_nothing, keep_deviations),),
    _COORDINATE: (Change("1.9", _join_alphas, _split_alphas),),
    _LOGISTIC: (
        Change("1.8", _keep_probabilities, _refuse_probabilities),
        parameter_removed("1.8", "multi_class", "deprecated"),
    ),
    f"{_LINEAR}LogisticRegression": (Change("1.8", _say_penalty_as_ratio, _say_ratio_as_penalty),),
    f"{_LINEAR}LogisticRegressionCV": (
        Change(
            "1.8",
            lambda edit: edit.fill("use_legacy_attributes", True),
            lambda edit: edit.drop("use_legacy_attributes"),
        ),
        Change("1.8", _number_best_ratios, leave),
        values_changed("1.8", "l1_ratios", {}, {"warn": None}),
        values_changed("1.8", "penalty", {}, {"deprecated": "l2"}),
        values_changed("1.9", "scoring", {}, {"warn": None}),
    ),
    f"{_LINEAR}RidgeClassifier {_LINEAR}RidgeClassifierCV": (
        attribute_added("1.8", "classes_", _labels_of_binarizer, beside="_label_binarizer"),
    ),
    f"{_LINEAR}SGDClassifier {_LINEAR}SGDOneClassSVM": (Change("1.8", _keep_working_rate, leave),),
    f"{_LINEAR}SGDClassifier {_LINEAR}SGDRegressor {_LINEAR}SGDOneClassSVM {_LINEAR}Perceptron": (
        parameter_removed("1.8", "C", 1.0),
    ),
    f"{_LINEAR}PassiveAggressiveClassifier {_LINEAR}PassiveAggressiveRegressor": (
        # _passive_aggressive.py: partial_fit takes its aggressiveness from eta0.
        Change("1.8", lambda edit: edit.copy("eta0", "C"), lambda edit: edit.fill("eta0", 1.0)),
    ),
    f"{_LINEAR}TheilSenRegressor": (parameter_removed("1.8", "copy_X", "deprecated"),),
    "sklearn.svm.SVC sklearn.svm.NuSVC sklearn.svm.SVR sklearn.svm.NuSVR sklearn.svm.OneClassSVM": (
        attribute_added("1.9", "_effective_probability", _effective_probability, beside="support_"),
        Change("1.9", leave, _probability_again),
    ),
}
