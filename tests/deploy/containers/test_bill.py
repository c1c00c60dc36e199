"""The bill of materials has what CycloneDX 1.6 requires, names everything by digest, and holds harmless text alone."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression

import hermetic
from hermetic.deploy.containers.bill import bill_text
from hermetic.deploy.containers.facts import ModelFacts, read_facts
from hermetic.deploy.environments.lock import lock_digest
from tests.deploy.environments.test_lock import LOCK
from tests.hostile_strings import HOSTILE_STRINGS

ROWS = [[0.0], [1.0], [2.0], [3.0]] * 3
CLASSES = [0, 0, 1, 1] * 3
# What the schema demands of each object, and which it knows: additionalProperties is false in all of these.
REQUIRED = {"component": {"type", "name"}, "hash": {"alg", "content"}, "dependency": {"ref"}, "dataset": {"type"}}
KNOWN = {
    "bill": {
        *("$schema", "bomFormat", "specVersion", "serialNumber", "version"),
        "metadata",
        "components",
        "dependencies",
    },
    "component": {
        *("type", "bom-ref", "name", "version", "hashes", "purl", "pedigree", "modelCard", "properties"),
    },
    "card": {"bom-ref", "modelParameters", "quantitativeAnalysis", "considerations", "properties"},
    "parameters": {*("approach", "task", "architectureFamily", "modelArchitecture", "datasets", "inputs", "outputs")},
    "dataset": {*("bom-ref", "type", "name", "contents", "classification", "sensitiveData", "graphics", "description")},
    "metric": {"type", "value", "slice", "confidenceInterval"},
}
TYPES = {"application", "library", "container", "machine-learning-model"}
SERIAL = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> ModelFacts:
    path = tmp_path_factory.mktemp("models") / "churn.hermetic"
    model = LogisticRegression(C=0.5).fit(ROWS, CLASSES)
    evidence = hermetic.record(model, ROWS, CLASSES, cv=2, source=None, progress=False)
    hermetic.dump(model, path, evidence=evidence)
    return read_facts(path)


def bill_of(facts: ModelFacts) -> dict[str, Any]:
    return json.loads(bill_text(facts, LOCK, "python:3.11-slim"))


def changed(facts: ModelFacts, **others: Any) -> ModelFacts:
    fields = {name: getattr(facts, name) for name in ModelFacts.__dataclass_fields__}
    return ModelFacts(**{**fields, **others})


def components_of(bill: dict[str, Any]) -> list[dict[str, Any]]:
    ancestors = [one for each in bill["components"] for one in each.get("pedigree", {}).get("ancestors", [])]
    return [*bill["metadata"]["tools"]["components"], bill["metadata"]["component"], *bill["components"], *ancestors]


def test_the_frame_is_that_of_the_schema(facts: ModelFacts):
    bill = bill_of(facts)
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert bill["$schema"] == "http://cyclonedx.org/schema/bom-1.6.schema.json"
    assert bill.keys() <= KNOWN["bill"]
    assert SERIAL.fullmatch(bill["serialNumber"])
    assert uuid.UUID(bill["serialNumber"]).version == 5
    assert "timestamp" not in bill["metadata"]


def test_every_component_has_what_the_schema_requires(facts: ModelFacts):
    for one in components_of(bill_of(changed(facts, records={**facts.records, "lineage": Parents("a" * 64)}))):
        assert REQUIRED["component"] <= one.keys() <= KNOWN["component"]
        assert one["type"] in TYPES
        for each in one.get("hashes", []):
            assert each.keys() == REQUIRED["hash"]
            assert each["alg"] == "SHA-256"
            assert re.fullmatch("[0-9a-f]{64}", each["content"])
        assert all(each.keys() == {"name", "value"} for each in one.get("properties", []))


class Parents:
    """As much of a record of lineage as is asked for."""

    def __init__(self, *digests: str) -> None:
        self.parents = [type("Parent", (), {"digest": digest}) for digest in digests]


def test_only_the_model_has_a_card_and_the_schema_knows_its_fields(facts: ModelFacts):
    [model] = [one for one in components_of(bill_of(facts)) if "modelCard" in one]
    card = model["modelCard"]
    assert model["type"] == "machine-learning-model"
    assert card.keys() <= KNOWN["card"]
    assert card["modelParameters"].keys() <= KNOWN["parameters"]
    assert card["modelParameters"]["modelArchitecture"] == "sklearn.linear_model.LogisticRegression"
    datasets = card["modelParameters"]["datasets"]
    assert [one["name"] for one in datasets] == ["X", "y"]
    assert all(REQUIRED["dataset"] <= one.keys() <= KNOWN["dataset"] and one["type"] == "dataset" for one in datasets)
    metrics = card["quantitativeAnalysis"]["performanceMetrics"]
    assert metrics
    assert all({"type", "value"} <= one.keys() <= KNOWN["metric"] for one in metrics)
    assert all(isinstance(text, str) for one in metrics for text in one.values())
    assert {"name": "hermetic:parameter:C", "value": "0.5"} in model["properties"]


def test_every_wheel_is_named_by_its_address_and_digest(facts: ModelFacts):
    found = {one["name"]: one for one in bill_of(facts)["components"] if one["type"] == "library"}
    assert found.keys() == {"hermetic", *(wheel.name for wheel in LOCK.wheels)}
    assert found["own-thing"]["purl"] == "pkg:pypi/own-thing@1.0%2Bcpu"
    assert found["own-thing"]["hashes"] == [{"alg": "SHA-256", "content": "a" * 64}]


def test_references_are_unique_and_all_dependencies_exist(facts: ModelFacts):
    bill = bill_of(facts)
    names = [one["bom-ref"] for one in components_of(bill) if "bom-ref" in one]
    assert len(names) == len(set(names))
    for one in bill["dependencies"]:
        assert REQUIRED["dependency"] <= one.keys() <= {"ref", "dependsOn"}
        assert {one["ref"], *one["dependsOn"]} <= set(names)
        assert len(one["dependsOn"]) == len(set(one["dependsOn"]))


def test_what_it_was_made_from_are_its_ancestors(facts: ModelFacts):
    bill = bill_of(changed(facts, records={"lineage": Parents("a" * 64, "b" * 64, "nothing")}))
    ancestors = bill["components"][0]["pedigree"]["ancestors"]
    assert [one["hashes"][0]["content"] for one in ancestors] == ["a" * 64, "b" * 64]
    assert "pedigree" not in bill_of(facts)["components"][0]


def test_base_and_lock_are_told(facts: ModelFacts):
    image = bill_of(facts)["metadata"]["component"]
    told = {one["name"]: one["value"] for one in image["properties"]}
    assert told == {"hermetic:base": "python:3.11-slim", "hermetic:lock:sha256": lock_digest(LOCK)}


def test_the_same_input_gives_the_same_bytes_and_another_one_another_number(facts: ModelFacts):
    text = bill_text(facts, LOCK, "python:3.11-slim")
    assert text == bill_text(facts, LOCK, "python:3.11-slim")
    other = json.loads(bill_text(facts, LOCK, "python:3.12-slim"))
    assert other["serialNumber"] != json.loads(text)["serialNumber"]


@pytest.mark.parametrize("which", HOSTILE_STRINGS)
def test_hostile_text_is_one_short_harmless_line(which: str, facts: ModelFacts):
    text = HOSTILE_STRINGS[which]
    told = bill_text(changed(facts, type=text, parameters={text: text}), LOCK, "python:3.11-slim")
    model = json.loads(told)["components"][0]
    texts = [model["modelCard"]["modelParameters"]["modelArchitecture"]]
    texts += [part for one in model["properties"] for part in one.values()]
    assert all(line.isprintable() for line in texts)
    assert max(map(len, texts)) <= 2_000
    assert told.isascii()


def test_a_model_of_which_nothing_is_recorded_has_a_bill(tmp_path: Path):
    hermetic.dump(LogisticRegression(), tmp_path / "plain.hermetic")
    model = bill_of(read_facts(tmp_path / "plain.hermetic"))["components"][0]
    assert model["modelCard"].keys() == {"modelParameters"}
    assert "datasets" not in model["modelCard"]["modelParameters"]
