"""What identifies the data that a model was fitted on, where they are, and how they were held: never a row of them."""

from __future__ import annotations

from typing import Literal

from hermetic.structs import msgspec

__all__ = [
    "ColumnFingerprint",
    "ColumnSummary",
    "DataPart",
    "DataRecord",
    "Fingerprint",
    "Holder",
    "IndexLevel",
    "ValueCount",
]

Place = Literal["stored", "embedded", "referenced", "left out"]


class ColumnFingerprint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept of one column.

    Attributes
    ----------
    name : str or None
        None where the data have no names.
    type : str
        The logical type; see `hermetic.evidence.data.table`.
    n_missing : int
        Number of missing values.
    digest : str
        Hexadecimal SHA-256 of type and values.
    blocks : list of str
        First 16 hexadecimal digits of the digest of each block, so that a difference can be placed; empty where the
        data have so many blocks that they would weigh.
    unordered : str
        16 hexadecimal digits that are the same for the same values in another order; empty where there are none.
    """

    name: str | None
    type: str
    n_missing: int
    digest: str
    blocks: list[str]
    unordered: str


class Fingerprint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What identifies a data set, without a single value of it.

    Attributes
    ----------
    digest : str
        Hexadecimal SHA-256 of all values, types and their order.
    n_rows : int
        Number of samples.
    columns : list of ColumnFingerprint
        In order.
    """

    digest: str
    n_rows: int
    columns: list[ColumnFingerprint]


class IndexLevel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One level of the index of a frame or series of pandas; its values are a column of the snapshot.

    Attributes
    ----------
    name : str or None
        As the frame has it.
    dtype : str
        As in `Holder`; ``range(start, stop, step)`` has no column.
    """

    name: str | None
    dtype: str


class Holder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a library held the values, so that the very same object can be made of them again: no values.

    Attributes
    ----------
    form : str
        What they stood in: ``numpy array``, ``pandas frame``, ``sparse csr matrix``, ``list of rows`` and so on.
    n_dimensions : int
        1 or 2.
    dtypes : list of str
        One for all columns, or one for each, in the words of the library; ``object[text, None]`` are Python's texts,
        missing ones as None.
    order : str
        ``C`` or ``F`` for arrays, how they lay in memory; else empty.
    labels : str
        What the names of the columns are: ``text``, ``object`` (texts as Python's), ``int``, ``range``, or empty for
        none.
    labels_name : str or None
        The name of the names, as pandas has one.
    index : list of IndexLevel
        Of pandas; empty for 0, 1, 2 and so on.
    """

    form: str
    n_dimensions: int
    dtypes: list[str]
    order: Literal["", "C", "F"] = ""
    labels: Literal["", "text", "object", "int", "range"] = ""
    labels_name: str | None = None
    index: list[IndexLevel]


class ValueCount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often one value occurs.

    Attributes
    ----------
    value : str
        In words.
    n_rows : int
        At least five.
    """

    value: str
    n_rows: int


class ColumnSummary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is told of one column to people: of many rows together, never of one.

    Attributes
    ----------
    column : int
        Its place in the fingerprint, from 0.
    n_rows : int
        Of how many rows: of long data not all are looked at.
    n_distinct : int
        Number of different values; 0 where it was not counted.
    quantiles : list of float
        Five, rounded to three digits of their range: the middle, the quarters, and two near the ends with at
        least five rows beyond each. Empty for what is no number, and where there are fewer than 20.
    edges : list of float
        Of the histogram, one more than counts; the first and last bins hold also what lies beyond. Empty for no
        histogram.
    counts : list of int
        Rows in each bin: none, or at least five.
    values : list of ValueCount
        Every value, where there are at most 30 and each has at least five rows; the commonest first.
    """

    column: int
    n_rows: int
    n_distinct: int
    quantiles: list[float]
    edges: list[float]
    counts: list[int]
    values: list[ValueCount]


class DataPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the things that `fit` was given.

    Attributes
    ----------
    name : str
        ``X``, ``y``, ``sample_weight``, ``groups``, or ``fit_params.NAME``.
    form : str
        What held them, as in `Holder`, or the name of the class where that is not known.
    fingerprint : Fingerprint
        Of the values.
    place : str
        Where the values are: ``stored``, ``embedded``, ``referenced``, or ``left out``.
    snapshot : str
        Hexadecimal SHA-256 of the Parquet file that holds them, its key in the store; empty where there is none.
    n_bytes : int
        Length of that file; 0 where there is none.
    holder : Holder or None
        None where the object cannot be made again.
    uri, version : str
        Where they are referenced: what names them, and which version of it. Only text, until the user allows it.
    format : str
        Of what is referenced: ``parquet``, ``csv``, ``delta``, ``iceberg``, or empty for what the user hands over.
    columns : list of str
        The columns of what is referenced that make up this part; empty for all that no other part takes.
    summaries : list of ColumnSummary
        Of X and y, for reports.
    """

    name: str
    form: str
    fingerprint: Fingerprint
    place: Place
    snapshot: str
    n_bytes: int
    holder: Holder | None
    uri: str
    version: str
    format: str
    columns: list[str]
    summaries: list[ColumnSummary]


class DataRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The data that a model was fitted on.

    Attributes
    ----------
    layout : int
        1.
    parts : list of DataPart
        X first, then y, then what else `fit` was given.
    notes : list of str
        What is missing, and why.
    """

    layout: Literal[1]
    parts: list[DataPart]
    notes: list[str]
