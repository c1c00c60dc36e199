"""What a model weighs: coefficients, and the impurity that trees lose by each feature; read from arrays of the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hermetic.graph import Graph
from hermetic.graph_values import Held, Values
from hermetic.inspection.tables import as_place
from hermetic.lazy import numpy as np
from hermetic.reporting.features import names_given, names_through, tuples_in

__all__ = ["Importances", "importances_of"]

_FORESTS = frozenset(
    f"sklearn.ensemble.{name}{kind}"
    for name in ("ExtraTrees", "GradientBoosting", "RandomForest")
    for kind in ("Classifier", "Regressor")
)
_TREES = frozenset(
    f"sklearn.tree.{name}Tree{kind}" for name in ("Decision", "Extra") for kind in ("Classifier", "Regressor")
)
_WITHIN = ("best_estimator_", "regressor_")
_DEEPEST = 8


@dataclass(frozen=True, kw_only=True)
class Importances:
    """What a model weighs.

    Attributes
    ----------
    kind : str
        ``coefficients``, ``mean size of the coefficients of n outputs``, or ``share of the impurity lost``.
    path : str
        Where they were read.
    weights : list of (str, float)
        Name of each feature and its weight, the largest first.
    """

    kind: str
    path: str
    weights: list[tuple[str, float]]


def importances_of(graph: Graph) -> Importances | None:
    """Read what a model weighs.

    Parameters
    ----------
    graph : Graph
        Well formed, its arrays read.

    Returns
    -------
    Importances or None
        None for models that have no such weights.

    Examples
    --------
    >>> from hermetic.capture import capture
    >>> from sklearn.linear_model import LinearRegression
    >>> found = importances_of(capture(LinearRegression().fit([[0, 1], [1, 1], [2, 1]], [0, 2, 4])))
    >>> found.kind, [(name, round(weight, 3)) for name, weight in found.weights]
    ('coefficients', [('feature 0', 2.0), ('feature 1', 0.0)])
    """
    values = Values(graph)
    found = _final(values)
    if found is None:
        return None
    held, path, names = found
    with np.errstate(all="ignore"):  # whatever stands in the file: what becomes infinite of it is not told
        found_weights = _weights(values, held, path)
    for kind, weights, where in found_weights:
        if weights is None or not np.isfinite(weights).all() or not weights.size:
            continue
        labels = names if len(names) == weights.size else [f"feature {number}" for number in range(weights.size)]
        order = np.argsort(-np.abs(weights), kind="stable")
        return Importances(kind=kind, path=where, weights=[(labels[n], float(weights[n])) for n in order.tolist()])
    return None


def _final(values: Values) -> tuple[Held, str, list[str]] | None:
    """Give the estimator that decides, where it stands, and the names of its features where a pipeline keeps them."""
    place, path, names = as_place(values.graph.root), "$", list[str]()
    for _ in range(_DEEPEST):
        held = values.held(place) if place is not None else None
        if place is None or held is None or held.kind != "instance":
            return None
        inner = next((label for label in _WITHIN if as_place(held.fields.get(label)) is not None), None)
        if inner is not None:
            place, path = as_place(held.fields[inner]), f"{path}.{inner}"
            continue
        steps = tuples_in(values, held.fields.get("steps"))
        if held.type != "sklearn.pipeline.Pipeline":
            return held, path, names or names_given(values, place)
        if not steps or len(steps[-1]) != 2:
            return None
        names = names_through(values, steps[:-1], names_given(values, place))
        place, path = as_place(steps[-1][1]), f"{path}.steps[{len(steps) - 1}][1]"
    return None


def _weights(values: Values, held: Held, path: str) -> list[tuple[str, Any, str]]:
    coefficients = _array(values, held.fields.get("coef_"))
    if (
        coefficients is not None
        and coefficients.size
        and coefficients.dtype.kind == "f"
        and coefficients.ndim in (1, 2)
    ):
        if coefficients.ndim == 1 or len(coefficients) == 1:
            return [("coefficients", coefficients.reshape(-1), f"{path}.coef_")]
        kind = f"mean size of the coefficients of {len(coefficients)} outputs"
        return [(kind, np.abs(coefficients).mean(axis=0), f"{path}.coef_")]
    if held.type in _TREES:
        return [("share of the impurity lost", _normalized(_lost(values, held, is_share=True)), f"{path}.tree_")]
    trees = as_place(held.fields.get("estimators_")) if held.type in _FORESTS else None
    if trees is None:
        return []
    is_share = "GradientBoosting" not in held.type
    inner = [values.held(place) for item in values.held(trees).items if (place := as_place(item)) is not None]
    # Trees that are one leaf say nothing, and are left out of the mean.
    lost = [found for own in inner if (found := _lost(values, own, is_share=is_share)) is not None]
    whole = np.mean(lost, axis=0) if lost and len({len(own) for own in lost}) == 1 else None
    return [("share of the impurity lost", _normalized(whole), f"{path}.estimators_")]


def _normalized(weights: Any) -> Any:
    return weights / weights.sum() if weights is not None and weights.sum() > 0 else None


def _array(values: Values, value: Any) -> Any:
    place = as_place(value)
    return values.array(place) if place is not None else None


def _lost(values: Values, held: Held, *, is_share: bool) -> Any:
    """Add up for each feature the impurity that its splits lose, as ``Tree.compute_feature_importances`` does."""
    place = as_place(held.fields.get("tree_"))
    tree = values.held(place).fields if place is not None else {}
    nodes, n_features = _array(values, tree.get("nodes")), tree.get("n_features")
    if nodes is None or nodes.dtype.names is None or type(n_features) is not int or not 0 < n_features < 1 << 20:
        return None
    split = nodes[nodes["left_child"] != -1]
    if not len(split) or not all(
        split[name].min() >= 0 and split[name].max() < bound
        for name, bound in (("left_child", len(nodes)), ("right_child", len(nodes)), ("feature", n_features))
    ):
        return None
    weighted = nodes["weighted_n_node_samples"] * nodes["impurity"]
    lost = weighted[nodes["left_child"] != -1] - weighted[split["left_child"]] - weighted[split["right_child"]]
    total = np.bincount(split["feature"], weights=lost, minlength=n_features) / nodes["weighted_n_node_samples"][0]
    return _normalized(total) if is_share else total
