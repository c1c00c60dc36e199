"""What a pickle asks for beyond its length: keys that make a dictionary slow or never end, memory by a number.

Nothing is hashed here: numbers share a hash where they differ by a multiple of the modulus of Python, and the hash of a
tuple visits all that it holds, as often as it holds it.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import groupby

from hermetic.collisions import MAX_EQUAL_HASHES
from hermetic.formats.pickle_nodes import Call, Change, Item, Mapping, Node, Sequence
from hermetic.scanning.pickle_arguments import PickleView

__all__ = ["asks_for_memory", "costly_nodes"]

_MODULUS = sys.hash_info.modulus
_MOST_VISITS = 1_000_000
_SETTING = frozenset({"SETITEM", "SETITEMS"})
_BY_A_NUMBER = frozenset({"builtins:bytearray", "builtins:bytes"})
_BY_A_SHAPE = frozenset({"numpy.core.multiarray:_reconstruct", "numpy.ma.core:_mareconstruct"})


def costly_nodes(nodes: list[Node]) -> Iterator[tuple[Node, str]]:
    """Give the dictionaries and sets that take longer to make than their length explains.

    Parameters
    ----------
    nodes : list of Node
        Of a stream.

    Yields
    ------
    node : Node
        A dictionary, a set, or a change of one.
    rule : str
        ``hash-collisions`` or ``huge-key``.

    Examples
    --------
    >>> keys = [number * (2**61 - 1) for number in range(100)]
    >>> node = Sequence(offset=0, number=0, depth=1, kind="set", items=keys)
    >>> [rule for _, rule in costly_nodes([node])]
    ['hash-collisions']
    """
    visits: dict[int, int] = {}
    for node in nodes:
        if type(node) is Sequence and node.kind == "tuple":
            inner = sum(visits[item.number] for item in node.items if type(item) is Sequence and item.number in visits)
            visits[node.number] = min(len(node.items) + inner, _MOST_VISITS + 1)
    for node in nodes:  # keys may be younger than what they are put into
        keys = _keys_of(node)
        if keys and visits and max(map(partial(_visits_of, visits), keys)) > _MOST_VISITS:
            yield node, "huge-key"
        elif len(keys) > MAX_EQUAL_HASHES and _are_colliding(keys):
            yield node, "hash-collisions"


def _visits_of(visits: dict[int, int], item: Item) -> int:
    return visits.get(item.number, 0) if type(item) is Sequence else 0


def _keys_of(node: Node) -> list[Item]:
    if type(node) is Mapping:
        return node.items[::2]
    if type(node) is Sequence:
        return node.items if node.kind in ("set", "frozenset") else []
    if type(node) is Change:
        return node.items[::2] if node.opcode in _SETTING else node.items if node.opcode == "ADDITEMS" else []
    return []


def _are_colliding(keys: list[Item]) -> bool:
    numbers: list[int | float] = [key for key in keys if type(key) is int or type(key) is float]
    if len(numbers) <= MAX_EQUAL_HASHES:
        return False
    if all(type(number) is int for number in numbers) and min(numbers) > -_MODULUS and max(numbers) < _MODULUS:
        return False  # they are their own hashes
    # A set of the numbers themselves would be as slow as the dictionary that they are chosen for.
    hashes = Counter(_residue(number) for number, _ in groupby(sorted(numbers)))
    return max(hashes.values()) > MAX_EQUAL_HASHES


def _residue(number: int | float) -> int:
    """Give what all numbers of one hash have in common."""
    if isinstance(number, float):
        if not math.isfinite(number):
            return 0
        above, below = number.as_integer_ratio()
        return abs(above) * pow(below, -1, _MODULUS) % _MODULUS
    return abs(number) % _MODULUS


def asks_for_memory(view: PickleView, node: Call) -> bool:
    """Tell whether a call of a known function does nothing worse than to take memory of a size that it is given.

    Parameters
    ----------
    view : PickleView
        The stream.
    node : Call
        A call whose arguments no pickler writes.

    Returns
    -------
    bool
        True for ``bytearray(10**11)`` and for arrays that are made with a shape of their own.

    Examples
    --------
    >>> from hermetic.formats.pickle_nodes import Global
    >>> from hermetic.scanning.pickle_names import resolve_name
    >>> name = Global(0, 0, "GLOBAL", "builtins", "bytearray", 4)
    >>> asks_for_memory(PickleView({0: resolve_name(name)}), Call(2, 1, 1, "REDUCE", name, [10**11]))
    True
    """
    if view.is_at(node.function, _BY_A_NUMBER):
        return len(node.arguments) == 1 and isinstance(node.arguments[0], int)
    if view.is_at(node.function, _BY_A_SHAPE):
        kinds = ["array"] * (len(node.arguments) - 2) + ["shape", "code"]
        return len(node.arguments) >= 3 and all(map(view.fits, kinds, node.arguments))
    return False
