"""
Siting on made cities, with spopt on one of them in the same run.

Run: python -m bench.siting [small] [large] [curves] [medians] (all of it some ten minutes)

Each figure is printed as soon as it is measured. Cities of 30 x 30 km: demand in clusters,
candidates near homes or on a grid. Gaps are shares of new people. spopt stands in
requirements-bench.txt; without it its row is left out.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from itertools import pairwise

import numpy as np

from analysis.coverage.catchment import pairs_within
from analysis.siting.curve import curve
from analysis.siting.distances import list_nearest
from analysis.siting.instance import make_cover
from analysis.siting.maximal_cover import OPTIMAL, Effort, cover_most
from analysis.siting.median import least_distance
from bench.figures import Figure, report

SIDE, CLUSTERS, BACKGROUND = 30_000.0, 120, 0.12
SPOPT_LIMIT_S = 60
LEAST_RATIO = 20.0
GAP = 1.0
"""Percent of new people that the plan for 5,000 places may lack."""


def city(places, sites, *, grid=False, uniform=False, seed=1):
    """Make demand in clusters, weights, and candidates near homes or on a grid."""
    random = np.random.default_rng(seed)
    centre = random.normal(SIDE / 2, SIDE / 5.5, (CLUSTERS, 2)) % SIDE
    size = random.lognormal(0, 0.8, CLUSTERS)
    spread = random.uniform(300, 1800, CLUSTERS)
    which = random.choice(CLUSTERS, places, p=size / size.sum())
    xy = random.normal(centre[which], spread[which][:, None])
    alone = random.random(places) < (1 if uniform else BACKGROUND)
    xy[alone] = random.uniform(0, SIDE, (alone.sum(), 2))
    xy = np.clip(xy, 0, SIDE)
    people = np.ceil(random.lognormal(2.7, 0.8, places))
    if grid:
        count = int(np.ceil(np.sqrt(sites)))
        line = (np.arange(count) + 0.5) * SIDE / count
        return xy, people, np.stack(np.meshgrid(line, line), -1).reshape(-1, 2)[:sites]
    near = xy[random.choice(places, sites, replace=sites > places)]
    return xy, people, near + random.normal(0, 120, (sites, 2))


def cover(xy, people, sites, radius, *, existing=0, spread=False):
    """Pair demand with candidates; facilities that stand, where people do, serve some of it."""
    if existing:
        among = sites if spread else xy
        there = among[np.random.default_rng(2).choice(len(among), existing, replace=False)]
        served = pairs_within(xy, there, service_radius=radius).place
        people = people.copy()
        people[served] = 0
    pairs = pairs_within(xy, sites, service_radius=radius)
    return make_cover(pairs.place, pairs.facility, people, sites)


def timed(work):
    """Give what work gives, with the processor seconds it takes."""
    start = time.process_time()
    return work(), time.process_time() - start


def answered(name, made, sites, *, gap=None, seconds=None):
    """Measure the gap of a plan and the time it takes."""
    answer, took = timed(lambda: cover_most(made(), sites))
    share = 0.0 if answer.status == OPTIMAL else answer.gap
    figures = [
        Figure(f"{name}: gap", 100 * share, "%", gap),
        Figure(f"{name}: time", took, "s", seconds),
    ]
    return answer, figures


def until_proven(made, sites, gap):
    """Give the processor seconds until a plan is proven to be within a gap, in percent."""
    start, proven = time.process_time(), []

    def hear(answer):
        if 100 * answer.gap <= gap:
            proven.append(time.process_time() - start)

    cover_most(made(), sites, heard=hear)
    return proven[0]


def by_spopt(xy, people, sites, radius, count):
    """Let spopt build and solve the same; give people and processor seconds."""
    import pulp  # noqa: PLC0415  only where it is installed
    from scipy.spatial.distance import cdist  # noqa: PLC0415  the same
    from spopt.locate import MCLP  # noqa: PLC0415  the same

    def work():
        model = MCLP.from_cost_matrix(cdist(xy, sites), people, radius, p_facilities=count)
        model = model.solve(pulp.HiGHS(msg=False, timeLimit=SPOPT_LIMIT_S))
        chosen = [number for number, each in enumerate(model.fac2cli) if len(each)]
        served = pairs_within(xy, sites[chosen], service_radius=radius).place
        return float(people[np.unique(served)].sum())

    return timed(work)


def small():
    """Measure 5,000 places: clustered with spopt, and uniform."""
    xy, people, sites = city(5000, 2000)
    answer, figures = answered(
        "5,000 x 2,000 clustered, p 50", lambda: cover(xy, people, sites, 1000), 50,
        gap=GAP, seconds=15,
    )  # fmt: skip
    yield from figures
    ours = until_proven(lambda: cover(xy, people, sites, 1000), 50, GAP)
    yield Figure(f"  until it is proven to be within {GAP:g} %", ours, "s")
    plain = city(5000, 2000, uniform=True)
    yield from answered(
        "5,000 x 2,000 uniform, p 50", lambda: cover(*plain, 1000), 50, gap=0.0, seconds=3
    )[1]
    if importlib.util.find_spec("spopt"):
        found, took = by_spopt(xy, people, sites, 1000, 50)
        yield Figure("  spopt on the clustered one, processor seconds", took, "s")
        yield Figure(
            "  spopt, unproven / ours, proven", took / ours, "x", LEAST_RATIO, at_least=True
        )
        yield Figure("  spopt's people short of ours", 100 * (1 - found / answer.people), "%")


def large():
    """
    Measure 100,000 places: with 400 facilities there, and none.

    Facilities that stand where people do cover 61 % of them; spread evenly over the city, 33 %.
    """
    xy, people, sites = city(100_000, 20_000, grid=True)
    for existing, spread, count, gap, seconds in (
        (400, False, 25, 0.0, 60), (400, False, 100, 0.0, 60), (400, False, 200, 0.3, 30),
        (400, True, 100, None, None), (0, False, 200, 3.0, 60),
    ):  # fmt: skip
        there = f"{existing} spread evenly" if spread else f"{existing} there"
        yield from answered(
            f"100,000 x 20,000, {there}, p {count}",
            lambda existing=existing, spread=spread: cover(
                xy, people, sites, 500, existing=existing, spread=spread
            ), count, gap=gap, seconds=seconds,
        )[1]  # fmt: skip


def curves():
    """Measure the curve of 1 to 200 sites in the same city."""
    xy, people, sites = city(100_000, 20_000, grid=True)
    for existing, goal in ((400, 3.5), (0, 5.5)):
        made = cover(xy, people, sites, 500, existing=existing)
        band, took = timed(lambda made=made: curve(made, 200, effort=Effort()))
        assert all(low <= high for low, high in pairwise(band.people))
        width = 100 * float(np.median((band.bound - band.people) / band.bound))
        yield Figure(f"curve to 200, {existing} there: median band", width, "%", goal)
        yield Figure(f"curve to 200, {existing} there: time", took, "s", 25)


def medians():
    """Measure the mean way."""
    for places, sites, count, gap, seconds in (
        (5000, 5000, 50, 0.3, 30),
        (50_000, 5000, 100, 1.0, 75),
    ):
        xy, people, candidates = city(places, sites)
        none = np.full(places, np.inf)
        answer, took = timed(
            lambda xy=xy, people=people, candidates=candidates, none=none, count=count: (
                least_distance(list_nearest(xy, people, candidates, stands=none), count)
            )
        )
        name = f"p-median {places:,} x {sites:,}, p {count}"
        yield Figure(f"{name}: gap", 100 * answer.gap, "%", gap)
        yield Figure(f"{name}: time", took, "s", seconds)


PARTS = {"small": small, "large": large, "curves": curves, "medians": medians}


def main(names):
    """Measure the parts named, or all of it."""
    return report(figure for name in names or PARTS for figure in PARTS[name]())


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
