"""Trees, forests and boosting: every setting that changes the shape or the kind of their native state."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas
import scipy.sparse
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    RandomTreesEmbedding,
)
from sklearn.linear_model import Ridge
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

from tests.zoo import data
from tests.zoo.case import Case, fitted, sweep

__all__ = ["configurations_trees"]

_FRAME_CATEGORIES = data.Training(
    X=data.FRAME.X[["age", "income", "colour"]],
    y=data.FRAME.y,
    inputs={"X": data.FRAME.X[["age", "income", "colour"]][:12]},
    tags=data.FRAME.tags,
)
_TEXT_CATEGORIES = data.Training(
    X=data.FRAME.X.assign(city=pandas.Categorical(data.FRAME.X["city"]))[["city", "age"]],
    y=data.FRAME.y,
    inputs={"X": data.FRAME.X.assign(city=pandas.Categorical(data.FRAME.X["city"]))[["city", "age"]][:12]},
    tags=data.FRAME.tags,
)
_CONSTANT = data.Training(X=data.CLUSTERS.X, y=np.zeros(60, dtype=np.int64), inputs=data.CLUSTERS.inputs)
_SPARSE_CSC = data.Training(
    X=scipy.sparse.csc_matrix(data.SPARSE.X), y=data.SPARSE.y, inputs=data.SPARSE.inputs, tags=data.SPARSE.tags
)


def configurations_trees() -> list[Case]:
    """Give the configurations of single trees, forests, and both kinds of gradient boosting.

    Examples
    --------
    >>> "tree-stump" in {case.name for case in configurations_trees()}
    True
    """
    return [*_trees(), *_forests(), *_boosting(), *_histogram_boosting()]


def _trees() -> Iterator[Case]:
    classifier, regressor = DecisionTreeClassifier, DecisionTreeRegressor
    yield from sweep(classifier, "criterion", ["gini", "entropy", "log_loss"], data.CLASSIFICATION, random_state=0)
    yield from sweep(regressor, "criterion", ["absolute_error", "squared_error"], data.REGRESSION, random_state=0)
    yield fitted("tree-poisson", regressor(criterion="poisson", random_state=0), data.POSITIVE_REGRESSION)
    yield fitted("tree-best-first", classifier(max_leaf_nodes=6, random_state=0), data.CLASSIFICATION)
    yield fitted("tree-pruned", classifier(ccp_alpha=0.02, random_state=0), data.CLASSIFICATION)
    yield fitted("tree-stump", classifier(max_depth=1, random_state=0), data.CLASSIFICATION)
    yield fitted("tree-single-node", classifier(), _CONSTANT)
    yield fitted("tree-random-splitter", regressor(splitter="random", random_state=0), data.REGRESSION)
    yield fitted("tree-two-outputs", regressor(max_depth=3, random_state=0), data.MULTIOUTPUT)
    yield fitted("tree-class-outputs", classifier(max_depth=3, random_state=0), data.MULTICLASS_OUTPUTS)
    yield fitted("tree-multilabel", ExtraTreeClassifier(max_depth=3, random_state=0), data.MULTILABEL)
    yield fitted("tree-missing", classifier(random_state=0), data.MISSING)
    yield fitted("tree-missing-regression", ExtraTreeRegressor(random_state=0), data.MISSING_REGRESSION)
    yield fitted("tree-monotonic", regressor(monotonic_cst=[1, -1, 0, 0], random_state=0), data.REGRESSION)
    yield fitted(
        "tree-class-weight", classifier(class_weight={0: 2.0, 1: 1, 2: 0.5}, random_state=0), data.CLASSIFICATION
    )
    yield fitted("tree-string-labels", classifier(class_weight="balanced", max_features="sqrt"), data.STRING_LABELS)
    yield fitted("tree-sparse", classifier(random_state=0), _SPARSE_CSC)
    yield fitted("tree-float32", classifier(random_state=0), data.FLOAT32)
    yield fitted("tree-random-state-object", classifier(random_state=np.random.RandomState(3)), data.CLASSIFICATION)


def _forests() -> Iterator[Case]:
    small: dict[str, Any] = {"n_estimators": 4, "random_state": 0}
    classifier, regressor = RandomForestClassifier, RandomForestRegressor
    criteria = ["absolute_error", "squared_error"]
    yield from sweep(regressor, "criterion", criteria, data.REGRESSION, **small, max_depth=3)
    yield fitted("forest-poisson", regressor(criterion="poisson", **small), data.POSITIVE_REGRESSION)
    yield fitted("forest-out-of-bag", classifier(oob_score=True, **small), data.CLASSIFICATION)
    yield fitted("forest-no-bootstrap", classifier(bootstrap=False, max_features=None, **small), data.CLASSIFICATION)
    yield fitted(
        "forest-max-samples", classifier(max_samples=0.5, class_weight="balanced_subsample", **small), data.BINARY
    )
    yield fitted("forest-two-outputs", regressor(**small), data.MULTIOUTPUT)
    yield fitted("forest-class-outputs", classifier(**small), data.MULTICLASS_OUTPUTS)
    yield fitted("forest-string-labels", ExtraTreesClassifier(**small), data.STRING_LABELS)
    yield fitted("forest-missing", classifier(**small), data.MISSING)
    yield fitted("forest-missing-extra", ExtraTreesRegressor(**small), data.MISSING_REGRESSION)
    yield fitted("forest-monotonic", regressor(monotonic_cst=[1, 0, 0, -1], **small), data.REGRESSION)
    yield fitted("forest-sparse", classifier(**small), data.SPARSE)
    yield fitted("forest-all-processors", classifier(n_estimators=1, n_jobs=-1, random_state=0, verbose=0), data.BINARY)
    yield fitted("forest-pruned-best-first", classifier(max_leaf_nodes=5, ccp_alpha=0.01, **small), data.CLASSIFICATION)
    yield _continued("forest-warm-start", classifier(warm_start=True, **small), data.CLASSIFICATION, n_estimators=7)
    yield fitted("embedding-dense", RandomTreesEmbedding(sparse_output=False, max_depth=2, **small), data.CLUSTERS)
    yield fitted("isolation-contamination", IsolationForest(contamination=0.1, max_features=2, **small), data.CLUSTERS)
    yield fitted("isolation-sparse", IsolationForest(bootstrap=True, **small), data.SPARSE.without_target())


def _boosting() -> Iterator[Case]:
    small: dict[str, Any] = {"n_estimators": 4, "random_state": 0, "max_depth": 2}
    classifier, regressor = GradientBoostingClassifier, GradientBoostingRegressor
    yield from sweep(classifier, "loss", ["log_loss", "exponential"], data.BINARY, **small)
    losses = ["squared_error", "absolute_error", "huber", "quantile"]
    yield from sweep(regressor, "loss", losses, data.REGRESSION, **small)
    yield fitted("boosting-multiclass", classifier(**small), data.STRING_LABELS)
    yield fitted("boosting-init-zero", regressor(init="zero", **small), data.REGRESSION)
    yield fitted("boosting-init-estimator", regressor(init=Ridge(), **small), data.REGRESSION)
    yield fitted(
        "boosting-init-dummy", classifier(init=DummyClassifier(strategy="prior"), **small), data.CLASSIFICATION
    )
    yield fitted("boosting-subsample", classifier(subsample=0.5, **small), data.CLASSIFICATION)
    yield fitted(
        "boosting-early-stop", regressor(n_iter_no_change=1, tol=0.9, **{**small, "n_estimators": 20}), data.REGRESSION
    )
    yield fitted("boosting-sparse", classifier(**small), data.SPARSE)
    generator = np.random.RandomState(5)
    yield fitted("boosting-random-state", regressor(**{**small, "random_state": generator}), data.REGRESSION)
    warm = regressor(warm_start=True, **small)
    yield _continued("boosting-warm-start", warm, data.REGRESSION, n_estimators=6)


def _histogram_boosting() -> Iterator[Case]:
    small: dict[str, Any] = {"max_iter": 4, "max_leaf_nodes": 5, "min_samples_leaf": 5, "random_state": 0}
    classifier, regressor = HistGradientBoostingClassifier, HistGradientBoostingRegressor
    yield from sweep(regressor, "loss", ["squared_error", "absolute_error"], data.REGRESSION, **small)
    yield from sweep(regressor, "loss", ["gamma", "poisson"], data.POSITIVE_REGRESSION, **small)
    yield fitted("histogram-quantile", regressor(loss="quantile", quantile=0.9, **small), data.REGRESSION)
    yield fitted("histogram-binary", classifier(**small), data.BINARY)
    yield fitted("histogram-string-labels", classifier(class_weight="balanced", **small), data.STRING_LABELS)
    yield fitted("histogram-missing", classifier(**small), data.MISSING)
    yield fitted("histogram-monotonic", regressor(monotonic_cst=[1, -1, 0, 0], **small), data.REGRESSION)
    by_name = regressor(monotonic_cst={"age": 1}, categorical_features=["colour"], **small)
    yield fitted("histogram-names", by_name, _FRAME_CATEGORIES)
    yield fitted("histogram-interactions", classifier(interaction_cst=[{0, 1}, {2, 3}], **small), data.CLASSIFICATION)
    yield fitted("histogram-no-interactions", regressor(interaction_cst="no_interactions", **small), data.REGRESSION)
    yield fitted("histogram-categories", classifier(categorical_features=[0, 2], **small), data.INTEGERS)
    mask = np.array([True, False, False, True])
    yield fitted("histogram-category-mask", classifier(categorical_features=mask, **small), data.INTEGERS)
    yield fitted("histogram-from-dtype", classifier(categorical_features="from_dtype", **small), _TEXT_CATEGORIES)
    early = {**small, "max_iter": 30, "early_stopping": True, "n_iter_no_change": 2}
    yield fitted("histogram-early-stop", classifier(validation_fraction=0.2, **early), data.CLASSIFICATION)
    yield fitted(
        "histogram-early-stop-score", regressor(scoring="r2", validation_fraction=None, **early), data.REGRESSION
    )
    yield fitted(
        "histogram-few-bins", classifier(max_bins=4, max_features=0.5, l2_regularization=1.0, **small), data.BINARY
    )
    yield fitted("histogram-float32", classifier(**small), data.FLOAT32)
    warm = classifier(warm_start=True, **small)
    yield _continued("histogram-warm-start", warm, data.CLASSIFICATION, max_iter=6)


def _continued(name: str, estimator: Any, training: data.Training, **more: int) -> Case:
    """Give the case of a model that was fitted, told to grow, and fitted on."""

    def build() -> Any:
        model = copy.deepcopy(estimator).fit(training.X, training.y)
        return model.set_params(**more).fit(training.X, training.y)

    make: Callable[[], Any] = build
    return Case(name=name, build=make, inputs=training.inputs, tags=training.tags)
