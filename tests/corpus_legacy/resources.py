"""Files that are small, and ask for more memory or time than any machine has; none of them is ever run live."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib

from tests.corpus_legacy.attack import attack, run
from tests.corpus_legacy.floods import COMPRESSORS, flood
from tests.corpus_pickles import call, in_wrapper, text
from tests.legacy_pickles import Named, written

__all__ = ["RESOURCES"]

_NOTE = "would take the machine down"
_COLLIDING = b"".join(b"\x8a\x0a" + (number * (2**61 - 1)).to_bytes(10, "little") for number in range(60_000))
_PAIRS = b"".join(b"\x8a\x0a" + (number * (2**61 - 1)).to_bytes(10, "little") + b"N" for number in range(60_000))
_NOTHING = b"\x80\x04" + b"N0" * 300_000
_RECONSTRUCT = "numpy.core.multiarray:_reconstruct"

_RESOURCE = {
    "keys of one hash": b"\x80\x02}(" + _PAIRS + b"u.",
    "members of one hash": b"\x80\x04\x8f(" + _COLLIDING + b"\x90.",
    "a key that holds itself a billion times": b"\x80\x02}N" + b"2\x86" * 60 + b"Ns.",
    "a key of two million levels": b"\x80\x04}" + b")" + b"\x85" * 2_000_000 + b"Ns.",
    "two million levels": b"\x80\x04" + b")" + b"\x85" * 2_000_000 + b".",
    "100 GB by bytearray": written(run("builtins:bytearray", 10**11), 2),
    "100 GB by bytes": written(run("builtins:bytes", 10**11), 2),
    "100 GB by _reconstruct": written(run(_RECONSTRUCT, Named("numpy:ndarray"), (10**11,), b"b"), 3),
    "joblib: 2**64 items": in_wrapper(b"", shape=b"I4294967296\nI4294967296\n") + b".",
    "npy of 10**13 numbers": b"\x93NUMPY\1\0\x46\0"
    + b"{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000000,), }\n".ljust(70),
}
# Of each length that a scan takes a moment for; tests/formats/test_pickle_floods.py makes them long.
_FLOODS = {
    name: flood(name, 3_000_000)
    for name in ("NONE POP", "DUP POP", "MARK POP_MARK", "APPENDS of nothing", "towers of lists", "PROTO")
}
_BOMBS = {
    "bz2": bz2.compress(_NOTHING),
    "xz": lzma.compress(_NOTHING, preset=0),
    "gzip": gzip.compress(_NOTHING, 9),
    "zlib": zlib.compress(_NOTHING, 9),
}
_MALFORMED = {
    "integer of a million digits": b"\x80\x02L" + b"9" * 1_000_000 + b"L\n.",
    "a text of 4 GB that is not there": b"\x80\x02X\xff\xff\xff\xff" + b"a.",
    "bytes of 2**63 that are not there": b"\x80\x04\x8e" + b"\xff" * 7 + b"\x7f.",
    "a frame of 2**62": b"\x80\x04\x95" + b"\x00" * 7 + b"\x40N.",
    "a memo of 4 billion entries": b"\x80\x02Nr\xff\xff\xff\xff" + b"h\x07.",
}
_DANGEROUS = {
    "billion laughs by calls": call("operator.mul", text("a"), b"I100000000000\n") + b".",
    "power of powers": call("builtins.pow", b"I9\n", b"I999999999\n") + b".",
    "a range made a list": call("builtins.list", call("builtins.range", b"I10000000000\n")) + b".",
}

RESOURCES = [
    attack("resource", name, data, verdict=verdict, is_executing=False, note=_NOTE)
    for verdict, files in (("resource", _RESOURCE), ("malformed", _MALFORMED), ("dangerous", _DANGEROUS))
    for name, data in files.items()
]
RESOURCES += [
    attack(
        "flood",
        f"{name}, {compressor}",
        COMPRESSORS[compressor](data),
        verdict="resource" if "lists" in name else "malformed",
        loader="joblib",
        is_executing=False,
        note=_NOTE,
    )
    for (name, data), compressor in zip(_FLOODS.items(), list(COMPRESSORS)[1:], strict=True)
]
RESOURCES += [
    attack("bomb", name, data, verdict="malformed", loader="joblib", is_executing=False, note=_NOTE)
    for name, data in _BOMBS.items()
]
