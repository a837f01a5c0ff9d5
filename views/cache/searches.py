"""Where to build next, looked for beside the page: started, watched, stopped, and kept."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from threading import BoundedSemaphore, Lock, Thread
from typing import TYPE_CHECKING, cast

from analysis.model.errors import PlanningError
from analysis.siting.recipe import describe
from analysis.siting.solving import preview_siting, stop_siting
from exports.recipes.moves import solve_asked
from exports.recipes.siting import siting_of, troubles
from exports.recipes.worker import Asked
from views.cache.city import prepared
from views.cache.kept_answers import answers
from views.cache.workers import DIED, Worker
from views.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.siting.recipe import SitingPlan
    from analysis.siting.solving import Siting, Solution
    from exports.recipes.siting import AskedSiting
    from views.cache.kept_answers import KeptAnswers

WAITING, WORKING, DONE, STOPPED, FAILED = STATES = (
    "waiting", "working", "done", "stopped", "failed",
)  # fmt: skip
"""What has become of a search; a failed one has a reason that the reader can mend, or none."""
AT_ONCE = 2
"""Searches at a time; further ones wait for their turn."""
KEPT = 64
"""Searches remembered; a solution holds numbers of sites and the curve, some kilobytes."""
FORGOTTEN = 20.0
"""Seconds after which a search that no page looks at any more is given up."""


class _LeftError(Exception):
    """Nobody waits for the search any more, or somebody stopped it."""


@dataclass(eq=False)
class Search:
    """
    One question where to build on its way to the answer.

    Attributes
    ----------
    asked
        What is looked for.
    state
        One of `STATES`.
    best
        What was heard last, the answer in the end; `None` until the first plan is met.
    error
        Why it failed, where the reader can mend that.
    looked, began, ended_at
        When a page last looked, when it began and ended, by the clock of the machine.
    stopped
        Whether somebody asked for its end.
    worker
        The process that looks.
    """

    asked: AskedSiting
    state: str = WAITING
    best: Solution | None = None
    error: PlanningError | None = None
    looked: float = field(default_factory=time.monotonic)
    began: float | None = None
    ended_at: float | None = None
    stopped: bool = False
    worker: Worker | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in {DONE, STOPPED, FAILED}

    @property
    def seconds(self) -> float:
        """Time that it has taken."""
        now = time.monotonic() if self.ended_at is None else self.ended_at
        return 0.0 if self.began is None else now - self.began

    @property
    def left(self) -> bool:
        """Whether no page has looked for a while."""
        return time.monotonic() - self.looked > FORGOTTEN

    def hear(self, told: object) -> None:
        """Take note of a better plan or bound, or end where nobody waits for more."""
        self.best = cast("Solution", told)
        self.go_on()

    def go_on(self) -> None:
        """End where nobody waits for more."""
        if self.stopped or self.left:
            raise _LeftError


class Searches:
    """All searches of the server: each question is looked for once, in a process that can end."""

    def __init__(self, worker: Callable[[], Worker] = Worker) -> None:
        self._begin_worker = worker
        self._idle: Worker | None = None
        self._known: OrderedDict[tuple[str, str], Search] = OrderedDict()
        self._lock, self._turns = Lock(), BoundedSemaphore(AT_ONCE)

    def look(self, asked: AskedSiting) -> Search:
        """Give the search for what is asked; one that nobody asked before begins now."""
        known, key = answers(), _key(asked)
        with self._lock:
            search = self._known.get(key)
            if search is None:
                search = self._known[key] = Search(asked)
                while len(self._known) > KEPT:
                    self._known.popitem(last=False)
                Thread(target=self._run, args=(search, known), daemon=True).start()
            self._known.move_to_end(key)
            search.looked = time.monotonic()
        return search

    def known(self, asked: AskedSiting) -> Search | None:
        """Give the search for what is asked, if somebody has begun it."""
        with self._lock:
            return self._known.get(_key(asked))

    def answered(self, asked: AskedSiting) -> Search | None:
        """Give the search for what is asked, if it has come to an answer."""
        search = self.known(asked)
        there = search is not None and search.state in {DONE, STOPPED} and search.best is not None
        return search if there else None

    def stop(self, asked: AskedSiting) -> None:
        """End the search at once; the best plan met is kept, and called stopped."""
        search = self.look(asked)
        search.stopped = True
        if search.worker is not None:
            search.worker.end()

    def again(self, asked: AskedSiting) -> None:
        """Forget a search that has ended, so that it begins anew."""
        self._forget(_key(asked))

    def _forget(self, key: tuple[str, str]) -> None:
        with self._lock:
            self._known.pop(key, None)

    def alike(self, asked: AskedSiting) -> list[Search]:
        """Give the searches that differ from what is asked in the number or share alone."""
        mark, (fingerprint, _) = _without_number(asked), _key(asked)
        with self._lock:
            return [
                search
                for (city, _), search in self._known.items()
                if city == fingerprint and _without_number(search.asked) == mark
            ]

    def end(self) -> None:
        """End all processes."""
        with self._lock:
            idle, self._idle = self._idle, None
            busy = [each.worker for each in self._known.values()]
        for worker in (idle, *busy):
            if worker is not None:
                worker.end()

    def _run(self, search: Search, known: KeptAnswers) -> None:
        with self._turns:
            search.began = time.monotonic()
            try:
                search.go_on()
                search.state = WORKING
                search.best = self._solve(search, known)
                search.state = DONE
            except PlanningError as error:
                search.state, search.error = FAILED, error
            except (_LeftError, *DIED):
                search.state = STOPPED if search.stopped else FAILED
                if search.left and not search.stopped:
                    # Who asks again later is to find no failure that was none.
                    self._forget((known.city.fingerprint, repr(search.asked)))
            search.ended_at = time.monotonic()

    def _solve(self, search: Search, known: KeptAnswers) -> Solution:
        if settings().workers == 0:
            return solve_asked(known, search.asked, search.hear)
        worker, city = self._take(), known.city
        search.worker = worker
        asked = Asked(city.folder, city.fingerprint, "solved_siting", (search.asked,))
        try:
            answered = worker.ask(asked, search.hear)
        except BaseException:
            worker.end()
            raise
        finally:
            search.worker = None
        self._put_back(worker)
        if isinstance(answered.value, PlanningError):
            raise answered.value
        if not answered.there:
            raise EOFError
        return cast("Solution", answered.value)

    def _take(self) -> Worker:
        with self._lock:
            idle, self._idle = self._idle, None
        return self._begin_worker() if idle is None else idle

    def _put_back(self, worker: Worker) -> None:
        """Let one process stand ready, with the city that it has read."""
        with self._lock:
            old, self._idle = self._idle, worker
        if old is not None:
            old.end()


def _key(asked: AskedSiting) -> tuple[str, str]:
    return answers().city.fingerprint, repr(asked)


def _without_number(asked: AskedSiting) -> str:
    question, kinds, request, where = asked
    return repr((question, kinds, replace(request, sites=None, share=None), where))


SEARCHES = Searches()
"""Of the whole server."""


def siting(asked: AskedSiting) -> Siting:
    """Give a question where to build, ready to be solved."""
    return siting_of(answers(), asked)


def preview(asked: AskedSiting) -> SitingPlan | None:
    """Give a plan at once, where such a plan is an answer."""
    if asked.request.closures is not None:
        return None

    def make() -> SitingPlan | None:
        first = preview_siting(siting(asked))
        return None if first is None else _described(asked, first)

    return prepared(("siting preview", asked), make)


def plan(search: Search) -> SitingPlan | None:
    """Say what the plan of new sites does that a search ended with."""
    best, asked = search.best, search.asked
    if not search.ended or best is None or best.moves is not None:
        return None
    if search.state == STOPPED:
        stopped = stop_siting(siting(asked), best)
        key = ("siting", asked, STOPPED, round(best.answer.people, 6), round(best.answer.bound, 6))
        return prepared(key, lambda: _described(asked, stopped))
    return prepared(("siting", asked), lambda: _described(asked, best))


def _described(asked: AskedSiting, solution: Solution) -> SitingPlan:
    return describe(siting(asked), solution, troubles(answers(), asked.question))
