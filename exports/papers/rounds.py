"""The bulletin of a round of inspection: what it found, where, and what is not rectified yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exports.papers.model import Paper, Paragraph
from exports.papers.parts import numbered
from exports.papers.worded import worded_table
from wording.names import in_language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from exports.papers.model import Block
    from layers.city import City
    from wording.speaker import Speaker

MOST_AREAS, MOST_OPEN = 30, 60
"""Rows of the tables: the communities with most findings, and the findings open longest."""


def round_bulletin(
    city: City,
    name: str,
    said: Sequence[str],
    areas: pd.DataFrame,
    findings: pd.DataFrame,
    *,
    categories: Mapping[str, Mapping[str, str]],
    translate: Speaker,
) -> Paper:
    """Compose the bulletin of a round of what its files hold; `said` are its sentences."""
    where = in_language(areas.head(MOST_AREAS), city, translate.language)
    columns = ("community", "parent", "findings", "rectified", "open", "share")
    by_area = worded_table(where, "round_areas", columns, translate, caption=name)
    sections: list[tuple[str, list[Block]]] = [
        (translate("round.whole"), [Paragraph(each) for each in said]),
        (translate("round.areas"), [by_area]),
        (translate("round.left"), [_open(city, name, findings, categories, translate)]),
        (translate("paper.method"), [Paragraph(translate("round.method"), quiet=True)]),
    ]
    day = f"{city.as_of:%Y-%m-%d}"
    return Paper(
        name="round_bulletin",
        language=translate.language,
        title=translate("round.bulletin", name=name),
        subtitle=translate("round.as_of", city=translate.of(city.name), day=day),
        blocks=numbered(translate, sections),
        day=city.as_of,
    )


def _open(
    city: City,
    name: str,
    findings: pd.DataFrame,
    categories: Mapping[str, Mapping[str, str]],
    translate: Speaker,
) -> Block:
    """List what is not rectified, the oldest first."""
    rows = findings[findings["state"].eq("open")].sort_values("reported_at").head(MOST_OPEN)
    if rows.empty:
        return Paragraph(translate("round.nothing_left"))
    named = [
        translate.of(categories.get(each, {translate.language: each})) for each in rows["category"]
    ]
    rows = in_language(rows.assign(category=named), city, translate.language)
    columns = ("issue_id", "category", "community", "unit", "reported_at")
    return worded_table(rows, "round_findings", columns, translate, caption=name)
