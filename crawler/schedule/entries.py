"""Entries of the calendar and their triggers.

The season follows the Regulation's due dates (政府信息公开条例 art. 49: departments 31 January, governments 31 March): weekly in early January, daily around
the due dates, twice a week between them, weekly in the six weeks after the last due date, monthly for the rest of the year. What looked gone or
doubtful is looked at again daily from May on, when passes are rarer than second looks may be.
"""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from archive.clock import SHANGHAI
from archive.errors import BadSettings
from archive.files.settings import ScheduleJob

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from archive.files.settings import ScheduleSettings

#: What runs where `ogi.toml` has no `[[schedule.job]]`.
SEASON: tuple[ScheduleJob, ...] = (
    ScheduleJob(name="early-january", run="harvest", at="02:30", months="1", monthday="1-14", days="mon"),
    ScheduleJob(name="departments-due-january", run="harvest", at="02:30", months="1", monthday="15-31"),
    ScheduleJob(name="departments-due-february", run="harvest", at="02:30", months="2", monthday="1-10"),
    ScheduleJob(name="between-february", run="harvest", at="02:30", months="2", monthday="11-29", days="tue,fri"),
    ScheduleJob(name="between-march", run="harvest", at="02:30", months="3", monthday="1-15", days="tue,fri"),
    ScheduleJob(name="governments-due-march", run="harvest", at="02:30", months="3", monthday="16-31"),
    ScheduleJob(name="governments-due-april", run="harvest", at="02:30", months="4", monthday="1-10"),
    ScheduleJob(name="after-governments-due", run="harvest", at="02:30", months="4", monthday="11-30", days="tue"),
    ScheduleJob(name="after-governments-due-may", run="harvest", at="02:30", months="5", monthday="1-21", days="tue"),
    ScheduleJob(name="off-season", run="harvest", at="02:30", months="6-12", monthday="15"),
    ScheduleJob(name="second-looks", run="harvest --second-looks", at="03:30", months="5-12"),
    ScheduleJob(name="recheck", run="harvest --full", at="02:30", months="6,10", monthday="1"),
    ScheduleJob(name="verify", run="verify", at="05:30", days="sun"),
    ScheduleJob(name="digest", run="digest", at="08:30"),
    ScheduleJob(name="snapshot", run="publish --to exports/site", at="07:00", days="mon"),
)

#: A harvest that reads everything again does all that a plain one does.
_FULL = "--full"

#: Commands that a calendar may run; all others are a slip of the pen.
COMMANDS = frozenset({"harvest", "verify", "digest", "publish", "export", "reextract", "rebuild"})

#: Options by which a harvest asks for a part of a portal.
_PARTIAL = frozenset({"--second-looks", "--rows"})


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One entry with its trigger (APScheduler) and the command that it starts.

    `quiet`: beginning and end of the hours (Asia/Shanghai) in which it doesn't start; what is due then waits for their end.
    """

    name: str
    command: tuple[str, ...]
    trigger: Any
    limit: timedelta
    quiet: tuple[time, time] | None = None

    def dues(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """The due times in `(after, until]`, oldest first."""
        previous = None
        moment = after + timedelta(microseconds=1)
        while True:
            due = self.trigger.get_next_fire_time(previous, moment)
            if due is None or due > until:
                return
            yield due
            previous, moment = due, due + timedelta(seconds=1)

    def harvests(self, portal: str) -> bool:
        """Whether the entry's run makes a whole pass over a portal."""
        if _PARTIAL & {word.partition("=")[0] for word in self.command}:
            return False
        named = [value for key, value in pairwise(self.command) if key == "--portal"]
        left_out = [value for key, value in pairwise(self.command) if key == "--except"]
        return self.command[0] == "harvest" and (not named or portal in named) and portal not in left_out

    def covers(self, other: CalendarEntry) -> bool:
        """Whether this entry's harvest looks at all that the other's looks at, at least as thoroughly."""
        if self.command[0] != "harvest" or other.command[0] != "harvest":
            return False
        mine, named, left_out = _scope(self.command)
        others, others_named, others_left_out = _scope(other.command)
        if mine - {_FULL} != others - {_FULL} or (_FULL in others and _FULL not in mine):
            return False
        if others_named:
            return (not named or others_named <= named) and not others_named - others_left_out & left_out
        return not named and left_out <= others_left_out

    def start(self, moment: datetime) -> datetime:
        """The first moment, not before the given one, at which the entry may start."""
        if self.quiet is None:
            return moment
        local = moment.astimezone(SHANGHAI)
        begin, end = self.quiet
        spans_midnight = begin > end
        clock = local.time()
        if not (begin <= clock < end if not spans_midnight else clock >= begin or clock < end):
            return moment
        day = local.date() + timedelta(days=1 if spans_midnight and clock >= begin else 0)
        return datetime.combine(day, end, SHANGHAI)

    def last_due(self, now: datetime, horizon: timedelta = timedelta(days=400)) -> datetime | None:
        """The newest due time that is not after `now`, `None` if there was none within the horizon."""
        for days in (2, 10, 40, horizon.days):
            found = list(self.dues(now - timedelta(days=days), now))
            if found:
                return found[-1]
        return None


def _scope(command: Sequence[str]) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """A harvest's options besides the portals, the portals that it names (none: all), and those that it leaves out."""
    rest: list[str] = []
    named: list[str] = []
    left_out: list[str] = []
    words = iter(command[1:])
    for word in words:
        if word in ("--portal", "--except"):
            (named if word == "--portal" else left_out).append(next(words, ""))
        else:
            rest.append(word)
    return frozenset(rest), frozenset(named), frozenset(left_out)


def build_entries(settings: ScheduleSettings, quiet: tuple[time, time] | None = None) -> tuple[CalendarEntry, ...]:
    """The calendar of an archive: its own entries, the season's, or both.

    Portals that an entry names are harvested by such entries alone; those that name none leave them out.

    Args:
        quiet: Hours (Asia/Shanghai) in which no harvest starts.

    Raises:
        BadSettings: An entry that can't be read, has no name, or shares it with another.
    """
    jobs = (*(SEASON if settings.season or not settings.job else ()), *settings.job)
    named = sorted({portal for job in jobs for portal in job.portals})
    entries = tuple(_entry(job, settings, named, quiet) for job in jobs)
    names = [entry.name for entry in entries]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadSettings(f"schedule.job: the name {twice[0]!r} stands twice in ogi.toml; names tell runs apart")
    return entries


def _entry(
    job: ScheduleJob, settings: ScheduleSettings, named: Sequence[str], quiet: tuple[time, time] | None
) -> CalendarEntry:
    from apscheduler.triggers.cron import CronTrigger

    if not job.name:
        raise BadSettings("schedule.job: an entry in ogi.toml has no name")
    try:
        command = shlex.split(job.run)
    except ValueError as error:
        raise BadSettings(f"schedule.job {job.name!r} in ogi.toml: run = {job.run!r}: {error}") from None
    if not command or command[0] not in COMMANDS:
        raise BadSettings(
            f"schedule.job {job.name!r}: {job.run!r} is no command for a calendar (one of {', '.join(sorted(COMMANDS))})"
        )
    is_harvest = command[0] == "harvest"
    if job.portals and not is_harvest:
        raise BadSettings(f"schedule.job {job.name!r} in ogi.toml: portals are for harvests, not for {command[0]!r}")
    for portal in job.portals:
        command += ["--portal", portal]
    if is_harvest and not job.portals and "--portal" not in command:
        for portal in named:
            command += ["--except", portal]
    at = _start(job, settings.spread_minutes)
    try:
        trigger = CronTrigger(
            month=job.months or None,
            day=job.monthday or None,
            day_of_week=_named_days(job),
            hour=at // 3600,
            minute=at // 60 % 60,
            second=at % 60,
            timezone=ZoneInfo(settings.timezone),
        )
    except ValueError as error:
        raise BadSettings(f"schedule.job {job.name!r} in ogi.toml: {error}") from None
    return CalendarEntry(
        name=job.name,
        command=tuple(command),
        trigger=trigger,
        limit=timedelta(minutes=job.limit_minutes or settings.limit_minutes),
        quiet=quiet if is_harvest else None,
    )


def check_entries(entries: Iterable[CalendarEntry], portals: Container[str], now: datetime) -> None:
    """Find slips of the pen that would only be noticed in the night for which an entry was meant.

    Raises:
        BadSettings: An entry whose day never comes, or that harvests a portal that has no definition.
    """
    for entry in entries:
        if next(entry.dues(now, now + timedelta(days=9 * 366)), None) is None:  # 29 February may be eight years away
            raise BadSettings(f"schedule.job {entry.name!r} in ogi.toml: there is no such day")
        for option, value in pairwise(entry.command):
            if entry.command[0] == "harvest" and option in ("--portal", "--except") and value not in portals:
                raise BadSettings(
                    f"schedule.job in ogi.toml: no portal definition has the id {value!r}; `ogi portals` lists them"
                )


def _named_days(job: ScheduleJob) -> str | None:
    """Days by name only: APScheduler counts Monday as 0, crontab Sunday."""
    if any(character.isdigit() for character in job.days):
        raise BadSettings(f"schedule.job {job.name!r} in ogi.toml: write days by name (mon,tue,…), not {job.days!r}")
    return job.days or None


def _start(job: ScheduleJob, spread_minutes: float) -> int:
    """The second of the day: `at` and a part of the spread that depends on the name alone, so that entries don't start together."""
    share = int.from_bytes(hashlib.sha256(job.name.encode()).digest()[:4], "big") / 2**32
    hour, minute = job.at.split(":")
    return min(int(hour) * 3600 + int(minute) * 60 + int(share * spread_minutes * 60), 86_399)


#: How far the calendar is searched for the next run: beyond a month in which nothing is due.
HORIZON_DAYS = 62


def plan(entries: Sequence[CalendarEntry], start: datetime, days: int) -> list[tuple[datetime, CalendarEntry]]:
    """What would run when in the days after `start`, in order; what is due in quiet hours starts after them."""
    until = start + timedelta(days=days)
    found = [(entry.start(due), entry) for entry in entries for due in entry.dues(start, until)]
    return sorted(found, key=lambda item: (item[0], item[1].name))
