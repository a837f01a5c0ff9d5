"""Sources: where every layer came from and what became of every row."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.model.roles import ACTIONS, EXPORTS
from analysis.privacy.recognise import CLASSES
from exports.formats.corrections import corrected_layers, correction_files
from exports.recipes.check import check_files
from exports.tables.data import shown_quarantine
from views import cache
from views.controls.files import offer_file
from views.controls.permits import allowed, classes_seen
from views.controls.tables import show_table
from wording.layer_names import layer_name, layer_names
from wording.names import minimum_text

if TYPE_CHECKING:
    from layers.city import LayerReport
    from views.controls.screen import Screen

SHOWN = 200


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, city = screen.translate, screen.city
    st.markdown(translate("sources.lead"))
    show_table(_layers(screen))
    if city.absent:
        names = (layer_name(kind, screen.kinds, translate) for kind in city.absent)
        st.info(translate.markdown("sources.absent", layers=translate("asked.and").join(names)))
    _remarks(screen)
    crs = city.crs.name
    if crs == "unknown":  # made for this city, as no register has one
        crs = translate("sources.own_crs", proj=city.crs.to_string())
    st.caption(
        translate.markdown(
            "sources.crs", crs=crs, error=translate.share(city.scale_error, digits=4)
        )
    )
    _notes(screen)
    if allowed(ACTIONS, "quarantine"):
        _quarantine(screen)
    _downloads(screen)
    st.subheader(translate("sources.standards"), anchor=False)
    show_table(_standards(screen))


def _remarks(screen: Screen) -> None:
    """Say what there is to know of layers, such as that residents are an estimate."""
    translate, names = screen.translate, layer_names(screen.city, screen.translate)
    told = [
        translate.markdown("sources.remark", layer=names[report.id], text=text)
        for report in screen.city.reports
        if (text := translate.of(report.remark))
    ]
    if told:
        st.caption("  \n".join(told))


def _layers(screen: Screen) -> pd.DataFrame:
    translate, names = screen.translate, layer_names(screen.city, screen.translate)

    def row(report: LayerReport) -> dict[str, object]:
        return {
            translate("sources.col_layer"): names[report.id],
            translate("sources.col_edition"): report.edition,
            translate("sources.col_in"): report.rows_in,
            translate("sources.col_not_selected"): report.not_selected,
            translate("sources.col_loaded"): report.loaded,
            translate("sources.col_repaired"): report.repaired,
            translate("sources.col_quarantined"): report.quarantined,
            translate("sources.col_source"): report.source,
            translate("sources.col_date"): report.publication_date,
            translate("sources.col_licence"): report.licence,
            translate("sources.col_url"): report.url,
        }

    return pd.DataFrame([row(report) for report in screen.city.reports])


def _notes(screen: Screen) -> None:
    translate, names = screen.translate, layer_names(screen.city, screen.translate)
    st.subheader(translate("sources.notes"), anchor=False)
    rows = [
        {
            translate("sources.col_layer"): names.get(note.layer, note.layer),
            translate("sources.col_outcome"): translate(f"outcome.{note.outcome}"),
            translate("sources.col_note"): translate.note(note.rule, note.facts),
            translate("sources.col_count"): note.count,
            translate("sources.col_first"): ", ".join(note.first),
        }
        for report in screen.city.reports
        for note in report.notes
    ]
    if rows:
        show_table(pd.DataFrame(rows))
    else:
        st.info(translate("sources.no_notes"))


def _quarantine(screen: Screen) -> None:
    translate, rows = screen.translate, screen.city.quarantine
    names = layer_names(screen.city, translate)
    st.subheader(translate("sources.quarantine"), anchor=False)
    if rows.empty:
        st.info(translate("sources.no_quarantine"))
        return
    seen = classes_seen()
    shown = cache.prepared(
        ("quarantine", SHOWN, *sorted(seen)),
        lambda: shown_quarantine(screen.city, first=SHOWN, seen=seen),
    )
    facts = {
        (note.layer, note.rule): note.facts
        for report in screen.city.reports
        for note in report.notes
    }
    reasons = [
        translate.note(reason, facts[layer, reason])
        for layer, reason in zip(shown["layer"], shown["reason"], strict=True)
    ]
    table = pd.DataFrame(
        {
            translate("sources.col_layer"): [names.get(code, code) for code in shown["layer"]],
            translate("sources.col_row"): shown["row"],
            translate("sources.col_id"): shown["id"],
            translate("sources.col_why"): reasons,
            translate("sources.col_content"): shown["content"],
        }
    )
    show_table(table)
    if len(rows) > SHOWN:
        st.caption(
            translate(
                "sources.quarantine_part",
                shown=translate.count(SHOWN),
                n=translate.count(len(rows)),
            )
        )


def _downloads(screen: Screen) -> None:
    files = {"layers.csv": "layers", "notes.csv": "notes", "quarantine.csv": "quarantine"}
    for column, (name, key) in zip(st.columns(len(files)), files.items(), strict=True):
        with column:
            offer_file(
                key,
                screen.translate(f"sources.download_{key}"),
                partial(_file, screen, name),
                file_name=f"{screen.city.id}-{name}",
                mime="text/csv",
            )

    layers, names = corrected_layers(screen.city), layer_names(screen.city, screen.translate)
    if not layers or not allowed(EXPORTS, "corrections"):
        return
    st.caption(screen.translate("correct.how"))
    for layer in layers:
        offer_file(
            "corrections",
            screen.translate.markdown("correct.download", layer=names.get(layer, layer)),
            partial(_corrections, screen, layer),
            file_name=f"{layer}.csv",
            mime="text/csv",
            key=f"correct-{layer}",
        )


def _corrections(screen: Screen, layer: str) -> bytes:
    return correction_files(screen.city, personal=classes_seen() >= {*CLASSES})[layer]


def _file(screen: Screen, name: str) -> bytes:
    return check_files(screen.city, screen.translate, seen=classes_seen())[name]


def _standards(screen: Screen) -> pd.DataFrame:
    translate = screen.translate
    return pd.DataFrame(
        [
            {
                translate("coverage.standard"): translate.of(standard.title),
                translate("coverage.col_rule"): translate.of(rule.title),
                translate("coverage.col_minimum"): minimum_text(translate, rule),
                translate("sources.col_note"): translate(f"confidence.{rule.confidence}"),
                translate(
                    "sources.col_source"
                ): f"{translate.of(rule.clause)} — {translate.of(rule.source)}",
            }
            for standard in screen.standards.values()
            for rule in standard.rules
        ]
    )
