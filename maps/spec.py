"""
The specification of a map: everything that changes, small enough for one message.

Geometry, texts and pictures are named by URL (`maps.store`). As long as a URL stays,
the map keeps what it has drawn and only changes its styles; so a page builds a new
specification on every run and need not care what the map shows already.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from maps.colours import BORDER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WORDS = ("map", "home", "wheel", "zoom_in", "zoom_out", "failed", "metre", "kilometre")
"""Keys of the words that every map needs."""
TOOLS = ("polygon", "circle", "by_polygon", "by_circle")
"""Keys of the words of the tools that draw an area: their names, and how each is used."""


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
    selected, second
        Row of the polygon that stands out (areas only), or `None`; that of one compared with it.
    dark
        Style of ground or outline on a page in dark colours, if it is not the same there.
    """

    url: str
    styles: tuple[Style, ...]
    classes: str = ""
    text: str = ""
    selected: int | None = None
    second: int | None = None
    dark: Style | None = None


@dataclass(frozen=True)
class Names:
    """Names of places, written where there is room: the URL of `maps.background.names_payload`."""

    url: str


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
        What the map is about.
    green, water, streets, districts, names
        The ground, for finding one's way: nothing on it can be pointed at. From below: surface,
        green, areas, water, cells, streets, districts, gaps, points, names. Districts are off
        until somebody switches them on.
    drawn
        An area that the reader drew, above all but points and names.
    marks
        Numbered places, on top.
    legend, fit, tiles
        As their classes say.
    layers
        Names of the layers that a reader may switch, by field, and `title`, the name of the
        switch; without any there is none.
    tools
        Words of `TOOLS`, where a reader may draw an area; without them there is no tool for it.
    night
        Whether the ground is dark.
    bare
        Whether no area is filled, so that on a page in dark colours the ground is dark too.
    """

    id: str
    language: str
    words: Mapping[str, str]
    areas: Polygons | None = None
    cells: Polygons | None = None
    gaps: Polygons | None = None
    points: Points | None = None
    surface: Surface | None = None
    green: Polygons | None = None
    water: Polygons | None = None
    streets: Polygons | None = None
    districts: Polygons | None = None
    names: Names | None = None
    drawn: Polygons | None = None
    marks: tuple[Mark, ...] = field(default=())
    legend: Legend | None = None
    fit: View | None = None
    tiles: Tiles | None = None
    layers: Mapping[str, str] = field(default_factory=dict)
    tools: Mapping[str, str] = field(default_factory=dict)
    night: bool = False
    bare: bool = False

    def __post_init__(self) -> None:
        """Refuse a specification without every word."""
        missing = [key for key in WORDS if not self.words.get(key)]
        if missing:
            msg = f"`words` lacks {', '.join(missing)}."
            raise ValueError(msg)


def corners(bounds: Sequence[float]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Turn bounds into the two corners that the map asks for."""
    west, south, east, north = (round(float(value), 6) for value in bounds)
    return (south, west), (north, east)
