"""Names of features are followed through the steps of a model, and none is told that is not sure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, OneHotEncoder, RobustScaler, StandardScaler

from hermetic.capture import capture
from hermetic.graph_values import Values
from hermetic.inspection.tables import as_place
from hermetic.reporting.features import names_after, names_given, names_through, tuples_in

FRAME = pd.DataFrame(
    {
        "größe": np.arange(12.0),
        "<b>": np.arange(12.0) % 5,
        "city": ["Paris", "Rome", "Oslo"] * 4,
        "code": np.arange(12) % 3,
        "is_new": np.arange(12) % 2 == 0,
    }
)
NUMBERS = FRAME[["größe", "<b>"]]


def values_of(thing: Any) -> tuple[Values, Any]:
    values = Values(capture(thing))
    return values, as_place(values.graph.root)


def after(transformer: Any, names: list[str]) -> list[str]:
    values, place = values_of(transformer)
    return names_after(values, place, names)


GIVEN: dict[str, tuple[Any, list[str]]] = {
    "a-frame": (StandardScaler().fit(NUMBERS), ["größe", "<b>"]),
    "an-array": (StandardScaler().fit(NUMBERS.to_numpy()), []),
    "unfitted": (StandardScaler(), []),
    "a-pipeline": (make_pipeline(StandardScaler(), Normalizer()).fit(NUMBERS), ["größe", "<b>"]),
    "a-pipeline-in-a-pipeline": (make_pipeline(make_pipeline(StandardScaler())).fit(NUMBERS), ["größe", "<b>"]),
    "an-empty-pipeline": (Pipeline([]), []),
    "a-pipeline-that-begins-with-nothing": (Pipeline([("a", "passthrough"), ("b", StandardScaler())]), []),
    "no-estimator": ({"feature_names_in_": ["a"]}, []),
    "a-number": ([1], []),
}


@pytest.mark.parametrize("name", GIVEN)
def test_an_estimator_knows_the_names_that_it_was_fitted_with(name: str):
    model, names = GIVEN[name]
    values, place = values_of(model)
    assert names_given(values, place) == names


def test_no_place_has_no_names():
    values, _ = values_of([1])
    assert names_given(values, None) == names_after(values, None, ["a"]) == []
    assert tuples_in(values, 3) == tuples_in(values, None) == []


def test_names_that_are_numbers_or_mixed_are_not_taken():
    model = StandardScaler().fit(NUMBERS)
    model.feature_names_in_ = np.array(["a", 3], dtype=object)
    values, place = values_of(model)
    assert names_given(values, place) == []
    model.feature_names_in_ = np.array([["a", "b"]])
    values, place = values_of(model)
    assert names_given(values, place) == []


IMPUTER = SimpleImputer().fit(NUMBERS)
EMPTY_COLUMN = SimpleImputer(keep_empty_features=False).fit(NUMBERS)
EMPTY_COLUMN.statistics_ = np.array([1.0, np.nan])
AFTER: dict[str, tuple[Any, list[str], list[str]]] = {
    "a-scaler": (StandardScaler(), ["a", "b"], ["a", "b"]),
    "another-scaler": (RobustScaler(), ["größe"], ["größe"]),
    "no-names": (StandardScaler(), [], []),
    "no-function": (FunctionTransformer(), ["a"], ["a"]),
    "a-function": (FunctionTransformer(np.log), ["a"], []),
    "an-imputer": (IMPUTER, ["a", "b"], ["a", "b"]),
    "an-unfitted-imputer": (SimpleImputer(), ["a"], []),
    "an-imputer-of-other-columns": (IMPUTER, ["a", "b", "c"], []),
    "an-imputer-that-drops-a-column": (EMPTY_COLUMN, ["a", "b"], []),
    "categories": (OneHotEncoder().fit(FRAME[["city"]]), ["c"], ["c = Oslo", "c = Paris", "c = Rome"]),
    "categories-of-numbers": (OneHotEncoder().fit(FRAME[["code"]]), ["c"], ["c = 0", "c = 1", "c = 2"]),
    "categories-of-truths": (OneHotEncoder().fit(FRAME[["is_new"]]), ["n"], ["n = False", "n = True"]),
    "categories-of-other-columns": (OneHotEncoder().fit(FRAME[["city"]]), ["a", "b"], []),
    "more-categories-than-columns": (OneHotEncoder().fit(FRAME[["city", "code"]]), ["a"], []),
    "unfitted-categories": (OneHotEncoder(), ["a"], []),
    "components": (PCA(1).fit(NUMBERS), ["a", "b"], []),
    "a-choice": (SelectKBest(k=1).fit(NUMBERS, FRAME["code"]), ["a", "b"], []),
    "an-empty-pipeline": (Pipeline([]), ["a"], ["a"]),
    "a-pipeline": (Pipeline([("a", StandardScaler()), ("b", None), ("c", "passthrough")]), ["a"], ["a"]),
    "a-pipeline-with-components": (Pipeline([("a", PCA()), ("b", StandardScaler())]), ["a"], []),
    "no-transformer": ([1], ["a"], []),
}


@pytest.mark.parametrize("name", AFTER)
def test_names_of_what_a_transformer_makes(name: str):
    transformer, names, expected = AFTER[name]
    assert after(transformer, names) == expected


def columns(*parts: Any, **wishes: Any) -> Any:
    named = [(f"part{number}", *own) for number, own in enumerate(parts)]
    return ColumnTransformer(named, **wishes).fit(FRAME)


ALL_COLUMNS = list(FRAME.columns)
COLUMNS: dict[str, tuple[Any, list[str]]] = {
    "by-name": (columns((StandardScaler(), ["<b>", "größe"])), ["<b>", "größe"]),
    "by-number": (columns((StandardScaler(), [1, 0])), ["<b>", "größe"]),
    "twice": (columns((StandardScaler(), ["größe"]), (RobustScaler(), ["größe"])), ["größe", "größe"]),
    "nothing": (columns(("drop", ["city"])), []),
    "no-column": (columns((StandardScaler(), []), (StandardScaler(), ["<b>"])), ["<b>"]),
    "dropped": (columns(("drop", ["city"]), (StandardScaler(), ["<b>"])), ["<b>"]),
    "the-rest": (
        columns(("drop", ["city"]), (StandardScaler(), ["<b>"]), remainder="passthrough"),
        ["<b>", "größe", "code", "is_new"],
    ),
    "nested": (columns((make_pipeline(SimpleImputer(), StandardScaler()), ["größe"])), ["größe"]),
    "components": (columns((PCA(1), ["größe", "<b>"]), (StandardScaler(), ["größe"])), []),
    "from-the-end": (columns((StandardScaler(), [-4])), []),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_names_of_what_a_column_transformer_makes(name: str):
    transformer, expected = COLUMNS[name]
    assert after(transformer, ALL_COLUMNS) == expected


SELECTED: dict[str, Any] = {
    "texts-of-one-column": columns((CountVectorizer(), "city"), (StandardScaler(), ["größe"])),
    "a-range-of-columns": columns((StandardScaler(), slice(0, 2)), (RobustScaler(), ["größe"])),
    "a-mask": columns((StandardScaler(), [True, True, False, False, False]), (RobustScaler(), ["größe"])),
    "an-array-of-names": columns((StandardScaler(), np.array(["<b>"])), (RobustScaler(), ["größe"])),
}


@pytest.mark.parametrize("name", SELECTED)
def test_columns_that_are_chosen_otherwise_are_not_passed_over(name: str):
    # Names of the other part alone would stand for columns that they are not.
    found = after(SELECTED[name], ALL_COLUMNS)
    assert found in ([], [str(own).partition("__")[2] for own in SELECTED[name].get_feature_names_out()])


def test_columns_after_those_that_are_chosen_otherwise_get_no_name_of_others():
    words = columns((CountVectorizer(), "city"), (StandardScaler(), ["größe"]))
    first = ColumnTransformer([("first", StandardScaler(), [0])])
    model = make_pipeline(words, first).fit(FRAME)
    assert after(model, ALL_COLUMNS) == []  # the first column is the word oslo


def test_a_transformer_deeper_than_is_followed_has_no_names():
    deep: Any = StandardScaler()
    for _ in range(20):
        deep = Pipeline([("inner", deep)])
    assert after(deep, ["a"]) == []


def test_too_many_names_are_not_followed():
    assert after(StandardScaler(), ["a"] * 100_000) == ["a"] * 100_000
    assert after(StandardScaler(), ["a"] * 100_001) == []


def test_steps_are_followed_one_after_the_other():
    values, place = values_of(Pipeline([("a", StandardScaler()), ("b", "passthrough"), ("c", PCA())]))
    assert place is not None
    steps = tuples_in(values, values.held(place).fields["steps"])
    assert [step[0] for step in steps] == ["a", "b", "c"]
    assert names_through(values, steps[:2], ["x"]) == ["x"]
    assert names_through(values, steps, ["x"]) == []
    assert names_through(values, [["a"]], ["x"]) == names_through(values, [["a", None, 3]], ["x"]) == []
    assert names_through(values, [], ["x"]) == ["x"]


def test_what_is_no_tuple_is_left_out():
    values, place = values_of([("a", 1), 3, "ab", ["a", 2], (), {"a": 1}, ([1],)])
    assert place is not None
    found = tuples_in(values, [*place])
    assert found[0] == ["a", 1]
    assert found[-1][0] is not None
