"""
Writers and fetchers that are killed at any moment, and two of them at once.

Run: python -m bench.kills

A child writes results, or fetches a layer, over and over; it is killed (SIGKILL) after a random
time, 200 times each. After each kill what stands there must be one whole set; what others put there
must stand; after the next run nothing hidden is left. The same with a city's folder that is
replaced, with two writers at once, and with a disk that is full (where a small one can be mounted).
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import http.server
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from analysis.model.errors import PlanningError
from bench.figures import Figure, report
from exports.formats.city_folder import write_city
from exports.formats.folder import write_folder
from exports.formats.whole_folder import new_aside
from layers.fetch import fetch_city
from layers.knowledge.standards import load_kinds
from layers.sources.http import Limits

CYCLES = 200
FILES, BYTES = 6, 200_000
COMMAND = "coverage"
KINDS = load_kinds()
RECIPE = """
name = {{ zh = "城", en = "Town" }}
time_zone = "Europe/Berlin"
[[layers]]
kind = "communities"
file = "communities.geojson"
[[layers]]
kind = "toilet"
file = "toilets.csv"
columns = {{ id = "id", lon = "lon", lat = "lat" }}
download = "{url}"
"""


def result(version):
    """A set of files that all bear one version, and the record with their sums."""
    files = {f"{n}.csv": f"{version}\n".encode() * (BYTES // 8) for n in range(FILES)}
    files |= {f"only{version % 2}.csv": f"{version}\n".encode()}
    sums = {name: {"sha256": hashlib.sha256(each).hexdigest()} for name, each in files.items()}
    return {**files, "run.json": json.dumps({"command": COMMAND, "results": sums}).encode()}


def versions(folder):
    """Versions of the files in a folder, and whether they are those of its record."""
    sums = json.loads((folder / "run.json").read_bytes())["results"]
    found = {file.name: file.read_bytes() for file in folder.glob("*.csv")}
    whole = {name: hashlib.sha256(each).hexdigest() for name, each in found.items()} == {
        name: each["sha256"] for name, each in sums.items()
    }
    return {each.split(b"\n", 1)[0] for each in found.values()}, whole


@contextlib.contextmanager
def killed(work, *, within):
    """A child that works until it is killed, some time within so many seconds."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            work()
        os._exit(0)
    time.sleep(random.random() * within)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    yield


def hidden(parent):
    return [each.name for each in parent.iterdir() if each.name.startswith(".")]


def write_results(parent):
    """Kill writers of results; count sets that are torn or mixed, files lost, leftovers."""
    out, torn, lost = parent / "out", 0, 0
    write_folder(result(0), out, command=COMMAND)
    (out / "mine.txt").write_text("keep")

    def work():
        for version in range(1, 10_000):
            write_folder(result(version), out, command=COMMAND)

    for _ in range(CYCLES):
        with killed(work, within=0.15):
            found, whole = versions(out)
            torn += len(found) != 1 or not whole
            lost += not (out / "mine.txt").exists()
    write_folder(result(0), out, command=COMMAND)
    return torn, lost, len(hidden(parent))


def write_cities(parent):
    """Kill writers of a city's folder: its recipe and its file must be of one version."""
    home, torn = parent / "city", 0

    def put(version):
        aside = new_aside(home)
        (aside / "a.csv").write_text(f"{version}\n" * 20_000)
        write_city(f"{version}\n", aside, home)

    put(0)

    def work():
        for version in range(1, 10_000):
            put(version)

    for _ in range(CYCLES):
        with killed(work, within=0.05):
            files = [home / "a.csv", home / "city.toml"]
            torn += len({each.read_text().split("\n", 1)[0] for each in files}) != 1
    put(0)
    return torn, len(hidden(parent))


class Changing(http.server.BaseHTTPRequestHandler):
    """Serves another edition at each request, slowly enough to be caught in the middle."""

    count = 0

    def do_GET(self):
        Changing.count += 1
        rows = (f"{self.count}-{n},10.5,50.5\n" for n in range(20_000))
        body = ("id,lon,lat\n" + "".join(rows)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{self.count}"')
        self.end_headers()
        with contextlib.suppress(OSError):
            for at in range(0, len(body), 65536):
                self.wfile.write(body[at : at + 65536])
                time.sleep(0.002)

    def log_message(self, *_):
        """Say nothing."""


def fetch_layers(parent):
    """Kill fetchers: the layer's file must be one whole edition."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Changing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home = parent / "town"
    home.mkdir()
    ring = [[10, 50], [11, 50], [11, 51], [10, 51], [10, 50]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    area = {"type": "Feature", "properties": {}, "geometry": shape}
    (home / "communities.geojson").write_text(json.dumps(area))
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    (home / "city.toml").write_text(RECIPE.format(url=url))
    once = functools.partial(
        fetch_city, home, kinds=KINDS, limits=Limits(seconds=20), progress=lambda *_: None
    )
    once()

    def work():
        while True:
            once()

    torn = 0
    for _ in range(CYCLES):
        with killed(work, within=0.3):
            rows = (home / "toilets.csv").read_text().splitlines()[1:]
            torn += len(rows) != 20_000 or len({row.split("-", 1)[0] for row in rows}) != 1
    (outcome,) = once()
    left = [each.name for each in (home / ".fetch").iterdir() if each.name != "lock"]
    server.shutdown()
    return torn, int(outcome.outcome != "new"), len(left)


def two_writers(parent):
    """Two writers of one folder at once: one set whole, and who did not write was told."""
    out, mixed, told, untold = parent / "both", 0, 0, 0

    def work(version):
        try:
            write_folder(result(version), out, command=COMMAND)
        except PlanningError as error:
            os._exit(3 if error.problem == "out_busy" else 4)
        os._exit(0)

    for cycle in range(CYCLES):
        children = []
        for version in (2 * cycle, 2 * cycle + 1):
            child = os.fork()
            if child == 0:
                with contextlib.suppress(BaseException):
                    work(version)
                os._exit(5)
            children.append(child)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        found, whole = versions(out)
        wrote = {str(2 * cycle + n).encode() for n, code in enumerate(codes) if code == 0}
        mixed += len(found) != 1 or not whole or not found <= wrote
        told += codes.count(3)
        untold += sum(code not in {0, 3} for code in codes)
    return mixed, told, untold


def full_disk(parent):
    """A disk of 3 MB that a second result does not fit on; None where none can be mounted."""
    disk = parent / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        return None
    try:
        write_folder(result(0), disk / "out", command=COMMAND)
        (disk / "filler").write_bytes(bytes(2_600_000))
        try:
            write_folder(result(1), disk / "out", command=COMMAND)
        except PlanningError as error:
            told = "No space" in str(error)
        else:
            told = False
        found, whole = versions(disk / "out")
        return int(told and found == {b"0"} and whole and not hidden(disk))
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def figures():
    """Measure all of it."""
    random.seed(11)
    with tempfile.TemporaryDirectory() as folder:
        parent = Path(folder)
        torn, lost, left = write_results(parent)
        city_torn, city_left = write_cities(parent)
        fetch_torn, failed, fetch_left = fetch_layers(parent)
        mixed, told, untold = two_writers(parent)
        full = full_disk(parent)
    made = [
        Figure(f"results: torn or mixed sets in {CYCLES} kills", torn, "", 0),
        Figure("results: files of others lost", lost, "", 0),
        Figure("results: hidden leftovers after the next run", left, "", 0),
        Figure(f"cities: mixed in {CYCLES} kills", city_torn, "", 0),
        Figure("cities: hidden leftovers after the next run", city_left, "", 0),
        Figure(f"fetch: torn or mixed files in {CYCLES} kills", fetch_torn, "", 0),
        Figure("fetch: next runs that failed", failed, "", 0),
        Figure("fetch: leftovers after the next run", fetch_left, "", 0),
        Figure(f"two writers: mixed sets in {CYCLES} meetings", mixed, "", 0),
        Figure("two writers: told that another is writing", told),
        Figure("two writers: ended otherwise", untold, "", 0),
    ]
    if full is not None:
        made.append(Figure("full disk: told, the old result whole", full, "", 1, at_least=True))
    return made


def main():
    return report(figures())


if __name__ == "__main__":
    sys.exit(main())
