"""The first screen: sums by hand, the first of the list, and no word on what is unknown."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from analysis.issues.counts import count_cases
from analysis.model.question import Question, Selection
from analysis.model.taxonomy import Action, Taxonomy
from exports.recipes.home import OF_COMMUNITIES, OF_RESIDENTS, compose_home
from exports.recipes.home_text import (
    card_measures,
    card_reasons,
    issue_lines,
    issue_values,
    tile_change,
    tile_lines,
    tile_value,
)
from tests.exports.toy import STANDARD, speaker, toy_answers
from wording.numbers import last_year

ENGLISH = speaker("en")
GARBAGE = Taxonomy(known={"@垃圾": "E1"})
ACTION = Action({"zh": "多清运", "en": "Empty bins more often"}, {"zh": "某书", "en": "a book"})


@pytest.fixture(scope="module")
def town(city):
    """The toy city with people counted, an earlier edition, deadlines, and a measure."""
    issues = city.issues.copy()
    late = pd.Timestamp("2026-02-01", tz="Asia/Shanghai")
    issues["due_at"] = issues["due_at"].where(issues.index != "i0", late)
    communities = city.communities.assign(population=[30.5, 7.0, 30.0, 0.0])
    before = city.facilities.iloc[[1]]  # only the one in the second square
    return replace(
        city,
        communities=communities,
        issues=issues,
        earlier={"2024": before},
        taxonomy=GARBAGE,
        actions={"E1": ACTION},
    )


def home_of(city, standard=STANDARD):
    days = [dt.date.fromisoformat(day) for day in last_year(city.as_of)]
    answers = toy_answers(city, standard)
    return compose_home(answers, Question(standard="toy", selection=Selection(None, *days)))


def all_said(home, city):
    """Everything that the screen would say, as one text."""
    kinds = toy_answers(city).kinds
    lines = [tile_value(tile, ENGLISH) for tile in home.tiles]
    lines += [line for tile in home.tiles for line in tile_lines(tile, ENGLISH)]
    lines += [part for tile in home.tiles for part in tile_change(tile, ENGLISH)]
    lines += [*issue_values(home.issues, ENGLISH), *issue_lines(home.issues, ENGLISH)]
    for card in home.cards:
        lines += card_reasons(card, ENGLISH, kinds)
        lines += [text for pair in card_measures(card, ENGLISH, kinds, "Garbage") for text in pair]
    return "\n".join(lines)


# --- sums by hand


def test_a_tile_is_the_sum_done_by_hand(town):
    """Of 67.5 people 10.5 (first square) and 7 (second) are within 300 m; in 2024 the 7 alone."""
    (tile,) = home_of(town).tiles
    assert tile.rule.id == "toilet-300"
    assert tile.value == pytest.approx(17.5 / 67.5)
    assert tile.before.share == pytest.approx(7 / 67.5)
    assert (tile.row["meets"], tile.row["communities"], tile.row["cannot_judge"]) == (1, 4, 1)
    assert tile.day == "2026-01-01"
    assert tile.target is None
    assert tile_value(tile, ENGLISH) == "25.9%"
    assert tile_change(tile, ENGLISH) == ("+15.5 pts", "since 2024")
    lines = tile_lines(tile, ENGLISH)
    assert lines[0] == "1 of 4 communities at or above 50% (editable)"
    assert lines[1] == "1 of 4 communities could not be judged"
    assert lines[2].endswith("straight · data of 2026-01-01")
    assert len(lines) == 3  # the rows that could not be loaded are told once, above every page


def test_cards_are_the_first_rows_of_the_joint_priority(town):
    home = home_of(town)
    answers = toy_answers(town)
    days = [dt.date.fromisoformat(day) for day in last_year(town.as_of)]
    table = answers.priority(Question(standard="toy", selection=Selection(None, *days))).table
    rows = table[table["score"] > 0].head(3)
    assert [card.community_id for card in home.cards] == rows["community_id"].tolist()
    assert [card.rank for card in home.cards] == rows["rank"].tolist()
    for card, row in zip(home.cards, rows.to_dict("records"), strict=True):
        points = {part: row[f"{part}_points"] for part in ("reach", "hot", "relapse", "overdue")}
        weighty = sorted((part for part in points if points[part] > 0), key=lambda p: -points[p])
        assert [reason.part for reason in card.reasons] == weighty[:2]


def test_who_lives_out_of_reach_is_told_with_how_many_to_add(town):
    """30 people of the third square have no toilet within 300 m; one more there is enough."""
    cards = {card.community_id: card for card in home_of(town).cards}
    card = cards["c2"]
    (reason,) = [each for each in card.reasons if each.part == "reach"]
    assert reason.hits == 30
    assert card.to_add == 1
    kinds = toy_answers(town).kinds
    assert card_reasons(card, ENGLISH, kinds)[card.reasons.index(reason)].startswith(
        "30 residents have none within 300"
    )
    assert ("Add 1, for this community alone: Toilets", "") in card_measures(
        card, ENGLISH, kinds, ""
    )


def test_the_tile_of_issues_counts_the_whole_register(town):
    tile = home_of(town).issues
    assert tile.cases == count_cases(town.issues, as_of=town.as_of)
    assert issue_values(tile, ENGLISH) == ("500", "1")
    months = town.issues["reported_at"].dt.strftime("%Y-%m").value_counts()
    assert tile.months["reported"].sum() == months.sum()
    assert "499 open without a deadline" in issue_lines(tile, ENGLISH)


# --- targets


def test_a_line_is_drawn_only_for_a_target_that_somebody_set(town):
    (tile,) = home_of(replace(town, target={"toilet": 0.8})).tiles
    assert (tile.target.share, tile.target.of) == (0.8, OF_RESIDENTS)
    assert tile.target.reached == tile.value
    rules = tuple(replace(rule, target_share=0.75) for rule in STANDARD.rules[:1])
    asked = replace(STANDARD, rules=rules)
    (tile,) = home_of(town, asked).tiles
    assert (tile.target.share, tile.target.of) == (0.75, OF_COMMUNITIES)
    assert tile.target.reached is None  # of one community nobody knows
    assert "the standard asks 75% of them to be" in tile_lines(tile, ENGLISH)[0]


def test_the_recipe_chooses_the_kinds(town):
    home = home_of(replace(town, home_kinds=("market", "toilet")))
    assert [tile.kind for tile in home.tiles] == ["market", "toilet"]
    assert tile_lines(home.tiles[0], ENGLISH) == ["no layer: cannot judge"]
    assert tile_value(home.tiles[0], ENGLISH) == "—"


# --- what is not known is not said


def without_people(city):
    return replace(city, communities=city.communities.drop(columns="population"), residents=None)


def without_some_people(city):
    people = city.communities["population"].where(city.communities.index != "c2")
    return replace(city, communities=city.communities.assign(population=people), residents=None)


def without_states(city):
    return replace(city, issues=city.issues.assign(status="unknown"))


def without_due(city):
    never = city.issues["due_at"].where(city.issues.index == "none")
    return replace(city, issues=city.issues.assign(due_at=never))


def without_day(city):
    return replace(city, reports=tuple(replace(r, publication_date="") for r in city.reports))


REMOVED = {
    "people": (without_people, ["25.9%", "30 residents", "for this community alone", "+15.5"]),
    "some people": (without_some_people, ["25.9%", "+15.5", "100"]),
    "residents": (
        lambda city: replace(city, residents=None),
        ["25.9%", "30 residents", "for this community alone"],
    ),
    "issues": (
        lambda city: replace(city, issues=None),
        ["cases lie", "500", "deadline", "Worth considering", "reported in"],
    ),
    "states": (without_states, ["500", "overdue", "deadline", "open"]),
    "due": (without_due, ["open cases overdue", "499"]),
    "edition": (lambda city: replace(city, earlier={}), ["+15.5", "since"]),
    "day of the data": (without_day, ["data of 2026-01-01"]),
    "measures": (lambda city: replace(city, actions={}), ["Worth considering", "a book"]),
    "taxonomy": (lambda city: replace(city, taxonomy=Taxonomy()), ["Worth considering"]),
    "facilities": (
        lambda city: replace(city, kinds={}, facilities=city.facilities.iloc[:0], earlier={}),
        ["25.9%", "%", "for this community alone", "residents have none"],
    ),
}


@pytest.mark.parametrize("name", REMOVED)
def test_nothing_that_rests_on_a_missing_layer_is_said(town, name):
    remove, gone = REMOVED[name]
    before = all_said(home_of(town), town)
    left = remove(town)
    after = all_said(home_of(left), left)
    said_before = [text for text in gone if text in before]
    assert said_before, "the words looked for are never said"
    assert [text for text in gone if text in after] == []


def test_overdue_is_unknown_without_deadlines_and_not_nought(town):
    left = without_due(town)
    assert issue_values(home_of(left).issues, ENGLISH) == ("500", "—")
    assert "no deadlines: overdue cannot be judged" in all_said(home_of(left), left)
