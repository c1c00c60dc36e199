"""What a restored model wants to be asked: the form of its input, its features, and by which method it answers.

Everything is read off the fitted model. Where nothing says what a feature holds, its kind is ``unknown``: nobody is
refused for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hermetic.deploy.steps import first_step, holds_whole_rows, is_text_vectorizer, takes_records
from hermetic.errors import UsageError
from hermetic.evidence.data.table import Column

__all__ = ["METHODS", "Feature", "Features", "features_of", "method_of"]

METHODS = {
    "predict": "predict",
    "proba": "predict_proba",
    "decision": "decision_function",
    "transform": "transform",
}
"""The words for what a model can be asked, and the method behind each, in the order in which "auto" tries them."""

_AUTO = ("predict", "transform", "decision", "proba")
_NUMBERS_WITHOUT_VECTORS = ("sklearn.preprocessing._label", "sklearn.feature_extraction", "sklearn.dummy")
_ANY_VALUES = {"FunctionTransformer", "MissingIndicator", "SuperVectorizer"}
_KIND_OF_LOGICAL = {"bool": "boolean", "text": "text"}


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One column that a model takes.

    Attributes
    ----------
    name : str or None
        None where the model knows only the number of its features.
    kind : str
        ``number``, ``integer``, ``boolean``, ``text`` (free text), ``category`` or ``unknown``.
    categories : tuple
        The values that an encoder knows; empty where none does.
    refuses_unknown : bool
        Whether the model refuses values that are no categories.
    is_required : bool
        False for a column that was there when the model was fitted, and that it drops.
    """

    name: str | None
    kind: str = "unknown"
    categories: tuple[Any, ...] = ()
    refuses_unknown: bool = False
    is_required: bool = True


@dataclass(frozen=True, kw_only=True)
class Features:
    """What a model takes.

    Attributes
    ----------
    form : str
        ``frame`` (a DataFrame, columns by name, or by number where the model has no names), ``array``, ``texts`` (a
        sequence of strings: a vectorizer comes first) or ``records`` (dictionaries).
    columns : tuple of Feature, or None
        In the order of the model; None where nobody knows how many there are. Texts are one column without a name.
    """

    form: str
    columns: tuple[Feature, ...] | None

    @property
    def names(self) -> tuple[str, ...] | None:
        """The names of all features, or None where the model has none."""
        if not self.columns or any(column.name is None for column in self.columns):
            return None
        return tuple(column.name for column in self.columns if column.name is not None)

    @property
    def count(self) -> int | None:
        """The number of features, or None where nobody knows."""
        return None if self.columns is None else len(self.columns)

    @property
    def takes_texts(self) -> bool:
        """Whether the first step is a vectorizer of texts."""
        return self.form == "texts"


def features_of(model: Any, columns: Sequence[Column] | None = None) -> Features:
    """Read off a fitted model what it takes.

    Parameters
    ----------
    model : object
        A fitted estimator.
    columns : sequence of Column, optional
        What was recorded of the training data: it names features that the model has no names for, and gives kinds where
        the steps of the model say nothing.

    Returns
    -------
    Features

    Examples
    --------
    >>> import pandas
    >>> from sklearn.linear_model import LinearRegression
    >>> features = features_of(LinearRegression().fit(pandas.DataFrame({"age": [1.0, 2.0]}), [1, 2]))
    >>> features.form, features.names, features.columns[0].kind
    ('frame', ('age',), 'number')
    """
    step, holds_columns = first_step(model)
    if is_text_vectorizer(step):
        return Features(form="texts", columns=(Feature(name=None, kind="text"),))
    if takes_records(step):
        return Features(form="records", columns=None)
    names = getattr(model, "feature_names_in_", None)
    names = getattr(step, "feature_names_in_", None) if names is None else names
    count = _count(model, step) if names is None else len(names)
    if count is None and columns is None:
        return Features(form="frame" if _is_column_transformer(step) else "array", columns=None)
    count = len(columns or ()) if count is None else count
    found = _features(step, count)
    if not (holds_columns and names is not None):
        found = [replace(feature, is_required=True) for feature in found]
    if names is not None:
        found = [replace(feature, name=str(name)) for feature, name in zip(found, names, strict=True)]
    if columns is not None and len(columns) == len(found):
        found = [_with_record(feature, column) for feature, column in zip(found, columns, strict=True)]
    is_frame = names is not None or _is_column_transformer(step)
    return Features(form="frame" if is_frame else "array", columns=tuple(found))


def _count(model: Any, step: Any) -> int | None:
    for part in (model, step):
        try:
            count = getattr(part, "n_features_in_", None)
        except (AttributeError, NotImplementedError):  # some ask a part that has none
            count = None
        if count is not None:
            return int(count)
    return None


def _is_column_transformer(step: Any) -> bool:
    return any(base.__name__ == "ColumnTransformer" for base in type(step).__mro__) and hasattr(step, "transformers_")


def _with_record(feature: Feature, column: Column) -> Feature:
    """Fill in what only the record of the training data knows."""
    kind = feature.kind
    if kind in ("unknown", "number") and column.type.startswith(("int", "uint")):
        kind = "integer"
    elif kind == "unknown":
        kind = "number" if column.type.startswith("float") else _KIND_OF_LOGICAL.get(column.type, kind)
    return replace(feature, name=column.name if feature.name is None else feature.name, kind=kind)


def _features(step: Any, count: int) -> list[Feature]:
    """Give the features of a fitted step that takes columns, without their names."""
    if _is_column_transformer(step):
        return _of_column_transformer(step, count)
    steps = [own for _, own in getattr(step, "steps", ())] or [step]
    for own in steps:
        if own is None or own == "passthrough":
            continue
        if holds_whole_rows(own):
            return _features(first_step(own)[0], count)
        found = _of_one_step(own, count)
        if found is not None:
            return found
    return [Feature(name=None)] * count


def _of_column_transformer(step: Any, count: int) -> list[Feature]:
    found: list[Feature | None] = [None] * count
    places = getattr(step, "_transformer_to_input_indices", {})
    for name, own, chosen in step.transformers_:
        if isinstance(own, str) and own == "drop":
            continue
        indices = [int(place) for place in places.get(name, ())]
        if isinstance(own, str):
            parts = [Feature(name=None)] * len(indices)
        elif is_text_vectorizer(first_step(own)[0]) and isinstance(chosen, (str, int)):
            parts = [Feature(name=None, kind="text")] * len(indices)
        else:
            parts = _features(own, len(indices))
        for place, part in zip(indices, parts, strict=True):
            if place >= count:
                continue  # it is asked about columns that something before it adds
            before = found[place]
            found[place] = part if before is None else _both(before, part)
    return [Feature(name=None, is_required=False) if feature is None else feature for feature in found]


def _both(first: Feature, second: Feature) -> Feature:
    """Join what two transformers of one column say of it."""
    if second.categories or first.kind == "unknown":
        first, second = second, first
    if first.kind == second.kind or second.kind == "unknown" or first.categories:
        return replace(first, refuses_unknown=first.refuses_unknown or second.refuses_unknown)
    return Feature(name=None)


def _of_one_step(step: Any, count: int) -> list[Feature] | None:
    """Give the features that a step takes; None where it hands its input on, and the next one knows more."""
    kind = type(step)
    categories = getattr(step, "categories_", None)
    if isinstance(categories, list) and len(categories) == count:
        refuses = getattr(step, "handle_unknown", "") == "error"
        return [
            Feature(name=None, kind="category", categories=tuple(own.tolist()), refuses_unknown=refuses)
            for own in categories
        ]
    if kind.__name__ == "SimpleImputer":
        statistics = getattr(step, "statistics_", None)
        if step.strategy in ("mean", "median"):
            return [Feature(name=None, kind="number")] * count
        # It leaves out columns without any value, and adds some: then the next step counts otherwise.
        is_even = statistics is not None and len(statistics) == count and not step.add_indicator
        return None if is_even else [Feature(name=None)] * count
    is_categorical = getattr(step, "is_categorical_", None)
    if is_categorical is not None and len(is_categorical) == count:
        kinds = ["unknown" if own else "number" for own in is_categorical]
        return [Feature(name=None, kind=own) for own in kinds]
    return [Feature(name=None, kind="number" if _takes_numbers_only(step) else "unknown")] * count


def _takes_numbers_only(step: Any) -> bool:
    module = type(step).__module__
    if not module.startswith("sklearn.") or module.startswith(_NUMBERS_WITHOUT_VECTORS):
        return False
    if type(step).__name__ in _ANY_VALUES or not hasattr(step, "n_features_in_"):
        return False
    # A kernel or metric of somebody's own may take anything.
    own = [getattr(step, name, None) for name in ("kernel", "metric", "kernel_", "preprocessor", "func")]
    return not any(callable(part) and not isinstance(part, type) for part in own) and all(
        getattr(part, "requires_vector_input", True) for part in own
    )


def method_of(model: Any, wanted: str = "auto") -> str:
    """Give the name of the method that answers what is wanted.

    Parameters
    ----------
    model : object
        A fitted estimator.
    wanted : {"auto", "predict", "proba", "decision", "transform"}
        "auto" is what the model is for: ``predict``, or ``transform`` where it cannot predict.

    Returns
    -------
    str
        The name of a method that the model has.

    Raises
    ------
    UsageError
        When it has no such method; the message says which it has.

    Examples
    --------
    >>> from sklearn.preprocessing import StandardScaler
    >>> method_of(StandardScaler())
    'transform'
    """
    if wanted != "auto" and wanted not in METHODS:
        raise UsageError(f"a model can be asked for {', '.join(METHODS)} or auto, not for {wanted!r}")
    there = [word for word in _AUTO if _has(model, METHODS[word])]
    if wanted == "auto" and there:
        return METHODS[there[0]]
    if wanted in there:
        return METHODS[wanted]
    has = f"it has {', '.join(METHODS[word] for word in there)}" if there else "it has none of the others either"
    asked = "predict, transform, decision_function or predict_proba" if wanted == "auto" else METHODS[wanted]
    raise UsageError(
        f"this {type(model).__name__} has no {asked}; {has}",
        next_step=f"Ask for one of: {', '.join(there)}." if there else "Only a fitted estimator can be asked.",
    )


def _has(model: Any, name: str) -> bool:
    try:
        return callable(getattr(model, name, None))
    except (TypeError, ValueError, NotImplementedError):  # a property that asks a part which is not there
        return False
