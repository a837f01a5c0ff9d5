"""Facilities by the tags of their kinds: nodes, areas, lines; what is one place counts once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.osm.shapes import Aside, metric_points, metric_polygons, missing_of, names_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.model.standards import Kind
    from layers.osm.extract import Extract, Tags
    from layers.osm.study_area import Area

NOT_PUBLIC = ("private", "no", "customers", "members", "permit", "employees", "residents")
"""Values of `access` with which a facility is not open to everybody."""
SAME_PLACE_M = 5.0
"""Two nodes of one name so near are one facility; nothing tells of those without a name."""
_GONE = ("disused", "abandoned", "demolished")
_COLUMNS = ("id", "name", "name_en", "name_zh", "status")


def is_of_kind(tags: Tags, kind: Kind) -> bool:
    """Tell whether tags are those of a kind."""
    pairs = (tag.partition("=") for tag in kind.osm)
    return any(tags.get(key) == value for key, _, value in pairs)


def facilities_of(kind: Kind, extract: Extract, area: Area) -> tuple[gpd.GeoDataFrame, list[Aside]]:
    """Make the facilities of one kind, and list the objects of its tags that are none."""
    found = _found(kind, extract, area)
    aside = missing_of(extract, kind.id, [is_of_kind(each.tags, kind) for each in extract.missing])
    wrong = _wrong(found, area)
    aside += [_aside(kind, found, i, *why) for i, why in wrong.items()]
    found = found.drop(index=list(wrong)).reset_index(drop=True)
    within = _within(found)
    again = _same_place(found, within)
    for reason, others in (("within_other", within), ("same_place", again)):
        aside += [_aside(kind, found, i, reason, found["id"][j]) for i, j in others.items()]
    return _frame(kind, found.drop(index=[*within, *again]), area), aside


def _aside(kind: Kind, found: pd.DataFrame, i: int, reason: str, detail: str) -> Aside:
    tags: Tags = found["tags"][i]
    return Aside(kind.id, str(found["id"][i]), tags.get("name", ""), reason, str(detail))


def _wrong(found: pd.DataFrame, area: Area) -> dict[int, tuple[str, str]]:
    """Say which objects cannot be taken, each with the first reason and its detail."""
    shapes = found["shape"].to_numpy(dtype=object)
    lost = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    near = area.near(shapes)
    reasons: dict[int, tuple[str, str]] = {}
    for i, tags in enumerate(found["tags"].tolist()):
        if lost[i]:
            reasons[i] = ("shape_broken", "")
        elif not near[i]:
            reasons[i] = ("outside", "")
        elif tags.get("access") in NOT_PUBLIC:
            reasons[i] = ("not_public", f"access={tags['access']}")
    return reasons


def _found(kind: Kind, extract: Extract, area: Area) -> pd.DataFrame:
    """Lay the objects of a kind side by side: shape, point that stands for it, tags."""
    points = [each for each in extract.points if is_of_kind(each.tags, kind)]
    shapes = [each for each in extract.shapes if is_of_kind(each.tags, kind)]
    lines = [(name, tags, xy) for name, tags, xy in extract.lines if is_of_kind(tags, kind)]
    drawn = [
        metric_points([each.lon for each in points], [each.lat for each in points], area.crs),
        metric_polygons(shapes, area.crs),
        _metric_lines([xy for _, _, xy in lines], area),
    ]
    return pd.DataFrame(
        {
            "id": [
                *(e.id for e in points),
                *(e.id for e in shapes),
                *(name for name, _, _ in lines),
            ],
            "tags": [
                *(e.tags for e in points),
                *(e.tags for e in shapes),
                *(t for _, t, _ in lines),
            ],
            "shape": np.concatenate(drawn) if len(points) + len(shapes) + len(lines) else [],
        }
    )


def _metric_lines(
    places: Sequence[Sequence[tuple[float, float]]], area: Area
) -> NDArray[np.object_]:
    drawn = [shapely.MultiPoint(xy) if len(xy) == 1 else shapely.LineString(xy) for xy in places]
    metres = gpd.GeoSeries(drawn, crs=4326).to_crs(area.crs)
    return np.asarray(metres.to_numpy(), dtype=object)


def _within(found: pd.DataFrame) -> dict[int, int]:
    """Say which facilities stand in the area of another of their kind, and in which."""
    shapes = found["shape"].to_numpy(dtype=object)
    areas = np.flatnonzero(shapely.area(shapes) > 0)
    if not len(areas):
        return {}
    tree = shapely.STRtree(shapes[areas])
    inner, outer = tree.query(shapely.point_on_surface(shapes), predicate="intersects")
    size = shapely.area(shapes)
    other = areas[outer]
    # of two areas the larger holds the other; of equal ones the first
    holds = (size[other] > size[inner]) | ((size[other] == size[inner]) & (other < inner))
    pairs = pd.Series(other[holds], index=inner[holds])
    largest = pairs[~pairs.index.duplicated()] if len(pairs) else pairs
    return {int(i): _outermost(int(i), largest) for i in largest.index}


def _outermost(start: int, holder: pd.Series) -> int:
    """Follow areas within areas to the one that is kept."""
    there = start
    while there in holder.index:
        there = int(holder[there])
    return there


def _same_place(found: pd.DataFrame, gone: dict[int, int]) -> dict[int, int]:
    """Say which nodes are nodes of the same name over again."""
    named = [
        i
        for i, tags in enumerate(found["tags"])
        if tags.get("name") and found["id"][i].startswith("node/") and i not in gone
    ]
    if not named:
        return {}
    shapes = found["shape"].to_numpy(dtype=object)[named]
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=SAME_PLACE_M)
    same: dict[int, int] = {}
    for i, j in sorted(zip(left.tolist(), right.tolist(), strict=True)):
        first, again = named[i], named[j]
        alike = found["tags"][first]["name"] == found["tags"][again]["name"]
        if first < again and alike and first not in same:
            same.setdefault(again, first)
    return same


def _frame(kind: Kind, found: pd.DataFrame, area: Area) -> gpd.GeoDataFrame:
    rows = [
        {
            "id": name,
            **names_of(tags),
            "status": _status(tags),
            **{column: _value(tags, key) for column, key in kind.osm_columns.items()},
        }
        for name, tags in zip(found["id"], found["tags"].tolist(), strict=True)
    ]
    columns = [*_COLUMNS, *kind.osm_columns]
    frame = pd.DataFrame(rows, columns=columns, dtype="str")
    told = [name for name in columns if name in {"id", "name", "status"} or frame[name].any()]
    points = shapely.point_on_surface(found["shape"].to_numpy(dtype=object))
    return gpd.GeoDataFrame(frame[told], geometry=points, crs=area.crs)


def _status(tags: Tags) -> str:
    """What is on the map exists; whether it is in service nobody states."""
    gone = any(tags.get(key) == "yes" for key in _GONE) or tags.get("opening_hours") in {
        "closed",
        "off",
    }
    return "closed" if gone else "unknown"


def _value(tags: Tags, key: str) -> str:
    """Read a column: the text under a key, a flag set by values of it, or the address."""
    if key == "addr:*":
        street = " ".join(filter(None, (tags.get("addr:street"), tags.get("addr:housenumber"))))
        return tags.get("addr:full", street)
    name, flag, values = key.partition("=")
    text = tags.get(name, "")
    if flag and text:
        return "yes" if text in values.split("|") else "no"
    return text
