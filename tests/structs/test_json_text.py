"""The stand-in for msgspec writes the same bytes and accepts the same texts, to the last digit and escape."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hermetic.structs import stand_in
from tests.formats.test_graph_json import OTHER_SPELLINGS, VALUES

msgspec = pytest.importorskip("msgspec")

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | TEXTS | st.binary(max_size=8)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)


def outcome(function: Any, *arguments: Any, **named: Any) -> Any:
    """Give what a function gives, or that it refuses."""
    try:
        return function(*arguments, **named)
    except (msgspec.MsgspecError, stand_in.MsgspecError, OverflowError, RecursionError, TypeError, UnicodeError):
        return "refused"


@given(TREES)
def test_every_value_has_the_bytes_that_msgspec_writes(value: Any) -> None:
    assert stand_in.json.encode(value) == msgspec.json.encode(value)


@given(st.floats())
def test_every_number_has_the_digits_that_msgspec_writes(number: float) -> None:
    assert stand_in.json.encode(number) == msgspec.json.encode(number)


@pytest.mark.parametrize("exponent", range(-8, 24))
@pytest.mark.parametrize("digits", ["1", "1.5", "9.007199254740993", "-2.5"])
def test_the_point_gives_way_to_an_exponent_at_the_same_size(exponent: int, digits: str) -> None:
    number = float(f"{digits}e{exponent}")
    assert stand_in.json.encode(number) == msgspec.json.encode(number)


NOT_ENCODED = {
    "half a character": "\ud800",
    "a key that is half a character": {"\udfff": 1},
    "a function": len,
    "a number of numpy": np.float64(1.0),
}


@pytest.mark.parametrize("name", NOT_ENCODED)
def test_what_msgspec_does_not_write_is_refused(name: str) -> None:
    value = [NOT_ENCODED[name]]
    assert outcome(stand_in.json.encode, value) == outcome(msgspec.json.encode, value) == "refused"


def test_a_hook_makes_text_of_what_json_lacks() -> None:
    value = [np.arange(3, dtype="<i2"), {"deeper": (np.float32([1.5]), None)}]
    found = stand_in.json.encode(value, enc_hook=np.ndarray.tobytes)
    assert found == msgspec.json.encode(value, enc_hook=np.ndarray.tobytes)


@given(TREES)
def test_what_is_written_is_read_as_msgspec_reads_it(value: Any) -> None:
    text = msgspec.json.encode(value)
    assert repr(stand_in.json.decode(text)) == repr(msgspec.json.decode(text))


def _spellings() -> list[bytes]:
    written = [text.encode("utf-8", "surrogatepass") for text in [*VALUES, *OTHER_SPELLINGS]]
    return [*written, *(b'{"a":' + text + b"}" for text in written), b"\xef\xbb\xbf1", b'"\xff"', b"9" * 5000]


@pytest.mark.parametrize("text", _spellings(), ids=lambda text: repr(text[:40]))
def test_a_text_is_canonical_for_the_stand_in_when_it_is_for_msgspec(text: bytes) -> None:
    """Both read more than is canonical; what counts is the comparison with the text written again."""

    def is_canonical(own: Any) -> bool:
        return bool(outcome(lambda: own.json.encode(own.json.decode(text)) == text) is True)

    assert is_canonical(stand_in) == is_canonical(msgspec)


@given(st.text(st.sampled_from('[]{}:,"\\u0031deEntrulfas+-. '), max_size=12))
def test_any_scribble_is_canonical_for_both_or_for_none(text: str) -> None:
    for own, other in ((stand_in, msgspec), (msgspec, stand_in)):
        if outcome(lambda own=own: own.json.encode(own.json.decode(text)) == text.encode()) is True:
            assert repr(own.json.decode(text)) == repr(other.json.decode(text))


def test_a_key_that_stands_twice_and_constants_beyond_json_are_no_json() -> None:
    for text in ('{"a":1,"a":1}', "NaN", "[Infinity]", "-Infinity"):
        assert json.loads(text) is not None
        with pytest.raises(stand_in.DecodeError, match="malformed"):
            stand_in.json.decode(text)


def test_a_deep_nest_is_refused_by_both() -> None:
    text = b"[" * 200_000 + b"]" * 200_000
    assert outcome(stand_in.json.decode, text) == outcome(msgspec.json.decode, text) == "refused"
