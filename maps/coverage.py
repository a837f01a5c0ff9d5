"""The coverage map: communities by share, gap polygons, facilities."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from analysis.coverage.figures import NETWORK
from analysis.model.contracts import FACILITY_STATUS, SUPPLY_STATUS
from maps.colours import class_codes, share_labels
from maps.geometry import points_columns, polygons_json
from maps.palette import DAY, Light
from maps.spec import (
    LOOKS,
    Legend,
    LegendRow,
    MapSpec,
    Points,
    Polygons,
    legend_rows,
    looks,
    symbol,
)
from wording.names import full_names
from wording.numbers import count, decimal, metres, percent

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt
    import pandas as pd
    from pyproj import CRS

    from analysis.access.supply_filter import Answers
    from analysis.coverage.gaps import Gaps
    from analysis.model.figures import Figure
    from analysis.model.standards import Kind, Rule
    from maps.canvas import Canvas
    from wording.speaker import Speaker

VERDICTS = ("fails", "meets", "cannot_judge")
ASKED_STATUS = ("open", "closed", "unknown")
"""Statuses that stand for the answers of facilities, where something is asked of them."""
GAP_DETAIL = 2.5
"""Metres by which a gap's border on the map may stray: less than a pixel up to zoom 15."""


@dataclass(frozen=True)
class Contents:
    """
    URLs of what a map draws: text of the areas, points, gaps and zone or none.

    By walking distance the streets within reach stand in the place of the gaps.
    """

    text: str
    points: str
    gaps: str = ""
    zone: str = ""


def areas_content(communities: gpd.GeoDataFrame) -> bytes:
    """Write the communities for the map."""
    return polygons_json(communities)


def gaps_content(gaps: Gaps) -> bytes:
    """Write the gaps for the map, without detail finer than `GAP_DETAIL`."""
    shapes = gaps.frame.geometry.to_numpy()
    simple = shapely.simplify(shapes, GAP_DETAIL, preserve_topology=False)
    shown = np.where(shapely.is_empty(simple), shapes, simple)
    return polygons_json(gpd.GeoSeries(shown, crs=gaps.frame.crs), tolerance=0)


def reach_content(lines: npt.NDArray[np.object_], crs: CRS) -> bytes:
    """Write the streets within walking distance for the map, as one shape."""
    # the map draws rings alone: a line is one that goes there and back, and has no fill
    paths = [shapely.get_coordinates(line) for line in lines]
    rings = [shapely.Polygon(np.concatenate([path, path[::-1]])) for path in paths]
    shapes = [shapely.multipolygons(rings)] if rings else []
    return polygons_json(gpd.GeoSeries(shapes, crs=crs), tolerance=0)


def points_content(
    facilities: gpd.GeoDataFrame, kind: Kind, answers: Answers | None = None
) -> dict[str, object]:
    """Arrange the facilities of one kind for the map, closed ones too."""
    shown = facilities[facilities["kind"] == kind.id]
    if answers is not None and answers.by_kind.get(kind.id):
        fits, serving = answers.fits[shown.index], shown["status"].isin(SUPPLY_STATUS)
        status = shown["status"].mask(serving & fits.fillna(value=False), "open")
        status = status.mask(serving & ~fits.fillna(value=True), "closed")
        shown = shown.assign(status=status.mask(serving & fits.isna(), "unknown"))
    return points_columns(shown, kinds=(kind.id,))


def coverage_map(
    canvas: Canvas,
    rows: pd.DataFrame,
    rule: Rule,
    kind: Kind,
    *,
    contents: Contents,
    figure: Figure,
    zone: str = "",
    asked: str = "",
    light: Light = DAY,
) -> MapSpec:
    """Specify the coverage map of one rule."""
    translate, shares = canvas.translate, figure.share
    codes = class_codes(rows[figure.id], light.ramp) if shares else _verdict_codes(rows)
    measure = rows["measure"].iloc[0]
    around = light.reach if measure == NETWORK else light.gap
    parts = (rule.id, f"{rule.service_radius_m}", measure, figure.id, zone, asked)
    return canvas.map(
        " ".join(["coverage", *parts]),
        title=translate("page.coverage"),
        areas=canvas.communities(
            light.shares if shares else light.verdicts, codes, text=contents.text
        ),
        cells=Polygons(url=contents.zone, styles=(light.zone,)) if contents.zone else None,
        gaps=Polygons(url=contents.gaps, styles=(around,)) if contents.gaps else None,
        points=Points(
            url=contents.points,
            kinds=(symbol(kind, language=translate.language),),
            statuses=looks(_statuses(translate, asked=bool(asked))),
        ),
        legend=_legend(
            rows,
            rule,
            kind,
            translate,
            figure=figure,
            gaps=bool(contents.gaps),
            zone=zone,
            asked=bool(asked),
            light=light,
        ),
        night=light.night,
    )


def beyond_reach(rows: pd.DataFrame) -> pd.Series[float]:
    """Count the people of each row who are beyond reach for certain."""
    not_judged = rows["population_not_judged"].fillna(0)
    return rows["population"] - rows["population_covered"] - not_judged


def people_band(rows: pd.DataFrame) -> tuple[pd.Series[float], pd.Series[float]]:
    """Tell how far the share of people covered is known."""
    people = rows["population"].where(rows["population"] > 0)
    least = rows["population_covered"] / people
    return least, least + rows["population_not_judged"].fillna(0) / people


def is_band(rows: pd.DataFrame) -> bool:
    """Tell whether shares are only the least that they can be."""
    return bool((rows["population_not_judged"] > 0).any())


def _verdict_codes(rows: pd.DataFrame) -> str:
    return "".join(str(VERDICTS.index(verdict)) for verdict in rows["verdict"])


def tip_lines(
    rows: pd.DataFrame, communities: gpd.GeoDataFrame, rule: Rule, translate: Speaker
) -> list[list[str]]:
    """Write what the map shows under the pointer."""
    verdicts = {code: translate(f"verdict.{code}") for code in rows["verdict"].unique()}
    reasons = {code: translate(f"reason.{code}") for code in rows["reason"].unique()}
    judged = rows["verdict"].map(verdicts) + ": " + rows["reason"].map(reasons)
    columns = [full_names(rows, communities, translate.language)]
    if rule.service_radius_m is None:
        write = percent if rule.figure.share else decimal
        columns.append(_written(translate(f"figure.{rule.figure}"), write, rows["value"]))
    else:
        columns += _written_reach(rows, translate)
    lines = zip(*columns, judged.tolist(), strict=True)
    return [[text for text in line if text] for line in lines]


def _written(name: str, write: Callable[[float], str], values: pd.Series[float]) -> list[str]:
    return [f"{name} {write(value)}" for value in values.tolist()]


def _written_reach(rows: pd.DataFrame, translate: Speaker) -> list[list[str]]:
    """Shares and people of the rows of one measure; empty where a row has no such figure."""

    def shares(column: str, name: str) -> list[str]:
        return _written(translate(f"coverage.col_{name}"), percent, rows[f"{column}_covered_share"])

    people = _written_people(rows, translate)
    out = _written(translate("coverage.col_out"), count, beyond_reach(rows))
    if (rows["measure"] == NETWORK).any():
        walk = partial(decimal, digits=0)
        return [
            people,
            _written(translate("coverage.col_walk"), walk, rows["mean_distance_m"]),
            _written(translate("coverage.col_unjudged"), count, rows["population_not_judged"]),
            out,
        ]
    has_land = rows["denominators"].str.contains("residential", regex=False)
    land = np.where(has_land, shares("residential", "land"), "").tolist()
    return [people, shares("area", "area"), land, out]


def _written_people(rows: pd.DataFrame, translate: Speaker) -> list[str]:
    name = translate("coverage.col_share")
    known = _written(name, percent, rows["population_covered_share"])
    least, most = people_band(rows)
    bands = [
        f"{name} {percent(low)}–{percent(high)}" for low, high in zip(least, most, strict=True)
    ]
    written: list[str] = np.where(most > least, bands, known).tolist()
    return written


def _statuses(translate: Speaker, *, asked: bool) -> dict[str, str]:
    """Name what the looks of facilities mean."""
    names = {status: translate(f"status.{status}") for status in FACILITY_STATUS}
    if asked:
        names |= {status: translate(f"asked.status_{status}") for status in ASKED_STATUS}
    return names


def _legend(
    rows: pd.DataFrame,
    rule: Rule,
    kind: Kind,
    translate: Speaker,
    *,
    figure: Figure,
    gaps: bool,
    zone: str,
    asked: bool,
    light: Light,
) -> Legend:
    name = translate.of(kind.name)
    radius = metres(rule.service_radius_m or 0)
    if figure.share:
        labels = list(share_labels(light.ramp))
        labels[0] = f"{labels[0]}  {translate('coverage.legend_poor')}"
        labels[-1] = f"{labels[-1]}  {translate('coverage.legend_good')}"
        lines = legend_rows(light.shares[:-1], labels)
        word = "coverage.legend_share" if rule.service_radius_m else "coverage.legend_figure"
        shown = translate(f"figure.{figure}")
        if is_band(rows):
            shown = translate("coverage.at_least", figure=shown)
        title = translate(word, kind=name, figure=shown, radius=radius)
        unjudged = bool(rows[figure.id].isna().any())
    else:
        lines = legend_rows(
            light.verdicts[:2], [translate(f"verdict.{code}") for code in VERDICTS[:2]]
        )
        title = translate("coverage.legend_verdict", kind=name, rule=translate.of(rule.title))
        unjudged = bool((rows["verdict"] == "cannot_judge").any())
    if unjudged:
        lines += legend_rows([light.unjudged], [translate("coverage.legend_none")])
    if zone:
        lines += legend_rows([light.zone], [zone])
    walked = rows["measure"].iloc[0] == NETWORK
    if gaps and walked:
        (line,) = legend_rows([light.reach], [translate("coverage.legend_walk", radius=radius)])
        lines += (replace(line, shape="line"),)
    elif gaps:
        lines += legend_rows([light.gap], [translate("coverage.legend_gap", radius=radius)])
    shape = symbol(kind, language=translate.language).shape
    for status in FACILITY_STATUS:
        label = translate(f"coverage.legend_{status}", kind=name)
        if asked and status in ASKED_STATUS:
            label = f"{name}: {translate(f'asked.status_{status}')}"
        lines += (
            LegendRow(
                label,
                fill=kind.colour,
                shape=shape,
                look=LOOKS[status],
            ),
        )
    measure = "walking" if walked else "straight"
    note = translate(f"coverage.{measure}") if rule.service_radius_m is not None else ""
    return Legend(title=title, rows=lines, note=note)
