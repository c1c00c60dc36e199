"""Arguments that a model binds to a function: what a function of the tables may be given without anyone's trust.

The tables of `hermetic.codecs.functions` hold what only computes on its arguments. With arguments of the file's choice
that stays true when they are data: another function among them would be called, and an array named ``out``, or one in
the place of an output, would be written to after its check. What a *trusted* function gets is its own affair.

Other objects pass a dictionary of their own on to a function: scorers, metrics, kernels. So in a model that refers to a
function with outputs, an array that a dictionary holds as ``out`` is held by nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hermetic.codecs.field_view import FieldView
from hermetic.codecs.functions import KNOWN_FUNCTIONS, KNOWN_VALUE_TYPES
from hermetic.codecs.texts import text_of
from hermetic.errors import InvalidState
from hermetic.graph import Graph, Instances, Mappings, Packed, Rows, Same, Sequences
from hermetic.graph_walk import columns_of, references_of

__all__ = ["is_known_function", "refuse_callables", "refuse_shared_outputs"]

_WRITTEN_TO = "out"
_WRITERS = frozenset(name for name in KNOWN_FUNCTIONS if name.startswith(("numpy.", "scipy.special.")))
_CALLABLE = frozenset({"functools.partial", "operator.itemgetter"})
_MAPPINGS = frozenset({"collections.OrderedDict", "collections.defaultdict", "sklearn.utils.Bunch"})
_RANDOM = frozenset({"numpy.random.Generator", "numpy.random.RandomState"})


def is_known_function(view: FieldView, value: Any) -> bool:
    """Tell whether a value is the name of a function or class of the tables of functions.

    Parameters
    ----------
    view : FieldView
        The table that holds the value.
    value : value
        As `FieldView.values` gives it.

    Returns
    -------
    bool
        False for a foreign function, which is loaded only when somebody trusts it, and for objects.
    """
    if type(value) is not dict or type(value.get("name")) is not int:
        return False
    name = view.graph.names[value["name"]].name
    return name in KNOWN_FUNCTIONS or name in KNOWN_VALUE_TYPES


def refuse_callables(view: FieldView, value: Any, row: int, field: str, *, allows_arrays: bool = True) -> None:
    """Refuse arguments that are more than data.

    Parameters
    ----------
    view : FieldView
        The table that holds the value.
    value : value
        A tuple, a list or a dictionary, as `FieldView.values` gives it.
    row : int
        Its row, for messages.
    field : str
        Its field, for messages.
    allows_arrays : bool
        False for arguments by position, the last of which may be written to.

    Raises
    ------
    InvalidState
        For functions, objects with behaviour, and arrays that the function would write to.
    """
    waiting, seen = [value], set()
    while waiting:
        value = waiting.pop()
        if type(value) is dict:
            waiting.extend(value.get("tuple", ()))
            if "name" in value and view.graph.names[value["name"]].name not in KNOWN_VALUE_TYPES:
                name = view.graph.names[value["name"]].name
                raise view.refuse(f"{name} is bound to a function, which would call it", row=row, field=field)
        if type(value) is not list or value[0] in seen:
            continue
        seen.add(value[0])
        node = view.graph.nodes[value[0]]
        name = view.graph.names[node.type].name if isinstance(node, Instances) else ""
        if name in _CALLABLE:
            raise view.refuse(f"a {name} is bound to a function, which would call it", row=row, field=field)
        if not allows_arrays and name not in _RANDOM and not isinstance(node, (Mappings, Sequences)):
            raise view.refuse("an array or object is bound by position, where outputs may stand", row=row, field=field)
        if isinstance(node, Mappings) and _WRITTEN_TO in map(text_of, _keys(node)):
            raise view.refuse("the argument 'out' would be written to after its check", row=row, field=field)
        if not name or name in _MAPPINGS:
            for _, column, _ in columns_of(node):
                waiting.extend(_values(column))


def refuse_shared_outputs(graph: Graph, place: Callable[[int], str]) -> None:
    """Refuse an array that a function of the tables would write to, and that something else relies on.

    Parameters
    ----------
    graph : Graph
        Well formed, its columns read.
    place : callable
        Gives the path of a node, for messages.

    Raises
    ------
    InvalidState
        With the dictionary that holds the array as ``out``.
    """
    if not any(name.role == "referenced" and name.name in _WRITERS for name in graph.names):
        return
    holders = [
        number
        for number, node in enumerate(graph.nodes)
        if isinstance(node, Mappings) and _WRITTEN_TO in map(text_of, _keys(node))
    ]
    if not holders:
        return
    targets = [{target for _, target, _ in references_of(node)} for node in graph.nodes]
    for link in graph.links:
        targets[link.node].add(link.target_node)
    for holder in holders:
        inside, waiting = {holder}, [holder]
        while waiting:
            new = targets[waiting.pop()] - inside
            inside |= new
            waiting += new
        inner = inside - {holder}
        if any(found & inner for number, found in enumerate(targets) if number not in inside):
            raise InvalidState(
                "an array that a function may write to, as 'out', is part of something else that was checked",
                where=place(holder),
                next_step="The file is damaged or hostile. Ask its producer for a fresh copy and compare digests.",
            )


def _keys(node: Mappings) -> Any:
    if type(node.keys) is Same:
        return [node.keys.value]
    return node.keys if type(node.keys) is list else getattr(node.keys, "values", None) or ()


def _values(column: Any) -> Any:
    if type(column) is Same:
        return [column.value]
    if type(column) is Rows:
        return [[column.node], *column.exceptions.values()]
    return () if type(column) is Packed else column
