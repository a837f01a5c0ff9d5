"""
CPU milliseconds of one run of each page, which do not depend on what else the machine does.

Run: python -m bench.reruns --communities 2000

Each page is opened, then run again as it is; the Coverage page then takes radii that nobody has
asked for yet, and the same once more. All of it in one process, without browser and network: the
harness of tests takes the place of the socket, and no process beside it helps.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from streamlit.testing.v1 import AppTest

from bench.figures import Figure, report
from bench.make_city import main as make_city
from views.controls.choice import PAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
AGAIN, RADII = 5, range(410, 810, 20)
QUERY = {"language": "en", "standard": "cn-life-circle"}


def opened(page: str) -> AppTest:
    """Open a page."""
    app = AppTest.from_file(str(ROOT / "views" / "server" / "script.py"), default_timeout=300)
    for name, value in {**QUERY, "page": page}.items():
        app.query_params[name] = value
    app.run()
    if app.exception:
        msg = f"{page}: {app.exception[0].value}"
        raise RuntimeError(msg)
    return app


def again_ms(app: AppTest) -> float:
    """CPU of running a page once more."""
    begun = time.process_time()
    for _ in range(AGAIN):
        app.run()
    return (time.process_time() - begun) / AGAIN * 1000


def radii_ms(app: AppTest) -> float:
    """CPU of a step of the slider, the median of many."""
    spent = []
    for radius in RADII:
        begun = time.process_time()
        app.slider[0].set_value(radius).run()
        spent.append((time.process_time() - begun) * 1000)
    return statistics.median(spent)


def figures(communities: int, pages: Sequence[str]) -> list[Figure]:
    """Measure pages on a benchmark city."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        city = Path(folder) / "city"
        make_city(["--communities", str(communities), str(city)])
        os.environ["CITY"] = str(city)
        for page in pages:
            app = opened(page)
            found.append(Figure(f"{page}: once more", again_ms(app), "ms"))
        app = opened("coverage")
        found.append(Figure("coverage: a radius that is new", radii_ms(app), "ms"))
        found.append(Figure("coverage: a radius asked for before", radii_ms(app), "ms"))
    return found


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--communities", type=int, default=2000)
    parser.add_argument("--pages", nargs="*", choices=PAGES, default=PAGES)
    given = parser.parse_args()
    missed = report(figures(given.communities, given.pages))
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return missed


if __name__ == "__main__":
    raise SystemExit(main())
