"""
Tables of counts for the public, in which no small count can be worked out from the sums.

Hiding the small counts is not enough: a row with one hidden count and its sum gives the count away.
Cells that are hidden together with them (complementary suppression) are chosen so that another
table agrees with everything shown and has a large count in the place of the small one; whoever
subtracts, or solves for what is hidden, cannot tell the two apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

INTERNAL_MINIMUM: Final = 5
PUBLIC_MINIMUM: Final = 11
"""Least counts that are shown, within an office and to everybody."""
HIDDEN_ALREADY: Final = 1e-3
"""What it costs to move a count that nobody sees, beside one for each case behind one that is."""


class _Cells(NamedTuple):
    """Counts and their sums as one list, and the equations that hold between them."""

    keys: pd.DataFrame
    counts: NDArray[np.int64]
    sums: csr_array


def publishable(
    counts: pd.Series[int],
    *,
    marginals: Sequence[Sequence[str]] = (),
    minimum: int = PUBLIC_MINIMUM,
) -> pd.DataFrame:
    """
    Hide small counts of a table, and what would give them away.

    Parameters
    ----------
    counts
        Shape (n,), cases: whole numbers, none negative. The levels of the index, named and
        together unique, are what they are counted by. A combination that is not listed counts
        none, and is seen to.
    marginals
        Which sums are shown beside them, each as the names of the levels that stay; the sum of
        all is always among them, as somebody else may tell it.
    minimum
        Least count that is shown, but for none at all.

    Returns
    -------
    table
        One row for each count and each sum: the levels (missing where summed over), `count`
        (missing where hidden) and `hidden`. With no rows there is the sum of all alone.

    Raises
    ------
    ValueError
        If counts are negative or not whole, levels not unique, or a marginal names no level.

    Notes
    -----
    For every count or sum of 1 to `minimum` - 1 a least costly change of the table is sought, as an
    integer programme: it brings that cell to `minimum` or more, keeps every equation, and leaves
    no cell below 1 that had cases; every cell that it changes is hidden. So the true table and the
    changed one show the same. Cost is the number of cases that are hidden anew. Not modelled: what
    a reader knows from elsewhere, and tables of other periods whose difference may tell.

    References
    ----------
    Fischetti and Salazar (2001), Solving the cell suppression problem on tabular data with linear
    constraints, doi:10.1287/mnsc.47.7.1008.9805.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["a", "b"], ["x", "y"]], names=["place", "kind"])
    >>> counts = pd.Series([2, 40, 30, 50], index=index)
    >>> table = publishable(counts, marginals=[["place"], ["kind"]], minimum=5)
    >>> table.loc[table["hidden"], ["place", "kind"]].values.tolist()
    [['a', 'x'], ['a', 'y'], ['b', 'x'], ['b', 'y']]
    """
    cells = _cells(counts, marginals)
    hidden = (cells.counts > 0) & (cells.counts < minimum)
    for cell in np.flatnonzero(hidden):
        hidden |= _another_table(cells, hidden, int(cell), minimum)
    shown = pd.array(cells.counts, dtype="Int64")
    shown[hidden] = pd.NA
    return cells.keys.assign(count=shown, hidden=hidden)


def _cells(counts: pd.Series[int], marginals: Sequence[Sequence[str]]) -> _Cells:
    names = [str(name) for name in counts.index.names]
    _check(counts, names, marginals)
    base = counts.rename("count").reset_index()
    base.columns = pd.Index([*names, "count"])
    levels = dict.fromkeys(tuple(name for name in names if name in kept) for kept in marginals)
    rows, columns, parts, after = [], [], [base], len(base)
    for kept in dict.fromkeys([*levels, ()]):
        if len(kept) == len(names):
            continue
        group = (
            base.groupby(list(kept), sort=True).ngroup().to_numpy()
            if kept
            else np.zeros(len(base), dtype=np.int64)
        )
        size = int(group.max(initial=-1)) + 1 if kept else 1
        first = base.iloc[np.unique(group, return_index=True)[1]][list(kept)]
        total = np.bincount(group, weights=base["count"], minlength=size)
        parts.append(first.reset_index(drop=True).assign(count=total.astype(np.int64)))
        if not kept and not len(base):
            parts[-1] = pd.DataFrame({"count": [0]})
        rows += [after - len(base) + group, after - len(base) + np.arange(size)]
        columns += [np.arange(len(base)), after + np.arange(size)]
        after += size
    whole = pd.concat(parts, ignore_index=True)
    signs = [np.full(len(each), 1 if place % 2 == 0 else -1) for place, each in enumerate(rows)]
    sums = csr_array(
        (np.concatenate(signs), (np.concatenate(rows), np.concatenate(columns))),
        shape=(after - len(base), after),
    )
    return _Cells(whole[names], whole["count"].to_numpy(np.int64), sums)


def _check(counts: pd.Series[int], names: list[str], marginals: Sequence[Sequence[str]]) -> None:
    values = counts.to_numpy(float)
    if not (np.all(values >= 0) and np.all(values == np.floor(values))):
        msg = "`counts` must be whole numbers, none of them negative."
        raise ValueError(msg)
    if not counts.index.is_unique or len(set(names)) < len(names) or "None" in names:
        msg = f"The index of `counts` must have named levels that tell its rows apart: {names}."
        raise ValueError(msg)
    unknown = {name for kept in marginals for name in kept} - set(names)
    if unknown:
        msg = f"`marginals` name {sorted(unknown)}; levels are {names}."
        raise ValueError(msg)


def _another_table(
    cells: _Cells, hidden: NDArray[np.bool_], cell: int, minimum: int
) -> NDArray[np.bool_]:
    """
    Find the cells that change in the cheapest other table with `minimum` cases in a cell.

        change = more - less,  sums @ change = 0,  count + change >= 1 where count >= 1
    """
    size = len(cells.counts)
    moves = cells.counts > 0
    cost = np.where(hidden, HIDDEN_ALREADY, cells.counts)
    most = int(cells.counts.max()) + minimum
    least = np.zeros(2 * size)
    least[cell] = minimum - cells.counts[cell]
    upper = np.concatenate([np.where(moves, most, 0), np.where(moves, cells.counts - 1, 0)])
    upper[size + cell] = 0
    whole = csr_array(hstack([cells.sums, -cells.sums]))
    found = milp(
        np.concatenate([cost, cost]),
        constraints=LinearConstraint(whole, 0, 0),
        bounds=Bounds(least, upper),
        integrality=np.ones(2 * size),
    )
    change = np.rint(found.x[:size] - found.x[size:])
    return np.asarray(change != 0)
