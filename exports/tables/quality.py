"""How good the data of each layer are: what became of rows, what is missing, when and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from wording.layer_names import layer_names
from wording.numbers import NOTHING, day

if TYPE_CHECKING:
    from layers.city import City, LayerReport
    from wording.speaker import Speaker

_UNCOUNTED = ("x", "y", "geometry", "kind")


def quality_table(city: City, translate: Speaker) -> pd.DataFrame:
    """List for each layer what became of its rows, which columns have gaps, and its days."""
    names = layer_names(city, translate)
    rows = [
        {translate("sources.col_layer"): names[each.id]} | _row(each, city, translate)
        for each in city.reports
    ]
    return pd.DataFrame(rows)


def _row(report: LayerReport, city: City, translate: Speaker) -> dict[str, object]:
    frame = frame_of(city, report.kind)
    reasons = [note for note in report.notes if note.outcome == "quarantined"]
    return {
        translate("sources.col_in"): report.rows_in,
        translate("sources.col_loaded"): report.loaded,
        translate("sources.col_repaired"): report.repaired,
        translate("sources.col_quarantined"): report.quarantined,
        translate("quality.reasons"): translate("missing_rows.between").join(
            f"{translate.note(note.rule, note.facts)} ({translate.count(note.count)})"
            for note in reasons
        ),
        translate("quality.missing"): _missing(frame, translate),
        translate("quality.unplaced"): _unplaced(frame, translate),
        translate("quality.days"): _days(frame),
    }


def frame_of(city: City, kind: str) -> pd.DataFrame | None:
    """Give the frame that a kind of layer is in, its own rows alone."""
    if kind in city.kinds:
        facilities: pd.DataFrame = city.facilities[city.facilities["kind"] == kind]
        return facilities
    frames: dict[str, pd.DataFrame | None] = {
        "communities": city.communities,
        "residents": city.residents,
        "issues": city.issues,
        "streets": city.streets,
    }
    return frames.get(kind, city.background.get(kind))


def _missing(frame: pd.DataFrame | None, translate: Speaker) -> str:
    """Name the columns in which values are missing, with their share."""
    if frame is None or not len(frame):
        return ""
    shares = {
        str(name): float((frame[name].isna() | (frame[name].astype("str") == "")).mean())
        for name in frame
        if name not in _UNCOUNTED
    }
    listed = [
        f"{translate(f'ours.{name}')} {translate.share(share)}"
        for name, share in shares.items()
        if 0 < share < 1 and f"ours.{name}" in translate.words
    ]
    return translate("asked.and").join(listed)


def _unplaced(frame: pd.DataFrame | None, translate: Speaker) -> str:
    if frame is None or "x" not in frame or not len(frame):
        return ""
    return translate.share(float(frame["x"].isna().mean()))


def _days(frame: pd.DataFrame | None) -> str:
    if frame is None or "reported_at" not in frame:
        return ""
    known = frame["reported_at"].dropna()
    return f"{day(known.min())} – {day(known.max())}" if len(known) else NOTHING
