"""Time as an argument: the system's clock, or a simulated one that says so in what it leaves behind."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_RUN = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z")


class Clock(Protocol):
    """Gives the time in UTC. `kind` goes into the warcinfo record."""

    kind: str

    def now(self) -> datetime:
        """The present, with a zone."""


class SystemClock:
    """The machine's clock."""

    kind = "system"

    def now(self) -> datetime:
        """The machine's time in UTC."""
        return datetime.now(UTC)


class SimulatedClock:
    """Starts at a given time and runs on with the machine's: for demos and tests; its archives say `simulated`."""

    kind = "simulated"

    def __init__(self, start: datetime) -> None:
        self._offset: timedelta = start.astimezone(UTC) - datetime.now(UTC)

    def now(self) -> datetime:
        """The simulated time in UTC."""
        return datetime.now(UTC) + self._offset


def clock_at(start: datetime | None) -> Clock:
    """A simulated clock beginning at `start`, or the system's if there is none."""
    return SystemClock() if start is None else SimulatedClock(start)


def utc_text(moment: datetime) -> str:
    """`2021-03-04T03:08:17Z`: how times stand in the database, the JSON and the WARC records."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_http_date(text: str) -> datetime:
    """The moment of a date as HTTP, mail and feeds write it (RFC 9110 §5.6.7, RFC 5322); UTC where it names no zone.

    Raises:
        ValueError: It is none, or lies beyond all calendars.
    """
    try:
        moment = parsedate_to_datetime(text.strip())
    except (TypeError, OverflowError, IndexError) as error:  # what the library makes of numbers that no clock shows
        raise ValueError(f"no date: {text[:60]!r}") from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def run_name(began: datetime, mark: str) -> str:
    """How a run is called: by when it began, and a mark that tells it from others of the second: `20210304T030817Z-7bd2`."""
    return f"{began.astimezone(UTC):%Y%m%dT%H%M%SZ}-{mark}"


def run_began(run: str) -> str | None:
    """When a run began, as its name says it (`run_name`): UTC text; `None` for a run that is named otherwise."""
    found = _RUN.match(run)
    return "{}-{}-{}T{}:{}:{}Z".format(*found.groups()) if found is not None else None


def shanghai_day(at: str) -> str:
    """The date in Shanghai of a time in UTC text."""
    return datetime.fromisoformat(at).astimezone(SHANGHAI).date().isoformat()


def shanghai_minute(at: str) -> str:
    """A time in UTC text as Asia/Shanghai shows it: `2021-03-04 11:08`."""
    return datetime.fromisoformat(at).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
