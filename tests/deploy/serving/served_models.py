"""Models of every kind that a server meets, each with the rows that a client sends and what a notebook would ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import hermetic
from hermetic.deploy.serving.loading import load_models
from hermetic.deploy.serving.models import ServedModel
from hermetic.deploy.serving.settings import Loading, ServedFile
from tests.golden_evidence import golden_evidence

__all__ = ["CASES", "Case", "case", "save", "served"]

_DRAW = np.random.default_rng(7)
_TABLE = _DRAW.normal(size=(60, 3))
_LABELS = (_TABLE[:, 0] + _TABLE[:, 1] > 0).astype(int)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One model.

    Attributes
    ----------
    model : object
        Fitted.
    rows : list
        As a client sends them.
    X : object
        The same, as a notebook has them.
    evidence : object or None
        What the file records, or None.
    methods : tuple of str
        What is asked.
    """

    model: Any
    rows: list[Any]
    X: Any
    data: Any = None
    methods: tuple[str, ...] = ("predict",)
    tensors: dict[str, Any] = field(default_factory=dict)


def _frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "age": np.arange(60) % 50 + 18,
            "income": _TABLE[:, 1],
            "city": np.array(["Rome", "Oslo", "Lima"])[np.arange(60) % 3],
        }
    )


def _frame_case() -> Case:
    frame = _frame()
    steps = make_column_transformer(
        (OneHotEncoder(), ["city"]), (make_pipeline(SimpleImputer(), StandardScaler()), ["age", "income"])
    )
    model = make_pipeline(steps, LogisticRegression()).fit(frame, np.where(_LABELS, "yes", "no"))
    rows = [{"age": 30, "income": None, "city": "Oslo"}, {"age": 50, "income": -0.5, "city": "Rome"}]
    tensors = {"age": ("INT64", [30, 50]), "income": ("FP64", [None, -0.5]), "city": ("BYTES", ["Oslo", "Rome"])}
    methods = ("predict", "predict_proba", "predict_log_proba", "decision_function")
    return Case(model=model, rows=rows, X=pd.DataFrame(rows), data=frame, methods=methods, tensors=tensors)


def _gap_case() -> Case:
    """Whole numbers with gaps, as pandas' own type that has them."""
    frame = pd.DataFrame({"count": pd.array([1, 2, None, 4] * 15, dtype="Int64"), "size": _TABLE[:, 0]})
    model = HistGradientBoostingRegressor(max_iter=5).fit(frame, _TABLE[:, 1])
    rows = [{"count": None, "size": 0.1}, {"count": 3, "size": -2}]
    X = pd.DataFrame({"count": pd.array([None, 3], dtype="Int64"), "size": [0.1, -2.0]})
    return Case(model=model, rows=rows, X=X, data=frame)


def _category_case(*, is_recorded: bool) -> Case:
    frame = pd.DataFrame({"kind": pd.Categorical(["a", "b", "c"] * 20), "size": _TABLE[:, 0]})
    target = frame["kind"].cat.codes.to_numpy() * 10 + _TABLE[:, 0]
    model = HistGradientBoostingRegressor(max_iter=20, categorical_features="from_dtype", min_samples_leaf=2)
    model.fit(frame, target)
    rows = [{"kind": "b", "size": 0.5}, {"kind": "c", "size": None}, {"kind": "new", "size": 1}]
    X = pd.DataFrame({"kind": pd.Categorical(["b", "c", "new"]), "size": [0.5, None, 1.0]})
    return Case(model=model, rows=rows, X=X, data=frame if is_recorded else None)


def _array_case() -> Case:
    X = np.array([[0.1, -0.2, 3.0], [1.5, 2.0, -1.0]])
    model = RandomForestClassifier(5, random_state=0, n_jobs=2).fit(_TABLE, _LABELS)
    tensors = {"input": ("FP64", X.tolist())}
    return Case(model=model, rows=X.tolist(), X=X, data=_TABLE, methods=("predict", "predict_proba"), tensors=tensors)


def _missing_case() -> Case:
    X = np.array([[np.nan, 1.0, 2.0], [0.5, np.nan, np.nan]])
    model = make_pipeline(SimpleImputer(), LinearRegression()).fit(_TABLE, _TABLE[:, 0])
    return Case(model=model, rows=[[None, 1, 2], [0.5, None, None]], X=X)


def _text_case() -> Case:
    texts = ["good and cheap", "bad and dear", "very good", "very bad"] * 5
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, [1, 0] * 10)
    rows = ["good", "bad bad ünïcode", ""]
    methods = ("predict", "predict_proba")
    return Case(model=model, rows=rows, X=rows, data=texts, methods=methods, tensors={"input": ("BYTES", rows)})


def _object_case() -> Case:
    """An array of objects, from before there were frames."""
    table = np.array([["a", 1.0], ["b", 2.5]] * 10, dtype=object)
    steps = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), [0]), (StandardScaler(), [1]))
    model = make_pipeline(steps, LinearRegression()).fit(table, np.arange(20.0))
    rows = [["b", 3], ["z", -1.5]]
    tensors = {"x0": ("BYTES", ["b", "z"]), "x1": ("FP64", [3, -1.5])}
    return Case(model=model, rows=rows, X=np.array(rows, dtype=object), tensors=tensors)


def _outputs_case() -> Case:
    targets = np.column_stack([_LABELS, np.arange(60) % 3])
    model = MultiOutputClassifier(LogisticRegression()).fit(_TABLE, targets)
    X = np.array([[0.5, 1.0, -1.0]])
    return Case(model=model, rows=X.tolist(), X=X, data=_TABLE, methods=("predict", "predict_proba"))


def _columns_case() -> Case:
    X = np.array([[0.5, 1.0, -1.0], [2.0, 0.0, 0.0]])
    return Case(model=KNeighborsRegressor(3).fit(_TABLE, _TABLE[:, :2]), rows=X.tolist(), X=X, data=_TABLE)


def _records_case() -> Case:
    records = [{"city": "Rome", "size": 1.0}, {"city": "Oslo", "size": 2.0}] * 5
    model = make_pipeline(DictVectorizer(), LinearRegression()).fit(records, np.arange(10.0))
    rows = [{"city": "Oslo", "size": 5}, {"size": 1}]
    return Case(model=model, rows=rows, X=rows)


def _transformer_case() -> Case:
    X = np.array([[0.5, 1.0, -1.0]])
    return Case(model=PCA(2).fit(_TABLE), rows=X.tolist(), X=X, data=_TABLE, methods=("transform",))


def _sparse_case() -> Case:
    texts = ["one two", "two three"]
    return Case(model=TfidfVectorizer().fit(texts), rows=texts, X=texts, methods=("transform",))


def _boolean_case() -> Case:
    frame = pd.DataFrame({"is_new": [True, False] * 30, "size": _TABLE[:, 0]})
    model = LinearRegression().fit(frame, _TABLE[:, 1])
    rows = [{"is_new": True, "size": 1.5}, {"is_new": False, "size": 0}]
    return Case(model=model, rows=rows, X=pd.DataFrame({"is_new": [True, False], "size": [1.5, 0.0]}), data=frame)


CASES = {
    "array": _array_case,
    "boolean": _boolean_case,
    "categories": lambda: _category_case(is_recorded=True),
    "categories-unrecorded": lambda: _category_case(is_recorded=False),
    "columns": _columns_case,
    "frame": _frame_case,
    "gaps": _gap_case,
    "missing": _missing_case,
    "objects": _object_case,
    "outputs": _outputs_case,
    "records": _records_case,
    "sparse": _sparse_case,
    "texts": _text_case,
    "transformer": _transformer_case,
}
"""Each by what is special about it."""


@cache
def case(name: str) -> Case:
    return CASES[name]()


def save(name: str, folder: Path) -> Path:
    """Write the file of a case."""
    own = case(name)
    path = folder / f"{name}.hermetic"
    evidence = None if own.data is None else golden_evidence(own.model, own.data)
    hermetic.dump(own.model, path, evidence=evidence)
    return path


def served(name: str, folder: Path) -> ServedModel:
    """Load a case as a worker has it."""
    file = ServedFile(name=name, path=str(save(name, folder)))
    return load_models(Loading(files=(file,)))[name]
