"""Naming data that stay where they are: an address, and which version of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hermetic.errors import UsageError

__all__ = ["DataReference"]


@dataclass(frozen=True)
class DataReference:
    """Where the data that a model was fitted on are, for `hermetic.record`; nothing is copied.

    The fingerprint of the data is recorded beside it, and compared whenever they are read. Whoever opens the model's
    file must allow the address before it is opened.

    Parameters
    ----------
    uri : str
        A path or an address, such as ``s3://bucket/customers.parquet``, a Delta or Iceberg table, or what names the
        data for DVC, lakeFS or git-LFS.
    version : str, default=""
        Which version of it: that of a Delta table, the number of an Iceberg snapshot, a revision, the version of an
        object.
    format : str, default=""
        ``parquet``, ``csv``, ``delta``, or ``iceberg``, whose address is that of its metadata file. By default that
        of the suffix; what has none of these is handed over by whoever verifies the model.
    X : sequence of str, optional
        The columns that are X; by default all that nothing else is.
    y, sample_weight, groups : str or sequence of str, optional
        The columns that are these.

    Examples
    --------
    >>> from hermetic import DataReference
    >>> DataReference("s3://bucket/customers.parquet", version="7", y="churned").columns_of("y")
    ['churned']
    """

    uri: str
    version: str = ""
    format: Literal["", "parquet", "csv", "delta", "iceberg"] = ""
    X: Sequence[str] | None = None
    y: str | Sequence[str] | None = None
    sample_weight: str | Sequence[str] | None = None
    groups: str | Sequence[str] | None = None

    def __post_init__(self) -> None:
        """Refuse what names nothing."""
        given: tuple[Any, Any] = (self.uri, self.version)
        if not all(isinstance(own, str) for own in given) or not self.uri:
            raise UsageError(
                f"a reference is an address and a version, both texts, got {self.uri!r} and {self.version!r}",
                next_step='Write for example hermetic.DataReference("s3://bucket/data.parquet", version="7", y="age").',
            )

    def columns_of(self, part: str) -> list[str] | None:
        """Give the columns that are one part of the data; None where it is not in what is referenced.

        Parameters
        ----------
        part : str
            ``X``, ``y``, ``sample_weight`` or ``groups``.

        Returns
        -------
        list of str or None
            Empty for X where it is all that nothing else is.
        """
        named: str | Sequence[str] | None = getattr(self, part, None)
        if named is None:
            return [] if part == "X" else None
        return [named] if isinstance(named, str) else list(named)
