"""Where to build by hand: a plan at once, the answer, a click on the curve, a search stopped."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT, start_server
from tests.views.test_gestures_browser import DESKTOP
from tests.views.test_pages_browser import Visit

pytestmark = [pytest.mark.browser, pytest.mark.full]
ASKED = {"page": "siting", "language": "en", "kind": "toilet", "standard": "cn-life-circle"}
WAIT = 180_000


@pytest.fixture
def seen(chromium, tmp_path):
    """The mode in a server of its own."""
    with (tmp_path / "log").open("w") as log:
        process, address = start_server(ROOT / "data" / "demo", log)
        context = chromium.new_context(**DESKTOP)
        visit = Visit(context.new_page(), address)
        yield visit
        context.close()
        visit.check()
        process.terminate()
        process.wait(timeout=20)


def says(seen, part, pattern):
    seen.page.locator(f".st-key-{part}").get_by_text(re.compile(pattern)).first.wait_for(
        timeout=WAIT
    )


def test_choose_solve_click_the_curve_and_stop(seen):
    seen.open(**ASKED, panel="chart")
    says(seen, "finding", "5 new sites bring")
    says(seen, "progress", "Solved in")
    says(seen, "finding", "Proven")
    chart = seen.page.locator('[data-testid="stVegaLiteChart"] :is(canvas, svg.marks)').first
    box = chart.bounding_box()
    seen.page.mouse.click(box["x"] + 0.7 * box["width"], box["y"] + 0.5 * box["height"])
    seen.page.wait_for_url(re.compile(r"number=1\d"), timeout=WAIT)
    says(seen, "finding", r"1\d new sites bring")
    says(seen, "progress", "Solved in")
    seen.open(**ASKED, goal="share", percent="80")
    seen.page.get_by_role("button", name="Stop", exact=True).click(timeout=WAIT)
    says(seen, "progress", "Stopped after")
    says(seen, "finding", "Stopped")
    seen.page.get_by_role("button", name="Search again").click()
    seen.page.get_by_role("button", name="Stop", exact=True).wait_for(timeout=WAIT)
