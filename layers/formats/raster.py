"""
Reads a raster of people, such as WorldPop or GHSL, as one row for each cell within the city.

    +----+----+----+        a cell that the city's border cuts counts with the share of its
    |  0 | 3 /|  5 |        people that its share of area within the city has; its point is its
    +----+--/-+----+        centre, or a point of the part within where the centre is outside
    |  2 | /4 |  6 |
    +----+----+----+
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer
from rasterio import Env
from rasterio.enums import ColorInterp
from rasterio.io import MemoryFile
from rasterio.windows import Window, from_bounds

from layers.formats.boundary import reading
from layers.formats.table import Table
from layers.sources.opened import check_content

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray
    from rasterio.io import DatasetReader
    from shapely import Geometry

    from layers.sources.opened import Opened

    Floats = NDArray[np.float64]

_COLOURS = {ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.palette}
MAX_CELLS = 25_000_000
_PLAIN = {"GDAL_SKIP": "", "GDAL_PAM_ENABLED": "NO", "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR"}
_PER_SIDE = 200
"""Points on each side of the city's extent, whose straight lines may be curved in the raster."""


@dataclass(frozen=True)
class Within:
    """
    Where the city is.

    Attributes
    ----------
    shapes
        Its communities.
    crs
        Of them.
    """

    shapes: NDArray[np.object_]
    crs: CRS


def read_raster(opened: Opened, *, within: Within, columns: Collection[str]) -> Table:
    """Read the cells of a GeoTIFF that have people within the city; no others are decoded."""
    check_content(opened, expected="tiff", format_name="GeoTIFF")
    city = shapely.union_all(within.shapes)
    with (
        reading(opened, "is not a sound GeoTIFF"),
        Env(**_PLAIN),
        MemoryFile(opened.data) as memory,
        memory.open(driver="GTiff") as raster,
    ):
        _check_numbers(opened, raster)
        crs = _crs(opened, raster)
        transformer = Transformer.from_crs(within.crs, crs, always_xy=True)
        window = _window(opened, raster, transformer, city)
        names = _bands(opened, raster, columns)
        bands = [_values(raster, window, number) for number in names.values()]
        area = _carried(city, transformer)
        west, north = raster.window_transform(window) * (0, 0)
        size = raster.transform.a, raster.transform.e
    people = np.nansum(np.abs(bands), axis=0) > 0
    row, column = np.nonzero(people)
    points, share = _cells(area, west + column * size[0], north + row * size[1], size)
    kept = share > 0
    cells = {
        name: _texts(band[row[kept], column[kept]] * share[kept])
        for name, band in zip(names, bands, strict=True)
    }
    return Table(
        rows=pd.DataFrame(cells, index=pd.RangeIndex(int(kept.sum())), dtype="str"),
        numbers=np.arange(1, int(kept.sum()) + 1),
        geometry=points[kept],
        crs=crs,
        remarks={"raster_clipped": {"cut": str(int((share[kept] < 1).sum()))}},
    )


def _check_numbers(opened: Opened, raster: DatasetReader) -> None:
    """Refuse a picture, whose bands are colours and count nobody."""
    if not _COLOURS.isdisjoint(raster.colorinterp):
        raise opened.error(
            text="is a picture in colours; allowed is a raster of numbers of people.",
            problem="raster_picture",
            hint="Get the GeoTIFF with the numbers themselves, not a picture of the map.",
        )


def _crs(opened: Opened, raster: DatasetReader) -> CRS:
    turned = raster.transform.b != 0 or raster.transform.d != 0
    if raster.crs is None or turned:
        raise opened.error(
            text="is turned against its axes." if turned else "states no coordinate system.",
            problem="raster_turned" if turned else "raster_nowhere",
            hint="Write it again as a GeoTIFF with its system, north up, in a desktop GIS.",
        )
    return CRS.from_wkt(raster.crs.to_wkt())


def _bands(opened: Opened, raster: DatasetReader, columns: Collection[str]) -> dict[str, int]:
    """Find the bands that the recipe names, as `band1`; by default the first."""
    present = {f"band{number}": number for number in raster.indexes}
    unknown = sorted(set(columns) - set(present))
    if unknown:
        shown = ", ".join(present)
        raise opened.error(
            text=f"has no band {unknown[0]!r}; present are {shown}.",
            problem="layer_unknown",
            hint="Name one of them in `columns`, for example band1.",
            found=unknown[0],
            allowed=shown,
        )
    return {name: present[name] for name in columns or ("band1",)}


def _window(
    opened: Opened, raster: DatasetReader, transformer: Transformer, city: Geometry
) -> Window:
    """Find the cells that the city's extent touches."""
    west, south, east, north = shapely.bounds(city).tolist()
    own = transformer.transform_bounds(west, south, east, north, densify_pts=_PER_SIDE)
    bounds = raster.bounds
    low, high = sorted((bounds.bottom, bounds.top))
    apart = own[0] > bounds.right or own[2] < bounds.left
    if apart or own[1] > high or own[3] < low or not np.isfinite(own).all():
        shown = [", ".join(f"{value:.6g}" for value in each) for each in (bounds, own)]
        raise opened.error(
            text=f"covers {shown[0]}, and the city lies at {shown[1]}.",
            problem="raster_elsewhere",
            hint="Get the raster of the region that the city lies in.",
            found=shown[0],
            allowed=shown[1],
        )
    lower, upper = (own[1], own[3]) if raster.transform.e < 0 else (own[3], own[1])
    met = from_bounds(own[0], lower, own[2], upper, transform=raster.transform)
    top, left = max(int(np.floor(met.row_off)), 0), max(int(np.floor(met.col_off)), 0)
    bottom = min(int(np.ceil(met.row_off + met.height)), raster.height)
    right = min(int(np.ceil(met.col_off + met.width)), raster.width)
    height, width = max(bottom - top, 1), max(right - left, 1)
    if height * width > MAX_CELLS:
        raise opened.error(
            text=f"has {height * width:,} cells in the city; at most {MAX_CELLS:,} are read.",
            problem="file_large",
            hint="Write it with larger cells, people added up.",
            found=height * width,
            allowed=MAX_CELLS,
        )
    return Window(left, top, width, height)


def _values(raster: DatasetReader, window: Window, band: int) -> Floats:
    """Decode the cells of a window; what is no data is not a number."""
    stored = raster.read(band, window=window, masked=True)
    values = stored.astype(float).filled(np.nan)
    return np.asarray(values * raster.scales[band - 1] + raster.offsets[band - 1])


def _carried(area: Geometry, transformer: Transformer) -> Geometry:
    return shapely.transform(
        area, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))
    )


def _cells(
    area: Geometry, west: Floats, north: Floats, size: tuple[float, float]
) -> tuple[NDArray[np.object_], Floats]:
    """Give a point of each cell, and which share of the cell lies in the city."""
    width, height = size
    x, y = west + width / 2, north + height / 2
    boxes = shapely.box(
        west, np.minimum(north, north + height), west + width, np.maximum(north, north + height)
    )
    shapely.prepare(area)
    share = shapely.contains(area, boxes).astype(float)
    cut = np.flatnonzero((share == 0) & shapely.intersects(area, boxes))
    parts = shapely.intersection(boxes[cut], area)
    share[cut] = shapely.area(parts) / abs(width * height)
    points = np.asarray(shapely.points(x, y))
    beside = ~shapely.contains_xy(area, x[cut], y[cut]) & (share[cut] > 0)
    points[cut[beside]] = shapely.point_on_surface(parts[beside])
    return points, share


def _texts(values: Floats) -> list[str]:
    """Write people with more decimals than thousands have zeros, so that nobody mistakes them."""
    return ["" if np.isnan(value) else f"{value:.9f}" for value in values.tolist()]
