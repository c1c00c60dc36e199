"""Distributions of scipy in pickles: what scipy writes is clean, any other text of functions is code."""

from __future__ import annotations

import io
import pickle
from typing import Any

import pytest
import scipy.stats
from sklearn.linear_model import Ridge
from sklearn.model_selection import RandomizedSearchCV

import hermetic
from hermetic.scanning.distributions import _TEMPLATE
from tests.legacy_pickles import Made, Named, new, written

HONEST = scipy.stats.norm._parse_arg_template
CODE = "import os\nos.mkdir('marker')\n"
CLASS = "scipy.stats._continuous_distns:norm_gen"


def verdict(thing: Any) -> tuple[str, set[str]]:
    report = hermetic.scan(io.BytesIO(thing if isinstance(thing, bytes) else written(thing)))
    return report.verdict, {found.rule for found in report.findings}


def frozen(inner: Any) -> Made:
    location = "scipy.stats._distn_infrastructure:rv_continuous_frozen"
    return new(location, {"args": (), "kwds": {}, "dist": inner})


MODULES = ("scipy.stats._continuous_distns", "scipy.stats._discrete_distns")
OWN = sorted(
    name
    for name, each in vars(scipy.stats).items()
    if type(each).__module__ in MODULES and hasattr(each, "_parse_arg_template")
)


@pytest.mark.parametrize("name", OWN)
def test_every_distribution_has_the_template(name: str) -> None:
    assert _TEMPLATE.fullmatch(getattr(scipy.stats, name)._parse_arg_template)


@pytest.mark.parametrize("protocol", range(6))
def test_what_scipy_pickles_is_clean(protocol: int) -> None:
    values = [scipy.stats.uniform(0, 1), scipy.stats.loguniform(1e-3, 1.0), scipy.stats.beta(1, b=2)]
    values += [scipy.stats.randint(1, 5), scipy.stats.poisson(3.0), scipy.stats.binom(5, p=0.5)]
    assert verdict(pickle.dumps(values, protocol)) == ("clean", set())


def test_a_frozen_one_is_clean() -> None:
    assert verdict(frozen(new(CLASS, {"_parse_arg_template": HONEST, "__doc__": "text"}))) == ("clean", set())


HOSTILE = {
    "code": {"_parse_arg_template": CODE},
    "code behind": {"_parse_arg_template": HONEST + CODE},
    "code before": {"_parse_arg_template": CODE + HONEST},
    "a default": {"_parse_arg_template": HONEST.replace("loc=0", "loc=exit()")},
    "a shape": {"_parse_arg_template": HONEST.replace("self, ", "self, a=exit(), ")},
    "no text": {"_parse_arg_template": 5},
    "none": {"name": "norm"},
    "a special name": {"_parse_arg_template": HONEST, "__class__": 5},
    "no dictionary": [("_parse_arg_template", CODE)],
    "pairs": (("_parse_arg_template", CODE),),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_any_other_state_is_dangerous(name: str) -> None:
    made = new(CLASS, HOSTILE[name])
    assert verdict(frozen(made)) == ("dangerous", {"run-code"})
    assert verdict(made) == ("dangerous", {"run-code", "unknown-name"})


@pytest.mark.parametrize(
    "location",
    [
        "scipy.stats._levy_stable:levy_stable_gen",
        "scipy.stats._distn_infrastructure:rv_discrete",
        "scipy.stats._distn_infrastructure:rv_continuous",
        "scipy.stats.distributions:rv_sample",
    ],
)
def test_code_in_any_distribution_is_dangerous(location: str) -> None:
    assert verdict(new(location, {"_parse_arg_template": CODE}))[0] == "dangerous"
    assert verdict(new(location, {"_parse_arg_template": HONEST}))[0] == "unknown"


def test_one_that_is_not_frozen_needs_trust() -> None:
    assert verdict(new(CLASS, {"_parse_arg_template": HONEST})) == ("unknown", {"unknown-name"})
    made = Made(
        "copyreg:_reconstructor", (Named(CLASS), Named("builtins:object"), None), {"_parse_arg_template": HONEST}
    )
    assert verdict(made) == ("unknown", {"unknown-name"})


def test_the_code_is_run_by_pickle(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    state = {**scipy.stats.norm.__getstate__(), "_parse_arg_template": CODE + HONEST}
    scipy.stats._continuous_distns.norm_gen.__new__(type(scipy.stats.norm)).__setstate__(state)
    assert (tmp_path / "marker").is_dir()


DISCRETE = "scipy.stats._discrete_distns:randint_gen"


def discrete(made: Any = None, **changes: Any) -> Made:
    """Give a frozen discrete distribution with its entropy; with something else in the place of parts of it."""
    owner = new(DISCRETE, {"_parse_arg_template": HONEST})
    method = Made("builtins:getattr", (changes.pop("of", owner), changes.pop("called", "_entropy")))
    state = {"pyfunc": method, "cache": False, "signature": None, "_ufunc": {}, "excluded": [], **changes}
    owner.state["vecentropy"] = new("numpy:vectorize", state) if made is None else made(state, method)
    location = "scipy.stats._distn_infrastructure:rv_discrete_frozen"
    return new(location, {"args": (1, 5), "kwds": {}, "dist": owner})


def test_the_entropy_of_a_discrete_one_is_clean() -> None:
    assert verdict(discrete()) == ("clean", set())


OTHER = {
    "another method": lambda: discrete(called="rvs"),
    "a special method": lambda: discrete(called="__class__"),
    "of another object": lambda: discrete(of=new(DISCRETE, {"_parse_arg_template": HONEST})),
    "of a class": lambda: discrete(of=Named(DISCRETE)),
    "a function": lambda: discrete(pyfunc=Named("builtins:eval")),
    "a harmless function": lambda: discrete(pyfunc=Named("numpy:mean")),
    "more than that": lambda: discrete(otypes=Named("os:system")),
    "a full set": lambda: discrete(_ufunc={"a": Named("os:system")}),
    "a call of vectorize": lambda: discrete(lambda state, method: Made("numpy:vectorize", (method,))),
    "another class": lambda: discrete(lambda state, method: new("functools:partial", state)),
    "a list": lambda: discrete(lambda state, method: [new("numpy:vectorize", state)]),
    "no dictionary": lambda: discrete(lambda state, method: new("numpy:vectorize", (state, None))),
}


@pytest.mark.parametrize("name", OTHER)
def test_anything_else_in_its_place_is_dangerous(name: str) -> None:
    assert verdict(OTHER[name]())[0] == "dangerous"


def test_the_entropy_of_something_else_is_dangerous() -> None:
    owner = new("sklearn.preprocessing._data:StandardScaler", {})
    owner.state["vecentropy"] = new("numpy:vectorize", {"pyfunc": Made("builtins:getattr", (owner, "_entropy"))})
    assert verdict(owner)[0] == "dangerous"


@pytest.mark.parametrize("protocol", range(6))
def test_a_discrete_one_that_is_not_frozen_needs_trust(protocol: int) -> None:
    assert verdict(pickle.dumps(scipy.stats.randint, protocol)) == ("unknown", {"unknown-name"})


@pytest.mark.parametrize("protocol", range(6))
def test_a_randomized_search_over_them_is_clean_and_loads(protocol: int) -> None:
    search = RandomizedSearchCV(Ridge(), {"max_iter": scipy.stats.randint(1, 5), "alpha": scipy.stats.uniform(0, 1)})
    data = pickle.dumps(search, protocol)
    assert verdict(data) == ("clean", set())
    assert hermetic.loads(data).param_distributions["max_iter"].args == (1, 5)


def test_a_change_without_a_state_is_no_distribution_and_ends_in_a_verdict():
    # Protocol 0 with an empty APPENDS behind a call: a change of a call that brings nothing.
    data = b"ccopy_reg\n_reconstructor\n(c__builtin__\nobject\nc__builtin__\nobject\nNtR(e."
    assert hermetic.scan(io.BytesIO(data)).verdict
