"""Whether the arguments of a known call are of the kinds that a pickler gives it."""

from __future__ import annotations

import re
from collections.abc import Callable

from hermetic.codecs.functions import KNOWN_FUNCTIONS
from hermetic.formats.joblib_arrays import text_of
from hermetic.formats.pickle_nodes import Atom, Bytes8, Call, Node, Sequence
from hermetic.scanning.pickle_names import ResolvedName

__all__ = ["NAMING_KINDS", "PickleView", "kinds_of_arguments"]

NAMING_KINDS = frozenset({"array", "base", "bits", "bits-maker", "class", "function", "str"})
"""Kinds that decide about a name themselves, so that it is no value besides."""

_ARRAY_CLASSES = frozenset(
    [
        "numpy:matrix",
        "numpy:memmap",
        "numpy:ndarray",
        "numpy:recarray",
        "numpy.core.records:recarray",
        "numpy.ma:MaskedArray",
        "numpy.ma.core:MaskedArray",
        "numpy.rec:recarray",
    ]
)
_BASES = frozenset(
    f"builtins:{name}"
    for name in ["bytes", "complex", "dict", "float", "frozenset", "int", "list", "object", "set", "str", "tuple"]
)
_BIT_GENERATORS = frozenset({"MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"})
_DTYPE_TEXT = re.compile(r"[<>=|]?[A-Za-z?][0-9]{0,9}(?:\[[0-9]{0,4}[A-Za-z]{1,2}\])?\Z")
_SMALL = 1 << 31


class PickleView:
    """The nodes of one stream, with what its names mean.

    Parameters
    ----------
    nodes : list of Node
        Of the stream.
    names : dict of int to ResolvedName
        What each `Global` means.
    """

    def __init__(self, nodes: list[Node], names: dict[int, ResolvedName]) -> None:
        self.nodes = nodes
        self.names = names

    def fits(self, kind: str, number: int) -> bool:
        """Tell whether a node is of a kind."""
        return _KINDS[kind](self, number)

    def text(self, number: int) -> str | None:
        """Give the text of a node, or None."""
        return text_of(self.nodes[number])

    def whole(self, number: int) -> int | None:
        """Give the whole number of a node, or None."""
        node = self.nodes[number]
        return int(node.value) if type(node) is Atom and isinstance(node.value, int) else None

    def is_at(self, number: int, places: frozenset[str]) -> bool:
        """Tell whether a node is a name of one of some places."""
        name = self.names.get(number)
        return name is not None and not places.isdisjoint(name.locations)

    def is_call_of(self, number: int, place: str) -> bool:
        """Tell whether a node is a call of what stands at a place."""
        node = self.nodes[number]
        return type(node) is Call and self.is_at(node.function, frozenset({place}))


def kinds_of_arguments(view: PickleView, call: str, arguments: list[int]) -> list[str] | None:
    """Give the kind of each argument, or None when one is of another kind, missing or too much.

    Parameters
    ----------
    view : PickleView
        The stream.
    call : str
        The kinds, as in `hermetic.codecs.legacy_calls`.
    arguments : list of int
        The numbers of the arguments.

    Returns
    -------
    list of str, or None
        As many kinds as arguments.

    Examples
    --------
    >>> from hermetic.scanning.pickle_arguments import PickleView, kinds_of_arguments
    >>> view = PickleView([Atom(0, "x"), Atom(1, "latin1"), Atom(2, "rot13")], {})
    >>> kinds_of_arguments(view, "text latin1", [0, 1]), kinds_of_arguments(view, "text latin1", [0, 2])
    (['text', 'latin1'], None)
    """
    forms = call.split()
    if forms and forms[-1].endswith("*"):
        forms += [forms[-1]] * (len(arguments) - len(forms))
    n_needed = sum(form[-1] not in "?*" for form in forms)
    if not n_needed <= len(arguments) <= len(forms):
        return None
    kinds = [form.rstrip("?*") for form in forms[: len(arguments)]]
    return kinds if all(map(view.fits, kinds, arguments)) else None


def _is_data(view: PickleView, number: int) -> bool:
    node = view.nodes[number]
    if type(node) is Bytes8 or (type(node) is Atom and type(node.value) is bytes):
        return True
    return any(view.is_call_of(number, place) for place in ("_codecs:encode", "builtins:bytes"))


def _is_type_code(view: PickleView, number: int) -> bool:
    node = view.nodes[number]
    if type(node) is Call:
        return _is_data(view, number) and bool(node.arguments) and view.text(node.arguments[0]) == "b"
    return view.text(number) == "b" or (type(node) is Atom and node.value == b"b")


def _is_tuple_of_whole_numbers(view: PickleView, number: int) -> bool:
    node = view.nodes[number]
    if type(node) is not Sequence or node.kind not in ("tuple", "list"):
        return False
    return all(view.whole(item) is not None for item in node.items)


def _is_empty_shape(view: PickleView, number: int) -> bool:
    node = view.nodes[number]
    return type(node) is Sequence and [view.whole(item) for item in node.items] == [0]


def _is_number(view: PickleView, number: int) -> bool:
    node = view.nodes[number]
    if type(node) is Atom:
        return isinstance(node.value, (int, float)) or node.value is None
    return view.is_call_of(number, "numpy.core.multiarray:scalar")


def _is_small(view: PickleView, number: int) -> bool:
    whole = view.whole(number)
    return _is_number(view, number) if whole is None else -_SMALL <= whole < _SMALL


def _is_list(view: PickleView, number: int) -> bool:
    return type(view.nodes[number]) is Sequence


def _is_class(view: PickleView, number: int) -> bool:
    return number in view.names and view.names[number].is_class


def _is_function(view: PickleView, number: int) -> bool:
    return number in view.names and view.names[number].is_reference


def _is_bits(view: PickleView, number: int) -> bool:
    text = view.text(number)
    return text in _BIT_GENERATORS if text is not None else _is_class(view, number) or type(view.nodes[number]) is Call


def _is_method_of_text(view: PickleView, number: int) -> bool:
    return f"builtins:str.{view.text(number)}" in KNOWN_FUNCTIONS


_KINDS: dict[str, Callable[[PickleView, int], bool]] = {
    "any": lambda view, number: True,
    "array": lambda view, number: view.is_at(number, _ARRAY_CLASSES),
    "base": lambda view, number: view.is_at(number, _BASES),
    "bits": _is_bits,
    "bits-maker": lambda view, number: view.is_at(number, frozenset({"numpy.random._pickle:__bit_generator_ctor"})),
    "class": _is_class,
    "code": _is_type_code,
    "content": lambda view, number: _is_data(view, number) or view.text(number) is not None,
    "data": _is_data,
    "dtype": lambda view, number: view.is_call_of(number, "numpy:dtype"),
    "dtype-text": lambda view, number: _DTYPE_TEXT.match(view.text(number) or "") is not None,
    "empty-shape": _is_empty_shape,
    "flag": lambda view, number: view.whole(number) in (0, 1),
    "function": _is_function,
    "latin1": lambda view, number: view.text(number) in ("latin1", "latin-1"),
    "list": _is_list,
    "number": _is_number,
    "shape": _is_tuple_of_whole_numbers,
    "small": _is_small,
    "str": lambda view, number: view.is_at(number, frozenset({"builtins:str"})),
    "str-method": _is_method_of_text,
    "text": lambda view, number: view.text(number) is not None,
}
