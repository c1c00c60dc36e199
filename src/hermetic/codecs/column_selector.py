"""`sklearn.compose.make_column_selector`: which columns a transformer gets, by dtype or by a pattern for their names.

Fields: the ``__dict__``. Selectors with other patterns stand in tables of their own, so that the policy sees them.

Source: sklearn/compose/_column_transformer.py, ``make_column_selector.__call__``.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, ClassVar

from hermetic.codecs.codec import FieldView
from hermetic.codecs.estimators import EstimatorCodec, public_names
from hermetic.codecs.texts import patterns_of

__all__ = ["ColumnSelectorCodec"]


class ColumnSelectorCodec(EstimatorCodec):
    """Selectors of columns; see the module docstring."""

    classes: ClassVar = public_names("sklearn.compose._column_transformer", "make_column_selector")
    sealed_fields = frozenset({"pattern"})

    def group(self, instance: Any) -> Hashable:
        """Keep those with other patterns apart."""
        pattern = vars(instance).get("pattern")
        return super().group(instance), type(pattern), pattern if type(pattern) is str else ""

    def patterns(self, name: str, view: FieldView) -> list[tuple[int, str, str | bytes | None, int]]:
        """Give the patterns for names of columns."""
        return patterns_of(view, "pattern")
