"""An approval counts for the very bytes that were reviewed, in its roles, from the file that the caller names."""

from __future__ import annotations

import hashlib
import io
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

import hermetic
from hermetic.approvals import Approval, approvals_in, digest_of, prefix_of, read_approval
from hermetic.errors import CapabilityRefused, RejectedFile, UntrustedType, UsageError
from hermetic.formats.sources import BufferSource
from tests.zoo import user_module as user

SCALER = "tests.zoo.user_module.UserScaler"
DIGEST = f"sha256:{'0' * 64}"


def identity(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def write(path: Path, data: bytes, *lines: str) -> Path:
    prefix = "tool.hermetic." if path.name == "pyproject.toml" else ""
    path.write_text(f'[{prefix}approvals."{identity(data)}"]\n' + "\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def data() -> bytes:
    return hermetic.dumps(user.UserScaler(2.0))


@pytest.mark.parametrize("name", ["hermetic.toml", "pyproject.toml", "other.toml"])
def test_what_was_approved_for_a_file_loads(name: str, data: bytes, tmp_path: Path):
    approvals = write(tmp_path / name, data, f'constructed = ["{SCALER}"]')
    assert hermetic.loads(data, approvals=approvals).factor == 2.0
    assert hermetic.loads(data, approvals=os.fspath(approvals)).factor == 2.0


def test_the_same_names_in_another_file_are_not_approved(data: bytes, tmp_path: Path):
    approvals = write(tmp_path / "hermetic.toml", data, f'constructed = ["{SCALER}"]')
    other = hermetic.dumps(user.UserScaler(3.0))
    with pytest.raises(UntrustedType, match="UserScaler") as refused:
        hermetic.loads(other, approvals=approvals)
    assert identity(other) in refused.value.next_step
    assert "hermetic approve" in refused.value.next_step
    assert hermetic.loads(other, approvals=approvals, trusted=[SCALER]).factor == 3.0


def test_an_approval_is_read_only_where_the_caller_says(data: bytes, tmp_path: Path, monkeypatch: Any):
    write(tmp_path / "hermetic.toml", data, f'constructed = ["{SCALER}"]')
    write(tmp_path / "pyproject.toml", data, f'constructed = ["{SCALER}"]')
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UntrustedType):
        hermetic.loads(data)


@pytest.mark.parametrize("role", ["referenced", "called"])
def test_an_approval_in_another_role_is_none(role: str, data: bytes, tmp_path: Path):
    approvals = write(tmp_path / "hermetic.toml", data, f'{role} = ["{SCALER}"]')
    with pytest.raises(UntrustedType, match="does not approve all of it"):
        hermetic.loads(data, approvals=approvals)


def test_what_is_called_is_approved_as_called(tmp_path: Path):
    data = hermetic.dumps(user.WithReduce("a", 1))
    names = [(name.role, name.name) for name in hermetic.scan(io.BytesIO(data)).unknown]
    lines = [f"{role} = {[name for own, name in names if own == role]}" for role in {role for role, _ in names}]
    approvals = write(tmp_path / "hermetic.toml", data, *lines)
    assert hermetic.loads(data, approvals=approvals).name == "a"


def test_capabilities_are_approved_for_the_file_as_well(tmp_path: Path):
    data = hermetic.dumps(CountVectorizer(input="filename"))
    approvals = write(tmp_path / "hermetic.toml", data, 'capabilities = ["reads-files"]')
    assert hermetic.loads(data, approvals=approvals).input == "filename"
    with pytest.raises(CapabilityRefused, match="approves nothing for this file"):
        hermetic.loads(hermetic.dumps(CountVectorizer(input="filename", max_df=3)), approvals=approvals)


def test_approval_and_arguments_add_up(tmp_path: Path):
    data = hermetic.dumps([user.UserScaler(2.0), CountVectorizer(input="filename")])
    approvals = write(tmp_path / "hermetic.toml", data, f'constructed = ["{SCALER}"]')
    with pytest.raises(CapabilityRefused, match="does not approve all of it"):
        hermetic.loads(data, approvals=approvals)
    assert hermetic.loads(data, approvals=approvals, capabilities=["reads-files"])[0].factor == 2.0


def test_a_rejected_file_is_refused_whatever_the_arguments_say(data: bytes, tmp_path: Path):
    approvals = write(tmp_path / "hermetic.toml", data, "rejected = true")
    with pytest.raises(RejectedFile, match=identity(data)):
        hermetic.loads(data, approvals=approvals, trusted=[SCALER])
    clean = hermetic.dumps(1)
    with pytest.raises(RejectedFile):
        hermetic.loads(clean, approvals=write(tmp_path / "hermetic.toml", clean, "rejected = true"))


def test_a_file_that_needs_nothing_loads_with_any_approvals(data: bytes, tmp_path: Path):
    approvals = write(tmp_path / "hermetic.toml", data, f'constructed = ["{SCALER}"]')
    assert hermetic.loads(hermetic.dumps([1]), approvals=approvals) == [1]


@pytest.mark.parametrize("mmap_mode", [None, "r", "c"])
@pytest.mark.parametrize("size", [10, 400_000])
def test_a_path_is_hashed_in_every_mode(mmap_mode: Any, size: int, tmp_path: Path):
    model = user.UserScaler(np.arange(float(size)))
    path = tmp_path / "model.hermetic"
    hermetic.dump(model, path)
    approvals = write(tmp_path / "hermetic.toml", path.read_bytes(), f'constructed = ["{SCALER}"]')
    loaded = hermetic.load(path, mmap_mode, approvals=approvals)
    assert np.array_equal(loaded.factor, model.factor)
    assert loaded.factor.flags.writeable or mmap_mode == "r"


def test_models_that_follow_each_other_have_approvals_of_their_own(data: bytes, tmp_path: Path):
    approvals = write(tmp_path / "hermetic.toml", data, f'constructed = ["{SCALER}"]')
    path = tmp_path / "models.hermetic"
    other = hermetic.dumps(user.UserScaler(3.0))
    path.write_bytes(data + data + other)
    with path.open("rb") as file:
        assert [hermetic.load(file, approvals=approvals).factor for _ in range(2)] == [2.0, 2.0]
        assert file.tell() == 2 * len(data)
        with pytest.raises(UntrustedType):
            hermetic.load(file, approvals=approvals)


def test_a_stream_is_hashed_too(data: bytes, tmp_path: Path):
    approvals = write(tmp_path / "hermetic.toml", data, f'constructed = ["{SCALER}"]')
    read, written = os.pipe()
    thread = threading.Thread(target=lambda: [os.write(written, data), os.close(written)])
    thread.start()
    with open(read, "rb") as stream:
        assert hermetic.load(stream, approvals=approvals).factor == 2.0
    thread.join()


def test_the_bytes_that_are_hashed_are_those_that_are_loaded(tmp_path: Path, monkeypatch: Any):
    """A file that somebody replaces in place, between the hash and the reading, is loaded as it was hashed."""
    path = tmp_path / "model.hermetic"
    approved = user.UserScaler(np.zeros(300_000))
    hermetic.dump(approved, path)
    data, hostile = path.read_bytes(), hermetic.dumps(user.UserScaler(np.ones(300_000)))
    assert len(data) == len(hostile)
    approvals = write(tmp_path / "hermetic.toml", data, f'constructed = ["{SCALER}"]')

    def read_and_replace(*arguments: Any) -> Any:
        path.write_bytes(hostile)
        return read_approval(*arguments)

    monkeypatch.setattr("hermetic.approvals.read_approval", read_and_replace)
    assert not hermetic.load(path, approvals=approvals).factor.any()


WRONG = {
    "no TOML": ("[", "not a TOML file"),
    "no text": (b"\xff\xfe", "not a TOML file"),
    "no table": ("approvals = 1", "approvals must be a table"),
    "no approval": (f'[approvals]\n"{DIGEST}" = 1', "an approval is a table"),
    "another key": (f'[approvals."{DIGEST}"]\ntrusted = ["a"]', "an approval is a table"),
    "no list": (f'[approvals."{DIGEST}"]\nconstructed = "a.B"', "must be a list of texts"),
    "no texts": (f'[approvals."{DIGEST}"]\ncalled = [1]', "must be a list of texts"),
    "neither true nor false": (f'[approvals."{DIGEST}"]\nrejected = "no"', "an approval is a table"),
    "another algorithm": (f'[approvals."md5:{"0" * 64}"]', "64 hexadecimal digits"),
    "a short digest": ('[approvals."sha256:00"]', "64 hexadecimal digits"),
    "capitals": (f'[approvals."sha256:{"A" * 64}"]', "64 hexadecimal digits"),
    "a path": ('[approvals."model.hermetic"]', "64 hexadecimal digits"),
    "everything": ('[approvals."*"]', "64 hexadecimal digits"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_holds_something_else_is_refused(name: str, tmp_path: Path):
    content, words = WRONG[name]
    path = tmp_path / "hermetic.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UsageError, match=words) as refused:
        hermetic.loads(hermetic.dumps(1), approvals=path)
    assert str(path) in refused.value.where


def test_an_approval_of_an_unknown_capability_is_a_usage_error(tmp_path: Path):
    data = hermetic.dumps(1)
    approvals = write(tmp_path / "hermetic.toml", data, 'capabilities = ["everything"]')
    with pytest.raises(UsageError, match="not a set of capabilities"):
        hermetic.loads(data, approvals=approvals)


@pytest.mark.parametrize("approvals", [5, True, {"a": 1}, b"hermetic.toml"], ids=repr)
def test_approvals_are_named_by_a_path(approvals: Any):
    with pytest.raises(UsageError, match="path of a TOML file"):
        hermetic.loads(hermetic.dumps(1), approvals=approvals)


def test_approvals_that_are_not_there_are_an_error_of_the_system(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        hermetic.loads(hermetic.dumps(1), approvals=tmp_path / "no.toml")


def test_a_file_without_approvals_has_none(tmp_path: Path):
    path = tmp_path / "pyproject.toml"
    path.write_text('[project]\nname = "x"\n[tool.other]\na = 1\n')
    assert approvals_in(path) == {}
    assert read_approval(path, DIGEST) is None
    path.write_text("[tool.hermetic.approvals]\n")
    assert approvals_in(path) == {}


def test_an_approval_says_what_it_holds(tmp_path: Path):
    path = tmp_path / "hermetic.toml"
    path.write_text(f'[approvals."{DIGEST}"]\nfile = "m"\ncalled = ["a.b"]\nconstructed = ["a.B", "c:D.E"]\n')
    names = frozenset({("called", "a.b"), ("constructed", "a.B"), ("constructed", "c:D.E")})
    assert approvals_in(path) == {DIGEST: Approval(names=names)}


def test_the_digest_is_that_of_the_container_alone():
    assert digest_of(BufferSource(b"abcdef"), 3) == identity(b"abc")


def test_only_pyproject_has_tables_around():
    assert prefix_of(Path("a/pyproject.toml")) == ["tool", "hermetic"]
    assert prefix_of("pyproject.toml.bak") == []
