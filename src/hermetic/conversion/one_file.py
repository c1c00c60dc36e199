"""One file: read as data, written as one of ours, looked at by the gates that need no library, put in its place."""

from __future__ import annotations

import io
import os
import time
from dataclasses import dataclass
from typing import Any

from hermetic.conversion.report import ConvertedFile
from hermetic.errors import HermeticError
from hermetic.foreign_files import container_of_legacy, is_legacy, read_legacy
from hermetic.formats.atomic_file import atomic_writer
from hermetic.formats.sibling_arrays import folder_of_siblings
from hermetic.limits import Limits
from hermetic.scanning import scan

__all__ = ["Task", "convert_file"]


@dataclass(frozen=True, kw_only=True)
class Task:
    """One file to convert.

    Attributes
    ----------
    source, target : str
        The two paths.
    compress : object
        As for `hermetic.dump`.
    checks : bool
        Whether predictions are compared.
    is_one_of_many : bool
        Whether a file that holds no model is skipped, as in a folder, or is a failure.
    limits : Limits
        Budgets for reading.
    capabilities : frozenset of str
        What reading may do beyond reading the file.
    """

    source: str
    target: str
    compress: Any
    checks: bool
    is_one_of_many: bool
    limits: Limits
    capabilities: frozenset[str] = frozenset()


class _Named(io.BytesIO):
    """Bytes in memory that messages call by the path they came from."""

    def __init__(self, data: bytes | bytearray, name: str) -> None:
        super().__init__(data)
        self.name = name


def convert_file(task: Task) -> ConvertedFile:
    """Convert one file.

    Parameters
    ----------
    task : Task
        What to do.

    Returns
    -------
    ConvertedFile
        Whatever happens: errors of the file and of the operating system stand in it.
    """
    start = time.perf_counter()
    facts: dict[str, Any] = {"source": task.source, "target": task.target, "written_by": {}}
    try:
        facts |= _convert(task)
    except (HermeticError, OSError) as error:
        problem = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        facts |= {"status": "failed", "problem": problem, "error": type(error).__name__}
    return ConvertedFile(**facts, seconds=round(time.perf_counter() - start, 3))


def _convert(task: Task) -> dict[str, Any]:
    with open(task.source, "rb") as file:
        data = file.read()
    facts: dict[str, Any] = {"source_bytes": len(data)}
    if not is_legacy(data):
        return facts | _explain(task, data)
    folder = folder_of_siblings(task.source, task.capabilities)
    legacy = read_legacy(data, task.limits, where=task.source, folder=folder)
    facts |= {"format": legacy.format, "written_by": legacy.written_by}
    content = container_of_legacy(legacy, task.compress)
    report = scan(_Named(content, task.source), limits=task.limits)
    if report.verdict == "unreadable":
        return facts | {"status": "failed", "problem": report.problem, "error": report.error}
    facts |= {"needs": tuple(name.trust for name in report.unknown), "capabilities": tuple(report.grants)}
    os.makedirs(os.path.dirname(task.target) or ".", exist_ok=True)
    with atomic_writer(task.target) as target:
        target.write(content)
    facts |= {"status": "converted", "target_bytes": len(content)}
    if task.checks:
        from hermetic.conversion.checking import compare_predictions  # scikit-learn only where it is asked for

        facts["check"] = compare_predictions(data, task.target, task.limits, sibling_folder=folder)
    return facts


def _explain(task: Task, data: bytes) -> dict[str, Any]:
    """Say why a file is not converted."""
    report = scan(_Named(data, task.source), limits=task.limits)
    if report.sha256:
        return {"status": "skipped", "problem": "it is a hermetic file already", "format": "hermetic"}
    if task.is_one_of_many:
        return {"status": "skipped", "problem": "it holds no model"}
    return {"status": "failed", "problem": report.problem, "error": report.error}
