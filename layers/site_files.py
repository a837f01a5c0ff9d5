"""Files that say where new facilities may stand: points or plots with a cost, zones in or out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from analysis.model.errors import SourceError
from layers.cleaning.crs import transform_geometry
from layers.formats.geodata import WGS84
from layers.formats.read import How, read_table

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from layers.city import City
    from layers.formats.table import Table

DEGREES = ("lon", "lat")
"""Columns of a table without geometry, in WGS 84."""
TEXTS = (".csv", ".tsv", ".txt", ".xlsx")
COSTS = ("cost", "造价", "费用")
NAMES = ("name", "名称")
_AREA = 2


def read_sites(path: Path, city: City, *, entry: str) -> gpd.GeoDataFrame:
    """
    Read points or plots; of a plot a point inside stands for it.

    Gives points in the CRS of the city with `cost` (missing where none is stated) and `name`. A
    file that lies wholly elsewhere is refused: its coordinates are not in the system it states.
    """
    table = read_table(path, name=path.name, entry=entry, how=How(), columns=_wanted(path))
    shapes = _shapes(table, city, path, entry)
    points = shapely.point_on_surface(shapes)
    _check_near(points, city, path, entry)
    return gpd.GeoDataFrame(
        {"cost": _costs(table, path, entry), "name": _column(table, NAMES)},
        geometry=points,
        crs=city.crs,
    )


def read_zone(path: Path, city: City, *, entry: str) -> shapely.Geometry:
    """Read polygons and join them, in the CRS of the city."""
    table = read_table(path, name=path.name, entry=entry, how=How())
    shapes = shapely.make_valid(_shapes(table, city, path, entry))
    parts = shapely.get_parts(shapes)
    areas = parts[shapely.get_dimensions(parts) == _AREA]
    if not len(areas):
        raise _refused(problem="site_zone_flat", entry=entry, file=path.name)
    _check_near(areas, city, path, entry)
    return shapely.union_all(areas)


def _wanted(path: Path) -> tuple[str, ...]:
    """Name the columns that a table of text has to have; other formats bring geometry."""
    return DEGREES if path.suffix.lower() in TEXTS else ()


def _shapes(table: Table, city: City, path: Path, entry: str) -> NDArray[np.object_]:
    if table.geometry is not None:
        crs = CRS.from_user_input(WGS84) if table.crs is None else table.crs
        shapes = np.asarray(table.geometry, dtype=object)
    elif set(DEGREES) <= set(table.rows):
        crs = CRS.from_user_input(WGS84)
        lon, lat = (pd.to_numeric(table.rows[axis], errors="coerce") for axis in DEGREES)
        shapes = np.asarray(shapely.points(lon, lat), dtype=object)
    else:
        listed = ", ".join(map(str, table.rows.columns))
        raise _refused(problem="site_file_places", entry=entry, file=path.name, found=listed)
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    empty |= ~np.isfinite(shapely.bounds(shapes)).all(axis=1)
    if empty.any() or not len(shapes):
        row = int(table.numbers[np.flatnonzero(empty)[0]]) if len(shapes) else 0
        raise _refused(problem="site_file_row", entry=entry, file=path.name, row=row)
    return transform_geometry(shapes, crs, city.crs)


def _check_near(shapes: NDArray[np.object_], city: City, path: Path, entry: str) -> None:
    """Refuse a file that lies wholly elsewhere: its system is not what it says."""
    west, south, east, north = city.communities.total_bounds
    margin = max(east - west, north - south)
    around = shapely.box(west - margin, south - margin, east + margin, north + margin)
    if not shapely.intersects(around, shapes).any():
        raise _refused(problem="site_file_elsewhere", entry=entry, file=path.name)


def _costs(table: Table, path: Path, entry: str) -> NDArray[np.float64]:
    text = _column(table, COSTS)
    stated = text.str.strip() != ""
    costs = pd.to_numeric(text.where(stated), errors="coerce")
    rows = {number for number, column in table.valueless if column == text.name}
    void = np.isin(table.numbers, list(rows))  # formulas without a result
    wrong = void | (stated & ~((costs > 0) & np.isfinite(costs)))
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise _refused(
            problem="site_file_cost",
            entry=entry,
            file=path.name,
            row=int(table.numbers[at]),
            found="#N/A" if void[at] else text.iloc[at],
        )
    return costs.to_numpy(float)


def _column(table: Table, headings: tuple[str, ...]) -> pd.Series[str]:
    known = {str(heading).strip().casefold(): heading for heading in table.rows}
    for heading in headings:
        if heading in known:
            return table.rows[known[heading]]
    return pd.Series("", index=table.rows.index)


def _refused(*, problem: str, entry: str, file: str, **facts: object) -> SourceError:
    said = {
        "site_zone_flat": "holds no polygon",
        "site_file_places": "has no geometry and no columns lon and lat",
        "site_file_row": "has a row without a place",
        "site_file_elsewhere": "lies wholly outside the city",
        "site_file_cost": "states a cost that is not above 0",
    }[problem]
    listed = "".join(f"; {name} {value}" for name, value in facts.items())
    msg = f"{entry}: {file} {said}{listed}."
    hint = "Correct the file, or name another."
    return SourceError(msg, hint=hint, problem=problem, entry=entry, file=file, **facts)
