"""What models of before 1.2 need in 1.2 and 1.3 only; and formulas of before 1.2 that are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sklearn
from sklearn.cluster import AgglomerativeClustering
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA, FastICA, KernelPCA
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.manifold import TSNE
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVR
from sklearn.tree import DecisionTreeRegressor

import hermetic
from hermetic.codecs.table_edit import TableEdit
from hermetic.errors import UnsupportedVersion
from hermetic.graph import Graph, Instances
from hermetic.migrate import migrate
from hermetic.stages import ApprovedGraph
from tests.codecs.older_models import GONE, brought_up, fields_of, graph_of_release, refusal_of
from tests.legacy_pickles import Made, Named, new, written
from tests.zoo.data import BINARY, CLASSIFICATION

X, y = CLASSIFICATION.X, CLASSIFICATION.y


def _in_1_2(model: Any, written: str, monkeypatch: pytest.MonkeyPatch, name: str, **fields: Any) -> dict[str, Any]:
    """Give the fields of a type in scikit-learn 1.2, whose model an older release has written with some fields."""
    graph = graph_of_release(model, {name: fields})
    monkeypatch.setattr(sklearn, "__version__", "1.2.2")
    return fields_of(migrate(ApprovedGraph(graph=graph), written_by={"scikit-learn": written}).graph, name)


@pytest.mark.parametrize("name", ["AdaBoostClassifier", "BaggingClassifier"])
def test_an_ensemble_says_both_names_of_its_base(name: str, monkeypatch: pytest.MonkeyPatch):
    model = {"AdaBoostClassifier": AdaBoostClassifier, "BaggingClassifier": BaggingClassifier}[name]()
    former = {"estimator": GONE, "base_estimator": None}
    own = _in_1_2(model, "1.1.3", monkeypatch, f"sklearn.ensemble.{name}", **former)
    assert (own["base_estimator"], own["estimator"]) == ("deprecated", None)


def test_a_forest_can_be_fitted_again(monkeypatch: pytest.MonkeyPatch):
    model = RandomForestClassifier(2, max_depth=2)
    assert _in_1_2(model, "1.1.3", monkeypatch, "sklearn.ensemble.RandomForestClassifier")["base_estimator"] == (
        "deprecated"
    )


def test_encoders_and_clusters_say_both_names_of_a_parameter(monkeypatch: pytest.MonkeyPatch):
    own = _in_1_2(
        *(OneHotEncoder(), "1.1.3", monkeypatch, "sklearn.preprocessing.OneHotEncoder"),
        **{"sparse_output": GONE, "sparse": False},
    )
    assert (own["sparse"], own["sparse_output"]) == ("deprecated", False)
    monkeypatch.undo()
    own = _in_1_2(
        *(AgglomerativeClustering(), "1.0.2", monkeypatch, "sklearn.cluster.AgglomerativeClustering"),
        **{"metric": GONE, "affinity": "l1"},
    )
    assert (own["affinity"], own["metric"]) == ("deprecated", "l1")


@pytest.mark.parametrize(
    ("model", "name", "field"),
    [
        (PCA(2).fit(X), "sklearn.decomposition.PCA", "n_features_"),
        (SVR().fit(X, y), "sklearn.svm.SVR", "class_weight_"),
    ],
    ids=["PCA", "SVR"],
)
def test_what_would_hide_a_property_is_left_out(model: Any, name: str, field: str, monkeypatch: pytest.MonkeyPatch):
    assert field not in _in_1_2(model, "1.1.3", monkeypatch, name, **{field: 4})


def test_components_know_whether_they_are_whitened(monkeypatch: pytest.MonkeyPatch):
    model = FastICA(2, random_state=0, max_iter=500, tol=0.1).fit(X)
    assert _in_1_2(model, "1.0.2", monkeypatch, "sklearn.decomposition.FastICA")["_whiten"] == "unit-variance"


def test_columns_and_embeddings_have_what_1_2_looks_for(monkeypatch: pytest.MonkeyPatch):
    model = ColumnTransformer([("code", StandardScaler(), [1])]).fit(X)
    assert "_name_to_fitted_passthrough" in _in_1_2(model, "1.1.3", monkeypatch, "sklearn.compose.ColumnTransformer")
    monkeypatch.undo()
    assert _in_1_2(TSNE(), "0.23.2", monkeypatch, "sklearn.manifold.TSNE")["square_distances"] == "deprecated"


def test_probabilities_of_votes_before_0_22_are_refused():
    model = AdaBoostClassifier(n_estimators=2).fit(X, y)
    name = "sklearn.ensemble.AdaBoostClassifier"
    assert "since scikit-learn 0.22" in refusal_of(model, "0.21.3", {name: {"algorithm": "SAMME"}})


def test_two_classes_by_softmax_before_0_20_are_refused():
    model = LogisticRegression().fit(BINARY.X, BINARY.y)
    name = "sklearn.linear_model.LogisticRegression"
    assert "since scikit-learn 0.20" in refusal_of(model, "0.19.2", {name: {"multi_class": "multinomial"}})


@pytest.mark.parametrize(("written", "is_refused"), [("0.22.2", False), ("0.23.2", True), ("0.24.2", False)])
def test_inverse_components_of_0_23_alone_are_refused(written: str, is_refused: bool):
    model = KernelPCA(2, kernel="rbf", gamma=0.5, fit_inverse_transform=True).fit(X)
    graph = graph_of_release(model, {"sklearn.decomposition.KernelPCA": {"gamma_": GONE}})
    approved, by = ApprovedGraph(graph=graph), {"scikit-learn": written}
    if is_refused:
        with pytest.raises(UnsupportedVersion, match="adds no penalty"):
            migrate(approved, written_by=by)
    else:
        assert not any("adds" in field for field in fields_of(migrate(approved, written_by=by).graph, _KERNELS))


_KERNELS = "sklearn.decomposition.KernelPCA"


def test_an_error_names_the_release_to_install():
    node = Instances(type=0, fields={"a": np.bool_(True)})
    edit = TableEdit(Graph(names=[], nodes=[node], root=[0]), node, 0, str, "0.19.2 wrote it", written="0.19.2")
    assert 'pip install "scikit-learn==0.19.2"' in edit.no_way("why").next_step


_VERSION = {"_sklearn_version": "0.19.2"}
_METRIC = Made("sklearn.neighbors.dist_metrics:newObj", (Named("sklearn.neighbors.dist_metrics:WMinkowskiDistance"),))
_METRIC.state = (2.0, np.array([1.0]), np.array([[0.0]]))
GONE_FOR_GOOD: dict[str, tuple[Any, str]] = {
    "process": (
        new(
            "sklearn.gaussian_process.gaussian_process:GaussianProcess",
            {**_VERSION, "regr": Named("sklearn.gaussian_process.regression_models:constant")},
        ),
        "GaussianProcess is gone since scikit-learn 0.20",
    ),
    "distance": (
        new("sklearn.neighbors.unsupervised:NearestNeighbors", {**_VERSION, "metric_": _METRIC}),
        "is gone since scikit-learn 1.2",
    ),
    "halving": (
        new(
            "sklearn.model_selection._search_successive_halving:HalvingGridSearchCV",
            {
                "_sklearn_version": "0.24.2",
                "refit": Named("sklearn.model_selection._search_successive_halving:_refit_callable"),
            },
        ),
        "cannot migrate between the two yet: sklearn.model_selection.HalvingGridSearchCV",
    ),
    "histogram": (
        new(
            "sklearn.ensemble._hist_gradient_boosting.gradient_boosting:HistGradientBoostingRegressor",
            {
                "_sklearn_version": "0.23.2",
                "_predictors": [
                    new(
                        "sklearn.ensemble._hist_gradient_boosting.predictor:TreePredictor",
                        {"nodes": np.zeros(1, dtype=[("value", "f8")])},
                    )
                ],
            },
        ),
        "cannot migrate between the two yet: sklearn.ensemble.HistGradientBoostingRegressor",
    ),
}


@pytest.mark.parametrize("name", GONE_FOR_GOOD)
def test_what_nothing_computes_any_longer_is_refused_with_the_reason(name: str):
    thing, words = GONE_FOR_GOOD[name]
    with pytest.raises(UnsupportedVersion) as refused:
        hermetic.loads(written(thing, 2))
    assert words in refused.value.found
    assert 'pip install "scikit-learn==0.' in refused.value.next_step


def test_an_encoder_of_1_2_0_says_once_what_is_dropped():
    model = OneHotEncoder(drop="first", sparse_output=False).fit(np.rint(X))
    name = "sklearn.preprocessing.OneHotEncoder"
    older = brought_up(model, "1.2.0", {name: {"_drop_idx_after_grouping": GONE}})
    assert np.array_equal(older.transform(np.rint(X)), model.transform(np.rint(X)))


@pytest.mark.parametrize("kind", [DecisionTreeRegressor, RandomForestRegressor])
def test_a_word_for_the_same_criterion_becomes_the_one_that_is_left(kind: Any):
    model = kind(max_depth=2).fit(X, y)
    module = "tree" if kind is DecisionTreeRegressor else "ensemble"
    older = brought_up(model, "1.8.0", {f"sklearn.{module}.{kind.__name__}": {"criterion": "friedman_mse"}})
    assert sklearn.clone(older).criterion == "squared_error"
