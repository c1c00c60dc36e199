"""migrate: the third gate. State written by one release of a library becomes the state of the installed one.

Migrations between minor releases of scikit-learn are not written yet, so a model of another one is refused here:
filling in what is missing would turn a loud error into wrong numbers.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from hermetic.errors import UnsupportedVersion
from hermetic.graph import Graph
from hermetic.stages import ApprovedGraph, CurrentGraph

__all__ = ["migrate"]


def migrate(approved: ApprovedGraph, *, written_by: Mapping[str, str], where: str = "") -> CurrentGraph:
    """Bring a graph to the layout of the installed libraries.

    Parameters
    ----------
    approved : ApprovedGraph
        From the policy.
    written_by : mapping of str to str
        Name and version of each library that wrote the state, as in the manifest.
    where : str
        The file, for messages.

    Returns
    -------
    CurrentGraph
        The same graph, as long as nothing needs to change.

    Raises
    ------
    UnsupportedVersion
        When another minor release of scikit-learn wrote the model.

    Examples
    --------
    >>> from hermetic.graph import Graph
    >>> from hermetic.stages import ApprovedGraph
    >>> approved = ApprovedGraph(graph=Graph(names=[], nodes=[], root=1))
    >>> migrate(approved, written_by={"scikit-learn": "0.17"}).graph.root
    1
    """
    graph = approved.graph
    if _holds_estimators(graph):
        written = written_by.get("scikit-learn", "an unknown version")
        installed = str(importlib.import_module("sklearn").__version__)
        if _minor(written) != _minor(installed):
            raise UnsupportedVersion(
                f"scikit-learn {written} wrote this model; scikit-learn {installed} is installed, and hermetic cannot "
                "migrate between the two yet",
                where=where,
                next_step=f'Load it where that release is installed: pip install "scikit-learn=={written}".',
            )
    return CurrentGraph(graph=graph)


def _holds_estimators(graph: Graph) -> bool:
    return any(name.role == "constructed" and name.name.startswith("sklearn.") for name in graph.names)


def _minor(version: str) -> tuple[str, ...]:
    return tuple(version.split(".")[:2])
