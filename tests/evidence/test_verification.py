"""verify asks one question after the other, and says which of them failed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

import hermetic
from hermetic.errors import UsageError
from hermetic.evidence.checks import VerifyReport
from hermetic.evidence.verification import verify
from hermetic.signing.files import sign_file
from hermetic.signing.keys import make_key_pair
from tests.golden_evidence import golden_evidence
from tests.zoo import user_module as user

X = np.random.default_rng(0).normal(size=(60, 3))
MODEL = DecisionTreeClassifier(random_state=0).fit(X, X[:, 0] > 0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "model.hermetic"
    hermetic.dump(MODEL, path, evidence=golden_evidence(MODEL, X))
    return path


def verdicts(report: VerifyReport) -> dict[str, str]:
    return {check.name: check.verdict for check in report.checks}


def words(report: VerifyReport, name: str) -> str:
    return next(check.words for check in report.checks if check.name == name)


def test_a_good_file_passes_every_question(path: Path):
    report = verify(path)
    assert report.ok
    assert verdicts(report) == {
        "structure": "passed",
        "checksums": "passed",
        "signature": "skipped",
        "model": "passed",
        "answers": "passed",
        "data": "skipped",
        "environment": "passed",
    }
    assert "as recorded: predict, predict_proba" in words(report, "answers")


def test_a_file_without_golden_rows_says_how_to_have_some(path: Path):
    hermetic.dump(MODEL, path)
    report = verify(path)
    assert (report.ok, verdicts(report)["answers"]) == (True, "skipped")
    assert "evidence=hermetic.record(model, X)" in words(report, "answers")


@pytest.mark.parametrize("part", [0.2, 0.5, 0.7, 0.9])
def test_a_changed_byte_is_a_failure_of_structure_or_checksums(part: float, path: Path):
    data = bytearray(path.read_bytes())
    data[int(len(data) * part)] ^= 0x40
    path.write_bytes(data)
    report = verify(path)
    assert not report.ok
    assert "failed" in (verdicts(report).get("structure"), verdicts(report).get("checksums"))
    assert "model" not in verdicts(report)


def test_a_truncated_file_fails_by_its_structure(path: Path):
    path.write_bytes(path.read_bytes()[:-10])
    assert verdicts(verify(path)) == {"structure": "failed"}


def test_a_pickle_is_no_hermetic_file(path: Path):
    path.write_bytes(b"\x80\x05N.")
    report = verify(path)
    assert verdicts(report) == {"structure": "failed"}
    assert str(path) in words(report, "structure")


def test_a_model_that_answers_otherwise_here_fails_by_its_answers(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(DecisionTreeClassifier, "predict", lambda self, X: np.zeros(len(X), dtype=bool))
    report = verify(path)
    assert (report.ok, verdicts(report)["answers"], verdicts(report)["model"]) == (False, "failed", "passed")
    assert "golden rows, predict: the restored model answers False" in words(report, "answers")


def _keys(folder: Path, name: str = "release") -> Path:
    private, public = make_key_pair()
    (folder / f"{name}.key").write_bytes(private)
    (folder / f"{name}.pub").write_bytes(public.pem)
    return folder / f"{name}.pub"


def test_a_signature_is_checked_when_a_key_is_named(path: Path, tmp_path: Path):
    public = _keys(tmp_path)
    assert verdicts(verify(path, signed_by=public))["signature"] == "refused"
    sign_file(path, tmp_path / "release.key")
    assert verify(path, signed_by=[public]).ok
    assert verdicts(verify(path, signed_by=[public]))["signature"] == "passed"
    assert "says nothing until a key does" in words(verify(path), "signature")


def test_nothing_is_loaded_of_a_file_whose_signature_is_refused(path: Path, tmp_path: Path):
    _keys(tmp_path)
    sign_file(path, tmp_path / "release.key")
    report = verify(path, signed_by=_keys(tmp_path, "other"))
    assert verdicts(report) == {"structure": "passed", "checksums": "passed", "signature": "refused"}
    assert not report.ok


def test_what_policy_refuses_is_told_apart_from_what_is_wrong(path: Path):
    hermetic.dump([user.UserScaler(2.0), CountVectorizer(input="filename")], path)
    report = verify(path)
    assert (verdicts(report)["model"], report.ok, "answers" in verdicts(report)) == ("refused", False, False)
    trusted = ["tests.zoo.user_module.UserScaler"]
    assert verdicts(verify(path, trusted=trusted))["model"] == "refused"
    assert verify(path, trusted=trusted, capabilities={"reads-files"}).ok


def test_other_versions_of_libraries_are_noted_and_no_failure(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(np, "__version__", "1.0.0")
    report = verify(path)
    assert (report.ok, verdicts(report)["environment"]) == (True, "noted")
    assert "numpy" in words(report, "environment")


def test_a_report_is_json(path: Path):
    document = json.loads(verify(path).to_json())
    assert document["ok"] is True
    assert [check["name"] for check in document["checks"]][:2] == ["structure", "checksums"]
    assert document["file"] == str(path)


def test_the_wrong_call_is_an_exception(path: Path, tmp_path: Path):
    with pytest.raises(OSError, match="No such file"):
        verify(tmp_path / "nothing.hermetic")
    (tmp_path / "no.pub").write_text("no key")
    with pytest.raises(UsageError, match="no public key"):
        verify(path, signed_by=tmp_path / "no.pub")


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("golden", ["synthetic", 20])
def test_models_with_and_without_compression_and_real_rows_pass(path: Path, compress: bool, golden: object):
    y = (X[:, 0] > 0).astype(int)
    model = LogisticRegression().fit(StandardScaler().fit_transform(X), y)
    hermetic.dump(model, path, compress, evidence=golden_evidence(model, X, y, golden=golden))
    report = verify(path)
    assert report.ok
    assert "decision_function" in words(report, "answers")
