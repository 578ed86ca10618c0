"""A small process beside a busy one, which ends it when it can't end itself.

A process that is deep in a library's native code hears no signal of Python's, notices no parent's death and bounds no memory. So the watching
is done from outside: by a child that was forked before anything was imported or opened, holds nothing, and looks twice a second.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archive.work.memory import resident_of

if TYPE_CHECKING:
    from collections.abc import Callable

_LOOK_EVERY_S = 0.5
#: A process whose parent has died may come to its end in good order for so long …
_ORPHAN_S = 10.0
#: … as long as it gives signs of life at least so often.
_ORPHAN_SIGN_S = 3.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the guarded process, and each of its children, may take: bytes of resident memory, and seconds without a sign of life."""

    memory_bytes: int
    silence_s: float


def start_guard(parent: int, bounds: Bounds, note: Path) -> Callable[[], None]:
    """Fork a guard for this process. Gives the function that is to be called at least every second, as a sign of life.

    Call it first of all, before threads, connections and files: the guard closes what it inherits. It ends the whole process group, which
    must be this process's own.

    Args:
        parent: Process id of who started this process; the process ends when that is gone.
        bounds: When the process is ended.
        note: File that gets the reason, in words, before the process is ended for memory or silence.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    guarded = os.getpid()
    if os.fork() == 0:
        try:
            os.closerange(3, reading)
            os.closerange(reading + 1, os.sysconf("SC_OPEN_MAX"))
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            _watch(reading, guarded, parent, bounds, note)
        finally:
            os._exit(0)
    os.close(reading)

    def beat() -> None:
        with contextlib.suppress(
            BlockingIOError, BrokenPipeError
        ):  # the guard is behind and has signs enough, or is gone
            os.write(writing, b".")

    return beat


def _watch(pipe: int, guarded: int, parent: int, bounds: Bounds, note: Path) -> None:
    last_sign = time.monotonic()
    orphan_since: float | None = None
    while True:
        ready, _, _ = select.select([pipe], [], [], _LOOK_EVERY_S)
        now = time.monotonic()
        if ready:
            if not os.read(pipe, 4096):
                return  # it has ended
            last_sign = now
            time.sleep(_LOOK_EVERY_S / 2)
        if not _is_alive(guarded, parent):
            orphan_since = orphan_since or now
            if now - orphan_since > _ORPHAN_S or now - last_sign > _ORPHAN_SIGN_S:
                break
            continue
        used = most_resident(os.getpgid(guarded))
        if used > bounds.memory_bytes:
            note.write_text(
                f"it took {used >> 20} MiB of memory, more than the {bounds.memory_bytes >> 20} MiB allowed", "utf-8"
            )
            break
        if now - last_sign > bounds.silence_s:
            note.write_text(f"it did not get on for {bounds.silence_s:.0f} s", "utf-8")
            break
    os.killpg(os.getpgid(guarded), signal.SIGKILL)


def _is_alive(guarded: int, parent: int) -> bool:
    """Whether the guarded process is still its parent's child, as far as the system tells."""
    try:
        stat = Path(f"/proc/{guarded}/stat").read_bytes()
    except OSError:  # no Linux
        try:
            os.kill(parent, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True
    return int(stat.rpartition(b")")[2].split()[1]) == parent


def most_resident(group: int) -> int:
    """The memory that the largest process of a group holds, without what it shares; 0 where the system doesn't tell."""
    most = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_bytes().rpartition(b")")[2].split()[2]) != group:
                continue
        except (OSError, ValueError):  # ended a moment ago
            continue
        most = max(most, resident_of(int(folder.name)))
    return most
