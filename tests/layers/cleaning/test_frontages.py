"""Shops and frontage lines come by the door of all layers: every row is loaded or set aside."""

from __future__ import annotations

import json
import math

import pytest

from layers.load import load_city
from tests.layers.cleaning.test_merge import notes
from tests.layers.toy import HEAD, NOWHERE, write_communities

HEADS = "编号,商户,路,单位,签约,结果,检查日,门宽,经度,纬度"
COLUMNS = {
    "编号": "id", "商户": "name", "路": "street", "单位": "unit", "签约": "signed",
    "结果": "result", "检查日": "checked_at", "门宽": "frontage_m", "经度": "lon", "纬度": "lat",
}  # fmt: skip
VALUES = {"signed": {"已签": "yes", "未签": "no"}, "result": {"合格": "pass", "不合格": "fail"}}


def written(folder, file, heads, *, crs=""):
    """Write the recipe of a city with a layer of frontages."""
    write_communities(folder)
    columns = ", ".join(f'"{theirs}" = "{COLUMNS[theirs]}"' for theirs in heads)
    entry = f'[[layers]]\nkind = "frontage"\nfile = "{file}"\ncolumns = {{ {columns} }}\n'
    entry += f'crs = "{crs}"\n' * bool(crs)
    read = {COLUMNS[theirs] for theirs in heads}
    for column, values in ((name, VALUES[name]) for name in VALUES if name in read):
        pairs = ", ".join(f'"{theirs}" = "{ours}"' for theirs, ours in values.items())
        entry += f"[layers.values.{column}]\n{pairs.replace(', ', chr(10))}\n"
    (folder / "city.toml").write_text(HEAD + entry, "utf-8")


def test_shops_are_read_and_what_cannot_be_is_set_aside(tmp_path):
    rows = [
        "a,甲,人民路,所一,已签,合格,2026-05-01,12.5,116.35,39.90",
        "b,乙,人民路,所一,未签,不合格,2026-05-32,,116.35,39.91",
        "c,丙,,,也许,,,-3,116.36,39.90",
        "d,丁,文化路,所二,已签,整改中,2026-05-02,8,116.36,39.91",
        "a,戊,文化路,所二,已签,合格,2026-05-02,8,116.36,39.91",
        "f,己,文化路,所二,已签,合格,2026-05-02,8,,",
        "g,庚,文化路,所二,已签,合格,2026-05-02,8,118.36,39.91",
    ]
    (tmp_path / "shops.csv").write_text("\n".join([HEADS, *rows]), "utf-8")
    written(tmp_path, "shops.csv", COLUMNS)
    city = load_city(tmp_path, city_data=NOWHERE)
    told = notes(city, "frontage")
    assert {rule: first for (outcome, rule), first in told.items() if outcome == "quarantined"} == {
        "duty_unknown": ("d",),
        "identifier_twice": ("a",),
        "coordinates_missing": ("f",),
        "coordinates_outside": ("g",),
    }
    assert told["repaired", "time_unreadable"] == ("b",)
    assert told["repaired", "value_unreadable"] == ("c",)
    unlisted = [note.first for note in city.reports[-1].notes if note.rule == "value_unlisted"]
    assert unlisted == [("c",), ("d",)]
    shops = city.frontages
    assert shops.index.tolist() == ["a", "b", "c"]
    assert shops["signed"].tolist() == ["yes", "no", ""]
    assert shops["result"].tolist() == ["pass", "fail", ""]
    assert shops["checked_at"].notna().tolist() == [True, False, False]
    assert shops["length_m"].iloc[0] == 12.5
    assert shops["length_m"].iloc[1:].isna().all()
    assert "frontage" not in city.absent


def test_a_line_is_measured_in_the_metric_system_whatever_it_states(tmp_path):
    west, north = 116.35, 39.90
    along = 0.001  # degrees of latitude: about 111 m anywhere
    shapes = [
        {"type": "LineString", "coordinates": [[west, north], [west, north + along]]},
        {"type": "MultiLineString",
         "coordinates": [[[west, north], [west, north + along]],
                         [[west, north + 2 * along], [west, north + 3 * along]]]},
        {"type": "Point", "coordinates": [west, north]},
        {"type": "LineString", "coordinates": [[west, north], [west, north]]},
        {"type": "Polygon", "coordinates": [[[west, north], [west, north + along],
                                             [west + along, north], [west, north]]]},
        {"type": "LineString", "coordinates": [[west + 3, north], [west + 3, north + along]]},
        None,
    ]  # fmt: skip
    features = [
        {"type": "Feature", "geometry": shape, "properties": {"编号": str(row), "门宽": "7"}}
        for row, shape in enumerate(shapes)
    ]
    content = {"type": "FeatureCollection", "features": features}
    (tmp_path / "fronts.geojson").write_text(json.dumps(content), "utf-8")
    written(tmp_path, "fronts.geojson", ("编号", "门宽"))
    city = load_city(tmp_path, city_data=NOWHERE)
    told = notes(city, "frontage")
    assert told["quarantined", "geometry_flat"] == ("3",)
    assert told["quarantined", "geometry_type"] == ("4",)
    assert told["quarantined", "coordinates_outside"] == ("5",)
    assert told["quarantined", "coordinates_missing"] == ("6",)
    fronts = city.frontages
    metres = along * math.pi / 180 * 6_367_000  # radius of the meridian there, within 0.3 %
    assert fronts["length_m"].tolist() == pytest.approx([metres, 2 * metres, 7.0], rel=0.005)
    assert fronts.crs == city.crs
    assert fronts["result"].tolist() == [""] * 3
