"""What a comparison of two models found: one section for each thing that can differ, the most important first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from hermetic.differences.changes import Change
from hermetic.inspection.text import printable

__all__ = ["DiffReport", "Section"]

_MOST_LINES = 8
_LONGEST_LINE = 200


@dataclass(frozen=True, kw_only=True)
class Section:
    """One thing that can differ.

    Attributes
    ----------
    name : str
        ``structure``, ``parameters``, ``scores``, ``answers``, ``data``, ``fitted``, ``source``, ``versions``,
        ``environment`` or ``lineage``.
    verdict : str
        ``same``, ``different``, ``skipped``, or ``not recorded`` where one of the files or both say nothing.
    words : str
        What was found, in a line; text of the files may be part of it.
    lines : tuple of str
        Each difference.
    changes : tuple of Change
        Of the model: the same as data.
    """

    name: str
    verdict: str
    words: str
    lines: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DiffReport:
    """What `hermetic.diff` found.

    All strings are those of the files: whoever shows them makes them harmless first, as ``str(report)`` does.

    Attributes
    ----------
    before, after : str
        The two files.
    digests : (str, str)
        Their SHA-256.
    sections : tuple of Section
        The most important first.

    Examples
    --------
    >>> from hermetic.differences.report import DiffReport, Section
    >>> report = DiffReport(
    ...     before="a.hermetic",
    ...     after="b.hermetic",
    ...     digests=("1", "2"),
    ...     sections=(Section(name="parameters", verdict="different", words="1 parameter", lines=("$.C: 1 -> 2",)),),
    ... )
    >>> report.ok
    False
    >>> print(report)
    a.hermetic and b.hermetic differ: parameters
    <BLANKLINE>
    parameters    1 parameter
      $.C: 1 -> 2
    """

    before: str
    after: str
    digests: tuple[str, str]
    sections: tuple[Section, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing differs."""
        return not self.different

    @property
    def different(self) -> tuple[str, ...]:
        """The names of the sections that differ."""
        return tuple(section.name for section in self.sections if section.verdict == "different")

    @property
    def verdict(self) -> str:
        """What was found, in a line."""
        if self.digests[0] == self.digests[1]:
            return f"{self.before} and {self.after} are the same, byte by byte"
        if self.ok:
            return f"{self.before} and {self.after} hold the same model"
        return f"{self.before} and {self.after} differ: {', '.join(self.different)}"

    def lines(self, *, is_full: bool = False) -> Iterator[str]:
        """Give the report line by line, each of them printable.

        Parameters
        ----------
        is_full : bool, default=False
            Whether every difference is listed, and the sections without any.

        Yields
        ------
        str
            The verdict first.
        """
        yield printable(self.verdict)
        others = [section for section in self.sections if section.verdict != "different"]
        for section in self.sections:
            if section.verdict != "different":
                continue
            yield ""
            yield printable(f"{section.name:<14}{section.words}")
            n_shown = len(section.lines) if is_full else _MOST_LINES
            for line in section.lines[:n_shown]:
                is_cut = not is_full and len(line) > _LONGEST_LINE
                yield "  " + printable(line[:_LONGEST_LINE] + "..." if is_cut else line)
            if len(section.lines) > n_shown:
                yield f"  ... and {len(section.lines) - n_shown:,} more lines"
        if others:
            yield ""
        for section in others:
            yield printable(f"{section.name:<14}{section.verdict}{': ' if section.words else ''}{section.words}")

    def to_json(self) -> str:
        """Give everything as JSON text, in ASCII; sizes that are infinite as null."""
        document = {"ok": self.ok, "different": list(self.different), **asdict(self)}
        for section in document["sections"]:
            for change in section["changes"]:
                for size in ("largest", "relative"):
                    if change[size] == float("inf"):
                        change[size] = None
        return json.dumps(document, indent=2)

    def __str__(self) -> str:
        """Give the report as plain text, every character of which is printable."""
        return "\n".join(self.lines())
