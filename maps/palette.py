"""Styles that maps share, and the themes of the coverage map: by night the same hues, on dark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from maps.colours import (
    CANNOT_JUDGE,
    CONTEXT,
    FAILS,
    GAP,
    MEETS,
    NIGHT_SHARE,
    REACH,
    SHARE,
    Fill,
    Ramp,
)
from maps.spec import Style

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analysis.access.supply_filter import SupplyFilter

GAP_STYLE = Style(fill="#ffffff00", opacity=1.0, hatch=GAP, line=GAP, width=0.9)
REACH_STYLE = Style(line=REACH, width=2.0)
OUTLINE_STYLE = Style(line=CONTEXT, width=0.8)
GREEN_STYLE = Style(fill="#cfe3c4", opacity=1.0, line="#8fb37e", width=0.8)
WATER_STYLE = Style(fill="#a9c9e2", opacity=1.0, line="")
STREET_STYLE = Style(line="#8a6d3b", width=1.2, opacity=0.6)
"""The ground of a city, for finding one's way."""
NIGHT_GREEN = Style(fill="#1d3326", opacity=1.0, line="#2f5240", width=0.8)
NIGHT_WATER = Style(fill="#16324d", opacity=1.0, line="")
NIGHT_STREET = Style(line="#8894a6", width=0.9, opacity=0.45)
DISTRICT_STYLE = Style(line="#1f2933", width=2.2, opacity=0.85)
NIGHT_DISTRICT = Style(line="#dfe6ee", width=2.0, opacity=0.8)
DRAWN_STYLE = Style(line="#7a1fa2", width=3.0)
NIGHT_DRAWN = Style(line="#e0a3ff", width=3.0)
"""An area that the reader drew."""
CANNOT_JUDGE_STYLE = Style(fill=CANNOT_JUDGE.colour, opacity=1.0, hatch=CANNOT_JUDGE.hatch)
EVENING, MORNING = 20 * 60, 6 * 60
"""The night map is drawn from this minute of the day on, and until that one."""
NIGHT_BORDER = "#0e141d"
NIGHT_UNJUDGED = Style(fill="#2a313c", opacity=1.0, hatch="#5d6776", line=NIGHT_BORDER)


def class_styles(colours: Iterable[str | Fill], *, opacity: float = 0.82) -> tuple[Style, ...]:
    """Make the styles of classes; "cannot judge" comes last, where `class_codes` puts it."""
    names = [colour.colour if isinstance(colour, Fill) else colour for colour in colours]
    styles = (Style(fill=name, opacity=opacity) for name in names)
    return (*styles, CANNOT_JUDGE_STYLE)


@dataclass(frozen=True)
class Theme:
    """
    Styles of one kind of map.

    Attributes
    ----------
    night
        Whether the ground is dark.
    ramp
        Of shares.
    shares, verdicts
        Styles of classes, "cannot judge" last.
    gap, reach, zone, unjudged
        Of what lies on them.
    """

    night: bool
    ramp: Ramp
    shares: tuple[Style, ...]
    verdicts: tuple[Style, ...]
    gap: Style
    reach: Style
    zone: Style
    unjudged: Style


DAY = Theme(
    night=False,
    ramp=SHARE,
    shares=class_styles(SHARE.colours),
    verdicts=class_styles((FAILS, MEETS)),
    gap=GAP_STYLE,
    reach=REACH_STYLE,
    zone=Style(line="#111827", width=2.6, dash="9 5"),
    unjudged=CANNOT_JUDGE_STYLE,
)
NIGHT = Theme(
    night=True,
    ramp=NIGHT_SHARE,
    shares=(
        *(Style(fill=colour, opacity=0.9, line=NIGHT_BORDER) for colour in NIGHT_SHARE.colours),
        NIGHT_UNJUDGED,
    ),
    verdicts=(
        Style(fill=FAILS.colour, line=NIGHT_BORDER),
        Style(fill=MEETS.colour, line=NIGHT_BORDER),
        NIGHT_UNJUDGED,
    ),
    gap=Style(fill="#ffffff00", opacity=1.0, hatch="#ff6cb0", line="#ff6cb0", width=0.9),
    reach=Style(line="#ff5fd2", width=2.0),
    zone=Style(line="#ffffff", width=2.6, dash="9 5"),
    unjudged=NIGHT_UNJUDGED,
)


def theme_at(supply_filter: SupplyFilter) -> Theme:
    """Choose the theme for the hour of a supply filter."""
    if supply_filter.at is None:
        return DAY
    minute = supply_filter.at[1]
    return NIGHT if minute >= EVENING or minute < MORNING else DAY
