"""Makes the frames of `analysis.model.contracts` out of a layer's columns of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.model.contracts import (
    FACILITY_STATUS,
)
from layers.cleaning.coordinates import place_rows, to_numbers
from layers.cleaning.geometry import clean_polygons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyproj import CRS

    from analysis.model.standards import Kind
    from layers.cleaning.coordinates import StudyArea
    from layers.cleaning.row_account import RowAccount
    from layers.formats.table import Table
    from layers.recipe.schema import LayerRecipe

YES = ("yes", "y", "true", "t", "1", "是", "有", "√")
NO = ("no", "n", "false", "f", "0", "否", "无", "無", "×")
_SHOWN = 3


def identify(
    ours: pd.DataFrame, recipe: LayerRecipe, account: RowAccount, *, keep_twice: bool
) -> pd.Index[str]:
    """Give every row its identifier."""
    numbers = pd.Series(np.arange(1, len(ours) + 1), index=ours.index)
    made = recipe.id + "-" + numbers.astype("str")
    given = ours.get("id", made)
    missing = (given == "").to_numpy(dtype=bool)
    given = given.mask(missing, made)
    account.labels = given.to_numpy(dtype=object)
    account.repair(missing, "identifier_missing")
    alike = given.where(account.alive).str.casefold().duplicated(keep=False)
    account.note((alike & ~given.duplicated(keep=False)).to_numpy(dtype=bool), "identifier_alike")
    twice = np.zeros(len(given), dtype=bool)
    twice[account.alive] = given[account.alive].duplicated().to_numpy(dtype=bool)
    if keep_twice:
        account.repair(twice, "identifier_made_unique")
        given = given.mask(twice, given + "#" + made)
    else:
        account.quarantine(twice, "identifier_twice")
    identifiers: pd.Index[str] = pd.Index(given, dtype="str")
    return identifiers


def quarantine_duplicates(table: Table, account: RowAccount) -> None:
    """Keep aside rows that repeat an earlier row in every column and in geometry."""
    rows = table.rows
    if table.geometry is not None:
        rows = rows.assign(**{"\0geometry": shapely.to_wkb(table.geometry, hex=True)})
    duplicates = np.zeros(len(rows), dtype=bool)
    duplicates[account.alive] = rows[account.alive].duplicated().to_numpy(dtype=bool)
    account.quarantine(duplicates, "row_twice")


def _texts(ours: pd.DataFrame, columns: Sequence[str]) -> dict[str, pd.Series[str]]:
    empty = pd.Series("", index=ours.index, dtype="str")
    return {column: ours.get(column, empty) for column in columns}


def _translated_columns(ours: pd.DataFrame) -> list[str]:
    return [column for column in ("name_en", "parent_en") if column in ours]


def clean_communities(
    table: Table,
    ours: pd.DataFrame,
    recipe: LayerRecipe,
    account: RowAccount,
    *,
    crs: CRS,
    target: CRS,
) -> gpd.GeoDataFrame:
    """Make communities."""
    geometry = np.full(len(ours), None) if table.geometry is None else table.geometry
    quarantine_duplicates(table, account)
    ids = identify(ours, recipe, account, keep_twice=False)
    polygons = clean_polygons(geometry, account, crs=crs, target=target)
    columns: dict[str, object] = dict(_texts(ours, ["name", "parent", *_translated_columns(ours)]))
    columns["name"] = _named(ours, ids, account)
    if "population" in ours:
        people = to_numbers(ours["population"])
        wrong = ~(people >= 0)
        account.repair(wrong, "population_missing")
        columns["population"] = np.where(wrong, np.nan, people)
    frame = gpd.GeoDataFrame(columns, index=ours.index, geometry=polygons, crs=target)
    return _kept(frame, ids, account, "community_id")


def _named(ours: pd.DataFrame, ids: pd.Index[str], account: RowAccount) -> pd.Series[str]:
    if "name" not in ours:
        return pd.Series(ids, index=ours.index)
    missing = (ours["name"] == "").to_numpy(dtype=bool)
    account.repair(missing, "name_missing")
    return ours["name"].mask(missing, pd.Series(ids, index=ours.index))


def _kept(
    frame: gpd.GeoDataFrame, ids: pd.Index[str], account: RowAccount, name: str
) -> gpd.GeoDataFrame:
    kept = frame[account.alive]
    return kept.set_axis(pd.Index(ids[account.alive], name=name, dtype="str"), axis=0)


def clean_facilities(
    table: Table,
    ours: pd.DataFrame,
    recipe: LayerRecipe,
    account: RowAccount,
    *,
    kind: Kind,
    area: StudyArea,
) -> gpd.GeoDataFrame:
    """Make the facilities of one kind."""
    quarantine_duplicates(table, account)
    ids = identify(ours, recipe, account, keep_twice=True)
    x, y = place_rows(table, ours, recipe, account, area=area)
    if recipe.group is None:
        places = pd.DataFrame({"x": x, "y": y})[account.alive]
        shared = account.alive.copy()
        shared[account.alive] = places.duplicated(keep=False)
        account.note(shared, "place_shared")
    columns: dict[str, object] = {
        "kind": kind.id,
        "name": _texts(ours, ["name"])["name"],
        **_texts(ours, [column for column in _translated_columns(ours) if column == "name_en"]),
        "status": _status(ours, FACILITY_STATUS, account),
    }
    columns |= _optional_columns(ours, kind, account)
    points = shapely.points(x, y)
    frame = gpd.GeoDataFrame(columns, index=ours.index, geometry=points, crs=area.crs)
    kept = _kept(frame, ids, account, "facility_id")
    return _grouped(kept, table, recipe, account) if recipe.group else kept


def _status(ours: pd.DataFrame, allowed: Sequence[str], account: RowAccount) -> pd.Series[str]:
    if "status" not in ours:
        return pd.Series("unknown", index=ours.index, dtype="str")
    return _listed(ours["status"], allowed, account).replace("", "unknown")


def _listed(text: pd.Series[str], allowed: Sequence[str], account: RowAccount) -> pd.Series[str]:
    """Codes that are allowed; others are noted and empty."""
    listed = text.isin(allowed)
    left = (~listed & (text != "")).to_numpy(dtype=bool)
    if (left & account.alive).any():
        found = ", ".join(map(repr, text[left].value_counts().index[:_SHOWN]))
        account.note(left, "value_unlisted", column=str(text.name), found=found)
    return text.where(listed, "")


def _optional_columns(ours: pd.DataFrame, kind: Kind, account: RowAccount) -> dict[str, object]:
    columns: dict[str, object] = {}
    for column, what in kind.columns.items():
        if column not in ours:
            continue
        text = ours[column]
        if what == "number":
            numbers = to_numbers(text)
            columns[column] = np.where(numbers >= 0, numbers, np.nan)
            unread = ~(numbers >= 0) & (text != "").to_numpy(dtype=bool)
        elif what == "flag":
            columns[column] = flags(text)
            unread = (flags(text).isna() & (text != "")).to_numpy(dtype=bool)
        else:
            columns[column] = text
            continue
        if (unread & account.alive).any():
            account.repair(
                unread, "value_unreadable", column=column, found=text[unread].iloc[0], type=what
            )
    return columns


def flags(text: pd.Series[str]) -> pd.Series[bool]:
    """Read yes and no."""
    lowered = text.str.strip().str.casefold()
    result = pd.Series(pd.NA, index=text.index, dtype="boolean")
    return result.mask(lowered.isin(YES), True).mask(lowered.isin(NO), False)  # noqa: FBT003


def _grouped(
    facilities: gpd.GeoDataFrame, table: Table, recipe: LayerRecipe, account: RowAccount
) -> gpd.GeoDataFrame:
    """Keep the first row of each group; the rows of a group are one place."""
    group = recipe.group
    if group is None:
        return facilities
    keys = table.rows.loc[account.alive, list(group.by)].apply("\x1f".join, axis=1)
    sizes = keys.map(keys.value_counts()).to_numpy(dtype=float)
    first = ~keys.duplicated().to_numpy(dtype=bool)
    if group.count:
        facilities = facilities.assign(**{group.count: sizes})
    account.note(
        account.alive.copy(), "rows_grouped", by=", ".join(group.by), facilities=int(first.sum())
    )
    return facilities[first]


def clean_residents(
    table: Table, ours: pd.DataFrame, recipe: LayerRecipe, account: RowAccount, *, area: StudyArea
) -> pd.DataFrame:
    """Make residents."""
    ids = (
        identify(ours, recipe, account, keep_twice=True)
        if "id" in ours
        else pd.RangeIndex(1, len(ours) + 1)
    )
    text = _texts(ours, ["population"])["population"]
    people = to_numbers(text)
    account.quarantine(~(people >= 0), "population_wrong", detail=text.to_numpy(dtype=object))
    x, y = place_rows(table, ours, recipe, account, area=area)
    frame = pd.DataFrame({"x": x, "y": y, "population": people}, index=ids)
    return frame[account.alive].rename_axis("resident_id")


def clean_land(
    table: Table,
    ours: pd.DataFrame,
    recipe: LayerRecipe,
    account: RowAccount,
    *,
    crs: CRS,
    target: CRS,
) -> gpd.GeoDataFrame:
    """Make a layer of polygons: water, residential land, built-up area, zones."""
    geometry = np.full(len(ours), None) if table.geometry is None else table.geometry
    ids = identify(ours, recipe, account, keep_twice=True)
    polygons = clean_polygons(geometry, account, crs=crs, target=target)
    columns = _texts(ours, ["name", *_translated_columns(ours)])
    frame = gpd.GeoDataFrame(columns, index=ours.index, geometry=polygons, crs=target)
    return _kept(frame, ids, account, "land_id")
