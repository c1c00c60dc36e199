"""A pattern for output names fills in two names; what finds attributes or pads without bound is refused."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import StandardScaler

import hermetic
from hermetic.errors import InvalidState
from tests.codecs.hostile import bring_back
from tests.taken_apart import changed

X = np.arange(12.0).reshape(6, 2)


def transformer(pattern: Any) -> ColumnTransformer:
    return ColumnTransformer([("scale", StandardScaler(), [0, 1])], verbose_feature_names_out=pattern)


HONEST = [True, False, "{transformer_name}__{feature_name}", "{feature_name}", "name", "{{}}", "{feature_name!r}", ""]
HONEST += ["{feature_name:>20}", "{transformer_name:.3}-{feature_name:*^100}", str.lower, np.str_("{feature_name}_")]


@pytest.mark.parametrize("pattern", HONEST, ids=str)
def test_a_pattern_that_fills_in_names_comes_back(pattern: Any):
    model = transformer(pattern).fit(X)
    assert bring_back(model).verbose_feature_names_out == pattern


def test_names_are_the_same_after_loading():
    model = transformer("{feature_name}@{transformer_name:>8}").fit(X)
    assert list(bring_back(model).get_feature_names_out()) == list(model.get_feature_names_out())


HOSTILE = [
    "{feature_name.__class__.__mro__}",
    "{feature_name[0]}",
    "{transformer_name.upper}",
    "{feature_name:>9999999999}",
    "{feature_name:.1000}",
    "{feature_name:{feature_name}}",
    "{feature_name:{transformer_name.__class__}}",
    "{0}",
    "{}",
    "{other}",
]


@pytest.mark.parametrize("pattern", HOSTILE)
def test_a_pattern_that_does_more_is_refused(pattern: str):
    with pytest.raises(InvalidState, match="does more than fill in names") as refused:
        hermetic.loads(hermetic.dumps(transformer(pattern)))
    assert refused.value.where.endswith(".verbose_feature_names_out")


def test_another_spelling_of_a_hostile_pattern_is_seen():
    text = {"text": base64.b64encode(HOSTILE[0].encode()).decode()}

    def spell(parts: Any) -> None:
        node = next(node for node in parts.graph["nodes"] if "verbose_feature_names_out" in node.get("fields", {}))
        node["fields"]["verbose_feature_names_out"] = text

    with pytest.raises(InvalidState, match="does more than fill in names"):
        hermetic.loads(changed(transformer(True), spell))


@pytest.mark.parametrize("pattern", ["{", "}", "{feature_name", "{feature_name!x}"])
def test_what_is_no_pattern_fails_when_it_is_used_and_harms_nobody(pattern: str):
    bring_back(transformer(pattern))
    with pytest.raises(ValueError):
        pattern.format(feature_name="a", transformer_name="b")


def test_many_transformers_are_each_checked():
    models = [transformer(f"{{feature_name}}{n}") for n in range(40)]
    bring_back(models)
    models[30] = transformer("{feature_name.upper}")
    with pytest.raises(InvalidState, match=r"\{feature_name\.upper\}"):
        hermetic.loads(hermetic.dumps(models))
