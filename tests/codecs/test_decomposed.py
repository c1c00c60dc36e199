"""What using a model decomposes is finite: each rule has a state that would never end, and one at its bound."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse
from sklearn.decomposition import IncrementalPCA
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

from hermetic.capture import capture
from hermetic.codecs.decomposed import DECOMPOSED
from hermetic.codecs.estimators import RuledCodec
from hermetic.errors import InvalidState
from hermetic.graph import Arrays, Instances, Link
from tests.codecs.altered import GONE, altered, refuse_altered, refuse_saved
from tests.codecs.hostile import bring_back, through_the_gates

X = np.random.default_rng(0).normal(size=(40, 8))
PARTS = IncrementalPCA(3).fit(X)
SINGLE = IncrementalPCA(3).fit(X.astype(np.float32))
DENSE = GaussianRandomProjection(3, random_state=0).fit(X)
SPARSE = SparseRandomProjection(3, random_state=0).fit(X)


def _with(array: np.ndarray, number: float) -> np.ndarray:
    changed = array.copy()
    changed.flat[0] = number
    return changed


def _projection(data: list[float], dtype: type = np.float64) -> SparseRandomProjection:
    """Give a projection whose matrix holds some numbers in one place, where they are added up."""
    n = len(data)
    matrix = scipy.sparse.csr_array((np.array(data, dtype), np.zeros(n, np.int32), [0, n, n, n]), shape=(3, 8))
    return altered(SPARSE, components_=matrix)


@pytest.mark.parametrize(
    "model",
    [
        PARTS,
        SINGLE,
        IncrementalPCA(3),
        DENSE,
        SPARSE,
        SparseRandomProjection(3, dense_output=True, compute_inverse_components=True, random_state=0).fit(X),
        GaussianRandomProjection(3),
        altered(PARTS, mean_=1e298 * PARTS.mean_),
        altered(DENSE, components_=_with(DENSE.components_, -1e298)),
        _projection([1e298, 1e298]),
        _projection([]),
        altered(DENSE, components_=np.ones((3, 8), np.int64)),
        altered(PARTS, singular_values_=GONE),
        altered(PARTS, mean_=0.0),
    ],
)
def test_an_honest_model_comes_back(model):
    bring_back(model)


HOSTILE = {
    "an infinity": (DENSE, {"components_": _with(DENSE.components_, np.inf)}, "components_ reaches inf: a decomp"),
    "a negative one": (DENSE, {"components_": _with(DENSE.components_, -np.inf)}, "components_ reaches inf"),
    "not a number": (DENSE, {"components_": _with(DENSE.components_, np.nan)}, "components_ reaches nan"),
    "a number whose sum is none": (DENSE, {"components_": _with(DENSE.components_, 1e299)}, "reaches 1e\\+299"),
    "objects": (DENSE, {"components_": [[np.inf] * 8] * 3}, "components_ must be an array of real numbers"),
    "complex numbers": (DENSE, {"components_": DENSE.components_ * 1j}, "components_ must be an array of real"),
    "a singular value": (PARTS, {"singular_values_": _with(PARTS.singular_values_, np.inf)}, "singular_values_ times"),
    "a product": (
        PARTS,
        {"singular_values_": PARTS.singular_values_ * 1e160, "components_": PARTS.components_ * 1e160},
        "singular_values_ times components_ reaches inf",
    ),
    "a product in single precision": (
        SINGLE,
        {
            "singular_values_": (1e16 * SINGLE.singular_values_).astype(np.float32),
            "components_": (1e16 * SINGLE.components_).astype(np.float32),
        },
        "singular_values_ times components_ reaches",
    ),
    "a mean": (PARTS, {"mean_": _with(PARTS.mean_, np.inf)}, "mean_ reaches inf"),
    "one mean for all": (PARTS, {"mean_": float("-inf")}, "mean_ reaches inf"),
    "a mean of text": (PARTS, {"mean_": "wide"}, "mean_ must be an array of real numbers"),
}
"""The model, what is changed in it, and what the refusal says."""


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_decomposition_would_never_end_with_is_refused(name):
    model, changes, words = HOSTILE[name]
    refuse_altered(model, words, **changes)


@pytest.mark.parametrize(
    "model", [_projection([np.inf]), _projection([1e308, 1e308]), _projection([3e38, 3e38], np.float32)]
)
def test_a_sparse_matrix_is_looked_at_as_well(model):
    refuse_saved(model, "components_ reaches")


@pytest.mark.parametrize("name", DECOMPOSED)
def test_every_rule_is_of_a_type_whose_fields_are_private_and_sealed(name):
    fields = {field for product in DECOMPOSED[name] for field in product}
    assert name in RuledCodec.classes
    assert fields <= RuledCodec.sealed_fields & RuledCodec.checked_fields


def test_no_link_brings_a_mean_later():
    graph = capture([np.array([np.inf]), PARTS])
    [estimator] = [number for number, node in enumerate(graph.nodes) if isinstance(node, Instances)]
    array = next(number for number, node in enumerate(graph.nodes) if isinstance(node, Arrays) and node.shape == [1])
    graph.links.append(Link(estimator, 0, "mean_", array, 0))
    with pytest.raises(InvalidState, match="a cycle passes through 'mean_'"):
        through_the_gates(graph)
