"""Fitted models that an older release can ask but not fit: ours there, and the library's own again after it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sklearn
from sklearn.decomposition import KernelPCA
from sklearn.ensemble import (
    AdaBoostClassifier,
    ExtraTreesRegressor,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.preprocessing import KBinsDiscretizer
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import hermetic
from hermetic import legacy
from hermetic.capture import capture
from hermetic.codecs.histories import history_of, kept
from hermetic.errors import UsageError
from hermetic.graph import Instances
from hermetic.migrate import migrate
from hermetic.restore import restore
from hermetic.stages import ApprovedGraph
from hermetic.validate import validate
from tests.codecs.older_models import fields_of, taken_back
from tests.zoo.data import CLASSIFICATION

X, y = CLASSIFICATION.X, (CLASSIFICATION.y > 0).astype(int)
CATEGORIES = np.column_stack([X, np.arange(len(X)) % 3 * 100.5])
BINS = {"quantile_method": "averaged_inverted_cdf", "encode": "ordinal"}
MODELS: dict[str, tuple[Any, Any, str]] = {
    "categories": (HistGradientBoostingClassifier(max_iter=3, categorical_features=[4]), CATEGORIES, "1.4"),
    "regression": (HistGradientBoostingRegressor(max_iter=3, categorical_features=[4]), CATEGORIES, "1.4"),
    "features": (HistGradientBoostingClassifier(max_iter=3, max_features=0.5, random_state=0), CATEGORIES, "1.4"),
    "tree": (DecisionTreeClassifier(monotonic_cst=[1, 0, 0, 0], max_depth=3), X, "1.4"),
    "forest": (RandomForestClassifier(3, monotonic_cst=[1, 0, 0, 0], random_state=0), X, "1.4"),
    "randomized": (ExtraTreesRegressor(3, monotonic_cst=[1, 0, 0, 0], random_state=0), X, "1.4"),
    "bins": (KBinsDiscretizer(3, **BINS), X, "1.7"),
}
BEFORE = {"1.4": ("1.2.2", "1.3.2"), "1.7": ("1.2.2", "1.4.2", "1.6.1")}
CASES = [(name, release) for name in MODELS for release in BEFORE[MODELS[name][2]]]


def _answers(model: Any, rows: Any) -> Any:
    return model.transform(rows) if hasattr(model, "transform") else model.predict(rows)


def _names(graph: Any) -> set[str]:
    return {graph.names[node.type].name for node in graph.nodes if isinstance(node, Instances)}


@pytest.mark.parametrize(("name", "release"), CASES)
def test_a_model_that_cannot_be_fitted_there_becomes_ours(name: str, release: str, monkeypatch: pytest.MonkeyPatch):
    model, rows, _ = MODELS[name]
    names = _names(taken_back(model.fit(rows, y), release, monkeypatch))
    assert f"hermetic.legacy.{type(model).__name__}" in names
    assert f"{type(model).__module__.partition('._')[0]}.{type(model).__name__}" not in names


@pytest.mark.parametrize(("name", "release"), CASES)
def test_it_is_the_library_s_own_again_where_the_release_is_back(
    name: str, release: str, monkeypatch: pytest.MonkeyPatch
):
    model, rows, _ = MODELS[name]
    older = taken_back(model.fit(rows, y), release, monkeypatch)
    monkeypatch.undo()
    again = restore(validate(migrate(ApprovedGraph(graph=older), written_by={"scikit-learn": release})))
    assert type(again) is type(model)
    assert again.get_params() == model.get_params()
    assert np.array_equal(_answers(again, rows), _answers(model, rows))
    assert np.array_equal(_answers(again.fit(rows, y), rows), _answers(model, rows))


def test_a_model_that_an_older_release_can_fit_stays_the_library_s(monkeypatch: pytest.MonkeyPatch):
    models = [
        HistGradientBoostingClassifier(max_iter=2).fit(X, y),
        KBinsDiscretizer(3, quantile_method="linear").fit(X),
    ]
    assert not any(name.startswith("hermetic.") for name in _names(taken_back(models, "1.2.2", monkeypatch)))


@pytest.mark.parametrize(
    ("model", "release"),
    [(HistGradientBoostingClassifier(max_features=0.5), "1.3.2"), (KBinsDiscretizer(3, **BINS), "1.6.1")],
    ids=["features", "bins"],
)
def test_a_model_that_is_not_fitted_is_refused(model: Any, release: str, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(hermetic.UnsupportedVersion, match="is new in scikit-learn"):
        taken_back(model, release, monkeypatch)


def test_what_comes_later_still_is_refused(monkeypatch: pytest.MonkeyPatch):
    model = HistGradientBoostingRegressor(max_iter=2, loss="gamma", categorical_features=[4]).fit(CATEGORIES, y + 1.0)
    assert "hermetic.legacy.HistGradientBoostingRegressor" in _names(taken_back(model, "1.3.2", monkeypatch))
    monkeypatch.undo()
    with pytest.raises(hermetic.UnsupportedVersion, match="is new in scikit-learn"):
        taken_back(model, "1.2.2", monkeypatch)


@pytest.mark.parametrize(
    "kind", ["HistGradientBoostingClassifier", "HistGradientBoostingRegressor", "KBinsDiscretizer"]
)
def test_ours_has_the_parameters_of_both_releases_and_is_not_fitted(kind: str):
    model = getattr(legacy, kind)()
    assert isinstance(model, type(model).installed)
    assert model.get_params().keys() >= type(model).later.keys()
    assert sklearn.clone(model.set_params(**dict.fromkeys(type(model).later, 0.25))).get_params() == model.get_params()
    with pytest.raises(UsageError, match="newer release"):
        model.fit(X, y)


@pytest.mark.parametrize("name", MODELS)
def test_ours_comes_back_from_a_file_as_the_library_s_own_where_that_can_fit_it(name: str):
    model, rows, _ = MODELS[name]
    model.fit(rows, y)
    ours = getattr(legacy, type(model).__name__)()
    vars(ours).update(vars(model))
    loaded = hermetic.loads(hermetic.dumps(ours))
    assert type(loaded) is type(ours)
    assert np.array_equal(_answers(loaded, rows), _answers(model, rows))


@pytest.mark.parametrize("name", ["categories", "regression"])
def test_the_input_passes_the_preprocessor_where_the_release_has_none(name: str):
    model, rows, _ = MODELS[name]
    model.fit(rows, y)
    ours = getattr(legacy, type(model).__name__)()
    vars(ours).update(vars(model))
    encoded = ours._validate_data(rows, dtype=[np.float64], reset=False)
    assert np.array_equal(encoded, model._preprocessor.transform(rows))


def test_the_histories_of_ours_end_where_the_library_s_own_goes_on():
    for name in ("hermetic.legacy.HistGradientBoostingClassifier", "hermetic.legacy.KBinsDiscretizer"):
        assert kept.is_kept(name)
        changes = history_of(name).changes
        assert changes[-1].release in ("1.4", "1.7")
    assert history_of("hermetic.legacy.KernelPCA") is None


def test_adaptive_boosting_goes_back_with_the_votes_that_it_counts(monkeypatch: pytest.MonkeyPatch):
    model = AdaBoostClassifier(n_estimators=3, random_state=0).fit(X, y)
    graph = taken_back(model, "1.2.2", monkeypatch)
    own = fields_of(graph, "hermetic.legacy.AdaBoostClassifier")
    assert (own["algorithm"], own["_spreads_votes"]) == ("SAMME", True)
    ours = legacy.AdaBoostClassifier(algorithm="SAMME")
    vars(ours).update({**vars(model), "algorithm": "SAMME", "_spreads_votes": True})
    for method in ("predict", "predict_proba", "decision_function"):
        assert np.allclose(getattr(ours, method)(X), getattr(model, method)(X), rtol=1e-13, atol=1e-15)


def test_inverse_components_go_back_with_the_width_that_they_take(monkeypatch: pytest.MonkeyPatch):
    model = KernelPCA(2, kernel="rbf", fit_inverse_transform=True).fit(X)
    own = fields_of(taken_back(model, "1.2.2", monkeypatch), "hermetic.legacy.KernelPCA")
    assert own["_gamma_of_inverse"] == model.gamma_
    ours = legacy.KernelPCA(2, kernel="rbf", fit_inverse_transform=True)
    vars(ours).update({**vars(model), "_gamma_of_inverse": model.gamma_})
    components = ours.transform(X)
    assert np.allclose(components, model.transform(X), rtol=1e-12)
    assert np.allclose(ours.inverse_transform(components), model.inverse_transform(components), rtol=1e-12)


def test_a_file_with_ours_alone_names_the_release(monkeypatch: pytest.MonkeyPatch):
    ours = legacy.KBinsDiscretizer(quantile_method="averaged_inverted_cdf")
    graph = capture(ours)
    assert migrate(ApprovedGraph(graph=graph), written_by={}).graph is graph
    _, report = hermetic.loads(hermetic.dumps(ours), report=True)
    assert report.written_by["scikit-learn"] == sklearn.__version__


def test_boosting_beside_a_tree_that_is_kept_stays_as_it_is(monkeypatch: pytest.MonkeyPatch):
    boosted = GradientBoostingRegressor(n_estimators=2, max_depth=2, random_state=0).fit(X, y)
    constrained = DecisionTreeRegressor(max_depth=2, monotonic_cst=[1, 0, 0, 0]).fit(X, y)
    constrained.random_state = boosted.estimators_[0, 0].random_state
    graph = taken_back([constrained, boosted], "1.3.2", monkeypatch)
    assert "sklearn.ensemble.GradientBoostingRegressor" in _names(graph)
    monkeypatch.undo()
    approved = ApprovedGraph(graph=graph)
    again = restore(validate(migrate(approved, written_by={"scikit-learn": "1.3.2"})))
    assert np.allclose(again[1].predict(X), boosted.predict(X), rtol=1e-13)
    assert again[0].monotonic_cst == [1, 0, 0, 0]
