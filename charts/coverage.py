"""Charts of coverage: bars, people by distance, then and now, communities against rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from analysis.coverage.scorecard import rule_prefix
from charts.spec import ACCENT, CALM, INK, WARN, ChartSpec, bars_height, themed
from maps.colours import CANNOT_JUDGE, FAILS, MEETS
from wording.names import figure_by, figure_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.model.standards import Rule, Standard
    from wording.speaker import Speaker

MOST = 20
"""Bars that are still told apart; the table has as many."""
FIGURE_WIDTH = 60
"""Pixels of a column in which its figures can be read."""
ON_VERDICT = "#101820"
"""Figures on the colours of verdicts, which a dark page keeps."""
VERDICTS = {"meets": MEETS.colour, "fails": FAILS.colour, "cannot_judge": CANNOT_JUDGE.colour}
PERCENT = alt.Axis(format="%")


def coverage_bars(
    rows: pd.DataFrame,
    rule: Rule,
    translate: Speaker,
    *,
    heading: str,
    measure: str,
    target: float | None = None,
) -> ChartSpec:
    """
    Draw a figure for each community or part of the city, the lowest first, with its lines.

    `rows` has `name`, `value` and `people`, all of them or those shown; what has no value has no
    bar, and where those at nought would be all bars, the title counts them. The line of the
    minimum is the rule's, that of the target the city's own (`target`).
    """
    known, nought = lowest(rows)
    figure = figure_by(translate, rule.figure, measure)
    bars = _bars(known, rule, translate, figure)
    limits = {"charts.minimum": rule.minimum} | ({"charts.target": target} if target else {})
    named = [
        translate(word, value=figure_text(translate, value, rule, digits=0))
        for word, value in limits.items()
    ]
    lines = pd.DataFrame({"limit": named, "value": list(limits.values())})
    title = translate(
        "charts.coverage_bars", each=heading, figure=figure, rule=translate.of(rule.title)
    )
    if nought:
        zero = figure_text(translate, 0.0, rule, digits=0)
        title += translate("charts.nought", n=translate.count(nought), value=zero)
    table = pd.DataFrame(
        {
            heading: known["name"].to_numpy(),
            figure: [figure_text(translate, value, rule) for value in known["value"]],
            translate("charts.people"): [translate.count(each) for each in known["people"]],
        }
    )
    height, drawn = bars_height(len(known)), alt.LayerChart(layer=[bars, _limits(lines)])
    return ChartSpec(title, themed(drawn, translate, height=height), table, height)


def lowest(rows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Give the lowest; those at nought are counted instead where they would fill the chart."""
    known = rows[rows["value"].notna()].sort_values(["value", "name"], kind="stable")
    above = known[known["value"] > 0]
    nought = len(known) - len(above)
    if nought < MOST or above.empty:
        return known.head(MOST), 0
    return above.head(MOST), nought


def _bars(known: pd.DataFrame, rule: Rule, translate: Speaker, figure: str) -> alt.Chart:
    axis = PERCENT if rule.figure.share else alt.Axis()
    scale = alt.Scale(domain=[0, 1]) if rule.figure.share else alt.Scale(zero=True)
    text = [figure_text(translate, value, rule) for value in known["value"]]
    bars: alt.Chart = (
        alt.Chart(known[["name", "value"]].assign(text=text))
        .mark_bar(color=ACCENT, height={"band": 0.7})
        .encode(
            y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=180)),
            x=alt.X("value:Q", title=figure, scale=scale, axis=axis),
            tooltip=[
                alt.Tooltip("name:N", title=" "),
                alt.Tooltip("text:N", title=figure),
            ],
        )
    )
    return bars


def _limits(lines: pd.DataFrame) -> alt.Chart:
    """Draw lines across, told apart by colour, dash and a legend."""
    names = lines["limit"].tolist()
    drawn: alt.Chart = (
        alt.Chart(lines)
        .mark_rule(strokeWidth=2)
        .encode(
            x=alt.X("value:Q"),
            color=alt.Color("limit:N", scale=alt.Scale(domain=names, range=[WARN, INK])),
            strokeDash=alt.StrokeDash(
                "limit:N", scale=alt.Scale(domain=names, range=[[6, 3], [1, 0]])
            ),
        )
    )
    return drawn


def reach_chart(
    curve: pd.DataFrame, radius: float, translate: Speaker, kind: str, *, walked: bool = False
) -> ChartSpec:
    """Draw the share of residents within each distance, with the service radius marked."""
    title = translate("charts.reach_walk" if walked else "charts.reach", kind=kind)
    metres = translate("charts.distance_walk" if walked else "charts.distance")
    share = translate("charts.share_of_residents")
    at = float(curve.loc[curve["distance_m"] == radius, "share"].iloc[0])
    mark = translate("charts.radius", radius=translate.metres(radius), share=translate.share(at))
    line = (
        alt.Chart(curve[["distance_m", "share"]])
        .mark_area(line={"color": ACCENT, "strokeWidth": 2}, color=ACCENT, fillOpacity=0.15)
        .encode(
            x=alt.X("distance_m:Q", title=metres),
            y=alt.Y("share:Q", title=share, axis=PERCENT, scale=alt.Scale(domain=[0, 1])),
            tooltip=[
                alt.Tooltip("distance_m:Q", title=metres),
                alt.Tooltip("share:Q", title=share, format=".1%"),
            ],
        )
    )
    marked = alt.Chart(pd.DataFrame({"distance_m": [radius], "share": [at], "text": [mark]}))
    rule = marked.mark_rule(color=WARN, strokeWidth=2).encode(x=alt.X("distance_m:Q"))
    point = marked.mark_point(color=WARN, filled=True, size=70).encode(
        x=alt.X("distance_m:Q"),
        y=alt.Y("share:Q"),
        shape=alt.Shape("text:N", legend=alt.Legend(symbolFillColor=WARN)),
    )
    table = pd.DataFrame(
        {
            metres: [translate.metres(each) for each in curve["distance_m"]],
            translate("charts.people"): [translate.count(each) for each in curve["people"]],
            share: [translate.share(each) for each in curve["share"]],
        }
    )
    return ChartSpec(title, themed(alt.LayerChart(layer=[line, rule, point]), translate), table)


def then_and_now(change: pd.DataFrame, rule: Rule, translate: Speaker, edition: str) -> ChartSpec:
    """Draw from where to where each community moved, the largest moves first; `name` its name."""
    moved = change.assign(by=(change["value"] - change["value_then"]).abs())
    moved = moved[moved["by"] > 0].sort_values(["by", "name"], ascending=[False, True]).head(MOST)
    figure = figure_by(translate, rule.figure, str(change["measure"].iloc[0]))
    names = [edition, translate("charts.now")]
    axis = PERCENT if rule.figure.share else alt.Axis()
    order = alt.Y("name:N", sort=moved["name"].tolist(), title=None, axis=alt.Axis(labelLimit=180))
    links = (
        alt.Chart(moved[["name", "value_then", "value"]])
        .mark_rule(color=CALM, strokeWidth=2)
        .encode(y=order, x=alt.X("value_then:Q", title=figure, axis=axis), x2=alt.X2("value"))
    )
    dots = (
        alt.Chart(_ends(moved, names))
        .mark_point(size=80, strokeWidth=2)
        .encode(
            y=order,
            x=alt.X("value:Q"),
            color=alt.Color("when:N", scale=alt.Scale(domain=names, range=[CALM, ACCENT])),
            shape=alt.Shape("when:N", scale=alt.Scale(domain=names, range=["circle", "diamond"])),
        )
    )
    table = pd.DataFrame(
        {
            translate("coverage.col_name"): moved["name"].to_numpy(),
            edition: [figure_text(translate, value, rule) for value in moved["value_then"]],
            names[1]: [figure_text(translate, value, rule) for value in moved["value"]],
        }
    )
    height = bars_height(len(moved))
    title = translate("charts.then_and_now", figure=figure, edition=edition)
    return ChartSpec(
        title, themed(alt.LayerChart(layer=[links, dots]), translate, height=height), table, height
    )


def _ends(moved: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Give both ends of each move, then and now."""
    return pd.DataFrame(
        {
            "name": [*moved["name"], *moved["name"]],
            "value": [*moved["value_then"], *moved["value"]],
            "when": [names[0]] * len(moved) + [names[1]] * len(moved),
        }
    )


def _rule_axis(rules: int) -> alt.Axis:
    """Name the columns in their own width, or slanting where a phone leaves none."""
    narrow = f"width < {FIGURE_WIDTH * rules}"
    return alt.Axis(
        orient="top",
        labelAngle=alt.ExprRef(f"{narrow} ? -60 : 0"),
        labelAlign=alt.ExprRef(f"{narrow} ? 'left' : 'center'"),
        labelLimit=alt.ExprRef(f"{narrow} ? 110 : width / {rules} - 8"),
    )


def _score_cells(
    standard: Standard, rows: pd.DataFrame, translate: Speaker, names: Mapping[str, str]
) -> pd.DataFrame:
    """Give a row for each community and rule: the verdict and the figure in words."""
    return pd.DataFrame(
        [
            {
                "community": names[row["community_id"]],
                "rule": translate.of(rule.title),
                "verdict": translate(f"verdict.{row[f'{rule_prefix(rule.id)}verdict']}"),
                "value": figure_text(translate, row[f"{rule_prefix(rule.id)}value"], rule),
            }
            for row in rows.to_dict("records")
            for rule in standard.rules
        ],
        columns=["community", "rule", "verdict", "value"],
    )


def scorecard_chart(
    standard: Standard, rows: pd.DataFrame, translate: Speaker, names: Mapping[str, str]
) -> ChartSpec:
    """Draw communities against rules as cells: the verdict by colour and sign, worst first."""
    worst = rows.head(MOST)
    cells = _score_cells(standard, worst, translate, names)
    words = {translate(f"verdict.{code}"): colour for code, colour in VERDICTS.items()}
    base = alt.Chart(cells).encode(
        y=alt.Y("community:N", sort=None, title=None, axis=alt.Axis(labelLimit=180)),
        x=alt.X(
            "rule:N", sort=None, title=None,
            axis=_rule_axis(len(standard.rules)),
        ),
    )  # fmt: skip
    squares = base.mark_rect(stroke="#ffffff").encode(
        color=alt.Color(
            "verdict:N", scale=alt.Scale(domain=list(words), range=list(words.values()))
        ),
        tooltip=[alt.Tooltip(each) for each in ("community:N", "rule:N", "verdict:N", "value:N")],
    )
    seen = alt.ExprRef(f"width < {FIGURE_WIDTH * len(standard.rules)} ? 0 : 1")
    figures = base.mark_text(fontSize=11, color=ON_VERDICT, opacity=seen).encode(
        text=alt.Text("value:N")
    )
    height = bars_height(len(worst))
    table = cells.set_axis(
        [
            translate("coverage.col_name"), translate("charts.rule"),
            translate("coverage.col_verdict"), translate("coverage.col_value"),
        ], axis=1,
    )  # fmt: skip
    title = translate("charts.scorecard", n=translate.count(len(worst)))
    return ChartSpec(
        title,
        themed(alt.LayerChart(layer=[squares, figures]), translate, height=height),
        table,
        height,
    )
