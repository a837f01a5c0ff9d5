"""Reports: papers chosen, seen before they are taken, and taken as Word, PDF or all in one file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from analysis.model.roles import EXPORTS, PAGES
from exports.formats.archive import packed
from exports.papers.write import WRITERS, page_pictures
from exports.recipes.report import SHEET, begin_report, one_paper, report_files
from exports.recipes.siting import siting_paper
from views import cache
from views.cache.searches import SEARCHES, plan
from views.controls.choice import DECISION, PAPERS
from views.controls.city_question import measure_mark
from views.controls.files import offer_file
from views.controls.permits import allowed
from views.controls.questions import choose_measure, choose_standard
from views.controls.siting_question import asked_siting
from views.controls.widgets import put, select
from wording.names import full_name, with_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from exports.papers.model import Paper
    from views.cache.searches import Search
    from views.controls.screen import Screen

MIME = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
SHOWN = 4
"""Pages of the preview."""


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, choice = screen.translate, screen.choice
    st.markdown(translate("reports.lead"))
    left, middle, right = st.columns(3)
    with left:
        select(
            "paper",
            PAPERS,
            translate("reports.paper"),
            naming=lambda key: translate(f"reports.{key}"),
        )
    with middle:
        choose_standard(screen)
        choose_measure(screen)
    with right:
        if choice.paper == SHEET:
            _choose_community(screen)
    if choice.paper == SHEET and not choice.community:
        st.info(translate("reports.which_community"))
    elif choice.paper == DECISION and _proposal(screen) is None:
        _ask_for_proposal(screen)
    elif allowed(EXPORTS, "papers"):
        _offer_paper(screen)
    if allowed(EXPORTS, "report"):
        st.divider()
        _offer_all(screen)


def _choose_community(screen: Screen) -> None:
    communities, language = screen.city.communities, screen.translate.language
    named = with_names(communities, communities, language)
    names = dict(zip(named.index, map(full_name, named["name"], named["parent"]), strict=True))
    select(
        "community",
        ["", *names],
        screen.translate("reports.community"),
        naming=lambda key: names.get(key, screen.translate("reports.none_chosen")),
    )


def _proposal(screen: Screen) -> Search | None:
    """Give the answer to what is chosen under Where to build, if it was looked for."""
    search = SEARCHES.answered(asked_siting(screen.choice, screen.city))
    # There is a paper on new sites, and none on facilities that close.
    sites = search is not None and search.best is not None and search.best.moves is None
    return search if sites else None


def _ask_for_proposal(screen: Screen) -> None:
    """Say where sites are looked for, and lead there."""
    translate = screen.translate
    st.info(translate.markdown("reports.no_proposal", kind=screen.kind_name(screen.choice.kind)))
    if allowed(PAGES, "siting"):
        st.button(translate("page.siting"), on_click=put, args=("page", "siting"), key="to-siting")


def _offer_paper(screen: Screen) -> None:
    """Make the paper chosen when asked to, show its pages, and hand it out."""
    translate, choice = screen.translate, screen.choice
    key = ("paper", screen.city.fingerprint, *choice.query().items())
    if st.button(translate("reports.make"), key="make-paper", type="primary"):
        with st.spinner(translate("reports.making")):
            st.session_state["made-paper"] = (key, *_make_paper(screen))
    made_for, paper, pages, files = st.session_state.get("made-paper", (None, None, [], {}))
    if paper is None:
        return
    if made_for != key:
        st.info(translate("export.changed"))
        return
    with st.container(horizontal=True):
        for name, content in files.items():
            offer_file(
                "papers",
                translate(f"reports.get_{name.rpartition('.')[2]}"),
                partial(bytes, content),
                file_name=f"{screen.city.id}-{measure_mark(screen.choice)}{name}",
                mime=MIME[name.rpartition(".")[2]],
                key=f"get-{name}",
            )
    st.caption(translate("reports.pages", n=len(pages), shown=min(len(pages), SHOWN)))
    columns = st.columns(2) * (SHOWN // 2)
    for number, (column, page) in enumerate(zip(columns, pages[:SHOWN], strict=False), 1):
        column.image(page, width="stretch", alt=translate("reports.page", n=number))


def _make_paper(screen: Screen) -> tuple[Paper, list[bytes], Mapping[str, bytes]]:
    paper = _compose(screen)
    files = {f"{paper.name}.{form}": write(paper) for form, write in WRITERS.items()}
    return paper, page_pictures(paper), files


def _compose(screen: Screen) -> Paper:
    answers, choice, translate = cache.answers(), screen.choice, screen.translate
    if choice.paper != DECISION:
        report = begin_report(answers, screen.question, translate)
        return one_paper(report, choice.paper, choice.community)
    search = _proposal(screen)
    found = None if search is None else plan(search)
    if search is None or found is None:  # forgotten since the page was drawn
        st.rerun()
    return siting_paper(answers, found, search.asked.request, translate)


def _offer_all(screen: Screen) -> None:
    """Make every paper and picture when asked to, in one file."""
    translate, choice = screen.translate, screen.choice
    st.markdown(translate("reports.all_note"))
    key = ("all", screen.city.fingerprint, *choice.query().items())
    if st.button(translate("reports.make_all"), key="make-all"):
        with st.spinner(translate("reports.making")):
            chosen = [choice.community] if choice.community else []
            files = report_files(cache.answers(), screen.question, translate, communities=chosen)
            st.session_state["made-all"] = (key, packed(files), len(files))
    made_for, archive, count = st.session_state.get("made-all", (None, b"", 0))
    if archive and made_for == key:
        offer_file(
            "report",
            translate("reports.get_all", count=count),
            partial(bytes, archive),
            file_name=f"{screen.city.id}-{measure_mark(screen.choice)}report.zip",
            mime="application/zip",
            key="get-all",
        )
