"""Readings come by the door of all layers: every row is loaded or set aside, and none invented."""

from __future__ import annotations

import math

import pytest

from analysis.casework.monitoring import judged_readings
from analysis.model.errors import PlanningError
from layers.knowledge.monitoring import load_monitoring_rules
from layers.knowledge.taxonomy import FOLDER
from layers.load import load_city
from tests.layers.cleaning.test_merge import notes
from tests.layers.toy import HEAD, NOWHERE, write_communities

COLUMNS = {
    "编号": "id", "点位": "name", "站码": "station", "类别": "network", "项目": "indicator",
    "采样时间": "sampled_at", "结果值": "value", "单位": "value_unit", "检出限": "detection_limit",
    "限值": "limit", "上限": "upper_limit", "下限": "lower_limit", "结论": "result",
    "经度": "lon", "纬度": "lat",
}  # fmt: skip
USUAL = {"采样时间": "2026-05-01", "经度": "116.35", "纬度": "39.90", "项目": "浊度"}


def loaded(folder, rows, *, columns=COLUMNS, top=""):
    """Load a city with a layer of these rows, each as far as it differs from the usual one."""
    write_communities(folder)
    lines = [",".join(columns)]
    for at, row in enumerate(rows):
        cells = {"编号": f"r{at}", **USUAL, **row}
        lines.append(",".join(f'"{cells.get(name, "")}"' for name in columns))
    (folder / "readings.csv").write_text("\n".join(lines), "utf-8")
    pairs = ", ".join(f'"{theirs}" = "{ours}"' for theirs, ours in columns.items())
    entry = f'[[layers]]\nkind = "monitoring"\nfile = "readings.csv"\ncolumns = {{ {pairs} }}\n'
    entry += '[layers.values.result]\n"合格" = "pass"\n"不合格" = "fail"\n' * ("结论" in columns)
    (folder / "city.toml").write_text(top + HEAD + entry, "utf-8")
    return load_city(folder, city_data=NOWHERE)


VALUES = {
    "0.3": ("number", 0.3, ""),
    "<0.05": ("below", 0.05, ""),
    "＜０．０５": ("below", 0.05, ""),
    "≤0.05": ("at_most", 0.05, ""),
    "0.05L": ("below", 0.05, ""),
    "5 L": ("number", 5.0, "L"),
    "＞100": ("above", 100.0, ""),
    "≥ 5 mg/L": ("at_least", 5.0, "mg/L"),
    "0.3 mg/L": ("number", 0.3, "mg/L"),
    "35μg/m³": ("number", 35.0, "μg/m³"),
    "小于0.05": ("below", 0.05, ""),
    "未检出": ("not_detected", None, ""),
    "ND": ("not_detected", None, ""),
    "未检出（<0.02）": ("below", 0.02, ""),
    "ND(0.02)": ("below", 0.02, ""),
    "检出": ("detected", None, ""),
    "仪器故障": ("unread", None, ""),
    "12 仪器故障": ("unread", None, ""),
    "3-5": ("unread", None, ""),
    "0.3（复测）": ("unread", None, ""),
    "--": ("unread", None, ""),
    "inf": ("unread", None, ""),
    "1e999": ("unread", None, ""),
    "": ("", None, ""),
}


def test_values_are_read_as_they_are_meant_and_none_becomes_zero(tmp_path):
    city = loaded(tmp_path, [{"结果值": text} for text in VALUES])
    found = city.readings
    for (text, (sign, value, unit)), row in zip(
        VALUES.items(), found.to_dict("records"), strict=True
    ):
        assert (row["sign"], row["value_unit"]) == (sign, unit), text
        assert math.isnan(row["value"]) if value is None else row["value"] == value, text
        assert row["reading"] == text
    assert set(found["indicator"]) == {"turbidity"}
    assert "monitoring" not in city.absent


LIMITS = {
    "≤1": ("stated", None, 1.0),
    "≥5": ("stated", 5.0, None),
    "6.5-8.5": ("stated", 6.5, 8.5),
    "6.5～8.5": ("stated", 6.5, 8.5),
    "不得检出": ("stated", None, 0.0),
    "1": ("unread", None, None),
    "见备注": ("unread", None, None),
    "8.5-6.5": ("unread", 8.5, 6.5),
    "≤1 mg/L": ("stated", None, 1.0),
    "≤1 μg/L": ("other_unit", None, 1.0),
    "": ("", None, None),
}


def test_a_limit_tells_its_side_or_nobody_knows_what_it_limits(tmp_path):
    rows = [{"结果值": "0.3", "单位": "mg/L", "限值": text} for text in LIMITS]
    found = loaded(tmp_path, rows).readings
    for (text, (form, lower, upper)), row in zip(
        LIMITS.items(), found.to_dict("records"), strict=True
    ):
        assert row["limit"] == form, text
        for name, value in (("lower_limit", lower), ("upper_limit", upper)):
            assert math.isnan(row[name]) if value is None else row[name] == value, text


def test_limits_in_columns_of_their_own_and_detection_limits(tmp_path):
    rows = [
        {"结果值": "7", "下限": "6.5", "上限": "8.5"},
        {"结果值": "7", "下限": "8.5", "上限": "6.5"},
        {"结果值": "7", "上限": "≥5"},
        {"结果值": "0.3", "单位": "mg/L", "上限": "≤1 mg/L"},
        {"结果值": "0.3", "单位": "mg/L", "上限": "1 g/L"},
        {"结果值": "未检出", "检出限": "0.01", "上限": "1"},
        {"结果值": "未检出", "检出限": "0", "上限": "1"},
        {"结果值": "3mg/L", "单位": "μg/L", "上限": "1"},
    ]
    city = loaded(tmp_path, rows)
    found = city.readings
    assert found["limit"].tolist() == [
        "stated", "unread", "unread", "stated", "other_unit", "stated", "stated", "stated",
    ]  # fmt: skip
    assert found["sign"].tolist()[-3:] == ["below", "not_detected", "unread"]
    judged = judged_readings(found, city.communities, city.monitoring_rules)
    assert judged["state"].tolist() == [
        "met", "not_judged", "not_judged", "met", "not_judged", "met", "not_judged", "not_judged",
    ]  # fmt: skip
    assert judged["reason"].tolist() == [
        "", "limit_unclear", "limit_unclear", "", "unit_differs", "", "undecided", "unreadable",
    ]  # fmt: skip


def test_rows_without_place_or_day_are_set_aside_and_add_up(tmp_path):
    rows = [
        {"结论": "合格"},
        {"结论": "复检中"},
        {"采样时间": ""},
        {"采样时间": "五月初"},
        {"采样时间": "2126-05-01"},
        {"经度": "", "纬度": ""},
        {"经度": "118.35"},
        {"编号": "r0"},
        {"结论": "不合格"},
        {"结论": "合格"},
        {"结论": ""},
        {"结论": "合格"},
        {"结论": "pass"},
    ]
    city = loaded(tmp_path, rows)
    told = notes(city, "monitoring")
    assert {rule: first for (outcome, rule), first in told.items() if outcome == "quarantined"} == {
        "day_missing": ("r2",),
        "day_unreadable": ("r3",),
        "day_impossible": ("r4",),
        "coordinates_missing": ("r5",),
        "coordinates_outside": ("r6",),
        "identifier_twice": ("r0",),
    }
    report = next(each for each in city.reports if each.id == "monitoring")
    assert report.rows_in == len(rows) == report.loaded + report.quarantined
    assert city.readings["result"].tolist() == ["pass", "unread", "fail", "pass", "", "pass",
                                                "unread"]  # fmt: skip


def test_stations_are_told_apart_by_code_or_by_name_and_place(tmp_path):
    rows = [
        {"站码": "S1", "点位": "甲"},
        {"站码": "S1", "点位": "甲", "经度": "116.36"},
        {"点位": "便民超市"},
        {"点位": "便民超市"},
        {"点位": "便民超市", "经度": "116.37"},
        {},
    ]
    city = loaded(tmp_path, rows)
    stations = city.readings["station"]
    assert stations.nunique() == 4
    assert stations.iloc[2] == stations.iloc[3] != stations.iloc[4]
    assert notes(city, "monitoring")["noted", "station_moved"] == ("r0", "r1")


def test_a_code_of_two_networks_is_no_station_that_moved(tmp_path):
    rows = [
        {"站码": "1", "类别": "环境空气"},
        {"站码": "1", "类别": "饮用水", "经度": "116.37"},
        {"站码": "2", "类别": "饮用水"},
        {"站码": "2", "类别": "饮用水", "经度": "116.37"},
    ]
    city = loaded(tmp_path, rows)
    assert notes(city, "monitoring")["noted", "station_moved"] == ("r2", "r3")


RULES = """
least = 3
[network.tap]
name = { zh = "饮用水", en = "Tap water" }
sampled = true
[indicator.turbidity]
name = { zh = "浑浊度", en = "Turbidity" }
aliases = ["浊度"]
[[indicator.turbidity.limits]]
network = "tap"
upper = 5
unit = "NTU"
source = { en = "made up" }
confidence = "low"
"""


def test_a_file_of_the_citys_own_gives_limits_where_rows_have_none(tmp_path):
    (tmp_path / "ours.toml").write_text(RULES, "utf-8")
    rows = [
        {"类别": "饮用水", "结果值": "4", "单位": "NTU"},
        {"类别": "Tap water", "结果值": "6", "单位": "ntu"},
        {"类别": "饮用水", "结果值": "4", "单位": "mg/L"},
        {"类别": "饮用水", "结果值": "4", "单位": "NTU", "限值": "≤1"},
        {"类别": "河水", "结果值": "4", "单位": "NTU"},
    ]
    city = loaded(tmp_path, rows, top='monitoring = "ours"\n')
    judged = judged_readings(city.readings, city.communities, city.monitoring_rules)
    assert judged["state"].tolist() == ["met", "exceeded", "not_judged", "exceeded", "not_judged"]
    assert judged["reason"].tolist() == ["", "", "unit_differs", "", "no_limit"]
    assert judged["limit_from"].tolist() == ["rules", "rules", "rules", "row", ""]


def test_the_file_of_all_cities_states_no_limit_and_is_read():
    rules = load_monitoring_rules(FOLDER / "monitoring.toml")
    assert rules.least == 10
    assert {name for name, network in rules.networks.items() if network.sampled} == {
        "drinking_water", "food", "small_trades",
    }  # fmt: skip
    assert not any(each.limits for each in rules.indicators.values())


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("least = 3", "least = 0", "least"),
        ("least = 3", "least = true", "least"),
        ('unit = "NTU"\n', "", "unit"),
        ("upper = 5", "", "upper"),
        ("upper = 5", "upper = nan", "upper"),
        ("upper = 5", 'upper = "5"', "upper"),
        ("upper = 5", "upper = 5\nlower = 6", "lower"),
        ('source = { en = "made up" }', "", "source"),
        ('confidence = "low"', "", "confidence"),
        ('confidence = "low"', 'confidence = "sure"', "confidence"),
        ('network = "tap"', 'network = "tab"', "network"),
        ('zh = "饮用水", ', "", "name"),
        ("[[indicator.turbidity.limits]]", "[indicator.turbidity.limits]", "limits"),
    ],
)
def test_a_slip_in_the_file_is_told_with_its_place(tmp_path, old, new, key):
    path = tmp_path / "monitoring.toml"
    assert old in RULES
    path.write_text(RULES.replace(old, new), "utf-8")
    with pytest.raises(PlanningError) as caught:
        load_monitoring_rules(path)
    assert key in str(caught.value)


@pytest.mark.parametrize(
    ("section", "name", "more"),
    [
        ("network", "river", 'aliases = ["ＴＡＰ  water"]'),
        ("network", "饮用水", ""),
        ("indicator", "colour", 'aliases = ["浊 度"]'),
    ],
)
def test_a_name_of_two_is_refused(tmp_path, section, name, more):
    own = f'[{section}."{name}"]\nname = {{ zh = "别的", en = "Other" }}\n{more}\n'
    (tmp_path / "ours.toml").write_text(RULES + own, "utf-8")
    with pytest.raises(PlanningError) as caught:
        loaded(tmp_path, [{}], top='monitoring = "ours"\n')
    assert caught.value.problem == "monitoring_name_twice"
    assert caught.value.facts["second"] == name


def test_a_network_and_an_indicator_may_share_a_name(tmp_path):
    (tmp_path / "ours.toml").write_text(RULES.replace('"浊度"', '"浊度", "饮用水"'), "utf-8")
    city = loaded(tmp_path, [{"类别": "饮用水", "项目": "饮用水"}], top='monitoring = "ours"\n')
    assert city.readings.iloc[0][["network", "indicator"]].tolist() == ["tap", "turbidity"]


def test_two_limits_of_one_network_are_refused(tmp_path):
    path = tmp_path / "monitoring.toml"
    limit = RULES[RULES.index("[[") :]
    path.write_text(RULES + limit, "utf-8")
    with pytest.raises(PlanningError, match="limits"):
        load_monitoring_rules(path)
    path.write_text(RULES + limit.replace('network = "tap"', ""), "utf-8")
    with pytest.raises(PlanningError, match="limits"):
        load_monitoring_rules(path)
