"""Levels above communities (sub-district, district …), and the area of each that a row is of."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.model.contracts import stated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

LEVELS = ("parent", *(f"parent_{number}" for number in range(2, 7)))
"""Columns of communities that name the area above them, the nearest first."""
NOT_GIVEN = "(none)"
"""Stands for the area of communities that state none on a level, where others do."""
OUTSIDE = "(outside)"
"""Stands for the area of what lies in no community."""


def levels_of(communities: pd.DataFrame) -> tuple[str, ...]:
    """
    Tell which levels a city has.

    Parameters
    ----------
    communities
        As in `analysis.model.contracts`.

    Returns
    -------
    levels
        Those of `LEVELS` on which any community names its area, the nearest first.
    """
    return tuple(
        level for level in LEVELS if level in communities and bool(stated(communities[level]).any())
    )


def areas_at(communities: pd.DataFrame, level: str) -> pd.Series[str]:
    """
    Name the area that each community is part of on a level.

    Parameters
    ----------
    communities
        As in `analysis.model.contracts`.
    level
        One of `levels_of` them.

    Returns
    -------
    areas
        On the same index; `NOT_GIVEN` where a community names none. Areas of one name are one
        area.
    """
    return communities[level].fillna("").replace("", NOT_GIVEN)


def areas_of(community: pd.Series, communities: pd.DataFrame, level: str) -> pd.Series[str]:
    """
    Name the area on a level that cases, tasks and the like are of.

    Parameters
    ----------
    community
        Identifier of the community of each row; missing or empty outside all.
    communities
        As in `analysis.model.contracts`.
    level
        One of `levels_of` them.

    Returns
    -------
    areas
        On the index of `community`; `OUTSIDE` where it is none of `communities`.
    """
    areas: pd.Series[str] = community.map(areas_at(communities, level)).fillna(OUTSIDE)
    return areas.astype(object)


def in_order(areas: Iterable[str]) -> list[str]:
    """
    Put areas into the order of their names, each once, what is no area last.

    Examples
    --------
    >>> in_order(["(none)", "West", "(outside)", "East", "West"])
    ['East', 'West', '(none)', '(outside)']
    """
    last = {NOT_GIVEN: 1, OUTSIDE: 2}
    return sorted(set(areas), key=lambda name: (last.get(name, 0), name))


def units_of(communities: pd.DataFrame) -> tuple[pd.MultiIndex, NDArray[np.int64]]:
    """
    List what figures of communities are added up for.

    Parameters
    ----------
    communities
        As in `analysis.model.contracts`.

    Returns
    -------
    units
        `level` and `name`: the city (`city`, with an empty name), then the areas of every level.
    place
        Levels x communities: the place among `units` of the unit that each community adds to. On
        every level each community adds to one unit, so the units of a level add up to the city.
    """
    units, places = [("city", "")], [np.zeros(len(communities), dtype=np.int64)]
    for level in levels_of(communities):
        areas = areas_at(communities, level)
        names = in_order(areas)
        places.append(len(units) + pd.Index(names).get_indexer(pd.Index(areas)).astype(np.int64))
        units += [(level, name) for name in names]
    return pd.MultiIndex.from_tuples(units, names=["level", "name"]), np.stack(places)


def split_areas(communities: pd.DataFrame) -> Iterator[tuple[str, str, pd.Index]]:
    """
    Find the areas of a level that lie in several areas of the level above.

    Parameters
    ----------
    communities
        As in `analysis.model.contracts`.

    Yields
    ------
    level, above, names
        Two levels that follow each other, and the areas of the lower one whose communities name
        more than one area of the upper one. Communities that leave either empty tell nothing.
    """
    levels = levels_of(communities)
    for level, above in pairwise(levels):
        named = stated(communities[level]) & stated(communities[above])
        pairs = pd.DataFrame(communities.loc[named, [level, above]]).drop_duplicates()
        several = pairs[level][pairs[level].duplicated()].unique()
        if len(several):
            yield level, above, pd.Index(several)
