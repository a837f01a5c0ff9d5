"""Ground of the demo city: outline, river, communities and residents, in metres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from tools.demo_city.shapes import wavy_cells
from tools.demo_city.words import COMMUNITIES, DISTRICTS, SUBDISTRICTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

HALF_WIDTH, HALF_HEIGHT = 5000.0, 4000.0
RIVER_HALF_WIDTH = 105.0
CELL = 100.0
PEOPLE = 512_000
HILL_CENTRE, HILL_RADIUS = (-3500.0, 2700.0), 700.0
WORKS_CENTRE, WORKS_RADIUS = (3900.0, -1300.0), 700.0
VILLAGE_SPREAD = 260.0
OLD_TOWN = (-100.0, 900.0)


@dataclass(frozen=True)
class CommunityLand:
    """
    The city before anything stands on it; coordinates in metres from its middle.

    Attributes
    ----------
    communities
        Names, sub-districts and seeds, indexed by `community_id`.
    polygons
        In the same order.
    river
        Its water.
    residents
        People by 100 m cell, `home` is the row of the community.
    village
        Row of the community whose people all live close to its seed.
    """

    communities: pd.DataFrame
    polygons: NDArray[np.object_]
    river: shapely.Polygon
    residents: pd.DataFrame
    village: int

    def home_of(self, points: Floats) -> NDArray[np.int64]:
        """Row of the community that holds each point, -1 outside the city."""
        home = np.full(len(points), -1, dtype=np.int64)
        found, community = shapely.STRtree(self.polygons).query(
            shapely.points(points), predicate="within"
        )
        home[found] = community
        return home


def river_line(x: Floats) -> Floats:
    """Northing of the middle of the river at easting `x`."""
    return -350 - 0.1 * x + 620 * np.sin(x / 2100 + 0.4) + 160 * np.sin(x / 820 + 1)


def inside_outline(points: Floats) -> NDArray[np.bool_]:
    """Whether points lie within the uneven outline of the city."""
    x, y = points[:, 0] / HALF_WIDTH, points[:, 1] / HALF_HEIGHT
    angle = np.arctan2(y, x)
    limit = 1 + 0.07 * np.sin(3 * angle + 1) + 0.05 * np.sin(5 * angle)
    inside: NDArray[np.bool_] = np.hypot(x, y) < limit
    return inside


def _river_seeds(rng: np.random.Generator) -> Floats:
    """Pairs of seeds mirrored across the river, so that it becomes a border."""
    x = np.arange(-9000.0, 9001.0, 30.0)
    line = np.column_stack([x, river_line(x)])
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    stops = np.cumsum(rng.uniform(780, 1080, 25))
    stops = stops[stops < along[-1]]
    at = np.column_stack([np.interp(stops, along, line[:, axis]) for axis in (0, 1)])
    ahead = np.column_stack([np.interp(stops + 30, along, line[:, axis]) for axis in (0, 1)])
    tangent = (ahead - at) / np.hypot(*(ahead - at).T)[:, None]
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    offset = rng.uniform(380, 520, len(stops))[:, None]
    return np.concatenate([at + offset * normal, at - offset * normal])


def _seeds(rng: np.random.Generator) -> Floats:
    """River pairs, then seeds that keep a distance growing from the middle outwards."""
    taken = list(_river_seeds(rng))
    tries = rng.uniform(-1, 1, (6000, 2)) * (2 * HALF_WIDTH, 2 * HALF_HEIGHT)
    for point in tries:
        spacing = min(590 + 0.10 * float(np.hypot(*point)), 1300)
        if abs(point[1] - river_line(point[0])) < 830:
            continue
        if np.hypot(*(np.array(taken) - point).T).min() > spacing:
            taken.append(point)
    return np.array(taken)


def _parents(seeds: Floats) -> NDArray[np.int64]:
    """Nearest centre of a sub-district on the seed's own bank."""
    centres = np.array([row[2:] for row in SUBDISTRICTS], dtype=float)
    far = np.hypot(*(seeds[:, None] - centres[None]).transpose(2, 0, 1))
    bank = seeds[:, 1] > river_line(seeds[:, 0])
    far[bank[:, None] != (centres[:, 1] > river_line(centres[:, 0]))[None]] = np.inf
    return far.argmin(axis=1)


def _communities(seeds: Floats) -> pd.DataFrame:
    parents = _parents(seeds)
    rank = np.hypot(*(seeds - OLD_TOWN).T).argsort().argsort()
    frame = pd.DataFrame(
        {
            "name": [COMMUNITIES[place][0] + "社区" for place in rank],
            "name_en": [COMMUNITIES[place][1] + " Community" for place in rank],
            "parent": [SUBDISTRICTS[parent][0] for parent in parents],
            "parent_en": [SUBDISTRICTS[parent][1] + " Subdistrict" for parent in parents],
            "x": seeds[:, 0],
            "y": seeds[:, 1],
        }
    )
    above = {each: (zh, f"{en} District") for zh, en, parts in DISTRICTS for each in parts}
    frame["parent_2"], frame["parent_2_en"] = zip(*frame["parent"].map(above), strict=True)
    number = frame.groupby(parents).cumcount() + 1
    frame.index = pd.Index(
        [f"99010{parent + 1}{place:03d}" for parent, place in zip(parents, number, strict=True)],
        name="community_id",
    )
    return frame


def _river(edges: NDArray[np.object_]) -> shapely.Polygon:
    """Smooth the border between the banks and widen it."""
    chain = shapely.line_merge(shapely.multilinestrings(list(edges)))
    points = shapely.get_coordinates(chain.segmentize(25.0))
    window = np.hanning(41)
    padded = np.pad(points, ((20, 20), (0, 0)), mode="reflect", reflect_type="odd")
    smooth = np.column_stack(
        [np.convolve(padded[:, axis], window / window.sum(), "valid") for axis in (0, 1)]
    )
    return shapely.LineString(smooth[::4]).buffer(RIVER_HALF_WIDTH, cap_style="flat")


def _density(points: Floats, rng: np.random.Generator) -> Floats:
    """People per cell before scaling: an even built-up area, fading outwards, in blocks."""
    from_centre = np.hypot(points[:, 0] / HALF_WIDTH, points[:, 1] / HALF_HEIGHT)
    density = 1.1 - 0.2 * np.clip(from_centre, 0, 1)
    block = np.floor(points / 300).astype(np.int64) + 100
    factor = rng.lognormal(0, 0.14, (200, 200)) * (rng.random((200, 200)) > 0.03)
    density *= factor[block[:, 0], block[:, 1]] * rng.lognormal(0, 0.25, len(points))
    density[np.hypot(*(points - HILL_CENTRE).T) < HILL_RADIUS] = 0
    density[np.hypot(*(points - WORKS_CENTRE).T) < WORKS_RADIUS] *= 0.12
    return density


def _residents(
    polygons: NDArray[np.object_],
    river: shapely.Polygon,
    village: int,
    village_centre: Floats,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """People per 100 m cell, with the row of their community; empty cells are left out."""
    axis = np.arange(-8000.0, 8000.0, CELL) + CELL / 2
    points = np.array(np.meshgrid(axis, axis)).reshape(2, -1).T
    cell, home = shapely.STRtree(polygons).query(shapely.points(points), predicate="within")
    cell, home = cell[order := np.argsort(cell)], home[order]
    points = points[cell]
    density = _density(points, rng)
    shapely.prepare(river)
    wet = shapely.dwithin(river, shapely.points(points), 45)
    far = np.hypot(*(points - village_centre).T)
    density[wet | ((home == village) & (far > VILLAGE_SPREAD))] = 0
    people = rng.poisson(density * PEOPLE / density.sum())
    frame = pd.DataFrame({"x": points[:, 0], "y": points[:, 1], "population": people, "home": home})
    return frame[frame["population"] > 0].reset_index(drop=True)


def make_ground(rng: np.random.Generator) -> CommunityLand:
    """
    Lay out the city.

    Communities share their borders exactly; the river runs along borders, so no community
    lies on both banks; nobody lives in it, on the hill or outside.
    """
    seeds = _seeds(rng)
    inner = inside_outline(seeds)
    north = seeds[:, 1] > river_line(seeds[:, 0])
    cells = wavy_cells(seeds, inner, rng, step=28, roughness=0.3, calm=north)
    bank = north[cells.pairs[:, 0]] != north[cells.pairs[:, 1]]
    river = _river(cells.edges[bank])
    seeds = seeds[inner]
    area = np.where(np.hypot(*seeds.T) > 3200, shapely.area(cells.polygons), 0)
    area[shapely.intersects(cells.polygons, river.buffer(300))] = 0
    area[np.hypot(*(seeds - HILL_CENTRE).T) < 1800] = 0
    village = int(area.argmax())
    residents = _residents(cells.polygons, river, village, seeds[village], rng)
    return CommunityLand(_communities(seeds), cells.polygons, river, residents, village)
