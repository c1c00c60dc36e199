"""States of scipy's objects: interpolators, frozen distributions and sparse matrices, at both sides of each rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.interpolate as interpolate
import scipy.optimize
import scipy.sparse as sparse
import scipy.stats

import hermetic
from hermetic.capture import capture
from hermetic.codecs.scipy_stats import _DISTRIBUTIONS
from hermetic.errors import InvalidState, UnsupportedVersion
from hermetic.graph import Instances
from tests.codecs.hostile import bring_back, change, through_the_gates
from tests.codecs.states import GONE, Case, Other, accept_state, refuse_state

KNOTS = np.array([0.0, 0.0, 1.0, 2.0, 2.0])
LINE = interpolate.BSpline(KNOTS, np.arange(3.0), 1)
PIECES = interpolate.PPoly(np.ones((2, 2)), [0.0, 1.0, 2.0])
POINTS = interpolate.interp1d([0.0, 1.0, 2.0], [3.0, 4.0, 5.0])
STRICT = interpolate.interp1d([0.0, 1.0], [0.0, 1.0], bounds_error=True)
SPLINE, POLYNOMIAL, INTERPOLATOR = (f"scipy.interpolate.{name}" for name in ("BSpline", "PPoly", "interp1d"))
NO_ORDER = "of degree 1 needs ordered, finite knots"

HOSTILE_INTERPOLATORS: dict[str, Case] = {
    "a degree of text": Case(LINE, SPLINE, "k", "1", "degree must lie in 0..25"),
    "a degree without knots for it": Case(LINE, SPLINE, "k", 2, "of degree 2 needs ordered, finite knots"),
    "complex knots": Case(LINE, SPLINE, "t", KNOTS + 0j, "must be a row of float64"),
    "knots of another byte order": Case(LINE, SPLINE, "t", KNOTS.astype(">f8"), "must be a row of float64"),
    "knots in a list": Case(LINE, SPLINE, "t", Other(KNOTS.tolist()), "must be a row of float64"),
    "no knots": Case(LINE, SPLINE, "t", KNOTS[:0].copy(), NO_ORDER),
    "knots that fall once": Case(LINE, SPLINE, "t", np.array([0, 0, 2, 1, 3.0]), NO_ORDER),
    "an endless knot": Case(LINE, SPLINE, "t", np.array([0, 0, 1, 2, np.inf]), NO_ORDER),
    "a first knot of nan": Case(LINE, SPLINE, "t", np.array([np.nan, 0, 1, 2, 2]), NO_ORDER),
    "knots at one place inside": Case(LINE, SPLINE, "t", np.array([0, 1, 1, 1, 2.0]), "leave no interval"),
    "one coefficient too few": Case(LINE, SPLINE, "c", np.arange(2.0), "needs 3 coefficients"),
    "coefficients without dimension": Case(LINE, SPLINE, "c", np.array(1.0), "needs 3 coefficients"),
    "coefficients of another byte order": Case(LINE, SPLINE, "c", np.arange(3.0).astype(">f8"), "3 coefficients"),
    "coefficients of half size": Case(LINE, SPLINE, "c", np.arange(3, dtype="f4"), "needs 3 coefficients"),
    "an axis of truth": Case(LINE, SPLINE, "axis", False, "axis must be an axis of the coefficients"),
    "no axis": Case(LINE, SPLINE, "axis", GONE, "the field axis is missing"),
    "extrapolation by number": Case(LINE, SPLINE, "extrapolate", 1, "true, false or periodic"),
    "bounds that are one": Case(PIECES, POLYNOMIAL, "x", np.zeros(1), "a row of two or more float64"),
    "bounds in two dimensions": Case(PIECES, POLYNOMIAL, "x", np.zeros((3, 1)), "a row of two or more float64"),
    "complex bounds": Case(PIECES, POLYNOMIAL, "x", np.arange(3) + 0j, "a row of two or more float64"),
    "bounds in a list": Case(PIECES, POLYNOMIAL, "x", Other([0.0, 1.0, 2.0]), "a row of two or more float64"),
    "bounds that stand still": Case(PIECES, POLYNOMIAL, "x", np.array([0, 1, 1.0]), "rise or fall always"),
    "bounds that fall without end": Case(PIECES, POLYNOMIAL, "x", np.array([2, 1, -np.inf]), "must be finite"),
    "a bound of nan": Case(PIECES, POLYNOMIAL, "x", np.array([0, np.nan, 2]), "must be finite"),
    "pieces too many": Case(PIECES, POLYNOMIAL, "c", np.ones((2, 3)), "coefficients of 2 pieces are needed"),
    "pieces without degree": Case(PIECES, POLYNOMIAL, "c", np.ones((0, 2)), "coefficients of 2 pieces are needed"),
    "pieces in one dimension": Case(PIECES, POLYNOMIAL, "c", np.ones(2), "coefficients of 2 pieces are needed"),
    "pieces of integers": Case(PIECES, POLYNOMIAL, "c", np.ones((2, 2), int), "coefficients of 2 pieces are needed"),
    "an axis before the first": Case(PIECES, POLYNOMIAL, "axis", -1, "does not fit the coefficients"),
    "an axis of halves": Case(PIECES, POLYNOMIAL, "axis", 0.0, "does not fit the coefficients"),
    "no extrapolation at all": Case(PIECES, POLYNOMIAL, "extrapolate", None, "true, false or periodic"),
    "points in a list": Case(POINTS, INTERPOLATOR, "x", Other([0.0, 1.0]), "must be arrays of numbers"),
    "points of objects": Case(POINTS, INTERPOLATOR, "y", np.array(["a", "b", "c"]), "must be arrays of numbers"),
    "points in two dimensions": Case(POINTS, INTERPOLATOR, "x", np.zeros((3, 1)), "does not fit x along its axis"),
    "points along an axis before the first": Case(POINTS, INTERPOLATOR, "axis", -1, "does not fit x along its axis"),
    "points along a true axis": Case(POINTS, INTERPOLATOR, "axis", True, "does not fit x along its axis"),
    "points in disorder": Case(POINTS, INTERPOLATOR, "x", np.array([0, 2, 1.0]), "must have items, in order"),
    "a kind of nobody": Case(POINTS, INTERPOLATOR, "kind", "cubist", "no kind of interpolation is called 'cubist'"),
    "a kind below zero": Case(POINTS, INTERPOLATOR, "kind", -1, "no kind of interpolation is called -1"),
    "a kind of truth": Case(POINTS, INTERPOLATOR, "kind", True, "no kind of interpolation is called True"),
    "a degree of more than the points": Case(POINTS, INTERPOLATOR, "kind", 3, "no interp1d can be made"),
    "a fill value of words": Case(POINTS, INTERPOLATOR, "fill_value", Other(["a"]), "fill_value must be numbers"),
    "a fill value of three parts": Case(POINTS, INTERPOLATOR, "fill_value", {"tuple": [1.0, 2.0, 3.0]}, "no interp1d"),
    "an error that both is and is not": Case(STRICT, INTERPOLATOR, "fill_value", "extrapolate", "no interp1d"),
    "an error of text": Case(POINTS, INTERPOLATOR, "bounds_error", "yes", "must be true, false or None"),
}


@pytest.mark.parametrize("name", HOSTILE_INTERPOLATORS)
def test_an_interpolator_that_breaks_a_rule_is_refused(name: str):
    refuse_state(HOSTILE_INTERPOLATORS[name])


HONEST_SPLINES: dict[str, Callable[[], Any]] = {
    "of the highest degree": lambda: interpolate.BSpline(np.repeat([0.0, 1.0], 26), np.arange(26.0), 25),
    "of no degree": lambda: interpolate.BSpline([0.0, 1.0], [7.0], 0),
    "with more coefficients than it needs": lambda: interpolate.BSpline(KNOTS, np.arange(9.0), 1),
    "along the last axis": lambda: interpolate.BSpline(KNOTS, np.ones((2, 4, 3)), 1, axis=2),
    "that repeats": lambda: interpolate.PPoly(np.ones((1, 1)), [0.0, 1.0], extrapolate="periodic"),
    "of complex pieces": lambda: interpolate.PPoly(np.ones((2, 1)) * 1j, [0.0, 1.0]),
    "of pieces along the last axis": lambda: interpolate.CubicSpline([0, 1, 2.0], np.ones((2, 2, 3)), axis=2),
}


@pytest.mark.parametrize("name", HONEST_SPLINES)
def test_a_spline_at_the_border_of_the_rules_gives_the_same_bits(name: str):
    spline = HONEST_SPLINES[name]()
    questions = np.array([-0.5, 0.25, 1.0, 1.5])
    assert bring_back(spline)(questions).tobytes() == spline(questions).tobytes()


@pytest.mark.parametrize("bounds_error", [True, False, None])
def test_an_interpolator_fails_outside_as_it_did(bounds_error: bool | None):
    fill_value = "extrapolate" if bounds_error is None else np.nan
    made = interpolate.interp1d([0.0, 1.0], [0.0, 2.0], bounds_error=bounds_error, fill_value=fill_value)
    restored = bring_back(made)
    assert restored.bounds_error == made.bounds_error
    if not made.bounds_error:
        assert str(restored(3.0)) == str(made(3.0))


def test_one_array_cannot_be_knots_and_bounds_at_once():
    graph = capture([LINE, PIECES, KNOTS])
    spline, pieces = (node for node in graph.nodes if isinstance(node, Instances))
    top = graph.nodes[graph.root[0]]
    top.columns[0].append(pieces.fields["x"])
    top.lengths += 1
    pieces.fields["x"] = spline.fields["t"]
    with pytest.raises(InvalidState, match=r"one array is the .* of one object and the .* of another"):
        through_the_gates(graph)


@pytest.mark.parametrize("row", [0, 1, 4])
def test_the_spline_that_breaks_a_rule_is_named_among_many(row: int):
    splines = [interpolate.BSpline(KNOTS + start, np.arange(3.0) + start, 1) for start in range(5)]
    degrees = [1] * 5
    degrees[row] = -1
    with pytest.raises(InvalidState, match="degree must lie") as caught:
        through_the_gates(change(splines, SPLINE, "k", degrees))
    assert caught.value.where.endswith(f"[{row}].k")


FROZEN = scipy.stats.norm(1, scale=2)
DISTRIBUTION = "scipy.stats.frozen_distribution"
NO_NUMBERS = "the parameters of a distribution must be numbers"

HOSTILE_DISTRIBUTIONS: dict[str, Case] = {
    "a name with a module": Case(FROZEN, DISTRIBUTION, "distribution", "stats.norm", "no distribution is called"),
    "a base class": Case(FROZEN, DISTRIBUTION, "distribution", "rv_continuous", "called 'rv_continuous'"),
    "an empty name": Case(FROZEN, DISTRIBUTION, "distribution", "", "no distribution is called ''"),
    "a very long name": Case(FROZEN, DISTRIBUTION, "distribution", "n" * 5000, "called 'n{70,80}\n"),
    "words": Case(FROZEN, DISTRIBUTION, "arguments", Other(["a"]), NO_NUMBERS),
    "words among numbers": Case(FROZEN, DISTRIBUTION, "arguments", Other([1, "a"]), NO_NUMBERS),
    "words in an array": Case(FROZEN, DISTRIBUTION, "arguments", Other([np.array(["a"])]), NO_NUMBERS),
    "words further inside": Case(FROZEN, DISTRIBUTION, "keywords", Other({"loc": {"x": ["a"]}}), NO_NUMBERS),
    "a class": Case(FROZEN, DISTRIBUTION, "arguments", Other([np.ndarray]), NO_NUMBERS),
    "another distribution": Case(FROZEN, DISTRIBUTION, "keywords", Other({"loc": np.random.RandomState(0)})),
    "arguments by a number": Case(FROZEN, DISTRIBUTION, "arguments", 1, "must be a list"),
    "keywords that are a list": Case(FROZEN, DISTRIBUTION, "keywords", Other([1]), "must be a dictionary"),
    "a keyword of nobody": Case(FROZEN, DISTRIBUTION, "keywords", Other({"x": 1}), "does not take these parameters"),
    "arguments too many": Case(FROZEN, DISTRIBUTION, "arguments", Other([1, 2, 3, 4]), "does not take these param"),
    "a seed": Case(FROZEN, DISTRIBUTION, "random_state", 7, "must be a RandomState or a Generator"),
    "a bit generator": Case(FROZEN, DISTRIBUTION, "random_state", Other(np.random.PCG64(1)), "or a Generator"),
    "no state": Case(FROZEN, DISTRIBUTION, "random_state", GONE, "the field random_state is missing"),
    "results in a list": Case(
        scipy.optimize.OptimizeResult(x=1), "scipy.optimize.OptimizeResult", "items", Other([1]), "be a dictionary"
    ),
    "no results": Case(
        scipy.optimize.OptimizeResult(x=1), "scipy.optimize.OptimizeResult", "items", None, "be a dictionary"
    ),
}


@pytest.mark.parametrize("name", HOSTILE_DISTRIBUTIONS)
def test_a_distribution_or_a_result_that_breaks_a_rule_is_refused(name: str):
    refuse_state(HOSTILE_DISTRIBUTIONS[name])


@pytest.mark.parametrize(
    "random_state", [np.random.RandomState(3), np.random.default_rng(3)], ids=["random-state", "generator"]
)
def test_a_distribution_takes_both_kinds_of_random_state(random_state: Any):
    restored = accept_state(Case(FROZEN, DISTRIBUTION, "random_state", Other(random_state)))
    assert type(restored.random_state) is type(random_state)
    assert restored.rvs(3).tobytes() == scipy.stats.norm(1, 2).rvs(3, random_state=random_state).tobytes()


@pytest.mark.skipif(
    all(hasattr(scipy.stats, name) for name in _DISTRIBUTIONS), reason="this scipy has every distribution"
)
def test_a_distribution_that_scipy_no_longer_has_is_named():
    name = min(name for name in _DISTRIBUTIONS if not hasattr(scipy.stats, name))
    with pytest.raises(UnsupportedVersion, match=f"the installed scipy has no distribution {name}"):
        through_the_gates(change(FROZEN, DISTRIBUTION, "distribution", name))


ROWS = sparse.csr_matrix(np.array([[1.0, 0, 2], [0, 3, 0]]))
PLACES = sparse.coo_array(np.array([[1.0, 0, 2], [0, 3, 0]]))
KEYS = sparse.dok_array(np.array([[1.0, 0, 2], [0, 3, 0]]))
BLOCKS = sparse.bsr_array(np.ones((4, 6)), blocksize=(2, 3))
DIAGONALS = sparse.dia_array((np.ones((2, 3)), [0, 1]), shape=(3, 3))
LISTS = sparse.lil_matrix(np.eye(2))
CSR, COO, DOK, BSR, DIA, LIL = (
    f"scipy.sparse.{name}" for name in ("csr_matrix", "coo_array", "dok_array", "bsr_array", "dia_array", "lil_matrix")
)
SHORT_MAX = (1 << 31) - 1

HOSTILE_MATRICES: dict[str, Case] = {
    "a shape in a list": Case(ROWS, CSR, "shape", Other([2, 3]), "shape must be a tuple of lengths"),
    "a shape of halves": Case(ROWS, CSR, "shape", {"tuple": [2, 3.0]}, "shape must be a tuple of lengths"),
    "a shape of truth": Case(ROWS, CSR, "shape", {"tuple": [2, True]}, "shape must be a tuple of lengths"),
    "a shape without axes": Case(ROWS, CSR, "shape", {"tuple": []}, "cannot have the shape"),
    "a shape of three axes": Case(ROWS, CSR, "shape", {"tuple": [2, 3, 1]}, "cannot have the shape"),
    "a shape one too wide for its indices": Case(ROWS, CSR, "shape", {"tuple": [2, 1 << 31]}, "too large for int32"),
    "a shape with a row too many": Case(ROWS, CSR, "shape", {"tuple": [3, 3]}, "indptr has 3 items, but 4"),
    "a shape with a column too few": Case(ROWS, CSR, "shape", {"tuple": [2, 2]}, "index lies outside of 0..1"),
    "indices in a list": Case(ROWS, CSR, "indices", Other([0, 2, 1]), "indices must be an array"),
    "no bounds of rows": Case(ROWS, CSR, "indptr", GONE, "the field indptr is missing"),
    "a width of printing of truth": Case(ROWS, CSR, "maxprint", True, "maxprint must be an integer"),
    "rows that begin late": Case(ROWS, CSR, "indptr", np.array([1, 2, 3], "i4"), "indptr must begin with 0"),
    "rows that end early": Case(ROWS, CSR, "indptr", np.array([0, 2, 2], "i4"), "must end with the number of items"),
    "rows that fall": Case(ROWS, CSR, "indptr", np.array([0, 4, 3], "i4"), "indptr must not fall"),
    "data in two dimensions": Case(ROWS, CSR, "data", np.ones((3, 1)), "data and indices differ in length"),
    "data of moments": Case(ROWS, CSR, "data", np.zeros(3, "M8[s]"), "data must be numbers in the machine's"),
    "indices of two dtypes": Case(ROWS, CSR, "indices", np.array([0, 2, 1], "i8"), "all be int32 or all int64"),
    "bounds in two dimensions": Case(ROWS, CSR, "indptr", np.zeros((3, 1), "i4"), "must have one dimension"),
    "a flag of text": Case(PLACES, COO, "has_canonical_format", "no", "must be true or false"),
    "no flag": Case(PLACES, COO, "has_canonical_format", GONE, "has_canonical_format is missing"),
    "a coordinate before the first": Case(PLACES, COO, "coordinate_0", np.array([0, -1, 1], "i4"), "outside of 0..1"),
    "a coordinate beyond the last": Case(PLACES, COO, "coordinate_1", np.array([0, 3, 1], "i4"), "outside of 0..2"),
    "coordinates without an axis": Case(PLACES, COO, "coordinate_1", GONE, "1 axes have coordinates"),
    "coordinates of unlike lengths": Case(PLACES, COO, "coordinate_1", np.array([0, 2], "i4"), "differ in length"),
    "a place without axes": Case(PLACES, COO, "shape", {"tuple": []}, "no field 'coordinate_0'"),
    "a canonical place twice": Case(PLACES, COO, "coordinate_1", np.array([0, 0, 1], "i4"), "a place occurs twice"),
    "a key that occurs twice": Case(KEYS, DOK, "coordinate_1", np.array([0, 0, 1], "i4"), "a place occurs twice"),
    "a key beyond the last": Case(KEYS, DOK, "coordinate_0", np.array([0, 0, 2], "i4"), "outside of 0..1"),
    "keys for three axes": Case(KEYS, DOK, "shape", {"tuple": [2, 3, 1]}, "cannot have the shape"),
    "blocks in two dimensions": Case(BLOCKS, BSR, "data", np.ones((4, 6)), "one block for each index"),
    "a block too few": Case(BLOCKS, BSR, "data", np.ones((3, 2, 3)), "one block for each index"),
    "blocks that do not tile": Case(BLOCKS, BSR, "data", np.ones((4, 3, 3)), "blocks of 3 x 3 do not tile"),
    "blocks without width": Case(BLOCKS, BSR, "data", np.ones((4, 2, 0)), "blocks of 2 x 0 do not tile"),
    "blocks whose places are too far": Case(BLOCKS, BSR, "shape", {"tuple": [4, 3 << 30]}, "too large for int32"),
    "blocks too far to the right": Case(BLOCKS, BSR, "shape", {"tuple": [4, 3 << 31]}, "too large for int32"),
    "a block beyond the last": Case(BLOCKS, BSR, "indices", np.array([0, 2, 0, 1], "i4"), "outside of 0..1"),
    "a diagonal twice": Case(DIAGONALS, DIA, "offsets", np.array([1, 1], "i4"), "an offset occurs twice"),
    "a diagonal without row": Case(DIAGONALS, DIA, "offsets", np.array([0], "i4"), "a row for each offset"),
    "a diagonal one too far": Case(DIAGONALS, DIA, "offsets", np.array([0, SHORT_MAX - 2], "i4"), "is too large"),
    "a diagonal one too low": Case(DIAGONALS, DIA, "offsets", np.array([0, 2 - SHORT_MAX], "i4"), "is too large"),
    "lists that begin late": Case(LISTS, LIL, "indptr", np.array([1, 1, 2]), "indptr must begin with 0"),
    "lists of one axis": Case(LISTS, LIL, "shape", {"tuple": [2]}, "cannot have the shape"),
}


@pytest.mark.parametrize("name", HOSTILE_MATRICES)
def test_a_matrix_that_breaks_a_rule_is_refused(name: str):
    refuse_state(HOSTILE_MATRICES[name])


HONEST_MATRICES: dict[str, Case] = {
    "as wide as its indices reach": Case(ROWS, CSR, "shape", {"tuple": [2, SHORT_MAX]}),
    "just as wide as its last item": Case(ROWS, CSR, "indices", np.array([2, 2, 2], "i4")),
    "with empty rows at both ends": Case(ROWS, CSR, "indptr", np.array([0, 0, 3], "i4")),
    "with places twice that does not say otherwise": Case(PLACES, COO, "has_canonical_format", False),
    "with the last place taken": Case(PLACES, COO, "coordinate_0", np.array([1, 1, 1], "i4")),
    "with a diagonal just near enough": Case(DIAGONALS, DIA, "offsets", np.array([0, SHORT_MAX - 3], "i4")),
    "with a diagonal just high enough": Case(DIAGONALS, DIA, "offsets", np.array([0, 3 - SHORT_MAX], "i4")),
    "with blocks that repeat": Case(BLOCKS, BSR, "indices", np.array([1, 1, 0, 0], "i4")),
}


@pytest.mark.parametrize("name", HONEST_MATRICES)
def test_a_matrix_at_the_border_of_the_rules_is_accepted(name: str):
    state = HONEST_MATRICES[name]
    restored = accept_state(state)
    assert type(restored) is type(state.value)
    assert restored.data.tobytes() == state.value.data.tobytes()


@pytest.mark.parametrize("shape", [(3,), (1, 2, 3), (1,) * 8], ids=str)
def test_a_place_that_occurs_twice_is_found_in_any_number_of_dimensions(shape: tuple[int, ...]):
    twice = sparse.coo_array((np.ones(2), tuple(np.zeros(2, dtype="i4") for _ in shape)), shape=shape)
    refuse_state(Case(twice, COO, "has_canonical_format", True, "a place occurs twice"))
    assert hermetic.loads(hermetic.dumps(twice)).sum() == 2.0
