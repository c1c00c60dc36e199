"""Classes that a user might have written, in all the ways in which Python lets a class say what its state is."""

from __future__ import annotations

import abc
import copyreg
import enum
import functools
import typing
from collections import OrderedDict, defaultdict, deque
from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator

__all__ = [
    "Answers",
    "Borrowed",
    "Bounded",
    "ByFunction",
    "ByRegistry",
    "Cached",
    "Calling",
    "Colour",
    "Count",
    "Defaulted",
    "Fragile",
    "FrozenSlots",
    "FrozenWithSlots",
    "Generic",
    "Graph",
    "Hidden",
    "Holder",
    "Keywords",
    "Measured",
    "Members",
    "Mode",
    "Named",
    "NoState",
    "OrderedUser",
    "Outer",
    "Permissions",
    "Plain",
    "Record",
    "Refusing",
    "Registered",
    "Registry",
    "Slotted",
    "SlottedWithDict",
    "Text",
    "Thing",
    "Tree",
    "UserDefaults",
    "UserEstimator",
    "UserQueue",
    "Wrapped",
    "decorated",
    "make_by_function",
    "make_registered",
]


class Plain:
    """Has a ``__dict__`` and nothing else."""

    def __init__(self, **attributes):
        self.__dict__.update(attributes)

    def method(self):
        return self


class Holder(Plain):
    """Another plain class, so that two names stand in one file."""


class Defaulted:
    """Has a class-level default that instances hide."""

    level = 1

    def __init__(self, level=None):
        if level is not None:
            self.level = level


class Slotted:
    __slots__ = ("left", "right")

    def __init__(self, left=None):
        self.left = left


class SlottedWithDict(Slotted):
    """Has slots of its base and a ``__dict__``."""


class FrozenSlots:
    """Cannot be set from outside, but its slots can be filled by the protocol."""

    __slots__ = ("value",)

    def __init__(self, value):
        object.__setattr__(self, "value", value)

    def __setattr__(self, name, value):
        raise AttributeError("frozen")


class Cached:
    """Has a cached property, whose value stands in the ``__dict__``."""

    def __init__(self, value):
        self.value = value

    @functools.cached_property
    def square(self):
        return self.value**2


class NoState:
    """Says that it has no state worth keeping."""

    def __init__(self):
        self.temporary = 1

    def __getstate__(self):
        return None


class Hidden:
    """Keeps a list under another form, and takes it back."""

    def __init__(self, values):
        self.values = values
        self.total = sum(values)

    def __getstate__(self):
        return [self.values]

    def __setstate__(self, state):
        (self.values,) = state
        self.total = sum(self.values)


class Keywords:
    """Needs keyword arguments when it is made."""

    def __new__(cls, *, name):
        made = super().__new__(cls)
        made.name = name
        return made

    def __getnewargs_ex__(self):
        return (), {"name": self.name}


class Bounded(int):
    """An integer with an attribute."""

    def __new__(cls, value, limit=10):
        made = super().__new__(cls, value)
        made.limit = limit
        return made

    def __getnewargs__(self):
        return int(self), self.limit


class Text(str):
    """A text with an attribute."""


class Measured(float):
    """A float, with slots that are empty."""

    __slots__ = ()


class Calling:
    """Is made again by calling its class."""

    def __init__(self, name, values):
        self.name, self.values = name, values

    def __reduce__(self):
        return type(self), (self.name, self.values)


def make_by_function(name):
    return ByFunction(name)


class ByFunction:
    """Is made again by a function, with state after that."""

    def __init__(self, name):
        self.name = name

    def __reduce__(self):
        return make_by_function, (self.name,), {"name": self.name, "extra": self.__dict__.get("extra")}


class ByRegistry:
    """Has no protocol of its own: copyreg knows how to reduce it."""

    def __init__(self, value):
        self.value = value

    def __reduce_ex__(self, protocol):
        raise AssertionError("copyreg comes first")


class Registered(ByRegistry):
    """Not the class that copyreg knows."""


def make_registered(value):
    return ByRegistry(value)


copyreg.pickle(ByRegistry, lambda instance: (make_registered, (instance.value,)))


class Borrowed:
    """Asks for a call that could do anything."""

    def __reduce__(self):
        return getattr, (Plain, "method")


class Refusing:
    """Cannot be reduced, and says why."""

    def __reduce_ex__(self, protocol):
        raise TypeError("it holds a connection to a database")


class Fragile:
    """Takes no state back that lacks a key."""

    def __init__(self):
        self.values = [1]

    def __setstate__(self, state):
        self.values = state["values"]


class Colour(enum.Enum):
    RED = 1
    GREEN = (0, 255, 0)
    CRIMSON = 1


class Count(enum.IntEnum):
    ONE = 1
    TWO = 2


class Permissions(enum.Flag):
    READ = 1
    WRITE = 2


class Mode(enum.StrEnum):
    FAST = "fast"


@dataclass
class Record:
    name: str
    values: list


@dataclass(frozen=True, slots=True)
class FrozenWithSlots:
    name: str
    values: tuple


class Named(typing.NamedTuple):
    first: object
    second: object = None


T = typing.TypeVar("T")


class Generic(typing.Generic[T]):
    def __init__(self, value=None):
        self.value = value


class Members(set):
    """A set with attributes."""


class Answers(frozenset):
    """A frozenset."""


class OrderedUser(OrderedDict):
    """An OrderedDict with attributes."""


class UserDefaults(defaultdict):
    """A defaultdict."""


class UserQueue(deque):
    """A deque with attributes."""


class Wrapped(np.ndarray):
    """An array whose attributes numpy's own reduction would lose."""


class UserEstimator(BaseEstimator):
    def __init__(self, alpha=1.0, child=None):
        self.alpha = alpha
        self.child = child

    def fit(self, X, y=None):
        self.mean_ = np.asarray(X).mean(axis=0)
        return self


class Registry(abc.ABCMeta):
    """A metaclass that notes the classes it makes."""

    made: typing.ClassVar[list] = []

    def __new__(cls, name, bases, namespace):
        made = super().__new__(cls, name, bases, namespace)
        cls.made.append(name)
        return made


class Thing(metaclass=Registry):
    def __init__(self, value):
        self.value = value


class Outer:
    class Inner:
        class Innermost:
            def __init__(self, value):
                self.value = value


class Tree:
    """A node that knows its parent."""

    def __init__(self, name, parent=None):
        self.name, self.parent, self.children = name, parent, []
        if parent is not None:
            parent.children.append(self)


class Graph:
    """Holds its neighbours in its state, through ``__setstate__``."""

    def __init__(self, name):
        self.name, self.neighbours = name, []

    def __getstate__(self):
        return {"name": self.name, "neighbours": self.neighbours}

    def __setstate__(self, state):
        self.name, self.neighbours = state["name"], state["neighbours"]


def _logged(function):
    @functools.wraps(function)
    def wrapper(*arguments):
        return function(*arguments)

    return wrapper


@_logged
def decorated(X):
    return X
