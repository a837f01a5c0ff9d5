"""Which findings and tasks belong to a campaign."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.issues.campaign import in_area

if TYPE_CHECKING:
    import pandas as pd

    from analysis.casework.findings import Findings
    from analysis.model.campaign import Campaign


def of_campaign(table: pd.DataFrame, campaign: Campaign) -> pd.Series[bool]:
    """
    Tell which findings, or tasks made of them, a campaign is about.

    Parameters
    ----------
    table
        With `kind`, `subject`, `community_id` and `x`, `y` in the CRS of the city.
    campaign
        Of the same city; its dates count nothing, as what was found in them may be done later.

    Returns
    -------
    chosen
        On the index of `table`: in its area, by community or place, and of one of its
        categories. What is short of facilities, or of a title, is of no category: it belongs to
        campaigns that name none.
    """
    community = table["community_id"].replace("", None)
    chosen = in_area(campaign, x=table["x"], y=table["y"], community=community)
    if campaign.categories:
        chosen = chosen & table["subject"].isin(campaign.categories).to_numpy(dtype=bool)
    return table["kind"].notna() & chosen


def within(findings: Findings, campaign: Campaign | None) -> Findings:
    """
    Keep what a campaign is about.

    Parameters
    ----------
    findings
        Of a city.
    campaign
        Of the same city; `None` keeps all.

    Returns
    -------
    findings
        Those that `of_campaign` chooses; every kind that was judged stays so.
    """
    if campaign is None:
        return findings
    return replace(findings, table=findings.table[of_campaign(findings.table, campaign)])
