"""The recipe for skops files: told by content, through the gates, from any stream; hostile ones run nothing."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hermetic
from hermetic.errors import (
    FileError,
    ForeignFormat,
    FormatError,
    InvalidState,
    LimitExceeded,
    UnsupportedVersion,
    UntrustedType,
    UsageError,
)
from hermetic.foreign_files import is_legacy, read_legacy
from hermetic.formats.skops_reader import end_of_skops
from hermetic.limits import Limits
from tests.codecs import user_classes
from tests.formats.skops_files import (
    array,
    call,
    dictionary,
    node,
    npy,
    objects,
    plain,
    skops_file,
    the_list,
    the_tuple,
    type_of,
    zipped,
)

STATE = {
    "with_mean": plain(True),
    "with_std": plain(False),
    "copy": plain(True),
    "mean_": array("mean.npy"),
    "var_": plain(None),
    "scale_": plain(None),
    "n_samples_seen_": array("n.npy", "numpy:int64"),
    "n_features_in_": plain(2),
}
MEMBERS = {"mean_npy": npy([1.0, 2.0]), "n_npy": npy(np.int64(3))}
SCALER = "sklearn.preprocessing._data:StandardScaler"


def _scaler(version: str) -> bytes:
    state = {**STATE, "_sklearn_version": plain(version)}
    return skops_file(node(SCALER, "ObjectNode", content=dictionary(state)), **MEMBERS)


@pytest.fixture(name="data", scope="module")
def _data() -> bytes:
    import sklearn

    return _scaler(sklearn.__version__)


def _is_the_scaler(loaded: Any) -> bool:
    return bool((loaded.transform([[3.0, 3.0]]) == [[2.0, 1.0]]).all())


def test_a_skops_file_loads_by_its_content_whatever_its_name_is(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(data)
    assert _is_the_scaler(hermetic.load(path))
    assert _is_the_scaler(hermetic.loads(data))


def test_the_graph_says_who_wrote_the_file_and_in_which_format(data: bytes) -> None:
    legacy = read_legacy(data)
    assert (legacy.format, legacy.length_bytes) == ("skops", len(data))
    assert list(legacy.written_by) == ["scikit-learn"]
    assert is_legacy(data)


def test_what_is_loaded_belongs_to_the_model_alone(data: bytes) -> None:
    loaded = hermetic.loads(data)
    assert loaded.mean_.flags.owndata and loaded.mean_.flags.writeable
    assert type(loaded.n_samples_seen_) is np.int64


def test_a_model_of_an_unknown_release_is_refused_with_the_release_that_wrote_it() -> None:
    with pytest.raises(UnsupportedVersion, match=r"0\.11"):
        hermetic.loads(_scaler("0.11"))


def test_an_open_file_a_stream_in_memory_and_a_pipe_load_and_are_read_to_their_end(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    path.write_bytes(data)
    with open(path, "rb") as file:
        assert _is_the_scaler(hermetic.load(file))
        assert file.read() == b""
    stream = io.BytesIO(data)
    assert _is_the_scaler(hermetic.load(stream))
    assert stream.read() == b""
    reader, writer = os.pipe()

    def write() -> None:
        with os.fdopen(writer, "wb") as target:
            target.write(data)

    thread = threading.Thread(target=write)
    thread.start()
    with os.fdopen(reader, "rb") as source:
        loaded = hermetic.load(source)
    thread.join()
    assert _is_the_scaler(loaded)


@pytest.mark.parametrize("tail", [b"x", b"PK\x05\x06" + bytes(18), None], ids=["a byte", "an end", "itself"])
def test_bytes_behind_a_skops_file_are_refused_with_their_place(data: bytes, tail: bytes | None) -> None:
    tail = data if tail is None else tail
    assert end_of_skops(data + tail) == len(data)
    for load in (hermetic.loads, lambda both: hermetic.load(io.BytesIO(both))):
        with pytest.raises(FormatError, match=f"{len(tail)} bytes follow the end of the skops file") as refused:
            load(data + tail)
        assert f"byte {len(data)}" in refused.value.where


def test_a_zip_of_another_kind_is_called_what_it_is_as_before() -> None:
    others = [zipped({"a.txt": b"x"}), zipped({"schema.json": b"{}"}), b"PK\x03\x04" + bytes(100)]
    for other in others:
        assert not is_legacy(other)
        with pytest.raises(ForeignFormat, match="looks like a ZIP archive of another kind"):
            hermetic.loads(other)


def test_a_skops_file_that_was_cut_is_refused(data: bytes) -> None:
    for length in range(0, len(data), 7):
        with pytest.raises(FileError):
            hermetic.loads(data[:length])


@pytest.mark.parametrize("mode", ["r", "c"])
def test_a_skops_file_cannot_be_mapped_and_the_error_says_what_to_do(data: bytes, tmp_path: Path, mode: Any) -> None:
    path = tmp_path / "model.skops"
    path.write_bytes(data)
    with pytest.raises(UsageError, match="hermetic convert"):
        hermetic.load(path, mmap_mode=mode)


def test_an_error_says_where_in_the_file_and_that_nothing_was_run(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    path.write_bytes(skops_file(the_list(node("sklearn.svm._classes:SVC", "ObjectNode", content=the_list()))))
    with pytest.raises(InvalidState) as refused:
        hermetic.load(path)
    assert refused.value.where == f"{path}, $[0]"
    assert "Nothing in it was run" in str(refused.value)


def test_a_class_of_the_users_own_needs_trust_by_its_name() -> None:
    name = f"{user_classes.__name__}:Plain"
    data = skops_file(node(name, "ObjectNode", content=dictionary({"x": plain(1)})))
    with pytest.raises(UntrustedType, match=r"user_classes\.Plain"):
        hermetic.loads(data)
    assert hermetic.loads(data, trusted=[name.replace(":", ".")]).x == 1


RUNS = {
    "constructor": lambda: node("os:system", "ConstructorFromReduceNode", content=the_tuple(plain("echo x"))),
    "reduced": lambda: call("os:system", plain("echo x")),
    "tree": lambda: call("os:system", plain("echo x"), loader="TreeNode"),
    "array": lambda: array("a.npy", "os:system"),
    "dictionary": lambda: dictionary({"a": plain(1)}, location="os:system"),
    "list": lambda: the_list(plain("echo x"), location="os:system"),
    "tuple": lambda: the_tuple(plain("echo x"), location="os:system"),
    "set": lambda: node("os:system", "SetNode", content=[plain("echo x")]),
    "bytes": lambda: node("os:system", "BytesNode", file="a.npy"),
    "object": lambda: node("os:system", "ObjectNode", content=dictionary({})),
    "method": lambda: node("os:x", "MethodNode", content={"func": "system", "obj": type_of("os:os")}),
    "eval": lambda: node("builtins:eval", "ConstructorFromReduceNode", content=the_tuple(plain("1"))),
    "function": lambda: node("os:system", "FunctionNode"),
    "type": lambda: type_of("os:system"),
    "partial": lambda: node(
        "functools:partial",
        "PartialNode",
        content={
            "func": node("os:system", "FunctionNode"),
            "args": the_tuple(plain("echo x")),
            "kwds": dictionary({}),
            "namespace": dictionary({}),
        },
    ),
}


@pytest.mark.parametrize("kind", RUNS)
def test_what_would_run_is_refused_and_not_run(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[object] = []
    monkeypatch.setattr(os, "system", ran.append)
    for root in (RUNS[kind](), the_list(RUNS[kind]())):
        with pytest.raises(FileError):
            hermetic.loads(skops_file(root, a_npy=npy([1])))
    assert not ran


def test_loading_imports_nothing_that_a_file_names() -> None:
    names = ["xml.dom.pulldom:parse", "this:s", "antigravity:fly"]
    roots = [*map(type_of, names), *(node(name, "ObjectNode", content=dictionary({})) for name in names)]
    for root in roots:
        with pytest.raises(UntrustedType):
            hermetic.loads(skops_file(root))
    assert not {"this", "antigravity", "xml.dom.pulldom"} & sys.modules.keys()


def test_a_name_that_only_an_unused_object_has_needs_trust_too() -> None:
    hidden = node("antigravity:Fly", "ObjectNode", content=dictionary({}))
    loss = call("sklearn._loss._loss:CyHalfPoissonLoss", content=dictionary({"a": hidden}))
    with pytest.raises(FileError, match="antigravity"):
        hermetic.loads(skops_file(the_list(loss)))


def _doubled(leaf: dict[str, Any]) -> dict[str, Any]:
    inner = leaf
    for _ in range(40):
        inner = the_tuple(inner, {**inner, "content": []})
    return inner


def test_little_that_is_referred_to_in_many_places_is_refused_before_it_takes_memory() -> None:
    text = plain("a" * 100_000)
    many = the_list(*[text] * 3000)
    for member in (_doubled(the_tuple(plain(1))), many, the_list(*[the_tuple(text, plain(1))] * 3000)):
        with pytest.raises(LimitExceeded) as refused:
            hermetic.loads(_with_references(member), limits=Limits(memory_bytes=1_000_000))
        assert refused.value.limit == "memory_bytes"


def _with_references(root: Any) -> bytes:
    """Write a file in which only the first of several nodes with one identity has its content."""
    seen: set[int] = set()

    def short(part: Any) -> Any:
        if isinstance(part, list):
            return [short(item) for item in part]
        if not isinstance(part, dict):
            return part
        if part.get("__id__") in seen and "__id__" in part:
            return {"__class__": None, "__module__": None, "__loader__": "CachedNode", "__id__": part["__id__"]}
        seen.add(part.get("__id__", -1))
        return {key: short(inner) for key, inner in part.items()}

    return skops_file(short(root))


def test_a_few_references_are_fine() -> None:
    text = plain("a" * 1000)
    loaded = hermetic.loads(_with_references(the_list(*[the_tuple(text, plain(2**70))] * 20)))
    assert loaded == [("a" * 1000, 2**70)] * 20


def test_every_change_of_a_byte_loads_the_same_or_is_refused(data: bytes) -> None:
    expected = hermetic.dumps(hermetic.loads(data))
    n_refused = 0
    for position in range(0, len(data), 5):
        changed = data[:position] + bytes([data[position] ^ 1 << position % 8]) + data[position + 1 :]
        try:
            assert hermetic.dumps(hermetic.loads(changed)) == expected
        except FileError:
            n_refused += 1
    assert n_refused > 0


def _everything() -> dict[str, Any]:
    state = {
        **STATE,
        "o": objects((1, 1), the_list(plain("x"))),
        "s": node("builtins:slice", "SliceNode", content={"start": None, "stop": 1, "step": None}),
        "t": the_tuple(type_of("builtins:int"), node("numpy:log", "FunctionNode")),
        "m": node("numpy.ma:MaskedArray", "MaskedArrayNode", content={"data": array("d.npy"), "mask": array("k.npy")}),
        "d": node("numpy:dtype", "DTypeNode", content=array("e.npy")),
        "x": array("x.npy", "numpy:matrix"),
        "n": call("sklearn._loss._loss:CyHalfPoissonLoss"),
    }
    return node(SCALER, "ObjectNode", content=dictionary(state))


def test_every_change_of_the_schema_loads_something_or_is_refused() -> None:
    """With right checksums: what a hostile writer would send."""
    kept = {"mean.npy": npy([1.0, 2.0]), "n.npy": npy(3), "d.npy": npy([1, 2]), "k.npy": npy([True, False])}
    kept |= {"e.npy": npy(np.empty(0, "i4")), "x.npy": npy([[1.0]])}
    text = json.dumps({**_everything(), "protocol": 2, "_skops_version": "0.16.0"})
    root = json.loads(text)
    outcomes = {"loaded": 0, "refused": 0}
    for path in list(_paths(root))[::2]:
        for value in (None, True, -1, 2**70, "", "a", "d.npy", "ListNode", [], {}, [1], {"a": 1}):
            changed = json.dumps(_changed(text, path, value)).encode()
            try:
                hermetic.loads(zipped({**kept, "schema.json": changed}, zipfile.ZIP_STORED))
                outcomes["loaded"] += 1
            except (FileError, UsageError):
                outcomes["refused"] += 1
    assert outcomes["refused"] > 100


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Any:
    if path:
        yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from _paths(part, (*path, key))


def _changed(text: str, path: tuple[Any, ...], value: Any) -> Any:
    copy = inner = json.loads(text)
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return copy
