"""`cli.py new`: from files to a city that `check` reads, or one message and nothing written."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

import cli
from layers.load import load_city
from tests.layers.toy import write_communities

ROWS = "公厕名称,经度,纬度,状态,厕位数\n甲,116.35,39.9,开放,4\n乙,116.36,39.9,停用,6\n"


@pytest.fixture
def files(tmp_path):
    home = tmp_path / "files"
    home.mkdir()
    write_communities(home)
    (home / "公厕.csv").write_text(ROWS, encoding="utf-8")
    (home / "notes.csv").write_text("a,b\nx,y\n", encoding="utf-8")
    return home


def new(*arguments):
    return CliRunner().invoke(cli.app, ["new", *map(str, arguments)])


def test_files_become_a_city_that_check_reads(files, tmp_path):
    done = new(tmp_path / "city", files, "--name", "霁川", "--language", "zh")
    assert done.exit_code == 0, done.output
    for words in ("公共厕所", "状态", "notes.csv", "没有坐标"):
        assert words in done.output
    city = load_city(tmp_path / "city")
    assert city.name["zh"] == "霁川"
    assert city.facilities["status"].tolist() == ["open", "closed"]
    assert city.facilities["stalls"].tolist() == [4, 6]
    checked = CliRunner().invoke(cli.app, ["check", str(tmp_path / "city")])
    assert checked.exit_code == 0
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_files_of_the_city_s_own_folder_stay_where_they_are(files):
    assert new(files, files).exit_code == 0
    assert load_city(files).reports[1].loaded == 2
    again = new(files, files)
    assert again.exit_code == 2
    assert "city already" in again.output


def test_a_folder_of_others_is_left_alone(files, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "precious.txt").write_text("mine", encoding="utf-8")
    refused = new(other, files)
    assert refused.exit_code == 2
    assert [each.name for each in other.iterdir()] == ["precious.txt"]
    assert "precious.txt" in refused.output


def test_files_without_areas_leave_nothing_behind(files, tmp_path):
    refused = new(tmp_path / "city", files / "公厕.csv")
    assert refused.exit_code == 2
    assert "communities" in refused.output
    assert sorted(each.name for each in tmp_path.iterdir()) == ["files"]


def test_a_kind_may_be_stated_and_a_file_left_out(files, tmp_path):
    done = new(tmp_path / "city", files, "--kind", "公厕.csv=none")
    assert done.exit_code == 0
    assert [report.kind for report in load_city(tmp_path / "city").reports] == ["communities"]


def test_parts_of_a_shapefile_come_along(files, tmp_path):
    import geopandas as gpd  # noqa: PLC0415

    areas = gpd.read_file(files / "communities.geojson", engine="pyogrio")
    (files / "communities.geojson").unlink()
    areas.to_file(files / "communities.shp", driver="ESRI Shapefile")
    done = new(tmp_path / "city", files)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "city" / "communities.dbf").exists()
    assert "communities.dbf" not in (tmp_path / "city" / "city.toml").read_text("utf-8")
