"""
Tasks: findings that somebody owns, from open to verified.

People move a task; an assessment only proposes: a finding that is gone may be done, one that
is still there is not. By itself a task changes once: a verified one that is found again has
relapsed. Nothing is ever closed without a person.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, NoReturn

from analysis.casework.identity import GONE, NOT_JUDGED, STANDS
from analysis.model.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

OPEN, IN_HAND, DONE, VERIFIED, RELAPSED, GIVEN_UP = STATES = (
    "open", "in_hand", "done", "verified", "relapsed", "given_up",
)  # fmt: skip
UNFINISHED = (OPEN, IN_HAND, RELAPSED)
"""States in which somebody still has to do something."""
MOVES: Mapping[str, tuple[str, ...]] = {
    OPEN: (IN_HAND, DONE, GIVEN_UP),
    IN_HAND: (OPEN, DONE, GIVEN_UP),
    DONE: (VERIFIED, IN_HAND),
    VERIFIED: (IN_HAND,),
    RELAPSED: (IN_HAND, DONE, GIVEN_UP),
    GIVEN_UP: (OPEN,),
}
"""Where a person may move a task from each state; only an assessment makes `RELAPSED`."""
TO_DONE, TO_VERIFIED, STILL_THERE, UNKNOWN, CAME_BACK = PROPOSALS = (
    "to_done", "to_verified", "still_there", "unknown", "came_back",
)  # fmt: skip
"""
What an assessment says of a task: its finding is gone, so that it may be done; it is gone since
it was called done, so that it may be verified; it was called done and is still there; it could
not be judged this time; it was verified and is found again.
"""
LONGEST_NAME, LONGEST_NOTE, MOST_PARTS = 100, 4000, 50
"""Signs of a name and of a note; milestones and links of a task."""
TEXTS = ("unit", "leader", "team", "reason")
WHOLE = 100
"""Percent of a task that is done."""
DAYS = (dt.date(2000, 1, 1), dt.date(2099, 12, 31))
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LINK = re.compile(r"https?://[^\s<>\"']{1,500}")


@dataclass(frozen=True)
class Milestone:
    """
    A step on the way.

    Attributes
    ----------
    day
        By when, as `YYYY-MM-DD`.
    text
        What.
    reached
        Whether it is.
    """

    day: str
    text: str
    reached: bool = False


@dataclass(frozen=True)
class Task:
    """
    A finding that somebody owns.

    Attributes
    ----------
    finding
        Name of the finding.
    facts
        The finding as it was when the task was made: columns of
        `analysis.casework.findings.FINDING_COLUMNS`, and `lon`, `lat`.
    unit, leader, team
        Who is responsible, who answers for it, who works on it.
    deadline
        As `YYYY-MM-DD`; empty where none is set.
    state
        One of `STATES`.
    progress
        From 0 to 100, as its unit says.
    reason
        Why it was given up.
    note
        What people add.
    milestones, links
        Steps on the way, in the order of their days; addresses of documents.
    """

    finding: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    unit: str = ""
    leader: str = ""
    team: str = ""
    deadline: str = ""
    state: str = OPEN
    progress: int = 0
    reason: str = ""
    note: str = ""
    milestones: tuple[Milestone, ...] = ()
    links: tuple[str, ...] = ()


def as_values(task: Task) -> dict[str, Any]:
    """Write a task as plain values."""
    values = asdict(task)
    values["milestones"] = [dict(each) for each in values["milestones"]]
    return {**values, "links": list(task.links)}


def from_values(values: Mapping[str, Any]) -> Task:
    """Read a task from plain values, and check it."""
    steps = tuple(Milestone(**each) for each in values.get("milestones", ()))
    links = tuple(values.get("links", ()))
    return checked(Task(**{**values, "milestones": steps, "links": links}))


def checked(task: Task) -> Task:
    """
    Refuse a task that cannot be.

    Parameters
    ----------
    task
        As somebody filled it in.

    Returns
    -------
    task
        The same, texts without blanks around them and milestones by day.

    Raises
    ------
    SettingsError
        If a text is too long or holds hidden signs, a day is none, the progress lies outside
        0 to 100, the state is unknown, one is given up without a reason, or a link is no
        address of the web.
    """
    texts: dict[str, Any] = {name: str(getattr(task, name)).strip() for name in TEXTS}
    for text in texts.values():
        _check_text(text, LONGEST_NAME)
    _check_text(task.note, LONGEST_NOTE)
    if task.state not in MOVES:
        _refuse(found=task.state, allowed=", ".join(STATES), problem="task_state")
    if type(task.progress) is not int or not 0 <= task.progress <= WHOLE:
        _refuse(found=task.progress, allowed=f"0–{WHOLE}", problem="task_progress")
    if task.state == GIVEN_UP and not texts["reason"]:
        msg = "A task is given up without a reason."
        raise SettingsError(msg, problem="task_reason", hint="Say why it is given up.")
    _check_parts(task)
    steps = tuple(sorted(task.milestones, key=lambda step: step.day))
    return replace(task, **texts, milestones=steps)


def _check_parts(task: Task) -> None:
    if task.deadline:
        _check_day(task.deadline)
    for parts in (task.milestones, task.links):
        if len(parts) > MOST_PARTS:
            _refuse(found=len(parts), allowed=f"0–{MOST_PARTS}", problem="task_parts")
    for step in task.milestones:
        _check_day(step.day)
        _check_text(step.text, LONGEST_NAME)
    for link in task.links:
        if not _LINK.fullmatch(link):
            _refuse(found=link, allowed="https://…", problem="task_link")


def _check_text(text: str, most: int) -> None:
    if len(text) > most or _HIDDEN.search(text):
        _refuse(found=_HIDDEN.sub("�", text), allowed=f"≤ {most}", problem="task_text")


def _check_day(text: str) -> None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text or not DAYS[0] <= day <= DAYS[1]:
        _refuse(found=text, allowed=f"{DAYS[0]} – {DAYS[1]}", problem="task_day")


def _refuse(*, found: object, allowed: str, problem: str) -> NoReturn:
    msg = f"{problem}: {found!r} cannot be; allowed: {allowed}."
    hint = "Correct it and save again."
    raise SettingsError(msg, problem=problem, hint=hint, found=str(found), allowed=allowed)


def moved(task: Task, state: str, *, reason: str = "") -> Task:
    """
    Move a task to another state, as a person does.

    Parameters
    ----------
    task
        As it is.
    state
        One that `MOVES` allows from there, or the one that it has.
    reason
        Why, where it is given up.

    Returns
    -------
    task
        Done is 100 %; opened again it keeps its progress, unless that was 100: then it has none.

    Raises
    ------
    SettingsError
        If it cannot be moved there.
    """
    if state == task.state:
        return task
    if state not in MOVES[task.state]:
        allowed = ", ".join((task.state, *MOVES[task.state]))
        _refuse(found=state, allowed=allowed, problem="task_state")
    finished = state in {DONE, VERIFIED}
    again = 0 if task.progress == WHOLE else task.progress
    progress = WHOLE if finished else again
    kept = reason if state == GIVEN_UP else ""
    return checked(replace(task, state=state, progress=progress, reason=kept))


def reviewed(task: Task, status: str) -> tuple[Task, str]:
    """
    Hold a task to what an assessment found.

    Parameters
    ----------
    task
        As it is.
    status
        Of its finding, one of `analysis.casework.identity.STATUSES`.

    Returns
    -------
    task
        The same, but that a verified one whose finding is there again has relapsed.
    proposal
        One of `PROPOSALS`, or empty where there is nothing to say.
    """
    proposal = proposal_of(task.state, status)
    back = proposal == CAME_BACK
    return (replace(task, state=RELAPSED, progress=0) if back else task), proposal


def proposal_of(state: str, status: str) -> str:
    """
    Tell what an assessment says of a task in a state.

    Parameters
    ----------
    state
        One of `STATES`.
    status
        Of its finding, one of `analysis.casework.identity.STATUSES`.

    Returns
    -------
    proposal
        One of `PROPOSALS`, or empty where there is nothing to say.
    """
    if status == NOT_JUDGED:
        return UNKNOWN
    if status == GONE:
        return TO_DONE if state in UNFINISHED else TO_VERIFIED if state == DONE else ""
    if state == VERIFIED and status == STANDS:
        return CAME_BACK
    return STILL_THERE if state == DONE else ""
