"""Every word of ours exists in both languages, is used, and fits the code that says it."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from string import Formatter

import pytest

from analysis.model import contracts, standards
from analysis.model.errors import SettingsError
from analysis.model.figures import FIGURES
from analysis.privacy.recognise import CLASSES
from layers.knowledge.standards import load_kinds, load_standards
from layers.languages import LANGUAGES, with_every_language
from tests.wording.units import FOREIGN_UNITS
from tools.house import modules
from wording.catalogue import load_words
from wording.speaker import Speaker

ROOT = Path(__file__).resolve().parents[2]
SOURCES = modules()
KEY = re.compile(r"^[a-z_]+(\.[a-z0-9_]+)+$")
WORDS = load_words()


def calls():
    """Every string given to something called `translate` or `words`, with the file it stands in."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _speaks(node.func) and node.args:
                for argument in node.args[:2]:
                    yield path.name, argument


def _speaks(function):
    names = ast.unparse(function).split(".")
    return bool({"translate", "words"} & set(names)) and names[-1] in {
        "translate",
        "words",
        "markdown",
    }


def said():
    """Keys said as they are, and patterns of keys put together."""
    whole, patterns = {}, {}
    for name, argument in calls():
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            if KEY.match(argument.value):
                whole[argument.value] = name
        elif isinstance(argument, ast.JoinedStr):
            parts = [
                re.escape(part.value) if isinstance(part, ast.Constant) else "[A-Za-z0-9_-]+"
                for part in argument.values
            ]
            patterns["".join(parts)] = name
    return whole, patterns


def test_every_key_said_exists():
    whole, patterns = said()
    missing = {key: name for key, name in whole.items() if key not in WORDS}
    assert not missing
    empty = {
        pattern: name
        for pattern, name in patterns.items()
        if not any(re.fullmatch(pattern, key) for key in WORDS)
    }
    assert not empty
    assert len(whole) > 60


def literal(keyword_name, owner=None):
    """Every literal given to a keyword, with the names of the other keywords there."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            if owner and ast.unparse(node.func).split(".")[-1] not in owner:
                continue
            for keyword in node.keywords:
                if keyword.arg == keyword_name and isinstance(keyword.value, ast.Constant):
                    facts = {each.arg for each in node.keywords}
                    if ast.unparse(node.func).endswith(".error"):
                        facts |= {"entry", "file"}
                    if ast.unparse(node.func) == "unknown":
                        facts |= {"found", "allowed", "near"}
                    yield path.name, keyword.value.value, facts


@pytest.mark.parametrize("group", ["error", "hint"])
def test_every_problem_has_a_sentence_and_a_hint_that_its_facts_fill(group):
    found = [*literal("problem"), *chosen_problems()]
    assert len(found) > 70
    for name, problem, facts in found:
        key = f"{group}.{problem}"
        assert key in WORDS, f"{name}: no words for {problem}"
        if None in facts:
            continue
        for language in LANGUAGES:
            wanted = {part for _, part, _, _ in Formatter().parse(WORDS.template(language, key))}
            assert wanted - {None} <= facts, f"{name}: {problem} lacks facts"


def chosen_problems():
    """Problems of which one of two is chosen where they are raised."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and isinstance(node.value, ast.IfExp):
                for choice in (node.value.body, node.value.orelse):
                    if node.arg == "problem":
                        yield path.name, choice.value, {None}


def test_sentences_and_hints_are_of_the_problems_there_are():
    raised = {problem for _, problem, _ in [*literal("problem"), *chosen_problems()]}
    for group, others in (("error", {"title", "what_to_do", "within"}), ("hint", {"did_you_mean"})):
        said = {key.split(".")[1] for key in WORDS if key.startswith(f"{group}.")}
        assert said - others == raised


@pytest.mark.parametrize("group", ["verdict", "reason", "confidence", "figure", "basis", "status"])
def test_every_code_of_the_analysis_has_words(group):
    codes = {
        "verdict": ("meets", "fails", "cannot_judge"),
        "reason": (
            "at_or_above_minimum",
            "below_minimum",
            "no_layer_of_this_kind",
            "population_unknown",
            "nobody_lives_here",
            "no_streets_layer",
            "no_residents_layer",
            "too_many_without_streets",
            "at_or_above_target",
            "below_target",
            "too_many_not_judged",
            "no_target_share",
        ),
        "confidence": standards.CONFIDENCE,
        "figure": tuple(FIGURES),
        "basis": ("standard", "project"),
        "status": contracts.FACILITY_STATUS,
    }[group]
    for code in codes:
        assert f"{group}.{code}" in WORDS


def allowed():
    """Every phrase of words that says what a recipe, kind or standard may hold."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            found = [each.value for each in node.keywords if each.arg == "allowed"]
            if path.match("knowledge/standards.py") and name == "_wrong":
                found = node.args[3:]
            elif not name.endswith(".wrong"):
                continue
            for text in found:
                if isinstance(text, ast.Constant) and re.match(r"(?![#\[]).*[a-z]{2}", text.value):
                    yield text.value


def test_what_is_allowed_is_said_in_chinese_too():
    translate, phrases = Speaker(WORDS, "zh"), {text for text in allowed() if "{" not in text}
    assert phrases == {WORDS.template("en", key) for key in WORDS if key.startswith("allowed.")}
    facts = {"entry": "x.toml", "key": "minimum", "found": "90"}
    for phrase in phrases:
        error = SettingsError("", problem="entry_wrong", allowed=phrase, **facts)
        assert phrase not in translate.error(error)


def notes_told():
    """Rules that cleaning gives to a row account by name, and every text that it holds."""
    told, held = set(), set()
    for path in sorted((ROOT / "layers").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                held.add(node.value)
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func).rpartition(".")[2] in {"repair", "note", "quarantine"}
                and len(node.args) > 1
                and isinstance(node.args[1], ast.Constant)
            ):
                told.add(node.args[1].value)
    # One note a class of personal data, named after it.
    told |= {f"personal_{kind}" for kind in CLASSES}
    return told, held | told


def test_every_note_of_cleaning_has_its_sentence_and_no_sentence_waits_for_a_note():
    told, held = notes_told()
    said = {key.partition(".")[2] for key in WORDS if key.startswith("note.")}
    assert len(told) > 30
    assert told <= said
    assert said <= held


def test_every_file_of_words_is_loaded_and_holds_no_key_of_another():
    files = sorted((ROOT / "data" / "words").glob("*.toml"))
    keys = [
        f"{group}.{name}"
        for path in files
        for group, table in tomllib.loads(path.read_text("utf-8")).items()
        for name in table
    ]
    assert len(files) > 8
    assert sorted(keys) == sorted(WORDS)


def shown_texts():
    """Every text of ours that readers see, by language and where it stands."""
    for key in WORDS:
        for language in LANGUAGES:
            yield language, key, _with_facts(WORDS.template(language, key), language)
    data = ROOT / "data"
    for path in [data / "dictionary.toml", data / "kinds.toml", *data.glob("standards/*.toml")]:
        yield from _texts_in(with_every_language(tomllib.loads(path.read_text("utf-8"))), path.name)


def _with_facts(text, language):
    """Put a number in place of every fact, with a unit where its name says one."""
    text = re.sub(r"\{\w+_m2?\}", {"zh": "1 米", "zh-Hant": "1 公尺", "en": "1 m"}[language], text)
    return re.sub(r"\{[^}]*\}", "1", text)


def _texts_in(value, name):
    if isinstance(value, list):
        for each in value:
            yield from _texts_in(each, name)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in LANGUAGES:
                for text in [each] if isinstance(each, str) else each:
                    yield key, name, _with_facts(text, key)
            else:
                yield from _texts_in(each, f"{name} {key}")


def test_each_language_keeps_to_its_own_units():
    texts = list(shown_texts())
    assert len(texts) > 2000
    wrong = [(key, text) for language, key, text in texts if FOREIGN_UNITS[language].search(text)]
    assert not wrong


def test_no_word_is_said_nowhere():
    whole, patterns = said()
    unsaid = [
        key
        for key in WORDS
        if key not in whole
        and not key.startswith(("error.", "hint.", "note.", "allowed."))
        and not any(re.fullmatch(pattern, key) for pattern in patterns)
    ]
    assert not unsaid


def test_chinese_sentences_are_chinese_and_english_ones_are_not():
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for key in WORDS:
        if key.startswith("language."):
            continue
        english = re.sub(r"\{\w+\}", "", WORDS.template("en", key))
        assert not chinese.search(english), key
        if re.search(r"[a-z]{3}", english):
            assert chinese.search(WORDS.template("zh", key)), key


def test_kinds_and_standards_speak_both_languages():
    for kind in load_kinds().values():
        assert set(kind.name) == set(LANGUAGES)
    for standard in load_standards().values():
        assert set(standard.title) == set(LANGUAGES)
        for rule in standard.rules:
            assert set(rule.title) == set(LANGUAGES)
            assert set(rule.note) in (set(LANGUAGES), set())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_word_is_told_like_any_other_mistake(language):
    translate = Speaker(WORDS, language)
    with pytest.raises(SettingsError) as raised:
        translate("page.nowhere")
    assert "page.nowhere" in translate.error(raised.value)
    assert translate.markdown_error(raised.value)


def spoken_twice(value, name):
    """Every pair of Chinese and English in a TOML table, with the name it stands under."""
    if isinstance(value, dict) and {"zh", "en"} <= set(value):
        yield name, str(value["zh"]), str(value["en"])
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from spoken_twice(inner, f"{name}.{key}")
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from spoken_twice(inner, f"{name}.{at}")


def test_a_subdistrict_is_no_road():
    """街道 is the office above communities; what people walk on is 道路."""
    files = [*ROOT.glob("data/*.toml"), *ROOT.glob("data/words/*.toml")]
    files += [*ROOT.glob("data/standards/*.toml"), *ROOT.glob("data/taxonomy/*.toml")]
    pairs = [
        each
        for path in files
        for each in spoken_twice(tomllib.loads(path.read_text("utf-8")), path.name)
    ]
    assert len(pairs) > 1000
    named = [(name, zh) for name, zh, en in pairs if "街道" in zh and "istrict" not in en]
    assert named == []
