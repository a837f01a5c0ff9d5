"""
What-if on a great city: one site added, moved, closed, each as if clicked, against a full run.

Run: python -m bench.what_if [M | folder of a city with streets]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median

import numpy as np

from analysis.access.prepared_city import prepare, with_facilities, with_shortest_paths
from analysis.access.walking import prepare_walking_network
from analysis.coverage.assessment import assess
from analysis.coverage.figures import NETWORK, STRAIGHT
from analysis.coverage.gaps import gaps_of
from analysis.scenarios.changes import ADD, CLOSE, MOVE, Change, History, apply_changes
from analysis.scenarios.deltas import compare_assessments, headline
from analysis.scenarios.incremental import assess_changed, gaps_changed, prepare_changes
from bench.big_city import SIZES, make_frames
from bench.figures import Figure, report
from layers.knowledge.standards import load_standards
from layers.load import load_city

CLICKS = 12
GOALS = {"M": 0.5}
"""Seconds of wall time that a click may take; a real city with walking 1 second."""


def ready(name):
    """A prepared city, its standard and the measures, and the network if it has streets."""
    if name in SIZES:
        frames = make_frames(name)
        prepared = prepare(
            frames["communities"], frames["facilities"], frames["residents"], kinds=["toilet"]
        )
        return prepared, load_standards()["cn-toilet-300"], (STRAIGHT,), None
    city = load_city(Path(name))
    prepared = prepare(
        city.communities, city.facilities, city.residents, kinds=city.kinds, land=city.land
    )
    network = prepare_walking_network(prepared.communities, prepared.demand, city.streets)
    standard = load_standards(city=city.folder)[city.standard]
    return with_shortest_paths(prepared, network), standard, (STRAIGHT, NETWORK), network


def clicks(prepared, random):
    """Changes one on top of the other, at places where people live."""
    toilets = prepared.facilities[prepared.facilities["kind"] == "toilet"]
    rows = random.choice(np.flatnonzero(prepared.demand.membership >= 0), CLICKS)
    names = random.choice(toilets.index, CLICKS, replace=False)
    for number, (name, place) in enumerate(zip(names, prepared.demand.places(rows), strict=True)):
        action = (ADD, MOVE, CLOSE)[number % 3]
        facility = f"new {number}" if action == ADD else name
        yield Change(action, "toilet", facility, *(place if action != CLOSE else ()))


def differences(found, wanted):
    """Greatest difference of any number, and how many other values differ."""
    worst, others = 0.0, 0
    for name in wanted:
        was, now = wanted[name], found[name]
        if was.dtype.kind in "fiu" or str(was.dtype) == "Int64":
            was, now = (each.to_numpy(dtype=float, na_value=np.nan) for each in (was, now))
            others += int((np.isnan(was) != np.isnan(now)).sum())
            worst = max(worst, float(np.nanmax(np.abs(was - now), initial=0)))
        else:
            others += int((was.to_numpy(dtype=object) != now.to_numpy(dtype=object)).sum())
    return worst, others


def main(name="M"):
    prepared, standard, measures, network = ready(name)
    before = assess(prepared, standard, measures=measures)
    start = time.perf_counter()
    baseline = prepare_changes(prepared, before)
    counts = [len(each) for each in (prepared.communities, prepared.facilities)]
    print("{:,} communities, {:,} facilities".format(*counts))
    print(f"{len(prepared.demand.people):,} places of residents, measures {', '.join(measures)}")
    print(f"made ready once: {time.perf_counter() - start:.2f} s")
    radius = next(rule.service_radius_m for rule in standard.rules if rule.service_radius_m)
    gaps = gaps_of(prepared, "toilet", service_radius=radius)
    history, wall, cpu, touched = History(), [], [], []
    for change in clicks(prepared, np.random.default_rng(1)):
        history = history.with_change(change)
        begun, spent = time.perf_counter(), time.process_time()
        changed = apply_changes(prepared.facilities, history.done)
        city = assess_changed(baseline, changed)
        compare_assessments(before, city.assessment)
        headline(before, city.assessment)
        gaps_changed(gaps, city, "toilet", service_radius=radius)
        wall.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - spent)
        touched.append(len(city.touched))
    start = time.process_time()
    kinds = list(prepared.supply)
    full = with_facilities(prepared, changed.facilities, kinds=kinds)
    if network is not None:
        full = with_shortest_paths(full, network)
    full = assess(full, standard, measures=measures)
    whole = time.process_time() - start
    found = [
        differences(getattr(city.assessment, name), getattr(full, name))
        for name in ("coverage", "summary")
    ]
    goal = GOALS.get(name, 1.0)
    print(f"communities touched: {touched[0]} by the first change, {touched[-1]} by all {CLICKS}")
    return report(
        [
            Figure(f"what-if, a click on {name}, median CPU", median(cpu), "s", goal),
            Figure(f"what-if, a click on {name}, worst wall", max(wall), "s", goal),
            Figure("what-if, a full run, CPU", whole, "s"),
            Figure(
                "what-if, greatest difference to it", max(worst for worst, _ in found), "", 1e-3
            ),
            Figure("what-if, other values that differ", sum(other for _, other in found), "", 0),
        ]
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
