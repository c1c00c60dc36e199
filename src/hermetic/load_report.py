"""What loading a file has done besides: which migrations ran, and whether recorded answers were computed again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from hermetic.inspection.text import printable

__all__ = ["GoldenCheck", "LoadReport", "Migration"]

_MEANING = (
    "Recorded answers show that the model answers here as it did where they were recorded, not who made the file."
)


@dataclass(frozen=True, kw_only=True)
class Migration:
    """What one release of a library has changed in the state of a type.

    Attributes
    ----------
    type : str
        Neutral name of the type, as the file has it.
    older, newer : str
        The releases from and to which its state was brought, in the direction of the change.
    what : str
        Which attributes came, went and changed.
    """

    type: str
    older: str
    newer: str
    what: str


@dataclass(frozen=True, kw_only=True)
class GoldenCheck:
    """Whether the recorded answers of a model were computed again.

    Attributes
    ----------
    verdict : str
        ``passed``, ``skipped``, or ``absent`` where the file holds none. A check that fails refuses the file.
    reason : str
        Why it was made or skipped.
    n_rows : int
        How many rows were compared.
    methods : tuple of str
        What was asked, in the words of the record.
    """

    verdict: str
    reason: str
    n_rows: int = 0
    methods: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LoadReport:
    """What `hermetic.load` did on the way from a file to a model.

    Attributes
    ----------
    file : str
        Where it was read from.
    written_by, installed : dict of str to str
        Versions of libraries: those that the file names, and those of them that are here.
    migrations : tuple of Migration
        Empty when the release that is installed wrote the model.
    golden : GoldenCheck
        Whether recorded answers were computed again.
    is_known : bool
        False when one of the releases of scikit-learn was unknown to hermetic.

    Examples
    --------
    >>> import hermetic
    >>> model, report = hermetic.loads(hermetic.dumps({"threshold": 0.5}), report=True)
    >>> report.ok, report.golden.verdict
    (True, 'absent')
    """

    file: str
    written_by: dict[str, str]
    installed: dict[str, str]
    migrations: tuple[Migration, ...]
    golden: GoldenCheck
    is_known: bool = True

    @property
    def ok(self) -> bool:
        """Whether the answers are known to be those of the original: by measured migrations, or by recorded rows."""
        return self.is_known or self.golden.verdict == "passed"

    def to_json(self) -> str:
        """Give everything as JSON text."""
        migrations = [
            {"type": own.type, "from": own.older, "to": own.newer, "what": own.what} for own in self.migrations
        ]
        golden = {**vars(self.golden), "methods": list(self.golden.methods)}
        content = {
            "ok": self.ok,
            "file": self.file,
            "written_by": self.written_by,
            "installed": self.installed,
            "is_known": self.is_known,
            "migrations": migrations,
            "golden": golden,
        }
        return json.dumps(content, indent=2)

    def __str__(self) -> str:
        """Give the report as lines of text, every character of which is printable."""
        golden = self.golden
        compared = f" ({golden.n_rows} rows: {', '.join(golden.methods)})" if golden.n_rows else ""
        lines = [
            f"{self.file}: written by {_versions(self.written_by)}; installed: {_versions(self.installed)}",
            *(f"migrated {own.type} from {own.older} to {own.newer}: {own.what}" for own in self.migrations),
            f"golden rows: {golden.verdict}, {golden.reason}{compared}",
            *([_MEANING] if golden.verdict == "passed" else []),
        ]
        return "\n".join(map(printable, lines))


def _versions(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items()) or "nothing that says so"
