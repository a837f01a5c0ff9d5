"""Of several columns that may be meant, the assistant takes the one that is proved, or none."""

from __future__ import annotations

import pandas as pd
import pytest

from layers.knowledge.standards import load_kinds
from layers.suggest.columns import add_by_values, guess_columns, values_of
from layers.suggest.vocabulary import load_vocabulary

KINDS = load_kinds()
VOCABULARY = load_vocabulary(KINDS)
DAYS = [f"2024-03-{day:02d}" for day in range(1, 9)]
LATER = [f"2024-04-{day:02d}" for day in range(1, 9)]
TURNED = [LATER[0], *DAYS[1:]]


def taken(kind="issues", ours=("reported_at", "closed_at"), types=None, **columns):
    rows = values_of(pd.DataFrame(columns, dtype="str"))
    found = guess_columns(rows, ours, types=types or {}, vocabulary=VOCABULARY)
    return [(g.theirs, g.ours) for g in add_by_values(kind, found, rows) if g.sure]


@pytest.mark.parametrize("names", [("data zamkniecia", "data zgloszenia"), ("datum a", "datum b")])
def test_of_times_whose_headings_say_as_much_the_earliest_is_that_of_the_report(names):
    late, early = names
    assert (early, "reported_at") in taken(**{late: LATER, early: DAYS})
    assert taken(**{late: LATER, early: [LATER[7], *DAYS[1:]]}) == []


def test_an_hour_beside_a_day_makes_one_time():
    columns = {"上报日期": DAYS, "上报时间": [f"{hour}:05" for hour in range(8, 16)]}
    assert taken(**columns) == [("上报日期", "reported_at"), ("上报时间", "reported_at")]
    whole = {"上报日期": [f"{day} 09:05" for day in DAYS], "上报时间": columns["上报时间"]}
    assert taken(**whole) == [("上报日期", "reported_at")]


def test_what_stands_for_no_time_hides_no_column_of_times():
    assert ("结案时间", "closed_at") in taken(结案时间=[*["-"] * 6, "2024-04-01", "2024-04-02"])


@pytest.mark.parametrize("heading", ["小便蹲位", "men stalls total", "无障碍厕位"])
def test_a_part_is_not_taken_for_all(heading):
    types = dict.fromkeys(("stalls", "female_stalls", "male_stalls"), "number")
    counts = [str(count) for count in range(8)]
    found = taken("toilet", tuple(types), types, **{heading: counts})
    assert (heading, "stalls") not in found
    both = {"男厕蹲位": counts, "女厕蹲位": counts, "蹲位数": counts}
    expected = {"男厕蹲位": "male_stalls", "女厕蹲位": "female_stalls", "蹲位数": "stalls"}
    assert dict(taken("toilet", tuple(types), types, **both)) == expected
