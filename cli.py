"""Composes the command line: the recipes of the dashboard without a screen."""

from __future__ import annotations

import gc

if __name__ == "__main__":
    gc.disable()  # a short run frees all at its end; looking for cycles cost a fifth of it

from typing import TYPE_CHECKING

import typer

from commands import (
    accounts,
    campaigns,
    coverage,
    data,
    frontage,
    inspections,
    issues,
    keeping,
    levels,
    monitoring,
    pack,
    public,
    readiness,
    reports,
    scenarios,
    siting,
    survey,
    tasks,
)
from commands.console import Command

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Coverage of facilities and hot spots of issues, from a city's folder to a result's.",
)
COMMANDS: dict[str, Callable[..., None]] = {
    "check": data.check,
    "new": data.new_city,
    "correct": data.correct_rows,
    "prepare": data.prepare_register,
    "fetch": data.fetch,
    "osm": data.city_from_osm,
    "coverage": coverage.coverage,
    "place": siting.place,
    "scenarios": scenarios.scenarios,
    "verify": keeping.verify,
    "backup": keeping.back_up,
    "restore": keeping.restore,
    "users": accounts.users,
    "log": accounts.log,
    "hotspots": issues.hotspots,
    "warnings": issues.warnings,
    "report": reports.report,
    "public": public.public,
    "findings": reports.findings,
    "tasks": tasks.tasks,
    "inspections": inspections.inspections,
    "readiness": readiness.readiness,
    "pack": pack.pack,
    "survey": survey.survey,
    "frontage": frontage.frontage,
    "monitoring": monitoring.monitoring,
    "campaigns": campaigns.campaigns,
    "levels": levels.levels,
}
for name, command in COMMANDS.items():
    app.command(name, cls=Command)(command)

if __name__ == "__main__":
    app()
