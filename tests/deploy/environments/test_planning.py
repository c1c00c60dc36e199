"""A file becomes a plan: what it records, what of it can be had, and what hermetic needs beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sklearn.linear_model import LinearRegression

import hermetic
from hermetic.deploy.environments import planning
from hermetic.deploy.environments.installers import Installer
from hermetic.deploy.environments.pins import Pin, target_here
from hermetic.deploy.environments.planning import plan_environment, read_environment
from hermetic.errors import FileError, SignatureRefused, UsageError
from hermetic.evidence.environment.recording import record_environment
from hermetic.recorded.evidence import Evidence
from hermetic.signing.files import sign_file
from hermetic.signing.keys import make_key_pair
from tests.deploy.environments.local_index import LocalIndex
from tests.deploy.environments.test_pins import distribution, environment

PYTHON = f"{target_here().python}.1"


def write_keys(path: Path) -> None:
    private, public = make_key_pair()
    path.with_suffix(".key").write_bytes(private)
    path.with_suffix(".pub").write_bytes(public.pem)


def save(folder: Path, *distributions: object, **others: object) -> str:
    path = folder / "model.hermetic"
    record = environment(*distributions, **{"python": PYTHON, **others})  # type: ignore[arg-type]
    hermetic.dump(LinearRegression(), path, evidence=Evidence(environment=record))
    return str(path)


def test_the_recorded_environment_is_read(tmp_path: Path):
    path = save(tmp_path, distribution("own-one", "1.0"))
    assert [one.name for one in read_environment(path).distributions] == ["own-one"]


def test_a_file_without_one_says_how_to_record_it(tmp_path: Path):
    hermetic.dump(LinearRegression(), tmp_path / "plain.hermetic")
    with pytest.raises(UsageError, match="does not record its environment") as caught:
        read_environment(tmp_path / "plain.hermetic")
    assert "hermetic.record(model, X, y)" in caught.value.next_step


def test_a_file_that_is_none_is_refused(tmp_path: Path):
    (tmp_path / "x.hermetic").write_bytes(b"nothing")
    with pytest.raises(FileError):
        read_environment(tmp_path / "x.hermetic")


def test_a_signed_file_is_read_from_the_bytes_that_were_signed(tmp_path: Path):
    pytest.importorskip("cryptography", reason="signatures need cryptography")
    path = save(tmp_path, distribution("own-one", "1.0"))
    write_keys(tmp_path / "release")
    sign_file(path, tmp_path / "release.key")
    assert read_environment(path, signed_by=tmp_path / "release.pub").python == PYTHON
    save(tmp_path, distribution("evil", "1.0"))
    with pytest.raises(SignatureRefused):
        read_environment(path, signed_by=tmp_path / "release.pub")


def test_a_plan_has_what_was_recorded_and_what_hermetic_needs(
    index: LocalIndex, installer: Installer, monkeypatch: pytest.MonkeyPatch
):
    for name in ("own-one", "own-two", "own-click"):
        index.add(name, "1.0")
    monkeypatch.setattr(planning, "own_pins", lambda extras=(): (Pin(name="own-click", version="1.0"),))
    record = environment(distribution("own-one", "1.0"), distribution("own-two", "1.0", is_needed=False), python=PYTHON)
    plan = plan_environment(record, installer)
    assert [wheel.name for wheel in plan.lock.wheels] == ["own-click", "own-one"]
    everything = plan_environment(record, installer, with_all=True)
    assert [wheel.name for wheel in everything.lock.wheels] == ["own-click", "own-one", "own-two"]
    assert plan.missing == ()


def test_what_the_model_needs_wins_over_what_hermetic_needs(
    index: LocalIndex, installer: Installer, monkeypatch: pytest.MonkeyPatch
):
    for version in ("1.0", "2.0"):
        index.add("own-click", version)
    monkeypatch.setattr(planning, "own_pins", lambda extras=(): (Pin(name="own-click", version="2.0"),))
    plan = plan_environment(environment(distribution("own-click", "1.0"), python=PYTHON), installer)
    assert [wheel.version for wheel in plan.lock.wheels] == ["1.0"]


def test_what_cannot_be_had_is_missing_for_whichever_reason(
    index: LocalIndex, installer: Installer, monkeypatch: pytest.MonkeyPatch
):
    index.add("own-one", "1.1")
    own = (Pin(name="isal", version="1.0"), Pin(name="own-rich", version="1.0"))
    monkeypatch.setattr(planning, "own_pins", lambda extras=(): own)
    record = environment(
        distribution("own-one", "1.0"), distribution("own-two", "1.0", origin="editable folder"), python=PYTHON
    )
    plan = plan_environment(record, installer)
    # isal has a stand-in.
    assert [(one.name, one.nearest) for one in plan.missing] == [("own-two", ""), ("own-one", "1.1"), ("own-rich", "")]
    nearest = plan_environment(record, installer, takes_nearest=True)
    assert [wheel.version for wheel in nearest.lock.wheels] == ["1.1"]


def test_another_implementation_of_python_cannot_be_made(installer: Installer):
    with pytest.raises(UsageError, match="CPython only"):
        plan_environment(environment(implementation="PyPy"), installer)


def test_what_recorded_rows_are_made_of_counts_as_needed_for_their_answers(tmp_path: Path):
    pandas = pytest.importorskip("pandas", reason="the recorded rows are a frame")
    frame = pandas.DataFrame({"size": [0.0, 1.0, 2.0, 3.0]})
    model = LinearRegression().fit(frame, [0.0, 1.0, 2.0, 3.0])
    evidence = hermetic.record(model, frame, [0.0, 1.0, 2.0, 3.0], cv=2, source=None, progress=False)
    evidence = replace(evidence, environment=record_environment(model))  # as of a model that was given arrays
    hermetic.dump(model, tmp_path / "model.hermetic", evidence=evidence)
    plain, full = (
        {
            one.name
            for one in read_environment(tmp_path / "model.hermetic", for_answers=way).distributions
            if one.is_needed
        }
        for way in (False, True)
    )
    assert {"pandas", "python-dateutil"} <= full - plain
    assert plain < full


def test_rows_of_no_frame_need_nothing_more(tmp_path: Path):
    rows, targets = [[0.0], [1.0], [2.0], [3.0]], [0.0, 1.0, 2.0, 3.0]
    model = LinearRegression().fit(rows, targets)
    evidence = hermetic.record(model, rows, targets, cv=2, source=None, progress=False)
    hermetic.dump(model, tmp_path / "model.hermetic", evidence=evidence)
    plain, full = (read_environment(tmp_path / "model.hermetic", for_answers=way) for way in (False, True))
    assert plain == full
