"""Monitoring in words: the same on page, paper and in the terminal."""

from __future__ import annotations

from math import inf, isfinite
from typing import TYPE_CHECKING

import pandas as pd

from analysis.casework.monitoring import (
    EXCEEDED,
    NOT_JUDGED,
    OF_ROW,
    OF_RULES,
    READING_REASONS,
)
from analysis.model.contracts import CITY, COMMUNITY
from layers.languages import written_as
from layers.recipe.schema import MONITORING
from wording.missing_rows import rows_set_aside

if TYPE_CHECKING:
    from layers.city import City
    from wording.speaker import Speaker

MOST_NAMED = 8
"""Stations named in a sentence; of more, only how many."""
MOST_LIMITS = 3
"""Limits told in a sentence, those of most results."""
LIMIT_DECIMALS = 12


def series_name(city: City, network: str, indicator: str, translate: Speaker) -> str:
    """Name an indicator of a network as the rules do, else as the data do."""
    names = _names(city, network, indicator, translate)
    return " · ".join(filter(None, names)) or translate("monitoring.not_stated")


def with_series_names(rows: pd.DataFrame, city: City, translate: Speaker) -> pd.DataFrame:
    """Put the names of networks and indicators in the place of their codes."""
    pairs = zip(rows["network"], rows["indicator"], strict=True)
    named = pd.DataFrame([_names(city, *pair, translate) for pair in pairs], rows.index)
    return rows.assign(network=named[0], indicator=named[1]) if len(rows) else rows


def _names(city: City, network: str, indicator: str, translate: Speaker) -> tuple[str, str]:
    rules = city.monitoring_rules
    known = rules.networks.get(network), rules.indicators.get(indicator)
    first, second = (translate.of(found.name) if found else "" for found in known)
    return first or network, second or indicator


def station_names(city: City, network: str, language: str) -> dict[str, str]:
    """
    Name the stations of a network in the reader's language, else as its data do, else by code.

    Networks number their stations on their own, so a code tells nothing beyond its network.
    """
    if city.readings is None:
        return {}
    readings = city.readings[city.readings["network"].eq(network)]
    own = f"name_{written_as(language)}"
    names = readings["name"]
    if own in readings:
        names = readings[own].where(readings[own] != "", names)
    names = names.where(names != "", readings["station"])
    return dict(zip(readings["station"], names, strict=True))


def monitoring_sentences(
    rows: pd.DataFrame,
    stations: pd.DataFrame,
    limits: pd.DataFrame,
    city: City,
    translate: Speaker,
) -> list[str]:
    """
    Say what a network found of an indicator in its latest period.

    `rows` are of it alone, by area; `stations` as well, and `limits` its judged readings.
    """
    whole = rows[rows["level"].eq(CITY)].iloc[0]
    counts = {
        name: translate.count(whole[name])
        for name in ("n", "stations", "met", "exceeded", "not_judged")
    }
    said = [
        translate(
            "monitoring.counted",
            name=series_name(city, whole["network"], whole["indicator"], translate),
            first=f"{whole['first_day']:%Y-%m-%d}",
            last=f"{whole['last_day']:%Y-%m-%d}",
            **counts,
        ),
        _share(whole, city, translate),
    ]
    if whole["not_judged"]:
        parts = [
            translate(f"monitoring.why_{each}", n=translate.count(whole[each]))
            for each in READING_REASONS
            if whole[each]
        ]
        why = translate("asked.and").join(parts)
        said.append(translate("monitoring.why", n=counts["not_judged"], why=why))
    said += [*_exceeded(whole, stations, city, translate), _limits(limits, city, translate)]
    return [*said, *_areas(rows, city, translate), *_lost(city, translate)]


def _share(whole: pd.Series, city: City, translate: Speaker) -> str:
    judged = translate.count(whole["met"] + whole["exceeded"])
    if pd.isna(whole["pass_share"]):
        least = translate.count(city.monitoring_rules.least)
        return translate(f"monitoring.share_{whole['reason']}", n=judged, least=least)
    share = translate.share(whole["pass_share"])
    if pd.isna(whole["low_share"]):
        return translate("monitoring.share", n=judged, share=share)
    interval = translate.shares(whole["low_share"], whole["high_share"])
    return translate("monitoring.share_sampled", n=judged, share=share, interval=interval)


def _exceeded(
    whole: pd.Series, stations: pd.DataFrame, city: City, translate: Speaker
) -> list[str]:
    """Say on how many days a limit was exceeded, and where."""
    if not whole["exceeded"]:
        return []
    names = station_names(city, whole["network"], translate.language)
    found = stations[stations["state"].eq(EXCEEDED)]
    found = found.sort_values("exceeded", ascending=False, kind="stable")
    listed = [names[each] for each in found["station"].head(MOST_NAMED)]
    return [
        translate(
            "monitoring.days",
            n=translate.count(whole["exceeded_days"]),
            of=translate.count(whole["days"]),
            stations=translate.count(len(found)),
            names=translate("asked.and").join(listed) + "…" * (len(found) > MOST_NAMED),
        )
    ]


def _limits(readings: pd.DataFrame, city: City, translate: Speaker) -> str:
    """Say where the limits are from."""
    found = readings["limit_from"]
    own, shared = (int(found.eq(each).sum()) for each in (OF_ROW, OF_RULES))
    if not own + shared:
        judged = int(readings["state"].ne(NOT_JUDGED).sum())
        return translate("monitoring.limits_none", n=translate.count(judged))
    counts = {"own": translate.count(own), "file": translate.count(shared)}
    said = translate("monitoring.limits", **counts)
    if texts := _limit_texts(readings, translate):
        said = translate("monitoring.limits_stated", limits=texts, **counts)
    if not shared:
        return said
    first = readings[found.eq(OF_RULES)].iloc[0]
    limits = city.monitoring_rules.indicators[first["indicator"]].limits
    limit = next(each for each in limits if each.network in {"", first["network"]})
    sure = translate(f"survey.confidence_{limit.confidence}")
    return said + translate("monitoring.source", source=translate.of(limit.source), confidence=sure)


def _limit_texts(readings: pd.DataFrame, translate: Speaker) -> str:
    """Write the limits that results were held to, those of most results first."""
    stated = readings[readings["limit"].eq("stated")].fillna({"lower_limit": -inf})
    stated = stated.fillna({"upper_limit": inf})
    often = stated.groupby(["lower_limit", "upper_limit", "value_unit"]).size()
    often = often.sort_values(ascending=False, kind="stable")
    texts = [_limit_text(limit, translate) for limit in often.index[:MOST_LIMITS].tolist()]
    return translate("asked.and").join(texts) + "…" * (len(often) > MOST_LIMITS)


def _limit_text(limit: tuple[float, float, str], translate: Speaker) -> str:
    lower, upper, unit = limit
    if upper == 0 and lower == -inf:
        return translate("monitoring.none_detected")
    told = [
        translate.number(each, most=LIMIT_DECIMALS) for each in (lower, upper) if isfinite(each)
    ]
    side = "" if len(told) > 1 else "≥" if isfinite(lower) else "≤"
    return f"{side}{'–'.join(told)} {unit}".strip()


def _areas(rows: pd.DataFrame, city: City, translate: Speaker) -> list[str]:
    """Say in how many communities there is a reading, and where they are too few."""
    own = rows[rows["level"].eq(COMMUNITY)]
    whole = rows[rows["level"].eq(CITY)].iloc[0]
    said = [
        translate(
            "monitoring.areas",
            n=translate.count(len(own)),
            of=translate.count(len(city.communities)),
            few=translate.count(int(own["reason"].ne("").sum())),
            least=translate.count(city.monitoring_rules.least),
        )
    ]
    outside = int(whole["n"] - own["n"].sum())
    if outside:
        said.append(translate("monitoring.outside", n=translate.count(outside)))
    return said


def _lost(city: City, translate: Speaker) -> list[str]:
    """Say how many rows no figure has."""
    lost, rows = rows_set_aside(city, MONITORING)
    return [translate("monitoring.lost", n=lost, rows=rows)] if lost else []
