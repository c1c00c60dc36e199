"""The stages of a graph on its way to a live model, each a type of its own.

A stage is made in exactly one file (its gate) and accepted by the next one only, so that no path leads around a gate.
"""

from __future__ import annotations

import msgspec

from hermetic.graph import Graph

__all__ = ["ApprovedGraph", "CurrentGraph", "NeutralGraph", "ValidGraph"]


class NeutralGraph(msgspec.Struct, frozen=True, kw_only=True):
    """A well-formed graph; made only by `hermetic.normalize.normalize`."""

    graph: Graph


class ApprovedGraph(msgspec.Struct, frozen=True, kw_only=True):
    """A graph whose every name is known or trusted; made only by `hermetic.policy.approve`."""

    graph: Graph


class CurrentGraph(msgspec.Struct, frozen=True, kw_only=True):
    """A graph in the layout of the installed libraries; made only by `hermetic.migrate.migrate`."""

    graph: Graph


class ValidGraph(msgspec.Struct, frozen=True, kw_only=True):
    """A graph whose state may be given to native code; made only by `hermetic.validate.validate`."""

    graph: Graph
