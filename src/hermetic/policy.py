"""policy: which names a graph may use, by exact name and role; the only file that decides about trust.

Trust comes from the tables of the codecs and from the caller, never from the file. What is checked here is the very
name that restore resolves. There are no prefixes and there is no switch that trusts everything.

===============  ====================================================================================================
role             what may have it without anyone's trust
===============  ====================================================================================================
constructed      the classes that have a codec; the codec makes and checks the instances, never the class's own code
referenced       the functions of `hermetic.codecs.functions`, its value types, and classes whose codec says that their
                 constructor only keeps what it is given (`Codec.is_value`): whoever gets a value may call it
called           nothing
attribute        nothing: no file names an attribute to be looked up. Names of attributes in a state are data, and the
                 codecs refuse those that would hide something of the class when they validate
===============  ====================================================================================================

Capabilities are effects of loading or using a model that an ordinary model cannot have. Trusting a function or class by
name includes that it is called (``calls-code`` with that name in reports): one approval for one thing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from typing import Any

from hermetic.codecs.codec import Codec
from hermetic.codecs.field_view import FieldView
from hermetic.codecs.foreign import FOREIGN
from hermetic.codecs.functions import KNOWN_FUNCTIONS, KNOWN_VALUE_TYPES
from hermetic.codecs.registry import CODECS, codec_of_name
from hermetic.errors import CapabilityRefused, FormatError, UnsupportedVersion, UntrustedType, UsageError
from hermetic.graph import Graph, Instances, Name
from hermetic.graph_paths import Paths, first_places
from hermetic.stages import ApprovedGraph, NeutralGraph

__all__ = ["CAPABILITIES", "approve", "asked_capabilities", "is_exact_name", "notes_of", "unknown_names"]

_NAME = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*(?::[^\W\d]\w*(?:\.[^\W\d]\w*)*)?\Z"
_EXACT = re.compile(_NAME)
_TRUST = re.compile(rf"(?:call:)?{_NAME}")
_CALL = "call:"
_ROLES = frozenset({"called", "constructed", "referenced"})
_DEFAULT_PATTERN = r"(?u)\b\w\w+\b"  # of every vectorizer of texts: most models need no judge
_MOST_PATTERNS = 200
_UNSEEN = "what it is cannot be told before it is read"
_TOO_MANY = "there are too many patterns to judge them all"
_MOST_SHOWN = 100


CAPABILITIES = {
    "native-parser": "give bytes of the file to the parser of a foreign library, which may be harmed by hostile ones",
    "reads-files": "open files that texts name",
    "reads-sibling-files": "read arrays that joblib 0.8 or 0.9 wrote into files beside this one",
    "regex": "run a regular expression that may take exponential time",
}
"""What a model may ask for beyond an ordinary model, and what that means."""


def approve(
    neutral: NeutralGraph,
    *,
    trusted: Collection[str | type] = (),
    capabilities: Collection[str] = (),
    approved: Collection[tuple[str, str]] = (),
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
    approved : collection of (str, str)
        Roles and names that an approval of this very file holds.
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
    unknown, may_ask = [], False
    for number, name in enumerate(graph.names):
        codec = codec_of_name(name.name)
        may_ask = may_ask or type(codec or FOREIGN) in _ASKING
        if codec is not None and name.role == "constructed" and 1 <= name.layout <= codec.layout:
            continue  # what nearly all names are
        _check_layout(name, where)
        if (
            not _is_known(name)
            and (name.role == "called", name.name) not in names
            and (name.role, name.name) not in approved
        ):
            unknown.append((number, name))
    refused = [asked for asked in asked_capabilities(graph) if asked[0] not in granted] if may_ask else []
    if unknown:
        places = first_places(graph, {number for number, _ in unknown})
        listed = [(name.name, name.role, places[number]) for number, name in unknown]
        raise UntrustedType(listed, capabilities=refused, where=where)
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
        In the order of the graph, at most a hundred of each capability.
    """
    found: list[tuple[str, str, str]] = []
    counts: Counter[str] = Counter()
    paths = Paths(graph)

    def note(capability: str, view: FieldView, row: int, field: str, meaning: str) -> None:
        counts[capability] += 1
        if counts[capability] <= _MOST_SHOWN:
            found.append((capability, _place(view, row, field), meaning))

    reasons: dict[tuple[str | bytes | None, int], str] = {(_DEFAULT_PATTERN, 0): "", (None, 0): _UNSEEN}
    for index, name, codec in _tables(graph, "capabilities", "patterns"):
        view = _view(graph, index, paths)
        for capability, row, field, meaning in codec.capabilities(name, view):
            note(capability, view, row, field, meaning)
        for row, field, pattern, flags in codec.patterns(name, view):
            if (pattern, flags) not in reasons:
                reasons[pattern, flags] = _reason(pattern, flags) if len(reasons) <= _MOST_PATTERNS else _TOO_MANY
            if reason := reasons[pattern, flags]:
                shown = "it" if pattern is None else f"{field}={pattern[:80]!r}"
                meaning = f"{shown} runs on whatever texts the model is given, and may never end: {reason}"
                note("regex", view, row, field, meaning)
    return found


def _overrides(codec: Codec, *methods: str) -> bool:
    return any(getattr(type(codec), method) is not getattr(Codec, method) for method in methods)


_ASKING = frozenset(type(codec) for codec in (*CODECS, FOREIGN) if _overrides(codec, "capabilities", "patterns"))
"""The codecs with something to say in `asked_capabilities`: most have nothing."""


def _tables(graph: Graph, *methods: str) -> list[tuple[int, str, Codec]]:
    """Give number, name and codec of the tables whose codec has something to say; most codecs have nothing."""
    speaking: dict[int, tuple[str, Codec]] = {}
    for number, name in enumerate(graph.names):
        codec = codec_of_name(name.name) or FOREIGN
        if _overrides(codec, *methods):
            speaking[number] = (name.name, codec)
    if not speaking:
        return []
    return [
        (index, *speaking[node.type])
        for index, node in enumerate(graph.nodes)
        if type(node) is Instances and node.type in speaking
    ]


def _view(graph: Graph, index: int, paths: Paths) -> FieldView:
    node = graph.nodes[index]
    if not isinstance(node, Instances):
        raise TypeError(f"node {index} is a {type(node).__name__}, not a table of instances")
    return FieldView(graph, node, index, paths.of)


def _place(view: FieldView, row: int, field: str) -> str:
    return view.where(view.index) + (f"[{row}]" if view.rows > 1 else "") + (f".{field}" if field else "")


def _reason(pattern: str | bytes | None, flags: int) -> str:
    if pattern is None:
        return _UNSEEN
    from hermetic.codecs.patterns import slow_reason  # few models have patterns of their own

    return slow_reason(pattern, flags)


def notes_of(graph: Graph) -> list[tuple[str, str]]:
    """Give what people should know of a model though it needs no grant: path, and meaning in words.

    Parameters
    ----------
    graph : Graph
        Well formed.

    Returns
    -------
    list of (str, str)
        At most a hundred, in the order of the graph.
    """
    found: list[tuple[str, str]] = []
    paths = Paths(graph)
    for index, name, codec in _tables(graph, "notes"):
        view = _view(graph, index, paths)
        for row, field, meaning in codec.notes(name, view)[: _MOST_SHOWN - len(found)]:
            found.append((_place(view, row, field), meaning))
        if len(found) >= _MOST_SHOWN:
            break
    return found


def _granted(capabilities: Collection[str]) -> frozenset[str]:
    if not capabilities and not isinstance(capabilities, str):
        return frozenset()
    if isinstance(capabilities, str):
        unknown = [capabilities]
    else:
        unknown = sorted({str(name) for name in capabilities} - CAPABILITIES.keys())
    if any(name.startswith("calls-code") for name in unknown):
        raise UsageError(
            "what a model calls is granted by its name alone",
            next_step='Write trusted=["package.module.function"] with the name that scan shows.',
        )
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


def is_exact_name(name: str) -> bool:
    """Tell whether a name is one that somebody can trust: ``package.module.Name``, perhaps with a colon.

    Parameters
    ----------
    name : str
        From a file, so it may be any text.

    Returns
    -------
    bool
        False for everything else.

    Examples
    --------
    >>> is_exact_name("package.module:Outer.Inner"), is_exact_name("package.*")
    (True, False)
    """
    return _EXACT.match(name) is not None and not name.startswith(_CALL)


def _is_known(name: Name) -> bool:
    # Calling is never known: not even a known function is called because a file says so.
    if name.role == "called":
        return False
    codec = codec_of_name(name.name)
    if name.role == "constructed":
        return codec is not None
    return name.name in KNOWN_FUNCTIONS or name.name in KNOWN_VALUE_TYPES or (codec is not None and codec.is_value)


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


def _exact_names(trusted: Any) -> frozenset[tuple[bool, str]]:
    """Give for each name that the caller trusts whether it is trusted to be called, and the name itself."""
    if isinstance(trusted, (str, bytes)) or trusted is True:
        raise UsageError(
            f"trusted must be a collection of exact names, got {trusted!r}",
            next_step='Write trusted=["package.module.Name"].',
        )
    names = set()
    for entry in trusted:
        text: Any = entry
        if not isinstance(text, str):
            qualified = getattr(entry, "__qualname__", "")
            text = f"{getattr(entry, '__module__', '')}{':' if '.' in qualified else '.'}{qualified}"
        if not _TRUST.match(text):
            raise UsageError(
                f"trusted takes exact dotted names, got {text!r}",
                next_step='Write trusted=["package.module.Name"]; patterns and prefixes are not understood.',
            )
        # A file could name something in a module that is called "call".
        names.add((text.startswith(_CALL), text.removeprefix(_CALL)))
    return frozenset(names)
