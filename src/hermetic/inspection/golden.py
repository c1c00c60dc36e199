"""What a file says of its golden rows, without reading an array of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hermetic.errors import FormatError
from hermetic.formats.container_reader import Container, open_container
from hermetic.formats.graph_json import decode_graph, graph_of
from hermetic.formats.members import evidence_name, read_graph_text
from hermetic.formats.sources import BufferSource
from hermetic.graph import Graph, Mappings
from hermetic.limits import Limits
from hermetic.normalize import normalize

__all__ = ["GoldenSummary", "golden_of"]

_MOST_METHODS = 100
_DAMAGED = "The file is damaged or hostile. Ask its producer for a fresh copy and compare digests."


@dataclass(frozen=True, kw_only=True)
class GoldenSummary:
    """What a file records of a model's answers.

    Attributes
    ----------
    origin : str
        ``synthetic`` or ``real``: whether rows of somebody's data are in the file.
    n_rows : int
        How many rows.
    methods : tuple of str
        The methods whose answers are recorded.
    written_by : dict of str to str
        Versions of the libraries that computed them.
    """

    origin: str
    n_rows: int
    methods: tuple[str, ...]
    written_by: dict[str, str]

    def __str__(self) -> str:
        """Say it on one line."""
        return f"{self.n_rows:,} {self.origin} rows with the answers of {', '.join(self.methods) or 'no method'}"


def golden_of(container: Container, limits: Limits) -> GoldenSummary | None:
    """Describe the golden rows of a file.

    Parameters
    ----------
    container : Container
        A model's file.
    limits : Limits
        Budgets for reading.

    Returns
    -------
    GoldenSummary or None
        None when it has none.

    Raises
    ------
    FileError
        When they are damaged.
    """
    name = evidence_name(0, "golden")
    if name not in container.members:
        return None
    where = f"{container.source.where}, golden rows"
    within = open_container(BufferSource(container.read(name), where), limits)
    document = decode_graph(read_graph_text(within, limits), where=where)
    graph = normalize(graph_of(document), limits=limits, where=where).graph
    fields = _fields(graph)
    origin, n_rows, methods = (fields.get(name) for name in ("origin", "n_rows", "methods"))
    if origin not in ("synthetic", "real") or type(n_rows) is not int or n_rows < 0 or type(methods) is not str:
        raise FormatError("these are no golden rows", where=where, next_step=_DAMAGED)
    return GoldenSummary(
        origin=origin,
        n_rows=n_rows,
        methods=tuple(methods.splitlines()[:_MOST_METHODS]),
        written_by=within.written_by,
    )


def _fields(graph: Graph) -> dict[str, Any]:
    root = graph.nodes[graph.root[0]] if type(graph.root) is list else None
    if not isinstance(root, Mappings) or root.rows != 1 or not root.columns:
        return {}
    keys, values = root.keys, root.columns[0]
    if type(keys) is not list or type(values) is not list:
        return {}
    return {key: value for key, value in zip(keys, values, strict=True) if type(key) is str}
