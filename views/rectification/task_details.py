"""One task on the page: what was found, the form, a conflict with both values, its history."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from analysis.casework.returned import cell_of, filled_in
from analysis.casework.tasks import (
    DAYS,
    LONGEST_NAME,
    LONGEST_NOTE,
    MOVES,
    WHOLE,
    Milestone,
    Task,
)
from analysis.model.errors import PlanningError
from exports.recipes.casework.tasks import BY, facts_table, history_of, save_task
from store.versioned import ConflictError, history
from views.controls.permits import ask_author
from views.controls.tables import show_table
from wording.findings import worded_findings
from wording.numbers import NOTHING

if TYPE_CHECKING:
    from exports.recipes.casework.tasks import Kept
    from store.database import Store
    from store.versioned import Difference
    from views.controls.screen import Screen

SEEN = "task_seen"
"""Where the session has the version of the task that its form was drawn of."""


def show_task(screen: Screen, store: Store, entry: Kept, *, may_write: bool) -> None:
    """Show what was found, the form where it may be saved, and every version."""
    translate = screen.translate
    told = worded_findings(
        facts_table([entry], screen.city),
        screen.city,
        screen.standards,
        kinds=screen.kinds,
        categories=screen.categories,
        translate=translate,
    ).iloc[0]
    st.markdown(f"**{translate.markdown('app.plain', text=told['place'])}**")
    lines = (told["what"], told["found"], told["remedy"])
    st.caption("  \n".join(translate.markdown("app.plain", text=each) for each in lines))
    if entry.proposal:
        st.info(translate(f"task.{entry.proposal}"))
    if message := st.session_state.pop("task_saved", ""):
        st.success(message)
    if told_both := st.session_state.pop("task_conflict", []):
        plain = [translate.markdown("app.plain", text=each) for each in told_both]
        st.warning("\n- ".join(plain))
    if may_write:
        _form(screen, store, _as_seen(screen, entry))
    _history(screen, store, entry)


def _as_seen(screen: Screen, entry: Kept) -> Kept:
    """
    Give the version that the reader has before them, which may not be the newest any more.

    Were the form drawn anew when somebody else has saved, what was written in it would be gone
    and the save that comes with it held to a version that nobody saw.
    """
    seen = st.session_state.get(SEEN)
    if seen is None or seen.record.id != entry.record.id:
        seen = entry
    if seen.record.version < entry.record.version:
        told = screen.translate("task.newer", version=entry.record.version)
        st.warning(told)
        if st.button(screen.translate("task.show_newer")):
            st.session_state[SEEN] = entry
            st.rerun()
    else:
        seen = entry
    st.session_state[SEEN] = seen
    return seen


def _form(screen: Screen, store: Store, entry: Kept) -> None:
    """Let a task be filled in; what is saved is held to the version that was seen."""
    translate, record = screen.translate, entry.record
    with st.form(f"task-{record.id[:8]}-{record.version}"):
        cells = _fields(screen, entry.task)
        links = st.text_area(translate("task.links"), "\n".join(entry.task.links), height=68)
        by = ask_author(translate("task.by"), key="task-by", longest=LONGEST_NAME)
        saved = st.form_submit_button(translate("task.save"), type="primary")
    if not saved:
        return
    try:
        filled = replace(filled_in(entry.task, cells), links=tuple(links.split()))
        kept_now = save_task(store, entry, filled, by=by.strip())
    except ConflictError as error:
        _keep_conflict(screen, error)
    except PlanningError as error:
        st.error(translate.markdown_error(error))
        return
    else:
        version = kept_now.record.version
        st.session_state["task_saved"] = translate("task.saved", version=version)
        del st.session_state[SEEN]
    st.rerun()


def _fields(screen: Screen, task: Task) -> dict[str, str]:
    """Draw the parts of a task as fields, and give what stands in them as cells of a list."""
    translate = screen.translate
    state = st.selectbox(
        translate("task.col_state"),
        [task.state, *MOVES[task.state]],
        format_func=lambda each: translate(f"task.state_{each}"),
    )
    progress = st.slider(translate("task.col_progress"), 0, WHOLE, task.progress, step=5)
    deadline = st.date_input(
        translate("task.col_deadline"),
        value=dt.date.fromisoformat(task.deadline) if task.deadline else None,
        min_value=DAYS[0],
        max_value=DAYS[1],
        format="YYYY-MM-DD",
    )
    texts = {
        name: st.text_input(
            translate(f"task.col_{name}"), getattr(task, name), max_chars=LONGEST_NAME
        ).strip()
        for name in ("unit", "leader", "team")
    }
    steps = st.text_area(translate("task.milestones"), cell_of(task, "milestones"), height=80)
    note = st.text_area(translate("task.note"), task.note, max_chars=LONGEST_NOTE, height=80)
    reason = st.text_input(translate("task.reason"), task.reason, max_chars=LONGEST_NAME)
    plain = {"state": state, "progress": str(progress), "milestones": steps, "note": note.strip()}
    day = deadline.isoformat() if deadline else ""
    return {**plain, **texts, "deadline": day, "reason": reason.strip()}


def _keep_conflict(screen: Screen, error: ConflictError) -> None:
    """Keep both values for the next drawing, where the form shows what was saved meanwhile."""
    translate = screen.translate
    del st.session_state[SEEN]
    st.session_state["task_conflict"] = [
        translate("task.conflict", version=error.theirs.version),
        *(_both(screen, each) for each in error.differences if each.key != BY),
    ]


def _both(screen: Screen, each: Difference) -> str:
    translate = screen.translate
    mine = f"{translate('task.conflict_mine')} {_value(screen, each.key, each.mine)}"
    theirs = f"{translate('task.conflict_theirs')} {_value(screen, each.key, each.theirs)}"
    return f"{translate(f'task.part_{each.key}')}: {mine} → {theirs}"


def _value(screen: Screen, part: str, value: object) -> str:
    """Write a value of a part of a task."""
    if part == "state" and isinstance(value, str):
        return screen.translate(f"task.state_{value}")
    if part == "milestones" and isinstance(value, list):
        steps = tuple(Milestone(**each) for each in value)
        return "; ".join(cell_of(Task("", milestones=steps), part).splitlines())
    if isinstance(value, list):
        return "; ".join(map(str, value)) or NOTHING
    return NOTHING if value in {None, ""} else str(value)


def _history(screen: Screen, store: Store, entry: Kept) -> None:
    translate = screen.translate
    with st.expander(translate("task.history")):
        rows: Any = history_of(history(store, entry.record.id))
        table = pd.DataFrame(
            {
                translate("task.history_at"): [each[:16].replace("T", " ") for each in rows["at"]],
                translate("task.history_by"): rows["by"],
                translate("task.history_part"): [
                    translate(f"task.part_{each}") for each in rows["part"]
                ],
                translate("task.history_before"): _values(screen, rows, "before"),
                translate("task.history_after"): _values(screen, rows, "after"),
            }
        )
        show_table(table)


def _values(screen: Screen, rows: pd.DataFrame, column: str) -> list[str]:
    pairs = zip(rows["part"], rows[column], strict=True)
    return [_value(screen, part, value) for part, value in pairs]
