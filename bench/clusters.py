"""
Density clusters against scikit-learn in one run, and of 2 million cases by ours alone.

Run: python -m bench.clusters

Each is measured in a process of its own: CPU seconds, and the greatest memory of the whole
process, data and interpreter included. The cases are those of the benchmark city of size M.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bench.figures import Figure, greatest_memory, report

ROOT = Path(__file__).resolve().parent.parent
DISTANCE, LEAST = 50.0, 30
COMPARED = 200_000
"""Cases that both find clusters of: scikit-learn takes 1.3 GiB for them, 4.7 for twice as many."""
GIB, FASTER = 1.0, 3.0


def ours(xy):
    """Clusters and core cases by ours."""
    from analysis.hotspots.dbscan import density_clusters  # noqa: PLC0415  memory of one alone

    cluster, is_core = density_clusters(xy, distance=DISTANCE, least=LEAST)
    return cluster - 1, is_core


def reference(xy):
    """Clusters and core cases by the reference."""
    from sklearn.cluster import DBSCAN  # noqa: PLC0415  the same

    found = DBSCAN(eps=DISTANCE, min_samples=LEAST).fit(xy)
    is_core = np.zeros(len(xy), dtype=bool)
    is_core[found.core_sample_indices_] = True
    return found.labels_, is_core


WAYS = {"ours": ours, "reference": reference}


def work(way, places, found):
    """In a process of its own: find, write down, tell what it took."""
    xy = np.load(places)
    begun = time.process_time()
    cluster, is_core = WAYS[way](xy)
    seconds = time.process_time() - begun
    peak = greatest_memory()
    np.savez(found, cluster=cluster, is_core=is_core)
    print(json.dumps({"seconds": seconds, "peak": peak}))


def measured(way, xy):
    """CPU seconds, GiB, clusters and core cases of one way."""
    with tempfile.TemporaryDirectory() as folder:
        places, found = Path(folder) / "places.npy", Path(folder) / "found.npz"
        np.save(places, xy)
        command = [sys.executable, "-m", "bench.clusters", way, str(places), str(found)]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        took = json.loads(done.stdout)
        answer = np.load(found)
        return took["seconds"], took["peak"], answer["cluster"], answer["is_core"]


def differences(one, other):
    """Cases that are core cases for one alone, in no cluster for one alone, or joined otherwise."""
    (cluster, is_core), (expected, expected_core) = one, other
    wrong = int((is_core != expected_core).sum() + ((cluster < 0) != (expected < 0)).sum())
    pairs = np.unique(np.stack([cluster[is_core], expected[is_core]]), axis=1)
    return wrong + 2 * pairs.shape[1] - len(np.unique(pairs[0])) - len(np.unique(pairs[1]))


def figures():
    """Measure both."""
    from bench.big_city import make_frames  # noqa: PLC0415  only the parent needs it

    xy = make_frames("M")["issues"][["x", "y"]].to_numpy(dtype=float)
    part = np.random.default_rng(1).choice(xy, COMPARED, replace=False)
    seconds, peak, *found = measured("ours", part)
    slow, large, *expected = measured("reference", part)
    whole, greatest, cluster, _ = measured("ours", xy)
    print(f"{len(xy):,} cases: {cluster.max() + 1:,} clusters, {(cluster < 0).sum():,} in none")
    size = f"{COMPARED:,} cases"
    return [
        Figure(f"density clusters of {size}, ours", seconds, "s"),
        Figure(f"density clusters of {size}, scikit-learn", slow, "s"),
        Figure("scikit-learn / ours, CPU", slow / seconds, "x", FASTER, at_least=True),
        Figure(f"greatest memory, {size}, ours", peak, "GiB"),
        Figure(f"greatest memory, {size}, scikit-learn", large, "GiB"),
        Figure("core cases, clusters or none that differ", differences(found, expected), "", 0),
        Figure("density clusters of 2 M cases, ours", whole, "s"),
        Figure("greatest memory, 2 M cases, ours", greatest, "GiB", GIB),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("way", nargs="?", choices=WAYS)
    parser.add_argument("files", nargs="*")
    given = parser.parse_args()
    if given.way:
        work(given.way, *given.files)
        return 0
    return report(figures())


if __name__ == "__main__":
    raise SystemExit(main())
