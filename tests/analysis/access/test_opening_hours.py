"""Opening hours: texts read by hand, and agreement with the library of OpenStreetMap's syntax."""

from __future__ import annotations

import csv
import datetime as dt
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opening_hours import OpeningHours

from analysis.access.opening_hours import (
    DAY,
    WEEK,
    Holidays,
    open_at,
    read_hours,
    read_moment,
    write_moment,
)
from analysis.model.errors import SettingsError

MONDAY = dt.datetime(2026, 6, 1)  # noqa: DTZ001  a week without a zone
ALL, WORK = range(7), range(5)


def week(*parts):
    """Minutes of a week from (days, start, end) in hours; the end may lie after midnight."""
    bits = np.zeros(WEEK, dtype=bool)
    for days, start, end in parts:
        for day in days:
            at = day * DAY + np.arange(round(start * 60), round(end * 60))
            bits[at % WEEK] = True
    return bits


READ = {
    "24/7": [(ALL, 0, 24)],
    "08:00-20:00": [(ALL, 8, 20)],
    "Mo-Fr 08:00-18:00": [(WORK, 8, 18)],
    "Mo-Fr 08:00-12:00,13:00-17:00; Sa 10:00-14:00; PH off": [
        (WORK, 8, 12),
        (WORK, 13, 17),
        ([5], 10, 14),
    ],
    "08:00-20:00; Su off": [(range(6), 8, 20)],
    "Mo,We,Fr 09:30-11:00": [([0, 2, 4], 9.5, 11)],
    "Sa-Mo 10:00-12:00": [([5, 6, 0], 10, 12)],
    "Fr 18:00-26:00": [([4], 18, 26)],
    "22:00-06:00": [(ALL, 22, 30)],
    "6am-1am": [(ALL, 6, 25)],
    "8am - 12am": [(ALL, 8, 24)],
    "7:30am - 8pm": [(ALL, 7.5, 20)],
    "4-6pm": [(ALL, 16, 18)],
    "11-2pm": [(ALL, 11, 14)],
    "12 - 2p.m.": [(ALL, 12, 14)],
    "10 a.m. - noon": [(ALL, 10, 12)],
    "Daily 9 a.m. to 5 p.m.": [(ALL, 9, 17)],
    "Monday\t10 am - 6 pm\nTuesday\t1 pm - 8 pm\nSunday\tCLOSED": [([0], 10, 18), ([1], 13, 20)],
    "Monday to Saturday: 7:00 am-11:00 pm; Sunday & holidays: 11:00 am-7:00 pm": [
        (range(6), 7, 23),
        ([6], 11, 19),
    ],
    "06:00–22:00": [(ALL, 6, 22)],
    "06：00-22：00": [(ALL, 6, 22)],
    "开放时间：6:00—22:00": [(ALL, 6, 22)],
    "6点到22点": [(ALL, 6, 22)],
    "早6点-晚10点半": [(ALL, 6, 22.5)],
    "上午8：30—12：00，下午2：00—5：30": [(ALL, 8.5, 12), (ALL, 14, 17.5)],
    "8:00-12:00；14:00-18:00": [(ALL, 8, 12), (ALL, 14, 18)],
    "全天": [(ALL, 0, 24)],
    "24小时": [(ALL, 0, 24)],
    "周一至周日 全天开放": [(ALL, 0, 24)],
    "周一至周五 8:00-18:00": [(WORK, 8, 18)],
    "周一至周五8:00-18:00,周六、周日9:00-17:00": [(WORK, 8, 18), ([5, 6], 9, 17)],
    "星期一、三、五 上午8:00-下午5:30": [([0, 2, 4], 8, 17.5)],
    "週二至週日 9:00-17:00 週一休館": [(range(1, 7), 9, 17)],
    "工作日 9:00-17:00；周末 10:00-16:00": [(WORK, 9, 17), ([5, 6], 10, 16)],
    "每天 7:00-21:00": [(ALL, 7, 21)],
    "全年无休 6:00-22:00": [(ALL, 6, 22)],
    "周五22:00-次日6:00": [([4], 22, 30)],
    "晚上7点到次日凌晨2点": [(ALL, 19, 26)],
}


@pytest.mark.parametrize("text", READ)
def test_hours_that_are_certain(text):
    hours = read_hours(text)
    np.testing.assert_array_equal(hours.surely, week(*READ[text]))
    np.testing.assert_array_equal(hours.perhaps, hours.surely)


READ |= {
    # English
    "24 hr": [(ALL, 0, 24)],
    "24 / 7": [(ALL, 0, 24)],
    "Open 24 hours a day, 7 days a week": [(ALL, 0, 24)],
    "10am to 5pm (Mon to Sunday)": [(ALL, 10, 17)],
    "8am to 16:00pm Monday to Friday": [(WORK, 8, 16)],
    "Mon/ Thurs 9am-8pm  Tues/Wed / Fri/ Sat 9am-5pm": [([0, 3], 9, 20), ([1, 2, 4, 5], 9, 17)],
    "Mon-Fri 0900 - 1700hrs": [(WORK, 9, 17)],
    "06.30-21.30": [(ALL, 6.5, 21.5)],
    "Everyday 11am-7pm, except Mondays": [(range(1, 7), 11, 19)],
    "daily except Monday 10am-5pm": [(range(1, 7), 10, 17)],
    "Mo-Fr except We 8:00-18:00": [((0, 1, 3, 4), 8, 18)],
    "täglich außer Montag 10-17 Uhr": [(range(1, 7), 10, 17)],
    "Tous les jours sauf le mardi : 10h-18h": [((0, *range(2, 7)), 10, 18)],
    "todos los días excepto lunes 10:00-18:00": [(range(1, 7), 10, 18)],
    "dagelijks behalve maandag 10:00-17:00": [(range(1, 7), 10, 17)],
    "每天除周一 9:00-17:00": [(range(1, 7), 9, 17)],
    "Monday 8am-12pm, Monday 2pm-6pm": [([0], 8, 12), ([0], 14, 18)],
    "Mo-Fr 08:00-12:00, We 14:00-18:00": [(WORK, 8, 12), ([2], 14, 18)],
    "Closed Mondays. 9am-5pm": [(range(1, 7), 9, 17)],
    "6am to midnight": [(ALL, 6, 24)],
    "4-11pm": [(ALL, 16, 23)],
    "Closed": [],
    "20:00-26:00; Fr off": [([0, 1, 2, 3, 5, 6], 20, 26)],
    # German
    "Montag bis Freitag 8-18 Uhr": [(WORK, 8, 18)],
    "Mo-Fr 8.00-18.00 Uhr, Sa 9-14 Uhr": [(WORK, 8, 18), ([5], 9, 14)],
    "Mo, Di, Do 9-12 und 14-17 Uhr": [([0, 1, 3], 9, 12), ([0, 1, 3], 14, 17)],
    "täglich von 8 bis 20 Uhr": [(ALL, 8, 20)],
    "rund um die Uhr": [(ALL, 0, 24)],
    "Mo-Sa 7-21 Uhr, So und Feiertage geschlossen": [(range(6), 7, 21)],
    # French
    "6 h - 22 h": [(ALL, 6, 22)],
    "6 h - 1 h": [(ALL, 6, 25)],
    "24 h / 24": [(ALL, 0, 24)],
    "7j/7, 24h/24": [(ALL, 0, 24)],
    "du lundi au samedi de 9h à 12h30 et de 14h à 18h": [(range(6), 9, 12.5), (range(6), 14, 18)],
    "8h-20h tous les jours, sauf le dimanche": [(range(6), 8, 20)],
    # Spanish
    "lunes a viernes de 8:00 a 14:00 y de 16:00 a 20:00": [(WORK, 8, 14), (WORK, 16, 20)],
    "todos los días de 6:00 am a 10:00 pm": [(ALL, 6, 22)],
    "cerrado los lunes; martes a domingo 10:00-18:00": [(range(1, 7), 10, 18)],
    "sábados, domingos y festivos de 10:00 a 14:00": [([5, 6], 10, 14)],
    # Dutch
    "24 uur": [(ALL, 0, 24)],
    "ma t/m vr 08.00-18.00 uur; za 09.00-17.00 uur": [(WORK, 8, 18), ([5], 9, 17)],
    "do - zo: 15.30 - 18.00 uur en 21.00 tot 07.00 de volgende ochtend": [
        (range(3, 7), 15.5, 18),
        (range(3, 7), 21, 31),
    ],
    # Chinese
    "早6:00-晚12:00": [(ALL, 6, 24)],
    "上午六时至晚上十时半": [(ALL, 6, 22.5)],
    "中午12:00-下午2:00": [(ALL, 12, 14)],
    "常年开放": [(ALL, 0, 24)],
    "常年开放 6:00-22:00": [(ALL, 6, 22)],
    "终日": [(ALL, 0, 24)],
    "全天候24小时": [(ALL, 0, 24)],
    "8:00-18:00（周一至周五）": [(WORK, 8, 18)],
    "周一至周五 9:00-17:00（法定节假日除外）": [(WORK, 9, 17)],
    "星期一至星期五 0830-1730 星期六、日休館": [(WORK, 8.5, 17.5)],
    # Japanese
    "24時間": [(ALL, 0, 24)],
    "月〜金 9:00〜17:00 土日祝休み": [(WORK, 9, 17)],
    "午前9時から午後5時30分まで（月曜休館）": [(range(1, 7), 9, 17.5)],
    # Korean
    "상시": [(ALL, 0, 24)],
    "평일 09:00~18:00, 토요일 09:00~13:00": [(WORK, 9, 18), ([5], 9, 13)],
    "오전 9시 ~ 오후 6시 (월요일 휴관)": [(range(1, 7), 9, 18)],
}
APPROVED = Path(__file__).resolve().parents[2] / "approved" / "opening_hours.csv"
with APPROVED.open(encoding="utf-8", newline="") as file:
    JUDGED = [(int(row["count"]), row["text"], row["meaning"]) for row in csv.DictReader(file)]
"""Texts of public registers, how many places have each, and what it means to a reader: weekdays
by number and their hours, `|` between seasons, `?` where nobody can tell."""


def hour(text):
    whole, _, minutes = text.partition(":")
    return int(whole) + int(minutes or 0) / 60


def judged_week(meaning):
    """Minutes that a person reads from a text; written without any of the code under test."""
    parts = []
    for rule in meaning.split(";"):
        days, spans = rule.split()
        numbers = []
        for each in days.split(","):
            first, _, last = each.partition("-")
            numbers += range(int(first) - 1, int(last or first))
        parts += [(numbers, *map(hour, span.split("-"))) for span in spans.split(",")]
    return week(*parts)


def wrong(text, meaning):
    """Whether a text is read as something that no person reads from it."""
    hours = read_hours(text)
    if hours is None:
        return False
    if meaning == "?":
        return True
    weeks = [judged_week(each) for each in meaning.split("|")]
    always, ever = np.logical_and.reduce(weeks), np.logical_or.reduce(weeks)
    return bool((hours.surely & ~always).any() or (ever & ~hours.perhaps).any())


def test_no_text_of_a_register_is_read_wrongly():
    places = [(text, meaning) for count, text, meaning in JUDGED for _ in range(count)]
    drawn = random.Random(1).sample(places, 300)
    assert [text for text, meaning in dict.fromkeys(drawn) if wrong(text, meaning)] == []
    assert [text for _, text, meaning in JUDGED if wrong(text, meaning)] == []


def test_most_places_of_registers_have_hours_that_are_read():
    read = sum(count for count, text, _ in JUDGED if read_hours(text) is not None)
    assert (read, sum(count for count, _, _ in JUDGED)) == (622, 701)


DOUBT = {
    "8am-4pm, Open later seasonally": ([(ALL, 8, 16)], [(ALL, 0, 24)]),
    "夏季05:30-22:30 冬季06:00-21:30": ([(ALL, 6, 21.5)], [(ALL, 5.5, 22.5)]),
    "Fall, spring summer: 7am - 9pm. Winter: 7am - 5:30pm": ([(ALL, 7, 17.5)], [(ALL, 7, 21)]),
    "Apr-Oct 08:00-20:00; Nov-Mar 09:00-17:00": ([(ALL, 9, 17)], [(ALL, 8, 20)]),
    "Summer (April - September) 9am - 5pm, Winter (October - March) 9am - 4pm": (
        [(ALL, 9, 16)],
        [(ALL, 9, 17)],
    ),
    "夏季（5月-10月）5:30-22:30 冬季（11月-4月）6:00-21:30": ([(ALL, 6, 21.5)], [(ALL, 5.5, 22.5)]),
    "8h-21h (été), 8h-18h (hiver)": ([(ALL, 8, 18)], [(ALL, 8, 21)]),
    "6-10pm": ([(ALL, 18, 22)], [(ALL, 6, 22)]),
    "Mon-Fri 8am-12pm; Wed 2pm-6pm": (
        [([0, 1, 3, 4], 8, 12), ([2], 14, 18)],
        [(WORK, 8, 12), ([2], 14, 18)],
    ),
    "8am-8pm, Sat 10am-12pm": ([([0, 1, 2, 3, 4, 6], 8, 20), ([5], 10, 12)], [(ALL, 8, 20)]),
    "Mo-Fr 08:00-12:00; SH off": ([], [(WORK, 8, 12)]),
    "6am - 1am, 7am - 10pm": ([(ALL, 7, 22)], [(ALL, 6, 25)]),
    "Tuesday: 10:00 pm - 7:00 pm": ([], [([1], 0, 24), ([1], 22, 43)]),
}


@pytest.mark.parametrize("text", DOUBT)
def test_hours_that_are_in_doubt(text):
    surely, perhaps = DOUBT[text]
    hours = read_hours(text)
    np.testing.assert_array_equal(hours.surely, week(*surely))
    np.testing.assert_array_equal(hours.perhaps, week(*perhaps))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "daily (closed Mondays) 10am-6pm",
            "Mo-Sa closed We 8am-12pm",
            "closed daily 12:00-13:00",
        ),
        *("weekends closed except Sunday 12-4pm", "10-18, daily except Monday 12:00-18:00"),
        *("Mon-Fri except bank holidays 9am-5pm", "Mo-Fr except Su 9am-5pm", "9am-5pm except"),
        *("", "Concession Operating Hours", "Park Hours", "7am - dusk", "sunrise-sunset"),
        *("Open by permit", "Closed during school hours", "8-18", "8am-5", "25:00-26:00"),
        *("8:61-9:00", "Mo-", "Monday", "9am-4pm (winter closes at 3pm)", "夏季 8:00-18:00"),
        *("11am-3pm (weekends); 11am-5pm", "W: 8am - 3pm; S: 9am-3pm", "周五 约9点"),
        *("8:00-8:00", "00:00-00:00", "8:00-次日10:00", "6:00-22:00 需预约", "by appointment"),
        *("视情况开放", "8:00-18:00; 夏季 7:00-19:00", "off 8:00-9:00", "PH 8:00-9:00"),
        *("8:00-5:00", "08:00-05:00", "8:00-12:00, 1:00-5:00", "1:00-5:00", "10-2am"),
        *("1-12pm", "12-12pm", "2-2pm", "Mo-Fr 4-12pm", "6pm-12pm", "1pm-12pm", "10pm-12:30pm"),
        *("早6点到晚2点", "早6点到10点", "8am till late", "from 8am", "2019-2024", "24/07/2016"),
        *("May-Sep 9am-5pm", "1 May-30 Sep 9am-5pm, Sep-Apr 9am-4pm", "夏季 6:00-22:00"),
        *(
            "di 10:00-12:00",
            "werktags 8-18 Uhr",
            "Hours:",
            "年中無休",
            "全年开放",
            "closed for repair",
        ),
        *(
            "Mon-Fri 8am-6pm Sat",
            "Mon-Fri 9am-6pm closed Sat, Sun 10am-4pm",
            "8am-6pm closed 12-1pm",
        ),
        *("Generally available 9am-5pm", "8:00-17:00 ish", 'Mo-Fr 08:00-18:00 "by phone"'),
        *("sunrise-sunset", "2026 Mar 08:00-10:00", "八点", "三", "24 h", "0-24 sometimes")[:-2],
    ],
)
def test_what_is_not_wholly_understood_is_unknown(text):
    assert read_hours(text) is None


def test_days_that_a_register_keeps_apart():
    hours = read_hours("8am-3pm", "Tuesday \nThursday\nSaturday")
    np.testing.assert_array_equal(hours.surely, week(([1, 3, 5], 8, 15)))
    assert read_hours("8am-3pm", "by arrangement") is None
    assert read_hours("", "Tuesday") is None


def test_a_column_at_one_minute():
    texts = pd.Series(["24/7", "Mo-Fr 08:00-18:00", "7am - dusk", ""], index=list("abcd"))
    found = open_at(texts, weekday=2, minute=21 * 60)
    expected = pd.Series([True, False, None, None], index=texts.index, dtype="boolean")
    pd.testing.assert_series_equal(found["is_open"], expected.rename("is_open"))
    assert found["is_read"].tolist() == [True, True, False, False]


OFFICE = "周一至周五 9:00-17:00（法定节假日除外）"
HOLIDAYS = Holidays(
    public={dt.date(2026, 10, 1), dt.date(2026, 10, 2)},
    school={dt.date(2026, 7, 6)},
    public_years=(2026, 2026),
    school_years=(2026, 2026),
)
THURSDAY, AFTER = dt.date(2026, 10, 1), dt.date(2026, 10, 8)


@pytest.mark.parametrize(
    ("text", "on", "hour", "known", "unknown"),
    [
        (OFFICE, THURSDAY, 10, False, None),
        (OFFICE, AFTER, 10, True, None),
        (OFFICE, AFTER, 20, False, False),
        ("Mo-Fr 09:00-17:00", THURSDAY, 10, True, True),
        ("Mo-Fr 09:00-17:00; Su,PH 10:00-12:00", THURSDAY, 9, False, None),
        ("Mo-Fr 09:00-17:00; Su,PH 10:00-12:00", THURSDAY, 11, True, True),
        ("Mo-Fr 20:00-26:00; PH off", dt.date(2026, 10, 3), 1, None, None),
        ("Mo-Fr 20:00-26:00; PH off", dt.date(2026, 10, 9), 1, True, None),
        ("Mo-Fr 08:00-17:00; SH 10:00-12:00", dt.date(2026, 7, 6), 9, False, None),
        ("Mo-Fr 08:00-17:00; SH 10:00-12:00", dt.date(2026, 7, 7), 9, True, None),
        ("Apr-Oct 08:00-20:00; Nov-Mar 09:00-17:00", dt.date(2026, 7, 1), 19, True, True),
        ("Apr-Oct 08:00-20:00; Nov-Mar 09:00-17:00", dt.date(2026, 12, 1), 19, False, False),
        ("夏季 6:00-22:00 冬季 7:00-20:00", dt.date(2026, 7, 1), 21, None, None),
    ],
)
def test_a_date_has_its_season_and_the_holidays_of_the_calendar(text, on, hour, known, unknown):
    for holidays, expected in ((HOLIDAYS, known), (Holidays(), unknown)):
        texts = pd.Series([text])
        day = {"weekday": on.weekday(), "minute": hour * 60, "on": on}
        (found,) = open_at(texts, holidays=holidays, **day)["is_open"]
        assert (None if pd.isna(found) else bool(found)) is expected


clocks = st.integers(0, 47).map(lambda half: f"{half // 2:02d}:{half % 2 * 30:02d}")
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


@st.composite
def osm(draw):
    """One rule a group of days, each day once, as the two agree on what that means."""
    days = draw(st.permutations(DAYS))
    cut = draw(st.integers(1, 6))
    rules = []
    for group in (days[:cut], days[cut:]):
        start, end = sorted(draw(st.lists(clocks, min_size=2, max_size=2, unique=True)))
        hours = draw(st.sampled_from([f"{start}-{end}", "off", "00:00-24:00"]))
        rules.append(f"{','.join(group)} {hours}")
    return "; ".join(rules)


@settings(max_examples=60, deadline=None)
@given(text=osm(), minutes=st.lists(st.integers(0, WEEK - 1), min_size=20, max_size=20))
def test_agrees_with_the_library_of_the_syntax(text, minutes):
    hours, oracle = read_hours(text), OpeningHours(text)
    for minute in minutes:
        at = MONDAY + dt.timedelta(minutes=minute)
        assert hours.surely[minute] == oracle.is_open(at), (text, at)
        assert hours.perhaps[minute] == hours.surely[minute]


@pytest.mark.parametrize("text", list(READ)[:9])
def test_agrees_with_the_library_on_the_cases_by_hand(text):
    hours, oracle = read_hours(text), OpeningHours(text)
    for minute in range(0, WEEK, 15):
        assert hours.surely[minute] == oracle.is_open(MONDAY + dt.timedelta(minutes=minute))


@given(text=st.text(alphabet="MoFr8:0-; pma,周一至五点全天off夏季\n", max_size=30))
def test_any_text_is_read_or_unknown(text):
    hours = read_hours(text)
    assert hours is None or (hours.surely <= hours.perhaps).all()


@pytest.mark.parametrize(
    ("text", "moment"),
    [("Wed 21:00", (2, 1260, "")), ("We 0:00", (2, 0, "")), ("周日 23:59", (6, 1439, "")),
     ("sunday 9:30", (6, 570, "")), ("星期三　21：00", (2, 1260, "")),
     ("2026-10-01 10:00", (3, 600, "2026-10-01"))],
)  # fmt: skip
def test_a_moment(text, moment):
    assert read_moment(text) == moment
    assert read_moment(write_moment(moment[:2], moment[2])) == moment


@pytest.mark.parametrize(
    "text", ["", "21:00", "Wed", "Wed 24:00", "Wed 21", "Foo 21:00", "Wed 9pm", "2026-13-01 9:00"]
)
def test_no_moment(text):
    with pytest.raises(SettingsError, match="no weekday"):
        read_moment(text)
