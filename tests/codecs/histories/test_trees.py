"""Trees, forests and boosting as releases before 1.7 wrote them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from hermetic import legacy
from hermetic.dtypes import describe_dtype
from hermetic.errors import InvalidState
from hermetic.graph import Arrays, Graph, Instances
from tests.codecs.older_models import GONE, brought_up, brought_up_after, refusal_of
from tests.zoo.data import BINARY, CLASSIFICATION, MULTIOUTPUT, REGRESSION

X, y = CLASSIFICATION.X, CLASSIFICATION.y
ENSEMBLE = "sklearn.ensemble."


def _tables(graph: Graph, name: str) -> list[Instances]:
    return [n for n in graph.nodes if isinstance(n, Instances) and graph.names[n.type].name == name]


def _arrays_of(graph: Graph, name: str, field: str) -> list[int]:
    """Give the nodes with the arrays of a field."""
    columns = [table.fields[field] for table in _tables(graph, name)]
    return sorted({column[0] if type(column) is list else column.node for column in columns})


def _without_missing(graph: Graph) -> None:
    """Take from the nodes of trees what scikit-learn 1.2 did not have."""
    for number in _arrays_of(graph, "sklearn.tree.Tree", "nodes"):
        node = graph.nodes[number]
        assert isinstance(node, Arrays)
        graph.arrays[number] = [_older_nodes(nodes) for nodes in graph.arrays[number]]
        node.dtype = describe_dtype(graph.arrays[number][0].dtype)


def _older_nodes(nodes: Any) -> Any:
    names = [name for name in nodes.dtype.names if name != "missing_go_to_left"]
    formats = [nodes.dtype.fields[name][0] for name in names]
    older = np.zeros(nodes.shape, dtype=np.dtype({"names": names, "formats": formats, "itemsize": 56}))
    for name in names:
        older[name] = nodes[name]
    return older


def _with_counts(graph: Graph) -> None:
    """Multiply the shares in the nodes of trees by the weight of each node, as they stood until 1.3."""
    [nodes], [values] = (_arrays_of(graph, "sklearn.tree.Tree", field) for field in ("nodes", "values"))
    graph.arrays[values] = [
        own * tree["weighted_n_node_samples"][:, None, None]
        for tree, own in zip(graph.arrays[nodes], graph.arrays[values], strict=True)
    ]


@pytest.mark.parametrize(
    "model",
    [DecisionTreeClassifier(), RandomForestClassifier(5), RandomForestRegressor(5), IsolationForest(n_estimators=5)],
    ids=lambda model: type(model).__name__,
)
def test_nodes_without_missing_values_predict_as_before(model: Any):
    model.set_params(random_state=0).fit(X, y)

    def alter(graph: Graph) -> None:
        _without_missing(graph)
        if "Classifier" in type(model).__name__:
            _with_counts(graph)

    older = brought_up_after(model, "1.2.2", alter)
    method = "decision_function" if isinstance(model, IsolationForest) else "predict"
    assert np.array_equal(getattr(older, method)(X), getattr(model, method)(X))


@pytest.mark.parametrize("training", [BINARY, CLASSIFICATION, MULTIOUTPUT], ids=["two", "three", "outputs"])
@pytest.mark.parametrize("kind", [DecisionTreeClassifier, RandomForestClassifier])
def test_counts_in_the_nodes_of_classifiers_become_shares(kind: type, training: Any):
    target = training.y if training is not MULTIOUTPUT else (training.y > 0).astype(int)
    model = kind(max_depth=3, random_state=0).fit(training.X, target)
    older = brought_up_after(model, "1.3.2", _with_counts)
    for before, after in zip(_listed(model.predict_proba(X)), _listed(older.predict_proba(X)), strict=True):
        assert np.allclose(before, after, rtol=1e-15, atol=1e-16)


def _listed(answer: Any) -> list[Any]:
    return answer if isinstance(answer, list) else [answer]


def test_shares_of_1_4_stay_as_they_are():
    model = RandomForestClassifier(3, random_state=0).fit(X, y)
    older = brought_up(model, "1.4.2", {})
    assert np.array_equal(older.predict_proba(X), model.predict_proba(X))


def test_values_of_regressors_stay_as_they_are():
    model = RandomForestRegressor(3, random_state=0).fit(REGRESSION.X, REGRESSION.y)
    older = brought_up(model, "1.3.2", {})
    assert np.array_equal(older.predict(X), model.predict(X))


def test_histogram_boosting_of_1_2_has_narrow_numbers_of_features():
    model = HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=5).fit(X, y)

    def alter(graph: Graph) -> None:
        for number in _arrays_of(graph, f"{ENSEMBLE}TreePredictor", "nodes"):
            dtype = graph.arrays[number][0].dtype
            older = np.dtype([(n, "u4" if n == "feature_idx" else dtype.fields[n][0]) for n in dtype.names])
            graph.arrays[number] = [nodes.astype(older) for nodes in graph.arrays[number]]
            graph.nodes[number].dtype = describe_dtype(older)
        for table in _tables(graph, f"{ENSEMBLE}HistGradientBoostingClassifier"):
            for field in ("_preprocessor", "_is_categorical_remapped", "max_features"):
                del table.fields[field]

    older = brought_up_after(model, "1.2.2", alter)
    assert np.array_equal(older.predict_proba(X), model.predict_proba(X))
    assert older._preprocessor is None


def _from_logarithms(graph: Graph, shift: float) -> None:
    """Take from the first trees what the initial model gives too little."""
    [values] = _arrays_of(graph, "sklearn.tree.Tree", "values")
    for row in range(3):
        graph.arrays[values][row] = graph.arrays[values][row] - shift
    for table in _tables(graph, f"{ENSEMBLE}GradientBoostingClassifier"):
        del table.fields["n_trees_per_iteration_"]


def test_boosting_for_three_classes_keeps_its_scores():
    features, labels = make_classification(90, n_informative=3, n_classes=3, weights=[0.6, 0.3], random_state=0)
    model = GradientBoostingClassifier(n_estimators=3, learning_rate=0.5, random_state=0).fit(features, labels)
    centre = np.log(model.init_.class_prior_).mean()
    older = brought_up_after(model, "1.3.2", lambda graph: _from_logarithms(graph, 0.0))
    # 1.3 started from log(p), which is higher by the mean of log(p).
    assert np.allclose(older.decision_function(features), model.decision_function(features) + centre, rtol=1e-13)
    assert np.allclose(older.predict_proba(features), model.predict_proba(features), rtol=1e-13)
    assert older.n_trees_per_iteration_ == 3


@pytest.mark.parametrize(("training", "init"), [(BINARY, None), (CLASSIFICATION, "zero")], ids=["two", "zero"])
def test_boosting_whose_start_has_not_changed_keeps_its_trees(training: Any, init: object):
    model = GradientBoostingClassifier(n_estimators=3, init=init).fit(training.X, training.y)
    older = brought_up(model, "1.3.2", {f"{ENSEMBLE}GradientBoostingClassifier": {"n_trees_per_iteration_": GONE}})
    assert np.array_equal(older.decision_function(X), model.decision_function(X))


def test_boosting_for_three_classes_from_another_model_is_refused():
    model = GradientBoostingClassifier(n_estimators=3, init=LogisticRegression()).fit(X, y)
    assert "centred scores" in refusal_of(model, "1.3.2", {})


def test_adaptive_boosting_by_probabilities_is_kept_by_a_predictor_of_ours():
    model = AdaBoostClassifier(n_estimators=3).fit(X, y)
    kept = brought_up(model, "1.5.2", {f"{ENSEMBLE}AdaBoostClassifier": {"algorithm": "SAMME.R"}})
    assert type(kept) is legacy.AdaBoostClassifier
    assert kept.get_params()["algorithm"] == "SAMME.R"


def test_adaptive_boosting_of_both_kinds_in_one_table_is_kept_each_by_its_formula():
    models = [AdaBoostClassifier(n_estimators=3, random_state=seed).fit(X, y) for seed in range(2)]
    kept = brought_up(models, "1.5.2", {f"{ENSEMBLE}AdaBoostClassifier": {"algorithm": ["SAMME.R", "SAMME"]}})
    assert [model.algorithm for model in kept] == ["SAMME.R", "SAMME"]
    # That of the installed release is SAMME, with votes that are spread.
    assert np.array_equal(kept[1].decision_function(X), models[1].decision_function(X))
    assert not np.allclose(kept[0].decision_function(X), models[0].decision_function(X))


@pytest.mark.parametrize("release", ["1.5.2", "1.3.2"])
def test_adaptive_boosting_by_labels_passes(release: str):
    model = AdaBoostClassifier(n_estimators=3).fit(BINARY.X, BINARY.y)
    # The trees are those of the installed release: with shares, which stay shares.
    older = brought_up(model, release, {f"{ENSEMBLE}AdaBoostClassifier": {"algorithm": "SAMME"}})
    assert np.array_equal(older.decision_function(X), model.decision_function(X))


@pytest.mark.parametrize("training", [BINARY, CLASSIFICATION], ids=["two", "three"])
def test_adaptive_boosting_of_1_2_by_labels_is_kept_by_a_predictor_of_ours(training: Any):
    model = AdaBoostClassifier(n_estimators=3).fit(training.X, training.y)
    kept = brought_up(model, "1.2.2", {f"{ENSEMBLE}AdaBoostClassifier": {"algorithm": "SAMME"}})
    assert type(kept) is legacy.AdaBoostClassifier
    assert np.array_equal(kept.predict(training.X), model.predict(training.X))


FORGETFUL = {f"{ENSEMBLE}IsolationForest": {"_average_path_length_per_tree": GONE, "_decision_path_lengths": GONE}}


def test_an_isolation_forest_measures_its_paths_again():
    model = IsolationForest(n_estimators=5, random_state=0).fit(X)
    older = brought_up(model, "1.2.2", FORGETFUL)
    assert np.array_equal(older.score_samples(X), model.score_samples(X))
    for field in ("_average_path_length_per_tree", "_decision_path_lengths"):
        for before, after in zip(getattr(model, field), getattr(older, field), strict=True):
            assert np.array_equal(before, after)


def test_an_isolation_forest_with_a_tree_that_goes_round_is_refused():
    model = IsolationForest(n_estimators=2, random_state=0).fit(X)

    def alter(graph: Graph) -> None:
        for field in FORGETFUL[f"{ENSEMBLE}IsolationForest"]:
            for table in _tables(graph, f"{ENSEMBLE}IsolationForest"):
                del table.fields[field]
        [nodes] = _arrays_of(graph, "sklearn.tree.Tree", "nodes")
        hostile = graph.arrays[nodes][0].copy()
        hostile["left_child"] = 0
        graph.arrays[nodes] = [hostile, *graph.arrays[nodes][1:]]

    with pytest.raises(InvalidState, match="no tree"):
        brought_up_after(model, "1.2.2", alter)
