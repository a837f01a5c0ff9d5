"""Cases and tasks added up on every level above communities: by hand, and as a law."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from analysis.casework.by_area import load_by_area
from analysis.casework.task_table import LOAD_COLUMNS, slippage, tabulated, timing
from analysis.casework.tasks import STATES, Task
from analysis.issues.by_area import cases_by_area
from analysis.issues.counts import count_cases
from analysis.model.levels import NOT_GIVEN, OUTSIDE, levels_of
from tests.analysis.casework.test_task_table import TODAY, agreed_of
from tests.frames import issues, polygons

SQUARES = [box(1000 * x, 0, 1000 * x + 1000, 1000) for x in range(4)]
HOMES = ("c0", "c1", "c2", "c3", "")


def communities(parents=("North", "North", "South", ""), second=("East", "West", "West", "")):
    people = [400.0, 600.0, np.nan, 100.0]
    return polygons(SQUARES, parents=list(parents), parent_2=list(second), population=people)


def counted(homes, states, dues, areas):
    frame = issues(
        status=list(states),
        due_at=[f"2026-07-{5 if due else 20}" if due is not None else None for due in dues],
        reported_at=["2026-07-01"] * len(homes),
    )
    home = pd.Series([each or None for each in homes], index=frame.index)
    return frame, cases_by_area(frame, home, areas, as_of=TODAY)


def test_no_area_is_known_to_have_none_where_no_case_has_a_place():
    frame = issues(status=["open", "closed"]).assign(x=np.nan, y=np.nan)
    nowhere = pd.Series(None, frame.index, dtype=object)
    found = cases_by_area(frame, nowhere, communities(), as_of=TODAY)
    known = found[found["cases"].notna()]
    assert known["cases"].tolist() == [2, 2, 2]  # the city, and on each level what is in no area
    assert set(known["name"]) == {"", OUTSIDE}
    assert found.loc[found["cases"].isna(), ["open", "overdue", "per_10k_people"]].isna().all(None)
    outside = cases_by_area(frame.assign(x=0.0, y=0.0), nowhere, communities(), as_of=TODAY)
    assert outside["cases"].sum() == 3 * 2
    assert outside["cases"].notna().all()


def load_of(tasks, areas):
    table = tabulated({task.finding: task for task in tasks})
    slips = slippage(table, agreed_of(*((TODAY, task) for task in tasks)), today=TODAY)
    return load_by_area(table, areas, times=timing(table, today=TODAY), slips=slips)


def test_cases_by_hand():
    homes = ["c0", "c0", "c1", "c2", "c3", ""]
    states = ["open", "closed", "open", "unknown", "open", "open"]
    _, found = counted(homes, states, [True, None, False, None, True, True], communities())
    rows = found.astype(object).where(found.notna(), None).to_dict("records")
    told = {(row["level"], row["name"]): [*row.values()][2:] for row in rows}
    assert told == {
        ("city", ""): [4, None, 6, 4, 3, None],
        ("parent", "North"): [2, 1000.0, 3, 2, 1, 30.0],
        ("parent", "South"): [1, None, 1, None, None, None],
        ("parent", NOT_GIVEN): [1, 100.0, 1, 1, 1, 100.0],
        ("parent", OUTSIDE): [0, None, 1, 1, 1, None],
        ("parent_2", "East"): [1, 400.0, 2, 1, 1, 50.0],
        ("parent_2", "West"): [2, None, 2, 1, 0, None],
        ("parent_2", NOT_GIVEN): [1, 100.0, 1, 1, 1, 100.0],
        ("parent_2", OUTSIDE): [0, None, 1, 1, 1, None],
    }


def test_tasks_by_hand():
    def task(name, home, state="open", deadline=""):
        return Task(name, state=state, deadline=deadline, facts={"community_id": home})

    tasks = [
        task("a", "c0", deadline="2026-07-01"),
        task("b", "c1", "done"),
        task("c", "c3", "verified"),
        task("d", "", "given_up"),
        task("e", "c9", "in_hand"),  # a community of an earlier edition of the layer
    ]
    found = load_of(tasks, communities())
    told = {
        (row["level"], row["name"]): (row["tasks"], row["unfinished"], row["late"], row["done"])
        for row in found.to_dict("records")
    }
    assert told == {
        ("city", ""): (5, 2, 1, 1),
        ("parent", "North"): (2, 1, 1, 1),
        ("parent", "South"): (0, 0, 0, 0),
        ("parent", NOT_GIVEN): (1, 0, 0, 0),
        ("parent", OUTSIDE): (2, 1, 0, 0),
        ("parent_2", "East"): (1, 1, 1, 0),
        ("parent_2", "West"): (1, 0, 0, 1),
        ("parent_2", NOT_GIVEN): (1, 0, 0, 0),
        ("parent_2", OUTSIDE): (2, 1, 0, 0),
    }
    assert np.isnan(found.loc[found["name"] == "South", "progress"].item())


def test_nothing_at_all_is_a_row_of_zeros_for_each_area():
    found = load_of([], communities())
    assert len(found) == 7
    assert not found[[name for name in LOAD_COLUMNS if name != "progress"]].to_numpy().any()


names = st.sampled_from(["", "A", "B", "C"])
areas_ = st.builds(communities, *[st.lists(names, min_size=4, max_size=4)] * 2)
cases_ = st.tuples(
    st.sampled_from(HOMES),
    st.sampled_from(["open", "closed", "unknown"]),
    st.sampled_from([None, True, False]),
)


@settings(deadline=None, max_examples=8)
@given(areas=areas_, cases=st.lists(cases_, min_size=1, max_size=9))
def test_cases_of_every_level_add_up_to_the_city(areas, cases):
    frame, found = counted(*zip(*cases, strict=True), areas)
    whole, own = found.iloc[0], count_cases(frame, as_of=TODAY)
    assert (whole["cases"], whole["communities"]) == (own.total, 4)
    assert pd.isna(whole["open"]) or whole["open"] == own.open
    for level in levels_of(areas):
        rows = found[found["level"] == level]
        for name in ("cases", "communities", "open", "overdue"):
            known = 0 if pd.isna(whole[name]) else whole[name]
            assert rows[name].sum() == known, (level, name)


tasks_ = st.lists(
    st.tuples(
        st.sampled_from((*HOMES, "c9")),
        st.sampled_from(STATES),
        st.sampled_from(["", "2026-07-01", "2026-08-01"]),
    ),
    max_size=9,
)


@settings(deadline=None, max_examples=8)
@given(areas=areas_, drawn=tasks_)
def test_tasks_of_every_level_add_up_to_the_city(areas, drawn):
    tasks = [
        Task(str(number), state=state, deadline=deadline, facts={"community_id": home})
        for number, (home, state, deadline) in enumerate(drawn)
    ]
    found = load_of(tasks, areas)
    assert found.iloc[0]["tasks"] == len(tasks)
    for level in levels_of(areas):
        rows = found[found["level"] == level]
        for name in ("unfinished", *LOAD_COLUMNS[:-1]):
            assert rows[name].sum() == found.iloc[0][name], (level, name)
