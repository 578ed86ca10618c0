"""The running account of what one document has cost so far, against `Limits`."""

from __future__ import annotations

import time
from contextvars import ContextVar
from typing import TYPE_CHECKING

from extract.errors import DocumentTooLarge

if TYPE_CHECKING:
    from collections.abc import Callable

    from extract.model import Limits

#: Callback for the supervising process: a document was granted more time.
TIME_GIVEN: ContextVar[Callable[[float], None] | None] = ContextVar("TIME_GIVEN", default=None)


class Budget:
    """Counts what a reader makes and raises `DocumentTooLarge` when a limit is passed.

    The clock is monotonic and only ever ends a reading; nothing that is read depends on it.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._cells = 0
        self._unpacked = 0
        self._deadline = time.monotonic() + limits.max_seconds

    def check_time(self) -> None:
        """Raise when the document has taken longer than `max_seconds`."""
        if time.monotonic() > self._deadline:
            raise DocumentTooLarge(
                f"reading took longer than {self.limits.max_seconds:g} seconds; the limit is the setting max_seconds"
            )

    def extend(self, seconds: float) -> None:
        """Give more time, for work that is known to be slow (reading a scan)."""
        self._deadline += seconds
        tell = TIME_GIVEN.get()
        if tell is not None:
            tell(seconds)

    def add_cells(self, count: int) -> None:
        """Account for table cells (covered positions included)."""
        self._cells += count
        if self._cells > self.limits.max_cells:
            raise DocumentTooLarge(
                f"the tables have more than {self.limits.max_cells} cells; the limit is the setting max_cells"
            )

    def add_unpacked(self, count: int) -> None:
        """Account for bytes that came out of a compressed container."""
        self._unpacked += count
        if self._unpacked > self.limits.max_unpacked_bytes:
            raise DocumentTooLarge(
                f"the file unpacks to more than {self.limits.max_unpacked_bytes} bytes; "
                "the limit is the setting max_unpacked_bytes"
            )

    @property
    def unpacked_left(self) -> int:
        """Bytes that may still be unpacked."""
        return self.limits.max_unpacked_bytes - self._unpacked


def check_size(data: bytes, limits: Limits) -> None:
    """Raise `DocumentTooLarge` when the file itself is larger than `max_bytes`."""
    if len(data) > limits.max_bytes:
        raise DocumentTooLarge(
            f"the file has {len(data)} bytes, more than {limits.max_bytes}; the limit is the setting max_bytes"
        )
