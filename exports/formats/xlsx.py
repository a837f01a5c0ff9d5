"""The workbooks: figures, what happened to the data, method and sources, in one file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import xlsxwriter

from analysis.coverage.gaps import MIN_GAP_M2
from analysis.coverage.scorecard import scorecard
from exports.formats.csv import rounded, safe_text
from exports.formats.native_charts import cell_text, write_charts
from exports.formats.terminal import width_of
from exports.tables.bulletin import bulletin_table
from exports.tables.charts import case_charts, coverage_charts
from exports.tables.data import layer_table, note_table, public_quarantine
from exports.tables.facilities import rule_columns, stated
from exports.tables.issues import case_table, repeat_table
from exports.tables.trends import CHANGE_SHEETS
from layers.knowledge.dictionary import load_dictionary
from wording import numbers
from wording.missing_rows import missing_sentence
from wording.names import in_language, known_names
from wording.speaker import Speaker

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from analysis.coverage.assessment import Assessment
    from analysis.coverage.gaps import Gaps
    from analysis.handling.followup import FollowUp
    from analysis.handling.recipe import CaseHandling
    from analysis.model.standards import Rule, Standard
    from analysis.priority import Priority
    from exports.tables.charts import NativeChart
    from layers.city import City
    from layers.knowledge.dictionary import Column
    from wording.catalogue import Words

MOST_ROWS = 1_000_000
"""A sheet holds 1,048,576; what is beyond is said to be cut, and is whole in the CSV."""
COVERAGE_TABLES = ("summary", "scorecard", "coverage", "gaps", "notes", "quarantine", "layers")
NAMES_ROW, TITLES_ROW = 1, 2
WIDEST = 40
HOTSPOT_SHEETS = (
    "charts",
    "priority",
    "places",
    "clusters",
    "scan",
    "bulletin",
    "unchecked",
    "kpis",
    "closing",
    "matrix",
    "repeat_points",
    "lookback",
    *CHANGE_SHEETS,
    "notes",
    "method",
    "source",
)
SHEETS = (
    "charts", "summary", "scorecard", "coverage", "gaps", "capacity", "robustness", "equity",
    "distances", "closures", "zones", "notes", "quarantine", "method", "source",
)  # fmt: skip


UNASKED = ("capacity", "change", "facilities_change")
"""Sheets on all supply, whatever is asked of the facilities."""


REPORT_COLUMNS = (
    "parent", "community", "rule", "measure", "service_radius_m", "population",
    "population_covered", "population_covered_share", "nearest_distance_m", "verdict", "reason",
    "gap_type", "shortfall", "shortfall_unit", "facilities_to_add",
)  # fmt: skip
"""What a reader of the report table needs of the coverage table."""


class Book:
    """A workbook in one language whose bytes depend on its content alone."""

    def __init__(self, *, language: str, heading: str, created: dt.datetime) -> None:
        self._stream = io.BytesIO()
        self._book = xlsxwriter.Workbook(
            self._stream,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": False,
            },
        )
        self._book.set_properties({"created": created, "title": heading})
        self._heading = heading
        self._language = language
        self._styles: dict[str, xlsxwriter.format.Format] = {}
        self._strong = self._book.add_format({"bold": True, "font_size": 12})
        self._title = self._book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#eef2f6"}
        )
        self._quiet = self._book.add_format({"font_color": "#666666", "font_size": 8})
        self._wrapped = self._book.add_format({"text_wrap": True, "valign": "top"})

    def table(
        self,
        sheet: str,
        frame: pd.DataFrame,
        columns: Sequence[Column],
        *,
        names: Mapping[str, Mapping[str, str]] | None = None,
        heading: str = "",
        in_words: bool = False,
    ) -> None:
        """Add a sheet that holds one table, with filters and a fixed header; in words, no names."""
        page = self._book.add_worksheet(_label(sheet, self._language))
        table = rounded(frame, columns)
        shown = table.head(MOST_ROWS)
        heading = heading or self._heading
        if len(table) > len(shown):
            sizes = {"shown": len(shown), "rows": len(table)}
            cut = _filled("cut", self._language, **sizes)
            heading = f"{heading} · {cut}"
        page.write_string(0, 0, safe_text(heading), self._strong)
        page.set_row(TITLES_ROW, 45)
        for number, column in enumerate(columns):
            title = column.title_read if in_words else column.heading
            page.write_string(TITLES_ROW, number, title(self._language), self._title)
            if not in_words:
                page.write_string(NAMES_ROW, number, column.id, self._quiet)
            known = (names or {}).get(column.id) or {
                code: pair[self._language][0] for code, pair in column.codes.items()
            }
            self._column(page, number, column, shown[column.id], known)
        page.freeze_panes(TITLES_ROW + 1, 2)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.repeat_rows(0, TITLES_ROW)
        page.autofilter(TITLES_ROW, 0, TITLES_ROW + max(len(shown), 1), len(columns) - 1)

    def _column(
        self,
        page: xlsxwriter.worksheet.Worksheet,
        number: int,
        column: Column,
        values: pd.Series,
        known: Mapping[str, str],
    ) -> None:
        is_share = column.unit.id == "share"
        form = numbers.cell_format(column.unit.format or "General", language=self._language)
        missing = values.isna().to_numpy()
        longest = 8
        for row, (value, gone) in enumerate(
            zip(values.tolist(), missing, strict=True), start=TITLES_ROW + 1
        ):
            if gone or value == "":
                continue
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                style = self._styled(numbers.share_format(value) if is_share else form)
                page.write_number(row, number, value, style)
                continue
            text = cell_text(known.get(str(value), str(value)))
            longest = max(longest, width_of(text[:WIDEST]))
            page.write_string(row, number, text)
        page.set_column(number, number, min(longest + 2, WIDEST))

    def _styled(self, form: str) -> xlsxwriter.format.Format:
        if form not in self._styles:
            self._styles[form] = self._book.add_format({"num_format": form})
        return self._styles[form]

    def text(self, sheet: str, sections: Iterable[tuple[str, Sequence[Sequence[str]]]]) -> None:
        """Add a sheet of short sections of text."""
        page = self._book.add_worksheet(_label(sheet, self._language))
        page.write_string(0, 0, safe_text(self._heading), self._strong)
        page.set_column(0, 0, WIDEST, self._wrapped)
        page.set_column(1, 20, WIDEST / 2, self._wrapped)
        page.freeze_panes(1, 0)
        row = 2
        for title, lines in sections:
            page.write_string(row, 0, title, self._strong)
            for line in lines:
                row += 1
                for number, cell in enumerate(line):
                    page.write_string(row, number, cell_text(cell))
            row += 2

    def charts(self, charts: Sequence[NativeChart]) -> None:
        """Add the sheet of charts, if there is one to draw."""
        if not charts:
            return
        page = self._book.add_worksheet(_label("charts", self._language))
        page.write_string(0, 0, safe_text(self._heading), self._strong)
        page.freeze_panes(1, 0)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        write_charts(self._book, page, charts, first_row=2, bold=self._strong, styled=self._styled)

    def content(self) -> bytes:
        """Close the workbook."""
        self._book.close()
        return self._stream.getvalue()


def coverage_workbook(
    city: City,
    assessment: Assessment,
    gaps: Mapping[tuple[str, str], Gaps],
    *,
    gap_frame: pd.DataFrame,
    extra_tables: Mapping[str, pd.DataFrame],
    parameters: Mapping[str, object],
    words: Words,
    language: str,
) -> bytes:
    """Write the workbook of a coverage assessment."""
    tables, translate = load_dictionary().tables, Speaker(words, language)
    heading, asked = _about_coverage(city, assessment, translate), _asked(assessment, language)
    unasked = f"{heading} · {_label('all_supply', language)}" if asked else ""
    book = Book(language=language, heading=f"{heading}{asked}", created=_moment(city))
    names = _names(city, assessment.standard, language)
    book.charts(coverage_charts(assessment, city, translate))
    scored = assessment.scored
    scores = stated(scorecard(scored.standard, scored.coverage), assessment.filter_result)
    columns = {"scorecard": rule_columns(scored, table="scorecard")}
    frames = {
        "summary": in_language(assessment.summary, city, language),
        "scorecard": in_language(scores, city, language),
        "coverage": in_language(assessment.coverage, city, language),
        "gaps": in_language(gap_frame, city, language),
        **{name: in_language(frame, city, language) for name, frame in extra_tables.items()},
    }
    for name, frame in frames.items():
        own = unasked if name in UNASKED else ""
        shown = columns.get(name, tables[name].columns)
        book.table(name, frame, shown, names=names, heading=own)
    book.table("notes", note_table(city, words=words, language=language), tables["notes"].columns)
    book.table("quarantine", public_quarantine(city), tables["quarantine"].columns)
    method = _method(
        city, assessment, gaps, extra_tables=extra_tables, parameters=parameters, language=language
    )
    book.text("method", method)
    book.table("source", layer_table(city, language=language), tables["layers"].columns)
    return book.content()


def _about_coverage(city: City, assessment: Assessment, translate: Speaker) -> str:
    """Say what the sheets are of: city, standard, day, what is missing."""
    standard, language = assessment.standard, translate.language
    return (
        f"{city.name[language]} · {_label('standard', language)}: "
        f"{standard.title[language]} ({standard.id}) · "
        f"{_label('as_of', language)} {numbers.day(city.as_of)}"
        f"{_missing(city, translate.words, language)}"
    )


def _moment(city: City) -> dt.datetime:
    """When a workbook was made: the day of its data, so that its bytes do not change."""
    moment: dt.datetime = city.as_of.to_pydatetime().replace(tzinfo=None)
    return moment


def _names(city: City, standard: Standard, language: str) -> dict[str, dict[str, str]]:
    """Name kinds, rules, standard and communities by the column they stand in."""
    return {
        "kind": {kind.id: kind.name[language] for kind in city.kinds.values()},
        "rule": {rule.id: rule.title[language] for rule in standard.rules},
        "standard": {standard.id: standard.title[language]},
        **known_names(city.communities, language),
    }


def _missing(city: City, words: Words, language: str) -> str:
    """Which rows no figure has, for the heading of every sheet."""
    text = missing_sentence(Speaker(words, language), city)
    return f" · {text}" if text else ""


def report_workbook(city: City, assessment: Assessment, *, words: Words, language: str) -> bytes:
    """Write one sheet for readers: every community by every rule, under headings in words."""
    standard = assessment.standard
    title, as_of = (
        standard.title[language],
        f"{_label('as_of', language)} {numbers.day(city.as_of)}",
    )
    book = Book(
        language=language,
        heading=" · ".join((city.name[language], title, as_of))
        + _missing(city, words, language)
        + _asked(assessment, language),
        created=_moment(city),
    )
    rows = assessment.coverage[assessment.coverage["kind"].isin(list(city.kinds))]
    known = {column.id: column for column in load_dictionary().tables["coverage"].columns}
    names = {
        "rule": {rule.id: rule.title[language] for rule in standard.rules},
        **known_names(city.communities, language),
    }
    columns = [known[name] for name in REPORT_COLUMNS]
    shown = in_language(rows, city, language)
    book.table("coverage", shown, columns, names=names, in_words=True)
    return book.content()


def _asked(assessment: Assessment, language: str) -> str:
    """What was asked of the facilities, for the heading of every sheet."""
    if assessment.filter_result is None:
        return ""
    text = "; ".join(filter(None, assessment.filter_result.supply_filter.record().values()))
    return f" · {_label('asked', language)}: {text}"


def _about(city: City, words: Words, language: str) -> str:
    """Name the city, its day, and rows that are missing."""
    about = f"{city.name[language]} · {_label('as_of', language)} {numbers.day(city.as_of)}"
    return about + _missing(city, words, language)


def hotspot_workbook(
    city: City,
    places: pd.DataFrame,
    follow_up: FollowUp,
    case_handling: CaseHandling,
    priority: Priority,
    *,
    cluster_limits: tuple[float, int],
    extra_tables: Mapping[str, pd.DataFrame],
    period: str,
    received: str,
    history: str,
    words: Words,
    language: str,
) -> bytes:
    """
    Write the workbook on issues; the heading of a sheet names the period it is of.

    What waits for a check has been `received` at any time before the period ends; notes and
    sources are of all that was read.
    """
    about = _about(city, words, language)
    translate, heading = Speaker(words, language), " · ".join(filter(None, (about, period)))
    book = Book(language=language, heading=heading, created=_moment(city))
    book.charts(case_charts(case_handling.matrix, city, translate))
    frames = {
        "priority": priority.table,
        "places": places,
        **{name: extra_tables[name] for name in ("clusters", "scan")},
        "bulletin": bulletin_table(follow_up.units, city, words, language),
        **_case_frames(city, follow_up, case_handling),
        **{name: frame for name, frame in extra_tables.items() if name in CHANGE_SHEETS},
    }
    headings = _sheet_headings(about, received, history or _label("whole_history", language))
    _case_sheets(book, frames, headings, city, language)
    columns = _definitions((*frames, "notes", "layers"), language)
    method = _case_method(priority, cluster_limits, language)
    method.append((_label("columns", language), columns))
    _end_case_book(book, city, method, translate, about=about)
    return book.content()


def _sheet_headings(about: str, received: str, history: str) -> dict[str, str]:
    """Name the period of the sheets that look further back than the others."""
    headings = dict.fromkeys(CHANGE_SHEETS, f"{about} · {history}")
    return headings | {"unchecked": " · ".join(filter(None, (about, received)))}


def _case_sheets(
    book: Book,
    frames: Mapping[str, pd.DataFrame],
    headings: Mapping[str, str],
    city: City,
    language: str,
) -> None:
    names, tables = known_names(city.communities, language), load_dictionary().tables
    for sheet, frame in frames.items():
        shown, heading = in_language(frame, city, language), headings.get(sheet, "")
        book.table(sheet, shown, tables[sheet].columns, names=names, heading=heading)


def _end_case_book(
    book: Book,
    city: City,
    method: Sequence[tuple[str, Sequence[Sequence[str]]]],
    translate: Speaker,
    *,
    about: str,
) -> None:
    """Add what all was read of, how it was judged, and where it is from."""
    tables, language = load_dictionary().tables, translate.language
    notes = note_table(city, words=translate.words, language=language)
    book.table("notes", notes, tables["notes"].columns, heading=about)
    book.text("method", method)
    layers = layer_table(city, language=language)
    book.table("source", layers, tables["layers"].columns, heading=about)


def _case_frames(
    city: City, follow_up: FollowUp, case_handling: CaseHandling
) -> dict[str, pd.DataFrame]:
    """Arrange what became of cases, by the name of its sheet."""
    matrix = case_handling.matrix
    return {
        "unchecked": case_table(case_handling.checks.unchecked, city),
        "kpis": case_handling.kpis,
        "closing": case_handling.closing,
        "matrix": matrix[matrix["level"] == city.taxonomy.levels[0]],
        "repeat_points": repeat_table(follow_up, city),
        "lookback": case_table(follow_up.worklist, city),
    }


def _case_method(
    priority: Priority, cluster_limits: tuple[float, int], language: str
) -> list[tuple[str, list[list[str]]]]:
    """Say how cases are ranked, followed and gathered in clusters, and by which weights."""
    method = [
        [_label(key, language)]
        for key in ("priority_method", "units_method", "checks_method", "scan_method")
    ]
    limits = dict(zip(("distance_m", "least"), cluster_limits, strict=True))
    method.append([_filled("clusters_method", language, **limits)])
    weights = [[part, numbers.share(weight)] for part, weight in priority.weights.items()]
    return [
        (_label("assumptions", language), method),
        (_label("priority_weights", language), weights),
    ]


def _method(
    city: City,
    assessment: Assessment,
    gaps: Mapping[tuple[str, str], Gaps],
    *,
    extra_tables: Iterable[str],
    parameters: Mapping[str, object],
    language: str,
) -> list[tuple[str, list[list[str]]]]:
    standard = assessment.standard
    measured = [
        [_label("crs", language), city.crs.to_string()],
        [_label("scale_error", language), numbers.share(city.scale_error, digits=4)],
        *([name, str(value)] for name, value in parameters.items()),
    ]
    document = [
        [_label("title", language), f"{standard.title[language]} ({standard.id})"],
        [_label("publisher", language), standard.publisher],
        [_label("document", language), standard.document],
        [_label("date", language), standard.date],
    ]
    methods = [[method[language]] for method in load_dictionary().methods]
    return [
        (_label("assumptions", language), [*methods, *_slivers(gaps, language)]),
        (_label("parameters", language), measured),
        (_label("standard", language), document),
        (_label("rules", language), _rules(standard.rules, language)),
        (_label("columns", language), _definitions([*COVERAGE_TABLES, *extra_tables], language)),
    ]


def _slivers(gaps: Mapping[tuple[str, str], Gaps], language: str) -> list[list[str]]:
    """Say how many gaps were too small to be listed."""
    return [
        [
            _filled(
                "slivers",
                language,
                rule=rule,
                smallest_m2=MIN_GAP_M2,
                count=each.slivers,
                area_m2=round(each.sliver_area_m2, 1),
            )
        ]
        for (rule, _), each in gaps.items()
        if each.slivers
    ]


def _rules(rules: Sequence[Rule], language: str) -> list[list[str]]:
    codes = {column.id: column.codes for column in load_dictionary().tables["coverage"].columns}
    header = ("rule", "title", "kind", "figure", "minimum", "minimum_basis", "service_radius_m",
              "distance", "distance_clause", "distance_source", "distance_confidence",
              "target_share", "clause", "read_in", "confidence", "remark")  # fmt: skip
    lines = [
        [
            rule.id,
            rule.title[language],
            rule.kind,
            codes["figure"][rule.figure.id][language][0],
            numbers.number(rule.minimum, language=language),
            codes["minimum_basis"][rule.minimum_basis][language][0],
            ""
            if rule.service_radius_m is None
            else numbers.number(rule.service_radius_m, language=language),
            *_distance_of(rule, codes, language),
            "" if rule.target_share is None else numbers.share(rule.target_share, digits=0),
            rule.clause[language],
            rule.source[language],
            codes["confidence"][rule.confidence][language][0],
            rule.note.get(language, ""),
        ]
        for rule in rules
    ]
    return [[_label(key, language) for key in header], *lines]


def _distance_of(
    rule: Rule, codes: Mapping[str, Mapping[str, Mapping[str, Sequence[str]]]], language: str
) -> list[str]:
    """How the document measures the distance of a rule, and where that was read."""
    known = rule.distance
    if known is None:
        return ["", "", "", ""]
    measure, confidence = codes["measure"][known.measure], codes["confidence"][known.confidence]
    return [
        measure[language][0],
        known.clause[language],
        known.source[language],
        confidence[language][0],
    ]


def _definitions(keys: Iterable[str], language: str) -> list[list[str]]:
    lines = [[_label(key, language) for key in ("column", "title", "unit", "definition")]]
    for key in keys:
        table = load_dictionary().tables[key]
        lines.append([table.title[language]])
        lines += [
            [each.id, each.title[language], each.unit.title[language], each.definition[language]]
            for each in (*table.columns, *table.per_rule)
        ]
    return lines


def _label(key: str, language: str) -> str:
    return load_dictionary().labels[key][language]


def _filled(key: str, language: str, **facts: object) -> str:
    written_facts = {
        name: numbers.written(name, fact, language=language) for name, fact in facts.items()
    }
    return _label(key, language).format(**written_facts)
