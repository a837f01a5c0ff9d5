"""Values that offices enter for clauses of the title's standard: met, failed, too old, dirty."""

from __future__ import annotations

import pandas as pd

from tools.demo_city.dirt import Dirt

FILE = "clause_values.csv"
TITLE = {"standard": "cn-sanitary-city", "year": 2020, "review": "2026-10-15"}
DAYS_LEFT = 107
"""From 2026-06-30 to the review."""
CLAUSE_TITLES = {"clause": "条款", "value": "数值", "day": "日期", "source": "填报单位"}
VALUES = (
    ("NSC21-36", "88%", "2025-05-20", "市市场监督管理局"),
    ("NSC21-36", "93.5%", "2026-05-20", "市市场监督管理局"),
    ("NSC21-55", "3", "2026-04-15", "市疾病预防控制中心"),
    ("NSC21-56", "0.96", "2026-06-01", "市卫生健康委员会"),
    ("NSC14-EXER", "41.2%", "2023-12-31", "市体育局"),
    ("NSC14-MKT", "66%", "2026-03-31", "市商务局"),
    ("NSC-CLEAN-MAIN", "16", "2026-06-10", "市城市管理局"),
    ("NSC-GREEN14", "38.1%", "2025-12-31", "市园林绿化局"),
    ("NSC-GREEN14-PARK", "8.1", "2025-12-31", "市园林绿化局"),
    ("NSC-GREEN14-PARK", "9.2", "2026-07-15", "市园林绿化局"),
)
"""What is sound; one value was entered twice, one for a day after the data, one is old."""
WRONG = {
    "clause that the standard has not": ("NSC21-99", "95%", "2026-06-01", "市卫生健康委员会"),
    "share above 1 without a sign of percent": ("NSC21-56", "97", "2026-06-15", "市卫生健康委员会"),
    "value that is no number": ("NSC-CLEAN-LANE", "基本达标", "2026-06-10", "市城市管理局"),
}
TRUTH: dict[str, object] = {
    "id": "title",
    "type": "title",
    "title": {"zh": "距复审已知的达标情况", "en": "A title whose clauses are known"},
    "standard": TITLE["standard"],
    "review": TITLE["review"],
    "days_left": DAYS_LEFT,
    "entered_met": ["NSC-CLEAN-MAIN", "NSC-GREEN14", "NSC21-36", "NSC21-56"],
    "entered_failed": ["NSC-GREEN14-PARK", "NSC14-MKT", "NSC21-55"],
    "not_entered": ["NSC-CLEAN-LANE"],
    "too_old": ["NSC14-EXER"],
    "by_people": ["NSC21-13"],
}


def clause_values() -> tuple[pd.DataFrame, list[Dirt]]:
    """Make the table, and tell which rows of it are wrong."""
    table = pd.DataFrame([*VALUES, *WRONG.values()], columns=list(CLAUSE_TITLES))
    dirt = [
        Dirt(FILE, what, 1, (f"clause_values-{number}",))
        for number, what in enumerate(WRONG, start=len(VALUES) + 1)
    ]
    return table, dirt
