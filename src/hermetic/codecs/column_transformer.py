"""`sklearn.compose.ColumnTransformer`: the pattern of its output names fills in two names and does nothing else.

Fields: the ``__dict__``. A text in ``verbose_feature_names_out`` is given to `str.format`, which finds attributes of
what it fills in, and pads it to any width: so it may only name ``transformer_name`` and
``feature_name``, with a short width.

Source: sklearn/compose/_column_transformer.py, ``_feature_names_out_with_str_format``.
"""

from __future__ import annotations

import string
from typing import Any, ClassVar

from hermetic.codecs.codec import FieldView
from hermetic.codecs.estimators import EstimatorCodec, public_names
from hermetic.codecs.texts import text_of

__all__ = ["ColumnTransformerCodec"]

_FIELD = "verbose_feature_names_out"
_NAMES = frozenset({"feature_name", "transformer_name"})
_LONGEST_NUMBER = 3


class ColumnTransformerCodec(EstimatorCodec):
    """Transformers of columns; see the module docstring."""

    classes: ClassVar = public_names("sklearn.compose._column_transformer", "ColumnTransformer")

    def validate(self, name: str, view: FieldView) -> None:
        """Check the pattern of the output names."""
        super().validate(name, view)
        for row, value in enumerate(view.values(_FIELD)):
            text = text_of(value)
            if text is not None and not _only_fills_in(text):
                raise view.refuse(f"a pattern that does more than fill in names: {text[:80]!r}", row=row, field=_FIELD)


def _only_fills_in(text: str) -> bool:
    """Tell whether a format string names only what it is given; one that is none fails before it does anything."""
    try:
        parts: Any = list(string.Formatter().parse(text))
    except ValueError:
        return True
    for _, name, specification, _ in parts:
        if name is None:
            continue
        digits = "".join(character if character.isdigit() else " " for character in specification)
        if name not in _NAMES or "{" in specification or any(len(n) > _LONGEST_NUMBER for n in digits.split()):
            return False
    return True
