"""Finds the area that a city is made for: a boundary by name or number, or a drawn polygon."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from analysis.model.crs import local_crs
from analysis.model.errors import SettingsError
from layers.formats.geodata import WGS84
from layers.formats.read import How, read_table
from layers.toml_entry import ask_whether, near_match

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from pyproj import CRS

    from layers.osm.extract import Extract, Shape, Tags

MARGIN_M = 2000.0
"""Facilities and streets so near outside the area are taken too: people walk across its border."""
POLYGON_FILES = (".geojson", ".json", ".gpkg", ".zip")
SETTLEMENTS = ("city", "town", "village", "municipality", "borough", "suburb", "island", "county")
_NUMBER = re.compile(r"(?:(relation|way|r|w)?/?)(\d+)", re.ASCII)
_NAME_KEYS = ("name", "official_name", "int_name", "loc_name", "alt_name", "short_name")
_SHOWN = 8


@dataclass(frozen=True, eq=False)
class Area:
    """
    The area that a city is made for.

    Attributes
    ----------
    polygon, crs
        Its shape, in a metric CRS of its own.
    id, tags, level
        Of the boundary in OpenStreetMap: empty, and 0, for a polygon of one's own.
    """

    polygon: shapely.Geometry
    crs: CRS
    id: str = ""
    level: int = 0
    tags: Tags = field(default_factory=dict)

    def near(self, shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Tell which shapes touch the area or lie at most `MARGIN_M` beside it."""
        wide = shapely.buffer(self.polygon, MARGIN_M)
        shapely.prepare(wide)
        return np.asarray(shapely.intersects(wide, shapes), dtype=bool)


def admin_level(tags: Tags) -> int:
    """Read the administrative level of a boundary; 0 for what is none."""
    level = tags.get("admin_level", "")
    known = tags.get("boundary") == "administrative" and level.isascii() and level.isdigit()
    return int(level[:3]) if known else 0


def find_area(text: str, extract: Extract) -> Area:
    """Find the area that `--area` names: a file, a number of an object, or a name."""
    path = Path(text)
    if path.suffix.lower() in POLYGON_FILES:
        return _of_file(path)
    number = _NUMBER.fullmatch(text.strip())
    chosen = _of_number(number[1], number[2], extract) if number else _of_name(text, extract)
    shape = shapely.from_wkb(chosen.wkb, on_invalid="ignore")
    polygon, crs = _metric([shape], text)
    return Area(polygon, crs, chosen.id, admin_level(chosen.tags), chosen.tags)


def _of_file(path: Path) -> Area:
    table = read_table(path, name=path.name, entry="--area", how=How())
    shapes = [] if table.geometry is None else table.geometry.tolist()
    crs = table.crs if table.crs is not None else WGS84
    degrees = gpd.GeoSeries(shapes, crs=crs).to_crs(4326)
    return Area(*_metric(list(degrees), path.name))


def _metric(shapes: Sequence[shapely.Geometry | None], name: str) -> tuple[shapely.Geometry, CRS]:
    """Join shapes in degrees and measure them in metres."""
    sound = [shapely.make_valid(shape) for shape in shapes if shape is not None]
    flat = [part for part in shapely.get_parts(sound) if shapely.get_dimensions(part) == 2]  # noqa: PLR2004
    joined = shapely.union_all(flat)
    west, south, east, north = shapely.bounds(joined)
    if not (flat and -180 <= west <= east <= 180 and -90 < south <= north < 90):  # noqa: PLR2004
        msg = f"--area: {name} holds no polygon in degrees."
        raise SettingsError(
            msg,
            problem="osm_area_flat",
            hint="Draw a polygon in WGS 84, longitude first.",
            file=name,
        )
    crs = local_crs((west, south, east, north))
    return gpd.GeoSeries([joined], crs=4326).to_crs(crs).make_valid().iloc[0], crs


def _of_number(kind: str | None, number: str, extract: Extract) -> Shape:
    wanted = f"{'way' if kind in {'w', 'way'} else 'relation'}/{number}"
    for shape in extract.shapes:
        if shape.id == wanted:
            return shape
    _refuse_cut([each.id for each in extract.missing if each.id == wanted], wanted)
    msg = f"--area: the extract has no {wanted} that encloses an area."
    raise SettingsError(
        msg,
        problem="osm_area_unknown",
        hint="Look its number up on the map of OpenStreetMap.",
        found=wanted,
    )


def _of_name(text: str, extract: Extract) -> Shape:
    meant = text.strip().casefold()
    places = [shape for shape in extract.shapes if _is_place(shape.tags)]
    found = [shape for shape in places if meant in _names(shape.tags)]
    official = [shape for shape in found if admin_level(shape.tags)]
    if len(official or found) == 1:
        return (official or found)[0]
    if found:
        _refuse_several(text, official or found)
    cut = [m.id for m in extract.missing if _is_place(m.tags) and meant in _names(m.tags)]
    _refuse_cut(cut, text)
    known = {name for shape in places for name in shape.tags.get("name", "").split(";") if name}
    raise _unknown(text, known)


def _unknown(text: str, known: Iterable[str]) -> SettingsError:
    near = near_match(text, sorted(known))
    msg = f"--area: no boundary in the extract is called {text!r}."
    return SettingsError(
        msg,
        problem="osm_area_unknown",
        hint=ask_whether(near) or "Name it as the map does, or give its number or a polygon.",
        found=text,
        near=near,
    )


def _is_place(tags: Tags) -> bool:
    return admin_level(tags) > 0 or tags.get("place") in SETTLEMENTS


def _names(tags: Tags) -> set[str]:
    named = [text for key, text in tags.items() if key in _NAME_KEYS or key.startswith("name:")]
    return {part.strip().casefold() for text in named for part in text.split(";")}


def _refuse_several(text: str, found: Sequence[Shape]) -> None:
    listed = ", ".join(
        f"{shape.id} (admin_level {admin_level(shape.tags) or '–'})" for shape in found[:_SHOWN]
    )
    msg = f"--area: {len(found)} boundaries are called {text!r}: {listed}."
    raise SettingsError(
        msg,
        problem="osm_area_several",
        hint=f"Give its number: --area {found[0].id}",
        name=text,
        count=len(found),
        found=listed,
        example=found[0].id,
    )


def _refuse_cut(cut: Sequence[str], text: str) -> None:
    if cut:
        msg = (
            f"--area: {text} ({cut[0]}) is cut off by the extract: parts of its border are missing."
        )
        raise SettingsError(
            msg,
            problem="osm_area_cut",
            hint="Take a larger extract, or give a polygon of your own.",
            name=text,
            found=cut[0],
        )
