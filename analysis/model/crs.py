"""The metric coordinate reference system (CRS) in which a city is measured."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from pyproj import CRS, Proj, Transformer

from analysis.model.errors import CrsError

if TYPE_CHECKING:
    from collections.abc import Sequence

TOLERANCE = 0.005
"""Greatest relative error of a length that still counts as a true metre."""


def local_crs(bounds: Sequence[float]) -> CRS:
    """
    Choose the metric CRS for a study area: Lambert azimuthal equal-area on its centre.

    Areas are exact; lengths err by less than 1e-4 within 180 km of the centre.

    Parameters
    ----------
    bounds
        West, south, east, north in degrees (EPSG:4326). Across the antimeridian the
        east is counted on beyond 180.

    Returns
    -------
    crs
        The same for the same bounds, rounded to 0.01°, on every machine.

    References
    ----------
    Snyder (1987), Map Projections: A Working Manual, USGS Professional Paper 1395.
    """
    west, south, east, north = bounds
    lon, lat = round((west + east) / 2, 2), round((south + north) / 2, 2)
    lon -= 360 * (lon > 180)  # noqa: PLR2004
    return CRS.from_proj4(f"+proj=laea +lat_0={lat} +lon_0={lon} +datum=WGS84 +units=m +no_defs")


def scale_error(crs: CRS, bounds: Sequence[float]) -> float:
    """
    Find the largest relative error of a length anywhere on a 5 × 5 lattice of an extent.

    Parameters
    ----------
    crs
        A projected CRS, whatever its unit.
    bounds
        West, south, east, north of the extent, in degrees.

    Returns
    -------
    error
        max |scale − 1| over both principal directions (Tissot's indicatrix), unitless.
    """
    west, south, east, north = bounds
    lon, lat = np.meshgrid(np.linspace(west, east, 5), np.linspace(south, north, 5))
    factors = Proj(crs).get_factors(lon.ravel(), lat.ravel(), errcheck=False)
    scales = np.concatenate([factors.tissot_semimajor, factors.tissot_semiminor])
    error = float(np.nanmax(np.abs(scales - 1)))
    return error if np.isfinite(error) else float("inf")


def _title(crs: CRS) -> str:
    return crs.name if crs.name != "unknown" else crs.to_string()


@lru_cache(maxsize=256)
def _scale_error_there(crs: CRS, bounds: tuple[float, ...]) -> float:
    """Scale error over an extent given in units of the CRS itself."""
    west, south, east, north = bounds
    geographic = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    west, south, east, north = geographic.transform_bounds(west, south, east, north)
    return scale_error(crs, (west, south, east + 360 * (east < west), north))


def check_crs(crs: object, *, bounds: Sequence[float], name: str) -> None:
    """
    Refuse a CRS in which distances are not true metres.

    Parameters
    ----------
    crs
        The CRS of a frame, or `None`.
    bounds
        West, south, east, north of the frame, in units of `crs`.
    name
        What the frame is called, for the message.

    Raises
    ------
    CrsError
        If there is no CRS, it is geographic, its unit is not the metre, or a length
        within `bounds` errs by more than `TOLERANCE`.
    """
    hint = 'Leave `crs = "auto"` in city.toml, or name a local metric CRS.'
    if crs is None:
        msg = f"{name}: no coordinate reference system (CRS) is known."
        raise CrsError(msg, problem="crs_missing", hint=hint, name=name)
    crs = CRS.from_user_input(crs)
    units = {axis.unit_name for axis in crs.axis_info}
    if crs.is_geographic or units != {"metre"}:
        title = _title(crs)
        msg = f"{name}: {title} measures in {', '.join(sorted(units))}, not true metres."
        raise CrsError(
            msg, problem="crs_unit", hint=hint, name=name, crs=title, unit=", ".join(sorted(units))
        )
    corners = tuple(float(value) for value in bounds)
    if not np.isfinite(corners).all():
        return
    error = _scale_error_there(crs, corners)
    if error > TOLERANCE:
        title, shown = _title(crs), f"{100 * error:.3g}%"
        msg = (
            f"{name}: in {title} lengths here err by {shown}, so they are not true metres;"
            f" at most {TOLERANCE:.1%} is allowed."
        )
        raise CrsError(
            msg,
            problem="crs_distorted",
            hint=hint,
            name=name,
            crs=title,
            error=shown,
            allowed=f"{TOLERANCE:.1%}",
        )
