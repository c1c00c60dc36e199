"""Distributions of scipy in a pickle: their state holds the text of functions, which `__setstate__` executes.

A frozen distribution, ``scipy.stats.uniform(0, 1)``, stands in every pickle of a randomized search. Its text is
written by one template of scipy; any other text is code of the file's own. `hermetic.load` takes name and parameters.
Discrete ones also hold their own entropy, made to take arrays by `numpy.vectorize`, which unpickling does not call.

References
----------
``scipy/stats/_distn_infrastructure.py``, `parse_arg_template` and `rv_generic._attach_argparser_methods`.
"""

from __future__ import annotations

import re

from hermetic.formats.joblib_arrays import text_of
from hermetic.formats.pickle_nodes import PLAIN_TYPES, Call, Change, Global, Item, Mapping, Node, Sequence

__all__ = ["distributions_of", "entropies_of", "is_honest_state", "names_a_distribution"]

_MODULES = frozenset({"scipy.stats._continuous_distns", "scipy.stats._discrete_distns"})
_FROZEN = frozenset(
    f"scipy.stats.{module}:{name}"
    for module in ("_distn_infrastructure", "distributions")
    for name in ("rv_continuous_frozen", "rv_discrete_frozen", "rv_frozen")
)
_VECTORIZE = frozenset(
    f"{module}:vectorize" for module in ("numpy", "numpy.lib.function_base", "numpy.lib._function_base_impl")
)
_GETATTR = frozenset({"builtins:getattr", "__builtin__:getattr"})
_SET = frozenset({"builtins:set", "__builtin__:set"})
_ANY = re.compile(r"rv_(?:continuous|discrete|generic|histogram|sample)|\w{1,60}_gen")
_TEMPLATE = re.compile(
    r"\ndef _parse_args\(self, (?P<shape>(?:[A-Za-z]\w{0,20}, ){0,9}) (?P<given>loc=0, scale=1|loc=0)\):\n"
    r"    return \((?P=shape)\), (?P<made>loc, scale|loc, 1)\n"
    r"\ndef _parse_args_rvs\(self, (?P=shape) (?P=given), size=None\):\n"
    r"    return self\._argcheck_rvs\((?P=shape) (?P=made), size=size\)\n"
    r"\ndef _parse_args_stats\(self, (?P=shape) (?P=given), moments='mv'\):\n"
    r"    return \((?P=shape)\), (?P=made), moments\n"
)


def names_a_distribution(item: Item) -> bool:
    """Tell whether a name is a class of scipy's own distributions.

    Examples
    --------
    >>> names_a_distribution(Global(0, 0, "GLOBAL", "scipy.stats._continuous_distns", "norm_gen", 4))
    True
    """
    return (
        type(item) is Global
        and item.module in _MODULES
        and re.fullmatch(r"[A-Za-z]\w{0,40}_gen", item.name) is not None
    )


def _class_of(node: Call) -> Item:
    """Give the class that a call makes an object of: protocols 0 and 1 call a function with it."""
    function = node.function
    if type(function) is Global and function.name == "_reconstructor" and node.arguments:
        return node.arguments[0]
    return function


def distributions_of(nodes: list[Node]) -> set[int]:
    """Find the distributions that stand in frozen ones, by the numbers of their calls.

    Parameters
    ----------
    nodes : list of Node
        Of one stream.

    Returns
    -------
    set of int
        Those that are made without arguments, as pickles make them.

    Examples
    --------
    >>> distributions_of([])
    set()
    """
    found = set()
    for node in nodes:
        if type(node) is not Change or node.opcode != "BUILD" or type(node.items[0]) is not Mapping:
            continue
        frozen = _class_of(node.target) if type(node.target) is Call else None
        if type(frozen) is Global and f"{frozen.module}:{frozen.name}" in _FROZEN:
            items = node.items[0].items
            inner = next(
                (value for key, value in zip(items[::2], items[1::2], strict=True) if text_of(key) == "dist"), None
            )
            if type(inner) is Call and names_a_distribution(_class_of(inner)):
                found.add(inner.number)
    return found


def entropies_of(nodes: list[Node]) -> set[int]:
    """Find what discrete distributions keep their entropy in: a vectorized method of their own, which nobody calls.

    Parameters
    ----------
    nodes : list of Node
        Of one stream.

    Returns
    -------
    set of int
        The numbers of the calls that look up the method and make the object around it, and of the change that gives it
        the method.

    Examples
    --------
    >>> entropies_of([])
    set()
    """
    states: dict[int, list[Change]] = {}
    for node in nodes:
        if type(node) is Change and type(node.target) is Call and node.items:
            states.setdefault(node.target.number, []).append(node)
    found: set[int] = set()
    for changes in states.values():
        owner, state = changes[0].target, changes[0].items[0]
        if type(owner) is not Call or type(state) is not Mapping or not _is_any_distribution(_class_of(owner)):
            continue
        for key, value in zip(state.items[::2], state.items[1::2], strict=True):
            if text_of(key) == "vecentropy" and type(value) is Call:
                found |= _entropy_in(owner, value, states.get(value.number, []))
    return found


def _entropy_in(owner: Call, made: Call, changes: list[Change]) -> set[int]:
    """Give the numbers that make up one vectorized entropy; none where there is anything else to it."""
    is_direct = made.opcode in ("NEWOBJ", "NEWOBJ_EX") and not made.arguments and made.keywords is None
    is_made = is_direct or _class_of(made) is not made.function
    if not (is_made and _is_at(_class_of(made), _VECTORIZE) and len(changes) == 1 and changes[0].opcode == "BUILD"):
        return set()
    state = changes[0].items[0]
    if type(state) is not Mapping:
        return set()
    pairs = zip(map(text_of, state.items[::2]), state.items[1::2], strict=True)
    others = [(key, value) for key, value in pairs if type(value) not in PLAIN_TYPES and not _is_empty(value)]
    if len(others) != 1 or others[0][0] != "pyfunc":
        return set()
    method = others[0][1]
    if type(method) is not Call or method.opcode != "REDUCE" or not _is_at(method.function, _GETATTR):
        return set()
    is_own = len(method.arguments) == 2 and method.arguments[0] is owner and text_of(method.arguments[1]) == "_entropy"
    return {made.number, method.number, changes[0].number} if is_own else set()


def _is_empty(item: Item) -> bool:
    """Tell whether something is an empty container; protocols below 4 call ``set`` for one."""
    if type(item) is Call:
        return item.opcode == "REDUCE" and _is_at(item.function, _SET) and all(map(_is_empty, item.arguments))
    return type(item) in (Mapping, Sequence) and not item.items  # type: ignore[union-attr]  # both have items


def _is_at(item: Item, places: frozenset[str]) -> bool:
    return type(item) is Global and f"{item.module}:{item.name}" in places


def _is_any_distribution(kind: Item) -> bool:
    """Tell whether a name is a class of distributions, of scipy's own or of those that people make with scipy."""
    return type(kind) is Global and kind.module.startswith("scipy.stats") and _ANY.fullmatch(kind.name) is not None


def is_honest_state(target: Call, state: Item) -> bool | None:
    """Tell whether the state of a distribution has only text that scipy has written; None for everything else.

    Parameters
    ----------
    target : Call
        What gets the state.
    state : Item
        The state.

    Returns
    -------
    bool or None
        False where `__setstate__` would run code of the file.

    Examples
    --------
    >>> is_honest_state(Call(0, 0, 1, "NEWOBJ", None, []), None) is None
    True
    """
    kind = _class_of(target)
    if not _is_any_distribution(kind):
        return None
    if type(state) is not Mapping:
        return False
    pairs = list(zip(map(text_of, state.items[::2]), state.items[1::2], strict=True))
    templates = [value for key, value in pairs if key == "_parse_arg_template"]
    has_code = not all(_TEMPLATE.fullmatch(text_of(text) or "") for text in templates)
    if not names_a_distribution(kind):
        return False if has_code else None
    is_plain = all(key is not None and (not key.startswith("__") or key == "__doc__") for key, _ in pairs)
    return is_plain and bool(templates) and not has_code
