"""Classes and functions that a user might have written, which hermetic must be told to trust. It knows no zoo."""

from __future__ import annotations

import enum
from collections import namedtuple
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin

__all__ = [
    "Colour",
    "Frozen",
    "Level",
    "Outer",
    "Pair",
    "Point",
    "Settings",
    "UserArray",
    "UserClassifier",
    "UserDict",
    "UserList",
    "UserScaler",
    "WithCustomState",
    "WithProperties",
    "WithReduce",
    "WithSlots",
    "WithSlotsAndDict",
    "double",
    "negative_error",
]


class UserScaler(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no annotations
    """Subtracts the smallest value of each feature."""

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = factor

    def fit(self, X: Any, y: Any = None) -> UserScaler:
        """Learn the smallest values."""
        self.smallest_ = np.asarray(X).min(axis=0)
        self.n_features_in_ = np.asarray(X).shape[1]
        return self

    def transform(self, X: Any) -> Any:
        """Subtract them."""
        return (np.asarray(X) - self.smallest_) * self.factor


class UserClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no annotations
    """Predicts the class whose mean is nearest; keeps a helper object of its own."""

    def __init__(self, settings: Any = None) -> None:
        self.settings = settings

    def fit(self, X: Any, y: Any) -> UserClassifier:
        """Learn one mean for each class."""
        self.classes_ = np.unique(y)
        self.means_ = np.stack([X[y == label].mean(axis=0) for label in self.classes_])
        self.notes_ = {"mean": WithSlots(self.means_, name="means")}
        return self

    def predict(self, X: Any) -> Any:
        """Give the nearest class."""
        distances = ((np.asarray(X)[:, None, :] - self.means_) ** 2).sum(axis=-1)
        return self.classes_[distances.argmin(axis=1)]


def double(X: Any) -> Any:
    """Give twice the input."""
    return np.asarray(X) * 2


def negative_error(y_true: Any, y_pred: Any) -> float:
    """Score by the mean absolute error."""
    return -float(np.abs(np.asarray(y_true) - np.asarray(y_pred)).mean())


class WithSlots:
    """Has slots, and none of the usual attributes."""

    __slots__ = ("__private", "name", "unset", "values")

    def __init__(self, values: Any, *, name: str) -> None:
        self.values = values
        self.name = name
        self.__private = [name]


class WithSlotsAndDict(WithSlots):
    """Has the slots of its base, and a ``__dict__``."""

    def __init__(self, values: Any, *, name: str, note: Any) -> None:
        super().__init__(values, name=name)
        self.note = note


class WithCustomState:
    """Leaves its cache out of its state, and makes it again."""

    def __init__(self, values: list[int]) -> None:
        self.values = values
        self.cache = sum(values)

    def __getstate__(self) -> dict[str, Any]:
        """Give the state without the cache, under another name."""
        return {"numbers": self.values}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the state and make the cache."""
        self.values = state["numbers"]
        self.cache = sum(self.values)


class WithReduce:
    """Is made again by calling its class."""

    def __init__(self, name: str, values: Any) -> None:
        self.name = name
        self.values = values

    def __reduce__(self) -> tuple[Any, ...]:
        """Give the call that makes an equal object."""
        return (type(self), (self.name, self.values))


class Colour(enum.Enum):
    """Members with values of several types."""

    RED = "red"
    GREEN = (0, 255, 0)


class Level(enum.IntEnum):
    """Members that are integers."""

    LOW = 1
    HIGH = 2


Pair = namedtuple("Pair", ["left", "right"])


class Point(NamedTuple):
    """The typed kind of named tuple."""

    x: float
    y: float = 0.0


@dataclass
class Settings:
    """A mutable dataclass."""

    names: list[str] = field(default_factory=list)
    limit: float = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Frozen:
    """A dataclass that refuses to be set, with slots."""

    name: str
    values: tuple[int, ...] = ()


class UserDict(dict[Any, Any]):
    """A dict with attributes."""

    note: str = "from the class"


class UserList(list[Any]):
    """A list with attributes."""


class UserArray(np.ndarray[Any, Any]):
    """An array with a unit, as the numpy manual teaches it."""

    unit: str | None

    def __new__(cls, values: Any, unit: str | None = None) -> UserArray:
        """View the values as this class."""
        array = np.asarray(values).view(cls)
        array.unit = unit
        return array

    def __array_finalize__(self, source: Any) -> None:
        """Take the unit over from the array that this one was made from."""
        self.unit = getattr(source, "unit", None)

    def __reduce__(self) -> Any:
        """Add the unit to the state of the array."""
        reduction: Any = super().__reduce__()
        function, arguments, state = reduction
        return (function, arguments, (*state, self.unit))

    def __setstate__(self, state: Any) -> None:
        """Take the unit off the state again."""
        super().__setstate__(state[:-1])
        self.unit = state[-1]


class WithProperties:
    """Has properties, of which one must not be called, a class constant and a class-level default."""

    constant: ClassVar[int] = 7
    default: str = "class"

    def __init__(self, width: float) -> None:
        self._width = width

    @property
    def width(self) -> float:
        """Width in metres."""
        return self._width

    @width.setter
    def width(self, width: float) -> None:
        self._width = float(width)

    @property
    def expensive(self) -> float:
        """Fail: a saver must not evaluate properties."""
        raise RuntimeError("a property was evaluated")


class Outer:
    """Holds a class inside, whose name has two dots."""

    class Inner:
        """The nested class."""

        def __init__(self, value: Any) -> None:
            self.value = value

    def __init__(self, value: Any) -> None:
        self.inner = Outer.Inner(value)
