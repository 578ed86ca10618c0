"""The file of a segment while it grows: named, locked, appended to, cut back where an append failed, flushed to disk."""

from __future__ import annotations

import errno
import fcntl
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.files.room import free_bytes, full_disk
from archive.files.store import OPEN_SUFFIX, is_taken, sync_directory
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from archive.errors import DiskFull

_NO_SPACE = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}


@dataclass(frozen=True, slots=True)
class Room:
    """What must stay free on the disk of a folder.

    Attributes:
        reserve_bytes: `DiskFull` when the disk has less than this, so that closing still works; 0 asks for nothing.
        segment_bytes: What a segment takes: with less than that besides, it would stop again at once.
    """

    directory: Path
    reserve_bytes: int
    segment_bytes: int

    def require(self) -> None:
        """Raise `DiskFull` if less is free than must be."""
        if self.reserve_bytes and free_bytes(self.directory) < self.reserve_bytes:
            raise self.full(localizable("less than segments.reserve_bytes is free"))

    def full(self, reason: str | None) -> DiskFull:
        """The error for this folder."""
        return full_disk(self.directory, reason or "no space", self.reserve_bytes + self.segment_bytes)


class SegmentFile:
    """One open segment. Get it from `begin`; `close` ends it."""

    def __init__(self, descriptor: int, path: Path, room: Room) -> None:
        self._descriptor = descriptor
        self._room = room
        self._is_flushed = True
        self.path = path
        self.size = 0

    @classmethod
    def begin(cls, room: Room, names: Iterable[str]) -> SegmentFile:
        """Open a file under the first of the names that nobody has or had, and lock it.

        Raises:
            DiskFull: There is no room for it.
        """
        room.require()
        for name in names:
            path = room.directory / (name + OPEN_SUFFIX)
            try:
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
            except FileExistsError:
                continue
            except OSError as error:
                if error.errno in _NO_SPACE:
                    raise room.full(error.strerror) from error
                raise
            if lock_file(descriptor, path):
                if not is_taken(room.directory, name):  # else one of that name was closed a moment ago
                    sync_directory(room.directory)
                    return cls(descriptor, path, room)
                path.unlink()
            os.close(descriptor)
        raise AssertionError("the names of segments never end")

    @property
    def name(self) -> str:
        """The segment's final name."""
        return self.path.name.removesuffix(OPEN_SUFFIX)

    def write(self, data: bytes) -> int:
        """Append; on failure the file is cut back to what it was. Gives the offset.

        Raises:
            DiskFull: Nothing was written.
        """
        offset = self.size
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError as error:
            os.ftruncate(self._descriptor, offset)
            os.lseek(self._descriptor, offset, os.SEEK_SET)
            if error.errno in _NO_SPACE:
                raise self._room.full(error.strerror) from error
            raise
        self.size += len(data)
        self._is_flushed = False
        return offset

    def sync(self) -> None:
        """Flush what was written to disk."""
        if not self._is_flushed:
            os.fdatasync(self._descriptor)
            self._is_flushed = True

    def close(self, *, keep: bool) -> None:
        """Flush and end it, or remove it."""
        try:
            if keep:
                os.fsync(self._descriptor)
            else:
                self.path.unlink()
        finally:
            os.close(self._descriptor)


def lock_file(descriptor: int, path: Path) -> bool:
    """Lock an open segment and make sure that it is still the file of that name."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return path.stat().st_ino == os.fstat(descriptor).st_ino
    except (BlockingIOError, FileNotFoundError):
        return False
