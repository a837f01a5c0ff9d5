"""The map of joint priority: communities by score, the first ones marked by rank."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import shapely

from maps.canvas import MARKS
from maps.colours import SURFACE, Ramp, class_codes
from maps.legend import highest_first, unjudged_rows
from maps.palette import class_styles
from maps.spec import Legend, MapSpec, Mark

if TYPE_CHECKING:
    from analysis.priority import Priority
    from maps.canvas import Canvas
    from wording.speaker import Speaker

SCORE = Ramp(breaks=(0.1, 0.2, 0.3, 0.4, 0.5), colours=SURFACE)
STYLES = class_styles(SCORE.colours, opacity=0.78)


def priority_map(canvas: Canvas, priority: Priority) -> MapSpec:
    """Specify the map of where to act first."""
    city, translate = canvas.city, canvas.translate
    table = priority.table.set_index("community_id")
    score = table["score"].reindex(city.communities.index)
    ranks = table["rank"].reindex(score.index)
    lines = [
        [
            *named,
            translate(
                "priority.tip", score=translate.decimal(value * 100), rank=translate.count(rank)
            ),
        ]
        for named, value, rank in zip(canvas.names(), score, ranks, strict=True)
    ]
    weights = " ".join(f"{part}={share:.4g}" for part, share in priority.weights.items())
    return canvas.map(
        f"priority {weights} {score.sum():.9f}",
        title=translate("page.priority"),
        areas=canvas.communities(STYLES, class_codes(score, SCORE), text=canvas.store.put(lines)),
        marks=_marks(canvas, priority),
        legend=_legend(translate, unjudged=bool(score.isna().any())),
    )


def _marks(canvas: Canvas, priority: Priority) -> tuple[Mark, ...]:
    top = priority.table.head(MARKS)
    shapes = canvas.city.communities.geometry.loc[top["community_id"]].to_numpy()
    x, y = shapely.get_coordinates(shapely.point_on_surface(shapes)).T
    decimal = canvas.translate.decimal
    return canvas.marks(
        top.assign(x=x, y=y), lambda row: f"{row['community']}: {decimal(row['score'] * 100)}"
    )


def _legend(translate: Speaker, *, unjudged: bool) -> Legend:
    borders = (0.0, *SCORE.breaks, 1.0)
    labels = [translate.span(100 * low, 100 * high) for low, high in pairwise(borders)]
    rows = highest_first(STYLES[:-1], labels) + unjudged_rows(translate, present=unjudged)
    return Legend(translate("priority.legend"), rows, note=translate("priority.legend_mark"))
