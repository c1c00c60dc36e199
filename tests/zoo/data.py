"""The small data that the zoo's models are fitted on: constants, made once, never changed. It holds no model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas
import scipy.sparse
from sklearn.metrics.pairwise import rbf_kernel

__all__ = [
    "BINARY",
    "CLASSIFICATION",
    "CLUSTERS",
    "COUNTS",
    "DISTANCES",
    "FLOAT32",
    "FRAME",
    "FRAME_COLUMNS",
    "GRAM",
    "INTEGERS",
    "MISSING",
    "MISSING_REGRESSION",
    "MULTICLASS_OUTPUTS",
    "MULTILABEL",
    "MULTIOUTPUT",
    "POSITIVE",
    "POSITIVE_REGRESSION",
    "REGRESSION",
    "SPARSE",
    "SPARSE_REGRESSION",
    "STRINGS",
    "STRING_LABELS",
    "TEXTS",
    "TEXT_LABELS",
    "Training",
]

_generator = np.random.default_rng(20240531)
N_SAMPLES = 60


@dataclass(frozen=True, kw_only=True)
class Training:
    """What a model is fitted on, and what it is asked about afterwards.

    Attributes
    ----------
    X, y : object
        Passed to ``fit``; y is left out when it is None.
    inputs : mapping of str to object
        Becomes `Case.inputs`.
    tags : frozenset of str
        Added to the tags of the case.

    Examples
    --------
    >>> REGRESSION.X.shape, REGRESSION.y.shape
    ((60, 4), (60,))
    """

    X: Any
    y: Any = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()

    def with_inputs(self, **inputs: Any) -> Training:
        """Give the same training with some inputs replaced."""
        return replace(self, inputs={**self.inputs, **inputs})

    def without_target(self) -> Training:
        """Give the same training without y."""
        return replace(self, y=None)


def _training(X: Any, y: Any = None, *tags: str) -> Training:
    return Training(X=X, y=y, inputs={"X": X[:12]}, tags=frozenset(tags))


_labels = np.arange(N_SAMPLES) % 3
_centres = np.array([[0.0, 0.0, 2.0, 1.0], [3.0, 1.0, -1.0, 0.0], [-2.0, 3.0, 0.0, -1.0]])
_X = _centres[_labels] + _generator.normal(size=(N_SAMPLES, 4))
_y = _X @ np.array([1.5, -2.0, 0.5, 0.0]) + 0.1 * _generator.normal(size=N_SAMPLES)
_words = np.array(["setosa", "versicolor", "virginica"])
_indicator = np.stack([_labels == 0, _X[:, 0] > 0, _X[:, 1] > 1], axis=1).astype(np.int64)
_two_targets = np.stack([_y, -_y + _X[:, 3]], axis=1)
_with_gaps = _X.copy()
_with_gaps[::7, 1] = np.nan
_with_gaps[3::11, 3] = np.nan
_sparse = scipy.sparse.csr_matrix(np.where(_X > 0.5, _X, 0.0))
_integers = _generator.integers(0, 5, size=(N_SAMPLES, 4))
_positive = np.abs(_X) + 0.01

CLASSIFICATION = _training(_X, _labels)
BINARY = _training(_X, (_labels == 1).astype(np.int64))
STRING_LABELS = _training(_X, _words[_labels].astype(object))
REGRESSION = _training(_X, _y)
POSITIVE = _training(_positive, _labels)
POSITIVE_REGRESSION = _training(_X / 4, np.exp(_y / 6))
MULTIOUTPUT = _training(_X, _two_targets)
MULTILABEL = _training(_X, _indicator)
MULTICLASS_OUTPUTS = _training(_X, np.stack([_labels, _integers[:, 0] % 2], axis=1))
CLUSTERS = _training(_X)
FLOAT32 = _training(_X.astype(np.float32), _labels)
MISSING = _training(_with_gaps, _labels)
MISSING_REGRESSION = _training(_with_gaps, _y)
SPARSE = _training(_sparse, _labels, "sparse")
SPARSE_REGRESSION = _training(_sparse, _y, "sparse")
INTEGERS = _training(_integers, _labels)
COUNTS = _training(_integers.astype(np.float64), _labels)
GRAM = Training(X=rbf_kernel(_X), y=_labels, inputs={"X": rbf_kernel(_X)[:12]})
_distances = np.sqrt(((_X[:, None, :] - _X[None, :, :]) ** 2).sum(axis=-1))
DISTANCES = Training(X=_distances, y=_labels, inputs={"X": _distances[:12]})

_cities = np.array(["Oslo", "Bergen", "Tromsø", "Ålesund", "Bodø"], dtype=object)
_colours = np.array(["red", "green", "blue"], dtype=object)
_strings = np.stack([_cities[_integers[:, 0]], _colours[_labels]], axis=1)
STRINGS = _training(_strings, (_labels == 1).astype(np.int64))
FRAME_COLUMNS = ["age", "income", "city", "colour", "visits"]
_frame = pandas.DataFrame(
    {
        "age": _integers[:, 1] * 11 + 18,
        "income": np.where(_integers[:, 2] == 0, np.nan, _X[:, 0] * 1000),
        "city": _cities[_integers[:, 0]],
        "colour": pandas.Categorical(_colours[_labels], categories=["red", "green", "blue"]),
        "visits": pandas.array(_integers[:, 3], dtype="int32"),
    }
)
FRAME = _training(_frame, (_labels == 1).astype(np.int64), "pandas")

_sentences = [
    "the cat sat on the mat",
    "a dog barked at the cat 42 times",
    "Zebras do not bark, they bray!",
    "naïve café société, déjà vu",
    "the mat was red and the dog was tired",
    "cats and dogs; dogs and cats",
]
_texts = [f"{sentence} {_cities[number % 5]}" for number, sentence in enumerate(_sentences * 4)]
TEXTS = Training(X=_texts, inputs={"X": _texts[:6]}, tags=frozenset({"text"}))
TEXT_LABELS = replace(TEXTS, y=np.arange(len(_texts)) % 2)
