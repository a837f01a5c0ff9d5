"""Rates of a survey as dots with their intervals, beside the threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from analysis.casework.survey import SURVEY_VERDICTS
from charts.spec import ACCENT, CALM, INK, SECOND, WARN, ChartSpec, bars_height, themed
from wording.numbers import NOTHING
from wording.survey import area_names, topic_name

if TYPE_CHECKING:
    from layers.city import City
    from wording.speaker import Speaker

MOST = 40
"""Areas drawn, the lowest rates first; the files have them all."""
COLOURS = {**dict(zip(SURVEY_VERDICTS, (WARN, ACCENT, CALM), strict=True)), "": SECOND}
"""By verdict; the last is of a rate without a threshold."""
LEGEND = 40
"""Pixels that the legend takes above the dots."""


def survey_chart(rows: pd.DataFrame, topic: str, city: City, translate: Speaker) -> ChartSpec:
    """Draw the rates of a topic, the city's first; areas without one stand in the table alone."""
    names = pd.Series(area_names(rows, city, translate), index=rows.index)
    drawn = rows[rows["share"].notna()].head(MOST)
    words = {code: translate(f"survey.verdict_{code or 'none'}") for code in COLOURS}
    facts = pd.DataFrame(
        {
            "area": names[drawn.index],
            "share": drawn["share"],
            "low": drawn["low_share"],
            "high": drawn["high_share"],
            "n": drawn["n"],
            "verdict": drawn["verdict"].map(words),
        }
    )
    colours = {words[code]: COLOURS[code] for code in COLOURS if code in set(drawn["verdict"])}
    layers = _dots(facts, colours, translate)
    if drawn["threshold"].notna().any():
        rule = pd.DataFrame({"share": drawn["threshold"].dropna().head(1)})
        layers = [
            alt.Chart(rule).mark_rule(color=INK, strokeDash=[4, 3]).encode(x="share:Q"),
            *layers,
        ]
    chart = alt.LayerChart(layer=layers)
    title = translate("survey.chart", topic=topic_name(city, topic, translate))
    height = bars_height(len(drawn)) + LEGEND
    table = _table(rows, names, words, translate)
    return ChartSpec(title, themed(chart, translate, height=height), table, height)


def _dots(facts: pd.DataFrame, colours: dict[str, str], translate: Speaker) -> list[alt.Chart]:
    """Draw the intervals, and the rates upon them."""
    order = facts["area"].tolist()
    where = alt.Y("area:N", sort=order, title=None, axis=alt.Axis(labelLimit=200))
    axis = alt.Axis(format="%")
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    colour = alt.Color("verdict:N", scale=scale, title=None, legend=alt.Legend(columns=1))
    title = translate("survey.share")
    spans = (
        alt.Chart(facts)
        .mark_rule(strokeWidth=2)
        .encode(
            y=where,
            x=alt.X("low:Q", title=title, axis=axis, scale=alt.Scale(zero=False)),
            x2="high:Q",
            color=colour,
        )
    )
    dots = (
        alt.Chart(facts)
        .mark_circle(size=70, opacity=1)
        .encode(
            y=where,
            x=alt.X("share:Q", title=title, axis=axis),
            color=colour,
            tooltip=[
                alt.Tooltip("area:N", title=" "),
                alt.Tooltip("share:Q", title=title, format=".1%"),
                alt.Tooltip("low:Q", title=translate("survey.low"), format=".1%"),
                alt.Tooltip("high:Q", title=translate("survey.high"), format=".1%"),
                alt.Tooltip("n:Q", title=translate("survey.n"), format=","),
                alt.Tooltip("verdict:N", title=" "),
            ],
        )
    )
    return [spans, dots]


def _table(
    rows: pd.DataFrame, names: pd.Series, words: dict[str, str], translate: Speaker
) -> pd.DataFrame:
    def shares(column: str) -> list[str]:
        return [NOTHING if pd.isna(each) else translate.share(each) for each in rows[column]]

    reasons = {code: translate(f"survey.reason_{code}") for code in set(rows["reason"]) if code}
    told = rows["reason"].map(reasons).fillna(rows["verdict"].map(words))
    return pd.DataFrame(
        {
            translate("survey.area"): names.to_numpy(),
            translate("survey.n"): [translate.count(each) for each in rows["n"]],
            translate("survey.share"): shares("share"),
            translate("survey.low"): shares("low_share"),
            translate("survey.high"): shares("high_share"),
            translate("survey.verdict"): told.to_numpy(),
        }
    )
