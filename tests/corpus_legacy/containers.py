"""Archives that hide a pickle from whoever reads them otherwise than the program that opens them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib

import numpy as np

import hermetic
from tests.corpus_archives import HOSTILE as ARCHIVES
from tests.corpus_legacy.attack import EVIL, attack
from tests.corpus_legacy.gadgets import OBJECTS_NPY
from tests.handmade_archives import Entry, tar_of, zip_of, zip_of_python

__all__ = ["CONTAINERS"]

_HARMLESS = b"N."
_BAD = Entry(name="data.pkl", content=EVIL)
_GOOD = Entry(name="data.pkl", content=_HARMLESS)
_HEADER = OBJECTS_NPY[: -len(EVIL)][10:]


def _npy(version: bytes) -> bytes:
    length = len(_HEADER).to_bytes(2 if version == b"\1" else 4, "little")
    return b"\x93NUMPY" + version + b"\0" + length + _HEADER + EVIL


_ZIPS = {
    "zip": zip_of(_BAD),
    "zip, deflated": zip_of_python({"data.pkl": EVIL}),
    "zip, bzip2": zip_of_python({"data.pkl": EVIL}, zipfile.ZIP_BZIP2),
    "zip, lzma": zip_of_python({"data.pkl": EVIL}, zipfile.ZIP_LZMA),
    "as PyTorch writes": zip_of_python({"archive/data.pkl": EVIL, "archive/version": b"3\n"}),
    "a name that says nothing": zip_of_python({"README.txt": EVIL}),
    "wrong CRC before the content": zip_of(Entry(name="data.pkl", content=EVIL, local_crc32=1)),
    "encrypted before the content only": zip_of(Entry(name="data.pkl", content=EVIL, local_flags=0x40)),
    "another length before the content": zip_of(Entry(name="data.pkl", content=EVIL, local_length=3)),
    "another method before the content": zip_of(Entry(name="data.pkl", content=EVIL, local_method=8)),
    "two members of one name, the second": zip_of(_GOOD, _BAD),
    "two members of one name, the first": zip_of(_BAD, _GOOD),
    "behind text": zip_of(_BAD, prefix=b"#!/bin/sh\n"),
    "behind a pickle": zip_of(_BAD, prefix=_HARMLESS),
    "behind a model of ours": zip_of(_BAD, prefix=hermetic.dumps([1])),
    "bytes before the directory": zip_of(_BAD, before_directory=b"hidden"),
    "beside a model of ours": zip_of_python({"m.hermetic": hermetic.dumps([1]), "data.pkl": EVIL}),
    "zip in a zip": zip_of_python({"inner.zip": zip_of_python({"data.pkl": EVIL})}),
    "gzip in a zip": zip_of_python({"data.pkl.gz": gzip.compress(EVIL)}),
    "tar in a zip": zip_of_python({"data.tar": tar_of({"data.pkl": EVIL})}),
}
_TARS = {
    "tar": tar_of({"data.pkl": EVIL}),
    "tar.gz": tar_of({"data.pkl": EVIL}, "w:gz"),
    "tar.bz2": tar_of({"data.pkl": EVIL}, "w:bz2"),
    "tar.xz": tar_of({"data.pkl": EVIL}, "w:xz"),
    "tar with a long name": tar_of({"a/" * 80 + "data.pkl": EVIL}),
    "tar, two members of one name": tar_of({"a": _HARMLESS})[:1024] + tar_of({"a": EVIL}),
    "zip in a tar": tar_of({"a.zip": zip_of(_BAD)}),
}
_NUMPY = {
    "npy of objects": OBJECTS_NPY,
    "npy of objects, version 2": _npy(b"\2"),
    "npy of objects, version 3": _npy(b"\3"),
    "npz of objects": zip_of_python({"a.npy": OBJECTS_NPY}),
    "npz of objects, stored": zip_of(Entry(name="a.npy", content=OBJECTS_NPY)),
    "npz of numbers and objects": zip_of_python({"a.npy": OBJECTS_NPY, "b.npy": OBJECTS_NPY[:-4] + b"tR."}),
    "a pickle for numpy.load": EVIL[:0] + b"\x80\x02" + EVIL,
}
_POLYGLOTS = {
    "a pickle before a zip": EVIL + zip_of(_GOOD),
    "a pickle before a model of ours": EVIL + hermetic.dumps([1]),
    "a pickle before a tar": EVIL + tar_of({"a": _HARMLESS}),
    "a pickle before an array": EVIL + OBJECTS_NPY,
}
_PANDAS = {
    "model.gz": gzip.compress(EVIL),
    "model.bz2": bz2.compress(EVIL),
    "model.xz": lzma.compress(EVIL),
    "model.zip": zip_of_python({"model.pkl": EVIL}),
    "model.tar": tar_of({"model.pkl": EVIL}),
}


def _npy_of_numbers() -> bytes:
    file = io.BytesIO()
    np.save(file, np.arange(3))
    return file.getvalue()


_NOT_RUN = {
    "wrong CRC": zip_of(Entry(name="data.pkl", content=EVIL, crc32=1)),
    "unreferenced member": zip_of(Entry(name="evil", content=EVIL, is_in_directory=False), _GOOD),
    "no directory": zip_of(_BAD)[:60],
    "zip in the comment of a zip": zip_of(_GOOD, comment=zip_of(_BAD)),
    "encrypted": zip_of(Entry(name="a", content=EVIL, flags=1)),
    "zlib in a zip in gzip": gzip.compress(zip_of_python({"a": zlib.compress(EVIL)})),
}
_MALFORMED = {
    "npy with bytes behind it": _npy_of_numbers() + b"hidden",
}

CONTAINERS = [
    *(attack("archive", name, data, loader="zip") for name, data in _ZIPS.items()),
    *(attack("archive", name, data, loader="tar") for name, data in _TARS.items()),
    *(attack("numpy file", name, data, loader="numpy") for name, data in _NUMPY.items()),
    *(attack("polyglot", name, data) for name, data in _POLYGLOTS.items()),
    *(attack("archive for pandas", name, data, loader="pandas", beside={name: data}) for name, data in _PANDAS.items()),
    *(
        attack("archive", name, data, loader="zip", is_executing=False, note="Python's own readers do not come to it")
        for name, data in _NOT_RUN.items()
    ),
    *(
        attack("numpy file", name, data, loader="numpy", verdict="malformed", is_executing=False, note="no payload")
        for name, data in _MALFORMED.items()
    ),
    *(
        attack(
            "handmade archive",
            file.name,
            file.data,
            loader="zip",
            verdict=file.verdict,
            is_executing=False,
            note="its payload is a command that leaves nothing",
        )
        for file in ARCHIVES
    ),
]
