"""The writers of a paper by the ending of its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exports.papers.docx import docx_bytes
from exports.papers.pdf import page_pictures, pdf_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from exports.papers.model import Paper

__all__ = ["WRITERS", "page_pictures"]

WRITERS: dict[str, Callable[[Paper], bytes]] = {"docx": docx_bytes, "pdf": pdf_bytes}
