"""The scorecard: every community against every rule, and what another standard changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from analysis.coverage.scorecard import flips, kind_verdicts, rule_prefix, scorecard
from charts.coverage import scorecard_chart
from views import cache
from views.controls import supply_filter
from views.controls.charts import draw_chart
from views.controls.city_question import measures_chosen
from views.controls.questions import choose_measure, choose_standard, measure_notes
from views.controls.siting_question import found_together
from views.controls.tables import name_column, show_table
from views.controls.widgets import select, switch
from views.controls.zones import draw_zone, narrowed, offer_zones
from wording.escape import markdown
from wording.levels import parent_title
from wording.names import distinct_names, lacking_text, with_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analysis.coverage.assessment import Assessment
    from analysis.model.standards import Rule
    from views.controls.screen import Screen
    from wording.speaker import Speaker

SHOWN = 100
CELL = ("verdict", "value", "margin", "gap_type", "value_most")
"""Columns of a rule that a cell tells."""
MARKS = {"meets": "✓", "fails": "✗", "cannot_judge": "?"}


def render(screen: Screen) -> None:
    """Draw the page."""
    translate, choice = screen.translate, screen.choice
    with st.sidebar:
        _controls(screen)
    standard = screen.standards[choice.standard]
    result = cache.assessment(
        standard, chosen=measures_chosen(choice), supply_filter=choice.supply_filter
    )
    st.markdown(translate.markdown("scorecard.lead", standard=translate.of(standard.title)))
    supply_filter.notes(screen, [rule.kind for rule in standard.rules])
    for note in measure_notes(screen, standard.rules):
        st.caption(note)
    draw_zone(screen)
    _totals(screen, result)
    _matrix(screen, result)
    _comparison(screen, result)


def _controls(screen: Screen) -> None:
    translate, communities = screen.translate, screen.city.communities
    choose_standard(screen)
    choose_measure(screen)
    shown = with_names(communities, communities, translate.language)["parent"]
    names = dict(zip(communities["parent"], shown, strict=True))
    select(
        "parent",
        ["", *sorted(set(names) - {""})],
        markdown(parent_title(screen.city, translate)),
        naming=lambda key: names[key] if key else translate("scorecard.whole"),
    )
    offer_zones(screen)


def _totals(screen: Screen, result: Assessment) -> None:
    parent = screen.choice.parent
    level = "parent" if parent else "city"
    summary = result.summary
    rows = summary[(summary["level"] == level) & (summary["name"] == parent)]
    if screen.choice.zone:  # the totals are not narrowed to it, so they say what they are of
        st.subheader(markdown(_unit_name(screen)), anchor=False)
    pairs = zip(result.standard.rules, rows.iterrows(), strict=True)
    reasons = result.coverage.groupby("rule")["reason"].unique()
    lines = [_total(screen, rule, row, reasons[rule.id]) for rule, (_, row) in pairs]
    st.markdown("\n".join(f"* {line}" for line in lines))
    st.caption(screen.translate("gap.meaning"))


def _unit_name(screen: Screen) -> str:
    """Name of the part of the city chosen, or words for all of it."""
    communities, parent = screen.city.communities, screen.choice.parent
    if not parent:
        return screen.translate("scorecard.whole")
    first = communities[communities["parent"] == parent].head(1)
    return str(with_names(first, communities, screen.translate.language)["parent"].iloc[0])


def _total(screen: Screen, rule: Rule, row: pd.Series, reasons: Iterable[str]) -> str:
    translate = screen.translate
    if row["cannot_judge"] == row["communities"]:
        why = translate("asked.and").join(translate(f"reason.{reason}") for reason in reasons)
        return translate.markdown(
            "scorecard.none_judged", rule=translate.of(rule.title), reasons=why
        )
    facts = {"rule": translate.of(rule.title), "meets": translate.count(row["meets"])}
    parts = [translate.markdown("scorecard.total", n=translate.count(row["communities"]), **facts)]
    share = translate.share(row["meets_share"])
    if rule.target_share is None:
        parts.append(translate.markdown("scorecard.no_target", share=share))
    else:
        verdict = translate(f"verdict.{row['verdict']}")
        target = translate.share(rule.target_share, digits=0)
        parts.append(
            translate.markdown("scorecard.target", share=share, target=target, verdict=verdict)
        )
    if row["meets"] < row["communities"]:
        gaps = {name: translate.count(row[name]) for name in ("missing", "short", "weak")}
        unknown = translate.count(row["cannot_judge"])
        parts.append(translate.markdown("scorecard.causes", unknown=unknown, **gaps))
    if row["shortfall"] > 0:
        # A radius chosen elsewhere is none of this page; nor is the whole city a part of it.
        whole = row["level"] == "city" and not screen.question.radii
        found = found_together(screen, rule.id) if whole else None
        count = None if found is None or found.unmet else len(found.answer.sites)
        lacking = lacking_text(translate, row, screen.kinds[rule.kind], together=count)
        parts.append(translate.markdown("scorecard.lacks", lacking=lacking))
    return "".join(parts)


def _matrix(screen: Screen, result: Assessment) -> None:
    translate = screen.translate
    rows = scorecard(result.standard, result.coverage)
    if screen.choice.parent:
        rows = rows[rows["parent"] == screen.choice.parent]
    rows = narrowed(screen, rows)
    first = with_names(rows.head(SHOWN), screen.city.communities, translate.language)
    distinct = distinct_names(first["community"].tolist(), first["parent"].tolist())
    names = dict(zip(first["community_id"], distinct, strict=True))
    if len(rows):
        chart = scorecard_chart(result.standard, rows, translate, names)
        draw_chart(chart, translate, key="scorecard")
    table = pd.DataFrame(
        {
            translate("coverage.col_name"): first["community"],
            translate("scorecard.col_fails"): first["fails"].astype("int32"),
        }
    )
    for rule in result.standard.rules:
        own = first[[f"{rule_prefix(rule.id)}{name}" for name in CELL]]
        cells = own.itertuples(index=False, name=None)
        table[translate.of(rule.title)] = [cell(translate, rule, *each) for each in cells]
    table[parent_title(screen.city, translate)] = first["parent"]
    st.subheader(translate("scorecard.table"), anchor=False)
    show_table(table, columns={translate("coverage.col_name"): name_column()})
    if len(rows) > len(first):
        st.caption(
            translate(
                "scorecard.part", shown=translate.count(len(first)), n=translate.count(len(rows))
            )
        )
    st.caption(translate("scorecard.legend"))
    if screen.choice.supply_filter:
        st.caption(translate("scorecard.at_least"))


def cell(  # noqa: PLR0917 - the values of `CELL`
    translate: Speaker, rule: Rule, verdict: str, value: float, margin: float, gap: str, most: float
) -> str:
    """Write one cell of the matrix."""
    mark = MARKS[verdict]
    if verdict == "cannot_judge":
        return mark
    share = rule.figure.share
    whole = not rule.figure.denominator and float(rule.minimum).is_integer()
    perhaps = most > value
    scale, digits = (100, 1) if share else (1, 0 if whole else 2)
    if verdict == "fails":  # must not read as if the minimum were reached
        margin = min(margin, -(10.0**-digits) / scale)
        value = min(value, rule.minimum + margin)
    number = translate.share(value) if share else translate.decimal(value, digits=digits)
    text = f"{mark} {number} ({translate.signed(margin * scale, digits=digits)})"
    if perhaps:
        text = f"{mark} ≥ {number}"
    return text if verdict == "meets" else f"{text} {translate(f'gap.{gap}')}"


def _comparison(screen: Screen, result: Assessment) -> None:
    translate, choice = screen.translate, screen.choice
    others = [name for name in sorted(screen.standards) if name != choice.standard]
    st.subheader(translate("scorecard.against"), anchor=False)
    switch(
        "against",
        ["", *others],
        translate("scorecard.against"),
        naming=lambda key: (
            translate.of(screen.standards[key].title) if key else translate("scorecard.no_other")
        ),
        hidden=True,
    )
    if not choice.against:
        return
    other = cache.assessment(
        screen.standards[choice.against],
        chosen=measures_chosen(choice),
        supply_filter=choice.supply_filter,
    )
    mine, theirs = (_of_parent(screen, each.coverage) for each in (result, other))
    title = translate.of(screen.standards[choice.against].title)
    common = [kind for kind in mine["kind"].unique() if kind in set(theirs["kind"])]
    if not common:
        st.info(translate.markdown("scorecard.nothing_common", other=title))
        return
    changed = flips(mine, theirs)
    n = len(kind_verdicts(mine))
    lines = [_change(screen, changed[changed["kind"] == kind], n, kind, title) for kind in common]
    st.markdown("\n".join(f"* {line}" for line in lines))
    _flips(screen, changed)


def _of_parent(screen: Screen, coverage: pd.DataFrame) -> pd.DataFrame:
    parent = screen.choice.parent
    return coverage[coverage["parent"] == parent] if parent else coverage


def _change(screen: Screen, changed: pd.DataFrame, n: int, kind: str, other: str) -> str:
    pairs = list(zip(changed["verdict"], changed["verdict_against"], strict=True))
    gained, lost = pairs.count(("fails", "meets")), pairs.count(("meets", "fails"))
    return screen.translate.markdown(
        "scorecard.changed",
        kind=screen.kind_name(kind),
        other=other,
        gained=screen.translate.count(gained),
        lost=screen.translate.count(lost),
        unclear=screen.translate.count(len(pairs) - gained - lost),
        same=screen.translate.count(n - len(pairs)),
    )


def _flips(screen: Screen, changed: pd.DataFrame) -> None:
    translate = screen.translate
    if changed.empty:
        return
    first = with_names(changed.head(SHOWN), screen.city.communities, translate.language)
    table = pd.DataFrame(
        {
            translate("coverage.col_name"): first["community"],
            parent_title(screen.city, translate): first["parent"],
            translate("scorecard.col_kind"): [screen.kind_name(kind) for kind in first["kind"]],
            translate("scorecard.col_now"): [
                translate(f"verdict.{code}") for code in first["verdict"]
            ],
            translate("scorecard.col_then"): [
                translate(f"verdict.{code}") for code in first["verdict_against"]
            ],
        }
    )
    show_table(table, columns={translate("coverage.col_name"): name_column()})
    if len(changed) > SHOWN:
        st.caption(
            translate(
                "scorecard.flips_part",
                shown=translate.count(SHOWN),
                n=translate.count(len(changed)),
            )
        )
