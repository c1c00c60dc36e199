"""The key of a snapshot: the SHA-256 of its bytes as 64 hexadecimal digits, and where it stands in a store."""

from __future__ import annotations

import re

from hermetic.errors import InvalidState

__all__ = ["check_key", "path_of_key"]

_KEY = re.compile("[0-9a-f]{64}")


def check_key(key: str) -> str:
    """Give a key, or refuse what is none: nothing else of a file ever becomes a path.

    Raises
    ------
    InvalidState
        When it is not 64 hexadecimal digits.
    """
    if not _KEY.fullmatch(key):
        raise InvalidState(
            f"a snapshot is named {key[:80]!r}, and keys have 64 hexadecimal digits",
            next_step="The file is damaged or hostile. Ask its producer for a fresh copy.",
        )
    return key


def path_of_key(key: str) -> str:
    """Give the path below a store.

    Examples
    --------
    >>> path_of_key("ab" * 32)[:20]
    'sha256/ab/ababababab'
    """
    return f"sha256/{check_key(key)[:2]}/{key}.parquet"
