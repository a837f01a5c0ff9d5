"""A process beside the server gives the answers that the server would give, or none."""

from __future__ import annotations

import contextlib
import io
import pickle
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue
from threading import Event

import pandas as pd
import pytest

from analysis.access.supply_filter import ANY
from analysis.coverage.figures import STRAIGHT
from exports.recipes.facility_answers import FacilityAnswers
from exports.recipes.worker import Asked, serve
from maps.payloads import gaps_payload
from tests.conftest import CITY_DATA, ROOT
from views.cache import workers as beside
from views.cache.workers import Workers

DEMO = ROOT / "data" / "demo"


@pytest.fixture(scope="module")
def process():
    """One real process with the demo city."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CITY_DATA", str(CITY_DATA))
        process = beside.Worker()
    yield process
    process.end()


def test_another_process_judges_alike_and_draws_the_same_gaps(city, process):
    own = FacilityAnswers(city)
    standard = own.standards["cn-life-circle"]
    asked = (standard, (STRAIGHT,), ANY)
    answered = process.ask(Asked(city.folder, city.fingerprint, "assessment", asked))
    assert answered.there
    mine = own.assessment(*asked)
    pd.testing.assert_frame_equal(answered.value.coverage, mine.coverage)
    pd.testing.assert_frame_equal(answered.value.summary, mine.summary)
    gaps = process.ask(Asked(city.folder, city.fingerprint, "gaps_on_map", ("toilet", 437.0, ANY)))
    assert gaps.value == gaps_payload(own.gaps("toilet", 437.0))


def test_a_city_that_is_no_longer_the_same_has_no_answer(city, process):
    stale = process.ask(Asked(city.folder, "another", "preparation", ()))
    gone = process.ask(Asked(city.folder / "none", city.fingerprint, "preparation", ()))
    assert [each.there for each in (stale, gone)] == [False] * 2


def test_it_ends_with_its_questions():
    answers = io.BytesIO()
    serve(io.BytesIO(b""), answers)
    assert answers.getvalue() == b""


class Broken:
    ended = False

    def ask(self, _asked):
        raise EOFError

    def end(self):
        self.ended = True


class Ready(Broken):
    def ask(self, asked):
        return pickle.loads(pickle.dumps(beside.Answered(there=True, value=asked.arguments)))


def test_a_process_that_dies_is_replaced_and_its_question_answered_here(city, monkeypatch):
    monkeypatch.setattr(beside, "Worker", Ready)
    workers, broken = Workers(), Broken()
    assert workers.make(city, "x", 1, here=lambda: "here") == "here"
    workers._all.add(broken)
    workers._ready.put(broken)
    assert workers.make(city, "x", 1, here=lambda: "here") == "here"
    assert broken.ended
    workers._all.add(workers._ready.get(timeout=10))
    workers._ready.put(next(iter(workers._all)))
    assert workers.make(city, "x", 1, here=lambda: "here") == (1,)


def test_none_stands_up_after_the_end_and_none_that_cannot_prepare(city, monkeypatch):
    made, gate = SimpleQueue(), Event()

    class Slow(Ready):
        def __init__(self):
            made.put(self)

        def ask(self, asked):
            gate.wait(10)
            return super().ask(asked)

    monkeypatch.setattr(beside, "WORTH", 1)
    monkeypatch.setattr(beside, "Worker", Slow)
    workers, broken = Workers(), Broken()
    workers.start(city, 1)
    starting = made.get(timeout=10)
    workers._replace(broken, Asked(city.folder, city.fingerprint, "x", ()))  # one that was ended
    workers.stop()
    gate.set()
    assert (broken.ended, _ends(starting), workers._all, made.empty()) == (True, True, set(), True)
    monkeypatch.setattr(beside, "Worker", lambda: made.put(each := Broken()) or each)
    workers.start(city, 1)
    assert _ends(made.get(timeout=10))
    assert not workers._all


def _ends(worker):
    until = time.monotonic() + 10
    while not worker.ended and time.monotonic() < until:
        time.sleep(0.01)
    return worker.ended


def test_a_small_city_starts_none(city, monkeypatch):
    monkeypatch.setattr(beside, "Worker", Ready)
    workers = Workers()
    workers.start(city, 2)
    assert not workers._all
    monkeypatch.setattr(beside, "WORTH", 1)
    workers.start(city, 1)
    assert isinstance(workers._ready.get(timeout=10), Ready)


def test_a_reader_who_goes_elsewhere_while_waiting_takes_no_process_along(city):
    workers, slow = Workers(), Ready()

    class GoneError(Exception):
        pass

    @contextlib.contextmanager
    def leave(_ahead):
        workers._ready.put(slow)
        yield
        raise GoneError

    workers._all.add(slow)
    workers.told = leave
    with pytest.raises(GoneError):
        workers.make(city, "x", 1, here=lambda: "here")
    assert workers.make(city, "x", 2, here=lambda: "here") == (2,)


def test_who_waits_is_told_how_many_are_ahead(city):
    workers, told, free, asked = Workers(), [], Event(), []

    class Slow(Ready):
        def ask(self, question):
            asked.append(question)
            free.wait(10)
            return super().ask(question)

    @contextlib.contextmanager
    def tell(ahead):
        told.append(ahead)
        if len(told) == 2:
            free.set()
        yield

    workers.told = tell
    slow = Slow()
    workers._all.add(slow)
    workers._ready.put(slow)
    ask = partial(workers.make, city, "x", here=lambda: "here")
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(ask, 1)
        while not asked:
            time.sleep(0.001)
        others = [pool.submit(ask, number) for number in (2, 3)]
        assert [each.result(10) for each in (first, *others)] == [(1,), (2,), (3,)]
    assert sorted(told) == [1, 2]
    assert workers.make(city, "x", 4, here=lambda: "here") == (4,)
    assert len(told) == 2
