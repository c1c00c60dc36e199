"""A file may name a trusted class and still lie about its state, or about what is to be called: it is refused."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hermetic.capture import capture
from hermetic.errors import FormatError, InvalidState, UntrustedType
from hermetic.graph import Graph, Name
from hermetic.limits import DEFAULT_LIMITS
from hermetic.migrate import migrate
from hermetic.normalize import normalize
from hermetic.policy import approve
from hermetic.restore import restore
from hermetic.validate import validate
from tests.codecs import user_classes as user

MODULE = "tests.codecs.user_classes"


def through_the_gates(graph: Graph, trusted: list[str]) -> Any:
    neutral = normalize(graph, limits=DEFAULT_LIMITS)
    return restore(validate(migrate(approve(neutral, trusted=trusted), written_by={})))


def test_a_known_function_is_not_called_because_a_file_says_so():
    graph = capture(user.ByFunction("x"))
    number = next(number for number, name in enumerate(graph.names) if name.role == "called")
    graph.names[number] = Name("builtins.sorted", "called")

    with pytest.raises(UntrustedType, match=r"builtins\.sorted"):
        through_the_gates(graph, [f"{MODULE}.ByFunction"])


def test_what_is_called_must_have_been_approved_in_that_role():
    graph = capture(user.ByFunction("x"))
    number = next(number for number, name in enumerate(graph.names) if name.role == "called")
    graph.names[number] = Name("builtins.sorted", "referenced")

    with pytest.raises(InvalidState, match="in the role called"):
        through_the_gates(graph, [f"{MODULE}.ByFunction"])


def test_a_role_that_nobody_knows_is_refused():
    graph = capture(user.ByFunction("x"))
    graph.names[1] = Name(graph.names[1].name, "imported")

    with pytest.raises(FormatError, match="unknown role"):
        through_the_gates(graph, [f"{MODULE}.ByFunction"])


def _changed(value: Any, **fields: Any) -> Any:
    graph = capture(value)
    node = graph.nodes[-1]
    for field, content in fields.items():
        node.fields[field] = content
    return graph


HOSTILE: dict[str, tuple[Callable[[], Any], str]] = {
    "unknown field": (lambda: _changed(user.Plain(), surprise=1), "no protocol"),
    "unknown form": (lambda: _changed(user.Plain(), form="exec"), "no object is made"),
    "call of a text": (lambda: _changed(user.Plain(), call="builtins.exec"), "role called"),
    "member of no enum": (lambda: _changed(user.Plain(), form="member", member="a"), "no members"),
    "array of no array": (lambda: _changed(user.Plain(), form="array"), "no kind of array"),
    "state of numpy's own for an array": (
        lambda: _changed(np.arange(3.0).view(user.Wrapped), form=None, arguments={"tuple": [2]}, state={"tuple": [1]}),
        "an array of .*Wrapped is made from its items, not from a state",
    ),
    "state that is a number": (lambda: _changed(user.Plain(), state=5), "state of the file"),
    "arguments that are a number": (lambda: _changed(user.Plain(), arguments=5), "arguments of the file"),
    "items for a class without append": (lambda: _changed(user.Plain(), items={"tuple": [1]}), "state of the file"),
    "state without its key": (lambda: _without_key(user.Fragile()), "KeyError"),
    "no such member": (lambda: _changed(user.Colour.RED, member="BLUE"), "BLUE"),
}


def _without_key(value: Any) -> Any:
    graph = capture(value)
    graph.nodes[-2].keys = ["other"]
    return graph


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_state_of_a_trusted_class_is_refused(name: str):
    build, words = HOSTILE[name]
    trusted = [f"{MODULE}.{kind}" for kind in ("Plain", "Colour", "Fragile", "Wrapped")]

    with pytest.raises(InvalidState, match=words):
        through_the_gates(build(), trusted)


@pytest.mark.parametrize("key", ["__class__", "__dict__", "method", "__init__"])
def test_a_state_cannot_hide_methods_or_special_names(key: str):
    graph = capture(user.Plain(harmless=1))
    graph.nodes[-2].keys = [key]

    with pytest.raises(InvalidState, match="may not have its own"):
        through_the_gates(graph, [f"{MODULE}.Plain"])


@pytest.mark.parametrize("slot", ["__class__", "left2", "__dict__"])
def test_only_real_slots_are_filled(slot: str):
    graph = capture(user.Slotted(1))
    graph.nodes[-2].keys = [slot]

    with pytest.raises(InvalidState, match="no slot"):
        through_the_gates(graph, [f"{MODULE}.Slotted"])


def test_a_function_that_is_constructed_is_refused():
    graph = capture(user.Plain())
    graph.names[0] = Name(f"{MODULE}.decorated", "constructed")

    with pytest.raises(InvalidState, match="not a class"):
        through_the_gates(graph, [f"{MODULE}.decorated"])


def test_a_trusted_name_that_is_not_there_is_named():
    graph = capture(user.Plain())
    graph.names[0] = Name("no_such_package.Thing", "constructed")

    with pytest.raises(InvalidState, match=r"no_such_package\.Thing"):
        through_the_gates(graph, ["no_such_package.Thing"])


def test_nothing_is_imported_because_a_file_names_it():
    graph = capture(user.Plain())
    graph.names[0] = Name("antigravity.Thing", "constructed")

    with pytest.raises(UntrustedType):
        through_the_gates(graph, [])

    assert "antigravity" not in sys.modules
