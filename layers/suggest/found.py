"""A file under study, and what the study rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from layers.suggest.kinds import UNPLACED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.model.standards import Kind
    from layers.suggest.columns import Values
    from layers.suggest.guesses import Stated
    from layers.suggest.kinds import KindGuess
    from layers.suggest.places import Place
    from layers.suggest.samples import Sample
    from layers.suggest.vocabulary import Vocabulary


@dataclass(frozen=True)
class Found:
    """A file under study."""

    sample: Sample
    rows: Mapping[str, Values]
    place: Place
    kind: KindGuess
    stated: Stated
    more: tuple[Sample, ...] = ()

    @property
    def count(self) -> int:
        """Rows looked at, of all files."""
        return sum(len(each.table.rows) for each in (self.sample, *self.more))

    @property
    def is_table(self) -> bool:
        """Whether it may only add to another file: it has no place, reports and asks nothing."""
        return not self.place.how and self.kind.kind not in UNPLACED and not self.stated.kind


@dataclass(frozen=True)
class Known:
    """What the guessing rests on."""

    kinds: Mapping[str, Kind]
    vocabulary: Vocabulary

    @property
    def types(self) -> dict[str, Mapping[str, str]]:
        """Optional columns of each kind of facility, and their types."""
        return {name: kind.columns for name, kind in self.kinds.items()}
