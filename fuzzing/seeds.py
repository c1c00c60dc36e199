"""What is changed: one model for each estimator class and configuration of the zoo, its compositions and plain values.

Besides them stand those of `fuzzing.other_seeds`.

A seed is read from the bytes of its own dump, not taken from capture: mutants must look to the gates like what a reader
gives them.
"""

from __future__ import annotations

import fnmatch
import functools
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import hermetic
from fuzzing.draft import HeldRows
from fuzzing.other_seeds import other_seed, other_seed_names
from hermetic.array_rows import ArrayRows
from hermetic.formats.container_reader import open_container
from hermetic.formats.container_writer import write_container_seekable
from hermetic.formats.graph_json import decode_graph, graph_of
from hermetic.formats.graph_reader import read_arrays
from hermetic.formats.graph_writer import graph_members
from hermetic.formats.members import PoolSource, read_graph_text
from hermetic.formats.sources import BufferSource
from hermetic.graph import Graph
from hermetic.limits import DEFAULT_LIMITS
from hermetic.normalize import normalize
from hermetic.placement import borrowed_arrays
from tests.zoo.case import Case
from tests.zoo.every_case import all_cases
from tests.zoo.seeded import seeded

__all__ = ["Seed", "load_seed", "read_graph", "seed_names"]


@dataclass(frozen=True, kw_only=True)
class Seed:
    """One model, as a file and as the graph that is read from it.

    Attributes
    ----------
    name : str
        That of its case in the zoo.
    data : bytes
        The file.
    graph : Graph
        With its arrays; nobody may change it.
    written_by : mapping of str to str
        As in the manifest.
    inputs : mapping of str to object
        What the model is asked about, as in `tests.zoo.case.Case`.
    trusted, capabilities : tuple of str
        What the load must be told.
    has_answers : bool
        Whether the file holds recorded answers: its mutants are whole files, asked again whenever they are loaded.
    """

    name: str
    data: bytes
    graph: Graph
    written_by: Mapping[str, str]
    inputs: Mapping[str, Any]
    trusted: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    has_answers: bool = False


@functools.cache
def _cases() -> dict[str, Case]:
    return {case.name: case for case in all_cases() if case.expected == "kept" and "unfitted" not in case.tags}


def seed_names(pattern: str = "*") -> list[str]:
    """Give the names of some seeds, in the order of the zoo.

    Parameters
    ----------
    pattern : str
        Patterns with commas between; those that begin with ``!`` leave out.
    """
    patterns = [one.strip() for one in pattern.split(",")]
    wanted = [one for one in patterns if not one.startswith("!")] or ["*"]
    unwanted = [one[1:] for one in patterns if one.startswith("!")]

    def matches(name: str, some: list[str]) -> bool:
        return any(fnmatch.fnmatchcase(name, one) for one in some)

    return [name for name in [*_cases(), *other_seed_names()] if matches(name, wanted) and not matches(name, unwanted)]


def load_seed(name: str) -> Seed:
    """Fit the model of a case, save it, and read its graph; or read the file of a seed outside the zoo."""
    if name not in _cases():
        data, inputs = other_seed(name, _cases())
        graph, written_by = read_graph(data)
        has_answers = name.startswith("golden ")
        if not has_answers:
            data = _without_compression(graph, written_by)
        return Seed(name=name, data=data, graph=graph, written_by=written_by, inputs=inputs, has_answers=has_answers)
    case = _cases()[name]
    with seeded(0):
        data = hermetic.dumps(case.make())
    graph, written_by = read_graph(data)
    return Seed(
        name=name,
        data=data,
        graph=graph,
        written_by=written_by,
        inputs=case.inputs,
        trusted=case.trusted,
        capabilities=case.capabilities,
    )


def _without_compression(graph: Graph, written_by: Mapping[str, str]) -> bytes:
    target = io.BytesIO()
    write_container_seekable(target, graph_members(graph), dict(written_by))
    return target.getvalue()


def read_graph(data: bytes) -> tuple[Graph, Mapping[str, str]]:
    """Give the graph of a file with its arrays, as the last gate sees it, and what wrote it."""
    container = open_container(BufferSource(data), DEFAULT_LIMITS)
    document = decode_graph(read_graph_text(container, DEFAULT_LIMITS))
    graph = normalize(graph_of(document), limits=DEFAULT_LIMITS).graph
    source = PoolSource(container, is_mapped=False)
    read_arrays(graph, document.pools, source, borrowed=borrowed_arrays(graph)).check()
    for number, arrays in graph.arrays.items():
        if isinstance(arrays, ArrayRows):
            graph.arrays[number] = HeldRows(arrays)
    return graph, container.written_by
