"""Text vectorizers and feature hashing: vocabularies, analyzers, patterns, weights."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer

from tests.zoo import data
from tests.zoo.case import Case, fitted, sweep

__all__ = ["configurations_text"]

_dictionaries = [{"city": "Oslo", "age": 3}, {"city": ["Bergen", "Oslo"], "age": 4.5}, {"colour": "red"}]
_DICTIONARIES = data.Training(X=_dictionaries, inputs={"X": _dictionaries}, tags=frozenset({"text"}))
_pairs = [[("cat", 1), ("dog", 2.5)], [("cat", -1)]]
_bytes = data.Training(
    X=[text.encode("latin-1", "replace") for text in data.TEXTS.X],
    inputs={"X": [b"the cat \xe9"]},
    tags=data.TEXTS.tags,
)


def configurations_text() -> list[Case]:
    """Give the configurations of everything that turns text into features.

    Examples
    --------
    >>> len(configurations_text()) > 20
    True
    """
    return [*_counts(), *_weights(), *_hashes()]


def _counts() -> Iterator[Case]:
    texts = data.TEXTS
    yield from sweep(CountVectorizer, "analyzer", ["word", "char", "char_wb"], texts, ngram_range=(1, 2))
    yield from sweep(CountVectorizer, "token_pattern", [r"(?u)\b[a-z]+\b", r"(?u)\b\w+\b", r"[^\s]+"], texts)
    yield from sweep(CountVectorizer, "stop_words", ["english", ["the", "cat"]], texts)
    yield from sweep(CountVectorizer, "dtype", [np.float32, np.int32], texts)
    yield fitted("counts-few", CountVectorizer(max_features=5, max_df=0.9, min_df=2, binary=True), texts)
    yield fitted("counts-vocabulary-dict", CountVectorizer(vocabulary={"cat": 1, "dog": 0, "mat": 2}), texts)
    yield fitted("counts-vocabulary-list", CountVectorizer(vocabulary=["dog", "cat"], lowercase=False), texts)
    yield fitted("counts-tokenizer", CountVectorizer(tokenizer=str.split, token_pattern=None), texts)
    yield fitted("counts-preprocessor", CountVectorizer(preprocessor=str.upper, token_pattern=r"[A-Z]+"), texts)
    yield fitted("counts-accents", CountVectorizer(strip_accents="unicode"), texts)
    yield fitted("counts-bytes", CountVectorizer(encoding="latin-1", decode_error="replace"), _bytes)
    unfitted = CountVectorizer(input="filename")
    capability = ("reads-files",)
    yield Case(name="counts-of-files", build=lambda: unfitted, tags=frozenset({"text"}), capabilities=capability)


def _weights() -> Iterator[Case]:
    texts = data.TEXTS
    yield from sweep(TfidfVectorizer, "norm", ["l1", "l2", None], texts, sublinear_tf=True)
    yield fitted("weights-no-idf", TfidfVectorizer(use_idf=False, smooth_idf=False, dtype=np.float32), texts)
    yield fitted("weights-characters", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), max_features=50), texts)
    yield fitted("weights-of-counts", TfidfTransformer(norm="l1"), data.SPARSE.without_target())


def _hashes() -> Iterator[Case]:
    yield fitted("hashes", HashingVectorizer(n_features=32, alternate_sign=False, norm=None), data.TEXTS)
    yield fitted(
        "hashes-characters", HashingVectorizer(n_features=2**10, analyzer="char", ngram_range=(2, 3)), data.TEXTS
    )
    yield fitted("hashed-features", FeatureHasher(n_features=16, dtype=np.float32), _first_dictionaries())
    pairs = data.Training(X=_pairs, inputs={"X": _pairs}, tags=frozenset({"text"}))
    yield fitted("hashed-pairs", FeatureHasher(n_features=8, input_type="pair"), pairs)
    yield fitted("dictionaries-dense", DictVectorizer(sparse=False, separator="/", sort=False), _DICTIONARIES)
    yield fitted("dictionaries-float32", DictVectorizer(dtype=np.float32), _DICTIONARIES)


def _first_dictionaries() -> data.Training:
    first = [_dictionaries[0], _dictionaries[2]]
    return data.Training(X=first, inputs={"X": first}, tags=frozenset({"text"}))
