"""Before, during and after a campaign, and the same months a year earlier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.handling.recurrence import follow_closings
from analysis.hotspots.rate_spread import rate_spread
from analysis.issues.counts import waiting_cases
from analysis.issues.selection import in_period, select_issues
from analysis.model.multiple_testing import adjusted
from analysis.model.question import FollowUpRule, Selection
from analysis.trends.alerts import STOPPED, begun_in_earnest
from analysis.trends.periods import (
    CHANGE_Q,
    MAX_BLOCKS,
    MIN_BLOCKS,
    day_rates,
    rate_ratios,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Hashable, Mapping
    from typing import Any

    import numpy.typing as npt

    from analysis.issues.issue_set import IssueSet
    from analysis.model.campaign import Campaign

BEFORE, DURING, AFTER, LAST_YEAR = PERIODS = ("before", "during", "after", "last_year")
COMPARED = ((DURING, BEFORE), (AFTER, BEFORE), (DURING, LAST_YEAR))
"""Which period is held against which."""
PERIOD_COLUMNS = (
    "period", "since", "until", "days", "observed_days", "reports", "reports_observed", "open",
    "closed", "overdue", "followed", "recurrences", "per_day", "per_day_low", "per_day_high",
)  # fmt: skip
CHANGE_COLUMNS = (
    "period", "against", "rate_ratio", "ratio_low", "ratio_high", "dispersion", "p", "q", "change",
    "reason",
)  # fmt: skip
FEWER, MORE, NOT_SURE, NO_CASES, CANNOT_JUDGE = CHANGES = (
    "fewer", "more", "not_sure", "no_cases", "cannot_judge",
)  # fmt: skip
UNSEEN, FEW_BLOCKS = REASONS = ("unseen", "few_blocks")
"""Why nothing can be judged: a period was not observed; too little came before it."""
WEEK = 7


@dataclass(frozen=True, eq=False)
class CampaignChange:
    """
    A campaign beside the time before and after it.

    Attributes
    ----------
    periods
        `PERIOD_COLUMNS`, one row for each of `PERIODS`.
    changes
        `CHANGE_COLUMNS`, one row for each of `COMPARED`.
    blocks
        Earlier periods of its length that the spread beyond chance was taken from.
    extra
        a of the variance μ + a μ² of the cases of such a period; missing with too few blocks.
    """

    periods: pd.DataFrame
    changes: pd.DataFrame
    blocks: int
    extra: float


def observed_days(register: pd.DataFrame, *, as_of: dt.date) -> pd.DatetimeIndex:
    """
    List the days on which the register was kept.

    Parameters
    ----------
    register
        All issues of the city, with `reported_at`.
    as_of
        Last day of the data.

    Returns
    -------
    days
        Without a zone, from the first report to the last day. Where chance leaves fewer than
        `STOPPED` of all weeks empty, those that are were not observed, nor were those before
        reports come in earnest; where reports are rare, an empty week tells nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> times = pd.to_datetime(["2026-01-01 08:00", "2026-01-03 09:00"]).tz_localize("UTC")
    >>> len(observed_days(pd.DataFrame({"reported_at": times}), as_of=pd.Timestamp("2026-01-05")))
    5
    """
    days = _days(register).dropna()
    end = pd.Timestamp(as_of).tz_localize(None).normalize()
    days = days[days <= end]
    if days.empty:
        return pd.DatetimeIndex([])
    every = pd.date_range(days.min(), end)
    monday = every[0] - pd.Timedelta(days=every[0].dayofweek)
    totals = np.bincount((days - monday).dt.days // WEEK, minlength=(end - monday).days // WEEK + 1)
    week = np.asarray((every - monday).days) // WEEK
    if np.exp(-np.median(totals[totals > 0])) > STOPPED:
        return every
    kept: pd.DatetimeIndex = every[(week >= begun_in_earnest(totals)) & (totals[week] > 0)]
    return kept


def compare_campaign(
    issue_set: IssueSet, campaign: Campaign, *, rule: FollowUpRule | None = None
) -> CampaignChange:
    """
    Hold a campaign against the time before it, after it, and the same months a year earlier.

    Parameters
    ----------
    issue_set
        From `analysis.issues.campaign.within_campaign`: its categories and area alone.
    campaign
        Its dates count here.
    rule
        What counts as a recurrence; the usual rule by default.

    Returns
    -------
    change
        Before and after are as long as the campaign. `reports` are those of the filter,
        `reports_observed` those on observed days, which the rates rest on; `open`, `closed` and
        `overdue` are of these reports on the last day of the data; `followed` and `recurrences`
        are of closings in the period. A period without an observed day has no numbers at all.
        Spread beyond chance is that of up to `MAX_BLOCKS` periods of the same length before the
        campaign, wholly observed (`analysis.hotspots.rate_spread.rate_spread`); with fewer than
        `MIN_BLOCKS` the limits are Poisson's, too narrow, and nothing is called a change.

        There is no control: what else changed at the same time is in the difference, and so is
        that people report more, or staff record more, while a campaign runs.

    Raises
    ------
    SettingsError
        If the rule cannot be.

    References
    ----------
    As for `analysis.trends.periods.rate_ratios`.
    """
    observed = observed_days(issue_set.register, as_of=issue_set.as_of)
    spans = _spans(campaign)
    reported = _days(issue_set.issues)
    blocks = _blocks(reported, campaign, observed)
    known = len(blocks) >= MIN_BLOCKS and bool(blocks.sum())
    extra = rate_spread(blocks, np.full(len(blocks), blocks.mean()))[0] if known else 0.0
    closings = _followed(issue_set, rule or FollowUpRule())
    rows = [
        {"period": name, **_period(issue_set, span, observed, reported, closings)}
        for name, span in spans.items()
    ]
    periods = pd.DataFrame(rows)
    seen = periods["observed_days"] > 0
    limits = day_rates(
        periods["reports_observed"].where(seen, 0).to_numpy(dtype=np.int64),
        periods["observed_days"].where(seen, 1).to_numpy(dtype=np.int64),
        extra=extra,
    )
    periods = periods.join(limits.where(seen))
    return CampaignChange(
        periods=periods[list(PERIOD_COLUMNS)],
        changes=_changes(periods.set_index("period"), extra, judged=len(blocks) >= MIN_BLOCKS),
        blocks=len(blocks),
        extra=extra if len(blocks) >= MIN_BLOCKS else np.nan,
    )


def _spans(campaign: Campaign) -> dict[str, tuple[pd.Timestamp, pd.Timestamp]]:
    since, until = pd.Timestamp(campaign.since), pd.Timestamp(campaign.until)
    long, year = pd.Timedelta(days=campaign.days), pd.DateOffset(years=1)
    return {
        BEFORE: (since - long, until - long),
        DURING: (since, until),
        AFTER: (since + long, until + long),
        LAST_YEAR: (since - year, until - year),
    }


def _in(days: pd.DatetimeIndex, span: tuple[pd.Timestamp, pd.Timestamp]) -> pd.DatetimeIndex:
    return days[(days >= span[0]) & (days <= span[1])]


def _days(issues: pd.DataFrame) -> pd.Series[pd.Timestamp]:
    """Give the day of every report, without a zone."""
    days: pd.Series[pd.Timestamp] = issues["reported_at"].dt.tz_localize(None).dt.normalize()
    return days


def _reports(reported: pd.Series[pd.Timestamp], days: pd.DatetimeIndex) -> int:
    """Reports on some days."""
    return int(reported.isin(days).sum())


def _blocks(
    reported: pd.Series[pd.Timestamp], campaign: Campaign, observed: pd.DatetimeIndex
) -> npt.NDArray[np.int64]:
    """Reports of the periods of its length before a campaign that were wholly observed."""
    since, until = pd.Timestamp(campaign.since), pd.Timestamp(campaign.until)
    counts: list[int] = []
    for step in range(1, MAX_BLOCKS + 1):
        back = pd.Timedelta(days=campaign.days * step)
        days = _in(observed, (since - back, until - back))
        counts += [_reports(reported, days)] if len(days) == campaign.days else []
    return np.array(counts, dtype=np.int64)


def _followed(issue_set: IssueSet, rule: FollowUpRule) -> pd.DataFrame:
    closings = follow_closings(
        issue_set.issues, as_of=issue_set.as_of, distance_m=rule.distance_m, days=rule.days
    )
    return closings[closings["followed"]]


def _period(
    issue_set: IssueSet,
    span: tuple[pd.Timestamp, pd.Timestamp],
    observed: pd.DatetimeIndex,
    reported: pd.Series[pd.Timestamp],
    closings: pd.DataFrame,
) -> dict[str, object]:
    """Count what became of the reports of one period, and what came back after its closings."""
    days = _in(observed, span)
    period = Selection(since=span[0], until=span[1])
    facts: dict[str, object] = {
        "since": f"{span[0]:%Y-%m-%d}",
        "until": f"{span[1]:%Y-%m-%d}",
        "days": (span[1] - span[0]).days + 1,
        "observed_days": len(days),
    }
    names = ("reports", "reports_observed", "open", "closed", "overdue", "followed", "recurrences")
    if not len(days):
        return facts | dict.fromkeys(names, pd.NA)
    reports = select_issues(issue_set.issues, period)
    whole = pd.Series("", index=reports.index)
    waiting = waiting_cases(reports, whole, as_of=issue_set.as_of)
    told = len(waiting) and pd.notna(waiting["open"].iloc[0])
    back = closings[in_period(closings["closed_at"], period)]
    return facts | {
        "reports": len(reports),
        "reports_observed": _reports(reported, days),
        "open": waiting["open"].iloc[0] if len(waiting) else 0,
        "closed": int(reports["status"].eq("closed").sum()) if told or reports.empty else pd.NA,
        "overdue": waiting["overdue"].iloc[0] if len(waiting) else 0,
        "followed": len(back),
        "recurrences": int(back["relapsed"].sum()) if len(back) else pd.NA,
    }


def _changes(periods: pd.DataFrame, extra: float, *, judged: bool) -> pd.DataFrame:
    """Hold the pairs of periods against each other."""
    facts = periods.to_dict("index")
    table = pd.DataFrame(
        [_change(facts, *pair, extra=extra, judged=judged) for pair in COMPARED],
        columns=[*CHANGE_COLUMNS, "none", "rises"],
    )
    known = table["p"].notna()
    table.loc[known, "q"] = adjusted(table.loc[known, "p"])
    sure = table["q"] <= CHANGE_Q
    table["change"] = np.select(
        [table["reason"].ne(""), table["none"], sure & table["rises"], sure],
        [CANNOT_JUDGE, NO_CASES, MORE, FEWER],
        default=NOT_SURE,
    )
    return table[list(CHANGE_COLUMNS)]


def _change(
    facts: Mapping[Hashable, Mapping[Any, Any]],
    period: str,
    against: str,
    *,
    extra: float,
    judged: bool,
) -> dict[str, object]:
    """Compare the reports of two periods, each over its observed days."""
    now, then = facts[period], facts[against]
    row: dict[str, object] = {"period": period, "against": against, "none": False, "rises": False}
    if not (now["observed_days"] and then["observed_days"]):
        return {**row, "reason": UNSEEN}
    counts = [int(each["reports_observed"]) for each in (now, then)]
    found = rate_ratios(
        *(np.array([each], dtype=np.int64) for each in counts),
        days=(int(now["observed_days"]), int(then["observed_days"])),
        extra=extra,
    )
    return {
        **row,
        **{str(name): value for name, value in found.iloc[0].items()},
        "reason": "" if judged else FEW_BLOCKS,
        "none": sum(counts) == 0,
        "rises": now["per_day"] > then["per_day"],
    }
