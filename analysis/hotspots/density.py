"""Density surface of issues: a Gaussian kernel over the study area, in cases per km²."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy

from analysis.hotspots.grid import MAX_BOX_CELLS
from analysis.issues.location import place_cases
from analysis.model.contracts import check_communities
from analysis.model.errors import SettingsError

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt
    import pandas as pd

    from analysis.issues.location import Placed

PIXELS_PER_BANDWIDTH = 5
"""Least bandwidth in pixels, for an error below 1 %."""
REACH = 5.0
"""Bandwidths after which the kernel is cut: 4e-6 of a case's mass is beyond."""


@dataclass(frozen=True, eq=False)
class Surface:
    """
    Cases per km² on square pixels.

    Attributes
    ----------
    values
        rows × columns, cases per km²; row 0 is the southernmost (turn it over for an
        image).
    x0, y0
        South-west corner of the raster, in metres; a multiple of `pixel`.
    pixel
        Side of a pixel in metres.
    bandwidth
        Standard deviation of the kernel in metres.
    cases
        Cases in the surface: those located in a community.
    unlocated, outside
        Issues without coordinates, and those in no community.
    """

    values: npt.NDArray[np.float64]
    x0: float
    y0: float
    pixel: float
    bandwidth: float
    cases: int
    unlocated: int
    outside: int


def _check_lengths(bandwidth: float, pixel: float, communities: gpd.GeoDataFrame) -> None:
    if not (np.isfinite(bandwidth) and bandwidth > 0 and pixel > 0):
        msg = f"density: bandwidth {bandwidth:g} m, pixel {pixel:g} m; both must be more than 0 m."
        raise SettingsError(
            msg,
            problem="density_lengths",
            hint="Give both in metres.",
            bandwidth=bandwidth,
            pixel=pixel,
        )
    coarsest = bandwidth / PIXELS_PER_BANDWIDTH
    if pixel > coarsest * (1 + 1e-9):
        msg = (
            f"density: pixels of {pixel:g} m are too coarse for a bandwidth of {bandwidth:g} m;"
            f" at most {coarsest:g} m is allowed."
        )
        raise SettingsError(
            msg,
            problem="pixel_too_coarse",
            hint="Choose smaller pixels or a wider bandwidth.",
            bandwidth=bandwidth,
            pixel=pixel,
            most=coarsest,
        )
    west, south, east, north = communities.total_bounds
    pixels = ((east - west) / pixel + 3) * ((north - south) / pixel + 3)
    if pixels > MAX_BOX_CELLS:
        least = np.ceil(1.01 * pixel * np.sqrt(pixels / MAX_BOX_CELLS))
        msg = f"density: pixels of {pixel:g} m make {pixels:,.0f}; allowed are {MAX_BOX_CELLS:,}."
        raise SettingsError(
            msg,
            problem="pixels_too_many",
            hint=f"Choose pixels of at least {least:g} m.",
            pixel=pixel,
            pixels=float(np.rint(pixels)),
            allowed=MAX_BOX_CELLS,
            least=least,
        )


def _shared_counts(
    place: npt.NDArray[np.float64], shape: tuple[int, int]
) -> npt.NDArray[np.float64]:
    """Share each case among the four pixel centres around it, by nearness in each direction."""
    corner = np.floor(place - 0.5).astype(np.int64)
    along = place - 0.5 - corner
    counts = np.zeros(shape[0] * shape[1])
    for step_x in (0, 1):
        for step_y in (0, 1):
            weight = np.abs(1 - step_x - along[:, 0]) * np.abs(1 - step_y - along[:, 1])
            cell = (corner[:, 1] + step_y) * shape[1] + corner[:, 0] + step_x
            counts += np.bincount(cell, weights=weight, minlength=counts.size)
    return counts.reshape(shape)


def density_surface(
    issues: pd.DataFrame,
    communities: gpd.GeoDataFrame,
    *,
    bandwidth: float,
    pixel: float,
) -> Surface:
    """
    Spread every case over a Gaussian kernel and sum.

    Each case is shared among the four pixel centres around it, which widens it by
    pixel²/6 on average; the filter is narrower by as much. At 5 pixels a bandwidth the
    error of the sum is at most 1.2 % of the surface's peak, wherever the cases lie; in cases
    per km² it grows with them, and where the surface is thin it may be more of its value.
    The mass of
    a kernel is 1 case; what reaches beyond the raster is lost to it, and nothing is
    folded back at the border, so densities there run low.

    Parameters
    ----------
    issues
        The selection to be mapped, as in `analysis.model.contracts`.
    communities
        The study area: the raster covers their extent with a free pixel around. Pixels
        outside the communities have values too.
    bandwidth
        Standard deviation of the kernel in metres.
    pixel
        Side of a pixel in metres, at most a fifth of the bandwidth.

    Returns
    -------
    surface
        All zero without cases.

    Raises
    ------
    SettingsError
        If a length is not positive, the pixel is too coarse for the bandwidth, or there
        would be more than `analysis.hotspots.grid.MAX_BOX_CELLS` pixels.

    References
    ----------
    Silverman (1986), Density Estimation for Statistics and Data Analysis, Chapman & Hall.
    """
    placed = place_cases(issues, communities)
    return surface_of(placed, communities, bandwidth=bandwidth, pixel=pixel)


def surface_of(
    placed: Placed, communities: gpd.GeoDataFrame, *, bandwidth: float, pixel: float
) -> Surface:
    """
    Draw the surface of cases that have their place.

    Parameters
    ----------
    placed
        From `analysis.issues.location.place_cases`.
    communities, bandwidth, pixel
        As in `density_surface`.

    Returns
    -------
    surface
        As from there.

    Raises
    ------
    SettingsError
        As there.
    """
    check_communities(communities)
    _check_lengths(bandwidth, pixel, communities)
    corners = communities.total_bounds / pixel
    first = np.floor(corners[:2]).astype(np.int64) - 1
    cols, rows = np.ceil(corners[2:]).astype(np.int64) - first + 1
    place = placed.xy.to_numpy(dtype=float) / pixel - first
    counts = _shared_counts(place, (int(rows), int(cols)))
    sigma = np.sqrt((bandwidth / pixel) ** 2 - 1 / 6)
    smooth = scipy.ndimage.gaussian_filter(counts, sigma, mode="constant", truncate=REACH)
    return Surface(
        values=smooth / (pixel / 1000) ** 2,
        x0=float(first[0] * pixel),
        y0=float(first[1] * pixel),
        pixel=float(pixel),
        bandwidth=float(bandwidth),
        cases=len(placed.xy),
        unlocated=placed.unlocated,
        outside=placed.outside,
    )
