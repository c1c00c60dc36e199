"""Vectorizers and hashers: the columns that native code writes to exist.

Fields: the ``__dict__``. A fitted vocabulary becomes column numbers of a sparse matrix without a look, so its values
are a permutation of 0 to n - 1; a hasher divides by its number of features. Vectorizers of text whose ``input`` or
``token_pattern`` differ stand in tables of their own, so that the policy sees both before anything is read.

Source: sklearn/feature_extraction/text.py, _dict_vectorizer.py, _hash.py, _hashing_fast.pyx.
"""

from __future__ import annotations

import sys
from collections.abc import Hashable, Sequence
from typing import Any, ClassVar

from hermetic.codecs.codec import FieldView
from hermetic.codecs.estimators import EstimatorCodec, public_names
from hermetic.codecs.field_checks import amount_of
from hermetic.codecs.related import items_of, plain_number
from hermetic.codecs.texts import patterns_of, text_of
from hermetic.errors import UnsupportedVersion
from hermetic.graph import Mappings, Packed, Value
from hermetic.lazy import numpy as np

__all__ = ["BYTE_ORDER", "HasherCodec", "VectorizerCodec"]

_MAX_FEATURES = (1 << 31) - 1
BYTE_ORDER = "_byte_order_of_hashes"
"""The field of hashing models of machines of another byte order than the usual one."""
_USUAL_ORDER = "little"
_WAYS = ("input", "token_pattern")
_READS = "transform and predict open every file that their texts name"


class _TextCodec(EstimatorCodec):
    """Base of the codecs of vectorizers: the parameters that reach outside the model."""

    def group(self, instance: Any) -> Hashable:
        """Keep apart those that read their texts, or find words in them, in other ways."""
        state = vars(instance)
        ways = [(type(value), value if type(value) is str else "") for value in map(state.get, _WAYS)]
        return super().group(instance), *ways

    def capabilities(self, name: str, view: FieldView) -> list[tuple[str, int, str, str]]:
        """Name the vectorizers that open the files whose names they are given as texts."""
        if "input" not in view.node.fields:
            return []
        # A packed column is not read yet, so it could say anything; and what is no text may still equal one.
        is_packed = type(view.node.fields["input"]) is Packed
        texts = [None] if is_packed else map(text_of, view.values("input"))
        asked = []
        for row, text in enumerate(texts):
            if text == "filename":
                asked.append(("reads-files", row, "input", f'input="filename": {_READS}'))
            elif text is None:
                words = f'input is no plain text: it may equal "filename", and then {_READS}'
                asked.append(("reads-files", row, "input", words))
        return asked

    def patterns(self, name: str, view: FieldView) -> list[tuple[int, str, str | bytes | None, int]]:
        """Give the patterns that find words."""
        return patterns_of(view, "token_pattern")


class VectorizerCodec(_TextCodec):
    """Vectorizers with a vocabulary."""

    classes: ClassVar = {
        **public_names("sklearn.feature_extraction._dict_vectorizer", "DictVectorizer"),
        **public_names("sklearn.feature_extraction.text", "CountVectorizer TfidfVectorizer"),
    }
    sealed_fields = frozenset({"input", "ngram_range", "token_pattern", "vocabulary_"})

    def validate(self, name: str, view: FieldView) -> None:
        """Check that each vocabulary counts its words."""
        super().validate(name, view)
        _check_lengths(view)
        if "vocabulary_" not in view.node.fields:
            return
        for row, value in enumerate(view.values("vocabulary_")):
            if not _is_permutation(_numbers(view, value)):
                raise view.refuse("a vocabulary must number its words from 0 on", row=row, field="vocabulary_")


def _check_lengths(view: FieldView) -> None:
    """Refuse n-grams of less than no words: every text would be gone through once for each number up to none."""
    for row, value in enumerate(view.values("ngram_range")):
        array = view.array(value)
        lengths = items_of(view, value) if array is None else array.ravel().tolist()
        least = amount_of(view, lengths[0]) if lengths else None
        if least is not None and least < 0:
            found = f"ngram_range begins at {least}: transform would hardly ever end; 0 is the least"
            raise view.refuse(found, row=row, field="ngram_range")


def _numbers(view: FieldView, value: Value) -> Any:
    """Give the values of a dictionary as one array; None when it is no dictionary, or they are no integers."""
    node = view.graph.nodes[value[0]] if type(value) is list else None
    if not isinstance(node, Mappings):
        return None
    if node.rows == 1:
        column = node.columns[0]
        if type(column) is Packed:
            is_number = column.kind == "int" or (column.kind == "numpy" and column.values.dtype.kind in "iu")
            values = column.values if column.items is None else column.items
            return np.asarray(values) if is_number else None
        listed = column if type(column) is list else [column.value] * node.length if hasattr(column, "value") else []
    else:
        row = value[1] if len(value) == 2 else 0
        listed = [_item(column, row) for column in node.columns]
    numbers = [plain_number(item) for item in listed]
    is_number = len(numbers) == node.length and all(type(number) is int for number in numbers)
    return np.array(numbers, dtype=np.int64) if is_number and all(abs(n) < _MAX_FEATURES for n in numbers) else None


def _item(column: Any, row: int) -> Value:
    if type(column) is list:
        return column[row]
    return column.values[row] if type(column) is Packed else getattr(column, "value", None)


def _is_permutation(numbers: Any) -> bool:
    if numbers is None:
        return False
    if not len(numbers):
        return True
    if int(numbers.min()) != 0 or int(numbers.max()) != len(numbers) - 1:
        return False
    is_present = np.zeros(len(numbers), dtype=bool)
    is_present[numbers] = True
    return bool(is_present.all())


class HasherCodec(_TextCodec):
    """Vectorizers that hash.

    scikit-learn hashes words in the byte order of the machine (sklearn/utils/src/MurmurHash3.cpp, ``getblock``): the
    same word is another column on a big-endian one. So models of such machines say so, in a field of our own, and are
    refused by those of the other order. Legacy files do not say it; their arrays may show it (`foreign_graph.py`), else
    they count as little-endian.
    """

    classes: ClassVar = {
        **public_names("sklearn.feature_extraction._hash", "FeatureHasher"),
        **public_names("sklearn.feature_extraction.text", "HashingVectorizer"),
    }
    sealed_fields = frozenset({"input", "n_features", "ngram_range", "token_pattern"})

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the state, and the byte order of the machine where it is not the usual one."""
        fields = super().capture(name, instances)
        if sys.byteorder != _USUAL_ORDER:
            fields[BYTE_ORDER] = [sys.byteorder] * len(instances)
        return fields

    def validate(self, name: str, view: FieldView) -> None:
        """Check the number of features, and that this machine hashes as the one that wrote the model."""
        super().validate(name, view)
        for written in view.values(BYTE_ORDER, _USUAL_ORDER):
            if written != sys.byteorder:
                raise UnsupportedVersion(
                    f"{name} of a machine of {written}-endian byte order: scikit-learn gives words other columns on "
                    f"this one, whose order is {sys.byteorder}-endian",
                    next_step="Use the model on a machine of that byte order, or fit it again on this one.",
                )
        _check_lengths(view)
        for row, value in enumerate(view.values("n_features")):
            number = plain_number(value)
            if type(number) is not int or not 1 <= number <= _MAX_FEATURES:
                raise view.refuse(f"n_features must be from 1 to {_MAX_FEATURES}, got {value!r}", row=row)

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the objects, which do not keep the byte order: it is that of the machine."""
        return super().restore(name, {field: column for field, column in fields.items() if field != BYTE_ORDER}, rows)
