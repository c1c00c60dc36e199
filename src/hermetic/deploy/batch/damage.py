"""What pyarrow says of a file that it cannot read, as an error that names the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow

from hermetic.errors import FormatError

__all__ = ["naming_damage"]


@contextmanager
def naming_damage(path: str, words: str = "the file is damaged") -> Iterator[None]:
    """Raise FormatError for what pyarrow raises inside the block.

    Parameters
    ----------
    path : str
        The file that is read.
    words : str
        What it means.

    Examples
    --------
    >>> with naming_damage("rows.csv"):
    ...     raise pyarrow.ArrowInvalid("no such row")
    Traceback (most recent call last):
    ...
    hermetic.errors.FormatError: the file is damaged: no such row
      at rows.csv
    """
    try:
        yield
    except (pyarrow.ArrowInvalid, pyarrow.ArrowNotImplementedError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk, not the contents
        reason = str(error).split("\n", maxsplit=1)[0][:300]
        raise FormatError(f"{words}: {reason}", where=path) from error
