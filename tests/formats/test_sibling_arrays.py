"""Arrays of joblib 0.8 and 0.9 in files of their own: read when the caller says so, by strict rules, or refused."""

from __future__ import annotations

import io
import os
import pickle
import shutil
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hermetic
from hermetic.errors import CapabilityRefused, FileError, FormatError, LimitExceeded, UntrustedType, UsageError
from hermetic.formats import sibling_arrays
from hermetic.formats.pickle_reader import read_pickle
from hermetic.formats.sibling_arrays import SiblingFolder, check_siblings, objects_start, siblings_of
from hermetic.limits import DEFAULT_LIMITS, Limits
from tests.corpus_pickles import text
from tests.legacy_pickles import Made, written

OLD = Path(__file__).parent / "old_joblib"
GRANT = {"reads-sibling-files"}


def npy(array: Any, **options: Any) -> bytes:
    target = io.BytesIO()
    np.save(target, array, **options)
    return target.getvalue()


def zf(data: bytes) -> bytes:
    return b"ZF" + hex(len(data)).ljust(19).encode() + zlib.compress(data)


def asking_for(name: str, wrapper: str = "NDArrayWrapper", extra: bytes = b"") -> bytes:
    """Give a pickle of an array that stands in another file."""
    state = b"(" + text("filename") + text(name) + text("subclass") + b"cnumpy\nndarray\n" + extra + b"d"
    return f"(ijoblib.numpy_pickle\n{wrapper}\n".encode() + state + b"b."


def lay_out(folder: Path, name: str = "m.pkl_01.npy", data: bytes | None = None) -> Path:
    (folder / "m.pkl").write_bytes(asking_for(name))
    if data is not None:
        (folder / name).write_bytes(data)
    return folder / "m.pkl"


@pytest.mark.parametrize("release", ["0.8.4", "0.9.4"])
@pytest.mark.parametrize("name", ["plain.pkl", "packed.pkl"])
def test_files_that_joblib_wrote_are_read(release: str, name: str) -> None:
    loaded = hermetic.load(OLD / release / name, capabilities=GRANT)
    assert loaded["n"] == 5
    np.testing.assert_array_equal(loaded["a"], np.arange(12.0).reshape(3, 4))
    np.testing.assert_array_equal(loaded["f"], np.arange(6).reshape(2, 3))
    assert loaded["f"].flags.f_contiguous
    assert loaded["o"].tolist() == ["x", None, (1, 2)]
    assert loaded["t"].tolist() == ["ab", "c"]
    assert (type(loaded["m"]).__name__, loaded["m"].tolist()) == ("matrix", [[1, 2]])
    assert (loaded["e"].shape, loaded["s"].dtype.names) == ((0, 3), ("x", "y"))
    loaded["a"][0, 0] = 7.0  # it is the model's own


@pytest.mark.parametrize("release", ["0.8.4", "0.9.4"])
@pytest.mark.parametrize("name", ["plain.pkl", "packed.pkl"])
def test_without_the_grant_the_error_names_every_file_and_what_to_pass(release: str, name: str) -> None:
    with pytest.raises(CapabilityRefused) as caught:
        hermetic.load(OLD / release / name)
    siblings = sorted(path.name for path in (OLD / release).iterdir() if path.name.startswith(f"{name}_"))
    assert [words.split()[2] for _, _, words in caught.value.capabilities] == siblings
    assert 'capabilities={"reads-sibling-files"}' in str(caught.value)


def test_a_folder_is_converted_with_the_grant(tmp_path: Path) -> None:
    source, target = shutil.copytree(OLD / "0.9.4", tmp_path / "old"), tmp_path / "new"
    refused = hermetic.convert(source / "plain.pkl", target / "plain.hermetic")
    assert (refused.files[0].status, refused.files[0].error) == ("failed", "CapabilityRefused")
    report = hermetic.convert(source / "plain.pkl", target / "plain.hermetic", capabilities=GRANT, check=True)
    assert [(file.status, file.check) for file in report.files] == [("converted", "same")]
    assert hermetic.load(target / "plain.hermetic")["n"] == 5


@pytest.mark.parametrize("name", ["plain.pkl", "packed.pkl"])
def test_a_scan_names_the_files(name: str) -> None:
    report = hermetic.scan(OLD / "0.9.4" / name)
    named = " ".join(found.text for found in report.findings if found.rule == "foreign-file")
    assert report.verdict == "unknown"
    assert all(path.name in named for path in (OLD / "0.9.4").iterdir() if path.name.startswith(f"{name}_"))


def test_bytes_and_streams_have_no_folder(tmp_path: Path) -> None:
    data = lay_out(tmp_path, data=npy(np.arange(3))).read_bytes()
    with pytest.raises(UsageError, match="by its path"):
        hermetic.loads(data, capabilities=GRANT)
    with pytest.raises(UsageError, match="by its path"):
        hermetic.load(io.BytesIO(data), capabilities=GRANT)
    with open(tmp_path / "m.pkl", "rb") as file:
        assert hermetic.load(file, capabilities=GRANT).tolist() == [0, 1, 2]


HOSTILE_NAMES = [
    "../m.pkl_01.npy",
    "/etc/m_01.npy",
    "a/m_01.npy",
    "a\\m_01.npy",
    "C:m_01.npy",
    "m_01.npy:stream_01.npy",
    "..",
    ".",
    "",
    ".hidden_01.npy",
    "m.pkl",
    "id_rsa",
    "m_01.npy.gz",
    "m_1.npy",
    "m_01.npy\0.npy",
    "m\x1b_01.npy",
    "con_01.npy:",
    "con._01.npy",
    "NUL._01.npy",
    "com1._01.npy",
    "m?_01.npy",
    "x" * 300 + "_01.npy",
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_name_that_joblib_does_not_write_is_refused_whatever_is_granted(tmp_path: Path, name: str) -> None:
    (tmp_path / "m.pkl").write_bytes(asking_for(name))
    for capabilities in ((), GRANT):
        with pytest.raises(FormatError, match="no name that joblib writes"):
            hermetic.load(tmp_path / "m.pkl", capabilities=capabilities)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"m\.pkl_01\.npy.*No such file") as caught:
        hermetic.load(lay_out(tmp_path), capabilities=GRANT)
    assert "copy all of them into one folder" in str(caught.value)


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other.npy").write_bytes(npy(np.arange(3)))
    os.symlink(tmp_path / "other.npy", tmp_path / "m.pkl_01.npy")
    with pytest.raises(FormatError, match="is a link"):
        hermetic.load(lay_out(tmp_path), capabilities=GRANT)


def test_a_link_that_appears_at_the_last_moment_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other.npy").write_bytes(npy(np.arange(3)))
    os.symlink(tmp_path / "other.npy", tmp_path / "m.pkl_01.npy")
    monkeypatch.setattr("os.path.islink", lambda path: False)
    with pytest.raises(FormatError, match="cannot be opened"):
        hermetic.load(lay_out(tmp_path), capabilities=GRANT)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["pipe", "folder"])
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path, make: Any) -> None:
    make(tmp_path / "m.pkl_01.npy")
    with pytest.raises(FormatError, match="no regular file"):
        hermetic.load(lay_out(tmp_path), capabilities=GRANT)


def test_a_file_that_grows_or_shrinks_meanwhile_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, real = lay_out(tmp_path, data=npy(np.arange(3))), os.fstat

    def lying(descriptor: int) -> os.stat_result:
        found = real(descriptor)
        return os.stat_result((*found[:6], found.st_size - 1, *found[7:10]))

    monkeypatch.setattr(sibling_arrays.os, "fstat", lying)
    with pytest.raises(FormatError, match="has changed while it was read"):
        SiblingFolder(str(tmp_path), DEFAULT_LIMITS).content("m.pkl_01.npy")
    assert path.exists()


HEADER = npy(np.arange(3))[:128]
DAMAGED = {
    "empty": b"",
    "cut off": npy(np.arange(3))[:-1],
    "longer": npy(np.arange(3)) + b"x",
    "huge shape": HEADER.replace(b"(3,)", b"(9" + b"9" * 14 + b",)")[:128] + bytes(24),
    "huge header": b"\x93NUMPY\1\0\xff\xff{",
    "code in the header": HEADER.replace(b"'<i8'", b"exit()"),
    "no array": pickle.dumps([1]),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_array_is_refused_with_its_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileError, match=r"m\.pkl_01\.npy"):
        hermetic.load(lay_out(tmp_path, data=DAMAGED[name]), capabilities=GRANT)


def objects_npy(objects: bytes) -> bytes:
    whole = npy(np.array([None], dtype=object), allow_pickle=True)
    return whole[: objects_start(whole)] + objects


def test_the_objects_of_an_array_are_read_as_data(tmp_path: Path) -> None:
    hostile = written(Made("os:mkdir", (str(tmp_path / "ran"),)))
    with pytest.raises(UntrustedType, match=r"os\.mkdir"):
        hermetic.load(lay_out(tmp_path, data=objects_npy(hostile)), capabilities=GRANT)
    assert not (tmp_path / "ran").exists()
    with pytest.raises(FormatError, match="bytes follow"):
        hermetic.load(lay_out(tmp_path, data=objects_npy(b"N.more")), capabilities=GRANT)
    with pytest.raises(FormatError, match="cut off"):
        hermetic.load(lay_out(tmp_path, data=objects_npy(b"(")), capabilities=GRANT)


def test_a_sibling_of_a_sibling_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "m.pkl_02.npy").write_bytes(npy(np.arange(3)))
    path = lay_out(tmp_path, data=objects_npy(asking_for("m.pkl_02.npy")))
    with pytest.raises(FormatError, match="names another file again"):
        hermetic.load(path, capabilities=GRANT)


def compressed(state: tuple[Any, ...]) -> bytes:
    extra = text("init_args") + b"(cnumpy\nndarray\n(I0\ntS'b'\nt" + text("state") + pickle.dumps(state, 0)[:-1]
    name = text("filename") + text("m.pkl_01.npy.z")
    return b"(ijoblib.numpy_pickle\nZNDArrayWrapper\n(" + name + extra + b"db."


@pytest.mark.parametrize(
    "data", [b"", b"ZF", zf(b"abc")[:-2], zlib.compress(bytes(24)), zf(bytes(23)), zf(bytes(24)) + b"x"]
)
def test_a_damaged_compressed_array_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "m.pkl").write_bytes(compressed((1, (3,), np.dtype("<i8"), False)))
    (tmp_path / "m.pkl_01.npy.z").write_bytes(data)
    with pytest.raises(FileError):
        hermetic.load(tmp_path / "m.pkl", capabilities=GRANT)


def test_a_compressed_array_is_read(tmp_path: Path) -> None:
    (tmp_path / "m.pkl").write_bytes(compressed((1, (3,), np.dtype("<i8"), False)))
    (tmp_path / "m.pkl_01.npy.z").write_bytes(zf(np.arange(3).tobytes()))
    assert hermetic.load(tmp_path / "m.pkl", capabilities=GRANT).tolist() == [0, 1, 2]
    with pytest.raises(LimitExceeded):
        hermetic.load(tmp_path / "m.pkl", capabilities=GRANT, limits=Limits(expanded_bytes=10, expansion=1))


def test_no_end_of_files_is_asked_for() -> None:
    [one] = siblings_of(read_pickle(asking_for("m.pkl_01.npy")))
    with pytest.raises(FormatError):
        check_siblings([one] * 10_001, None, DEFAULT_LIMITS)
