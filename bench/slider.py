"""
One step of the radius slider in a city of 202 communities: one rule at a new radius.

Run: python -m bench.slider

The city is prepared, as it is while the page is open; the step gives the table of all
communities and the summary. Median CPU milliseconds of steps through many radii.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import replace

from analysis.access.prepared_city import prepare
from analysis.coverage.assessment import assess
from analysis.model.standards import with_service_radius
from bench.big_city import KINDS, make_frames
from bench.figures import Figure, report
from layers.knowledge.standards import load_standards

STANDARD, RULE = "cn-life-circle", "toilet-5min"
RADII = range(200, 610, 10)
MILLISECONDS = 30.0


def steps():
    """CPU milliseconds of every step, a first one left out."""
    frames = make_frames("S")
    city = prepare(frames["communities"], frames["facilities"], frames["residents"], kinds=KINDS)
    standard = load_standards()[STANDARD]
    rules = tuple(rule for rule in standard.rules if rule.id == RULE)
    standard = replace(standard, rules=rules)
    spent = []
    for radius in RADII:
        begun = time.process_time()
        assess(city, with_service_radius(standard, {rules[0].kind: float(radius)}))
        spent.append((time.process_time() - begun) * 1e3)
    return spent[1:]


def main():
    figure = Figure("one step of the slider", statistics.median(steps()), "ms", MILLISECONDS)
    raise SystemExit(report([figure]))


if __name__ == "__main__":
    main()
