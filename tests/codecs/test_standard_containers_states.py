"""Containers and callables of the standard library: each boundary of a field is taken, each step beyond is refused."""

from __future__ import annotations

import array
import collections
import functools
import operator
import random
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hermetic.capture import capture
from hermetic.codecs import standard_containers
from hermetic.errors import CannotSave, InvalidState, UntrustedType
from hermetic.graph import Graph, Instances, Mappings, Name, Packed, Rows, Same
from tests.codecs.hostile import all_in_use, bring_back, change, refuse, through_the_gates

WORDS = 624


def _with(instance: Any, **attributes: Any) -> Any:
    vars(instance).update(attributes)
    return instance


def _one_word() -> Any:
    words = np.zeros(WORDS, dtype=np.uint32)
    words[-1] = 1
    return words


def _referring(value: Any, name: str, field: str, kind: type) -> Graph:
    """Let a field refer to an earlier node of another kind than it should."""
    graph = capture((value, None))
    number = next(number for number, node in enumerate(graph.nodes) if isinstance(node, Instances))
    target = next(number for number, node in enumerate(graph.nodes) if isinstance(node, kind))
    assert graph.names[graph.nodes[number].type].name == name
    graph.nodes[number].fields[field] = [target]
    return all_in_use(graph)


TAKEN: dict[str, tuple[Any, str, str, Any]] = {
    "deque as long as it may be": (collections.deque([1, 2]), "collections.deque", "maxlen", 2),
    "deque without room": (collections.deque(), "collections.deque", "maxlen", 0),
    "deque without bound": (collections.deque([1], 1), "collections.deque", "maxlen", None),
    "factory of none": (collections.defaultdict(int), "collections.defaultdict", "factory", None),
    "generator before its first word": (random.Random(1), "random.Random", "position", 0),
    "generator after its last word": (random.Random(1), "random.Random", "position", WORDS),
    "one word that is not zero": (random.Random(1), "random.Random", "words", lambda old: _one_word()),
    "next number that is none": (random.Random(1), "random.Random", "gauss_next", None),
    "next number that is not finite": (random.Random(1), "random.Random", "gauss_next", {"float": "nan"}),
    "generator with a note": (random.Random(1), "random.Random", "note", 1),
    "chain with a note": (collections.ChainMap({}), "collections.ChainMap", "note", 1),
    "no bytes": (bytearray(b"a"), "builtins.bytearray", "items", lambda old: old[:0]),
    "no characters": (array.array("u", "a"), "array.array", "items", ""),
    "item type of the same size": (array.array("q", [1]), "array.array", "typecode", "l"),
    "getter of a big number": (
        operator.itemgetter(1),
        "operator.itemgetter",
        "items",
        {"tuple": [{"int": hex(1 << 70)}]},
    ),
    "pattern of bytes": (re.compile(b"a"), "re.Pattern", "pattern", {"bytes": "Yg=="}),
    "pattern with three flags": (re.compile("a"), "re.Pattern", "flags", int(re.U | re.I | re.S | re.X)),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_boundary_value_is_taken(name: str):
    value, kind, _, _ = TAKEN[name]

    made = through_the_gates(change(*TAKEN[name]))

    assert type(made) is type(value)
    assert kind == f"{type(value).__module__}.{type(value).__qualname__}"


HOSTILE: dict[str, tuple[Any, str, str, Any, str]] = {
    "deque of one item too many": (collections.deque([1, 2]), "collections.deque", "maxlen", 1, "at most 1"),
    "deque bounded by true": (collections.deque(), "collections.deque", "maxlen", True, "0 or more"),
    "deque bounded by a text": (collections.deque(), "collections.deque", "maxlen", "3", "0 or more"),
    "deque bounded by a float": (collections.deque(), "collections.deque", "maxlen", 3.0, "0 or more"),
    "deque beyond the machine": (
        *(collections.deque(), "collections.deque", "maxlen", {"int": hex(1 << 70)}),
        "0 or more",
    ),
    "deque of a tuple": (collections.deque(), "collections.deque", "items", {"tuple": []}, "list of items"),
    "items that are a tuple": (collections.Counter(), "collections.Counter", "items", {"tuple": []}, "a dictionary"),
    "items that are missing": (collections.Counter(), "collections.Counter", "items", None, "a dictionary"),
    "factory that is a float": (
        *(collections.defaultdict(int), "collections.defaultdict", "factory", {"float": "nan"}),
        "named or none",
    ),
    "factory that is a list": (
        *(collections.defaultdict(int), "collections.defaultdict", "factory", lambda old: [0]),
        "named or none",
    ),
    "ordered dict with a factory": (
        *(collections.OrderedDict(), "collections.OrderedDict", "factory", None),
        "has a factory",
    ),
    "chain without maps": (collections.ChainMap(), "collections.ChainMap", "maps", None, "one mapping or more"),
    "chain of a tuple": (collections.ChainMap(), "collections.ChainMap", "maps", {"tuple": [1]}, "list of one"),
    "chain with another class": (collections.ChainMap(), "collections.ChainMap", "__class__", 1, "__class__"),
    "chain that makes no children": (collections.ChainMap(), "collections.ChainMap", "new_child", 1, "new_child"),
    "bytes of two dimensions": (
        *(bytearray(b"abcd"), "builtins.bytearray", "items", lambda old: old.reshape(2, 2)),
        "one dimension",
    ),
    "signed bytes": (bytearray(b"a"), "builtins.bytearray", "items", lambda old: old.astype(np.int8), "uint8|B array"),
    "bytes that are a text": (bytearray(b"a"), "builtins.bytearray", "items", "a", "one dimension"),
    "bytes with an item type": (bytearray(b"a"), "builtins.bytearray", "typecode", "B", "has a typecode"),
    "array of a narrower dtype": (
        *(array.array("l", [1]), "array.array", "items", lambda old: old.astype(np.int32)),
        "int64 array",
    ),
    "array of a wider dtype": (
        *(array.array("i", [1]), "array.array", "items", lambda old: old.astype(np.int64)),
        "int32 array",
    ),
    "array of characters": (array.array("d", [1]), "array.array", "typecode", "u", "not a type of items"),
    "characters of numbers": (array.array("u", "a"), "array.array", "typecode", "d", "one dimension"),
    "two item types": (array.array("d", [1]), "array.array", "typecode", "dd", "not a type of items"),
    "no item type": (array.array("d", [1]), "array.array", "typecode", "", "not a type of items"),
    "an item type that is a number": (array.array("d", [1]), "array.array", "typecode", 100, "not a type of items"),
    "words of another dtype": (
        *(random.Random(1), "random.Random", "words", lambda old: old.astype(np.uint64)),
        "624 uint32",
    ),
    "words of two dimensions": (
        *(random.Random(1), "random.Random", "words", lambda old: old.reshape(-1, 1)),
        "624 uint32",
    ),
    "a word too many": (random.Random(1), "random.Random", "words", lambda old: np.append(old, old[:1]), "624"),
    "words that are no array": (random.Random(1), "random.Random", "words", 5, "624 uint32"),
    "position before the state": (random.Random(1), "random.Random", "position", -1, "from 0 to 624"),
    "position that is a float": (random.Random(1), "random.Random", "position", 1.0, "from 0 to 624"),
    "position that is missing": (random.Random(1), "random.Random", "position", None, "from 0 to 624"),
    "next number that is whole": (random.Random(1), "random.Random", "gauss_next", 1, "None or a float"),
    "generator that seeds otherwise": (random.Random(1), "random.Random", "seed", 1, "its own seed"),
    "generator of another class": (random.Random(1), "random.Random", "__class__", 1, "its own __class__"),
    "partial over a number": (functools.partial(int), "functools.partial", "function", 1, "by name"),
    "partial over a float": (functools.partial(int), "functools.partial", "function", {"float": "nan"}, "by name"),
    "partial over what is no value": (functools.partial(int), "functools.partial", "function", {"name": 0}, "callable"),
    "arguments that are a list": (functools.partial(int), "functools.partial", "arguments", lambda old: [0], "tuple"),
    "arguments that are missing": (functools.partial(int), "functools.partial", "arguments", None, "tuple"),
    "keywords that are a tuple": (functools.partial(int), "functools.partial", "keywords", {"tuple": []}, "dictionary"),
    "getter of true": (operator.itemgetter(1), "operator.itemgetter", "items", {"tuple": [True]}, "integers and texts"),
    "getter of one item": (operator.itemgetter(1), "operator.itemgetter", "items", 1, "integers and texts"),
    "getter of nothing at all": (operator.itemgetter(1), "operator.itemgetter", "items", None, "integers and texts"),
    "flags that are true": (re.compile(b"a"), "re.Pattern", "flags", True, "with flags True"),
    "flags that are negative": (re.compile("a"), "re.Pattern", "flags", -1, "with flags -1"),
    "a flag that nobody knows": (re.compile("a"), "re.Pattern", "flags", 32 | 1024, "with flags 1056"),
    "the flag of templates": (re.compile("a"), "re.Pattern", "flags", 33, "with flags 33"),
    "no flags for a text": (re.compile("a"), "re.Pattern", "flags", 0, "flags 0 are not"),
    "flags of text for bytes": (re.compile(b"a"), "re.Pattern", "flags", 32, "UNICODE"),
    "flags of bytes for text": (re.compile("a"), "re.Pattern", "flags", 4, "LOCALE"),
    "flags that exclude each other": (re.compile("a"), "re.Pattern", "flags", 256 | 32, "incompatible"),
    "a count beyond the machine": (re.compile("a"), "re.Pattern", "pattern", "a{99999999999999999999}", "regular"),
    "a group that is not there": (re.compile("a"), "re.Pattern", "pattern", r"\1", "regular"),
    "no pattern": (re.compile("a"), "re.Pattern", "pattern", None, "regular"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_field_beyond_its_boundary_is_refused(name: str):
    value, kind, field, new, words = HOSTILE[name]

    with pytest.raises(InvalidState, match=words):
        through_the_gates(all_in_use(change(value, kind, field, new)))


REFERRING: dict[str, tuple[Callable[[], Graph], str]] = {
    "chain of no maps": (lambda: _emptied_chain(), "one mapping or more"),
    "partial over a dictionary": (
        lambda: _referring(functools.partial(int), "functools.partial", "function", Mappings),
        "by name",
    ),
    "arguments that are a dictionary": (
        lambda: _referring(functools.partial(int), "functools.partial", "arguments", Mappings),
        "must be a tuple",
    ),
    "deque of a dictionary's items": (
        lambda: _referring(_deque_after_a_dictionary(), "collections.deque", "items", Mappings),
        "a list of items",
    ),
}


def _emptied_chain() -> Graph:
    graph = capture(collections.ChainMap())
    maps = graph.nodes[graph.nodes[-1].fields["maps"][0]]
    maps.lengths, maps.columns = 0, [[]]
    return all_in_use(graph)


def _deque_after_a_dictionary() -> Any:
    return collections.deque([{}])


@pytest.mark.parametrize("name", REFERRING)
def test_a_field_that_refers_to_another_kind_is_refused(name: str):
    build, words = REFERRING[name]

    with pytest.raises(InvalidState, match=words):
        through_the_gates(build())


def test_arguments_may_hold_what_is_no_plain_value():
    made = bring_back(functools.partial(sorted, [3, 1], {"a": 1}))

    assert made.args == ([3, 1], {"a": 1})


@pytest.mark.parametrize("key", [5, None, {"tuple": [1]}, {"bytes": "YQ=="}], ids=["number", "none", "tuple", "bytes"])
def test_keywords_have_text_keys(key: Any):
    graph = capture(functools.partial(int, base=2))
    graph.nodes[0].keys = [key]

    with pytest.raises(InvalidState, match="text keys"):
        through_the_gates(graph)


def test_the_second_of_two_hostile_rows_is_named_with_its_place():
    queues = [collections.deque([1], 2), collections.deque([1], 3)]

    with pytest.raises(InvalidState, match="0 or more") as caught:
        through_the_gates(change(queues, "collections.deque", "maxlen", [2, -1]))

    assert caught.value.where.endswith("[1]")


def test_two_generators_are_each_checked():
    generators = [random.Random(1), random.Random(2)]

    restored = through_the_gates(change(generators, "random.Random", "position", [0, WORDS]))
    assert [generator.getstate()[1][-1] for generator in restored] == [0, WORDS]
    refuse(generators, "random.Random", "position", [0, WORDS + 1], "got 625")


def test_an_array_that_does_not_fit_this_machine_is_refused(monkeypatch):
    monkeypatch.setitem(standard_containers._STORED, "i", "int64")
    wide = np.array([1 << 31, 0])

    refuse(array.array("i", [1, 2]), "array.array", "items", lambda old: wide, "do not fit into the type i")
    assert through_the_gates(
        change(array.array("i", [1, 2]), "array.array", "items", lambda old: np.array([-(1 << 31), (1 << 31) - 1]))
    ).tolist() == [-(1 << 31), (1 << 31) - 1]


@pytest.mark.parametrize("attribute", ["words", "position"])
def test_a_generator_with_an_attribute_of_our_own_name_is_not_saved(attribute: str):
    with pytest.raises(CannotSave, match="another form"):
        capture(_with(random.Random(1), **{attribute: 1}))


def test_a_factory_needs_trust_in_its_name():
    graph = capture(collections.defaultdict(int))
    number = next(number for number, name in enumerate(graph.names) if name.role == "referenced")
    graph.names[number] = Name("os.getcwd", "referenced")

    with pytest.raises(UntrustedType, match=r"os\.getcwd"):
        through_the_gates(graph)


@pytest.mark.parametrize(
    "keys",
    [
        ["__class__"],
        ["__dict__"],
        [5],
        [{"tuple": []}],
        Packed("text", ["__class__"]),
        Same("__class__"),
        Same(5),
        Rows(0),
    ],
    ids=["class", "dict", "number", "tuple", "packed", "same", "same number", "rows"],
)
def test_attributes_have_no_special_names_in_any_form_of_column(keys: Any):
    graph = capture(_with(functools.partial(int), note=1))
    graph.nodes[graph.nodes[-1].fields["attributes"][0]].keys = keys

    with pytest.raises(InvalidState, match="of its own"):
        through_the_gates(graph)


@pytest.mark.parametrize("key", ["note", "_", "__", "___", "__half", "a b", ""], ids=ascii)
def test_attributes_of_other_names_are_taken(key: str):
    graph = capture(_with(functools.partial(int), note=1))
    graph.nodes[graph.nodes[-1].fields["attributes"][0]].keys = [key]

    if key in ("__", "___"):  # begins and ends with two underscores
        with pytest.raises(InvalidState, match="of its own"):
            through_the_gates(graph)
    else:
        assert vars(through_the_gates(graph)) == {key: 1}
