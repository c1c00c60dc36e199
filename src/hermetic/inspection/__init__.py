"""inspect: what a file holds, in a few milliseconds, without loading it.

Only the headers of the container and the text of the graph are read, never an array; numpy, scikit-learn and what the
file names are not imported. A file that `inspect` shows may still be refused by `load`, which alone checks the arrays
and the state of native objects.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

from hermetic.errors import FileError, FormatError
from hermetic.formats.compression import SUFFIXES
from hermetic.formats.container_reader import Container, open_container
from hermetic.formats.graph_json import check_text, decode_graph, graph_of
from hermetic.formats.members import find_evidence, read_graph_text
from hermetic.formats.open_source import open_source
from hermetic.graph import Arrays, Graph, Instances
from hermetic.inspection.evidence import EvidenceLine, evidence_lines, read_records
from hermetic.inspection.golden import GoldenSummary, golden_of
from hermetic.inspection.names import UsedName, used_names
from hermetic.inspection.places import Places, row_shape, table_bytes
from hermetic.inspection.reveals import revealed
from hermetic.inspection.text import dtype_text, printable, shape_text, size_text
from hermetic.inspection.tree import Entry, build_tree
from hermetic.limits import DEFAULT_LIMITS, Limits
from hermetic.normalize import normalize
from hermetic.policy import notes_of
from hermetic.weights import check_weight

__all__ = ["EvidenceLine", "GoldenSummary", "Inspection", "LargeArray", "StoredMember", "UsedName", "inspect"]

_N_LARGEST = 10
_EVIDENCE = "evidence/"
_COMPRESSIONS = {".zst": "zstd", ".gz": "gzip", ".bz2": "bz2", ".xz": "xz"}


@dataclass(frozen=True, kw_only=True)
class StoredMember:
    """One member of the container.

    Attributes
    ----------
    name : str
        Its name in the ZIP.
    length_bytes : int
        Length in the file.
    content_bytes : int
        Length after decompression; the same when it is not compressed.
    compression : str
        ``zstd``, ``gzip``, ``bz2``, ``xz`` or ``""``.
    """

    name: str
    length_bytes: int
    content_bytes: int
    compression: str


@dataclass(frozen=True, kw_only=True)
class LargeArray:
    """One array, or all arrays of one table, which lie end to end.

    Attributes
    ----------
    path : str
        Where it stands in the model; ``[*]`` stands for all.
    n_arrays : int
        How many there are.
    dtype, shape : str
        Of each; ``various`` shapes where they differ.
    length_bytes : int
        Of all of them.
    share : float
        Part of the content of the file, decompressed, from 0 to 1.
    """

    path: str
    n_arrays: int
    dtype: str
    shape: str
    length_bytes: int
    share: float


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What a file says about itself; made by `inspect`.

    All strings are those of the file: whoever shows them makes them harmless first, as ``str(inspection)`` does.

    Attributes
    ----------
    file : str
        Its path, or what else is known about where it came from.
    length_bytes : int
        Length of the container.
    written_by : dict of str to str
        Names and versions of the programs that wrote it, as it claims.
    model : Entry
        The model as a tree.
    n_objects, n_arrays : int
        How many instances and arrays the model holds.
    largest_arrays : tuple of LargeArray
        At most ten, the largest first.
    names : tuple of UsedName
        Every type and function that the model uses.
    notes : tuple of (str, str)
        What people should know of the model though it needs no grant: path, and meaning in words.
    evidence : tuple of str
        Names of the members that record how the model was made.
    golden : GoldenSummary or None
        Rows and answers that the file records, to compare elsewhere.
    recorded : tuple of EvidenceLine
        What these members say, a line for each kind.
    reveals : tuple of str
        What the file tells about the data that the model was fitted on, the gravest first.
    members : tuple of StoredMember
        In the order of the file, without ``mimetype`` and the manifest.
    """

    file: str
    length_bytes: int
    written_by: dict[str, str]
    model: Entry
    n_objects: int
    n_arrays: int
    largest_arrays: tuple[LargeArray, ...]
    names: tuple[UsedName, ...]
    notes: tuple[tuple[str, str], ...]
    evidence: tuple[str, ...]
    golden: GoldenSummary | None
    recorded: tuple[EvidenceLine, ...]
    reveals: tuple[str, ...]
    members: tuple[StoredMember, ...]

    @property
    def ok(self) -> bool:
        """Whether everything that the model uses is known, so that loading it needs nobody's trust."""
        return all(name.is_known for name in self.names)

    def to_json(self) -> str:
        """Give everything as JSON text, in ASCII; every line of the tree has all its keys."""
        return json.dumps({"ok": self.ok, **asdict(self)}, indent=2)

    def __str__(self) -> str:
        """Give the head and the tree as lines of plain text, every character of which is printable."""
        versions = ", ".join(f"{program} {version}" for program, version in self.written_by.items())
        head = [f"{self.file}: {size_text(self.length_bytes)}, written by {versions or 'nobody who says so'}"]
        unknown = [name for name in self.names if not name.is_known]
        needs = [f"needs trust: {name.trust} ({name.role}, first at {name.path})" for name in unknown]
        notes = [f"note: {path}: {meaning}" for path, meaning in self.notes]
        notes += [f"{'golden rows' if own.kind == 'golden' else own.kind}: {own.words}" for own in self.recorded]
        notes += [f"this file reveals: {words}" for words in self.reveals]
        return "\n".join(map(printable, [*head, *needs, *notes, *_lines(self.model, "")]))


def _lines(entry: Entry, indent: str) -> Iterator[str]:
    yield f"{indent}{entry.name}{'  ' if entry.name else ''}{entry.summary}"
    for texts in (entry.parameters, entry.values):
        if texts:
            yield f"{indent}  " + ", ".join(f"{name}={text}" for name, text in texts.items())
    for child in entry.children:
        yield from _lines(child, indent + "  ")
    if entry.n_more:
        yield f"{indent}  ... and {entry.n_more:,} more"


def inspect(file: str | os.PathLike[str] | BinaryIO, *, limits: Limits | None = None) -> Inspection:
    """Say what a file holds, without loading it.

    Parameters
    ----------
    file : str, PathLike or binary file object
        A ``.hermetic`` file; a file object is left behind the container.
    limits : Limits, optional
        Budgets for reading.

    Returns
    -------
    Inspection
        Its ``ok`` tells whether loading needs nobody's trust; ``print`` it, or look at its attributes.

    Raises
    ------
    FileError
        When the file is damaged, foreign or hostile; its subclasses say which.
    OSError
        When the file cannot be opened.

    Examples
    --------
    >>> import io
    >>> from hermetic import dumps, inspect
    >>> found = inspect(io.BytesIO(dumps({"threshold": 0.5})))
    >>> found.ok, found.model.summary
    (True, "{'threshold': 0.5}")
    """
    limits = limits or DEFAULT_LIMITS
    source = open_source(file, limits)
    try:
        container = open_container(source, limits)
        where = source.where
        text = read_graph_text(container, limits)
        text_weight = check_text(text, container.content_bytes, limits, where=where)
        document = decode_graph(text, where=where)
        graph = normalize(graph_of(document), limits=limits, where=where).graph
        check_weight(graph, container.content_bytes, text_weight, limits=limits, where=where)
        try:
            found = _describe(container, graph, limits)
        except FileError as error:
            error.where = error.where or where
            raise
        source.seek_after(container.length_bytes)
    finally:
        source.close()
    return found


def _describe(container: Container, graph: Graph, limits: Limits) -> Inspection:
    golden, records = golden_of(container, limits), read_records(container)
    snapshot = container.members.get(find_evidence(container.members, "snapshot"))
    members = tuple(_describe_members(container))
    places = Places(graph)
    content_bytes = sum(member.content_bytes for member in members)
    sizes = {number: table_bytes(node) for number, node in enumerate(graph.nodes) if isinstance(node, Arrays)}
    if sum(sizes.values()) > content_bytes:
        raise FormatError(
            f"the graph speaks of arrays of {sum(sizes.values())} bytes, but the file holds {content_bytes}",
            next_step="The file is damaged or hostile. Ask its producer for a fresh copy and compare digests.",
        )
    return Inspection(
        file=container.source.where,
        length_bytes=container.length_bytes,
        written_by=container.written_by,
        model=build_tree(graph),
        n_objects=sum(node.rows for node in graph.nodes if isinstance(node, Instances)),
        n_arrays=sum(node.rows for node in graph.nodes if isinstance(node, Arrays)),
        largest_arrays=tuple(_largest_arrays(graph, places, sizes, content_bytes)),
        names=tuple(used_names(graph, places)),
        notes=tuple(notes_of(graph)),
        evidence=tuple(member.name for member in members if member.name.startswith(_EVIDENCE)),
        golden=golden,
        recorded=tuple(evidence_lines(container, records, golden)),
        reveals=tuple(revealed(graph, records, golden, snapshot.length if snapshot is not None else 0)),
        members=members,
    )


def _describe_members(container: Container) -> Iterator[StoredMember]:
    for member in container.members.values():
        suffix = next((suffix for suffix in SUFFIXES if member.name.endswith(suffix)), "")
        is_compressed = member.content_length is not None
        yield StoredMember(
            name=member.name,
            length_bytes=member.length,
            content_bytes=member.length if member.content_length is None else member.content_length,
            compression=_COMPRESSIONS[suffix] if is_compressed else "",
        )


def _largest_arrays(graph: Graph, places: Places, sizes: dict[int, int], content_bytes: int) -> Iterator[LargeArray]:
    for number in sorted(sizes, key=lambda number: -sizes[number])[:_N_LARGEST]:
        node: Any = graph.nodes[number]
        yield LargeArray(
            path=places.path(number, 0 if node.rows == 1 else None),
            n_arrays=node.rows,
            dtype=dtype_text(node.dtype),
            shape="various" if node.lengths is not None else shape_text(row_shape(node, 0)),
            length_bytes=sizes[number],
            share=sizes[number] / max(content_bytes, 1),
        )
