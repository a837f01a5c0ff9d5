"""Charts of rankings: units with their limits, joint priority by its parts, what makes up most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from charts.spec import ACCENT, CALM, INK, SECOND, WARN, ChartSpec, bars_height, themed

if TYPE_CHECKING:
    from analysis.priority import Priority
    from wording.speaker import Speaker

MOST = 30
PART_COLOURS = {"reach": ACCENT, "hot": "#f07f3c", "relapse": "#8c1d3f", "overdue": SECOND}
"""Parts of the joint priority; the warm ones of the density surface are about cases."""
PERCENT = alt.Axis(format="%")


def unit_intervals(rows: pd.DataFrame, translate: Speaker, *, heading: str) -> ChartSpec:
    """
    Draw each unit's share as a dot with its limits, best first.

    `rows`: `name`, `share`, `low_share`, `high_share`, `n`, in their order; those without a share
    are left out. The line is the share of all of them together.
    """
    known = rows[rows["share"].notna()].head(MOST)
    whole = float((known["share"] * known["n"]).sum() / known["n"].sum()) if len(known) else 0.0
    order = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=180))
    facts = known[["name", "share", "low_share", "high_share"]]
    limits = (
        alt.Chart(facts)
        .mark_rule(color=CALM, strokeWidth=3)
        .encode(
            y=order,
            x=alt.X("low_share:Q", title=heading, axis=PERCENT, scale=alt.Scale(zero=False)),
            x2=alt.X2("high_share"),
        )
    )
    dots = (
        alt.Chart(facts)
        .mark_circle(color=ACCENT, size=80, opacity=1)
        .encode(
            y=order,
            x=alt.X("share:Q"),
            tooltip=[
                alt.Tooltip("name:N", title=" "),
                alt.Tooltip("share:Q", title=heading, format=".1%"),
                alt.Tooltip("low_share:Q", title=translate("charts.low"), format=".1%"),
                alt.Tooltip("high_share:Q", title=translate("charts.high"), format=".1%"),
            ],
        )
    )
    together = (
        alt.Chart(pd.DataFrame({"share": [whole]}))
        .mark_rule(color=WARN, strokeDash=[6, 3])
        .encode(x=alt.X("share:Q"))
    )
    table = pd.DataFrame(
        {
            translate("units.col_name"): known["name"].to_numpy(),
            heading: [translate.share(share) for share in known["share"]],
            translate("units.col_limits"): [
                translate.shares(low, high)
                for low, high in zip(known["low_share"], known["high_share"], strict=True)
            ],
            translate("units.col_n"): [translate.count(n) for n in known["n"]],
        }
    )
    height = bars_height(len(known))
    title = translate("charts.units", indicator=heading, share=translate.share(whole))
    drawn = themed(alt.LayerChart(layer=[together, limits, dots]), translate, height=height)
    return ChartSpec(title, drawn, table, height)


def priority_bars(priority: Priority, names: list[str], translate: Speaker) -> ChartSpec:
    """Draw the first communities of the joint priority, each bar made of its parts."""
    first = priority.table.head(min(len(names), MOST))
    parts = list(priority.weights)
    words = {part: translate(f"priority.{part}") for part in parts}
    long = pd.DataFrame(
        [
            {"name": name, "part": words[part], "points": 100 * row[f"{part}_points"], "at": at}
            for name, row in zip(names, first.to_dict("records"), strict=False)
            for at, part in enumerate(parts)
            if pd.notna(row[f"{part}_points"])
        ],
        columns=["name", "part", "points", "at"],
    )
    bars = (
        alt.Chart(long)
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
