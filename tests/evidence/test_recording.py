"""hermetic.record: everything that a model can be understood, verified and made again from, in one call."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GroupKFold, cross_validate
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

import hermetic
from hermetic.errors import UsageError
from hermetic.formats.container_reader import Container, open_container
from hermetic.formats.sources import BufferSource
from hermetic.limits import DEFAULT_LIMITS
from hermetic.own_files import Wishes
from hermetic.recorded.members import read_recipe, read_record, read_snapshot

X = np.random.default_rng(0).normal(size=(60, 3))
y = (X[:, 0] > 0).astype(int)
MODEL = DecisionTreeClassifier(random_state=0).fit(X, y)
WITHOUT = {"source": None, "data": None, "progress": False}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def opened(evidence: hermetic.Evidence, model: Any = MODEL) -> Container:
    return open_container(BufferSource(hermetic.dumps(model, evidence=evidence)))


def test_every_kind_is_recorded_and_comes_back_from_a_file(store: Path):
    evidence = hermetic.record(MODEL, X, y, store=store, progress=False)
    container = opened(evidence)
    for kind in ("data", "source", "environment", "scores"):
        assert read_record(container, kind) == getattr(evidence, kind) is not None
    assert read_record(container, "lineage") is None
    recipe = read_recipe(container, Wishes())
    assert recipe is not None
    assert recipe.estimator.get_params() == MODEL.get_params()
    assert not hasattr(recipe.estimator, "tree_")
    assert recipe.splitter.get_n_splits() == 5


def test_values_go_to_the_store_and_none_into_the_file(store: Path):
    evidence = hermetic.record(MODEL, X, y, store=store, source=None, progress=False)
    parts = evidence.data.parts
    assert [(part.name, part.place, part.fingerprint.n_rows) for part in parts] == [
        ("X", "stored", 60),
        ("y", "stored", 60),
    ]
    kept = {path.stem for path in store.rglob("*.parquet")}
    assert kept == {part.snapshot for part in parts}
    assert X[17].tobytes() not in hermetic.dumps(MODEL, evidence=evidence)


def test_values_are_embedded_only_by_wish():
    evidence = hermetic.record(MODEL, X, y, data="embed", source=None, progress=False)
    assert {part.place for part in evidence.data.parts} == {"embedded"}
    found = read_snapshot(opened(evidence), DEFAULT_LIMITS)
    assert list(found) == ["X", "y"]
    assert all(content.startswith(b"PAR1") for content in found.values())


def test_nothing_is_written_when_nothing_is_to_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HERMETIC_STORE")
    evidence = hermetic.record(MODEL, X, y, **WITHOUT)
    assert {part.place for part in evidence.data.parts} == {"left out"}
    assert list(tmp_path.iterdir()) == []


def test_by_default_the_store_is_a_folder_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HERMETIC_STORE")
    hermetic.record(MODEL, X, y, source=None, cv=None)
    assert len(list((tmp_path / ".hermetic").rglob("*.parquet"))) == 2


def test_weights_groups_and_other_parameters_of_fit_are_data_too():
    weights, groups = np.linspace(0.5, 2, 60), np.arange(60) % 4
    evidence = hermetic.record(MODEL, X, y, cv=GroupKFold(4), sample_weight=weights, groups=groups, **WITHOUT)
    assert [part.name for part in evidence.data.parts] == ["X", "y", "sample_weight", "groups"]
    assert len(evidence.scores.folds) == 4


def test_several_scorers_each_have_their_scores():
    evidence = hermetic.record(MODEL, X, y, scoring=["accuracy", "f1"], cv=3, **WITHOUT)
    assert [set(fold.test) for fold in evidence.scores.folds] == [{"accuracy", "f1"}] * 3
    assert [set(fold.train) for fold in evidence.scores.folds] == [{"accuracy", "f1"}] * 3


@pytest.mark.parametrize(
    ("model", "data", "is_scored"),
    [
        (KMeans(2, n_init=1, random_state=0), (X, None), True),
        (StandardScaler(), (X, None), False),
        (LogisticRegression(), (X, None), False),
        (LogisticRegression(), (X, y), True),
        (LinearRegression(), (pd.DataFrame(X, columns=["a", "b", "c"]), pd.Series(X[:, 0], name="t")), True),
    ],
    ids=["a-clustering", "a-transformer", "a-classifier-without-targets", "a-classifier", "frames"],
)
def test_scores_are_recorded_where_there_is_something_to_score(model: Any, data: Any, is_scored: bool):
    samples, targets = data
    fitted = model.fit(samples, y if targets is None and isinstance(model, LogisticRegression) else targets)
    evidence = hermetic.record(fitted, samples, targets, cv=3, **WITHOUT)
    assert (evidence.scores is not None) == is_scored
    assert (evidence.recipe.splitter is not None) == is_scored
    assert evidence.recipe.estimator.get_params() == fitted.get_params()


@pytest.mark.parametrize(
    ("model", "is_kept"),
    [(MODEL, True), ({"a": 1}, False), (FunctionTransformer(lambda rows: rows), False)],
    ids=["an-estimator", "a-dictionary", "a-lambda"],
)
def test_what_can_be_fitted_again_is_kept_without_a_score_too(model: Any, is_kept: bool):
    evidence = hermetic.record(model, X, golden=None, cv=None, **WITHOUT)
    assert (evidence.recipe is not None) == is_kept


def test_texts_are_data():
    texts = ["good wine", "bad wine", "good bread", "bad bread", "fine wine", "poor wine"] * 4
    targets = [1, 0, 1, 0, 1, 0] * 4
    model = make_pipeline(CountVectorizer(), MultinomialNB()).fit(texts, targets)
    evidence = hermetic.record(model, texts, targets, cv=2, **WITHOUT)
    assert evidence.data.parts[0].fingerprint.columns[0].type == "text"
    assert evidence.golden.n_rows > 0


def test_the_short_form_of_dump_is_the_same_as_both_calls(tmp_path: Path):
    hermetic.dump(MODEL, tmp_path / "short.hermetic", X=X, y=y, cv=3, **WITHOUT)
    evidence = hermetic.record(MODEL, X, y, cv=3, **WITHOUT)
    hermetic.dump(MODEL, tmp_path / "long.hermetic", evidence=evidence)
    short, long = (
        open_container(BufferSource((tmp_path / f"{name}.hermetic").read_bytes())) for name in ("short", "long")
    )
    assert list(short.members) == list(long.members)
    for kind in ("data", "source", "environment"):
        assert read_record(short, kind) == read_record(long, kind)
    assert [fold.test for fold in read_record(short, "scores").folds] == [fold.test for fold in evidence.scores.folds]


def test_dump_takes_evidence_or_what_to_record_but_not_both():
    with pytest.raises(UsageError, match="evidence was given, and so were arguments to record some: X, cv"):
        hermetic.dump(MODEL, io.BytesIO(), evidence=hermetic.Evidence(), X=X, cv=3)


def test_dump_without_evidence_loads_nothing_that_records(tmp_path: Path):
    import subprocess

    script = (
        "import sys, hermetic\n"
        f"hermetic.dump({{'a': 1}}, {str(tmp_path / 'a.hermetic')!r})\n"
        "print([name for name in sys.modules if name.startswith('hermetic.evidence.') and 'saving' not in name])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_can_be_wrong_with_arguments_is_said():
    with pytest.raises(UsageError, match="there is no X to these data"):
        hermetic.record(MODEL, y=y, golden=None)
    with pytest.raises(TypeError, match="unexpected keyword argument 'folds'"):
        hermetic.record(MODEL, X, folds=3)


def test_results_that_somebody_has_already_are_taken():
    results = cross_validate(MODEL, X, y, cv=4, return_train_score=True, return_indices=True)
    evidence = hermetic.record_scores(MODEL, X, y, results=results, cv=4, **WITHOUT)
    assert [fold.test["score"] for fold in evidence.scores.folds] == results["test_score"].tolist()
    assert evidence.golden is not None


def test_golden_rows_can_be_left_out():
    evidence = hermetic.record(MODEL, X, y, golden=None, cv=None, **WITHOUT)
    assert (evidence.golden, evidence.scores) == (None, None)
    assert evidence.data is not None


def test_folds_are_counted_where_somebody_looks(capsys: pytest.CaptureFixture[str]):
    hermetic.record(MODEL, X, y, cv=2, source=None, data=None, progress=True)
    assert "cross-validating" in capsys.readouterr().err
    hermetic.record(MODEL, X, y, cv=2, **WITHOUT)
    assert capsys.readouterr().err == ""
