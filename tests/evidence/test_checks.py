"""A report is well unless a question failed or was refused, and keeps every word of every answer."""

from __future__ import annotations

import json

import pytest

from hermetic.errors import (
    CapabilityRefused,
    DataChanged,
    FormatError,
    HermeticError,
    InvalidState,
    LimitExceeded,
    RejectedFile,
    SignatureRefused,
    UnsupportedVersion,
    UntrustedType,
    UsageError,
)
from hermetic.evidence.checks import Check, VerifyReport, verdict_of

VERDICTS = {"passed": True, "noted": True, "skipped": True, "failed": False, "refused": False}
ERRORS: dict[type[HermeticError], str] = {
    UntrustedType: "refused",
    CapabilityRefused: "refused",
    RejectedFile: "refused",
    SignatureRefused: "refused",
    DataChanged: "failed",
    UnsupportedVersion: "failed",
    FormatError: "failed",
    InvalidState: "failed",
    LimitExceeded: "failed",
    UsageError: "failed",
}


@pytest.mark.parametrize("verdict", VERDICTS)
def test_one_answer_decides_about_the_report(verdict: str):
    checks = (Check(name="structure", verdict="passed", words=""), Check(name="model", verdict=verdict, words=""))
    assert VerifyReport(file="a", checks=checks).ok is VERDICTS[verdict]
    assert VerifyReport(file="a", checks=checks[::-1]).ok is VERDICTS[verdict]


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_policy_refuses_and_all_else_fails(kind: type[HermeticError]):
    error = kind.__new__(kind)
    assert verdict_of(error) == ERRORS[kind]


def test_words_and_errors_of_others_fail():
    assert verdict_of("refused") == "failed"
    assert verdict_of(PermissionError("refused")) == "failed"


def test_json_has_every_answer_in_its_order():
    checks = [Check(name=name, verdict="noted", words=f"{name}\n\u202e") for name in ("scores", "data")]
    content = json.loads(VerifyReport(file="model\n.hermetic", checks=tuple(checks)).to_json())
    assert content["ok"] is True
    assert content["file"] == "model\n.hermetic"
    assert [(check["name"], check["words"]) for check in content["checks"]] == [
        ("scores", "scores\n\u202e"),
        ("data", "data\n\u202e"),
    ]


def test_an_answer_cannot_be_changed_afterwards():
    check = Check(name="scores", verdict="failed", words="another range")
    with pytest.raises(AttributeError):
        check.verdict = "passed"
