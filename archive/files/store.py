"""Where closed segments live: the archive's own folder, or anything that fsspec reaches (`s3://…`, `memory://…`).

A segment is always written on the local disk first. Closing it moves it to the store in one step that never overwrites: a closed segment
never changes, and a half-written object is never seen.
"""

from __future__ import annotations

import io
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, cast

from archive.errors import ArchiveMissing, DamagedArchive
from archive.files.inside import NoFile, open_file
from archive.files.ranges import BLOCK, RangeCache, RangeReader
from extract.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIX = ".warc.gz"
OPEN_SUFFIX = ".open"
#: Marks in the local folder the name of a segment that lives elsewhere.
UPLOADED_SUFFIX = ".uploaded"


class Store(Protocol):
    """A place of closed segments, by name."""

    def names(self) -> list[str]:
        """Names of all closed segments, sorted."""

    def open(self, name: str, *, fresh: bool = False) -> BinaryIO:
        """The bytes of a segment, seekable; also of one that is still open on the local disk.

        Args:
            fresh: Nothing that was kept of it before is used.

        Raises:
            DamagedArchive: It is missing.
        """

    def size(self, name: str) -> int | None:
        """Bytes of a closed segment, `None` if there is none."""

    def put(self, path: Path, name: str) -> None:
        """Close a segment: move the local file in under its final name, durably. Raises `DamagedArchive` if that name is taken."""


def sync_directory(directory: Path) -> None:
    """Make a rename in the directory durable."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class FolderStore:
    """The archive's own `warc/`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def names(self) -> list[str]:
        """Names of all closed segments, sorted."""
        return sorted(path.name for path in self._directory.glob("*" + SUFFIX))

    def open(self, name: str, *, fresh: bool = False) -> BinaryIO:
        """The bytes of a segment, closed or still open; they are always fresh."""
        return _open_local(self._directory, name)

    def size(self, name: str) -> int | None:
        """Bytes of a closed segment."""
        path = self._directory / name
        return path.stat().st_size if path.is_file() else None

    def put(self, path: Path, name: str) -> None:
        """Rename the file; its directory is flushed to disk."""
        target = self._directory / name
        if target.exists():
            raise DamagedArchive(f"{target} exists already and is never overwritten; move one of the two away")
        path.rename(target)
        sync_directory(self._directory)


class RemoteStore:
    """A place reached through fsspec, with the archive's `warc/` as the spool of segments not closed yet."""

    def __init__(self, location: str, spool: Path) -> None:
        import fsspec

        try:
            self._files: Any
            self._files, self._root = fsspec.core.url_to_fs(location)
        except ImportError as error:
            raise MissingExtra(
                f"{location} needs a library that isn't installed ({error}): pip install 'ogi-archive[s3]'"
            ) from error
        except ValueError as error:
            raise ArchiveMissing(f"setting 'segments.location' is no place that can be reached: {error}") from error
        self._spool = spool
        self._cache = RangeCache()
        self._sizes: dict[str, int] = {}

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"

    def names(self) -> list[str]:
        """Names of all closed segments, sorted."""
        self._files.invalidate_cache()
        if not self._files.exists(self._root):
            return []
        return sorted(
            name
            for name in (path.rpartition("/")[2] for path in self._files.ls(self._root, detail=False))
            if name.endswith(SUFFIX)
        )

    def open(self, name: str, *, fresh: bool = False) -> BinaryIO:
        """The bytes of a segment, read in ranges as they are needed and kept in memory; a segment still open is read from the spool."""
        _require_name(name)
        if (self._spool / (name + OPEN_SUFFIX)).is_file():
            return _open_local(self._spool, name)
        path = self._path(name)
        if fresh:
            self._files.invalidate_cache()
            self._cache.forget(name)
            self._sizes.pop(name, None)
        if name not in self._sizes:
            self._sizes[name] = self._size_of(name, path)
        reader = RangeReader(name, self._sizes[name], partial(self._range, path), self._cache)
        return cast("BinaryIO", io.BufferedReader(reader, BLOCK))

    def _size_of(self, name: str, path: str) -> int:
        try:
            found = self._files.info(path)
        except FileNotFoundError:
            raise DamagedArchive(f"segment {name} is missing in {self._root}") from None
        if found["type"] != "file":  # a place on a disk may hold a pipe
            raise DamagedArchive(f"{path} is no file")
        return int(found["size"])

    def _range(self, path: str, start: int, end: int) -> bytes:
        return bytes(self._files.cat_file(path, start=start, end=end))

    def size(self, name: str) -> int | None:
        """Bytes of a closed segment."""
        self._files.invalidate_cache()
        path = self._path(name)
        return int(self._files.size(path)) if self._files.exists(path) else None

    def put(self, path: Path, name: str) -> None:
        """Upload in one request that creates only, then remove the local file.

        An object of the same bytes is taken for the upload of an earlier call that died before it removed the file.
        """
        target = self._path(name)
        data = path.read_bytes()
        try:
            self._files.pipe_file(target, data, mode="create")
        except FileExistsError:
            if self._files.cat_file(target) != data:
                raise DamagedArchive(
                    f"{target} exists already and is never overwritten; move one of the two away"
                ) from None
        (self._spool / (name + UPLOADED_SUFFIX)).touch()  # so that no later segment gets its name
        path.unlink()
        sync_directory(self._spool)


def _open_local(directory: Path, name: str) -> BinaryIO:
    _require_name(name)
    final = directory / name
    for path in (final, directory / (name + OPEN_SUFFIX), final):  # it may be closed between the first two looks
        try:
            return open_file(path)
        except FileNotFoundError:
            continue
        except NoFile as error:
            raise DamagedArchive(str(error)) from None
    raise DamagedArchive(f"segment {name} is missing in {directory}")


def _require_name(name: str) -> None:
    if not is_name(name):
        raise DamagedArchive(f"{name!r} is no name of a segment")


def is_name(name: str) -> bool:
    """Whether a segment can have this name: one of a file in the store, in no folder below or above it."""
    return name.endswith(SUFFIX) and name.isprintable() and "/" not in name and "\\" not in name


def is_readable(entry: os.DirEntry[str]) -> bool:
    """Whether what a folder holds is a file, a folder, or a link to one or to nothing: a pipe or a device may never end, or be asked for ever."""
    return entry.is_file() or entry.is_dir() or not Path(entry.path).exists()


def is_taken(directory: Path, name: str) -> bool:
    """Whether a closed segment had this name, here or in a remote store."""
    return (directory / name).exists() or (directory / (name + UPLOADED_SUFFIX)).exists()


def open_store(location: str, warc_dir: Path) -> Store:
    """The store that `segments.location` names; empty is the archive's own folder."""
    return FolderStore(warc_dir) if not location else RemoteStore(location, warc_dir)


def open_segments(warc_dir: Path) -> Iterator[Path]:
    """Files of the local folder that were not closed, by name."""
    yield from sorted(warc_dir.glob("*" + SUFFIX + OPEN_SUFFIX))
