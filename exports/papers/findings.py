"""What papers are composed of: the answers of a city, as the recipes found them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from exports.papers.model import Picture
from exports.pictures.chart import chart_svg
from wording.names import full_name, with_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from analysis.coverage.assessment import Assessment
    from analysis.handling.followup import FollowUp
    from analysis.hotspots.grid_choices import GridChoices
    from analysis.hotspots.recipe import HotSpotResult
    from analysis.issues.counts import Cases
    from analysis.model.errors import SampleError
    from analysis.model.standards import Kind, Rule
    from analysis.priority import Priority
    from charts.spec import ChartSpec
    from layers.city import City
    from wording.speaker import Speaker

    Draw = Callable[[str, str], tuple[str, str]]


@dataclass(frozen=True, eq=False)
class IssueFindings:
    """
    What was found of issues.

    Attributes
    ----------
    cases
        What became of all issues asked for.
    months
        Those of its categories and area in the last twelve months, whatever the period asked for;
        `None` with fewer than two.
    hot_spots
        Where they concentrate, or why that cannot be told.
    grid_choices
        Which of these places do not depend on the grid; `None` where there are none.
    follow_up
        What came back, and whose work holds.
    """

    cases: Cases
    months: ChartSpec | None
    hot_spots: HotSpotResult | SampleError
    grid_choices: GridChoices | None
    follow_up: FollowUp


@dataclass(frozen=True, eq=False)
class Findings:
    """
    What papers are composed of.

    Attributes
    ----------
    city, kinds, categories
        What there is, and its names.
    assessment
        Every community against every rule.
    priority
        Where to act first; `None` without issues.
    issues
        What was found of them; `None` without a layer.
    period
        First and last day of the issues, in words.
    draw
        Draws the map of a rule, or of `hotspots`, around a community or of the city: the picture
        and its legend's title.
    translate
        Speaks the reader's language.
    measure_note
        Why rules that mean walking distance are judged by the straight line, or empty.
    """

    city: City
    kinds: Mapping[str, Kind]
    categories: Mapping[str, Mapping[str, str]]
    assessment: Assessment
    priority: Priority | None
    issues: IssueFindings | None
    period: str
    draw: Draw
    translate: Speaker
    measure_note: str = ""

    def rules(self) -> list[tuple[Rule, str]]:
        """Give the rules of kinds that the city has a layer for, each with the measure in use."""
        return [each for each in self.assessment.scored.judged if each[0].kind in self.city.kinds]

    def whole(self, rule: Rule, measure: str) -> pd.Series:
        """Give the row of the whole city for a rule."""
        rows = self.assessment.summary
        chosen = (
            (rows["level"] == "city") & (rows["rule"] == rule.id) & (rows["measure"] == measure)
        )
        return rows[chosen].iloc[0]

    def communities(self, rule: Rule, measure: str) -> pd.DataFrame:
        """Give the rows of all communities for a rule, named in the reader's language."""
        rows = self.assessment.rows_of(rule.id, measure)
        return with_names(rows, self.city.communities, self.translate.language)

    def kind_name(self, kind: str) -> str:
        """Name a kind in the reader's language."""
        return self.translate.of(self.kinds[kind].name)

    def category_name(self, category: str) -> str:
        """Name a category in the reader's language."""
        known = self.categories.get(category, {self.translate.language: category})
        return self.translate.of(known)

    def map(self, name: str, *, community: str = "") -> Picture:
        """Draw a map with its caption."""
        svg, shows = self.draw(name, community)
        return Picture(svg, caption=shows, alt=self.translate("paper.map_of", shows=shows))

    def chart(self, spec: ChartSpec) -> Picture:
        """Draw a chart with its caption."""
        alt = self.translate("paper.chart_of", shows=spec.title)
        return Picture(chart_svg(spec), caption=spec.title, alt=alt)

    def community_name(self, community: str) -> str:
        """Name a community with what it is part of."""
        chosen = self.city.communities.loc[[community]]
        row = with_names(chosen, self.city.communities, self.translate.language).iloc[0]
        return full_name(row["name"], row["parent"])
