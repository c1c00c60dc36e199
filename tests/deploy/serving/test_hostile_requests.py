"""What hostile clients send to a server gets a 4xx that says where: never a 5xx, a redirect, or their own words."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("starlette", reason="needs hermetic[serve]")

from hermetic.deploy.serving.models import ServedModel
from tests.deploy.serving.asgi_client import Client
from tests.deploy.serving.served_models import served

MODELS: dict[str, ServedModel] = {}
ROWS = [[0.1, -0.2, 3.0], [1.5, 2.0, -1.0]]
INFER = {"inputs": [{"name": "input", "shape": [2, 3], "datatype": "FP64", "data": ROWS}]}


@pytest.fixture(scope="module", autouse=True)
def _models(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("models")
    MODELS.update({name: served(name, folder) for name in ("array", "texts")})


@pytest.fixture
def client() -> Client:
    return Client(MODELS)


@pytest.fixture
def alone() -> Client:
    return Client({"array": MODELS["array"]})


ADDRESSES = ["/", "/docs", "/openapi.json", "/metrics", "/v2", "/v2/health/live", "/v2/models/array", "/predict"]


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "get"])
@pytest.mark.parametrize("path", ADDRESSES)
def test_other_methods_get_405_and_give_no_page_leave_to_ask(path: str, method: str, client: Client):
    answer = client.ask(method, path, headers={"origin": "https://stranger.example"})
    assert answer.status == 405
    assert answer.json() == {"error": "not with this method"}
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert set(answer.headers["allow"].split(", ")) <= {"GET", "HEAD", "POST"}


@pytest.mark.parametrize("path", [*ADDRESSES[:-1], "/nothing", "/v2/models/other"])
def test_head_has_the_status_and_the_headers_of_get(path: str, client: Client):
    head, get = client.ask("HEAD", path), client.get(path)
    assert head.status == get.status
    assert {name for name in head.headers if name != "content-length"} == set(get.headers) - {"content-length"}


OTHER_ADDRESSES = [
    *("/v2/", "/predict/", "/metrics/", "//stranger.example/", "/docs/../v2", "/V2", "/v2/models", "/models/array"),
    *("/v2/models//infer", "/v2/models/array/infer/", "/v2/models/array/versions/", "/v2/models/array%00/ready"),
]


@pytest.mark.parametrize("path", OTHER_ADDRESSES)
def test_what_is_almost_an_address_is_none_and_leads_nowhere(path: str, client: Client):
    answer = client.ask("GET", path, headers={"host": "stranger.example"})
    assert answer.status == 404
    assert "location" not in answer.headers
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def infer_with(**changes: Any) -> dict[str, Any]:
    return {"inputs": [{**INFER["inputs"][0], **changes}]}


HOSTILE_INFER: dict[str, tuple[Any, str]] = {
    "a shape beyond any array": (infer_with(shape=[1 << 39, 1 << 39, 0], data=[]), "inputs[0].data"),
    "a shape of nothing": (infer_with(shape=[0, 3], data=[]), "inputs[0].shape"),
    "a shape of no columns": (infer_with(shape=[2, 0], data=[]), "inputs[0].shape"),
    "rows without end": (infer_with(shape=[1 << 39, 0], data=[]), "inputs[0].shape"),
    "a number beyond half precision": (infer_with(datatype="FP16", data=[1e9] * 6), "inputs[0].data"),
    "a number beyond all": (infer_with(data=[10**400] * 6), "inputs[0].data"),
    "lists without end": (infer_with(data=json.loads("[" * 300 + "]" * 300)), "inputs[0].data"),
    "an object for data": (infer_with(data={"0": 1}), "inputs[0].data"),
    "a text for data": (infer_with(data="123456"), "inputs[0].data"),
    "null for data": (infer_with(data=None), "inputs[0].data"),
    "a datatype in small letters": (infer_with(datatype="fp64"), "inputs[0].datatype"),
    "texts for numbers": (infer_with(data=["1"] * 6), "inputs[0].data[0]"),
    "an output of nobody": ({**INFER, "outputs": [{"name": "predict.0"}]}, "outputs[0].name"),
    "an output of Python": ({**INFER, "outputs": [{"name": "__init__"}]}, "outputs[0].name"),
    "an output without end": ({**INFER, "outputs": [{"name": "predict." * 10_000}]}, "outputs[0].name"),
    "a list for an id": ({**INFER, "id": []}, "id"),
    "a list for parameters": ({**INFER, "parameters": []}, "parameters"),
    "bytes that are not there": (
        {"inputs": [{"name": "input", "shape": [2, 3], "datatype": "FP64", "parameters": {"binary_data_size": 48}}]},
        "inputs[0].parameters.binary_data_size",
    ),
    "a size that is a fraction": (infer_with(parameters={"binary_data_size": 1.5}), "parameters.binary_data_size"),
    "a size that is true": (infer_with(parameters={"binary_data_size": True}), "parameters.binary_data_size"),
    "a size that is a text": (infer_with(parameters={"binary_data_size": "0"}), "parameters.binary_data_size"),
}


@pytest.mark.parametrize("words", HOSTILE_INFER)
def test_hostile_inference_gets_a_4xx_and_its_field(words: str, client: Client):
    content, field = HOSTILE_INFER[words]
    answer = client.post("/v2/models/array/infer", content)
    assert 400 <= answer.status < 500
    assert field in answer.json()["field"]
    assert len(answer.body) < 2_000


IGNORED: dict[str, dict[str, Any]] = {
    "parameters of a request": {"parameters": {"priority": 1, "timeout": -1, "sequence_id": "x"}},
    "bytes that are asked by another word": {"parameters": {"binary_data_output": "true"}},
    "words of nobody": {"comment": {"deep": [[[]]]}},
    "no outputs": {"outputs": []},
    "null for outputs": {"outputs": None},
    "null for an id": {"id": None},
    "an output twice": {"outputs": [{"name": "predict"}, {"name": "predict"}]},
    "parameters of an output": {"outputs": [{"name": "predict", "parameters": {"classification": 3}}]},
}


@pytest.mark.parametrize("words", IGNORED)
def test_what_the_protocol_lets_a_server_ignore_changes_no_answer(words: str, client: Client):
    expected = client.post("/v2/models/array/infer", INFER)
    answer = client.post("/v2/models/array/infer", {**INFER, **IGNORED[words]})
    assert (answer.status, answer.json()) == (200, expected.json())


ROW = b"[0.1, -0.2, 3.0]"
BROKEN_JSON = {
    "not a number": b'{"rows": [[NaN, 1, 2]]}',
    "infinity": b'{"rows": [[Infinity, 1, 2]]}',
    "a float beyond all": b'{"rows": [[1e400, 1, 2]]}',
    "a leading zero": b'{"rows": [[01, 1, 2]]}',
    "a trailing comma": b'{"rows": [[1, 1, 2],]}',
    "single quotes": b"{'rows': [[1, 1, 2]]}",
    "a comment": b'{"rows": [[1, 1, 2]]} // rows',
    "a second document": b"[[1, 1, 2]][[1, 1, 2]]",
    "a mark of byte order": b"\xef\xbb\xbf[[1, 1, 2]]",
    "another encoding": "[[1, 1, 2]]".encode("utf-16"),
    "half a surrogate pair": b'{"rows": [["\\ud800", 1, 2]]}',
    "broken UTF-8": b'{"rows": [["\xc3", 1, 2]]}',
    "a line in a text": b'{"rows": [["a\nb", 1, 2]]}',
    "lists without end": b"[" * 50_000 + b"]" * 50_000,
    "objects without end": b'{"rows":' * 50_000,
    "a key without quotes": b"{rows: [[1, 1, 2]]}",
    "nothing": b"",
    "zero bytes": b"\0" * 100,
}


@pytest.mark.parametrize("words", BROKEN_JSON)
def test_what_is_almost_json_gets_400_at_both_addresses(words: str, client: Client):
    for path in ("/models/array/predict", "/v2/models/array/infer"):
        answer = client.post(path, BROKEN_JSON[words])
        assert answer.status == 400
        assert answer.json()["error"].startswith("the body is")


def test_of_two_keys_of_one_name_the_last_counts_as_in_python(alone: Client):
    answer = alone.post("/predict", b'{"rows": [["x"]], "rows": [' + ROW + b"]}")
    assert (answer.status, len(answer.json()["predictions"])) == (200, 1)


def test_a_text_that_holds_anything_is_answered_as_text(client: Client):
    rows = ["\x00", "\u202e", "</script>", "\U0010ffff", "x" * 100_000]
    assert len(client.post("/models/texts/predict", {"rows": rows}).json()["predictions"]) == len(rows)


def test_an_answer_says_nothing_that_a_client_sent_but_where_it_was(client: Client):
    for content in ({"rows": [["<secret>", 1, 2]]}, {"rows": [[1, 1, 2]], "method": "<secret>"}):
        answer = client.post("/models/array/predict", content)
        assert answer.status == 422
        assert "<secret>" not in answer.body.decode()


def test_a_page_cannot_send_rows_without_a_type(alone: Client):
    body = json.dumps(ROWS).encode()
    assert alone.ask("POST", "/predict", [body], {"origin": "https://stranger.example"}).status == 415
    assert alone.ask("POST", "/predict", [body]).status == 200
