"""Frozen distributions are names and numbers; a randomized search draws from them as before."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
import scipy.optimize
import scipy.stats
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RandomizedSearchCV
from sklearn.svm import SVC

import hermetic
from hermetic.capture import capture
from hermetic.codecs.scipy_stats import _DISTRIBUTIONS
from hermetic.errors import CannotSave, InvalidState
from hermetic.graph import Mappings, Sequences
from tests.codecs.hostile import all_in_use, bring_back, dumps_elsewhere, refuse, through_the_gates

NAME = "scipy.stats.frozen_distribution"
X = np.random.default_rng(0).random((40, 3))
Y = (X[:, 0] > 0.5).astype(int)
SHARED = [0, 1]

DISTRIBUTIONS = {
    "uniform": lambda: scipy.stats.uniform(0, 2),
    "loguniform": lambda: scipy.stats.loguniform(1e-3, 10),
    "randint": lambda: scipy.stats.randint(1, 50),
    "keywords": lambda: scipy.stats.norm(loc=1, scale=np.float32(2)),
    "arrays": lambda: scipy.stats.uniform(np.zeros(3), np.ones(3)),
    "lists": lambda: scipy.stats.uniform([0, 1, 2], 1),
    "poisson": lambda: scipy.stats.poisson(3),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_frozen_distribution_draws_the_same(name: str):
    frozen = DISTRIBUTIONS[name]()
    restored = bring_back(frozen)
    assert type(restored) is type(frozen)
    assert str(restored.rvs(random_state=3)) == str(frozen.rvs(random_state=3))
    assert str(restored.support()) == str(frozen.support())


def test_a_random_state_of_its_own_is_kept_and_the_global_one_is_not_copied():
    seeded, plain = scipy.stats.norm(), scipy.stats.norm()
    seeded.random_state = 5
    restored = bring_back([seeded, plain])
    assert restored[0].rvs(4).tolist() == seeded.rvs(4).tolist()
    assert restored[1].random_state is np.random.mtrand._rand


def test_every_distribution_of_scipy_is_in_the_list_and_nothing_else():
    kinds = (scipy.stats.rv_continuous, scipy.stats.rv_discrete)
    known = {name for name in dir(scipy.stats) if isinstance(getattr(scipy.stats, name), kinds)}
    assert known <= _DISTRIBUTIONS
    assert all(name in known or not hasattr(scipy.stats, name) for name in _DISTRIBUTIONS)


@pytest.mark.parametrize(
    "space",
    [
        {"C": scipy.stats.loguniform(0.01, 10), "fit_intercept": [True, False]},
        [{"C": scipy.stats.uniform(0.1, 1)}, {"tol": [1e-3, 1e-4]}],
    ],
    ids=["one-space", "two-spaces"],
)
def test_a_randomized_search_answers_and_searches_again(space: object):
    search = RandomizedSearchCV(LogisticRegression(), space, n_iter=4, random_state=0, cv=2).fit(X, Y)
    restored = bring_back(search)
    assert restored.predict_proba(X).tobytes() == search.predict_proba(X).tobytes()
    assert str(restored.cv_results_["params"]) == str(search.cv_results_["params"])
    assert restored.fit(X, Y).best_params_ == search.best_params_


def test_masked_results_of_a_search_stay_masked():
    space = [{"kernel": ["rbf"], "gamma": scipy.stats.uniform(0.1, 1)}, {"kernel": ["linear"]}]
    search = RandomizedSearchCV(SVC(), space, n_iter=6, random_state=0, cv=2).fit(X, Y)
    before, after = search.cv_results_["param_gamma"], bring_back(search).cv_results_["param_gamma"]
    assert after.mask.tolist() == before.mask.tolist()
    assert str(after) == str(before)


def test_another_process_writes_the_same_bytes():
    code = "import scipy.stats\nvalue = scipy.stats.beta(b=2, a=3)"
    assert dumps_elsewhere(code) == hermetic.dumps(scipy.stats.beta(b=2, a=3))


class _Own(scipy.stats.rv_continuous):
    def _pdf(self, x: object) -> object:
        return x


@pytest.mark.parametrize("distribution", [_Own(name="uniform"), _Own(name="own")], ids=["disguised", "own"])
def test_a_distribution_that_is_not_scipys_is_refused_at_dump(distribution: scipy.stats.rv_continuous):
    with pytest.raises(CannotSave, match="no distribution"):
        hermetic.dumps(distribution())


@pytest.mark.parametrize(
    ("field", "new"),
    [
        ("distribution", "rv_histogram"),
        ("distribution", "eval"),
        ("distribution", None),
        ("arguments", 1),
        ("arguments", {"tuple": [1]}),
        ("keywords", None),
        ("random_state", 5),
        ("surplus", 1),
    ],
)
def test_a_hostile_distribution_is_refused(field: str, new: object):
    refuse(scipy.stats.uniform(0, 2), NAME, field, new)


def test_parameters_that_do_not_fit_are_refused():
    refuse(scipy.stats.norm(0, 2), NAME, "distribution", "hypergeom", "does not take")


@pytest.mark.parametrize(
    ("field", "other", "words"),
    [
        ("arguments", {"loc": 1}, "must be a list"),
        ("arguments", {1}, "must be a list"),
        ("arguments", [np.random.RandomState(0)], "must be numbers"),
        ("keywords", [1], "must be a dictionary"),
        ("keywords", {1}, "must be a dictionary"),
        ("keywords", {"loc": np.random.RandomState(0)}, "must be numbers"),
    ],
    ids=lambda part: str(part)[:20],
)
def test_a_field_that_refers_to_something_else_is_refused(field: str, other: object, words: str):
    graph = capture([other, scipy.stats.norm(0, 2)])
    kind = Mappings if type(other) is dict else Sequences
    number = next(number for number, node in enumerate(graph.nodes) if isinstance(node, kind))
    graph.nodes[-2].fields[field] = [number]

    with pytest.raises(InvalidState, match=words):
        through_the_gates(all_in_use(graph))


PARAMETERS = {
    "lists of one length": [[0, 1], [2, 3.5]],
    "long lists": [[0.5] * 9, [1] * 9, [0.25] * 9],
    "tuples": ((0, 1), (2, 3)),
    "many numbers of two kinds": [0, 0.5] * 6000,
    "many numbers in a tuple": (0, 0.5) * 6000,
    "many lists": [[0, 1, 2.5], [0, 2, 2.5]] * 4000,
    "a list of arrays": [np.zeros(2), np.ones(2)],
    "a list that stands elsewhere, beside a text": SHARED,
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_of_any_number_and_form_come_back(name: str):
    frozen = scipy.stats.uniform(PARAMETERS[name], 1)

    _, restored = bring_back([[SHARED, ["text", 0]], frozen])

    assert str(restored.args) == str(frozen.args)


@pytest.mark.parametrize(
    "parameter",
    [pd.Series([0, 1]), "1", np.array([0, 1], dtype=object), np.ma.array([0, 1]), range(2), {1}, Decimal(1), [[["a"]]]],
    ids=lambda parameter: type(parameter).__name__,
)
def test_a_parameter_that_would_not_load_is_not_saved(parameter: object):
    frozen = scipy.stats.uniform()
    frozen.args = (parameter,)

    with pytest.raises(CannotSave, match="a parameter of uniform holds a"):
        hermetic.dumps(frozen)


def test_a_parameter_that_contains_itself_is_not_saved():
    frozen = scipy.stats.uniform()
    frozen.kwds["loc"] = endless = []
    endless.append(endless)

    with pytest.raises(CannotSave, match="holds a builtins"):
        hermetic.dumps(frozen)


def test_the_result_of_an_optimizer_keeps_its_attributes():
    result = scipy.optimize.OptimizeResult(x=np.array([1.0, 2.0]), fun=0.5, success=True, message="done")
    restored = bring_back(result)
    assert type(restored) is scipy.optimize.OptimizeResult
    assert restored.x.tolist() == [1.0, 2.0]
    assert restored.message == "done"


def test_a_result_that_is_no_dictionary_is_refused():
    refuse(scipy.optimize.OptimizeResult(x=1), "scipy.optimize.OptimizeResult", "items", "x")
