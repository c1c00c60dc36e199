"""Every configuration that changes the shape of a model's state, gathered from one file for each family."""

from __future__ import annotations

from dataclasses import replace

from tests.zoo.case import Case
from tests.zoo.configurations_linear import configurations_linear
from tests.zoo.configurations_neighbours import configurations_neighbours
from tests.zoo.configurations_preprocessing import configurations_preprocessing
from tests.zoo.configurations_text import configurations_text
from tests.zoo.configurations_trees import configurations_trees
from tests.zoo.configurations_unsupervised import configurations_unsupervised

__all__ = ["configurations"]

_FAMILIES = (
    configurations_trees,
    configurations_linear,
    configurations_neighbours,
    configurations_preprocessing,
    configurations_text,
    configurations_unsupervised,
)


def configurations() -> list[Case]:
    """Give the configurations of all families, tagged ``configuration``.

    Examples
    --------
    >>> len(configurations()) > 500
    True
    """
    cases = [case for family in _FAMILIES for case in family()]
    return [replace(case, tags=case.tags | {"configuration"}) for case in cases]
