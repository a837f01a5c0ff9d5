"""The recipe for hot spots: what the page, the command line and the tests all call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.cases import Cases, count_cases, locate_cases, select_issues
from analysis.density import PIXELS_PER_BANDWIDTH, Surface, density_surface
from analysis.grid import CellSize, suggest_cell_size
from analysis.hotspots import HotSpots, hot_spots, hottest_places

if TYPE_CHECKING:
    import datetime as dt

    import geopandas as gpd
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Survey:
    """
    Where the issues of one category and period concentrate.

    Attributes
    ----------
    selection
        The issues surveyed.
    cases
        What has become of them.
    proposed
        The cell size proposed for them, with its reason.
    hot_spots, places
        `analysis.hotspots.hot_spots` and its `hottest_places`.
    """

    selection: pd.DataFrame
    cases: Cases
    proposed: CellSize
    hot_spots: HotSpots
    places: pd.DataFrame


def survey_issues(
    issues: pd.DataFrame,
    communities: gpd.GeoDataFrame,
    *,
    as_of: dt.date,
    category: str | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
    cell_size: float | None = None,
    membership: pd.Series[str] | None = None,
) -> Survey:
    """
    Find where issues concentrate beyond chance.

    Parameters
    ----------
    issues, communities
        Frames of one city (`analysis.contracts`).
    as_of
        The moment at which an open case counts as overdue.
    category, since, until
        Which issues, as in `analysis.cases.select_issues`.
    cell_size
        Side of a cell in metres; `None` takes the one proposed for these issues.
    membership
        `analysis.cases.locate_cases` of these or more issues, if known.

    Returns
    -------
    survey
        Cells, places and counts of the same selection.

    Raises
    ------
    SettingsError
        If the category, the period or the cell size cannot be.
    SampleError
        If there are too few cases or cells for a test.
    """
    selection = select_issues(issues, category=category, since=since, until=until)
    if membership is None:
        membership = locate_cases(selection, communities)
    proposed = suggest_cell_size(selection, communities)
    size = proposed.metres if cell_size is None else cell_size
    result = hot_spots(selection, communities, cell_size=size, membership=membership)
    places = hottest_places(result, selection, communities, as_of=as_of, membership=membership)
    return Survey(selection, count_cases(selection, as_of=as_of), proposed, result, places)


def survey_surface(
    survey: Survey, communities: gpd.GeoDataFrame, *, membership: pd.Series[str] | None = None
) -> Surface:
    """
    Draw the density of the surveyed issues at the scale of their cells.

    Parameters
    ----------
    survey
        From `survey_issues`.
    communities
        Those it was made with.
    membership
        As in `survey_issues`.

    Returns
    -------
    surface
        Cases per km²; the bandwidth is one cell, the pixel a fifth of it.
    """
    bandwidth = survey.hot_spots.grid.cell_size
    return density_surface(
        survey.selection,
        communities,
        bandwidth=bandwidth,
        pixel=bandwidth / PIXELS_PER_BANDWIDTH,
        membership=membership,
    )
