"""Legends: a line for each class, with the style of what it explains."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise
from typing import TYPE_CHECKING

from maps.palette import CANNOT_JUDGE_STYLE
from maps.spec import LegendRow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from maps.spec import Style
    from wording.speaker import Speaker


def legend_rows(styles: Sequence[Style], labels: Sequence[str]) -> tuple[LegendRow, ...]:
    """Explain classes in their order."""
    return tuple(
        LegendRow(label, **{part.name: getattr(style, part.name) for part in fields(style)})
        for style, label in zip(styles, labels, strict=True)
    )


def highest_first(styles: Sequence[Style], labels: Sequence[str]) -> tuple[LegendRow, ...]:
    """Explain classes that rise, from the highest down."""
    return legend_rows(styles, labels)[::-1]


def coded_rows(
    styles: Mapping[str, Style], codes: Collection[str], translate: Speaker, words: str
) -> tuple[LegendRow, ...]:
    """Explain the codes that the map shows, in the order of their styles."""
    present = [code for code in styles if code in set(codes)]
    labels = [translate(f"{words}.{code}") for code in present]
    return legend_rows([styles[code] for code in present], labels)


def unjudged_rows(
    translate: Speaker, *, present: bool, style: Style = CANNOT_JUDGE_STYLE
) -> tuple[LegendRow, ...]:
    """Explain "cannot judge" where the map shows it."""
    return legend_rows([style], [translate("coverage.legend_none")]) if present else ()


def step_labels(steps: Sequence[int]) -> list[str]:
    """
    Label classes of counts, each from its step to below the next.

    Examples
    --------
    >>> step_labels((1, 2, 5))
    ['1', '2–4', '≥ 5']
    """
    spans = [f"{low}" if low == high - 1 else f"{low}–{high - 1}" for low, high in pairwise(steps)]
    return [*spans, f"≥ {steps[-1]}"]
