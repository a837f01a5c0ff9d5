"""Density clusters of cases: where many lie close together, whatever chance would make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial.distance import pdist

from analysis.hotspots.dbscan import density_clusters, squares
from analysis.hotspots.places import CASE_COLUMNS, CATEGORY_COUNTS, cases_by_place, with_place_names
from analysis.issues.location import check_placed
from analysis.issues.selection import period_of, select_located
from analysis.model.errors import SettingsError
from analysis.model.question import ALL_ISSUES, CROWDS, DISTANCES

if TYPE_CHECKING:
    import numpy.typing as npt

    from analysis.issues.issue_set import IssueSet
    from analysis.model.question import Selection

DISTANCES_M = (1.0, 5_000.0)
LEASTS = (2, 1_000_000)
"""Least and greatest that can be asked for."""
CLUSTER_COLUMNS = (
    "rank",
    "street",
    "community",
    "community_id",
    "parent",
    "cases",
    "cases_share",
    "core_cases",
    "sites",
    "open",
    "overdue",
    "top_category",
    "top_category_cases",
    "second_category",
    "second_category_cases",
    "third_category",
    "third_category_cases",
    "units",
    "first_half",
    "second_half",
    "trend",
    "area_m2",
    "span_m",
    "x",
    "y",
)
"""Columns of `Clusters.table`."""


@dataclass(frozen=True, eq=False)
class Clusters:
    """
    Density clusters of one selection of cases.

    `cases + unlocated + outside` is the number of issues selected.

    Attributes
    ----------
    table
        Most cases first: index `cluster_id`, the square with most of its core cases; `rank`;
        `street`, `community`, `community_id`, `parent` and the figures of its cases as in
        `analysis.hotspots.places.hottest_places`; `core_cases`, those with `least` cases within the
        distance; `sites`, different places of its cases; `area_m2` of the squares that hold
        them; `span_m`, the greatest distance between two of its
        cases: far more than the distance asked for where a chain of cases joins.
    squares
        Squares that hold cases of a cluster: its `rank`; `x`, `y` of the centre; their diagonal
        is the distance.
    distance_m, least
        What was asked for.
    cases
        Cases used: located, in a community.
    unlocated, outside
        Issues without coordinates, and those in no community.
    """

    table: pd.DataFrame
    squares: pd.DataFrame
    distance_m: float
    least: int
    cases: int
    unlocated: int
    outside: int

    @property
    def inside(self) -> int:
        """Count the cases in any cluster."""
        return int(self.table["cases"].sum())


def check_clusters(distance: float, least: int) -> None:
    """
    Refuse what makes no clusters.

    Parameters
    ----------
    distance
        In metres.
    least
        Cases within it.

    Raises
    ------
    SettingsError
        Outside `DISTANCES_M` or `LEASTS`.
    """
    for name, found, (low, high) in (
        ("cluster distance", distance, DISTANCES_M),
        ("cluster cases", least, LEASTS),
    ):
        if not low <= found <= high:
            msg = f"{name}: {found:g}; allowed are {low:g} to {high:g}."
            raise SettingsError(
                msg,
                problem="number_range",
                hint="Give a number in this range.",
                name=name,
                found=found,
                least=low,
                most=high,
            )


def find_clusters(
    issue_set: IssueSet,
    selection: Selection = ALL_ISSUES,
    *,
    distance: float = float(DISTANCES[0]),
    least: int = CROWDS[0],
    streets: gpd.GeoDataFrame | None = None,
) -> Clusters:
    """
    Join cases that lie dense to clusters, and describe each.

    Density alone: no test, so chance is not ruled out, and where more people live or report
    more clusters form. `analysis.hotspots.dbscan.density_clusters` states the rule.

    Parameters
    ----------
    issue_set, selection
        Issues with their communities, and which of them.
    distance, least
        A core case has so many cases, itself included, within so many metres.
    streets
        To name clusters by.

    Returns
    -------
    clusters
        No rows where there is no core case.

    Raises
    ------
    SettingsError
        If the category, the period or a limit cannot be.
    SampleError
        If no case has coordinates.
    """
    check_clusters(distance, least)
    facts, placed = select_located(issue_set, selection)
    issues = issue_set.issues
    check_placed(issues)
    xy = placed.xy.to_numpy(dtype=float)
    number, is_core = density_clusters(xy, distance=distance, least=least)
    inside = number > 0
    cases = issues[list(CASE_COLUMNS)].iloc[placed.rows[inside]]
    cluster = pd.Series(number[inside], index=cases.index, name="cluster")
    held = _squares(xy[inside], number[inside], is_core[inside], distance)
    table = cases_by_place(
        cases,
        cluster,
        as_of=issue_set.as_of,
        period=period_of(facts, selection),
    )
    table = table.astype(dict.fromkeys(CATEGORY_COUNTS, "int64"))
    community = issue_set.membership.iloc[placed.rows[inside]]
    table = with_place_names(table, cluster, community, issue_set.communities, streets=streets)
    table = table.join(_extent(xy[inside], number[inside]))
    side = squares(distance).cell_size
    table["core_cases"] = held["core"].groupby(held["rank"]).sum()
    table["area_m2"] = held.groupby("rank").size() * side**2
    table["cases_share"] = table["cases"] / max(len(xy), 1)
    table["rank"] = table.index
    densest = held.sort_values(["rank", "core", "x", "y"], ascending=[True, False, True, True])
    names = densest.drop_duplicates("rank").set_index("rank")["square"]
    table.index = pd.Index(names.reindex(table.index), name="cluster_id", dtype="str")
    return Clusters(
        table=table[list(CLUSTER_COLUMNS)],
        squares=held[["rank", "x", "y"]],
        distance_m=float(distance),
        least=least,
        cases=len(xy),
        unlocated=placed.unlocated,
        outside=placed.outside,
    )


def _squares(
    xy: npt.NDArray[np.float64],
    number: npt.NDArray[np.int64],
    is_core: npt.NDArray[np.bool_],
    distance: float,
) -> pd.DataFrame:
    """Squares with cases of each cluster: rank, name, centre, core cases."""
    lattice = squares(distance)
    col, row = lattice.cell_of(xy)
    cases = pd.DataFrame({"rank": number, "col": col, "row": row, "core": is_core.astype(int)})
    held = cases.groupby(["rank", "col", "row"])["core"].sum().reset_index()
    names = [f"c{c}_{r}" for c, r in zip(held["col"].tolist(), held["row"].tolist(), strict=True)]
    x, y = lattice.centres(held["col"].to_numpy(), held["row"].to_numpy())
    return held.assign(square=pd.array(names, dtype="str"), x=x, y=y)


def cluster_outlines(clusters: Clusters, *, most: int | None = None) -> gpd.GeoSeries:
    """
    Draw clusters as the squares that hold their cases.

    Parameters
    ----------
    clusters
        From `find_clusters`.
    most
        How many, the largest first; all by default.

    Returns
    -------
    outlines
        Polygons by `cluster_id`, in metres, without a CRS. The squares are a picture of where
        the cases lie; two clusters may share one at their edges.
    """
    shown = clusters.table.index if most is None else clusters.table.index[:most]
    held = clusters.squares[clusters.squares["rank"] <= len(shown)]
    boxes = squares(clusters.distance_m).outlines(held["x"], held["y"])
    starts = np.flatnonzero(np.diff(held["rank"].to_numpy(), prepend=0))
    shapes = [shapely.coverage_union_all(part) for part in np.split(boxes, starts[1:])]
    return gpd.GeoSeries(shapes[: len(shown)], index=shown)


def _extent(xy: npt.NDArray[np.float64], number: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Different places of each cluster, and the greatest distance between two."""
    places = pd.DataFrame({"cluster": number, "x": xy[:, 0], "y": xy[:, 1]}).drop_duplicates()
    places = places.sort_values("cluster", kind="stable")
    each = places["cluster"].to_numpy() - 1
    points = np.asarray(shapely.multipoints(places[["x", "y"]].to_numpy(), indices=each))
    sites = np.bincount(each)
    return pd.DataFrame(
        {"sites": sites, "span_m": [_span(hull) for hull in shapely.convex_hull(points)]},
        index=pd.RangeIndex(1, len(sites) + 1),
    )


def _span(hull: shapely.Geometry) -> float:
    corners = shapely.get_coordinates(hull)
    return float(pdist(corners).max()) if len(corners) > 1 else 0.0
