"""Sites of saved scenarios are findings, then tasks, and gone when a facility stands there."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from analysis.casework.findings import PROPOSED_SITE
from analysis.casework.tasks import TO_DONE, UNKNOWN, Task
from analysis.model.errors import SampleError
from analysis.model.question import Question, SitingRequest
from analysis.scenarios.changes import Change
from exports.recipes import scenarios as recipe
from exports.recipes.casework.findings import counted, find, finding_files, sentences
from exports.recipes.casework.sites import proposed_sites
from exports.recipes.casework.task_board import finding_statuses, held, read_board
from exports.recipes.casework.tasks import make_tasks, usual_question
from exports.recipes.hotspots import with_usual_period
from exports.recipes.scenarios import Scenario, ScenarioJudge
from exports.recipes.siting import propose_sites, troubles
from store.address import file_address
from store.database import opened
from tests.exports.reading import read_csv
from tests.exports.toy import NOON, TABLES, speaker, toy_answers
from wording.findings import worded_findings


@pytest.fixture
def store(tmp_path):
    with opened(file_address(tmp_path)) as store:
        yield store


@pytest.fixture(scope="module")
def bare(city):
    """The toy city without cases, which sites have nothing to do with."""
    return replace(city, issues=None, fingerprint="bare")


def site_rows(answers, store):
    sites = proposed_sites(store, answers.city)
    found = find(answers, usual_question(answers.city), sites)
    return found, found.table[found.table["kind"] == PROPOSED_SITE]


def built(city, sites):
    """The city with a toilet ten metres beside each of the sites."""
    points = shapely.points([(site.x + 10, site.y) for site in sites.itertuples()])
    new = gpd.GeoDataFrame(
        {"kind": "toilet", "name": "", "status": "open"},
        geometry=points,
        index=pd.Index([f"n{n}" for n in range(len(points))], name="facility_id"),
        crs=city.crs,
    )
    frame = pd.concat([city.facilities, new.reindex(columns=city.facilities.columns)])
    return replace(city, facilities=frame, fingerprint="built")


def test_sites_of_a_plan_are_found_as_the_plan_has_them_until_they_stand(store, bare):
    city = bare
    answers = toy_answers(city)
    plan = propose_sites(answers, Question(), ["toilet"], SitingRequest(sites=2))
    assert len(plan.sites)
    saved = recipe.sites_scenario(plan.sites, city, Scenario())
    recipe.save(store, ScenarioJudge(answers), "plan", saved)
    found, rows = site_rows(answers, store)
    # One number on the siting page, in its files and in the list.
    assert rows["value"].tolist() == plan.sites["people_gained"].tolist()
    assert rows["subject"].unique().tolist() == ["toy/toilet-300"]
    assert rows["community_id"].tolist() == plan.sites["community_id"].tolist()
    assert rows["evidence_row"].tolist() == [f"plan; site {n}" for n in plan.sites["rank"]]
    make_tasks(store, city, rows, Task("", leader="Li"))

    later = toy_answers(built(city, rows.head(1)))
    again, left = site_rows(later, store)
    assert left.index.tolist() == rows.index.tolist()[1:]
    board = read_board(store, city)
    tasks = held(board.tasks, finding_statuses(later, board.tasks, proposed_sites(store, city)))
    proposals = tasks.set_index("finding")["proposal"]
    assert proposals[rows.index[0]] == TO_DONE
    assert set(proposals[rows.index[1:]]) <= {""}
    # Whoever takes the site out of the plan has not built it.
    record, _ = recipe.read_named(store, city, "plan")
    recipe.save(store, ScenarioJudge(answers), "plan", Scenario(), record)
    statuses = finding_statuses(later, board.tasks, proposed_sites(store, city))
    assert set(held(board.tasks, statuses)["proposal"]) == {UNKNOWN}
    assert PROPOSED_SITE not in counted(find(later, usual_question(city)))
    assert counted(again)[PROPOSED_SITE] == len(left)
    assert counted(found)[PROPOSED_SITE] == len(rows)


def test_sites_moved_closed_and_undone_are_read_as_they_end(store, city):
    lon, lat = Transformer.from_crs(city.crs, 4326, always_xy=True).transform(3200.0, 500.0)
    add = Change("add", "toilet", "new", lon, lat)
    changes = {
        "a": (add, replace(add, action="move", x=lon + 0.001)),
        "b": (add, replace(add, action="close")),
        "c": (add, replace(add, action="remove"), Change("close", "toilet", "t0")),
    }
    for name, each in changes.items():
        recipe.save(store, ScenarioJudge(toy_answers(city)), name, Scenario(each))
    (site,) = proposed_sites(store, city)
    assert (site.scenario, site.lon, site.lat) == ("a", lon + 0.001, lat)


def test_whom_a_site_serves_is_not_known_without_residents_and_said_in_words(store, bare):
    city = replace(bare, residents=None, fingerprint="nobody")
    answers = toy_answers(city)
    place = Transformer.from_crs(city.crs, 4326, always_xy=True).transform(3500.0, 500.0)
    hostile = Change("add", "toilet", "=1+1\u2028<b>", *place)
    recipe.save(store, ScenarioJudge(answers), "=cmd|<i>", Scenario((hostile,)))
    found, rows = site_rows(answers, store)
    rows = rows.assign(subject="toilet")  # as of a kind without a rule
    assert rows["value"].isna().all()
    assert len(rows) == 1
    for language in ("zh", "en"):
        translate = speaker(language)
        worded = worded_findings(
            rows, city, answers.standards, kinds=answers.kinds, categories={}, translate=translate
        )
        assert worded["found"].item() == translate("finding.found_site_unknown")
        assert worded["what"].item() == translate.of(city.kinds["toilet"].name)
        assert translate("finding.kind_proposed_site") in " ".join(sentences(found, translate))
    files = finding_files(
        answers, Question(), speaker("en"), sites=proposed_sites(store, city), created=NOON
    )
    written = read_csv(files["findings.csv"], TABLES["findings"].columns)
    assert written["kind"].tolist().count(PROPOSED_SITE) == 1


def test_troubles_near_sites_are_those_of_the_usual_period(city):
    asked = []

    def too_few(question):
        asked.append(question)
        msg = "few"
        raise SampleError(msg, problem="cases_too_few", cases=1, least=30)

    assert troubles(SimpleNamespace(city=city, hot_spots=too_few), Question()) is None
    assert asked == [with_usual_period(Question(), city)]
    assert asked[0].selection.since is not None
