"""Typst, the one library that makes pixels and PDF: it reads no file and no font but ours."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import typst

from exports.pictures.fonts import FONTS, font_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typst import PDFStandard


class UnreadableError(ValueError):
    """A document does not meet a standard, as a letter of it is in no font."""


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Read the fonts once; a machine's own would make the same paper look another way."""
    for bold in (False, True):
        font_file(bold=bold)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


def typeset(
    template: bytes,
    inputs: Mapping[str, str],
    *,
    form: Literal["pdf", "png"],
    ppi: float | None = None,
    standards: tuple[PDFStandard, ...] = (),
) -> list[bytes]:
    """Set a template with texts that it takes as they are, never as markup; pages as a list."""
    compiler = typst.Compiler(
        template, font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=dict(inputs)
    )
    try:
        made = compiler.compile(format=form, ppi=ppi, pdf_standards=list(standards))
    except typst.TypstError as error:
        if not standards:
            raise
        raise UnreadableError(error.message) from error
    return [page for page in (made if isinstance(made, list) else [made]) if page]
