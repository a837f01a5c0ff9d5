"""Places at which a new facility could stand, thinned so that each adds something of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree

from analysis.coverage.additions import SITE_SPACING
from analysis.model.errors import SampleError
from analysis.model.question import GRID_SITES, HOME_SITES

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from analysis.access.prepared_city import PreparedCity


def candidate_sites(
    prepared: PreparedCity,
    wanting: NDArray[np.float64],
    *,
    service_radius: float,
    among: str = HOME_SITES,
    streets: gpd.GeoDataFrame | None = None,
) -> NDArray[np.float64]:
    """
    List possible sites from which somebody who wants one would be reached.

    Parameters
    ----------
    prepared
        The city, with residents.
    wanting
        Places of people who want a facility, in metres, n × 2.
    service_radius
        Metres.
    among
        `homes`: where residents live; `grid`: a lattice over dry land; `streets`: ends of
        street edges.
    streets
        The streets in the CRS of the city, for `streets`.

    Returns
    -------
    xy
        Metres, n × 2, one a square of a third of the radius: nearer sites gain little more.
        The first in the order of the data stands for its square.

    Raises
    ------
    SampleError
        If it is not known where residents live, or `streets` are asked for and there are none.
    """
    demand = prepared.demand
    if demand is None:
        msg = "no residents layer tells where people live: sites cannot be compared."
        raise SampleError(msg, problem="siting_no_residents")
    spacing = service_radius * SITE_SPACING
    if not len(wanting):
        return np.empty((0, 2))
    if among == HOME_SITES:
        places = demand.places(demand.people > 0)
    elif among == GRID_SITES:
        places = _lattice(prepared, wanting, service_radius, spacing)
    else:
        places = _street_ends(streets)
    near = cKDTree(wanting).query(places)[0] <= service_radius
    return _one_a_square(places[near], spacing)


def given_sites(
    sites: gpd.GeoDataFrame, wanting: NDArray[np.float64], *, service_radius: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    Take possible sites as given, those from which somebody who wants one would be reached.

    Parameters
    ----------
    sites
        Points in the CRS of the city, with `cost`.
    wanting
        Places of people who want a facility, in metres, n × 2.
    service_radius
        Metres; infinite to take all.

    Returns
    -------
    xy, cost
        Of each; of several on one place the cheapest, then the first.
    """
    xy = np.column_stack([sites.geometry.x, sites.geometry.y])
    cost = sites["cost"].to_numpy(float)
    order = np.lexsort((np.arange(len(xy)), cost, xy[:, 1], xy[:, 0]))
    first = np.ones(len(xy), dtype=bool)
    first[1:] = (xy[order[1:]] != xy[order[:-1]]).any(axis=1)
    kept = np.sort(order[first])
    if len(wanting):
        kept = kept[cKDTree(wanting).query(xy[kept])[0] <= service_radius]
    return xy[kept], cost[kept]


def may_stand(
    xy: NDArray[np.float64],
    within: shapely.Geometry | None,
    outside: shapely.Geometry | None,
) -> NDArray[np.bool_]:
    """
    Tell which sites stand where they may.

    Parameters
    ----------
    xy
        Metres, n × 2.
    within
        Where alone they may stand; `None` for everywhere.
    outside
        Where they may not; `None` for nowhere.

    Returns
    -------
    allowed
        One truth value a site; the border of a zone belongs to it.
    """
    points = shapely.points(xy)
    allowed = np.ones(len(xy), dtype=bool)
    for zone, inside in ((within, True), (outside, False)):
        if zone is not None:
            shapely.prepare(zone)
            allowed &= shapely.intersects(zone, points) == inside
    return allowed


def _lattice(
    prepared: PreparedCity,
    wanting: NDArray[np.float64],
    service_radius: float,
    spacing: float,
) -> NDArray[np.float64]:
    """Lay a lattice over the places that want one, on land of some community."""
    low, high = wanting.min(axis=0) - service_radius, wanting.max(axis=0) + service_radius
    x, y = (np.arange(start, end, spacing) for start, end in zip(low, high, strict=True))
    places = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    near = cKDTree(wanting).query(places, distance_upper_bound=service_radius)[0]
    places = places[np.isfinite(near)]
    dry = shapely.STRtree(prepared.community_land.dry.geometry.to_numpy())
    inside = dry.query(shapely.points(places), predicate="intersects")[0]
    on_land: NDArray[np.float64] = places[np.unique(inside)]
    return on_land


def _street_ends(streets: gpd.GeoDataFrame | None) -> NDArray[np.float64]:
    if streets is None or not len(streets):
        msg = "the city has no layer of streets: sites at street corners cannot be listed."
        raise SampleError(msg, problem="siting_no_streets")
    lines = streets.geometry.to_numpy()
    ends = [shapely.get_point(lines, place) for place in (0, -1)]
    corners: NDArray[np.float64] = np.unique(shapely.get_coordinates(np.concatenate(ends)), axis=0)
    return corners


def _one_a_square(places: NDArray[np.float64], spacing: float) -> NDArray[np.float64]:
    squares = np.floor(places / spacing).astype(np.int64)
    first = np.unique(squares, axis=0, return_index=True)[1]
    kept: NDArray[np.float64] = places[np.sort(first)]
    return kept
