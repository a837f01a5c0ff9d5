"""Logs without personal data: whatever a program says of a fault is masked before it is written."""

from __future__ import annotations

import logging

from analysis.privacy.recognise import NUMBERS, mask

OTHERS = ("streamlit", "uvicorn", "uvicorn.error")


class Masked(logging.Formatter):
    """Formats as another does, and masks numbers of people: a traceback quotes values."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """Write one entry."""
        return mask(self._inner.format(record), classes=NUMBERS)


def mask_logs() -> None:
    """Mask what every handler there is writes; once is enough."""
    names = (*OTHERS, *logging.root.manager.loggerDict)
    for logger in (logging.root, *map(logging.getLogger, names)):
        for handler in logger.handlers:
            if not isinstance(handler.formatter, Masked):
                handler.setFormatter(Masked(handler.formatter or logging.Formatter()))
