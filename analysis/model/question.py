"""What is asked: which issues, by which standard, on which cells; what may be asked for."""

from __future__ import annotations

import datetime as dt  # noqa: TC003  records that are read back are checked by these types
from dataclasses import dataclass
from typing import Literal, get_args

Measure = Literal["straight", "network"]
MEASURES: tuple[Measure, ...] = get_args(Measure)
"""How distance is measured: as the crow flies, along streets."""
BY_RULE: tuple[Measure, ...] = ()
"""No measure chosen: each rule by the one that its document states."""
BOTH: tuple[Measure, ...] = MEASURES[::-1]
"""Each rule by walking distance where it can be, and by the straight line beside it."""
Catchment = Literal["equal", "steps", "gaussian", "choice"]
CATCHMENTS: tuple[Catchment, ...] = get_args(Catchment)
"""How capacity is shared out, as in `analysis.coverage.catchment`."""
Shape = Literal["square", "hexagon"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
Basis = Literal["rate", "street", "count"]
BASES: tuple[Basis, ...] = get_args(Basis)
"""What cases are counted over: residents, metres of street, nothing (plain counts)."""
Windows = Literal["circles", "ellipses"]
WINDOWS: tuple[Windows, ...] = get_args(Windows)
"""What the scan looks through: circles, or ellipses too."""
COMPARISONS = ("previous", "last_year")
"""What the last months are compared with: those just before, the same a year earlier."""
PRIORITY_PARTS = ("reach", "hot", "relapse", "overdue")

# What a page offers; the first is the usual value, on a page and on the command line.
DISTANCES = (50, 25, 100, 200)
"""Metres within which a case is at the same place."""
FOLLOW_UPS = (30, 7, 14, 60, 90, 180, 365)
"""Days of follow-up after a closing."""
MARGINS = (10, 5, 3)
"""Margins of the recheck, in percentage points."""
CROWDS = (10, 3, 5, 20, 30, 50, 100)
"""Least cases within the distance that make a density cluster."""
SPANS = (3, 1, 6, 12)
"""Months compared with earlier ones."""
WEIGHTS = (1, 0, 2, 3, 4, 5)
"""Weights of the parts of joint priority."""
POSITION_ERRORS = (10, 5, 20, 50, 100)
"""Metres by which places may be off: a phone errs by 8 m in the median."""

Sites = Literal["homes", "grid", "streets"]
SITES: tuple[Sites, ...] = get_args(Sites)
"""Where new facilities may stand: where people live, on a lattice, at ends of street edges."""
HOME_SITES, GRID_SITES, STREET_SITES = SITES

Problem = Literal["cover", "backup", "median", "centre", "capacity"]
PROBLEMS: tuple[Problem, ...] = get_args(Problem)
"""
What sites are to do: bring most people within reach, or a second facility too; shorten the way of
all people, or of whoever is farthest; give most people the stalls that they need.
"""
COVER, BACKUP, MEDIAN, CENTRE, CAPACITY = PROBLEMS
PEOPLE, COMPLAINTS = "people", "complaints"
"""What sites are compared by, beside groups of residents: people, or people times reports near."""


@dataclass(frozen=True)
class SitingRequest:
    """
    How many new facilities, or for which share of the residents, and where they may stand.

    Attributes
    ----------
    sites
        Most to add; `None` where a share or a budget is asked for.
    share
        Of the residents to be within reach, 0-1, with as few new facilities as possible.
    budget
        Most that the new facilities may cost together.
    minimum
        Whether every community that can is to meet the rule's minimum, with as few new
        facilities as possible.
    costs
        Kinds and the cost of one facility, where the candidates do not state theirs.
    problem
        One of `PROBLEMS`.
    weight
        What counts: `PEOPLE`, `COMPLAINTS`, or a group that the residents layer carries.
    candidates
        One of `SITES`, or a kind of facility at whose places new ones may stand.
    apart_m
        Least distance to one another, in metres; 0 for none.
    from_existing_m
        Least distance to what is there, in metres; `None` for the same as to one another.
    alternatives
        Other plans to look for.
    zone
        Zone of the city's layer that they stand in; empty for any place.
    closures
        Facilities to close at most, and `sites` to open instead; `None` where none is to close.
    stalls
        Capacity of each new facility; `None` where it is not asked about.
    """

    sites: int | None = None
    share: float | None = None
    budget: float | None = None
    minimum: bool = False
    costs: tuple[tuple[str, float], ...] = ()
    problem: Problem = COVER
    weight: str = PEOPLE
    candidates: str = SITES[0]
    apart_m: float = 0.0
    from_existing_m: float | None = None
    alternatives: int = 3
    zone: str = ""
    closures: int | None = None
    stalls: float | None = None


@dataclass(frozen=True)
class Selection:
    """
    Which issues are meant; nothing given means every one of them.

    Attributes
    ----------
    category
        Exactly as in the data; `None` means every category.
    since, until
        First and last day of report, both included, in the time zone of the data. A moment
        with a zone means the day it falls on there.
    campaign
        Identifier of one; empty for none. Whoever is asked narrows the issues to its categories
        and area first (`analysis.issues.campaign.within_campaign`); its dates are `since` and
        `until`, unless others are asked for.
    """

    category: str | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    campaign: str = ""


ALL_ISSUES = Selection()


@dataclass(frozen=True)
class FollowUpRule:
    """
    What counts as a return, and how sure the recheck must be.

    Attributes
    ----------
    distance_m
        Greatest distance between cases of one place.
    days
        Length of the follow-up.
    least
        Cases of one category in a month that make a repeat point.
    margin_share
        Half the width of the 95 % interval that the recheck shall give.
    draw
        A public number that decides the random sample, best one fixed only after the last closing;
        empty for the last day of the period.
    case_mix
        Whether units are compared with what the city achieves with the categories they have.
    """

    distance_m: float = float(DISTANCES[0])
    days: int = FOLLOW_UPS[0]
    least: int = 3
    margin_share: float = MARGINS[0] / 100
    draw: str = ""
    case_mix: bool = False


@dataclass(frozen=True)
class Question:
    """
    All that a bundle of results answers; plain values, so that answers can be kept by it.

    Attributes
    ----------
    standard
        Identifier; empty for the city's own.
    radii
        Kinds and the service radius in metres put in place of the standard's.
    rule
        Rule that the map shows; empty for the first one that the city has facilities for.
    measures
        Some of `MEASURES`, the one in use first; `BY_RULE` where none is chosen.
    only, least_class, at, on
        Supply filter, as in `analysis.access.supply_filter.SupplyFilter`.
    catchment, needs
        One of `CATCHMENTS`; kinds and the capacity wanted for 1,000 people.
    edition
        What today is compared with: an earlier edition or another folder; empty for nothing.
    position_error
        Metres by which places may be off.
    selection
        The issues meant.
    history
        Where change and under-reporting look, which need more than a short period.
    cell, grid, basis
        Side of a cell in metres or `None` for the one proposed; one of `SHAPES`; of `BASES`, or
        `None` for residents where they are known, else counts.
    windows
        One of `WINDOWS`.
    follow_up
        What counts as a return.
    months
        Length of the periods compared.
    cluster_distance, cluster_cases
        A density cluster has so many cases within so many metres.
    weights
        Of `PRIORITY_PARTS`, in their order.
    """

    standard: str = ""
    radii: tuple[tuple[str, float], ...] = ()
    rule: str = ""
    measures: tuple[str, ...] = BY_RULE
    only: tuple[str, ...] = ()
    least_class: str = ""
    at: tuple[int, int] | None = None
    on: str = ""
    catchment: str = CATCHMENTS[0]
    needs: tuple[tuple[str, float], ...] = ()
    edition: str = ""
    position_error: float = float(POSITION_ERRORS[0])
    selection: Selection = ALL_ISSUES
    history: Selection = ALL_ISSUES
    cell: float | None = None
    grid: str = SHAPES[0]
    basis: str | None = None
    windows: str = WINDOWS[0]
    follow_up: FollowUpRule = FollowUpRule()
    months: int = SPANS[0]
    cluster_distance: float = float(DISTANCES[0])
    cluster_cases: int = CROWDS[0]
    weights: tuple[float, ...] = (float(WEIGHTS[0]),) * len(PRIORITY_PARTS)
