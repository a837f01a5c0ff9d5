"""Surveys of the demo city: counts of satisfaction by community, single answers on awareness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tools.demo_city.dirt import Dirt

if TYPE_CHECKING:
    from tools.demo_city.ground import CommunityLand
    from tools.demo_city.truths import Truth

SATISFIED, AWARE = "群众对环境卫生满意度", "创卫知晓率"
YEARS = (2025, 2026)
EACH = 2
"""Communities of every sub-district in which people were asked."""
FEW, BELOW, FELL = 3, 7, 11
"""Places in the list of these communities: few answers in the last year, below, fallen."""
FEW_ASKED, LOW, HIGH_BEFORE, FALLEN = 18, 0.62, 0.98, 0.87
ASKED, STEP, SPAN, USUAL = 120, 17, 80, 0.93
PEOPLE, KNOW = 50, 42
"""People asked in every sub-district about awareness each year, and how many of them know."""
WEIGHTS = ((0.6, 20), (1.0, 20), (1.9, 10))
"""Weight of an answer, and how many of every fifty have it."""
COUNT_FILE, ANSWER_FILE = "survey_satisfaction.csv", "survey_awareness.csv"
COUNT_TITLES = {
    "id": "编号", "area": "调查社区", "parent": "所属街道", "asked_at": "调查日期",
    "topic": "调查题目", "asked": "有效样本量", "yes": "满意人数",
}  # fmt: skip
ANSWER_TITLES = {
    "id": "问卷编号", "area": "调查街道", "asked_at": "填答日期", "topic": "调查题目",
    "answer": "回答", "weight": "权重",
}  # fmt: skip


def asked_communities(ground: CommunityLand) -> pd.DataFrame:
    """List the communities in which people were asked."""
    listed = ground.communities.sort_index()
    return listed.groupby("parent", sort=False).head(EACH)


def counts(ground: CommunityLand) -> tuple[pd.DataFrame, list[Dirt]]:
    """Make the counts of both years, and rows that cannot be."""
    rows = []
    for year in YEARS:
        for at, (name, parent) in enumerate(
            asked_communities(ground)[["name", "parent"]].to_numpy()
        ):
            n, share = ASKED + at * STEP % SPAN, USUAL + 0.005 * (at % 4)
            if at == FELL:
                n, share = 240, FALLEN if year == YEARS[-1] else HIGH_BEFORE
            if at == BELOW:
                share = LOW
            if at == FEW and year == YEARS[-1]:
                n = FEW_ASKED
            row = (f"MY{year % 100}{at + 1:02d}", name, parent, f"{year}-05-{12 + at % 8}")
            rows.append((*row, SATISFIED, str(n), str(round(n * share))))
    table = pd.DataFrame(rows, columns=list(COUNT_TITLES))
    first = table.iloc[-1]
    wrong = {
        "more satisfied than asked": {"asked": "140", "yes": "152"},
        "a negative number": {"yes": "-12"},
        "a fraction of a person": {"asked": "120.5", "yes": "110"},
        "a percentage in place of a number": {"yes": "92%"},
        "a place that is none of the city's": {"area": "桃源社区", "parent": ""},
        "a day that nobody can read": {"asked_at": "五月下旬"},
        "the row repeated": {},
    }
    added = [{**first, **change, "id": f"MY9{at}"} for at, change in enumerate(wrong.values(), 1)]
    dirt = [Dirt(COUNT_FILE, what, 1, (f"MY9{at}",)) for at, what in enumerate(wrong, start=1)]
    return pd.concat([table, pd.DataFrame(added)], ignore_index=True), dirt


def answers(ground: CommunityLand, rng: np.random.Generator) -> tuple[pd.DataFrame, list[Dirt]]:
    """Make the single answers of both years, and rows that cannot be."""
    weights = np.repeat([weight for weight, _ in WEIGHTS], [count for _, count in WEIGHTS])
    rows = []
    for year in YEARS:
        for parent in ground.communities["parent"].unique():
            knows = rng.permutation(PEOPLE) < KNOW
            for weight, aware in zip(weights, knows, strict=True):
                name = f"WJ{year % 100}{len(rows) + 1:04d}"
                day = f"{year}-05-{10 + len(rows) % 15}"
                rows.append((name, parent, day, AWARE, "知道" if aware else "不知道", str(weight)))
    table = pd.DataFrame(rows, columns=list(ANSWER_TITLES))
    first = table.iloc[-1]
    wrong = {
        "weight 0": {"weight": "0"},
        "a negative weight": {"weight": "-1"},
        "no answer": {"answer": ""},
        "an answer that is neither yes nor no": {"answer": "拒答"},
        "questionnaire used twice": {"id": first["id"]},
    }
    added = [{**first, "id": f"WJ9{at}", **change} for at, change in enumerate(wrong.values(), 1)]
    dirt = [
        Dirt(ANSWER_FILE, what, 1, (row["id"],)) for what, row in zip(wrong, added, strict=True)
    ]
    return pd.concat([table, pd.DataFrame(added)], ignore_index=True), dirt


def survey_truths(ground: CommunityLand, table: pd.DataFrame) -> list[Truth]:
    """State the communities of which it is known what the survey has to say."""
    titles = {
        FEW: ("survey-few", "样本过少、不给出满意度的社区", "Too few answers for a rate"),
        BELOW: ("survey-below", "满意度低于标准的社区", "Satisfaction below the threshold"),
        FELL: ("survey-fell", "满意度同比下降的社区", "Satisfaction that fell within a year"),
    }
    truths = []
    for at, (name, zh, en) in titles.items():
        community = asked_communities(ground).iloc[at]
        last = table[table["id"].eq(f"MY{YEARS[-1] % 100}{at + 1:02d}")].iloc[0]
        before = table[table["id"].eq(f"MY{YEARS[0] % 100}{at + 1:02d}")].iloc[0]
        truths.append(
            {
                "id": name,
                "type": "survey",
                "title": {"zh": zh, "en": en},
                "community_id": str(community.name),
                "community": {"zh": community["name"], "en": community["name_en"]},
                "topic": SATISFIED,
                "asked": int(last["asked"]),
                "yes": int(last["yes"]),
                "asked_before": int(before["asked"]),
                "yes_before": int(before["yes"]),
            }
        )
    return truths
