"""The recipe for trends: patterns, periods, alerts, under-reporting, what a map foretells."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.issues.location import locate_cases
from analysis.issues.months import last_whole_month, month_name
from analysis.issues.selection import select_issues
from analysis.model.errors import SampleError
from analysis.trends.alerts import weekly_alerts
from analysis.trends.emerging import Emerging, emerging_hot_spots
from analysis.trends.periods import BASES, compare_periods
from analysis.trends.prediction import predict_next
from analysis.trends.space_time_cube import case_cube
from analysis.trends.underreporting import UnderReporting, silent_communities

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    import geopandas as gpd

MONTHS = 3
"""Usual length of the periods compared."""


@dataclass(frozen=True, eq=False)
class Trends:
    """
    Every answer about change, or why there is none.

    Attributes
    ----------
    emerging
        `analysis.trends.emerging.emerging_hot_spots`.
    prediction
        `analysis.trends.prediction.predict_next`.
    periods
        `analysis.trends.periods.compare_periods`, one basis below the other.
    alerts
        `analysis.trends.alerts.weekly_alerts`.
    under_reporting
        `analysis.trends.underreporting.silent_communities`.
    refused
        Why an answer is missing: by its name here, `emerging` also for `prediction`; by the
        basis for `periods`.
    """

    emerging: Emerging | None
    prediction: pd.DataFrame | None
    periods: pd.DataFrame | None
    alerts: pd.DataFrame | None
    under_reporting: UnderReporting | None
    refused: dict[str, SampleError]


def find_trends(
    issues: pd.DataFrame,
    communities: gpd.GeoDataFrame,
    *,
    as_of: dt.date,
    category: str | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
    cell_size: float | None = None,
    months: int = MONTHS,
    residents: pd.DataFrame | None = None,
    facilities: gpd.GeoDataFrame | None = None,
    membership: pd.Series[str] | None = None,
) -> Trends:
    """
    Answer every question about change that the data suffice for.

    Parameters
    ----------
    issues, communities
        Frames of one city (`analysis.model.contracts`).
    as_of
        Last day of the data.
    category
        As in `analysis.issues.selection.select_issues`.
    since, until, cell_size
        As in `analysis.trends.space_time_cube.case_cube`; for under-reporting, the first and
        last day of report.
    months
        Length of the periods compared.
    residents, facilities
        Of the same city, for under-reporting.
    membership
        `analysis.issues.location.locate_cases` of these or more issues, if known.

    Returns
    -------
    change
        What cannot be judged is missing, with the reason.

    Raises
    ------
    SettingsError
        If the category, the period or the cell size cannot be.
    """
    home = locate_cases(issues, communities) if membership is None else membership
    chosen = select_issues(issues, category=category, since=since, until=until)
    found: dict[str, Any] = dict.fromkeys(
        ("emerging", "prediction", "periods", "alerts", "under_reporting")
    )
    refused: dict[str, SampleError] = {}
    common: dict[str, Any] = {"category": category, "membership": home}
    with _told(refused, "emerging"):
        cube = case_cube(
            issues,
            communities,
            as_of=as_of,
            since=since,
            until=until,
            cell_size=cell_size,
            **common,
        )
        found["emerging"] = emerging_hot_spots(cube, communities, membership=home)
        found["prediction"] = predict_next(cube)
    last = month_name(last_whole_month(as_of, until))
    tables = []
    for basis in BASES:
        with _told(refused, basis):
            tables.append(
                compare_periods(
                    issues, communities, last_month=last, months=months, basis=basis, **common
                )
            )
    found["periods"] = pd.concat(tables, ignore_index=True) if tables else None
    with _told(refused, "alerts"):
        found["alerts"] = weekly_alerts(issues, communities, as_of=as_of, until=until, **common)
    with _told(refused, "silence"):
        found["under_reporting"] = silent_communities(
            chosen, communities, membership=home, residents=residents, facilities=facilities
        )
    return Trends(refused=refused, **found)


@contextmanager
def _told(refused: dict[str, SampleError], name: str) -> Iterator[None]:
    """Keep the reason where the data do not suffice."""
    try:
        yield
    except SampleError as error:
        refused[name] = error
