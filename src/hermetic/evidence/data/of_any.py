"""Which library holds some data, told by the module of their class: none is imported for it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from hermetic.errors import UsageError
from hermetic.evidence.data.arrays import table_of_array, table_of_sparse
from hermetic.evidence.data.arrow import table_of_arrow
from hermetic.evidence.data.frames import table_of_frame
from hermetic.evidence.data.polars import table_of_polars
from hermetic.evidence.data.python_values import type_of_objects, values_of_objects
from hermetic.evidence.data.table import Column, Table

__all__ = ["table_of"]

_READERS = {"pandas": table_of_frame, "polars": table_of_polars, "pyarrow": table_of_arrow}


def table_of(data: Any) -> Table:
    """Give the data that a model is fitted on, X or y, as a table.

    Parameters
    ----------
    data : numpy array, scipy sparse matrix, pandas, polars or pyarrow table or column, or list
        One row for each sample.

    Raises
    ------
    UsageError
        When they are something else, or hold values of no logical type.
    """
    libraries = [own.__module__.partition(".")[0] for own in type(data).__mro__]
    for library, reader in _READERS.items():
        if library in libraries:
            return reader(data)
    if hasattr(data, "tocsr"):
        return table_of_sparse(data)
    if "numpy" in libraries and hasattr(data, "dtype"):
        return table_of_array(data)
    if isinstance(data, (list, tuple)):
        return _table_of_values(list(data))
    raise UsageError(
        f"data are arrays, sparse matrices, tables of pandas, polars or pyarrow, or lists, got a {type(data).__name__}"
    )


def _table_of_values(values: Sequence[Any]) -> Table:
    """Give a list of samples as a table: rows of numbers as an array has them, or else one value for each sample."""
    import numpy as np

    if values and all(isinstance(value, (list, tuple)) for value in values):
        kinds = {type(item) for item in itertools.chain.from_iterable(values)}
        if kinds <= {bool, int, float, str, type(None)} and len({len(value) for value in values}) == 1:
            return table_of_array(np.array(values, dtype=object))
    are_arrays = bool(values) and all(type(value) is np.ndarray and value.ndim == 1 for value in values)
    if are_arrays and len({(value.dtype, len(value)) for value in values}) == 1:
        return table_of_array(np.stack(values))
    own = type_of_objects(values)
    return Table(
        n_rows=len(values),
        columns=(Column(name=None, type=own),),
        read=lambda start, stop: [values_of_objects(values[start:stop], own)],
    )
