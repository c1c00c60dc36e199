"""Any model file as a graph with its arrays, without making anything: for what compares models and describes them.

A file of ours passes the first gate and its weights, then its arrays are read; of other formats the readers give the
same. Nothing that a file names is imported or called.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from hermetic.approvals import digest_of
from hermetic.errors import FileError, ForeignFormat
from hermetic.foreign_files import read_source
from hermetic.formats.container_reader import Container, open_container
from hermetic.formats.graph_json import GraphDocument, check_text, decode_graph, graph_of
from hermetic.formats.graph_reader import read_arrays
from hermetic.formats.members import PoolSource, read_graph_text
from hermetic.formats.open_source import open_source
from hermetic.formats.sources import Source
from hermetic.graph import Graph
from hermetic.limits import DEFAULT_LIMITS, Limits
from hermetic.normalize import normalize
from hermetic.weights import check_weight

__all__ = ["OpenedModel", "opened_model"]


@dataclass(kw_only=True)
class OpenedModel:
    """A model file while it is open.

    Attributes
    ----------
    file : str
        Its path, or what else is known about where it came from.
    format : str
        ``hermetic``, ``pickle``, ``joblib``, ``skops``; with the compression behind it where there is one.
    digest : str
        Hexadecimal SHA-256.
    length_bytes, content_bytes : int
        Length in the file, and without compression.
    written_by : dict of str to str
        Versions of libraries, as it claims.
    graph : Graph
        Well formed. Of a file of ours the arrays are there after `read_arrays`.
    container : Container or None
        Where evidence stands; None for other formats.
    """

    file: str
    format: str
    digest: str
    length_bytes: int
    content_bytes: int
    written_by: dict[str, str]
    graph: Graph
    container: Container | None
    _document: GraphDocument | None = field(default=None, repr=False)

    def read_arrays(self) -> None:
        """Fill in everything that lies in pools, once; every checksum is compared."""
        if self.container is None or self._document is None:
            return
        try:
            read_arrays(self.graph, self._document.pools, PoolSource(self.container, is_mapped=False)).check()
        except FileError as error:
            error.where = error.where or self.file
            raise
        self._document = None


@contextlib.contextmanager
def opened_model(file: str | os.PathLike[str], limits: Limits = DEFAULT_LIMITS) -> Iterator[OpenedModel]:
    """Open a model file of any format that can be read.

    Parameters
    ----------
    file : path
        A hermetic, pickle, joblib or skops file.
    limits : Limits, optional
        Budgets for reading.

    Yields
    ------
    OpenedModel
        To be used within the block.

    Raises
    ------
    FileError
        When it is damaged, foreign or hostile.
    OSError
        When it cannot be opened.

    Examples
    --------
    >>> import os, tempfile, hermetic
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "model.hermetic")
    ...     _ = hermetic.dump({"threshold": 0.5}, path)
    ...     with opened_model(path) as opened:
    ...         opened.format, opened.graph.root
    ('hermetic', [0])
    """
    source = open_source(file, limits)
    try:
        yield _open(source, limits)
    finally:
        source.close()


def _open(source: Source, limits: Limits) -> OpenedModel:
    where = source.where
    try:
        container = open_container(source, limits)
    except ForeignFormat as foreign:
        legacy = read_source(source, foreign, limits)
        graph = normalize(legacy.graph, limits=limits, where=where).graph
        check_weight(graph, legacy.content_bytes, 0, limits=limits, where=where)
        return OpenedModel(
            file=where,
            format=legacy.format,
            digest=_digest(source, legacy.length_bytes),
            length_bytes=legacy.length_bytes,
            content_bytes=legacy.content_bytes,
            written_by=legacy.written_by,
            graph=graph,
            container=None,
        )
    text = read_graph_text(container, limits)
    text_weight = check_text(text, container.content_bytes, limits, where=where)
    document = decode_graph(text, where=where)
    graph = normalize(graph_of(document), limits=limits, where=where).graph
    check_weight(graph, container.content_bytes, text_weight, limits=limits, where=where)
    return OpenedModel(
        file=where,
        format="hermetic",
        digest=_digest(source, container.length_bytes),
        length_bytes=container.length_bytes,
        content_bytes=container.content_bytes,
        written_by=container.written_by,
        graph=graph,
        container=container,
        _document=document,
    )


def _digest(source: Source, length_bytes: int) -> str:
    return digest_of(source, length_bytes).removeprefix("sha256:")
