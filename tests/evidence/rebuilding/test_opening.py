"""A file is read once, checked whole, and known by the digest of the very bytes that are used."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path

import pytest
from sklearn.linear_model import LinearRegression

import hermetic
from hermetic.errors import FileError, FormatError, RejectedFile, SignatureRefused, UsageError
from hermetic.evidence.rebuilding.opening import open_file
from hermetic.own_files import Wishes
from hermetic.signing.files import sign_file
from hermetic.signing.keys import make_key_pair

MODEL = LinearRegression().fit([[0.0], [1.0]], [1.0, 3.0])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "model.hermetic"
    hermetic.dump(MODEL, path)
    return path


def test_the_digest_is_that_of_the_file(path: Path):
    opened = open_file(path, Wishes(), None)
    assert opened.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert opened.container.length_bytes == path.stat().st_size


def test_a_change_afterwards_changes_nothing(path: Path):
    opened = open_file(path, Wishes(), None)
    names = list(opened.container.members)
    before = [opened.container.read(name) for name in names]
    path.write_bytes(b"x" * path.stat().st_size)
    assert [opened.container.read(name) for name in names] == before


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.7, 0.95])
def test_any_damage_is_found(path: Path, share: float):
    content = bytearray(path.read_bytes())
    content[int(len(content) * share)] ^= 0x40
    path.write_bytes(content)
    with pytest.raises(FileError):
        open_file(path, Wishes(), None)


def test_other_formats_are_not_rebuilt(tmp_path: Path):
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(MODEL))
    with pytest.raises(FormatError):
        open_file(path, Wishes(), None)


def test_a_missing_file_is_an_error_of_the_system(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        open_file(tmp_path / "none.hermetic", Wishes(), None)


def test_approvals_are_those_for_these_bytes(path: Path, tmp_path: Path):
    approvals = tmp_path / "approvals.toml"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    content = 'constructed = ["package.Thing"]\ncapabilities = ["reads-files"]\n'
    approvals.write_text(f'[approvals."sha256:{digest}"]\n{content}')
    wishes = Wishes(approvals=approvals, capabilities=("regex",))
    opened = open_file(path, wishes, None)
    assert opened.wishes.approved == {("constructed", "package.Thing")}
    assert opened.wishes.capabilities == {"regex", "reads-files"}
    assert opened.wishes.approvals is None
    approvals.write_text(f'[approvals."sha256:{"0" * 64}"]\n{content}')
    assert open_file(path, wishes, None).wishes.approved == ()


def test_a_file_that_somebody_has_rejected_is_not_opened(path: Path, tmp_path: Path):
    approvals = tmp_path / "approvals.toml"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    approvals.write_text(f'[approvals."sha256:{digest}"]\nrejected = true\n')
    with pytest.raises(RejectedFile, match="is rejected"):
        open_file(path, Wishes(approvals=approvals), None)


def test_a_signature_is_of_these_bytes(path: Path, tmp_path: Path):
    private, public = make_key_pair()
    (tmp_path / "release.key").write_bytes(private)
    with pytest.raises(SignatureRefused):
        open_file(path, Wishes(), public.pem)
    sign_file(path, tmp_path / "release.key")
    assert open_file(path, Wishes(), public.pem).digest == hashlib.sha256(path.read_bytes()).hexdigest()
    hermetic.dump({"another": 1}, path)
    with pytest.raises(SignatureRefused):
        open_file(path, Wishes(), public.pem)


def test_no_key_is_no_wish(path: Path):
    with pytest.raises(UsageError, match="names no key"):
        open_file(path, Wishes(), [])
