"""Classes of the user's own, and calls that nobody knows, in legacy files: kept as data until somebody trusts them."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import hermetic
from hermetic.errors import FileError, InvalidState, UntrustedType, UsageError
from tests.codecs import user_classes
from tests.legacy_pickles import PROTOCOLS, Made, Named, adopted_fields, new, written
from tests.zoo.case import Case
from tests.zoo.compositions_user import compositions_user

MODULE = user_classes.__name__
CASES = [case for case in compositions_user() if case.expected == "kept"]
TRUSTED = [
    f"{MODULE}.{name}"
    for name in (
        "Plain",
        "Slotted",
        "Named",
        "OrderedUser",
        "UserDefaults",
        "UserQueue",
        "Members",
        "Wrapped",
        "Record",
    )
]


def _trust(case: Case) -> list[str]:
    return [*case.trusted, *(f"call:{name}" for name in case.trusted)]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.filterwarnings("ignore")
def test_an_object_of_a_class_of_the_users_own_is_what_the_unpickler_makes(case: Case, protocol: int) -> None:
    try:
        data = pickle.dumps(case.make(), protocol)
    except (TypeError, pickle.PicklingError, AttributeError):
        pytest.skip("pickle does not take it in this protocol")
    loaded = hermetic.loads(data, trusted=_trust(case), capabilities=case.capabilities)
    assert hermetic.dumps(loaded) == hermetic.dumps(pickle.loads(data))


@pytest.mark.parametrize("case", [case for case in CASES if case.trusted], ids=lambda case: case.name)
def test_such_an_object_is_not_made_without_trust(case: Case) -> None:
    try:
        data = pickle.dumps(case.make(), 4)
    except (TypeError, pickle.PicklingError, AttributeError):
        pytest.skip("pickle does not take it")
    with pytest.raises((UntrustedType, FileError)):
        hermetic.loads(data, capabilities=case.capabilities)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (new("a.b:C"), {}),
        (new("a.b:C", None), {}),
        (new("a.b:C", {"x": 1}), {"state": {"x": 1}}),
        (new("a.b:C", (None, {"x": 1})), {"state": (None, {"x": 1})}),
        (Made("a.b:C", (1, 2), is_new=True), {"arguments": (1, 2)}),
        (Made("a.b:C", (), is_new=True, items=[1, 2]), {"items": [1, 2]}),
        (Made("a.b:C", (), is_new=True, pairs=["x", 1]), {"pairs": {"x": 1}}),
    ],
)
def test_the_parts_of_an_object_are_kept_as_the_file_has_them(made: Made, expected: dict[str, Any]) -> None:
    assert adopted_fields(made) == expected


def test_a_call_has_the_parts_that_the_file_gives_it() -> None:
    fields = adopted_fields(Made("a.b:make", (1, "x"), {"y": 2}, items=[3], pairs=["z", 4]))
    assert fields["call"].name == "a.b.make"
    assert {field: value for field, value in fields.items() if field != "call"} == {
        "arguments": (1, "x"),
        "state": {"y": 2},
        "items": [3],
        "pairs": ["z", 4],
    }


def test_a_call_by_a_nested_name_keeps_its_colon() -> None:
    assert adopted_fields(Made("a.b:Outer.make"))["call"].name == "a.b:Outer.make"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_a_trusted_function_makes_gets_its_items_and_pairs(protocol: int) -> None:
    data = written({"made": Made("collections:UserDict", (), pairs=["a", 1])}, protocol)
    loaded = hermetic.loads(data, trusted=["call:collections.UserDict", "collections.UserDict"])
    assert dict(loaded["made"]) == {"a": 1}


@pytest.mark.parametrize(
    "name",
    [
        "builtins:eval",
        "builtins:exec",
        "builtins:compile",
        "builtins:__import__",
        "builtins:open",
        "os:system",
        "posix:system",
        "pickle:loads",
        "marshal:loads",
        "importlib:import_module",
        "operator:attrgetter",
        "operator:methodcaller",
    ],
)
def test_what_can_do_anything_is_never_called(name: str) -> None:
    data = written([Made(name, ("1",))])
    dotted = name.replace(":", ".")
    with pytest.raises(InvalidState, match="whoever trusts it"):
        hermetic.loads(data)
    for trusted in ([dotted], [f"call:{dotted}"], [dotted, f"call:{dotted}"]):
        with pytest.raises((FileError, UsageError)):
            hermetic.loads(data, trusted=trusted)


HOSTILE = {
    "a class that is none": new("builtins:len", {"x": 1}),
    "a class that does not exist": new(f"{MODULE}:Nothing", {"x": 1}),
    "a module that does not exist": new("no_such_module:Nothing", {"x": 1}),
    "arguments it does not take": Made(f"{MODULE}:Named", (1,) * 20, is_new=True),
    "a slot it has not": new(f"{MODULE}:Slotted", (None, {"nothing": 1})),
    "a slot that is a number": new(f"{MODULE}:Slotted", (None, {7: 1})),
    "a state that hides its class": new(f"{MODULE}:Plain", {"__class__": 7}),
    "a state that is a number": new(f"{MODULE}:Plain", 7),
    "items where it takes none": Made(f"{MODULE}:Plain", (), is_new=True, items=[1]),
    "pairs where it takes none": Made(f"{MODULE}:Plain", (), is_new=True, pairs=["a", 1]),
    "an array of another state": Made(
        "numpy.core.multiarray:_reconstruct", (Named(f"{MODULE}:Wrapped"), (0,), b"b"), (1, 2, 3)
    ),
    "an array of a huge shape": Made(
        "numpy.core.multiarray:_reconstruct",
        (Named(f"{MODULE}:Wrapped"), (0,), b"b"),
        (1, (1 << 40,), np.dtype(float), False, bytes(8)),
    ),
    "an array without a state": Made("numpy.core.multiarray:_reconstruct", (Named(f"{MODULE}:Wrapped"), (0,), b"b")),
    "a call with arguments it does not take": Made("textwrap:dedent", (1, 2, 3)),
    "a call with a state where there is none": Made("textwrap:dedent", ("a",), {"x": 1}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_even_with_trust_a_hostile_form_is_refused_as_such(name: str) -> None:
    trusted = [*TRUSTED, "call:textwrap.dedent", f"{MODULE}.Nothing", "no_such_module.Nothing", "builtins.len"]
    with pytest.raises((FileError, UsageError)):
        hermetic.loads(written([HOSTILE[name]]), trusted=trusted)


def test_an_array_of_the_users_own_says_what_is_wrong_with_it() -> None:
    with pytest.raises(FileError, match="takes 8796093022208 bytes, found 8"):
        hermetic.loads(written([HOSTILE["an array of a huge shape"]]), trusted=TRUSTED)
