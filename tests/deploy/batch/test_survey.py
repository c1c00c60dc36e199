"""A file is looked at before the model is asked: what would stop the work after hours stops it at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pyarrow
import pyarrow.parquet
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from hermetic.deploy.batch.survey import Survey, Wishes, survey_file
from hermetic.deploy.features import features_of
from hermetic.errors import FormatError, UsageError

N_ROWS = 40_000  # more than are looked at in one go
FRAME = pandas.DataFrame({"age": np.arange(N_ROWS, dtype=float), "city": ["Bonn", "Oslo"] * (N_ROWS // 2)})
HEAD = FRAME.head(100)


def refusing() -> Any:
    """Make a model that refuses unknown cities and missing ages."""
    columns = ColumnTransformer([("city", OneHotEncoder(), ["city"])], remainder="passthrough")
    return make_pipeline(columns, LinearRegression()).fit(HEAD, HEAD["age"])


def survey(path: Path, model: Any, method: str = "predict", **wishes: tuple[str, ...]) -> Survey:
    return survey_file(str(path), Wishes(features=features_of(model), **wishes), model, method)


def written(tmp_path: Path, frame: pandas.DataFrame, suffix: str) -> Path:
    path = tmp_path / f"rows.{suffix}"
    if suffix == "csv":
        frame.to_csv(path, index=False)
    elif suffix == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    elif suffix == "arrow":
        frame.to_feather(path)
    else:
        frame.to_parquet(path, row_group_size=7_000)
    return path


ALL = pytest.mark.parametrize("suffix", ["parquet", "arrow", "csv", "jsonl"])


@ALL
def test_a_good_file_is_described(tmp_path: Path, suffix: str):
    found = survey(written(tmp_path, FRAME, suffix), refusing())
    assert found.n_rows == N_ROWS
    assert found.layout.columns == ("age", "city")
    assert found.layout.with_missing == frozenset()


@ALL
def test_an_unknown_category_far_behind_is_refused_with_file_column_and_row(tmp_path: Path, suffix: str):
    frame = FRAME.copy()
    frame.loc[35_000, "city"] = "Atlantis"
    path = written(tmp_path, frame, suffix)
    with pytest.raises(UsageError, match=r"'Atlantis' is none of the 2 categories .*: 'Bonn', 'Oslo'") as caught:
        survey(path, refusing())
    assert caught.value.where == f"{path}, column 'city', row 35001"


@ALL
def test_an_unknown_category_is_no_error_where_the_model_takes_it(tmp_path: Path, suffix: str):
    frame = FRAME.copy()
    frame.loc[35_000, "city"] = "Atlantis"
    columns = ColumnTransformer([("city", OneHotEncoder(handle_unknown="ignore"), ["city"])])
    assert survey(written(tmp_path, frame, suffix), columns.fit(FRAME), "transform").n_rows == N_ROWS


@ALL
def test_a_missing_value_far_behind_that_the_model_refuses_is_found_at_once(tmp_path: Path, suffix: str):
    frame = FRAME.copy()
    frame.loc[[36_000, 36_001], "age"] = np.nan
    path = written(tmp_path, frame, suffix)
    with pytest.raises(UsageError, match="where 'age' is missing: ValueError: Input X contains NaN") as caught:
        survey(path, refusing())
    assert caught.value.where == f"{path}, row 36001, column 'age'"


@ALL
def test_a_missing_value_is_no_error_where_the_model_takes_it(tmp_path: Path, suffix: str):
    frame = FRAME.copy()
    frame.loc[36_000, "age"] = np.nan
    model = HistGradientBoostingRegressor(max_iter=2).fit(HEAD[["age"]], HEAD["age"])
    assert survey(written(tmp_path, frame, suffix), model).layout.with_missing == {"age"}


def test_whole_numbers_with_a_missing_one_are_known_to_be_decimals_from_the_first_row_on(tmp_path: Path):
    table = pyarrow.table({"age": pyarrow.array([1] * 30_000 + [None]), "city": ["Bonn"] * 30_001})
    pyarrow.parquet.write_table(table, tmp_path / "rows.parquet", row_group_size=10_000)
    model = make_pipeline(SimpleImputer(), LinearRegression()).fit(HEAD[["age"]], HEAD["age"])
    found = survey(tmp_path / "rows.parquet", model)
    assert found.layout.with_missing == {"age"}
    first = table.select(["age"]).slice(0, 1).to_batches()[0]
    assert found.layout.input_of(first)["age"].dtype == np.float64


def test_categories_of_a_column_of_categories_are_those_of_the_whole_file(tmp_path: Path):
    parts = [pyarrow.array(own).dictionary_encode() for own in (["b", "a"], ["c", "a"])]
    table = pyarrow.table({"city": pyarrow.chunked_array(parts)})
    pyarrow.parquet.write_table(table, tmp_path / "rows.parquet", row_group_size=2)
    model = OrdinalEncoder().fit(pandas.DataFrame({"city": ["a", "b", "c"]}))
    found = survey(tmp_path / "rows.parquet", model, "transform")
    first = table.slice(0, 2).to_batches()[0]
    whole = pandas.read_parquet(tmp_path / "rows.parquet")["city"]
    assert found.layout.input_of(first)["city"].cat.categories.tolist() == whole.cat.categories.tolist()


def test_an_unknown_value_of_a_column_of_categories_is_refused(tmp_path: Path):
    frame = pandas.DataFrame({"city": pandas.Categorical(["a", "b", "x"])})
    frame.to_parquet(tmp_path / "rows.parquet")
    model = OrdinalEncoder().fit(pandas.DataFrame({"city": ["a", "b"]}))
    with pytest.raises(UsageError, match="'x' is none of the 2 categories"):
        survey(tmp_path / "rows.parquet", model, "transform")


@pytest.mark.parametrize("value", [3, 2.5])
def test_an_unknown_number_among_categories_is_refused(tmp_path: Path, value: float):
    model = OrdinalEncoder().fit(pandas.DataFrame({"size": [1, 2]}))
    path = written(tmp_path, pandas.DataFrame({"size": [1, 2, value]}), "csv")
    with pytest.raises(UsageError, match=rf"{value}.* is none of the 2 categories .*: 1\.0, 2\.0") as caught:
        survey(path, model, "transform")
    assert caught.value.where.endswith("column 'size', row 3")


def test_a_missing_text_is_refused_with_its_row(tmp_path: Path):
    model = make_pipeline(CountVectorizer(), MultinomialNB()).fit(["good", "bad"], [1, 0])
    path = written(tmp_path, pandas.DataFrame({"text": ["good"] * 9 + [None]}), "parquet")
    with pytest.raises(UsageError, match="where 'text' is missing") as caught:
        survey(path, model)
    assert caught.value.where == f"{path}, row 10, column 'text'"


def test_text_in_a_column_of_numbers_is_refused_in_every_format(tmp_path: Path):
    frame = FRAME.head(50).astype({"age": object})
    frame.loc[30, "age"] = "old"
    frame["age"] = frame["age"].astype(str)
    with pytest.raises(FormatError, match="'old' is no number") as caught:
        survey(written(tmp_path, frame, "csv"), make_pipeline(LinearRegression()).fit(HEAD[["age"]], HEAD["age"]))
    assert caught.value.where.endswith("column 'age', row 31")
    with pytest.raises(UsageError, match=r"holds values of the type (large_)?string, the model takes numbers"):
        survey(written(tmp_path, frame, "parquet"), LinearRegression().fit(HEAD[["age"]], HEAD["age"]))


def test_a_column_that_is_kept_and_no_feature_keeps_its_zeros(tmp_path: Path):
    frame = HEAD.assign(key=[f"{row:04}" for row in range(100)])
    found = survey(written(tmp_path, frame, "csv"), refusing(), keep=("key",))
    assert found.reader.schema.field("key").type == pyarrow.string()


def test_a_file_without_rows_is_described(tmp_path: Path):
    assert survey(written(tmp_path, FRAME.head(0), "parquet"), refusing()).n_rows == 0


def test_the_model_is_asked_about_no_more_rows_than_there_are_columns_with_missing_values(tmp_path: Path):
    class Counting:
        n_features_in_ = 2
        n_rows = 0

        def predict(self, X: Any) -> np.ndarray:
            self.n_rows += len(X)
            return np.zeros(len(X))

    model = Counting()
    frame = pandas.DataFrame({"a": [1.0, np.nan, np.nan, 2.0] * 10, "b": [1.0, 2.0, np.nan, 3.0] * 10})
    survey(written(tmp_path, frame, "parquet"), model)
    assert model.n_rows == 3
