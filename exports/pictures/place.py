"""Where things of a map lie on a picture: from degrees and grid units to pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from maps.geometry import GRID

if TYPE_CHECKING:
    import numpy.typing as npt

    from maps.spec import View

EQUATOR_M = 40_075_016.7
ZOOM_0 = 256
"""Pixels around the earth at zoom 0 of a web map."""
STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Box:
    """A rectangle on the picture, in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height


@dataclass(frozen=True)
class Placement:
    """
    The part of the grid that a picture shows.

    Attributes
    ----------
    box
        Where the map lies on the picture.
    scale
        Pixels a grid unit.
    left, top
        Grid units of the box's upper left corner.
    latitude
        Of the middle, for lengths.
    """

    box: Box
    scale: float
    left: float
    top: float
    latitude: float

    @property
    def origin(self) -> tuple[int, int]:
        """Whole grid units near the corner: numbers stay small enough to be exact."""
        return math.floor(self.left), math.floor(self.top)

    @property
    def metres_per_pixel(self) -> float:
        """Metres on the ground that a pixel shows."""
        around = EQUATOR_M * math.cos(math.radians(self.latitude))
        return float(around / (GRID * self.scale))

    @property
    def zoom(self) -> float:
        """The zoom of a web map of this scale."""
        return math.log2(self.scale * GRID / ZOOM_0)

    def transform(self) -> str:
        """Write how grid units from `origin` become pixels."""
        x, y = self.origin
        right = self.box.x + (x - self.left) * self.scale
        down = self.box.y + (y - self.top) * self.scale
        return f"translate({right:.3f} {down:.3f}) scale({self.scale:.9g})"

    def pixels(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Place degrees on the picture, one row a place."""
        grid = on_grid(lon, lat)
        corner = np.array([self.left, self.top])
        placed: npt.NDArray[np.float64] = (grid - corner) * self.scale
        placed += np.array([self.box.x, self.box.y])
        return placed

    def inside(self, pixels: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Tell which places lie on the map."""
        x, y = pixels[:, 0], pixels[:, 1]
        across = (x >= self.box.x) & (x <= self.box.right)
        within: npt.NDArray[np.bool_] = across & (y >= self.box.y) & (y <= self.box.bottom)
        return within


def on_grid(lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Turn degrees into units of the web map's grid, x to the right and y down."""
    angle = np.radians(np.asarray(lat, dtype=float))
    x = 0.5 + np.asarray(lon, dtype=float) / 360
    y = 0.5 - np.arctanh(np.sin(angle)) / (2 * np.pi)
    grid: npt.NDArray[np.float64] = np.column_stack([x, y]) * GRID
    return grid


def fitted(view: View, box: Box, *, margin: float = 14) -> Placement:
    """Fit what a map goes to into a box, the same on all sides."""
    (south, west), (north, east) = view.bounds
    (left, bottom), (right, top) = on_grid([west, east], [south, north])
    room = max(box.width - 2 * margin, 1), max(box.height - 2 * margin, 1)
    scale = min(room[0] / max(right - left, 1), room[1] / max(bottom - top, 1))
    middle = (left + right) / 2, (top + bottom) / 2
    return Placement(
        box,
        scale,
        left=middle[0] - box.width / 2 / scale,
        top=middle[1] - box.height / 2 / scale,
        latitude=(south + north) / 2,
    )


def round_length(longest: float) -> float:
    """
    Find the greatest round length that is no longer.

    Examples
    --------
    >>> round_length(730), round_length(2400), round_length(51)
    (500.0, 2000.0, 50.0)
    """
    power: float = 10.0 ** math.floor(math.log10(longest))
    # a logarithm just below a whole number may be rounded up to it
    known = (step * power / part for part in (1, 10) for step in STEPS)
    return max(length for length in known if length <= longest)
