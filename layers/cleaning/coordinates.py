"""Finds the metric place of every row, and what is wrong with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from analysis.model.errors import CrsError, SourceError
from layers.cleaning.addresses import place_all_by_address, place_by_address
from layers.cleaning.columns import check_columns
from layers.cleaning.crs import known_crs, note_datum, note_shift, source_crs, transformer
from layers.cleaning.degrees import coordinate_columns
from layers.cleaning.numbers import NumberStyle, to_numbers
from layers.cleaning.values import says_nothing
from layers.formats.geodata import WGS84
from layers.places.chinese_shifts import is_shifted, to_wgs84
from layers.places.likely_crs import fitting_system
from layers.places.plus_codes import read_codes
from layers.texts.proofs import is_filled

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from layers.cleaning.layer import Layer
    from layers.cleaning.row_account import RowAccount
    from layers.cleaning.study_area import StudyArea
    from layers.recipe.schema import Check, LayerRecipe

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

_MOST = 0.5
_COARSE, _FEW = 2, 5
"""Decimals of a degree that say too little, and rows that are too few to tell."""
_SCALES = (1e-5, 1e-6, 1e-7)
"""Of degrees that devices and programs write as whole numbers."""
_EXCHANGE_SHAPES = (
    "The file itself has latitude first: exchange x and y in a desktop GIS (QGIS: Swap X and Y"
    " coordinates), and save it again."
)
_SAMPLE = 1000
"""Places that are tried in other systems."""
_LARGE = 100_000
"""From this many rows on, quarantined places are not spelled out."""


def place_rows(layer: Layer, *, area: StudyArea, optional: bool = False) -> tuple[Floats, Floats]:
    """Find the place of every row in metres, from columns or from geometry."""
    account, check = layer.account, layer.recipe.check
    addressed = "address" in layer.ours and area.gazetteer is not None
    if (optional or addressed) and layer.table.geometry is None and not _in_columns(layer):
        return _without_coordinates(layer, area, optional=optional)
    own_x, own_y, crs, written, unread = _own_coordinates(layer, area)
    transform = transformer(crs, area.crs).transform
    with np.errstate(invalid="ignore"):
        x, y = (np.asarray(values) for values in transform(own_x, own_y))
    own = own_x, own_y
    if crs.is_geographic:  # beyond these the projection would fold a place back onto the map
        # longitudes are also counted eastwards up to 360
        no_degrees = (own_x < -180) | (own_x > 360) | (np.abs(own_y) > 90)  # noqa: PLR2004
        x[no_degrees], y[no_degrees] = np.inf, np.inf
    problems = _problems(own, (x, y), transform, area)
    _check_most(problems, own, layer, area)
    note_datum(crs, area.crs, account)
    problems = {"coordinates_unreadable": unread, **problems}
    unplaced = np.any([*problems.values()], axis=0)
    if area.gazetteer and "address" in layer.ours and problems["coordinates_missing"].any():
        found = np.where(problems["coordinates_missing"], np.nan, np.stack([x, y]))
        placed = place_by_address(layer, area.gazetteer(), *found)
        x[placed], y[placed] = found[:, placed]
        unplaced &= ~placed
        problems = {rule: mask & ~placed for rule, mask in problems.items()}
    _tell_problems(problems, _shown(written, own_x, own_y), account, optional=optional)
    x[unplaced], y[unplaced] = np.nan, np.nan
    if crs.is_geographic:
        _note_coarse(np.stack(own), np.isfinite(x), account)
    if check is not None:
        _compare(np.stack([x, y]), layer, check, area=area)
    return x, y


def _without_coordinates(layer: Layer, area: StudyArea, *, optional: bool) -> tuple[Floats, Floats]:
    """Place what has an address, and say of the rest that it has no place."""
    account = layer.account
    x, y = np.full((2, len(layer.ours)), np.nan)
    if "address" in layer.ours and area.gazetteer is not None:
        place_all_by_address(layer, area.gazetteer(), x, y, optional=optional)
    if optional:
        account.note(np.isnan(x), "coordinates_absent")
    else:
        account.quarantine(np.isnan(x), "coordinates_missing")
    return x, y


def _in_columns(layer: Layer) -> bool:
    return not {"lon", "x", "position"}.isdisjoint(layer.ours)


def _tell_problems(
    problems: dict[str, Mask],
    detail: NDArray[np.object_] | str,
    account: RowAccount,
    *,
    optional: bool,
) -> None:
    """Quarantine rows without a sound place; where places are optional, load them without."""
    for rule, mask in problems.items():
        if not optional:
            account.quarantine(mask, rule, detail=detail)
        elif rule == "coordinates_missing":
            account.note(mask, rule)
        else:
            account.repair(mask, rule)


def places_in_degrees(layer: Layer, anywhere: StudyArea) -> tuple[Floats, Floats]:
    """Read the places of a layer in degrees, before it is known where the city is."""
    x, y, crs, _, _ = _own_coordinates(layer.afresh(), anywhere)
    with np.errstate(invalid="ignore"):
        lon, lat = transformer(crs, CRS.from_user_input(WGS84)).transform(x, y)
    known = np.isfinite(lon) & np.isfinite(lat) & ((x != 0) | (y != 0))
    known &= (np.abs(lon) <= 180) & (np.abs(lat) < 90)  # noqa: PLR2004
    return np.asarray(lon)[known], np.asarray(lat)[known]


def _own_coordinates(
    layer: Layer, area: StudyArea
) -> tuple[Floats, Floats, CRS, pd.Series[str] | None, Mask]:
    """Take coordinates as they are written, the text that held them, and where it is none."""
    table, ours, recipe = layer.table, layer.ours, layer.recipe
    untaken = np.zeros(len(ours), dtype=bool)
    if table.geometry is not None and not _in_columns(layer):
        points = _representative(table.geometry, layer.account)
        return shapely.get_x(points), shapely.get_y(points), layer.crs, None, untaken
    if "position" in ours:
        parts = _taken_apart(ours["position"], layer, area)
        untaken = (parts.isna().any(axis=1) & (ours["position"] != "")).to_numpy(dtype=bool)
        ours = ours.assign(**{str(name): parts[name].fillna("") for name in parts})
    names = ("lon", "lat") if "lon" in ours or "lat" in ours else ("x", "y")
    check_columns(ours.columns, names, entry=f"{recipe.entry}: columns")
    written = ours[names[0]] + ", " + ours[names[1]] if len(ours) < _LARGE else None
    if written is not None and untaken.any():
        written = written.mask(untaken, ours["position"])
    x, y = coordinate_columns(layer, ours, names)
    if names[0] == "x" and not (recipe.crs or table.crs or area.crs.is_geographic):
        _tell_system(np.stack([x, y]), layer, area)
    crs = source_crs(table, recipe, degrees=names[0] == "lon")
    unread = untaken | _unread(x, ours[names[0]]) | _unread(y, ours[names[1]])
    if is_shifted(recipe.crs):
        x, y = to_wgs84(x, y, crs=recipe.crs)
        note_shift(layer.account, x, y, crs=recipe.crs)
    return x, y, crs, written, unread


def _unread(numbers: Floats, text: pd.Series[str]) -> Mask:
    """Tell where something is written that is no number."""
    unread: Mask = np.isnan(numbers) & is_filled(text)
    unread[unread] = ~says_nothing(text[unread])
    return unread


def _tell_system(own: Floats, layer: Layer, area: StudyArea) -> None:
    """Name the system that x and y are probably in, where nobody states one."""
    own = own[:, np.isfinite(own).all(axis=0) & layer.account.alive]
    system, exchanged = _likely_system(own, area)
    if not system:
        return
    entry, order = layer.recipe.entry, " with x and y exchanged" if exchanged else ""
    msg = (
        f"{entry}: neither the file nor the recipe states a CRS; in {system}{order} its places"
        " lie in the city."
    )
    raise CrsError(
        msg,
        problem="crs_missing_exchanged" if exchanged else "crs_missing_likely",
        hint=f'State `crs = "{system}"`{order} if the source confirms it.',
        name=entry,
        system=system,
    )


def _taken_apart(position: pd.Series[str], layer: Layer, area: StudyArea) -> pd.DataFrame:
    """Take positions apart by the pattern stated, else as Plus codes."""
    recipe, account = layer.recipe, layer.account
    if recipe.position_pattern:
        return position.str.extract(recipe.position_pattern)
    codes = read_codes(position, near=area.middle())
    read = np.isfinite(codes.lon)
    if not read.any():
        raise _no_code(position, recipe, area.middle())
    account.note(read & ~codes.short, "place_codes", found=position[read].iloc[0])
    if codes.short.any():
        account.note(codes.short, "place_codes_short", found=position[codes.short].iloc[0])
    degrees = pd.DataFrame({"lon": codes.lon, "lat": codes.lat}, index=position.index)
    return degrees.map("{:.9f}".format).where(degrees.notna())


def _no_code(
    position: pd.Series[str], recipe: LayerRecipe, middle: tuple[float, float]
) -> SourceError:
    found = next((text for text in position if text), "")
    pattern = _pattern_of(found, middle)
    return SourceError(
        f"{recipe.entry}: position {found!r} is neither a shape nor a Plus code.",
        problem="position_form",
        hint=f"State `position_pattern`, such as '{pattern}'",
        entry=recipe.entry,
        found=found,
        pattern=pattern,
    )


def _pattern_of(found: str, middle: tuple[float, float]) -> str:
    r"""
    Write the pattern of a text with two numbers, the one nearer to the city's longitude as `lon`.

    Examples
    --------
    >>> print(_pattern_of("(30.5, 114.3)", (114, 30)))
    \((?P<lat>-?[0-9.]+),\s*(?P<lon>-?[0-9.]+)\)
    """
    parts = re.split(r"(-?\d+(?:\.\d+)?)", found)
    if len(parts) != 5:  # noqa: PLR2004  two numbers, and what stands around them
        parts = ["", "0", ", ", "0", ""]
    one, two = float(parts[1]), float(parts[3])
    first = abs(one - middle[0]) + abs(two - middle[1]) <= abs(one - middle[1]) + abs(
        two - middle[0]
    )
    names = ("lon", "lat") if first else ("lat", "lon")
    around = ["\\s*".join(map(re.escape, re.split(r"\s+", part))) for part in parts[::2]]
    groups = [f"(?P<{name}>-?[0-9.]+)" for name in names]
    return f"{around[0]}{groups[0]}{around[1]}{groups[1]}{around[2]}"


def _representative(geometry: NDArray[np.object_], account: RowAccount) -> NDArray[np.object_]:
    types = shapely.get_type_id(geometry)
    shapes = ~shapely.is_missing(geometry) & (types != 0) & ~shapely.is_empty(geometry)
    points = geometry.copy()
    points[shapes] = shapely.point_on_surface(geometry[shapes])
    points[types != 0] = np.where(shapes[types != 0], points[types != 0], None)
    points[shapely.is_empty(points)] = None
    account.note(shapes, "point_from_shape")
    return points


def _problems(
    own: tuple[Floats, Floats],
    metric: tuple[Floats, Floats],
    transform: Callable[..., tuple[Floats, Floats]],
    area: StudyArea,
) -> dict[str, Mask]:
    x, y = own
    missing = np.isnan(x) | np.isnan(y)
    zero = (x == 0) & (y == 0)
    outside = ~missing & ~zero & ~area.holds(*metric)
    swapped = np.zeros(len(outside), dtype=bool)
    if outside.any():
        swapped[outside] = area.holds(*map(np.asarray, transform(y[outside], x[outside])))
    return {
        "coordinates_missing": missing,
        "coordinates_zero": zero,
        "coordinates_swapped": swapped,
        "coordinates_outside": outside & ~swapped,
    }


def _check_most(
    problems: dict[str, Mask], own: tuple[Floats, Floats], layer: Layer, area: StudyArea
) -> None:
    recipe, account = layer.recipe, layer.account
    wrong = (problems["coordinates_swapped"] | problems["coordinates_outside"]) & account.alive
    placed = ~problems["coordinates_missing"] & account.alive
    if wrong.sum() <= _MOST * placed.sum():
        return
    first = int(np.flatnonzero(wrong)[0])
    found = ", ".join(f"{axis[first]:.10g}" for axis in own)
    near = transformer(area.crs, CRS.from_user_input(WGS84)).transform_bounds(*area.bounds)
    allowed = ", ".join(f"{value:.4f}" for value in near)
    msg = (
        f"{recipe.entry}: {int(wrong.sum())} of {int(placed.sum())} places lie outside the"
        f" communities ({account.label(first)}: {found}); allowed is about {allowed} (EPSG:4326)."
    )
    swapped = problems["coordinates_swapped"].sum() > problems["coordinates_outside"].sum()
    away = np.stack([axis[wrong] for axis in own])
    _check_scale(away, recipe, area)
    if not swapped:
        _check_system(away, layer, area)
    facts = {"entry": recipe.entry, "found": found, "allowed": allowed}
    counts = {"count": int(wrong.sum()), "total": int(placed.sum())}
    if swapped and layer.table.geometry is not None and not _in_columns(layer):
        raise SourceError(
            msg, problem="places_swapped_shapes", hint=_EXCHANGE_SHAPES, **facts, **counts
        )
    raise SourceError(
        msg,
        problem="places_swapped" if swapped else "places_outside",
        hint="Exchange the two columns." if swapped else "Correct `crs` or the columns.",
        **facts,
        **counts,
    )


def _check_scale(own: Floats, recipe: LayerRecipe, area: StudyArea) -> None:
    """Refuse whole numbers that are degrees multiplied by a power of ten, and say which."""
    transform = transformer(CRS.from_user_input(WGS84), area.crs).transform
    for factor in _SCALES:
        if area.holds(*transform(*own * factor)).mean() > _MOST:
            found = ", ".join(f"{value:.10g}" for value in own[:, 0])
            msg = (
                f"{recipe.entry}: {found} is no place in degrees; multiplied by {factor:g} it"
                " lies in the city."
            )
            raise SourceError(
                msg,
                problem="places_scaled",
                hint=f"State `factors = {{ lon = {factor:g}, lat = {factor:g} }}` in the recipe.",
                entry=recipe.entry,
                found=found,
                factor=f"{factor:g}",
            )


def _check_system(own: Floats, layer: Layer, area: StudyArea) -> None:
    """Refuse places that lie in the city once another system is named, and name it."""
    system, exchanged = _likely_system(own, area)
    if not system:
        return
    recipe, by_file = layer.recipe, layer.table.crs is not None and layer.table.crs_stated
    named = layer.crs.name if by_file else recipe.crs or WGS84
    found = ", ".join(f"{value:.10g}" for value in own[:, 0])
    facts = {"entry": recipe.entry, "found": found, "crs": named, "system": system}
    state = f'State `crs = "{system}"` in the recipe'
    if exchanged:
        msg = (
            f"{recipe.entry}: {found} is outside in {named}; in {system}, northing and easting"
            " exchanged, it lies in the city."
        )
        hint = f"{state} and exchange the two columns."
        raise SourceError(msg, problem="places_system_exchanged", hint=hint, **facts)
    msg = f"{recipe.entry}: {found} is outside in {named}; in {system} it lies in the city."
    assign = f"Assign {system} to the file in a desktop GIS: it names the wrong one itself."
    raise SourceError(
        msg,
        problem="places_system_file" if by_file else "places_system",
        hint=assign if by_file else f"{state}.",
        **facts,
    )


def _likely_system(own: Floats, area: StudyArea) -> tuple[str, bool]:
    """Find a usual system in which places lie in the city."""
    if not own.shape[1]:
        return "", False

    there = transformer(CRS.from_user_input(WGS84), area.crs).transform

    def share_inside(lon: Floats, lat: Floats) -> float:
        on_earth = (np.abs(lon) <= 360) & (np.abs(lat) <= 90)  # noqa: PLR2004
        placed = there(np.where(on_earth, lon, np.inf), np.where(on_earth, lat, np.inf))
        return float(area.holds(*map(np.asarray, placed)).mean())

    return fitting_system(*own[:, :_SAMPLE], middle=area.middle(), share_inside=share_inside)


def _note_coarse(own: Floats, placed: Mask, account: RowAccount) -> None:
    """Note degrees with at most two decimals throughout: a program rounded them to a kilometre."""
    placed = placed & account.alive
    apart = np.abs(own - own.round(_COARSE)).max(axis=1, where=placed, initial=0.0)
    if placed.sum() >= _FEW and apart.min() < 1e-9:  # noqa: PLR2004  far below any survey
        account.note(placed, "coordinates_coarse")


def _shown(written: pd.Series[str] | None, x: Floats, y: Floats) -> NDArray[np.object_] | str:
    if written is not None:
        return written.to_numpy(dtype=object)
    if len(x) > _LARGE:
        return ""
    return np.array([f"{a:.10g}, {b:.10g}" for a, b in zip(x, y, strict=True)], dtype=object)


def _compare(metric: Floats, layer: Layer, check: Check, *, area: StudyArea) -> None:
    """Hold the places against the second pair: far apart is quarantined, a tenth of it noted."""
    second, account = layer.table.rows[[check.x, check.y]], layer.account
    other = known_crs(check.crs, entry=f"{layer.recipe.entry}: check")
    transform = transformer(other, area.crs).transform
    style = NumberStyle()
    pair = to_numbers(second[check.x], style), to_numbers(second[check.y], style)
    again = np.stack(transform(*pair))
    apart = np.hypot(*(metric - again))
    far = apart > check.tolerance_m
    uncompared = np.isfinite(metric).all(axis=0) & ~np.isfinite(apart)
    account.note(uncompared, "coordinates_uncompared", crs=check.crs)
    detail = np.array([f"{value:.1f} m" for value in apart], dtype=object)
    account.quarantine(
        far, "coordinates_disagree", detail=detail, tolerance_m=check.tolerance_m, crs=check.crs
    )
    account.note(
        apart > check.tolerance_m / 10,
        "coordinates_differ",
        tolerance_m=check.tolerance_m / 10,
        crs=check.crs,
    )
