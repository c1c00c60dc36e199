"""What a server offers as OpenAPI 3.1, with the features of its very models as JSON Schema.

References
----------
https://spec.openapis.org/oas/v3.1.0
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hermetic._version import __version__
from hermetic.deploy.serving.models import DescribedFeature, Description
from hermetic.deploy.serving.settings import Limits
from hermetic.deploy.serving.tensors import DATATYPES

__all__ = ["openapi_document"]

_TYPES = {"number": ["number"], "integer": ["integer"], "boolean": ["boolean"], "text": ["string"]}
_ANY = ["number", "string", "boolean"]


def openapi_document(models: Sequence[Description], limits: Limits) -> dict[str, Any]:
    """Describe every address.

    Parameters
    ----------
    models : sequence of Description
        What is served.
    limits : Limits
        Of requests: they are part of the schema.

    Returns
    -------
    dict
        The document.

    Examples
    --------
    >>> document = openapi_document([], Limits())
    >>> document["openapi"], "/v2/health/ready" in document["paths"]
    ('3.1.0', True)
    """
    paths: dict[str, Any] = {
        "/v2": {"get": _get("Name and version of the server")},
        "/v2/health/live": {"get": _get("Whether the server lives")},
        "/v2/health/ready": {"get": _get("Whether it answers requests")},
        "/metrics": {"get": _get("Counts and durations for Prometheus", "text/plain")},
    }
    schemas: dict[str, Any] = {"Error": _ERROR, "InferRequest": _infer_request(), "InferResponse": _INFER_RESPONSE}
    for model in models:
        schemas[f"{model.name}.Row"] = _row_schema(model)
        schemas[f"{model.name}.Request"] = _request_schema(model, limits)
        schemas[f"{model.name}.Response"] = _response_schema(model)
        paths |= _paths_of(model)
    if len(models) == 1:
        paths["/predict"] = {"post": _predict(models[0])}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Models served by hermetic", "version": __version__},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _paths_of(model: Description) -> dict[str, Any]:
    start = f"/v2/models/{model.name}"
    infer = {
        "summary": f"Infer with {model.name}, by the Open Inference Protocol",
        "requestBody": _content({"$ref": "#/components/schemas/InferRequest"}, _infer_example(model)),
        "responses": _responses({"$ref": "#/components/schemas/InferResponse"}),
    }
    return {
        f"/models/{model.name}/predict": {"post": _predict(model)},
        start: {"get": _get(f"What {model.name} takes and answers")},
        f"{start}/ready": {"get": _get(f"Whether {model.name} answers")},
        f"{start}/infer": {"post": infer},
        f"{start}/versions/{model.version}/infer": {"post": infer},
    }


def _predict(model: Description) -> dict[str, Any]:
    return {
        "summary": f"Ask {model.name} ({model.type}) about rows",
        "requestBody": _content({"$ref": f"#/components/schemas/{model.name}.Request"}, {"rows": model.example}),
        "responses": _responses({"$ref": f"#/components/schemas/{model.name}.Response"}),
    }


def _get(summary: str, kind: str = "application/json") -> dict[str, Any]:
    schema = {"type": "object"} if kind == "application/json" else {"type": "string"}
    return {"summary": summary, "responses": {"200": {"description": "Yes", "content": {kind: {"schema": schema}}}}}


def _content(schema: dict[str, Any], example: Any) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def _responses(schema: dict[str, Any]) -> dict[str, Any]:
    words = {
        "400": "The body is no JSON, or breaks the protocol",
        "404": "No such model or version",
        "408": "The body came too slowly",
        "413": "Too long, or too many rows",
        "415": "No JSON",
        "422": "A row is not what the model takes; `field` says which",
        "503": "Busy; try again",
        "504": "No answer in time",
    }
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    answers: dict[str, Any] = {"200": {"description": "Answers", "content": {"application/json": {"schema": schema}}}}
    return answers | {status: {"description": text, "content": error} for status, text in words.items()}


def _feature_schema(feature: DescribedFeature) -> dict[str, Any]:
    if feature.refuses_unknown and feature.categories:
        return {"enum": feature.categories}
    schema: dict[str, Any] = {"type": [*_TYPES.get(feature.kind, _ANY), "null"]}
    if feature.categories:
        schema["examples"] = feature.categories
    return schema


def _row_schema(model: Description) -> dict[str, Any]:
    if model.form == "texts":
        return {"type": "string"}
    if model.form == "records":
        return {"type": "object"}
    if model.features is None:
        return {"type": "array", "minItems": 1}
    values = [_feature_schema(feature) for feature in model.features]
    ordered = {"type": "array", "prefixItems": values, "items": False, "minItems": len(values)}
    if not model.has_names:
        return ordered
    named = {
        "type": "object",
        "properties": dict(zip(model.feature_names, values, strict=True)),
        "required": [feature.name for feature in model.features if feature.is_required],
    }
    return {"oneOf": [named, ordered]}


def _request_schema(model: Description, limits: Limits) -> dict[str, Any]:
    row = {"$ref": f"#/components/schemas/{model.name}.Row"}
    rows = {"type": "array", "items": row, "minItems": 1, "maxItems": limits.most_rows}
    named = {
        "type": "object",
        "properties": {"rows": rows, "method": {"enum": model.methods, "default": model.methods[0]}},
        "required": ["rows"],
        "additionalProperties": False,
    }
    return {"oneOf": [named, rows]}


def _response_schema(model: Description) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "model": {"const": model.name},
            "version": {"type": "string"},
            "method": {"enum": model.methods},
            "predictions": {"type": "array", "description": "One for each row; null where it is no finite number"},
            "classes": {"type": "array", "description": "What the columns of probabilities belong to"},
        },
        "required": ["model", "version", "method", "predictions"],
    }


def _infer_request() -> dict[str, Any]:
    tensor = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}},
            "datatype": {"enum": list(DATATYPES)},
            "data": {"type": "array"},
            "parameters": {"type": "object"},
        },
        "required": ["name", "shape", "datatype"],
    }
    output = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    return {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "inputs": {"type": "array", "items": tensor, "minItems": 1},
            "outputs": {"type": "array", "items": output},
            "parameters": {"type": "object"},
        },
        "required": ["inputs"],
    }


def _infer_example(model: Description) -> dict[str, Any]:
    """Give a request for inference about the example row."""
    if not model.example:
        return {"inputs": []}
    [row] = model.example
    if model.form == "texts":
        return {"inputs": [_tensor("input", "BYTES", row)]}
    features = model.features or []
    if isinstance(row, dict):
        return {"inputs": [_tensor(own.name, own.datatype, row[own.name]) for own in features if own.name in row]}
    if any(feature.datatype == "BYTES" for feature in features):
        pairs = zip(features, row, strict=True)
        return {"inputs": [_tensor(own.name, own.datatype, value) for own, value in pairs]}
    return {"inputs": [{"name": "input", "shape": [1, len(row)], "datatype": "FP64", "data": row}]}


def _tensor(name: str, datatype: str, value: Any) -> dict[str, Any]:
    return {"name": name, "shape": [1], "datatype": datatype, "data": [value]}


_ERROR = {
    "type": "object",
    "properties": {
        "error": {"type": "string"},
        "field": {"type": "string", "description": "Which part of the request it is about"},
    },
    "required": ["error"],
}
_INFER_RESPONSE = {
    "type": "object",
    "properties": {
        "model_name": {"type": "string"},
        "model_version": {"type": "string"},
        "id": {"type": "string"},
        "outputs": {"type": "array"},
    },
    "required": ["model_name", "outputs"],
}
