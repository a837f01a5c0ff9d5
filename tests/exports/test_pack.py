"""A pack tells whether it was touched, of which inputs it is, and which figure is another one."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import io
import json
import shutil
import stat
import warnings
import zipfile
from functools import cache
from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import cli
from analysis.casework.tasks import Task
from analysis.model.errors import PlanningError, SettingsError
from analysis.model.question import Question, Selection
from exports.formats.archive import packed
from exports.formats.csv import csv_bytes
from exports.provenance import RECORD, recorded
from exports.recipes import pack as recipe
from exports.recipes import pack_check
from exports.recipes.casework.findings import find
from exports.recipes.casework.tasks import make_tasks, usual_question
from exports.recipes.issue_answers import IssueAnswers
from exports.recipes.pack import (
    NO_ROLE,
    PARTS,
    README,
    SUMS,
    Made,
    Part,
    Request,
    evidence_pack,
    make_part,
    pack_files,
    sums_of,
    table_of,
)
from exports.recipes.pack_check import Pack, check_pack, read_pack, sentences
from layers.load import load_city
from store.address import FOLDER, URL
from store.database import opened
from tests.exports.toy import NOON, TABLES
from tests.test_cli import write_city
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS = load_words()
DAY = dt.date(2026, 11, 30)
EVERY = frozenset(part.export or part.name for part in PARTS)
QUICK = ("check", "coverage")
"""Parts of packs that are worked out again in a test."""
DRAWN = ("report", "bulletin")


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    return write_city(tmp_path_factory.mktemp("cities") / "small")


@pytest.fixture(autouse=True)
def _no_store(monkeypatch):
    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.delenv(URL, raising=False)


def only(monkeypatch, names):
    monkeypatch.setattr(recipe, "PARTS", tuple(each for each in PARTS if each.name in names))


def made(folder, *, exports=EVERY, answers=None):
    answers = answers or IssueAnswers(load_city(folder))
    return pack_files(answers, Request(Question(), DAY, exports), WORDS)


@pytest.fixture(scope="module")
def files(town):
    """Every part but those that are drawn, in a city without rounds and without a store."""
    with pytest.MonkeyPatch.context() as patch:
        only(patch, {each.name for each in PARTS} - {*DRAWN})
        return made(town)


@pytest.fixture(scope="module")
def quick(town):
    with pytest.MonkeyPatch.context() as patch:
        only(patch, QUICK)
        return made(town)


def kept(files, folder):
    file = folder / "pack.zip"
    file.write_bytes(packed(files))
    return file


def sealed(files, change=lambda _: None):
    """The files with a record and sums that agree with them, whoever wrote these."""
    record = json.loads(files[RECORD])
    record["results"] = {
        name: {"sha256": hashlib.sha256(files[name]).hexdigest()}
        for name in record["results"]
        if name in files
    }
    change(record)
    whole = {**files, RECORD: json.dumps(record, ensure_ascii=False).encode()}
    del whole[SUMS]
    return {**whole, SUMS: sums_of(whole)}


def codes(checked):
    return [each.code for each in checked.told]


def told(checked, code):
    return [each.facts for each in checked.told if each.code == code]


# --- what a pack is


def test_a_pack_has_every_part_or_says_why_not(files):
    record = json.loads(files[RECORD])["parameters"]
    assert set(record["parts"]) == {
        "check", "coverage", "hotspots", "levels", "findings", "warnings",
    }  # fmt: skip
    assert record["left_out"] == {
        "inspections": "no_rounds",
        "survey": "no_survey",
        "monitoring": "no_monitoring",
        "readiness": "no_title",
        "tasks": "pack_no_store",
    }
    readme = files[README].decode()
    for language in ("zh", "en"):
        assert Speaker(WORDS, language)("pack.part_tasks") in readme
        assert f"{language}/methods.docx" in files
        assert files[f"{language}/methods.pdf"].startswith(b"%PDF")
    assert {"knowledge/city.toml", "knowledge/standards/cn-toilet-300.toml"} < set(files)
    question = record["question"]
    assert (question["selection"]["since"], question["selection"]["until"]) != (None, None)


def test_every_table_of_a_pack_can_be_told_apart_row_by_row(files):
    tables = {name: content for name, content in files.items() if name.endswith(".csv")}
    assert len(tables) > 30
    for name, content in tables.items():
        table = table_of(name)
        frame = pd.read_csv(io.BytesIO(content), dtype=str, na_filter=False, encoding="utf-8-sig")
        assert table.key, name
        assert not frame.duplicated(list(table.key)).any(), name


def test_keys_name_columns_of_their_table():
    for table in TABLES.values():
        assert set(table.key) <= {column.id for column in table.columns}, table.id


def test_what_a_role_may_not_take_is_left_out_and_the_pack_says_so(town, monkeypatch):
    only(monkeypatch, QUICK)
    fewer = made(town, exports=EVERY - {"coverage"})
    assert not [name for name in fewer if name.startswith("tables/")]
    assert json.loads(fewer[RECORD])["parameters"]["left_out"] == {"coverage": NO_ROLE}
    assert Speaker(WORDS, "en")("pack.no_role") in fewer[README].decode()


@pytest.mark.parametrize(("unmasked", "there"), [((), False), (("telephone",), True)])
def test_personal_data_are_in_no_table_but_of_whom_may_hand_them_on(town, unmasked, there):
    row = dict.fromkeys((column.id for column in TABLES["unchecked"].columns), "")
    row |= {"issue_id": "13800138000", "unit": "Wang 13912345678"} | dict.fromkeys(
        column.id for column in TABLES["unchecked"].columns if column.unit.decimals is not None
    )
    content = csv_bytes(pd.DataFrame([row]), TABLES["unchecked"].columns)

    def make(*_, created):
        return recorded({"unchecked.csv": content}, {}, command="", parameters={}, created=created)

    answers, result = SimpleNamespace(city=load_city(town)), Made()
    asked = Request(Question(), DAY, frozenset({"x"}), frozenset(unmasked))
    make_part(answers, Part("x", make), asked, WORDS, result)
    text = result.files["tables/x/unchecked.csv"].decode()
    assert ("13912345678" in text) == there
    assert "13800138000" in text  # an identifier: rows would else be one
    if there:
        assert result.files["tables/x/unchecked.csv"] == content


def test_a_pack_compares_with_no_folder_of_another_machine(town):
    answers = IssueAnswers(load_city(town))
    question = dataclasses.replace(Question(), edition="/somewhere")
    with pytest.raises(SettingsError) as caught:
        pack_files(answers, Request(question, DAY, EVERY), WORDS)
    assert caught.value.problem == "pack_edition"


# --- touched


def test_an_untouched_pack_is_worked_out_again_the_same(quick, town, tmp_path):
    checked = check_pack(read_pack(kept(quick, tmp_path)), town, WORDS)
    assert codes(checked) == ["opened", "whole", "part_absent", "inputs_same", "tables_same"]
    assert (checked.touched, checked.differs, checked.unknown) == (False, False, False)
    tables = sum(name.endswith(".csv") for name in quick)
    assert told(checked, "tables_same") == [{"n": tables}]


@pytest.mark.parametrize(
    "name",
    ["tables/coverage/coverage.csv", "zh/check/notes.csv", "en/methods.docx", "zh/methods.pdf",
     "knowledge/city.toml", "knowledge/taxonomy/ladder.toml", README],
)  # fmt: skip
def test_one_byte_of_any_member_is_found(quick, name, tmp_path):
    content = bytearray(quick[name])
    content[len(content) // 2] ^= 1
    checked = check_pack(read_pack(kept({**quick, name: bytes(content)}, tmp_path)), None, WORDS)
    assert checked.touched
    assert [each["file"] for each in told(checked, "touched")] == [name]
    said = "\n".join(sentences(checked, Speaker(WORDS, "zh")))
    assert name in said
    assert hashlib.sha256(content).hexdigest() in said


@pytest.mark.parametrize("name", [RECORD, SUMS])
def test_one_byte_of_record_or_sums_is_found(quick, name, tmp_path):
    text = quick[name].decode()
    digit = text.index("2026-11-30T") if name == RECORD else 3
    other = f"{text[:digit]}{'1' if text[digit] != '1' else '2'}{text[digit + 1 :]}".encode()
    checked = check_pack(read_pack(kept({**quick, name: other}, tmp_path)), None, WORDS)
    assert checked.touched
    assert "touched_record" in codes(checked)


def test_what_is_missing_and_what_was_added_is_named(quick, tmp_path):
    fewer = {name: each for name, each in quick.items() if name != README}
    checked = check_pack(read_pack(kept({**fewer, "x.txt": b"x"}, tmp_path)), None, WORDS)
    assert told(checked, "missing") == [{"file": README}]
    assert told(checked, "extra") == [{"file": "x.txt"}]
    assert checked.touched


@pytest.mark.parametrize("where", ["before", "behind", "comment"])
def test_what_stands_around_the_files_is_told(quick, where, tmp_path):
    path = kept(quick, tmp_path)
    data, other = path.read_bytes(), packed({README: b"another"})
    around = {"before": other + data, "behind": data + b"x", "comment": data[:-2] + b"\x01\x00x"}
    path.write_bytes(around[where])
    checked = check_pack(read_pack(path), None, WORDS)
    assert checked.touched
    assert "touched_around" in codes(checked)


NAMES = st.text("abcdefghij/.中", min_size=1, max_size=9).filter(
    lambda name: name not in {RECORD, SUMS}
)


@settings(max_examples=25)
@given(st.dictionaries(NAMES, st.binary(max_size=20), min_size=1, max_size=6), st.data())
def test_whatever_is_changed_is_named_and_nothing_else(members, data):
    facts = {"city": {"id": "x", "name": {"en": "x"}}, "inputs": []}
    asked = {"question": json.loads(_question()), "day": "2026-11-30", "unmasked": []}
    asked |= {"parts": {}, "left_out": {}}
    whole = recorded(members, facts, command="pack", parameters=asked, created=NOON)
    whole = {**whole, SUMS: sums_of(whole)}
    assert not _checked(whole).touched
    name = data.draw(st.sampled_from(sorted(members)))
    change = data.draw(st.sampled_from(["byte", "gone", "new"]))
    if change == "byte":
        whole[name] = data.draw(st.binary(max_size=20).filter(lambda each: each != members[name]))
    elif change == "gone":
        del whole[name]
    else:
        name = f"{name}+"
        whole[name] = b""
    code = {"byte": "touched", "gone": "missing", "new": "extra"}[change]
    found = [
        (each.code, each.facts["file"]) for each in _checked(whole).told if "file" in each.facts
    ]
    assert found == [(code, name)]


@cache
def _question():
    from pydantic import TypeAdapter  # noqa: PLC0415

    return TypeAdapter(Question).dump_json(Question())


def _checked(whole):
    from exports.recipes.pack_check import Record  # noqa: PLC0415

    record = Record.model_validate_json(whole[RECORD], strict=True)
    return check_pack(Pack("", whole, record), None, WORDS)


# --- other inputs, other figures


@pytest.fixture
def moved(town, tmp_path):
    """The town in which one toilet stands elsewhere."""
    other = shutil.copytree(town, tmp_path / "cities" / "small")
    rows = pd.read_csv(other / "toilets.csv", dtype=str)
    rows.loc[1, ["lon", "lat"]] = rows.loc[0, ["lon", "lat"]].to_numpy()
    rows.to_csv(other / "toilets.csv", index=False)
    return other


def test_a_row_of_an_input_is_found_in_the_row_it_changes(quick, town, moved, tmp_path):
    checked = check_pack(read_pack(kept(quick, tmp_path)), moved, WORDS)
    (other,) = told(checked, "input_differs")
    sums = [
        hashlib.sha256((each / "toilets.csv").read_bytes()).hexdigest() for each in (town, moved)
    ]
    assert (other["file"], [other["then"], other["now"]]) == ("toilets.csv", sums)
    cells = {
        (each["file"], each["row"], each["column"]): (each["then"], each["now"])
        for each in told(checked, "table_cell")
    }
    row = "community_id=b, rule=toilet-300, measure=straight"
    then, now = cells["tables/coverage/coverage.csv", row, "facilities_inside"]
    assert (then, now) == ("1", "0")
    assert checked.differs
    assert (checked.touched, checked.unknown) == (False, False)


def test_a_figure_that_was_changed_with_its_sums_is_found_by_making_it_again(quick, town, tmp_path):
    name = "tables/coverage/coverage.csv"
    frame = pd.read_csv(io.BytesIO(quick[name]), dtype=str, na_filter=False, encoding="utf-8-sig")
    was = frame.loc[0, "population_covered_share"]
    frame.loc[0, "population_covered_share"] = "0.987654"
    other = b"\xef\xbb\xbf" + frame.to_csv(index=False).encode()
    checked = check_pack(read_pack(kept(sealed({**quick, name: other}), tmp_path)), town, WORDS)
    assert not checked.touched
    (cell,) = told(checked, "table_cell")
    assert (cell["column"], cell["then"], cell["now"]) == (
        "population_covered_share", "0.987654", was,
    )  # fmt: skip
    assert checked.differs


def test_a_table_and_a_part_that_were_taken_out_with_their_sums_are_missed(quick, town, tmp_path):
    gone = [name for name in quick if name.startswith("tables/coverage/")]

    def silent(record):
        del record["parameters"]["parts"]["check"]

    fewer = sealed({name: each for name, each in quick.items() if name not in gone}, silent)
    checked = check_pack(read_pack(kept(fewer, tmp_path)), town, WORDS)
    assert not checked.touched
    assert {each["file"] for each in told(checked, "table_missing")} == set(gone)
    assert "check" in told(checked, "part_absent")[0]["parts"]
    assert checked.differs


def test_another_version_and_another_standard_are_said(quick, town, tmp_path):
    def older(record):
        record["version"] = "0.0.9"
        record["libraries"]["numpy"] = "1.0"

    standard = "knowledge/standards/cn-toilet-300.toml"
    other = sealed({**quick, standard: quick[standard] + b"#"}, older)
    checked = check_pack(read_pack(kept(other, tmp_path)), town, WORDS)
    then = {each["name"]: each["then"] for each in told(checked, "version")}
    assert then == {"program": "0.0.9", "numpy": "1.0"}
    assert [each["file"] for each in told(checked, "knowledge_differs")] == [standard[10:]]


def test_without_the_inputs_nothing_is_the_same(quick, town, tmp_path):
    other = shutil.copytree(town, tmp_path / "small")
    (other / "toilets.csv").unlink()
    checked = check_pack(read_pack(kept(quick, tmp_path)), other, WORDS)
    assert told(checked, "input_gone") == [{"layer": "toilet", "file": "toilets.csv"}]
    assert codes(checked)[-1] == "cannot"
    assert checked.unknown
    assert not any(code.startswith("tables") for code in codes(checked))


def test_tasks_are_as_of_a_day_and_not_made_again(town, tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER, str(tmp_path / "store"))
    only(monkeypatch, {"tasks"})
    answers = IssueAnswers(load_city(town))
    with opened() as store:
        found = find(answers, usual_question(answers.city)).table
        make_tasks(store, answers.city, found.head(3), Task("", deadline="2026-11-29"))
    files = made(town, answers=answers)
    rows = pd.read_csv(io.BytesIO(files["tables/tasks/tasks.csv"]), encoding="utf-8-sig")
    assert rows["late"].tolist() == [True] * 3
    levels = pd.read_csv(io.BytesIO(files["tables/tasks/level_tasks.csv"]), encoding="utf-8-sig")
    assert levels.groupby("level")["tasks"].sum().unique().tolist() == [3]
    assert levels.groupby("level")["late"].sum().unique().tolist() == [3]
    checked = check_pack(read_pack(kept(files, tmp_path)), town, WORDS)
    (said,) = told(checked, "tasks")
    assert said["day"] == "2026-11-30"
    assert said["head"].startswith("3-")
    assert not checked.differs


# --- hostile


def zipped(*members, flag=0):
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")
        for info, content in members:
            archive.writestr(info, content)
    data = bytearray(stream.getvalue())
    if flag:
        for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            data[data.index(mark) + place] |= flag
    return bytes(data)


def link():
    info = zipfile.ZipInfo("run.json")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


HOSTILE = {
    "text": (lambda _: b"hello", "pack_none"),
    "cut": (lambda quick: packed(quick)[:-400], "file_broken"),
    "empty": (lambda _: zipped(), "pack_none"),
    "out": (lambda _: zipped(("../x", b"x")), "archive_unsafe"),
    "root": (lambda _: zipped(("/etc/x", b"x")), "archive_unsafe"),
    "link": (lambda _: zipped((link(), b"/etc/passwd")), "archive_unsafe"),
    "twice": (lambda _: zipped(("a", b"x"), ("a", b"y")), "archive_unsafe"),
    "locked": (lambda _: zipped(("a", b"x"), flag=1), "archive_password"),
    "many": (lambda _: zipped(*((f"{n}", b"") for n in range(2001))), "archive_unsafe"),
    "nested": (lambda _: zipped(("a.zip", zipped(("a", b"x")))), "archive_nested"),
    "bomb": (lambda _: zipped(("a", bytes(8 << 20))), "file_bomb"),
    "no record": (lambda _: zipped(("a", b"x")), "pack_none"),
    "record": (lambda _: zipped((RECORD, b"[1]"), (SUMS, b"")), "pack_record"),
    "deep": (lambda _: zipped((RECORD, b"[" * 9999), (SUMS, b"")), "pack_record"),
    "record of another": (
        lambda quick: packed(sealed(quick, lambda each: each.update(command="coverage"))),
        "pack_record",
    ),
    "type": (
        lambda quick: packed(sealed(quick, lambda each: each.update(inputs={"a": 1}))),
        "pack_record",
    ),
    "sum": (
        lambda quick: packed(sealed(quick, lambda each: each["results"].update(x={"sha256": 7}))),
        "pack_record",
    ),
    "many results": (
        lambda quick: packed(
            sealed(
                quick,
                lambda each: each["results"].update(
                    {f"{n}": {"sha256": "0" * 64} for n in range(2001)}
                ),
            )
        ),
        "pack_record",
    ),
    "question": (lambda quick: packed(sealed(quick, _asks("cell", "small"))), "pack_record"),
    "newer": (lambda quick: packed(sealed(quick, _asks("new", 1))), "pack_record"),
    "no number": (lambda quick: packed(sealed(quick, _asks("cell", float("nan")))), "pack_record"),
}


def _asks(key, value):
    return lambda record: record["parameters"]["question"].update({key: value})


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_one_error_and_writes_nothing(name, quick, tmp_path):
    make, problem = HOSTILE[name]
    file = tmp_path / "pack.zip"
    file.write_bytes(make(quick))
    with pytest.raises(PlanningError) as caught:
        read_pack(file)
    assert caught.value.problem == problem
    assert caught.value.hint
    assert list(tmp_path.iterdir()) == [file]


def test_a_record_that_is_too_long_is_not_parsed(tmp_path, monkeypatch):
    monkeypatch.setattr(pack_check, "MAX_RECORD", 9)
    file = tmp_path / "pack.zip"
    file.write_bytes(zipped((RECORD, b" " * 10), (SUMS, b"")))
    with pytest.raises(PlanningError) as caught:
        read_pack(file)
    assert caught.value.problem == "pack_record_large"


def test_a_question_that_nobody_could_ask_is_no_crash(quick, town, tmp_path):
    def asks(record):
        record["parameters"]["question"] |= {"measures": ["flying"], "at": [99, -1], "on": "never"}

    checked = check_pack(read_pack(kept(sealed(quick, asks), tmp_path)), town, WORDS)
    assert [each["part"] for each in told(checked, "part_fails")] == ["coverage"]
    assert checked.unknown
    assert "coverage" in "".join(sentences(checked, Speaker(WORDS, "en")))


@pytest.mark.full
def test_a_table_that_is_none_is_one_error(quick, town, tmp_path):
    name = "tables/coverage/coverage.csv"
    broken = sealed({**quick, name: b'a,b\n"1,2,3\n4,5,6,7\n'})
    with pytest.raises(PlanningError) as caught:
        check_pack(read_pack(kept(broken, tmp_path)), town, WORDS)
    assert caught.value.problem == "file_broken"


# --- the command


def run(*arguments):
    return CliRunner().invoke(cli.app, [str(each) for each in arguments])


def test_the_command_packs_the_same_bytes_and_verify_ends_with_what_it_found(
    town, quick, moved, tmp_path, monkeypatch
):
    only(monkeypatch, QUICK)
    out = tmp_path / "out"
    packing = run("pack", town, "--out", out, "--day", "2026-11-30", "--language", "en")
    assert packing.exit_code == 0, packing.output
    file = out / "small-evidence.zip"
    assert file.read_bytes() == packed(quick)  # inputs, question and day alone decide
    assert hashlib.sha256(file.read_bytes()).hexdigest() in packing.output
    assert run("verify", file, "--data", moved).exit_code == 4
    assert run("verify", file).exit_code == 0
    gone = run("verify", file, "--data", tmp_path / "nowhere")
    assert gone.exit_code == 5
    assert "Cannot be worked out again" in gone.output
    files = read_pack(file).members
    file.write_bytes(packed({**files, README: b"other"}))
    touched = run("verify", file, "--language", "zh")
    assert touched.exit_code == 3
    assert f"{README} 被改动" in touched.output
    assert run("verify", tmp_path / "none.zip").exit_code == 2


@pytest.mark.full
def test_the_demo_city_is_packed_whole_and_made_again_the_same(cities, tmp_path, monkeypatch):
    city = cities("demo")
    answers = IssueAnswers(city)
    content = evidence_pack(answers, Request(Question(), DAY, EVERY), WORDS)
    file = tmp_path / "demo.zip"
    file.write_bytes(content)
    read = read_pack(file)
    assert {"zh/report/brief.docx", "en/report/map-hotspots-a4.png"} < set(read.members)
    checked = check_pack(read, city.folder, WORDS)
    assert codes(checked)[-1] == "tables_same"
    assert (checked.touched, checked.differs, checked.unknown) == (False, False, False)


# --- of a campaign

CAMPAIGN = """
[[campaigns]]
name = { zh = "春季行动", en = "Spring push" }
from = "2026-01-03"
to = "2026-01-12"
categories = ["litter"]
area = { file = "push.geojson" }
"""


@pytest.fixture
def pushed(town, tmp_path):
    """The town with a campaign in the west of it."""
    folder = shutil.copytree(town, tmp_path / "cities" / "small")
    with (folder / "city.toml").open("a", encoding="utf-8") as recipe_file:
        recipe_file.write(CAMPAIGN)
    communities = gpd.read_file(folder / "communities.geojson")
    communities.iloc[[0]].to_file(folder / "push.geojson", driver="GeoJSON")
    return folder


def test_a_pack_of_a_campaign_is_worked_out_again_and_its_area_is_an_input(
    pushed, tmp_path, monkeypatch
):
    only(monkeypatch, ["findings"])
    question = Question(selection=Selection(campaign="Spring push"))
    answers = IssueAnswers(load_city(pushed))
    files = pack_files(answers, Request(question, DAY, EVERY), WORDS)
    selection = json.loads(files[RECORD])["parameters"]["question"]["selection"]
    assert selection == {
        "category": None, "since": "2026-01-03", "until": "2026-01-12", "campaign": "春季行动",
    }  # fmt: skip
    assert "Spring push: 2026-01-03 to 2026-01-12" in files[README].decode()
    assert "春季行动：2026-01-03 至 2026-01-12" in files[README].decode()
    pack = read_pack(kept(files, tmp_path))
    assert codes(check_pack(pack, pushed, WORDS))[-1] == "tables_same"
    communities = gpd.read_file(pushed / "communities.geojson")
    communities.iloc[[1]].to_file(pushed / "push.geojson", driver="GeoJSON")
    checked = check_pack(pack, pushed, WORDS)
    assert [each["file"] for each in told(checked, "knowledge_differs")] == [
        "campaigns/push.geojson"
    ]
    assert any(each.code.startswith("table_") for each in checked.told)


def test_an_unknown_campaign_of_a_pack_is_refused_with_the_near_name(pushed, tmp_path):
    out = tmp_path / "out"
    found = CliRunner().invoke(
        cli.app, ["pack", str(pushed), "--out", str(out), "--campaign", "Spring posh"]
    )
    assert found.exit_code == 2
    assert "Spring push" in found.stderr
    assert not out.exists()
