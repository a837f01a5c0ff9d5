"""The fonts of pictures and papers: files in `data/fonts`, so that no machine needs its own."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from analysis.model.errors import SettingsError

FONTS = Path(__file__).resolve().parents[2] / "data" / "fonts"
"""Every font below it is used: first ours, then for letters that ours lack any other."""
FOLDER = FONTS / "noto-sans-sc"
REGULAR, BOLD = "NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf"
FAMILIES = ("Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "sans-serif")
"""Ours first; then those by which the reader of an SVG most likely has Chinese characters."""
MEASURED = 100
"""Size at which widths are measured; they grow with the size."""


def font_file(*, bold: bool = False) -> Path:
    """Find a font, or say that it is missing."""
    file = FOLDER / (BOLD if bold else REGULAR)
    if not file.is_file():
        msg = f"{file.name} is missing in data/fonts: Chinese characters cannot be drawn."
        raise SettingsError(
            msg, problem="font_missing", hint="Restore it from the project.", file=file.name
        )
    return file


@lru_cache(maxsize=2)
def _font(bold: bool) -> ImageFont.FreeTypeFont:  # noqa: FBT001  a key of the cache
    return ImageFont.truetype(str(font_file(bold=bold)), MEASURED)


@lru_cache(maxsize=20_000)
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Measure a line of text in pixels."""
    return float(_font(bold).getlength(text)) * size / MEASURED
