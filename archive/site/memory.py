"""What is dear to compute and same for everybody, kept until the database changes; while a harvest writes, for `SECONDS` at least."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from archive.site.view import database, rows

SECONDS = 10.0
MOST = 512
T = TypeVar("T")


def _state(path: Path) -> tuple[int, ...]:
    """Differs whenever something was committed: size and time of the database and its write-ahead log."""
    found: list[int] = []
    for file in (path, path.with_name(path.name + "-wal")):
        try:
            stat = file.stat()
        except FileNotFoundError:
            continue
        found += [stat.st_mtime_ns, stat.st_size]
    return tuple(found)


async def keep(datasette: Any, key: Any, compute: Callable[[], Awaitable[T]]) -> T:
    """The kept value of a key, computed where there is none or the database has changed since."""
    kept: OrderedDict[Any, tuple[tuple[int, ...], float, Any]] = datasette.__dict__.setdefault(
        "_ogi_memory", OrderedDict()
    )
    state = _state(Path(database(datasette).path))
    found = kept.get(key)
    if found is not None and (found[0] == state or time.monotonic() - found[1] < SECONDS):
        kept.move_to_end(key)
        value: T = found[2]
        return value
    value = await compute()
    kept[key] = (state, time.monotonic(), value)
    while len(kept) > MOST:
        kept.popitem(last=False)
    return value


async def steady(datasette: Any, sql: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Rows of a query that counts a lot: kept."""
    key = (sql, tuple(sorted((parameters or {}).items())))
    return await keep(datasette, key, lambda: rows(datasette, sql, parameters))
