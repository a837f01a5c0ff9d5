"""The hot-spot map: corrected Gi* classes or the density surface, and the top places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.hotspots.cells import COUNT, FEW
from maps.canvas import MARKS
from maps.colours import (
    FEW_PEOPLE,
    HOT_COLD,
    SURFACE,
    blend,
    digit_codes,
    hex_colours,
    round_breaks,
)
from maps.geometry import grid_json
from maps.legend import legend_rows
from maps.palette import OUTLINE_STYLE
from maps.raster import density_picture
from maps.spec import Legend, LegendRow, MapSpec, Mark, Polygons, Style, Surface, View, corners
from maps.store import PNG_TYPE
from wording.names import place_name, with_places

if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import Any

    import pandas as pd

    from analysis.hotspots.cells import HotSpots
    from analysis.hotspots.density import Surface as Density
    from analysis.hotspots.grid_choices import GridChoices
    from analysis.hotspots.recipe import HotSpotResult
    from maps.canvas import Canvas
    from wording.speaker import Speaker

LEVELS = ("cold_01", "cold_05", "cold_10", "none", "hot_10", "hot_05", "hot_01", FEW)
CELL_STYLES = tuple(Style(fill=colour, opacity=0.78, width=0.4) for colour in HOT_COLD)
FEW_STYLE = Style(fill=FEW_PEOPLE, opacity=0.6, width=0.4)
AROUND_PLACE = 6
CLASSES = 5


def hotspot_map(
    canvas: Canvas, hotspot_result: HotSpotResult, *, density: Density | None, place: str = ""
) -> MapSpec:
    """Specify the map of where issues concentrate."""
    translate, grid = canvas.translate, hotspot_result.hot_spots.grid
    kind = f"{grid.lattice.shape} {hotspot_result.hot_spots.basis}"
    basis = hotspot_result.hot_spots.basis
    surface, cells = None, None
    if density is None:
        cells = _cells(canvas, hotspot_result)
        legend = level_legend(translate, basis=basis, marked=not hotspot_result.places.empty)
    else:
        surface, legend = _surface(canvas, density)
    shown = "levels" if density is None else "density"
    return canvas.map(
        f"{shown} {hotspot_result.cases.total} {grid.cell_size:g} {kind} {place}",
        title=translate("page.hotspots"),
        areas=canvas.outlines(),
        cells=cells,
        surface=surface,
        marks=place_marks(canvas, hotspot_result.places),
        legend=legend,
        fit=_fit(canvas, hotspot_result, place),
    )


def hot_lines(hotspot_result: HotSpotResult, translate: Speaker) -> list[str]:
    """Say what is called hot."""
    lines = [translate(f"hotspots.{hotspot_result.hot_spots.basis}_meaning")]
    if hotspot_result.rate_refused:
        lines.append(translate("hotspots.rate_refused"))
    return lines


def grid_sentence(grid_choices: GridChoices, translate: Speaker) -> str:
    """Say how many hot places hold whatever the grid."""
    if grid_choices.places.empty:
        return translate("hotspots.grids_none")
    return translate(
        "hotspots.grids_sentence",
        firm=translate.count(grid_choices.firm),
        n=translate.count(len(grid_choices.places)),
        choices=translate.count(grid_choices.choices["judged"].sum()),
    )


def meaning_lines(hotspot_result: HotSpotResult, translate: Speaker) -> list[str]:
    """Say what is called hot, and which cases have a class of their own on the map of hot spots."""
    found, lines = hotspot_result.hot_spots, hot_lines(hotspot_result, translate)
    if found.few_cases:
        cells = int((found.cells["level"] == FEW).sum())
        facts = {"cases": translate.count(found.few_cases), "cells": translate.count(cells)}
        lines.append(translate(f"hotspots.few_sentence_{found.basis}", **facts))
    return lines


def rate_lines(found: HotSpots, translate: Speaker) -> list[str]:
    """Say how cases are set against residents or streets."""
    if found.basis == COUNT:
        return []
    dispersion = translate.decimal(found.dispersion)
    return [translate(f"hotspots.{found.basis}_method", dispersion=dispersion)]


def method_text(found: HotSpots, translate: Speaker) -> str:
    """Say by which cells and neighbours hot spots were found, and which cases are in none."""
    return translate(
        "hotspots.method",
        cells=translate.count(len(found.cells)),
        shape=translate(f"hotspots.{found.grid.lattice.shape}_cells"),
        cell=translate.metres(found.grid.cell_size),
        rings=found.rings,
        unlocated=translate.count(found.unlocated),
        outside=translate.count(found.outside + found.off_grid),
    )


def place_marks(canvas: Canvas, places: pd.DataFrame) -> tuple[Mark, ...]:
    """Mark the first places with their rank."""
    translate = canvas.translate
    return canvas.marks(
        with_places(places.head(MARKS), canvas.city, translate.language),
        lambda row: translate(
            "hotspots.mark", place=place_name(row), n=translate.count(row["cases"])
        ),
    )


def _fit(canvas: Canvas, hotspot_result: HotSpotResult, place: str) -> View:
    listed = [hotspot_result.places, hotspot_result.few_people]
    found = [frame.loc[place, ["x", "y"]] for frame in listed if place in frame.index]
    if not found:
        return canvas.extent()
    x, y = map(float, found[0])
    around = AROUND_PLACE * hotspot_result.hot_spots.grid.cell_size
    return canvas.around((x - around, y - around, x + around, y + around), place)


def _cells(canvas: Canvas, hotspot_result: HotSpotResult) -> Polygons:
    translate, crs = canvas.translate, canvas.city.crs
    cells, basis = hotspot_result.hot_spots.cells, hotspot_result.hot_spots.basis
    empty = (cells["level"] == FEW) & (cells["count"] == 0)
    shown = cells[(cells["level"] != "none") & ~empty]
    lattice = hotspot_result.hot_spots.grid.lattice
    geometry = grid_json(
        shown["x"], shown["y"], cell=lattice.cell_size, crs=crs, shape=lattice.shape
    )
    lines = [
        [
            _level_name(row["level"], basis, translate),
            _counted(row, translate),
            *_tested(row, translate),
        ]
        for row in shown.to_dict("records")
    ]
    classes = digit_codes(LEVELS.index(level) for level in shown["level"])
    return canvas.cells(geometry, (*CELL_STYLES, FEW_STYLE), classes, lines)


def _level_name(level: str, basis: str, translate: Speaker) -> str:
    return translate(f"hotspots.few_{basis}" if level == FEW else f"hotspots.{level}")


def _counted(row: dict[Hashable, Any], translate: Speaker) -> str:
    """Cases of a cell, and what they are compared with."""
    cases = f"{translate('hotspots.col_cases')} {translate.count(row['count'])}"
    if row["ratio"] != row["ratio"]:
        return cases
    ratio = translate.decimal(row["ratio"])
    if row["population"] == row["population"]:
        people = translate.count(row["population"])
        return f"{cases} · {translate('hotspots.rate_tip', ratio=ratio, people=people)}"
    length = translate.metres(row["street_m"])
    return f"{cases} · {translate('hotspots.street_tip', ratio=ratio, length=length)}"


def _tested(row: dict[Hashable, Any], translate: Speaker) -> list[str]:
    if row["z"] != row["z"]:
        return []
    return [f"z {translate.decimal(row['z'], digits=2)}, q {translate.significant(row['q'])}"]


def level_legend(translate: Speaker, *, basis: str, marked: bool) -> Legend:
    """Explain the classes of hot and cold cells."""
    styles = dict(zip(LEVELS, (*CELL_STYLES, FEW_STYLE), strict=True)) | {"none": OUTLINE_STYLE}
    order = [level for level in reversed(LEVELS) if level not in {"none", FEW}] + ["none"]
    if basis != COUNT:
        order.append(FEW)
    labels = [_level_name(level, basis, translate) for level in order]
    rows = legend_rows([styles[level] for level in order], labels)
    note = translate("hotspots.legend_place") if marked else ""
    return Legend(translate("hotspots.legend_levels"), rows, note=note)


def _surface(canvas: Canvas, density: Density) -> tuple[Surface | None, Legend]:
    translate, crs = canvas.translate, canvas.city.crs
    title = translate("hotspots.legend_density", bandwidth=translate.metres(density.bandwidth))
    per_km2 = density.values  # noqa: PD011  not a frame
    if not per_km2.max() > 0:
        return None, Legend(title, ())
    picture = density_picture(
        per_km2, left=density.x0, bottom=density.y0, cell=density.pixel, crs=crs
    )
    url = canvas.store.put(picture.png, media_type=PNG_TYPE)
    rows = density_rows(picture.highest, translate)
    return Surface(url, corners(picture.bounds)), Legend(
        title, rows, note=translate("hotspots.legend_place")
    )


def density_rows(highest: float, translate: Speaker) -> tuple[LegendRow, ...]:
    """Explain a density, the highest class first, in the colour of the middle of each class."""
    borders = (0.0, *round_breaks(highest, count=CLASSES))
    tops = (*borders[1:], highest)
    middles = np.array([low + top for low, top in zip(borders, tops, strict=True)]) / 2
    colours = hex_colours(blend(SURFACE, middles / highest))
    rows = tuple(
        LegendRow(translate.span(low, top), fill=colour, opacity=1)
        for low, top, colour in zip(borders, tops, colours, strict=True)
    )
    return rows[::-1]
