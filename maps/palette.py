"""The look of the coverage map by day and by night: the same hues, in the order of brightness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from maps.colours import FAILS, MEETS, NIGHT_SHARE, SHARE, Ramp
from maps.spec import CANNOT_JUDGE_STYLE, GAP_STYLE, REACH_STYLE, Style, class_styles

if TYPE_CHECKING:
    from analysis.access.supply_filter import SupplyFilter

EVENING, MORNING = 20 * 60, 6 * 60
"""The night map is drawn from this minute of the day on, and until that one."""
NIGHT_BORDER = "#0e141d"
NIGHT_UNJUDGED = Style(fill="#2a313c", opacity=1.0, hatch="#5d6776", line=NIGHT_BORDER)


@dataclass(frozen=True)
class Light:
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


DAY = Light(
    night=False,
    ramp=SHARE,
    shares=class_styles(SHARE.colours),
    verdicts=class_styles((FAILS, MEETS)),
    gap=GAP_STYLE,
    reach=REACH_STYLE,
    zone=Style(line="#111827", width=2.6, dash="9 5"),
    unjudged=CANNOT_JUDGE_STYLE,
)
NIGHT = Light(
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


def light_at(asked: SupplyFilter) -> Light:
    """Choose the look for the hour that is asked for."""
    if asked.at is None:
        return DAY
    minute = asked.at[1]
    return NIGHT if minute >= EVENING or minute < MORNING else DAY
