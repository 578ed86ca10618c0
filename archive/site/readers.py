"""Threads that read the archive's database, each with a connection of its own that follows the file.

A rebuild or a new publication puts another file under the database's name: a thread opens the new one at its next question. Nothing here
knows Datasette: `archive.site.guard` hands these connections to it.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from datasette.database import QueryInterrupted
from datasette.utils import sqlite3

from archive.index.readonly import read_uri

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
#: SQLite asks whether time is up after so many steps of its machine: some tenths of a millisecond.
STEPS = 1000


def identity(path: Path) -> tuple[int, int] | None:
    """Which file a path names; `None` for the moment in which it names none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def is_interrupted(error: BaseException) -> bool:
    """Whether an exception says that a query ran out of time."""
    return isinstance(error, QueryInterrupted)


@contextmanager
def time_limit(connection: Any, milliseconds: float, sql: str = "", parameters: Any = None) -> Iterator[None]:
    """End what runs on the connection when its time is up. Raises `QueryInterrupted` then."""
    deadline = time.monotonic() + milliseconds / 1000
    connection.set_progress_handler(lambda: int(time.monotonic() >= deadline), STEPS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if str(error) == "interrupted":
            raise QueryInterrupted(error, sql, parameters) from error
        raise
    finally:
        connection.set_progress_handler(None, STEPS)


class Readers:
    """A few threads with a connection each.

    Args:
        prepare: Makes a fresh connection ready: functions, views, what it may read.
        threads: So many questions are answered at the same time.
    """

    def __init__(self, path: Path, prepare: Callable[[Any], None], *, is_mutable: bool, threads: int) -> None:
        self.path = path
        self.is_mutable = is_mutable
        self._prepare = prepare
        self._held = threading.local()
        self._opened: set[Any] = set()
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="ogi-reader")

    async def run(self, question: Callable[[Any], T]) -> T:
        """What a function says of a connection to the file that now has the database's name."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: question(self._connection()))

    def _connection(self) -> Any:
        """This thread's connection."""
        held: tuple[tuple[int, int] | None, Any] | None = getattr(self._held, "connection", None)
        file = identity(self.path)
        if held is not None and file in (held[0], None):
            return held[1]
        if held is not None:
            self._forget(held[1])
        connection = self._open()
        self._held.connection = (file, connection)
        return connection

    def open(self) -> Any:
        """A connection that is the caller's to close: for reads longer than a page."""
        connection = self._open()
        with self._lock:
            self._opened.discard(connection)
        return connection

    def _open(self) -> Any:
        uri = read_uri(self.path) if self.is_mutable else f"file:{quote(str(self.path))}?immutable=1"
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        with self._lock:
            self._opened.add(connection)
        connection.row_factory = sqlite3.Row
        connection.text_factory = lambda data: str(data, "utf-8", "replace")
        try:
            self._prepare(connection)
        except BaseException:
            self._forget(connection)
            raise
        return connection

    def _forget(self, connection: Any) -> None:
        with self._lock:
            self._opened.discard(connection)
        connection.close()

    def close(self) -> None:
        """End the threads, then their connections."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        for connection in list(self._opened):
            self._forget(connection)
