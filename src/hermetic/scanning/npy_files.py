"""A ``.npy`` file: numbers, which do nothing, or objects, which are a pickle behind its header.

`numpy.load` gives that pickle to Python's own reader when it is told ``allow_pickle=True``.

References
----------
``numpy/lib/format.py``, *Format Version 1.0* to *3.0*.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

from hermetic.limits import Limits
from hermetic.scanning.archive_members import damage
from hermetic.scanning.pickles import scan_pickles
from hermetic.scanning.report import ScanReport, inside, worst_first, worst_verdict

__all__ = ["NPY_BEGINNING", "scan_npy"]

NPY_BEGINNING = b"\x93NUMPY"

_HEADER = re.compile(
    rb"\{'descr': (?P<descr>'[^']*'|\[.*\]), 'fortran_order': (?:True|False), "
    rb"'shape': \((?P<shape>(?:\d{1,20}, ?)*(?:\d{1,20})?)\),? ?\} *\n?\Z",
    re.DOTALL,
)
_OBJECTS = re.compile(rb"(?:\A|, ?)'[<>|=]?O\d*'")  # a name of a field stands behind a bracket
_SIMPLE = re.compile(rb"'[<>|=]([?biufcSUVmM])(\d{1,9})(?:\[[^\]]*\])?'\Z")
_LONGEST_HEADER = 1 << 20


def scan_npy(data: bytes, where: str, limits: Limits) -> ScanReport:
    r"""Judge a ``.npy`` file.

    Parameters
    ----------
    data : bytes
        The whole file; it begins with `NPY_BEGINNING`.
    where : str
        Its name.
    limits : Limits
        Budgets for reading.

    Returns
    -------
    ScanReport
        ``clean`` for plain numbers; what its pickle is for objects.

    Examples
    --------
    >>> from hermetic.limits import DEFAULT_LIMITS
    >>> text = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n"
    >>> scan_npy(NPY_BEGINNING + b"\1\0" + bytes([len(text), 0]) + text + bytes(8), "a.npy", DEFAULT_LIMITS).verdict
    'clean'
    """
    start, header = _read_header(data)
    found = _HEADER.match(header)
    if found is None:
        text = "its header is none that numpy writes"
        return _report(data, where, start, limits, text)
    if _OBJECTS.search(found["descr"]):
        return _report(data, where, start, limits, "")
    problem, is_huge = _length_problem(found["descr"], found["shape"], len(data) - start, limits)
    findings = (
        damage("huge-shape" if is_huge else "malformed", start, problem, "resource" if is_huge else "malformed"),
    )
    return ScanReport(
        file=where,
        verdict=findings[0].severity if problem else "clean",
        problem=problem,
        written_by={},
        format="npy",
        length_bytes=len(data),
        findings=findings if problem else (),
    )


def _read_header(data: bytes) -> tuple[int, bytes]:
    n_length_bytes = 2 if data[6:7] == b"\1" else 4
    start = 8 + n_length_bytes
    length = int.from_bytes(data[8:start], "little")
    if data[6:7] not in (b"\1", b"\2", b"\3") or length > _LONGEST_HEADER:
        return start, b""
    return start + length, data[start : start + length]


def _length_problem(descr: bytes, shape: bytes, n_left: int, limits: Limits) -> tuple[str, bool]:
    simple = _SIMPLE.match(descr)
    if simple is None:
        return "", False
    itemsize = 1 if simple[1] == b"?" else int(simple[2]) * (4 if simple[1] == b"U" else 1)
    length = math.prod(int(number) for number in shape.split(b",") if number.strip()) * itemsize
    if length == n_left:
        return "", False
    return f"its header declares {length} bytes, but {n_left} follow", length - n_left > limits.expanded_bytes


def _report(data: bytes, where: str, start: int, limits: Limits, problem: str) -> ScanReport:
    """Judge the pickle behind the header; behind a header that cannot be read, too."""
    found = scan_pickles(data[start:], limits)
    segment = f"nested@{start}"
    findings = [inside(replace(one, offset=one.offset + start), segment) for one in found.findings]
    if problem:
        kept = [one for one in findings if one.severity != "malformed"]
        findings = [*kept, damage("malformed", 0, problem)]
    return ScanReport(
        file=where,
        verdict=worst_verdict([one.severity for one in findings] or [found.verdict]),
        problem=problem or found.problem,
        error="ForeignFormat",
        written_by={},
        format="npy",
        length_bytes=len(data),
        names=found.names,
        findings=worst_first(findings),
    )
