"""Verifying files in another environment: the recorded one, or one with the versions of an upgrade."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Collection, Sequence
from dataclasses import replace

from hermetic.deploy.environments.approving import check_approval
from hermetic.deploy.environments.creating import cached_environment, differing_wheels
from hermetic.deploy.environments.installers import Installer, find_installer, run
from hermetic.deploy.environments.lock import Lock
from hermetic.deploy.environments.pins import Pin
from hermetic.deploy.environments.planning import Plan, plan_environment, read_environment
from hermetic.deploy.environments.typed import about_environment, environment_with
from hermetic.errors import FileError, LockNotApproved, UsageError
from hermetic.evidence.checks import VERDICTS, Check, VerifyReport
from hermetic.inspection.text import printable
from hermetic.signing.files import PublicKeys

__all__ = ["verify_elsewhere", "verify_inside"]


def verify_elsewhere(
    files: Sequence[str],
    *,
    requirements: Sequence[str] = (),
    approved: Collection[str] = (),
    signed_by: PublicKeys | None = None,
    options: Sequence[str] = (),
    extras: Sequence[str] = (),
    installer: Installer | None = None,
) -> list[VerifyReport]:
    """Verify files in an environment that is made for it, or was made before.

    Parameters
    ----------
    files : sequence of str
        Paths of hermetic files.
    requirements : sequence of str
        What the user has typed, as ``scikit-learn==1.9.1``: one environment for all files, without approval. Empty for
        the environment that each file records.
    approved : collection of str
        SHA-256 of the lists of distributions that may be installed.
    signed_by : path or PEM text of a public key, or a collection of them, optional
        A file that one of them has signed needs no other approval.
    options : sequence of str
        Further ones of ``hermetic verify``.
    extras : sequence of str
        Names of further distributions that these need.
    installer : Installer, optional
        uv or pip; by default what is there.

    Returns
    -------
    list of VerifyReport
        In the order of the files. What has no environment, or none that was approved, is in its report.

    Raises
    ------
    UsageError
        When there is no installer, or what was typed cannot be had.
    """
    installer = installer or find_installer()
    if requirements:
        python, about = environment_with(requirements, extras=extras, installer=installer)
        signatures = {file: _signature(file, signed_by) for file in files}
        allowed = [file for file in files if signatures[file].verdict != "refused"]
        found = {report.file: report for report in verify_inside(python, allowed, options)} if allowed else {}
        refused = {file: VerifyReport(file=file, checks=(signatures[file],)) for file in files if file not in allowed}
        reports = {file: _behind([about], report, signatures[file]) for file, report in found.items()}
        return [(refused | reports)[file] for file in files]
    return [_verify_as_recorded(file, approved, signed_by, options, extras, installer) for file in files]


def _verify_as_recorded(
    file: str,
    approved: Collection[str],
    signed_by: PublicKeys | None,
    options: Sequence[str],
    extras: Sequence[str],
    installer: Installer,
) -> VerifyReport:
    try:
        signature = _signature(file, signed_by)
        if signature.verdict == "refused":
            return VerifyReport(file=file, checks=(signature,))
        plan = plan_environment(read_environment(file, signed_by=signed_by, for_answers=True), installer, extras=extras)
        if plan.missing:
            return _alone(file, "failed", "the recorded environment cannot be had:\n" + "\n".join(_lost(plan)))
        if signed_by is None:
            check_approval(plan.lock, approved, command=f"hermetic verify {shlex.quote(file)} --env recorded")
        folder, python = cached_environment(plan.lock, installer)
    except LockNotApproved as error:
        return _alone(file, "refused", f"{error.found}\n{error.next_step}")
    except (FileError, UsageError) as error:
        return _alone(file, "failed", str(error))
    checks = [about_environment(plan.lock, plan.notes), _wheels(folder, plan.lock, plan.pins.wanted)]
    if checks[1].verdict == "failed":
        return VerifyReport(file=file, checks=tuple(checks))
    (report,) = verify_inside(python, [file], options)
    return _behind(checks, report, signature)


def _alone(file: str, verdict: str, words: str) -> VerifyReport:
    return VerifyReport(file=file, checks=(Check(name="elsewhere", verdict=verdict, words=words),))


def _lost(plan: Plan) -> list[str]:
    return [
        f"{one.name} {one.version}: {one.reason}" + (f"; the nearest is {one.nearest}" if one.nearest else "")
        for one in plan.missing
    ]


def _wheels(folder: str, lock: Lock, pins: Sequence[Pin]) -> Check:
    differing = differing_wheels(folder, lock.target.python, pins)
    if differing:
        words = f"under the same version the index has other files than were recorded: {', '.join(differing)}"
        return Check(name="wheels", verdict="failed", words=words)
    n_compared = sum(bool(pin.content) for pin in pins)
    return Check(name="wheels", verdict="passed", words=f"the files of {n_compared} distributions are as recorded")


def _signature(file: str, signed_by: PublicKeys | None) -> Check:
    """Check a signature here: inside there is nothing to check it with."""
    if signed_by is None:
        return Check(name="signature", verdict="skipped", words="no key was named")
    from hermetic.signing.files import signed_source  # cryptography only for who names a key

    try:
        signed_source(file, signed_by).close()
    except FileError as error:
        return Check(name="signature", verdict="refused", words=str(error))
    return Check(name="signature", verdict="passed", words="one of the named keys has signed these very bytes")


def _behind(checks: Sequence[Check], report: VerifyReport, signature: Check) -> VerifyReport:
    """Put what was asked here before what was asked inside, which knows no signature."""
    inside = [signature if check.name == "signature" else check for check in report.checks]
    return replace(report, checks=(*checks, *inside))


def verify_inside(python: str, files: Sequence[str], options: Sequence[str] = ()) -> list[VerifyReport]:
    """Run ``hermetic verify`` with the Python of another environment.

    Parameters
    ----------
    python : str
        Path of it.
    files : sequence of str
        Paths of hermetic files.
    options : sequence of str
        Further ones of the command.

    Returns
    -------
    list of VerifyReport
        In the order of the files. A process that dies is a failed check of the file that it was at.
    """
    found, said = _ask(python, files, options)
    if len(files) > 1:
        # A crash takes the files behind it along: they are asked alone.
        for file in [file for file in files if file not in found]:
            one, said = _ask(python, [file], options)
            found |= one or {file: _alone(file, "failed", said)}
    return [found.get(file) or _alone(file, "failed", said) for file in files]


def _ask(python: str, files: Sequence[str], options: Sequence[str]) -> tuple[dict[str, VerifyReport], str]:
    paths = {os.path.abspath(file): file for file in files}
    # In this very folder, below which the store of the project stands; with -I nothing is imported from it.
    done = run([python, "-I", "-m", "hermetic", "verify", "--json", *options, "--", *paths], os.getcwd())
    found = {}
    for line in done.stdout.splitlines():
        report = _report_in(line)
        if report is not None and report.file in paths:
            found[paths[report.file]] = replace(report, file=paths[report.file])
    lines = [printable(line.strip()) for line in done.stderr.splitlines() if line.strip()]
    return found, f"hermetic verify ended with status {done.returncode} there: {' / '.join(lines[-3:])[:500]}"


def _report_in(line: str) -> VerifyReport | None:
    try:
        told = json.loads(line)
        checks = tuple(
            Check(**{key: str(each[key]) for key in ("name", "verdict", "words")}) for each in told["checks"]
        )
        report = VerifyReport(file=str(told["file"]), checks=checks)
    except (ValueError, KeyError, TypeError):
        return None
    return report if all(check.verdict in VERDICTS for check in checks) else None
