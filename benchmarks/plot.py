"""Draws the load times as one SVG: bars on a logarithmic scale, readable on light and on dark ground.

Written by hand: no script, no font, no file from elsewhere, and the same bytes for the same numbers.
"""

from __future__ import annotations

import math
from html import escape

from benchmarks.results import Run, median_seconds

__all__ = ["DRAWN_BACKENDS", "draw_loads"]

DRAWN_BACKENDS = ("hermetic", "hermetic mmap c", "pickle", "joblib", "joblib mmap r", "skops")
Group = tuple[str, list[tuple[str, float]]]
_LEFT, _RIGHT, _TOP, _BOTTOM = 210, 70, 112, 44
_WIDTH, _BAR, _GAP = 960, 15, 18
# Okabe and Ito's colours: told apart with every kind of colour vision, on white and on near-black.
_COLOURS = ("#d55e00", "#e69f00", "#0072b2", "#009e73", "#56b4e9", "#999999")

_STYLE = """
text { font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
.title { font-size: 18px; font-weight: 600 }
.model { font-weight: 600 }
.number { font-size: 11px; fill: #59636e }
.ground { fill: #ffffff }
.grid { stroke: #d1d9e0; stroke-width: 1 }
.band { fill: #f6f8fa }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .number { fill: #9198a1 }
  .ground { fill: #0d1117 }
  .grid { stroke: #3d444d }
  .band { fill: #151b23 }
}
"""


def draw_loads(run: Run) -> str:
    """Return the SVG of the median load times of `DRAWN_BACKENDS`, one group of bars for each model."""
    groups = _collect_times(run)
    times = [milliseconds for _, bars in groups for _, milliseconds in bars]
    lowest = math.floor(math.log10(min(times))) if times else 0
    highest = max(lowest + 1, math.ceil(math.log10(max(times)))) if times else 1
    height = _TOP + _BOTTOM + sum(len(bars) * _BAR + _GAP for _, bars in groups)
    drawn = [name for name in DRAWN_BACKENDS if any(name == bar for _, bars in groups for bar, _ in bars)]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
        f'height="{height}" role="img" aria-labelledby="title description">',
        '<title id="title">Time to load a fitted model</title>',
        f'<desc id="description">Median milliseconds on a logarithmic scale for {escape(", ".join(drawn))}; '
        "shorter is better. The numbers stand in the tables beside this picture.</desc>",
        f"<style>{_STYLE}</style>",
        f'<rect class="ground" width="{_WIDTH}" height="{height}" rx="6"/>',
        '<text class="title" x="16" y="28">Time to load a fitted model</text>',
        '<text class="number" x="16" y="48">milliseconds on a logarithmic scale; shorter is better</text>',
        *_draw_bands(groups),
        *_draw_legend(drawn),
        *_draw_grid(lowest, highest, height),
        *_draw_groups(groups, lowest, highest),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _collect_times(run: Run) -> list[Group]:
    """Return for each model with any time its bars: (backend, median milliseconds)."""
    groups = []
    for model in run.models:
        bars = []
        for backend in DRAWN_BACKENDS:
            cell = run.cell(model, backend)
            seconds = median_seconds(cell.load) if cell is not None else None
            if seconds is not None:
                bars.append((backend, seconds * 1000))
        if bars:
            groups.append((model, bars))
    return groups


def _draw_legend(drawn: list[str]) -> list[str]:
    parts, x = [], 16
    for name in drawn:
        parts.append(f'<rect x="{x}" y="61" width="13" height="13" rx="2" fill="{_colour(name)}"/>')
        parts.append(f'<text x="{x + 19}" y="72">{escape(name)}</text>')
        x += 44 + 8 * len(name)
    return parts


def _draw_bands(groups: list[Group]) -> list[str]:
    """Draw a ground behind every other model: the eye finds which bars belong to which name."""
    parts, y = [], _TOP
    for number, (_, bars) in enumerate(groups):
        height = len(bars) * _BAR + _GAP
        if number % 2 == 0:
            parts.append(f'<rect class="band" x="0" y="{y - _GAP / 2:.1f}" width="{_WIDTH}" height="{height}"/>')
        y += height
    return parts


def _draw_grid(lowest: int, highest: int, height: int) -> list[str]:
    """Draw one line for each power of ten, with its number above and below."""
    parts = []
    for exponent in range(lowest, highest + 1):
        x = _position(10.0**exponent, lowest, highest)
        parts.append(f'<line class="grid" x1="{x:.1f}" y1="{_TOP - 10}" x2="{x:.1f}" y2="{height - _BOTTOM + 4}"/>')
        parts.extend(
            f'<text x="{x:.1f}" y="{y}" text-anchor="middle">{10.0**exponent:g}</text>'
            for y in (_TOP - 16, height - _BOTTOM + 22)
        )
    return parts


def _draw_groups(groups: list[Group], lowest: int, highest: int) -> list[str]:
    parts, y = [], _TOP
    for model, bars in groups:
        middle = y + len(bars) * _BAR / 2 + 4
        parts.append(f'<text class="model" x="{_LEFT - 10}" y="{middle:.1f}" text-anchor="end">{escape(model)}</text>')
        for backend, milliseconds in bars:
            end = _position(milliseconds, lowest, highest)
            words = f"{escape(model)}, {escape(backend)}: {milliseconds:.2f} ms"
            parts.append(
                f'<rect x="{_LEFT}" y="{y}" width="{max(1.0, end - _LEFT):.1f}" height="{_BAR - 2}" '
                f'fill="{_colour(backend)}"><title>{words}</title></rect>'
            )
            parts.append(f'<text class="number" x="{end + 5:.1f}" y="{y + 11}">{_format(milliseconds)}</text>')
            y += _BAR
        y += _GAP
    return parts


def _position(milliseconds: float, lowest: int, highest: int) -> float:
    share = (math.log10(milliseconds) - lowest) / (highest - lowest)
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _format(milliseconds: float) -> str:
    return f"{milliseconds:,.0f}" if milliseconds >= 100 else f"{milliseconds:.3g}"


def _colour(backend: str) -> str:
    return _COLOURS[DRAWN_BACKENDS.index(backend)]
