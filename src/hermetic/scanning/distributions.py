"""Distributions of scipy in a pickle: their state holds the text of functions, which `__setstate__` executes.

A frozen distribution, ``scipy.stats.uniform(0, 1)``, stands in every pickle of a randomized search. Its text is
written by one template of scipy; any other text is code of the file's own. `hermetic.load` takes name and parameters.

References
----------
``scipy/stats/_distn_infrastructure.py``, `parse_arg_template` and `rv_generic._attach_argparser_methods`.
"""

from __future__ import annotations

import re

from hermetic.formats.joblib_arrays import text_of
from hermetic.formats.pickle_nodes import Call, Change, Global, Item, Mapping, Node

__all__ = ["distributions_of", "is_honest_state", "names_a_distribution"]

_MODULE = "scipy.stats._continuous_distns"
_FROZEN = frozenset(
    f"scipy.stats.{module}:{name}"
    for module in ("_distn_infrastructure", "distributions")
    for name in ("rv_continuous_frozen", "rv_frozen")
)
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
    """Tell whether a name is a class of continuous distributions of scipy.

    Examples
    --------
    >>> names_a_distribution(Global(0, 0, "GLOBAL", "scipy.stats._continuous_distns", "norm_gen", 4))
    True
    """
    return (
        type(item) is Global and item.module == _MODULE and re.fullmatch(r"[A-Za-z]\w{0,40}_gen", item.name) is not None
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
    is_any = type(kind) is Global and kind.module.startswith("scipy.stats") and _ANY.fullmatch(kind.name) is not None
    if not is_any:
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
