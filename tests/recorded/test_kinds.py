"""Every kind of evidence goes into a file and comes back, beside the model and in any company."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import make_scorer, r2_score
from sklearn.model_selection import KFold

import hermetic
from hermetic.errors import InvalidState, UntrustedType
from hermetic.formats.container_reader import Container, open_container
from hermetic.formats.container_writer import BytesMember
from hermetic.formats.members import evidence_name
from hermetic.formats.sources import BufferSource
from hermetic.limits import DEFAULT_LIMITS
from hermetic.own_files import Wishes
from hermetic.recorded.evidence import Evidence
from hermetic.recorded.members import read_recipe, read_record, read_snapshot
from hermetic.recorded.recipe import Recipe
from tests.recorded.test_members import MODEL, file_with
from tests.recorded.test_records import GOOD

RECIPE = Recipe(
    estimator=LogisticRegression(C=0.5), splitter=KFold(3), scorers={"accuracy": make_scorer(r2_score), "own": "r2"}
)
SNAPSHOT = {"X": b"PAR1 and so on", "y": b""}


def opened(evidence: Evidence, **options: Any) -> Container:
    return open_container(BufferSource(hermetic.dumps(MODEL, evidence=evidence, **options)))


@pytest.mark.parametrize("kind", GOOD)
def test_a_record_alone_comes_back_from_a_file(kind: str):
    container = opened(Evidence(**{kind: GOOD[kind]}))
    assert read_record(container, kind) == GOOD[kind]
    assert list(container.members)[-1] == evidence_name(0, kind)


@pytest.mark.parametrize("compress", [False, True], ids=["plain", "compressed"])
def test_all_kinds_stand_together(compress: bool):
    pytest.importorskip("backports.zstd") if compress else None
    container = opened(Evidence(**GOOD, recipe=RECIPE, snapshot=SNAPSHOT), compress=compress)
    assert {kind: read_record(container, kind) for kind in GOOD} == GOOD
    recipe = read_recipe(container, Wishes())
    assert recipe is not None
    assert (recipe.estimator.C, recipe.splitter.n_splits, list(recipe.scorers)) == (0.5, 3, ["accuracy", "own"])
    assert read_snapshot(container, DEFAULT_LIMITS) == SNAPSHOT


def test_a_model_with_records_loads_like_one_without():
    data = hermetic.dumps(MODEL, evidence=Evidence(**GOOD))
    assert np.array_equal(hermetic.loads(data).coef_, MODEL.coef_)
    _, report = hermetic.loads(data, report=True)
    assert report.golden.verdict == "absent"


def test_a_file_without_evidence_has_no_record():
    container = open_container(BufferSource(hermetic.dumps(MODEL)))
    assert [read_record(container, kind) for kind in GOOD] == [None] * len(GOOD)
    assert read_recipe(container, Wishes()) is None
    assert read_snapshot(container, DEFAULT_LIMITS) == {}


def test_a_recipe_passes_the_same_gates_as_a_model():
    container = opened(Evidence(recipe=Recipe(estimator=BytesMember(name="a", data=b""))))
    with pytest.raises(UntrustedType, match="BytesMember"):
        read_recipe(container, Wishes())


BROKEN_RECIPES = {
    "a-list": [1],
    "no-scorers": {"layout": 1, "estimator": None, "splitter": None},
    "a-later-layout": {"layout": 2, "estimator": None, "splitter": None, "scorers": {}},
    "scorers-are-a-list": {"layout": 1, "estimator": None, "splitter": None, "scorers": []},
    "scorers-have-numbers": {"layout": 1, "estimator": None, "splitter": None, "scorers": {1: None}},
}


@pytest.mark.parametrize("name", BROKEN_RECIPES)
def test_a_broken_recipe_is_refused(name: str):
    data = file_with((evidence_name(0, "recipe"), hermetic.dumps(BROKEN_RECIPES[name])))
    with pytest.raises(InvalidState, match="recipe"):
        read_recipe(open_container(BufferSource(data)), Wishes())


BROKEN_SNAPSHOTS = {
    "a-list": [1],
    "no-parts": {"layout": 1},
    "parts-are-texts": {"layout": 1, "parts": {"X": "abc"}},
    "parts-are-a-number": {"layout": 1, "parts": 3},
    "a-later-layout": {"layout": 2, "parts": {}},
    "models": {"layout": 1, "parts": {"X": MODEL}},
}


@pytest.mark.parametrize("name", BROKEN_SNAPSHOTS)
def test_a_broken_snapshot_is_refused(name: str):
    data = file_with((evidence_name(0, "snapshot"), hermetic.dumps(BROKEN_SNAPSHOTS[name])))
    with pytest.raises(InvalidState, match=r"snapshot|plain data"):
        read_snapshot(open_container(BufferSource(data)), DEFAULT_LIMITS)


def test_a_damaged_record_says_which_one():
    data = file_with((evidence_name(0, "scores"), b"{}"))
    with pytest.raises(InvalidState, match="no record of that kind") as caught:
        read_record(open_container(BufferSource(data)), "scores")
    assert "scores" in caught.value.where
