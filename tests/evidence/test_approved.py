"""Approvals count for the very bytes that are read, whoever reads them, and for no others."""

from __future__ import annotations

from pathlib import Path

import pytest

import hermetic
from hermetic.errors import RejectedFile, UsageError
from hermetic.evidence.approved import apply_approvals
from hermetic.formats.container_reader import Container, open_container
from hermetic.formats.open_source import open_source
from hermetic.formats.sources import BufferSource
from hermetic.limits import DEFAULT_LIMITS
from hermetic.own_files import Wishes
from tests.evidence.approvals_of import approvals_for

CONTENT = hermetic.dumps({"a": 1})
ROLES = {
    "constructed": ("constructed", "package.Thing"),
    "referenced": ("referenced", "package.thing"),
    "called": ("called", "package.make"),
}


def in_memory() -> Container:
    return open_container(BufferSource(CONTENT, "model.hermetic"))


def test_without_a_wish_the_container_and_the_wishes_stay_as_they_are():
    container, wishes = in_memory(), Wishes(trusted=("package.Thing",))
    assert apply_approvals(container, wishes) == (container, wishes)


@pytest.mark.parametrize("role", ROLES)
def test_names_count_in_the_role_in_which_they_were_approved(role: str, tmp_path: Path):
    approvals = approvals_for(tmp_path, CONTENT, f'{role} = ["{ROLES[role][1]}"]')
    found = apply_approvals(in_memory(), Wishes(approvals=approvals))[1]
    assert found.approved == {ROLES[role]}
    assert found.approvals is None


def test_what_the_caller_trusts_and_allows_is_kept_beside_it(tmp_path: Path):
    approvals = approvals_for(tmp_path, CONTENT, 'capabilities = ["reads-files"]')
    wishes = Wishes(approvals=approvals, trusted=("package.Thing",), capabilities=("regex",))
    found = apply_approvals(in_memory(), wishes)[1]
    assert found.trusted == ("package.Thing",)
    assert found.capabilities == {"regex", "reads-files"}


def test_an_approval_of_another_file_adds_nothing(tmp_path: Path):
    approvals = approvals_for(tmp_path, CONTENT + b"\0", 'constructed = ["package.Thing"]')
    found = apply_approvals(in_memory(), Wishes(approvals=approvals))[1]
    assert (found.approved, found.capabilities) == ((), ())


def test_a_rejected_file_is_refused_and_named(tmp_path: Path):
    approvals = approvals_for(tmp_path, CONTENT, "rejected = true")
    with pytest.raises(RejectedFile, match="says that this file is rejected") as caught:
        apply_approvals(in_memory(), Wishes(approvals=approvals))
    assert caught.value.where == "model.hermetic"


def test_a_file_that_is_replaced_after_the_hash_is_not_read_again(tmp_path: Path):
    path = tmp_path / "model.hermetic"
    path.write_bytes(CONTENT)
    approvals = approvals_for(tmp_path, CONTENT, 'constructed = ["package.Thing"]')
    source = open_source(path, DEFAULT_LIMITS)
    try:
        container, _ = apply_approvals(open_container(source, DEFAULT_LIMITS), Wishes(approvals=approvals))
    finally:
        source.close()
    with path.open("r+b") as file:
        file.write(b"x" * len(CONTENT))
    assert bytes(container.source.read(0, len(CONTENT))) == CONTENT


@pytest.mark.parametrize("text", ["no table", "approvals = 3", '[approvals."sha256:12"]'])
def test_approvals_that_cannot_be_read_are_wrong_usage(text: str, tmp_path: Path):
    (tmp_path / "hermetic.toml").write_text(text)
    with pytest.raises(UsageError):
        apply_approvals(in_memory(), Wishes(approvals=tmp_path / "hermetic.toml"))


def test_missing_approvals_are_an_error_of_the_system(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        apply_approvals(in_memory(), Wishes(approvals=tmp_path / "none.toml"))
