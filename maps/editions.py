"""The map of then and now: communities that crossed a minimum, facilities that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis.coverage.editions import (
    CLOSED,
    CROSSINGS,
    DOWN,
    MOVED,
    OPENED,
    SAME,
    UNCHANGED,
    UNCLEAR,
    UP,
)
from maps.colours import FAILS, MEETS, digit_codes
from maps.facilities import status_looks
from maps.geometry import points_columns
from maps.legend import coded_rows
from maps.palette import CANNOT_JUDGE_STYLE
from maps.spec import Legend, LegendRow, MapSpec, Points, Style, Symbol
from wording.names import figure_text, full_name, with_names

if TYPE_CHECKING:
    from collections.abc import Hashable

    from analysis.model.standards import Rule
    from layers.city import City
    from maps.canvas import Canvas
    from maps.payloads import MapPayloads
    from wording.speaker import Speaker

STYLES = {
    UP: Style(fill=MEETS.colour),
    DOWN: Style(fill=FAILS.colour),
    SAME: Style(fill="#eceff3", line="#c3cad3"),
    UNCLEAR: CANNOT_JUDGE_STYLE,
}
SYMBOLS = {
    OPENED: ("#1a7f4b", "triangle"),
    CLOSED: ("#c2185b", "cross"),
    MOVED: ("#6a3fa0", "diamond"),
    UNCHANGED: ("#8a94a3", "circle"),
}
"""Colour and shape of a facility by what became of it; shapes tell them apart without colour."""
SHOWN = tuple(SYMBOLS)


def compare_map(
    canvas: Canvas,
    rows: pd.DataFrame,
    rule: Rule,
    *,
    edition: str,
    payloads: MapPayloads,
    title: str = "",
) -> MapSpec:
    """Specify the map of what changed."""
    translate = canvas.translate
    return canvas.map(
        f"compare {edition} {rule.id} {rule.service_radius_m}",
        title=title or translate("page.compare"),
        areas=canvas.communities(
            [STYLES[code] for code in CROSSINGS],
            digit_codes(CROSSINGS.index(code) for code in rows["crossed"]),
            text=payloads.text,
        ),
        points=Points(
            url=payloads.points,
            kinds=tuple(
                Symbol(translate(f"compare.{outcome}"), *SYMBOLS[outcome]) for outcome in SHOWN
            ),
            statuses=status_looks(translate),
        ),
        legend=_legend(rows, rule, translate),
    )


def change_points(facilities: pd.DataFrame, city: City, translate: Speaker) -> dict[str, object]:
    """Arrange the facilities of both dates for the map."""
    rows = facilities[facilities["outcome"].isin(SHOWN)].reset_index(drop=True)
    points = gpd.points_from_xy(rows["x"].fillna(rows["x_then"]), rows["y"].fillna(rows["y_then"]))
    status = np.where(rows["outcome"] == CLOSED, "closed", rows["status"])
    drawn = gpd.GeoDataFrame(
        {"kind": rows["outcome"], "status": status, "name": rows["name"]},
        geometry=points,
        crs=city.crs,
    )
    return points_columns(
        drawn, kinds=SHOWN, details=[_details(row, translate) for row in rows.to_dict("records")]
    )


def _details(row: dict[Any, Any], translate: Speaker) -> list[str]:
    if row["outcome"] == MOVED:
        return [translate("compare.moved_by", metres=translate.metres(row["moved_m"]))]
    return [translate("compare.gone")] if pd.isna(row["facility_id"]) else []


def change_lines(
    rows: pd.DataFrame, communities: gpd.GeoDataFrame, rule: Rule, translate: Speaker
) -> list[list[str]]:
    """Write what the map shows under the pointer."""
    name = translate(f"figure.{rule.figure}")

    def values(row: dict[Hashable, Any]) -> str:
        then, now = (figure_text(translate, row[each], rule) for each in ("value_then", "value"))
        return f"{name} {then} → {now}"

    return [
        [
            full_name(row["community"], row["parent"]),
            values(row),
            f"{translate('compare.col_gained')} {translate.count(row['people_gained'])}",
            f"{translate('compare.col_lost')} {translate.count(row['people_lost'])}",
            translate(f"compare.{row['crossed']}"),
        ]
        for row in with_names(rows, communities, translate.language).to_dict("records")
    ]


def _legend(rows: pd.DataFrame, rule: Rule, translate: Speaker) -> Legend:
    lines = coded_rows(STYLES, {UP, DOWN, SAME, *rows["crossed"]}, translate, "compare")
    for outcome in SHOWN:
        colour, shape = SYMBOLS[outcome]
        look = "hollow" if outcome == CLOSED else "full"
        lines += (LegendRow(translate(f"compare.{outcome}"), fill=colour, shape=shape, look=look),)
    return Legend(translate.of(rule.title), lines, note=translate("compare.legend_note"))
