"""Communities against the rules of a standard, side by side, and against another standard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from analysis.model.standards import Standard

SCORE_COLUMNS = ("community_id", "community", "parent", "fails", "cannot_judge", "attainment")
RULE_COLUMNS = ("measure", "verdict", "value", "margin", "gap_type", "shortfall", "value_most")
FLIP_COLUMNS = ("community_id", "community", "parent", "kind", "verdict", "verdict_against")


def rule_prefix(rule: str) -> str:
    """
    Give what the names of a rule's columns begin with.

    Parameters
    ----------
    rule
        Identifier of the rule.

    Returns
    -------
    prefix
        Hyphens made underscores, and one underscore.

    Examples
    --------
    >>> rule_prefix("toilet-5min")
    'toilet_5min_'
    """
    return f"{rule.replace('-', '_')}_"


def scorecard(standard: Standard, coverage: pd.DataFrame) -> pd.DataFrame:
    """
    Arrange a coverage table as communities × rules, worst first.

    Parameters
    ----------
    standard
        That the table was made with.
    coverage
        Table of `analysis.coverage.assessment.assess`.

    Returns
    -------
    scorecard
        One row a community: `SCORE_COLUMNS`, then for every rule `RULE_COLUMNS` under
        `rule_prefix`; index 0 … n-1. `margin` is value less minimum, in the unit of the
        figure; `attainment` the least value ÷ minimum among the rules judged, missing
        where there is none. Most failures first, then the least attainment, then the
        identifier. Every rule counts alike.
    """
    rows = coverage.set_index("community_id")
    table = rows.loc[rows["rule"] == standard.rules[0].id, ["community", "parent"]].copy()
    verdict = rows["verdict"]
    for code in ("fails", "cannot_judge"):
        table[code] = (verdict == code).groupby(level=0).sum().reindex(table.index)
    ratio = rows["value"] / rows["minimum"].where(rows["minimum"] > 0)
    table["attainment"] = ratio.groupby(level=0).min().reindex(table.index)
    parts = [table]
    for rule in standard.rules:
        found = rows[rows["rule"] == rule.id].reindex(table.index)
        found = found.assign(margin=found["value"] - found["minimum"])
        parts.append(found[list(RULE_COLUMNS)].add_prefix(rule_prefix(rule.id)))
    wide = pd.concat(parts, axis=1).rename_axis("community_id").reset_index()
    order = ["fails", "attainment", "community_id"]
    return wide.sort_values(order, ascending=[False, True, True], ignore_index=True)


def kind_verdicts(coverage: pd.DataFrame) -> pd.DataFrame:
    """
    Judge each community and kind by all rules on that kind together.

    Parameters
    ----------
    coverage
        Table of `analysis.coverage.assessment.assess`.

    Returns
    -------
    verdicts
        Index `community_id`, one column a kind: `fails` if any rule on the kind fails,
        else `cannot_judge` if any could not be judged, else `meets`. So no rule stands in
        for another.
    """
    by_severity = ("meets", "cannot_judge", "fails")
    severity = coverage["verdict"].map({code: n for n, code in enumerate(by_severity)})
    worst = {
        kind: severity[rows.index].groupby(rows["community_id"], sort=False).max()
        for kind, rows in coverage.groupby("kind", sort=False)
    }
    return pd.DataFrame(worst).replace(dict(enumerate(by_severity)))


def flips(coverage: pd.DataFrame, against: pd.DataFrame) -> pd.DataFrame:
    """
    Find the communities that another standard judges differently.

    Parameters
    ----------
    coverage, against
        Coverage tables of one city by two standards.

    Returns
    -------
    flips
        Columns `FLIP_COLUMNS`, one row a community and kind that both standards have rules
        on and judge otherwise; "cannot judge" counts as a verdict of its own. By kind, then
        in the order of `coverage`; index 0 … n-1.
    """
    first, second = kind_verdicts(coverage), kind_verdicts(against)
    names = coverage.drop_duplicates("community_id").set_index("community_id")
    tables = []
    for kind in first.columns.intersection(second.columns, sort=False):
        pair = names[["community", "parent"]].assign(
            kind=kind, verdict=first[kind], verdict_against=second[kind]
        )
        tables.append(pair[pair["verdict"] != pair["verdict_against"]].reset_index())
    if not tables:
        return pd.DataFrame(columns=list(FLIP_COLUMNS))
    return pd.concat(tables, ignore_index=True)[list(FLIP_COLUMNS)]
