"""What the reader has chosen: the same in the page, its URL and the record of an export."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import shapely

from analysis.access.opening_hours import WEEKDAYS
from analysis.access.supply_filter import ANY, SupplyFilter, applicable_filter
from analysis.casework.findings import FINDING_KINDS
from analysis.casework.frontage import GROUPS as DUTY_GROUPS
from analysis.casework.inspections import names_rounds
from analysis.casework.monitoring import EVERY
from analysis.casework.task_table import GROUPS
from analysis.casework.tasks import LONGEST_NAME, STATES
from analysis.geometry.drawn_area import read_area
from analysis.handling.followup import INDICATORS
from analysis.hotspots.cells import COUNT, RATE, STREET
from analysis.hotspots.recipe import usual_basis
from analysis.model.contracts import GROUPS as RESIDENT_GROUPS
from analysis.model.levels import LEVELS as LEVELS_ABOVE
from analysis.model.levels import levels_of
from analysis.model.question import (
    BASES,
    CATCHMENTS,
    COMPARISONS,
    COMPLAINTS,
    CROWDS,
    DISTANCES,
    FOLLOW_UPS,
    MARGINS,
    MEASURES,
    PEOPLE,
    POSITION_ERRORS,
    PROBLEMS,
    SHAPES,
    SITES,
    SPANS,
    WEIGHTS,
    WINDOWS,
)
from analysis.model.taxonomy import LEVELS
from layers.languages import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from analysis.geometry.drawn_area import DrawnArea
    from analysis.model.standards import Rule, Standard
    from layers.city import City

    Reader = Callable[[str, City, Mapping[str, Standard]], Any]

AREAS: dict[str, tuple[str, ...]] = {
    "home": ("home",),
    "map": (
        *("coverage", "capacity", "robustness", "compare", "siting", "whatif"),
        *("hotspots", "clusters", "change", "silence"),
    ),
    "lists": ("priority", "scorecard", "levels", "matrix"),
    "rectification": (
        *("findings", "tasks", "inspections", "campaigns", "frontage", "monitoring", "survey"),
        *("readiness", "monthly", "lookback", "units", "warnings"),
    ),
    "reports": ("papers", "export", "public"),
    "data": ("sources", "add", "log"),
}
"""Pages by area, in the order of the header; the first is opened where none is named."""
PAGES = tuple(page for pages in AREAS.values() for page in pages)
ON_FACILITIES = (
    *("coverage", "capacity", "robustness", "compare", "siting", "whatif"),
    "scorecard",
)
ON_ISSUES = (
    *("hotspots", "clusters", "change", "silence"),
    *("matrix", "monthly", "lookback", "units", "warnings"),
)
"""Pages that say nothing but that a layer is absent, where it is."""
WITH_PANEL = (
    *(page for page in (*ON_FACILITIES, *ON_ISSUES) if page not in {"monthly", "warnings"}),
    *("priority", "levels", "findings"),
    *("inspections", "campaigns", "frontage", "monitoring", "survey"),
)
"""Pages whose choices stand in a panel at the left."""
OF_ISSUES = frozenset({"category", "campaign", "since", "until", "area"})
"""Parts of a choice that say which issues are counted."""
PANELS = ("", "ranking", "details", "chart")
"""What the panel beside the map shows; empty is whatever fits what is chosen."""
NEXT = "next"
"""In place of a second community: the one chosen next is the second."""
FORMER = {("hotspots", "layer", "clusters"): "clusters"}
"""Pages by an address that named them otherwise: its page, and a part of it with its value."""
SHARES = ("people", "area", "land")
SCORES = ("score", "over")
LAYERS = ("levels", "density", "scan", "grids")
PARTS = ("checked", "rates", "ranking")
SHOWS = ("unchecked", "overdue")
TASK_FILTERS = ("late", "slips", "proposed")
"""What tasks can be narrowed to beside their state."""
MOMENTS = ("found", "left")
"""What the map of a round shows: all it found, or what is not rectified yet."""
PER = ("cases", "cases_per_km2")
VIEWS = ("patterns", "month", *COMPARISONS, "weeks", "prediction")
"""What the page of change shows."""
GOALS = ("number", "share", "budget", "moves", "minimum")
"""
What new facilities are asked by: how many, for which share, for how much, in place of which that
close, for the minimum.
"""
MOVES, MINIMUM = GOALS[-2:]
MOST_SITES = 500
USUAL_SITES, USUAL_PERCENT = 5, 90
APART = (0, 100, 200, 300, 500, 800, 1000, 2000)
"""Metres that new facilities stand apart at least."""
MOST_COST = 1e12
DECISION = "decision"
PAPERS = ("brief", "notice", "coverage", "community", DECISION)
"""As `exports.recipes.report.PAPER_NAMES`, and the paper on sites that were looked for."""
HOURS = (12, *range(12), *range(13, 24))
"""Hours of a day; the first is the usual one."""
MOST_NEED = 10_000.0
"""Greatest need per 1,000 people that can be asked for."""
USUAL_STALLS, MOST_STALLS = 10.0, 10_000.0
"""Capacity of a new facility where none is stated, and the most."""
ON_A_DAY = "date"
"""In place of a weekday: the day is chosen."""
DAYS = (dt.date(1900, 1, 1), dt.date(2099, 12, 31))
"""First and last day that can be chosen."""


def _part(default: object, read: Reader) -> Any:  # noqa: ANN401  the type of the field
    """Declare a part of the choice: its usual value, and how it is read from the URL."""
    return field(default=default, metadata={"read": read})


def _one_of(options: Sequence[Any]) -> Any:  # noqa: ANN401  the same
    """Declare a part that is one of some options, the first by default."""
    by_text = {str(each): each for each in options}
    return _part(options[0], lambda text, *_: by_text.get(text, options[0]))


def _known(
    find: Callable[[City, Mapping[str, Standard]], Container[str]],
    otherwise: Callable[[City], str] = lambda _: "",
    default: str = "",
) -> Any:  # noqa: ANN401  the same
    """Declare a part that names something of this city."""

    def read(text: str, city: City, standards: Mapping[str, Standard]) -> str:
        return text if text in find(city, standards) else otherwise(city)

    return _part(default, read)


def _free(most: int | None = None) -> Any:  # noqa: ANN401  the same
    """Declare a part of free text."""
    return _part("", lambda text, *_: text[:most])


def _number(low: float, high: float, kind: Callable[[float], float] = int) -> Any:  # noqa: ANN401  the same
    """Declare a number within limits; 0 is none."""
    return _part(kind(0), lambda text, *_: kind(_within(text, low, high)))


def _a_day() -> Any:  # noqa: ANN401  the same
    return _part("", lambda text, *_: _day(text))


def weights_of(city: City, _standards: Mapping[str, Standard]) -> tuple[str, ...]:
    """Tell by what new facilities can be compared: people, reports near them, groups."""
    reports = () if city.issues is None else (COMPLAINTS,)
    carried = () if city.residents is None else city.residents.columns
    return (PEOPLE, *reports, *(group for group in RESIDENT_GROUPS if group in carried))


def task_groups(city: City) -> tuple[str, ...]:
    """Tell by what tasks can be counted: of areas, by every level where there are several."""
    levels = levels_of(city.communities)
    return (*GROUPS, *(levels if len(levels) > 1 else ()))


@dataclass(frozen=True)
class Choice:
    """One state of the dashboard. Empty text and zero mean "not chosen"."""

    page: str = _one_of(PAGES)
    language: str = _known(lambda *_: LANGUAGES, lambda city: city.language, LANGUAGES[0])
    # Which of several cities, by its folder; empty for the usual one.
    city: str = _known(lambda city, _: (city.id,))
    # Facilities. The rule belongs to the standard and is about the kind; the radius, in metres,
    # replaces the rule's own; `land` among the shares on the map is residential land.
    standard: str = _known(lambda _, standards: standards, lambda city: city.standard)
    kind: str = _known(lambda city, _: city.kinds)
    rule: str = _free()
    radius: int = _number(1, 100_000)
    measure: str = _one_of(("", *MEASURES))
    share: str = _one_of(SHARES)
    community: str = _known(lambda city, _: city.communities.index)
    second: str = _known(lambda city, _: {*city.communities.index, NEXT})
    panel: str = _one_of(PANELS)
    find: str = _free(60)
    at: str = _free(80)
    # An area that was drawn, as its own text.
    area: str = _part("", lambda text, city, _: text if area_of_city(text, city) else "")
    # Issues shown, first and last day as `YYYY-MM-DD`; edge of a cell in metres, or 0 for the
    # one proposed; what the map of hot spots shows, and the place or cluster selected on it.
    category: str = _free()
    campaign: str = _known(lambda city, _: city.campaigns)
    since: str = _a_day()
    until: str = _a_day()
    cell: int = _number(10, 100_000)
    grid: str = _one_of(SHAPES)
    basis: str = _one_of(("", *BASES))
    layer: str = _one_of(LAYERS)
    windows: str = _one_of(WINDOWS)
    within: int = _one_of(DISTANCES)
    crowd: int = _one_of(CROWDS)
    place: str = _free(20)
    # Scorecard: the standard compared with; the parent and the zone it is narrowed to.
    against: str = _known(lambda _, standards: standards)
    parent: str = _known(lambda city, _: set(city.communities["parent"]))
    # The level that is added up for.
    level: str = _one_of(LEVELS_ABOVE)
    zone: str = _known(lambda city, _: () if city.zones is None else city.zones.index)
    edition: str = _known(lambda city, _: city.earlier)
    # Capacity; a need of 0 is the city's mean.
    catchment: str = _one_of(CATCHMENTS)
    need: float = _number(5e-324, MOST_NEED, float)
    score: str = _one_of(SCORES)
    # Change; an empty month, `YYYY-MM`, is the last.
    view: str = _one_of(VIEWS)
    month: str = _part("", lambda text, *_: _day(f"{text}-01")[:7])
    span: int = _one_of(SPANS)
    # Units and matrix.
    part: str = _one_of(PARTS)
    show: str = _one_of(SHOWS)
    ranked: str = _one_of(tuple(INDICATORS))
    mix: int = _one_of((0, 1))
    taxon: str = _one_of(LEVELS)
    per: str = _one_of(PER)
    # Findings of one kind, or of all.
    finding: str = _one_of(("", *FINDING_KINDS))
    # Tasks: the one opened, by its record; state and such, unit, leader they are narrowed to; by
    # what they are counted.
    task: str = _free(64)
    stage: str = _one_of(("", *STATES, *TASK_FILTERS))
    duty: str = _free(LONGEST_NAME)
    leader: str = _free(LONGEST_NAME)
    grouped: str = _known(lambda city, _: task_groups(city), lambda _: GROUPS[0], GROUPS[0])
    # Rounds of inspection: the one shown; all it found, or what is left of it.
    round: str = _free(200)
    moment: str = _one_of(MOMENTS)
    # Surveys: the question shown.
    topic: str = _free(200)
    # Monitoring: what is measured, and by which periods.
    series: str = _free()
    every: str = _one_of(EVERY)
    # Frontage duty: by what it is listed.
    front: str = _one_of(DUTY_GROUPS)
    # Follow-up.
    near: int = _one_of(DISTANCES)
    days: int = _one_of(FOLLOW_UPS)
    margin: int = _one_of(MARGINS)
    draw: str = _free(40)
    # Reports.
    paper: str = _one_of(PAPERS)
    # Where to build: a number of 0 is the usual one, a share is in per cent; how many to close, and
    # how many to open instead; metres apart; where sites may stand (with other kinds of facility at
    # their places), for which kinds beside the one chosen (commas between), in which zone, what
    # they are to do, and who counts.
    goal: str = _one_of(GOALS)
    number: int = _number(1, MOST_SITES)
    percent: int = _number(1, 100)
    shut: int = _number(1, MOST_SITES)
    instead: int = _number(1, MOST_SITES)
    budget: float = _number(5e-324, MOST_COST, float)
    cost: float = _number(5e-324, MOST_COST, float)
    stalls: float = _number(5e-324, MOST_STALLS, float)
    apart: int = _one_of(APART)
    stand: str = _known(lambda city, _: (*SITES, *city.kinds), lambda _: SITES[0], SITES[0])
    also: str = _free()
    inside: str = _known(lambda city, _: () if city.zones is None else city.zones.index)
    aim: str = _one_of(PROBLEMS)
    counted: str = _known(weights_of, lambda _: PEOPLE, PEOPLE)
    # Robustness: metres by which places may be off.
    off: int = _one_of(POSITION_ERRORS)
    # Supply: conditions with commas between, the least class, when a place must be open.
    only: str = _free()
    least: str = _free()
    weekday: str = _one_of(("", *WEEKDAYS, ON_A_DAY))
    date: str = _a_day()
    hour: int = _one_of(HOURS)
    # Joint priority, not all 0.
    weigh_reach: int = _one_of(WEIGHTS)
    weigh_hot: int = _one_of(WEIGHTS)
    weigh_relapse: int = _one_of(WEIGHTS)
    weigh_overdue: int = _one_of(WEIGHTS)

    def of_all(self) -> Choice:
        """
        Ask of every issue of the usual period.

        What everybody may see hides small counts; those of two periods, or of an area drawn about
        one house, would tell single issues all the same.
        """
        usual: dict[str, Any] = {
            item.name: item.default for item in fields(self) if item.name in OF_ISSUES
        }
        return replace(self, **usual)

    @property
    def supply_filter(self) -> SupplyFilter:
        """What is asked of the facilities."""
        on = self.date if self.weekday == ON_A_DAY else ""
        day = dt.date.fromisoformat(on).weekday() if on else None
        if self.weekday in WEEKDAYS:
            day = WEEKDAYS.index(self.weekday)
        return SupplyFilter(
            only=tuple(dict.fromkeys(filter(None, self.only.split(",")))),
            least_class=self.least,
            at=None if day is None else (day, self.hour * 60),
            on=on,
        )

    def query(self) -> dict[str, str]:
        """Write the choice as URL parameters."""
        texts = {item.name: str(getattr(self, item.name)) for item in fields(self)}
        default = {item.name: str(item.default) for item in fields(self)}
        return {
            name: text
            for name, text in texts.items()
            if text != default[name] or name in {"page", "language"}
        }


def read_choice(query: Mapping[str, str], city: City, standards: Mapping[str, Standard]) -> Choice:
    """Read a choice from URL parameters, leaving out whatever this city does not know."""
    for (page, part, value), now in FORMER.items():
        if (query.get("page"), query.get(part)) == (page, value):
            query = {**query, "page": now}
    parts = {
        item.name: item.metadata["read"](query.get(item.name, ""), city, standards)
        for item in fields(Choice)
    }
    return normalise(Choice(**parts), city, standards)


def normalise(choice: Choice, city: City, standards: Mapping[str, Standard]) -> Choice:
    """Make the parts of a choice fit each other."""
    standard = choice.standard if choice.standard in standards else next(iter(sorted(standards)))
    kind = choice.kind if choice.kind in city.kinds else next(iter(city.kinds), "")
    rules = rules_of(standards[standard], kind)
    rule = choice.rule if choice.rule in rules else next(iter(rules), "")
    walkable = city.streets is not None and city.residents is not None
    measure = choice.measure if walkable else ""
    share = choice.share if choice.share in shares_of(city) else SHARES[0]
    known = city.issues is None or choice.category in set(city.issues["category"].unique())
    edition = choice.edition if choice.edition in city.earlier else max(city.earlier, default="")
    basis = choice.basis if choice.basis in bases_of(city) else ""
    levels = city.taxonomy.levels
    against = "" if choice.against == standard else choice.against
    if choice.stand == kind:
        choice = replace(choice, stand=SITES[0])
    if choice.weekday == ON_A_DAY and not choice.date:
        choice = replace(choice, date=f"{city.as_of:%Y-%m-%d}")
    part = applicable_filter(city.kinds[kind], choice.supply_filter) if kind else ANY
    return replace(
        choice,
        second=choice.second if choice.community != choice.second and choice.community else "",
        city=choice.city if choice.city == city.id else "",
        standard=standard,
        kind=kind,
        rule=rule,
        measure=measure,
        share=share,
        category=choice.category if known else "",
        edition=edition,
        basis=basis,
        against=against,
        taxon=choice.taxon if choice.taxon in levels else levels[0],
        only=",".join(part.only),
        least=part.least_class,
        weekday=choice.weekday if part.at else "",
        date=part.on,
    )


def area_of_city(text: str, city: City) -> DrawnArea | None:
    """Read an area that was drawn, if it is one and touches the city."""
    area = read_area(text)
    if area is None:
        return None
    communities = city.communities
    shape, (west, south, east, north) = area.shape(communities.crs), communities.total_bounds
    return area if shape.intersects(shapely.box(west, south, east, north)) else None


def area_of(page: str) -> str:
    """Find the area a page stands in."""
    return next(area for area, pages in AREAS.items() if page in pages)


def stays_on_map(before: str, after: str) -> bool:
    """Tell whether two pages are modes of the map, which share all that is chosen."""
    return {before, after} <= set(AREAS["map"])


def offered_areas(city: City, page: str) -> dict[str, tuple[str, ...]]:
    """Give the areas and pages that a city has data for, and always the page that is open."""
    absent = set(() if city.kinds else ON_FACILITIES)
    absent |= set(() if city.issues is not None else ON_ISSUES)
    absent |= set(() if levels_of(city.communities) else ("levels",))
    absent |= set(() if city.earlier else ("compare",))
    absent |= set(() if names_rounds(city.issues) else ("inspections",))
    absent |= set(() if city.title is not None else ("readiness",))
    absent |= set(() if city.survey is not None else ("survey",))
    absent |= set(() if city.frontages is not None else ("frontage",))
    absent |= set(() if city.readings is not None else ("monitoring",))
    absent |= set(() if city.campaigns and city.issues is not None else ("campaigns",))
    if not city.kinds and city.issues is None:
        absent |= {"priority"} | ({"findings", "tasks"} if city.title is None else set())
    offered = {
        area: tuple(each for each in pages if each not in absent or each == page)
        for area, pages in AREAS.items()
    }
    return {area: pages for area, pages in offered.items() if pages}


def bases_of(city: City) -> tuple[str, ...]:
    """List what cases can be counted over in a city, the usual one first."""
    known = {RATE: city.residents is not None, STREET: city.streets is not None, COUNT: True}
    usual = usual_basis(None, city.residents)
    return (usual, *(basis for basis in BASES if known[basis] and basis != usual))


def shares_of(city: City) -> tuple[str, ...]:
    """Tell which shares the map of a city can show."""
    return SHARES if city.land.residential is not None else SHARES[:2]


def rules_of(standard: Standard, kind: str) -> dict[str, Rule]:
    """Find the rules of a standard that are about one kind."""
    return {rule.id: rule for rule in standard.rules if rule.kind == kind}


def _within(text: str, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if math.isfinite(value) and low <= value <= high else 0.0


def _day(text: str) -> str:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return ""
    return day.isoformat() if DAYS[0] <= day <= DAYS[1] else ""
