"""Plain estimators with rules: each rule has a state that breaks it and one at its bound, and names what is wrong."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import AgglomerativeClustering, FeatureAgglomeration
from sklearn.covariance import EllipticEnvelope, EmpiricalCovariance
from sklearn.decomposition import NMF, DictionaryLearning, LatentDirichletAllocation, MiniBatchNMF
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import BaggingClassifier
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.kernel_approximation import AdditiveChi2Sampler, PolynomialCountSketch
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture

import hermetic
from hermetic.capture import capture
from hermetic.codecs import recomputed, rules
from hermetic.codecs.estimators import RuledCodec
from hermetic.codecs.rules import LIMITS, LOOPS, MOST_ITERATIONS, SHAPES
from hermetic.graph import Arrays, Instances, Link
from tests.codecs.altered import altered, refuse_altered
from tests.codecs.hostile import bring_back, through_the_gates

X = np.abs(np.random.default_rng(0).normal(size=(40, 4)))
Y = np.arange(40) % 3

COVARIANCE = EmpiricalCovariance().fit(X)
ENVELOPE = EllipticEnvelope(random_state=0).fit(X)
WITHOUT_PRECISION = EmpiricalCovariance(store_precision=False).fit(X)
BAGS = BaggingClassifier(n_estimators=2, random_state=0).fit(X, Y)
SKETCH = PolynomialCountSketch(n_components=8, random_state=0).fit(X)
MEAN = DummyRegressor().fit(X, Y)
TWO_MEANS = DummyRegressor().fit(X, np.stack([Y, Y], 1))
TOPICS = LatentDirichletAllocation(2, max_iter=2, random_state=0).fit(X)
FACTORS = NMF(2, max_iter=50, tol=1e-2, random_state=0).fit(X)
BATCHED = MiniBatchNMF(2, tol=1e-2, random_state=0).fit(X)

HONEST = {
    "covariance": COVARIANCE,
    "covariance without precision": WITHOUT_PRECISION,
    "covariance, not fitted": EmpiricalCovariance(),
    "envelope": ENVELOPE,
    "one feature": EmpiricalCovariance().fit(X[:, :1]),
    "bags": BAGS,
    "sketch": SKETCH,
    "sketch without a constant": PolynomialCountSketch(n_components=8, coef0=0, degree=3).fit(X),
    "sketch with one": PolynomialCountSketch(n_components=8, coef0=1).fit(X),
    "mean": MEAN,
    "two means": TWO_MEANS,
    "a hundred targets": GaussianProcessRegressor(n_targets=100),
    "steps": AdditiveChi2Sampler(sample_steps=50, sample_interval=0.1),
    "topics": TOPICS,
    "topics with a number of numpy": LatentDirichletAllocation(2, max_doc_update_iter=np.int64(7)).fit(X),
    "a million turns without a tolerance": NMF(2, max_iter=1_000_000, tol=0.0),
    "many turns with one": NMF(2, max_iter=MOST_ITERATIONS, tol=1e-3),
    "factors": FACTORS,
    "factors in batches": BATCHED,
    "as many factors as features": NMF(max_iter=50, tol=1e-2).fit(X),
    "words": DictionaryLearning(2, max_iter=2, transform_max_iter=10**8),
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_model_comes_back(name: str):
    bring_back([HONEST[name], HONEST[name].__class__()])


SHAPED = {
    "a precision that scipy would read past": (COVARIANCE, {"precision_": np.ones((1, 1))}, r"precision_ .*\(4, 4\)"),
    "a flat precision": (COVARIANCE, {"precision_": np.ones(16)}, r"precision_ has the shape \(16,\)"),
    "a precision of other features": (ENVELOPE, {"precision_": np.eye(3)}, "precision_"),
    "a precision of objects": (COVARIANCE, {"precision_": np.array([None, 1])}, "precision_"),
    "a precision that is no array": (COVARIANCE, {"precision_": "wide"}, "precision_ has the shape of no array"),
    "a covariance that is inverted": (WITHOUT_PRECISION, {"covariance_": np.eye(3)}, "covariance_"),
    "a place of other features": (COVARIANCE, {"location_": np.ones(3)}, "location_"),
    "no width, and a place of other features": (
        COVARIANCE,
        {"location_": np.ones(3), "n_features_in_": None},
        "precision_",
    ),
    "more classes than there are": (BAGS, {"n_classes_": 10**9}, r"classes_ .*expected \(1000000000\)"),
    "columns that are not there": (MEAN, {"n_outputs_": 10**9}, r"constant_ .*expected \(1, 1000000000\)"),
    "one column of two": (TWO_MEANS, {"n_outputs_": 1}, "constant_"),
    "more degrees than there are": (SKETCH, {"degree": 10**9}, r"indexHash_ .*\(1000000000, e\)"),
    "bits of other features": (SKETCH, {"bitHash_": np.ones((2, 3))}, "bitHash_"),
    "topics of other words": (TOPICS, {"exp_dirichlet_component_": np.ones((2, 3))}, "exp_dirichlet_component_"),
    "more factors than there are": (BATCHED, {"_n_components": 10**9}, "components_"),
    "factors of other features": (FACTORS, {"components_": np.ones((2, 3))}, "components_"),
}


@pytest.mark.parametrize("name", SHAPED)
def test_arrays_that_do_not_fit_are_refused(name: str):
    model, attributes, words = SHAPED[name]
    refuse_altered(model, words, **attributes)


MANY = {
    "targets": (GaussianProcessRegressor(), "n_targets", 1 << 24, "predict would allocate"),
    "steps": (AdditiveChi2Sampler(sample_interval=0.1), "sample_steps", 10_000, "transform would make"),
    "columns": (SKETCH, "n_components", 1 << 24, "transform would allocate"),
    "words": (DictionaryLearning(), "transform_max_iter", MOST_ITERATIONS, "would hardly ever end"),
    "topics": (TOPICS, "max_doc_update_iter", MOST_ITERATIONS, "would hardly ever end"),
    "factors": (FACTORS, "max_iter", MOST_ITERATIONS, "would hardly ever end"),
    "batches": (BATCHED, "_transform_max_iter", MOST_ITERATIONS, "would hardly ever end"),
}


@pytest.mark.parametrize("name", MANY)
@pytest.mark.parametrize("more", [1, 1 << 60, 1 << 70], ids=["one more", "past floats", "past machines"])
def test_a_number_beyond_its_limit_is_refused_with_the_consequence(name: str, more: int):
    model, field, most, words = MANY[name]
    refuse_altered(model, f"{field} is {most + more}: .*{words}.*limit", **{field: most + more})


@pytest.mark.parametrize("name", MANY)
def test_a_number_at_its_limit_is_kept_as_it_is(name: str):
    model, field, most, _ = MANY[name]
    assert getattr(bring_back(altered(model, **{field: most})), field) == most


ENDLESS = {
    "no tolerance": (FACTORS, {"max_iter": 1_000_001, "tol": 0.0}, "tol is 0.0"),
    "a negative one": (TOPICS, {"max_doc_update_iter": 1_000_001, "mean_change_tol": -1.0}, "mean_change_tol is -1.0"),
    "not a number": (BATCHED, {"_transform_max_iter": 1_000_001, "tol": float("nan")}, "tol is"),
    "none": (BATCHED, {"_transform_max_iter": 1_000_001, "tol": None}, "tol is None"),
    "a tiny one": (FACTORS, {"max_iter": 1_000_001, "tol": 9e-13}, "tol is 9e-13"),
    "factors that never settle": (
        FACTORS,
        {"max_iter": 1_000_001, "components_": np.full((2, 4), np.nan)},
        "components_ is not finite",
    ),
    "topics that never settle": (
        TOPICS,
        {"max_doc_update_iter": 1_000_001, "exp_dirichlet_component_": np.full((2, 4), np.inf)},
        "exp_dirichlet_component_ is not finite",
    ),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_loop_that_cannot_converge_has_a_lower_limit(name: str):
    model, attributes, words = ENDLESS[name]
    refuse_altered(model, words, **attributes)
    bring_back(altered(model, **{field: 1_000_000 if "iter" in field else new for field, new in attributes.items()}))


def test_a_table_is_looked_at_row_by_row():
    models = [EmpiricalCovariance().fit(X) for _ in range(3)]
    models[2].precision_ = np.eye(3)
    with pytest.raises(hermetic.InvalidState, match=r"\[2\]\.precision_|\(3, 3\)"):
        hermetic.loads(hermetic.dumps(models))


def test_every_rule_belongs_to_a_type_of_the_codec_and_reads_sealed_fields():
    assert SHAPES.keys() | LIMITS.keys() | LOOPS.keys() <= RuledCodec.classes.keys()
    assert {field for formulas in SHAPES.values() for field in formulas} <= RuledCodec.sealed_fields
    assert {finite for _, _, finite in LOOPS.values() if finite} <= RuledCodec.checked_fields


def test_a_common_model_does_not_import_the_tables():
    code = (
        "import sys, hermetic, sklearn.pipeline, sklearn.preprocessing, sklearn.linear_model\n"
        "from hermetic.codecs import registry\n"
        "model = sklearn.pipeline.make_pipeline(sklearn.preprocessing.StandardScaler(), "
        "sklearn.linear_model.LogisticRegression()).fit([[0.0], [1.0]], [0, 1])\n"
        "hermetic.loads(hermetic.dumps(model))\n"
        "print('hermetic.codecs.rules' in sys.modules)"
    )
    environment = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


MERGED = [AgglomerativeClustering(3).fit(X), FeatureAgglomeration(2).fit(X)]
MIXTURES: list[Any] = [GaussianMixture(2, random_state=0).fit(X), BayesianGaussianMixture(random_state=0).fit(X)]


@pytest.mark.parametrize("model", [*MERGED, *MIXTURES, DummyClassifier().fit(X, Y)], ids=lambda m: type(m).__name__)
def test_a_model_that_is_recomputed_comes_back(model: Any):
    bring_back(model)


def test_every_field_that_is_read_is_sealed():
    files = [Path(rules.__file__), Path(recomputed.__file__)]
    quoted = {word for file in files for word in re.findall(r'"(\w+)"', file.read_text())}
    fields = {field for model in [*HONEST.values(), *MIXTURES] for field in vars(model)} - {"alpha"}
    read = quoted & fields
    assert len(read) > 20
    assert read <= RuledCodec.sealed_fields


@pytest.mark.parametrize("field", ["max_iter", "components_", "n_features_in_"])
def test_no_link_replaces_what_was_checked(field: str):
    graph = capture([FACTORS, np.array(10**9)])
    target = next(number for number, node in enumerate(graph.nodes) if isinstance(node, Arrays))
    holder = next(number for number, node in enumerate(graph.nodes) if isinstance(node, Instances))
    graph.links.append(Link(holder, 0, field, target, 0))
    with pytest.raises(hermetic.InvalidState, match="a cycle passes through"):
        through_the_gates(graph)


@pytest.mark.parametrize("number", [np.array(1 << 31), np.array([3e9]), float("inf")], ids=str)
def test_a_number_in_an_array_counts_as_well(number: Any):
    refuse_altered(FACTORS, "max_iter is", max_iter=number)
