"""Makes the frame of facilities, of every kind that the city has a layer for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.model.contracts import FACILITY_COLUMNS, FACILITY_STATUS, check_facilities
from layers.cleaning.amounts import column_numbers
from layers.cleaning.coordinates import place_rows
from layers.cleaning.identifiers import identify, loaded_rows, quarantine_duplicates
from layers.cleaning.merge import Cleaner
from layers.cleaning.values import flags, status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.model.standards import Kind
    from layers.cleaning.layer import Layer
    from layers.cleaning.study_area import StudyArea

_TRANSLATED = ("name_en", "name_zh")


def load_facilities(
    layers: Sequence[Layer], *, kinds: Mapping[str, Kind], area: StudyArea
) -> gpd.GeoDataFrame:
    """Make the facilities of all layers of one edition; none at all is an empty frame."""
    own = [layer for layer in layers if layer.recipe.kind in kinds]
    cleaner = Cleaner(
        partial(clean_facilities, kinds=kinds, area=area), finish=partial(_finished, kinds=kinds)
    )
    facilities = cleaner.merged(own)
    if facilities is None:
        empty = {column: pd.Series(dtype="str") for column in FACILITY_COLUMNS}
        index = pd.Index([], name="facility_id", dtype="str")
        return gpd.GeoDataFrame(empty, index=index, geometry=[], crs=area.crs)
    check_facilities(facilities)
    return facilities


def clean_facilities(
    layer: Layer, *, kinds: Mapping[str, Kind], area: StudyArea
) -> gpd.GeoDataFrame:
    """Make the facilities of one layer."""
    ours, recipe, account = layer.ours, layer.recipe, layer.account
    kind = kinds[recipe.kind]
    quarantine_duplicates(layer)
    identifiers = identify(layer, keep_twice=True)
    x, y = place_rows(layer, area=area)
    if recipe.group is None:
        places = pd.DataFrame({"x": x, "y": y})[account.alive]
        shared = account.alive.copy()
        shared[account.alive] = places.duplicated(keep=False)
        account.note(shared, "place_shared")
    columns: dict[str, object] = {
        "kind": kind.id,
        **layer.texts("name"),
        **layer.translated(*_TRANSLATED),
        "status": status(ours, FACILITY_STATUS, account),
    }
    columns |= _optional_columns(layer, kind)
    points = shapely.points(x, y)
    frame = gpd.GeoDataFrame(columns, index=ours.index, geometry=points, crs=area.crs)
    loaded = loaded_rows(frame, identifiers, layer, index="facility_id")
    return loaded if recipe.group is None else _grouped(loaded, layer)


def _optional_columns(layer: Layer, kind: Kind) -> dict[str, object]:
    columns: dict[str, object] = {}
    account = layer.account
    for column, what in kind.columns.items():
        if column not in layer.ours:
            continue
        text = layer.ours[column]
        if what == "number":
            numbers = column_numbers(layer, column)
            columns[column] = np.where(numbers >= 0, numbers, np.nan)
            unread = ~(numbers >= 0) & (text != "").to_numpy(dtype=bool)
        elif what == "flag":
            columns[column] = flags(text)
            unread = (flags(text).isna() & (text != "")).to_numpy(dtype=bool)
        else:
            columns[column] = text
            continue
        if (unread & account.alive).any():
            found = text[unread].iloc[0]
            account.repair(unread, "value_unreadable", column=column, found=found, type=what)
    return columns


def _grouped(facilities: gpd.GeoDataFrame, layer: Layer) -> gpd.GeoDataFrame:
    """Keep the first row of each group; the rows of a group are one place."""
    group, account = layer.recipe.group, layer.account
    if group is None:
        return facilities
    keys = layer.table.rows.loc[account.alive, list(group.by)].apply("\x1f".join, axis=1)
    sizes = keys.map(keys.value_counts()).to_numpy(dtype=float)
    first = ~keys.duplicated().to_numpy(dtype=bool)
    if group.count:
        facilities = facilities.assign(**{group.count: sizes})
    account.note(
        account.alive.copy(), "rows_grouped", by=", ".join(group.by), facilities=int(first.sum())
    )
    return facilities[first]


def _finished(facilities: gpd.GeoDataFrame, *, kinds: Mapping[str, Kind]) -> gpd.GeoDataFrame:
    """Give each optional column its type again: kinds that lack it made it empty."""
    types = dict.fromkeys(_TRANSLATED, "text")
    for kind in kinds.values():
        types |= kind.columns
    present = [column for column in types if column in facilities]
    typed = {column: _typed(facilities[column], types[column]) for column in present}
    first = [column for column in (*FACILITY_COLUMNS, *_TRANSLATED) if column in facilities]
    rest = [column for column in facilities.columns if column not in {*first, "geometry"}]
    return facilities.assign(**typed)[[*first, *rest, "geometry"]]


def _typed(column: pd.Series, what: str) -> pd.Series:
    match what:
        case "number":
            return column.astype("float64")
        case "flag":
            return column.astype("boolean")
        case _:
            return column.fillna("").astype("str")
