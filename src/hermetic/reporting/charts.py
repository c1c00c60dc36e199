"""Plots as inline SVG: a few shapes with classes, a title and a description in words; nothing in it runs or loads."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

from hermetic.reporting.markup import Child, Markup, element

__all__ = ["bar", "curve_chart", "histogram", "strip_chart"]

_WIDTH = 640.0
_STRIP_HEIGHT = 92.0
_MARGIN = 14.0
_SQUARE = 280.0
_MOST_BINS = 64
_APART = (0.0, -8.0, 8.0, -4.0, 4.0)


def _drawing(title: str, words: str, width: float, height: float, shapes: Sequence[Child], class_: str) -> Markup:
    return element(
        "svg",
        element("title", title),
        element("desc", words),
        *shapes,
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_label=f"{title}: {words}",
        class_=class_,
    )


def _ticks(low: float, high: float) -> list[float]:
    """Give three to six round numbers between two."""
    step = 10 ** math.floor(math.log10((high - low) / 2))
    for factor in (1, 2, 5, 10):
        ticks = [
            number * step * factor for number in range(math.ceil(low / step / factor), int(high // (step * factor)) + 1)
        ]
        if len(ticks) <= 6:
            return ticks
    return []


def _range(numbers: Sequence[float]) -> tuple[float, float]:
    low, high = min(numbers), max(numbers)
    room = (high - low) * 0.08 or max(abs(low), 1e-6) * 0.05
    return low - room, high + room


def strip_chart(
    title: str, words: str, test: Sequence[float], train: Sequence[float], mean: float, deviation: float
) -> Markup:
    """Draw scores as points on one axis: those on test parts filled, those on train parts hollow.

    Parameters
    ----------
    title, words : str
        What it shows, for those who do not see it.
    test, train : sequence of float
        Finite; at least one of `test`.
    mean, deviation : float
        Of `test`.

    Returns
    -------
    Markup
        An image.

    Examples
    --------
    >>> "<circle" in strip_chart("accuracy", "3 folds", [0.9, 0.8, 0.7], [], 0.8, 0.1).html
    True
    """
    low, high = _range([*test, *train, mean - deviation, mean + deviation])
    axis = _STRIP_HEIGHT - 26

    def place(number: float) -> float:
        return round(_MARGIN + (number - low) / (high - low) * (_WIDTH - 2 * _MARGIN), 2)

    start, end = place(mean - deviation), place(mean + deviation)
    shapes = [
        element("rect", x=start, y=8.0, width=max(end - start, 1.0), height=axis - 8, class_="band"),
        element("line", x1=place(mean), x2=place(mean), y1=8.0, y2=axis, class_="mean"),
        element("line", x1=_MARGIN, x2=_WIDTH - _MARGIN, y1=axis, y2=axis, class_="axis"),
    ]
    for tick in _ticks(low, high):
        shapes.append(element("line", x1=place(tick), x2=place(tick), y1=axis, y2=axis + 5, class_="axis"))
        shapes.append(element("text", f"{tick:.6g}", x=place(tick), y=axis + 19, text_anchor="middle"))
    # Points of one score stand beside each other, not on each other.
    for numbers, middle, size, kind in ((train, axis - 14, 4.5, "train"), (test, axis - 40, 5.5, "test")):
        shapes += [
            element("circle", cx=place(number), cy=middle + _APART[fold % len(_APART)], r=size, class_=kind)
            for fold, number in enumerate(numbers)
        ]
    return _drawing(title, words, _WIDTH, _STRIP_HEIGHT, shapes, "strip")


def curve_chart(
    title: str, words: str, axes: tuple[str, str], curves: Sequence[tuple[Sequence[float], Sequence[float]]]
) -> Markup:
    """Draw curves in a square from 0 to 1, with its diagonal.

    Parameters
    ----------
    title, words : str
        What it shows, for those who do not see it.
    axes : (str, str)
        What the axes are.
    curves : sequence of (sequence of float, sequence of float)
        Each across and up, from 0 to 1; at most eight are told apart.

    Returns
    -------
    Markup
        An image.

    Examples
    --------
    >>> "<polyline" in curve_chart("ROC", "area 0.5", ("across", "up"), [([0.0, 1.0], [0.0, 1.0])]).html
    True
    """
    left, top, size = 44.0, 24.0, _SQUARE - 78

    def point(across: float, up: float) -> tuple[float, float]:
        return round(left + _inside(across) * size, 2), round(top + (1 - _inside(up)) * size, 2)

    shapes = [
        element("rect", x=left, y=top, width=size, height=size, class_="frame"),
        element("line", x1=left, y1=top + size, x2=left + size, y2=top, class_="diagonal"),
    ]
    for tick in (0.0, 0.5, 1.0):
        x, y = point(tick, tick)
        shapes.append(element("text", f"{tick:g}", x=x, y=top + size + 16, text_anchor="middle"))
        shapes.append(element("text", f"{tick:g}", x=left - 7, y=y + 4, text_anchor="end"))
    for number, (across, up) in enumerate(curves):
        points = [point(*pair) for pair in zip(across, up, strict=False)]
        words_of_points = " ".join(f"{x:g},{y:g}" for x, y in points)
        shapes.append(element("polyline", points=words_of_points, class_=f"curve curve-{number % 8}"))
        if len(points) <= 15:
            shapes += [element("circle", cx=x, cy=y, r=3.0, class_=f"curve-{number % 8}") for x, y in points]
    shapes.append(element("text", axes[0], x=left + size / 2, y=_SQUARE - 14, text_anchor="middle", class_="label"))
    shapes.append(element("text", axes[1], x=left, y=top - 10, class_="label"))
    return _drawing(title, words, _SQUARE, _SQUARE, shapes, "square")


def _inside(number: float) -> float:
    return min(max(number, 0.0), 1.0) if number == number else 0.0


def histogram(title: str, words: str, edges: Sequence[float], counts: Sequence[int]) -> Markup | None:
    """Draw how many rows lie in each bin, as wide as the bin.

    Parameters
    ----------
    title, words : str
        What it shows, for those who do not see it.
    edges : sequence of float
        Ascending, one more than counts.
    counts : sequence of int
        0 or more.

    Returns
    -------
    Markup or None
        None where these make no histogram: they come from a file.

    Examples
    --------
    >>> histogram("age", "", [0.0, 1.0, 2.0], [3, 9]).html.count("<rect")
    2
    """
    if not 0 < len(counts) <= _MOST_BINS or len(edges) != len(counts) + 1 or not all(map(math.isfinite, edges)):
        return None
    width, height = 120.0, 30.0
    low, span, most = edges[0], edges[-1] - edges[0], max(counts)
    pairs = list(itertools.pairwise(edges))
    if not all(start < end for start, end in pairs) or not math.isfinite(span) or min(counts) < 0 or most <= 0:
        return None
    return _drawing(title, words, width, height, list(_bars(pairs, counts, low, span, width, height)), "tiny")


def _bars(
    pairs: Sequence[tuple[float, float]], counts: Sequence[int], low: float, span: float, width: float, height: float
) -> Iterator[Markup]:
    for (start, end), count in zip(pairs, counts, strict=True):
        tall = round(count / max(counts) * (height - 2), 2)
        x, wide = (start - low) / span * width, (end - start) / span * width
        yield element(
            "rect", x=round(x, 2), y=round(height - tall, 2), width=round(max(wide - 0.6, 0.4), 2), height=tall
        )


def bar(share: float) -> Markup:
    """Draw a size from -1 to 1 as a bar from the middle, for a cell beside its number.

    Parameters
    ----------
    share : float
        In relation to the largest.

    Returns
    -------
    Markup
        An image that says nothing beyond the number.

    Examples
    --------
    >>> "negative" in bar(-0.5).html, "negative" in bar(0.5).html
    (True, False)
    """
    share = max(-1.0, min(share, 1.0))
    size = round(abs(share) * 80, 2)
    shape = element(
        "rect",
        x=80 - size if share < 0 else 80.0,
        y=2.0,
        width=max(size, 0.5),
        height=10.0,
        class_="negative" if share < 0 else "positive",
    )
    line = element("line", x1=80.0, x2=80.0, y1=0.0, y2=14.0, class_="axis")
    return element("svg", shape, line, viewBox="0 0 160 14", aria_hidden="true", class_="bar")
