"""Which possible sites would bring which residents within reach, as lists both ways."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
    """

    demand_of: sparse.csr_matrix
    people: NDArray[np.float64]
    xy: NDArray[np.float64]
    cost: NDArray[np.float64]

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
            Each counted once.
        """
        return float(self.people[self.reached(chosen)].sum())

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
        return Cover(self.demand_of[rows], self.people, self.xy[rows], self.cost[rows])


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


def make_cover(
    places: NDArray[np.int64],
    sites: NDArray[np.int64],
    people: NDArray[np.float64],
    xy: NDArray[np.float64],
    *,
    cost: NDArray[np.float64] | None = None,
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

    Returns
    -------
    cover
        Without places that nobody lives at and without those that no site covers.
    """
    shape = (len(xy), len(people))
    ones = np.ones(len(places))
    demand_of = sparse.csr_matrix((ones, (sites, places)), shape=shape)
    merged, weight = _merged(demand_of, people)
    return Cover(merged, weight, xy, np.ones(len(xy)) if cost is None else cost)


def _merged(
    demand_of: sparse.csr_matrix, people: NDArray[np.float64]
) -> tuple[sparse.csr_matrix, NDArray[np.float64]]:
    """Join places with the same list of sites, told by two sums of random numbers a site."""
    lists = demand_of.T.tocsr()
    kept = np.flatnonzero((np.diff(lists.indptr) > 0) & (people > 0))
    random = np.random.default_rng(0).integers(1, 2**62, (2, demand_of.shape[0]), dtype=np.uint64)
    sums = [_row_sums(lists, each)[kept] for each in random]
    key = np.rec.fromarrays(sums)
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    weight = np.bincount(group, weights=people[kept], minlength=len(first)).astype(float)
    return lists[kept[first]].T.tocsr(), weight


def _row_sums(lists: sparse.csr_matrix, values: NDArray[Any]) -> NDArray[Any]:
    """Sum the values of each row's columns; whole numbers wrap around, which hashes may."""
    total = np.concatenate([np.zeros(1, np.uint64), np.cumsum(values[lists.indices])])
    sums: NDArray[Any] = total[lists.indptr[1:]] - total[lists.indptr[:-1]]
    return sums
