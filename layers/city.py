"""A loaded city: checked frames, what happened to every row, and where it all came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis.model.ladder import Ladder
from analysis.model.monitoring import MonitoringRules
from analysis.model.survey import SurveyRules
from analysis.privacy.recognise import NUMBERS, mask

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd
    from pyproj import CRS

    from analysis.access.land import Land
    from analysis.issues.working_time import Calendar
    from analysis.model.campaign import Campaign
    from analysis.model.standards import Kind
    from analysis.model.taxonomy import Action, Taxonomy
    from analysis.model.title import Title

FIRST_IDS = 5
ABOUT_PEOPLE = ("issues", "lookback_results", "survey")
"""How the names of layers begin whose rows are about people who reported."""


@dataclass(frozen=True)
class Note:
    """
    One thing that loading did to, or saw in, some rows of a layer.

    Attributes
    ----------
    layer
        Which layer: `LayerReport.id`.
    outcome
        `repaired` (the row was changed and loaded), `quarantined` (not loaded, for this
        reason) or `noted` (loaded as it is, but the reader should know).
    rule
        Stable code; `data/words/notes.toml` has its sentence under `note.<rule>`.
    count
        Rows concerned.
    first
        Up to `FIRST_IDS` identifiers (or `row N`), for finding them.
    facts
        Values for the sentence: column, value found, replaced by …
    """

    layer: str
    outcome: str
    rule: str
    count: int
    first: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Mask numbers of people in what is quoted, for notes are shown and written everywhere."""
        people = self.layer.startswith(ABOUT_PEOPLE)
        classes = (*NUMBERS, "name") if people else NUMBERS
        told = {
            key: mask(value, classes=classes) if isinstance(value, str) else value
            for key, value in self.facts.items()
        }
        object.__setattr__(self, "facts", told)
        first = tuple(mask(each, classes=classes) for each in self.first)
        object.__setattr__(self, "first", first)


@dataclass(frozen=True)
class LayerReport:
    """
    Where one layer came from and what became of its rows.

    `rows_in = not_selected + loaded + quarantined`, always; `repaired` is a part of
    `loaded`; `not_selected` counts rows that the recipe's own filter leaves out, and totals and
    notes under a table.

    Attributes
    ----------
    id
        Unique in the city: kind, with `-2`, `-3` … where several files make one layer.
    kind
        One of `layers.recipe.schema.OWN_KINDS`, or a facility kind.
    files
        Names as in the recipe, with the sha256 of what was read.
    source, publication_date, licence, url
        As the recipe states them.
    remark
        What to know about the layer, by language; may be empty.
    edition
        Of an earlier edition of a layer; empty for the present one.
    loaded
        Rows of the source that are in the frame. Where the recipe groups rows into one
        facility, a note says into how many.
    """

    id: str
    kind: str
    files: Mapping[str, str]
    source: str
    publication_date: str
    licence: str
    url: str
    remark: Mapping[str, str]
    rows_in: int
    not_selected: int
    loaded: int
    repaired: int
    quarantined: int
    notes: tuple[Note, ...] = ()
    edition: str = ""


@dataclass(frozen=True)
class City:
    """
    One city, ready to be assessed. Nothing may change its frames.

    Attributes
    ----------
    id
        Name of its folder.
    name
        By language, `zh` and `en`.
    language, time_zone
        Default language of the screens; IANA zone of its times.
    standard
        Identifier of the standard shown first.
    crs
        Metric CRS of every frame.
    scale_error
        Greatest relative error of a length in `crs` over the city.
    as_of
        The day on which open and overdue issues are counted.
    communities, facilities, residents, issues, streets
        Frames as in `analysis.model.contracts`; `None` where the city has no such layer.
        `facilities` holds every kind, closed ones too.
    earlier
        Facilities of earlier editions, by edition; each has the kinds that it was made for.
    taxonomy
        What is known of the categories of its issues.
    calendar
        Its working calendar, if the recipe names one.
    land
        Water, residential land and built-up area, as far as there are layers.
    zones
        Named zones as in `analysis.model.contracts`; `None` without a layer.
    kinds
        The facility kinds that the city has a layer for, by identifier.
    absent
        Layers and kinds that the product knows and the city lacks.
    reports
        One a layer, in the order of the recipe.
    quarantine
        Rows not loaded: `layer, file, row, id, reason, detail, content` (JSON of the row as
        read; `row` counts from 1 below the headings of `file`).
    fingerprint
        sha256 over the recipe, what is known of categories and every input file.
    rechecks
        What rechecks of closed cases found: `result`, one of
        `analysis.handling.recheck.RESULTS` or empty, and `checked_at`, by `issue_id`; `None`
        without such a layer.
    survey
        Answers as in `analysis.model.contracts`; `None` without a layer.
    frontages
        Shops and frontage lines as in `analysis.model.contracts`; `None` without a layer.
    readings
        Readings and samples of monitoring as there; `None` without a layer.
    actions
        What can be considered against cases, by code of a category of `taxonomy`.
    ladder, survey_rules, monitoring_rules
        Its levels of warning, and what its surveys and readings are judged by.
    title
        The title that it holds or strives for; `None` where it names none.
    clause_values
        Values entered for clauses of its standard, as
        `analysis.casework.readiness.ENTERED_COLUMNS`; `None` without such a layer.
    home_kinds, target, levels
        As in `layers.recipe.schema.Recipe`.
    background
        Layers for finding one's way, by kind: `green` polygons, `main_streets` lines, and
        `place_names` points with the metres that a name is meant for (`size_m`).
    campaigns
        By identifier, in the order of the recipe.
    """

    id: str
    folder: Path
    name: Mapping[str, str]
    language: str
    time_zone: str
    standard: str
    crs: CRS
    scale_error: float
    as_of: pd.Timestamp
    communities: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    residents: pd.DataFrame | None
    issues: pd.DataFrame | None
    streets: gpd.GeoDataFrame | None
    taxonomy: Taxonomy
    calendar: Calendar | None
    land: Land
    zones: gpd.GeoDataFrame | None
    kinds: Mapping[str, Kind]
    absent: tuple[str, ...]
    reports: tuple[LayerReport, ...]
    quarantine: pd.DataFrame
    fingerprint: str
    rechecks: pd.DataFrame | None = None
    survey: pd.DataFrame | None = None
    frontages: gpd.GeoDataFrame | None = None
    readings: pd.DataFrame | None = None
    earlier: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    actions: Mapping[str, Action] = field(default_factory=dict)
    ladder: Ladder = field(default_factory=Ladder)
    title: Title | None = None
    clause_values: pd.DataFrame | None = None
    survey_rules: SurveyRules = field(default_factory=SurveyRules)
    monitoring_rules: MonitoringRules = field(default_factory=MonitoringRules)
    home_kinds: tuple[str, ...] = ()
    target: Mapping[str, float] = field(default_factory=dict)
    levels: tuple[Mapping[str, str], ...] = ()
    background: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    campaigns: Mapping[str, Campaign] = field(default_factory=dict)
