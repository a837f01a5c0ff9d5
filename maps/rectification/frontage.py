"""The map of frontage duty: lines of frontages and shops, by how they stood at their check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from analysis.casework.frontage import DUTY_STATES, NEVER, UNTOLD
from analysis.model.contracts import FAIL, PASS
from layers.languages import written_as
from maps.colours import digit_codes
from maps.geometry import DECIMALS
from maps.payloads import lines_payload
from maps.rectification.tasks import MOST_POINTS
from maps.spec import Legend, LegendRow, Look, MapSpec, Points, Polygons, Style, Symbol
from wording.names import full_name, with_names
from wording.numbers import NOTHING

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from maps.canvas import Canvas

DUTY_COLOURS = {PASS: "#3a7ebf", FAIL: "#d0442f", UNTOLD: "#b8720f", NEVER: "#6b7785"}
"""Lines on the bare ground of a page by day or by night: each stands out from both."""
_POINT = 0
_WIDTH = 4.0


def frontage_map(canvas: Canvas, frontages: gpd.GeoDataFrame) -> MapSpec:
    """
    Specify the map of frontages, as `exports.recipes.casework.frontage` lists them.

    Lines are all drawn; of shops that are points the first `MOST_POINTS`.
    """
    translate = canvas.translate
    named = _named(frontages, canvas)
    types = shapely.get_type_id(frontages.geometry.to_numpy())
    lines, points = named[types != _POINT], named[types == _POINT].head(MOST_POINTS)
    there = [state for state in DUTY_STATES if named["state"].eq(state).any()]
    names = {state: translate(f"frontage.state_{state}") for state in there}
    counted = " ".join(f"{state}:{int(named['state'].eq(state).sum())}" for state in there)
    return canvas.map(
        f"frontage {len(lines)} {len(points)} {counted}",
        title=translate("page.frontage"),
        cells_are="fronts",
        areas=canvas.outlines(),
        cells=_lines(canvas, lines) if len(lines) else None,
        points=_points(canvas, points, names) if len(points) else None,
        legend=Legend(
            translate("frontage.map_legend"),
            tuple(
                LegendRow(names[state], line=DUTY_COLOURS[state], width=_WIDTH, shape="line")
                if len(lines)
                else LegendRow(names[state], fill=DUTY_COLOURS[state], shape="circle", look="full")
                for state in there
            ),
        ),
    )


def _named(frontages: gpd.GeoDataFrame, canvas: Canvas) -> gpd.GeoDataFrame:
    """Name frontages and their communities in the reader's language."""
    named = with_names(frontages, canvas.city.communities, canvas.translate.language)
    own = f"name_{written_as(canvas.translate.language)}"
    if own not in frontages:
        return named
    return named.assign(name=frontages[own].where(frontages[own] != "", frontages["name"]))


def _lines(canvas: Canvas, lines: gpd.GeoDataFrame) -> Polygons:
    styles = tuple(Style(line=DUTY_COLOURS[state], width=_WIDTH) for state in DUTY_STATES)
    codes = [DUTY_STATES.index(state) for state in lines["state"]]
    payload = lines_payload(lines.geometry.to_numpy(), lines.crs)
    return canvas.cells(payload, styles, digit_codes(codes), _texts(canvas, lines))


def _points(canvas: Canvas, points: pd.DataFrame, names: dict[str, str]) -> Points:
    places, states = _texts(canvas, points), list(names)
    columns = {
        "lon": points["lon"].round(DECIMALS).tolist(),
        "lat": points["lat"].round(DECIMALS).tolist(),
        "kind": [states.index(state) for state in points["state"]],
        "status": [0] * len(points),
        "name": [name for name, *_ in places],
        "details": [rest for _, *rest in places],
    }
    kinds = tuple(Symbol(names[state], DUTY_COLOURS[state], "circle") for state in states)
    single = (Look(canvas.translate("frontage.shop"), "full"),)
    return Points(url=canvas.store.put(columns), kinds=kinds, statuses=single)


def _texts(canvas: Canvas, rows: pd.DataFrame) -> list[list[str]]:
    """Name each frontage, and say how it stood, who signed, how long it is, what lies before it."""
    translate, texts = canvas.translate, []
    for row in rows.to_dict("records"):
        length = translate.metres(row["length_m"]) if np.isfinite(row["length_m"]) else NOTHING
        near = translate.count(row["issues_near"]) if np.isfinite(row["issues_near"]) else NOTHING
        texts.append(
            [
                row["name"] or row["street"] or translate("frontage.unnamed"),
                translate(f"frontage.state_{row['state']}"),
                translate(f"frontage.signed_{row['signed'] or 'unknown'}"),
                translate("frontage.length", length=length),
                translate("frontage.near_n", n=near),
                full_name(row["community"], row["parent"]) or translate("finding.nowhere"),
            ]
        )
    return texts
