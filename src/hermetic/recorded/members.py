"""Evidence as members of a file: each is a container of its own, of plain values only, written and read like a model.

So arrays, frames, sparse matrices and texts of evidence have no second format, and what reads them are the same gates,
with nothing trusted and with no type that does anything.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from hermetic.capture import capture
from hermetic.codecs.registry import CODECS
from hermetic.errors import CannotSave, FileError, InvalidState
from hermetic.formats.compression import Compression
from hermetic.formats.container_reader import Container, open_container
from hermetic.formats.container_writer import BytesMember, write_container_seekable
from hermetic.formats.graph_json import decode_graph, graph_of
from hermetic.formats.graph_writer import graph_members
from hermetic.formats.members import EVIDENCE_KINDS, evidence_name, read_graph_text
from hermetic.formats.sources import BufferSource
from hermetic.graph import Graph
from hermetic.limits import Limits
from hermetic.own_files import Wishes, restore_container
from hermetic.recorded.evidence import Evidence, GoldenRows

__all__ = ["check_plain", "evidence_members", "find_golden", "read_golden"]

_LAYOUT = 1
_NEXT_STEP = "The file is damaged or hostile, or of a later hermetic. Ask its producer for a fresh copy."
_PLAIN_MODULES = frozenset(
    f"hermetic.codecs.{module}"
    for module in (
        *("numpy_arrays", "numpy_text", "scipy_sparse", "scipy_sparse_lists", "pandas.arrays", "pandas.arrow"),
        *("pandas.dtypes", "pandas.frames", "pandas.indexes", "pandas.offsets", "pandas.scalars"),
    )
)
_PLAIN_NAMES = frozenset(name for codec in CODECS if type(codec).__module__ in _PLAIN_MODULES for name in codec.classes)


def check_plain(value: Any) -> Graph:
    """Refuse a value that is not made of plain data alone.

    Parameters
    ----------
    value : object
        Arrays, frames, sparse matrices, texts, numbers, and lists, tuples and dictionaries of them.

    Returns
    -------
    Graph
        The value.

    Raises
    ------
    CannotSave
        With what else it holds.

    Examples
    --------
    >>> check_plain({"rows": [1, 2]}).root
    [1]
    """
    graph = capture(value)
    others = _not_plain(graph)
    if others:
        raise CannotSave(
            f"evidence is made of arrays, frames, sparse matrices and texts, but this holds {', '.join(others[:5])}",
            next_step="Give the rows as one of these.",
        )
    return graph


def _not_plain(graph: Graph) -> list[str]:
    return sorted(name.name for name in graph.names if name.role != "constructed" or name.name not in _PLAIN_NAMES)


def evidence_members(evidence: Evidence, compression: Compression | None) -> list[BytesMember]:
    """Lay out evidence as members, behind those of a model.

    Parameters
    ----------
    evidence : Evidence
        From `hermetic.record`.
    compression : Compression, optional
        What the members within are compressed with.

    Returns
    -------
    list of BytesMember
        One for each kind.
    """
    parts = {"golden": _golden_document(evidence.golden)}
    versions = {"golden": evidence.golden.versions}
    return [
        BytesMember(
            name=evidence_name(number, kind), data=_container_of(check_plain(parts[kind]), compression, versions[kind])
        )
        for number, kind in enumerate(kind for kind in EVIDENCE_KINDS if kind in parts)
    ]


def _golden_document(golden: GoldenRows) -> dict[str, Any]:
    return {
        "layout": _LAYOUT,
        "origin": golden.origin,
        "model": golden.model,
        "n_rows": golden.n_rows,
        "methods": "\n".join(golden.answers),
        "skipped": [list(pair) for pair in golden.skipped.items()],
        "rows": golden.rows,
        "answers": list(golden.answers.values()),
    }


def _container_of(graph: Graph, compression: Compression | None, versions: Mapping[str, str]) -> bytes:
    target = io.BytesIO()
    write_container_seekable(target, graph_members(graph, compression), versions)
    return target.getvalue()


def find_golden(container: Container) -> str:
    """Give the name of the member with golden rows, or an empty text.

    Parameters
    ----------
    container : Container
        A model's file.

    Returns
    -------
    str
        The name.
    """
    return next((name for name in container.members if name == evidence_name(0, "golden")), "")


def read_golden(container: Container, limits: Limits) -> GoldenRows:
    """Read the golden rows of a file, through the gates, with nothing trusted.

    Parameters
    ----------
    container : Container
        A model's file that has them.
    limits : Limits
        Budgets for reading.

    Returns
    -------
    GoldenRows
        Inputs and answers.

    Raises
    ------
    FileError
        When they are damaged or hostile.
    """
    where = f"{container.source.where}, golden rows"
    within = open_container(BufferSource(container.read(find_golden(container)), where), limits)
    others = _not_plain(graph_of(decode_graph(read_graph_text(within, limits), where=where)))
    if others:
        found = f"evidence is made of plain data, but this holds {', '.join(others[:5])}"
        raise InvalidState(found, where=where, next_step=_NEXT_STEP)
    document = restore_container(within, Wishes(limits=limits))
    try:
        return _golden_rows(document, within.written_by)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, FileError):
            raise
        raise InvalidState(f"these are no golden rows: {error!r}"[:200], where=where, next_step=_NEXT_STEP) from error


def _golden_rows(document: dict[str, Any], versions: dict[str, str]) -> GoldenRows:
    if document["layout"] != _LAYOUT:
        raise InvalidState(f"golden rows of layout {document['layout']!r}, known is {_LAYOUT}", next_step=_NEXT_STEP)
    return GoldenRows(
        origin=str(document["origin"]),
        model=str(document["model"]),
        rows=document["rows"],
        n_rows=int(document["n_rows"]),
        answers=dict(zip(document["methods"].splitlines(), document["answers"], strict=True)),
        skipped={str(method): str(reason) for method, reason in document["skipped"]},
        versions=versions,
    )
