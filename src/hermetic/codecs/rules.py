"""Which sizes, limits and tolerances the fitted state of plain estimators must keep, as tables.

scikit-learn compares most fitted arrays with its input before native code sees them, and fails cleanly. Here stands
what it does not compare: matrices handed to scipy's distances, numbers that decide what is allocated or how often a
loop runs. `docs/validators.md` explains each row. Rules that a shape does not say are in `hermetic.codecs.recomputed`.
"""

from __future__ import annotations

from typing import Any

from hermetic.codecs.codec import FieldView
from hermetic.codecs.decomposed import DECOMPOSED, check_decomposed
from hermetic.codecs.field_checks import amount_of, integer_of
from hermetic.codecs.recomputed import RECOMPUTED
from hermetic.codecs.related import plain_number, shape_of_objects
from hermetic.graph import Value
from hermetic.lazy import numpy as np

__all__ = ["LIMITS", "LOOPS", "MOST_ITERATIONS", "SHAPES", "check_rules"]

_WIDTH = "n_features_in_"

_COVARIANCE = {"location_": "d", "precision_": "d d", "covariance_": "d d"}
SHAPES: dict[str, dict[str, str]] = {
    "sklearn.covariance.EllipticEnvelope": _COVARIANCE,
    "sklearn.covariance.EmpiricalCovariance": _COVARIANCE,
    "sklearn.covariance.GraphicalLasso": _COVARIANCE,
    "sklearn.covariance.GraphicalLassoCV": _COVARIANCE,
    "sklearn.covariance.LedoitWolf": _COVARIANCE,
    "sklearn.covariance.MinCovDet": _COVARIANCE,
    "sklearn.covariance.OAS": _COVARIANCE,
    "sklearn.covariance.ShrunkCovariance": _COVARIANCE,
    "sklearn.cluster.FeatureAgglomeration": {"labels_": "d"},
    "sklearn.decomposition.FactorAnalysis": {"components_": "k d", "mean_": "d", "noise_variance_": "d"},
    "sklearn.decomposition.LatentDirichletAllocation": {"components_": "k d", "exp_dirichlet_component_": "k d"},
    "sklearn.decomposition.MiniBatchNMF": {"components_": "_n_components d"},
    "sklearn.decomposition.NMF": {"components_": "k d"},
    "sklearn.dummy.DummyRegressor": {"constant_": "1 n_outputs_"},
    "sklearn.ensemble.BaggingClassifier": {"classes_": "n_classes_"},
    "sklearn.kernel_approximation.PolynomialCountSketch": {"indexHash_": "degree e", "bitHash_": "degree e"},
    "sklearn.mixture.BayesianGaussianMixture": {"means_": "k d", "weights_": "k"},
    "sklearn.mixture.GaussianMixture": {"means_": "k d", "weights_": "k"},
}
"""The shape of each fitted array: ``d`` is n_features_in_, another letter any one length, a word a field's number."""

LIMITS: dict[str, tuple[str, int, str]] = {
    "sklearn.gaussian_process.GaussianProcessRegressor": (
        "n_targets",
        1 << 24,
        "predict would allocate as many columns before the model is fitted",
    ),
    "sklearn.kernel_approximation.AdditiveChi2Sampler": (
        "sample_steps",
        10_000,
        "transform would make twice as many columns of each feature",
    ),
    "sklearn.kernel_approximation.PolynomialCountSketch": (
        "n_components",
        1 << 24,
        "transform would allocate as many numbers for each row and degree",
    ),
}
"""The largest value of a number that decides how much is allocated, and what a larger one would do."""

MOST_ITERATIONS = (1 << 31) - 1
"""The largest number of iterations of a loop that runs when the model is used, however soon it converges."""
_ITERATIONS_WITHOUT_TOLERANCE = 1_000_000
_LEAST_TOLERANCE = 1e-12

_CODED = ("transform_max_iter", "", "")
LOOPS: dict[str, tuple[str, str, str]] = {
    "sklearn.decomposition.DictionaryLearning": _CODED,
    "sklearn.decomposition.LatentDirichletAllocation": (
        "max_doc_update_iter",
        "mean_change_tol",
        "exp_dirichlet_component_",
    ),
    "sklearn.decomposition.MiniBatchDictionaryLearning": _CODED,
    "sklearn.decomposition.MiniBatchNMF": ("_transform_max_iter", "tol", "components_"),
    "sklearn.decomposition.NMF": ("max_iter", "tol", "components_"),
    "sklearn.decomposition.SparseCoder": _CODED,
}
"""Loops of transform: the most iterations, the tolerance that ends it sooner, and the numbers that must be finite."""


def check_rules(name: str, view: FieldView) -> None:
    """Apply every rule that stands for a type.

    Parameters
    ----------
    name : str
        Its neutral name.
    view : FieldView
        The table.

    Raises
    ------
    InvalidState
        Where one is broken: with the field, its value and the consequence.
    """
    if name in SHAPES:
        _check_shapes(view, SHAPES[name])
    if name in LIMITS:
        _check_limit(view, *LIMITS[name])
    if name in LOOPS:
        _check_loop(view, *LOOPS[name])
    if name in DECOMPOSED:
        check_decomposed(name, view)
    if name in RECOMPUTED:
        RECOMPUTED[name](view)


def _check_shapes(view: FieldView, formulas: dict[str, str]) -> None:
    """Compare the shapes of all arrays with their formulas; rows that say the same are looked at once."""
    formulas = {field: formula for field, formula in formulas.items() if field in view.node.fields}
    words = {word for formula in formulas.values() for word in formula.split() if len(word) > 1}
    shapes = [_shapes(view, field) for field in formulas]
    numbers = [[_number(value) for value in view.values(field)] for field in (_WIDTH, *words)]
    seen = set()
    for row, said in enumerate(zip(*shapes, *numbers, strict=True)):
        if said in seen:
            continue
        seen.add(said)
        known = dict(zip(("d", *words), said[len(formulas) :], strict=True))
        if known["d"] is None:
            del known["d"]
        for (field, formula), shape in zip(formulas.items(), said, strict=False):
            if not _fits(shape, formula, known):
                expected = ", ".join(str(known.get(word, word)) for word in formula.split())
                raise view.refuse(f"{field} has the shape {shape}, expected ({expected})", row=row, field=field)


def _fits(shape: tuple[int, ...] | str | None, formula: str, known: dict[str, Any]) -> bool:
    """Compare one shape with its formula; letters that are met first take the length that they meet."""
    if shape is None:
        # An estimator that keeps no precision has none; Python then fails, or asks the covariance.
        return True
    lengths = formula.split()
    if len(shape) != len(lengths) or type(shape) is str:
        return False
    return all(
        length == (int(word) if word.isdigit() else known.setdefault(word, length))
        for word, length in zip(lengths, shape, strict=True)
    )


def _shapes(view: FieldView, field: str) -> list[tuple[int, ...] | str | None]:
    """Give the shape of each row's array; None where there is nothing, a word for anything else."""
    shapes: list[tuple[int, ...] | str | None] = []
    for value, array in zip(view.values(field), view.arrays(field), strict=True):
        if array is not None:
            shapes.append(tuple(array.shape))
        else:
            shapes.append(None if value is None else shape_of_objects(view, value) or "of no array")
    return shapes


def _number(value: Value) -> int | None:
    return integer_of(plain_number(value))


def _check_limit(view: FieldView, field: str, most: int, consequence: str) -> None:
    for row, value in enumerate(view.values(field)):
        number = amount_of(view, value)
        if number is not None and number > most:
            raise view.refuse(f"{field} is {number}: {consequence}; {most} is the limit", row=row, field=field)


def _check_loop(view: FieldView, field: str, tolerance_field: str, finite: str) -> None:
    for row, value in enumerate(view.values(field)):
        number = amount_of(view, value)
        if number is None or number <= _ITERATIONS_WITHOUT_TOLERANCE:
            continue
        consequence = "transform would hardly ever end"
        if number > MOST_ITERATIONS:
            found = f"{field} is {number}: {consequence}; {MOST_ITERATIONS} is the limit"
            raise view.refuse(found, row=row, field=field)
        tolerance = amount_of(view, view.value(tolerance_field, row)) if tolerance_field else 1.0
        array = view.array(view.value(finite, row)) if finite else None
        is_finite = array is None or bool(np.isfinite(array).all())
        if tolerance is None or not tolerance >= _LEAST_TOLERANCE or not is_finite:
            reason = f"{tolerance_field} is {tolerance!r}" if is_finite else f"{finite} is not finite"
            limit = f"{_ITERATIONS_WITHOUT_TOLERANCE} is the limit for a loop that cannot converge"
            raise view.refuse(f"{field} is {number}, and {reason}: {consequence}; {limit}", row=row, field=field)
