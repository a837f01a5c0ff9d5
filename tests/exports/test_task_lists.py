"""The three lists: written, filled in with a spreadsheet program, read back cell by cell."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import subprocess
from dataclasses import replace

import openpyxl
import pytest

from analysis.casework.returned import LISTS
from analysis.casework.tasks import STATES, Task
from analysis.model.errors import PlanningError
from exports.recipes.casework.findings import find
from exports.recipes.casework.task_lists import (
    change_table,
    lists_workbook,
    read_lists,
    study_lists,
    take_lists,
)
from exports.recipes.casework.tasks import make_tasks, read_tasks, save_task, usual_question
from store.address import file_address
from store.database import opened
from store.verification import verify
from tests.exports.toy import speaker, toy_answers
from wording.catalogue import load_words

WORDS = load_words()
DAY = dt.date(2026, 7, 10)


@pytest.fixture
def store(tmp_path):
    with opened(file_address(tmp_path / "kept")) as store:
        yield store


@pytest.fixture
def entries(store, city):
    found = find(toy_answers(city), usual_question(city)).table
    make_tasks(store, city, found.head(4), Task("", unit="=1+1", leader="Li"))
    return read_tasks(store, city)


def written(entries, city, language="zh"):
    return lists_workbook(entries, toy_answers(city), speaker(language), categories={}, day=DAY)


def filled(data, cells, path):
    """Fill in cells: list, row of the task from 0, key of the column, value."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for name, row, key, value in cells:
        sheet = book.worksheets[list(LISTS).index(name)]
        column = [cell.value for cell in sheet[1]].index(key) + 1
        sheet.cell(row + 4, column).value = value
    book.save(path)
    return path


def studied(store, city, path):
    return study_lists(store, city, read_lists(path, WORDS, entry="--read"), WORDS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_nobody_touched_comes_back_unchanged(store, city, entries, tmp_path, language):
    path = filled(written(entries, city, language), [], tmp_path / "list.xlsx")
    returned = studied(store, city, path)
    assert (returned.changes, returned.aside) == ([], [])
    assert len(read_lists(path, WORDS, entry="--read")) == 3 * len(entries)


def test_identity_is_locked_and_what_units_fill_in_is_not(entries, city):
    book = openpyxl.load_workbook(io.BytesIO(written(entries, city)))
    for sheet, parts in zip(book.worksheets, LISTS.values(), strict=True):
        assert sheet.protection.sheet
        keys = [cell.value for cell in sheet[1]]
        assert sheet.row_dimensions[1].hidden
        for key, cell in zip(keys, sheet[4], strict=True):
            assert cell.protection.locked == (key not in parts), key
            assert cell.data_type in {"s", "n"}  # no formula, whatever a unit is called
    states = {each.formula1 for each in book.worksheets[0].data_validations.dataValidation}
    assert any("待办" in each and "已完成" in each and "已核验" not in each for each in states)


def test_every_cell_that_was_filled_in_is_shown_then_taken(store, city, entries, tmp_path):
    cells = [
        ("tasks", 0, "state", "办理中"), ("tasks", 0, "note", "现场已看"),
        ("duties", 1, "leader", "Wu"), ("schedule", 0, "progress", 45),
        ("schedule", 2, "deadline", dt.date(2026, 9, 1)),
        ("schedule", 2, "milestones", "√ 2026-08-01 选址\n2026-08-20 施工"),
    ]  # fmt: skip
    path = filled(written(entries, city), cells, tmp_path / "list.xlsx")
    returned = studied(store, city, path)
    assert len(returned.changes) == len(cells) == len(change_table(returned.changes, speaker("en")))
    assert not any(each.is_conflict for each in returned.changes)
    saved, refused = take_lists(store, returned, over_conflicts=False, by="Li")
    assert (len(saved), refused) == (3, [])
    tasks = [each.task for each in read_tasks(store, city)]
    assert (tasks[0].state, tasks[0].note, tasks[0].progress) == ("in_hand", "现场已看", 45)
    assert (tasks[1].leader, tasks[2].deadline) == ("Wu", "2026-09-01")
    assert [each.reached for each in tasks[2].milestones] == [True, False]
    assert tasks[3] == entries[3].task
    assert studied(store, city, path).changes == []
    assert verify(store).findings == ()


def test_conflicts_and_strangers_are_kept_apart(store, city, entries, tmp_path):
    data = written(entries, city)
    save_task(store, entries[0], replace(entries[0].task, leader="Wu"))
    cells = [
        ("duties", 0, "leader", "He"), ("duties", 1, "team", "A"), ("duties", 3, "id", "f" * 32),
        ("tasks", 2, "version", "7"), ("schedule", 1, "progress", "soon"),
    ]  # fmt: skip
    returned = studied(store, city, filled(data, cells, tmp_path / "list.xlsx"))
    assert [(each.part, each.is_conflict) for each in returned.changes] == [
        ("leader", True), ("team", False), ("progress", False),
    ]  # fmt: skip
    assert sorted(each.reason for each in returned.aside) == ["no_version", "unknown_task"]
    saved, refused = take_lists(store, returned, over_conflicts=False)
    assert saved == []
    assert {change.part for change, _ in refused} == {"team", "progress"}
    tasks = [each.task for each in read_tasks(store, city)]
    assert (tasks[0].leader, tasks[1].team) == ("Wu", "")
    saved, _ = take_lists(store, returned, over_conflicts=True)
    assert [each.task.leader for each in saved] == ["He"]


def sorted_in_part(sheet):
    """Turn the rows round, but for number and version: what a sort of some columns does."""
    rows = [[cell.value for cell in row[2:]] for row in sheet.iter_rows(min_row=4)]
    for row, values in zip(sheet.iter_rows(min_row=4), reversed(rows), strict=True):
        for cell, value in zip(row[2:], values, strict=True):
            cell.value = value


def test_rows_of_two_halves_and_columns_of_ones_own_are_told_not_taken(
    store, city, entries, tmp_path
):
    cells = [("tasks", 0, "note", "现场已看"), ("duties", 1, "leader", "Wu")]
    path = filled(written(entries, city), cells, tmp_path / "list.xlsx")
    book = openpyxl.load_workbook(path)
    sorted_in_part(book.worksheets[0])
    sheet = book.worksheets[2]
    sheet.insert_cols(5)
    sheet["E3"], sheet["E4"], sheet["J5"] = "Done by us", "two bins", "and more"
    book.save(path)
    returned = studied(store, city, path)
    assert [(each.row.name, each.part) for each in returned.changes] == [("duties", "leader")]
    told = [(each.row.name, each.reason, each.found) for each in returned.aside]
    assert told[-2:] == [("schedule", "added", "Done by us"), ("schedule", "added", "and more")]
    halves = {each.row.number for each in returned.aside if each.reason == "mismatch"}
    assert len(told) == len(halves) + 2
    assert {4, 7} <= halves  # rows whose task tells of another place


SPOILT = {
    "a row above": (lambda book: book.worksheets[0].insert_rows(1), "list_keys"),
    "no numbers": (lambda book: book.worksheets[1].delete_cols(1), "list_keys"),
    "a sheet less": (lambda book: book.remove(book.worksheets[1]), "list_sheet"),
    "a formula": (lambda book: book.worksheets[2].__setitem__("F4", "=10*5"), "list_formulas"),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_workbook_of_which_something_would_be_lost_is_refused(entries, city, tmp_path, spoilt):
    spoil, problem = SPOILT[spoilt]
    book = openpyxl.load_workbook(io.BytesIO(written(entries, city)))
    spoil(book)
    book.save(tmp_path / "list.xlsx")
    with pytest.raises(PlanningError) as caught:
        read_lists(tmp_path / "list.xlsx", WORDS, entry="--read")
    assert caught.value.problem == problem


@pytest.mark.parametrize("language", ["zh", "zh-Hant", "en"])
def test_a_menu_of_states_has_one_line_a_state(language):
    words = [speaker(language)(f"task.state_{state}") for state in STATES]
    assert not any("," in word for word in words)  # it would be two lines
    assert len(",".join(words)) <= 255  # a longer menu is left out


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04junk", b"id,version\n1,2\n"])
def test_what_is_no_list_is_refused_in_a_sentence(tmp_path, data):
    path = tmp_path / "list.xlsx"
    path.write_bytes(data)
    with pytest.raises(PlanningError) as caught:
        read_lists(path, WORDS, entry="--read")
    assert "list.xlsx" in str(caught.value)


@pytest.mark.full
def test_another_spreadsheet_program_brings_the_same_back(store, city, entries, tmp_path):
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("no LibreOffice on this machine")
    cells = [("tasks", 0, "note", "两处"), ("schedule", 1, "progress", 30)]
    path = filled(written(entries, city), cells, tmp_path / "list.xlsx")
    for form in ("ods", "xlsx"):
        out = tmp_path / form
        command = [office, "--headless", "--convert-to", form, "--outdir", out, path]
        subprocess.run(command, check=True, timeout=180, env={"HOME": str(tmp_path)})
        returned = studied(store, city, out / f"list.{form}")
        assert [(each.part, each.wanted) for each in returned.changes] == [
            ("note", "两处"), ("progress", "30"),
        ]  # fmt: skip
