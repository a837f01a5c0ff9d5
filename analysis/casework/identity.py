"""
The same finding next month: names carried over, and what is new, stands, or is gone.

Most findings are named by what they are of. A hot place or a repeat point has no name of its
own: its hottest cell moves by a street. It keeps the name of the nearest earlier one of its
kind and category within the distance that makes one place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from analysis.casework.findings import AT_A_PLACE, REPEAT_POINT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.casework.findings import Findings

NEW, STANDS, GONE, NOT_JUDGED = STATUSES = ("new", "stands", "gone", "cannot_judge")
"""
Of a finding between two assessments: found now for the first time, found again, looked for and
not found, and not looked for, because what it rests on is missing now.
"""


def recognise(
    findings: Findings, earlier: pd.DataFrame, *, within_m: Mapping[str, float]
) -> Findings:
    """
    Let findings at a place keep the names that they bore before.

    Parameters
    ----------
    findings
        Of today.
    earlier
        `kind`, `subject`, `x` and `y` on `finding_id`, of any earlier day, in the same CRS.
    within_m
        By kind of `AT_A_PLACE`, how far apart two findings may be the same place, in metres.

    Returns
    -------
    findings
        The same rows. Of all pairs within the distance the nearest are matched first, each
        finding once; of equals the one that bears the name already, then the name that sorts
        first. A repeat point must be of the same category; a hot place may change its most
        frequent one. One that is not matched but bears the name of an earlier place that another
        one has taken, or that lies too far off, gets a number behind it.
    """
    names = findings.table.index.to_numpy(dtype=object).copy()
    taken = set(earlier.index)
    for kind in AT_A_PLACE:
        now = np.flatnonzero(findings.table["kind"].to_numpy() == kind)
        before = earlier[earlier["kind"].to_numpy() == kind].sort_index()
        matched = _pairs(findings.table.iloc[now], before, kind, within_m.get(kind, 0.0))
        for row, place in enumerate(now):
            if row in matched:
                names[place] = before.index[matched[row]]
            else:
                names[place] = _unused(names[place], taken)
                taken.add(names[place])
    table = findings.table.set_axis(pd.Index(names, name="finding_id"))
    return replace(findings, table=table)


def _pairs(now: pd.DataFrame, before: pd.DataFrame, kind: str, within: float) -> dict[int, int]:
    """Rows of `now` and the rows of `before` that they are, nearest first, each once."""
    here, there = (each[["x", "y"]].to_numpy(dtype=float) for each in (now, before))
    known = [np.flatnonzero(np.isfinite(each).all(axis=1)) for each in (here, there)]
    if not len(known[0]) or not len(known[1]):
        return {}
    trees = cKDTree(here[known[0]]), cKDTree(there[known[1]])
    near = trees[0].sparse_distance_matrix(trees[1], within, output_type="ndarray")
    rows, others = known[0][near["i"]], known[1][near["j"]]
    alike = (
        now["subject"].to_numpy()[rows] == before["subject"].to_numpy()[others]
        if kind == REPEAT_POINT
        else np.ones(len(rows), dtype=bool)
    )
    renamed = now.index.to_numpy()[rows] != before.index.to_numpy()[others]
    order = np.lexsort((rows, others, renamed, near["v"]))
    pairs: dict[int, int] = {}
    used: set[int] = set()
    for row, other in zip(rows[order][alike[order]], others[order][alike[order]], strict=True):
        if row not in pairs and other not in used:
            pairs[int(row)] = int(other)
            used.add(int(other))
    return pairs


def _unused(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name}:{number}"
    return free


def compare_findings(findings: Findings, earlier: pd.DataFrame) -> pd.DataFrame:
    """
    Tell what is new, what stands and what is gone since an earlier day.

    Parameters
    ----------
    findings
        Of today, after `recognise`.
    earlier
        `analysis.casework.findings.FINDING_COLUMNS` on `finding_id`.

    Returns
    -------
    compared
        The rows of both, today's first, with `status`, one of `STATUSES`, in front. A row that
        is not found any more has the facts of the earlier day; it is `gone` only if it was
        looked for today: its kind is in `judged`, and so is its name where names are listed.
    """
    known = findings.table.index.isin(earlier.index)
    now = findings.table.assign(status=np.where(known, STANDS, NEW))
    rest = earlier[~earlier.index.isin(findings.table.index)]
    looked = [_looked_for(name, kind, findings) for name, kind in rest["kind"].items()]
    rest = rest.assign(status=np.where(np.array(looked, dtype=bool), GONE, NOT_JUDGED))
    compared = pd.concat([each for each in (now, rest) if len(each)] or [now])
    columns = ["status", *(name for name in compared if name != "status")]
    return compared[columns].rename_axis("finding_id")


def _looked_for(name: object, kind: str, findings: Findings) -> bool:
    if kind not in findings.judged:
        return False
    names = findings.judged[kind]
    return names is None or name in names
