"""Rows of a file in the form that the model takes: the frame, array or texts that reading the whole file would give.

What pandas makes of a column depends on all of its values: whole numbers become decimals when one is missing, truth
values become objects, categories are those of all rows. A batch must not decide that for itself: a layout knows it of
the whole file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow
import pyarrow.compute

from hermetic.errors import UsageError

__all__ = ["Layout", "pandas_metadata"]

_COMPUTE: Any = pyarrow.compute


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How the columns of one file become the input of a model.

    Attributes
    ----------
    path : str
        The file.
    form : str
        As in `hermetic.deploy.features.Features`.
    columns : tuple of str
        The columns of the file, in the order of the model.
    has_names : bool
        Whether the model knows its features by these names.
    with_missing : frozenset of str
        The columns in which a value is missing somewhere in the file.
    categories : mapping of str to pyarrow.Array
        For columns of categories all that occur in the file.
    metadata : bytes or None
        What pandas wrote into the file about its types.
    """

    path: str
    form: str
    columns: tuple[str, ...]
    has_names: bool
    with_missing: frozenset[str] = frozenset()
    categories: Mapping[str, pyarrow.Array] = field(default_factory=dict)
    metadata: bytes | None = None

    def input_of(self, batch: pyarrow.RecordBatch) -> Any:
        """Give the columns of `columns`, in their order, as what the model takes."""
        if self.form == "texts":
            return batch.column(0).to_pylist()
        frame = self._frame(batch)
        if self.form == "array":
            return frame.to_numpy()
        if not self.has_names:
            frame.columns = range(len(self.columns))
        return frame

    def _frame(self, batch: pyarrow.RecordBatch) -> Any:
        nullable = _nullable(self.metadata)
        arrays = []
        for name, values in zip(self.columns, batch.columns, strict=True):
            if name in self.with_missing and pyarrow.types.is_integer(values.type) and name not in nullable:
                # As numpy has no missing whole numbers; beyond 2**53 they are rounded, as pandas does.
                values = values.cast(pyarrow.float64(), safe=False)
            elif name in self.categories:
                values = self._categorical(name, values)
            arrays.append(values)
        table = pyarrow.Table.from_arrays(arrays, names=list(self.columns))
        if self.metadata is not None:
            table = table.replace_schema_metadata({b"pandas": self.metadata})
        frame = table.to_pandas()
        for place, (name, values) in enumerate(zip(self.columns, arrays, strict=True)):
            if name in self.with_missing and pyarrow.types.is_boolean(values.type) and name not in nullable:
                frame.isetitem(place, frame.iloc[:, place].astype(object))
        return frame

    def _categorical(self, name: str, values: Any) -> Any:
        known = self.categories[name]
        codes = _COMPUTE.index_in(values.dictionary_decode(), known).cast(pyarrow.int32())
        return pyarrow.DictionaryArray.from_arrays(codes, known, ordered=values.type.ordered)


def pandas_metadata(schema: pyarrow.Schema) -> bytes | None:
    """Give what pandas wrote about its types, without the index: every column of the file is a column.

    Raises
    ------
    UsageError
        When it cannot be read.
    """
    text = (schema.metadata or {}).get(b"pandas")
    if text is None:
        return None
    try:
        described = json.loads(text)
        columns = [own for own in described["columns"] if own["name"] in schema.names]
    except (ValueError, TypeError, KeyError) as error:
        raise UsageError(f"what pandas wrote into the file cannot be read: {error}") from error
    index = {"kind": "range", "name": None, "start": 0, "stop": 0, "step": 1}
    return json.dumps({**described, "columns": columns, "index_columns": [index], "column_indexes": []}).encode()


def _nullable(metadata: bytes | None) -> set[str]:
    """Give the columns whose pandas type knows missing values by itself, such as ``Int64`` and ``boolean``."""
    if metadata is None:
        return set()
    columns = json.loads(metadata)["columns"]
    return {own["name"] for own in columns if str(own.get("numpy_type", "")).startswith(("Int", "UInt", "boolean"))}
