"""The coverage map: communities by share, gap polygons, facilities; proposed sites on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from analysis.coverage.figures import NETWORK
from maps.colours import class_codes, digit_codes, share_labels
from maps.facilities import kind_points, kind_rows
from maps.geometry import lonlat
from maps.legend import legend_rows, unjudged_rows
from maps.palette import DAY, Theme
from maps.spec import Legend, LegendRow, MapSpec, Mark, Polygons, Style
from wording.names import facility_names, full_names

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    import pandas as pd

    from analysis.model.figures import Figure
    from analysis.model.standards import Kind, Rule
    from analysis.siting.closing import Moves
    from layers.city import City
    from maps.canvas import Canvas
    from maps.payloads import MapPayloads
    from wording.speaker import Speaker

VERDICTS = ("fails", "meets", "cannot_judge")
WALK_SHAPES = "01"
"""Classes of the two shapes of `maps.payloads.walk_payload`: streets within reach, gaps."""
VEIL = 0.09
"""Opacity of homes beyond reach: light enough to read the share of the community through it."""
MOST_MARKED = 99
"""Proposed sites that bear a number, as far as two figures go into a mark."""


@dataclass(frozen=True, eq=False)
class CoverageView:
    """
    What the coverage map of one rule shows.

    Attributes
    ----------
    rows
        The coverage of every community by this rule.
    rule, kind
        The rule, and the kind that it is about.
    payloads
        URLs of what is drawn.
    figure
        What colours the communities: its column of `rows`, else their verdicts.
    zone
        Name of the zone outlined, or empty.
    filter_text
        What is asked of the facilities, in words, or empty.
    theme
        By day or by night.
    """

    rows: pd.DataFrame
    rule: Rule
    kind: Kind
    payloads: MapPayloads
    figure: Figure
    zone: str = ""
    filter_text: str = ""
    theme: Theme = DAY

    @property
    def walked(self) -> bool:
        """Whether distance is along streets."""
        return bool(self.rows["measure"].iloc[0] == NETWORK)


def coverage_map(canvas: Canvas, view: CoverageView, *, title: str = "") -> MapSpec:
    """Specify the coverage map of one rule."""
    translate, rows, rule, theme = canvas.translate, view.rows, view.rule, view.theme
    if view.figure.share:
        styles, codes = theme.shares, class_codes(rows[view.figure.id], theme.ramp)
    else:
        styles = theme.verdicts
        codes = digit_codes(VERDICTS.index(verdict) for verdict in rows["verdict"])
    around = _walk_styles(theme) if view.walked else (theme.gap,)
    urls, filtered = view.payloads, bool(view.filter_text)
    parts = (rule.id, f"{rule.service_radius_m}", rows["measure"].iloc[0], view.figure.id)
    return canvas.map(
        " ".join(["coverage", *parts, view.zone, view.filter_text]),
        title=title or translate("page.coverage"),
        cells_are="zone",
        areas=canvas.communities(styles, codes, text=urls.text),
        cells=Polygons(url=urls.zone, styles=(theme.zone,)) if urls.zone else None,
        gaps=Polygons(urls.gaps, around, classes=WALK_SHAPES if view.walked else "")
        if urls.gaps
        else None,
        points=kind_points(urls.points, view.kind, translate, filtered=filtered),
        legend=_legend(view, translate),
        night=theme.night,
    )


def siting_map(canvas: Canvas, view: CoverageView, sites: pd.DataFrame, *, plan: str) -> MapSpec:
    """
    Specify the map of proposed sites.

    `sites` are rows of `exports.recipes.siting.site_table`, reasons in words; `plan` names them.
    """
    translate = canvas.translate
    spec = coverage_map(canvas, view, title=translate("page.siting"))
    marks = site_marks(sites, canvas.city, translate)
    return replace(spec, id=f"siting {plan} {spec.id}", marks=marks)


def site_marks(sites: pd.DataFrame, city: City, translate: Speaker) -> tuple[Mark, ...]:
    """Number the first of the proposed sites, each with its reason."""
    first = sites.head(MOST_MARKED)
    lon, lat = lonlat(first["x"], first["y"], crs=city.crs)
    return tuple(
        Mark(
            round(float(north), 6),
            round(float(east), 6),
            str(row["rank"]),
            translate("siting.name", rank=row["rank"], reason=row["reason"]),
        )
        for north, east, row in zip(lat, lon, first.to_dict("records"), strict=True)
    )


def moves_marks(moves: Moves, city: City, translate: Speaker) -> tuple[Mark, ...]:
    """Cross the facilities that close, and number the sites that open instead."""
    shut = city.facilities.loc[moves.closed[:MOST_MARKED]]
    names = facility_names(city.facilities, translate.language)[shut.index]
    new = moves.opened[:MOST_MARKED]
    places = [
        *(("×", translate("siting.shuts", name=name)) for name in names),
        *((str(n), translate("siting.site", rank=n)) for n in range(1, len(new) + 1)),
    ]
    lon, lat = lonlat([*shut.geometry.x, *new[:, 0]], [*shut.geometry.y, *new[:, 1]], crs=city.crs)
    return tuple(
        Mark(round(float(north), 6), round(float(east), 6), label, title)
        for north, east, (label, title) in zip(lat, lon, places, strict=True)
    )


def beyond_reach(rows: pd.DataFrame) -> pd.Series[float]:
    """Count the people of each row who are beyond reach for certain."""
    not_judged = rows["population_not_judged"].fillna(0)
    return rows["population"] - rows["population_covered"] - not_judged


def people_band(rows: pd.DataFrame) -> tuple[pd.Series[float], pd.Series[float]]:
    """Tell how far the share of people covered is known."""
    people = rows["population"].where(rows["population"] > 0)
    low = rows["population_covered"] / people
    return low, low + rows["population_not_judged"].fillna(0) / people


def is_band(rows: pd.DataFrame) -> bool:
    """Tell whether shares are lower bounds."""
    return bool((rows["population_not_judged"] > 0).any())


def tip_lines(
    rows: pd.DataFrame, communities: gpd.GeoDataFrame, rule: Rule, translate: Speaker
) -> list[list[str]]:
    """Write what the map shows under the pointer."""
    verdicts = {code: translate(f"verdict.{code}") for code in rows["verdict"].unique()}
    reasons = {code: translate(f"reason.{code}") for code in rows["reason"].unique()}
    judged = rows["verdict"].map(verdicts) + ": " + rows["reason"].map(reasons)
    columns = [full_names(rows, communities, translate.language)]
    if rule.service_radius_m is None:
        write = translate.share if rule.figure.share else translate.decimal
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
        return _written(
            translate(f"coverage.col_{name}"), translate.share, rows[f"{column}_covered_share"]
        )

    people = _written_people(rows, translate)
    out = _written(translate("coverage.col_out"), translate.count, beyond_reach(rows))
    if (rows["measure"] == NETWORK).any():
        walk = partial(translate.decimal, digits=0)
        return [
            people,
            _written(translate("coverage.col_walk"), walk, rows["mean_distance_m"]),
            _written(
                translate("coverage.col_unjudged"), translate.count, rows["population_not_judged"]
            ),
            out,
        ]
    has_land = rows["denominators"].str.contains("residential", regex=False)
    land = np.where(has_land, shares("residential", "land"), "").tolist()
    return [people, shares("area", "area"), land, out]


def _written_people(rows: pd.DataFrame, translate: Speaker) -> list[str]:
    name = translate("coverage.col_share")
    known = _written(name, translate.share, rows["population_covered_share"])
    lows, highs = people_band(rows)
    bands = [
        f"{name} {translate.share(low)}–{translate.share(high)}"
        for low, high in zip(lows, highs, strict=True)
    ]
    written: list[str] = np.where(highs > lows, bands, known).tolist()
    return written


def _legend(view: CoverageView, translate: Speaker) -> Legend:
    rule, kind, theme = view.rule, view.kind, view.theme
    classes = _share_rows if view.figure.share else _verdict_rows
    title, rows, unjudged = classes(view, translate)
    rows += unjudged_rows(translate, present=unjudged, style=theme.unjudged)
    if view.zone:
        rows += legend_rows([theme.zone], [view.zone])
    if view.payloads.gaps:
        rows += _reach_rows(view, translate)
    rows += kind_rows(kind, translate, filtered=bool(view.filter_text))
    distance = translate("coverage.walking" if view.walked else "coverage.straight")
    return Legend(title, rows, note=distance if rule.service_radius_m is not None else "")


def _share_rows(view: CoverageView, translate: Speaker) -> tuple[str, tuple[LegendRow, ...], bool]:
    labels = list(share_labels(view.theme.ramp))
    labels[0] = f"{labels[0]}  {translate('coverage.legend_poor')}"
    labels[-1] = f"{labels[-1]}  {translate('coverage.legend_good')}"
    word = "coverage.legend_share" if view.rule.service_radius_m else "coverage.legend_figure"
    figure = translate(f"figure.{view.figure}")
    if is_band(view.rows):
        figure = translate("coverage.at_least", figure=figure)
    title = translate(
        word, kind=translate.of(view.kind.name), figure=figure, radius=_radius(view, translate)
    )
    unjudged = bool(view.rows[view.figure.id].isna().any())
    return title, legend_rows(view.theme.shares[:-1], labels), unjudged


def _verdict_rows(
    view: CoverageView, translate: Speaker
) -> tuple[str, tuple[LegendRow, ...], bool]:
    name, rule = translate.of(view.kind.name), translate.of(view.rule.title)
    labels = [translate(f"verdict.{code}") for code in VERDICTS[:2]]
    unjudged = bool((view.rows["verdict"] == "cannot_judge").any())
    title = translate("coverage.legend_verdict", kind=name, rule=rule)
    return title, legend_rows(view.theme.verdicts[:2], labels), unjudged


def _reach_rows(view: CoverageView, translate: Speaker) -> tuple[LegendRow, ...]:
    radius = _radius(view, translate)
    if not view.walked:
        return legend_rows([view.theme.gap], [translate("coverage.legend_gap", radius=radius)])
    words = [translate(f"coverage.legend_{name}", radius=radius) for name in ("walk", "walk_gap")]
    streets, gap = legend_rows(_walk_styles(view.theme), words)
    return (replace(streets, shape="line"), gap)


def _walk_styles(theme: Theme) -> tuple[Style, Style]:
    """
    Look of streets within reach, thin, and of homes beyond it, a veil.

    Homes lie all over a city: hatched, they would hide the shares below them.
    """
    veil = Style(fill=theme.gap.line, opacity=VEIL, line="")
    return replace(theme.reach, width=0.8), veil


def _radius(view: CoverageView, translate: Speaker) -> str:
    return translate.metres(view.rule.service_radius_m or 0)
