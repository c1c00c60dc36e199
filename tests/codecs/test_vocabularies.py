"""Vocabularies number their words from 0 on, however they are stored; hashers have as many columns as they may."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer

import hermetic
from hermetic.codecs import vocabularies
from hermetic.errors import CapabilityRefused, InvalidState, UnsupportedVersion
from tests.codecs.hostile import bring_back, change, refuse, through_the_gates

N_PACKED = 40
WORDS = [f"word{number:02}" for number in range(N_PACKED)]


def with_vocabulary(vocabulary: Any, kind: Any = CountVectorizer) -> Any:
    vectorizer = kind()
    vectorizer.vocabulary_ = vocabulary
    return vectorizer


def numbered(numbers: Any) -> dict[str, Any]:
    return {f"word{position:02}": number for position, number in enumerate(numbers)}


HONEST = {
    "nothing": [],
    "one word": [0],
    "two words in another order": [1, 0],
    "many words": range(N_PACKED),
    "many words backwards": range(N_PACKED - 1, -1, -1),
    "numbers of numpy": list(np.arange(3)),
    "many numbers of numpy": list(np.arange(N_PACKED)),
    "narrow numbers of numpy": list(np.arange(N_PACKED, dtype=np.uint8)),
    "numbers of both kinds": [0, np.int64(1)],
}


@pytest.mark.parametrize("name", HONEST)
def test_a_vocabulary_that_counts_its_words_comes_back(name: str):
    restored = bring_back(with_vocabulary(numbered(HONEST[name])))
    assert restored.vocabulary_ == numbered(HONEST[name])


HOSTILE = {
    "not from 0 on": [1],
    "negative": [-1],
    "one missing": [0, 2],
    "twice the same": [0, 0],
    "twice the same within the range": [0, 0, 2],
    "negative where numpy counts from the end": [-2, 1],
    "many where numpy counts from the end": [-N_PACKED, *range(1, N_PACKED)],
    "many with one twice within the range": [*range(N_PACKED - 2), 0, N_PACKED - 1],
    "many with one twice": [*range(N_PACKED - 1), 0],
    "many with one beyond": [*range(N_PACKED - 1), N_PACKED],
    "many with one negative": [*range(N_PACKED - 1), -1],
    "many the same": [0] * N_PACKED,
    "far beyond any matrix": [0, 2**62],
    "beyond 64 bits": [0, 2**70],
    "booleans": [False, True],
    "many booleans": [False, True] * 20,
    "floats": [0.0, 1.0],
    "many floats": [float(number) for number in range(N_PACKED)],
    "many floats of numpy": list(np.arange(float(N_PACKED))),
    "texts": ["0", "1"],
    "many texts": [str(number) for number in range(N_PACKED)],
    "none": [None],
    "lists": [[0], [1]],
    "the same list": [[]] * 2,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", [CountVectorizer, TfidfVectorizer, DictVectorizer])
def test_a_vocabulary_that_does_not_count_its_words_is_refused(kind: Any, name: str):
    data = hermetic.dumps(with_vocabulary(numbered(HOSTILE[name]), kind))
    with pytest.raises(InvalidState, match="number its words from 0 on"):
        hermetic.loads(data)


@pytest.mark.parametrize("vocabulary", [None, 3, "abc", ["a", "b"], [], {0}, np.arange(3)], ids=str)
def test_a_vocabulary_that_is_no_dictionary_is_refused(vocabulary: Any):
    data = hermetic.dumps(with_vocabulary(vocabulary))
    with pytest.raises(InvalidState, match="number its words from 0 on"):
        hermetic.loads(data)


def test_a_table_of_vocabularies_comes_back():
    vectorizers = [with_vocabulary(numbered(numbers)) for numbers in ([0, 1], [1, 0], [0, 1])]
    assert [each.vocabulary_ for each in bring_back(vectorizers)] == [each.vocabulary_ for each in vectorizers]


@pytest.mark.parametrize("n_vectorizers", [3, 20])
@pytest.mark.parametrize("numbers", [[0, 0], [0, 2], [0, "1"], [None, 0], [0, True]], ids=str)
def test_one_bad_vocabulary_in_a_table_is_refused_with_its_place(n_vectorizers: int, numbers: list[Any]):
    vectorizers = [with_vocabulary(numbered([0, 1])) for _ in range(n_vectorizers)]
    vectorizers[2] = with_vocabulary(numbered(numbers))
    with pytest.raises(InvalidState, match=r"\[2\]\.vocabulary_"):
        hermetic.loads(hermetic.dumps(vectorizers))


@pytest.mark.parametrize("number", [1, (1 << 31) - 1, {"numpy": ["<i8", 5]}], ids=str)
def test_a_hasher_may_have_any_number_of_columns_that_a_matrix_may_have(number: Any):
    hasher = through_the_gates(
        change(FeatureHasher(), "sklearn.feature_extraction.FeatureHasher", "n_features", number)
    )
    assert 1 <= hasher.n_features < 1 << 31


@pytest.mark.parametrize("number", [True, "8", {"float": "nan"}, {"numpy": ["<i8", 0]}, 1 << 62], ids=str)
def test_a_hasher_of_no_such_number_is_refused(number: Any):
    name = "sklearn.feature_extraction.text.HashingVectorizer"
    refuse(HashingVectorizer(), name, "n_features", number, "n_features must be from 1 to")


@pytest.mark.parametrize("n_vectorizers", [1, 3, 20])
def test_a_vectorizer_that_opens_files_needs_a_grant(n_vectorizers: int):
    vectorizers = [CountVectorizer(input="content") for _ in range(n_vectorizers)]
    vectorizers[-1].input = "filename"
    data = hermetic.dumps(vectorizers)
    with pytest.raises(CapabilityRefused, match="reads-files"):
        hermetic.loads(data)
    assert hermetic.loads(data, capabilities=["reads-files"])[-1].input == "filename"


@pytest.mark.parametrize("source", ["content", "file"])
def test_a_vectorizer_that_opens_no_file_needs_none(source: str):
    assert bring_back(CountVectorizer(input=source)).input == source


@pytest.mark.parametrize("kind", [CountVectorizer, TfidfVectorizer, HashingVectorizer])
@pytest.mark.parametrize("lengths", [(1, 3), (0, 1), [2, 2], np.array([1, 2]), (1, 10**9)], ids=repr)
def test_lengths_of_ngrams_are_kept(kind: Any, lengths: Any):
    assert list(bring_back(kind(ngram_range=lengths)).ngram_range) == list(lengths)


@pytest.mark.parametrize("kind", [CountVectorizer, TfidfVectorizer, HashingVectorizer])
@pytest.mark.parametrize("lengths", [(-(10**12), 1), [-1, 1], np.array([-5, 2]), (np.int64(-7), 1)], ids=repr)
def test_ngrams_of_less_than_nothing_are_refused(kind: Any, lengths: Any):
    words = f"ngram_range begins at {lengths[0]}: transform would hardly ever end"
    with pytest.raises(InvalidState, match=words):
        hermetic.loads(hermetic.dumps(kind(ngram_range=lengths)))


@pytest.mark.parametrize("hasher", [FeatureHasher(8), HashingVectorizer(n_features=8)], ids=["features", "words"])
def test_words_hashed_in_one_byte_order_are_no_model_for_the_other(hasher: Any, monkeypatch: pytest.MonkeyPatch):
    usual = hermetic.dumps([hasher, hasher])
    assert b"byte_order" not in usual
    monkeypatch.setattr(vocabularies, "sys", SimpleNamespace(byteorder="big"))
    with pytest.raises(UnsupportedVersion, match="of a machine of little-endian byte order"):
        hermetic.loads(usual)
    turned = hermetic.dumps([hasher, clone(hasher)])
    for loaded in hermetic.loads(turned):
        assert vars(loaded) == vars(hasher)
    assert hermetic.dumps(hermetic.loads(turned)) == turned
    monkeypatch.undo()
    with pytest.raises(
        UnsupportedVersion, match="of a machine of big-endian byte order: scikit-learn gives words other"
    ):
        hermetic.loads(turned)


@pytest.mark.parametrize("order", ["middle", None, 1, [0]], ids=str)
def test_a_hasher_of_no_byte_order_is_refused(order: Any):
    graph = change(FeatureHasher(), "sklearn.feature_extraction.FeatureHasher", "_byte_order_of_hashes", order)
    with pytest.raises(hermetic.FileError):
        through_the_gates(graph)
