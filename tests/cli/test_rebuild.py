"""`hermetic rebuild` shows every step, writes where all is well, and ends with the status that scripts rely on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

import hermetic
from hermetic.cli.main import hermetic as program
from hermetic.recorded.evidence import Evidence

X, y = load_iris(return_X_y=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model = DecisionTreeClassifier(random_state=0).fit(X, y)
    evidence = hermetic.record(model, X, y, cv=3, data=None, source=None, progress=False)
    hermetic.dump(model, tmp_path / "old.hermetic", evidence=evidence)
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "y.npy", y)
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    data = [f"--data=X={folder / 'X.npy'}", f"--data=y={folder / 'y.npy'}"]
    return CliRunner().invoke(program, ["rebuild", str(folder / "old.hermetic"), *data, *arguments])


def test_it_shows_the_steps_and_writes(folder: Path):
    result = run(folder, "-o", str(folder / "new.hermetic"))
    assert result.exit_code == 0, result.output
    assert result.output.startswith("ok ")
    for step in ("file", "data", "recipe", "refit", "scores", "answers", "write"):
        assert f"  {step:<10}passed" in result.output
    assert "now: same range" in result.output
    assert hermetic.load(folder / "new.hermetic").predict(X[:1]).tolist() == [0]


def test_without_an_output_nothing_is_written(folder: Path):
    result = run(folder)
    assert result.exit_code == 0
    assert result.output.endswith("nothing was written\n")
    assert sorted(path.name for path in folder.glob("*.hermetic")) == ["old.hermetic"]


def test_json_has_every_step(folder: Path):
    result = run(folder, "--json", "--n-jobs", "1", "--backend", "threading")
    content = json.loads(result.stdout)
    assert content["ok"] is True
    assert [step["name"] for step in content["steps"]][-1] == "write"


def test_another_range_ends_with_1_and_writes_nothing_unless_forced(folder: Path):
    good = hermetic.record(DecisionTreeClassifier(random_state=0).fit(X, y), X, y, cv=3, data=None, source=None)
    weak = LogisticRegression(C=1e-9, random_state=0).fit(X, y)
    poor = hermetic.record(weak, X, y, cv=3, data=None, source=None)
    evidence = Evidence(data=good.data, scores=good.scores, recipe=poor.recipe)
    hermetic.dump(weak, folder / "old.hermetic", evidence=evidence)
    result = run(folder, "-o", str(folder / "new.hermetic"))
    assert (result.exit_code, (folder / "new.hermetic").exists()) == (1, False)
    assert "another range (worse)" in result.output
    result = run(folder, "-o", str(folder / "new.hermetic"), "--force")
    assert (result.exit_code, (folder / "new.hermetic").exists()) == (1, True)
    assert run(folder, "--tolerance", "0.9").exit_code == 0


def test_other_data_end_with_1(folder: Path):
    np.save(folder / "X.npy", X + 1)
    result = run(folder)
    assert result.exit_code == 1
    assert "X is not what was recorded" in result.output


def test_what_is_not_trusted_ends_with_3(folder: Path):
    from tests.evidence.scores.own_scorers import Noisy

    model = Noisy(random_state=0).fit(X, y)
    evidence = hermetic.record(model, X, y, cv=3, data=None, source=None, progress=False)
    hermetic.dump(model, folder / "old.hermetic", evidence=evidence)
    assert run(folder).exit_code == 3
    assert run(folder, "--trust", "tests.evidence.scores.own_scorers.Noisy").exit_code == 0


@pytest.mark.parametrize("wrong", ["--data=X", "--data==a", "--backend=spark", "--tolerance=-1"])
def test_wrong_usage_ends_with_2(folder: Path, wrong: str):
    assert run(folder, wrong).exit_code == 2


def test_a_file_that_exists_is_not_replaced(folder: Path):
    result = run(folder, "-o", str(folder / "X.npy"))
    assert result.exit_code == 2
    assert "the file exists" in result.output
    assert np.array_equal(np.load(folder / "X.npy"), X)


def test_words_of_a_file_do_not_command_the_terminal(folder: Path):
    evidence = hermetic.record(DecisionTreeClassifier(random_state=0).fit(X, y), X, y, cv=None, data=None, source=None)
    model = LogisticRegression(solver="\x1b[2Jred")
    hermetic.dump(model, folder / "old.hermetic", evidence=Evidence(data=evidence.data, recipe=None))
    result = run(folder)
    assert result.exit_code == 1
    assert "\x1b" not in result.output


def steps_of(result: Result) -> dict[str, str]:
    return {step["name"]: step["verdict"] for step in json.loads(result.stdout)["steps"]}


def test_json_is_all_that_is_printed_also_where_a_step_fails(folder: Path):
    np.save(folder / "y.npy", 1 - y)
    result = run(folder, "--json", "-o", str(folder / "new.hermetic"))
    content = json.loads(result.stdout)
    assert (result.exit_code, content["ok"], content["target"]) == (1, False, "")
    assert steps_of(result) == {"file": "passed", "data": "failed"}


def test_an_approval_of_this_file_is_as_good_as_trust(folder: Path):
    from tests.evidence.approvals_of import approvals_for
    from tests.evidence.scores.own_scorers import Noisy

    model = Noisy(random_state=0).fit(X, y)
    evidence = hermetic.record(model, X, y, cv=3, data=None, source=None, progress=False)
    hermetic.dump(model, folder / "old.hermetic", evidence=evidence)
    content = (folder / "old.hermetic").read_bytes()
    approvals = approvals_for(folder, content, 'constructed = ["tests.evidence.scores.own_scorers.Noisy"]')
    assert run(folder, "--approvals", str(approvals)).exit_code == 0
    approvals = approvals_for(folder, content, "rejected = true")
    result = run(folder, "--approvals", str(approvals), "--json")
    assert (result.exit_code, steps_of(result)) == (3, {"file": "refused"})


def test_a_file_that_is_not_signed_ends_with_3(folder: Path):
    from hermetic.signing.keys import make_key_pair

    (folder / "release.pub").write_bytes(make_key_pair()[1].pem)
    result = run(folder, "--signed-by", str(folder / "release.pub"), "-o", str(folder / "new.hermetic"))
    assert (result.exit_code, (folder / "new.hermetic").exists()) == (3, False)


@pytest.mark.parametrize("wrong", ["--tolerance=nan", "--tolerance=inf", "--n-jobs=a", "--trust", "--unknown"])
def test_what_makes_no_sense_ends_with_2_before_anything_is_written(folder: Path, wrong: str):
    result = run(folder, "-o", str(folder / "new.hermetic"), wrong)
    assert result.exit_code == 2, result.output
    assert not (folder / "new.hermetic").exists()


def test_a_file_that_is_not_there_ends_with_2(tmp_path: Path):
    result = CliRunner().invoke(program, ["rebuild", str(tmp_path / "none.hermetic")])
    assert result.exit_code == 2
    assert "does not exist" in result.output


DAMAGE = {"nothing": b"", "a-text": b"no model", "half": None}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_file_ends_with_1_and_says_so(folder: Path, name: str):
    content = (folder / "old.hermetic").read_bytes()
    (folder / "old.hermetic").write_bytes(content[: len(content) // 2] if DAMAGE[name] is None else DAMAGE[name])
    result = run(folder, "--json")
    assert (result.exit_code, steps_of(result)) == (1, {"file": "failed"})


def test_parts_of_the_data_that_are_missing_or_unknown_end_with_1(folder: Path):
    file = str(folder / "old.hermetic")
    only_rows = CliRunner().invoke(program, ["rebuild", file, f"--data=X={folder / 'X.npy'}", "--json"])
    assert (only_rows.exit_code, steps_of(only_rows)["data"]) == (1, "failed")
    other = run(folder, f"--data=weights={folder / 'y.npy'}", "--json")
    assert other.exit_code in (1, 2)
    assert "weights" in other.output


def test_a_folder_as_output_is_not_replaced(folder: Path):
    (folder / "new.hermetic").mkdir()
    result = run(folder, "-o", str(folder / "new.hermetic"))
    assert (result.exit_code, "the file exists" in result.output) == (2, True)


def test_force_replaces_a_file_and_never_the_one_that_was_read(folder: Path):
    new = folder / "new.hermetic"
    new.write_bytes(b"mine")
    assert run(folder, "-o", str(new), "--force").exit_code == 0
    assert hermetic.load(new).predict(X[:1]).tolist() == [0]
    before = (folder / "old.hermetic").read_bytes()
    (folder / "link.hermetic").symlink_to(folder / "old.hermetic")
    for output in ("old.hermetic", "link.hermetic"):
        assert run(folder, "-o", str(folder / output), "--force").exit_code == 2
    assert (folder / "old.hermetic").read_bytes() == before


def test_notes_of_a_step_stand_below_one_another(folder: Path):
    model = LogisticRegression(max_iter=1000).fit(X, y)
    evidence = hermetic.record(model, X, y, cv=3, data=None, source=None, progress=False)
    hermetic.dump(model, folder / "old.hermetic", evidence=evidence)
    lines = run(folder).output.splitlines()
    [number] = [number for number, line in enumerate(lines) if line.startswith("  scores")]
    assert lines[number + 1].startswith(" " * 20 + "refits may vary, since random_state is None")
