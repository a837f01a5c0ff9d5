"""A ladder that an office writes is read, or one message says what is wrong in it."""

from __future__ import annotations

import pytest

from analysis.model.errors import SettingsError
from layers.knowledge.ladder import load_ladder

SOUND = """
least_cases = 5
[level.mild]
name = { zh = "轻", en = "Mild" }
months = 2
late = 0.1
[level.grave]
name = { zh = "重", en = "Grave" }
months = 4
relapse = 0.5
"""


def test_levels_are_read_in_their_order(tmp_path):
    (tmp_path / "ours.toml").write_text(SOUND, "utf-8")
    ladder = load_ladder(tmp_path / "ours.toml")
    assert [(step.id, step.months, dict(step.above)) for step in ladder.steps] == [
        ("mild", 2, {"late": 0.1}),
        ("grave", 4, {"relapse": 0.5}),
    ]
    assert ladder.least_cases == 5


@pytest.mark.parametrize(
    ("ours", "theirs", "told"),
    [
        ("months = 2", "months = 1", "months"),
        ("months = 4", "months = 1", "months"),
        ("months = 2", "months = 2.5", "months"),
        ("months = 2", "months = true", "months"),
        ("months = 4", "months = 13", "months"),
        ("late = 0.1", "late = 1", "late"),
        ("late = 0.1", "late = nan", "late"),
        ("late = 0.1", "late = -0.1", "late"),
        ("late = 0.1", 'late = "0.1"', "late"),
        ("late = 0.1", "lates = 0.1", "lates"),
        ("least_cases = 5", "least_cases = 0", "least_cases"),
        ("least_cases = 5", "", "least_cases"),
        ('en = "Mild"', 'en = ""', "name"),
        ('{ zh = "轻", en = "Mild" }', '"轻"', "name"),
        ("late = 0.1", "", None),
        ("[level.mild]", "[levels.mild]", "levels"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path, ours, theirs, told):
    assert ours in SOUND
    (tmp_path / "ours.toml").write_text(SOUND.replace(ours, theirs), "utf-8")
    if told is None:
        assert load_ladder(tmp_path / "ours.toml").steps[0].above == {}
        return
    with pytest.raises(SettingsError, match=told) as caught:
        load_ladder(tmp_path / "ours.toml")
    assert "ours.toml" in str(caught.value)


def test_a_ladder_without_any_threshold_is_none(tmp_path):
    bare = SOUND.replace("late = 0.1", "").replace("relapse = 0.5", "")
    (tmp_path / "ours.toml").write_text(bare, "utf-8")
    with pytest.raises(SettingsError, match="threshold"):
        load_ladder(tmp_path / "ours.toml")
