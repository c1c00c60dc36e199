"""Evidence as a value: what it says of itself, and what it does not show."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.linear_model import LinearRegression, LogisticRegression, MultiTaskLasso
from sklearn.multioutput import MultiOutputClassifier
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import hermetic
from hermetic.recorded.evidence import Evidence
from hermetic.recorded.golden import GoldenRows
from tests.golden_evidence import golden_evidence

X = np.random.default_rng(0).normal(size=(24, 3))
LABELS = np.array([["a", "x"], ["b", "y"], ["a", "y"]] * 8)


def test_it_shows_how_much_there_is_and_no_row():
    text = repr(golden_evidence(LinearRegression().fit(X, X[:, 0]), X, golden=5))
    assert "origin='real'" in text
    assert "n_rows=5" in text
    assert "array(" not in text


def test_it_cannot_be_changed():
    evidence = golden_evidence(LinearRegression().fit(X, X[:, 0]), X)
    with pytest.raises(dataclasses.FrozenInstanceError):
        evidence.golden = None  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        evidence.golden.n_rows = 3  # type: ignore[misc]


def test_it_can_be_handed_to_another_process():
    evidence = golden_evidence(LinearRegression().fit(X, X[:, 0]), X)
    assert pickle.loads(pickle.dumps(evidence)).golden.methods == evidence.golden.methods


def test_its_parts_are_given_by_name():
    golden = GoldenRows(origin="real", model="a.B", rows=[], n_rows=0, answers={}, skipped={}, versions={})
    assert Evidence(golden=golden).golden.methods == ()
    with pytest.raises(TypeError):
        Evidence(golden)  # type: ignore[misc]


ANSWERS = {
    "several-outputs": (MultiTaskLasso(alpha=0.01).fit(X, X[:, :2]), X),
    "lists-of-probabilities": (MultiOutputClassifier(LogisticRegression()).fit(X, LABELS), X),
    "sparse": (OneHotEncoder().fit(LABELS), LABELS),
    "frames": (StandardScaler().set_output(transform="pandas").fit(pd.DataFrame(X, columns=list("abc"))), None),
    "sparse-rows": (LogisticRegression().fit(scipy.sparse.csr_matrix(X), X[:, 0] > 0), scipy.sparse.csr_matrix(X)),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_of_every_kind_are_kept_and_compared(name: str):
    model, rows = ANSWERS[name]
    rows = pd.DataFrame(X, columns=list("abc")) if rows is None else rows
    evidence = golden_evidence(model, rows)
    assert not evidence.golden.skipped
    _, report = hermetic.loads(hermetic.dumps(model, evidence=evidence), check="always", report=True)
    assert report.golden.verdict == "passed"
    assert report.golden.methods == evidence.golden.methods


@pytest.mark.parametrize("name", ANSWERS)
def test_evidence_may_be_real_rows_of_every_kind(name: str):
    model, rows = ANSWERS[name]
    rows = pd.DataFrame(X, columns=list("abc")) if rows is None else rows
    golden = golden_evidence(model, rows, golden=6).golden
    assert golden.n_rows == 6
    assert type(golden.rows) is type(rows)
