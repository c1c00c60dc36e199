"""The fingerprint of a data set: equal exactly when every value, every logical type and the order of rows are equal.

It is the same whichever library holds the data (see `table`), and needs none of them. A column is read in blocks of
65,536 rows; the digest of a block is the SHA-256 of

1. the number of its rows, as 8 bytes, little-endian;
2. ``01`` and the places of missing values, one bit for each row, the lowest bit first, or ``00`` where none is missing;
3. its values: numbers end to end, little-endian, booleans as one byte, missing ones as zeros; texts (as UTF-8) and
   bytes as all their lengths, 8 bytes each, and then all of them end to end, a missing one with the length 0.

The digest of a column is the SHA-256 of its type, a line feed and the digests of its blocks; that of the data the
SHA-256 of ``hermetic data 1``, a line feed, the number of rows as 8 bytes, and the digests of the columns. Names of
columns are no values: they are kept and compared beside the digest, since the same data have none as an array.
"""

from __future__ import annotations

import contextlib
import hashlib
import zlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from hermetic.evidence.data.of_any import table_of
from hermetic.evidence.data.table import Values
from hermetic.recorded.data import ColumnFingerprint, Fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

__all__ = ["BLOCK_ROWS", "fingerprint"]

BLOCK_ROWS = 65_536
_MOST_BLOCK_DIGESTS = 4_096


def fingerprint(data: Any) -> Fingerprint:
    """Give the fingerprint of a data set.

    Parameters
    ----------
    data : numpy array, scipy sparse matrix, pandas, polars or pyarrow table or column, or list
        X or y: one row for each sample.

    Returns
    -------
    Fingerprint
        The same for the same values, whatever library holds them.

    Raises
    ------
    UsageError
        When the data hold values of no logical type.

    Examples
    --------
    >>> import numpy as np
    >>> from hermetic.evidence.data.fingerprint import fingerprint
    >>> one = fingerprint(np.array([[1.0, 2.0], [3.0, np.nan]]))
    >>> one.n_rows, [column.n_missing for column in one.columns]
    (2, [0, 1])
    >>> one.digest == fingerprint([[1.0, 2.0], [3.0, None]]).digest
    True
    """
    table = table_of(data)
    n_columns = len(table.columns)
    digests: list[list[bytes]] = [[] for _ in range(n_columns)]
    n_missing = [0] * n_columns
    sums = [0] * n_columns
    for start in range(0, table.n_rows, BLOCK_ROWS):
        stop = min(start + BLOCK_ROWS, table.n_rows)
        for place, values in enumerate(table.read(start, stop)):
            digests[place].append(_digest_of_block(values))
            n_missing[place] += 0 if values.is_missing is None else int(values.is_missing.sum())
            sums[place] += _sum_of_block(values)
    keep = sum(map(len, digests)) <= _MOST_BLOCK_DIGESTS
    columns = [
        ColumnFingerprint(
            name=_writable(column.name),
            type=column.type,
            n_missing=missing,
            digest=hashlib.sha256(f"{column.type}\n".encode() + b"".join(blocks)).hexdigest(),
            blocks=[block.hex()[:16] for block in blocks] if keep else [],
            unordered=f"{total % 2**64:016x}" if total else "",
        )
        for column, blocks, missing, total in zip(table.columns, digests, n_missing, sums, strict=True)
    ]
    whole = b"hermetic data 1\n" + table.n_rows.to_bytes(8, "little")
    whole += b"".join(bytes.fromhex(column.digest) for column in columns)
    return Fingerprint(digest=hashlib.sha256(whole).hexdigest(), n_rows=table.n_rows, columns=columns)


def _writable(name: str | None) -> str | None:
    """Give a name as one that a file can hold: halves of surrogate pairs are no characters."""
    return None if name is None else name.encode("utf-8", "backslashreplace").decode()


def _digest_of_block(values: Values) -> bytes:
    import numpy as np

    n_rows = len(values.content)
    digest = hashlib.sha256(n_rows.to_bytes(8, "little"))
    if values.is_missing is None:
        digest.update(b"\x00")
    else:
        digest.update(b"\x01" + np.packbits(values.is_missing, bitorder="little").tobytes())
    if isinstance(values.content, np.ndarray):
        digest.update(_canonical(values).data)
    else:
        for part in _encoded(values.content):
            digest.update(part)
    return digest.digest()


def _canonical(values: Values) -> np.ndarray:
    """Give numbers little-endian, end to end, and zero where they are missing."""
    import numpy as np

    content = np.asarray(values.content)
    dtype = content.dtype.newbyteorder("<")
    if values.is_missing is None:
        return np.ascontiguousarray(content, dtype=dtype).view(np.uint8)
    numbers = np.array(content, dtype=dtype, order="C")  # a copy: the data are not ours
    numbers[values.is_missing] = 0
    return numbers.view(np.uint8)


def _encoded(texts: Sequence[str | bytes | None]) -> tuple[bytes, bytes]:
    """Give the lengths of texts or bytes, and all of them end to end."""
    import numpy as np

    present: Sequence[str | bytes] = [text or "" for text in texts] if None in texts else texts  # type: ignore[assignment] # just tested
    if {*map(type, present)} <= {str}:
        joined = "".join(present)  # type: ignore[arg-type] # just tested
        if joined.isascii():
            lengths = np.fromiter(map(len, present), dtype="<i8", count=len(present))
            return lengths.tobytes(), joined.encode()
    parts = _all_bytes(present)
    return np.fromiter(map(len, parts), dtype="<i8", count=len(parts)).tobytes(), b"".join(parts)


def _sum_of_block(values: Values) -> int:
    """Add up a mixture of the bits of each value: the same in any order."""
    import numpy as np

    if not len(values.content):
        return 0
    if not isinstance(values.content, np.ndarray):
        return _sum_of_texts(values.content)
    width = values.content.dtype.itemsize
    words = _canonical(values).view(f"<u{width}" if width <= 8 else "<u8").astype(np.uint64)
    if values.is_missing is not None and width <= 8:
        words = words ^ (values.is_missing.astype(np.uint64) << np.uint64(63))
    return int(_mixed(words).sum(dtype=np.uint64))


def _sum_of_texts(texts: Sequence[str | bytes | None]) -> int:
    """Add up a mixture of the checksum and the length of each text, equal ones at once."""
    import numpy as np

    counts = Counter(texts)
    n_missing = counts.pop(None, 0)
    parts = _all_bytes(list(counts))  # type: ignore[arg-type] # None is out
    n_rows = np.fromiter(counts.values(), np.uint64, len(parts))
    words = np.fromiter(map(len, parts), np.uint64, len(parts)) & np.uint64(0x7FFFFFFF)
    words = words << np.uint64(32) | np.fromiter(map(zlib.crc32, parts), np.uint64, len(parts))
    total = int((_mixed(words) * n_rows).sum(dtype=np.uint64))
    return total + n_missing * int(_mixed(np.array([1 << 63], np.uint64))[0])


def _all_bytes(texts: Sequence[str | bytes]) -> list[bytes]:
    """Give texts as UTF-8, and bytes as they are."""
    kinds = {*map(type, texts)}
    with contextlib.suppress(UnicodeEncodeError):
        if kinds <= {str}:
            return list(map(str.encode, texts))  # type: ignore[arg-type] # just tested
    if kinds <= {bytes}:
        return list(texts)  # type: ignore[arg-type] # just tested
    return [text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text for text in texts]


def _mixed(words: np.ndarray) -> np.ndarray:
    """Mix the bits of each word, in place where it may."""
    import numpy as np

    # The finalizer of SplitMix64: every bit of the word decides over half of the bits of the result.
    words = words + np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        words ^= words >> np.uint64(shift)
        words *= np.uint64(factor)
    words ^= words >> np.uint64(31)
    return words
