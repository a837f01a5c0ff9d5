"""Names of the levels above communities, and of what is added up on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.model.levels import LEVELS, NOT_GIVEN, OUTSIDE
from wording.names import known_names, level_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layers.city import City
    from wording.speaker import Speaker


def level_title(city: City, level: str, translate: Speaker) -> str:
    """Call a level as the recipe does, else by its place above the communities."""
    called = level_names(city, translate.language)
    if level in called:
        return called[level]
    place = LEVELS.index(level) + 1
    return translate("level.first") if place == 1 else translate("level.nth", n=place)


def area_titles(city: City, level: str, names: Iterable[str], translate: Speaker) -> list[str]:
    """Name areas of a level in the reader's language, and what is no area in words."""
    known = known_names(city.communities, translate.language)[level]
    known = {**known, NOT_GIVEN: translate("level.not_given"), OUTSIDE: translate("level.outside")}
    return [known.get(name, name) or translate("scorecard.whole") for name in names]
