"""`hermetic predict`: what it says, what it ends with, and that no text of a file harms a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pandas
import pytest
from click.testing import CliRunner, Result
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

import hermetic
from hermetic.cli.main import hermetic as hermetic_command
from hermetic.deploy.batch.state import state_folder
from hermetic.signing.files import sign_file
from hermetic.signing.keys import make_key_pair
from tests.zoo import user_module as user

FRAME = pandas.DataFrame({"city": ["Bonn", "Oslo"] * 5, "key": range(10)})


def run(*arguments: str) -> Result:
    return CliRunner().invoke(hermetic_command, ["predict", *arguments])


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    columns = ColumnTransformer([("city", OneHotEncoder(), ["city"])])
    hermetic.dump(make_pipeline(columns, LogisticRegression()).fit(FRAME, FRAME["city"] == "Oslo"), "model.hermetic")
    FRAME.to_csv("rows.csv", index=False)


def test_one_line_says_how_many_rows_are_where():
    result = run("model.hermetic", "rows.csv", "-o", "out.csv", "--keep", "key")
    assert (result.exit_code, result.stdout) == (0, "10 rows: out.csv\n")
    found = pandas.read_csv("out.csv")
    assert found["key"].tolist() == list(range(10))
    assert found["prediction"].tolist() == [False, True] * 5


@pytest.mark.parametrize("name", ["--quiet", "--json"])
def test_quiet_prints_nothing_and_json_one_document(name: str):
    result = run("model.hermetic", "rows.csv", "-o", "out.csv", name)
    assert (result.exit_code, result.stderr) == (0, "")
    if name == "--quiet":
        assert result.stdout == ""
    else:
        assert json.loads(result.stdout)["n_rows"] == 10


def test_a_folder_and_a_pattern_give_folders():
    Path("rows/inner").mkdir(parents=True)
    FRAME.to_csv("rows/a.csv", index=False)
    FRAME.to_parquet("rows/inner/b.parquet")
    result = run("model.hermetic", "rows", "-o", "out", "--format", "jsonl")
    assert (result.exit_code, result.stdout) == (0, "20 rows: out, 2 files\n")
    assert json.loads(Path("out/inner/b.jsonl").read_text().splitlines()[0]) == {"prediction": False}
    assert run("model.hermetic", "rows/**/*.csv", "-o", "csv").exit_code == 0
    assert Path("csv/a.csv").is_file()


def test_probabilities_have_the_names_of_the_classes():
    assert run("model.hermetic", "rows.csv", "-o", "out.csv", "--method", "proba").exit_code == 0
    assert list(pandas.read_csv("out.csv").columns) == ["probability_False", "probability_True"]


def test_what_is_wrong_is_said_once_without_a_traceback_and_ends_with_2():
    FRAME.assign(city=["Bonn"] * 9 + ["Rome"]).to_csv("rows.csv", index=False)
    result = run("model.hermetic", "rows.csv", "-o", "out.csv")
    assert result.exit_code == 2
    assert "hermetic: 'Rome' is none of the 2 categories that the model knows: 'Bonn', 'Oslo'" in result.stderr
    assert "at rows.csv, column 'city', row 10" in result.stderr
    assert "Traceback" not in result.output
    assert not Path("out.csv").exists()


@pytest.mark.parametrize("text", ["\x1b[2J", "a\u202eb", "[red]x[/red]", "x\ry"])
def test_hostile_text_of_an_input_is_spelled_out(text: str):
    FRAME.assign(city=text).to_json("rows.jsonl", orient="records", lines=True)
    result = run("model.hermetic", "rows.jsonl", "-o", "out.csv")
    assert result.exit_code == 2
    assert all(character.isprintable() or character == "\n" for character in result.output)


@pytest.mark.parametrize("text", ["\x1b[2J", "a\u202eb"])
def test_a_hostile_name_of_a_column_is_spelled_out(text: str):
    FRAME.rename(columns={"city": text}).to_csv("rows.csv", index=False)
    result = run("model.hermetic", "rows.csv", "-o", "out.csv")
    assert result.exit_code == 2
    assert "the model takes: 'city'" in result.stderr
    assert all(character.isprintable() or character == "\n" for character in result.output)


def test_a_model_that_policy_refuses_ends_with_3_until_it_is_trusted():
    hermetic.dump(make_pipeline(user.UserScaler(), LogisticRegression()).fit([[0.0], [1.0]], [0, 1]), "own.hermetic")
    pandas.DataFrame({"a": [0.0, 1.0]}).to_csv("rows.csv", index=False)
    refused = run("own.hermetic", "rows.csv", "-o", "out.csv")
    assert refused.exit_code == 3
    name = f"{user.UserScaler.__module__}.UserScaler"
    assert name in refused.stderr
    assert run("own.hermetic", "rows.csv", "-o", "out.csv", "--trust", name).exit_code == 0


def test_a_model_that_is_not_signed_by_the_key_ends_with_3():
    private, public = make_key_pair()
    Path("own.key").write_bytes(private)
    Path("own.pub").write_bytes(public.pem)
    arguments = ("model.hermetic", "rows.csv", "-o", "out.csv", "--signed-by", "own.pub")
    assert run(*arguments).exit_code == 3
    sign_file("model.hermetic", "own.key")
    assert run(*arguments).exit_code == 0


def test_an_output_that_is_there_is_replaced_only_by_wish():
    Path("out.csv").write_text("precious")
    result = run("model.hermetic", "rows.csv", "-o", "out.csv")
    assert result.exit_code == 2
    assert "--restart writes it anew" in result.stderr
    assert run("model.hermetic", "rows.csv", "-o", "out.csv", "--restart").exit_code == 0


def test_a_run_that_went_on_says_how_much_was_there_before(monkeypatch: pytest.MonkeyPatch):
    from hermetic.deploy.batch import run as running

    ask, asked = running.ask_model, []

    def interrupting(*arguments: object) -> object:
        asked.append(1)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return ask(*arguments)

    monkeypatch.setattr(running, "ask_model", interrupting)
    arguments = ("model.hermetic", "rows.csv", "-o", "out.csv", "--batch-rows", "2")
    assert run(*arguments).exit_code == 1  # as click ends for Ctrl-C
    assert Path(state_folder("out.csv")).is_dir()
    assert run(*arguments).stdout == "10 rows, 4 of them before: out.csv\n"


def test_columns_are_named_for_a_model_that_has_no_names():
    hermetic.dump(LogisticRegression().fit([[0.0], [9.0]], [0, 1]), "plain.hermetic")
    assert run("plain.hermetic", "rows.csv", "-o", "out.csv").exit_code == 2
    assert run("plain.hermetic", "rows.csv", "-o", "out.csv", "--column", "key").exit_code == 0


def test_a_cluster_without_its_library_is_refused_with_the_extra(monkeypatch: pytest.MonkeyPatch):
    import sys

    monkeypatch.setitem(sys.modules, "distributed", None)
    result = run("model.hermetic", "rows.csv", "-o", "out.csv", "--on", "dask")
    assert result.exit_code == 2
    assert result.stderr.startswith("hermetic: dask is not installed")
