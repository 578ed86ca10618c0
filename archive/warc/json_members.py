"""The members of one list in a large JSON file, one after the other: what the file holds besides is passed over, and costs nothing."""

from __future__ import annotations

import mmap
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from extract.errors import UnreadableDocument

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: A member of more bytes, or of more values, isn't read: a page, with its headers, as a browser logs it has some megabytes, and some hundred values.
MOST_BYTES = 96 << 20
MOST_VALUES = 300_000
#: So many signs of structure a whole file may have: what is looked at one by one.
_MOST_SIGNS = 20_000_000
_SIGN = re.compile(rb'["{}\[\],]')
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)


class NoMembers(UnreadableDocument):
    """Raised when a file has no such list, with what it is about the file."""


@dataclass(frozen=True, slots=True)
class JsonMember:
    """One value of the list: its bytes; empty, with the reason, if there are too many."""

    data: bytes
    problem: str = ""


@contextmanager
def viewed(stream: BinaryIO, most: int, too_large: str) -> Iterator[mmap.mmap | bytes]:
    """The bytes of a file without reading it into memory; those of another stream, read.

    Raises:
        UnreadableDocument: There are more, with the words given.
    """
    try:
        number = stream.fileno()
    except OSError:
        data = stream.read(most + 1)
        if len(data) > most:
            raise UnreadableDocument(too_large) from None
        yield data
        return
    with mmap.mmap(number, 0, access=mmap.ACCESS_READ) as view:
        if len(view) > most:
            raise UnreadableDocument(too_large)
        yield view


def members_of(data: mmap.mmap | bytes, path: Sequence[bytes]) -> Iterator[JsonMember]:
    """The objects in the list that stands at a path of keys, in their order.

    Raises:
        NoMembers: There is no such list, or the file breaks off, or is made to cost.
    """
    place = _Place(path)
    begun = first = 0
    for count, (sign, start, end) in enumerate(_signs(data)):
        if count > _MOST_SIGNS:
            raise NoMembers(f"it has more than {_MOST_SIGNS} values")
        if sign == b'"':
            place.name(data[start + 1 : min(end - 1, start + 101)])
        elif sign in b"{[":
            if place.is_in_list and sign == b"{":
                begun, first = start, count
            place.open(sign)
        elif sign in b"}]":
            place.close()
            if place.is_in_list and sign == b"}":
                yield _member(data, begun, end, count - first)
        else:
            place.name(b"")
    if not place.was_there or place.depth:
        raise NoMembers(f"it has no whole list {b'.'.join(path).decode()}")


def _signs(data: mmap.mmap | bytes) -> Iterator[tuple[bytes, int, int]]:
    """What gives JSON its structure: brackets, commas, and strings as one, each with where it stands. Ends at a string that doesn't."""
    position = 0
    while (sign := _SIGN.search(data, position)) is not None:
        found: re.Match[bytes] | None = sign
        if sign[0] == b'"':
            found = _STRING.match(data, sign.start())
        if found is None:
            return
        position = found.end()
        yield sign[0], found.start(), position


class _Place:
    """Where one is in a JSON text: how deep, and how much of a path of keys leads there."""

    def __init__(self, path: Sequence[bytes]) -> None:
        self._path = path
        self._matched = 0
        self._name = b""
        self.depth = 0
        self.was_there = False

    @property
    def is_in_list(self) -> bool:
        """Whether one is right in the list at the end of the path."""
        return self._matched == len(self._path) == self.depth - 1

    def name(self, text: bytes) -> None:
        """A string, which may be the key of what comes next."""
        self._name = text

    def open(self, sign: bytes) -> None:
        """A bracket opens."""
        left = len(self._path) - self._matched
        is_next = left > 0 and self._matched == self.depth - 1 and self._name == self._path[self._matched]
        if is_next and sign == (b"[" if left == 1 else b"{"):
            self._matched += 1
            self.was_there = self.was_there or left == 1
        self.depth += 1
        self._name = b""

    def close(self) -> None:
        """A bracket closes."""
        self.depth -= 1
        self._matched = min(self._matched, max(self.depth - 1, 0))


def _member(data: mmap.mmap | bytes, start: int, end: int, values: int) -> JsonMember:
    if end - start > MOST_BYTES:
        return JsonMember(b"", f"it has {end - start} bytes")
    if values > MOST_VALUES:
        return JsonMember(b"", f"it has more than {MOST_VALUES} values")
    return JsonMember(data[start:end])
