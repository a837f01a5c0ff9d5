"""
The scan statistic on a large city, and against a plain loop on a small one.

Run: python -m bench.scan
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from analysis.hotspots.scan import MAX_CELLS, MAX_RADIUS_M, REPLICAS, scan
from bench.figures import Figure, report

CELL_M = 150.0
LARGE, CASES = (200, 200), 2_000_000
SMALL, SMALL_CASES, SMALL_REPLICAS = (40, 50), 100_000, 1
LIMIT_S, LEAST_RATIO = 60.0, 20.0


def town(shape, cases):
    """Cells in a rectangle with uneven residents, and cases dealt to them."""
    rng = np.random.default_rng(1)
    row, col = np.divmod(np.arange(shape[0] * shape[1]), shape[1])
    xy = pd.DataFrame({"x": col * CELL_M, "y": row * CELL_M})
    people = rng.gamma(4.0, 25.0, len(xy))
    counts = pd.Series(rng.multinomial(cases, people / people.sum()))
    return counts, pd.Series(people), xy


def plain_greatest(counts, people, xy):
    """Greatest log ratio of one map, window by window."""
    total, places = counts.sum(), xy.to_numpy()
    due, best = people.to_numpy() * total / people.sum(), 0.0
    found = counts.to_numpy()
    for centre in places:
        away = np.hypot(*(places - centre).T)
        for radius in np.unique(away.round(3)):
            inside = away <= radius + 1e-3
            if inside.sum() > MAX_CELLS or radius > MAX_RADIUS_M:
                break
            c, e = found[inside].sum(), due[inside].sum()
            if c > e and e <= total / 2:
                ratio = c * np.log(c / e) + (total - c) * np.log((total - c) / (total - e))
                best = max(best, ratio)
    return best


def seconds(work):
    start = time.process_time()
    work()
    return time.process_time() - start


def main():
    large = seconds(lambda: scan(*town(LARGE, CASES)))
    small = town(SMALL, SMALL_CASES)
    fast = seconds(lambda: scan(*small)) / (REPLICAS + 1)
    plain = seconds(lambda: plain_greatest(*small))
    ellipses = seconds(lambda: scan(*small, ellipses=True))
    return report(
        [
            Figure("40,000 cells, 2 million cases, 999 replicas", large, "s", LIMIT_S),
            Figure("2,000 cells, one map", fast * 1000, "ms"),
            Figure("2,000 cells, one map, plain loop", plain * 1000, "ms"),
            Figure("2,000 cells, 999 replicas, ellipses too", ellipses, "s"),
            Figure("plain loop / scan", plain / fast, "x", LEAST_RATIO, at_least=True),
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())
