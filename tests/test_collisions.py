"""Dictionaries and sets whose keys share a hash are refused before they are built, and nothing honest is."""

from __future__ import annotations

import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import hermetic
from hermetic.capture import capture
from hermetic.collisions import MAX_EQUAL_HASHES, are_colliding
from hermetic.errors import CannotSave, InvalidState
from hermetic.graph import Mappings, Packed, Sequences
from tests.codecs.hostile import bring_back, through_the_gates
from tests.codecs.user_classes import Plain

PRIME = sys.hash_info.modulus
TOO_MANY = MAX_EQUAL_HASHES + 1
assert PRIME == 2**61 - 1

COLLIDING: dict[str, list[Any]] = {
    "integers": [number * PRIME for number in range(TOO_MANY)],
    "integers below zero": [-number * PRIME for number in range(TOO_MANY)],
    "integers that begin small": [*(rest + 1 for rest in range(99)), *(number * PRIME for number in range(TOO_MANY))],
    "integers with the rest 5": [number * PRIME + 5 for number in range(TOO_MANY)],
    "powers of two": [1 << (61 * number) for number in range(TOO_MANY)],
    "floats": [2.0 ** (61 * number) for number in range(-8, TOO_MANY - 8)],
    "integers and floats": [1 << (61 * n) if n % 2 else 2.0 ** (61 * n) for n in range(TOO_MANY)],
    "rows of integers": [(number * PRIME, "a") for number in range(TOO_MANY)],
    "sets of integers": [frozenset({number * PRIME}) for number in range(TOO_MANY)],
    "fractions": [Fraction(1 << (61 * number), 3) for number in range(TOO_MANY)],
    "decimals": [Decimal(number * PRIME) for number in range(TOO_MANY)],
    "among texts": [*"abcdefghijklmnopqrstuvwxyz", *(number * PRIME for number in range(TOO_MANY))],
    "in two groups": [number * PRIME + rest for number in range(TOO_MANY) for rest in (1, 2)],
}

HONEST: dict[str, list[Any]] = {
    "as many as are allowed": [number * PRIME for number in range(MAX_EQUAL_HASHES)],
    "many small groups": [number * PRIME + rest for number in range(MAX_EQUAL_HASHES) for rest in range(100)],
    "small integers": list(range(-5000, 5000)),
    "big integers": [1 << number for number in range(60)],
    "integers around minus one": [-1, -2, *(number * PRIME - 2 for number in range(-7, 8)), *range(20)],
    "floats": [number / 7 for number in range(1000)],
    "numbers of both kinds": [number if number % 3 else number + 0.5 for number in range(1000)],
    "pairs": [(left, right) for left in range(40) for right in range(40)],
    "texts": [str(number) for number in range(1000)],
    "texts with every separator": ["\n\0\x1f\x1e", *map(str, range(40))],
    "numpy's integers": [np.int64(number) for number in range(100)],
    "of all kinds": [None, True, 2, 0.5, "a", b"b", (1,), frozenset({1}), 1j, *range(3, 40)],
}


class _OneHash(Plain):
    def __hash__(self) -> int:
        return 1


@pytest.mark.parametrize("name", COLLIDING)
def test_more_than_sixteen_keys_of_one_hash_collide(name: str):
    assert are_colliding([], COLLIDING[name])
    assert not are_colliding([], [key for key in COLLIDING[name] if type(key) is str])


@pytest.mark.parametrize("name", HONEST)
def test_honest_keys_do_not_collide(name: str):
    assert not are_colliding([], HONEST[name])
    assert bring_back(dict.fromkeys(HONEST[name])) == dict.fromkeys(HONEST[name])


def test_how_a_class_of_somebody_computes_its_hash_is_its_own_affair():
    assert not are_colliding([], [_OneHash() for _ in range(100)])


def test_a_column_of_texts_is_not_looked_at():
    assert not are_colliding(Packed("text", []), COLLIDING["integers"])
    assert are_colliding(Packed("int", []), COLLIDING["integers"])


@pytest.mark.parametrize("make", [dict.fromkeys, set, frozenset])
@pytest.mark.parametrize("name", COLLIDING)
def test_what_would_not_load_is_not_saved(name: str, make: Any):
    with pytest.raises(CannotSave, match="more than 16 numbers of one"):
        hermetic.dumps([make(COLLIDING[name])])


@pytest.mark.parametrize("name", ["integers", "floats", "integers and floats", "in two groups", "among texts"])
def test_a_hostile_dictionary_or_set_is_refused(name: str):
    keys = capture(COLLIDING[name]).nodes[-1].columns[0]
    length = len(COLLIDING[name])
    mapping = capture({"a": 1})
    mapping.nodes[0] = Mappings(length, keys, [[1] * length])
    members = capture({1})
    members.nodes[0] = Sequences("set", length, [keys])

    for graph in (mapping, members):
        with pytest.raises(InvalidState, match="share one hash"):
            through_the_gates(graph)


def test_a_key_without_a_hash_among_many_is_refused():
    keys = capture([*range(20), (1, [])]).nodes
    graph = capture({"a": 1})
    graph.nodes[:] = [*keys[:-1], Mappings(21, keys[-1].columns[0], [[1] * 21])]
    graph.root = [len(keys) - 1]

    with pytest.raises(InvalidState, match="cannot be hashed"):
        through_the_gates(graph)
