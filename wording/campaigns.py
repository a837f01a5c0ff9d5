"""What came of a campaign, in words: the same on page and in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from wording.names import with_names
from wording.numbers import NOTHING

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from analysis.model.campaign import Campaign
    from analysis.model.question import Selection
    from analysis.trends.campaigns import CampaignChange
    from layers.city import City
    from wording.speaker import Speaker

NAMED = 3
"""Categories and communities that are named; of more the number is told."""
DIGITS = 2


def campaign_sentences(
    found: CampaignChange,
    campaign: Campaign,
    city: City,
    categories: Mapping[str, Mapping[str, str]],
    translate: Speaker,
) -> list[str]:
    """Say what a campaign was about, how it compares, and what this does not prove."""
    periods = found.periods.set_index("period").to_dict("index")
    said = [about(campaign, city, categories, translate)]
    said += [_compared(row, periods, translate) for row in found.changes.to_dict("records")]
    said += [
        translate(
            "campaign.unobserved" if row["observed_days"] else "campaign.not_observed",
            period=translate(f"campaign.period_{name}"),
            n=translate.count(row["days"] - row["observed_days"]),
            days=translate.count(row["days"]),
        )
        for name, row in periods.items()
        if row["observed_days"] < row["days"]
    ]
    if pd.isna(found.extra):
        said.append(translate("campaign.few_blocks", n=translate.count(found.blocks)))
    return [*said, translate("campaign.no_proof")]


def about(
    campaign: Campaign,
    city: City,
    categories: Mapping[str, Mapping[str, str]],
    translate: Speaker,
) -> str:
    """Say when, against what and where a campaign is."""
    chosen = city.communities.loc[list(campaign.communities), ["name"]]
    named = with_names(chosen, city.communities, translate.language)["name"].tolist()
    where = [_some(named, "campaign.communities", translate)] if named else []
    where += [translate("campaign.polygons")] if campaign.shape is not None else []
    against = [
        translate.of(categories[each]) if each in categories else each
        for each in campaign.categories
    ]
    return translate(
        "campaign.about",
        name=translate.of(campaign.name),
        since=f"{campaign.since:%Y-%m-%d}",
        until=f"{campaign.until:%Y-%m-%d}",
        days=translate.count(campaign.days),
        categories=_some(against, "campaign.categories", translate)
        if against
        else translate("campaign.every_category"),
        where=translate("asked.and").join(where) or translate("campaign.whole_city"),
    )


def asked_period(selection: Selection, city: City, translate: Speaker) -> str:
    """Name the campaign that issues are of, if one was asked for, and their days."""
    days = period_text(selection)
    if not selection.campaign:
        return days
    name = translate.of(city.campaigns[selection.campaign].name)
    return translate("campaign.asked_days" if days else "campaign.asked", name=name, days=days)


def narrowed(selection: Selection, city: City, translate: Speaker) -> list[str]:
    """Say that only what a campaign is about is told of, if one was asked for; not its days."""
    if not selection.campaign:
        return []
    name = translate.of(city.campaigns[selection.campaign].name)
    return [translate("campaign.narrowed", name=name)]


def period_text(selection: Selection) -> str:
    """Write first and last day; an open end as an ellipsis, no ends as nothing."""
    ends = (selection.since, selection.until)
    days = ["…" if day is None else day.isoformat() for day in ends]
    return "" if days == ["…", "…"] else " – ".join(days)


def _some(names: list[str], key: str, translate: Speaker) -> str:
    """Name a few, and count more."""
    if len(names) > NAMED:
        return translate(key, n=translate.count(len(names)))
    return translate("asked.and").join(names)


def _compared(
    row: Mapping[Hashable, Any], periods: Mapping[Hashable, Mapping[Any, Any]], translate: Speaker
) -> str:
    names = {
        "period": translate(f"campaign.period_{row['period']}"),
        "against": translate(f"campaign.period_{row['against']}"),
    }
    if row["reason"] == "unseen":
        return translate("campaign.unseen", **names)
    facts = {
        "now": rate(periods[row["period"]], translate),
        "then": rate(periods[row["against"]], translate),
        "change": translate(f"campaign.change_{row['change']}"),
    }
    if pd.isna(row["rate_ratio"]):
        return translate("campaign.compared_none", **names, **facts)
    return translate(
        "campaign.compared",
        **names,
        **facts,
        ratio=translate.decimal(row["rate_ratio"], digits=DIGITS),
        low=translate.decimal(row["ratio_low"], digits=DIGITS),
        high=translate.decimal(row["ratio_high"], digits=DIGITS),
    )


def rate(period: Mapping[Any, Any], translate: Speaker) -> str:
    """Write a rate a day with its limits, and what it rests on."""
    if not period["observed_days"]:
        return NOTHING
    return translate(
        "campaign.rate",
        rate=translate.decimal(period["per_day"], digits=DIGITS),
        low=translate.decimal(period["per_day_low"], digits=DIGITS),
        high=translate.decimal(period["per_day_high"], digits=DIGITS),
        n=translate.count(period["reports_observed"]),
        days=translate.count(period["observed_days"]),
    )
