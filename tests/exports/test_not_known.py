"""What a city does not know is no number in any table: each optional column and layer in turn."""

from __future__ import annotations

import io
from functools import cache

import pandas as pd
import pytest

from analysis.casework.findings import RECURRENCE, REPEAT_POINT
from analysis.model.question import MEASURES, Question
from exports.recipes.casework.findings import find
from exports.recipes.coverage import coverage_files
from exports.recipes.hotspots import hotspot_files, with_usual_period
from exports.recipes.issue_answers import IssueAnswers
from layers.load import load_city
from tests.exports.toy import NOON, speaker
from tests.whole_town import OPTIONAL, varied, write_whole_town

KEYS = (
    *("level", "community_id", "name", "unit_id", "rule", "measure", "indicator", "kpi", "kind"),
    *("place_id", "cluster_id", "cell_id", "issue_id", "point_id", "week", "month", "key"),
)
"""Columns that say what a row is about."""
ANY = None
JUDGED = {"reason", "meets", "meets_share", "fails", "short", "weak", "attainment"}
"""Counts, and the least, of what could be judged; what could not is counted beside it."""
RANKED = ("rank", "rank_best", "rank_worst", "score", "score_most")
INSTEAD = {
    ("toilet", "status"): ANY,  # an unknown status is supply, docs/decisions/009
    ("toilet", "opening_hours"): ANY,  # a band: from none to all of them are open
    ("toilet", "stalls"): JUDGED,
    ("toilet", "female_stalls"): JUDGED,
    ("toilet", "male_stalls"): JUDGED,
    ("residents", None): ANY,  # totals of the communities, as `population_basis` says
    ("streets", None): {
        *RANKED,
        "reach_value",
        "reach_scaled",
        "reach_points",
    },  # straight, docs/decisions/059
    # level, and 0 of the streets have heights
    ("streets", "from_height_m"): {"beyond_slow_share", "heights_known_share"},
    ("streets", "to_height_m"): {"beyond_slow_share", "heights_known_share"},
    ("water", None): ANY,  # land with its water
    ("residential", None): {"denominators"},
    ("issues", "due_at"): {*RANKED, "overdue_hits", "overdue_n"},
    ("issues", "closed_at"): {
        *(*RANKED, "relapse_hits", "relapse_n"),
        *("cases", "closed", "left_out"),
    },
    ("issues", "status"): {
        *(*RANKED, "relapse_hits", "relapse_n", "overdue_hits", "overdue_n"),
        *("cases", "closed", "open", "left_out"),
    },
}
"""What stands instead and says so: another basis, a score without a part, counts of none."""


def tables(city):
    """Every CSV file that the command line writes of a city, as text."""
    answers = IssueAnswers(city)
    walked = city.streets is not None and city.residents is not None
    question = Question(measures=MEASURES if walked else MEASURES[:1], at=(2, 21 * 60))
    files = coverage_files(answers, question, speaker("en"), created=NOON)
    if city.issues is not None:
        files |= hotspot_files(answers, Question(cell=200.0), speaker("en"), created=NOON)
    return {
        name: pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False)
        for name, data in files.items()
        if name.endswith(".csv")
    }


def cells_of(city):
    """Every cell of these tables by file, what its row is about, and column."""
    found = {}
    for name, table in tables(city).items():
        keys = [key for key in KEYS if key in table]
        about = pd.Series(["|".join(row) for row in table[keys].to_numpy()], dtype="str")
        number = about.groupby(about).cumcount()
        for column in table:
            for key, n, value in zip(about, number, table[column], strict=True):
                found[name, f"{key}#{n}", column] = value
    return found


STANDARDS = {
    ("toilet", "stalls"): "intl-toilet-stalls",
    ("toilet", "female_stalls"): "cn-toilet-stalls",
    ("toilet", "male_stalls"): "cn-toilet-stalls",
    ("toilet", "accessible"): "cn-toilet-stalls",
}
"""The standard that asks for a column; "cn-life-circle" asks for the others."""


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """Cells of the whole town by the standard that judges it, each made once."""

    @cache
    def by(standard):
        folder = tmp_path_factory.mktemp("whole") / "town"
        return cells_of(load_city(write_whole_town(folder, standard=standard)))

    return by


DEFAULT = {("issues", "status")}
NO_FIGURE = {("communities", "population"), ("toilet", "class")}
"""No table has a figure of these while there are residents, and without a filter by class."""


@pytest.mark.parametrize(
    "lacking",
    [pytest.param(each, marks=[] if each in DEFAULT else pytest.mark.full) for each in OPTIONAL],
    ids=str,
)
def test_no_table_has_a_number_that_depended_on_what_is_lacking(lacking, whole, tmp_path):
    by = STANDARDS.get(lacking, "cn-life-circle")
    whole = whole(by)
    rows = varied(*lacking)
    other = cells_of(load_city(write_whole_town(tmp_path / "other", rows, standard=by)))
    town = write_whole_town(tmp_path / "less", without=lacking, standard=by)
    less = cells_of(load_city(town))
    depended = {key for key, value in whole.items() if key in other and other[key] != value}
    shown = {
        (name, column): less[name, about, column]
        for name, about, column in depended
        if less.get((name, about, column), "") not in {"", "nan", "unknown", "cannot_judge"}
    }
    allowed = INSTEAD.get(lacking, set())
    assert depended or lacking in NO_FIGURE
    assert allowed is ANY or {each for each in shown if each[1] not in allowed} == set()


def test_without_categories_nothing_comes_back_or_repeats(tmp_path):
    town = write_whole_town(tmp_path / "town", without=("issues", "category"))
    answers = IssueAnswers(load_city(town))
    question = with_usual_period(Question(cell=200.0), answers.city)
    follow_up = answers.follow_up(question)
    assert not follow_up.categories_known
    assert follow_up.closings.empty
    assert follow_up.repeats.empty
    assert follow_up.without_category > 0
    assert answers.priority(question).absent["relapse"] == "no_category"
    assert not {REPEAT_POINT, RECURRENCE} & set(find(answers, question).judged)
