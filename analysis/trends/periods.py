"""One period against another: which communities have more or fewer cases than chance explains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy

from analysis.issues.location import check_communities_known
from analysis.issues.months import YEAR, first_day, last_whole_month, month_name
from analysis.issues.selection import select_issues
from analysis.model.errors import SampleError
from analysis.model.multiple_testing import adjusted
from analysis.model.question import ALL_ISSUES, COMPARISONS, SPANS, Selection

if TYPE_CHECKING:
    import numpy.typing as npt

    from analysis.issues.issue_set import IssueSet

LEVEL = 0.95
CHANGE_Q = 0.05
EDGE_DAYS = 7
"""Days after the beginning of a period within which the register must have begun."""
MAX_BLOCKS, MIN_BLOCKS = 8, 3
"""Earlier periods of the same length that the spread beyond chance is taken from, at most; with
fewer than the second it is taken from the two periods compared."""
MEDIAN_SQUARE = float(scipy.stats.chi2.median(1))
FEW_CASES = 10
PERIOD_COLUMNS = (
    "basis",
    "community_id",
    "community",
    "parent",
    "now_from",
    "now_until",
    "before_from",
    "before_until",
    "cases_now",
    "cases_before",
    "rate_ratio",
    "ratio_low",
    "ratio_high",
    "dispersion",
    "p",
    "q",
    "change",
)


@dataclass(frozen=True)
class Span:
    """Some whole months: the first, and how many."""

    first: int
    months: int

    @property
    def begin(self) -> pd.Timestamp:
        """First day."""
        return first_day(self.first)

    @property
    def end(self) -> pd.Timestamp:
        """Last day."""
        return first_day(self.first + self.months) - pd.Timedelta(days=1)

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.end - self.begin).days + 1

    def before(self, months: int) -> Span:
        """
        Give the span so many months earlier.

        Parameters
        ----------
        months
            How many.

        Returns
        -------
        span
            As long as this one, in months.
        """
        return Span(self.first - months, self.months)


def shared_spread(blocks: npt.NDArray[np.int64]) -> float:
    """
    Estimate how much communities vary from period to period beyond Poisson's law.

    Parameters
    ----------
    blocks
        Cases, periods × communities; what all communities share (season, trend) is taken out by
        the totals of the periods.

    Returns
    -------
    extra
        a of the variance μ + a μ² of a period's count, by moments over all communities, 0 or
        more; 0 with fewer than two periods or no cases.

    Examples
    --------
    Two places that swap 30 and 10 cases: μ = 20, and a = 2 (100 − 20 / 2) / 400.

    >>> import numpy as np
    >>> round(shared_spread(np.array([[30, 10], [10, 30]])), 4)
    0.45
    """
    number, total = len(blocks), blocks.sum()
    if number < 2 or total == 0:  # noqa: PLR2004
        return 0.0
    mean = np.outer(blocks.sum(axis=1), blocks.sum(axis=0)) / total
    beyond = ((blocks - mean) ** 2 - mean * (1 - 1 / number)).sum() / (mean**2).sum()
    return max(float(beyond) * number / (number - 1), 0.0)


def spread_of_two(now: npt.NDArray[np.int64], before: npt.NDArray[np.int64]) -> float:
    """
    Estimate the same from the two periods compared, by the middle community.

    Parameters
    ----------
    now, before
        Cases of each community; those with fewer than `FEW_CASES` in both tell nothing.

    Returns
    -------
    extra
        a as in `shared_spread`, such that half of the communities differ less than their law says;
        a minority that really changed does not move it. 0 with fewer than five communities.
    """
    both = now + before
    known = both >= FEW_CASES
    share = now.sum() / max(both.sum(), 1)
    if known.sum() < 5 or not 0 < share < 1:  # noqa: PLR2004
        return 0.0
    n = both[known]
    square = (now[known] - n * share) ** 2 / (n * share * (1 - share))

    def excess(correlation: float) -> float:
        return float(np.median(square / (1 + (n - 1) * correlation))) - MEDIAN_SQUARE

    if excess(0.0) <= 0:
        return 0.0
    high = 1 - 1e-6
    found = high if excess(high) > 0 else float(scipy.optimize.brentq(excess, 0.0, high))
    return 2 * found / (1 - found)


def rate_ratios(
    now: npt.NDArray[np.int64],
    before: npt.NDArray[np.int64],
    *,
    days: tuple[int, int],
    extra: float = 0.0,
) -> pd.DataFrame:
    """
    Compare two counts each, allowing for periods that vary more than chance.

    Given both together, the later count is binomial if cases come by Poisson's law, and
    beta-binomial with correlation a / (2 + a) if the rate of each period varies by a gamma law of
    variance a. The binomial law of all counts divided by φ = 1 + (n − 1) a / (2 + a), which has
    that variance (quasi-binomial), gives p and limits.

    Parameters
    ----------
    now, before
        Cases.
    days
        Length of the two periods.
    extra
        a, from `shared_spread`; 0 is Poisson's law, and all is exact.

    Returns
    -------
    ratios
        `rate_ratio` of cases a day, missing without cases before; `ratio_low`, `ratio_high`,
        its 95 % limits (infinite above where there were none before); `dispersion`, φ;
        two-sided `p`, twice the smaller tail, 1 without any case.

    References
    ----------
    Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404; Przyborowski and Wilenski
    (1940), doi:10.1093/biomet/31.3-4.313; McCullagh and Nelder (1989), Generalized Linear
    Models, 4.5.

    Examples
    --------
    Eight against two in equal time: P(X ≥ 8) = 56 / 1024, twice that is p.

    >>> import numpy as np
    >>> float(rate_ratios(np.array([8]), np.array([2]), days=(30, 30))["p"].iloc[0])
    0.109375
    """
    both = now + before
    odds = days[1] / days[0]
    share = days[0] / sum(days)
    tail = (1 - LEVEL) / 2
    dispersion = 1 + np.maximum(both - 1, 0) * extra / (2 + extra)
    later, earlier = now / dispersion, before / dispersion
    some, had = np.where(now > 0, later, 1.0), np.where(before > 0, earlier, 1.0)
    low = np.where(now > 0, scipy.special.betaincinv(some, earlier + 1, tail), 0.0)
    high = np.where(before > 0, scipy.special.betaincinv(later + 1, had, 1 - tail), 1.0)
    above = np.where(now > 0, scipy.special.betainc(some, earlier + 1, share), 1.0)
    below = np.where(before > 0, scipy.special.betaincc(later + 1, had, share), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return pd.DataFrame(
            {
                "rate_ratio": np.where(before > 0, now / before * odds, np.nan),
                "ratio_low": low / (1 - low) * odds,
                "ratio_high": np.where(high < 1, high / (1 - high) * odds, np.inf),
                "dispersion": dispersion,
                "p": np.where(both > 0, np.minimum(1.0, 2 * np.minimum(above, below)), 1.0),
            }
        )


def day_rates(
    counts: npt.NDArray[np.int64], days: npt.NDArray[np.int64], *, extra: float = 0.0
) -> pd.DataFrame:
    """
    Give counts as rates a day with limits, allowing for periods that vary more than chance.

    Parameters
    ----------
    counts
        Cases.
    days
        In which they came, one or more.
    extra
        a of their variance μ + a μ², as in `rate_ratios`; 0 is Poisson's law, and all is exact.

    Returns
    -------
    rates
        `per_day`; `per_day_low`, `per_day_high`, its 95 % limits: Garwood's of the counts over
        φ = 1 + a n, which has that variance (quasi-Poisson).

    References
    ----------
    Garwood (1936), doi:10.1093/biomet/28.3-4.437; McCullagh and Nelder (1989), Generalized Linear
    Models, 6.2.

    Examples
    --------
    No case in ten days: at most -ln 0.025 / 10 a day.

    >>> import numpy as np
    >>> float(day_rates(np.array([0]), np.array([10]))["per_day_high"].iloc[0].round(4))
    0.3689
    """
    dispersion = 1 + extra * counts
    shared, tail = counts / dispersion, (1 - LEVEL) / 2
    some = np.where(counts > 0, shared, 1.0)
    low = np.where(counts > 0, scipy.special.gammaincinv(some, tail), 0.0)
    high = scipy.special.gammaincinv(shared + 1, 1 - tail)
    return pd.DataFrame(
        {
            "per_day": counts / days,
            "per_day_low": low * dispersion / days,
            "per_day_high": high * dispersion / days,
        }
    )


def compare_periods(
    issue_set: IssueSet,
    selection: Selection = ALL_ISSUES,
    *,
    months: int = SPANS[0],
    basis: str = COMPARISONS[0],
) -> pd.DataFrame:
    """
    Compare the cases of every community in some months with those of earlier months.

    Parameters
    ----------
    issue_set
        The whole register.
    selection
        Category, and the day on which or before which the later period ends, with a month
        that is over. Its first day does not count: the basis says where the earlier one lies.
    months
        Length of both periods.
    basis
        One of `analysis.model.question.COMPARISONS`.

    Returns
    -------
    periods
        `PERIOD_COLUMNS`, one row a community: as in `rate_ratios`; q by Benjamini and
        Hochberg over the communities; `change` is `more`, `fewer` (q ≤ `CHANGE_Q`),
        `not_sure` or `no_cases` (none in either period). How much communities vary without
        having changed is taken from up to `MAX_BLOCKS` earlier periods of the same length
        (`shared_spread`), or from the two compared (`spread_of_two`).

    Raises
    ------
    SettingsError
        If the category cannot be.
    SampleError
        If the register begins after the earlier period, or no report lies in or names a
        community.
    """
    issues, communities = issue_set.issues, issue_set.communities
    check_communities_known(issues, issue_set.membership)
    last = last_whole_month(issue_set.as_of, selection.until)
    now = Span(last - months + 1, months)
    before = now.before(months if basis == COMPARISONS[0] else YEAR)
    _check_begun(issue_set.register, before)
    chosen = select_issues(issues, Selection(selection.category))
    counts = [_count(chosen, issue_set, span) for span in (now, before)]
    earlier = _earlier_blocks(chosen, issue_set, now)
    extra = shared_spread(earlier) if len(earlier) >= MIN_BLOCKS else spread_of_two(*counts)
    ratios = rate_ratios(*counts, days=(now.days, before.days), extra=extra)
    q = adjusted(ratios["p"])
    sure, rise = q <= CHANGE_Q, counts[0] / now.days > counts[1] / before.days
    table = ratios.assign(
        basis=basis,
        community_id=communities.index,
        community=communities["name"].to_numpy(),
        parent=communities["parent"].to_numpy(),
        now_from=f"{now.begin:%Y-%m-%d}",
        now_until=f"{now.end:%Y-%m-%d}",
        before_from=f"{before.begin:%Y-%m-%d}",
        before_until=f"{before.end:%Y-%m-%d}",
        cases_now=counts[0],
        cases_before=counts[1],
        q=q,
        change=np.select(
            [counts[0] + counts[1] == 0, sure & rise, sure],
            ["no_cases", "more", "fewer"],
            default="not_sure",
        ),
    )
    return table[list(PERIOD_COLUMNS)]


def _earlier_blocks(issues: pd.DataFrame, issue_set: IssueSet, now: Span) -> npt.NDArray[np.int64]:
    """Cases of the periods before `now` that the register saw whole, periods × communities."""
    begun = issue_set.register["reported_at"].min().tz_localize(None)
    spans = [now.before(now.months * step) for step in range(1, MAX_BLOCKS + 1)]
    seen = [span for span in spans if begun <= span.begin + pd.Timedelta(days=EDGE_DAYS)]
    counts = [_count(issues, issue_set, span) for span in seen]
    return np.array([each for each in counts if each.any()], dtype=np.int64).reshape(
        -1, len(issue_set.communities)
    )


def _check_begun(issues: pd.DataFrame, span: Span) -> None:
    first = issues["reported_at"].min().tz_localize(None)
    before_time = span.first < YEAR  # there is no year 0
    if before_time or pd.isna(first) or first > span.begin + pd.Timedelta(days=EDGE_DAYS):
        month, begun = month_name(span.first), "" if pd.isna(first) else f"{first:%Y-%m-%d}"
        msg = f"change: nothing is known of {month}; the first report is of {begun or 'no day'}."
        raise SampleError(
            msg,
            problem="period_unseen",
            hint="Choose a later month or a shorter period.",
            month=month,
            begun=begun,
        )


def _count(issues: pd.DataFrame, issue_set: IssueSet, span: Span) -> npt.NDArray[np.int64]:
    rows = select_issues(issues, Selection(since=span.begin, until=span.end))
    counts = issue_set.communities_of(rows.index).value_counts()
    communities = issue_set.communities
    return np.asarray(counts.reindex(communities.index, fill_value=0), dtype=np.int64)
