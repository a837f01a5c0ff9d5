"""
The recipe for coverage: what the page, the command line and the tests all call.

`prepare` does once per city what no radius changes; `assess` judges every community
against every rule of a standard. Reach is a straight line: streets, rivers and walls are
ignored. `with_walks` adds the ways along streets; rules on people in reach can then be
judged by walking distance too. Closed and planned facilities are no supply; facilities
outside a community, or outside the city, count for it as soon as they are within the
service radius.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import compress
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.contracts import (
    SUPPLY_STATUS,
    check_communities,
    check_facilities,
    check_polygons,
    check_residents,
    check_same_crs,
)
from analysis.errors import SettingsError
from analysis.land import AREA, BUILT_UP, Ground, Land, cut_to_land
from analysis.people import OUTSIDE, Demand, covered_population, locate_residents
from analysis.provision import (
    ATTRIBUTE_UNKNOWN,
    PROVISION_COLUMNS,
    provision,
    why_no_figure,
)
from analysis.proximity import Vicinity, facilities_inside, nearest_distance
from analysis.reach import Reach, prepare_reach
from analysis.shortfall import SHORTFALL_COLUMNS, TOLERANCE, name_gaps
from analysis.summary import summarise
from analysis.supply import SupplyFilter
from analysis.walking import Walks, prepare_walks, walking_means, walking_reach

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any

    import geopandas as gpd

    from analysis.standards import Rule, Standard
    from analysis.supply import Answers

    Figures = dict[str, Any]
    """Columns of the coverage table: arrays in the order of the communities, or one value."""

MEETS, FAILS, CANNOT_JUDGE = "meets", "fails", "cannot_judge"
STRAIGHT, NETWORK = "straight", "network"
"""Measures of distance: the straight line, and walking along streets."""
COUNTS = (
    *("facilities_inside", "facilities_in_reach", "facilities_idle", "facilities_to_add"),
    *("facilities_unknown", "accessible_inside"),
)
"""Columns of the coverage table that are whole numbers."""
WALKED_FIGURE = "population_covered_share"
"""The figure that walking distance can judge; areas and counts need the straight line."""

COVERAGE_COLUMNS = (
    "community_id",
    "community",
    "parent",
    "kind",
    "standard",
    "rule",
    "measure",
    "service_radius_m",
    "population",
    "population_covered",
    "population_covered_share",
    "area_m2",
    "area_covered_m2",
    "area_covered_share",
    "facilities_inside",
    "facilities_in_reach",
    "nearest_distance_m",
    "density_per_km2",
    "per_10k_people",
    "verdict",
    "reason",
    "figure",
    "value",
    "minimum",
    "minimum_basis",
    "confidence",
    "population_basis",
    "mean_distance_m",
    "detour_ratio",
    "mean_leg_m",
    "population_not_judged",
    "population_without_streets",
    "population_unreachable",
    "denominators",
    "area_basis",
    "residential_m2",
    "residential_covered_m2",
    "residential_covered_share",
    "built_up_m2",
    "density_basis",
    *SHORTFALL_COLUMNS,
    *("value_least", "value_most", "only", "least_class", "at"),
    *PROVISION_COLUMNS,
)


@dataclass(frozen=True)
class Supply:
    """
    What is known of one kind before any radius is chosen.

    Attributes
    ----------
    facilities
        Those that count as supply.
    vicinity
        The same and the communities around them.
    reach
        Prepared exact coverage by area, water taken out.
    homes
        The same of residential land; `None` where there is none.
    distance
        Straight line from every resident row to the nearest, in metres.
    measured
        On the index of the communities: `facilities_inside`, `nearest_distance_m` (from
        a point inside the community), `mean_distance_m` (people-weighted).
    idle
        Facilities of the kind that are there but do not count as supply.
    idle_distance
        As `distance`, to the nearest of those.
    most
        The same with facilities in doubt as supply, and none idle; `None` where there are
        none in doubt.
    """

    facilities: gpd.GeoDataFrame
    vicinity: Vicinity
    reach: Reach | None
    homes: Reach | None
    distance: np.ndarray
    measured: pd.DataFrame
    idle: gpd.GeoDataFrame
    idle_distance: np.ndarray
    most: Supply | None = None


@dataclass(frozen=True)
class Preparation:
    """
    A city made ready for any standard and any radius. Nothing may change it.

    Attributes
    ----------
    communities
        As given.
    ground
        The communities cut to their land.
    population
        People by community; missing where unknown.
    population_basis
        `residents` if people are placed by a residents layer. If only totals per community
        are known, they are taken as spread evenly: over residential land (`residential`)
        where there is a layer and the community has any, else over its area (`area`).
        `none` if neither is known.
    demand
        Residents located in communities, or `None`.
    supply
        By kind; a kind without a layer is not in it.
    walks
        Ways along streets, from `with_walks`; `None` if they were not asked for.
    answers
        What the facilities answer to what was asked of them (`with_filter`); `None` for nothing.
    """

    communities: gpd.GeoDataFrame
    ground: Ground
    population: pd.Series[float]
    population_basis: str
    demand: Demand | None
    supply: Mapping[str, Supply]
    walks: Walks | None = None
    answers: Answers | None = None

    @property
    def area_m2(self) -> pd.Series[float]:
        """Area of each community, water taken out."""
        return self.ground.area_m2


@dataclass(frozen=True)
class Assessment:
    """
    Every community judged against every rule of one standard.

    Attributes
    ----------
    standard
        With the service radii that were used.
    coverage
        One row per community × kind × rule × measure, columns `COVERAGE_COLUMNS`.
    summary
        One row per rule and measure for the city and for each parent, columns
        `analysis.summary.SUMMARY_COLUMNS`.
    answers
        As in `Preparation`.
    """

    standard: Standard
    coverage: pd.DataFrame
    summary: pd.DataFrame
    answers: Answers | None = None

    @property
    def judged(self) -> list[tuple[Rule, str]]:
        """Every rule with every measure it was judged by, in the order of the table."""
        rules = {rule.id: rule for rule in self.standard.rules}
        pairs = self.coverage[["rule", "measure"]].drop_duplicates()
        return [(rules[rule], measure) for rule, measure in pairs.itertuples(index=False)]

    @property
    def scored(self) -> Assessment:
        """Each rule by the first measure it was judged by; rules not judged are left out."""
        first = self.coverage.drop_duplicates("rule").set_index("rule")["measure"]
        chosen = self.coverage["measure"] == self.coverage["rule"].map(first)
        rules = tuple(rule for rule in self.standard.rules if rule.id in first.index)
        return replace(
            self, standard=replace(self.standard, rules=rules), coverage=self.coverage[chosen]
        )

    def rows_of(self, rule: str, measure: str) -> pd.DataFrame:
        """
        Select the rows of the coverage table for one rule and measure.

        Parameters
        ----------
        rule, measure
            Identifier of the rule; `STRAIGHT` or `NETWORK`.

        Returns
        -------
        rows
            In the order of the communities; none if it was not judged so.
        """
        return self.coverage[
            (self.coverage["rule"] == rule) & (self.coverage["measure"] == measure)
        ]


def supply_of(facilities: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    """
    Keep the facilities of one kind that count as supply.

    Parameters
    ----------
    facilities
        Every kind and status.
    kind
        Identifier of the kind.

    Returns
    -------
    supply
        Rows whose status is one of `SUPPLY_STATUS`, in the order given.
    """
    return facilities[(facilities["kind"] == kind) & facilities["status"].isin(SUPPLY_STATUS)]


def prepare(
    communities: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    residents: pd.DataFrame | None,
    *,
    kinds: Collection[str],
    land: Land | None = None,
) -> Preparation:
    """
    Do once per city what no service radius changes.

    Parameters
    ----------
    communities, facilities
        Frames of one city in one metric CRS (`analysis.contracts`).
    residents
        People by place, or `None`: then `population` of the communities is used, spread
        evenly over their area, and the result says so.
    kinds
        The kinds the city has a layer for, even if that layer is empty: an empty layer
        gives a share of 0, a kind not named here gives "cannot judge".
    land
        Water, residential land and built-up area, as far as the city has layers of them.

    Returns
    -------
    preparation
        To be handed to `assess`.

    Raises
    ------
    FrameError
        If a frame breaks its contract or the CRS differ.
    """
    check_communities(communities)
    check_facilities(facilities)
    check_same_crs(communities, facilities)
    demand = None
    if residents is not None:
        check_residents(residents)
        demand = locate_residents(residents, communities)
    land = Land() if land is None else land
    for name, layer in vars(land).items():
        if layer is not None:
            check_polygons(layer, communities, name=name)
    ground = cut_to_land(communities, land)
    population, basis = _population(communities, demand, ground)
    return Preparation(
        communities=communities,
        ground=ground,
        population=population,
        population_basis=basis,
        demand=demand,
        supply={
            kind: _prepare_supply(
                communities,
                ground,
                facilities[facilities["kind"] == kind],
                residents,
                demand,
                supply_of(facilities, kind),
            )
            for kind in kinds
        },
    )


def with_facilities(
    preparation: Preparation,
    facilities: gpd.GeoDataFrame,
    residents: pd.DataFrame | None,
    *,
    kinds: Collection[str],
) -> Preparation:
    """
    Put other facilities into the same city: of another date, of a plan.

    Parameters
    ----------
    preparation
        From `prepare`.
    facilities
        As for `prepare`, in the same CRS.
    residents
        Those given to `prepare`.
    kinds
        The kinds that `facilities` knows; the preparation will know no others.

    Returns
    -------
    preparation
        Communities, people and land as they were; filters and ways along streets are left
        out.

    Raises
    ------
    FrameError
        If the frame breaks its contract or the CRS differ.
    """
    check_facilities(facilities)
    check_same_crs(preparation.communities, facilities)
    supply = {
        kind: _prepare_supply(
            preparation.communities,
            preparation.ground,
            facilities[facilities["kind"] == kind],
            residents,
            preparation.demand,
            supply_of(facilities, kind),
        )
        for kind in kinds
    }
    return replace(preparation, supply=supply, walks=None, answers=None)


def with_filter(
    preparation: Preparation,
    facilities: gpd.GeoDataFrame,
    residents: pd.DataFrame | None,
    answers: Answers,
) -> Preparation:
    """
    Narrow the supply to the facilities that serve the people, and at the hour, meant.

    Parameters
    ----------
    preparation
        From `prepare`, without ways along streets.
    facilities, residents
        Those given to `prepare`.
    answers
        From `analysis.supply.ask`.

    Returns
    -------
    preparation
        A copy. Facilities that answer no are idle. Those that cannot answer are idle too,
        and supply in `Supply.most`.
    """

    def supplied(present: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame) -> Supply:
        ground, demand = preparation.ground, preparation.demand
        return _prepare_supply(
            preparation.communities, ground, present, residents, demand, facilities
        )

    def narrowed(kind: str) -> Supply:
        present = facilities[facilities["kind"] == kind]
        serving = supply_of(present, kind)
        fits = answers.fits[serving.index]
        supply = supplied(present, serving[fits.fillna(value=False)])
        if not fits.isna().any():
            return supply
        most = serving[fits.fillna(value=True)]
        return replace(supply, most=supplied(most, most))

    changed = {kind: narrowed(kind) for kind in preparation.supply if answers.by_kind[kind]}
    return replace(preparation, supply={**preparation.supply, **changed}, answers=answers)


def with_walks(
    preparation: Preparation, residents: pd.DataFrame | None, streets: gpd.GeoDataFrame | None
) -> Preparation:
    """
    Add the ways along streets, which no radius changes either.

    Parameters
    ----------
    preparation
        From `prepare`.
    residents
        Those given to `prepare`.
    streets
        As in `analysis.contracts`, or `None`: then walking distance "cannot judge".

    Returns
    -------
    preparation
        A copy, for `assess` with the measure `NETWORK`.

    Raises
    ------
    CrsError
        If the CRS of the streets is not metric.
    """
    walks = prepare_walks(
        preparation.communities,
        {kind: supply.facilities for kind, supply in preparation.supply.items()},
        residents,
        preparation.demand,
        streets,
        in_doubt={
            kind: supply.most.facilities
            for kind, supply in preparation.supply.items()
            if supply.most is not None
        },
    )
    return replace(preparation, walks=walks)


def assess(
    preparation: Preparation, standard: Standard, *, measures: Sequence[str] = (STRAIGHT,)
) -> Assessment:
    """
    Judge every community against every rule of a standard.

    Parameters
    ----------
    preparation
        The city, from `prepare`.
    standard
        With the radii wanted (`analysis.standards.with_service_radius`).
    measures
        `STRAIGHT`, `NETWORK` or both. Walking distance judges the rules on
        `WALKED_FIGURE` alone and needs a preparation `with_walks`.

    Returns
    -------
    assessment
        Coverage and summary tables. A rule on a kind that the city has no layer for,
        or on people where nobody knows how many, is "cannot_judge", never a number.

    Raises
    ------
    SettingsError
        If no rule of the standard can be judged by these measures.
    ValueError
        If walking distance is asked for without its preparation.
    """
    if NETWORK in measures and preparation.walks is None:
        msg = "`with_walks` must come before walking distances are asked for."
        raise ValueError(msg)
    judged = [
        (rule, _judge(preparation, standard, rule, measure))
        for rule in standard.rules
        for measure in measures_of(rule, measures)
    ]
    if not judged:
        msg = f"{standard.id} has no rule on people in reach, which walking distance needs."
        raise SettingsError(
            msg,
            problem="measure_no_rule",
            hint="Choose another standard, or the straight line.",
            standard=standard.id,
        )
    coverage = pd.concat([rows for _, rows in judged], ignore_index=True)
    return Assessment(standard, coverage, summarise(preparation, judged), preparation.answers)


def measures_of(rule: Rule, measures: Sequence[str] = (STRAIGHT, NETWORK)) -> tuple[str, ...]:
    """
    Tell which measures of distance a rule can be judged by.

    Parameters
    ----------
    rule
        Any rule.
    measures
        Those wanted.

    Returns
    -------
    measures
        `NETWORK` only where the rule is on `WALKED_FIGURE`.
    """
    return tuple(each for each in measures if each != NETWORK or rule.figure == WALKED_FIGURE)


def _population(
    communities: gpd.GeoDataFrame, demand: Demand | None, ground: Ground
) -> tuple[pd.Series[float], str]:
    if demand is not None:
        return demand.population.rename("population"), "residents"
    if "population" in communities.columns:
        basis = "area" if ground.residential is None else "residential"
        return communities["population"].astype(float), basis
    return pd.Series(np.nan, index=communities.index, name="population"), "none"


def _prepare_supply(  # noqa: PLR0917 - the parts of a city
    communities: gpd.GeoDataFrame,
    ground: Ground,
    present: gpd.GeoDataFrame,
    residents: pd.DataFrame | None,
    demand: Demand | None,
    facilities: gpd.GeoDataFrame,
) -> Supply:
    idle = present.drop(facilities.index)
    points = communities.representative_point()
    nearest = nearest_distance(points.x.to_numpy(), points.y.to_numpy(), facilities)
    measured = pd.DataFrame(
        {
            "facilities_inside": facilities_inside(communities, facilities),
            "nearest_distance_m": np.where(np.isfinite(nearest), nearest, np.nan),
            "mean_distance_m": np.nan,
        },
        index=communities.index,
    )
    distance, idle_distance = np.empty(0), np.empty(0)
    if residents is not None and demand is not None:
        x, y = residents["x"].to_numpy(), residents["y"].to_numpy()
        distance, idle_distance = (nearest_distance(x, y, each) for each in (facilities, idle))
        if len(facilities):
            measured["mean_distance_m"] = _mean_distance(demand, distance)
    reach, homes = _reach_of(ground.dry, facilities), _reach_of(ground.residential, facilities)
    vicinity = Vicinity(communities, facilities)
    return Supply(facilities, vicinity, reach, homes, distance, measured, idle, idle_distance)


def _reach_of(parts: gpd.GeoDataFrame | None, facilities: gpd.GeoDataFrame) -> Reach | None:
    return None if parts is None or parts.empty else prepare_reach(parts, facilities)


def covered_m2(reach: Reach | None, service_radius: float, index: pd.Index) -> pd.Series[float]:
    """
    Measure covered land by community, also by those that have none.

    Parameters
    ----------
    reach
        Of the communities that have land; `None` if no community has.
    service_radius
        Metres.
    index
        Of all communities.

    Returns
    -------
    covered
        m², 0 without land.
    """
    if reach is None:
        return pd.Series(0.0, index=index)
    return reach.covered_area(service_radius).reindex(index, fill_value=0.0)


def _mean_distance(demand: Demand, distance: np.ndarray) -> pd.Series[float]:
    inside = demand.membership != OUTSIDE
    total = np.bincount(
        demand.membership[inside],
        weights=(demand.people * distance)[inside],
        minlength=len(demand.communities),
    )
    people = demand.population
    return pd.Series(total, index=demand.communities) / people.where(people > 0)


def density_m2(preparation: Preparation, rule: Rule) -> tuple[pd.Series[float], str]:
    """
    Give the land that a rule counts facilities over.

    Parameters
    ----------
    preparation
        The city.
    rule
        One that means the built-up area gets it where the city has a layer for it.

    Returns
    -------
    area, basis
        m² by community, missing where there is none; `AREA` or `BUILT_UP`.
    """
    built_up = preparation.ground.built_up_m2
    clipped = rule.land == BUILT_UP and bool(built_up.notna().all())
    area = built_up if clipped else preparation.area_m2
    return area.where(area > 0), BUILT_UP if clipped else AREA


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Divide; missing where there is nothing to divide by."""
    return part / np.where(whole > 0, whole, np.nan)


def _densities(figures: Figures, preparation: Preparation, rule: Rule) -> None:
    area, people = density_m2(preparation, rule)[0].to_numpy(), preparation.population.to_numpy()
    figures["density_per_km2"] = figures["facilities_inside"] / area * 1e6
    figures["per_10k_people"] = _ratio(figures["facilities_inside"], people) * 1e4


def _measure(preparation: Preparation, supply: Supply, rule: Rule) -> Figures:
    """Figures of one kind at one radius, in the order of the communities."""
    figures = {str(name): column.to_numpy() for name, column in supply.measured.items()}
    _densities(figures, preparation, rule)
    service_radius = rule.service_radius_m
    if service_radius is None:
        return figures
    _measure_land(figures, preparation, supply, service_radius)
    figures["facilities_in_reach"] = supply.vicinity.counts(service_radius)
    population = preparation.population.to_numpy()
    if preparation.demand is not None:
        figures["population_covered"] = covered_population(
            preparation.demand, supply.distance, service_radius=service_radius
        ).to_numpy()
    elif preparation.population_basis == "none":
        figures["population_covered"] = np.full(len(population), np.nan)
    else:
        homes = figures["residential_covered_share"]
        spread = np.where(np.isnan(homes), figures["area_covered_share"], homes)
        figures["population_covered"] = population * spread
    figures["population_covered_share"] = _ratio(figures["population_covered"], population)
    return figures


def _measure_land(
    figures: Figures, preparation: Preparation, supply: Supply, service_radius: float
) -> None:
    ground, index = preparation.ground, preparation.communities.index
    area = covered_m2(supply.reach, service_radius, index).to_numpy()
    homes = np.full(len(index), np.nan)
    if ground.residential is not None:
        homes = covered_m2(supply.homes, service_radius, index).to_numpy()
    figures["area_covered_m2"], figures["residential_covered_m2"] = area, homes
    figures["area_covered_share"] = _ratio(area, ground.area_m2.to_numpy())
    figures["residential_covered_share"] = _ratio(homes, ground.residential_m2.to_numpy())


def _measure_walks(preparation: Preparation, walks: Walks, rule: Rule) -> Figures:
    """Figures of one kind by walking distance: of people alone, areas have none."""
    measured = preparation.supply[rule.kind].measured
    figures = {"facilities_inside": measured["facilities_inside"].to_numpy()}
    _densities(figures, preparation, rule)
    walk = walks.by_kind.get(rule.kind)
    if walk is None or preparation.demand is None:
        return figures
    radius = rule.service_radius_m or np.nan
    reach = walking_reach(preparation.demand, walk, service_radius=radius)
    known = ["nearest_distance_m", "population_without_streets", "population_unreachable"]
    for part in (reach, walking_means(walk.measured), walk.measured[known]):
        figures |= {str(name): column.to_numpy() for name, column in part.items()}
    population = preparation.population.to_numpy()
    figures["population_covered_share"] = _ratio(figures["population_covered"], population)
    return figures


def _judge(preparation: Preparation, standard: Standard, rule: Rule, measure: str) -> pd.DataFrame:
    """
    Give the rows of the coverage table for one rule and measure.

    Columns stay plain arrays until the end: in a city of a few hundred communities, frames
    would cost more than what is reckoned in them.
    """
    index = preparation.communities.index
    figures: Figures = dict.fromkeys(COVERAGE_COLUMNS, np.full(len(index), np.nan))
    supply = preparation.supply.get(rule.kind)
    walks = preparation.walks if measure == NETWORK else None
    if supply is not None and walks is not None:
        figures |= _measure_walks(preparation, walks, rule)
    elif supply is not None:
        figures |= _with_doubt(preparation, supply, rule)
    figures |= _facts(preparation, standard, rule, measure)
    figures["value"] = figures[rule.figure].astype(float)
    _give_verdict(
        figures,
        rule,
        unknown=_why_not(preparation, supply, walks, rule, figures),
        doubt=_doubt(supply, rule),
    )
    straight = supply if measure == STRAIGHT else None
    figures |= name_gaps(preparation, straight, rule, figures)
    for name in COUNTS:
        figures[name] = pd.array(figures[name], dtype="Int64")
    return pd.DataFrame(figures, index=index)


def _facts(preparation: Preparation, standard: Standard, rule: Rule, measure: str) -> Figures:
    """Columns that no measuring moves; a single value stands in every row."""
    communities, ground = preparation.communities, preparation.ground
    radius = rule.service_radius_m
    part = preparation.answers.by_kind.get(rule.kind) if preparation.answers else None
    return {
        "community_id": communities.index.astype("str"),
        "community": communities["name"].astype("str").array,
        "parent": communities["parent"].astype("str").array,
        "population": preparation.population.to_numpy(),
        "population_basis": preparation.population_basis,
        "area_m2": ground.area_m2.to_numpy(),
        "area_basis": ground.area_basis,
        "residential_m2": ground.residential_m2.to_numpy(),
        "built_up_m2": ground.built_up_m2.to_numpy(),
        "density_basis": density_m2(preparation, rule)[1],
        "denominators": pd.array(_denominators(preparation), dtype="str"),
        "kind": rule.kind,
        "standard": standard.id,
        "rule": rule.id,
        "measure": measure,
        "service_radius_m": np.nan if radius is None else float(radius),
        "figure": rule.figure,
        "minimum": float(rule.minimum),
        "minimum_basis": rule.minimum_basis,
        "confidence": rule.confidence,
        **(part or SupplyFilter()).record(),
    }


def _doubt(supply: Supply | None, rule: Rule) -> str:
    """What a value between the least and the most is in doubt for."""
    if supply is not None and supply.most is not None:
        return "facilities_in_doubt"
    return ATTRIBUTE_UNKNOWN if rule.columns else "too_many_without_streets"


def _with_doubt(preparation: Preparation, supply: Supply, rule: Rule) -> Figures:
    """Figures in a straight line, and how far facilities in doubt may move them."""
    figures = _measure(preparation, supply, rule)
    if rule.columns:
        return figures | provision(preparation, supply, rule)
    if supply.most is None:
        return figures
    most = _measure(preparation, supply.most, rule)
    figures["value_most"] = most[rule.figure]
    if rule.service_radius_m is not None:
        doubt = most["population_covered"] - figures["population_covered"]
        figures["population_not_judged"] = doubt
    return figures


def _give_verdict(figures: Figures, rule: Rule, *, unknown: np.ndarray, doubt: str) -> None:
    """Compare values with the minimum; what is in doubt decides where it could turn it."""
    value: np.ndarray = figures["value"]
    told: np.ndarray = figures["value_most"]
    most = np.where(np.isnan(told), value, told)
    if rule.figure == WALKED_FIGURE:
        not_judged = _ratio(figures["population_not_judged"], figures["population"])
        most = value + np.where(np.isnan(not_judged), 0.0, not_judged)
    figures["value_least"] = value
    figures["value_most"] = np.where(np.isfinite(most), most, np.nan)
    meets, fails = value >= rule.minimum - TOLERANCE, most < rule.minimum - TOLERANCE
    if rule.figure == WALKED_FIGURE:
        fails &= ~_without_streets(figures)
    figures["verdict"] = np.select([meets, fails], [MEETS, FAILS], CANNOT_JUDGE)
    figures["reason"] = np.select(
        [meets, fails, np.isfinite(value)],
        ["at_or_above_minimum", "below_minimum", doubt],
        unknown,
    )
    undecided = figures["reason"] == doubt
    shares = [name for name in figures if name.endswith("_covered_share")]
    for name in ("value", *shares, *((rule.figure,) if rule.columns else ())):
        figures[name] = np.where(undecided, np.nan, figures[name])


def _without_streets(figures: Figures) -> np.ndarray:
    """Find communities all of whose people are without streets, some of them perhaps in reach."""
    without = _ratio(figures["population_without_streets"], figures["population"])
    found: np.ndarray = (np.asarray(figures["population_not_judged"]) > 0) & (
        without >= 1 - TOLERANCE
    )
    return found


def _denominators(preparation: Preparation) -> list[str]:
    """Name what a community's shares can be of: whichever of its measures is above 0."""
    ground = preparation.ground
    wholes = {
        "area": ground.area_m2,
        "residential": ground.residential_m2,
        "people": preparation.population,
    }
    there = np.column_stack([whole.to_numpy() > 0 for whole in wholes.values()])
    return ["; ".join(compress(wholes, each)) for each in there.tolist()]


def _why_not(
    preparation: Preparation,
    supply: Supply | None,
    walks: Walks | None,
    rule: Rule,
    figures: Figures,
) -> np.ndarray:
    population = preparation.population
    unknown = np.where(population.isna(), "population_unknown", "nobody_lives_here").astype(object)
    if supply is None:
        unknown[:] = "no_layer_of_this_kind"
    elif walks is not None and walks.missing:
        unknown[:] = walks.missing
    elif rule.figure == "residential_covered_share":
        missing = preparation.ground.residential is None
        unknown[:] = "no_residential_layer" if missing else "no_such_land_here"
    elif rule.figure in {"area_covered_share", "density_per_km2"}:
        unknown[:] = "no_such_land_here"
    elif rule.figure in {"female_male_ratio", "accessible_share"}:
        unknown = why_no_figure(figures["facilities_unknown"])
    return unknown
