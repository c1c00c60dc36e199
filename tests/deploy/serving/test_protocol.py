"""The Open Inference Protocol: what breaks it is told field by field; tensors become what the model takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hermetic.deploy.serving.models import ServedModel
from hermetic.deploy.serving.problems import Problem
from hermetic.deploy.serving.protocol import infer_response, input_of_tensors, methods_asked, read_infer_request
from tests.deploy.serving.served_models import served

NOTHING = memoryview(b"")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ServedModel]:
    folder: Path = tmp_path_factory.mktemp("models")
    return {name: served(name, folder) for name in ("array", "frame", "objects", "records", "texts")}


def tensor(**changes: Any) -> dict[str, Any]:
    own = {"name": "input", "shape": [1, 3], "datatype": "FP64", "data": [1, 2, 3], **changes}
    return {key: value for key, value in own.items() if value is not ...}


BROKEN: dict[str, tuple[Any, str]] = {
    "no object": ([], 'expected an object with "inputs"'),
    "a number for the id": ({"id": 1, "inputs": [tensor()]}, "id: expected a text"),
    "no inputs": ({}, "inputs: expected a list of tensors"),
    "empty inputs": ({"inputs": []}, "inputs: expected a list of tensors"),
    "no tensor": ({"inputs": [1]}, "inputs[0]: expected an object"),
    "no name": ({"inputs": [tensor(name=...)]}, "inputs[0].name: expected a text"),
    "a name twice": ({"inputs": [tensor(), tensor()]}, "inputs[1].name: two tensors"),
    "no datatype": ({"inputs": [tensor(datatype=...)]}, "inputs[0].datatype: expected one of BOOL"),
    "an unknown datatype": ({"inputs": [tensor(datatype="FP128")]}, "inputs[0].datatype: expected one of"),
    "a list for the datatype": ({"inputs": [tensor(datatype=["FP64"])]}, "inputs[0].datatype"),
    "no shape": ({"inputs": [tensor(shape=...)]}, "inputs[0].shape: expected a list"),
    "an empty shape": ({"inputs": [tensor(shape=[])]}, "inputs[0].shape"),
    "a size below zero": ({"inputs": [tensor(shape=[-1, 3])]}, "inputs[0].shape"),
    "a fraction for a size": ({"inputs": [tensor(shape=[1.0, 3])]}, "inputs[0].shape"),
    "true for a size": ({"inputs": [tensor(shape=[True, 3])]}, "inputs[0].shape"),
    "a size beyond all": ({"inputs": [tensor(shape=[1 << 60, 3])]}, "inputs[0].shape"),
    "too many dimensions": ({"inputs": [tensor(shape=[1] * 9)]}, "inputs[0].shape"),
    "no data": ({"inputs": [tensor(data=...)]}, "inputs[0].data: is missing"),
    "parameters that are none": ({"inputs": [tensor(parameters=1)]}, "inputs[0].parameters"),
    "bytes that are not there": (
        {"inputs": [tensor(data=..., parameters={"binary_data_size": 24})]},
        "inputs[0].parameters.binary_data_size: expected a number of bytes, at most 0",
    ),
    "bytes below zero": (
        {"inputs": [tensor(data=..., parameters={"binary_data_size": -1})]},
        "binary_data_size",
    ),
    "data twice": ({"inputs": [tensor(parameters={"binary_data_size": 0})]}, "inputs[0].data: is there twice"),
    "outputs that are none": ({"inputs": [tensor()], "outputs": {}}, "outputs: expected a list"),
    "an output without a name": ({"inputs": [tensor()], "outputs": [{}]}, "outputs[0].name"),
}


@pytest.mark.parametrize("words", BROKEN)
def test_what_breaks_the_protocol_gets_400_and_its_field(words: str):
    document, message = BROKEN[words]
    with pytest.raises(Problem) as caught:
        read_infer_request(document, NOTHING)
    assert caught.value.status == 400
    assert message in json.loads(caught.value.body())["error"]


def test_bytes_behind_the_last_tensor_are_refused():
    with pytest.raises(Problem, match="4 bytes follow the last tensor"):
        read_infer_request({"inputs": [tensor()]}, memoryview(b"more"))


def test_outputs_are_bytes_where_the_request_or_they_themselves_say_so():
    outputs = [{"name": "a"}, {"name": "b", "parameters": {"binary_data": False}}]
    request = read_infer_request(
        {"inputs": [tensor()], "outputs": outputs, "parameters": {"binary_data_output": True}}, NOTHING
    )
    assert request.methods == [("a", True), ("b", False)]


FRAME = {"age": np.array([1, 2]), "income": np.array([[0.5], [1.5]]), "city": np.array(["Rome", "Oslo"], dtype=object)}


def test_a_tensor_for_each_feature_makes_a_frame_in_the_order_of_the_model(models: dict[str, ServedModel]):
    turned = dict(reversed(FRAME.items()))
    found = input_of_tensors(turned, models["frame"])
    assert isinstance(found, pd.DataFrame)
    assert list(found.columns) == ["age", "income", "city"]
    assert found["income"].tolist() == [0.5, 1.5]


def test_one_tensor_for_all_features_is_in_the_order_of_the_model(models: dict[str, ServedModel]):
    matrix = np.array([[1, 0.5, "Rome"]], dtype=object)
    found = input_of_tensors({"anything": matrix}, models["frame"])
    assert found.to_dict("records") == [{"age": 1, "income": 0.5, "city": "Rome"}]


def test_features_without_names_have_numbers(models: dict[str, ServedModel]):
    tensors = {"x1": np.array([2.5]), "x0": np.array(["a"], dtype=object)}
    assert input_of_tensors(tensors, models["objects"]).tolist() == [["a", 2.5]]


WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "a missing feature": ("frame", {"age": FRAME["age"], "income": FRAME["income"]}, "no tensor is called city"),
    "a feature too many": ("frame", {**FRAME, "size": np.zeros(2)}, "inputs[3].name: is no feature"),
    "uneven rows": ("frame", {**FRAME, "age": np.array([1])}, "different numbers of rows: 1, 2"),
    "a cube": ("array", {"input": np.zeros((1, 3, 1))}, "inputs[0].shape: expected [rows, 3], found [1, 3, 1]"),
    "another width": ("array", {"input": np.zeros((1, 4))}, "inputs[0].shape: expected [rows, 3], found [1, 4]"),
    "no rows": ("array", {"input": np.zeros((0, 3))}, "inputs[0].shape: expected at least one row"),
    "a feature of two columns": ("frame", {**FRAME, "age": np.zeros((2, 2))}, "expected [rows] or [rows, 1]"),
    "two texts": ("texts", {"a": FRAME["city"], "b": FRAME["city"]}, "inputs: this model takes one tensor of texts"),
    "numbers for texts": ("texts", {"a": np.zeros(2)}, "inputs[0].datatype: expected BYTES"),
    "a missing text": ("texts", {"a": np.array([None], dtype=object)}, "inputs[0].datatype: expected BYTES"),
    "tensors for objects": ("records", {"a": np.zeros(2)}, "inputs: this model takes objects: ask it at /predict"),
}


@pytest.mark.parametrize("words", WRONG)
def test_tensors_that_the_model_does_not_take_get_400_and_their_field(words: str, models: dict[str, ServedModel]):
    name, tensors, message = WRONG[words]
    with pytest.raises(Problem) as caught:
        input_of_tensors(tensors, models[name])
    assert caught.value.status == 400
    assert message in json.loads(caught.value.body())["error"]


def test_an_unknown_output_is_refused(models: dict[str, ServedModel]):
    request = read_infer_request({"inputs": [tensor()], "outputs": [{"name": "explain"}]}, NOTHING)
    with pytest.raises(Problem, match="expected one of predict"):
        methods_asked(request, models["array"])


def test_a_response_without_an_id_has_none(models: dict[str, ServedModel]):
    request = read_infer_request({"inputs": [tensor()]}, NOTHING)
    document, parts = infer_response(request, models["array"], {"predict": (np.array([1.5]), False)})
    assert document["outputs"] == [{"name": "predict", "datatype": "FP64", "shape": [1], "data": [1.5]}]
    assert "id" not in document
    assert parts == []
