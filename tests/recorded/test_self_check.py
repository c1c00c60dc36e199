"""Recorded answers are computed again on load where libraries differ, within bounds, and a difference refuses."""

from __future__ import annotations

import dataclasses
import io
import json
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy
import scipy.sparse
import sklearn
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import hermetic
from hermetic.recorded import self_check
from hermetic.recorded.evidence import Evidence
from hermetic.recorded.self_check import check_answers
from tests.golden_evidence import golden_evidence

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(40, 3))
y = (X[:, 0] + 0.3 * RANDOM.normal(size=40) > 0).astype(int)
MODEL = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
EVIDENCE = golden_evidence(MODEL, X)


def saved(model: Any = MODEL, evidence: Evidence = EVIDENCE) -> bytes:
    return hermetic.dumps(model, evidence=evidence)


def with_answers(**answers: Any) -> Evidence:
    golden = EVIDENCE.golden
    return Evidence(golden=dataclasses.replace(golden, answers={**golden.answers, **answers}))


def forged(monkeypatch: pytest.MonkeyPatch, evidence: Evidence, model: Any = MODEL) -> bytes:
    """Give a file whose record is not that of its model, which `dump` would refuse to write."""
    with monkeypatch.context() as patch:
        patch.setattr("hermetic.recorded.attaching.check_answers", lambda *_, **__: None)
        return hermetic.dumps(model, evidence=evidence)


def verdict(data: bytes, **wishes: Any) -> hermetic.LoadReport:
    return hermetic.loads(data, report=True, **wishes)[1]


def test_nothing_is_asked_with_the_libraries_of_the_file():
    report = verdict(saved())
    assert report.golden.verdict == "skipped"
    assert "are those that the file was written with" in report.golden.reason
    assert report.ok
    assert not report.migrations


def test_everything_that_was_recorded_is_asked_when_the_caller_wants_it():
    model, report = hermetic.loads(saved(), check="always", report=True)
    assert report.golden.verdict == "passed"
    assert report.golden.n_rows == EVIDENCE.golden.n_rows
    assert report.golden.methods == ("predict", "predict_proba", "predict_log_proba", "decision_function")
    assert np.array_equal(model.predict(X), MODEL.predict(X))


@pytest.mark.parametrize("library", [np, scipy], ids=["numpy", "scipy"])
def test_another_release_of_a_library_asks(library: Any, monkeypatch: pytest.MonkeyPatch):
    data = saved()
    monkeypatch.setattr(library, "__version__", "99.1.0")
    report = verdict(data)
    assert report.golden.verdict == "passed"
    assert report.golden.reason == f"installed here: {library.__name__} 99.1.0"
    assert report.installed[library.__name__] == "99.1.0"


def test_a_patch_release_of_scikit_learn_asks(monkeypatch: pytest.MonkeyPatch):
    data = saved()
    minor = ".".join(sklearn.__version__.split(".")[:2])
    monkeypatch.setattr(sklearn, "__version__", f"{minor}.99")
    assert verdict(data).golden.reason == f"installed here: scikit-learn {minor}.99"


def test_another_pandas_does_not_ask(monkeypatch: pytest.MonkeyPatch):
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    model = LinearRegression().fit(frame, y)
    data = hermetic.dumps(model, evidence=golden_evidence(model, frame))
    monkeypatch.setattr(pd, "__version__", "99.1.0")
    assert verdict(data).golden.verdict == "skipped"


def test_the_caller_can_do_without(monkeypatch: pytest.MonkeyPatch):
    data = forged(monkeypatch, with_answers(predict=1 - EVIDENCE.golden.answers["predict"]))
    monkeypatch.setattr(np, "__version__", "99.1.0")
    report = verdict(data, check="never")
    assert report.golden.verdict == "skipped"
    assert "asked for no check" in report.golden.reason


@pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
def test_another_answer_refuses_and_says_where(method: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    answers = EVIDENCE.golden.answers[method].copy()
    answers[7] = 5
    path = tmp_path / "model.hermetic"
    path.write_bytes(forged(monkeypatch, with_answers(**{method: answers})))
    with pytest.raises(hermetic.InvalidState) as refused:
        hermetic.load(path, check="always")
    words = str(refused.value)
    assert f"golden rows, {method}: the restored model answers" in words
    assert "for row 7, recorded was" in words
    assert str(path) in words
    assert 'check="never"' in words
    assert hermetic.load(path) is not None


def test_the_last_bits_may_differ(monkeypatch: pytest.MonkeyPatch):
    proba = EVIDENCE.golden.answers["predict_proba"] * (1 + 1e-13)
    assert verdict(forged(monkeypatch, with_answers(predict_proba=proba)), check="always").golden.verdict == "passed"


def test_a_method_that_is_gone_refuses(monkeypatch: pytest.MonkeyPatch):
    data = forged(monkeypatch, with_answers(transform=np.zeros((EVIDENCE.golden.n_rows, 2))))
    with pytest.raises(hermetic.InvalidState, match=r"transform: it was recorded, and .* has no such method"):
        hermetic.loads(data, check="always")


def test_a_method_that_raises_refuses(monkeypatch: pytest.MonkeyPatch):
    golden = dataclasses.replace(EVIDENCE.golden, rows=X[:48, :2], n_rows=40)
    with pytest.raises(
        hermetic.InvalidState, match="predict: it was recorded, and the restored model raises ValueError"
    ):
        hermetic.loads(forged(monkeypatch, Evidence(golden=golden)), check="always")


HOSTILE = {
    "rows-are-a-number": {"rows": 3},
    "rows-are-nothing": {"rows": None},
    "answers-of-another-shape": {"answers": {"predict": np.zeros((3, 3, 3))}},
    "answers-are-texts": {"answers": {"predict": "ten"}},
    "neighbours-without-rows": {"answers": {"kneighbors": (1, 2)}},
    "many-rows-said": {"n_rows": 900},
    "inverse-without-transform": {"answers": {"inverse_transform": np.zeros(3)}},
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("check", ["auto", "always"])
def test_rows_of_any_shape_refuse_and_do_no_harm(name: str, check: Any, monkeypatch: pytest.MonkeyPatch):
    golden = dataclasses.replace(EVIDENCE.golden, **HOSTILE[name])
    data = forged(monkeypatch, Evidence(golden=golden))
    monkeypatch.setattr(np, "__version__", "99.1.0")
    if name == "many-rows-said" and check == "always":
        assert verdict(data, check=check).golden.verdict == "passed"
        return
    if name == "many-rows-said":
        monkeypatch.setattr(self_check, "MOST_SECONDS", 1e-9)
        assert verdict(data, check=check).golden.n_rows == 1
        return
    with pytest.raises(hermetic.InvalidState):
        hermetic.loads(data, check=check)


def test_methods_that_nobody_knows_are_passed_over(monkeypatch: pytest.MonkeyPatch):
    golden = dataclasses.replace(EVIDENCE.golden, answers={"__init_subclass__": np.zeros(3)})
    report = verdict(forged(monkeypatch, Evidence(golden=golden)), check="always")
    assert report.golden.reason == "no answers were recorded"


def test_what_takes_too_long_is_asked_about_fewer_rows(monkeypatch: pytest.MonkeyPatch):
    data = saved()
    monkeypatch.setattr(np, "__version__", "99.1.0")
    monkeypatch.setattr(self_check, "MOST_SECONDS", 1e-9)
    assert verdict(data).golden.n_rows == 1
    assert verdict(data, check="always").golden.n_rows == EVIDENCE.golden.n_rows


@pytest.mark.parametrize(
    ("limit", "reason"), [("MOST_ROWS", "more than 3 rows"), ("MOST_BYTES", "more than 3 bytes")], ids=["rows", "bytes"]
)
def test_what_is_too_much_is_skipped_and_said_so(limit: str, reason: str, monkeypatch: pytest.MonkeyPatch):
    data = saved()
    monkeypatch.setattr(np, "__version__", "99.1.0")
    monkeypatch.setattr(self_check, limit, 3)
    report = verdict(data)
    assert report.golden.verdict == "skipped"
    assert reason in report.golden.reason
    assert verdict(data, check="always").golden.verdict == "passed"


class Doubling(BaseEstimator):
    """An estimator of the user's own."""

    n_asked = 0

    def predict(self, rows: Any) -> Any:
        """Count, and double."""
        type(self).n_asked += 1
        return 2 * np.asarray(rows)[:, 0]


def test_code_of_the_user_is_not_run_unless_the_caller_wants_it(monkeypatch: pytest.MonkeyPatch):
    data = hermetic.dumps(Doubling(), evidence=golden_evidence(Doubling(), X))
    monkeypatch.setattr(np, "__version__", "99.1.0")
    Doubling.n_asked = 0
    report = verdict(data, trusted=[Doubling])
    assert report.golden.verdict == "skipped"
    assert "code of yours" in report.golden.reason
    assert Doubling.__name__ in report.golden.reason
    assert Doubling.n_asked == 0
    assert verdict(data, trusted=[Doubling], check="always").golden.verdict == "passed"
    assert Doubling.n_asked == 1


def test_a_file_without_rows_says_so():
    report = verdict(hermetic.dumps(MODEL), check="always")
    assert report.golden.verdict == "absent"
    assert report.ok


def test_a_pickle_has_no_rows_but_a_report():
    import pickle

    report = verdict(pickle.dumps(MODEL))
    assert report.golden.verdict == "absent"
    assert report.written_by["scikit-learn"] == sklearn.__version__


def test_a_file_on_disk_and_mapped_is_checked_alike(tmp_path: Path):
    path = tmp_path / "model.hermetic"
    hermetic.dump(MODEL, path, evidence=EVIDENCE)
    for mode in (None, "r", "c"):
        assert hermetic.load(path, mode, check="always", report=True)[1].golden.verdict == "passed"


@pytest.mark.parametrize("compress", [True, "zlib", ("lzma", 3)], ids=str)
def test_a_compressed_file_is_checked_alike(compress: Any):
    data = hermetic.dumps(MODEL, compress, evidence=EVIDENCE)
    assert verdict(data, check="always").golden.verdict == "passed"


def test_several_models_of_one_stream_are_each_checked():
    stream = io.BytesIO(saved() + hermetic.dumps(3) + saved())
    verdicts = [hermetic.load(stream, check="always", report=True)[1].golden.verdict for _ in range(3)]
    assert verdicts == ["passed", "absent", "passed"]


def test_damage_in_the_rows_is_found_when_they_are_read():
    data = bytearray(saved())
    data[data.rindex(b"synthetic")] ^= 1
    assert hermetic.loads(bytes(data)) is not None
    with pytest.raises(hermetic.FormatError, match="CRC-32"):
        hermetic.loads(bytes(data), check="always")


@pytest.mark.parametrize("check", ["sometimes", None, True], ids=str)
def test_a_word_that_is_none_is_refused(check: Any):
    with pytest.raises(hermetic.UsageError, match="check must be 'auto', 'always' or 'never'"):
        hermetic.loads(saved(), check=check)


def test_threads_check_at_the_same_time():
    data, failed = saved(), []

    def check() -> None:
        try:
            for _ in range(3):
                assert verdict(data, check="always").golden.verdict == "passed"
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=check) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


MODELS = {
    "texts": (make_pipeline(TfidfVectorizer(), GaussianNB().set_params()), None),
    "sparse": (LogisticRegression(), scipy.sparse.random(40, 30, density=0.2, format="csr", random_state=0)),
    "frame": (LogisticRegression(), pd.DataFrame(X, columns=["a", "b", "c"])),
}


@pytest.mark.parametrize("name", ["sparse", "frame"])
@pytest.mark.parametrize("golden", ["synthetic", 10])
def test_rows_of_every_kind_come_back(name: str, golden: Any):
    model, rows = MODELS[name]
    model.fit(rows, y)
    evidence = golden_evidence(model, rows, y, golden=golden)
    assert verdict(hermetic.dumps(model, evidence=evidence), check="always").golden.n_rows > 0


def test_texts_come_back():
    texts = [f"word{number % 7} other{number % 3} thing" for number in range(30)]
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, [number % 2 for number in range(30)])
    evidence = golden_evidence(model, texts)
    assert verdict(hermetic.dumps(model, evidence=evidence), check="always").golden.verdict == "passed"


def test_a_report_is_said_in_words_and_in_json():
    report = verdict(saved(), check="always")
    assert "golden rows: passed" in str(report)
    assert "not who made the file" in str(report)
    content = json.loads(report.to_json())
    assert content["ok"] is True
    assert content["golden"]["methods"][0] == "predict"
    assert content["migrations"] == []


def test_a_check_by_itself_needs_no_file():
    start = time.perf_counter()
    assert check_answers(MODEL, EVIDENCE.golden).verdict == "passed"
    assert time.perf_counter() - start < 30
