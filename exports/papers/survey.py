"""The bulletin of a survey: what residents said of one topic, where, and what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exports.papers.model import Paper, Paragraph
from exports.papers.parts import numbered
from exports.papers.worded import worded_table
from wording.survey import topic_name, with_area_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from exports.papers.model import Block
    from layers.city import City
    from wording.speaker import Speaker

MOST_AREAS = 80
"""Rows of the table, the lowest rates first."""
SHOWN = (
    "level", "community", "parent", "n", "share", "low_share", "high_share", "verdict", "change",
    "reason",
)  # fmt: skip


def survey_bulletin(
    city: City, topic: str, said: Sequence[str], rows: pd.DataFrame, *, translate: Speaker
) -> Paper:
    """Compose the bulletin of a topic of its latest rows; `said` are its sentences."""
    name = topic_name(city, topic, translate)
    where = with_area_names(rows.head(MOST_AREAS), city, translate.language)
    table = worded_table(where, "survey", SHOWN, translate, caption=name)
    sections: list[tuple[str, list[Block]]] = [
        (translate("survey.whole"), [Paragraph(each) for each in said]),
        (translate("survey.areas"), [table]),
        (translate("paper.method"), [Paragraph(translate("survey.method"), quiet=True)]),
    ]
    day = f"{city.as_of:%Y-%m-%d}"
    return Paper(
        name="survey_bulletin",
        language=translate.language,
        title=translate("survey.bulletin", name=name),
        subtitle=translate("round.as_of", city=translate.of(city.name), day=day),
        blocks=numbered(translate, sections),
        day=city.as_of,
    )
