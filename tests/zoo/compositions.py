"""Models made of models: pipelines, columns, searches, ensembles, containers, and users' own classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.stats
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.experimental import enable_halving_search_cv
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import f1_score, fbeta_score, make_scorer, mean_pinball_loss
from sklearn.model_selection import GridSearchCV, HalvingRandomSearchCV, KFold, RandomizedSearchCV, StratifiedKFold
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tests.zoo import data
from tests.zoo.case import Case, fitted, sweep
from tests.zoo.compositions_ensembles import compositions_ensembles
from tests.zoo.compositions_user import compositions_user

__all__ = ["compositions"]

_ENABLED = enable_halving_search_cv  # its import is what makes the halving searches importable

_FRAME_TEXT = replace(data.FRAME, X=data.FRAME.X.drop(columns="visits"))


def compositions() -> list[Case]:
    """Give the compositions of all kinds, tagged ``composition``.

    Examples
    --------
    >>> all(case.tags >= {"composition"} for case in compositions())
    True
    """
    own = [*_pipelines(), *_columns(), *_searches(), *_containers()]
    cases = [*own, *compositions_ensembles(), *compositions_user()]
    return [replace(case, tags=case.tags | {"composition"}) for case in cases]


def _pipelines() -> Iterator[Case]:
    inner = Pipeline([("scale", StandardScaler()), ("nothing", "passthrough"), ("reduce", PCA(3))])
    yield fitted(
        "pipeline-nested", Pipeline([("inner", inner), ("classify", LogisticRegression())]), data.STRING_LABELS
    )
    yield fitted("pipeline-passthrough-end", make_pipeline(StandardScaler(), "passthrough"), data.CLUSTERS)
    yield fitted("pipeline-one-step", make_pipeline(Ridge()), data.REGRESSION)
    text = make_pipeline(TfidfVectorizer(token_pattern=r"(?u)\b[a-z]+\b"), LogisticRegression(C=10, n_jobs=None))
    yield fitted("pipeline-text", text, data.TEXT_LABELS)
    remembering = make_pipeline(StandardScaler(), Ridge())
    yield fitted("pipeline-memory", remembering, data.REGRESSION, after={"memory": "cache-dir"})
    functions = make_pipeline(FunctionTransformer(np.log1p), FunctionTransformer(np.sqrt), MinMaxScaler(), Ridge())
    yield fitted("pipeline-functions", functions, data.POSITIVE)
    pandas_output = make_pipeline(StandardScaler(), PCA(2)).set_output(transform="pandas")
    yield fitted("pipeline-pandas-output", pandas_output, data.CLUSTERS)
    union = FeatureUnion([("a", PCA(2)), ("b", "passthrough"), ("c", "drop")], transformer_weights={"a": 0.5, "b": 2})
    yield fitted("union-weights", union, data.CLUSTERS)
    yield fitted("union-text", make_union(CountVectorizer(), TfidfVectorizer(analyzer="char")), data.TEXTS)
    target = TransformedTargetRegressor(Ridge(), func=np.log1p, inverse_func=np.expm1)
    yield fitted("target-logarithm", target, data.POSITIVE_REGRESSION)
    scaled = TransformedTargetRegressor(Ridge(), transformer=make_pipeline(StandardScaler(), MinMaxScaler()))
    yield fitted("target-scaled", scaled, data.MULTIOUTPUT)


def _columns() -> Iterator[Case]:
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    encoder = OneHotEncoder(handle_unknown="ignore")
    mixed = [("numbers", numbers, make_column_selector(dtype_include="number")), ("words", encoder, ["city", "colour"])]
    yield fitted("columns-selector", ColumnTransformer(mixed), data.FRAME)
    pattern = make_column_selector(pattern="^c", dtype_exclude=[np.number])
    yield fitted("columns-pattern", make_column_transformer((encoder, pattern), remainder="passthrough"), data.FRAME)
    remainder = ColumnTransformer([("words", OrdinalEncoder(), ["city", "colour"])], remainder=numbers, n_jobs=None)
    yield fitted("columns-remainder-estimator", remainder, data.FRAME)
    named = ColumnTransformer(mixed, verbose_feature_names_out=False, sparse_threshold=0.0)
    yield fitted("columns-plain-names", make_pipeline(named, LogisticRegression()), data.FRAME)
    formatted = ColumnTransformer(
        mixed[:1], remainder="drop", verbose_feature_names_out="{feature_name}-{transformer_name}"
    )
    yield fitted("columns-name-format", formatted, data.FRAME)
    text = ColumnTransformer([("city", CountVectorizer(), "city"), ("rest", "passthrough", ["age"])])
    yield fitted("columns-text", text, _FRAME_TEXT)
    places: list[Any] = [slice(0, 2), [2, 3], np.array([True, False, False, True]), [-1]]
    steps = [(f"step{number}", StandardScaler(), place) for number, place in enumerate(places)]
    yield fitted("columns-places", ColumnTransformer(steps, transformer_weights={"step0": 0.5}), data.CLUSTERS)
    pandas_output = ColumnTransformer([("words", OrdinalEncoder(), ["city"])], remainder="passthrough")
    yield fitted("columns-pandas-output", pandas_output.set_output(transform="pandas"), data.FRAME)


def _searches() -> Iterator[Case]:
    tree = DecisionTreeClassifier(random_state=0)
    # One list for two searches, as notebooks do: parameters are then shared with the candidates in cv_results_.
    depths = [1, 2, None]
    yield fitted(
        "search-grid", GridSearchCV(tree, {"max_depth": depths, "criterion": ["gini"]}, cv=2), data.CLASSIFICATION
    )
    grids = [{"max_depth": depths}, {"min_samples_leaf": [2, 5]}]
    search = GridSearchCV(tree, grids, cv=StratifiedKFold(2, shuffle=True, random_state=0), return_train_score=True)
    yield fitted("search-grids-masked", search, data.CLASSIFICATION)
    scorers = {"accuracy": "accuracy", "f1": make_scorer(f1_score), "f2": make_scorer(fbeta_score, beta=2)}
    yield fitted("search-metrics", GridSearchCV(tree, grids[0], scoring=scorers, refit="f2", cv=2), data.BINARY)
    yield fitted(
        "search-no-refit", GridSearchCV(tree, grids[0], refit=False, cv=KFold(2)), replace(data.BINARY, inputs={})
    )
    pinball = make_scorer(mean_pinball_loss, alpha=0.9, greater_is_better=False)
    yield fitted(
        "search-scorer", GridSearchCV(Ridge(), {"alpha": np.logspace(-1, 1, 3)}, scoring=pinball, cv=2), data.REGRESSION
    )
    steps = Pipeline([("scale", StandardScaler()), ("model", Ridge())])
    alternatives = {"scale": [StandardScaler(), MinMaxScaler(), "passthrough"], "model": [Ridge(), LinearRegression()]}
    yield fitted("search-over-estimators", GridSearchCV(steps, alternatives, cv=2), data.REGRESSION)
    distributions = {
        "max_depth": scipy.stats.randint(1, 5),
        "ccp_alpha": scipy.stats.loguniform(1e-4, 1e-1),
        "min_impurity_decrease": scipy.stats.uniform(0, 0.1),
        "criterion": ["gini", "entropy"],
    }
    yield fitted(
        "search-random", RandomizedSearchCV(tree, distributions, n_iter=3, cv=2, random_state=0), data.CLASSIFICATION
    )
    halving = HalvingRandomSearchCV(tree, distributions, factor=3, cv=2, random_state=0, min_resources=20)
    yield fitted("search-halving", halving, data.CLASSIFICATION)
    nested = GridSearchCV(
        GridSearchCV(tree, {"max_depth": [1, 2]}, cv=2), {"estimator__min_samples_leaf": [1, 3]}, cv=2
    )
    yield fitted("search-nested", nested, data.BINARY)
    split = [(np.arange(40), np.arange(40, 60))]
    yield fitted("search-given-splits", GridSearchCV(tree, {"max_depth": depths}, cv=split), data.CLASSIFICATION)
    methods = ["sigmoid", "isotonic", "temperature"]
    yield from sweep(
        CalibratedClassifierCV, "method", methods, data.CLASSIFICATION, estimator=LogisticRegression(), cv=2
    )
    whole = CalibratedClassifierCV(RandomForestClassifier(2, random_state=0), ensemble=False, method="isotonic", cv=2)
    yield fitted("calibrated-no-ensemble", whole, data.STRING_LABELS)


def _containers() -> Iterator[Case]:
    yield _container("many-pipelines", _thirty_pipelines)
    yield _container(
        "model-in-dict", lambda: {"model": _small_tree(), "columns": ["a", "b", "c", "d"], "threshold": 0.5}
    )
    yield _container(
        "models-in-tuple", lambda: (_small_tree(), DecisionTreeRegressor().fit(data.CLUSTERS.X, data.REGRESSION.y))
    )
    yield _container("shared-scaler", _two_models_with_one_scaler, check=_scaler_is_shared)
    yield _container("notes-on-a-model", _model_with_notes)
    yield _container("same-model-twice", lambda: [_small_tree()] * 2, check=_both_are_one)
    yield _container("random-state-shared", _two_models_with_one_random_state, check=_random_state_is_shared)


def _container(name: str, build: Callable[[], Any], **options: Any) -> Case:
    return Case(name=name, build=build, inputs=data.CLUSTERS.inputs, **options)


def _small_tree() -> DecisionTreeClassifier:
    return DecisionTreeClassifier(max_depth=2, random_state=0).fit(data.CLASSIFICATION.X, data.CLASSIFICATION.y)


def _thirty_pipelines() -> list[Any]:
    models = [make_pipeline(StandardScaler(), Ridge(alpha=float(number))) for number in range(1, 31)]
    return [model.fit(data.REGRESSION.X, data.REGRESSION.y) for model in models]


def _two_models_with_one_scaler() -> list[Any]:
    scaler = StandardScaler().fit(data.CLUSTERS.X)
    scaled = scaler.transform(data.CLUSTERS.X)
    first = LogisticRegression().fit(scaled, data.CLASSIFICATION.y)
    second = Ridge().fit(scaled, data.REGRESSION.y)
    return [Pipeline([("scale", scaler), ("model", model)]) for model in (first, second)]


def _scaler_is_shared(_: Any, after: Any) -> None:
    assert after[0].steps[0][1] is after[1].steps[0][1]


def _both_are_one(_: Any, after: Any) -> None:
    assert after[0] is after[1]


def _model_with_notes() -> Any:
    model = _small_tree()
    model.trained_by = "somebody"
    model.columns = ["a", "b"]
    model.metrics = {"accuracy": 0.9, "fold": np.array([0.8, 1.0])}
    return model


def _two_models_with_one_random_state() -> list[Any]:
    state = np.random.RandomState(11)
    models = [DecisionTreeClassifier(max_depth=2, random_state=state) for _ in range(2)]
    return [model.fit(data.CLASSIFICATION.X, data.CLASSIFICATION.y) for model in models]


def _random_state_is_shared(_: Any, after: Any) -> None:
    assert after[0].random_state is after[1].random_state
