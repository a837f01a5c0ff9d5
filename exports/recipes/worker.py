"""
A process beside the server that answers heavy questions (`main`).

Questions come pickled on standard input and are answered in order on standard output. It holds
its own copy of the city, read from the same files, and ends when its input does.
"""

from __future__ import annotations

import os
import pickle
import sys
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TypeVar, cast

from analysis.model.errors import PlanningError
from exports.recipes.issue_answers import IssueAnswers
from exports.recipes.shelf import Shelf
from layers.load import load_city
from maps.payloads import gaps_payload

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Answer = TypeVar("Answer")
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


class Answered(NamedTuple):
    """An answer; where there is none, whoever asks makes it and meets the reason."""

    there: bool
    value: object = None


class WorkerAnswers(IssueAnswers):
    """A city in a process of its own."""

    shelf = Shelf(limit=LIMIT)

    def keep(self, name: str, key: str, make: Callable[[], Answer]) -> Answer:
        """Give an answer that was given before, or make it."""
        return cast("Answer", self.shelf.give((name, self.city.fingerprint, key), make))

    def gaps_on_map(self, *asked: object) -> bytes:
        """Write gaps as the map fetches them."""
        return gaps_payload(self.gaps(*asked))  # type: ignore[arg-type]


def answer(asked: Asked, cities: Shelf) -> Answered:
    """Answer one question, if the city is still what it was."""
    try:
        key = (asked.folder, asked.fingerprint)
        known = cast(
            "WorkerAnswers", cities.give(key, lambda: WorkerAnswers(load_city(asked.folder)))
        )
        if known.city.fingerprint != asked.fingerprint:
            return Answered(there=False)
        return Answered(True, getattr(known, asked.method)(*asked.arguments))  # noqa: FBT003
    except PlanningError:
        return Answered(there=False)


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until nobody asks any more."""
    cities = Shelf(limit=1, fewest=2)
    while True:
        try:
            asked = pickle.load(questions)  # noqa: S301  written by our own server
        except EOFError:
            return
        pickle.dump(answer(asked, cities), answers, protocol=pickle.HIGHEST_PROTOCOL)
        answers.flush()


def main() -> None:
    """Answer on what was standard output; whatever prints goes to standard error."""
    os.nice(NICE)
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        serve(sys.stdin.buffer, answers)
