"""Arrays, scalars, dtypes and random generators of numpy, and scipy's sparse matrices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.sparse

from tests.zoo.case import Case, value

__all__ = ["plain_numpy"]

_NUMBERS = [
    *(
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "intc",
        "longlong",
        "ulonglong",
    ),
    *("float16", "float32", "float64", "longdouble", "complex64", "complex128", "clongdouble"),
]
_TIMES = ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as", "25s"]
_ALIGNED = np.dtype([("flag", "u1"), ("number", "f8"), ("place", "i4")], align=True)
_PACKED = np.dtype([("flag", "u1"), ("number", "f8"), ("place", "i4")])
_NESTED = np.dtype([("inner", _ALIGNED), ("grid", "f4", (2, 3)), ("name", "U5"), ("raw", "S3")])
_GAPPED = np.dtype({"names": ["a", "b"], "formats": ["<i2", ">f4"], "offsets": [2, 8], "itemsize": 20})


def plain_numpy() -> list[Case]:
    """Give arrays of every dtype and layout, and what comes with them.

    Examples
    --------
    >>> "array-float16" in {case.name for case in plain_numpy()}
    True
    """
    return [*_dtypes(), *_structures(), *_layouts(), *_objects(), *_masked(), *_scalars(), *_generators(), *_sparse()]


def _dtypes() -> Iterator[Case]:
    for name in _NUMBERS:
        yield value(f"array-{name}", lambda name: np.arange(6).astype(name), name)
        yield value(f"scalar-{name}", lambda name: np.dtype(name).type(1), name)
        yield value(f"dtype-{name}", lambda name: np.dtype(name), name)
    for unit in _TIMES:
        for kind in ("datetime64", "timedelta64"):
            yield value(f"array-{kind}-{unit}", lambda k, u: np.array([0, 5, "NaT"], dtype=f"{k}[{u}]"), kind, unit)
    yield value("array-timedelta-generic", lambda: np.array([1, 2, 3], dtype="m8"))
    yield value("array-datetime-nat", lambda: np.array(["NaT"], dtype="M8"))
    extremes = [np.nan, -np.nan, np.inf, -np.inf, -0.0, 5e-324, 1.7976931348623157e308]
    yield value("array-extremes", lambda: np.array(extremes))
    yield value("array-nan-payload", lambda: np.array([0x7FF8DEADBEEF0001], dtype=np.uint64).view(np.float64))
    yield value("array-longdouble-fractions", lambda: np.array([1, 2, 3], dtype=np.longdouble) / 3)
    yield value("array-int-extremes", lambda: np.array([2**64 - 1, 0, 2**53 + 1], dtype=np.uint64))
    yield value("array-text", lambda: np.array(["", "æøå", "a\0b", "😀"], dtype="U4"))
    yield value("array-text-empty", lambda: np.array(["", ""], dtype="U0"))
    yield value("array-bytes", lambda: np.array([b"", b"a\0b", b"\xff"]))
    yield value("array-void", lambda: np.array([b"abcde", b"\0\0\0\0\0"], dtype="V5"))
    yield value("array-big-endian", lambda: np.arange(5, dtype=">i4"))
    yield value("array-big-endian-float", lambda: np.linspace(0, 1, 5).astype(">f8"))
    yield value("array-big-endian-text", lambda: np.array(["a", "bc"], dtype=">U2"))
    yield value("array-big-endian-time", lambda: np.array(["2020-01-01"], dtype=">M8[D]"))
    yield value("array-variable-text", lambda: np.array(["a", "", "æ" * 40], dtype=np.dtypes.StringDType()))
    yield value(
        "array-variable-text-nan", lambda: np.array(["a", np.nan], dtype=np.dtypes.StringDType(na_object=np.nan))
    )
    yield value("array-variable-text-none", lambda: np.array(["a", None], dtype=np.dtypes.StringDType(na_object=None)))


def _structures() -> Iterator[Case]:
    for name, dtype in {"aligned": _ALIGNED, "packed": _PACKED, "nested": _NESTED, "gapped": _GAPPED}.items():
        yield value(f"structure-{name}", lambda dtype: np.zeros(3, dtype=dtype), dtype)
        yield value(f"structure-{name}-dirty", lambda dtype: _with_dirty_padding(dtype), dtype)
        yield value(f"structure-{name}-scalar", lambda dtype: np.ones(1, dtype=dtype)[0], dtype)
        yield value(f"structure-{name}-dtype", lambda dtype: dtype, dtype)
    yield value(
        "structure-objects",
        lambda: np.array([(1, "a"), (2, None)], dtype=[("x", "i8"), ("y", "O")]),
        expected="refused-at-dump",
    )
    yield value("structure-titles", lambda: np.zeros(2, dtype=[(("the title", "x"), "f8")]), expected="refused-at-dump")
    yield value("structure-no-fields", lambda: np.zeros(3, dtype=[]))
    yield value("structure-one-field-view", lambda: np.ones(3, dtype=_PACKED)[["flag", "place"]])
    yield value("record-array", lambda: np.rec.array([(1, 2.0), (3, 4.0)], dtype=[("x", "i8"), ("y", "f8")]))
    yield value("record-scalar", lambda: np.rec.array([(1, 2.0)], dtype=[("x", "i8"), ("y", "f8")])[0])
    yield value("dtype-subarray", lambda: np.dtype(("f4", (2, 3))))
    yield value(
        "dtype-object", lambda: [np.dtype("O"), np.dtype("U7"), np.dtype(">f8"), np.dtype("M8[25s]"), np.dtype("V3")]
    )


def _with_dirty_padding(dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """Give an array whose padding holds what a heap may hold."""
    array = np.frombuffer(bytearray(b"\xaa" * (3 * dtype.itemsize)), dtype=dtype)
    for name in dtype.names or ():
        array[name] = np.zeros((), dtype=dtype.fields[name][0])  # type: ignore[index]  # it has fields
    return array


def _layouts() -> Iterator[Case]:
    def cube() -> np.ndarray[Any, Any]:
        return np.arange(24.0).reshape(2, 3, 4)

    yield value("layout-zero-dimensional", lambda: np.array(3.5))
    yield value("layout-empty", lambda: np.empty((0,)))
    yield value("layout-empty-rows", lambda: np.empty((0, 5), order="F"))
    yield value("layout-empty-middle", lambda: np.empty((3, 0, 2), dtype=np.int8))
    yield value("layout-fortran", lambda: np.asfortranarray(np.arange(6).reshape(2, 3)))
    yield value("layout-one-column", lambda: np.arange(3.0).reshape(3, 1))
    yield value("layout-five-dimensional", lambda: np.arange(32).reshape(2, 2, 2, 2, 2))
    yield value("layout-transposed", lambda: cube().T)
    yield value("layout-axes-swapped", lambda: cube().transpose(1, 0, 2))
    yield value("layout-reversed", lambda: cube()[::-1, :, ::-1])
    yield value("layout-strided", lambda: cube()[:, ::2, 1::2])
    yield value("layout-broadcast", lambda: np.broadcast_to(np.arange(3), (4, 3)))
    yield value("layout-row-of-big", lambda: np.zeros((1000, 1000))[500, :10])
    yield value("layout-overlapping", _overlapping_views)
    yield value("layout-unaligned", lambda: np.frombuffer(bytearray(33), dtype=np.uint8)[1:].view(np.float64))
    yield value("layout-read-only", _read_only)


def _overlapping_views() -> Any:
    base = np.arange(10)
    return [base, base[2:6], base[::-1]]


def _read_only() -> Any:
    array = np.arange(4)
    array.flags.writeable = False
    return array


def _objects() -> Iterator[Case]:
    yield value("objects-text", lambda: np.array(["a", "", "😀", "a"], dtype=object))
    yield value("objects-mixed", lambda: np.array([1, 1.5, None, "a", True, b"x", np.nan, (1, 2)], dtype=object))
    yield value("objects-matrix", lambda: np.array([["a", None], [1, 2.0]], dtype=object, order="F"))
    yield value("objects-arrays", lambda: np.array([np.arange(2), np.arange(3), None], dtype=object))
    yield value("objects-numpy-scalars", lambda: np.array([np.float32(1), np.int8(2), np.str_("a")], dtype=object))
    yield value("objects-empty", lambda: np.array([], dtype=object))
    yield value("objects-zero-dimensional", lambda: np.array({"a": 1}, dtype=object))
    # Arithmetic with it ends the process.
    yield value("objects-itself", _array_that_holds_itself, expected="refused-at-dump")
    yield value("objects-in-their-list", _array_in_a_list_that_it_holds)
    shared = [1, 2]
    yield value("objects-shared", lambda: np.array([shared, None, shared], dtype=object))


def _array_that_holds_itself() -> Any:
    array = np.empty(2, dtype=object)
    array[0] = array
    return array


def _array_in_a_list_that_it_holds() -> Any:
    array = np.empty(2, dtype=object)
    array[0] = [array, 1]
    return array[0]


def _masked() -> Iterator[Case]:
    yield value("masked", lambda: np.ma.array([1.0, 2.0, 3.0], mask=[False, True, False]))
    yield value("masked-no-mask", lambda: np.ma.array([1, 2, 3]))
    yield value("masked-fill-value", lambda: np.ma.array([1, 2], mask=[True, False], fill_value=-5))
    yield value(
        "masked-objects", lambda: np.ma.array(["a", None, 3], mask=[False, True, False], dtype=object, fill_value="?")
    )
    yield value("masked-matrix", lambda: np.ma.masked_invalid(np.array([[1.0, np.nan], [np.inf, 2.0]])))
    structured = [("x", "i8"), ("y", "f8")]
    yield value(
        "masked-structure",
        lambda: np.ma.array([(1, 2.0), (3, 4.0)], mask=[(False, True), (True, False)], dtype=structured),
    )
    yield value("masked-singleton", lambda: [np.ma.masked], check=_is_the_singleton)
    yield value("masked-nomask", lambda: [np.ma.nomask])


def _is_the_singleton(_: Any, after: Any) -> None:
    assert after[0] is np.ma.masked


def _scalars() -> Iterator[Case]:
    yield value("scalars-special", lambda: [np.float64("nan"), np.float32("-inf"), np.float64(-0.0), np.bool_(True)])
    yield value("scalars-text", lambda: [np.str_("a\0b"), np.bytes_(b"\xff"), np.void(b"abc")])
    yield value(
        "scalars-time", lambda: [np.datetime64("2020-01-01T00:00", "m"), np.timedelta64(5, "D"), np.datetime64("NaT")]
    )
    yield value(
        "scalars-beside-python", lambda: [np.int64(1), 1, np.float64(1.0), 1.0, np.str_("a"), "a", np.True_, True]
    )
    yield value("scalars-longdouble", lambda: [np.longdouble(1) / 3, np.clongdouble(1j) / 3])
    yield value("types", lambda: [np.float64, np.int32, np.dtype, np.ndarray, np.datetime64, np.str_])


def _generators() -> Iterator[Case]:
    yield value("random-state", lambda: np.random.RandomState(5))
    yield value("random-state-half-used", _with_a_normal_left)
    for name in ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"):
        kind = getattr(np.random, name)
        yield value(f"generator-{name}", lambda kind: np.random.Generator(kind(7)), kind, check=_draws_alike)
        yield value(f"bit-generator-{name}", lambda kind: kind(7), kind)
        yield value(f"random-state-{name}", lambda kind: np.random.RandomState(kind(7)), kind, check=_draws_alike)
    yield value("seed-sequence", lambda: np.random.SeedSequence(2**100, spawn_key=(1, 2), pool_size=8).spawn(2)[1])
    yield value("generator-spawned", lambda: np.random.default_rng(3).spawn(2), check=_spawn_alike)


def _with_a_normal_left() -> Any:
    state = np.random.RandomState(5)
    state.normal()
    return state


def _draws_alike(before: Any, after: Any) -> None:
    drawn = [generator.standard_normal(3).tobytes() for generator in (before, after)]
    assert before is after or drawn[0] == drawn[1]


def _spawn_alike(before: Any, after: Any) -> None:
    children = [generators[0].spawn(1)[0].random() for generators in (before, after)]
    assert before is after or children[0] == children[1]


def _sparse() -> Iterator[Case]:
    dense = np.array([[0.0, 1.0, 0.0, 2.0], [0.0, 0.0, 0.0, 0.0], [3.0, 0.0, 4.0, 0.0], [0.0, 5.0, 0.0, 6.0]])
    for layout in ("csr", "csc", "coo", "bsr", "dia", "lil", "dok"):
        for kind in ("matrix", "array"):
            maker = getattr(scipy.sparse, f"{layout}_{kind}")
            yield value(f"sparse-{layout}-{kind}", lambda maker: maker(dense), maker, tags=["sparse"])
    yield value("sparse-int64-indices", _with_long_indices, tags=["sparse"])
    yield value("sparse-unsorted", _unsorted, tags=["sparse"])
    yield value("sparse-empty", lambda: scipy.sparse.csr_matrix((0, 5)), tags=["sparse"])
    yield value("sparse-bool", lambda: scipy.sparse.csc_array(dense > 2), tags=["sparse"])
    yield value("sparse-one-dimensional", lambda: scipy.sparse.coo_array(dense[0]), tags=["sparse"])
    yield value("sparse-shared-indices", _two_matrices_with_one_structure, tags=["sparse"])


def _with_long_indices() -> Any:
    matrix = scipy.sparse.csr_matrix(np.eye(3))
    matrix.indices = matrix.indices.astype(np.int64)
    matrix.indptr = matrix.indptr.astype(np.int64)
    return matrix


def _unsorted() -> Any:
    parts = (np.array([1.0, 2.0, 3.0]), np.array([2, 0, 1]), np.array([0, 2, 2, 3]))
    return scipy.sparse.csr_matrix(parts, shape=(3, 3))


def _two_matrices_with_one_structure() -> Any:
    first = scipy.sparse.csr_matrix(np.eye(3))
    second = scipy.sparse.csr_matrix((first.data * 2, first.indices, first.indptr), shape=(3, 3))
    second.indices, second.indptr = first.indices, first.indptr
    return [first, second]
