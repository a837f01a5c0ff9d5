"""Commands on a city's data: check, new, correct, prepare, fetch, osm."""

from pathlib import Path
from typing import Annotated

import typer

from analysis.model.roles import EXPORTS
from commands.console import USAGE_EXIT, Language, sentence, show, speaker, write
from commands.options import CityFolder, LanguageOption, Out, named_folder
from commands.permission import classes_seen, is_allowed
from exports.formats import city_folder
from exports.formats.folder import check_folder, check_untouched
from exports.formats.terminal import printable
from exports.recipes.check import CHECK_FILES, check_files
from exports.tables.data import layer_table, note_table
from layers.knowledge.standards import load_kinds
from layers.load import load_city
from layers.recipe.schema import FILE_NAME
from wording.catalogue import load_words
from wording.speaker import Speaker

QUARANTINE = "quarantine"
ZoneOption = Annotated[
    str,
    typer.Option(
        metavar="ZONE",
        help="Such as Europe/Zurich; default: as the map says, else the nearest town's.",
    ),
]


def check(
    city: CityFolder,
    out: Annotated[
        Path | None, typer.Option(parser=named_folder, metavar="DIR", help="Also write the tables.")
    ] = None,
    language: LanguageOption = None,
) -> None:
    """Read a city and tell what became of every row."""
    if out is not None:
        check_folder(out, CHECK_FILES, command="check")
    loaded = load_city(city)
    translate = speaker(loaded, language)
    notes = note_table(loaded, words=translate.words, language=translate.language)
    show("layers", layer_table(loaded, language=translate.language), translate)
    if len(notes):
        typer.echo()
        show("notes", notes, translate)
    if out is not None:
        files = check_files(loaded, translate, seen=classes_seen())
        if not is_allowed(EXPORTS, QUARANTINE):
            del files[f"{QUARANTINE}.csv"]
        write(files, out, command="check")


def new_city(
    folder: Annotated[
        Path, typer.Argument(parser=named_folder, metavar="FOLDER", help="Of the city; it is made.")
    ],
    files: Annotated[
        list[Path], typer.Argument(metavar="FILES...", exists=True, help="Or folders of them.")
    ],
    name: Annotated[str, typer.Option(help="Of the city; default: the folder's.")] = "",
    kind: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE=KIND", help="What a file is, or none; may be repeated."),
    ] = None,
    language: LanguageOption = None,
) -> None:
    """Make a city of files: guess what each holds, say why, and write its city.toml."""
    from exports.recipes import new_city as recipe  # noqa: PLC0415  seldom wanted

    kinds, translate = load_kinds(), Speaker(load_words(), language or Language.en)
    listed = city_folder.listed_files(files, folder)
    with city_folder.home_of(listed, folder) as (home, placed):
        new = recipe.new_city(
            placed,
            home=home,
            name=name or folder.name,
            kinds=kinds,
            translate=translate,
            stated=recipe.stated_kinds(kind or [], placed, kinds),
        )
        for line in recipe.told(new, translate, kinds=kinds):
            typer.echo(printable(line))
        if new.city is None:
            raise recipe.no_city(folder)
        city_folder.write_city(new.recipe, home, folder)
    typer.echo()
    show("layers", layer_table(new.city, language=translate.language), translate)
    _say_next(folder, translate, ("check", "coverage", "hotspots"))


def _say_next(folder: Path, translate: Speaker, commands: tuple[str, ...]) -> None:
    """Say that a city is written, and which commands go on from there."""
    typer.echo("\n" + printable(translate("new.written", folder=folder)))
    for command in commands:
        out = "" if command == "check" else " --out results"
        typer.echo(printable(f"  python cli.py {command} {folder}{out}"))
    typer.echo(printable(f"  make dashboard CITY={folder}"))


def correct_rows(city: CityFolder, language: LanguageOption = None) -> None:
    """Write the quarantined rows as files to correct, which the next loading brings back."""
    from exports.formats.corrections import correction_files  # noqa: PLC0415  seldom wanted

    loaded = load_city(city)
    translate, files = speaker(loaded, language), correction_files(loaded, personal=True)
    for layer, name in city_folder.write_corrections(files, city).items():
        rows = int((loaded.quarantine["layer"] == layer).sum())
        typer.echo(printable(translate("correct.written", file=name, n=rows)))
    for key in ("how", "personal") if files else ("nothing",):
        typer.echo(translate(f"correct.{key}"))


def prepare_register(city: CityFolder, out: Out, language: LanguageOption = None) -> None:
    """Write the issues as columns, checked once: for registers of millions of rows."""
    from exports.recipes.prepare import PREPARED_FILES, prepared_files  # noqa: PLC0415  seldom wanted

    check_folder(out, PREPARED_FILES, command="prepare")
    loaded = load_city(city)
    translate = speaker(loaded, language)
    write(prepared_files(loaded), out, command="prepare")
    layers = layer_table(loaded, language=translate.language)
    show("layers", layers[layers["kind"] == "issues"], translate)


def fetch(
    city: CityFolder,
    seconds: Annotated[
        float, typer.Option(min=1, help="For one layer, tries and waits included.")
    ] = 900,
    language: LanguageOption = None,
) -> None:
    """Fetch the layers that have a `download` address; no other command uses the network."""
    from layers.fetch import fetch_city  # noqa: PLC0415  seldom wanted
    from layers.sources.http import Limits  # noqa: PLC0415  the same

    translate = Speaker(load_words(), language or Language.en)
    outcomes = fetch_city(
        city, kinds=load_kinds(), limits=Limits(seconds=seconds), progress=_Progress(translate)
    )
    for each in outcomes:
        line = translate(f"fetch.{each.outcome}", layer=each.layer, file=each.file, size=each.size)
        typer.echo(printable(line))
        if each.error is not None:
            typer.echo(sentence(each.error, language), err=True)
    if any(each.error for each in outcomes):
        raise typer.Exit(USAGE_EXIT)


class _Progress:
    """Tells on the error stream how much has come, each time a tenth or ten megabytes more."""

    def __init__(self, translate: Speaker) -> None:
        self.translate, self.told = translate, ("", 0)

    def __call__(self, file: str, done: int, total: int) -> None:
        """Tell it, where there is something new to tell."""
        step = total // 10 if total else 10_000_000
        if not step or self.told == (file, done // step):
            return
        self.told = (file, done // step)
        key = "fetch.progress" if total else "fetch.progress_unknown"
        line = self.translate(key, file=file, done=done, total=total)
        typer.echo(printable(line), err=True)


def city_from_osm(  # noqa: PLR0917 - each is an option
    extract: Annotated[Path, typer.Argument(metavar="EXTRACT", help="An extract *.osm.pbf.")],
    city: Annotated[
        Path, typer.Argument(metavar="CITY", help="Folder to make.", parser=named_folder)
    ],
    area: Annotated[
        str,
        typer.Option(
            metavar="AREA", help="Name of a boundary, relation/NUMBER, or a polygon as *.geojson."
        ),
    ],
    population: Annotated[
        float,
        typer.Option(min=0, help="People to share out among dwellings; 0: as the map states."),
    ] = 0,
    level: Annotated[
        int, typer.Option(min=0, max=12, help="Administrative level of communities; 0: the best.")
    ] = 0,
    time_zone: ZoneOption = "",
    language: LanguageOption = None,
) -> None:
    """Make a city's folder from an extract of OpenStreetMap."""
    from exports.recipes import osm_city as recipe  # noqa: PLC0415  brings the reader of extracts
    from layers.osm.city import read_city  # noqa: PLC0415  the same

    kinds, words = load_kinds(), load_words()
    check_folder(city, recipe.osm_names(kinds), command=recipe.COMMAND)
    check_untouched(city, FILE_NAME)
    found = read_city(extract, area, kinds=kinds, level=level, population=population)
    stated = recipe.Stated(city.absolute().name, language or "", time_zone)
    parameters = {"area": area, "population": population, "level": level}
    files = recipe.osm_files(found, stated, words, parameters=parameters)
    write(files, city, command=recipe.COMMAND)
    loaded = load_city(city)
    translate = speaker(loaded, language)
    for line in recipe.osm_lines(found, stated, translate):
        typer.echo(printable(line))
    show("layers", layer_table(loaded, language=translate.language), translate)
    _say_next(city, translate, ("check", "coverage"))
