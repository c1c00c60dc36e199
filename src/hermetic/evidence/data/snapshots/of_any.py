"""Which file of this folder knows an object, and which knows a form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hermetic.errors import HermeticError, InvalidState
from hermetic.evidence.data.snapshots.arrays import pack_array, unpack_array
from hermetic.evidence.data.snapshots.frames import pack_frame, unpack_frame
from hermetic.evidence.data.snapshots.lists import SINGLE, pack_list, unpack_list
from hermetic.evidence.data.snapshots.packed import Packed, Unpacked
from hermetic.evidence.data.snapshots.sparse import pack_sparse, unpack_sparse
from hermetic.evidence.data.snapshots.tables import pack_arrow, pack_polars, unpack_arrow, unpack_polars
from hermetic.recorded.data import Holder

__all__ = ["as_samples", "pack", "unpack"]

_PACKERS: dict[str, Callable[[Any], Packed]] = {
    "numpy": pack_array,
    "pandas": pack_frame,
    "polars": pack_polars,
    "pyarrow": pack_arrow,
    "scipy": pack_sparse,
}
_UNPACKERS: dict[str, Callable[[Holder, Unpacked], Any]] = {
    "list": unpack_list,
    "numpy": unpack_array,
    "pandas": unpack_frame,
    "polars": unpack_polars,
    "pyarrow": unpack_arrow,
    "sparse": unpack_sparse,
    "tuple": unpack_list,
    "value": unpack_list,
}


def as_samples(data: Any) -> Any:
    """Give data as they are, and a single value, as `fit` takes some, as a list of one."""
    return [data] if type(data) in SINGLE else data


def pack(data: Any) -> Packed:
    """Give an object as columns of Arrow.

    Raises
    ------
    CannotKeep
        When it could not be made again exactly; the message says what is in the way.
    """
    libraries = [own.__module__.partition(".")[0] for own in type(data).__mro__]
    packer = next((_PACKERS[library] for library in libraries if library in _PACKERS), pack_list)
    return packer(data)


def unpack(holder: Holder, found: Unpacked) -> Any:
    """Make an object of its columns again.

    Raises
    ------
    InvalidState
        When the columns are not those of such an object, or its form is not known here.
    LimitExceeded
        When it would take more than is allowed.
    """
    import pyarrow

    unpacker = _UNPACKERS.get(holder.form.partition(" ")[0])
    if unpacker is None:
        raise InvalidState(f"a snapshot of the form {holder.form[:80]!r}, which is not known here")
    try:
        return unpacker(holder, found)
    except HermeticError:
        raise
    # What the libraries say of dtypes, names and categories that cannot be: they are anybody's.
    except (ArithmeticError, LookupError, TypeError, ValueError, pyarrow.ArrowException) as error:
        found_words = f"a snapshot does not become a {holder.form[:40]}: {type(error).__name__}: {error}"
        raise InvalidState(found_words[:300]) from error
