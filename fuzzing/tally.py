"""What has been tried so far, by seed: kept in a file, so that a long run is many short ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fuzzing.refusals import GATES
from fuzzing.server import DIED, Finding, Result
from fuzzing.smaller import Smaller

__all__ = ["LEAST_ACCEPTED", "LEAST_IN_ALL", "LEAST_REFUSED", "REFUSED_BY_GATES", "Tally"]

LEAST_ACCEPTED = 1_000
LEAST_REFUSED = 10_000
LEAST_IN_ALL = 1_000_000
"""How many mutants of each seed must have been accepted and used, refused by a gate, and tried in all."""

REFUSED_BY_GATES = tuple(gate for gate in GATES if gate not in ("container", "reader"))


@dataclass(kw_only=True)
class Tally:
    """Counts and findings.

    Attributes
    ----------
    seeds : dict of str to dict of str to int
        For each seed the number of mutants of each kind, and under ``next`` the first number not tried.
    lines : dict of str to int
        How many mutants each check refused.
    findings : list of dict
        Different ones: one example of the same defect in one seed.
    """

    seeds: dict[str, dict[str, int]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)

    def add_counts(self, result: Result) -> list[Finding]:
        """Add the numbers of a batch; give the findings that are new."""
        name = result.batch.seed.name
        counts = self.seeds.setdefault(name, {"next": 0})
        for kind, count in result.kinds.items():
            counts[kind] = counts.get(kind, 0) + count
        for line, (count, _) in result.lines.items():
            self.lines[line] = self.lines.get(line, 0) + count
        known = {(one["seed"], one["what"]) for one in self.findings}
        different = {finding.what: finding for finding in reversed(result.findings)}
        return [finding for what, finding in different.items() if (name, what) not in known]

    def add_finding(self, smaller: Smaller) -> None:
        """Add one finding, unless the same was found in this seed before."""
        finding = smaller.finding
        if not any((one["seed"], one["what"]) == (finding.seed, finding.what) for one in self.findings):
            self.findings.append({**asdict(finding), "steps": smaller.steps, "words": smaller.words})

    def take_numbers(self, seed: str, count: int, stride: int) -> range:
        """Give the next numbers of a seed, a stride apart."""
        counts = self.seeds.setdefault(seed, {"next": 0})
        first = -(-counts["next"] // stride) * stride
        counts["next"] = first + count * stride
        return range(first, counts["next"], stride)

    def accepted(self, seed: str) -> int:
        """Give how many mutants of a seed were accepted and used."""
        counts = self.seeds.get(seed, {})
        return counts.get("accepted", 0) + counts.get("accepted, not saved", 0)

    def refused(self, seed: str) -> int:
        """Give how many mutants of a seed a gate refused."""
        return sum(self.seeds.get(seed, {}).get(gate, 0) for gate in REFUSED_BY_GATES)

    def tried(self, seed: str) -> int:
        """Give how many mutants of a seed came to an end."""
        return sum(count for kind, count in self.seeds.get(seed, {}).items() if kind != "next")

    def has_seen_a_death(self) -> bool:
        """Tell whether any mutant has ended its process."""
        return any(DIED in counts for counts in self.seeds.values())

    def is_enough(self, seed: str) -> bool:
        """Tell whether a seed has had what it must have."""
        return self.accepted(seed) >= LEAST_ACCEPTED and self.refused(seed) >= LEAST_REFUSED

    def write(self, path: Path) -> None:
        """Keep it in a file, which is whole at any time."""
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        new.replace(path)

    @staticmethod
    def read(path: Path) -> Tally:
        """Take up a file, or begin."""
        if not path.exists():
            return Tally()
        kept: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Tally(seeds=kept["seeds"], lines=kept["lines"], findings=kept["findings"])
