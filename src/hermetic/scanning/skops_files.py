"""The types and functions that a skops file names, compared with the tables that pickles are compared with.

``skops.io.load`` imports the modules that ``schema.json`` names, and makes instances of the classes that its caller
trusts. Arrays stand in members of their own, which are scanned like all others.

References
----------
``skops/io/_general.py``, ``skops/io/_numpy.py``: ``__loader__`` and what each node holds.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, NamedTuple

from hermetic.formats.pickle_nodes import Global
from hermetic.inspection.names import UsedName
from hermetic.scanning.archive_members import damage
from hermetic.scanning.pickle_judge import Finding
from hermetic.scanning.pickle_names import ResolvedName, resolve_name

__all__ = ["SCHEMA_NAME", "SkopsScan", "scan_schema"]

SCHEMA_NAME = "schema.json"

_NODE = object()
_PROTOCOL = 4
_FUNCTIONS = frozenset({"FunctionNode", "OperatorFuncNode", "TypeNode", "MethodNode"})
# What skops itself makes for its own kinds of nodes, whatever the class beside them says.
_PLAIN = frozenset(
    f"{module}:{name}"
    for module, names in {
        "builtins": (
            "NoneType bool bytearray bytes complex dict float frozenset int list range set slice str tuple type"
        ),
        "collections": "OrderedDict defaultdict",
        "datetime": "date datetime time timedelta timezone",
        "functools": "partial",
        "numpy": "ndarray dtype generic bool bool_ float16 float32 float64 int8 int16 int32 int64 intp uint8 uint16 "
        "uint32 uint64 str_ bytes_ complex64 complex128 object_ void datetime64 timedelta64 longdouble",
        "numpy.ma": "MaskedArray",
        "numpy.ma.core": "MaskedArray",
        "numpy.random.mtrand": "RandomState",
        "numpy.random._generator": "Generator",
        "types": "MethodType",
    }.items()
    for name in names.split()
)


class SkopsScan(NamedTuple):
    """What a schema names.

    Attributes
    ----------
    findings : list of Finding
        Names that are harmful or in no table, and what is wrong with the text.
    names : tuple of UsedName
        All names by role.
    members : frozenset of str
        The other members that it refers to.
    """

    findings: list[Finding]
    names: tuple[UsedName, ...]
    members: frozenset[str]


def scan_schema(text: bytes) -> SkopsScan | None:
    """Judge what a schema names.

    Parameters
    ----------
    text : bytes
        The member ``schema.json``.

    Returns
    -------
    SkopsScan or None
        None for a text that skops has not written.

    Examples
    --------
    >>> text = b'{"__class__": "system", "__module__": "os", "__loader__": "FunctionNode"}'
    >>> scan_schema(text).findings[0].text
    'os.system'
    """
    reading = _Reading()
    try:
        is_node = json.loads(text, object_pairs_hook=reading.take) is _NODE
    except RecursionError:
        return SkopsScan([damage("nesting", 0, "schema.json has too many levels", "resource")], (), frozenset())
    except ValueError:
        return None
    if not is_node:
        return None
    twice, uses, members = reading.twice, reading.uses, frozenset(reading.members)
    findings = (
        [damage("malformed", 0, f"schema.json has the key {twice[0][:80]!r} twice in one place")] if twice else []
    )
    names = []
    for (module, name, role), number in sorted(uses.items()):
        resolved = resolve_name(Global(0, 0, "schema.json", module, name, _PROTOCOL))
        is_known = _is_known(resolved, f"{module}:{name}")
        names.append(UsedName(name=resolved.name, role=role, layout=1, n_instances=number, is_known=is_known, path=""))
        if not is_known:
            findings.append(_finding(resolved, role))
    return SkopsScan(findings, tuple(names), members)


class _Reading:
    """Takes the objects of a schema one by one as they are read, so that no tree of millions stands in memory."""

    def __init__(self) -> None:
        self.twice: list[str] = []
        self.uses: Counter[tuple[str, str, str]] = Counter()
        self.members: set[str] = set()

    def take(self, pairs: list[tuple[str, Any]]) -> object:
        """Note what an object names; give what the object around it must know."""
        node = dict(pairs)
        if len(node) < len(pairs):
            self.twice += [key for key, number in Counter(key for key, _ in pairs).items() if number > 1]
        if "__loader__" not in node:
            return node if isinstance(node.get("module_path"), str) else None
        content, loader = node.get("content"), _text(node["__loader__"])
        role = "referenced" if loader in _FUNCTIONS else "constructed"
        if isinstance(content, dict):  # functions before skops 0.12
            self.uses[_text(content["module_path"]), _text(content.get("function")), "referenced"] += 1
        elif loader != "MethodNode":  # its object is a node of its own
            self.uses[_text(node.get("__module__")), _text(node.get("__class__")), role] += 1
        if isinstance(node.get("file"), str):
            self.members.add(node["file"])
        return _NODE


def _text(value: object) -> str:
    return value if isinstance(value, str) else repr(value)[:80]


def _is_known(name: ResolvedName, place: str) -> bool:
    return place in _PLAIN or name.is_class or name.is_reference or (name.call is not None and not name.rule)


def _finding(name: ResolvedName, role: str) -> Finding:
    severity = "unknown" if not name.rule else "deferred" if role == "referenced" else "dangerous"
    return damage(name.rule or "unknown-name", 0, name.name[:300], severity)
