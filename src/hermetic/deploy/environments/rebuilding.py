"""Making a model again in another environment: that of an upgrade, say."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

from hermetic.deploy.environments.installers import Installer, find_installer, run
from hermetic.deploy.environments.typed import environment_with
from hermetic.evidence.checks import VERDICTS, Check
from hermetic.evidence.rebuilding.report import Rebuild
from hermetic.inspection.text import printable

__all__ = ["rebuild_elsewhere"]

_EXTRAS = ("pyarrow",)  # snapshots are Parquet


def rebuild_elsewhere(
    file: str,
    target: str | None,
    *,
    requirements: Sequence[str],
    options: Sequence[str] = (),
    installer: Installer | None = None,
) -> Rebuild:
    """Run ``hermetic rebuild`` in an environment that is made for it, or was made before.

    Parameters
    ----------
    file : str
        Path of a hermetic file.
    target : str or None
        What is written.
    requirements : sequence of str
        What the user has typed, as ``scikit-learn==1.9.1``.
    options : sequence of str
        Further ones of the command.
    installer : Installer, optional
        uv or pip; by default what is there.

    Returns
    -------
    Rebuild
        What was done there. A process that dies is a failed step.

    Raises
    ------
    UsageError
        When there is no installer, or what was typed cannot be had.
    """
    python, about = environment_with(requirements, extras=_EXTRAS, installer=installer or find_installer())
    written = [] if target is None else ["-o", os.path.abspath(target)]
    # In this very folder, below which the store of the project stands; with -I nothing is imported from it.
    command = [python, "-I", "-m", "hermetic", "rebuild", "--json", *written, *options, "--", os.path.abspath(file)]
    done = run(command, os.getcwd())
    steps = _steps_in(done.stdout)
    if steps is None:
        lines = [printable(line.strip()) for line in done.stderr.splitlines() if line.strip()]
        words = f"hermetic rebuild ended with status {done.returncode} there: {' / '.join(lines[-3:])[:500]}"
        return Rebuild(file=file, target="", steps=(about, Check(name="rebuild", verdict="failed", words=words)))
    is_written = any(step.name == "write" and step.verdict == "passed" for step in steps)
    return Rebuild(file=file, target=target or "" if is_written else "", steps=(about, *steps))


def _steps_in(text: str) -> tuple[Check, ...] | None:
    """Read what the command has told; None where it is no report."""
    try:
        steps = tuple(
            Check(**{key: str(each[key]) for key in ("name", "verdict", "words")}) for each in json.loads(text)["steps"]
        )
    except (ValueError, KeyError, TypeError):
        return None
    return steps if steps and all(step.verdict in VERDICTS for step in steps) else None
