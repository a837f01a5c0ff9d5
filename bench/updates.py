"""
The Hot spots page of a city with 2 million cases: seconds from a choice to the new map.

Run: python -m bench.updates

Every question is a new one, so that nothing is answered from the cache. The first visit, which
locates all cases once for every reader, is not among the updates.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.figures import Figure, report
from bench.pages import FLAGS, MARK, drawn
from bench.register import write_city
from bench.serve import ROOT, serving
from tools.browser import find_chromium
from wording.catalogue import load_words

QUERY = "?page=hotspots&language=en"
TIMES, SECONDS = 5, 1.0


class Reader:
    """One page, and the seconds its map takes to follow."""

    def __init__(self, browser, served):
        self.served, self.spent = served, []
        self.page = browser.new_page(viewport={"width": 1400, "height": 1000})
        begun = time.perf_counter()
        self.page.goto(served.address + QUERY)
        self.frame = drawn(self.page)
        self.first = time.perf_counter() - begun
        self.page.wait_for_timeout(2000)

    def after(self, act):
        """Seconds from an action to the map that answers it."""
        before = self.frame.evaluate(MARK)
        begun, cpu = time.perf_counter(), self.served.cpu_seconds()
        act()
        changed = f"before => {MARK} && {MARK} !== before"
        self.frame.wait_for_function(changed, arg=before, timeout=120_000)
        seconds = time.perf_counter() - begun
        self.spent.append(self.served.cpu_seconds() - cpu)
        self.page.wait_for_timeout(1000)
        return seconds

    def choose(self, label, row):
        """Take a row of a drop-down list."""
        self.page.get_by_role("combobox", name=label, exact=True).click()
        option = self.page.get_by_role("option").nth(row)
        option.wait_for()
        return self.after(option.click)

    def month(self, elsewhere):
        """Begin the period in another month; the field is done with when it is left."""
        self.page.get_by_role("spinbutton").nth(1).press("ArrowUp")
        return self.after(self.page.get_by_text(elsewhere, exact=True).click)

    def press(self, label):
        """Press one of a row of buttons."""
        button = self.page.get_by_role("radio", name=label, exact=True)
        return self.after(button.click)


def figures():
    """Measure categories, periods and layers."""
    words = load_words()
    translate = lambda key: words("en", f"hotspots.{key}")  # noqa: E731
    with tempfile.TemporaryDirectory() as folder:
        write_city(Path(folder))
        with (
            sync_playwright() as playwright,
            serving(ROOT / "dashboard.py", city=Path(folder)) as served,
        ):
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
            reader = Reader(browser, served)
            categories = [reader.choose(translate("category"), row) for row in range(1, TIMES + 1)]
            reader.choose(translate("category"), 0)
            title = words("en", "app.title")
            periods = [reader.month(title) for _ in range(TIMES)]
            spent = reader.spent[:TIMES], reader.spent[-TIMES:]
            density, clusters = (reader.press(translate(key)) for key in ("density", "clusters"))
            memory = served.process.memory_info().rss / 2**30
            browser.close()
    return [
        Figure("2 M cases: first visit, Hot spots", reader.first, "s"),
        Figure("another category, median", statistics.median(categories), "s", SECONDS),
        Figure("another category, slowest", max(categories), "s"),
        Figure("CPU of the server for it, median", statistics.median(spent[0]), "s"),
        Figure("another period, a million cases, median", statistics.median(periods), "s", SECONDS),
        Figure("another period, slowest", max(periods), "s"),
        Figure("CPU of the server for it, median", statistics.median(spent[1]), "s"),
        Figure("density surface of the same", density, "s"),
        Figure("density clusters of the same", clusters, "s"),
        Figure("memory of the server", memory, "GiB"),
    ]


def main():
    return report(figures())


if __name__ == "__main__":
    raise SystemExit(main())
