"""The months on which levels of warning rest, as a strip for everybody on one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from charts.spec import CALM, WARN, ChartSpec, bars_height, themed
from wording.ladder import named

if TYPE_CHECKING:
    import pandas as pd

    from analysis.casework.ladder import Warnings
    from layers.city import City
    from wording.speaker import Speaker

MOST = 30
"""Rows of the strip; the files have them all."""
KEYS = ["level", "indicator", "unit_id"]
LEGEND = 40
"""Pixels that the legend takes above the strip."""


def ladder_chart(found: Warnings, city: City, translate: Speaker) -> ChartSpec:
    """Draw the months of those who stand on a level, the highest first, by their share."""
    rows = found.table[found.table["step"] != ""].head(MOST)
    whose = [
        translate(
            "ladder.strip_row", who=who, indicator=translate(f"ladder.short_{row['indicator']}")
        )
        for who, row in zip(named(rows, city, translate), rows.to_dict("records"), strict=True)
    ]
    cells = _cells(rows.assign(whose=whose), found.months, translate)
    every = sorted(cells["month"].unique())
    chart = (
        alt.Chart(cells)
        .mark_rect(stroke="#ffffff")
        .encode(
            y=alt.Y("whose:N", sort=whose, title=None, axis=alt.Axis(labelLimit=200)),
            x=alt.X("month:N", sort=every, title=None, axis=alt.Axis(labelAngle=-90)),
            color=alt.Color(
                "share:Q",
                title=None,
                scale=alt.Scale(domain=[0, 100], range=["#f3efe9", WARN]),
                legend=alt.Legend(format=".0f", gradientStrokeColor=CALM),
            ),
            tooltip=[alt.Tooltip(f"{each}:N", title=" ") for each in ("whose", "month", "told")],
        )
    )
    title = translate("ladder.strip", n=translate.count(len(rows)))
    table = cells[["whose", "month", "told"]].set_axis(
        [translate(f"ladder.col_{each}") for each in ("who", "month", "why")], axis=1
    )
    height = bars_height(len(rows)) + LEGEND
    return ChartSpec(title, themed(chart, translate, height=height), table, height)


def _cells(rows: pd.DataFrame, months: pd.DataFrame, translate: Speaker) -> pd.DataFrame:
    """Give a row for each month of each of some rows: its share, and what it rests on."""
    known = rows[[*KEYS, "threshold", "whose"]].merge(months, on=KEYS, how="left")
    counts = zip(known["share"], known["hits"], known["n"], strict=True)
    told = [
        translate(
            "ladder.strip_month",
            share=translate.share(share),
            hits=translate.count(hits),
            n=translate.count(n),
        )
        for share, hits, n in counts
    ]
    return known[["whose", "month"]].assign(share=known["share"] * 100, told=told)
