"""What people wrote about themselves leaves in no table, note, quarantine or prepared file."""

from __future__ import annotations

import io
import json
import zipfile

import pandas as pd
import pytest
from pyarrow.parquet import read_schema

from exports.formats.corrections import correction_files
from exports.recipes.check import check_files
from exports.recipes.prepare import prepared_files
from layers.findings.personal import masked_rows
from layers.load import load_city
from tests.layers.toy import HEAD, NOWHERE, write_communities
from wording.catalogue import load_words
from wording.speaker import Speaker

SECRETS = ("13812345678", "1１3812345678", "０５７１-88886666", "wang@example.cn", "王小明",
           "11010519491231002X", "浙A12345", "幸福小区5号楼", "88886666", "abc_wx_123")  # fmt: skip
ROWS = [
    # number, kind, reported, where, unit, what, caller, call back
    (
        "1",
        "垃圾",
        "2026-01-02",
        "116.40,39.90",
        "环卫所",
        "王小明先生称垃圾未清，电话13812345678",
        "王小明",
        "88886666",
    ),
    (
        "2",
        "垃圾",
        "2026-01-03",
        "116.41,39.90",
        "13812345678",
        "车牌浙A12345，邮箱wang@example.cn",
        "王小明",
        "88886666",
    ),
    (
        "3",
        "垃圾",
        "2026-01-04",
        "116.42,39.90",
        "环卫所",
        "身份证11010519491231002X，微信abc_wx_123",
        "王小明",
        "",
    ),
    # Quarantined: outside the city; no identifier of a place; a telephone number as a day.
    (
        "4",
        "垃圾",
        "2026-01-05",
        "10.0,10.0",
        "环卫所",
        "住幸福小区5号楼2单元301，０５７１-88886666",
        "王小明",
        "13812345678",
    ),
    ("5", "垃圾", "13812345678", "116.42,39.90", "环卫所", "无", "王小明", ""),
    ("5", "垃圾", "13812345678", "116.42,39.91", "环卫所", "王小明先生", "王小明", "88886666"),
]
HEADINGS = ("编号", "类别", "时间", "位置", "单位", "描述", "投诉人", "联系电话")
LAYER = """
[[layers]]
kind = "issues"
file = "reports.csv"
[layers.columns]
"编号" = "id"
"类别" = "category"
"时间" = "reported_at"
"描述" = "text"
"单位" = "unit"
"经度" = "lon"
"纬度" = "lat"
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("personal")
    write_communities(folder)
    table = pd.DataFrame(ROWS, columns=HEADINGS)
    table[["经度", "纬度"]] = table.pop("位置").str.split(",", expand=True)
    table.to_csv(folder / "reports.csv", index=False, encoding="utf-8")
    (folder / "city.toml").write_text(HEAD + LAYER, encoding="utf-8")
    return load_city(folder, city_data=NOWHERE)


def opened(files):
    """Give every text of files, workbooks and Parquet taken apart."""
    for name, data in files.items():
        if name.endswith(".parquet"):
            stored = pd.read_parquet(io.BytesIO(data))
            schema = read_schema(io.BytesIO(data))
            yield (
                name,
                stored.to_csv()
                + json.dumps(
                    [value.decode() for value in schema.metadata.values()], ensure_ascii=False
                ),
            )
        elif name.endswith((".xlsx", ".zip")):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for part in archive.namelist():
                    yield f"{name}/{part}", archive.read(part).decode("utf-8", "replace")
        else:
            yield name, data.decode("utf-8", "replace")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_export_holds_what_is_personal(town, language):
    translate = Speaker(load_words(), language)
    made = {
        "check": check_files(town, translate),
        "prepare": prepared_files(town),
        "correct": {f"{name}.csv": data for name, data in correction_files(town).items()},
    }
    for command, files in made.items():
        for name, text in opened(files):
            for secret in SECRETS:
                assert secret not in text, (command, name, secret)


def test_rows_to_correct_keep_what_they_held_for_who_may(town):
    (data,) = correction_files(town, personal=True).values()
    assert "13812345678" in data.decode("utf-8-sig")
    masked = pd.read_csv(io.BytesIO(correction_files(town)["issues"]), dtype=str)
    raw = pd.read_csv(io.BytesIO(data), dtype=str)
    assert list(masked["_check"]) == list(raw["_check"])


def test_each_column_tells_what_was_found_in_it(town):
    (report,) = (report for report in town.reports if report.kind == "issues")
    told = {(note.rule, note.facts["heading"]): note.count for note in report.notes
            if note.rule.startswith("personal_")}  # fmt: skip
    live = report.loaded
    assert told["personal_name", "投诉人"] == live
    assert told["personal_telephone", "联系电话"] >= 2
    assert told["personal_telephone", "单位"] == 1
    assert ("personal_telephone", "编号") not in told
    assert town.issues["unit"].isin(["环卫所", "[telephone]"]).all()


def test_a_text_that_slipped_into_any_shown_column_is_masked_in_every_class(tmp_path):
    slipped = "王小明先生13812345678，住幸福小区5号楼"
    columns = {
        "category": "类别", "unit": "单位", "source": "来源", "leader": "领导",
        "inspection": "轮次", "severity": "程度", "community": "社区", "parent": "街道",
    }  # fmt: skip
    write_communities(tmp_path)
    shown = [slipped, "王主任", "住东街8号2单元301室"]
    rows = pd.DataFrame(dict.fromkeys(columns.values(), shown))
    rows = rows.assign(编号=["1", "2", "3"], 时间="2026-01-02", 经度="116.40", 纬度="39.90")
    rows.to_csv(tmp_path / "reports.csv", index=False, encoding="utf-8")
    layer = LAYER.replace('"描述" = "text"\n"单位" = "unit"\n', "").replace(
        '"类别" = "category"\n', ""
    )
    mapped = "".join(f'"{theirs}" = "{ours}"\n' for ours, theirs in columns.items())
    (tmp_path / "city.toml").write_text(HEAD + layer + mapped, encoding="utf-8")
    issues = load_city(tmp_path, city_data=NOWHERE).issues
    for column in columns:
        shown = issues[column].tolist()
        assert shown[1] == "王主任", column
        assert "13812345678" not in shown[0], column
        assert column == "leader" or shown[2] == "住[address]", column
        assert column == "leader" or shown[0] == "[name][telephone]，住[address]", column


def test_addresses_of_public_places_stay():
    row = {
        "layer": "toilet",
        "id": "t",
        "detail": "",
        "content": '{"地址": "中山路12号", "电话": "13812345678"}',
    }
    (content,) = masked_rows(pd.DataFrame([row]), reports=["issues"])["content"]
    assert json.loads(content) == {"地址": "中山路12号", "电话": "[telephone]"}
