"""Formulas of releases before 1.2 that are other ones since: models that depend on them are refused.

The sources are those of scikit-learn 0.19.2 to 0.24.2, named at each change.
"""

from __future__ import annotations

from hermetic.codecs.history import Change, upward
from hermetic.codecs.table_edit import TableEdit

__all__ = ["CHANGES"]

_MARK = "_inverse_adds_nothing"


def _vote_by_shares(edit: TableEdit) -> None:
    # ensemble/weight_boosting.py of 0.21, predict_proba: means of what members say, not of the classes they predict.
    for row, algorithm in enumerate(edit.values("algorithm")):
        if edit.has("estimators_") and algorithm == "SAMME":
            raise edit.no_way(
                "probabilities of adaptive boosting by SAMME are computed in another way since scikit-learn 0.22",
                row=row,
            )


def _double_scores(edit: TableEdit) -> None:
    # linear_model/logistic.py of 0.19, predict_proba: one score was taken for one-versus-rest.
    for row, scheme in enumerate(edit.values("multi_class")):
        coefficients = edit.array(edit.value("coef_", row)) if edit.has("coef_") else None
        if scheme == "multinomial" and coefficients is not None and len(coefficients) == 1:
            raise edit.no_way(
                "probabilities of two classes by multi_class='multinomial' are computed in another way since "
                "scikit-learn 0.20",
                row=row,
            )


def _add_nothing(edit: TableEdit) -> None:
    # Models of 0.22 and before pass through 0.23, and are not concerned.
    if edit.has("dual_coef_"):
        edit.fill(_MARK, True)


def _add_penalty(edit: TableEdit) -> None:
    # decomposition/_kernel_pca.py of 0.23, inverse_transform: the penalty was added to some of the similarities.
    for row, is_fitted in enumerate(edit.values("fit_inverse_transform", False)):
        if is_fitted and edit.has("dual_coef_") and not edit.has(_MARK):
            raise edit.no_way("the inverse of kernel components adds no penalty since scikit-learn 0.24", row=row)
    edit.drop(_MARK)


CHANGES: dict[str, tuple[Change, ...]] = {
    "sklearn.linear_model.LogisticRegression sklearn.linear_model.LogisticRegressionCV": (
        upward("0.20", _double_scores),
    ),
    "sklearn.ensemble.AdaBoostClassifier": (upward("0.22", _vote_by_shares),),
    "sklearn.decomposition.KernelPCA": (upward("0.23", _add_nothing), upward("0.24", _add_penalty)),
}
