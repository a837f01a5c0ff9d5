"""
Changes of facilities that somebody thinks of, done and undone one by one.

A scenario is a row of changes on the facilities of a city. It is always applied to these as they
are, never to what an earlier scenario left, so that undoing one is leaving it out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from numpy.typing import NDArray

ADD, MOVE, CLOSE, OPEN, REMOVE = "add", "move", "close", "open", "remove"
ACTIONS = (ADD, MOVE, CLOSE, OPEN, REMOVE)
PLACED = (ADD, MOVE)
"""Actions that say where."""
STATUS = {ADD: "open", CLOSE: "closed", OPEN: "open"}
PLANNED = "planned"


@dataclass(frozen=True)
class Change:
    """
    One change of one facility.

    Attributes
    ----------
    action
        One of `ACTIONS`. A facility that is closed is still there and counts as idle; one that
        is removed is gone.
    kind
        Identifier of its kind.
    facility
        Its identifier; of one that is added, one that no other has.
    x, y
        Where it will stand, in metres; missing but for `PLACED`.
    """

    action: str
    kind: str
    facility: str
    x: float = float("nan")
    y: float = float("nan")


@dataclass(frozen=True)
class History:
    """
    Changes that were done, and those that were undone and may be done again.

    Attributes
    ----------
    done
        In the order in which they were done.
    undone
        The one undone last stands last.
    """

    done: tuple[Change, ...] = ()
    undone: tuple[Change, ...] = ()

    def with_change(self, *changes: Change) -> History:
        """
        Do something more; what was undone is forgotten.

        Parameters
        ----------
        *changes
            In their order.

        Returns
        -------
        history
            A new one.
        """
        return History((*self.done, *changes))

    def undo(self) -> History:
        """
        Undo the last change.

        Returns
        -------
        history
            A new one; the same where there is nothing to undo.
        """
        return History(self.done[:-1], (*self.undone, *self.done[-1:]))

    def redo(self) -> History:
        """
        Do again what was undone last.

        Returns
        -------
        history
            A new one; the same where there is nothing to do again.
        """
        return History((*self.done, *self.undone[-1:]), self.undone[:-1])


@dataclass(frozen=True, eq=False)
class ChangedFacilities:
    """
    The facilities of a city after changes.

    Attributes
    ----------
    facilities
        All of them: those that were there in their order, then those added.
    came_from
        Position of each in the facilities as they were, or -1 for one that was added, has moved or
        has another status.
    places
        By kind, every place where something changed: where it was and where it is, n × 2 metres.
    missed
        Changes that could not be made, as there is no such facility (any more), or already one.
    """

    facilities: gpd.GeoDataFrame
    came_from: NDArray[np.int64]
    places: Mapping[str, NDArray[np.float64]]
    missed: tuple[Change, ...]


@dataclass(frozen=True)
class _State:
    """What became of one facility; `row` is -1 for one that was added."""

    row: int
    kind: str
    x: float
    y: float
    status: str
    there: bool = True
    places: tuple[tuple[float, float], ...] = ()


def apply_changes(facilities: gpd.GeoDataFrame, changes: Iterable[Change]) -> ChangedFacilities:
    """
    Make changes on facilities.

    Parameters
    ----------
    facilities
        As in `analysis.model.contracts`.
    changes
        In their order; several of one facility follow each other.

    Returns
    -------
    changed
        Of one that is added nothing is known but kind and place: its name is empty, and
        optional columns are missing.
    """
    states: dict[str, _State] = {}
    missed = []
    for change in changes:
        state = states.get(change.facility) or _as_it_is(facilities, change.facility)
        after = _after(change, state)
        if after is None:
            missed.append(change)
        else:
            states[change.facility] = after
    moved = {state.row: state for state in states.values() if state.row >= 0}
    came_from = np.arange(len(facilities))
    came_from[list(moved)] = -1
    gone = [row for row, state in moved.items() if not state.there]
    kept = np.setdiff1d(np.arange(len(facilities)), gone)
    added = {name: each for name, each in states.items() if each.row < 0 and each.there}
    frame = _joined(_rewritten(facilities, moved).iloc[kept], added)
    return ChangedFacilities(
        frame,
        np.concatenate([came_from[kept], np.full(len(added), -1)]),
        _places(states.values()),
        tuple(missed),
    )


def planned_changes(facilities: gpd.GeoDataFrame, kinds: Collection[str]) -> tuple[Change, ...]:
    """
    Open every facility that the register has as planned: a scenario to begin with.

    Parameters
    ----------
    facilities
        As in `analysis.model.contracts`.
    kinds
        Of which kinds.

    Returns
    -------
    changes
        In the order of the facilities.
    """
    chosen = facilities[facilities["kind"].isin(kinds) & (facilities["status"] == PLANNED)]
    return tuple(
        Change(OPEN, kind, name) for name, kind in zip(chosen.index, chosen["kind"], strict=True)
    )


def _as_it_is(facilities: gpd.GeoDataFrame, name: str) -> _State | None:
    if name not in facilities.index:
        return None
    row = int(facilities.index.get_loc(name))
    point = facilities.geometry.iloc[row]
    kind, status = (str(facilities[column].iloc[row]) for column in ("kind", "status"))
    return _State(row, kind, point.x, point.y, status)


def _after(change: Change, state: _State | None) -> _State | None:
    """Make one change of one facility; nothing where it cannot be made."""
    if change.action == ADD:
        if state is not None:
            return None
        state = _State(-1, change.kind, change.x, change.y, STATUS[ADD])
    elif state is None or not state.there or state.kind != change.kind:
        return None
    x, y = (change.x, change.y) if change.action in PLACED else (state.x, state.y)
    return replace(
        state,
        x=x,
        y=y,
        status=STATUS.get(change.action, state.status),
        there=change.action != REMOVE,
        places=(*state.places, (state.x, state.y), (x, y)),
    )


def _rewritten(facilities: gpd.GeoDataFrame, moved: dict[int, _State]) -> gpd.GeoDataFrame:
    if not moved:
        return facilities
    rows = list(moved)
    geometry, status = facilities.geometry.to_numpy().copy(), facilities["status"].copy()
    geometry[rows] = shapely.points([(state.x, state.y) for state in moved.values()])
    status.iloc[rows] = [state.status for state in moved.values()]
    return facilities.assign(status=status).set_geometry(geometry, crs=facilities.crs)


def _joined(facilities: gpd.GeoDataFrame, added: dict[str, _State]) -> gpd.GeoDataFrame:
    if not added:
        return facilities
    new = gpd.GeoDataFrame(
        {
            "kind": [state.kind for state in added.values()],
            "name": "",
            "status": [state.status for state in added.values()],
        },
        geometry=shapely.points([(state.x, state.y) for state in added.values()]),
        index=pd.Index(list(added), name=facilities.index.name, dtype=facilities.index.dtype),
        crs=facilities.crs,
    )
    stated = {*new.columns}
    new = new.reindex(columns=facilities.columns)
    for column, kind in facilities.dtypes.items():
        if column not in stated and kind != bool:  # noqa: E721  a missing flag is none
            new[column] = new[column].astype(kind)
    return gpd.GeoDataFrame(pd.concat([facilities, new]), crs=facilities.crs)


def _places(states: Iterable[_State]) -> dict[str, NDArray[np.float64]]:
    by_kind: dict[str, list[tuple[float, float]]] = {}
    for state in states:
        by_kind.setdefault(state.kind, []).extend(state.places)
    return {kind: np.array(sorted(set(places))) for kind, places in by_kind.items()}
