"""Tables of facilities: what is asked once."""

from __future__ import annotations

from analysis.coverage.figures import STRAIGHT
from exports.tables.facilities import gaps_by_rule


def test_gaps_of_one_kind_radius_and_measure_are_found_once(assessment):
    asked = []

    def find(kind, radius, *, measure):
        asked.append((kind, radius, measure))
        return object()

    found = gaps_by_rule(assessment, {"toilet"}, find)
    assert asked == [("toilet", 300.0, STRAIGHT)]
    assert found["toilet-300", STRAIGHT] is found["toilet-area", STRAIGHT]
    assert set(found) == {("toilet-300", STRAIGHT), ("toilet-area", STRAIGHT)}
