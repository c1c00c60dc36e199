"""Distributions of scipy in pickles: what scipy writes is clean, any other text of functions is code."""

from __future__ import annotations

import io
import pickle
from typing import Any

import pytest
import scipy.stats

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


CONTINUOUS = sorted(
    name
    for name, each in vars(scipy.stats).items()
    if type(each).__module__ == "scipy.stats._continuous_distns" and hasattr(each, "_parse_arg_template")
)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_every_continuous_distribution_has_the_template(name: str) -> None:
    assert _TEMPLATE.fullmatch(getattr(scipy.stats, name)._parse_arg_template)


@pytest.mark.parametrize("protocol", range(6))
def test_what_scipy_pickles_is_clean(protocol: int) -> None:
    values = [scipy.stats.uniform(0, 1), scipy.stats.loguniform(1e-3, 1.0), scipy.stats.beta(1, b=2)]
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
        "scipy.stats._discrete_distns:randint_gen",
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
