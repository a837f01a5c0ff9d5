"""Tasks in a browser: what `test_tasks.py` holds of two editors, and a workbook read back."""

from __future__ import annotations

import io
import os
from dataclasses import replace

import openpyxl
import pytest

from analysis.casework.tasks import Task
from exports.recipes.casework.findings import find
from exports.recipes.casework.tasks import make_tasks, read_tasks, save_task, usual_question
from exports.recipes.issue_answers import IssueAnswers
from store.address import file_address
from store.database import opened
from tests.conftest import ROOT, start_server
from tests.views.test_gestures_browser import DESKTOP
from tests.views.test_pages_browser import Visit

pytestmark = [pytest.mark.browser, pytest.mark.full]


@pytest.fixture
def made(city, tmp_path):
    """A store with a few tasks, all of one leader."""
    found = find(IssueAnswers(city), usual_question(city)).table
    with opened(file_address(tmp_path)) as store:
        make_tasks(store, city, found.groupby("kind").head(2), Task("", leader="Li"))
        yield store


@pytest.fixture
def seen(chromium, made, tmp_path):
    """The page of tasks in a server of its own."""
    with (tmp_path / "log").open("w") as log:
        process, address = start_server(ROOT / "data" / "demo", log, STORE=str(tmp_path))
        context = chromium.new_context(**DESKTOP)
        visit = Visit(context.new_page(), address)
        yield visit
        if shot := os.environ.get("SHOT"):
            visit.page.screenshot(path=shot, full_page=True)
        context.close()
        visit.check()
        process.terminate()
        process.wait(timeout=20)


def test_who_saves_second_sees_both_values_and_a_workbook_is_read_back(seen, made, city):
    entry = read_tasks(made, city)[0]
    seen.open(page="tasks", language="en", task=entry.record.id)
    page = seen.page
    page.get_by_label("Team").fill("mine")
    page.get_by_label("Team").press("Tab")
    save_task(made, entry, replace(entry.task, team="theirs"), by="Wang")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Version 2 was saved while you wrote").wait_for(timeout=60_000)
    page.get_by_text("team: Yours mine → Theirs theirs").wait_for(timeout=60_000)
    assert page.get_by_label("Team").input_value() == "theirs"
    assert read_tasks(made, city)[0].task.team == "theirs"

    page.get_by_text("Lists: tasks, responsibility, schedule").click()
    with page.expect_download(timeout=60_000) as coming:
        page.get_by_role("button", name="Workbook of").click()
    book = openpyxl.load_workbook(io.BytesIO(coming.value.path().read_bytes()))
    column = [cell.value for cell in book.worksheets[2][1]].index("progress") + 1
    book.worksheets[2].cell(4, column).value = "45"
    filled = io.BytesIO()
    book.save(filled)
    workbook = {"name": "list.xlsx", "mimeType": "application/octet-stream"}
    page.locator("input[type=file]").set_input_files({**workbook, "buffer": filled.getvalue()})
    page.get_by_role("button", name="Save 1 change").click(timeout=60_000)
    page.get_by_text("1 task saved").wait_for(timeout=60_000)
    assert max(each.task.progress for each in read_tasks(made, city)) == 45
