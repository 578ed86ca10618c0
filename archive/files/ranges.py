"""Reading a stored object in ranges of bytes, kept in memory: closed segments never change, so what was fetched once stays right.

One record is some kilobytes within a segment of many megabytes. What is fetched is the blocks that it lies in; who reads on from there gets
several blocks with each request.
"""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from archive.errors import DamagedArchive

if TYPE_CHECKING:
    from collections.abc import Callable

#: Bytes that are asked for at least.
BLOCK = 1 << 17
_AHEAD = 32
#: Bytes kept by each process.
KEPT = 64 << 20


class RangeCache:
    """Blocks of objects, those used last; shared by all readers of a store.

    Attributes:
        ahead: Blocks in one request of somebody who reads on.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._blocks: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._left = kept
        self.ahead = max(1, min(_AHEAD, kept // BLOCK // 2))
        self._lock = threading.Lock()

    def get(self, name: str, number: int) -> bytes | None:
        """A block of an object, if it is kept."""
        with self._lock:
            block = self._blocks.get((name, number))
            if block is not None:
                self._blocks.move_to_end((name, number))
            return block

    def forget(self, name: str) -> None:
        """Drop what is kept of an object."""
        with self._lock:
            for key in [key for key in self._blocks if key[0] == name]:
                self._left += len(self._blocks.pop(key))

    def put(self, name: str, number: int, block: bytes) -> None:
        """Keep a block, at the cost of those that were not used for longest."""
        with self._lock:
            before = self._blocks.pop((name, number), b"")
            self._blocks[name, number] = block
            self._left += len(before) - len(block)
            while self._left < 0 and len(self._blocks) > 1:
                _, oldest = self._blocks.popitem(last=False)
                self._left += len(oldest)


class RangeReader(io.RawIOBase):
    """An object as a seekable stream.

    Args:
        fetch: Gives the object's bytes from one offset to another.
    """

    def __init__(self, name: str, size: int, fetch: Callable[[int, int], bytes], cache: RangeCache) -> None:
        self._name = name
        self._size = size
        self._fetch = fetch
        self._cache = cache
        self._at = 0
        self._following = -1

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """The place of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; nothing is fetched."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as one block reaches."""
        view = memoryview(buffer).cast("B")
        number, skipped = divmod(self._at, BLOCK)
        if self._at >= self._size or not len(view):
            return 0
        piece = self._block(number)[skipped : skipped + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _block(self, number: int) -> bytes:
        block = self._cache.get(self._name, number)
        if block is None:
            count = self._cache.ahead if number == self._following else 1
            end = min((number + count) * BLOCK, self._size)
            try:
                data = self._fetch(number * BLOCK, end)
            except FileNotFoundError:
                raise DamagedArchive(f"segment {self._name} is missing in its store") from None
            if len(data) != end - number * BLOCK:
                raise DamagedArchive(
                    f"segment {self._name} is shorter in its store than it was; `ogi verify` tells more"
                )
            for place in range(0, len(data), BLOCK):
                self._cache.put(self._name, number + place // BLOCK, data[place : place + BLOCK])
            block = data[:BLOCK]
        self._following = number + 1
        return block
