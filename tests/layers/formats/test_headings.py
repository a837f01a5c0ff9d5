"""Headings below a title, stated or missing; totals and notes that are no records."""

from __future__ import annotations

import zipfile

import openpyxl
import pytest

from analysis.model.errors import PlanningError
from layers.formats.headings import merged
from layers.load import load_city
from layers.suggest.samples import read_samples
from tests.layers.toy import HEAD, write_communities

ROWS = [["t1", "Gate", "116.40", "39.90"], ["t2", "Park", "116.41", "39.91"]]
TITLES = ["id", "name", "lon", "lat"]
SUFFIXES = ("csv", "xlsx")


@pytest.fixture
def load(tmp_path):
    """Write rows as a table of either kind, load the toilets of it."""

    def make(suffix, rows, *, more="", columns=("id", "name", "lon", "lat")):
        write_communities(tmp_path)
        path = tmp_path / f"t.{suffix}"
        if suffix == "csv":
            path.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
        else:
            book = openpyxl.Workbook()
            for row in rows:
                book.active.append([cell or None for cell in row])
            book.save(path)
        pairs = ", ".join(f'{name} = "{name}"' for name in columns)
        entry = f'[[layers]]\nkind = "toilet"\nfile = "{path.name}"\ncolumns = {{ {pairs} }}\n'
        (tmp_path / "city.toml").write_text(f"{HEAD}{entry}{more}\n", encoding="utf-8")
        city = load_city(tmp_path, city_data=tmp_path / "nowhere")
        report = city.reports[-1]
        assert report.rows_in == report.not_selected + report.loaded + report.quarantined
        rules = {note.rule: note for note in report.notes}
        return city.facilities["name"].tolist(), report, rules

    return make


def refused(load, *arguments, **keywords):
    with pytest.raises(PlanningError) as caught:
        load(*arguments, **keywords)
    return caught.value


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_headings_below_a_title_are_found_and_told_of(load, suffix):
    title = ["Toilets of the city", "", "", ""]
    names, report, rules = load(suffix, [title, ["", "", "", ""], TITLES, *ROWS])
    assert names == ["Gate", "Park"]
    assert rules["headings_below"].facts == {"row": "3"}
    assert report.rows_in == 2


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("more", ["header_row = 2", "skip_rows = 1"])
def test_headings_stand_where_the_recipe_says(load, suffix, more):
    names, _, rules = load(suffix, [TITLES, TITLES, *ROWS], more=more)
    assert names == ["Gate", "Park"]
    assert "headings_below" not in rules


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_row_of_headings_that_is_not_there(load, suffix):
    error = refused(load, suffix, [TITLES, *ROWS], more="header_row = 9")
    assert error.problem == "header_row_empty"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_table_without_headings_is_named_and_read_with_names(load, suffix):
    error = refused(load, suffix, ROWS)
    assert error.problem == "headings_missing"
    assert "id, lat, lon, name must be among them" in error.hint
    more = 'names = ["id", "name", "lon", "lat"]'
    assert load(suffix, ROWS, more=more)[0] == ["Gate", "Park"]
    assert refused(load, suffix, ROWS, more='names = ["id", "name"]').problem == "names_count"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_doubled_heading_matters_only_where_it_is_named(load, suffix):
    rows = [[*TITLES, "note", "note"], *([*row, "a", "b"] for row in ROWS)]
    assert load(suffix, rows)[0] == ["Gate", "Park"]
    assert refused(load, suffix, rows, columns=(*TITLES, "note")).problem == "our_column_unknown"
    twice = [["id", "name", "lon", "lat", "name"], *([*row, "x"] for row in ROWS)]
    error = refused(load, suffix, twice)
    assert (error.problem, error.facts["column"]) == ("column_twice", "name")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_columns_without_heading_are_left_out_when_empty_alone(load, suffix):
    rows = [["id", "", "name", "lon", "lat"], *([row[0], "", *row[1:]] for row in ROWS)]
    assert load(suffix, rows)[0] == ["Gate", "Park"]
    alike = [["", "", "name", "lon", "lat"], *([str(n), "", *ROWS[0][1:]] for n in range(2))]
    names, report, _ = load(suffix, alike, columns=("name", "lon", "lat"))
    assert report.quarantined == 0, "what tells two rows apart may have no heading"
    assert names == ["Gate", "Gate"]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("word", ["合计", "总计：", "小计", "Total", "TOTAL", "Subtotal:", "합계"])
def test_a_total_is_no_record(load, suffix, word):
    names, report, rules = load(suffix, [TITLES, *ROWS, [word, "2", "", ""]])
    assert names == ["Gate", "Park"]
    assert (report.loaded, report.not_selected) == (2, 1)
    assert rules["footer_left_out"].facts == {"found": word}


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("note", ["注：截至6月", "Source: office", "来源：城管局", "* preliminary"])
def test_a_note_under_the_table_is_no_record(load, suffix, note):
    names, report, _ = load(suffix, [TITLES, *ROWS, [note, "", "", ""]])
    assert names == ["Gate", "Park"]
    assert report.not_selected == 1


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "tail",
    [
        ["总计：2"],
        ["共计2座"],
        ["Total: 2"],
        ["—— 以下空白 ——"],
        ["制表人：张三", "", "审核：李四"],
    ],
)
def test_a_total_with_its_number_and_signatures_are_no_records(load, suffix, tail):
    names, report, _ = load(suffix, [TITLES, *ROWS, (tail + [""] * 3)[:4]])
    assert names == ["Gate", "Park"]
    assert report.not_selected == 1


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "line",
    [["string", "varchar(50)", "double", "double"], ["(无)", "（文字）", "(度)", "(度)"],
     ["----", "----", "----", "----"], ["id", "name", "lon", "lat"]],
)  # fmt: skip
def test_types_units_and_headings_once_more_are_no_records(load, suffix, line):
    names, report, rules = load(suffix, [TITLES, line, *ROWS])
    assert names == ["Gate", "Park"]
    assert (report.not_selected, report.quarantined) == (1, 0)
    assert rules["headings_further"].facts == {"found": line[0]}
    joined = load(suffix, [TITLES, ROWS[0], TITLES, ROWS[1]])[1]
    assert (joined.loaded, joined.not_selected) == (2, 1)


def test_a_record_with_a_word_of_types_in_it_is_a_record(load):
    rows = [TITLES, ["string", "人", "116.40", "39.90"], ["id", "Date", "116.41", "39.91"]]
    assert load("csv", rows)[0] == ["人", "Date"]


def test_short_lines_under_a_csv_are_footers_or_broken(load):
    names, report, _ = load("csv", [TITLES, *ROWS, ["合计", "2"], ["注：x"], ["t9", "Gate"]])
    assert names == ["Gate", "Park"]
    assert (report.loaded, report.not_selected, report.quarantined) == (2, 2, 1)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_place_called_total_is_a_record(load, suffix):
    rows = [TITLES, ["Total", "Total", "116.40", "39.90"], *ROWS]
    assert load(suffix, rows)[0] == ["Total", "Gate", "Park"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_recipe_names_footers_or_says_that_there_are_none(load, suffix):
    rows = [TITLES, *ROWS, ["Summary", "Gate", "116.40", "39.90"]]
    assert load(suffix, rows, more='footer = ["Summary"]')[0] == ["Gate", "Park"]
    rows = [TITLES, *ROWS, ["Total", "2", "", ""]]
    _, report, _ = load(suffix, rows, more="footer = []")
    assert (report.loaded, report.quarantined) == (2, 1)


def test_a_workbook_is_read_whole_whatever_it_says_of_its_size(load, tmp_path):
    load("xlsx", [TITLES, *ROWS])
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    for size in (b"A1", b"A1:D2", b"A1:A9", b"ZZ1"):
        with zipfile.ZipFile(path, "w") as book:
            for name, data in parts.items():
                stale = data.replace(b'ref="A1:D3"', b'ref="%s"' % size) if name == sheet else data
                assert name != sheet or stale != data
                book.writestr(name, stale)
        city = load_city(tmp_path, city_data=tmp_path / "nowhere")
        assert city.facilities["name"].tolist() == ["Gate", "Park"]


def test_fields_of_any_length_and_other_separators(load, tmp_path):
    long = "x" * 200_000
    assert load("csv", [TITLES, ["t1", long, "116.40", "39.90"]])[0] == [long]
    (tmp_path / "t.csv").write_text("Toilets, of the city\nid;name;lon;lat\nt1;Gate;116.40;39.90\n")
    assert load_city(tmp_path, city_data=tmp_path).facilities["name"].tolist() == ["Gate"]


TWO_ROWS = [["id", "name", "place", ""], ["", "", "lon", "lat"]]
"""As merged cells leave them."""


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("title", [[], [["Toilets of the city", "", "", ""]]], ids=["top", "title"])
def test_headings_in_two_rows_are_joined_and_told_of(load, suffix, title):
    names, report, rules = load(suffix, [*title, *TWO_ROWS, *ROWS])
    assert names == ["Gate", "Park"]
    assert rules["headings_below"].facts == {"row": str(2 + len(title))}
    assert report.rows_in == 2


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        (["id", "name"], ["a", "b"]), (["id", ""], ["", "3"]), (["id", "", ""], ["x", "a", "a"]),
        ([], []),
    ],
)  # fmt: skip
def test_rows_that_are_no_headings_in_two_rows(upper, lower):
    assert merged(upper, lower) == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_assistant_joins_headings_in_two_rows(tmp_path, suffix):
    rows = [
        ["公共厕所一览表", "", "", ""],
        ["编号", "名称", "坐标", ""],
        ["", "", "经度", "纬度"],
        *ROWS,
    ]
    path = tmp_path / f"t.{suffix}"
    if suffix == "csv":
        path.write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append([cell or None for cell in row])
        book.save(path)
    (sample,) = read_samples(path, path.name, keys={})
    assert list(sample.table.rows) == ["编号", "名称", "经度", "纬度"]
    assert len(sample.table.rows) == 2
    assert sample.keys == {"names": ["编号", "名称", "经度", "纬度"], "header_row": 3}


def test_cells_without_a_heading_stand_in_the_quarantine(load, tmp_path):
    _, report, _ = load("xlsx", [TITLES, *ROWS, ["t3", "Far", "0", "0", "", "", "who knows"]])
    assert report.quarantined == 1
    content = load_city(tmp_path, city_data=tmp_path).quarantine["content"].iloc[0]
    assert "who knows" in content
