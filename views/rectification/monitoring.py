"""Monitoring: results against their limits by area and period, stations, the nearest of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.casework.monitoring import EVERY
from analysis.model.contracts import CITY
from charts.monitoring import monitoring_chart
from exports.formats.archive import packed
from exports.recipes.casework.monitoring import (
    chosen_series,
    found_of,
    monitoring_files,
    of_series,
    result_table,
    series_of,
)
from maps.rectification.monitoring import monitoring_map
from maps.rectification.tasks import MOST_POINTS
from views import cache
from views.controls.charts import draw_chart
from views.controls.files import offer_file
from views.controls.tables import NAME_WIDTH, name_column, share_column, show_table
from views.controls.waiting import waiting
from views.controls.widgets import fold_method, select, switch
from views.map_widget.widget import canvas, draw_map
from wording.monitoring import series_name, station_names
from wording.names import full_names
from wording.numbers import NOTHING
from wording.survey import area_names

if TYPE_CHECKING:
    from exports.recipes.casework.monitoring import Found
    from views.controls.screen import Screen

AREA_WIDTH, FULL_NAME_WIDTH = 215, 270
"""Of a community with what it belongs to; beside it the rest fits a page of 1366 pixels."""
_SHARES = {"pass_share": "pass", "low_share": "low", "high_share": "high"}
_COUNTS = ("stations", "n", "met", "exceeded", "not_judged", "exceeded_days")


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, city, answers = screen.translate, screen.city, cache.answers()
    if city.readings is None:
        st.info(translate("monitoring.no_layer"))
        return
    every, wanted = screen.choice.every, screen.choice.series
    with waiting(translate("app.working")):
        table = result_table(answers, every)
        series = series_of(table)
        code = chosen_series(table, wanted if wanted in series else "") if series else ""
        found = found_of(answers, code, every, translate) if series else None
    if found is None:
        st.info(translate("monitoring.nothing"))
        return
    _choose(screen, series, code)
    st.markdown("\n".join(f"- {translate.markdown('app.plain', text=each)}" for each in found.said))
    st.caption(translate("monitoring.made_only"))
    left, right = st.columns([6, 5], gap="medium")
    with left:
        spec = monitoring_map(canvas(screen), found.stations, series[code])
        draw_map(screen, spec, key="monitoring-map")
        if len(found.stations) > MOST_POINTS:
            st.caption(translate("monitoring.first_drawn", n=translate.count(MOST_POINTS)))
    with right:
        name = series_name(city, *series[code], translate)
        whole = of_series(table[table["level"].eq(CITY)], series[code])
        draw_chart(monitoring_chart(whole, name, translate), translate, key="monitoring")
    _results(screen, whole, "periods", {"col_period": whole["period"].tolist()})
    _results(screen, found.rows, "areas_heading", {"area": area_names(found.rows, city, translate)})
    _nearest(screen, found, series[code][0])
    offer_file(
        "monitoring",
        translate("monitoring.take"),
        lambda: packed(monitoring_files(answers, code, every, translate)[0]),
        file_name=f"{city.id}-monitoring.zip",
        mime="application/zip",
    )
    fold_method(translate, translate("monitoring.method"))


def _choose(screen: Screen, series: dict[str, tuple[str, str]], code: str) -> None:
    translate = screen.translate
    naming = {each: series_name(screen.city, *pair, translate) for each, pair in series.items()}
    with st.sidebar:
        select(
            "series",
            list(series),
            translate("monitoring.series"),
            naming=naming.__getitem__,
            shown=code,
        )
        switch(
            "every",
            EVERY,
            translate("monitoring.every"),
            naming=lambda each: translate(f"monitoring.every_{each}"),
            hidden=False,
        )


def _results(screen: Screen, rows: pd.DataFrame, heading: str, first: dict[str, list[str]]) -> None:
    """List results by period or by area: counts, share, and why there is none."""
    translate = screen.translate
    heads = {each: translate(f"monitoring.col_{each}") for each in _COUNTS}
    shares = {each: translate(f"monitoring.col_{word}") for each, word in _SHARES.items()}
    reasons = {each: translate(f"monitoring.reason_{each}") for each in set(rows["reason"]) if each}
    st.subheader(translate(f"monitoring.{heading}"), anchor=False)
    show_table(
        pd.DataFrame(
            {
                **{translate(f"monitoring.{name}"): names for name, names in first.items()},
                **{heads[each]: rows[each].astype(int).to_numpy() for each in _COUNTS[:2]},
                **{shares[each]: rows[each].to_numpy(dtype=float) * 100 for each in _SHARES},
                **{heads[each]: rows[each].astype(int).to_numpy() for each in _COUNTS[2:]},
                translate("monitoring.col_reason"): rows["reason"]
                .map(reasons)
                .fillna(NOTHING)
                .to_numpy(),
            }
        ),
        columns={
            **dict.fromkeys(shares.values(), share_column()),
            **{translate(f"monitoring.{name}"): name_column(AREA_WIDTH) for name in first},
        },
        most=420,
    )


def _nearest(screen: Screen, found: Found, network: str) -> None:
    """List the nearest station of each community, with what it found."""
    translate, city, rows = screen.translate, screen.city, found.nearest
    known = station_names(city, network, translate.language)
    states = {
        each: translate(f"monitoring.state_{each}")
        for each in {*rows["state"], *rows["last_state"]}
    }
    st.subheader(translate("monitoring.nearest_heading"), anchor=False)
    st.caption(translate("monitoring.nearest_note"))
    show_table(
        pd.DataFrame(
            {
                translate("monitoring.col_community"): full_names(
                    rows, city.communities, translate.language
                ),
                translate("monitoring.col_station"): rows["station"].map(known).to_numpy(),
                translate("monitoring.col_distance"): rows["distance_m"].round(0).to_numpy(),
                translate("monitoring.col_n"): rows["n"].to_numpy(),
                translate("monitoring.col_exceeded"): rows["exceeded"].to_numpy(),
                translate("monitoring.col_last_day"): rows["last_day"]
                .dt.strftime("%Y-%m-%d")
                .to_numpy(),
                translate("monitoring.col_last"): rows["last_reading"]
                .replace("", NOTHING)
                .to_numpy(),
                translate("monitoring.col_state"): rows["last_state"].map(states).to_numpy(),
            }
        ),
        columns={
            translate("monitoring.col_community"): name_column(FULL_NAME_WIDTH),
            translate("monitoring.col_station"): st.column_config.TextColumn(width=NAME_WIDTH),
        },
        most=420,
    )
