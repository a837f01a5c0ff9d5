"""How many people each number of sites can cover, and how few sites a share needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.siting.maximal_cover import Answer, Effort, cover_most
from analysis.siting.prices import price
from analysis.siting.search import Plan, greedy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from analysis.siting.instance import Cover

LOOKS = 16
"""Numbers of sites, evenly spaced in ratio, for which prices of their own are found."""
CURVE_BEYOND, CURVE_LEAST = 2, 20
"""The curve goes on to so many times the sites of the plan, and to so many at least."""
CURVE_ACCURACY = 2e-3
"""Of the prices of a curve: its band is wider by far, as its plans are greedy ones."""
ROUNDING = 1e-9
"""Share of the people wanted that may be lacking by rounding."""


@dataclass(frozen=True, eq=False)
class Curve:
    """
    What each number of sites, from 1, can cover.

    Attributes
    ----------
    people
        Of the greedy plan: at least this many.
    bound
        That no plan exceeds.
    """

    people: NDArray[np.float64]
    bound: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Fewest:
    """
    How few sites cover the people wanted.

    Attributes
    ----------
    answer
        The plan found with fewest sites; `None` where even all sites together do not do.
    least
        Fewer sites than this cannot do; equal to those of the plan if it is proven to be best.
    band
        The curve, as long as `curve_length` of the sites that the greedy plan takes.
    """

    answer: Answer | None
    least: int
    band: Curve


def curve_length(sites: int) -> int:
    """
    Tell how many numbers of sites the curve of a plan shows, where as many help.

    Parameters
    ----------
    sites
        Of the plan.

    Returns
    -------
    length
        At least 1.
    """
    return max(CURVE_BEYOND * sites, CURVE_LEAST)


def greedy_curve(cover: Cover, most: int) -> Curve:
    """
    Give the greedy plan of each number of sites at once, bounded by all who can be covered.

    Parameters
    ----------
    cover
        The demand and its possible sites.
    most
        Greatest number of sites; the curve is shorter where fewer cover all that can be.

    Returns
    -------
    curve
        People by number of sites.
    """
    people = _people(cover, greedy(cover, most).chosen)
    return Curve(people, np.maximum(np.full(len(people), cover.wanted), people))


def curve(cover: Cover, most: int, *, effort: Effort | None = None) -> Curve:
    """
    Bound every number of sites from both sides.

    Parameters
    ----------
    cover
        The demand and its possible sites.
    most
        Greatest number of sites; the curve is shorter where fewer cover all that can be.
    effort
        Steps for each of the prices; `None` for the usual.

    Returns
    -------
    curve
        People by number of sites.
    """
    effort = effort or Effort()
    first = greedy_curve(cover, most)
    people, bound, length = first.people, first.bound, len(first.people)
    if not length:
        return first
    last = None
    for sites in np.unique(np.geomspace(1, length, LOOKS).round().astype(int)).tolist():
        # The prices of one number bound all others too, and are a good start for the next.
        last = price(cover, sites, steps=effort.steps, accuracy=CURVE_ACCURACY, start=last)
        bound = np.minimum(bound, last.bounds(length))
    return Curve(people, np.maximum(bound, people))


def _people(cover: Cover, chosen: Iterable[int]) -> NDArray[np.float64]:
    """Count the people of each beginning of a plan."""
    plan, people = Plan(cover), []
    for site in chosen:
        plan.add(site)
        people.append(plan.people)
    return np.asarray(people)


def merged(curves: Iterable[Curve], answers: Iterable[Answer]) -> Curve:
    """
    Join what is known of the numbers of sites: what one plan covers, one more site covers too.

    Parameters
    ----------
    curves
        Of the same demand, of any lengths.
    answers
        Plans solved, each with its bound.

    Returns
    -------
    curve
        As long as the longest; never below a plan that is known, never above a bound.
    """
    curves, answers = list(curves), list(answers)
    length = max([len(each.people) for each in curves], default=0)
    people, bound = np.zeros(length), np.full(length, np.inf)
    for each in curves:
        count = len(each.people)
        people[:count] = np.maximum(people[:count], each.people)
        bound[:count] = np.minimum(bound[:count], each.bound)
    for answer in answers:
        if 0 < (count := len(answer.sites)) <= length:
            people[count - 1] = max(people[count - 1], answer.people)
            bound[count - 1] = min(bound[count - 1], answer.bound)
    people = np.maximum.accumulate(people)
    # What bounds many sites bounds fewer.
    bound = np.minimum.accumulate(bound[::-1])[::-1]
    return Curve(people, np.maximum(bound, people))


def fewest(
    cover: Cover,
    people: float,
    *,
    effort: Effort | None = None,
    heard: Callable[[Fewest], None] | None = None,
) -> Fewest:
    """
    Find how few sites cover a number of people.

    Parameters
    ----------
    cover
        The demand and its possible sites.
    people
        To cover newly.
    effort
        How long to try for each number of sites; `None` for the usual.
    heard
        Is told each plan with fewer sites, and each number proven too few.

    Returns
    -------
    fewest
        The plan, and the number below which none can do. Greedy takes up to a quarter too
        many, so its number is where the search begins, not the answer.
    """
    wanted = people * (1 - ROUNDING)
    if wanted <= 0:
        return Fewest(cover_most(cover, 0, effort=effort), 0, curve(cover, 1, effort=effort))
    plan = greedy(cover, cover.sites).chosen
    enough = np.flatnonzero(_people(cover, plan) >= wanted)
    # Beyond the greedy number nothing bears on the answer: the prices are spent below it.
    most = int(enough[0]) + 1 if len(enough) else len(plan)
    band = curve(cover, curve_length(most), effort=effort)
    if not len(enough):
        return Fewest(None, most, band)
    return _between(cover, wanted, band, most, effort, heard)


def _between(  # noqa: PLR0917  what `fewest` was given
    cover: Cover,
    wanted: float,
    band: Curve,
    most: int,
    effort: Effort | None,
    heard: Callable[[Fewest], None] | None,
) -> Fewest:
    """Halve the numbers between the one that cannot do and the one that does."""
    best = cover_most(cover, most, effort=effort)
    least = int((band.bound < wanted).sum()) + 1
    low, high = least, most
    while low < high:
        if heard is not None:
            heard(Fewest(best, least, band))
        middle = (low + high) // 2
        answer = cover_most(cover, middle, effort=effort)
        if answer.people >= wanted:
            best, high = answer, middle
            continue
        low = middle + 1
        # Only the bound proves that so few cannot do; a search that failed proves nothing.
        if answer.bound < wanted:
            least = max(least, low)
    return Fewest(best, least, band)
