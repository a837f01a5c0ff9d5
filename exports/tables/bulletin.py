"""Ranks with their reasons in words, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.handling.funnel import BETTER, SAME, WORSE
from analysis.handling.ranking import LEAST_CASES
from wording.names import unit_names
from wording.speaker import Speaker

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from layers.city import City
    from wording.catalogue import Words


GROUPS = (WORSE, BETTER, SAME)
"""Verdicts in the order in which units are told of: what is worse first."""


def reason_in_words(row: Mapping[Hashable, Any], translate: Speaker) -> str:
    """Say why a unit stands where it stands."""
    facts = {"n": row["n"], "hits": row["hits"], "share": translate.share(row["share"])}
    if pd.isna(row["rank"]):
        return translate("bulletin.few", least=LEAST_CASES, **facts)
    sentences = [
        translate(
            "bulletin.ranked",
            usual=translate.share(row["expected"] / row["n"]),
            verdict=translate(f"bulletin.verdict_{row['verdict']}"),
            behind=int(row["ranked"]) - int(row["rank_worst"]),
            ahead=int(row["rank"]) - 1,
            alike=row["alike"],
            **facts,
        )
    ]
    if row["change"]:
        before = {"share": translate.share(row["previous_share"]), "n": row["previous_n"]}
        sentences.append(translate(f"bulletin.{row['change']}", **before))
    return translate("bulletin.gap").join(sentences)


def bulletin_table(units: pd.DataFrame, city: City, words: Words, language: str) -> pd.DataFrame:
    """Put the reasons beside the ranks."""
    translate = Speaker(words, language)
    groups = [units["level"], units["indicator"]]
    table = units.assign(ranked=units["rank"].notna().groupby(groups).transform("sum"))
    table["name"] = unit_names(table, city.communities, language)
    reasons = [reason_in_words(row, translate) for row in table.to_dict("records")]
    return table.assign(
        ranks=_ranges(table["rank"], table["rank_worst"]),
        previous_ranks=_ranges(table["previous_rank"], table["previous_rank_worst"]),
        reason=reasons,
    )


def in_groups(rows: pd.DataFrame) -> pd.DataFrame:
    """Put the worse first, then the better, those not told apart, the too few; each by rank."""
    places = rows["verdict"].map({code: place for place, code in enumerate(GROUPS)})
    return rows.loc[places.fillna(len(GROUPS)).sort_values(kind="stable").index]


def _ranges(first: pd.Series, last: pd.Series) -> list[str]:
    return [
        "" if pd.isna(low) else str(low) if low == high else f"{low}–{high}"
        for low, high in zip(first, last, strict=True)
    ]
