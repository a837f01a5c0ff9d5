"""
Share of each community's area within reach of any facility, with exact circles.

No polygon of the reach is made. By Green's theorem the area of a community inside a
union of discs is a sum along its outline: the covered parts of the community's own
edges, and the exposed arcs of the discs that run through it (`analysis.geometry.crossings`). What
does not depend on the radius is prepared once, so one more radius costs a fraction of
the first. A community whose crossings do not add up is measured by polygons instead
(`analysis.geometry.buffers`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.geometry.arcs import Centres, jitter, prepare_centres
from analysis.geometry.buffers import (
    FINE_QUAD_SEGS,
    check_measurable,
    check_service_radius,
    covered_area_by_polygons,
    unique_points,
)
from analysis.geometry.crossings import Meeting, meet, sums
from analysis.geometry.edges import Borders, prepare_borders

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

TOLERANCE = 1e-6
"""Share by which rounding may leave [0, 1] before a community is measured again."""


@dataclass(frozen=True, eq=False)
class DiscCover:
    """
    Communities and the facilities around them, prepared for any service radius.

    Nothing in it changes but what was met last; threads may share it.

    Attributes
    ----------
    index
        Of the communities.
    area
        Of each community, in m².
    borders
        The communities' edges.
    centres
        The facilities' places, or `None` where there are none.
    nearest
        Metres from the start of each edge to the nearest facility.
    met
        The last meeting asked for, if any: shares and gaps of one radius need the same.
    """

    index: pd.Index
    area: NDArray[np.float64]
    borders: Borders
    centres: Centres | None
    nearest: NDArray[np.float64]
    met: list[Meeting] = field(default_factory=list)

    def covered_area(self, service_radius: float) -> pd.Series[float]:
        """
        Measure the area of each community within reach.

        Parameters
        ----------
        service_radius
            Greatest distance served, in metres.

        Returns
        -------
        covered_area
            m², on the index of the communities; between 0 and their area.

        Raises
        ------
        ValueError
            If `service_radius` is not positive.
        """
        check_service_radius(service_radius)
        if self.centres is None:
            return pd.Series(0.0, index=self.index, name="covered_area")
        meeting = self.meeting(service_radius)
        covered = enclosed_area(self.borders, self.centres, meeting)
        again = np.flatnonzero(meeting.doubtful | out_of_range(covered, self.area))
        if len(again):
            covered[again] = covered_area_by_polygons(
                self.borders.polygons[again],
                self.centres.points,
                service_radius=service_radius,
                quad_segs=FINE_QUAD_SEGS,
            )
        return pd.Series(np.clip(covered, 0, self.area), index=self.index, name="covered_area")

    def meeting(self, service_radius: float) -> Meeting:
        """
        Find where borders and reach meet; the last answer is kept for who asks next.

        Parameters
        ----------
        service_radius
            Greatest distance served, in metres.

        Returns
        -------
        meeting
            From `analysis.geometry.crossings.meet`.

        Raises
        ------
        ValueError
            If there is no facility.
        """
        if self.centres is None:
            msg = "without facilities nothing is met"
            raise ValueError(msg)
        last = self.met[0] if self.met else None
        if last is None or last.radius != service_radius:
            last = meet(self.borders, self.centres, self.nearest, radius=service_radius)
            self.met[:] = [last]
        return last


def out_of_range(covered: NDArray[np.float64], area: NDArray[np.float64]) -> NDArray[np.bool_]:
    """
    Tell covered areas that cannot be.

    Parameters
    ----------
    covered, area
        m² covered and in all, one a community.

    Returns
    -------
    wrong
        Truth where the share leaves [0, 1] by more than `TOLERANCE`.
    """
    return np.abs(covered - area / 2) > (0.5 + TOLERANCE) * area


def _swept(
    angle: NDArray[np.float64], arm: NDArray[np.float64], radius: float
) -> NDArray[np.float64]:
    """Antiderivative of x dy - y dx along circles whose centres lie at `arm`."""
    return radius * (radius * angle + arm[:, 0] * np.sin(angle) - arm[:, 1] * np.cos(angle))


def enclosed_area(borders: Borders, centres: Centres, meeting: Meeting) -> NDArray[np.float64]:
    """
    Sum the covered area of each community along its outline.

    Parameters
    ----------
    borders, centres, meeting
        Edges, discs, and where they meet.

    Returns
    -------
    covered
        m², one a community; not to be trusted where `meeting.doubtful`.
    """
    # Green: twice the area is the integral of x dy - y dx along the outline of what is covered,
    # taken about a point near each community. First the covered parts of its own edges: of a
    # triangle with that point the share of the edge that is covered. Summed over the crossings
    # of an edge that is 1 or 0, as its end is covered or not, less their signed places:
    #
    #     start ──────X══════════X──── end      share = 0 - (t1 - t2)
    #                 t1 (+)     t2 (-)
    crossings, passages, arcs = meeting.crossings, meeting.passages, meeting.arcs
    count, thin, radius = len(borders.polygons), meeting.thin, meeting.radius
    moved = sums(crossings.edge, crossings.sign * crossings.place, len(borders.length))
    share = meeting.covered.astype(float)
    share[thin] = meeting.covered[borders.following[thin]] - moved[thin]
    twice = sums(borders.community, share * borders.twice_area, count)

    # Then the arcs inside the community, counter-clockwise: ends of whole arcs that lie in it …
    arm = centres.points[arcs.circle[passages.arc]] - borders.centre[passages.community]
    swept = passages.ends * _swept(arcs.end[passages.arc], arm, radius)
    swept -= passages.starts * _swept(arcs.start[passages.arc], arm, radius)
    twice += sums(passages.community, swept, count)

    # … and the crossings, where an arc comes into the community or leaves it.
    community = borders.community[crossings.edge]
    arm = centres.points[arcs.circle[crossings.arc]] - borders.centre[community]
    twice += sums(community, crossings.sign * _swept(crossings.angle, arm, radius), count)
    return twice / 2


def prepare_disc_cover(
    communities: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    borders: Borders | None = None,
) -> DiscCover:
    """
    Prepare one community layer and one set of facilities for any service radius.

    Parameters
    ----------
    communities
        Valid polygons in a metric CRS, at least one; holes, parts and overlaps are allowed.
    facilities
        Points in the same CRS that count as supply, wherever they lie; none at all is
        allowed. Several at one place count as one.
    borders
        Of the same communities, from `analysis.geometry.edges.prepare_borders`, where they
        are taken apart already: they serve any facilities.

    Returns
    -------
    cover
        To ask for the covered area at one radius after another.

    Raises
    ------
    CrsError
        If the CRS is not metric, or the two frames differ in it.
    """
    check_measurable(communities, facilities)
    if borders is None:
        borders = prepare_borders(communities.geometry.to_numpy())
    return disc_cover_of(borders, unique_points(facilities), index=communities.index)


def disc_cover_of(borders: Borders, points: NDArray[np.float64], *, index: pd.Index) -> DiscCover:
    """
    Prepare plain borders and points, wherever they lie.

    Parameters
    ----------
    borders
        From `analysis.geometry.edges.prepare_borders`.
    points
        Centres of the discs, n × 2; equal ones count as one.
    index
        One label a polygon.

    Returns
    -------
    cover
        As from `prepare_disc_cover`, which checks the frames.
    """
    area = sums(borders.community, borders.twice_area, len(borders.polygons)) / 2
    if not len(points):
        far = np.full(len(borders.length), np.inf)
        return DiscCover(index, area, borders, None, far)
    # Moved first and then made distinct: equal points move alike, so they stay one.
    centres = prepare_centres(np.unique(points - borders.origin + jitter(points), axis=0))
    # Neighbouring communities share corners: each is looked up once.
    nearest: NDArray[np.float64] = centres.tree.query(borders.corners)[0][borders.corner]
    return DiscCover(index, area, borders, centres, nearest)


def covered_share(
    communities: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    service_radius: float,
) -> pd.Series[float]:
    """
    Measure the share of each community's area within reach of any facility.

    Reach is the straight line; streets, rivers and walls are ignored. Circles are exact;
    places are moved by up to 10 µm (`analysis.geometry.arcs.jitter`). Facilities outside every
    community count too. For several radii, `prepare_disc_cover` once.

    Parameters
    ----------
    communities
        Valid polygons in a metric CRS.
    facilities
        Points in the same CRS that count as supply. None at all: nothing is covered.
    service_radius
        Greatest distance served, in metres.

    Returns
    -------
    covered_share
        Share in [0, 1], on the index of `communities`.

    Raises
    ------
    CrsError
        If the CRS is not metric, or the two frames differ in it.
    ValueError
        If `service_radius` is not positive.

    References
    ----------
    Church and Murray (2018), Location Covering Models, doi:10.1007/978-3-319-99846-6.
    """
    cover = prepare_disc_cover(communities, facilities)
    return (cover.covered_area(service_radius) / cover.area).rename("covered_share")
