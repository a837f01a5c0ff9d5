"""Charts of rankings: units in their funnel, joint priority by its parts, what makes up most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd

from analysis.handling.funnel import VERDICTS, funnel_limits
from charts.spec import ACCENT, CALM, INK, QUIET, SECOND, WARN, ChartSpec, bars_height, themed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.priority import Priority
    from wording.speaker import Speaker

MOST = 30
PART_COLOURS = {"reach": ACCENT, "hot": "#f07f3c", "relapse": "#8c1d3f", "overdue": SECOND}
"""Parts of the joint priority; the warm ones of the density surface are about cases."""
PERCENT = alt.Axis(format="%")
FUNNEL_HEIGHT, FUNNEL_STEPS = 320, 40


def unit_funnel(
    rows: pd.DataFrame, translate: Speaker, *, heading: str, verdicts: Mapping[str, str]
) -> ChartSpec:
    """
    Draw each unit's share by its cases, within what chance and usual differences explain.

    `rows`: `name`, `n`, `share`, `compared_share`, `expected`, `dispersion`, `verdict`; those
    without a verdict are left out. `verdicts` are the words of its codes.
    """
    judged = rows[rows["verdict"] != ""]
    usual, limits = _funnel(judged)
    cases = alt.X("n:Q", title=translate("charts.units_cases"), scale=alt.Scale(type="log"))
    dots = _unit_dots(judged, cases, translate, heading=heading, verdicts=verdicts)
    curves = [
        alt.Chart(limits)
        .mark_line(color=QUIET, strokeWidth=1, strokeDash=dash)
        .encode(x=cases, y=alt.Y(f"{side}_{level}:Q"))
        for level, dash in (("95", [4, 3]), ("998", [1, 0]))
        for side in ("low", "high")
    ]
    middle = (
        alt.Chart(pd.DataFrame({"share": [usual]})).mark_rule(color=INK).encode(y=alt.Y("share:Q"))
    )
    table = pd.DataFrame(
        {
            translate("units.col_name"): judged["name"].to_numpy(),
            translate("units.col_n"): [translate.count(n) for n in judged["n"]],
            heading: [translate.share(share) for share in judged["compared_share"]],
            translate("units.col_verdict"): judged["verdict"].map(verdicts).to_numpy(),
        }
    )
    title = translate("charts.units", indicator=heading, share=translate.share(usual))
    layers = [middle, *(curves if len(limits) else []), dots]
    drawn = themed(alt.LayerChart(layer=layers), translate, height=FUNNEL_HEIGHT)
    return ChartSpec(title, drawn, table, FUNNEL_HEIGHT)


def _unit_dots(
    judged: pd.DataFrame,
    cases: alt.X,
    translate: Speaker,
    *,
    heading: str,
    verdicts: Mapping[str, str],
) -> alt.Chart:
    """Draw a dot a unit, its verdict by colour."""
    facts = judged[["name", "n", "compared_share"]].assign(verdict=judged["verdict"].map(verdicts))
    share = alt.Y("compared_share:Q", title=heading, axis=PERCENT, scale=alt.Scale(domain=[0, 1]))
    scale = alt.Scale(domain=[verdicts[code] for code in VERDICTS], range=[ACCENT, WARN, CALM])
    dots: alt.Chart = (
        alt.Chart(facts)
        .mark_circle(size=60, opacity=0.8)
        .encode(
            x=cases,
            y=share,
            color=alt.Color("verdict:N", scale=scale),
            tooltip=[
                alt.Tooltip("name:N", title=" "),
                alt.Tooltip("compared_share:Q", title=heading, format=".1%"),
                alt.Tooltip("n:Q", title=translate("units.col_n"), format=","),
                alt.Tooltip("verdict:N", title=translate("units.col_verdict")),
            ],
        )
    )
    return dots


def _funnel(judged: pd.DataFrame) -> tuple[float, pd.DataFrame]:
    """Give what is expected, and its funnel from the smallest unit to the largest."""
    most = judged["n"].max() if len(judged) else 0
    usual = float(judged["expected"].sum() / judged["n"].sum()) if len(judged) else float("nan")
    if most < 2 or not 0 < usual < 1:  # noqa: PLR2004
        return usual, pd.DataFrame()
    spread = (judged["dispersion"].max() - 1) / (most - 1)
    sizes = np.geomspace(judged["n"].min(), most, FUNNEL_STEPS)
    return usual, funnel_limits(sizes, usual, spread=spread, units=len(judged))


def priority_bars(priority: Priority, names: list[str], translate: Speaker) -> ChartSpec:
    """Draw the first communities of the joint priority, each bar made of its parts."""
    first = priority.table.head(min(len(names), MOST))
    parts = list(priority.weights)
    words = {part: translate(f"priority.{part}") for part in parts}
    bars = (
        alt.Chart(_part_rows(first, names, words))
        .mark_bar(height={"band": 0.7})
        .encode(
            y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=220)),
            x=alt.X("sum(points):Q", title=translate("priority.score")),
            order="at:Q",
            color=alt.Color(
                "part:N",
                scale=alt.Scale(
                    domain=list(words.values()), range=[PART_COLOURS[part] for part in parts]
                ),
            ),
            tooltip=[
                alt.Tooltip("name:N", title=" "),
                alt.Tooltip("part:N", title=" "),
                alt.Tooltip("points:Q", title=translate("priority.score"), format=".1f"),
            ],
        )
    )
    shown = names[: len(first)]
    table = pd.DataFrame({translate("hotspots.col_place"): shown})
    table[translate("priority.score")] = [translate.decimal(100 * s) for s in first["score"]]
    for part in parts:
        points = first[f"{part}_points"] * 100
        table[words[part]] = [translate.decimal(value) for value in points]
    height = bars_height(len(first))
    title = translate("charts.priority", n=translate.count(len(first)))
    return ChartSpec(title, themed(bars, translate, height=height), table, height)


def _part_rows(first: pd.DataFrame, names: list[str], words: Mapping[str, str]) -> pd.DataFrame:
    """Give a row for each part of each bar; a part that cannot be judged has none."""
    return pd.DataFrame(
        [
            {"name": name, "part": word, "points": 100 * row[f"{part}_points"], "at": at}
            for name, row in zip(names, first.to_dict("records"), strict=False)
            for at, (part, word) in enumerate(words.items())
            if pd.notna(row[f"{part}_points"])
        ],
        columns=["name", "part", "points", "at"],
    )


def pareto(counts: pd.Series[int], translate: Speaker, *, title: str, heading: str) -> ChartSpec:
    """
    Draw what makes up most: bars from the greatest down, and the share they add up to.

    `counts` by name, all of them: the share is of their sum, also where only `MOST` are drawn.
    """
    ordered = counts.sort_values(ascending=False, kind="stable")
    total = int(ordered.sum())
    shown = pd.DataFrame({"name": ordered.index.astype(str), "cases": ordered.to_numpy()})
    shown["share"] = shown["cases"].cumsum() / max(total, 1)
    shown = shown.head(MOST)
    cases, adds_up = translate("charts.cases"), translate("charts.adds_up")
    base = alt.Chart(shown).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=180)),
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("cases:Q", title=cases, format=","),
            alt.Tooltip("share:Q", title=adds_up, format=".1%"),
        ],
    )
    bars = base.mark_bar(color=ACCENT, height={"band": 0.7}).encode(x=alt.X("cases:Q", title=cases))
    line = base.mark_line(color=INK, point={"color": INK}).encode(
        x=alt.X("share:Q", title=adds_up, axis=PERCENT, scale=alt.Scale(domain=[0, 1]))
    )
    drawn = alt.LayerChart(layer=[bars, line]).resolve_scale(x="independent")
    table = pd.DataFrame(
        {
            heading: shown["name"],
            cases: [translate.count(each) for each in shown["cases"]],
            adds_up: [translate.share(each) for each in shown["share"]],
        }
    )
    height = bars_height(len(shown)) + 30
    return ChartSpec(title, themed(drawn, translate, height=height), table, height)
