"""Values of other models, which a mutant may get in the place of its own: the right kind of thing from another world.

The list is fixed, so that a number means the same mutant whichever seeds a run takes.
"""

from __future__ import annotations

import functools
import random
from typing import Any

from fuzzing.draft import Draft, moved
from fuzzing.seeds import load_seed
from hermetic.graph import Graph, Instances, Node
from hermetic.graph_walk import columns_of, references_of

__all__ = ["DONORS", "borrow", "donor_graphs"]

DONORS = (
    "DecisionTreeClassifier-fitted",
    "RandomForestRegressor-fitted",
    "GradientBoostingClassifier-fitted",
    "HistGradientBoostingRegressor-fitted",
    "KNeighborsClassifier-algorithm=kd_tree",
    "KernelDensity-kernel=gaussian",
    "SVC-fitted",
    "svc-sparse",
    "KMeans-fitted",
    "birch-leaves",
    "TfidfVectorizer-fitted",
    "OneHotEncoder-fitted",
    "IsotonicRegression-fitted",
    "spline-quantile-sparse",
    "GaussianProcessRegressor-fitted",
    "SGDClassifier-fitted",
    "MLPClassifier-fitted",
    "GridSearchCV-fitted",
    "ColumnTransformer-fitted",
)
"""Names of seeds."""


@functools.cache
def donor_graphs() -> tuple[Graph, ...]:
    """Give the graphs of all donors; the first call fits them."""
    return tuple(load_seed(name).graph for name in DONORS)


def borrow(draft: Draft, choose: random.Random, wanted: str) -> tuple[Any, str] | None:
    """Put a value of another model, and all that it refers to, before the nodes of a draft.

    Parameters
    ----------
    draft : Draft
        Its nodes move back by as many as are put before them.
    choose : random.Random
        Decides which.
    wanted : str
        A field of this name is taken where the donor has one, two times out of three.

    Returns
    -------
    (value, str) or None
        The value as it may stand in the draft, and what it is in words.
    """
    donor = choose.choice(donor_graphs())
    holders = [node for node in donor.nodes if isinstance(node, Instances) and node.rows == 1 and node.fields]
    alike = [node for node in holders if wanted in node.fields]
    if alike and choose.random() < 0.66:
        holder, field = choose.choice(alike), wanted
    else:
        holder = choose.choice(holders)
        field = choose.choice(list(holder.fields))
    value = holder.fields[field]
    words = f"{donor.names[holder.type].name}.{field}"
    if type(value) is dict:
        return None if _uses_names(value) else (value, words)
    if type(value) is not list:
        return value, words
    numbers = _closure(donor, value[0])
    order = {number: place for place, number in enumerate(numbers)}
    nodes = [_renamed(moved(donor.nodes[number], order.__getitem__), donor, draft) for number in numbers]
    if any(node is None for node in nodes):
        return None
    arrays = {order[number]: donor.arrays[number] for number in numbers if number in donor.arrays}
    draft.insert_first([node for node in nodes if node is not None], arrays)
    return [order[value[0]], *value[1:]], words


def _closure(graph: Graph, number: int) -> list[int]:
    found, waiting = {number}, [number]
    while waiting:
        inner = {target for _, target, _ in references_of(graph.nodes[waiting.pop()])} - found
        found |= inner
        waiting += inner
    return sorted(found)


def _renamed(node: Node, donor: Graph, draft: Draft) -> Node | None:
    """Give a node whose type counts in the names of the draft, or None when its values use names as well."""
    for _, column, _ in columns_of(node):
        values = column if type(column) is list else [getattr(column, "value", None)]
        if any(_uses_names(value) for value in values):
            return None
    if isinstance(node, Instances):
        name = donor.names[node.type]
        if name not in draft.graph.names:
            draft.graph.names.append(name)
        node.type = draft.graph.names.index(name)
    return node


def _uses_names(value: Any) -> bool:
    if type(value) is not dict:
        return False
    return "name" in value or any(_uses_names(item) for item in value.get("tuple", ()))
