"""The command line on a small city of files: results, messages, exit codes."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from typer.testing import CliRunner

import cli
from analysis.model.errors import SettingsError
from commands import permission
from exports.recipes.casework.findings import FINDING_FILES
from exports.recipes.casework.task_commands import TASK_FILES
from exports.recipes.casework.tasks import read_tasks, save_task
from exports.recipes.check import CHECK_FILES
from exports.recipes.coverage import COMPARE_FILES, COVERAGE_FILES
from exports.recipes.hotspots import HOTSPOT_FILES
from exports.recipes.siting import SITING_FILES
from layers.load import load_city
from store.address import file_address
from store.database import opened

ROOT = Path(cli.__file__).resolve().parent
CRS = "+proj=laea +lat_0=31 +lon_0=121 +datum=WGS84 +units=m"
RECIPE = """
name = { zh = "小城", en = "Small Town" }
language = "en"
time_zone = "Asia/Shanghai"
as_of = "2026-06-30"
standard = "cn-toilet-300"

[[layers]]
kind = "communities"
file = "communities.geojson"
columns = { id = "id", name = "name", parent = "parent" }
source = "a test"

[[layers]]
kind = "residents"
file = "residents.csv"
crs = "EPSG:4326"
columns = { lon = "lon", lat = "lat", people = "population" }
source = "a test"

[[layers]]
kind = "toilet"
file = "toilets.csv"
crs = "EPSG:4326"
columns = { id = "id", name = "name", lon = "lon", lat = "lat", status = "status" }
source = "a test"
"""
ISSUES = """
[[layers]]
kind = "issues"
file = "issues.csv"
crs = "EPSG:4326"
columns = { id = "id", category = "category", at = "reported_at", state = "status", lon = "lon", lat = "lat" }
values.status = { open = "open", closed = "closed" }
source = "a test"
"""  # noqa: E501


def _degrees(xy):
    points = gpd.GeoSeries(shapely.points(xy), crs=CRS).to_crs(4326)
    return {"lon": points.x.round(7), "lat": points.y.round(7)}


def write_city(folder):
    rng = np.random.default_rng(7)
    folder.mkdir()
    squares = [shapely.box(1000 * n, 0, 1000 * (n + 1), 1000) for n in range(3)]
    communities = gpd.GeoDataFrame(
        {"id": ["a", "b", "c"], "name": ["东", "West", "Mid"], "parent": ["N", "N", "S"]},
        geometry=squares,
        crs=CRS,
    )
    communities.to_crs(4326).to_file(folder / "communities.geojson", driver="GeoJSON")
    people = rng.uniform((10, 10), (2990, 990), size=(60, 2))
    pd.DataFrame({**_degrees(people), "people": 10}).to_csv(folder / "residents.csv", index=False)
    toilets = _degrees([(500, 500), (1500, 300)])
    names = {"id": ["t1", "t2"], "name": ["WC", "公厕"], "status": "open"}
    pd.DataFrame({**names, **toilets}).to_csv(folder / "toilets.csv", index=False)
    spread = rng.uniform((10, 10), (2990, 990), size=(300, 2))
    cases = np.vstack([spread, rng.normal(500, 40, size=(200, 2))])
    issues = {
        "id": [f"i{n}" for n in range(len(cases))],
        "category": np.where(np.arange(len(cases)) % 2, "litter", "noise"),
        "at": pd.date_range("2026-01-01", periods=len(cases), freq="h").astype(str),
        "state": "open",
    }
    pd.DataFrame({**issues, **_degrees(cases)}).to_csv(folder / "issues.csv", index=False)
    (folder / "city.toml").write_text(RECIPE + ISSUES, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def small_town(tmp_path_factory):
    return write_city(tmp_path_factory.mktemp("cities") / "small")


def _run(*arguments):
    return CliRunner().invoke(cli.app, [str(each) for each in arguments])


def _refused(result, *texts):
    """One message of at most two lines on stderr, exit code 2, nothing on stdout."""
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert 1 <= len(lines) <= 2
    assert "Traceback" not in result.stderr
    for text in texts:
        assert text in result.stderr


def _files(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.fixture(scope="module")
def coverage_out(small_town, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "coverage"
    result = _run("coverage", small_town, "--out", out)
    assert result.exit_code == 0, result.output
    return out


# ------------------------------------------------------------------------------ results


def test_coverage_writes_its_files(coverage_out, small_town):
    assert set(_files(coverage_out)) == set(COVERAGE_FILES)
    table = pd.read_csv(coverage_out / "coverage.csv")
    assert len(table) == 3 * 2
    assert set(table["service_radius_m"]) == {300, 500}
    people = table.query("figure == 'population_covered_share' and verdict != 'cannot_judge'")
    assert len(people)
    assert people["facilities_to_add"].notna().all()
    layers = [name for name, _ in pyogrio.list_layers(coverage_out / "coverage.gpkg")]
    assert layers == ["communities", "gaps", "facilities"]
    record = json.loads((coverage_out / "run.json").read_bytes())
    assert record["parameters"] == {
        "standard": "cn-toilet-300",
        "service_radius_m": {},
        "measure": {"toilet-300": ["straight"], "toilet-500-area": ["straight"]},
        "measure_chosen": False,
        "measure_why_straight": "",
        "only": "",
        "least_class": "",
        "at": "",
        "catchment": "equal",
        "need_per_1000": {},
        "compare": "",
        "position_error_m": 10.0,
        "map_rule": "toilet-300",
        "map_measure": "straight",
        "language": "en",
    }
    rows = {each["layer"]: each["rows_in"] for each in record["inputs"]}
    assert rows == {"communities": 3, "residents": 60, "toilet": 2, "issues": 500}
    assert b"Small Town" in (coverage_out / "coverage_map.html").read_bytes()


def test_coverage_shares_capacity_out_by_the_method_and_need_asked_for(tmp_path):
    options = ["--catchment", "gaussian", "--need", "toilet=2.5", "--language", "en"]
    options += ["--measure", "straight"]
    result = _run("coverage", ROOT / "data" / "demo", "--out", tmp_path, *options)
    assert result.exit_code == 0, result.output
    table = pd.read_csv(tmp_path / "capacity.csv")
    toilets = table[table["kind"] == "toilet"]
    assert set(table["method"]) == {"gaussian"}
    assert set(toilets["need_per_1000"]) == {2.5}
    assert set(table["need_basis"]) == {"stated", "mean"}
    groups = ["people_served", "people_over_capacity", "people_not_judged", "people_out_of_reach"]
    assert table[groups].sum(axis=1).tolist() == pytest.approx(table["population"].tolist())
    record = json.loads((tmp_path / "run.json").read_bytes())
    assert record["parameters"]["need_per_1000"] == {"toilet": 2.5}


@pytest.mark.parametrize(
    ("need", "text"),
    [("toilet", "is not KIND=NUMBER"), ("toilet=0", "more than 0"), ("toilt=2", "'toilet'")],
)
def test_a_wrong_need_is_refused(small_town, tmp_path, need, text):
    result = _run("coverage", small_town, "--out", tmp_path / "out", "--need", need)
    _refused(result, "--need", text)
    assert not (tmp_path / "out").exists()


def test_coverage_by_walking_draws_the_streets_within_reach(tmp_path):
    result = _run("coverage", ROOT / "data" / "demo", "--out", tmp_path, "--measure", "network")
    assert result.exit_code == 0, result.output
    reach = gpd.read_file(tmp_path / "coverage.gpkg", layer="walk_reach").set_index("rule")
    walked = pd.read_csv(tmp_path / "coverage.csv")["rule"].unique()
    assert set(reach.index) == set(walked)
    assert reach.geometry.length.to_numpy() == pytest.approx(reach["length_m"].to_numpy(), rel=1e-6)
    streets = load_city(ROOT / "data" / "demo").streets
    total = streets.loc[streets["walkable"], "length_m"].sum()
    assert reach["length_m"].between(0.1 * total, total).all()
    drawing = (tmp_path / "coverage_map.html").read_text("utf-8").rpartition("Atlas.show(")[2]
    assert '"gaps":{"url":' in drawing  # where the page draws gaps, or the streets reached
    assert '"shape":"line"' in drawing
    summary = pd.read_csv(tmp_path / "summary.csv")
    assert set(summary["measure"]) == {"network"}
    for name in ("robustness", "closures", "capacity"):
        assert set(pd.read_csv(tmp_path / f"{name}.csv")["measure"]) == {"network"}


def test_coverage_compares_with_an_earlier_edition_and_with_a_folder(tmp_path):
    demo, other = ROOT / "data" / "demo", tmp_path / "last"
    straight = ("--measure", "straight")  # that both ways walk alike is held elsewhere
    result = _run("coverage", demo, "--out", tmp_path / "a", "--compare", "2024-06-30", *straight)
    assert result.exit_code == 0, result.output
    assert set(_files(tmp_path / "a")) == {*COVERAGE_FILES, *COMPARE_FILES}
    facilities = pd.read_csv(tmp_path / "a" / "facilities_change.csv")
    assert set(facilities["kind"]) == {"toilet"}
    assert facilities["outcome"].value_counts()["opened"] == 11
    shutil.copytree(demo, other)
    result = _run("coverage", demo, "--out", tmp_path / "b", "--compare", other, *straight)
    assert result.exit_code == 0, result.output
    facilities = pd.read_csv(tmp_path / "b" / "facilities_change.csv")
    assert set(facilities["outcome"]) == {"unchanged", "idle"}
    assert set(facilities["kind"]) == {"toilet", "market", "fitness"}
    change = pd.read_csv(tmp_path / "b" / "change.csv")
    assert set(change["crossed"]) == {"same"}


def test_what_cannot_be_compared_is_refused(small_town, tmp_path):
    out = tmp_path / "out"
    _refused(_run("coverage", small_town, "--out", out, "--compare", "2001"), "no earlier edition")
    demo = ROOT / "data" / "demo"
    _refused(_run("coverage", small_town, "--out", out, "--compare", demo), "none of the comm")
    other = tmp_path / "other"
    shutil.copytree(small_town, other)
    compare = ("coverage", small_town, "--out", out, "--compare", other)
    (other / "city.toml").write_text(RECIPE.replace('"toilets.csv"', '"wc.csv"'), encoding="utf-8")
    _refused(_run(*compare), f"{other}: ", "wc.csv")
    _refused(_run(*compare, "--language", "zh"), f"{other}：", "wc.csv")
    bare = RECIPE[: RECIPE.rindex("[[layers]]")]
    (other / "city.toml").write_text(bare, encoding="utf-8")
    _refused(_run(*compare), "no kind of facility stands both in", "small has: toilet")
    assert not out.exists()


def test_coverage_takes_another_standard_radius_and_language(small_town, tmp_path):
    options = ["--standard", "intl-400m", "--service-radius", "toilet=250", "--language", "zh"]
    result = _run("coverage", small_town, "--out", tmp_path / "out", *options)
    assert result.exit_code == 0, result.output
    assert "规则" in result.stdout
    table = pd.read_csv(tmp_path / "out" / "coverage.csv")
    assert set(table["standard"]) == {"intl-400m"}
    radii = table[table["kind"] == "toilet"]["service_radius_m"].dropna()
    assert set(radii) == {250}
    record = json.loads((tmp_path / "out" / "run.json").read_bytes())
    assert record["parameters"]["service_radius_m"] == {"toilet": 250.0}


def test_coverage_by_the_citys_own_copy_of_a_standard(small_town, tmp_path):
    folder = tmp_path / "small"
    shutil.copytree(small_town, folder)
    (folder / "standards").mkdir()
    shared = (ROOT / "data" / "standards" / "cn-toilet-300.toml").read_text("utf-8")
    own = shared.replace("service_radius_m = 300", "service_radius_m = 350")
    (folder / "standards" / "cn-toilet-300.toml").write_text(own, "utf-8")
    result = _run("coverage", folder, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert 350 in set(pd.read_csv(tmp_path / "out" / "coverage.csv")["service_radius_m"])
    assert json.loads((tmp_path / "out" / "run.json").read_bytes())["standard"]["own"] is True
    page = (tmp_path / "out" / "coverage_map.html").read_text("utf-8")
    assert "(own copy of this city)" in page


def test_coverage_for_whom_and_when_is_stated_everywhere(small_town, tmp_path):
    out = tmp_path / "out"
    options = ["--only", "accessible", "--at", "Wed 21:00", "--least-class", "Class 2"]
    result = _run("coverage", small_town, "--out", out, *options)
    assert result.exit_code == 0, result.output
    asked = {"only": "accessible", "at": "We 21:00"}
    parameters = json.loads((out / "run.json").read_bytes())["parameters"]
    assert parameters == {**parameters, **asked, "least_class": "Class 2"}
    for name in ("coverage.csv", "summary.csv", "scorecard.csv"):
        table = pd.read_csv(out / name)
        assert table[[*asked]].drop_duplicates().to_dict("records") == [asked]
    gaps = json.loads((out / "gaps.geojson").read_bytes())["features"]
    assert all(gap["properties"]["at"] == "We 21:00" for gap in gaps)
    facilities = pyogrio.read_dataframe(out / "coverage.gpkg", layer="facilities")
    assert facilities["in_doubt"].any()  # the town's file has none of these columns
    assert not facilities["supply"].any()
    book = openpyxl.load_workbook(out / "coverage.xlsx", read_only=True)
    assert book["Coverage"]["A1"].value.endswith("supply only: accessible; Class 2; We 21:00")
    assert book["Capacity"]["A1"].value.endswith("all supply, whatever is asked")
    page = (out / "coverage_map.html").read_text("utf-8")
    assert "Supply only: Public toilets, Accessible, Class 2 or better, open Wednesday" in page
    table = pd.read_csv(out / "coverage.csv")
    assert set(table["verdict"]) <= {"cannot_judge", "fails"}


@pytest.mark.parametrize(
    ("options", "texts"),
    [
        (["--at", "Wed 9pm"], ("'Wed 9pm'", "Wed 21:00")),
        (["--only", "acessible"], ("'acessible'", "accessible, female_stalls, open_24h")),
        (["--least-class", "Class 9"], ("'Class 9'", "Class 1")),
        (["--at", "25:00", "--language", "zh"], ("25:00", "周三 21:00")),
    ],
)
def test_a_mistake_in_who_or_when_gets_one_message(small_town, tmp_path, options, texts):
    out = tmp_path / "out"
    _refused(_run("coverage", small_town, "--out", out, *options), *texts)
    assert not out.exists()


def test_a_city_without_facilities_can_be_asked_when_they_are_open(small_town, tmp_path):
    folder = tmp_path / "bare"
    folder.mkdir()
    for file in small_town.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    bare = RECIPE[: RECIPE.rindex("[[layers]]")]
    (folder / "city.toml").write_text(bare, encoding="utf-8")
    result = _run("coverage", folder, "--out", tmp_path / "out", "--at", "Fri 23:00")
    assert result.exit_code == 0, result.output
    table = pd.read_csv(tmp_path / "out" / "coverage.csv")
    assert set(table["reason"]) == {"no_layer_of_this_kind"}
    assert table[["value", "population_covered", "shortfall"]].isna().all(axis=None)


def test_coverage_by_walking_without_streets_cannot_be_judged(small_town, tmp_path):
    out = tmp_path / "out"
    result = _run("coverage", small_town, "--out", out, "--measure", "both")
    assert result.exit_code == 0, result.output
    table = pd.read_csv(out / "coverage.csv")
    walked = table[table["measure"] == "network"]
    assert walked["rule"].unique().tolist() == ["toilet-300"]
    assert len(walked) == 3
    assert set(walked["reason"]) == {"no_streets_layer"}
    layer = pyogrio.read_dataframe(out / "coverage.gpkg", layer="communities")
    assert "toilet_300_walk_detour_ratio" in layer.columns
    used = json.loads((out / "run.json").read_bytes())["parameters"]["measure"]
    assert used == {"toilet-300": ["network", "straight"], "toilet-500-area": ["straight"]}


def test_rules_that_cannot_be_walked_stay_with_the_straight_line(small_town, tmp_path):
    options = ["--standard", "cn-toilet-density", "--measure", "network", "--language", "en"]
    result = _run("coverage", small_town, "--out", tmp_path / "out", *options)
    assert result.exit_code == 0, result.output
    assert set(pd.read_csv(tmp_path / "out" / "coverage.csv")["measure"]) == {"straight"}


def test_place_writes_its_files_and_they_agree(small_town, tmp_path):
    result = _run("place", small_town, "--kind", "toilet", "--sites", 3, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(SITING_FILES)
    sites = pd.read_csv(tmp_path / "out" / "sites.csv")
    changed = pd.read_csv(tmp_path / "out" / "communities.csv")
    asked = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))["parameters"]
    assert len(sites) == asked["sites"] == 3
    gained = sites["people_gained"].sum()
    assert gained == changed["people_gained"].sum() == asked["people_gained"] > 0
    assert asked["bound"] >= asked["objective"] == gained
    drawn = json.loads((tmp_path / "out" / "sites.geojson").read_text("utf-8"))["features"]
    assert [each["properties"]["rank"] for each in drawn] == [1, 2, 3]
    assert [each["id"] for each in drawn] == ["toilet/1", "toilet/2", "toilet/3"]
    assert f"{gained:.0f} residents" in result.output
    book = openpyxl.load_workbook(tmp_path / "out" / "siting.xlsx")
    sheet = book[book.sheetnames[0]]
    columns = {cell.value: cell.column for cell in sheet[2]}
    written = [sheet.cell(row, columns["reason"]).value for row in (4, 5, 6)]
    assert written == sites["reason"].tolist()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--budget", 1, "--cost", "toilet=2"], "costs more than the budget"),
        (["--share", 0.001], "which is the share asked for or more"),
        (["--sites", 1, "--problem", "median", "--from-existing", 1e6], "shorten anybody's way"),
    ],
)
def test_place_says_why_it_proposes_no_site(small_town, tmp_path, options, told):
    result = _run("place", small_town, "--kind", "toilet", *options, "--out", tmp_path / "out",
                  "--measure", "straight", "--language", "en")  # fmt: skip
    assert result.exit_code == 0, result.output
    assert told in result.output
    assert pd.read_csv(tmp_path / "out" / "sites.csv").empty


def test_place_takes_plots_with_costs_and_says_why(small_town, tmp_path):
    _run("place", small_town, "--kind", "toilet", "--sites", 2, "--out", tmp_path / "first")
    sites = pd.read_csv(tmp_path / "first" / "sites.csv")
    plots = tmp_path / "plots.csv"
    sites.assign(cost=[30, 4])[["lon", "lat", "cost"]].to_csv(plots, index=False)
    options = ["--kind", "toilet", "--plots", plots, "--budget", 10, "--language", "en"]
    options += ["--format", "docx"]
    result = _run("place", small_town, *options, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    chosen = pd.read_csv(tmp_path / "out" / "sites.csv")
    assert chosen["cost"].tolist() == [4]
    paper = zipfile.ZipFile(tmp_path / "out" / "decision.docx").read("word/document.xml").decode()
    assert html.escape(chosen["reason"].iloc[0], quote=False) in paper
    assert not (tmp_path / "out" / "decision.pdf").exists()
    assert f"1. {chosen['reason'].iloc[0]}" in result.output
    record = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))["parameters"]
    assert record["plots"]["file"] == "plots.csv"
    assert "Proposed site 1" in (tmp_path / "out" / "siting_map.html").read_text("utf-8")


def test_place_for_the_minimum_says_what_planning_together_spares(small_town, tmp_path):
    options = ["--kind", "toilet", "--minimum", "--language", "en"]
    result = _run("place", small_town, *options, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    changed = pd.read_csv(tmp_path / "out" / "communities.csv")
    asked = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))["parameters"]
    assert asked["fewest_proven"] <= asked["sites"] <= asked["sites_each_community_alone"]
    lifted = (changed["verdict_before"] == "fails") & (changed["verdict_after"] == "meets")
    assert lifted.sum() > 0
    assert f"{lifted.sum()} communit" in result.output


@pytest.mark.parametrize(
    "asked",
    [
        (),
        ("--sites", 0),
        ("--share", 0),
        ("--share", 1.5),
        ("--sites", 2, "--share", 0.5),
        ("--sites", 2, "--minimum"),
    ],
)
def test_place_is_asked_a_number_or_a_share(small_town, tmp_path, asked):
    result = _run("place", small_town, "--kind", "toilet", *asked, "--out", tmp_path / "out")
    _refused(result, "--sites", "--share")


def test_hotspots_writes_its_files(small_town, tmp_path):
    options = ["--category", "litter", "--since", "2026-01-02", "--until", "2026-01-20"]
    result = _run("hotspots", small_town, "--out", tmp_path / "out", "--cell", 200, *options)
    assert result.exit_code == 0, result.output
    assert set(_files(tmp_path / "out")) == set(HOTSPOT_FILES)
    cells = pd.read_csv(tmp_path / "out" / "hotspots.csv")
    record = json.loads((tmp_path / "out" / "run.json").read_bytes())
    assert cells["count"].sum() == record["parameters"]["used"]["cases"]
    assert 200 < cells["count"].sum() <= 19 * 12
    assert record["parameters"]["since"] == "2026-01-02"


def test_hotspots_looks_at_the_last_year_unless_told_as_pages_do(small_town, tmp_path):
    """The recheck too is drawn from the closings that the page draws it from."""
    result = _run("hotspots", small_town, "--out", tmp_path / "out", "--cell", 200)
    assert result.exit_code == 0, result.output
    asked = json.loads((tmp_path / "out" / "run.json").read_bytes())["parameters"]
    assert (asked["since"], asked["until"]) == ("2025-07-01", "2026-06-30")
    assert asked["change"]["since"] is None
    drawn = pd.read_csv(tmp_path / "out" / "lookback.csv")
    assert len(drawn) == asked["look_back"]["drawn"]
    assert (drawn["closed_at"] >= "2025-07-01").all()


def test_findings_are_listed_and_counted(small_town, tmp_path):
    options = ["--since", "2026-01-01", "--until", "2026-01-20", "--language", "en"]
    result = _run("findings", small_town, "--out", tmp_path / "out", "--cell", 200, *options)
    assert result.exit_code == 0, result.output
    assert set(_files(tmp_path / "out")) == set(FINDING_FILES)
    rows = pd.read_csv(tmp_path / "out" / "findings.csv")
    record = json.loads((tmp_path / "out" / "run.json").read_bytes())["parameters"]
    assert record["since"] == "2026-01-01"
    assert sum(filter(None, record["found"].values())) == len(rows) > 0
    assert f"Coverage gap {(rows['kind'] == 'coverage').sum()}" in result.stdout


def test_tasks_are_made_listed_and_read_back(small_town, tmp_path, monkeypatch):
    monkeypatch.setenv("STORE", str(tmp_path / "store"))
    options = ["--language", "en", "--author", "Wang"]
    made = _run("tasks", "create", small_town, "--kind", "coverage", "--leader", "Li", *options)
    assert made.exit_code == 0, made.output
    assert _run("tasks", "create", small_town, "--kind", "coverage").stdout.count("0") > 0
    listed = _run("tasks", "list", small_town, "--language", "en")
    number = int(re.search(r"first (\d+) of", listed.stdout)[1])
    assert listed.stdout.count("Coverage gap") == number > 0
    out = tmp_path / "out"
    lists = _run("tasks", "lists", small_town, "--out", out, "--each", "leader", *options)
    assert lists.exit_code == 0, lists.output
    assert set(_files(out)) == {*TASK_FILES, "task_lists-01-Li.xlsx"}
    rows = pd.read_csv(out / "tasks.csv")
    assert (len(rows), set(rows["leader"]), set(rows["state"])) == (number, {"Li"}, {"open"})
    book = openpyxl.load_workbook(out / "task_lists.xlsx")
    sheet = book.worksheets[2]
    column = [cell.value for cell in sheet[1]].index("progress") + 1
    sheet.cell(4, column).value = "35"
    book.save(tmp_path / "back.xlsx")
    told = _run("tasks", "read", small_town, tmp_path / "back.xlsx", "--language", "en")
    assert "progress: “0” becomes “35”" in told.stdout
    assert "task saved" not in told.stdout
    taken = _run("tasks", "read", small_town, tmp_path / "back.xlsx", "--take", *options)
    assert "1 task saved" in taken.stdout
    again = _run("tasks", "read", small_town, tmp_path / "back.xlsx", "--language", "en")
    assert "Nothing was changed" in again.stdout
    late = _run("tasks", "list", small_town, "--state", "late", "--language", "en")
    assert "first 0 of 0" in late.stdout


@pytest.fixture
def office_roles(tmp_path, monkeypatch):
    """Let units run the command and take the lists, and change tasks, but make none."""
    lines = {
        "commands": ("tasks", ["unit", "steward", "planner"]),
        "actions": ("make_tasks", ["planner"]),
    }
    text = "".join(f"[{sort}]\n{name} = {roles}\n" for sort, (name, roles) in lines.items())
    file = tmp_path / "roles.toml"
    file.write_text(f"[login]\nlocal = true\n{text}", encoding="utf-8")
    monkeypatch.setenv("CITY_ROLES", str(file))
    monkeypatch.setenv("STORE", str(tmp_path / "store"))


def test_a_role_lists_changes_and_makes_the_tasks_that_it_may(
    small_town, office_roles, tmp_path, monkeypatch
):
    options = ["--language", "en"]
    made = _run("tasks", "create", small_town, "--kind", "coverage", "--unit", "B", *options)
    assert made.exit_code == 0, made.output
    town = load_city(small_town)
    with opened(file_address(tmp_path / "store")) as store:
        first, *others = read_tasks(store, town)
        save_task(store, first, replace(first.task, unit="A"))
        assert others
    lists = _run("tasks", "lists", small_town, "--out", tmp_path / "all", *options)
    assert lists.exit_code == 0, lists.output
    monkeypatch.setenv("CITY_ROLE", "unit")
    monkeypatch.setenv("CITY_UNITS", "A, C")
    own = _run("tasks", "lists", small_town, "--out", tmp_path / "own", *options)
    assert "first 1 of 1" in own.output
    assert list(pd.read_csv(tmp_path / "own" / "tasks.csv")["unit"]) == ["A"]
    refused = _run("tasks", "create", small_town, "--kind", "coverage", *options)
    assert (refused.exit_code, "make_tasks" in refused.output) == (2, True)
    book = openpyxl.load_workbook(tmp_path / "all" / "task_lists.xlsx")
    sheet = book.worksheets[2]
    progress = [cell.value for cell in sheet[1]].index("progress") + 1
    for row in range(4, 4 + 1 + len(others)):
        sheet.cell(row, progress).value = "35"
    book.save(tmp_path / "back.xlsx")
    told = _run("tasks", "read", small_town, tmp_path / "back.xlsx", "--take", *options)
    assert "1 task saved" in told.output
    with opened(file_address(tmp_path / "store")) as store:
        after = {(each.task.unit, each.task.progress) for each in read_tasks(store, town)}
    assert after == {("A", 35), ("B", 0)}


def test_a_role_that_sees_rows_of_its_own_must_be_told_whose(monkeypatch):
    rows = pd.DataFrame({"unit": ["A", "B"], "parent": ["x", "y"]})
    assert len(permission.rows_seen(rows)) == 2
    for role, seen in (("viewer", []), ("planner", ["A", "B"]), ("unit", ["B"])):
        monkeypatch.setenv("CITY_ROLE", role)
        monkeypatch.setenv("CITY_UNITS", "B,")
        assert list(permission.rows_seen(rows)["unit"]) == seen
    monkeypatch.setenv("CITY_UNITS", " , ")
    with pytest.raises(SettingsError, match="CITY_UNITS is empty"):
        permission.rows_seen(rows)


@pytest.mark.parametrize(("role", "has"), [("leader", False), ("steward", True)])
def test_quarantined_rows_are_written_for_roles_that_may_have_them(
    small_town, tmp_path, monkeypatch, role, has
):
    monkeypatch.setenv("CITY_ROLE", role)
    done = _run("check", small_town, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert ("quarantine.csv" in _files(tmp_path / "out")) is has


def test_a_command_gives_no_file_that_the_role_may_not_take(small_town, tmp_path, monkeypatch):
    (tmp_path / "roles.toml").write_text("[login]\nlocal = true\n[exports]\nwarnings = []\n")
    monkeypatch.setenv("CITY_ROLES", str(tmp_path / "roles.toml"))
    monkeypatch.setenv("CITY_ROLE", "planner")
    refused = _run("warnings", small_town, "--out", tmp_path / "out")
    assert (refused.exit_code, "exports" in refused.output) == (2, True)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["read"], "needs FILE"),
        (["lists"], "needs --out"),
        (["create", "--kind", "gap"], "allowed are coverage, hot_place"),
        (["create", "--community", "nowhere"], "nowhere"),
        (["create", "--within", "9999"], "3650"),
        (["create", "--within", "5"], "calendar"),
        (["list", "--state", "finished"], "allowed are open"),
        (["create", "--leader", "x" * 101], "allowed"),
    ],
)
def test_what_tasks_cannot_do_is_told_in_one_line(small_town, tmp_path, monkeypatch, words, told):
    monkeypatch.setenv("STORE", str(tmp_path))
    action, *options = words
    result = _run("tasks", action, small_town, *options)
    assert result.exit_code == 2
    assert told in result.output
    assert "Traceback" not in result.output


def test_a_city_without_a_survey_says_so_and_writes_nothing(small_town, tmp_path):
    result = _run("survey", small_town, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "no layer of surveys" in result.output
    assert not (tmp_path / "out").exists()


def test_a_city_without_rounds_has_no_inspections(small_town, tmp_path):
    result = _run("inspections", small_town, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "inspection" in result.output
    assert not (tmp_path / "out").exists()


def test_levels_are_written_and_shown_and_what_is_not_there_is_left_out(
    small_town, tmp_path, monkeypatch
):
    monkeypatch.delenv("STORE", raising=False)
    result = _run("levels", small_town, "--out", tmp_path / "out", "--standard", "intl-400m")
    assert result.exit_code == 0, result.output
    written = set(_files(tmp_path / "out"))
    assert {"level_members.csv", "summary.csv", "level_cases.csv", "run.json"} == written
    table = pd.read_csv(tmp_path / "out" / "level_cases.csv", keep_default_na=False)
    assert table["level"].tolist()[:3] == ["city", "parent", "parent"]
    assert table.loc[table["level"] == "parent", "cases"].sum() == table["cases"][0] > 0


def test_a_city_without_frontages_says_so(small_town, tmp_path):
    result = _run("frontage", small_town, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "frontage" in result.output
    assert not (tmp_path / "out").exists()


def test_a_city_without_a_title_has_no_readiness(small_town, tmp_path):
    result = _run("readiness", small_town, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "title" in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists()


def test_a_city_without_monitoring_says_so(small_town, tmp_path):
    result = _run("monitoring", small_town, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "monitoring" in result.output
    assert not (tmp_path / "out").exists()


def test_check_shows_what_became_of_the_rows(small_town, tmp_path):
    result = _run("check", small_town, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "residents" in result.stdout
    assert set(_files(tmp_path / "out")) == set(CHECK_FILES)
    layers = pd.read_csv(tmp_path / "out" / "layers.csv")
    assert layers["loaded"].tolist() == [3, 60, 2, 500]


@pytest.mark.parametrize("command", ["check", "coverage", "hotspots", "prepare"])
def test_no_name_of_a_folder_is_not_the_folder_one_stands_in(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = _run(command, ROOT / "data" / "demo", "--out", "")
    assert result.exit_code == 2
    assert "name a folder" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_check_writes_nothing_unless_asked(small_town, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert _run("check", small_town).exit_code == 0
    assert list(tmp_path.iterdir()) == []


def test_another_process_with_other_hashes_writes_the_same_bytes(
    small_town, coverage_out, tmp_path
):
    out = tmp_path / "again"
    done = subprocess.run(
        [sys.executable, "cli.py", "coverage", str(small_town), "--out", str(out)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "4242", "TZ": "America/Lima"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    first, second = _files(coverage_out), _files(out)
    assert [name for name in first if first[name] != second.get(name)] == ["run.json"]
    records = [json.loads(each["run.json"]) for each in (first, second)]
    assert records[0].pop("created") != ""
    records[1].pop("created")
    assert records[0] == records[1]


def test_a_second_run_replaces_the_first(small_town, tmp_path):
    for radius in (200, 400):
        result = _run(
            "coverage", small_town, "--out", tmp_path, "--service-radius", f"toilet={radius}"
        )
        assert result.exit_code == 0, result.output
    assert set(pd.read_csv(tmp_path / "coverage.csv")["service_radius_m"]) == {400}
    assert set(_files(tmp_path)) == set(COVERAGE_FILES)


# ------------------------------------------------------------------------------ mistakes


def test_an_unknown_standard_is_answered_with_the_near_one_and_the_list(small_town, tmp_path):
    result = _run("coverage", small_town, "--out", tmp_path / "out", "--standard", "intl-400")
    _refused(result, "'intl-400'", "did you mean 'intl-400m'?", "cn-life-circle")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("toilet", "KIND=METRES"),
        ("=300", "KIND=METRES"),
        ("toilet=far", "KIND=METRES"),
        ("toilet=nan", "KIND=METRES"),
        ("toilet=-1", "allowed are 1 to 1,000,000 m"),
        ("toilet=inf", "allowed are 1 to 1,000,000 m"),
        ("market=300", "allowed are toilet"),
    ],
)
def test_a_wrong_radius_is_refused(small_town, tmp_path, option, text):
    result = _run("coverage", small_town, "--out", tmp_path / "out", "--service-radius", option)
    _refused(result, text, option.split("=")[0])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "value", "text"),
    [
        ("--cell", "0", "cell size: 0 m; allowed are 1 to 1,000,000 m"),
        ("--cell", "-1", "cell size: -1 m"),
        ("--cell", "nan", "cell size: nan m"),
        ("--cell", "inf", "cell size: inf m"),
        ("--cell", "1e308", "cell size: 1e+308 m"),
        ("--cell", "1e-320", "cell size: 9.99989e-321 m"),
        ("--cell", "1e6", "0 cells of the study area"),
        ("--cell", "1", "Choose cells of at least"),
        ("--near", "0", "allowed are 1 to 1000 m"),
        ("--near", "-1", "allowed are 1 to 1000 m"),
        ("--near", "nan", "allowed are 1 to 1000 m"),
        ("--near", "inf", "allowed are 1 to 1000 m"),
        ("--near", "1e9", "allowed are 1 to 1000 m"),
        ("--days", "0", "days: 0; allowed are 1 to 3,660"),
        ("--days", "-1", "days: -1"),
        ("--days", "1000000000", "days: 1000000000"),
        ("--days", "99999999999999999999", "days: 99999999999999999999"),
        ("--since", "9999-12-31", "0 cases"),
        ("--until", "0001-01-01", "0 cases"),
        ("--category", "", "no category ''"),
        ("--category", "\x1b[31mlitter", "did you mean 'litter'?"),
    ],
)
@pytest.mark.parametrize("language", ["", "zh"])
def test_an_absurd_question_gets_one_clear_answer(  # noqa: PLR0917 - a table
    small_town, tmp_path, option, value, text, language
):
    chosen = ["--language", language] if language else []
    result = _run("hotspots", small_town, "--out", tmp_path / "out", option, value, *chosen)
    _refused(result, "" if language else text)
    assert "\x1b" not in result.stderr
    assert list(tmp_path.iterdir()) == []
    if language:
        assert all(re.search(r"[\u4e00-\u9fff]", line) for line in result.stderr.splitlines())


@pytest.mark.parametrize(
    "period",
    [
        ["--until", "9999-12-31"],
        ["--since", "0001-01-01"],
        ["--since", "1677-01-01", "--until", "2262-04-12"],
    ],
)
def test_a_period_beyond_all_data_is_all_data(small_town, tmp_path, period):
    results = []
    for options in ([], period):
        out = tmp_path / f"out{len(results)}"
        result = _run("hotspots", small_town, "--out", out, "--cell", 200, *options)
        assert result.exit_code == 0, result.output
        results.append((out / "hotspots.csv").read_bytes())
    assert results[0] == results[1]


def test_since_after_until_is_refused(small_town, tmp_path):
    options = ["--since", "2026-01-09", "--until", "2026-01-08"]
    _refused(_run("hotspots", small_town, "--out", tmp_path / "out", *options), "before it begins")


@pytest.mark.parametrize(
    ("city", "out", "text"),
    [("x" * 5000, "out", "no city"), ("", "out", "no city"), ("small", "y" * 5000, "too long")],
)
def test_a_path_that_cannot_be_is_refused(  # noqa: PLR0917 - a table
    small_town, tmp_path, monkeypatch, city, out, text
):
    monkeypatch.chdir(tmp_path)
    _refused(_run("coverage", small_town if city == "small" else city, "--out", out), text)
    assert list(tmp_path.iterdir()) == []


def test_a_kind_named_twice_is_refused(small_town, tmp_path):
    twice = ["--service-radius", "toilet=1", "--service-radius", "toilet=2"]
    _refused(_run("coverage", small_town, "--out", tmp_path / "out", *twice), "each once")


def test_a_folder_without_a_recipe_is_refused(tmp_path):
    result = _run("check", tmp_path / "nowhere")
    _refused(result, "city.toml")


def test_a_city_without_issues_has_no_hot_spots(small_town, tmp_path):
    folder = tmp_path / "quiet"
    folder.mkdir()
    for file in small_town.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "city.toml").write_text(RECIPE, encoding="utf-8")
    result = _run("hotspots", folder, "--out", tmp_path / "out")
    _refused(result, "quiet", "no layer of issues")
    assert not (tmp_path / "out").exists()


def test_an_unknown_category_is_answered_in_the_language_chosen(small_town, tmp_path):
    options = ["--category", "liter", "--language", "zh"]
    result = _run("hotspots", small_town, "--out", tmp_path / "out", *options)
    _refused(result, "liter", "litter")


def test_too_few_cases_are_refused(small_town, tmp_path):
    options = ["--until", "2026-01-01"]
    result = _run("hotspots", small_town, "--out", tmp_path / "out", *options)
    _refused(result, "at least 30")


def test_files_of_others_are_not_replaced(small_town, tmp_path):
    (tmp_path / "summary.csv").write_text("mine")
    result = _run("coverage", small_town, "--out", tmp_path)
    _refused(result, "summary.csv", "another folder")
    assert (tmp_path / "summary.csv").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_place_that_cannot_be_written_leaves_nothing(small_town):
    result = _run("coverage", small_town, "--out", "/proc/nothing/here")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["coverage", "x"],
        ["coverage", "x", "--out"],
        ["hotspots", "x", "--out", "y", "--since", "2026-13-01"],
        ["hotspots", "x", "--out", "y", "--cell", "wide"],
        ["coverage", "x", "--out", "y", "--language", "fr"],
        ["nothing"],
    ],
)
def test_a_mistake_in_the_usage_has_exit_code_2(arguments):
    result = _run(*arguments)
    assert result.exit_code == 2
    assert result.stderr.count("Error:") == 1
    assert "Traceback" not in result.stderr


def test_a_real_process_says_one_thing_and_exits_with_2(tmp_path):
    done = subprocess.run(
        [sys.executable, "cli.py", "coverage", str(tmp_path), "--out", str(tmp_path / "out")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "city.toml" in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 2
    assert list(tmp_path.iterdir()) == []


def test_help_names_the_commands():
    result = _run("--help")
    assert result.exit_code == 0
    assert all(name in result.stdout for name in ("check", "prepare", "coverage", "hotspots"))


def test_report_draws_the_maps_and_asks_for_the_last_year(small_town, tmp_path):
    result = _run("report", small_town, "--out", tmp_path / "r", "--format", "svg")
    assert result.exit_code == 0, result.output
    files = _files(tmp_path / "r")
    rules = json.loads(files["run.json"])["standard"]["rules"]
    maps = [*(rule["id"] for rule in rules if rule["kind"] == "toilet"), "hotspots"]
    drawn = {f"map-{name}-{size}.svg" for name in maps for size in ("slide", "a4")}
    assert set(files) - {"chart-monthly.svg"} == drawn | {"run.json"}
    asked = json.loads(files["run.json"])["parameters"]
    assert (asked["since"], asked["until"]) == ("2025-07-01", "2026-06-30")


def test_report_refuses_a_format_it_does_not_know(small_town, tmp_path):
    result = _run("report", small_town, "--out", tmp_path / "r", "--format", "png,gif")
    _refused(result, "--format", "gif", "png")
