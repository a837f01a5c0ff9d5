"""Small models solved to proof by HiGHS: which sites, of a few, cover most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import highspy
import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.siting.instance import Cover

HALF = 0.5


@dataclass(frozen=True, eq=False)
class Solved:
    """
    What the solver found.

    Attributes
    ----------
    sites
        Rows of the plan; `None` if it found none in time.
    people
        That no plan exceeds.
    optimal
        Whether the plan is proven to be best.
    """

    sites: NDArray[np.int64] | None
    people: float
    optimal: bool


@dataclass(frozen=True, eq=False)
class Limits:
    """
    What a plan has to keep to.

    Attributes
    ----------
    budget
        Most that the sites may cost together (`Cover.cost`; 1 each where they are counted).
    apart
        Pairs of sites of which at most one may be chosen, n × 2.
    differs
        Earlier plans, and how many sites of each a new one has to leave out.
    """

    budget: float
    apart: NDArray[np.int64] | None = None
    differs: tuple[tuple[NDArray[np.int64], int], ...] = ()


def solve(
    cover: Cover,
    limits: Limits,
    *,
    seconds: float,
    start: NDArray[np.int64] | None = None,
    held: NDArray[np.int64] | None = None,
) -> Solved:
    """
    Choose the sites that cover most people.

    Parameters
    ----------
    cover
        The demand and its possible sites.
    limits
        What the plan has to keep to.
    seconds
        Most to take.
    start
        Sites of a plan that keeps to the limits, to begin with.
    held
        Sites that the plan has to hold.

    Returns
    -------
    solved
        The best plan met and what is proven of it.
    """
    places = len(cover.people)
    rows = _rows(cover, limits)
    matrix = sparse.vstack([each for each, _ in rows]).tocsr()
    upper = np.concatenate([np.atleast_1d(most) for _, most in rows])
    solver = _solver(seconds)
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = matrix.shape
    model.col_cost_ = np.concatenate([np.zeros(cover.sites), cover.people])
    lower = np.zeros(matrix.shape[1])
    lower[[] if held is None else held] = 1
    model.col_lower_ = lower
    model.col_upper_ = np.concatenate([np.ones(cover.sites), cover.need.astype(float)])
    model.row_lower_, model.row_upper_ = np.full(len(upper), -highspy.kHighsInf), upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    model.sense_ = highspy.ObjSense.kMaximize
    # Whether a place counts as covered follows from the sites: only those are whole numbers.
    whole, part = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    model.integrality_ = [whole] * cover.sites + [part] * places
    solver.passModel(model)
    if start is not None:
        _begin(solver, cover, start)
    solver.run()
    return _read(solver, cover)


def _rows(
    cover: Cover, limits: Limits
) -> list[tuple[sparse.csr_matrix, NDArray[np.float64] | float]]:
    """Write the limits as rows of sites | places, each with the most it may sum up to."""
    places = len(cover.people)
    none = sparse.csr_matrix((1, places))
    covered = sparse.hstack([-cover.sites_of, sparse.eye(places)]).tocsr()
    rows: list[tuple[sparse.csr_matrix, NDArray[np.float64] | float]] = [
        (covered, np.zeros(places)),
        (sparse.hstack([cover.cost, none]), limits.budget),
    ]
    for plan, differing in limits.differs:
        held = np.bincount(plan, minlength=cover.sites)
        rows.append((sparse.hstack([held, none]), len(plan) - differing))
    if limits.apart is not None and len(limits.apart):
        count = len(limits.apart)
        pairs = sparse.csr_matrix(
            (np.ones(2 * count), (np.repeat(np.arange(count), 2), limits.apart.ravel())),
            shape=(count, cover.sites + places),
        )
        rows.append((pairs, np.ones(count)))
    return rows


def _solver(seconds: float) -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    for name, value in {
        "output_flag": False,
        "threads": 1,
        "time_limit": float(seconds),
        "mip_rel_gap": 0.0,
        "mip_abs_gap": 1e-6,
    }.items():
        solver.setOptionValue(name, value)
    return solver


def _begin(solver: highspy.Highs, cover: Cover, start: NDArray[np.int64]) -> None:
    solution = highspy.HighsSolution()
    opened = np.bincount(start, minlength=cover.sites).clip(0, 1)
    covered = np.minimum(cover.times(start), cover.need)
    solution.col_value = np.concatenate([opened, covered]).astype(float).tolist()
    solver.setSolution(solution)


def _read(solver: highspy.Highs, cover: Cover) -> Solved:
    status, info = solver.getModelStatus(), solver.getInfo()
    optimal = status == highspy.HighsModelStatus.kOptimal
    bound = float(info.mip_dual_bound)
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Solved(None, bound, optimal=False)
    value = np.asarray(solver.getSolution().col_value)[: cover.sites]
    sites = np.flatnonzero(value > HALF)
    return Solved(sites, bound, optimal)
