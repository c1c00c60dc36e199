"""How a mutant is loaded: a graph by the gates alone, for speed; a file by the public function.

Also the control: the same way with the checks of the last gate off. It is done here, from outside, because the product
has no such switch and must never have one.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import sklearn

import hermetic
import hermetic.codecs.hist_gradient_boosting
import hermetic.codecs.tree_topology
import hermetic.codecs.trees
import hermetic.own_files
from fuzzing.draft import private_arrays
from fuzzing.mutants import Mutant
from fuzzing.seeds import Seed
from hermetic.limits import DEFAULT_LIMITS
from hermetic.migrate import migrate
from hermetic.normalize import normalize
from hermetic.policy import approve
from hermetic.restore import restore
from hermetic.stages import CurrentGraph, ValidGraph
from hermetic.validate import validate

__all__ = ["Load", "load_mutant", "load_without_checks", "switch_checks_off"]

Load = Callable[[Seed, Mutant], Any]


def load_mutant(seed: Seed, mutant: Mutant) -> Any:
    """Give the model of a mutant, or raise what its load raises."""
    if mutant.data is not None:
        check: Literal["always", "auto"] = "always" if seed.has_answers else "auto"
        return hermetic.loads(mutant.data, trusted=seed.trusted, capabilities=seed.capabilities, check=check)
    return restore(validate(_up_to_the_last_gate(seed, mutant)))


def load_without_checks(seed: Seed, mutant: Mutant) -> Any:
    """Give the model of a mutant that no codec has looked at; call `switch_checks_off` before."""
    if mutant.data is not None:
        return hermetic.loads(mutant.data, trusted=seed.trusted, capabilities=seed.capabilities)
    return restore(ValidGraph(graph=_up_to_the_last_gate(seed, mutant).graph))


def _up_to_the_last_gate(seed: Seed, mutant: Mutant) -> CurrentGraph:
    assert mutant.graph is not None
    neutral = normalize(mutant.graph, limits=DEFAULT_LIMITS)
    if seed.written_by.get("scikit-learn") != sklearn.__version__:
        # Migrations change nodes in place, and those that no change has touched are the seed's.
        neutral.graph.nodes[:] = copy.deepcopy(neutral.graph.nodes)
    approved = approve(neutral, trusted=seed.trusted, capabilities=seed.capabilities)
    current = migrate(approved, written_by=seed.written_by)
    private_arrays(current.graph)
    return current


def switch_checks_off() -> None:
    """Take the last gate, and the checks that restore makes on native memory, out of this process."""

    def no_gate(current: CurrentGraph, *, where: str = "") -> ValidGraph:
        return ValidGraph(graph=current.graph)

    def no_check(*arguments: Any) -> None:
        return None

    def no_depths(topology: Any, counts: list[int]) -> Any:
        return np.zeros(len(counts), dtype=np.int64)

    for holder, name, nothing in (
        (hermetic.own_files, "validate", no_gate),
        (hermetic.codecs.tree_topology.Topology, "check", no_check),
        (hermetic.codecs.tree_topology.Topology, "depths", no_depths),
        (hermetic.codecs.trees, "_check_depths", no_check),
        (hermetic.codecs.hist_gradient_boosting, "_check_nodes", no_check),
        (hermetic.codecs.hist_gradient_boosting, "_check_features", no_check),
    ):
        getattr(holder, name)  # a check that has another name by now must not pass for one that is off
        setattr(holder, name, nothing)
