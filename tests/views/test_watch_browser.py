"""No fault of a page stays unseen: the watch of the browser notes each kind."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("body", "noted"),
    [
        ("<script>console.error('a word')</script>", ["console: a word"]),
        ("<script>throw new Error('a fault')</script>", ["script: ", "a fault"]),
        ("<script>setTimeout(() => nothing.at.all)</script>", ["script: ", "nothing"]),
        ("<img src='http://example.org/a.png'>", ["elsewhere: http://example.org/a.png"]),
        ("<img src='http://127.0.0.1:9/a.png'>", ["failed: ", "http://127.0.0.1:9/a.png"]),
        ("<p>well</p>", []),
    ],
)
def test_a_fault_of_a_page_is_noted(chromium, browser_watch, tmp_path, body, noted):
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><title>t</title>{body}", encoding="utf-8")
    page = chromium.new_page()
    page.goto(file.as_uri(), wait_until="load")
    page.wait_for_timeout(100)
    page.close()
    faults = browser_watch.take()
    assert bool(faults) == bool(noted)
    for text in noted:
        assert any(text in fault for fault in faults), faults


def test_a_page_that_the_server_lacks_is_noted(chromium, browser_watch, demo_server):
    page = chromium.new_page()
    page.goto(f"{demo_server}/geo/none.json")
    page.close()
    assert f"failed: 404 {demo_server}/geo/none.json" in browser_watch.take()
