"""A layer on its way to a frame: files read, columns mapped, an account of its rows opened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from analysis.model.errors import SourceError
from layers.cleaning.columns import map_columns, matches, with_alike_headings
from layers.cleaning.crs import note_shift, source_crs
from layers.cleaning.geometry import line_parts
from layers.cleaning.row_account import RowAccount
from layers.formats.nested import with_nested
from layers.formats.read import read_copy, read_table
from layers.formats.table import concatenate, in_plane
from layers.formats.text_geometry import with_shapes
from layers.places.chinese_shifts import declared_system, geometry_to_wgs84, is_shifted
from layers.recipe.corrections import with_corrections
from layers.recipe.schema import MAIN_STREETS
from layers.sources.files import find_files
from layers.sources.memory import give_back
from layers.sources.postgis import read_database

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from pyproj import CRS

    from layers.city import LayerReport
    from layers.formats.raster import Within
    from layers.formats.table import Table
    from layers.recipe.schema import Database, Join, LayerRecipe


@dataclass(frozen=True, eq=False)
class Layer:
    """
    One entry of the recipe.

    Attributes
    ----------
    recipe
        What the entry says.
    table
        Its rows as read.
    ours
        The same rows in our columns, still as text.
    account
        What becomes of each row.
    lookup_files
        Files of its join and of its corrections, with their sha256.
    """

    recipe: LayerRecipe
    table: Table
    ours: pd.DataFrame
    account: RowAccount
    lookup_files: Mapping[str, str]

    @property
    def geometry(self) -> NDArray[np.object_]:
        """The geometry of each row, `None` where the file has none."""
        geometry = self.table.geometry
        return np.full(len(self.ours), None) if geometry is None else geometry

    @property
    def crs(self) -> CRS:
        """Of its geometry."""
        return source_crs(self.table, self.recipe)

    def afresh(self) -> Layer:
        """Give the same rows with an account that has not begun, for a second reading."""
        return replace(self, account=RowAccount(self.recipe, self.table, self.account.shapes))

    def has_places(self) -> bool:
        """Tell whether rows have coordinates or geometry, and not addresses alone."""
        in_columns = not {"lon", "x", "position"}.isdisjoint(self.ours)
        return in_columns or self.table.geometry is not None

    def texts(self, *columns: str) -> dict[str, pd.Series[str]]:
        """Take columns of ours; empty texts where the source has no such column."""
        empty = pd.Series("", index=self.ours.index, dtype="str")
        return {column: self.ours.get(column, empty) for column in columns}

    def translated(self, *columns: str) -> dict[str, pd.Series[str]]:
        """Take columns of names in another language, as far as the source has them."""
        return {column: self.ours[column] for column in columns if column in self.ours}

    def untranslated(
        self, column: str, allowed: Sequence[str]
    ) -> tuple[NDArray[np.bool_], NDArray[np.object_]]:
        """Find values that are not allowed, or that no entry of the recipe translates."""
        recipe, text = self.recipe, self.texts(column)[column]
        known = text.isin(["", *allowed]).to_numpy(dtype=bool)
        theirs = [name for name, ours in recipe.columns.items() if column in ours]
        if len(theirs) == 1 and column in recipe.value_maps:
            text = self.table.rows[theirs[0]].str.strip()
            told = matches(text, [*recipe.value_maps[column]])
            known = known & (told | text.isin(["", *recipe.missing]).to_numpy(dtype=bool))
        return ~known, text.to_numpy(dtype=object)

    def report(self, *, earlier: bool) -> LayerReport:
        """Sum up what became of its rows; an earlier edition is named."""
        report = self.account.report()
        edition = self.recipe.edition if earlier else ""
        return replace(report, files={**report.files, **self.lookup_files}, edition=edition)


def read_layer(
    recipe: LayerRecipe, folders: Sequence[Path], *, within: Within | None = None
) -> Layer | None:
    """Read an entry's files and map their columns; an optional entry may have no file."""
    try:
        table = _read(recipe, recipe, folders, columns=recipe.needed(), within=within)
    except SourceError as error:
        if recipe.optional and error.problem == "file_missing":
            return None
        raise
    table = with_alike_headings(table, recipe.needed())
    if recipe.kind in {"streets", MAIN_STREETS} and not recipe.names_nodes():
        table = line_parts(table)
    table, corrections = with_corrections(table, recipe, folders)
    recipe, declared = _with_declared_system(recipe, table)
    shapes = table.geometry
    lookup, join = None, recipe.join
    if join is not None:
        needed = {*join.on.values(), *join.columns, *join.where}
        lookup = _read(join, recipe, folders, columns=needed)
    table, unread = _with_text_shapes(table, recipe)
    if table.geometry is not None and is_shifted(recipe.crs):
        table = replace(table, geometry=geometry_to_wgs84(table.geometry, crs=recipe.crs))
    account = RowAccount(recipe, table, shapes)
    if declared:
        account.repair(account.alive, "system_declared", column=declared, system=recipe.crs)
    if table.geometry is not None and is_shifted(recipe.crs):
        places = shapely.get_coordinates(shapely.centroid(table.geometry))
        note_shift(account, places[:, 0], places[:, 1], crs=recipe.crs)
    ours = map_columns(table, recipe, account, lookup=lookup)
    if unread is not None:
        _set_apart(unread, ours, recipe, account)
        ours = ours.drop(columns="position")
    beside = {**corrections, **({} if lookup is None else lookup.files)}
    return Layer(recipe, table, ours, account, beside)


def _with_declared_system(recipe: LayerRecipe, table: Table) -> tuple[LayerRecipe, str]:
    """Take the shifted system that a column names for that of the places, where none is stated."""
    if recipe.crs or (table.crs is not None and table.crs_stated):
        return recipe, ""
    column, systems = declared_system(table.rows)
    if not column:
        return recipe, ""
    if len(systems) > 1:
        found = ", ".join(systems)
        msg = f"{recipe.entry}: several systems of coordinates in {column} ({found})."
        raise SourceError(
            msg,
            problem="systems_several",
            hint="Give each system an entry of its own, with `where` on that column and its `crs`.",
            entry=recipe.entry,
            column=column,
            found=found,
        )
    return replace(recipe, crs=systems[0]), column


def _with_text_shapes(table: Table, recipe: LayerRecipe) -> tuple[Table, NDArray[np.bool_] | None]:
    """Take the column of places for shapes, if that is what its texts are; say which are none."""
    places = [theirs for theirs, ours in recipe.columns.items() if "position" in ours]
    read = places and places[0] in table.rows and not recipe.position_pattern
    if not read or table.geometry is not None:
        return table, None
    shaped, unread = with_shapes(table, places[0])
    return in_plane(shaped, kind=recipe.kind), None if shaped is table else unread


def _set_apart(
    unread: NDArray[np.bool_], ours: pd.DataFrame, recipe: LayerRecipe, account: RowAccount
) -> None:
    """Quarantine rows whose shape cannot be read; issues count without one."""
    shown = ours["position"].str.slice(0, 100).to_numpy(dtype=object)
    if recipe.kind != "issues":
        account.quarantine(unread, "geometry_unreadable", detail=shown)
    elif unread.any():
        account.repair(unread, "geometry_unreadable", found=shown[unread][0])


def _of_database(recipe: LayerRecipe, database: Database, columns: set[str]) -> Table:
    opened = read_database(
        database=database.name, table=database.table, query=database.query, entry=recipe.entry
    )
    return read_copy(opened, columns=columns)


def _read(
    named: LayerRecipe | Join,
    recipe: LayerRecipe,
    folders: Sequence[Path],
    *,
    columns: set[str],
    within: Within | None = None,
) -> Table:
    entry = recipe.entry
    tables = []
    if named is recipe and recipe.database:
        return with_nested(_of_database(recipe, recipe.database, columns), columns)
    for pattern in named.files:
        for path in find_files(pattern, folders=folders, entry=entry, url=recipe.url):
            name = str(Path(pattern).parent / path.name)
            table = read_table(
                path,
                name=name,
                entry=entry,
                how=named.how,
                columns=columns,
                kind=recipe.kind,
                within=within,
            )
            tables.append(with_nested(table, columns))
    give_back()
    return concatenate(tables, entry=entry)
