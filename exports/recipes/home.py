"""What the first screen holds: a tile a kind, a tile of issues, where to act first. No words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.coverage.additions import facilities_to_add
from analysis.coverage.figures import NETWORK
from analysis.issues.counts import count_cases
from analysis.issues.monthly import monthly_cases
from analysis.issues.selection import select_issues
from analysis.model.figures import RESIDENTS
from analysis.model.standards import one_rule
from analysis.model.taxonomy import CATEGORY
from analysis.priority import FACTS, REACH
from layers.recipe.schema import HOME_KINDS

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from analysis.coverage.assessment import Assessment
    from analysis.issues.counts import Cases
    from analysis.model.question import Question
    from analysis.model.standards import Rule, Standard
    from analysis.model.taxonomy import Action
    from exports.recipes.issue_answers import IssueAnswers
    from layers.city import City

    Row = Mapping[Hashable, Any]

CARDS = 3
REASONS = 2
"""Reasons that a card gives, the weightiest first."""
OF_RESIDENTS, OF_COMMUNITIES = "residents", "communities"
"""What the share of a target is of."""


@dataclass(frozen=True)
class Target:
    """
    What a city aims at for one kind.

    Attributes
    ----------
    share
        That shall be reached.
    of
        `OF_RESIDENTS` within reach (`city.toml`), or `OF_COMMUNITIES` that meet the rule (the
        standard).
    reached
        The share today; `None` where it is not known.
    """

    share: float
    of: str
    reached: float | None


@dataclass(frozen=True)
class EditionShare:
    """The share of residents within reach of the facilities of an earlier edition."""

    edition: str
    share: float


@dataclass(frozen=True)
class KindTile:
    """
    One kind of facility, judged for the city by the first rule of the standard on it.

    Attributes
    ----------
    kind, rule
        `rule` is `None` where the standard has none, or the city no layer.
    has_layer
        Whether the city has a layer of the kind.
    value
        `rule.figure` for the city; `None` where it is not known.
    row
        The city's row of the summary; empty without a rule.
    people_unknown
        Communities of which nobody knows how many people live there.
    day
        Publication of the layer, the oldest of several files; empty if one does not state it.
    target, before
        As their classes say; `None` without.
    """

    kind: str
    rule: Rule | None
    has_layer: bool
    value: float | None
    row: Row
    people_unknown: int
    day: str
    target: Target | None
    before: EditionShare | None


@dataclass(frozen=True, eq=False)
class IssueTile:
    """
    The register of issues.

    Attributes
    ----------
    cases
        Counts of the whole register; `None` without a layer.
    months
        `analysis.issues.monthly.monthly_cases` of the last twelve months.
    day
        Last day of the data.
    """

    cases: Cases | None
    months: pd.DataFrame
    day: pd.Timestamp


@dataclass(frozen=True)
class Reason:
    """
    Why a community comes first.

    Attributes
    ----------
    part
        One of `PRIORITY_PARTS`.
    hits, n
        People beyond reach; cases in hot cells; recurrences of followed closings; overdue ones
        of the open cases with a due time. `n` is missing for the first two.
    rule
        By which people are beyond reach: of all kinds, that of most people.
    inferred
        Whether people are taken as spread evenly over the area.
    walked
        Whether reach is walking distance.
    """

    part: str
    hits: float
    n: float
    rule: Rule | None = None
    inferred: bool = False
    walked: bool = False


@dataclass(frozen=True)
class Card:
    """
    One place to act first.

    Attributes
    ----------
    rank, community_id
        As in the joint priority.
    reasons
        Up to `REASONS`.
    to_add
        Facilities of the kind of the reason on reach that would make the community meet the
        rule; `None` where that is not known, or reach is no reason.
    category, category_cases
        The most frequent category of the community's cases, if they are a reason.
    action
        What can be considered against it, if the city names a file of measures with one.
    """

    rank: int
    community_id: str
    reasons: tuple[Reason, ...]
    to_add: int | None
    category: str
    category_cases: int
    action: Action | None


@dataclass(frozen=True)
class Home:
    """The first screen: tiles in their order, cards by rank, the standard they rest on."""

    standard: Standard
    tiles: tuple[KindTile, ...]
    issues: IssueTile
    cards: tuple[Card, ...]


def compose_home(answers: IssueAnswers, question: Question) -> Home:
    """Compose the first screen; the question's standard and selection hold for all of it."""
    standard = answers.own_standard(question)
    tiles = tuple(_tile(answers, standard, kind, question) for kind in home_kinds(answers))
    return Home(standard, tiles, issue_tile(answers.city), _cards(answers, standard, question))


def home_kinds(answers: IssueAnswers) -> tuple[str, ...]:
    """Name the kinds with a tile: those of the recipe, else the first that the city has."""
    city = answers.city
    return (
        city.home_kinds or tuple(each for each in answers.kinds if each in city.kinds)[:HOME_KINDS]
    )


def tile_rule(standard: Standard, kind: str) -> Rule | None:
    """Find the rule that a kind is judged by: the first on what is in reach, else the first."""
    rules = [rule for rule in standard.rules if rule.kind == kind]
    return min(rules, key=lambda rule: not rule.figure.needs_radius, default=None)


# --- facilities


def _tile(answers: IssueAnswers, standard: Standard, kind: str, question: Question) -> KindTile:
    city, rule = answers.city, tile_rule(standard, kind)
    has_layer, day = kind in city.kinds, _day_of(city, kind)
    if rule is None or not has_layer:
        return KindTile(kind, None, has_layer, None, {}, 0, day, None, None)
    assessment = answers.assessment(standard, question.measures).scored
    rows = assessment.coverage[assessment.coverage["rule"] == rule.id]
    summary = assessment.summary
    row = summary[(summary["rule"] == rule.id) & (summary["level"] == "city")].iloc[0].to_dict()
    unknown = int(rows["population"].isna().sum())
    known = pd.notna(row[rule.figure.id]) and not (rule.figure.covers == RESIDENTS and unknown)
    value = float(row[rule.figure.id]) if known else None
    before = None if value is None else _before(answers, standard, rule, question)
    target = _target(city, rule, row, value)
    return KindTile(kind, rule, has_layer, value, row, unknown, day, target, before)


def _day_of(city: City, kind: str) -> str:
    days = [
        each.publication_date for each in city.reports if each.kind == kind and not each.edition
    ]
    return min(days) if days and all(days) else ""


def _target(city: City, rule: Rule, row: Row, value: float | None) -> Target | None:
    if rule.kind in city.target and rule.figure.covers == RESIDENTS:
        return Target(city.target[rule.kind], OF_RESIDENTS, value)
    if rule.target_share is None:
        return None
    reached = None if row["cannot_judge"] else float(row["meets_share"])
    return Target(rule.target_share, OF_COMMUNITIES, reached)


def _before(
    answers: IssueAnswers, standard: Standard, rule: Rule, question: Question
) -> EditionShare | None:
    """Share of today's residents within reach of the facilities of the last edition."""
    city = answers.city
    if rule.figure.covers != RESIDENTS or not city.earlier:
        return None
    edition = max(city.earlier)
    narrowed = one_rule(standard, rule.id)
    change = answers.comparison(narrowed, edition, question.measures).change
    covered, people = change["population_covered_then"], change["population"]
    if change.empty or covered.isna().any() or not people.sum() > 0:
        return None
    return EditionShare(edition, float(covered.sum() / people.sum()))


# --- issues


def issue_tile(city: City) -> IssueTile:
    """Count the whole register of issues, and its last twelve months."""
    if city.issues is None:
        return IssueTile(None, pd.DataFrame(), city.as_of)
    months = monthly_cases(city.issues, as_of=city.as_of)
    return IssueTile(count_cases(city.issues, as_of=city.as_of), months, city.as_of)


# --- where to act first


def _cards(answers: IssueAnswers, standard: Standard, question: Question) -> tuple[Card, ...]:
    priority = answers.priority(question)
    table = priority.table[priority.table["score"] > 0].head(CARDS)
    beyond = _beyond(answers.assessment(standard, question.measures), priority.kinds)
    return tuple(
        _card(answers, row, beyond, question, tuple(priority.weights))
        for row in table.to_dict("records")
    )


def _beyond(assessment: Assessment, kinds: tuple[str, ...]) -> list[tuple[Rule, pd.DataFrame]]:
    """Rows of the rules whose people beyond reach the joint priority counts."""
    found: dict[str, tuple[Rule, pd.DataFrame]] = {}
    for rule, measure in assessment.scored.judged:
        if rule.kind in kinds and rule.service_radius_m is not None and rule.kind not in found:
            rows = assessment.rows_of(rule.id, measure).set_index("community_id", drop=False)
            known = rows["population_covered"] + rows["population_not_judged"].fillna(0)
            out = (rows["population"] - known).clip(lower=0)
            if out.notna().any():
                found[rule.kind] = rule, rows.assign(beyond=out)
    return list(found.values())


def _card(
    answers: IssueAnswers,
    row: Row,
    beyond: list[tuple[Rule, pd.DataFrame]],
    question: Question,
    parts: tuple[str, ...],
) -> Card:
    community = str(row["community_id"])
    weighty = [part for part in parts if row[f"{part}_points"] > 0]
    weighty.sort(key=lambda part: -row[f"{part}_points"])
    reasons = tuple(_reason(row, part, beyond) for part in weighty[:REASONS])
    reach = next((each for each in reasons if each.part == REACH), None)
    on_cases = len(reasons) > (reach is not None)
    category, cases = _category(answers, community, question) if on_cases else ("", 0)
    return Card(
        rank=int(row["rank"]),
        community_id=community,
        reasons=reasons,
        to_add=None if reach is None else _to_add(answers, community, reach, beyond),
        category=category,
        category_cases=cases,
        action=answers.city.actions.get(answers.city.taxonomy.key(category, CATEGORY)),
    )


def _reason(row: Row, part: str, beyond: list[tuple[Rule, pd.DataFrame]]) -> Reason:
    if part != REACH:
        counted = f"{part}_hits" in FACTS
        hits = row[f"{part}_hits" if counted else f"{part}_value"]
        return Reason(part, float(hits), float(row[f"{part}_n"]) if counted else float("nan"))
    here = [(rule, rows.loc[row["community_id"]].to_dict()) for rule, rows in beyond]
    known = [(rule, each) for rule, each in here if pd.notna(each["beyond"])]
    rule, most = max(known, key=lambda pair: pair[1]["beyond"])
    inferred = most["population_basis"] != "residents"
    walked = most["measure"] == NETWORK
    people = float(most["beyond"])
    return Reason(part, people, float("nan"), rule, inferred=inferred, walked=walked)


def _to_add(
    answers: IssueAnswers, community: str, reach: Reason, beyond: list[tuple[Rule, pd.DataFrame]]
) -> int | None:
    rule, rows = next((rule, rows) for rule, rows in beyond if rule == reach.rule)
    walked = rows.loc[community, "measure"] == NETWORK
    ready = answers.walking() if walked else answers.preparation()
    wanted = facilities_to_add(ready, (rule,), rows.loc[[community]]).iloc[0]
    return int(wanted) if pd.notna(wanted) and wanted > 0 else None


def _category(answers: IssueAnswers, community: str, question: Question) -> tuple[str, int]:
    """The most frequent category of a community's cases, the first by name among equals."""
    known = answers.issue_set(question.selection)
    issues = select_issues(known.issues, question.selection)
    here = issues["category"][known.communities_of(issues.index).eq(community)]
    counts = (
        here.value_counts().sort_index(kind="stable").sort_values(ascending=False, kind="stable")
    )
    return (str(counts.index[0]), int(counts.iloc[0])) if len(counts) else ("", 0)
