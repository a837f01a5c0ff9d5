"""Finds the coordinate reference system (CRS) of a layer, and transforms it to the city's."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import CRS, Transformer

from analysis.model.errors import CrsError, SettingsError
from layers.formats.boundary import held
from layers.formats.geodata import WGS84
from layers.places.chinese_shifts import is_shifted, median_shift

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layers.cleaning.row_account import RowAccount
    from layers.formats.table import Table
    from layers.recipe.schema import LayerRecipe

    Floats = NDArray[np.float64]

_SEMI_MAJOR = 6_378_137.0
"""Of the ellipsoids of WGS 84, ETRS89, NAD 83 and CGCS 2000, in metres."""
_ROUGH = 5.0
"""Metres, from which on the accuracy of a change of datum matters to a service radius."""


def known_crs(text: str, *, entry: str) -> CRS:
    """Look up a CRS that the recipe names."""
    msg = f"{entry}: crs {text!r} is unknown; allowed are names such as EPSG:4326."
    hint = "Look the code up at its publisher."
    unknown = SettingsError(msg, problem="crs_name", hint=hint, entry=entry, found=text)
    with held(lambda _: unknown):
        return CRS.from_user_input(text)


def transformer(crs: CRS, target: CRS) -> Transformer:
    """Find the way from one CRS to another."""
    msg = f"no way is known from the coordinate reference system {crs.name} to {target.name}."
    hint = "State the `crs` that the coordinates are really in, for example EPSG:4326."
    names = {"found": crs.name, "allowed": target.name}
    unknown = CrsError(msg, problem="crs_no_way", hint=hint, **names)
    with held(lambda _: unknown):
        return _way(crs, target)


@lru_cache(maxsize=32)
def _way(crs: CRS, target: CRS) -> Transformer:
    """Search the database of systems once for a pair: it takes longer than to load few rows."""
    return Transformer.from_crs(crs, target, always_xy=True)


def source_crs(table: Table, recipe: LayerRecipe, *, degrees: bool = False) -> CRS:
    """Find in which CRS the coordinates of a layer are."""
    stated = known_crs(_unshifted(recipe.crs), entry=recipe.entry) if recipe.crs else None
    if table.crs is None or (stated is not None and not table.crs_stated):
        if stated is None and not degrees:
            msg = f"{recipe.entry}: neither the file nor the recipe states a CRS."
            raise CrsError(
                msg,
                problem="crs_missing",
                hint="State `crs` in the recipe, for example EPSG:4326.",
                name=recipe.entry,
            )
        return stated or CRS.from_user_input(WGS84)
    if stated is not None and not _same(stated, table.crs, table):
        msg = f"{recipe.entry}: the recipe states {stated.name}, the file {table.crs.name}."
        raise CrsError(
            msg,
            problem="crs_contradicts",
            hint="Take `crs` out of the recipe, or correct it.",
            entry=recipe.entry,
            stated=stated.name,
            found=table.crs.name,
        )
    return table.crs


def _unshifted(crs: str) -> str:
    """Name the system that coordinates are in once a Chinese shift is taken back."""
    return WGS84 if is_shifted(crs) else crs


def _same(one: CRS, other: CRS, table: Table) -> bool:
    """Compare by what both make of the layer's own corner: names differ where CRSs do not."""
    if one.equals(other, ignore_axis_order=True) or table.geometry is None:
        return True
    corner = shapely.total_bounds(table.geometry)[:2]
    there = transformer(one, other).transform(*corner)
    return bool(np.allclose(there, corner, rtol=1e-9, atol=1e-9))


def note_datum(crs: CRS, target: CRS, account: RowAccount) -> None:
    """Note places on an older datum that the definitions installed transform only roughly."""
    ellipsoid = crs.ellipsoid
    old = ellipsoid is not None and abs(ellipsoid.semi_major_metre - _SEMI_MAJOR) > 1
    if old and not 0 <= transformer(crs, target).accuracy <= _ROUGH:
        account.note(account.alive.copy(), "datum_rough", crs=crs.name)


def note_shift(account: RowAccount, lon: Floats, lat: Floats, *, crs: str) -> None:
    """Note that a Chinese shift was taken back, and how far it was."""
    if is_shifted(crs):
        shift_m = median_shift(lon, lat, crs=crs)
        account.note(account.alive.copy(), "shift_taken_back", crs=crs, shift_m=shift_m)


def transform_geometry(geometry: NDArray[np.object_], crs: CRS, target: CRS) -> NDArray[np.object_]:
    """Transform geometries from one CRS to another, heights left out; the array is a new one."""
    if crs == target and not (shapely.get_coordinate_dimension(geometry) > 2).any():  # noqa: PLR2004
        return geometry.copy()  # the shapes themselves are never changed
    way = transformer(crs, target)

    def transform(points: Floats) -> Floats:
        return np.column_stack(way.transform(points[:, 0], points[:, 1]))

    transformed: NDArray[np.object_] = shapely.transform(geometry, transform)
    return transformed
