"""What an object of a foreign class reduces to, and each answer of its protocol that has no place in a file."""

from __future__ import annotations

import _thread
import builtins
import copyreg
import importlib
import io
import marshal
import operator
import os
import pickle
import socket
import sys
import threading
import types
import weakref
from argparse import Namespace
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hermetic.codecs.functions import Called
from hermetic.codecs.reductions import check_importable, is_protected, reduce_instance, refuse_what_lives
from hermetic.errors import CannotSave
from tests.codecs import user_classes as user

HERE = __name__


class Answering:
    """Its protocol gives what a test wants."""

    default = 1

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self._answer

    def method(self) -> None:
        """Be a method."""

    @staticmethod
    def static() -> None:
        """Be a function of the class."""

    @classmethod
    def of_class(cls) -> None:
        """Be a method of the class."""

    @property
    def computed(self) -> int:
        """Be a property."""
        return 1


class Taking(Answering):
    """Takes any state."""

    def __setstate__(self, state: Any) -> None:
        self.taken = state


def maker(*arguments: Any) -> Any:
    """Make an object from arguments."""
    return arguments


new = copyreg.__newobj__
new_with_keywords = copyreg.__newobj_ex__
slot = {"left": 1}

REDUCED: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "nothing but the class": (lambda: Answering((new, (Answering,))), {}),
    "arguments of new": (lambda: Answering((new, (Answering, 1, 2))), {"arguments": (1, 2)}),
    "keywords of new": (
        lambda: Answering((new_with_keywords, (Answering, (1,), {"a": 2}))),
        {"arguments": (1,), "keywords": {"a": 2}},
    ),
    "the oldest protocol": (lambda: Answering((copyreg._reconstructor, (Answering, object, None))), {}),
    "a call of the class": (lambda: Answering((Answering, (1,))), {"form": "call", "arguments": (1,)}),
    "a call without arguments": (lambda: Answering((Answering, ())), {"form": "call", "arguments": ()}),
    "a call of a function": (lambda: Answering((maker, (1,))), {"call": Called(maker), "arguments": (1,)}),
    "a call of another class": (lambda: Answering((user.Plain, ())), {"call": Called(user.Plain), "arguments": ()}),
    "new of another class": (
        lambda: Answering((new, (user.Plain,))),
        {"call": Called(new), "arguments": (user.Plain,)},
    ),
    "a state": (lambda: Answering((new, (Answering,), {"a": 1})), {"state": {"a": 1}}),
    "no state": (lambda: Answering((new, (Answering,), None)), {}),
    "an empty state": (lambda: Answering((new, (Answering,), {})), {"state": {}}),
    "a default that is hidden": (lambda: Answering((new, (Answering,), {"default": 2})), {"state": {"default": 2}}),
    "items": (lambda: Answering((new, (Answering,), None, iter([1, 2]))), {"items": [1, 2]}),
    "no items": (lambda: Answering((new, (Answering,), None, iter([]))), {}),
    "pairs": (lambda: Answering((new, (Answering,), None, None, iter([("a", 1)]))), {"pairs": {"a": 1}}),
    "no pairs": (lambda: Answering((new, (Answering,), None, None, iter([]))), {}),
    "a sixth part that is none": (lambda: Answering((new, (Answering,), None, None, None, None)), {}),
    "any state for one that takes it": (lambda: Taking((new, (Taking,), 5)), {"state": 5}),
    "special names for one that takes them": (
        lambda: Taking((new, (Taking,), {"__class__": 1})),
        {"state": {"__class__": 1}},
    ),
    "slots": (lambda: user.Slotted(1), {"slots": {"left": 1}}),
    "slots and a state": (
        lambda: _with(user.SlottedWithDict(1), a=2),
        {"slots": {"left": 1}, "state": {"a": 2}},
    ),
    "a member by its name": (lambda: user.Colour.RED, {"form": "member", "member": "RED"}),
    "flags by their value": (
        lambda: user.Permissions(3),
        {"form": "member", "value": 3},
    ),
    "a set by its members": (lambda: user.Members([1, 2]), {"form": "members", "members": frozenset({1, 2})}),
}


def _with(instance: Any, **attributes: Any) -> Any:
    for name, value in attributes.items():
        setattr(instance, name, value)
    return instance


@pytest.mark.parametrize("name", REDUCED)
def test_an_object_reduces_to_the_fields_that_its_protocol_asks_for(name: str):
    build, expected = REDUCED[name]

    fields = reduce_instance(build())

    assert {field: value for field, value in fields.items() if value != {} or field == "state"} == expected


def test_an_array_of_a_subclass_gives_the_plain_array_and_what_it_holds_besides():
    array = np.arange(3.0).view(user.Wrapped)
    array.unit = "cm"

    fields = reduce_instance(array)

    assert fields["form"] == "array"
    assert type(fields["array"]) is np.ndarray
    assert fields["state"] == {"unit": "cm"}
    assert "state" not in reduce_instance(np.arange(3.0).view(user.Wrapped))


REFUSED: dict[str, tuple[Callable[[], Any], str, str]] = {
    "a text": (lambda: Answering("name"), "a form that has no place", r"\(class, arguments, state\)"),
    "nothing": (lambda: Answering(None), "a form that has no place", "class, arguments"),
    "a list": (lambda: Answering([maker, ()]), "a form that has no place", "class, arguments"),
    "one part": (lambda: Answering((maker,)), "a form that has no place", "class, arguments"),
    "seven parts": (lambda: Answering((maker, (), *[None] * 5)), "a form that has no place", "class, arguments"),
    "a function that sets the state": (
        lambda: Answering((new, (Answering,), {}, None, None, maker)),
        "a form that has no place",
        "class, arguments",
    ),
    "arguments in a list": (lambda: Answering((maker, [])), "arguments that are no tuple", ""),
    "arguments of none": (lambda: Answering((maker, None)), "arguments that are no tuple", ""),
    "a call of a lambda": (lambda: Answering((lambda: 1, ())), "a lambda has no name", "named function"),
    "a call of a method": (lambda: Answering(({}.get, (1,))), "a method of a dict", "the method's name"),
    "a state of a number": (lambda: Answering((new, (Answering,), 5)), "a state of type int", "__setstate__"),
    "a state of a list": (lambda: Answering((new, (Answering,), [1])), "a state of type list", "__setstate__"),
    "slots that are none": (lambda: Answering((new, (Answering,), (None, {"left": 1}))), "own 'left'", "another name"),
    "slots that are methods": (
        lambda: Answering((new, (Answering,), ({}, {"method": 1}))),
        "own 'method'",
        "another name",
    ),
    "an array that hides a method": (
        lambda: _with(np.arange(3.0).view(user.Wrapped), sum=1),
        "own 'sum'",
        "another name",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_answer_without_a_place_in_a_file_is_refused_with_a_remedy(name: str):
    build, words, remedy = REFUSED[name]

    with pytest.raises(CannotSave, match=words) as caught:
        reduce_instance(build())

    assert remedy.replace("\\", "") in caught.value.next_step


@pytest.mark.parametrize(
    "key", ["method", "static", "of_class", "__init__", "__class__", "__new__", "__any__", 5, None]
)
def test_a_state_that_hides_what_the_class_defines_is_refused(key: Any):
    with pytest.raises(CannotSave, match="has its own") as caught:
        reduce_instance(Answering((new, (Answering,), {"harmless": 1, key: 2})))

    assert caught.value.next_step == "Give the attribute another name."
    assert is_protected(Answering, key)


@pytest.mark.parametrize("key", ["default", "computed", "_answer", "_private", "__half", "half__", "a b", ""])
def test_a_state_may_hide_a_default_or_be_new(key: str):
    assert not is_protected(Answering, key)
    assert reduce_instance(Answering((new, (Answering,), {key: 2}))) == {"state": {key: 2}}


DANGEROUS: list[Any] = [
    *[getattr(builtins, name) for name in ("__import__", "compile", "eval", "exec", "getattr", "setattr")],
    *[importlib.import_module, marshal.loads, operator.attrgetter, operator.methodcaller],
]


@pytest.mark.parametrize("function", DANGEROUS, ids=lambda function: function.__qualname__)
def test_what_could_do_anything_is_not_called(function: Any):
    with pytest.raises(CannotSave, match="which could do anything") as caught:
        reduce_instance(Answering((function, ("anything",))))

    assert caught.value.next_step


@pytest.mark.parametrize("function", [open, os.system, pickle.loads], ids=["open", "system", "loads"])
def test_what_could_do_anything_is_not_called_under_the_name_of_its_private_module(function: Any):
    with pytest.raises(CannotSave, match="which could do anything"):
        reduce_instance(Answering((function, ("anything",))))


def test_an_error_of_the_class_itself_is_told_with_its_words():
    class Broken:
        def __reduce_ex__(self, protocol: Any) -> Any:
            raise ValueError("the connection is open")

    with pytest.raises(CannotSave, match="cannot be reduced to data: the connection is open") as caught:
        reduce_instance(Broken())

    assert isinstance(caught.value.__cause__, ValueError)
    assert "__getstate__" in caught.value.next_step


def test_a_refusal_in_the_class_s_own_words_is_left_as_it_is():
    class Telling:
        def __reduce_ex__(self, protocol: Any) -> Any:
            raise CannotSave("ask the database", next_step="Store its address.")

    with pytest.raises(CannotSave, match=r"^ask the database") as caught:
        reduce_instance(Telling())

    assert caught.value.next_step == "Store its address."


def test_copyreg_is_asked_before_the_class(monkeypatch):
    monkeypatch.setitem(copyreg.dispatch_table, Answering, lambda instance: (maker, (7,)))

    assert reduce_instance(Answering(None)) == {"call": Called(maker), "arguments": (7,)}


async def _coroutine() -> None:
    """Never run."""


async def _items() -> Any:
    yield 1


def _closed_coroutine() -> Any:
    coroutine = _coroutine()
    coroutine.close()
    return coroutine


def _traceback() -> Any:
    try:
        raise ValueError
    except ValueError as error:
        return error.__traceback__


def _closed_socket() -> Any:
    unused = socket.socket()
    unused.close()
    return unused


LIVING: dict[str, tuple[Callable[[], Any], str]] = {
    "text in memory": (io.StringIO, "an open file"),
    "bytes in memory": (io.BytesIO, "an open file"),
    "socket": (_closed_socket, "a socket"),
    "lock": (threading.Lock, "a lock"),
    "lock to enter again": (threading.RLock, "a lock"),
    "storage of a thread": (threading.local, "storage of one thread"),
    "thread": (threading.Thread, "a thread"),
    "timer": (lambda: threading.Timer(1, maker), "a thread"),
    "coroutine": (_closed_coroutine, "a running coroutine"),
    "generator of items": (_items, "a running generator"),
    "generator": (lambda: (number for number in ()), "a running generator"),
    "code": (lambda: maker.__code__, "compiled code"),
    "frame": (lambda: sys._getframe(), "a frame of a running function"),
    "traceback": (_traceback, "a traceback"),
    "method": (lambda: Answering(None).method, "a method of an object"),
    "method of a builtin": (lambda: [].append, "a method of an object"),
    "special method": (lambda: [].__len__, "a method of an object"),
    "module": (lambda: os, "a module"),
    "read-only view": (lambda: types.MappingProxyType({}), "a read-only view"),
    "memory": (lambda: memoryview(b""), "a view of another object's memory"),
    "weak reference": (lambda: weakref.ref(Answering), "a weak reference"),
    "getter of attributes": (lambda: operator.attrgetter("a"), "a getter of any attribute"),
    "caller of methods": (lambda: operator.methodcaller("a"), "a call of any method"),
    "vectorized function": (lambda: np.vectorize(maker), "a numpy.vectorize"),
    "old texts": (lambda: np.char.array(["a"]), "a chararray"),
}


@pytest.mark.parametrize("name", LIVING)
def test_what_lives_in_this_process_only_is_refused_with_what_to_store(name: str):
    build, words = LIVING[name]

    with pytest.raises(CannotSave, match=f"^{words}.* cannot be kept") as caught:
        refuse_what_lives(build())

    assert caught.value.next_step


@pytest.mark.parametrize("build", [Namespace, object, dict, lambda: Answering(None), lambda: user.Colour.RED])
def test_what_is_only_data_lives_on(build: Callable[[], Any]):
    refuse_what_lives(build())


def test_a_lock_is_one_however_it_was_made():
    with pytest.raises(CannotSave, match="a lock"):
        refuse_what_lives(_thread.allocate_lock())


def _class(name: str, module: str, qualified: str = "") -> type:
    return type(name, (), {"__module__": module, "__qualname__": qualified or name})


class Local:
    """A class that is where it says."""

    class Inner:
        """And one inside."""


LOST: dict[str, tuple[type, str, str]] = {
    "of the running script": (_class("Cell", "__main__"), "Cell is defined in __main__", "from my_models import Cell"),
    "of a function": (_class("A", HERE, "f.<locals>.A"), "defined inside a function", "top level of a module"),
    "of a module that is not there": (_class("A", "no_such_module"), "does not give the class", "importable"),
    "of a package that is no name": (_class("A", ""), "does not give the class", "importable"),
    "of a module without it": (_class("Missing", HERE), "does not give the class", "importable"),
    "that is another one's twin": (_class("Answering", HERE), "does not give the class", "importable"),
    "under an instance": (_class("A", HERE, "LOST.A"), "does not give the class", "importable"),
    "of the interpreter": (type(iter([])), "lives in this process only", "Remove the attribute"),
}


@pytest.mark.parametrize("name", LOST)
def test_a_class_that_could_not_be_found_again_is_refused_with_a_remedy(name: str):
    kind, words, remedy = LOST[name]

    with pytest.raises(CannotSave, match=words) as caught:
        check_importable(kind)

    assert remedy in caught.value.next_step


FOUND = {
    f"{HERE}.Answering": Answering,
    f"{HERE}:Local.Inner": Local.Inner,
    "argparse.Namespace": Namespace,
    "builtins.NoneType": type(None),
    "builtins.ellipsis": type(...),
    "numpy.float64": np.float64,
}


@pytest.mark.parametrize("name", FOUND)
def test_a_class_that_can_be_found_again_gives_its_name(name: str):
    assert check_importable(FOUND[name]) == name
