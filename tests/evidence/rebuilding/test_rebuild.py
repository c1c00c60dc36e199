"""A model is made again from its file alone, or it is said what is missing; nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import hermetic
from hermetic.approvals import digest_of
from hermetic.errors import UsageError
from hermetic.evidence.rebuilding.rebuild import rebuild
from hermetic.evidence.rebuilding.report import Rebuild
from hermetic.evidence.recording import record
from hermetic.formats.container_reader import open_container
from hermetic.formats.sources import BufferSource
from hermetic.recorded.evidence import Evidence
from hermetic.recorded.members import read_record
from hermetic.recorded.recipe import Recipe
from tests.evidence.scores.own_scorers import Noisy, share_of_first

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X, y = X.iloc[:200], y.iloc[:200]
MODEL = make_pipeline(StandardScaler(), LogisticRegression(random_state=0)).fit(X, y)
OWN = "tests.evidence.scores.own_scorers.Noisy"


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERMETIC_STORE", str(tmp_path / "store"))


def saved(folder: Path, model: Any = MODEL, rows: Any = X, target: Any = y, **options: Any) -> Path:
    path = folder / "old.hermetic"
    known = {"cv": 3, "scoring": None, "source": None, "progress": False, **options}
    hermetic.dump(model, path, evidence=record(model, rows, target, **known))
    return path


def verdicts(report: Rebuild) -> dict[str, str]:
    return {step.name: step.verdict for step in report.steps}


def words(report: Rebuild, name: str) -> str:
    return next(step.words for step in report.steps if step.name == name)


def evidence_in(path: Path, kind: str) -> Any:
    return read_record(open_container(BufferSource(path.read_bytes())), kind)


@pytest.mark.parametrize("data", ["store", "embed"])
def test_a_model_is_made_again_from_its_file_alone(tmp_path: Path, data: Any):
    pytest.importorskip("pyarrow")
    old, new = saved(tmp_path, data=data, scoring=["accuracy", "roc_auc"]), tmp_path / "new.hermetic"
    report = rebuild(old, new)
    assert report.ok
    assert set(verdicts(report)) == {"file", "data", "recipe", "refit", "scores", "answers", "write"}
    assert set(verdicts(report).values()) == {"passed"}
    assert "same range; roc_auc" in words(report, "scores")
    loaded = hermetic.load(new, check="always")
    np.testing.assert_allclose(loaded.predict_proba(X), MODEL.predict_proba(X), rtol=1e-9)  # memory may lie otherwise
    assert hermetic.verify(new, scores=True).ok


def test_the_lineage_names_the_file_and_those_before_it(tmp_path: Path):
    pytest.importorskip("pyarrow")
    old, second, third = saved(tmp_path, data="embed"), tmp_path / "second.hermetic", tmp_path / "third.hermetic"
    rebuild(old, second)
    rebuild(second, third)
    digests = [
        digest_of(BufferSource(path.read_bytes()), path.stat().st_size).removeprefix("sha256:")
        for path in (second, old)
    ]
    parents = evidence_in(third, "lineage").parents
    assert [parent.digest for parent in parents] == digests
    assert {parent.how for parent in parents} == {"rebuilt"}
    assert "scikit-learn" in parents[0].written_by


def test_the_new_file_is_as_well_recorded_as_the_old_one(tmp_path: Path):
    pytest.importorskip("pyarrow")
    old, new = saved(tmp_path, data="embed", source="digest"), tmp_path / "new.hermetic"
    rebuild(old, new)
    for kind in ("data", "environment"):
        assert evidence_in(new, kind) == evidence_in(old, kind)
    assert evidence_in(new, "scores").folds_digest == evidence_in(old, "scores").folds_digest
    assert evidence_in(new, "source").files == evidence_in(old, "source").files
    assert "was rebuilt" in evidence_in(new, "source").notes[-1]
    assert hermetic.load(new, check="always", report=True)[1].golden.verdict == "passed"


def test_without_a_target_nothing_is_written_and_the_model_is_given(tmp_path: Path):
    report = rebuild(saved(tmp_path, data=None), data=(X, y))
    assert (report.ok, report.target, verdicts(report)["write"]) == (True, "", "skipped")
    assert np.array_equal(report.model.predict(X), MODEL.predict(X))
    assert str(report).endswith("nothing was written")


def test_weights_groups_and_fit_parameters_are_used_again(tmp_path: Path):
    random = np.random.default_rng(0)
    weights, groups = random.uniform(0.1, 5.0, len(X)), np.arange(len(X)) % 7
    target = X.iloc[:, 0] + random.normal(size=len(X))
    given = {"sample_weight": weights, "groups": groups}
    model = Ridge(random_state=0).fit(X, target, sample_weight=weights)
    old = saved(tmp_path, model, X, target, data=None, cv=GroupKFold(3), **given)
    report = rebuild(old, tmp_path / "new.hermetic", data={"X": X, "y": target, **given})
    assert set(verdicts(report).values()) == {"passed"}
    assert "fitted with sample_weight" in words(report, "refit")
    assert np.array_equal(report.model.coef_, model.coef_)


def test_texts_are_data_too(tmp_path: Path):
    texts = ["a good day", "a bad day", "good", "bad bad", "what a good thing", "a bad thing"] * 10
    target = [1, 0, 1, 0, 1, 0] * 10
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(random_state=0)).fit(texts, target)
    old = saved(tmp_path, model, texts, target, data=None)
    assert rebuild(old, tmp_path / "new.hermetic", data=(texts, target)).ok


def changed_cell() -> Any:
    rows = X.copy()
    rows.iloc[3, 2] += 1.0
    return rows, y


CHANGED: dict[str, tuple[Any, str]] = {
    "a-cell": (changed_cell, "X is not what was recorded"),
    "the-order": (lambda: (X.iloc[::-1], y), "X is not what was recorded"),
    "a-dtype": (lambda: (X.astype("float32"), y), "X is not what was recorded"),
    "the-target": (lambda: (X, 1 - y), "y is not what was recorded"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_changed_data_end_the_way_and_nothing_is_written(name: str, tmp_path: Path):
    make, expected = CHANGED[name]
    old, new = saved(tmp_path, data=None), tmp_path / "new.hermetic"
    report = rebuild(old, new, data=make())
    assert verdicts(report) == {"file": "passed", "data": "failed"}
    assert expected in words(report, "data")
    assert not new.exists()
    assert report.model is None


def test_a_missing_snapshot_is_told(tmp_path: Path):
    pytest.importorskip("pyarrow")
    report = rebuild(saved(tmp_path, data="store"), tmp_path / "new.hermetic", store=tmp_path / "another")
    assert verdicts(report)["data"] == "failed"
    assert "is not in the store" in words(report, "data")


def test_data_that_were_left_out_are_asked_for(tmp_path: Path):
    report = rebuild(saved(tmp_path, data=None), tmp_path / "new.hermetic")
    assert verdicts(report)["data"] == "failed"
    assert "hand them over" in words(report, "data")


def test_a_file_without_evidence_says_what_it_lacks(tmp_path: Path):
    old = tmp_path / "old.hermetic"
    hermetic.dump(MODEL, old)
    report = rebuild(old, tmp_path / "new.hermetic")
    assert words(report, "data").startswith("the file records no data")
    report = rebuild(old, tmp_path / "new.hermetic", data=(X, y))
    assert verdicts(report) == {"file": "passed", "data": "noted", "recipe": "failed"}
    assert "no recipe" in words(report, "recipe")
    assert not (tmp_path / "new.hermetic").exists()


def spoilt(folder: Path) -> Path:
    """Record scores that a model does not reach."""
    good = record(MODEL, X, y, cv=3, data=None, source=None, progress=False)
    weak = LogisticRegression(C=1e-9, random_state=0).fit(X, y)
    poor = record(weak, X, y, cv=3, data=None, source=None, progress=False)
    path = folder / "old.hermetic"
    evidence = Evidence(golden=poor.golden, data=good.data, scores=good.scores, recipe=poor.recipe)
    hermetic.dump(weak, path, evidence=evidence)
    return path


def test_a_score_out_of_range_writes_no_file(tmp_path: Path):
    new = tmp_path / "new.hermetic"
    report = rebuild(spoilt(tmp_path), new, data=(X, y))
    assert not report.ok
    assert verdicts(report)["scores"] == "failed"
    assert "another range (worse)" in words(report, "scores")
    assert verdicts(report)["write"] == "skipped"
    assert not new.exists()


def test_it_is_written_where_that_is_wished_and_the_report_says_so(tmp_path: Path):
    new = tmp_path / "new.hermetic"
    report = rebuild(spoilt(tmp_path), new, data=(X, y), force=True)
    assert (report.ok, report.target) == (False, str(new))
    assert hermetic.load(new) is not None


def test_a_tolerance_decides(tmp_path: Path):
    report = rebuild(spoilt(tmp_path), tmp_path / "new.hermetic", data=(X, y), tolerance=0.9)
    assert report.ok


def test_an_estimator_without_seeds_is_told_and_measured(tmp_path: Path):
    model = RandomForestClassifier(5).fit(X, y)
    report = rebuild(saved(tmp_path, model, data=None, scoring="accuracy"), data=(X, y))
    assert verdicts(report)["refit"] == "noted"
    assert "it may vary, since random_state is None" in words(report, "refit")
    assert "fold 1, fitted 3 times" in words(report, "scores")
    assert verdicts(report)["answers"] in ("noted", "passed")


def test_answers_that_differ_are_told_with_how_far(tmp_path: Path):
    rows, target = load_diabetes(return_X_y=True)
    model = Ridge(alpha=0.5).fit(rows, target)
    old = saved(tmp_path, model, rows, target, data=None)
    model.coef_ = model.coef_ + 0.001
    hermetic.dump(model, old, evidence=record(model, rows, target, cv=3, data=None, source=None, progress=False))
    report = rebuild(old, data=(rows, target))
    assert (report.ok, verdicts(report)["answers"]) == (True, "noted")
    assert words(report, "answers").startswith("predict: 48 of 48 rows differ, by at most 0.0")


def test_a_scorer_that_is_gone_leaves_the_others(tmp_path: Path):
    old = saved(tmp_path, data=None, scoring={"own": lambda *given: 0.5, "f1": "f1"})
    report = rebuild(old, tmp_path / "new.hermetic", data=(X, y))
    assert report.ok
    assert "not computed again: own" in words(report, "scores")


def test_without_scores_it_is_said_that_nothing_tells(tmp_path: Path):
    model = Ridge().fit(X, y)
    evidence = record(model, X, y, cv=None, data=None, source=None)
    old, new = tmp_path / "old.hermetic", tmp_path / "new.hermetic"
    hermetic.dump(model, old, evidence=Evidence(data=evidence.data, recipe=Recipe(estimator=Ridge(random_state=0))))
    report = rebuild(old, new, data=(X, y))
    assert verdicts(report) == {
        **dict.fromkeys(("file", "data", "recipe", "refit", "write"), "passed"),
        **dict.fromkeys(("scores", "answers"), "skipped"),
    }
    assert words(report, "scores").startswith("nothing tells whether the model is as good as before")
    assert evidence_in(new, "scores") is None


def test_an_estimator_of_ones_own_is_refused_until_it_is_trusted(tmp_path: Path):
    model = Noisy(noise=0.0, random_state=0).fit(X, y)
    old = saved(tmp_path, model, data=None)
    report = rebuild(old, data=(X, y))
    assert verdicts(report)["recipe"] == "refused"
    assert OWN in words(report, "recipe")
    assert rebuild(old, data=(X, y), trusted=[OWN]).ok


def test_an_approval_counts_for_the_recipe_too(tmp_path: Path):
    old = saved(tmp_path, Noisy(noise=0.0, random_state=0).fit(X, y), data=None)
    approvals = tmp_path / "approvals.toml"
    digest = digest_of(BufferSource(old.read_bytes()), old.stat().st_size)
    approvals.write_text(f'[approvals."{digest}"]\nconstructed = ["{OWN}"]\n')
    assert rebuild(old, data=(X, y), approvals=approvals).ok
    approvals.write_text(f'[approvals."{digest}"]\nrejected = true\n')
    report = rebuild(old, data=(X, y), approvals=approvals)
    assert verdicts(report) == {"file": "refused"}


def test_a_damaged_file_is_told(tmp_path: Path):
    old = saved(tmp_path, data=None)
    content = bytearray(old.read_bytes())
    content[len(content) // 2] ^= 1
    old.write_bytes(content)
    report = rebuild(old, tmp_path / "new.hermetic", data=(X, y))
    assert verdicts(report) == {"file": "failed"}


def test_a_fit_that_fails_is_told(tmp_path: Path):
    evidence = record(MODEL, X, y, cv=None, data=None, source=None)
    old = tmp_path / "old.hermetic"
    recipe = Recipe(estimator=Ridge(alpha=-1.0))
    hermetic.dump(MODEL, old, evidence=Evidence(data=evidence.data, recipe=recipe))
    report = rebuild(old, data=(X, y))
    assert verdicts(report)["refit"] == "failed"
    assert "alpha" in words(report, "refit")


@pytest.mark.parametrize("estimator", [{"a": 1}, 3, "SVC"], ids=["dictionary", "number", "text"])
def test_a_recipe_of_something_else_is_told(estimator: Any, tmp_path: Path):
    evidence = record(MODEL, X, y, cv=None, data=None, source=None)
    old = tmp_path / "old.hermetic"
    hermetic.dump(MODEL, old, evidence=Evidence(data=evidence.data, recipe=Recipe(estimator=estimator)))
    report = rebuild(old, data=(X, y))
    assert verdicts(report)["recipe"] == "failed"


def test_caches_that_a_file_names_are_not_opened(tmp_path: Path):
    cache = tmp_path / "cache"
    model = make_pipeline(StandardScaler(), LogisticRegression(random_state=0), memory=str(cache))
    evidence = record(MODEL, X, y, cv=None, data=None, source=None)
    old = tmp_path / "old.hermetic"
    hermetic.dump(MODEL, old, evidence=Evidence(data=evidence.data, recipe=Recipe(estimator=model)))
    report = rebuild(old, data=(X, y))
    assert report.ok
    assert "memory is not used" in words(report, "recipe")
    assert not cache.exists()


def test_no_file_is_replaced_unless_that_is_wished(tmp_path: Path):
    old, new = saved(tmp_path, data=None), tmp_path / "new.hermetic"
    new.write_bytes(b"mine")
    with pytest.raises(UsageError, match="the file exists"):
        rebuild(old, new, data=(X, y))
    assert new.read_bytes() == b"mine"
    with pytest.raises(UsageError, match="replace the one that it is made from"):
        rebuild(old, old, data=(X, y), force=True)
    assert rebuild(old, new, data=(X, y), force=True).target == str(new)


def test_the_report_is_json(tmp_path: Path):
    report = rebuild(saved(tmp_path, data=None), data=(X, y))
    content = json.loads(report.to_json())
    assert (content["ok"], content["target"]) == (True, "")
    assert [step["name"] for step in content["steps"]][:3] == ["file", "data", "recipe"]


def test_data_may_be_files(tmp_path: Path):
    pytest.importorskip("pyarrow")
    rows, target = X.to_numpy(), y.to_numpy()
    model = Ridge().fit(rows, target)
    old = saved(tmp_path, model, rows, target, data=None)
    np.save(tmp_path / "X.npy", rows)
    np.save(tmp_path / "y.npy", target)
    assert rebuild(old, data={"X": tmp_path / "X.npy", "y": tmp_path / "y.npy"}).ok
    (tmp_path / "X.csv").write_text("1")
    report = rebuild(old, data={"X": tmp_path / "X.csv", "y": target})
    assert ".npy and .parquet files" in words(report, "data")
    report = rebuild(old, data={"X": tmp_path / "none.npy", "y": target})
    assert "cannot be read" in words(report, "data")


def test_frames_may_be_parquet_files(tmp_path: Path):
    pytest.importorskip("pyarrow")
    old = saved(tmp_path, data=None)
    X.to_parquet(tmp_path / "X.parquet")
    y.to_frame().to_parquet(tmp_path / "y.parquet")
    report = rebuild(old, data={"X": tmp_path / "X.parquet", "y": pd.Series(y)})
    assert report.ok, str(report)


def test_a_signature_is_demanded(tmp_path: Path):
    from hermetic.signing.files import sign_file
    from hermetic.signing.keys import make_key_pair

    old = saved(tmp_path, data=None)
    private, public = make_key_pair()
    (tmp_path / "release.key").write_bytes(private)
    (tmp_path / "release.pub").write_bytes(public.pem)
    assert verdicts(rebuild(old, data=(X, y), signed_by=tmp_path / "release.pub")) == {"file": "refused"}
    sign_file(old, tmp_path / "release.key")
    assert rebuild(old, data=(X, y), signed_by=tmp_path / "release.pub").ok


def test_scorers_of_ones_own_need_trust(tmp_path: Path):
    old = saved(tmp_path, data=None, scoring={"share": share_of_first})
    assert verdicts(rebuild(old, data=(X, y)))["recipe"] == "refused"
    assert rebuild(old, data=(X, y), trusted=["tests.evidence.scores.own_scorers.share_of_first"]).ok
