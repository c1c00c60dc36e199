"""Hostile machines: every size that libsvm reads without looking is compared with the others first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse
from sklearn.svm import SVC, SVR, NuSVC, NuSVR, OneClassSVM

import hermetic
from hermetic.capture import capture
from tests.codecs.altered import GONE, altered, refuse_altered
from tests.codecs.hostile import bring_back

X = np.random.default_rng(0).normal(size=(30, 3))
SPARSE_X = scipy.sparse.csr_matrix(X)
LABELS = np.arange(30) % 3
CLASSES = SVC().fit(X, LABELS)
SPARSE = SVC().fit(SPARSE_X, LABELS)
NUMBERS = SVR().fit(X, X[:, 0])
SPARSE_NUMBERS = SVR().fit(SPARSE_X, X[:, 0])
NOVELTY = OneClassSVM().fit(X)
COMPUTED = SVC(kernel="precomputed").fit(X @ X.T, LABELS)


def first(new: int) -> Any:
    def change_first(array: Any) -> Any:
        array[0] = new
        return array

    return change_first


COUNTS = {
    "none": None,
    "no array": [10, 10, 10],
    "one class": np.array([30], dtype=np.int32),
    "no class": np.zeros(0, dtype=np.int32),
    "64 bits": CLASSES._n_support.astype(np.int64),
    "without sign": CLASSES._n_support.astype(np.uint32),
    "a table": CLASSES._n_support.reshape(1, 3),
    "the other byte order": CLASSES._n_support.astype(">i4"),
}


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("model", [CLASSES, NUMBERS, NOVELTY], ids=lambda model: type(model).__name__)
def test_counts_of_another_form_are_refused(model: Any, name: str):
    refuse_altered(model, "_n_support must be at least two int32", _n_support=COUNTS[name])


@pytest.mark.parametrize("model", [NUMBERS, SPARSE_NUMBERS, NOVELTY, NuSVR().fit(X, X[:, 0])], ids=range(4))
def test_regression_and_novelty_have_two_counts(model: Any):
    counts = np.array([len(model.support_), 0, 0], dtype=np.int32)
    refuse_altered(model, "_n_support has 3 counts, expected 2", _n_support=counts)


@pytest.mark.parametrize("second", [0, 5, 2**31 - 1])
def test_regression_ignores_the_second_count(second: int):
    counts = np.array([len(NUMBERS.support_), second], dtype=np.int32)
    assert np.array_equal(bring_back(altered(NUMBERS, _n_support=counts)).predict(X), NUMBERS.predict(X))


@pytest.mark.parametrize(
    "counts", [[-1, 16, 15], [30, 1, 0], [2**31 - 1, 2**31 - 1, 32], [0, 0, 0]], ids=lambda counts: str(counts)
)
def test_counts_that_do_not_count_the_vectors_are_refused(counts: list[int]):
    # The third case is the number of vectors when a sum of 32 bits wraps round.
    assert len(CLASSES.support_) == 30
    refuse_altered(CLASSES, "_n_support does not count", _n_support=np.array(counts, dtype=np.int32))


POSITIONS = {
    "none": None,
    "64 bits": CLASSES.support_.astype(np.int64),
    "a table": CLASSES.support_.reshape(-1, 1),
    "floats": CLASSES.support_.astype(np.float32),
}


@pytest.mark.parametrize("name", POSITIONS)
def test_positions_of_another_form_are_refused(name: str):
    refuse_altered(CLASSES, "support_ must be a row of int32", support_=POSITIONS[name])


@pytest.mark.parametrize("position", [-1, 30, 2**31 - 1, -(2**31)])
@pytest.mark.parametrize("model", [CLASSES, SPARSE, COMPUTED], ids=["dense", "sparse", "precomputed"])
def test_positions_beyond_the_samples_are_refused(model: Any, position: int):
    refuse_altered(model, "support_ points beyond the 30 samples", support_=first(position))


@pytest.mark.parametrize("shape", [None, (), 30, [30, 3], (-1, 3), ("a", 3), (30.0, 3)], ids=str)
def test_the_number_of_samples_must_be_known(shape: Any):
    refuse_altered(CLASSES, "shape_fit_ must be a tuple of lengths", shape_fit_=shape)


COEFFICIENTS = {
    "none": None,
    "one row too few": CLASSES._dual_coef_[:1].copy(),
    "one vector too few": CLASSES._dual_coef_[:, :-1].copy(),
    "turned": CLASSES._dual_coef_.T.copy(),
    "column by column": np.asfortranarray(CLASSES._dual_coef_),
    "end to end": CLASSES._dual_coef_.ravel(),
    "compressed by columns": scipy.sparse.csc_matrix(CLASSES._dual_coef_),
    "not all stored": scipy.sparse.csr_matrix(CLASSES._dual_coef_.shape),
    "one row of a compressed matrix": scipy.sparse.csr_matrix(CLASSES._dual_coef_[:1]),
}


@pytest.mark.parametrize("name", COEFFICIENTS)
def test_coefficients_of_another_size_are_refused(name: str):
    refuse_altered(CLASSES, r"_dual_coef_ of shape .* must be \(2, 30\)", _dual_coef_=COEFFICIENTS[name])


@pytest.mark.parametrize("new", [None, np.zeros(2), np.zeros(4), np.zeros((3, 1)), np.zeros(0)], ids=range(5))
def test_there_is_one_intercept_for_each_pair_of_classes(new: Any):
    refuse_altered(CLASSES, "must be 3 numbers", _intercept_=new)


PROBABILITIES = {
    "only one": (np.zeros(3), np.zeros(0)),
    "none at all": (None, None),
    "too few": (np.zeros(2), np.zeros(2)),
    "too many": (np.zeros(4), np.zeros(4)),
    "a table": (np.zeros((3, 1)), np.zeros((3, 1))),
}


@pytest.mark.parametrize("name", PROBABILITIES)
def test_there_are_two_numbers_for_the_probability_of_each_pair_or_none(name: str):
    one, other = PROBABILITIES[name]
    refuse_altered(CLASSES, "_probA and _probB must be 3 numbers each, or none", _probA=one, _probB=other)


def test_probabilities_that_are_there_come_back():
    restored = bring_back(altered(CLASSES, _probA=np.ones(3), _probB=np.ones(3)))
    assert restored._probA.tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("model", [CLASSES, SPARSE, NUMBERS, NOVELTY], ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("wanted", [True, 2, "auto", np.True_, [0]], ids=repr)
def test_probabilities_that_are_not_there_cannot_be_wanted(model: Any, wanted: Any):
    refuse_altered(model, "libsvm would read", _effective_probability=wanted)


@pytest.mark.parametrize("wanted", [True, False, np.True_], ids=repr)
def test_probabilities_that_are_there_may_be_wanted(wanted: Any):
    bring_back(altered(CLASSES, _probA=np.ones(3), _probB=np.ones(3), _effective_probability=wanted))


VECTORS = {
    "none": None,
    "one too few": CLASSES.support_vectors_[:-1].copy(),
    "too narrow": CLASSES.support_vectors_[:, :2].copy(),
    "turned": CLASSES.support_vectors_.T.copy(),
    "column by column": np.asfortranarray(CLASSES.support_vectors_),
    "nothing": np.zeros((0, 3)),
    "compressed and too narrow": scipy.sparse.csr_matrix(CLASSES.support_vectors_[:, :2]),
}


@pytest.mark.parametrize("name", VECTORS)
def test_support_vectors_of_another_size_are_refused(name: str):
    refuse_altered(CLASSES, "support_vectors_ of shape", support_vectors_=VECTORS[name])


@pytest.mark.parametrize("n_features", [2, 4, -3, None, 3.5, np.int64(7)], ids=str)
def test_the_width_of_the_input_is_that_of_the_vectors(n_features: Any):
    refuse_altered(CLASSES, "support_vectors_", n_features_in_=n_features)


def test_a_kernel_that_is_computed_reads_no_vectors():
    assert COMPUTED.support_vectors_.shape[0] == 0
    assert np.array_equal(bring_back(COMPUTED).predict(X @ X.T), COMPUTED.predict(X @ X.T))


def test_a_machine_that_calls_its_vectors_computed_must_have_them_again_when_it_does_not():
    refuse_altered(COMPUTED, "support_vectors_ of shape", kernel="rbf")


def test_a_machine_without_support_vectors_predicts_the_same_for_all():
    model = SVR(epsilon=1e6).fit(X, X[:, 0])
    assert len(model.support_) == 0
    assert np.array_equal(bring_back(model).predict(X), model.predict(X))


def test_a_machine_that_is_not_fitted_has_nothing_to_compare():
    assert bring_back(NuSVC(nu=0.25)).nu == 0.25


@pytest.mark.parametrize(
    "field", ["_dual_coef_", "_intercept_", "_n_support", "_probA", "shape_fit_", "n_features_in_"]
)
def test_a_fitted_machine_must_have_every_part(field: str):
    with pytest.raises(hermetic.HermeticError):
        hermetic.loads(hermetic.dumps(altered(CLASSES, **{field: GONE})))


def test_one_bad_machine_among_good_ones_is_named():
    machines = [CLASSES, altered(CLASSES, support_=first(30)), CLASSES]
    with pytest.raises(hermetic.HermeticError, match=r"\[1\]\.support_"):
        hermetic.loads(hermetic.dumps(machines))


def test_saving_looks_at_nothing_for_the_model_is_the_users_own():
    assert capture(altered(CLASSES, support_=first(30))).nodes
