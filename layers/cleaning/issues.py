"""Makes the frames of issues, and of results of rechecks of closed ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.handling.recheck import RESULTS
from analysis.issues.due_dates import with_due_times
from analysis.model.contracts import (
    CODED_ISSUE_COLUMNS,
    HANDLED,
    ISSUE_STATUS,
    TEXT_ISSUE_COLUMNS,
    TIME_COLUMNS,
    check_issues,
)
from analysis.privacy.recognise import NUMBERS, mask_column, mask_slipped
from analysis.privacy.retention import past_keeping
from layers.cleaning.coordinates import place_rows
from layers.cleaning.identifiers import identify, loaded_rows
from layers.cleaning.times import clean_times, latest_time, parse_times
from layers.cleaning.values import codes, most_frequent_values, status
from layers.places.names import EXACT
from layers.sources.memory import give_back

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from layers.cleaning.layer import Layer
    from layers.cleaning.study_area import StudyArea
    from layers.knowledge.case_rules import CaseRules
    from layers.places.names import Communities


LEADER = "leader"
_OWN = ("text", LEADER, "community_id")
"""What people wrote, who answers by name, and codes."""


def clean_issues(
    layer: Layer, *, area: StudyArea, zone: str, rules: CaseRules, names: Callable[[], Communities]
) -> pd.DataFrame:
    """Make the issues of one layer."""
    ours, recipe, account = layer.ours, layer.recipe, layer.account
    identifiers = identify(layer, keep_twice=False)
    x, y = place_rows(layer, area=area, optional=True)
    give_back()
    latest = latest_time(recipe.publication_date, zone=zone)
    times = clean_times(ours, account, how=recipe.times, zone=zone, latest=latest)
    texts, further = _texts(layer)
    if months := recipe.keep_texts_months:
        past = past_keeping(times["reported_at"], months=months) & (texts["text"] != "")
        account.note(past.to_numpy(dtype=bool), "texts_past", months=months)
        texts["text"] = texts["text"].mask(past, "")
    account.note((texts["category"] == "").to_numpy(dtype=bool), "category_missing")
    frame = pd.DataFrame(
        {
            "x": x,
            "y": y,
            "category": texts["category"],
            **{column: times[column] for column in TIME_COLUMNS},
            "status": status(ours, ISSUE_STATUS, account),
            **{column: texts[column] for column in ("unit", "source", "text")},
            **{column: times[column] for column in (HANDLED,) if column in ours},
            **further,
            **_named_community(layer, np.isnan(x), names),
            **{
                column: codes(ours[column], allowed, account)
                for column, allowed in CODED_ISSUE_COLUMNS.items()
                if column in ours
            },
        },
        index=ours.index,
        copy=False,  # nobody else has these columns
    )
    issues = loaded_rows(frame, identifiers, layer, index="issue_id")
    return _with_due_times(issues, layer, rules) if rules.deadlines else issues


def _texts(layer: Layer) -> tuple[dict[str, pd.Series[str]], dict[str, pd.Series[str]]]:
    """Take what every report has and what some have; every table shows them but the text."""
    texts = layer.texts("category", "unit", "source", "text")
    further = layer.translated(*TEXT_ISSUE_COLUMNS)
    for columns in (texts, further):
        columns |= {name: mask_slipped(of) for name, of in columns.items() if name not in _OWN}
    if LEADER in further:
        further[LEADER] = mask_column(further[LEADER], classes=NUMBERS)
    return texts, further


def _named_community(
    layer: Layer, nowhere: NDArray[np.bool_], names: Callable[[], Communities]
) -> dict[str, pd.Series[str]]:
    """Find the communities that reports name, and tell of those without a place."""
    ours, account = layer.ours, layer.account
    if "community" not in ours:
        return {}
    texts = layer.texts("community", "parent")
    communities = names()
    named = communities.named_by(texts["community"], texts["parent"])
    known = (named.community_id != "").to_numpy(dtype=bool)
    account.note(nowhere & known & (named.score >= EXACT), "community_named")
    for position in np.flatnonzero(nowhere & known & (named.score < EXACT))[:1]:
        account.repair(
            nowhere & known & (named.score < EXACT),
            "community_likened",
            found=texts["community"].iloc[position],
            read=communities.name_of(named.community_id.iloc[position]),
            score=round(named.score[position]),
        )
    unknown = nowhere & ~known & (texts["community"] != "").to_numpy(dtype=bool)
    for rule, mask in (
        ("community_several", unknown & named.several),
        ("community_unknown", unknown & ~named.several),
    ):
        if (mask & account.alive).any():
            account.note(mask, rule, found=most_frequent_values(texts["community"][mask]))
    return {"community_id": named.community_id}


def _with_due_times(issues: pd.DataFrame, layer: Layer, rules: CaseRules) -> pd.DataFrame:
    issues = with_due_times(issues, rules.taxonomy, rules.deadlines, rules.calendar)
    computed = issues.index[issues["due_basis"].eq("computed")]
    layer.account.note(layer.account.labelled(computed), "due_computed")
    return issues


def joined_issues(issues: pd.DataFrame) -> pd.DataFrame:
    """Leave empty a text or code that one of the layers lacks, and check the issues."""
    lacking = [column for column in (*CODED_ISSUE_COLUMNS, *TEXT_ISSUE_COLUMNS) if column in issues]
    issues = issues.assign(**{name: issues[name].fillna("").astype("str") for name in lacking})
    check_issues(issues)
    return issues


def clean_results(layer: Layer, *, zone: str) -> pd.DataFrame:
    """Make the results of rechecks of one layer."""
    account = layer.account
    identifiers = identify(layer, keep_twice=False)
    texts = layer.texts("result", "checked_at")
    result = texts["result"]
    unknown = (~result.isin(["", *RESULTS])).to_numpy(dtype=bool)
    account.quarantine(unknown, "result_unknown", detail=result.to_numpy(dtype=object))
    days = parse_times(texts["checked_at"], how=layer.recipe.times, zone=zone)
    unread = (days.isna() & (texts["checked_at"] != "")).to_numpy(dtype=bool)
    if (unread & account.alive).any():
        found = texts["checked_at"][unread].iloc[0]
        account.repair(unread, "time_unreadable", column="checked_at", found=found)
    frame = pd.DataFrame({"result": result, "checked_at": days}, index=layer.ours.index)
    return loaded_rows(frame, identifiers, layer, index="issue_id")
