"""What a model can be fitted from again, beside its data: the objects that cross-validation was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Recipe"]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Objects that are made again from a file, through the same gates as a model.

    Attributes
    ----------
    estimator : estimator or None
        Unfitted, exactly as it was cloned for each fold; None where it cannot be kept.
    splitter : splitter, list of (array, array), or None
        What made the folds, as it was before it did; or their indices; None where neither can be kept.
    scorers : mapping of str to (scorer, str or None)
        By the name in the record: the object, the name that scikit-learn has for it, or None for the estimator's own
        ``score``. Those that can be kept.
    """

    estimator: Any = None
    splitter: Any = None
    scorers: Mapping[str, Any] = field(default_factory=dict)
