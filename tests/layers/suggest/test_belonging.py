"""What belongs together is guessed: tables by a key, pieces of one place, editions, groups."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.suggest.editions import dated
from layers.suggest.joins import find_key
from layers.suggest.vocabulary import load_vocabulary
from tests.layers.suggest.test_guesses import KINDS, PLACES, guessed, layer_of, write_rows
from tests.layers.toy import write_communities

WARDS = ["Alt", "Burg", "Dorf", "Elm"]
CODES = ["W-01", "W-02", "W-03", "W-04"]


def squares(folder, **columns):
    shapes = [shapely.box(116.30 + 0.05 * n, 39.85, 116.35 + 0.05 * n, 39.95) for n in range(4)]
    write_communities(folder, shapes=shapes, **{"id": list("1234"), "name": WARDS, **columns})


def reasons(layer):
    return {reason.code: reason.facts for reason in layer.reasons}


HEADINGS = {
    "zh": ("公厕名称", "状态", "公园名称", "经度", "纬度", "开放"),
    "en": ("Facility Name", "Status", "Park Name", "Longitude", "Latitude", "Open"),
    "ja": ("施設名", "状態", "公園名称", "経度", "緯度", "供用中"),
    "ko": ("화장실명", "운영상태", "공원 명칭", "경도", "위도", "운영중"),
    "fr": ("Nom", "Statut", "Nom du parc", "Longitude", "Latitude", "Ouvert"),
    "de": ("Bezeichnung", "Zustand", "Name der Anlage", "Längengrad", "Breitengrad", "Offen"),
    "es": ("Nombre", "Estado", "Nombre del parque", "Longitud", "Latitud", "Abierto"),
}
"""Of a list of toilets that names parks: name, status, park; of the parks: place."""


@pytest.mark.parametrize("language", HEADINGS)
def test_places_are_joined_by_the_name_that_a_list_bears(tmp_path, language):
    name, status, park, lon, lat, opened = HEADINGS[language]
    squares(tmp_path)
    write_rows(
        tmp_path / "toilets.csv",
        [name, status, park],
        [(f"T{n}", opened, f"Park {n // 2}") for n in range(12)],
    )
    write_rows(tmp_path / "p.csv", [park, lon, lat], [(f"Park {n}", *PLACES[n]) for n in range(6)])
    new = guessed(tmp_path)
    layer = layer_of(new, "toilet")
    assert layer.keys["join"]["on"] == {park: park}
    assert reasons(layer)["join"]["given"] == ("lon", "lat")
    assert reasons(layer)["join"]["sure"] == pytest.approx(0.97)
    toilets = new.city.facilities
    assert (len(toilets), set(toilets["status"])) == (12, {"open"})
    back = toilets.to_crs(4326).geometry
    assert sorted(back.x.round(4)) == pytest.approx(sorted(PLACES[n // 2][0] for n in range(12)))
    (aside,) = (each.aside for each in new.guess.layers if each.files == ("p.csv",))
    assert aside.code == "joined"


REGISTERS = {
    "zh": ("案件编号", "上报时间", "问题类别", "片区", "社区名"),
    "en": ("Case ID", "Created Date", "Category", "Area", "Ward Name"),
    "ja": ("整理番号", "受付日時", "種別", "エリア", "町名"),
    "ko": ("관리번호", "접수일시", "유형", "구역", "동명"),
    "fr": ("Identifiant", "Date de création", "Catégorie", "Zone", "Quartier"),
    "de": ("Nummer", "Meldedatum", "Kategorie", "Gebiet", "Stadtteil"),
    "es": ("Clave", "Fecha de creación", "Categoría", "Zona", "Barrio"),
}


@pytest.mark.parametrize("language", REGISTERS)
def test_a_register_of_codes_counts_by_the_community_that_a_table_names(tmp_path, language):
    number, reported, category, code, ward = REGISTERS[language]
    squares(tmp_path)
    rows = [(f"R{n}", f"2024-03-{n + 1:02d} 08:00", "litter", CODES[n % 4]) for n in range(20)]
    rows.append(("R20", "2024-03-21 08:00", "litter", "?"))
    write_rows(tmp_path / "issues.csv", [number, reported, category, code], rows)
    write_rows(tmp_path / "codes.csv", [code, ward], zip(CODES, WARDS, strict=True))
    new = guessed(tmp_path)
    layer = layer_of(new, "issues")
    assert layer.keys["join"]["columns"] == {ward: "community"}
    assert reasons(layer)["join"]["found_share"] == pytest.approx(0.8)
    issues = new.city.issues
    assert len(issues) == 21  # one whose code nobody knows is counted, without a community
    assert issues["community_id"].value_counts().to_dict() == {
        "1": 5,
        "2": 5,
        "3": 5,
        "4": 5,
        "": 1,
    }


def test_a_register_that_names_communities_itself_joins_nothing(tmp_path):
    squares(tmp_path)
    rows = [(f"R{n}", "2024-03-05 08:00", WARDS[n % 4], CODES[n % 4]) for n in range(20)]
    write_rows(tmp_path / "issues.csv", ["Case ID", "Created Date", "Ward", "Area"], rows)
    write_rows(tmp_path / "codes.csv", ["Area", "Ward Name"], zip(CODES, WARDS, strict=True))
    assert "join" not in layer_of(guessed(tmp_path), "issues").keys


def test_names_of_communities_come_from_a_table_of_their_codes(tmp_path):
    squares(tmp_path, id=CODES, name=[""] * 4)
    write_rows(
        tmp_path / "names.csv",
        ["ID", "Ward Name", "District", "Inhabitants"],
        [(code, ward, "DC"[n % 2], 100 * n) for n, (code, ward) in
         enumerate(zip(CODES, WARDS, strict=True))],
    )  # fmt: skip
    city = guessed(tmp_path).city
    assert city.communities["name"].tolist() == WARDS
    assert city.communities["parent"].tolist() == ["D", "C"] * 2
    assert city.communities["population"].tolist() == [0, 100, 200, 300]


def test_a_community_that_the_table_lacks_stays_with_unknown_people(tmp_path):
    shapes = [shapely.box(116.3 + 0.04 * n, 39.85, 116.34 + 0.04 * n, 39.95) for n in range(5)]
    write_communities(tmp_path, shapes=shapes, id=[*CODES, "W-05"], name=[*WARDS, "Far"])
    write_rows(tmp_path / "p.csv", ["ID", "Inhabitants"], [(code, 7) for code in CODES])
    people = guessed(tmp_path).city.communities["population"]
    assert people.tolist()[:4] == [7] * 4
    assert people.isna().tolist() == [False] * 4 + [True]


def test_a_number_is_a_key_only_if_it_is_called_so(tmp_path):
    squares(tmp_path)
    write_rows(tmp_path / "toilets.csv", ["name", "seats"], [(f"T{n}", n % 5) for n in range(20)])
    write_rows(tmp_path / "p.csv", ["no", "lon", "lat"], [(n, *PLACES[n]) for n in range(6)])
    assert "toilet" not in {layer.kind for layer in guessed(tmp_path).guess.present}
    assert find_key({}, {}, load_vocabulary(KINDS)) is None


def test_rows_that_are_pieces_of_one_place_are_one_facility(tmp_path):
    squares(tmp_path)
    rows = [(f"E{n}", f"Park {n // 5}", ["bench", "bars", "rope"][n % 3], *PLACES[n // 5])
            for n in range(20)]  # fmt: skip
    write_rows(tmp_path / "fitness.csv", ["Piece", "Park Name", "What", "lon", "lat"], rows)
    new = guessed(tmp_path, stated=["fitness.csv=fitness"])
    layer = layer_of(new, "fitness")
    assert layer.keys["group"] == {"by": ["Park Name", "lon", "lat"], "count": "equipment"}
    assert "grouped" in {doubt.code for doubt in layer.doubts}
    assert new.city.facilities["equipment"].tolist() == [5, 5, 5, 5]


def test_pieces_that_name_a_park_are_one_facility_a_park_where_the_parks_are(tmp_path):
    squares(tmp_path)
    rows = [(f"E{n}", ["bench", "bars", "rope"][n % 3], f"Park {n // 5}") for n in range(20)]
    write_rows(tmp_path / "fitness pieces.csv", ["Piece", "Name", "Park"], rows)
    parks = [(f"Park {n}", *PLACES[n]) for n in range(6)]
    write_rows(tmp_path / "fitness parks.csv", ["Park", "lon", "lat"], parks)
    new = guessed(tmp_path)
    layer = layer_of(new, "fitness")
    assert layer.keys["group"] == {"by": ["Park"], "count": "equipment"}
    fitness = new.city.facilities
    assert fitness["name"].tolist() == [f"Park {n}" for n in range(4)]  # and not twice
    assert fitness["equipment"].tolist() == [5, 5, 5, 5]
    aside = {each.files[0]: each.aside.code for each in new.guess.layers if each.aside}
    assert aside == {"fitness parks.csv": "joined"}


def test_rows_that_only_repeat_are_no_pieces(tmp_path):
    squares(tmp_path)
    rows = [(f"Park {n % 4}", *PLACES[n % 4]) for n in range(20)]
    write_rows(tmp_path / "fitness.csv", ["Park Name", "lon", "lat"], rows)
    layer = layer_of(guessed(tmp_path, stated=["fitness.csv=fitness"]), "fitness")
    assert "group" not in layer.keys


def test_lists_of_two_years_are_editions_and_nothing_counts_twice(tmp_path):
    squares(tmp_path)
    for year, count in ((2021, 4), (2023, 5), (2024, 6)):
        rows = [(f"T{n}", *PLACES[n]) for n in range(count)]
        write_rows(tmp_path / f"toilets_{year}.csv", ["name", "lon", "lat"], rows)
    new = guessed(tmp_path)
    assert len(new.city.facilities) == 6
    assert {day: len(each) for day, each in new.city.earlier.items()} == {"2021": 4, "2023": 5}
    codes = [code for layer in new.guess.present for code in reasons(layer)]
    assert (codes.count("edition_earlier"), codes.count("edition_latest")) == (2, 1)


def test_people_of_two_years_are_those_of_the_later(tmp_path):
    squares(tmp_path)
    for year in (2015, 2020):
        rows = [(n, 116.31 + 0.001 * n, 39.9, year) for n in range(40)]
        write_rows(tmp_path / f"population_{year}.csv", ["id", "lon", "lat", "people"], rows)
    new = guessed(tmp_path)
    assert new.city.residents["population"].tolist() == [2020] * 40
    aside = {layer.files[0]: layer.aside.code for layer in new.guess.layers if layer.aside}
    assert aside == {"population_2015.csv": "older"}


def test_reports_of_two_years_are_parts_of_one_register(tmp_path):
    squares(tmp_path)
    for year in (2023, 2024):
        rows = [(f"{year}-{n}", f"{year}-03-0{n + 1}", "litter", *PLACES[n]) for n in range(6)]
        headings = ["Case ID", "Created Date", "Category", "lon", "lat"]
        write_rows(tmp_path / f"issues_{year}.csv", headings, rows)
    assert len(guessed(tmp_path).city.issues) == 12


GROUPS = {
    "zh": ("人口", "儿童", "女性", "65岁及以上", "残疾人", "低保人口", "人均收入", "老年人比例"),
    "en": ("Population", "Children", "Women", "65 and over", "Disabled", "Low income",
           "Median income", "Share of seniors"),
    "ja": ("総人口", "年少人口", "女性", "65歳以上", "障害者数", "生活保護受給者", "平均所得",
           "高齢者割合"),
    "ko": ("총인구", "유소년인구", "여성인구", "고령인구", "장애인수", "수급자", "평균소득",
           "노인 비율"),
    "fr": ("Population", "Enfants", "Femmes", "65 ans et plus", "Personnes handicapées",
           "Bas revenus", "Revenu médian", "Part des seniors"),
    "de": ("Einwohner", "Kinder", "Frauen", "65 und älter", "Schwerbehinderte", "Armut",
           "Medianeinkommen", "Anteil Senioren"),
    "es": ("Población", "Niños", "Mujeres", "65 y más", "Personas con discapacidad",
           "Bajos ingresos", "Renta media", "Porcentaje de mayores"),
}  # fmt: skip
OURS = ("population", "children", "women", "elderly", "disabled", "low_income", "income")


@pytest.mark.parametrize("language", GROUPS)
def test_groups_of_residents_are_understood_and_a_share_is_no_number_of_people(tmp_path, language):
    *counts, share = GROUPS[language]
    squares(tmp_path)
    rows = [(n, 116.31 + 0.001 * n, 39.9, 100, 20, 51, 15, 4, 9, 41000) for n in range(40)]
    write_rows(tmp_path / "population.csv", ["id", "lon", "lat", *counts], rows)
    new = guessed(tmp_path)
    taken = {ours: theirs for theirs, (ours,) in layer_of(new, "residents").taken.items()}
    assert {ours: taken.get(ours) for ours in OURS} == dict(zip(OURS, counts, strict=True))
    assert new.city.residents["elderly"].sum() == 40 * 15
    rows = [(*row[:4], 0.1 + row[0] / 100) for row in rows]
    write_rows(tmp_path / "population.csv", ["id", "lon", "lat", counts[0], share], rows)
    layer = layer_of(guessed(tmp_path), "residents")
    assert share not in layer.taken
    assert "group_is_share" in {doubt.code for doubt in layer.doubts}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("toilets_2024", ("toilets", "2024")),
        ("2024-03-15 toilets", ("toilets", "2024-03-15")),
        ("公厕2024年", ("公厕", "2024")),
        ("公廁_民國113年", ("公廁", "2024")),
        ("公衆トイレ令和6年度", ("公衆トイレ", "2024")),
        ("화장실 2024년", ("화장실", "2024")),
        ("公厕2024年3月", ("公厕", "2024-03")),
        ("toilets_20241203", ("toilets", "2024-12-03")),
        ("population 2019_2023", ("population 2019_2023", "")),
        ("lot 20249", ("lot 20249", "")),
        ("t_20240230", ("t_20240230", "")),
    ],
)
def test_the_date_that_a_name_bears(name, expected):
    assert dated(name) == expected


@given(st.text(max_size=30))
def test_any_name_is_read(name):
    stem, date = dated(name)
    assert date == "" or date[:4].isdigit()
    assert isinstance(stem, str)
