"""Home: what is reached, what is open, where to act first, on one screen of a laptop."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from analysis.model.errors import SampleError
from analysis.model.figures import RESIDENTS
from analysis.model.question import Question
from analysis.model.standards import one_rule
from charts.cases import monthly_chart
from charts.coverage import coverage_bars
from exports.recipes.home import OF_RESIDENTS, compose_home, home_kinds, tile_rule
from exports.recipes.home_text import (
    card_measures,
    card_place,
    card_reasons,
    issue_lines,
    issue_values,
    period_line,
    tile_change,
    tile_lines,
    tile_value,
)
from maps.coverage import CoverageView
from maps.home import home_map
from maps.hotspots import hot_lines
from views import cache
from views.controls.charts import draw_chart
from views.controls.city_question import last_year_of, measures_chosen
from views.controls.files import offer_file
from views.controls.questions import choose_measure, choose_standard, measure_notes
from views.controls.rules import basis, parent_rows
from views.controls.waiting import waiting
from views.controls.widgets import put_many, switch
from views.map_widget.shared_store import STORE
from views.map_widget.widget import canvas, draw_map
from wording.escape import markdown
from wording.levels import level_title
from wording.names import with_names
from wording.numbers import day

if TYPE_CHECKING:
    import pandas as pd

    from charts.spec import ChartSpec
    from exports.recipes.home import Card, Home, IssueTile, KindTile
    from views.controls.screen import Screen

MAP_HEIGHT = 385


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, city = screen.translate, screen.city
    standing = translate.markdown(
        "home.standing", city=translate.of(city.name), day=day(city.as_of)
    )
    st.header(standing, anchor=False)
    question = _question(screen)
    with waiting(translate("app.working")):
        home = cache.prepared(("home", question), lambda: compose_home(cache.answers(), question))
    with st.container(key="tiles"):
        _tiles(screen, home)
    with st.container(key="home-main"):
        left, right = st.columns([7, 5], gap="medium")
        with left:
            _map(screen, home, question)
        with right, st.container(key="cards"):
            _cards(screen, home)
    _charts(screen, home)
    _foot(screen)


def _question(screen: Screen) -> Question:
    """Ask of every issue of the last year, as the priority list does at first."""
    asked = screen.question
    return Question(
        standard=asked.standard,
        measures=asked.measures,
        selection=last_year_of(screen.city),
        follow_up=asked.follow_up,
    )


# --- tiles


def _tiles(screen: Screen, home: Home) -> None:
    columns = st.columns(max(len(home.tiles), 1) + 1, gap="small")
    if not home.tiles:
        with columns[0].container(border=True, height="stretch"):
            st.metric(screen.translate("home.facilities"), "—")
            st.caption(screen.translate("home.no_kinds"))
    for column, tile in zip(columns, home.tiles, strict=False):
        with column.container(border=True, height="stretch", key=f"tile-{tile.kind}"):
            _kind_tile(screen, tile)
    with columns[-1].container(border=True, height="stretch", key="tile-issues"):
        _issue_tile(screen, home.issues)


def _kind_tile(screen: Screen, tile: KindTile) -> None:
    translate = screen.translate
    points, since = tile_change(tile, translate)
    st.metric(
        markdown(screen.kind_name(tile.kind)),
        tile_value(tile, translate),
        points or None,
    )
    _bar(tile)
    lines = [since, *tile_lines(tile, translate)] if since else tile_lines(tile, translate)
    st.caption("  \n".join(markdown(line) for line in lines))
    if tile.rule is not None:
        _how(screen, tile)


def _bar(tile: KindTile) -> None:
    """Draw a share as a bar, with a line where there is a target for it."""
    target, value = tile.target, tile.value
    shown = target.reached if target is not None and target.of != OF_RESIDENTS else value
    if tile.rule is None or not tile.rule.figure.share or shown is None:
        return
    line = "" if target is None else f'<b style="left:{100 * target.share:.2f}%"></b>'
    st.html(f'<div class="bar"><i style="width:{100 * shown:.2f}%"></i>{line}</div>')


def _how(screen: Screen, tile: KindTile) -> None:
    """Standard, clause, source, confidence and method, one click away."""
    translate, rule = screen.translate, tile.rule
    if rule is None:
        return
    standard = screen.standards[screen.choice.standard]
    with st.popover(translate("home.how"), type="tertiary"):
        st.markdown(
            f"**{markdown(translate.of(standard.title))}**  \n{markdown(standard.document)}"
        )
        st.markdown(basis(screen, rule))
        target = {"page": "coverage", "kind": rule.kind, "rule": rule.id}
        st.button(translate("home.to_map"), on_click=put_many, args=(target,), key=f"map-{rule.id}")


def _issue_tile(screen: Screen, tile: IssueTile) -> None:
    translate = screen.translate
    is_open, late = issue_values(tile, translate)
    reported = tile.months["reported"].tolist() if len(tile.months) else []
    left, right = st.columns(2)
    left.metric(translate("home.issues_open"), is_open)
    right.metric(translate("home.overdue"), late)
    if len(reported) > 1:
        st.html(_sparkline(reported, translate("home.trend", n=len(reported))))
    st.caption("  \n".join(markdown(line) for line in issue_lines(tile, translate)))
    if tile.cases is not None:
        st.button(
            translate("page.monthly"), on_click=put_many, args=({"page": "monthly"},),
            type="tertiary",
        )  # fmt: skip


def _sparkline(values: list[int], title: str) -> str:
    """Bars from nothing up, one a month; the last one darker."""
    highest = max(*values, 1)
    bars = "".join(f'<i style="height:{100 * value / highest:.1f}%"></i>' for value in values)
    return f'<div class="spark" role="img" aria-label="{title}">{bars}</div><p>{title}</p>'


# --- the map


def _map(screen: Screen, home: Home, question: Question) -> None:
    translate = screen.translate
    kinds = _kinds(screen)
    if len(kinds) > 1:
        switch("kind", kinds, translate("coverage.kind"), naming=screen.kind_name, hidden=True)
    kind = _kind_shown(screen)
    view = _view(screen, kind)
    places, why = _places(screen, question)
    first = [card.community_id for card in home.cards]
    draw_map(
        screen,
        home_map(canvas(screen), view, first=first, places=places),
        key="home-map",
        height=MAP_HEIGHT,
        chosen=lambda community: {"page": "coverage", "kind": kind, "community": community},
    )
    if why:
        st.caption(why)


def _kinds(screen: Screen) -> list[str]:
    return [kind for kind in home_kinds(cache.answers()) if kind in screen.city.kinds]


def _kind_shown(screen: Screen) -> str:
    """Name the kind on the map: the one chosen if it has a tile, else the first."""
    kinds = _kinds(screen)
    return screen.choice.kind if screen.choice.kind in kinds else next(iter(kinds), "")


def _view(screen: Screen, kind: str) -> CoverageView | None:
    standard = screen.standards[screen.choice.standard]
    rule = tile_rule(standard, kind)
    if rule is None:
        return None
    narrowed = one_rule(standard, rule.id)
    found = cache.assessment(narrowed, chosen=measures_chosen(screen.choice))
    ((_, measure),) = found.judged
    named = with_names(found.coverage, screen.city.communities, screen.translate.language)
    payloads = cache.coverage_payloads(STORE, narrowed, screen.translate, measure=measure)
    return CoverageView(named, rule, screen.kinds[kind], payloads, rule.figure)


def _places(screen: Screen, question: Question) -> tuple[pd.DataFrame | None, str]:
    """Give the hot places with what hot means, or why there are none."""
    translate = screen.translate
    if screen.city.issues is None:
        return None, translate("home.no_issues")
    if cache.answers().are_named_alone():
        counted = cache.answers().by_community(question)["total"].sum()
        return None, translate("hotspots.named_alone", total=translate.count(counted))
    try:
        found = cache.answers().hot_spots(question)
    except SampleError as error:
        return None, translate.markdown("home.hot_refused", why=translate.error(error))
    lines = [translate("home.no_hot")] if found.places.empty else []
    return found.places, "  \n".join(lines + hot_lines(found, translate))


# --- where to act first


def _cards(screen: Screen, home: Home) -> None:
    translate = screen.translate
    st.subheader(translate("home.first"), anchor=False)
    if not home.cards:
        st.info(translate("home.nothing_first"))
    for card in home.cards:
        with st.container(border=True, key=f"card-{card.rank}-{card.community_id}"):
            _card(screen, card)


def _card(screen: Screen, card: Card) -> None:
    translate = screen.translate
    name, parent = (markdown(text) for text in card_place(card, screen.city, translate))
    reasons = card_reasons(card, translate, screen.kinds)
    category = screen.category_name(card.category) if card.category else ""
    if category:
        cases = translate.count(card.category_cases)
        reasons.append(translate("home.mostly", category=category, n=cases))
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.markdown(f"**{card.rank} {name}**" + (f" · {parent}" if parent else ""))
        _go(screen, card)
    st.markdown(markdown(translate("home.between").join(reasons)))
    for text, source in card_measures(card, translate, screen.kinds, category):
        helped = translate("home.source_of", source=source) if source else None
        st.markdown(f"**{markdown(text)}**", help=helped)


def _go(screen: Screen, card: Card) -> None:
    """Lead to the map where people are out of reach, else to the list with its arithmetic."""
    reach = next((each.rule for each in card.reasons if each.rule is not None), None)
    if reach is None:
        word, target = "home.to_list", {"page": "priority"}
    else:
        word, target = "home.to_map", {"page": "coverage", "kind": reach.kind, "rule": reach.id}
    target["community"] = card.community_id
    st.button(
        screen.translate(word),
        on_click=put_many,
        args=(target,),
        key=f"go-{card.community_id}",
        type="tertiary",
    )


# --- charts


def _charts(screen: Screen, home: Home) -> None:
    """Draw the share by part of the city for the kind on the map, and the months of issues."""
    translate, charts = screen.translate, []
    bars = _parent_bars(screen)
    if bars is not None:
        charts.append(bars)
    if len(home.issues.months):
        charts.append(monthly_chart(home.issues.months, translate))
    for column, (at, chart) in zip(st.columns(2), enumerate(charts), strict=False):
        with column:
            draw_chart(chart, translate, key=f"home-{at}")


def _parent_bars(screen: Screen) -> ChartSpec | None:
    kind = _kind_shown(screen)
    rule = tile_rule(screen.standards[screen.choice.standard], kind)
    if rule is None:
        return None
    standard = one_rule(screen.standards[screen.choice.standard], rule.id)
    found = cache.assessment(standard, chosen=measures_chosen(screen.choice))
    rows = parent_rows(screen, found.summary)
    rows = rows.assign(value=rows[rule.figure.id], people=rows["population"])
    if not rows["value"].notna().any():
        return None
    target = screen.city.target.get(kind) if rule.figure.covers == RESIDENTS else None
    heading = level_title(screen.city, "parent", screen.translate)
    measure = str(rows["measure"].iloc[0])
    return coverage_bars(
        rows, rule, screen.translate, heading=heading, measure=measure, target=target
    )


# --- what it rests on


def _foot(screen: Screen) -> None:
    translate = screen.translate
    with st.container(horizontal=True, vertical_alignment="bottom", key="home-foot"):
        with st.popover(translate("home.how")):
            choose_standard(screen)
            choose_measure(screen)
            st.markdown(translate("home.how_first"))
            for line in measure_notes(screen, screen.standards[screen.choice.standard].rules):
                st.caption(line)
            st.caption(period_line(screen.city, translate))
        st.button(translate("home.all_first"), on_click=put_many, args=({"page": "priority"},))
        offer_file(
            "brief",
            translate("home.brief"),
            partial(_brief, screen),
            file_name=f"{screen.city.id}-brief.pdf",
            mime="application/pdf",
        )


def _brief(screen: Screen) -> bytes:
    """Write the brief of the city, when it is asked for: the writers of papers load slowly."""
    from exports.papers.papers import city_brief  # noqa: PLC0415
    from exports.papers.write import WRITERS  # noqa: PLC0415
    from exports.recipes.report import begin_report, find  # noqa: PLC0415

    question = _question(screen)
    report = begin_report(cache.answers(), question, screen.translate)
    return WRITERS["pdf"](city_brief(find(report)))
