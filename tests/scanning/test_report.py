"""A report gives the worst of all that it holds, and its paths and numbers stay bounded."""

from __future__ import annotations

import io
import itertools
import json
import pickle

import pytest

import hermetic
from hermetic.scanning import VERDICTS, Finding, ScanReport, scan
from hermetic.scanning.report import MOST_FINDINGS, inside, report_of_files, worst_first, worst_verdict
from tests.corpus_pickles import PAYLOAD

ORDER = ["dangerous", "deferred", "resource", "malformed", "unreadable", "refused", "unknown", "clean"]


def report(verdict: str, *findings: Finding) -> ScanReport:
    return ScanReport(file=verdict, verdict=verdict, written_by={}, findings=findings)


def finding(severity: str, **fields: object) -> Finding:
    return Finding(
        **{"rule": "malformed", "offset": 0, "opcode": "", "text": "", "path": "", **fields, "severity": severity}
    )


def test_the_order_is_the_documented_one():
    assert [*VERDICTS] == [*ORDER, "no model"]


@pytest.mark.parametrize(("worse", "better"), [*itertools.combinations(VERDICTS, 2)])
def test_the_worse_of_two_files_decides_in_either_order(worse: str, better: str):
    for pair in ([worse, better], [better, worse], [better, worse, better]):
        assert worst_verdict(pair) == worse
        assert report_of_files("folder", [(name, report(name)) for name in pair], []).verdict == worse


def test_of_nothing_there_is_no_model():
    assert worst_verdict([]) == "no model"
    assert report_of_files("folder", [], []).ok


@pytest.mark.parametrize("verdict", VERDICTS)
def test_only_clean_files_and_those_without_models_are_ok(verdict: str):
    assert report(verdict).ok == (verdict in ("clean", "no model"))
    assert report_of_files("folder", [("a", report(verdict)), ("b", report("clean"))], []).ok == report(verdict).ok


def test_a_finding_of_the_archive_itself_counts():
    found = report_of_files("a.zip", [("a", report("clean"))], [finding("malformed", text="hidden")])
    assert (found.verdict, found.problem) == ("malformed", "hidden")


def test_findings_stand_in_the_order_of_their_severity_and_then_of_the_file():
    given = [finding(severity, offset=offset) for offset, severity in enumerate([*reversed(ORDER[:5]), "unknown"] * 2)]
    ordered = worst_first(given)
    assert [found.severity for found in ordered][::2] == [*ORDER[:5], "unknown"]
    assert [found.offset for found in ordered][:2] == sorted(found.offset for found in ordered[:2])


def test_at_most_a_hundred_findings_are_kept_the_worst_ones():
    given = [finding("unknown")] * 500 + [finding("dangerous")]
    assert len(worst_first(given)) == MOST_FINDINGS == 100
    assert worst_first(given)[0].severity == "dangerous"


def test_a_path_grows_by_one_step_for_each_container():
    found = inside(inside(finding("dangerous", path="nested@5"), "a.pkl"), "b.zip")
    assert found.path == "b.zip!a.pkl!nested@5"
    assert inside(finding("dangerous"), "a.pkl").path == "a.pkl"
    assert len(inside(finding("dangerous"), "n" * 5_000).path) < 250


def test_all_that_a_file_is_stands_in_its_verdicts():
    found = scan(io.BytesIO(PAYLOAD[:-1] + b"\xff"))
    assert found.verdict == "dangerous"
    assert found.verdicts == ("dangerous", "malformed")
    assert json.loads(found.to_json())["verdicts"] == ["dangerous", "malformed"]
    assert scan(io.BytesIO(pickle.dumps(1))).verdicts == ("clean",)


def test_a_file_with_every_kind_of_finding_has_them_all():
    given = [finding(severity) for severity in ("unknown", "malformed", "resource", "deferred", "dangerous")]
    assert report("dangerous", *given).verdicts == ("dangerous", "deferred", "resource", "malformed", "unknown")


def test_a_report_of_a_container_of_ours_is_as_before():
    found = json.loads(scan(io.BytesIO(hermetic.dumps([1]))).to_json())
    for name in ("ok", "file", "verdict", "problem", "error", "sha256", "length_bytes", "written_by", "names"):
        assert name in found
    assert (found["files"], found["findings"], found["format"]) == ([], [], "hermetic")


def test_text_says_where_each_finding_stands():
    found = report("dangerous", finding("dangerous", text="os.system('ls')", path="a.pkl", offset=7, opcode="REDUCE"))
    assert "dangerous: os.system('ls') (malformed, byte 7 REDUCE in a.pkl)" in str(found)
