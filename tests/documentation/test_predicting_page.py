"""The page about predicting files says what the program does: its code runs, its commands are understood."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import numpy as np
import pandas
import pyarrow
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

import hermetic
from hermetic.cli.main import hermetic as hermetic_command
from hermetic.deploy.batch.places import FORMATS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "predicting.md").read_text(encoding="utf-8")
PYTHON, SPARK = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [line for line in PAGE.splitlines() if line.startswith("hermetic predict ")]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    frame = pandas.DataFrame({"customer": range(20), "size": np.arange(20.0)})
    frame.to_parquet("rows.parquet")
    hermetic.dump(LogisticRegression().fit(frame[["size"]], frame["size"] > 9), "model.hermetic")


def test_the_python_of_the_page_runs():
    names: dict[str, object] = {}
    exec(compile(PYTHON, "predicting.md", "exec"), names)
    assert names["report"].n_rows == 20
    assert pandas.read_parquet("answers.parquet").columns[0] == "customer"


@pytest.mark.parametrize("line", COMMANDS)
def test_the_commands_of_the_page_are_understood(line: str):
    command = hermetic_command.get_command(click.Context(hermetic_command), "predict")
    assert command is not None
    Path("plain.hermetic").touch()
    command.make_context("predict", shlex.split(line, comments=True)[2:])


def test_every_suffix_stands_on_the_page():
    named = set(re.findall(r"`(\.[a-z]+(?:\.gz)?)`", PAGE))
    plain = {suffix for suffixes in FORMATS.values() for suffix in suffixes}
    assert {suffix for suffix in plain if not suffix.endswith("l.gz") and not suffix.endswith("n.gz")} <= named


def test_the_function_for_spark_answers_batch_by_batch_in_order():
    recipe = SPARK.partition("spark =")[0].replace("from pyspark.sql import SparkSession\n", "")
    names: dict[str, object] = {}
    exec(compile(recipe, "predicting.md", "exec"), names)
    frame = pandas.DataFrame({"key": range(10), "size": np.arange(10.0), "other": 1})
    model = LinearRegression().fit(frame[["size"]], frame["size"] * 2)
    names["MODEL"] = "spark.hermetic"
    hermetic.dump(model, "spark.hermetic")
    batches = pyarrow.Table.from_pandas(frame, preserve_index=False).to_batches(4)
    found = pyarrow.Table.from_batches(names["predict"](iter(batches))).to_pandas()
    assert found["key"].tolist() == list(range(10))
    assert np.allclose(found["prediction"], model.predict(frame[["size"]]))
