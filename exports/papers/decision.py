"""The paper for a decision: where to build, why, whom it reaches, and how sure that is the best."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exports.papers.model import Fact, Facts, Paper, Paragraph, Picture, Table
from exports.papers.parts import numbered
from exports.pictures.chart import chart_svg
from exports.pictures.svg import plain
from wording.missing_rows import missing_sentence
from wording.names import in_language
from wording.numbers import NOTHING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from analysis.siting.recipe import SitingPlan
    from charts.spec import ChartSpec
    from exports.papers.model import Block
    from layers.city import City
    from wording.speaker import Speaker

COMMUNITIES = 20
"""Communities listed, those that gain most; the workbook has them all."""


def decision_paper(  # noqa: PLR0917  what a plan is told by
    city: City,
    plan: SitingPlan,
    sites: pd.DataFrame,
    said: Sequence[str],
    drawn: Picture,
    curve: ChartSpec | None,
    method: Sequence[str],
    translate: Speaker,
) -> Paper:
    """
    Compose the paper.

    `sites` are rows of `exports.recipes.siting.site_table`, `said` its sentences, the effect
    first; `method` says how it was found and stands last, in small type.
    """
    rules = translate("paper.between").join(
        translate.of(part.rule.title) for part in plan.task.parts
    )
    sections: list[tuple[str, list[Block]]] = [
        (translate("decision.effect"), [_facts(plan, translate), *map(_said, said)]),
        (translate("decision.where"), [drawn, *_sites(city, sites, translate)]),
        (translate("decision.whom"), list(_communities(city, plan, translate))),
        (translate("decision.more"), _more(plan, curve, translate)),
        (translate("paper.method"), [Paragraph(plain(each), quiet=True) for each in method]),
    ]
    about = (
        translate("app.as_of", day=translate.day(city.as_of)),
        rules,
        missing_sentence(translate, city),
    )
    return Paper(
        name="decision",
        language=translate.language,
        title=plain(translate("decision.title", city=translate.of(city.name))),
        subtitle=plain(" · ".join(filter(None, about))),
        blocks=numbered(translate, sections),
        day=city.as_of,
    )


def _said(text: str) -> Paragraph:
    return Paragraph(plain(text))


def _facts(plan: SitingPlan, translate: Speaker) -> Facts:
    """Give the numbers that decide: sites, people, share, cost where it is stated."""
    before, after = plan.reached / plan.people, (plan.reached + plan.gained) / plan.people
    facts = [
        Fact(translate("siting.sites"), translate.count(len(plan.sites))),
        Fact(translate("siting.people_gained"), translate.count(round(plan.gained))),
        Fact(
            translate("decision.share"),
            translate.share(after),
            translate("decision.today", share=translate.share(before)),
        ),
    ]
    if _costs(plan.sites):
        facts.append(
            Fact(translate("siting.col_price"), translate.number(float(plan.sites["cost"].sum())))
        )
    return Facts(facts)


def _costs(sites: pd.DataFrame) -> bool:
    """Tell whether costs were stated: where sites are counted each costs 1."""
    return bool((sites["cost"] != 1).any())


def _sites(city: City, sites: pd.DataFrame, translate: Speaker) -> list[Block]:
    """List the sites with what each gains, and what speaks for it."""
    if sites.empty:
        return []
    rows = in_language(sites, city, translate.language)
    keys = ["rank", "place", "gained", "lost", *(["price"] if _costs(sites) else []), "reason"]
    lines = []
    for row in rows.to_dict("records"):
        line = [
            str(row["rank"]),
            plain(str(row["community"] or NOTHING)),
            translate.count(round(row["people_gained"])),
            translate.count(round(row["people_alone"])),
            *([translate.number(row["cost"])] if _costs(sites) else []),
            plain(str(row["reason"])),
        ]
        lines.append(line)
    heads = [translate(f"siting.col_{key}") for key in keys]
    numeric = [key in {"gained", "lost", "price"} for key in keys]
    return [Table(translate("siting.table"), heads, lines, numeric)]


def _communities(city: City, plan: SitingPlan, translate: Speaker) -> list[Block]:
    """List the communities that gain most, with their verdicts."""
    rows = plan.communities.head(COMMUNITIES)
    if rows.empty:
        return [Paragraph(translate("siting.nothing_changes"))]
    named = in_language(rows, city, translate.language)
    lines = [
        [
            plain(str(row["community"])),
            translate.share(row["share_before"]),
            translate.share(row["share_after"]),
            translate.count(round(row["people_gained"])),
            translate(f"verdict.{row['verdict_after']}"),
        ]
        for row in named.to_dict("records")
    ]
    heads = [
        translate("coverage.col_name"),
        translate("whatif.col_today"),
        translate("siting.col_after"),
        translate("siting.col_gained"),
        translate("coverage.col_verdict"),
    ]
    caption = translate("whatif.table")
    if len(plan.communities) > len(rows):
        cut = {"shown": translate.count(len(rows)), "n": translate.count(len(plan.communities))}
        caption = f"{caption} · {translate('paper.first_rows', **cut)}"
    return [Table(caption, heads, lines, (False, True, True, True, False))]


def _more(plan: SitingPlan, curve: ChartSpec | None, translate: Speaker) -> list[Block]:
    """Draw what more or fewer sites would bring, and say what other plans there are."""
    blocks: list[Block] = []
    if curve is not None:
        alt = translate("paper.chart_of", shows=curve.title)
        blocks += [
            Picture(chart_svg(curve), caption=curve.title, alt=alt),
            Paragraph(translate("decision.band"), quiet=True),
        ]
    if len(plan.alternatives):
        others = plan.alternatives
        facts = {
            "count": len(others),
            "share": translate.share(float(others["share_of_best"].min())),
        }
        blocks += [
            Paragraph(translate("decision.others", **facts)),
            Paragraph(translate("siting.others_mean"), quiet=True),
        ]
    return blocks
