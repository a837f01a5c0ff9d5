"""Change: what is new, what stays, what grew or fell, and whether the map foretells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.hotspots.scan import REPLICAS
from analysis.issues.months import first_day, last_whole_month
from analysis.model.errors import SampleError
from analysis.model.question import COMPARISONS, SPANS
from analysis.trends.alert_scan import MAX_COMMUNITIES, MAX_WEEKS
from analysis.trends.alerts import FALSE_ALARMS, NO_FEED
from analysis.trends.emerging import EDITION
from analysis.trends.space_time_cube import STEPS
from charts.cases import alert_chart
from maps.trends import month_map, pattern_map, state_map
from views import cache
from views.controls.charts import draw_chart
from views.controls.choice import VIEWS
from views.controls.questions import (
    choose_campaign,
    choose_category,
    choose_cell,
    has_issues,
    refusals,
)
from views.controls.tables import name_column, pick_row, show_row, show_table
from views.controls.widgets import choose_day, fold_method, select, step_through
from views.map.places import cases_of_community, show_cases_of_community
from views.map.workspace import STAY, Mode, draw_workspace
from views.map_widget.widget import canvas
from wording.names import full_names
from wording.numbers import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from typing import Any

    from analysis.trends.emerging import Emerging
    from maps.canvas import Canvas
    from maps.spec import MapSpec
    from views.controls.screen import Screen
    from views.map.workspace import Part
    from wording.speaker import Speaker

ON_CELLS = ("patterns", "month", "prediction")
CHANGES = ("more", "fewer", "not_sure", "no_cases")
ALERTS = ("above", "above_earlier", "below", "below_earlier", "within")
SHOWN = 50
PLACE_WIDTH = 140
MOST_ROWS = 5
"""Rows of the community chosen, at most: it may have many places or weeks."""


def render(screen: Screen) -> None:
    """Draw the mode."""
    if has_issues(screen):
        draw_workspace(screen, _controls, _mode)


def _mode(screen: Screen) -> Mode | None:
    with refusals(screen, "change.refused"):
        return DRAW[screen.choice.view](screen)
    return None


def _controls(screen: Screen) -> None:
    translate, choice, as_of = screen.translate, screen.choice, screen.city.as_of
    select("view", VIEWS, translate("change.view"), naming=lambda view: translate(f"change.{view}"))
    if choice.view == "month":
        with refusals(screen, "change.refused"):
            steps = cache.answers().emerging(screen.question).cube.steps
            step_through("month", steps, translate("change.month_slider"))
    choose_category(screen)
    choose_campaign(screen)
    if choice.view in ON_CELLS:
        first = first_day(last_whole_month(as_of, screen.question.history.until) - STEPS + 1)
        choose_day("since", choice.since or translate.day(first), translate("hotspots.since"))
    choose_day("until", choice.until or translate.day(as_of), translate("hotspots.until"))
    if choice.view in ON_CELLS:
        choose_cell(screen)
    if choice.view in COMPARISONS:
        select(
            "span",
            SPANS,
            translate("change.span"),
            naming=lambda months: translate("change.months", n=months),
        )


def _beside(
    screen: Screen,
    spec: MapSpec,
    sentence: str,
    *,
    title: str,
    table: pd.DataFrame,
    notes: Part,
    chart: Part | None = None,
) -> Mode:
    """Put a map, its table, and the rows of the community chosen into the workspace."""
    name = screen.translate("hotspots.col_place")
    looks = {name: name_column(PLACE_WIDTH)}

    def ranking() -> None:
        st.markdown(f"**{title}**")
        _pick(screen, table, looks)

    def details() -> None:
        chosen = table.loc[table.index == screen.choice.community]
        for _, row in chosen.head(MOST_ROWS).iterrows():
            show_row(row, screen.translate, columns=looks)
        if screen.choice.view in ON_CELLS or chosen.empty:
            show_cases_of_community(screen, screen.question.history)

    return Mode(
        spec,
        sentence,
        ranking,
        details,
        chart=chart,
        row=lambda community: cases_of_community(screen, community, screen.question.history),
        notes=notes,
    )


def _pick(screen: Screen, table: pd.DataFrame, looks: dict[str, Any]) -> None:
    """Show a table whose rows choose their community, where they are of communities."""
    shown = table.head(SHOWN)
    if shown.index.name != "community_id":
        show_table(shown)
        return
    identifiers = shown.index.tolist()
    key = f"change-{screen.choice.view}-{hash(tuple(identifiers))}-{screen.translate.language}"
    pick_row("community", shown, identifiers, key=key, also=STAY, columns=looks)


def _places(rows: pd.DataFrame, screen: Screen) -> list[str]:
    return full_names(rows, screen.city.communities, screen.translate.language)


def _patterns(screen: Screen) -> Mode:
    translate = screen.translate
    found = cache.answers().emerging(screen.question)
    rows, steps = found.places, found.cube.steps
    counts = rows["pattern"].value_counts()
    facts = {"first": steps[0], "last": steps[-1], "n": translate.count(len(rows))}
    listed = translate("paper.between").join(
        translate("change.times", pattern=translate(f"change.{name}"), n=number)
        for name, number in counts.items()
    )
    key = "change.sentence" if len(rows) else "change.sentence_none"
    table = {
        translate("hotspots.col_rank"): rows["rank"],
        translate("change.col_pattern"): [translate(f"change.{name}") for name in rows["pattern"]],
        translate("hotspots.col_place"): _places(rows, screen),
        translate("change.col_last"): rows["cases_last"],
        translate("hotspots.col_cases"): rows["cases"],
        translate("change.col_since"): rows["since"],
        translate("change.col_hot"): [f"{hot} / {len(steps)}" for hot in rows["steps_hot"]],
        translate("change.col_trend"): [
            translate(f"change.trend_{name}") for name in rows["trend"]
        ],
        translate("hotspots.col_category"): rows["top_category"].map(screen.category_name),
    }
    return _beside(
        screen,
        pattern_map(_paper(screen), found),
        translate.markdown(key, **facts, patterns=listed),
        title=translate("change.table_patterns"),
        table=_of_communities(table, rows),
        notes=lambda: _method(screen, found),
    )


def _paper(screen: Screen) -> Canvas:
    return canvas(screen, community=screen.choice.community)


def _of_communities(table: dict[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    """Make a table whose rows know their community."""
    index = rows.get("community_id", rows.index)
    values = {name: list(column) for name, column in table.items()}
    return pd.DataFrame(values, index=pd.Index(index, name="community_id"))


def _method(screen: Screen, found: Emerging) -> None:
    """Caution beside the figures, and the method one click away."""
    translate, cube = screen.translate, found.cube
    cautions = [translate("change.cold")]
    if cube.unseen:
        cautions.append(translate("change.unseen", months=", ".join(cube.unseen)))
    st.caption("  \n".join(cautions))
    fold_method(
        translate,
        translate(
            "change.method",
            cells=translate.count(cube.grid.size),
            cell=translate.metres(cube.grid.cell_size),
            months=len(cube.steps),
            unlocated=translate.count(cube.unlocated),
            outside=translate.count(cube.outside + cube.off_grid),
        ),
        translate("change.edition", edition=EDITION),
    )


def _month(screen: Screen) -> Mode:
    translate = screen.translate
    found = cache.answers().emerging(screen.question)
    steps = found.cube.steps
    month = screen.choice.month if screen.choice.month in steps else steps[-1]
    at = steps.index(month)
    hot = found.classes >= 2  # noqa: PLR2004  q ≤ 0.05
    cases = found.cube.counts
    sentence = translate.markdown(
        "change.sentence_month",
        month=month,
        hot=translate.count(hot[at].sum()),
        cases=translate.count(cases[at].sum()),
        share=translate.share(cases[at][hot[at]].sum() / max(cases[at].sum(), 1)),
    )
    table = {
        translate("lookback.col_month"): steps[::-1],
        translate("hotspots.col_cases"): cases.sum(axis=1)[::-1],
        translate("change.col_cells"): hot.sum(axis=1)[::-1],
        translate("change.col_share"): [
            translate.share(counts[here].sum() / max(counts.sum(), 1))
            for counts, here in zip(cases[::-1], hot[::-1], strict=True)
        ],
    }
    return _beside(
        screen,
        month_map(_paper(screen), found, month),
        sentence,
        title=translate("change.table_months"),
        table=pd.DataFrame(table),
        notes=lambda: _method(screen, found),
    )


def _periods(screen: Screen) -> Mode:
    translate, choice = screen.translate, screen.choice
    found = cache.answers().periods(screen.question, basis=choice.view)
    states, first = found.set_index("community_id")["change"], found.iloc[0]
    sentence = translate.markdown(
        "change.sentence_periods",
        now=f"{first['now_from']} – {first['now_until']}",
        before=f"{first['before_from']} – {first['before_until']}",
        cases=translate.count(found["cases_now"].sum()),
        cases_before=translate.count(found["cases_before"].sum()),
        more=translate.count(states.eq("more").sum()),
        fewer=translate.count(states.eq("fewer").sum()),
        n=translate.count(len(found)),
    )
    rows = found.sort_values("p", kind="stable")
    table = {
        translate("hotspots.col_place"): _places(rows, screen),
        translate("change.col_change"): [translate(f"change.{state}") for state in rows["change"]],
        translate("hotspots.col_cases"): rows["cases_now"].to_numpy(),
        translate("change.col_before"): rows["cases_before"].to_numpy(),
        translate("change.col_ratio"): [_ratio(translate, row) for row in rows.to_dict("records")],
    }
    lines = [
        [f"{translate.count(row['cases_now'])} / {translate.count(row['cases_before'])}"]
        for row in found.to_dict("records")
    ]
    spec = _states(screen, states, CHANGES, lines, translate("change.legend_periods"))
    return _beside(
        screen,
        spec,
        sentence,
        title=translate("change.table_periods"),
        table=_of_communities(table, rows),
        notes=lambda: _say_method(translate, translate("change.method_periods")),
    )


def _say_method(translate: Speaker, *methods: str) -> None:
    st.caption(translate("hotspots.no_report"))
    fold_method(translate, *methods)


def _ratio(translate: Speaker, row: dict[Hashable, Any]) -> str:
    if pd.isna(row["rate_ratio"]):
        return NOTHING
    names = ("rate_ratio", "ratio_low", "ratio_high")
    ratio, low, high = (translate.decimal(row[name], digits=2) for name in names)
    return f"{ratio} ({low}–{high})"


def _states(
    screen: Screen,
    states: pd.Series[str],
    kinds: Sequence[str],
    lines: Sequence[Sequence[str]],
    title: str,
) -> MapSpec:
    return state_map(
        _paper(screen),
        states,
        kinds=kinds,
        lines=lines,
        title=title,
    )


def _weeks(screen: Screen) -> Mode | None:
    translate = screen.translate
    found = cache.answers().alerts(screen.question)
    stopped = found.loc[found["alert"] == NO_FEED, "week"]
    found = found[found["alert"] != NO_FEED]
    if len(stopped):
        facts = {"week": stopped.iloc[0], "n": translate.count(len(stopped))}
        st.warning(translate.markdown("change.feed_stopped", **facts))
    if found.empty:
        return None
    weeks = found["week"].unique().tolist()
    last = found[found["week"] == weeks[0]].set_index("community_id")
    called = found[found["alert"] != "within"]
    sentence = translate.markdown(
        "change.sentence_weeks",
        week=weeks[0],
        now=translate.count((last["alert"] != "within").sum()),
        n=translate.count(len(last)),
        weeks=len(weeks),
        all=translate.count(len(called)),
    )
    lines = _week_lines(translate, last)
    earlier = called.drop_duplicates("community_id").set_index("community_id")["alert"]
    states = last["alert"].where(
        last["alert"] != "within", (earlier + "_earlier").reindex(last.index).fillna("within")
    )
    spec = _states(screen, states, ALERTS, lines, translate("change.legend_weeks"))
    note = translate("change.method_weeks", weeks=round(1 / FALSE_ALARMS))
    return _beside(
        screen,
        spec,
        sentence,
        title=translate("change.table_weeks"),
        table=_of_communities(_week_columns(screen, called), called),
        chart=lambda: _week_chart(screen, found, called),
        notes=lambda: _second_opinion(screen, note),
    )


def _week_lines(translate: Speaker, rows: pd.DataFrame) -> list[list[str]]:
    """Write what the map shows of a week under the pointer."""
    return [
        [
            f"{translate('hotspots.col_cases')} {translate.count(row['cases'])}",
            f"{translate('change.col_range')} {row['range_low']}–{row['range_high']}",
        ]
        for row in rows.to_dict("records")
    ]


def _week_columns(screen: Screen, rows: pd.DataFrame) -> dict[str, Any]:
    """Write weeks of communities beside what was expected."""
    translate = screen.translate
    limits = zip(rows["range_low"], rows["range_high"], strict=True)
    return {
        translate("change.col_week"): rows["week"].to_numpy(),
        translate("hotspots.col_place"): _places(rows, screen),
        translate("change.col_alert"): [translate(f"change.{alert}") for alert in rows["alert"]],
        translate("hotspots.col_cases"): rows["cases"].to_numpy(),
        translate("change.col_expected"): [translate.decimal(value) for value in rows["expected"]],
        translate("change.col_range"): [f"{low}–{high}" for low, high in limits],
    }


def _second_opinion(screen: Screen, note: str) -> None:
    """Say what the space-time scan makes of the last weeks, where it can judge them."""
    translate = screen.translate
    try:
        found = cache.answers().alert_scan(screen.question)
    except SampleError:
        _say_method(translate, note)
        return
    rows = found.clusters
    named = _places(rows, screen)
    lines = [
        translate.markdown(
            "change.second_opinion",
            place=name,
            n=translate.count(row["communities"]),
            weeks=translate.count(row["weeks"]),
            cases=translate.count(row["cases"]),
            expected=translate.decimal(row["expected"]),
        )
        for name, row in zip(named, rows.to_dict("records"), strict=True)
    ]
    st.markdown("  \n".join(lines or [translate("change.second_opinion_none")]))
    facts = {"communities": MAX_COMMUNITIES, "weeks": MAX_WEEKS, "replicas": REPLICAS}
    _say_method(translate, note, translate("change.second_opinion_method", **facts))


def _week_chart(screen: Screen, found: pd.DataFrame, called: pd.DataFrame) -> None:
    """Draw the weeks of the community chosen, else of the one that was called last."""
    chosen = screen.choice.community or next(iter(called["community_id"]), "")
    rows = found[found["community_id"] == chosen]
    if len(rows):
        place = _places(rows.head(1), screen)[0]
        draw_chart(alert_chart(rows, screen.translate, place), screen.translate, key="weeks")


def _prediction(screen: Screen) -> Mode:
    translate = screen.translate
    found = cache.answers().prediction(screen.question)
    emerging = cache.answers().emerging(screen.question)
    steps = emerging.cube.steps
    row = next(each for each in found.to_dict("records") if each["method"] == "gi_05")
    sentence = translate.markdown(
        "change.sentence_prediction",
        month=steps[-1],
        share=translate.share(row["hit_rate_last"]),
        months=int(row["months"]),
        all=translate.share(row["hit_rate"]),
        area=translate.share(row["area_share"]),
        pai=translate.decimal(row["pai"]),
    )
    table = {
        translate("change.col_method"): [
            translate(f"change.{method}") for method in found["method"]
        ],
        translate("change.col_area"): [translate.share(share) for share in found["area_share"]],
        translate("change.col_hits"): [translate.share(share) for share in found["hit_rate"]],
        translate("change.col_pai"): [translate.decimal(value) for value in found["pai"]],
        translate("change.col_hits_last"): [
            translate.share(share) for share in found["hit_rate_last"]
        ],
        translate("change.col_pai_last"): [translate.decimal(value) for value in found["pai_last"]],
        translate("change.col_empty"): found["months_empty"],
    }
    return _beside(
        screen,
        month_map(_paper(screen), emerging, steps[-1]),
        sentence,
        title=translate("change.table_prediction"),
        table=pd.DataFrame(table),
        notes=lambda: fold_method(translate, translate("change.method_prediction")),
    )


DRAW: dict[str, Callable[[Screen], Mode | None]] = {
    "patterns": _patterns,
    "month": _month,
    **dict.fromkeys(COMPARISONS, _periods),
    "weeks": _weeks,
    "prediction": _prediction,
}
