"""Facilities on a map: their symbols by kind and status, and the legend of these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.model.contracts import FACILITY_STATUS
from maps.spec import LegendRow, Look, Points, Symbol

if TYPE_CHECKING:
    from analysis.model.standards import Kind
    from wording.speaker import Speaker

SHAPES = {"◆": "diamond", "▲": "triangle", "■": "square", "●": "circle", "✚": "cross"}
"""Symbol drawn on the map for the icon of a kind; any other icon is drawn as a circle."""
LOOKS = {"open": "full", "closed": "hollow", "planned": "dashed", "unknown": "dotted"}
"""How a facility's status shows on the map."""
ANSWERED = ("open", "closed", "unknown")
"""Under a supply filter these statuses stand for its answer: fits, does not, not stated."""


def kind_points(url: str, kind: Kind, translate: Speaker, *, filtered: bool = False) -> Points:
    """Draw the facilities of one kind."""
    symbol = Symbol(kind.name[translate.language], kind.colour, _shape(kind))
    return Points(url=url, kinds=(symbol,), statuses=status_looks(translate, filtered=filtered))


def status_looks(translate: Speaker, *, filtered: bool = False) -> tuple[Look, ...]:
    """Name what the looks of facilities mean."""
    return tuple(
        Look(
            translate(f"asked.status_{status}" if filtered and status in ANSWERED
                      else f"status.{status}"),
            LOOKS[status],
        )
        for status in FACILITY_STATUS
    )  # fmt: skip


def kind_rows(kind: Kind, translate: Speaker, *, filtered: bool = False) -> tuple[LegendRow, ...]:
    """Explain the facilities of one kind by their status."""
    name = translate.of(kind.name)
    labels = {
        status: f"{name}: {translate(f'asked.status_{status}')}"
        if filtered and status in ANSWERED
        else translate(f"coverage.legend_{status}", kind=name)
        for status in FACILITY_STATUS
    }
    return tuple(
        LegendRow(label, fill=kind.colour, shape=_shape(kind), look=LOOKS[status])
        for status, label in labels.items()
    )


def _shape(kind: Kind) -> str:
    return SHAPES.get(kind.icon, "circle")
