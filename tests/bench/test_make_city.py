"""The command that makes a city of any size."""

import tomllib

import geopandas as gpd
import pytest

from bench.make_city import main


def test_the_command_writes_a_city_with_a_recipe(tmp_path):
    main(["--communities", "30", str(tmp_path / "small")])
    recipe = tomllib.loads((tmp_path / "small" / "city.toml").read_text(encoding="utf-8"))
    assert [layer["kind"] for layer in recipe["layers"]][:3] == [
        "communities",
        "residents",
        "issues",
    ]
    assert len(gpd.read_parquet(tmp_path / "small" / "communities-00.parquet")) == 30


@pytest.mark.parametrize(
    "words", [["x"], ["S", "x", "--communities", "30"], ["--communities", "3", "x"]]
)
def test_the_command_refuses_a_muddled_request(words, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([word if word != "x" else str(tmp_path) for word in words])
    assert stopped.value.code == 2
    assert "usage" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
