"""Containers and values of the standard library: what is kept, and what must be refused when it is dumped."""

from __future__ import annotations

import collections
import datetime
import decimal
import fractions
import functools
import math
import operator
import os
import pathlib
import socket
import threading
import types
import uuid
import zoneinfo
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import scipy.special
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.utils import Bunch

from tests.zoo.case import Case, value

__all__ = ["plain_python"]

_DEPTH = 150


def plain_python() -> list[Case]:
    """Give containers, values, functions and classes, and the things that nobody can keep.

    Examples
    --------
    >>> {case.expected for case in plain_python()} == {"kept", "refused-at-dump"}
    True
    """
    return [*_numbers(), *_texts(), *_moments(), *_containers(), *_keys(), *_sharing(), *_names(), *_refused()]


def _numbers() -> Iterator[Case]:
    yield value("none-and-bools", lambda: [None, True, False])
    yield value("integers", lambda: [0, -1, 2**31, -(2**31) - 1, 2**53, 2**53 + 1, 2**63, -(2**63), 2**64, 10**30])
    yield value("integer-huge", lambda: [2**5000, -(2**5000) + 1])
    yield value("floats", lambda: [0.1, -0.0, 0.0, math.inf, -math.inf, math.nan, 5e-324, 1e308, 1.0, 1e16, 2.5e-7])
    yield value("complex", lambda: [1 + 2j, complex(-0.0, math.nan), complex(math.inf, -0.0)])
    yield value(
        "decimals", lambda: [decimal.Decimal(text) for text in ("1.0", "1.00", "-0", "NaN", "Infinity", "1E+400")]
    )
    yield value("fractions", lambda: [fractions.Fraction(1, 3), fractions.Fraction(-(10**40), 7)])
    yield value("equal-but-not-alike", lambda: [1, 1.0, True, decimal.Decimal(1), fractions.Fraction(1), 1 + 0j])


def _texts() -> Iterator[Case]:
    yield value(
        "texts", lambda: ["", "a\0b", "line\nline\r\n\t", "æøå", "😀", "\u202egnp.exe", "\x1b[31m", '"\\/', "\x7f\x80"]
    )
    yield value("text-surrogates", lambda: ["\ud800", "a\udfffb", "\udc80" * 3])
    yield value("text-markers", lambda: ["$ref", "__class__", "NaN", "null", "\ufeffbom", "é", "e\u0301"])
    yield value("text-long", lambda: "long " * 50_000)
    yield value("bytes", lambda: [b"", b"\0\xff", bytes(range(256))])
    yield value("bytearray", lambda: [bytearray(b"abc"), bytearray()])
    yield value(
        "paths", lambda: [pathlib.PurePosixPath("/a/b"), pathlib.PureWindowsPath("C:\\a"), pathlib.Path("a/../b")]
    )
    yield value("uuids", lambda: [uuid.UUID(int=0), uuid.UUID("12345678-1234-5678-1234-567812345678")])


def _moments() -> Iterator[Case]:
    oslo = zoneinfo.ZoneInfo("Europe/Oslo")
    hours = datetime.timezone(datetime.timedelta(hours=5, minutes=30), "IST")
    moment = datetime.datetime(2020, 10, 25, 2, 30, 1, 5, fold=1)
    yield value("dates", lambda: [datetime.date(1, 1, 1), datetime.date(9999, 12, 31)])
    yield value("moments", lambda: [moment, moment.replace(tzinfo=oslo), moment.replace(tzinfo=hours)])
    yield value("times", lambda: [datetime.time(1, 2, 3, 4), datetime.time(1, tzinfo=datetime.UTC, fold=1)])
    yield value("durations", lambda: [datetime.timedelta(-1, 5, 7), datetime.timedelta.max])
    yield value("zones", lambda: [datetime.UTC, hours, oslo])


def _containers() -> Iterator[Case]:
    yield value("empty-containers", lambda: [[], (), {}, set(), frozenset(), "", b"", collections.OrderedDict()])
    yield value("tuples", lambda: ((), (1,), (1, (2, [3]))))
    yield value("sets", lambda: [{1, "a", None, 2.5, (1, 2)}, frozenset({b"x", frozenset({1})}), {True, 0}])
    yield value("set-of-texts", lambda: {f"word {number}" for number in range(50)})
    yield value("ranges", lambda: [range(5), range(10, 0, -3), slice(None), slice(1, None, 2), range(0)])
    yield value("ordered-dict", lambda: collections.OrderedDict([("b", 1), ("a", 2)]))
    yield value("default-dict", _default_dicts)
    yield value("counter", lambda: collections.Counter("hello"))
    yield value("deques", lambda: [collections.deque([1, 2, 3], maxlen=3), collections.deque()])
    yield value("chain-map", lambda: collections.ChainMap({"a": 1}, {"b": 2}))
    yield value("namespace", lambda: types.SimpleNamespace(b=1, a=[2]))
    yield value("bunch", lambda: Bunch(data=np.eye(2), names=["a", "b"]))
    yield value("singletons", lambda: [..., NotImplemented])
    yield value("wide-list", lambda: list(range(20_000)))
    yield value("wide-dict", lambda: {f"word{number}": number for number in range(5_000)})
    yield value(
        "records", lambda: [{"name": f"n{number}", "score": number / 3, "tags": [number]} for number in range(200)]
    )


def _default_dicts() -> Any:
    return [collections.defaultdict(list, a=[1]), collections.defaultdict(None, b=2), collections.defaultdict(int)]


def _keys() -> Iterator[Case]:
    yield value("dict-order", lambda: {"z": 1, "a": 2, "m": 3})
    yield value("dict-keys", lambda: {1: "int", "1": "str", 2.5: "float", None: 0, (1, ("a",)): 0, False: 0, b"1": 0})
    yield value("dict-numpy-keys", lambda: {np.int64(3): 1, np.str_("a"): 2, np.float32(0.5): 3})
    yield value("dict-odd-keys", lambda: {math.inf: 1, -7: 2, 2**70: 3, frozenset({1}): 4, ...: 5, int: 6})
    yield value("dict-nan-keys", lambda: {float("nan"): 1, 1j: 2})
    yield value("dict-dunder-keys", lambda: {"__class__": 1, "__reduce__": [2], "": 3, "$type": 4})


def _sharing() -> Iterator[Case]:
    yield value("deep-lists", _deep_lists)
    yield value("deep-dicts", _deep_dicts)
    yield value("list-in-itself", _list_in_itself)
    yield value("dict-in-itself", _dict_in_itself)
    # There is no order in which the two could be made: docs/format.md, links.
    yield value("tuple-in-its-list", _tuple_in_its_list, expected="refused-at-dump")
    yield value("namespace-in-itself", _namespace_in_itself)
    yield value("ring-of-lists", _ring)
    yield value("list-twice", lambda: [[1, 2]] * 2)
    yield value("lists-equal-not-shared", lambda: [[1, 2], [1, 2]])
    yield value("array-twice", lambda: [np.arange(3.0)] * 2)
    yield value("array-in-three-places", _array_in_three_places)
    yield value("tuple-twice", lambda: [(1, [2])] * 2)
    yield value("empty-list-twice", lambda: [[]] * 2)


def _deep_lists() -> Any:
    value: Any = "bottom"
    for _ in range(_DEPTH):
        value = [value]
    return value


def _deep_dicts() -> Any:
    value: Any = np.arange(3)
    for _ in range(_DEPTH // 2):
        value = {"inside": (value,)}
    return value


def _list_in_itself() -> Any:
    values: list[Any] = [1]
    values.append(values)
    return values


def _dict_in_itself() -> Any:
    values: dict[str, Any] = {"a": 1}
    values["self"] = values
    return values


def _tuple_in_its_list() -> Any:
    values: list[Any] = []
    values.append((values, 1))
    return values


def _namespace_in_itself() -> Any:
    space = types.SimpleNamespace(name="a")
    space.self = space
    return space


def _ring() -> Any:
    rings: list[list[Any]] = [[number] for number in range(5)]
    for number, ring in enumerate(rings):
        ring.append(rings[(number + 1) % 5])
    return rings[0]


def _array_in_three_places() -> Any:
    array = np.arange(4.0)
    return {"list": [array], "tuple": (array,), "objects": np.array([array, None], dtype=object)}


def _names() -> Iterator[Case]:
    yield value("functions-numpy", lambda: [np.log, np.log1p, np.mean, np.linalg.norm, np.add])
    yield value("functions-scipy", lambda: [scipy.special.expit, scipy.special.logsumexp])
    yield value("functions-sklearn", lambda: [f1_score])
    yield value("functions-builtin", lambda: [len, sorted, str.lower, math.sqrt])
    yield value("classes", lambda: [int, float, str, list, dict, LogisticRegression, np.float64, datetime.datetime])
    yield value("partial", lambda: functools.partial(np.clip, a_min=0, a_max=1))
    yield value("none-type", lambda: [type(None), type(...)])


def _refused() -> Iterator[Case]:
    builders: dict[str, Callable[[], Any]] = {
        "lambda": lambda: lambda X: X,
        "closure": _closure,
        "local-class": _local_class,
        "local-object": lambda: _local_class()(),
        "generator": lambda: (number for number in range(3)),
        "open-file": lambda: open(os.devnull),  # noqa: SIM115 - an open file is the case
        "lock": threading.Lock,
        "module": lambda: np,
        "socket": socket.socket,
        "main-class": _class_of_main,
        "mapping-proxy": lambda: types.MappingProxyType({"a": 1}),
        "frame-of-code": lambda: _closure.__code__,
        "memory-view": lambda: memoryview(b"abc"),
        # Pickle would keep these three, as calls that run on load.
        "method-of-an-object": lambda: [1, 2].append,
        "iterator": lambda: iter({1: 2}.items()),
        "attribute-getter": lambda: operator.attrgetter("__class__.__subclasses__"),
    }
    for name, build in builders.items():
        yield value(f"refused-{name}", build, expected="refused-at-dump", check=_close)


def _close(before: Any, _: Any) -> None:
    """Close what the operating system would otherwise warn about."""
    if isinstance(before, socket.socket) or hasattr(before, "fileno"):
        before.close()


def _closure() -> Callable[[Any], Any]:
    factor = 2

    def multiply(X: Any) -> Any:
        return X * factor

    return multiply


def _local_class() -> type[Any]:
    class Local:
        """A class that no other process can import."""

    return Local


def _class_of_main() -> Any:
    kind = type("DefinedInANotebook", (), {"__module__": "__main__"})
    return kind()
