"""A city from files: guessed, tried in the loader, told in words."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from analysis.model.errors import PlanningError, SourceError
from layers.load import load_city
from layers.recipe.schema import FILE_NAME, GUESSED_KINDS, PLACE_COLUMNS
from layers.suggest.city import NOT_TAKEN, guess_city
from layers.suggest.columns import allowed_columns
from layers.suggest.guesses import CityGuess, LayerGuess, Reason, Stated
from layers.suggest.recipe_text import recipe_text
from layers.toml_entry import unknown
from wording.layer_names import layer_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.model.standards import Kind
    from layers.city import City
    from wording.speaker import Speaker

COMMUNITIES = "communities"
_CODE = "guess"
_FEW_TWICE = 0.05
"""Share of rows with an identifier of another, from which on it identifies nothing."""
_PLACE = ("lon", "lat", "x", "y", "position")
"""Columns without which a layer is nowhere."""
Load = Callable[[CityGuess], "City"]


@dataclass(frozen=True)
class NewCity:
    """
    A city as guessed, and as it loads.

    Attributes
    ----------
    guess
        What stands in its recipe; what could not be loaded is set aside.
    recipe
        The text of its `city.toml`.
    city
        As loaded, or `None` without communities that can be.
    """

    guess: CityGuess
    recipe: str
    city: City | None


def new_city(
    files: Mapping[str, Path],
    *,
    home: Path,
    name: str,
    kinds: Mapping[str, Kind],
    translate: Speaker,
    stated: Mapping[str, Stated] | None = None,
    city_keys: Mapping[str, str] | None = None,
) -> NewCity:
    """
    Guess a city from files and try it in the loader.

    Parameters
    ----------
    files
        Paths by the name that the recipe gives them, all below `home`.
    home
        Folder in which the names are found.
    name
        Of the city.
    kinds
        Of facilities.
    translate
        Speaks the language of the recipe's comments.
    stated, city_keys
        What a person has said of a file, and of the city.
    """
    paths = [(path, file) for file, path in files.items()]
    guess = guess_city(paths, kinds=kinds, name=name, stated=stated, city_keys=city_keys)

    def text(each: CityGuess) -> str:
        return recipe_text(each, heading=translate("new.heading"), say=saying(translate))

    guess, city = _tried_in_a_folder(guess, text, home=home, kinds=kinds)
    return NewCity(guess, text(guess), city)


def _tried_in_a_folder(
    guess: CityGuess,
    text: Callable[[CityGuess], str],
    *,
    home: Path,
    kinds: Mapping[str, Kind],
) -> tuple[CityGuess, City | None]:
    """Try a guess from the text of its recipe, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder)

        def load(each: CityGuess) -> City:
            (own / FILE_NAME).write_text(text(each), encoding="utf-8")
            return load_city(own, city_data=home, kinds=kinds)

        return tried(guess, load)


def tried(guess: CityGuess, load: Load) -> tuple[CityGuess, City | None]:
    """Load a guessed city; a layer that the loader refuses is set aside, and its sentence kept."""
    areas = [layer for layer in guess.present if layer.kind == COMMUNITIES]
    if not areas:
        return guess, None
    try:
        return _with_own_numbers(guess, load(guess), load)
    except PlanningError:
        communities = _tried(areas[0], [], guess, load)
    beside = [communities] if communities.aside is None else []
    if not beside:
        layers = [communities if layer is areas[0] else layer for layer in guess.layers]
        return replace(guess, layers=tuple(layers)), None
    tried_layers = [
        communities if layer is areas[0] else _tried(layer, beside, guess, load)
        for layer in guess.layers
    ]
    sound = replace(guess, layers=tuple(tried_layers))
    return _with_own_numbers(sound, load(sound), load)


def _with_own_numbers(guess: CityGuess, city: City, load: Load) -> tuple[CityGuess, City]:
    """Number the rows where those of a column start anew in each file, and load once more."""
    repeated = {
        report.files.keys() and next(iter(report.files))
        for report in city.reports
        for note in report.notes
        if note.rule == "identifier_twice" and note.count > _FEW_TWICE * report.rows_in
    }
    layers = tuple(
        _without(layer, "id", Reason("id_repeats")) if layer.files[0] in repeated else layer
        for layer in guess.layers
    )
    if layers == guess.layers:
        return guess, city
    numbered = replace(guess, layers=layers)
    return numbered, load(numbered)


def _tried(layer: LayerGuess, beside: list[LayerGuess], guess: CityGuess, load: Load) -> LayerGuess:
    """Load one layer with the communities; a column that the loader refuses is no longer taken."""
    while layer.aside is None:
        try:
            load(replace(guess, layers=(*beside, layer)))
        except PlanningError as error:
            ours, without = error.facts.get("ours", error.facts.get("column")), layer
            if ours not in _PLACE:
                without = _without(layer, str(ours), Reason("refused", {"error": error}))
            if without is layer:
                return replace(layer, aside=Reason("refused", {"error": error}))
            layer = without
        else:
            break
    return layer


def _without(layer: LayerGuess, ours: str, doubt: Reason) -> LayerGuess:
    """Take a column of ours out of a layer, and say why."""
    if not any(column.sure and column.ours == ours for column in layer.columns):
        return layer
    columns = tuple(
        replace(column, confidence=0.0) if column.ours == ours else column
        for column in layer.columns
    )
    values = {name: texts for name, texts in layer.keys.get("values", {}).items() if name != ours}
    keys = {**layer.keys, "values": values}
    return replace(layer, columns=columns, keys=keys, doubts=(*layer.doubts, doubt))


def stated_kinds(
    options: Sequence[str], files: Mapping[str, Path], kinds: Mapping[str, Kind]
) -> dict[str, Stated]:
    """Read FILE=KIND; a file may be named without its folder."""
    stated: dict[str, Stated] = {}
    for option in options:
        file, _, kind = option.rpartition("=")
        named = [name for name in files if file in {name, Path(name).name}]
        if not named:
            raise unknown(file, files, entry="--kind", what="file", problem="value_unknown")
        allowed = (*GUESSED_KINDS, *kinds, NOT_TAKEN)
        if kind not in allowed:
            raise unknown(kind, allowed, entry="--kind", what="kind", problem="kind_unknown")
        stated |= {name: Stated(kind=kind) for name in named}
    return stated


def no_city(folder: Path) -> SourceError:
    """Make the error for files without communities that can be loaded."""
    msg = f"{folder} is not written: there are no communities that can be loaded."
    return SourceError(
        msg,
        problem="no_communities",
        hint="Add a file of their areas, such as GeoJSON, GeoPackage or a zipped shapefile.",
        folder=str(folder),
    )


def saying(translate: Speaker) -> Callable[[Reason], str]:
    """Put reasons into words."""

    def say(reason: Reason) -> str:
        error = reason.facts.get("error")
        if isinstance(error, PlanningError):
            return f"{translate.error(error)} {translate.hint(error)}".strip()
        facts = dict(reason.facts)
        for name in ("given", "columns"):
            if isinstance(ours := facts.get(name), tuple):
                facts[name] = translate("asked.and").join(
                    translate(f"ours.{each}") for each in ours
                )
        if isinstance(sure := facts.get("sure"), float):
            facts["sure"] = sure_text(sure, translate)
        if isinstance(title := facts.get("title"), dict):
            facts["title"] = translate.of(title)
        if "ours" in facts:
            facts["ours"] = translate(f"ours.{facts['ours']}")
        if "shapes" in facts:
            facts["shapes"] = translate(f"shapes.{facts['shapes']}")
        return translate(f"{_CODE}.{reason.code}", **facts)

    return say


def sure_text(confidence: float, translate: Speaker) -> str:
    """Write how sure a guess is; a tenth of a percent would say more than is known."""
    return translate.share(confidence, digits=0)


def told(new: NewCity, translate: Speaker, *, kinds: Mapping[str, Kind]) -> list[str]:
    """Say in lines what was understood, what a person should look at, and what was left out."""
    say = saying(translate)
    lines = [translate("new.understood", n=len(new.guess.present))]
    for layer in new.guess.present:
        lines += ["", *_told_layer(layer, translate, kinds)]
    lines += ["", *(f"! {say(doubt)}" for doubt in new.guess.doubts)]
    aside = [layer for layer in new.guess.layers if layer.aside is not None]
    if aside:
        lines += ["", translate("new.aside", n=len(aside))]
        lines += [
            f"- {', '.join(layer.files)}: {say(layer.aside)}" for layer in aside if layer.aside
        ]
    return lines


def _told_layer(layer: LayerGuess, translate: Speaker, kinds: Mapping[str, Kind]) -> list[str]:
    say = saying(translate)
    kind = kind_name(layer.kind, translate, kinds)
    lines = [
        translate(
            "new.layer",
            files=", ".join(layer.files),
            kind=kind,
            sure=sure_text(layer.confidence, translate),
            rows=layer.rows,
        )
    ]
    lines += [f"  {say(reason)}" for reason in layer.reasons]
    if layer.taken:
        pairs = [
            f"{theirs} = {', '.join(translate(f'ours.{each}') for each in ours)}"
            for theirs, ours in layer.taken.items()
        ]
        lines.append("  " + "; ".join(pairs))
    unsure = [guess for guess in layer.columns if not guess.sure]
    lines += [
        "  ? " + translate("new.unsure", heading=each.theirs, ours=translate(f"ours.{each.ours}"))
        for each in unsure
    ]
    return [*lines, *(f"  ! {say(doubt)}" for doubt in layer.doubts)]


def kind_name(kind: str, translate: Speaker, kinds: Mapping[str, Kind]) -> str:
    """Name a kind of layer in the reader's language."""
    return layer_name(kind, kinds, translate) if kind else translate("new.no_kind")


@dataclass(frozen=True)
class ShownColumns:
    """
    The columns of a file as a table that a reader corrects.

    Attributes
    ----------
    table
        One row a column of theirs, in the reader's language.
    theirs, ours
        Headings of the column of theirs, and of the one that is corrected.
    options
        What may stand in it.
    names
        Our columns by what they are called there.
    """

    table: pd.DataFrame
    theirs: str
    ours: str
    options: list[str]
    names: Mapping[str, str]


def shown_columns(layer: LayerGuess, translate: Speaker, kinds: Mapping[str, Kind]) -> ShownColumns:
    """Lay the columns of a file out for correction; what is not sure is not filled in."""
    types = {name: kind.columns for name, kind in kinds.items()}
    own = (*allowed_columns(layer.kind, types), *PLACE_COLUMNS) if layer.kind else ()
    names = {translate(f"ours.{column}"): column for column in own}
    say, theirs, ours = saying(translate), translate("add.theirs"), translate("add.ours")
    guesses = {guess.theirs: guess for guess in layer.columns}
    rows = []
    for heading in layer.headings if own else ():
        guess = guesses.get(heading)
        rows.append(
            {
                theirs: heading,
                ours: translate(f"ours.{guess.ours}") if guess and guess.sure else "",
                translate("add.sure"): sure_text(guess.confidence, translate) if guess else "",
                translate("add.why"): say(guess.reason) if guess else "",
            }
        )
    return ShownColumns(pd.DataFrame(rows), theirs, ours, ["", *names], names)


def with_stated(
    stated: Stated | None,
    layer: LayerGuess,
    *,
    kind: str,
    columns: ShownColumns,
    edited: pd.DataFrame,
    keys: Mapping[str, str],
) -> Stated:
    """Take what a reader has changed of a guess as stated; what was left stays guessed."""
    before = stated or Stated()
    changed = {}
    if len(edited):
        pairs = zip(
            edited[columns.theirs], edited[columns.ours], columns.table[columns.ours], strict=True
        )
        changed = {
            theirs: columns.names.get(new or "", "")
            for theirs, new, old in pairs
            if (new or "") != (old or "")
        }
    said = {
        key: text.strip() for key, text in keys.items() if text.strip() != layer.keys.get(key, "")
    }
    return Stated(
        kind=kind or None, columns={**before.columns, **changed}, keys={**before.keys, **said}
    )
