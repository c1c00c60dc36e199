"""The recipe for files of other formats: read as data, adopted by the codecs, written as one of our own in memory.

What is loaded is that file of ours, through the same gates as any other: there is one way into this process. Converting
a file writes the very same bytes to disk.
"""

from __future__ import annotations

import io
from typing import NamedTuple

from hermetic._version import __version__
from hermetic.adopt import adopt
from hermetic.capture import capture
from hermetic.collector import paused_collector
from hermetic.errors import CannotSave, FileError, FormatError, InvalidState
from hermetic.formats.container_writer import write_container_seekable
from hermetic.formats.graph_writer import graph_members
from hermetic.formats.pickle_bytes import expand
from hermetic.formats.pickle_nodes import PickleStream, Problem
from hermetic.formats.pickle_reader import read_pickles
from hermetic.formats.pickle_values import values_of_pickle
from hermetic.formats.sources import BufferSource, Source
from hermetic.graph import Graph
from hermetic.limits import DEFAULT_LIMITS, Limits

__all__ = ["LegacyGraph", "convert_in_memory", "read_legacy"]

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
            written_by = adopt(values.objects, values.names, limits=limits, length_bytes=len(expanded.data))
            graph = capture(values.root)
    except CannotSave as error:
        raise InvalidState(error.found, where=_place(where, error.where), next_step=error.next_step) from error
    except FileError as error:
        error.where = _place(where, error.where)
        error.next_step = error.next_step or _SCAN_IT
        raise
    form = "joblib" if stream.is_joblib or expanded.compression == "ZF" else "pickle"
    form = f"{form}, {expanded.compression}" if expanded.compression else form
    return LegacyGraph(graph, written_by, form, len(data) if expanded.compression else stream.end)


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
    target = io.BytesIO()
    write_container_seekable(target, graph_members(legacy.graph), {"hermetic": __version__, **legacy.written_by})
    return BufferSource(target.getbuffer(), source.where), legacy.length_bytes
