"""What was found, and what would do away with it, in words: the same on page and paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.casework.findings import (
    CLAUSE,
    COVERAGE,
    INSPECTION,
    OPEN_IDLE,
    PATROL,
    PROPOSED_SITE,
    RECURRENCE,
    REPEAT_POINT,
    SURVEY,
    UNCHECKED,
)  # fmt: skip
from analysis.model.figures import FACILITIES, FIGURES
from wording.names import figure_by, full_name, value_text, with_names
from wording.numbers import NOTHING
from wording.readiness import asked_text, clause_value, distance_text

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any

    from analysis.model.standards import Kind, Rule, Standard
    from analysis.model.title import Clause
    from layers.city import City
    from wording.speaker import Speaker

OF_RULES = (COVERAGE, PROPOSED_SITE)
"""Kinds whose subject is a standard and its rule; of a site without a rule, its kind."""
UNKNOWN = {
    UNCHECKED: "finding.found_undated",
    INSPECTION: "finding.found_inspection_undated",
    PROPOSED_SITE: "finding.found_site_unknown",
}
"""What is said of kinds whose value may be missing."""
WORDED = ("place", "found", "kind", "what", "remedy", "unit", "since")


def named_findings(
    table: pd.DataFrame,
    city: City,
    standards: Mapping[str, Standard],
    *,
    categories: Mapping[str, Mapping[str, str]],
    translate: Speaker,
) -> pd.DataFrame:
    """Write where findings are and what they are about; columns `place` and `what`."""
    names = {name: rule.title for name, rule in rules_by_subject(standards).items()}
    names |= {name: clause.text for name, clause in clauses_by_subject(city).items()}
    named = with_names(table, city.communities, translate.language)
    others = {**categories, **{kind.id: kind.name for kind in city.kinds.values()}}
    topics = {topic.id: topic.name for topic in city.survey_rules.topics.values()}
    nowhere = translate("finding.nowhere")
    places = [
        full_name(*pair) or (translate("finding.whole_city") if kind == CLAUSE else nowhere)
        for kind, *pair in zip(table["kind"], named["community"], named["parent"], strict=True)
    ]
    subjects = [
        _subject(*pair, names, topics if pair[0] == SURVEY else others, translate)
        for pair in zip(table["kind"], table["subject"], strict=True)
    ]
    return pd.DataFrame({"place": places, "what": subjects}, index=table.index, dtype=object)


def rules_by_subject(standards: Mapping[str, Standard]) -> dict[str, Rule]:
    """Find rules by what findings of coverage call them."""
    return {f"{each.id}/{rule.id}": rule for each in standards.values() for rule in each.rules}


def clauses_by_subject(city: City) -> dict[str, Clause]:
    """Find the clauses of the city's title by what findings call them."""
    if city.title is None:
        return {}
    standard = city.title.standard
    return {f"{standard.id}/{each.id}": each for each in standard.clauses}


def _subject(
    kind: str,
    subject: str,
    names: Mapping[str, Mapping[str, str]],
    categories: Mapping[str, Mapping[str, str]],
    translate: Speaker,
) -> str:
    known = names if kind in {*OF_RULES, CLAUSE} and subject in names else categories
    return translate.of(known.get(subject, {translate.language: subject}))


def worded_findings(
    table: pd.DataFrame,
    city: City,
    standards: Mapping[str, Standard],
    *,
    kinds: Mapping[str, Kind],
    categories: Mapping[str, Mapping[str, str]],
    translate: Speaker,
) -> pd.DataFrame:
    """Write findings as a reader reads them; columns `WORDED` on the same index."""
    rules, clauses = rules_by_subject(standards), clauses_by_subject(city)
    named = named_findings(table, city, standards, categories=categories, translate=translate)
    calendar = translate("finding.working" if city.calendar else "finding.calendar")
    worded = []
    for row in table.to_dict("records"):
        if row["kind"] == CLAUSE:
            worded.append(_of_clause(translate, row, clauses.get(row["subject"])))
            continue
        of_gap = row["kind"] == COVERAGE
        rule = rules.get(row["subject"]) if row["kind"] in OF_RULES else None
        kind = kinds.get(rule.kind if rule else row["subject"])
        worded.append(
            {
                "kind": translate(f"finding.kind_{row['kind']}"),
                "found": _gap(translate, row) if of_gap else _found(translate, row, calendar),
                "remedy": _closing(translate, row, kind)
                if row["kind"] in OF_RULES
                else _remedy(translate, row),
                "unit": row["unit"] or NOTHING,
                "since": row["since"] if isinstance(row["since"], str) else NOTHING,
            }
        )
    rest = pd.DataFrame(worded, index=table.index, dtype=object)
    return named.join(rest).reindex(columns=list(WORDED))


def _of_clause(
    translate: Speaker, row: Mapping[Hashable, Any], clause: Clause | None
) -> dict[str, str]:
    """Write a clause that is failed; one that the standard has no more by its numbers alone."""
    found, asked = (translate.number(row[name]) for name in ("value", "threshold"))
    remedy = translate("finding.raise")
    if clause is not None:
        found, asked = clause_value(clause, row["value"], translate), asked_text(clause, translate)
        distance = distance_text(clause, -row["quantity"], translate)
        if distance != NOTHING:
            remedy = translate("finding.raise_by", distance=distance)
    return {
        "kind": translate(f"finding.kind_{row['kind']}"),
        "found": translate("finding.found_clause", found=found, asked=asked),
        "remedy": remedy,
        "unit": NOTHING,
        "since": row["since"] if isinstance(row["since"], str) else NOTHING,
    }


def _gap(translate: Speaker, row: Mapping[Hashable, Any]) -> str:
    figure, measure = FIGURES[row["figure"]], row["measure"]
    known = isinstance(measure, str) and measure != ""  # tasks kept before measures were told
    return translate(
        "finding.found_coverage",
        gap=translate(f"gap.{row['gap_type']}"),
        figure=figure_by(translate, figure, measure) if known else translate(f"figure.{figure}"),
        value=value_text(translate, row["value"], figure),
        minimum=value_text(translate, row["threshold"], figure, digits=0),
    )


def _found(translate: Speaker, row: Mapping[Hashable, Any], calendar: str) -> str:
    if pd.isna(row["value"]):
        return translate(UNKNOWN[row["kind"]])
    if row["kind"] == SURVEY:
        shares = {key: translate.share(row[key]) for key in ("value", "threshold")}
        return translate("finding.found_survey", **shares)
    facts: dict[str, object] = {"n": translate.count(int(row["value"]))}
    if row["kind"] == PROPOSED_SITE:
        facts = {
            "n": translate.count(round(row["value"])),
            "way": translate(f"measure.{row['measure']}"),
        }
    if row["kind"] == RECURRENCE:
        facts["limit"] = translate.count(row["threshold"])
    elif row["kind"] == UNCHECKED:
        facts["unit"] = calendar
    elif pd.notna(row["threshold"]):
        facts["least"] = translate.count(-(-row["threshold"] // 1))
    if row["kind"] == REPEAT_POINT:
        facts["month"] = row["since"][:7]
    return translate(f"finding.found_{row['kind']}", **facts)


def _remedy(translate: Speaker, row: Mapping[Hashable, Any]) -> str:
    if row["remedy"] == PATROL:
        return translate("finding.patrol", area=translate.decimal(row["quantity"], digits=2))
    return translate(f"finding.{row['remedy']}")


def _closing(translate: Speaker, row: Mapping[Hashable, Any], kind: Kind | None) -> str:
    """Write what would close a gap."""
    whole = translate.count(-(-row["quantity"] // 1))
    if row["kind"] == PROPOSED_SITE:
        return translate("finding.build", kind=translate.of(kind.name) if kind else row["subject"])
    if row["remedy"] == OPEN_IDLE:
        return translate("finding.open_idle", n=whole)
    if row["quantity_unit"] == FACILITIES:
        return translate("finding.add", n=whole, kind=translate.of(kind.name) if kind else "")
    unit = translate.of(kind.capacity_unit) if kind and kind.capacity else ""
    return translate(f"lacking.{row['quantity_unit']}", n=whole, unit=unit)
