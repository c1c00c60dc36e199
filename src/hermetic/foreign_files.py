"""The recipe for files of other formats: read as data, adopted by the codecs, one graph like that of a file of ours.

What is loaded goes through the same gates as any other: there is one way into this process. Converting writes the graph
as a file instead.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from hermetic._version import __version__
from hermetic.collector import paused_collector
from hermetic.errors import CannotSave, FileError, ForeignFormat, FormatError, InvalidState
from hermetic.foreign_graph import decode_arrays, graph_of_values, holds_old_bytes
from hermetic.formats.compression import resolve_compression
from hermetic.formats.container_writer import write_container_seekable
from hermetic.formats.graph_writer import graph_members
from hermetic.formats.pickle_bytes import compression_of, expand, may_be_pickle
from hermetic.formats.pickle_file import FileCursor
from hermetic.formats.pickle_nodes import PickleStream, Problem
from hermetic.formats.pickle_opcodes import Cursor
from hermetic.formats.pickle_reader import read_pickle_at
from hermetic.formats.pickle_values import PickleValues, values_of_pickle
from hermetic.formats.sibling_arrays import check_siblings, folder_of_siblings, siblings_of
from hermetic.formats.skops_reader import end_of_skops, read_skops
from hermetic.formats.sources import BufferSource, FileSource, Source
from hermetic.graph import Graph
from hermetic.lazy import numpy as np
from hermetic.limits import DEFAULT_LIMITS, Limits
from hermetic.migrate import migrate
from hermetic.normalize import normalize
from hermetic.placement import borrowed_arrays
from hermetic.policy import approve, unknown_names
from hermetic.restore import restore
from hermetic.stages import Journal
from hermetic.validate import validate
from hermetic.weights import check_weight

__all__ = [
    "LegacyGraph",
    "container_of_legacy",
    "is_legacy",
    "read_legacy",
    "read_source",
    "restore_legacy",
]

_ASCII_END = 128
_BEGINNING_BYTES = 256
_BIG_FILE_BYTES = 1 << 20
_ZIP = b"PK\x03\x04"
_SCAN_IT = "Nothing in it was run. `hermetic scan FILE` says what it would do."


class LegacyGraph(NamedTuple):
    """A legacy file as a graph.

    Attributes
    ----------
    graph : Graph
        As `hermetic.capture.capture` would give it for the live model.
    written_by : dict of str to str
        Versions of the libraries that the file names.
    format : str
        ``skops``, ``pickle`` or ``joblib``, with the compression behind it where there is one.
    length_bytes : int
        How many bytes of the file it takes.
    content_bytes : int
        How many these are without their compression.
    source : Source
        What it was read from.
    blocks : collection of uint8 array
        The memory of long arrays that were read from a file: each is for the one array that takes it whole.
    """

    graph: Graph
    written_by: dict[str, str]
    format: str
    length_bytes: int
    content_bytes: int
    source: Source
    blocks: Collection[Any] = ()


def read_legacy(
    data: bytes,
    limits: Limits = DEFAULT_LIMITS,
    *,
    is_whole: bool = True,
    where: str = "",
    folder: str | None = None,
) -> LegacyGraph:
    """Read a pickle, joblib or skops file as data.

    Parameters
    ----------
    data : bytes
        The file.
    limits : Limits, optional
        Budgets for reading.
    is_whole : bool, default=True
        Whether it must hold one pickle and nothing else, as a skops file always must.
    where : str, optional
        The file, for messages.
    folder : str, optional
        Where arrays may be read from that joblib 0.8 and 0.9 wrote into other files; only what the caller allows.

    Returns
    -------
    LegacyGraph
        The graph, before any gate.

    Raises
    ------
    FileError
        When it is damaged, hostile or holds what no codec understands, with the byte or member at which it stands.

    Examples
    --------
    >>> import pickle
    >>> from hermetic.foreign_files import read_legacy
    >>> read_legacy(pickle.dumps({"threshold": 0.5})).graph.root
    [0]
    """
    with paused_collector():
        if bytes(data[: len(_ZIP)]) == _ZIP:
            return _read_skops(data, limits, where)
        return _read_pickle(data, limits, is_whole, where, folder)


def _read_pickle(data: bytes, limits: Limits, is_whole: bool, where: str, folder: str | None) -> LegacyGraph:
    with _told_of(where):
        expanded = expand(data, limits)
        if expanded.problem:
            raise FormatError(expanded.problem, next_step=_SCAN_IT)
        is_whole = is_whole or bool(expanded.compression)
        cursor, source = Cursor(expanded.data), BufferSource(data, where)
        legacy = _read_opcodes(
            cursor, source, limits, is_whole=is_whole, packed_bytes=expanded.packed_bytes, folder=folder
        )
    if not expanded.compression:
        return legacy
    form = "joblib" if expanded.compression == "ZF" else legacy.format
    return legacy._replace(format=f"{form}, {expanded.compression}", length_bytes=len(data))


def _read_opcodes(
    cursor: Cursor, source: Source, limits: Limits, *, is_whole: bool, folder: str | None, packed_bytes: int = 0
) -> LegacyGraph:
    """Read a pickle whose bytes are not compressed, or not any more."""
    stream = _one_pickle(cursor, limits, is_whole=is_whole, packed_bytes=packed_bytes)
    asked = siblings_of(stream)
    siblings = check_siblings(asked, folder, limits) if asked else None
    values = values_of_pickle(stream, cursor, limits, siblings)
    end, form = stream.end, "joblib" if stream.is_joblib or asked else "pickle"
    content_bytes = end + (siblings.n_bytes if siblings else 0)
    is_of_python_2 = holds_old_bytes(stream)
    del stream  # from here on its memory is for the graph
    graph, written_by = graph_of_values(values, limits, max(content_bytes, len(cursor.data)))
    if is_of_python_2:
        decode_arrays(graph)
    blocks = tuple(cursor.blocks.values()) if isinstance(cursor, FileCursor) else ()
    return LegacyGraph(graph, written_by, form, end, content_bytes, source, blocks)


def _read_skops(data: bytes, limits: Limits, where: str) -> LegacyGraph:
    try:
        content = read_skops(data, limits, where or "<bytes>")
    except FormatError as error:
        end = end_of_skops(data)
        if not 0 <= end < len(data):
            raise
        raise FormatError(
            f"{len(data) - end} bytes follow the end of the skops file",
            where=_place(where, f"byte {end}"),
            next_step="Nothing else can stand in one stream with a skops file: give each model a file of its own.",
        ) from error
    with _told_of(where):
        values = PickleValues(content.root, content.objects, content.names)
        graph, written_by = graph_of_values(values, limits, content.content_bytes)
    return LegacyGraph(graph, written_by, "skops", len(data), content.content_bytes, BufferSource(data, where))


@contextlib.contextmanager
def _told_of(where: str) -> Iterator[None]:
    """Let errors name the file, and say that nothing was run."""
    try:
        yield
    except CannotSave as error:
        raise InvalidState(error.found, where=_place(where, error.where), next_step=error.next_step) from error
    except FileError as error:
        error.where = _place(where, error.where)
        error.next_step = error.next_step or _SCAN_IT
        raise


def _place(where: str, inside: str) -> str:
    return ", ".join(filter(None, (where, inside)))


def _one_pickle(cursor: Cursor, limits: Limits, *, is_whole: bool, packed_bytes: int) -> PickleStream:
    stream, n_bytes = read_pickle_at(cursor, limits, packed_bytes=packed_bytes), len(cursor.data)
    problem = _first_problem(stream)
    if problem is not None:
        raise FormatError(problem.message, where=f"byte {problem.offset}", next_step=_SCAN_IT)
    if is_whole and stream.end < n_bytes:
        raise FormatError(
            f"{n_bytes - stream.end} bytes follow the end of the pickle",
            where=f"byte {stream.end}",
            next_step="Where several models stand in one file, open it and call load(file) once for each.",
        )
    return stream


def _first_problem(stream: PickleStream) -> Problem | None:
    if stream.problems:
        return stream.problems[0]
    return next(filter(None, map(_first_problem, stream.streams)), None)


def is_legacy(data: bytes) -> bool:
    r"""Tell whether a file has one of the formats that are read here, by what it holds.

    Parameters
    ----------
    data : bytes
        All of it: a skops file is told by its end.

    Returns
    -------
    bool
        True for pickles and joblib files, compressed or not, and for skops files.

    Examples
    --------
    >>> from hermetic.foreign_files import is_legacy
    >>> is_legacy(b"\x80\x04N."), is_legacy(b"a,b,c")
    (True, False)
    """
    if bytes(data[: len(_ZIP)]) == _ZIP:
        return end_of_skops(data) >= 0
    return may_be_pickle(data[:_BEGINNING_BYTES])


def container_of_legacy(legacy: LegacyGraph, compress: Any = False) -> bytearray:
    """Write what was read as one of our own files.

    Parameters
    ----------
    legacy : LegacyGraph
        From `read_legacy`.
    compress : bool, int, str or (str, int), default=False
        As for `hermetic.dump`.

    Returns
    -------
    bytearray
        A file of our own, which no gate has seen yet.

    Examples
    --------
    >>> import pickle
    >>> from hermetic.foreign_files import container_of_legacy, read_legacy
    >>> bytes(container_of_legacy(read_legacy(pickle.dumps([1])))[:2])
    b'PK'
    """
    target = io.BytesIO()
    members = graph_members(legacy.graph, resolve_compression(compress))
    write_container_seekable(target, members, {"hermetic": __version__, **legacy.written_by})
    return bytearray(target.getbuffer())


def read_source(
    source: Source, foreign: ForeignFormat, limits: Limits = DEFAULT_LIMITS, capabilities: Collection[str] = ()
) -> LegacyGraph:
    """Read a source whose beginning is none of ours.

    Parameters
    ----------
    source : Source
        The legacy file, from its first byte on.
    foreign : ForeignFormat
        The error that says what it looks like, raised where it is nothing that can be read.
    limits : Limits, optional
        Budgets for reading.
    capabilities : collection of str, optional
        With ``reads-sibling-files`` among them the arrays are read that joblib wrote into files beside this one.

    Returns
    -------
    LegacyGraph
        As `read_legacy` gives it.

    Raises
    ------
    FileError
        As `read_legacy`.
    """
    beginning = source.read(0, min(_BEGINNING_BYTES, source.length_bytes))
    is_big = isinstance(source, FileSource) and source.length_bytes >= _BIG_FILE_BYTES
    if is_big and may_be_pickle(beginning) and not compression_of(beginning):
        folder = folder_of_siblings(source.where, capabilities)
        with paused_collector(), _told_of(source.where):
            return _read_opcodes(FileCursor(source), source, limits, is_whole=source.is_whole, folder=folder)
    data = source.read(0, source.length_bytes)
    if not is_legacy(data):
        raise foreign
    folder = folder_of_siblings(source.where, capabilities)
    return read_legacy(data, limits, is_whole=source.is_whole, where=source.where, folder=folder)


def restore_legacy(
    legacy: LegacyGraph,
    *,
    trusted: Collection[str | type] = (),
    capabilities: Collection[str] = (),
    approved: Collection[tuple[str, str]] = (),
    limits: Limits = DEFAULT_LIMITS,
    journal: Journal | None = None,
) -> Any:
    """Lead what was read from another format through the same gates as a file of ours.

    Parameters
    ----------
    legacy : LegacyGraph
        From `read_legacy`; used up by this.
    trusted, capabilities, limits
        As in `hermetic.load`.
    approved : collection of (str, str)
        Roles and names that somebody has approved for this very file.
    journal : Journal, optional
        Takes note of what is done, for a report.

    Returns
    -------
    object
        The model.

    Raises
    ------
    FileError
        From any of the gates.

    Examples
    --------
    >>> import pickle
    >>> from hermetic.foreign_files import read_legacy, restore_legacy
    >>> restore_legacy(read_legacy(pickle.dumps({"threshold": 0.5})))
    {'threshold': 0.5}
    """
    where = legacy.source.where
    neutral = normalize(legacy.graph, limits=limits, where=where)
    check_weight(neutral.graph, legacy.content_bytes, 0, limits=limits, where=where)
    granted = approve(neutral, trusted=trusted, capabilities=capabilities, approved=approved, where=where)
    _take_arrays(granted.graph, borrowed_arrays(granted.graph), legacy.blocks)
    if journal is not None:
        journal.foreign = unknown_names(granted.graph)
    current = migrate(granted, written_by=legacy.written_by, where=where, journal=journal)
    return restore(validate(current, where=where), where=where)


def _take_arrays(graph: Graph, borrowed: Collection[int], blocks: Collection[Any]) -> None:
    """Give the model arrays of its own: those of the graph are views of the file, and cannot be written to.

    Arrays of `borrowed` nodes are copied into native memory anyway. A block is nobody's yet: the first array that is
    all of it can have it.
    """
    free = {id(block): block for block in blocks}

    def take(array: Any) -> Any:
        block = free.pop(id(array.base), None)
        is_all = block is not None and array.nbytes == block.nbytes and array.flags.forc
        return array if is_all else np.array(array, order="K")

    for number, arrays in graph.arrays.items():
        if number not in borrowed:
            graph.arrays[number] = list(map(take, arrays))
