"""What was found, and what would do away with it, in words: the same on page and paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.casework.findings import (
    ADD,
    COVERAGE,
    OPEN_IDLE,
    PATROL,
    RECURRENCE,
    REPEAT_POINT,
    UNCHECKED,
)  # fmt: skip
from wording.names import figure_text, full_name, with_names
from wording.numbers import NOTHING

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any

    from analysis.model.standards import Kind, Standard
    from layers.city import City
    from wording.speaker import Speaker

WORDED = ("place", "found", "kind", "what", "remedy", "unit", "since")


def worded_findings(
    table: pd.DataFrame,
    city: City,
    standard: Standard,
    *,
    kinds: Mapping[str, Kind],
    categories: Mapping[str, Mapping[str, str]],
    translate: Speaker,
) -> pd.DataFrame:
    """Write findings as a reader reads them; columns `WORDED` on the same index."""
    rules = {f"{standard.id}/{rule.id}": rule for rule in standard.rules}
    rows = with_names(table, city.communities, translate.language).to_dict("records")
    calendar = translate("finding.working" if city.calendar else "finding.calendar")
    worded = []
    for row in rows:
        rule = rules.get(row["subject"]) if row["kind"] == COVERAGE else None
        own = {translate.language: row["subject"]}
        found = (
            translate(
                "finding.found_coverage",
                gap=translate(f"gap.{row['gap_type']}"),
                figure=translate(f"figure.{rule.figure}"),
                value=figure_text(translate, row["value"], rule),
                minimum=figure_text(translate, rule.minimum, rule, digits=0),
            )
            if rule
            else _found(translate, row, calendar)
        )
        worded.append(
            {
                "kind": translate(f"finding.kind_{row['kind']}"),
                "place": full_name(row["community"], row["parent"]) or translate("finding.nowhere"),
                "what": translate.of(rule.title if rule else categories.get(row["subject"], own)),
                "found": found,
                "remedy": _remedy(translate, row, kinds[rule.kind] if rule else None),
                "unit": row["unit"] or NOTHING,
                "since": row["since"] if isinstance(row["since"], str) else NOTHING,
            }
        )
    return pd.DataFrame(worded, columns=list(WORDED), index=table.index)


def _found(translate: Speaker, row: Mapping[Hashable, Any], calendar: str) -> str:
    if row["kind"] == UNCHECKED and pd.isna(row["value"]):
        return translate("finding.found_undated")
    facts: dict[str, object] = {"n": translate.count(int(row["value"]))}
    if row["kind"] == RECURRENCE:
        facts["limit"] = translate.count(row["threshold"])
    elif row["kind"] == UNCHECKED:
        facts["unit"] = calendar
    elif pd.notna(row["threshold"]):
        facts["least"] = translate.count(-(-row["threshold"] // 1))
    if row["kind"] == REPEAT_POINT:
        facts["month"] = row["since"][:7]
    return translate(f"finding.found_{row['kind']}", **facts)


def _remedy(translate: Speaker, row: Mapping[Hashable, Any], kind: Kind | None) -> str:
    remedy, amount = row["remedy"], row["quantity"]
    if remedy == PATROL:
        return translate("finding.patrol", area=translate.decimal(amount, digits=2))
    if kind is None:
        return translate(f"finding.{remedy}")
    whole = translate.count(-(-amount // 1))
    if remedy == OPEN_IDLE:
        return translate("finding.open_idle", n=whole)
    if remedy == ADD and row["quantity_unit"] == "facilities":
        return translate("finding.add", n=whole, kind=translate.of(kind.name))
    unit = translate.of(kind.capacity_unit) if kind.capacity else ""
    return translate(f"lacking.{row['quantity_unit']}", n=whole, unit=unit)
