"""Makes the frames of issues and of results of second looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.handling.recheck import RESULTS
from analysis.model.contracts import (
    CODED_ISSUE_COLUMNS,
    HANDLED,
    ISSUE_STATUS,
    TEXT_ISSUE_COLUMNS,
    TIME_COLUMNS,
)
from layers.cleaning.coordinates import place_rows
from layers.cleaning.times import clean_times, latest_time, parse_times

if TYPE_CHECKING:
    from layers.cleaning.coordinates import StudyArea
    from layers.cleaning.row_account import RowAccount
    from layers.formats.table import Table
    from layers.recipe.schema import LayerRecipe
from layers.cleaning.frames import _listed, _status, _texts, identify


def clean_issues(
    table: Table,
    ours: pd.DataFrame,
    recipe: LayerRecipe,
    account: RowAccount,
    *,
    area: StudyArea,
    zone: str,
) -> pd.DataFrame:
    """Make issues."""
    ids = identify(ours, recipe, account, keep_twice=False)
    x, y = place_rows(table, ours, recipe, account, area=area, optional=True)
    latest = latest_time(recipe.publication_date, zone=zone)
    times = clean_times(ours, account, how=recipe.times, zone=zone, latest=latest)
    texts = _texts(ours, ["category", "unit", "source", "text"])
    account.note((texts["category"] == "").to_numpy(dtype=bool), "category_missing")
    frame = pd.DataFrame(
        {
            "x": x,
            "y": y,
            "category": texts["category"],
            **{column: times[column] for column in TIME_COLUMNS},
            "status": _status(ours, ISSUE_STATUS, account),
            **{column: texts[column] for column in ("unit", "source", "text")},
            **{column: times[column] for column in (HANDLED,) if column in ours},
            **{column: ours[column] for column in TEXT_ISSUE_COLUMNS if column in ours},
            **_coded(ours, account),
        },
        index=ours.index,
    )
    frame.index = pd.Index(ids, name="issue_id", dtype="str")
    return frame[account.alive]


def _coded(ours: pd.DataFrame, account: RowAccount) -> dict[str, pd.Series[str]]:
    return {
        column: _listed(ours[column], allowed, account)
        for column, allowed in CODED_ISSUE_COLUMNS.items()
        if column in ours
    }


def clean_results(
    table: Table,  # noqa: ARG001  as the others have it
    ours: pd.DataFrame,
    recipe: LayerRecipe,
    account: RowAccount,
    *,
    zone: str,
) -> pd.DataFrame:
    """Make results of second looks."""
    ids = identify(ours, recipe, account, keep_twice=False)
    texts = _texts(ours, ["result", "checked_at"])
    result = texts["result"]
    unknown = (~result.isin(["", *RESULTS])).to_numpy(dtype=bool)
    account.quarantine(unknown, "result_unknown", detail=result.to_numpy(dtype=object))
    days = parse_times(texts["checked_at"], how=recipe.times, zone=zone)
    unread = (days.isna() & (texts["checked_at"] != "")).to_numpy(dtype=bool)
    if (unread & account.alive).any():
        found = texts["checked_at"][unread].iloc[0]
        account.repair(unread, "time_unreadable", column="checked_at", found=found)
    frame = pd.DataFrame({"result": result, "checked_at": days}, index=ours.index)
    frame.index = pd.Index(ids, name="issue_id", dtype="str")
    return frame[account.alive]
