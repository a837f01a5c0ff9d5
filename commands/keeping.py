"""The commands `verify`, `backup` and `restore`: what is kept is as it was written, and stays."""

from pathlib import Path
from typing import Annotated

import typer

from commands.console import USAGE_EXIT, Language
from commands.options import LanguageOption, named_folder
from exports.formats.terminal import printable
from wording.catalogue import load_words
from wording.speaker import Speaker

LOG = "log"
PACK_EXITS = (3, 4, 5)
"""A file of the pack was touched; inputs or tables are others; tables could not be made again."""


def verify(
    what: Annotated[
        str, typer.Argument(metavar="log|PACK", help="The log of the store, or an evidence pack.")
    ],
    head: Annotated[
        str, typer.Option(metavar="HEAD", help="Where the log once ended, as told at that time.")
    ] = "",
    data: Annotated[
        Path | None,
        typer.Option(metavar="CITY", help="Make the tables of a pack again from this folder."),
    ] = None,
    language: LanguageOption = None,
) -> None:
    """Hold the log to itself, or a pack to its record and its inputs; tell what differs."""
    translate = Speaker(load_words(), language or Language.en)
    if what == LOG:
        _verify_log(head, translate)
    else:
        _verify_pack(Path(what), data, translate)


def _verify_log(head: str, translate: Speaker) -> None:
    """Hold the log to itself and every record to the log; tell which was touched."""
    from store import database, verification  # noqa: PLC0415  seldom wanted
    from store.log import known_head  # noqa: PLC0415  the same

    known = known_head(head)
    with database.opened(make=False) as store:
        verified = verification.verify(store, known=known)
    for each in (*verified.findings, *verified.unsummed):
        typer.echo(printable(translate(f"verify.{each.code}", **vars(each))))
    if verified.findings:
        raise typer.Exit(USAGE_EXIT)
    typer.echo(translate("verify.whole_log", count=verified.head.position))
    if verified.head.position:
        typer.echo(translate("verify.head", head=verified.head))


def _verify_pack(file: Path, data: Path | None, translate: Speaker) -> None:
    """Tell what of a pack is not as it was; the exit code says the worst of it."""
    from exports.recipes import pack_check as recipe  # noqa: PLC0415  brings scipy

    checked = recipe.check_pack(recipe.read_pack(file), data, translate.words)
    for sentence in recipe.sentences(checked, translate):
        typer.echo(printable(sentence))
    outcomes = (checked.touched, checked.differs, checked.unknown)
    for found, code in zip(outcomes, PACK_EXITS, strict=True):
        if found:
            raise typer.Exit(code)


def back_up(
    folder: Annotated[
        Path, typer.Argument(parser=named_folder, metavar="FOLDER", help="Where copies go.")
    ],
    keep: Annotated[
        int, typer.Option(metavar="N", min=0, help="How many copies stay, the newest; 0: all.")
    ] = 0,
    language: LanguageOption = None,
) -> None:
    """Copy the store while people work, and hold the copy to its log."""
    from store import backup  # noqa: PLC0415  seldom wanted

    translate = Speaker(load_words(), language or Language.en)
    made = backup.back_up(folder, keep=keep)
    typer.echo(printable(translate("backup.made", file=str(made.file), count=made.head.position)))
    if made.head.position:
        typer.echo(translate("verify.head", head=made.head))


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A copy that `backup` made.")],
    head: Annotated[
        str, typer.Option(metavar="HEAD", help="Where its log ended, as told at that time.")
    ] = "",
    language: LanguageOption = None,
) -> None:
    """Put a copy in the place of a store that is not there, once it agrees with its log."""
    from store import backup  # noqa: PLC0415  seldom wanted
    from store.log import known_head  # noqa: PLC0415  the same

    translate = Speaker(load_words(), language or Language.en)
    used = backup.restore(file, known=known_head(head))
    typer.echo(printable(translate("backup.used", file=str(file), count=used.head.position)))
