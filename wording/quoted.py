"""What an error quotes, with personal data masked: it is shown, written and logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.privacy.recognise import CLASSES, NUMBERS, mask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.model.errors import PlanningError

OF_THE_OPERATOR = {
    "allowed", "command", "file", "folder", "head", "other", "path", "program", "url", "within",
}  # fmt: skip
"""Facts that quote no data: names of files, what a program may be told."""
PERSONAL = tuple(kind for kind in CLASSES if kind != "address")
"""An address in an error is that of a public place, or the text could not be told apart."""


def quoted_facts(facts: Mapping[str, object]) -> dict[str, object]:
    """Mask what facts of an error quote; the heading of a column tells what a bare value is."""
    heading = str(facts.get("column") or "")
    return {
        name: mask(fact, heading=heading, classes=PERSONAL)
        if isinstance(fact, str) and name not in OF_THE_OPERATOR
        else fact
        for name, fact in facts.items()
    }


def quoted(error: PlanningError) -> str:
    """Give the message of an error with what it quotes masked."""
    return _without(str(error), error)


def quoted_hint(error: PlanningError) -> str:
    """Give the advice of an error with what it quotes masked."""
    return _without(error.hint, error)


def _without(text: str, error: PlanningError) -> str:
    kept: list[str] = []
    for name, fact in error.facts.items():
        if not isinstance(fact, str) or not fact:
            continue
        if name in OF_THE_OPERATOR and fact in text:
            text = text.replace(fact, f"\0{len(kept)}\0")
            kept.append(fact)
        else:
            text = text.replace(fact, str(quoted_facts({name: fact, **_column(error)})[name]))
    text = mask(text, classes=NUMBERS)
    for place, fact in enumerate(kept):
        text = text.replace(f"\0{place}\0", fact)
    return text


def _column(error: PlanningError) -> dict[str, object]:
    return {"column": error.facts["column"]} if "column" in error.facts else {}
