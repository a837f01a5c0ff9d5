"""
The colours of every map and legend, and the classes that they stand for.

The ramp of shares grows steadily darker and bluer, so that it keeps its order for every kind
of colour vision and in grey print; hot and cold are red and blue, which all can tell apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from wording.numbers import share_span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
"""Class characters: the place in this row is the place in the list of styles."""

GAP = "#d6005f"
"""Gap polygons: the one saturated colour of the map."""
REACH = "#7a1f6b"
"""Streets within walking distance: darker than every fill under them."""
BORDER = "#ffffff"
CONTEXT = "#6b7685"
"""Borders drawn without a fill, for orientation."""
SURFACE = ("#fee9b2", "#fdb863", "#f07f3c", "#d0442f", "#8c1d3f", "#4a0f3f")
"""Density surface, low to high."""


@dataclass(frozen=True)
class Ramp:
    """
    Classes of a measured value, and a colour for each.

    Attributes
    ----------
    breaks
        Inner borders, rising; a value on a border belongs to the class above it.
    colours
        `#rrggbb`, one more than `breaks`, low to high.
    """

    breaks: tuple[float, ...]
    colours: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse breaks that do not rise, or that do not fit the colours."""
        if len(self.colours) != len(self.breaks) + 1:
            msg = f"{len(self.breaks)} breaks need {len(self.breaks) + 1} colours."
            raise ValueError(msg)
        if list(self.breaks) != sorted(set(self.breaks)):
            msg = f"breaks must rise, got {self.breaks}."
            raise ValueError(msg)


@dataclass(frozen=True)
class Fill:
    """
    How one class of polygons is filled.

    Attributes
    ----------
    colour
        `#rrggbb`.
    hatch
        Colour of the hatching, or nothing.
    """

    colour: str
    hatch: str = ""


CANNOT_JUDGE = Fill("#e1e5ea", hatch="#8a94a3")
"""Grey and hatched, never white, so that no answer does not look like a good one."""
SHARE = Ramp(
    breaks=(0.2, 0.4, 0.6, 0.8, 0.95),
    colours=("#fdeec1", "#cbe3ae", "#86cab6", "#42a2b9", "#2b6ba6", "#243b7b"),
)
"""Shares of people or area covered, 0-1."""
NIGHT_SHARE = Ramp(
    breaks=SHARE.breaks,
    colours=("#22356b", "#2c5f8d", "#3c8c98", "#75b189", "#bcd27f", "#fdf0a8"),
)
"""The same on dark ground: where something is open at night, there is light."""
HOT_COLD = ("#2166ac", "#67a9cf", "#b7d7ea", "#e4e6ea", "#fbc3a4", "#e8694a", "#b2182b")
"""Cold at q ≤ 0.01, 0.05, 0.10, not significant, hot at q ≤ 0.10, 0.05, 0.01."""
FEW_PEOPLE = "#8e6bb0"
"""Cells with cases where too few people live to judge a rate."""
MEETS = Fill("#3b8fb8")
FAILS = Fill("#e8963a")


def digit_codes(places: Iterable[int]) -> str:
    """
    Write the place of each class in the list of styles as one character.

    Examples
    --------
    >>> digit_codes([0, 3, 10])
    '03a'
    """
    return "".join(DIGITS[place] for place in places)


def class_codes(values: npt.ArrayLike, ramp: Ramp) -> str:
    """
    Class of each value, one character a value.

    Examples
    --------
    >>> class_codes([0.1, 0.2, 1.0, float("nan")], SHARE)
    '0156'
    """
    numbers = np.asarray(values, dtype=float)
    places = np.searchsorted(ramp.breaks, numbers, side="right")
    places[np.isnan(numbers)] = len(ramp.colours)
    return digit_codes(places.tolist())


def hot_cold_codes(classes: npt.ArrayLike) -> str:
    """
    Class character of each cell of a hot-spot map.

    Examples
    --------
    >>> hot_cold_codes([-3, 0, 3])
    '036'
    """
    return digit_codes((np.asarray(classes, dtype=int) + len(HOT_COLD) // 2).tolist())


def share_labels(ramp: Ramp) -> tuple[str, ...]:
    """Label of each class of a ramp of shares, in percent; the same in every language."""
    borders = (0.0, *ramp.breaks, 1.0)
    return tuple(share_span(low, high) for low, high in pairwise(borders))


def round_breaks(highest: float, *, count: int) -> tuple[float, ...]:
    """
    Round numbers that cut 0 to `highest` into about `count` equal classes.

    Examples
    --------
    >>> round_breaks(93.0, count=5)
    (20.0, 40.0, 60.0, 80.0)
    """
    if not (highest > 0 and np.isfinite(highest) and count > 1):
        msg = f"needs a positive highest value and 2 classes, got {highest!r} and {count}."
        raise ValueError(msg)
    power = 10.0 ** np.floor(np.log10(highest / count))
    nearly = highest * (1 - 1e-9)
    step = next(power * unit for unit in (1, 2, 2.5, 5, 10) if power * unit * count >= nearly)
    breaks = step * np.arange(1, count)
    return tuple(float(f"{value:.6g}") for value in breaks[breaks < nearly])


def blend(colours: Sequence[str], places: npt.NDArray[np.floating]) -> npt.NDArray[np.uint8]:
    """Blend the colours between the steps of a ramp."""
    steps = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in colours])
    scale = np.linspace(0, 1, len(colours))
    channels = [np.interp(places, scale, steps[:, channel]) for channel in range(3)]
    rgb: npt.NDArray[np.uint8] = np.rint(np.stack(channels, axis=-1)).astype(np.uint8)
    return rgb


def hex_colours(rgb: npt.NDArray[np.uint8]) -> list[str]:
    """Write blended colours as a style sheet does."""
    return [f"#{bytes(colour).hex()}" for colour in rgb]
