"""The options of the commands: their form, and the sentence of `--help`."""

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal

import typer

from analysis.model.question import Basis, Catchment, Measure, Problem, Shape, Windows
from commands.console import Language


def named_folder(text: str) -> Path:
    """Read the name of a folder; no name at all would be the folder one stands in."""
    if not text.strip():
        msg = "name a folder; for the one you are in write a dot."
        raise typer.BadParameter(msg)
    return Path(text)


CityFolder = Annotated[Path, typer.Argument(metavar="CITY", help="Folder with a city.toml.")]
Out = Annotated[
    Path,
    typer.Option(parser=named_folder, metavar="DIR", help="Folder for the result; it is made."),
]
LanguageOption = Annotated[
    Language | None, typer.Option(help="Default: the city's own for results, English for errors.")
]
Day = Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD")]
StandardOption = Annotated[str, typer.Option(metavar="ID", help="Default: the city's own.")]
Radii = Annotated[
    list[str] | None,
    typer.Option(metavar="KIND=METRES", help="Replaces the standard's; may be repeated."),
]
MeasureOption = Annotated[
    Literal["rule", Measure, "both"],
    typer.Option(help="As each rule means it, straight, along streets (network), or both."),
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CONDITION", help="Count only facilities such as accessible; may be repeated."
    ),
]
LeastClass = Annotated[
    str, typer.Option(metavar="CLASS", help="Count only facilities of this class or better.")
]
At = Annotated[
    str,
    typer.Option(
        metavar="'DAY HH:MM'", help='Count only those open then: "Wed 21:00", "2026-10-01 10:00".'
    ),
]
PositionError = Annotated[
    float, typer.Option(metavar="METRES", help="Places may be off by so much.")
]
CatchmentOption = Annotated[
    Catchment, typer.Option(help="How capacity is shared out among people.")
]
Need = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KIND=NUMBER",
        help="Capacity wanted for 1,000 people, default: the city's mean; may be repeated.",
    ),
]
Compare = Annotated[
    str,
    typer.Option(
        metavar="OTHER",
        help="Also compare with an earlier edition (its date) or another delivery (a folder).",
    ),
]
Category = Annotated[str | None, typer.Option(help="As in the data; default: all.")]
CampaignName = Annotated[
    str,
    typer.Option(
        "--campaign",
        metavar="NAME",
        help="Only what this campaign of the city is about; without a day, in its days.",
    ),
]
Cell = Annotated[
    float | None, typer.Option(metavar="METRES", help="Side of a cell; default: proposed.")
]
ShapeOption = Annotated[Shape, typer.Option(help="Shape of the cells.")]
BasisOption = Annotated[
    Basis | None,
    typer.Option(
        help="Compare cases over residents (rate), over streets, or as counts; by default over"
        " residents where they are known."
    ),
]
WindowsOption = Annotated[
    Windows, typer.Option(help="What the scan looks through: circles, or ellipses too (slower).")
]
Near = Annotated[float, typer.Option(metavar="METRES", help="Same place, for what comes back.")]
Days = Annotated[int, typer.Option(help="Follow-up after a closing.")]
Draw = Annotated[
    str,
    typer.Option(
        metavar="NUMBER",
        help="Public number that decides what is looked at again; by default the last day.",
    ),
]
CaseMix = Annotated[
    bool,
    typer.Option(
        "--case-mix",
        help="Compare units with what the city achieves with the categories they have.",
    ),
]
Months = Annotated[int, typer.Option(min=1, max=12, help="Length of the periods compared.")]
ClusterDistance = Annotated[
    float, typer.Option(metavar="METRES", help="Density clusters: so near,")
]
ClusterCases = Annotated[int, typer.Option(help="and so many cases within it.")]
Formats = Annotated[
    str,
    typer.Option("--format", metavar="LIST", help="Some of docx,pdf,xlsx,png,svg; default: all."),
]
DecisionFormats = Annotated[
    str,
    typer.Option("--format", metavar="LIST", help="The paper for a decision: docx, pdf, or both."),
]
Communities = Annotated[
    list[str] | None,
    typer.Option(metavar="ID", help="Also write a sheet of this community; may be repeated."),
]
WhoseReach = Annotated[
    str, typer.Option(metavar="ID", help="Whose reach counts; default: the city's own.")
]
Author = Annotated[str, typer.Option(metavar="NAME", help="Who saves the scenario.")]
ScenarioAction = Annotated[
    Literal["list", "show", "planned", "import", "renew"],
    typer.Argument(
        metavar="ACTION",
        help="list; show NAMES side by side, as files with --out; planned NAME, what the"
        " register has as planned; import FILE, which show wrote; renew NAME on newer data.",
    ),
]
Names = Annotated[list[str] | None, typer.Argument(metavar="NAMES")]
ShowOut = Annotated[
    Path | None, typer.Option(parser=named_folder, metavar="DIR", help="For the files of show.")
]
PlannedKinds = Annotated[
    list[str] | None, typer.Option(metavar="KIND", help="For planned; default: every kind.")
]
Note = Annotated[str, typer.Option(metavar="TEXT", help="To be saved with it.")]
ScenarioName = Annotated[
    str, typer.Option(metavar="NAME", help="Also keep the sites as a scenario (STORE=folder).")
]
Weight = Annotated[
    list[str] | None,
    typer.Option(metavar="PART=NUMBER", help="In the joint priority; may be repeated."),
]
NewKinds = Annotated[
    list[str],
    typer.Option("--kind", help="Of the new facilities, as in data/kinds.toml; may be repeated."),
]
NewSites = Annotated[int | None, typer.Option(help="How many to add,")]
Closures = Annotated[
    int | None,
    typer.Option(
        "--close", help="Or how many to close, and with --sites to open elsewhere instead."
    ),
]
NewShare = Annotated[
    float | None, typer.Option(help="or which share of the residents to reach (0-1),")
]
Budget = Annotated[float | None, typer.Option(help="or what to spend, with --cost.")]
Minimum = Annotated[
    bool, typer.Option("--minimum", help="or as few as make every community meet the rule.")
]
Costs = Annotated[
    list[str] | None,
    typer.Option(metavar="KIND=NUMBER", help="Of one facility; may be repeated."),
]
ProblemOption = Annotated[
    Problem,
    typer.Option(
        help="People in reach (cover), with a second facility (backup), mean or greatest way, "
        "people whom stalls are enough for (capacity)."
    ),
]
NewStalls = Annotated[
    float | None,
    typer.Option(metavar="NUMBER", help="Of each new facility, for --problem capacity."),
]
SitingWeight = Annotated[
    str,
    typer.Option(metavar="WHAT", help="people, complaints (people times reports), or a group."),
]
OneMeasure = Annotated[
    Literal["rule", Measure],
    typer.Option(help="As each rule means it, straight, or along streets (network)."),
]
PlotsFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", exists=True, help="Points or plots, with cost, instead of those."),
]
WithinFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", exists=True, help="Polygons that they have to stand in."),
]
WithinZone = Annotated[
    str, typer.Option(metavar="ID", help="Zone of the city's layer that they have to stand in.")
]
OutsideFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", exists=True, help="Polygons that they may not stand in."),
]
SitesOption = Annotated[
    str,
    typer.Option(
        metavar="WHERE",
        help="homes, grid, streets, or a kind of the city at whose places they may stand.",
    ),
]
Apart = Annotated[
    float, typer.Option(metavar="METRES", min=0, help="Least distance to one another.")
]
FromExisting = Annotated[
    float | None,
    typer.Option(metavar="METRES", min=0, help="To what is there; default: as --apart."),
]
TaskAction = Annotated[
    Literal["list", "create", "lists", "read"],
    typer.Argument(
        metavar="ACTION",
        help="list; create, of findings; lists, as workbooks to --out; read FILE, which came back.",
    ),
]
TaskFile = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="For read: a workbook that was filled in.")
]
TaskOut = Annotated[
    Path | None,
    typer.Option(parser=named_folder, metavar="DIR", help="For lists: tables and lists."),
]
FindingKinds = Annotated[
    list[str] | None,
    typer.Option("--kind", metavar="KIND", help="For create: of findings; may be repeated."),
]
FindingPlaces = Annotated[
    list[str] | None,
    typer.Option("--community", metavar="ID", help="For create: only there; may be repeated."),
]
FindingUnit = Annotated[
    str, typer.Option(metavar="NAME", help="For create: only findings of this unit.")
]
Stage = Annotated[
    str,
    typer.Option("--state", metavar="STATE", help="Only these: a state, late, slips or proposed."),
]
TaskUnit = Annotated[
    str, typer.Option(metavar="NAME", help="Responsible: only its tasks, or for create who it is.")
]
TaskLeader = Annotated[
    str, typer.Option(metavar="NAME", help="Leader: only theirs, or for create who it is.")
]
Team = Annotated[str, typer.Option(metavar="NAME", help="For create.")]
Within = Annotated[
    int, typer.Option(metavar="DAYS", help="For create: deadline so many working days from today.")
]
EachOf = Annotated[
    Literal["", "leader", "unit"],
    typer.Option("--each", help="For lists: also one workbook for each leader or unit."),
]
Take = Annotated[
    bool, typer.Option("--take", help="For read: also save what was changed; else it is told.")
]
OverConflicts = Annotated[
    bool, typer.Option("--over-conflicts", help="With --take: where in conflict the file wins.")
]
