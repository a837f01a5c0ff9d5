"""Tasks in words: the same in a list on a page and in one on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.casework.tasks import timing
from wording.numbers import NOTHING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from analysis.casework.tasks import Task
    from wording.speaker import Speaker

TASK_WORDS = (
    "state", "timing", "proposal", "unit", "leader", "team", "deadline", "progress",
)  # fmt: skip


def worded_tasks(
    tasks: Sequence[Task],
    proposals: Sequence[str],
    *,
    today: dt.date,
    translate: Speaker,
) -> pd.DataFrame:
    """Write state, timing and what the assessment says of each task, in their order."""
    times = timing(tasks, today=today).to_dict("records")
    rows = []
    for task, proposal, time in zip(tasks, proposals, times, strict=True):
        left = time["days_left"]
        if time["late"]:
            told = translate("task.late", n=translate.count(-left))
        elif time["slips"]:
            told = translate("task.slips", step=time["next_step"])
        else:
            told = NOTHING if pd.isna(left) else translate("task.left", n=translate.count(left))
        rows.append(
            {
                "state": translate(f"task.state_{task.state}"),
                "timing": told,
                "proposal": translate(f"task.{proposal}") if proposal else NOTHING,
                "unit": task.unit or NOTHING,
                "leader": task.leader or NOTHING,
                "team": task.team or NOTHING,
                "deadline": task.deadline or NOTHING,
                "progress": task.progress,
            }
        )
    return pd.DataFrame(rows, columns=list(TASK_WORDS))
