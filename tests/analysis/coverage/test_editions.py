"""What changed between two dates: matching by hand, counts that add up, people place by place."""

from __future__ import annotations

import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.access.prepared_city import prepare
from analysis.coverage.editions import (
    CHANGE_COLUMNS,
    FACILITY_CHANGE_COLUMNS,
    NEAR_M,
    OUTCOMES,
    compare,
    facilities_change,
)
from analysis.model.contracts import FACILITY_STATUS, SUPPLY_STATUS
from analysis.model.figures import FIGURES
from analysis.model.standards import Rule, Standard
from layers.load import load_city
from tests.conftest import ROOT
from tests.frames import points, polygons, residents

SQUARES = [shapely.box(x, 0, x + 1000, 1000) for x in (0, 1000)]
RULE = Rule(
    "r", "toilet", FIGURES["population_covered_share"], 0.5, "project", {}, "", "", "high",
    service_radius_m=300,
)  # fmt: skip
STANDARD = Standard("s", {}, "", "", "", (RULE,))


def frame(rows):
    """Facilities from (id, name, x, y, status)."""
    ids, names, x, y, status = zip(*rows, strict=True) if rows else ([], [], [], [], [])
    made = points(list(zip(x, y, strict=True)), status=list(status))
    return made.assign(name=list(names)).set_axis(pd.Index(ids, name="facility_id", dtype="str"))


def outcomes(then, now):
    table = facilities_change(frame(then), frame(now), kinds=("toilet",))
    keys = table["facility_id"].fillna(table["facility_id_then"])
    return dict(zip(keys, zip(table["outcome"], table["matched_by"], strict=True), strict=True))


def test_every_outcome_and_every_way_to_match_by_hand():
    then = [
        ("a", "Oak", 0, 0, "open"),  # the same
        ("b", "Elm", 500, 0, "open"),  # moved 50 m, renamed
        ("c", "Ash", 1000, 0, "open"),  # new identifier, moved 200 m
        ("d", "Fir", 1500, 0, "open"),  # renamed and renumbered on the spot
        ("e", "Yew", 2000, 0, "open"),  # shut
        ("f", "Bay", 2500, 0, "open"),  # gone
        ("g", "Box", 3000, 0, "planned"),  # built
        ("h", "Fig", 3500, 0, "closed"),  # still shut
    ]
    now = [
        ("a", "Oak", 5, 0, "open"),
        ("b", "Elms", 550, 0, "open"),
        ("c2", " ASH", 1200, 0, "open"),
        ("d2", "Pine", 1508, 0, "unknown"),
        ("e", "Yew", 2000, 0, "closed"),
        ("g", "Box", 3000, 0, "open"),
        ("h", "Fig", 3500, 0, "closed"),
        ("i", "Nut", 4000, 0, "open"),
        ("f", "Rue", 9000, 0, "open"),  # an old number given to something else far away
    ]
    assert outcomes(then, now) == {
        "a": ("unchanged", "id"),
        "b": ("moved", "id"),
        "c2": ("moved", "name"),
        "d2": ("unchanged", "place"),
        "e": ("closed", "id"),
        "g": ("opened", "id"),
        "h": ("idle", "id"),
        "i": ("opened", "none"),
        "f": ("opened", "none"),
    }
    table = facilities_change(frame(then), frame(now), kinds=("toilet",))
    gone = table[table["facility_id"].isna()]
    assert gone["facility_id_then"].tolist() == ["f"]
    assert gone["outcome"].tolist() == ["closed"]
    assert list(table.columns) == list(FACILITY_CHANGE_COLUMNS)


def test_the_same_identifier_and_name_are_one_however_far():
    far = NEAR_M * 10
    pair = [("a", "Oak", 0, 0, "open")], [("a", "Oak", far, 0, "open")]
    assert outcomes(*pair) == {"a": ("moved", "id")}
    pair = [("a", "Oak", 0, 0, "open")], [("b", "Oak", far, 0, "open")]
    assert {outcome for outcome, _ in outcomes(*pair).values()} == {"opened", "closed"}


def test_the_nearest_of_one_name_is_the_one():
    then = [("a", "Oak", 0, 0, "open")]
    now = [("x", "Oak", 90, 0, "open"), ("y", "Oak", 60, 0, "open")]
    assert outcomes(then, now) == {"y": ("moved", "name"), "x": ("opened", "none")}


rows_ = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),
        st.sampled_from(["Oak", "Elm", ""]),
        st.integers(0, 60).map(lambda step: step * 9),
        st.integers(0, 3),
        st.sampled_from(FACILITY_STATUS),
    ),
    max_size=6,
    unique_by=lambda row: row[0],
)


@settings(max_examples=80)
@given(then=rows_, now=rows_)
def test_every_row_of_both_editions_is_told_of_once(then, now):
    table = facilities_change(frame(then), frame(now), kinds=("toilet",))
    assert sorted(table["facility_id"].dropna()) == sorted(row[0] for row in now)
    assert sorted(table["facility_id_then"].dropna()) == sorted(row[0] for row in then)
    counts = table["outcome"].value_counts().reindex(OUTCOMES, fill_value=0)
    stay = counts["moved"] + counts["unchanged"]
    assert counts["opened"] + stay == sum(row[4] in SUPPLY_STATUS for row in now)
    assert counts["closed"] + stay == sum(row[4] in SUPPLY_STATUS for row in then)


@settings(max_examples=40)
@given(then=rows_, now=rows_)
def test_what_opens_one_way_closes_the_other_way(then, now):
    forth = facilities_change(frame(then), frame(now), kinds=("toilet",))
    back = facilities_change(frame(now), frame(then), kinds=("toilet",))
    swap = {"opened": "closed", "closed": "opened"}
    expected = sorted(swap.get(outcome, outcome) for outcome in forth["outcome"])
    assert sorted(back["outcome"]) == expected


def test_people_gained_and_lost_and_thresholds_crossed_by_hand():
    homes = residents([(100, 500, 60), (900, 500, 40), (1500, 500, 100)])
    then = frame([("a", "A", 100, 500, "open"), ("b", "B", 1500, 500, "open")])
    now = frame([("c", "C", 900, 500, "open"), ("b", "B", 1500, 500, "closed")])
    ready = prepare(polygons(SQUARES), now, homes, kinds=("toilet",))
    found = compare(ready, then, STANDARD)
    table = found.change.set_index("community_id")
    assert list(found.change.columns) == list(CHANGE_COLUMNS)
    assert table["people_gained"].tolist() == [40, 0]
    assert table["people_lost"].tolist() == [60, 100]
    assert table["crossed"].tolist() == ["down", "down"]
    net = table["population_covered"] - table["population_covered_then"]
    assert net.tolist() == (table["people_gained"] - table["people_lost"]).tolist()
    assert found.counts("toilet").to_dict() == {
        "opened": 1, "closed": 2, "moved": 0, "unchanged": 0, "idle": 0,
    }  # fmt: skip
    back = compare(prepare(polygons(SQUARES), then, homes, kinds=("toilet",)), now, STANDARD)
    assert back.change["crossed"].tolist() == ["up", "up"]


def test_kinds_that_one_edition_lacks_are_not_compared():
    now = pd.concat([points([(1, 1)]), points([(2, 2)], kind="market")])
    ready = prepare(polygons(SQUARES), now, None, kinds=("toilet", "market"))
    found = compare(ready, points([(1, 1)], kind="market"), STANDARD)
    assert found.kinds == ("market",)
    assert found.change.empty
    assert set(found.facilities["kind"]) == {"market"}


def test_without_residents_nobody_is_said_to_gain():
    now, then = points([(100, 500)]), points([(1500, 500)])
    homes = polygons(SQUARES, population=[10.0, 10.0])
    found = compare(prepare(homes, now, None, kinds=("toilet",)), then, STANDARD)
    assert found.change[["people_gained", "people_lost"]].isna().all(axis=None)
    assert (found.change["value"] > 0).tolist() == [True, False]


@pytest.mark.real_city("nyc")
def test_two_editions_of_the_markets_of_new_york_are_the_same_markets(tmp_path):
    recipe = (ROOT / "data" / "nyc" / "city.toml").read_text("utf-8")
    layers = recipe.split("[[layers]]")
    kept = [part for part in layers if "kind" not in part or 'kind = "communities"' in part]
    market = next(part for part in layers if 'kind = "market"' in part)
    earlier = market.replace("markets_b.csv", "markets_a.csv") + 'edition = "2019"\n'
    folder = tmp_path / "nyc"
    folder.mkdir()
    (folder / "city.toml").write_text("[[layers]]".join([*kept, market, earlier]), "utf-8")
    city = load_city(folder)
    table = facilities_change(city.earlier["2019"], city.facilities, kinds=("market",))
    # one market's longitude is broken in the later edition only: quarantined, it looks closed
    assert table["outcome"].value_counts().to_dict() == {"unchanged": 137, "closed": 1}
    gone = table[table["outcome"] == "closed"]
    aside = city.quarantine[city.quarantine["layer"] == "market"]
    assert len(aside) == 1
    assert gone["name"].iloc[0] in aside["content"].iloc[0]
    assert (table["moved_m"].dropna() < 1).all()


def test_an_identifier_made_of_the_row_matches_nothing_by_itself():
    # a register without identifiers: `toilet-1` is whatever stands in the first row
    then = [("toilet-1", "Oak", 0, 0, "open"), ("toilet-2", "Elm", 5000, 0, "open")]
    now = [("toilet-1", "Elm", 5000, 0, "open"), ("toilet-2", "Oak", 0, 0, "open")]
    assert outcomes(then, now) == {
        "toilet-1": ("unchanged", "name"),
        "toilet-2": ("unchanged", "name"),
    }
