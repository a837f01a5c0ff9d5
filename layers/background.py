"""Loads what helps to find one's way on a map; what cannot be used is left out with a note."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.model.errors import PlanningError
from layers.city import Note
from layers.cleaning.amounts import column_numbers
from layers.cleaning.coordinates import place_rows
from layers.cleaning.geometry import clean_lines
from layers.cleaning.identifiers import identify, loaded_rows
from layers.cleaning.land import clean_land
from layers.cleaning.layer import read_layer
from layers.cleaning.row_account import layer_report
from layers.recipe.schema import GREEN, MAIN_STREETS, PLACE_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from layers.city import LayerReport
    from layers.cleaning.layer import Layer
    from layers.cleaning.study_area import StudyArea
    from layers.recipe.schema import LayerRecipe

USUAL_SIZE_M = 1000.0
"""A quarter, where a place does not say how large it is."""


def load_background(
    entries: Sequence[LayerRecipe], folders: Sequence[Path], area: StudyArea
) -> tuple[dict[str, gpd.GeoDataFrame], list[LayerReport], list[pd.DataFrame]]:
    """Make the layers, by kind, with the account and the quarantine of each entry."""
    frames: dict[str, list[gpd.GeoDataFrame]] = {}
    reports, quarantine = [], []
    for entry in entries:
        try:
            layer = read_layer(entry, folders)
            if layer is None:
                continue
            frame = _CLEAN[entry.kind](layer, area=area)
        except PlanningError as error:
            reports.append(_left_out(entry, error))
            continue
        reports.append(layer.report(earlier=False))
        quarantine.append(layer.account.quarantined())
        if len(frame):
            frames.setdefault(entry.kind, []).append(frame)
    joined = {kind: pd.concat(parts, ignore_index=True) for kind, parts in frames.items()}
    return joined, reports, [each for each in quarantine if len(each)]


def _left_out(entry: LayerRecipe, error: PlanningError) -> LayerReport:
    """Tell of a layer that cannot be used: no figure rests on it, so the city loads without."""
    note = Note(entry.id, "noted", "background_left_out", 1, facts={"found": str(error)})
    counts = dict.fromkeys(("rows_in", "not_selected", "loaded", "repaired", "quarantined"), 0)
    return layer_report(entry, files={}, notes=[note], **counts)


def _clean_lines(layer: Layer, *, area: StudyArea) -> gpd.GeoDataFrame:
    identifiers = identify(layer, keep_twice=True)
    lines = clean_lines(layer.geometry, layer.account, crs=layer.crs, target=area.crs)
    return _frame(layer, identifiers, lines, area)


def _clean_names(layer: Layer, *, area: StudyArea) -> gpd.GeoDataFrame:
    """Make points with names; a place without a name has nothing to say on a map."""
    names = layer.texts("name", "name_en", "name_zh")
    layer.account.leave_out(np.all([text == "" for text in names.values()], axis=0))
    identifiers = identify(layer, keep_twice=True)
    x, y = place_rows(layer, area=area)
    frame = _frame(layer, identifiers, np.asarray(shapely.points(x, y)), area)
    size = np.full(len(layer.ours), np.nan)
    if "size_m" in layer.ours:
        size = column_numbers(layer, "size_m")
    known = pd.Series(np.where(size > 0, size, USUAL_SIZE_M), layer.ours.index)
    return frame.assign(size_m=known[layer.account.alive].to_numpy())


def _frame(
    layer: Layer, identifiers: pd.Index[str], shapes: np.ndarray, area: StudyArea
) -> gpd.GeoDataFrame:
    columns = {**layer.texts("name"), **layer.translated("name_en", "name_zh")}
    frame = gpd.GeoDataFrame(columns, index=layer.ours.index, geometry=shapes, crs=area.crs)
    return loaded_rows(frame, identifiers, layer, index="background_id")


_CLEAN: dict[str, Callable[..., gpd.GeoDataFrame]] = {
    GREEN: clean_land,
    MAIN_STREETS: _clean_lines,
    PLACE_NAMES: _clean_names,
}
