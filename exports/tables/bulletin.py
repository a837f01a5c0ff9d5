"""Ranks with their reasons in words, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.handling.ranking import LEAST_CASES

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from layers.city import City
    from wording.catalogue import Words


def reason_in_words(row: Mapping[Hashable, Any], words: Words, language: str) -> str:
    """Say why a unit stands where it stands."""

    def translate(key: str, **facts: object) -> str:
        return words(language, key, **facts)

    share = "—" if pd.isna(row["share"]) else f"{row['share']:.1%}"
    facts = {"n": row["n"], "hits": row["hits"], "share": share}
    if pd.isna(row["rank"]):
        return translate("bulletin.few", least=LEAST_CASES, **facts)
    sentences = [
        translate(
            "bulletin.ranked",
            low=f"{row['low_share']:.1%}",
            high=f"{row['high_share']:.1%}",
            behind=int(row["ranked"]) - int(row["rank_worst"]),
            ahead=int(row["rank"]) - 1,
            alike=row["alike"],
            **facts,
        )
    ]
    if row["change"]:
        before = {"share": f"{row['previous_share']:.1%}", "n": row["previous_n"]}
        sentences.append(translate(f"bulletin.{row['change']}", **before))
    return ("" if language == "zh" else " ").join(sentences)


def bulletin_table(units: pd.DataFrame, city: City, words: Words, language: str) -> pd.DataFrame:
    """Put the reasons beside the ranks."""
    groups = [units["level"], units["indicator"]]
    table = units.assign(ranked=units["rank"].notna().groupby(groups).transform("sum"))
    other = f"name_{language}"
    if other in city.communities:
        names = table["unit_id"].where(table["level"] == "community").map(city.communities[other])
        table["name"] = names.where(names.notna() & (names != ""), table["name"])
    reasons = [reason_in_words(row, words, language) for row in table.to_dict("records")]
    return table.assign(
        ranks=_ranges(table["rank"], table["rank_worst"]),
        previous_ranks=_ranges(table["previous_rank"], table["previous_rank_worst"]),
        reason=reasons,
    )


def _ranges(first: pd.Series, last: pd.Series) -> list[str]:
    return [
        "" if pd.isna(low) else str(low) if low == high else f"{low}–{high}"
        for low, high in zip(first, last, strict=True)
    ]
