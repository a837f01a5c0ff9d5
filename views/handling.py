"""Units: reports that nobody has checked, rates with their denominators, and fair ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.handling.followup import LEVELS
from analysis.handling.survival import clean_after
from analysis.model.question import Question
from exports.bulletin import bulletin_html
from exports.tables.bulletin import bulletin_table
from layers.knowledge.dictionary import load_dictionary
from maps.handling import MOST_POINTS, units_map
from views import cache
from views.controls.choice import PARTS, RANKED, SHOWS
from views.controls.questions import choose_category, choose_period
from views.controls.tables import share_column, show_table
from views.controls.theme import waiting
from views.controls.widgets import switch
from views.hotspots import period
from views.map_widget.widget import canvas, draw_map
from wording.names import with_names
from wording.numbers import NOTHING, count, day, decimal, percent

if TYPE_CHECKING:
    from analysis.handling.followup import LookBack
    from analysis.handling.recipe import Oversight
    from views.controls.screen import Screen

SHOWN = 200
CURVE_DAYS = 60
LONG_WIDTH = 860
"""Pixels of a column of sentences; lines that the table breaks itself are cut at first."""
HEIGHT = 520


def render(screen: Screen) -> None:
    """Draw the page."""
    say, choice = screen.say, screen.choice
    if screen.city.issues is None:
        st.info(say("hotspots.no_layer"))
        return
    since, until = period(screen)
    with st.sidebar:
        _controls(screen, since, until)
    switch(
        "part", PARTS, say("units.part"), naming=lambda part: say(f"units.part_{part}"), hidden=True
    )
    question = Question(choice.category, since, until, 0)
    if choice.part == "ranking":
        with waiting(say("app.working")):
            look = cache.look_back(question, choice.near, choice.days, choice.margin)
        _ranking(screen, look, f"{since} – {until}")
        return
    with waiting(say("app.working")):
        oversight = cache.oversight(question)
    if choice.part == "rates":
        _rates(screen, oversight)
        _closing(screen, oversight)
    else:
        _checked(screen, oversight, until)


def _controls(screen: Screen, since: str, until: str) -> None:
    choose_category(screen)
    choose_period(screen, since, until)


def _codes(table: str, column: str, language: str) -> dict[str, tuple[str, str]]:
    """Title and meaning of every code."""
    found = next(each for each in load_dictionary().tables[table].columns if each.id == column)
    return {code: texts[language] for code, texts in found.codes.items()}


def _show(table: pd.DataFrame, *, shares: tuple[str, ...] = (), long: str = "") -> None:
    """Show a table; the texts of one column, the last, may be long."""
    columns = {name: share_column() for name in shares}
    if long:
        columns[long] = st.column_config.TextColumn(width=LONG_WIDTH)
    show_table(table, columns=columns, most=HEIGHT)


# --- every report checked


def _checked(screen: Screen, oversight: Oversight, until: str) -> None:
    say, checks = screen.say, oversight.checks
    overdue = count(int(oversight.places["overdue"].sum()))
    if checks.judged:
        st.markdown(
            say.markdown(
                "units.unchecked",
                unchecked=count(len(checks.unchecked)),
                received=count(checks.received),
                share=percent(checks.unchecked_share or 0),
                until=until,
            )
        )
    else:
        st.warning(say.markdown("units.no_checks", received=count(checks.received)))
        if not cache.cases().states_known:
            st.info(say("units.no_status"))
            return
    shows = SHOWS if checks.judged else SHOWS[1:]
    show = screen.choice.show if screen.choice.show in shows else shows[0]
    left, right = st.columns([8, 5], gap="medium")
    with left:
        if len(shows) > 1:
            switch("show", shows, say("units.show"), naming=lambda key: say(f"units.show_{key}"),
                   hidden=True)  # fmt: skip
        spec = units_map(canvas(screen), oversight, show, naming=screen.category_name)
        draw_map(screen, spec, key="units-map")
    with right:
        _ages(screen, oversight)
        _sources(screen, oversight)
    if show == SHOWS[0] and checks.unchecked["x"].count() > MOST_POINTS:
        st.caption(say("units.too_many", most=count(MOST_POINTS)))
    basis = say("units.working") if screen.city.calendar else say("units.every_day")
    st.caption(
        say("units.checked_note", basis=basis, cancelled=count(checks.cancelled), overdue=overdue)
    )
    if checks.judged:
        _lists(screen, oversight)


def _ages(screen: Screen, oversight: Oversight) -> None:
    say, ages = screen.say, oversight.checks.ages
    names = _codes("unchecked", "age_band", say.language)
    st.markdown(f"**{say('units.ages')}**")
    columns = {
        say("units.col_age"): [names[band][0] for band in ages.index],
        say("units.show_unchecked"): ages["unchecked"].to_numpy(),
        say("hotspots.col_open"): ages["open"].to_numpy(),
        say("units.col_overdue"): ages["overdue"].to_numpy(),
    }
    if not oversight.checks.judged:
        del columns[say("units.show_unchecked")]
    _show(pd.DataFrame(columns))


def _sources(screen: Screen, oversight: Oversight) -> None:
    say, rows = screen.say, oversight.checks.by_source
    if rows.empty:
        return
    names = _codes("unchecked", "source_level", say.language)
    st.markdown(f"**{say('units.by_source')}**")
    titles = [names[key][0] if key in names else say("units.unknown") for key in rows.index]
    _groups(screen, rows, say("units.col_source"), titles)


def _groups(screen: Screen, rows: pd.DataFrame, head: str, titles: list[str]) -> None:
    say = screen.say
    share = say("units.col_share")
    table = {
        head: titles,
        say("units.show_unchecked"): rows["unchecked"].to_numpy(),
        say("units.col_received"): rows["received"].to_numpy(),
        share: (rows["unchecked_share"].to_numpy(float) * 100).round(1),
        say("units.col_oldest"): rows["oldest_days"].to_numpy(),
    }
    _show(pd.DataFrame(table), shares=(share,))


def _lists(screen: Screen, oversight: Oversight) -> None:
    say, checks = screen.say, oversight.checks
    st.subheader(say("units.by_unit"), anchor=False)
    titles = [unit or say("units.unknown") for unit in checks.by_unit.index]
    _groups(screen, checks.by_unit, say("units.col_unit"), titles)
    rows = with_names(checks.unchecked.head(SHOWN), screen.city.communities, say.language)
    st.subheader(say("units.list"), anchor=False)
    st.caption(say("units.list_note", shown=count(len(rows)), n=count(len(checks.unchecked))))
    sources = _codes("unchecked", "source_level", say.language)
    stages = _codes("unchecked", "stage", say.language)
    table = {
        say("lookback.col_case"): rows.index,
        say("hotspots.category"): rows["category"].map(screen.category_name),
        say("units.col_unit"): rows["unit"],
        say("units.col_leader"): rows["leader"],
        say("units.col_source"): [sources.get(key, ("",))[0] for key in rows["source_level"]],
        say("units.col_stage"): [stages.get(key, ("",))[0] for key in rows["stage"]],
        say("hotspots.col_place"): rows["community"],
        say("units.col_reported"): rows["reported_at"].map(day),
        say("units.col_days"): rows["age_days"],
    }
    _show(pd.DataFrame(table))


# --- rates


def _rates(screen: Screen, oversight: Oversight) -> None:
    say, table = screen.say, oversight.kpis
    city = table[table["level"] == "city"]
    names, reasons = (_codes("kpis", key, say.language) for key in ("kpi", "reason"))
    (close,) = city[city["kpi"] == "on_time_close_rate"].to_dict("records")
    if close["reason"]:
        st.warning(say.markdown("units.no_rate", why=reasons[close["reason"]][1]))
    else:
        st.markdown(
            say.markdown(
                "units.rate",
                share=percent(close["share"]),
                hits=count(close["numerator"]),
                n=count(close["denominator"]),
            )
        )
    share = say("units.col_rate")
    shown = {
        say("units.col_kpi"): [names[key][0] for key in city["kpi"]],
        share: (city["share"].to_numpy(float) * 100).round(1),
        say("units.col_hits"): city["numerator"].to_numpy(),
        say("units.col_denominator"): city["denominator"].to_numpy(),
        say("units.col_limits"): [
            NOTHING if pd.isna(low) else f"{percent(low)} – {percent(high)}"
            for low, high in zip(city["low_share"], city["high_share"], strict=True)
        ],
        say("units.col_meaning"): [
            say("units.not_judged", why=reasons[why][1]) if why else names[key][1]
            for key, why in zip(city["kpi"], city["reason"], strict=True)
        ],
    }
    _show(pd.DataFrame(shown), shares=(share,))
    if oversight.computed:
        st.caption(say("units.computed", n=count(oversight.computed)))


def _closing(screen: Screen, oversight: Oversight) -> None:
    say, whole = screen.say, oversight.closing.iloc[0]
    st.subheader(say("units.closing"), anchor=False)
    if not whole["cases"]:
        st.info(say("units.no_closing"))
        return
    median = whole["median_days"]
    st.markdown(
        say.markdown("units.never_half" if pd.isna(median) else "units.half", days=decimal(median))
        + " "
        + say.markdown(
            "units.still_open",
            week=percent(whole["open_7_share"]),
            month=percent(whole["open_30_share"]),
            left_out=count(whole["left_out"]),
        )
    )
    days = range(CURVE_DAYS + 1)
    curve = oversight.curve.rename(columns={"open_share": "clean_share"})
    name = say("units.col_still")
    shown = {say("units.col_after"): days, name: clean_after(curve, days).to_numpy() * 100}
    st.line_chart(pd.DataFrame(shown), x=say("units.col_after"), y=name, height=240)
    rows = oversight.closing[oversight.closing["level"] == "unit"]
    rows = rows.sort_values("median_days", ascending=False, na_position="first", kind="stable")
    share = say("units.col_month")
    table = {
        say("units.col_unit"): rows["unit_id"],
        say("units.col_n"): rows["cases"],
        say("units.col_median"): rows["median_days"].round(1),
        share: (rows["open_30_share"] * 100).round(1),
        say("hotspots.col_open"): rows["open"],
    }
    _show(pd.DataFrame(table), shares=(share,))


# --- ranks


def _ranking(screen: Screen, look: LookBack, when: str) -> None:
    say, indicator = screen.say, screen.choice.ranked
    words, language = say.words, say.language
    bulletin = bulletin_table(look.units, screen.city, words, language)
    changes = {code: title for code, (title, _) in _codes("units", "change", language).items()}
    switch("ranked", RANKED, say("units.ranked"), naming=lambda key: say(f"units.{key}"),
           hidden=True)  # fmt: skip
    st.caption(say("units.ranks_note"))
    st.download_button(
        say("units.print"),
        bulletin_html(bulletin, screen.city, words, language, period=when),
        file_name=f"{screen.city.id}-bulletin.html",
        mime="text/html",
        on_click="ignore",
    )
    for level in LEVELS:
        chosen = bulletin["level"].eq(level) & bulletin["indicator"].eq(indicator)
        st.subheader(say(f"units.{level}"), anchor=False)
        rows = bulletin[chosen]
        share = say("units.col_rate")
        table = {
            say("hotspots.col_rank"): rows["ranks"].where(rows["ranks"] != "", NOTHING),
            say("units.col_groups"): rows["groups"].where(rows["groups"] != "", NOTHING),
            say("units.col_name"): rows["name"],
            share: (rows["share"].astype(float) * 100).round(1),
            say("units.col_limits"): _limits(rows),
            say("units.col_n"): rows["n"],
            say("units.col_before"): rows["previous_ranks"].where(
                rows["previous_ranks"] != "", NOTHING
            ),
            say("units.col_change"): rows["change"].map(changes).fillna(NOTHING),
            say("units.col_reason"): rows["reason"],
        }
        if rows.empty:
            st.info(say("units.nobody"))
        else:
            _show(pd.DataFrame(table), shares=(share,), long=say("units.col_reason"))


def _limits(rows: pd.DataFrame) -> list[str]:
    """Between which shares each rate lies, in words."""
    pairs = zip(rows["low_share"], rows["high_share"], strict=True)
    return [NOTHING if pd.isna(low) else f"{low:.0%}–{high:.0%}" for low, high in pairs]
