"""What was found, and what would do away with it, in words: the same on page and paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.casework.findings import (
    COVERAGE,
    OPEN_IDLE,
    PATROL,
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

    from analysis.model.standards import Kind, Standard
    from layers.city import City
    from wording.speaker import Speaker

WORDED = ("place", "found", "kind", "what", "remedy", "unit", "since")


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
    rules = {f"{each.id}/{rule.id}": rule for each in standards.values() for rule in each.rules}
    rows = with_names(table, city.communities, translate.language).to_dict("records")
    calendar = translate("finding.working" if city.calendar else "finding.calendar")
    worded = []
    for row in rows:
        of_gap = row["kind"] == COVERAGE
        rule = rules.get(row["subject"]) if of_gap else None
        own = {translate.language: row["subject"]}
        kind = kinds.get(rule.kind) if rule else None
        worded.append(
            {
                "kind": translate(f"finding.kind_{row['kind']}"),
                "place": full_name(row["community"], row["parent"]) or translate("finding.nowhere"),
                "what": translate.of(rule.title if rule else categories.get(row["subject"], own)),
                "found": _gap(translate, row) if of_gap else _found(translate, row, calendar),
                "remedy": _closing(translate, row, kind) if of_gap else _remedy(translate, row),
                "unit": row["unit"] or NOTHING,
                "since": row["since"] if isinstance(row["since"], str) else NOTHING,
            }
        )
    return pd.DataFrame(worded, columns=list(WORDED), index=table.index)


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


def _remedy(translate: Speaker, row: Mapping[Hashable, Any]) -> str:
    if row["remedy"] == PATROL:
        return translate("finding.patrol", area=translate.decimal(row["quantity"], digits=2))
    return translate(f"finding.{row['remedy']}")


def _closing(translate: Speaker, row: Mapping[Hashable, Any], kind: Kind | None) -> str:
    """Write what would close a gap."""
    whole = translate.count(-(-row["quantity"] // 1))
    if row["remedy"] == OPEN_IDLE:
        return translate("finding.open_idle", n=whole)
    if row["quantity_unit"] == FACILITIES:
        return translate("finding.add", n=whole, kind=translate.of(kind.name) if kind else "")
    unit = translate.of(kind.capacity_unit) if kind and kind.capacity else ""
    return translate(f"lacking.{row['quantity_unit']}", n=whole, unit=unit)
