"""The city's answers, kept for every session until one of its files changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from exports.recipes.issue_answers import IssueAnswers
from views.cache.city import city, knowledge
from views.cache.shelf import ANSWERS

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")


class KeptAnswers(IssueAnswers):
    """The city as it is now; what was asked before is not made again."""

    def keep(self, name: str, key: str, make: Callable[[], Answer]) -> Answer:
        """Give an answer that a session has been given before, or make it."""
        return cast("Answer", ANSWERS.give((name, self.city.fingerprint, key), make))


def answers() -> KeptAnswers:
    """Give the city to ask."""
    known = knowledge()
    return KeptAnswers(city(), standards=known.standards, kinds=known.kinds)
