"""The city and what holds for every city, as their files are now; how answers are kept."""

from __future__ import annotations

import hashlib
import inspect
import time
from contextvars import ContextVar
from functools import lru_cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, ParamSpec, TypeVar, cast

import streamlit as st

from exports.recipes.shelf import ANSWERS, Shelf
from layers.knowledge.standards import load_kinds, load_standards
from layers.knowledge.taxonomy import category_names
from layers.load import default_city_data, load_city
from layers.recipe.parse import read_name
from layers.recipe.schema import FILE_NAME
from views.settings import ROOT, settings
from wording.catalogue import Words, load_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from analysis.model.standards import Kind, Standard
    from layers.city import City

WORDS, TRADITIONAL = "words/*.toml", "traditional/*"
KEPT = 4
"""Cities whose standards are kept."""
CITIES = Shelf(limit=2 * 2**30, fewest=1)
"""The loaded cities; the one used last stays whatever it takes."""
_CHOSEN: ContextVar[Path | None] = ContextVar("city", default=None)
Given = ParamSpec("Given")
Answer = TypeVar("Answer")


class Knowledge(NamedTuple):
    """Standards and kinds by identifier; names of categories by any of their names."""

    standards: dict[str, Standard]
    kinds: dict[str, Kind]
    categories: dict[str, dict[str, str]]


@lru_cache(maxsize=16)
def _stamp_at(_second: int, *patterns: tuple[Path, str]) -> str:
    return _stamp(file for folder, pattern in patterns for file in folder.glob(pattern))


def _stamp_now(*patterns: tuple[Path, str]) -> str:
    """Stamp of files by folder and pattern; a change is seen within a second."""
    return _stamp_at(int(time.monotonic()), *patterns)


def _stamp(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        if file.is_file():
            status = file.stat()
            digest.update(f"{file}|{status.st_size}|{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


@st.cache_resource(show_spinner=False, max_entries=1)
def _words(stamp: str) -> Words:  # noqa: ARG001
    return load_words()


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def _knowledge(folder: str, stamp: str) -> Knowledge:  # noqa: ARG001
    return Knowledge(load_standards(city=Path(folder)), load_kinds(), category_names())


def words() -> Words:
    """Give every sentence in every language."""
    return _words(words_stamp())


def words_stamp() -> str:
    """Tell the state of the sentences, for what is made of them and kept."""
    return _stamp_now((ROOT / "data", WORDS), (ROOT / "data", TRADITIONAL))


def knowledge() -> Knowledge:
    """Give what holds for every city, read anew when a file of it changes."""
    return _knowledge(str(folder()), _data_stamp())


def _data_stamp() -> str:
    data = ROOT / "data"
    return _stamp_now(
        (data, "*.toml"),
        (data, WORDS),
        (data, "standards/*"),
        (data, "taxonomy/*"),
        (data, TRADITIONAL),
        (data, "papers/*"),
        (data, "titles/*"),
        (data, "fonts/*.toml"),
        (folder(), "standards/*"),
    )


def city() -> City:
    """Give the loaded city, read anew when one of its files changes."""
    own = folder()
    elsewhere = default_city_data() / own.name
    known = (ROOT / "data" / "taxonomy", "*")
    stamp = _stamp_now((own, "**/*"), (elsewhere, "**/*"), known)
    return cast("City", CITIES.give((str(own), stamp), lambda: load_city(own)))


def cities() -> dict[str, Path]:
    """Give the folders of the cities to choose from, by identifier; the first is the usual one."""
    usual, others = settings().city, settings().cities
    found = {usual.name: usual}
    there = others.iterdir() if others is not None and others.is_dir() else ()
    for each in sorted(there):
        if not each.name.startswith(".") and (each / FILE_NAME).is_file():
            found.setdefault(each.name, each)
    return found


def city_name(place: Path) -> Mapping[str, str]:
    """Give the names of a city that need not be loaded; of a damaged recipe its folder's."""
    return _name(str(place), _stamp_now((place, FILE_NAME)))


@lru_cache(maxsize=64)
def _name(place: str, _stamp: str) -> Mapping[str, str]:
    return read_name(Path(place))


def choose_city(identifier: str) -> None:
    """Let this run be about a city; one that there is not means the usual one."""
    _CHOSEN.set(cities().get(identifier))


def folder() -> Path:
    """Give the folder of the city that this run is about."""
    return _CHOSEN.get() or settings().city


def here(make: Callable[[], Answer]) -> Callable[[], Answer]:
    """Bind what is made later, by whatever thread, to the city that this run is about."""
    own = folder()

    def made() -> Answer:
        before = _CHOSEN.set(own)
        try:
            return make()
        finally:
            _CHOSEN.reset(before)

    return made


def of_city(make: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Keep the answers of a function about the city, until one of its files changes."""
    form, name = inspect.signature(make), f"{make.__module__}.{make.__qualname__}"

    @wraps(make)
    def answer(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        given = form.bind(*args, **kwargs)
        given.apply_defaults()
        key = (name, city().fingerprint, repr(given.arguments))
        return cast("Answer", ANSWERS.give(key, lambda: make(*args, **kwargs)))

    return answer


def prepared(question: object, make: Callable[[], Answer]) -> Answer:
    """Give a piece of a page, made once for every session that asks the same."""
    key = ("page", city().fingerprint, _data_stamp(), repr(question))
    return cast("Answer", ANSWERS.give(key, make))
