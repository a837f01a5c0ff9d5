"""A frame that breaks its contract is named, with the value found."""

from __future__ import annotations

import pandas as pd
import pytest
from shapely import Point, Polygon, box

from analysis.model.contracts import (
    ISSUE_COLUMNS,
    TIME_COLUMNS,
    check_communities,
    check_facilities,
    check_issues,
    check_residents,
)
from analysis.model.errors import FrameError
from tests.frames import points, polygons, residents

SQUARE = box(0, 0, 1000, 1000)
BOWTIE = Polygon([(0, 0), (1000, 1000), (1000, 0), (0, 1000)])


def issues():
    frame = pd.DataFrame(columns=list(ISSUE_COLUMNS), index=["a", "b"]).rename_axis("issue_id")
    frame = frame.assign(status="open", x=[1.0, None], y=[1.0, None])
    return frame.astype(dict.fromkeys(TIME_COLUMNS, "datetime64[us, Asia/Shanghai]"))


def test_good_frames_pass():
    check_communities(polygons([SQUARE], population=[10]))
    check_facilities(points([(0, 0)]))
    check_facilities(points([]))
    check_residents(residents([(0, 0, 3)]))
    check_issues(issues())


@pytest.mark.parametrize(
    ("check", "frame", "problem"),
    [
        (check_communities, polygons([BOWTIE]), "geometry_wrong"),
        (check_communities, polygons([Point(0, 0)]), "geometry_wrong"),
        (check_communities, polygons([SQUARE]).drop(columns="parent"), "column_missing"),
        (check_communities, polygons([SQUARE, SQUARE]).rename({"c1": "c0"}), "identifier_twice"),
        (check_communities, polygons([SQUARE]).rename({"c0": 7}), "identifier_text"),
        (check_communities, polygons([SQUARE]).rename_axis("id"), "index_name"),
        (check_communities, polygons([SQUARE], population=[-1]), "number_wrong"),
        (check_facilities, points([(0, 0)], status="broken"), "value_not_allowed"),
        (check_facilities, points([(0, 0)]).set_geometry([SQUARE]), "geometry_wrong"),
        (check_residents, residents([(0, 0, float("nan"))]), "number_wrong"),
        (check_residents, residents([(float("nan"), 0, 1)]), "coordinates_missing"),
        (check_issues, issues().assign(status="lost"), "value_not_allowed"),
        (check_issues, issues().assign(y=[None, 1.0]), "coordinates_missing"),
        (check_issues, issues().assign(due_at=pd.Timestamp("2026-01-01")), "time_zone"),
    ],
)
def test_a_broken_contract_is_named(check, frame, problem):
    if problem == "geometry_wrong" and frame.crs is None:
        frame = frame.set_crs(points([]).crs)
    with pytest.raises(FrameError) as caught:
        check(frame)
    assert caught.value.problem == problem
