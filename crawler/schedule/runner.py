"""Running what is due: each due time once, one job an archive at a time, hung jobs stopped."""

from __future__ import annotations

import contextlib
import logging
import os
import shlex
import signal
import subprocess
import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archive.clock import utc_text
from archive.errors import ArchiveBusy
from archive.files.folder import SETTINGS_NAME, Archive
from archive.files.settings import ScheduleSettings
from archive.publish.failures import Failure, add_failure
from archive.publish.notify import Outbox
from archive.work.start import module_command, module_environment
from crawler.schedule.state import LastRun, ScheduleState
from extract.errors import OgiError
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from archive.clock import Clock
    from crawler.schedule.entries import CalendarEntry

logger = logging.getLogger(__name__)

#: How long a job may take to end after SIGTERM; the service itself has 30 s. A harvest gives its own jobs 20 s and then closes the books.
GRACE_S = 26.0
#: Commands that need the archive for themselves.
ALONE = frozenset({"harvest", "reextract", "rebuild"})
#: A job that finds this in its environment ends when that process is gone.
PARENT = "OGI_PARENT"
#: Harvests that fall due so soon after one another mean the same look: entries of one hour are spread over so long (`schedule.spread_minutes`).
SAME_LOOK = timedelta(minutes=ScheduleSettings().spread_minutes)
#: Commands that go on when the calendar dies: a message that is on its way can't be called back.
OUTLIVING = frozenset({"digest"})


class Runner:
    """Starts due jobs as processes of their own and remembers what was done.

    An entry whose newest due time has no finished run is owed one run, however many due times were missed. Runs that were cut off
    by the death of this process are owed again. A harvest is not repeated at once by another entry: who fell due while it ran is settled by it.
    """

    def __init__(
        self,
        folder: Path,
        entries: Sequence[CalendarEntry],
        clock: Clock,
        command: Callable[[CalendarEntry], list[str]] | None = None,
    ) -> None:
        self.folder = folder
        self.entries = tuple(entries)
        self.clock = clock
        self.state = ScheduleState(folder)
        self._command = command or self._ogi
        self._one_at_a_time = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._locked_out: set[str] = set()
        self.state.enter((entry.name for entry in self.entries), utc_text(clock.now()))

    def _ogi(self, entry: CalendarEntry) -> list[str]:
        return module_command("crawler", *entry.command, "--archive", str(self.folder.resolve()))

    def owed(self, entry: CalendarEntry, now: datetime) -> datetime | None:
        """The due time that the entry still owes a run, `None` if it is settled.

        A calendar that is started for the first time owes nothing from before its start.
        """
        due = entry.last_due(now)
        if due is None or self.state.is_settled(entry.name, utc_text(due)):
            return None
        return due if utc_text(due) >= self.state.since[entry.name] else None

    def run_owed(self) -> int:
        """Run every entry that owes a run now, oldest due time first, the part after the whole; gives how many ran."""
        now = self.clock.now()
        owed = [(due, entry) for entry in self.entries if (due := self.owed(entry, now)) is not None]
        ran = 0
        waiting = [entry for _, entry in owed]
        # What another one's harvest will settle waits for it.
        for _, entry in sorted(owed, key=lambda item: (_is_part_of_another(item[1], waiting), item[0])):
            ran += self.run_if_owed(entry)
        return ran

    def run_if_owed(self, entry: CalendarEntry) -> bool:
        """Run the entry's job, after a job that is running, if it is still owed then."""
        with self._one_at_a_time:
            now = self.clock.now()
            due = self.owed(entry, now)
            if due is None or self._stopping.is_set() or entry.start(now) > now:
                return False
            if self._is_done_by_itself(entry, due) or self._is_done_by_another(entry, due):
                return False
            if self._is_locked_out(entry, due, now):
                return False
            self._run(entry, due)
            return True

    def _is_done_by_itself(self, entry: CalendarEntry, due: datetime) -> bool:
        """Whether the entry's own last run went on beyond the due time, and ended well: it is not repeated at once, the due time is settled."""
        run = self.state.runs.get(entry.name)
        if run is None or not run.finished_at or not run.status.startswith("done"):
            return False
        if run.command != shlex.join(entry.command) or datetime.fromisoformat(run.finished_at) < due:
            return False
        self.state.record(entry.name, replace(run, due=utc_text(due)))
        logger.info("%s: not run: its last run went on beyond its due time (%s)", entry.name, utc_text(due))
        return True

    def _is_done_by_another(self, entry: CalendarEntry, due: datetime) -> bool:
        """Whether another entry's harvest, ended after the due time or begun just before it, did all that is owed; the run is settled then."""
        for other in self.entries:
            run = self.state.runs.get(other.name)
            if other is entry or run is None or not run.finished_at or not run.status.startswith("done"):
                continue
            if not other.covers(entry) or run.command != shlex.join(other.command):
                continue  # not the same work, or the entry has been rewritten since
            ended = datetime.fromisoformat(run.finished_at)
            if due > max(ended, datetime.fromisoformat(run.started_at) + SAME_LOOK):
                continue
            settled = replace(run, due=utc_text(due), status=f"done by {other.name}", exit_code=None, command="")
            self.state.record(entry.name, settled)
            logger.info("%s: not run: %s did all of it just now (due %s)", entry.name, other.name, settled.due)
            return True
        return False

    def _is_locked_out(self, entry: CalendarEntry, due: datetime, now: datetime) -> bool:
        """Whether somebody else does work that the entry's must not meet. The run stays owed; after its limit it is reported as a failure, once."""
        busy = self._busy(entry)
        if busy is None:
            self._locked_out.discard(entry.name)
            return False
        if entry.name not in self._locked_out:
            logger.warning("%s: waits: %s", entry.name, busy)
        self._locked_out.add(entry.name)
        if now - due > entry.limit:
            run = LastRun(due=utc_text(due), started_at=utc_text(now))
            self._finish(entry, run, f"locked out for {entry.limit}: {busy}", None)
        return True

    def _busy(self, entry: CalendarEntry) -> str | None:
        """What keeps the entry from starting, in words."""
        if entry.command[0] == "digest":
            return localizable("another digest is being sent") if Outbox(self.folder).is_busy() else None
        if entry.command[0] not in ALONE or not (self.folder / SETTINGS_NAME).exists():
            return None
        try:
            with Archive.open(self.folder).lock():
                return None
        except ArchiveBusy as error:
            return str(error)
        except OgiError:
            return None  # settings that can't be read: the job says so, and its failure is reported

    def _run(self, entry: CalendarEntry, due: datetime) -> None:
        run = LastRun(due=utc_text(due), started_at=utc_text(self.clock.now()), command=shlex.join(entry.command))
        self.state.record(entry.name, run)
        logger.info("%s: starting (due %s)", entry.name, run.due)
        try:
            # A session of its own, so that a Ctrl-C meant for the calendar is passed on by the calendar, once.
            # In the archive's folder: paths in an entry are relative to it, wherever the service was started.
            process = subprocess.Popen(
                self._command(entry),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                cwd=self.folder,
                env=module_environment() | ({} if entry.command[0] in OUTLIVING else {PARENT: str(os.getpid())}),
            )
        except OSError as error:
            self._finish(entry, run, "failed", None)
            logger.error("%s: can't be started: %s", entry.name, error)
            return
        self._process = process
        status = self._wait(process, entry)
        self._process = None
        if status == "interrupted":
            return  # not finished: owed again at the next start
        self._finish(entry, run, status, process.returncode)

    def _wait(self, process: subprocess.Popen[bytes], entry: CalendarEntry) -> str:
        limit = time.monotonic() + entry.limit.total_seconds()
        while True:
            try:
                code = process.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                if self._stopping.is_set():
                    end_process(process)
                    return "interrupted"
                if time.monotonic() > limit:
                    logger.error("%s: stopped after its limit of %s", entry.name, entry.limit)
                    end_process(process)
                    return localizable("stopped after its limit")
            else:
                return {0: "done", 1: "done, with problems"}.get(code, "failed")

    def _finish(self, entry: CalendarEntry, run: LastRun, status: str, exit_code: int | None) -> None:
        self.state.record(
            entry.name, replace(run, finished_at=utc_text(self.clock.now()), status=status, exit_code=exit_code)
        )
        logger.info("%s: %s", entry.name, status)
        if not status.startswith("done"):
            what = status if exit_code is None else f"{status} (exit status {exit_code}): ogi {' '.join(entry.command)}"
            add_failure(self.folder, Failure(entry.name, run.due, utc_text(self.clock.now()), what))

    def stop(self) -> None:
        """End: no further job starts, and the running one is asked to end and, if it must, made to."""
        self._stopping.set()

    def next_due(self, entry: CalendarEntry, within: timedelta = timedelta(days=400)) -> datetime | None:
        """When the entry is due next."""
        now = self.clock.now()
        return next(entry.dues(now, now + within), None)


def _is_part_of_another(entry: CalendarEntry, entries: Sequence[CalendarEntry]) -> bool:
    """Whether another of the entries does all that this one does, and more."""
    return any(other.covers(entry) and not entry.covers(other) for other in entries if other is not entry)


def end_process(process: subprocess.Popen[bytes], grace_s: float = GRACE_S) -> None:
    """Ask a job and its children to end, and end them if they don't."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=grace_s)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
