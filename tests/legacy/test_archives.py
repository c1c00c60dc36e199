"""Models that former releases have fitted, saved and asked, loaded in the installed one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.pipeline import Pipeline

import hermetic
from hermetic import legacy
from hermetic.formats.container_reader import open_container
from hermetic.formats.sources import BufferSource
from hermetic.limits import DEFAULT_LIMITS
from hermetic.recorded.members import read_golden

FOLDER = Path(__file__).parents[1] / "archives" / "predictors"
INSTALLED = tuple(map(int, sklearn.__version__.split(".")[:2]))
FILES = [f"{path.parent.name}/{path.stem}" for path in sorted(FOLDER.glob("*/*.hermetic"))]
BORDERS = {"ada-SAMME-": (1, 3), "ada-": (1, 6), "logistic": (1, 8), "kernels": (1, 3), "bayesian": (1, 9)}
NATIVE = ("kernels-rbf-gamma", "kernels-sigmoid-gamma")


def release_of(name: str) -> tuple[int, ...]:
    return tuple(map(int, name.partition("/")[0].split(".")))


def becomes_ours(name: str) -> bool:
    """Tell whether the formula of a file lies on the other side of the release that changed it."""
    kind, written = name.partition("/")[2], release_of(name)
    border = next(border for prefix, border in BORDERS.items() if kind.startswith(prefix))
    if kind.startswith("bayesian"):
        # Up, an offset of nothing says the same.
        return INSTALLED < border <= written
    return kind not in NATIVE and (written < border) is not (border > INSTALLED)


def is_known(name: str) -> bool:
    """Tell whether hermetic brings models of that release here: back to 1.7, and up from anywhere."""
    return release_of(name) <= INSTALLED or INSTALLED >= (1, 7)


KNOWN = [name for name in FILES if is_known(name)]


def loaded(name: str) -> tuple[Any, hermetic.LoadReport]:
    return hermetic.load(FOLDER / f"{name}.hermetic", check="always", report=True)


def golden_of(name: str) -> Any:
    container = open_container(BufferSource((FOLDER / f"{name}.hermetic").read_bytes()))
    return read_golden(container, DEFAULT_LIMITS)


def ours_within(model: Any) -> list[Any]:
    """Give the predictors of ours in a model."""
    found, waiting = [], [model]
    while waiting:
        part = waiting.pop()
        if type(part).__module__.startswith("hermetic.legacy"):
            found.append(part)
        if isinstance(part, (list, tuple)):
            waiting.extend(part)
        elif hasattr(part, "get_params"):
            waiting.extend(vars(part).values())
        elif type(part).__name__ == "_CalibratedClassifier":
            waiting.append(part.estimator)
    return found


def test_every_release_and_formula_is_there():
    assert {name.partition("/")[0] for name in FILES} == {"1.2", "1.3", "1.5", "1.7", "1.9"}
    assert len(FILES) >= 70
    assert sum(map(becomes_ours, FILES)) >= (20 if INSTALLED >= (1, 8) else 1)


@pytest.mark.parametrize("name", KNOWN)
def test_it_answers_as_it_did_where_it_was_saved(name: str):
    _, report = loaded(name)
    assert report.golden.verdict == "passed"
    assert report.golden.n_rows == golden_of(name).n_rows
    assert report.golden.methods
    assert report.ok


@pytest.mark.parametrize("name", KNOWN)
def test_the_report_says_what_has_become_a_predictor_of_ours(name: str):
    model, report = loaded(name)
    said = [own for own in report.migrations if own.what.startswith("it becomes hermetic.legacy.")]
    assert bool(said) is becomes_ours(name)
    assert bool(ours_within(model)) is becomes_ours(name)
    for own in said:
        assert own.what.rpartition(".")[2] in legacy.__all__


@pytest.mark.parametrize("name", [name for name in KNOWN if becomes_ours(name)])
def test_it_can_be_saved_and_loaded_again(name: str):
    model, _ = loaded(name)
    data = hermetic.dumps(model)
    again = hermetic.loads(data)
    assert hermetic.dumps(again) == data
    rows = golden_of(name).rows
    for method in ("predict", "predict_proba", "transform"):
        if hasattr(model, method):
            assert np.array_equal(getattr(again, method)(rows), getattr(model, method)(rows))


@pytest.mark.parametrize("name", [name for name in KNOWN if becomes_ours(name)])
def test_it_has_the_parameters_of_its_old_constructor(name: str):
    model, _ = loaded(name)
    for own in ours_within(model):
        assert own.get_params(deep=False).keys() <= vars(own).keys()
        assert type(clone(own)) is type(own)
        assert repr(own).startswith(type(own).__name__)
        with pytest.raises(hermetic.UsageError, match="cannot be fitted"):
            own.fit([[0.0]], [0])
    assert model.get_params()
    assert repr(model)


@pytest.mark.parametrize("name", [name for name in KNOWN if name.endswith("pipeline")])
def test_a_pipeline_stays_one(name: str):
    model, _ = loaded(name)
    assert type(model) is Pipeline
    assert model[:-1].transform(golden_of(name).rows).shape[1] == 4


@pytest.mark.parametrize("name", KNOWN)
def test_scan_calls_it_clean_and_inspect_shows_its_rows(name: str):
    path = FOLDER / f"{name}.hermetic"
    assert hermetic.scan(path).verdict == "clean"
    golden = hermetic.inspect(path).golden
    assert golden is not None
    assert golden.origin == "real"
    assert golden.written_by["scikit-learn"].startswith(name.partition("/")[0])


def test_an_archive_with_another_answer_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(legacy.LogisticRegression, "_is_separate", lambda self: False)
    monkeypatch.setattr(
        legacy.AdaBoostClassifier, "_votes", lambda self, member, weight, rows: np.zeros((len(rows), 3))
    )
    names = [name for name in KNOWN if becomes_ours(name) and name.endswith(("logistic-separate", "SAMME.R-three"))]
    for name in names:
        with pytest.raises(hermetic.InvalidState, match="golden rows, predict"):
            loaded(name)
    assert len(names) >= (4 if INSTALLED >= (1, 8) else 0)
