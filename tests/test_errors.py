"""Errors: three lines that say what was found, where, and what to do; facts as attributes; whole in another process."""

from __future__ import annotations

import ast
import copy
import pickle
from typing import Any

import pytest

import hermetic
from hermetic import errors
from hermetic.errors import (
    CannotSave,
    CapabilityRefused,
    DataChanged,
    DataUnavailable,
    EndOfStream,
    FileError,
    ForeignFormat,
    FormatError,
    HermeticError,
    InvalidState,
    LimitExceeded,
    LockNotApproved,
    RejectedFile,
    SignatureRefused,
    UnsupportedVersion,
    UntrustedType,
    UsageError,
)
from tests.structure.source_files import PACKAGE_FILES

PARTS = {"where": "model.hermetic: $.steps[1]", "next_step": "Ask its producer for a fresh copy."}
NAMES = [("package.Thing", "constructed", "$.a"), ("package.run", "called", "$.b")]
EXAMPLES: list[HermeticError] = [
    *(kind("found 1, expected 2", **PARTS) for kind in (HermeticError, UsageError, CannotSave, FileError, FormatError)),
    *(kind("found 1, expected 2", **PARTS) for kind in (InvalidState, RejectedFile, UnsupportedVersion, EndOfStream)),
    SignatureRefused("not signed by a key that you trust", **PARTS),
    ForeignFormat("this is a pickle, not a container", **PARTS),
    DataUnavailable("X is in no store here", **PARTS),
    DataChanged("X: column 1 holds other values", **PARTS),
    LimitExceeded("nodes", allowed=3, asked=4_000, where="model.hermetic"),
    UntrustedType(NAMES, where="model.hermetic"),
    LockNotApproved("a" * 64, ["numpy  2.4.6"], **PARTS),
    CapabilityRefused([("reads-files", "$.input", "it opens files")], where="model.hermetic"),
]


def test_every_error_has_an_example_here():
    assert {type(error).__name__ for error in EXAMPLES} == {*errors.__all__} - {"UnknownReleaseWarning"}


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_a_message_says_what_where_and_what_to_do(error: HermeticError):
    lines = str(error).splitlines()
    assert str(error).startswith(error.found)
    assert lines[-2] == f"  at {error.where}"
    assert lines[-1] == f"  {error.next_step}"
    assert error.next_step.endswith(".")


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_crosses_a_process_border_whole(error: HermeticError, protocol: int):
    twin = pickle.loads(pickle.dumps(error, protocol))
    assert type(twin) is type(error)
    assert (str(twin), vars(twin)) == (str(error), vars(error))
    assert str(copy.deepcopy(error)) == str(error)


def test_parts_that_are_not_known_take_no_line():
    assert str(FormatError("found")) == "found"
    assert str(FormatError("found", where="here")) == "found\n  at here"
    assert str(FormatError("found", next_step="Go.")) == "found\n  Go."


FAMILIES = {
    UsageError: ValueError,
    CannotSave: TypeError,
    FormatError: ValueError,
    InvalidState: ValueError,
}


@pytest.mark.parametrize("kind", FAMILIES)
def test_an_error_is_also_the_one_of_python_that_callers_may_expect(kind: Any):
    assert issubclass(kind, FAMILIES[kind])
    assert issubclass(kind, HermeticError)


def test_either_the_caller_is_wrong_or_the_file():
    kinds = [getattr(errors, name) for name in errors.__all__]
    branches = [kind for kind in kinds if kind is not HermeticError and not issubclass(kind, Warning)]
    assert [kind.__name__ for kind in kinds if issubclass(kind, Warning)] == ["UnknownReleaseWarning"]
    assert all(issubclass(kind, UsageError) != issubclass(kind, FileError) for kind in branches)


def test_a_limit_is_told_with_its_name_and_both_numbers():
    error = LimitExceeded("nodes", allowed=20_000_000, asked=30_000_000)
    assert error.found == "the limit nodes is 20,000,000, but 30,000,000 would be needed"
    assert (error.limit, error.allowed, error.asked) == ("nodes", 20_000_000, 30_000_000)
    assert "limits=hermetic.Limits(nodes=30000000)" in error.next_step


def test_all_names_that_are_not_trusted_stand_in_one_error_and_reviewing_comes_first():
    error = UntrustedType(NAMES)
    assert error.names == tuple(NAMES)
    assert "package.Thing  (constructed, first at $.a)" in error.found
    assert "package.run  (called, first at $.b)" in error.found
    assert error.next_step.startswith("Read the source of each name")
    assert error.next_step.endswith('pass trusted=["package.Thing", "call:package.run"].')


def test_a_capability_is_told_with_its_meaning_and_each_once_in_the_remedy():
    error = CapabilityRefused([("reads-files", "$.a", "it opens files"), ("reads-files", "$.b", "it opens files")])
    assert error.found.count("reads-files") == 2
    assert error.next_step.count("reads-files") == 1
    assert error.next_step.startswith("If that is what the model is for")


def test_no_error_of_the_package_begins_its_remedy_with_a_way_around_safety():
    first_words = ("trusted=", "pass trusted", "pass capabilities", "use pickle", "disable", "ignore", "turn off")
    wrong = [
        f"{file.at(keyword.value)}: {keyword.value.value}"
        for file in PACKAGE_FILES
        for call in ast.walk(file.tree)
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "next_step" and isinstance(keyword.value, ast.Constant)
        if str(keyword.value.value).lower().startswith(first_words)
    ]
    assert not wrong, "say first how to review:\n" + "\n".join(wrong)


def test_every_remedy_is_a_whole_sentence_or_one_command():
    wrong = [
        f"{file.at(keyword.value)}: {keyword.value.value}"
        for file in PACKAGE_FILES
        for call in ast.walk(file.tree)
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "next_step" and isinstance(keyword.value, ast.Constant) and keyword.value.value
        if not str(keyword.value.value).endswith(".") and not str(keyword.value.value).startswith("pip install ")
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_is_public(name: str):
    assert getattr(hermetic, name) is getattr(errors, name)
