"""One layer in a zip, JSON by what it holds, identifiers destroyed, encodings meant."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from analysis.model.errors import PlanningError
from layers.load import load_city
from tests.layers.toy import HEAD, write_communities

CSV = "id,name,lon,lat\nt1,Gate,116.40,39.90\nt2,Park,116.41,39.91\n"
FEATURES = [
    {
        "type": "Feature",
        "properties": {"id": key, "name": name},
        "geometry": {"type": "Point", "coordinates": place},
    }
    for key, name, place in (("t1", "Gate", [116.40, 39.90]), ("t2", "Park", [116.41, 39.91]))
]
COLLECTION = json.dumps({"type": "FeatureCollection", "features": FEATURES})


@pytest.fixture
def load(tmp_path):
    """Write a file of toilets and load them."""

    def make(name, data, *, more="", columns=("id", "name")):
        write_communities(tmp_path)
        (tmp_path / name).write_bytes(data if isinstance(data, bytes) else data.encode())
        pairs = ", ".join(f'{each} = "{each}"' for each in columns)
        entry = f'[[layers]]\nkind = "toilet"\nfile = "{name}"\ncolumns = {{ {pairs} }}\n{more}\n'
        (tmp_path / "city.toml").write_text(HEAD + entry, encoding="utf-8")
        return load_city(tmp_path, city_data=tmp_path / "nowhere")

    return make


def names(city):
    return city.facilities["name"].tolist()


def packed(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return stream.getvalue()


def test_the_one_table_of_a_zip_is_read_beside_its_read_me(load):
    columns = ("id", "name", "lon", "lat")
    data = packed(readme__txt="Read me, first", data__csv=CSV)
    assert names(load("t.zip", data, columns=columns)) == ["Gate", "Park"]
    assert names(load("t.zip", packed(data__geojson=COLLECTION))) == ["Gate", "Park"]


def test_of_several_files_in_a_zip_the_recipe_names_one(load):
    columns = ("id", "name", "lon", "lat")
    data = packed(old__csv=CSV.replace("Gate", "Old"), new__csv=CSV)
    with pytest.raises(PlanningError) as caught:
        load("t.zip", data, columns=columns)
    assert (caught.value.problem, caught.value.facts["found"]) == (
        "archive_layers",
        "old.csv, new.csv",
    )
    assert names(load("t.zip", data, columns=columns, more='layer = "new.csv"')) == ["Gate", "Park"]


@pytest.mark.parametrize("name", ["t.json", "t.geojson"])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        (COLLECTION, ["Gate", "Park"]),
        ("\n".join(map(json.dumps, FEATURES)), ["Gate", "Park"]),
        ("".join(f"\x1e{json.dumps(each)}\n" for each in FEATURES), ["Gate", "Park"]),
        ("\r\n\n".join(map(json.dumps, FEATURES)) + "\n", ["Gate", "Park"]),
        (json.dumps(FEATURES[0]), ["Gate"]),
    ],
)
def test_json_is_read_by_what_it_holds(load, name, text, found):
    assert names(load(name, text)) == found


def test_records_a_line_are_records(load):
    lines = [
        json.dumps({"id": n, "name": "WC", "lon": 116.4, "lat": 39.9 + n / 100}) for n in (1, 2)
    ]
    assert (
        names(load("t.json", "\n".join(lines), columns=("id", "name", "lon", "lat"))) == ["WC"] * 2
    )


def test_a_line_cut_short_is_named(load):
    text = "\n".join(map(json.dumps, FEATURES))[:-5]
    with pytest.raises(PlanningError, match="line 2") as caught:
        load("t.json", text)
    assert caught.value.problem == "file_broken"


@pytest.mark.parametrize(
    "cells",
    [
        ["3.30108E+17"] * 3,
        ["3,30108E+17", "3,30109E+17", "3,30108E+17"],
        ["330108202403050000"] * 3,
    ],
)
def test_rows_whose_identifiers_a_spreadsheet_destroyed_are_kept(load, cells):
    rows = [f'"{cell}",WC{n},116.4{n},39.90' for n, cell in enumerate(cells)]
    city = load(
        "t.csv", "id,name,lon,lat\n" + "\n".join(rows), columns=("id", "name", "lon", "lat")
    )
    assert city.facilities.index.tolist() == ["toilet-1", "toilet-2", "toilet-3"]
    note = next(note for note in city.reports[-1].notes if note.rule == "identifier_destroyed")
    assert (note.outcome, note.count, note.facts["found"]) == ("repaired", 3, cells[0])
    assert city.reports[-1].quarantined == 0


@pytest.mark.parametrize("cells", [["1E5", "2E5", "1E5"], ["110101199003070011", "x", "x"]])
def test_identifiers_that_only_look_so_are_left(load, cells):
    rows = [f"{cell},WC{n},116.4{n},39.90" for n, cell in enumerate(cells)]
    city = load(
        "t.csv", "id,name,lon,lat\n" + "\n".join(rows), columns=("id", "name", "lon", "lat")
    )
    assert cells[0] in city.facilities.index
    assert "identifier_destroyed" not in {note.rule for note in city.reports[-1].notes}


@pytest.mark.parametrize(
    ("stated", "written", "text"),
    [
        ("shift_jis", "cp932", "髙橋①"), ("gb2312", "gb18030", "镕㙟"), ("euc-kr", "cp949", "똠방"),
        ("latin1", "cp1252", "“Œuvre”"), ("big5", "big5hkscs", "邨"), ("gbk", "gb18030", "㙟"),
    ],
)  # fmt: skip
def test_a_stated_encoding_means_what_programs_write_under_its_name(load, stated, written, text):
    data = CSV.replace("Gate", text).encode(written)
    city = load("t.csv", data, columns=("id", "name", "lon", "lat"), more=f'encoding = "{stated}"')
    assert names(city) == [text, "Park"]


@pytest.mark.parametrize("length", [10, 3_000_000])
def test_rows_longer_than_what_is_parsed_at_once_and_broken_rows_keep_their_numbers(load, length):
    long = "名" * length
    rows = [f"t{n},{long if n == 3 else 'Gate'},116.40,39.90" for n in range(1, 7)]
    rows[1] += ",too,many"
    rows[4] = '"a\nb"' + rows[4]
    city = load(
        "t.csv", "id,name,lon,lat\n" + "\n".join(rows), columns=("id", "name", "lon", "lat")
    )
    assert city.facilities["name"].map(len).tolist() == [4, length, 4, 4, 4]
    assert city.quarantine[["row", "reason"]].to_numpy().tolist() == [[2, "row_broken"]]
