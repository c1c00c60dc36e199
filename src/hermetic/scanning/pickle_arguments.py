"""Whether the arguments of a known call are of the kinds that a pickler gives it."""

from __future__ import annotations

import re
from collections.abc import Callable

from hermetic.codecs.functions import KNOWN_FUNCTIONS
from hermetic.formats.joblib_arrays import text_of
from hermetic.formats.pickle_nodes import ByteArray, Bytes8, Call, Global, Item, Sequence
from hermetic.scanning.distributions import names_a_distribution
from hermetic.scanning.pickle_names import ResolvedName

__all__ = ["NAMING_KINDS", "PickleView", "kinds_of_arguments"]

NAMING_KINDS = frozenset({"array", "base", "bits", "bits-maker", "class", "str"})
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
_CONSTANTS = frozenset({"builtins:Ellipsis", "builtins:NotImplemented"})
_RECORDS = frozenset({"numpy:record", "numpy.rec:record", "numpy.core.records:record"})
_SMALL = 1 << 31


class PickleView:
    """What the names of one stream mean.

    Parameters
    ----------
    names : dict of int to ResolvedName
        What each `Global` means, by its number.
    """

    def __init__(self, names: dict[int, ResolvedName]) -> None:
        self.names = names

    def fits(self, kind: str, item: Item) -> bool:
        """Tell whether an item is of a kind."""
        return _KINDS[kind](self, item)

    def name(self, item: Item) -> ResolvedName | None:
        """Give what an item means as a name, or None."""
        return self.names[item.number] if type(item) is Global else None

    def is_at(self, item: Item, places: frozenset[str]) -> bool:
        """Tell whether an item is a name of one of some places."""
        name = self.name(item)
        return name is not None and not places.isdisjoint(name.locations)

    def is_call_of(self, item: Item, place: str) -> bool:
        """Tell whether an item is a call of what stands at a place."""
        return type(item) is Call and self.is_at(item.function, frozenset({place}))


def kinds_of_arguments(view: PickleView, call: str, arguments: list[Item]) -> list[str] | None:
    """Give the kind of each argument, or None when one is of another kind, missing or too much.

    Parameters
    ----------
    view : PickleView
        The stream.
    call : str
        The kinds, as in `hermetic.codecs.legacy_calls`.
    arguments : list of Item
        The arguments.

    Returns
    -------
    list of str, or None
        As many kinds as arguments.

    Examples
    --------
    >>> from hermetic.scanning.pickle_arguments import PickleView, kinds_of_arguments
    >>> view = PickleView({})
    >>> kinds_of_arguments(view, "text latin1", ["x", "latin1"])
    ['text', 'latin1']
    >>> kinds_of_arguments(view, "text latin1", ["x", "rot13"]) is None
    True
    """
    forms = call.split()
    if forms and forms[-1].endswith("*"):
        forms += [forms[-1]] * (len(arguments) - len(forms))
    n_needed = sum(form[-1] not in "?*" for form in forms)
    if not n_needed <= len(arguments) <= len(forms):
        return None
    kinds = [form.rstrip("?*") for form in forms[: len(arguments)]]
    return kinds if all(map(view.fits, kinds, arguments)) else None


def _whole(item: Item) -> int | None:
    return int(item) if isinstance(item, int) else None


def _is_data(view: PickleView, item: Item) -> bool:
    if type(item) is bytes or type(item) is Bytes8 or type(item) is ByteArray:
        return True
    return any(view.is_call_of(item, place) for place in ("_codecs:encode", "builtins:bytes"))


def _is_type_code(view: PickleView, item: Item) -> bool:
    if type(item) is Call:
        return _is_data(view, item) and bool(item.arguments) and text_of(item.arguments[0]) == "b"
    return item == b"b" if type(item) is bytes else text_of(item) == "b"


def _is_tuple_of_whole_numbers(view: PickleView, item: Item) -> bool:
    if type(item) is not Sequence or item.kind not in ("tuple", "list"):
        return False
    return all(isinstance(length, int) for length in item.items)


def _is_empty_shape(view: PickleView, item: Item) -> bool:
    return type(item) is Sequence and list(map(_whole, item.items)) == [0]


def _is_number(view: PickleView, item: Item) -> bool:
    return item is None or isinstance(item, (int, float)) or view.is_call_of(item, "numpy.core.multiarray:scalar")


def _is_small(view: PickleView, item: Item) -> bool:
    return -_SMALL <= item < _SMALL if isinstance(item, int) else _is_number(view, item)


def _is_list(view: PickleView, item: Item) -> bool:
    return type(item) is Sequence


def _is_class(view: PickleView, item: Item) -> bool:
    name = view.name(item)
    return name is not None and (name.is_class or names_a_distribution(item))


def _is_function(view: PickleView, item: Item) -> bool:
    # Whether it is a known one is judged as of every value: a user's own function in a partial one is unknown.
    return view.name(item) is not None


def _is_bits(view: PickleView, item: Item) -> bool:
    text = text_of(item)
    return text in _BIT_GENERATORS if text is not None else _is_class(view, item) or type(item) is Call


def _is_method_of_text(view: PickleView, item: Item) -> bool:
    return f"builtins:str.{text_of(item)}" in KNOWN_FUNCTIONS


def _is_simple_dtype(view: PickleView, item: Item) -> bool:
    return _DTYPE_TEXT.match(text_of(item) or "") is not None or view.is_at(item, _RECORDS)


_KINDS: dict[str, Callable[[PickleView, Item], bool]] = {
    "any": lambda view, item: True,
    "array": lambda view, item: view.is_at(item, _ARRAY_CLASSES),
    "base": lambda view, item: view.is_at(item, _BASES),
    "bits": _is_bits,
    "bits-maker": lambda view, item: view.is_at(item, frozenset({"numpy.random._pickle:__bit_generator_ctor"})),
    "class": _is_class,
    "code": _is_type_code,
    "constant": lambda view, item: item is None or view.is_at(item, _CONSTANTS),
    "content": lambda view, item: _is_data(view, item) or text_of(item) is not None,
    "data": _is_data,
    "dtype": lambda view, item: view.is_call_of(item, "numpy:dtype"),
    "dtype-text": _is_simple_dtype,
    "empty-shape": _is_empty_shape,
    "flag": lambda view, item: _whole(item) in (0, 1),
    "function": _is_function,
    "latin1": lambda view, item: text_of(item) in ("latin1", "latin-1"),
    "list": _is_list,
    "number": _is_number,
    "shape": _is_tuple_of_whole_numbers,
    "small": _is_small,
    "str": lambda view, item: view.is_at(item, frozenset({"builtins:str"})),
    "str-method": _is_method_of_text,
    "text": lambda view, item: text_of(item) is not None,
}
