"""Frontage duty in words: the same on page, in the terminal and in files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from analysis.model.question import Question
    from wording.speaker import Speaker


def duty_sentences(whole: pd.Series, question: Question, translate: Speaker) -> list[str]:
    """Say of all frontages who signed and passed, who was never checked, what lies before them."""
    said = [
        translate(
            "frontage.signed_n",
            n=translate.count(whole["frontages"]),
            **{name: translate.count(whole[name]) for name in ("signed", "not_signed")},
            unknown=translate.count(whole["signed_unknown"]),
        ),
        _rate(whole, translate),
        translate("frontage.never_n", n=translate.count(whole["never_checked"])),
    ]
    if whole["no_result"]:
        said.append(translate("frontage.untold_n", n=translate.count(whole["no_result"])))
    return [*said, _near(whole, question, translate)]


def _rate(whole: pd.Series, translate: Speaker) -> str:
    if pd.isna(whole["pass_share"]):
        return translate("frontage.rate_unknown")
    shares = {"share": "pass_share", "low": "low_share", "high": "high_share"}
    return translate(
        "frontage.rate",
        n=translate.count(whole["passed"]),
        of=translate.count(whole["passed"] + whole["failed"]),
        **{name: translate.share(whole[column]) for name, column in shares.items()},
    )


def _near(whole: pd.Series, question: Question, translate: Speaker) -> str:
    metres = translate.metres(question.follow_up.distance_m)
    if pd.isna(whole["issues_per_100m"]):
        known = "no_length" if not whole["measured"] else "no_issues"
        return translate(f"frontage.{known}")
    return translate(
        "frontage.near",
        n=translate.count(whole["issues_near"]),
        metres=metres,
        measured=translate.count(whole["measured"]),
        of=translate.count(whole["frontages"]),
        length=translate.metres(whole["length_m"]),
        rate=translate.decimal(whole["issues_per_100m"], digits=2),
    )
