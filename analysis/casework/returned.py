"""
What came back in a list that units filled in: every changed cell, conflicts, and rows set aside.

A cell is held to the version of the task that the list was written from. It is changed where it
differs from that; it is a conflict where the same part has been changed meanwhile to something
else. Nothing is taken here: a person sees it first.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from analysis.casework.tasks import GIVEN_UP, Milestone, Task, checked, moved
from analysis.model.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LISTS: Mapping[str, tuple[str, ...]] = {
    "tasks": ("state", "reason", "note"),
    "duties": ("unit", "leader", "team"),
    "schedule": ("deadline", "progress", "milestones"),
}
"""The three lists, and the parts of a task that each lets units fill in."""
FILLED = tuple(part for parts in LISTS.values() for part in parts)
REACHED = "√"
"""What a line of milestones begins with where it is reached."""
UNKNOWN_TASK, NO_VERSION, TWICE = "unknown_task", "no_version", "twice"
MISMATCH, ADDED = "mismatch", "added"
MARK_SIGNS = 8
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[ T]00:00(?::00)?)?")
_ESCAPED = re.compile("_x[0-9A-Fa-f]{4}_")
_SHORT = re.compile(r"[0-9]{1,6}")
_PERCENT = re.compile(r"([0-9]{1,3})(?:\.0+)?\s*%?")


@dataclass(frozen=True)
class Row:
    """
    A row of a list as it came back.

    Attributes
    ----------
    name
        Of the list, one of `LISTS`.
    number
        Of the row in its sheet.
    task, version
        Which version of which task the row was written from, as text.
    cells
        Part of the task and what stands there now, as text.
    matches
        Whether the row still tells of the task whose name it bears (`row_mark`).
    added
        Headings of columns of somebody's own, in which something stands.
    """

    name: str
    number: int
    task: str
    version: str
    cells: Mapping[str, str]
    matches: bool = True
    added: tuple[str, ...] = ()


def row_mark(task: str, place: str, what: str) -> str:
    """
    Sum up which task a row of a list is of, and what it tells readers of it.

    Parameters
    ----------
    task
        Name of its record.
    place, what
        As the row has them.

    Returns
    -------
    mark
        `MARK_SIGNS` hexadecimal digits, of letters and digits alone: spreadsheets change blanks,
        width, and signs that cannot be seen.
        Where only some columns of a list were sorted, it shows that a row is two halves.
    """
    plain = (_ESCAPED.sub("", normalize("NFKC", text)) for text in (task, place, what))
    texts = ("".join(filter(str.isalnum, text)) for text in plain)
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:MARK_SIGNS]


@dataclass(frozen=True)
class Change:
    """
    A cell that somebody changed.

    Attributes
    ----------
    row
        Where it stands.
    part
        Of the task.
    before, now, wanted
        What the list said when it was written, what the task says now, what stands in the cell.
    """

    row: Row
    part: str
    before: str
    now: str
    wanted: str

    @property
    def is_conflict(self) -> bool:
        """Whether somebody else has changed the same part to something else meanwhile."""
        return self.now not in {self.before, self.wanted}


@dataclass(frozen=True)
class Aside:
    """A row, or a cell of it, that cannot be taken, and why; `found` is what stands there."""

    row: Row
    reason: str
    found: str = ""


def read_back(
    rows: Sequence[Row],
    versions: Mapping[str, Sequence[Task]],
    *,
    states: Mapping[str, str],
) -> tuple[list[Change], list[Aside]]:
    """
    Find every cell that was changed.

    Parameters
    ----------
    rows
        Of the three lists.
    versions
        Every version of each task, the first one first.
    states
        The state that each word means, in any language.

    Returns
    -------
    changes
        In the order of the rows.
    aside
        Rows of tasks that are not known, that tell of another task than they are of, of versions
        that never were, or that stand twice in a list with different cells; and columns that
        somebody added; each with its reason.
    """
    changes: list[Change] = []
    aside: list[Aside] = []
    seen: dict[tuple[str, str], Row] = {}
    for row in rows:
        if row.added:
            aside.append(Aside(row, ADDED, "; ".join(row.added)))
        known = versions.get(row.task, ())
        if not known:
            aside.append(Aside(row, UNKNOWN_TASK, row.task))
            continue
        if not row.matches:
            aside.append(Aside(row, MISMATCH, row.task))
            continue
        if not (_SHORT.fullmatch(row.version) and 1 <= int(row.version) <= len(known)):
            aside.append(Aside(row, NO_VERSION, row.version))
            continue
        first = seen.setdefault((row.name, row.task), row)
        if first is row:
            changes += _changed(row, known[int(row.version) - 1], known[-1], states)
        elif first.cells != row.cells:
            aside.append(Aside(row, TWICE, str(first.number)))
    return changes, aside


def _changed(row: Row, base: Task, latest: Task, states: Mapping[str, str]) -> list[Change]:
    found = []
    for part, cell in row.cells.items():
        wanted = _usual(part, cell, states)
        before, now = cell_of(base, part), cell_of(latest, part)
        if wanted not in {before, now}:
            found.append(Change(row, part, before, now, wanted))
    return found


def cell_of(task: Task, part: str) -> str:
    """
    Write a part of a task as the cell of a list.

    Parameters
    ----------
    task
        Any.
    part
        One of `FILLED`.

    Returns
    -------
    cell
        As text; a state is its code, milestones stand one a line.
    """
    if part == "milestones":
        return "\n".join(
            f"{REACHED + ' ' if each.reached else ''}{each.day} {each.text}"
            for each in task.milestones
        )
    return str(getattr(task, part)).strip()


def _usual(part: str, cell: str, states: Mapping[str, str]) -> str:
    """Give what people and spreadsheets write the form that we write, where it can be told."""
    text = "\n".join(filter(None, map(str.strip, cell.splitlines())))
    if part == "state":
        return states.get(text.casefold(), text)
    if part == "progress":
        found = _PERCENT.fullmatch(normalize("NFKC", text))
        return str(int(found[1])) if found else text
    if part == "deadline":
        return _day_of(text)
    if part == "milestones":
        return cell_of(Task("", milestones=steps_of(text)), part)
    return text


def _day_of(text: str) -> str:
    found = _DAY.fullmatch(normalize("NFKC", text))
    return f"{int(found[1]):04d}-{int(found[2]):02d}-{int(found[3]):02d}" if found else text


def steps_of(text: str) -> tuple[Milestone, ...]:
    """
    Read milestones.

    Parameters
    ----------
    text
        One a line: day and text; those reached begin with `REACHED`.

    Returns
    -------
    milestones
        In the order of their days; whether a day is one is not looked at.
    """
    steps = []
    for line in filter(None, map(str.strip, text.splitlines())):
        reached = line.startswith(REACHED)
        day, *what = line.removeprefix(REACHED).split(maxsplit=1) or [""]
        steps.append(Milestone(_day_of(day), "".join(what).strip(), reached=reached))
    return tuple(sorted(steps, key=lambda step: step.day))


def taken(task: Task, changes: Sequence[Change]) -> Task:
    """
    Take changes into a task.

    Parameters
    ----------
    task
        Its latest version.
    changes
        Of this task.

    Returns
    -------
    task
        As from `filled_in`; what stands in the cells is refused as there.
    """
    return filled_in(task, {each.part: each.wanted for each in changes})


def filled_in(task: Task, cells: Mapping[str, str]) -> Task:
    """
    Put what somebody filled in into a task.

    Parameters
    ----------
    task
        Its latest version.
    cells
        Part of the task and what was written, as text; parts that were left as they are need
        not be there.

    Returns
    -------
    task
        With all of them; a state is moved as a person moves it.

    Raises
    ------
    SettingsError
        If what stands in the cells cannot be; then none of them is taken.
    """
    wanted = {part: text for part, text in cells.items() if text != cell_of(task, part)}
    state, reason = wanted.pop("state", task.state), wanted.pop("reason", task.reason)
    steps = wanted.pop("milestones", None)
    progress = wanted.pop("progress", None)
    made = moved(task, state, reason=reason)
    if made.state == GIVEN_UP:
        made = replace(made, reason=reason)
    elif reason not in {"", task.reason}:
        msg = f"reason: {reason!r} is of no task that is given up; this one is {made.state}."
        hint = "Give the task up, or put the text into the note."
        raise SettingsError(
            msg, problem="task_reason_alone", hint=hint, found=reason, state=made.state
        )
    if steps is not None:
        made = replace(made, milestones=steps_of(steps))
    if progress is not None:
        made = replace(made, progress=_whole(progress))
    texts: dict[str, Any] = {part: value for part, value in wanted.items() if part in FILLED}
    return checked(replace(made, **texts))


def _whole(text: str) -> int:
    if not _SHORT.fullmatch(text):
        msg = f"progress: {text!r} is no whole number; allowed: 0–100."
        raise SettingsError(
            msg,
            problem="task_progress",
            hint="Correct it and save again.",
            found=text,
            allowed="0–100",
        )
    return int(text)
