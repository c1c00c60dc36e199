"""The digest of predictions sees every bit; the examples are the same in every process."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hermetic.demonstration.models import EXAMPLES, digest_of_predictions


class Predictor:
    """Predicts what it was given, whatever it is asked."""

    def __init__(self, labels: Any, probabilities: Any) -> None:
        self.predict = lambda samples: labels
        self.predict_proba = lambda samples: probabilities


LABELS = np.array([0, 1])
PROBABILITIES = np.array([[0.5, 0.5], [0.0, 1.0]])
SAME = {
    "copies": (LABELS.copy(), PROBABILITIES.copy()),
    "another memory order": (LABELS, np.asfortranarray(PROBABILITIES)),
    "views": (np.repeat(LABELS, 2)[::2], np.tile(PROBABILITIES, 2)[:, :2]),
    "lists": (LABELS.tolist(), PROBABILITIES.tolist()),
}
OTHER = {
    "another label": (LABELS[::-1], PROBABILITIES),
    "the last bit of one probability": (LABELS, np.nextafter(PROBABILITIES, 2)),
    "zero of the other sign": (LABELS, np.where(PROBABILITIES == 0, -0.0, PROBABILITIES)),
    "another dtype of the labels": (LABELS.astype("i4"), PROBABILITIES),
    "another shape": (LABELS, PROBABILITIES.reshape(1, 4)),
    "text for numbers": (LABELS.astype(str), PROBABILITIES),
    "labels and probabilities exchanged": (PROBABILITIES, LABELS),
}


def digest(labels: Any, probabilities: Any) -> str:
    return digest_of_predictions(Predictor(labels, probabilities), [])


@pytest.mark.parametrize("name", SAME)
def test_equal_predictions_have_one_digest(name: str):
    assert digest(*SAME[name]) == digest(LABELS, PROBABILITIES)


@pytest.mark.parametrize("name", OTHER)
def test_any_other_bit_is_another_digest(name: str):
    assert digest(*OTHER[name]) != digest(LABELS, PROBABILITIES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_samples_of_an_example_are_the_same_each_time(example: Any):
    (samples, targets), (again, targets_again) = example.read_samples(), example.read_samples()
    assert len(samples) == len(targets) > 100
    assert np.array_equal(np.asarray(samples), np.asarray(again))
    assert np.array_equal(np.asarray(targets), np.asarray(targets_again))


def test_names_of_examples_are_stems_of_files():
    names = [example.name for example in EXAMPLES]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)


def test_a_fitted_example_predicts_its_own_samples():
    [wine] = [example for example in EXAMPLES if example.name == "wine"]
    samples, targets = wine.read_samples()
    assert wine.fit().score(samples, targets) > 0.9
