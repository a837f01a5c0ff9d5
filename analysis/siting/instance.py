"""Which possible sites would bring which residents within reach, as lists both ways."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray


FEW_READ = 0.25
"""Share of the entries up to which taking them out costs less than reading all."""


@dataclass(frozen=True, eq=False)
class Cover:
    """
    Demand that a limited number of sites may cover.

    Attributes
    ----------
    demand_of
        One row a site, one column a place of demand; 1 where the site would cover it.
    people
        Weight of each place of demand, at least 0.
    xy
        Coordinates of the sites in metres, n × 2.
    cost
        Of each site; 1 where sites are only counted.
    need
        Sites that each place of demand wants in reach: every one up to so many counts its
        people once more.
    column
        Place of demand that each place given came to be; -1 where nobody lives or no site covers.
    """

    demand_of: sparse.csr_matrix
    people: NDArray[np.float64]
    xy: NDArray[np.float64]
    cost: NDArray[np.float64]
    need: NDArray[np.int64]
    column: NDArray[np.int64]

    @property
    def sites(self) -> int:
        """Number of possible sites."""
        return int(self.demand_of.shape[0])

    @property
    def pairs(self) -> int:
        """Number of pairs of a site and a place of demand that it would cover."""
        return int(self.demand_of.nnz)

    @cached_property
    def sites_of(self) -> sparse.csr_matrix:
        """The same lists by place of demand."""
        return self.demand_of.T.tocsr()

    def reached(self, chosen: NDArray[np.int64]) -> NDArray[np.bool_]:
        """
        Tell which places of demand a plan covers.

        Parameters
        ----------
        chosen
            Rows of the sites.

        Returns
        -------
        reached
            One truth value a place of demand.
        """
        reached = np.zeros(len(self.people), dtype=bool)
        reached[entries(self.demand_of, chosen)[0]] = True
        return reached

    def times(self, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """
        Count how many sites of a plan cover each place of demand.

        Parameters
        ----------
        chosen
            Rows of the sites.

        Returns
        -------
        times
            One a place of demand.
        """
        return np.bincount(entries(self.demand_of, chosen)[0], minlength=len(self.people))

    @property
    def wanted(self) -> float:
        """What a plan of all sites covers at most."""
        return dot(self.people, np.minimum(self.need, np.diff(self.sites_of.indptr)))

    def value(self, chosen: NDArray[np.int64]) -> float:
        """
        Count the people that a plan covers.

        Parameters
        ----------
        chosen
            Rows of the sites.

        Returns
        -------
        people
            Each counted once for every site in reach, up to what is needed.
        """
        return dot(self.people, np.minimum(self.times(chosen), self.need))

    def narrowed(self, rows: NDArray[np.int64]) -> Cover:
        """
        Leave only some of the sites.

        Parameters
        ----------
        rows
            Of the sites that stay.

        Returns
        -------
        cover
            With all demand, its sites numbered anew.
        """
        return replace(self, demand_of=self.demand_of[rows], xy=self.xy[rows], cost=self.cost[rows])

    def merged(self) -> Cover:
        """
        Join the places that the same sites cover, of the sites that are left.

        Returns
        -------
        cover
            With the same value for every plan; what nobody covers is left out.
        """
        kept, first, group = _merged(self.demand_of, self.people, self.need)
        people = np.bincount(group, weights=self.people[kept], minlength=len(first)).astype(float)
        column = np.full(len(self.people) + 1, -1)  # the last stands for what is in none already
        column[kept] = group
        return replace(
            self,
            demand_of=self.demand_of[:, kept[first]],
            people=people,
            need=self.need[kept[first]],
            column=column[self.column],
        )


def dot(left: NDArray[Any], right: NDArray[Any]) -> float:
    """
    Sum products, always in the same order.

    The product of a linear algebra library shares long rows out among threads: on a machine that
    is busy these wait for one another many times longer than they count.

    Parameters
    ----------
    left, right
        Of one length.

    Returns
    -------
    sum
        0 for none.
    """
    return float((left * right).sum())


def entries(
    lists: sparse.csr_matrix, rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """
    Read several lists at once.

    Parameters
    ----------
    lists
        A matrix whose rows are lists of columns.
    rows
        Which of them.

    Returns
    -------
    columns, owner
        All entries one after the other, and which of `rows` each comes from.
    """
    starts = lists.indptr[rows].astype(np.int64)
    lengths = lists.indptr[np.asarray(rows) + 1].astype(np.int64) - starts
    owner = np.repeat(np.arange(len(lengths)), lengths)
    # Place of each entry in the flat list: its number in all, less what stood before its row.
    offset = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    return lists.indices[offset + np.arange(len(owner))], owner


def product(
    lists: sparse.csr_matrix, turned: sparse.csr_matrix, values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """
    Multiply lists by values, most of which may be 0: only the entries of the others are read.

    Parameters
    ----------
    lists
        A matrix whose rows are lists of columns.
    turned
        The same with rows and columns exchanged.
    values
        One a column of `lists`.

    Returns
    -------
    sums
        One a row of `lists`, the same as `lists @ values` but for rounding.
    """
    rows = np.flatnonzero(values != 0)
    read = int((turned.indptr[rows + 1] - turned.indptr[rows]).sum())
    part = read < FEW_READ * turned.nnz
    sums: NDArray[np.float64] = turned[rows].T @ values[rows] if part else lists @ values
    return sums


def make_cover(
    places: NDArray[np.int64],
    sites: NDArray[np.int64],
    people: NDArray[np.float64],
    xy: NDArray[np.float64],
    *,
    cost: NDArray[np.float64] | None = None,
    need: NDArray[np.int64] | None = None,
) -> Cover:
    """
    Build the lists from pairs within reach; places that the same sites cover become one.

    Parameters
    ----------
    places, sites
        Positions in `people` and in `xy`, one a pair, each pair once.
    people
        Weight of each place of demand, at least 0; those that are served already weigh 0.
    xy
        Coordinates of the sites in metres, n × 2.
    cost
        Of each site, above 0; `None` counts each as 1.
    need
        Sites wanted in reach of each place; `None` means one.

    Returns
    -------
    cover
        Without places that nobody lives at and without those that no site covers.
    """
    shape = (len(xy), len(people))
    ones = np.ones(len(places))
    demand_of = sparse.csr_matrix((ones, (sites, places)), shape=shape)
    need = np.ones(len(people), dtype=np.int64) if need is None else need
    kept, first, group = _merged(demand_of, people, need)
    weight = np.bincount(group, weights=people[kept], minlength=len(first)).astype(float)
    column = np.full(len(people), -1)
    column[kept] = group
    return Cover(
        demand_of=demand_of[:, kept[first]],
        people=weight,
        xy=xy,
        cost=np.ones(len(xy)) if cost is None else cost,
        need=need[kept[first]],
        column=column,
    )


def stacked(covers: list[Cover]) -> Cover:
    """
    Put several tasks side by side, so that they share a number of sites or a budget.

    Parameters
    ----------
    covers
        At least one; a site of one covers no demand of another.

    Returns
    -------
    cover
        Their sites one after the other, and their demand.
    """
    starts = np.cumsum([0, *(len(each.people) for each in covers[:-1])])
    return Cover(
        demand_of=sparse.block_diag([each.demand_of for each in covers], format="csr"),
        people=np.concatenate([each.people for each in covers]),
        xy=np.concatenate([each.xy for each in covers]),
        cost=np.concatenate([each.cost for each in covers]),
        need=np.concatenate([each.need for each in covers]),
        column=np.concatenate(
            [
                np.where(each.column < 0, -1, each.column + start)
                for each, start in zip(covers, starts, strict=True)
            ]
        ),
    )


def _merged(
    demand_of: sparse.csr_matrix, people: NDArray[np.float64], need: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """
    Find places with the same list of sites, told by two sums of random numbers a site.

    Gives the places that count, which of those is the first of its kind, and the kind of each.
    """
    lists = demand_of.T.tocsr()
    kept = np.flatnonzero((np.diff(lists.indptr) > 0) & (people > 0) & (need > 0))
    random = np.random.default_rng(0).integers(1, 2**62, (2, demand_of.shape[0]), dtype=np.uint64)
    sums = [_row_sums(lists, each)[kept] for each in random]
    key = np.rec.fromarrays([*sums, need[kept]])
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    return kept, first, group


def _row_sums(lists: sparse.csr_matrix, values: NDArray[Any]) -> NDArray[Any]:
    """Sum the values of each row's columns; whole numbers wrap around, which hashes may."""
    total = np.concatenate([np.zeros(1, np.uint64), np.cumsum(values[lists.indices])])
    sums: NDArray[Any] = total[lists.indptr[1:]] - total[lists.indptr[:-1]]
    return sums
