"""What a recipe may say: the keys and columns of `city.toml`, and the records made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis.model.contracts import GROUPS, INCOME
from analysis.model.levels import LEVELS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from layers.formats.read import How

FILE_NAME = "city.toml"
LAND_KINDS = ("water", "residential", "built_up")
RESULTS_KIND = "lookback_results"
ADDRESSES = "addresses"
CLAUSE_VALUES = "clause_values"
ZONE = "zone"
SURVEY = "survey"
FRONTAGE = "frontage"
MONITORING = "monitoring"
GREEN, MAIN_STREETS, PLACE_NAMES = "green", "main_streets", "place_names"
BACKGROUND_KINDS = (GREEN, MAIN_STREETS, PLACE_NAMES)
"""Layers for finding one's way on a map: no figure rests on them, and a city does without."""
HOME_KINDS = 3
"""Most kinds of the first screen."""
BASE_KINDS = ("communities", "residents", "issues", "streets", *LAND_KINDS, ZONE)
GUESSED_KINDS = (*BASE_KINDS, SURVEY, FRONTAGE, CLAUSE_VALUES, MONITORING)
"""What the assistant knows beside the kinds of facilities."""
OWN_KINDS = (*GUESSED_KINDS, RESULTS_KIND, ADDRESSES, *BACKGROUND_KINDS)
"""Every kind of layer that is no kind of facility."""
CITY_KEYS = (
    "name", "language", "time_zone", "crs", "as_of", "standard", "taxonomy", "calendar",
    "deadlines", "actions", "ladder", "survey", "monitoring", "title", "home_kinds", "target",
    "levels", "campaigns", "layers",
)  # fmt: skip
TEXT_HOW_KEYS = ("format", "layer", "records", "encoding", "quote_pattern")
HEADING_KEYS = ("header_row", "skip_rows", "names")
HOW_KEYS = (*TEXT_HOW_KEYS, *HEADING_KEYS)
SOURCE_KEYS = (
    "source", "publication_date", "url", "licence", "remark", "edition", "download", "sha256",
)  # fmt: skip
LAYER_KEYS = (
    "kind", "file", "files", "database", "table", "query", "optional", *HOW_KEYS, "crs",
    "columns", "values", "constants", "where", "where_not", "missing", "footer", "join", "group",
    "check", "position_pattern", "times", "decimal", "thousands", "factors",
    "keep_texts_months", *SOURCE_KEYS,
)  # fmt: skip
TITLE_ENTRY_KEYS = ("standard", "year", "review")
CAMPAIGN_KEYS = ("name", "from", "to", "categories", "area")
AREA_KEYS = ("parents", "communities", "zones", "file")
JOIN_KEYS = ("file", "files", *HOW_KEYS, "where", "on", "columns", "default")
GROUP_KEYS = ("by", "count")
CHECK_KEYS = ("crs", "x", "y", "tolerance_m")
PLACE_COLUMNS = ("lon", "lat", "x", "y", "position", "address")
COUNTED, SINGLE = ("asked", "yes"), ("answer", "weight")
"""Columns of a survey that come as counts of answers, and as single answers."""
COLUMNS = {
    "communities": (
        *("id", "name", "name_en", "name_zh", "population"),
        *(f"{level}{ending}" for level in LEVELS for ending in ("", "_en", "_zh")),
    ),
    "residents": ("id", "population", *GROUPS, INCOME),
    "issues": (
        "id", "category", "reported_at", "due_at", "closed_at", "verified_at", "handled_at",
        "status", "stage", "unit", "leader", "source", "source_level", "inspection", "severity",
        "text", "community", "parent",
    ),
    "streets": (
        "id", "name", "name_en", "name_zh", "from_node", "to_node", "walkable", "from_height_m",
        "to_height_m",
    ),
    RESULTS_KIND: ("id", "result", "checked_at"),
    SURVEY: ("id", "area", "parent", "asked_at", "topic", *COUNTED, *SINGLE),
    ADDRESSES: ("id", "name", "street", "number"),
    CLAUSE_VALUES: ("id", "clause", "value", "day", "source"),
    FRONTAGE: (
        "id", "name", "name_en", "name_zh", "street", "unit", "signed", "result", "checked_at",
        "frontage_m",
    ),
    MONITORING: (
        "id", "name", "name_en", "name_zh", "station", "network", "indicator", "sampled_at",
        "value", "value_unit", "detection_limit", "limit", "upper_limit", "lower_limit", "result",
    ),
    **dict.fromkeys(LAND_KINDS, ("id", "name")),
    **dict.fromkeys((ZONE, GREEN, MAIN_STREETS), ("id", "name", "name_en", "name_zh")),
    PLACE_NAMES: ("id", "name", "name_en", "name_zh", "size_m"),
}  # fmt: skip
FACILITY_COLUMNS = ("id", "name", "name_en", "name_zh", "status")


@dataclass(frozen=True)
class Join:
    """A second table that a layer looks up columns in: see `LayerRecipe.join`."""

    files: tuple[str, ...]
    how: How
    on: Mapping[str, str]
    columns: Mapping[str, str]
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    default: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Database:
    """A table or a query of PostgreSQL; `name` says which address the environment has."""

    name: str
    table: str
    query: str


@dataclass(frozen=True)
class Group:
    """Rows that are one facility: same values in `by`; their number goes to `count`."""

    by: tuple[str, ...]
    count: str


@dataclass(frozen=True)
class Check:
    """A second pair of coordinates in each row, against which the first is checked."""

    crs: str
    x: str
    y: str
    tolerance_m: float


@dataclass(frozen=True)
class LayerRecipe:
    """
    One `[[layers]]` entry.

    Attributes
    ----------
    id
        Its kind, with `-2`, `-3` … for further entries of one kind.
    entry
        How messages call it: `city.toml, layer 3 (toilet)`.
    kind
        One of `OWN_KINDS` or a facility kind.
    files, optional, how
        What to read; an optional layer without a file is absent.
    database
        Where to read it from instead of files.
    crs
        Of the coordinates; `""` if the file states it.
    columns
        Theirs to ours; one of theirs may serve several of ours.
    combined
        Columns of ours that several of theirs make together, and how: `sum` of numbers,
        `moment` of a date and a time, `span` from opening to closing.
    value_maps
        By our column, theirs to ours; `*` stands for any text.
    constants
        Fixed values by our column.
    where, where_not
        Rows selected, and left out: their column to values.
    missing
        Texts that mean "no value", such as `NA`.
    footer
        First texts of rows that are no records, such as totals; `None` for those that are known.
    join, group, check
        See `Join`, `Group`, `Check`.
    position_pattern
        Regular expression with groups `lon` and `lat`, or `x` and `y`, for `position`.
    times
        Format of the times, `roc` for dates in the calendar of the Republic of China,
        `epoch_s` or `epoch_ms` for counts since 1970, or `""` for ISO 8601.
    decimal, thousands
        Signs of its numbers; `""` for those that each column proves.
    factors
        What the numbers of a column of ours are multiplied by.
    keep_texts_months
        Of issues: how many months before the latest report texts are kept; 0: all.
    edition
        Of a facility layer that the city has several editions of: a date. The entries
        without one, else those with the latest, are the present ones.
    source, publication_date, url, licence, remark
        Where it comes from.
    download, sha256
        Address of its file itself, and the checksum of that; may be empty.
    """

    id: str
    entry: str
    kind: str
    files: tuple[str, ...]
    database: Database | None
    optional: bool
    how: How
    crs: str
    columns: Mapping[str, tuple[str, ...]]
    combined: Mapping[str, str]
    value_maps: Mapping[str, Mapping[str, str]]
    constants: Mapping[str, str]
    where: Mapping[str, tuple[str, ...]]
    where_not: Mapping[str, tuple[str, ...]]
    missing: tuple[str, ...]
    footer: tuple[str, ...] | None
    join: Join | None
    group: Group | None
    check: Check | None
    position_pattern: str
    times: str
    decimal: str
    thousands: str
    factors: Mapping[str, float]
    edition: str
    source: str
    publication_date: str
    url: str
    licence: str
    remark: Mapping[str, str]
    download: str = ""
    sha256: str = ""
    keep_texts_months: int = 0

    def needed(self) -> set[str]:
        """List the columns of theirs that this entry reads."""
        names = {*self.columns, *self.where, *self.where_not}
        names |= set(self.join.on) if self.join else set()
        names |= set(self.group.by) if self.group else set()
        return names | ({self.check.x, self.check.y} if self.check else set())

    def heading(self, ours: str) -> str:
        """Tell how the files call a column of ours."""
        theirs = [name for name, targets in self.columns.items() if ours in targets]
        if self.join is not None:
            theirs += [name for name, target in self.join.columns.items() if target == ours]
        return " + ".join(theirs) or ours

    def names_nodes(self) -> bool:
        """Tell whether streets state the nodes that they join."""
        ours = {name for targets in self.columns.values() for name in targets}
        return not ours.isdisjoint({"from_node", "to_node"})


@dataclass(frozen=True)
class TitleEntry:
    """The title that a city holds or strives for; `year` and `review` (a day) may be missing."""

    standard: str
    year: int | None
    review: str


@dataclass(frozen=True)
class CampaignRecipe:
    """
    One `[[campaigns]]` entry.

    Attributes
    ----------
    entry
        How messages call it: `city.toml, campaign 2`.
    name, since, until, categories
        As in `analysis.model.campaign.Campaign`.
    parents, communities, zones, files
        What its area is made of: names above communities, identifiers, files of polygons; none of
        all means the whole city.
    """

    entry: str
    name: Mapping[str, str]
    since: dt.date
    until: dt.date
    categories: tuple[str, ...]
    parents: tuple[str, ...]
    communities: tuple[str, ...]
    zones: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True)
class Recipe:
    """
    A city's recipe.

    Attributes
    ----------
    name, language, time_zone, crs, as_of, standard
        As in `City`; `crs` may be `auto`, `as_of` may be `""`.
    taxonomy, calendar, deadlines, actions, ladder, survey, monitoring
        Files that `layers.knowledge.taxonomy.find_file` finds: those that translate the source's
        categories, the working calendar, the deadlines, measures by category, levels of warning,
        what surveys and readings are judged by; may be empty.
    title
        See `TitleEntry`; `None` where it names none.
    home_kinds
        Kinds on the first screen, at most `HOME_KINDS`; may be empty.
    target
        By kind, the share (0-1] of the city's residents that shall be within reach.
    levels
        Names of the levels above communities, the nearest first; may be empty.
    campaigns
        In the order of the file; may be none.
    layers
        In the order of the file.
    """

    name: Mapping[str, str]
    language: str
    time_zone: str
    crs: str
    as_of: str
    standard: str
    taxonomy: tuple[str, ...]
    calendar: str
    deadlines: str
    actions: str
    ladder: str
    survey: str
    monitoring: str
    title: TitleEntry | None
    home_kinds: tuple[str, ...]
    target: Mapping[str, float]
    levels: tuple[Mapping[str, str], ...]
    campaigns: tuple[CampaignRecipe, ...]
    layers: tuple[LayerRecipe, ...]
