"""The robustness map: verdicts that hold and that turn, facilities by who depends on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from maps.colours import FAILS, GAP, MEETS, digit_codes
from maps.geometry import polygons_json
from maps.legend import coded_rows, legend_rows
from maps.palette import CANNOT_JUDGE_STYLE
from maps.spec import Legend, MapSpec, Style
from wording.names import figure_text, full_name, with_closure_names, with_names

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any

    import pandas as pd

    from analysis.coverage.robustness import Robustness
    from analysis.model.standards import Rule
    from layers.city import City
    from maps.canvas import Canvas
    from wording.speaker import Speaker

STYLES = {
    "fails": Style(fill=FAILS.colour),
    "meets": Style(fill=MEETS.colour),
    "turns": Style(fill="#f6f1d5", hatch="#8a6d1f"),
    "cannot_judge": CANNOT_JUDGE_STYLE,
}
STANDS = tuple(STYLES)
DISC_STYLE = Style(fill=GAP, opacity=0.35, line=GAP, width=0.6)
DISCS = 300
LARGEST = 0.014
"""Radius of the largest disc, as a share of the city's diagonal."""


def robustness_map(canvas: Canvas, robustness: Robustness, rule: Rule) -> MapSpec:
    """Specify the map of how firm the verdicts of one rule are."""
    city, translate, store = canvas.city, canvas.translate, canvas.store
    rows = robustness.communities
    top = with_closure_names(robustness.closures.head(DISCS), city, translate.language)
    measure = str(rows["measure"].iloc[0])
    about = f"{rule.id} {measure} {rule.service_radius_m} off={robustness.position_error_m:g}"
    return canvas.map(
        f"robustness {about}",
        title=translate("page.robustness"),
        cells_are="sole",
        areas=canvas.communities(
            tuple(STYLES.values()),
            digit_codes(STANDS.index(name) for name in stands(rows)),
            text=store.put(_lines(city, rows, rule, translate)),
        ),
        cells=canvas.cells(_discs(city, top), (DISC_STYLE,), "", _disc_lines(top, translate))
        if len(top)
        else None,
        marks=canvas.marks(top, lambda row: f"{row['facility']}: {_lost(row, translate)}"),
        legend=_legend(translate, measure, closures=bool(len(top))),
    )


def stands(rows: pd.DataFrame) -> pd.Series[str]:
    """Say how each verdict stands."""
    return rows["verdict"].mask(rows["flips"].astype(bool), "turns")


def band_text(translate: Speaker, row: pd.Series, rule: Rule) -> str:
    """Write the smallest and the greatest value of a row's band."""
    names = ("value_radius_less", "value_radius_more", "value_position_less", "value_position_more")
    values = [float(row[name]) for name in names]
    low, high = (figure_text(translate, each(values), rule) for each in (min, max))
    return f"{low} – {high}"


def _lines(city: City, rows: pd.DataFrame, rule: Rule, translate: Speaker) -> list[list[str]]:
    named = with_names(rows, city.communities, translate.language)
    return [
        [
            full_name(row["community"], row["parent"]),
            f"{translate(f'figure.{rule.figure}')} {band_text(translate, row, rule)}",
            translate(f"robustness.{standing}"),
        ]
        for (_, row), standing in zip(named.iterrows(), stands(rows), strict=True)
    ]


def _discs(city: City, top: pd.DataFrame) -> bytes:
    west, south, east, north = city.communities.total_bounds
    largest = LARGEST * float(np.hypot(east - west, north - south))
    people = top["people_lost"].to_numpy(dtype=float)
    points = shapely.points(top["x"].to_numpy(float), top["y"].to_numpy(float))
    circles = shapely.buffer(points, largest * np.sqrt(people / people.max()), quad_segs=6)
    return polygons_json(gpd.GeoSeries(circles, crs=city.crs), tolerance=0)


def _disc_lines(top: pd.DataFrame, translate: Speaker) -> list[list[str]]:
    return [
        [
            row["facility"],
            _lost(row, translate),
            row["lost_in"],
        ]
        for row in top.to_dict("records")
    ]


def _lost(row: Mapping[Hashable, Any], translate: Speaker) -> str:
    return translate("robustness.tip_lost", people=translate.count(row["people_lost"]))


def _legend(translate: Speaker, measure: str, *, closures: bool) -> Legend:
    rows = coded_rows(STYLES, STANDS, translate, "robustness")
    if closures:
        rows += legend_rows([DISC_STYLE], [translate("robustness.legend_disc")])
    named = translate(f"measure.{measure}")
    return Legend(translate("robustness.legend", measure=named), rows)
