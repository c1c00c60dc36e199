"""JUnit's XML can be read by any XML parser, whatever a file calls itself."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from hermetic.evidence.checks import Check, VerifyReport
from hermetic.evidence.junit import junit_of, xml_text

HOSTILE = {
    "markup": "</failure><script>alert(1)</script>&amp;&#0;",
    "quotes": "\"'><a href='x'>",
    "the end of a section": "]]>",
    "control characters": "\x00\x07\x1b[2J\x7f\x85",
    "a lone surrogate": "\ud800",
    "letters that turn a line around": "\u202egnp.exe\u2066",
    "no characters": "\ufffe\uffff",
    "a document type": '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>&y;',
}


def _report(text: str) -> VerifyReport:
    verdicts = ("passed", "failed", "refused", "skipped", "noted")
    return VerifyReport(
        file=text,
        checks=tuple(Check(name=f"{own}{text}", verdict=own, words=f"{text}\n  at {text}") for own in verdicts),
    )


@pytest.mark.parametrize("which", HOSTILE)
def test_hostile_words_stay_words(which: str):
    text = junit_of([_report(HOSTILE[which])])
    text.encode("utf-8")
    root = ElementTree.fromstring(text)
    (suite,) = root
    assert [case.tag for case in suite] == ["testcase"] * 5
    assert [child.tag for case in suite for child in case] == [
        "system-out",
        "failure",
        "failure",
        "skipped",
        "system-out",
    ]
    assert not any(len(child) for case in suite for child in case)
    assert not any(character in text for character in "\x00\x1b\u202e\u2066\ufffe")


def test_counts_are_those_of_the_checks():
    (suite,) = ElementTree.fromstring(junit_of([_report("model")]))
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("5", "2", "1")


def test_an_ordinary_text_is_kept_in_every_language():
    text = "größer als 7\u2009%, 模型, модель"
    assert xml_text(text) == text
    (suite,) = ElementTree.fromstring(junit_of([_report(text)]))
    assert suite.get("name") == text
    assert suite[1][0].get("message") == text


def test_no_reports_are_an_empty_document():
    assert len(ElementTree.fromstring(junit_of([]))) == 0
