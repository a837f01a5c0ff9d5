"""Makes the frame of a survey of residents: counts of areas, or single answers with weights."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.model.contracts import CITY, COMMUNITY, PARENT, check_survey
from analysis.model.errors import ColumnError
from layers.cleaning.amounts import column_numbers
from layers.cleaning.columns import check_columns
from layers.cleaning.identifiers import identify, loaded_rows
from layers.cleaning.times import stated_days
from layers.cleaning.values import flags
from layers.places.names import EXACT, plain_name
from layers.recipe.schema import COUNTED, SINGLE
from layers.texts.proofs import is_filled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from analysis.model.survey import Topic
    from layers.cleaning.layer import Layer
    from layers.knowledge.case_rules import CaseRules
    from layers.places.names import Communities

    Mask = NDArray[np.bool_]

WHOLE_CITY = ("全市", "全县", "全區", "全区", "全城", "city", "whole city", "citywide", "all")
"""How an area may be called that is the whole city."""
_MOST = 1e9
"""No survey asks more people: a greater count is another number."""


def clean_survey(
    layer: Layer, *, zone: str, rules: CaseRules, names: Callable[[], Communities]
) -> pd.DataFrame:
    """Make the answers of one layer; its columns tell in which of the two forms they come."""
    single = _is_single(layer)
    if single and "id" in layer.ours:  # one person answers several questions
        ours = layer.ours
        named = ours["id"].mask(is_filled(ours["id"]), ours["id"] + " · " + ours["topic"])
        layer = replace(layer, ours=ours.assign(id=named))
    identifiers = identify(layer, keep_twice=False)
    level, area = _areas(layer, names(), single=single)
    asked_at = stated_days(layer, "asked_at", zone=zone)
    topic = _topics(layer, rules.survey_rules.topics)
    n, yes, weight = _answers(layer) if single else _counts(layer)
    frame = pd.DataFrame(
        {
            "level": level,
            "area": area,
            "asked_at": asked_at,
            "topic": topic,
            "n": n,
            "yes": yes,
            "weight": weight,
            "single": single,
        },
        index=layer.ours.index,
    )
    if not single:
        _set_repeats_apart(frame, layer)
    return loaded_rows(frame, identifiers, layer, index="answer_id")


def joined_survey(answers: pd.DataFrame) -> pd.DataFrame:
    """Check the answers of all layers."""
    check_survey(answers)
    return answers


def _is_single(layer: Layer) -> bool:
    """Tell single answers from counts, and refuse a layer that is neither or both."""
    entry, ours = layer.recipe.entry, set(map(str, layer.ours))
    check_columns(layer.ours.columns, ("asked_at", "topic"), entry=entry)
    single, counted = SINGLE[0] in ours, bool(ours & {*COUNTED})
    if single == counted or (not single and not ours >= {*COUNTED}):
        found = ", ".join(sorted(ours & {*COUNTED, *SINGLE})) or "—"
        msg = f"{entry}: answers come as `asked` and `yes`, or as `answer`; columns name {found}."
        raise ColumnError(
            msg,
            problem="survey_form",
            hint="Name either the counts (asked, yes) or the single answers (answer, and weight).",
            entry=entry,
            found=found,
        )
    return single


def _areas(
    layer: Layer, communities: Communities, *, single: bool
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Find whom each row is of: a community, a parent, or the city; set apart what is unknown."""
    account = layer.account
    level = np.full(len(layer.ours), CITY, dtype=object)
    area = np.full(len(layer.ours), "", dtype=object)
    if "area" not in layer.ours:
        return level, area
    texts = layer.texts("area", "parent")
    plain = texts["area"].map(plain_name)
    blank = (plain == "").to_numpy(dtype=bool)
    whole = plain.isin([plain_name(each) for each in WHOLE_CITY]).to_numpy(dtype=bool)
    above = plain.map(communities.parent_called).astype("str")
    named = communities.named_by(texts["area"], texts["parent"])
    known = (named.community_id != "").to_numpy(dtype=bool)
    # 东湖街道 is the sub-district itself, and no other spelling of 东湖社区 within it
    of_parent = (above != "").to_numpy(dtype=bool) & ~(known & (named.score > EXACT))
    likened = known & (named.score < EXACT) & ~of_parent & ~whole
    for position in np.flatnonzero(likened)[:1]:
        account.repair(
            likened,
            "area_likened",
            found=texts["area"].iloc[position],
            read=communities.name_of(named.community_id.iloc[position]),
            score=round(named.score[position]),
        )
    found = texts["area"].to_numpy(dtype=object)
    unknown = ~(known | of_parent | whole | blank)
    account.quarantine(unknown & named.several, "area_several", detail=found)
    account.quarantine(unknown, "area_unknown", detail=found)
    if single:
        account.note(blank, "area_not_told")
    else:
        account.quarantine(blank, "area_missing")
    level[known], area[known] = COMMUNITY, named.community_id[known]
    level[of_parent], area[of_parent] = PARENT, above[of_parent]
    level[whole], area[whole] = CITY, ""
    return level, area


def _topics(layer: Layer, known: Mapping[str, Topic]) -> pd.Series[str]:
    """Read what was asked: a topic of the rules by any of its names, else as it is written."""
    codes = {
        plain_name(name): topic.id
        for topic in known.values()
        for name in (topic.id, *topic.name.values(), *topic.aliases)
    }
    text = layer.ours["topic"]
    layer.account.quarantine(~is_filled(text), "topic_missing")
    plain = text.map(plain_name)
    return plain.map(codes).where(plain.isin(codes), text).astype("str")


def _counts(layer: Layer) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Read how many were asked and how many said yes; what cannot be is set apart."""
    n, yes = (_whole(layer, column) for column in COUNTED)
    detail = (layer.ours["yes"] + " / " + layer.ours["asked"]).to_numpy(dtype=object)
    layer.account.quarantine(yes > n, "yes_above_asked", detail=detail)
    return n, yes, 1.0


def _whole(layer: Layer, column: str) -> NDArray[np.float64]:
    """Read a column of numbers of people: whole, and none below 0."""
    detail = layer.ours[column].to_numpy(dtype=object)
    numbers = column_numbers(layer, column, whole=True)
    account = layer.account
    account.quarantine(~(np.abs(numbers) < _MOST), "count_unreadable", detail=detail, column=column)
    account.quarantine(numbers < 0, "count_negative", detail=detail, column=column)
    account.quarantine(numbers % 1 != 0, "count_fraction", detail=detail, column=column)
    return numbers


def _answers(
    layer: Layer,
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """Read single answers and their weights."""
    ours, account = layer.ours, layer.account
    text = ours["answer"]
    account.quarantine(~is_filled(text), "answer_missing")
    said = flags(text)
    detail = text.to_numpy(dtype=object)
    account.quarantine(said.isna().to_numpy(dtype=bool), "answer_unreadable", detail=detail)
    yes = np.asarray(said.fillna(value=False), dtype=float)
    if "weight" not in ours:
        return 1.0, yes, np.ones(len(yes))
    weight = column_numbers(layer, "weight")
    detail = ours["weight"].to_numpy(dtype=object)
    account.quarantine(~((weight > 0) & (weight < _MOST)), "weight_wrong", detail=detail)
    return 1.0, yes, weight


def _set_repeats_apart(frame: pd.DataFrame, layer: Layer) -> None:
    """Set a count apart that stands twice, and tell of areas with several counts of one day."""
    account, keys = layer.account, ["level", "area", "topic", "asked_at"]

    def again(columns: list[str]) -> Mask:
        mask = account.alive.copy()
        mask[mask] = frame.loc[mask, columns].duplicated().to_numpy(dtype=bool)
        return mask

    account.quarantine(again([*keys, "n", "yes"]), "count_twice")
    account.note(again(keys), "count_again")
