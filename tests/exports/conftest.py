"""The toy city, its results and the files made of them."""

from __future__ import annotations

import pytest

from analysis.access.prepared_city import prepare
from analysis.access.residents import locate_residents
from analysis.coverage.assessment import assess
from analysis.coverage.gaps import gap_polygons
from analysis.handling.followup import follow_up_issues
from analysis.handling.recipe import assess_handling
from analysis.hotspots.recipe import find_hot_spots
from analysis.issues.location import locate_cases
from analysis.priority import COMPONENTS, gather_evidence, rank_communities
from analysis.trends.recipe import find_trends
from exports import bundle
from exports.tables.facilities import (
    gaps_by_rule,
)
from tests.exports.toy import (
    STANDARD,
    coverage_bundle,
    hotspot_bundle,
    toy_city,
)
from wording.catalogue import Words, load_words


@pytest.fixture(scope="session")
def city(tmp_path_factory):
    """The toy city, whose one note has words of its own."""
    known = load_words()
    texts = {key: {each: known.template(each, key) for each in ("zh", "en")} for key in known}
    texts["note.toy_rule"] = {"zh": "列 {column} 有误", "en": "column {column} is wrong"}
    words = Words(texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundle, "load_words", lambda: words)
        yield toy_city(tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="session")
def assessment(city):
    ready = prepare(
        city.communities, city.facilities, city.residents, kinds=city.kinds, land=city.land
    )
    return assess(ready, STANDARD)


@pytest.fixture(scope="session")
def gaps(city):
    demand = locate_residents(city.residents, city.communities)

    def find(kind, radius):
        supply = city.facilities[city.facilities["status"] != "closed"]
        return gap_polygons(city.communities, supply, service_radius=radius, demand=demand)

    return gaps_by_rule(STANDARD, city.kinds, find)


@pytest.fixture(scope="session")
def files(city, assessment, gaps):
    return coverage_bundle(city, assessment, gaps)


@pytest.fixture(scope="session")
def hotspot_result(city):
    return find_hot_spots(city.issues, city.communities, as_of=city.as_of, cell_size=100)


@pytest.fixture(scope="session")
def follow_up(city):
    return follow_up_issues(city.issues, city.communities, as_of=city.as_of)


@pytest.fixture(scope="session")
def priority(city, assessment, hotspot_result, follow_up):
    evidence = gather_evidence(
        city.communities,
        assessment,
        issues=city.issues,
        hot=hotspot_result.hot_spots,
        follow_up=follow_up,
        membership=locate_cases(city.issues, city.communities),
        as_of=city.as_of,
    )
    return rank_communities(evidence, city.communities, weights=dict.fromkeys(COMPONENTS, 1.0))


@pytest.fixture(scope="session")
def case_handling(city):
    return assess_handling(
        city.issues,
        city.communities,
        as_of=city.as_of,
        taxonomy=city.taxonomy,
        area_m2=city.communities.area,
    )


@pytest.fixture(scope="session")
def change(city):
    return find_trends(city.issues, city.communities, as_of=city.as_of)


@pytest.fixture(scope="session")
def results(hotspot_result, follow_up, case_handling, priority):
    return hotspot_result, follow_up, case_handling, priority


@pytest.fixture(scope="session")
def made(city, results, change):
    return hotspot_bundle(city, *results, trends=change)
