"""`hermetic approve` shows, asks and writes what was decided for one file, and load knows of it where it is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sklearn.feature_extraction.text import CountVectorizer

import hermetic
from hermetic.approvals import approvals_in
from hermetic.cli.main import hermetic as hermetic_command
from hermetic.errors import RejectedFile, UntrustedType
from tests.codecs import user_classes as classes
from tests.taken_apart import TakenApart, changed
from tests.zoo import user_module as user

QUESTION = "Did you read the source of each name"


def run(*arguments: object, answer: str | None = None) -> Result:
    return CliRunner().invoke(hermetic_command, ["approve", *map(os.fspath, arguments)], input=answer)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.hermetic"
    hermetic.dump([user.UserScaler(2.0), user.double, classes.ByFunction("x"), CountVectorizer(input="filename")], path)
    return path


def test_what_is_approved_is_shown_asked_for_and_written(model: Path):
    result = run(model, answer="y\n")
    assert result.exit_code == 0
    for words in (
        "verdict     REFUSED",
        "tests.zoo.user_module.UserScaler  constructed, first at $[",
        "reads-files  $[...].input",
        "To be written to hermetic.toml",
        'referenced = ["tests.zoo.user_module.double"]',
        'called = ["tests.codecs.user_classes.make_by_function"]',
        QUESTION,
        "Written to hermetic.toml.",
    ):
        assert words in result.output
    assert result.output.index("UserScaler") < result.output.index(QUESTION)
    loaded = hermetic.load(model, approvals="hermetic.toml")
    assert (loaded[0].factor, loaded[2].name) == (2.0, "x")


@pytest.mark.parametrize("answer", ["n\n", "\n"], ids=["no", "nothing"])
def test_what_is_not_approved_is_not_written_and_ends_with_3(answer: str, model: Path):
    result = run(model, answer=answer)
    assert result.exit_code == 3
    assert result.output.endswith("Nothing was written.\n")
    assert not Path("hermetic.toml").exists()


def test_without_anyone_to_ask_nothing_is_written(model: Path):
    assert run(model).exit_code == 1
    assert not Path("hermetic.toml").exists()


def test_yes_does_not_ask(model: Path):
    result = run(model, "--yes")
    assert result.exit_code == 0
    assert QUESTION not in result.output
    assert hermetic.load(model, approvals="hermetic.toml")


def test_an_approval_does_not_reach_another_file_with_the_same_names(model: Path, tmp_path: Path):
    assert run(model, "--yes").exit_code == 0
    other = tmp_path / "other.hermetic"
    hermetic.dump([user.UserScaler(3.0), user.double], other)
    with pytest.raises(UntrustedType):
        hermetic.load(other, approvals="hermetic.toml")
    assert run(other, "--yes").exit_code == 0
    assert hermetic.load(other, approvals="hermetic.toml")[0].factor == 3.0
    assert hermetic.load(model, approvals="hermetic.toml")[0].factor == 2.0
    assert len(approvals_in("hermetic.toml")) == 2


def test_pyproject_keeps_everything_else(model: Path):
    text = '[project]\nname = "x"  # kept\n'
    Path("pyproject.toml").write_text(text)
    assert run(model, "--yes", "--output", "pyproject.toml").exit_code == 0
    assert Path("pyproject.toml").read_text().startswith(text)
    assert hermetic.load(model, approvals="pyproject.toml")


def test_a_rejected_file_is_refused_even_when_its_names_are_trusted(model: Path):
    result = run(model, "--reject", answer="y\n")
    assert result.exit_code == 0
    assert "rejected = true" in result.output
    trusted = ["tests.zoo.user_module.UserScaler"]
    with pytest.raises(RejectedFile):
        hermetic.load(model, approvals="hermetic.toml", trusted=trusted)
    assert run(model, "--yes").exit_code == 0
    assert hermetic.load(model, approvals="hermetic.toml")


def test_a_file_that_needs_nothing_is_not_written_but_can_be_rejected(tmp_path: Path):
    path = tmp_path / "clean.hermetic"
    hermetic.dump([1], path)
    result = run(path)
    assert result.exit_code == 0
    assert "needs no approval" in result.output
    assert not Path("hermetic.toml").exists()
    assert run(path, "--reject", "--yes").exit_code == 0
    with pytest.raises(RejectedFile):
        hermetic.load(path, approvals="hermetic.toml")


def test_a_damaged_file_is_never_approved(model: Path):
    data = bytearray(model.read_bytes())
    data[300] ^= 1
    model.write_bytes(data)
    for option in ("--yes", "--reject"):
        result = run(model, option)
        assert result.exit_code == 2
        assert "UNREADABLE" in result.output
    assert not Path("hermetic.toml").exists()


def test_a_name_that_is_none_cannot_be_approved(tmp_path: Path):
    def rename(parts: TakenApart) -> None:
        parts.graph["names"][0]["name"] = 'a"]\n[approvals."x'

    path = tmp_path / "hostile.hermetic"
    path.write_bytes(changed([print], rename))
    result = run(path, "--yes")
    assert result.exit_code == 2
    assert "no name of Python" in result.output
    assert not Path("hermetic.toml").exists()


def test_a_file_that_cannot_be_edited_ends_with_2_and_the_text_to_paste(model: Path):
    Path("hermetic.toml").write_text("approvals = []\n")
    result = run(model, "--yes")
    assert result.exit_code == 2
    assert "cannot be edited safely" in result.output
    assert Path("hermetic.toml").read_text() == "approvals = []\n"


def test_a_missing_file_ends_with_2(tmp_path: Path):
    assert run(tmp_path / "no.hermetic", "--yes").exit_code == 2


def test_what_is_shown_is_what_is_hashed(model: Path, monkeypatch: pytest.MonkeyPatch):
    """A file that is replaced while its names are read on the screen is not what was approved."""
    shown = model.read_bytes()

    def confirm(question: str) -> bool:
        hermetic.dump([user.UserScaler(9.0)], model)
        return True

    monkeypatch.setattr("click.confirm", confirm)
    assert run(model).exit_code == 0
    with pytest.raises(UntrustedType):
        hermetic.load(model, approvals="hermetic.toml")
    assert hermetic.loads(shown, approvals="hermetic.toml")


def test_every_name_is_shown_before_it_is_approved(tmp_path: Path):
    def many(parts: TakenApart) -> None:
        parts.graph["names"] = [{"name": f"package.module.Name{n}", "role": "referenced"} for n in range(100)]
        items = [{"name": n} for n in range(100)]
        parts.graph["nodes"] = [{"kind": "sequences", "type": "list", "lengths": 100, "columns": [items]}]
        parts.graph["root"] = [0]

    path = tmp_path / "many.hermetic"
    path.write_bytes(changed([1], many))
    output = run(path, answer="n\n").output
    assert all(f"package.module.Name{n}  referenced, first at $[...]" in output for n in range(100))
