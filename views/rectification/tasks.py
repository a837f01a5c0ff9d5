"""Tasks: who does what by when, what came of it, and what the assessment says of it."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from analysis.casework.progress import burn_down, moved_since
from analysis.casework.returned import cell_of, filled_in
from analysis.casework.tasks import (
    DAYS,
    DONE,
    LONGEST_NAME,
    LONGEST_NOTE,
    MOVES,
    RELAPSED,
    STATES,
    VERIFIED,
    WHOLE,
    Milestone,
    Task,
    load_by,
    timing,
)
from analysis.model.errors import PlanningError
from analysis.model.roles import ACTIONS
from charts.tasks import burn_down_chart, load_chart, schedule_chart
from exports.recipes.task_lists import (
    aside_table,
    change_table,
    lists_workbook,
    read_lists,
    study_lists,
    take_lists,
)
from exports.recipes.tasks import facts_table, history_of, read_tasks, save_task
from store.versioned import ConflictError, history
from views import cache
from views.controls.charts import draw_chart
from views.controls.choice import TASK_FILTERS
from views.controls.files import offer_file, take_files
from views.controls.permits import allowed, ask_author, own_rows
from views.controls.tables import pick_row, show_table
from views.controls.waiting import waiting
from views.controls.widgets import fold_method, select
from wording.findings import worded_findings
from wording.numbers import NOTHING
from wording.tasks import TASK_WORDS, worded_tasks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exports.recipes.task_lists import Returned
    from exports.recipes.tasks import Kept
    from store.database import Store
    from store.versioned import Difference
    from views.controls.screen import Screen

SHOWN = 500
HEIGHT = 420
MOST_MEGABYTES = 10
"""Greatest size of a workbook that is read back."""


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, store = screen.translate, cache.store()
    if store is None:
        st.info(translate("task.no_store"))
        return
    may_write = allowed(ACTIONS, "change_tasks")
    if not may_write:
        st.info(translate("task.not_here"))
    with waiting(translate("app.working")):
        entries = _own(cache.tasks(may_write=may_write))
    if not entries:
        st.info(translate("task.none"))
        return
    today = dt.datetime.now(ZoneInfo(screen.city.time_zone)).date()
    with st.sidebar:
        _choose(screen, entries)
    _figures(screen, entries, today)
    chosen = _narrowed(screen, entries, today)
    left, right = st.columns([8, 5], gap="medium")
    with left:
        _table(screen, chosen, today)
    opened = next((each for each in entries if each.record.id == screen.choice.task), None)
    with right:
        if opened is None:
            st.caption(translate("task.pick"))
        else:
            _details(screen, store, opened, may_write=may_write)
    units = load_by([each.task for each in entries], "unit", today=today)
    draw_chart(load_chart(units, translate), translate, key="task-load")
    _progress(screen, chosen, today)
    _lists(screen, store, chosen, today, may_write=may_write)
    fold_method(translate, translate("task.method"))


def _own(entries: Sequence[Kept]) -> list[Kept]:
    """Leave out what is no task of whoever asks."""
    return own_rows(
        entries,
        unit=lambda each: each.task.unit,
        parent=lambda each: str(each.task.facts.get("parent") or ""),
    )


def _progress(screen: Screen, entries: Sequence[Kept], today: dt.date) -> None:
    """Draw how the tasks shown went, what moved in a week, and what is due when."""
    translate = screen.translate
    moves = cache.task_moves()
    moves = moves[moves["task"].isin({each.record.id for each in entries})]
    if moves.empty:
        return
    week = moved_since(moves, today - dt.timedelta(days=7), until=today)
    st.caption(_moved(screen, week))
    draw_chart(
        burn_down_chart(burn_down(moves, until=today), translate), translate, key="burn-down"
    )
    due = [each for each in entries if each.task.deadline]
    if not due:
        return
    made = moves.drop_duplicates("task").set_index("task")["day"].astype(str)
    places = _facts(screen, due)
    rows = pd.DataFrame(
        {
            "name": (places["place"] + " · " + places["what"]).to_numpy(),
            "made": [made[each.record.id] for each in due],
            "deadline": [each.task.deadline for each in due],
            "state": [each.task.state for each in due],
        }
    )
    chart = schedule_chart(rows, translate, today=f"{today:%Y-%m-%d}")
    draw_chart(chart, translate, key="schedule")


def _moved(screen: Screen, week: pd.DataFrame) -> str:
    translate = screen.translate
    told = [
        translate("task.move_new", n=translate.count(row["tasks"]))
        if not row["before"]
        else translate(
            "task.move",
            before=translate(f"task.state_{row['before']}"),
            after=translate(f"task.state_{row['after']}"),
            n=translate.count(row["tasks"]),
        )
        for row in week.to_dict("records")
    ]
    if not told:
        return translate("task.moved_none")
    return translate("task.moved", moves="; ".join(told))


def _lists(
    screen: Screen, store: Store, entries: Sequence[Kept], today: dt.date, *, may_write: bool
) -> None:
    """Offer the three lists of the tasks shown as a workbook, and read one back."""
    translate = screen.translate
    with st.expander(translate("task.list_offer")):
        st.caption(translate("task.list_note"))
        if entries:
            offer_file(
                "tasks",
                translate("task.list_get", n=translate.count(len(entries))),
                lambda: lists_workbook(
                    entries, cache.answers(), translate, categories=screen.categories, day=today
                ),
                file_name=f"{screen.city.id}-tasks-{today:%Y%m%d}.xlsx",
            )
        if may_write:
            _read_back(screen, store)


def _read_back(screen: Screen, store: Store) -> None:
    translate = screen.translate
    if message := st.session_state.pop("lists_taken", ""):
        st.success(message)
    taken = take_files(
        "change_tasks", translate("task.list_read"), type=["xlsx", "ods"], max_upload_size=10
    )
    if not taken:
        return
    try:
        returned = _study(screen, store, taken[0].getvalue(), taken[0].name)
    except PlanningError as error:
        st.error(translate.markdown_error(error))
        return
    if returned.aside:
        st.warning(translate("task.list_aside"))
        show_table(aside_table(returned.aside, translate))
    if not returned.changes:
        st.info(translate("task.list_nothing"))
        return
    conflicts = sum(each.is_conflict for each in returned.changes)
    n, clashes = translate.count(len(returned.changes)), translate.count(conflicts)
    st.markdown(translate("task.list_changes", n=n, conflicts=clashes))
    show_table(change_table(returned.changes, translate))
    over = conflicts > 0 and st.checkbox(translate("task.list_over"))
    by = ask_author(translate("task.by"), key="lists-by", longest=LONGEST_NAME)
    number = len(returned.changes) if over else len(returned.changes) - conflicts
    if number and st.button(translate("task.list_take", n=translate.count(number)), type="primary"):
        saved, refused = take_lists(store, returned, over_conflicts=over, by=by.strip())
        for change, why in refused:
            where = f"{translate(f'task.list_{change.row.name}')} {change.row.number}"
            st.error(translate.markdown("app.plain", text=f"{where}: {translate.error(why)}"))
        message = translate("task.list_taken", n=translate.count(len(saved)))
        if refused:
            st.success(message)
        else:
            st.session_state["lists_taken"] = message
            st.rerun()


def _study(screen: Screen, store: Store, data: bytes, name: str) -> Returned:
    """Read a workbook that was brought, from a file that nobody else can name."""
    suffix = Path(name).suffix.lower()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"list{suffix if suffix in {'.xlsx', '.ods'} else '.xlsx'}"
        path.write_bytes(data)
        rows = read_lists(path, cache.words(), entry="--read")
    own = {each.record.id for each in _own(read_tasks(store, screen.city))}
    return study_lists(store, screen.city, rows, cache.words(), own=own)


def _choose(screen: Screen, entries: Sequence[Kept]) -> None:
    """Offer states, units and leaders; a leader's own page is the address with the name."""
    translate = screen.translate
    naming = {"": "task.filter_all"} | {each: f"task.state_{each}" for each in STATES}
    naming |= {each: f"task.filter_{each}" for each in TASK_FILTERS}
    select(
        "stage",
        ["", *TASK_FILTERS, *STATES],
        translate("task.filter_state"),
        naming=lambda each: translate(naming[each]),
    )
    for field, part in (("duty", "unit"), ("leader", "leader")):
        names = sorted({getattr(each.task, part) for each in entries} - {""})
        chosen = getattr(screen.choice, field)
        select(
            field,
            ["", *names, *([chosen] if chosen and chosen not in names else [])],
            translate(f"task.filter_{part}"),
            naming=lambda each: each or translate("task.filter_all"),
        )


def _figures(screen: Screen, entries: Sequence[Kept], today: dt.date) -> None:
    translate = screen.translate
    tasks = [each.task for each in entries]
    times = timing(tasks, today=today)
    counts = {
        "unfinished": int(times["unfinished"].sum()),
        "late_n": int(times["late"].sum()),
        "slips_n": int(times["slips"].sum()),
        "done_n": sum(each.state == DONE for each in tasks),
        "verified_n": sum(each.state == VERIFIED for each in tasks),
        "relapsed_n": sum(each.state == RELAPSED for each in tasks),
    }
    with st.container(key="figures"):
        for column, (name, count) in zip(st.columns(len(counts)), counts.items(), strict=True):
            column.metric(translate(f"task.{name}"), translate.count(count), border=True)
    proposed = sum(bool(each.proposal) for each in entries)
    said = [translate("task.as_of", day=f"{today:%Y-%m-%d}", data=f"{screen.city.as_of:%Y-%m-%d}")]
    if proposed:
        said.append(translate("task.proposed", n=translate.count(proposed)))
    st.caption("  \n".join(said))


def _narrowed(screen: Screen, entries: Sequence[Kept], today: dt.date) -> list[Kept]:
    choice = screen.choice
    late = timing([each.task for each in entries], today=today)["late"].tolist()
    return [
        each
        for each, is_late in zip(entries, late, strict=True)
        if choice.stage in {"", each.task.state, "late" if is_late else "",
                            "proposed" if each.proposal else ""}
        and choice.duty in {"", each.task.unit}
        and choice.leader in {"", each.task.leader}
    ]  # fmt: skip


def _facts(screen: Screen, entries: Sequence[Kept]) -> pd.DataFrame:
    """Write the findings that tasks were made of."""
    return worded_findings(
        facts_table(entries, screen.city),
        screen.city,
        screen.standards,
        kinds=screen.kinds,
        categories=screen.categories,
        translate=screen.translate,
    )


def _table(screen: Screen, entries: Sequence[Kept], today: dt.date) -> None:
    translate = screen.translate
    if not entries:
        st.info(translate("task.none_here"))
        return
    shown = entries[:SHOWN]
    facts = _facts(screen, shown)[["place", "what"]].reset_index(drop=True)
    worded = worded_tasks(
        [each.task for each in shown],
        [each.proposal for each in shown],
        today=today,
        translate=translate,
    )
    table = facts.join(worded)[["place", "state", "timing", "what", *TASK_WORDS[2:]]]
    headings = {name: translate(f"task.col_{name}") for name in table}
    columns = {
        headings["progress"]: st.column_config.ProgressColumn(
            min_value=0, max_value=100, format="%d%%"
        )
    }
    pick_row(
        "task",
        table.rename(columns=headings),
        [each.record.id for each in shown],
        key="tasks-table",
        columns=columns,
        most=HEIGHT,
    )
    if len(entries) > SHOWN:
        most, every = translate.count(SHOWN), translate.count(len(entries))
        st.caption(translate("task.shown", most=most, n=every))


# --- one task


def _details(screen: Screen, store: Store, entry: Kept, *, may_write: bool) -> None:
    translate = screen.translate
    told = _facts(screen, [entry]).iloc[0]
    st.markdown(f"**{translate.markdown('app.plain', text=told['place'])}**")
    lines = (told["what"], told["found"], told["remedy"])
    st.caption("  \n".join(translate.markdown("app.plain", text=each) for each in lines))
    if entry.proposal:
        st.info(translate(f"task.{entry.proposal}"))
    if message := st.session_state.pop("task_saved", ""):
        st.success(message)
    for name, theirs, mine in st.session_state.pop("task_conflict", []):
        st.warning(translate.markdown("app.plain", text=f"{name}: {mine} → {theirs}"))
    if may_write:
        _form(screen, store, entry)
    _history(screen, store, entry)


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
        version = save_task(store, entry, filled, by=by.strip()).record.version
    except ConflictError as error:
        _keep_conflict(screen, error)
    except PlanningError as error:
        st.error(translate.markdown_error(error))
        return
    else:
        st.session_state["task_saved"] = translate("task.saved", version=version)
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
    found = [("", translate("task.conflict", version=error.theirs.version), "")]
    found += [_both(screen, each) for each in error.differences if each.key != "by"]
    st.session_state["task_conflict"] = found


def _both(screen: Screen, each: Difference) -> tuple[str, str, str]:
    translate = screen.translate
    return (
        translate(f"task.part_{each.key}"),
        f"{translate('task.conflict_theirs')} {_value(screen, each.key, each.theirs)}",
        f"{translate('task.conflict_mine')} {_value(screen, each.key, each.mine)}",
    )


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
