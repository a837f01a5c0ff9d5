"""What a page needs to draw itself, and the words it speaks in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.model.standards import Kind, Standard
    from layers.city import City
    from views.controls.choice import Choice
    from wording.speaker import Speaker


@dataclass(frozen=True)
class Screen:
    """
    What a page needs to draw itself.

    Attributes
    ----------
    city, standards, kinds, categories
        What there is.
    choice
        What the reader has chosen.
    translate
        Speaks the reader's language.
    """

    city: City
    standards: Mapping[str, Standard]
    kinds: Mapping[str, Kind]
    categories: Mapping[str, Mapping[str, str]]
    choice: Choice
    translate: Speaker

    def kind_name(self, kind: str) -> str:
        """Name of a facility kind in the reader's language."""
        return self.translate.of(self.kinds[kind].name)

    def category_name(self, category: str) -> str:
        """Name of a category of cases in the reader's language."""
        return self.translate.of(self.categories.get(category, {self.translate.language: category}))

    def parent_name(self, parent: str) -> str:
        """Name of a parent, or words for there being none."""
        return parent or self.translate("app.other_parent")
