"""The service behind `ogi schedule`: APScheduler wakes it, the runner decides what is owed."""

from __future__ import annotations

import fcntl
import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from archive.errors import ArchiveBusy
from crawler.schedule.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

    from archive.clock import Clock
    from archive.files.folder import Archive
    from crawler.schedule.entries import CalendarEntry

#: Owed runs are looked for this often besides the entries' own times: a clock that jumped, a machine that slept.
LOOK_AGAIN_S = 60


#: Held by the process that keeps an archive's calendar; holds its process id.
LOCK = ".schedule.lock"


def run_service(
    archive: Archive,
    entries: tuple[CalendarEntry, ...],
    clock: Clock,
    metrics_port: int | None = None,
    began: Callable[[], None] = lambda: None,
) -> None:
    """Run the calendar until SIGTERM or SIGINT; everything that a job wrote is sealed by the job itself.

    Runs that were missed while the service was down are made up once, at the start.

    Args:
        began: Called when the calendar runs, and SIGTERM ends it in good order.

    Raises:
        ArchiveBusy: Another process keeps this archive's calendar: two would run everything twice.
    """
    with _alone(archive.root):
        _serve(archive, entries, clock, metrics_port, began)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Keep the calendar of an archive alone; the system lets go of it when the process dies."""
    with (root / LOCK).open("a+", encoding="ascii") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            stream.seek(0)
            raise ArchiveBusy(
                f"process {stream.read().strip() or 'of another machine'} keeps the calendar of {root} already: end it first"
            ) from None
        stream.truncate(0)
        stream.write(f"{os.getpid()}\n")
        stream.flush()
        yield


def _serve(
    archive: Archive,
    entries: tuple[CalendarEntry, ...],
    clock: Clock,
    metrics_port: int | None,
    began: Callable[[], None],
) -> None:
    from apscheduler.schedulers.background import BackgroundScheduler

    from crawler.schedule.monitor import serve_metrics

    runner = Runner(archive.root, entries, clock)
    asked, ask = os.pipe()

    def end(signum: int, frame: FrameType | None) -> None:
        os.write(ask, b".")  # and no lock is taken: the thread that this interrupts may hold it

    previous = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    # misfire_grace_time=None: a wake-up that comes late still counts; the default drops it after one second.
    scheduler: Any = BackgroundScheduler(
        timezone="Asia/Shanghai", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    scheduler.add_job(runner.run_owed, "interval", seconds=LOOK_AGAIN_S, id="look-again")
    scheduler.add_job(runner.run_owed, id="make-up")
    for entry in entries:
        scheduler.add_job(runner.run_if_owed, entry.trigger, args=[entry], id=f"entry-{entry.name}")
    monitor = serve_metrics(archive, runner, metrics_port) if metrics_port is not None else None
    scheduler.start()
    began()
    try:
        os.read(asked, 1)
    finally:
        runner.stop()
        scheduler.shutdown(wait=True)
        if monitor is not None:
            monitor.shutdown()
        for number, handler in previous.items():
            signal.signal(number, handler)
        os.close(asked)
        os.close(ask)
