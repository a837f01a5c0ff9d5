"""What a page needs to draw itself, and the words it speaks in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from analysis.coverage.figures import measures_of
from analysis.model.standards import one_rule
from views import cache
from views.controls.choice import rules_of
from views.controls.city_question import measures_chosen, question_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.model.question import Question
    from analysis.model.standards import Kind, Rule, Standard
    from layers.city import City
    from views.controls.choice import Choice
    from wording.speaker import Speaker


class RuleInUse(NamedTuple):
    """
    A rule as a page judges it.

    Attributes
    ----------
    standard
        With this rule alone, at the service radius that is used.
    measure
        Of distance, in use: the one chosen if the rule can be judged by it, else the rule's own.
    stated
        The rule as its standard has it.
    """

    standard: Standard
    measure: str
    stated: Rule

    @property
    def rule(self) -> Rule:
        """The rule at the service radius that is used."""
        return self.standard.rules[0]


@dataclass(frozen=True)
class Screen:
    """
    What a page needs to draw itself.

    Attributes
    ----------
    city, standards, kinds, categories
        What there is.
    choice
        What the reader has chosen.
    translate
        Speaks the reader's language.
    """

    city: City
    standards: Mapping[str, Standard]
    kinds: Mapping[str, Kind]
    categories: Mapping[str, Mapping[str, str]]
    choice: Choice
    translate: Speaker

    @cached_property
    def rule(self) -> RuleInUse | None:
        """The rule chosen, with radius and measure; none if the standard has none for the kind."""
        return self.rule_of(self.choice.kind)

    def rule_of(self, kind: str) -> RuleInUse | None:
        """Rule for a kind, else its first; a radius chosen is of the kind chosen."""
        choice, standard = self.choice, self.standards[self.choice.standard]
        rules = rules_of(standard, kind)
        if not rules:
            return None
        stated = rules.get(choice.rule, next(iter(rules.values())))
        radius = float(choice.radius) if kind == choice.kind else 0.0
        narrowed = one_rule(standard, stated.id, service_radius=radius)
        measures = cache.answers().measures(narrowed, measures_chosen(choice))
        return RuleInUse(narrowed, measures_of(narrowed.rules[0], measures)[0], stated)

    @property
    def question(self) -> Question:
        """What the choice asks: the same for pages and exports."""
        return question_of(self.choice, self.city)

    def kind_name(self, kind: str) -> str:
        """Name of a facility kind in the reader's language."""
        return self.translate.of(self.kinds[kind].name)

    def category_name(self, category: str) -> str:
        """Name of a category of cases in the reader's language."""
        return self.translate.of(self.categories.get(category, {self.translate.language: category}))

    def parent_name(self, parent: str) -> str:
        """Name of a parent, or words for there being none."""
        return parent or self.translate("app.other_parent")
