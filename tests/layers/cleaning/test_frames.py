"""No row is lost: each is loaded, repaired with a note, left out, or quarantined with a reason."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.model.contracts import (
    check_communities,
    check_facilities,
    check_issues,
    check_residents,
)
from analysis.model.errors import PlanningError
from layers.cleaning.times import parse_times
from layers.cleaning.values import flags
from layers.load import load_city
from tests.layers.toy import HEAD, NOWHERE, SQUARE, write_communities


def layer(kind, columns, *more):
    named = ", ".join(f'{name} = "{ours}"' for name, ours in columns.items())
    lines = [f'kind = "{kind}"', f'file = "{kind}.csv"', f"columns = {{ {named} }}", *more]
    return "\n[[layers]]\n" + "\n".join(lines) + "\n"


def load(folder, rows, text, *, kind):
    (folder / "city.toml").write_text(HEAD + text, encoding="utf-8")
    with (folder / f"{kind}.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return load_city(folder, city_data=NOWHERE)


@pytest.fixture
def city(tmp_path):
    folder = tmp_path / "trial"
    folder.mkdir()
    write_communities(folder)
    return folder


def rules(city, layer_id):
    report = next(report for report in city.reports if report.id == layer_id)
    assert report.rows_in == report.not_selected + report.loaded + report.quarantined
    assert report.repaired <= report.loaded
    assert report.quarantined == (city.quarantine["layer"] == layer_id).sum()
    return {(note.outcome, note.rule): (note.count, note.first) for note in report.notes}


REFUSALS = (
    *("nothing_loaded", "nothing_selected", "layer_empty"),
    *("places_outside", "places_swapped", "places_system", "places_system_exchanged"),
)
PLACES = st.one_of(
    st.sampled_from(["", "0", "116.4", "39.9", "nan", "east", "1e400", "-73.9", " 116.41 ", "９"]),
    st.floats(116.31, 116.49).map(str),
    st.floats(39.86, 39.94).map(str),
)
CELLS = st.one_of(
    st.sampled_from(["", "1", "1", "NA", "a,b", '"', "x\ny", "开放", "  "]), st.text(max_size=4)
)
ROWS = st.lists(
    st.one_of(
        st.tuples(CELLS, CELLS, PLACES, PLACES),
        st.tuples(CELLS, CELLS, st.just("116.4"), st.just("39.9")),
        st.lists(CELLS, min_size=1, max_size=6).map(tuple),
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize("kind", ["toilet", "issues"])
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS)
def test_rows_in_are_rows_left_out_loaded_or_quarantined(city, kind, rows):
    rows = [tuple(cell.replace("\0", "").replace("\r", "") for cell in row) for row in rows]
    rows = [row for row in rows if row != ("",)]  # an empty line is no row
    text = layer(
        kind,
        {"id": "id", "status": "status", "lon": "lon", "lat": "lat"},
        'where_not = { status = ["a,b"] }',
        'values.status = { "开放" = "open" }',
    )
    loaded = loaded_or_none(city, [("id", "status", "lon", "lat"), *rows], text, kind)
    if loaded is None:
        return
    rules(loaded, kind)
    report = loaded.reports[-1]
    assert report.rows_in == len(rows)
    frame = loaded.issues if kind == "issues" else loaded.facilities
    assert len(frame) == report.loaded
    if kind == "issues":
        check_issues(frame)
    else:
        check_facilities(frame)
        assert loaded.communities.buffer(11_000).union_all().covers(frame.union_all())


def loaded_or_none(city, rows, text, kind):
    """Load, unless the layer as a whole is refused for one of the reasons it may be."""
    try:
        return load(city, rows, text, kind=kind)
    except PlanningError as error:
        if error.problem in REFUSALS:
            return None
        raise


def test_every_reason_is_counted_and_shown_with_the_row(city):
    rows = [
        ("id", "lon", "lat"),
        ("ok", "116.4", "39.9"),
        ("none", "", "39.9"),
        ("word", "east", "39.9"),
        ("zero", "0", "0"),
        ("swap", "39.9", "116.4"),
        ("far", "117.9", "39.9"),
        ("wrap", "476.4", "39.9"),
        ("near", "116.55", "39.9"),
        ("ok", "116.4", "39.9"),
        ("ok", "116.41", "39.9"),
        ("", "116.42", "39.9"),
        ("a", "116.43", "39.91"),
        ("b", "116.43", "39.92"),
        ("c", "116.43", "39.93"),
        ("", "", ""),
        ("d",),
    ]
    text = layer("toilet", {"id": "id", "lon": "lon", "lat": "lat"})
    loaded = load(city, rows, text, kind="toilet")
    assert rules(loaded, "toilet") == {
        ("quarantined", "blank_row"): (1, ("toilet-15",)),
        ("quarantined", "row_twice"): (1, ("ok",)),
        ("repaired", "identifier_missing"): (1, ("toilet-11",)),
        ("repaired", "identifier_made_unique"): (1, ("ok",)),
        ("quarantined", "coordinates_unreadable"): (1, ("word",)),
        ("quarantined", "coordinates_missing"): (1, ("none",)),
        ("quarantined", "coordinates_zero"): (1, ("zero",)),
        ("quarantined", "coordinates_swapped"): (1, ("swap",)),
        ("quarantined", "coordinates_outside"): (2, ("far", "wrap")),
        ("quarantined", "row_broken"): (1, ("row 16",)),
        ("noted", "coordinates_coarse"): (7, ("ok", "near", "ok", "toilet-11", "a")),
    }
    assert loaded.facilities.index.tolist() == ["ok", "near", "ok#toilet-10", "toilet-11", *"abc"]
    quarantine = loaded.quarantine.set_index("row")
    assert quarantine.loc[3, "detail"] == "east, 39.9"
    assert json.loads(quarantine.loc[5, "content"]) == {"id": "swap", "lon": "39.9", "lat": "116.4"}
    assert set(quarantine["file"]) == {"toilet.csv"}


def test_issues_keep_their_row_and_lose_what_cannot_be(city):
    head = ("id", "lon", "lat", "made", "due", "done", "status", "what")
    rows = [
        head,
        ("1", "116.4", "39.9", "2025-01-02 03:04", "2025-02-01", "2025-01-03", "结案", "路灯"),
        ("2", "", "", "2025-01-02", "", "", "?", ""),
        ("3", "0", "0", "2066-01-02", "", "", "", "路灯"),
        ("4", "39.9", "116.4", "2025-02-30", "", "", "", "路灯"),
        ("5", "116.4", "39.9", "2025-01-02", "2024-12-31", "2025-01-01", "", "路灯"),
        ("6", "116.4", "39.9", "2025-01-02T00:00:00Z", "2031-01-01", "1900-01-01", "", "路灯"),
        ("1", "116.4", "39.9", "2025-01-02", "", "", "", "路灯"),
        *[(str(i), "116.4", "39.9", "2025-01-02", "", "", "", "路灯") for i in range(7, 12)],
    ]
    named = dict(
        zip(
            head,
            ("id", "lon", "lat", "reported_at", "due_at", "closed_at", "status", "category"),
            strict=True,
        )
    )
    text = layer(
        "issues", named, 'publication_date = "2025-06"', 'values.status = { "结案" = "closed" }'
    )
    loaded = load(city, rows, text, kind="issues")
    assert rules(loaded, "issues") == {
        ("noted", "value_unlisted"): (1, ("2",)),
        ("quarantined", "identifier_twice"): (1, ("1",)),
        ("noted", "coordinates_missing"): (1, ("2",)),
        ("repaired", "coordinates_zero"): (1, ("3",)),
        ("repaired", "coordinates_swapped"): (1, ("4",)),
        ("repaired", "time_unreadable"): (1, ("4",)),
        ("repaired", "time_impossible"): (1, ("6",)),
        ("repaired", "time_before_report"): (1, ("5",)),
        ("noted", "category_missing"): (1, ("2",)),
        ("noted", "coordinates_coarse"): (8, ("1", "5", "6", "7", "8")),
    }
    issues = loaded.issues
    assert issues.index.tolist() == [str(i) for i in range(1, 12)]
    assert issues["x"].isna().tolist() == [False, True, True, True] + [False] * 7
    assert issues["status"].tolist() == ["closed"] + ["unknown"] * 10
    assert issues.loc["1", "reported_at"] == pd.Timestamp("2025-01-02 03:04", tz="Asia/Shanghai")
    assert issues.loc["6", "reported_at"] == pd.Timestamp("2025-01-02 08:00", tz="Asia/Shanghai")
    assert issues.loc[["3", "4"], "reported_at"].isna().all()
    assert issues.loc["5", ["due_at", "closed_at"]].isna().all()
    assert issues.loc["6", "due_at"] == pd.Timestamp("2031-01-01", tz="Asia/Shanghai")
    assert pd.isna(issues.loc["6", "closed_at"])
    assert loaded.as_of == pd.Timestamp("2025-01-03", tz="Asia/Shanghai")  # of the closing


@pytest.mark.parametrize(
    ("text", "how", "expected"),
    [
        ("1040101", "roc", "2015-01-01T00:00:00+08:00"),
        ("99/12/31", "roc", "2010-12-31T00:00:00+08:00"),
        ("1041301", "roc", None),
        ("06/26/2018 10:58:54 PM", "%m/%d/%Y %I:%M:%S %p", "2018-06-26T22:58:54+08:00"),
        ("2018-06-26", "%m/%d/%Y", "2018-06-26T00:00:00+08:00"),
        ("2018", "%m/%d/%Y", None),
        ("2023-12-10T12:00:00.000", "", "2023-12-10T12:00:00+08:00"),
        ("2023-12-10", "", "2023-12-10T00:00:00+08:00"),
        ("2023-12-10 12:00:00-05:00", "", "2023-12-11T01:00:00+08:00"),
        ("2023-12-10 12:00:00-05", "", "2023-12-11T01:00:00+08:00"),
        ("2024-03-05 14:30:00.25+08", "", "2024-03-05T14:30:00.250000+08:00"),
        ("2023-12-10T12:00:00Z", "", "2023-12-10T20:00:00+08:00"),
        ("yesterday", "", None),
        ("", "", None),
    ],
)
def test_times_are_read_into_the_zone(text, how, expected):
    (time,) = parse_times(pd.Series([text], dtype="str"), how=how, zone="Asia/Shanghai")
    assert pd.isna(time) if expected is None else time == datetime.fromisoformat(expected)


def test_hours_that_summer_time_repeats_or_skips():
    text = pd.Series(["2024-11-03 01:30", "2024-03-10 02:30"], dtype="str")
    times = parse_times(text, how="", zone="America/New_York")
    assert times.map(str).tolist() == ["2024-11-03 01:30:00-04:00", "2024-03-10 03:00:00-04:00"]


def test_flags():
    text = pd.Series(["Yes", "无", "TRUE", "0", "partly", ""], dtype="str")
    assert flags(text).tolist() == [True, False, True, False, pd.NA, pd.NA]


BOW = shapely.Polygon([(116.3, 39.85), (116.4, 39.95), (116.4, 39.85), (116.3, 39.95)])
SPIKE = shapely.Polygon(
    [(116.3, 39.85), (116.4, 39.85), (116.4, 39.96), (116.4, 39.95), (116.3, 39.95)]
)


def test_polygons_are_mended_only_if_they_stay_themselves(city):
    shapes = [SQUARE, SPIKE, BOW, shapely.Point(116.4, 39.9), None, shapely.Polygon()]
    write_communities(city, shapes, name=["A", "B", "C", "D", "E", ""])
    (city / "city.toml").write_text(HEAD)
    loaded = load_city(city, city_data=NOWHERE)
    found = rules(loaded, "communities")
    assert found[("repaired", "geometry_repaired")] == (1, ("001",))
    assert found[("quarantined", "geometry_ambiguous")] == (1, ("002",))
    assert found[("quarantined", "geometry_type")] == (1, ("003",))
    assert found[("quarantined", "geometry_missing")] == (2, ("004", "005"))
    check_communities(loaded.communities)
    note = next(n for n in loaded.reports[0].notes if n.rule == "geometry_repaired")
    assert note.facts["area_change_share"] == 0
    spike = shapely.box(116.3, 39.85, 116.4, 39.95)
    expected = gpd.GeoSeries([spike], crs=4326).to_crs(loaded.crs).area.iloc[0]
    assert loaded.communities.area["001"] == pytest.approx(expected, rel=1e-6)


def test_a_tangled_polygon_is_quarantined_at_once(city):
    wild = np.random.default_rng(1).uniform([116.3, 39.85], [116.5, 39.95], (1500, 2))
    write_communities(city, [SQUARE, shapely.Polygon(wild)])
    (city / "city.toml").write_text(HEAD)
    loaded = load_city(city, city_data=NOWHERE)
    assert rules(loaded, "communities") == {("quarantined", "geometry_tangled"): (1, ("001",))}


def test_a_community_twice_is_counted_once(city):
    write_communities(city, [SQUARE] * 3, id=["a", "a", "b"], name=["A", "A again", ""])
    (city / "city.toml").write_text(HEAD)
    loaded = load_city(city, city_data=NOWHERE)
    assert rules(loaded, "communities") == {
        ("quarantined", "identifier_twice"): (1, ("a",)),
        ("repaired", "name_missing"): (1, ("b",)),
        ("noted", "communities_same_shape"): (2, ("a", "b")),
    }
    assert loaded.communities["name"].tolist() == ["A", "b"]


def test_residents_without_a_number_are_quarantined(city):
    rows = [("id", "lon", "lat", "n"), ("1", "116.4", "39.9", "7.5"), ("2", "116.4", "39.9", "-1")]
    rows += [
        ("3", "116.4", "39.9", "many"),
        ("4", "116.4", "39.9", "0"),
        ("4", "116.4", "39.9", "2"),
    ]
    text = layer("residents", {"id": "id", "lon": "lon", "lat": "lat", "n": "population"})
    loaded = load(city, rows, text, kind="residents")
    check_residents(loaded.residents)
    assert loaded.residents["population"].tolist() == [7.5, 0, 2]
    assert rules(loaded, "residents") == {
        ("quarantined", "population_wrong"): (2, ("2", "3")),
        ("repaired", "identifier_made_unique"): (1, ("4",)),
    }


def test_a_second_pair_of_coordinates_is_a_check(city):
    metric = gpd.GeoSeries(shapely.points([[116.4, 39.9]] * 4), crs=4326).to_crs(32650)
    east, north = metric.x[0], metric.y[0]
    rows = [("lon", "lat", "e", "n")]
    rows += [("116.4", "39.9", east + shift, north) for shift in (0, 9, 50, 500)]
    check = 'check = { crs = "EPSG:32650", x = "e", y = "n", tolerance_m = 100 }'
    loaded = load(city, rows, layer("toilet", {"lon": "lon", "lat": "lat"}, check), kind="toilet")
    assert rules(loaded, "toilet") == {
        ("quarantined", "coordinates_disagree"): (1, ("toilet-4",)),
        ("noted", "coordinates_differ"): (1, ("toilet-3",)),
        ("noted", "place_shared"): (3, ("toilet-1", "toilet-2", "toilet-3")),
    }


def test_joined_grouped_and_selected_rows_are_all_accounted_for(city):
    rows = [("park", "what")]
    rows += [(p, w) for p in ("P", "Q", "R", "P") for w in ("bar", "court", "wheel")]
    lookup = "park,lon,lat,year\nP,116.4,39.9,1\nP,116.3,39.9,2\nQ,116.4,39.9,1\nQ,116.41,39.9,1\n"
    (city / "parks.csv").write_text(lookup)
    text = layer(
        "fitness",
        {"park": "name"},
        'where_not = { what = ["cour*"] }',
        'join = { file = "parks.csv", where = { year = ["1"] }, on = { park = "park" },'
        ' columns = { lon = "lon", lat = "lat" } }',
        'group = { by = ["park"], count = "equipment" }',
    )
    rows[-1] = ("P", "wheel2")
    loaded = load(city, rows, text, kind="fitness")
    assert rules(loaded, "fitness") == {
        ("quarantined", "row_twice"): (1, ("fitness-10",)),
        ("quarantined", "match_ambiguous"): (2, ("fitness-4", "fitness-6")),
        ("quarantined", "match_missing"): (2, ("fitness-7", "fitness-9")),
        ("noted", "rows_grouped"): (3, ("fitness-1", "fitness-3", "fitness-12")),
    }
    report = loaded.reports[-1]
    assert (report.rows_in, report.not_selected, report.loaded, report.quarantined) == (12, 4, 3, 5)
    assert loaded.facilities["equipment"].tolist() == [3]


def test_values_constants_and_types_of_optional_columns(city):
    rows = [("lon", "lat", "seats", "free", "state", "zone")]
    rows += [
        ("116.4", "39.9", "3", "是", "开", "BK01"),
        ("116.4", "39.91", "8+1", "or", "闭", "QN"),
    ]
    rows += [("116.4", "39.92", "", "", "", "")]
    text = layer(
        "toilet",
        {
            "lon": "lon",
            "lat": "lat",
            "seats": "stalls",
            "free": "accessible",
            "state": "status",
            "zone": "class",
        },
        'values.status = { "开" = "open", "*" = "closed" }',
        'values.class = { "BK*" = "Brooklyn" }',
        'constants = { operator = "City" }',
    )
    loaded = load(city, rows, text, kind="toilet")
    frame = loaded.facilities
    assert frame["stalls"].tolist()[0] == 3
    assert frame["stalls"].isna().tolist() == [False, True, True]
    assert str(frame["accessible"].dtype) == "boolean"
    assert frame["accessible"].isna().tolist() == [False, True, True]
    assert frame["status"].tolist() == ["open", "closed", "closed"]
    assert frame["class"].tolist() == ["Brooklyn", "", ""]
    assert frame["operator"].tolist() == ["City"] * 3
    found = rules(loaded, "toilet")
    assert found[("noted", "value_unlisted")][0] == 1
    assert found[("repaired", "value_unreadable")][0] == 1


def test_streets_get_lengths_and_nodes(city):
    lines = [
        shapely.LineString([(116.40, 39.9), (116.41, 39.9)]),
        shapely.MultiLineString([[(116.41, 39.9), (116.42, 39.9)]]),
        shapely.MultiLineString(
            [[(116.41, 39.9), (116.42, 39.9)], [(116.43, 39.9), (116.44, 39.9)]]
        ),
        shapely.Point(116.4, 39.9),
        None,
    ]
    frame = gpd.GeoDataFrame({"walk": ["yes", "no", "", "", "yes"]}, geometry=lines, crs=4326)
    frame.to_parquet(city / "streets.parquet")
    text = HEAD + '\n[[layers]]\nkind = "streets"\nfile = "streets.parquet"\n'
    (city / "city.toml").write_text(text + 'columns = { walk = "walkable" }\n')
    loaded = load_city(city, city_data=NOWHERE)
    assert loaded.streets["walkable"].tolist() == [True, False, True, True]
    assert loaded.streets["length_m"].to_numpy() == pytest.approx(855.3, abs=1)
    assert loaded.streets["to_node"].iloc[0] == loaded.streets["from_node"].iloc[1]
    found = rules(loaded, "streets")
    assert found[("quarantined", "geometry_type")][0] == 1
    assert found[("quarantined", "geometry_missing")][0] == 1
    assert loaded.quarantine["row"].tolist() == [4, 5]
    stated = 'columns = { walk = ["walkable", "from_node"] }\n'
    (city / "city.toml").write_text(text + stated)
    assert (
        rules(load_city(city, city_data=NOWHERE), "streets")[("quarantined", "geometry_type")][0]
        == 2
    )  # parts of a line whose nodes are stated have no nodes of their own


def test_one_name_at_two_places_is_no_node(city):
    """Else whoever walks would jump from one place to the other; 9 m apart is one crossing."""
    lines = [
        shapely.LineString([(116.40, 39.9), (116.41, 39.9)]),
        shapely.LineString([(116.4101, 39.9), (116.42, 39.9)]),
        shapely.LineString([(116.45, 39.9), (116.46, 39.9)]),
    ]
    nodes = {"from": ["a", "b", "a"], "to": ["b", "c", ""]}
    gpd.GeoDataFrame(nodes, geometry=lines, crs=4326).to_parquet(city / "streets.parquet")
    text = HEAD + '\n[[layers]]\nkind = "streets"\nfile = "streets.parquet"\n'
    (city / "city.toml").write_text(
        text + 'columns = { from = "from_node", to = "to_node" }\n', "utf-8"
    )
    loaded = load_city(city, city_data=NOWHERE)
    start, end = loaded.streets["from_node"].tolist(), loaded.streets["to_node"].tolist()
    assert start[0] != start[2]
    assert "a" not in start
    assert (end[:2], start[1]) == (["b", "c"], "b")
    assert rules(loaded, "streets")[("repaired", "node_apart")][0] == 2


def test_two_entries_of_a_kind_make_one_frame_with_unique_identifiers(city):
    (city / "more.csv").write_text("id,lon,lat\n1,116.45,39.9\n3,116.46,39.9\n")
    columns = {"id": "id", "lon": "lon", "lat": "lat"}
    text = layer("toilet", columns) + layer("toilet", columns).replace("toilet.csv", "more.csv")
    rows = [("id", "lon", "lat"), ("1", "116.4", "39.9"), ("2", "116.41", "39.9")]
    loaded = load(city, rows, text, kind="toilet")
    assert loaded.facilities.index.tolist() == ["1", "2", "toilet-2:1", "3"]
    assert [report.id for report in loaded.reports] == ["communities", "toilet", "toilet-2"]


def test_the_same_report_in_two_files_is_one_issue(city):
    (city / "more.csv").write_text("id,lon,lat\n1,116.45,39.9\n3,116.46,39.9\n")
    columns = {"id": "id", "lon": "lon", "lat": "lat"}
    text = layer("issues", columns) + layer("issues", columns).replace("issues.csv", "more.csv")
    rows = [("id", "lon", "lat"), ("1", "116.4", "39.9"), ("2", "116.41", "39.9")]
    loaded = load(city, rows, text, kind="issues")
    assert loaded.issues.index.tolist() == ["1", "2", "3"]
    assert rules(loaded, "issues-2")[("quarantined", "identifier_twice")] == (1, ("1",))


def test_the_fingerprint_follows_every_byte_read(city):
    text = layer("toilet", {"lon": "lon", "lat": "lat"})
    rows = [("lon", "lat"), ("116.4", "39.9")]
    first = load(city, rows, text, kind="toilet").fingerprint
    assert load(city, rows, text, kind="toilet").fingerprint == first
    assert load(city, [*rows, ("116.4", "39.91")], text, kind="toilet").fingerprint != first
    copy = city.parent / "copy" / "trial"
    shutil.copytree(city, copy)
    (copy / "toilet.csv").write_text("lon,lat\n116.4,39.9\n")
    assert load(copy, rows, text, kind="toilet").fingerprint == first


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "parquet", "shp", "csv", "shifted.json"])
def test_heights_of_vertices_are_the_climb_of_a_street(city, suffix):
    lines = [
        shapely.LineString([(116.40, 39.9, 50), (116.41, 39.9, 58), (116.42, 39.9, 55)]),
        shapely.LineString([(116.42, 39.9, 55), (116.43, 39.9, -9999)]),
    ]
    frame = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=lines, crs=4326)
    path = city / f"streets.{suffix}"
    columns = 'columns = { code = "id" }\n'
    if suffix == "parquet":
        frame.to_parquet(path)
    elif suffix == "shifted.json":
        frame.to_file(path, driver="GeoJSON")
        columns = f'crs = "GCJ-02"\n{columns}'
    elif suffix == "csv":
        frame.to_wkt().to_csv(path, index=False)
        columns = 'crs = "EPSG:4326"\ncolumns = { code = "id", geometry = "position" }\n'
    else:
        frame.to_file(path)
    text = f'{HEAD}\n[[layers]]\nkind = "streets"\nfile = "{path.name}"\n{columns}'
    (city / "city.toml").write_text(text, "utf-8")
    loaded = load_city(city, city_data=NOWHERE)
    assert loaded.streets["climb_m"].iloc[0] == pytest.approx(11)  # 8 m up, 3 m down
    assert np.isnan(loaded.streets["climb_m"].iloc[1])
    assert not shapely.has_z(loaded.streets.geometry.to_numpy()).any()
    assert rules(loaded, "streets")[("noted", "height_missing")][0] == 1


def test_heights_at_both_ends_stand_before_those_of_vertices(city):
    lines = [
        shapely.LineString([(116.40, 39.9, 0), (116.41, 39.9, 0)]),
        shapely.LineString([(116.41, 39.9, 0), (116.42, 39.9, 0)]),
        shapely.LineString([(116.42, 39.9, 0), (116.43, 39.9, 0)]),
    ]
    heights = {"h1": ["10", "steep", "1e300"], "h2": ["4.5", "20", "20"]}
    gpd.GeoDataFrame(heights, geometry=lines, crs=4326).to_parquet(city / "streets.parquet")
    text = HEAD + '\n[[layers]]\nkind = "streets"\nfile = "streets.parquet"\n'
    stated = 'columns = { h1 = "from_height_m", h2 = "to_height_m" }\n'
    (city / "city.toml").write_text(text + stated, "utf-8")
    loaded = load_city(city, city_data=NOWHERE)
    assert loaded.streets["climb_m"].iloc[0] == 5.5
    assert loaded.streets["climb_m"].iloc[1:].isna().all()
    assert rules(loaded, "streets")[("repaired", "value_unreadable")][0] == 2
    # a file in which every height is 0 knows none
    (city / "city.toml").write_text(text, "utf-8")
    assert "climb_m" not in load_city(city, city_data=NOWHERE).streets


def test_heights_are_in_feet_where_the_system_of_coordinates_is(city):
    feet = gpd.GeoSeries([shapely.LineString([(116.40, 39.9), (116.41, 39.9)])], crs=4326)
    flat = feet.to_crs("+proj=tmerc +lat_0=39.9 +lon_0=116.4 +units=us-ft +datum=WGS84")
    line = shapely.LineString([(*xy, z) for xy, z in zip(flat[0].coords, (0, 100), strict=True)])
    gpd.GeoDataFrame(geometry=[line], crs=flat.crs).to_parquet(city / "streets.parquet")
    text = HEAD + '\n[[layers]]\nkind = "streets"\nfile = "streets.parquet"\n'
    (city / "city.toml").write_text(text, "utf-8")
    assert load_city(city, city_data=NOWHERE).streets["climb_m"].iloc[0] == pytest.approx(
        30.48, 1e-4
    )
