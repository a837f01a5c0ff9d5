"""The paper for everybody: reach of facilities, counts nobody can work out, spots to adopt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analysis.privacy.public_view import COUNTS, COVERAGE, MONTHS, PLACES, SPOTS
from exports.papers.model import Facts, Paper, Paragraph, Table
from exports.papers.parts import method_blocks, numbered, reach_facts, rule_table
from exports.papers.worded import worded_table
from exports.pictures.svg import plain
from wording.levels import level_title
from wording.names import known_names, with_names
from wording.numbers import NOTHING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.privacy.public_view import PublicView
    from exports.papers.findings import Findings
    from exports.papers.model import Block
    from wording.speaker import Speaker

    Names = Mapping[str, Mapping[str, str]]

COVERED = (
    *("community_id", "community", "parent"),
    *("rule", "measure", "population_covered_share", "verdict"),
)
"""What is told of a community and a rule."""
ALL, NONE = "*", "(none)"
"""Keys of the sum of all, and of cases outside every area, or of no group."""


@dataclass(frozen=True, eq=False)
class PublicFacts:
    """
    What everybody may see, and nothing else.

    Attributes
    ----------
    view
        What may be shown, and from how many cases on.
    groups
        Names of the groups of categories, by language.
    tables
        Of the dictionary, by part: those that are shown and can be told.
    """

    view: PublicView
    groups: Names
    tables: Mapping[str, pd.DataFrame]


def public_paper(found: Findings, facts: PublicFacts) -> Paper:
    """Compose the paper, of the parts that may be shown."""
    translate = found.translate
    sections: list[tuple[str, list[Block]]] = [
        (translate("paper.reach"), _reach(found) if COVERAGE in facts.tables else []),
        (translate("public.reported"), _reported(found, facts)),
        (translate("public.spots"), _spots(found, facts)),
        (translate("paper.method"), _method(found, facts)),
    ]
    return Paper(
        name="public",
        language=translate.language,
        title=translate("public.title", city=translate.of(found.city.name)),
        subtitle=translate("public.subtitle", day=translate.day(found.city.as_of)),
        blocks=numbered(translate, sections),
        day=found.city.as_of,
    )


def _reach(found: Findings) -> list[Block]:
    rules = found.rules()
    if not rules:
        return []
    return [Facts(reach_facts(found)), rule_table(found), found.map(rules[0][0].id)]


def _reported(found: Findings, facts: PublicFacts) -> list[Block]:
    translate, tables = found.translate, facts.tables
    blocks: list[Block] = []
    if COUNTS in tables:
        period = Paragraph(translate("public.period", period=found.period))
        blocks += [period, _counts(found, facts.groups, tables[COUNTS])]
    if MONTHS in tables:
        told = zip(tables[MONTHS]["month"], _told(tables[MONTHS], translate), strict=True)
        heads = [translate("public.month"), translate("public.cases")]
        rows = [[str(month), text] for month, text in told]
        blocks.append(Table(translate("public.by_month"), heads, rows, (False, True)))
    if PLACES in tables:
        n, least = translate.count(len(tables[PLACES])), translate.count(facts.view.least)
        blocks.append(Paragraph(translate("public.places", n=n, least=least), quiet=True))
    return blocks


def _counts(found: Findings, groups: Names, counts: pd.DataFrame) -> Table:
    """Set sub-districts beside groups, with the sums of both."""
    translate = found.translate
    above = known_names(found.city.communities, translate.language)["parent"]
    whole = counts.assign(told=_told(counts, translate)).fillna({"parent": ALL, "group": ALL})
    cells = {(row["parent"], row["group"]): str(row["told"]) for row in whole.to_dict("records")}
    rows, columns = (_in_order(whole[name]) for name in ("parent", "group"))
    kept = {ALL: translate("public.all"), NONE: translate("public.no_area")}
    heads = {
        **{key: translate.of(groups[key]) for key in columns if key in groups},
        ALL: translate("public.all"),
        NONE: translate("public.no_group"),
    }
    body = [
        [
            plain(kept.get(row) or above.get(row, row)),
            *(cells.get((row, key), "0") for key in columns),
        ]
        for row in rows
    ]
    level = plain(level_title(found.city, "parent", translate))
    titles = [level, *(plain(heads[key]) for key in columns)]
    return Table(
        translate("public.by_area", level=level), titles, body, (False, *(True for _ in columns))
    )


def _in_order(keys: pd.Series[str]) -> list[str]:
    """Put what has no name and the sum behind all others."""
    known = sorted(set(keys) - {NONE, ALL})
    return [*known, *(key for key in (NONE, ALL) if (keys == key).any())]


def _told(rows: pd.DataFrame, translate: Speaker) -> list[str]:
    return [translate.count(cases) if pd.notna(cases) else NOTHING for cases in rows["cases"]]


def _spots(found: Findings, facts: PublicFacts) -> list[Block]:
    if SPOTS not in facts.tables or facts.tables[SPOTS].empty:
        return []
    translate = found.translate
    rows = with_names(facts.tables[SPOTS], found.city.communities, translate.language)
    rows = rows.assign(category=[found.category_name(each) for each in rows["category"]])
    shown = ("community", "parent", "category")
    table = worded_table(
        rows, "public_spots", shown, translate, caption=translate("public.spots_caption")
    )
    return [Paragraph(translate("public.adopt")), table]


def _method(found: Findings, facts: PublicFacts) -> list[Block]:
    translate = found.translate
    least = translate.count(facts.view.least)
    hidden = Paragraph(
        translate("public.hidden", least=least, side=translate.metres(facts.view.side_m)),
        quiet=True,
    )
    of_reach = method_blocks(found, issues=False) if COVERAGE in facts.tables else []
    return [hidden, *of_reach]
