"""Communities with far fewer reports than people, facilities and neighbours lead to expect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy
import shapely

from analysis.access.proximity import facilities_inside
from analysis.access.residents import people_of
from analysis.issues.location import check_communities_known
from analysis.issues.selection import select_issues
from analysis.model.errors import SampleError
from analysis.model.multiple_testing import adjusted
from analysis.model.question import ALL_ISSUES

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt

    from analysis.issues.issue_set import IssueSet
    from analysis.model.question import Selection

MIN_COMMUNITIES = 20
MIN_CASES_EACH = 5.0
"""Mean number of reports a community, below which none can be told from chance."""
SILENT_Q = 0.05
TOUCH_M = 1.0
"""Communities nearer than this are neighbours."""
CAP = 2.5
"""Residuals beyond so many standard deviations pull the fit no harder."""
ROUNDS = 100
SILENCE_COLUMNS = (
    "community",
    "parent",
    "population",
    "facilities",
    "neighbour_rate",
    "cases",
    "expected",
    "ratio",
    "p",
    "q",
    "silence",
)
CHI2_MEDIAN = 0.4549364231195724
"""Median of a squared standard normal: what half of the squared residuals lie below."""
NEIGHBOUR_CASES = 10.0
"""Reports at the city's rate added to the neighbours', so that few give no extreme rate."""


@dataclass(frozen=True, eq=False)
class UnderReporting:
    """
    Which communities report suspiciously little.

    Attributes
    ----------
    table
        `SILENCE_COLUMNS` on the index of the communities: people; facilities inside, missing
        where the city has no layer; reports of the neighbours for each person; `cases`;
        `expected`; `ratio` of the two; one-sided `p` of so few or fewer; `q` by Benjamini
        and Hochberg;
        `silence`: `silent` (q ≤ `SILENT_Q`), `not_silent`, or without figures `nobody` where
        no one lives and `unknown` where nobody knows how many do.
    spread
        Variance beyond Poisson's, as a share of the squared mean.
    effects
        Powers of people, of 1 + facilities, of the neighbours' rate.
    """

    table: pd.DataFrame
    spread: float
    effects: dict[str, float]


@dataclass(frozen=True, eq=False)
class Fit:
    """Coefficients, the mean of every row, and the spread beyond Poisson's law."""

    beta: npt.NDArray[np.float64]
    mean: npt.NDArray[np.float64]
    spread: float


def fit_counts(design: npt.NDArray[np.float64], counts: npt.NDArray[np.int64]) -> Fit:
    """
    Fit negative binomial counts with a log-linear mean, so that single rows do not bend it.

    Iteratively reweighted least squares; residuals beyond `CAP` standard deviations get less
    weight, and the spread is the one at which half of the squared residuals lie below the
    median of a squared standard normal. So neither hot spots nor places that report
    too little make too few reports look usual.

    Parameters
    ----------
    design
        Rows × terms, the first of them 1.
    counts
        One a row.

    Returns
    -------
    fit
        As its class says.

    References
    ----------
    McCullagh and Nelder (1989), Generalized Linear Models, Chapman and Hall; Cantoni and
    Ronchetti (2001), doi:10.1198/016214501753209004.
    """
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(max(float(np.median(counts)), 0.5))
    spread = 0.0
    for _ in range(ROUNDS):
        mean = np.exp(np.clip(design @ beta, -20, 20))
        freedom = len(counts) / max(len(counts) - len(beta), 1)
        spread = _spread((counts - mean) ** 2 * freedom, mean)
        variance = mean + spread * mean**2
        away = np.abs(counts - mean) / np.sqrt(variance)
        weight = mean**2 / variance * np.minimum(1.0, CAP / np.maximum(away, CAP))
        step = np.linalg.lstsq(
            design * np.sqrt(weight)[:, None],
            np.sqrt(weight) * (counts - mean) / mean,
            rcond=None,
        )[0]
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:  # noqa: PLR2004
            break
    return Fit(beta, np.exp(design @ beta), spread)


def _spread(squares: npt.NDArray[np.floating], mean: npt.NDArray[np.float64]) -> float:
    """Where the median of squares / (mean + spread mean²) is a squared normal's; 0 or more."""
    low, high = 0.0, 100.0
    if np.median(squares / mean) <= CHI2_MEDIAN:
        return 0.0
    for _ in range(50):
        middle = (low + high) / 2
        above = np.median(squares / (mean + middle * mean**2)) > CHI2_MEDIAN
        low, high = (middle, high) if above else (low, middle)
    return high


def few_or_fewer(
    counts: npt.NDArray[np.int64], mean: npt.NDArray[np.float64], *, spread: float
) -> npt.NDArray[np.float64]:
    """
    Give the chance of a count or a smaller one.

    Parameters
    ----------
    counts, mean
        One a row.
    spread
        Variance beyond Poisson's, as a share of the squared mean; 0 is Poisson's law.

    Returns
    -------
    p
        Of the negative binomial law.
    """
    if spread == 0:
        poisson: npt.NDArray[np.float64] = scipy.special.pdtr(counts, mean)
        return poisson
    size = 1 / spread
    p: npt.NDArray[np.float64] = scipy.special.betainc(size, counts + 1, size / (size + mean))
    return p


def silent_communities(
    issue_set: IssueSet,
    selection: Selection = ALL_ISSUES,
    *,
    residents: pd.DataFrame | None = None,
    facilities: gpd.GeoDataFrame | None = None,
) -> UnderReporting:
    """
    Find communities whose reports are too few to be believed.

    Parameters
    ----------
    issue_set
        Issues with their communities; these with `population`, unless `residents` tell it.
    selection
        Which of the issues.
    residents
        Where people live, for communities without `population`.
    facilities
        That cause or draw reports, of every kind; none, or none at all, leaves them out.

    Returns
    -------
    under_reporting
        Expected reports: log-linear in the logarithms of people, of 1 + facilities and of the
        neighbours' rate. Under-reporting may have many reasons: no way to report, no trust, no
        patrol, or nothing to report. The test does not tell them apart, but it tells where to
        look; where it is quiet, too, no report does not mean clean.

    Raises
    ------
    SampleError
        If people are unknown, no report lies in or names a community, or there are fewer than
        `MIN_COMMUNITIES` communities with people or `MIN_CASES_EACH` reports in each on
        average.
    """
    communities, issues = issue_set.communities, select_issues(issue_set.issues, selection)
    check_communities_known(issues, issue_set.membership)
    people = _people(communities, residents)
    home = issue_set.communities_of(issues.index)
    cases = home.value_counts().reindex(communities.index, fill_value=0).astype(np.int64)
    lived = np.asarray(people > 0)
    _check_sample(int(lived.sum()), float(cases[lived].sum()))
    count = None
    if facilities is not None and len(facilities):
        count = facilities_inside(communities, facilities)
    rate = _neighbour_rate(communities, people, cases)
    terms = {"people": np.log(np.asarray(people[lived]))}
    if count is not None:
        terms["facilities"] = np.log1p(np.asarray(count[lived], dtype=float))
    terms["neighbours"] = np.log(np.asarray(rate[lived]))
    centred = [term - term.mean() for term in terms.values()]
    design = np.column_stack([np.ones(int(lived.sum())), *centred])
    reports = np.asarray(cases[lived], dtype=np.int64)
    fit = fit_counts(design, reports)
    p = few_or_fewer(reports, fit.mean, spread=fit.spread)
    found = pd.DataFrame(
        {"expected": fit.mean, "ratio": reports / fit.mean, "p": p,
         "q": adjusted(p)}, index=communities.index[lived],
    ).reindex(communities.index)  # fmt: skip
    table = found.assign(
        community=communities["name"],
        parent=communities["parent"],
        population=people,
        facilities=np.nan if count is None else count,
        neighbour_rate=rate,
        cases=cases,
        silence=np.select(
            [people.isna(), ~lived, found["q"] <= SILENT_Q],
            ["unknown", "nobody", "silent"],
            default="not_silent",
        ),
    )
    effects = dict(zip(terms, map(float, fit.beta[1:]), strict=True))
    return UnderReporting(table[list(SILENCE_COLUMNS)], fit.spread, effects)


def _people(communities: gpd.GeoDataFrame, residents: pd.DataFrame | None) -> pd.Series[float]:
    if (people := people_of(communities, residents)) is not None:
        return people
    msg = "silence: nobody knows how many people live in the communities."
    raise SampleError(
        msg, problem="silence_people", hint="Add a residents layer, or population by community."
    )


def _check_sample(lived: int, cases: float) -> None:
    if lived < MIN_COMMUNITIES or cases < MIN_CASES_EACH * lived:
        msg = (
            f"silence: {cases:.0f} reports in {lived} communities with people; needed are"
            f" {MIN_COMMUNITIES} communities and {MIN_CASES_EACH:g} reports in each on average."
        )
        raise SampleError(
            msg,
            problem="silence_sample",
            hint="Choose a longer period or all categories.",
            cases=round(cases),
            communities=lived,
            least=MIN_COMMUNITIES,
            each=MIN_CASES_EACH,
        )


def _neighbour_rate(
    communities: gpd.GeoDataFrame, people: pd.Series[float], cases: pd.Series[int]
) -> pd.Series[float]:
    """Reports for each person of the communities around, drawn a little to the city's."""
    shapes = communities.geometry.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=TOUCH_M)
    apart = one != other
    one, other = one[apart], other[apart]
    known = people.fillna(0)
    city = cases[known > 0].sum() / known.sum()
    counted = cases.where(known > 0, 0)
    near_cases = np.bincount(one, counted.to_numpy()[other], minlength=len(shapes))
    near_people = np.bincount(one, known.to_numpy()[other], minlength=len(shapes))
    rate = (near_cases + NEIGHBOUR_CASES) / (near_people + NEIGHBOUR_CASES / city)
    return pd.Series(rate, index=communities.index)
