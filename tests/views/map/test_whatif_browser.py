"""What-if by hand: a click places, moves and is undone; the scenario is saved, a conflict told."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import expect

from exports.recipes.scenarios import KIND
from store.address import file_address
from store.database import opened
from store.versioned import all_records, change
from tests.conftest import ROOT, start_server
from tests.views.test_gestures_browser import DESKTOP, communities_in_the_open, settled
from tests.views.test_pages_browser import Visit

pytestmark = pytest.mark.browser
ASKED = {"page": "whatif", "language": "en", "kind": "toilet", "standard": "cn-life-circle"}


@pytest.fixture
def seen(chromium, tmp_path):
    """The mode in a server of its own that keeps what is saved."""
    with (tmp_path / "log").open("w") as log:
        process, address = start_server(ROOT / "data" / "demo", log, STORE=str(tmp_path))
        context = chromium.new_context(**DESKTOP)
        visit = Visit(context.new_page(), address)
        yield visit.open(**ASKED)
        if shot := os.environ.get("SHOT"):
            visit.page.screenshot(path=shot, full_page=True)
        context.close()
        visit.check()
        process.terminate()
        process.wait(timeout=20)


def says(seen, pattern):
    finding = seen.page.locator(".st-key-finding")
    finding.get_by_text(re.compile(pattern)).first.wait_for(timeout=60_000)


def press(seen, label):
    seen.page.get_by_role("button", name=label, exact=True).click()
    seen.idle()


def test_place_move_undo_save_and_a_conflict(seen, city, tmp_path):
    settled(seen)
    first, second = list(communities_in_the_open(seen, city).values())[:2]
    seen.page.mouse.click(*first)
    says(seen, "opens 1, closes 0")
    seen.page.get_by_text("move the nearest: click it").click()
    settled(seen)
    seen.page.mouse.click(*first)
    seen.page.get_by_text("is selected").wait_for(timeout=60_000)
    seen.page.mouse.click(*second)
    seen.page.get_by_text("is selected").wait_for(state="detached", timeout=60_000)
    press(seen, "Undo")
    # Two clicks while one run lasts are one to the server: the second waits for what it undoes.
    expect(seen.page.get_by_role("button", name="Redo", exact=True)).to_be_enabled(timeout=60_000)
    press(seen, "Undo")
    says(seen, "Click on the map")
    press(seen, "Redo")
    says(seen, "opens 1, closes 0")
    seen.idle()
    seen.page.get_by_label("Name of the scenario").fill("By hand")
    press(seen, "Save the scenario")
    seen.page.get_by_text("Saved “By hand”, version 1").wait_for(timeout=60_000)
    with opened(file_address(tmp_path)) as store:
        (record,) = all_records(store, kind=KIND, place=city.id)
        assert [each["action"] for each in record.body["changes"]] == ["add"]
        change(store, record, body={**record.body, "author": "Wang"})
    press(seen, "Save the scenario")
    seen.page.get_by_text("meanwhile version 2 was saved").wait_for(timeout=60_000)
