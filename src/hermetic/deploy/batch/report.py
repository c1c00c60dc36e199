"""What became of the files that were predicted."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

__all__ = ["PredictedFile", "PredictionReport"]


@dataclass(frozen=True, kw_only=True)
class PredictedFile:
    """One file.

    Attributes
    ----------
    source, target : str
        The two paths.
    n_rows : int
        How many rows it has.
    n_rows_before : int
        How many of them an earlier run had answered.
    columns : tuple of str
        The columns of the output.
    """

    source: str
    target: str
    n_rows: int
    n_rows_before: int
    columns: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PredictionReport:
    """What `predict_files` has done. What could not be done is an exception: then no output is there.

    Attributes
    ----------
    model : str
        Path of the model.
    sha256 : str
        Its digest.
    method : str
        Which of its methods was asked.
    batch_rows : int
        About how many rows at a time.
    seconds : float
        How long it took.
    files : tuple of PredictedFile
        In the order in which they were read.

    Examples
    --------
    >>> from hermetic.deploy.batch.report import PredictionReport
    >>> report = PredictionReport(
    ...     model="model.hermetic", sha256="0" * 64, method="predict", batch_rows=100, seconds=0.5, files=()
    ... )
    >>> report.ok, report.n_rows
    (True, 0)
    """

    model: str
    sha256: str
    method: str
    batch_rows: int
    seconds: float
    files: tuple[PredictedFile, ...]

    @property
    def ok(self) -> bool:
        """Always true: what goes wrong is raised."""
        return True

    @property
    def n_rows(self) -> int:
        """The rows of all files."""
        return sum(file.n_rows for file in self.files)

    def to_json(self) -> str:
        """Give everything as JSON text."""
        return json.dumps({"ok": self.ok, "n_rows": self.n_rows, **asdict(self)}, indent=2)
