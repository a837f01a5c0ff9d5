"""Categories of cases, and the levels they are added up by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

CATEGORY = "category"
LEVELS = ("ten", "major", "campaign", CATEGORY)
"""What cases can be added up by: the ten disorders, major classes, campaigns, categories."""
UNMAPPED = ""
"""Key of the cases that the taxonomy puts nowhere on a level."""


@dataclass(frozen=True)
class Action:
    """
    A measure that can be considered against cases of one category.

    Attributes
    ----------
    text, source
        What it is and where it is written, by language.
    """

    text: Mapping[str, str]
    source: Mapping[str, str]


@dataclass(frozen=True)
class Taxonomy:
    """
    What is known of categories.

    Attributes
    ----------
    names
        By level and key, the name a language; in the order in which they are shown.
    parts
        By code of a category: its key on the other levels; `UNMAPPED` where it has none.
    known
        Code by every name that data may use for the category.
    levels
        The levels that the city speaks of, the usual one first: the ten disorders are a
        campaign of Chinese cities.
    """

    names: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    known: Mapping[str, str] = field(default_factory=dict)
    levels: tuple[str, ...] = LEVELS

    def key(self, category: str, level: str) -> str:
        """
        Find the key of a category on a level.

        Parameters
        ----------
        category
            As the data have it.
        level
            One of `LEVELS`.

        Returns
        -------
        key
            A category that is not known is its own key on the level of categories, and
            `UNMAPPED` on every other.
        """
        code = self.known.get(category, "")
        if level == CATEGORY:
            return code or category
        return self.parts.get(code, {}).get(level, UNMAPPED)


def classify(issues: pd.DataFrame, taxonomy: Taxonomy, *, level: str) -> pd.Series[str]:
    """
    Find the key of every case on a level.

    Parameters
    ----------
    issues
        With `category`.
    taxonomy
        What is known of categories.
    level
        One of `LEVELS`.

    Returns
    -------
    key
        On the index of `issues`; `UNMAPPED` where the taxonomy has none.

    Raises
    ------
    ValueError
        If there is no such level.
    """
    if level not in LEVELS:
        msg = f"`level` must be one of {', '.join(LEVELS)}, got {level!r}."
        raise ValueError(msg)
    found = issues["category"].unique()
    keys = {each: taxonomy.key(each, level) for each in found if isinstance(each, str)}
    key: pd.Series[str] = issues["category"].map(keys).fillna(UNMAPPED).astype("str")
    return key.rename("key")
