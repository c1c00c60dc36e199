"""Where two data sets differ, told from their fingerprints alone: neither is at hand."""

from __future__ import annotations

from collections.abc import Iterator

from hermetic.evidence.data.fingerprint import BLOCK_ROWS
from hermetic.recorded.data import ColumnFingerprint, Fingerprint

__all__ = ["differences_between"]

_MOST_PLACES = 3


def differences_between(recorded: Fingerprint, found: Fingerprint) -> list[str]:
    """Tell in words what differs, and where.

    Parameters
    ----------
    recorded, found : Fingerprint
        Of the data that were, and of those that are.

    Returns
    -------
    list of str
        One sentence for each difference; empty when the data are the same.

    Examples
    --------
    >>> from hermetic.evidence.data.differences import differences_between
    >>> from hermetic.evidence.data.fingerprint import fingerprint
    >>> differences_between(fingerprint([1, 2, 3]), fingerprint([2, 1, 3]))
    ['the only column holds the same values in another order of rows']
    """
    if recorded.digest == found.digest:
        return list(_differences_of_names(recorded, found))
    return [
        *_differences_of_shape(recorded, found),
        *_differences_of_names(recorded, found),
        *_differences_of_values(recorded, found),
    ]


def _differences_of_shape(recorded: Fingerprint, found: Fingerprint) -> Iterator[str]:
    if recorded.n_rows != found.n_rows:
        yield f"{found.n_rows:,} rows, recorded were {recorded.n_rows:,}"
    if len(recorded.columns) != len(found.columns):
        yield f"{len(found.columns):,} columns, recorded were {len(recorded.columns):,}"


def _differences_of_names(recorded: Fingerprint, found: Fingerprint) -> Iterator[str]:
    """Compare names where both have some: data without names are those of an array."""
    old, new = ([column.name for column in own.columns] for own in (recorded, found))
    if old == new or not any(name is not None for name in old) or not any(name is not None for name in new):
        return
    if len(old) == len(new) and sorted(map(str, old)) == sorted(map(str, new)):
        yield "the columns stand in another order"
        return
    gone = [name for name in old if name not in new]
    come = [name for name in new if name not in old]
    if gone:
        yield f"missing columns: {_named(gone)}"
    if come:
        yield f"columns that were not recorded: {_named(come)}"


def _named(names: list[str | None]) -> str:
    shown = ", ".join(repr(name) for name in names[: _MOST_PLACES * 3])
    return shown + (f" and {len(names) - _MOST_PLACES * 3:,} more" if len(names) > _MOST_PLACES * 3 else "")


def _differences_of_values(recorded: Fingerprint, found: Fingerprint) -> Iterator[str]:
    pairs = list(_pairs(recorded, found))
    others = [(place, old, new) for place, old, new in pairs if old.digest != new.digest]
    if not others:
        return
    if recorded.n_rows == found.n_rows and all(_is_reordered(old, new) for _, old, new in others):
        are_all = 1 < len(others) == len(pairs)
        who = "all columns hold" if are_all else "; ".join(_label(*own[:2], pairs) for own in others) + " holds"
        yield f"{who} the same values in another order of rows"
        return
    for place, old, new in others[: _MOST_PLACES * 3]:
        yield f"{_label(place, old, pairs)} {_difference_of_column(old, new, recorded.n_rows == found.n_rows)}"
    if len(others) > _MOST_PLACES * 3:
        yield f"{len(others) - _MOST_PLACES * 3:,} more columns differ"


def _pairs(recorded: Fingerprint, found: Fingerprint) -> Iterator[tuple[int, ColumnFingerprint, ColumnFingerprint]]:
    """Give the columns that both have: by name, where all have one, or by place."""
    by_name = {column.name: column for column in found.columns if column.name is not None}
    if len(by_name) == len(found.columns) and all(column.name is not None for column in recorded.columns):
        for place, column in enumerate(recorded.columns):
            if column.name in by_name:
                yield place, column, by_name[column.name]
    else:
        for place, (old, new) in enumerate(zip(recorded.columns, found.columns, strict=False)):
            yield place, old, new


def _is_reordered(old: ColumnFingerprint, new: ColumnFingerprint) -> bool:
    same = (old.type, old.n_missing, old.unordered) == (new.type, new.n_missing, new.unordered)
    return same and bool(old.unordered)


def _label(place: int, column: ColumnFingerprint, pairs: list[tuple[int, ColumnFingerprint, ColumnFingerprint]]) -> str:
    if column.name is not None:
        return f"column {column.name!r}"
    return "the only column" if len(pairs) == 1 else f"column {place}"


def _difference_of_column(old: ColumnFingerprint, new: ColumnFingerprint, is_as_long: bool) -> str:
    if old.type != new.type:
        return f"is {new.type}, recorded as {old.type}"
    words = "holds other values"
    if old.n_missing != new.n_missing:
        words += f", {new.n_missing:,} of them missing instead of {old.n_missing:,}"
    if is_as_long and len(old.blocks) == len(new.blocks) > 1:
        places = [place for place, own in enumerate(zip(old.blocks, new.blocks, strict=True)) if own[0] != own[1]]
        shown = ", ".join(
            f"{place * BLOCK_ROWS:,} to {(place + 1) * BLOCK_ROWS - 1:,}" for place in places[:_MOST_PLACES]
        )
        words += f", in rows {shown}" + (" and more" if len(places) > _MOST_PLACES else "")
    return words
