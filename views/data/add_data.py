"""Add data: files that a reader brings, what was guessed of them, corrected, saved as a city."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import streamlit as st

from analysis.model.errors import PlanningError
from analysis.model.roles import ACTIONS
from exports.formats.city_folder import city_identifier, publish_city
from exports.recipes.new_city import (
    kind_name,
    new_city,
    saying,
    shown_columns,
    sure_text,
    with_stated,
)
from exports.tables.quality import quality_table
from layers.recipe.schema import GUESSED_KINDS
from layers.sources import upload
from views import cache
from views.controls.files import take_files
from views.controls.permits import allowed, caller, code_of
from views.controls.waiting import waiting
from views.controls.widgets import open_city
from views.data.preview import draw_preview
from views.settings import settings
from wording.escape import markdown

if TYPE_CHECKING:
    from pathlib import Path

    from exports.recipes.new_city import NewCity
    from layers.suggest.guesses import LayerGuess, Stated
    from views.controls.screen import Screen

NOTHING = ""
CORRECTED = ("crs", "times", "encoding", "decimal")
"""Keys of a layer's recipe that the page asks for: what refusals advise to state."""


def render(screen: Screen) -> None:
    """Draw the page."""
    translate = screen.translate
    st.markdown(translate("add.lead"))
    uploads = settings().uploads
    if not allowed(ACTIONS, "upload"):
        st.info(translate("add.not_here"))
        return
    if uploads is None:
        st.info(translate("add.no_folder"))
        return
    _say_done(screen)
    upload.sweep_sessions(uploads)
    home = upload.session_folder(uploads, _session())
    _take_files(screen, home)
    files = upload.kept_uploads(home)
    if files:
        _study(screen, home, files)


def _session() -> str:
    """Name the session's folder; no reader can guess that of another."""
    name: str = st.session_state.setdefault("upload_session", secrets.token_hex(16))
    return name


def _take_files(screen: Screen, home: Path) -> None:
    """Take files from the browser into the session's folder, and list those there are."""
    translate, limit = screen.translate, settings().upload_mb
    round_ = st.session_state.setdefault("upload_round", 0)
    brought = take_files(
        "upload",
        translate("add.choose", mb=limit, files=upload.MAX_FILES),
        accept_multiple_files=True,
        max_upload_size=limit,
        key=f"upload-{round_}",
    )
    if brought:
        who, taken = caller(), []
        for each in brought:
            try:
                content = each.getvalue()
                taken.append(upload.keep_upload(home, each.name, content, max_mb=limit))
                who.note("brought", kind="file", subject=code_of(content), bytes=len(content))
            except PlanningError as error:
                _say_later(screen, error)
        st.session_state["upload_round"] = round_ + 1  # the browser's copies are let go
        st.session_state["upload_taken"] = taken  # and with them its marks on those it refused
        st.rerun()
    if names := translate("asked.and").join(st.session_state.get("upload_taken", ())):
        st.caption(translate.markdown("add.taken", names=names))
    for message in st.session_state.pop("upload_refused", []):
        st.error(message)


def _say_later(screen: Screen, error: PlanningError) -> None:
    said = st.session_state.setdefault("upload_refused", [])
    said.append(screen.translate.markdown_error(error))


def _study(screen: Screen, home: Path, files: dict[str, Path]) -> None:
    """Show what the files were taken for, and let the reader correct and save it."""
    translate = screen.translate
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    name = left.text_input(translate("add.name"), key="new_name", max_chars=60).strip()
    if right.button(translate("add.forget"), width="stretch"):
        upload.forget_session(home)
        st.session_state.pop("new_stated", None)
        st.session_state.pop("upload_taken", None)
        st.rerun()
    with waiting(translate("app.working")):
        new = _guessed(screen, home, files, name)
    say = saying(translate)
    present, aside = new.guess.present, [g for g in new.guess.layers if g.aside is not None]
    st.subheader(translate("new.understood", n=len(present)), anchor=False)
    for layer in (*present, *aside):
        _show_layer(screen, layer)
    for doubt in new.guess.doubts:
        st.caption(markdown(say(doubt)))
    if new.city is None:
        st.warning(translate("add.no_city"))
        return
    st.subheader(translate("add.quality"), anchor=False)
    st.dataframe(quality_table(new.city, translate), hide_index=True, placeholder="—")
    draw_preview(screen, new.city)
    _offer_publishing(screen, new, home, files, name)


def _guessed(screen: Screen, home: Path, files: dict[str, Path], name: str) -> NewCity:
    """Guess the city, once for what was brought and said."""
    stated: dict[str, Stated] = st.session_state.setdefault("new_stated", {})
    stamps = [(each, path.stat().st_size, path.stat().st_mtime_ns) for each, path in files.items()]
    key = repr((stamps, sorted(stated.items()), name, screen.translate.language))
    kept = st.session_state.get("new_city")
    if kept is None or kept[0] != key:
        new = new_city(
            files,
            home=home,
            name=name or screen.translate("add.unnamed"),
            kinds=screen.kinds,
            translate=screen.translate,
            stated=stated,
        )
        kept = (key, new)
        st.session_state["new_city"] = kept
    made: NewCity = kept[1]
    return made


def _show_layer(screen: Screen, layer: LayerGuess) -> None:
    """Show one layer with its reasons, and a form to correct it."""
    translate, say = screen.translate, saying(screen.translate)
    title = translate.markdown(
        "new.layer",
        files=", ".join(layer.files),
        kind=kind_name("" if layer.aside else layer.kind, translate, screen.kinds),
        sure=sure_text(layer.confidence, translate),
        rows=layer.rows,
    )
    with st.expander(title, expanded=bool(layer.aside or layer.doubts)):
        if layer.aside is not None:
            st.warning(markdown(say(layer.aside)))
        for doubt in layer.doubts:
            st.info(markdown(say(doubt)))
        if layer.reasons:
            st.caption(markdown(translate("missing_rows.between").join(map(say, layer.reasons))))
        if layer.first is not None and len(layer.first.columns):
            st.dataframe(layer.first, hide_index=True, height="content")
        _correct(screen, layer)


def _correct(screen: Screen, layer: LayerGuess) -> None:
    translate, file = screen.translate, layer.files[0]
    kinds = (NOTHING, *layer_kinds(screen), "none")
    names = {kind: kind_name(kind, translate, screen.kinds) for kind in layer_kinds(screen)}
    names |= {NOTHING: translate("add.as_guessed"), "none": translate("add.leave_out")}
    stated = st.session_state["new_stated"].get(file)
    columns = shown_columns(layer, translate, screen.kinds)
    with st.form(f"form-{file}", border=False):
        kind = st.selectbox(
            translate("add.kind"),
            kinds,
            index=kinds.index(stated.kind) if stated and stated.kind in kinds else 0,
            format_func=lambda each: names[each],
        )
        edited = columns.table
        if len(columns.table):
            edited = st.data_editor(
                columns.table,
                hide_index=True,
                disabled=[str(name) for name in columns.table if name != columns.ours],
                column_config={
                    columns.ours: st.column_config.SelectboxColumn(options=columns.options)
                },
                placeholder="—",
                key=f"columns-{file}-{layer.kind}",
            )
        fields = st.columns(2) + st.columns(2)
        keys = {
            key: field.text_input(translate(f"add.{key}"), str(layer.keys.get(key, "")))
            for key, field in zip(CORRECTED, fields, strict=True)
        }
        if st.form_submit_button(translate("add.apply")):
            said = with_stated(stated, layer, kind=kind, columns=columns, edited=edited, keys=keys)
            st.session_state["new_stated"][file] = said
            st.rerun()


def layer_kinds(screen: Screen) -> tuple[str, ...]:
    """Name the kinds of layers that a file can be."""
    return (*GUESSED_KINDS, *screen.kinds)


def _offer_publishing(
    screen: Screen, new: NewCity, home: Path, files: dict[str, Path], name: str
) -> None:
    translate, chosen = screen.translate, settings()
    identifier = city_identifier(name)
    there = cache.cities()
    if not identifier:
        st.info(translate("add.name_needed"))
        return
    usual = next(iter(there))
    if identifier == usual:
        st.info(translate.markdown("add.name_taken", name=name))
        return
    if not allowed(ACTIONS, "publish"):
        st.info(translate("add.not_here"))
        return
    label = "add.replace" if identifier in there else "add.publish"
    pressed = st.button(translate.markdown(label, name=name), type="primary", key="publish")
    if pressed and chosen.cities is not None:
        publish_city(new.recipe, files, chosen.cities / identifier)
        caller().note("published", kind="city", subject=code_of(identifier))
        upload.forget_session(home)
        for key in ("new_stated", "new_city", "new_name", "upload_session"):
            st.session_state.pop(key, None)
        st.session_state["published"] = name
        open_city(identifier)
        st.rerun()


def _say_done(screen: Screen) -> None:
    name = st.session_state.pop("published", "")
    if name:
        st.success(screen.translate.markdown("add.published", name=name))
