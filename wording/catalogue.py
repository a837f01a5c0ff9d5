"""Reads the words of the product in every language it speaks."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING, Any

from analysis.model.errors import SettingsError
from layers.knowledge.standards import DATA
from layers.languages import LANGUAGES, WRITTEN, in_every_language
from layers.toml_entry import ask_whether, near_match, read_toml
from wording.numbers import written
from wording.plurals import RULES, Counted, counted, read_variants

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


class Words:
    """Sentences by language and key."""

    def __init__(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        self._texts = dict(texts)
        self._counts = {
            (language, key): counts
            for key, text in self._texts.items()
            for language, sentence in text.items()
            if (counts := _counts(sentence))
        }

    def __iter__(self) -> Iterator[str]:
        """Go through the keys in the order of the file."""
        return iter(self._texts)

    def __contains__(self, key: str) -> bool:
        """Tell whether there is a sentence under a key."""
        return key in self._texts

    def reworded(self, language: str, group: str, text: str) -> str:
        """Say an English text that a message holds in another language."""
        found = (key for key in self if key.startswith(f"{group}."))
        return next(
            (self._texts[key][language] for key in found if self._texts[key]["en"] == text), text
        )

    def template(self, language: str, key: str) -> str:
        """Give a sentence as it is written, with its places in braces."""
        return self._texts[key][language]

    def __call__(self, language: str, key: str, /, **facts: object) -> str:
        """Say a sentence."""
        sentence = self._texts.get(key, {}).get(language)
        if sentence is None:
            near = near_match(key, self._texts)
            hint = ask_whether(near)
            msg = f"data/words has no {language} text for {key!r}; {hint}".rstrip("; ")
            raise SettingsError(
                msg, problem="words_missing", hint=hint, key=key, language=language, near=near
            )
        written_facts = {
            name: written(name, fact, language=language) for name, fact in facts.items()
        }
        for name in self._counts.get((language, key), ()):
            text = written_facts.get(name)
            if isinstance(text, str) and not isinstance(text, Counted):
                written_facts[name] = counted(text, language=language)
        try:
            return sentence.format_map(written_facts)
        except (KeyError, IndexError, AttributeError, ValueError) as error:
            msg = f"data/words, {key} ({language}): lacks the fact {error}."
            raise SettingsError(
                msg, problem="words_fact", key=key, language=language, found=str(error)
            ) from error


def load_words(folder: Path = DATA / "words") -> Words:
    """Read the words of every area of the dashboard."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        msg = f"{folder.name} has no words: there is no *.toml in it."
        raise _unread(msg, folder)
    texts: dict[str, dict[str, str]] = {}
    origins: dict[str, str] = {}
    for path in files:
        own: dict[str, dict[str, str]] = {}
        _collect(read_toml(_bytes(path), entry=path.name), "", own, path.name)
        for key in own:
            if key in origins:
                raise _wrong(path.name, key, f"in one file only, and {origins[key]} has it")
            origins[key] = path.name
        texts |= own
    return Words(texts)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        msg = f"{path.name} cannot be read: {error.strerror}."
        raise _unread(msg, path) from error


def _unread(message: str, path: Path) -> SettingsError:
    return SettingsError(
        message, problem="settings_missing", hint="Restore it from the project.", file=str(path)
    )


def _collect(
    table: Mapping[str, Any], prefix: str, texts: dict[str, dict[str, str]], file: str
) -> None:
    for name, value in table.items():
        key = f"{prefix}{name}"
        if not isinstance(value, dict):
            raise _wrong(file, key, "a table with one text a language")
        if any(isinstance(text, dict) for text in value.values()):
            _collect(value, f"{key}.", texts, file)
            continue
        every = in_every_language(value)
        if set(every) != set(LANGUAGES) or not all(isinstance(t, str) for t in every.values()):
            raise _wrong(file, key, f"a text each for {', '.join(WRITTEN)}")
        if len({_facts(text) for text in every.values()}) > 1:
            raise _wrong(file, key, "the same {facts} in every language")
        for language, text in every.items():
            _check_plurals(text, language, file=file, key=key)
        texts[key] = every


def _check_plurals(sentence: str, language: str, *, file: str, key: str) -> None:
    forms = RULES[language].forms
    asked = [spec for _, _, spec, _ in _parts(sentence) if spec]
    if any(tuple(read_variants(spec)) != forms for spec in asked):
        shape = "|".join(f"{form}=…" for form in forms)
        raise _wrong(file, key, f"in {language} with plurals of the form {{n:{shape}}}")


def _counts(sentence: str) -> frozenset[str]:
    """Facts whose number chooses the form of a word."""
    return frozenset(name for _, name, spec, _ in _parts(sentence) if name and spec)


def _facts(sentence: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in _parts(sentence) if name is not None)


def _parts(sentence: str) -> list[tuple[str, str | None, str | None, str | None]]:
    """Take a sentence apart; one whose braces do not match is one fact that nothing has."""
    try:
        return list(Formatter().parse(sentence))
    except ValueError:
        return [("", sentence, "", None)]


def _wrong(file: str, key: str, allowed: str) -> SettingsError:
    msg = f"{file}: {key} must be {allowed}."
    return SettingsError(
        msg, problem="words_wrong", hint="Correct it there.", file=file, key=key, allowed=allowed
    )
