"""Names from the data stand in the reader's language in every kind of table."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from wording.catalogue import load_words
from wording.layer_names import layer_names
from wording.names import facility_names, in_language, unit_names, with_names, zone_name
from wording.speaker import Speaker

COMMUNITIES = pd.DataFrame(
    {
        "name": ["和平", "和平", "明德"],
        "name_en": ["Peace, North", "Peace, South", ""],
        "parent": ["北街", "南街", "南街"],
        "parent_en": ["North St", "South St", "South St"],
    },
    index=["n", "s", "m"],
)
FACILITIES = pd.DataFrame(
    {"name": ["一号", "二号"], "name_en": ["No. 1", None]}, index=["f1", "f2"]
)
ZONES = pd.DataFrame({"name": ["老城"], "name_en": ["Old town"]}, index=["old"])
STREETS = pd.DataFrame({"name": ["大路"], "name_en": ["High Road"]})
CITY = SimpleNamespace(communities=COMMUNITIES, facilities=FACILITIES, zones=ZONES, streets=STREETS)
PLACE = {"community_id": ["s", "m"], "community": ["和平", "明德"], "parent": ["南街", "南街"]}
TABLES = {
    "communities": (PLACE, {"community": ["Peace, South", "明德"], "parent": ["South St"] * 2}),
    "places": ({**PLACE, "street": ["大路", ""]}, {"street": ["High Road", ""]}),
    "zones": ({"zone_id": ["old"], "zone": ["老城"]}, {"zone": ["Old town"]}),
    "facilities": (
        {"facility_id": ["f1", "f2"], "name": ["一号", "二号"]},
        {"name": ["No. 1", "二号"]},
    ),
    "closures": (
        {
            **PLACE,
            "facility_id": ["f1", "f2"],
            "facility": ["一号", "二号"],
            "lost_in": ["明德: 1200; 和平: 3", "明德: 1"],
        },
        {"facility": ["No. 1", "二号"]},
    ),
    "cases": (
        {"category": ["暴露垃圾", "自定类别"], "top_category": ["店外经营", None]},
        {
            "category": ["Exposed garbage", "自定类别"],
            "top_category": ["Trading outside shop", None],
        },
    ),
    "totals": ({"level": ["city"], "name": ["全市"]}, {"name": ["全市"]}),
}


@pytest.mark.parametrize("table", TABLES)
def test_every_name_of_a_table_is_in_the_reader_s_language_where_the_data_have_it(table):
    own, wanted = (pd.DataFrame(each) for each in TABLES[table])
    english = in_language(own, CITY, "en")
    pd.testing.assert_frame_equal(english[wanted.columns], wanted, check_dtype=False)
    chinese = in_language(own, CITY, "zh")
    pd.testing.assert_frame_equal(chinese, own, check_dtype=False)


def test_people_who_lose_reach_are_counted_as_the_language_writes_them():
    own = pd.DataFrame(TABLES["closures"][0])
    english, chinese = (in_language(own, CITY, each)["lost_in"].iloc[0] for each in ("en", "zh"))
    assert english.startswith("明德: 1\u202f200; ")
    assert chinese == "明德: 1200; 和平: 3"


def test_communities_of_one_name_keep_their_own_in_the_other_language():
    rows = pd.DataFrame({"community_id": ["n", "s"], "community": ["和平", "和平"]})
    named = with_names(rows, COMMUNITIES, "en")
    assert named["community"].tolist() == ["Peace, North", "Peace, South"]


def test_units_keep_their_names_and_communities_among_them_are_translated():
    rows = pd.DataFrame(
        {"level": ["unit", "community"], "unit_id": ["n", "n"], "name": ["城管", "和平"]}
    )
    assert unit_names(rows, COMMUNITIES, "en").tolist() == ["城管", "Peace, North"]


def test_a_zone_and_a_facility_are_named_by_the_same_rule():
    assert zone_name(ZONES, "old", "en") == "Old town"
    assert zone_name(ZONES, "", "en") == zone_name(None, "old", "en") == ""
    assert facility_names(FACILITIES, "en").tolist() == ["No. 1", "二号"]


def test_a_parent_without_a_community_has_its_name_in_the_reader_s_language():
    rows = pd.DataFrame(
        {"community_id": ["s", None, ""], "parent": ["南街", "北街", "外地"]}, index=[3, 1, 2]
    )
    assert with_names(rows, COMMUNITIES, "en")["parent"].tolist() == [
        "South St",
        "North St",
        "外地",
    ]
    assert with_names(rows, COMMUNITIES, "zh")["parent"].tolist() == ["南街", "北街", "外地"]


def test_layers_and_columns_of_notes_are_told_by_name():
    kinds = {"toilet": SimpleNamespace(name={"zh": "公共厕所", "en": "Public toilets"})}
    reports = [
        SimpleNamespace(id=code, kind=code.split("-")[0])
        for code in ("communities", "toilet", "toilet-2")
    ]
    city = SimpleNamespace(kinds=kinds, reports=reports)
    zh = Speaker(load_words(), "zh")
    assert [*layer_names(city, zh).values()] == [
        "社区", "公共厕所 (toilet)", "公共厕所 (toilet-2)",
    ]  # fmt: skip
    facts = {"column": "closed_at", "found": "1900-01-01"}
    assert zh.note("time_impossible", facts) == "“结案时间”不合理（如 1900-01-01），已清除"
    unread = zh.note("value_unreadable", {"column": "stalls", "found": "x", "type": "number"})
    assert unread == "“厕位或摊位数”不是数值（如 x），已清除"
