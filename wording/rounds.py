"""A round of inspection in words: the same on page, paper and in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from analysis.model.question import FollowUpRule
    from wording.speaker import Speaker


def round_sentences(
    table: pd.DataFrame, name: str, rule: FollowUpRule, translate: Speaker
) -> list[str]:
    """Say what a round found, what is rectified, how long it took, and what was known before."""
    row: pd.Series = table[table.index == name].iloc[0]
    number, days = translate.count(row["findings"]), row[["first_day", "last_day"]]
    if days.isna().any():
        said = [translate("round.found_undated", name=name, n=number)]
    else:
        first, last = (f"{day:%Y-%m-%d}" for day in days)
        said = [translate("round.found", name=name, first=first, last=last, n=number)]
    if pd.isna(row["share"]):
        said.append(translate("round.rate_unknown"))
    else:
        rate = {"share": row["share"], "low": row["low_share"], "high": row["high_share"]}
        known = row["rectified"] + row["open"]
        said.append(
            translate(
                "round.rate",
                n=translate.count(row["rectified"]),
                of=translate.count(known),
                **{key: translate.share(value) for key, value in rate.items()},
            )
        )
    if row["unknown"]:
        said.append(translate("round.not_known", n=translate.count(row["unknown"])))
    if pd.notna(row["median_days"]):
        said.append(translate("round.median", days=translate.decimal(row["median_days"])))
    return [*said, *_agreement(row, rule, translate)]


def _agreement(row: pd.Series, rule: FollowUpRule, translate: Speaker) -> list[str]:
    """Say what own checks had known, and how much of that chance alone would give."""
    if row["reason"]:
        return [translate(f"round.why_{row['reason']}")]
    facts = {
        "share": row["known_share"],
        "low": row["known_low_share"],
        "high": row["known_high_share"],
    }
    known = translate(
        "round.agreement",
        n=translate.count(row["known"]),
        of=translate.count(row["judged"]),
        metres=translate.metres(rule.distance_m),
        days=translate.count(rule.days),
        **{key: translate.share(value) for key, value in facts.items()},
    )
    chance = row["chance_share"]
    if pd.isna(chance):
        return [known, translate("round.chance_unknown")]
    beyond = "above" if row["known_low_share"] > chance else "within"
    return [known, translate(f"round.chance_{beyond}", chance=translate.share(chance))]
