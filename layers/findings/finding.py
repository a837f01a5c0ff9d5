"""One thing that was found in a frame: its rule, the rows concerned, numbers for its sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from layers.city import FIRST_IDS, Note

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


@dataclass(frozen=True, eq=False)
class Finding:
    """
    What was found.

    Attributes
    ----------
    rule
        As of a `Note`.
    rows
        Identifiers of the rows concerned.
    facts
        For its sentence.
    """

    rule: str
    rows: pd.Index
    facts: Mapping[str, object]

    def note(self, layer: str) -> Note:
        """Make the note of a layer."""
        first = tuple(map(str, self.rows[:FIRST_IDS]))
        return Note(layer, "noted", self.rule, len(self.rows), first, self.facts)
