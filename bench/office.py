"""
An office on one server: a hundred readers, clients that dawdle, and thousands of questions.

Run: python -m bench.office --sessions 100 --communities 2000 --questions 3000

Readers think for ten seconds on average. First they choose the radii that people choose, which
nobody has asked yet; then any step of the slider, so that nearly every answer is made for one
reader alone: that is a bound, not an office. Whoever opens a page and never reads what it is sent
must cost the others nothing. Then one reader asks thousands of different questions, and the memory
of the server and its processes is watched.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import time
from typing import TYPE_CHECKING

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from bench.figures import Figure, report
from bench.serve import Served, serving_city
from bench.sessions import QUERY, RADII, STEPS, crowd, late, reader

if TYPE_CHECKING:
    from collections.abc import Iterator

THINK_SECONDS, GOAL = 10.0, 5.0
DAWDLING = 30
MEGABYTE = 2**20
GROWTH_MB = 200.0


def memory_mb(served: Served) -> float:
    """Measure what the server and the processes beside it hold."""
    every = [served.process, *served.process.children(recursive=True)]
    return sum(each.memory_info().rss for each in every) / MEGABYTE


async def dawdling(address: str, sessions: int) -> None:
    """Open pages, ask for them, and read nothing of what comes, while others are served."""
    url = address.replace("http", "ws") + "/_stcore/stream"
    options = {"subprotocols": ["streamlit"], "origin": address, "max_queue": 1, "max_size": None}
    sockets = [await connect(url, **options) for _ in range(sessions)]
    first = BackMsg()
    first.rerun_script.query_string = QUERY
    for socket in sockets:
        await socket.send(first.SerializeToString())
    try:
        await asyncio.Event().wait()
    finally:
        for socket in sockets:
            socket.transport.abort()


async def readers(
    address: str, sessions: int, radii: tuple[int, ...]
) -> tuple[dict[str, list[float]], int]:
    """Let readers in at once; their times, and how many of them came to an error."""
    results: dict[str, list[float]] = {"first": [], "update": [], "mixed_up": []}
    each = (reader(address, seed, results, radii, THINK_SECONDS) for seed in range(sessions))
    outcomes = await asyncio.gather(*each, return_exceptions=True)
    failed = [outcome for outcome in outcomes if outcome is not None]
    for outcome in failed[:5]:
        print(f"error: {outcome!r}")
    return results, len(failed)


async def beside_dawdlers(address: str, sessions: int) -> list[float]:
    """Time readers while others dawdle."""
    slow = asyncio.create_task(dawdling(address, DAWDLING))
    try:
        return (await crowd(address, sessions, think=1.0))["update"]
    finally:
        slow.cancel()


def questions() -> Iterator[str]:
    """Give addresses of different questions, without end."""
    for radius in itertools.count(200):
        for kind in ("toilet", "market", "fitness"):
            yield f"{QUERY}&kind={kind}&radius={radius}"


async def ask_many(served: Served, count: int) -> list[float]:
    """Ask so many different questions in one session; memory after each hundredth."""
    url = served.address.replace("http", "ws") + "/_stcore/stream"
    held = []
    options = {"subprotocols": ["streamlit"], "origin": served.address, "max_size": None}
    async with connect(url, **options) as socket:
        for number, query in enumerate(itertools.islice(questions(), count), start=1):
            message = BackMsg()
            message.rerun_script.query_string = query
            await socket.send(message.SerializeToString())
            while True:
                answer = ForwardMsg.FromString(await socket.recv())
                if answer.WhichOneof("type") == "script_finished":
                    break
            if number % 100 == 0:
                held.append(memory_mb(served))
                print(f"{number:>6} questions: {held[-1]:,.0f} MB", flush=True)
    return held


def figures(communities: int, sessions: int, asked: int) -> list[Figure]:
    """Measure all of it on a benchmark city."""
    with serving_city(communities) as served:
        asyncio.run(crowd(served.address, 1))
        before = memory_mb(served)
        results, failed = asyncio.run(readers(served.address, sessions, RADII))
        alone_each, alone_failed = asyncio.run(readers(served.address, sessions, STEPS))
        crowded = memory_mb(served)
        alone = asyncio.run(crowd(served.address, 5, think=1.0))["update"]
        slowed = asyncio.run(beside_dawdlers(served.address, 5))
        began = time.monotonic()
        held = asyncio.run(ask_many(served, asked)) if asked else []
        spent = time.monotonic() - began
    title = f"{sessions} sessions, think {THINK_SECONDS:g} s"
    found = [
        Figure(f"{title}: first run, 95th percentile", late(results["first"]), "s", GOAL),
        Figure(f"{title}: update, 95th percentile", late(results["update"]), "s", GOAL),
        Figure(f"{title}: sessions with an error", failed + alone_failed, "", 0),
        Figure(
            f"{title}: answers to somebody else's question",
            sum(results["mixed_up"] + alone_each["mixed_up"]),
            "",
            0,
        ),
        Figure(f"{title}: update, any radius, 95th percentile", late(alone_each["update"]), "s"),
        Figure(f"{title}: memory more than before", crowded - before, "MB"),
        Figure("5 readers: update, 95th percentile", late(alone), "s"),
        Figure(f"5 readers beside {DAWDLING} that dawdle", late(slowed), "s", GOAL),
    ]
    if held:
        half = held[len(held) // 2 :]
        found += [
            Figure(f"{asked} questions: memory in the end", held[-1], "MB"),
            Figure(
                f"{asked} questions: growth in the second half", half[-1] - half[0], "MB", GROWTH_MB
            ),
            Figure(f"{asked} questions: time of one", spent / asked, "s"),
        ]
    return found


def main() -> int:
    """Print the figures; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--communities", type=int, default=2000)
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--questions", type=int, default=3000)
    given = parser.parse_args()
    missed = report(figures(given.communities, given.sessions, given.questions))
    print(f"load average {os.getloadavg()[0]:.1f} on {psutil.cpu_count()} cores")
    return missed


if __name__ == "__main__":
    raise SystemExit(main())
