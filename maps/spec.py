"""
The specification of a map: everything that changes, small enough for one message.

Geometry, texts and pictures are named by URL (`maps.store`). As long as a URL stays,
the map keeps what it has drawn and only changes its styles; so a page builds a new
specification on every run and need not care what the map shows already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING

from analysis.model.contracts import FACILITY_STATUS
from maps.colours import BORDER, CANNOT_JUDGE, CONTEXT, GAP, REACH, Fill
from maps.store import compact_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from analysis.model.standards import Kind

MAX_ZOOM = 19
WORDS = ("map", "home", "zoom_in", "zoom_out", "failed")
"""Keys of the words that every map needs."""
SHAPES = {"◆": "diamond", "▲": "triangle", "■": "square", "●": "circle", "✚": "cross"}
"""Symbol drawn on the map for the icon of a kind; any other icon is drawn as a circle."""
LOOKS = {"open": "full", "closed": "hollow", "planned": "dashed", "unknown": "dotted"}
"""How a facility's status shows on the map."""


@dataclass(frozen=True)
class Style:
    """
    Look of one class of polygons.

    Attributes
    ----------
    fill, opacity
        `#rrggbb`, or nothing for no fill; 0-1.
    hatch
        Colour of hatching on the fill, or nothing.
    line, width, dash
        Outline: `#rrggbb` or nothing, pixels, pattern such as `4 3`.
    """

    fill: str = ""
    opacity: float = 0.82
    hatch: str = ""
    line: str = BORDER
    width: float = 1.0
    dash: str = ""


@dataclass(frozen=True)
class Polygons:
    """
    A layer of polygons.

    Attributes
    ----------
    url
        Rings of `maps.geometry`.
    styles
        One a class.
    classes
        One character a polygon (`maps.colours.DIGITS`); nothing means that all
        are of the first class.
    text
        URL of the lines shown under the pointer: a list of lists of text, one a polygon.
    selected
        Row of the polygon that stands out (areas only), or `None`.
    """

    url: str
    styles: tuple[Style, ...]
    classes: str = ""
    text: str = ""
    selected: int | None = None


@dataclass(frozen=True)
class Symbol:
    """One kind of facility on the map: its name in the reader's language, colour, shape."""

    label: str
    colour: str
    shape: str


@dataclass(frozen=True)
class Look:
    """One status on the map: its name in the reader's language, and how it is drawn."""

    label: str
    look: str


@dataclass(frozen=True)
class Points:
    """
    A layer of facilities.

    Attributes
    ----------
    url
        Columns of `maps.geometry.points_columns`.
    kinds
        In the order in which the columns count the kinds.
    statuses
        In the order of `FACILITY_STATUS`.
    """

    url: str
    kinds: tuple[Symbol, ...]
    statuses: tuple[Look, ...]


@dataclass(frozen=True)
class Surface:
    """A picture on the map: URL, corners (south-west, north-east as lat, lon), opacity."""

    url: str
    bounds: tuple[tuple[float, float], tuple[float, float]]
    opacity: float = 1.0


@dataclass(frozen=True)
class Mark:
    """A numbered place: latitude and longitude, one to three characters, and a name."""

    lat: float
    lon: float
    label: str
    title: str


@dataclass(frozen=True)
class LegendRow:
    """
    One line of the legend, drawn with the look of what it explains.

    Attributes
    ----------
    label
        In the reader's language, with its unit.
    fill, opacity, hatch, line, width, dash
        As in `Style`.
    shape, look
        Of a facility, instead of a patch; the shape `line` is a line of the row's own look.
    heading
        Whether the line is a heading without a patch.
    """

    label: str
    fill: str = ""
    opacity: float = 0.82
    hatch: str = ""
    line: str = ""
    width: float = 1.0
    dash: str = ""
    shape: str = ""
    look: str = ""
    heading: bool = False


@dataclass(frozen=True)
class Legend:
    """The legend: title, what is measured in which unit, lines, and a closing remark."""

    title: str
    rows: tuple[LegendRow, ...]
    units: str = ""
    note: str = ""


@dataclass(frozen=True)
class View:
    """Where the map goes (corners as lat, lon); it moves only when `nonce` changes."""

    bounds: tuple[tuple[float, float], tuple[float, float]]
    nonce: str


@dataclass(frozen=True)
class Tiles:
    """A background of square pictures, if the settings name one: URL pattern and thanks."""

    url: str
    attribution: str


@dataclass(frozen=True)
class MapSpec:
    """
    Everything that a map shows.

    Attributes
    ----------
    id
        The page's `data-atlas` takes this value when all is drawn.
    language
        `zh` or `en`.
    words
        Text in the reader's language for every key of `WORDS`.
    areas, cells, gaps, points, surface
        Layers, drawn in the order surface, areas, cells, gaps, points.
    marks
        Numbered places, on top.
    legend, fit, tiles
        As their classes say.
    night
        Whether the ground is dark.
    """

    id: str
    language: str
    words: Mapping[str, str]
    areas: Polygons | None = None
    cells: Polygons | None = None
    gaps: Polygons | None = None
    points: Points | None = None
    surface: Surface | None = None
    marks: tuple[Mark, ...] = field(default=())
    legend: Legend | None = None
    fit: View | None = None
    tiles: Tiles | None = None
    night: bool = False

    def __post_init__(self) -> None:
        """Refuse a specification without every word."""
        missing = [key for key in WORDS if not self.words.get(key)]
        if missing:
            msg = f"`words` lacks {', '.join(missing)}."
            raise ValueError(msg)


GAP_STYLE = Style(fill="#ffffff00", opacity=1.0, hatch=GAP, line=GAP, width=0.9)
REACH_STYLE = Style(line=REACH, width=2.0)
OUTLINE_STYLE = Style(line=CONTEXT, width=0.8)
CANNOT_JUDGE_STYLE = Style(fill=CANNOT_JUDGE.colour, opacity=1.0, hatch=CANNOT_JUDGE.hatch)


def class_styles(colours: Iterable[str | Fill], *, opacity: float = 0.82) -> tuple[Style, ...]:
    """Make the styles of classes; "cannot judge" comes last, where `class_codes` puts it."""
    names = [colour.colour if isinstance(colour, Fill) else colour for colour in colours]
    styles = (Style(fill=name, opacity=opacity) for name in names)
    return (*styles, CANNOT_JUDGE_STYLE)


def legend_rows(styles: Sequence[Style], labels: Sequence[str]) -> tuple[LegendRow, ...]:
    """Legend lines with the look of the classes that they explain."""
    return tuple(
        LegendRow(label, **{part.name: getattr(style, part.name) for part in fields(style)})
        for style, label in zip(styles, labels, strict=True)
    )


def symbol(kind: Kind, *, language: str) -> Symbol:
    """How a kind of facility is drawn."""
    return Symbol(kind.name[language], kind.colour, SHAPES.get(kind.icon, "circle"))


def looks(labels: Mapping[str, str]) -> tuple[Look, ...]:
    """How each status is drawn."""
    return tuple(Look(labels[status], LOOKS[status]) for status in FACILITY_STATUS)


def corners(bounds: Sequence[float]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Turn bounds into the two corners that the map asks for."""
    west, south, east, north = (round(float(value), 6) for value in bounds)
    return (south, west), (north, east)


def map_options(bounds: Sequence[float]) -> dict[str, object]:
    """Give the options of the base map, the same on the screen and in an exported file."""
    (south, west), (north, east) = home = corners(bounds)
    return {
        "center": [round((south + north) / 2, 5), round((west + east) / 2, 5)],
        "zoom": 11,
        "zoomSnap": 0.25,
        "maxZoom": MAX_ZOOM,
        "home": home,
    }


def spec_json(spec: MapSpec) -> str:
    """Write a specification so that it can stand inside a script."""
    return script_safe(compact_json(_plain(spec)))


def script_safe(json_text: str) -> str:
    r"""
    Make JSON safe inside a script, also one that passes through a template engine.

    Folium compiles every script as a template once more, so `{{` or `{%` in a name from
    a file would run as a program on the server. Two such signs follow each other only
    inside texts of JSON, never in its own grammar, and there they can be escaped.

    Examples
    --------
    >>> script_safe('{"name":"</script>{{x}}"}')
    '{"name":"\\u003c/script\\u003e\\u007b{x}}"}'
    """
    text = re.sub(r"\{(?=[{%#])", r"\\u007b", json_text)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def sources(spec: MapSpec) -> list[str]:
    """Every URL that a map fetches, tiles apart."""
    layers = (spec.areas, spec.cells, spec.gaps, spec.points, spec.surface)
    urls = [layer.url for layer in layers if layer]
    urls += [layer.text for layer in layers if isinstance(layer, Polygons) and layer.text]
    return list(dict.fromkeys(urls))


def _plain(value: object) -> object:
    """Dataclasses as dictionaries, without what is empty."""
    if is_dataclass(value):
        parts = {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
        return {key: part for key, part in parts.items() if part not in (None, "", False)}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return dict(value) if isinstance(value, dict) else value
