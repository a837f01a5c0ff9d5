"""The map of a survey: how each community's rate stands to the threshold, or its rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.casework.survey import BELOW, MET, OPEN
from maps.colours import FAILS, MEETS, SHARE, class_codes, digit_codes, share_labels
from maps.legend import highest_first, legend_rows
from maps.palette import CANNOT_JUDGE_STYLE, class_styles
from maps.spec import Legend, MapSpec, Style
from wording.survey import topic_name

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any

    from maps.canvas import Canvas
    from wording.speaker import Speaker

VERDICTS = {
    BELOW: Style(fill=FAILS.colour),
    OPEN: Style(fill="#c6ced8"),
    MET: Style(fill=MEETS.colour),
    "": CANNOT_JUDGE_STYLE,
}
RATES = class_styles(SHARE.colours)


def survey_map(canvas: Canvas, rows: pd.DataFrame, topic: str) -> MapSpec:
    """Specify the map of `rows`, one for each community in the city's order."""
    translate = canvas.translate
    lines = [
        [*named, *_told(row, translate)]
        for named, row in zip(canvas.names(), rows.to_dict("records"), strict=True)
    ]
    title = topic_name(canvas.city, topic, translate)
    none = translate("survey.map_none")
    if rows["threshold"].notna().any():
        codes = list(VERDICTS)
        styles = tuple(VERDICTS.values())
        classes = digit_codes(codes.index(each) for each in rows["verdict"].fillna(""))
        labels = [translate(f"survey.verdict_{each}") for each in codes[:-1]]
        legend = legend_rows(styles, [*labels, none])
    else:
        styles, classes = RATES, class_codes(rows["share"].astype(float), SHARE)
        legend = highest_first(RATES[:-1], share_labels(SHARE)) + legend_rows(RATES[-1:], [none])
    return canvas.map(
        f"survey {topic} {rows['period'].max()} {classes}",
        title=title,
        areas=canvas.communities(styles, classes, text=canvas.store.put(lines)),
        legend=Legend(title, legend),
    )


def _told(row: Mapping[Hashable, Any], translate: Speaker) -> list[str]:
    if pd.isna(row["share"]):
        return [translate(f"survey.reason_{row['reason']}")]
    interval = translate.shares(row["low_share"], row["high_share"])
    facts = {"share": translate.share(row["share"]), "interval": interval}
    return [translate("survey.told", n=translate.count(row["n"]), **facts)]
