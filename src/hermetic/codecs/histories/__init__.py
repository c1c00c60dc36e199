"""The histories of scikit-learn's types: since when each is known, and what has changed.

Only files of other releases need them, so nothing imports them before one is met.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from hermetic.codecs.histories import (
    attributes,
    before_0_24,
    before_1_2,
    boosting,
    ensembles,
    former,
    former_encoders,
    former_formulas,
    former_parameters,
    gone,
    in_1_2,
    kept,
    linear,
    measured,
    others,
    parameters,
    preprocessing,
    to_1_2,
    trees,
    widths,
)
from hermetic.codecs.history import RELEASES, Change, History, leave
from hermetic.codecs.related import mapping_of
from hermetic.codecs.table_edit import TableEdit

__all__ = ["EVERYWHERE", "history_of"]


def history_of(name: str) -> History | None:
    """Give the history of a type, or None when nobody has measured it.

    Parameters
    ----------
    name : str
        Neutral name.

    Returns
    -------
    History or None
        Since when it is known, and its changes.

    Examples
    --------
    >>> history_of("sklearn.svm.SVC").changes[0].release
    '0.19'
    """
    return _histories().get(name)


@functools.cache
def _histories() -> dict[str, History]:
    changes: dict[str, list[Change]] = {}
    tables = (
        former_parameters.changes(),
        gone.CHANGES,
        former_encoders.CHANGES,
        former_formulas.CHANGES,
        before_0_24.CHANGES,
        widths.CHANGES,
        to_1_2.CHANGES,
        before_1_2.CHANGES,
        in_1_2.CHANGES,
        former.CHANGES,
        attributes.CHANGES,
        trees.CHANGES,
        boosting.CHANGES,
        ensembles.CHANGES,
        linear.CHANGES,
        others.CHANGES,
        preprocessing.CHANGES,
        # Others look at parameters: they come before them on the way up, and after them on the way back.
        parameters.changes(),
    )
    for table in tables:
        for names, own in table.items():
            for name in names.split():
                changes.setdefault(name, []).extend(own)
    native = {
        name: History(since, tuple(sorted(_after(since, [*changes.get(name, ()), *EVERYWHERE]), key=_position)))
        for name, since in measured.since().items()
    }
    return native | kept.histories_of_kept(native)


def _after(since: str, changes: Iterable[Change]) -> list[Change]:
    return [change for change in changes if _position(change) > RELEASES.index(since)]


def _position(change: Change) -> int:
    return RELEASES.index(change.release)


def _refuse_polars(edit: TableEdit) -> None:
    # utils/_set_output.py: an older release would take any other word than "default" for pandas.
    for row, value in enumerate(edit.values("_sklearn_output_config")):
        if (mapping_of(edit, value) or {}).get("transform") not in (None, "default", "pandas"):
            raise edit.no_way("answers as tables of polars are new in scikit-learn 1.4", row=row)


EVERYWHERE = (Change("1.4", leave, _refuse_polars),)
"""Changes of every type: what does not depend on its class."""
