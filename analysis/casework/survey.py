"""Surveys of residents: rates with their intervals, against a threshold and a year before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy

from analysis.handling.ranking import LEVEL, wilson_interval
from analysis.handling.sampling import needed_answers
from analysis.model.calendar_periods import PERIODS, period_name, period_numbers
from analysis.model.contracts import CITY, COMMUNITY, PARENT, SURVEY_LEVELS
from analysis.model.multiple_testing import adjusted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

    from analysis.model.survey import SurveyRules

    Floats = NDArray[np.float64]

KEYS = ["level", "area_id", "topic", "number"]
RATE_COLUMNS = (
    "level", "area_id", "community", "parent", "topic", "period", "first_day", "last_day", "n",
    "yes", "effective_n", "share", "low_share", "high_share", "residents_share",
    "residents_low_share", "residents_high_share", "threshold", "verdict", "q", "reason",
    "before_period", "before_n", "before_share", "difference", "low_difference",
    "high_difference", "change", "change_q", "needed_n",
)  # fmt: skip
BELOW, MET, OPEN = SURVEY_VERDICTS = ("below", "met", "unclear")
"""Below or above the threshold by more than chance, or neither."""
UP, DOWN, SAME = CHANGES = ("up", "down", "same")
"""Against the same period a year before; `same` is no change beyond chance."""
TOO_FEW, TWO_FORMS, NOT_ASKED = SURVEY_REASONS = ("too_few", "two_forms", "not_asked")
"""Why there is no figure: answers too few; counts and single answers mixed; nobody was asked."""
ONE_SIDE = (1 - LEVEL) / 2
"""Greatest p, after correction, of a verdict: the interval's own error on one side."""


def effective_size(weights: ArrayLike, n: ArrayLike) -> float:
    """
    Give the number of unweighted answers that say as much as weighted ones do.

    Parameters
    ----------
    weights, n
        Weight of an answer, positive, and how many answers have it.

    Returns
    -------
    size
        Kish's (Σ n w)² / Σ n w²; 0 without answers. It is the number of answers where all
        weights are equal, and less else.

    Notes
    -----
    Assumes that weights do not hang together with what people answer. Not modelled: clusters
    (several answers of one household or street), calibration of weights: both are not known here,
    and the first makes true intervals wider.

    References
    ----------
    Kish (1965), Survey Sampling, 11.7; Kish (1992), Journal of Official Statistics 8, 183-200.

    Examples
    --------
    >>> effective_size([1, 1], [40, 60]), effective_size([1, 3], [10, 10])
    (100.0, 16.0)
    """
    weight, count = np.asarray(weights, dtype=float), np.asarray(n, dtype=float)
    squares = float((count * weight**2).sum())
    return float((count * weight).sum() ** 2 / squares) if squares > 0 else 0.0


def difference_interval(
    share: ArrayLike, n: ArrayLike, before: ArrayLike, before_n: ArrayLike
) -> tuple[Floats, Floats]:
    """
    Give Newcombe's 95 % interval of the difference of two independent shares.

    Parameters
    ----------
    share, n
        Share now, and the (effective) number of answers it rests on.
    before, before_n
        The same of before.

    Returns
    -------
    low, high
        Limits of `share - before`, in [-1, 1]; missing where a number is 0.

    Notes
    -----
    Wilson's limits of both shares, put together (his method 10). Assumes that both surveys drew
    their people independently: where the same people were asked twice, the true interval is
    narrower, if they answer alike.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17, 873-890,
    doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I.

    Examples
    --------
    56 of 70 against 48 of 80, as in his table II:

    >>> low, high = difference_interval([0.8], [70], [0.6], [80])
    >>> round(float(low[0]), 4), round(float(high[0]), 4)
    (0.0524, 0.3339)
    """
    one, other = np.asarray(share, dtype=float), np.asarray(before, dtype=float)
    low, high = wilson_interval(one * np.asarray(n, dtype=float), n)
    low_before, high_before = wilson_interval(other * np.asarray(before_n, dtype=float), before_n)
    apart = one - other
    return (
        apart - np.hypot(one - low, high_before - other),
        apart + np.hypot(high - one, other - low_before),
    )


def survey_table(
    answers: pd.DataFrame, communities: gpd.GeoDataFrame, rules: SurveyRules
) -> pd.DataFrame:
    """
    Give the rate of every topic in every period: of the city, of parents and of communities.

    Parameters
    ----------
    answers
        As in `analysis.model.contracts`.
    communities
        As there; where their population is known it corrects the number needed, and gives the
        rate by residents.
    rules
        Thresholds, least number of answers, margin and period.

    Returns
    -------
    table
        `RATE_COLUMNS`: the latest period first, the city, then parents and communities, the
        lowest share first. `share` is weighted where answers are; `effective_n` is Kish's
        (`effective_size`) and the interval Wilson's with it. `yes`, shares and verdicts are
        missing and `reason` says why where `effective_n` is below `rules.least`. `before_…` are
        of the same period a year before, and `difference` has Newcombe's interval
        (`difference_interval`). `needed_n` is of `needed_answers`.

    Notes
    -----
    **Totals.** A total adds up all answers below it, so areas where more were asked weigh more:
    it is the rate of those asked. `residents_share` weighs each area by its residents instead,
    where all their numbers are known and answers have no weights of their own; it speaks for the
    areas asked alone. Counts that a source states for a parent or the city take the place of
    those of the areas within; single answers are never counted twice.

    **Many areas.** Verdicts and changes of parents and of communities are those that stay after
    Benjamini and Hochberg's correction over all areas of their level, topic and period, at 2.5 %
    on one side for verdicts and 5 % on both for changes; so an interval that just misses the
    threshold is no verdict there. An order of areas by share is no ranking beyond that. Tests
    are the score tests that belong to Wilson's interval, and the pooled test of two shares.

    **Not modelled.** Who was chosen and who refused to answer, clusters, how questions were put;
    intervals have no correction for small populations, so they are rather too wide there.

    References
    ----------
    Wilson (1927), doi:10.1080/01621459.1927.10502953; Kish (1965); Newcombe (1998); Benjamini and
    Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.
    """
    if answers.empty:
        return pd.DataFrame(columns=list(RATE_COLUMNS))
    numbered = answers.assign(number=period_numbers(answers["asked_at"], rules.period))
    bases = _bases(numbered, communities["parent"])
    table = pd.concat([_counted(base, level) for level, base in bases.items()], ignore_index=True)
    residents = _residents(communities)
    table = table.join(_by_residents(bases, residents), on=KEYS)
    table = _with_rates(table, rules)
    table = _with_verdicts(table, rules)
    table = _with_changes(table, PERIODS[rules.period])
    keys = zip(table["level"], table["area_id"], strict=True)
    people = np.array([residents.get(key, np.nan) for key in keys], dtype=float)
    design = (table["n"] / table["effective_n"]).where(table["effective_n"] > 0, 1.0)
    named = communities[["name", "parent"]].reindex(table["area_id"]).fillna("")
    table = table.assign(
        needed_n=needed_answers(rules.margin, residents=people, design=design),
        community=named["name"].to_numpy(),
        parent=np.where(table["level"].eq(PARENT), table["area_id"], named["parent"]),
        period=[period_name(each, rules.period) for each in table["number"]],
        before_period=[
            "" if np.isnan(each) else period_name(int(each), rules.period)
            for each in table["before_number"]
        ],
    )
    return _ordered(table)[list(RATE_COLUMNS)]


def latest(table: pd.DataFrame) -> pd.DataFrame:
    """
    Keep the rows of each topic's latest period.

    Parameters
    ----------
    table
        As from `survey_table`.

    Returns
    -------
    rows
        In the order they had.
    """
    newest = table.groupby("topic")["period"].transform("max")
    return table[table["period"].eq(newest)]


def city_rates(table: pd.DataFrame, topics: Sequence[str] = ()) -> pd.DataFrame:
    """
    Give the city's rate of each topic in its latest period, or the reason why there is none.

    Parameters
    ----------
    table
        As from `survey_table`.
    topics
        Codes that are looked for: one that nobody was asked about has a row with a reason too.

    Returns
    -------
    rates
        `RATE_COLUMNS` without the topic, on `topic`.
    """
    rows = latest(table)
    rows = rows[rows["level"].eq(CITY)].set_index("topic")
    missing = [each for each in topics if each not in rows.index]
    rates = rows.reindex([*rows.index, *missing])
    lacking = rates.index.isin(missing)
    rates.loc[lacking, "reason"] = NOT_ASKED
    rates.loc[lacking, "level"] = CITY
    return rates


def _bases(answers: pd.DataFrame, parents: pd.Series) -> dict[str, pd.DataFrame]:
    """Tell which rows make the figures of each level, without counting anybody twice."""
    of_community = answers["level"].eq(COMMUNITY)
    above = answers["area"].map(parents).where(of_community, answers["area"]).fillna("")
    answers = answers.assign(above=above)
    base = {COMMUNITY: answers.assign(area_id=answers["area"])[of_community]}
    inside = answers[answers["level"].ne(CITY) & answers["above"].ne("")]
    inside = _without_parts(inside, inside["level"].eq(PARENT), ["topic", "number", "above"])
    base[PARENT] = inside.assign(area_id=inside["above"])
    rest = answers[answers["level"].eq(CITY) | answers["above"].eq("")]
    whole = pd.concat([rest, inside])
    whole = _without_parts(whole, whole["level"].eq(CITY), ["topic", "number"])
    base[CITY] = whole.assign(area_id="")
    return {level: base[level] for level in SURVEY_LEVELS}


def _without_parts(rows: pd.DataFrame, stated: pd.Series[bool], keys: list[str]) -> pd.DataFrame:
    """Leave out counts of areas where the source states a count of the whole."""
    counted = stated & ~rows["single"]
    whole = counted.groupby([rows[key] for key in keys]).transform("any").astype(bool)
    return rows[rows["single"] | counted | ~whole]


def _counted(base: pd.DataFrame, level: str) -> pd.DataFrame:
    """Add up answers, weights and their squares for each area, topic and period."""
    facts = base.assign(
        level=level,
        counts=~base["single"],
        weight_n=base["weight"] * base["n"],
        weight_yes=base["weight"] * base["yes"],
        squares=base["weight"] ** 2 * base["n"],
    )
    groups = facts.groupby(KEYS, sort=True)
    added = groups[["n", "yes", "weight_n", "weight_yes", "squares"]].sum()
    days = groups["asked_at"].agg(first_day="min", last_day="max")
    mixed = groups["single"].any() & groups["counts"].any()
    return added.join(days).assign(mixed=mixed).reset_index()


def _residents(communities: gpd.GeoDataFrame) -> dict[tuple[str, str], float]:
    """Give the residents of every area, those of a parent only where all of its are known."""
    if "population" not in communities:
        return {}
    people = communities["population"].astype(float)
    total = people.groupby(communities["parent"]).agg(lambda each: each.sum(skipna=False))
    return {
        **{(COMMUNITY, str(area)): number for area, number in people.items()},
        **{(PARENT, str(area)): number for area, number in total.items()},
        (CITY, ""): float(people.sum(skipna=False)),
    }


def _by_residents(
    bases: dict[str, pd.DataFrame], residents: dict[tuple[str, str], float]
) -> pd.DataFrame:
    """Weigh the areas of a total by their residents, where all these are known."""
    facts = ["residents_share", "residents_n"]
    rows = []
    for level in (CITY, PARENT):
        base = bases[level]
        plain = base["weight"].eq(1).groupby([base[key] for key in KEYS[1:]]).transform("all")
        base = base[plain & base["n"].gt(0)]
        for key, group in base.groupby(KEYS[1:]):
            parts = group.groupby(["level", "area"])[["n", "yes"]].sum()
            people = np.array([residents.get(each, np.nan) for each in parts.index])
            apart = len(parts) > 1 and CITY not in parts.index.get_level_values("level")
            if apart and (people > 0).all():
                n, yes = parts["n"].to_numpy(), parts["yes"].to_numpy()
                share = float((people * yes / n).sum() / people.sum())
                rows.append((level, *key, share, effective_size(people / n, n)))
    return pd.DataFrame(rows, columns=[*KEYS, *facts]).set_index(KEYS)


def _with_rates(table: pd.DataFrame, rules: SurveyRules) -> pd.DataFrame:
    """Give share and interval where answers are enough, and the reason where not."""
    size = (table["weight_n"] ** 2 / table["squares"]).where(table["squares"] > 0, 0.0)
    few = size < rules.least
    reason = np.select([table["mixed"], few], [TWO_FORMS, TOO_FEW], "")
    told = pd.Series(reason == "", index=table.index)
    share = (table["weight_yes"] / table["weight_n"]).where(told)
    low, high = wilson_interval(share * size, size)
    people = table["residents_share"].where(told & (table["residents_n"] >= rules.least))
    held = table["residents_n"].where(people.notna())
    people_low, people_high = wilson_interval(people * held, held)
    return table.assign(
        effective_n=size, reason=reason, yes=table["yes"].where(told), share=share,
        low_share=low, high_share=high, residents_share=people,
        residents_low_share=people_low, residents_high_share=people_high,
    )  # fmt: skip


def _with_verdicts(table: pd.DataFrame, rules: SurveyRules) -> pd.DataFrame:
    """Hold shares to the threshold of their topic, corrected for the areas of a level."""
    known = {name: topic.threshold for name, topic in rules.topics.items()}
    threshold = table["topic"].map(known).astype(float)
    size = table["effective_n"].where(table["share"].notna())
    spread = np.sqrt(threshold * (1 - threshold) / size)
    score: pd.Series = (table["share"] - threshold) / spread
    groups = [table[key] for key in ("level", "topic", "number")]
    below = _adjusted(pd.Series(scipy.stats.norm.cdf(score), index=table.index), groups)
    above = _adjusted(pd.Series(scipy.stats.norm.sf(score), index=table.index), groups)
    verdict = np.select(
        [score.isna(), below <= ONE_SIDE, above <= ONE_SIDE], ["", BELOW, MET], OPEN
    )
    least = np.minimum(below, above)
    return table.assign(threshold=threshold, verdict=verdict, q=least)


def _with_changes(table: pd.DataFrame, parts: int) -> pd.DataFrame:
    """Compare with the same period a year before, corrected for the areas of a level."""
    facts = ["n", "effective_n", "share", "period_there"]
    earlier = table.assign(number=table["number"] + parts, period_there=1.0).set_index(KEYS)
    before = table[KEYS].join(earlier[facts], on=KEYS)
    share, size = before["share"], before["effective_n"]
    low, high = difference_interval(table["share"], table["effective_n"], share, size)
    pooled = (table["share"] * table["effective_n"] + share * size) / (table["effective_n"] + size)
    spread = np.sqrt(pooled * (1 - pooled) * (1 / table["effective_n"] + 1 / size))
    apart = table["share"] - share
    score: pd.Series = (apart / spread).where(spread > 0, apart.where(apart.isna(), 0.0))
    groups = [table[key] for key in ("level", "topic", "number")]
    p = _adjusted(pd.Series(2 * scipy.stats.norm.sf(score.abs()), index=table.index), groups)
    sure = (p <= 1 - LEVEL) & ((low > 0) | (high < 0))
    change = np.select([apart.isna(), sure & (apart > 0), sure], ["", UP, DOWN], SAME)
    return table.assign(
        before_number=(table["number"] - parts).where(before["period_there"].notna()),
        before_n=before["n"], before_share=share, difference=apart, low_difference=low,
        high_difference=high, change=change, change_q=p,
    )  # fmt: skip


def _adjusted(p: pd.Series, groups: list[pd.Series]) -> pd.Series:
    """Correct p values within groups by Benjamini and Hochberg; missing ones stay so."""
    known = p.dropna()
    if known.empty:
        return p
    corrected: pd.Series = known.groupby([each[known.index] for each in groups]).transform(
        lambda each: adjusted(each.to_numpy())
    )
    return corrected.reindex(p.index)


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    rank = table["level"].map({level: at for at, level in enumerate(SURVEY_LEVELS)})
    ordered = table.assign(rank=rank, newest=-table["number"])
    return ordered.sort_values(
        ["newest", "topic", "rank", "share", "area_id"], kind="stable", ignore_index=True
    )
