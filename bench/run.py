"""
Run every bench and print one table of figure, measured, goal.

Run: python -m bench.run

Each bench has a process of its own; its own report stands above the table, which repeats
the figures that have a goal. Ends with 1 when a goal is missed or a bench fails. Peers that
need more than `requirements-dev.txt` have `python -m bench.peers`.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.figures import Figure, has_goal, table

ROOT = Path(__file__).resolve().parent.parent
CITY_DATA = Path(os.environ.get("CITY_DATA", ROOT.parent / "shared" / "cities"))
BENCHES = (
    "coverage",
    "whole",
    "slider",
    "what_if",
    "network",
    "measures",
    "hotspots",
    "chance",
    "change",
    "register",
    "clusters",
    "scan",
    "pages",
    "updates",
    "sessions",
    "osm_extract",
    "kills",
    "fuzz",
    "loading",
)
COMMANDS = (("data/demo", "", 5.0, None), ("data/nyc", "nyc", 30.0, 3.0))
"""City, folder of its open data, greatest seconds, greatest GiB."""


def report(name: str) -> tuple[list[str], bool]:
    """Run a bench; give its lines of figures with a goal, and whether all is well."""
    command = [sys.executable, "-m", f"bench.{name}"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    print(f"--- bench.{name}\n{done.stdout}{done.stderr}")
    lines = [line for line in done.stdout.splitlines() if has_goal(line)]
    if done.returncode and not lines:
        lines = [f"bench.{name} ended with {done.returncode}"]
    return lines, not done.returncode


def commands() -> list[Figure]:
    """Time the command line on the demo city, and on a real one whose files are at hand."""
    found = []
    for city, data, seconds, memory in COMMANDS:
        if data and not (CITY_DATA / data).is_dir():
            print(f"--- {city} left out: no folder {CITY_DATA / data}")
            continue
        with tempfile.TemporaryDirectory() as out:
            begun = time.perf_counter()
            command = [sys.executable, "cli.py", "coverage", city, "--out", f"{out}/files"]
            environment = {**os.environ, "CITY_DATA": str(CITY_DATA)}
            subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
            found.append(Figure(f"coverage {city}", time.perf_counter() - begun, "s", seconds))
        if memory:
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
            found.append(Figure(f"coverage {city}, greatest memory", peak, "GiB", memory))
    return found


def main() -> int:
    """Run everything; 1 when a goal is missed."""
    timed = commands()
    reports = [report(name) for name in BENCHES]
    print(table(timed))
    print("\n".join(line for lines, _ in reports for line in lines))
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return 0 if all(figure.met for figure in timed) and all(well for _, well in reports) else 1


if __name__ == "__main__":
    raise SystemExit(main())
