"""Square and hexagonal lattices: where cells lie, which cell a point has, which cells touch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from analysis.model.question import SHAPES

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Whole = npt.NDArray[np.int64]

SQUARE, HEXAGON = SHAPES


@dataclass(frozen=True)
class Lattice:
    """
    Cells of one size, numbered by column and row, that cover the plane.

    Squares: cell (col, row) spans `[col, col + 1) × cell_size` eastwards and the same
    northwards. Hexagons stand on a corner and have the same area; columns and rows are
    axial, so that each row lies half a cell further east than the one south of it.

    Attributes
    ----------
    shape
        One of `SHAPES`.
    cell_size
        Side in metres of the square that has the area of a cell.
    """

    shape: str
    cell_size: float

    @property
    def spacing(self) -> float:
        """Distance between the centres of neighbours in a row, in metres."""
        return self.cell_size * (1 if self.shape == SQUARE else float(np.sqrt(2 / np.sqrt(3))))

    @property
    def row_height(self) -> float:
        """Distance between rows of centres, in metres."""
        return self.spacing * (1 if self.shape == SQUARE else float(np.sqrt(3) / 2))

    @property
    def skew(self) -> float:
        """By how many cells each row lies further east than the one south of it."""
        return 0.0 if self.shape == SQUARE else 0.5

    @property
    def offset(self) -> float:
        """Column and row, in cells, of the centre of cell (0, 0)."""
        return 0.5 if self.shape == SQUARE else 0.0

    def centres(self, col: Whole, row: Whole) -> tuple[Floats, Floats]:
        """
        Give the centres of cells.

        Parameters
        ----------
        col, row
            Of the cells.

        Returns
        -------
        x, y
            In metres.
        """
        x: Floats = (col + self.offset + self.skew * row) * self.spacing
        y: Floats = (row + self.offset) * np.float64(self.row_height)
        return x, y

    def cell_of(self, xy: Floats) -> tuple[Whole, Whole]:
        """
        Give the cell around each point, which is the one of the nearest centre.

        Parameters
        ----------
        xy
            Places, n × 2, in metres.

        Returns
        -------
        col, row
            Whole numbers.

        References
        ----------
        For hexagons: each point's three cube coordinates are rounded, and the one rounded
        most is made to fit the other two, https://www.redblobgames.com/grids/hexagons/.
        """
        if self.shape == SQUARE:
            col, row = (np.floor(along / self.spacing).astype(np.int64) for along in xy.T)
            return col, row
        row = xy[:, 1] / self.row_height
        col = xy[:, 0] / self.spacing - self.skew * row
        parts = np.stack([col, row, -col - row])
        whole = np.rint(parts)
        off = np.abs(whole - parts)
        wrong = off.argmax(axis=0)
        whole[0] = np.where(wrong == 0, -whole[1] - whole[2], whole[0])
        whole[1] = np.where(wrong == 1, -whole[0] - whole[2], whole[1])
        return whole[0].astype(np.int64), whole[1].astype(np.int64)

    def neighbours(self, rings: int) -> list[tuple[int, int, int]]:
        """
        List the cells within some rings of a cell, itself included.

        Parameters
        ----------
        rings
            1 is the 8 around a square, the 6 around a hexagon.

        Returns
        -------
        rows
            Rows away from the cell, with the first and last column away in each.
        """
        steps = range(-rings, rings + 1)
        if self.shape == SQUARE:
            return [(step, -rings, rings) for step in steps]
        return [(step, max(-rings, -step - rings), min(rings, rings - step)) for step in steps]

    def outlines(self, x: npt.ArrayLike, y: npt.ArrayLike) -> npt.NDArray[np.object_]:
        """
        Draw cells.

        Parameters
        ----------
        x, y
            Their centres, in metres.

        Returns
        -------
        polygons
            One a cell.
        """
        x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        half = self.spacing / 2
        if self.shape == SQUARE:
            squares = shapely.box(x - half, y - half, x + half, y + half)
            return np.asarray(squares, dtype=object)
        tip = self.spacing / np.sqrt(3)
        corners = [(0, 2), (-1, 1), (-1, -1), (0, -2), (1, -1), (1, 1)]
        rings = np.stack(
            [np.stack([x + a * half, y + b * tip / 2], axis=-1) for a, b in corners], axis=1
        )
        return np.asarray(shapely.polygons(rings), dtype=object)
