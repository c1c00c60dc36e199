"""Everything that a report tells, gathered from a file without loading its model."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from hermetic.codecs.codec import STRAY_ERRORS
from hermetic.errors import FileError
from hermetic.formats.members import find_evidence
from hermetic.graph import Graph
from hermetic.inspection.evidence import EvidenceLine, evidence_lines, read_records
from hermetic.inspection.golden import golden_of
from hermetic.inspection.reveals import revealed
from hermetic.inspection.tree import Entry, build_tree
from hermetic.limits import Limits
from hermetic.read_graph import OpenedModel, opened_model
from hermetic.recorded.golden import GoldenRows
from hermetic.recorded.members import find_golden, read_golden
from hermetic.reporting.importances import Importances, importances_of
from hermetic.scanning import ScanReport, scan

if TYPE_CHECKING:
    from hermetic.evidence.checks import VerifyReport

__all__ = ["Facts", "gather"]

_MOST_BYTES = 1 << 28
"""Of bigger models the arrays are not read: a report shall not take minutes."""

_Found = TypeVar("_Found")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known about a file.

    Attributes
    ----------
    name : str
        The name of the file, without its folder.
    format : str
        As of `OpenedModel`, or as the scan tells it.
    digest : str
        Hexadecimal SHA-256, or empty.
    length_bytes : int
        Of the file.
    scan : ScanReport
        What loading it would do.
    model : Entry or None
        The model as a tree; None where the file cannot be read as one.
    problems : dict of str to str
        What could not be read, and why.
    written_by : dict of str to str
        Versions of libraries, as the file claims.
    records : dict of str to record
        By kind; those that it has.
    recorded : tuple of EvidenceLine
        A line for each kind.
    reveals : tuple of str
        What the file tells about the training data.
    golden : GoldenRows or None
        Rows and answers.
    importances : Importances or None
        What the model weighs.
    verified : VerifyReport or None
        Where it was asked for.
    """

    name: str
    format: str
    digest: str
    length_bytes: int
    scan: ScanReport
    model: Entry | None
    problems: Mapping[str, str]
    written_by: Mapping[str, str]
    records: Mapping[str, Any]
    recorded: tuple[EvidenceLine, ...]
    reveals: tuple[str, ...]
    golden: GoldenRows | None
    importances: Importances | None
    verified: VerifyReport | None


def gather(file: str | os.PathLike[str], limits: Limits, *, verify: bool, grants: Mapping[str, Any]) -> Facts:
    """Gather what is known about a file.

    Parameters
    ----------
    file : path
        Any file.
    limits : Limits
        Budgets for reading.
    verify : bool
        Whether the model is loaded too, and asked what was recorded.
    grants : mapping
        What is trusted for that: ``trusted``, ``capabilities``, ``approvals``.

    Returns
    -------
    Facts
        What cannot be read stands in ``problems``.

    Raises
    ------
    OSError
        When the file cannot be opened.
    """
    judged = scan(file, limits=limits)
    verified = _verified(file, limits, grants) if verify else None
    known: dict[str, Any] = {
        "name": os.path.basename(os.fspath(file)),
        "format": judged.format,
        "digest": judged.sha256.removeprefix("sha256:"),
        "length_bytes": judged.length_bytes or os.path.getsize(file),
        "scan": judged,
        "model": None,
        "problems": {},
        "written_by": judged.written_by,
        "records": {},
        "recorded": (),
        "reveals": (),
        "golden": None,
        "importances": None,
        "verified": verified,
    }
    try:
        with opened_model(file, limits) as opened:
            known.update(_of_model(opened, limits))
    except FileError as error:
        known["problems"] = {"model": str(error)}
    # Where the file lies on this machine is nobody's business.
    path, name = os.fspath(file), known["name"]
    known["problems"] = {what: words.replace(path, name) for what, words in known["problems"].items()}
    return Facts(**known)


def _verified(file: str | os.PathLike[str], limits: Limits, grants: Mapping[str, Collection[str]]) -> VerifyReport:
    from hermetic.evidence.verification import verify  # what loads a model

    return verify(file, limits=limits, **grants)  # type: ignore[arg-type]  # the keywords of load


def _of_model(opened: OpenedModel, limits: Limits) -> dict[str, Any]:
    problems: dict[str, str] = {}
    known: dict[str, Any] = {
        "format": opened.format,
        "digest": opened.digest,
        "length_bytes": opened.length_bytes,
        "model": build_tree(opened.graph),
        "written_by": opened.written_by,
        "problems": problems,
    }
    container = opened.container
    if container is not None:
        records = _tried(problems, "evidence", lambda: read_records(container)) or {}
        summary = _tried(problems, "golden rows", lambda: golden_of(container, limits))
        snapshot = container.members.get(find_evidence(container.members, "snapshot"))
        known |= {"records": records, "recorded": tuple(evidence_lines(container, records, summary))}
        known["reveals"] = tuple(revealed(opened.graph, records, summary, snapshot.length if snapshot else 0))
        if find_golden(container):
            known["golden"] = _tried(problems, "golden rows", lambda: read_golden(container, limits))
    else:
        known["reveals"] = tuple(revealed(opened.graph, {}, None, 0))
    if opened.content_bytes <= _MOST_BYTES:
        known["importances"] = _tried(problems, "arrays", lambda: _read_importances(opened))
    else:
        problems["arrays"] = f"they were not read, for they are longer than {_MOST_BYTES:,} bytes"
    return known


def _read_importances(opened: OpenedModel) -> Importances | None:
    opened.read_arrays()
    graph: Graph = opened.graph
    try:
        return importances_of(graph)
    except STRAY_ERRORS:  # no gate has looked at the state: whatever it is, it has no weights
        return None


def _tried(problems: dict[str, str], name: str, read: Callable[[], _Found]) -> _Found | None:
    try:
        return read()
    except FileError as error:
        problems[name] = str(error)
        return None
