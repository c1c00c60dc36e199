"""Asking a part of a restored model for one row and for two, where nothing less shows how many rows it answers with.

Gradient boosting adds its trees to what ``init_`` predicts, and `OneVsRestClassifier` takes positions in the answers of
its members for rows of a matrix: native code writes there without looking. The part may be any estimator or pipeline,
so no table of shapes is complete. Only a model that has such a part is asked, everything in it has passed the gates,
and no thread or process is started. The number of rows of an answer depends on the number of rows alone, save with
`numpy.unique`, which is refused there.

Source: sklearn/ensemble/_gb.py, ``_raw_predict_init``; sklearn/multiclass.py, ``_predict_binary``, ``predict``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from functools import partial
from typing import Any

from hermetic.codecs.codec import resolve_class
from hermetic.errors import InvalidState
from hermetic.lazy import numpy as np

__all__ = ["check_initial_model", "check_members"]

_ROWS = (1, 2)
_WIDEST_DENSE = 1_000_000
_WIDEST_SPARSE = (1 << 31) - 1
_LINEAR = frozenset(
    {
        *("LinearSVC", "LogisticRegression", "LogisticRegressionCV", "PassiveAggressiveClassifier", "Perceptron"),
        *("RidgeClassifier", "RidgeClassifierCV", "SGDClassifier"),
    }
)
_COUNTING = frozenset({"ComplementNB", "MultinomialNB"})
_PREDICT_BINARY = "sklearn.multiclass:_predict_binary"
_CSR = "scipy.sparse:csr_matrix"
_NEXT_STEP = "The file is damaged or hostile. Ask its producer for a fresh copy and compare digests."


def check_initial_model(model: Any) -> None:
    """Refuse gradient boosting that starts from fewer rows or columns than its trees write to.

    Parameters
    ----------
    model : GradientBoostingClassifier or GradientBoostingRegressor
        Fitted, with an ``init_`` of its own.

    Raises
    ------
    InvalidState
        With the shape that was answered, or the error.
    """
    _refuse_unique("init_ of gradient boosting", [model.init_])
    twin = object.__new__(type(model))
    twin.__dict__ = {**vars(model), "init_": _nameless_copy(model.init_)}
    n_columns = model.estimators_.shape[1]
    for rows in _ROWS:
        answer, error = _first_answer(twin._raw_predict_init, _arrays(rows, model.n_features_in_))
        if answer is None:
            raise InvalidState(
                f"init_ of gradient boosting cannot predict {rows} row(s): {type(error).__name__}: {error}"[:500],
                next_step=_NEXT_STEP,
            )
        if np.ndim(answer) != 2 or answer.shape[0] != rows or answer.shape[1] < n_columns:
            found = f"init_ of gradient boosting predicts {np.shape(answer)} for {rows} row(s) of {n_columns} output(s)"
            raise InvalidState(f"{found}: the trees would write beyond it", next_step=_NEXT_STEP)


def check_members(members: Iterable[Any], width: Any) -> None:
    """Refuse members of a one-versus-rest classifier that answer with more numbers than rows.

    Parameters
    ----------
    members : iterable of estimator
        Fitted.
    width : object
        How many features they take; not a number where it is not known, as with text.

    Raises
    ------
    InvalidState
        With the shape that was answered.
    """
    asked = [member for member in members if _last_step(member) is not member or not _answers_each_row_once(member)]
    if not asked:
        return
    _refuse_unique("a member of a one-versus-rest classifier", asked)
    for member in map(_nameless_copy, asked):
        _check_member(member, width)
        last = _last_step(member)
        if last is not member and not _answers_each_row_once(last):
            # Asked for itself as well: what stands before it may take no such input.
            _check_member(last, getattr(last, "n_features_in_", None))


def _check_member(member: Any, width: Any) -> None:
    ask = partial(resolve_class((_PREDICT_BINARY,), "sklearn.multiclass._predict_binary"), member)
    is_width = isinstance(width, (int, np.integer)) and 1 <= width <= _WIDEST_SPARSE
    for rows in _ROWS:
        answer, _ = _first_answer(ask, _arrays(rows, int(width)) if is_width else _texts(rows))
        if answer is not None and (np.ndim(answer) < 1 or len(answer) != rows):
            found = f"a member of a one-versus-rest classifier answers {np.shape(answer)} for {rows} row(s)"
            raise InvalidState(f"{found}: its positions would not be rows", next_step=_NEXT_STEP)


def _first_answer(ask: Callable[[Any], Any], inputs: Iterable[Any]) -> tuple[Any, Exception | None]:
    """Give the first answer that is no error, and the last error; in this thread, whatever n_jobs says."""
    import joblib

    error: Exception | None = None
    with joblib.parallel_backend("sequential"), np.errstate(all="ignore"):
        for given in inputs:
            try:
                return ask(given), None
            except Exception as caught:  # an estimator may raise anything
                error = caught
    return None, error


def _arrays(rows: int, width: int) -> Iterable[Any]:
    """Give rows of zeros, and rows of ones for who takes no zeros."""
    if width > _WIDEST_DENSE:
        return [resolve_class((_CSR,), "scipy.sparse.csr_matrix")((rows, width), dtype=np.float32)]
    return [np.full((rows, width), number, dtype=np.float32) for number in (0, 1)]


def _texts(rows: int) -> Iterable[Any]:
    return [["a text"] * rows, [{"a word": 1}] * rows]


def _last_step(estimator: Any) -> Any:
    steps = vars(estimator).get("steps") if _is_named(estimator, {"Pipeline"}) else None
    return steps[-1][1] if type(steps) is list and steps and len(steps[-1]) == 2 else estimator


def _answers_each_row_once(estimator: Any) -> bool:
    """Tell, for what is common, from shapes alone that each row gets one number."""
    state: dict[str, Any] = vars(estimator) if hasattr(estimator, "__dict__") else {}
    if _is_named(estimator, _LINEAR):
        coefficients: tuple[int, ...] = getattr(state.get("coef_"), "shape", ())
        start = state.get("intercept_", 0.0)
        return len(coefficients) == 2 and coefficients[0] == 1 and np.ndim(start) <= 1 and np.size(start) == 1
    if _is_named(estimator, {"SVC", "NuSVC"}):
        return len(state.get("_n_support", ())) == 2
    if _is_named(estimator, {"_ConstantPredictor"}):
        return getattr(state.get("y_"), "shape", ()) == (1,)
    if _is_named(estimator, _COUNTING):
        shape: tuple[int, ...] = getattr(state.get("feature_log_prob_"), "shape", ())
        return len(shape) == 2 and getattr(state.get("class_log_prior_"), "shape", ()) == shape[:1]
    return False


def _is_named(estimator: Any, names: Iterable[str]) -> bool:
    kind = type(estimator)
    return kind.__name__ in names and kind.__module__.startswith("sklearn.")


def _refuse_unique(found: str, parts: list[Any]) -> None:
    """Refuse functions that drop rows that they have seen: no question shows that before it happens."""
    if any(part is np.unique for part in _all_parts(parts)):
        raise InvalidState(f"{found} holds numpy.unique, which drops rows of its input", next_step=_NEXT_STEP)


def _nameless_copy(estimator: Any) -> Any:
    """Give a copy to ask: answering may draw from a random state, and warns of inputs without the names it knows."""
    copied = deepcopy(estimator)
    for part in list(_all_parts([copied])):
        if hasattr(part, "__dict__") and type(part).__module__.startswith("sklearn."):
            vars(part).pop("feature_names_in_", None)
    return copied


def _all_parts(parts: list[Any]) -> Iterator[Any]:
    """Give some objects and everything in them, once each."""
    waiting, seen = list(parts), set()
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        if isinstance(part, (list, tuple, set, frozenset)):
            waiting.extend(part)
        elif isinstance(part, dict):
            waiting.extend(part.values())
        elif isinstance(part, partial):
            waiting += [part.func, *part.args, *part.keywords.values()]
        elif isinstance(part, np.ndarray):
            waiting.extend(part.ravel().tolist() if part.dtype.hasobject else ())
        elif hasattr(part, "__dict__") and not isinstance(part, type):
            waiting.extend(vars(part).values())
