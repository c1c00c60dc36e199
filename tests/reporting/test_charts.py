"""Plots are a few shapes with words for those who do not see them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hermetic.reporting.charts import bar, curve_chart, histogram, strip_chart
from tests.reporting.pages import taken_apart

SCORES = st.lists(st.floats(-1e100, 1e100), min_size=1, max_size=12)


def numbers(markup: Any, name: str) -> list[float]:
    return [float(text) for text in re.findall(rf' {name}="([^"]*)"', markup.html)]


def test_every_fold_is_a_point():
    page = taken_apart(strip_chart("accuracy", "words", [0.9, 0.8], [1.0, 1.0], 0.85, 0.05).html)
    kinds = [attributes["class"] for attributes, _ in page.all("circle")]
    assert kinds == ["train", "train", "test", "test"]
    assert page.texts("title") == ["accuracy"]
    assert page.texts("desc") == ["words"]
    [(attributes, _)] = page.all("svg")
    assert attributes["role"] == "img"
    assert attributes["aria-label"] == "accuracy: words"


def test_greater_scores_stand_further_right():
    chart = strip_chart("a", "", [0.1, 0.5, 0.9], [], 0.5, 0.3)
    places = numbers(chart, "cx")
    assert places == sorted(places) and len(set(places)) == 3


def test_points_of_one_score_do_not_hide_each_other():
    chart = strip_chart("a", "", [0.5, 0.5, 0.5], [], 0.5, 0.0)
    assert len(set(numbers(chart, "cy"))) == 3


def test_the_axis_has_round_numbers():
    page = taken_apart(strip_chart("a", "", [0.95, 0.98], [1.0], 0.965, 0.015).html)
    assert page.texts("text") == ["0.95", "0.96", "0.97", "0.98", "0.99", "1"]


@given(test=SCORES, train=SCORES)
def test_any_scores_stay_within_the_picture(test: list[float], train: list[float]):
    mean = sum(number / len(test) for number in test)
    chart = strip_chart("a", "", test, train, mean, 0.0)
    assert all(0 <= place <= 640 for place in numbers(chart, "cx"))
    assert "nan" not in chart.html and "inf" not in chart.html


def test_curves_run_from_corner_to_corner():
    chart = curve_chart("ROC", "area 0.5", ("across", "up"), [([0.0, 1.0], [0.0, 1.0])])
    assert ' points="44,226 246,24"' in chart.html
    assert taken_apart(chart.html).texts("text")[-2:] == ["across", "up"]


def test_what_lies_outside_is_drawn_at_the_edge():
    chart = curve_chart("ROC", "", ("a", "b"), [([-5.0, float("nan"), 9.0], [1e300, 0.5, -1e300])])
    assert ' points="44,24 44,125 246,226"' in chart.html


def test_long_curves_have_no_points():
    many = [number / 50 for number in range(51)]
    assert "circle" not in curve_chart("ROC", "", ("a", "b"), [(many, many)]).html
    assert curve_chart("ROC", "", ("a", "b"), [(many[:9], many[:9])]).html.count("<circle") == 9


def test_more_than_eight_curves_share_their_colours():
    chart = curve_chart("ROC", "", ("a", "b"), [([0.0, 1.0], [0.0, 1.0])] * 10)
    assert chart.html.count("curve-0") == 6


def test_bars_are_as_wide_as_their_bins_and_as_high_as_their_counts():
    chart = histogram("age", "words", [0.0, 1.0, 4.0], [10, 5])
    assert numbers(chart, "x") == [0, 30]
    assert numbers(chart, "width") == [29.4, 89.4]
    assert numbers(chart, "height") == [28, 14]


@pytest.mark.parametrize(
    ("edges", "counts"),
    [
        ([], []),
        ([0.0], []),
        ([0.0, 1.0], [1, 2]),
        ([0.0, 0.0], [1]),
        ([1.0, 0.0], [1]),
        ([0.0, float("inf")], [1]),
        ([0.0, float("nan")], [1]),
        ([-1.7e308, 1.7e308], [1]),
        ([0.0, 1.0], [0]),
        ([0.0, 1.0, 2.0], [3, -1]),
        ([float(n) for n in range(1001)], [1] * 1000),
    ],
    ids=[
        "nothing",
        "one-edge",
        "lengths",
        "no-width",
        "backwards",
        "endless",
        "nan",
        "wide",
        "empty",
        "negative",
        "many",
    ],
)
def test_what_is_no_histogram_is_not_drawn(edges: list[float], counts: list[int]):
    assert histogram("a", "", edges, counts) is None


@pytest.mark.parametrize(
    ("share", "start", "width"), [(1.0, 80, 80), (-1.0, 0, 80), (0.5, 80, 40), (0.0, 80, 0.5), (9.0, 80, 80)]
)
def test_bars_start_in_the_middle(share: float, start: float, width: float):
    chart = bar(share)
    assert numbers(chart, "x") == [start]
    assert numbers(chart, "width") == [width]
    assert ' aria-hidden="true"' in chart.html
