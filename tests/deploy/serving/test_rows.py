"""Rows of a request: taken apart, named, put in the order of the model; what is wrong is told by its place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from hermetic.deploy.features import Feature, Features
from hermetic.deploy.serving.models import DescribedFeature, Description, ServedModel
from hermetic.deploy.serving.problems import Problem
from hermetic.deploy.serving.rows import input_of_columns, input_of_rows, known_method, method_and_rows


def model(
    *names: str, form: str = "frame", kinds: str = "", optional: str = "", template: Any = None, width: int | None = -1
) -> ServedModel:
    """Make what a worker has of a model with these names; x0, x1 and so on stand for none."""
    kind = dict.fromkeys(names, "unknown") | dict(pair.split("=") for pair in kinds.split())
    has_names = form == "frame"
    own = [Feature(name=name if has_names else None, kind=kind[name]) for name in names]
    described = [
        DescribedFeature(name=name, kind=kind[name], datatype="FP64", is_required=name not in optional.split())
        for name in names
    ]
    description = Description(
        **dict.fromkeys(("name", "version", "digest", "type", "verdict", "verdict_words"), "m"),
        **{"length_bytes": 1, "form": form, "has_names": has_names, "features": described if width else None},
        **{"methods": ["predict", "score_samples"], "outputs": [], "classes": [], "example": []},
        **{"written_by": {}, "installed": {}},
    )
    features = Features(form=form, columns=tuple(own) if width else None)
    return ServedModel(model=None, features=features, template=template, categorical=(), description=description)


def refusal(rows: Any, served: ServedModel) -> tuple[str, str]:
    with pytest.raises(Problem) as caught:
        input_of_rows(rows, served)
    assert caught.value.status == 422
    return caught.value.field, caught.value.words


TAKEN: dict[str, tuple[Any, tuple[str, list[Any]]]] = {
    "a list alone": ([[1]], ("", [[1]])),
    "no rows at all": ([], ("", [])),
    "rows": ({"rows": [1]}, ("", [1])),
    "instances": ({"instances": [1]}, ("", [1])),
    "records": ({"dataframe_records": [{"a": 1}]}, ("", [{"a": 1}])),
    "a split": ({"dataframe_split": {"columns": ["a", "b"], "data": [[1, 2]]}}, ("", [{"a": 1, "b": 2}])),
    "a split with an index": (
        {"dataframe_split": {"columns": ["a"], "index": [7], "data": [[1], [2]]}},
        ("", [{"a": 1}, {"a": 2}]),
    ),
    "a split without columns": ({"dataframe_split": {"columns": [], "data": [[]]}}, ("", [{}])),
    "a method": ({"rows": [], "method": "transform"}, ("transform", [])),
    "a short method": ({"rows": [], "method": "proba"}, ("predict_proba", [])),
    "another short method": ({"rows": [], "method": "decision"}, ("decision_function", [])),
    "an empty method": ({"rows": [], "method": ""}, ("", [])),
}


@pytest.mark.parametrize("words", TAKEN)
def test_a_request_is_taken_apart(words: str):
    document, expected = TAKEN[words]
    assert method_and_rows(document) == expected


REFUSED: dict[str, tuple[Any, str, str]] = {
    "null": (None, "", "expected a list of rows"),
    "a text": ("rows", "", "expected a list of rows"),
    "true": (True, "", "expected a list of rows"),
    "an empty object": ({}, "", "found none of them"),
    "rows in capitals": ({"Rows": []}, "", "found none of them"),
    "three words": ({"rows": [], "instances": [], "dataframe_split": {}}, "", "rows and instances and dataframe_split"),
    "null for a method": ({"rows": [], "method": None}, "method", "expected the name"),
    "a list for a method": ({"rows": [], "method": ["predict"]}, "method", "expected the name"),
    "an object for rows": ({"rows": {"a": 1}}, "rows", "expected a list of rows"),
    "null for instances": ({"instances": None}, "instances", "expected a list of rows"),
    "a word of nobody": ({"rows": [], "parameters": {}}, "parameters", "is no part of a request"),
    "a split that is a list": ({"dataframe_split": []}, "dataframe_split", "expected an object with the lists"),
    "a split with a number": ({"dataframe_split": {"columns": 1, "data": []}}, "dataframe_split", "with the lists"),
    "a column that is a number": (
        *({"dataframe_split": {"columns": [1], "data": []}}, "dataframe_split.columns", "expected texts, each once"),
    ),
    "a row that is an object": (
        {"dataframe_split": {"columns": ["a"], "data": [[1], {"a": 1}]}},
        *("dataframe_split.data[1]", "expected a list of 1 values"),
    ),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_no_request_is_refused_by_its_field(words: str):
    document, field, message = REFUSED[words]
    with pytest.raises(Problem) as caught:
        method_and_rows(document)
    assert (caught.value.status, caught.value.field) == (422, field)
    assert message in caught.value.words


def test_a_name_that_is_longer_than_any_is_told_in_part():
    with pytest.raises(Problem) as caught:
        method_and_rows({"rows": [], "x" * 100_000: 1})
    assert len(caught.value.body()) < 2_000


def test_the_default_method_is_the_first():
    assert known_method("", model("a")) == "predict"
    assert known_method("score_samples", model("a")) == "score_samples"


UNKNOWN_METHODS = {
    "transform": "this model has no such method; it has predict, score_samples",
    "fit": "no method of this name can be asked",
    "__class__": "no method of this name can be asked",
    "predict ": "no method of this name can be asked",
    "set_params": "no method of this name can be asked",
}


@pytest.mark.parametrize("method", UNKNOWN_METHODS)
def test_no_other_method_can_be_asked(method: str):
    with pytest.raises(Problem) as caught:
        known_method(method, model("a"))
    assert UNKNOWN_METHODS[method] in caught.value.words


ROWS: dict[str, tuple[Any, list[Any]]] = {
    "lists": (model("a", "b"), [[1, 2.5], [3, None]]),
    "objects": (model("a", "b"), [{"a": 1, "b": 2.5}, {"a": 3, "b": None}]),
    "objects in another order": (model("a", "b"), [{"b": 2.5, "a": 1}, {"b": None, "a": 3}]),
    "objects with more": (model("a", "b"), [{"c": [], "a": 1, "b": 2.5}, {"a": 3, "b": None, "d": {}}]),
    "objects with less": (model("a", "b", optional="b"), [{"a": 1, "b": 2.5}, {"a": 3}]),
}


@pytest.mark.parametrize("words", ROWS)
def test_rows_become_a_frame_in_the_order_of_the_model(words: str):
    served, rows = ROWS[words]
    found = input_of_rows(rows, served)
    pd.testing.assert_frame_equal(found, pd.DataFrame({"a": [1, 3], "b": [2.5, np.nan]}))


HOSTILE_NAMES = ["__proto__", "<script>", "\x1b[2J", "a\u202eb", "rows[0]", "", "'; --", "$ref", "0", "x" * 5_000]


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_a_feature_may_have_any_name(name: str):
    served = model(name, "other")
    assert input_of_rows([{name: 1, "other": 2}], served)[name].tolist() == [1]
    field, words = refusal([{"other": 2}], served)
    assert field == f"rows[0].{name}"[:400]
    assert words == "is missing; null stands for a missing value"


WRONG: dict[str, tuple[ServedModel, list[Any], str, str]] = {
    "no rows": (model("a"), [], "rows", "expected at least one row"),
    "a number for a row": (model("a"), [[1], 2], "rows[1]", "expected a list of values, or an object"),
    "an object behind a list": (model("a"), [[1], {"a": 1}], "rows[1]", "expected a list of values"),
    "null for a row": (model("a", form="array"), [None], "rows[0]", "expected a list of values"),
    "too many values": (model("a"), [[1, 2]], "rows[0]", "expected 1 values, found 2"),
    "an empty row": (model("a", form="array"), [[1], []], "rows[1]", "expected 1 values, found 0"),
    "empty rows of any width": (model(form="array", width=0), [[], []], "rows[0]", "at least one value"),
    "uneven rows of any width": (model(form="array", width=0), [[1], [1, 2]], "rows[1]", "expected 1 values, found 2"),
    "a list in a list": (model("a"), [[[1]]], "rows[0].a", "found a list"),
    "an object in an object": (model("a"), [{"a": {"a": 1}}], "rows[0].a", "found an object"),
    "a text for a number": (model("a", kinds="a=number"), [{"a": 1}, {"a": "1"}], "rows[1].a", "found a text"),
    "a number for a text": (model("a", kinds="a=text"), [{"a": 1}], "rows[0].a", "expected a text, found a number"),
    "true for a text": (model("a", kinds="a=text"), [[True]], "rows[0].a", "expected a text, found true or false"),
    "a number beyond all": (model("a"), [{"a": 10**400}, {"a": None}], "a", "holds a number that is too big"),
    "a number beyond all in an array": (model("a", form="array"), [[10**400]], "rows", "beyond 64 bits"),
    "one beside a fraction": (model("a", "b", form="array"), [[10**400, 0.5]], "rows", "is too big"),
    "a text for an object": (model(form="records", width=0), [{}, "x"], "rows[1]", "expected an object"),
    "an object for a text": (model("a", form="texts"), ["x", {}], "rows[1]", "expected a text, found an object"),
    "null for a text": (model("a", form="texts"), [None], "rows[0]", "expected a text, found null"),
}


@pytest.mark.parametrize("words", WRONG)
def test_a_wrong_row_is_told_by_its_place(words: str):
    served, rows, field, message = WRONG[words]
    found = refusal(rows, served)
    assert found[0] == field
    assert message in found[1]


def test_columns_for_a_model_without_names_become_an_array():
    served = model("x0", "x1", form="array")
    assert input_of_columns({"x0": np.array([1, 2]), "x1": [0.5, None]}, served).tolist()[0] == [1.0, 0.5]


def test_a_recorded_dtype_is_kept_for_objects_and_for_lists():
    served = model("a", template=pd.DataFrame({"a": np.array([1], dtype="i1")}))
    for rows in ([{"a": 5}], [[5]]):
        assert str(input_of_rows(rows, served)["a"].dtype) == "int8"
