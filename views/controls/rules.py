"""What a verdict rests on, and the parts of the city that it is added up for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.model.levels import NOT_GIVEN
from wording.names import figure_text, known_names

if TYPE_CHECKING:
    import pandas as pd

    from analysis.model.standards import Rule
    from views.controls.screen import Screen


def basis(screen: Screen, rule: Rule) -> str:
    """Say what a verdict rests on."""
    translate = screen.translate
    text = translate.markdown(
        "coverage.by",
        figure=translate(f"figure.{rule.figure}"),
        minimum=figure_text(translate, rule.minimum, rule, digits=0),
        basis=translate(
            f"basis.{rule.minimum_basis}",
            minimum=figure_text(translate, rule.minimum, rule, digits=0),
        ),
        clause=translate.of(rule.clause),
        confidence=translate(f"confidence.{rule.confidence}"),
        source=translate.of(rule.source),
    )
    if rule.distance is not None:
        known = rule.distance
        text += "  \n" + translate.markdown(
            "coverage.distance_by",
            measure=translate(f"measure.{known.measure}"),
            clause=translate.of(known.clause),
            confidence=translate(f"confidence.{known.confidence}"),
            source=translate.of(known.source),
        )
    if rule.note:
        text += "  \n" + translate.markdown("app.remark", text=translate.of(rule.note))
    return text


def parent_rows(screen: Screen, summary: pd.DataFrame) -> pd.DataFrame:
    """Give the rows of a summary for the parts of the city, named in the reader's language."""
    rows = summary[summary["level"] == "parent"]
    names = known_names(screen.city.communities, screen.translate.language)["parent"]
    names = {**names, NOT_GIVEN: screen.parent_name("")}
    return rows.assign(name=rows["name"].replace(names))
