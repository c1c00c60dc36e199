"""What the values of a pickle may cost: keys of many parts, and little that stands in many places, are refused."""

from __future__ import annotations

import pickle
import struct
import time
from typing import Any

import numpy as np
import pytest

from hermetic import FormatError, LimitExceeded, Limits
from hermetic.formats.pickle_keys import KeyBudget, checked_keys
from hermetic.legacy_objects import LegacyName
from tests.corpus_pickles import in_wrapper
from tests.formats.test_pickle_values import root_of, values_of


@pytest.mark.parametrize("key", [b"\0" * 60_000, 2**60, 1.5, "a", None, LegacyName("m:n"), (1, (2, 3)), frozenset({1})])
def test_keys_that_are_plain_are_let_through(key: Any):
    assert checked_keys([key], KeyBudget(0)) == [key]


def test_scalars_of_numpy_may_be_keys():
    keys = [np.float64(1.5), np.str_("a"), np.dtype("f8")]
    assert checked_keys(keys, KeyBudget(0)) == keys
    with pytest.raises(FormatError, match="a void is a key"):
        checked_keys([np.zeros(1, "V3")[0]], KeyBudget(0))


def test_a_long_scalar_of_numpy_counts_by_its_bytes():
    with pytest.raises(FormatError, match="too many parts"):
        checked_keys([np.str_("a" * 1_000_000)] * 100, KeyBudget(0))


def test_keys_of_one_hash_are_refused():
    keys = [number * (2**61 - 1) for number in range(20)]
    with pytest.raises(FormatError, match="keys of one dictionary or set have the same hash"):
        root_of(dict.fromkeys(keys), 4)


def test_the_parts_of_keys_are_counted_over_all_dictionaries():
    wide = (1,) * 2_000
    data = pickle.dumps([{wide: number} for number in range(1_000)], 4)
    with pytest.raises(FormatError, match="made of too many parts"):
        values_of(data)
    assert len(values_of(pickle.dumps([{wide: number} for number in range(400)], 4)).root) == 400


def test_tuples_of_tuples_as_a_key_end_in_time():
    laugh = b")" + b"2\x86" * 7
    before = time.perf_counter()
    assert values_of(b"\x80\x02}" + laugh + b"Ns.").root
    with pytest.raises(LimitExceeded):
        values_of(b"\x80\x02}" + b"(" * 6 + b")" + b"".join(b"2" * 30 + b"t" for _ in range(6)) + b"Ns.")
    wide: tuple[Any, ...] = ()
    for _ in range(6):
        wide = (wide,) * 31
    is_refused = False
    try:
        checked_keys([wide], KeyBudget(0))
    except FormatError as error:  # pytest would write the key out
        is_refused = "made of too many parts" in str(error)
    assert is_refused
    assert time.perf_counter() - before < 20


LONG = b"X" + struct.pack("<I", 1_000_000) + b"a" * 1_000_000
REPEATED = {
    "a text": b"(" + LONG + b"q\x00" + b"h\x00" * 200 + b"l.",
    "a text, by DUP": b"(" + LONG + b"2" * 200 + b"l.",
    "bytes": b"\x80\x03(B" + LONG[1:] + b"q\x00" + b"h\x00" * 200 + b"l.",
    "a string of Python 2": b"(T" + LONG[1:] + b"q\x00" + b"h\x00" * 200 + b"l.",
    "a flat tuple": b"((" + LONG + b"tq\x00" + b"h\x00" * 200 + b"l.",
    "a tuple of many": b"((" + b"N" * 100_000 + b"tq\x00" + b"h\x00" * 500 + b"l.",
    "tuples of tuples": b"\x80\x02(K\x01" + b"2\x86" * 30 + b"l.",
    "an integer": b"\x80\x02(\x8a\xff" + b"\x7f" * 255 + b"q\x00" + b"h\x00" * 400_000 + b"l.",
}


@pytest.mark.parametrize("name", REPEATED)
def test_little_that_stands_in_many_places_is_refused(name: str):
    limits = Limits(memory_bytes=80 << 20 if name != "an integer" else 1 << 20)
    data = REPEATED[name]
    with pytest.raises(LimitExceeded) as refused:
        values_of(data, limits)
    assert refused.value.limit == "memory_bytes"
    assert refused.value.allowed == limits.memory_bytes + 4 * len(data)


def test_objects_and_lists_that_stand_in_many_places_are_no_repetition():
    data = b"(" + b"(" + b"N" * 100_000 + b"lq\x00" + b"h\x00" * 1_000 + b"cm\nf\nq\x01" + b"h\x01" * 1_000 + b"l."
    assert len(values_of(data, Limits(memory_bytes=1 << 20)).root) == 2_002


def test_repetition_in_a_pickle_within_counts():
    objects = b"(" + LONG + b"q\x00" + b"h\x00" * 200 + b"l."
    data = in_wrapper(objects, dtype="O8") + b"."
    with pytest.raises(LimitExceeded):
        values_of(data, Limits(memory_bytes=1 << 20))


def test_a_large_vocabulary_is_made_in_time():
    words = {f"word{number}": number for number in range(200_000)}
    before = time.perf_counter()
    assert root_of(words, 4) == words
    assert time.perf_counter() - before < 10


def test_little_repetition_is_let_through():
    data = b"(" + LONG + b"q\x00" + b"h\x00" * 60 + b"l."
    assert len(values_of(data).root) == 61
