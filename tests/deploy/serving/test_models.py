"""Descriptions of models come from worker to front as they are, and say nothing of where a file lies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hermetic.deploy.serving.models import METHODS, Description, ServedModel
from tests.deploy.serving.served_models import CASES, served

MODELS: dict[str, ServedModel] = {}


@pytest.fixture(scope="module", autouse=True)
def _models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    MODELS.update({name: served(name, folder) for name in CASES})
    return folder


@pytest.mark.parametrize("name", CASES)
def test_a_description_comes_through_json_as_it_is(name: str):
    description = MODELS[name].description
    text = json.dumps(description.to_dict(), allow_nan=False)
    assert Description.from_dict(json.loads(text)).to_dict() == json.loads(text)


@pytest.mark.parametrize("name", CASES)
def test_a_description_says_nothing_of_where_the_file_lies(name: str, _models: Path):
    text = json.dumps(MODELS[name].description.to_dict())
    assert str(_models) not in text
    assert ".hermetic" not in text


@pytest.mark.parametrize("name", CASES)
def test_a_description_knows_the_digest_the_methods_and_as_many_names_as_features(name: str):
    served_model = MODELS[name]
    description = served_model.description
    assert description.digest.startswith(description.version)
    assert len(description.digest) == 64
    assert set(description.methods) <= set(METHODS)
    assert all(callable(getattr(served_model.model, method)) for method in description.methods)
    assert len(description.feature_names) == (served_model.features.count or 0)
    assert len(set(description.feature_names)) == len(description.feature_names)


@pytest.mark.parametrize("name", CASES)
def test_every_output_is_named_like_a_method(name: str):
    description = MODELS[name].description
    assert {output.name.partition(".")[0] for output in description.outputs} == set(description.methods)
    assert all(output.shape[0] == -1 for output in description.outputs)


def test_the_default_method_is_what_a_model_is_for():
    assert METHODS[:2] == ("predict", "transform")
    assert MODELS["transformer"].description.methods[0] == "transform"
    assert MODELS["frame"].description.methods[0] == "predict"
