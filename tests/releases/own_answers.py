"""Answers that belong to the library that is installed, not to the model: equal state, another answer.

Each stands in docs/compatibility.md, for users.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["in_any_order", "is_own"]

_NUMBERS_NEAR_ZERO = ("predict:return_std", "predict:return_cov")
_OWN: dict[str, tuple[str, ...]] = {
    # With three classes members answer three columns: not one of them is taken since 1.5, and all together do not fit.
    "ClassifierChain-fitted": ("predict_proba", "predict_log_proba", "decision_function"),
    # What cancels out to nothing beside a variance of 1, to the last bit of that 1.
    "GaussianProcessRegressor-fitted": _NUMBERS_NEAR_ZERO,
    "gaussian-process-": _NUMBERS_NEAR_ZERO,
    # As many names as features went in, until 1.4.
    "components-analysis": ("get_feature_names_out",),
    # Squares that cancel out to nearly nothing, before 1.1.
    "KNeighborsRegressor-algorithm=brute": ("predict",),
    # All samples are equally near: which five are taken is the library's choice.
    "KNeighborsClassifier-metric=yule": ("predict", "predict_proba", "kneighbors_graph"),
    # Computed in float32, in other pieces since 1.4.
    "neighbours-float32-brute": ("kneighbors", "kneighbors_graph"),
    # The user's class does not count its features, which nobody asked for before 1.3.
    "user-voting": ("get_feature_names_out",),
}


def is_own(case: str, method: str) -> bool:
    """Tell whether an answer of a model of the zoo is the library's own.

    Examples
    --------
    >>> is_own("gaussian-process-power", "predict:return_cov"), is_own("gaussian-process-power", "predict")
    (True, False)
    """
    return any(case.startswith(part) and method in methods for part, methods in _OWN.items())


def in_any_order(method: str, answer: Any) -> Any:
    """Give the words of each text in the order of the alphabet; any other answer as it is.

    Weights of words were multiplied with a matrix until 1.4, which left the words of a text in another order.

    Examples
    --------
    >>> in_any_order("inverse_transform", ("list", [np.array(["b", "a"])]))[1][0].tolist()
    ['a', 'b']
    """
    if method.rpartition(".")[2] != "inverse_transform" or not isinstance(answer, tuple) or answer[0] != "list":
        return answer
    return (
        "list",
        [
            np.sort(words) if getattr(words, "dtype", None) is not None and words.dtype.kind == "U" else words
            for words in answer[1]
        ],
    )
