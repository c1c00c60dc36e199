"""The stages of a graph on its way to a live model, each a type of its own.

A stage is made in exactly one file (its gate) and accepted by the next one only, so that no path leads around a gate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hermetic.graph import Graph, Name
from hermetic.structs import msgspec

__all__ = ["ApprovedGraph", "CurrentGraph", "Journal", "NeutralGraph", "ValidGraph"]


class NeutralGraph(msgspec.Struct, frozen=True, kw_only=True):
    """A well-formed graph; made only by `hermetic.normalize.normalize`."""

    graph: Graph


class ApprovedGraph(msgspec.Struct, frozen=True, kw_only=True):
    """A graph whose every name is known or trusted; made only by `hermetic.policy.approve`."""

    graph: Graph


class CurrentGraph(msgspec.Struct, frozen=True, kw_only=True):
    """A graph in the layout of the installed libraries; made only by `hermetic.migrate.migrate`."""

    graph: Graph


class ValidGraph(msgspec.Struct, frozen=True, kw_only=True):
    """A graph whose state may be given to native code; made only by `hermetic.validate.validate`."""

    graph: Graph


class Journal:
    """What the gates note for a report, while they are passed; nothing depends on it.

    Attributes
    ----------
    migrations : list of (str, str, str, str)
        Type, the releases from and to which its state was brought, and what changed: each once, in their order.
    foreign : list of Name
        Names that no codec knows: code of the user.
    is_known : bool
        False when one of the releases of scikit-learn is unknown.

    Examples
    --------
    >>> journal = Journal()
    >>> journal.note_change("sklearn.svm.SVC", "1.8", "1.9", {"C": 1.0}, {"nu": 0.5})
    >>> journal.migrations
    [('sklearn.svm.SVC', '1.8', '1.9', 'added nu; removed C')]
    """

    def __init__(self) -> None:
        self.migrations: list[tuple[str, str, str, str]] = []
        self.foreign: list[Name] = []
        self.is_known = True

    def note_change(
        self, name: str, older: str, newer: str, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> None:
        """Note which fields of a type a release has changed, unless it has changed none."""
        came = sorted(after.keys() - before.keys())
        went = sorted(before.keys() - after.keys())
        changed = sorted(each for each in after.keys() & before.keys() if after[each] is not before[each])
        lists = {"added": came, "removed": went, "changed": changed}
        what = "; ".join(f"{verb} {', '.join(names)}" for verb, names in lists.items() if names)
        if what:
            self.note_words(name, older, newer, what)

    def note_words(self, name: str, older: str, newer: str, what: str) -> None:
        """Note what a release has made of a type, once."""
        if (name, older, newer, what) not in self.migrations:
            self.migrations.append((name, older, newer, what))
