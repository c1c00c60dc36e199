"""The bill of materials: CycloneDX 1.6 as plain JSON, with the model, what it was made from, and every wheel.

References
----------
https://cyclonedx.org/docs/1.6/json/.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from hermetic._version import __version__
from hermetic.deploy.containers.facts import ModelFacts
from hermetic.deploy.environments.lock import Lock, LockedWheel, lock_digest
from hermetic.deploy.environments.own_package import package_digest
from hermetic.inspection.evidence import score_texts
from hermetic.inspection.text import printable

__all__ = ["bill_text"]

_LONGEST = 200
_MOST = 100
_SCHEMA = "http://cyclonedx.org/schema/bom-1.6.schema.json"


def bill_text(facts: ModelFacts, lock: Lock, base: str) -> str:
    """Give the bill of materials of an image.

    Parameters
    ----------
    facts : ModelFacts
        Of the model.
    lock : Lock
        Of the wheels.
    base : str
        The image below.

    Returns
    -------
    str
        JSON without a time, so that the same image has the same bill.
    """
    image = {
        "type": "container",
        "bom-ref": "image",
        "name": facts.name,
        "version": facts.sha256[:12],
        "properties": _properties({"hermetic:base": base, "hermetic:lock:sha256": lock_digest(lock)}),
    }
    libraries = [_own_library(), *map(_library, lock.wheels)]
    tool = {"type": "application", "name": "hermetic", "version": __version__}
    bill = {
        "$schema": _SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{facts.sha256}/{lock_digest(lock)}/{base}')}",
        "version": 1,
        "metadata": {"tools": {"components": [tool]}, "component": image},
        "components": [_model(facts), *libraries],
        "dependencies": [
            {"ref": "image", "dependsOn": ["model", *(each["bom-ref"] for each in libraries)]},
            {"ref": "model", "dependsOn": [each["bom-ref"] for each in libraries]},
        ],
    }
    return json.dumps(bill, indent=2) + "\n"


def _model(facts: ModelFacts) -> dict[str, Any]:
    card: dict[str, Any] = {"modelParameters": {"modelArchitecture": _text(facts.type), **_datasets(facts)}}
    scores = facts.records.get("scores")
    if scores is not None:
        told = list(score_texts(scores).items())[:_MOST]
        metrics = [{"type": _text(name), "value": _text(words)} for name, words in told]
        card["quantitativeAnalysis"] = {"performanceMetrics": metrics}
    model: dict[str, Any] = {
        "type": "machine-learning-model",
        "bom-ref": "model",
        "name": facts.name,
        "version": facts.sha256[:12],
        "hashes": _hashes(facts.sha256),
        "modelCard": card,
        "properties": _properties({f"hermetic:parameter:{key}": text for key, text in facts.parameters.items()}),
    }
    if facts.parents:
        ancestors = [
            {"type": "machine-learning-model", "name": digest[:12], "hashes": _hashes(digest)}
            for digest in facts.parents[:_MOST]
        ]
        model["pedigree"] = {"ancestors": ancestors}
    return model


def _datasets(facts: ModelFacts) -> dict[str, Any]:
    data = facts.records.get("data")
    if data is None:
        return {}
    # What is told is the fingerprint, never where the data are.
    parts = data.parts[:_MOST]
    return {
        "datasets": [
            {
                "type": "dataset",
                "name": _text(part.name),
                "contents": {"properties": _properties({"hermetic:fingerprint": part.fingerprint.digest})},
                "description": f"{part.fingerprint.n_rows} rows",
            }
            for part in parts
        ]
    }


def _own_library() -> dict[str, Any]:
    # The digest is that of its modules: it is copied, and no wheel of it is installed.
    return {
        "type": "library",
        "bom-ref": "hermetic",
        "name": "hermetic",
        "version": __version__,
        "properties": _properties({"hermetic:package:sha256": package_digest()}),
    }


def _library(wheel: LockedWheel) -> dict[str, Any]:
    address = f"pkg:pypi/{wheel.name}@{quote(wheel.version, safe='')}"
    return {
        "type": "library",
        "bom-ref": address,
        "name": wheel.name,
        "version": wheel.version,
        "purl": address,
        "hashes": _hashes(wheel.sha256),
    }


def _hashes(sha256: str) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": sha256}]


def _properties(texts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": _text(name), "value": _text(texts[name])} for name in sorted(texts)[:_MOST]]


def _text(text: str) -> str:
    """Give a text of a file as one harmless line; JSON's own escapes do the rest."""
    return printable(text[:_LONGEST])
