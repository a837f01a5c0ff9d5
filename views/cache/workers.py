"""Heavy questions are answered by processes beside the one interpreter that draws pages."""

from __future__ import annotations

import contextlib
import pickle
import subprocess
import sys
from queue import Empty, SimpleQueue
from threading import RLock, Thread
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

from exports.recipes.worker import Answered, Asked
from views.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from layers.city import City

Answer = TypeVar("Answer")
WORTH = 500
"""Communities from which a question takes long enough to be worth the way to another process."""

PATIENCE = 20.0
"""Seconds to wait for a process that is free."""

DIED = (OSError, EOFError, pickle.PickleError)
"""What is raised where a process is asked that is no longer there."""


class Worker:
    """One process; it is asked one thing at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from exports.recipes.worker import main; main()"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def ask(self, asked: Asked, heard: Callable[[object], None] | None = None) -> Answered:
        """Wait for an answer; `heard` is told how far it has come."""
        pickle.dump(asked, cast("BinaryIO", self._process.stdin), protocol=5)
        cast("BinaryIO", self._process.stdin).flush()
        while True:
            message = pickle.load(cast("BinaryIO", self._process.stdout))  # noqa: S301
            if isinstance(message, Answered):
                return message
            if heard is not None:
                heard(message.value)

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        with contextlib.suppress(OSError), self._process:  # closes what it was asked by
            pass


class Workers:
    """
    Processes that stand ready.

    Without any, everything is made where it is asked, one after the other: threads that share
    an interpreter only slow each other down. One that dies is replaced; what it was asked is
    made where it was asked.
    """

    def __init__(self) -> None:
        self._ready: SimpleQueue[Worker] = SimpleQueue()
        self._waiting = 0
        self.told: Callable[[int], AbstractContextManager[object]] = contextlib.nullcontext
        self._all: set[Worker] = set()
        self._turn = RLock()

    def start(self, city: City, count: int) -> None:
        """Start processes for a city, if it is large enough; they are ready some seconds later."""
        if len(city.communities) >= WORTH:
            for _ in range(count):
                self._begin(city.folder, city.fingerprint)

    def stop(self) -> None:
        """End them all, and those that are still starting as soon as they stand."""
        with self._turn:
            self._ready = SimpleQueue()
            ended, self._all = self._all, set()
        for worker in ended:
            worker.end()

    def make(
        self, city: City, method: str, *arguments: object, here: Callable[[], Answer]
    ) -> Answer:
        """Let a process answer, or make the answer here."""
        if not self._all:
            with self._turn:
                return here()
        asked = Asked(city.folder, city.fingerprint, method, arguments)
        worker = self._free()
        if worker is None:
            return here()
        try:
            answered = worker.ask(asked)
        except DIED:
            self._replace(worker, asked)
            return here()
        self._ready.put(worker)
        return cast("Answer", answered.value) if answered.there else here()

    def _free(self) -> Worker | None:
        """Take a process that is free; where none is, stand in the queue and say so."""
        with contextlib.suppress(Empty):
            return self._ready.get_nowait()
        with self._turn:
            self._waiting += 1
            ahead = len(self._all) + self._waiting - 1
        taken: list[Worker] = []
        try:
            with self.told(ahead):
                taken.append(self._ready.get(timeout=PATIENCE))
            return taken.pop()
        except Empty:
            return None
        finally:
            for worker in taken:  # the reader went elsewhere while the page still said so
                self._ready.put(worker)
            with self._turn:
                self._waiting -= 1

    def _begin(self, folder: Path, fingerprint: str) -> None:
        Thread(target=self._add, args=(folder, fingerprint, self._ready), daemon=True).start()

    def _add(self, folder: Path, fingerprint: str, ready: SimpleQueue[Worker]) -> None:
        worker = Worker()
        stands = False
        with contextlib.suppress(*DIED):
            worker.ask(Asked(folder, fingerprint, "preparation", ()))
            stands = True
        with self._turn:
            if stands and ready is self._ready:
                self._all.add(worker)
                ready.put(worker)
                return
        worker.end()

    def _replace(self, worker: Worker, asked: Asked) -> None:
        with self._turn:
            wanted = worker in self._all
            self._all.discard(worker)
        worker.end()
        if wanted:
            self._begin(*asked[:2])


WORKERS = Workers()
"""Of the whole server."""
