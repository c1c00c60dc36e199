"""What a model can be asked, and rows of whatever it takes and answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import BayesianRidge, LogisticRegression, Perceptron
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from hermetic.recorded.answers import answer, methods_of, n_rows_of, take_rows

X = np.arange(12.0).reshape(6, 2)
y = [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize(
    ("model", "methods"),
    [
        (LogisticRegression(), ["predict", "predict_proba", "predict_log_proba", "decision_function"]),
        (Perceptron(), ["predict", "decision_function"]),
        (SVC(probability=False), ["predict", "decision_function"]),
        (StandardScaler(), ["transform", "inverse_transform"]),
        (NearestNeighbors(), ["kneighbors"]),
        (BayesianRidge(), ["predict", "predict with return_std"]),
        (GaussianProcessRegressor(), ["predict", "predict with return_std"]),
        ({"a": 1}, []),
        (None, []),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_model_is_asked_what_it_can_be_asked(model: object, methods: list[str]):
    assert methods_of(model) == methods


def test_a_model_whose_attributes_raise_is_asked_nothing_there():
    class Odd:
        @property
        def predict(self) -> Any:
            raise ValueError("not today")

        def transform(self, rows: Any) -> Any:
            return rows

    assert methods_of(Odd()) == ["transform"]


def test_a_model_that_writes_into_its_input_changes_no_record():
    rows = X.copy()
    scaler = StandardScaler(copy=False).fit(X.copy())
    answer(scaler, "transform", rows, {})
    assert np.array_equal(rows, X)
    answers = {"transform": np.zeros((6, 2))}
    answer(scaler, "inverse_transform", rows, answers)
    assert not answers["transform"].any()


def test_deviations_are_asked_for():
    mean, deviation = answer(BayesianRidge().fit(X, y), "predict with return_std", X, {})
    assert mean.shape == deviation.shape == (6,)


@pytest.mark.parametrize(
    ("value", "n_rows"),
    [(X, 6), (pd.DataFrame(X), 6), (scipy.sparse.eye(4), 4), (["a"], 1), ((), 0), (np.float64(1), -1), (3, -1)],
    ids=["array", "frame", "sparse", "texts", "nothing", "scalar", "number"],
)
def test_rows_are_counted(value: Any, n_rows: int):
    assert n_rows_of(value) == n_rows


def test_rows_are_taken_from_whatever_has_them():
    numbers = np.array([2, 0])
    assert take_rows(X, numbers, 6).tolist() == [[4.0, 5.0], [0.0, 1.0]]
    assert take_rows(pd.DataFrame(X), numbers, 6).to_numpy().tolist() == [[4.0, 5.0], [0.0, 1.0]]
    assert take_rows(scipy.sparse.coo_matrix(X), numbers, 6).toarray().tolist() == [[4.0, 5.0], [0.0, 1.0]]
    assert take_rows(["a", "b", "c"], numbers, 3) == ["c", "a"]
    first, second = take_rows((X, X[:, 0]), numbers, 6)
    assert first.shape == (2, 2)
    assert second.tolist() == [4.0, 0.0]
    outputs = take_rows([X, X], numbers, 6)
    assert [part.shape for part in outputs] == [(2, 2), (2, 2)]
    assert take_rows([[1, 2], [3, 4]], np.array([1]), 2) == [[3, 4]]
