"""How much a result may hold in memory: the time limit alone lets one query fill the machine (`hex(zeroblob(400000000))`)."""

from __future__ import annotations

from typing import Any

#: Of SQLite, for all connections of the process together.
HEAP_BYTES = 256 * 1024 * 1024
#: Of one result.
RESULT_BYTES = 64 * 1024 * 1024
_STEP = 50


class ResultTooLarge(Exception):
    """Raised by `read_some` when a result has more bytes than a page can be made of."""


def limit_heap(connection: Any) -> None:
    """Bound SQLite's own memory; beyond it a query ends with a `MemoryError`."""
    connection.execute(f"PRAGMA hard_heap_limit = {HEAP_BYTES}")


def read_some(cursor: Any, most: int | None) -> list[Any]:
    """Rows of a cursor, all or at most so many. Raises `ResultTooLarge`."""
    found: list[Any] = []
    held = 0
    while most is None or len(found) < most:
        some = cursor.fetchmany(_STEP if most is None else min(_STEP, most - len(found)))
        if not some:
            break
        held += sum(len(value) for row in some for value in tuple(row) if isinstance(value, str | bytes))
        if held > RESULT_BYTES:
            raise ResultTooLarge
        found += some
    return found
