"""The map of a page as a picture: what is on the screen, drawn without a browser when asked for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from analysis.model.question import Selection
from exports.pictures.draw import document_svg
from exports.pictures.raster import png_bytes
from exports.pictures.sheet import SHEETS
from maps.documents import shown_document
from views.controls.choice import ON_FACILITIES, ON_ISSUES
from views.controls.pictures import offer_pictures
from views.map_widget.shared_store import STORE
from wording.campaigns import asked_period

if TYPE_CHECKING:
    from maps.documents import MapDocument
    from maps.spec import MapSpec
    from views.controls.screen import Screen

OFFERED = (("slide", "png"), ("a4", "png"), ("a4", "svg"))
"""Sizes and formats, as words have them under `picture`."""

PERIOD = ("hotspots", "clusters", "matrix", "lookback", "units", "priority", "frontage")
HISTORY = ("change", "silence")
CAMPAIGN = ("tasks", "inspections")
"""Pages whose map is of the issues chosen, of those further back, of a campaign at any time."""


def offer_map(screen: Screen, spec: MapSpec, *, key: str) -> None:
    """Offer the map as a picture, with its legend, scale, sources and date."""
    translate, page = screen.translate, screen.choice.page
    about = translate(f"page.{page}")
    if page not in ON_ISSUES and screen.choice.kind:
        about = f"{about} · {screen.kind_name(screen.choice.kind)}"
    about = " · ".join(filter(None, (about, _period(screen))))
    document = shown_document(
        spec, STORE, screen.city, translate, about=about, layers=_layers(screen)
    )
    files = {
        (f"{size}_{form}", form): partial(_picture, screen, document, size, form)
        for size, form in OFFERED
    }
    offer_pictures(files, translate, name=f"map-{page}", key=key)


def _period(screen: Screen) -> str:
    """Name the campaign and the days of the issues on the map of a page that heeds them."""
    page, question = screen.choice.page, screen.question
    if page in PERIOD:
        return asked_period(question.selection, screen.city, screen.translate)
    if page in HISTORY:
        return asked_period(question.history, screen.city, screen.translate)
    campaign = question.selection.campaign if page in CAMPAIGN else ""
    return asked_period(Selection(campaign=campaign), screen.city, screen.translate)


def _layers(screen: Screen) -> tuple[str, ...]:
    """Name the layers that the map of a page is made of."""
    page, kind = screen.choice.page, screen.choice.kind
    of_facilities = () if page in ON_ISSUES else (kind,)
    of_issues = () if page in ON_FACILITIES else ("issues",)
    return ("communities", "residents", *of_facilities, *of_issues)


def _picture(screen: Screen, document: MapDocument, size: str, form: str) -> bytes:
    translate, sheet = screen.translate, SHEETS[size]
    drawn = document_svg(document, sheet=sheet, translate=translate)
    return drawn.encode() if form == "svg" else png_bytes(drawn, sheet)
