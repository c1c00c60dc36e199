"""scipy's interpolators as data: B-splines, piecewise polynomials and `interp1d`.

scipy keeps functions in the state of all of them. None is stored: the installed scipy puts its own there.

Source: scipy/interpolate/_bsplines.py, _interpolate.py, _cubic.py, _ppoly.pyx.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar

from hermetic.codecs.codec import Codec, FieldView, LegacyObject, not_adopted, plain_state
from hermetic.codecs.field_checks import is_plain_number, require_fields
from hermetic.errors import InvalidState
from hermetic.lazy import numpy as np

__all__ = ["BSplineCodec", "InterpolatorCodec", "PiecewiseCodec"]

_MAX_DEGREE = 25
_KINDS = ("linear", "nearest", "nearest-up", "previous", "next")

_METHODS = frozenset(
    f"{module}:interp1d._call_{name}"
    for module in ("scipy.interpolate._interpolate", "scipy.interpolate.interpolate")
    for name in ("linear", "linear_np", "nan_spline", "nearest", "previousnext", "spline")
)
"""What pickles hold of an `interp1d` beside its arguments: one of its own methods."""


class BSplineCodec(Codec):
    """`scipy.interpolate.BSpline`.

    Fields
    ------
    t : float64 array, shape (n_knots,), finite, never falling; the base interval ``t[k]..t[-k-1]`` is not empty
    c : float64 or complex128 array, at least ``n_knots - k - 1`` long, which is at least ``k + 1``
    k : int, 0..25
    extrapolate : bool, or ``periodic``
    axis : int, an axis of `c`
    """

    row_bytes = 2 << 10
    classes: ClassVar = {"scipy.interpolate.BSpline": "scipy.interpolate._bsplines:BSpline"}
    checked_fields = frozenset({"t"})

    def group(self, instance: Any) -> Hashable:
        """Let all stand in one table."""
        return None

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give knots, coefficients and parameters; scipy 1.15 put an underscore before the two arrays."""
        state = plain_state(made)
        knots, coefficients = (state.get(f"_{field}", state.get(field)) for field in ("t", "c"))
        return {"t": knots, "c": coefficients, "k": int(state["k"]), **_parameters_of(state)}

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give knots, coefficients and parameters."""
        return {
            "t": [np.asarray(instance.t) for instance in instances],
            "c": [np.asarray(instance.c) for instance in instances],
            "k": [int(instance.k) for instance in instances],
            "extrapolate": [_extrapolation(instance) for instance in instances],
            "axis": [int(instance.axis) for instance in instances],
        }

    def validate(self, name: str, view: FieldView) -> None:
        """Check what the search for an interval and the recursion over degrees rely on."""
        require_fields(view, frozenset({"t", "c", "k", "extrapolate", "axis"}))
        _check_extrapolation(view)
        view.claim("t", "the knots")
        columns = (view.arrays("t"), view.arrays("c"), view.values("k"), view.values("axis"))
        for row, (knots, coefficients, degree, axis) in enumerate(zip(*columns, strict=True)):
            if type(degree) is not int or not 0 <= degree <= _MAX_DEGREE:
                raise view.refuse(f"a spline's degree must lie in 0..{_MAX_DEGREE}", row=row, field="k")
            if not _is_float(knots) or knots.ndim != 1 or knots.dtype.kind != "f":
                raise view.refuse("knots must be a row of float64", row=row, field="t")
            n_bases = len(knots) - degree - 1
            if n_bases < degree + 1 or not np.isfinite(knots).all() or (knots[1:] < knots[:-1]).any():
                raise view.refuse(f"a spline of degree {degree} needs ordered, finite knots", row=row, field="t")
            if not knots[degree] < knots[n_bases]:
                raise view.refuse("the knots of a spline leave no interval", row=row, field="t")
            if not _is_float(coefficients) or coefficients.ndim < 1 or len(coefficients) < n_bases:
                raise view.refuse(f"a spline needs {n_bases} coefficients", row=row, field="c")
            if type(axis) is not int or not 0 <= axis < coefficients.ndim:
                raise view.refuse("axis must be an axis of the coefficients", row=row, field="axis")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the splines."""
        make = self.resolve(name).construct_fast
        return list(map(make, *(fields[field] for field in ("t", "c", "k", "extrapolate", "axis"))))


class PiecewiseCodec(Codec):
    """`PPoly` and what derives from it: cubic and Hermite splines, `PchipInterpolator`, `Akima1DInterpolator`.

    Fields
    ------
    c : float64 or complex128 array, shape (order, n_intervals, ...), order at least 1
    x : float64 array, shape (n_intervals + 1,), finite, always rising or always falling
    extrapolate : bool, or ``periodic``
    axis : int, from 0 to the number of further dimensions of `c`
    """

    row_bytes = 2 << 10
    classes: ClassVar = {
        "scipy.interpolate.Akima1DInterpolator": "scipy.interpolate._cubic:Akima1DInterpolator",
        "scipy.interpolate.CubicHermiteSpline": "scipy.interpolate._cubic:CubicHermiteSpline",
        "scipy.interpolate.CubicSpline": "scipy.interpolate._cubic:CubicSpline",
        "scipy.interpolate.PPoly": "scipy.interpolate._interpolate:PPoly",
        "scipy.interpolate.PchipInterpolator": "scipy.interpolate._cubic:PchipInterpolator",
    }
    aliases: ClassVar = {"scipy.interpolate.interpolate:PPoly": "scipy.interpolate.PPoly"}
    checked_fields = frozenset({"x"})

    def group(self, instance: Any) -> Hashable:
        """Let all stand in one table."""
        return None

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give coefficients, bounds and parameters; scipy 1.15 put an underscore before the two arrays."""
        if type(made.state) is tuple and len(made.state) == 2 and not made.state[0]:
            made.state = made.state[1]  # slots, which pickle gives beside an empty __dict__
        state = plain_state(made)
        coefficients, bounds = (state.get(f"_{field}", state.get(field)) for field in ("c", "x"))
        return {"c": coefficients, "x": bounds, **_parameters_of(state)}

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give coefficients, bounds and parameters."""
        return {
            "c": [np.asarray(instance.c) for instance in instances],
            "x": [np.asarray(instance.x) for instance in instances],
            "extrapolate": [_extrapolation(instance) for instance in instances],
            "axis": [int(instance.axis) for instance in instances],
        }

    def validate(self, name: str, view: FieldView) -> None:
        """Check what the search for an interval and the evaluation rely on."""
        require_fields(view, frozenset({"c", "x", "extrapolate", "axis"}))
        _check_extrapolation(view)
        view.claim("x", "the bounds of the pieces")
        columns = (view.arrays("c"), view.arrays("x"), view.values("axis"))
        for row, (coefficients, bounds, axis) in enumerate(zip(*columns, strict=True)):
            if not _is_float(bounds) or bounds.ndim != 1 or bounds.dtype.kind != "f" or len(bounds) < 2:
                raise view.refuse("bounds must be a row of two or more float64", row=row, field="x")
            rises = bounds[1:] > bounds[:-1]
            if not np.isfinite(bounds).all() or not (rises.all() or (bounds[1:] < bounds[:-1]).all()):
                raise view.refuse("bounds must be finite, and rise or fall always", row=row, field="x")
            is_fine = _is_float(coefficients) and coefficients.ndim >= 2 and len(coefficients) >= 1
            if not is_fine or coefficients.shape[1] != len(bounds) - 1:
                raise view.refuse(f"coefficients of {len(bounds) - 1} pieces are needed", row=row, field="c")
            if type(axis) is not int or not 0 <= axis <= coefficients.ndim - 2:
                raise view.refuse("axis does not fit the coefficients", row=row, field="axis")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the piecewise polynomials."""
        make = self.resolve(name).construct_fast
        return list(map(make, *(fields[field] for field in ("c", "x", "extrapolate", "axis"))))


class InterpolatorCodec(Codec):
    """`scipy.interpolate.interp1d`, made anew by its constructor.

    Fields
    ------
    x, y : array
        Sorted already, as the object has them.
    kind : str, or int, the degree of a spline
    axis : int
    bounds_error : bool or None
    fill_value : ``extrapolate``, or numbers
    """

    row_bytes = 4 << 10
    parts = _METHODS
    classes: ClassVar = {"scipy.interpolate.interp1d": "scipy.interpolate._interpolate:interp1d"}
    aliases: ClassVar = {"scipy.interpolate.interpolate:interp1d": "scipy.interpolate.interp1d"}
    checked_fields = frozenset({"x", "y"})

    def group(self, instance: Any) -> Hashable:
        """Let all stand in one table."""
        return None

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the arguments of the constructor out of the state: the ``__dict__``, and the slots beside it."""
        state, slots = made.state if type(made.state) is tuple else (made.state, None)
        if type(state) is not dict:
            raise not_adopted(made, "its state is no dictionary")
        state = {**state, **(slots or {})}
        is_spline = state["_kind"] == "spline"
        spline = state.get("_spline")
        degree = spline.state["k"] if is_spline and type(spline) is LegacyObject else state["_kind"]
        fill_value = "extrapolate" if state.get("_extrapolate") else state["_fill_value_orig"]
        fields = {field: state[field] for field in ("x", "y")}
        fields |= {"kind": degree, "axis": int(state["axis"])}
        return fields | {"bounds_error": state["bounds_error"], "fill_value": fill_value}

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the arguments of the constructor."""
        return {
            "x": [instance.x for instance in instances],
            "y": [instance.y for instance in instances],
            "kind": [
                int(instance._spline.k) if instance._kind == "spline" else str(instance._kind) for instance in instances
            ],
            "axis": [int(instance.axis) for instance in instances],
            "bounds_error": [instance.bounds_error for instance in instances],
            "fill_value": [instance.fill_value for instance in instances],
        }

    def validate(self, name: str, view: FieldView) -> None:
        """Check kinds and sizes; the constructor checks the rest."""
        require_fields(view, frozenset({"x", "y", "kind", "axis", "bounds_error", "fill_value"}))
        columns = (view.arrays("x"), view.arrays("y"), view.values("kind"), view.values("axis"))
        for row, (x, y, kind, axis) in enumerate(zip(*columns, strict=True)):
            if any(array is None or array.dtype.kind not in "biufc" for array in (x, y)) or x.dtype.kind == "c":
                raise view.refuse("x and y must be arrays of numbers", row=row)
            if type(axis) is not int or not 0 <= axis < y.ndim or x.ndim != 1 or y.shape[axis] != len(x):
                raise view.refuse("y does not fit x along its axis", row=row)
            if kind not in _KINDS and not (type(kind) is int and 0 <= kind <= _MAX_DEGREE):
                raise view.refuse(f"no kind of interpolation is called {kind!r}"[:100], row=row, field="kind")
            if not len(x) or (x[1:] < x[:-1]).any():
                raise view.refuse("x must have items, in order", row=row, field="x")
        for row, value in enumerate(view.values("fill_value")):
            if value != "extrapolate" and not is_plain_number(view, value):
                raise view.refuse("fill_value must be numbers", row=row, field="fill_value")
        for row, value in enumerate(view.values("bounds_error")):
            if value is not None and type(value) is not bool:
                raise view.refuse("bounds_error must be true, false or None", row=row, field="bounds_error")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the interpolators."""
        kind = self.resolve(name)
        made = []
        for row in range(rows):
            arguments = {field: column[row] for field, column in fields.items()}
            try:
                made.append(kind(**arguments, copy=False, assume_sorted=True))
            except (TypeError, ValueError, ArithmeticError, LookupError) as error:
                raise InvalidState(f"no interp1d can be made of this state: {error}") from error
        return made


def _parameters_of(state: dict[str, Any]) -> dict[str, Any]:
    extrapolate = state.get("extrapolate", True)
    return {"extrapolate": extrapolate if extrapolate == "periodic" else bool(extrapolate), "axis": int(state["axis"])}


def _extrapolation(instance: Any) -> Any:
    return "periodic" if instance.extrapolate == "periodic" else bool(instance.extrapolate)


def _check_extrapolation(view: FieldView) -> None:
    for row, value in enumerate(view.values("extrapolate")):
        if type(value) is not bool and value != "periodic":
            raise view.refuse("extrapolate must be true, false or periodic", row=row, field="extrapolate")


def _is_float(array: Any) -> bool:
    return array is not None and array.dtype.isnative and array.dtype.char in "dD"
