"""A campaign: a push against some categories of cases, in some area, for some time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import shapely


@dataclass(frozen=True)
class Campaign:
    """
    What a campaign is about.

    Attributes
    ----------
    id
        What it is called by: one of its names, unique in the city.
    name
        By language.
    since, until
        First and last day, both included.
    categories
        As in the data; none means every category.
    communities
        Identifiers of those it is about.
    shape
        Polygons that it is about, in the CRS of the city; `None` for none.
    """

    id: str
    name: Mapping[str, str]
    since: dt.date
    until: dt.date
    categories: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()
    shape: shapely.Geometry | None = field(default=None, repr=False)

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.until - self.since).days + 1

    @property
    def everywhere(self) -> bool:
        """Whether it is about the whole city."""
        return not self.communities and self.shape is None
