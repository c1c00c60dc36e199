"""Pickles written by hand: calls, names and states under any name, and loading them as a live process would."""

from __future__ import annotations

import io
import pickle
from dataclasses import dataclass, field
from typing import Any

import numpy
import pytest
import sklearn

import hermetic
from hermetic.adopt import adopt
from hermetic.foreign_files import read_legacy
from hermetic.formats.container_writer import write_container_seekable
from hermetic.formats.graph_writer import graph_members
from hermetic.legacy_objects import MISSING, LegacyName, LegacyObject

__all__ = ["Made", "Named", "adopted_fields", "assert_like_live", "load_legacy", "new", "problem_of", "written"]

HAS_OLD_NUMPY = numpy.__version__.startswith("1.")
PROTOCOLS = (0, 1, 2, 4, 5)


@dataclass(eq=False)
class Named:
    """A class or function that a pickle names."""

    location: str


@dataclass(eq=False)
class Made:
    """An object that a pickle makes."""

    location: str
    arguments: Any = ()
    state: Any = MISSING
    is_new: bool = False
    items: list[Any] = field(default_factory=list)
    pairs: list[Any] = field(default_factory=list)


def new(location: str, state: Any = MISSING) -> Made:
    """Give an object that is made by its class without arguments."""
    return Made(location, (), state, is_new=True)


class _Pickler(pickle._Pickler):  # type: ignore[name-defined,misc]
    """Python's own pickler, which other picklers may be derived from, with two kinds more."""

    def save(self, thing: Any, save_persistent_id: bool = True) -> None:
        if isinstance(thing, (Named, Made)) and id(thing) in self.memo:
            self.write(self.get(self.memo[id(thing)][0]))
        elif isinstance(thing, Named):
            self._save_name(thing.location)
            self.memoize(thing)
        elif isinstance(thing, Made):
            self._save_made(thing)
        else:
            super().save(thing, save_persistent_id)

    def _save_name(self, location: str) -> None:
        module, _, name = location.partition(":")
        self.write(pickle.GLOBAL + f"{module}\n{name}\n".encode())

    def _save_made(self, thing: Made) -> None:
        self._save_name(thing.location)
        self.save(thing.arguments)
        self.write(pickle.NEWOBJ if thing.is_new else pickle.REDUCE)
        self.memoize(thing)
        if thing.items:
            self.write(pickle.MARK)
            for item in thing.items:
                self.save(item)
            self.write(pickle.APPENDS)
        if thing.pairs:
            self.write(pickle.MARK)
            for part in thing.pairs:
                self.save(part)
            self.write(pickle.SETITEMS)
        if thing.state is not MISSING:
            self.save(thing.state)
            self.write(pickle.BUILD)


def written(thing: Any, protocol: int = 4) -> bytes:
    """Write a pickle; it is never loaded by Python's own unpickler.

    Examples
    --------
    >>> written(Named("os:system"))[-12:]
    b'cos\\nsystem\\n.'
    """
    target = io.BytesIO()
    pickler = _Pickler(target, protocol)
    pickler.dump(thing)
    return target.getvalue()


def load_legacy(data: bytes, **options: Any) -> Any:
    """Load a pickle that names no release of scikit-learn, as one of the installed release."""
    legacy = read_legacy(data)
    target = io.BytesIO()
    write_container_seekable(target, graph_members(legacy.graph), {"scikit-learn": sklearn.__version__})
    return hermetic.loads(target.getvalue(), **options)


def assert_like_live(thing: Any, protocol: int, **options: Any) -> Any:
    """Check that a pickle read as data gives what Python's own unpickler gives; the object that came."""
    data = pickle.dumps(thing, protocol)
    loaded = load_legacy(data, **options)
    unpickled = hermetic.dumps(pickle.loads(data))
    if HAS_OLD_NUMPY and hermetic.dumps(pickle.loads(data)) != unpickled:
        pytest.skip("numpy 1 writes no seed sequence of generators: each unpickled one draws another")
    assert hermetic.dumps(loaded) == unpickled
    return loaded


def _legacy(thing: Any, objects: list[LegacyObject], names: dict[str, LegacyName]) -> Any:
    if isinstance(thing, Named):
        return names.setdefault(thing.location, LegacyName(thing.location))
    if isinstance(thing, (list, tuple)):
        return type(thing)(_legacy(item, objects, names) for item in thing)
    if isinstance(thing, dict):
        return {key: _legacy(value, objects, names) for key, value in thing.items()}
    if not isinstance(thing, Made):
        return thing
    arguments = _legacy(thing.arguments, objects, names)
    made = LegacyObject(thing.location, is_new=thing.is_new, arguments=arguments, path="byte 7")
    objects.append(made)
    made.state = _legacy(thing.state, objects, names) if thing.state is not MISSING else MISSING
    made.items += _legacy(thing.items, objects, names)
    made.pairs += _legacy(thing.pairs, objects, names)
    return made


def adopted(thing: Made) -> LegacyObject:
    """Give an object after its codec was asked."""
    objects: list[LegacyObject] = []
    names: dict[str, LegacyName] = {}
    made: LegacyObject = _legacy(thing, objects, names)
    adopt(objects, names.values())
    return made


def adopted_fields(thing: Made) -> dict[str, Any]:
    """Give the fields that a codec makes of an object, which must be none that it refuses."""
    made = adopted(thing)
    if made.problem is not None:
        raise made.problem
    return made.fields


def problem_of(thing: Made) -> str:
    """Give why a codec refuses an object."""
    made = adopted(thing)
    assert made.problem is not None, f"{made.name} was taken: {made.fields}"
    assert made.problem.where == "byte 7"
    return str(made.problem.found)
