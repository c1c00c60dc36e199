"""The whole zoo in one list."""

from __future__ import annotations

from tests.zoo.case import Case
from tests.zoo.compositions import compositions
from tests.zoo.configurations import configurations
from tests.zoo.every_estimator import every_estimator
from tests.zoo.plain_values import plain_values

__all__ = ["all_cases"]


def all_cases() -> list[Case]:
    """Give every case: estimators, configurations, compositions and plain values. Names are unique.

    Examples
    --------
    >>> len(all_cases()) > 1000
    True
    """
    return [*every_estimator(), *configurations(), *compositions(), *plain_values()]
