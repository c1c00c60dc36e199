"""Evidence as members of a file: records are JSON, and what holds arrays is a container of its own, as a model is.

So arrays, frames, sparse matrices and texts of evidence have no second format, and what reads them are the same gates:
golden rows and snapshots with nothing trusted and no type that does anything, the recipe like the model itself.
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
from hermetic.formats.members import EVIDENCE_KINDS, evidence_name, find_evidence, read_graph_text
from hermetic.formats.sources import BufferSource
from hermetic.graph import Graph
from hermetic.lazy import numpy as np
from hermetic.limits import Limits
from hermetic.own_files import Wishes, restore_container
from hermetic.recorded.evidence import Evidence
from hermetic.recorded.golden import GoldenRows
from hermetic.recorded.recipe import Recipe
from hermetic.recorded.records import encode_record
from hermetic.recorded.stored_records import RECORDS, read_record
from hermetic.stages import Journal

__all__ = [
    "check_plain",
    "evidence_members",
    "find_golden",
    "read_golden",
    "read_recipe",
    "read_record",
    "read_snapshot",
]

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


def evidence_members(
    evidence: Evidence, compression: Compression | None, written_by: Mapping[str, str]
) -> list[BytesMember]:
    """Lay out evidence as members, behind those of a model.

    Parameters
    ----------
    evidence : Evidence
        From `hermetic.record`.
    compression : Compression, optional
        What the members within are compressed with.
    written_by : mapping of str to str
        Versions of the libraries here.

    Returns
    -------
    list of BytesMember
        One for each kind.

    Raises
    ------
    CannotSave
        When the recipe holds what cannot be kept.
    """
    parts: dict[str, bytes] = {
        kind: encode_record(record) for kind in RECORDS if (record := getattr(evidence, kind)) is not None
    }
    if evidence.golden is not None:
        golden = check_plain(_golden_document(evidence.golden))
        parts["golden"] = _container_of(golden, compression, evidence.golden.versions)
    if evidence.recipe is not None:
        parts["recipe"] = _container_of(capture(_recipe_document(evidence.recipe)), compression, written_by)
    if evidence.snapshot:
        # Parquet is compressed already.
        parts["snapshot"] = _container_of(capture(_snapshot_document(evidence.snapshot)), None, written_by)
    kinds = [kind for kind in EVIDENCE_KINDS if kind in parts]
    return [BytesMember(name=evidence_name(number, kind), data=parts[kind]) for number, kind in enumerate(kinds)]


def _recipe_document(recipe: Recipe) -> dict[str, Any]:
    return {
        "layout": _LAYOUT,
        "estimator": recipe.estimator,
        "splitter": recipe.splitter,
        "scorers": dict(recipe.scorers),
    }


def _snapshot_document(snapshot: Mapping[str, bytes]) -> dict[str, Any]:
    return {"layout": _LAYOUT, "parts": {name: np.frombuffer(data, dtype=np.uint8) for name, data in snapshot.items()}}


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
    return find_evidence(container.members, "golden")


def read_recipe(container: Container, wishes: Wishes, journal: Journal | None = None) -> Recipe | None:
    """Read the recipe of a file, through the same gates as its model.

    Parameters
    ----------
    container : Container
        A model's file.
    wishes : Wishes
        What the caller trusts and allows.
    journal : Journal, optional
        Takes note of what is translated for the installed libraries.

    Returns
    -------
    Recipe or None
        None where the file has none.

    Raises
    ------
    FileError
        When it is damaged or hostile, or holds what is not trusted.
    """
    name = find_evidence(container.members, "recipe")
    if not name:
        return None
    where = f"{container.source.where}, recipe"
    within = open_container(BufferSource(container.read(name), where), wishes.limits)
    document = restore_container(within, wishes._replace(mmap_mode=None), journal)
    keys = ["layout", "estimator", "splitter", "scorers"]
    if type(document) is not dict or list(document) != keys or document["layout"] != _LAYOUT:
        raise InvalidState("this is no recipe", where=where, next_step=_NEXT_STEP)
    scorers = document["scorers"]
    if type(scorers) is not dict or not all(type(name) is str for name in scorers):
        raise InvalidState("the scorers of a recipe have no names", where=where, next_step=_NEXT_STEP)
    return Recipe(estimator=document["estimator"], splitter=document["splitter"], scorers=scorers)


def read_snapshot(container: Container, limits: Limits) -> dict[str, bytes]:
    """Read the embedded parts of the data, as the bytes that they are: nothing of them is interpreted.

    Parameters
    ----------
    container : Container
        A model's file.
    limits : Limits
        Budgets for reading.

    Returns
    -------
    dict of str to bytes
        Parquet files by the names of the parts; empty where none is embedded.

    Raises
    ------
    FileError
        When they are damaged or hostile.
    """
    name = find_evidence(container.members, "snapshot")
    if not name:
        return {}
    where = f"{container.source.where}, snapshot"
    document = _read_plain(container.read(name), limits, where)[0]
    try:
        if document["layout"] != _LAYOUT:
            raise ValueError(f"layout {document['layout']!r}")
        return {str(part): bytes(memoryview(data).cast("B")) for part, data in document["parts"].items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidState(f"this is no snapshot: {error!r}"[:200], where=where, next_step=_NEXT_STEP) from error


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
    document, versions = _read_plain(container.read(find_golden(container)), limits, where)
    try:
        return _golden_rows(document, versions)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, FileError):
            raise
        raise InvalidState(f"these are no golden rows: {error!r}"[:200], where=where, next_step=_NEXT_STEP) from error


def _read_plain(data: bytes, limits: Limits, where: str) -> tuple[Any, dict[str, str]]:
    within = open_container(BufferSource(data, where), limits)
    others = _not_plain(graph_of(decode_graph(read_graph_text(within, limits), where=where)))
    if others:
        found = f"evidence is made of plain data, but this holds {', '.join(others[:5])}"
        raise InvalidState(found, where=where, next_step=_NEXT_STEP)
    return restore_container(within, Wishes(limits=limits)), within.written_by


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
