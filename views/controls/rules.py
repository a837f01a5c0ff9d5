"""What a verdict rests on: the rule, its clause, where that was read and how surely."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wording.names import figure_text

if TYPE_CHECKING:
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
    if rule.note:
        text += "  \n" + translate.markdown("app.remark", text=translate.of(rule.note))
    return text
