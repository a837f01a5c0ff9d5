"""Results of rechecks: read back row by row, and the share they give by hand."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import html
import shutil

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

import cli
from analysis.handling.followup import follow_up_issues
from analysis.handling.recheck import judge_recheck, with_results
from analysis.handling.sampling import sample_size, stratified_sample
from analysis.model.question import FollowUpRule, Selection
from layers.load import load_city
from tests.conftest import ROOT
from tests.frames import issues_of
from wording.catalogue import load_words
from wording.numbers import last_year

DEMO = ROOT / "data" / "demo"
ENTRY = """
[[layers]]
kind = "lookback_results"
file = "lookback.csv"
columns = { issue_id = "id", result = "result", checked_at = "checked_at" }
source = "inspectors"
"""


def named(values, name="issue_id"):
    index = pd.Index([f"i{at}" for at in range(len(values))], name=name, dtype="str")
    return pd.Series(values, index=index, dtype="str")


def looked(units, results):
    """A worklist of all cases, and what was found of them."""
    due = named(units).rename("unit")
    table = pd.DataFrame({"result": named(results)})
    table["checked_at"] = pd.Series(pd.NaT, index=table.index, dtype="datetime64[us, UTC]")
    return due, with_results(due.to_frame(), table), table


def test_the_share_weighs_units_by_their_cases_due():
    # A: 6 due, 2 of 2 judged came back; B: 2 due, 0 of 1; C: 2 due, none judged
    due = named(["A"] * 6 + ["B"] * 2 + ["C"] * 2).rename("unit")
    worklist = due.iloc[[0, 1, 2, 6, 8]].to_frame()
    results = pd.DataFrame(
        {"result": ["came_back", "came_back", "not_found", "clean", "came_back", ""]},
        index=pd.Index(["i0", "i1", "i2", "i6", "elsewhere", "i8"], name="issue_id"),
    )
    results["checked_at"] = pd.to_datetime("2026-07-03").tz_localize("UTC")
    found = judge_recheck(with_results(worklist, results), due, results)
    assert found.share == pytest.approx((6 * 1 + 2 * 0) / 8)
    assert (found.judged, found.came_back, found.not_found) == (3, 2, 1)
    assert (found.waiting, found.off_list, found.uncovered) == (1, 1, 2)
    assert found.judged + found.not_found + found.waiting == len(worklist)
    assert found.low_share < found.share < found.high_share


def test_all_looked_at_leaves_no_doubt_and_none_no_share():
    due, worklist, results = looked(["A"] * 4, ["clean", "clean", "came_back", "clean"])
    found = judge_recheck(worklist, due, results)
    assert (found.share, found.low_share, found.high_share) == (0.25, 0.25, 0.25)
    due, worklist, results = looked(["A"] * 2, ["", "not_found"])
    assert judge_recheck(worklist, due, results).share is None
    assert judge_recheck(worklist, due, None) is None


def test_limits_hold_the_truth_and_keep_the_margin_asked_for():
    rng = np.random.default_rng(4)
    units = [f"u{at}" for at in rng.integers(0, 8, 600)]
    due = named(units).rename("unit")
    size, held, widths = sample_size(600, margin_share=0.1), 0, []
    for seed in range(200):
        truth = named(np.where(rng.random(600) < 0.3, "came_back", "clean"))
        drawn = stratified_sample(due, size=size, seed=seed)
        results = pd.DataFrame({"result": truth})
        results["checked_at"] = pd.Series(pd.NaT, index=truth.index, dtype="datetime64[us, UTC]")
        found = judge_recheck(with_results(due.loc[drawn].to_frame(), results), due, results)
        held += found.low_share <= truth.eq("came_back").mean() <= found.high_share
        widths.append(found.high_share - found.low_share)
    assert held >= 0.92 * 200
    assert max(widths) <= 2 * 0.105


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """The demo city whose worklist came back: some filled in, some wrong, one from elsewhere."""
    home = tmp_path_factory.mktemp("second")
    done = CliRunner().invoke(cli.app, ["hotspots", str(DEMO), "--out", str(home / "out")])
    assert done.exit_code == 0, done.output
    with (home / "out" / "lookback.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["result"] for row in rows} == {""}
    for at, row in enumerate(rows[:-2]):
        row["result"] = "came_back" if at % 4 == 0 else "clean"
        row["checked_at"] = "2026-07-05"
    rows[0]["result"], rows[1]["result"] = "not_found", "perhaps"
    rows += [dict(rows[2]), {**rows[2], "issue_id": "elsewhere"}]
    folder = home / "demo"
    shutil.copytree(DEMO, folder)
    with (folder / "lookback.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    recipe = (DEMO / "city.toml").read_text("utf-8")
    (folder / "city.toml").write_text(recipe + ENTRY, "utf-8")
    return load_city(folder), rows


def selection_of(city):
    """The last year of the data, which command line and page draw from."""
    first, last = (pd.Timestamp(day) for day in last_year(city.as_of))
    return Selection(since=first, until=last)


def test_every_row_of_the_list_is_accounted_for(filled):
    city, rows = filled
    report = next(each for each in city.reports if each.kind == "lookback_results")
    assert report.rows_in == len(rows)
    assert report.quarantined == 2
    assert {note.rule for note in report.notes if note.outcome == "quarantined"} == {
        "result_unknown",
        "identifier_twice",
    }
    assert len(city.rechecks) == report.loaded == len(rows) - 2
    assert "lookback_results" not in city.absent


def test_results_come_back_to_the_cases_they_are_about(filled):
    city, rows = filled
    year = selection_of(city)
    follow_up = follow_up_issues(issues_of(city), year, results=city.rechecks)
    listed = len(follow_up.worklist)
    found = follow_up.second
    assert found.judged + found.not_found + found.waiting == listed == len(rows) - 2
    assert (found.not_found, found.waiting, found.off_list) == (1, 3, 1)
    assert found.share == pytest.approx(found.came_back / found.judged, abs=0.05)
    given = {row["issue_id"]: row["result"] for row in rows[2:-4]}
    assert follow_up.worklist.loc[list(given), "result"].to_dict() == given
    assert follow_up.worklist.loc[rows[2]["issue_id"], "checked_at"] == "2026-07-05"
    without = follow_up_issues(issues_of(city), year)
    assert without.second is None
    assert without.worklist.index.equals(follow_up.worklist.index)
    assert dataclasses.asdict(found)["off_list"] == 1


def test_the_look_back_page_tells_the_share_and_how_to_give_results(filled, monkeypatch):
    city, _ = filled
    shown = {}
    for folder in (city.folder, DEMO):
        monkeypatch.setenv("CITY", str(folder))
        page = AppTest.from_file(str(ROOT / "views" / "server" / "script.py"), default_timeout=120)
        page.query_params["page"], page.query_params["language"] = "lookback", "en"
        page.run()
        assert not page.exception
        shown[folder] = " ".join(html.unescape(each.value) for each in page.markdown)
    assert "1 result for cases not on this list" in shown[city.folder]
    assert "95% limits" in shown[city.folder]
    assert load_words()("en", "lookback.second_none_yet") in shown[DEMO]


def test_a_public_number_decides_the_draw_and_is_kept_with_it(filled):
    """The seed is worked out here by hand: the first 32 bits of the SHA-256 of the number."""
    issues = issues_of(filled[0])
    drawn = {
        number: follow_up_issues(issues, rule=FollowUpRule(draw=number)).worklist.index
        for number in ("", "2026-06-30", "3117.42")
    }
    assert drawn[""].equals(drawn["2026-06-30"])
    assert not drawn[""].equals(drawn["3117.42"])
    assert len(drawn[""]) == len(drawn["3117.42"])
    found = follow_up_issues(issues, rule=FollowUpRule(draw=" 3117.42 "))
    assert found.worklist.index.equals(drawn["3117.42"])
    assert found.seed == int(hashlib.sha256(b"3117.42").hexdigest()[:8], 16)
