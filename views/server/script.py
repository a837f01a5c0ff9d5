"""The page script that Streamlit runs: city, choice, page."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from analysis.model.errors import PlanningError
from analysis.model.roles import ACTIONS, PAGES, PUBLIC
from layers.languages import LANGUAGES, spoken
from views import cache
from views.controls.choice import (
    AREAS,
    WITH_PANEL,
    Choice,
    area_of,
    normalise,
    offered_areas,
    read_choice,
)
from views.controls.listening import base_path, on_loopback
from views.controls.permits import all_allowed, allowed, caller
from views.controls.printing import offer_print
from views.controls.screen import Screen
from views.controls.widgets import current, put_many, switch, switch_area, switch_city
from views.data import add_data, log, sources
from views.home import home
from views.lists import levels, matrix, priority, scorecard
from views.map import (
    capacity,
    clusters,
    coverage,
    editions,
    hotspots,
    robustness,
    siting,
    trends,
    underreporting,
    whatif,
)
from views.rectification import (
    campaigns,
    findings,
    followup,
    frontage,
    handling,
    inspections,
    ladder,
    monitoring,
    monthly,
    readiness,
    survey,
    tasks,
)
from views.reports import export, papers, public
from views.server.own_words import HTML_LANGUAGE
from wording.escape import escape, markdown
from wording.missing_rows import missing_sentence
from wording.numbers import day
from wording.speaker import Speaker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

RENDER: dict[str, Callable[[Screen], None]] = {
    "home": home.render,
    "coverage": coverage.render,
    "scorecard": scorecard.render,
    "robustness": robustness.render,
    "capacity": capacity.render,
    "compare": editions.render,
    "siting": siting.render,
    "whatif": whatif.render,
    "priority": priority.render,
    "hotspots": hotspots.render,
    "clusters": clusters.render,
    "change": trends.render,
    "silence": underreporting.render,
    "findings": findings.render,
    "tasks": tasks.render,
    "inspections": inspections.render,
    "readiness": readiness.render,
    "survey": survey.render,
    "frontage": frontage.render,
    "monitoring": monitoring.render,
    "monthly": monthly.render,
    "lookback": followup.render,
    "units": handling.render,
    "warnings": ladder.render,
    "campaigns": campaigns.render,
    "levels": levels.render,
    "matrix": matrix.render,
    "public": public.render,
    "papers": papers.render,
    "export": export.render,
    "sources": sources.render,
    "add": add_data.render,
    "log": log.render,
}


OWN_HEADING = ("home",)
"""Pages whose heading says more than their name."""
LONGEST = 14
"""Signs of the name of an account that the header has room for."""


def main() -> None:
    """Draw one run of the dashboard."""
    st.set_page_config(page_title="设施覆盖 · Coverage", page_icon="🧭", layout="wide")
    try:
        screen = _open()
        _note_arrival()
        may_open = screen.choice.page in all_allowed(PAGES)
        with st.sidebar:
            if may_open:
                _panel(screen)
        if cache.allowances() is None and not on_loopback():
            st.warning(screen.translate("app.open"))
        _header(screen)
        if may_open:
            _missing(screen)
            RENDER[screen.choice.page](screen)
            offer_print(screen.translate)
        else:
            _refuse_page(screen)
        _name_tab(screen)
    except PlanningError as error:
        _refuse(error)


def _open() -> Screen:
    query = st.query_params.to_dict()
    translate = Speaker(cache.words(), _language(query, LANGUAGES[0]))
    fresh = "choice" not in st.session_state or query != st.session_state.get("query")
    cache.choose_city(query.get("city", "") if fresh else current().city)
    standards, kinds, categories = cache.knowledge()
    with st.spinner(translate("app.loading", city=cache.folder().name), show_time=True):
        city = cache.city()
    with st.spinner(translate("app.preparing"), show_time=True):
        cache.preparation()
    if fresh:
        asked = {**query, "language": _language(query, "")}
        st.session_state["choice"] = _at_first(read_choice(asked, city, standards), query)
    choice = normalise(st.session_state["choice"], city, standards)
    if not allowed(ACTIONS, "narrow"):
        choice = choice.of_all()
    st.session_state["choice"] = choice
    st.session_state["query"] = choice.query()
    if query != choice.query():
        st.query_params.from_dict(choice.query())
    return Screen(
        city, standards, kinds, categories, choice, Speaker(cache.words(), choice.language)
    )


def _note_arrival() -> None:
    """Tell the log, once in a session, who was logged in elsewhere; log-ins here are told there."""
    who = caller()
    code = who.code()
    if code and not who.token and st.session_state.get("noted") != code:
        who.note("logged_in", kind="account", subject=code)
        st.session_state["noted"] = code


def _who(screen: Screen) -> None:
    """Say who is logged in, and let whoever asks log in and out."""
    allowances = cache.allowances()
    if allowances is None:
        return
    translate, who, login = screen.translate, caller(), allowances.login
    person = who.person()
    if not person.account:
        if login.local:
            _link_to_login(screen, "enter")
        if login.provider:
            label = translate("login.provider")
            st.button(label, on_click=st.login, key="log-in", type="tertiary")
        return
    name = person.account if len(person.account) <= LONGEST else f"{person.account[:LONGEST]}…"
    with st.popover(markdown(name), type="tertiary", key="who"):
        role = translate(f"role.{person.role}")
        st.markdown(translate.markdown("role.who", account=person.account, role=role))
        if who.token:
            _link_to_login(screen, "leave")
        elif login.provider and st.user.is_logged_in:
            st.button(translate("login.leave"), on_click=st.logout, key="log-out")


def _link_to_login(screen: Screen, word: str) -> None:
    translate = screen.translate
    query = {"language": translate.language, "back": urlencode(screen.choice.query())}
    address = escape(f"{base_path()}/login?{urlencode(query)}")
    text = escape(translate(f"login.{word}"))
    st.html(f'<a class="log-in" href="{address}">{text}</a>', width="content")


def _at_first(choice: Choice, query: Mapping[str, str]) -> Choice:
    """Open the first page that whoever asks may see, where the address names none."""
    open_to = [page for page in RENDER if page in all_allowed(PAGES)]
    if "page" in query or not open_to:
        return choice
    return replace(choice, page=open_to[0])


def _refuse_page(screen: Screen) -> None:
    """Say that the page is not open to whoever asks, and offer one that is."""
    translate, person = screen.translate, caller().person()
    facts = {
        "page": translate(f"page.{screen.choice.page}"),
        "role": translate(f"role.{person.role}"),
    }
    is_public = person.role == PUBLIC and not person.account
    st.info(translate.markdown("role.refused_public" if is_public else "role.refused", **facts))
    for page in [page for page in RENDER if page in all_allowed(PAGES)][:1]:
        label = translate.markdown("role.open_first", page=translate(f"page.{page}"))
        st.button(label, on_click=put_many, args=({"page": page},), key="open-first")


def _language(query: Mapping[str, str], otherwise: str) -> str:
    """Speak as the address asks, and at a first visit as the reader's browser does."""
    asked = query.get("language", "")
    return asked if asked in LANGUAGES else spoken(st.context.locale or "") or otherwise


def _missing(screen: Screen) -> None:
    """Say above every page which rows no figure has."""
    below = screen.choice.page == "sources"
    text = cache.prepared(
        ("missing", screen.translate.language, below),
        lambda: missing_sentence(screen.translate, screen.city, below=below),
    )
    if text:
        with st.container(key="missing"):
            st.caption(markdown(text))


def _name_tab(screen: Screen) -> None:
    """Tell the browser what the page is and which language it speaks."""
    translate, city = screen.translate, screen.city
    parts = (translate(f"page.{screen.choice.page}"), translate.of(city.name))
    st.set_page_config(page_title=" · ".join([*parts, translate("app.title")]))
    st.html(
        f"<script>document.documentElement.lang = '{HTML_LANGUAGE[translate.language]}'</script>",
        unsafe_allow_javascript=True,
    )


def _header(screen: Screen) -> None:
    translate, page = screen.translate, screen.choice.page
    open_to = set(all_allowed(PAGES))
    offered = {
        area: tuple(each for each in pages if each in open_to)
        for area, pages in offered_areas(screen.city, page).items()
    }
    areas = {area: pages for area, pages in offered.items() if pages}
    with st.container(horizontal=True, vertical_alignment="center", key="header"):
        st.markdown(f"**{translate.markdown('app.title')}**")
        if page in open_to:
            switch_area(areas, translate("app.area"), naming=lambda area: translate(f"area.{area}"))
        switch(
            "language",
            LANGUAGES,
            translate("app.language"),
            naming=lambda language: translate(f"language.{language}"),
            hidden=True,
        )
        _offer_cities(translate)
        _who(screen)
        st.caption(
            f"{translate.markdown('app.as_of', day=day(screen.city.as_of))}",
            help=translate("app.share_link"),
        )
    pages = areas[area_of(page)] if page in open_to else ()
    with st.container(key="pages"):  # always there: the map below would else move
        if len(pages) > 1:
            switch(
                "page",
                pages,
                translate("app.page"),
                naming=lambda page: translate(f"page.{page}"),
                hidden=True,
            )
    if page not in OWN_HEADING:
        with st.container(key="title-map" if page in AREAS["map"] else "title"):
            st.header(translate(f"page.{page}"), anchor=False)


def _panel(screen: Screen) -> None:
    """Open the panel at the left before anything is drawn beside it, where the page has one."""
    page, offered = screen.choice.page, offered_areas(screen.city, "")
    if page in WITH_PANEL and page in chain(*offered.values()):
        st.markdown(f"**{screen.translate('app.panel')}**")


def _offer_cities(translate: Speaker) -> None:
    """Let the reader change between cities where there are several."""
    folders = cache.cities()
    if len(folders) > 1:
        names = {each: translate.of(cache.city_name(path)) for each, path in folders.items()}
        switch_city(names, next(iter(folders)), translate("app.city"))


def _refuse(error: PlanningError) -> None:
    translate = Speaker(cache.words(), _language(st.query_params.to_dict(), LANGUAGES[0]))
    if len(cache.cities()) > 1:  # one that cannot be loaded is no dead end
        query = st.query_params.to_dict()
        named = query["city"] if query.get("city", "") in cache.cities() else ""
        st.session_state["choice"] = Choice(language=translate.language, city=named)
        _offer_cities(translate)
    st.error(f"**{translate.markdown('error.title')}**  \n{translate.markdown_error(error)}")


main()
