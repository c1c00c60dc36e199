"""The folds of a cross-validation: which samples each is fitted on, and which it is tested on."""

from __future__ import annotations

import copy
import hashlib
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hermetic.errors import UsageError
from hermetic.lazy import numpy as np

__all__ = ["Folds", "digest_of_folds", "split"]

_LONGEST_WORDS = 300
# Of a generator, say: the same record is made in every process.
_ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")


@dataclass(frozen=True, kw_only=True)
class Folds:
    """The folds, and what made them.

    Attributes
    ----------
    indices : list of (array, array)
        For each fold the numbers of the samples that it is fitted on, and of those that it is tested on.
    splitter : splitter or list of (array, array)
        What made them, as it was before it did: one that takes numbers from a generator is another one afterwards.
    words : str
        The splitter in words.
    """

    indices: list[tuple[Any, Any]] = field(repr=False)
    splitter: Any = field(repr=False)
    words: str

    @property
    def digest(self) -> str:
        """Hexadecimal SHA-256 of all indices."""
        return digest_of_folds(self.indices)


def split(estimator: Any, parts: Mapping[str, Any], cv: Any, *, n_most: int | None = None) -> Folds:
    """Split the samples as `sklearn.model_selection.cross_validate` does.

    Parameters
    ----------
    estimator : estimator
        A number of folds is stratified for classifiers.
    parts : mapping of str to object
        What the model is fitted on: ``X``, ``y`` and ``groups`` are used.
    cv : int, splitter, iterable of (array, array), or None
        As in scikit-learn.
    n_most : int, optional
        How many folds are made at most: a splitter from a file may promise any number.

    Returns
    -------
    Folds
        At least one.

    Raises
    ------
    UsageError
        When the data cannot be split so.
    """
    from sklearn.base import is_classifier
    from sklearn.model_selection import check_cv

    if "X" not in parts:
        raise UsageError(f"there is no X among the data, only {', '.join(sorted(parts)) or 'nothing'}"[:300])
    X, y, groups = parts["X"], parts.get("y"), parts.get("groups")
    try:
        is_given = cv is not None and not isinstance(cv, (int, np.integer)) and not hasattr(cv, "split")
        if is_given:
            cv = [(np.asarray(train), np.asarray(test)) for train, test in itertools.islice(cv, n_most)]
        splitter = check_cv(cv, y, classifier=is_classifier(estimator))
        kept = cv if is_given else copy.deepcopy(splitter)
        made = itertools.islice(splitter.split(X, y, groups), n_most)
        indices = [(_numbers(train), _numbers(test)) for train, test in made]
    except Exception as error:  # splitters may be anybody's
        raise UsageError(
            f"the samples cannot be split: {type(error).__name__}: {error}"[:500],
            next_step="Pass cv= as to sklearn.model_selection.cross_validate, and groups= where it asks for them.",
        ) from error
    if not indices:
        raise UsageError("the splitter makes no fold", next_step="Pass cv=5, or another splitter.")
    words = f"{len(indices)} folds, given as indices" if is_given else _ADDRESS.sub("", str(splitter))
    return Folds(indices=indices, splitter=kept, words=" ".join(words.split())[:_LONGEST_WORDS])


def _numbers(indices: Any) -> Any:
    """Give indices as numbers, whether they were numbers or a mask."""
    indices = np.asarray(indices)
    return np.flatnonzero(indices) if indices.dtype == bool else indices.astype(np.int64)


def digest_of_folds(indices: Sequence[tuple[Any, Any]]) -> str:
    """Give the digest of all folds.

    Parameters
    ----------
    indices : sequence of (array, array)
        Numbers of samples, in the order in which the splitter gives them.

    Returns
    -------
    str
        Hexadecimal SHA-256 over, for each fold, two times a count and as many numbers: 64-bit, little-endian.

    Examples
    --------
    >>> digest_of_folds([([0, 1], [2])])[:16]
    '4c152be4bb1a4f40'
    """
    digest = hashlib.sha256()
    for fold in indices:
        for part in fold:
            numbers = np.ascontiguousarray(_numbers(part), dtype="<i8")
            digest.update(len(numbers).to_bytes(8, "little"))
            digest.update(numbers.data)
    return digest.hexdigest()
