"""What identifies the data that a model was fitted on, and where they are: never their values."""

from __future__ import annotations

from typing import Literal

from hermetic.structs import msgspec

__all__ = ["ColumnFingerprint", "DataPart", "DataRecord", "Fingerprint"]

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
        16 hexadecimal digits that are the same for the same values in another order; empty for texts.
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


class DataPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the things that `fit` was given.

    Attributes
    ----------
    name : str
        ``X``, ``y``, ``sample_weight``, ``groups``, or ``fit_params.NAME``.
    form : str
        What held them: ``numpy``, ``pandas frame``, ``sparse csr``, ``list`` and so on.
    fingerprint : Fingerprint
        Of the values.
    place : str
        Where the values are: ``stored``, ``embedded``, ``referenced``, or ``left out``.
    snapshot : str
        Hexadecimal SHA-256 of the Parquet file that holds them, its key in the store; empty where there is none.
    uri, version : str
        Where they are referenced: what names them, and which version of it. Only text, until the user allows it.
    """

    name: str
    form: str
    fingerprint: Fingerprint
    place: Place
    snapshot: str
    uri: str
    version: str


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
