"""Predictions are summed up: right sums, few points, and no sample among them."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.metrics import confusion_matrix, roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from hermetic.evidence.scores.cross_validation import run_folds
from hermetic.evidence.scores.folds import split
from hermetic.evidence.scores.out_of_fold import N_POINTS, out_of_fold
from hermetic.recorded.records import decode_record, encode_record
from hermetic.recorded.scores import OutOfFold, Residuals

CANCER = load_breast_cancer(return_X_y=True)
SCALED = make_pipeline(StandardScaler(), LogisticRegression())
IRIS = load_iris(return_X_y=True)


def summed_up(model: Any, X: Any, y: Any, *, is_classifier: bool = True) -> OutOfFold | None:
    folds = split(model, {"X": X, "y": y}, 4)
    results = run_folds(model, {"X": X, "y": y}, folds.indices, {"score": None})
    tests = [test for _, test in folds.indices]
    return out_of_fold(y, tests, [result.outputs for result in results], is_classifier=is_classifier)


def test_two_classes_have_one_curve_with_the_right_area():
    found = summed_up(SCALED, *CANCER)
    [curve] = found.roc
    probabilities = cross_val_predict(SCALED, *CANCER, cv=4, method="predict_proba")
    assert curve.label == "1"
    assert curve.area == roc_auc_score(CANCER[1], probabilities[:, 1])
    assert len(curve.false_positive) == len(curve.true_positive) <= N_POINTS
    assert (curve.false_positive[0], curve.true_positive[0]) == (0.0, 0.0)
    assert (curve.false_positive[-1], curve.true_positive[-1]) == (1.0, 1.0)
    assert curve.false_positive == sorted(curve.false_positive)


def test_a_long_curve_has_few_points_and_nearly_the_same_area():
    random = np.random.default_rng(0)
    truth = random.integers(0, 2, 20_000)
    probability = np.clip(0.3 + 0.3 * truth + 0.2 * random.normal(size=20_000), 0, 1)
    outputs = [{"prediction": truth, "probabilities": np.stack([1 - probability, probability], 1), "classes": [0, 1]}]
    [curve] = out_of_fold(truth, [np.arange(20_000)], outputs, is_classifier=True).roc
    assert 50 < len(curve.false_positive) <= N_POINTS
    assert np.trapezoid(curve.true_positive, curve.false_positive) == pytest.approx(curve.area, abs=0.002)


def test_several_classes_have_a_curve_each_and_a_confusion_matrix():
    found = summed_up(SCALED, *IRIS)
    assert [curve.label for curve in found.roc] == ["0", "1", "2"]
    predicted = cross_val_predict(SCALED, *IRIS, cv=4)
    assert found.confusion.labels == ["0", "1", "2"]
    assert found.confusion.counts == confusion_matrix(IRIS[1], predicted).tolist()
    assert found.n_samples == 150


def test_calibration_counts_every_sample_once():
    found = summed_up(SCALED, *CANCER)
    [calibration] = found.calibration
    assert sum(calibration.counts) == len(CANCER[1])
    observed = np.average(calibration.observed, weights=calibration.counts)
    assert observed == pytest.approx(np.mean(CANCER[1]))
    assert all(0 <= share <= 1 for share in calibration.predicted)


@pytest.mark.parametrize("model", [RidgeClassifier(), SVC()], ids=["ridge", "svc"])
def test_a_decision_has_a_curve_and_no_calibration(model: Any):
    found = summed_up(model, *CANCER)
    decisions = cross_val_predict(model, *CANCER, cv=4, method="decision_function")
    assert found.roc[0].area == pytest.approx(roc_auc_score(CANCER[1], decisions))
    assert found.calibration == []


def test_numbers_have_residuals():
    X, y = load_diabetes(return_X_y=True)
    residuals = summed_up(LinearRegression(), X, y, is_classifier=False).residuals
    expected = y - cross_val_predict(LinearRegression(), X, y, cv=4)
    assert sum(residuals.histogram) == sum(map(sum, residuals.counts)) == len(y)
    assert residuals.histogram_edges[0] == pytest.approx(expected.min())
    assert residuals.histogram_edges[-1] == pytest.approx(expected.max())
    assert np.shape(residuals.counts) == (len(residuals.prediction_edges) - 1, len(residuals.residual_edges) - 1)


def test_texts_are_classes():
    names = np.array(["no", "yes"])[CANCER[1]]
    found = summed_up(SCALED, CANCER[0], names)
    assert [curve.label for curve in found.roc] == ["yes"]
    assert found.confusion.labels == ["no", "yes"]


def test_it_comes_back_from_json():
    for found in (summed_up(SVC(), *CANCER), summed_up(LinearRegression(), *CANCER, is_classifier=False)):
        assert decode_record(encode_record(found), OutOfFold) == found


def test_a_fold_that_lacks_a_class_has_no_part_in_curves():
    outputs = [
        {"prediction": [0, 1], "probabilities": np.array([[0.9, 0.1], [0.2, 0.8]]), "classes": [0, 1]},
        {"prediction": [0, 0], "probabilities": np.array([[1.0], [1.0]]), "classes": [0]},
    ]
    found = out_of_fold([0, 1, 0, 0], [[0, 1], [2, 3]], outputs, is_classifier=True)
    assert found.n_samples == 4
    assert sum(found.calibration[0].counts) == 2


WITHOUT: dict[str, tuple[Any, Any]] = {
    "nothing-predicted": ([0, 1], [{}]),
    "two-targets": ([[0, 1], [1, 0]], [{"prediction": [[0, 1], [1, 0]]}]),
    "no-order": (np.array([None, "a"], dtype=object), [{"prediction": [None, "a"]}]),
    "no-samples": ([], [{"prediction": []}]),
}


@pytest.mark.parametrize("name", WITHOUT)
def test_where_nothing_can_be_summed_up_there_is_nothing(name: str):
    y, outputs = WITHOUT[name]
    assert out_of_fold(y, [[0, 1]], outputs, is_classifier=True) is None


@pytest.mark.parametrize("prediction", [["a", "b"], [np.nan, np.inf]], ids=["texts", "not-finite"])
def test_predictions_that_are_no_numbers_have_no_residuals(prediction: list[Any]):
    assert out_of_fold([1.0, 2.0], [[0, 1]], [{"prediction": prediction}], is_classifier=False) is None


def test_too_many_classes_have_no_matrix():
    y = np.arange(60)
    found = out_of_fold(y, [y], [{"prediction": y}], is_classifier=True)
    assert (found.confusion, found.roc) == (None, [])


CHANCE = np.random.default_rng(3)
RESIDUALS: dict[str, tuple[Any, Any]] = {
    "all-right": (np.arange(50.0), np.arange(50.0)),
    "one-number": (np.zeros(50), np.zeros(50)),
    "one-large-number": (np.full(50, 1e16), np.full(50, 1e16)),
    "neighbours": (np.full(50, 0.1), np.where(np.arange(50) % 2, 0.1, np.nextafter(0.1, 1))),
    "large-neighbours": (1e16 + 2 * np.arange(50), np.full(50, 0.0)),
    "rounding-far-from-nothing": (5 + 1e-15 * np.arange(50), np.zeros(50)),
    "the-least-numbers": (5e-324 * np.arange(50), np.zeros(50)),
    "large": (1e290 * CHANCE.normal(size=50), np.zeros(50)),
    "some-not-finite": (np.where(np.arange(50) % 5, 1.0, np.inf), np.arange(50.0)),
    "half-precision": (np.arange(50, dtype=np.float16), np.zeros(50, dtype=np.float16)),
    "whole-numbers": (np.arange(50, dtype=np.uint8), np.full(50, 200, dtype=np.uint8)),
    "truth-and-falsehood": (np.arange(50) % 2 == 0, np.full(50, 0.5)),
}


@pytest.mark.parametrize("name", RESIDUALS)
def test_every_finite_residual_is_in_a_bin(name: str):
    truth, predicted = RESIDUALS[name]
    found = out_of_fold(truth, [np.arange(50)], [{"prediction": predicted}], is_classifier=False).residuals
    n_finite = np.count_nonzero(np.isfinite(truth.astype(float) - predicted.astype(float)))
    assert sum(found.histogram) == sum(map(sum, found.counts)) == n_finite
    for edges in (found.prediction_edges, found.residual_edges, found.histogram_edges):
        assert all(one < other for one, other in itertools.pairwise(edges))
    assert decode_record(encode_record(found), Residuals) == found


NO_RESIDUALS: dict[str, tuple[Any, Any]] = {
    "complex": ([1j, 2j], [1.0, 2.0]),
    "days": (np.array(["2020-01-01", "2020-01-02"], "M8[D]"), np.array(["2020-01-01", "2020-01-02"], "M8[D]")),
    "spans": (np.array([1, 2], "m8[s]"), np.array([1, 2], "m8[s]")),
    "too-far-apart": ([1e308, -1e308], [0.0, 0.0]),
    "beyond-all-numbers": ([1e308, 1e308], [-1e308, -1e308]),
    "fewer-than-samples": ([1.0, 2.0], [1.0]),
    "more-than-samples": ([1.0, 2.0], [1.0, 2.0, 3.0]),
    "one-for-all": ([1.0, 2.0], 1.0),
    "a-column": ([1.0, 2.0], [[1.0], [2.0]]),
}


@pytest.mark.parametrize("name", NO_RESIDUALS)
def test_what_cannot_be_subtracted_has_no_residuals(name: str):
    truth, predicted = NO_RESIDUALS[name]
    assert out_of_fold(truth, [[0, 1]], [{"prediction": predicted}], is_classifier=False) is None


def two_classes(**outputs: Any) -> OutOfFold | None:
    given = {"prediction": [0, 1, 1, 0], "classes": [0, 1], **outputs}
    return out_of_fold([0, 1, 0, 1], [[0, 1, 2, 3]], [given], is_classifier=True)


NO_CURVE: dict[str, Any] = {
    "texts": [["a", "b"]] * 4,
    "not-finite": [[0.5, np.nan]] * 4,
    "too-few-rows": [[0.5, 0.5]] * 3,
    "too-few-columns": [[1.0]] * 4,
    "too-many-columns": [[0.2, 0.3, 0.5]] * 4,
    "objects": [[None, 0.5]] * 3 + [[{}, 0.5]],
}


@pytest.mark.parametrize("word", ["probabilities", "decision"])
@pytest.mark.parametrize("name", NO_CURVE)
def test_scores_that_are_none_leave_the_confusion_matrix(name: str, word: str):
    found = two_classes(**{word: np.array(NO_CURVE[name], dtype=object if name == "objects" else None)})
    assert (found.roc, found.calibration) == ([], [])
    assert found.confusion.counts == [[1, 1], [1, 1]]


@pytest.mark.filterwarnings("error")
def test_probabilities_of_somebodys_own_may_be_any_numbers():
    found = two_classes(probabilities=np.array([[-5.0, 6.0], [1e30, -1e30], [0.5, 0.5], [0.0, 1.0]]))
    [calibration] = found.calibration
    assert sum(calibration.counts) == 4
    assert calibration.counts == [1, 1, 2]
    assert found.roc[0].area == 0.25


def test_a_fold_with_other_columns_takes_the_curves_away_and_not_the_counts():
    outputs = [
        {"prediction": [0, 1], "probabilities": np.full((2, columns), 0.5), "classes": [0, 1]} for columns in (2, 3)
    ]
    found = out_of_fold([0, 1, 0, 1], [[0, 1], [2, 3]], outputs, is_classifier=True)
    assert (found.roc, found.n_samples) == ([], 4)


def test_folds_that_answer_in_other_ways_have_no_common_curve():
    outputs = [
        {"prediction": [0, 1], "probabilities": np.full((2, 2), 0.5), "classes": [0, 1]},
        {"prediction": [0, 1], "decision": np.array([-1.0, 1.0]), "classes": [0, 1]},
    ]
    assert out_of_fold([0, 1, 0, 1], [[0, 1], [2, 3]], outputs, is_classifier=True).roc == []


def test_texts_predicted_for_numbers_and_numbers_for_texts_have_no_matrix():
    mixed = np.array([0, "a"], dtype=object)
    found = out_of_fold(np.array(["a", "b"], dtype=object), [[0, 1]], [{"prediction": mixed}], is_classifier=True)
    assert (found.confusion, found.n_samples) == (None, 2)


def test_a_class_that_no_tested_sample_has_has_no_curve_and_the_others_have():
    scores = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1]])
    outputs = [{"prediction": [0, 1, 0], "probabilities": scores, "classes": [0, 1, 2]}]
    found = out_of_fold([0, 1, 0, 2], [[0, 1, 2]], outputs, is_classifier=True)
    assert [curve.label for curve in found.roc] == ["0", "1"]
    assert [curve.area for curve in found.roc] == [1.0, 1.0]
    assert found.confusion.counts == [[2, 0, 0], [0, 1, 0], [0, 0, 0]]


def test_a_sample_counts_as_often_as_it_was_tested():
    given = {"prediction": [0, 1]}
    found = out_of_fold([0, 1], [[0, 1]] * 3, [given] * 3, is_classifier=True)
    assert found.confusion.counts == [[3, 0], [0, 3]]
    assert found.n_samples == 6


LABELS: dict[str, tuple[Any, list[str]]] = {
    "texts": (np.array(["no", "yes"]), ["no", "yes"]),
    "objects": (np.array(["no", "yes"], dtype=object), ["no", "yes"]),
    "truth": (np.array([False, True]), ["False", "True"]),
    "negative": (np.array([-1, 1]), ["-1", "1"]),
    "shares": (np.array([0.25, 0.75]), ["0.25", "0.75"]),
}


@pytest.mark.parametrize("name", LABELS)
def test_labels_of_any_kind_are_told_as_text(name: str):
    labels, words = LABELS[name]
    truth, predicted = labels[[0, 1, 1, 0]], labels[[0, 1, 0, 0]]
    scores = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.6, 0.4]])
    outputs = [{"prediction": predicted, "probabilities": scores, "classes": labels}]
    found = out_of_fold(truth, [np.arange(4)], outputs, is_classifier=True)
    assert found.confusion.labels == words
    assert found.confusion.counts == [[2, 0], [1, 1]]
    assert [curve.label for curve in found.roc] == words[1:]
