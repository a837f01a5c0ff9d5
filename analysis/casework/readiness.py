"""Readiness for review: which clauses of a title's standard are met, by how much, what blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.model.title import AT_MOST, ENTERED, NO_WAY, SURVEY, WORKS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Hashable, Mapping
    from typing import Any

    from analysis.model.title import Clause, TitleStandard

MET, FAILED, UNKNOWN = CLAUSE_VERDICTS = ("meets", "fails", "cannot_judge")
NO_FIGURE, NO_THRESHOLD, NO_LAYER = "no_figure", "no_threshold", "no_layer"
NOT_ENTERED, TOO_OLD, NO_SURVEY = "not_entered", "too_old", "no_survey"
TOO_FEW, NOT_KNOWN, UNDECIDED = "too_few", "not_known", "undecided"
CLAUSE_REASONS = (
    NO_FIGURE, NO_THRESHOLD, NO_LAYER, NOT_ENTERED, TOO_OLD, NO_SURVEY, TOO_FEW, NOT_KNOWN,
    UNDECIDED,
)  # fmt: skip
"""
Why a clause cannot be judged: no figure tells it; the document states no threshold; the city lacks
the layer; no value was entered, or only one that is too old; no survey asks it, or too few
answered; the data do not tell; what is not known decides.
"""
CLAUSE_COLUMNS = (
    "clause_id", "work", "veto", "weight", "judged", "figure", "value", "low", "high", "n",
    "comparison", "threshold", "margin", "unit", "verdict", "reason", "value_day", "value_source",
    "evidence", "evidence_row", "basis", "confidence",
)  # fmt: skip
WHOLE = "all"
"""In place of a key work: all clauses."""
WORK_COLUMNS = (
    "work", "clauses", "met", "failed", "cannot_judge", "met_share", "least_share", "most_share",
    "weight", "met_weight", "failed_weight", "cannot_judge_weight", "met_weight_share",
    "least_weight_share", "most_weight_share",
)  # fmt: skip
ENTERED_COLUMNS = ("clause_id", "value", "day", "source")
RATE_COLUMNS = ("share", "low_share", "high_share", "n", "last_day", "reason")
RATE_REASONS = {"too_few": TOO_FEW, "not_asked": NO_SURVEY}
"""Why a survey has no share, and what that makes of a clause; all else is not known."""
TOLERANCE = 1e-9
"""A value this near to its threshold is at it: sums end a rounding error off."""


@dataclass(frozen=True)
class Reading:
    """
    What is known of the figure of one clause.

    Attributes
    ----------
    value
        In the unit of the clause; missing where it is not known.
    least, most
        Between what the figure lies whatever is not known; missing: it is `value`.
    low, high
        Ends of its 95 % interval, where it has one.
    n
        What it is a share of; missing where it is no share, or that is not known.
    day, source
        Of which day it is and who says so, where it was entered or asked.
    evidence, row
        The table, and its row, that bear it out.
    reason
        One of `CLAUSE_REASONS` where there is no value, else empty.
    """

    value: float = np.nan
    least: float = np.nan
    most: float = np.nan
    low: float = np.nan
    high: float = np.nan
    n: float = np.nan
    day: str = ""
    source: str = ""
    evidence: str = ""
    row: str = ""
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Readiness:
    """
    How a city stands to the standard of its title.

    Attributes
    ----------
    clauses
        `CLAUSE_COLUMNS`, in the order of the standard. `margin` is how far the value lies beyond
        the threshold, in the clause's unit; below 0 that much is missing; it is missing itself
        where the clause cannot be judged.
    works
        `WORK_COLUMNS`: all clauses, then each of `WORKS`, those without a clause too. Shares met
        are of the clauses judged, missing where there are none; the least and the most count
        those that cannot be judged as failed and as met.
    blocks
        `CLAUSE_COLUMNS` of the clauses failed, as `what_blocks` orders them.
    days_left
        From the day of the data to that of the review, below 0 where it has passed; `None` where
        it is not known.
    """

    clauses: pd.DataFrame
    works: pd.DataFrame
    blocks: pd.DataFrame
    days_left: int | None


def judge_readiness(
    standard: TitleStandard,
    readings: Mapping[str, Reading],
    *,
    as_of: dt.date,
    review: dt.date | None,
) -> Readiness:
    """
    Judge every clause by what is known of it.

    A clause that cannot be judged counts neither as met nor as failed. Where part of a figure is
    not known, the clause is judged only if every value that it may have says the same. Not
    modelled: how inspectors weigh one clause against another; chance in values of surveys (their
    interval stands beside them).

    Parameters
    ----------
    standard
        Of the title.
    readings
        By clause; one that is left out is not known.
    as_of
        The day of the data.
    review
        Day of the review, if it is known.

    Returns
    -------
    readiness
        Of all clauses.
    """
    rows = [_judged(clause, readings.get(clause.id, Reading())) for clause in standard.clauses]
    clauses = pd.DataFrame(rows, columns=list(CLAUSE_COLUMNS))
    left = None if review is None else (review - pd.Timestamp(as_of).date()).days
    return Readiness(clauses, count_works(clauses), what_blocks(clauses), left)


def _judged(clause: Clause, reading: Reading) -> dict[str, object]:
    sign = -1.0 if clause.comparison == AT_MOST else 1.0
    threshold = np.nan if clause.threshold is None else clause.threshold
    margin = sign * (reading.value - threshold)
    ends = [reading.value if np.isnan(end) else end for end in (reading.least, reading.most)]
    worst, best = sorted(sign * (end - threshold) for end in ends)
    reason = _reason(clause, reading, decided=worst >= -TOLERANCE or best < -TOLERANCE)
    verdict = UNKNOWN if reason else MET if worst >= -TOLERANCE else FAILED
    return {
        "clause_id": clause.id,
        "work": clause.work,
        "veto": clause.veto,
        "weight": clause.weight,
        "judged": clause.judged,
        "figure": clause.figure,
        "value": reading.value,
        "low": reading.low,
        "high": reading.high,
        "n": reading.n,
        "comparison": clause.comparison,
        "threshold": threshold,
        "margin": np.nan if reason else margin,
        "unit": clause.unit,
        "verdict": verdict,
        "reason": reason,
        "value_day": reading.day,
        "value_source": reading.source,
        "evidence": reading.evidence,
        "evidence_row": reading.row,
        "basis": clause.basis,
        "confidence": clause.confidence,
    }


def _reason(clause: Clause, reading: Reading, *, decided: bool) -> str:
    if clause.judged == NO_WAY:
        return NO_FIGURE
    if clause.threshold is None:
        return NO_THRESHOLD
    if reading.reason:
        return reading.reason
    if np.isnan(reading.value):
        return NOT_KNOWN
    return "" if decided else UNDECIDED


def count_works(clauses: pd.DataFrame) -> pd.DataFrame:
    """
    Count the clauses of each key work by number and by weight.

    Parameters
    ----------
    clauses
        `CLAUSE_COLUMNS`.

    Returns
    -------
    works
        `WORK_COLUMNS`, as in `Readiness`.
    """
    rows = []
    for work in (WHOLE, *WORKS):
        own = clauses if work == WHOLE else clauses[clauses["work"] == work]
        met, failed, unknown = (own["verdict"] == verdict for verdict in CLAUSE_VERDICTS)
        numbers = [int(each.sum()) for each in (met, failed, unknown)]
        weights = [float(own["weight"][each].sum()) for each in (met, failed, unknown)]
        counted = (len(own), *numbers, *_shares(*numbers))
        rows.append((work, *counted, sum(weights), *weights, *_shares(*weights)))
    return pd.DataFrame(rows, columns=list(WORK_COLUMNS))


def _shares(met: float, failed: float, unknown: float) -> tuple[float, float, float]:
    """Met of those judged; met of all if those that cannot be judged fail, or are met."""
    judged, every = met + failed, met + failed + unknown
    share = met / judged if judged else np.nan
    return share, *((met / every, (met + unknown) / every) if every else (np.nan, np.nan))


def what_blocks(clauses: pd.DataFrame) -> pd.DataFrame:
    """
    Order the clauses failed by what costs most.

    Parameters
    ----------
    clauses
        `CLAUSE_COLUMNS`.

    Returns
    -------
    blocks
        Those failed: first those that cost the title alone, then by weight, then in the order of
        the standard.
    """
    failed = clauses[clauses["verdict"] == FAILED]
    return failed.sort_values(["veto", "weight"], ascending=False, kind="stable", ignore_index=True)


def entered_readings(
    standard: TitleStandard, values: pd.DataFrame | None, *, as_of: dt.date
) -> dict[str, Reading]:
    """
    Read the values that an office entered.

    Parameters
    ----------
    standard
        Of the title.
    values
        `ENTERED_COLUMNS`, any number for one clause, `day` without zone; `None` without such a
        layer.
    as_of
        The day of the data. Values of later days are left aside.

    Returns
    -------
    readings
        Of every clause that is judged so, by its latest value.
    """
    today = pd.Timestamp(pd.Timestamp(as_of).date())
    known = pd.DataFrame(columns=list(ENTERED_COLUMNS)) if values is None else values
    known = known[known["day"] <= today].sort_values("day", kind="stable")
    latest = {row["clause_id"]: row for row in known.to_dict("records")}
    asked = [each for each in standard.clauses if each.judged == ENTERED]
    return {each.id: _entered(each, latest.get(each.id), today) for each in asked}


def _entered(clause: Clause, row: Mapping[Hashable, Any] | None, today: pd.Timestamp) -> Reading:
    if row is None:
        return Reading(reason=NOT_ENTERED)
    old = clause.months and row["day"] < today - pd.DateOffset(months=clause.months)
    return Reading(
        value=float(row["value"]),
        day=f"{row['day']:%Y-%m-%d}",
        source=row["source"],
        evidence="clause_values",
        row=clause.id,
        reason=TOO_OLD if old else "",
    )


def survey_readings(standard: TitleStandard, rates: pd.DataFrame | None) -> dict[str, Reading]:
    """
    Read the results of surveys.

    Parameters
    ----------
    standard
        Of the title.
    rates
        `RATE_COLUMNS` of the whole city on `topic`, the latest of each; `reason` is one of
        `RATE_REASONS` where there is no share. `None` without a survey.

    Returns
    -------
    readings
        Of every clause that is judged so.
    """
    latest = {} if rates is None else {str(name): row for name, row in rates.iterrows()}
    asked = [each for each in standard.clauses if each.judged == SURVEY]
    return {each.id: _surveyed(each, latest.get(each.question)) for each in asked}


def _surveyed(clause: Clause, row: Any) -> Reading:  # noqa: ANN401  a row, or none
    if row is None:
        return Reading(reason=NO_SURVEY)
    if row["reason"]:
        return Reading(reason=RATE_REASONS.get(row["reason"], NOT_KNOWN))
    return Reading(
        value=float(row["share"]),
        low=float(row["low_share"]),
        high=float(row["high_share"]),
        n=float(row["n"]),
        day=f"{pd.Timestamp(row['last_day']):%Y-%m-%d}",
        evidence="survey",
        row=clause.question,
    )
