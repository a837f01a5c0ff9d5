"""Closing and moving as a scenario: record, tables and sentences tell the same people."""

from __future__ import annotations

import json

import pytest

from analysis.model.question import Question, SitingRequest
from exports.recipes.moves import (
    MOVES_FILES,
    judge_moves,
    moves_files,
    moves_scenario,
    moves_sentences,
    propose_moves,
)
from tests.exports.toy import speaker, toy_answers


@pytest.mark.parametrize(("sites", "opened"), [(None, 0), (1, 1)])
def test_record_tables_and_sentences_tell_the_same(city, sites, opened):
    """17.5 people are in reach of the two that serve, 7 of them of t1; 30 live elsewhere."""
    answers, question, request = toy_answers(city), Question(), SitingRequest(sites=sites)
    moves = propose_moves(answers, question, "toilet", request, closures=1)
    assert (moves.before, moves.after) == ((17.5, 10.5) if not sites else (17.5, 40.5))
    assert (moves.closed.tolist(), len(moves.opened)) == (["t1"], opened)
    judged = judge_moves(answers, "move", moves_scenario(answers, question, "toilet", moves))
    files = moves_files(answers, judged, moves, request, speaker("en"), closures=1)
    assert list(files) == list(MOVES_FILES)
    found = json.loads(files["run.json"])["parameters"]
    assert (found["objective"], found["bound"], found["status"]) == (
        moves.after, moves.bound, "optimal",
    )  # fmt: skip
    row = judged.headline.set_index("rule").loc["toilet-300"]
    assert row["people_gained"] == pytest.approx(moves.after - moves.before)
    for language in ("zh", "en"):
        first, proven = moves_sentences(
            answers, question, "toilet", moves, speaker(language), closures=1, sites=sites or 0
        )
        assert speaker(language).count(round(moves.after)) in first
        assert "东" in first
        assert {"zh": "已证明", "en": "Proven"}[language] in proven
