"""Who and when: the switches that narrow the supply, and the sentence that says what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from analysis.access.opening_hours import WEEKDAYS
from analysis.access.prepared_city import supply_of
from analysis.access.supply_filter import applicable_filter, class_id
from views import cache
from views.controls.choice import ON_A_DAY
from views.controls.widgets import choose_day, pick_many, put_many, select
from wording.names import asked_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from views.controls.screen import Screen

NIGHT, USUAL_DAY = 22, "we"
NO_FILTER = {"only": "", "least": "", "weekday": "", "date": ""}


def controls(screen: Screen) -> None:
    """Offer what the data on the kind chosen can be asked."""
    translate, choice = screen.translate, screen.choice
    kind, offer = screen.city.kinds[choice.kind], cache.offered(choice.kind)
    with st.expander(translate("asked.title"), expanded=bool(choice.supply_filter)):
        if not any(offer):
            st.caption(translate.markdown("asked.nothing", kind=screen.kind_name(choice.kind)))
            return
        if offer.only:
            pick_many(
                "only",
                offer.only,
                translate("asked.only"),
                naming=lambda name: translate.of(kind.conditions[name]),
            )
        if offer.classes:
            names = {
                class_id(each): translate("asked.class", name=translate.of(each))
                for each in kind.classes
            }
            select(
                "least",
                ["", *names],
                translate("asked.least"),
                naming=lambda key: names.get(key, translate("asked.any_class")),
            )
        if offer.hours:
            _hours(screen)
        if choice.supply_filter:
            with st.spinner(translate("app.preparing")):
                cache.preparation(choice.supply_filter)
            st.button(translate("asked.clear"), on_click=put_many, args=(NO_FILTER,))


def _hours(screen: Screen) -> None:
    translate, choice = screen.translate, screen.choice
    select(
        "weekday",
        ["", *WEEKDAYS, ON_A_DAY],
        translate("asked.day"),
        naming=lambda day: translate(
            f"weekday.day_{WEEKDAYS.index(day)}"
            if day in WEEKDAYS
            else "weekday.date"
            if day
            else "weekday.any"
        ),
    )
    if choice.date:
        choose_day("date", choice.date, translate("asked.date"))
    if choice.weekday:
        select("hour", range(24), translate("asked.hour"), naming=lambda hour: f"{hour:02d}:00")
    if not choice.weekday or choice.hour != NIGHT:
        night = {"weekday": choice.weekday or USUAL_DAY, "hour": NIGHT}
        st.button(translate("asked.night"), on_click=put_many, args=(night,))


def parts(screen: Screen, kind: str) -> str:
    """Write what is asked of the facilities of a kind."""
    supply_filter = screen.choice.supply_filter
    if not supply_filter or kind not in screen.city.kinds:
        return ""
    described = screen.city.kinds[kind]
    return asked_text(screen.translate, applicable_filter(described, supply_filter), described)


def sentence(screen: Screen, kind: str) -> str:
    """Say what is asked of the facilities of a kind, and how many answer what."""
    text = parts(screen, kind)
    if not text:
        return ""
    translate, ready = screen.translate, cache.preparation(screen.choice.supply_filter)
    supply, total = ready.supply[kind], len(supply_of(screen.city.facilities, kind))
    counted = len(supply.facilities)
    doubt = 0 if supply.upper is None else len(supply.upper.facilities) - counted
    said = translate.markdown(
        "asked.sentence",
        parts=text,
        kind=screen.kind_name(kind),
        n=translate.count(total),
        counted=translate.count(counted),
        out=translate.count(total - counted - doubt),
        doubt=translate.count(doubt),
    )
    unread = 0 if ready.filter_result is None else ready.filter_result.unread.get(kind, 0)
    lines = [said]
    if unread:
        lines.append(translate("asked.unread", unread=translate.count(unread)))
    if doubt:
        lines.append(translate("asked.doubt"))
    return "  \n" + translate("asked.gap").join(lines)


def notes(screen: Screen, kinds: Sequence[str]) -> None:
    """Say what is asked of the facilities of every kind."""
    translate = screen.translate
    if not screen.choice.supply_filter:
        return
    there = [kind for kind in dict.fromkeys(kinds) if kind in screen.city.kinds]
    for kind in there:
        text = sentence(screen, kind).strip()
        st.markdown(text or translate.markdown("asked.not_asked", kind=screen.kind_name(kind)))
    st.button(translate("asked.clear"), on_click=put_many, args=(NO_FILTER,))
