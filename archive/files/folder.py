"""The archive folder: where things are, and who may write."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.clock import utc_text
from archive.errors import ArchiveBusy, ArchiveMissing, BadSettings
from archive.files import heads
from archive.files.inside import refuse_ways_out
from archive.files.settings import Settings, load_settings, template
from archive.files.store import Store, is_readable, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SETTINGS_NAME = "ogi.toml"
#: What a published snapshot has beside its settings: an archive that nothing writes to, and whose index stands for more than its segments.
SNAPSHOT_NAME = "snapshot.json"
#: The statement of the archive that made it, over that file.
SNAPSHOT_NOTE = "snapshot.note"
#: Folders that hold a few files, which are read without being named by anything.
_SMALL_FOLDERS = ("keys", "portals", "proof", "outbox")


class Archive:
    """An archive folder that exists. Get one from `open` or `create`."""

    def __init__(self, root: Path, settings: Settings) -> None:
        self.root = root
        self.settings = settings
        self.warc_dir = root / "warc"
        self.manifest_path = root / "manifest.jsonl"
        self.decisions_path = root / "decisions.jsonl"
        self.db_path = root / "ogi.db"
        self.exports_dir = root / "exports"
        self.keys_dir = root / "keys"
        self.proof_dir = root / "proof"
        self.checkpoint_path = self.proof_dir / "checkpoint"
        self.lock_path = root / ".lock"
        self._lock_depth = 0

    @classmethod
    def open(
        cls,
        root: Path,
        overrides: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
        *,
        is_given: bool = False,
    ) -> Archive:
        """Open an archive folder.

        Args:
            root: The folder.
            overrides: As for `load_settings`; `environment` too.
            is_given: Somebody else may have made it: nothing in it may lead elsewhere, by links or by its settings.

        Raises:
            ArchiveMissing: There is no `ogi.toml`.
            BadSettings: It can't be used, or what should be files are pipes or devices, which may never end.
            NewerArchive: A newer release laid the folder out.
        """
        if not (root / SETTINGS_NAME).is_file():
            raise ArchiveMissing(
                f"{root} is no archive (no {SETTINGS_NAME} in it): make one with `ogi init --archive {root}`"
            )
        if is_given:
            refuse_ways_out(root)
        else:
            _refuse_pipes(root)
        opened = cls(root, load_settings(root / SETTINGS_NAME, environment, overrides))
        if is_given:
            _refuse_places(opened, os.environ if environment is None else environment)
        return opened

    @classmethod
    def create(cls, root: Path, values: Mapping[str, Any] | None = None) -> Archive:
        """Make an archive folder with a commented `ogi.toml`, and open it.

        Args:
            root: A folder that doesn't exist yet, or one without an `ogi.toml`; nothing in it is touched.
            values: Settings to write into the file, by dotted name, such as `{"operator.contact": "…"}`.

        Raises:
            BadSettings: There is an archive already.
        """
        path = root / SETTINGS_NAME
        (root / "warc").mkdir(parents=True, exist_ok=True)
        (root / "exports").mkdir(exist_ok=True)
        (root / "portals").mkdir(exist_ok=True)
        try:
            with path.open("x", encoding="utf-8") as stream:
                stream.write(template(values))
        except FileExistsError:
            raise BadSettings(f"{root} is an archive already; edit {path}") from None
        heads.let_go(str(root.resolve()), utc_text(datetime.now(UTC)))  # the machine's time: about this machine
        return cls.open(root)

    @property
    def is_snapshot(self) -> bool:
        """Whether the folder is a published snapshot."""
        return (self.root / SNAPSHOT_NAME).is_file()

    @cached_property
    def store(self) -> Store:
        """Where closed segments live."""
        return open_store(self.settings.segments.location, self.warc_dir)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the archive for writing. May be entered again by the one who holds it; the system frees it when the process dies.

        Raises:
            ArchiveBusy: Another process (or another `Archive` object) holds it; says which.
        """
        if self._lock_depth:
            self._lock_depth += 1
            try:
                yield
            finally:
                self._lock_depth -= 1
            return
        descriptor = os.open(self.lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:  # EWOULDBLOCK; ENOLCK on file systems without locks, where writing would be unsafe as well
                raise ArchiveBusy(f"{self.root} is in use by {self.holder()}; wait until it has ended") from None
            holder = {
                "pid": os.getpid(),
                "host": socket.gethostname(),
                "command": " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])[:200],
                "since": utc_text(datetime.now(UTC)),  # the machine's time: about processes, not about captures
            }
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps(holder).encode(), 0)
            self._lock_depth = 1
            try:
                yield
            finally:
                self._lock_depth = 0
                os.ftruncate(descriptor, 0)
        finally:
            os.close(descriptor)

    def holder(self) -> str:
        """Who wrote itself into the lock last, in words."""
        try:
            holder = json.loads(self.lock_path.read_text("utf-8"))
            return f"process {holder['pid']} on {holder['host']} ({holder['command']}) since {holder['since']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"


def _refuse_places(archive: Archive, environment: Mapping[str, str]) -> None:
    """Refuse settings of somebody else that send the reader to another place than the folder."""
    location = archive.settings.segments.location
    if location and environment.get("OGI_SEGMENTS_LOCATION") != location:
        raise BadSettings(
            f"setting 'segments.location' in {archive.root / SETTINGS_NAME} leads out of the folder, to {location}: "
            f"if the archive is yours, name it with --archive; else say so with OGI_SEGMENTS_LOCATION"
        )


def _refuse_pipes(root: Path) -> None:
    """Refuse a folder, as an archive of strangers may be, in which something else stands in place of a file. Segments are looked at when they are opened."""
    for folder in (root, *(root / name for name in _SMALL_FOLDERS)):
        try:
            with os.scandir(folder) as entries:
                found = [entry.path for entry in entries if not is_readable(entry)]
        except OSError:
            continue  # there is none, or nobody may look into it
        if found:
            raise BadSettings(f"{min(found)} is neither a file nor a folder: take it out of the archive")
