"""What was guessed of files: each guess with its reason and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

SURE = 0.6
"""From this confidence on a guess stands in the recipe; below it is a comment there."""


@dataclass(frozen=True)
class Reason:
    """
    Why something was guessed, or what is in doubt.

    Attributes
    ----------
    code
        `data/words/suggest.toml` has its sentence under `guess.<code>`.
    facts
        Values for the sentence.
    """

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class ColumnGuess:
    """One column of theirs taken for one of ours; `confidence` from 0 to 1."""

    theirs: str
    ours: str
    confidence: float
    reason: Reason

    @property
    def sure(self) -> bool:
        """Whether it stands in the recipe."""
        return self.confidence >= SURE


@dataclass(frozen=True)
class LayerGuess:
    """
    What one file, or several of one layout, were taken for.

    Attributes
    ----------
    files
        Names as in the recipe.
    kind
        A kind of layer, or `""` where nothing tells it.
    confidence
        Of the kind, from 0 to 1.
    reasons
        Why it is of this kind.
    keys
        Further keys of the recipe, such as `crs`, `encoding`, `times`, `values`, `join`.
    columns
        By which columns of theirs are known; those that are not sure are comments.
    doubts
        What a person should look at.
    rows
        Rows looked at.
    aside
        Why it is no layer of the city, or `None` if it is one.
    headings
        Columns of the file, in its order.
    first
        Its first rows, as text.
    """

    files: tuple[str, ...]
    kind: str
    confidence: float
    reasons: tuple[Reason, ...] = ()
    keys: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[ColumnGuess, ...] = ()
    doubts: tuple[Reason, ...] = ()
    rows: int = 0
    aside: Reason | None = None
    headings: tuple[str, ...] = ()
    first: pd.DataFrame | None = field(default=None, compare=False, repr=False)

    @property
    def source(self) -> tuple[str, str]:
        """Its first file, and the sheet of it."""
        return self.files[0], str(self.keys.get("layer", ""))

    @property
    def taken(self) -> dict[str, tuple[str, ...]]:
        """Columns that stand in the recipe: theirs to ours."""
        taken: dict[str, tuple[str, ...]] = {}
        for column in self.columns:
            if column.sure:
                taken[column.theirs] = (*taken.get(column.theirs, ()), column.ours)
        return taken


@dataclass(frozen=True)
class CityGuess:
    """
    A city as guessed from its files.

    Attributes
    ----------
    keys
        Keys of the city in its recipe: name, language, time zone, standard.
    doubts
        What a person should look at of these.
    layers
        In the order of the recipe; those that are `aside` are comments there.
    """

    keys: Mapping[str, Any]
    doubts: tuple[Reason, ...]
    layers: tuple[LayerGuess, ...]

    @property
    def present(self) -> tuple[LayerGuess, ...]:
        """Those that stand in the recipe."""
        return tuple(layer for layer in self.layers if layer.aside is None)


@dataclass(frozen=True)
class Stated:
    """
    What a person has said of a file, against which nothing is guessed.

    Attributes
    ----------
    kind
        Of the layer, `"none"` to leave the file out, or `None` if not said.
    columns
        Theirs to ours; `""` for a column that is not to be taken.
    keys
        Keys of the recipe; an empty text is as good as nothing said.
    """

    kind: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
