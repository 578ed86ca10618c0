"""Answers as long as a table: read inside one snapshot of the database, sent as they are read, whole or visibly broken off.

An error in the middle ends the connection without the last chunk, so that every client sees a failed transfer and none a short file.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from archive.index.rows import Parameters
from archive.publish.spreadsheet import csv_text
from archive.site.metadata import DATABASE

#: So many rows are read and sent at a time, and so many pieces wait for a slow client.
ROWS, PIECES = 500, 4
#: A client that takes longer is broken off: its snapshot keeps the database's log from being cleared.
SECONDS = 900
#: So many streams at the same time; further ones get an answer to come back.
MOST = 8

Rows = list[tuple[Any, ...]]
#: Bytes of some rows, by their columns and whether they are the first ones.
Encode = Callable[[list[str], Rows, bool], bytes]


class StreamBroken(Exception):
    """Raised when a stream ends before its last row: what was sent is not the whole."""


#: Errors of queries within the present answer, for answers that Datasette streams: it would write the error as their last line.
QUERY_ERRORS: ContextVar[list[BaseException] | None] = ContextVar("ogi_query_errors", default=None)


def note_error(error: BaseException) -> None:
    """Remember that a query of the present answer failed."""
    found = QUERY_ERRORS.get()
    if found is not None:
        found.append(error)


class Breaker:
    """Wraps `send`: an answer in which a query failed after its beginning was sent is broken off."""

    def __init__(self, send: Any) -> None:
        self._send = send
        self._errors: list[BaseException] = []
        self._before: int | None = None
        QUERY_ERRORS.set(self._errors)

    async def __call__(self, message: Any) -> None:
        """Send a message of the application. Raises `StreamBroken`."""
        if message["type"] == "http.response.start":
            self._before = len(self._errors)
        elif self._before is not None and len(self._errors) > self._before:
            raise StreamBroken(str(self._errors[-1])) from self._errors[-1]
        await self._send(message)


class RowStream:
    """An answer of rows.

    Args:
        open_rows: Gives the columns and an iterator over lists of rows; called in a thread, closed there.
        encode: Bytes of some rows; it is called once even if there is no row.
        end: Bytes after the last row, by the number of rows.
    """

    def __init__(
        self,
        open_rows: Callable[[], Iterator[tuple[list[str], Rows]]],
        encode: Encode,
        *,
        content_type: str,
        headers: dict[str, str] | None = None,
        end: Callable[[int], bytes] = lambda rows: b"",
    ) -> None:
        self._open_rows = open_rows
        self._encode = encode
        self._end = end
        self.status = 200
        self.content_type = content_type
        self.headers = headers or {}

    async def asgi_send(self, send: Any) -> None:
        """Send everything. Raises `StreamBroken` after the beginning was sent, whatever went wrong."""
        loop = asyncio.get_running_loop()
        pieces: asyncio.Queue[bytes | BaseException | None] = asyncio.Queue(PIECES)
        stopped = threading.Event()
        thread = threading.Thread(target=self._produce, args=(loop, pieces, stopped), daemon=True, name="ogi-stream")
        thread.start()
        try:
            first = await pieces.get()
            if isinstance(first, BaseException):
                raise first
            headers = {"content-type": self.content_type, **self.headers}
            await send(
                {
                    "type": "http.response.start",
                    "status": self.status,
                    "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
                }
            )
            piece: bytes | BaseException | None = first
            while piece is not None:
                if isinstance(piece, BaseException):
                    raise StreamBroken(str(piece)) from piece
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                piece = await pieces.get()
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            stopped.set()
            while not pieces.empty():
                pieces.get_nowait()

    def _produce(self, loop: asyncio.AbstractEventLoop, pieces: asyncio.Queue[Any], stopped: threading.Event) -> None:
        deadline = time.monotonic() + SECONDS

        def put(piece: bytes | BaseException | None) -> None:
            waiting = asyncio.run_coroutine_threadsafe(pieces.put(piece), loop)
            while True:
                try:
                    waiting.result(timeout=1)
                    return
                except TimeoutError:
                    if stopped.is_set() or time.monotonic() > deadline:
                        waiting.cancel()
                        raise StreamBroken("nobody takes it any more") from None

        number, is_first = 0, True
        try:
            for columns, rows in self._open_rows():
                if stopped.is_set():
                    return
                put(self._encode(columns, rows, is_first))
                number, is_first = number + len(rows), False
            put(self._end(number))
            put(None)
        except StreamBroken:
            return
        except BaseException as error:  # noqa: BLE001 - handed to the sender, which breaks the answer off
            try:
                put(error)
            except (StreamBroken, RuntimeError):
                return


def open_rows(datasette: Any, sql: str, parameters: Parameters) -> Iterator[tuple[list[str], Rows]]:
    """Columns and some rows at a time of SQL, read by one statement, so from one state of the database."""
    connection = datasette.get_database(DATABASE).open_connection()
    try:
        cursor = connection.execute(sql, parameters)
        columns = [column[0] for column in cursor.description]
        some = cursor.fetchmany(ROWS)
        yield columns, [tuple(row) for row in some]
        while some := cursor.fetchmany(ROWS):
            yield columns, [tuple(row) for row in some]
    finally:
        connection.close()


def csv_piece(columns: list[str], rows: Rows, is_first: bool) -> bytes:
    """Lines of CSV for spreadsheets."""
    return csv_text(columns if is_first else None, rows).encode()


def exact_csv_piece(columns: list[str], rows: Rows, is_first: bool) -> bytes:
    """Lines of CSV, every text as it is."""
    return csv_text(columns if is_first else None, rows, is_exact=True).encode()


def ndjson_piece(columns: list[str], rows: Rows, is_first: bool) -> bytes:
    """An object a line."""
    return "".join(_object(columns, row) + "\n" for row in rows).encode()


def ndjson_end(number: int) -> bytes:
    """The last line, by which a reader knows that nothing is missing."""
    return json.dumps({"end": True, "rows": number}).encode() + b"\n"


def array_piece(columns: list[str], rows: Rows, is_first: bool) -> bytes:
    """Members of a JSON array; `array_end` ends it."""
    text = ",\n".join(_object(columns, row) for row in rows)
    return (("[" if is_first else ",\n") + text if rows or is_first else "").encode()


def array_end(number: int) -> bytes:
    """The end of a JSON array."""
    return b"]\n"


def _object(columns: list[str], row: tuple[Any, ...]) -> str:
    values = (value.hex() if isinstance(value, bytes) else value for value in row)
    return json.dumps(dict(zip(columns, values, strict=True)), ensure_ascii=False)
