"""Every report checked: those that nobody has looked at, and how old they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.issues.counts import overdue, waiting_cases
from analysis.issues.due_dates import CHECKED_STAGES, text_column
from analysis.issues.moments import in_zone
from analysis.issues.working_time import working_days

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from analysis.issues.working_time import Calendar

AGE_DAYS = (0, 2, 4, 8, 16, 31)
"""From so many working days on, the next band of age."""
AGE_BANDS = ("days_0_1", "days_2_3", "days_4_7", "days_8_15", "days_16_30", "days_31", "unknown")
FACT_COLUMNS = (
    "category",
    "unit",
    "leader",
    "source_level",
    "inspection",
    "stage",
    "status",
    "reported_at",
    "due_at",
    "due_basis",
    "overdue",
    "age_days",
    "age_band",
)
UNCHECKED_COLUMNS = ("issue_id", *FACT_COLUMNS, "community_id", "community", "parent")
GROUP_COLUMNS = ("received", "unchecked", "unchecked_share", "oldest_days")


@dataclass(frozen=True, eq=False)
class Verification:
    """
    What has been looked at.

    Attributes
    ----------
    received
        Reports that are not cancelled.
    cancelled
        Those that are; they are in no count.
    judged
        Whether the source says of any report that it was checked. If not, there is no
        counter.
    unchecked
        Columns from `category` to `age_band` of `UNCHECKED_COLUMNS`, with `x` and `y`, on
        `issue_id`; oldest first.
    ages
        On `AGE_BANDS`: `unchecked` reports (missing if not judged), `open` and `overdue` cases.
    by_source, by_unit
        `GROUP_COLUMNS` by source level and by unit, most unchecked first; an empty key is a
        report whose source or unit is not known. No rows if not judged.
    """

    received: int
    cancelled: int
    judged: bool
    unchecked: pd.DataFrame
    ages: pd.DataFrame
    by_source: pd.DataFrame
    by_unit: pd.DataFrame

    @property
    def unchecked_share(self) -> float | None:
        """Share of the reports received; `None` where it is not known, or there are none."""
        return len(self.unchecked) / self.received if self.judged and self.received else None


def is_checked(issues: pd.DataFrame) -> pd.Series[bool]:
    """
    Tell which reports somebody has looked at.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`.

    Returns
    -------
    checked
        True with a time of check, or with a stated stage that is one of
        `CHECKED_STAGES`. That a case was dispatched or handled is no proof.
    """
    stated = text_column(issues, "stage").isin(CHECKED_STAGES)
    return (issues["verified_at"].notna() | stated).rename("checked")


def not_cancelled(issues: pd.DataFrame) -> pd.DataFrame:
    """
    Leave out cancelled reports.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`.

    Returns
    -------
    issues
        Those whose stated stage is not `cancelled`.
    """
    return issues[text_column(issues, "stage") != "cancelled"]


def find_unchecked(
    issues: pd.DataFrame, *, as_of: dt.date, calendar: Calendar | None = None
) -> Verification:
    """
    Find the reports that nobody has looked at.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`: all reports, since an old one must not vanish.
    as_of
        Up to when ages are counted, as in `analysis.issues.counts.overdue`.
    calendar
        Of working days; without one every day counts.

    Returns
    -------
    checks
        Counts, list and ages.
    """
    received = not_cancelled(issues)
    checked = is_checked(received)
    judged = bool(checked.any())
    facts = _facts(received, as_of=as_of, calendar=calendar)
    facts["unchecked"] = ~checked & judged
    unchecked = facts[facts["unchecked"]]
    columns = [*FACT_COLUMNS, "x", "y"]
    order = unchecked.sort_values("reported_at", kind="stable", na_position="last")
    groups = facts if judged else facts.head(0)
    counts = waiting_cases(received, facts["age_band"], as_of=as_of)
    counts.insert(0, "unchecked", facts["unchecked"].groupby(facts["age_band"]).sum())
    counts = counts.reindex(AGE_BANDS, fill_value=0)
    return Verification(
        received=len(received),
        cancelled=len(issues) - len(received),
        judged=judged,
        unchecked=order[columns],
        ages=counts if judged else counts.assign(unchecked=np.nan),
        by_source=_groups(groups, "source_level"),
        by_unit=_groups(groups, "unit"),
    )


def _facts(issues: pd.DataFrame, *, as_of: dt.date, calendar: Calendar | None) -> pd.DataFrame:
    reported = issues["reported_at"]
    end = in_zone(as_of, reported.dt.tz)
    age = working_days(reported, end, calendar)
    band = np.searchsorted(AGE_DAYS, age.fillna(0).to_numpy(dtype=float), side="right") - 1
    names = np.array(AGE_BANDS, dtype=object)
    names_of = np.where(age.isna(), AGE_BANDS[-1], names[band])
    texts = ("leader", "source_level", "inspection", "stage", "due_basis")
    late = overdue(issues, as_of=as_of).astype("boolean")
    dated = issues["status"].eq("open") & issues["due_at"].notna()
    return issues.assign(
        **{column: text_column(issues, column) for column in texts},
        overdue=late.where(issues["status"].eq("closed") | dated),
        age_days=age,
        age_band=names_of,
    )


def _groups(facts: pd.DataFrame, column: str) -> pd.DataFrame:
    oldest = facts["age_days"].where(facts["unchecked"])
    groups = facts.assign(oldest=oldest).groupby(facts[column].fillna(""))
    table = groups.agg(
        received=("unchecked", "size"),
        unchecked=("unchecked", "sum"),
        oldest_days=("oldest", "max"),
    )
    table["unchecked_share"] = table["unchecked"] / table["received"]
    return table.sort_values("unchecked", ascending=False, kind="stable")[list(GROUP_COLUMNS)]
