"""What stands for an array in another file becomes that array: plain ones, those with objects, and compressed ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hermetic.errors import FileError, FormatError
from hermetic.formats.pickle_keys import check_repeated
from hermetic.formats.pickle_nodes import PickleStream
from hermetic.formats.pickle_reader import read_without_joblib
from hermetic.formats.sibling_arrays import SiblingFolder, objects_start, siblings_of
from hermetic.formats.skops_npy import read_array
from hermetic.legacy_arrays import array_of_state, in_native_order
from hermetic.limits import Limits

__all__ = ["sibling_array"]

Build = Callable[[PickleStream, bytes], Any]
_COMPRESSED = {"filename", "init_args", "state"}


def sibling_array(state: dict[Any, Any], folder: SiblingFolder, limits: Limits, build: Build) -> Any:
    """Give the array for which a wrapper stands.

    Parameters
    ----------
    state : dict
        Of the wrapper.
    folder : SiblingFolder
        Where the file is.
    limits : Limits
        Budgets for the pickle of an object array.
    build : callable
        Makes the value of a stream and its bytes, as those of the file itself are made.

    Returns
    -------
    numpy.ndarray
        In memory of its own, or a view of what was read.

    Raises
    ------
    FileError
        When the file does not hold what joblib writes, with its name.
    """
    name = state["filename"]
    try:
        data = folder.content(name)
        if name.endswith(".z"):
            if state.keys() != _COMPRESSED or type(state["state"]) is not tuple:
                raise FormatError("the state of an array wrapper of joblib is none that joblib writes")
            return in_native_order(array_of_state((*state["state"], data)))
        start = objects_start(data)
        if not start:
            return in_native_order(read_array(memoryview(data), name))
        stream = read_without_joblib(data, start, limits)
        if stream.problems or stream.end < len(data):
            problem = stream.problems[0].message if stream.problems else "bytes follow the end of the pickle"
            raise FormatError(f"the objects of an array: {problem}")
        if siblings_of(stream):
            raise FormatError("an array in another file names another file again")
        check_repeated([stream], len(data), limits)
        return build(stream, data)
    except FileError as error:
        error.where = f"{name}, {error.where}" if error.where and name not in error.where else error.where or name
        raise
