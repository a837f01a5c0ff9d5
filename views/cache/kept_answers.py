"""The city's answers, kept for every session until one of its files changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from analysis.coverage.figures import STRAIGHT
from exports.recipes.issue_answers import IssueAnswers
from exports.recipes.shelf import ANSWERS
from views.cache.city import city, knowledge
from views.cache.workers import WORKERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.access.supply_filter import SupplyFilter
    from analysis.coverage.assessment import Assessment
    from analysis.model.standards import Standard

Answer = TypeVar("Answer")


class KeptAnswers(IssueAnswers):
    """The city as it is now; what was asked before is not made again."""

    def keep(self, name: str, key: str, make: Callable[[], Answer]) -> Answer:
        """Give an answer that a session has been given before, or make it."""
        return cast("Answer", ANSWERS.give((name, self.city.fingerprint, key), make))

    def _judge(
        self, standard: Standard, measures: tuple[str, ...], supply: SupplyFilter
    ) -> Assessment:
        """Let another process judge, but for walks, whose paths are made ready here alone."""
        judge = super()._judge
        if measures != (STRAIGHT,):
            return judge(standard, measures, supply)
        return WORKERS.make(
            self.city,
            "assessment",
            *(standard, measures, supply),
            here=lambda: judge(standard, measures, supply),
        )


def answers() -> KeptAnswers:
    """Give the city to ask."""
    known = knowledge()
    return KeptAnswers(city(), standards=known.standards, kinds=known.kinds)
