"""The documentation is true: links, names, commands, figures, and the how-tos run as written."""

from __future__ import annotations

import importlib.util
import io
import json
import re
import shlex
from dataclasses import fields
from pathlib import Path
from string import Formatter

import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

import cli
from analysis.access.prepared_city import prepare
from analysis.coverage.assessment import assess
from analysis.model.figures import FIGURES
from analysis.model.question import Question, Selection
from analysis.model.standards import Rule, with_service_radius
from exports.recipes.check import CHECK_FILES
from exports.recipes.coverage import COVERAGE_FILES, coverage_files
from exports.recipes.facility_answers import FacilityAnswers
from exports.recipes.hotspots import HOTSPOT_FILES
from exports.recipes.issue_answers import IssueAnswers
from layers.knowledge.standards import KIND_KEYS, STANDARD_KEYS, load_kinds, load_standards
from layers.load import load_city
from layers.recipe import schema
from tools.docs import ROOT, pages
from tools.house import floors
from views.controls.screen import Screen
from views.settings import NAMES
from wording.catalogue import load_words
from wording.numbers import THIN_SPACE
from wording.speaker import Speaker

DOCS = ROOT / "docs"
ENGLISH = Speaker(load_words(), "en")
RENAMED = DOCS / "reference" / "renamed.md"
PAGES = sorted(
    [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "data" / "demo" / "README.md"],
)
PACKAGES = tuple(floors())
TOP = (*PACKAGES, "data", "docs", "tests", "bench", "tools", ".streamlit", ".ci")
RESULTS = {*COVERAGE_FILES, *HOTSPOT_FILES, *CHECK_FILES, "fountains.csv"}
NAMES_OF_OTHERS = {"build_area", "Link", "Upgrade"}
"""A function of GEOS and two headers of HTTP."""
SECTIONS = ("**Context.**", "**Decision.**", "**Reason.**", "**Consequences.**")

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
every_page = pytest.mark.parametrize(
    "page", PAGES, ids=[path.relative_to(ROOT).as_posix() for path in PAGES]
)


def text_of(page):
    return page.read_text("utf-8")


def blocks(page, language):
    return [body for _, name, body in FENCE.findall(text_of(page)) if name == language]


def spans(page):
    """Inline code, fenced blocks left out."""
    return re.findall(r"`([^`\n]+)`", FENCE.sub("", text_of(page)))


def slug(heading):
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def anchors(page):
    return {slug(heading) for heading in re.findall(r"^#+ (.*)$", text_of(page), re.MULTILINE)}


@every_page
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", text_of(page))):
        if target.startswith(("http:", "https:")):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


@pytest.mark.parametrize("page", pages().items(), ids=lambda item: item[0].name)
def test_generated_pages_are_up_to_date(page):
    path, content = page
    assert text_of(path) == content, f"{path.name} is out of date. Run: make docs"


def test_every_message_of_error_stands_on_the_page_of_messages_with_its_advice():
    words, page = load_words(), text_of(DOCS / "how-to" / "troubleshooting.md")
    keys = [key for key in words if key.startswith(("error.", "hint."))]
    assert len(keys) > 150
    for key in keys:
        if f"error.{key.partition('.')[2]}" not in words:
            continue
        for language in ("zh", "en"):
            for literal, *_ in Formatter().parse(words.template(language, key)):
                assert literal.replace("|", "\\|").replace("<", "&lt;").strip() in page, key


def is_there(name):
    found = ROOT / name
    return found.exists() or ("/" not in name and any(DOCS.parent.glob(f"[!.]*/**/{name}")))


@every_page
def test_files_that_are_named_exist(page):
    for span in spans(page):
        if not re.fullmatch(r"[\w./-]+", span) or span in RESULTS:
            continue
        if span.split("/")[0] in TOP and "/" in span:
            assert (ROOT / span).exists(), span
        elif re.fullmatch(r"[\w-]+\.(py|toml|md|txt|js)", span):
            assert is_there(span), span


@every_page
def test_modules_and_functions_that_are_named_exist(page):
    for span in spans(page):
        found = re.fullmatch(
            r"(?:python -m )?((?:analysis|layers|store|wording|maps|exports|views)(?:\.\w+)+)", span
        )
        if not found or span in RESULTS:
            continue
        assert exists(found[1]), span


READ = {".py", ".toml", ".js", ".service"}
"""Files whose words count as names of the code."""


@pytest.fixture(scope="module")
def words_of_the_code():
    sources = [
        path
        for top in (*PACKAGES, "tools", "bench", "data", "deploy")
        for path in (ROOT / top).rglob("*")
    ]
    sources += [*ROOT.glob("*.py"), *ROOT.glob("*.toml")]
    text = "\n".join(text_of(path) for path in sources if path.suffix in READ)
    return set(re.findall(r"\w+", text))


@every_page
def test_names_that_are_named_stand_in_the_code(page, words_of_the_code):
    text = " ".join(spans(page))
    names = set(
        re.findall(r"(?<!\S)(?:[A-Z][a-z]+(?:[A-Z][a-z]+)*|[a-z]+(?:_[a-z]+)+)(?!\S)", text)
    )
    assert names - words_of_the_code - NAMES_OF_OTHERS == set()


@every_page
def test_parts_of_the_screen_that_are_named_exist(page):
    parts = set(re.findall(r"(?<![./])\bscreen\.(?!py)(\w+)", text_of(page)))
    assert parts <= {part.name for part in fields(Screen)} | set(vars(Screen))


def exists(name):
    """Whether a dotted name leads to a module, or to something inside one."""
    parts = name.split(".")
    at = next((n for n in range(len(parts), 0, -1) if module_file(parts[:n])), 0)
    thing = importlib.import_module(".".join(parts[:at])) if at else None
    for part in parts[at:]:
        if part in getattr(thing, "__dataclass_fields__", ()):
            return part == parts[-1]
        thing = getattr(thing, part, None)
    return thing is not None


def module_file(parts):
    path = ROOT.joinpath(*parts)
    file = path.with_suffix(".py")
    return file if file.exists() else path / "__init__.py" if path.is_dir() else None


@every_page
def test_make_targets_that_are_named_exist(page):
    makefile = (ROOT / "Makefile").read_text("utf-8")
    code = "\n".join([*spans(page), *blocks(page, "sh")])
    for target in re.findall(r"\bmake ([a-z-]+)", code):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def commands(page):
    code = "\n".join([*spans(page), *blocks(page, "sh")])
    return [shlex.split(line, comments=True) for line in re.findall(r"python cli\.py .*", code)]


@every_page
def test_commands_that_are_named_exist_with_their_options(page):
    for _, _, name, *words in commands(page):
        shown = CliRunner().invoke(cli.app, [name, "--help"], terminal_width=120)
        assert shown.exit_code == 0, name
        for place, word in enumerate(words):
            if word.startswith("--"):
                assert f"  {word} " in shown.output, word
            if word == "--standard":
                assert words[place + 1] in load_standards()
            if word.startswith("data/"):
                assert (ROOT / word / "city.toml").is_file(), word


@every_page
def test_scripts_that_are_run_exist(page):
    code = "\n".join([*spans(page), *blocks(page, "sh")])
    for module in re.findall(r"python -m ([a-z_]+\.\w+)", code):
        assert importlib.util.find_spec(module), module
    for script in re.findall(r"(?:python|streamlit run) ([\w/]+\.py)", code):
        assert (ROOT / script).is_file(), script


def test_every_module_has_its_place_in_the_list_of_modules():
    listed = spans(DOCS / "reference" / "modules.md")
    modules = [ROOT / "dashboard.py", ROOT / "cli.py"]
    modules += [path for package in (*PACKAGES, "tools") for path in (ROOT / package).rglob("*.py")]
    names = {path.relative_to(ROOT).as_posix() for path in modules if path.stem != "__init__"}
    assert names - set(listed) == set(), "run: make docs"


def test_every_room_has_its_reason_in_the_architecture():
    rooms = {path.parent for package in PACKAGES for path in (ROOT / package).glob("*/__init__.py")}
    told = set(spans(DOCS / "explanation" / "architecture.md"))
    names = {room.relative_to(ROOT).as_posix() for room in rooms}
    assert names - told == set(), "say why it is there, under 'Why these rooms'"


def test_what_was_renamed_is_where_the_page_says():
    text = text_of(RENAMED).split("## Parameters")[0]
    rows = re.findall(r"^\| ([^`|]+) \|(?: ([^`|]+) \|)? `([^`]+)` \|$", text, re.MULTILINE)
    assert len(rows) > 200
    for old, name, new in rows:
        if name:
            assert exists(new), f"{new} is gone: correct its row in {RENAMED.name}"
        else:
            assert (ROOT / new).is_file(), f"{new} is gone: correct its row in {RENAMED.name}"
            assert not (ROOT / old).exists(), (
                f"{old} is there again: drop its row in {RENAMED.name}"
            )


def test_no_module_bears_an_old_term():
    rows = text_of(DOCS / "reference" / "glossary.md").split("| our term |")[1].splitlines()[2:]
    cells = [row.split("|")[1].split("(")[0] for row in rows]
    terms = {term.strip() for cell in cells for term in cell.split(",")}
    assert len(terms) > 50
    modules = {path.stem for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    assert modules & terms == set()


def keys_of_a_city():
    keys = {*schema.CITY_KEYS, *schema.LAYER_KEYS, *schema.JOIN_KEYS, *schema.GROUP_KEYS}
    keys |= {*schema.CHECK_KEYS, *schema.PLACE_COLUMNS, *schema.FACILITY_COLUMNS}
    return keys | {column for columns in schema.COLUMNS.values() for column in columns}


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("how-to/add-a-city.md", keys_of_a_city()),
        ("how-to/add-a-kind.md", set(KIND_KEYS)),
        (
            "how-to/add-a-standard.md",
            {*STANDARD_KEYS[:-1], *({part.name for part in fields(Rule)} - {"columns"})},
        ),
        ("how-to/add-a-standard.md", set(FIGURES)),
        ("explanation/methods.md", set(FIGURES)),
        ("explanation/methods.md", {"no_layer_of_this_kind", "population_unknown"}),
    ],
)
def test_reference_explains_every_name(page, names):
    assert names - set(spans(DOCS / page)) == set()


def test_settings_that_are_named_are_read():
    page = text_of(DOCS / "how-to" / "run-on-a-closed-network.md")
    named = re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE)
    source = "".join(text_of(ROOT / place) for place in ("layers/load.py", "layers/city_cache.py"))
    read = {*NAMES, *re.findall(r'environ\.get\("(\w+)"', source)}
    assert set(named) == read


def test_every_package_has_its_reason():
    pinned = re.findall(r"^([\w-]+)==", text_of(ROOT / "requirements.txt"), re.MULTILINE)
    told = spans(DOCS / "decisions" / "001-dependencies-and-pins.md")
    assert set(pinned) - set(told) == set()


@pytest.mark.parametrize("page", sorted((DOCS / "decisions").glob("*.md")), ids=lambda p: p.stem)
def test_decisions_are_whole_and_listed(page):
    places = [text_of(page).find(section) for section in SECTIONS]
    assert -1 not in places
    assert places == sorted(places)
    assert f"(decisions/{page.name})" in text_of(DOCS / "README.md")


def test_changes_speak_to_every_audience_and_name_changed_numbers():
    text = text_of(ROOT / "CHANGELOG.md")
    for audience in ("Planners and leaders", "Staff", "Administrators", "Developers"):
        assert f"### {audience}" in text
    assert "### Changes to numbers" in text


def test_the_tutorial_tells_the_figures_of_the_demo_city(cities):
    text = text_of(DOCS / "start.md").replace("\n", " ")
    city = cities("demo")
    answers, standard = IssueAnswers(city), load_standards()[city.standard]
    expected = [f"{len(city.quarantine)} rows are quarantined"]
    for chosen in (standard, with_service_radius(standard, {"toilet": 500.0})):
        assessment = answers.assessment(chosen)
        rows = assessment.coverage.query("rule == 'toilet-5min'")
        assert set(rows["measure"]) == {"network"}
        out = rows["population"] - rows["population_covered"] - rows["population_not_judged"]
        whole = assessment.summary.query("rule == 'toilet-5min'").iloc[0]
        expected.append(f"**{whole['meets']} of {len(rows)}**")
        expected += [ENGLISH.count(people) for people in (out.sum(), *out.nlargest(2))]
        expected.append(f"{whole['straight_meets']} of them would in a straight line")
    year = Selection(since=pd.Timestamp("2025-07-01"), until=pd.Timestamp("2026-06-30"))
    # As the page and the command line ask: by residents, where they are known.
    hotspot_result = answers.hot_spots(Question(selection=year))
    size = hotspot_result.hot_spots.grid.cell_size
    expected.append(f"{ENGLISH.count(hotspot_result.hot_spots.cases)} cases on cells of {size:g} m")
    expected += [f"{row.community}, {row.cases}" for row in hotspot_result.places.itertuples()]
    assert len(hotspot_result.places) == 3
    for phrase in expected:
        assert phrase.replace(THIN_SPACE, " ") in text


def block(page, name):
    """Give the TOML block of a how-to whose first line names a file."""
    found = [
        body for body in blocks(DOCS / "how-to" / page, "toml") if body.startswith(f"# {name}\n")
    ]
    assert len(found) == 1, name
    return found[0]


def two_communities():
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "title": title, "district": "East"},
            "geometry": json.loads(shapely.to_geojson(shapely.box(west, 30, west + 0.01, 30.01))),
        }
        for code, title, west in [("1", "Hill", 114.0), ("2", "Lake", 114.01)]
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


@pytest.fixture
def knowledge(tmp_path):
    """Kinds and standards as they would be after following both how-tos."""
    kinds_file = tmp_path / "kinds.toml"
    known = (ROOT / "data" / "kinds.toml").read_text("utf-8")
    kinds_file.write_text(known + "\n" + block("add-a-kind.md", "kinds.toml"), "utf-8")
    folder = tmp_path / "standards"
    folder.mkdir()
    text = block("add-a-standard.md", "standards/city-water.toml")
    (folder / "city-water.toml").write_text(text, "utf-8")
    kinds = load_kinds(kinds_file)
    return kinds, load_standards(folder, kinds=kinds)


@pytest.fixture
def city(tmp_path, knowledge):
    """The shortest city of the how-to, with the new kind's entry and file."""
    folder = tmp_path / "exampleville"
    folder.mkdir()
    text = block("add-a-city.md", "city.toml") + "\n" + block("add-a-kind.md", "city.toml")
    (folder / "city.toml").write_text(text, "utf-8")
    (folder / "communities.geojson").write_text(two_communities(), "utf-8")
    (folder / "toilets.csv").write_text("Name,Longitude,Latitude\nA,114.002,30.002\n", "utf-8")
    (fountains,) = blocks(DOCS / "how-to" / "add-a-kind.md", "csv")
    (folder / "fountains.csv").write_text(fountains, "utf-8")
    return load_city(folder, kinds=knowledge[0])


def test_a_new_kind_and_standard_need_no_code(city, knowledge):
    kinds, standards = knowledge
    standard = standards["city-water"]
    assert "drinking_water" in city.kinds
    assert list(city.facilities.query("kind == 'drinking_water'")["status"]) == ["open", "closed"]

    ready = prepare(city.communities, city.facilities, city.residents, kinds=city.kinds)
    result = assess(ready, standard)
    density = result.coverage.query("rule == 'water-density'").set_index("community")
    assert dict(density["verdict"]) == {"Hill": "fails", "Lake": "fails"}
    assert dict(density["facilities_inside"]) == {"Hill": 1, "Lake": 0}
    reach = result.coverage.query("rule == 'water-500'").set_index("community")
    assert set(reach["reason"]) == {"population_unknown"}
    assert reach.loc["Hill", "area_covered_share"] > reach.loc["Lake", "area_covered_share"] > 0

    answers = FacilityAnswers(city, standards=standards, kinds=kinds)
    question = Question(standard="city-water", rule="water-500")
    files = coverage_files(answers, question, ENGLISH)
    assert "Drinking fountains" in files["coverage_map.html"].decode()
    capacity = pd.read_csv(io.BytesIO(files["capacity.csv"]))
    assert set(capacity["reason"]) == {"no_residents_layer"}
    assert set(files) == set(COVERAGE_FILES)
    assert b"water-500" in files["coverage.csv"]
    assert b"drinking_water" in files["gaps.geojson"]


def test_a_new_kind_without_its_layer_cannot_be_judged(city, knowledge):
    kinds, standards = knowledge
    folder = Path(city.folder)
    (folder / "city.toml").write_text(block("add-a-city.md", "city.toml"), "utf-8")
    without = load_city(folder, kinds=kinds)
    ready = prepare(without.communities, without.facilities, without.residents, kinds=without.kinds)
    coverage = assess(ready, standards["city-water"]).coverage
    assert set(coverage["verdict"]) == {"cannot_judge"}
    assert set(coverage["reason"]) == {"no_layer_of_this_kind"}


def _coverage_sections():
    """Sections of the methods on coverage: all before those on cases."""
    text = (DOCS / "explanation" / "methods.md").read_text(encoding="utf-8")
    parts = re.split(r"^#{2,3} ", text.split("\n## 10. ")[0], flags=re.MULTILINE)[1:]
    return {part.splitlines()[0]: part for part in parts}


@pytest.mark.parametrize("title", _coverage_sections())
def test_every_measure_has_its_source_and_limits_in_both_languages(title):
    section = _coverage_sections()[title]
    if title.startswith(("1.", "8.")):  # a coordinate system and a comparison measure nothing
        assert "出处" in section
        return
    for told in ("> ", "*Assumes*", "*Not modelled:*", "*Source", "假设", "未考虑", "出处"):
        assert told in section
