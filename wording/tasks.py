"""Tasks in words: the same in a list on a page and in one on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from wording.numbers import NOTHING

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any

    from wording.speaker import Speaker

TASK_WORDS = (
    "state", "timing", "proposal", "unit", "leader", "team", "deadline", "progress",
)  # fmt: skip


def worded_tasks(
    tasks: pd.DataFrame, times: pd.DataFrame, slips: pd.DataFrame, translate: Speaker
) -> pd.DataFrame:
    """
    Write state, timing and what the assessment says of each task, on their index.

    `tasks` as of `exports.recipes.casework.task_board.held`, `times` and `slips` as of
    `analysis.casework.task_table`.
    """
    own = tasks[["unit", "leader", "team", "deadline"]]
    told = times.join(slips[["moved_days", "moves", "steps_moved", "expected", "behind"]])
    rows = told.join(tasks["progress"]).to_dict("records")
    return pd.DataFrame(
        {
            "state": tasks["state"].map(lambda state: translate(f"task.state_{state}")),
            "timing": [_timing(row, translate) for row in rows],
            "proposal": tasks["proposal"].map(
                lambda said: translate(f"task.{said}") if said else NOTHING
            ),
            **own.replace("", NOTHING),
            "progress": tasks["progress"],
        },
        index=tasks.index,
        columns=list(TASK_WORDS),
    )


def _timing(row: Mapping[Hashable, Any], translate: Speaker) -> str:
    left = row["days_left"]
    if row["late"]:
        return translate("task.late", n=translate.count(-left))
    if row["slips"]:
        return translate("task.slips", step=row["next_step"])
    return NOTHING if pd.isna(left) else translate("task.left", n=translate.count(left))


def slip_reasons(times: pd.DataFrame, slips: pd.DataFrame, progress: pd.Series[int],
                 translate: Speaker) -> list[str]:  # fmt: skip
    """Say of each task in which ways it slips, in the order of their index."""
    rows = times.join(slips).assign(progress=progress).to_dict("records")
    return ["; ".join(_reasons(row, translate)) for row in rows]


def _reasons(row: Mapping[Hashable, Any], translate: Speaker) -> list[str]:
    said = []
    if row["late"] or row["slips"]:
        said.append(_timing(row, translate))
    if row["moved_days"] > 0:
        days, times = translate.count(row["moved_days"]), translate.count(row["moves"])
        said.append(translate("task.moved_later", days=days, n=times))
    if row["steps_moved"]:
        said.append(translate("task.steps_moved", n=translate.count(row["steps_moved"])))
    if row["behind"]:
        expected = translate.count(round(row["expected"]))
        progress = translate.count(row["progress"])
        said.append(translate("task.behind", progress=progress, expected=expected))
    return said
