"""Everything on a page can be read, on a light screen, a dark one, and on paper."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

STYLE = files("hermetic.reporting").joinpath("style.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"(--[a-z0-9-]+): (#[0-9a-f]{6});", block))
    for block in re.findall(r":root \{(.*?)\}", STYLE.partition("@media print")[0], re.DOTALL)
)
TEXT_ON_PAPER = [
    *((ink, paper) for ink in ("ink", "quiet", "accent") for paper in ("paper", "soft")),
    *((name, f"{name}-paper") for name in ("good", "warn", "bad")),
    *((name, "paper") for name in ("good", "warn", "bad")),
    *((f"c{number}", paper) for number in range(8) for paper in ("paper", "soft")),
    *(("ink", f"s{number}") for number in range(1, 6)),
]
SHAPES_ON_PAPER = [("test", "paper"), ("test", "band"), ("train", "paper"), *((f"c{n}", "paper") for n in range(8))]


def luminance(color: str) -> float:
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours after WCAG 2.2, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_formula_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "paper"), TEXT_ON_PAPER, ids=[f"{ink} on {paper}" for ink, paper in TEXT_ON_PAPER])
def test_text_has_a_contrast_of_at_least_four_and_a_half(ink: str, paper: str, colors: dict[str, str]):
    assert contrast(colors[f"--{ink}"], colors[f"--{paper}"]) >= 4.5


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("shape", "paper"), SHAPES_ON_PAPER, ids=[f"{own} on {paper}" for own, paper in SHAPES_ON_PAPER]
)
def test_shapes_have_a_contrast_of_at_least_three(shape: str, paper: str, colors: dict[str, str]):
    assert contrast(colors[f"--{shape}"], colors[f"--{paper}"]) >= 3


def test_both_palettes_have_the_same_colours():
    assert LIGHT.keys() == DARK.keys()
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", STYLE))
    assert used <= LIGHT.keys()


def test_paper_is_light_and_shows_all_of_the_source():
    printed = STYLE.partition("@media print")[2]
    assert "max-height: none" in printed
    assert "@media screen and (prefers-color-scheme: dark)" in STYLE


def test_the_style_sheet_loads_nothing():
    assert not re.search(r"url\(|@import|expression|behavior|<", STYLE)
