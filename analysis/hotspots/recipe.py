"""The recipe for hot spots: what the page, the command line and the tests all call."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.geometry.locate import OUTSIDE, community_of
from analysis.hotspots.cells import COUNT, RATE, STREET, HotSpots, spots_on
from analysis.hotspots.density import PIXELS_PER_BANDWIDTH, Surface, surface_of
from analysis.hotspots.grid import CellSize, Grid, propose_cell_size, study_grid
from analysis.hotspots.lattice import SQUARE
from analysis.hotspots.places import hottest_places, places_of_few_people
from analysis.issues.counts import Cases, count_facts
from analysis.issues.location import Placed, check_placed
from analysis.issues.selection import period_of, select_located
from analysis.model.errors import SampleError
from analysis.model.question import ALL_ISSUES

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from analysis.issues.issue_set import IssueSet
    from analysis.model.question import Selection


@dataclass(frozen=True, eq=False)
class HotSpotResult:
    """
    Where the issues of one category and period concentrate.

    Attributes
    ----------
    placed
        The issues chosen that have their place.
    cases
        What has become of all issues chosen.
    period
        `analysis.issues.selection.period_of` them.
    proposed
        The cell size proposed for them, with its reason.
    hot_spots, places
        `analysis.hotspots.cells.hot_spots` and its `analysis.hotspots.places.hottest_places`.
    few_people
        `analysis.hotspots.places.places_of_few_people` of them.
    rate_refused
        Whether counts stand in for the usual cases per resident, because residents are known
        for too few of the cells: most cases would be judged by nobody.
    """

    placed: Placed
    cases: Cases
    period: tuple[pd.Timestamp, pd.Timestamp] | None
    proposed: CellSize
    hot_spots: HotSpots
    places: pd.DataFrame
    few_people: pd.DataFrame
    rate_refused: bool = False


def usual_basis(basis: str | None, residents: pd.DataFrame | None) -> str:
    """
    Tell what cases are counted over where nobody says.

    Parameters
    ----------
    basis
        One of `analysis.model.question.BASES`, or `None`.
    residents
        Of the city, if known.

    Returns
    -------
    basis
        As given; else residents where they are known, plain counts where not.
    """
    return basis or (COUNT if residents is None else RATE)


def find_hot_spots(
    issue_set: IssueSet,
    selection: Selection = ALL_ISSUES,
    *,
    cell_size: float | None = None,
    shape: str = SQUARE,
    basis: str | None = None,
    residents: pd.DataFrame | None = None,
    resident_community: npt.NDArray[np.int64] | None = None,
    streets: gpd.GeoDataFrame | None = None,
    lay_grid: Callable[..., Grid] = study_grid,
) -> HotSpotResult:
    """
    Find where issues concentrate beyond chance.

    Parameters
    ----------
    issue_set, selection
        Issues with their communities, and which of them.
    cell_size
        Side of a cell in metres; `None` takes the one proposed for these issues.
    shape
        One of `analysis.model.question.SHAPES`.
    basis
        As in `usual_basis`; where nobody says and residents are known for too few cells, counts
        stand in (`HotSpotResult.rate_refused`). One that needs `residents` or `streets` is
        refused without.
    residents
        As in `analysis.model.contracts`; those in no community are left out.
    resident_community
        Community of each of them, as in `analysis.access.residents.Demand.membership`, if known.
    streets
        To name places by, and to count cases over where asked.
    lay_grid
        `study_grid`, or one that remembers the grids it has laid.

    Returns
    -------
    hotspot_result
        Cells, places and counts of the same selection.

    Raises
    ------
    SettingsError
        If the category, the period or the cell size cannot be.
    SampleError
        If there are too few cases or cells for a test, none with coordinates, or nothing to
        count cases over.
    """
    communities = issue_set.communities
    check_placed(issue_set.issues)
    facts, placed = select_located(issue_set, selection)
    proposed = propose_cell_size(len(placed.xy), area_m2=float(communities.area.sum()))
    size = proposed.metres if cell_size is None else cell_size
    grid = lay_grid(communities, cell_size=size, shape=shape)
    chosen = usual_basis(basis, residents)
    over = counted_over(
        chosen,
        communities,
        residents=residents,
        resident_community=resident_community,
        streets=streets,
    )
    if basis is None and chosen == RATE:
        result = _usual(grid, placed, over)
    else:
        result = spots_on(grid, placed, basis=chosen, over=over)
    period = period_of(facts, selection)
    places, few_people = (
        describe(result, issue_set, streets=streets, period=period)
        for describe in (hottest_places, places_of_few_people)
    )
    counts = count_facts(facts, as_of=issue_set.as_of)
    refused = result.basis != chosen
    return HotSpotResult(placed, counts, period, proposed, result, places, few_people, refused)


def counted_over(
    basis: str,
    communities: gpd.GeoDataFrame,
    *,
    residents: pd.DataFrame | None,
    resident_community: npt.NDArray[np.int64] | None,
    streets: gpd.GeoDataFrame | None,
) -> pd.DataFrame | gpd.GeoDataFrame | None:
    """
    Take what cases are counted over.

    Parameters
    ----------
    basis
        One of `analysis.model.question.BASES`.
    communities
        The study area.
    residents, resident_community, streets
        As in `find_hot_spots`.

    Returns
    -------
    over
        The residents of the communities, the streets, or `None` for plain counts.

    Raises
    ------
    SampleError
        If the city has none of these.
    """
    if basis == RATE:
        return _at_home(residents, resident_community, communities)
    return _known_streets(streets) if basis == STREET else None


def _usual(grid: Grid, placed: Placed, residents: pd.DataFrame | None) -> HotSpots:
    """Test cases per resident, or counts where that would leave most cases without a judgement."""
    with contextlib.suppress(SampleError):
        result = spots_on(grid, placed, basis=RATE, over=residents)
        if 2 * result.few_cases <= result.cases:
            return result
    return spots_on(grid, placed)


def _known_streets(streets: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    if streets is None or streets.empty:
        msg = "hot spots: cases per kilometre of street need a layer of streets."
        raise SampleError(msg, problem="no_streets", hint="Test counts, or add a layer of streets.")
    return streets


def _at_home(
    residents: pd.DataFrame | None,
    resident_community: npt.NDArray[np.int64] | None,
    communities: gpd.GeoDataFrame,
) -> pd.DataFrame:
    if residents is None:
        msg = "hot spots: cases per resident need a layer of residents."
        raise SampleError(
            msg, problem="no_residents", hint="Test counts, or add a layer of residents."
        )
    if resident_community is None:
        resident_community = community_of(residents["x"], residents["y"], communities)
    inside: pd.DataFrame = residents.loc[resident_community != OUTSIDE]
    return inside


def hotspot_surface(hotspot_result: HotSpotResult, communities: gpd.GeoDataFrame) -> Surface:
    """
    Draw the density of the issues at the scale of their cells.

    Parameters
    ----------
    hotspot_result
        From `find_hot_spots`.
    communities
        Those it was made with.

    Returns
    -------
    surface
        Cases per km²; the bandwidth is one cell, the pixel a fifth of it.
    """
    bandwidth = hotspot_result.hot_spots.grid.cell_size
    pixel = bandwidth / PIXELS_PER_BANDWIDTH
    return surface_of(hotspot_result.placed, communities, bandwidth=bandwidth, pixel=pixel)
