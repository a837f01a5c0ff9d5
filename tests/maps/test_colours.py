"""Classes, ramps and palettes, told apart without colour vision too."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.access.supply_filter import SupplyFilter
from analysis.model.contracts import FAIL, PASS
from maps import colours
from maps.colours import Ramp, class_codes, round_breaks
from maps.palette import DAY, NIGHT, NIGHT_BORDER, theme_at
from maps.rectification.frontage import DUTY_COLOURS
from maps.store import ASSETS


@given(
    st.lists(st.floats(0, 1) | st.just(float("nan")), max_size=30),
)
def test_every_value_has_the_class_it_lies_in(values):
    breaks = (-np.inf, *colours.SHARE.breaks, np.inf)
    for value, code in zip(values, class_codes(values, colours.SHARE), strict=True):
        place = colours.DIGITS.index(code)
        if np.isnan(value):
            assert place == len(colours.SHARE.colours)
        else:
            assert breaks[place] <= value < breaks[place + 1]


@pytest.mark.parametrize(
    "ramp", [colours.SHARE.colours, colours.SURFACE, colours.NIGHT_SHARE.colours[::-1]]
)
def test_ramps_darken_steadily_also_without_colour_vision(ramp):
    for matrix in (np.eye(3), DEUTAN, PROTAN):
        steps = np.diff([luminance(matrix @ linear(colour)) for colour in ramp])
        assert (steps < -0.015).all()


@pytest.mark.parametrize(
    ("at", "theme"),
    [(None, DAY), ((2, 1199), DAY), ((2, 1200), NIGHT), ((2, 359), NIGHT), ((2, 360), DAY)],
)
def test_the_map_is_dark_from_eight_in_the_evening_to_six(at, theme):
    assert theme_at(SupplyFilter(at=at)) is theme


def test_at_night_all_that_is_drawn_stands_out_from_the_ground():
    community_land = luminance(linear(NIGHT_BORDER))
    hatches = [style.hatch for style in (NIGHT.gap, NIGHT.unjudged)]
    lines = [style.line for style in (NIGHT.gap, NIGHT.reach, NIGHT.zone)]
    fills = [style.fill for style in (*NIGHT.shares[1:-1], *NIGHT.verdicts[:-1])]
    for colour in (*hatches, *lines, *fills):
        assert (luminance(linear(colour)) + 0.05) / (community_land + 0.05) >= 2.5


@pytest.mark.parametrize("ground", ["#eef1f4", "#1a212b"])
def test_checks_of_frontages_stand_out_from_the_bare_ground_of_any_page(ground):
    assert ground in GROUNDS
    for colour in DUTY_COLOURS.values():
        lights = sorted(luminance(linear(each)) + 0.05 for each in (colour, ground))
        assert lights[1] / lights[0] >= 3


def test_passed_and_failed_frontages_are_told_apart_without_colour_vision():
    for matrix in (np.eye(3), DEUTAN, PROTAN):
        passed, failed = (matrix @ linear(DUTY_COLOURS[each]) for each in (PASS, FAIL))
        assert np.abs(passed - failed).max() > 0.3


def test_hot_and_cold_part_from_the_middle_without_colour_vision():
    for matrix in (np.eye(3), DEUTAN, PROTAN):
        light = [luminance(matrix @ linear(colour)) for colour in colours.HOT_COLD]
        assert (np.diff(light[:4]) > 0.015).all()
        assert (np.diff(light[3:]) < -0.015).all()
        cold, hot = (matrix @ linear(colours.HOT_COLD[place]) for place in (0, 6))
        assert cold[2] - hot[2] > 0.15


def linear(colour):
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def luminance(rgb):
    return float(np.dot([0.2126, 0.7152, 0.0722], np.clip(rgb, 0, 1)))


# Machado, Oliveira, Fernandes (2009), severity 1.0, for linear RGB.
DEUTAN = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)

PROTAN = np.array(
    [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]
)


@given(st.floats(1e-6, 1e9), st.integers(2, 9))
def test_round_breaks_cut_the_whole_range(highest, count):
    breaks = round_breaks(highest, count=count)
    step = breaks[0]
    assert len(breaks) < count
    assert np.allclose(np.diff(breaks), step, rtol=1e-4)
    assert breaks[-1] < highest <= breaks[-1] + step * 1.001
    assert f"{step:e}"[:3].rstrip("0") in ("1.", "2.", "2.5", "5.")


@pytest.mark.parametrize("breaks", [(0.5, 0.2), (0.2,), (0.2, 0.2)])
def test_a_ramp_refuses_breaks_that_do_not_rise_or_fit(breaks):
    with pytest.raises(ValueError, match="break"):
        Ramp(breaks, ("#000000", "#111111", "#222222"))


LOOK = (ASSETS / "atlas.css").read_text("utf-8")
GROUNDS = re.findall("#[0-9a-f]{6}", " ".join(re.findall("--ground: ([^;]*)", LOOK)))


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("styles", [DAY.shares, DAY.verdicts])
def test_classes_are_told_apart_on_every_ground_also_without_colour_vision(ground, styles):
    """By day, by night and on a dark page, what shows through brings no classes together."""
    assert len(GROUNDS) == 3
    below = linear(ground)
    shown = [mixed(style, below) for style in styles[:-1]]
    for matrix in (np.eye(3), DEUTAN, PROTAN):
        seen = [matrix @ colour for colour in shown]
        for one, other in pairwise(seen):
            assert np.abs(one - other).max() > 0.03


def mixed(style, below):
    """Colour of a fill over a ground, as a browser mixes them: in sRGB."""
    mix = [
        style.opacity * srgb + (1 - style.opacity) * under
        for srgb, under in zip(encoded(linear(style.fill)), encoded(below), strict=True)
    ]
    parts = np.array(mix)
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def encoded(rgb):
    return np.where(rgb <= 0.0031308, rgb * 12.92, 1.055 * rgb ** (1 / 2.4) - 0.055)
