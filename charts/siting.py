"""The chart of new facilities: people that each number of sites brings, at least and at most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd

from charts.spec import ACCENT, WARN, ChartSpec, themed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wording.speaker import Speaker

PICKED = "picked"
"""Name of the selection that a click on the curve makes; it tells `sites`."""


def siting_curve(
    curve: pd.DataFrame, translate: Speaker, *, chosen: int, proven: bool
) -> ChartSpec:
    """
    Draw people newly reached by the number of sites, and the band that proofs leave open.

    `curve` has `sites`, `people`, `people_bound` and `solved`, whether a search ended there;
    without a proof (`proven`) the band is not drawn. The number `chosen` is marked.
    """
    heads = {
        "sites": translate("siting.sites"),
        "people": translate("siting.at_least"),
        "people_bound": translate("siting.at_most"),
    }
    shown = curve if proven else curve.assign(people_bound=np.nan)
    base = alt.Chart(shown[["sites", "people", "people_bound"]]).encode(
        x=alt.X("sites:Q", title=heads["sites"], axis=alt.Axis(tickMinStep=1))
    )
    tips = [
        alt.Tooltip(f"{name}:Q", title=title, format=",.0f")
        for name, title in list(heads.items())[: 3 if proven else 2]
    ]
    people = alt.Y("people:Q", title=translate("siting.people_gained"))
    # Wherever the curve is clicked, the nearest number of sites is meant.
    pick = alt.selection_point(name=PICKED, fields=["sites"], nearest=True, on="click", clear=False)
    layers = [
        base.mark_area(color=ACCENT, fillOpacity=0.2).encode(y=people, y2="people_bound:Q"),
        base.mark_line(color=ACCENT, strokeWidth=2).encode(y=people),
        base.mark_point(color=ACCENT, filled=True, size=30, opacity=1)
        .encode(y=people, tooltip=tips)
        .add_params(pick),
        _marked(curve, chosen, translate),
    ]
    title = translate("siting.curve")
    drawn = alt.LayerChart(layer=layers if proven else layers[1:])
    table = _curve_rows(curve, heads, translate, proven=proven)
    return ChartSpec(title, themed(drawn, translate), table)


def _curve_rows(
    curve: pd.DataFrame, heads: Mapping[str, str], translate: Speaker, *, proven: bool
) -> pd.DataFrame:
    """Write the curve under headings in words."""
    told = ("people", "people_bound") if proven else ("people",)
    people = {heads[name]: [translate.count(round(each)) for each in curve[name]] for name in told}
    return pd.DataFrame({heads["sites"]: curve["sites"].to_numpy(), **people})


def _marked(curve: pd.DataFrame, chosen: int, translate: Speaker) -> alt.Chart:
    """Mark the numbers that were solved, and the one that is shown, with a legend."""
    labels = [translate("siting.solved"), translate("siting.chosen")]
    parts = (curve[curve["solved"]], curve[curve["sites"] == chosen])
    rows = pd.concat(
        [
            part[["sites", "people"]].assign(label=label)
            for part, label in zip(parts, labels, strict=True)
        ]
    )

    def scale(*values: str) -> alt.Scale:
        return alt.Scale(domain=labels, range=list(values))

    marks: alt.Chart = (
        alt.Chart(rows)
        .mark_point(filled=True, opacity=1, size=90)
        .encode(
            x="sites:Q",
            y="people:Q",
            color=alt.Color("label:N", scale=scale(ACCENT, WARN)),
            shape=alt.Shape("label:N", scale=scale("diamond", "circle")),
        )
    )
    return marks
