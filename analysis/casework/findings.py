"""
Findings: what an assessment asks somebody to do, each with figure, threshold, evidence, remedy.

A finding bears the name of what was found, of its place, and of its rule or category; never
the number of a row. Who finds it again next month finds the same name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.casework.survey import BELOW
from analysis.hotspots.places import CLEARLY, PLACE_CASES
from analysis.issues.counts import overdue
from analysis.issues.moments import after_day, as_they_stood, in_zone
from analysis.model.contracts import CITY, COMMUNITY
from analysis.model.figures import WEAK

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

COVERAGE, HOT_PLACE, REPEAT_POINT = "coverage", "hot_place", "repeat_point"
RECURRENCE, OVERDUE, UNCHECKED = "recurrence", "overdue", "unchecked"
INSPECTION, SURVEY, PROPOSED_SITE = "inspection", "survey", "proposed_site"
CLAUSE = "clause"
FINDING_KINDS = (
    *(COVERAGE, HOT_PLACE, REPEAT_POINT, RECURRENCE, OVERDUE, UNCHECKED),
    *(INSPECTION, SURVEY, PROPOSED_SITE, CLAUSE),
)
"""What can be found, in the order of the list."""
OPTIONAL_KINDS = (INSPECTION, SURVEY, PROPOSED_SITE, CLAUSE)
"""Kinds that a city without their layer, a title, or anything saved, says nothing about."""
OF_ONE_CASE = (RECURRENCE, OVERDUE, UNCHECKED, INSPECTION)
"""Kinds of which each finding is a single case; the others sum up many."""
AT_A_PLACE = (HOT_PLACE, REPEAT_POINT)
"""Found at a place that has no name of its own; see `analysis.casework.identity`."""

OPEN_IDLE, ADD, BRING, PATROL, MEND, REOPEN, CLOSE, CHECK, LISTEN, RAISE = REMEDIES = (
    "open_idle", "add", "bring", "patrol", "mend", "reopen", "close", "check", "listen", "raise",
)  # fmt: skip
"""
What would do away with a finding: open what stands idle; add facilities, or whatever the rule
counts; bring people or land within reach; patrol an area; mend the cause at a spot; work on a
case again; close it; look at a report; hear what people are not content with; bring the figure
of a clause to its threshold.
"""
SITE_M = 100.0
"""A facility of its kind this near to a proposed site stands there: a plot is found on the spot."""
AREA_KM2, SPOTS, CASES = "km2", "spots", "cases"
"""Units of a remedy beside those of a shortfall: what a crew patrols, visits, works on."""
FINDING_COLUMNS = (
    "kind",
    "subject",
    "gap_type",
    "community_id",
    "community",
    "parent",
    "unit",
    "figure",
    "measure",
    "value",
    "threshold",
    "since",
    "remedy",
    "quantity",
    "quantity_unit",
    "evidence",
    "evidence_row",
    "x",
    "y",
)
TEXTS = ("gap_type", "community_id", "community", "parent", "unit", "measure")
M2_IN_KM2 = 1e6
DAY_S = 86_400


@dataclass(frozen=True, eq=False)
class Findings:
    """
    What was found, and what could have been.

    Attributes
    ----------
    table
        `FINDING_COLUMNS` on `finding_id`, unique; kinds in the order of `FINDING_KINDS`. `subject`
        is a standard and its rule, or a category; `figure` names what `value` and `threshold`
        are of (`threshold` is missing where the kind has none), `measure` how distance is measured,
        empty but for coverage gaps and proposed sites; `since` is the day from which it
        is known, missing where the finding is of a state; `quantity` in `quantity_unit` is the
        least that the remedy takes, missing where it is not known; `evidence` is the table, and
        `evidence_row` the row in it, that bears the finding; `x`, `y` in metres, missing where
        there is no place.
    judged
        For each kind that was looked for: the names that it could have given, or `None` where
        it could have found anything anywhere. A kind that is absent could not be judged.
    """

    table: pd.DataFrame
    judged: Mapping[str, pd.Index | None] = field(default_factory=dict)


def gather_findings(*found: Findings) -> Findings:
    """
    Put findings of several kinds together.

    Parameters
    ----------
    *found
        Each of kinds of its own.

    Returns
    -------
    findings
        All of them; none at all gives an empty table.
    """
    tables = [each.table for each in found if len(each.table)]
    table = pd.concat(tables) if tables else _table(pd.DataFrame(), [])
    judged = {kind: names for each in found for kind, names in each.judged.items()}
    return Findings(table, judged)


def coverage_findings(coverage: pd.DataFrame, communities: gpd.GeoDataFrame) -> Findings:
    """
    Name every community that fails a rule: missing, short or weak.

    Parameters
    ----------
    coverage
        `analysis.coverage.assessment.COVERAGE_COLUMNS`, one row for each community and rule.
    communities
        As in `analysis.model.contracts`; a finding stands at a point inside.

    Returns
    -------
    findings
        One for each row that fails. The gap may change from missing to short: it stays the
        finding of this community and this rule. The remedy is to open what stands idle where
        that alone would do, else the facilities to add where they are known, else the
        shortfall of the rule in its own unit; both are the least, and look at no plot.
    """
    rule = coverage["standard"].astype(str) + "/" + coverage["rule"].astype(str)
    names = _name(COVERAGE, coverage["community_id"].astype(str), rule)
    failing = coverage["verdict"].eq("fails").to_numpy()
    rows = coverage[failing]
    idle = rows["gap_type"].eq(WEAK) & (rows["facilities_idle"].fillna(0) > 0)
    counted = rows["facilities_to_add"].notna() & ~idle
    add = counted | ~rows["shortfall_unit"].isin(("people", "m2"))
    spots = communities.representative_point().reindex(rows["community_id"])
    facts = pd.DataFrame(
        {
            "subject": rule[failing].to_numpy(),
            "gap_type": rows["gap_type"].to_numpy(),
            "community_id": rows["community_id"].to_numpy(),
            "community": rows["community"].to_numpy(),
            "parent": rows["parent"].to_numpy(),
            "figure": rows["figure"].to_numpy(),
            "measure": rows["measure"].to_numpy(),
            "value": rows["value"].to_numpy(),
            "threshold": rows["minimum"].to_numpy(),
            "remedy": np.select([idle, add], [OPEN_IDLE, ADD], BRING),
            "quantity": np.select(
                [idle, counted],
                [rows["facilities_idle"], rows["facilities_to_add"]],
                rows["shortfall"],
            ).astype(float),
            "quantity_unit": np.where(idle | counted, "facilities", rows["shortfall_unit"]),
            "evidence": COVERAGE,
            "evidence_row": (rows["community_id"].astype(str) + "; " + rows["rule"]).to_numpy(),
            "x": spots.x.to_numpy(),
            "y": spots.y.to_numpy(),
        }
    )
    known = coverage["verdict"].ne("cannot_judge").to_numpy()
    table = _table(facts.assign(kind=COVERAGE), names[failing])
    return Findings(table, {COVERAGE: pd.Index(names[known])})


def hot_place_findings(places: pd.DataFrame) -> Findings:
    """
    Name every hot place.

    Parameters
    ----------
    places
        `analysis.hotspots.places.PLACE_COLUMNS` of hot places, on the cell that is hottest.

    Returns
    -------
    findings
        One for each. `threshold` is what makes a place: its least number of cases, or `CLEARLY`
        times the expected ones if they are more. The remedy is to patrol its area.
    """
    least = (places["expected"].fillna(0) * CLEARLY).clip(lower=PLACE_CASES)
    facts = _placed(places).assign(
        subject=places["top_category"].fillna("").to_numpy(),
        unit=places["units"].fillna("").to_numpy(),
        figure="cases",
        value=places["cases"].to_numpy(dtype=float),
        threshold=least.to_numpy(dtype=float),
        remedy=PATROL,
        quantity=places["area_m2"].to_numpy(dtype=float) / M2_IN_KM2,
        quantity_unit=AREA_KM2,
        evidence="places",
    )
    names = _name(HOT_PLACE, pd.Series(places.index, dtype=object))
    return Findings(_table(facts.assign(kind=HOT_PLACE), names), {HOT_PLACE: None})


def repeat_findings(repeats: pd.DataFrame, *, least: int, side_m: float) -> Findings:
    """
    Name the repeat points of the last month.

    Parameters
    ----------
    repeats
        `analysis.handling.followup.FollowUp.repeats`, on `point_id`.
    least
        Cases that make a point.
    side_m
        Distance within which cases were one place; a point is named by the square of this side
        that it lies in, and numbered where the square has several.

    Returns
    -------
    findings
        One for each point of the latest month in the table; earlier months are history. The
        remedy is to mend the cause at one spot.
    """
    rows = repeats[repeats["month"].eq(repeats["month"].max())]
    column, row = ((rows[axis] // side_m).astype("int64").astype(str) for axis in ("x", "y"))
    facts = _placed(rows).assign(
        subject=rows["category"].to_numpy(),
        unit=rows["unit"].to_numpy(),
        figure="cases",
        value=rows["cases"].to_numpy(dtype=float),
        threshold=float(least),
        since=(rows["month"] + "-01").to_numpy(),
        remedy=MEND,
        quantity=1.0,
        quantity_unit=SPOTS,
        evidence="repeat_points",
    )
    square = pd.Series(column + "_" + row)
    place = square.groupby([rows["category"], square]).cumcount()
    square = square.where(place == 0, square + "_" + (place + 1).astype(str))
    names = _name(REPEAT_POINT, rows["category"].astype(str), square)
    return Findings(_table(facts.assign(kind=REPEAT_POINT), names), {REPEAT_POINT: None})


def recurrence_findings(closings: pd.DataFrame, issues: pd.DataFrame, *, days: int) -> Findings:
    """
    Name the closed cases that came back and whose new case is not closed yet.

    Parameters
    ----------
    closings
        `analysis.handling.followup.FollowUp.closings`.
    issues
        All issues, as in `analysis.model.contracts`: they tell what became of the new case.
    days
        Length of the follow-up.

    Returns
    -------
    findings
        One for each; where the new case is closed too, its own closing is followed instead. A
        status that is not known is not taken for closed.
    """
    again = closings["returned_id"].map(issues["status"])
    rows = closings[closings["relapsed"] & again.ne("closed")]
    facts = _placed(rows).assign(
        subject=rows["category"].to_numpy(),
        unit=rows["unit"].to_numpy(),
        figure="days_clean",
        value=rows["days_clean"].to_numpy(dtype=float),
        threshold=float(days),
        since=_days(rows["returned_at"]),
        remedy=REOPEN,
        quantity=1.0,
        quantity_unit=CASES,
        evidence="relapse",
    )
    names = _name(RECURRENCE, pd.Series(rows.index, dtype=object))
    judged = pd.Index(_name(RECURRENCE, pd.Series(closings.index, dtype=object)))
    return Findings(_table(facts.assign(kind=RECURRENCE), names), {RECURRENCE: judged})


def overdue_findings(cases: pd.DataFrame, *, as_of: dt.date) -> Findings:
    """
    Name the open cases that were due.

    Parameters
    ----------
    cases
        As in `analysis.model.contracts`, with `community_id`, `community` and `parent`.
    as_of
        As in `analysis.issues.counts.overdue`.

    Returns
    -------
    findings
        One for each; `value` is how many days of 24 hours it is late. Cases without a due time
        or of unknown status could not be judged.
    """
    late = overdue(cases, as_of=as_of)
    rows = cases[late]
    moment = in_zone(as_of, cases["due_at"].dt.tz)
    facts = _placed(rows).assign(
        subject=rows["category"].fillna("").to_numpy(),
        unit=rows["unit"].to_numpy(),
        figure="days_late",
        value=((moment - rows["due_at"]).dt.total_seconds() / DAY_S).to_numpy(dtype=float),
        threshold=0.0,
        since=_days(rows["due_at"]),
        remedy=CLOSE,
        quantity=1.0,
        quantity_unit=CASES,
        evidence="issues",
    )
    known = cases["status"].eq("closed") | (cases["status"].eq("open") & cases["due_at"].notna())
    judged = pd.Index(_name(OVERDUE, pd.Series(cases.index[known], dtype=object)))
    names = _name(OVERDUE, pd.Series(rows.index, dtype=object))
    return Findings(_table(facts.assign(kind=OVERDUE), names), {OVERDUE: judged})


def unchecked_findings(unchecked: pd.DataFrame, received: pd.Index) -> Findings:
    """
    Name the reports that nobody has looked at.

    Parameters
    ----------
    unchecked
        `analysis.handling.verification.Verification.unchecked` with the communities.
    received
        All reports that were looked through.

    Returns
    -------
    findings
        One for each; `value` is its age in working days, and there is no threshold.
    """
    facts = _placed(unchecked).assign(
        subject=unchecked["category"].fillna("").to_numpy(),
        unit=unchecked["unit"].to_numpy(),
        figure="age_days",
        value=unchecked["age_days"].to_numpy(dtype=float),
        since=_days(unchecked["reported_at"]),
        remedy=CHECK,
        quantity=1.0,
        quantity_unit=CASES,
        evidence=UNCHECKED,
    )
    judged = pd.Index(_name(UNCHECKED, pd.Series(received, dtype=object)))
    names = _name(UNCHECKED, pd.Series(unchecked.index, dtype=object))
    return Findings(_table(facts.assign(kind=UNCHECKED), names), {UNCHECKED: judged})


def inspection_findings(found: pd.DataFrame, *, as_of: dt.date) -> Findings:
    """
    Name what inspectors found and nobody has rectified yet.

    Parameters
    ----------
    found
        `analysis.casework.inspections.inspected` issues, with the communities.
    as_of
        As in `analysis.casework.inspections.rounds`.

    Returns
    -------
    findings
        One for each that is open; `value` is the days of 24 hours from the report to the first
        instant of the day, 0 for one of that day, and there is no threshold. One that is late too
        is a finding of its own kind as well. Those of unknown status could not be judged.
    """
    moment = in_zone(as_of, found["reported_at"].dt.tz)
    stood = as_they_stood(found[~after_day(found["reported_at"], as_of)], as_of)
    rows = stood[stood["status"].eq("open")]
    age = (moment - rows["reported_at"]).dt.total_seconds().clip(lower=0) / DAY_S
    facts = _placed(rows).assign(
        subject=rows["category"].fillna("").to_numpy(),
        unit=rows["unit"].to_numpy(),
        figure="days_open",
        value=age.to_numpy(dtype=float),
        since=_days(rows["reported_at"]),
        remedy=CLOSE,
        quantity=1.0,
        quantity_unit=CASES,
        evidence="round_findings",
    )
    known = stood.index[stood["status"].isin(("open", "closed"))]
    judged = pd.Index(_name(INSPECTION, pd.Series(known, dtype=object)))
    names = _name(INSPECTION, pd.Series(rows.index, dtype=object))
    return Findings(_table(facts.assign(kind=INSPECTION), names), {INSPECTION: judged})


def survey_findings(rates: pd.DataFrame, communities: gpd.GeoDataFrame) -> Findings:
    """
    Name every area whose rate in the latest survey lies below its threshold by more than chance.

    Parameters
    ----------
    rates
        `analysis.casework.survey.RATE_COLUMNS`, the latest rows of each topic.
    communities
        As in `analysis.model.contracts`; a finding stands at a point inside.

    Returns
    -------
    findings
        One for each community and topic with the verdict `below`; of what is above communities
        only where none of its communities was asked, else its people would be counted twice.
        The city is no area. A rate that is below the threshold within chance is neither a finding
        nor proof that an earlier one is gone: such an area could not be judged.
    """
    held = rates[rates["verdict"].ne("") & rates["level"].ne(CITY)]
    keys = ["topic", "parent"]
    own = pd.MultiIndex.from_frame(rates.loc[rates["level"].eq(COMMUNITY), keys])
    has_parts = pd.MultiIndex.from_frame(held[keys]).isin(own)
    held = held[held["level"].eq(COMMUNITY) | ~has_parts]
    below = held["verdict"].eq(BELOW)
    names = _name(SURVEY, held["level"], held["area_id"], held["topic"])
    rows, spots = held[below], communities.representative_point()
    places = spots.reindex(rows["area_id"].where(rows["level"].eq(COMMUNITY)))
    facts = pd.DataFrame(
        {
            "subject": rows["topic"].to_numpy(),
            "community_id": rows["area_id"].where(rows["level"].eq(COMMUNITY), "").to_numpy(),
            "community": rows["community"].to_numpy(),
            "parent": rows["parent"].to_numpy(),
            "figure": "yes_share",
            "value": rows["share"].to_numpy(dtype=float),
            "threshold": rows["threshold"].to_numpy(dtype=float),
            "since": _days(pd.to_datetime(rows["last_day"])),
            "remedy": LISTEN,
            "quantity_unit": "",
            "evidence": SURVEY,
            "evidence_row": (
                rows["area_id"] + "; " + rows["topic"] + "; " + rows["period"]
            ).to_numpy(),
            "x": places.x.to_numpy(),
            "y": places.y.to_numpy(),
        }
    )
    judged = pd.Index(names[(below | (held["share"] >= held["threshold"])).to_numpy(dtype=bool)])
    table = _table(facts.assign(kind=SURVEY), names[below.to_numpy(dtype=bool)])
    return Findings(table, {SURVEY: judged})


def site_findings(sites: pd.DataFrame) -> Findings:
    """
    Name the proposed sites at which no facility stands yet.

    Parameters
    ----------
    sites
        One row a site of a saved scenario: `subject`, the standard and its rule, or the kind
        where there is no rule; `lon`, `lat` in degrees; `x`, `y` in metres; `facility_m` to the
        nearest open facility of the kind, missing where there is none; `people_gained`, missing
        where it is not known; `measure`; `evidence_row`; and the communities.

    Returns
    -------
    findings
        One for each place and subject, to about a metre; of several the first row. One is gone as
        soon as a facility of its kind stands within `SITE_M`, or nobody would come within reach
        by it any more. `value` are the people whom it would bring within reach; there is no
        threshold. The remedy is one facility. Whether the plot is free is not modelled.
    """
    place = [f"{lon:.5f}_{lat:.5f}" for lon, lat in sites[["lon", "lat"]].to_numpy(float) + 0.0]
    names = _name(
        PROPOSED_SITE, sites["subject"], pd.Series(place, index=sites.index, dtype=object)
    )
    first = ~pd.Series(names).duplicated().to_numpy()
    stands = (sites["facility_m"] <= SITE_M) | sites["people_gained"].eq(0)
    rows = sites[first & ~stands.to_numpy()]
    facts = _placed(rows).assign(
        subject=rows["subject"].to_numpy(),
        figure="people_gained",
        measure=rows["measure"].to_numpy(),
        value=rows["people_gained"].to_numpy(dtype=float),
        remedy=ADD,
        quantity=1.0,
        quantity_unit="facilities",
        evidence="scenario_changes",
        evidence_row=rows["evidence_row"].to_numpy(),
    )
    table = _table(facts.assign(kind=PROPOSED_SITE), names[first & ~stands.to_numpy()])
    return Findings(table, {PROPOSED_SITE: pd.Index(names[first])})


def clause_findings(clauses: pd.DataFrame, *, title: str) -> Findings:
    """
    Name the clauses of a title's standard that the city fails.

    Parameters
    ----------
    clauses
        `analysis.casework.readiness.CLAUSE_COLUMNS`.
    title
        Identifier of the standard.

    Returns
    -------
    findings
        One for each that is failed. The remedy is to bring its figure to the threshold, by as
        much as is missing, in the clause's own unit. It is the city's, and has no place.
    """
    subject = title + "/" + clauses["clause_id"].astype(str)
    names = _name(CLAUSE, subject)
    failed = clauses["verdict"].eq("fails").to_numpy()
    rows = clauses[failed]
    facts = pd.DataFrame(
        {
            "subject": subject[failed],
            "figure": CLAUSE,
            "value": rows["value"],
            "threshold": rows["threshold"],
            "since": rows["value_day"].where(rows["value_day"].ne("")),
            "remedy": RAISE,
            "quantity": -rows["margin"],
            "quantity_unit": rows["unit"],
            "evidence": "clauses",
            "evidence_row": rows["clause_id"],
        }
    )
    known = clauses["verdict"].ne("cannot_judge").to_numpy()
    table = _table(facts.assign(kind=CLAUSE), names[failed])
    return Findings(table, {CLAUSE: pd.Index(names[known])})


def _name(kind: str, *parts: pd.Series) -> NDArray[np.object_]:
    """Join what a finding is named by; a colon within a part is doubled."""
    name = pd.Series(kind, index=parts[0].index, dtype=object)
    for part in parts:
        name = name + ":" + part.astype(str).str.replace(":", "::", regex=False)
    named: NDArray[np.object_] = name.to_numpy(dtype=object)
    return named


def _placed(rows: pd.DataFrame) -> pd.DataFrame:
    """What rows with a place have in common; the row itself is the evidence."""
    facts = {name: rows[name].to_numpy() for name in ("x", "y")}
    for name in ("community_id", "community", "parent"):
        facts[name] = rows[name].to_numpy()
    return pd.DataFrame({**facts, "evidence_row": rows.index.astype(str)})


def _days(times: pd.Series) -> NDArray[np.object_]:
    days: NDArray[np.object_] = times.dt.strftime("%Y-%m-%d").to_numpy(dtype=object)
    return days


def _table(facts: pd.DataFrame, names: Sequence[object] | NDArray[np.object_]) -> pd.DataFrame:
    table = facts.reindex(columns=list(FINDING_COLUMNS))
    table[list(TEXTS)] = table[list(TEXTS)].astype(object).where(table[list(TEXTS)].notna(), "")
    numbers = ["value", "threshold", "quantity", "x", "y"]
    table[numbers] = table[numbers].astype(float)
    return table.set_axis(pd.Index(np.asarray(names, dtype=object), name="finding_id"))
