"""verify compares data and scores with what was recorded, and opens nothing that it was not allowed to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import make_scorer
from sklearn.tree import DecisionTreeClassifier

import hermetic
from hermetic.evidence.checks import Check
from hermetic.evidence.verification import verify
from tests.evidence.approvals_of import approvals_for

X = pd.DataFrame(np.random.default_rng(0).normal(size=(90, 2)), columns=["height", "weight"])
y = pd.Series((X["height"] + 0.3 * X["weight"] > 0).astype(int), name="is_tall")
MODEL = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, y)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def path(tmp_path: Path, store: Path) -> Path:
    return saved(tmp_path, store=store)


def saved(folder: Path, **wishes: Any) -> Path:
    path = folder / "model.hermetic"
    wishes = {"cv": 3, "source": None, "progress": False, **wishes}
    hermetic.dump(MODEL, path, X=X, y=y, **wishes)
    return path


def asked(path: Path, name: str, **wishes: Any) -> Check:
    report = verify(path, progress=False, **wishes)
    return next(check for check in report.checks if check.name == name)


def test_data_in_the_own_store_are_compared_value_by_value(path: Path, store: Path):
    found = asked(path, "data", store=store)
    assert found.verdict == "passed"
    assert "90 rows" in found.words


def test_without_the_store_nothing_is_compared_and_nothing_fails(path: Path, tmp_path: Path):
    report = verify(path, store=tmp_path / "empty")
    data = next(check for check in report.checks if check.name == "data")
    assert (report.ok, data.verdict) == (True, "skipped")


def test_a_snapshot_with_one_changed_byte_fails(path: Path, store: Path):
    snapshot = max(store.rglob("*.parquet"), key=lambda each: each.stat().st_size)
    content = bytearray(snapshot.read_bytes())
    content[len(content) // 2] ^= 1
    snapshot.chmod(0o600)
    snapshot.write_bytes(content)
    found = asked(path, "data", store=store)
    assert found.verdict == "failed"
    assert "not those that were recorded" in found.words


def test_embedded_data_are_parsed_only_when_somebody_asks_for_what_needs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = saved(tmp_path, data="embed")
    with monkeypatch.context() as patched:
        patched.setattr("hermetic.evidence.data.reading.read_parquet", None)
        found = asked(path, "data")
    assert found.verdict == "skipped"
    assert "--scores reads them" in found.words
    assert asked(path, "data", scores=True).verdict == "passed"


CHANGES = {
    "one-cell": (lambda: X.assign(height=X["height"].where(X.index != 41, 9.0)), "height"),
    "one-dtype": (lambda: X.astype({"weight": "float32"}), "weight"),
    "row-order": (lambda: X.iloc[::-1], "another order"),
    "a-name": (lambda: X.rename(columns={"weight": "mass"}), "mass"),
    "a-row-less": (lambda: X.iloc[:-1], "89 rows, recorded were 90"),
    "a-missing-value": (lambda: X.assign(height=X["height"].where(X.index != 41)), "height"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_data_that_were_changed_are_noticed_and_the_place_is_told(path: Path, store: Path, name: str):
    change, words = CHANGES[name]
    found = asked(path, "data", store=store, data={"X": change(), "y": y})
    assert found.verdict == "failed"
    assert words in found.words


def test_the_same_data_in_another_library_are_the_same(path: Path):
    import polars

    for frame in (polars.from_pandas(X), X.to_numpy()):
        assert asked(path, "data", data={"X": frame, "y": y.to_numpy()}).verdict == "passed"


def test_scores_are_computed_again_and_in_the_same_range(path: Path, store: Path):
    report = verify(path, scores=True, store=store, progress=False)
    verdicts = {check.name: check.verdict for check in report.checks}
    assert report.ok
    assert (verdicts["data"], verdicts["scores"]) == ("passed", "passed")
    assert "same range" in asked(path, "scores", scores=True, store=store).words


def test_scores_are_asked_for_but_the_data_are_gone(path: Path, tmp_path: Path):
    report = verify(path, scores=True, store=tmp_path / "empty", progress=False)
    verdicts = {check.name: check.verdict for check in report.checks}
    assert (report.ok, verdicts["data"], verdicts["scores"]) == (False, "failed", "skipped")
    assert asked(path, "scores", scores=True, data={"X": X, "y": y}).verdict == "passed"


def test_a_file_without_scores_or_data_says_how_to_have_some(tmp_path: Path):
    without = asked(saved(tmp_path, cv=None, data="embed"), "scores", scores=True)
    assert (without.verdict, "cv=5" in without.words) == ("skipped", True)
    path = tmp_path / "plain.hermetic"
    hermetic.dump(MODEL, path)
    for name in ("data", "scores"):
        found = asked(path, name, scores=True)
        assert (found.verdict, "dump(model, file, X=X, y=y" in found.words) == ("skipped", True)


def own_score(targets: Any, predicted: Any) -> float:
    """Stand in for a scorer of the user's own."""
    return float(np.mean(targets == predicted))


def test_a_scorer_of_ones_own_needs_the_same_trust_as_a_class(tmp_path: Path, store: Path):
    path = saved(tmp_path, store=store, scoring={"own": make_scorer(own_score)})
    refused = asked(path, "scores", scores=True, store=store)
    assert refused.verdict == "refused"
    assert "own_score" in refused.words
    name = f"{own_score.__module__}.own_score"
    assert asked(path, "scores", scores=True, store=store, trusted=[name]).verdict == "passed"


@pytest.mark.parametrize("is_signed", [False, True], ids=["from-disk", "signed"])
def test_an_approval_counts_for_the_recipe_as_for_the_model(tmp_path: Path, store: Path, is_signed: bool):
    path = saved(tmp_path, store=store, scoring={"own": make_scorer(own_score)})
    name = f"{own_score.__module__}.own_score"
    wishes: dict[str, Any] = {"scores": True, "store": store, "signed_by": signed(path) if is_signed else None}
    approvals = approvals_for(tmp_path, path.read_bytes(), f'referenced = ["{name}"]\nconstructed = ["{name}"]')
    assert asked(path, "scores", approvals=approvals, **wishes).verdict == "passed"
    approvals = approvals_for(tmp_path, b"another file", f'referenced = ["{name}"]\nconstructed = ["{name}"]')
    assert asked(path, "scores", approvals=approvals, **wishes).verdict == "refused"


def test_a_rejected_file_is_not_scored(tmp_path: Path, store: Path):
    path = saved(tmp_path, store=store)
    approvals = approvals_for(tmp_path, path.read_bytes(), "rejected = true")
    found = asked(path, "scores", scores=True, store=store, approvals=approvals)
    assert (found.verdict, "is rejected" in found.words) == ("refused", True)


def signed(path: Path) -> bytes:
    from hermetic.signing.files import sign_file
    from hermetic.signing.keys import make_key_pair

    private, public = make_key_pair()
    (path.parent / "release.key").write_bytes(private)
    sign_file(path, path.parent / "release.key")
    return public.pem


def test_damaged_records_fail_their_own_question(tmp_path: Path):
    from tests.recorded.test_kinds import file_with

    for kind in ("data", "scores", "environment"):
        path = tmp_path / f"{kind}.hermetic"
        path.write_bytes(file_with((f"evidence/0-{kind}.json", b'{"layout":1}')))
        report = verify(path, scores=True, progress=False)
        failed = [check.name for check in report.checks if check.verdict == "failed"]
        assert (report.ok, len(failed)) == (False, 1)
