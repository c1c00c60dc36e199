"""What a pickle asks for beyond its length: keys that make a dictionary slow or never end, memory by a number.

Nothing is hashed here: numbers share a hash where they differ by a multiple of the modulus of Python, and the hash of a
tuple visits all that it holds, as often as it holds it.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterator

from hermetic.collisions import MAX_EQUAL_HASHES
from hermetic.formats.pickle_nodes import Atom, Call, Change, Mapping, Node, Sequence
from hermetic.scanning.pickle_arguments import PickleView

__all__ = ["asks_for_memory", "costly_nodes"]

_MODULUS = sys.hash_info.modulus
_MOST_VISITS = 1_000_000
_HOLDING = frozenset({Sequence, Mapping, Change})
_SETTING = frozenset({"SETITEM", "SETITEMS"})
_BY_A_NUMBER = frozenset({"builtins:bytearray", "builtins:bytes"})
_BY_A_SHAPE = frozenset({"numpy.core.multiarray:_reconstruct", "numpy.ma.core:_mareconstruct"})


def costly_nodes(view: PickleView) -> Iterator[tuple[int, str]]:
    """Give the dictionaries and sets that take longer to make than their length explains.

    Parameters
    ----------
    view : PickleView
        The stream.

    Yields
    ------
    number : int
        The node.
    rule : str
        ``hash-collisions`` or ``huge-key``.

    Examples
    --------
    >>> keys = [Atom(0, number * (2**61 - 1)) for number in range(100)]
    >>> nodes = [*keys, Sequence(0, "set", list(range(100)))]
    >>> list(costly_nodes(PickleView(nodes, {})))
    [(100, 'hash-collisions')]
    """
    nodes = view.nodes
    visits: dict[int, int] = {}
    # Filtered first: nine in ten nodes are plain values, and this runs over millions.
    holding = [(number, node) for number, node in enumerate(nodes) if type(node) in _HOLDING]
    for number, node in holding:
        if isinstance(node, Sequence) and node.kind == "tuple":
            visited = len(node.items) + sum(visits.get(item, 0) for item in node.items)
            visits[number] = min(visited, _MOST_VISITS + 1)
    for number, node in holding:  # keys may be younger than what they are put into
        keys = _keys_of(node)
        if keys and visits and max(visits.get(key, 0) for key in keys) > _MOST_VISITS:
            yield number, "huge-key"
        elif len(keys) > MAX_EQUAL_HASHES and _are_colliding(nodes, keys):
            yield number, "hash-collisions"


def _keys_of(node: Node) -> list[int]:
    if isinstance(node, Mapping):
        return node.items[::2]
    if isinstance(node, Sequence):
        return node.items if node.kind in ("set", "frozenset") else []
    if isinstance(node, Change):
        return node.items[::2] if node.opcode in _SETTING else node.items if node.opcode == "ADDITEMS" else []
    return []


def _are_colliding(nodes: list[Node], keys: list[int]) -> bool:
    numbers = [value for key in keys if (value := _number_at(nodes[key])) is not None]
    if len(numbers) <= MAX_EQUAL_HASHES:
        return False
    if all(type(number) is int for number in numbers) and min(numbers) > -_MODULUS and max(numbers) < _MODULUS:
        return False  # they are their own hashes
    hashes = Counter(_residue(number) for number in set(numbers))
    return max(hashes.values()) > MAX_EQUAL_HASHES


def _number_at(node: Node) -> int | float | None:
    value = node.value if type(node) is Atom else None
    return value if type(value) in (int, float) else None  # type: ignore[return-value]  # these two are numbers


def _residue(number: int | float) -> int:
    """Give what all numbers of one hash have in common."""
    if isinstance(number, float):
        if not math.isfinite(number):
            return 0
        above, below = number.as_integer_ratio()
        return abs(above) * pow(below, -1, _MODULUS) % _MODULUS
    return abs(number) % _MODULUS


def asks_for_memory(view: PickleView, number: int) -> bool:
    """Tell whether a call of a known function does nothing worse than to take memory of a size that it is given.

    Parameters
    ----------
    view : PickleView
        The stream.
    number : int
        A call whose arguments no pickler writes.

    Returns
    -------
    bool
        True for ``bytearray(10**11)`` and for arrays that are made with a shape of their own.

    Examples
    --------
    >>> from hermetic.formats.pickle_nodes import Global
    >>> from hermetic.scanning.pickle_names import resolve_name
    >>> name = Global(0, "GLOBAL", "builtins", "bytearray", 4)
    >>> nodes = [name, Atom(1, 10**11), Call(2, "REDUCE", 0, [1])]
    >>> asks_for_memory(PickleView(nodes, {0: resolve_name(name)}), 2)
    True
    """
    node = view.nodes[number]
    if not isinstance(node, Call):
        return False
    if view.is_at(node.function, _BY_A_NUMBER):
        return len(node.arguments) == 1 and view.whole(node.arguments[0]) is not None
    if view.is_at(node.function, _BY_A_SHAPE):
        kinds = ["array"] * (len(node.arguments) - 2) + ["shape", "code"]
        return len(node.arguments) >= 3 and all(map(view.fits, kinds, node.arguments))
    return False
