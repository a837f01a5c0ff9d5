"""Indicators of case handling with their denominators, and how long closing takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.handling.ranking import wilson_interval
from analysis.handling.survival import clean_after, staying_clean
from analysis.handling.verification import is_checked, not_cancelled
from analysis.issues.due_dates import DONE_STAGES, text_column
from analysis.issues.moments import in_zone
from analysis.model.contracts import HANDLED

if TYPE_CHECKING:
    import datetime as dt

CHECK, DISPOSE, CLOSE = "check_rate", "dispose_rate", "close_rate"
KPIS = (
    CHECK,
    DISPOSE,
    "on_time_dispose_rate",
    "overdue_pending_rate",
    CLOSE,
    "on_time_close_rate",
)
KPI_LEVELS = ("city", "source_level", "unit")
KPI_REASONS = ("no_check_known", "no_due_time", "no_closing_time", "no_handling_known", "no_case")
"""Why an indicator cannot be judged."""
KPI_COLUMNS = (
    "level",
    "unit_id",
    "kpi",
    "numerator",
    "denominator",
    "share",
    "low_share",
    "high_share",
    "reason",
)
OPEN_AFTER = (7, 30, 90)
"""Days after which the share still open is read."""
CLOSING_COLUMNS = (
    "level",
    "unit_id",
    "cases",
    "closed",
    "open",
    "left_out",
    "median_days",
    *(f"open_{days}_share" for days in OPEN_AFTER),
)
DAY_S = 86_400
TINY = 1e-12


def due_cases(issues: pd.DataFrame, *, as_of: dt.date) -> pd.DataFrame:
    """
    Keep the cases that had to be finished and whose fate is known.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`.
    as_of
        Before this moment they were due; a plain day means its first instant.

    Returns
    -------
    issues
        Due before the moment, and open, or closed with a time of closing. None where the
        source has closed cases and no time of closing: those still open would stand alone.
    """
    if _closing_unknown(issues):
        return issues.head(0)
    moment = in_zone(as_of, issues["due_at"].dt.tz)
    known = issues["status"].eq("open") | (
        issues["status"].eq("closed") & issues["closed_at"].notna()
    )
    return issues[known & (issues["due_at"] < moment)]


def handling_kpis(issues: pd.DataFrame, *, as_of: dt.date) -> pd.DataFrame:
    """
    Compute the indicators of the city, of every source level and of every unit.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`, of one period.
    as_of
        As in `due_cases`.

    Returns
    -------
    kpis
        `KPI_COLUMNS`, one row for each of `KPIS` and each group. Cancelled cases are in
        none. Where nothing is known `share` is missing and `reason` says why. Limits are
        Wilson's at 95 %.
    """
    received = not_cancelled(issues)
    due = due_cases(received, as_of=as_of)
    handled_at = due[HANDLED] if HANDLED in due else due["due_at"].mask(np.ones(len(due), bool))
    handled = handled_at.notna() | text_column(due, "stage").isin(DONE_STAGES)
    closed = due["status"].eq("closed")
    hits = {
        CHECK: is_checked(received),
        DISPOSE: handled | closed,
        "on_time_dispose_rate": handled_at <= due["due_at"],
        "overdue_pending_rate": ~(handled | closed),
        CLOSE: closed,
        "on_time_close_rate": closed & (due["closed_at"] <= due["due_at"]),
    }
    nothing = "no_closing_time" if _closing_unknown(received) else "no_due_time"
    absent = dict.fromkeys(KPIS[1:], "" if len(due) else nothing)
    absent[CHECK] = "" if hits[CHECK].any() else "no_check_known"
    if not handled.any():
        absent |= {name: absent[name] or "no_handling_known" for name in KPIS[1:4]}
    parts = [
        _level(hit, received.loc[hit.index], kpi=kpi, absent=absent[kpi], level=level)
        for level in KPI_LEVELS
        for kpi, hit in hits.items()
    ]
    return pd.concat(parts, ignore_index=True)[list(KPI_COLUMNS)]


def _closing_unknown(issues: pd.DataFrame) -> bool:
    """Whether cases are closed, and of none is known when."""
    closed = issues["status"].eq("closed")
    return bool(closed.any() and issues["closed_at"][closed].isna().all())


def _group(issues: pd.DataFrame, level: str) -> pd.Series[str]:
    if level == "city":
        return pd.Series("", index=issues.index, dtype="str")
    return text_column(issues, level).fillna("")


def _level(
    hit: pd.Series[bool], cases: pd.DataFrame, *, kpi: str, absent: str, level: str
) -> pd.DataFrame:
    table = hit.astype(int).groupby(_group(cases, level)).agg(numerator="sum", denominator="size")
    if level == "city":
        table = table.reindex([""], fill_value=0)
    elif "" in table.index:
        table = table.drop("")
    low, high = wilson_interval(table["numerator"], table["denominator"])
    share = table["numerator"] / table["denominator"].where(table["denominator"] > 0)
    table = table.assign(share=share, low_share=low, high_share=high)
    table["reason"] = np.where(table["denominator"] > 0, "", "no_case")
    if absent:
        table = table.assign(reason=absent)
        table[["numerator", "denominator"]] = pd.NA
        table[["share", "low_share", "high_share"]] = np.nan
    found: pd.DataFrame = table.rename_axis("unit_id").reset_index().assign(level=level, kpi=kpi)
    return found


def time_to_close(issues: pd.DataFrame, *, as_of: dt.date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Estimate how long cases stay open.

    A case that is still open counts for as long as it has been, so units that leave cases
    lying do not look fast. Cases are taken as independent, and those still open as no
    harder than the others.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`, of one period.
    as_of
        Until when open cases were watched; a plain day means its first instant.

    Returns
    -------
    curve
        On days: `at_risk`, `closings`, `open_share`, `low_share`, `high_share`, from
        `analysis.handling.survival.staying_clean`.
    closing
        `CLOSING_COLUMNS` for the city and every unit. `left_out`: without a time of report,
        a status, or a time of closing that can be. `median_days` is missing while more
        than half are open.
    """
    cases = not_cancelled(issues)
    moment = in_zone(as_of, cases["reported_at"].dt.tz)
    closed = cases["status"].eq("closed")
    end = cases["closed_at"].where(closed, moment)
    days = (end - cases["reported_at"]).dt.total_seconds() / DAY_S
    known = days.notna() & (closed | cases["status"].eq("open"))
    known &= not _closing_unknown(cases)
    facts = pd.DataFrame({"days": days.clip(lower=0), "closed": closed, "known": known})
    rows = [{"level": "city", "unit_id": ""} | _closing(facts)]
    for unit, group in facts.groupby(cases["unit"].fillna("")):
        if unit:
            rows.append({"level": "unit", "unit_id": unit} | _closing(group))
    curve = staying_clean(facts["days"][known], facts["closed"][known]).rename(
        columns={"returns": "closings", "clean_share": "open_share"}
    )
    return curve, pd.DataFrame(rows, columns=list(CLOSING_COLUMNS))


def _closing(facts: pd.DataFrame) -> dict[str, object]:
    used = facts[facts["known"]]
    curve = staying_clean(used["days"], used["closed"])
    half = curve.index[curve["clean_share"] <= 0.5 + TINY]
    after = clean_after(curve, OPEN_AFTER) if len(used) else [np.nan] * len(OPEN_AFTER)
    return {
        "cases": len(used),
        "closed": int(used["closed"].sum()),
        "open": int((~used["closed"]).sum()),
        "left_out": int((~facts["known"]).sum()),
        "median_days": float(half[0]) if len(half) else np.nan,
        **dict(zip((f"open_{days}_share" for days in OPEN_AFTER), after, strict=True)),
    }
