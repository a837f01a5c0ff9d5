"""What facilities offer: hand sums, the band of what they do not state, and laws."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from analysis.access.prepared_city import prepare, with_filter
from analysis.access.supply_filter import SupplyFilter, apply_filter
from analysis.coverage.assessment import assess
from analysis.coverage.provision import PROVISION, PROVISION_COLUMNS
from analysis.coverage.shortfall import shortfall
from analysis.model.errors import SettingsError
from analysis.model.figures import FIGURES
from analysis.model.standards import Kind, Rule, Standard
from exports.tables.facilities import community_table
from layers.knowledge.standards import load_kinds, load_standards
from tests.frames import points, polygons, residents

ROOT = Path(__file__).resolve().parents[3]
OFFERED = CAPACITY, RATIO, ACCESSIBLE = [figure.id for figure in PROVISION]
TOILET = Kind(
    "toilet",
    {"en": "Toilet"},
    "#000000",
    "o",
    columns={"stalls": "number", "women": "number", "men": "number", "ramp": "flag"},
    conditions={"ramp": {"en": "Ramp"}},
    capacity="stalls",
    female="women",
    male="men",
    accessible="ramp",
)
SQUARES = polygons([box(1000 * n, 0, 1000 * (n + 1), 1000) for n in range(3)], parents="P")
PEOPLE = residents([(500, 500, 5000), (1500, 500, 10_000)])


def rule(figure, minimum):
    columns = TOILET.counted(FIGURES[figure])
    title = {"en": "a"}
    facts = {"minimum_basis": "project", "clause": {}, "source": {}, "confidence": "low"}
    return Rule("a", "toilet", FIGURES[figure], minimum, title=title, columns=columns, **facts)


def toilets(*rows):
    """Facilities from (x, status, stalls, women, men, ramp); None is not stated."""
    frame = points([(row[0], 500) for row in rows])
    for place, name in enumerate(("status", "stalls", "women", "men", "ramp"), start=1):
        frame[name] = [row[place] for row in rows]
    numbers = dict.fromkeys(("stalls", "women", "men"), "Float64")
    return frame.astype({**numbers, "ramp": "boolean"})


def judge(facilities, needed, *, asked=None, people=PEOPLE):
    ready = prepare(SQUARES, facilities, people, kinds=["toilet"])
    if asked is not None:
        answers = apply_filter(facilities, {"toilet": TOILET}, asked)
        ready = with_filter(ready, answers)
    result = assess(ready, Standard("toy", {"en": "Toy"}, "", "", "", (needed,)))
    return result.coverage.set_index("community_id"), result.summary


STATED = toilets(
    (200, "open", 8, 4, 4, True),
    (700, "unknown", 7, 5, 2, False),
    (900, "closed", 30, 15, 15, True),
    (1500, "open", 6, 2, 4, False),
    (9000, "open", 99, 50, 49, True),
)


@pytest.mark.parametrize(
    ("figure", "minimum", "values", "gaps", "lacking"),
    [
        (CAPACITY, 31, [30, 6, np.nan], ["weak", "short", "cannot_judge"], [1, 25, np.nan]),
        (CAPACITY, 30, [30, 6, np.nan], ["none", "short", "cannot_judge"], [0, 24, np.nan]),
        (RATIO, 1.5, [1.5, 0.5, np.nan], ["none", "short", "cannot_judge"], [0, 4, np.nan]),
        (RATIO, 2, [1.5, 0.5, np.nan], ["short", "short", "cannot_judge"], [3, 6, np.nan]),
        (ACCESSIBLE, 0.6, [0.5, 0, np.nan], ["weak", "weak", "cannot_judge"], [1, 1, np.nan]),
    ],
)  # fmt: skip
def test_every_figure_by_hand(figure, minimum, values, gaps, lacking):
    rows, _ = judge(STATED, rule(figure, minimum))
    assert rows["value"].tolist() == pytest.approx(values, nan_ok=True)
    assert rows[figure].tolist() == pytest.approx(values, nan_ok=True)
    assert rows["gap_type"].tolist() == gaps
    verdicts = {"none": "meets", "cannot_judge": "cannot_judge"}
    assert rows["verdict"].tolist() == [verdicts.get(gap, "fails") for gap in gaps]
    assert rows["shortfall"].tolist() == pytest.approx(lacking, nan_ok=True)
    assert rows["facilities_unknown"].tolist() == [0, 0, 0]


def test_the_sums_of_the_city_by_hand():
    capacity = judge(STATED, rule(CAPACITY, 31))[1].iloc[0]
    assert capacity["capacity_inside"] == 8 + 7 + 6
    assert capacity[CAPACITY] == pytest.approx(21 / 1.5)
    assert capacity[["shortfall", "shortfall_unit"]].tolist() == [26, "capacity"]
    ratio = judge(STATED, rule(RATIO, 2))[1].iloc[0]
    assert ratio[["female_inside", "male_inside"]].tolist() == [11, 10]
    assert ratio[[RATIO, "shortfall", "shortfall_unit"]].tolist() == [1.1, 9, "female_capacity"]
    access = judge(STATED, rule(ACCESSIBLE, 0.6))[1].iloc[0]
    assert access[["accessible_inside", "facilities_inside"]].tolist() == [1, 3]
    assert access[ACCESSIBLE] == pytest.approx(1 / 3)
    assert access["shortfall_unit"] == "accessible"


def test_where_there_is_nothing_at_all():
    rows, _ = judge(toilets(), rule(CAPACITY, 10))
    assert rows["gap_type"].tolist() == ["missing", "missing", "cannot_judge"]
    assert rows["shortfall"].tolist() == pytest.approx([5, 10, np.nan], nan_ok=True)
    assert rows["reason"].tolist()[2] == "nobody_lives_here"
    for figure in (RATIO, ACCESSIBLE):
        rows, _ = judge(toilets(), rule(figure, 0.5))
        assert set(rows["reason"]) == {"nothing_to_compare"}
    women_alone, _ = judge(toilets((500, "open", 4, 4, 0, True)), rule(RATIO, 0.5))
    assert women_alone.loc["c0", "reason"] == "nothing_to_compare"


HALF_STATED = toilets((200, "open", 8, 4, None, True), (700, "open", None, 5, 2, None))


@pytest.mark.parametrize(
    ("figure", "minimum", "verdict", "band"),
    [
        (CAPACITY, 16, "meets", [16, np.nan]),
        (CAPACITY, 17, "cannot_judge", [16, np.nan]),
        (RATIO, 0.1, "cannot_judge", [np.nan, np.nan]),
        (ACCESSIBLE, 0.5, "meets", [0.5, 1]),
        (ACCESSIBLE, 0.9, "cannot_judge", [0.5, 1]),
    ],
)
def test_what_is_not_stated_is_counted_and_never_guessed(figure, minimum, verdict, band):
    row = judge(HALF_STATED, rule(figure, minimum))[0].loc["c0"]
    assert row["facilities_unknown"] == 1
    assert row["verdict"] == verdict
    assert row[["value_least", "value_most"]].tolist() == pytest.approx(band, nan_ok=True)
    if verdict == "cannot_judge":
        assert row["reason"] == "attribute_unknown"
        assert row[["value", figure, "shortfall"]].isna().all()


@pytest.mark.parametrize("figure", OFFERED)
def test_nothing_stated_and_no_such_column_cannot_be_judged(figure):
    none = toilets((200, "open", None, None, None, None))
    for facilities in (none, none[["kind", "name", "status", "geometry"]]):
        row = judge(facilities, rule(figure, 0.5))[0].loc["c0"]
        assert row[["verdict", "reason"]].tolist() == ["cannot_judge", "attribute_unknown"]


def test_facilities_in_doubt_offer_what_nobody_knows():
    doubtful = toilets((200, "open", 8, 4, 4, True), (700, "open", 7, 5, 2, None))
    asked = SupplyFilter(only=("ramp",))
    met = judge(doubtful, rule(CAPACITY, 16), asked=asked)[0].loc["c0"]
    assert met[["verdict", "value", "facilities_unknown"]].tolist() == ["meets", 16, 1]
    open_ = judge(doubtful, rule(CAPACITY, 17), asked=asked)[0].loc["c0"]
    assert open_[["verdict", "reason"]].tolist() == ["cannot_judge", "facilities_in_doubt"]


def test_other_rules_do_not_look_at_what_facilities_offer(monkeypatch):
    monkeypatch.setattr("analysis.coverage.figures.provision", None)
    rows, summary = judge(STATED, rule("facilities_inside", 1))
    for table in (rows, summary):
        assert table[list(PROVISION_COLUMNS)].isna().all(axis=None)


amounts = st.one_of(st.none(), st.integers(0, 12))
some = st.lists(
    st.tuples(st.floats(0, 2000), amounts, amounts, amounts, st.sampled_from([True, False, None])),
    max_size=5,
)


@settings(max_examples=12, deadline=None)
@given(opened=some, closed=some, figure=st.sampled_from(OFFERED), size=st.floats(0.1, 1))
def test_the_band_holds_and_opening_gives_the_value_promised(opened, closed, figure, size):
    def with_status(places, status):
        return [(x, status, *rest) for x, *rest in places]

    serving = with_status(opened, "open")
    needed = rule(figure, size * {CAPACITY: 20, RATIO: 2, ACCESSIBLE: 1}[figure])
    before, _ = judge(toilets(*serving, *with_status(closed, "closed")), needed)
    after, _ = judge(toilets(*serving, *with_status(closed, "open")), needed)
    told = before["value_if_open"].notna()
    np.testing.assert_allclose(before["value_if_open"][told], after["value_least"][told])
    guess = [(*(3 if each is None else each for each in row[:5]), bool(row[5])) for row in serving]
    filled, _ = judge(toilets(*guess), needed)
    value = filled["value"].astype(float)
    assert not (value < before["value_least"] - 1e-9).any()
    assert not (value > before["value_most"] + 1e-9).any()
    judged = before["verdict"] != "cannot_judge"
    assert (before["verdict"] == filled["verdict"])[judged].all()


@given(women=st.integers(0, 40), men=st.integers(1, 40), minimum=st.floats(0.1, 4))
def test_so_many_more_stalls_meet_the_ratio_and_one_fewer_does_not(women, men, minimum):
    table = pd.DataFrame({"population": [1.0], "area_m2": 1.0, "residential_m2": 1.0})
    table = table.assign(built_up_m2=1.0, density_basis="area", facilities_inside=1)
    fails = women / men < minimum - 1e-9
    table = table.assign(male_inside=men, value=women / men)
    table["verdict"] = "fails" if fails else "meets"
    lacking = shortfall(table, rule(RATIO, minimum))[0]
    assert (women + lacking) / men >= minimum - 2e-9
    assert not fails or (women + lacking - 1) / men < minimum


@pytest.fixture(scope="module")
def demo(city):
    ready = prepare(city.communities, city.facilities, city.residents, kinds=["toilet"])
    standards = load_standards()
    names = ("cn-toilet-stalls", "intl-toilet-stalls")
    return pd.concat([assess(ready, standards[name]).coverage for name in names])


def test_the_demo_city_by_hand(demo):
    """何家垄 has three open toilets in `toilets.csv`: 8 + 4 + 4 for women, 8 + 3 + 3 for men."""
    rows = demo[demo["community"] == "何家垄社区"].set_index("rule")
    ratio = rows.loc["toilet-female-male"]
    assert ratio[["female_inside", "male_inside", "shortfall"]].tolist() == [16, 14, 5]
    assert ratio["value_if_open"] == pytest.approx((16 + 3) / (14 + 3))
    access = rows.loc["toilet-accessible"]
    assert access[["accessible_inside", "facilities_inside", "shortfall"]].tolist() == [1, 3, 2]
    stalls = rows.loc["toilet-stalls-per-10k"]
    assert stalls["capacity_inside"] == 16 + 7 + 7
    assert stalls["value"] == pytest.approx(30 / stalls["population"] * 1e4)


def test_a_number_of_stalls_written_out_in_the_demo_city_is_not_guessed(demo):
    """光明 has seven open toilets, one of them with “十二” stalls."""
    rows = demo[demo["community"] == "光明社区"].set_index("rule")
    stalls = rows.loc["toilet-stalls-per-10k"]
    assert stalls["capacity_inside"] == 10 + 12 + 13 + 13 + 12 + 5
    assert stalls[["facilities_inside", "facilities_unknown"]].tolist() == [7, 1]


def test_a_figure_that_the_kind_does_not_declare_is_refused(tmp_path):
    text = (ROOT / "data" / "standards" / "cn-toilet-stalls.toml").read_text(encoding="utf-8")
    (tmp_path / "own.toml").write_text(text.replace('kind = "toilet"', 'kind = "market"'), "utf-8")
    with pytest.raises(SettingsError, match=r"kinds\.toml") as caught:
        load_standards(tmp_path)
    assert caught.value.problem == "entry_wrong"


@pytest.mark.parametrize(
    ("given", "instead"),
    [
        ('female = "female_stalls"', 'female = "accessible"'),
        ('accessible = "accessible"', 'accessible = "stalls"'),
    ],
)
def test_a_column_of_the_wrong_type_is_refused(tmp_path, given, instead):
    text = (ROOT / "data" / "kinds.toml").read_text(encoding="utf-8")
    path = tmp_path / "kinds.toml"
    path.write_text(text.replace(given, instead, 1), encoding="utf-8")
    with pytest.raises(SettingsError, match="a column of type"):
        load_kinds(path)


@pytest.mark.parametrize("figure", OFFERED)
def test_the_layer_of_communities_carries_what_a_rule_asks_for(figure):
    ready = prepare(SQUARES, STATED, PEOPLE, kinds=["toilet"])
    result = assess(ready, Standard("toy", {"en": "Toy"}, "", "", "", (rule(figure, 1),)))
    layer = community_table(SQUARES, result)
    assert layer[f"a_{figure}"].notna().sum() == 2
    for each in OFFERED:
        expected = result.coverage[each].rename(f"a_{each}")
        pd.testing.assert_series_equal(layer[f"a_{each}"], expected, check_index=False)


SILENT = toilets((500, "open", None, None, None, None), (1500, "open", None, None, None, None))


@pytest.mark.parametrize("figure", OFFERED)
def test_where_no_facility_states_it_there_is_no_sum_and_an_empty_community_adds_no_zero(figure):
    rows, summary = judge(SILENT, rule(figure, 1))
    sums = [column for _, column in FIGURES[figure].made_from]
    assert rows[sums].iloc[:2].isna().all(axis=None)
    assert (rows[sums].iloc[2] == 0).all()  # nothing stands there: that is known
    assert summary[[*sums, figure]].isna().all(axis=None)
    assert rows["reason"].iloc[:2].tolist() == ["attribute_unknown"] * 2
    if figure == CAPACITY:
        assert rows["value_least"].iloc[:2].isna().all()


def test_known_zeros_stay_zeros():
    none = toilets((500, "open", 0, 0, 4, False), (700, "open", None, None, None, None))
    for figure, sums in ((CAPACITY, "capacity_inside"), (ACCESSIBLE, "accessible_inside")):
        rows, summary = judge(none, rule(figure, 1))
        assert rows[sums].tolist() == [0, 0, 0]
        assert summary[sums].iloc[0] == 0
