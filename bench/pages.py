"""
The Coverage page in a real Chromium, against an empty Streamlit page, in one run.

Run: python -m bench.pages --communities 2000

Every time is from the reader's action until the map says that all is drawn, gaps included.
A radius is never asked for twice, so each change of it is computed anew.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg

from bench.figures import Figure, report
from bench.serve import serving_city, serving_empty
from layers.knowledge.standards import load_kinds
from tools.browser import find_chromium
from wording.catalogue import load_words

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
MAP = "iframe[title='streamlit_folium.st_folium']"
QUERY = "?page=coverage&language=en&standard=cn-life-circle"
HOME = "?page=home&language=en&standard=cn-life-circle"
DESK, PHONE = {"width": 1400, "height": 1000}, {"width": 390, "height": 844}
TILE = ".st-key-tiles .bar"
"""What a phone shows first of Home: the share of a kind, as a number and as a bar."""
MARK = "document.documentElement.dataset.atlas"
COLOURED = "document.documentElement.dataset.atlasAreas"
VISIT_GOAL, REDRAW_GOAL, BYTES_GOAL = 2.5, 0.5, 50_000


def visit(browser: Browser, address: str, *, query: str = "", size=DESK, until="") -> float:
    """Seconds from the address to what is waited for, or the map, in a fresh browser profile."""
    context = browser.new_context(viewport=size, has_touch=size is PHONE)
    page = context.new_page()
    begun = time.perf_counter()
    page.goto(address + query)
    if not query:
        page.get_by_text("empty", exact=True).wait_for()
    elif until:
        page.locator(until).first.wait_for(timeout=120_000)
    else:
        drawn(page)
    seconds = time.perf_counter() - begun
    context.close()
    return seconds


def drawn(page: Page):
    """The frame of the map, once it has drawn everything."""
    frame = page.wait_for_selector(MAP, timeout=120_000).content_frame()
    frame.wait_for_function(f"{MARK} !== undefined", timeout=120_000)
    return frame


def redraw(frame, act, *, wanted: str) -> float:
    """Seconds from an action until the communities are redrawn; gaps may still follow."""
    begun = time.perf_counter()
    act()
    has = "text => ({} || '').includes(text)"
    frame.wait_for_function(has.format(COLOURED), arg=wanted, timeout=60_000)
    seconds = time.perf_counter() - begun
    frame.wait_for_function(has.format(MARK), arg=wanted, timeout=60_000)
    return seconds


def is_run(message: bytes) -> bool:
    """Whether a message to the server asks for a run of the page."""
    return BackMsg.FromString(message).WhichOneof("type") == "rerun_script"


class Reader:
    """A page that counts the runs it asks for and the bytes it gets."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.page = browser.new_page(viewport=DESK)
        self.sent, self.received = 0, 0
        self.page.on("websocket", self._listen)
        self.page.goto(address + QUERY)
        self.frame = drawn(self.page)
        self.page.wait_for_timeout(1000)
        self.greatest = 0

    def _listen(self, socket) -> None:
        socket.on("framesent", lambda d: setattr(self, "sent", self.sent + is_run(d)))
        socket.on("framereceived", lambda d: setattr(self, "received", self.received + len(d)))

    def measure(self, act, *, wanted: str) -> float:
        self.received = 0
        seconds = redraw(self.frame, act, wanted=wanted)
        self.page.wait_for_timeout(700)
        self.greatest = max(self.greatest, self.received)
        return seconds

    def kinds(self, times: int) -> list[float]:
        label = load_words()("en", "coverage.kind")
        names = {kind.id: kind.name["en"] for kind in load_kinds().values()}
        order = ["market", "fitness", "toilet"]
        seconds = []
        for turn in range(times):
            kind = order[turn % len(order)]
            self.page.get_by_role("combobox", name=label, exact=True).click()
            option = self.page.get_by_role("option", name=names[kind], exact=True)
            option.wait_for()
            seconds.append(self.measure(option.click, wanted=f"coverage {kind}"))
        return seconds

    def radii(self, times: int) -> list[float]:
        seconds = []
        for _ in range(times):
            slider = self.page.get_by_role("slider")
            radius = int(slider.get_attribute("value")) + 50
            slider.focus()
            act = lambda: self.page.keyboard.press("ArrowRight")  # noqa: E731
            seconds.append(self.measure(act, wanted=f" {radius}.0 "))
        return seconds

    def pan(self) -> int:
        """Runs of the page while the reader pans and zooms."""
        before = self.sent
        box = self.page.locator(MAP).bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for step in (80, -120, 60):
            self.page.mouse.move(x, y)
            self.page.mouse.down()
            self.page.mouse.move(x + step, y + step / 2, steps=5)
            self.page.mouse.up()
        for _ in range(3):
            self.page.mouse.wheel(0, -120)
            self.page.wait_for_timeout(500)
        return self.sent - before


def figures(communities: int = 2000, *, visits: int = 5, changes: int = 9) -> list[Figure]:
    """Measure the page of a benchmark city of so many communities."""
    title = f"{communities:,} communities"
    with sync_playwright() as playwright, serving_city(communities) as city, serving_empty() as no:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        times = [
            (
                visit(browser, no.address),
                visit(browser, city.address, query=QUERY),
                visit(browser, no.address, size=PHONE),
                visit(browser, city.address, query=HOME, size=PHONE, until=TILE),
                visit(browser, city.address, query=HOME, size=PHONE),
            )
            for _ in range(visits + 1)
        ][1:]
        empty, full, bare, tiles, mapped = (
            statistics.median(side) for side in zip(*times, strict=True)
        )
        reader = Reader(browser, city.address)
        panned = reader.pan()
        reader.kinds(3)
        kinds, radii = reader.kinds(changes), reader.radii(changes)
        browser.close()
    return [
        Figure("first visit, empty Streamlit page", empty, "s"),
        Figure(f"first visit, Coverage, {title}", full, "s"),
        Figure("first visit, Coverage / empty page", full / empty, "x", VISIT_GOAL),
        Figure("first visit on a phone, Home: tiles / empty page", tiles / bare, "x", VISIT_GOAL),
        Figure("first visit on a phone, Home: map drawn / empty page", mapped / bare, "x"),
        Figure("another kind redrawn, median", statistics.median(kinds), "s", REDRAW_GOAL),
        Figure("another radius redrawn, median", statistics.median(radii), "s", REDRAW_GOAL),
        Figure("another radius redrawn, slowest", max(radii), "s"),
        Figure("greatest message of an update", reader.greatest, "bytes", BYTES_GOAL),
        Figure("runs of the page while panning", panned, "", 0),
    ]


def main() -> int:
    """Print the figures; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--communities", type=int, default=2000)
    parser.add_argument("--visits", type=int, default=5)
    parser.add_argument("--changes", type=int, default=9)
    given = parser.parse_args()
    found = figures(given.communities, visits=given.visits, changes=given.changes)
    missed = report(found)
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return missed


if __name__ == "__main__":
    raise SystemExit(main())
