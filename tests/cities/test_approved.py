"""Approved tables: figures that change only on purpose, with a line in the changelog."""

from __future__ import annotations

import pytest

from commands import questions
from tools import approve
from tools.approve import APPROVED, CITIES

CASES = [
    pytest.param(city, marks=[] if city == "demo" else pytest.mark.real_city(city))
    for city in CITIES
]


@pytest.mark.parametrize("city", CASES)
def test_no_approved_figure_has_moved(city, cities, monkeypatch):
    for module in (approve, questions):
        monkeypatch.setattr(module, "load_city", lambda folder: cities(folder.name))
    found = approve.tables(city)
    approved = {path.name: path.read_bytes() for path in APPROVED.glob(f"{city}-*")}
    assert set(found) == set(approved)
    for name, content in found.items():
        assert content == approved[name], (
            f"{name} has moved: read the difference after `python -m tools.approve`, and say why"
            ' under "Changes to numbers" in CHANGELOG.md'
        )
