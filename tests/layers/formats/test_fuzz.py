"""A few damaged and hostile files of every format; `bench/fuzz.py` runs as many as one likes."""

from __future__ import annotations

import pytest

from bench import fuzz

SEEDS = (1,)
FOUND = (
    ("native.parquet", 928286993, False),  # bytes that are no UTF-8 in a column of text
    ("json", 928287031, True),  # signs of numbers that no number has
    ("csv.gb18030", 928286969, True),  # a word of 131,073 letters
)
"""Cases that were not handled once: format, seed, and whether its values are hostile."""


@pytest.fixture(scope="module")
def sound():
    return fuzz.sound_files()


@pytest.mark.filterwarnings("ignore:.*")
def test_a_sound_file_of_every_format_loads(tmp_path, sound):
    for name, data in sound.items():
        fuzz.lay_out(tmp_path / name, name, data)
        assert fuzz.outcome(tmp_path / name) == "loaded", name


@pytest.mark.filterwarnings("ignore:.*")
def test_a_damaged_or_hostile_file_is_loaded_or_refused_with_advice(tmp_path, sound):
    tabular = {*fuzz.TABULAR, *fuzz.SHAPED}
    cases = [(name, seed, hostile) for name in sound for seed in SEEDS for hostile in (False, True)]
    for name, seed, hostile in [*cases, *FOUND]:
        if hostile and name not in tabular:
            continue
        folder = tmp_path / f"{name}-{seed}-{hostile}"
        fuzz.lay_out(folder, name, fuzz.case(name, seed, sound, hostile=hostile))
        assert fuzz.outcome(folder) in {"loaded", "refused"}, (name, seed, hostile)


@pytest.mark.full
@pytest.mark.filterwarnings("ignore:.*")
def test_many_damaged_and_hostile_files(sound):
    for hostile, names in ((False, sound), (True, [*fuzz.TABULAR, *fuzz.SHAPED])):
        cases = [(name, seed) for name in names for seed in range(100, 140)]
        _, bad, _ = fuzz.run(cases, sound, hostile=hostile)
        assert bad == []
