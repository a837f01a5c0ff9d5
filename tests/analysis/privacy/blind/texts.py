"""
Texts with known personal data, written from public formats without sight of the recogniser.

The sentences stand in `zh.txt` and `en.txt` with slots, their words in `words.toml`. A slot of a
class of personal data is remembered as a span; every other slot (dates, prices, coordinates, case
numbers, bus lines, assets) must be left alone. Nothing here is a real person's. The texts are
frozen: `test_blind.py` holds their sum.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

HERE = Path(__file__).parent
WORDS = tomllib.loads((HERE / "words.toml").read_text("utf-8"))
PERSONAL = {
    "n": "name",
    "s": "name",
    "p": "phone",
    "e": "email",
    "i": "id",
    "c": "plate",
    "cn": "plate",
    "a": "address",
}
WIDE = {ord(char): ord(char) + 0xFEE0 for char in "0123456789-@.ABCDEFGHJKLMNPQRSTUVWXYZ"}
NUMERALS = str.maketrans("0123456789", "〇一二三四五六七八九")

PLATE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


class Marked(NamedTuple):
    """A text, and the spans `(start, end, class)` of what is personal in it."""

    text: str
    spans: tuple[tuple[int, int, str], ...]


class Slots:
    """Fills a slot by its name; `language` tells the formats."""

    def __init__(self, rng: Random, language: str) -> None:
        """Take the numbers from `rng`."""
        self.rng, self.zh = rng, language == "zh"

    def fill(self, slot: str) -> str:
        """Make one value for a slot."""
        if re.fullmatch(r"num\d", slot):
            return self.digits(int(slot[3:]), first=True)
        return getattr(self, slot)()

    def pick(self, *options: str) -> str:
        return self.rng.choice(options)

    def digits(self, count: int, *, first: bool = False) -> str:
        text = "".join(self.rng.choice("0123456789") for _ in range(count))
        return self.rng.choice("123456789") + text[1:] if first else text

    def written(self, value: str) -> str:
        """Write figures as people do: mostly plain, at times full-width or in Chinese numerals."""
        chance = self.rng.random()
        if chance < 0.1:
            return value.translate(WIDE)
        return value.translate(NUMERALS) if self.zh and chance < 0.16 else value

    def s(self) -> str:
        if not self.zh:
            return self.rng.choice(WORDS["last"])
        return (
            self.rng.choice(WORDS["surnames_two"])
            if self.rng.random() < 0.04
            else self.rng.choice(WORDS["surnames"])
        )

    def n(self) -> str:
        if self.zh:
            return self.s() + "".join(
                self.rng.choice(WORDS["given"]) for _ in range(self.rng.choice((1, 2, 2)))
            )
        middle = f" {self.rng.choice('ABCDEFGHJKLMNPRSTW')}." if self.rng.random() < 0.15 else ""
        return f"{self.rng.choice(WORDS['first'])}{middle} {self.rng.choice(WORDS['last'])}"

    def p(self) -> str:
        return self.written(self.phone_zh() if self.zh else self.phone_en())

    def phone_zh(self) -> str:
        head, middle, end = (
            "1" + self.pick("38", "39", "86", "50", "77", "91", "52", "66"),
            self.digits(4),
            self.digits(4),
        )
        area, exchange = self.pick("010", "021", "0571", "0755", "028"), self.digits(4, first=True)
        exchange = self.pick("6", "8") + exchange[1:]
        return self.pick(
            f"{head}{middle}{end}",
            f"{head}{middle}{end}",
            f"{head}-{middle}-{end}",
            f"{head} {middle} {end}",
            f"+86 {head}{middle}{end}",
            f"{area}-{exchange}{end}",
            f"({area}){exchange}{end}",
        )

    def phone_en(self) -> str:
        area, exchange, line = (
            self.pick("212", "718", "646", "347", "415", "312"),
            self.pick("555", "382", "476"),
            self.digits(4),
        )
        return self.pick(
            f"({area}) {exchange}-{line}",
            f"{area}-{exchange}-{line}",
            f"{area}.{exchange}.{line}",
            f"+1 {area} {exchange} {line}",
            f"1-{area}-{exchange}-{line}",
            f"07{self.digits(3)} {self.digits(6)}",
            f"+44 20 {self.digits(4, first=True)} {line}",
            f"+86 138{self.digits(8)}",
        )

    def e(self) -> str:
        user = self.pick(
            "zhang.wei",
            "li_na88",
            f"{self.digits(9, first=True)}",
            "m.garcia",
            "sunny-day",
            "jane.doe+311",
            "wangfang",
        )
        host = (
            "qq.com",
            "163.com",
            "example.org",
            "mail.example.co.uk",
            "gmail.com",
            "sina.com.cn",
        )
        mail = f"{user}@{self.pick(*host)}"
        return mail.replace("@", "＠") if self.rng.random() < 0.08 else mail

    def i(self) -> str:
        year, month, day = (self.rng.randint(*ends) for ends in ((1940, 2006), (1, 12), (1, 28)))
        born = f"{year}{month:02d}{day:02d}"
        body = self.rng.choice(WORDS["regions"]) + born + self.digits(3)
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
        number = body + "10X98765432"[total % 11]
        if number.endswith("X") and self.rng.random() < 0.4:
            number = number[:-1] + "x"
        return (
            f"{number[:6]} {number[6:14]} {number[14:]}"
            if self.rng.random() < 0.12
            else self.written(number)
        )

    def c(self) -> str:
        if self.zh:
            return self.cn()
        letters = "".join(self.rng.choice(PLATE_LETTERS) for _ in range(3))
        return self.pick(
            f"{letters}-{self.digits(4)}",
            f"{letters} {self.digits(4)}",
            f"{letters}{self.digits(4)}",
            f"{self.digits(1, first=True)}{letters}{self.digits(3)}",
            f"{letters[:2]}{self.digits(2)} {letters}",
        )

    def cn(self) -> str:
        head = self.rng.choice(WORDS["provinces"]) + self.rng.choice("ABCDEFGHJ")
        tail = self.pick(
            self.digits(5),
            self.rng.choice(PLATE_LETTERS) + self.digits(4),
            self.rng.choice("DF") + self.digits(5),
        )
        plate = self.pick(
            f"{head}{tail}", f"{head}{tail}", f"{head}·{tail}", f"{head} {tail}", f"{head}-{tail}"
        )
        return plate.translate(WIDE) if self.rng.random() < 0.08 else plate

    def a(self) -> str:
        number = self.digits(self.rng.choice((1, 2, 3)), first=True)
        if not self.zh:
            home = self.pick(
                "",
                "",
                f", Apt {self.digits(1, first=True)}{self.pick('A', 'B', 'C')}",
                f" Unit {self.digits(2, first=True)}",
            )
            house = self.pick(number, number + "-" + self.digits(2, first=True))
            return f"{house} {self.road()}{home}"
        road, estate, block = (
            self.road(),
            self.rng.choice(WORDS["estates"]),
            self.digits(1, first=True),
        )
        room = f"{self.digits(1, first=True)}0{self.digits(1, first=True)}"
        address = self.pick(
            f"{road}{number}号",
            f"{self.rng.choice(WORDS['districts'])}{road}{number}号",
            f"{self.rng.choice(WORDS['districts'])}{road}{number}号院{block}号楼",
            f"{road}{number}号{block}单元{room}室",
            f"{estate}{block}栋{room}",
            f"{estate}{block}号楼{block}单元{room}",
            f"{road}{number}弄{block}号{room}室",
        )
        return address.translate(WIDE) if self.rng.random() < 0.08 else address

    def road(self) -> str:
        return self.rng.choice(WORDS["roads"] if self.zh else WORDS["streets"])

    def t(self) -> str:
        year, month, day = (
            self.rng.randint(2019, 2026),
            self.rng.randint(1, 12),
            self.rng.randint(1, 28),
        )
        zh = (
            f"{year}年{month}月{day}日",
            f"{month}月{day}日",
            f"{year}-{month:02d}-{day:02d}",
            f"{year}{month:02d}{day:02d}",
        )
        en = (
            f"{year}-{month:02d}-{day:02d}",
            f"{month:02d}/{day:02d}/{year}",
            f"{day} March {year}",
            f"June {day}, {year}",
        )
        return self.pick(*(zh if self.zh else en))

    def h(self) -> str:
        hour, minute = self.rng.randint(0, 23), self.rng.randint(0, 59)
        return self.pick(
            f"{hour:02d}:{minute:02d}",
            f"{hour}时{minute}分" if self.zh else f"{hour % 12 + 1}:{minute:02d} pm",
        )

    def m(self) -> str:
        value = self.pick(
            self.digits(3, first=True),
            f"{self.digits(1, first=True)},{self.digits(3)}",
            f"{self.digits(4, first=True)}.50",
        )
        return value if self.zh else f"${value}"

    def bus(self) -> str:
        number = self.digits(3, first=True)
        return (
            self.pick(f"{number}路", f"快速公交{number[0]}线")
            if self.zh
            else self.pick(f"M{number[:2]}", f"Bx{number[:2]}", number)
        )

    def lon(self) -> str:
        return f"{self.pick('116', '104', '121', '-73')}.{self.digits(6)}"

    def lat(self) -> str:
        return f"{self.pick('39', '30', '31', '40')}.{self.digits(6)}"

    def k(self) -> str:
        return self.pick(
            f"2026{self.digits(10)}",
            f"GD2026{self.digits(6)}",
            f"311-{self.digits(8)}",
            f"AJ-{self.digits(7)}",
        )

    def asset(self) -> str:
        return self.pick(
            f"JG{self.digits(6)}", f"0317-{self.digits(5)}", f"WC{self.digits(4)}-{self.digits(2)}"
        )

    def asset13(self) -> str:
        return "69" + self.digits(11)

    def asset18(self) -> str:
        """Make eighteen figures that are no identity card: there is no such month of birth."""
        return (
            self.rng.choice(WORDS["regions"])
            + f"{self.rng.randint(1950, 2010)}{self.rng.randint(13, 99)}{self.digits(6)}"
        )

    def std(self) -> str:
        return self.pick("GB/T 17217-2021", "CJJ 14-2016", "GB 50337-2018", "CJJ/T 125-2008")

    def pct(self) -> str:
        return f"{self.digits(2, first=True)}.{self.digits(1)}%"

    def bin(self) -> str:
        return self.pick(
            f"{self.digits(1, first=True)}号垃圾桶", f"第{self.digits(2, first=True)}号垃圾亭"
        )

    def zip(self) -> str:
        return self.digits(6, first=True)


def marked(frame: str, slots: Slots) -> Marked:
    """Fill one sentence."""
    text, spans = "", []
    for piece in re.split(r"(\{\w+\})", frame):
        if not piece.startswith("{"):
            text += piece
            continue
        value = slots.fill(piece[1:-1])
        if piece[1:-1] in PERSONAL:
            spans.append((len(text), len(text) + len(value), PERSONAL[piece[1:-1]]))
        text += value
    return Marked(text, tuple(spans))


@cache
def texts(language: str) -> tuple[Marked, ...]:
    """Make the 1,000 texts of a language: every sentence in turn, always with the same values."""
    slots = Slots(Random(f"blind-{language}"), language)
    frames = (HERE / f"{language}.txt").read_text("utf-8").splitlines()
    return tuple(marked(frames[number % len(frames)], slots) for number in range(1000))
