"""Archives made by hand, and the verdict of a scan: whatever hides a payload from other scanners, and harmless ones."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import struct
import tarfile
import zipfile
import zlib

import numpy as np

import hermetic
from tests.corpus_pickles import PAYLOAD, PickleFile
from tests.handmade_archives import Entry, tar_of, zip_of, zip_of_python

__all__ = ["HARMLESS", "HOSTILE"]

VALUES = pickle.dumps({"a": [1, 2.5]})
EVIL = Entry(name="data.pkl", content=PAYLOAD)
GOOD = Entry(name="data.pkl", content=VALUES)
UNKNOWN = b"\x80\x02cxgboost.sklearn\nXGBClassifier\n)\x81."
_LENGTHS = struct.pack("<2L", len(PAYLOAD), len(PAYLOAD))


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def npy_of(header: bytes, content: bytes, version: bytes = b"\1\0") -> bytes:
    return b"\x93NUMPY" + version + struct.pack("<H", len(header)) + header + content


def repeated(content: bytes, wrap: object, times: int) -> bytes:
    for _ in range(times):
        content = wrap(content)  # type: ignore[operator]
    return content


def _cases(verdict: str, files: dict[str, tuple[bytes, str]], *, is_malformed: bool = False) -> list[PickleFile]:
    return [PickleFile(name, data, verdict, rule, is_malformed) for name, (data, rule) in files.items()]


OBJECTS = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"
_DEFLATED_EVIL = zip_of_python({"data.pkl": PAYLOAD})
_NESTED = zip_of_python({"inner.zip": zip_of_python({"m.pkl.gz": gzip.compress(PAYLOAD)})})

HOSTILE = [
    *_cases(
        "dangerous",
        {
            "zip": (zip_of(EVIL), "run-command"),
            "zip, deflated": (_DEFLATED_EVIL, "run-command"),
            "zip, bzip2": (zip_of_python({"a": PAYLOAD}, zipfile.ZIP_BZIP2), "run-command"),
            "zip, lzma": (zip_of_python({"a": PAYLOAD}, zipfile.ZIP_LZMA), "run-command"),
            "a name that says nothing": (zip_of_python({"readme.txt": PAYLOAD}), "run-command"),
            "gzip inside zip inside zip": (_NESTED, "run-command"),
            "zip inside gzip": (gzip.compress(zip_of(EVIL)), "run-command"),
            "gzip inside xz": (lzma.compress(gzip.compress(PAYLOAD)), "run-command"),
            "zip inside tar": (tar_of({"a.zip": zip_of(EVIL)}), "run-command"),
            "tar": (tar_of({"a/b.pkl": PAYLOAD}), "run-command"),
            "tar of POSIX with a long name": (
                tar_of({"a/" * 80 + "b.pkl": PAYLOAD}, form=tarfile.PAX_FORMAT),
                "run-command",
            ),
            "tar of GNU with a long name": (tar_of({"a/" * 80 + "b.pkl": PAYLOAD}), "run-command"),
            "tar.gz": (tar_of({"b.pkl": PAYLOAD}, "w:gz"), "run-command"),
            "tar.bz2": (tar_of({"b.pkl": PAYLOAD}, "w:bz2"), "run-command"),
            "tar.xz": (tar_of({"b.pkl": PAYLOAD}, "w:xz"), "run-command"),
            "tar that leads out": (tar_of({"../evil.txt": b"text"}), "path-traversal"),
            "tar with a link that leads out": (tar_of({}, links={"a/b": "../../etc"}), "path-traversal"),
            "zip that leads out": (zip_of(Entry(name="../../evil.py", content=b"text")), "path-traversal"),
            "zip with an absolute name": (zip_of(Entry(name="/etc/evil", content=b"text")), "path-traversal"),
            "npz with objects": (zip_of_python({"a.npy": npy_of(OBJECTS, PAYLOAD)}), "run-command"),
            "npy with objects": (npy_of(OBJECTS, PAYLOAD), "run-command"),
            "npy, version 2": (
                b"\x93NUMPY\2\0" + struct.pack("<L", len(OBJECTS)) + OBJECTS + PAYLOAD,
                "run-command",
            ),
            "torch": (zip_of_python({"archive/data.pkl": PAYLOAD, "archive/version": b"3\n"}), "run-command"),
            "skops that makes a program": (
                zip_of_python({"schema.json": b'{"__loader__":"ObjectNode","__module__":"os","__class__":"popen"}'}),
                "run-command",
            ),
            "beside a model of ours": (
                zip_of_python({"m.hermetic": hermetic.dumps([1]), "data.pkl": PAYLOAD}),
                "run-command",
            ),
        },
    ),
    *_cases(
        "dangerous",
        {
            "zip with a wrong CRC": (zip_of(Entry(name="a", content=PAYLOAD, crc32=1)), "wrong-checksum"),
            "zip that says it is encrypted": (zip_of(Entry(name="a", content=PAYLOAD, flags=1)), "encrypted-member"),
            "zip, encrypted in one header": (
                zip_of(Entry(name="a", content=PAYLOAD, flags=0, local_flags=1)),
                "header-mismatch",
            ),
            "zip, another name before the content": (
                zip_of(Entry(name="data.csv", content=PAYLOAD, local_name="data.pkl")),
                "header-mismatch",
            ),
            "zip, another method before the content": (
                zip_of(Entry(name="a", content=PAYLOAD, method=0, local_method=8)),
                "header-mismatch",
            ),
            "zip, stored before the content, deflated in the directory": (
                zip_of(Entry(name="a", content=b"x", stored=PAYLOAD, method=8, local_method=0)),
                "header-mismatch",
            ),
            "zip, shorter in the directory": (
                zip_of(Entry(name="a", content=PAYLOAD, stored=PAYLOAD, local_length=len(PAYLOAD) - 1)),
                "header-mismatch",
            ),
            "two members of one name": (zip_of(GOOD, EVIL), "duplicate-member"),
            "the first of two members of one name": (zip_of(EVIL, GOOD), "duplicate-member"),
            "a member that no directory names": (
                zip_of(Entry(name="evil", content=PAYLOAD, is_in_directory=False), GOOD),
                "unreferenced-member",
            ),
            "no directory at all": (zip_of(EVIL)[:60], "unreferenced-member"),
            "zip behind a pickle": (VALUES + zip_of(EVIL), "polyglot"),
            "a pickle before a zip": (PAYLOAD + zip_of(GOOD), "polyglot"),
            "zip behind a pickle, offsets from the beginning": (
                zip_of(EVIL, prefix=VALUES, are_offsets_from_prefix=False),
                "polyglot",
            ),
            "zip behind text": (zip_of(EVIL, prefix=b"#!/bin/sh\n"), "polyglot"),
            "zip in the comment of a zip": (zip_of(GOOD, comment=zip_of(EVIL)), "ambiguous-archive"),
            "bytes between the members": (
                zip_of(GOOD, Entry(name="b", content=PAYLOAD, before=b"hidden")),
                "hidden-data",
            ),
            "a wrong number of members": (zip_of(GOOD, EVIL, n_members=1), "ambiguous-archive"),
            "a length that lies": (
                zip_of(Entry(name="a", content=PAYLOAD, content_length=len(PAYLOAD) + 9)),
                "malformed-archive",
            ),
            "tar, two members of one name": (
                tar_of({"a": VALUES})[:1024] + tar_of({"a": PAYLOAD}),
                "duplicate-member",
            ),
            "tar with a broken second header": (
                tar_of({"a": PAYLOAD})[:1024] + b"x" * 512 + bytes(1024),
                "malformed-archive",
            ),
            "tar with bytes behind its end": (tar_of({"a": PAYLOAD}) + b"hidden", "hidden-data"),
            "npy with a header that numpy does not write": (
                npy_of(OBJECTS.replace(b"'", b'"'), PAYLOAD),
                "malformed",
            ),
            "gzip of a zip, cut off": (gzip.compress(zip_of(EVIL))[:-4], "malformed"),
        },
        is_malformed=True,
    ),
    *_cases(
        "deferred",
        {
            "a function stored for later in a member": (zip_of_python({"m": b"(cos\nsystem\nl."}), "run-command"),
            "skops that stores a function": (
                zip_of_python({"schema.json": b'{"__loader__":"FunctionNode","__module__":"os","__class__":"system"}'}),
                "run-command",
            ),
        },
    ),
    *_cases(
        "resource",
        {
            "nine archives inside each other": (
                repeated(VALUES, lambda content: zip_of_python({"a": content}), 10),
                "nesting",
            ),
            "nine compressions of each other": (repeated(VALUES, gzip.compress, 10), "nesting"),
            "npy of 10**13 numbers": (
                npy_of(b"{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000000,), }\n", b"\0" * 8),
                "huge-shape",
            ),
            "memory in a member": (
                zip_of_python({"m": b"c__builtin__\nbytearray\n(I100000000000\ntR."}),
                "memory",
            ),
        },
    ),
    *_cases(
        "malformed",
        {
            "two members of one name, both harmless": (zip_of(GOOD, GOOD), "duplicate-member"),
            "wrong CRC of something harmless": (zip_of(Entry(name="a", content=VALUES, crc32=1)), "wrong-checksum"),
            "bytes before the directory": (zip_of(GOOD, before_directory=b"hidden"), "hidden-data"),
            "bytes before the end": (zip_of(GOOD, before_end=b"hidden"), "hidden-data"),
            "bytes behind the end": (zip_of(GOOD, behind=b"hidden"), "hidden-data"),
            "an offset into nothing": (zip_of(Entry(name="a", content=VALUES, offset=7)), "malformed-archive"),
            "two members that share their bytes": (
                zip_of(GOOD, Entry(name="b", content=VALUES, offset=0, is_in_directory=True)),
                "overlapping-members",
            ),
            "deflated rubbish": (
                zip_of(GOOD, Entry(name="b", content=b"abc", stored=b"\xff\xff\xff", method=8)),
                "malformed-archive",
            ),
            "deflated and cut off": (
                zip_of(GOOD, Entry(name="b", content=b"a" * 999, stored=_DEFLATED_EVIL[38:44], method=8)),
                "malformed-archive",
            ),
            "npy with bytes behind it": (npy(np.arange(3)) + b"hidden", "malformed"),
            "npy, cut off": (npy(np.arange(3))[:-1], "malformed"),
            "a foreign member in a skops file": (
                zip_of_python(
                    {
                        "schema.json": b'{"__loader__":"ListNode","__module__":"builtins","__class__":"list"}',
                        "extra.txt": b"hello",
                    }
                ),
                "foreign-member",
            ),
            "a skops file without one of its members": (
                zip_of_python(
                    {
                        "schema.json": b'{"__loader__":"NdArrayNode","__module__":"numpy","__class__":"ndarray",'
                        b'"file":"a.npy"}'
                    }
                ),
                "malformed-archive",
            ),
            "a key twice in a skops file": (
                zip_of_python(
                    {
                        "schema.json": b'{"__loader__":"ListNode","__module__":"builtins","__class__":"os",'
                        b'"__class__":"list"}'
                    }
                ),
                "malformed",
            ),
        },
        is_malformed=True,
    ),
    *_cases(
        "unreadable",
        {
            "encrypted": (zip_of(Entry(name="a", content=b"\x00\x11\x22", flags=1)), "encrypted-member"),
            "compressed in an unknown way": (zip_of(GOOD, Entry(name="b", content=b"x", method=93)), "not-scanned"),
            "LZMA with a huge dictionary": (
                zip_of(GOOD, Entry(name="b", content=b"x", stored=b"\x09\x14\x05\0\x5d\xff\xff\xff\xff", method=14)),
                "not-scanned",
            ),
            "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(99), "not-scanned"),
            "zstd inside tar": (tar_of({"a": b"\x28\xb5\x2f\xfd" + bytes(9)}), "not-scanned"),
        },
        is_malformed=True,
    ),
    *_cases(
        "unknown",
        {
            "a class in no table": (zip_of_python({"a": VALUES, "b": UNKNOWN}), "unknown-name"),
            "a class in no table, in tar": (tar_of({"b": UNKNOWN}), "unknown-name"),
            "a class in no table, in skops": (
                zip_of_python({"schema.json": b'{"__loader__":"ObjectNode","__module__":"mine","__class__":"Model"}'}),
                "unknown-name",
            ),
        },
    ),
]

_DESCRIPTOR = struct.pack("<4s3L", b"PK\7\x08", zlib.crc32(VALUES), len(VALUES), len(VALUES))

HARMLESS = _cases(
    "clean",
    {
        "zip": (zip_of(GOOD), ""),
        "zip with a folder and text": (zip_of(Entry(name="a/"), GOOD, Entry(name="a/b.csv", content=b"a,b")), ""),
        "zip with a comment": (zip_of(GOOD, comment=b"models of May"), ""),
        "zip written as a stream": (
            zip_of(Entry(name="a", content=VALUES, flags=8, descriptor=_DESCRIPTOR), Entry(name="b", content=VALUES)),
            "",
        ),
        "zip written as a stream, without the mark": (
            zip_of(Entry(name="a", content=VALUES, flags=8, descriptor=_DESCRIPTOR[4:])),
            "",
        ),
        **{f"zip by method {method}": (zip_of_python({"a": VALUES}, method), "") for method in (0, 8, 12, 14)},
        "zip that stores a zip": (zip_of(Entry(name="a.zip", content=zip_of(GOOD))), ""),
        "eight archives inside each other": (repeated(VALUES, lambda content: zip_of_python({"a": content}), 8), ""),
        **{
            f"tar of form {form}": (tar_of({"a.pkl": VALUES, "b" * 120: VALUES}, form=form), "")
            for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
        },
        "tar of the oldest form": (tar_of({"a.pkl": VALUES}, form=tarfile.USTAR_FORMAT), ""),
        "tar with a link inside": (tar_of({"a.pkl": VALUES}, links={"b.pkl": "a.pkl"}), ""),
        "tar.gz": (tar_of({"a.pkl": VALUES}, "w:gz"), ""),
        "npy": (npy(np.arange(3.0)), ""),
        "npy of texts": (npy(np.array(["a", "bc"])), ""),
        "npy of records": (npy(np.zeros(2, dtype=[("O", "i4"), ("b", "f8")])), ""),
        "npy of one number": (npy(np.array(1.5)), ""),
        "npy of objects": (npy(np.array([None, "a"], dtype=object)), ""),
        "npz": (zip_of_python({"a.npy": npy(np.arange(3)), "b.npy": npy(np.ones((2, 2), order="F"))}), ""),
        "a model of ours in zip": (zip_of_python({"m.hermetic": hermetic.dumps([1])}), ""),
        "a model of ours in tar": (tar_of({"m.hermetic": hermetic.dumps([1])}), ""),
        "a model of ours, compressed": (bz2.compress(hermetic.dumps([1])), ""),
    },
)
