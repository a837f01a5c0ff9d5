"""What the charts of a workbook show, as small tables with numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analysis.issues.monthly import monthly_cases
from charts.cases import MONTHLY, monthly_title
from charts.coverage import VERDICTS, lowest
from charts.ranking import MOST
from charts.spec import ACCENT, INK
from wording.names import distinct_names, figure_by, figure_text, in_language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.coverage.assessment import Assessment
    from analysis.model.standards import Rule
    from layers.city import City
    from wording.speaker import Speaker

LINE, BARS, STACK, PARETO = "line", "bars", "stack", "pareto"
"""Months side by side; the lowest below each other; parts of a whole; what adds up to most."""


@dataclass(frozen=True, eq=False)
class NativeChart:
    """
    A chart that the spreadsheet draws itself.

    Attributes
    ----------
    title, form
        What it shows, in the reader's language; one of the forms above.
    table
        Names in the first column, numbers in the others, under headings in words.
    colours
        Of the columns of numbers.
    shares
        Columns of numbers that are shares.
    """

    title: str
    form: str
    table: pd.DataFrame
    colours: tuple[str, ...]
    shares: frozenset[str] = frozenset()


def coverage_charts(assessment: Assessment, city: City, translate: Speaker) -> list[NativeChart]:
    """Give how many communities meet each rule, and for each rule those that are lowest."""
    return [_verdicts(assessment, translate), *_lowest_of_rules(assessment, city, translate)]


def _verdicts(assessment: Assessment, translate: Speaker) -> NativeChart:
    summary = assessment.scored.summary
    rows = summary[summary["level"] == "city"]
    titles = {rule.id: translate.of(rule.title) for rule in assessment.standard.rules}
    table = pd.DataFrame(
        {
            translate("charts.rule"): rows["rule"].map(titles),
            **{translate(f"verdict.{verdict}"): rows[verdict] for verdict in VERDICTS},
        }
    )
    title = translate("charts.verdicts")
    return NativeChart(title, STACK, table.reset_index(drop=True), tuple(VERDICTS.values()))


def _lowest_of_rules(
    assessment: Assessment, city: City, translate: Speaker
) -> Iterator[NativeChart]:
    community = translate("charts.community")
    for rule, measure in assessment.scored.judged:
        rows = in_language(assessment.rows_of(rule.id, measure), city, translate.language)
        names = distinct_names(rows["community"].tolist(), rows["parent"].tolist())
        known, _ = lowest(pd.DataFrame({"name": names, "value": rows["value"].to_numpy()}))
        if known.empty:
            continue
        figure = figure_by(translate, rule.figure, measure)
        table = known.rename(columns={"name": community, "value": figure}).reset_index(drop=True)
        shares = frozenset({figure} if rule.figure.share else ())
        title = _bars_title(rule, figure, community, translate)
        yield NativeChart(title, BARS, table, (ACCENT,), shares)


def _bars_title(rule: Rule, figure: str, community: str, translate: Speaker) -> str:
    bars = translate(
        "charts.coverage_bars", each=community, figure=figure, rule=translate.of(rule.title)
    )
    least = translate("charts.minimum", value=figure_text(translate, rule.minimum, rule, digits=0))
    return f"{bars} · {least}"


def case_charts(matrix: pd.DataFrame, city: City, translate: Speaker) -> list[NativeChart]:
    """Give cases month by month, and which categories and communities make up most of them."""
    level = city.taxonomy.levels[0]
    rows = in_language(matrix[matrix["level"] == level], city, translate.language)
    named = city.taxonomy.names.get(level, {})
    other = {"": translate("matrix.other")}
    keys = rows["key"].map(lambda key: translate.of(named.get(key, {})) or other.get(key, key))
    places = rows.assign(
        place=distinct_names_of(rows["community"], rows["parent"], rows["community_id"])
    )
    headings = {
        "categories": (rows["cases"].groupby(keys).sum(), "hotspots.col_category"),
        "places": (places.groupby("place")["cases"].sum(), "hotspots.col_place"),
    }
    return [
        *_months(city, translate),
        *(
            _pareto(counts, translate, about=about, heading=translate(heading))
            for about, (counts, heading) in headings.items()
            if counts.sum()
        ),
    ]


def distinct_names_of(names: pd.Series, marks: pd.Series, identifiers: pd.Series) -> pd.Series[str]:
    """Write the names of communities that stand in many rows, told apart by their mark."""
    each = pd.DataFrame({"name": names, "mark": marks, "id": identifiers}).drop_duplicates("id")
    written = distinct_names(each["name"].tolist(), each["mark"].tolist())
    return identifiers.map(dict(zip(each["id"], written, strict=True)))


def _months(city: City, translate: Speaker) -> Iterator[NativeChart]:
    if city.issues is None:
        return
    months = monthly_cases(city.issues, as_of=city.as_of)
    known = [name for name in MONTHLY if months[name].notna().any()]
    if len(months) > 1:
        names = {name: translate(f"monthly.{name}") for name in known}
        table = months[known].rename(columns=names).rename_axis(translate("monthly.month"))
        colours = tuple(MONTHLY[name] for name in known)
        yield NativeChart(monthly_title(known, translate), LINE, table.reset_index(), colours)


def _pareto(counts: pd.Series[int], translate: Speaker, *, about: str, heading: str) -> NativeChart:
    ordered = counts[counts > 0].sort_values(ascending=False, kind="stable")
    adds_up = translate("charts.adds_up")
    table = pd.DataFrame(
        {
            heading: ordered.index.astype(str),
            translate("charts.cases"): ordered.to_numpy(),
            adds_up: (ordered.cumsum() / ordered.sum()).to_numpy(),
        }
    ).head(MOST)
    title = translate(f"charts.pareto_{about}")
    return NativeChart(title, PARETO, table, (ACCENT, INK), frozenset({adds_up}))
