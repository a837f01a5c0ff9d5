"""The figures that a rule can set a minimum for: one row each, with all that tells them apart."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

POPULATION, AREA_M2, RESIDENTIAL_M2 = "population", "area_m2", "residential_m2"
DENSITY_M2 = "density_m2"
"""Land that facilities are counted over: `area_m2`, or the built-up area within it."""
RESIDENTS, WHOLE_LAND, RESIDENTIAL_LAND = "people", "area", "land"
"""What a share within reach is of: residents, land, residential land."""
MISSING, SHORT, WEAK = "missing", "short", "weak"
"""Gaps of a community that fails a rule (`analysis.coverage.shortfall`)."""
FACILITIES = "facilities"
SHORTFALL_UNITS = (FACILITIES, "people", "m2", "capacity", "female_capacity", "accessible")


@dataclass(frozen=True, repr=False)
class Figure:
    """
    A column of the coverage table that is a numerator over a denominator.

    A new figure is a row of `FIGURES`, and where its numerator is new, the function that
    measures it (`analysis.coverage.figures`, `analysis.coverage.provision`).

    Attributes
    ----------
    id
        Column of the coverage table.
    numerator, denominator
        Columns that it is made of; `DENSITY_M2` is land by the rule, and a count has no
        denominator and is its own numerator.
    per
        Units of the denominator that the figure is stated for: 10,000 people, 1e6 m².
    share
        Whether it lies in 0-1 and is written in percent.
    needs_radius
        Whether it is about what lies within a service radius.
    covers
        What of a community it says is within reach: `RESIDENTS`, `WHOLE_LAND`,
        `RESIDENTIAL_LAND` or nothing.
    walkable
        Whether walking distance can judge it; areas and counts need the straight line.
    own_land
        Whether a rule may mean it over its own land (`Rule.land`).
    made_from
        Attributes of `Kind` that name columns of the facilities, each with the column of the
        coverage table that adds them up.
    unknown_adds
        What a facility that does not state those columns may add to the numerator; `None` if
        it leaves the figure undetermined.
    shortfall_unit
        What a community that fails lacks, one of `SHORTFALL_UNITS`.
    gap
        Gap of a community that fails.
    missing_at_zero
        Whether that gap is `MISSING` where the figure is 0.
    """

    id: str
    numerator: str
    denominator: str = ""
    per: float = 1.0
    share: bool = False
    needs_radius: bool = False
    covers: str = ""
    walkable: bool = False
    own_land: bool = False
    made_from: tuple[tuple[str, str], ...] = ()
    unknown_adds: float | None = None
    shortfall_unit: str = FACILITIES
    gap: str = SHORT
    missing_at_zero: bool = False

    def __str__(self) -> str:
        """Give the identifier."""
        return self.id

    __repr__ = __str__

    @property
    def of_land(self) -> bool:
        """Tell whether the denominator is land."""
        return self.denominator in {AREA_M2, RESIDENTIAL_M2, DENSITY_M2}


FIGURES = {
    figure.id: figure
    for figure in (
        Figure(
            "population_covered_share", "population_covered", POPULATION,
            share=True, needs_radius=True, covers=RESIDENTS, walkable=True,
            shortfall_unit="people", gap=MISSING,
        ),
        Figure(
            "area_covered_share", "area_covered_m2", AREA_M2,
            share=True, needs_radius=True, covers=WHOLE_LAND, own_land=True,
            shortfall_unit="m2", gap=MISSING,
        ),
        Figure(
            "residential_covered_share", "residential_covered_m2", RESIDENTIAL_M2,
            share=True, needs_radius=True, covers=RESIDENTIAL_LAND, own_land=True,
            shortfall_unit="m2", gap=MISSING,
        ),
        Figure("density_per_km2", "facilities_inside", DENSITY_M2, per=1e6, own_land=True),
        Figure("per_10k_people", "facilities_inside", POPULATION, per=1e4),
        Figure("facilities_inside", "facilities_inside", missing_at_zero=True),
        Figure("facilities_in_reach", "facilities_in_reach", needs_radius=True, gap=MISSING),
        Figure(
            "capacity_per_10k_people", "capacity_inside", POPULATION, per=1e4,
            made_from=(("capacity", "capacity_inside"),), unknown_adds=inf,
            shortfall_unit="capacity", missing_at_zero=True,
        ),
        Figure(
            "female_male_ratio", "female_inside", "male_inside",
            made_from=(("female", "female_inside"), ("male", "male_inside")),
            shortfall_unit="female_capacity",
        ),
        Figure(
            "accessible_share", "accessible_inside", "facilities_inside",
            share=True, made_from=(("accessible", "accessible_inside"),), unknown_adds=1.0,
            shortfall_unit="accessible", gap=WEAK,
        ),
    )
}  # fmt: skip
"""By identifier, in the order in which messages list them."""


def share_of(covers: str) -> Figure:
    """
    Find the share of what is within reach.

    Parameters
    ----------
    covers
        `RESIDENTS`, `WHOLE_LAND` or `RESIDENTIAL_LAND`.

    Returns
    -------
    figure
        The one that says how much of it is covered.
    """
    return next(figure for figure in FIGURES.values() if figure.covers == covers)
