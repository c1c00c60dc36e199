"""Keys that make a dictionary slow or never end, and memory by a number, are told from what models hold."""

from __future__ import annotations

import io
import pickle
import time
from collections import OrderedDict
from typing import Any

import pytest

from hermetic.scanning import ScanReport, scan

MODULUS = 2**61 - 1


def scanned(value: Any, protocol: int = 4) -> ScanReport:
    return scan(io.BytesIO(pickle.dumps(value, protocol)))


class _Pairs:
    """What pickles as a dictionary whose keys are never hashed here."""

    def __init__(self, keys: list[Any]) -> None:
        self.keys = keys

    def __reduce__(self) -> tuple[Any, ...]:
        return OrderedDict, (), None, None, iter([(key, None) for key in self.keys])


COLLIDING = {
    "multiples": [number * MODULUS for number in range(1, 40)],
    "negative multiples": [-number * MODULUS for number in range(1, 40)],
    "shifted multiples": [number * MODULUS + 5 for number in range(1, 40)],
    "floats": [float(2 ** (61 * number)) for number in range(17)] + [1, 2**61, 2**122],
    "among honest keys": [*range(100), *(number * MODULUS for number in range(1, 40)), "a", "b"],
}


@pytest.mark.parametrize("name", COLLIDING)
def test_keys_of_one_hash_are_a_matter_of_resources(name: str):
    report = scanned(_Pairs(COLLIDING[name]))
    assert (report.verdict, report.findings[0].rule) == ("resource", "hash-collisions")


HONEST = {
    "numbers": list(range(10_000)),
    "negative numbers": list(range(-5_000, 5_000)),
    "floats": [number / 7 for number in range(1_000)],
    "whole floats": [float(number) for number in range(1_000)],
    "large numbers": [10**20 + number for number in range(1_000)],
    "texts": [f"word{number}" for number in range(1_000)],
    "a few multiples": [number * MODULUS for number in range(1, 10)],
    "infinite": [float("inf"), float("-inf"), 0.0, 1.5, *range(50)],
    "tuples": [(number, str(number)) for number in range(1_000)],
    "mixed": [None, True, 1.5, "a", b"b", (1, 2), *range(40)],
}


@pytest.mark.parametrize("name", HONEST)
@pytest.mark.parametrize("form", ["dictionary", "set", "subclass"])
def test_honest_keys_raise_no_alarm(name: str, form: str):
    keys = HONEST[name]
    value = dict.fromkeys(keys) if form == "dictionary" else set(keys) if form == "set" else OrderedDict.fromkeys(keys)
    report = scanned(value)
    assert report.ok, str(report)


def nested_tuple(levels: int, width: int) -> Any:
    value: Any = ()
    for _ in range(levels):
        value = (value,) * width
    return value


@pytest.mark.parametrize(("levels", "width"), [(60, 2), (8, 10), (2, 2_000)])
def test_a_key_that_holds_itself_many_times_is_a_matter_of_resources(levels: int, width: int):
    key = pickle.dumps(nested_tuple(levels, width), 4)[2:-1]
    key = key[9:] if key[:1] == b"\x95" else key  # without its frame
    report = scan(io.BytesIO(b"\x80\x04}" + key + b"Ns."))
    assert (report.verdict, report.findings[0].rule) == ("resource", "huge-key")


def test_the_same_tuple_as_a_value_costs_nothing():
    assert scanned({"a": nested_tuple(60, 2)}).ok
    assert scanned([nested_tuple(8, 10)]).ok


def test_deep_keys_within_the_limit_are_no_alarm():
    assert scanned({nested_tuple(50, 1): 1}).ok


CALLS = {
    "bytearray": b"c__builtin__\nbytearray\n(I100000000000\ntR.",
    "bytes": b"c__builtin__\nbytes\n(I100000000000\ntR.",
    "_reconstruct": b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I100000000000\ntVb\ntR.",
    "_reconstruct of numpy 2": b"cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I9\nI9\ntVb\ntR.",
}


@pytest.mark.parametrize("name", CALLS)
def test_memory_by_a_number_is_a_matter_of_resources(name: str):
    report = scan(io.BytesIO(CALLS[name]))
    assert [(found.rule, found.severity) for found in report.findings] == [("memory", "resource")]


DANGEROUS = {
    "bytearray of a text": b"c__builtin__\nbytearray\n(Vabc\nVrot13\ntR.",
    "_reconstruct of another class": b"cnumpy.core.multiarray\n_reconstruct\n(cos\nsystem\n(I9\ntVb\ntR.",
    "_reconstruct with more": b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntVb\nNtR.",
}


@pytest.mark.parametrize("name", DANGEROUS)
def test_other_arguments_stay_dangerous(name: str):
    assert scan(io.BytesIO(DANGEROUS[name])).verdict == "dangerous"


def test_a_vocabulary_of_two_hundred_thousand_words_is_judged_in_seconds():
    data = pickle.dumps({f"word{number}": number for number in range(200_000)}, 4)
    start = time.perf_counter()
    assert scan(io.BytesIO(data)).ok
    assert time.perf_counter() - start < 20
