"""A chart outside the page shows its figures and its words, in letters of the project's font."""

from __future__ import annotations

import io
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from PIL import Image

from charts.cases import monthly_chart
from exports.pictures.chart import chart_files, chart_svg
from tests.exports.toy import speaker


@pytest.fixture(scope="module")
def chart():
    months = pd.DataFrame(
        {"reported": [10, 40], "closed": [5, 20], "open": [5, 25], "overdue": [1, 2]},
        index=["2026-05", "2026-06"],
    )
    return monthly_chart(months, speaker("zh"))


def test_a_chart_is_drawn_with_its_title_months_and_series(chart):
    files = chart_files(chart, "chart")
    tree = ET.fromstring(files["chart.svg"])
    said = {node.text for node in tree.iter() if node.text}
    assert {chart.title, "2026-05", "2026-06", *chart.table.columns[1:]} <= said
    assert b"Noto Sans SC" in files["chart.svg"]
    picture = Image.open(io.BytesIO(files["chart.png"])).convert("RGB")
    assert picture.width == 1800
    assert len(picture.getcolors(1 << 24) or []) > 10


def test_the_points_of_a_chart_lie_at_their_figures(chart):
    """Reported goes from 10 to 40 and closed from 5 to 20: twice the rise on one axis."""
    tree = ET.fromstring(chart_svg(chart))
    lines = [
        node.get("d")
        for node in tree.iter()
        if node.get("aria-roledescription") == "line mark" and node.get("d")
    ]
    heights = [[float(p.split(",")[1]) for p in d.lstrip("M").split("L")] for d in lines]
    rises = [first - last for first, last in heights]
    assert len(rises) == 4
    assert max(rises) == pytest.approx(2 * sorted(rises)[-3], rel=1e-3)
