"""scan: what loading a file would do, and whether a load without any trust accepts it; nothing is loaded or imported.

Everything that load checks without the libraries is checked here: every byte of the container, the text of the graph,
the names, the capabilities, and that everything which lies in pools lies where it must. So a file that is called clean
is refused by load, if at all, only for what the installed libraries say about it: another release of scikit-learn, or
a state that its compiled code could not be trusted with.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

from hermetic.approvals import digest_of
from hermetic.codecs.field_view import FieldView
from hermetic.codecs.foreign import FOREIGN
from hermetic.codecs.registry import codec_of_name
from hermetic.errors import CapabilityRefused, FileError, UntrustedType
from hermetic.formats.array_check import check_arrays
from hermetic.formats.container_reader import Container, open_container
from hermetic.formats.graph_json import check_text, decode_graph, graph_of
from hermetic.formats.members import read_graph_text
from hermetic.formats.open_any import MOST_SUSPECT_BYTES, OTHER_FORMATS, open_any
from hermetic.formats.pickle_bytes import may_be_pickle
from hermetic.formats.sources import Source
from hermetic.graph import Graph, Instances, Packed
from hermetic.graph_paths import path_of
from hermetic.inspection.names import UsedName, used_names
from hermetic.inspection.places import Places
from hermetic.inspection.text import printable, size_text
from hermetic.limits import DEFAULT_LIMITS, Limits
from hermetic.normalize import normalize
from hermetic.policy import approve, asked_capabilities, is_exact_name, notes_of
from hermetic.scanning.pickle_judge import Finding
from hermetic.scanning.pickles import scan_pickles
from hermetic.scanning.usage import LimitUse, limits_used
from hermetic.validate import check_links
from hermetic.weights import check_weight

__all__ = ["AskedCapability", "Finding", "LimitUse", "ScanReport", "UsedName", "scan"]

_MOST_SHOWN = 100
_BEGINNING_BYTES = 256


@dataclass(frozen=True, kw_only=True)
class AskedCapability:
    """An effect that loading or using the model has outside the model.

    Attributes
    ----------
    capability : str
        ``reads-files``, ``regex``, ``native-parser``, or ``calls-code(package.function)``.
    grant : str
        What allows it: ``capability NAME`` or ``trust NAME``.
    path : str
        Where it stands in the model.
    meaning : str
        The parameter, its value and the consequence.
    """

    capability: str
    grant: str
    path: str
    meaning: str


@dataclass(frozen=True, kw_only=True)
class ScanReport:
    """What loading a file would do; made by `scan`.

    All strings are those of the file: whoever shows them makes them harmless first, as ``str(report)`` does.

    Attributes
    ----------
    file : str
        Its path, or what else is known about where it came from.
    verdict : str
        ``clean``: a load without trust raises no error of policy or format. ``refused``: it needs trust or grants.
        ``unreadable``: damaged, foreign, hostile, or beyond the limits.
        Of a pickle or joblib file, which `load` does not read: ``clean``: only known names in the roles that the models
        of the libraries use. ``unknown``: names that are in no table. ``dangerous``: it would run something, whatever
        else is wrong with it. ``malformed``: no pickler has written it.
    problem : str
        Why the file cannot be read whole; ``""`` otherwise.
    error : str
        The class of error that load raises for it; ``""`` where it raises none.
    sha256 : str
        ``sha256:`` and the digest of the container; ``""`` where its end cannot be told.
    length_bytes : int
        Length of the container.
    written_by : dict of str to str
        Names and versions of the programs that wrote it, as it claims.
    names : tuple of UsedName
        Every type and function that the model uses, with its role.
    capabilities : tuple of AskedCapability
        What it does beyond an ordinary model; at most a hundred.
    notes : tuple of (str, str)
        What people should know of the model though it needs no grant: path, and meaning in words.
    limits : tuple of LimitUse
        What reading it takes of each budget.
    format : str
        ``hermetic``; or ``pickle`` or ``joblib``, with the compression behind it where there is one.
    findings : tuple of Finding
        What a pickle or joblib file would do beyond a known model, the worst first; at most a hundred.
    """

    file: str
    verdict: str
    problem: str = ""
    error: str = ""
    sha256: str = ""
    length_bytes: int = 0
    written_by: dict[str, str]
    names: tuple[UsedName, ...] = ()
    capabilities: tuple[AskedCapability, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    limits: tuple[LimitUse, ...] = ()
    format: str = "hermetic"
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the file is clean."""
        return self.verdict == "clean"

    @property
    def unknown(self) -> tuple[UsedName, ...]:
        """The names that load refuses until they are trusted."""
        return tuple(name for name in self.names if not name.is_known)

    @property
    def grants(self) -> tuple[str, ...]:
        """The capabilities that load refuses until they are granted, each once."""
        asked = (entry.grant.removeprefix("capability ") for entry in self.capabilities if entry.grant[0] == "c")
        return tuple(sorted(set(asked)))

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain data."""
        return {"ok": self.ok, **asdict(self)}

    def to_json(self) -> str:
        """Give everything as JSON text, in ASCII."""
        return json.dumps(self.to_dict(), indent=2)

    def __str__(self) -> str:
        """Give the verdict and its reasons as lines of plain text, every character of which is printable."""
        return "\n".join(map(printable, self._lines()))

    def _lines(self) -> Iterator[str]:
        yield f"{self.file}: {self.verdict}" + (f", {size_text(self.length_bytes)}" if self.sha256 else "")
        if self.problem:
            yield f"  {self.problem}"
        for found in self.findings:
            place = f"byte {found.offset} {found.opcode}".rstrip() + (f", {found.path}" if found.path else "")
            yield f"  {found.severity}: {found.text} ({found.rule}, {place})"
        if self.findings:
            return
        for name in self.unknown:
            yield f"  needs trust: {name.trust} ({name.role}, first at {name.path})"
        for asked in self.capabilities:
            yield f"  {asked.capability}: {asked.path}: {asked.meaning} (allowed by {asked.grant})"
        for path, meaning in self.notes:
            yield f"  note: {path}: {meaning}"


def scan(file: str | os.PathLike[str] | BinaryIO, *, limits: Limits | None = None) -> ScanReport:
    """Say what loading a file would do, without loading it.

    Parameters
    ----------
    file : str, PathLike or binary file object
        A ``.hermetic``, pickle or joblib file, told by its content. A file object is left behind the container, or
        behind all pickles.
    limits : Limits, optional
        Budgets for reading, as for `load`.

    Returns
    -------
    ScanReport
        Its ``ok`` tells whether a load without trust and grants raises no error of policy or format.

    Raises
    ------
    OSError
        When the file cannot be opened. What is wrong with the file itself stands in the report.

    Examples
    --------
    >>> import io
    >>> from hermetic import dumps, scan
    >>> scan(io.BytesIO(dumps({"threshold": 0.5}))).verdict
    'clean'
    >>> report = scan(io.BytesIO(dumps([print])))
    >>> report.verdict, report.unknown[0].trust
    ('refused', 'builtins.print')
    """
    limits = limits or DEFAULT_LIMITS
    try:
        source = open_any(file, limits)
    except FileError as error:
        return _unreadable(error, str(getattr(file, "name", "<stream>")), {})
    try:
        report, length_bytes = _scan_any(source, limits)
        source.seek_after(length_bytes)
    finally:
        source.close()
    return report


def _scan_any(source: Source, limits: Limits) -> tuple[ScanReport, int]:
    beginning = source.read(0, min(source.length_bytes, _BEGINNING_BYTES))
    if may_be_pickle(beginning):
        return _scan_as_pickle(source, limits), source.length_bytes
    report, length_bytes = _scan_source(source, limits)
    if not length_bytes and not beginning.startswith(OTHER_FORMATS) and source.length_bytes <= MOST_SUSPECT_BYTES:
        # Protocols 0 and 1 can begin with almost anything, and a payload is one wherever it stands.
        as_pickle = _scan_as_pickle(source, limits)
        if as_pickle.verdict == "dangerous":
            return as_pickle, source.length_bytes
    return report, length_bytes


def _scan_as_pickle(source: Source, limits: Limits) -> ScanReport:
    found = scan_pickles(source.read(0, source.length_bytes), limits)
    return ScanReport(
        file=source.where,
        verdict=found.verdict,
        problem=found.problem,
        error="ForeignFormat",
        sha256=digest_of(source, source.length_bytes),
        length_bytes=source.length_bytes,
        written_by={},
        names=found.names,
        format=found.format,
        findings=found.findings,
    )


def _scan_source(source: Source, limits: Limits) -> tuple[ScanReport, int]:
    facts: dict[str, Any] = {"written_by": {}}
    length_bytes = 0
    try:
        container = open_container(source, limits)
        length_bytes = container.length_bytes
        facts |= {"length_bytes": length_bytes, "written_by": container.written_by}
        facts["sha256"] = digest_of(source, length_bytes)
        _scan_container(container, limits, facts)
    except FileError as error:
        return _unreadable(error, source.where, facts), length_bytes
    return ScanReport(file=source.where, **facts), length_bytes


def _unreadable(error: FileError, where: str, facts: dict[str, Any]) -> ScanReport:
    unreadable = {"verdict": "unreadable", "problem": str(error), "error": type(error).__name__}
    return ScanReport(file=where, **{"written_by": {}, **facts, **unreadable})


def _scan_container(container: Container, limits: Limits, facts: dict[str, Any]) -> None:
    """Note what a container holds, and the verdict of the policy."""
    where = container.source.where
    text = read_graph_text(container, limits)
    text_weight = check_text(text, container.content_bytes, limits, where=where)
    document = decode_graph(text, where=where)
    neutral = normalize(graph_of(document), limits=limits, where=where)
    graph = neutral.graph
    check_weight(graph, container.content_bytes, text_weight, limits=limits, where=where)
    facts["verdict"] = "clean"
    try:
        approve(neutral, where=where)
    except (CapabilityRefused, UntrustedType) as error:
        facts |= {"verdict": "refused", "error": type(error).__name__}
    facts["names"] = tuple(used_names(graph, Places(graph)))
    facts["capabilities"] = tuple(_capabilities(graph, facts["names"]))[:_MOST_SHOWN]
    facts["notes"] = tuple(notes_of(graph))
    facts["limits"] = limits_used(graph, container, len(text), limits)
    _check_states(graph, where)
    check_arrays(graph, document.pools, container)


def _capabilities(graph: Graph, names: tuple[UsedName, ...]) -> Iterator[AskedCapability]:
    for name in names:
        if not name.is_known and name.role != "constructed":
            when = "loading calls it, with arguments of the file" if name.role == "called" else "using the model may"
            meaning = f"{when}: {name.name}" if name.role == "called" else f"{when} call {name.name}"
            grant = f"trust {name.trust}" if is_exact_name(name.name) else "nothing: it is no name of Python"
            yield AskedCapability(capability=f"calls-code({name.name})", grant=grant, path=name.path, meaning=meaning)
    for capability, path, meaning in asked_capabilities(graph):
        yield AskedCapability(capability=capability, grant=f"capability {capability}", path=path, meaning=meaning)


def _check_states(graph: Graph, where: str) -> None:
    """Check what validate checks without the libraries."""

    def place(index: int) -> str:
        return f"{where}: {path_of(graph, index)}"

    check_links(graph, place)
    for index, node in enumerate(graph.nodes):
        if isinstance(node, Instances):
            name = graph.names[node.type].name
            is_read = not any(type(column) is Packed for column in node.fields.values())
            if codec_of_name(name) is None and is_read:
                FOREIGN.validate(name, FieldView(graph, node, index, place))
