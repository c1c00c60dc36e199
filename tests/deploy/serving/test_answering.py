"""A worker answers what the model answers in a notebook, whatever it takes, and says which field is wrong."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from hermetic.deploy.serving.answering import answer_frame
from hermetic.deploy.serving.messages import Frame
from hermetic.deploy.serving.models import ServedModel
from hermetic.deploy.serving.tensors import binary_of
from tests.deploy.serving.served_models import CASES, case, served

MODELS: dict[str, ServedModel] = {}
WITH_TENSORS = ["array", "frame", "objects", "texts"]


@pytest.fixture(scope="module", autouse=True)
def _models(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("models")
    MODELS.update({name: served(name, folder) for name in CASES})


def ask(name: str, content: Any, *, do: str = "predict", most_rows: int = 1000, **head: Any) -> tuple[int, Any]:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    frame = answer_frame(MODELS, Frame({"do": do, "model": name, **head}, body), most_rows)
    return frame.head["status"], json.loads(bytes(frame.body))


def plain(answer: Any) -> Any:
    if isinstance(answer, list):
        return [plain(part) for part in answer]
    return (answer.toarray() if hasattr(answer, "toarray") else np.asarray(answer)).tolist()


def expected(name: str, method: str) -> Any:
    return plain(getattr(case(name).model, method)(case(name).X))


@pytest.mark.parametrize("name", CASES)
def test_rows_are_answered_as_in_a_notebook(name: str):
    for method in case(name).methods:
        status, answer = ask(name, {"rows": case(name).rows, "method": method})
        assert (status, answer["predictions"]) == (200, expected(name, method)), method


@pytest.mark.parametrize("name", CASES)
def test_the_default_is_the_first_method(name: str):
    status, answer = ask(name, case(name).rows)
    assert (status, answer["method"]) == (200, case(name).methods[0])
    assert answer["predictions"] == expected(name, case(name).methods[0])


@pytest.mark.parametrize("name", [name for name in CASES if name not in ("records", "sparse")])
def test_the_example_that_clients_are_shown_is_answered(name: str):
    status, _ = ask(name, {"rows": MODELS[name].description.example})
    assert status == 200


@pytest.mark.parametrize("word", ["rows", "instances", "dataframe_records"])
def test_other_servers_words_for_rows_mean_the_same(word: str):
    assert ask("frame", {word: case("frame").rows})[1]["predictions"] == expected("frame", "predict")


def test_a_split_frame_may_have_its_columns_in_any_order():
    columns = ["city", "income", "age"]
    data = [[row[name] for name in columns] for row in case("frame").rows]
    status, answer = ask("frame", {"dataframe_split": {"columns": columns, "data": data}})
    assert (status, answer["predictions"]) == (200, expected("frame", "predict"))


def test_lists_are_in_the_order_of_the_model():
    rows = [list(row.values()) for row in case("frame").rows]
    assert ask("frame", rows)[1]["predictions"] == expected("frame", "predict")


def test_a_fraction_where_there_were_whole_numbers_is_not_cut_off():
    X = case("frame").X.assign(age=[30.9, 50.0])
    answer = ask(
        "frame",
        {
            "rows": [{**row, "age": age} for row, age in zip(case("frame").rows, [30.9, 50], strict=True)],
            "method": "decision_function",
        },
    )[1]
    assert answer["predictions"] == case("frame").model.decision_function(X).tolist()


def test_values_beyond_the_features_change_nothing():
    rows = [{"id": 17, **row} for row in case("frame").rows]
    assert ask("frame", rows)[1]["predictions"] == expected("frame", "predict")


def test_probabilities_come_with_the_classes_of_their_columns():
    assert ask("frame", {"rows": case("frame").rows, "method": "proba"})[1]["classes"] == ["no", "yes"]


def tensors_of(name: str) -> list[dict[str, Any]]:
    return [
        {"name": own, "datatype": datatype, "shape": list(np.shape(values)), "data": values}
        for own, (datatype, values) in case(name).tensors.items()
    ]


@pytest.mark.parametrize("name", WITH_TENSORS)
def test_tensors_are_answered_as_in_a_notebook(name: str):
    methods = case(name).methods
    content = {"id": "7", "inputs": tensors_of(name), "outputs": [{"name": method} for method in methods]}
    status, answer = ask(name, content, do="infer")
    assert (status, answer["id"], answer["model_name"]) == (200, "7", name)
    for method, output in zip(methods, answer["outputs"], strict=True):
        found = np.array(output["data"]).reshape(output["shape"]).tolist()
        assert (output["name"], found) == (method, expected(name, method))


@pytest.mark.parametrize("name", ["array", "texts"])
def test_bytes_of_tensors_are_answered_in_bytes(name: str):
    [tensor] = tensors_of(name)
    values = np.array(tensor.pop("data"), dtype=object if name == "texts" else float)
    data = binary_of(values)
    tensor["parameters"] = {"binary_data_size": len(data)}
    text = json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()
    frame = answer_frame(MODELS, Frame({"do": "infer", "model": name, "json_bytes": len(text)}, text + data), 10)
    length = int(frame.head["headers"]["inference-header-content-length"])
    [output] = json.loads(frame.body[:length])["outputs"]
    assert frame.head["type"] == "application/octet-stream"
    assert output["parameters"]["binary_data_size"] == len(frame.body) - length
    assert np.frombuffer(frame.body[length:], "<i8").tolist() == expected(name, "predict")


def test_several_outputs_have_a_tensor_each():
    tensor = {"name": "input", "shape": [1, 3], "datatype": "FP64", "data": case("outputs").rows[0]}
    _, answer = ask("outputs", {"inputs": [tensor], "outputs": [{"name": "predict_proba"}]}, do="infer")
    assert [output["name"] for output in answer["outputs"]] == ["predict_proba.0", "predict_proba.1"]
    _, answer = ask("outputs", {"inputs": [tensor], "outputs": [{"name": "predict_proba.1"}]}, do="infer")
    assert [output["shape"] for output in answer["outputs"]] == [[1, 3]]


WRONG = {
    "a number": ("array", 5, "expected a list of rows"),
    "no rows": ("array", [], "rows: expected at least one row"),
    "no words": ("array", {"row": []}, "found none of them"),
    "two words": ("array", {"rows": [], "instances": []}, "found rows and instances"),
    "another word": ("array", {"rows": [[1, 2, 3]], "colour": 1}, "colour: is no part of a request"),
    "a text for rows": ("array", {"rows": "x"}, "rows: expected a list of rows"),
    "a method that is none": ("array", {"rows": [[1, 2, 3]], "method": "fit"}, "method: no method of this name"),
    "a method that it has not": ("columns", {"rows": [[1, 2, 3]], "method": "proba"}, "method: this model has no such"),
    "a method that is a number": ("array", {"rows": [[1, 2, 3]], "method": 1}, "method: expected the name"),
    "too few values": ("array", [[1, 2, 3], [1, 2]], "rows[1]: expected 3 values, found 2"),
    "a text among numbers": ("array", [[1, 2, 3], [1, "two", 3]], "rows[1][1]: expected a number, found a text"),
    "a list among values": ("objects", [[["a"], 1]], "rows[0][0]: expected a number or a text, found a l"),
    "an object without names": ("array", [{"a": 1}], "rows[0]: this model knows no names"),
    "lists and objects": ("frame", [[1, 2, "x"], {"age": 1}], "rows[1]: expected a list of values"),
    "a missing feature": ("frame", [{"age": 1, "income": 2}], "rows[0].city: is missing"),
    "a text for a number": ("frame", [{"age": "x", "income": 2, "city": "Rome"}], "rows[0].age: expected a number"),
    "an unknown category": ("frame", [{"age": 1, "income": 2, "city": "X"}], "rows[0].city: is none of the categ"),
    "a number for a text": ("texts", ["a", 5], "rows[1]: expected a text, found a number"),
    "a list for an object": ("records", [[1]], "rows[0]: expected an object"),
    "a null that nobody takes": ("transformer", [[1, None, 2]], "rows[0][1]: is missing or not finite"),
    "a split without data": ("frame", {"dataframe_split": {"columns": []}}, "dataframe_split: expected an object"),
    "a ragged split": ("frame", {"dataframe_split": {"columns": ["a"], "data": [[]]}}, "data[0]: expected a list of 1"),
    "a column twice": ("frame", {"dataframe_split": {"columns": ["a", "a"], "data": []}}, "columns: expected texts"),
    "a whole number beyond 64 bits": ("objects", [[1, 2**70]], "rows: holds a"),
}


@pytest.mark.parametrize("words", WRONG)
def test_wrong_rows_get_422_and_the_field(words: str):
    name, content, message = WRONG[words]
    status, answer = ask(name, content)
    assert status in (400, 422)
    assert message in answer["error"]


@pytest.mark.parametrize("body", [b"", b"{", b"[NaN]", b"\xff", b"[1] [2]", b"[" * 100_000], ids=range(6))
def test_what_is_no_json_gets_400(body: bytes):
    status, answer = ask("array", body)
    assert status == 400
    assert answer["error"].startswith("the body is")


def test_too_many_rows_get_413():
    assert ask("array", [[1, 2, 3]] * 11, most_rows=10)[0] == 413
    tensor = {"name": "input", "shape": [11, 3], "datatype": "FP64", "data": [0] * 33}
    status, answer = ask("array", {"inputs": [tensor]}, do="infer", most_rows=10)
    assert (status, answer["field"]) == (413, "inputs[0].shape")


def test_the_first_row_that_a_model_refuses_is_found_among_many():
    rows = [{"age": 1, "income": 0, "city": "Rome"}] * 700
    rows[613] = {**rows[613], "city": None}
    assert ask("frame", rows)[1]["field"] == "rows[613].city"


class Broken(LinearRegression):
    """Fails as somebody's own code may."""

    error: Exception

    def predict(self, X: Any) -> Any:
        if (np.asarray(X)[:, 0] > 5).any():
            raise self.error
        return super().predict(X)


def broken(error: Exception) -> dict[str, ServedModel]:
    model = Broken().fit(np.eye(3), [1, 2, 3])
    model.error = error
    own = MODELS["array"]
    return {"array": ServedModel(**{**vars(own), "model": model})}


@pytest.mark.parametrize(
    ("error", "status"), [(ValueError("/srv/secret"), 422), (OSError("/srv/secret"), 500)], ids=str
)
def test_what_code_of_somebodys_own_says_stays_inside(
    error: Exception, status: int, capsys: pytest.CaptureFixture[str]
):
    frame = answer_frame(broken(error), Frame({"do": "predict", "model": "array"}, b"[[1, 1, 1], [9, 1, 1]]"), 10)
    assert frame.head["status"] == status
    assert b"secret" not in frame.body
    assert b"Traceback" not in frame.body
    assert "/srv/secret" in capsys.readouterr().err
    assert (b"rows[1]" in frame.body) == (status == 422)


def test_memory_that_is_not_there_is_told_as_such():
    frame = answer_frame(broken(MemoryError()), Frame({"do": "predict", "model": "array"}, b"[[9, 1, 1]]"), 10)
    assert frame.head["status"] == 413


def test_another_version_than_asked_for_does_not_answer():
    status, answer = ask("array", {"inputs": tensors_of("array")}, do="infer", version="0" * 12)
    assert (status, answer["field"]) == (404, "version")
