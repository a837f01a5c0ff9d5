"""What has tags in OpenStreetMap is a row with its shape, from JSON and from XML alike."""

from __future__ import annotations

import json
from xml.sax.saxutils import quoteattr

import pytest
import shapely

from analysis.model.errors import SourceError
from layers.formats.read import How, read_table
from layers.load import load_city
from tests.layers.toy import HEAD, NOWHERE, write_communities

RING = [(116.3, 39.8), (116.5, 39.8), (116.5, 40.0), (116.3, 40.0)]
HOLE = [(116.35, 39.85), (116.4, 39.85), (116.4, 39.9)]
NODES = [
    {"type": "node", "id": n, "lon": x, "lat": y}
    for n, (x, y) in enumerate([*RING, *HOLE], start=1)
]
ELEMENTS = [
    *NODES,
    {"type": "node", "id": 9, "lon": 116.4, "lat": 39.9, "tags": {"name": "甲"}},
    {"type": "way", "id": 9, "nodes": [1, 2, 3, 4, 1], "tags": {"leisure": "park"}},
    {"type": "way", "id": 10, "nodes": [1, 2, 3, 4, 1], "tags": {"highway": "path"}},
    {"type": "way", "id": 11, "nodes": [1, 2, 3]},
    {"type": "way", "id": 12, "nodes": [3, 4, 1]},
    {"type": "way", "id": 13, "nodes": [5, 6, 7, 5]},
    {
        "type": "relation", "id": 9, "tags": {"type": "multipolygon", "name": "园"},
        "members": [
            {"type": "way", "ref": 11, "role": "outer"},
            {"type": "way", "ref": 12, "role": "outer"},
            {"type": "way", "ref": 13, "role": "inner"},
            {"type": "node", "ref": 9, "role": "label"},
        ],
    },
    {"type": "way", "id": 14, "center": {"lat": 39.9, "lon": 116.4}, "tags": {"amenity": "x"}},
    {
        "type": "relation", "id": 15, "tags": {"name": "bounds"},
        "members": [{"type": "way", "ref": 77}],
        "bounds": {"minlat": 39.8, "minlon": 116.3, "maxlat": 40.0, "maxlon": 116.5},
    },
    {"type": "way", "id": 16, "nodes": [1, 88], "tags": {"name": "nowhere"}},
]  # fmt: skip
SHAPES = {
    "node/9": shapely.Point(116.4, 39.9),
    "way/9": shapely.Polygon(RING),
    "way/10": shapely.LinearRing(RING),
    "relation/9": shapely.Polygon(RING, [HOLE]),
    "way/14": shapely.Point(116.4, 39.9),
    "relation/15": shapely.Point(116.4, 39.9),
    "way/16": None,
}


def as_xml(elements):
    lines = ["<osm version='0.6'>"]
    for each in elements:
        plain = {k: v for k, v in each.items() if not isinstance(v, dict | list) and k != "type"}
        attributes = "".join(f" {key}={quoteattr(str(value))}" for key, value in plain.items())
        lines.append(f"<{each['type']}{attributes}>")
        lines += [f"<nd ref='{ref}'/>" for ref in each.get("nodes", ())]
        for member in each.get("members", ()):
            role = member.get("role", "")
            lines.append(f"<member type='{member['type']}' ref='{member['ref']}' role='{role}'/>")
        for name in ("center", "bounds"):
            inner = "".join(f" {k}='{v}'" for k, v in each.get(name, {}).items())
            lines += [f"<{name}{inner}/>"] if inner else []
        lines += [f"<tag k='{k}' v='{v}'/>" for k, v in each.get("tags", {}).items()]
        lines.append(f"</{each['type']}>")
    return "\n".join([*lines, "</osm>"])


def read(tmp_path, name, text, *, kind="toilet", **how):
    (tmp_path / name).write_text(text, encoding="utf-8")
    columns = ("id", "name", "opening_hours")
    return read_table(
        tmp_path / name, name=name, entry="e", how=How(**how), columns=columns, kind=kind
    )


@pytest.mark.parametrize("form", ["json", "xml", "osm"])
def test_elements_with_tags_are_rows_with_their_shapes(tmp_path, form):
    text = json.dumps({"elements": ELEMENTS}) if form == "json" else as_xml(ELEMENTS)
    how = {"format": "overpass"} if form == "json" else {}
    table = read(tmp_path, f"t.{form}", text, **how)
    assert table.rows["id"].tolist() == list(SHAPES)
    for found, wanted in zip(table.geometry, SHAPES.values(), strict=True):
        assert (found is None) if wanted is None else shapely.equals(found, wanted)
    assert table.rows["name"].tolist() == ["甲", "", "", "园", "", "bounds", "nowhere"]
    assert set(table.rows["opening_hours"]) == {""}
    assert table.numbers.tolist() == [8, 9, 10, 14, 15, 16, 17]


def test_the_same_reply_has_streets(tmp_path):
    table = read(tmp_path, "t.osm", as_xml(ELEMENTS), kind="streets")
    assert {"from_node", "walkable"} <= set(table.rows)


def test_shapes_may_stand_in_the_reply_itself(tmp_path):
    drawn = [{"lon": x, "lat": y} for x, y in [*RING, RING[0]]]
    elements = [
        {"type": "way", "id": 1, "geometry": drawn, "tags": {"leisure": "park"}},
        {
            "type": "relation", "id": 2, "tags": {"type": "boundary"},
            "members": [{"type": "way", "ref": 1, "role": "outer", "geometry": drawn}],
        },
    ]  # fmt: skip
    table = read(tmp_path, "t.json", json.dumps({"elements": elements}), format="overpass")
    assert [shapely.equals(shape, shapely.Polygon(RING)) for shape in table.geometry] == [
        True,
        True,
    ]


REPORTS = """<?xml version="1.0" encoding="utf-8"?><service_requests>
<request><service_request_id>638344</service_request_id><status>closed</status>
<address><street>8TH AVE</street></address><lat>39.9</lat><long>116.4</long></request>
<request><service_request_id>638349</service_request_id><status>open</status><media/>
</request></service_requests>"""


def test_reports_of_open311_are_records(tmp_path):
    rows = read(tmp_path, "t.xml", REPORTS).rows
    assert rows["service_request_id"].tolist() == ["638344", "638349"]
    assert rows["address.street"].tolist() == ["8TH AVE", ""]
    again = read(tmp_path, "t.xml", REPORTS, records="request").rows
    assert again.equals(rows)
    one = REPORTS[: REPORTS.index("<request><service_request_id>638349")] + "</service_requests>"
    assert len(read(tmp_path, "t.xml", one).rows) == 1
    with pytest.raises(SourceError) as caught:
        read(tmp_path, "t.xml", REPORTS, records="result.row")
    assert caught.value.problem == "records_missing"


@pytest.mark.parametrize(
    "content",
    [
        {"help": "…", "success": True, "result": {"records": [{"id": 1, "name": "a"}, {"id": 2}]}},
        {
            "meta": {"view": {"columns": [{"fieldName": "id"}, {"fieldName": "name"}]}},
            "data": [[1, "a"], [2, None]],
        },
        [{"id": 1, "name": "a"}, {"id": 2}],
    ],
)
def test_replies_of_ckan_and_socrata_are_records(tmp_path, content):
    rows = read(tmp_path, "t.json", json.dumps(content)).rows
    assert rows[["id", "name"]].to_dict("list") == {"id": ["1", "2"], "name": ["a", ""]}


def test_pages_of_records_with_different_fields_are_one_layer(tmp_path):
    """Open311 leaves fields out that a page has no value for; a report on two pages counts once."""
    pages = [
        [{"service_request_id": 1, "service_name": "litter", "lat": 39.9, "long": 116.4}],
        [
            {"service_request_id": 2, "lat": 39.91, "long": 116.41, "address": "West Street"},
            {"service_request_id": 1, "service_name": "litter", "lat": 39.9, "long": 116.4},
        ],
    ]
    write_communities(tmp_path)
    for number, page in enumerate(pages, start=1):
        (tmp_path / f"page-{number}.json").write_text(json.dumps(page))
    columns = 'service_request_id = "id", service_name = "category", lat = "lat", long = "lon"'
    entry = f'[[layers]]\nkind = "issues"\nfile = "page-*.json"\ncolumns = {{ {columns} }}\n'
    (tmp_path / "city.toml").write_text(HEAD + entry)
    city = load_city(tmp_path, city_data=NOWHERE)
    report = city.reports[-1]
    assert (report.rows_in, report.loaded, report.quarantined) == (3, 2, 1)
    assert city.issues["category"].tolist() == ["litter", ""]
    assert list(report.files) == ["page-1.json", "page-2.json"]
