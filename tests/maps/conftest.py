"""Shapes that maps draw."""

from __future__ import annotations

import pytest

from tests.maps.toy import wavy_squares


@pytest.fixture
def squares():
    return wavy_squares()
