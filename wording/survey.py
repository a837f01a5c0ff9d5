"""A survey of residents in words: the same on page, paper and in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.casework.survey import BELOW, DOWN, SAME, TOO_FEW, UP, latest
from analysis.model.contracts import CITY, COMMUNITY
from layers.recipe.schema import SURVEY
from wording.missing_rows import rows_set_aside
from wording.names import full_name, with_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layers.city import City
    from wording.speaker import Speaker

MOST_NAMED = 8
"""Areas named in a sentence; of more, only how many."""
POINTS = 100


def topic_name(city: City, topic: str, translate: Speaker) -> str:
    """Name a topic as the rules do, else as the data do."""
    known = city.survey_rules.topics
    return translate.of(known[topic].name) if topic in known else topic


def survey_sentences(table: pd.DataFrame, topic: str, city: City, translate: Speaker) -> list[str]:
    """Say the latest rate of a topic, what it is held to, what changed, and where."""
    rows = latest(table[table["topic"].eq(topic)])
    whole = rows[rows["level"].eq(CITY)].iloc[0]
    said = _rate(whole, topic, city, translate)
    if pd.notna(whole["share"]):
        said += [*_verdict(whole, topic, city, translate), *_change(whole, translate)]
        said += _by_residents(whole, translate)
    rules = city.survey_rules
    needed = {"n": translate.count(whole["needed_n"]), "margin": _points(rules.margin, translate)}
    said.append(translate("survey.needed", **needed))
    return [*said, *_areas(rows, city, translate), *_lost(city, translate)]


def with_area_names(rows: pd.DataFrame, city: City, language: str) -> pd.DataFrame:
    """Put the names of communities, and of what is above them, into the reader's language."""
    return with_names(rows.assign(community_id=rows["area_id"]), city.communities, language)


def area_names(rows: pd.DataFrame, city: City, translate: Speaker) -> list[str]:
    """Name the city, parents and communities as readers know them."""
    named = with_area_names(rows, city, translate.language)
    whole = translate("survey.level_city")
    return [
        whole if level == CITY else full_name(community, parent) or parent
        for level, community, parent in named[["level", "community", "parent"]].to_numpy()
    ]


def _rate(row: pd.Series, topic: str, city: City, translate: Speaker) -> list[str]:
    facts = {
        "topic": topic_name(city, topic, translate),
        "first": f"{row['first_day']:%Y-%m-%d}",
        "last": f"{row['last_day']:%Y-%m-%d}",
        "n": translate.count(row["n"]),
    }
    if pd.isna(row["share"]):
        least = translate.count(city.survey_rules.least)
        return [translate(f"survey.none_{row['reason']}", least=least, **facts)]
    shares = {"share": row["share"], "low": row["low_share"], "high": row["high_share"]}
    facts |= {name: translate.share(value) for name, value in shares.items()}
    said = [translate("survey.rate", **facts)]
    if row["effective_n"] < row["n"] - 0.5:
        said.append(translate("survey.weighted", n=translate.count(round(row["effective_n"]))))
    return said


def _verdict(row: pd.Series, topic: str, city: City, translate: Speaker) -> list[str]:
    if not row["verdict"]:
        return [translate("survey.no_threshold")]
    known = city.survey_rules.topics[topic]
    said = translate(
        f"survey.city_{row['verdict']}", threshold=translate.share(row["threshold"], digits=0)
    )
    if known.source:
        sure = translate(f"survey.confidence_{known.confidence}") if known.confidence else ""
        source, clause = translate.of(known.source), translate.of(known.clause)
        said += translate("survey.source", source=source, clause=clause, confidence=sure)
    return [said]


def _change(row: pd.Series, translate: Speaker) -> list[str]:
    if not row["change"]:
        return [translate("survey.earlier_few" if row["before_period"] else "survey.no_earlier")]
    facts = {
        name: _signed(row[column], translate)
        for name, column in (
            ("points", "difference"),
            ("low", "low_difference"),
            ("high", "high_difference"),
        )
    }
    before = translate.share(row["before_share"])
    return [translate(f"survey.city_{row['change']}", before=before, **facts)]


def _by_residents(row: pd.Series, translate: Speaker) -> list[str]:
    if pd.isna(row["residents_share"]):
        return [translate("survey.total")]
    return [
        translate(
            "survey.total_residents",
            share=translate.share(row["residents_share"]),
            low=translate.share(row["residents_low_share"]),
            high=translate.share(row["residents_high_share"]),
        )
    ]


def _areas(rows: pd.DataFrame, city: City, translate: Speaker) -> list[str]:
    """Say of the finest areas that were asked which are below, changed, or have too few answers."""
    own = rows[rows["level"].eq(COMMUNITY)]
    level = COMMUNITY if len(own) else "parent"
    areas = own if len(own) else rows[rows["level"].eq("parent")]
    if areas.empty:
        return []
    total = len(city.communities) if len(own) else city.communities["parent"].nunique()
    word = translate(f"survey.areas_{level}")
    said = [
        translate(
            "survey.asked", n=translate.count(len(areas)), of=translate.count(total), areas=word
        )
    ]
    chosen: Mapping[str, pd.Series[bool]] = {
        "below": areas["verdict"].eq(BELOW),
        "fallen": areas["change"].eq(DOWN),
        "risen": areas["change"].eq(UP),
        "few": areas["reason"].eq(TOO_FEW),
    }
    for key, mask in chosen.items():
        found = areas[mask]
        if len(found):
            names = _listed(area_names(found, city, translate), translate)
            facts = {"n": translate.count(len(found)), "names": names}
            said.append(translate(f"survey.areas_{key}", **facts))
    if (
        areas["change"].isin([UP, DOWN, SAME]).any()
        and not (chosen["fallen"] | chosen["risen"]).any()
    ):
        said.append(translate("survey.areas_same"))
    return [*said, translate("survey.many")]


def _lost(city: City, translate: Speaker) -> list[str]:
    """Say how many rows of the surveys no figure has."""
    lost, rows = rows_set_aside(city, SURVEY)
    return [translate("survey.lost", n=lost, rows=rows)] if lost else []


def _listed(names: Sequence[str], translate: Speaker) -> str:
    shown = translate("asked.and").join(names[:MOST_NAMED])
    return shown + "…" * (len(names) > MOST_NAMED)


def _points(share: float, translate: Speaker) -> str:
    return translate.number(POINTS * share)


def _signed(share: float, translate: Speaker) -> str:
    return translate.signed(POINTS * share)
