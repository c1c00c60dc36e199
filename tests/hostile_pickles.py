"""Hostile relatives of honest pickles: one argument, state or item of one of their calls is something else.

``python -m tests.hostile_pickles NAME COUNT`` tries so many of one sample and tells how each ended; a process that dies
was killed by the pickle that it had told last. Everything that is accepted is used, and saved again.
"""

from __future__ import annotations

import copy
import functools
import io
import json
import mmap
import os
import pickle
import random
import resource
import signal
import sys
import warnings
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import hermetic
from hermetic.errors import CannotSave, FileError
from tests.legacy_pickles import MISSING, Made, Named, written

__all__ = ["hostile_values", "recorded", "relatives", "try_relatives"]

MOST_SECONDS = 10
MOST_BYTES = 1 << 30
_NOTE_BYTES = 400


class _Recorder(pickle._Unpickler):  # type: ignore[name-defined,misc]
    """Python's own unpickler, which makes nothing of what a pickle names."""

    dispatch: dict[int, Callable[[Any], None]] = dict(pickle._Unpickler.dispatch)  # type: ignore[attr-defined]  # noqa: RUF012

    def find_class(self, module: str, name: str) -> Any:
        return Named(f"{module}:{name}")

    def _make(self, function: Any, arguments: Any, is_new: bool) -> Made:
        if isinstance(function, Made):  # a class method that getattr has found
            owner, method = function.arguments
            return Made(f"{owner.location}.{method}", arguments, is_new=is_new)
        return Made(function.location, arguments, is_new=is_new)

    def load_reduce(self) -> None:
        arguments = self.stack.pop()
        self.stack[-1] = self._make(self.stack[-1], arguments, False)

    def load_newobj(self) -> None:
        arguments = self.stack.pop()
        self.stack.append(self._make(self.stack.pop(), arguments, True))

    def load_newobj_ex(self) -> None:
        self.stack.pop()
        self.load_newobj()

    def load_build(self) -> None:
        state = self.stack.pop()
        self.stack[-1].state = state

    def load_appends(self) -> None:
        items = self.pop_mark()
        target = self.stack[-1]
        (target.items if isinstance(target, Made) else target).extend(items)

    def load_append(self) -> None:
        item = self.stack.pop()
        target = self.stack[-1]
        (target.items if isinstance(target, Made) else target).append(item)

    def load_setitems(self) -> None:
        items = self.pop_mark()
        target = self.stack[-1]
        if isinstance(target, Made):
            target.pairs += items
        else:
            target.update(zip(items[::2], items[1::2], strict=True))

    def load_setitem(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self.stack.append(self.stack.pop())
        if isinstance(self.stack[-1], Made):
            self.stack[-1].pairs += [key, value]
        else:
            self.stack[-1][key] = value


for _opcode, _name in (
    *((pickle.REDUCE, "load_reduce"), (pickle.NEWOBJ, "load_newobj"), (pickle.NEWOBJ_EX, "load_newobj_ex")),
    *((pickle.BUILD, "load_build"), (pickle.APPEND, "load_append"), (pickle.APPENDS, "load_appends")),
    *((pickle.SETITEM, "load_setitem"), (pickle.SETITEMS, "load_setitems")),
):
    _Recorder.dispatch[_opcode[0]] = getattr(_Recorder, _name)


def recorded(data: bytes) -> Any:
    """Give what an honest pickle says, in the words of `tests.legacy_pickles`: nothing is made."""
    return _Recorder(io.BytesIO(data)).load()


def _places(thing: Any) -> list[tuple[Any, Any]]:
    """Give every place in calls, states and what they hold: the holder, and the key in it."""
    found: list[tuple[Any, Any]] = []
    waiting, seen = [thing], set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Made):
            one.arguments = list(one.arguments)
            one.state = list(one.state) if type(one.state) is tuple else one.state
            keys: list[tuple[Any, Any]] = [(one, "state")] if one.state is not MISSING else []
            keys += [(one, "arguments")]
            waiting += [one.arguments, one.state, one.items, one.pairs]
        elif isinstance(one, list):
            keys = [(one, place) for place in range(len(one))]
            for place, item in enumerate(one):
                if type(item) is tuple:
                    one[place] = _List(item)
            waiting += one
        elif isinstance(one, dict):
            keys = [(one, key) for key in one]
            waiting += one.values()
        else:
            keys = []
        found += keys
    return found


class _List(list[Any]):
    """A tuple that can be changed until it is written."""


def _settled(thing: Any, seen: dict[int, Any]) -> Any:
    """Give a sample with its tuples again."""
    if id(thing) in seen:
        return seen[id(thing)]
    if isinstance(thing, _List):
        return tuple(_settled(item, seen) for item in thing)
    if isinstance(thing, Made):
        seen[id(thing)] = thing
        arguments = _settled(thing.arguments, seen)
        thing.arguments = tuple(arguments) if type(arguments) is list else arguments
        state = thing.state
        thing.state = _settled(_List(state) if type(state) is list and thing.pairs is not state else state, seen)
        thing.items, thing.pairs = _settled(thing.items, seen), _settled(thing.pairs, seen)
        return thing
    if type(thing) is list:
        seen[id(thing)] = thing
        thing[:] = [_settled(item, seen) for item in thing]
    elif type(thing) is dict:
        seen[id(thing)] = thing
        for key in thing:
            thing[key] = _settled(thing[key], seen)
    return thing


def hostile_values() -> list[Callable[[], Any]]:
    """Give makers of values that no maker of objects expects: wrong kinds, sizes, signs, cycles and arrays."""
    plain: list[Any] = [
        *(None, True, False, -1, 0, 1, 2, 7, 255, 1 << 31, -(1 << 31) - 1, 1 << 62, 1 << 63, -(1 << 63), 10**30),
        *(1.5, -0.0, float("nan"), float("inf"), 1e300, 1j, "", "a", "O", "M8[ns]", "timestamp[us, tz=x]", "\ud800"),
        *("int64", "2020-01", "ME", "x" * 100_000, b"", b"\xff" * 7, b"\0" * 64, (), (0,), (-1,), (1 << 40,) * 3),
        *([], [None], [1, "a"], [-1] * 5, {}, {"a": 1}, {1: 2}, (1, (2, (3,))), [[0, 1], [1]]),
        *(slice(0, 10**12, 1), slice(None), slice(5, 0, -1), slice(0, 2, 0)),
    ]
    makers: list[Callable[[], Any]] = [lambda value=value: copy.deepcopy(value) for value in plain]
    names = ("builtins:object", "builtins:list", "numpy:ndarray", "numpy:dtype", "pandas:NA", "numpy:float64")
    makers += [lambda name=name: Named(name) for name in names]
    makers += [lambda array=array: recorded(array) for array in _arrays()]
    return [*makers, _cycle]


def _cycle() -> Any:
    cycle: list[Any] = [0]
    cycle.append(cycle)
    return cycle


def _arrays() -> Iterator[bytes]:
    import numpy as np

    for array in (
        *(
            np.zeros(0),
            np.zeros(3),
            np.zeros((2, 2)),
            np.zeros((2, 0)),
            np.array(5),
            np.arange(-2, 3),
            np.zeros(2, "M8[s]"),
        ),
        *(np.zeros(3, bool), np.array(["a", None], dtype=object), np.zeros(2, [("a", "i4")]), np.zeros(3, "i1")),
        *(np.full(3, 1 << 40), np.asfortranarray(np.zeros((2, 3))), np.array(["a", "bb"]), np.zeros(2, ">f4")),
    ):
        yield pickle.dumps(array, 2)
    for dtype in (np.dtype("O"), np.dtype("V8"), np.dtype([("a", "O")]), np.dtype("M8[7s]"), np.dtype("U0")):
        yield pickle.dumps(dtype, 2)


def relatives(data: bytes, name: str, count: int) -> Iterator[tuple[str, bytes]]:
    """Give hostile relatives of an honest pickle: in words what was changed, and the bytes.

    What is changed is decided by `name` and the number of each.
    """
    values = hostile_values()
    for number in range(count):
        choose = random.Random(f"{name} {number}")
        sample = recorded(data)
        words = [_change(_places(sample), values, choose) for _ in range(choose.choice((1, 1, 1, 2)))]
        try:
            yield "; ".join(words), written(_settled(sample, {}), choose.choice((2, 4)))
        except (pickle.PicklingError, AssertionError, AttributeError, RecursionError, TypeError, ValueError):
            continue  # what no pickler could write


def _change(places: list[tuple[Any, Any]], values: list[Callable[[], Any]], choose: random.Random) -> str:
    holder, key = choose.choice(places)
    how = choose.choice(("other", "other", "other", "take", "near", "longer", "shorter", "owner"))
    old = getattr(holder, key) if isinstance(holder, Made) else holder[key]
    new = choose.choice(values)()
    if how == "take":
        other, place = choose.choice(places)
        new = getattr(other, place) if isinstance(other, Made) else other[place]
    elif how == "near" and type(old) is int:
        new = old + choose.choice((-1, 1, 1 << 31, -(1 << 40)))
    elif how in ("longer", "shorter") and isinstance(old, list):
        new = type(old)([*old, new] if how == "longer" else old[:-1])
    elif how == "owner" and isinstance(holder, (Made, list)):
        new = holder
    if isinstance(holder, Made):
        if key == "arguments" and not isinstance(new, list):
            new = [new]
        setattr(holder, key, new)
    else:
        holder[key] = new
    owner = getattr(holder, "location", type(holder).__name__)
    return f"{how}: {str(key)[:40]} of {owner} was {type(old).__name__}, is {str(new)[:60]}"


def try_relatives(data: bytes, name: str, count: int, tell: Callable[[str], None]) -> dict[str, int]:
    """Load relatives, use and save those that are accepted; give how many ended how, and what must not be.

    Parameters
    ----------
    data, name, count
        As for `relatives`.
    tell : callable
        Told each before it is loaded.

    Returns
    -------
    dict of str to int
        By the name of the error, ``accepted``, and for what must not be ``BAD`` with words.
    """
    ended: dict[str, int] = defaultdict(int)
    # One timer for all: setting one for each costs more than loading on some systems.
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS + count / 2)
    for words, hostile in relatives(data, name, count):
        tell(words)
        try:
            ended[_end_of(hostile)] += 1
        except Exception as error:
            ended[f"BAD {type(error).__name__}: {str(error)[:200]}; {words}"] += 1
    signal.setitimer(signal.ITIMER_PROF, 0)
    return dict(ended)


def _end_of(data: bytes) -> str:
    try:
        loaded = hermetic.loads(data)
    except FileError as error:
        return type(error).__name__
    _use(loaded)
    try:
        saved = hermetic.dumps(loaded)
    except CannotSave:
        return "accepted, not saved"
    again = hermetic.dumps(hermetic.loads(saved))
    return "accepted" if again == saved else "BAD another dump"


def _use(value: Any) -> None:
    """Do what people do with a value; that it objects is no harm."""
    for use in (
        repr,
        str,
        len,
        list,
        lambda it: it == it,
        lambda it: it + it,
        lambda it: it.sort_values(),
        copy.deepcopy,
    ):
        try:
            use(value)
        except Exception:
            continue
    for method in ("describe", "to_numpy", "isna", "unique", "value_counts", "memory_usage", "sum", "head", "argsort"):
        try:
            cast(Any, getattr(value, method))()
        except Exception:
            continue


def samples() -> dict[str, bytes]:
    """Give honest pickles that use the calls of the tables, by name."""
    import datetime
    import decimal
    import fractions
    import pathlib
    import re
    import zoneinfo

    import numpy as np
    import pandas

    from tests.zoo.plain_pandas import plain_pandas

    found: dict[str, Any] = {case.name: case.make() for case in plain_pandas() if case.expected == "kept"}
    found |= {
        "counter": __import__("collections").Counter("abca"),
        "ordered": OrderedDict(a=1),
        "deque": deque([1, 2], 5),
        "defaults": defaultdict(list, a=[1]),
        "dates": [datetime.date(2020, 1, 2), datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC), datetime.time(3)],
        "spans": [datetime.timedelta(1, 2), datetime.timezone(datetime.timedelta(hours=2), "x")],
        "numbers": [
            decimal.Decimal("1.5"),
            fractions.Fraction(1, 3),
            2j,
            range(1, 9, 2),
            slice(1, 2),
            bytearray(b"ab"),
        ],
        "paths": [pathlib.PurePosixPath("/a"), re.compile("a+", re.IGNORECASE), zoneinfo.ZoneInfo("UTC")],
        "sets": [{1, "a"}, frozenset({2.5})],
        "arrays": [np.arange(4), np.zeros((2, 2), order="F"), np.float64(2), np.array(["a", None], dtype=object)],
        "masked": np.ma.masked_array([1.0, 2.0], [True, False]),
        "generators": [np.random.RandomState(0), np.random.default_rng(0), np.random.SeedSequence(5)],
        "stamps": [pandas.Timestamp("2020", tz="UTC"), pandas.Timedelta(1, "h"), pandas.Period("2020-01", "M")],
    }
    kept = {}
    for name, value in found.items():
        data = pickle.dumps(value, 5 if "arrow" in name else 4)
        try:
            hermetic.loads(data)
            written(recorded(data))
        except (hermetic.HermeticError, AttributeError, TypeError, pickle.PicklingError):
            continue
        kept[name] = data
    return kept


def _note(board: mmap.mmap, words: str) -> None:
    board[:] = words.encode(errors="replace")[:_NOTE_BYTES].ljust(_NOTE_BYTES)


def main(arguments: list[str]) -> int:
    """Try the relatives of some samples, each in a process of its own; ``{"name": ..., "ended": {...}}`` for each."""
    pattern, count = arguments[0], int(arguments[1])
    is_bad = False
    warnings.simplefilter("ignore")
    for name, data in samples().items():
        if pattern not in ("all", name):
            continue
        board = mmap.mmap(-1, _NOTE_BYTES)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (used + MOST_BYTES, used + MOST_BYTES))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            signal.signal(signal.SIGPROF, signal.SIG_DFL)
            os.write(writer, json.dumps(try_relatives(data, name, count, functools.partial(_note, board))).encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as source:
            told = source.read()
        _, status = os.waitpid(child, 0)
        last = board[:].rstrip(b" \0").decode(errors="replace")
        ended = json.loads(told) if told else {f"BAD died of {status}: {last}": 1}
        is_bad = is_bad or any(end.startswith("BAD") for end in ended)
        print(json.dumps({"name": name, "ended": ended}), flush=True)
    return int(is_bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
