"""A city from a made-up extract of OpenStreetMap, whose truth is counted by hand."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import tomllib
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from pyproj import Geod
from typer.testing import CliRunner

import cli
from analysis.model.errors import PlanningError
from exports.recipes.osm_city import Stated, osm_files, osm_lines, osm_names
from layers.knowledge.standards import load_kinds
from layers.load import load_city
from layers.osm.city import read_city
from maps.background import ground_of
from tests.layers.osm.made import Made
from wording.catalogue import load_words
from wording.speaker import Speaker

KINDS = load_kinds()
HOSTILE = '<script>alert("x")</script>\n=1+1 ${x}`'
METRES = Geod(ellps="WGS84")


def town():
    """Four communities in two districts of a town of 0.04° by 0.02°, and what may go wrong."""
    made = Made()
    names = {"name": "Musterstadt", "name__en": "Sample Town", "name__zh": "样城"}
    made.boundary(10, 50, 10.04, 50.02, 8, **names, population="8000", timezone="Europe/Berlin")
    for number in range(2):
        west = 10 + 0.02 * number
        made.boundary(west, 50, west + 0.02, 50.02, 9, name=f"Bezirk {number}")
    for number, name in enumerate(["Alt", HOSTILE, "Neu", "Ost"]):
        west = 10 + 0.01 * number
        extra = {"name__zh": "老城", "name__en": "Old"} if name == "Alt" else {}
        made.boundary(west, 50, west + 0.01, 50.02, 10, name=name, **extra)
    made.boundary(10.05, 50, 10.06, 50.02, 10, name="Neighbour")
    made.relation(
        [999_999], kind="boundary", boundary="administrative", admin_level="10", name="Cut"
    )
    objects = toilets(made)
    made.node(10.015, 50.005, amenity="marketplace", name="Markt", name__zh="集市")
    streets(made)
    ground(made)
    return made, objects


def toilets(made):
    """Every object tagged as a toilet, and what is to become of it."""
    tag = {"amenity": "toilets"}
    n, w, r = "node/{}", "way/{}", "relation/{}"
    hall = made.box(10.022, 50.004, 10.0225, 50.0045, **tag, name="Halle")
    lake = made.box(10.03, 50.01, 10.032, 50.012), made.box(10.0305, 50.0105, 10.0315, 50.0115)
    corner = made.node(10.005, 50.015)
    site = made.relation([], kind="site", **tag)
    loaded = {
        n.format(
            made.node(10.001, 50.001, **tag, wheelchair="yes", opening_hours="24/7", fee="no")
        ),
        n.format(made.node(10.002, 50.001, **tag, wheelchair="limited", disused="yes")),
        n.format(
            made.node(10.003, 50.001, **tag, name="Am Tor", opening_hours="Mo-Fr 08:00-18:00")
        ),
        n.format(made.node(10.0431, 50.001, **tag)),  # 222 m beside the town
        n.format(made.node(10.006, 50.006, **tag, name="Am Tor")),
        w.format(hall),
        w.format(made.way([(10.007, 50.007), (10.0072, 50.007)], **tag)),
        r.format(made.relation([lake[0]], [lake[1]], **tag)),
    }
    aside = {
        n.format(made.node(10.0222, 50.0042, **tag)): ("within_other", w.format(hall)),
        n.format(made.node(10.00302, 50.001, **tag, name="Am Tor")): ("same_place", None),
        n.format(made.node(10.004, 50.001, **tag, access="private")): (
            "not_public",
            "access=private",
        ),
        n.format(made.node(10.2, 50.001, **tag)): ("outside", ""),
        w.format(made.way([corner, 888_888], **tag)): ("nodes_missing", ""),
        w.format(made.way([corner, 888_888, (10.0, 50.01), corner], **tag)): ("ring_broken", ""),
        r.format(made.relation([777_777], **tag)): ("relation_broken", ""),
        r.format(site): ("no_area", ""),
    }
    return SimpleNamespace(loaded=loaded, aside=aside)


def streets(made):
    middle = made.node(10.01, 50.005)
    gap = 555_555
    made.way([(10.005, 50.005), middle, (10.015, 50.005)], highway="residential", name="Lange")
    made.way([(10.01, 50.0), middle, (10.01, 50.01)], highway="footway")
    made.way([(10.0, 50.003), (10.04, 50.003)], highway="motorway")
    made.way([(10.0, 50.004), (10.04, 50.004)], highway="residential", foot="no")
    ends = [(10.0, 50.008), (10.002, 50.008), gap, (10.004, 50.008), (10.006, 50.008)]
    made.way(ends, highway="path", name="Lückenweg")


def ground(made):
    for number in range(4):
        west = 10.002 + 0.01 * number
        made.box(west, 50.002, west + 0.0001 * (number + 1), 50.0021, building="house")
    made.box(10.02, 50.015, 10.021, 50.016, building="school")
    made.box(10.02, 50.017, 10.021, 50.018, building="yes", shop="mall")
    lake = made.box(10.025, 50.01, 10.028, 50.012), made.box(10.026, 50.0105, 10.027, 50.0115)
    made.relation([lake[0]], [lake[1]], natural="water", name="See")
    made.box(10.001, 50.0, 10.004, 50.004, landuse="residential")
    made.box(10.016, 50.012, 10.018, 50.014, leisure="park", name="Stadtpark")
    made.box(10.019, 50.012, 10.0192, 50.0121, leisure="park", name="Beet")
    made.box(11.016, 50.012, 11.018, 50.014, leisure="park", name="Fern")
    made.node(10.03, 50.01, place="suburb", name="Vorort", name__en="Suburb")
    made.node(10.02, 50.01, place="town", name="Musterstadt")
    for west, name in ((10.0, "Hauptstraße"), (10.02, "Hauptstraße"), (11.0, "Fern")):
        made.way([(west, 50.006), (west + 0.02, 50.006)], highway="primary", name=name)


@pytest.fixture(scope="module")
def made_town(tmp_path_factory):
    """The town read, and its folder as the command would write it."""
    folder = tmp_path_factory.mktemp("osm")
    made, objects = town()
    city = read_city(made.write(folder / "t.osm.pbf"), "sample town", kinds=KINDS)
    files = osm_files(city, Stated("musterstadt"), load_words(), parameters={})
    home = folder / "musterstadt"
    home.mkdir()
    for name, content in files.items():
        (home / name).write_bytes(content)
    return SimpleNamespace(
        city=city, objects=objects, made=made, files=files, loaded=load_city(home)
    )


def test_the_command_writes_a_city_that_is_judged_at_once(made_town, tmp_path):
    extract = town()[0].write(tmp_path / "t.osm.pbf")
    home = tmp_path / "muster"
    command = ["osm", str(extract), str(home), "--area", "Musterstadt"]
    for _ in range(2):  # the second replaces the first
        done = CliRunner().invoke(cli.app, command)
        assert done.exit_code == 0, done.output
    assert "level 10" in done.output
    done = CliRunner().invoke(cli.app, ["coverage", str(home), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    with (home / "city.toml").open("a") as recipe:
        recipe.write("# corrected by hand")
    done = CliRunner().invoke(cli.app, command)
    assert (done.exit_code, "was changed" in done.output) == (2, True)
    assert (home / "city.toml").read_text("utf-8").endswith("# corrected by hand")
    (home / "run.json").unlink()
    before = (home / "city.toml").read_bytes()
    done = CliRunner().invoke(cli.app, command)
    assert (done.exit_code, (home / "city.toml").read_bytes()) == (2, before)


def tagged(made, **tags):
    """Numbers of all objects with a tag, counted in what was written."""
    sorts = {"node": made.nodes, "way": made.ways, "relation": made.relations}
    return {
        f"{sort}/{number}"
        for sort, objects in sorts.items()
        for number, each in objects.items()
        if tags.items() <= each.tags.items()
    }


def test_every_tagged_object_is_loaded_or_listed_with_its_reason(made_town):
    objects = made_town.objects
    loaded = set(made_town.city.facilities["toilet"]["id"])
    aside = {each.object: each for each in made_town.city.aside if each.layer == "toilet"}
    assert loaded == objects.loaded
    assert {name: each.reason for name, each in aside.items()} == {
        name: reason for name, (reason, _) in objects.aside.items()
    }
    for name, (_, detail) in objects.aside.items():
        assert detail is None or aside[name].detail == detail
    assert loaded | set(aside) == tagged(made_town.made, amenity="toilets")
    assert not loaded & set(aside)


def test_of_two_nodes_of_one_name_side_by_side_the_first_is_kept(made_town):
    again = [each for each in made_town.city.aside if each.reason == "same_place"]
    assert [each.name for each in again] == ["Am Tor"]
    assert again[0].detail in made_town.objects.loaded


def test_communities_are_the_finest_level_with_parents_of_the_level_above(made_town):
    city = made_town.city
    assert (city.communities.source, city.communities.level) == ("admin", 10)
    assert city.communities.covered_share == pytest.approx(1, abs=1e-3)
    frame = made_town.loaded.communities
    assert sorted(frame["name"]) == sorted(["Alt", "Neu", "Ost", HOSTILE])
    assert dict(zip(frame["name"], frame["parent"], strict=True))["Ost"] == "Bezirk 1"
    listed = {each.name: each.reason for each in city.aside if each.layer == "communities"}
    assert listed == {"Neighbour": "outside", "Cut": "relation_broken"}


def test_names_stand_in_every_language_that_the_map_has(made_town):
    communities, facilities = made_town.loaded.communities, made_town.loaded.facilities
    old = communities[communities["name"] == "Alt"].iloc[0]
    assert (old["name_en"], old["name_zh"]) == ("Old", "老城")
    market = facilities[facilities["kind"] == "market"].iloc[0]
    assert (market["name"], market["name_zh"]) == ("Markt", "集市")
    assert dict(made_town.loaded.name) == {
        "zh": "样城",
        "zh-Hant": "样城",
        "en": "Sample Town",
    }


def test_facts_of_facilities_come_from_their_tags(made_town):
    toilets = made_town.loaded.facilities.query("kind == 'toilet'")
    first = toilets[toilets["opening_hours"] == "24/7"].iloc[0]
    assert bool(first["accessible"]) is True
    assert bool(first["open_24h"]) is True
    disused = toilets[toilets["status"] == "closed"].iloc[0]
    assert bool(disused["accessible"]) is False
    assert sorted(set(toilets["status"])) == ["closed", "unknown"]


def test_streets_are_cut_where_they_meet_and_at_gaps(made_town):
    streets = made_town.loaded.streets
    long, cross, path = (streets[streets["name"] == name] for name in ("Lange", "", "Lückenweg"))
    assert (len(long), len(cross), len(path)) == (2, 2, 2)
    assert len(streets) == 8  # two of them of the main street
    ends = [*long["from_node"], *long["to_node"]]
    assert len({*ends} & {*cross["from_node"], *cross["to_node"]}) == 1
    _, _, expected = METRES.inv(10.005, 50.005, 10.015, 50.005)
    assert long["length_m"].sum() == pytest.approx(expected, rel=1e-3)
    cut = [each for each in made_town.city.aside if each.layer == "streets"]
    assert [(each.name, each.reason) for each in cut] == [("Lückenweg", "street_cut")]


def test_people_are_shared_out_by_the_footprint_of_dwellings(made_town):
    residents = made_town.loaded.residents
    assert residents["population"].sum() == pytest.approx(8000, rel=1e-6)
    # four houses, 1 to 4 units wide: the school and the shops have no share
    by_width = residents.sort_values("x")["population"].to_numpy()
    assert by_width == pytest.approx(8000 * np.array([0.1, 0.2, 0.3, 0.4]), rel=1e-3)
    told = {report.kind: report for report in made_town.loaded.reports}["residents"].remark
    assert "estimate" in told["en"]
    assert "估计" in told["zh"]


def test_an_island_is_no_water(made_town):
    water = made_town.loaded.land.water
    outer = shapely.box(10.025, 50.01, 10.028, 50.012)
    inner = shapely.box(10.026, 50.0105, 10.027, 50.0115)
    size = [abs(METRES.geometry_area_perimeter(each)[0]) for each in (outer, inner)]
    assert water.area.sum() == pytest.approx(size[0] - size[1], rel=1e-3)


def test_the_ground_is_for_finding_one_s_way_and_drawn_by_the_maps(made_town):
    loaded = made_town.loaded.background
    assert loaded["green"]["name"].tolist() == ["Stadtpark"]  # a bed is no landmark
    streets = loaded["main_streets"]
    assert sorted(streets["name"]) == ["", "Hauptstraße"]  # the motorway, and two ways of one name
    _, _, expected = METRES.inv(10.0, 50.006, 10.04, 50.006)
    assert streets.length.max() == pytest.approx(expected, rel=1e-3)
    names = loaded["place_names"]
    assert names[["name", "name_en", "size_m"]].to_numpy().tolist() == [["Vorort", "Suburb", 3000]]
    assert set(ground_of(made_town.loaded)) == {"green", "water", "streets"}
    assert {each.layer for each in made_town.city.aside}.isdisjoint(loaded)


def test_licence_date_and_source_stand_at_every_layer(made_town):
    reports = made_town.loaded.reports
    assert {report.licence for report in reports} == {"Open Database License (ODbL) 1.0"}
    assert {report.publication_date for report in reports} == {"2026-05-04"}
    assert all("t.osm.pbf" in report.source for report in reports)
    assert made_town.loaded.time_zone == "Europe/Berlin"


def test_a_boundary_without_a_time_zone_has_that_of_the_nearest_chief_town(made_town):
    area = made_town.city.area
    unstated = {key: text for key, text in area.tags.items() if key != "timezone"}
    city = replace(made_town.city, area=replace(area, tags=unstated))
    files = osm_files(city, Stated("t"), load_words(), parameters={})
    zone = tomllib.loads(files["city.toml"].decode())["time_zone"]
    assert zone == "Europe/Zurich"  # nearer to the made town than Berlin
    for language in ("zh", "en"):
        lines = [
            " ".join(osm_lines(each, Stated("t"), Speaker(load_words(), language)))
            for each in (city, made_town.city)
        ]
        assert [zone in text for text in lines] == [True, False]


def test_a_hostile_name_stays_a_name(made_town):
    recipe = tomllib.loads(made_town.files["city.toml"].decode())
    assert {layer["kind"] for layer in recipe["layers"]} >= {"communities", "toilet", "streets"}
    shapes = json.loads(made_town.files["communities.geojson"])
    assert HOSTILE in {each["properties"]["name"] for each in shapes["features"]}
    rows = csv.DictReader(io.StringIO(made_town.files["left_aside.csv"].decode("utf-8-sig")))
    assert {row["layer"] for row in rows} >= {"toilet", "communities", "streets"}


def test_files_are_those_that_the_command_may_replace(made_town):
    assert set(made_town.files) <= set(osm_names(KINDS))


def test_every_row_of_the_written_files_is_loaded(made_town):
    for report in made_town.loaded.reports:
        assert report.quarantined == 0, report
    assert set(made_town.loaded.absent) >= {"issues", "zone", "fitness"}


def without_boundaries(make):
    made = Made(date="")
    made.node(10.001, 50.001, amenity="toilets")
    if make is not None:
        make(made)
    return made


def places(made):
    for lon, name in [(10.005, "West"), (10.015, "Mitte"), (10.035, "Ost")]:
        made.node(lon, 50.01, place="suburb", name=name)


def postal(made):
    for number in range(2):
        west = 10 + 0.02 * number
        made.box(west, 50, west + 0.02, 50.02, boundary="postal_code", postal_code=f"100{number}")


def quarters(made):
    for number in range(2):
        west = 10 + 0.02 * number
        made.box(west, 50, west + 0.02, 50.02, place="quarter", name=f"Q{number}")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    path = tmp_path_factory.mktemp("area") / "area.geojson"
    path.write_text(shapely.to_geojson(shapely.box(10, 50, 10.04, 50.02)), "utf-8")
    return path


@pytest.mark.parametrize(
    ("make", "source", "names"),
    [
        (quarters, "place", {"Q0", "Q1"}),
        (postal, "postal", {"1000", "1001"}),
        (places, "nearest", {"West", "Mitte", "Ost"}),
        (None, "squares", None),
    ],
)
def test_without_boundaries_a_substitute_is_named_as_one(make, source, names, drawn, tmp_path):
    path = without_boundaries(make).write(tmp_path / "x.osm.pbf")
    city = read_city(path, str(drawn), kinds=KINDS)
    frame = city.communities.frame
    assert city.communities.source == source
    assert names is None or set(frame["name"]) == names
    assert frame["id"].is_unique
    # the cells leave nothing of the area out and do not overlap
    assert frame.area.sum() == pytest.approx(shapely.area(city.area.polygon), rel=1e-3)
    assert city.residents is None
    assert city.origin.date == "2026-05-04"  # of the newest object: the header has no date


def test_people_whom_no_dwelling_holds_are_not_called_unstated(drawn, tmp_path):
    path = without_boundaries(quarters).write(tmp_path / "x.osm.pbf")
    told = [
        " ".join(osm_lines(city, Stated("t"), Speaker(load_words(), "en")))
        for people in (0, 1200)
        for city in [read_city(path, str(drawn), kinds=KINDS, population=people)]
    ]
    assert ["states no population" in text for text in told] == [True, False]
    assert "too few dwellings" in told[1]


def test_the_middle_place_has_the_ground_nearer_to_it(drawn, tmp_path):
    path = without_boundaries(places).write(tmp_path / "x.osm.pbf")
    frame = read_city(path, str(drawn), kinds=KINDS).communities.frame
    share = (frame.set_index("name").area / frame.area.sum()).round(3)
    # borders lie half-way: 10.010 and 10.025 of 10.00 to 10.04
    assert dict(share) == pytest.approx({"West": 0.25, "Mitte": 0.375, "Ost": 0.375}, abs=2e-3)


def refused(path, area="Musterstadt", **options):
    with pytest.raises(PlanningError) as caught:
        read_city(path, area, kinds=KINDS, **options)
    return caught.value.problem


def test_what_cannot_be_meant_is_refused_with_its_reason(tmp_path):
    made, _ = town()
    made.boundary(10.1, 50, 10.14, 50.02, 8, name="Doppel")
    made.boundary(10.2, 50, 10.24, 50.02, 8, name="Doppel")
    path = made.write(tmp_path / "t.osm.pbf")
    assert refused(path, "Mustrstadt") == "osm_area_unknown"
    assert refused(path, "Doppel") == "osm_area_several"
    assert refused(path, "Cut") == "osm_area_cut"
    assert refused(path, "relation/4711") == "osm_area_unknown"
    assert refused(path, level=7) == "osm_level"
    assert refused(made.write(tmp_path / "u.osm.pbf", unsorted=True)) == "osm_unsorted"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "osm_format"),
        (b"<osm/>", "osm_format"),
        (b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\xff\xff\xff\x7f", "file_broken"),
        (None, "osm_missing"),
    ],
)
def test_what_is_no_extract_is_refused(content, problem, tmp_path):
    path = tmp_path / "x.osm.pbf"
    if content is not None:
        path.write_bytes(content)
    assert refused(path) == problem


def test_a_truncated_or_altered_extract_ends_in_one_sentence(tmp_path):
    made, _ = town()
    whole = made.write(tmp_path / "t.osm.pbf").read_bytes()
    rng = np.random.default_rng(3)
    for number in range(30):
        data = bytearray(whole[: len(whole) - number * 40])
        for at in rng.integers(0, len(data), 3):
            data[at] = rng.integers(0, 256)
        path = tmp_path / f"{number}.osm.pbf"
        path.write_bytes(data)
        with contextlib.suppress(PlanningError):
            read_city(path, "Musterstadt", kinds=KINDS)
