"""Coverage gaps: what of a community lies beyond reach, as land or as where people live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from analysis.access.proximity import nearest_distance
from analysis.access.residents import locate_residents
from analysis.coverage.figures import NETWORK, STRAIGHT, distances_of
from analysis.geometry.buffers import check_measurable, check_service_radius
from analysis.geometry.crossings import sums
from analysis.geometry.disc_cover import DiscCover, prepare_disc_cover
from analysis.geometry.gap_outlines import uncovered_parts
from analysis.geometry.locate import OUTSIDE, community_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.access.prepared_city import PreparedCity
    from analysis.access.residents import Demand
    from analysis.coverage.figures import Distances

MIN_GAP_M2 = 100.0
"""Gaps below this many m² are slivers: about the ground of one small building."""
NOBODY = pd.DataFrame({"x": [], "y": [], "population": []}, dtype=float)
"""Residents where nobody knows any."""
CELLS_M = (50.0, 250.0)
"""Least and greatest side of the square that stands for a place of residents."""


@dataclass(frozen=True, eq=False)
class Gaps:
    """
    The gaps of one kind at one service radius.

    Attributes
    ----------
    frame
        One row a gap, indexed by `gap_id` (`<community_id>-<n>`, the largest is 1):
        community_id, community, parent, area_m2, population (people inside beyond reach;
        only where residents are known), nearest_distance_m (from a point inside the gap
        to the nearest facility; by walking the least of its residents whose path is known),
        geometry (Polygon).
    slivers
        How many gaps below the smallest area were left out.
    sliver_area_m2
        Their area together.
    cell_m
        By walking distance the side of the squares that stand for places of residents.
    """

    frame: gpd.GeoDataFrame
    slivers: int
    sliver_area_m2: float
    cell_m: float | None = None


def _numbered(
    communities: gpd.GeoDataFrame, parts: NDArray[np.object_], of: NDArray[np.int64]
) -> gpd.GeoDataFrame:
    # By community, the largest first, so that numbers run within each community.
    area = shapely.area(parts)
    order = np.lexsort([-area, of])
    parts, of, area = parts[order], of[order], area[order]
    first = np.searchsorted(of, of)
    names = communities.index.to_numpy()[of]
    number = np.arange(len(of)) - first + 1
    return gpd.GeoDataFrame(
        {
            "community_id": names,
            "community": communities["name"].to_numpy()[of],
            "parent": communities["parent"].to_numpy()[of],
            "area_m2": area,
        },
        geometry=parts,
        crs=communities.crs,
        index=[f"{name}-{n}" for name, n in zip(names, number, strict=True)],
    ).rename_axis("gap_id")


def _gap_of(
    demand: Demand,
    community: NDArray[np.int64],
    gaps: gpd.GeoDataFrame,
    *,
    of: NDArray[np.int64],
    parts: NDArray[np.int64],
    beyond: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Gap of each row beyond reach, or none; `of` is each gap's community of so many parts."""
    # Where a community has one gap, all its people beyond reach live in that; only where it has
    # several is the gap looked for. The last row stands for people outside all communities.
    only = np.full(len(parts) + 1, OUTSIDE)
    only[of] = np.where(parts[of] == 1, np.arange(len(of)), OUTSIDE)
    community = community[beyond]
    gap = only[community]
    several = np.flatnonzero((np.append(parts, 0) > 1)[community])
    candidates = np.flatnonzero(parts[of] > 1)
    x, y = demand.places(beyond[several]).T
    place = community_of(x, y, gaps.iloc[candidates])
    found = candidates[place] if len(candidates) else OUTSIDE
    gap[several] = np.where(place == OUTSIDE, OUTSIDE, found)
    astray = several[place == OUTSIDE]  # on water, or in a sliver that is left out
    gap[astray] = _nearest_gap(demand.places(beyond[astray]), community[astray], gaps, of)
    return gap


def _people_of(
    gap: NDArray[np.int64], people: NDArray[np.float64], gaps: int
) -> NDArray[np.float64]:
    """Sum people by gap; those in none are left out."""
    inside = gap != OUTSIDE
    return sums(gap[inside], people[inside], gaps)


def _nearest_gap(
    places: NDArray[np.float64],
    community: NDArray[np.int64],
    gaps: gpd.GeoDataFrame,
    of: NDArray[np.int64],
) -> NDArray[np.int64]:
    """
    Find the nearest gap of the same community, or none where it has none.

    Gaps stand in the order of the communities, so those of one are a run: place 0 is compared
    with gaps 4 5 6, place 1 with 9 10, and of each run the nearest is taken.
    """
    first = np.searchsorted(of, community, side="left")
    number = np.searchsorted(of, community, side="right") - first
    row = np.repeat(np.arange(len(places)), number)
    start = np.cumsum(number) - number
    pair = np.repeat(first, number) + np.arange(len(row)) - np.repeat(start, number)
    away = shapely.distance(gaps.geometry.to_numpy()[pair], shapely.points(places[row]))
    order = np.lexsort([away, row])
    nearest = np.full(len(places), OUTSIDE)
    some = number > 0
    nearest[some] = pair[order][start[some]]
    return nearest


def _community_positions(demand: Demand, communities: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Position in `communities` of each resident row: some of those located may be left out."""
    place = communities.index.get_indexer(demand.communities)
    return np.append(place, OUTSIDE)[demand.membership]


def gaps_of(
    prepared: PreparedCity, kind: str, *, service_radius: float, measure: str = STRAIGHT
) -> Gaps:
    """
    Draw what lies beyond reach of a kind, on the land of a city that is prepared for it.

    Parameters
    ----------
    prepared
        The city.
    kind
        One that the city has a layer for.
    service_radius
        Greatest distance served, in metres.
    measure
        `STRAIGHT`, or `NETWORK` in a city `with_shortest_paths`.

    Returns
    -------
    gaps
        As from `gap_polygons`, or by walking distance from `resident_gaps`, of communities without
        their water.
    """
    if measure == NETWORK:
        dry = prepared.community_land.dry
        demand = prepared.demand or locate_residents(NOBODY, dry)
        distances = distances_of(prepared, kind, measure)
        return resident_gaps(dry, demand, distances, service_radius=service_radius)
    supply = prepared.supply[kind]
    return gap_polygons(
        prepared.community_land.dry,
        supply.facilities,
        service_radius=service_radius,
        demand=prepared.demand,
        cover=supply.cover,
        distance=supply.distance,
    )


def resident_gaps(
    communities: gpd.GeoDataFrame,
    demand: Demand,
    distances: Distances,
    *,
    service_radius: float,
    min_area: float = MIN_GAP_M2,
) -> Gaps:
    """
    Draw where the residents live who are beyond reach for certain, community by community.

    Walking distance is known of places of residents alone, not of land between them. So each place
    beyond reach is drawn as a square, as large as places lie apart (`cell_side`), cut at its
    community; squares that touch are one gap. A square may hold other places that are within reach.

    Parameters
    ----------
    communities
        Polygons with name and parent, in a metric CRS.
    demand
        Residents located in these communities, or in more.
    distances
        To the nearest facility (`analysis.coverage.figures.distances_of`); a place is beyond reach
        where even the least possible distance is above the radius.
    service_radius
        Greatest distance served, in metres.
    min_area
        Gaps below this many m² are counted and left out; their people count for the nearest gap.

    Returns
    -------
    gaps
        In the order of `communities`, each community's largest first; people of all gaps are those
        beyond reach.

    Raises
    ------
    ValueError
        If `service_radius` is not positive.
    """
    check_service_radius(service_radius)
    community, side = _community_positions(demand, communities), cell_side(demand)
    beyond = np.flatnonzero(
        (distances.least > service_radius) & (demand.people > 0) & (community != OUTSIDE)
    )
    beyond = beyond[np.argsort(community[beyond], kind="stable")]
    parts, of = _lived_in(demand.places(beyond), community[beyond], communities, side)
    area = shapely.area(parts)
    sliver = area < min_area
    frame = _numbered(communities, parts[~sliver], of[~sliver])
    gap = _gap_of(
        demand,
        community,
        frame,
        of=np.sort(of[~sliver]),
        parts=np.bincount(of, minlength=len(communities)),
        beyond=beyond,
    )
    frame["population"] = _people_of(gap, demand.people[beyond], len(frame))
    nearest = np.full(len(frame) + 1, np.inf)  # the last stands for no gap
    np.minimum.at(nearest, gap, distances.known[beyond])
    frame["nearest_distance_m"] = np.where(np.isfinite(nearest[:-1]), nearest[:-1], np.nan)
    return Gaps(frame, int(sliver.sum()), float(area[sliver].sum()), side)


def _lived_in(
    places: NDArray[np.float64],
    community: NDArray[np.int64],
    communities: gpd.GeoDataFrame,
    side: float,
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Dissolve a square around each place by community, ascending; give parts and communities."""
    if side == CELLS_M[0]:  # lots lie denser: one square stands for all within a half of its side
        near = np.column_stack([community, np.round(places / (side / 2))])
        community, *axes = np.unique(near, axis=0).astype(np.int64).T
        places = np.column_stack(axes) * (side / 2)
    corners = np.hstack([places - side / 2, places + side / 2])
    squares = np.asarray(shapely.box(*corners.T), dtype=object)
    lived_in, first = np.unique(community, return_index=True)
    joined = np.empty(len(lived_in), dtype=object)
    joined[:] = [shapely.union_all(part) for part in np.split(squares, first[1:]) if len(part)]
    cut = shapely.intersection(joined, communities.geometry.to_numpy()[lived_in])
    parts, row = shapely.get_parts(cut, return_index=True)
    polygons = shapely.get_dimensions(parts) == 2  # noqa: PLR2004  a border touched is no area
    return parts[polygons], lived_in[row[polygons]]


def cell_side(demand: Demand) -> float:
    """
    Tell how large a square stands for a place of residents.

    Parameters
    ----------
    demand
        Located residents.

    Returns
    -------
    side
        The median distance between a lived-in place and the next, rounded up to whole metres and
        within `CELLS_M`: the side of the cells where residents are counted on a grid, the breadth
        of a lot where they are counted by lots.
    """
    places = np.unique(demand.places((demand.people > 0) & (demand.membership != OUTSIDE)), axis=0)
    if len(places) < 2:  # noqa: PLR2004  one place has no neighbour
        return CELLS_M[1]
    apart = cKDTree(places).query(places, k=2)[0][:, 1]
    return float(np.clip(np.ceil(np.median(apart)), *CELLS_M))


def gap_polygons(
    communities: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    service_radius: float,
    demand: Demand | None = None,
    min_area: float = MIN_GAP_M2,
    cover: DiscCover | None = None,
    distance: NDArray[np.float64] | None = None,
) -> Gaps:
    """
    Draw what no facility reaches, community by community.

    A gap is a connected part of a community beyond the service radius of every facility,
    whichever community the facility is in. Reach is the straight line. Circles are drawn
    as 256-gons of the same area, which stray from them by 5e-5 of the service radius.
    So area covered + gaps + slivers is the area of the community, to 1e-6 of it.

    Parameters
    ----------
    communities
        Polygons with name and parent, in a metric CRS.
    facilities
        Points in the same CRS that count as supply. None at all: every community is a gap.
    service_radius
        Greatest distance served, in metres.
    demand
        Residents located in these communities, or in more; without them the gaps have no
        population. Those whose point lies in no gap drawn (on water, in a sliver) count for
        the nearest gap of their community.
    min_area
        Gaps below this many m² are counted and left out.
    cover
        Of these communities and facilities (`prepare_disc_cover`), if it is at hand.
    distance
        From each resident row to the nearest of these facilities
        (`analysis.access.proximity.nearest_distance`), if it is at hand.

    Returns
    -------
    gaps
        In the order of `communities`, each community's largest first.

    Raises
    ------
    CrsError
        If the CRS is not metric, or the two frames differ in it.
    ValueError
        If `service_radius` is not positive.
    """
    check_service_radius(service_radius)
    check_measurable(communities, facilities)
    shapes = communities.geometry.to_numpy()
    parts, of = shapes, np.arange(len(shapes))
    if len(shapes):
        if cover is None:
            cover = prepare_disc_cover(communities, facilities)
        parts, of = uncovered_parts(shapes, cover, service_radius=service_radius)
    area = shapely.area(parts)
    sliver = area < min_area
    frame = _numbered(communities, parts[~sliver], of[~sliver])
    if demand is not None:
        if distance is None:
            distance = nearest_distance(demand.x, demand.y, facilities)
        beyond = np.flatnonzero(distance > service_radius)
        gap = _gap_of(
            demand,
            _community_positions(demand, communities),
            frame,
            of=np.sort(of[~sliver]),
            parts=np.bincount(of, minlength=len(communities)),
            beyond=beyond,
        )
        frame["population"] = _people_of(gap, demand.people[beyond], len(frame))
    inner = shapely.get_coordinates(shapely.point_on_surface(frame.geometry.to_numpy()))
    frame["nearest_distance_m"] = nearest_distance(inner[:, 0], inner[:, 1], facilities)
    return Gaps(
        frame=frame,
        slivers=int((sliver & (area > 0)).sum()),
        sliver_area_m2=float(area[sliver].sum()),
    )
