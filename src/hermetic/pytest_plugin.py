"""`pytest --hermetic models/`: every model file is verified, a test for each question.

pytest finds this module by its entry point. Without the option it does nothing, and imports nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from hermetic.evidence.checks import VerifyReport

__all__ = ["ModelFile", "Question", "pytest_addoption", "pytest_collect_file"]

_QUESTIONS = ("structure", "checksums", "signature", "model", "answers", "data", "scores", "environment")
_FROM_PYTEST = {"trusted": "hermetic_trust", "capabilities": "hermetic_capability"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("hermetic", "verify model files")
    group.addoption("--hermetic", action="store_true", help="Verify every *.hermetic below the given paths.")
    group.addoption("--hermetic-scores", action="store_true", help="Run recorded cross-validations again.")
    group.addoption("--hermetic-store", metavar="STORE", help="Where snapshots of the data are.")
    group.addoption("--hermetic-signed-by", action="append", metavar="KEY", help="One of these must have signed each.")
    group.addoption("--hermetic-approvals", metavar="FILE", help="What `hermetic approve` has written.")
    group.addoption("--hermetic-trust", action="append", default=[], metavar="NAME", help="As load's trusted.")
    group.addoption("--hermetic-capability", action="append", default=[], metavar="NAME", help="As load's.")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ModelFile | None:
    """Take a file of ours as a collection of tests, when that was asked for."""
    if file_path.suffix == ".hermetic" and parent.config.getoption("hermetic"):
        return ModelFile.from_parent(parent, path=file_path)
    return None


class ModelFile(pytest.File):
    """A model's file: verified once, when the first question about it is asked."""

    _report: VerifyReport | None = None

    def collect(self) -> Iterator[Question]:
        """Give a test for each question."""
        for name in _QUESTIONS:
            yield Question.from_parent(self, name=name)

    def report(self) -> VerifyReport:
        """Give what verify says."""
        if self._report is None:
            from hermetic.evidence.verification import verify  # only when a test runs, not in every run of pytest

            option = self.config.getoption
            wishes: dict[str, Any] = {name: tuple(option(own)) for name, own in _FROM_PYTEST.items()}
            self._report = verify(
                self.path,
                signed_by=option("hermetic_signed_by") or None,
                approvals=option("hermetic_approvals"),
                scores=option("hermetic_scores"),
                store=option("hermetic_store"),
                **wishes,
            )
        return self._report


class Question(pytest.Item):
    """One question about a file, as a test."""

    parent: ModelFile

    def runtest(self) -> None:
        """Pass, fail or skip, as the answer is."""
        report = self.parent.report()
        check = next((check for check in report.checks if check.name == self.name), None)
        if check is None:
            pytest.skip("not asked, since another question had failed" if not report.ok else "there was nothing to ask")
        if check.verdict == "skipped":
            pytest.skip(check.words)
        if check.verdict in ("failed", "refused"):
            pytest.fail(f"{self.path.name}, {check.name} {check.verdict}: {check.words}", pytrace=False)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Give what stands in the headline of a failure."""
        return self.path, 0, f"{self.path.name}: {self.name}"
