"""The one sentence that says which rows of communities, residents and facilities are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wording.layer_names import layer_name

if TYPE_CHECKING:
    import pandas as pd

    from layers.city import City
    from wording.speaker import Speaker

NO_LOSS = frozenset({"blank_row", "row_twice"})
"""Reasons of the quarantine for which nothing of the city is missing."""
NAMED = 3
"""Communities that are named at most."""


def lost_rows(city: City) -> pd.Series[int]:
    """Count, by layer of any edition, the rows of which something of the city is missing."""
    return city.quarantine[~city.quarantine["reason"].isin(NO_LOSS)]["layer"].value_counts()


def missing_rows(city: City) -> dict[str, tuple[int, int]]:
    """Count, by layer, the rows that no figure has, and the rows that were to be loaded."""
    lost = lost_rows(city)
    wanted = {"communities", "residents", *city.kinds}
    return {
        report.id: (int(lost[report.id]), report.rows_in - report.not_selected)
        for report in city.reports
        if report.kind in wanted and not report.edition and report.id in lost.index
    }


def rows_set_aside(city: City, kind: str) -> tuple[int, int]:
    """Count the rows of a kind of layer that are quarantined, and those that were to be loaded."""
    reports = [report for report in city.reports if report.kind == kind]
    wanted = sum(report.rows_in - report.not_selected for report in reports)
    return sum(report.quarantined for report in reports), wanted


def missing_sentence(translate: Speaker, city: City, *, below: bool = False) -> str:
    """Say it; empty where nothing is missing. The reasons stand `below`, or on another page."""
    kinds = {report.id: report.kind for report in city.reports}
    parts = [
        translate(
            "missing_rows.part",
            layer=layer_name(kinds[layer], city.kinds, translate),
            lost=translate.count(lost),
            rows=translate.count(rows),
            named=_named(translate, city, layer) if kinds[layer] == "communities" else "",
        )
        for layer, (lost, rows) in missing_rows(city).items()
    ]
    if not parts:
        return ""
    return translate(
        "missing_rows.sentence",
        parts=translate("missing_rows.between").join(parts),
        where=translate("missing_rows.below" if below else "missing_rows.elsewhere"),
    )


def _named(translate: Speaker, city: City, layer: str) -> str:
    rows = city.quarantine[city.quarantine["layer"] == layer]
    names = [name for name in rows[~rows["reason"].isin(NO_LOSS)]["id"] if name][:NAMED]
    return translate("missing_rows.named", names=", ".join(names)) if names else ""
