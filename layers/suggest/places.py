"""Guesses where rows lie: columns of coordinates, their order, and their reference system."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_crs_info
from pyproj.enums import PJType

from analysis.model.errors import CrsError
from layers.cleaning.crs import transformer
from layers.cleaning.degrees import read_degrees
from layers.formats.geodata import WGS84
from layers.suggest.guesses import ColumnGuess, Reason
from layers.suggest.vocabulary import best_fit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from layers.suggest.columns import Values
    from layers.suggest.samples import Sample
    from layers.suggest.vocabulary import Vocabulary

    Floats = NDArray[np.float64]

MARGIN = 0.1
"""Degrees beside the city in which places of its data may lie."""
_MOST = 0.9
_FEW = 200
_AGREE_M = 30.0
_TODAY = "WGS 84"
_DEGREE_M = 111_195.0
_SCALES = (1e-5, 1e-6, 1e-7)
_DECIMALS = 3
_NUMBER = r"-?\d{1,3}\.\d+"
_PAIR = rf"^[^\d-]*(?P<one>{_NUMBER})\s*[,; ]\s*(?P<two>{_NUMBER})[^\d]*$"
_PATTERN = r"(?P<{one}>-?[0-9.]+)\s*[,; ]\s*(?P<{two}>-?[0-9.]+)"


@dataclass(frozen=True)
class Place:
    """
    How rows are placed.

    Attributes
    ----------
    how
        `geometry`, `columns`, or `""` where nothing places them.
    shapes
        `areas`, `lines` or `points`.
    bounds
        West, south, east, north in degrees, of what can be placed.
    columns, keys, doubts
        As in `LayerGuess`.
    """

    how: str
    shapes: str = ""
    bounds: tuple[float, float, float, float] | None = None
    columns: tuple[ColumnGuess, ...] = ()
    keys: Mapping[str, Any] = field(default_factory=dict)
    doubts: tuple[Reason, ...] = ()


class Extent:
    """Where the city lies, as far as other layers tell: nothing contradicts an unknown one."""

    def __init__(self, bounds: tuple[float, float, float, float] | None = None) -> None:
        self.bounds = bounds

    def share(self, lon: Floats, lat: Floats) -> float:
        """Tell which share of places lies in it; those that are missing do not count."""
        there = np.isfinite(lon) & np.isfinite(lat) & ~((lon == 0) & (lat == 0))
        if not there.any():
            return 0.0
        west, south, east, north = self.bounds or (-180.0, -90.0, 180.0, 90.0)
        margin = MARGIN if self.bounds else 0.0
        inside = (lon >= west - margin) & (lon <= east + margin)
        inside &= (lat >= south - margin) & (lat <= north + margin)
        return float(inside[there].mean())


def place_of(
    sample: Sample,
    rows: Mapping[str, Values],
    extent: Extent,
    *,
    vocabulary: Vocabulary,
    crs: str = "",
    stated: Mapping[str, str] | None = None,
) -> Place:
    """Guess how the rows of a file are placed; a CRS and columns may be stated."""
    named = {ours: theirs for theirs, ours in (stated or {}).items() if theirs in rows}
    if sample.table.geometry is not None and not {"lon", "x"} & set(named):
        return _of_geometry(sample, extent, crs=crs)
    axes = {
        axis: named.get(axis) or _axis(rows, axis, vocabulary) for axis in ("lon", "lat", "x", "y")
    }
    nowhere = Place("")
    for one, two, named_so in (("lon", "lat", True), ("x", "y", False)):
        if axes[one] and axes[two] and axes[one] != axes[two]:
            place = _of_columns(rows, axes[one], axes[two], extent, degrees=named_so, crs=crs)
            if place.how:
                return place
            nowhere = nowhere if nowhere.doubts else place
    return _of_pair(rows, extent, vocabulary) or _by_values(rows, extent) or nowhere


def _axis(rows: Mapping[str, Values], axis: str, vocabulary: Vocabulary) -> str:
    """Find the column whose heading is that of an axis."""
    found = [
        (best_fit(name, vocabulary.columns[axis])[0], values.numeric, name)
        for name, values in rows.items()
        if values.filled and (values.numeric > 0.5 or _dms(values))  # noqa: PLR2004
    ]
    best = max(found, default=(0.0, 0.0, ""), key=lambda each: each[:2])
    return best[2] if best[0] >= 0.65 else ""  # noqa: PLR2004


def _dms(values: Values) -> bool:
    some = values.text.head(20)
    return bool(len(some)) and all(
        any(np.isfinite(read_degrees(text, axis=axis)) for axis in ("lon", "lat")) for text in some
    )


def _degrees(values: Values, axis: str) -> Floats:
    """Read a column as degrees, of the first rows that have any."""
    numbers = values.numbers.copy()
    if np.isfinite(numbers).mean() < _MOST:
        numbers = np.array([read_degrees(text, axis=axis) for text in values.text])
    return numbers


def _of_columns(
    rows: Mapping[str, Values],
    one: str,
    two: str,
    extent: Extent,
    *,
    degrees: bool,
    crs: str,
) -> Place:
    first, second = _pair(rows[one], rows[two])
    if crs and not CRS.from_user_input(_plain_crs(crs)).is_geographic:
        return _as_columns(one, two, ("x", "y"), 0.99, keys={"crs": crs})
    straight = extent.share(first, second) if _are_degrees(first, second) else 0.0
    swapped = extent.share(second, first) if _are_degrees(second, first) else 0.0
    keys = {"crs": crs} if crs else {}
    bounds = _bounds(first, second)
    if straight >= 0.5 and straight >= swapped:  # noqa: PLR2004
        sure = 0.97 if degrees else 0.85
        return _as_columns(
            one, two, ("lon", "lat"), sure * max(straight, 0.8), keys=keys, bounds=bounds
        )
    if swapped > 0.5:  # noqa: PLR2004
        doubt = Reason("swapped", {"one": one, "two": two})
        guess = _as_columns(two, one, ("lon", "lat"), 0.8, keys=keys, bounds=_bounds(second, first))
        return _with(guess, doubt)
    if _are_degrees(first, second) or _are_degrees(second, first):
        return Place("", doubts=(Reason("places_elsewhere", {"columns": f"{one}, {two}"}),))
    return _scaled(one, two, first, second, extent) or _projected(one, two, first, second, extent)


def _pair(one: Values, two: Values) -> tuple[Floats, Floats]:
    """Read two columns as degrees, or as the numbers they are, of the rows that have both."""
    both = one.text.index.intersection(two.text.index)
    read = [
        pd.Series(_degrees(values, axis), values.text.index)[both].to_numpy(dtype=np.float64)
        for values, axis in ((one, "lon"), (two, "lat"))
    ]
    return np.asarray(read[0]), np.asarray(read[1])


def _plain_crs(crs: str) -> str:
    return WGS84 if crs.upper() in {"GCJ-02", "BD-09"} else crs


def _are_degrees(lon: Floats, lat: Floats) -> bool:
    with np.errstate(invalid="ignore"):
        return bool(
            (np.abs(lon) <= 180).mean() > 0.5 and (np.abs(lat) <= 90).mean() > 0.5  # noqa: PLR2004
        )


def _scaled(one: str, two: str, first: Floats, second: Floats, extent: Extent) -> Place | None:
    """Find degrees that are written as whole numbers."""
    for factor in _SCALES:
        lon, lat = first * factor, second * factor
        if extent.bounds and _are_degrees(lon, lat) and extent.share(lon, lat) > _MOST:
            keys = {"factors": {"lon": factor, "lat": factor}}
            place = _as_columns(one, two, ("lon", "lat"), 0.85, keys=keys, bounds=_bounds(lon, lat))
            return _with(place, Reason("scaled", {"factor": f"{factor:g}"}))
    return None


def _projected(one: str, two: str, first: Floats, second: Floats, extent: Extent) -> Place:
    found, names = find_crs(first, second, extent, words=f"{one} {two}")
    if found is None:
        doubt = Reason("crs_unknown", {"columns": f"{one}, {two}"})
        return Place("", "points", doubts=(doubt,))
    sure = 0.9 if len(names) == 1 else 0.5
    place = _as_columns(one, two, ("x", "y"), sure, keys={"crs": found}, bounds=extent.bounds)
    what = Reason("crs_found", {"crs": found, "name": CRS.from_user_input(found).name})
    several = Reason("crs_several", {"crs": found, "others": ", ".join(names)})
    return _with(place, what if len(names) == 1 else several)


def find_crs(
    x: Floats, y: Floats, extent: Extent, *, words: str = ""
) -> tuple[str | None, list[str]]:
    """
    Find the projected system in which coordinates lie in the city.

    Gives its code, and the names of those that place the rows elsewhere in the city: where there
    is more than one, nothing but a person can choose.
    """
    if extent.bounds is None:
        return None, []
    there = np.isfinite(x) & np.isfinite(y)
    x, y = x[there][:_FEW], y[there][:_FEW]
    matching = _matching(x, y, extent, whole=True) or _matching(x, y, extent, whole=False)
    return _chosen(matching, words)


def _matching(
    x: Floats, y: Floats, extent: Extent, *, whole: bool
) -> list[tuple[str, str, Floats]]:
    """List the systems of the whole city, or of a part of it, in which the rows lie there."""
    degrees = CRS.from_user_input(WGS84)
    matching: list[tuple[str, str, Floats]] = []
    for info in query_crs_info(
        auth_name="EPSG",
        pj_types=PJType.PROJECTED_CRS,
        area_of_interest=AreaOfInterest(*(extent.bounds or ())),
        contains=whole,
    ):
        code = f"EPSG:{info.code}"
        with contextlib.suppress(CrsError):  # such as systems of heights
            way = transformer(CRS.from_user_input(code), degrees)
            lon, lat = (np.asarray(values) for values in way.transform(x, y))
            if extent.share(lon, lat) > _MOST:
                matching.append((code, info.name, np.array([np.median(lon), np.median(lat)])))
    return matching


def _chosen(matching: list[tuple[str, str, Floats]], words: str) -> tuple[str | None, list[str]]:
    if not matching:
        return None, []
    told = [each for each in matching if set(_words(each[1])) & set(_words(words))]
    matching = sorted(told or matching, key=_preference)
    places: list[tuple[str, str, Floats]] = []
    for each in matching:
        near = [np.hypot(*(each[2] - other[2])) * _DEGREE_M < _AGREE_M for other in places]
        if not any(near):
            places.append(each)
    return places[0][0], [name for _, name, _ in places]


def _preference(system: tuple[str, str, Floats]) -> tuple[bool, int]:
    """Prefer the datum of today among systems that agree, then the system of the lowest code."""
    code, name, _ = system
    return not name.startswith(_TODAY), int(code.split(":")[1])


def _words(text: str) -> list[str]:
    return [word for word in text.casefold().replace("_", " ").split() if len(word) > 2]  # noqa: PLR2004


def _as_columns(
    one: str,
    two: str,
    ours: tuple[str, str],
    confidence: float,
    *,
    keys: Mapping[str, Any] | None = None,
    bounds: tuple[float, float, float, float] | None = None,
) -> Place:
    reason = Reason("column_coordinate", {"heading": f"{one}, {two}"})
    confidence = round(min(confidence, 0.99), 2)
    columns = tuple(
        ColumnGuess(theirs, column, confidence, reason)
        for theirs, column in zip((one, two), ours, strict=True)
    )
    return Place("columns", "points", bounds, columns, keys or {})


def _with(place: Place, doubt: Reason) -> Place:
    return Place(
        place.how, place.shapes, place.bounds, place.columns, place.keys, (*place.doubts, doubt)
    )


def _bounds(lon: Floats, lat: Floats) -> tuple[float, float, float, float] | None:
    there = np.isfinite(lon) & np.isfinite(lat) & ~((lon == 0) & (lat == 0))
    there &= (np.abs(lon) <= 180) & (np.abs(lat) <= 90)  # noqa: PLR2004
    if not there.any():
        return None
    (west, east), (south, north) = (np.quantile(v[there], (0.02, 0.98)) for v in (lon, lat))
    return float(west), float(south), float(east), float(north)


def _of_geometry(sample: Sample, extent: Extent, *, crs: str) -> Place:
    table = sample.table
    geometry = np.asarray(table.geometry)
    geometry = geometry[~shapely.is_missing(geometry) & ~shapely.is_empty(geometry)]
    if not len(geometry):
        return Place("")
    shapes = {1: "lines", 2: "areas"}.get(int(shapely.get_dimensions(geometry).max()), "points")
    west, south, east, north = map(float, shapely.total_bounds(geometry))
    bounds = (west, south, east, north)
    own = table.crs if table.crs_stated else None
    in_degrees = _are_degrees(np.array(bounds[::2]), np.array(bounds[1::2]))
    if crs:
        own = CRS.from_user_input(_plain_crs(crs))
    if own is None and not in_degrees:
        return _unstated(geometry, shapes, extent)
    keys: dict[str, Any] = {"crs": crs} if crs else {}
    doubts: tuple[Reason, ...] = ()
    if own is None and table.crs is None:
        keys, doubts = {"crs": WGS84}, (Reason("crs_assumed", {"crs": WGS84}),)
    there = _in_degrees(bounds, own or CRS.from_user_input(WGS84))
    return Place("geometry", shapes, there, (), keys, doubts)


def _in_degrees(bounds: tuple[float, ...], crs: CRS) -> tuple[float, float, float, float] | None:
    transform = transformer(crs, CRS.from_user_input(WGS84)).transform_bounds
    west, south, east, north = bounds
    west, south, east, north = map(float, transform(west, south, east, north))
    return (west, south, east, north) if np.isfinite((west, south, east, north)).all() else None


def _unstated(geometry: NDArray[np.object_], shapes: str, extent: Extent) -> Place:
    points = shapely.get_coordinates(shapely.centroid(geometry))
    found, names = find_crs(points[:, 0], points[:, 1], extent)
    if found is None or len(names) > 1:
        doubt = Reason("crs_unknown", {"columns": "geometry"})
        return Place("", shapes, doubts=(doubt,))
    doubt = Reason("crs_found", {"crs": found, "name": CRS.from_user_input(found).name})
    return Place("geometry", shapes, extent.bounds, (), {"crs": found}, (doubt,))


def _of_pair(rows: Mapping[str, Values], extent: Extent, vocabulary: Vocabulary) -> Place | None:
    """Find one column that holds both coordinates."""
    for name, values in _likely(rows, vocabulary):
        parts = values.text.str.extract(_PAIR)
        if not len(parts) or parts["one"].notna().mean() < 0.5:  # noqa: PLR2004
            continue
        first, second = (
            pd.to_numeric(parts[part]).to_numpy(dtype=float) for part in ("one", "two")
        )
        straight = extent.share(first, second) if _are_degrees(first, second) else 0.0
        swapped = extent.share(second, first) if _are_degrees(second, first) else 0.0
        if not extent.bounds and abs(straight - swapped) < 0.5:  # noqa: PLR2004
            continue  # nothing tells which is which
        one, two = ("lon", "lat") if straight >= swapped else ("lat", "lon")
        pattern = _PATTERN.format(one=one, two=two)
        lon, lat = (first, second) if one == "lon" else (second, first)
        reason = Reason("column_pair", {"heading": name, "order": f"{one}, {two}"})
        column = ColumnGuess(name, "position", 0.85, reason)
        keys = {"position_pattern": pattern, "crs": WGS84}
        return Place("columns", "points", _bounds(lon, lat), (column,), keys)
    return None


def _likely(rows: Mapping[str, Values], vocabulary: Vocabulary) -> Iterable[tuple[str, Values]]:
    fits = {name: best_fit(name, vocabulary.columns["position"])[0] for name in rows}
    return sorted(rows.items(), key=lambda item: -fits[item[0]])


def _by_values(rows: Mapping[str, Values], extent: Extent) -> Place | None:
    """Find two columns of degrees in the city that no heading tells."""
    if extent.bounds is None:
        return None
    fine = [name for name, values in rows.items() if values.numeric > _MOST and _is_fine(values)]
    for one in fine:
        for two in fine:
            if one == two or not rows[one].text.index.equals(rows[two].text.index):
                continue
            lon, lat = rows[one].numbers, rows[two].numbers
            if _are_degrees(lon, lat) and extent.share(lon, lat) > _MOST:
                return _as_columns(one, two, ("lon", "lat"), 0.75, bounds=_bounds(lon, lat))
    return None


def _is_fine(values: Values) -> bool:
    """Tell whether numbers have the decimals that places have."""
    numbers = values.numbers[np.isfinite(values.numbers)]
    coarse = np.abs(numbers - numbers.round(_DECIMALS)) < 1e-9  # noqa: PLR2004
    return bool(len(numbers)) and not coarse.mean() > 0.5  # noqa: PLR2004
