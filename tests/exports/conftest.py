"""The toy city, its results and the files made of them."""

from __future__ import annotations

import pytest

from analysis.access.prepared_city import prepare
from analysis.access.residents import locate_residents
from analysis.coverage.additions import with_additions
from analysis.coverage.assessment import assess
from analysis.coverage.gaps import gap_polygons
from analysis.handling.followup import follow_up_issues
from analysis.handling.recipe import assess_handling
from analysis.hotspots.recipe import find_hot_spots
from analysis.model.question import PRIORITY_PARTS
from analysis.priority import gather_evidence, rank_communities
from analysis.trends.recipe import find_trends
from exports.tables.facilities import (
    gaps_by_rule,
)
from tests.exports.toy import (
    STANDARD,
    coverage_bundle,
    hotspot_bundle,
    toy_answers,
    toy_city,
)
from tests.frames import issues_of


@pytest.fixture(scope="session")
def city(tmp_path_factory):
    """The toy city, whose one note has words of its own."""
    return toy_city(tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="session")
def assessment(city):
    ready = prepare(
        city.communities, city.facilities, city.residents, kinds=city.kinds, land=city.land
    )
    return with_additions(ready, assess(ready, STANDARD))


@pytest.fixture(scope="session")
def gaps(city, assessment):
    demand = locate_residents(city.residents, city.communities)

    def find(kind, radius, *, measure):
        supply = city.facilities[city.facilities["status"] != "closed"]
        return gap_polygons(city.communities, supply, service_radius=radius, demand=demand)

    return gaps_by_rule(assessment, city.kinds, find)


@pytest.fixture(scope="session")
def files(city):
    return coverage_bundle(city)


@pytest.fixture(scope="session")
def hotspot_result(city):
    return find_hot_spots(issues_of(city), cell_size=100)


@pytest.fixture(scope="session")
def follow_up(city):
    return follow_up_issues(issues_of(city))


@pytest.fixture(scope="session")
def priority(city, assessment, hotspot_result, follow_up):
    evidence = gather_evidence(
        city.communities,
        assessment,
        issue_set=issues_of(city),
        places=hotspot_result.places,
        follow_up=follow_up,
    )
    return rank_communities(evidence, city.communities, weights=dict.fromkeys(PRIORITY_PARTS, 1.0))


@pytest.fixture(scope="session")
def case_handling(city):
    return assess_handling(
        issues_of(city),
        taxonomy=city.taxonomy,
        area_m2=city.communities.area,
    )


@pytest.fixture(scope="session")
def change(city):
    return find_trends(issues_of(city), residents=city.residents, facilities=city.facilities)


@pytest.fixture(scope="session")
def made(city):
    return hotspot_bundle(toy_answers(city))
