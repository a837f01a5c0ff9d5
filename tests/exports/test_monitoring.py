"""Monitoring of the demo city: files, page and words agree, and what is not known is no number."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from analysis.model.errors import PlanningError
from analysis.model.monitoring import MonitoringRules
from exports.papers.model import Table
from exports.papers.monitoring import monitoring_bulletin
from exports.recipes.casework.monitoring import (
    MONITORING_FILES,
    chosen_series,
    found_of,
    monitoring_files,
    nearest_table,
    readings_of,
    result_table,
    series_of,
    station_table,
)
from exports.recipes.issue_answers import IssueAnswers
from tests.exports.reading import read_csv
from tests.exports.toy import NOON, TABLES, speaker
from wording.monitoring import series_name, station_names, with_series_names

TURBIDITY = "drinking_water/turbidity"
FORMS = ("monitoring", "monitoring_stations", "monitoring_nearest", "monitoring_readings")


@pytest.fixture(scope="module")
def demo(cities):
    return cities("demo")


@pytest.fixture(scope="module")
def answers(demo):
    return IssueAnswers(demo)


def test_the_files_hold_what_the_page_shows(answers, demo):
    files, said = monitoring_files(answers, "", "quarter", speaker("en"), created=NOON)
    assert tuple(files) == MONITORING_FILES
    tables = {name: read_csv(files[f"{name}.csv"], TABLES[name].columns) for name in FORMS}
    table = result_table(answers, "quarter")
    assert chosen_series(table, "") == TURBIDITY  # what exceeded its limit most comes first
    assert tables["monitoring"]["n"].tolist() == table["n"].tolist()
    assert len(tables["monitoring_readings"]) == len(demo.readings)
    counts = tables["monitoring_readings"]["state"].value_counts()
    whole = table[table["level"].eq("city")]
    assert counts.to_dict() == whole[["met", "exceeded", "not_judged"]].sum().to_dict()
    assert len(tables["monitoring_nearest"]) == len(demo.communities) * len(series_of(table))
    points = json.loads(files["monitoring_stations.geojson"])["features"]
    assert (
        len(points) == len(tables["monitoring_stations"]) == len(station_table(answers, "quarter"))
    )
    assert len({point["id"] for point in points}) == len(points)
    record = json.loads(files["run.json"])["parameters"]
    assert (record["series"], record["every"], record["least"]) == (TURBIDITY, "quarter", 10)
    assert said == list(found_of(answers, TURBIDITY, "quarter", speaker("en")).said)
    assert b"<html" in files["monitoring_map.html"][:300].lower()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_cannot_be_judged_is_said_and_no_share(answers, language):
    translate = speaker(language)
    said = found_of(answers, "air/ozone", "quarter", translate).said
    assert translate("monitoring.share_none_judged", n="0", least="10") in said
    assert not any("%" in each for each in said)
    few = translate("monitoring.areas", n="3", of="58", few="3", least="10")
    assert few in said  # none that can be judged is fewer than ten as well
    fine = found_of(answers, "air/pm25", "quarter", translate).said
    why = translate("monitoring.why_unreadable", n="5")
    assert translate("monitoring.why", n="5", why=why) in fine
    assert translate("monitoring.share", n="268", share=translate.share(1.0)) in fine
    water = found_of(answers, TURBIDITY, "quarter", translate).said
    names = {"zh": "光明社区末梢水点", "en": "Guangming Community tap"}
    assert any(names[language] in each for each in water)
    own = translate("monitoring.limits_stated", limits="≤1.5 NTU", own="183", file="0")
    assert own in water


def test_limits_are_told_as_they_hold(answers, demo):
    translate, said = speaker("en"), {}
    codes = series_of(result_table(answers, "quarter"))
    for code in ("drinking_water/residual_chlorine", "drinking_water/total_coliforms"):
        said[code] = " ".join(found_of(answers, code, "quarter", translate).said)
    assert "Limits: 0.1–1 mg/L; 48 from" in said["drinking_water/residual_chlorine"]
    food = found_of(
        answers, next(each for each in codes if each.startswith("food")), "quarter", translate
    )
    assert translate("monitoring.limits_none", n="40") in food.said
    shops = food.stations[food.stations["exceeded"] > 0]["station"]
    named = [station_names(demo, "food", "en")[each] for each in sorted(shops)]
    assert any(", ".join(named) in each for each in food.said)  # as often: in the order of codes
    assert "Limits: nothing may be detected; 48 from" in said["drinking_water/total_coliforms"]
    taps = demo.readings["indicator"].eq("turbidity")
    bounds = dict(zip(demo.readings.index[taps], [0.5, 0.4, 1e-7, 0.2] * 200, strict=False))
    lower = demo.readings.index.to_series().map(bounds)
    own = demo.readings.assign(lower_limit=lower)
    own.loc[taps, "upper_limit"] = float("nan")
    several = IssueAnswers(replace(demo, readings=own, fingerprint="several limits"))
    told = next(
        each
        for each in found_of(several, TURBIDITY, "quarter", translate).said
        if each.startswith("Limits")
    )
    assert told.count("≥0.") == 3
    assert "≥0.0000001 NTU" in told  # a small limit is none of 0
    assert "…;" in told


def test_a_station_is_known_by_its_network_and_its_code(demo):
    """Networks number their stations on their own."""
    own = demo.readings.copy()
    own["station"] = own["station"].str.replace(r"\D+", "", regex=True).str.lstrip("0")
    assert own.groupby("station")["network"].nunique().max() > 1
    city = replace(demo, readings=own, fingerprint="numbered")
    assert station_names(city, "air", "en")["1"] == "Centre"
    assert station_names(city, "drinking_water", "en")["1"] == "Sixiang Community tap"
    assert station_names(city, "nowhere", "en") == {}


@pytest.mark.parametrize("language", ["zh", "zh-Hant", "en"])
def test_networks_and_indicators_are_named_as_the_reader_reads(answers, demo, language):
    translate, table = speaker(language), result_table(answers, "quarter")
    named = with_series_names(table, demo, translate)
    pairs = {code: series_name(demo, *pair, translate) for code, pair in series_of(table).items()}
    assert set(named["network"] + " · " + named["indicator"]) == set(pairs.values())
    assert not named["network"].isin(demo.monitoring_rules.networks).any()
    assert with_series_names(table[:0], demo, translate).empty


def test_every_community_has_its_nearest_station_with_the_distance(answers, demo):
    nearest = nearest_table(answers, "quarter")
    own = nearest[nearest["indicator"].eq("turbidity")]
    assert own["community_id"].tolist() == demo.communities.index.tolist()
    stations = station_table(answers, "quarter")
    taps = stations[stations["indicator"].eq("turbidity")]
    spots = demo.communities.representative_point()
    for row in own.iloc[::9].to_dict("records"):
        spot = spots[row["community_id"]]
        far = ((taps["x"] - spot.x) ** 2 + (taps["y"] - spot.y) ** 2) ** 0.5
        assert row["distance_m"] == pytest.approx(far.min())
        assert row["station"] == taps["station"].iloc[far.argmin()]


def test_rows_of_the_file_of_limits_are_told_with_their_source(demo):
    from analysis.model.monitoring import Indicator, Limit  # noqa: PLC0415

    source = {"zh": "虚构标准", "en": "a made-up standard"}
    limit = Limit("", 100.0, None, "ug/m3", source, "low")
    ozone = Indicator("ozone", {"zh": "臭氧", "en": "Ozone"}, limits=(limit,))
    rules = MonitoringRules(indicators={"ozone": ozone}, least=10)
    answers = IssueAnswers(replace(demo, monitoring_rules=rules, fingerprint="limits"))
    said = " ".join(found_of(answers, "air/ozone", "quarter", speaker("en")).said)
    assert "0 from the rows themselves, 39 from the file of limits" in said
    assert "a made-up standard (confidence low" in said
    judged = readings_of(answers)
    ozone_rows = judged[judged["indicator"].eq("ozone")]
    assert set(ozone_rows["state"]) == {"met", "exceeded"}
    assert (ozone_rows["state"].eq("exceeded") == (ozone_rows["value"] > 100)).all()


def test_what_is_asked_for_is_there_or_refused(answers, demo):
    with pytest.raises(PlanningError) as caught:
        monitoring_files(answers, "air/ozon", "quarter", speaker("en"))
    assert (caught.value.problem, caught.value.facts["near"]) == ("series_unknown", "air/ozone")
    with pytest.raises(PlanningError) as caught:
        result_table(answers, "week")
    assert caught.value.problem == "word_unknown"
    city = replace(demo, readings=None, fingerprint="none")
    with pytest.raises(PlanningError) as caught:
        monitoring_files(IssueAnswers(city), "", "quarter", speaker("en"))
    assert caught.value.problem == "no_monitoring"
    bare = replace(demo, readings=demo.readings.iloc[:0], fingerprint="empty")
    with pytest.raises(PlanningError) as caught:
        monitoring_files(IssueAnswers(bare), "", "quarter", speaker("en"))
    assert caught.value.problem == "series_unknown"


@pytest.mark.parametrize(("series", "sampled"), [("air/pm25", False), (TURBIDITY, True)])
def test_the_bulletin_leaves_out_columns_that_say_nothing(answers, demo, series, sampled):
    translate = speaker("en")
    found = found_of(answers, series, "quarter", translate)
    pair = series_of(result_table(answers, "quarter"))
    paper = monitoring_bulletin(
        demo, pair[series], found.said, found.rows, found.stations, translate=translate
    )
    areas = next(block for block in paper.blocks if isinstance(block, Table))
    titles = {column.id: column.title["en"] for column in TABLES["monitoring"].columns}
    assert areas.heads[0] == translate("monitoring.area")
    assert {titles["low_share"] in areas.heads, titles["high_share"] in areas.heads} == {sampled}
    assert titles["n"] in areas.heads
    assert areas.rows[0][0] == translate("monitoring.level_city")
