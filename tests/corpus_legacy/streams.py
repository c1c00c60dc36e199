"""One and the same harmful call, written so that whoever reads the stream less carefully than Python overlooks it."""

from __future__ import annotations

import struct

from tests.corpus_legacy.attack import COMMAND, EVIL, MARK, SHELL, attack, run
from tests.corpus_pickles import call, stack_name, text
from tests.legacy_pickles import Named, written

__all__ = ["INDIRECT", "STREAMS"]

_COMMAND = text(COMMAND)
_NAME = stack_name("os", "system")
_CALL = _NAME + b"\x8c" + bytes([len(COMMAND)]) + COMMAND.encode() + b"\x85R"
_EXTENSION = call("copyreg.add_extension", text("os"), text("system"), b"I5\n") + b"0"
_OBJECT = call("types.SimpleNamespace")


def _framed(content: bytes, length: int | None = None) -> bytes:
    return b"\x95" + struct.pack("<Q", len(content) if length is None else length) + content


_INDIRECT = {
    "memo put, popped, got": b"cos\nsystem\np7\n0g7\n(" + _COMMAND + b"tR.",
    "memo by the top of the stack": b"\x80\x04cos\nsystem\n\x940h\x00(" + _COMMAND + b"tR.",
    "arguments by the memo": _COMMAND + b"p1\n0cos\nsystem\n(g1\ntR.",
    "memo with a huge number": b"\x80\x02cos\nsystem\nr\x00\x00\x01\x000j\x00\x00\x01\x00(" + _COMMAND + b"tR.",
    "memo set twice": b"Np1\n0cos\nsystem\np1\n0g1\n(" + _COMMAND + b"tR.",
    "DUP": b"cos\nsystem\n20(" + _COMMAND + b"tR.",
    "POP_MARK around it": b"(" + SHELL + b"1N.",
    "popped after it ran": SHELL + b"0N.",
    "deep in containers": b"(l}" + text("a") + b"(" + SHELL + b"lsa.",
    "as a key": b"}" + SHELL + b"Ns.",
    "as a state": call("types.SimpleNamespace") + b"}" + text("a") + SHELL + b"sb.",
    "as an argument of a known call": call("_codecs.encode", text("a"), text("latin1")) + b"0(" + SHELL + b"t.",
    "a dotted name": b"\x80\x04" + stack_name("sklearn.base", "inspect.os.system") + b"(" + _COMMAND + b"tR.",
    "a dotted name in a package": b"\x80\x04"
    + stack_name("sklearn.datasets._base", "os.system")
    + b"("
    + _COMMAND
    + b"tR.",
    "a name of computed texts": b"\x80\x04"
    + call("builtins.str", text("os"))
    + text("system")
    + b"\x93("
    + _COMMAND
    + b"tR.",
    "a name from the memo": b"\x80\x04" + text("system") + b"\x940" + text("os") + b"h\x00\x93(" + _COMMAND + b"tR.",
    "a name in escapes": b"\x80\x04V\\u006fs\nV\\u0073ystem\n\x93(" + _COMMAND + b"tR.",
    "EXT1": b"\x80\x02" + _EXTENSION + b"\x82\x05(" + _COMMAND + b"tR.",
    "EXT2": b"\x80\x02" + _EXTENSION + b"\x83\x05\x00(" + _COMMAND + b"tR.",
    "EXT4": b"\x80\x02" + _EXTENSION + b"\x84\x05\x00\x00\x00(" + _COMMAND + b"tR.",
    "INST": b"(" + _COMMAND + b"ios\nsystem\n.",
    "INST of protocol 0 in a container": b"(N(" + _COMMAND + b"ios\nsystem\nl.",
    "OBJ": b"(cos\nsystem\n" + _COMMAND + b"o.",
    "REDUCE of a class": written(run("subprocess:Popen", ["mkdir", MARK])),
    "base.__init__ through _reconstructor": call(
        "copyreg._reconstructor",
        b"csubprocess\nPopen\n",
        b"csubprocess\nPopen\n",
        b"(" + text("mkdir") + text(MARK) + b"l",
    )
    + b".",
    "__setstate__ of its own": _OBJECT + b"}" + text("__setstate__") + b"cos\nsystem\nsb" + _COMMAND + b"b.",
    "append of its own": _OBJECT + b"}" + text("append") + b"cos\nsystem\nsb" + _COMMAND + b"a.",
    "extend of its own": _OBJECT + b"}" + text("append") + b"cos\nsystem\nsb(" + _COMMAND + b"e.",
    "add of its own": b"\x80\x04" + _OBJECT + b"}" + text("add") + b"cos\nsystem\nsb(" + _COMMAND + b"\x90.",
    "a function of a module replaced": call("importlib.import_module", text("json"))
    + b"}"
    + text("dumps")
    + b"cos\nsystem\nsb0cjson\ndumps\n("
    + _COMMAND
    + b"tR.",
    "a module put into sys.modules": b"csys\nmodules\n"
    + text("harmless")
    + call("importlib.import_module", text("os"))
    + b"s0charmless\nsystem\n("
    + _COMMAND
    + b"tR.",
    "persistent id behind it": SHELL + b"0Pname\n.",
    "BINPERSID behind it": SHELL + b"Q.",
    "buffers apart behind it": b"\x80\x05" + _CALL + b"\x97.",
}
_STREAMS = {
    "broken tail": SHELL + b"\xff\xff",
    "cut off": SHELL,
    "unknown opcode behind": SHELL + b"\x00.",
    "memo never set": SHELL + b"g99\n.",
    "mark never set": SHELL + b"t.",
    "left over": b"NNN" + EVIL,
    "trailing bytes": EVIL + b"\x00" * 32,
    "trailing text": EVIL + b"end of the model\n",
    "PROTO twice": b"\x80\x02\x80\x02" + EVIL,
    "PROTO behind": SHELL + b"0\x80\x03N.",
    "protocol 5 in words of 0": b"\x80\x05" + EVIL,
    "opcodes of a later protocol": _CALL + b".",
    "opcodes of a later protocol than said": b"\x80\x02" + _CALL + b".",
    "in a frame": b"\x80\x04" + _framed(_CALL + b"."),
    "a frame that ends early": b"\x80\x04" + _framed(_CALL[:6], 6) + _CALL[6:] + b".",
    "an argument across frames": b"\x80\x04" + _framed(_CALL[:8], 8) + _CALL[8:] + b".",
    "a frame inside a frame": b"\x80\x04" + _framed(b"N0" + _framed(_CALL + b".")),
    "an empty frame": b"\x80\x04" + _framed(b"") + _CALL + b".",
    "a frame longer than the file": b"\x80\x04" + _CALL + _framed(b"N.", 99),
    "much of nothing before it": b"\x80\x04" + b"N0" * 50_000 + _CALL + b".",
    "text that looks like an end": text(".") + b"0" + EVIL,
    "a text of opcodes before it": b"\x80\x04\x8c\x08" + b"." * 8 + b"0" + _CALL + b".",
    "begins as nothing known": b"I1\n0" + EVIL,
    "begins with a number": b"F1.5\n0" + EVIL,
    "begins with a text": b"S'model'\n0" + EVIL,
    "names with a carriage return": b"\x80\x02cos\nsystem\n(V" + COMMAND.encode() + b"\ntR0V\r\n.",
}
_SECOND = {
    "second of two": b"N." + EVIL,
    "third of three": b"N.\x80\x04N." + EVIL,
    "behind a model": written({"a": [1, 2.5]}) + EVIL,
}
INDIRECT = [attack("indirection", name, data) for name, data in _INDIRECT.items()]
STREAMS = [
    *(attack("stream trick", name, data) for name, data in _STREAMS.items()),
    *(attack("concatenated pickles", name, data, loader="every pickle") for name, data in _SECOND.items()),
    attack(
        "deferred",
        "a command in a partial",
        written(run("functools:partial", Named("os:system"))),
        verdict="deferred",
        is_executing=False,
        note="runs when somebody calls it",
    ),
]
