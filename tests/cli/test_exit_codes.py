"""Scripts rely on the exit status: 0 ok, 1 a check failed, 2 wrong usage or unreadable file, 3 refused by policy."""

from __future__ import annotations

import pytest

from hermetic import errors
from hermetic.cli.exit_codes import ExitCode, exit_code_of

REFUSED = [
    errors.SignatureRefused("x"),
    errors.UntrustedType([("package.Kind", "constructed", "$")]),
    errors.CapabilityRefused([("reads-files", "$", "opens files")]),
    errors.LockNotApproved("a" * 64, ["numpy  2.4.6"]),
    errors.RejectedFile("x"),
]
WRONG = [
    errors.HermeticError("x"),
    errors.UsageError("x"),
    errors.CannotSave("x"),
    errors.FileError("x"),
    errors.EndOfStream("x"),
    errors.ForeignFormat("x"),
    errors.FormatError("x"),
    errors.LimitExceeded("nodes", allowed=1, asked=2),
    errors.UnsupportedVersion("x"),
    errors.InvalidState("x"),
    errors.DataChanged("x"),
    errors.DataUnavailable("x"),
    FileNotFoundError(2, "No such file or directory", "x"),
]


def test_the_numbers_are_those_of_the_documentation():
    assert [(code.name, code.value) for code in ExitCode] == [
        ("OK", 0),
        ("CHECK_FAILED", 1),
        ("WRONG_USAGE", 2),
        ("REFUSED", 3),
    ]


@pytest.mark.parametrize("error", REFUSED, ids=lambda error: type(error).__name__)
def test_a_refusal_by_policy_is_3(error: Exception):
    assert exit_code_of(error) == 3


@pytest.mark.parametrize("error", WRONG, ids=lambda error: type(error).__name__)
def test_every_other_error_is_2(error: Exception):
    assert exit_code_of(error) == 2


def test_no_error_of_hermetic_was_forgotten():
    kinds = {type(error).__name__ for error in [*REFUSED, *WRONG]} | {"UnknownReleaseWarning"}  # which ends nothing
    assert set(errors.__all__) <= kinds
