"""What a scan prints for code hosts is SARIF 2.1.0, and no text of a file gets through as anything but text."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

import hermetic
from hermetic.scanning import ScanReport, scan
from hermetic.scanning.harmful_names import RULES
from hermetic.scanning.sarif import sarif_of, sarif_text, sarif_uri
from tests.corpus_archives import HOSTILE as HOSTILE_ARCHIVES
from tests.corpus_pickles import HOSTILE as HOSTILE_PICKLES
from tests.corpus_pickles import PAYLOAD, PickleFile, text
from tests.handmade_archives import tar_of, zip_of_python
from tests.zoo import user_module as user

UNRESERVED = re.compile(r"[A-Za-z0-9._~/%:-]*\Z")


def document_of(*reports: ScanReport) -> dict[str, Any]:
    return json.loads(sarif_of(reports))


def results_of(*reports: ScanReport) -> list[dict[str, Any]]:
    return document_of(*reports)["runs"][0]["results"]


def check(document: dict[str, Any]) -> None:
    """Check what sections 3.13 to 3.30 of the standard require."""
    assert document["version"] == "2.1.0"
    assert document["$schema"].startswith("https://")
    [run] = document["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "hermetic"
    assert driver["version"] == hermetic.__version__
    rules = driver["rules"]
    identities = [rule["id"] for rule in rules]
    assert len(identities) == len(set(identities))
    for rule in rules:
        assert rule["shortDescription"]["text"].endswith(".")
        assert rule["fullDescription"]["text"]
        assert rule["help"]["text"]
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    assert all(type(invocation["executionSuccessful"]) is bool for invocation in run["invocations"])
    for result in run["results"]:
        check_result(result, identities)


def check_result(result: dict[str, Any], identities: list[str]) -> None:
    assert identities[result["ruleIndex"]] == result["ruleId"]
    assert result["level"] in ("none", "note", "warning", "error")
    assert set(result["message"]) == {"text"}
    assert result["message"]["text"]
    [location] = result["locations"]
    physical = location["physicalLocation"]
    assert UNRESERVED.match(physical["artifactLocation"]["uri"])
    assert physical["region"]["startLine"] == 1
    assert physical["region"].get("byteOffset", 0) >= 0
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in result["partialFingerprints"].values())
    assert all(entry["fullyQualifiedName"] for entry in location["logicalLocations"])


@pytest.mark.parametrize("file", [*HOSTILE_PICKLES, *HOSTILE_ARCHIVES], ids=lambda file: file.name)
def test_every_file_of_the_corpus_gives_a_document_with_all_that_the_standard_requires(file: PickleFile):
    report = scan(io.BytesIO(file.data))
    document = document_of(report)
    check(document)
    results = document["runs"][0]["results"]
    assert len(results) == max(len(report.findings), 1)
    levels = {result["level"] for result in results}
    assert ("error" in levels) == (file.verdict in ("dangerous", "deferred", "resource", "malformed"))


def test_a_clean_file_gives_no_result_and_all_rules():
    document = document_of(scan(io.BytesIO(hermetic.dumps([1]))))
    check(document)
    assert document["runs"][0]["results"] == []
    assert {rule["id"] for rule in document["runs"][0]["tool"]["driver"]["rules"]} == RULES.keys()


def test_no_report_at_all_is_a_document_too():
    check(document_of())


def test_a_file_that_needs_trust_says_for_what():
    [result] = results_of(scan(io.BytesIO(hermetic.dumps([user.UserScaler(2.0)]))))
    assert (result["ruleId"], result["level"]) == ("needs-trust", "warning")
    assert "tests.zoo.user_module.UserScaler" in result["message"]["text"]


def test_an_unreadable_file_says_why(tmp_path: Path):
    path = tmp_path / "model.hermetic"
    path.write_bytes(hermetic.dumps([1])[:-5])
    [result] = results_of(scan(path))
    assert (result["ruleId"], result["level"]) == ("unreadable", "warning")
    assert result["message"]["text"].startswith("unreadable: ")


def test_a_file_beyond_the_limits_says_which():
    [result] = results_of(scan(io.BytesIO(hermetic.dumps([[1]])), limits=hermetic.Limits(depth=1)))
    assert (result["ruleId"], result["level"]) == ("limit", "error")


def test_the_files_of_a_folder_are_named_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a b.pkl").write_bytes(PAYLOAD)
    (tmp_path / "models" / "c.zip").write_bytes(zip_of_python({"d.pkl": PAYLOAD}))
    (tmp_path / "models" / "e.csv").write_bytes(b"a,b")
    first, second = results_of(scan("models"))
    places = [result["locations"][0] for result in (first, second)]
    uris = [place["physicalLocation"]["artifactLocation"]["uri"] for place in places]
    assert uris == ["models/a%20b.pkl", "models/c.zip"]
    assert places[0]["physicalLocation"]["region"] == {"startLine": 1, "byteOffset": PAYLOAD.index(b"R")}
    assert places[1]["physicalLocation"]["region"] == {"startLine": 1}, "the byte counts within the member"
    assert first["partialFingerprints"] != second["partialFingerprints"]
    assert places[1]["logicalLocations"][0]["fullyQualifiedName"] == "c.zip!d.pkl"


def test_a_message_says_what_would_run_why_it_matters_and_where():
    [result] = results_of(scan(io.BytesIO(tar_of({"m.pkl": PAYLOAD}))))
    assert result["message"]["text"] == (
        "dangerous: os.system('true') (it starts programs; byte 19 REDUCE in \\<stream\\>!m.pkl)".replace(
            "\\<", "\\u003c"
        ).replace("\\>", "\\u003e")
    )
    assert result["properties"] == {"verdict": "dangerous", "severity": "dangerous", "offset": 19}


HOSTILE_TEXTS = {
    "\x1b[2J": r"\x1b\[2J",
    "a\u202eb": r"a\u202eb",
    "x\ny\r\0": r"x\ny\r\x00",
    "[click](javascript:alert(1))": r"\[click\](javascript:alert(1))",
    "{0} {{1}}": "{{0}} {{{{1}}}}",
    "<script>alert(1)</script>": r"\u003cscript\u003ealert(1)\u003c/script\u003e",
    "&lt;": r"\u0026lt;",
    "`code`": r"\u0060code\u0060",
    "back\\slash": r"back\\slash",
    "\ud800": r"\ud800",
    "\u2028\u2029": r"\u2028\u2029",
    "zero\u200bwidth": r"zero\u200bwidth",
    "\u3164": r"\u3164",
    "\U000e0041": r"\U000e0041",
    "\ufe0f": r"\ufe0f",
    "ünïcode": "ünïcode",
}


@pytest.mark.parametrize("hostile", HOSTILE_TEXTS, ids=ascii)
def test_hostile_texts_become_plain_text(hostile: str):
    assert sarif_text(hostile) == HOSTILE_TEXTS[hostile]
    assert sarif_text(hostile).isprintable()


def test_a_long_text_is_cut():
    assert len(sarif_text("a" * 5_000)) == 1_000


@pytest.mark.parametrize("hostile", HOSTILE_TEXTS, ids=ascii)
def test_hostile_texts_get_through_a_whole_document_as_text(hostile: str):
    shown = hostile.replace("\n", "").replace("\\", "").replace("\r", "").replace("\0", "")
    payload = b"cos\nsystem\n(" + text(shown.encode("utf-8", "replace").decode()) + b"tR."
    name = shown.replace("/", "_").encode("utf-8", "replace").decode()
    document = sarif_of([scan(io.BytesIO(zip_of_python({f"{name}.pkl": payload})))])
    assert document.isascii()
    check(json.loads(document))
    for result in json.loads(document)["runs"][0]["results"]:
        texts = [
            result["message"]["text"],
            *(one["fullyQualifiedName"] for one in result["locations"][0]["logicalLocations"]),
        ]
        for written in texts:
            assert written.isprintable()
            assert not re.search(r"(?<!\\)\[|<|>", written)


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a.pkl", "a.pkl"),
        ("./a.pkl", "a.pkl"),
        ("models/ü b.pkl", "models/%C3%BC%20b.pkl"),
        ("a?b#c", "a%3Fb%23c"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),
        ("\udce9.pkl", "%E9.pkl"),
        ("a\nb", "a%0Ab"),
        ("/models/a.pkl", "file:///models/a.pkl"),
    ],
)
def test_a_path_becomes_a_reference_that_can_be_nothing_else(path: str, uri: str):
    assert sarif_uri(path) == uri
    assert UNRESERVED.match(uri)
