"""Closed cases that come back, and places where cases of one category repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.handling.nearby import near_pairs
from analysis.issues.counts import most_frequent, open_cases, undated
from analysis.issues.moments import in_zone
from analysis.model.contracts import check_issues, stated
from analysis.model.errors import SettingsError

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

CLOSING_COLUMNS = (
    "category",
    "unit",
    "x",
    "y",
    "closed_at",
    "returned_at",
    "returned_id",
    "days_clean",
    "returned",
    "followed",
    "relapsed",
)
REPEAT_COLUMNS = ("month", "category", "cases", "open", "unit", "x", "y", "case_ids")
DAY_S = 86_400
DISTANCES = (1, 1000)
"""Least and greatest distance, in metres, at which two cases may be called one place."""
MOST_DAYS = 3_660
"""Ten years: no register follows a closing for longer."""
MOST_CASES = 1_000_000


def check_distance(distance_m: float) -> None:
    """
    Hold the distance between cases of one place to what makes sense.

    Parameters
    ----------
    distance_m
        In metres.

    Raises
    ------
    SettingsError
        If it is not within `DISTANCES`.
    """
    least, most = DISTANCES
    if not least <= distance_m <= most:
        msg = f"distance: {distance_m!r} m; allowed are {least} to {most} m."
        raise SettingsError(
            msg,
            problem="near_value",
            hint="Give the distance in metres.",
            found=distance_m,
            least=least,
            most=most,
        )


def _check_whole(name: str, found: int, *, least: int, most: int) -> None:
    if not least <= found <= most:
        msg = f"{name}: {found}; allowed are {least:,} to {most:,}."
        raise SettingsError(
            msg,
            problem="number_range",
            hint="Give a number in this range.",
            name=name,
            found=found,
            least=least,
            most=most,
        )


def follow_closings(
    issues: pd.DataFrame, *, as_of: dt.date, distance_m: float, days: int
) -> pd.DataFrame:
    """
    Follow every closed case until the next one of its category nearby.

    A case comes back with the first other case of the same category that is reported after
    its closing and within the distance. It has a recurrence if that happens within `days`. One new
    case may end the rest of several closings. Whether it is the same problem is not known,
    and a problem that nobody reports is not seen.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`.
    as_of
        Where observation ends: a plain day means its first instant. Closings and reports
        from then on are not looked at.
    distance_m
        Greatest straight distance to the new case, in metres.
    days
        Length of the follow-up, in days of 24 hours.

    Returns
    -------
    closings
        `CLOSING_COLUMNS`, on the `issue_id` of every case that is closed, has a time of
        closing, coordinates and a category, in the order of `issues`: `returned_at` and
        `returned_id` of the first case that came back, if any; `days_clean` until then, or
        until `as_of`; `followed` if the full follow-up has passed; `relapsed` if it
        returned within `days`, followed or not. No row where of no case is known when it was
        reported: nothing tells what came back.

    Raises
    ------
    SettingsError
        If the distance or the number of days cannot be.
    """
    check_issues(issues)
    check_distance(distance_m)
    _check_whole("days", days, least=1, most=MOST_DAYS)
    end = in_zone(as_of, issues["reported_at"].dt.tz)
    place = issues["x"].notna() & stated(issues["category"])
    closed = place & issues["status"].eq("closed") & (issues["closed_at"] < end)
    if undated(issues):
        closed[:] = False
    reports = issues[place & (issues["reported_at"] < end)]
    closings = issues.loc[closed, ["category", "unit", "x", "y", "closed_at"]].copy()
    first = _first_returns(closings, reports.sort_values("reported_at", kind="stable"), distance_m)
    closings["returned_at"] = issues["reported_at"].reindex(first.to_numpy()).array
    closings["returned_id"] = first
    closings["returned"] = first.notna()
    until = closings["returned_at"].fillna(end)
    closings["days_clean"] = (until - closings["closed_at"]).dt.total_seconds() / DAY_S
    closings["followed"] = closings["closed_at"] + pd.Timedelta(days=days) <= end
    closings["relapsed"] = closings["returned"] & (closings["days_clean"] <= days)
    return closings[list(CLOSING_COLUMNS)]


def _first_returns(
    closings: pd.DataFrame, reports: pd.DataFrame, distance_m: float
) -> pd.Series[str]:
    """Identifier of the first later report near each closing; reports come by time."""
    after = np.searchsorted(
        _instants(reports["reported_at"]), _instants(closings["closed_at"]), side="right"
    )
    codes = pd.Categorical(pd.concat([closings["category"], reports["category"]])).codes
    mine, theirs = np.split(codes, [len(closings)])
    rows = np.full(len(closings), len(reports), dtype=np.int64)
    pairs = near_pairs(
        _apart(closings, mine, distance_m),
        _apart(reports, theirs, distance_m),
        distance_m=distance_m,
    )
    for point, other in pairs:
        later = other >= after[point]
        np.minimum.at(rows, point[later], other[later])
    names = np.array([*reports.index, None], dtype=object)
    return pd.Series(names[rows], index=closings.index, dtype="object", name="returned_id")


def _apart(
    cases: pd.DataFrame, group: NDArray[np.integer], distance_m: float
) -> NDArray[np.float64]:
    """Places with a third coordinate that keeps groups beyond the distance of each other."""
    return np.column_stack([cases["x"], cases["y"], group.astype(float) * (3 * distance_m)])


def _instants(times: pd.Series) -> NDArray[np.datetime64]:
    plain: NDArray[np.datetime64]
    plain = times.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[us]")
    return plain


def repeat_points(issues: pd.DataFrame, *, distance_m: float, least: int) -> pd.DataFrame:
    """
    Find places with at least so many cases of one category in a calendar month.

    Points are taken greedily, the most crowded case first; a case belongs to one point
    only, and no place that still fulfils the rule is left. It is a rule of practice, not a
    test: chance alone makes such points where there are many cases.

    Parameters
    ----------
    issues
        As in `analysis.model.contracts`; those without time of report, category or coordinates
        are in no point.
    distance_m
        Greatest distance of a case from the case at the centre of its point, in metres.
    least
        Cases that make a point.

    Returns
    -------
    repeats
        `REPEAT_COLUMNS`, latest month first, then most cases: `month` as `YYYY-MM` in the
        zone of `reported_at`; the unit with most of the cases; `x`, `y` of their mean; the
        tuple of their identifiers. Index `point_id`.

    Raises
    ------
    SettingsError
        If the distance or the number of cases cannot be.
    """
    check_issues(issues)
    check_distance(distance_m)
    _check_whole("least", least, least=2, most=MOST_CASES)
    usable = issues["x"].notna() & stated(issues["category"]) & issues["reported_at"].notna()
    cases = issues[usable].sort_values("reported_at", kind="stable")
    month = cases["reported_at"].dt.strftime("%Y-%m").rename("month")
    group = cases.groupby([month, "category"]).ngroup().to_numpy()
    group_of_cases = _crowds(_apart(cases, group, distance_m), distance_m=distance_m, least=least)
    cases = cases.assign(month=month, group_of_cases=group_of_cases)[group_of_cases >= 0]
    table = _points(cases).sort_values(
        ["month", "cases", "category"], ascending=[False, False, True], kind="stable"
    )
    names = [f"{when}-{number}" for number, when in enumerate(table["month"], start=1)]
    return table.set_axis(pd.Index(names, dtype="str", name="point_id"))


def _crowds(xyz: NDArray[np.float64], *, distance_m: float, least: int) -> NDArray[np.int64]:
    """Number of the group that each case belongs to, or -1."""
    group_of_cases = np.full(len(xyz), -1, dtype=np.int64)
    blocks = list(near_pairs(xyz, xyz, distance_m=distance_m))
    if not blocks:
        return group_of_cases
    others = np.concatenate([other for _, other in blocks])
    found = np.bincount(np.concatenate([point for point, _ in blocks]), minlength=len(xyz))
    ends = np.cumsum(found)
    for centre in np.argsort(-found, kind="stable")[: int((found >= least).sum())]:
        if group_of_cases[centre] < 0:
            near = others[ends[centre] - found[centre] : ends[centre]]
            members = near[group_of_cases[near] < 0]
            if len(members) >= least:
                group_of_cases[members] = centre
    return group_of_cases


def _points(cases: pd.DataFrame) -> pd.DataFrame:
    facts = cases.assign(cases=1, case_ids=cases.index).groupby("group_of_cases")
    table = facts[["month", "category"]].first().join(facts[["cases"]].sum())
    table["open"] = open_cases(cases, cases["group_of_cases"])
    table = table.join(facts[["x", "y"]].mean())
    table["unit"] = (
        most_frequent(cases["unit"], cases["group_of_cases"]).reindex(table.index).fillna("")
    )
    table["case_ids"] = facts["case_ids"].agg(tuple) if len(table) else ()
    return table[list(REPEAT_COLUMNS)]
