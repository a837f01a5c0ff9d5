"""
Errors that a planner can cause and mend.

::

    PlanningError
    ├── SourceError         a file or entry cannot be read as what it claims to be
    ├── FrameError          a frame breaks its contract
    │   ├── CrsError        no CRS, or one in which distances are not true metres
    │   ├── ColumnError     a column is missing or holds the wrong kind of value
    │   ├── GeometryError   empty, broken or wrongly typed geometry
    │   └── IdentifierError an identifier is missing or not unique
    ├── SettingsError       a standard, kind, city recipe or command option is wrong
    ├── SampleError         too little data for the figure asked for
    ├── RoleError           whoever asks may not open, do or take this
    └── StoreError          what people saved cannot be opened, read or replaced

Each is also a `ValueError`. Views and the command line catch `PlanningError` only, in
one place each; anything else is a defect and is loud.
"""

from __future__ import annotations


class PlanningError(ValueError):
    """
    Base of every error that a planner can cause and mend.

    Parameters
    ----------
    message
        One English sentence: file, entry, value found, what is allowed.
    problem
        Stable code of the problem. `data/words/errors.toml` holds its sentence in every
        language under `error.<problem>`, filled in with the facts.
    hint
        What to do about it.
    **facts
        The values named in the message, by name.
    """

    def __init__(self, message: str, *, problem: str, hint: str = "", **facts: object) -> None:
        super().__init__(_one_line(message))
        self.problem = problem
        self.hint = _one_line(hint)
        self.facts = {
            name: _one_line(fact) if isinstance(fact, str) else fact for name, fact in facts.items()
        }

    def __reduce__(self) -> tuple[object, ...]:
        """Let another process raise it and be read here."""
        return _again, (type(self), self.args, dict(self.__dict__))


def _again(kind: type[PlanningError], args: tuple[object, ...], said: dict[str, object]) -> object:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(said)
    return error


_BREAKS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029], " ")
LONGEST_WORD, LONGEST_QUOTE = 400, 2000
"""Characters of a word, and of a message or fact; what is longer was typed by nobody."""


def _one_line(text: str) -> str:
    """Keep what a damaged file holds, quoted in a message, from breaking or flooding it."""
    words = [_cut(word, LONGEST_WORD) for word in text.translate(_BREAKS).split(" ")]
    return _cut(" ".join(words), LONGEST_QUOTE)


def _cut(text: str, longest: int) -> str:
    """Spare the middle: what is wrong stands behind the value found."""
    return text if len(text) <= longest else f"{text[: longest // 2]}…{text[-longest // 2 :]}"


class SourceError(PlanningError):
    """A file or entry cannot be read as what it claims to be."""


class FrameError(PlanningError):
    """A frame breaks its contract."""


class CrsError(FrameError):
    """A frame has no CRS, or one in which distances are not true metres."""


class ColumnError(FrameError):
    """A column is missing, or holds the wrong kind of value."""


class GeometryError(FrameError):
    """Geometry is empty, broken or of the wrong type."""


class IdentifierError(FrameError):
    """An identifier is missing or not unique."""


class SettingsError(PlanningError):
    """A standard, a kind, a city's recipe or a command's option is wrong."""


class SampleError(PlanningError):
    """There is too little data for the figure asked for."""


class RoleError(PlanningError):
    """Whoever asks may not open, do or take this."""


class StoreError(PlanningError):
    """What people saved cannot be opened, read or replaced."""
