"""
What one look at a log-in costs, on SQLite and, where there is one, on PostgreSQL.

Run: python -m bench.logins
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from argon2 import PasswordHasher

from bench.figures import Figure, report
from store import accounts
from store.address import file_address, is_named, stated_address
from store.database import opened
from store.logins import begin, held, token_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

PEOPLE, LOOKS, GOAL_MS = 100, 2_000, 1.0
PASSWORD = "a password of this bench"
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def addresses(folder: Path) -> Iterator[tuple[str, sa.URL]]:
    """Name a file, and the empty database that the environment names."""
    yield "SQLite", file_address(folder)
    if is_named() and stated_address().get_backend_name() == "postgresql":
        yield "PostgreSQL", stated_address()


def look_ms(address: sa.URL) -> tuple[float, float]:
    """CPU milliseconds of this process, and of the clock, for one look among many people's."""
    with opened(address) as store:
        for number in range(PEOPLE):
            accounts.add_account(store, f"bench{number}", PASSWORD)
        tokens = [begin(store, f"bench{n}", PASSWORD, standing=str) for n in range(PEOPLE)]
        hashes = [token_hash(each) for each in tokens]
        spent, clock = time.process_time(), time.perf_counter()
        for number in range(LOOKS):
            held(store, hashes[number % PEOPLE])
        spent, clock = time.process_time() - spent, time.perf_counter() - clock
    return spent / LOOKS * 1000, clock / LOOKS * 1000


def main() -> int:
    """Print the figures; 1 when a goal is missed."""
    accounts._HASHER = QUICK  # noqa: SLF001  what is timed is no password
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name, address in addresses(Path(folder)):
            cpu, clock = look_ms(address)
            found += [
                Figure(f"{name}: one look at a log-in, CPU", cpu, "ms", GOAL_MS),
                Figure(f"{name}: one look at a log-in, clock", clock, "ms"),
            ]
    missed = report(found)
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return missed


if __name__ == "__main__":
    raise SystemExit(main())
