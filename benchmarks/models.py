"""The models that are measured: how each is built, what it is fed, and what it must answer.

Every builder is seeded and takes no argument. Inputs are small and made apart from the training data, so
that a freshly forked child can compare the answers of a loaded model without building anything big.
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

__all__ = ["ALL_MODELS", "BenchmarkModel", "forest_of_small_trees", "list_of_small_pipelines"]

Builder = Callable[[], Any]
Answers = tuple[Any, ...]


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
    inputs : callable
        Makes the input that the loaded model is asked about.
    answer : callable
        ``answer(model, X)``: a tuple of arrays, dense or sparse, compared bit for bit.
    is_small : bool, default=False
        True when it takes part in ``--quick``: builds within seconds and stays below a few megabytes.
    """

    name: str
    title: str
    build: Builder
    inputs: Builder
    answer: Callable[[Any, Any], Answers]
    is_small: bool = False


def predict(model: Any, X: Any) -> Answers:
    return (model.predict(X),)


def predict_probabilities(model: Any, X: Any) -> Answers:
    return model.predict(X), model.predict_proba(X)


def transform(model: Any, X: Any) -> Answers:
    return (model.transform(X),)


def normal_rows(n_features: int, n_samples: int = 100) -> Builder:
    """Make the maker of a standard normal matrix, shape (n_samples, n_features)."""
    return lambda: np.random.default_rng(7).standard_normal((n_samples, n_features))


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


def some_documents() -> list[str]:
    return [" ".join(f"w{number * 31 % 1_000_003:06d}" for number in range(start, start + 300)) for start in range(50)]


def many_categories() -> Any:
    column = np.array([f"category-{number:06d}" for number in range(200_000)], dtype=object)
    return OneHotEncoder(handle_unknown="ignore").fit(column.reshape(-1, 1))


def some_categories() -> Any:
    return np.array([[f"category-{number:06d}"] for number in range(0, 300_000, 997)], dtype=object)


def customers(n_samples: int, seed: int) -> Any:
    """Make a table of customers: three numbers, one of them with gaps, and two categories."""
    import pandas  # optional: without it this one model is left out

    generator = np.random.default_rng(seed)
    age = generator.normal(45, 15, n_samples)
    age[::17] = np.nan
    return pandas.DataFrame(
        {
            "age": age,
            "income": generator.lognormal(10, 1, n_samples),
            "visits": generator.poisson(3, n_samples).astype("float64"),
            "city": np.array([f"city-{number}" for number in generator.integers(0, 20_000, n_samples)], dtype=object),
            "plan": np.array(["basic", "plus", "pro"], dtype=object)[generator.integers(0, 3, n_samples)],
        }
    )


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


def some_customers() -> Any:
    return customers(200, seed=1)


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


def predict_each(models: Any, X: Any) -> Answers:
    return tuple(model.predict_proba(X) for model in models)


def predict_with_spread(model: Any, X: Any) -> Answers:
    return tuple(model.predict(X, return_std=True))


def decide(model: Any, X: Any) -> Answers:
    return model.predict(X), model.decision_function(X)


def neighbours(model: Any, X: Any) -> Answers:
    return model.predict(X), *model.kneighbors(X)


def search_results(model: Any, X: Any) -> Answers:
    return model.predict_proba(X), model.cv_results_["mean_test_score"], model.cv_results_["rank_test_score"]


_TABLE: tuple[tuple[str, str, Builder, Builder, Callable[[Any, Any], Answers], bool], ...] = (
    (
        "logreg_tiny",
        "pipeline: scaler, logistic regression",
        tiny_pipeline,
        normal_rows(4),
        predict_probabilities,
        True,
    ),
    ("rf500_50k", "random forest, 500 full trees", big_forest, normal_rows(20), predict_probabilities, False),
    ("forest500_depth6", "random forest, 500 of depth 6", shallow_forest, normal_rows(20), predict_probabilities, True),
    ("extratrees300_reg", "extra trees regressor, 300 full trees", big_extra_trees, normal_rows(20), predict, False),
    ("gb500", "gradient boosting, 500 trees", gradient_boosting, normal_rows(20), predict_probabilities, False),
    (
        "hgb500_5class",
        "histogram boosting, 500 x 5",
        hist_gradient_boosting,
        normal_rows(20),
        predict_probabilities,
        False,
    ),
    ("isolation_forest_500", "isolation forest, 500 trees", isolation_forest, normal_rows(20), decide, False),
    ("knn_kdtree_200k", "nearest neighbours, 200,000 x 50", nearest_neighbours, normal_rows(50, 10), neighbours, False),
    ("svc_5k_sv", "support vectors, 5,000", support_vectors, normal_rows(40), decide, True),
    ("gp_3k", "Gaussian process, 3,000 samples", gaussian_process, normal_rows(10), predict_with_spread, False),
    ("mlp_1024x2", "neural network, 1,024 x 2", neural_network, normal_rows(100), predict_probabilities, False),
    ("pca_2000", "PCA, 2,000 features", wide_pca, normal_rows(2_000), transform, False),
    ("tfidf_500k_vocab", "TF-IDF, 500,000 words", many_words, some_documents, transform, False),
    ("onehot_200k_categories", "one-hot, 200,000 categories", many_categories, some_categories, transform, False),
    ("columntransformer_df", "columns of a DataFrame", mixed_columns, some_customers, predict_probabilities, True),
    ("gridsearch_cv_results", "grid search with its results", grid_search, normal_rows(4), search_results, True),
    ("stacking", "stacking of three kinds", stacking, normal_rows(20), predict_probabilities, False),
    (
        "many_small_pipelines",
        "300 small pipelines in a list",
        three_hundred_pipelines,
        normal_rows(4),
        predict_each,
        False,
    ),
)

ALL_MODELS: tuple[BenchmarkModel, ...] = tuple(
    BenchmarkModel(name=name, title=title, build=build, inputs=inputs, answer=answer, is_small=is_small)
    for name, title, build, inputs, answer, is_small in _TABLE
)
