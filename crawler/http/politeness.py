"""How often a host may be asked: one request at a time, a delay between two, patience after errors, an end for the day.

A gate stands before each host. It knows no Scrapy and no network, only when the last answer came and what it was.
"""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from archive.clock import SHANGHAI, parse_http_date
from extract.document.numerals import whole_number
from extract.messages import localizable

if TYPE_CHECKING:
    from datetime import time

    from archive.clock import Clock

logger = logging.getLogger(__name__)

#: Blocked or failed requests in a row after which a host is left in peace until the next pass.
PATIENCE = 3
#: Waits when a host serves its index page instead of what was asked (field guide §13: at least a quarter of an hour).
THROTTLE_PAUSE_S = 900.0
_LOOPBACK_PAUSE_S = 5.0
#: Statuses by which a host itself says that it is asked too often.
_SAYS_SO = (429, 503)
#: The least delay of a host that was found to throttle: half the pace of a host asked without delay is still a pace.
_SLOWED_S = 0.25
#: A host that asks for a longer delay between two requests is left alone rather than held to: a hundred pages would take hours, and to ask
#: faster than a host wishes is not ours.
MAX_DELAY_S = 120.0
_MAX_HOST_HOURS = 6.0
_LONG_S = 31_536_000.0


class HostStoppedError(Exception):
    """Raised when a host is not to be asked any more in this pass, by its gate. `verdict` says why in a word."""

    def __init__(self, verdict: str, reason: str) -> None:
        super().__init__(reason)
        self.verdict = verdict
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Manners:
    """What a host may expect of us.

    Attributes:
        delay_s: Seconds between the end of an exchange and the next request.
        jitter: Part of the delay that is added at random.
        backoff_s: First wait after 403, 429, 5xx or a broken connection; doubles with each in a row.
        backoff_max_s: Longest such wait. A `Retry-After` beyond it ends the pass for the host.
        daily_cap: Requests a day of Asia/Shanghai, 0 for no cap.
        quiet: Hours of the day, Asia/Shanghai, without requests.
        throttle_pause_s: Wait after the first sign of silent throttling.
        host_hours: How long a host may keep one pass busy.
    """

    delay_s: float
    jitter: float = 0.25
    backoff_s: float = 30.0
    backoff_max_s: float = 900.0
    daily_cap: int = 0
    quiet: tuple[time, time] | None = None
    throttle_pause_s: float = THROTTLE_PAUSE_S
    host_hours: float = _MAX_HOST_HOURS

    def with_delay(self, delay_s: float) -> Manners:
        """The same with another delay."""
        return replace(self, delay_s=delay_s)

    def on_loopback(self) -> Manners:
        """The same with short waits: a replica on this machine is nobody's server."""
        return replace(
            self,
            backoff_s=min(self.backoff_s, max(1.0, 2 * self.delay_s)),
            backoff_max_s=min(self.backoff_max_s, 30.0),
            daily_cap=0,
            throttle_pause_s=min(self.throttle_pause_s, max(_LOOPBACK_PAUSE_S, 4 * self.delay_s)),
        )


class HostGate:
    """Lets one request at a time through to a host, and none before its time."""

    def __init__(self, host: str, manners: Manners, clock: Clock, used_today: int = 0) -> None:
        self.host = host
        self.manners = manners
        self._clock = clock
        self._day = _day(clock.now())
        self._used = used_today
        self._delay_s = manners.delay_s
        self._next_at = 0.0
        self._left_at: float | None = None
        self._began_at: float | None = None
        self._errors = 0
        self._blocks = 0
        self._throttled = False
        self._shows_front = False
        self._lock = asyncio.Lock()
        self._stopped: HostStoppedError | None = None

    @property
    def stopped(self) -> str | None:
        """Why the host is not asked any more, `None` while it is."""
        return self._stopped.reason if self._stopped else None

    @property
    def delay_s(self) -> float:
        """The delay in force."""
        return self._delay_s

    def require_delay(self, seconds: float) -> None:
        """Raise the delay, from the host's own last answer on; never lowers it."""
        self._delay_s = max(self._delay_s, seconds)
        if self._left_at is not None:
            self._next_at = max(self._next_at, self._left_at + seconds)

    def obey_crawl_delay(self, seconds: float) -> None:
        """Raise the delay to what the host's robots.txt asks for. A host that asks for more than two minutes isn't asked any more."""
        if seconds <= MAX_DELAY_S:
            self.require_delay(seconds)
            return
        asked = localizable(f"robots.txt of {self.host} asks for {_spoken(seconds)} between requests")
        self._stop("throttled", f"{asked}; more than {MAX_DELAY_S:.0f} s is not waited")

    def clear_of_throttling(self, delay_s: float) -> None:
        """Take back a suspicion: the host shows its front page for what it has withdrawn, and answers the rest. `delay_s` was its delay before."""
        self._throttled = False
        self._shows_front = True
        self._delay_s = delay_s

    async def enter(self) -> None:
        """Wait for the turn of one request; `leave` must follow.

        Raises:
            HostStoppedError: The host is not asked any more in this pass.
        """
        await self._lock.acquire()
        try:
            if self._began_at is None:
                self._began_at = asyncio.get_running_loop().time()
            self._check()
            wait = self._next_at - asyncio.get_running_loop().time()
            if wait > 0:
                if wait > 60:
                    logger.warning("waiting %.0f s before asking %s again", wait, self.host)
                await asyncio.sleep(wait)
                self._check()
            self._used += 1
        except BaseException:
            self._lock.release()
            raise

    def leave(self, verdict: str, status: int | None, retry_after: str | None = None) -> None:
        """Take note of how the request ended and open the gate for the next."""
        try:
            now = self._left_at = asyncio.get_running_loop().time()
            self._next_at = now + self._delay_s * (1 + self.manners.jitter * random.random())
            self._judge(verdict, status, retry_after, now)
        finally:
            self._lock.release()

    def _judge(self, verdict: str, status: int | None, retry_after: str | None, now: float) -> None:
        if not _asks_patience(verdict, status):
            self._errors = self._blocks = 0
            return
        self._errors += 1
        asked = seconds_asked(retry_after, self._clock.now())
        self._next_at = max(self._next_at, now + self._pause(verdict, status, asked))
        if verdict == "throttled":
            self._slow_down(verdict, is_said=status in _SAYS_SO)
        if verdict.startswith("blocked"):
            self._blocks += 1
            if self._blocks >= PATIENCE:
                self._stop(verdict, f"{self.host} blocked {self._blocks} requests in a row")
        elif self._errors >= PATIENCE * 2:
            self._stop(verdict, f"{self.host} gave no usable answer {self._errors} times in a row")
        if asked is not None and asked > self.manners.backoff_max_s:
            self._stop("throttled", f"{self.host} asks to wait {_spoken(asked)}")

    def _pause(self, verdict: str, status: int | None, asked: float | None) -> float:
        """Seconds before the next request: as long as the host asks; without that, longer from error to error."""
        wait = min(self.manners.backoff_max_s, self.manners.backoff_s * 2 ** (self._errors - 1))
        if asked is not None:
            return max(wait, asked) if status == 403 else asked
        is_silent = verdict == "throttled" and status not in _SAYS_SO and not self._shows_front
        return self.manners.throttle_pause_s if is_silent else wait

    def _slow_down(self, verdict: str, *, is_said: bool) -> None:
        """Ask this host half as often; a host that throttles again without a word about it is left alone."""
        if self._throttled and not is_said:
            self._stop(verdict, f"{self.host} throttles even at {self._delay_s:g} s between requests")
        self._throttled = True
        self._delay_s = max(2 * self._delay_s, _SLOWED_S)

    def _check(self) -> None:
        now = self._clock.now()
        if self._stopped is None and self.manners.quiet is not None and _within(now, self.manners.quiet):
            self._stop("quiet", f"quiet hours until {self.manners.quiet[1]:%H:%M} (Asia/Shanghai)")
        if _day(now) != self._day:
            self._day, self._used = _day(now), 0
        if self._stopped is None and self.manners.daily_cap and self._used >= self.manners.daily_cap:
            self._stop("cap", f"{self.host} has had its {self.manners.daily_cap} requests of the day")
        busy_s = asyncio.get_running_loop().time() - (self._began_at or 0.0)
        if self._stopped is None and self._began_at is not None and busy_s > 3600 * self.manners.host_hours:
            self._stop("throttled", f"{self.host} has kept this pass busy for {busy_s / 3600:.1f} hours")
        if self._stopped is not None:
            raise HostStoppedError(self._stopped.verdict, self._stopped.reason)

    def _stop(self, verdict: str, reason: str) -> None:
        if self._stopped is None:
            self._stopped = HostStoppedError(verdict, reason)


def _asks_patience(verdict: str, status: int | None) -> bool:
    """Whether an answer, or none, says that the host wants or needs a pause."""
    is_refused = status in (403, 429) or (status or 0) >= 500
    return is_refused or verdict in ("unreachable", "throttled") or verdict.startswith("blocked")


def _day(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).date().isoformat()


def _within(moment: datetime, span: tuple[time, time]) -> bool:
    begin, end = span
    local = moment.astimezone(SHANGHAI).time()
    return begin <= local < end if begin <= end else local >= begin or local < end


def seconds_asked(retry_after: str | None, now: datetime) -> float | None:
    """The wait that a `Retry-After` field asks for, `None` without a usable one (RFC 9110 §10.2.3)."""
    if retry_after is None:
        return None
    seconds = whole_number(retry_after)
    if seconds is not None:
        return float(seconds)
    try:
        return max(0.0, (parse_http_date(retry_after) - now).total_seconds())
    except ValueError:
        return None


def _spoken(seconds: float) -> str:
    """A wait in words: a host may ask for any number."""
    return f"{seconds:.0f} s" if seconds < _LONG_S else localizable("more than a year")
