"""What older releases get: state in their form, or a refusal that names what they lack."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import FastICA
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
)
from sklearn.experimental import enable_iterative_imputer
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.impute import IterativeImputer
from sklearn.kernel_approximation import AdditiveChi2Sampler
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, SGDRegressor
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid, NeighborhoodComponentsAnalysis
from sklearn.preprocessing import OrdinalEncoder, StandardScaler, TargetEncoder
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from hermetic.errors import InvalidState, UnsupportedVersion
from hermetic.graph import Graph, Instances
from tests.codecs.older_models import fields_of, taken_back
from tests.zoo.data import BINARY, CLASSIFICATION, MISSING, REGRESSION

ENABLED = enable_iterative_imputer
X, y = np.abs(CLASSIFICATION.X), CLASSIFICATION.y
ENSEMBLE = "sklearn.ensemble."


def _array(graph: Graph, value: Any) -> Any:
    return graph.arrays[value[0]][value[1] if len(value) == 2 else 0]


def _names(graph: Graph) -> set[str]:
    return {graph.names[node.type].name for node in graph.nodes if isinstance(node, Instances)}


def test_nodes_of_classifying_trees_count_samples_again(monkeypatch: pytest.MonkeyPatch):
    model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, y)
    graph = taken_back(model, "1.3.2", monkeypatch)
    counts = _array(graph, fields_of(graph, "sklearn.tree.Tree")["values"])
    assert counts[0].tolist() == [np.bincount(y).tolist()]
    assert np.array_equal(counts, np.rint(counts))


def test_nodes_of_regression_trees_stay_as_they_are(monkeypatch: pytest.MonkeyPatch):
    model = DecisionTreeRegressor(max_depth=3).fit(REGRESSION.X, REGRESSION.y)
    graph = taken_back(model, "1.3.2", monkeypatch)
    assert np.array_equal(_array(graph, fields_of(graph, "sklearn.tree.Tree")["values"]), model.tree_.value)


def test_a_tree_that_two_models_share_is_brought_back_once(monkeypatch: pytest.MonkeyPatch):
    model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, y)
    other = copy.copy(model)
    other.note = "other fields, so another table"
    graph = taken_back([model, other], "1.3.2", monkeypatch)
    counts = _array(graph, fields_of(graph, "sklearn.tree.Tree")["values"])
    assert counts[0].tolist() == [np.bincount(y).tolist()]


def test_a_first_tree_that_two_boosted_models_share_is_moved_once(monkeypatch: pytest.MonkeyPatch):
    model = GradientBoostingClassifier(n_estimators=2, random_state=0).fit(X, y)
    alone = taken_back(model, "1.3.2", monkeypatch)
    monkeypatch.undo()
    both = taken_back([model, copy.copy(model)], "1.3.2", monkeypatch)
    values = [_array(graph, [fields_of(graph, "sklearn.tree.Tree")["values"].node, 0]) for graph in (alone, both)]
    assert np.array_equal(*values)


def test_a_first_tree_that_two_boosted_models_would_move_in_two_ways_is_refused(monkeypatch: pytest.MonkeyPatch):
    model = GradientBoostingClassifier(n_estimators=2, random_state=0).fit(X, y)
    other = copy.copy(model).set_params(learning_rate=0.5)
    with pytest.raises(UnsupportedVersion, match="two models share"):
        taken_back([model, other], "1.3.2", monkeypatch)


@pytest.mark.parametrize(
    ("loss", "former", "fields"),
    [
        ("squared_error", "LeastSquaresError", {"K": 1}),
        ("absolute_error", "LeastAbsoluteError", {"K": 1}),
        ("huber", "HuberLossFunction", {"K": 1, "alpha": 0.9}),
        ("quantile", "QuantileLossFunction", {"K": 1, "alpha": 0.9, "percentile": 90.0}),
    ],
)
def test_boosted_regression_gets_the_loss_of_its_time(
    loss: str, former: str, fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    model = GradientBoostingRegressor(loss=loss, n_estimators=2).fit(REGRESSION.X, REGRESSION.y)
    graph = taken_back(model, "1.3.2", monkeypatch)
    assert fields.items() <= fields_of(graph, f"sklearn.ensemble.losses.{former}").items()
    assert not any(name.startswith("sklearn.loss.") for name in _names(graph))


@pytest.mark.parametrize(
    ("training", "former", "width"), [(BINARY, "BinomialDeviance", 1), (CLASSIFICATION, "MultinomialDeviance", 3)]
)
def test_boosted_classification_gets_the_loss_of_its_time(
    training: Any, former: str, width: int, monkeypatch: pytest.MonkeyPatch
):
    model = GradientBoostingClassifier(n_estimators=2).fit(training.X, training.y)
    graph = taken_back(model, "1.3.2", monkeypatch)
    assert fields_of(graph, f"sklearn.ensemble.losses.{former}") == {"K": width}
    own = fields_of(graph, f"{ENSEMBLE}GradientBoostingClassifier")
    assert own["_n_classes"] == model.n_classes_
    assert "n_trees_per_iteration_" not in own


def test_nodes_of_trees_of_1_2_do_not_know_missing_values(monkeypatch: pytest.MonkeyPatch):
    graph = taken_back(IsolationForest(n_estimators=3).fit(X), "1.2.2", monkeypatch)
    tree = fields_of(graph, "sklearn.tree.Tree")
    nodes = graph.arrays[tree["nodes"].node][0]
    assert nodes.dtype.itemsize == 56
    assert "missing_go_to_left" not in nodes.dtype.names
    assert "_decision_path_lengths" not in fields_of(graph, f"{ENSEMBLE}IsolationForest")


def test_histogram_boosting_of_1_2_numbers_features_in_four_bytes(monkeypatch: pytest.MonkeyPatch):
    graph = taken_back(HistGradientBoostingRegressor(max_iter=2).fit(X, y), "1.2.2", monkeypatch)
    nodes = fields_of(graph, f"{ENSEMBLE}TreePredictor")["nodes"]
    assert graph.arrays[nodes[0] if type(nodes) is list else nodes.node][0].dtype["feature_idx"] == np.uint32
    own = fields_of(graph, f"{ENSEMBLE}HistGradientBoostingRegressor")
    assert own["categorical_features"] is None
    assert "_preprocessor" not in own


def test_weights_of_words_are_a_diagonal_again(monkeypatch: pytest.MonkeyPatch):
    model = TfidfTransformer().fit(np.rint(X * 3))
    graph = taken_back(model, "1.4.2", monkeypatch)
    own, matrix = (fields_of(graph, name) for name in (f"{TEXT}.TfidfTransformer", "scipy.sparse.csr_matrix"))
    assert "idf_" not in own
    assert np.array_equal(_array(graph, matrix["data"]), model.idf_)
    assert matrix["shape"] == {"tuple": [4, 4]}


TEXT = "sklearn.feature_extraction.text"


def test_coefficients_of_partial_least_squares_are_of_divided_data_again(monkeypatch: pytest.MonkeyPatch):
    model = PLSRegression(2).fit(X, X[:, :2])
    graph = taken_back(model, "1.4.2", monkeypatch)
    own = fields_of(graph, "sklearn.cross_decomposition.PLSRegression")
    assert np.array_equal(_array(graph, own["coef_"]), model.coef_ * model._x_std)


def test_columns_that_pass_through_are_words_again(monkeypatch: pytest.MonkeyPatch):
    model = ColumnTransformer([("own", "passthrough", [0]), ("code", StandardScaler(), [1])], remainder="drop").fit(X)
    graph = taken_back(model, "1.3.2", monkeypatch)
    own = fields_of(graph, "sklearn.compose.ColumnTransformer")
    assert own["_n_features"] == own["n_features_in_"]
    assert graph.nodes[own["_name_to_fitted_passthrough"][0]].keys == ["own"]


@pytest.mark.parametrize(
    ("scorer", "former"),
    [
        (make_scorer(accuracy_score), "_PredictScorer"),
        ("neg_log_loss", "_ProbaScorer"),
        ("roc_auc", "_ThresholdScorer"),
    ],
    ids=["predict", "proba", "threshold"],
)
def test_a_scorer_is_of_the_class_for_its_answer_again(scorer: Any, former: str, monkeypatch: pytest.MonkeyPatch):
    model = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, scoring=scorer, cv=2).fit(BINARY.X, BINARY.y)
    graph = taken_back(model, "1.3.2", monkeypatch)
    assert {"_score_func", "_sign", "_kwargs"} <= fields_of(graph, f"sklearn.metrics.{former}").keys()


def test_a_search_without_a_scorer_calls_the_function_of_1_2(monkeypatch: pytest.MonkeyPatch):
    graph = taken_back(GridSearchCV(Ridge(), {"alpha": [0.1]}, cv=2).fit(X, y), "1.2.2", monkeypatch)
    value = fields_of(graph, "sklearn.model_selection.GridSearchCV")["scorer_"]
    assert graph.names[value["name"]].name == "sklearn.metrics._scorer._passthrough_scorer"
    assert "sklearn.metrics._PassthroughScorer" not in _names(graph)


def test_an_online_model_gets_the_loss_of_its_time(monkeypatch: pytest.MonkeyPatch):
    graph = taken_back(SGDRegressor(loss="huber").fit(X, y), "1.5.2", monkeypatch)
    own = fields_of(graph, "sklearn.linear_model.SGDRegressor")
    assert "_loss_function_" not in own or fields_of(graph, "sklearn.loss.Huber")


@pytest.mark.parametrize(
    ("model", "release", "field", "expected"),
    [
        (FastICA(2, random_state=0), "1.2.2", "_whiten", "unit-variance"),
        (AdditiveChi2Sampler(), "1.4.2", "_sample_interval", 0.5),
        (AdditiveChi2Sampler(sample_interval=0.3), "1.2.2", "sample_interval_", 0.3),
        (NeighborhoodComponentsAnalysis(2, max_iter=2), "1.4.2", "_n_features_out", 2),
        (AdaBoostClassifier(n_estimators=2), "1.5.2", "algorithm", "SAMME"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_attribute_that_is_gone_comes_back(
    model: Any, release: str, field: str, expected: Any, monkeypatch: pytest.MonkeyPatch
):
    graph = taken_back(model.fit(X, y), release, monkeypatch)
    name = next(name for name in _names(graph) if name.endswith(f".{type(model).__name__}"))
    assert fields_of(graph, name)[field] == expected


_with_missing = KNeighborsClassifier(metric="nan_euclidean", n_neighbors=2)
_by_name = ColumnTransformer(
    [("own", "passthrough", [0])], verbose_feature_names_out="{feature_name}-{transformer_name}"
)
WRITTEN = sklearn.__version__
REFUSED: list[tuple[Any, Any, Any, str, str]] = [
    (HistGradientBoostingRegressor(max_iter=2, loss="gamma"), X, y + 1.0, "1.2.2", "loss='gamma' is new"),
    (OrdinalEncoder(max_categories=2), np.rint(X), y, "1.2.2", "scikit-learn 1.3"),
    (TargetEncoder(cv=2), np.rint(X), y, "1.3.2", "more than two classes are new in scikit-learn 1.4"),
    (PLSRegression(1), X, y.astype(float), "1.2.2", "predictions for one target were a table"),
    (_with_missing, MISSING.X, np.arange(len(MISSING.X)) % 2, "1.5.2", "samples with missing values are new"),
    (_by_name, X, y, "1.5.2", "made by a pattern are new in scikit-learn 1.6"),
    (GradientBoostingClassifier(n_estimators=2, init=LogisticRegression()), X, y, "1.3.2", "initial model"),
    (NearestCentroid(priors="empirical"), X, y, "1.5.2", "priors='empirical' is new in scikit-learn 1.6"),
    (IterativeImputer(LinearRegression(), keep_empty_features=True), X, None, "1.5.2", "filled in another way"),
]


@pytest.mark.parametrize(
    ("model", "rows", "target", "release", "words"), REFUSED, ids=[type(case[0]).__name__ for case in REFUSED]
)
def test_what_an_older_release_lacks_is_refused_in_words(
    model: Any, rows: Any, target: Any, release: str, words: str, monkeypatch: pytest.MonkeyPatch
):
    model.fit(rows, target)
    with pytest.raises(UnsupportedVersion) as refused:
        taken_back(model, release, monkeypatch)
    assert words in refused.value.found
    assert f"scikit-learn=={WRITTEN}" in refused.value.next_step


def test_a_tree_that_parts_missing_values_from_all_others_is_refused(monkeypatch: pytest.MonkeyPatch):
    rows = np.array([[np.nan]] * 4 + [[1.0]] * 4)
    model = DecisionTreeClassifier().fit(rows, [0] * 4 + [1] * 4)
    assert np.isinf(model.tree_.threshold[0])
    with pytest.raises(UnsupportedVersion, match="part missing values"):
        taken_back(model, "1.2.2", monkeypatch)


def test_trees_without_nodes_have_no_weights(monkeypatch: pytest.MonkeyPatch):
    model = RandomForestClassifier(2, max_depth=1).fit(X, y)
    with pytest.raises(InvalidState, match=r"is that of no release|no weights"):
        taken_back(model, "1.3.2", monkeypatch, nodes=3)
