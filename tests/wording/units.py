"""What a text in one language must not hold of the units and digits of another."""

from __future__ import annotations

import re

FOREIGN_UNITS = {
    "zh": re.compile(r"\d\s?k?m\b|m²|公里|\u202f|\d %|[米里] [\u4e00-\u9fff]"),
    "zh-Hant": re.compile(r"\d\s?k?m\b|m²|[\d（千]\s?米|\u202f|\d %|[尺里] [\u4e00-\u9fff]"),
    "en": re.compile(r"\d\s?(?:[米里]|平方|公)|\d %|\dk?m\b"),
}
