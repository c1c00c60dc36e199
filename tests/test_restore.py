"""restore: what only making the objects can show to be wrong, and what is set last."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hermetic
from hermetic.codecs.registry import codec_of_name
from hermetic.errors import InvalidState, UnsupportedVersion
from hermetic.graph import Graph, Instances, Link, Mappings, Name, ObjectArray, Packed, Rows, Same, Sequences
from hermetic.restore import _Restoration, restore
from hermetic.stages import ValidGraph
from tests.codecs.user_classes import Fragile, Plain
from tests.taken_apart import TakenApart, changed


def _restore(*nodes: Any, names: Any = (), links: Any = (), arrays: Any = None, root: Any = None) -> Any:
    root = [len(nodes) - 1] if root is None else root
    graph = Graph(names=list(names), nodes=list(nodes), root=root, links=list(links), arrays=arrays or {})
    return restore(ValidGraph(graph=graph))


THREE = Sequences("list", 1, [[1, 2, 3]], 3)
MADE: dict[str, tuple[list[Any], Any]] = {
    "a list": ([Sequences("list", 2, [[1, {"float": "inf"}]])], [1, float("inf")]),
    "a tuple": ([Sequences("tuple", 1, [[{"tuple": []}]])], ((),)),
    "a set": ([Sequences("set", 2, [[1, "a"]])], {1, "a"}),
    "a frozen set": ([Sequences("frozenset", 1, [[1]])], frozenset({1})),
    "lists of one length": ([THREE, Sequences("list", 3, [Rows(0)])], [[1], [2], [3]]),
    "tuples of one length": (
        [Sequences("tuple", 2, [[1, 2], Same(3)], 2), Sequences("list", 2, [Rows(0)])],
        [(1, 3), (2, 3)],
    ),
    "tuples of other lengths": (
        [Sequences("tuple", [0, 2], [[1, 2]], 2), Sequences("list", 2, [Rows(0)])],
        [(), (1, 2)],
    ),
    "empty lists": ([Sequences("list", 0, [], 2), Sequences("list", 2, [Rows(0)])], [[], []]),
    "empty dictionaries": ([Mappings(0, [], [], 2), Sequences("list", 2, [Rows(0)])], [{}, {}]),
    "a dictionary": ([Mappings(2, [1, "a"], [[2, 3]])], {1: 2, "a": 3}),
    "dictionaries": ([Mappings(1, ["a"], [[1, 2]], 2), Sequences("list", 2, [Rows(0)])], [{"a": 1}, {"a": 2}]),
    "exceptions between rows": (
        [THREE, Sequences("list", 5, [Rows(0, {0: None, 3: "x"})])],
        [None, [1], [2], "x", [3]],
    ),
    "a packed column": ([Sequences("tuple", 2, [Packed("int", [1, 2])])], (1, 2)),
    "numpy scalars": ([Sequences("list", 2, [Packed("numpy", np.array([1, 2], "i1"))])], [np.int8(1), np.int8(2)]),
}


@pytest.mark.parametrize("name", MADE)
def test_a_node_becomes_its_objects(name: str):
    nodes, expected = MADE[name]
    made = _restore(*nodes)
    assert repr(made) == repr(expected)


def test_every_row_is_an_object_of_its_own():
    empty = _restore(Sequences("list", 0, [], 2), Sequences("list", 2, [Rows(0)]))
    assert empty[0] is not empty[1]
    same = _restore(Sequences("list", 0, [[]]), Sequences("list", 20, [Same([0])]))
    assert same[0] is same[19]


def test_an_array_of_objects_keeps_lists_whole():
    made = _restore(Sequences("list", 2, [[1, 2]]), ObjectArray([2, 1], [[0], [0]], "F"))
    assert made.shape == (2, 1)
    assert made[0, 0] == [1, 2]
    assert made[0, 0] is made[1, 0]


REFUSED = {
    "a list as key": ([Sequences("list", 0, [[]]), Mappings(1, [[0]], [[1]])], "cannot be hashed"),
    "a list in a set": ([Sequences("list", 0, [[]]), Sequences("set", 1, [[[0]]])], "cannot be hashed"),
    "a list in a frozen set": ([Sequences("list", 0, [[]]), Sequences("frozenset", 1, [[[0]]])], "cannot be hashed"),
    "a key twice": ([Mappings(2, ["a", "a"], [[1, 2]])], "same key twice"),
    "equal keys": ([Mappings(2, [1, 1.0], [[1, 2]])], "same key twice"),
    "a member twice": ([Sequences("set", 2, [[1, 1]])], "same member twice"),
    "equal members": ([Sequences("frozenset", 2, [[0, False]])], "same member twice"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_keys_and_members_must_be_hashable_and_distinct(name: str):
    nodes, words = REFUSED[name]
    with pytest.raises(InvalidState, match=words):
        _restore(*nodes)


LINKS: dict[str, tuple[list[Any], Link, Any]] = {
    "a list": ([Sequences("list", 2, [[1, None]])], Link(0, 0, 1, 0, 0), lambda made: made[1]),
    "a dictionary": ([Mappings(2, ["a", "b"], [[1, None]])], Link(0, 0, 1, 0, 0), lambda made: made["b"]),
    "an array": ([ObjectArray([2, 2], [None] * 4, "F")], Link(0, 0, 1, 0, 0), lambda made: made[0, 1]),
}


@pytest.mark.parametrize("name", LINKS)
def test_a_link_is_set_when_all_stands(name: str):
    nodes, link, follow = LINKS[name]
    made = _restore(*nodes, links=[link])
    assert follow(made) is made


def test_a_foreign_object_gets_its_state_after_what_the_state_refers_to():
    thing = Plain(inner=[])
    thing.inner.append(thing)
    loaded = hermetic.loads(hermetic.dumps(thing), trusted=[Plain])
    assert loaded.inner[0] is loaded


def test_a_trusted_name_that_is_not_there_is_told_with_what_to_install():
    data = changed([Plain()], lambda parts: parts.graph["names"][0].update(name="no_such_package.Plain"))
    with pytest.raises(InvalidState, match=r"needs no_such_package\.Plain") as refused:
        hermetic.loads(data, trusted=["no_such_package.Plain"])
    assert "Install the package" in refused.value.next_step


def test_a_known_type_that_the_installed_libraries_lack_is_told(monkeypatch: Any):
    from hermetic.codecs import codec

    monkeypatch.setattr(codec, "_RESOLVED", {})
    with pytest.raises(UnsupportedVersion, match=r"the model needs gone\.Type"):
        codec.resolve_class(("decimal:NoSuchType",), "gone.Type")


def test_a_trusted_function_cannot_be_constructed():
    def change(parts: TakenApart) -> None:
        parts.graph["names"][0].update(name="tests.codecs.user_classes.make_by_function")

    with pytest.raises(InvalidState, match="is not a class"):
        hermetic.loads(changed([Plain()], change), trusted=["tests.codecs.user_classes.make_by_function"])


def test_names_stand_for_the_known_things_themselves():
    assert _restore(names=[Name("numpy.log1p", "referenced")], root={"name": 0}) is np.log1p
    assert _restore(names=[Name("builtins:str.lower", "referenced")], root={"name": 0}) is str.lower


class _Counted(dict[Any, Any]):
    n_listed = 0

    def __iter__(self) -> Any:
        type(self).n_listed += 1
        return super().__iter__()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_keys_of_a_dictionary_are_listed_once_for_all_its_links(rows: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_Counted, "n_listed", 0)
    keys = [f"k{number}" for number in range(50)]
    node = Mappings(50, keys, [[None] * rows for _ in keys] if rows > 1 else [[None] * 50], rows)
    links = [Link(0, row, slot, 0, row) for row in range(rows) for slot in range(50)]
    restoration = _Restoration(Graph(names=[], nodes=[node], root=[0], links=links))
    made = [_Counted.fromkeys(keys) for _ in range(rows)]
    restoration._tables = [made]

    for link in links:
        restoration._set_link(link)

    assert [all(value is mapping for value in mapping.values()) for mapping in made] == [True] * rows
    assert _Counted.n_listed == 1


def _raising(error: BaseException) -> Any:
    def stumble(*arguments: Any) -> Any:
        raise error

    return stumble


@pytest.mark.parametrize("step", ["restore", "link", "finish"])
@pytest.mark.parametrize(
    "stray",
    [TypeError("a"), KeyError("a"), OverflowError("a"), AttributeError("a" * 1000), RecursionError("a")],
    ids=repr,
)
def test_whatever_a_codec_stumbles_over_is_an_invalid_state(step: str, stray: Exception, monkeypatch: Any):
    codec = codec_of_name("types.SimpleNamespace")
    monkeypatch.setattr(type(codec), "has_finish", True)
    monkeypatch.setattr(type(codec), step, _raising(stray))
    inner = Instances(type=0, fields={"self": None})
    graph = Graph(
        names=[Name("types.SimpleNamespace", "constructed")],
        nodes=[inner, Sequences("list", 1, [[[0]]])],
        root=[1],
        links=[Link(0, 0, "self", 0, 0)],
    )

    with pytest.raises(InvalidState, match=f"types.SimpleNamespace cannot be made: {type(stray).__name__}") as caught:
        restore(ValidGraph(graph=graph), where="model.hermetic")

    assert caught.value.__cause__ is stray
    assert caught.value.where == "model.hermetic: $[...]"
    assert len(caught.value.found) <= 300


@pytest.mark.parametrize("kind", [MemoryError, KeyboardInterrupt, ImportError, OSError, UserWarning])
@pytest.mark.parametrize("step", ["restore", "finish"])
def test_what_is_no_fault_of_the_file_stays_as_it_is(step: str, kind: type[BaseException], monkeypatch: Any):
    codec = codec_of_name("types.SimpleNamespace")
    monkeypatch.setattr(type(codec), "has_finish", True)
    monkeypatch.setattr(type(codec), step, _raising(kind()))

    with pytest.raises(kind):
        _restore(Instances(type=0, fields={}), names=[Name("types.SimpleNamespace", "constructed")])


def test_a_refusal_without_a_place_is_given_one():
    with pytest.raises(InvalidState) as caught:
        _restore(Mappings(2, ["a", "a"], [[1, 2]]), Sequences("list", 1, [[[0]]]))

    assert caught.value.where == "$[...]"


@pytest.mark.parametrize("error", [KeyError("values"), TypeError("no"), RuntimeError("no"), Warning("no")], ids=repr)
def test_what_a_trusted_class_raises_about_its_state_is_told_as_its_own(error: Exception, monkeypatch: Any):
    data = hermetic.dumps([Fragile()])
    monkeypatch.setattr(Fragile, "__setstate__", _raising(error))

    with pytest.raises(
        InvalidState, match=f"Fragile does not take the state of the file: {type(error).__name__}"
    ) as caught:
        hermetic.loads(data, trusted=[Fragile])

    assert caught.value.__cause__ is error
    assert caught.value.where.endswith("$[...]")


@pytest.mark.parametrize("kind", [MemoryError, KeyboardInterrupt, SystemExit])
def test_a_trusted_class_may_stop_the_load(kind: type[BaseException], monkeypatch: Any):
    data = hermetic.dumps([Fragile()])
    monkeypatch.setattr(Fragile, "__setstate__", _raising(kind()))

    with pytest.raises(kind):
        hermetic.loads(data, trusted=[Fragile])
