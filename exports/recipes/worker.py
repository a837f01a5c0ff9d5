"""
A process beside the server that answers heavy questions (`main`).

Questions come pickled on standard input and are answered in order on standard output. It holds
its own copy of the city, read from the same files, and ends when its input does.
"""

from __future__ import annotations

import os
import pickle
import sys
import time
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TypeVar, cast

from analysis.model.errors import PlanningError
from exports.recipes.issue_answers import IssueAnswers
from exports.recipes.moves import solve_asked
from exports.recipes.shelf import Shelf
from layers.load import load_city
from maps.payloads import gaps_payload
from wording.catalogue import load_words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from analysis.siting.solving import Solution
    from exports.recipes.pack import Request
    from exports.recipes.siting import AskedSiting

Answer = TypeVar("Answer")
EVERY = 0.4
"""Seconds between two messages on how far an answer has come."""
NICE = 5
"""How far the process stands back behind the one that draws pages."""
LIMIT = 128 * 2**20
"""Bytes of answers that it keeps, its city made ready among them."""


class Asked(NamedTuple):
    """A question: of which city as it was loaded, which method, with what."""

    folder: Path
    fingerprint: str
    method: str
    arguments: tuple[object, ...]


class Told(NamedTuple):
    """How far an answer has come."""

    value: object


class Answered(NamedTuple):
    """
    An answer.

    Where there is none, whoever asks makes it and meets the reason; `value` holds that of a
    mistake that the reader can mend.
    """

    there: bool
    value: object = None


class WorkerAnswers(IssueAnswers):
    """A city in a process of its own."""

    shelf = Shelf(limit=LIMIT)
    tell: Callable[[object], None] = staticmethod(lambda _value: None)

    def keep(self, name: str, key: str, make: Callable[[], Answer]) -> Answer:
        """Give an answer that was given before, or make it."""
        return cast("Answer", self.shelf.give((name, self.city.fingerprint, key), make))

    def gaps_on_map(self, *asked: object) -> bytes:
        """Write gaps as the map fetches them."""
        return gaps_payload(self.gaps(*asked))  # type: ignore[arg-type]

    def solved_siting(self, asked: AskedSiting) -> Solution:
        """Look for the best sites, and tell on the way."""
        return solve_asked(self, asked, now_and_then(self.tell))

    def evidence_pack(self, request: Request) -> bytes:
        """Make a pack."""
        from exports.recipes.pack import evidence_pack  # noqa: PLC0415  brings the typesetter

        return evidence_pack(self, request, load_words())


def now_and_then(tell: Callable[[object], None]) -> Callable[[object], None]:
    """Pass on what is told, at most once in `EVERY` seconds."""
    last = -EVERY

    def told(value: object) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY:
            tell(value)
            last = time.monotonic()

    return told


def answer(asked: Asked, cities: Shelf, tell: Callable[[object], None]) -> Answered:
    """Answer one question, if the city is still what it was."""
    try:
        key = (asked.folder, asked.fingerprint)
        known = cast(
            "WorkerAnswers", cities.give(key, lambda: WorkerAnswers(load_city(asked.folder)))
        )
        if known.city.fingerprint != asked.fingerprint:
            return Answered(there=False)
        known.tell = tell
        return Answered(True, getattr(known, asked.method)(*asked.arguments))  # noqa: FBT003
    except PlanningError as error:
        return Answered(there=False, value=error)


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until nobody asks any more."""
    cities = Shelf(limit=1, fewest=2)

    def write(value: Told | Answered) -> None:
        pickle.dump(value, answers, protocol=pickle.HIGHEST_PROTOCOL)
        answers.flush()

    while True:
        try:
            asked = pickle.load(questions)  # noqa: S301  written by our own server
        except EOFError:
            return
        write(answer(asked, cities, lambda value: write(Told(value))))


def main() -> None:
    """Answer on what was standard output; whatever prints goes to standard error."""
    os.nice(NICE)
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        serve(sys.stdin.buffer, answers)
