"""Harvest jobs on a Dask cluster: each is the same `crawler.harvest.job` process, started by a worker that sees the archive's folder.

The scheduler may run a job again when it loses a worker, and may be wrong about the loss. So a job is begun once: a second attempt finds the
mark of the first and leaves at once, and it is the coordinator that closes what the dead job left and plans the rest anew. And one host
is never asked by two processes: each holds its group's lock, which the system frees when the last of worker and crawl is gone.
"""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from archive.errors import ClusterFailed
from archive.work.jobs import connect, dask
from archive.work.start import module_command, module_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.portals.definitions import PortalDefinition

#: Exit status of an attempt that found that an earlier one has begun.
BEGUN_BEFORE = 75
#: Exit status of a job whose worker died, as often as Dask tried.
LOST = 70
_POLL_S = 0.1
#: A job stops when the coordinator hasn't shown itself for so long.
_ABANDONED_S = 60.0
_BEAT_S = 2.0
_STOP_S = 20.0
_LOCK_S = 90.0
#: Marks the folder of a job whose worker lived to see its end. A crawl that lost its worker stops half-way, in good order.
DONE = "done"
_STARTED, _STOP, _ALIVE = "started", "stop", "alive"


class Running(Protocol):
    """A job at work, as the coordinator sees it; `subprocess.Popen` is one."""

    @property
    def returncode(self) -> int | Any:
        """Its exit status once `poll` or `wait` has given one."""

    def poll(self) -> int | None:
        """Its exit status, `None` while it runs."""

    def terminate(self) -> None:
        """Ask it to end in good order."""

    def kill(self) -> None:
        """End it."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; raises `subprocess.TimeoutExpired`."""


class ClusterJob:
    """A job that runs somewhere in the cluster."""

    def __init__(self, future: Any, folder: Path) -> None:
        self._future = future
        self._folder = folder
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit status, `None` while it runs or waits for a worker."""
        if self.returncode is None and self._future.done():
            error = self._future.exception()
            if error is None:
                self.returncode = int(self._future.result())
            elif isinstance(error, dask().KilledWorker):
                self.returncode = LOST
            else:
                raise error
        return self.returncode

    def terminate(self) -> None:
        """Ask it to end in good order; one that hasn't begun never will."""
        (self._folder / _STOP).touch()

    def kill(self) -> None:
        """Forget about it. It ends by itself when it notices."""
        self._future.cancel(force=True)
        self.returncode = LOST

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        deadline = time.monotonic() + (timeout if timeout is not None else float("inf"))
        while (status := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self._folder), timeout or 0.0)
            time.sleep(_POLL_S)
        return status


class ClusterPlace:
    """Where the jobs of one harvest run."""

    def __init__(self, client: Any, work: Path) -> None:
        self._client = client
        self._alive = work / _ALIVE
        self._beaten = 0.0
        self.beat()

    @property
    def threads(self) -> int:
        """How many jobs the cluster can run at once."""
        return max(1, sum(map(int, self._client.ncores().values())))

    def missing(self, portals: Sequence[PortalDefinition]) -> str | None:
        """The label that portals ask for and no worker offers; `None` if they can be harvested."""
        offered = [set(worker["resources"]) for worker in self._client.scheduler_info(n_workers=-1)["workers"].values()]
        wanted = _labels(portals)
        if any(wanted <= labels for labels in offered):
            return None
        return ", ".join(sorted(wanted))

    def start(self, group: str, folder: Path, members: Sequence[PortalDefinition]) -> ClusterJob:
        """Hand a job to the cluster, to a worker that offers what its portals ask for."""
        future = self._client.submit(
            crawl_host,
            str(folder),
            group,
            pause_s=2 * max(portal.delay for portal in members),
            key=f"crawl-{folder.parent.name}-{group}",
            resources=dict.fromkeys(_labels(members), 1) or None,
            pure=False,
        )
        return ClusterJob(future, folder)

    def beat(self) -> None:
        """Show the jobs that the coordinator is alive."""
        if time.monotonic() - self._beaten > _BEAT_S:
            self._alive.touch()
            self._beaten = time.monotonic()


def _labels(portals: Sequence[PortalDefinition]) -> set[str]:
    return {portal.worker for portal in portals if portal.worker}


@contextmanager
def open_place(cluster: str, work: Path) -> Iterator[ClusterPlace]:
    """The cluster at an address, whose workers all have this release and see the harvest's work folder.

    Raises:
        ClusterFailed: It can't be reached, or a worker is unfit.
    """
    from archive.work.release import release

    work.mkdir(parents=True, exist_ok=True)
    with connect(cluster) as client:
        place = ClusterPlace(client, work)
        for worker, (found, is_seen) in client.run(_describe, str(work / _ALIVE)).items():
            if found != release():
                raise ClusterFailed(
                    f"worker {worker} has ogi-archive {found}, the coordinator {release()}: install the same release on both"
                )
            if not is_seen:
                raise ClusterFailed(
                    f"worker {worker} doesn't see {work.parent}: the archive's folder must be on storage that all workers share, under the same path"
                )
        yield place


def _describe(path: str) -> tuple[str, bool]:
    from archive.work.release import release

    return release(), Path(path).exists()


def crawl_host(folder: str, group: str, *, pause_s: float = 0.0) -> int:
    """Run a planned job in a process of its own, here and now. Gives its exit status.

    Args:
        folder: The job's folder, on storage that coordinator and workers share.
        group: Name of the group; no two jobs of one group run at a time.
        pause_s: Waited if an earlier job of the group died in this harvest: its last request may have been a moment ago.
    """
    place = Path(folder)
    if (place / DONE).exists():
        return 0
    if (place / _STOP).exists():
        return BEGUN_BEFORE
    try:
        with (place / _STARTED).open("x", encoding="utf-8") as mark:
            mark.write(f"{socket.gethostname()} {os.getpid()}\n")
    except (FileExistsError, FileNotFoundError):  # begun by another, or the harvest has ended
        return BEGUN_BEFORE
    with _host_lock(place.parent.parent / "hosts", group) as (descriptor, was_used):
        if was_used:
            time.sleep(pause_s)
        process = subprocess.Popen(
            module_command("crawler.harvest.job", str(place / "job.json"), str(os.getpid())),
            env=module_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=(descriptor,),  # the crawl holds the lock, too: it may outlive the worker for a moment
        )
        status = _watch(process, place)
    (place / DONE).touch()
    return status


@contextmanager
def _host_lock(folder: Path, group: str) -> Iterator[tuple[int, bool]]:
    """The lock of a host group among all workers, and whether it was held before in this harvest."""
    folder.mkdir(exist_ok=True)
    descriptor = os.open(folder / f"{group}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        deadline = time.monotonic() + _LOCK_S
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise ClusterFailed(
                        f"a job for {group} is still at work elsewhere; run the same command again later"
                    ) from None
                time.sleep(_POLL_S)
        was_used = os.fstat(descriptor).st_size > 0
        os.pwrite(descriptor, f"{socket.gethostname()}\n".encode(), 0)
        yield descriptor, was_used
    finally:
        os.close(descriptor)


def _watch(process: subprocess.Popen[bytes], folder: Path) -> int:
    """Wait for the crawl; stop it when it is asked to, or when the coordinator is gone."""
    alive = folder.parent.parent / _ALIVE
    last, since = _mark(alive), time.monotonic()
    stopping_since: float | None = None
    while (status := process.poll()) is None:
        now = time.monotonic()
        mark = _mark(alive)
        if mark != last:
            last, since = mark, now
        if stopping_since is None and (
            mark is None or now - since > _ABANDONED_S or (folder / _STOP).exists() or not folder.exists()
        ):
            process.terminate()
            stopping_since = now
        if stopping_since is not None and now - stopping_since > _STOP_S:
            process.kill()
        time.sleep(_POLL_S)
    return status


def _mark(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return None
