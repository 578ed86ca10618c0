"""How much a visitor's SQL may hold in memory: the time limit alone lets one query fill the machine (`hex(zeroblob(400000000))`)."""

from __future__ import annotations

from typing import Any

#: Of SQLite, for all connections of the process together.
HEAP_BYTES = 256 * 1024 * 1024
#: Of one result.
RESULT_BYTES = 64 * 1024 * 1024
_STEP = 50


class ResultTooLarge(Exception):
    """Raised when a result has more bytes than a page can be made of, by connections that `Budgeted` stands in front of."""


def limit_heap(connection: Any) -> None:
    """Bound SQLite's own memory; beyond it a query ends with a `MemoryError`."""
    connection.execute(f"PRAGMA hard_heap_limit = {HEAP_BYTES}")


class Budgeted:
    """A connection whose cursors count what they give."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def cursor(self) -> _Cursor:
        """A cursor that raises `ResultTooLarge`."""
        return _Cursor(self._connection.cursor())


class _Cursor:
    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def fetchall(self) -> list[Any]:
        return self._fetch(None)

    def fetchmany(self, most: int) -> list[Any]:
        return self._fetch(most)

    def _fetch(self, most: int | None) -> list[Any]:
        found: list[Any] = []
        held = 0
        while most is None or len(found) < most:
            some = self._cursor.fetchmany(_STEP if most is None else min(_STEP, most - len(found)))
            if not some:
                break
            held += sum(len(value) for row in some for value in tuple(row) if isinstance(value, str | bytes))
            if held > RESULT_BYTES:
                raise ResultTooLarge
            found += some
        return found
