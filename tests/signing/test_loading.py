"""`load(signed_by=...)` reads once, checks, and loads the very bytes that it has checked."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

import hermetic
from hermetic.errors import SignatureRefused, UntrustedType, UsageError
from hermetic.signing.files import sign_file
from hermetic.signing.keys import make_key_pair
from tests.zoo import user_module as user


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("release", "other"):
        private, public = make_key_pair()
        (tmp_path / f"{name}.key").write_bytes(private)
        (tmp_path / f"{name}.pub").write_bytes(public.pem)
    hermetic.dump(StandardScaler().fit([[1.0], [2.0]]), tmp_path / "model.hermetic")
    sign_file(tmp_path / "model.hermetic", tmp_path / "release.key")
    return tmp_path


@pytest.mark.parametrize("mmap_mode", [None, "r", "c"])
def test_a_signed_model_loads(folder: Path, mmap_mode: str | None):
    model = hermetic.load(folder / "model.hermetic", mmap_mode, signed_by=[folder / "release.pub"])
    assert np.array_equal(model.mean_, [1.5])


def test_one_key_needs_no_list(folder: Path):
    assert hermetic.load(folder / "model.hermetic", signed_by=str(folder / "release.pub")).mean_ == 1.5
    assert hermetic.load(folder / "model.hermetic", signed_by=(folder / "release.pub").read_text()).mean_ == 1.5


def test_another_key_a_changed_file_and_no_signature_are_refused(folder: Path):
    path = folder / "model.hermetic"
    with pytest.raises(SignatureRefused, match="not signed by a key that you trust"):
        hermetic.load(path, signed_by=[folder / "other.pub"])
    hermetic.dump(StandardScaler().fit([[1.0], [3.0]]), path)
    with pytest.raises(SignatureRefused, match="of other bytes"):
        hermetic.load(path, signed_by=[folder / "release.pub"])
    (folder / "model.hermetic.sig").unlink()
    with pytest.raises(SignatureRefused, match="has no signature"):
        hermetic.load(path, signed_by=[folder / "release.pub"])


def test_the_bytes_that_are_checked_are_those_that_are_loaded(folder: Path, monkeypatch: pytest.MonkeyPatch):
    from hermetic.signing import files

    path = folder / "model.hermetic"
    check = files.check_signature

    def exchange_the_file_afterwards(*arguments: object) -> object:
        signed = check(*arguments)
        hermetic.dump(StandardScaler().fit([[9.0], [9.0]]), path)
        return signed

    monkeypatch.setattr(files, "check_signature", exchange_the_file_afterwards)
    assert hermetic.load(path, signed_by=[folder / "release.pub"]).mean_ == 1.5


def test_the_gates_stay_for_a_signed_file(folder: Path):
    hermetic.dump(user.UserScaler(2.0), folder / "own.hermetic")
    sign_file(folder / "own.hermetic", folder / "release.key")
    with pytest.raises(UntrustedType):
        hermetic.load(folder / "own.hermetic", signed_by=[folder / "release.pub"])


def test_no_keys_are_no_way_to_ask_for_nothing(folder: Path):
    with pytest.raises(UsageError, match="names no key"):
        hermetic.load(folder / "model.hermetic", signed_by=[])


def test_a_stream_has_no_signature_beside_it(folder: Path):
    with pytest.raises(UsageError, match="needs a path"):
        hermetic.load(io.BytesIO(b""), signed_by=[folder / "release.pub"])
