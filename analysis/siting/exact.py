"""Small models solved to proof by HiGHS: which sites, of a few, cover most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import highspy
import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import NDArray

    from analysis.siting.instance import Cover

    Heard = Callable[[NDArray[np.int64], float], None]
    """Takes rows of a plan, and what no plan exceeds."""

HALF = 0.5
ROUNDING = 1e-9
"""Share of a need that rounding may leave open."""


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
    keeps
        Sets of sites, and how many of each a plan has to hold.
    """

    budget: float
    apart: NDArray[np.int64] | None = None
    differs: tuple[tuple[NDArray[np.int64], int], ...] = ()
    keeps: tuple[tuple[NDArray[np.int64], int], ...] = ()


def solve(
    cover: Cover,
    limits: Limits,
    *,
    seconds: float,
    start: NDArray[np.int64] | None = None,
    held: NDArray[np.int64] | None = None,
    heard: Heard | None = None,
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
    heard
        Told of each better plan, and of a better bound; what it raises ends the solver.

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
    listener = None if heard is None else _Listener(solver, cover.sites, start, heard)
    solver.run()
    if listener is not None and listener.error is not None:
        raise listener.error
    return _read(solver, cover.sites)


class _Listener:
    """Passes on what the solver meets; an error of who hears waits until the solver has ended."""

    def __init__(
        self,
        solver: highspy.Highs,
        sites: int,
        plan: NDArray[np.int64] | None,
        heard: Heard,
    ) -> None:
        self.error: BaseException | None = None
        self._sites, self._plan, self._heard = sites, plan, heard
        solver.cbMipImprovingSolution.subscribe(self._better)
        solver.cbMipLogging.subscribe(self._pass_on)
        solver.cbMipInterrupt.subscribe(self._end)

    def _better(self, event: Any) -> None:  # noqa: ANN401  the library's type has no public name
        value = np.asarray(event.data_out.mip_solution)[: self._sites]
        self._plan = np.flatnonzero(value > HALF)
        self._pass_on(event)

    def _pass_on(self, event: Any) -> None:  # noqa: ANN401  as above
        if self._plan is None or self.error is not None:
            return
        try:
            self._heard(self._plan, float(event.data_out.mip_dual_bound))
        except BaseException as error:  # noqa: BLE001  it must not pass through foreign code
            self.error = error

    def _end(self, event: Any) -> None:  # noqa: ANN401  as above
        if self.error is not None:
            event.interrupt()


@dataclass(frozen=True, eq=False)
class Least:
    """
    What the solver found of the fewest sites.

    Attributes
    ----------
    sites
        Rows of the plan; `None` if it found none in time.
    least
        Fewer than this cannot do.
    """

    sites: NDArray[np.int64] | None
    least: int


def least_sites(
    reach: sparse.csr_matrix,
    people: NDArray[np.float64],
    group: NDArray[np.int64],
    wanted: NDArray[np.float64],
    *,
    start: NDArray[np.int64],
    seconds: float,
    nodes: int | None = None,
) -> Least:
    """
    Choose the fewest sites that reach so many people in every group.

    Parameters
    ----------
    reach
        One row a site, one column a place; 1 where the site would be in reach.
    people, group
        Of each place.
    wanted
        People to be reached in each group.
    start
        Sites that do.
    seconds
        Most to take.
    nodes
        Most parts of the search to look at; `None` for no limit.

    Returns
    -------
    least
        The best plan met and what is proven.
    """
    sites = reach.shape[0]
    solver = _solver(seconds)
    if nodes is not None:
        solver.setOptionValue("mip_max_nodes", nodes)
    solver.passModel(_least_model(reach, people, group, wanted))
    solution = highspy.HighsSolution()
    opened = np.bincount(start, minlength=sites).clip(0, 1)
    reached = np.asarray(reach.T @ opened).ravel() > 0
    solution.col_value = np.concatenate([opened, reached]).astype(float).tolist()
    solver.setSolution(solution)
    solver.run()
    info = solver.getInfo()
    bound = float(info.mip_dual_bound)
    # Whole sites: what is above a number by more than rounding takes the next.
    least = int(np.ceil(bound - 1e-6)) if np.isfinite(bound) else 0
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Least(None, least)
    value = np.asarray(solver.getSolution().col_value)[:sites]
    return Least(np.flatnonzero(value > HALF), least)


def _least_model(
    reach: sparse.csr_matrix,
    people: NDArray[np.float64],
    group: NDArray[np.int64],
    wanted: NDArray[np.float64],
) -> highspy.HighsLp:
    """Write sites | places: a place is reached by a site, and every group by enough people."""
    sites, places = reach.shape
    covered = sparse.hstack([-reach.T, sparse.eye(places)])
    member = sparse.csr_matrix((people, (group, np.arange(places))), shape=(len(wanted), places))
    enough = sparse.hstack([sparse.csr_matrix((len(wanted), sites)), member])
    matrix = sparse.vstack([covered, enough]).tocsr()
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = matrix.shape
    model.col_cost_ = np.concatenate([np.ones(sites), np.zeros(places)])
    model.col_lower_, model.col_upper_ = np.zeros(sites + places), np.ones(sites + places)
    model.row_lower_ = np.concatenate([np.full(places, -highspy.kHighsInf), wanted])
    model.row_upper_ = np.concatenate([np.zeros(places), np.full(len(wanted), highspy.kHighsInf)])
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    whole, part = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    model.integrality_ = [whole] * sites + [part] * places
    return model


def serving_sites(
    adds: sparse.csr_matrix,
    lack: NDArray[np.float64],
    people: NDArray[np.float64],
    *,
    count: int,
    start: NDArray[np.int64],
    seconds: float,
) -> Solved:
    """
    Choose the sites that fill what most people lack.

    Parameters
    ----------
    adds
        One row a site, one column a place: what it would add there.
    lack
        Of each place, above 0; filled in full or not at all.
    people
        Of each place.
    count
        Most sites to choose.
    start
        Sites of a plan, to begin with.
    seconds
        Most to take.

    Returns
    -------
    solved
        The best plan met and what is proven of it.
    """
    sites, places = adds.shape
    # More than what is lacking helps nobody: parts of it above 1 only loosen the model.
    part = adds.multiply(1 / lack[None, :]).tocsr()
    part.data = np.minimum(part.data, 1)
    filled = sparse.hstack([-part.T, sparse.eye(places)])
    chosen = sparse.csr_matrix(np.concatenate([np.ones(sites), np.zeros(places)]))
    matrix = sparse.vstack([filled, chosen]).tocsr()
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = matrix.shape
    model.col_cost_ = np.concatenate([np.zeros(sites), people])
    model.col_lower_, model.col_upper_ = np.zeros(sites + places), np.ones(sites + places)
    model.row_lower_ = np.full(places + 1, -highspy.kHighsInf)
    model.row_upper_ = np.concatenate([np.full(places, ROUNDING), [count]])
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    model.sense_ = highspy.ObjSense.kMaximize
    model.integrality_ = [highspy.HighsVarType.kInteger] * (sites + places)
    solver = _solver(seconds)
    solver.passModel(model)
    solution = highspy.HighsSolution()
    opened = np.bincount(start, minlength=sites).clip(0, 1)
    solution.col_value = np.concatenate([opened, part.T @ opened >= 1]).astype(float).tolist()
    solver.setSolution(solution)
    solver.run()
    return _read(solver, sites)


@dataclass(frozen=True, eq=False)
class Nearest:
    """
    What the solver found of the least way to a facility.

    Attributes
    ----------
    sites
        Rows of the plan; `None` if it found none in time.
    metres
        That no plan goes below, in people times metres.
    """

    sites: NDArray[np.int64] | None
    metres: float


def nearest_sites(
    place: NDArray[np.int64],
    site: NDArray[np.int64],
    metres: NDArray[np.float64],
    *,
    weight: NDArray[np.float64],
    cap: NDArray[np.float64],
    sites: int,
    count: int,
    seconds: float = 20.0,
) -> Nearest:
    """
    Choose the sites to which people have the least way in sum.

    Parameters
    ----------
    place, site, metres
        Pairs of a place and a site nearer than `cap`, and how far it is.
    weight, cap
        Of each place: people, and metres to what stands.
    sites, count
        How many there are, and how many to choose.
    seconds
        Most to take.

    Returns
    -------
    nearest
        The best plan met and what is proven.
    """
    pairs, places = len(place), len(weight)
    each = np.arange(pairs)
    # Whoever goes to a site needs it open, and nobody goes to two.
    opened = sparse.hstack(
        [
            sparse.csr_matrix((-np.ones(pairs), (each, site)), shape=(pairs, sites)),
            sparse.eye(pairs),
        ]
    )
    once = sparse.csr_matrix((np.ones(pairs), (place, sites + each)), shape=(places, sites + pairs))
    chosen = sparse.csr_matrix(np.concatenate([np.ones(sites), np.zeros(pairs)]))
    matrix = sparse.vstack([opened, once, chosen]).tocsr()
    upper = np.concatenate([np.zeros(pairs), np.ones(places), [count]])
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = matrix.shape
    saved = weight[place] * (metres - cap[place])
    model.col_cost_ = np.concatenate([np.zeros(sites), saved])
    model.col_lower_, model.col_upper_ = np.zeros(sites + pairs), np.ones(sites + pairs)
    model.row_lower_, model.row_upper_ = np.full(len(upper), -highspy.kHighsInf), upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    whole, part = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    model.integrality_ = [whole] * sites + [part] * pairs
    return _read_nearest(model, sites, count, base=float(weight @ cap), seconds=seconds)


def _read_nearest(
    model: highspy.HighsLp, sites: int, count: int, *, base: float, seconds: float
) -> Nearest:
    solver = _solver(seconds)
    solver.passModel(model)
    solver.run()
    info = solver.getInfo()
    bound = base + float(info.mip_dual_bound)
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Nearest(None, bound)
    value = np.asarray(solver.getSolution().col_value)[:sites]
    # Sites that serve nobody better fill the number up.
    return Nearest(np.sort(np.argsort(-value, kind="stable")[:count]), bound)


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
    for members, least in limits.keeps:
        held = np.bincount(members, minlength=cover.sites)
        rows.append((sparse.hstack([-held, none]), -least))
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


def _read(solver: highspy.Highs, sites: int) -> Solved:
    status, info = solver.getModelStatus(), solver.getInfo()
    optimal = status == highspy.HighsModelStatus.kOptimal
    bound = float(info.mip_dual_bound)
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Solved(None, bound, optimal=False)
    value = np.asarray(solver.getSolution().col_value)[:sites]
    return Solved(np.flatnonzero(value > HALF), bound, optimal)
