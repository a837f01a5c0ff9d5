"""A map document as a picture: page, command line and papers draw it by this."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exports.pictures.raster import png_bytes
from exports.pictures.sheet import INSET, SHEETS, WORDS, Caption, map_svg

__all__ = ["INSET", "document_svg", "picture_files"]

if TYPE_CHECKING:
    from exports.pictures.sheet import Sheet
    from maps.documents import MapDocument
    from wording.speaker import Speaker


def document_svg(document: MapDocument, *, sheet: Sheet, translate: Speaker) -> str:
    """Draw a map document."""
    caption = Caption(document.title, document.summary, document.notes)
    words = {key: translate(f"picture.{key}") for key in WORDS}
    return map_svg(document.spec, document.store, sheet=sheet, caption=caption, words=words)


def picture_files(document: MapDocument, name: str, *, translate: Speaker) -> dict[str, bytes]:
    """Draw a map as SVG and PNG in every size."""
    files = {}
    for size, sheet in SHEETS.items():
        svg = document_svg(document, sheet=sheet, translate=translate)
        files[f"{name}-{size}.svg"] = svg.encode()
        files[f"{name}-{size}.png"] = png_bytes(svg, sheet)
    return files
