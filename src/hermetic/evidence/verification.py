"""verify: whether a file is whole, signed, loads here, and answers as it did where it was saved.

Each question is asked for itself and answered in one line, so that a person sees at once which of them failed.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from hermetic.errors import FileError
from hermetic.evidence.checks import Check, VerifyReport, verdict_of
from hermetic.evidence.environment.drift import check_environment
from hermetic.evidence.recorded_checks import check_recorded_data, check_recorded_scores
from hermetic.formats.container_reader import Container, open_container
from hermetic.formats.open_source import open_source
from hermetic.formats.sources import BufferSource, Source
from hermetic.limits import DEFAULT_LIMITS, Limits
from hermetic.own_files import Wishes
from hermetic.persistence import load
from hermetic.recorded.members import find_golden, read_golden, read_record
from hermetic.recorded.self_check import check_answers

if TYPE_CHECKING:
    from hermetic.load_report import LoadReport
    from hermetic.signing.files import PublicKeys

__all__ = ["verify"]


def verify(
    file: str | os.PathLike[str],
    *,
    signed_by: PublicKeys | None = None,
    trusted: Collection[str | type] = (),
    capabilities: Collection[str] = (),
    approvals: str | os.PathLike[str] | None = None,
    scores: bool = False,
    tolerance: float | None = None,
    data: Mapping[str, Any] | None = None,
    store: str | os.PathLike[str] | None = None,
    allowed: Collection[str] = (),
    n_jobs: int | None = None,
    progress: bool | None = None,
    limits: Limits | None = None,
) -> VerifyReport:
    """Verify a file: structure, checksums, signature, that it loads here, what it answers, its data and its scores.

    Parameters
    ----------
    file : path
        A hermetic file.
    signed_by : path or PEM text of a public key, or a collection of them, optional
        One of them must have signed the file.
    trusted, capabilities, approvals, limits
        As in `hermetic.load`.
    scores : bool, default=False
        Whether the recorded cross-validation is run again on the recorded data, and its scores compared.
    tolerance : float, optional
        How far the mean score may be from the recorded one; by default a statistical test decides (docs/rebuilding.md).
    data : mapping of str to object, optional
        The data themselves, ``{"X": X, "y": y}``, where you have them at hand; they are compared with the fingerprints.
    store : path or URI, optional
        Where snapshots of the data are; by default the store of the project.
    allowed : collection of str
        Prefixes of URIs that may be opened because the file refers to them.
    n_jobs : int, optional
        Folds at a time.
    progress : bool, optional
        Whether folds are counted on the error stream; by default on a terminal.

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
    wishes = Wishes(trusted=trusted, capabilities=capabilities, approvals=approvals, limits=limits)
    checks: list[Check] = []
    source = open_source(file, limits)
    try:
        container = _opened(checks, source, file, signed_by, limits)
        if container is not None:
            loaded = _ask(checks, "model", lambda: _model(file, container, wishes))
            if loaded is not None:
                _ask(checks, "answers", lambda: _answers(container, loaded[0], limits))
            places: dict[str, Any] = {"store": store, "allowed": allowed, "given": data}
            if scores:
                run: dict[str, Any] = {"tolerance": tolerance, "n_jobs": n_jobs, "progress": progress}
                checks += check_recorded_scores(container, wishes, places, run)
            else:
                checks.append(check_recorded_data(container, limits, places))
            checks.append(_environment(container, loaded))
    finally:
        source.close()
    return VerifyReport(file=os.fspath(file), checks=tuple(checks))


def _opened(
    checks: list[Check], source: Source, file: str | os.PathLike[str], signed_by: PublicKeys | None, limits: Limits
) -> Container | None:
    """Ask what is about the bytes alone; give the container that all other questions are about, if they are well."""
    container: Container | None = _ask(checks, "structure", lambda: _structure(open_container(source, limits)))
    if container is None or _ask(checks, "checksums", lambda: _checksums(container)) is None:
        return None
    if signed_by is None:
        checks.append(Check(name="signature", verdict="skipped", words=_unasked_signature(file)))
        return container
    signed: Container | None = _ask(checks, "signature", lambda: _signature(file, signed_by, limits))
    return signed  # the very bytes that were signed


def _ask(checks: list[Check], name: str, question: Callable[[], tuple[Any, str]]) -> Any:
    """Ask one question, and note the answer; give what it is about, or None where it failed."""
    try:
        found, words = question()
    except FileError as error:
        checks.append(Check(name=name, verdict=verdict_of(error), words=str(error)))
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


def _signature(file: str | os.PathLike[str], signed_by: PublicKeys, limits: Limits) -> tuple[Container, str]:
    from hermetic.signing.files import signed_source  # cryptography only for who names a key

    source = signed_source(file, signed_by)
    return open_container(source, limits), "one of the named keys has signed these very bytes"


def _model(file: str | os.PathLike[str], container: Container, wishes: Wishes) -> tuple[tuple[Any, LoadReport], str]:
    # Of a signed file the bytes are in memory, and it is they that are loaded.
    is_signed = isinstance(container.source, BufferSource)
    content = io.BytesIO(container.source.read(0, container.length_bytes)) if is_signed else file
    model, report = load(
        content,
        trusted=wishes.trusted,
        capabilities=wishes.capabilities,
        approvals=wishes.approvals,
        limits=wishes.limits,
        check="never",
        report=True,
    )
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


def _environment(container: Container, loaded: tuple[Any, LoadReport] | None) -> Check:
    """Say what is another one here than where the model was made: all of it where that is recorded."""
    try:
        record = read_record(container, "environment")
    except FileError as error:
        return Check(name="environment", verdict="failed", words=str(error))
    if record is not None:
        return check_environment(record)
    if loaded is None:
        return Check(name="environment", verdict="skipped", words="the file does not record it")
    report = loaded[1]
    others = [
        f"{name} {report.written_by[name]}, installed {version}"
        for name, version in report.installed.items()
        if version != report.written_by[name]
    ]
    if others:
        return Check(name="environment", verdict="noted", words=f"written with {'; '.join(others)}")
    return Check(name="environment", verdict="passed", words="the libraries are those that the file was written with")
