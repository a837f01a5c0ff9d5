"""Searches for sites beside the page: done, stopped, left, failed, and told on the way."""

from __future__ import annotations

import pickle
import time
from threading import Event
from types import SimpleNamespace

import numpy as np
import pytest

from analysis.model.errors import SampleError
from analysis.model.question import Question, SitingRequest
from analysis.siting.maximal_cover import WITHIN, Answer
from analysis.siting.solving import Solution
from exports.recipes.siting import AskedSiting
from exports.recipes.worker import Answered
from views.cache import searches as beside
from views.cache.searches import DONE, FAILED, STOPPED, Searches

ASKED = AskedSiting(Question(), ("toilet",), SitingRequest(sites=3))


def solution(people):
    return Solution(Answer(np.array([1, 2]), people, 10.0, WITHIN, "search"))


class Process:
    """Tells of one plan, then waits until it may answer or is ended."""

    value = solution(9.0)
    there = True

    def __init__(self):
        self.told, self.gone, self.go = Event(), Event(), Event()
        self.asked = 0

    def ask(self, asked, heard):
        self.asked += 1
        pickle.dumps(asked)
        heard(solution(7.0))
        self.told.set()
        while not self.go.wait(0.01):
            heard(solution(8.0))
            if self.gone.is_set():
                raise EOFError
        return Answered(self.there, self.value)

    def end(self):
        self.gone.set()


@pytest.fixture
def process():
    return Process()


@pytest.fixture
def searches(process, monkeypatch):
    city = SimpleNamespace(fingerprint="f", folder="folder")
    monkeypatch.setattr(beside, "answers", lambda: SimpleNamespace(city=city))
    monkeypatch.setenv("CITY_WORKERS", "1")
    return Searches(worker=lambda: process)


def until(search):
    limit = time.monotonic() + 10
    while not search.ended and time.monotonic() < limit:
        time.sleep(0.005)
    return search


def test_a_question_is_looked_for_once_and_its_process_is_used_again(searches, process):
    first = searches.look(ASKED)
    assert process.told.wait(10)
    assert searches.look(ASKED) is first
    assert first.best.answer.people in {7.0, 8.0}
    process.go.set()
    assert until(first).state == DONE
    assert first.best.answer.people == 9.0
    more = ASKED._replace(request=SitingRequest(sites=4))
    assert until(searches.look(more)).state == DONE
    assert process.asked == 2
    other = ASKED._replace(request=SitingRequest(sites=4, candidates="grid"))
    assert until(searches.look(other)).state == DONE
    assert {each.asked.request.sites for each in searches.alike(ASKED)} == {3, 4}
    assert other.request not in [each.asked.request for each in searches.alike(ASKED)]


def test_a_search_that_is_stopped_keeps_its_best_plan_and_can_begin_anew(searches, process):
    search = searches.look(ASKED)
    assert process.told.wait(10)
    searches.stop(ASKED)
    assert until(search).state == STOPPED
    assert process.gone.is_set()
    assert search.best.answer.people in {7.0, 8.0}
    assert searches.look(ASKED) is search
    searches.again(ASKED)
    assert searches.look(ASKED) is not search


def test_a_search_that_nobody_looks_at_ends_and_is_forgotten(searches, process, monkeypatch):
    search = searches.look(ASKED)
    assert process.told.wait(10)
    monkeypatch.setattr(beside, "FORGOTTEN", 0.0)
    assert until(search).ended
    monkeypatch.undo()
    assert process.gone.is_set()
    assert not [each for each in searches._known.values() if each is search]


@pytest.mark.parametrize(
    "reason", [None, SampleError("too few", problem="siting_share", share=0.5, count=2)]
)
def test_a_failure_is_told_and_not_repeated_by_looking(searches, process, reason):
    process.there, process.value = False, reason
    process.go.set()
    search = until(searches.look(ASKED))
    assert (search.state, search.error) == (FAILED, reason)
    assert searches.look(ASKED) is search
    assert process.asked == 1


def test_an_error_reads_alike_in_another_process():
    error = SampleError("too few", problem="siting_share", hint="more", share=0.5, count=2)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (SampleError, str(error), vars(error))
