"""What is dear to compute and the same for everybody, kept until the database changes.

While a harvest writes, that is all the time; then a value is kept for fifty times what it took to compute, at most `SECONDS`: what is cheap is
never stale, and what is dear takes a fiftieth of a processor. What has been withheld since is never given out: a decision ends all kept values.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from archive.site.metadata import DATABASE
from archive.site.readers import time_limit
from archive.site.state import state_of

SECONDS = 60.0
SHARE = 50
#: These queries are ours, and kept: they may take longer than a visitor's.
TIME_LIMIT_MS = 30_000
MOST = 512
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Kept:
    """A value with the state of the file and what was withheld before it was computed; when it was (monotonic), and the seconds that it took."""

    state: tuple[int, ...]
    decisions: tuple[tuple[str, str], ...]
    at: float
    seconds: float
    value: Any


def file_state(path: Path) -> tuple[int, ...]:
    """Differs whenever something was committed: size and time of the database and its write-ahead log."""
    found: list[int] = []
    for file in (path, path.with_name(path.name + "-wal")):
        try:
            stat = file.stat()
        except FileNotFoundError:
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
    kept: OrderedDict[Any, _Kept] = state_of(datasette).shelves.setdefault(shelf, OrderedDict())
    state = file_state(Path(datasette.get_database(DATABASE).path))
    decisions = await _decisions(datasette, state)
    found = kept.get(key)
    if (
        found is not None
        and found.decisions == decisions
        and (found.state == state or time.monotonic() - found.at < min(SECONDS, SHARE * found.seconds))
    ):
        kept.move_to_end(key)
        value: T = found.value
        return value
    started = time.monotonic()
    value = await compute()
    ended = time.monotonic()
    if is_worth is not None and not is_worth(value, ended - started):
        return value
    kept[key] = _Kept(state, decisions, ended, ended - started, value)
    while len(kept) > MOST:
        kept.popitem(last=False)
    return value


async def patient_rows(datasette: Any, sql: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Rows of a query that may read whole tables. Raises `QueryInterrupted` after `TIME_LIMIT_MS`."""

    def read(connection: Any) -> list[dict[str, Any]]:
        with time_limit(connection, TIME_LIMIT_MS, sql, parameters):
            return [dict(row) for row in connection.execute(sql, parameters or {}).fetchall()]

    found: list[dict[str, Any]] = await datasette.get_database(DATABASE).execute_fn(read)
    return found


async def steady(datasette: Any, sql: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Rows of a query that counts a lot: kept."""
    key = (sql, tuple(sorted((parameters or {}).items())))
    return await keep(datasette, key, lambda: patient_rows(datasette, sql, parameters))
