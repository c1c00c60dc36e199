"""Changes of arrays: their items, shapes, dtypes and order, of one row of a table or of all."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fuzzing.draft import Draft
from hermetic.graph import Arrays

__all__ = ["change_dtype", "change_items", "exchange_items", "permute_items", "reshape", "reshape_two"]

_DTYPES = (
    *("|i1", "|u1", "|b1", "<i2", "<i4", "<i8", "<u4", "<u8", "<f2", "<f4", "<f8", "<c16", ">i4", ">i8", ">f8"),
    *("<U3", "|S8", "<M8[ns]", "<m8[s]", "|V8"),
)
_SMALL_BYTES = 1 << 17
_NARROWER = {"<f8": "<f4", "<i8": "<i4", "<i4": "<i2", "<f4": "<f2", "<u4": "<u2", "<u8": "<u4"}


def _pick(draft: Draft, choose: random.Random) -> tuple[int, list[Any]] | None:
    if not draft.graph.arrays:
        return None
    number = choose.choice(list(draft.graph.arrays))
    arrays = list(draft.graph.arrays[number])
    if not isinstance(draft.graph.nodes[number], Arrays) or not arrays or arrays[0].dtype.hasobject:
        return None
    return number, arrays


def _part(array: Any, choose: random.Random) -> tuple[Any, str]:
    """Give an array, or one field of its records, and the field's words."""
    if not array.dtype.names:
        return array, ""
    field = choose.choice(array.dtype.names)
    part = array[field]
    return part, f"[{field!r}]"


def change_items(draft: Draft, choose: random.Random) -> str:
    """Put a few items of one array at or beyond their bounds, and sometimes all."""
    picked = _pick(draft, choose)
    if picked is None:
        return ""
    number, arrays = picked
    row = choose.randrange(len(arrays))
    array = arrays[row] = np.array(arrays[row], copy=True, order="K")
    part, field = _part(array, choose)
    if not part.size:
        return ""
    positions = [choose.randrange(part.size) for _ in range(choose.choice((1, 1, 1, 2, 3)))]
    if choose.random() < 0.1:
        positions = list(range(part.size))
    new = _hostile_item(part, positions[0], choose)
    for position in positions:
        part.flat[position] = new
    if not draft.replace_arrays(number, arrays):
        return ""
    return f"{draft.words(number)}{field}: items {positions[:3]} of row {row} become {new!r}"


def _hostile_item(array: Any, position: int, choose: random.Random) -> Any:
    kind = array.dtype.kind
    if kind in "iu":
        bounds = np.iinfo(array.dtype)
        own = int(array.flat[position])
        near = (own + 1, own - 1, -own, int(array.max()) + 1, int(array.min()) - 1, max(array.shape, default=1))
        far = (array.size, -1, 0, 1, bounds.min, bounds.max, bounds.max // 8 + 1)
        return min(max(choose.choice(choose.choice((near, far))), bounds.min), bounds.max)
    if kind in "fc":
        big = {2: 6e4, 4: 1e38}.get(array.itemsize, 1e300)
        return choose.choice((np.nan, np.inf, -np.inf, 0.0, -1.0, 1.0, 0.5, big, -big, 5e-324, 1e9))
    if kind == "b":
        return not array.flat[position]
    return array.flat[choose.randrange(array.size)]


def exchange_items(draft: Draft, choose: random.Random) -> str:
    """Exchange two rows of an array, or turn it round."""
    picked = _pick(draft, choose)
    if picked is None:
        return ""
    number, arrays = picked
    row = choose.randrange(len(arrays))
    array = arrays[row] = np.array(arrays[row], copy=True, order="K")
    if array.ndim < 1 or len(array) < 2:
        return ""
    first, second = choose.sample(range(len(array)), 2)
    if choose.random() < 0.3:
        array[...] = array[::-1].copy()
        words = "turned round"
    else:
        array[[first, second]] = array[[second, first]]
        words = f"rows {first} and {second} are exchanged"
    return f"{draft.words(number)}: {words} in row {row}" if draft.replace_arrays(number, arrays) else ""


def permute_items(draft: Draft, choose: random.Random) -> str:
    """Shuffle the items of an array, or of one field of its records; or put one item where another was."""
    picked = _pick(draft, choose)
    if picked is None:
        return ""
    number, arrays = picked
    row = choose.randrange(len(arrays))
    array = arrays[row] = np.array(arrays[row], copy=True, order="K")
    part, field = _part(array, choose)
    if part.size < 2:
        return ""
    if choose.random() < 0.3:
        order = list(range(part.size))
        choose.shuffle(order)
        part[...] = part.reshape(-1)[order].reshape(part.shape)
        words = "items are shuffled"
    else:
        target, source = choose.sample(range(part.size), 2)
        part.flat[target] = part.flat[source]
        words = f"item {target} is what item {source} is"
    return f"{draft.words(number)}{field}: {words} in row {row}" if draft.replace_arrays(number, arrays) else ""


_RESHAPES: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("without the last row", lambda array: array[:-1].copy()),
    ("without the first row", lambda array: array[1:].copy()),
    ("without the last column", lambda array: array[:, :-1].copy()),
    ("with one more row", lambda array: np.concatenate([array, array[-1:]])),
    ("with many more rows", lambda array: np.concatenate([array] * (40 if array.nbytes < _SMALL_BYTES else 1))),
    ("with one more column", lambda array: np.concatenate([array, array[:, -1:]], axis=1)),
    ("without the last sheet", lambda array: array[:, :, :-1].copy()),
    ("with one more sheet", lambda array: np.concatenate([array, array[:, :, -1:]], axis=2)),
    ("empty", lambda array: array[:0].copy()),
    ("without columns", lambda array: array[:, :0].copy()),
    ("of many rows without columns", lambda array: np.empty((1 << 16, 0), array.dtype)),
    ("of many columns without rows", lambda array: np.empty((0, 1 << 16), array.dtype)),
    ("one row only", lambda array: array[:1].copy()),
    ("one column only", lambda array: array[:, :1].copy()),
    ("transposed", lambda array: array.T.copy()),
    ("in Fortran order", np.asfortranarray),
    ("with gaps", lambda array: np.repeat(array, 2, axis=-1)[..., ::2]),
    ("flat", lambda array: array.ravel().copy()),
    ("as one column", lambda array: array.reshape(-1, 1).copy()),
    ("with one more axis", lambda array: array[None].copy()),
    ("without axes", lambda array: array.ravel()[0:1].reshape(()).copy()),
)


def reshape(draft: Draft, choose: random.Random) -> str:
    """Give arrays another shape: all of a table, or one row of it."""
    picked = _pick(draft, choose)
    if picked is None:
        return ""
    number, arrays = picked
    name, change = choose.choice(_RESHAPES)
    rows = range(len(arrays)) if len(arrays) == 1 or choose.random() < 0.5 else [choose.randrange(len(arrays))]
    if not _reshape_rows(draft, number, arrays, rows, change):
        return ""
    return f"{draft.words(number)}: {name} ({'all rows' if len(rows) == len(arrays) else f'row {rows[0]}'})"


def reshape_two(draft: Draft, choose: random.Random) -> str:
    """Give two arrays that share a length another one together, so that they still fit each other."""
    if len(draft.graph.arrays) < 2:
        return ""
    name, change = choose.choice(_RESHAPES[:9])
    numbers = choose.sample(list(draft.graph.arrays), min(len(draft.graph.arrays), choose.choice((2, 2, 3))))
    done = []
    for number in numbers:
        arrays = list(draft.graph.arrays[number])
        if isinstance(draft.graph.nodes[number], Arrays) and _reshape_rows(
            draft, number, arrays, range(len(arrays)), change
        ):
            done.append(draft.words(number))
    return f"{', '.join(done)}: {name}" if done else ""


def _reshape_rows(
    draft: Draft, number: int, arrays: list[Any], rows: Sequence[int], change: Callable[[Any], Any]
) -> bool:
    try:
        for row in rows:
            arrays[row] = change(arrays[row])
    except (ValueError, IndexError, TypeError):
        return False
    return draft.replace_arrays(number, arrays)


def change_dtype(draft: Draft, choose: random.Random) -> str:
    """Give arrays another dtype: one narrower, or of another kind or byte order."""
    picked = _pick(draft, choose)
    if picked is None:
        return ""
    number, arrays = picked
    own = arrays[0].dtype.str
    text = choose.choice((_NARROWER.get(own, own.replace("<", ">")), choose.choice(_DTYPES)))
    try:
        with np.errstate(all="ignore"):
            arrays = [array.astype(np.dtype(text)) for array in arrays]
    except Exception:
        # numpy raises errors of many types for what cannot be cast.
        return ""
    return f"{draft.words(number)}: as {text}" if draft.replace_arrays(number, arrays) else ""
