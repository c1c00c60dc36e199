"""The blocks of a frame in a legacy file, gathered by dtype as those of a live frame are."""

from __future__ import annotations

from typing import Any

from hermetic.codecs.codec import LegacyObject, not_adopted
from hermetic.codecs.pandas.legacy import Blocks, column_of, plain_moments
from hermetic.lazy import numpy as np

__all__ = ["described_blocks"]


def described_blocks(made: LegacyObject, blocks: Blocks) -> dict[str, Any]:
    """Give the fields of a frame that hold its values.

    Parameters
    ----------
    made : LegacyObject
        The frame, for messages.
    blocks : list of tuple
        From `hermetic.codecs.pandas.legacy.blocks_of`.

    Returns
    -------
    dict of str to object
        ``blocks``, and ``positions`` where there is more than one block.

    Raises
    ------
    InvalidState
        When blocks and positions do not fit each other.
    """
    plain = [(plain_moments(values), positions) for values, positions in blocks]
    for values, positions in plain:
        n_columns = len(values) if isinstance(values, np.ndarray) and values.ndim == 2 else len(positions)
        if n_columns != len(positions):
            raise not_adopted(made, f"a block of {n_columns} columns stands at {len(positions)} positions")
    n_columns = sum(len(positions) for _, positions in plain)
    if len(plain) == 1 and _is_plain(plain[0][0]) and list(plain[0][1]) == list(range(n_columns)):
        return {"blocks": [plain[0][0].T]}
    places: dict[int, tuple[Any, int]] = {}
    for values, positions in plain:
        places.update({position: (values, row) for row, position in enumerate(positions)})
    if places.keys() != set(range(n_columns)):
        raise not_adopted(made, f"its blocks do not hold each of {n_columns} columns once")
    groups: dict[Any, list[int]] = {}
    for position in range(n_columns):
        values = places[position][0]
        groups.setdefault(values.dtype if _is_plain(values) else position, []).append(position)
    gathered = [
        column_of(made, *places[key]) if isinstance(key, int) else _gathered([places[each] for each in positions], key)
        for key, positions in groups.items()
    ]
    if len(groups) == 1 and not isinstance(next(iter(groups)), int):
        return {"blocks": gathered}
    return {"blocks": gathered, "positions": [np.array(each, dtype=np.int64) for each in groups.values()]}


def _is_plain(values: Any) -> bool:
    return isinstance(values, np.ndarray) and not values.dtype.hasobject and values.ndim == 2


def _gathered(columns: list[tuple[Any, int]], dtype: Any) -> Any:
    """Give columns of one dtype as one array, each column in one piece as pandas has them."""
    block = np.empty((columns[0][0].shape[1], len(columns)), dtype=dtype, order="F")
    for position, (values, row) in enumerate(columns):
        block[:, position] = values[row]
    return block
