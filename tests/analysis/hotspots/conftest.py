"""A town of two communities, with cases by chance and a planted hot spot."""

from __future__ import annotations

import numpy as np
import pytest
from shapely.geometry import box

from tests.analysis.hotspots.toy import SIDE, area, issues_at, scattered


@pytest.fixture
def town():
    """Two communities, west and east, 20 × 20 cells of 100 m."""
    return area(box(0, 0, SIDE / 2, SIDE), box(SIDE / 2, 0, SIDE, SIDE))


@pytest.fixture
def planted():
    """3,000 cases by chance, and 200 more around (1550, 450)."""
    extra = np.random.default_rng(9).normal((1_550, 450), 60, (200, 2))
    return issues_at(np.vstack([scattered(), extra]))
