"""Sources: where every layer came from and what became of every row."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from exports.bundle import check_files
from wording.numbers import count, percent

if TYPE_CHECKING:
    from layers.city import LayerReport
    from views.controls.screen import Screen

SHOWN = 200


def render(screen: Screen) -> None:
    """Draw the page."""
    say, city = screen.say, screen.city
    st.header(say("page.sources"), anchor=False)
    st.markdown(say("sources.lead"))
    st.dataframe(_layers(screen), hide_index=True, placeholder="—")
    if city.absent:
        names = (layer_name(screen, kind) for kind in city.absent)
        st.info(say.markdown("sources.absent", layers=", ".join(names)))
    crs = city.crs.name if city.crs.name != "unknown" else city.crs.to_string()
    st.caption(say.markdown("sources.crs", crs=crs, error=percent(city.scale_error, digits=4)))
    _notes(screen)
    _quarantine(screen)
    _downloads(screen)
    st.subheader(say("sources.standards"), anchor=False)
    st.dataframe(_standards(screen), hide_index=True, placeholder="—")


def layer_name(screen: Screen, kind: str) -> str:
    """Name of a layer in the reader's language."""
    return screen.kind_name(kind) if kind in screen.kinds else screen.say(f"layer.{kind}")


def _layers(screen: Screen) -> pd.DataFrame:
    say = screen.say

    def row(report: LayerReport) -> dict[str, object]:
        return {
            say("sources.col_layer"): f"{layer_name(screen, report.kind)} ({report.id})",
            say("sources.col_edition"): report.edition,
            say("sources.col_in"): report.rows_in,
            say("sources.col_not_selected"): report.not_selected,
            say("sources.col_loaded"): report.loaded,
            say("sources.col_repaired"): report.repaired,
            say("sources.col_quarantined"): report.quarantined,
            say("sources.col_source"): report.source,
            say("sources.col_date"): report.publication_date,
            say("sources.col_licence"): report.licence,
            say("sources.col_url"): report.url,
        }

    return pd.DataFrame([row(report) for report in screen.city.reports])


def _notes(screen: Screen) -> None:
    say = screen.say
    st.subheader(say("sources.notes"), anchor=False)
    rows = [
        {
            say("sources.col_layer"): note.layer,
            say("sources.col_outcome"): say(f"outcome.{note.outcome}"),
            say("sources.col_note"): say(f"note.{note.rule}", **note.facts),
            say("sources.col_count"): note.count,
            say("sources.col_first"): ", ".join(note.first),
        }
        for report in screen.city.reports
        for note in report.notes
    ]
    if rows:
        st.dataframe(pd.DataFrame(rows), hide_index=True, placeholder="—")
    else:
        st.info(say("sources.no_notes"))


def _quarantine(screen: Screen) -> None:
    say, rows = screen.say, screen.city.quarantine
    st.subheader(say("sources.quarantine"), anchor=False)
    if rows.empty:
        st.info(say("sources.no_quarantine"))
        return
    shown = rows.head(SHOWN)
    facts = {
        (note.layer, note.rule): note.facts
        for report in screen.city.reports
        for note in report.notes
    }
    reasons = [
        say(f"note.{reason}", **facts[layer, reason])
        for layer, reason in zip(shown["layer"], shown["reason"], strict=True)
    ]
    table = pd.DataFrame(
        {
            say("sources.col_layer"): shown["layer"],
            say("sources.col_row"): shown["row"],
            say("sources.col_id"): shown["id"],
            say("sources.col_why"): reasons,
            say("sources.col_content"): shown["content"],
        }
    )
    st.dataframe(table, hide_index=True, placeholder="—")
    if len(rows) > SHOWN:
        st.caption(say("sources.quarantine_part", shown=count(SHOWN), n=count(len(rows))))


def _downloads(screen: Screen) -> None:
    files = {"layers.csv": "layers", "notes.csv": "notes", "quarantine.csv": "quarantine"}
    for column, (name, key) in zip(st.columns(len(files)), files.items(), strict=True):
        column.download_button(
            screen.say(f"sources.download_{key}"),
            data=partial(_file, screen, name),
            file_name=f"{screen.city.id}-{name}",
            mime="text/csv",
            on_click="ignore",
        )


def _file(screen: Screen, name: str) -> bytes:
    return check_files(screen.city, language=screen.say.language)[name]


def _standards(screen: Screen) -> pd.DataFrame:
    say = screen.say
    return pd.DataFrame(
        [
            {
                say("coverage.standard"): say.of(standard.title),
                say("coverage.col_rule"): say.of(rule.title),
                say("coverage.col_minimum"): f"{say(f'figure.{rule.figure}')} ≥ {rule.minimum:g}",
                say("sources.col_note"): say(f"confidence.{rule.confidence}"),
                say("sources.col_source"): f"{say.of(rule.clause)} — {say.of(rule.source)}",
            }
            for standard in screen.standards.values()
            for rule in standard.rules
        ]
    )
