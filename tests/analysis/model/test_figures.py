"""A figure is one row of one table; nothing else asks for its name."""

import ast
import re
from pathlib import Path

import pytest

from analysis.coverage.figures import REACHED
from analysis.coverage.own_facilities import OWN
from analysis.model.figures import FIGURES, MISSING, SHORT, SHORTFALL_UNITS, WEAK
from tools.house import modules

ROOT = Path(__file__).resolve().parents[3]
SOURCES = modules()
TABLE = ROOT / "analysis" / "model" / "figures.py"
SHARES = re.compile(r"_?(covered_)?share")


def texts(node):
    """Every text in an expression or in a collection written out in it."""
    return {each.value for each in ast.walk(node) if isinstance(each, ast.Constant)}


def is_figure(node):
    """`rule.figure`, `rule.figure.id`, `figure` or `row["figure"]`."""
    if isinstance(node, ast.Attribute) and node.attr == "id":
        node = node.value
    if isinstance(node, ast.Attribute):
        return node.attr == "figure"
    if isinstance(node, ast.Subscript):
        return texts(node.slice) == {"figure"}
    return isinstance(node, ast.Name) and node.id == "figure"


def compares(node):
    """`figure == "…"`, `figure in {"…"}`."""
    sides = [node.left, *node.comparators]
    return any(map(is_figure, sides)) and bool(set(FIGURES) & texts(node))


def asks_the_name(node):
    """`figure.startswith(…)`, and `….endswith("_share")` of anything."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in {"endswith", "startswith"}:
        return False
    return is_figure(node.func.value) or any(map(SHARES.fullmatch, map(str, texts(node))))


def looks_up(node):
    """A table of several figures beside the one table."""
    keys = {key.value for key in node.keys if isinstance(key, ast.Constant)}
    return len(keys & set(FIGURES)) > 1


LAWS = {ast.Compare: compares, ast.Call: asks_the_name, ast.Dict: looks_up}


def dispatches(source):
    """Lines that tell figures apart by their names."""
    for node in ast.walk(ast.parse(source)):
        if LAWS.get(type(node), lambda _: False)(node):
            yield node.lineno


@pytest.mark.parametrize(
    "source",
    [
        'rule.figure == "area_covered_share"',
        'rule.figure.id in {"density_per_km2", "per_10k_people"}',
        '"facilities_inside" != figure',
        'row["figure"] == "accessible_share"',
        'rule.figure.id.endswith("_share")',
        '[name for name in columns if name.endswith("_covered_share")]',
        '{"area_covered_share": "m2", "population_covered_share": "people"}[name]',
    ],
)
def test_the_law_sees_a_dispatch(source):
    assert list(dispatches(source)) == [1]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_figures_are_told_apart_by_the_table_alone(path):
    if path != TABLE:
        assert not list(dispatches(path.read_text("utf-8")))


def test_rows_are_whole():
    for name, figure in FIGURES.items():
        assert name == figure.id == str(figure)
        assert figure.share == name.endswith("_share")
        assert figure.shortfall_unit in SHORTFALL_UNITS
        assert figure.gap in {MISSING, SHORT, WEAK}
        assert not figure.covers or (figure.share and figure.needs_radius)
        assert figure.needs_radius == (figure.numerator in REACHED)
        assert bool(figure.denominator) == (figure.numerator != name)
        assert not figure.made_from or figure.numerator == figure.made_from[0][1]
        assert not figure.own_land or figure.of_land
    assert set(REACHED) == set(OWN)
    covered = [figure.covers for figure in FIGURES.values() if figure.covers]
    assert sorted(covered) == ["area", "land", "people"]
    assert [name for name, figure in FIGURES.items() if figure.walkable] == [
        "population_covered_share"
    ]
