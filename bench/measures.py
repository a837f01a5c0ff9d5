"""
Catchments, closures, residential shares and zones, each against what one would write first.

Run: python -m bench.measures [--communities N]

CPU seconds of one run, on one city; every pair gives the same figures.
"""

from __future__ import annotations

import argparse

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from access import fca

from analysis.access.land import within
from analysis.access.prepared_city import prepare, supply_of
from analysis.access.proximity import nearest_distance
from analysis.coverage.catchment import EQUAL, pairs_within, share_capacity
from analysis.coverage.closures import sole_reach
from analysis.coverage.zones import compare_zones
from analysis.geometry.disc_cover import prepare_disc_cover
from bench.big_city import KINDS, make_frames
from bench.figures import Figure, cpu_seconds, report
from layers.knowledge.standards import load_standards

KIND, RADIUS = "toilet", 500.0
STANDARD = "cn-life-circle"
HALF_BLOCK = 45.0
"""Metres; a place of residents stands for a block of that half side."""


def pair(name, peer, *, theirs, ours, apart):
    """Figures of one comparison: both CPU times, their ratio, how far the results lie apart."""
    return [
        Figure(f"{name}: {peer}", theirs, "s CPU"),
        Figure(f"{name}: ours", ours, "s CPU"),
        Figure(f"{name}: {peer} / ours", theirs / ours, "x", 1, at_least=True),
        Figure(f"{name}: greatest difference", apart),
    ]


def catchments(residents, supply):
    """Two-step floating catchments against the package `access`, which is given the pairs."""
    places = residents[["x", "y"]].to_numpy()
    points = shapely.get_coordinates(supply.geometry.to_numpy())
    people = residents["population"].to_numpy()
    stalls = np.random.default_rng(3).integers(1, 12, len(points))
    pairs = pairs_within(places, points, service_radius=RADIUS)
    seconds, ours = cpu_seconds(
        lambda: share_capacity(pairs, people, stalls, service_radius=RADIUS, method=EQUAL)
    )
    cost = pd.DataFrame({"origin": pairs.place, "dest": pairs.facility, "cost": pairs.distance_m})
    demand = pd.DataFrame({"demand": people}, index=range(len(people))).rename_axis("geoid")
    offer = pd.DataFrame({"supply": stalls}, index=range(len(stalls))).rename_axis("geoid")
    peer, theirs = cpu_seconds(
        lambda: fca.two_stage_fca(
            demand, offer, cost, max_cost=RADIUS, demand_index=True, supply_index=True
        )
    )
    theirs = theirs.reindex(range(len(people)), fill_value=0.0).fillna(0.0)
    apart = np.abs(ours.access - theirs.to_numpy()).max()
    return pair("catchments", "access", theirs=peer, ours=seconds, apart=apart)


def closures(residents, city):
    """People who depend on one facility, against closing every facility in turn."""
    supply, demand = city.supply[KIND], city.demand
    seconds, alone = cpu_seconds(lambda: sole_reach(demand, supply, service_radius=RADIUS))
    lost = np.zeros(len(supply.facilities))
    np.add.at(lost, alone["facility"].astype(int), alone["people"])
    people = demand.people * (demand.membership >= 0)

    def in_turn():
        served = people[supply.distance <= RADIUS].sum()
        for at in range(len(lost)):
            left = supply.facilities.drop(supply.facilities.index[at])
            distance = nearest_distance(residents["x"], residents["y"], left)
            yield served - people[distance <= RADIUS].sum()

    peer, theirs = cpu_seconds(lambda: np.array(list(in_turn())))
    return pair(
        "closures", "one by one", theirs=peer, ours=seconds, apart=np.abs(theirs - lost).max()
    )


def overlaid(parts, supply):
    """Covered share by the plain recipe."""
    reach = gpd.GeoDataFrame(geometry=[supply.buffer(RADIUS).union_all()], crs=parts.crs)
    covered = parts[["geometry"]].reset_index().overlay(reach, how="intersection")
    area = covered.dissolve(by="community_id").area
    return (area / parts.area).reindex(parts.index).fillna(0.0)


def blocks_of(residents, communities):
    """Residential land: blocks around places of residents, by community."""
    x, y = residents["x"].to_numpy(), residents["y"].to_numpy()
    squares = shapely.box(x - HALF_BLOCK, y - HALF_BLOCK, x + HALF_BLOCK, y + HALF_BLOCK)
    return within(communities, gpd.GeoDataFrame(geometry=squares, crs=communities.crs))


def residential(residents, communities, supply):
    """Covered share of residential land, against the plain recipe on the same land."""
    parts = blocks_of(residents, communities)
    peer, theirs = cpu_seconds(lambda: overlaid(parts, supply))

    def shares():
        reach = prepare_disc_cover(parts, supply)
        return reach.covered_area(RADIUS) / reach.area

    seconds, ours = cpu_seconds(shares)
    apart = np.abs(ours - theirs).max()
    return pair("residential shares", "plain recipe", theirs=peer, ours=seconds, apart=apart)


def zones(communities, supply, city):
    """Covered share of two zones, against the plain recipe on the communities cut to them."""
    west, south, east, north = communities.total_bounds
    middle = (west + east) / 2
    halves = [shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)]
    two = gpd.GeoDataFrame(
        {"name": ["a", "b"]}, geometry=halves, crs=communities.crs, index=["a", "b"]
    ).rename_axis("zone_id")
    standard = load_standards()[STANDARD]
    seconds, found = cpu_seconds(lambda: compare_zones(city, two, standard))
    rule = next(rule for rule in standard.rules if rule.kind == KIND)
    rows = found[(found["rule"] == rule.id) & (found["part"] == "inside")]

    def shares():
        for half in halves:
            cut = communities[["geometry"]].clip(half)
            radius = supply.buffer(rule.service_radius_m).union_all()
            yield cut.intersection(radius).area.sum() / cut.area.sum()

    peer, theirs = cpu_seconds(lambda: np.array(list(shares())))
    seconds *= 1 / len(standard.rules)
    apart = np.abs(rows["area_covered_share"].to_numpy(dtype=float) - theirs).max()
    return pair("zones, a rule", "plain recipe", theirs=peer, ours=seconds, apart=apart)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--communities", type=int, default=500)
    frames = make_frames(parser.parse_args().communities)
    communities, residents = frames["communities"], frames["residents"]
    supply = supply_of(frames["facilities"], KIND)
    city = prepare(communities, frames["facilities"], residents, kinds=KINDS)
    figures = [
        *catchments(residents, supply),
        *closures(residents, city),
        *residential(residents, communities, supply),
        *zones(communities, supply, city),
    ]
    print(f"{len(communities):,} communities, {len(residents):,} places, {len(supply):,} {KIND}s")
    raise SystemExit(report(figures))


if __name__ == "__main__":
    main()
