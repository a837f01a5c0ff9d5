"""Campaigns: the time before, during and after each, the issues of one, and their files."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING

import pandas as pd

from analysis.issues.issue_set import with_communities
from analysis.issues.selection import select_issues
from analysis.model.errors import SettingsError
from analysis.model.question import Selection
from exports.provenance import RECORD, with_record
from exports.recipes.hotspots import csv_files, with_campaign
from exports.tables.coordinates import with_degrees
from layers.knowledge.taxonomy import category_names
from wording.campaigns import campaign_sentences

if TYPE_CHECKING:
    from analysis.model.campaign import Campaign
    from analysis.model.question import Question
    from exports.recipes.issue_answers import IssueAnswers
    from layers.city import City
    from wording.speaker import Speaker

COMMAND = "campaigns"
TABLES = ("campaigns", "campaign_periods", "campaign_changes", "campaign_issues")
CAMPAIGN_FILES = (*(f"{name}.csv" for name in TABLES), RECORD)
PLANNED, RUNNING, OVER = STATES = ("planned", "running", "over")
"""Of a campaign on the last day of the data."""


def state_of(campaign: Campaign, city: City) -> str:
    """Tell whether a campaign is to come, runs, or is over."""
    day = city.as_of.tz_localize(None).date()
    if day < campaign.since:
        return PLANNED
    return RUNNING if day <= campaign.until else OVER


def chosen_campaign(city: City, name: str) -> Campaign:
    """Give the campaign of an identifier; without one, the latest that has begun."""
    if not city.campaigns:
        msg = f"{city.id}: there is no campaign."
        hint = "State it in city.toml: [[campaigns]] with name, from, to, categories, area."
        raise SettingsError(msg, problem="no_campaigns", hint=hint, city=city.id)
    if name:
        return city.campaigns[name]
    begun = [each for each in city.campaigns.values() if state_of(each, city) != PLANNED]
    return max(begun or city.campaigns.values(), key=lambda each: each.since)


def campaign_tables(answers: IssueAnswers, question: Question) -> dict[str, pd.DataFrame]:
    """List every campaign, its periods, and how they differ, the latest campaign first."""
    campaigns = sorted(answers.city.campaigns.values(), key=lambda each: each.since, reverse=True)
    found = {each.id: answers.campaign_change(question, each.id) for each in campaigns}
    rows = [
        {
            "campaign": each.id,
            "campaign_en": each.name["en"],
            "since": each.since.isoformat(),
            "until": each.until.isoformat(),
            "state": state_of(each, answers.city),
            "categories": "; ".join(each.categories),
            "communities": "; ".join(each.communities),
            "polygons": each.shape is not None,
            "blocks": found[each.id].blocks,
            "extra": found[each.id].extra,
        }
        for each in campaigns
    ]
    parts = {
        "campaign_periods": [found[name].periods.assign(campaign=name) for name in found],
        "campaign_changes": [found[name].changes.assign(campaign=name) for name in found],
    }
    joined = {name: pd.concat(tables, ignore_index=True) for name, tables in parts.items()}
    return {"campaigns": pd.DataFrame(rows), **joined}


def campaign_issues(answers: IssueAnswers, campaign: Campaign) -> pd.DataFrame:
    """List the issues of a campaign: its dates, categories and area."""
    asked = Selection(None, campaign.since, campaign.until, campaign.id)
    issue_set = answers.issue_set(asked)
    return with_communities(select_issues(issue_set.issues, asked), issue_set)


def campaign_files(
    answers: IssueAnswers,
    question: Question,
    translate: Speaker,
    *,
    created: dt.datetime | None = None,
) -> tuple[dict[str, bytes], list[str]]:
    """Make the tables of all campaigns and the issues of one, and say what came of it."""
    city = answers.city
    campaign = chosen_campaign(city, with_campaign(question.selection, city).campaign)
    issues = with_degrees(campaign_issues(answers, campaign).reset_index(), city)
    placed = {name: issues[name].where(issues["x"].notna()) for name in ("lon", "lat")}
    files = csv_files(
        {**campaign_tables(answers, question), "campaign_issues": issues.assign(**placed)}
    )
    change = answers.campaign_change(question, campaign.id)
    said = campaign_sentences(change, campaign, city, category_names(), translate)
    parameters = {
        "campaign": campaign.id,
        "since": str(campaign.since),
        "until": str(campaign.until),
        "follow_up": asdict(question.follow_up),
        "language": translate.language,
    }
    recorded = with_record(
        files,
        city,
        command=COMMAND,
        parameters=parameters,
        created=created or dt.datetime.now(dt.UTC),
    )
    return recorded, said
