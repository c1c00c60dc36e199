"""Losses and distances at the bounds of their parameters: the last honest value is kept, the first other is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn._loss import loss
from sklearn.metrics import DistanceMetric

import hermetic
from hermetic.capture import capture
from hermetic.errors import InvalidState
from hermetic.graph import Graph, Instances
from tests.codecs.hostile import change, refuse, through_the_gates

LOSS, METRIC = "sklearn.loss.", "sklearn.metrics."

BELOW_ONE = float(np.nextafter(1, 0))
HONEST = [
    (loss.PinballLoss(), "PinballLoss", "quantile", 5e-324),
    (loss.PinballLoss(), "PinballLoss", "quantile", BELOW_ONE),
    (loss.HuberLoss(), "HuberLoss", "quantile", BELOW_ONE),
    (loss.PinballLoss().closs, "CyPinballLoss", "parameter", 0),
    (loss.HuberLoss(), "HuberLoss", "delta", 0.0),
    (loss.HuberLoss(), "HuberLoss", "delta", 1e308),
    (loss.HuberLoss(), "HuberLoss", "delta", {"numpy": ["<f8", 2.5]}),
    (loss.HalfTweedieLoss(), "HalfTweedieLoss", "power", -1e308),
    (loss.HalfTweedieLossIdentity(), "HalfTweedieLossIdentity", "power", 0),
    (loss.HalfMultinomialLoss(), "HalfMultinomialLoss", "n_classes", 2),
    (loss.HalfMultinomialLoss(), "HalfMultinomialLoss", "n_classes", (1 << 31) - 1),
    (loss.HalfSquaredError(), "HalfSquaredError", "constant_hessian", False),
    (loss.PinballLoss().closs, "CyPinballLoss", "parameter", 1.0),
    (loss.HuberLoss().closs, "CyHuberLoss", "parameter", 0.0),
]


def ids_of(cases: list[tuple[Any, str, str, Any]]) -> list[str]:
    return [f"{name} {field} {new}" for _, name, field, new in cases]


@pytest.mark.parametrize(("original", "name", "field", "new"), HONEST, ids=ids_of(HONEST))
def test_the_last_value_within_the_bounds_is_kept(original: Any, name: str, field: str, new: Any):
    restored = through_the_gates(change(original, LOSS + name, field, new))
    [node] = [node for node in capture(restored).nodes if isinstance(node, Instances)]
    assert node.fields[field] in (new, new["numpy"][1] if type(new) is dict else new)


JUST_BELOW, JUST_ABOVE = float(np.nextafter(0, -1)), float(np.nextafter(1, 2))
HOSTILE = [
    (loss.PinballLoss(), "PinballLoss", "quantile", JUST_BELOW),
    (loss.PinballLoss(), "PinballLoss", "quantile", JUST_ABOVE),
    (loss.PinballLoss(), "PinballLoss", "quantile", {"float": "nan"}),
    (loss.PinballLoss(), "PinballLoss", "quantile", True),
    (loss.PinballLoss(), "PinballLoss", "quantile", None),
    (loss.HuberLoss(), "HuberLoss", "quantile", JUST_ABOVE),
    (loss.HuberLoss(), "HuberLoss", "delta", JUST_BELOW),
    (loss.HuberLoss(), "HuberLoss", "delta", {"float": "inf"}),
    (loss.HuberLoss(), "HuberLoss", "delta", {"numpy": ["<f8", -1.0]}),
    (loss.HalfTweedieLoss(), "HalfTweedieLoss", "power", {"float": "-inf"}),
    (loss.HalfTweedieLoss(), "HalfTweedieLoss", "power", "1"),
    (loss.HalfMultinomialLoss(), "HalfMultinomialLoss", "n_classes", 1),
    (loss.HalfMultinomialLoss(), "HalfMultinomialLoss", "n_classes", 1 << 31),
    (loss.HalfMultinomialLoss(), "HalfMultinomialLoss", "n_classes", 3.0),
    (loss.HalfMultinomialLoss(), "HalfMultinomialLoss", "n_classes", True),
    (loss.HalfSquaredError(), "HalfSquaredError", "constant_hessian", None),
    (loss.HalfSquaredError(), "HalfSquaredError", "constant_hessian", {"numpy": ["|b1", True]}),
    (loss.PinballLoss().closs, "CyPinballLoss", "parameter", JUST_ABOVE),
    (loss.HuberLoss().closs, "CyHuberLoss", "parameter", JUST_BELOW),
    (loss.HalfTweedieLoss().closs, "CyHalfTweedieLoss", "parameter", {"float": "nan"}),
]


@pytest.mark.parametrize(("original", "name", "field", "new"), HOSTILE, ids=ids_of(HOSTILE))
def test_the_first_value_beyond_the_bounds_is_refused(original: Any, name: str, field: str, new: Any):
    refuse(original, LOSS + name, field, new, f"{field} must be")


@pytest.mark.parametrize("delta", [np.inf, np.nan, -1.0])
def test_one_impossible_parameter_in_a_pool_of_many_is_refused(delta: float):
    natives = [type(loss.HuberLoss().closs)(number + 1.0) for number in range(20)]
    natives[7] = type(natives[7])(delta)
    with pytest.raises(InvalidState, match="parameter must be a number"):
        hermetic.loads(hermetic.dumps(natives))


@pytest.mark.parametrize("quantile", [0.0, 1.0])
@pytest.mark.parametrize("name", ["PinballLoss", "HuberLoss"])
def test_a_quantile_that_is_none_is_refused(name: str, quantile: float):
    refuse(getattr(loss, name)(), LOSS + name, "quantile", quantile, "quantile must be")


def without(value: Any, *fields: str, extra: dict[str, Any] | None = None) -> Graph:
    """Capture an object of plain fields, and take some away or add others."""
    graph = capture(value)
    [node] = [node for node in graph.nodes if isinstance(node, Instances)]
    for field in fields:
        del node.fields[field]
    node.fields.update(extra or {})
    return graph


OTHER_FIELDS = {
    "a loss without a parameter": without(loss.HuberLoss(), "delta"),
    "a loss without its flag": without(loss.HalfSquaredError(), "constant_hessian"),
    "a loss with a parameter of another": without(loss.HalfSquaredError(), extra={"power": 1.5}),
    "a native loss without its parameter": without(loss.HuberLoss().closs, "parameter"),
    "a native loss with a parameter it does not take": without(loss.HalfSquaredError().closs, extra={"parameter": 1.0}),
    "a distance without its power": without(DistanceMetric.get_metric("minkowski", p=3), "p"),
    "a distance without its weights": without(DistanceMetric.get_metric("minkowski", p=3), "w"),
    "a distance with a power it does not take": without(DistanceMetric.get_metric("euclidean"), extra={"p": 2.0}),
    "a distance with weights it does not take": without(DistanceMetric.get_metric("manhattan"), extra={"w": None}),
}


@pytest.mark.parametrize("name", OTHER_FIELDS)
def test_an_object_with_other_fields_than_its_kind_has_is_refused(name: str):
    with pytest.raises(InvalidState, match="has the fields"):
        through_the_gates(OTHER_FIELDS[name])


@pytest.mark.parametrize("power", [5e-324, 1.5, 1e308, {"numpy": ["<f8", 3.0]}], ids=str)
def test_any_finite_power_above_zero_is_a_distance(power: Any):
    metric = DistanceMetric.get_metric("minkowski", p=3)
    restored = through_the_gates(change(metric, METRIC + "MinkowskiDistance64", "p", power))
    assert type(restored) is type(metric)


POWERS = [0.0, -0.0, -1.0, 3, True, None, "3", {"float": "nan"}, {"float": "inf"}, {"numpy": ["<f8", -2.0]}]


@pytest.mark.parametrize("power", POWERS, ids=str)
@pytest.mark.parametrize("width", [32, 64])
def test_a_power_that_is_no_finite_float_above_zero_is_refused(power: Any, width: int):
    metric = DistanceMetric.get_metric("minkowski", dtype=np.float32 if width == 32 else np.float64, p=3)
    refuse(metric, f"{METRIC}MinkowskiDistance{width}", "p", power, "p must be a finite float of more than 0")


W, V, VI = (
    ("Minkowski", {"p": 3, "w": np.ones(2)}),
    ("SEuclidean", {"V": np.ones(2)}),
    ("Mahalanobis", {"VI": np.eye(2)}),
)
WEIGHTS = [
    (*W, "w", lambda old: np.zeros(0), "must be a float64 array"),
    (*W, "w", lambda old: np.ones((1, 2)), "must be a float64 array"),
    (*W, "w", lambda old: np.array([0.0, np.nextafter(0, -1)]), "a weight is negative"),
    (*W, "w", lambda old: np.array([1.0, np.nan]), "a weight is negative"),
    (*V, "V", lambda old: np.zeros(0), "must be a float64 array"),
    (*V, "V", lambda old: np.ones((2, 2)), "must be a float64 array"),
    (*VI, "VI", lambda old: np.ones(4), "must be a float64 array"),
    (*VI, "VI", lambda old: np.zeros((0, 0)), "must be a float64 array"),
    (*VI, "VI", lambda old: np.ones((2, 3)), "not in C order or square"),
    (*VI, "VI", lambda old: np.asfortranarray(np.arange(9.0).reshape(3, 3)), "not in C order or square"),
]


@pytest.mark.parametrize(("name", "options", "field", "new", "words"), WEIGHTS, ids=range(len(WEIGHTS)))
def test_weights_that_native_code_cannot_take_are_refused(
    name: str, options: dict[str, Any], field: str, new: Any, words: str
):
    metric = DistanceMetric.get_metric(name.lower(), **options)
    refuse(metric, f"{METRIC}{name}Distance64", field, new, words)


@pytest.mark.parametrize(("name", "options", "field"), [(*V, "V"), (*VI, "VI")], ids=["V", "VI"])
def test_only_the_weights_of_minkowski_may_be_missing(name: str, options: dict[str, Any], field: str):
    graph = capture(DistanceMetric.get_metric(name.lower(), **options))
    graph = Graph(names=graph.names, nodes=[Instances(type=0, fields={field: None})], root=[0])
    with pytest.raises(InvalidState, match=f"{field} must be a float64 array"):
        through_the_gates(graph)
