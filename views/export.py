"""Export: the files that staff put into a report, made by the recipes of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from views import export_files
from views.controls import supply_filter
from views.controls.widgets import select
from wording.numbers import count, metres

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from views.controls.screen import Screen

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
    say = screen.say
    st.header(say("page.export"), anchor=False)
    st.markdown(say("export.lead"))
    st.subheader(say("export.coverage"), anchor=False)
    select(
        "standard",
        sorted(screen.standards),
        say("export.standard"),
        naming=lambda key: say.of(screen.standards[key].title),
    )
    for kind, radius in export_files.chosen_radius(screen).items():
        name = screen.kind_name(kind)
        st.caption(say.markdown("export.radius_note", kind=name, radius=metres(radius)))
    supply_filter.notes(
        screen, [rule.kind for rule in screen.standards[screen.choice.standard].rules]
    )
    _offer(screen, "coverage", export_files.coverage)
    st.subheader(say("export.hotspots"), anchor=False)
    if screen.city.issues is None:
        st.info(say("hotspots.no_layer"))
    else:
        _offer(screen, "hotspots", export_files.hotspots)


def _offer(screen: Screen, name: str, make: Callable[[Screen], Mapping[str, bytes]]) -> None:
    say = screen.say
    key = (name, screen.city.fingerprint, *screen.choice.query().items())
    if st.button(say("export.prepare"), key=f"make-{name}", type="primary"):
        with st.spinner(say("export.making")):
            st.session_state[f"made-{name}"] = (key, make(screen))
    made_for, made = st.session_state.get(f"made-{name}", (None, {}))
    if not made:
        return
    if made_for != key:
        st.info(say("export.changed"))
        return
    size = sum(len(content) for content in made.values())
    st.success(say("export.ready", count=len(made), size=f"{count(size / KILOBYTE)} kB"))
    for file, content in made.items():
        st.download_button(
            say(f"export.file_{file.replace('.', '_')}"),
            content,
            file_name=f"{screen.city.id}-{file}",
            mime=MIME[file.rsplit(".", 1)[1]],
            key=f"get-{name}-{file}",
            on_click="ignore",
        )
