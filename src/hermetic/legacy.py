"""The recipe for files of other formats: read as data, adopted by the codecs, written as one of our own in memory.

What is loaded is that file of ours, through the same gates as any other: there is one way into this process. Converting
a file writes the very same bytes to disk.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, NamedTuple

from hermetic._version import __version__
from hermetic.adopt import adopt
from hermetic.capture import capture
from hermetic.codecs.calls import CALL
from hermetic.codecs.registry import codec_of_name
from hermetic.collector import paused_collector
from hermetic.errors import CannotSave, FileError, FormatError, InvalidState
from hermetic.formats.compression import resolve_compression
from hermetic.formats.container_writer import write_container_seekable
from hermetic.formats.graph_writer import graph_members
from hermetic.formats.pickle_bytes import expand, may_be_pickle
from hermetic.formats.pickle_nodes import PickleStream, Problem
from hermetic.formats.pickle_reader import read_pickles
from hermetic.formats.pickle_values import values_of_pickle
from hermetic.formats.sources import BufferSource, Source
from hermetic.graph import Graph, Name
from hermetic.legacy_objects import LegacyName, LegacyObject
from hermetic.limits import DEFAULT_LIMITS, Limits

__all__ = ["LegacyGraph", "container_of_legacy", "convert_in_memory", "is_legacy", "read_legacy"]

_BEGINNING_BYTES = 256
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
        ``pickle`` or ``joblib``, with the compression behind it where there is one.
    length_bytes : int
        How many bytes of the file it takes.
    """

    graph: Graph
    written_by: dict[str, str]
    format: str
    length_bytes: int


def read_legacy(data: bytes, limits: Limits = DEFAULT_LIMITS, *, is_whole: bool = True, where: str = "") -> LegacyGraph:
    """Read a pickle or joblib file as data.

    Parameters
    ----------
    data : bytes
        The file.
    limits : Limits, optional
        Budgets for reading.
    is_whole : bool, default=True
        Whether it must hold one pickle and nothing else.
    where : str, optional
        The file, for messages.

    Returns
    -------
    LegacyGraph
        The graph, before any gate.

    Raises
    ------
    FileError
        When it is damaged, hostile or holds what no codec understands, with the byte at which it stands.

    Examples
    --------
    >>> import pickle
    >>> from hermetic.legacy import read_legacy
    >>> read_legacy(pickle.dumps({"threshold": 0.5})).graph.root
    [0]
    """
    try:
        expanded = expand(data, limits)
        if expanded.problem:
            raise FormatError(expanded.problem, next_step=_SCAN_IT)
        is_whole = is_whole or bool(expanded.compression)
        stream = _one_pickle(expanded.data, limits, is_whole=is_whole)
        with paused_collector():
            values = values_of_pickle(stream, expanded.data)
            written_by = adopt(values.objects, values.names)
            graph = capture(values.root)
            _name_what_is_left_out(graph, values.objects)
    except CannotSave as error:
        raise InvalidState(error.found, where=_place(where, error.where), next_step=error.next_step) from error
    except FileError as error:
        error.where = _place(where, error.where)
        error.next_step = error.next_step or _SCAN_IT
        raise
    form = "joblib" if stream.is_joblib or expanded.compression == "ZF" else "pickle"
    form = f"{form}, {expanded.compression}" if expanded.compression else form
    return LegacyGraph(graph, written_by, form, len(data) if expanded.compression else stream.end)


def _name_what_is_left_out(graph: Graph, objects: Sequence[LegacyObject]) -> None:
    """See to it that the policy sees every foreign name, also of objects that the model does not refer to.

    Unpickling would have made them: what is called clean by a scan, and what loads, must not depend on where they went.
    """
    known = {(name.name, name.role) for name in graph.names}
    for made in objects:
        if made.problem is not None and made.name == CALL:
            raise made.problem
        called = made.fields.get("call") if made.name == CALL else None
        found = (called.name, "called") if type(called) is LegacyName else (made.name, "constructed")
        is_foreign = type(called) is LegacyName or codec_of_name(made.name) is None
        if is_foreign and found not in known:
            known.add(found)
            graph.names.append(Name(*found))


def _place(where: str, inside: str) -> str:
    return ", ".join(filter(None, (where, inside)))


def _one_pickle(data: bytes, limits: Limits, *, is_whole: bool) -> PickleStream:
    streams = read_pickles(data, limits)
    stream = streams[0]
    problem = _first_problem(stream)
    if problem is not None:
        raise FormatError(problem.message, where=f"byte {problem.offset}", next_step=_SCAN_IT)
    if is_whole and stream.end < len(data):
        raise FormatError(
            f"{len(data) - stream.end} bytes follow the end of the pickle",
            where=f"byte {stream.end}",
            next_step="Where several models stand in one file, open it and call load(file) once for each.",
        )
    return stream


def _first_problem(stream: PickleStream) -> Problem | None:
    if stream.problems:
        return stream.problems[0]
    return next(filter(None, map(_first_problem, stream.streams)), None)


def is_legacy(beginning: bytes) -> bool:
    r"""Tell whether a file has one of the formats that are read here, by how it begins.

    Parameters
    ----------
    beginning : bytes
        The first bytes, some hundred.

    Returns
    -------
    bool
        True for pickles and joblib files, compressed or not.

    Examples
    --------
    >>> from hermetic.legacy import is_legacy
    >>> is_legacy(b"\x80\x04N."), is_legacy(b"a,b,c")
    (True, False)
    """
    return may_be_pickle(beginning[:_BEGINNING_BYTES])


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
    >>> from hermetic.legacy import container_of_legacy, read_legacy
    >>> bytes(container_of_legacy(read_legacy(pickle.dumps([1])))[:2])
    b'PK'
    """
    target = io.BytesIO()
    members = graph_members(legacy.graph, resolve_compression(compress))
    write_container_seekable(target, members, {"hermetic": __version__, **legacy.written_by})
    return bytearray(target.getbuffer())


def convert_in_memory(source: Source, limits: Limits = DEFAULT_LIMITS) -> tuple[BufferSource, int]:
    """Write a legacy file as one of our own into memory.

    Parameters
    ----------
    source : Source
        The legacy file, from its first byte on.
    limits : Limits, optional
        Budgets for reading.

    Returns
    -------
    converted : BufferSource
        A file of our own, which no gate has seen yet.
    length_bytes : int
        How many bytes of the source it was made of.

    Raises
    ------
    FileError
        As `read_legacy`.
    """
    data = source.read(0, source.length_bytes)
    legacy = read_legacy(data, limits, is_whole=source.is_whole, where=source.where)
    del data
    return BufferSource(container_of_legacy(legacy), source.where), legacy.length_bytes
