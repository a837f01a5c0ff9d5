"""The papers: brief of the city, sheet of a community, notice on hot spots, coverage in full."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from exports.papers.model import Facts, NewPage, Paper, Paragraph, Table
from exports.papers.parts import (
    case_blocks,
    gap_rows,
    method_blocks,
    numbered,
    place_blocks,
    priority_table,
    reach_facts,
    rule_table,
    worst_sentences,
)
from exports.papers.worded import worded_table
from exports.pictures.svg import plain
from exports.tables.bulletin import bulletin_table, in_groups
from layers.knowledge.dictionary import load_dictionary
from wording.levels import parent_title
from wording.missing_rows import missing_sentence
from wording.names import figure_text, gap_text, in_language, lacking_text, minimum_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from analysis.model.standards import Rule
    from exports.papers.findings import Findings
    from exports.papers.model import Block

BRIEF_PLACES, NOTICE_PLACES, NOTICE_UNITS, NOTICE_REPEATS = 5, 10, 10, 10
"""Rows of the tables of a paper that is no list of everything."""


def city_brief(found: Findings) -> Paper:
    """Compose the brief of a city: two pages for its leaders."""
    translate = found.translate
    rules = found.rules()
    first_map = [found.map(rules[0][0].id)] if rules else []
    reach: list[Block] = [Facts(reach_facts(found)), *worst_sentences(found), *first_map]
    issues = [*case_blocks(found), *place_blocks(found, most=BRIEF_PLACES)]
    return _paper(
        found,
        "brief",
        title=translate("paper.brief_title", city=translate.of(found.city.name)),
        blocks=numbered(
            translate,
            [
                (translate("paper.reach"), reach if rules else []),
                (translate("paper.issues"), issues),
                (translate("paper.first"), priority_table(found, most=BRIEF_PLACES)),
                (translate("paper.method"), method_blocks(found)),
            ],
        ),
    )


def community_sheet(found: Findings, community: str) -> Paper:
    """Compose the sheet of one community: one page."""
    translate = found.translate
    rules = found.rules()
    drawn = [found.map(rules[0][0].id, community=community)] if rules else []
    reach: list[Block] = [_community_table(found, community), *drawn]
    name = re.sub(r"[^\w-]+", "-", community)
    return _paper(
        found,
        f"community-{name}",
        title=translate("paper.sheet_title", community=found.community_name(community)),
        blocks=numbered(
            translate,
            [
                (translate("paper.reach"), reach if rules else []),
                (translate("paper.first"), _community_priority(found, community)),
                (translate("paper.method"), method_blocks(found, issues=False)),
            ],
        ),
    )


def _community_table(found: Findings, community: str) -> Table:
    """Set the community beside every rule."""
    translate = found.translate
    rules = {rule.id: rule for rule, _ in found.rules()}
    rows = [
        _community_row(found, rules[str(row["rule"])], row)
        for _, row in gap_rows(found, community).iterrows()
    ]
    keys = ("rule", "minimum", "value", "people", "nearest", "verdict", "gap", "lacking")
    heads = [translate(f"paper.col_{key}") for key in keys]
    numeric = (False, False, True, True, True, False, False, False)
    return Table(translate.of(found.assessment.standard.title), heads, rows, numeric)


def _community_row(found: Findings, rule: Rule, row: pd.Series) -> list[str]:
    translate = found.translate
    return [
        translate.of(rule.title),
        minimum_text(translate, rule),
        figure_text(translate, row["value"], rule),
        translate.count(row["population"]),
        translate.metres(row["nearest_distance_m"]),
        translate(f"verdict.{row['verdict']}"),
        gap_text(translate, row),
        lacking_text(translate, row, found.kinds[rule.kind]),
    ]


def _community_priority(found: Findings, community: str) -> list[Block]:
    """Say where the community stands among all, and what is counted."""
    if found.priority is None:
        return []
    table = found.priority.table
    rows = table[table["community_id"] == community]
    if rows.empty:
        return []
    row, translate = rows.iloc[0], found.translate
    sentence = translate(
        "paper.place_in_list",
        rank=translate.count(row["rank"]),
        n=translate.count(len(table)),
        best=translate.count(row["rank_best"]),
        worst=translate.count(row["rank_worst"]),
        score=translate.decimal(row["score"] * 100),
    )
    counted = [*priority_table(_only(found, rows), most=1)]
    return [Paragraph(sentence), *counted]


def _only(found: Findings, rows: pd.DataFrame) -> Findings:
    """Narrow the list of priority to some rows."""
    priority = None if found.priority is None else replace(found.priority, table=rows)
    return replace(found, priority=priority)


def hot_spot_notice(found: Findings) -> Paper:
    """Compose the notice on hot spots, in the order in which offices write one."""
    translate = found.translate
    asked = [Paragraph(translate("paper.to_do_here"))]
    return _paper(
        found,
        "notice",
        title=translate("paper.notice_title", city=translate.of(found.city.name)),
        notice=True,
        blocks=[
            Paragraph(translate("paper.notice_lead", period=found.period)),
            *numbered(
                translate,
                [
                    (translate("paper.whole"), case_blocks(found)),
                    (translate("paper.places"), place_blocks(found, most=NOTICE_PLACES)),
                    (translate("paper.repeats"), _repeats(found)),
                    (translate("paper.units"), list(_units(found))),
                    (translate("paper.to_do"), asked),
                    (translate("paper.method"), method_blocks(found)),
                ],
            ),
        ],
    )


def _repeats(found: Findings) -> list[Block]:
    """List the places where one category came again and again within a month."""
    if found.issues is None or found.issues.follow_up.repeats.empty:
        return []
    translate, repeats = found.translate, found.issues.follow_up.repeats
    rows = in_language(repeats.head(NOTICE_REPEATS), found.city, translate.language)
    rows = rows.assign(category=[found.category_name(each) for each in rows["category"]])
    columns = ("month", "community", "category", "cases", "open", "unit")
    caption = translate("paper.repeats_of", least=found.issues.follow_up.rule.least)
    return [worded_table(rows, "repeat_points", columns, translate, caption=caption)]


def _units(found: Findings) -> Iterator[Block]:
    """List units in groups, the worse first, with the reasons; communities are in the workbook."""
    if found.issues is None:
        return
    translate = found.translate
    words, language = translate.words, translate.language
    rows = bulletin_table(found.issues.follow_up.units, found.city, words, language)
    rows = rows[rows["level"] == "unit"]
    codes = {each.id: each.codes for each in load_dictionary().tables["bulletin"].columns}
    for indicator, group in rows.groupby("indicator", sort=False):
        caption = codes["indicator"][str(indicator)][language][0]
        shown = in_groups(group).head(NOTICE_UNITS)
        if len(group) > len(shown):
            cut = {"shown": translate.count(len(shown)), "n": translate.count(len(group))}
            caption = f"{caption} · {translate('paper.first_rows', **cut)}"
        yield worded_table(
            shown,
            "bulletin",
            ("verdict", "name", "n", "share", "reason"),
            translate,
            caption=caption,
            heads={
                "n": translate("units.col_n"),
                "share": translate("units.col_rate"),
            },
        )


def coverage_report(found: Findings) -> Paper:
    """Compose the report on coverage with every community."""
    translate = found.translate
    rules = found.rules()
    sections: list[tuple[str, list[Block]]] = [
        (translate("paper.summary"), [rule_table(found), *worst_sentences(found)] if rules else []),
        (translate("paper.method"), method_blocks(found, issues=False)),
        *((translate.of(rule.title), list(_rule(found, rule, measure))) for rule, measure in rules),
    ]
    return _paper(
        found,
        "coverage",
        title=translate("paper.coverage_title", city=translate.of(found.city.name)),
        blocks=numbered(translate, sections),
    )


def _rule(found: Findings, rule: Rule, measure: str) -> Iterator[Block]:
    """Draw one rule and list every community by it."""
    translate = found.translate
    yield NewPage()
    clause = f"{translate.of(rule.clause)}; {translate(f'confidence.{rule.confidence}')}"
    yield Paragraph(plain(clause), quiet=True)
    yield found.map(rule.id)
    rows = found.communities(rule, measure)
    table = rows.assign(
        value=[figure_text(translate, each, rule) for each in rows["value"]],
        lacking=[
            lacking_text(translate, row, found.kinds[rule.kind]) for _, row in rows.iterrows()
        ],
        gap=[gap_text(translate, row) for _, row in rows.iterrows()],
        verdict=[translate(f"verdict.{each}") for each in rows["verdict"]],
        population=[translate.count(each) for each in rows["population"]],
    ).sort_values("parent", kind="stable")
    columns = ("parent", "community", "population", "value", "verdict", "gap", "lacking")
    own = {
        "parent": plain(parent_title(found.city, translate)),
        "value": translate(f"figure.{rule.figure}"),
    }
    heads = [own.get(each) or translate(f"paper.col_{each}") for each in columns]
    lines = [[plain(str(cell)) for cell in row] for row in table[list(columns)].to_numpy().tolist()]
    numeric = (False, False, True, True, False, False, False)
    yield Table(translate("paper.every_community"), heads, lines, numeric)


def _paper(
    found: Findings, name: str, *, title: str, blocks: list[Block], notice: bool = False
) -> Paper:
    translate = found.translate
    about = [translate("app.as_of", day=translate.day(found.city.as_of))]
    missing = missing_sentence(translate, found.city)
    if found.issues is not None and name != "coverage":
        about.append(translate("paper.period", period=found.period))
    return Paper(
        name=name,
        language=translate.language,
        title=plain(title),
        subtitle=plain(" · ".join(filter(None, (*about, missing)))),
        blocks=blocks,
        day=found.city.as_of,
        notice=notice,
        number=translate("paper.number", year=found.city.as_of.year) if notice else "",
        signature=(translate("paper.signed"), translate.long_day(found.city.as_of))
        if notice
        else (),
    )


PAPERS: dict[str, Callable[[Findings], Paper]] = {
    "brief": city_brief,
    "notice": hot_spot_notice,
    "coverage": coverage_report,
}
"""Papers of a city, by name; the sheet of a community needs to be told which."""
