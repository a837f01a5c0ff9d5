"""What the reader has chosen: the same in the page, its URL and the line under an export."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from analysis.access.opening_hours import WEEKDAYS
from analysis.access.supply_filter import ANY, SupplyFilter, applicable_filter
from analysis.coverage.catchment import METHODS
from analysis.handling.followup import INDICATORS
from analysis.model.question import BASES, SHAPES
from analysis.model.taxonomy import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.model.standards import Rule, Standard
    from layers.city import City

GROUPS: dict[str, tuple[str, ...]] = {
    "overview": ("overview",),
    "facilities": ("coverage", "scorecard", "capacity", "robustness", "compare"),
    "issues": (
        "priority",
        "hotspots",
        "change",
        "silence",
        "lookback",
        "units",
        "matrix",
    ),
    "data": ("export", "sources"),
}
"""Pages by what they are about, in the order of the header."""
PAGES = tuple(page for pages in GROUPS.values() for page in pages)
LANGUAGES = ("zh", "en")
SHARES = ("people", "area", "land")
MEASURES = ("straight", "network")
SCORES = ("score", "over")
LAYERS = ("levels", "density", "clusters")
PARTS = ("checked", "rates", "ranking")
SHOWS = ("unchecked", "overdue")
RANKED = tuple(INDICATORS)
PER = ("cases", "cases_per_km2")
DISTANCES = (50, 25, 100, 200)
"""Metres within which a case is at the same place; the first is the usual one."""
FOLLOW_UPS = (30, 7, 14, 60, 90, 180, 365)
"""Days of follow-up; the first is the usual one."""
CROWDS = (10, 3, 5, 20, 30, 50, 100)
"""Least cases within `DISTANCES` that make a density cluster; the first is the usual number."""
MARGINS = (10, 5, 3)
"""Margins of the recheck, in percentage points."""
HOURS = (12, *range(12), *range(13, 24))
"""Hours of a day; the first is the usual one."""
OFFSETS = (10, 5, 20, 50, 100)
"""Metres by which places may be off; the first is the usual one."""
MOST_NEED = 10_000.0
"""Greatest need per 1,000 people that can be asked for."""
VIEWS = ("patterns", "month", "previous", "last_year", "weeks", "prediction")
"""What the page of change shows."""
SPANS = (3, 1, 6, 12)
"""Months compared with earlier ones; the first is the usual number."""
WEIGHTS = (1, 0, 2, 3, 4, 5)
"""Weights of the parts of joint priority; the first is the usual one."""
WEIGHED = ("weigh_reach", "weigh_hot", "weigh_relapse", "weigh_overdue")
DAYS = (dt.date(1900, 1, 1), dt.date(2099, 12, 31))
"""First and last day that can be chosen."""


@dataclass(frozen=True)
class Choice:
    """
    One state of the dashboard. Empty text and zero mean "not chosen".

    Attributes
    ----------
    page, language
        One of `PAGES`, one of `LANGUAGES`.
    standard, kind, rule
        Identifiers; the rule belongs to the standard and is about the kind.
    radius
        Service radius in metres that replaces the rule's own, or 0.
    measure
        How distance is measured, one of `MEASURES`.
    share
        What the map shows: one of `SHARES`; `land` is residential land.
    community
        The community selected, or empty.
    category, since, until
        Issues shown: category, first and last day (`YYYY-MM-DD`).
    cell
        Edge of a grid cell in metres, or 0 for the one proposed.
    grid, basis
        Of the hot spots: shape of the cells, one of `SHAPES`; what is tested, one of `BASES`.
    layer
        What the hot-spot map shows, one of `LAYERS`.
    within, crowd
        Of the density clusters: one of `DISTANCES`, of `CROWDS`.
    place
        Hot place or cluster selected, or empty.
    against
        Standard that the scorecard compares with, or empty.
    parent
        Parent that the scorecard is narrowed to, or empty.
    zone
        Zone that coverage and scorecard are compared in and narrowed to, or empty.
    edition
        Earlier edition of the facilities that today is compared with; empty without any.
    catchment, need, score
        Of capacity: method, one of `METHODS`; need per 1,000 people, or 0 for the city's
        mean; what the map shows, one of `SCORES`.
    view, month, span
        Of change: one of `VIEWS`; the month on the map (`YYYY-MM`), or empty for the last; one
        of `SPANS`.
    part, show, ranked
        Of the units: one of `PARTS`, of `SHOWS` on its map, of `RANKED`.
    taxon, per
        Of the matrix: one of `analysis.model.taxonomy.LEVELS`, of `PER`.
    near, days, margin
        Of the follow-up: one of `DISTANCES`, of `FOLLOW_UPS`, of `MARGINS`.
    only, least
        Conditions that facilities must have, with commas between; their least class.
    weekday, hour
        When they must be open: one of `WEEKDAYS`, or empty for any time; one of `HOURS`.
    off
        Of robustness: one of `OFFSETS`.
    weigh_reach, weigh_hot, weigh_relapse, weigh_overdue
        Of joint priority: each one of `WEIGHTS`, not all 0.
    """

    page: str = "overview"
    language: str = "zh"
    standard: str = ""
    kind: str = ""
    rule: str = ""
    radius: int = 0
    measure: str = "straight"
    share: str = "people"
    community: str = ""
    category: str = ""
    since: str = ""
    until: str = ""
    cell: int = 0
    grid: str = SHAPES[0]
    basis: str = BASES[0]
    layer: str = "levels"
    within: int = DISTANCES[0]
    crowd: int = CROWDS[0]
    place: str = ""
    against: str = ""
    parent: str = ""
    zone: str = ""
    edition: str = ""
    catchment: str = METHODS[0]
    need: float = 0.0
    score: str = SCORES[0]
    view: str = VIEWS[0]
    month: str = ""
    span: int = SPANS[0]
    part: str = PARTS[0]
    show: str = SHOWS[0]
    ranked: str = RANKED[0]
    taxon: str = LEVELS[0]
    per: str = PER[0]
    near: int = DISTANCES[0]
    days: int = FOLLOW_UPS[0]
    margin: int = MARGINS[0]
    off: int = OFFSETS[0]
    only: str = ""
    least: str = ""
    weekday: str = ""
    hour: int = HOURS[0]
    weigh_reach: int = WEIGHTS[0]
    weigh_hot: int = WEIGHTS[0]
    weigh_relapse: int = WEIGHTS[0]
    weigh_overdue: int = WEIGHTS[0]

    @property
    def asked(self) -> SupplyFilter:
        """What is asked of the facilities."""
        return SupplyFilter(
            only=tuple(dict.fromkeys(filter(None, self.only.split(",")))),
            least_class=self.least,
            at=(WEEKDAYS.index(self.weekday), self.hour * 60) if self.weekday else None,
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

    def among(name: str, allowed: object, default: str) -> str:
        value = query.get(name, "")
        return value if value in allowed else default  # type: ignore[operator]

    return normalise(
        Choice(
            page=among("page", PAGES, PAGES[0]),
            language=among("language", LANGUAGES, city.language),
            standard=among("standard", standards, city.standard),
            kind=among("kind", city.kinds, ""),
            rule=query.get("rule", ""),
            radius=_whole(query.get("radius", ""), 1, 100_000),
            measure=among("measure", MEASURES, MEASURES[0]),
            share=among("share", SHARES, SHARES[0]),
            community=among("community", city.communities.index, ""),
            category=query.get("category", ""),
            since=_day(query.get("since", "")),
            until=_day(query.get("until", "")),
            cell=_whole(query.get("cell", ""), 10, 100_000),
            grid=among("grid", SHAPES, SHAPES[0]),
            basis=among("basis", BASES, BASES[0]),
            layer=among("layer", LAYERS, LAYERS[0]),
            within=_one_of(query.get("within", ""), DISTANCES),
            crowd=_one_of(query.get("crowd", ""), CROWDS),
            place=query.get("place", "")[:20],
            against=among("against", standards, ""),
            zone=among("zone", () if city.zones is None else city.zones.index, ""),
            parent=among("parent", set(city.communities["parent"]), ""),
            edition=among("edition", city.earlier, ""),
            catchment=among("catchment", METHODS, METHODS[0]),
            need=_amount(query.get("need", "")),
            score=among("score", SCORES, SCORES[0]),
            view=among("view", VIEWS, VIEWS[0]),
            month=_day(f"{query.get('month', '')}-01")[:7],
            span=_one_of(query.get("span", ""), SPANS),
            part=among("part", PARTS, PARTS[0]),
            show=among("show", SHOWS, SHOWS[0]),
            ranked=among("ranked", RANKED, RANKED[0]),
            taxon=among("taxon", LEVELS, LEVELS[0]),
            per=among("per", PER, PER[0]),
            near=_one_of(query.get("near", ""), DISTANCES),
            days=_one_of(query.get("days", ""), FOLLOW_UPS),
            margin=_one_of(query.get("margin", ""), MARGINS),
            only=query.get("only", ""),
            least=query.get("least", ""),
            weekday=among("weekday", WEEKDAYS, ""),
            hour=_one_of(query.get("hour", ""), HOURS),
            off=_one_of(query.get("off", ""), OFFSETS),
            **{name: _one_of(query.get(name, ""), WEIGHTS) for name in WEIGHED},
        ),
        city,
        standards,
    )


def normalise(choice: Choice, city: City, standards: Mapping[str, Standard]) -> Choice:
    """Make the parts of a choice fit each other."""
    standard = choice.standard if choice.standard in standards else next(iter(sorted(standards)))
    kind = choice.kind if choice.kind in city.kinds else next(iter(city.kinds), "")
    rules = rules_of(standards[standard], kind)
    rule = choice.rule if choice.rule in rules else next(iter(rules), "")
    walkable = city.streets is not None and city.residents is not None
    measure = choice.measure if walkable else MEASURES[0]
    share = choice.share if choice.share in shares_of(city) else SHARES[0]
    category = choice.category
    if (
        category
        and city.issues is not None
        and category not in set(city.issues["category"].unique())
    ):
        category = ""
    edition = choice.edition if choice.edition in city.earlier else max(city.earlier, default="")
    basis = choice.basis if city.residents is not None else BASES[0]
    against = "" if choice.against == standard else choice.against
    part = applicable_filter(city.kinds[kind], choice.asked) if kind else ANY
    return replace(
        choice,
        standard=standard,
        kind=kind,
        rule=rule,
        measure=measure,
        share=share,
        category=category,
        edition=edition,
        basis=basis,
        against=against,
        only=",".join(part.only),
        least=part.least_class,
        weekday=choice.weekday if part.at else "",
    )


def group_of(page: str) -> str:
    """Find the group a page stands in."""
    return next(group for group, pages in GROUPS.items() if page in pages)


def shares_of(city: City) -> tuple[str, ...]:
    """Tell which shares the map of a city can show."""
    return SHARES if city.land.residential is not None else SHARES[:2]


def rules_of(standard: Standard, kind: str) -> dict[str, Rule]:
    """Find the rules of a standard that are about one kind."""
    return {rule.id: rule for rule in standard.rules if rule.kind == kind}


def _whole(text: str, least: int, most: int) -> int:
    try:
        value = float(text)
    except ValueError:
        return 0
    return int(value) if math.isfinite(value) and least <= value <= most else 0


def _amount(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0 < value <= MOST_NEED else 0.0


def _one_of(text: str, allowed: tuple[int, ...]) -> int:
    return next((value for value in allowed if str(value) == text), allowed[0])


def _day(text: str) -> str:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return ""
    return day.isoformat() if DAYS[0] <= day <= DAYS[1] else ""
