"""How the state of a type has changed from release to release of its library, and how to write that down.

A history is complete from one release on, or there is none: what nobody has measured is refused, because filling in
defaults alone would turn a loud error into wrong numbers. A change is given both ways; where one of them cannot be, its
step refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from hermetic.codecs.table_edit import TableEdit
from hermetic.graph import Instances, Value
from hermetic.stages import Journal

__all__ = [
    "OLDEST_TARGET",
    "RELEASES",
    "Change",
    "History",
    "Step",
    "attribute_added",
    "attribute_removed",
    "leave",
    "note_steps",
    "refused_when",
    "renamed",
    "upward",
]

RELEASES = (
    *("0.17", "0.18", "0.19", "0.20", "0.21", "0.22", "0.23", "0.24"),
    *("1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9"),
)
"""Releases of scikit-learn that are known, the oldest first."""

OLDEST_TARGET = "1.2"
"""The oldest release that models of newer ones are brought back to: further back nobody has measured the way."""

Step = Callable[[TableEdit], None]
RowValue = Callable[[TableEdit, int], Value]


class Change(NamedTuple):
    """What one release has changed in the state of a type.

    Attributes
    ----------
    release : str
        The first release with the newer form.
    up, down : callable
        Bring a table from the release before to this one, and back.
    """

    release: str
    up: Step
    down: Step


class History(NamedTuple):
    """What is known of one type.

    Attributes
    ----------
    since : str
        The oldest release from which on every change is known.
    changes : tuple of Change
        In the order in which they are made going up.
    """

    since: str
    changes: tuple[Change, ...] = ()

    def steps(self, release: str, *, is_upward: bool) -> list[Step]:
        """Give what is to be done between a release and the one before it."""
        steps = [change.up if is_upward else change.down for change in self.changes if change.release == release]
        return steps if is_upward else steps[::-1]


def leave(edit: TableEdit) -> None:
    """Change nothing: the state of one release is that of the other.

    Parameters
    ----------
    edit : TableEdit
        Stays as it is.
    """


def upward(release: str, step: Step) -> Change:
    """Give a change that is made on the way up only: what it makes is right in older releases as well.

    Parameters
    ----------
    release : str
        The first release that needs it; those up to `OLDEST_TARGET` are never gone back before.
    step : callable
        Brings a table from the release before to this one.

    Returns
    -------
    Change
        The change; its way back does nothing.

    Examples
    --------
    >>> upward("1.5", leave).release
    '1.5'
    """
    return Change(release, step, leave)


def attribute_added(release: str, field: str, value: Value | RowValue, *, beside: str) -> Change:
    """Give the change for a new attribute of fitted models.

    Parameters
    ----------
    release : str
        The first release that has it.
    field : str
        Its name.
    value : value or callable
        What it is for models of older releases; a callable takes the table and the row.
    beside : str
        An attribute that shows that a model is fitted.

    Returns
    -------
    Change
        The change.
    """
    return Change(release, _adding(field, value, beside), lambda edit: edit.drop(field))


def attribute_removed(release: str, field: str, value: Value | RowValue, *, beside: str) -> Change:
    """Give the change for an attribute that fitted models no longer have.

    Parameters
    ----------
    release : str
        The first release without it.
    field, value, beside
        As in `attribute_added`, for models that go back.

    Returns
    -------
    Change
        The change.
    """
    return Change(release, lambda edit: edit.drop(field), _adding(field, value, beside))


def _adding(field: str, value: Value | RowValue, beside: str) -> Step:
    def add(edit: TableEdit) -> None:
        if edit.has(field) or not edit.has(beside):
            return
        if callable(value):
            edit.put(field, [value(edit, row) for row in range(edit.rows)])
        else:
            edit.fill(field, value)

    return add


def renamed(release: str, old: str, new: str) -> Change:
    """Give the change for a parameter or attribute with another name.

    Parameters
    ----------
    release : str
        The first release with the new name.
    old, new : str
        The names.

    Returns
    -------
    Change
        The change.
    """
    return Change(release, lambda edit: edit.rename(old, new), lambda edit: edit.rename(new, old))


def refused_when(release: str, reason: str, holds: Callable[[TableEdit, int], bool]) -> Change:
    """Give the change for a formula that is another one since a release: what depends on it passes neither way.

    Parameters
    ----------
    release : str
        The first release with the new formula.
    reason : str
        What is different, for the message.
    holds : callable
        Takes the table and the row, tells whether this object depends on it.

    Returns
    -------
    Change
        The change.
    """

    def refuse(edit: TableEdit) -> None:
        for row in range(edit.rows):
            if holds(edit, row):
                raise edit.no_way(reason, row=row)

    return Change(release, refuse, refuse)


def note_steps(
    journal: Journal, release: str, before: tuple[str, dict[str, Any]], edit: TableEdit, *, is_upward: bool
) -> None:
    """Note for a report what a release has made of a table.

    Parameters
    ----------
    journal : Journal
        Takes the note.
    release : str
        The one that made the changes.
    before : (str, dict)
        Name and fields of the table before.
    edit : TableEdit
        The table as it is now.
    is_upward : bool
        Whether it was brought to newer releases.
    """
    previous = RELEASES[RELEASES.index(release) - 1]
    older, newer = (previous, release) if is_upward else (release, previous)
    name, fields = before
    after = edit.graph.nodes[edit.index]
    if not isinstance(after, Instances) or edit.name != name:
        words = f"it becomes {edit.name}" if isinstance(after, Instances) else "it becomes a plain list"
        journal.note_words(name, older, newer, words)
    else:
        journal.note_change(name, older, newer, fields, {**after.fields, **dict.fromkeys(edit.changed_arrays, edit)})
