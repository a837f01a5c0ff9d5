"""Readiness in words: clauses, key works and what blocks; the same on page, paper and terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.casework.readiness import UNKNOWN
from analysis.model.title import AT_MOST, COMPUTED, COUNT, ENTERED, FLAG, SHARE, SURVEY
from layers.recipe.schema import CLAUSE_VALUES
from wording.missing_rows import rows_set_aside
from wording.numbers import NOTHING

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any

    from analysis.casework.readiness import Readiness
    from analysis.model.title import Clause, Title
    from layers.city import City
    from wording.speaker import Speaker

WORDED = ("clause", "work", "verdict", "found", "asked", "distance", "why", "weight", "source")
BLOCKING = ("clause", "work", "found", "asked", "distance", "why")
NOT_JUDGED = ("clause", "work", "found", "asked", "why")
"""Columns of the clauses failed, and of those that cannot be judged."""
WORK_WORDED = (
    "work", "met", "failed", "cannot_judge", "met_share", "met_weight_share", "range",
)  # fmt: skip
NAMED = 5
"""Clauses that a sentence names."""


def readiness_sentences(
    found: Readiness, title: Title, city: City, translate: Speaker
) -> list[str]:
    """Say how many clauses are met, what blocks, what is not known, and how many days are left."""
    row: pd.Series = found.works.iloc[0]
    judged, every = row["met"] + row["failed"], translate.count(row["clauses"])
    said = [translate("readiness.met_none", all=every)]
    if judged:
        said = [
            translate(
                "readiness.met",
                n=translate.count(row["met"]),
                of=translate.count(judged),
                share=translate.share(row["met_share"]),
                unknown=translate.count(row["cannot_judge"]),
                all=every,
            ),
            translate(
                "readiness.weight",
                share=translate.share(row["met_weight_share"]),
                least=translate.share(row["least_weight_share"]),
                most=translate.share(row["most_weight_share"]),
            ),
            _blocks(found, title, translate),
        ]
    veto = found.clauses[found.clauses["veto"] & (found.clauses["verdict"] == UNKNOWN)]
    if len(veto):
        names = _names(veto, title, translate)
        said.append(translate("readiness.veto_unknown", n=translate.count(len(veto)), names=names))
    return [*said, *_unused(city, translate), _left(found, title, city, translate)]


def _unused(city: City, translate: Speaker) -> list[str]:
    """Say how many rows of entered values could not be used."""
    lost, rows = rows_set_aside(city, CLAUSE_VALUES)
    if not lost:
        return []
    return [translate("readiness.unused", n=translate.count(lost), of=translate.count(rows))]


def _blocks(found: Readiness, title: Title, translate: Speaker) -> str:
    if found.blocks.empty:
        return translate("readiness.blocks_none")
    return translate(
        "readiness.blocks",
        n=translate.count(len(found.blocks)),
        veto=translate.count(int(found.blocks["veto"].sum())),
        names=_names(found.blocks, title, translate),
    )


def _names(clauses: pd.DataFrame, title: Title, translate: Speaker) -> str:
    """Name the first clauses, and tell that there are more."""
    known = _by_name(title)
    texts = [translate.of(known[name].text) for name in clauses["clause_id"].head(NAMED)]
    more = translate("readiness.and_more") if len(clauses) > NAMED else ""
    return translate("paper.and").join(texts) + more


def _left(found: Readiness, title: Title, city: City, translate: Speaker) -> str:
    if found.days_left is None or title.review is None:
        return translate("readiness.no_review")
    facts = {"day": f"{city.as_of:%Y-%m-%d}", "review": f"{title.review:%Y-%m-%d}"}
    days = translate.count(abs(found.days_left))
    if found.days_left < 0:
        return translate("readiness.passed", n=days, **facts)
    return translate("readiness.left", n=days, **facts)


def worded_clauses(clauses: pd.DataFrame, title: Title, translate: Speaker) -> pd.DataFrame:
    """Write clauses as a reader reads them; columns `WORDED` on the same index."""
    known = _by_name(title)
    rows = [_worded(known[row["clause_id"]], row, translate) for row in clauses.to_dict("records")]
    return pd.DataFrame(rows, columns=list(WORDED), index=clauses.index, dtype=object)


def _by_name(title: Title) -> dict[str, Clause]:
    return {each.id: each for each in title.standard.clauses}


def _worded(clause: Clause, row: Mapping[Hashable, Any], translate: Speaker) -> dict[str, str]:
    veto = translate("readiness.veto") if clause.veto else ""
    return {
        "clause": translate.of(clause.text) + veto,
        "work": translate(f"readiness.work_{clause.work}"),
        "verdict": translate(f"verdict.{row['verdict']}"),
        "found": clause_value(clause, row["value"], translate),
        "asked": asked_text(clause, translate),
        "distance": distance_text(clause, row["margin"], translate),
        "why": _why(clause, row, translate),
        "weight": translate.number(clause.weight),
        "source": translate(
            "readiness.read_at",
            confidence=translate(f"confidence.{clause.confidence}"),
            source=translate.of(clause.source),
        ),
    }


def clause_value(clause: Clause, value: float, translate: Speaker) -> str:
    """Write a value of a clause in its unit."""
    if pd.isna(value):
        return NOTHING
    if clause.unit == SHARE:
        return translate.share(value)
    if clause.unit == FLAG:
        return translate("readiness.yes" if value else "readiness.no")
    written = translate.count(value) if clause.unit == COUNT else translate.number(value, most=2)
    unit = translate.of(clause.unit_name)
    return translate("readiness.with_unit", value=written, unit=unit) if unit else written


def asked_text(clause: Clause, translate: Speaker) -> str:
    """Write what a clause asks of its figure."""
    if clause.threshold is None:
        return NOTHING
    value = clause_value(clause, clause.threshold, translate)
    if clause.unit == SHARE:
        whole = (clause.threshold * 100).is_integer()
        value = translate.share(clause.threshold, digits=0 if whole else 1)
    if clause.unit == FLAG:
        return value
    most = clause.comparison == AT_MOST
    return translate("readiness.at_most" if most else "readiness.at_least", value=value)


def distance_text(clause: Clause, margin: float, translate: Speaker) -> str:
    """Write how far a value is short of its threshold, or beyond."""
    if pd.isna(margin) or clause.unit == FLAG:
        return NOTHING
    value = clause_value(clause, abs(margin), translate)
    if clause.unit == SHARE:
        value = translate("readiness.points", value=translate.decimal(abs(margin) * 100))
    if margin >= 0:
        return translate("readiness.spare", value=value)
    over = clause.comparison == AT_MOST
    return translate("readiness.over" if over else "readiness.missing", value=value)


def _why(clause: Clause, row: Mapping[Hashable, Any], translate: Speaker) -> str:
    """Say by what a clause was judged, or why it was not."""
    if row["reason"]:
        return translate(f"readiness.why_{row['reason']}")
    said = ""
    if clause.judged == COMPUTED:
        counted = pd.notna(row["n"])
        said = translate("readiness.by_n", n=translate.count(row["n"])) if counted else ""
        said = said or translate("readiness.by_computed")
    elif clause.judged == ENTERED:
        source = row["value_source"] or translate("readiness.no_source")
        said = translate("readiness.by_entered", source=source, day=row["value_day"])
    elif clause.judged == SURVEY:
        interval = translate.shares(row["low"], row["high"])
        n = translate.count(row["n"])
        said = translate("readiness.by_survey", day=row["value_day"], n=n, interval=interval)
    if clause.basis == "project":
        said = translate("paper.and").join([said, translate("readiness.project")])
    return said


def worded_works(works: pd.DataFrame, translate: Speaker) -> pd.DataFrame:
    """Write key works as a reader reads them; columns `WORK_WORDED`."""
    rows = [
        {
            "work": translate(f"readiness.work_{row['work']}"),
            **{name: translate.count(row[name]) for name in ("met", "failed", "cannot_judge")},
            "met_share": translate.share(row["met_share"]),
            "met_weight_share": translate.share(row["met_weight_share"]),
            "range": translate.shares(row["least_share"], row["most_share"]),
        }
        for row in works.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=list(WORK_WORDED))


def clause_lines(found: Readiness, title: Title, translate: Speaker) -> list[str]:
    """Write a line for every clause that is not met, what blocks first."""
    rest = found.clauses[found.clauses["verdict"] == UNKNOWN]
    shown = pd.concat([found.blocks, rest])
    worded = worded_clauses(shown, title, translate)
    return [
        translate(
            "readiness.line",
            **{name: row[name] for name in ("verdict", "clause", "asked")},
            found=row["found"] if judged else row["why"],
        )
        for row, judged in zip(worded.to_dict("records"), shown["verdict"].ne(UNKNOWN), strict=True)
    ]
