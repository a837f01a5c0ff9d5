"""The same finding next month: names carried over, and what is new, stands or is gone."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from analysis.casework.findings import FINDING_COLUMNS, Findings
from analysis.casework.identity import compare_findings, recognise

WITHIN = {"hot_place": 500.0, "repeat_point": 50.0}


def table(*rows):
    """Make a table of findings from (name, kind, subject, x)."""
    frame = pd.DataFrame(
        [{"kind": kind, "subject": subject, "x": x, "y": 0.0} for _, kind, subject, x in rows],
        columns=list(FINDING_COLUMNS),
        index=pd.Index([name for name, *_ in rows], name="finding_id", dtype=object),
    )
    return frame.astype({"x": float, "y": float})


def names(now, before):
    found = recognise(Findings(table(*now)), table(*before), within_m=WITHIN)
    return found.table.index.tolist()


def test_a_place_that_moved_a_street_keeps_its_name():
    now = [("hot_place:9_9", "hot_place", "litter", 310.0)]
    before = [("hot_place:1_1", "hot_place", "posters", 0.0)]
    assert names(now, before) == ["hot_place:1_1"]
    assert names([("hot_place:9_9", "hot_place", "", 501.0)], before) == ["hot_place:9_9"]


def test_a_repeat_point_must_be_of_the_same_category():
    now = [("repeat_point:litter:0_0", "repeat_point", "litter", 10.0)]
    before = [
        ("repeat_point:posters:0_0", "repeat_point", "posters", 10.0),
        ("repeat_point:litter:1_0", "repeat_point", "litter", 55.0),
    ]
    assert names(now, before) == ["repeat_point:litter:1_0"]


def test_of_two_that_are_near_each_takes_one_and_the_nearest_first():
    before = [("hot_place:a", "hot_place", "", 0.0), ("hot_place:b", "hot_place", "", 400.0)]
    now = [("hot_place:b", "hot_place", "", 190.0), ("hot_place:c", "hot_place", "", 100.0)]
    assert names(now, before) == ["hot_place:b", "hot_place:a"]


def test_a_name_that_another_place_bears_already_gets_a_number():
    before = [("hot_place:a", "hot_place", "", 0.0)]
    now = [("hot_place:b", "hot_place", "", 10.0), ("hot_place:a", "hot_place", "", 300.0)]
    assert names(now, before) == ["hot_place:a", "hot_place:a:2"]


def test_what_bears_a_name_of_its_own_is_never_renamed():
    now = [("coverage:c0:s/r", "coverage", "s/r", 0.0), ("overdue:i0", "overdue", "", 0.0)]
    before = [("coverage:c1:s/r", "coverage", "s/r", 0.0), ("overdue:i1", "overdue", "", 0.0)]
    assert names(now, before) == ["coverage:c0:s/r", "overdue:i0"]


def test_gone_is_only_what_was_looked_for():
    earlier = table(
        ("coverage:c0:s/r", "coverage", "s/r", 0.0),
        ("coverage:c1:s/r", "coverage", "s/r", 0.0),
        ("coverage:c2:s/r", "coverage", "s/r", 0.0),
        ("hot_place:a", "hot_place", "", 0.0),
        ("overdue:i0", "overdue", "", 0.0),
    )
    now = table(
        ("coverage:c0:s/r", "coverage", "s/r", 0.0), ("coverage:c9:s/r", "coverage", "s/r", 0.0)
    )
    judged = {"coverage": pd.Index(["coverage:c1:s/r", *now.index]), "hot_place": None}
    compared = compare_findings(Findings(now, judged), earlier)
    assert compared["status"].to_dict() == {
        "coverage:c0:s/r": "stands",
        "coverage:c9:s/r": "new",
        "coverage:c1:s/r": "gone",
        "coverage:c2:s/r": "cannot_judge",  # nobody could judge the community this time
        "hot_place:a": "gone",
        "overdue:i0": "cannot_judge",  # the layer of issues is missing
    }


PLACES = st.lists(
    st.tuples(
        st.sampled_from(["hot_place", "repeat_point"]),
        st.sampled_from(["litter", "posters"]),
        st.one_of(st.integers(-3, 3).map(lambda each: 150.0 * each), st.just(float("nan"))),
    ),
    max_size=8,
)


@given(now=PLACES, before=PLACES)
def test_every_name_is_borne_once_and_the_same_day_is_recognised_whole(now, before):
    def rows(places, mark):
        return [(f"{kind}:{mark}{row}", kind, *rest) for row, (kind, *rest) in enumerate(places)]

    earlier = table(*rows(before, "e"))
    found = recognise(Findings(table(*rows(now, "n"))), earlier, within_m=WITHIN).table
    assert found.index.is_unique
    assert len(found) == len(now)
    kinds = earlier["kind"].reindex(found.index)
    assert (kinds.isna() | kinds.eq(found["kind"])).all()
    far = (found["x"] - earlier["x"].reindex(found.index)).abs()
    assert (far.isna() | far.le(found["kind"].map(WITHIN))).all()
    again = recognise(Findings(found), found, within_m=WITHIN).table
    placed = found["x"].notna()
    assert again.index[placed].tolist() == found.index[placed].tolist()
