"""Scenarios are kept by name, compared on the data of today, and exchanged as files."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import cli
from analysis.coverage.assessment import assess
from analysis.coverage.editions import CROSSINGS
from analysis.model.errors import PlanningError
from analysis.scenarios.changes import ACTIONS, PLACED, Change, apply_changes
from commands import scenarios
from commands.console import USAGE_EXIT
from exports.recipes import scenarios as recipe
from exports.recipes.scenarios import Scenario, ScenarioJudge
from store.address import file_address
from store.database import opened
from store.verification import verify
from store.versioned import ConflictError, all_records
from tests.exports.toy import toy_answers
from wording.catalogue import load_words
from wording.speaker import Speaker

ADDED = Scenario(
    changes=(Change("add", "toilet", "东门新厕", 114.0001, 30.0001),), author="李", note="一期"
)

HOSTILE = "<img src=x onerror=alert(1)>"
GAINED, LOST = "People gained (\\d+)", "People lost (\\d+)"


@pytest.fixture
def store(tmp_path):
    with opened(file_address(tmp_path)) as store:
        yield store


@pytest.fixture(scope="module")
def town(city):
    """The toy city, where the third toilet is planned and thirty people wait for it."""
    return replace(city, facilities=city.facilities.assign(status=["open", "unknown", "planned"]))


@pytest.fixture(scope="module")
def judge(town):
    return ScenarioJudge(toy_answers(town))


@pytest.fixture(scope="module")
def planned(town):
    return recipe.planned_scenario(town, Scenario(author="Li"), ["toilet"])


def test_what_the_register_has_as_planned_equals_a_full_run(judge, town, planned):
    assert planned.changes == (Change("open", "toilet", "t2"),)
    judged = judge.judge("planned", planned)
    answers = toy_answers(
        replace(town, facilities=town.facilities.replace({"status": {"planned": "open"}}))
    )
    full = assess(answers.preparation(), answers.standard(planned.question))
    pd.testing.assert_frame_equal(
        judged.city.assessment.coverage, full.coverage, rtol=1e-9, atol=1e-5
    )
    row = judged.headline.set_index("rule").loc["toilet-300"]
    assert (row["people_gained"], row["meets"] - row["meets_before"]) == (30, 1)
    assert judged.communities["community_id"].unique().tolist() == ["c2", "c3"]  # nearer to c3, too


def test_saved_read_and_renewed_with_every_version(store, judge, town, planned):
    record = recipe.save(store, judge, "一期", planned)
    assert [each.name for each in recipe.read_all(store, town)] == ["一期"]
    read = recipe.read_named(store, town, "一期")[1]
    assert read == judge.with_findings(planned)
    assert read.fingerprint == town.fingerprint
    newer = recipe.save(store, judge, "一期", replace(read, note="二"), record)
    assert newer.version == 2
    with pytest.raises(ConflictError) as caught:
        recipe.save(store, judge, "一期", replace(read, note="三"), record)
    assert [(each.key, each.mine, each.theirs) for each in caught.value.differences] == [
        ("note", "三", "二")
    ]
    with pytest.raises(PlanningError, match="taken"):
        recipe.save_all(store, judge, {"新": planned, "一期": planned})
    assert len(all_records(store, kind="scenario", place=town.id)) == 1
    assert verify(store).findings == ()


def test_on_other_data_it_is_computed_again_and_says_so(judge, town, planned):
    speaker = Speaker(load_words(), "en")
    changes = (*planned.changes, Change("close", "toilet", "t0"))
    kept = judge.with_findings(replace(planned, changes=changes))
    assert recipe.sentences([judge.judge("a", kept)], town, speaker) == []
    newer = replace(town, facilities=town.facilities.drop(index="t2"), fingerprint="newer")
    judged = ScenarioJudge(toy_answers(newer)).judge("a", kept)
    said = recipe.sentences([judged], newer, speaker)
    assert "data have changed since “a”" in said[0]
    assert any("rule toilet-300" in line for line in said[1:-1])
    assert said[-1].startswith("“a”: 1 change could not be made")
    made = recipe.scenario_tables([judged])["scenario_changes"]
    assert made["made"].tolist() == [False, True]


def test_a_file_is_read_as_it_was_written(judge, planned, tmp_path):
    file = tmp_path / "scenarios.json"
    wanted = {"一期": judge.with_findings(planned), "B": ADDED}
    file.write_bytes(recipe.exported(wanted))
    assert recipe.imported(file) == wanted


def hostile():
    values = recipe.as_values(ADDED)
    change = values["changes"][0]
    entry = {"name": "A", **values}
    yield from (b"", b"\xff", b"[" * 100_000, b'{"form": NaN}', b"null", b"{}", b'"x"')
    for wrong in (
        {"changes": {}}, {"changes": [[]]}, {"changes": [{**change, "action": "drop"}]},
        {"changes": [{**change, "lon": 1e999}]}, {"changes": [{**change, "lat": "0"}]},
        {"changes": [{**change, "lat": 91}]}, {"changes": [{**change, "lon": True}]},
        {"changes": [{**change, "facility": "x" * 201}]}, {"changes": [{"action": "add"}]},
        {"changes": [change] * 10_001}, {"changes": [{**change, "more": 1}]},
        {"author": "x" * 101}, {"note": 1}, {"radii": {"toilet": -1}}, {"radii": []},
        {"measures": ["fly"]}, {"found": [{"rule": 1}]}, {"name": "a\nb"}, {"name": ""},
        {"name": 1}, {"extra": 1},
    ):  # fmt: skip
        body = {"form": recipe.FORM, "scenarios": [{**entry, **wrong}]}
        yield json.dumps(body).encode()
    yield json.dumps({"form": "other", "scenarios": []}).encode()
    yield json.dumps({"form": recipe.FORM, "scenarios": [entry, entry]}).encode()


@pytest.mark.parametrize("content", hostile(), ids=lambda content: content[:30].decode("latin-1"))
def test_a_hostile_file_is_refused_in_one_sentence(content, tmp_path):
    file = tmp_path / "s.json"
    file.write_bytes(content)
    with pytest.raises(PlanningError) as caught:
        recipe.imported(file)
    assert caught.value.hint
    assert len(str(caught.value)) <= 2001


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@settings(max_examples=150)
@given(key=st.sampled_from(list(recipe.as_values(ADDED))), value=json_values)
def test_any_value_is_read_or_refused(key, value):
    values = {**recipe.as_values(ADDED), key: value}
    try:
        read = recipe.from_values(values, entry="x")
    except PlanningError:
        return
    assert recipe.from_values(recipe.as_values(read), entry="x") == read


def test_a_saved_scenario_of_unknown_standard_is_refused_when_judged(judge):
    with pytest.raises(PlanningError):
        judge.judge("a", replace(ADDED, standard="nobody"))


def test_places_stay_where_they_are(city):
    degrees = tuple(
        Change(action, "toilet", "x", *((114.1, 30.2) if action in PLACED else ()))
        for action in ACTIONS
    )
    back = recipe.in_degrees(recipe.in_metres(degrees, city), city)
    for first, second in zip(degrees, back, strict=True):
        assert first.action == second.action
        if first.action in PLACED:
            assert (second.x, second.y) == pytest.approx((first.x, first.y), abs=1e-7)
    assert apply_changes(city.facilities, recipe.in_metres(degrees[:1], city)).missed == ()


def test_proposed_sites_become_a_scenario(judge, town):
    sites = pd.DataFrame({"kind": "toilet", "rank": [1, 2], "x": [900, 2500], "y": [900, 500]})
    scenario = recipe.sites_scenario(sites, town, Scenario())
    assert [each.facility for each in scenario.changes] == ["site 1", "site 2"]
    row = judge.judge("sites", scenario).headline.set_index("rule").loc["toilet-300"]
    assert row["people_gained"] == 50


def drawn(files, name):
    """Read which way each community of a written map turned, and what its pointer tells."""
    page = files[name].decode()
    data = json.loads(re.search(r'id="atlas-data">(.*?)</script>', page, re.DOTALL)[1])
    spec = json.JSONDecoder().raw_decode(page.partition("Atlas.show(window.map,")[2])[0]
    codes, lines = spec["areas"]["classes"], data[spec["areas"]["text"]]
    return [(CROSSINGS[int(code)], line) for code, line in zip(codes, lines, strict=True)]


def test_the_written_maps_say_what_the_tables_say(judge, town, planned):
    shut = tuple(Change("close", "toilet", each) for each in ("t0", "t1"))
    moved = replace(ADDED, changes=(*ADDED.changes, *shut))
    judged = [judge.judge(HOSTILE, planned), judge.judge("other", moved)]
    files = recipe.scenario_files(judge.answers, judged, Speaker(load_words(), "en"))
    table = recipe.scenario_tables(judged)["scenario_communities"]
    maps = json.loads(files["run.json"])["parameters"]["maps"]
    assert [each["scenario"] for each in maps.values()] == [HOSTILE, "other"]
    assert {name for name in files if name.endswith(".html")} == set(maps)
    assert set(files) >= set(recipe.SCENARIO_FILES)
    turned = set()
    for (name, about), each in zip(maps.items(), judged, strict=True):
        mine = table[table["scenario"].eq(each.name) & table["rule"].eq(about["rule"])]
        mine = mine[mine["measure"] == about["measure"]].set_index("community_id")
        rows = dict(zip(town.communities.index, drawn(files, name), strict=True))
        for community, (crossed, line) in rows.items():
            there = community in mine.index
            assert crossed == (mine["crossed"][community] if there else "same")
            gained, lost = (int(re.search(each, str(line))[1]) for each in (GAINED, LOST))
            net = mine["people_gained"][community] if there else 0
            assert gained - lost == round(net)
            turned.add(crossed)
    assert {"up", "down"} <= turned
    assert HOSTILE not in files["difference_map_1.html"].decode()


def run(action, *arguments):
    return CliRunner().invoke(cli.app, ["scenarios", action, "city", *arguments])


def test_the_command_keeps_compares_and_exchanges(monkeypatch, tmp_path, town):
    out = tmp_path / "out"
    monkeypatch.setattr(scenarios, "ask_issues", lambda _: toy_answers(town))
    monkeypatch.setenv("STORE", str(tmp_path / "kept"))
    monkeypatch.delenv("STORE_URL", raising=False)
    assert "没有保存" in run("list", "--language", "zh").output
    saved = run("planned", "规划", "--author", "李", "--language", "zh")
    assert "已保存“规划”，第 1 版" in saved.output
    assert run("planned", "规划").exit_code == USAGE_EXIT
    assert run("show").exit_code == USAGE_EXIT
    shown = run("show", "规划", "--out", str(out), "--language", "en")
    assert shown.exit_code == 0, shown.output
    assert "toilet-300" in shown.output
    assert {path.name for path in out.iterdir()} == set(recipe.SCENARIO_FILES)
    headline = pd.read_csv(out / "headline.csv")
    assert (headline["value"] > headline["value_before"]).any()
    assert "第 2 版" in run("renew", "规划", "--language", "zh").output
    monkeypatch.setenv("STORE", str(tmp_path / "other"))
    assert run("import", str(out / "scenarios.json")).exit_code == 0
    listed = run("list", "--language", "en").output
    assert "规划: version 1, saved" in listed
    assert "by 李, 1 change." in listed
