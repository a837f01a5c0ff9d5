"""Fixtures that every test may use."""

from __future__ import annotations

import contextlib
import http.server
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings
from playwright.sync_api import sync_playwright

from analysis.access.prepared_city import prepare, with_shortest_paths
from analysis.access.residents import locate_residents
from analysis.access.walking import prepare_walking_network
from analysis.trends.recipe import find_trends
from layers.load import load_city
from tests.browser_watch import Watch
from tests.frames import issues_of
from tools.browser import find_chromium

settings.register_profile("project", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("project")
ROOT = Path(__file__).resolve().parent.parent
CITY_DATA = Path(os.environ.get("CITY_DATA", ROOT.parent / "shared" / "cities")).resolve()
LONG = ("browser", "real_city", "long")
"""Marks of tests whose files take long."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def pytest_runtest_setup(item):
    """Skip a test on a real city where its files are missing; fail it under CI."""
    for mark in item.iter_markers("real_city"):
        for city in mark.args:
            folder = CITY_DATA / city
            if folder.is_dir():
                continue
            message = f"the open data of {city} are missing: no folder {folder} (set CITY_DATA)"
            if os.environ.get("CI"):
                pytest.fail(message)
            pytest.skip(message)


def pytest_collection_modifyitems(items):
    """Let files that take long start first, so that no process works alone in the end."""
    long = {item.path for item in items if any(map(item.get_closest_marker, LONG))}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(autouse=True)
def _city_data(monkeypatch):
    monkeypatch.setenv("CITY_DATA", str(CITY_DATA))
    monkeypatch.delenv("CITY_CACHE", raising=False)


@pytest.fixture(scope="session")
def loading_seconds():
    """CPU seconds that loading each city took, by its name."""
    return {}


@pytest.fixture(scope="session")
def cities(loading_seconds):
    """Each city of `data/` by its name, loaded once; in the end no test may have changed one."""
    held = {}

    @cache
    def load(name):
        start = time.process_time()
        city = load_city(ROOT / "data" / name, city_data=CITY_DATA)
        loading_seconds[name] = time.process_time() - start
        held[name] = digest(city)
        return city

    yield load
    assert {name: digest(load(name)) for name in held} == held


def digest(city):
    """Sum up each column of the frames of a city, shapes left out."""
    frames = (city.communities, city.facilities, city.residents, city.issues)
    return [
        (name, int(pd.util.hash_pandas_object(frame[name]).sum()))
        for frame in frames
        if frame is not None
        for name in frame
        if name != "geometry"
    ]


@pytest.fixture(scope="session")
def city(cities):
    """The demo city."""
    return cities("demo")


@pytest.fixture(scope="session")
def ways(cities):
    """The streets of the demo city, ready to walk."""
    city = cities("demo")
    demand = locate_residents(city.residents, city.communities)
    return prepare_walking_network(city.communities, demand, city.streets)


@pytest.fixture(scope="session")
def preparation(cities, ways):
    """The demo city prepared, on its land, with its shortest paths."""
    city = cities("demo")
    ready = prepare(
        city.communities, city.facilities, city.residents, kinds=city.kinds, land=city.land
    )
    return with_shortest_paths(ready, ways)


@pytest.fixture(scope="session")
def demo_trends(cities):
    """What changed over the months in the demo city."""
    city = cities("demo")
    return find_trends(
        issues_of(city),
        residents=city.residents,
        facilities=city.facilities,
    )


@pytest.fixture(scope="session")
def chromium():
    """One Chromium for all browser tests; every name but loopback is unresolvable."""
    path = find_chromium()
    if path is None:
        pytest.fail("Chromium is needed for the browser tests: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def browser_watch(chromium):
    """What goes wrong in any page of the browser."""
    return Watch(chromium)


@pytest.fixture(autouse=True)
def _no_fault_in_a_browser(request):
    """Fail a test whose pages log an error, lack a file or ask elsewhere, but as it expects."""
    if "chromium" not in request.fixturenames:
        yield
        return
    watch = request.getfixturevalue("browser_watch")
    yield
    marks = list(request.node.iter_markers("expects_faults"))
    assert all(mark.kwargs["reason"] for mark in marks)
    expected = [text for mark in marks for text in mark.args]
    faults = [fault for fault in watch.take() if not any(text in fault for text in expected)]
    assert faults == []


@contextlib.contextmanager
def listening(port=0):
    """A server on this machine that remembers what it was asked for."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_POST = do_GET  # noqa: N815  names that the server looks for

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1], asked
        server.shutdown()
        thread.join()


GIVEN_PORTS = set()


def free_port():
    """Find a port of loopback that is free now and was not given out: systems give one twice."""
    while True:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = found.getsockname()[1]
        if port not in GIVEN_PORTS:
            GIVEN_PORTS.add(port)
            return port


def start_server(city, log, *, root=ROOT, port=0, **environment):
    """Start the dashboard of a project's root on a city's folder; give process and address."""
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port)]
    process = subprocess.Popen(
        command,
        cwd=root,
        stdout=log,
        stderr=subprocess.STDOUT,
        env={**os.environ, "CITY": str(city), "CITY_DATA": str(CITY_DATA), **environment},
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return process, address
        except (urllib.error.URLError, OSError):
            if process.poll() is not None:
                break
            time.sleep(0.1)
    process.kill()
    pytest.fail(f"the dashboard did not start; its output is in {log.name}")


@pytest.fixture(scope="session")
def demo_server(tmp_path_factory):
    """The dashboard on the demo city, at an address of the loopback interface."""
    with (tmp_path_factory.mktemp("server") / "log.txt").open("w") as log:
        process, address = start_server(ROOT / "data" / "demo", log)
        yield address
        process.terminate()
        process.wait(timeout=20)
