"""Units: reports that nobody has checked, rates with their denominators, and fair ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.handling.followup import INDICATORS, LEVELS
from charts.cases import share_curve
from charts.ranking import unit_funnel
from exports.bulletin import bulletin_html
from exports.tables.bulletin import bulletin_table, in_groups
from layers.knowledge.dictionary import load_dictionary
from maps.handling import MOST_POINTS, single_reports, units_map
from views import cache
from views.controls.charts import draw_chart
from views.controls.choice import PARTS, SHOWS
from views.controls.files import offer_file
from views.controls.permits import own_rows
from views.controls.questions import choose_issues, has_issues
from views.controls.tables import share_column, show_table
from views.controls.waiting import waiting
from views.controls.widgets import fold_method, switch, tick
from views.map_widget.widget import canvas, draw_map
from wording.campaigns import asked_period
from wording.names import distinct_names, with_names
from wording.numbers import NOTHING, day, percentages

if TYPE_CHECKING:
    from analysis.handling.followup import FollowUp
    from analysis.handling.recipe import CaseHandling
    from views.controls.screen import Screen

SHOWN = 200
CURVE_DAYS = 60
LONG_WIDTH = 860
"""Pixels of a column of sentences; lines that the table breaks itself are cut at first."""
HEIGHT = 520


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, choice, question = screen.translate, screen.choice, screen.question
    if not has_issues(screen):
        return
    with st.sidebar:
        choose_issues(screen)
    switch(
        "part",
        PARTS,
        translate("units.part"),
        naming=lambda part: translate(f"units.part_{part}"),
        hidden=True,
    )
    if choice.part == "ranking":
        with waiting(translate("app.working")):
            follow_up = cache.answers().follow_up(question)
        _ranking(screen, follow_up)
        return
    with waiting(translate("app.working")):
        case_handling = cache.answers().handling(question)
    if choice.part == "rates":
        _rates(screen, case_handling)
        _closing(screen, case_handling)
    else:
        _checked(screen, case_handling)


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


def _checked(screen: Screen, case_handling: CaseHandling) -> None:
    late = case_handling.places["overdue"].sum(min_count=1)
    if not _say_checked(screen, case_handling):
        return
    translate, checks = screen.translate, case_handling.checks
    shows = tuple(
        show for show, known in zip(SHOWS, (checks.judged, pd.notna(late)), strict=True) if known
    )
    if not shows:
        st.info(translate("units.no_due"))
        return
    own = own_rows(translate, checks.unchecked)
    _checked_map(screen, case_handling, shows, own)
    basis = translate("units.working") if screen.city.calendar else translate("units.every_day_why")
    st.caption(
        translate(
            "units.checked_note",
            basis=basis,
            cancelled=translate.count(checks.cancelled),
            overdue=translate("units.overdue_unknown")
            if pd.isna(late)
            else translate("units.overdue_inside", overdue=translate.count(late)),
        )
    )
    if checks.judged:
        _lists(screen, case_handling, own)


def _say_checked(screen: Screen, case_handling: CaseHandling) -> bool:
    """Say how many cases wait for a check; tell whether there is more to show."""
    translate, checks = screen.translate, case_handling.checks
    if checks.judged:
        st.markdown(
            translate.markdown(
                "units.unchecked",
                unchecked=translate.count(len(checks.unchecked)),
                received=translate.count(checks.received),
                share=translate.share(checks.unchecked_share or 0),
                until=screen.question.selection.until,
            )
        )
    else:
        st.warning(translate.markdown("units.no_checks", received=translate.count(checks.received)))
        if not cache.cases().states_known:
            st.info(translate("units.no_status"))
            return False
    return True


def _checked_map(
    screen: Screen, case_handling: CaseHandling, shows: tuple[str, ...], own: pd.DataFrame
) -> None:
    """Draw the cases that wait or are late, beside their ages and sources."""
    translate = screen.translate
    show = screen.choice.show if screen.choice.show in shows else shows[0]
    left, right = st.columns([8, 5], gap="medium")
    with left:
        if len(shows) > 1:
            switch(
                "show",
                shows,
                translate("units.show"),
                naming=lambda key: translate(f"units.show_{key}"),
                hidden=True,
            )
        single = single_reports(own, show)
        spec = units_map(
            canvas(screen), case_handling, show, single=single, naming=screen.category_name
        )
        draw_map(screen, spec, key="units-map")
    with right:
        _ages(screen, case_handling)
        _sources(screen, case_handling)
    if show == SHOWS[0] and own["x"].count() > MOST_POINTS:
        st.caption(translate("units.too_many", most=translate.count(MOST_POINTS)))


def _day_unit(screen: Screen) -> str:
    """Name the days that ages are counted in."""
    return screen.translate("units.working" if screen.city.calendar else "units.every_day")


def _ages(screen: Screen, case_handling: CaseHandling) -> None:
    translate, ages = screen.translate, case_handling.checks.ages
    names = _codes("unchecked", "age_band", translate.language)
    st.markdown(f"**{translate('units.ages', basis=_day_unit(screen))}**")
    columns = {
        translate("units.col_age"): [names[band][0] for band in ages.index],
        translate("units.show_unchecked"): ages["unchecked"].to_numpy(),
        translate("hotspots.col_open"): ages["open"].to_numpy(),
        translate("units.col_overdue"): ages["overdue"].to_numpy(),
    }
    if not case_handling.checks.judged:
        del columns[translate("units.show_unchecked")]
    _show(pd.DataFrame(columns))


def _sources(screen: Screen, case_handling: CaseHandling) -> None:
    translate, rows = screen.translate, case_handling.checks.by_source
    if rows.empty:
        return
    names = _codes("unchecked", "source_level", translate.language)
    st.markdown(f"**{translate('units.by_source')}**")
    titles = [names[key][0] if key in names else translate("units.unknown") for key in rows.index]
    _groups(screen, rows, translate("units.col_source"), titles)


def _groups(screen: Screen, rows: pd.DataFrame, head: str, titles: list[str]) -> None:
    translate = screen.translate
    share = translate("units.col_share")
    table = {
        head: titles,
        translate("units.show_unchecked"): rows["unchecked"].to_numpy(),
        translate("units.col_received"): rows["received"].to_numpy(),
        share: percentages(rows["unchecked_share"]).to_numpy(),
        translate("units.col_oldest", basis=_day_unit(screen)): rows["oldest_days"].to_numpy(),
    }
    _show(pd.DataFrame(table), shares=(share,))


def _lists(screen: Screen, case_handling: CaseHandling, own: pd.DataFrame) -> None:
    translate, checks = screen.translate, case_handling.checks
    st.subheader(translate("units.by_unit"), anchor=False)
    titles = [unit or translate("units.unknown") for unit in checks.by_unit.index]
    _groups(screen, checks.by_unit, translate("units.col_unit"), titles)
    st.subheader(translate("units.list"), anchor=False)
    rows = with_names(own.head(SHOWN), screen.city.communities, translate.language)
    st.caption(
        translate(
            "units.list_note",
            shown=translate.count(len(rows)),
            n=translate.count(len(own)),
        )
    )
    sources = _codes("unchecked", "source_level", translate.language)
    stages = _codes("unchecked", "stage", translate.language)
    table = {
        translate("lookback.col_case"): rows.index,
        translate("hotspots.category"): rows["category"].map(screen.category_name),
        translate("units.col_unit"): rows["unit"],
        translate("units.col_leader"): rows["leader"],
        translate("units.col_source"): [sources.get(key, ("",))[0] for key in rows["source_level"]],
        translate("units.col_stage"): [stages.get(key, ("",))[0] for key in rows["stage"]],
        translate("hotspots.col_place"): rows["community"],
        translate("units.col_reported"): rows["reported_at"].map(day),
        translate("units.col_days", basis=_day_unit(screen)): rows["age_days"],
    }
    _show(pd.DataFrame(table))


# --- rates


def _rates(screen: Screen, case_handling: CaseHandling) -> None:
    translate, table = screen.translate, case_handling.kpis
    city = table[table["level"] == "city"]
    names, reasons = (_codes("kpis", key, translate.language) for key in ("kpi", "reason"))
    (close,) = city[city["kpi"] == "on_time_close_rate"].to_dict("records")
    if close["reason"]:
        st.warning(translate.markdown("units.no_rate", why=reasons[close["reason"]][1]))
    else:
        st.markdown(
            translate.markdown(
                "units.rate",
                share=translate.share(close["share"]),
                hits=translate.count(close["numerator"]),
                n=translate.count(close["denominator"]),
            )
        )
    share = translate("units.col_rate")
    shown = {
        translate("units.col_kpi"): [names[key][0] for key in city["kpi"]],
        share: percentages(city["share"]).to_numpy(),
        translate("units.col_hits"): city["numerator"].to_numpy(),
        translate("units.col_denominator"): city["denominator"].to_numpy(),
        translate("units.col_limits"): [
            translate.shares(low, high)
            for low, high in zip(city["low_share"], city["high_share"], strict=True)
        ],
        translate("units.col_meaning"): [
            translate("units.not_judged", why=reasons[why][1]) if why else names[key][1]
            for key, why in zip(city["kpi"], city["reason"], strict=True)
        ],
    }
    _show(pd.DataFrame(shown), shares=(share,))
    if case_handling.computed:
        st.caption(translate("units.computed", n=translate.count(case_handling.computed)))


def _closing(screen: Screen, case_handling: CaseHandling) -> None:
    translate, whole = screen.translate, case_handling.closing.iloc[0]
    st.subheader(translate("units.closing"), anchor=False)
    if not whole["cases"]:
        st.info(translate("units.no_closing"))
        return
    median = whole["median_days"]
    st.markdown(
        translate.markdown(
            "units.never_half" if pd.isna(median) else "units.half", days=translate.decimal(median)
        )
        + " "
        + translate.markdown(
            "units.still_open",
            week=translate.share(whole["open_7_share"]),
            month=translate.share(whole["open_30_share"]),
            left_out=translate.count(whole["left_out"]),
        )
    )
    name = translate("units.col_still")
    chart = share_curve(
        case_handling.curve, "open_share", CURVE_DAYS, translate, title=name, heading=name
    )
    draw_chart(chart, translate, key="closing")
    fold_method(translate, translate("units.closing_method"))
    rows = case_handling.closing[case_handling.closing["level"] == "unit"]
    rows = rows.sort_values("median_days", ascending=False, na_position="first", kind="stable")
    share = translate("units.col_month")
    table = {
        translate("units.col_unit"): rows["unit_id"],
        translate("units.col_n"): rows["cases"],
        translate("units.col_median"): rows["median_days"].round(1),
        share: percentages(rows["open_30_share"]),
        translate("hotspots.col_open"): rows["open"],
    }
    _show(pd.DataFrame(table), shares=(share,))


# --- ranks


def _ranking(screen: Screen, follow_up: FollowUp) -> None:
    translate = screen.translate
    words, language = translate.words, translate.language
    bulletin = bulletin_table(follow_up.units, screen.city, words, language)
    switch(
        "ranked",
        tuple(INDICATORS),
        translate("units.ranked"),
        naming=lambda key: translate(f"units.{key}"),
        hidden=True,
    )
    tick("mix", translate("units.case_mix"), advice=translate("units.case_mix_help"))
    st.caption(translate("units.ranks_note"))
    fold_method(
        translate,
        translate("units.ranks_method"),
        *((translate("units.case_mix_note"),) if follow_up.rule.case_mix else ()),
    )
    offer_file(
        "bulletin",
        translate("units.print"),
        lambda: bulletin_html(
            bulletin,
            screen.city,
            words,
            language,
            period=asked_period(screen.question.selection, screen.city, screen.translate),
        ).encode(),
        file_name=f"{screen.city.id}-bulletin.html",
        mime="text/html",
    )
    for level in LEVELS:
        chosen = bulletin["level"].eq(level) & bulletin["indicator"].eq(screen.choice.ranked)
        st.subheader(translate(f"units.{level}"), anchor=False)
        if chosen.any():
            _ranked(screen, bulletin[chosen], level, mix=follow_up.rule.case_mix)
        else:
            st.info(translate("units.nobody"))


def _ranked(screen: Screen, rows: pd.DataFrame, level: str, *, mix: bool) -> None:
    """Show the units or communities of one indicator: how many differ, their funnel, each."""
    translate = screen.translate
    rows = in_groups(rows)
    verdicts, changes = (
        {code: title for code, (title, _) in _codes("units", name, translate.language).items()}
        for name in ("verdict", "change")
    )
    found = rows["verdict"].replace("", "few").value_counts()
    counts = {code: translate.count(found.get(code, 0)) for code in (*verdicts, "few")}
    st.markdown(translate.markdown("units.verdicts", **counts))
    distinct = distinct_names(rows["name"].tolist(), rows["parent"].fillna("").tolist())
    chart = unit_funnel(
        rows.assign(name=distinct),
        translate,
        heading=translate(f"units.{screen.choice.ranked}"),
        verdicts=verdicts,
    )
    draw_chart(chart, translate, key=f"units-{level}")
    share, adjusted = translate("units.col_rate"), translate("units.col_adjusted")
    usual = translate("units.col_usual")
    table = {
        translate("units.col_verdict"): rows["verdict"].map(verdicts).fillna(NOTHING),
        translate("units.col_name"): rows["name"],
        share: percentages(rows["share"]),
        **({adjusted: percentages(rows["compared_share"])} if mix else {}),
        usual: percentages(rows["expected"] / rows["n"]),
        translate("units.col_n"): rows["n"],
        translate("units.col_change"): rows["change"].map(changes).fillna(NOTHING),
        translate("units.col_reason"): rows["reason"],
    }
    shares = (share, *((adjusted,) if mix else ()), usual)
    _show(pd.DataFrame(table), shares=shares, long=translate("units.col_reason"))
