"""Sections that several papers have: reach, issues, where to act first, method and sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.coverage.figures import NETWORK, STRAIGHT
from analysis.model.errors import SampleError
from analysis.model.figures import RESIDENTS
from exports.papers.model import Fact, Heading, NewPage, Paragraph, Table
from exports.papers.worded import worded_table
from exports.pictures.svg import plain
from maps.hotspots import grid_sentence
from wording.levels import parent_title
from wording.names import (
    figure_text,
    full_names,
    minimum_text,
    place_name,
    priority_text,
    reach_text,
    with_names,
    with_places,
)
from wording.numbers import NOTHING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence
    from typing import Any

    from analysis.model.standards import Rule
    from exports.papers.findings import Findings
    from exports.papers.model import Block
    from wording.speaker import Speaker

WORST = 3
"""Communities named where most people are beyond reach."""


def numbered(translate: Speaker, sections: Sequence[tuple[str, Sequence[Block]]]) -> list[Block]:
    """Put numbers before the headings of sections, and leave out those that say nothing."""
    blocks: list[Block] = []
    numbers = translate("paper.numbers").split()
    said = [(words, list(content)) for words, content in sections if content]
    for place, (words, content) in enumerate(said):
        number = numbers[place] if place < len(numbers) else str(place + 1)
        if isinstance(content[0], NewPage):
            blocks.append(content.pop(0))
        blocks += [Heading(translate("paper.section", number=number, words=words)), *content]
    return blocks


def share_of_people(found: Findings, rule: Rule, measure: str) -> str:
    """Write the share of residents within reach; nothing where people of some are unknown."""
    if found.communities(rule, measure)["population"].isna().any():
        return NOTHING
    return found.translate.share(found.whole(rule, measure)["population_covered_share"])


def city_figure(found: Findings, rule: Rule, measure: str) -> str:
    """Write the figure of the whole city, as its rule states it."""
    if rule.figure.covers == RESIDENTS:
        return share_of_people(found, rule, measure)
    return figure_text(found.translate, found.whole(rule, measure)[rule.figure.id], rule)


def reach_facts(found: Findings) -> list[Fact]:
    """Give the figure of each kind's first rule."""
    facts, translate = [], found.translate
    seen: set[str] = set()
    for rule, measure in sorted(found.rules(), key=lambda each: not each[0].figure.needs_radius):
        if rule.kind in seen:
            continue
        seen.add(rule.kind)
        label = f"{found.kind_name(rule.kind)} · {translate(f'figure.{rule.figure}')}"
        meet = translate("paper.meet", **_meeting(found, rule, measure))
        if measure == NETWORK:
            meet = f"{meet} · {translate('measure.network')}"
        facts.append(Fact(label, city_figure(found, rule, measure), meet))
    return facts


def _meeting(found: Findings, rule: Rule, measure: str) -> dict[str, str]:
    whole, count = found.whole(rule, measure), found.translate.count
    return {"meets": count(whole["meets"]), "n": count(whole["communities"])}


def rule_table(found: Findings) -> Table:
    """Set the rules of the standard beside what the city reaches."""
    translate, count = found.translate, found.translate.count
    walked = any(measure == NETWORK for _, measure in found.rules())
    rows = []
    for rule, measure in found.rules():
        whole = found.whole(rule, measure)
        rows.append(
            [
                translate.of(rule.title),
                minimum_text(translate, rule),
                _with_bound(found, rule, measure),
                _beyond(found, rule, measure),
                f"{count(whole['meets'])} / {count(whole['communities'])}",
                count(whole["cannot_judge"]),
            ]
        )
    keys = ("rule", "minimum", "straight" if walked else "value", "beyond", "meets", "cannot_judge")
    heads = [translate(f"paper.col_{key}") for key in keys]
    title = translate.of(found.assessment.standard.title)
    return Table(title, heads, rows, numeric=(False, False, True, True, True, True))


def _with_bound(found: Findings, rule: Rule, measure: str) -> str:
    """Write the figure of the city; by walking distance with the straight line in brackets."""
    figure = city_figure(found, rule, measure)
    if measure != NETWORK:
        return figure
    bound = found.translate.share(found.whole(rule, measure)["straight_covered_share"])
    return found.translate("paper.with_bound", figure=figure, bound=bound)


def _beyond(found: Findings, rule: Rule, measure: str) -> str:
    """Count the residents beyond reach, where the rule has a reach and people are known."""
    rows = found.communities(rule, measure)
    if rule.service_radius_m is None or rows["population"].isna().any():
        return NOTHING
    return found.translate.count(_out(rows).sum())


def _out(rows: pd.DataFrame) -> pd.Series[float]:
    known: pd.Series[float] = rows["population_not_judged"].fillna(0)
    return rows["population"] - rows["population_covered"] - known


def worst_sentences(found: Findings) -> Iterator[Paragraph]:
    """Say where most people are beyond reach of each kind."""
    translate = found.translate
    for rule, measure in found.rules():
        rows = found.communities(rule, measure)
        if rule.service_radius_m is None or rows["population"].isna().any():
            continue
        out = _out(rows)
        worst = out[out.round() > 0].nlargest(WORST)
        facts = {
            "rule": translate.of(rule.title),
            "reach": reach_text(translate, rule.service_radius_m, measure),
        }
        if worst.empty:
            yield Paragraph(translate("paper.none_out", **facts))
            continue
        names = rows.loc[worst.index, "community"]
        places = translate("paper.between").join(
            translate("paper.people", place=plain(name), n=translate.count(people))
            for name, people in zip(names, worst, strict=True)
        )
        total = translate.count(out.sum())
        yield Paragraph(translate("paper.worst", out=total, places=places, **facts))


def case_blocks(found: Findings) -> list[Block]:
    """Say how many issues there are, and draw how many came and went month by month."""
    issues = found.issues
    drawn = [] if issues is None or issues.months is None else [found.chart(issues.months)]
    return [_case_sentence(found), *drawn]


def _case_sentence(found: Findings) -> Paragraph:
    """Say how many issues there are, and what became of them."""
    translate = found.translate
    if found.issues is None:
        return Paragraph(translate("paper.no_issues"))
    cases = found.issues.cases
    facts = {"period": found.period, "total": translate.count(cases.total)}
    if not cases.states_known:
        return Paragraph(translate("paper.cases_plain", **facts))
    facts["open"] = translate.count(cases.open)
    if not cases.overdue_known:
        return Paragraph(translate("paper.cases_undated", **facts))
    return Paragraph(translate("paper.cases", overdue=translate.count(cases.overdue), **facts))


def place_blocks(found: Findings, *, most: int) -> list[Block]:
    """List the first hot places and draw them, or say why there are none."""
    translate = found.translate
    if found.issues is None:
        return []
    hot = found.issues.hot_spots
    if isinstance(hot, SampleError):
        return [Paragraph(translate("paper.refused", why=translate.error(hot)))]
    if hot.places.empty:
        return [Paragraph(translate("paper.no_hot")), found.map("hotspots")]
    rows = with_places(hot.places.head(most), found.city, translate.language)
    named = rows.assign(
        community=[place_name(row) for row in rows.to_dict("records")],
        top_category=[found.category_name(each) for each in rows["top_category"]],
    )
    known: tuple[str, ...] = ("open",) if hot.cases.states_known else ()
    known += ("overdue",) if hot.cases.open_with_due else ()
    table = worded_table(
        named,
        "places",
        ("rank", "community", "parent", "cases", *known, "top_category"),
        translate,
        caption=translate("paper.places"),
        heads={
            "community": translate("hotspots.col_place"),
            "parent": plain(parent_title(found.city, translate)),
        },
    )
    grids = found.issues.grid_choices
    firm = [] if grids is None else [Paragraph(grid_sentence(grids, translate))]
    return [table, *firm, found.map("hotspots")]


def priority_table(found: Findings, *, most: int) -> list[Block]:
    """List the communities to act in first, with what each part counts."""
    if found.priority is None or found.priority.table.empty:
        return []
    translate, parts = found.translate, list(found.priority.weights)
    rows = found.priority.table.head(most)
    names = full_names(rows, found.city.communities, translate.language)
    lines = [
        [str(row["rank"]), plain(name), translate.decimal(row["score"] * 100), *_parts(found, row)]
        for name, row in zip(names, rows.to_dict("records"), strict=True)
    ]
    heads = [
        translate("hotspots.col_rank"),
        translate("hotspots.col_place"),
        translate("priority.score"),
        *(translate(f"priority.{part}") for part in parts),
    ]
    numeric = (True, False, True, *(True for _ in parts))
    return [Table(translate("paper.first_list"), heads, lines, numeric)]


def _parts(found: Findings, row: dict[Hashable, Any]) -> list[str]:
    weights = [] if found.priority is None else found.priority.weights
    return [priority_text(found.translate, part, row) for part in weights]


def method_blocks(found: Findings, *, issues: bool = True) -> list[Block]:
    """Name standard, distance and sources."""
    translate, standard = found.translate, found.assessment.standard
    straight = all(measure == STRAIGHT for _, measure in found.rules())
    blocks = [
        translate(
            "paper.standard_used",
            standard=translate.of(standard.title),
            document=standard.document,
        ),
        translate("paper.straight" if straight else "paper.walking"),
        *filter(None, [found.measure_note]),
        *(
            [translate("paper.hot_method")]
            if issues
            and found.issues is not None
            and not isinstance(found.issues.hot_spots, SampleError)
            else []
        ),
        translate("paper.sources", sources=_sources(found, issues=issues, walked=not straight)),
    ]
    return [Paragraph(plain(text), quiet=True) for text in blocks]


def _sources(found: Findings, *, issues: bool, walked: bool) -> str:
    translate = found.translate
    kinds = {"communities", "residents", *(rule.kind for rule, _ in found.rules())}
    kinds |= ({"issues"} if issues else set()) | ({"streets"} if walked else set())
    named = dict.fromkeys(
        translate("paper.source", source=report.source, date=report.publication_date)
        for report in found.city.reports
        if report.kind in kinds and not report.edition
    )
    return translate("paper.and").join(named)


def gap_rows(found: Findings, community: str) -> pd.DataFrame:
    """Give the rows of one community, one a rule."""
    by_rule = [found.assessment.rows_of(rule.id, measure) for rule, measure in found.rules()]
    rows = [each[each["community_id"] == community] for each in by_rule]
    return with_names(pd.concat(rows), found.city.communities, found.translate.language)
