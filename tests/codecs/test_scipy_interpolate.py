"""Interpolators give the same bits; knots, pieces and degrees that native code would follow astray are refused."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.interpolate as interpolate
from sklearn.isotonic import IsotonicRegression
from sklearn.preprocessing import SplineTransformer

from tests.codecs.hostile import bring_back, refuse

GENERATOR = np.random.default_rng(0)
X = np.sort(GENERATOR.random(9))
Y = GENERATOR.random(9)
QUESTIONS = np.linspace(-0.5, 1.5, 41)
KINDS = ("linear", "nearest", "nearest-up", "previous", "next", "zero", "slinear", "quadratic", "cubic", 5)

SPLINES = {
    "spline": lambda: interpolate.make_interp_spline(X, Y, k=3),
    "spline-of-vectors": lambda: interpolate.make_interp_spline(X, np.c_[Y, -Y], k=2),
    "spline-complex": lambda: interpolate.make_interp_spline(X, Y + 1j * Y, k=1),
    "spline-periodic": lambda: interpolate.make_interp_spline([0, 1, 2, 3.0], [1, 2, 3, 1.0], bc_type="periodic"),
    "spline-no-extrapolation": lambda: interpolate.BSpline(np.arange(9.0), np.ones(5), 3, extrapolate=False),
    "pieces": lambda: interpolate.PPoly(GENERATOR.random((3, 2)), [0, 1, 2.0]),
    "pieces-falling": lambda: interpolate.PPoly(np.ones((3, 2)), [2, 1, 0.0]),
    "cubic": lambda: interpolate.CubicSpline(X, np.c_[Y, Y * 2], extrapolate=False),
    "cubic-axis": lambda: interpolate.CubicSpline(X, np.stack([Y, Y * 2]), axis=1),
    "hermite": lambda: interpolate.CubicHermiteSpline(X, Y, Y),
    "pchip": lambda: interpolate.PchipInterpolator(X, Y),
    "akima": lambda: interpolate.Akima1DInterpolator(X, Y),
}


@pytest.mark.parametrize("name", SPLINES)
def test_a_spline_gives_the_same_bits(name: str):
    spline = SPLINES[name]()
    restored = bring_back(spline)
    assert type(restored) is type(spline)
    assert restored(QUESTIONS).tobytes() == spline(QUESTIONS).tobytes()
    assert restored.derivative()(QUESTIONS).tobytes() == spline.derivative()(QUESTIONS).tobytes()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fill_value", [np.nan, (0.0, 1.0), "extrapolate"], ids=str)
def test_an_interpolator_gives_the_same_bits(kind: str | int, fill_value: object):
    made = interpolate.interp1d(X, Y, kind=kind, fill_value=fill_value, bounds_error=False)
    restored = bring_back(made)
    assert np.array_equal(restored(QUESTIONS), made(QUESTIONS), equal_nan=True)


def test_an_interpolator_along_an_axis_sorts_once():
    made = interpolate.interp1d([1, 3, 2], np.arange(6.0).reshape(2, 3), axis=1)
    assert bring_back(made)([1.5, 2.5]).tolist() == made([1.5, 2.5]).tolist()


def test_an_interpolator_still_refuses_what_lies_outside():
    with pytest.raises(ValueError, match="below"):
        bring_back(interpolate.interp1d(X, Y))(-9.0)


@pytest.mark.parametrize("extrapolation", ["constant", "periodic", "linear", "continue"])
def test_a_spline_transformer_gives_the_same_bits(extrapolation: str):
    features = GENERATOR.random((40, 3))
    model = SplineTransformer(extrapolation=extrapolation).fit(features)
    assert bring_back(model).transform(features).tobytes() == model.transform(features).tobytes()


@pytest.mark.parametrize("out_of_bounds", ["nan", "clip"])
def test_an_isotonic_regression_gives_the_same_bits(out_of_bounds: str):
    model = IsotonicRegression(out_of_bounds=out_of_bounds).fit(X, Y)
    assert bring_back(model).predict(QUESTIONS).tobytes() == model.predict(QUESTIONS).tobytes()


SPLINE_STATES = [
    # Degrees like these read beyond the knots, silently.
    ("k", 10**6),
    ("k", -1),
    ("k", 26),
    ("k", 6),
    ("k", True),
    ("k", 3.0),
    ("t", lambda array: array[::-1].copy()),
    ("t", lambda array: np.full_like(array, np.nan)),
    ("t", lambda array: np.where(array > 0.5, np.inf, array)),
    ("t", lambda array: np.zeros_like(array)),
    ("t", lambda array: array.astype("f4")),
    ("t", lambda array: array[:7].copy()),
    ("t", lambda array: array.reshape(-1, 1)),
    ("t", None),
    ("c", lambda array: array[:-1].copy()),
    ("c", lambda array: array.astype(int)),
    ("c", None),
    ("extrapolate", "always"),
    ("extrapolate", None),
    ("axis", 1),
    ("axis", -1),
    ("asarray", 1),
]


@pytest.mark.parametrize(("field", "new"), SPLINE_STATES, ids=lambda part: str(part)[:20])
def test_a_hostile_spline_is_refused(field: str, new: object):
    refuse(SPLINES["spline"](), "scipy.interpolate.BSpline", field, new)


PIECE_STATES = [
    ("x", lambda array: np.zeros_like(array)),
    ("x", lambda array: array[[0, 2, 1]]),
    ("x", lambda array: np.array([0.0, 1.0, np.inf])),
    ("x", lambda array: array[:-1].copy()),
    ("x", lambda array: array.astype("f4")),
    ("c", lambda array: array[:0].copy()),
    ("c", lambda array: array[:, 0].copy()),
    ("c", lambda array: array.astype("f4")),
    ("axis", 1),
    ("extrapolate", 1),
]


@pytest.mark.parametrize(("field", "new"), PIECE_STATES, ids=lambda part: str(part)[:20])
def test_hostile_pieces_are_refused(field: str, new: object):
    refuse(SPLINES["pieces"](), "scipy.interpolate.PPoly", field, new)


INTERPOLATOR_STATES = [
    ("kind", "spline"),
    ("kind", 26),
    ("kind", 9),
    ("axis", 1),
    ("x", lambda array: array[::-1].copy()),
    ("x", lambda array: array[:0].copy()),
    ("x", lambda array: array + 1j),
    ("y", lambda array: array[:-1].copy()),
    ("y", lambda array: array.astype("U5")),
    ("fill_value", {"dtype": "<f8"}),
    ("fill_value", "x"),
    ("bounds_error", 1),
    ("_call", 1),
]


@pytest.mark.parametrize(("field", "new"), INTERPOLATOR_STATES, ids=lambda part: str(part)[:20])
def test_a_hostile_interpolator_is_refused(field: str, new: object):
    refuse(interpolate.interp1d(X, Y, kind="cubic"), "scipy.interpolate.interp1d", field, new)
