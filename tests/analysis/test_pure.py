"""The core is pure: what a function is given is the same after it as before."""

import ast
import copy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from analysis.access.land import Land
from analysis.access.prepared_city import prepare, with_facilities, with_filter, with_shortest_paths
from analysis.access.supply_filter import SupplyFilter, apply_filter, filter_options
from analysis.access.walking import prepare_walking_network, walk_reach
from analysis.coverage.additions import facilities_to_add, with_additions
from analysis.coverage.assessment import assess
from analysis.coverage.capacity import arithmetic, capacity_table, judge_capacity
from analysis.coverage.closures import rank_closures
from analysis.coverage.editions import compare
from analysis.coverage.figures import NETWORK, STRAIGHT, measure_straight
from analysis.coverage.gaps import gaps_of
from analysis.coverage.provision import provision
from analysis.coverage.robustness import judge_robustness
from analysis.coverage.scorecard import flips, kind_verdicts, scorecard
from analysis.coverage.shortfall import name_gaps
from analysis.coverage.summary import summarise
from analysis.coverage.verdicts import give_verdict
from analysis.coverage.zones import compare_zones
from analysis.model.figures import FIGURES
from analysis.model.standards import Kind, Rule, Standard
from tests.frames import points, polygons, residents

ROOT = Path(__file__).resolve().parents[2]
CHANGES = {"append", "extend", "insert", "update", "pop", "sort", "clear", "setdefault", "popitem"}
COLLECTORS = {("analysis/trends/recipe.py", "_told")}
"""Private, and made to add to what their caller began."""


def given(function):
    """Names of the parameters, but for `self`, that are not made anew inside."""
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    made = {
        name.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        for target in node.targets
        for name in ast.walk(target)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    }
    return {each.arg for each in arguments} - made - {"self"}


def root(node):
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def targets(node):
    """What an instruction writes into: `name[…]`, `name.attribute`."""
    if isinstance(node, ast.Assign):
        found = [each for target in node.targets for each in ast.walk(target)]
        return [each for each in found if isinstance(getattr(each, "ctx", None), ast.Store)]
    if isinstance(node, ast.AugAssign):
        return [node.target]
    if isinstance(node, ast.Delete):
        return node.targets
    if isinstance(node, ast.Call):
        inplace = [each for each in node.keywords if each.arg == "inplace"]
        method = isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES
        return [node.func] if method or inplace else []
    return []


def changes(source):
    """Functions that write into what they were given, with the line."""
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef):
            names = given(function)
            for node in ast.walk(function):
                for target in targets(node):
                    if isinstance(target, ast.Subscript | ast.Attribute) and root(target) in names:
                        yield function.name, node.lineno


@pytest.mark.parametrize(
    "body",
    [
        'frame["a"] = 1', "frame.loc[0, 'a'] = 1", "frame['a'] += 1", "frame.attrs['a'] = 1",
        "del frame['a']", "frame.pop('a')", "frame.sort_values('a', inplace=True)",
        "frame['a'], frame['b'] = 1, 2", "frame.index = [1]",
    ],
)  # fmt: skip
def test_the_law_sees_a_change(body):
    assert set(changes(f"def give(frame):\n    {body}")) == {("give", 2)}
    assert not list(changes(f"def give(other):\n    frame = other.copy()\n    {body}"))


@pytest.mark.parametrize(
    "path", sorted((ROOT / "analysis").rglob("*.py")), ids=lambda path: path.stem
)
def test_no_function_writes_into_what_it_was_given(path):
    name = path.relative_to(ROOT).as_posix()
    found = {each for each, _ in changes(path.read_text("utf-8"))}
    assert found - {function for module, function in COLLECTORS if module == name} == set()


TITLE = {"zh": "厕", "en": "toilets"}
TOILET = Kind(
    "toilet", TITLE, "#000000", "◆",
    {"stalls": "number", "women": "number", "men": "number", "ramp": "flag"},
    capacity="stalls", female="women", male="men", accessible="ramp",
    conditions={"ramp": TITLE},
)  # fmt: skip
SQUARES = [shapely.box(x, 0, x + 1000, 1000) for x in (0, 1000, 2000)]
RADII = {name: 300.0 if figure.needs_radius else None for name, figure in FIGURES.items()}


def rule(name):
    figure = FIGURES[name]
    return Rule(
        name, "toilet", figure, 0.7, "project", TITLE, TITLE, TITLE, "low",
        service_radius_m=RADII[name], target_share=0.5, columns=TOILET.counted(figure),
    )  # fmt: skip


STANDARD = Standard("toy", TITLE, "", "", "", tuple(map(rule, FIGURES)))
ON_PEOPLE = Standard("people", TITLE, "", "", "", (rule("population_covered_share"),))


def layer(shape):
    return polygons([shape]).rename_axis("land_id")


@pytest.fixture(scope="module")
def town():
    """Three squares with a lake, homes, streets, and toilets of every status."""
    facilities = points(
        [(200, 200), (1500, 500), (900, 900), (2500, 100)],
        status=["open", "closed", "unknown", "open"],
    ).assign(
        stalls=[4.0, 2.0, np.nan, 3.0],
        women=[2.0, 1.0, np.nan, 1.0],
        men=[2.0, 1.0, np.nan, 2.0],
        ramp=pd.array([True, False, None, True], dtype="boolean"),
    )
    communities = polygons(SQUARES, parents=["P", "P", "Q"])
    streets = polygons(
        [shapely.LineString([(x, 500), (x + 1000, 500)]) for x in (0, 1000, 2000)]
    ).drop(columns=["name", "parent"])
    nodes = ["n0", "n1", "n2", "n3"]
    return {
        "communities": communities,
        "facilities": facilities,
        "residents": residents([(100, 100, 30), (1500, 600, 50), (2500, 550, 20), (950, 950, 5)]),
        "land": Land(
            water=layer(shapely.box(2800, 0, 3000, 200)),
            residential=layer(shapely.box(0, 0, 2600, 700)),
            built_up=layer(shapely.box(0, 0, 2700, 800)),
        ),
        "streets": streets.assign(
            from_node=nodes[:3], to_node=nodes[1:], length_m=1000.0, walkable=True, name=""
        ).rename_axis("edge"),
        "zones": layer(shapely.box(500, 0, 1700, 1000)).rename_axis("zone_id"),
    }


@pytest.fixture(scope="module")
def city(town):
    ready = prepare(
        town["communities"], town["facilities"], town["residents"], kinds=["toilet"],
        land=town["land"],
    )  # fmt: skip
    answers = apply_filter(town["facilities"], {"toilet": TOILET}, SupplyFilter(only=("ramp",)))
    ready = with_filter(ready, answers)
    network = prepare_walking_network(ready.communities, ready.demand, town["streets"])
    return with_shortest_paths(ready, network)


@pytest.fixture(scope="module")
def result(city):
    return assess(city, STANDARD, measures=(STRAIGHT, NETWORK))


def judged_rows(city):
    """Columns of a rule as `assess` has them before the verdict."""
    asked = rule("population_covered_share")
    measured = measure_straight(city, city.supply["toilet"], asked)
    missing = np.full(len(city.communities), np.nan)
    return {
        **measured,
        "population": city.population.to_numpy(),
        "value": measured["population_covered_share"],
        "value_most": measured.get("value_most", missing),
        "population_not_judged": measured.get("population_not_judged", missing),
        "population_without_streets": missing,
        "population_unreachable": missing,
        "facilities_unknown": missing,
        "measure": STRAIGHT,
        "density_basis": "area",
        "area_m2": city.area_m2.to_numpy(),
    }


def recipes(town, city, result):
    """Every recipe of coverage with what it is given."""
    people, toilet = rule("population_covered_share"), city.supply["toilet"]
    figures = judged_rows(city)
    judged = {**figures, **give_verdict(figures, city, people, supply=toilet, shortest_paths=None)}
    rows = [(each, result.rows_of(each.id, measure)) for each, measure in result.judged]
    capacity = judge_capacity(city, TOILET, service_radius=300, method="equal")
    then = town["facilities"].iloc[:2]
    frames = {key: value for key, value in town.items() if key not in {"streets", "zones"}}
    return {
        "prepare": (prepare, frames, {"kinds": ["toilet"]}),
        "with_facilities": (with_facilities, [city, then], {"kinds": ["toilet"]}),
        "with_filter": (with_filter, [city, city.filter_result], {}),
        "offer": (filter_options, [town["facilities"], TOILET], {}),
        "walk_reach": (
            walk_reach, [city.shortest_paths, town["facilities"]], {"service_radius": 300},
        ),
        "assess": (assess, [city, STANDARD], {"measures": (STRAIGHT, NETWORK)}),
        "give_verdict": (
            give_verdict, [figures, city, people], {"supply": toilet, "shortest_paths": None},
        ),
        "name_gaps": (name_gaps, [city, toilet, people, judged], {}),
        "provision": (provision, [city, toilet, rule("accessible_share")], {"idle": True}),
        "summarise": (summarise, [city, rows], {}),
        "with_additions": (with_additions, [city, result], {}),
        "facilities_to_add": (facilities_to_add, [city, STANDARD.rules, result.coverage], {}),
        "judge_robustness": (judge_robustness, [city, result], {}),
        "rank_closures": (rank_closures, [city, result, people], {}),
        "capacity": (
            capacity_table, [city, STANDARD, {"toilet": TOILET}], {"method": "choice", "needs": {}},
        ),
        "arithmetic": (arithmetic, [capacity, "c0"], {}),
        "compare_zones": (compare_zones, [city, town["zones"], STANDARD], {}),
        "compare": (compare, [city, then, STANDARD], {}),
        "gaps_of": (gaps_of, [city, "toilet"], {"service_radius": 300}),
        "scorecard": (scorecard, [ON_PEOPLE, result.scored.coverage], {}),
        "kind_verdicts": (kind_verdicts, [result.coverage], {}),
        "flips": (flips, [result.coverage, result.coverage], {}),
    }  # fmt: skip


NAMES = (
    "prepare", "with_facilities", "with_filter", "offer", "walk_reach", "assess", "give_verdict",
    "name_gaps", "provision", "summarise", "with_additions", "facilities_to_add",
    "judge_robustness", "rank_closures", "capacity", "arithmetic", "compare_zones", "compare",
    "gaps_of", "scorecard", "kind_verdicts", "flips",
)  # fmt: skip


def parts(thing, seen=()):
    """Frames, columns and arrays in a record, by their way to it; what is kept for later is not."""
    if isinstance(thing, pd.DataFrame | pd.Series | np.ndarray):
        yield seen, thing
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield from parts(value, (*seen, key))
    elif isinstance(thing, list | tuple):
        for key, value in enumerate(thing):
            yield from parts(value, (*seen, key))
    elif hasattr(thing, "__dataclass_fields__"):
        for key in thing.__dataclass_fields__:
            if key not in {"known", "met"}:
                yield from parts(getattr(thing, key), (*seen, key))


def test_the_parts_of_a_city_are_found(city):
    found = {".".join(map(str, way)) for way, _ in parts(city)}
    assert {"communities", "demand.people", "supply.toilet.distance", "filter_result.fits"} <= found
    assert {"shortest_paths.by_kind.toilet.distance", "supply.toilet.upper.measured"} <= found


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_changes_nothing_it_is_given(name, town, city, result):
    every = recipes(town, city, result)
    assert set(every) == set(NAMES)
    recipe, handed, options = every[name]
    before = [(way, copy.deepcopy(part)) for way, part in parts(handed)]
    assert before or name == "offer"
    recipe(**handed, **options) if isinstance(handed, dict) else recipe(*handed, **options)
    after = list(parts(handed))
    assert [way for way, _ in after] == [way for way, _ in before]
    for (way, old), (_, new) in zip(before, after, strict=True):
        if isinstance(old, np.ndarray) and old.dtype == object:
            assert all(a is b or a == b for a, b in zip(old, new, strict=True)), way
        elif isinstance(old, np.ndarray):
            np.testing.assert_array_equal(old, new, err_msg=str(way))
        elif isinstance(old, pd.Series):
            pd.testing.assert_series_equal(old, new)
        else:
            pd.testing.assert_frame_equal(pd.DataFrame(old), pd.DataFrame(new))
