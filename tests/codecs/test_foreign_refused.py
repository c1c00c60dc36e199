"""What cannot be kept is refused when it is dumped, with its path and what to do about it."""

from __future__ import annotations

import ctypes
import math
import threading
import types
import weakref
from collections.abc import Callable
from typing import Any

import pytest

import hermetic
from hermetic.errors import CannotSave
from tests.codecs import user_classes as user

TARGET = user.Plain()


def _with(instance: Any, **attributes: Any) -> Any:
    for name, value in attributes.items():
        setattr(instance, name, value)
    return instance


def _bound_builtin() -> Any:
    return [1].append


def _local() -> Any:
    class Local:
        pass

    return Local()


def _main_class() -> Any:
    return type("Notebook", (), {"__module__": "__main__"})()


def _main_function() -> Any:
    return types.FunctionType((lambda: None).__code__, {"__name__": "__main__"}, "helper")


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "lambda": (lambda: lambda X: X, r"named function \(def\)"),
    "local class": (_local, "top level of a module"),
    "class of main": (_main_class, r"from my_models import Notebook"),
    "function of main": (_main_function, r"lambda|__main__"),
    "bound method": (lambda: user.Plain().method, "method's name"),
    "bound method of a builtin": (_bound_builtin, "method"),
    "generator": (lambda: (number for number in range(3)), "list of its items"),
    "module": (lambda: math, "import it where it is used"),
    "weak reference": (lambda: weakref.ref(TARGET), "the object itself"),
    "ctypes": (lambda: ctypes.c_int(1), "number or as bytes"),
    "thread": (threading.Thread, "a thread"),
    "lock": (threading.RLock, "a lock"),
    "memoryview": (lambda: memoryview(b"a"), r"bytes\(\.\.\.\)"),
    "read-only mapping": (lambda: types.MappingProxyType({}), r"dict\(\.\.\.\)"),
    "list iterator": (lambda: iter([1]), "this process only"),
    "dangerous call": (user.Borrowed, r"builtins\.getattr"),
    "own words": (user.Refusing, "connection to a database"),
    "attribute that hides a method": (lambda: _with(user.Plain(), method=1), "own 'method'"),
    "attribute with a special name": (lambda: user.Plain(__class__=1), "own '__class__'"),
    "parametrized generic": (lambda: user.Generic[int](1), "__orig_class__"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_kept_is_refused_with_its_path_and_what_to_do(name: str):
    build, words = REFUSED[name]

    with pytest.raises(CannotSave, match=words) as caught:
        hermetic.dumps(user.Plain(step={"inside": [build()]}))

    assert caught.value.where.startswith("$.")
    assert caught.value.next_step


def test_an_open_file_is_refused(tmp_path):
    with (tmp_path / "a").open("w") as file, pytest.raises(CannotSave, match="open file"):
        hermetic.dumps({"log": file})


def test_a_class_whose_name_gives_another_class_is_refused():
    twin = type("Plain", (), {"__module__": user.__name__})

    with pytest.raises(CannotSave, match="does not give the class"):
        hermetic.dumps(twin())
