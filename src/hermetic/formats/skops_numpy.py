"""What numpy and scipy hold, as skops keeps it: what each kind of node stands for.

===============================  ===================================================================================
``NdArrayNode``                  an array, of objects too, or a scalar; one of a subclass of array is a new object with
                                 the state of an array
``MaskedArrayNode``              a call of ``numpy.ma.core:_mareconstruct`` with its state
``DTypeNode``                    a dtype
``RandomStateNode``              a call of ``numpy.random._pickle:__randomstate_ctor`` with the name of the bit
                                 generator, and its state, as numpy 1.17 to 1.23 pickle it
``RandomGeneratorNode``          a call of ``numpy.random._pickle:__generator_ctor``: in files of protocol 0 and 1 with
                                 the name and the state, as numpy 1.17 to 1.23 do it; later, when skops kept the seeds,
                                 with the bit generator, as numpy does it since
``SparseMatrixNode``             a new object with the attributes that scipy gives it
===============================  ===================================================================================

Where that is not what a pickle has: skops keeps no fill value of masked arrays, and not whether the indices of a sparse
matrix are sorted (scipy finds out); the pool of a ``SeedSequence`` is None in its state, as it follows from the rest.

Source: skops/io/_numpy.py, _scipy.py, old/_numpy_v0.py, old/_numpy_v1.py; numpy/random/_pickle.py; numpy/ma/core.py
(``MaskedArray.__getstate__``); scipy/sparse/_matrix_io.py.
"""

from __future__ import annotations

import re
from typing import Any

from hermetic.errors import FormatError
from hermetic.formats.skops_nodes import (
    Kind,
    Node,
    NodeReader,
    Steps,
    branch,
    field_of,
    leaf,
    location_of,
    parts_of,
    require_class,
)
from hermetic.formats.skops_npy import read_array
from hermetic.lazy import numpy as np
from hermetic.legacy_arrays import scalar_of_bytes
from hermetic.legacy_objects import LegacyObject

__all__ = ["NUMPY_KINDS"]

_SCALAR = re.compile(r"numpy:(bool_?|str_|void|record|datetime64|timedelta64|(u?int|float|complex)([0-9]{1,3}))")
_PLAIN_ARRAYS = frozenset({"numpy:ndarray", "numpy:memmap", "numpy.core.memmap:memmap"})
_RECORDS = frozenset({"numpy:record", "numpy:recarray", "numpy.rec:recarray"})
"""Types that give their dtypes a class, which a ``.npy`` file does not keep."""
_C_SCALAR = re.compile(r"numpy:u?(?:byte|short|intc|int_|intp|uint|long|longlong|longdouble|clongdouble)")
_KINDS = {"bool": "b", "bool_": "b", "str_": "U", "void": "V", "record": "V", "datetime64": "M", "timedelta64": "m"}
_NUMBERS = {"int": "i", "uint": "u", "float": "f", "complex": "c"}
_BIT_GENERATORS = {
    "MT19937": "numpy.random._mt19937:MT19937",
    "PCG64": "numpy.random._pcg64:PCG64",
    "PCG64DXSM": "numpy.random._pcg64:PCG64DXSM",
    "Philox": "numpy.random._philox:Philox",
    "SFC64": "numpy.random._sfc64:SFC64",
}
_SEED_SEQUENCE = "numpy.random.bit_generator:SeedSequence"
_SEED_SEQUENCE_CHECKSUM = 65708578  # of the names of its attributes, by Cython, as numpy 2 has it
_SPARSE = {
    "bsr": {"indices", "indptr"},
    "coo": {"row", "col"},
    "csc": {"indices", "indptr"},
    "csr": {"indices", "indptr"},
    "dia": {"offsets"},
}


def _read_ndarray(node: Node, reader: NodeReader) -> Steps:
    location = location_of(node, reader)
    if node["type"] == "numpy" and "file" in node and not {"content", "shape"} & node.keys():
        name = node["file"]
        items = read_array(reader.read_member(name), reader.place(name))
    elif node["type"] == "json" and {"content", "shape"} <= node.keys() and "file" not in node:
        shape = yield "shape", node["shape"]
        items = _object_array((yield from _objects(node, shape, reader)), shape)
    else:
        raise reader.refuse("an array must have the type numpy and a file, or the type json, a content and a shape")
    if location in _PLAIN_ARRAYS:
        return items
    if location in _RECORDS and items.dtype.names is not None:
        items = items.view(np.dtype((np.record, items.dtype)))
    if _SCALAR.fullmatch(location) or _C_SCALAR.fullmatch(location):
        return _scalar(items, location, reader)
    product = reader.new(location)
    product.is_array = True
    product.state = _state_of(items)
    return product


def _objects(node: Node, shape: Any, reader: NodeReader) -> Steps:
    """Give the objects of an array as one list; of more dimensions, they stand in lists within lists."""
    if type(shape) is not tuple or not all(type(axis) is int and axis >= 0 for axis in shape) or len(shape) > 32:
        raise reader.refuse(f"not the shape of an array: {str(shape)[:100]}")
    if not shape:
        raise reader.refuse("skops keeps no array of objects without dimensions")
    items: list[Any] = []
    for number, child in enumerate(field_of(node, "content", list, reader)):
        items.append((yield number, child))
    rows: list[Any] = [items]
    for axis, length in enumerate(shape):
        if any(type(row) is not list or len(row) != length for row in rows):
            raise reader.refuse(f"an array of shape {shape} must have lists of {length} at axis {axis}")
        for row in rows:
            reader.own(row)
        rows = [item for row in rows for item in row]
    return rows


def _object_array(items: list[Any], shape: tuple[int, ...]) -> Any:
    # What numpy itself does when it unpickles: to assign objects to elements would look into those that have lengths.
    made: Any = np.empty(0, dtype=object)
    made.__setstate__((1, shape, np.dtype(object), False, items))
    return made


def _scalar(items: Any, location: str, reader: NodeReader) -> Any:
    match = _SCALAR.fullmatch(location)
    if match is not None:
        kind = _NUMBERS[match[2]] if match[2] else _KINDS[match[1]]
        is_right = items.dtype.kind == kind and (not match[3] or items.dtype.itemsize * 8 == int(match[3]))
    else:
        is_right = items.dtype.kind in ("fc" if location.endswith("double") else "iu")
    if items.shape or not is_right:
        raise reader.refuse(f"a {location} cannot be an array of dtype {items.dtype} and shape {items.shape}")
    return scalar_of_bytes(items.dtype, items.tobytes())


def _state_of(items: Any) -> tuple[Any, ...]:
    """Give what ``ndarray.__reduce__`` gives for a state."""
    is_fortran = bool(items.flags.fnc)
    raw = items.ravel().tolist() if items.dtype.hasobject else items.tobytes("F" if is_fortran else "C")
    return (1, items.shape, items.dtype, is_fortran, raw)


def _read_masked_array(node: Node, reader: NodeReader) -> Steps:
    location = location_of(node, reader)
    data, mask = parts_of(node, reader, "data", "mask")
    items, hidden = (yield "data", data), (yield "mask", mask)
    if not isinstance(items, np.ndarray):
        raise reader.refuse("the data of a masked array must be a plain array")
    reader.own(items)
    if location == "numpy.ma.core:MaskedConstant":
        return reader.call(location)  # `numpy.ma.masked`, of which there is one
    state = _state_of(items)
    described = np.ma.make_mask_descr(items.dtype)
    if isinstance(hidden, np.ndarray) and hidden.shape == items.shape and hidden.dtype == described:
        content = hidden.tobytes("F" if state[3] else "C")
    elif _is_false(hidden):
        content = bytes(items.size * described.itemsize)
    else:
        raise reader.refuse("the mask of a masked array must be False, or an array of bool of the same shape")
    kinds = reader.name(location), reader.name("numpy:ndarray")
    product = reader.call("numpy.ma.core:_mareconstruct", *kinds, (0,), "b")
    product.state = (*state, content, None)
    return product


def _is_false(read: Any) -> bool:
    """Tell whether this is ``numpy.False_``, which stands for a mask that hides nothing."""
    return isinstance(read, np.bool_) and not read


def _read_dtype(node: Node, reader: NodeReader) -> Steps:
    require_class(node, reader, "numpy:dtype")
    items = yield "content", node["content"]
    if not isinstance(items, np.ndarray):
        raise reader.refuse("a dtype is kept as an array of it")
    reader.own(items)
    return items.dtype


def _read_random_state(node: Node, reader: NodeReader) -> Steps:
    require_class(node, reader, "numpy.random.mtrand:RandomState")
    state = yield "state", node["content"]
    product = reader.call("numpy.random._pickle:__randomstate_ctor", _bit_generator(state, reader))
    product.state = state
    return product


def _read_generator(node: Node, reader: NodeReader) -> Steps:
    require_class(node, reader, "numpy.random._generator:Generator")
    if reader.protocol < 2:
        [part] = parts_of(node, reader, "bit_generator")
        state = _plain(part, reader) if reader.protocol == 0 else (yield "bit_generator", part)
        product = reader.call("numpy.random._pickle:__generator_ctor", _bit_generator(state, reader))
        product.state = state
        return product
    part, seeds = parts_of(node, reader, "bit_generator", "seed_seq")
    state = yield "bit_generator", part
    generator = reader.name(_BIT_GENERATORS[_bit_generator(state, reader)])
    bits = reader.call("numpy.random._pickle:__bit_generator_ctor", generator)
    bits.state = (state, _seed_sequence((yield "seed_seq", seeds), reader))
    return reader.call("numpy.random._pickle:__generator_ctor", bits)


def _bit_generator(state: Any, reader: NodeReader) -> str:
    """Give the name of the bit generator, which skops calls as it stands there."""
    name = state.get("bit_generator") if type(state) is dict else None
    if type(name) is not str or name not in _BIT_GENERATORS:
        raise reader.refuse(f"not the state of a bit generator of numpy: {str(name)[:100]!r}")
    return name


def _plain(state: Any, reader: NodeReader) -> Any:
    """Check the state of protocol 0, which stands as JSON: numbers, and those of the generator one level deeper."""
    if type(state) is dict:
        parts = [part for value in state.values() for part in (value.values() if type(value) is dict else [value])]
        if all(isinstance(part, (int, str)) for part in parts):
            return state
    raise reader.refuse("the state of a generator must be numbers by name")


def _seed_sequence(seeds: Any, reader: NodeReader) -> LegacyObject:
    if type(seeds) is not dict or seeds.keys() != {"entropy", "spawn_key", "pool_size", "n_children_spawned"}:
        raise reader.refuse("not what a SeedSequence is made from")
    make = "numpy.random.bit_generator:__pyx_unpickle_SeedSequence"
    product = reader.call(make, reader.name(_SEED_SEQUENCE), _SEED_SEQUENCE_CHECKSUM, None)
    beginning = (seeds["entropy"], seeds["n_children_spawned"])
    product.state = (*beginning, None, seeds["pool_size"], seeds["spawn_key"])
    return product


def _read_sparse(node: Node, reader: NodeReader) -> LegacyObject:
    location = location_of(node, reader)
    name = node["file"]
    if node["type"] != "scipy":
        raise reader.refuse(f"expected the type scipy, found {str(node['type'])[:100]!r}")
    archive = reader.open_archive(reader.read_member(name), reader.place(name))
    parts = {}
    for member in archive.entries:
        if not member.endswith(".npy"):
            raise FormatError(f"an npz of scipy has no member {member!r}", where=reader.place(name))
        parts[member.removesuffix(".npy")] = read_array(archive.read(member), archive.place(member))
    return _sparse(location, parts, reader)


def _sparse(location: str, parts: dict[str, Any], reader: NodeReader) -> LegacyObject:
    layout, shape, is_array = (parts.pop(name, None) for name in ("format", "shape", "_is_array"))
    kind = _text(layout)
    indices = {"coords"} if kind == "coo" and "coords" in parts else _SPARSE.get(kind, set())
    if not indices or parts.keys() != indices | {"data"} or shape is None or shape.ndim != 1 or shape.dtype.kind != "i":
        raise reader.refuse(f"not a sparse matrix of scipy: format {kind[:20]!r} with {sorted(parts)}")
    suffix = location.rpartition("_")[2]
    if location.rpartition(":")[2] not in (f"{kind}_matrix", f"{kind}_array"):
        raise reader.refuse(f"a matrix of format {kind} is no {location[:200]}")
    if is_array is not None and (suffix == "array") != (is_array.tobytes() != b"\0"):
        raise reader.refuse(f"the file says of its {location} both that it is an array and that it is a matrix")
    state: dict[str, Any] = {"_shape": tuple(shape.tolist()), "maxprint": 50}
    if kind == "coo":
        # scipy keeps the coordinates as a tuple since 1.13.
        coordinates = tuple(parts["coords"]) if "coords" in parts else (parts["row"], parts["col"])
        state |= {"coords": coordinates, "data": parts["data"], "has_canonical_format": False}
    else:
        state |= parts
    product = reader.new(location)
    product.state = state
    return product


def _text(layout: Any) -> str:
    if layout is None or layout.shape or layout.dtype.kind not in "SU":
        return ""
    content = layout.item()
    return content.decode("latin1") if isinstance(content, bytes) else str(content)


NUMPY_KINDS: dict[str, Kind] = {
    "DTypeNode": branch(_read_dtype, "content"),
    "MaskedArrayNode": branch(_read_masked_array, "content"),
    "NdArrayNode": branch(_read_ndarray, "type", optional=("file", "content", "shape")),
    "RandomGeneratorNode": branch(_read_generator, "content"),
    "RandomStateNode": branch(_read_random_state, "content"),
    "SparseMatrixNode": leaf(_read_sparse, "type", "file"),
}
"""The kinds of this file by the name of their loader."""
