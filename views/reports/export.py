"""Export: the files that staff put into a report, made by the recipes of the command line."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from analysis.model.roles import EXPORTS
from exports.recipes.casework.findings import finding_files
from exports.recipes.casework.ladder import warning_files
from exports.recipes.coverage import coverage_files
from exports.recipes.hotspots import hotspot_files
from views import cache
from views.controls import supply_filter
from views.controls.city_question import measure_mark
from views.controls.files import offer_file
from views.controls.permits import allowed
from views.controls.questions import choose_measure, has_issues, measure_notes
from views.controls.widgets import select
from views.reports.pack import offer_pack
from wording.campaigns import asked_period

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from analysis.model.question import Question
    from exports.recipes.issue_answers import IssueAnswers
    from views.controls.screen import Screen
    from wording.speaker import Speaker

MIME = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "gpkg": "application/geopackage+sqlite3",
    "geojson": "application/geo+json",
    "html": "text/html",
    "json": "application/json",
}
KILOBYTE = 1000


def render(screen: Screen) -> None:
    """Draw the page."""
    translate = screen.translate
    st.markdown(translate("export.lead"))
    st.subheader(translate("export.coverage"), anchor=False)
    select(
        "standard",
        sorted(screen.standards),
        translate("export.standard"),
        naming=lambda key: translate.of(screen.standards[key].title),
    )
    for kind, radius in screen.question.radii:
        name = screen.kind_name(kind)
        st.caption(
            translate.markdown("export.radius_note", kind=name, radius=translate.metres(radius))
        )
    choose_measure(screen)
    for line in measure_notes(screen, screen.standards[screen.choice.standard].rules):
        st.caption(line)
    supply_filter.notes(
        screen, [rule.kind for rule in screen.standards[screen.choice.standard].rules]
    )
    _offer(screen, "coverage", coverage_files)
    st.subheader(translate("export.hotspots"), anchor=False)
    if has_issues(screen):
        _say_period(screen)
        _offer(screen, "hotspots", hotspot_files)
        st.subheader(translate("export.warnings"), anchor=False)
        _offer(screen, "warnings", warning_files)
    st.subheader(translate("export.findings"), anchor=False)
    _offer(screen, "findings", partial(finding_files, sites=cache.proposed()))
    st.subheader(translate("pack.page_title"), anchor=False)
    offer_pack(screen)


def _say_period(screen: Screen) -> None:
    """Say which issues the files are of, and which files look further back."""
    translate, question = screen.translate, screen.question
    category = question.selection.category
    st.caption(
        translate.markdown(
            "export.period_note",
            period=asked_period(question.selection, screen.city, translate),
            category=screen.category_name(category) if category else translate("app.all"),
        )
    )
    if question.history.since is None:
        until = f"{question.selection.until:%Y-%m-%d}"
        st.caption(translate.markdown("export.whole_history", until=until))


def _offer(
    screen: Screen,
    name: str,
    make: Callable[[IssueAnswers, Question, Speaker], Mapping[str, bytes]],
) -> None:
    translate = screen.translate
    if not allowed(EXPORTS, name):
        st.info(translate("role.no_file"))
        return
    key = (name, screen.city.fingerprint, *screen.choice.query().items())
    if st.button(translate("export.prepare"), key=f"make-{name}", type="primary"):
        with st.spinner(translate("export.making")):
            files = make(cache.answers(), screen.question, translate)
            st.session_state[f"made-{name}"] = (key, files)
    made_for, made = st.session_state.get(f"made-{name}", (None, {}))
    if not made:
        return
    if made_for != key:
        st.info(translate("export.changed"))
        return
    size = sum(len(content) for content in made.values())
    st.success(
        translate("export.ready", count=len(made), size=f"{translate.count(size / KILOBYTE)} kB")
    )
    for file, content in made.items():
        offer_file(
            name,
            translate(f"export.file_{file.replace('.', '_')}"),
            partial(bytes, content),
            file_name=f"{screen.city.id}-{measure_mark(screen.choice)}{file}",
            mime=MIME[file.rsplit(".", 1)[1]],
            key=f"get-{name}-{file}",
        )
