"""What a city is judged by, as it stands: its recipe, standard, rules, areas of campaigns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layers.knowledge.case_rules import find_case_files
from layers.knowledge.dictionary import FILE as DICTIONARY
from layers.knowledge.standards import DATA, load_kinds, standard_file
from layers.knowledge.titles import find_title
from layers.recipe.parse import read_recipe
from layers.recipe.schema import FILE_NAME
from layers.sources.files import find_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def knowledge_used(folder: Path, standard: str, *, folders: Sequence[Path]) -> dict[str, bytes]:
    """
    Read the recipe of a city's folder, a standard, kinds, rules for cases and the dictionary.

    Areas that its campaigns draw in files are looked for in `folders`, as its layers are.
    """
    kinds = {kind.id: kind.columns for kind in load_kinds().values()}
    recipe, data = read_recipe(folder, kinds=kinds)
    rules = find_case_files(recipe, folder).paths()
    areas = {
        path.name: path
        for each in recipe.campaigns
        for name in each.files
        for path in find_files(name, folders=folders, entry=each.entry, url="")
    }
    titles = [find_title(recipe.title.standard, folder=folder)] if recipe.title else []
    return {
        FILE_NAME: data,
        f"standards/{standard}.toml": standard_file(standard, city=folder).read_bytes(),
        "kinds.toml": (DATA / "kinds.toml").read_bytes(),
        "dictionary.toml": DICTIONARY.read_bytes(),
        **{f"taxonomy/{path.name}": path.read_bytes() for path in rules},
        **{f"titles/{path.name}": path.read_bytes() for path in titles},
        **{f"campaigns/{name}": path.read_bytes() for name, path in areas.items()},
    }
