"""policy: which names a graph may use, by exact name and role; the only file that decides about trust.

Trust comes from the tables of the codecs and from the caller, never from the file. What is checked here is the very
name that restore resolves. There are no prefixes and there is no switch that trusts everything.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from hermetic.codecs.field_view import FieldView
from hermetic.codecs.foreign import FOREIGN
from hermetic.codecs.functions import KNOWN_FUNCTIONS, KNOWN_VALUE_TYPES
from hermetic.codecs.registry import codec_of_name
from hermetic.errors import CapabilityRefused, FormatError, UnsupportedVersion, UntrustedType, UsageError
from hermetic.graph import Graph, Instances, Name
from hermetic.graph_paths import first_place, path_of
from hermetic.stages import ApprovedGraph, NeutralGraph

__all__ = ["CAPABILITIES", "approve", "asked_capabilities", "unknown_names"]

_TRUST = re.compile(r"(?:call:)?[^\W\d]\w*(?:\.[^\W\d]\w*)*(?::[^\W\d]\w*(?:\.[^\W\d]\w*)*)?\Z")
_ROLES = frozenset({"called", "constructed", "referenced"})


CAPABILITIES = frozenset({"reads-files"})
"""What a model may ask for beyond an ordinary model."""


def approve(
    neutral: NeutralGraph,
    *,
    trusted: Collection[str | type] = (),
    capabilities: Collection[str] = (),
    where: str = "",
) -> ApprovedGraph:
    """Approve a graph, or name everything in it that is not trusted.

    Parameters
    ----------
    neutral : NeutralGraph
        A well-formed graph.
    trusted : collection of str or type
        Exact names, ``package.module.Name``; or the classes and functions themselves. What the file calls on load must
        be named with its role, ``call:package.function``.
    capabilities : collection of str
        Those of `CAPABILITIES` that are granted.
    where : str
        The file, for messages.

    Returns
    -------
    ApprovedGraph
        The same graph.

    Raises
    ------
    UntrustedType
        One error that lists all unknown names.
    CapabilityRefused
        One error that lists all capabilities that are not granted.
    UsageError
        When `trusted` is not a collection of exact names, or a capability does not exist.

    Examples
    --------
    >>> from hermetic.graph import Graph
    >>> approve(NeutralGraph(graph=Graph(names=[], nodes=[], root=None))).graph.root is None
    True
    """
    graph = neutral.graph
    names = _exact_names(trusted)
    granted = _granted(capabilities)
    for name in graph.names:
        _check_layout(name, where)
    unknown = [name for name in unknown_names(graph) if _trusted_as(name) not in names]
    if unknown:
        raise UntrustedType(
            [(name.name, name.role, first_place(graph, graph.names.index(name))) for name in unknown], where=where
        )
    refused = [asked for asked in asked_capabilities(graph) if asked[0] not in granted]
    if refused:
        raise CapabilityRefused(refused, where=where)
    return ApprovedGraph(graph=graph)


def asked_capabilities(graph: Graph) -> list[tuple[str, str, str]]:
    """Give what a model reaches beyond an ordinary model: capability, path, and its meaning in words.

    Parameters
    ----------
    graph : Graph
        Well formed.

    Returns
    -------
    list of (str, str, str)
        In the order of the graph.
    """
    found = []
    for index, node in enumerate(graph.nodes):
        if isinstance(node, Instances):
            name = graph.names[node.type].name
            codec = codec_of_name(name) or FOREIGN
            view = FieldView(graph, node, index, lambda number: path_of(graph, number))
            for capability, row, meaning in codec.capabilities(name, view):
                found.append((capability, path_of(graph, index) + (f"[{row}]" if node.rows > 1 else ""), meaning))
    return found


def _granted(capabilities: Collection[str]) -> frozenset[str]:
    unknown = [capabilities] if isinstance(capabilities, str) else sorted(set(capabilities) - CAPABILITIES)
    if unknown:
        raise UsageError(
            f"not a set of capabilities: {', '.join(map(repr, unknown))}",
            next_step=f"Write capabilities={{...}} with some of: {', '.join(sorted(CAPABILITIES))}.",
        )
    return frozenset(capabilities)


def unknown_names(graph: Graph) -> list[Name]:
    """Give the names that no codec and no table of functions knows in the role they have.

    Parameters
    ----------
    graph : Graph
        Any graph.

    Returns
    -------
    list of Name
        In the order of the graph.
    """
    return [name for name in graph.names if not _is_known(name)]


def _trusted_as(name: Name) -> str:
    return f"call:{name.name}" if name.role == "called" else name.name


def _is_known(name: Name) -> bool:
    # Calling is never known: not even a known function is called because a file says so.
    if name.role == "called":
        return False
    if codec_of_name(name.name) is not None:
        return True
    return name.role == "referenced" and (name.name in KNOWN_FUNCTIONS or name.name in KNOWN_VALUE_TYPES)


def _check_layout(name: Name, where: str) -> None:
    if name.role not in _ROLES:
        raise FormatError(f"{name.name} has the unknown role {name.role!r}", where=where)
    codec = codec_of_name(name.name) or FOREIGN
    if name.role == "constructed" and not 1 <= name.layout <= codec.layout:
        raise UnsupportedVersion(
            f"{name.name} is stored in layout {name.layout}; this version of hermetic knows up to {codec.layout}",
            where=where,
            next_step="Install a newer hermetic.",
        )


def _exact_names(trusted: Any) -> frozenset[str]:
    if isinstance(trusted, (str, bytes)) or trusted is True:
        raise UsageError(
            f"trusted must be a collection of exact names, got {trusted!r}",
            next_step='Write trusted=["package.module.Name"].',
        )
    names = set()
    for entry in trusted:
        text: Any = entry
        if not isinstance(text, str):
            separator = ":" if "." in getattr(entry, "__qualname__", "") else "."
            text = f"{entry.__module__}{separator}{entry.__qualname__}"
        if not _TRUST.match(text):
            raise UsageError(
                f"trusted takes exact dotted names, got {text!r}",
                next_step='Write trusted=["package.module.Name"]; patterns and prefixes are not understood.',
            )
        names.add(text)
    return frozenset(names)
