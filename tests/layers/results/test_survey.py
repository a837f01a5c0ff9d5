"""Surveys as files: both forms, every row loaded or set apart with its reason, none lost."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.model.errors import PlanningError, SettingsError, SourceError
from layers.knowledge.survey import load_survey_rules
from layers.knowledge.taxonomy import FOLDER
from layers.load import load_city
from tests.layers.toy import NOWHERE, write_communities

HALVES = [shapely.box(116.30, 39.85, 116.40, 39.95), shapely.box(116.40, 39.85, 116.50, 39.95)]
RECIPE = """
name = {{ zh = "甲市", en = "City A" }}
time_zone = "Asia/Shanghai"
[[layers]]
kind = "communities"
file = "communities.geojson"
columns = {{ id = "id", name = "name", street = "parent" }}
[[layers]]
kind = "survey"
file = "survey.csv"
publication_date = "2026-06-30"
columns = {{ {columns} }}
{more}
"""
COUNTS = ("area", "asked_at", "topic", "asked", "yes")
SINGLE = ("id", "area", "asked_at", "topic", "answer", "weight")
GOOD = ("东湖社区", "2026-05-10", "满意度", "100", "90")


def city_of(folder, columns, *rows, more=""):
    """Load a city of two communities, 东湖社区 and 西湖社区 in 东湖街道, and one survey."""
    write_communities(folder, HALVES, name=["东湖社区", "西湖社区"], street=["东湖街道"] * 2)
    named = ", ".join(f'{each} = "{each}"' for each in columns)
    text = RECIPE.format(columns=named, more=more)
    (folder / "city.toml").write_text(text, encoding="utf-8")
    lines = [",".join(columns), *(",".join(row) for row in rows)]
    (folder / "survey.csv").write_text("\n".join(lines), encoding="utf-8")
    return load_city(folder, city_data=NOWHERE)


def reasons(city):
    aside = city.quarantine
    return dict(zip(aside["row"], aside["reason"], strict=True))


def adds_up(city):
    report = city.reports[-1]
    return (
        report.rows_in
        == report.loaded + report.quarantined
        == len(city.survey) + len(city.quarantine)
    )


def test_counts_are_read_and_what_cannot_be_is_set_apart(tmp_path):
    wrong = {
        "yes_above_asked": ("东湖社区", "2026-05-10", "满意度", "90", "100"),
        "count_negative": ("东湖社区", "2026-05-10", "满意度", "100", "-1"),
        "count_fraction": ("东湖社区", "2026-05-10", "满意度", "100.5", "90"),
        "count_unreadable": ("东湖社区", "2026-05-10", "满意度", "100", "90%"),
        "area_unknown": ("桃源社区", "2026-05-10", "满意度", "100", "90"),
        "area_missing": ("", "2026-05-10", "满意度", "100", "90"),
        "day_unreadable": ("东湖社区", "上旬", "满意度", "100", "90"),
        "day_impossible": ("东湖社区", "2027-05-10", "满意度", "100", "90"),
        "day_missing": ("东湖社区", "", "满意度", "100", "90"),
        "topic_missing": ("东湖社区", "2026-05-10", "", "100", "90"),
        "count_twice": GOOD,
    }
    rows = [GOOD, ("西湖", "2026-05-10", "知晓率", "1,200", "900"), *wrong.values()]
    quoted = [[f'"{cell}"' for cell in row] for row in rows]
    city = city_of(tmp_path, COUNTS, *quoted)
    assert adds_up(city)
    assert reasons(city) == dict(enumerate(wrong, start=3))
    loaded = city.survey[["level", "area", "topic", "n", "yes", "weight", "single"]]
    assert loaded.to_numpy().tolist() == [
        ["community", "000", "satisfaction", 100, 90, 1, False],
        ["community", "001", "awareness", 1200, 900, 1, False],
    ]


def test_whom_a_row_is_of(tmp_path):
    names = ("东湖社区", "东湖街道", "全市", "东湖", "西湖社区居委会", "001")
    rows = [(name, f"2026-05-{at:02d}", "t", "100", "90") for at, name in enumerate(names, 1)]
    city = city_of(tmp_path, COUNTS, *rows)
    assert city.survey[["level", "area"]].to_numpy().tolist() == [
        ["community", "000"], ["parent", "东湖街道"], ["city", ""], ["community", "000"],
        ["community", "001"], ["community", "001"],
    ]  # fmt: skip


def test_single_answers_have_weights_and_a_person_answers_several_questions(tmp_path):
    day = "2026-05-10"
    rows = [
        ("p1", "东湖社区", day, "满意度", "是", "1.5"),
        ("p1", "东湖社区", day, "知晓率", "否", "1.5"),
        ("p1", "东湖社区", day, "满意度", "是", "1.5"),
        ("p2", "", day, "满意度", "否", "0.5"),
        ("p3", "东湖社区", day, "满意度", "是", "0"),
        ("p4", "东湖社区", day, "满意度", "是", "-1"),
        ("p5", "东湖社区", day, "满意度", "是", "x"),
        ("p6", "东湖社区", day, "满意度", "", "1"),
        ("p7", "东湖社区", day, "满意度", "也许", "1"),
    ]
    city = city_of(tmp_path, SINGLE, *rows)
    assert adds_up(city)
    assert reasons(city) == {
        3: "identifier_twice", 5: "weight_wrong", 6: "weight_wrong", 7: "weight_wrong",
        8: "answer_missing", 9: "answer_unreadable",
    }  # fmt: skip
    loaded = city.survey[["level", "topic", "n", "yes", "weight", "single"]]
    assert loaded.to_numpy().tolist() == [
        ["community", "satisfaction", 1, 1, 1.5, True],
        ["community", "awareness", 1, 0, 1.5, True],
        ["city", "satisfaction", 1, 0, 0.5, True],
    ]
    assert "area_not_told" in {note.rule for note in city.reports[-1].notes}


def test_counts_of_one_day_that_differ_are_added_up_and_told(tmp_path):
    again = (*GOOD[:3], "50", "40")
    city = city_of(tmp_path, COUNTS, GOOD, again)
    assert len(city.survey) == 2
    assert "count_again" in {note.rule for note in city.reports[-1].notes}


@pytest.mark.parametrize(
    "columns", [COUNTS[:4], (*COUNTS, "answer"), ("area", "asked_at", "topic", "weight")]
)
def test_a_layer_of_neither_form_or_of_both_is_refused(tmp_path, columns):
    row = ["1"] * len(columns)
    with pytest.raises(PlanningError) as caught:
        city_of(tmp_path, columns, row)
    assert caught.value.problem == "survey_form"


def test_a_layer_of_which_nothing_can_be_read_is_refused(tmp_path):
    with pytest.raises(SourceError) as caught:
        city_of(tmp_path, COUNTS, (*GOOD[:4], "101"))
    assert caught.value.problem == "nothing_loaded"


TOPIC = '[topic.x]\nname = { zh = "甲", en = "A" }'
CELLS = st.sampled_from(
    ["", "东湖社区", "全市", "-1", "1e400", "nan", "inf", "0", "12", "１２", "=1+1", "2026-02-30",
     "2026-05-10", "<b>", "99999999999999999999", "\u202e", "约12人", "'"]
)  # fmt: skip


@settings(
    max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.lists(st.tuples(*[CELLS] * 5), min_size=20, max_size=40))
def test_no_row_is_lost_whatever_cells_hold(tmp_path, rows):
    try:
        city = city_of(tmp_path, COUNTS, GOOD, *rows)
    except SourceError as error:
        refused = error.problem
    else:
        assert city.reports[-1].rows_in == len(city.survey) + len(city.quarantine)
        assert (city.survey["yes"] <= city.survey["n"]).all()
        return
    assert refused == "times_impossible"  # most days lie where none can: another form is meant


def test_rules_are_the_citys_own_where_it_names_them(tmp_path):
    own = f'least = 5\nmargin = 0.03\nperiod = "year"\n{TOPIC}\n'
    (tmp_path / "ours.toml").write_text(own, encoding="utf-8")
    write_communities(tmp_path, HALVES)
    (tmp_path / "city.toml").write_text(
        'survey = "ours"\ntime_zone = "Asia/Shanghai"\n[[layers]]\nkind = "communities"\n'
        'file = "communities.geojson"\n'
        'columns = { id = "id", name = "name" }\n',
        encoding="utf-8",
    )
    rules = load_city(tmp_path, city_data=NOWHERE).survey_rules
    assert (rules.least, rules.margin, rules.period, {*rules.topics}) == (
        5,
        0.03,
        "year",
        {"x"},
    )


def test_the_rules_of_all_cities_name_where_the_threshold_is_from():
    rules = load_survey_rules(FOLDER / "survey.toml")
    judged = [topic for topic in rules.topics.values() if topic.threshold is not None]
    assert [topic.threshold for topic in judged] == [0.9]
    assert all(topic.source and topic.clause and topic.confidence for topic in judged)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("least = 0", "least"), ("least = true", "least"), ('period = "week"', "period"),
        ("margin = 0.6", "margin"), (f"{TOPIC}\nthreshold = 1", "threshold"),
        (f"{TOPIC}\nthreshold = true", "threshold"),
        (f'{TOPIC}\nconfidence = "sure"', "confidence"),
        ("[topic.x]\nthreshold = 0.9", "name"), ("most = 3", "most"),
    ],
)  # fmt: skip
def test_rules_that_cannot_be_are_refused(tmp_path, line, key):
    usual = {"least": "least = 30", "margin": "margin = 0.05", "period": 'period = "year"'}
    usual.pop(key, None)
    path = tmp_path / "survey.toml"
    path.write_text("\n".join([*usual.values(), line]), encoding="utf-8")
    with pytest.raises(SettingsError, match=key):
        load_survey_rules(path)
