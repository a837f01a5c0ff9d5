"""The recipe for trends: patterns, periods, alerts, under-reporting, what a map foretells."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.model.errors import SampleError
from analysis.model.question import ALL_ISSUES, COMPARISONS, SPANS
from analysis.trends.alert_scan import AlertScan, scan_weeks
from analysis.trends.alerts import weekly_alerts
from analysis.trends.emerging import Emerging, emerging_hot_spots
from analysis.trends.periods import compare_periods
from analysis.trends.prediction import predict_next
from analysis.trends.space_time_cube import case_cube
from analysis.trends.underreporting import UnderReporting, silent_communities

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import geopandas as gpd

    from analysis.issues.issue_set import IssueSet
    from analysis.model.question import Selection


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
    alert_scan
        `analysis.trends.alert_scan.scan_weeks`.
    under_reporting
        `analysis.trends.underreporting.silent_communities`.
    refused
        Why an answer is missing: by its name here, `emerging` also for `prediction`; by the
        basis for `periods`.
    """

    emerging: Emerging | None = None
    prediction: pd.DataFrame | None = None
    periods: pd.DataFrame | None = None
    alerts: pd.DataFrame | None = None
    alert_scan: AlertScan | None = None
    under_reporting: UnderReporting | None = None
    refused: Mapping[str, SampleError] = field(default_factory=dict)


def find_trends(
    issue_set: IssueSet,
    selection: Selection = ALL_ISSUES,
    *,
    cell_size: float | None = None,
    months: int = SPANS[0],
    residents: pd.DataFrame | None = None,
    facilities: gpd.GeoDataFrame | None = None,
) -> Trends:
    """
    Answer every question about change that the data suffice for.

    Parameters
    ----------
    issue_set
        The whole register.
    selection
        Category, first and last day, as each answer takes them.
    cell_size
        As in `analysis.trends.space_time_cube.case_cube`.
    months
        Length of the periods compared.
    residents, facilities
        Of the same city, for under-reporting.

    Returns
    -------
    trends
        What cannot be judged is missing, with the reason.

    Raises
    ------
    SettingsError
        If the category, the period or the cell size cannot be.
    """
    cube = cache(partial(case_cube, issue_set, selection, cell_size=cell_size))
    return gather_trends(
        emerging=lambda: emerging_hot_spots(cube(), issue_set.communities),
        prediction=lambda: predict_next(cube()),
        periods=partial(compare_periods, issue_set, selection, months=months),
        alerts=partial(weekly_alerts, issue_set, selection),
        alert_scan=partial(scan_weeks, issue_set, selection),
        under_reporting=partial(
            silent_communities, issue_set, selection, residents=residents, facilities=facilities
        ),
    )


def gather_trends(
    *,
    emerging: Callable[[], Emerging],
    prediction: Callable[[], pd.DataFrame],
    periods: Callable[..., pd.DataFrame],
    alerts: Callable[[], pd.DataFrame],
    alert_scan: Callable[[], AlertScan],
    under_reporting: Callable[[], UnderReporting],
) -> Trends:
    """
    Bring together the answers about change, or the reasons why there are none.

    Parameters
    ----------
    emerging, prediction, periods, alerts, alert_scan, under_reporting
        What answers; `periods` is asked with each `basis`.

    Returns
    -------
    trends
        What cannot be judged is missing, with the reason.
    """
    refused: dict[str, SampleError] = {}
    found: dict[str, Any] = {}
    with _told(refused, "emerging"):
        found["emerging"] = emerging()
        found["prediction"] = prediction()
    tables = []
    for basis in COMPARISONS:
        with _told(refused, basis):
            tables.append(periods(basis=basis))
    if tables:
        found["periods"] = pd.concat(tables, ignore_index=True)
    with _told(refused, "alerts"):
        found["alerts"] = alerts()
    with _told(refused, "alert_scan"):
        found["alert_scan"] = alert_scan()
    with _told(refused, "silence"):
        found["under_reporting"] = under_reporting()
    return Trends(refused=refused, **found)


@contextmanager
def _told(refused: dict[str, SampleError], name: str) -> Iterator[None]:
    """Keep the reason where the data do not suffice."""
    try:
        yield
    except SampleError as error:
        refused[name] = error
