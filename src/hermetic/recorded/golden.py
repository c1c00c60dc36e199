"""Golden rows: some inputs, and what the model answered about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["GoldenRows"]


@dataclass(frozen=True, kw_only=True)
class GoldenRows:
    """Some inputs, and what the model answered about them.

    Attributes
    ----------
    origin : str
        ``synthetic`` or ``real``.
    model : str
        Name of the model's type.
    rows : array, frame, sparse matrix or list of texts
        The inputs.
    n_rows : int
        How many.
    answers : mapping of str to object
        For each method what the model answered.
    skipped : mapping of str to str
        For each method that was not recorded the reason.
    versions : mapping of str to str
        Of the libraries that computed the answers.
    """

    origin: str
    model: str
    rows: Any = field(repr=False)
    n_rows: int
    answers: Mapping[str, Any] = field(repr=False)
    skipped: Mapping[str, str]
    versions: Mapping[str, str]

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods whose answers are recorded."""
        return tuple(self.answers)
