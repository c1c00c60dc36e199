"""A file without rows gives a file with the columns that rows would have given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas
import pyarrow
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

import hermetic
from hermetic.deploy.batch import predict_files
from hermetic.deploy.batch.state import state_folder

FRAME = pandas.DataFrame({"city": ["Bonn", "Oslo"] * 5, "size": range(10), "note": ["good", "bad"] * 5})
Y = ["no", "yes"] * 5
MIXED = ColumnTransformer(
    [("city", OneHotEncoder(), ["city"]), ("size", StandardScaler(), ["size"]), ("note", CountVectorizer(), "note")]
)


def refuse(X: Any) -> Any:
    if (X["size"] == 0).any():
        raise ValueError("no zeros")
    return X


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def columns_of_answer(model: Any, rows: pandas.DataFrame, **wishes: Any) -> pyarrow.Schema:
    hermetic.dump(model, "model.hermetic")
    rows.head(0).to_parquet("rows.parquet")
    assert predict_files("model.hermetic", "rows.parquet", "out.arrow", **wishes).n_rows == 0
    table = pyarrow.ipc.open_file("out.arrow").read_all()
    assert table.num_rows == 0
    assert not Path(state_folder("out.arrow")).exists()
    return table.schema


@pytest.mark.parametrize(
    ("model", "rows", "method", "names"),
    [
        (make_pipeline(MIXED, LogisticRegression()), FRAME, "proba", ["probability_no", "probability_yes"]),
        (make_pipeline(MIXED, LogisticRegression()), FRAME, "decision", ["decision"]),
        (LinearRegression(), FRAME[["size"]], "predict", ["prediction"]),
        (StandardScaler(), FRAME[["size"]], "transform", ["size"]),
    ],
    ids=["proba", "decision", "predict", "transform"],
)
def test_the_columns_are_those_of_a_file_with_rows(model: Any, rows: pandas.DataFrame, method: str, names: list[str]):
    fitted = model.fit(rows, Y if method in ("proba", "decision") else range(10))
    assert columns_of_answer(fitted, rows, method=method).names == names


def test_a_model_of_texts_is_asked_about_a_text():
    model = make_pipeline(CountVectorizer(), MultinomialNB()).fit(FRAME["note"], Y)
    schema = columns_of_answer(model, FRAME[["note"]])
    assert schema.field("prediction").type == pyarrow.string()


def test_kept_columns_are_there_with_their_types():
    model = LinearRegression().fit(FRAME[["size"]], range(10))
    schema = columns_of_answer(model, FRAME, keep=["city", "size"])
    assert schema.names == ["city", "size", "prediction"]
    assert schema.field("size").type == pyarrow.int64()


def test_a_model_that_refuses_the_made_up_row_leaves_its_answers_out():
    model = make_pipeline(FunctionTransformer(refuse), LinearRegression()).fit(FRAME[["size"]] + 1, range(10))
    hermetic.dump(model, "model.hermetic")
    FRAME[["city", "size"]].head(0).to_parquet("rows.parquet")
    name = f"{refuse.__module__}.refuse"
    predict_files("model.hermetic", "rows.parquet", "out.arrow", keep=["city"], trusted=[name])
    assert pyarrow.ipc.open_file("out.arrow").read_all().schema.names == ["city"]


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet", "arrow"])
def test_a_file_without_rows_among_others_is_no_obstacle(suffix: str):
    hermetic.dump(LinearRegression().fit(FRAME[["size"]], range(10)), "model.hermetic")
    Path("rows").mkdir()
    FRAME.head(0).to_csv("rows/a.csv", index=False)
    FRAME.to_csv("rows/b.csv", index=False)
    report = predict_files("model.hermetic", "rows", "out", format=suffix)
    assert [file.n_rows for file in report.files] == [0, 10]
    assert report.files[0].columns == report.files[1].columns
