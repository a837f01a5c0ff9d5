"""Places: hot cells that touch, and what is known of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy
import shapely

from analysis.hotspots.cells import COUNT, few_people_cells, hot_cells
from analysis.issues.counts import waiting_cases
from analysis.model.contracts import stated

if TYPE_CHECKING:
    import datetime as dt

    import geopandas as gpd
    import numpy.typing as npt

    from analysis.hotspots.cells import HotSpots
    from analysis.issues.issue_set import IssueSet

PLACE_COLUMNS = (
    "rank",
    "street",
    "community",
    "community_id",
    "parent",
    "cases",
    "cases_share",
    "expected",
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
    "cells",
    "area_m2",
    "cases_per_km2",
    "z_max",
    "q_min",
    "x",
    "y",
)
"""Columns of `hottest_places`."""
RANKED = ("top", "second", "third")
CATEGORY_COUNTS = tuple(f"{rank}_category_cases" for rank in RANKED)
WAITING = ("open", "overdue")
"""Counts that are missing where the source states no status, or no due time."""
PLACE_COUNTS = (
    "cases",
    *CATEGORY_COUNTS,
    "first_half",
    "second_half",
    "cells",
)
CASE_COLUMNS = ("x", "y", "category", "status", "unit", "reported_at", "due_at")
"""What of a case goes into the description of its place."""
PLACE_CASES = 10
"""Least cases of a place."""
CLEARLY = 1.5
"""A hot place holds at least so many times the cases expected in it."""
WALK_M = 500.0
"""Greatest distance of a cell from the hottest of its place: what a crew can walk."""
UNITS = 3
"""Responsible units named for each place."""
STREET_M = 150.0
"""Greatest distance, in metres, of the street that names a place."""
RISING, FALLING, LEVEL_TREND, NO_TREND = "rising", "falling", "level", "unknown"
TRENDS = (RISING, FALLING, LEVEL_TREND, NO_TREND)
TREND_P = 0.05
"""Greatest two-sided p at which more cases in one half of a period are called a trend."""


def _contiguous(result: HotSpots, chosen: pd.Series[bool]) -> npt.NDArray[np.int64]:
    """Number the contiguous places of chosen cells from 1, on the rows of `cells`; 0 is none."""
    hot = np.zeros(result.grid.inside.shape, dtype=bool)
    hot[result.grid.inside] = chosen
    touching = np.zeros((3, 3), dtype=bool)
    for step, first, last in result.grid.lattice.neighbours(1):
        touching[step + 1, first + 1 : last + 2] = True
    places, _ = scipy.ndimage.label(hot, structure=touching)
    return np.asarray(places[result.grid.inside], dtype=np.int64)


def _walkable(result: HotSpots, number: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """
    Cut places that are too wide to walk: around the hottest cell, then the hottest left, and so on.

    A cell goes to the first of these within `WALK_M`, or to one that it touches.
    """
    cells, reach = result.cells, max(WALK_M, 1.5 * result.grid.lattice.spacing)
    xy = cells[["x", "y"]].to_numpy(dtype=float)
    order = np.lexsort((cells["row"], -cells["count"], -cells["z"].fillna(0)))
    cut, next_number = np.zeros_like(number), 0
    for place in range(1, int(number.max(initial=0)) + 1):
        left = order[number[order] == place]
        whole = np.hypot(*np.ptp(xy[left], axis=0)) <= 2 * reach
        while len(left):
            near = np.hypot(*(xy[left] - xy[left[0]]).T) <= reach
            near |= whole
            next_number += 1
            cut[left[near]] = next_number
            left = left[~near]
    return cut


def _expected(result: HotSpots, number: npt.NDArray[np.int64]) -> pd.Series[float]:
    """Cases expected in each place: of its residents or streets, or, by count, of its area."""
    even = pd.Series(result.cases / len(result.cells), index=result.cells.index)
    each = even if result.basis == COUNT else result.cells["expected"]
    expected: pd.Series[float] = each.groupby(number).sum().rename("expected")
    return expected


def _most_frequent(values: pd.Series[str], place: pd.Series[int]) -> pd.DataFrame:
    """Stated values of each place with counts, most frequent first; ties in the order of text."""
    code, names = pd.factorize(values.where(stated(values)))
    known = code >= 0
    pairs, count = np.unique(
        place.to_numpy()[known] * max(len(names), 1) + code[known], return_counts=True
    )
    number, which = np.divmod(pairs, max(len(names), 1))
    table = pd.DataFrame({"place": number, "value": names.take(which), "count": count})
    table = table.sort_values(["place", "count", "value"], ascending=[True, False, True])
    return table.assign(order=table.groupby("place").cumcount()).set_index("place")


def _categories(categories: pd.Series[str], place: pd.Series[int]) -> pd.DataFrame:
    table = _most_frequent(categories, place)
    columns = {}
    for order, rank in enumerate(RANKED):
        rows = table[table["order"] == order]
        columns[f"{rank}_category"] = rows["value"]
        columns[f"{rank}_category_cases"] = rows["count"]
    return pd.DataFrame(columns)


def _units(units: pd.Series[str], place: pd.Series[int]) -> pd.Series[str]:
    """The units with most cases of each place, such as `A (12); B (3)`."""
    table = _most_frequent(units, place)
    table = table[table["order"] < UNITS]
    shown = table["value"].astype(str) + " (" + table["count"].astype(str) + ")"
    text: pd.Series[str] = shown.groupby(level=0).agg("; ".join).rename("units")
    return text


def _halves(
    reported: pd.Series,
    place: pd.Series[int],
    period: tuple[pd.Timestamp, pd.Timestamp] | None,
) -> pd.DataFrame:
    """Cases of each place in the halves of the period, and whether chance explains the two."""
    dated = reported.notna().to_numpy() & (period is not None)
    late = np.zeros(len(reported), dtype=bool)
    if period is not None:
        late = (reported >= period[0] + (period[1] - period[0]) / 2).to_numpy()
    halves = pd.DataFrame({"first_half": dated & ~late, "second_half": dated & late})
    counts = halves.set_axis(place.index).groupby(place).sum()
    pairs = zip(counts["first_half"], counts["second_half"], strict=True)
    return counts.assign(trend=[_trend(int(first), int(second)) for first, second in pairs])


def _trend(first: int, second: int) -> str:
    if first + second == 0:
        return NO_TREND
    if scipy.stats.binomtest(second, first + second).pvalue > TREND_P:
        return LEVEL_TREND
    return RISING if second > first else FALLING


def _nearest_street(places: pd.DataFrame, streets: gpd.GeoDataFrame | None) -> pd.Series[str]:
    """Name of the nearest street that has one, within `STREET_M` of the mean place."""
    names = pd.Series("", index=places.index, dtype="str", name="street")
    if streets is None or "name" not in streets:
        return names
    named = streets[(streets["name"] != "").to_numpy(dtype=bool)]
    if named.empty or places.empty:
        return names
    points = np.asarray(shapely.points(places[["x", "y"]].to_numpy(dtype=float)), dtype=object)
    tree = shapely.STRtree(named.geometry.to_numpy())
    point, street = tree.query_nearest(points, max_distance=STREET_M, all_matches=False)
    names.iloc[point] = named["name"].to_numpy()[street]
    return names


def _cases_of(
    result: HotSpots, issues: pd.DataFrame, chosen: npt.NDArray[np.int64]
) -> pd.DataFrame:
    """Rows of some of the cases used, by their position, which needs no look-up."""
    rows, names = result.case_rows[chosen], result.case_cells.index[chosen]
    if rows.max(initial=-1) >= len(issues) or not issues.index[rows].equals(names):
        msg = "`issues` must be those that `result` was computed from."
        raise ValueError(msg)
    return issues[list(CASE_COLUMNS)].iloc[rows]


def _cells_by_place(result: HotSpots, place: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Index place; its cells, z_max, q_min, the mean centre and its hottest cell's id."""
    cells = result.cells.assign(place=place)
    cells = cells[cells["place"] > 0].sort_values(
        ["z", "count", "row", "col"], ascending=[False, False, True, True]
    )
    grouped = cells.rename_axis("place_id").reset_index().groupby("place")
    return grouped.agg(
        place_id=("place_id", "first"),
        cells=("z", "size"),
        z_max=("z", "max"),
        q_min=("q", "min"),
        x=("x", "mean"),
        y=("y", "mean"),
    )


def cases_by_place(
    cases: pd.DataFrame,
    place: pd.Series[int],
    *,
    as_of: dt.date,
    period: tuple[pd.Timestamp, pd.Timestamp] | None,
) -> pd.DataFrame:
    """
    Add up the cases of places.

    Parameters
    ----------
    cases
        As in `analysis.model.contracts`.
    place
        Number of the place of each, on the same index.
    as_of, period
        As in `hottest_places`.

    Returns
    -------
    places
        Index place; the columns of `hottest_places` that are about cases, and their mean place.
    """
    counts = waiting_cases(cases, place, as_of=as_of)
    counts.insert(0, "cases", place.groupby(place).size())
    counts = counts.join(cases[["x", "y"]].groupby(place).mean())
    counts = counts.join(_categories(cases["category"], place)).join(_units(cases["unit"], place))
    counts = counts.join(_halves(cases["reported_at"], place, period))
    return counts.fillna({"units": "", **dict.fromkeys(CATEGORY_COUNTS, 0)})


def with_place_names(
    places: pd.DataFrame,
    place: pd.Series[int],
    community: pd.Series[str],
    communities: gpd.GeoDataFrame,
    *,
    streets: gpd.GeoDataFrame | None,
) -> pd.DataFrame:
    """
    Name places by the nearest street and by the community where most of their cases lie.

    Parameters
    ----------
    places
        From `cases_by_place`.
    place
        Number of the place of each case, by `issue_id`.
    community
        `analysis.issues.location.locate_cases` of these or more issues.
    communities, streets
        As in `hottest_places`.

    Returns
    -------
    places
        With `street`, `community_id`, `community`, `parent`.
    """
    place_communities = _most_frequent(community.reindex(place.index), place)
    home = place_communities.loc[place_communities["order"] == 0, "value"].reindex(places.index)
    return places.assign(
        street=_nearest_street(places, streets),
        community_id=home,
        community=home.map(communities["name"]),
        parent=home.map(communities["parent"]),
    )


def hottest_places(
    result: HotSpots,
    issue_set: IssueSet,
    *,
    streets: gpd.GeoDataFrame | None = None,
    period: tuple[pd.Timestamp, pd.Timestamp] | None = None,
) -> pd.DataFrame:
    """
    Join hot cells that touch, squares also at a corner, to places that can be walked.

    Parameters
    ----------
    result
        From `analysis.hotspots.cells.hot_spots`.
    issue_set
        The issues it was computed from, or more where its rows are among these.
    streets
        If they have names, the nearest one names the place.
    period
        `analysis.issues.selection.period_of` these issues; without it there are no halves.

    Returns
    -------
    places
        Hot at q ≤ `PLACE_Q`, with at least `PLACE_CASES` cases and `CLEARLY` times those
        expected, and cut around their hottest cells where a cell lies further from it than
        `WALK_M`; most cases first, then highest z. Index `place_id` (the cell of
        highest z); `rank`; `street`, the nearest one with a name; `community`,
        `community_id`, `parent` where most of its cases lie; `cases` in its cells,
        `cases_share` of all cases used, `expected` cases of its residents or streets (by count,
        of its share of the area), `open` and `overdue` as from `waiting_cases`; its
        three most frequent categories with their cases; `units` with most cases; cases in
        `first_half` and
        `second_half` of the period, and `trend`, one of `TRENDS`: rising or falling only
        where an even chance of either half would make them differ so with p ≤ `TREND_P`; `cells`;
        `area_m2`; `cases_per_km2`;
        `z_max`, `q_min`; `x`, `y`, the mean place of its cases, in metres. No rows where
        nothing is hot. Neighbouring cells share cases in Gi*, so the area is wider than the
        cause by up to the rings on each side.

    Raises
    ------
    ValueError
        If `result` rests on other issues.
    """
    number = hot_place_of_cells(result)
    return _described(result, number, issue_set, streets=streets, period=period)


def hot_place_of_cells(result: HotSpots) -> npt.NDArray[np.int64]:
    """
    Tell which hot place each cell is of.

    Parameters
    ----------
    result
        From `analysis.hotspots.cells.hot_spots`.

    Returns
    -------
    place
        A number of 1 or more on the rows of `cells`, 0 for a cell of none: hot cells of what is no
        place, for lack of cases, are of none.
    """
    number = _walkable(result, _contiguous(result, hot_cells(result)))
    cases = np.bincount(number, weights=result.cells["count"].to_numpy(float))
    expected = _expected(result, number).reindex(range(len(cases)), fill_value=0.0).to_numpy()
    clear = (cases >= PLACE_CASES) & (cases >= CLEARLY * expected)
    clear[0] = False
    return np.where(clear[number], number, 0)


def places_of_few_people(
    result: HotSpots,
    issue_set: IssueSet,
    *,
    streets: gpd.GeoDataFrame | None = None,
    period: tuple[pd.Timestamp, pd.Timestamp] | None = None,
) -> pd.DataFrame:
    """
    Describe where many cases lie that no rate can judge, as too few people live there.

    Parameters
    ----------
    result, issue_set, streets, period
        As in `hottest_places`.

    Returns
    -------
    places
        As from `hottest_places`, of cells with the level `few` and at least `PLACE_CASES` cases
        that touch; z and q are missing. They are neither hot nor not: nobody can say how
        many cases should be expected there.
    """
    crowded = few_people_cells(result) & (result.cells["count"] >= PLACE_CASES)
    number = _walkable(result, _contiguous(result, crowded))
    return _described(result, number, issue_set, streets=streets, period=period)


def _described(
    result: HotSpots,
    number: npt.NDArray[np.int64],
    issue_set: IssueSet,
    *,
    streets: gpd.GeoDataFrame | None,
    period: tuple[pd.Timestamp, pd.Timestamp] | None,
) -> pd.DataFrame:
    """Tell `PLACE_COLUMNS` of places, by the number of the place of each cell."""
    number_of_case = number[result.case_cells.to_numpy()]
    hot = np.flatnonzero(number_of_case > 0)
    cases = _cases_of(result, issue_set.issues, hot)
    place = pd.Series(number_of_case[hot], index=cases.index, name="place")
    # By position: looking up a million identifiers takes longer than all sums over them.
    community = issue_set.membership.iloc[result.case_rows[hot]]
    places = _cells_by_place(result, number)
    places["area_m2"] = places["cells"] * result.grid.cell_size**2
    found = cases_by_place(cases, place, as_of=issue_set.as_of, period=period)
    places = found.combine_first(places)
    waiting = places[list(WAITING)].where(places["cases"].notna(), 0)
    places = places.fillna(dict.fromkeys(PLACE_COUNTS, 0) | {"units": "", "trend": NO_TREND})
    places = places.astype(dict.fromkeys(PLACE_COUNTS, "int64"))
    places[list(WAITING)] = waiting.astype("Int64")
    places = with_place_names(places, place, community, issue_set.communities, streets=streets)
    places["cases_share"] = places["cases"] / result.cases
    places["expected"] = _expected(result, number).reindex(places.index)
    places["cases_per_km2"] = places["cases"] / places["area_m2"] * 1e6
    places = places.sort_values(["cases", "z_max", "place_id"], ascending=[False, False, True])
    places["rank"] = np.arange(1, len(places) + 1)
    return places.set_index("place_id")[list(PLACE_COLUMNS)]
