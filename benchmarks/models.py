"""The models that are measured, and how each is built; what they are asked stands in `questions.py`.

Every builder is seeded and takes no argument.
Sizes follow what users report as slow: forests of hundreds of megabytes, half a million words, a few
hundred tiny pipelines. No measuring here, and no cache (`cache.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris, make_classification, make_regression
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC

from benchmarks.questions import Question, customers, find_question

__all__ = ["ALL_MODELS", "BenchmarkModel", "find_model", "growing_forest", "growing_list"]

Builder = Callable[[], Any]


@dataclass(frozen=True, kw_only=True)
class BenchmarkModel:
    """One fitted model to measure.

    Attributes
    ----------
    name : str
        Short and unique; names files and columns.
    title : str
        What it is, for the reader of the tables.
    build : callable
        Fits the model; seeded.
    is_small : bool, default=False
        True when it takes part in ``--quick``: builds within seconds and stays below a few megabytes.
    home : str
        The module whose ``QUESTIONS`` hold what this model is asked.
    """

    name: str
    title: str
    build: Builder
    is_small: bool = False
    home: str = "benchmarks.questions"

    @property
    def address(self) -> str:
        """Where a fresh process finds the question for this model."""
        return f"{self.home}:{self.name}"

    @property
    def question(self) -> Question:
        """What the model is asked."""
        return find_question(self.address)


def tiny_pipeline() -> Any:
    X, y = load_iris(return_X_y=True)
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)


def big_forest() -> Any:
    # A third of the labels is noise: without it the trees stop early and the file has half the size.
    X, y = make_classification(50_000, 20, n_informative=10, flip_y=0.36, random_state=0)
    forest = RandomForestClassifier(500, random_state=0, n_jobs=-1).fit(X, y)
    # Threads add the probabilities of trees in any order: the last bits would differ from run to run.
    return forest.set_params(n_jobs=None)


def shallow_forest() -> Any:
    X, y = make_classification(4_000, 20, n_informative=10, random_state=0)
    return RandomForestClassifier(500, max_depth=6, random_state=0).fit(X, y)


def big_extra_trees() -> Any:
    X, y = make_regression(10_000, 20, noise=10.0, random_state=0)
    return ExtraTreesRegressor(300, random_state=0, n_jobs=-1).fit(X, y).set_params(n_jobs=None)


def gradient_boosting() -> Any:
    X, y = make_classification(2_000, 20, n_informative=10, random_state=0)
    return GradientBoostingClassifier(n_estimators=500, random_state=0).fit(X, y)


def hist_gradient_boosting() -> Any:
    X, y = make_classification(5_000, 20, n_informative=12, n_classes=5, random_state=0)
    settings = {"max_iter": 500, "early_stopping": False, "random_state": 0}
    return HistGradientBoostingClassifier(**settings).fit(X, y)


def isolation_forest() -> Any:
    X = np.random.default_rng(0).standard_normal((5_000, 20))
    return IsolationForest(n_estimators=500, max_samples=1024, random_state=0).fit(X)


def nearest_neighbours() -> Any:
    generator = np.random.default_rng(0)
    X = generator.standard_normal((200_000, 50))
    return KNeighborsClassifier(algorithm="kd_tree").fit(X, generator.integers(0, 4, 200_000))


def support_vectors() -> Any:
    # Labels without a pattern: nearly every sample becomes a support vector.
    generator = np.random.default_rng(0)
    X = generator.standard_normal((5_200, 40))
    return SVC(random_state=0).fit(X, generator.integers(0, 2, 5_200))


def gaussian_process() -> Any:
    X, y = make_regression(3_000, 10, noise=1.0, random_state=0)
    kernel = RBF(3.0) + WhiteKernel(1.0)
    return GaussianProcessRegressor(kernel, optimizer=None, normalize_y=True).fit(X, y)


def neural_network() -> Any:
    X, y = make_classification(1_000, 100, n_informative=30, n_classes=4, random_state=0)
    # One epoch: the weights need not be good, they need to be many.
    network = MLPClassifier((1024, 1024), max_iter=1, random_state=0, n_iter_no_change=2)
    return network.partial_fit(X, y, classes=np.unique(y))


def wide_pca() -> Any:
    X = np.random.default_rng(0).standard_normal((2_100, 2_000))
    return PCA(svd_solver="covariance_eigh").fit(X)


def many_words() -> Any:
    words = [f"w{number * 7919 % 1_000_003:06d}" for number in range(500_000)]
    documents = [" ".join(words[start : start + 250]) for start in range(0, len(words), 125)]
    return TfidfVectorizer().fit(documents)


def many_categories() -> Any:
    column = np.array([f"category-{number:06d}" for number in range(200_000)], dtype=object)
    return OneHotEncoder(handle_unknown="ignore").fit(column.reshape(-1, 1))


def mixed_columns() -> Any:
    table = customers(60_000, seed=0)
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    columns = ColumnTransformer(
        [
            ("numbers", numbers, ["age", "income", "visits"]),
            ("categories", OneHotEncoder(handle_unknown="ignore"), ["city", "plan"]),
        ]
    )
    target = (table["visits"] + (table["plan"] == "pro") > 3).to_numpy().astype("int64")
    return Pipeline([("columns", columns), ("classifier", LogisticRegression(max_iter=200))]).fit(table, target)


def grid_search() -> Any:
    X, y = load_iris(return_X_y=True)
    grid = {"classifier__C": np.logspace(-3, 3, 13).tolist(), "classifier__fit_intercept": [True, False]}
    steps = [("scaler", StandardScaler()), ("classifier", LogisticRegression(max_iter=500))]
    return GridSearchCV(Pipeline(steps), grid, cv=5, return_train_score=True).fit(X, y)


def stacking() -> Any:
    X, y = make_classification(4_000, 20, n_informative=10, random_state=0)
    estimators = [
        ("forest", RandomForestClassifier(100, random_state=0)),
        ("boosting", GradientBoostingClassifier(n_estimators=50, random_state=0)),
        ("support", make_pipeline(StandardScaler(), SVC(random_state=0))),
    ]
    return StackingClassifier(estimators, LogisticRegression(), cv=3).fit(X, y)


def list_of_small_pipelines(n_pipelines: int) -> list[Any]:
    """Fit pipelines of a scaler and a logistic regression on four samples of iris left out each time."""
    X, y = load_iris(return_X_y=True)
    generator = np.random.default_rng(0)
    pipelines = []
    for _ in range(n_pipelines):
        kept = generator.permutation(len(y))[4:]
        pipelines.append(make_pipeline(StandardScaler(), LogisticRegression()).fit(X[kept], y[kept]))
    return pipelines


def forest_of_small_trees(n_trees: int) -> Any:
    """Fit a forest whose trees have at most 31 nodes."""
    X, y = make_classification(300, 10, random_state=0)
    return RandomForestClassifier(n_trees, max_depth=4, random_state=0).fit(X, y)


def three_hundred_pipelines() -> Any:
    return list_of_small_pipelines(300)


def growing_forest(n_trees: int) -> BenchmarkModel:
    """Give the forest of `scaling.py` at one size."""
    return BenchmarkModel(
        name=f"scaling_forest_{n_trees}",
        title=f"{n_trees:,} small trees",
        build=lambda: forest_of_small_trees(n_trees),
    )


def growing_list(n_pipelines: int) -> BenchmarkModel:
    """Give the list of pipelines of `scaling.py` at one size."""
    return BenchmarkModel(
        name=f"scaling_pipelines_{n_pipelines}",
        title=f"{n_pipelines:,} small pipelines",
        build=lambda: list_of_small_pipelines(n_pipelines),
    )


def find_model(name: str) -> BenchmarkModel:
    """Return the model with this name, also one that grows."""
    kind, _, size = name.rpartition("_")
    growing = {"scaling_forest": growing_forest, "scaling_pipelines": growing_list}
    if kind in growing:
        return growing[kind](int(size))
    return next(model for model in ALL_MODELS if model.name == name)


_TABLE: tuple[tuple[str, str, Builder, bool], ...] = (
    ("logreg_tiny", "pipeline: scaler, logistic regression", tiny_pipeline, True),
    ("rf500_50k", "random forest, 500 full trees", big_forest, False),
    ("forest500_depth6", "random forest, 500 of depth 6", shallow_forest, True),
    ("extratrees300_reg", "extra trees regressor, 300 full trees", big_extra_trees, False),
    ("gb500", "gradient boosting, 500 trees", gradient_boosting, False),
    ("hgb500_5class", "histogram boosting, 500 x 5", hist_gradient_boosting, False),
    ("isolation_forest_500", "isolation forest, 500 trees", isolation_forest, False),
    ("knn_kdtree_200k", "nearest neighbours, 200,000 x 50", nearest_neighbours, False),
    ("svc_5k_sv", "support vectors, 5,000", support_vectors, True),
    ("gp_3k", "Gaussian process, 3,000 samples", gaussian_process, False),
    ("mlp_1024x2", "neural network, 1,024 x 2", neural_network, False),
    ("pca_2000", "PCA, 2,000 features", wide_pca, False),
    ("tfidf_500k_vocab", "TF-IDF, 500,000 words", many_words, False),
    ("onehot_200k_categories", "one-hot, 200,000 categories", many_categories, False),
    ("columntransformer_df", "columns of a DataFrame", mixed_columns, True),
    ("gridsearch_cv_results", "grid search with its results", grid_search, True),
    ("stacking", "stacking of three kinds", stacking, False),
    ("many_small_pipelines", "300 small pipelines in a list", three_hundred_pipelines, False),
)

ALL_MODELS: tuple[BenchmarkModel, ...] = tuple(
    BenchmarkModel(name=name, title=title, build=build, is_small=is_small) for name, title, build, is_small in _TABLE
)
