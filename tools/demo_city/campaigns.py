"""Two planted campaigns of the demo city: one that worked while it ran, one without effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tools.demo_city.files import toml_table
from tools.demo_city.issues import RETURNED, STANDING, HotSpot

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from tools.demo_city.ground import CommunityLand

    Truth = dict[str, object]

DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Planted:
    """A campaign against what a planted place is full of, in the community it lies in."""

    id: str
    title: Mapping[str, str]
    name: Mapping[str, str]
    since: str
    until: str
    spot: HotSpot

    def rows(self, issues: pd.DataFrame, home: int) -> pd.DataFrame:
        """Reports of its categories in its community, whenever."""
        mine = issues["category"].isin(list(self.spot.categories))
        return issues[mine & issues["home"].eq(home)]


WORKED = Planted(
    "campaign-worked",
    {"zh": "见效的专项行动", "en": "A campaign that worked"},
    {"zh": "2025年小餐饮污水整治", "en": "Waste water of small eateries, 2025"},
    "2025-06-01",
    "2025-07-31",
    RETURNED,
)
"""The lane behind the eateries is quiet from June 2025 until it comes back in November."""
WITHOUT_EFFECT = Planted(
    "campaign-without-effect",
    {"zh": "没有效果的专项行动", "en": "A campaign without effect"},
    {"zh": "2025年秋冬季爱国卫生运动", "en": "Autumn and winter hygiene campaign, 2025"},
    "2025-11-01",
    "2026-01-31",
    STANDING,
)
"""The market has as many reports in every month."""
CAMPAIGNS = (WORKED, WITHOUT_EFFECT)


def _home(ground: CommunityLand, campaign: Planted) -> int:
    return int(ground.home_of(np.array([campaign.spot.centre]))[0])


def campaign_entries(ground: CommunityLand) -> str:
    """Write the campaigns as the recipe has them."""
    entries = [
        {
            "name": dict(each.name),
            "from": each.since,
            "to": each.until,
            "categories": list(each.spot.categories),
            "area": {"communities": [str(ground.communities.index[_home(ground, each)])]},
        }
        for each in CAMPAIGNS
    ]
    return "".join(f"\n[[campaigns]]\n{toml_table(entry)}\n" for entry in entries)


def campaign_truths(ground: CommunityLand, issues: pd.DataFrame) -> list[Truth]:
    """Count the reports before, during and after each, by hand."""
    return [_truth(each, each.rows(issues, _home(ground, each)), ground) for each in CAMPAIGNS]


def _truth(campaign: Planted, rows: pd.DataFrame, ground: CommunityLand) -> Truth:
    first, last = np.datetime64(campaign.since), np.datetime64(campaign.until)
    long = last - first + DAY
    day = rows["reported_at"].to_numpy().astype("datetime64[D]")

    def reports(begin: np.datetime64) -> int:
        return int(((day >= begin) & (day < begin + long)).sum())

    return {
        "id": campaign.id,
        "type": "campaign",
        "title": dict(campaign.title),
        "campaign": campaign.name["zh"],
        "since": campaign.since,
        "until": campaign.until,
        "categories": list(campaign.spot.categories),
        "community_id": str(ground.communities.index[_home(ground, campaign)]),
        "before": reports(first - long),
        "during": reports(first),
        "after": reports(first + long),
    }
