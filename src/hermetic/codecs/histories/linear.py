"""What releases have changed in linear models, support vector machines and networks.

Each change names the release that made it; the sources are the files of sklearn/linear_model/ and sklearn/svm/.
"""

from __future__ import annotations

from hermetic.codecs.histories.predictors import keep_deviations
from hermetic.codecs.history import Change, attribute_added, leave, refused_when
from hermetic.codecs.related import items_of, related, shape_of_objects
from hermetic.codecs.table_edit import TableEdit
from hermetic.graph import Value
from hermetic.lazy import numpy as np

__all__ = ["CHANGES"]

_LINEAR = "sklearn.linear_model."
_SEPARATE = (
    "one-versus-rest probabilities of more than two classes, and multinomial ones of two, are gone since "
    "scikit-learn 1.8"
)


def _center_nothing(edit: TableEdit) -> None:
    # _bayes.py, predict: since 1.9 the deviation is that of X - X_offset_, before it was that of X.
    if edit.has("X_offset_"):
        edit.put_arrays("X_offset_", lambda row: np.zeros_like(edit.array(edit.value("coef_", row))), "coef_")


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


def _say_separate(edit: TableEdit) -> None:
    # _logistic.py, predict_proba: until 1.5 this solver fitted each class against the rest, whatever was said.
    _say_scheme(edit, {"auto": "ovr", "deprecated": "ovr", "multinomial": "deprecated"})


def _say_together(edit: TableEdit) -> None:
    # A fit of 1.5 refuses this solver with that word, which it predicts by all the same.
    _say_scheme(edit, {"auto": "multinomial", "deprecated": "multinomial"})


def _say_scheme(edit: TableEdit, words: dict[str, str]) -> None:
    if "newton-cholesky" in edit.values("solver") and edit.has("coef_", "multi_class"):
        values = edit.values("multi_class")
        for row, solver in enumerate(edit.values("solver")):
            if solver == "newton-cholesky" and _n_classes(edit, row) > 2:
                values[row] = words.get(values[row], values[row])
        edit.put("multi_class", values)


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


def _labels_of_binarizer(edit: TableEdit, row: int) -> Value:
    found = related(edit, edit.value("_label_binarizer", row))
    if found is None:
        raise edit.refuse("the classifier has no binarizer of labels", row=row, field="_label_binarizer")
    return found[1].value("classes_", found[2])


def _effective_probability(edit: TableEdit, row: int) -> Value:
    return edit.value("probability", row, False)


_LOGISTIC = f"{_LINEAR}LogisticRegression {_LINEAR}LogisticRegressionCV"

CHANGES: dict[str, tuple[Change, ...]] = {
    f"{_LINEAR}ARDRegression {_LINEAR}BayesianRidge": (Change("1.9", _center_nothing, keep_deviations),),
    _LOGISTIC: (
        Change("1.6", _say_separate, _say_together),
        Change("1.8", _keep_probabilities, _refuse_probabilities),
    ),
    f"{_LINEAR}LogisticRegressionCV": (Change("1.8", _number_best_ratios, leave),),
    f"{_LINEAR}RidgeClassifier {_LINEAR}RidgeClassifierCV": (
        attribute_added("1.8", "classes_", _labels_of_binarizer, beside="_label_binarizer"),
    ),
    "sklearn.svm.SVC sklearn.svm.NuSVC sklearn.svm.SVR sklearn.svm.NuSVR sklearn.svm.OneClassSVM": (
        attribute_added("1.9", "_effective_probability", _effective_probability, beside="support_"),
    ),
}
