"""A density surface as a picture that lies true on the map."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy
from PIL import Image
from pyproj import Transformer

from maps.colours import SURFACE, blend

if TYPE_CHECKING:
    import numpy.typing as npt
    from pyproj import CRS

LONGEST = 1000
"""Pixels of the picture's longer side."""
LATTICE = 33
"""Points a side at which the position is computed exactly; between them it is interpolated."""
CLEAR_BELOW = 0.06
"""Share of the highest value under which the picture is clear."""
OPACITY = 225


@dataclass(frozen=True)
class Picture:
    """
    A density surface to be laid on the map.

    Attributes
    ----------
    png
        The picture, clear where the density is next to nothing.
    bounds
        West, south, east, north, in degrees.
    highest
        Density that has the darkest colour, in the unit of the values given.
    """

    png: bytes
    bounds: tuple[float, float, float, float]
    highest: float


def density_picture(
    density: npt.ArrayLike,
    *,
    left: float,
    bottom: float,
    cell: float,
    crs: CRS,
    highest: float | None = None,
) -> Picture:
    """Draw a density surface in the projection of the screen."""
    values = np.nan_to_num(np.asarray(density, dtype=float))
    highest = float(values.max()) if highest is None else highest
    if not highest > 0:
        msg = f"the highest density must be positive, got {highest!r}."
        raise ValueError(msg)
    rows, columns = values.shape
    corners = (left, bottom, left + columns * cell, bottom + rows * cell)
    extent = Transformer.from_crs(crs, "EPSG:3857", always_xy=True).transform_bounds(*corners)
    x, y = _pixel_places(extent, crs)
    at = [(y - bottom) / cell - 0.5, (x - left) / cell - 0.5]  # values are of the cells' middles
    seen = scipy.ndimage.map_coordinates(values, at, order=1, mode="constant")
    degrees = Transformer.from_crs("EPSG:3857", "EPSG:4326", always_xy=True)
    west, south = degrees.transform(extent[0], extent[1])
    east, north = degrees.transform(extent[2], extent[3])
    return Picture(_png(seen / highest), (west, south, east, north), highest)


def _pixel_places(
    extent: tuple[float, float, float, float], crs: CRS
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Metric x and y of every pixel of a Web Mercator picture, first row in the north."""
    width, height = extent[2] - extent[0], extent[3] - extent[1]
    scale = LONGEST / max(width, height)
    shape = (max(1, round(height * scale)), max(1, round(width * scale)))
    lon, lat = np.meshgrid(
        np.linspace(extent[0], extent[2], LATTICE), np.linspace(extent[3], extent[1], LATTICE)
    )
    # exact on a coarse lattice, linear between: a million pixels need no million transformations
    lattice = Transformer.from_crs("EPSG:3857", crs, always_xy=True).transform(lon, lat)
    rows = (np.arange(shape[0]) + 0.5) / shape[0] * (LATTICE - 1)
    columns = (np.arange(shape[1]) + 0.5) / shape[1] * (LATTICE - 1)
    at = np.meshgrid(rows, columns, indexing="ij")
    x, y = (scipy.ndimage.map_coordinates(axis, at, order=1) for axis in lattice)
    return x, y


def _png(places: npt.NDArray[np.float64]) -> bytes:
    places = np.clip(places, 0, 1)
    fade = np.clip((places - CLEAR_BELOW) / 0.12, 0, 1)
    alpha = np.rint(OPACITY * fade).astype(np.uint8)
    pixels = np.dstack([blend(SURFACE, places), alpha])
    file = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(file, format="PNG", optimize=False, compress_level=6)
    return file.getvalue()
