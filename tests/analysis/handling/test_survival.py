"""Curves of what stays open or clean."""

from __future__ import annotations

from analysis.handling.survival import clean_after, staying_clean


def test_curves_without_events_are_level():
    curve = staying_clean([3, 4], [False, False])
    assert clean_after(curve, [0, 10]).tolist() == [1, 1]
