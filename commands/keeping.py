"""The command `verify`: what is kept is as it was written."""

from typing import Annotated, Literal

import typer

from commands.console import USAGE_EXIT, Language
from commands.options import LanguageOption
from exports.formats.terminal import printable
from wording.catalogue import load_words
from wording.speaker import Speaker


def verify(
    what: Annotated[Literal["log"], typer.Argument(metavar="log", help="The log of the store.")],
    head: Annotated[
        str, typer.Option(metavar="HEAD", help="Where the log once ended, as told at that time.")
    ] = "",
    language: LanguageOption = None,
) -> None:
    """Hold the log to itself and every record to the log; tell which was touched."""
    from store import database, verification  # noqa: PLC0415  seldom wanted
    from store.log import known_head  # noqa: PLC0415  the same

    translate, known = Speaker(load_words(), language or Language.en), known_head(head)
    with database.opened(make=False) as store:
        verified = verification.verify(store, known=known)
    for each in verified.findings:
        typer.echo(printable(translate(f"verify.{each.code}", **vars(each))))
    if verified.findings:
        raise typer.Exit(USAGE_EXIT)
    typer.echo(translate(f"verify.whole_{what}", count=verified.head.position))
    if verified.head.position:
        typer.echo(translate("verify.head", head=verified.head))
