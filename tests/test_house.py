"""The house keeps its order where import-linter does not look: each folder lists what it offers."""

from __future__ import annotations

import ast
import importlib
import io
import re
import tokenize
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tools.house import floors, modules

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = sorted(
    path.parent.relative_to(ROOT).as_posix()
    for floor in floors()
    for path in (ROOT / floor).rglob("__init__.py")
)
MODULES = modules()


@cache
def imported(source):
    """Paths of what a module imports; a name taken from a package may be one of its modules."""
    names = set()
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name.replace(".", "/") for name in names}


def modules_used_from_outside(folder):
    outside = [path for path in MODULES if ROOT / folder not in path.parents]
    names = set().union(*(imported(path) for path in outside))
    return {path.stem for path in (ROOT / folder).glob("*.py") if f"{folder}/{path.stem}" in names}


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_lists_the_modules_that_others_use_and_no_more(folder):
    package = importlib.import_module(folder.replace("/", "."))
    files = {path.stem for path in (ROOT / folder).glob("*.py")}
    functions = {name for name in dir(package) if callable(getattr(package, name))}
    listed = set(getattr(package, "__all__", ()))
    assert listed <= files | functions
    used = modules_used_from_outside(folder)
    init = f"{folder}/__init__.py"
    assert used - listed == set(), f"used outside the folder: list in __all__ of {init}"
    assert listed - functions - used == set(), f"used by nobody outside: drop from {init}"


HISTORY = ("renamed.md", "glossary.md", "data-dictionary.md")
"""Pages of old terms, and of names that readers' programs know."""
OLD_TERMS = re.compile(
    r"\b(look-?back|looking back|relaps(?:e|es|ing)|second looks?|oversight|ledger|silen(?:ce|t)"
    r"|(?:kept?|keep|keeps) (?:\w+ )?aside|companions?|twins?|secondlook|shaping)\b",
    re.IGNORECASE,
)
"""Words of this project's own for which the field has others: `docs/reference/glossary.md`."""


def prose_of(source):
    """Docstrings and comments, without code and without titles of pages."""
    text = source.read_text("utf-8")
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Expr)]
    said = [node.value.value for node in nodes if isinstance(node.value, ast.Constant)]
    said = [words for words in said if isinstance(words, str)]
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    said += [token.string for token in tokens if token.type == tokenize.COMMENT]
    return re.sub(r"`[^`]*`|\*(?! )[^*\n]+\*", "", "\n".join(said))


@pytest.mark.parametrize("top", [*floors(), "tests", "tools", "bench", "."])
def test_docstrings_and_comments_speak_the_fields_words(top):
    folder = ROOT / top
    found = {
        path.relative_to(ROOT).as_posix(): OLD_TERMS.findall(prose_of(path))
        for path in (folder.glob("*.py") if top == "." else folder.rglob("*.py"))
    }
    assert {path: terms for path, terms in found.items() if terms} == {}


def test_pages_speak_the_fields_words():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    code = re.compile(
        r"^ *```.*?^ *```$|`[^`]*`|\*(?! )[^*\n]+\*|\]\([^)]*\)", re.MULTILINE | re.DOTALL
    )
    found = {
        page.relative_to(ROOT).as_posix(): OLD_TERMS.findall(code.sub("", page.read_text("utf-8")))
        for page in pages
        if page.name not in HISTORY
    }
    assert {page: terms for page, terms in found.items() if terms} == {}


def test_every_example_of_a_docstring_runs():
    """Examples run in the folders that pytest is told to look in, and in no other."""
    options = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]
    folders = [ROOT / folder for folder in options["ini_options"]["testpaths"]]
    assert "--doctest-modules" in options["ini_options"]["addopts"]
    sources = {path: path.read_text("utf-8") for path in ROOT.glob("[a-z]*/**/*.py")}
    examples = [path for path, text in sources.items() if re.search(r"^ +>>> ", text, re.MULTILINE)]
    assert len(examples) > 20
    assert [path for path in examples if not set(folders) & set(path.parents)] == []


GREATEST_FOLDER = 25
"""Modules of a folder that its reader can still take in."""
GREATEST_FUNCTION = 40


def test_every_folder_of_modules_says_in_one_line_what_it_is_for():
    folders = {path.parent for path in MODULES} - {ROOT}
    for folder in folders:
        text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8")))
        assert text, folder
        assert re.fullmatch(r"\S.{10,98}\.", text.split("\n\n")[0]), folder


def test_no_folder_holds_more_modules_than_a_reader_takes_in():
    sizes = Counter(path.parent for path in MODULES if path.name != "__init__.py")
    assert max(sizes.values()) <= GREATEST_FOLDER, sizes.most_common(1)


def long_functions(source):
    nodes = ast.walk(ast.parse(source.read_text("utf-8")))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    return [node.name for node in functions if node.end_lineno - node.lineno >= GREATEST_FUNCTION]


@pytest.mark.parametrize(
    "place",
    [
        *("cli.py", "dashboard.py", "commands", "layers", "maps", "wording"),
        *("charts", "exports", "store", "views"),
    ],
)
def test_no_function_is_longer_than_a_screen(place):
    sources = [path for path in MODULES if path.relative_to(ROOT).parts[0] == place]
    assert sources
    found = {path.name: names for path in sources if (names := long_functions(path))}
    assert found == {}


def test_folium_is_known_to_the_map_widget_alone():
    screens = {"folium", "branca", "streamlit_folium"}
    users = {path.parent for path in MODULES if {n.split("/")[0] for n in imported(path)} & screens}
    assert users == {ROOT / "views" / "map_widget"}
