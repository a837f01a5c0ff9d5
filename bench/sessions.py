"""
Many readers at once: sessions that speak Streamlit's own protocol, without browsers.

Run: python -m bench.sessions --sessions 25

Each session opens the Coverage page, then four times thinks, chooses another kind or one
of the radii that people choose, waits for the end of the run, and fetches what the new map
names, as a browser does. The first crowd takes any step of the slider, so that nearly every
answer is computed for it alone. The last takes the radii that people choose, and finds them
answered by the crowd before, as readers after the first ones do; the goal is set on it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import statistics
import time
import urllib.request
from urllib.parse import parse_qs

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from bench.figures import Figure, report
from bench.serve import serving_city
from views.controls.questions import RADII as RADII_SLIDER

QUERY = "page=coverage&language=en&standard=cn-life-circle"
RADII = (300, 400, 500, 800, 1000)
STEPS = tuple(range(RADII_SLIDER[0], RADII_SLIDER[1] + 1, RADII_SLIDER[2]))
UPDATES, THINK_SECONDS, GOAL = 4, 3.0, 0.150
GEO = re.compile(rb"\.\./\.\./geo/([0-9a-f]{32}\.(?:json|png))")


class Session:
    """One reader: widgets seen so far, payloads fetched so far."""

    def __init__(self, socket, address: str, seed: int, radii: tuple[int, ...]) -> None:
        self.socket, self.address, self.radii = socket, address, radii
        self.random = random.Random(seed)
        self.query, self.kinds = QUERY, ()
        self.slider = self.choice = ""
        self.fetched: set[bytes] = set()
        self.asked = ""
        self.mixed_up = 0

    async def run(self, message: BackMsg) -> float:
        """Send one message; seconds until the script has finished."""
        message.rerun_script.query_string = self.query
        begun = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        wanted: set[bytes] = set()
        while True:
            answer = ForwardMsg.FromString(await self.socket.recv())
            self._remember(answer, wanted)
            if answer.WhichOneof("type") == "script_finished":
                break
        seconds = time.perf_counter() - begun
        told = parse_qs(self.query).get("radius", [self.asked])[-1]
        self.mixed_up += bool(self.asked) and told != self.asked
        await asyncio.gather(*(self._fetch(name) for name in wanted - self.fetched))
        self.fetched |= wanted
        return seconds

    def _remember(self, answer: ForwardMsg, wanted: set[bytes]) -> None:
        kind = answer.WhichOneof("type")
        if kind == "page_info_changed":
            self.query = answer.page_info_changed.query_string
        if kind != "delta":
            return
        wanted |= set(GEO.findall(answer.SerializeToString()))
        element = answer.delta.new_element
        if element.WhichOneof("type") == "slider":
            self.slider = element.slider.id
        if element.WhichOneof("type") == "selectbox" and "-kind-en" in element.selectbox.id:
            self.choice, self.kinds = element.selectbox.id, tuple(element.selectbox.options)

    async def _fetch(self, name: bytes) -> None:
        def get() -> None:
            request = urllib.request.Request(f"{self.address}/geo/{name.decode()}")
            request.add_header("Accept-Encoding", "gzip")
            urllib.request.urlopen(request, timeout=60).read()

        await asyncio.to_thread(get)

    def change(self, turn: int) -> BackMsg:
        """Choose another kind, or another radius."""
        message = BackMsg()
        state = message.rerun_script.widget_states.widgets.add()
        self.asked = ""
        if turn % 2:
            state.id = self.choice
            state.string_value = self.random.choice(self.kinds)
        else:
            state.id = self.slider
            self.asked = str(self.random.choice(self.radii))
            state.double_array_value.data.append(float(self.asked))
        return message


async def reader(
    address: str,
    seed: int,
    results: dict[str, list[float]],
    radii: tuple[int, ...],
    think: float = THINK_SECONDS,
) -> None:
    """Open the page and change it a few times, thinking in between."""
    pause = random.Random(seed)
    await asyncio.sleep(pause.uniform(0, think))
    url = address.replace("http", "ws") + "/_stcore/stream"
    async with connect(url, subprotocols=["streamlit"], origin=address, max_size=None) as socket:
        session = Session(socket, address, seed, radii)
        first = BackMsg()
        first.rerun_script.SetInParent()
        results["first"].append(await session.run(first))
        for turn in range(UPDATES):
            await asyncio.sleep(pause.uniform(0.5, 1.5) * think)
            results["update"].append(await session.run(session.change(turn)))
        results["mixed_up"].append(session.mixed_up)


async def crowd(
    address: str,
    sessions: int,
    radii: tuple[int, ...] = RADII,
    think: float = THINK_SECONDS,
) -> dict[str, list[float]]:
    """Let so many readers in at once."""
    results: dict[str, list[float]] = {"first": [], "update": [], "mixed_up": []}
    readers = (reader(address, seed, results, radii, think) for seed in range(sessions))
    await asyncio.gather(*readers)
    return results


def figures(communities: int = 2000, sessions: int = 25) -> list[Figure]:
    """Measure so many sessions on a benchmark city."""
    with serving_city(communities) as served:
        asyncio.run(crowd(served.address, 1))
        cold = asyncio.run(crowd(served.address, sessions, STEPS))
        asyncio.run(crowd(served.address, sessions))
        before = served.cpu_seconds()
        warm = asyncio.run(crowd(served.address, sessions))
        cost = (served.cpu_seconds() - before) / (sessions * (UPDATES + 1))
    title = f"{sessions} sessions"
    return [
        Figure(f"{title}: first run, median", statistics.median(warm["first"]), "s"),
        Figure(f"{title}: update, median", statistics.median(warm["update"]), "s", GOAL),
        Figure(f"{title}: update, 95th percentile", late(warm["update"]), "s"),
        Figure(f"{title}: CPU of the server a run", cost, "s"),
        Figure(f"{title}, new radii: update, median", statistics.median(cold["update"]), "s"),
        Figure(f"{title}, new radii: update, 95th percentile", late(cold["update"]), "s"),
    ]


def late(seconds: list[float]) -> float:
    """The 95th percentile."""
    return sorted(seconds)[int(0.95 * (len(seconds) - 1))]


def main() -> int:
    """Print the figures; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--communities", type=int, default=2000)
    parser.add_argument("--sessions", type=int, default=25)
    given = parser.parse_args()
    found = figures(given.communities, given.sessions)
    missed = report(found)
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return missed


if __name__ == "__main__":
    raise SystemExit(main())
