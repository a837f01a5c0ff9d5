"""A toy city with hostile names, and the bundles made of it."""

from __future__ import annotations

import datetime as dt
import json
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.access.land import Land
from analysis.model.crs import local_crs
from analysis.model.figures import FIGURES
from analysis.model.question import Question
from analysis.model.standards import Kind, Rule, Standard
from analysis.model.taxonomy import Taxonomy
from exports.recipes.coverage import coverage_files
from exports.recipes.hotspots import hotspot_files
from exports.recipes.issue_answers import IssueAnswers
from layers.city import City, LayerReport, Note
from layers.cleaning.row_account import QUARANTINE_COLUMNS
from layers.knowledge.dictionary import load_dictionary
from layers.knowledge.standards import load_kinds
from layers.languages import LANGUAGES, in_every_language
from wording.catalogue import Words, load_words
from wording.speaker import Speaker

TOILETS = in_every_language({"zh": "公厕", "en": "Toilets"})
CRS = local_crs((114.0, 30.0, 114.0, 30.0))

NOON = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)

HOSTILE = '=HYPERLINK("http://example.org","x")'

NAMES = [HOSTILE, "＋钟楼", 'a,b\r\n"c";\ttab', "-2 号"]

TABLES = load_dictionary().tables


def _rule(name, kind, figure, minimum, **more):
    return Rule(
        id=name,
        kind=kind,
        figure=FIGURES[figure],
        minimum=minimum,
        minimum_basis="project",
        title=in_every_language({"zh": f"规则 {name}", "en": f"rule {name}"}),
        clause=dict.fromkeys(LANGUAGES, "@clause"),
        source=dict.fromkeys(LANGUAGES, "a book"),
        confidence="low",
        **more,
    )


STANDARD = Standard(
    id="toy",
    title=in_every_language({"zh": "示例标准", "en": "Toy standard"}),
    publisher="nobody",
    document="none",
    date="2026",
    rules=(
        _rule("toilet-300", "toilet", "population_covered_share", 0.5, service_radius_m=300.0),
        _rule("toilet-area", "toilet", "area_covered_share", 0.1, service_radius_m=300.0),
        _rule("toilet-density", "toilet", "density_per_km2", 1, target_share=0.5),
        _rule("market-500", "market", "population_covered_share", 0.9, service_radius_m=500.0),
    ),
)


def _issues():
    rng = np.random.default_rng(1)
    spread = rng.uniform(0, 1000, size=(300, 2)) * (4, 1)
    heap = rng.normal(500, 40, size=(200, 2))
    xy = np.vstack([spread, heap])
    reported = pd.Timestamp("2026-01-01", tz="Asia/Shanghai") + pd.to_timedelta(
        range(len(xy)), unit="h"
    )
    never = pd.Series(pd.NaT, index=range(len(xy)), dtype="datetime64[us, Asia/Shanghai]")
    return pd.DataFrame(
        {
            "x": xy[:, 0],
            "y": xy[:, 1],
            "category": "@垃圾",
            "reported_at": reported,
            "due_at": never,
            "closed_at": never,
            "verified_at": never,
            "status": "open",
            "unit": "",
            "source": "",
            "text": "",
        },
        index=pd.Index([f"i{n}" for n in range(len(xy))], name="issue_id"),
    )


def _communities():
    squares = [shapely.box(1000 * n, 0, 1000 * (n + 1), 1000) for n in range(4)]
    return gpd.GeoDataFrame(
        {"name": NAMES, "parent": ["@北", "@北", "", "南"]},
        geometry=squares,
        index=pd.Index(["c0", "0001", "c2", "c3"], name="community_id"),
        crs=CRS,
    )


def _facilities():
    return gpd.GeoDataFrame(
        {
            "kind": "toilet",
            "name": ["=1+1", "东", "closed"],
            "status": ["open", "unknown", "closed"],
            "stalls": [4.0, math.nan, 2.0],
        },
        geometry=shapely.points([(500, 500), (1800, 200), (2500, 500)]),
        index=pd.Index(["t0", "t1", "t2"], name="facility_id"),
        crs=CRS,
    )


def _residents():
    xy = [(500, 500, 10.5), (900, 900, 20), (1800, 300, 7), (2500, 500, 30)]
    frame = pd.DataFrame(xy, columns=["x", "y", "population"], dtype=float)
    return frame.rename_axis("resident_id")


def _report():
    notes = (Note("toilet", "quarantined", "toy_rule", 2, ("=a", "row 3"), {"column": "x"}),)
    return LayerReport(
        id="toilet",
        kind="toilet",
        files={"t.csv": "ab" * 32, "u.csv": "cd" * 32},
        source="=cmd|' /C calc'!A0",
        publication_date="2026-01-01",
        licence="CC0",
        url="https://example.org/a",
        remark=in_every_language({"zh": "备注", "en": "a remark"}),
        rows_in=6,
        not_selected=1,
        loaded=3,
        repaired=1,
        quarantined=2,
        notes=notes,
    )


def toy_city(folder):
    quarantine = pd.DataFrame(
        [
            ["toilet", "t.csv", 2, "=a", "toy_rule", "x = 1e9", json.dumps({"a": "界" * 40_000})],
            ["toilet", "t.csv", 3, "", "toy_rule", "", "{}"],
        ],
        columns=list(QUARANTINE_COLUMNS),
    )
    return City(
        id="toy",
        folder=folder,
        name=in_every_language({"zh": "=示例市", "en": "Toy City"}),
        language="zh",
        time_zone="Asia/Shanghai",
        standard="toy",
        crs=CRS,
        scale_error=1e-6,
        as_of=pd.Timestamp("2026-06-30", tz="Asia/Shanghai"),
        communities=_communities(),
        facilities=_facilities(),
        residents=_residents(),
        issues=_issues(),
        streets=None,
        taxonomy=Taxonomy(),
        calendar=None,
        land=Land(),
        zones=None,
        kinds={
            "toilet": Kind(
                "toilet", in_every_language({"zh": "公厕", "en": "Toilets"}), "#112233", "◆"
            )
        },
        absent=("market",),
        reports=(_report(),),
        quarantine=quarantine,
        fingerprint="ef" * 32,
    )


def _words():
    known = load_words()
    texts = {key: {each: known.template(each, key) for each in LANGUAGES} for key in known}
    texts["note.toy_rule"] = in_every_language(
        {"zh": "列 {column} 有误", "en": "column {column} is wrong"}
    )
    return Words(texts)


def speaker(language):
    return Speaker(_words(), language)


def toy_answers(city, standard=STANDARD):
    kinds = {**load_kinds(), **city.kinds}
    return IssueAnswers(city, standards={"toy": standard}, kinds=kinds)


def coverage_bundle(city, *, standard=STANDARD, language="zh", created=NOON):
    answers = toy_answers(city, standard)
    return coverage_files(answers, Question(), speaker(language), created=created)


def hotspot_bundle(answers):
    question = Question(cell=100.0)
    return hotspot_files(answers, question, speaker("en"), created=NOON)
