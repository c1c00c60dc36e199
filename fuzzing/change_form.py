"""Changes after which a graph is not well formed, or names what nobody knows: the first gates must refuse them."""

from __future__ import annotations

import random
from typing import Any

from fuzzing.draft import Draft, listed
from hermetic.graph import Instances, Link, Mappings, Name, ObjectArray, Packed, Sequences

__all__ = ["break_container", "break_field", "break_name", "break_reference", "break_value", "nest_deeply"]

_FAR = 1 << 40
_BROKEN: tuple[Any, ...] = (
    *({}, {"unknown": 1}, {"name": _FAR}, {"name": -1}, {"float": "0.5"}, {"float": 1}, {"int": "5"}, {"int": "0x5"}),
    *({"int": 1 << 60}, {"tuple": 1}, {"tuple": [[0]]}, {"tuple": [{"tuple": []}]}, {"text": "?"}, {"bytes": "a"}),
    *({"complex": [1.0]}, {"complex": [1, 2]}, {"constant": "None"}, {"dtype": "|V-1"}, {"dtype": {"names": []}}),
    *({"numpy": []}, {"numpy": ["<f8", "x"]}, {"numpy": ["|i1", 300]}, {"numpy": ["<O8", 0]}, {"numpy": ["<U9", ""]}),
    *({"numpy": ["<f2", 1e300]}, {"dtype": ["<f8", [1 << 40]]}, {"float": "nan", "int": "0x1"}, (0,), b"a", 1j),
)
_UNKNOWN = ("builtins.eval", "os.system", "subprocess.Popen", "sklearn.Unknown", "numpy.load", "a b", "", "x.y:z.w")
_SHADOWING = (
    "predict",
    "fit",
    "get_params",
    "set_params",
    "__class__",
    "__dict__",
    "__reduce__",
    "_repr_html_",
    "score",
)
_LEVELS = 250


def break_reference(draft: Draft, choose: random.Random) -> str:
    """Let a value refer to a later node, to itself, or to a row that no table has."""
    place = draft.pick_place(choose, choose.randrange(len(draft.graph.nodes)))
    if place is None:
        return ""
    target = choose.randrange(place.number + 1)
    references: tuple[list[Any], ...] = (
        [place.number],
        [place.number + 1],
        [-1],
        [_FAR],
        [target, 0, 0],
        [],
        [None],
        ["0"],
        [True],
        [0.0],
    )
    new = choose.choice((*references, [target, draft.rows_of(target)], [target, -1], [[target]]))
    words = draft.words(place.number)
    draft.put(place, new)
    return f"{words}{place.words} refers to {new!r}"


def break_value(draft: Draft, choose: random.Random) -> str:
    """Put something in the place of a value that is none."""
    place = draft.pick_place(choose, choose.randrange(len(draft.graph.nodes)))
    if place is None:
        return ""
    new = choose.choice(_BROKEN)
    words = draft.words(place.number)
    draft.put(place, new)
    return f"{words}{place.words}: {place.value!r} becomes {new!r}"


def break_container(draft: Draft, choose: random.Random) -> str:
    """Let a node say another number of rows, items or keys than it has."""
    number = choose.randrange(len(draft.graph.nodes))
    words = draft.words(number)
    node = draft.own(number)
    for key, column, length, _ in draft.columns(number):
        # Of a packed column the reader has checked the length.
        draft.set_column(number, key, listed(column, length) if type(column) is Packed else column)
    by = choose.choice((1, -1, 1 << 31, 1 << 62, -(1 << 40)))
    if isinstance(node, ObjectArray):
        node.shape = choose.choice(([*node.shape, 2], [-1], [1] * 100, [1 << 40, 1 << 40]))
        return f"{words} has the shape {str(node.shape)[:40]}"
    if isinstance(node, Mappings) and choose.random() < 0.5:
        node.length += by
    elif isinstance(node, Sequences) and isinstance(node.lengths, int) and choose.random() < 0.5:
        node.lengths += by
    elif isinstance(node, (Instances, Mappings, Sequences)):
        node.rows = choose.choice((0, -1, node.rows + 1, 1 << 50))
        return f"{words} has {node.rows} rows"
    else:
        return ""
    return f"{words} is longer by {by}"


def break_name(draft: Draft, choose: random.Random) -> str:
    """Let a table be of a type that nobody knows, that is not constructed, or that does not exist."""
    numbers = [number for number, node in enumerate(draft.graph.nodes) if isinstance(node, Instances)]
    if not numbers:
        return ""
    node = draft.own(choose.choice(numbers))
    how = choose.choice(("unknown", "unknown", "called", "missing", "twice", "layout"))
    names = draft.graph.names
    if how == "missing":
        node.type = choose.choice((len(names), -1, _FAR))
        return f"a type has the number {node.type}"
    old = names[node.type]
    if how == "twice":
        names.append(old)
    elif how == "layout":
        names[node.type] = Name(old.name, old.role, choose.choice((0, -1, 99)))
    else:
        names[node.type] = Name(choose.choice(_UNKNOWN), "constructed" if how == "unknown" else "called")
    return f"the name {old.name}: {how}"


def break_field(draft: Draft, choose: random.Random) -> str:
    """Add a field that hides what the class defines."""
    numbers = [number for number, node in enumerate(draft.graph.nodes) if isinstance(node, Instances)]
    if not numbers:
        return ""
    number = choose.choice(numbers)
    node = draft.own(number)
    field = choose.choice(_SHADOWING)
    node.fields[field] = 1 if node.rows == 1 else [1] * node.rows
    return f"{draft.words(number)} has a field {field}"


def nest_deeply(draft: Draft, choose: random.Random) -> str:
    """Put the model into more lists than may stand inside each other; or let a link lead nowhere."""
    graph = draft.graph
    if choose.random() < 0.8:
        number = choose.randrange(len(graph.nodes))
        graph.links.append(
            Link(number, choose.choice((0, 99)), choose.choice((-1, 99, "x")), choose.choice((0, _FAR)), 0)
        )
        return f"a link {graph.links[-1]}"
    for _ in range(_LEVELS):
        number = draft.append(Sequences(type="list", lengths=1, columns=[[graph.root]]))
        graph.root = [number]
    return f"in {_LEVELS} lists"
