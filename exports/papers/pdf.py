"""A paper as PDF: tagged, its text selectable, its fonts inside, its maps as vectors."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from exports.papers.model import Table
from exports.papers.widths import column_widths
from exports.pictures.typesetter import UnreadableError, typeset

if TYPE_CHECKING:
    from typing import Any

    from exports.papers.model import Block, Paper

TEMPLATE = Path(__file__).resolve().parents[2] / "data" / "papers" / "paper.typ"
STANDARD: Literal["ua-1"] = "ua-1"
"""PDF/UA-1: headings, tables and pictures can be read out."""
PAGE_PPI = 110
"""Pixels an inch of a preview."""


def pdf_bytes(paper: Paper) -> bytes:
    """Set a paper; one with letters that no font has cannot be read out whole, and says so not."""
    try:
        return typeset(_template(), _inputs(paper), form="pdf", standards=(STANDARD,))[0]
    except UnreadableError:
        return typeset(_template(), _inputs(paper), form="pdf")[0]


def page_pictures(paper: Paper) -> list[bytes]:
    """Set a paper as a picture a page, for looking at."""
    return typeset(_template(), _inputs(paper), form="png", ppi=PAGE_PPI)


def _template() -> bytes:
    return TEMPLATE.read_bytes()


def _inputs(paper: Paper) -> dict[str, str]:
    content = {
        **{
            key: getattr(paper, key)
            for key in ("title", "subtitle", "language", "notice", "number")
        },
        "year": paper.day.year,
        "month": paper.day.month,
        "day": paper.day.day,
        "signature": list(paper.signature),
        "blocks": [_block(block) for block in paper.blocks],
    }
    return {"paper": json.dumps(content, ensure_ascii=False)}


def _block(block: Block) -> dict[str, Any]:
    looks: dict[str, Any] = {}
    if isinstance(block, Table):
        looks = {"widths": column_widths(block), "whole": block.whole}
    return {"kind": type(block).__name__, **asdict(block), **looks}
