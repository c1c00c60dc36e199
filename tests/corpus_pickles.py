"""Pickle and joblib files made by hand, and the verdict of a scan: attacks of every known kind, and harmless files.

Nothing here is ever opened by pickle or joblib. The commands would be harmless even then.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import pickle
import struct
import zlib
from dataclasses import dataclass

__all__ = ["HARMLESS", "HOSTILE", "PickleFile"]


@dataclass(frozen=True)
class PickleFile:
    """One file, and what a scan says of it."""

    name: str
    data: bytes
    verdict: str
    rule: str = ""
    is_malformed: bool = False


def text(value: str) -> bytes:
    return b"V" + value.encode("raw-unicode-escape") + b"\n"


def call(name: str, *arguments: bytes) -> bytes:
    """Give the opcodes of protocol 0 for a call."""
    module, _, function = name.rpartition(".")
    return b"c" + module.encode() + b"\n" + function.encode() + b"\n(" + b"".join(arguments) + b"tR"


def stack_name(module: str, name: str) -> bytes:
    return b"".join(b"\x8c" + bytes([len(part)]) + part.encode() for part in (module, name)) + b"\x93"


LS = text("true")
SYSTEM = call("os.system", LS)
PAYLOAD = SYSTEM + b"."
ECHO = call("builtins.eval", text("1"))


def in_wrapper(array: bytes, *, alignment: bytes = b"N", dtype: str = "f8", shape: bytes = b"I1\n") -> bytes:
    """Give what joblib writes for an array, in protocol 0."""
    made = b"ccopy_reg\n_reconstructor\n(cjoblib.numpy_pickle\nNumpyArrayWrapper\nc__builtin__\nobject\nNtR"
    made_dtype = call("numpy.dtype", text(dtype), b"I0\n", b"I1\n")
    state = (
        *(text("subclass"), b"cnumpy\nndarray\n", text("shape"), b"(" + shape + b"t", text("order"), text("C")),
        *(text("dtype"), made_dtype, text("allow_mmap"), b"I01\n", text("numpy_array_alignment_bytes"), alignment),
    )
    return made + b"(" + b"".join(state) + b"db" + array


def _cases(verdict: str, files: dict[str, tuple[bytes, str]], *, is_malformed: bool = False) -> list[PickleFile]:
    return [PickleFile(name, data, verdict, rule, is_malformed) for name, (data, rule) in files.items()]


_NAMED = {
    "os.system": "run-command",
    "posix.system": "run-command",
    "nt.system": "run-command",
    "subprocess.Popen": "run-command",
    "commands.getoutput": "run-command",
    "pty.spawn": "run-command",
    "__builtin__.eval": "run-code",
    "builtins.exec": "run-code",
    "builtins.compile": "run-code",
    "__builtin__.execfile": "run-code",
    "builtins.__import__": "run-code",
    "importlib.import_module": "run-code",
    "runpy.run_path": "run-code",
    "timeit.timeit": "run-code",
    "marshal.loads": "run-code",
    "code.interact": "run-code",
    "types.FunctionType": "run-code",
    "builtins.getattr": "find-attribute",
    "operator.attrgetter": "find-attribute",
    "operator.methodcaller": "find-attribute",
    "functools.reduce": "find-attribute",
    "builtins.map": "find-attribute",
    "builtins.open": "file-access",
    "io.open": "file-access",
    "shutil.rmtree": "file-access",
    "numpy.savetxt": "file-access",
    "numpy.memmap": "file-access",
    "joblib.dump": "file-access",
    "sklearn.datasets._base.clear_data_home": "file-access",
    "sklearn.datasets._base.get_data_home": "file-access",
    "pickle.loads": "unpickle",
    "_pickle.loads": "unpickle",
    "cPickle.loads": "unpickle",
    "joblib.load": "unpickle",
    "pandas.read_pickle": "unpickle",
    "torch.load": "unpickle",
    "socket.create_connection": "network",
    "urllib.request.urlopen": "network",
    "webbrowser.open": "network",
    "ctypes.CDLL": "native-code",
    "sys.exit": "process-state",
    "copyreg.add_extension": "process-state",
    "signal.alarm": "process-state",
    "sklearn.utils.unknown_function": "unknown-call",
    "some.module.function": "unknown-call",
    "numpy.mean": "unknown-call",
}
_MEMO = b"cos\nsystem\np7\n0" + LS + b"p8\n0" + b"g7\n(g8\ntR."
_DEEP = b"\x80\x04" + b")" + b"\x85" * 2_000_000 + b"."

HOSTILE = [
    *_cases("dangerous", {f"calls {name}": (call(name, LS) + b".", rule) for name, rule in _NAMED.items()}),
    *_cases(
        "dangerous",
        {
            "INST": (b"(" + LS + b"ios\nsystem\n.", "run-command"),
            "OBJ": (b"(cos\nsystem\n" + LS + b"o.", "run-command"),
            "OBJ of a function in no table": (b"(csome\nfunction\n" + LS + b"o.", "unknown-call"),
            "NEWOBJ": (b"\x80\x02csubprocess\nPopen\n" + LS + b"\x85\x81.", "run-command"),
            "NEWOBJ_EX": (b"\x80\x04" + stack_name("subprocess", "Popen") + b")}\x92.", "run-command"),
            "by the memo": (_MEMO, "run-command"),
            "by DUP": (b"cos\nsystem\n20(" + LS + b"tR.", "run-command"),
            "popped after it ran": (SYSTEM + b"0N.", "run-command"),
            "inside a dictionary": (b"}" + text("a") + SYSTEM + b"s.", "run-command"),
            "as an argument of a known call": (call("_codecs.encode", SYSTEM, text("latin1")) + b".", "run-command"),
            "by names put together": (b"\x80\x04" + stack_name("os", "system") + b"N\x85R.", "run-command"),
            "dotted": (b"\x80\x04" + stack_name("sklearn.base", "inspect.os.system") + b"N\x85R.", "find-attribute"),
            "chain of getattr": (
                call("builtins.getattr", b"cos\nenviron\n", text("clear")) + b"(tR.",
                "computed-call",
            ),
            "a result that is called": (
                call("functools.partial", b"cos\nsystem\n") + b"(" + LS + b"tR.",
                "run-command",
            ),
            "partial": (b"cfunctools\npartial\n(cos\nsystem\ntR.", "run-command"),
            "default factory": (call("collections.defaultdict", b"cos\nabort\n") + b".", "run-command"),
            "a function stored for later": (b"}" + text("predict") + b"cos\nsystem\ns.", "run-command"),
            "state of a module": (
                b"csklearn.base\nBaseEstimator\n}" + text("predict") + b"I1\nsb.",
                "change-of-import",
            ),
            "sys.modules": (b"csys\nmodules\n" + text("os") + b"Ns.", "process-state"),
            "__setstate__ of an object": (
                b"ccopy_reg\n_reconstructor\n(csklearn.svm._classes\nSVC\nc__builtin__\nobject\nNtR}"
                + text("__class__")
                + b"Nsb.",
                "special-attribute",
            ),
            "base.__init__ through _reconstructor": (
                call("copy_reg._reconstructor", b"csklearn.svm._classes\nSVC\n", b"csubprocess\nPopen\n", LS) + b".",
                "run-command",
            ),
            "encode with another codec": (call("_codecs.encode", text("a"), text("rot13")) + b".", "arguments"),
            "100 GB by bytearray": (call("builtins.bytearray", b"I100000000000\n") + b".", "arguments"),
            "100 GB by _reconstruct": (
                call("numpy.core.multiarray._reconstruct", b"cnumpy\nndarray\n", b"(I100000000000\nt", text("b"))
                + b".",
                "arguments",
            ),
            "dtype of a program": (call("numpy.dtype", text("(100000,100000)f8")) + b".", "arguments"),
            "another name of a model's class, called": (
                b"(" + LS + b"isklearn.svm._classes\nSVC\n.",
                "unknown-call",
            ),
            "joblib: in the pickle of an object array": (
                in_wrapper(PAYLOAD, dtype="O8") + b".",
                "run-command",
            ),
            "joblib: behind the array": (in_wrapper(b"\x00" * 8) + b"0" + PAYLOAD, "run-command"),
            "joblib: in the bytes of the array, for pickle.load": (
                in_wrapper(PAYLOAD + b"\x00" * 5, dtype=f"S{len(PAYLOAD) + 5}") + b".",
                "run-command",
            ),
            "joblib: array of another folder": (
                b"(ijoblib.numpy_pickle\nNDArrayWrapper\n(" + text("filename") + text("../other.npy") + b"db.",
                "path-traversal",
            ),
            "zlib": (zlib.compress(PAYLOAD), "run-command"),
            "gzip": (gzip.compress(PAYLOAD), "run-command"),
            "gzip in two members": (gzip.compress(PAYLOAD[:9]) + gzip.compress(PAYLOAD[9:]), "run-command"),
            "bz2": (bz2.compress(PAYLOAD), "run-command"),
            "xz": (lzma.compress(PAYLOAD), "run-command"),
            "lzma": (lzma.compress(PAYLOAD, lzma.FORMAT_ALONE), "run-command"),
            "ZF": (b"ZF" + hex(len(PAYLOAD)).ljust(19).encode() + zlib.compress(PAYLOAD), "run-command"),
            "second of two pickles": (b"N." + PAYLOAD, "run-command"),
            "begins as nothing known": (b"I1\n0" + PAYLOAD, "run-command"),
        },
    ),
    *_cases(
        "dangerous",
        {
            "EXT1": (b"\x80\x02\x82\x01" + LS + b"\x85R.", "extension-code"),
            "EXT filled and used": (
                b"\x80\x02"
                + call("copy_reg.add_extension", text("os"), text("system"), b"I5\n")
                + b"0\x82\x05("
                + LS
                + b"tR.",
                "process-state",
            ),
            "breaks after the payload": (SYSTEM + b"\xff", "run-command"),
            "cut off after the payload": (SYSTEM, "run-command"),
            "rubbish behind the end": (PAYLOAD + b"\xff\xff", "run-command"),
            "a frame that lies": (
                b"\x80\x04\x95" + struct.pack("<Q", 3) + stack_name("os", "system") + b"N\x85R.",
                "run-command",
            ),
            "PROTO twice": (b"\x80\x02\x80\x02" + PAYLOAD, "run-command"),
            "memo set twice": (b"Np1\n0cos\nsystem\np1\n0g1\n(" + LS + b"tR.", "run-command"),
            "opcodes of a later protocol": (stack_name("os", "system") + b"N\x85R.", "run-command"),
            "joblib: wrong padding": (
                in_wrapper(b"\x30" + b"\xff" * 8 + b"\x00" * 48 + b"0" + PAYLOAD, alignment=b"I16\n"),
                "run-command",
            ),
            "persistent id before it": (b"Pname\n0" + PAYLOAD, "run-command"),
            "compressed and cut off": (zlib.compress(PAYLOAD)[:-3], "run-command"),
            "a ZF length that lies": (b"ZF" + b"0x1".ljust(19) + zlib.compress(PAYLOAD), "run-command"),
        },
        is_malformed=True,
    ),
    *_cases(
        "malformed",
        {
            "no end": (b"\x80\x04N", "malformed"),
            "rubbish behind": (b"\x80\x04N.xyz", "malformed"),
            "memo before it is set": (b"\x80\x02h\x00.", "malformed"),
            "empty stack": (b"\x80\x02.", "malformed"),
            "no mark": (b"\x80\x02t.", "malformed"),
            "left over": (b"\x80\x02NN.", "malformed"),
            "persistent id": (b"\x80\x02NQ.", "malformed"),
            "buffers apart": (b"\x80\x05\x97.", "malformed"),
            "a name that is none": (b"\x80\x02cos/path\nsystem \n0N.", "malformed"),
            "joblib: array beyond the end": (in_wrapper(b"\x00" * 7), "malformed"),
            "joblib: 2**64 items": (in_wrapper(b"", shape=b"I4294967296\nI4294967296\n"), "malformed"),
            "two million levels": (_DEEP, "malformed"),
            "integer of a million digits": (b"\x80\x02L" + b"9" * 1_000_000 + b"L\n.", "malformed"),
        },
        is_malformed=True,
    ),
    *_cases(
        "unknown",
        {
            "class in no table": (b"\x80\x02cxgboost.sklearn\nXGBClassifier\n)\x81.", "unknown-name"),
            "function in no table as a value": (b"(cmymodule\nmyfunction\nl.", "unknown-name"),
            "import alone": (b"cantigravity\nnothing\n0N.", "unknown-name"),
            "nested class": (b"\x80\x04" + stack_name("mymodule", "Outer.Inner") + b")\x81.", "unknown-name"),
            "joblib: array in a file beside it": (
                b"(ijoblib.numpy_pickle\nNDArrayWrapper\n(" + text("filename") + text("m.pkl_01.npy") + b"db.",
                "foreign-file",
            ),
        },
    ),
]

_SVC = b"csklearn.svm.classes\nSVC\n"
HARMLESS = [
    PickleFile(name, data, "clean")
    for name, data in {
        **{
            f"values, protocol {protocol}": pickle.dumps([1, {"a": {2.5, None}}, b"\xff"], protocol)
            for protocol in range(6)
        },
        "an old name": b"ccopy_reg\n_reconstructor\n(" + _SVC + b"c__builtin__\nobject\nNtR}b.",
        "a known function as a value": b"(csklearn.metrics.classification\naccuracy_score\nl.",
        "a method of texts": call("__builtin__.getattr", b"c__builtin__\nstr\n", text("lower")) + b".",
        "8-bit strings": b"(S'a'\nU\x01bT\x02\x00\x00\x00cdt.",
        "two pickles": b"N.I1\n.",
        "an array of joblib": in_wrapper(b"\x00" * 8) + b".",
        "an aligned array of joblib": in_wrapper(b"\x02\xff\xff" + b"\x00" * 8, alignment=b"I16\n") + b".",
        "objects of joblib": in_wrapper(b"(I1\nI2\nl.", dtype="O8") + b".",
        "ZF of Python 2": b"ZF" + b"0x2L".ljust(20) + zlib.compress(b"N."),
        "harmful words as text": b"(" + text("os.system") + text("eval") + b"l.",
    }.items()
]
