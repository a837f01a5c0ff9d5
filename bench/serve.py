"""Servers for the benches: the dashboard on a city, and an empty Streamlit page."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psutil

from bench.make_city import main as make_city

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
EMPTY = "import streamlit as st\nst.markdown('empty')\n"
START_SECONDS = 120


class Served(NamedTuple):
    """An address of the loopback interface, and the process behind it."""

    address: str
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """CPU seconds of the process so far."""
        times = self.process.cpu_times()
        return times.user + times.system


@contextlib.contextmanager
def serving(script: Path, *, city: Path | None = None) -> Iterator[Served]:
    """Run a Streamlit script on a free port of the loopback interface."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | ({"CITY": str(city)} if city else {})
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, server)
        yield Served(address, psutil.Process(server.pid))
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
            return
        time.sleep(0.1)
    msg = f"no answer from {address}"
    raise RuntimeError(msg)


@contextlib.contextmanager
def serving_city(communities: int) -> Iterator[Served]:
    """Make a benchmark city and serve the dashboard on it."""
    with tempfile.TemporaryDirectory() as folder:
        city = Path(folder) / "city"
        make_city(["--communities", str(communities), str(city)])
        with serving(ROOT / "dashboard.py", city=city) as served:
            yield served


@contextlib.contextmanager
def serving_empty() -> Iterator[Served]:
    """Serve a Streamlit page with one word on it."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "empty.py"
        script.write_text(EMPTY, encoding="utf-8")
        with serving(script) as served:
            yield served
