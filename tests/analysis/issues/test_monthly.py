"""Cases by month: sums by hand, and the register's own counts at its last day."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.issues.counts import count_cases
from analysis.issues.monthly import monthly_cases

ZONE = "Asia/Shanghai"
DAYS = ("reported_at", "due_at", "closed_at")
ROWS = [
    # reported, due, closed, status
    ("2026-01-10", "2026-01-20", "2026-01-15", "closed"),
    ("2026-01-31", "2026-02-10", "2026-03-01", "closed"),  # open and late at the end of February
    ("2026-02-05", "2026-03-31", None, "open"),  # due on the last day: not before it
    ("2026-03-02", "2026-03-10", None, "open"),
    ("2026-03-30", None, None, "open"),
    ("2025-12-01", "2025-12-02", "2026-02-28", "closed"),
    (None, None, None, "open"),  # in no month
    ("2026-03-03", None, None, "unknown"),
]
HAND = {  # reported, closed, open, overdue
    "2025-12": (1, 0, 1, 1),
    "2026-01": (2, 1, 2, 1),
    "2026-02": (1, 1, 2, 1),
    "2026-03": (3, 1, 3, 1),
}


def register(rows):
    table = pd.DataFrame(rows, columns=[*DAYS, "status"])
    for name in DAYS:
        table[name] = (
            pd.to_datetime(table[name]).dt.tz_localize(ZONE).astype(f"datetime64[us, {ZONE}]")
        )
    never = pd.Series(pd.NaT, index=table.index, dtype=table["due_at"].dtype)
    rest = dict.fromkeys(("category", "unit", "source", "text"), "")
    table = table.assign(x=0.0, y=0.0, verified_at=never, **rest)
    return table.set_index(pd.Index([f"i{n}" for n in table.index], name="issue_id"))


AS_OF = pd.Timestamp("2026-03-31", tz=ZONE)


def test_months_are_the_sums_done_by_hand():
    found = monthly_cases(register(ROWS), as_of=AS_OF)
    assert {
        month: tuple(row) for month, row in zip(found.index, found.to_numpy(), strict=True)
    } == HAND


def test_the_last_month_ends_with_what_the_register_counts():
    issues = register([row for row in ROWS if row[0]])
    cases, last = count_cases(issues, as_of=AS_OF), monthly_cases(issues, as_of=AS_OF).iloc[-1]
    assert (last["open"], last["overdue"]) == (cases.open, cases.overdue)


def test_the_demo_citys_months_end_with_its_open_and_overdue_cases(city):
    cases, months = (
        count_cases(city.issues, as_of=city.as_of),
        monthly_cases(city.issues, as_of=city.as_of),
    )
    assert (months["open"].iloc[-1], months["overdue"].iloc[-1]) == (cases.open, cases.overdue)
    numbers = city.issues["reported_at"].dropna().dt.strftime("%Y-%m").value_counts()
    assert months["reported"].tolist() == numbers.reindex(months.index).tolist()
    assert len(months) == 12


def test_a_month_without_reports_stands_with_nothing():
    found = monthly_cases(register([ROWS[0], ROWS[3]]), as_of=AS_OF)
    assert found["reported"].to_dict() == {"2026-01": 1, "2026-02": 0, "2026-03": 1}


@pytest.mark.parametrize(
    ("column", "missing"),
    [
        ("status", {"closed", "open", "overdue"}),
        ("closed_at", {"closed", "open", "overdue"}),
        ("due_at", {"overdue"}),
    ],
)
def test_what_the_source_does_not_tell_is_missing_and_never_nothing(column, missing):
    issues, none = register(ROWS), "unknown" if column == "status" else pd.NaT
    issues[column] = issues[column].where([False] * len(issues), none)
    found = monthly_cases(issues, as_of=AS_OF)
    assert {name for name in found if found[name].isna().all()} == missing
    assert found["reported"].tolist() == [row[0] for row in HAND.values()]


def test_a_register_without_a_dated_report_has_no_months():
    assert monthly_cases(register([ROWS[6]]), as_of=AS_OF).empty
