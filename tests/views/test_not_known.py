"""What a city does not know is no number and no sentence on any page."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT
from tests.views.shown import texts
from tests.whole_town import rows_of_town, varied, write_whole_town
from views.controls.choice import PAGES

DEFAULT = {("home", ("issues", "status"))}
LACKING = [
    ("issues", column) for column in ("status", "due_at", "closed_at", "verified_at", "category")
]
LACKING += [("communities", "population"), ("toilet", "stalls"), ("toilet", "accessible")]
RANKED = {"home", "priority"}
"""Pages of a ranking, which goes on by its other parts and says which cannot be judged."""
OF_REACH = re.compile(
    r"\*\*0 \S+ 0\*\* · |\*\*Add 0, |0 residents have none within |Square 0(, 0\.|\*\*\.)$"
)
"""What a card of Home says of reach, and which places a ranking names: they may change, as it goes
on by its other parts; the numbers of reach never do."""
CASES = [
    (page, lacking)
    for page in PAGES
    if page not in {"export", "sources"}
    for lacking in LACKING
    if not (page in RANKED and lacking[0] == "issues" and lacking != ("issues", "status"))
]


def sentences(folder, page, monkeypatch):
    """Sentences and metrics with their numbers, by the sentence without them."""
    monkeypatch.setenv("CITY", str(folder))
    drawn = AppTest.from_file(str(ROOT / "views" / "server" / "script.py"), default_timeout=120)
    drawn.query_params["page"], drawn.query_params["language"] = page, "en"
    drawn.run()
    assert not drawn.exception
    said = [line for text in texts(drawn) for line in re.split(r"  \n|(?<=[.;]) ", text)]
    said += [f"{each.label}: {each.value}" for each in drawn.metric]
    return {re.sub(r"\d+", "0", line): line for line in said if re.search(r"\d", line)}


@pytest.mark.parametrize(
    ("page", "lacking"),
    [
        pytest.param(
            *each,
            id="-".join((each[0], *each[1])),
            marks=[] if each in DEFAULT else pytest.mark.full,
        )
        for each in CASES
    ],
)
def test_no_page_says_a_number_that_depended_on_what_is_lacking(
    page, lacking, tmp_path, monkeypatch
):
    other = write_whole_town(tmp_path / "other", varied(*lacking))
    less = write_whole_town(tmp_path / "less", rows_of_town(), without=lacking)
    whole = sentences(write_whole_town(tmp_path / "whole"), page, monkeypatch)
    varied_town = sentences(other, page, monkeypatch)
    shown = sentences(less, page, monkeypatch)
    depended = {form for form in whole if form in varied_town and whole[form] != varied_town[form]}
    if page in RANKED and lacking[0] == "issues":
        depended = {form for form in depended if not OF_REACH.match(form)}
    assert {form: shown[form] for form in depended & shown.keys()} == {}
