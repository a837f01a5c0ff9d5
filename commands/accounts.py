"""The commands `users` and `log`: who can log in here, and what was done."""

import getpass
import sys
from typing import Annotated, Literal

import typer

from analysis.model.errors import SettingsError
from commands.console import Language
from commands.options import LanguageOption
from exports.formats.terminal import printable
from wording.catalogue import load_words
from wording.log import worded_entry
from wording.speaker import Speaker

SHOWN = 50


def users(
    action: Annotated[
        Literal["add", "passwd", "disable", "enable", "list"],
        typer.Argument(metavar="add|passwd|disable|enable|list", help="What to do."),
    ],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the account.")] = "",
    language: LanguageOption = None,
) -> None:
    """Keep the accounts of those who log in here; a password is asked for, or read from a pipe."""
    from store import accounts, database  # noqa: PLC0415  seldom wanted

    translate = Speaker(load_words(), language or Language.en)
    if action != "list" and not name:
        msg = f"users {action}: no account is named."
        hint = "Write its name behind it."
        raise SettingsError(msg, problem="account_unnamed", hint=hint, action=action)
    with database.opened() as store:
        if action == "list":
            for each in accounts.all_accounts(store):
                state = "disabled" if each.disabled else "locked" if each.locked else "open"
                typer.echo(f"{printable(each.name)}\t{translate(f'account.{state}')}\t{each.code}")
            return
        if action == "add":
            accounts.add_account(store, name, _password(translate))
        elif action == "passwd":
            accounts.set_password(store, name, _password(translate))
        else:
            accounts.disable(store, name, disabled=action == "disable")
    typer.echo(printable(translate(f"account.done_{action}", name=name)))


def _password(translate: Speaker) -> str:
    """Ask for a password twice, unseen; a pipe is asked for its first line."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass(translate("account.password"))
    if getpass.getpass(translate("account.again")) == first:
        return first
    msg = "The two passwords differ."
    raise SettingsError(msg, problem="account_differ", hint="Type them again.")


def log(
    before: Annotated[
        int, typer.Option(min=0, metavar="N", help="Show entries before number N.")
    ] = 0,
    most: Annotated[int, typer.Option(min=1, max=10_000, metavar="N", help="How many.")] = SHOWN,
    language: LanguageOption = None,
) -> None:
    """List what was done, the newest first: number, time in UTC, what, by which account."""
    from store import accounts, database  # noqa: PLC0415  seldom wanted
    from store.log import entries  # noqa: PLC0415  the same

    translate = Speaker(load_words(), language or Language.en)
    with database.opened(make=False) as store:
        found = entries(store, before=before, most=most)
        names = {each.code: each.name for each in accounts.all_accounts(store)}
    for each in found:
        at = each.time[:19].replace("T", " ")
        said = {"action": each.action, "kind": each.kind, "subject": each.subject}
        cells = worded_entry(translate, names, **said, facts=each.facts)
        typer.echo("\t".join([str(each.position), at, *map(printable, cells)]))
