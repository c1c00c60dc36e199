"""Every value that is not an estimator, gathered from one file for each library that it comes from."""

from __future__ import annotations

from tests.zoo.case import Case
from tests.zoo.plain_numpy import plain_numpy
from tests.zoo.plain_pandas import plain_pandas
from tests.zoo.plain_python import plain_python

__all__ = ["plain_values"]


def plain_values() -> list[Case]:
    """Give the containers, arrays, frames and values, tagged ``plain``; they have no inputs.

    Examples
    --------
    >>> all("plain" in case.tags for case in plain_values())
    True
    """
    return [*plain_python(), *plain_numpy(), *plain_pandas()]
