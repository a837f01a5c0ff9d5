"""
Widgets bound to one part of the choice.

The choice in the session is the only truth: a widget shows it, and its callback puts the
reader's answer back before the page runs again, so nothing has to be reconciled.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from views.controls.choice import DAYS, NEXT, Choice, area_of, stays_on_map
from wording.escape import markdown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wording.speaker import Speaker

RESETS: dict[str, dict[str, Any]] = {
    "page": dict.fromkeys(("community", "second", "area", "place", "panel", "find", "at"), ""),
    "community": {"at": "", "second": "", "area": ""},
    "area": {"community": "", "second": "", "place": ""},
    "standard": {"rule": "", "radius": 0},
    "kind": {"rule": "", "radius": 0, "need": 0.0},
    "rule": {"radius": 0},
    "category": {"place": "", "cell": 0},
    "since": {"place": ""},
    "until": {"place": ""},
    "cell": {"place": ""},
    "grid": {"place": ""},
    "basis": {"place": ""},
    "windows": {"place": ""},
    "within": {"place": ""},
    "crowd": {"place": ""},
}
"""Parts that fall back when another part changes."""


def current() -> Choice:
    """Give the session's choice."""
    choice: Choice = st.session_state["choice"]
    return choice


def fold_method(translate: Speaker, *lines: str) -> None:
    """Keep how it was computed one click away from those who only want the answer."""
    with st.expander(translate("app.method")):
        st.caption("  \n".join(lines))


def put(field: str, value: object) -> None:
    """Change one part of the session's choice, and reset what depends on it."""
    choice = current()
    if field == "community" and value and choice.second == NEXT:
        field = "second"
    if getattr(choice, field) != value:
        changes: dict[str, Any] = {**RESETS.get(field, {}), field: value}
        if field == "page" and stays_on_map(choice.page, str(value)):
            changes = {"place": "", field: value}
        st.session_state["choice"] = replace(choice, **changes)


def put_many(parts: Mapping[str, object]) -> None:
    """Change several parts of the session's choice."""
    for field, value in parts.items():
        put(field, value)


def _keep(field: str, key: str) -> None:
    value = st.session_state[key]
    if value is not None:
        put(field, value)


def select(
    field: str,
    options: Sequence[Any],
    label: str,
    *,
    naming: Callable[[Any], str],
    advice: str | None = None,
    shown: str = "",
) -> None:
    """Offer a part of the choice as a drop-down list; `shown` is shown where none is chosen."""
    key = _show(field, options, shown)
    st.selectbox(
        label,
        options,
        key=key,
        format_func=naming,
        on_change=_keep,
        args=(field, key),
        help=advice,
    )


def switch(
    field: str,
    options: Sequence[str],
    label: str,
    *,
    naming: Callable[[str], str],
    hidden: bool,
    shown: str = "",
) -> None:
    """Offer a part of the choice as a row of buttons; `shown` is pressed where none is chosen."""
    key = _show(field, options, shown)
    st.segmented_control(
        label,
        options,
        key=key,
        format_func=lambda option: markdown(naming(option)),
        required=True,
        label_visibility="collapsed" if hidden else "visible",
        on_change=_keep,
        args=(field, key),
    )


def open_city(identifier: str) -> None:
    """Go to a city by its address, as if it had been typed: its own language and standard hold."""
    before = current()
    del st.session_state["choice"]
    parts = {"page": before.page, "language": before.language, "city": identifier}
    st.query_params.from_dict({name: text for name, text in parts.items() if text})


def switch_city(names: Mapping[str, str], usual: str, label: str) -> None:
    """Offer the cities there are; nothing that was chosen of one holds for another."""
    key = f"city-{current().language}"
    st.session_state[key] = current().city or usual

    def keep() -> None:
        chosen = st.session_state[key]
        open_city("" if chosen == usual else chosen)

    st.selectbox(
        label,
        list(names),
        key=key,
        format_func=lambda each: names[each],
        label_visibility="collapsed",
        on_change=keep,
        width=220,
    )


def switch_area(
    areas: Mapping[str, Sequence[str]], label: str, *, naming: Callable[[str], str]
) -> None:
    """Offer the areas of the dashboard; another area opens at its first page."""
    key = f"area-{current().language}"
    st.session_state[key] = area_of(current().page)

    def keep() -> None:
        put("page", areas[st.session_state[key]][0])

    st.segmented_control(
        label,
        list(areas),
        key=key,
        format_func=lambda area: markdown(naming(area)),
        required=True,
        label_visibility="collapsed",
        on_change=keep,
    )


def _show(field: str, options: Sequence[str], shown: str = "") -> str:
    value = shown or getattr(current(), field)
    key = f"{field}-{current().language}"
    st.session_state[key] = value if value in options else options[0]
    return key


def slide(
    field: str, scale: tuple[int, int, int], label: str, *, standard: int, advice: str
) -> None:
    """Offer a part of the choice as a slider; at the standard's own value it is "not chosen"."""
    least, greatest, step = scale
    key = f"{field}-{standard}-{current().language}"
    value = getattr(current(), field) or standard
    st.session_state[key] = value

    def keep() -> None:
        chosen = st.session_state[key]
        put(field, 0 if chosen == standard else chosen)

    st.slider(
        label,
        min(least, value, standard),
        max(greatest, value, standard),
        step=step if value % step == 0 and standard % step == 0 else 1,
        key=key,
        on_change=keep,
        help=advice,
    )


def step_through(field: str, options: Sequence[str], label: str) -> None:
    """Offer a part of the choice as a slider over steps; at the last it is "not chosen"."""
    key = f"{field}-{options[0]}-{options[-1]}-{current().language}"
    value = getattr(current(), field)
    st.session_state[key] = value if value in options else options[-1]

    def keep() -> None:
        chosen = st.session_state[key]
        put(field, "" if chosen == options[-1] else chosen)

    st.select_slider(label, options, key=key, on_change=keep)


def number(field: str, most: float, label: str, *, advice: str, otherwise: str) -> None:
    """Offer a part of the choice as a number; an empty field says what counts without one."""
    key = f"{field}-{current().language}"
    st.session_state[key] = float(getattr(current(), field)) or None

    def keep() -> None:
        put(field, st.session_state[key] or 0.0)

    st.number_input(
        label, 0.0, most, step=0.5, format="%.2f", key=key, on_change=keep, help=advice,
        placeholder=otherwise,
    )  # fmt: skip


def text(field: str, label: str, *, advice: str) -> None:
    """Offer a part of the choice as free text."""
    key = f"{field}-{current().language}"
    st.session_state[key] = getattr(current(), field)

    def keep() -> None:
        put(field, st.session_state[key])

    st.text_input(label, key=key, on_change=keep, help=advice, max_chars=40)


def tick(field: str, label: str, *, advice: str) -> None:
    """Offer a part of the choice that is asked for or not."""
    key = f"{field}-{current().language}"
    st.session_state[key] = bool(getattr(current(), field))

    def keep() -> None:
        put(field, int(st.session_state[key]))

    st.checkbox(label, key=key, on_change=keep, help=advice)


def choose_day(field: str, value: str, label: str) -> None:
    """Offer a part of the choice as a day."""
    key = f"{field}-{current().language}"
    st.session_state[key] = dt.date.fromisoformat(value)

    def keep() -> None:
        chosen = st.session_state[key]
        put(field, chosen.isoformat() if chosen else "")

    first, last = DAYS
    st.date_input(
        label, key=key, min_value=first, max_value=last, on_change=keep, format="YYYY-MM-DD"
    )


def pick_many(
    field: str, options: Sequence[str], label: str, *, naming: Callable[[str], str]
) -> None:
    """Offer a part of the choice as buttons of which any number can be pressed."""
    key = f"{field}-{current().language}"
    held = getattr(current(), field).split(",")
    st.session_state[key] = [option for option in options if option in held]

    def keep() -> None:
        put(field, ",".join(st.session_state[key]))

    st.pills(
        label,
        options,
        selection_mode="multi",
        key=key,
        format_func=lambda option: markdown(naming(option)),
        on_change=keep,
    )
