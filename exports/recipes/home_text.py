"""The first screen in words, the same on page and paper. Plain text: escape it to draw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.coverage.figures import NETWORK
from analysis.model.figures import RESIDENTS
from analysis.priority import HOT, REACH
from exports.recipes.home import OF_RESIDENTS
from wording.names import with_names
from wording.numbers import NOTHING, day, last_year, round_share

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from analysis.model.standards import Kind
    from exports.recipes.home import Card, IssueTile, KindTile, Reason
    from layers.city import City
    from wording.speaker import Speaker


def tile_value(tile: KindTile, translate: Speaker) -> str:
    """Write what a tile shows largest."""
    if tile.rule is None or tile.value is None:
        return NOTHING
    if tile.rule.figure.share:
        return translate.share(tile.value)
    return translate.decimal(tile.value, digits=2)


def tile_change(tile: KindTile, translate: Speaker) -> tuple[str, str]:
    """Write the change in percentage points and since which edition, or nothing."""
    if tile.before is None or tile.value is None:
        return "", ""
    now, then = (100 * round_share(each, 3) for each in (tile.value, tile.before.share))
    points = translate.signed(now - then)
    return (
        translate("home.points", points=points),
        translate("home.since", edition=tile.before.edition),
    )


def tile_lines(tile: KindTile, translate: Speaker) -> list[str]:
    """Write the small type of a tile, its most important line first."""
    return list(_tile_lines(tile, translate))


def _tile_lines(tile: KindTile, translate: Speaker) -> Iterator[str]:
    if not tile.has_layer:
        yield translate("home.no_layer")
        return
    if tile.rule is None:
        yield translate("home.no_rule")
        return
    row, rule = tile.row, tile.rule
    n = {"n": translate.count(row["communities"])}
    if tile.people_unknown and rule.figure.covers == RESIDENTS:
        yield translate("home.people_unknown", unknown=translate.count(tile.people_unknown), **n)
    yield _meeting(tile, translate)
    if tile.target is not None and tile.target.of == OF_RESIDENTS:
        yield translate("home.target_residents", share=translate.share(tile.target.share, digits=0))
    if row["cannot_judge"]:
        yield translate("home.cannot_judge", count=translate.count(row["cannot_judge"]), **n)
    since = translate("home.as_of", day=tile.day) if tile.day else translate("home.no_day")
    yield f"{_what_it_is(tile, translate)} · {since}"


def _meeting(tile: KindTile, translate: Speaker) -> str:
    """Say how many communities meet the rule: at which value, and whose value that is."""
    row, rule, target = tile.row, tile.rule, tile.target
    if rule is None:
        return ""
    minimum = translate.number(rule.minimum)
    if rule.figure.share:
        minimum = translate.share(rule.minimum, digits=0)
    facts = {
        "meets": translate.count(row["meets"]),
        "n": translate.count(row["communities"]),
        "minimum": minimum,
    }
    if target is not None and target.of != OF_RESIDENTS:
        share = translate.share(target.share, digits=0)
        return translate("home.meet_target", target=share, **facts)
    return translate(f"home.meet_{rule.minimum_basis}", **facts)


def _what_it_is(tile: KindTile, translate: Speaker) -> str:
    rule = tile.rule
    if rule is None:
        return ""
    if rule.service_radius_m is None:
        return translate(f"figure.{rule.figure}")
    radius = translate.metres(rule.service_radius_m)
    inferred = tile.row["population_basis"] != "residents"
    if tile.row["measure"] == NETWORK:
        straight = translate.share(tile.row["straight_covered_share"])
        return translate("home.walk", radius=radius, straight=straight)
    if rule.figure.covers != RESIDENTS:
        return translate("home.of_land", figure=translate(f"figure.{rule.figure}"), radius=radius)
    return translate("home.inferred" if inferred else "home.distance", radius=radius)


def issue_lines(tile: IssueTile, translate: Speaker) -> list[str]:
    """Write the small type of the tile of issues."""
    cases = tile.cases
    if cases is None:
        return [translate("home.no_issues")]
    lines = []
    if not cases.states_known:
        lines.append(translate("home.states_unknown"))
    elif cases.unknown_status:
        lines.append(translate("home.state_unknown", n=translate.count(cases.unknown_status)))
    if cases.states_known and not cases.overdue_known:
        lines.append(translate("home.no_due"))
    elif cases.states_known and cases.open_with_due < cases.open:
        undated = translate.count(cases.open - cases.open_with_due)
        lines.append(translate("home.some_undated", n=undated))
    if len(tile.months) > 1:
        before, last = tile.months["reported"].iloc[-2:].tolist()
        facts = {"month": tile.months.index[-1], "n": translate.count(last)}
        before = translate.signed(last - before, digits=0)
        lines.append(translate("home.month", before=before, **facts))
    return [*lines, translate("home.as_of", day=day(tile.day))]


def issue_values(tile: IssueTile, translate: Speaker) -> tuple[str, str]:
    """Write how many issues are open, and how many of them are overdue."""
    cases = tile.cases
    if cases is None or not cases.states_known:
        return NOTHING, NOTHING
    late = translate.count(cases.overdue) if cases.overdue_known else NOTHING
    return translate.count(cases.open), late


def card_place(card: Card, city: City, translate: Speaker) -> tuple[str, str]:
    """Name the community of a card, and what it is part of."""
    rows = city.communities.loc[[card.community_id]]
    named = with_names(rows, city.communities, translate.language).iloc[0]
    return str(named["name"]), str(named["parent"])


def card_reasons(card: Card, translate: Speaker, kinds: Mapping[str, Kind]) -> list[str]:
    """Say why a place comes first."""
    return [_reason(reason, translate, kinds) for reason in card.reasons]


def _reason(reason: Reason, translate: Speaker, kinds: Mapping[str, Kind]) -> str:
    hits = translate.count(reason.hits)
    if reason.part == REACH and reason.rule is not None:
        name = translate.of(kinds[reason.rule.kind].name)
        radius = translate.metres(reason.rule.service_radius_m or 0)
        key = "home.why_reach_inferred" if reason.inferred else "home.why_reach"
        key = "home.why_walk" if reason.walked else key
        return translate(key, n=hits, kind=name, radius=radius)
    if reason.part == HOT or pd.isna(reason.n):
        return translate("home.why_hot", n=hits)
    return translate(f"home.why_{reason.part}", n=translate.count(reason.n), hits=hits)


def card_measures(
    card: Card,
    translate: Speaker,
    kinds: Mapping[str, Kind],
    category_name: str,
) -> list[tuple[str, str]]:
    """Say what to do, each with the source of a measure, or nothing where the count is ours."""
    measures = []
    reach = next((each for each in card.reasons if each.part == REACH), None)
    if reach is not None and reach.rule is not None and card.to_add is not None:
        name = translate.of(kinds[reach.rule.kind].name)
        text = translate("home.to_add", n=translate.count(card.to_add), kind=name)
        measures.append((text, ""))
    if card.action is not None:
        text = translate.of(card.action.text)
        sentence = translate("home.consider", category=category_name, measure=text)
        measures.append((sentence, translate.of(card.action.source)))
    return measures


def period_line(city: City, translate: Speaker) -> str:
    """Say which year of cases the cards look at."""
    since, until = last_year(city.as_of)
    return translate("home.period", since=since, until=until)
