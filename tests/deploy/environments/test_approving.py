"""Nothing that a file names is installed before that very list was approved."""

from __future__ import annotations

import pytest

from hermetic.cli.exit_codes import ExitCode, exit_code_of
from hermetic.deploy.environments.approving import check_approval
from hermetic.deploy.environments.lock import Lock, lock_digest, wheel_of
from hermetic.deploy.environments.pins import Target
from hermetic.errors import LockNotApproved, UsageError

WHEEL = {"name": "a", "version": "1", "sha256": "a" * 64, "url": "https://host.org/a-1-py3-none-any.whl"}
LOCK = Lock(target=Target(python="3.12"), wheels=(wheel_of(**WHEEL),))
OTHER = Lock(target=Target(python="3.12"), wheels=(wheel_of(**{**WHEEL, "sha256": "b" * 64}),))
COMMAND = "hermetic env model.hermetic --create there"


def test_a_list_that_was_approved_passes():
    check_approval(LOCK, [lock_digest(OTHER), lock_digest(LOCK).upper()], command=COMMAND)


def test_a_list_that_was_not_is_refused_with_the_list_and_the_command():
    with pytest.raises(LockNotApproved) as caught:
        check_approval(LOCK, [], command=COMMAND, where="model.hermetic")
    error = caught.value
    assert "a  1 " in str(error)
    assert error.next_step.endswith(f"{COMMAND} --approve-lock {lock_digest(LOCK)}")
    assert (error.digest, len(error.lines)) == (lock_digest(LOCK), 1)
    assert exit_code_of(error) == ExitCode.REFUSED


def test_the_approval_of_another_list_does_not_count():
    with pytest.raises(LockNotApproved, match="another list"):
        check_approval(LOCK, [lock_digest(OTHER)], command=COMMAND)


@pytest.mark.parametrize(
    "digest", ["", "a" * 63, "a" * 65, "g" * 64, "sha256:" + "a" * 57, "a" * 63 + "\n", "\u0661" * 64]
)
def test_what_is_no_digest_is_a_mistake(digest: str):
    with pytest.raises(UsageError, match="64 hexadecimal digits"):
        check_approval(LOCK, [digest], command=COMMAND)
