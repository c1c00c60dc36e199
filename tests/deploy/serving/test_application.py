"""Every address answers as its protocol says, and whatever is wrong gets a 4xx that names it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from hermetic.deploy.serving.problems import Problem
from hermetic.deploy.serving.settings import Limits

pytest.importorskip("starlette", reason="needs hermetic[serve]")

from hermetic.deploy.serving.models import ServedModel
from tests.deploy.serving.asgi_client import Client
from tests.deploy.serving.served_models import case, served

MODELS: dict[str, ServedModel] = {}
NAMES = ["array", "frame", "objects", "outputs", "texts"]


@pytest.fixture(scope="module", autouse=True)
def _models(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("models")
    MODELS.update({name: served(name, folder) for name in NAMES})


@pytest.fixture
def client() -> Client:
    return Client(MODELS)


@pytest.fixture
def alone() -> Client:
    return Client({"array": MODELS["array"]})


ROWS = [[0.1, -0.2, 3.0], [1.5, 2.0, -1.0]]
INFER = {"inputs": [{"name": "input", "shape": [2, 3], "datatype": "FP64", "data": ROWS}]}


def version(name: str) -> str:
    return MODELS[name].description.version


def test_the_server_says_what_it_is(client: Client):
    answer = client.get("/v2")
    assert answer.json()["name"] == "hermetic"
    assert answer.json()["extensions"] == ["binary_tensor_data"]


def test_it_lives_and_is_ready(client: Client):
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == {"ready": True}
    assert client.get("/v2/models/array/ready").json() == {"name": "array", "ready": True}
    assert client.get(f"/v2/models/array/versions/{version('array')}/ready").status == 200


def test_without_workers_it_lives_and_is_not_ready(client: Client):
    client.fleet.n_workers = 0
    assert client.get("/v2/health/live").status == 200
    assert client.get("/v2/health/ready").status == 503
    assert client.get("/v2/models/array/ready").status == 503


METADATA = {
    "array": [("input", "FP64", [-1, 3])],
    "frame": [("age", "INT64", [-1]), ("income", "FP64", [-1]), ("city", "BYTES", [-1])],
    "objects": [("x0", "BYTES", [-1]), ("x1", "FP64", [-1])],
    "texts": [("input", "BYTES", [-1])],
}


@pytest.mark.parametrize("name", METADATA)
def test_a_model_says_what_it_takes(name: str, client: Client):
    answer = client.get(f"/v2/models/{name}").json()
    assert [(own["name"], own["datatype"], own["shape"]) for own in answer["inputs"]] == METADATA[name]
    assert answer["versions"] == [version(name)]
    assert client.get(f"/v2/models/{name}/versions/{version(name)}").json() == answer


def test_a_model_says_what_it_answers(client: Client):
    outputs = {own["name"]: (own["datatype"], own["shape"]) for own in client.get("/v2/models/frame").json()["outputs"]}
    assert outputs["predict"] == ("BYTES", [-1])
    assert outputs["predict_proba"] == ("FP64", [-1, 2])
    several = [own["name"] for own in client.get("/v2/models/outputs").json()["outputs"]]
    assert several == ["predict", "predict_proba.0", "predict_proba.1"]


def test_what_a_model_says_that_it_takes_is_answered(client: Client):
    """Clients that build requests of the metadata alone must be understood."""
    values = {"FP64": 1.5, "INT64": 2, "BYTES": "Rome"}
    for name in NAMES:
        inputs = []
        for own in client.get(f"/v2/models/{name}").json()["inputs"]:
            shape = [1 if size < 0 else size for size in own["shape"]]
            data = [values[own["datatype"]]] * int(np.prod(shape))
            inputs.append({"name": own["name"], "datatype": own["datatype"], "shape": shape, "data": data})
        answer = client.post(f"/v2/models/{name}/infer", {"inputs": inputs})
        assert answer.status == 200, answer.body
        assert answer.json()["outputs"][0]["shape"][0] == 1


def test_inference_with_and_without_a_version(client: Client):
    expected = case("array").model.predict(np.array(ROWS)).tolist()
    for path in ("/v2/models/array/infer", f"/v2/models/array/versions/{version('array')}/infer"):
        answer = client.post(path, INFER)
        assert (answer.status, answer.json()["outputs"][0]["data"]) == (200, expected)
        assert answer.json()["model_version"] == version("array")


def test_bytes_in_and_bytes_out(client: Client):
    data = np.array(ROWS).tobytes()
    tensor = {"name": "input", "shape": [2, 3], "datatype": "FP64", "parameters": {"binary_data_size": len(data)}}
    outputs = [{"name": "predict_proba", "parameters": {"binary_data": True}}]
    text = json.dumps({"inputs": [tensor], "outputs": outputs}).encode()
    headers = {"content-type": "application/octet-stream", "inference-header-content-length": str(len(text))}
    answer = client.post("/v2/models/array/infer", text + data, headers)
    length = int(answer.headers["inference-header-content-length"])
    found = np.frombuffer(answer.body[length:]).reshape(json.loads(answer.body[:length])["outputs"][0]["shape"])
    assert found.tolist() == case("array").model.predict_proba(np.array(ROWS)).tolist()


def test_plain_rows_need_no_name_where_one_model_is_served(alone: Client, client: Client):
    expected = case("array").model.predict(np.array(ROWS)).tolist()
    assert alone.post("/predict", ROWS).json()["predictions"] == expected
    assert client.post("/models/array/predict", ROWS).json()["predictions"] == expected
    answer = client.post("/predict", ROWS)
    assert (answer.status, "POST to /models/NAME/predict" in answer.json()["error"]) == (404, True)


WRONG_REQUESTS: dict[str, tuple[str, str, Any, dict[str, str], int, str]] = {
    "nothing there": ("GET", "/nothing", b"", {}, 404, "nothing is at this address"),
    "a path of a file": ("GET", "/v2/models/../../etc/passwd", b"", {}, 404, ""),
    "a path of a file, spelled otherwise": ("GET", "/v2/models/..%2f..%2fetc%2fpasswd", b"", {}, 404, ""),
    "an unknown model": ("POST", "/v2/models/other/infer", INFER, {}, 404, "model: no model of this name"),
    "an unknown version": ("POST", "/v2/models/array/versions/1/infer", INFER, {}, 404, "version: this model is"),
    "an unknown model of rows": ("POST", "/models/other/predict", ROWS, {}, 404, "model: no model of this name"),
    "another method": ("GET", "/v2/models/array/infer", b"", {}, 405, "not with this method"),
    "a method for pages": ("POST", "/", b"", {}, 405, "not with this method"),
    "no JSON": ("POST", "/v2/models/array/infer", b"{", {}, 400, "the body is no JSON"),
    "a form": ("POST", "/models/array/predict", ROWS, {"content-type": "text/plain"}, 415, "content-type: expected"),
    "a form of a browser": (
        *("POST", "/v2/models/array/infer", INFER),
        *({"content-type": "application/x-www-form-urlencoded"}, 415, "content-type: expected"),
    ),
    "a compressed body": ("POST", "/models/array/predict", ROWS, {"content-encoding": "gzip"}, 415, "content-encoding"),
    "a length that is none": ("POST", "/models/array/predict", ROWS, {"content-length": "-1"}, 413, "longer than"),
    "a length beyond all": ("POST", "/models/array/predict", ROWS, {"content-length": "9" * 30}, 413, "longer than"),
    "a JSON length that is none": (
        *("POST", "/v2/models/array/infer", INFER),
        *({"inference-header-content-length": "ten"}, 400, "inference-header-content-length: expected a number"),
    ),
    "a JSON length beyond the body": (
        *("POST", "/v2/models/array/infer", INFER),
        *({"inference-header-content-length": "100000"}, 400, "inference-header-content-length: names 100000"),
    ),
    "another shape": (
        *("POST", "/v2/models/array/infer"),
        *({"inputs": [{**INFER["inputs"][0], "shape": [3, 3]}]}, {}, 400, "inputs[0].data: has 6 values"),
    ),
}


@pytest.mark.parametrize("words", WRONG_REQUESTS)
def test_wrong_requests_get_a_4xx_and_the_reason(words: str, client: Client):
    method, path, content, headers, status, message = WRONG_REQUESTS[words]
    answer = client.post(path, content, headers) if method == "POST" else client.get(path)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/json"
    assert message in answer.json()["error"]


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/metrics", "/v2", "/nothing", "/v2/models/array"])
def test_no_answer_lets_a_browser_do_anything_but_show_it(path: str, client: Client):
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert "access-control-allow-origin" not in headers


def test_a_body_may_come_in_pieces(alone: Client):
    body = json.dumps(ROWS).encode()
    pieces = [body[place : place + 5] for place in range(0, len(body), 5)]
    assert alone.ask("POST", "/predict", pieces, {"content-type": "application/json"}).status == 200
    assert alone.bodies.n_pending_bytes == 0


def limited(**limits: Any) -> Client:
    return Client({"array": MODELS["array"]}, Limits(**limits))


def test_a_body_that_is_too_long_gets_413_announced_or_not():
    client = limited(most_body_bytes=100)
    assert client.post("/predict", b"x" * 101, {"content-length": "101"}).status == 413
    assert client.ask("POST", "/predict", [b"x" * 60] * 2, {"content-type": "application/json"}).status == 413
    assert client.bodies.n_pending_bytes == 0


def test_a_body_that_comes_too_slowly_gets_408():
    client = limited(timeout_seconds=0.05)
    answer = client.ask("POST", "/predict", [b"["] * 100, pause_seconds=0.02)
    assert (answer.status, client.bodies.n_pending_bytes) == (408, 0)


def test_bodies_that_fill_the_memory_together_get_503():
    client = limited(most_body_bytes=100)
    client.bodies.n_pending_bytes = 795
    answer = client.post("/predict", ROWS)
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert client.bodies.n_pending_bytes == 795


def test_a_client_that_goes_away_leaves_nothing_behind(alone: Client):
    answer = alone.ask("POST", "/predict", [b"[[1,", None], {"content-type": "application/json"})
    assert (answer.status, alone.bodies.n_pending_bytes) == (499, 0)


def test_a_fleet_that_is_busy_is_told_as_such(alone: Client):
    alone.fleet.problem = Problem(503, "256 requests wait already", retry_seconds=1)
    answer = alone.post("/predict", ROWS)
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")


def test_requests_are_counted_under_names_that_the_server_has_chosen(client: Client):
    client.post("/models/array/predict", ROWS)
    client.post("/models/array/predict", [["x"]])
    client.post('/models/"} hostile 1\n/predict', ROWS)
    text = client.get("/metrics").body.decode()
    assert 'hermetic_requests_total{model="array",endpoint="predict",status="200"} 1' in text
    assert 'hermetic_requests_total{model="array",endpoint="predict",status="422"} 1' in text
    assert 'hermetic_requests_total{model="",endpoint="predict",status="404"} 1' in text
    assert 'hermetic_rows_total{model="array"} 2' in text
    assert f"sha256:{MODELS['array'].description.digest}" in text
    assert "hostile" not in text


@pytest.fixture
def document(client: Client) -> dict[str, Any]:
    return client.get("/openapi.json").json()


def schemas_of(document: dict[str, Any], name: str) -> Any:
    return document["components"]["schemas"][name]


def test_openapi_has_the_features_of_the_very_model(document: dict[str, Any]):
    named, ordered = schemas_of(document, "frame.Row")["oneOf"]
    assert named["properties"] == {
        "age": {"type": ["integer", "null"]},
        "income": {"type": ["number", "null"]},
        "city": {"enum": ["Lima", "Oslo", "Rome"]},
    }
    assert named["required"] == ["age", "income", "city"]
    assert len(ordered["prefixItems"]) == 3
    assert schemas_of(document, "texts.Row") == {"type": "string"}
    assert schemas_of(document, "array.Row")["prefixItems"] == [{"type": ["number", "null"]}] * 3


def test_openapi_names_the_methods_and_the_limits(document: dict[str, Any]):
    named, rows = schemas_of(document, "frame.Request")["oneOf"]
    assert named["properties"]["method"]["enum"] == list(case("frame").methods)
    assert rows["maxItems"] == Limits().most_rows


def references(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        for key, value in content.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(content, list):
        for value in content:
            yield from references(value)


def test_every_reference_of_openapi_leads_somewhere(document: dict[str, Any]):
    found = set(references(document))
    assert found
    for reference in found:
        assert schemas_of(document, reference.rpartition("/")[2])


def test_every_address_of_openapi_is_there_and_its_example_is_answered(document: dict[str, Any], client: Client):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method == "get":
                assert client.get(path).status == 200, path
                continue
            body = operation["requestBody"]["content"]["application/json"]
            answer = client.post(path, body["example"])
            assert answer.status == 200, (path, answer.body)


def test_a_schema_of_a_key_has_only_characters_that_openapi_allows(document: dict[str, Any]):
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in document["components"]["schemas"])


def test_before_the_first_load_every_page_is_there_and_nothing_is_served():
    client = Client({})
    for path in ("/", "/docs", "/openapi.json", "/metrics", "/v2"):
        assert client.get(path).status == 200
    assert client.post("/predict", ROWS).json()["error"] == "no model is served yet"
