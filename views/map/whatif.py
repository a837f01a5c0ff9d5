"""What if: facilities added, moved and closed by clicks, beside today; kept as scenarios."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st
from pyproj import Transformer

from analysis.model.errors import PlanningError
from analysis.model.question import Question
from analysis.model.roles import ACTIONS
from analysis.scenarios.changes import (
    ADD,
    CLOSE,
    MOVE,
    OPEN,
    REMOVE,
    Change,
    History,
    apply_changes,
    planned_changes,
)
from analysis.scenarios.comparison import compare_with_today
from exports.formats.archive import packed
from exports.recipes.scenarios import (
    Scenario,
    ScenarioJudge,
    difference_said,
    from_values,
    in_degrees,
    in_metres,
    read_all,
    read_named,
    save,
    scenario_files,
)
from layers.knowledge.dictionary import load_dictionary
from maps.editions import compare_map
from store.versioned import ConflictError
from views import cache
from views.controls.files import offer_file
from views.controls.permits import allowed, ask_author, own_store
from views.controls.questions import (
    choose_kind,
    choose_measure,
    choose_radius,
    choose_rule,
    choose_standard,
    has_kinds,
    measure_notes,
    rule_in_use,
)
from views.controls.tables import name_column, pick_row, show_beside, show_row, show_table
from views.controls.widgets import put
from views.map.workspace import STAY, Mode, draw_workspace
from views.map_widget.shared_store import STORE
from views.map_widget.widget import canvas
from wording.escape import markdown
from wording.names import facility_names, figure_text, with_names
from wording.numbers import NOTHING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.coverage.editions import EditionComparison
    from analysis.model.standards import Rule
    from analysis.scenarios.changes import ChangedFacilities
    from store.database import Store
    from store.versioned import Record
    from views.controls.screen import RuleInUse, Screen
    from wording.speaker import Speaker

TOOLS = (ADD, CLOSE, MOVE)
NEAR_M = 300.0
"""A click means the facility nearest to it, if that is no farther."""
SHOWN = 200
BESIDE = 3
"""Scenarios side by side, as many as the panel takes."""
HISTORY, TOOL, PICKED, SEEN = "whatif", "whatif-tool", "whatif-picked", "whatif-seen"
"""Keys of the session: what was done, what a click does, which facility moves, what was opened."""


def render(screen: Screen) -> None:
    """Draw the mode."""
    if has_kinds(screen):
        draw_workspace(screen, _controls, _mode)


def _history(screen: Screen) -> History:
    city, history = st.session_state.get(HISTORY, ("", History()))
    return history if city == screen.city.id else History()


def _keep(screen: Screen, history: History) -> None:
    st.session_state[HISTORY] = (screen.city.id, history)
    st.session_state.pop(PICKED, None)


def try_changes(screen: Screen, changes: tuple[Change, ...]) -> None:
    """Begin anew with what is proposed, and open the mode."""
    _keep(screen, History(changes))
    st.session_state.pop(SEEN, None)
    put("page", "whatif")


def _question(screen: Screen) -> Question:
    asked = screen.question
    return Question(standard=asked.standard, radii=asked.radii, measures=asked.measures)


def _judge() -> ScenarioJudge:
    return ScenarioJudge(cache.answers())


def _mode(screen: Screen) -> Mode | None:
    translate, choice = screen.translate, screen.choice
    in_use = rule_in_use(screen)
    if in_use is None:
        return None
    rule, done = in_use.rule, _history(screen).done
    mark = hashlib.sha256(repr((in_use.measure, done)).encode()).hexdigest()[:16]
    changed, found = _compared(screen, rule, done)
    spec = compare_map(
        canvas(screen, community=choice.community),
        found.change[found.change["rule"] == rule.id],
        rule,
        edition=f"what if {mark}",
        payloads=cache.comparison_payloads(STORE, rule, found, f"what if {mark}", translate),
        title=translate("page.whatif"),
    )
    rows = found.change[found.change["rule"] == rule.id]
    return Mode(
        spec,
        _sentence(screen, found, in_use),
        ranking=lambda: _ranking(screen, rows, rule, mark),
        details=lambda: _details(screen, rows, rule),
        row=lambda community: _row(screen, rows, rule, community),
        notes=lambda: _notes(screen, changed, in_use),
        click=partial(_clicked, screen, rule.kind),
    )


def _compared(
    screen: Screen, rule: Rule, done: tuple[Change, ...]
) -> tuple[ChangedFacilities, EditionComparison]:
    """Judge what was done; the answer is kept for all sessions."""
    question = _question(screen)

    def make() -> tuple[ChangedFacilities, EditionComparison]:
        judged = _judge().judge("", _as_scenario(screen, done))
        baseline = _judge().baseline(question)
        return judged.changed, compare_with_today(baseline, judged.changed, judged.city, rule.kind)

    result: tuple[ChangedFacilities, EditionComparison] = cache.prepared(
        ("what if", question, rule.kind, done), make
    )
    return result


def _as_scenario(screen: Screen, done: tuple[Change, ...]) -> Scenario:
    question = _question(screen)
    return Scenario(
        changes=in_degrees(done, screen.city),
        standard=question.standard,
        radii=question.radii,
        measures=question.measures,
    )


def _clicked(screen: Screen, kind: str, lon: float, lat: float) -> None:
    """Do what the tool does, where the map was clicked."""
    x, y = Transformer.from_crs("EPSG:4326", screen.city.crs, always_xy=True).transform(lon, lat)
    tool, history = st.session_state.get(TOOL, ADD), _history(screen)
    if tool == ADD:
        _keep(screen, history.with_change(Change(ADD, kind, _free_name(screen, history), x, y)))
        return
    picked = st.session_state.get(PICKED)
    if tool == MOVE and picked:
        _keep(screen, history.with_change(Change(MOVE, kind, picked, x, y)))
        return
    found = _nearest(screen, history, kind, x, y)
    if found is None:
        st.toast(screen.translate("whatif.nothing_near", metres=screen.translate.metres(NEAR_M)))
    elif tool == MOVE:
        st.session_state[PICKED] = found[0]
    else:
        _keep(screen, history.with_change(Change(_closing(screen, *found), kind, found[0])))


def _closing(screen: Screen, name: str, status: str) -> str:
    """Closing what is closed or planned opens it; what the scenario added is taken away."""
    if name not in screen.city.facilities.index:
        return REMOVE
    return CLOSE if status in {"open", "unknown"} else OPEN


def _free_name(screen: Screen, history: History) -> str:
    names = {*screen.city.facilities.index, *(each.facility for each in history.done)}
    return next(name for n in range(1, len(names) + 2) if (name := f"new {n}") not in names)


def _nearest(
    screen: Screen, history: History, kind: str, x: float, y: float
) -> tuple[str, str] | None:
    """Find the facility that a click means, and its status."""
    facilities = apply_changes(screen.city.facilities, history.done).facilities
    facilities = facilities[facilities["kind"] == kind]
    away = np.hypot(facilities.geometry.x - x, facilities.geometry.y - y)
    if not len(away) or not away.min() <= NEAR_M:
        return None
    row = facilities.loc[away.idxmin()]
    return str(row.name), str(row["status"])


def _controls(screen: Screen) -> None:
    translate, history = screen.translate, _history(screen)
    choose_kind(screen)
    choose_standard(screen)
    choose_rule(screen)
    in_use = screen.rule
    if in_use is None:
        return
    if in_use.stated.service_radius_m is not None:
        choose_radius(screen, in_use.stated.service_radius_m)
        choose_measure(screen)
    st.radio(
        translate("whatif.tool"), TOOLS, key=TOOL, format_func=lambda t: translate(f"whatif.{t}")
    )
    if picked := st.session_state.get(PICKED):
        st.caption(translate.markdown("whatif.picked", name=_name(screen, picked)))
    with st.container(horizontal=True):
        for name, after, off in (
            ("undo", history.undo(), not history.done),
            ("redo", history.redo(), not history.undone),
            ("clear", History(), not history.done),
        ):
            label = translate(f"whatif.{name}")
            st.button(label, on_click=_keep, args=(screen, after), disabled=off, key=name)
    planned = planned_changes(screen.city.facilities, [in_use.rule.kind])
    if planned and not history.done:
        label = translate("whatif.planned", count=len(planned))
        st.button(label, on_click=_keep, args=(screen, History(planned)))
    _saving(screen, history)


def _name(screen: Screen, facility: str) -> str:
    names = facility_names(screen.city.facilities, screen.translate.language)
    return str(names.get(facility, facility))


def _saving(screen: Screen, history: History) -> None:
    """Offer the scenarios that are kept, and to keep this one."""
    translate, store = screen.translate, own_store()
    if store is None:
        st.caption(translate("whatif.no_store"))
        return
    records = {each.name: each for each in read_all(store, screen.city)}
    if records:
        name = st.selectbox(translate("whatif.kept"), list(records), index=None)
        if name:
            st.button(translate("whatif.open"), on_click=_open, args=(screen, store, name))
    if not allowed(ACTIONS, "scenarios"):
        st.caption(translate("whatif.not_here"))
        return
    with st.form("whatif-save", border=False):
        seen: Record | None = st.session_state.get(SEEN)
        name = st.text_input(translate("whatif.name"), value=seen.name if seen else "")
        author = ask_author(translate("whatif.author"), key="whatif-author")
        note = st.text_input(translate("whatif.note"))
        if st.form_submit_button(translate("whatif.save"), disabled=not history.done):
            _save(screen, store, name, author, note)


def _open(screen: Screen, store: Store, name: str) -> None:
    record, scenario = read_named(store, screen.city, name)
    _keep(screen, History(in_metres(scenario.changes, screen.city)))
    st.session_state[SEEN] = record


def _save(screen: Screen, store: Store, name: str, author: str, note: str) -> None:
    """Save under a free name, or on the version that was opened; a conflict shows both values."""
    translate, seen = screen.translate, st.session_state.get(SEEN)
    seen = seen if seen and seen.name == name.strip() else None
    scenario = _as_scenario(screen, _history(screen).done)
    try:
        record = save(store, _judge(), name, replace(scenario, author=author, note=note), seen)
    except ConflictError as conflict:
        st.error(translate.markdown_error(conflict))
        values = [
            (
                translate(f"whatif.part_{each.key}"),
                _brief(each.mine, screen),
                _brief(each.theirs, screen),
            )
            for each in conflict.differences
            if each.key in {"author", "note", "changes"}
        ]
        heads = [translate(f"whatif.{each}") for each in ("part", "mine", "theirs")]
        show_table(pd.DataFrame(values, columns=heads))
    except PlanningError as error:
        st.error(translate.markdown_error(error))
    else:
        st.session_state[SEEN] = record
        facts = {"name": record.name, "version": record.version}
        st.success(translate.markdown("scenario.saved", **facts))


def _brief(value: object, screen: Screen) -> str:
    """Write a part of a scenario for a cell: of changes, what is done with what."""
    if not isinstance(value, list):
        return str(value or "")
    language = screen.translate.language
    actions = load_dictionary().tables["scenario_changes"].columns
    (codes,) = (column.codes for column in actions if column.id == "action")
    names = facility_names(screen.city.facilities, language)
    told = [
        f"{codes[each['action']][language][0]} {names.get(each['facility'], each['facility'])}"
        for each in value
    ]
    return screen.translate("missing_rows.between").join(told)


def _sentence(screen: Screen, found: EditionComparison, in_use: RuleInUse) -> str:
    translate, rule = screen.translate, in_use.rule
    if not _history(screen).done:
        return translate.markdown("whatif.nothing", kind=screen.kind_name(rule.kind))
    said = difference_said(found, rule, in_use.measure, translate)
    return "".join(translate.markdown(key, **facts) for key, facts in said)


def _notes(screen: Screen, changed: ChangedFacilities, in_use: RuleInUse) -> None:
    translate = screen.translate
    lines = [*measure_notes(screen, [in_use.rule]), translate("whatif.method")]
    if screen.choice.supply_filter:
        lines.append(translate("asked.all_supply"))
    if changed.missed:
        lines.append(translate("whatif.missed", count=len(changed.missed)))
    st.caption("  \n".join(lines))


def _table(screen: Screen, rows: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    translate = screen.translate
    shown = with_names(rows, screen.city.communities, translate.language)
    return pd.DataFrame(
        {
            translate("coverage.col_name"): shown["community"],
            translate("compare.col_crossed"): [
                translate(f"compare.{code}") for code in shown["crossed"]
            ],
            translate("whatif.col_today"): [
                figure_text(translate, value, rule) for value in shown["value_then"]
            ],
            translate("whatif.col_then"): [
                figure_text(translate, value, rule) for value in shown["value"]
            ],
            translate("compare.col_gained"): shown["people_gained"].round().astype("Int64"),
            translate("compare.col_lost"): shown["people_lost"].round().astype("Int64"),
        }
    )


def _ranking(screen: Screen, rows: pd.DataFrame, rule: Rule, mark: str) -> None:
    """List the communities in which the figure differs, those that gain most first."""
    translate = screen.translate
    same = np.isclose(rows["value"], rows["value_then"], rtol=1e-9, equal_nan=True)
    differing = rows[~same]
    net = differing["people_lost"].fillna(0) - differing["people_gained"].fillna(0)
    shown = differing.assign(net=net).sort_values(["net", "community_id"]).head(SHOWN)
    st.markdown(f"**{markdown(translate('whatif.table'))}**")
    pick_row(
        "community",
        _table(screen, shown, rule),
        shown["community_id"].tolist(),
        key=f"whatif-table-{mark}-{rule.id}-{translate.language}",
        also=STAY,
        columns={translate("coverage.col_name"): name_column()},
    )


def _details(screen: Screen, rows: pd.DataFrame, rule: Rule) -> None:
    if community := screen.choice.community:
        show_row(_row(screen, rows, rule, community), screen.translate)
    else:
        _beside(screen, rule)


def _row(screen: Screen, rows: pd.DataFrame, rule: Rule, community: str) -> pd.Series[Any]:
    return _table(screen, rows[rows["community_id"] == community], rule).iloc[0]


def _beside(screen: Screen, rule: Rule) -> None:
    """Put scenarios that are kept side by side, by the rule chosen, each on the data of today."""
    translate, store = screen.translate, cache.store()
    records = {} if store is None else {each.name: each for each in read_all(store, screen.city)}
    if not records:
        st.caption(translate("whatif.none_kept"))
        return
    names = st.multiselect(
        translate("whatif.beside"),
        list(records),
        default=list(records)[:BESIDE],
        max_selections=BESIDE,
        placeholder=translate("app.choose"),
        key=f"whatif-beside-{translate.language}",
    )
    rows = {name: found for name in names if (found := _headline(screen, records[name], rule))}
    if rows:
        show_beside(
            {name: pd.Series(row) for name, row in rows.items()},
            translate,
        )
    st.caption(translate("whatif.beside_means"))
    if names:
        offer_file(
            "coverage",
            translate("whatif.export"),
            partial(_files, translate, {name: records[name] for name in names}),
            file_name=f"{screen.city.id}-scenarios.zip",
            mime="application/zip",
            key="whatif-files",
        )


def _files(translate: Speaker, records: Mapping[str, Record]) -> bytes:
    """Pack the files of scenarios as the command line writes them, the maps among them."""
    judge = _judge()
    judged = [
        judge.judge(name, from_values(each.body, entry=name)) for name, each in records.items()
    ]
    return packed(scenario_files(judge.answers, judged, translate))


def _headline(screen: Screen, record: Record, rule: Rule) -> dict[str, str]:
    """Give what a scenario comes to by a rule; nothing where its standard has no such rule."""
    translate = screen.translate

    def judge() -> pd.DataFrame:
        return _judge().judge(record.name, from_values(record.body, entry=record.name)).headline

    found = cache.prepared(("scenario", record.id, record.version), judge)
    rows = found[found["rule"] == rule.id].to_dict("records")
    if not rows:
        return {}
    row = rows[0]
    return {
        translate("whatif.col_today"): figure_text(translate, row["value_before"], rule),
        translate("whatif.col_then"): figure_text(translate, row["value"], rule),
        translate("whatif.met_today"): translate.count(row["meets_before"]),
        translate("whatif.met_then"): translate.count(row["meets"]),
        translate("compare.col_gained"): translate.count(row["people_gained"]),
        translate("whatif.part_changes"): translate.count(len(record.body["changes"])),
        translate("whatif.author"): str(record.body["author"] or NOTHING),
    }
