"""What hides in and beside the arrays of joblib's files, and behind compression."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib

import lz4.frame

from tests.corpus_legacy.attack import EVIL, SHELL, attack
from tests.corpus_legacy.gadgets import OBJECTS_NPY
from tests.corpus_pickles import in_wrapper, text

__all__ = ["JOBLIB", "ZF"]

ZF = b"ZF" + hex(len(EVIL)).ljust(19).encode() + zlib.compress(EVIL)
_NUMBERS = b"\x00" * 8


def _beside(filename: str, wrapper: str = "NDArrayWrapper", extra: bytes = b"") -> bytes:
    state = b"(" + text("filename") + text(filename) + text("subclass") + b"cnumpy\nndarray\n"
    state += text("allow_mmap") + b"I00\n" + extra + b"d"
    return f"(ijoblib.numpy_pickle\n{wrapper}\n".encode() + state + b"b."


_COMPRESSED = {
    "zlib": zlib.compress(EVIL),
    "gzip": gzip.compress(EVIL),
    "bz2": bz2.compress(EVIL),
    "xz": lzma.compress(EVIL),
    "lzma": lzma.compress(EVIL, lzma.FORMAT_ALONE),
    "lz4": lz4.frame.compress(EVIL),
    "zlib without compression": zlib.compress(EVIL, 0),
    "bz2 in two streams": bz2.compress(EVIL[:9]) + bz2.compress(EVIL[9:]),
    "xz in two streams": lzma.compress(EVIL[:9]) + lzma.compress(EVIL[9:]),
    "zlib of an array with a payload": zlib.compress(in_wrapper(_NUMBERS) + b"0" + EVIL),
    "ZF": ZF,
    "zlib, cut off": zlib.compress(EVIL + bytes(100_000))[:-3],
}
_ARRAYS = {
    "behind an array": in_wrapper(_NUMBERS) + b"0" + EVIL,
    "behind two arrays": in_wrapper(_NUMBERS) + b"0" + in_wrapper(_NUMBERS) + b"0" + EVIL,
    "before an array": SHELL + b"0" + in_wrapper(_NUMBERS) + b".",
    "in an object array": in_wrapper(EVIL, dtype="O8") + b".",
    "in an object array inside another": in_wrapper(SHELL + b"0(I1\nl.", dtype="O8") + b".",
    "behind the padding": in_wrapper(b"\x03\xff\xff\xff" + _NUMBERS, alignment=b"I16\n") + b"0" + EVIL,
    "behind a wrong padding": in_wrapper(b"\x01\x30" + _NUMBERS, alignment=b"I16\n") + b"0" + EVIL,
    "behind padding of length 0": in_wrapper(b"\x00" + _NUMBERS, alignment=b"I16\n") + b"0" + EVIL,
    "behind an empty array": in_wrapper(b"", shape=b"I0\n") + b"0" + EVIL,
    "behind an array of text": in_wrapper(b"NNN.", dtype="S4") + b"0" + EVIL,
}
_FOR_PICKLE = in_wrapper(EVIL + bytes(5), dtype=f"S{len(EVIL) + 5}") + b"."
_OTHER = {
    "path upwards": "../other.npy",
    "path through a folder": "inner/../../other.npy",
    "path into a folder": "inner/other.npy",
}

JOBLIB = [
    *(attack("compression", name, data, loader="joblib") for name, data in _COMPRESSED.items()),
    *(attack("joblib array", name, data, loader="joblib") for name, data in _ARRAYS.items()),
    attack("joblib array", "in the bytes of an array, for pickle.load", _FOR_PICKLE, loader="pickle"),
    *(
        attack("path traversal", name, _beside(path), loader="joblib", beside={path: OBJECTS_NPY})
        for name, path in _OTHER.items()
    ),
    attack(
        "path traversal",
        "an array of objects beside it",
        _beside("other.npy"),
        loader="joblib",
        verdict="unknown",
        beside={"other.npy": OBJECTS_NPY},
        note="the file beside it is dangerous in a scan of the folder",
    ),
    *(
        attack(
            "path traversal",
            f"an absolute path, {wrapper}",
            _beside("/etc/hostname", wrapper),
            loader="joblib",
            is_executing=False,
            note="what it reads is no array",
        )
        for wrapper in ("NDArrayWrapper", "ZNDArrayWrapper")
    ),
]
