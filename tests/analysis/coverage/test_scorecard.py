"""The scorecard by hand, and what must hold between two standards."""

from __future__ import annotations

import pandas as pd
import pytest
from shapely import box

from analysis.access.prepared_city import prepare
from analysis.coverage.assessment import assess
from analysis.coverage.scorecard import FLIP_COLUMNS, RULE_COLUMNS, SCORE_COLUMNS, flips, scorecard
from analysis.model.figures import FIGURES
from analysis.model.standards import Rule, Standard
from tests.frames import points, polygons, residents


def rule(name, figure, minimum, radius=None, kind="toilet"):
    return Rule(
        id=name,
        kind=kind,
        figure=FIGURES[figure],
        minimum=minimum,
        minimum_basis="project",
        title={"en": name},
        clause={},
        source={},
        confidence="low",
        service_radius_m=radius,
    )


def standard(*rules):
    return Standard("toy", {"en": "Toy"}, "", "", "", rules)


STRICT = standard(
    rule("near-by", "population_covered_share", 0.8, 100), rule("some", "facilities_inside", 2)
)
EASY = standard(rule("one", "facilities_inside", 1))


@pytest.fixture(scope="module")
def ready():
    """Three squares: two toilets and people near, one toilet and people far, nothing."""
    squares = [box(1000 * n, 0, 1000 * (n + 1), 1000) for n in range(3)]
    communities = polygons(squares, parents=["P", "P", "Q"])
    toilets = points([(500, 500), (500, 520), (1500, 500)])
    people = residents([(500, 550, 10), (1500, 550, 6), (1500, 800, 4)])
    return prepare(communities, toilets, people, kinds=["toilet"])


def judge(ready, chosen):
    return assess(ready, chosen).coverage


def test_matrix_by_hand(ready):
    table = scorecard(STRICT, judge(ready, STRICT))
    assert table["community_id"].tolist() == ["c1", "c2", "c0"]
    assert table["fails"].tolist() == [2, 1, 0]
    assert table["cannot_judge"].tolist() == [0, 1, 0]
    assert table["attainment"].tolist() == pytest.approx([0.5, 0, 1])
    assert table["near_by_verdict"].tolist() == ["fails", "cannot_judge", "meets"]
    assert table["near_by_value"].tolist() == pytest.approx([0.6, float("nan"), 1], nan_ok=True)
    assert table["near_by_margin"].tolist() == pytest.approx([-0.2, float("nan"), 0.2], nan_ok=True)
    assert table["some_margin"].tolist() == [-1, -2, 0]
    assert table["some_gap_type"].tolist() == ["short", "missing", "none"]
    assert table["some_shortfall"].tolist() == [1, 2, 0]
    columns = [f"{prefix}{name}" for prefix in ("near_by_", "some_") for name in RULE_COLUMNS]
    assert table.columns.tolist() == [*SCORE_COLUMNS, *columns]


def test_a_rule_nobody_can_judge_leaves_no_attainment(ready):
    chosen = standard(rule("m", "facilities_inside", 1, kind="market"))
    table = scorecard(chosen, judge(ready, chosen))
    assert table["attainment"].isna().all()
    assert table["cannot_judge"].tolist() == [1, 1, 1]


def test_flips_by_hand(ready):
    found = flips(judge(ready, STRICT), judge(ready, EASY))
    assert tuple(found.columns) == FLIP_COLUMNS
    assert found[["community_id", "verdict", "verdict_against"]].to_numpy().tolist() == [
        ["c1", "fails", "meets"]
    ]
    back = flips(judge(ready, EASY), judge(ready, STRICT))
    swapped = back.rename(columns={"verdict": "verdict_against", "verdict_against": "verdict"})
    pd.testing.assert_frame_equal(found, swapped[list(FLIP_COLUMNS)])


def test_a_standard_does_not_differ_from_itself(ready):
    assert flips(judge(ready, STRICT), judge(ready, STRICT)).empty


def test_one_rule_of_a_kind_that_fails_is_enough(ready):
    lenient = standard(rule("one", "facilities_inside", 1), rule("five", "facilities_inside", 5))
    found = flips(judge(ready, EASY), judge(ready, lenient))
    assert found["verdict_against"].tolist() == ["fails", "fails"]


def test_standards_without_a_kind_in_common_have_nothing_to_compare(ready):
    markets = standard(rule("m", "facilities_inside", 1, kind="market"))
    found = flips(judge(ready, EASY), judge(ready, markets))
    assert found.empty
    assert tuple(found.columns) == FLIP_COLUMNS
