"""Numbers of threads in fitted state: native code takes them as they are; too many, or none, end the process."""

from __future__ import annotations

from typing import Any

from hermetic.codecs.codec import FieldView, resolve_class
from hermetic.codecs.related import plain_number

__all__ = ["check_threads", "limit_threads"]

_COUNT = "sklearn.utils._openmp_helpers:_openmp_effective_n_threads"


def check_threads(view: FieldView, field: str) -> None:
    """Refuse a number of threads that is none.

    Parameters
    ----------
    view : FieldView
        The table.
    field : str
        The field; it may be missing.

    Raises
    ------
    InvalidState
        For anything but integers of 1 or more.
    """
    for row, value in enumerate(view.values(field, 1)):
        number = plain_number(value)
        if type(number) is not int or number < 1:
            raise view.refuse(f"{field} must be an integer of 1 or more, got {value!r}", row=row, field=field)


def limit_threads(values: list[Any]) -> list[Any]:
    """Give numbers of threads, none larger than what this machine runs.

    Parameters
    ----------
    values : list of int
        As a file has them.

    Returns
    -------
    list of int
        The same or smaller.
    """
    most = resolve_class((_COUNT,), _COUNT)()
    return [value if value <= most else most for value in values]
