"""What a report says of the way from a file to a model."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
import sklearn
from sklearn.base import InconsistentVersionWarning
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, StandardScaler
from sklearn.svm import SVC

import hermetic
from hermetic.capture import capture
from hermetic.graph import Instances
from hermetic.load_report import GoldenCheck, LoadReport, Migration
from hermetic.migrate import migrate
from hermetic.stages import ApprovedGraph, Journal
from tests.golden_evidence import golden_evidence

X = np.arange(12.0).reshape(6, 2)
y = [0, 0, 0, 1, 1, 1]
PASSED = GoldenCheck(verdict="passed", reason="installed here: numpy 3.0", n_rows=48, methods=("predict",))
ABSENT = GoldenCheck(verdict="absent", reason="the file holds no golden rows")


def report(**facts: object) -> LoadReport:
    known = {"file": "m.hermetic", "written_by": {"numpy": "2.0"}, "installed": {"numpy": "3.0"}, "migrations": ()}
    return LoadReport(**{**known, "golden": ABSENT, **facts})


@pytest.mark.parametrize(
    ("is_known", "golden", "ok"), [(True, ABSENT, True), (False, ABSENT, False), (False, PASSED, True)], ids=str
)
def test_answers_are_known_by_measured_migrations_or_by_recorded_rows(is_known: bool, golden: GoldenCheck, ok: bool):
    assert report(is_known=is_known, golden=golden).ok is ok


def test_words_say_everything_and_promise_no_more():
    migration = Migration(type="sklearn.svm.SVC", older="1.8", newer="1.9", what="added a")
    text = str(report(golden=PASSED, migrations=(migration,)))
    assert "m.hermetic: written by numpy 2.0; installed: numpy 3.0" in text
    assert "migrated sklearn.svm.SVC from 1.8 to 1.9: added a" in text
    assert "golden rows: passed, installed here: numpy 3.0 (48 rows: predict)" in text
    assert "not who made the file" in text


def test_what_a_file_says_cannot_reach_a_terminal():
    text = str(report(written_by={"numpy": "\x1b[2J\u202e"}))
    assert all(character.isprintable() or character == "\n" for character in text)
    assert "\x1b" not in text


def test_json_has_every_fact():
    migration = Migration(type="sklearn.svm.SVC", older="1.8", newer="1.9", what="added a")
    content = json.loads(report(golden=PASSED, migrations=(migration,)).to_json())
    assert content["migrations"] == [{"type": "sklearn.svm.SVC", "from": "1.8", "to": "1.9", "what": "added a"}]
    assert content["golden"] == {**vars(PASSED), "methods": ["predict"]}
    assert (content["ok"], content["is_known"], content["file"]) == (True, True, "m.hermetic")


def test_a_journal_notes_each_change_once_and_nothing_else():
    journal = Journal()
    same = [1]
    for _ in range(2):
        journal.note_change("a", "1.8", "1.9", {"x": same, "y": 1}, {"x": same, "z": 2})
    journal.note_change("b", "1.8", "1.9", {"x": same}, {"x": same})
    journal.note_change("c", "1.8", "1.9", {"x": [1]}, {"x": [1]})
    assert [(name, what) for name, _, _, what in journal.migrations] == [
        ("a", "added z; removed y"),
        ("c", "changed x"),
    ]


def older(model: object) -> ApprovedGraph:
    """Give the graph of a model without what scikit-learn 1.9 has added to support vector machines."""
    graph = capture(model)
    for node in graph.nodes:
        if isinstance(node, Instances):
            node.fields.pop("_effective_probability", None)
    return ApprovedGraph(graph=graph)


def test_migrations_say_type_releases_and_fields():
    journal = Journal()
    model = make_pipeline(StandardScaler(), SVC()).fit(X, y)
    migrate(older(model), written_by={"scikit-learn": "1.8.0"}, journal=journal)
    assert journal.migrations == [("sklearn.svm.SVC", "1.8", "1.9", "added _effective_probability")]
    assert journal.is_known


def test_migrations_downward_say_so():
    journal = Journal()
    graph = ApprovedGraph(graph=capture(MaxAbsScaler().fit(X)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sklearn, "__version__", "1.7.2")
        migrate(graph, written_by={"scikit-learn": "1.9.1"}, journal=journal)
    assert journal.migrations == [("sklearn.preprocessing.MaxAbsScaler", "1.8", "1.7", "removed clip")]


def test_a_load_has_its_report(monkeypatch: pytest.MonkeyPatch):
    model = LinearRegression().fit(X, y)
    with monkeypatch.context() as patch:
        patch.setattr(sklearn, "__version__", "1.8.0")
        data = hermetic.dumps(model)
    with warnings.catch_warnings():
        warnings.simplefilter("error", InconsistentVersionWarning)
        loaded, found = hermetic.loads(data, report=True)
    assert found.written_by["scikit-learn"] == "1.8.0"
    assert found.installed["scikit-learn"] == sklearn.__version__
    assert np.array_equal(loaded.predict(X), model.predict(X))


@pytest.mark.parametrize("future", ["1.99.0", "2.0.1", "1.99.dev0", "10.3"])
def test_a_release_of_the_future_gives_one_warning_and_a_report(future: str, monkeypatch: pytest.MonkeyPatch):
    model = LinearRegression().fit(X, y)
    with monkeypatch.context() as patch:
        patch.setattr(sklearn, "__version__", future)
        data = hermetic.dumps(model, evidence=golden_evidence(model, X))
    with pytest.warns(hermetic.UnknownReleaseWarning, match="does not know what has changed") as warned:
        loaded, found = hermetic.loads(data, report=True)
    assert len(warned) == 1
    assert found.golden.verdict == "passed"
    assert found.ok
    assert not found.is_known
    assert np.array_equal(loaded.predict(X), model.predict(X))


def test_a_release_of_the_future_without_rows_is_not_ok():
    model = LinearRegression().fit(X, y)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sklearn, "__version__", "1.99.0")
        data = hermetic.dumps(model)
        hermetic.loads(data)  # the same release needs no change
    with pytest.warns(hermetic.UnknownReleaseWarning):
        found = hermetic.loads(data, report=True)[1]
    assert not found.ok


def test_a_known_file_in_a_library_of_the_future_is_brought_to_the_last_known_release(monkeypatch: pytest.MonkeyPatch):
    data = hermetic.dumps(MaxAbsScaler().fit(X))
    monkeypatch.setattr(sklearn, "__version__", "1.99.0")
    with pytest.warns(hermetic.UnknownReleaseWarning):
        assert hermetic.loads(data).transform(X).max() == 1.0


def test_a_state_that_does_not_fit_is_refused():
    model = LinearRegression().fit(X, y)
    del model.positive
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sklearn, "__version__", "1.99.0")
        data = hermetic.dumps(model)
    with pytest.raises(hermetic.UnsupportedVersion, match="does not fit: it lacks positive"):
        hermetic.loads(data)
