"""Bytes of a foreign file that come in pieces and are cut from the front, record by record."""

from __future__ import annotations

import re

_LINE_ENDS = re.compile(rb"[\r\n]*")


class Incoming:
    """Bytes not yet cut, and how far they were searched: what was searched once is not searched, nor copied, for each record or piece again.

    Attributes:
        data: The bytes, from the front.
    """

    def __init__(self) -> None:
        self.data = bytearray()
        self._searched = 0

    def __len__(self) -> int:
        return len(self.data)

    def add(self, piece: bytes) -> None:
        """Put bytes behind the others."""
        self.data += piece

    def cut(self, count: int) -> None:
        """Remove bytes from the front."""
        del self.data[:count]
        self._searched = max(0, self._searched - count)

    def clear(self) -> None:
        """Remove all."""
        self.cut(len(self.data))

    def cut_line_ends(self) -> int:
        """Remove line ends from the front; how many bytes they were."""
        found = _LINE_ENDS.match(self.data)
        count = found.end() if found is not None else 0
        self.cut(count)
        return count

    def holds(self) -> bool:
        """Whether there is more than blanks."""
        return not self.data.isspace() if self.data else False

    def find(self, mark: re.Pattern[bytes], longest: int) -> tuple[int, int] | None:
        """Where a mark begins and ends, always the same mark; `None` if it isn't there yet.

        Args:
            longest: Bytes that it has at most.
        """
        found = mark.search(self.data, self._searched)
        if found is None:
            self._searched = max(self._searched, len(self.data) - longest + 1)
            return None
        self._searched = found.start()
        return found.span()
