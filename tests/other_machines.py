"""Pickles as machines of the other byte order, and 32-bit machines, write them: no emulator is needed for these."""

from __future__ import annotations

import io
import pickle
from typing import Any

import numpy as np

__all__ = ["narrow_nodes", "pickle_of_other_machine"]

# On i386 a double begins at any multiple of four bytes.
_ALIGNMENT_OF_NARROW = 4


class _Pickler(pickle.Pickler):
    """Turns every array and every number of numpy before it is written."""

    def __init__(self, target: io.BytesIO, protocol: int, *, is_swapped: bool, is_narrow: bool) -> None:
        super().__init__(target, protocol)
        self._is_swapped, self._is_narrow = is_swapped, is_narrow

    def reducer_override(self, thing: Any) -> Any:
        if type(thing) is np.ndarray and not thing.dtype.hasobject:
            made = narrow_nodes(thing) if self._is_narrow else thing
            swapped = made.astype(made.dtype.newbyteorder()) if self._is_swapped else made
            return NotImplemented if swapped is thing else swapped.__reduce_ex__(self._protocol)
        if isinstance(thing, np.generic) and self._is_swapped and thing.dtype.kind in "iufc":
            maker, (dtype, _) = thing.__reduce__()
            return maker, (dtype.newbyteorder(), np.asarray(thing).byteswap().tobytes())
        if type(thing).__name__ in ("KDTree", "BallTree") and self._is_narrow:
            maker, arguments, state = thing.__reduce__()
            return maker, arguments, (state[0], np.asarray(state[1]).astype(np.int32), *state[2:])
        return NotImplemented

    @property
    def _protocol(self) -> int:
        return 4


class _PicklerOfBuffers(_Pickler):
    """Writes arrays as protocol 5 does: numpy leaves their byte order as it is when it reads them."""

    @property
    def _protocol(self) -> int:
        return 5


def narrow_nodes(array: Any) -> Any:
    """Give records of native nodes as 32-bit machines have them; any other array as it is.

    Parameters
    ----------
    array : numpy.ndarray
        Of any dtype.
    """
    if array.dtype.names is None:
        return array
    is_packed = sum(array.dtype[name].itemsize for name in array.dtype.names) == array.dtype.itemsize
    has_odd_places = any(array.dtype.fields[name][1] % 4 for name in array.dtype.names)
    formats = [np.dtype(np.int32) if array.dtype[name].kind == "i" else array.dtype[name] for name in array.dtype.names]
    offsets, end = [], 0
    for form in formats:
        alignment = 1 if is_packed and has_odd_places else min(form.itemsize, _ALIGNMENT_OF_NARROW)
        offsets.append(-(-end // alignment) * alignment)
        end = offsets[-1] + form.itemsize
    itemsize = end if is_packed and has_odd_places else -(-end // _ALIGNMENT_OF_NARROW) * _ALIGNMENT_OF_NARROW
    dtype = np.dtype({"names": array.dtype.names, "formats": formats, "offsets": offsets, "itemsize": itemsize})
    narrow = np.zeros(array.shape, dtype=dtype)
    for name in dtype.names or ():
        narrow[name] = array[name]
    return narrow


def pickle_of_other_machine(
    model: Any, protocol: int = 4, *, is_swapped: bool = False, is_narrow: bool = False
) -> bytes:
    """Give the pickle of a model as another machine would have written it.

    Parameters
    ----------
    model : object
        Whatever pickle takes.
    protocol : int
        Of the stream.
    is_swapped : bool
        By a machine of the other byte order.
    is_narrow : bool
        By a 32-bit machine: the records of native trees.
    """
    target = io.BytesIO()
    kind = _PicklerOfBuffers if protocol >= 5 else _Pickler
    kind(target, protocol, is_swapped=is_swapped, is_narrow=is_narrow).dump(model)
    return target.getvalue()
