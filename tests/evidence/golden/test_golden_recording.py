"""Recording what a model answers: the same each time, nothing that is not plain, and nobody's rows unless asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.cluster import DBSCAN
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import BernoulliRBM
from sklearn.preprocessing import StandardScaler

import hermetic
from hermetic.recorded.comparison import find_difference
from tests.golden_evidence import golden_evidence

X = np.random.default_rng(0).normal(size=(60, 3))
y = (X[:, 0] > 0).astype(int)
MODEL = LogisticRegression().fit(X, y)


def test_the_same_model_and_data_give_the_same_record():
    one, other = golden_evidence(MODEL, X).golden, golden_evidence(MODEL, X).golden
    assert np.array_equal(one.rows, other.rows)
    assert one.answers.keys() == other.answers.keys()


def test_no_global_generator_moves():
    before = np.random.get_state()[1].tolist()
    golden_evidence(MODEL, X)
    golden_evidence(MODEL, X, y, golden=10)
    assert np.random.get_state()[1].tolist() == before


def test_answers_are_those_of_the_model():
    golden = golden_evidence(MODEL, X).golden
    for method in golden.methods:
        found = getattr(MODEL, method)(golden.rows)
        assert find_difference(method, golden.answers[method], found, {}) is None


def test_no_row_of_the_data_is_among_synthetic_ones():
    golden = golden_evidence(MODEL, X).golden
    assert golden.origin == "synthetic"
    assert not {tuple(row) for row in X} & {tuple(row) for row in golden.rows}


def test_real_rows_are_rows_of_the_data():
    golden = golden_evidence(MODEL, X, y, golden=12).golden
    assert (golden.origin, golden.n_rows) == ("real", 12)
    assert {tuple(row) for row in golden.rows} <= {tuple(row) for row in X}


def test_without_data_rows_are_drawn_from_what_the_model_knows():
    golden = golden_evidence(MODEL).golden
    assert golden.rows.shape == (48, 3)
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    assert list(golden_evidence(LogisticRegression().fit(frame, y)).golden.rows.columns) == ["a", "b", "c"]


def test_versions_are_those_of_this_process():
    versions = golden_evidence(MODEL, X).golden.versions
    assert versions["numpy"] == np.__version__
    assert {"hermetic", "python", "scikit-learn", "scipy"} <= versions.keys()


class Moody(BaseEstimator):
    """Answers something else each time, an object, or nothing."""

    n_asked = 0

    def predict(self, rows: Any) -> Any:
        """Count."""
        self.n_asked += 1
        return np.full(len(rows), float(self.n_asked))

    def transform(self, rows: Any) -> Any:
        """Give a model."""
        return MODEL

    def decision_function(self, rows: Any) -> Any:
        """Fail."""
        raise RuntimeError("not today")

    def score_samples(self, rows: Any) -> Any:
        """Answer."""
        return np.asarray(rows)[:, 0]


def test_what_cannot_be_repeated_is_left_out_with_its_reason():
    golden = golden_evidence(Moody(), X).golden
    assert golden.methods == ("score_samples",)
    assert golden.skipped["predict"] == "it answers something else each time"
    assert "LogisticRegression" in golden.skipped["transform"]
    assert golden.skipped["decision_function"] == "RuntimeError: not today"


def test_a_model_that_draws_is_left_out():
    golden = golden_evidence(BernoulliRBM(4, n_iter=1).fit(np.abs(X) % 1), np.abs(X) % 1).golden
    assert "transform" in golden.methods
    assert "score_samples" in golden.skipped


def test_a_model_that_answers_nothing_has_a_record_without_answers():
    model = DBSCAN().fit(X)
    evidence = golden_evidence(model, X)
    assert evidence.golden.methods == ()
    assert hermetic.loads(hermetic.dumps(model, evidence=evidence), check="always") is not None


def test_rows_whose_neighbours_are_tied_are_left_out():
    grid = np.array([[float(a), float(b)] for a in range(4) for b in range(4)])
    model = KNeighborsClassifier(n_neighbors=1).fit(grid, np.arange(16) % 2)
    golden = golden_evidence(model, grid, golden=16).golden
    distances, _ = model.kneighbors(golden.rows, n_neighbors=2)
    assert golden.n_rows == 16
    assert (distances[:, 1] > distances[:, 0]).all()


def test_a_model_that_writes_into_its_rows_leaves_them_alone():
    data = X.copy()
    golden = golden_evidence(StandardScaler(copy=False).fit(X.copy()), data).golden
    assert np.array_equal(data, X)
    assert golden.methods == ("transform", "inverse_transform")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"X": X, "golden": "fake"}, "golden must be 'synthetic' or a number from 1 to 1000"),
        ({"X": X, "golden": 0}, "golden must be"),
        ({"X": X, "golden": True}, "golden must be"),
        ({"X": X, "golden": 1001}, "golden must be"),
        ({"golden": 10}, "real rows need data"),
        ({"X": X[:0]}, "X has no rows"),
        ({"X": X[:0], "golden": 3}, "X has no rows"),
        ({"X": X, "y": y[:5], "golden": 3}, "X has 60 rows, and y has 5"),
        ({"X": 3}, "X has no rows"),
        ({"X": np.zeros((2, 3, 4))}, "rows cannot be drawn from ndarray of shape"),
        ({"X": [{"a": 1}]}, "rows can be drawn from texts"),
        ({"X": [[1], [2, 3]]}, "rows cannot be drawn"),
        ({"X": [object()], "golden": 1}, "cannot be kept|evidence is made of"),
    ],
    ids=[f"case{number}" for number in range(13)],
)
def test_what_cannot_be_done_is_said(arguments: dict[str, Any], words: str):
    with pytest.raises(hermetic.UsageError, match=words):
        golden_evidence(MODEL, **arguments)


def test_a_model_that_knows_no_features_needs_data():
    with pytest.raises(hermetic.UsageError, match="for models that know their features only"):
        golden_evidence(LinearRegression())
