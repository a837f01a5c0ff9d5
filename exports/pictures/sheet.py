"""A map on a sheet: title, map, legend, scale bar, north, sources; the same rows as on the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from exports.pictures import layers, svg
from exports.pictures.labels import Room, labels
from exports.pictures.legend import LINE, Column
from exports.pictures.place import Box, fitted, round_length
from exports.pictures.svg import Text, element, text, wrapped
from exports.pictures.symbols import PIN
from maps.background import names_of_payload
from maps.canvas import GROUND
from maps.spec import LegendRow, Polygons
from wording import numbers
from wording.escape import escape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from exports.pictures.place import Placement
    from maps.background import Name
    from maps.spec import MapSpec
    from maps.store import GeoStore

DAY_GROUND, NIGHT_GROUND = "#eef1f4", "#1c2533"


@dataclass(frozen=True)
class Sheet:
    """
    The form of a picture.

    Attributes
    ----------
    width, height
        Units of the drawing: pixels at the size of a screen.
    sharpness
        Pixels of the PNG a unit.
    alone
        Whether title and sources stand on it, or around it in a paper.
    """

    width: float
    height: float
    sharpness: float
    alone: bool = True


SLIDE = Sheet(1280, 720, 1.5)
"""A slide of 16:9, 1920 x 1080 pixels."""
A4 = Sheet(1123, 794, 2.0)
"""A4 across, at 192 pixels an inch."""
INSET = Sheet(900, 450, 2.0, alone=False)
"""A figure in a paper."""
SHEETS = {"slide": SLIDE, "a4": A4}


@dataclass(frozen=True)
class Caption:
    """What is written around a map: title, a sentence under it, sources at the foot."""

    title: str
    summary: str = ""
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Inks:
    """Colours of text and ground, by day or by night."""

    ink: str
    quiet: str
    paper: str
    ground: str


DAY = Inks(svg.INK, svg.QUIET, svg.PAPER, DAY_GROUND)
NIGHT = Inks(svg.DARK_INK, svg.DARK_QUIET, svg.DARK_PAPER, NIGHT_GROUND)
MARGIN = 28.0
PANEL = 250.0
"""Width of the legend."""
WORDS = ("north", "green", "streets", "water")


def map_svg(
    spec: MapSpec,
    store: GeoStore,
    *,
    sheet: Sheet,
    caption: Caption,
    words: Mapping[str, str],
) -> str:
    """Draw a map with all that it needs to be understood by itself."""
    inks = NIGHT if spec.night else DAY
    map_box, legend_box, around = _laid_out(sheet, caption, inks)
    if spec.fit is None:
        msg = "a picture needs to know where the map goes (`fit`)."
        raise ValueError(msg)
    placement = fitted(spec.fit, map_box)
    drawn = _map(spec, store, placement, inks)
    column = Column(legend_box, ink=inks.ink, quiet=inks.quiet, paper=inks.paper)
    _explain(column, spec, words)
    return _document(
        sheet,
        caption.title,
        spec,
        placement,
        [
            element("rect", width=sheet.width, height=sheet.height, fill=inks.paper),
            around,
            drawn,
            _scale_bar(placement, spec, inks),
            _north(placement, words["north"], inks),
            column.drawn(),
        ],
    )


def _laid_out(sheet: Sheet, caption: Caption, inks: Inks) -> tuple[Box, Box, str]:
    """Share the sheet out: head, map, legend, foot."""
    if not sheet.alone:
        box = Box(1, 1, sheet.width - PANEL - 18, sheet.height - 2)
        return box, Box(box.right + 16, 1, PANEL, sheet.height - 2), ""
    width = sheet.width - 2 * MARGIN
    title, small = Text(25, inks.ink, bold=True), Text(14, inks.quiet)
    y, parts = MARGIN, []
    for words, look in ((caption.title, title), (caption.summary, small)):
        for line in wrapped(words, width, look)[:2]:
            y += look.size * LINE
            parts.append(text(line, MARGIN, y - look.size * 0.3, look))
    foot = Text(10.5, inks.quiet)
    lines = [line for note in caption.notes for line in wrapped(note, width, foot)][:6]
    bottom = sheet.height - 16 - len(lines) * foot.size * LINE
    for place, line in enumerate(lines, 1):
        parts.append(text(line, MARGIN, bottom + place * foot.size * LINE, foot))
    top, below = y + 10, bottom - 6
    box = Box(MARGIN, top, width - PANEL - 20, below - top)
    return box, Box(box.right + 20, top, PANEL, below - top), "".join(parts)


def _map(spec: MapSpec, store: GeoStore, placement: Placement, inks: Inks) -> str:
    box = placement.box
    green, water, streets = (_ground(spec, part, store, placement) for part in GROUND)
    room = Room([(x - PIN, y - 2 * PIN, x + PIN, y) for _, x, y in _marks(spec, placement)])
    drawn = [
        element("rect", **_rectangle(box), fill=inks.ground),
        layers.surface(spec.surface, store, placement),
        green,
        layers.polygons(spec.areas, store, placement),
        water,
        layers.polygons(spec.cells, store, placement),
        streets,
        layers.gaps(spec.gaps, store, placement),
        layers.polygons(spec.drawn, store, placement),
        layers.points(spec.points, store, placement, paper=inks.paper),
        labels(_names(spec, store), placement, room, colours=(inks.ink, inks.quiet, inks.paper)),
        layers.marks(spec.marks, placement),
    ]
    clip = element("clipPath", element("rect", **_rectangle(box)), id="map")
    rim = element("rect", **_rectangle(box), fill="none", stroke="#c3cad4", stroke_width=1)
    return element("defs", clip) + element("g", "".join(drawn), clip_path="url(#map)") + rim


def _marks(spec: MapSpec, placement: Placement) -> list[tuple[object, float, float]]:
    return [*layers.shown_marks(spec.marks, placement)]


def _rectangle(box: Box) -> dict[str, object]:
    return {"x": box.x, "y": box.y, "width": box.width, "height": box.height}


def _ground(spec: MapSpec, part: str, store: GeoStore, placement: Placement) -> str:
    """Draw a part of the ground; a line that is faint is so as a whole, where streets cross too."""
    layer: Polygons | None = getattr(spec, part)
    content = layers.polygons(layer, store, placement)
    if layer is None or not content or layer.styles[0].fill:
        return content
    return element("g", content, opacity=layer.styles[0].opacity)


def _names(spec: MapSpec, store: GeoStore) -> list[Name]:
    return [] if spec.names is None else names_of_payload(layers.read(store, spec.names.url))


def _explain(column: Column, spec: MapSpec, words: Mapping[str, str]) -> None:
    if spec.legend is not None:
        column.legend(spec.legend)
    for row in _ground_rows(spec, words):
        column.row(row)
    if spec.marks:
        column.space(8)
        column.places([(mark.label, mark.title) for mark in spec.marks])


def _ground_rows(spec: MapSpec, words: Mapping[str, str]) -> list[LegendRow]:
    rows = []
    for part in GROUND:
        layer: Polygons | None = getattr(spec, part)
        if layer is not None:
            (look,) = layer.styles
            shape = "" if look.fill else "line"
            rows.append(
                LegendRow(
                    words[part], fill=look.fill, opacity=1.0, line=look.line, width=look.width,
                    shape=shape,
                )
            )  # fmt: skip
    return rows


def _scale_bar(placement: Placement, spec: MapSpec, inks: Inks) -> str:
    """Draw a bar of a round length, at most a quarter of the map wide."""
    box = placement.box
    metres = round_length(placement.metres_per_pixel * min(box.width / 4, 200))
    width = metres / placement.metres_per_pixel
    unit = ("metre", metres) if metres < 1000 else ("kilometre", metres / 1000)  # noqa: PLR2004
    x, y = box.x + 14, box.bottom - 14
    back = element(
        "rect", x=x - 6, y=y - 22, width=width + 12, height=28, fill=inks.paper, fill_opacity=0.8
    )
    bar = element("path", d=f"M{x} {y - 6}v6h{svg.number(width)}v-6", fill="none", stroke=inks.ink)
    label = f"{numbers.number(unit[1], language=spec.language)} {spec.words[unit[0]]}"
    return back + bar + text(label, x + width / 2, y - 9, Text(11, inks.ink, anchor="middle"))


def _north(placement: Placement, word: str, inks: Inks) -> str:
    """Draw an arrow: all maps of the web's grid have north above."""
    x, y = placement.box.right - 22, placement.box.y + 34
    arrow = element("path", d=f"M{x} {y - 22}l7 20 -7 -5 -7 5z", fill=inks.ink, stroke=inks.paper)
    look = Text(12, inks.ink, bold=True, anchor="middle", halo=inks.paper)
    return arrow + text(word, x, y + 11, look)


def _document(
    sheet: Sheet, title: str, spec: MapSpec, placement: Placement, parts: Sequence[str]
) -> str:
    styles = [
        style
        for layer in (spec.areas, spec.cells, spec.gaps)
        if layer is not None
        for style in layer.styles
    ]
    rows = spec.legend.rows if spec.legend is not None else ()
    defined = element("defs", svg.hatches([*styles, *rows], scale=placement.scale))
    name = element("title", escape(svg.plain(title)))
    return element(
        "svg",
        name + defined + "".join(parts),
        xmlns="http://www.w3.org/2000/svg",
        width=sheet.width,
        height=sheet.height,
        viewBox=f"0 0 {svg.number(sheet.width)} {svg.number(sheet.height)}",
        font_family=svg.FONT,
        **{"xml:lang": spec.language},
    )
