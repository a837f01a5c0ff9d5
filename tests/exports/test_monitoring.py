"""Monitoring of the demo city: files, page and words agree, and what is not known is no number."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from analysis.model.errors import PlanningError
from analysis.model.monitoring import MonitoringRules
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
    fine = found_of(answers, "air/pm25", "quarter", translate).said
    why = translate("monitoring.why_unreadable", n="5")
    assert translate("monitoring.why", n="5", why=why) in fine
    assert translate("monitoring.share", n="268", share=translate.share(1.0)) in fine
    water = found_of(answers, TURBIDITY, "quarter", translate).said
    names = {"zh": "光明社区末梢水点", "en": "Guangming Community tap"}
    assert any(names[language] in each for each in water)


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
