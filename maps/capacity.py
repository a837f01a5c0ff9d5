"""The capacity map: communities by access or by people over capacity, and the facilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.coverage.figures import STRAIGHT
from maps.colours import SHARE, SURFACE, Ramp, class_codes, share_labels
from maps.facilities import kind_points, kind_rows
from maps.geometry import points_columns
from maps.legend import legend_rows, unjudged_rows
from maps.palette import class_styles
from maps.spec import Legend, LegendRow, MapSpec
from wording.names import full_name, with_names

if TYPE_CHECKING:
    import geopandas as gpd

    from analysis.coverage.capacity import Capacity
    from analysis.model.standards import Kind
    from maps.canvas import Canvas
    from maps.payloads import MapPayloads
    from wording.speaker import Speaker

TIMES = Ramp(breaks=(0.25, 0.5, 0.75, 1.0, 1.5), colours=SHARE.colours)
"""Access as a multiple of the need."""
OVER = Ramp(breaks=(0.05, 0.2, 0.4, 0.6, 0.8), colours=SURFACE)
"""Share of the residents in reach but over capacity: darker is worse."""


def capacity_map(
    canvas: Canvas, capacity: Capacity, kind: Kind, *, payloads: MapPayloads, score: str
) -> MapSpec:
    """Specify the map of what a kind can serve."""
    translate, rows = canvas.translate, capacity.table
    over = score == "over"
    ramp = OVER if over else TIMES
    need = rows["need_per_1000"].where(rows["need_per_1000"] > 0, 1.0)
    values = rows["over_capacity_share"] if over else rows["access_per_1000"] / need
    first = rows.iloc[0]
    names = ("measure", "service_radius_m", "method", "need_per_1000")
    parts = (kind.id, *(first[name] for name in names), score)
    return canvas.map(
        " ".join(["capacity", *map(str, parts)]),
        title=translate("page.capacity"),
        areas=canvas.communities(
            class_styles(ramp.colours), class_codes(values, ramp), text=payloads.text
        ),
        points=kind_points(payloads.points, kind, translate),
        legend=_legend(rows, kind, translate, over=over, unjudged=bool(values.isna().any())),
    )


def capacity_points(
    facilities: gpd.GeoDataFrame, kind: Kind, translate: Speaker
) -> dict[str, object]:
    """Arrange the facilities of one kind for the map, with what each can serve."""
    own = facilities[facilities["kind"] == kind.id]
    known = own.get(kind.capacity, pd.Series(float("nan"), index=own.index))
    details = [
        [translate("capacity.tip_unknown") if pd.isna(n) else amount(translate, kind, n)]
        for n in known
    ]
    return points_columns(own, kinds=(kind.id,), details=details)


def amount(translate: Speaker, kind: Kind, number: float) -> str:
    """Write a capacity with its unit."""
    return translate(
        "capacity.tip_point", n=translate.count(number), unit=translate.of(kind.capacity_unit)
    )


def capacity_lines(
    rows: pd.DataFrame, communities: gpd.GeoDataFrame, kind: Kind, translate: Speaker
) -> list[list[str]]:
    """Write what the map shows under the pointer."""
    unit = translate.of(kind.capacity_unit)
    return [
        [
            full_name(row["community"], row["parent"]),
            translate(
                "capacity.tip_access",
                n=translate.decimal(row["access_per_1000"], digits=2),
                unit=unit,
            ),
            f"{translate('capacity.col_over')} {translate.count(row['people_over_capacity'])}",
            f"{translate('coverage.col_out')} {translate.count(row['people_out_of_reach'])}",
            f"{translate('coverage.col_unjudged')} {translate.count(row['people_not_judged'])}",
        ]
        for row in with_names(rows, communities, translate.language).to_dict("records")
    ]


def _legend(
    rows: pd.DataFrame, kind: Kind, translate: Speaker, *, over: bool, unjudged: bool
) -> Legend:
    name = translate.of(kind.name)
    classes: tuple[LegendRow, ...] = ()
    if rows["access_per_1000"].isna().all():
        title = translate("capacity.legend_unknown", kind=name)
    elif over:
        title = translate("capacity.legend_over", kind=name)
        classes = legend_rows(class_styles(OVER.colours)[:-1], share_labels(OVER))
    else:
        need = translate.decimal(rows["need_per_1000"].iloc[0], digits=2)
        unit = translate.of(kind.capacity_unit)
        title = translate("capacity.legend_score", kind=name, need=need, unit=unit)
        classes = legend_rows(class_styles(TIMES.colours)[:-1], _times_labels(translate))
    lines = classes + unjudged_rows(translate, present=unjudged) + kind_rows(kind, translate)
    straight = rows["measure"].iloc[0] == STRAIGHT
    return Legend(title, lines, note=translate(f"coverage.{'straight' if straight else 'walking'}"))


def _times_labels(translate: Speaker) -> list[str]:
    borders = [0.0, *TIMES.breaks]
    labels = [translate.span(low, high) for low, high in zip(borders, TIMES.breaks, strict=False)]
    labels[-1] = f"{labels[-1]}  {translate('capacity.legend_need')}"
    return [*labels, f"≥ {translate.number(TIMES.breaks[-1])}"]
