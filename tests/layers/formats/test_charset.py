"""The encoding of a text is told or refused, never wrong: names written in it read as they were."""

from __future__ import annotations

import random

import pytest

from analysis.model.errors import SourceError
from layers.formats.charset import CANDIDATES, decoded
from layers.formats.read import How, read_table
from layers.sources.opened import Opened

NAMES = {
    "gb18030": "东门公厕|人民广场公共厕所|建设路社区|武汉市江岸区劳动街道|暴露垃圾|占道经营|中山路交叉口|儿童公园|社区卫生服务中心|路灯不亮",  # noqa: E501
    "big5hkscs": "臺北市公廁|大安森林公園|信義區|捷運站|國父紀念館|里辦公處|兒童遊戲場|忠孝東路四段|市立圖書館|路燈故障",  # noqa: E501
    "cp949": "강동구 보건소|공중화장실|시청역 화장실|어린이공원|서울특별시 종로구|세종대로|주민센터|무단투기|가로등 고장|처리완료",  # noqa: E501
    "cp932": "駅前公園|髙橋公園①|区役所|市民センター|図書館|不法投棄|街路灯|東京都千代田区|バリアフリー|道路損傷",  # noqa: E501
    "cp1252": "École Théâtre|Hôtel de Ville|Square des Érables|Médiathèque|Île de la Cité|Bürgerbüro Süd|Öffentliche Toilette|Straßenbeleuchtung|Plaza de España|Jardín Botánico",  # noqa: E501
    "cp1250": "Łódź|Śródmieście|Żoliborz|Świętokrzyska|ul. Długa|Park Łazienkowski|oświetlenie|śmieci|Różana|Gdańsk",  # noqa: E501
    "cp1251": "Общественный туалет|улица Ленина|парк Горького|детская площадка|поликлиника|Москва|район Арбат|мусор|освещение|дорога",  # noqa: E501
    "cp1253": "Δημόσια τουαλέτα|Αθήνα|Πλατεία Συντάγματος|Βιβλιοθήκη|Παιδική χαρά|σκουπίδια|οδός Ερμού|Θεσσαλονίκη|φωτισμός|Δήμος",  # noqa: E501
    "cp874": "ห้องน้ำสาธารณะ|กรุงเทพมหานคร|สวนลุมพินี|เขตบางรัก|ขยะ|ไฟถนน|โรงเรียน|ตลาด|สถานี|ห้องสมุด",
}  # fmt: skip
MOST_REFUSED = 0.1
"""Of files with ten names each."""


def table(names, rng, rows):
    lines = [
        f"t{row},{rng.choice(names)},{48 + rng.random():.5f},{2 + rng.random():.5f}"
        for row in range(rows)
    ]
    return "\r\n".join(["id,name,lat,lon", *lines])


def outcome(text, encoding):
    """What became of a text written in an encoding: right, wrong or refused."""
    data = text.encode(encoding)
    try:
        read, _ = decoded(Opened("e", "t.csv", data, ""), encoding="")
    except SourceError as error:
        return "refused" if error.problem == "encoding_ambiguous" and error.hint else "wrong"
    return "right" if read == text else "wrong"


def outcomes(*, seeds, rows):
    found = []
    for encoding, names in NAMES.items():
        for seed in range(seeds):
            text = table(names.split("|"), random.Random(seed), rows)
            found.append((encoding, outcome(text, encoding)))
    return found


def test_ten_names_tell_their_encoding():
    found = outcomes(seeds=3, rows=10)
    assert [pair for pair in found if pair[1] == "wrong"] == []
    refused = sum(what == "refused" for _, what in found)
    assert refused <= MOST_REFUSED * len(found)


def test_characters_of_four_bytes_hold_digits_and_are_no_end_of_a_word():
    text = table(["东门公厕", "髙橋厕所①", "龙𠀀溪", "㐂社区"], random.Random(1), 12)
    assert outcome(text, "gb18030") == "right"


@pytest.mark.full
@pytest.mark.parametrize("rows", [1, 2, 3, 10, 40])
def test_few_names_are_refused_rather_than_read_wrongly(rows):
    assert [pair for pair in outcomes(seeds=40, rows=rows) if pair[1] == "wrong"] == []


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize("name", ["Gate", "东门公厕"])
def test_unicode_is_known_with_and_without_its_mark(tmp_path, encoding, name):
    path = tmp_path / "t.csv"
    path.write_bytes(f"id,name\nt1,{name}\n".encode(encoding))
    read = read_table(path, name="t.csv", entry="e", how=How())
    assert read.rows.to_dict("list") == {"id": ["t1"], "name": [name]}
    assert read.guessed == ""


def test_json_and_its_records_are_decoded_alike(tmp_path):
    path = tmp_path / "t.json"
    names = NAMES["gb18030"].split("|")
    records = ",".join(f'{{"name": "{name}"}}' for name in names)
    path.write_bytes(f"[{records}]".encode("gb18030"))
    read = read_table(path, name="t.json", entry="e", how=How())
    assert (read.rows["name"].tolist(), read.guessed) == (names, "gb18030")


def test_a_text_in_no_known_encoding_is_refused():
    data = b"id,name\r\nt1," + bytes([0x81, 0x8D, 0x8F, 0x90, 0x9D, 0xFF]) * 3
    with pytest.raises(SourceError) as caught:
        decoded(Opened("e", "t.csv", data, ""), encoding="")
    assert caught.value.problem == "encoding_wrong"


def test_what_is_looked_for_is_spelled_as_python_does():
    assert [name for name in CANDIDATES if not "a".encode(name)] == []
