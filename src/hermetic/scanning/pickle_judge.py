"""What loading one pickle stream would do: each name in its role, each call with its arguments, each change.

Everything is decided by closed tables. What no table lists is at best unknown; a call that no table lists is dangerous.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from hermetic.codecs.legacy_calls import MADE_WITH
from hermetic.formats.joblib_arrays import WRAPPER_MODULES
from hermetic.formats.pickle_nodes import (
    Array,
    Call,
    Change,
    Extension,
    Global,
    Mapping,
    PickleStream,
    Sequence,
    references_of,
)
from hermetic.scanning.pickle_arguments import NAMING_KINDS, PickleView, kinds_of_arguments
from hermetic.scanning.pickle_names import ResolvedName, resolve_name
from hermetic.scanning.pickle_text import text_of_node

__all__ = ["Finding", "StreamJudge"]

_WRAPPERS = frozenset(
    f"{module}:{name}" for module in WRAPPER_MODULES for name in ("NDArrayWrapper", "ZNDArrayWrapper")
)
_MAKING = frozenset({"NEWOBJ", "NEWOBJ_EX"})
_MOST_OF_A_SEVERITY = 100
_LONGEST_TEXT = 300


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something in a pickle that is dangerous, malformed or unknown.

    Attributes
    ----------
    rule : str
        The name of its kind, one of `hermetic.scanning.harmful_names.RULES`.
    severity : str
        ``dangerous``, ``malformed`` or ``unknown``.
    offset : int
        The byte of its opcode, in the decompressed data.
    opcode : str
        The name of the opcode; ``""`` where none can be told.
    text : str
        What it would do, as a Python expression; or what is malformed.
    path : str
        In which pickle of the file it stands; ``""`` for the only one.
    """

    rule: str
    severity: str
    offset: int
    opcode: str
    text: str
    path: str


class StreamJudge:
    """Judges one stream.

    Parameters
    ----------
    stream : PickleStream
        As it was read, whole or not.
    path : str
        In which pickle of the file it stands.

    Attributes
    ----------
    findings : list of Finding
        In the order of the stream, after `judge`.
    uses : Counter of (str, str, bool)
        How often each name was used in which role, and whether the tables know it there.
    places : dict of (str, str) to int
        The byte of the first use of each name in each role.
    """

    def __init__(self, stream: PickleStream, path: str) -> None:
        self.findings: list[Finding] = []
        self.uses: Counter[tuple[str, str, bool]] = Counter()
        self.places: dict[tuple[str, str], int] = {}
        self._stream = stream
        self._path = path
        self._nodes = stream.nodes
        self._names = {number: resolve_name(node) for number, node in self._globals()}
        self._view = PickleView(stream.nodes, self._names)
        self._used: set[int] = set()
        self._counts: Counter[str] = Counter()
        self._judged: set[tuple[int, str]] = set()

    def _globals(self) -> Iterator[tuple[int, Global]]:
        return ((number, node) for number, node in enumerate(self._nodes) if type(node) is Global)

    def judge(self) -> None:
        """Fill `findings`, `uses` and `places`."""
        nodes = self._nodes
        arguments = {id(node.arguments) for node in nodes if type(node) is Call}
        for number, node in enumerate(nodes):
            kind = type(node)
            if kind is Call:
                self._judge_call(number)
            elif kind is Change:
                self._judge_change(number)
            elif kind is Extension:
                self._add("extension-code", "dangerous", number)
            elif not (type(node) is Sequence and id(node.items) in arguments):
                self._refer(references_of(node))
        if self._stream.root >= 0:
            self._refer([self._stream.root])
        for number, name in self._names.items():
            if number not in self._used:  # the import alone runs the module
                self._judge_name(number, "referenced", name.is_class or name.is_reference or name.call is not None)
        for problem in self._stream.problems:
            finding = Finding(
                rule="malformed",
                severity="malformed",
                offset=problem.offset,
                opcode="",
                text=problem.message,
                path=self._path,
            )
            self.findings.append(finding)

    def _add(self, rule: str, severity: str, number: int) -> None:
        self._counts[severity] += 1
        if self._counts[severity] > _MOST_OF_A_SEVERITY:
            return
        node = self._nodes[number]
        self.findings.append(
            Finding(
                rule=rule,
                severity=severity,
                offset=node.offset,
                opcode=getattr(node, "opcode", type(node).__name__.upper()),
                text=_cut(text_of_node(self._nodes, number)),
                path=self._path,
            )
        )

    def _refer(self, numbers: list[int]) -> None:
        """Judge the names among some nodes as values."""
        names = self._names
        if names:
            for number in numbers:
                if number in names:
                    self._judge_name(number, "referenced", names[number].is_reference)

    def _judge_name(self, number: int, role: str, is_known: bool) -> None:
        name = self._names[number]
        is_new = (number, role) not in self._judged
        self._used.add(number)
        self._judged.add((number, role))
        self._note_use(name, role, is_known, self._nodes[number].offset)
        if is_known or not is_new:
            return
        if name.rule:
            self._add(name.rule, "dangerous", number)
        else:
            self._add("unknown-name", "unknown", number)

    def _note_use(self, name: ResolvedName, role: str, is_known: bool, offset: int) -> None:
        self.uses[name.name, role, is_known] += 1
        self.places.setdefault((name.name, role), offset)

    def _judge_call(self, number: int) -> None:
        node = self._nodes[number]
        if not isinstance(node, Call):
            raise TypeError(f"node {number} is a {type(node).__name__}, not a call")
        name = self._names.get(node.function)
        if name is None:
            self._refer(node.arguments)
            if type(self._nodes[node.function]) is not Extension:
                self._add("computed-call", "dangerous", number)
            return
        is_made = node.opcode in _MAKING or (name.is_class and name.call is None and not node.arguments)
        if is_made:
            self._judge_making(number, node, name)
        else:
            self._judge_function(number, node, name)

    def _judge_making(self, number: int, node: Call, name: ResolvedName) -> None:
        """Judge an object that is made by its class."""
        self._judge_name(node.function, "constructed", name.is_class)
        form = next((MADE_WITH[place] for place in name.locations if place in MADE_WITH), "")
        fits = kinds_of_arguments(self._view, form, node.arguments) is not None
        if node.keywords >= 0 and references_of(self._nodes[node.keywords]):
            fits = False
        if name.is_class and not fits:
            self._add("arguments", "dangerous", number)
        self._refer(node.arguments)

    def _judge_function(self, number: int, node: Call, name: ResolvedName) -> None:
        form = name.call
        kinds = None if form is None else kinds_of_arguments(self._view, form, node.arguments)
        self._used.add(node.function)
        self._note_use(name, "called", kinds is not None, node.offset)
        if kinds is None:
            self._add(name.rule or ("unknown-call" if form is None else "arguments"), "dangerous", number)
            self._refer(node.arguments)
            return
        for argument, kind in zip(node.arguments, kinds, strict=True):
            if kind == "class":
                self._judge_name(argument, "constructed", is_known=True)
            elif kind in NAMING_KINDS:
                self._used.add(argument)
            else:
                self._refer([argument])

    def _judge_change(self, number: int) -> None:
        node = self._nodes[number]
        if not isinstance(node, Change):
            raise TypeError(f"node {number} is a {type(node).__name__}, not a change")
        target = self._nodes[node.target]
        self._refer(node.items)
        if type(target) is Global:
            self._add("change-of-import", "dangerous", number)
        elif type(target) in (Array, Extension):
            self._add("malformed", "malformed", number)
        elif node.opcode == "BUILD" and type(target) is Call:
            self._judge_state(number, node, target)

    def _judge_state(self, number: int, node: Change, target: Call) -> None:
        if any(_is_special(self._view.text(key)) for key in self._keys_of(node.items[0])):
            self._add("special-attribute", "dangerous", number)
        if self._view.is_at(target.function, _WRAPPERS) or (
            target.arguments and self._view.is_at(target.arguments[0], _WRAPPERS)
        ):
            self._judge_foreign_file(number, node.items[0])

    def _keys_of(self, state: int) -> list[int]:
        """Give the keys of a state: of a dictionary, or of the two that a tuple holds for an object with slots."""
        node = self._nodes[state]
        if type(node) is Mapping:
            return node.items[::2]
        if type(node) is Sequence and node.kind == "tuple" and len(node.items) == 2:
            inner = [self._nodes[item] for item in node.items]
            return [key for part in inner if type(part) is Mapping for key in part.items[::2]]
        return []

    def _judge_foreign_file(self, number: int, state: int) -> None:
        """Judge a wrapper of joblib before 0.10, whose array stands in a file beside this one."""
        node = self._nodes[state]
        items = node.items if type(node) is Mapping else []
        texts = map(self._view.text, items[::2])
        pairs = dict(zip(texts, items[1::2], strict=True))
        name = self._view.text(pairs["filename"]) if "filename" in pairs else None
        if name and name not in (".", "..") and not any(mark in name for mark in "/\\:\0"):
            self._add("foreign-file", "unknown", number)
        else:
            self._add("path-traversal", "dangerous", number)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}..."


def _is_special(name: str | None) -> bool:
    return name is not None and name.startswith("__") and name.endswith("__")
