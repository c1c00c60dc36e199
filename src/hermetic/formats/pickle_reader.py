"""All pickles in some bytes, one behind the other, with the arrays of joblib between their opcodes; nothing runs.

Whatever is wrong is noted with its byte offset in the stream that has it: what was read before it stays there to be
judged. Only `MemoryError` and the like leave this file.
"""

from __future__ import annotations

from hermetic.collector import paused_collector
from hermetic.errors import FileError, FormatError, LimitExceeded
from hermetic.formats.joblib_arrays import ArrayLayout, layout_of_wrapper
from hermetic.formats.joblib_repeated import RepeatedWrappers
from hermetic.formats.pickle_budgets import PickleBudget
from hermetic.formats.pickle_machine import PickleMachine
from hermetic.formats.pickle_nodes import Array, Call, Item, PickleStream, Problem
from hermetic.formats.pickle_opcodes import Cursor
from hermetic.limits import DEFAULT_LIMITS, Limits

__all__ = ["read_pickle", "read_pickle_at", "read_pickles", "read_without_joblib"]

_MOST_STREAMS = 10_000


class _JoblibMachine(PickleMachine):
    """A stream as joblib reads it: an array follows each BUILD of a wrapper."""

    def __init__(self, cursor: Cursor, limits: Limits, budget: PickleBudget) -> None:
        super().__init__(cursor, limits, budget)
        self.streams: list[PickleStream] = []
        self.is_joblib = False
        self._repeated = RepeatedWrappers(self)

    def built(self, target: Call) -> None:
        """Read the array that follows, if there is one."""
        layout = layout_of_wrapper(target, self.states)
        if layout is not None:
            self.is_joblib = True
            self._read_array(target, layout)

    def read_repeated(self, stack: list[Item], position: int, end: int) -> int:
        """Read a wrapper like one before, and its array."""
        return self._repeated.read(stack, position, end)

    def entry_changed(self) -> None:
        """Let no wrapper be read as one before: what the memo gives may be something else now."""
        self._repeated.forget()

    def _read_array(self, wrapper: Call, layout: ArrayLayout) -> None:
        cursor = self.cursor
        if cursor.position < self.frame_end:
            raise FormatError("array bytes follow inside a frame, where joblib ends the frame before")
        before, stream = cursor.position, -1
        self.frame_end = -1
        if layout.has_objects:
            stream = len(self.streams)
            self._read_objects()
        elif layout.alignment:
            self._skip_padding(layout.alignment)
        start = before if layout.has_objects else cursor.position
        if not layout.has_objects:
            self._skip(layout.length_bytes)
            self._repeated.keep(wrapper, layout.itemsize)
        self.skipped_bytes += cursor.position - before
        if layout.has_objects:
            self.check_memory()  # of both streams
        self.pop()
        self.forget(wrapper)
        self.push(Array(self.offset, len(self.nodes), wrapper, start, cursor.position - start, stream))
        self.find_fast_end()

    def _skip(self, length: int) -> None:
        left = len(self.cursor.data) - self.cursor.position
        if length > left:
            self.limits.check("expanded_bytes", length - left)  # joblib takes the memory before it reads
            raise FormatError(f"an array of joblib has {length} bytes, but {left} are left")
        self.cursor.keep(length)

    def _skip_padding(self, alignment: int) -> None:
        length = self.cursor.read_unsigned(1)
        padding = self.cursor.take(length)  # joblib takes whatever number stands there
        if not 1 <= length <= alignment or padding != b"\xff" * length:
            self.note(f"an array of joblib does not begin with 1 to {alignment} bytes of padding")

    def _read_objects(self) -> None:
        if len(self.streams) >= _MOST_STREAMS:
            raise FormatError(f"there are more than {_MOST_STREAMS} object arrays")
        # joblib hands these to pickle itself, which knows nothing of wrappers.
        taken, n_opcodes = self.set_aside(), self.n_opcodes
        self.budget.set_aside(taken, n_opcodes)
        inner = _read_stream(PickleMachine(self.cursor, self.limits, self.budget))
        self.budget.set_aside(-taken, -n_opcodes)
        self.streams.append(inner)
        if not inner.is_whole:
            raise FormatError("the object array of joblib that stands here cannot be read to its end")


def read_pickles(data: bytes, limits: Limits = DEFAULT_LIMITS, *, packed_bytes: int = 0) -> list[PickleStream]:
    """Read everything in some bytes as pickles that follow each other.

    Parameters
    ----------
    data : bytes
        Decompressed.
    limits : Limits, optional
        Budgets: ``nodes`` and ``depth`` for each stream; ``values``, ``expansion`` and ``memory_bytes`` for all.
    packed_bytes : int, default=0
        The length of the file where it is compressed: it bounds how many opcodes may come out of it.

    Returns
    -------
    list of PickleStream
        At least one; the last is not whole where bytes cannot be read.

    Examples
    --------
    >>> import pickle
    >>> from hermetic.formats.pickle_reader import read_pickles
    >>> [stream] = read_pickles(pickle.dumps({"a": 1.5}))
    >>> stream.root.items, stream.problems
    (['a', 1.5], [])
    """
    cursor, budget = Cursor(data), PickleBudget(limits, len(data), packed_bytes)
    streams = [_read_stream(_JoblibMachine(cursor, limits, budget))]
    while streams[-1].is_whole and cursor.position < len(data):
        if len(streams) >= _MOST_STREAMS:
            streams[-1].problems.append(Problem(cursor.position, f"more than {_MOST_STREAMS} pickles follow", True))
            break
        streams.append(_read_stream(_JoblibMachine(cursor, limits, budget)))
    return streams


def read_pickle(data: bytes, start: int = 0, limits: Limits = DEFAULT_LIMITS, *, packed_bytes: int = 0) -> PickleStream:
    """Read one pickle, which other bytes may follow.

    Parameters
    ----------
    data : bytes
        Decompressed.
    start : int, default=0
        Where the pickle begins.
    limits, packed_bytes
        As for `read_pickles`.

    Returns
    -------
    PickleStream
        Its ``end`` is the first byte behind it.

    Examples
    --------
    >>> import pickle
    >>> from hermetic.formats.pickle_reader import read_pickle
    >>> data = pickle.dumps(1) + pickle.dumps(2)
    >>> first = read_pickle(data)
    >>> first.root, read_pickle(data, first.end).root
    (1, 2)
    """
    return read_pickle_at(Cursor(data, start), limits, packed_bytes=packed_bytes)


def read_pickle_at(cursor: Cursor, limits: Limits = DEFAULT_LIMITS, *, packed_bytes: int = 0) -> PickleStream:
    r"""Read one pickle from where a cursor is.

    Parameters
    ----------
    cursor : Cursor
        At the first opcode; left behind the last.
    limits : Limits, optional
        Budgets, as for `read_pickles`.
    packed_bytes : int, default=0
        As for `read_pickles`.

    Returns
    -------
    PickleStream
        As `read_pickle` gives it.

    Examples
    --------
    >>> from hermetic.formats.pickle_opcodes import Cursor
    >>> from hermetic.formats.pickle_reader import read_pickle_at
    >>> read_pickle_at(Cursor(b"I5\n.")).root
    5
    """
    budget = PickleBudget(limits, len(cursor.data), packed_bytes)
    return _read_stream(_JoblibMachine(cursor, limits, budget))


def read_without_joblib(data: bytes, start: int, limits: Limits = DEFAULT_LIMITS) -> PickleStream:
    r"""Read one stream as `pickle.load` would, which knows nothing of arrays between the opcodes.

    Parameters
    ----------
    data : bytes
        Decompressed.
    start : int
        Where the stream begins.
    limits : Limits, optional
        Budgets for reading.

    Returns
    -------
    PickleStream
        As far as it could be read: where joblib has written it, to the first array.

    Examples
    --------
    >>> from hermetic.formats.pickle_reader import read_without_joblib
    >>> read_without_joblib(b"I5\n.", 0).root
    5
    """
    return _read_stream(PickleMachine(Cursor(data, start), limits))


def _read_stream(machine: PickleMachine) -> PickleStream:
    try:
        with paused_collector():
            machine.run()
    except FileError as error:
        is_limit = isinstance(error, LimitExceeded)
        machine.problems.append(Problem(machine.offset, error.found, is_end=True, is_limit=is_limit))
    if machine.cursor.position < len(machine.cursor.data):  # other streams follow
        machine.budget.set_aside(machine.set_aside(), machine.n_opcodes)
    stream = PickleStream(
        start=machine.start,
        end=machine.cursor.position,
        nodes=machine.nodes,
        root=machine.root,
        is_whole=machine.is_finished,
        protocol=machine.protocol,
        depth=machine.depth,
        recalled=machine.recalled,
        problems=machine.problems,
        streams=getattr(machine, "streams", []),
        is_joblib=getattr(machine, "is_joblib", False),
    )
    # It refers to itself, and no collector runs: the nodes would take their memory until the model is made.
    vars(machine).clear()
    return stream
