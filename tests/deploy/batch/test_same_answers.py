"""What is written is what the model answers when it is asked about the whole table at once, bit for bit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas
import pyarrow.parquet
import pytest
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import HistGradientBoostingClassifier, IsolationForest, RandomForestClassifier
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import hermetic
from hermetic.deploy.batch import predict_files

N_ROWS = 613
RANDOM = np.random.default_rng(0)
FRAME = pandas.DataFrame(
    {
        "name": [f"{row:04}" for row in range(N_ROWS)],
        "age": RANDOM.normal(40.0, 9.0, N_ROWS),
        "rooms": RANDOM.integers(1, 9, N_ROWS),
        "floor": pandas.array(RANDOM.integers(0, 30, N_ROWS), "Int64"),
        "city": RANDOM.choice(["Bonn", "Oslo", "Rome", "São Paulo"], N_ROWS),
        "code": RANDOM.choice(["007", "010", "101"], N_ROWS),
        "note": RANDOM.choice(["a bright room", "a room, with a view", 'no "view"', "dark"], N_ROWS),
        "is_new": RANDOM.random(N_ROWS) < 0.3,
    }
)
FRAME["kind"] = pandas.Categorical(RANDOM.choice(["flat", "house", "hut"], N_ROWS), ["house", "hut", "flat", "tent"])
# The first value that is missing comes late: the first batches must not decide what a column is.
FRAME.loc[[500, 601], "age"] = np.nan
FRAME.loc[[450, 602], "floor"] = pandas.NA
FRAME.loc[[480], "city"] = None
LABELS = np.where(FRAME["rooms"] + FRAME["is_new"] > 4, "große", "kleine")
TARGETS = np.column_stack([FRAME["rooms"] * 1.5, FRAME["rooms"] - 0.25])
PAIRS = np.column_stack([LABELS, np.where(FRAME["is_new"], "new", "old")])


def mixed_columns() -> ColumnTransformer:
    return ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), ["rooms", "age", "floor"]),
            ("cities", OneHotEncoder(handle_unknown="ignore"), ["city"]),
            ("codes", OrdinalEncoder(), ["code"]),
            ("notes", TfidfVectorizer(), "note"),
            ("flags", "passthrough", ["is_new"]),
        ]
    )


class Case(NamedTuple):
    """A model, what of a frame it takes, and what it is asked."""

    model: Callable[[], Any]
    of_frame: Callable[[pandas.DataFrame], Any]
    method: str = "predict"
    columns: tuple[str, ...] = ()


NUMBERS = ["age", "rooms", "floor"]
CASES = {
    "mixed columns": Case(
        lambda: make_pipeline(mixed_columns(), LogisticRegression()).fit(FRAME, LABELS), lambda frame: frame
    ),
    "mixed columns, probabilities": Case(
        lambda: make_pipeline(mixed_columns(), LogisticRegression()).fit(FRAME, LABELS), lambda frame: frame, "proba"
    ),
    "mixed columns, decision": Case(
        lambda: make_pipeline(mixed_columns(), Ridge()).fit(FRAME, TARGETS[:, 0]), lambda frame: frame
    ),
    "columns in another order": Case(
        lambda: make_pipeline(mixed_columns(), DecisionTreeClassifier()).fit(FRAME[FRAME.columns[::-1]], LABELS),
        lambda frame: frame,
    ),
    "chosen by type": Case(
        lambda: make_pipeline(
            ColumnTransformer([("numbers", SimpleImputer(), make_column_selector(dtype_include="number"))]),
            DecisionTreeRegressor(max_depth=3),
        ).fit(FRAME.astype({"floor": float})[NUMBERS], TARGETS[:, 0]),
        lambda frame: frame[NUMBERS],
    ),
    "missing values": Case(
        lambda: HistGradientBoostingClassifier(max_iter=3).fit(FRAME[NUMBERS].astype(float), LABELS),
        lambda frame: frame[NUMBERS],
        "decision",
    ),
    "categories": Case(
        lambda: HistGradientBoostingClassifier(max_iter=3, categorical_features=["kind"]).fit(
            FRAME[["rooms", "kind"]], LABELS
        ),
        lambda frame: frame[["rooms", "kind"]],
        "proba",
    ),
    "several outputs": Case(
        lambda: MultiOutputRegressor(LinearRegression()).fit(FRAME[["rooms"]], TARGETS), lambda frame: frame[["rooms"]]
    ),
    "several outputs of classes": Case(
        lambda: RandomForestClassifier(n_estimators=3, random_state=0).fit(FRAME[["rooms", "is_new"]], PAIRS),
        lambda frame: frame[["rooms", "is_new"]],
        "proba",
    ),
    "several outputs of texts": Case(
        lambda: MultiOutputClassifier(LogisticRegression()).fit(FRAME[["rooms", "is_new"]], PAIRS),
        lambda frame: frame[["rooms", "is_new"]],
    ),
    "several classes, decision": Case(
        lambda: SVC(decision_function_shape="ovo").fit(FRAME[["rooms"]], FRAME["city"].fillna("Bonn")),
        lambda frame: frame[["rooms"]],
        "decision",
    ),
    "array": Case(
        lambda: IsolationForest(n_estimators=3, random_state=0).fit(FRAME[["rooms", "age"]].fillna(1.0).to_numpy()),
        lambda frame: frame[["rooms", "age"]].to_numpy(),
        "decision",
        ("rooms", "age"),
    ),
    "array of texts": Case(
        lambda: OneHotEncoder(sparse_output=False).fit(FRAME[["code", "note"]].to_numpy()),
        lambda frame: frame[["code", "note"]].to_numpy(),
        "transform",
        ("code", "note"),
    ),
    "texts": Case(
        lambda: make_pipeline(TfidfVectorizer(), MultinomialNB()).fit(FRAME["note"], LABELS),
        lambda frame: frame["note"],
        "proba",
        ("note",),
    ),
    "sparse transformer": Case(
        lambda: HashingVectorizer(n_features=32).fit(FRAME["note"]),
        lambda frame: frame["note"],
        "transform",
        ("note",),
    ),
    "frame from a transformer": Case(
        lambda: (
            ColumnTransformer([("scaled", StandardScaler(), ["rooms"])], remainder="drop")
            .set_output(transform="pandas")
            .fit(FRAME)
        ),
        lambda frame: frame,
        "transform",
    ),
    "function": Case(
        lambda: FunctionTransformer(np.log1p, feature_names_out="one-to-one").fit(FRAME[["rooms"]]),
        lambda frame: frame[["rooms"]],
        "transform",
    ),
}


def write(frame: pandas.DataFrame, path: Path) -> None:
    if path.suffix == ".parquet":
        frame.to_parquet(path, row_group_size=200)
    elif path.suffix == ".arrow":
        frame.to_feather(path, chunksize=150)
    elif path.suffix == ".csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_json(path, orient="records", lines=True, double_precision=15)


def read_whole(path: Path) -> pandas.DataFrame:
    """Read a file as a person would, whole."""
    if path.suffix == ".parquet":
        return pandas.read_parquet(path)
    if path.suffix == ".arrow":
        return pandas.read_feather(path)
    if path.suffix == ".csv":
        return pandas.read_csv(path, dtype={"code": str, "name": str})
    return pandas.DataFrame([json.loads(line) for line in path.read_text().splitlines()])


def as_columns(answer: Any) -> list[np.ndarray]:
    if isinstance(answer, list):
        return [part[:, place] for part in answer for place in range(part.shape[1])]
    if hasattr(answer, "toarray"):
        answer = answer.toarray()
    answer = np.asarray(answer)
    return [answer] if answer.ndim == 1 else list(answer.T)


METHODS = {"predict": "predict", "proba": "predict_proba", "decision": "decision_function", "transform": "transform"}


@pytest.mark.parametrize("suffix", ["parquet", "arrow", "csv", "jsonl"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_answers_of_batches_are_those_of_the_whole(case: Case, suffix: str, tmp_path: Path):
    model = case.model()
    rows, target = tmp_path / f"rows.{suffix}", tmp_path / "answers.parquet"
    write(FRAME, rows)
    hermetic.dump(model, tmp_path / "model.hermetic")
    predict_files(
        tmp_path / "model.hermetic",
        rows,
        target,
        method=case.method,
        keep=["name"],
        columns=case.columns,
        batch_rows=128,
    )
    expected = as_columns(getattr(model, METHODS[case.method])(case.of_frame(read_whole(rows))))
    found = pyarrow.parquet.read_table(target)
    assert found.column("name").to_pylist() == FRAME["name"].tolist()
    assert found.num_columns == 1 + len(expected)
    for column, wanted in zip(found.columns[1:], expected, strict=True):
        own = column.to_numpy()
        assert own.dtype == wanted.dtype or wanted.dtype.kind in "UO"
        assert own.tobytes() == wanted.tobytes() if own.dtype.kind != "O" else own.tolist() == wanted.tolist()
