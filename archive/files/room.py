"""What a person reads when there is no room to go on: how much is free, how much is needed, what to do."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from archive.errors import DiskFull
from extract.messages import localizable

if TYPE_CHECKING:
    from pathlib import Path

_MB = 1e6


def free_bytes(path: Path) -> int:
    """What a user without privileges may still write on the disk of a path, which need not be there yet."""
    while not path.exists() and path != path.parent:
        path = path.parent
    state = os.statvfs(path)
    return state.f_bavail * state.f_frsize


def full_disk(path: Path, reason: str, needed: int | None = None) -> DiskFull:
    """The error for a path that can't be written for want of room.

    Args:
        reason: What the system said.
        needed: Bytes without which the work can't go on; `None` where nobody can tell.
    """
    free = free_bytes(path)
    room = localizable(f"{free / _MB:,.1f} MB are free")
    if needed is not None and free < needed:
        room += localizable(f", {needed / _MB:,.1f} MB at least are needed to go on")
    elif needed is not None:
        room += localizable(
            f" and {needed / _MB:,.1f} MB would do, so that a quota or a limit of this user must be in the way (`quota`, `ulimit -f`)"
        )
    return DiskFull(
        f"{path} can't be written ({reason}): {room}. Everything up to here is kept. Make room (what `ogi export` and `ogi publish` made can be "
        "made again; never delete in warc/) or move the archive's folder to a larger disk, then run the same command again"
    )
