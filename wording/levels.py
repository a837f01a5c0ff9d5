"""Names of the levels above communities, and of what is added up on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.model.levels import LEVELS, NOT_GIVEN, OUTSIDE
from wording.names import known_names, level_names, with_area_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from layers.city import City
    from wording.speaker import Speaker


def level_title(city: City, level: str, translate: Speaker) -> str:
    """Call a level as the recipe does, else by its place above the communities."""
    called = level_names(city, translate.language)
    if level in called:
        return called[level]
    place = LEVELS.index(level) + 1
    return translate("level.first") if place == 1 else translate("level.nth", n=place)


def parent_title(city: City, translate: Speaker) -> str:
    """Head what communities belong to, as the recipe calls it, beside the heading of these."""
    title = translate("level.of", level=level_title(city, "parent", translate))
    own = title == translate("coverage.col_name")  # cells whose communities stand above them
    return translate("level.nth", n=1) if own else title


def area_titles(city: City, level: str, names: Iterable[str], translate: Speaker) -> list[str]:
    """Name areas of a level in the reader's language, and what is no area in words."""
    known = known_names(city.communities, translate.language)[level]
    known = {**known, **_no_areas(translate)}
    return [known.get(name, name) or translate("scorecard.whole") for name in names]


def with_area_titles(rows: pd.DataFrame, city: City, translate: Speaker) -> pd.DataFrame:
    """Name the areas of a table of every level, and what is no area in words."""
    named = with_area_names(rows, city, translate.language)
    return named.assign(name=named["name"].replace(_no_areas(translate)))


def _no_areas(translate: Speaker) -> dict[str, str]:
    return {NOT_GIVEN: translate("level.not_given"), OUTSIDE: translate("level.outside")}
