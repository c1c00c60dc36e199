"""Changes in ensembles and in models made of models."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.multioutput import ClassifierChain, RegressorChain
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.tree import DecisionTreeClassifier

from hermetic.errors import UnsupportedVersion
from hermetic.graph import Graph
from tests.codecs.older_models import GONE, brought_up, brought_up_after, fields_of, refusal_of, taken_back
from tests.zoo.data import BINARY, CLASSIFICATION, MULTIOUTPUT, REGRESSION

X, y = CLASSIFICATION.X, CLASSIFICATION.y
ENSEMBLE = "sklearn.ensemble."
SMALL = {"n_estimators": 3, "random_state": 0}


@pytest.mark.parametrize("kind", [RandomForestClassifier, IsolationForest, BaggingClassifier])
def test_ensembles_without_weights_still_say_which_samples_each_member_saw(kind: type):
    model = kind(**SMALL).fit(X, y)
    older = brought_up(model, "1.7.2", {f"{ENSEMBLE}{kind.__name__}": {"_sample_weight": GONE}})
    assert np.array_equal(older.predict(X), model.predict(X))
    for before, after in zip(model.estimators_samples_, older.estimators_samples_, strict=True):
        assert np.array_equal(before, after)


@pytest.mark.parametrize(("kind", "release"), [(RandomForestClassifier, "1.8.0"), (BaggingClassifier, "1.7.2")])
def test_weights_that_an_older_release_would_ignore_leave_no_wrong_samples(
    kind: type, release: str, monkeypatch: pytest.MonkeyPatch
):
    model = kind(**SMALL).fit(X, y, sample_weight=np.arange(60.0) + 1)
    fields = fields_of(taken_back(model, release, monkeypatch), f"{ENSEMBLE}{kind.__name__}")
    # estimators_samples_ cannot do without the number: it says so instead of naming other samples.
    assert not {"_sample_weight", "_n_samples"} & fields.keys()


def test_without_weights_an_older_release_names_the_same_samples(monkeypatch: pytest.MonkeyPatch):
    model = RandomForestClassifier(**SMALL).fit(X, y)
    fields = fields_of(taken_back(model, "1.8.0", monkeypatch), f"{ENSEMBLE}RandomForestClassifier")
    assert fields["_n_samples"] == 60


def test_all_samples_are_said_in_the_older_words(monkeypatch: pytest.MonkeyPatch):
    fields = fields_of(taken_back(BaggingClassifier(), "1.7.2", monkeypatch), f"{ENSEMBLE}BaggingClassifier")
    assert fields["max_samples"] == 1.0


@pytest.mark.parametrize("init", [None, "zero", DummyClassifier(strategy="prior")], ids=str)
def test_boosting_that_starts_from_shares_of_classes_passes(init: object):
    model = GradientBoostingClassifier(init=init, n_estimators=3).fit(X, y)
    older = brought_up(model, "1.7.2", {f"{ENSEMBLE}GradientBoostingClassifier": {"criterion": "friedman_mse"}})
    assert np.array_equal(older.decision_function(X), model.decision_function(X))
    assert older.criterion == "deprecated"


@pytest.mark.parametrize("init", [DecisionTreeClassifier(), DummyClassifier(strategy="most_frequent")], ids=str)
def test_boosting_that_may_start_from_certainty_is_refused(init: object):
    model = GradientBoostingClassifier(init=init, n_estimators=3).fit(BINARY.X, BINARY.y)
    assert "another distance from 0 and 1" in refusal_of(model, "1.7.2", {})


def test_boosting_with_a_class_that_hardly_occurs_is_refused():
    model = GradientBoostingClassifier(n_estimators=2).fit(BINARY.X, BINARY.y)
    model.init_.class_prior_ = np.array([1e-8, 1 - 1e-8])
    assert "another distance from 0 and 1" in refusal_of(model, "1.7.2", {})


def test_boosting_goes_back_with_the_older_word_for_its_criterion(monkeypatch: pytest.MonkeyPatch):
    model = GradientBoostingRegressor(n_estimators=2).fit(REGRESSION.X, REGRESSION.y)
    fields = fields_of(taken_back(model, "1.8.0", monkeypatch), f"{ENSEMBLE}GradientBoostingRegressor")
    assert fields["criterion"] == "friedman_mse"


def test_the_algorithm_of_adaptive_boosting_is_no_longer_asked_for():
    model = AdaBoostClassifier(n_estimators=2).fit(X, y)
    older = brought_up(model, "1.7.2", {f"{ENSEMBLE}AdaBoostClassifier": {"algorithm": "deprecated"}})
    assert "algorithm" not in vars(older)
    assert np.array_equal(older.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize("is_old_name", [True, False])
def test_chains_have_one_name_for_their_estimator(is_old_name: bool):
    model = RegressorChain(Ridge(alpha=2.0)).fit(MULTIOUTPUT.X, MULTIOUTPUT.y)
    from hermetic.capture import capture

    own = fields_of(capture(model), "sklearn.multioutput.RegressorChain")["estimator"]
    fields = {"base_estimator": own, "estimator": None} if is_old_name else {"base_estimator": "deprecated"}
    older = brought_up(model, "1.8.0", {"sklearn.multioutput.RegressorChain": fields})
    assert older.estimator.alpha == 2.0
    assert "base_estimator" not in vars(older)


def test_chains_go_back_with_the_newer_name_alone(monkeypatch: pytest.MonkeyPatch):
    graph = taken_back(ClassifierChain(LogisticRegression()), "1.8.0", monkeypatch)
    assert fields_of(graph, "sklearn.multioutput.ClassifierChain")["base_estimator"] == "deprecated"


def test_self_training_has_one_name_for_its_estimator():
    name = "sklearn.semi_supervised.SelfTrainingClassifier"
    older = brought_up(SelfTrainingClassifier(Ridge()), "1.7.2", {name: {"base_estimator": "deprecated"}})
    assert "base_estimator" not in vars(older)


def test_calibration_by_temperature_has_no_way_back(monkeypatch: pytest.MonkeyPatch):
    from sklearn.calibration import CalibratedClassifierCV

    with pytest.raises(UnsupportedVersion, match="calibration by temperature is new"):
        taken_back(CalibratedClassifierCV(method="temperature"), "1.7.2", monkeypatch)


def test_scorers_lose_and_get_back_their_message(monkeypatch: pytest.MonkeyPatch):
    scorer = make_scorer(accuracy_score)
    older = brought_up(scorer, "1.7.2", {"sklearn.metrics._Scorer": {"_deprecation_msg": None}})
    assert "_deprecation_msg" not in vars(older)
    fields = fields_of(taken_back(scorer, "1.7.2", monkeypatch), "sklearn.metrics._Scorer")
    assert fields["_deprecation_msg"] is None


@pytest.mark.parametrize("kind", [RandomForestClassifier, AdaBoostRegressor, BaggingClassifier])
def test_the_estimator_of_an_ensemble_of_1_2_0_gets_its_name(kind: type):
    model = kind(**SMALL).fit(X, y)

    def alter(graph: Graph) -> None:
        own = fields_of(graph, f"{ENSEMBLE}{kind.__name__}")
        own["_estimator"] = own.pop("estimator_")

    older = brought_up_after(model, "1.2.0", alter)
    assert type(older.estimator_) is type(model.estimator_)
    assert "_estimator" not in vars(older)
    assert np.array_equal(older.predict(X), model.predict(X))
