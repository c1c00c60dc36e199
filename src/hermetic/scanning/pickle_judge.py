"""What loading one pickle stream would do: each name in its role, each call with its arguments, each change.

Everything is decided by closed tables. What no table lists is at best unknown; a call that no table lists is dangerous.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from hermetic.codecs.legacy_calls import BOUND_METHODS, CALLED, MADE_WITH
from hermetic.formats.joblib_arrays import WRAPPER_MODULES, text_of
from hermetic.formats.pickle_nodes import (
    Array,
    Call,
    Change,
    Extension,
    Global,
    Item,
    Mapping,
    Node,
    PickleStream,
    Sequence,
    references_of,
)
from hermetic.scanning.distributions import distributions_of, entropies_of, is_honest_state, names_a_distribution
from hermetic.scanning.pickle_arguments import NAMING_KINDS, PickleView, kinds_of_arguments
from hermetic.scanning.pickle_costs import asks_for_memory, costly_nodes
from hermetic.scanning.pickle_names import ResolvedName, resolve_name
from hermetic.scanning.pickle_text import text_of_item

__all__ = ["Finding", "StreamJudge"]

_WRAPPERS = frozenset(
    f"{module}:{name}" for module in WRAPPER_MODULES for name in ("NDArrayWrapper", "ZNDArrayWrapper")
)
_MAKING = frozenset({"NEWOBJ", "NEWOBJ_EX"})
_CALLED_BY_OPCODES = frozenset({"add", "append", "extend"})
_MOST_OF_A_SEVERITY = 100
_LONGEST_TEXT = 300


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something in a file that speaks against it.

    Attributes
    ----------
    rule : str
        The name of its kind, one of `hermetic.scanning.harmful_names.RULES`.
    severity : str
        ``dangerous``, ``deferred``, ``resource``, ``malformed``, ``unreadable`` or ``unknown``.
    offset : int
        The byte of its opcode, in the decompressed data of the innermost file.
    opcode : str
        The name of the opcode; ``""`` where none can be told.
    text : str
        What it would do, as a Python expression; or what is malformed.
    path : str
        The way to it through the containers, as ``data.pkl!nested@226``; ``""`` for what stands in the file itself.
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
        self._names = {node.number: resolve_name(node) for node in stream.nodes if type(node) is Global}
        self._view = PickleView(self._names)
        self._used: set[int] = set()
        self._counts: Counter[str] = Counter()
        self._judged: set[tuple[int, str]] = set()
        self._distributions = distributions_of(stream.nodes)
        self._entropies = entropies_of(stream.nodes)

    def judge(self) -> None:
        """Fill `findings`, `uses` and `places`."""
        nodes = self._stream.nodes
        arguments = {id(node.arguments) for node in nodes if type(node) is Call}
        for node in nodes:
            kind = type(node)
            if kind is Call:
                self._judge_call(node)  # type: ignore[arg-type]  # its type was compared
            elif kind is Change:
                self._judge_change(node)  # type: ignore[arg-type]  # its type was compared
            elif kind is Extension:
                self._add("extension-code", "dangerous", node)
            elif not (type(node) is Sequence and id(node.items) in arguments):
                self._refer(references_of(node))
        if self._stream.is_whole:
            self._refer([self._stream.root])
        for node in nodes:
            if type(node) is Global and node.number not in self._used:  # the import alone runs the module
                name = self._names[node.number]
                self._judge_name(node, "referenced", name.is_class or name.is_reference or name.call is not None)
        for costly, rule in costly_nodes(nodes):
            self._add(rule, "resource", costly)
        for problem in self._stream.problems:
            finding = Finding(
                rule="limit" if problem.is_limit else "malformed",
                severity="resource" if problem.is_limit else "malformed",
                offset=problem.offset,
                opcode="",
                text=problem.message,
                path=self._path,
            )
            self.findings.append(finding)

    def _add(self, rule: str, severity: str, node: Node) -> None:
        self._counts[severity] += 1
        if self._counts[severity] > _MOST_OF_A_SEVERITY:
            return
        self.findings.append(
            Finding(
                rule=rule,
                severity=severity,
                offset=node.offset,
                opcode=getattr(node, "opcode", type(node).__name__.upper()),
                text=_cut(text_of_item(node)),
                path=self._path,
            )
        )

    def _refer(self, items: list[Item]) -> None:
        """Judge the names among some items as values: what is harmful there does its harm when somebody calls it."""
        if self._names and Global in set(map(type, items)):
            for item in items:
                if type(item) is Global:
                    self._judge_name(item, "referenced", self._names[item.number].is_reference, harm="deferred")

    def _judge_name(self, node: Global, role: str, is_known: bool, harm: str = "dangerous") -> None:
        name = self._names[node.number]
        is_new = (node.number, role) not in self._judged
        self._used.add(node.number)
        self._judged.add((node.number, role))
        self._note_use(name, role, is_known, node.offset)
        if is_known or not is_new:
            return
        if name.rule:
            self._add(name.rule, harm, node)
        else:
            self._add("unknown-name", "unknown", node)

    def _note_use(self, name: ResolvedName, role: str, is_known: bool, offset: int) -> None:
        self.uses[name.name, role, is_known] += 1
        self.places.setdefault((name.name, role), offset)

    def _judge_call(self, node: Call) -> None:
        function = node.function
        if node.number in self._entropies:
            self._note_entropy(node)
            return
        if self._is_known_attribute(node):
            self._note_use(self._names[function.number], "called", True, node.offset)  # type: ignore[union-attr]
            return
        if type(function) is Call and (form := self._form_of_attribute(function)):
            if kinds_of_arguments(self._view, form, node.arguments) is None:
                self._add("arguments", "dangerous", node)
            self._refer(node.arguments)
            return
        if type(function) is not Global:
            self._refer(node.arguments)
            if type(function) is not Extension:
                self._add("computed-call", "dangerous", node)
            return
        name = self._names[function.number]
        is_made = node.opcode in _MAKING or (name.is_class and name.call is None and not node.arguments)
        if is_made:
            self._judge_making(node, function, name)
        else:
            self._judge_function(node, function, name)

    def _note_entropy(self, node: Call) -> None:
        """Note the names of a distribution's own entropy, which unpickling does not call."""
        for item in (node.function, *node.arguments):
            if type(item) is Global:
                role = "called" if item is node.function and node.arguments else "constructed"
                self._used.add(item.number)
                self._note_use(self._names[item.number], role, True, node.offset)

    def _form_of_attribute(self, node: Call) -> str | None:
        """Give the kinds of arguments of a known function that ``getattr`` finds in a known class."""
        if not self._view.is_call_of(node, "builtins:getattr") or len(node.arguments) != 2:
            return None
        name, attribute = self._view.name(node.arguments[0]), text_of(node.arguments[1])
        places = [f"{place}.{attribute}" for place in name.locations] if name else []
        return next((CALLED[place] for place in places if place in CALLED), None)

    def _is_known_attribute(self, node: Call) -> bool:
        """Tell whether ``getattr`` finds a known function, or a known method of an object of a known class."""
        function = node.function
        if self._form_of_attribute(node) is not None:
            self._used.update((function.number, node.arguments[0].number))  # type: ignore[union-attr]
            return True
        if not self._view.is_call_of(node, "builtins:getattr") or len(node.arguments) != 2:
            return False
        target, method = node.arguments
        if type(target) is not Call or text_of(method) not in BOUND_METHODS:
            return False
        is_new = self._view.is_call_of(target, "copyreg:_reconstructor") and bool(target.arguments)
        maker = self._view.name(target.arguments[0] if is_new else target.function)
        self._used.add(function.number)  # type: ignore[union-attr]
        return maker is not None and maker.is_class

    def _judge_making(self, node: Call, function: Global, name: ResolvedName) -> None:
        """Judge an object that is made by its class."""
        is_known = name.is_class or node.number in self._distributions
        self._judge_name(function, "constructed", is_known)
        form = next((MADE_WITH[place] for place in name.locations if place in MADE_WITH), "")
        fits = kinds_of_arguments(self._view, form, node.arguments) is not None
        if node.keywords is not None and node.keywords.items:
            fits = False
        if is_known and not fits:
            self._add("arguments", "dangerous", node)
        self._refer(node.arguments)

    def _judge_function(self, node: Call, function: Global, name: ResolvedName) -> None:
        form = name.call
        kinds = None if form is None else kinds_of_arguments(self._view, form, node.arguments)
        self._used.add(function.number)
        self._note_use(name, "called", kinds is not None, node.offset)
        if kinds is None:
            if form is not None and asks_for_memory(self._view, node):
                self._add("memory", "resource", node)
            else:
                self._add(name.rule or ("unknown-call" if form is None else "arguments"), "dangerous", node)
            self._refer(node.arguments)
            return
        for argument, kind in zip(node.arguments, kinds, strict=True):
            if type(argument) is not Global:
                continue
            if kind == "class":
                is_known = not names_a_distribution(argument) or node.number in self._distributions
                self._judge_name(argument, "constructed", is_known)
            elif kind in NAMING_KINDS:
                self._used.add(argument.number)
            else:
                self._refer([argument])

    def _judge_change(self, node: Change) -> None:
        target = node.target
        self._refer(node.items)
        if type(target) is Global:
            self._add("change-of-import", "dangerous", node)
        elif type(target) in (Array, Extension):
            self._add("malformed", "malformed", node)
        elif node.opcode == "BUILD" and type(target) is Call:
            self._judge_state(node, target)

    def _judge_state(self, node: Change, target: Call) -> None:
        if node.number in self._entropies:
            return
        state = node.items[0]
        is_honest = is_honest_state(target, state)
        if is_honest is not None:  # of a distribution, whose state holds code
            if not is_honest:
                self._add("run-code", "dangerous", node)
            return
        if any(_is_special(text_of(key)) for key in _keys_of(state)) or _sets_a_method(state):
            self._add("special-attribute", "dangerous", node)
        if _asks_for_files(state):
            self._add("needs-trust", "unknown", node)
        if self._view.is_at(target.function, _WRAPPERS) or (
            target.arguments and self._view.is_at(target.arguments[0], _WRAPPERS)
        ):
            self._judge_foreign_file(node, state)

    def _judge_foreign_file(self, node: Change, state: Item) -> None:
        """Judge a wrapper of joblib before 0.10, whose array stands in a file beside this one."""
        items = state.items if type(state) is Mapping else []
        pairs = dict(zip(map(text_of, items[::2]), items[1::2], strict=True))
        name = text_of(pairs.get("filename"))
        if name and name not in (".", "..") and not any(mark in name for mark in "/\\:\0"):
            self._add("foreign-file", "unknown", node)
        else:
            self._add("path-traversal", "dangerous", node)


def _keys_of(state: Item) -> list[Item]:
    """Give the keys of a state: of a dictionary, or of the two that a tuple holds for an object with slots."""
    if type(state) is Mapping:
        return state.items[::2]
    if type(state) is Sequence and state.kind == "tuple" and len(state.items) == 2:
        return [key for part in state.items if type(part) is Mapping for key in part.items[::2]]
    return []


def _asks_for_files(state: Item) -> bool:
    """Tell whether a vectorizer opens the files that its texts name, which takes the capability ``reads-files``."""
    if type(state) is not Mapping:
        return False
    pairs = {text_of(key): value for key, value in zip(state.items[::2], state.items[1::2], strict=True)}
    return text_of(pairs.get("input")) == "filename" and "strip_accents" in pairs


def _sets_a_method(state: Item) -> bool:
    """Tell whether an object gets its own function in the place of a method that the opcodes call by name."""
    if type(state) is not Mapping:
        return False
    pairs = zip(state.items[::2], state.items[1::2], strict=True)
    return any(text_of(key) in _CALLED_BY_OPCODES and type(value) in (Global, Call, Extension) for key, value in pairs)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}..."


def _is_special(name: str | None) -> bool:
    return name is not None and name.startswith("__") and name.endswith("__")
