"""What became of the files that were to be converted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from hermetic.inspection.text import printable, size_text

__all__ = ["ConversionReport", "ConvertedFile"]


@dataclass(frozen=True, kw_only=True)
class ConvertedFile:
    """One file.

    All strings are those of the file: whoever shows them makes them harmless first, as ``str(report)`` does.

    Attributes
    ----------
    source, target : str
        The two paths.
    status : str
        ``converted``; ``skipped``: it is a hermetic file already, or, below a folder, no model; ``failed``.
    format : str
        ``pickle``, ``joblib`` or ``skops``, with the compression behind it where there is one; ``""`` if unknown.
    problem : str
        Why it failed or was skipped; ``""`` otherwise.
    error : str
        The class of the error; ``""`` where there was none.
    needs : tuple of str
        What ``trusted=`` must hold when the file is loaded.
    capabilities : tuple of str
        What ``capabilities=`` must hold when the file is loaded.
    written_by : dict of str to str
        The versions of the libraries that the file names.
    source_bytes, target_bytes : int
        Lengths of the two files.
    seconds : float
        How long it took.
    check : str
        ``""`` where nothing was asked; ``same``; or why the predictions could not be compared, or differ.
    """

    source: str
    target: str
    status: str
    format: str = ""
    problem: str = ""
    error: str = ""
    needs: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    written_by: dict[str, str]
    source_bytes: int = 0
    target_bytes: int = 0
    seconds: float = 0.0
    check: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing went wrong."""
        return self.status != "failed" and self.check in ("", "same")


@dataclass(frozen=True, kw_only=True)
class ConversionReport:
    """All files of one conversion; made by `convert`.

    Attributes
    ----------
    files : tuple of ConvertedFile
        In the order of their paths.
    """

    files: tuple[ConvertedFile, ...]

    @property
    def ok(self) -> bool:
        """Whether every model was written, and every check that was asked for passed."""
        return all(file.ok for file in self.files)

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain data."""
        return {"ok": self.ok, "files": [{"ok": file.ok, **asdict(file)} for file in self.files]}

    def to_json(self) -> str:
        """Give everything as JSON text, in ASCII."""
        return json.dumps(self.to_dict(), indent=2)

    def __str__(self) -> str:
        """Give one line for each file, every character of which is printable."""
        return "\n".join(map(printable, self._lines()))

    def _lines(self) -> Iterator[str]:
        for file in self.files:
            if file.status == "converted":
                sizes = f"{size_text(file.source_bytes)} to {size_text(file.target_bytes)}"
                yield f"{file.source}: converted to {file.target}, {file.format}, {sizes}"
            else:
                first, *others = file.problem.splitlines() or [""]
                yield f"{file.source}: {file.status}: {first}"
                yield from others
            if file.needs:
                yield f"  loading it needs trust: {', '.join(file.needs)}"
            if file.check not in ("", "same"):
                yield f"  check: {file.check}"
            elif file.check:
                yield "  check: loaded from both files, state and predictions are the same"
