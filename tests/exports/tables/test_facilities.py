"""Tables of facilities: what is asked once."""

from __future__ import annotations

from exports.tables.facilities import (
    gaps_by_rule,
)
from tests.exports.toy import (
    STANDARD,
)


def test_gaps_of_one_kind_and_radius_are_found_once():
    asked = []
    found = gaps_by_rule(STANDARD, {"toilet"}, lambda *key: asked.append(key) or object())
    assert asked == [("toilet", 300.0)]
    assert found["toilet-300"] is found["toilet-area"]
    assert set(found) == {"toilet-300", "toilet-area"}
