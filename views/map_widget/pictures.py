"""The map of a page as a picture: what is on the screen, drawn without a browser when asked for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from exports.pictures.draw import document_svg
from exports.pictures.raster import png_bytes
from exports.pictures.sheet import SHEETS
from maps.documents import shown_document
from views.controls.choice import ON_FACILITIES, ON_ISSUES
from views.controls.pictures import offer_pictures
from views.map_widget.shared_store import STORE

if TYPE_CHECKING:
    from maps.documents import MapDocument
    from maps.spec import MapSpec
    from views.controls.screen import Screen

OFFERED = (("slide", "png"), ("a4", "png"), ("a4", "svg"))
"""Sizes and formats, as words have them under `picture`."""


def offer_map(screen: Screen, spec: MapSpec, *, key: str) -> None:
    """Offer the map as a picture, with its legend, scale, sources and date."""
    translate, page = screen.translate, screen.choice.page
    about = translate(f"page.{page}")
    if page not in ON_ISSUES and screen.choice.kind:
        about = f"{about} · {screen.kind_name(screen.choice.kind)}"
    document = shown_document(
        spec, STORE, screen.city, translate, about=about, layers=_layers(screen)
    )
    files = {
        (f"{size}_{form}", form): partial(_picture, screen, document, size, form)
        for size, form in OFFERED
    }
    offer_pictures(files, translate, name=f"map-{page}", key=key)


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
