"""The city and what holds for every city, as their files are now; how answers are kept."""

from __future__ import annotations

import hashlib
import inspect
import time
from functools import lru_cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar, cast

import streamlit as st

from layers.knowledge.standards import load_kinds, load_standards
from layers.knowledge.taxonomy import category_names
from layers.load import default_city_data, load_city
from views.settings import ROOT, settings
from wording.catalogue import Words, load_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from analysis.model.standards import Kind, Standard
    from layers.city import City

WORDS = "words/*.toml"
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


@st.cache_resource(show_spinner=False, max_entries=1)
def _knowledge(stamp: str) -> Knowledge:  # noqa: ARG001
    return Knowledge(load_standards(city=settings().city), load_kinds(), category_names())


def words() -> Words:
    """Give every sentence in every language."""
    return _words(words_stamp())


def words_stamp() -> str:
    """Tell the state of the sentences, for what is made of them and kept."""
    return _stamp_now((ROOT / "data", WORDS))


def knowledge() -> Knowledge:
    """Give what holds for every city, read anew when a file of it changes."""
    return _knowledge(_data_stamp())


def _data_stamp() -> str:
    folder = ROOT / "data"
    return _stamp_now(
        (folder, "*.toml"),
        (folder, WORDS),
        (folder, "standards/*"),
        (folder, "taxonomy/*"),
        (settings().city, "standards/*"),
    )


@st.cache_resource(show_spinner=False, max_entries=1)
def _city(folder: str, stamp: str) -> City:  # noqa: ARG001
    return load_city(Path(folder))


def city() -> City:
    """Give the loaded city, read anew when one of its files changes."""
    folder = settings().city
    elsewhere = default_city_data() / folder.name
    known = (ROOT / "data" / "taxonomy", "*")
    return _city(str(folder), _stamp_now((folder, "**/*"), (elsewhere, "**/*"), known))


def of_city(*, most: int) -> Callable[[Callable[Given, Answer]], Callable[Given, Answer]]:
    """Keep the answers of a function about the city, until one of its files changes."""

    def decorate(make: Callable[Given, Answer]) -> Callable[Given, Answer]:
        form = inspect.signature(make)

        def kept(fingerprint: str, key: str, _make: Callable[[], Answer]) -> Answer:  # noqa: ARG001
            return _make()

        kept.__qualname__ = f"{make.__module__}.{make.__qualname__}"  # one cache for each function
        cache = st.cache_resource(show_spinner=False, max_entries=most)(kept)

        @wraps(make)
        def answer(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
            given = form.bind(*args, **kwargs)
            given.apply_defaults()
            key = repr(given.arguments)
            return cache(city().fingerprint, key, lambda: make(*args, **kwargs))

        return answer

    return decorate


@st.cache_resource(show_spinner=False, max_entries=512)
def _prepared(fingerprint: str, stamp: str, key: str, _make: Callable[[], Any]) -> Any:  # noqa: ANN401, ARG001
    return _make()


def prepared(question: object, make: Callable[[], Answer]) -> Answer:
    """Give a piece of a page, made once for every session that asks the same."""
    return cast("Answer", _prepared(city().fingerprint, _data_stamp(), repr(question), make))
