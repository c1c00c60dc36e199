"""The scan of a pickle or joblib file: what is read is judged, and nothing is imported, called or executed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import NamedTuple

from hermetic.errors import FileError, LimitExceeded
from hermetic.formats.pickle_bytes import PickleBytes, expand
from hermetic.formats.pickle_nodes import Array, PickleStream
from hermetic.formats.pickle_reader import read_pickles, read_without_joblib
from hermetic.inspection.names import UsedName
from hermetic.limits import Limits
from hermetic.scanning.pickle_judge import Finding, StreamJudge

__all__ = ["PickleScan", "scan_expanded", "scan_pickles"]

_MOST_FINDINGS = 100
_MOST_NODES_IN_ARRAYS = 100_000
_MOST_VALUES_IN_ARRAYS = 1_000_000
_SEVERITIES = ("dangerous", "deferred", "resource", "malformed", "unreadable", "unknown")


class PickleScan(NamedTuple):
    """What a scan of pickles found.

    Attributes
    ----------
    verdict : str
        ``clean``, or the worst severity of a finding.
    format : str
        ``pickle`` or ``joblib``, with the compression behind it where there is one.
    problem : str
        Why the file cannot be read whole; ``""`` where it can.
    findings : tuple of Finding
        The worst first, at most a hundred.
    names : tuple of UsedName
        Every name of the file with its role.
    """

    verdict: str
    format: str
    problem: str
    findings: tuple[Finding, ...]
    names: tuple[UsedName, ...]


def scan_pickles(data: bytes, limits: Limits) -> PickleScan:
    r"""Judge the content of a pickle or joblib file.

    Parameters
    ----------
    data : bytes
        The whole file.
    limits : Limits
        Budgets for reading.

    Returns
    -------
    PickleScan
        The verdict and its reasons.

    Examples
    --------
    >>> from hermetic.limits import DEFAULT_LIMITS
    >>> from hermetic.scanning.pickles import scan_pickles
    >>> found = scan_pickles(b"cos\nsystem\n(Vls\ntR.", DEFAULT_LIMITS)
    >>> found.verdict, found.findings[0].text
    ('dangerous', "os.system('ls')")
    """
    try:
        expanded = expand(data, limits)
    except FileError as error:
        severity = "resource" if isinstance(error, LimitExceeded) else "unreadable"
        rule = "limit" if severity == "resource" else "not-scanned"
        found = Finding(rule=rule, severity=severity, offset=0, opcode="", text=error.found, path="")
        return PickleScan(severity, "compressed data", error.found, (found,), ())
    return scan_expanded(expanded, limits)


def scan_expanded(expanded: PickleBytes, limits: Limits) -> PickleScan:
    """Judge what stood in a pickle or joblib file once its compression is taken off.

    Parameters
    ----------
    expanded : PickleBytes
        Made by `expand`.
    limits : Limits
        Budgets for reading.

    Returns
    -------
    PickleScan
        The verdict and its reasons.

    Examples
    --------
    >>> from hermetic.limits import DEFAULT_LIMITS
    >>> scan_expanded(PickleBytes(b"N.", "gzip", ""), DEFAULT_LIMITS).format
    'pickle, gzip'
    """
    streams = read_pickles(expanded.data, limits, packed_bytes=expanded.packed_bytes)
    judges = [judge for number, stream in enumerate(streams) for judge in _judges_of(stream, number, len(streams))]
    findings = [finding for judge in judges for finding in judge.findings]
    if expanded.problem:
        findings.append(_malformed(len(expanded.data), expanded.problem))
    findings += [found for stream in streams for found in _without_joblib(stream, expanded.data, limits)]
    ordered = sorted(findings, key=lambda finding: _SEVERITIES.index(finding.severity))
    broken = next((finding for finding in ordered if finding.rule in ("limit", "malformed")), None)
    is_joblib = any(stream.is_joblib for stream in streams) or expanded.compression == "ZF"
    form = "joblib" if is_joblib else "pickle"
    return PickleScan(
        verdict=ordered[0].severity if ordered else "clean",
        format=f"{form}, {expanded.compression}" if expanded.compression else form,
        problem=f"{broken.text} (byte {broken.offset})" if broken else "",
        findings=tuple(ordered[:_MOST_FINDINGS]),
        names=tuple(_names_of(judges)),
    )


def _malformed(offset: int, text: str) -> Finding:
    return Finding(rule="malformed", severity="malformed", offset=offset, opcode="", text=text, path="")


def _judges_of(stream: PickleStream, number: int, n_streams: int) -> list[StreamJudge]:
    path = f"pickle {number + 1} of {n_streams}" if n_streams > 1 else ""
    judges = [StreamJudge(stream, path)]
    for inner in stream.streams:
        place = f"nested@{inner.start}"
        judges.append(StreamJudge(inner, f"{path}!{place}" if path else place))
    for judge in judges:
        judge.judge()
    return judges


def _without_joblib(stream: PickleStream, data: bytes, limits: Limits) -> list[Finding]:
    """Judge what `pickle.load` would do with a file of joblib: it takes the bytes of arrays for opcodes."""
    first = next((node.start for node in stream.nodes if type(node) is Array and node.stream < 0), None)
    if first is None:
        return []
    n_nodes = min(limits.nodes, len(stream.nodes) + _MOST_NODES_IN_ARRAYS)
    n_values = min(limits.values, first - stream.start + _MOST_VALUES_IN_ARRAYS)
    bounded = replace(limits, nodes=n_nodes, values=n_values)
    judge = StreamJudge(read_without_joblib(data, stream.start, bounded), "read as a plain pickle")
    judge.judge()
    # Honest arrays may spell an opcode or two, but no import.
    calls = ("REDUCE", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX")
    return [found for found in judge.findings if found.offset >= first and found.opcode in calls]


def _names_of(judges: list[StreamJudge]) -> list[UsedName]:
    uses: Counter[tuple[str, str, bool]] = Counter()
    places: dict[tuple[str, str], int] = {}
    for judge in judges:
        uses.update(judge.uses)
        places = {**judge.places, **places}
    return [
        UsedName(
            name=name,
            role=role,
            layout=1,
            n_instances=number if role == "constructed" else 0,
            is_known=is_known,
            path=f"byte {places[name, role]}",
        )
        for (name, role, is_known), number in sorted(uses.items())
    ]
