"""Whole predictions: files and folders, what stays, what is refused, and going on where a run was stopped."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pyarrow.parquet
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.preprocessing import StandardScaler

import hermetic
from hermetic.deploy.batch import predict_files, run
from hermetic.deploy.batch.state import state_folder
from hermetic.errors import FileError, UsageError

FRAME = pandas.DataFrame({"key": [f"{row:03}" for row in range(500)], "size": np.arange(500.0)})
MODEL = LogisticRegression().fit(FRAME[["size"]], np.where(FRAME["size"] > 200, "big", "small"))


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    hermetic.dump(MODEL, "model.hermetic")
    FRAME.to_parquet("rows.parquet")


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Gives the first rows of the batches that are asked about; the fourth of them interrupts the run."""
    asked: list[int] = []
    ask = run.ask_model

    def counted(model: Any, method: str, layout: Any, batch: Any, first_row: int) -> Any:
        asked.append(first_row)
        if len(asked) == 4:
            raise KeyboardInterrupt
        return ask(model, method, layout, batch, first_row)

    monkeypatch.setattr(run, "ask_model", counted)
    return asked


def digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


@pytest.mark.parametrize("target", ["out.parquet", "out.csv", "out.csv.gz", "out.jsonl", "out.arrow"])
def test_a_run_that_was_interrupted_goes_on_and_gives_the_same_bytes(target: str, interrupted: list[int]):
    with pytest.raises(KeyboardInterrupt):
        predict_files("model.hermetic", "rows.parquet", target, keep=["key"], batch_rows=50)
    assert not os.path.exists(target)
    report = predict_files("model.hermetic", "rows.parquet", target, keep=["key"], batch_rows=50)
    assert report.files[0].n_rows_before == 150
    assert interrupted == [0, 50, 100, 150, *range(150, 500, 50)]
    assert not os.path.exists(state_folder(target))
    other = "other." + target.partition(".")[2]
    predict_files("model.hermetic", "rows.parquet", other, keep=["key"], batch_rows=50)
    assert digest(target) == digest(other)


def test_answers_go_to_the_disk_every_few_seconds_and_not_only_at_the_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(run, "_PART_SECONDS", 0.0)
    seen: list[int] = []

    def progress(path: str, n_done: int, n_rows: int) -> None:
        seen.append(len(list(Path(state_folder("out.csv")).glob("*/*.arrow"))))

    predict_files("model.hermetic", "rows.parquet", "out.csv", batch_rows=100, progress=progress)
    assert seen == [0, 0, 0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("changed", "word"),
    [({"method": "proba"}, "method"), ({"keep": ["key"]}, "keep"), ({"batch_rows": 60}, "batch-rows")],
    ids=["method", "keep", "batch-rows"],
)
@pytest.mark.usefixtures("interrupted")
def test_a_run_with_other_wishes_does_not_go_on_unless_it_begins_anew(changed: dict[str, Any], word: str):
    with pytest.raises(KeyboardInterrupt):
        predict_files("model.hermetic", "rows.parquet", "out.csv", batch_rows=50)
    wishes = {"batch_rows": 50, **changed}
    with pytest.raises(UsageError, match=f"begun with another {word}"):
        predict_files("model.hermetic", "rows.parquet", "out.csv", **wishes)
    assert predict_files("model.hermetic", "rows.parquet", "out.csv", restart=True, **wishes).n_rows == 500


@pytest.mark.usefixtures("interrupted")
def test_a_run_with_another_model_or_another_input_does_not_go_on():
    with pytest.raises(KeyboardInterrupt):
        predict_files("model.hermetic", "rows.parquet", "out.csv", batch_rows=50)
    FRAME[::-1].to_parquet("rows.parquet")
    with pytest.raises(UsageError, match="the input is another one than when"):
        predict_files("model.hermetic", "rows.parquet", "out.csv", batch_rows=50)
    FRAME.to_parquet("rows.parquet")
    hermetic.dump(LogisticRegression(C=2.0).fit(FRAME[["size"]], FRAME["size"] > 9), "model.hermetic")
    with pytest.raises(UsageError, match="begun with another model"):
        predict_files("model.hermetic", "rows.parquet", "out.csv", batch_rows=50)


def test_a_run_that_answered_nothing_leaves_nothing():
    with pytest.raises(UsageError, match="'size'"):
        FRAME[["key"]].to_csv("rows.csv", index=False)
        predict_files("model.hermetic", "rows.csv", "out.csv")
    FRAME.assign(size=np.nan).to_csv("rows.csv", index=False)
    with pytest.raises(UsageError, match="row 1, column 'size'"):
        predict_files("model.hermetic", "rows.csv", "out.csv")
    assert not os.path.exists(state_folder("out.csv"))
    FRAME.to_csv("rows.csv", index=False)
    assert predict_files("model.hermetic", "rows.csv", "out.csv", method="proba").n_rows == 500


def test_two_runs_for_one_output_are_refused():
    def progress(path: str, n_done: int, n_rows: int) -> None:
        with pytest.raises(UsageError, match="another process is predicting this output"):
            predict_files("model.hermetic", "rows.parquet", "out.csv")

    predict_files("model.hermetic", "rows.parquet", "out.csv", progress=progress)


def test_an_output_that_is_there_is_replaced_only_by_wish():
    Path("out.csv").write_text("precious")
    with pytest.raises(UsageError, match="the output is there already"):
        predict_files("model.hermetic", "rows.parquet", "out.csv")
    assert Path("out.csv").read_text() == "precious"
    assert predict_files("model.hermetic", "rows.parquet", "out.csv", restart=True).n_rows == 500


def test_a_row_that_the_model_refuses_in_the_middle_keeps_what_was_answered(monkeypatch: pytest.MonkeyPatch):
    frame = pandas.DataFrame({"size": np.where(np.arange(500) == 333, np.inf, np.arange(500.0))})
    frame.to_parquet("rows.parquet")
    with pytest.raises(UsageError, match=r"the model does not answer about this row: ValueError: .*infinity") as caught:
        predict_files("model.hermetic", "rows.parquet", "out.csv", batch_rows=100)
    assert caught.value.where == "rows.parquet, row 334"
    parts = list(Path(state_folder("out.csv")).glob("*/*.arrow"))
    assert [part.name for part in parts] == ["000000000000000-000000000000300.arrow"]


def test_a_folder_gives_a_folder_with_the_same_tree_and_goes_on_file_by_file(interrupted: list[int]):
    for name in ("a.csv", "b/c.csv", "b/d.csv"):
        Path("rows", name).parent.mkdir(parents=True, exist_ok=True)
        FRAME.head(100).to_csv(Path("rows", name), index=False)
    with pytest.raises(KeyboardInterrupt):
        predict_files("model.hermetic", "rows", "out", format="parquet", batch_rows=50)
    assert [path.as_posix() for path in sorted(Path("out").rglob("*.parquet"))] == ["out/a.parquet"]
    FRAME.head(10).to_csv("rows/Also.csv", index=False)  # a file that came later, before the others in order
    report = predict_files("model.hermetic", "rows", "out", format="parquet", batch_rows=50)
    assert [(file.n_rows, file.n_rows_before) for file in report.files] == [(10, 0), (100, 100), (100, 50), (100, 0)]
    assert report.files[1].columns == report.files[3].columns == ("prediction",)
    assert len(list(Path("out").rglob("*.parquet"))) == 4
    assert not os.path.exists(state_folder("out"))


def test_a_column_that_is_missing_in_the_last_of_many_files_is_found_before_the_first_is_begun():
    Path("rows").mkdir()
    FRAME.to_csv("rows/a.csv", index=False)
    FRAME[["key"]].to_csv("rows/b.csv", index=False)
    with pytest.raises(UsageError, match="missing") as caught:
        predict_files("model.hermetic", "rows", "out")
    assert caught.value.where == os.path.join("rows", "b.csv")
    assert not os.path.exists("out")


def test_kept_columns_stay_as_they_are_in_their_order():
    frame = FRAME.assign(kind=pandas.Categorical(["a", "b"] * 250), when=pandas.Timestamp("2026-01-02"))
    frame.to_parquet("rows.parquet")
    predict_files("model.hermetic", "rows.parquet", "out.parquet", keep=["when", "kind", "size", "key"])
    found = pandas.read_parquet("out.parquet")
    assert list(found.columns) == ["when", "kind", "size", "key", "prediction"]
    assert found["kind"].tolist() == frame["kind"].tolist()
    assert found["when"].tolist() == frame["when"].tolist()
    assert found["size"].tolist() == frame["size"].tolist()


def test_a_kept_column_that_is_called_like_an_answer_is_refused():
    FRAME.assign(prediction=1).to_parquet("rows.parquet")
    with pytest.raises(UsageError, match="the kept column 'prediction' has the name of an answer"):
        predict_files("model.hermetic", "rows.parquet", "out.parquet", keep=["prediction"])


def test_a_file_without_rows_gives_a_file_with_the_same_columns():
    FRAME.head(0).to_parquet("rows.parquet")
    report = predict_files("model.hermetic", "rows.parquet", "out.parquet", keep=["key"], method="proba")
    assert report.n_rows == 0
    assert report.files[0].columns == ("key", "probability_big", "probability_small")
    assert pyarrow.parquet.read_table("out.parquet").schema.field("probability_big").type == pyarrow.float64()


def test_an_input_that_changes_while_it_is_read_gives_no_output():
    def progress(path: str, n_done: int, n_rows: int) -> None:
        if n_done == 500:
            Path("rows.parquet").write_bytes(Path("rows.parquet").read_bytes() + b" ")

    with pytest.raises(UsageError, match="the input was changed while it was read"):
        predict_files("model.hermetic", "rows.parquet", "out.csv", progress=progress)
    assert not os.path.exists("out.csv")


def test_a_model_that_is_no_hermetic_file_is_read_through_the_same_gates():
    import pickle

    Path("model.pkl").write_bytes(pickle.dumps(MODEL))
    predict_files("model.pkl", "rows.parquet", "one.csv")
    predict_files("model.hermetic", "rows.parquet", "two.csv")
    assert digest("one.csv") == digest("two.csv")
    Path("model.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(FileError):
        predict_files("model.pkl", "rows.parquet", "three.csv")


def test_the_report_says_everything_as_json():
    report = predict_files("model.hermetic", "rows.parquet", "out.csv", keep=["key"])
    said = json.loads(report.to_json())
    assert said["ok"] is True
    assert said["n_rows"] == 500
    assert said["method"] == "predict"
    assert said["batch_rows"] == 16_384
    assert said["sha256"] == digest("model.hermetic")
    assert said["files"] == [
        {
            "source": "rows.parquet",
            "target": "out.csv",
            "n_rows": 500,
            "n_rows_before": 0,
            "columns": ["key", "prediction"],
        }
    ]


@pytest.mark.parametrize(
    ("n_features", "expected"), [(None, 16_384), (10, 16_384), (512, 16_384), (1_024, 8_192), (1_000_000, 256)]
)
def test_a_batch_of_wide_rows_has_fewer_of_them(n_features: int | None, expected: int):
    assert run._batch_rows(n_features) == expected


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"on": "spark"}, "on must be 'local', 'dask' or 'ray', got 'spark'"),
        ({"format": "xml"}, "format must be"),
        ({"workers": 0}, "workers and batch_rows are 1 or more"),
        ({"batch_rows": 0}, "workers and batch_rows are 1 or more"),
        ({"method": "transform"}, "has no transform; it has predict, decision_function, predict_proba"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(wishes: dict[str, Any], words: str):
    with pytest.raises(UsageError, match=words):
        predict_files("model.hermetic", "rows.parquet", "out.csv", **wishes)


def test_without_pyarrow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("hermetic.deploy.batch.find_spec", lambda name: None)
    with pytest.raises(UsageError, match="needs pyarrow and pandas") as caught:
        predict_files("model.hermetic", "rows.parquet", "out.csv")
    assert caught.value.next_step == "pip install 'hermetic[predict]'"


def test_a_transformer_gives_the_names_of_what_it_makes():
    hermetic.dump(StandardScaler().fit(FRAME[["size"]]), "scaler.hermetic")
    assert predict_files("scaler.hermetic", "rows.parquet", "out.csv").files[0].columns == ("size",)


def test_a_regression_of_numbers_by_place_takes_the_columns_that_are_named():
    hermetic.dump(LinearRegression().fit(FRAME[["size"]].to_numpy(), FRAME["size"]), "plain.hermetic")
    FRAME.assign(other=1.0).to_csv("rows.csv", index=False)
    with pytest.raises(UsageError, match="--column NAME"):
        predict_files("plain.hermetic", "rows.csv", "out.csv")
    predict_files("plain.hermetic", "rows.csv", "out.csv", columns=["size"])
    assert np.allclose(pandas.read_csv("out.csv")["prediction"], FRAME["size"])


WRONG_CALLS = {
    "another place": ({"on": "spark"}, "on must be 'local', 'dask' or 'ray', got 'spark'"),
    "another format": ({"format": "xlsx"}, "format must be 'parquet', 'csv', 'jsonl' or 'arrow', got 'xlsx'"),
    "no worker": ({"workers": 0}, "workers and batch_rows are 1 or more, got 0 and None"),
    "fewer than no workers": ({"workers": -1}, "workers and batch_rows are 1 or more, got -1 and None"),
    "no rows at a time": ({"batch_rows": 0}, "workers and batch_rows are 1 or more, got 1 and 0"),
    "another method": ({"method": "fit"}, "a model can be asked for predict, proba, decision, transform or auto"),
    "a method of Python": ({"method": "__class__"}, "not for '__class__'"),
    "a column that is kept and not there": ({"keep": ["nothing"]}, "nothing"),
}


@pytest.mark.parametrize("words", WRONG_CALLS)
def test_a_wrong_call_is_refused_and_leaves_nothing(words: str):
    options, message = WRONG_CALLS[words]
    with pytest.raises(UsageError) as caught:
        predict_files("model.hermetic", "rows.parquet", "out.csv", **options)
    assert message in str(caught.value)
    assert sorted(os.listdir()) == ["model.hermetic", "rows.parquet"]


@pytest.mark.parametrize("library", ["pyarrow", "pandas"])
def test_without_the_extra_its_name_is_told(library: str, monkeypatch: pytest.MonkeyPatch):
    import hermetic.deploy.batch as package

    find = package.find_spec
    monkeypatch.setattr(package, "find_spec", lambda name: None if name == library else find(name))
    with pytest.raises(UsageError, match=r"pip install 'hermetic\[predict\]'"):
        predict_files("model.hermetic", "rows.parquet", "out.csv")


@pytest.mark.parametrize(
    "inputs", ["rows.parquet", Path("rows.parquet"), ["rows.parquet"]], ids=lambda own: type(own).__name__
)
def test_an_input_may_be_any_path(inputs: Any):
    report = predict_files(Path("model.hermetic"), inputs, Path("out.csv"))
    assert report.n_rows == 500
