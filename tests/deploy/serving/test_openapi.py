"""OpenAPI says of each model what its rows are, whatever its features are called."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hermetic.deploy.serving.models import DescribedFeature, Description
from hermetic.deploy.serving.openapi import openapi_document
from hermetic.deploy.serving.settings import Limits


def feature(name: str = "a", kind: str = "number", **changes: Any) -> DescribedFeature:
    return DescribedFeature(name=name, kind=kind, datatype=changes.pop("datatype", "FP64"), **changes)


def described(*features: DescribedFeature, **changes: Any) -> Description:
    content: dict[str, Any] = {
        **dict.fromkeys(("version", "digest", "type", "verdict", "verdict_words"), "v"),
        **{"name": "model", "length_bytes": 1, "form": "frame", "has_names": True, "features": list(features)},
        **{"methods": ["predict", "predict_proba"], "outputs": [], "classes": [], "example": []},
        **{"written_by": {}, "installed": {}},
    }
    return Description(**{**content, **changes})


def document_of(*models: Description, **limits: Any) -> dict[str, Any]:
    document = openapi_document(models, Limits(**limits))
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    return document


def schema_of(name: str, *models: Description, **limits: Any) -> Any:
    return document_of(*models, **limits)["components"]["schemas"][name]


KINDS: dict[str, tuple[DescribedFeature, dict[str, Any]]] = {
    "a number": (feature(kind="number"), {"type": ["number", "null"]}),
    "a whole number": (feature(kind="integer"), {"type": ["integer", "null"]}),
    "a boolean": (feature(kind="boolean"), {"type": ["boolean", "null"]}),
    "a text": (feature(kind="text"), {"type": ["string", "null"]}),
    "nobody knows": (feature(kind="unknown"), {"type": ["number", "string", "boolean", "null"]}),
    "some categories": (
        feature(kind="category", categories=["a", 1]),
        {"type": ["number", "string", "boolean", "null"], "examples": ["a", 1]},
    ),
    "all categories": (feature(kind="category", categories=["a", None], refuses_unknown=True), {"enum": ["a", None]}),
    "all categories, of which none is known": (
        feature(kind="category", refuses_unknown=True),
        {"type": ["number", "string", "boolean", "null"]},
    ),
}


@pytest.mark.parametrize("words", KINDS)
def test_a_feature_has_the_schema_of_its_kind(words: str):
    own, expected = KINDS[words]
    named, ordered = schema_of("model.Row", described(own))["oneOf"]
    assert named["properties"] == {"a": expected}
    assert ordered == {"type": "array", "prefixItems": [expected], "items": False, "minItems": 1}


FORMS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "texts": ({"form": "texts", "has_names": False}, {"type": "string"}),
    "objects": ({"form": "records", "features": None, "has_names": False}, {"type": "object"}),
    "arrays of any width": ({"form": "array", "features": None, "has_names": False}, {"type": "array", "minItems": 1}),
}


@pytest.mark.parametrize("words", FORMS)
def test_a_row_has_the_form_that_the_model_takes(words: str):
    changes, expected = FORMS[words]
    assert schema_of("model.Row", described(feature(), **changes)) == expected


def test_only_features_that_the_model_needs_are_required():
    named, _ = schema_of("model.Row", described(feature("a"), feature("b", is_required=False)))["oneOf"]
    assert named["required"] == ["a"]


@pytest.mark.parametrize(
    "name", ["$ref", "__proto__", "</script><script>", "a\u202eb", "\ud800", "", "#/x", "{model}"], ids=ascii
)
def test_a_hostile_name_of_a_feature_is_a_property_and_nothing_else(name: str):
    document = document_of(described(feature(name), feature("other")))
    harmless = document_of(described(feature("plain"), feature("other")))
    named, _ = document["components"]["schemas"]["model.Row"]["oneOf"]
    assert list(named["properties"]) == [name, "other"]
    assert document["paths"] == harmless["paths"]
    assert list(document["components"]["schemas"]) == list(harmless["components"]["schemas"])


def test_several_models_have_no_address_without_a_name():
    one, two = described(feature(), name="one"), described(feature(), name="two")
    assert "/predict" in document_of(one)["paths"]
    assert "/predict" not in document_of(one, two)["paths"]
    assert {"/models/one/predict", "/models/two/predict"} <= set(document_of(one, two)["paths"])


CONFUSABLE = ["Error", "InferRequest", "a", "a.Row", "a.Row.Request", "a.Response"]


def test_schemas_of_models_that_are_called_like_schemas_do_not_meet():
    schemas = document_of(*(described(feature(), name=name) for name in CONFUSABLE))["components"]["schemas"]
    assert len(schemas) == 3 + 3 * len(CONFUSABLE)
    assert schemas["Error"]["required"] == ["error"]


def test_limits_and_methods_are_part_of_a_request():
    named, rows = schema_of("model.Request", described(feature()), most_rows=12)["oneOf"]
    assert rows["maxItems"] == named["properties"]["rows"]["maxItems"] == 12
    assert named["properties"]["method"] == {"enum": ["predict", "predict_proba"], "default": "predict"}
    assert named["additionalProperties"] is False


ANY = {"form": "array", "features": None, "has_names": False}
EXAMPLES: dict[str, tuple[Description, list[dict[str, Any]]]] = {
    "none": (described(feature()), []),
    "named": (
        described(feature("a"), feature("b", datatype="BYTES"), example=[{"b": "x", "a": 1}]),
        [
            {"name": "a", "shape": [1], "datatype": "FP64", "data": [1]},
            {"name": "b", "shape": [1], "datatype": "BYTES", "data": ["x"]},
        ],
    ),
    "named, not all": (
        described(feature("a"), feature("b", is_required=False), example=[{"a": 1}]),
        [{"name": "a", "shape": [1], "datatype": "FP64", "data": [1]}],
    ),
    "numbers": (
        described(feature("x0"), feature("x1"), form="array", has_names=False, example=[[1, 2]]),
        [{"name": "input", "shape": [1, 2], "datatype": "FP64", "data": [1, 2]}],
    ),
    "numbers and texts": (
        described(feature("x0", datatype="BYTES"), feature("x1"), has_names=False, example=[["a", 2]]),
        [
            {"name": "x0", "shape": [1], "datatype": "BYTES", "data": ["a"]},
            {"name": "x1", "shape": [1], "datatype": "FP64", "data": [2]},
        ],
    ),
    "a text": (
        described(feature(), form="texts", has_names=False, example=["words"]),
        [{"name": "input", "shape": [1], "datatype": "BYTES", "data": ["words"]}],
    ),
    "any width": (
        described(**{**ANY, "example": [[1]]}),
        [{"name": "input", "shape": [1, 1], "datatype": "FP64", "data": [1]}],
    ),
}


@pytest.mark.parametrize("words", EXAMPLES)
def test_the_example_of_inference_says_what_the_example_row_says(words: str):
    model, expected = EXAMPLES[words]
    body = document_of(model)["paths"]["/v2/models/model/infer"]["post"]["requestBody"]
    assert body["content"]["application/json"]["example"] == {"inputs": expected}
