"""The map of joint priority: communities by score, the first ones marked by rank."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import shapely

from views.maps.colours import SURFACE, Ramp, class_codes
from views.maps.frame import city_map, names, numbered, row_of
from views.maps.spec import (
    CANNOT_JUDGE_STYLE,
    Legend,
    MapSpec,
    Mark,
    Polygons,
    Tiles,
    class_styles,
    legend_rows,
)
from views.naming import with_names
from views.numbers import decimal

if TYPE_CHECKING:
    from analysis.priority import Priority
    from layers.city import City
    from views.maps.store import GeoStore
    from views.screen import Speaker

SCORE = Ramp(breaks=(0.1, 0.2, 0.3, 0.4, 0.5), colours=SURFACE)
STYLES = class_styles(SCORE.colours, opacity=0.78)
MARKS = 10


def priority_map(
    city: City,
    priority: Priority,
    *,
    say: Speaker,
    store: GeoStore,
    areas: str,
    community: str = "",
    tiles: Tiles | None = None,
) -> MapSpec:
    """
    Specify the map of where to act first.

    Parameters
    ----------
    city
        The city on the map.
    priority
        From `analysis.priority.rank_communities`.
    say
        Speaks the reader's language.
    store
        Where the contents go.
    areas
        URL in the store of `views.maps.coverage.areas_content`.
    community
        The community that stands out, or empty.
    tiles
        Optional background.

    Returns
    -------
    spec
        Communities without any part that can be judged are hatched.
    """
    table = priority.table.set_index("community_id")
    score = table["score"].reindex(city.communities.index)
    ranks = table["rank"].reindex(score.index)
    lines = [
        [*named, say("priority.tip", score=decimal(value * 100), rank=_rank(rank))]
        for named, value, rank in zip(names(city, say), score, ranks, strict=True)
    ]
    weights = " ".join(f"{part}={share:.4g}" for part, share in priority.weights.items())
    return city_map(
        city,
        f"priority {weights} {score.sum():.9f} {community}",
        title=say("page.priority"),
        say=say,
        community=community,
        areas=Polygons(
            url=areas,
            styles=STYLES,
            classes=class_codes(score, SCORE),
            text=store.put(lines),
            selected=row_of(city, community),
        ),
        marks=_marks(city, priority, say),
        legend=_legend(say, unjudged=bool(score.isna().any())),
        tiles=tiles,
    )


def _rank(rank: float) -> str:
    return "—" if rank != rank else f"{rank:.0f}"  # noqa: PLR0124  only NaN differs from itself


def _marks(city: City, priority: Priority, say: Speaker) -> tuple[Mark, ...]:
    top = with_names(priority.table.head(MARKS), city.communities, say.language)
    shapes = city.communities.geometry.loc[top["community_id"]].to_numpy()
    points = shapely.get_coordinates(shapely.point_on_surface(shapes))
    titles = [f"{row['community']}: {decimal(row['score'] * 100)}" for _, row in top.iterrows()]
    return numbered(top.assign(x=points[:, 0], y=points[:, 1]), titles, crs=city.crs)


def _legend(say: Speaker, *, unjudged: bool) -> Legend:
    borders = (0.0, *SCORE.breaks, 1.0)
    labels = [f"{100 * low:g}–{100 * high:g}" for low, high in pairwise(borders)]
    rows = legend_rows(STYLES[:-1][::-1], labels[::-1])
    if unjudged:
        rows += legend_rows([CANNOT_JUDGE_STYLE], [say("coverage.legend_none")])
    return Legend(say("priority.legend"), rows, note=say("priority.legend_mark"))
