"""Makes the frames of `analysis.contracts` out of a layer's columns of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.contracts import FACILITY_STATUS, ISSUE_STATUS, TIME_COLUMNS
from layers.coordinates import place_rows, to_numbers, transform_geometry
from layers.times import clean_times, latest_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from pyproj import CRS
    from shapely import MultiPolygon, Polygon

    from analysis.standards import Kind
    from layers.coordinates import StudyArea
    from layers.ledger import Ledger
    from layers.recipe import LayerRecipe
    from layers.table import Table

YES = ("yes", "y", "true", "t", "1", "是", "有", "√")
NO = ("no", "n", "false", "f", "0", "否", "无", "無", "×")
_GEOMETRY_TYPES = (
    "Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString",
    "MultiPolygon", "GeometryCollection",
)  # fmt: skip
_POLYGONS = (3, 6)
_LINE = 1
_SHOWN = 3
MAX_AREA_CHANGE = 0.05
"""A polygon whose area mending would change by more is kept aside: nobody knows its shape."""
MAX_CROSSINGS = 400
"""A polygon that crosses itself more often is not mended: that could take hours."""


def identify(
    ours: pd.DataFrame, recipe: LayerRecipe, ledger: Ledger, *, keep_twice: bool
) -> pd.Index[str]:
    """
    Give every row its identifier.

    Parameters
    ----------
    ours, recipe, ledger
        The layer's columns, entry and account.
    keep_twice
        Whether a row whose identifier was met before stays, under a new one; if not
        it goes to quarantine, because it would be counted twice.

    Returns
    -------
    identifiers
        Of all rows, unique among those alive. Without an `id` column they are made of
        the layer and the row's number.
    """
    numbers = pd.Series(np.arange(1, len(ours) + 1), index=ours.index)
    made = recipe.id + "-" + numbers.astype("str")
    given = ours.get("id", made)
    missing = (given == "").to_numpy(dtype=bool)
    given = given.mask(missing, made)
    ledger.labels = given.to_numpy(dtype=object)
    ledger.repair(missing, "identifier_missing")
    twice = np.zeros(len(given), dtype=bool)
    twice[ledger.alive] = given[ledger.alive].duplicated().to_numpy(dtype=bool)
    if keep_twice:
        ledger.repair(twice, "identifier_made_unique")
        given = given.mask(twice, given + "#" + made)
    else:
        ledger.quarantine(twice, "identifier_twice")
    identifiers: pd.Index[str] = pd.Index(given, dtype="str")
    return identifiers


def quarantine_twins(table: Table, ledger: Ledger) -> None:
    """
    Keep aside rows that repeat an earlier row in every column and in geometry.

    Parameters
    ----------
    table
        As read.
    ledger
        The layer's account.
    """
    rows = table.rows
    if table.geometry is not None:
        rows = rows.assign(**{"\0geometry": shapely.to_wkb(table.geometry, hex=True)})
    twins = np.zeros(len(rows), dtype=bool)
    twins[ledger.alive] = rows[ledger.alive].duplicated().to_numpy(dtype=bool)
    ledger.quarantine(twins, "row_twice")


def clean_polygons(
    geometry: NDArray[np.object_], ledger: Ledger, *, crs: CRS, target: CRS
) -> NDArray[np.object_]:
    """
    Carry polygons to the city's CRS and mend those that are invalid.

    Parameters
    ----------
    geometry
        As read, in `crs`.
    ledger
        Rows without a polygon, and those that mending would turn into another shape, go
        to quarantine; mended ones are noted with the greatest change of area as a share.
    crs, target
        From and to.

    Returns
    -------
    geometry
        Valid polygons and multipolygons in metres; anything on rows not alive.
    """
    ledger.quarantine(_missing(geometry), "geometry_missing")
    other = ~np.isin(np.asarray(shapely.get_type_id(geometry)), _POLYGONS)
    ledger.quarantine(other, "geometry_type", detail=_types(geometry), allowed="Polygon")
    carried = transform_geometry(geometry, crs, target)
    lost = np.asarray(~np.isfinite(shapely.bounds(carried)).all(axis=1))
    ledger.quarantine(lost, "geometry_outside_crs")
    _mend(carried, ledger)
    return carried


def _mend(carried: NDArray[np.object_], ledger: Ledger) -> None:
    """Mend invalid polygons in place, unless that would make something else of them."""
    tangled = np.array([not valid and _is_tangled(shape) for valid, shape in _judged(carried)])
    ledger.quarantine(tangled, "geometry_tangled", crossings=MAX_CROSSINGS)
    broken = ledger.alive & ~np.asarray(shapely.is_valid(carried))
    if not broken.any():
        return
    reason = str(shapely.is_valid_reason(carried[broken])[0])
    before = shapely.area(carried[broken])
    carried[broken] = _polygon_parts(shapely.make_valid(carried[broken]))
    after = shapely.area(carried[broken])
    change = np.zeros(len(carried))
    change[broken] = np.abs(after - before) / np.maximum(np.maximum(before, after), 1e-9)
    flat = broken.copy()
    flat[broken] = after == 0
    ledger.quarantine(flat, "geometry_flat")
    detail = np.array([f"{value:.1%}" for value in change], dtype=object)
    ledger.quarantine(
        change > MAX_AREA_CHANGE, "geometry_ambiguous", detail=detail, allowed=MAX_AREA_CHANGE
    )
    largest = float(change[broken & ledger.alive].max(initial=0.0))
    ledger.repair(broken, "geometry_repaired", found=reason, area_change_share=round(largest, 6))


def _judged(geometry: NDArray[np.object_]) -> Iterator[tuple[bool, Polygon | MultiPolygon | None]]:
    return zip(shapely.is_valid(geometry).tolist(), geometry.tolist(), strict=True)


def _is_tangled(shape: Polygon | MultiPolygon | None) -> bool:
    """Estimate from a sample of its segments how often a shape crosses itself."""
    if shape is None or shapely.get_num_coordinates(shape) < MAX_CROSSINGS:
        return False
    points = shapely.get_coordinates(shape)
    segments = np.asarray(shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1)))
    step = max(1, len(segments) // 200)
    pairs = shapely.STRtree(segments).query(segments[::step], predicate="crosses")
    return bool(pairs.shape[1] * step / 2 > MAX_CROSSINGS)


def _missing(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.asarray(shapely.is_missing(geometry) | shapely.is_empty(geometry))


def _types(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    names = np.array([*(str(name) for name in _GEOMETRY_TYPES), ""], dtype=object)
    return np.asarray(names[shapely.get_type_id(geometry)])


def _polygon_parts(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Keep the polygons of what mending left; lines and points have no area."""
    kept = np.empty(len(geometry), dtype=object)
    for position, shape in enumerate(geometry):
        parts = shapely.get_parts(shapely.get_parts(shape))
        parts = parts[np.isin(shapely.get_type_id(parts), _POLYGONS)]
        kept[position] = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    return kept


def _texts(ours: pd.DataFrame, columns: Sequence[str]) -> dict[str, pd.Series[str]]:
    empty = pd.Series("", index=ours.index, dtype="str")
    return {column: ours.get(column, empty) for column in columns}


def _companions(ours: pd.DataFrame) -> list[str]:
    return [column for column in ("name_en", "parent_en") if column in ours]


def clean_communities(
    table: Table, ours: pd.DataFrame, recipe: LayerRecipe, ledger: Ledger, *, crs: CRS, target: CRS
) -> gpd.GeoDataFrame:
    """
    Make communities.

    Parameters
    ----------
    table, ours, recipe, ledger
        The layer's rows as read, columns, entry and account.
    crs, target
        Of the file, and of the city.

    Returns
    -------
    communities
        As in `analysis.contracts`. A missing `parent` is `""`; a population that is no
        number counts as 0 and is noted as repaired.
    """
    geometry = np.full(len(ours), None) if table.geometry is None else table.geometry
    quarantine_twins(table, ledger)
    ids = identify(ours, recipe, ledger, keep_twice=False)
    polygons = clean_polygons(geometry, ledger, crs=crs, target=target)
    columns: dict[str, object] = dict(_texts(ours, ["name", "parent", *_companions(ours)]))
    columns["name"] = _named(ours, ids, ledger)
    if "population" in ours:
        people = to_numbers(ours["population"])
        wrong = ~(people >= 0)
        ledger.repair(wrong, "population_missing")
        columns["population"] = np.where(wrong, 0.0, people)
    frame = gpd.GeoDataFrame(columns, index=ours.index, geometry=polygons, crs=target)
    return _kept(frame, ids, ledger, "community_id")


def _named(ours: pd.DataFrame, ids: pd.Index[str], ledger: Ledger) -> pd.Series[str]:
    if "name" not in ours:
        return pd.Series(ids, index=ours.index)
    missing = (ours["name"] == "").to_numpy(dtype=bool)
    ledger.repair(missing, "name_missing")
    return ours["name"].mask(missing, pd.Series(ids, index=ours.index))


def _kept(
    frame: gpd.GeoDataFrame, ids: pd.Index[str], ledger: Ledger, name: str
) -> gpd.GeoDataFrame:
    kept = frame[ledger.alive]
    return kept.set_axis(pd.Index(ids[ledger.alive], name=name, dtype="str"), axis=0)


def clean_facilities(
    table: Table,
    ours: pd.DataFrame,
    recipe: LayerRecipe,
    ledger: Ledger,
    *,
    kind: Kind,
    area: StudyArea,
) -> gpd.GeoDataFrame:
    """
    Make the facilities of one kind.

    Parameters
    ----------
    table, ours, recipe, ledger
        The layer's rows as read, columns, entry and account.
    kind
        With its optional columns.
    area
        Where the city is; facilities up to `MARGIN_M` outside stay, they serve across
        the border.

    Returns
    -------
    facilities
        As in `analysis.contracts`, closed ones too. Rows that the recipe groups are one
        facility, with their number in the column that it names.
    """
    quarantine_twins(table, ledger)
    ids = identify(ours, recipe, ledger, keep_twice=True)
    x, y = place_rows(table, ours, recipe, ledger, area=area)
    columns: dict[str, object] = {
        "kind": kind.id,
        "name": _texts(ours, ["name"])["name"],
        **_texts(ours, [column for column in _companions(ours) if column == "name_en"]),
        "status": _status(ours, FACILITY_STATUS, ledger),
    }
    columns |= _optional_columns(ours, kind, ledger)
    points = shapely.points(x, y)
    frame = gpd.GeoDataFrame(columns, index=ours.index, geometry=points, crs=area.crs)
    kept = _kept(frame, ids, ledger, "facility_id")
    return _grouped(kept, table, recipe, ledger) if recipe.group else kept


def _status(ours: pd.DataFrame, allowed: Sequence[str], ledger: Ledger) -> pd.Series[str]:
    if "status" not in ours:
        return pd.Series("unknown", index=ours.index, dtype="str")
    status = ours["status"]
    listed = status.isin(allowed)
    left = (~listed & (status != "")).to_numpy(dtype=bool)
    if (left & ledger.alive).any():
        found = ", ".join(map(repr, status[left].value_counts().index[:_SHOWN]))
        ledger.note(left, "value_unlisted", column="status", found=found)
    return status.where(listed, "unknown")


def _optional_columns(ours: pd.DataFrame, kind: Kind, ledger: Ledger) -> dict[str, object]:
    columns: dict[str, object] = {}
    for column, what in kind.columns.items():
        if column not in ours:
            continue
        text = ours[column]
        if what == "number":
            columns[column] = to_numbers(text)
            unread = np.isnan(np.asarray(columns[column])) & (text != "").to_numpy(dtype=bool)
        elif what == "flag":
            columns[column] = flags(text)
            unread = (flags(text).isna() & (text != "")).to_numpy(dtype=bool)
        else:
            columns[column] = text
            continue
        if (unread & ledger.alive).any():
            ledger.repair(
                unread, "value_unreadable", column=column, found=text[unread].iloc[0], type=what
            )
    return columns


def flags(text: pd.Series[str]) -> pd.Series[bool]:
    """
    Read yes and no.

    Parameters
    ----------
    text
        One of `YES` or `NO` in any case, or anything else.

    Returns
    -------
    flags
        True, False or missing.
    """
    lowered = text.str.strip().str.casefold()
    result = pd.Series(pd.NA, index=text.index, dtype="boolean")
    return result.mask(lowered.isin(YES), True).mask(lowered.isin(NO), False)  # noqa: FBT003


def _grouped(
    facilities: gpd.GeoDataFrame, table: Table, recipe: LayerRecipe, ledger: Ledger
) -> gpd.GeoDataFrame:
    """Keep the first row of each group; the rows of a group are one place."""
    group = recipe.group
    if group is None:
        return facilities
    keys = table.rows.loc[ledger.alive, list(group.by)].apply("\x1f".join, axis=1)
    sizes = keys.map(keys.value_counts()).to_numpy(dtype=float)
    first = ~keys.duplicated().to_numpy(dtype=bool)
    if group.count:
        facilities = facilities.assign(**{group.count: sizes})
    ledger.note(
        ledger.alive.copy(), "rows_grouped", by=", ".join(group.by), facilities=int(first.sum())
    )
    return facilities[first]


def clean_residents(
    table: Table, ours: pd.DataFrame, recipe: LayerRecipe, ledger: Ledger, *, area: StudyArea
) -> pd.DataFrame:
    """
    Make residents.

    Parameters
    ----------
    table, ours, recipe, ledger
        The layer's rows as read, columns, entry and account.
    area
        Where the city is.

    Returns
    -------
    residents
        `x, y, population` on `resident_id`; rows without people stay. A row whose
        population is no number or negative goes to quarantine. Of an area, the point
        lies within it.
    """
    ids = (
        identify(ours, recipe, ledger, keep_twice=True)
        if "id" in ours
        else pd.RangeIndex(1, len(ours) + 1)
    )
    text = _texts(ours, ["population"])["population"]
    people = to_numbers(text)
    ledger.quarantine(~(people >= 0), "population_wrong", detail=text.to_numpy(dtype=object))
    x, y = place_rows(table, ours, recipe, ledger, area=area)
    frame = pd.DataFrame({"x": x, "y": y, "population": people}, index=ids)
    return frame[ledger.alive].rename_axis("resident_id")


def clean_issues(
    table: Table,
    ours: pd.DataFrame,
    recipe: LayerRecipe,
    ledger: Ledger,
    *,
    area: StudyArea,
    zone: str,
) -> pd.DataFrame:
    """
    Make issues.

    Parameters
    ----------
    table, ours, recipe, ledger
        The layer's rows as read, columns, entry and account.
    area
        Where the city is.
    zone
        IANA zone of times without an offset.

    Returns
    -------
    issues
        As in `analysis.contracts`. None is lost for its place or its times: what cannot
        be is taken out and noted. Only repeated identifiers and blank rows go to
        quarantine.
    """
    ids = identify(ours, recipe, ledger, keep_twice=False)
    x, y = place_rows(table, ours, recipe, ledger, area=area, optional=True)
    latest = latest_time(recipe.publication_date, zone=zone)
    times = clean_times(ours, ledger, how=recipe.times, zone=zone, latest=latest)
    texts = _texts(ours, ["category", "unit", "source", "text"])
    ledger.note((texts["category"] == "").to_numpy(dtype=bool), "category_missing")
    frame = pd.DataFrame(
        {
            "x": x,
            "y": y,
            "category": texts["category"],
            **{column: times[column] for column in TIME_COLUMNS},
            "status": _status(ours, ISSUE_STATUS, ledger),
            **{column: texts[column] for column in ("unit", "source", "text")},
        },
        index=ours.index,
    )
    frame.index = pd.Index(ids, name="issue_id", dtype="str")
    return frame[ledger.alive]


def clean_streets(
    table: Table, ours: pd.DataFrame, recipe: LayerRecipe, ledger: Ledger, *, crs: CRS, target: CRS
) -> gpd.GeoDataFrame:
    """
    Make streets.

    Parameters
    ----------
    table, ours, recipe, ledger
        The layer's rows as read, columns, entry and account.
    crs, target
        Of the file, and of the city.

    Returns
    -------
    streets
        As in `analysis.contracts`, lengths in metres. A way without the column
        `walkable` is walkable; nodes without names are named by their place.
    """
    geometry = np.full(len(ours), None) if table.geometry is None else table.geometry
    ids = identify(ours, recipe, ledger, keep_twice=True)
    lines = _lines(geometry, ledger, crs=crs, target=target)
    walkable = flags(ours["walkable"]) if "walkable" in ours else None
    frame = gpd.GeoDataFrame(
        {
            "from_node": _nodes(ours, lines, column="from_node", end=0),
            "to_node": _nodes(ours, lines, column="to_node", end=-1),
            "length_m": shapely.length(lines),
            "walkable": True if walkable is None else walkable.fillna(value=True).astype(bool),
        },
        index=ours.index,
        geometry=lines,
        crs=target,
    )
    return _kept(frame, ids, ledger, "edge")


def _lines(
    geometry: NDArray[np.object_], ledger: Ledger, *, crs: CRS, target: CRS
) -> NDArray[np.object_]:
    """Carry lines to the city's CRS; a multi-part line of one part is that part."""
    ledger.quarantine(_missing(geometry), "geometry_missing")
    single = shapely.get_num_geometries(geometry) == 1
    lines = np.full(len(geometry), None, dtype=object)
    lines[single] = shapely.get_geometry(geometry[single], 0)
    lines[shapely.get_type_id(lines) != _LINE] = None
    other = shapely.is_missing(lines)
    ledger.quarantine(other, "geometry_type", detail=_types(geometry), allowed="LineString")
    lines = transform_geometry(lines, crs, target)
    ledger.quarantine(~(shapely.length(lines) > 0), "geometry_flat")
    return lines


def _nodes(
    ours: pd.DataFrame, lines: NDArray[np.object_], *, column: str, end: int
) -> pd.Series[str]:
    points = shapely.get_point(lines, end)
    xy = zip(shapely.get_x(points).tolist(), shapely.get_y(points).tolist(), strict=True)
    made = pd.Series([f"{x:.2f} {y:.2f}" for x, y in xy], index=ours.index, dtype="str")
    return ours[column].mask(ours[column] == "", made) if column in ours else made
