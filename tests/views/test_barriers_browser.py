"""No page has a barrier that axe-core finds, in any language, width or scheme of colours."""

from __future__ import annotations

import pytest

from layers.languages import LANGUAGES
from tests.conftest import ROOT
from tests.views.test_pages_browser import MAP, WAIT, Visit
from views.controls.choice import PAGES

pytestmark = pytest.mark.browser

AXE = (ROOT / "tests" / "vendor" / "axe-core" / "axe.min.js").read_text("utf-8")
SIZES = {"desk": (1366, 768), "phone": (390, 844)}
FIND = """async () => {
    const found = await axe.run(document, { resultTypes: ["violations"] });
    return { looked: found.passes.length, barriers: found.violations.flatMap((each) =>
        each.nodes.map((node) => `${each.id}: ${node.html} ${node.failureSummary}`)) };
}"""
EVERY = [
    f"{size}-{scheme}-{language}"
    for size in SIZES
    for scheme in ("light", "dark")
    for language in LANGUAGES
]


def barriers(seen):
    """What axe-core finds in the page and in the frames of its maps."""
    seen.page.locator("[data-testid=stSpinner]").wait_for(state="detached", timeout=WAIT)
    if seen.page.locator(MAP).count():
        seen.drawn()
    # A table that has not arrived cannot be reached by the keyboard: that is no barrier.
    for frame in seen.page.frames:
        frame.evaluate(AXE)
    found = seen.page.evaluate(FIND)
    assert found["looked"] > 20
    return found["barriers"]


def opened(chromium, server, size, scheme="light"):
    width, height = SIZES[size]
    context = chromium.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True
    )
    return context, Visit(context.new_page(), server)


def test_a_page_has_no_barrier_and_axe_would_find_one(chromium, demo_server):
    context, seen = opened(chromium, demo_server, "desk")
    seen.open(page="coverage", language="zh")
    assert barriers(seen) == []
    seen.page.evaluate("document.querySelector('h2').insertAdjacentHTML('afterend', '<img src>')")
    assert any(each.startswith("image-alt") for each in barriers(seen))
    context.close()


@pytest.mark.full
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("seen_by", EVERY)
def test_no_page_has_a_barrier(chromium, demo_server, name, seen_by):
    *device, language = seen_by.split("-", 2)
    context, seen = opened(chromium, demo_server, *device)
    seen.open(page=name, language=language)
    assert barriers(seen) == []
    context.close()
