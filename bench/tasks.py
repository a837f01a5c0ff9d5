"""
Tasks of a great city: the first reading of all, and each update of the page.

Run: python -m bench.tasks [tasks] [entries of their history]
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from analysis.casework.tasks import STATES, Milestone, Task, as_values
from bench.figures import Figure, report
from exports.recipes.casework.findings import find
from exports.recipes.casework.tasks import FACTS, kept, name_of, save_task, usual_question
from exports.recipes.issue_answers import IssueAnswers
from exports.tables.coordinates import with_degrees
from layers.load import load_city
from store.address import file_address
from store.content import digest, written
from store.database import open_store
from store.log import BEGINNING
from store.tables import LOG, RECORDS, REVISIONS
from store.verification import verify
from store.versioned import content_digest, some_records

ROOT = Path(__file__).resolve().parent.parent
CITY = ROOT / "data" / "demo"
TASKS, ENTRIES = 100_000, 1_000_000
GOAL_S = 0.5
"""Seconds of CPU that an update of the page may take."""
UPDATES = 6
AT_ONCE = 20_000
FIRST = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)


def facts_of(city):
    """Facts of true findings of the city, over and over."""
    answers = IssueAnswers(city)
    found = with_degrees(find(answers, usual_question(city)).table, city)
    rows = found[list(FACTS)].astype(object)
    return rows.where(rows.notna(), None).to_dict("records")


def versions(number, count, facts, random):
    """Versions of one task, each of a little later."""
    step = Milestone("2026-09-01", "half way")
    unit, leader = f"unit {number % 40}", f"leader {number % 25}"
    for version in range(count):
        deadline = f"2026-{9 + version % 3:02d}-{1 + number % 28:02d}"
        state = STATES[int(random.integers(len(STATES)))]
        yield as_values(
            Task(f"overdue:{number}", facts[number % len(facts)], unit, leader, "", deadline, state,
                 progress=int(random.integers(101)), reason="why", milestones=(step,))
        )  # fmt: skip


def fill(store, city, tasks, entries):
    """Write tasks with their history and log, as saving them one by one would have."""
    random, facts = np.random.default_rng(1), facts_of(city)
    position, before = 0, BEGINNING
    parts = {LOG: [], RECORDS: [], REVISIONS: []}

    def flush():
        with store.writing() as connection:
            for table in (RECORDS, REVISIONS, LOG):
                if parts[table]:
                    connection.execute(sa.insert(table), parts[table])
                parts[table].clear()

    for number in range(tasks):
        share = entries // tasks + (number < entries % tasks)
        record, name = f"{number:032x}", name_of(f"overdue:{number}")
        place = {"id": record, "kind": "task", "place": city.id, "name": name, "version": share}
        parts[RECORDS].append(place)
        for version, values in enumerate(versions(number, share, facts, random), start=1):
            position += 1
            at = (FIRST + dt.timedelta(days=version * 12, seconds=number % 3600)).isoformat(
                timespec="microseconds"
            )
            body = written({**values, "by": "somebody"})
            content = content_digest(record, version, name, body)
            entry = {"position": position, "at": at, "action": "created", "kind": "task",
                     "subject": record, "before": before,
                     "facts": written({"version": version, "content": content})}  # fmt: skip
            before = digest(entry)
            parts[LOG].append({**entry, "hash": before})
            parts[REVISIONS].append(
                {"id": record, "version": version, "at": at, "name": name, "body": body}
            )
        if len(parts[LOG]) >= AT_ONCE:
            flush()
    flush()


def spent(work):
    """Seconds of CPU of this process, and the result."""
    begun = time.process_time()
    result = work()
    return time.process_time() - begun, result


def main(tasks=TASKS, entries=ENTRIES):
    city = load_city(CITY)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(file_address(Path(folder)))
        filled, _ = spent(lambda: fill(store, city, tasks, entries))
        print(f"made {tasks:,} tasks and {entries:,} entries in {filled:.0f} s", file=sys.stderr)
        if tasks <= 1_000 and verify(store).findings:
            msg = "the log does not hold what was written"
            raise SystemExit(msg)
        os.environ |= {"STORE": folder, "CITY": str(CITY)}
        page = AppTest.from_file(str(ROOT / "views/server/script.py"), default_timeout=600)
        for name, value in {"page": "tasks", "language": "en"}.items():
            page.query_params[name] = value
        first, _ = spent(page.run)
        same = [spent(page.run)[0] for _ in range(UPDATES)]
        after = []
        for number in range(UPDATES):
            (record,) = some_records(store, [f"{number:032x}"])
            entry = kept(record)
            save_task(store, entry, entry.task)
            after.append(spent(page.run)[0])
        if page.exception:
            raise SystemExit(str(page.exception))
    return report(
        [
            Figure("first visit of all tasks (s CPU)", first),
            Figure("update of the page, nothing saved (s CPU)", median(same), goal=GOAL_S),
            Figure("update after a task was saved (s CPU)", median(after), goal=GOAL_S),
        ]
    )


if __name__ == "__main__":
    sys.exit(main(*(int(each.replace(",", "")) for each in sys.argv[1:])))
