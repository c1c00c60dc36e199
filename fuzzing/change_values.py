"""Changes of single values: numbers at and beyond their bounds, other kinds of value, other nodes of the same graph."""

from __future__ import annotations

import random
from typing import Any

from fuzzing.donors import borrow
from fuzzing.draft import Draft, Place
from hermetic.graph import Instances

__all__ = ["change_kind", "change_number", "change_text", "exchange_values", "redirect", "take_from_another"]

_SAFE = (1 << 53) - 1
_INTEGERS: tuple[Any, ...] = (
    *(0, -1, 1, 2, 3, 7, 8, 9, 16, 17, 31, 32, 33, 255, 256, 65_536, 10**6),
    *((1 << 31) - 1, 1 << 31, -(1 << 31), 1 << 32, 1 << 40, _SAFE, -_SAFE),
    *({"int": hex((1 << 63) - 1)}, {"int": hex(1 << 63)}, {"int": hex(-(1 << 63))}, {"int": hex(1 << 200)}),
)
_FLOATS: tuple[Any, ...] = (0.5, -0.5, 0.0, -0.0, 1.0, 1e-300, 1e300, -1e300, 5e-324)
_SPECIAL: tuple[Any, ...] = ({"float": "nan"}, {"float": "inf"}, {"float": "-inf"})
_OTHERS: tuple[Any, ...] = (
    *(None, True, False, "", "auto", "drop", "passthrough", "precomputed", "euclidean", "minkowski", "linear", "rbf"),
    *({"tuple": []}, {"tuple": [0, 1]}, {"bytes": ""}, {"complex": [1.0, 0.5]}, {"constant": "Ellipsis"}),
    *({"numpy": ["<i8", -1]}, {"numpy": ["<f8", 0.5]}, {"numpy": ["|b1", True]}, {"dtype": "<f8"}, {"dtype": "|O"}),
)
_TEXTS = (
    *(
        "",
        "a",
        "auto",
        "log_loss",
        "squared_error",
        "exponential",
        "deviance",
        "hinge",
        "brute",
        "kd_tree",
        "ball_tree",
    ),
    *("euclidean", "mahalanobis", "haversine", "precomputed", "cosine", "jaccard", "linear", "poly", "rbf", "sigmoid"),
    *("lbfgs", "sgd", "most_frequent", "median", "constant", "filename", "file", "content", "word", "char_wb", "drop"),
    *("passthrough", "first", "if_binary", "ignore", "error", "infrequent_if_exist", "MT19937", "l1", "l2", "max"),
    *("identity", "logistic", "softmax", "full", "tied", "diag", "spherical", "csr", "<U0", "\u202e", "\u0000"),
)
# How much work a model does is its author's choice, and not a crash: 2**31 iterations are slow for everybody.
_WORK = frozenset({"degree", "max_iter", "n_iter", "n_samples", "n_components", "max_doc_update_iter", "n_estimators"})
_MOST_WORK = 300


def _pick(draft: Draft, choose: random.Random) -> Place | None:
    """Give one value; fields of objects more often than items of lists."""
    nodes = draft.graph.nodes
    for _ in range(8):
        number = choose.randrange(len(nodes))
        if isinstance(nodes[number], Instances) or choose.random() < 0.4:
            place = draft.pick_place(choose, number)
            if place is not None:
                return place
    return None


def change_number(draft: Draft, choose: random.Random) -> str:
    """Put another number in the place of one: a neighbour, its negative, or an extreme."""
    for _ in range(8):
        place = _pick(draft, choose)
        if place is None:
            continue
        old = _number_in(place.value)
        if old is None:
            continue
        new = _another_number(old, choose)
        if place.words[1:] in _WORK and (type(new) not in (int, float) or abs(new) > _MOST_WORK):
            new = choose.randrange(-1, _MOST_WORK)
        draft.put(place, _in_the_form_of(place.value, new), choose=choose)
        return f"{draft.words(place.number)}{place.words}: {place.value!r} becomes {new!r}"
    return ""


def _another_number(old: Any, choose: random.Random) -> Any:
    if type(old) is bool:
        return choose.choice((not old, int(old), 2, -1, None))
    near: tuple[Any, ...] = (old + 1, old - 1, -old, old * 2, old // 2)
    if type(old) is int:
        # An extreme float sometimes: what is an integer in every honest model may be one that native code divides by.
        pool: tuple[Any, ...] = choose.choice(
            (near, near, _INTEGERS, _INTEGERS, (float(old) if abs(old) < _SAFE else 0.5, 0.5))
        )
    else:
        pool = choose.choice((near, _FLOATS, _FLOATS, _SPECIAL, _INTEGERS))
    new = choose.choice(pool)
    if type(new) is int and abs(new) > _SAFE:
        return {"int": hex(new)}
    return {"float": repr(new)} if type(new) is float and new - new != 0.0 else new


def _number_in(value: Any) -> Any:
    if type(value) in (bool, int, float):
        return value
    if type(value) is dict:
        inner = value.get("numpy")
        if type(inner) is list and type(inner[1]) in (bool, int, float):
            return inner[1]
        items = value.get("tuple")
        if items and type(items[0]) in (int, float):
            return items[0]
    return None


def _in_the_form_of(old: Any, new: Any) -> Any:
    if type(old) is not dict:
        return new
    if "numpy" in old:
        return {"numpy": [old["numpy"][0], new]} if type(new) is not dict else new
    return {"tuple": [new, *old["tuple"][1:]]}


def change_kind(draft: Draft, choose: random.Random) -> str:
    """Put a value of another kind in the place of any."""
    place = _pick(draft, choose)
    if place is None:
        return ""
    new = choose.choice(choose.choice((_OTHERS, _OTHERS, _INTEGERS, _FLOATS, _SPECIAL, _TEXTS)))
    draft.put(place, new, choose=choose)
    return f"{draft.words(place.number)}{place.words}: {place.value!r} becomes {new!r}"


def change_text(draft: Draft, choose: random.Random) -> str:
    """Put another word in the place of one: other metrics, losses, strategies and solvers."""
    for _ in range(8):
        place = _pick(draft, choose)
        if place is not None and type(place.value) is str:
            new = choose.choice((*_TEXTS, *_own_texts(draft, place)))
            draft.put(place, new, choose=choose)
            return f"{draft.words(place.number)}{place.words}: {place.value!r} becomes {new!r}"
    return ""


def _own_texts(draft: Draft, place: Place) -> list[str]:
    text = place.value
    return [text + "x", text[:-1], text * 2, text.upper(), text.swapcase()]


def redirect(draft: Draft, choose: random.Random) -> str:
    """Let a value refer to another node of the same graph."""
    place = _pick(draft, choose)
    if place is None or not place.number:
        return ""
    new = draft.reference(choose, place.number)
    draft.put(place, new)
    return f"{draft.words(place.number)}{place.words}: {place.value!r} refers to {new!r}, {draft.words(new[0])}"


def exchange_values(draft: Draft, choose: random.Random) -> str:
    """Exchange two values of one node: two fields, two rows of a column, two items of a list."""
    first = _pick(draft, choose)
    if first is None:
        return ""
    second = draft.pick_place(choose, first.number)
    if second is None or second.value == first.value:
        return ""
    draft.put(first, second.value)
    draft.put(second, first.value)
    return f"{draft.words(first.number)}: {first.words} and {second.words} are exchanged"


def take_from_another(draft: Draft, choose: random.Random) -> str:
    """Put a value of another model in the place of one, with all that it refers to."""
    place = _pick(draft, choose)
    if place is None:
        return ""
    words = draft.words(place.number)
    n_nodes = len(draft.graph.nodes)
    borrowed = borrow(draft, choose, place.words[1:])
    if borrowed is None:
        return ""
    place.number += len(draft.graph.nodes) - n_nodes
    draft.put(place, borrowed[0])
    return f"{words}{place.words} is the {borrowed[1]} of another model"
