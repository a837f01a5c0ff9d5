"""A chart as SVG, by the library that draws it on the page, without a browser."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import vl_convert

from exports.pictures.fonts import FAMILIES, FOLDER, font_file
from exports.pictures.raster import png_bytes
from exports.pictures.sheet import Sheet

if TYPE_CHECKING:
    from charts.spec import ChartSpec

CHART = Sheet(900, 300, 2.0)
"""A chart in a paper or by itself; its height is that of the drawing."""
SLIDE = Sheet(960, 540, 2.0)
"""A chart on a slide of 16:9, 1920 x 1080 pixels."""
EDGE = 24
"""Pixels at every edge of a slide."""
LOW = 150
"""Height of a chart between the lines of a paper."""
MARGIN = 90
"""Pixels beside the drawing that axis and legend need."""


def chart_svg(spec: ChartSpec, *, titled: bool = False, sheet: Sheet = CHART) -> str:
    """Draw a chart; one that stands by itself has its title, one on a slide fills it."""
    _use_our_font()
    if sheet is SLIDE:
        drawn = spec.chart.properties(width=sheet.width, height=sheet.height).to_dict()
        drawn |= {"autosize": {"type": "fit", "contains": "padding"}, "padding": EDGE}
    else:
        height = spec.height if titled else min(spec.height, LOW)
        drawn = spec.chart.properties(width=sheet.width - MARGIN, height=height).to_dict()
    drawn["config"] = {**drawn.get("config", {}), "font": FAMILIES[0], "background": "white"}
    title = {"text": spec.title, "anchor": "start", "fontSize": 16}
    return str(vl_convert.vegalite_to_svg({**drawn, **({"title": title} if titled else {})}))


def chart_files(spec: ChartSpec, name: str) -> dict[str, bytes]:
    """Draw a chart as SVG and PNG."""
    return {f"{name}.{form}": chart_picture(spec, CHART, form) for form in ("svg", "png")}


def chart_picture(spec: ChartSpec, sheet: Sheet, form: str) -> bytes:
    """Draw a chart that stands by itself, as `svg` or `png`."""
    svg = chart_svg(spec, titled=True, sheet=sheet)
    return svg.encode() if form == "svg" else png_bytes(svg, sheet)


@lru_cache(maxsize=1)
def _use_our_font() -> None:
    """Let texts be measured with the font that draws them."""
    font_file()
    vl_convert.register_font_directory(str(FOLDER))
