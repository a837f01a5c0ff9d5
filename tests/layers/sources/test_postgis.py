"""Tables of PostgreSQL are read as they stand, change nothing, and say what is wrong."""

from __future__ import annotations

import os

import psycopg
import pytest
import shapely

from analysis.model.errors import PlanningError
from layers.load import load_city
from layers.sources.postgis import read_database
from tests.layers.toy import HEAD, NOWHERE, write_communities
from tests.postgres import served

ENTRY = "city.toml, layer 2 (toilet)"
RECIPE = """
[[layers]]
kind = "toilet"
database = "planning"
%s
columns = { id = "id", name = "name", geom = "position" }
"""


@pytest.fixture
def city(tmp_path, monkeypatch):
    """Load a city whose toilets stand in a database at this address."""

    def load(said, *, address=""):
        if address:
            monkeypatch.setenv("CITY_DATABASE_PLANNING", address)
        write_communities(tmp_path)
        (tmp_path / "city.toml").write_text(HEAD + RECIPE % said, encoding="utf-8")
        return load_city(tmp_path, city_data=NOWHERE)

    return load


def refused(city, said, problem, *, address=""):
    with pytest.raises(PlanningError) as caught:
        city(said, address=address)
    assert (caught.value.problem, bool(caught.value.hint)) == (problem, True)
    return str(caught.value)


def test_what_is_missing_is_named(city, monkeypatch):
    monkeypatch.delenv("CITY_DATABASE_PLANNING", raising=False)
    assert "CITY_DATABASE_PLANNING" in refused(city, 'table = "t"', "database_unnamed")
    for said in ("", 'table = "t"\nquery = "SELECT 1"', 'table = "t"\nfile = "t.csv"'):
        refused(city, said, "entry_wrong")


def test_a_server_that_is_not_there_is_told_without_its_password(city):
    address = "postgresql://planner:secret@127.0.0.1:9/city"
    assert "secret" not in refused(city, 'table = "t"', "database_failed", address=address)


@pytest.fixture(scope="module")
def server():
    with served() as address:
        yield address


@pytest.fixture(scope="module")
def filled(server):
    """Toilets in a schema; a column of text has what a geometry of PostGIS prints: EWKB."""
    place = shapely.set_srid(shapely.Point(116.4, 39.9), 4326)
    shape = shapely.to_wkb(place, hex=True, include_srid=True)
    with psycopg.connect(server) as connection:
        connection.execute("CREATE SCHEMA city")
        connection.execute(
            'CREATE TABLE city.toilets (id text, name text, "no" bigint, at timestamptz, geom text)'
        )
        connection.execute(
            "INSERT INTO city.toilets VALUES ('007', '东门, \"甲\"', 9007199254740993, now(), %s),"
            " ('008', NULL, 2, NULL, %s), ('009', 'c', 3, NULL, 'none')",
            (shape, shape),
        )
    return server


@pytest.mark.full
def test_a_table_and_a_query_load(city, filled):
    loaded = city('table = "city.toilets"', address=filled)
    assert loaded.facilities["name"].to_dict() == {"007": '东门, "甲"', "008": ""}
    places = loaded.facilities.geometry.to_crs(4326)
    assert (places.x.iloc[0], places.y.iloc[0]) == pytest.approx((116.4, 39.9))
    report = loaded.reports[-1]
    assert (report.rows_in, report.loaded, report.quarantined) == (3, 2, 1)
    chosen = city("query = \"SELECT * FROM city.toilets WHERE name LIKE '东%'\"", address=filled)
    assert chosen.facilities.index.tolist() == ["007"]


@pytest.mark.full
def test_nothing_is_changed_and_every_slip_is_told(city, filled, monkeypatch):
    monkeypatch.setenv("CITY_DATABASE_PLANNING", filled)
    for query in (
        "DELETE FROM city.toilets RETURNING *",
        "SELECT 1) TO STDOUT; DROP TABLE city.toilets; COPY (SELECT 1",
        "SELECT pg_sleep(10), * FROM nowhere",
    ):
        with pytest.raises(PlanningError) as caught:
            read_database(database="planning", table="", query=query, entry=ENTRY)
        assert caught.value.problem == "database_failed"
    assert "nowhere" in refused(city, 'table = "city.nowhere"', "database_failed", address=filled)
    rows = read_database(database="planning", table="city.toilets", query="", entry=ENTRY).data
    assert rows.decode().count("\n") == 4
    assert "9007199254740993" in rows.decode()
    assert os.environ["CITY_DATABASE_PLANNING"] == filled
