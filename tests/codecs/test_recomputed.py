"""What follows from the rest of a fitted state is computed anew, and a file that says something else is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.cluster import AgglomerativeClustering, FeatureAgglomeration
from sklearn.decomposition import PCA, FactorAnalysis, SparseCoder
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.multioutput import ClassifierChain, RegressorChain
from sklearn.preprocessing import PolynomialFeatures, SplineTransformer, TargetEncoder

from hermetic.codecs.estimators import RuledCodec
from hermetic.codecs.recomputed import MOST_COLUMNS, MOST_DEGREE, MOST_LISTED_COLUMNS, RECOMPUTED
from tests.codecs.altered import GONE, altered, refuse_altered
from tests.codecs.hostile import bring_back

X = np.random.default_rng(0).normal(size=(40, 4))
Y = np.arange(40) % 3
CODES = (X > 0).astype(float)

QUADRATIC = PolynomialFeatures(2).fit(X)
SPLINES = SplineTransformer(n_knots=4, degree=3).fit(X)
MERGES = AgglomerativeClustering(3).fit(X)
GROUPS = FeatureAgglomeration(2).fit(X)
MIXTURE = GaussianMixture(2, random_state=0).fit(X)
TARGETS = TargetEncoder(random_state=0).fit(CODES, Y)
NUMBERS = TargetEncoder(random_state=0, target_type="continuous").fit(CODES, X[:, 0])
DUMMY = DummyClassifier().fit(X, Y)
DUMMIES = DummyClassifier().fit(X, np.stack([Y, Y % 2], 1))
FACTORS = FactorAnalysis(2).fit(X)
CODER = SparseCoder(np.eye(4)[:3]).fit(X)
CHAIN = RegressorChain(LinearRegression(), order=[2, 0, 1]).fit(X, X[:, :3])
LABELS = np.stack([Y, Y % 2], 1).clip(0, 1)

HONEST: dict[str, Any] = {
    "degree 0": PolynomialFeatures(0).fit(X),
    "degree 1 without bias": PolynomialFeatures(1, include_bias=False).fit(X),
    "degree 2": QUADRATIC,
    "degrees 2 to 3": PolynomialFeatures((2, 3)).fit(X),
    "degrees 0 to 4": PolynomialFeatures((0, 4), include_bias=False).fit(X),
    "interactions of more features than there are": PolynomialFeatures(1000, interaction_only=True).fit(X),
    "interactions of 2 to 3": PolynomialFeatures((2, 3), interaction_only=True, include_bias=False).fit(X),
    "one feature, degree 30": PolynomialFeatures(30).fit(X[:, :1]),
    "a degree of numpy's": PolynomialFeatures(np.int64(3)).fit(X),
    "wide": PolynomialFeatures(2, interaction_only=True).fit(np.zeros((1, 3000))),
    "expansion, not fitted": PolynomialFeatures(),
    "splines": SPLINES,
    "splines without bias": SplineTransformer(include_bias=False).fit(X),
    "splines that repeat": SplineTransformer(n_knots=6, extrapolation="periodic").fit(X),
    "steps": SplineTransformer(degree=0, knots="quantile").fit(X),
    "sparse splines": SplineTransformer(degree=2, sparse_output=True).fit(X[:, :1]),
    "splines, not fitted": SplineTransformer(),
    "merges": MERGES,
    "merges up to a distance": AgglomerativeClustering(None, distance_threshold=1.0).fit(X),
    "some merges": AgglomerativeClustering(20, compute_full_tree=False, connectivity=np.ones((40, 40))).fit(X),
    "merges of two": AgglomerativeClustering(2).fit(X[:2]),
    "groups": GROUPS,
    "factors": FACTORS,
    "as many factors as features": FactorAnalysis(max_iter=3, tol=1.0).fit(X),
    "factors, not fitted": FactorAnalysis(),
    "no components": PCA(0).fit(X),
    "codes": CODER,
    "codes, not fitted": SparseCoder(np.eye(4)),
    **{kind: GaussianMixture(2, covariance_type=kind).fit(X) for kind in ("full", "tied", "diag", "spherical")},
    "mixture of float32": GaussianMixture(2).fit(X.astype(np.float32)),
    "one feature": BayesianGaussianMixture(n_components=2, covariance_type="tied", max_iter=500).fit(X[:, :1]),
    "encodings of classes": TARGETS,
    "encodings of two classes": TargetEncoder(random_state=0).fit(CODES, Y % 2),
    "encodings of numbers": NUMBERS,
    "dummy": DUMMY,
    "dummies": DUMMIES,
    "dummy of text": DummyClassifier().fit(X, np.array(["a", "b"] * 20, dtype=object)),
    "dummy of one class": DummyClassifier().fit(X, np.zeros(40)),
    "chain": CHAIN,
    "chain in random order": RegressorChain(LinearRegression(), order="random", random_state=0).fit(X, X),
    "chain of classes": ClassifierChain(DummyClassifier()).fit(X, LABELS),
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_model_comes_back(name: str):
    bring_back(HONEST[name])


EXPANSIONS = {
    "uninitialised columns": ({"n_output_features_": 10**9}, "n_output_features_ are"),
    "more columns than are filled": ({"_n_out_full": 16}, r"_n_out_full .*\[16, 15\], .* make \[15, 15\]"),
    "columns that are no number": ({"_n_out_full": 15.0}, "_n_out_full"),
    "columns that are missing": ({"_n_out_full": GONE}, "_n_out_full"),
    "a bias that nobody counted": ({"include_bias": False}, r"make \[14, 14\]"),
    "a bias that is a number": ({"include_bias": 10**9}, "include_bias must be true or false"),
    "interactions that are a number": ({"interaction_only": 1}, "interaction_only"),
    "other features": ({"n_features_in_": 5}, r"make \[21, 21\]"),
    "no features": ({"n_features_in_": 0}, "of 0 features"),
    "degrees that fall": ({"_min_degree": 3}, "degrees 3 to 2"),
    "a negative degree": ({"_min_degree": -1}, "degrees -1 to 2"),
    "a degree that is no number": ({"_max_degree": "2"}, "degrees 0 to None"),
    "no least degree": ({"_min_degree": GONE}, "degrees None to 2"),
    "a degree beyond the limit": ({"_max_degree": 256, "n_features_in_": 1}, "_max_degree is 256: .*255 is the limit"),
    "a degree beyond machines": ({"_max_degree": 1 << 70}, "_max_degree is .*hardly ever end"),
    "turns that do nothing": ({"_max_degree": 10_001, "interaction_only": True}, "_max_degree is 10001"),
    "columns beyond the limit": ({"_max_degree": 3, "n_features_in_": 3000}, r"2\*\*32 columns .*2147483647 is"),
    "listed columns beyond the limit": ({"_max_degree": 4, "n_features_in_": 200}, r"2\*\*26 .*16777216 is the limit"),
    "columns beyond all numbers": ({"_max_degree": 200, "n_features_in_": 1 << 28}, r"columns or more"),
}


@pytest.mark.parametrize("name", EXPANSIONS)
def test_an_expansion_that_says_something_else_is_refused(name: str):
    attributes, words = EXPANSIONS[name]
    refuse_altered(QUADRATIC, words, **attributes)


def test_an_expansion_at_its_limits_is_kept():
    at_degree = PolynomialFeatures(MOST_DEGREE).fit(X[:, :1])
    assert bring_back(at_degree)._n_out_full == MOST_DEGREE + 1
    # 65,534 features make 2,147,385,345 products of at most two, and one feature more would make too many.
    wide = altered(QUADRATIC, n_features_in_=65_534, n_output_features_=2_147_450_880, _n_out_full=2_147_450_880)
    assert bring_back(wide)._n_out_full <= MOST_COLUMNS
    refuse_altered(QUADRATIC, "the limit", n_features_in_=65_535)
    assert MOST_LISTED_COLUMNS < MOST_COLUMNS


STATES: dict[str, tuple[Any, dict[str, Any], str]] = {
    "a degree that the splines have not": (SPLINES, {"degree": 10**9}, "degree is 1000000000"),
    "columns that nobody fills": (SPLINES, {"n_features_out_": 10**9}, "n_features_out_ is 1000000000"),
    "a spline that is missing": (SPLINES, {"bsplines_": lambda own: own[:-1]}, "3 splines for 4 features"),
    "no splines": (SPLINES, {"bsplines_": []}, "0 splines"),
    "splines that are none": (SPLINES, {"bsplines_": [1, 2, 3, 4]}, "something else than splines"),
    "splines of other sizes": (
        SPLINES,
        {"bsplines_": lambda own: own[:3] + SplineTransformer(9).fit(X).bsplines_[:1]},
        "n_features_out_",
    ),
    "a bias that is a number": (SPLINES, {"include_bias": 7}, "4 splines for 4 features"),
    "encodings that are missing": (TARGETS, {"encodings_": lambda own: own[:-1]}, "encodings_ does not fit"),
    "encodings of more classes": (TARGETS, {"classes_": np.arange(4)}, "encodings_ .* of 4 features with 4 each"),
    "no classes": (TARGETS, {"classes_": 7}, "with None each"),
    "another target": (TARGETS, {"target_type_": "binary"}, "with 1 each"),
    "encodings that are no list": (NUMBERS, {"encodings_": 7}, "encodings_"),
    "more classes than there are": (DUMMY, {"n_classes_": 10**9}, r"n_classes_ is \[1000000000\] .* \[3\]"),
    "more outputs than there are": (DUMMIES, {"n_outputs_": 10**9}, "for 1000000000 outputs"),
    "more classes of one output": (DUMMIES, {"n_classes_": [3, 10**9]}, "n_classes_ is"),
    "counts of fewer outputs": (DUMMIES, {"n_classes_": [3]}, "n_classes_ is"),
    "classes that are no row": (DUMMY, {"classes_": np.zeros((3, 1)), "n_classes_": None}, "n_classes_ is"),
    "leaves that are joined twice": (MERGES, {"children_": lambda own: np.zeros_like(own)}, "stood already"),
    "a merge of itself": (MERGES, {"children_": lambda own: np.where(own == own.max(), 78, own)}, "does not stand"),
    "a merge of what is not there": (MERGES, {"children_": lambda own: own - 1}, "does not stand"),
    "more merges than leaves": (MERGES, {"n_leaves_": 39}, "children_ does not join 39 leaves"),
    "merges of three": (MERGES, {"children_": np.zeros((39, 3), dtype=int)}, "children_ does not join"),
    "merges of fractions": (MERGES, {"children_": lambda own: own.astype(float)}, "children_ does not join"),
    "merges of nothing": (MERGES, {"n_leaves_": None}, "children_ does not join None"),
    "groups joined twice": (GROUPS, {"children_": lambda own: own * 0}, "stood already"),
    "a number that is counted up to": (GROUPS, {"labels_": np.array([0, 1, 0, 10**9])}, "1000000000 for 4 features"),
    "a negative number": (GROUPS, {"labels_": np.array([0, 1, 0, -1])}, "labels_"),
    "groups that are no integers": (GROUPS, {"labels_": np.zeros(4)}, "labels_ must be integers"),
    "no groups": (GROUPS, {"labels_": np.zeros(0, dtype=int), "n_features_in_": 0}, "labels_ must be integers"),
    "no end": (MIXTURE, {"covariances_": lambda own: own * np.inf}, "sample would hardly ever end"),
    "not a number": (MIXTURE, {"covariances_": lambda own: own * np.nan}, "covariances_ are not finite"),
    "covariances of other features": (MIXTURE, {"covariances_": np.ones((2, 3, 3))}, r"\(2, 3, 3\), means_ \(2, 4\)"),
    "covariances of another type": (MIXTURE, {"covariance_type": "diag"}, "of the type diag"),
    "covariances of no type": (MIXTURE, {"covariance_type": "round"}, "no covariances of the type 'round'"),
    "covariances that are integers": (MIXTURE, {"covariances_": np.ones((2, 4, 4), int)}, "no covariances"),
    "flat means": (MIXTURE, {"means_": np.ones(8)}, "means_"),
    "more factors than features": (FACTORS, {"components_": np.ones((5, 4))}, "5 factors of 4 features"),
    "factors of other features": (FACTORS, {"components_": np.ones((2, 3))}, r"components_ has the shape \(2, 3\)"),
    "means of other features": (FACTORS, {"mean_": np.ones(3)}, "mean_ has the shape"),
    "noise of other features": (FACTORS, {"noise_variance_": np.ones(3)}, "noise_variance_ has the shape"),
    "components of nothing": (PCA(2).fit(X), {"components_": np.ones((65_536, 0))}, "65536 components of no features"),
    "more components than words": (CODER, {"n_components_": 1 << 30}, "n_components_ is 1073741824, but the dict.* 3"),
    "components without words": (CODER, {"dictionary": "wide"}, "n_components_ is 3, but the dictionary has None rows"),
    "words that are a row": (CODER, {"dictionary": np.ones(3)}, "n_components_ is 3"),
    "an output twice": (CHAIN, {"order_": np.array([0, 0, 1])}, "order_ must hold each number"),
    "an output beyond": (CHAIN, {"order_": np.array([0, 1, 3])}, "order_"),
    "outputs in fractions": (CHAIN, {"order_": np.array([0.0, 1.0, 2.0])}, "order_"),
    "a table of outputs": (CHAIN, {"order_": np.zeros((1, 1), dtype=int)}, "order_"),
}


@pytest.mark.parametrize("name", STATES)
def test_a_state_that_says_something_else_is_refused(name: str):
    model, attributes, words = STATES[name]
    refuse_altered(model, words, **attributes)


def test_every_rule_belongs_to_a_type_of_the_codec():
    assert RECOMPUTED.keys() <= RuledCodec.classes.keys()
