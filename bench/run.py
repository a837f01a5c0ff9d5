"""
Run every bench and print one table of figure, measured, goal.

Run: python -m bench.run

Each bench has a process of its own; its own report stands above the table. Ends with 1
when a goal is missed or a bench fails.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.figures import Figure, table
from bench.pages import figures as page_figures
from bench.sessions import figures as session_figures

ROOT = Path(__file__).resolve().parent.parent
CITY_DATA = Path(os.environ.get("CITY_DATA", ROOT.parent / "shared" / "cities"))
REPORTS = (
    ("bench.coverage", r"plain / shares, prepared\s+([\d.]+) x", "plain / ours, CPU, area", 60),
    ("bench.hotspots", r"ratio (\d+),", "reference library / ours, CPU, Gi*", 50),
    ("bench.change", r"ratio (\d+),", "reference library / ours, CPU, Mann-Kendall", 100),
)
MODULES = ("bench.register", "bench.clusters", "bench.updates")
"""Benches of 2 million cases: half a minute each, and 1.5 GiB."""
COMMANDS = (("data/demo", "", 5.0, None), ("data/nyc", "nyc", 30.0, 3.0))
"""City, folder of its open data, greatest seconds, greatest GiB."""


def report(module: str, pattern: str, name: str, goal: float) -> Figure:
    """Run a bench that prints its own report, and take its ratio from it."""
    done = subprocess.run(
        [sys.executable, "-m", module], cwd=ROOT, check=False, capture_output=True, text=True
    )
    print(f"--- {module}\n{done.stdout}{done.stderr}")
    found = re.search(pattern, done.stdout)
    return Figure(name, float(found[1]) if found else 0.0, "x", goal, at_least=True)


def figures_of(module: str) -> list[Figure]:
    """Run a bench in a process of its own, since it measures memory, and take all its figures."""
    code = (
        f"import json, {module} as bench; from dataclasses import asdict;"
        " print(json.dumps([asdict(figure) for figure in bench.figures()]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, text=True
    )
    report, _, found = done.stdout.rstrip().rpartition("\n")
    print(f"--- {module}\n{report}\n{done.stderr}")
    if done.returncode:
        return [Figure(f"{module} failed", 1, "", 0)]
    return [Figure(**each) for each in json.loads(found)]


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
    found = commands()
    found += [report(*each) for each in REPORTS]
    for module in MODULES:
        found += figures_of(module)
    found += page_figures()
    found += session_figures()
    print(table(found))
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return 0 if all(figure.met for figure in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
