"""Which part of a fitted model sees the input first, and what kind of input that part takes."""

from __future__ import annotations

from typing import Any

__all__ = ["first_step", "holds_whole_rows", "is_text_vectorizer", "takes_records"]

_DEEPEST = 50
_HANDED_ON = ("best_estimator_", "regressor_", "estimator_", "classifier_")
_FROM_LISTS = ("calibrated_classifiers_", "estimators_")
_RECORD_TAKERS = {"DictVectorizer", "FeatureHasher"}


def first_step(model: Any) -> tuple[Any, bool]:
    """Find the part of a fitted model that sees the input first.

    Parameters
    ----------
    model : object
        Anything.

    Returns
    -------
    step : object
        The model itself, or the first step of its pipeline, of the model that a search has found, and so on.
    is_plain : bool
        Whether nothing looks at the input before that part does.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import SVC
    >>> first_step(make_pipeline("passthrough", StandardScaler(), SVC()))
    (StandardScaler(), True)
    """
    is_plain = True
    for _ in range(_DEEPEST):
        inner = _first_of_pipeline(model)
        if inner is None:
            inner = _wrapped(model)
            is_plain = is_plain and (inner is None or type(model).__name__.endswith("SearchCV"))
        if inner is None:
            break
        model = inner
    return model, is_plain


def _first_of_pipeline(model: Any) -> Any:
    steps = getattr(model, "steps", None)
    if not isinstance(steps, list):
        return None
    real = [step for _, step in steps if step is not None and not isinstance(step, str)]
    return real[0] if real else None


def holds_whole_rows(model: Any) -> bool:
    """Tell whether a model hands the rows it is given, as they are, to a part of it.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> holds_whole_rows(SVC())
    False
    """
    return _first_of_pipeline(model) is not None or _wrapped(model) is not None


def _wrapped(model: Any) -> Any:
    """Give the fitted part that gets the very rows of the whole, or None."""
    if hasattr(model, "estimators_features_") or hasattr(model, "ranking_"):
        return None  # the parts of bagging, and what selects features one by one, see some of the columns
    union = getattr(model, "transformer_list", None)
    if isinstance(union, list):
        joined = [own for _, own in union if not isinstance(own, str)]
        # Each gets all rows; what only hands them on, as "passthrough" once fitted, says nothing of them.
        return next((own for own in joined if type(own).__name__ != "FunctionTransformer"), next(iter(joined), None))
    if type(model).__name__ == "FrozenEstimator":
        return model.estimator
    for name in _FROM_LISTS:
        parts = getattr(model, name, None)
        if isinstance(parts, list):
            found = next((part for part in parts if _is_fitted(part)), None)
            if found is not None:
                return found
    for name in _HANDED_ON:
        inner = getattr(model, name, None)
        if _is_fitted(inner):
            return inner
    return getattr(model, "estimator", None) if type(model).__name__ == "_CalibratedClassifier" else None


def _is_fitted(part: Any) -> bool:
    """Tell a fitted part from a template for such: forests keep one as ``estimator_``."""
    if isinstance(getattr(part, "steps", None), list):
        return True
    names = getattr(part, "__dict__", {})
    return any(name.endswith("_") or name == "classes" for name in names)


def is_text_vectorizer(step: Any) -> bool:
    """Tell whether a step takes a sequence of texts instead of a table.

    Examples
    --------
    >>> from sklearn.feature_extraction.text import TfidfVectorizer
    >>> is_text_vectorizer(TfidfVectorizer())
    True
    """
    if any(base.__name__ == "_VectorizerMixin" for base in type(step).__mro__):
        return True
    return _tag(step, "string") and not _tag(step, "two_d_array")


def _tag(step: Any, name: str) -> bool:
    """Read a tag of the input; False where the estimator has none, or is older than tags."""
    try:
        return bool(getattr(step.__sklearn_tags__().input_tags, name, False))
    except (AttributeError, TypeError):
        return False


def takes_records(step: Any) -> bool:
    """Tell whether a step takes dictionaries.

    Examples
    --------
    >>> from sklearn.feature_extraction import DictVectorizer
    >>> takes_records(DictVectorizer())
    True
    """
    return any(base.__name__ in _RECORD_TAKERS for base in type(step).__mro__)
