"""Monitoring: readings and samples against their limits, by area, period and station."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from analysis.geometry.locate import community_of
from analysis.handling.ranking import wilson_interval
from analysis.issues.moments import days_of
from analysis.model.calendar_periods import period_name, period_numbers
from analysis.model.contracts import (
    ABOVE,
    AMOUNT_ABOVE,
    AMOUNT_BELOW,
    BELOW,
    CITY,
    COMMUNITY,
    DETECTED,
    FAIL,
    NOT_DETECTED,
    NUMBER,
    PARENT,
    PASS,
    SURVEY_LEVELS,
    UNREAD,
)
from analysis.model.monitoring import plain_unit

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from analysis.model.monitoring import MonitoringRules

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

MET, EXCEEDED, NOT_JUDGED = READING_STATES = ("met", "exceeded", "not_judged")
"""How a result stands to its limit: within, beyond, or nobody can tell."""
NO_VALUE, UNREADABLE, NO_LIMIT, LIMIT_UNCLEAR, UNIT_DIFFERS, UNDECIDED, CONTRADICTION = (
    READING_REASONS
) = (
    "no_value", "unreadable", "no_limit", "limit_unclear", "unit_differs", "undecided",
    "contradiction",
)  # fmt: skip
"""
Why a result cannot be judged: neither value nor result; one that cannot be read; no limit; one that
cannot be read; in another unit; below or above what can be measured, with the limit beyond that;
a result that says other than its value does.
"""
TOO_FEW, NONE_JUDGED = RATE_REASONS = ("too_few", "none_judged")
"""Why there is no share: too few results that can be judged, or none."""
OF_ROW, OF_RULES = LIMIT_SOURCES = ("row", "rules")
"""Where a limit is from."""
EVERY = ("quarter", "month", "year")
"""Periods that results are put together over, the usual one first."""
SERIES = ["network", "indicator"]
KEYS = ["level", "area_id", *SERIES, "number"]
MONITORING_COLUMNS = (
    "level", "area_id", "community", "parent", *SERIES, "period", "first_day", "last_day",
    "stations", "n", *READING_STATES, *READING_REASONS, "days", "exceeded_days", "pass_share",
    "low_share", "high_share", "reason",
)  # fmt: skip
STATION_COLUMNS = (
    "station", "name", *SERIES, "period", "n", *READING_STATES, "state", "last_day", "last_reading",
    "last_state", "community_id", "x", "y",
)  # fmt: skip
NEAREST_COLUMNS = (
    "community_id", "community", "parent", *SERIES, "period", "station", "name", "distance_m", "n",
    *READING_STATES, "state", "last_day", "last_reading", "last_state",
)  # fmt: skip


def judged_readings(
    readings: pd.DataFrame, communities: gpd.GeoDataFrame, rules: MonitoringRules
) -> pd.DataFrame:
    """
    Judge every reading by its limit, and tell in which community it was taken.

    Parameters
    ----------
    readings
        As in `analysis.model.contracts`.
    communities
        In whose CRS `x` and `y` are.
    rules
        Limits for readings whose rows state none.

    Returns
    -------
    judged
        The same rows with `state`, one of `READING_STATES`, `reason`, one of `READING_REASONS` or
        empty, the limits that they were held to and `limit_from`, one of `LIMIT_SOURCES` or empty,
        and `community_id`, missing outside all of them.

    Notes
    -----
    A value is a range where the source tells no more: below 0.05 it may be anything up to there,
    and it is judged only where all of the range lies on one side of the limit. Not detected is no
    zero: without a detection limit it keeps only to an upper limit of 0, which means that nothing
    may be detected. A negative value is none, unless its limit is negative too. A result that the
    source states (passed, failed) stands where there is no value to hold it against; where the two
    differ, nobody can tell. One that cannot be read is no pass.

    **Not modelled.** Uncertainty of the measurement, rounding before the comparison, averages that
    a standard asks for (of a day, of a year): each row is held to the limit as it stands.
    """
    held = _with_limits(readings, rules)
    computed, why = _by_value(held)
    stated = held["result"].map({PASS: MET, FAIL: EXCEEDED}).fillna("").to_numpy(dtype=object)
    odd = held["result"].eq(UNREAD).to_numpy() & (computed != EXCEEDED)
    differ = (stated != "") & (computed != NOT_JUDGED) & (stated != computed)
    state = np.select([odd | differ, stated != ""], [NOT_JUDGED, stated], computed)
    reason = np.select([odd, differ, state != NOT_JUDGED], [UNREADABLE, CONTRADICTION, ""], why)
    position = community_of(held["x"], held["y"], communities)
    home = pd.Series(communities.index, dtype="str").reindex(position)
    return held.assign(
        state=pd.Series(state, index=held.index, dtype="str"),
        reason=pd.Series(reason, index=held.index, dtype="str"),
        community_id=home.set_axis(held.index),
    )


def monitoring_table(
    judged: pd.DataFrame, communities: gpd.GeoDataFrame, rules: MonitoringRules, *, every: str
) -> pd.DataFrame:
    """
    Count results that met and exceeded their limit: of the city, of parents and of communities.

    Parameters
    ----------
    judged
        As from `judged_readings`.
    communities
        Whose names and parents are told.
    rules
        Least number of results, and which networks draw samples.
    every
        One of `EVERY`.

    Returns
    -------
    table
        `MONITORING_COLUMNS` for each network, indicator, period and area: the latest period first,
        in it the city, then parents and communities, the lowest share first. `met`, `exceeded` and
        `not_judged` add up to `n`, and the columns of `READING_REASONS` to `not_judged`. `days` are
        those with a result that could be judged, `exceeded_days` those with one that exceeded.
        `pass_share` is of the results that could be judged; it is missing, and `reason` says why,
        below `rules.least` of them. Its interval is Wilson's at 95 %, for samples alone.

    Notes
    -----
    Readings outside every community, and communities without a parent, count for the city alone.
    Samples are taken as drawn at random and independent of each other: who looks at suspects
    first finds more, and several samples of one place say less than as many of different ones.
    Nothing is estimated for areas or periods without a reading.

    References
    ----------
    Wilson (1927), doi:10.1080/01621459.1927.10502953.
    """
    if judged.empty:
        return pd.DataFrame(columns=list(MONITORING_COLUMNS))
    facts = _facts(judged, communities, every)
    table = pd.concat([_of_level(facts, level) for level in SURVEY_LEVELS], ignore_index=True)
    table = _with_shares(table, rules)
    named = communities[["name", "parent"]].reindex(table["area_id"]).fillna("")
    of_parent = table["level"].eq(PARENT)
    table = table.assign(
        community=named["name"].to_numpy(),
        parent=np.where(of_parent, table["area_id"], named["parent"]),
        period=[period_name(each, every) for each in table["number"]],
        order=table["level"].map({level: at for at, level in enumerate(SURVEY_LEVELS)}),
    )
    keys = ["number", *SERIES, "order", "pass_share", "exceeded", "area_id"]
    up = [False, True, True, True, True, False, True]
    ordered = table.sort_values(keys, ascending=up, kind="stable", ignore_index=True)
    return ordered[list(MONITORING_COLUMNS)]


def station_results(judged: pd.DataFrame, *, every: str) -> pd.DataFrame:
    """
    Sum up what every station found of each indicator in its latest period.

    Parameters
    ----------
    judged
        As from `judged_readings`.
    every
        One of `EVERY`.

    Returns
    -------
    stations
        `STATION_COLUMNS`, by network, indicator and station; the latest period is that of the
        network and indicator, and a station without a reading in it is left out. `state` is
        `exceeded` where any reading was, `not_judged` where none could be judged. A station stands
        where its last reading was taken.
    """
    if judged.empty:
        return pd.DataFrame(columns=list(STATION_COLUMNS))
    rows = judged.assign(number=period_numbers(judged["taken_at"], every))
    rows = rows[rows["number"].eq(rows.groupby(SERIES)["number"].transform("max"))]
    rows = rows.sort_values("taken_at", kind="stable")
    keys = [*SERIES, "station", "number"]
    for state in READING_STATES:
        rows[state] = rows["state"].eq(state).astype("int64")
    groups = rows.groupby(keys, sort=True)
    counts = groups[list(READING_STATES)].sum().assign(n=groups.size())
    last = groups[["name", "taken_at", "reading", "state", "community_id", "x", "y"]].nth(-1)
    last = last.set_index(pd.MultiIndex.from_frame(rows.loc[last.index, keys]))
    last = last.rename(
        columns={"taken_at": "last_day", "reading": "last_reading", "state": "last_state"}
    )
    table = counts.join(last).reset_index()
    states = [table["exceeded"] > 0, table["met"] > 0]
    table["state"] = np.select(states, [EXCEEDED, MET], NOT_JUDGED)
    table["period"] = [period_name(each, every) for each in table["number"]]
    return table[list(STATION_COLUMNS)]


def nearest_stations(stations: pd.DataFrame, communities: gpd.GeoDataFrame) -> pd.DataFrame:
    """
    Find the station nearest to every community, for each network and indicator.

    Parameters
    ----------
    stations
        As from `station_results`.
    communities
        In whose CRS `x` and `y` are.

    Returns
    -------
    nearest
        `NEAREST_COLUMNS`, one row a network, indicator and community. `distance_m` is the straight
        line from a point inside the community; of several as near, the first by name.

    Notes
    -----
    What a station found is no value of the community: nothing is interpolated, and wind, water and
    pipes do not follow straight lines.
    """
    spots = shapely.get_coordinates(communities.representative_point().to_numpy())
    named = communities[["name", "parent"]].rename(columns={"name": "community"})
    parts = []
    for _, group in stations.groupby(SERIES, sort=True):
        distance, at = cKDTree(group[["x", "y"]].to_numpy(dtype=float)).query(spots)
        found = group.drop(columns=["community_id", "x", "y"]).iloc[at]
        found = found.set_axis(communities.index, axis=0)
        parts.append(named.join(found).assign(distance_m=distance).rename_axis("community_id"))
    if not parts:
        return pd.DataFrame(columns=list(NEAREST_COLUMNS))
    nearest: pd.DataFrame = pd.concat([part.reset_index() for part in parts], ignore_index=True)
    return nearest[list(NEAREST_COLUMNS)]


def _with_limits(readings: pd.DataFrame, rules: MonitoringRules) -> pd.DataFrame:
    """Give readings without a limit of their own that of the rules, if any."""
    own = readings["limit"].ne("")
    held = readings.assign(limit_from=np.where(own, OF_ROW, ""))
    units = readings["value_unit"].map({each: plain_unit(each) for each in set(held["value_unit"])})
    for indicator in rules.indicators.values():
        for limit in indicator.limits:
            meant = held["limit_from"].eq("") & readings["indicator"].eq(indicator.id)
            if limit.network:
                meant &= readings["network"].eq(limit.network)
            same = units.eq(plain_unit(limit.unit))
            held.loc[meant, "limit_from"] = OF_RULES
            held.loc[meant, "limit"] = np.where(same[meant], "stated", "other_unit")
            held.loc[meant, "upper_limit"] = limit.upper
            held.loc[meant, "lower_limit"] = limit.lower
    return held


def _by_value(held: pd.DataFrame) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Hold the range of every value against its limits; say why where nobody can tell."""
    sign, value = held["sign"], held["value"].to_numpy(dtype=float)
    upper, lower = (
        held[name].to_numpy(dtype=float, na_value=np.nan) for name in ("upper_limit", "lower_limit")
    )
    below, above = (sign.isin(signs).to_numpy() for signs in (AMOUNT_BELOW, AMOUNT_ABOVE))
    number, found = sign.eq(NUMBER).to_numpy(), sign.eq(DETECTED).to_numpy()
    unfound = below | sign.eq(NOT_DETECTED).to_numpy()
    least = np.where(number | above, value, np.where(found, 0.0, -np.inf))
    most = np.where(number | below, value, np.inf)
    more, less = found | sign.eq(ABOVE).to_numpy(), sign.eq(BELOW).to_numpy()
    limited = held["limit"].eq("stated").to_numpy() & ~(np.isnan(upper) & np.isnan(lower))
    unread = sign.eq(UNREAD).to_numpy() | ((value < 0) & ~((upper < 0) | (lower < 0)))
    judged = limited & ~unread & sign.ne("").to_numpy()
    beyond = (least > upper) | (more & (least == upper)) | (most < lower)
    beyond |= less & (most == lower)
    within = (np.isnan(upper) | (most <= upper) | (unfound & (upper == 0))) & (
        np.isnan(lower) | (least >= lower)
    )
    state = np.select([judged & beyond, judged & within], [EXCEEDED, MET], NOT_JUDGED)
    limit = held["limit"]
    why = np.select(
        [sign.eq(""), unread, limit.eq(UNREAD), limit.eq("other_unit"), ~limited],
        [NO_VALUE, UNREADABLE, LIMIT_UNCLEAR, UNIT_DIFFERS, NO_LIMIT],
        UNDECIDED,
    )
    return state.astype(object), why.astype(object)


def _facts(judged: pd.DataFrame, communities: gpd.GeoDataFrame, every: str) -> pd.DataFrame:
    """Spread states and reasons over columns of 0 and 1, and days over those that count."""
    day = days_of(judged["taken_at"])
    state, reason = judged["state"], judged["reason"]
    home = judged["community_id"]
    facts = judged[["station", *SERIES]].assign(
        number=period_numbers(judged["taken_at"], every),
        day=day,
        judged_day=day.where(state.ne(NOT_JUDGED)),
        exceeded_day=day.where(state.eq(EXCEEDED)),
        **{each: state.eq(each).astype("int64") for each in READING_STATES},
        **{each: reason.eq(each).astype("int64") for each in READING_REASONS},
    )
    facts[CITY] = ""
    facts[COMMUNITY] = home.fillna("").to_numpy(dtype=object)
    facts[PARENT] = home.map(communities["parent"]).fillna("").to_numpy(dtype=object)
    return facts


def _of_level(facts: pd.DataFrame, level: str) -> pd.DataFrame:
    """Count the readings of the areas of a level."""
    rows = facts if level == CITY else facts[facts[level].ne("")]
    groups = rows.assign(level=level, area_id=rows[level]).groupby(KEYS, sort=True)
    counts = groups[[*READING_STATES, *READING_REASONS]].sum()
    counts = counts.assign(
        n=groups.size(),
        stations=groups["station"].nunique(),
        first_day=groups["day"].min(),
        last_day=groups["day"].max(),
        days=groups["judged_day"].nunique(),
        exceeded_days=groups["exceeded_day"].nunique(),
    )
    return counts.reset_index()


def _with_shares(table: pd.DataFrame, rules: MonitoringRules) -> pd.DataFrame:
    """Give the share that met its limit where enough could be judged, samples with an interval."""
    judged = table["met"] + table["exceeded"]
    reason = np.select([judged == 0, judged < rules.least], [NONE_JUDGED, TOO_FEW], "")
    enough = pd.Series(reason == "", index=table.index)
    low, high = wilson_interval(table["met"], judged)
    drawn = [name for name, network in rules.networks.items() if network.sampled]
    sampled = enough & table["network"].isin(drawn)
    return table.assign(
        pass_share=(table["met"] / judged.where(judged > 0)).where(enough),
        low_share=pd.Series(low, index=table.index).where(sampled),
        high_share=pd.Series(high, index=table.index).where(sampled),
        reason=reason,
    )
