"""Legends explain what the map shows, with its own styles, and nothing else."""

from __future__ import annotations

import pytest

from layers.knowledge.standards import load_kinds
from layers.languages import LANGUAGES
from maps.facilities import kind_points, kind_rows
from maps.hotspots import density_rows
from maps.legend import coded_rows, highest_first, legend_rows, step_labels, unjudged_rows
from maps.palette import CANNOT_JUDGE_STYLE
from maps.spec import Style
from wording.catalogue import load_words
from wording.speaker import Speaker

WORDS, KINDS = load_words(), load_kinds()
LOW, HIGH = Style(fill="#000001", opacity=0.5), Style(fill="#000002", hatch="#000003")


@pytest.fixture(params=LANGUAGES)
def translate(request):
    return Speaker(WORDS, request.param)


def look(row):
    return row.fill, row.opacity, row.hatch, row.line, row.width, row.dash


def test_a_row_has_the_style_of_its_class():
    rows = legend_rows([LOW, HIGH], ["low", "high"])
    assert [row.label for row in rows] == ["low", "high"]
    assert [look(row) for row in rows] == [
        ("#000001", 0.5, "", "#ffffff", 1.0, ""),
        ("#000002", 0.82, "#000003", "#ffffff", 1.0, ""),
    ]
    assert highest_first([LOW, HIGH], ["low", "high"]) == (rows[1], rows[0])


def test_a_class_without_a_label_is_a_defect():
    with pytest.raises(ValueError, match="zip"):
        legend_rows([LOW, HIGH], ["low"])


def test_codes_are_explained_that_are_on_the_map_in_the_order_of_styles(translate):
    styles = {"fails": LOW, "meets": HIGH, "cannot_judge": CANNOT_JUDGE_STYLE}
    rows = coded_rows(styles, ["meets", "fails", "meets"], translate, "verdict")
    assert [row.label for row in rows] == [translate("verdict.fails"), translate("verdict.meets")]
    assert [row.fill for row in rows] == ["#000001", "#000002"]
    assert coded_rows(styles, [], translate, "verdict") == ()


def test_cannot_judge_is_explained_where_it_is_shown(translate):
    assert unjudged_rows(translate, present=False) == ()
    (row,) = unjudged_rows(translate, present=True)
    assert row.label == translate("coverage.legend_none")
    assert look(row)[:3] == ("#e1e5ea", 1.0, "#8a94a3")


@pytest.mark.parametrize(
    ("steps", "labels"),
    [
        ((1, 5, 20), ["1–4", "5–19", "≥ 20"]),
        ((1, 2, 3), ["1", "2", "≥ 3"]),
        ((7,), ["≥ 7"]),
    ],
)
def test_steps_are_labelled_without_a_gap_or_an_overlap(steps, labels):
    assert step_labels(steps) == labels


@pytest.mark.parametrize("highest", [2160.0, 2010.0, 93.0, 0.7])
def test_every_class_of_a_density_has_a_colour_of_its_own_darkest_first(translate, highest):
    fills = [row.fill for row in density_rows(highest, translate)]
    lights = [sum(int(fill[at : at + 2], 16) for at in (1, 3, 5)) for fill in fills]
    assert lights == sorted(set(lights))


@pytest.mark.parametrize("filtered", [False, True])
def test_facilities_are_drawn_as_the_legend_says(translate, filtered):
    kind = KINDS["toilet"]
    points = kind_points("x", kind, translate, filtered=filtered)
    rows = kind_rows(kind, translate, filtered=filtered)
    assert [row.look for row in rows] == [status.look for status in points.statuses]
    assert {(row.shape, row.fill) for row in rows} == {(points.kinds[0].shape, kind.colour)}
    answer = f"{translate.of(kind.name)}: {translate('asked.status_open')}"
    assert [row.label for row in rows].count(answer) == filtered
    assert [status.label for status in points.statuses].count(answer.split(": ")[1]) == filtered
