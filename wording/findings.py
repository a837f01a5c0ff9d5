"""What was found, and what would do away with it, in words: the same on page and paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.casework.findings import (
    COVERAGE,
    INSPECTION,
    OPEN_IDLE,
    PATROL,
    PROPOSED_SITE,
    RECURRENCE,
    REPEAT_POINT,
    UNCHECKED,
)  # fmt: skip
from analysis.model.figures import FACILITIES, FIGURES
from wording.names import figure_by, full_name, value_text, with_names
from wording.numbers import NOTHING

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any

    from analysis.model.standards import Kind, Rule, Standard
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
    rules = rules_by_subject(standards)
    named = with_names(table, city.communities, translate.language)
    nowhere = translate("finding.nowhere")
    places = [
        full_name(*pair) or nowhere
        for pair in zip(named["community"], named["parent"], strict=True)
    ]
    subjects = [
        _subject(*pair, rules, categories, translate)
        for pair in zip(table["kind"], table["subject"], strict=True)
    ]
    return pd.DataFrame({"place": places, "what": subjects}, index=table.index, dtype=object)


def rules_by_subject(standards: Mapping[str, Standard]) -> dict[str, Rule]:
    """Find rules by what findings of coverage call them."""
    return {f"{each.id}/{rule.id}": rule for each in standards.values() for rule in each.rules}


def _subject(
    kind: str,
    subject: str,
    rules: Mapping[str, Rule],
    categories: Mapping[str, Mapping[str, str]],
    translate: Speaker,
) -> str:
    rule = rules.get(subject) if kind in OF_RULES else None
    own = {translate.language: subject}
    return translate.of(rule.title if rule else categories.get(subject, own))


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
    rules = rules_by_subject(standards)
    named = named_findings(table, city, standards, categories=categories, translate=translate)
    calendar = translate("finding.working" if city.calendar else "finding.calendar")
    worded = []
    for row in table.to_dict("records"):
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
