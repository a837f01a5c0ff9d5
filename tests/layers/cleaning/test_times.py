"""Times are read in all forms people write, never half-swapped, or the layer is refused."""

from __future__ import annotations

import csv

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.model.errors import PlanningError
from layers.cleaning.times import parse_times, understand_times
from layers.load import load_city
from tests.layers.toy import HEAD, NOWHERE, write_communities
from wording.catalogue import load_words

ZONE = "Asia/Shanghai"


def read(*texts, how=""):
    times = parse_times(pd.Series(texts, dtype="str"), how=how, zone=ZONE)
    return [None if pd.isna(time) else time.strftime("%Y-%m-%d %H:%M:%S") for time in times]


NINE = "2024-03-05 09:05:00"
NOON = "2024-03-05 12:05:00"
LATE = "2024-03-05 21:05:00"
DAY = "2024-03-05 00:00:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024年3月5日 上午9:05", NINE), ("2024年3月5日上午9时5分", NINE), ("2024/3/5 9:05", NINE),
        ("2024-3-5 9:05:00", NINE), ("2024.3.5 9:05", NINE), ("2024/3/5 上午 09:05:00", NINE),
        ("2024年3月5日 星期二 9:05", NINE), ("2024年3月5日 下午9:05", LATE),
        ("2024年3月5日 晚上9:05", LATE), ("2024年3月5日 下午21:05", LATE),
        ("2024年3月5日 中午12:05", NOON), ("2024年3月5日 下午12:05", NOON),
        ("2024年3月5日 凌晨12:05", "2024-03-05 00:05:00"), ("2024年3月5日", DAY),
        ("民國113年3月5日", DAY), ("民国113年3月5日 9:05", NINE), ("113/3/5", DAY),
        ("113-03-05 21:05", LATE), ("5 Mar 2024", DAY), ("March 5, 2024 9:05 AM", NINE),
        ("05-Mar-2024 21:05", LATE), ("5 March 2024 12:05 pm", NOON), ("5. März 2024", DAY),
        ("5 mars 2024 21:05", LATE), ("5 de marzo de 2024", DAY),
        ("45356", DAY), ("45356.5", "2024-03-05 12:00:00"), ("1709600700", NINE),
        ("1709600700000", NINE), ("2024/3/5 12:05 AM", "2024-03-05 00:05:00"),
        ("２０２４－０３－０５ ０９：０５", NINE), ("٢٠٢٤-٠٣-٠٥", DAY), ("२०२४/३/५ ९:०५", NINE),
        ("二〇二四年三月五日", DAY), ("二零二四年十二月三十一日", "2024-12-31 00:00:00"),
        ("二○二四年十月二十日 9:05", "2024-10-20 09:05:00"), ("2024年3月5日 星期二", DAY),
        ("2024年3月5日（周二）21:05", LATE), ("令和6年3月5日", DAY),
        ("平成31年4月30日", "2019-04-30 00:00:00"),
        ("2024年3月5日(火) 午後9時05分", LATE), ("2024년 3월 5일", DAY),
        ("2024. 3. 5. 오후 9:05:00", LATE),
        ("20240305090500", NINE), ("202403052105", LATE), ("20240305T0905", NINE),
        ("le 5 mars 2024 à 9h05", NINE), ("mardi 5 mars 2024 21h05", LATE),
        ("5. März 2024 9:05 Uhr", NINE),
        ("Tuesday, March 5, 2024 9:05 AM", NINE), ("Tue, 05 Mar 2024 01:05:00 GMT", NINE),
        ("2024-03-05 09:05:00 +0800 CST", NINE), ("2024/3/5 1:05:00Z", NINE),
        ("'2024-03-05", DAY),
        ("2024-03-04 24:00:00", DAY), ("2024-03-04T24:00:00+08:00", DAY),
        ("2024年3月4日 24时", DAY),
        ("2024-03-05T01:04:60Z", NINE), ("/Date(1709600700000+0800)/", NINE),
        ("1709600700000000", NINE),
        ("R6.3.5", DAY), ("Ｒ６/３/５ 9:05", NINE), ("令6年3月5日", DAY),
        ("H31.4.30", "2019-04-30 00:00:00"),
        ("5 maart 2024 om 9:05 uur", NINE), ("dinsdag 5 mrt 2024", DAY),
        ("5 de março de 2024", DAY),
        ("5 marzo 2024 alle 21.05", LATE), ("5. marts 2024 kl. 9.05", NINE),
        ("5 марта 2024 г. 9:05", NINE),
        ("5 Mart 2024", DAY), ("5 มีนาคม 2024", DAY), ("5 มี.ค. 2024", DAY),
        ("martes, 5 de marzo de 2024 a las 9:05 p. m.", LATE),
        ("5th of March, 2024 at 9:05 a.m.", NINE),
        ("05-MAR-24 09.05.00.000000 PM", LATE), ("05MAR2024:09:05:00", NINE),
        ("2024:03:05 09:05:00", NINE),
        ("Tue Mar 5 09:05:00 2024", NINE), ("Tue Mar 05 01:05:00 +0000 2024", NINE),
        ("2024-03-05 9.05", NINE), ("2024/03/05-21:05", LATE),
        ("2024-03-05 09:05 (UTC+8)", NINE),
        ("2024年3月5日 21:05 北京时间", LATE), ("2024年3月5日 下午两点一刻", "2024-03-05 14:15:00"),
        ("2024年3月5日9点05分许", NINE), ("2024-03", "2024-03-01 00:00:00"),
        ("2024年3月", "2024-03-01 00:00:00"),
    ],
)  # fmt: skip
def test_a_form_that_says_what_it_means_is_read(text, expected):
    assert read(text) == [expected]


@pytest.mark.parametrize(
    "text",
    ["24/3/5", "2024年13月5日", "9:05", "2024年2月30日", "2024/3/5 25:00", "2024/3/5 9:60", "12345",
     "99999", "晚上9:05", "Foo 5, 2024", "3/5/24", "3天前", "6年3月5日", "令和六年",
     "2024-03-05 24:01", "2024-W10-2",
     "20240305246000", "十年三月五日", "2024年3月5日 星期八", "٣",
     "2024-03-05~2024-03-06", "03/05/2024", "2024年3月5日 晚上12:05", "1709",
     "2024", "2024.3", "202403", "2024-03-05 09:00-11:00", "2024-03-05 14:30-15:30",
     "2024/3/5 9:00 - 11:00", "5 listopad 2024 lipanj", "Tue Mar 05 09:05:00 CST 2024",
     "2024-03-05 14.5"],
)  # fmt: skip
def test_what_may_mean_two_things_or_nothing_is_not_read(text):
    assert read(text) == [None]


def test_a_month_alone_is_told_and_an_offset_of_the_city_is_no_span():
    forms = understand_times(pd.Series(["2024-03", "2024-03-05"], dtype="str"), how="", zone=ZONE)
    assert forms.forms["time_month_only"].tolist() == [True, False]
    text = pd.Series(["2024-03-05 03:00-05:00"], dtype="str")
    assert parse_times(text, how="", zone="America/New_York").iloc[0].hour == 3
    assert parse_times(text, how="", zone=ZONE).isna().all()


WRITTEN = {
    "2024-03-05 09:05 UTC+8": NINE, "2024-03-05 09:05 GMT+0800 (China Standard Time)": NINE,
    "Tue Mar 05 2024 09:05:00 GMT+0800 (中国标准时间)": NINE, "2024/3/5 09:05:00+08": NINE,
    "2024-03-05T09:05:00+08:00[Asia/Shanghai]": NINE, "2024-03-05t01:05:00z": NINE,
    "3/15/2024 9:05 AM +0800": "2024-03-15 09:05:00", "1709600700000000000": NINE,
    "民國一百一十三年三月五日": DAY, "中華民國113年3月5日": DAY,
    "令和元年5月1日": "2019-05-01 00:00:00",
    "2024年3月5日 下午2时半": "2024-03-05 14:30:00", "2024年3月5日上午九时五分": NINE,
    "2024年3月5日 傍晚6:05": "2024-03-05 18:05:00", "2024年3月5日 夜间9:05": LATE,
    "2024年3月5日 深夜1:05": "2024-03-05 01:05:00", "05-MAR-24": DAY,
    "5-Mar-99": "1999-03-05 00:00:00",
    "45356 0.5": "2024-03-05 12:00:00", "2024-Mar-05 9:05": NINE, "2024\u201103\u201105": DAY,
}  # fmt: skip


def test_offsets_words_and_short_years_are_read_in_one_column():
    assert dict(zip(WRITTEN, read(*WRITTEN), strict=True)) == WRITTEN


def test_years_of_the_buddhist_era_are_told_by_most_of_the_column():
    thai = ("15/3/2567", "5/3/2567 09:05", "2567-02-29", "2567-03-05 21:05", "2024-03-05")
    read_as = ["2024-03-15 00:00:00", NINE, "2024-02-29 00:00:00", LATE, DAY]
    assert read(*thai) == read_as
    assert read("2567-03-05", "2024-03-05", "2024-03-06")[0] == "2567-03-05 00:00:00"


DATES = st.lists(
    st.datetimes(pd.Timestamp("2000-01-01"), pd.Timestamp("2029-01-01")), min_size=1, max_size=8
)


@settings(max_examples=40)
@given(dates=DATES, day_first=st.booleans())
def test_day_and_month_are_never_half_swapped(dates, day_first):
    form = "%d/%m/%Y" if day_first else "%m/%d/%Y"
    found = read(*[date.strftime(form) for date in dates])
    right = [date.strftime("%Y-%m-%d 00:00:00") for date in dates]
    proved = any(date.day > 12 for date in dates)
    assert found == (right if proved else [None] * len(dates))


def test_a_column_that_contradicts_itself_is_not_read():
    assert read("15/03/2024", "03/15/2024") == [None, None]


def test_the_stated_order_holds_for_what_the_stated_format_does_not_read():
    assert read("05/03/2024 9:05", "5.3.2024 9:05", how="%d/%m/%Y %H:%M") == [NINE, NINE]
    assert read("15/03/2024 9:05", "3/5/2024 9:05", how="%m/%d/%Y %I:%M %p") == [None, NINE]


@settings(max_examples=40)
@given(dates=DATES)
def test_serial_numbers_count_days(dates):
    zero = pd.Timestamp("1899-12-30")
    texts = [str((date.replace(microsecond=0) - zero) / pd.Timedelta(days=1)) for date in dates]
    assert read(*texts) == [date.strftime("%Y-%m-%d %H:%M:%S") for date in dates]


def test_every_form_has_its_sentence():
    texts = pd.Series(
        ["2024年3月5日", "5/13/2024", "5 Mar 2024", "45356", "1709600700", "x"], dtype="str"
    )
    forms = {*understand_times(texts, how="", zone=ZONE).forms}
    forms |= {*understand_times(pd.Series(["13/5/2024"], dtype="str"), how="", zone=ZONE).forms}
    roc = pd.Series(["98/3/5", "0980305 9:05"], dtype="str")
    forms |= {*understand_times(roc, how="roc", zone=ZONE).forms}
    thai = pd.Series(["2567-03-05"], dtype="str")
    forms |= {*understand_times(thai, how="", zone=ZONE).forms}
    assert len(forms) == 9
    assert [form for form in forms if f"note.{form}" not in load_words()] == []


ISSUES = """
[[layers]]
kind = "issues"
file = "i.csv"
columns = { id = "id", day = "reported_at", hour = "reported_at", closed = "closed_at" }
"""


def load(folder, *rows, more=""):
    write_communities(folder)
    (folder / "city.toml").write_text(HEAD + ISSUES + more, encoding="utf-8")
    with (folder / "i.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("id", "day", "hour", "closed"), *rows])
    return load_city(folder, city_data=NOWHERE)


def test_a_date_and_a_time_in_two_columns_are_one_time(tmp_path):
    city = load(tmp_path, ("1", "2024-03-05", "9:05", ""), ("2", "2024-03-05", "", ""))
    shown = city.issues["reported_at"].dt.strftime("%Y-%m-%d %H:%M:%S")
    assert shown.tolist() == [NINE, DAY]


@pytest.mark.parametrize(
    ("closed", "problem"),
    [
        ("03/04/2024", "times_ambiguous"),
        ("soon", "times_unreadable"),
        ("2099-01-01", "times_impossible"),
    ],
)
def test_most_of_a_column_wrong_refuses_the_layer_and_names_the_key(tmp_path, closed, problem):
    good = [(str(i), "2024-03-05", "", "2024-03-06") for i in range(3)]
    bad = [(f"b{i}", "2024-03-05", "", closed) for i in range(4)]
    with pytest.raises(
        PlanningError, match=rf"i\.csv: 4 of 7 times of closed .*{closed}.*row 4"
    ) as caught:
        load(tmp_path, *good, *bad)
    assert caught.value.problem == problem
    assert "`times`" in caught.value.hint
    few = load(tmp_path, *good, *bad[:2])
    assert few.issues["closed_at"].isna().tolist() == [False] * 3 + [True] * 2


def test_what_was_closed_after_the_citys_own_day_is_told_and_open(tmp_path):
    rows = [("1", "2024-03-05", "9:05", "2024-03-06"), ("2", "2024-03-05", "", "2024-03-07")]
    entry = ISSUES.replace('"closed_at" }', '"closed_at", state = "status" }')
    write_communities(tmp_path)
    text = 'as_of = "2024-03-06"\n' + HEAD + entry + 'values.status = { done = "closed" }\n'
    (tmp_path / "city.toml").write_text(text, encoding="utf-8")
    table = [("id", "day", "hour", "closed", "state"), *((*row, "done") for row in rows)]
    table.append(("3", "2024-03-08", "", "", "done"))
    with (tmp_path / "i.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(table)
    city = load_city(tmp_path, city_data=NOWHERE)
    assert city.issues["status"].tolist() == ["closed", "open", "closed"]
    assert city.issues["closed_at"].isna().tolist() == [False, True, True]
    notes = {note.rule: note.first for report in city.reports for note in report.notes}
    assert (notes["closed_later"], notes["reported_later"]) == (("2",), ("3",))


def test_the_key_mends_a_column_without_proof(tmp_path):
    rows = [(str(i), "03/04/2024", "", "") for i in range(3)]
    city = load(tmp_path, *rows, more='times = "%d/%m/%Y"\n')
    assert city.issues["reported_at"].dt.strftime("%m-%d").tolist() == ["04-03"] * 3


TOILETS = """
[[layers]]
kind = "toilet"
file = "i.csv"
columns = { id = "id", lon = "lon", lat = "lat", a = "stalls", b = "stalls" }
"""


@pytest.mark.parametrize(
    ("a", "b", "stalls"),
    [("2", "3", 5.0), ("2.5", "1.25", 3.75), ("2", "", None), ("2", "x", None)],
)
def test_a_sum_is_known_if_its_parts_are(tmp_path, a, b, stalls):
    write_communities(tmp_path)
    (tmp_path / "city.toml").write_text(HEAD + TOILETS, encoding="utf-8")
    text = f"id,lon,lat,a,b\nt,116.4051,39.9051,{a},{b}\n"
    (tmp_path / "i.csv").write_text(text, encoding="utf-8")
    city = load_city(tmp_path, city_data=NOWHERE)
    found = city.facilities["stalls"].item()
    assert found == stalls if stalls is not None else pd.isna(found)
    unread = [note.facts["found"] for note in city.reports[1].notes if "unread" in note.rule]
    assert unread == (["2 + x"] if b == "x" else [])


def test_other_columns_have_one_source(tmp_path):
    text = TOILETS.replace('a = "stalls", b = "stalls"', 'a = "name", b = "name"')
    (tmp_path / "city.toml").write_text(HEAD + text, encoding="utf-8")
    with pytest.raises(PlanningError, match="one source for 'name'"):
        load_city(tmp_path, city_data=NOWHERE)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Pacific/Auckland"])
@pytest.mark.parametrize("offset", ["", "-14:00", "+14:00"])
@pytest.mark.parametrize("how", ["", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"])
def test_the_ends_of_the_calendar_are_times_in_every_zone(zone, offset, how):
    text = pd.Series([f"0001-01-01T00:00:00{offset}", f"9999-12-31T23:59:59{offset}"], dtype="str")
    first, last = parse_times(text, how=how, zone=zone)
    assert (first.year, last.year) == (1, 9999)
    assert f"{first} {last}".startswith("0001-01-0")
