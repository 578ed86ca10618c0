"""What is dear to compute and the same for everybody, kept until the database changes.

While a harvest writes, that is all the time; then a value is kept for fifty times what it took to compute, at most `SECONDS`: what is cheap is
never stale, and what is dear takes a fiftieth of a processor. What has been withheld since is never given out: a decision ends all kept values.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from archive.index.rows import Parameters
from archive.site.metadata import DATABASE
from archive.site.readers import time_limit
from archive.site.state import state_of

SECONDS = 60.0
SHARE = 50
#: These queries are ours, and kept: they may take longer than a visitor's.
TIME_LIMIT_MS = 30_000
MOST = 512
T = TypeVar("T")


#: Whether the present answer is made of values that are older than the database: filled by `keep`, one entry each.
_OLDER: ContextVar[list[bool] | None] = ContextVar("ogi_older", default=None)


def watch_for_older() -> list[bool]:
    """A list for the present answer that stays empty as long as nothing older than the database is put into it."""
    found: list[bool] = []
    _OLDER.set(found)
    return found


def _note_older() -> None:
    found = _OLDER.get()
    if found is not None:
        found.append(True)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A value with the state of the file and what was withheld before it was computed; when it was (monotonic), and the seconds that it took."""

    state: tuple[int, ...]
    decisions: tuple[tuple[str, str], ...]
    at: float
    seconds: float
    value: Any


def file_state(path: Path) -> tuple[int, ...]:
    """Differs whenever something was committed: size and time of the database and its write-ahead log, which whoever reads makes, empty."""
    found: list[int] = []
    for file in (path, path.with_name(path.name + "-wal")):
        try:
            stat = file.stat()
        except FileNotFoundError:
            continue
        if not stat.st_size:
            continue
        found += [stat.st_ino, stat.st_mtime_ns, stat.st_size]
    return tuple(found)


async def _decisions(datasette: Any, state: tuple[int, ...]) -> tuple[tuple[str, str], ...]:
    """What is withheld, reports and addresses; read once for each state of the database's file."""
    site = state_of(datasette)
    if site.decisions is None or site.decisions[0] != state:
        read = "select report, url from withheld order by report, url"
        found = await datasette.get_database(DATABASE).execute_fn(
            lambda connection: tuple((report, url) for report, url in connection.execute(read))
        )
        site.decisions = (state, found)
    return site.decisions[1]


async def keep(
    datasette: Any,
    key: Any,
    compute: Callable[[], Awaitable[T]],
    *,
    shelf: str = "pages",
    is_worth: Callable[[T, float], bool] | None = None,
) -> T:
    """The kept value of a key, computed where there is none or the database has changed since.

    Args:
        shelf: Each shelf holds `MOST` values; what visitors ask for freely has its own, so that it displaces nothing of the pages.
        is_worth: Which values are kept at all, by value and the seconds that it took; all by default.
    """
    site = state_of(datasette)
    kept: OrderedDict[Any, _Kept] = site.shelves.setdefault(shelf, OrderedDict())
    state = file_state(Path(datasette.get_database(DATABASE).path))
    decisions = await _decisions(datasette, state)
    found = kept.get(key)
    if found is not None and found.decisions == decisions:
        if found.state != state and time.monotonic() - found.at < min(SECONDS, SHARE * found.seconds):
            _note_older()
        elif found.state != state:
            found = None
        if found is not None:
            kept.move_to_end(key)
            value: T = found.value
            return value

    async def enter() -> T:
        started = time.monotonic()
        value = await compute()
        ended = time.monotonic()
        if is_worth is None or is_worth(value, ended - started):
            kept[key] = _Kept(state, decisions, ended, ended - started, value)
            while len(kept) > MOST:
                kept.popitem(last=False)
        return value

    return await _once(site.running, (shelf, key, state, decisions), enter)


async def _once(running: dict[Any, asyncio.Task[Any]], name: Any, compute: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What a computation gives that may be under way for another visitor; whoever gives up leaves it to the others."""
    task: asyncio.Task[T] | None = running.get(name)
    if task is None or task.get_loop() is not asyncio.get_running_loop():
        task = running[name] = asyncio.create_task(compute())

        def ended(done: asyncio.Task[T]) -> None:
            running.pop(name, None)
            if not done.cancelled():
                done.exception()  # whoever waits has it, and nobody may

        task.add_done_callback(ended)
    return await asyncio.shield(task)


async def patient_rows(datasette: Any, sql: str, parameters: Parameters | None = None) -> list[dict[str, Any]]:
    """Rows of a query that may read whole tables. Raises `QueryInterrupted` after `TIME_LIMIT_MS`."""

    def read(connection: Any) -> list[dict[str, Any]]:
        with time_limit(connection, TIME_LIMIT_MS, sql, parameters):
            return [dict(row) for row in connection.execute(sql, parameters or {}).fetchall()]

    found: list[dict[str, Any]] = await datasette.get_database(DATABASE).execute_fn(read)
    return found


async def steady(datasette: Any, sql: str, parameters: Parameters | None = None) -> list[dict[str, Any]]:
    """Rows of a query that counts a lot: kept."""
    key = (sql, tuple(sorted((parameters or {}).items())))
    return await keep(datasette, key, lambda: patient_rows(datasette, sql, parameters))
