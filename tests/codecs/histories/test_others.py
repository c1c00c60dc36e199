"""Changes in clusterings, manifolds, discriminants and searches."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import HDBSCAN, Birch
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.linear_model import Ridge
from sklearn.manifold import MDS
from sklearn.model_selection import GridSearchCV

from hermetic.errors import UnsupportedVersion
from tests.codecs.older_models import GONE, brought_up, fields_of, taken_back
from tests.zoo.data import CLASSIFICATION, REGRESSION

X, y = CLASSIFICATION.X, CLASSIFICATION.y
SCALING = "sklearn.manifold.MDS"
SCALING_1_7 = {"metric_mds": GONE, "init": GONE, "metric_params": GONE, "n_init": "warn"}


def test_a_copy_for_clusters_is_no_longer_asked_for():
    model = Birch().fit(X)
    older = brought_up(model, "1.7.2", {"sklearn.cluster.Birch": {"copy": "deprecated"}})
    assert "copy" not in vars(older)
    assert np.array_equal(older.predict(X), model.predict(X))


def test_a_copy_that_only_warned_was_none(monkeypatch: pytest.MonkeyPatch):
    fields = fields_of(taken_back(HDBSCAN(), "1.7.2", monkeypatch), "sklearn.cluster.HDBSCAN")
    assert fields["copy"] is False


def test_discriminants_of_1_7_have_the_one_solver_of_their_time():
    name = "sklearn.discriminant_analysis.QuadraticDiscriminantAnalysis"
    model = QuadraticDiscriminantAnalysis().fit(X, y)
    older = brought_up(model, "1.7.2", {name: {"solver": GONE, "shrinkage": GONE, "covariance_estimator": GONE}})
    assert older.get_params() == model.get_params()
    assert np.array_equal(older.predict_proba(X), model.predict_proba(X))


def test_a_discriminant_with_a_new_solver_has_no_way_back(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(UnsupportedVersion, match="solver='eigen' is new"):
        taken_back(QuadraticDiscriminantAnalysis(solver="eigen"), "1.7.2", monkeypatch)


@pytest.mark.parametrize(
    ("metric", "dissimilarity"), [(True, "euclidean"), (False, "precomputed"), (True, "precomputed")]
)
def test_two_parameters_of_scaling_change_their_names(metric: bool, dissimilarity: str):
    older = brought_up(MDS(), "1.7.2", {SCALING: {**SCALING_1_7, "metric": metric, "dissimilarity": dissimilarity}})
    assert (older.metric_mds, older.metric, older.dissimilarity) == (metric, dissimilarity, "deprecated")
    assert (older.n_init, older.metric_params) == (4, None)
    assert set(older.get_params()) == set(MDS().get_params())


@pytest.mark.parametrize(
    ("model", "metric", "dissimilarity"),
    [
        (MDS(), True, "euclidean"),
        (MDS(metric="precomputed", metric_mds=False), False, "precomputed"),
        (MDS(dissimilarity="precomputed"), True, "precomputed"),
        (MDS(metric=False), False, "euclidean"),
    ],
    ids=str,
)
def test_the_names_go_back(model: MDS, metric: bool, dissimilarity: str, monkeypatch: pytest.MonkeyPatch):
    fields = fields_of(taken_back(model, "1.7.2", monkeypatch), SCALING)
    assert (fields["metric"], fields["dissimilarity"]) == (metric, dissimilarity)
    assert not {"init", "metric_params", "metric_mds"} & fields.keys()


@pytest.mark.parametrize("model", [MDS(metric="manhattan"), MDS(metric_params={"p": 1})], ids=str)
def test_scaling_by_another_metric_has_no_way_back(model: MDS, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(UnsupportedVersion, match="is new in scikit-learn"):
        taken_back(model, "1.7.2", monkeypatch)


def test_a_search_goes_back_without_the_splitter_that_it_keeps(monkeypatch: pytest.MonkeyPatch):
    search = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=2).fit(REGRESSION.X, REGRESSION.y)
    fields = fields_of(taken_back(search, "1.8.0", monkeypatch), "sklearn.model_selection.GridSearchCV")
    assert "_checked_cv_orig" not in fields
