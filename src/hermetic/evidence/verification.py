"""verify: whether a file is whole, signed, loads here, and answers as it did where it was saved.

Each question is asked for itself and answered in one line, so that a person sees at once which of them failed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from hermetic.errors import CapabilityRefused, FileError, RejectedFile, SignatureRefused, UntrustedType
from hermetic.evidence.checks import Check, VerifyReport
from hermetic.formats.container_reader import Container, open_container
from hermetic.formats.open_source import open_source
from hermetic.limits import DEFAULT_LIMITS, Limits
from hermetic.persistence import load
from hermetic.recorded.members import find_golden, read_golden
from hermetic.recorded.self_check import check_answers

if TYPE_CHECKING:
    from hermetic.load_report import LoadReport
    from hermetic.signing.files import PublicKeys

__all__ = ["verify"]

_REFUSALS = (UntrustedType, CapabilityRefused, RejectedFile, SignatureRefused)


def verify(
    file: str | os.PathLike[str],
    *,
    signed_by: PublicKeys | None = None,
    trusted: Collection[str | type] = (),
    capabilities: Collection[str] = (),
    approvals: str | os.PathLike[str] | None = None,
    limits: Limits | None = None,
) -> VerifyReport:
    """Verify a file: its structure and every checksum, its signature, that it loads here, and what it answers.

    Parameters
    ----------
    file : path
        A hermetic file.
    signed_by : path or PEM text of a public key, or a collection of them, optional
        One of them must have signed the file.
    trusted, capabilities, approvals, limits
        As in `hermetic.load`.

    Returns
    -------
    VerifyReport
        ``report.ok`` tells whether all is well. What is wrong with the file is in the report, not an exception.

    Raises
    ------
    UsageError
        When a key or an approval cannot be read.
    OSError
        When the file cannot be opened.

    Examples
    --------
    >>> import os, tempfile, hermetic
    >>> from sklearn.linear_model import LinearRegression
    >>> X = [[0.0], [1.0], [2.0]]
    >>> model = LinearRegression().fit(X, [0.0, 2.0, 4.0])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "model.hermetic")
    ...     _ = hermetic.dump(model, path, evidence=hermetic.record(model, X))
    ...     report = hermetic.verify(path)
    >>> [(check.name, check.verdict) for check in report.checks][:3]
    [('structure', 'passed'), ('checksums', 'passed'), ('signature', 'skipped')]
    >>> report.ok
    True
    """
    limits = limits or DEFAULT_LIMITS
    checks: list[Check] = []
    source = open_source(file, limits)
    try:
        container = _ask(checks, "structure", lambda: _structure(open_container(source, limits)))
        if container is None or _ask(checks, "checksums", lambda: _checksums(container)) is None:
            return VerifyReport(file=os.fspath(file), checks=tuple(checks))
        if signed_by is None:
            checks.append(Check(name="signature", verdict="skipped", words=_unasked_signature(file)))
        elif _ask(checks, "signature", lambda: _signature(file, signed_by)) is None:
            return VerifyReport(file=os.fspath(file), checks=tuple(checks))
        wishes: dict[str, Any] = {"trusted": trusted, "capabilities": capabilities, "approvals": approvals}
        loaded = _ask(checks, "model", lambda: _model(file, signed_by, limits, wishes))
        if loaded is not None:
            model, report = loaded
            _ask(checks, "answers", lambda: _answers(container, model, limits))
            checks.append(_environment(report))
    finally:
        source.close()
    return VerifyReport(file=os.fspath(file), checks=tuple(checks))


def _ask(checks: list[Check], name: str, question: Callable[[], tuple[Any, str]]) -> Any:
    """Ask one question, and note the answer; give what it is about, or None where it failed."""
    try:
        found, words = question()
    except FileError as error:
        verdict = "refused" if isinstance(error, _REFUSALS) else "failed"
        checks.append(Check(name=name, verdict=verdict, words=str(error)))
        return None
    checks.append(Check(name=name, verdict="skipped" if found is False else "passed", words=words))
    return found


def _structure(container: Container) -> tuple[Container, str]:
    return container, f"{container.length_bytes:,} bytes, {len(container.members)} members"


def _checksums(container: Container) -> tuple[bool, str]:
    for name in container.members:
        container.check(name)
    return True, f"all {len(container.members)} members are as they were written"


def _unasked_signature(file: str | os.PathLike[str]) -> str:
    if os.path.exists(os.fspath(file) + ".sig"):
        return "no key was named; a signature stands beside the file, which says nothing until a key does"
    return "no key was named"


def _signature(file: str | os.PathLike[str], signed_by: PublicKeys) -> tuple[bool, str]:
    from hermetic.signing.files import signed_source  # cryptography only for who names a key

    signed_source(file, signed_by)
    return True, "one of the named keys has signed these very bytes"


def _model(
    file: str | os.PathLike[str], signed_by: PublicKeys | None, limits: Limits, wishes: dict[str, Any]
) -> tuple[tuple[Any, LoadReport], str]:
    model, report = load(file, signed_by=signed_by, limits=limits, check="never", report=True, **wishes)
    migrated = sorted({own.type for own in report.migrations})
    words = f"a {type(model).__name__} loads here"
    if migrated:
        words += f", after migrations of {len(migrated)} types: {', '.join(migrated[:5])}"
    return (model, report), words


def _answers(container: Container, model: Any, limits: Limits) -> tuple[bool, str]:
    if not find_golden(container):
        return False, "the file holds no golden rows: save it with evidence=hermetic.record(model, X)"
    check = check_answers(model, read_golden(container, limits), where=container.source.where)
    if check.verdict == "skipped":
        return False, check.reason
    return True, f"as recorded: {', '.join(check.methods)} of {check.n_rows} rows"


def _environment(report: LoadReport) -> Check:
    others = [
        f"{name} {report.written_by[name]}, installed {version}"
        for name, version in report.installed.items()
        if version != report.written_by[name]
    ]
    if others:
        return Check(name="environment", verdict="noted", words=f"written with {'; '.join(others)}")
    return Check(name="environment", verdict="passed", words="the libraries are those that the file was written with")
