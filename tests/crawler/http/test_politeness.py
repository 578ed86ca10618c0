"""The gate before a host: what it waits for, when it stops."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time
from itertools import pairwise

import pytest

from archive.clock import SimulatedClock
from crawler.http.politeness import HostGate, HostStoppedError, Manners
from tests import virtual_time

NOON = datetime(2021, 3, 1, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


def gate(now: datetime = NOON, used: int = 0, **manners: object) -> HostGate:
    defaults: dict[str, object] = {"delay_s": 0.0, "jitter": 0.0, "backoff_s": 0.05, "backoff_max_s": 1.0}
    return HostGate("host", Manners(**(defaults | manners)), SimulatedClock(now), used)  # type: ignore[arg-type]


async def once(one: HostGate, verdict: str = "ok", status: int | None = 200, retry_after: str | None = None) -> float:
    await one.enter()
    at = asyncio.get_running_loop().time()
    one.leave(verdict, status, retry_after)
    return at


def gaps_of(run: Callable[[], Awaitable[list[float]]]) -> list[float]:
    times = virtual_time.run(run())  # type: ignore[arg-type]
    return [b - a for a, b in pairwise(times)]


def test_requests_keep_the_delay_and_come_one_at_a_time() -> None:
    async def run() -> list[float]:
        one = gate(delay_s=0.05)
        return sorted(await asyncio.gather(*(once(one) for _ in range(4))))

    assert min(gaps_of(run)) >= 0.05


def test_jitter_only_adds() -> None:
    async def run() -> list[float]:
        one = gate(delay_s=0.03, jitter=1.0)
        return [await once(one) for _ in range(6)]

    assert min(gaps_of(run)) >= 0.03


def test_crawl_delay_raises_the_delay_and_never_lowers_it() -> None:
    one = gate(delay_s=2.0)
    one.require_delay(5.0)
    one.require_delay(1.0)
    assert one.delay_s == 5.0


@pytest.mark.parametrize(
    ("verdict", "status"), [("unreachable", 503), ("blocked:waf", 403), ("throttled", 429), ("unreachable", None)]
)
def test_errors_make_the_wait_double(verdict: str, status: int | None) -> None:
    async def run() -> list[float]:
        one = gate()
        return [await once(one, verdict, status), await once(one, verdict, status), await once(one)]

    first, second = gaps_of(run)
    assert 0.05 <= first < 0.1
    assert second >= 0.1


def test_success_ends_the_patience() -> None:
    async def run() -> list[float]:
        one = gate()
        return [await once(one, "unreachable", 500), await once(one), await once(one)]

    assert gaps_of(run)[1] < 0.05


def test_retry_after_is_honoured_in_seconds_and_as_a_date() -> None:
    async def run() -> list[float]:
        one = gate(now=datetime(2021, 3, 1, 4, 0, 0, tzinfo=UTC))
        return [
            await once(one, "throttled", 429, "0"),
            await once(one, "throttled", 503, "Mon, 01 Mar 2021 04:00:01 GMT"),
            await once(one),
        ]

    first, second = gaps_of(run)
    assert first < 0.05
    assert 0.7 <= second <= 1.2


def test_a_host_that_asks_for_more_than_we_wait_is_left_alone() -> None:
    async def run() -> None:
        one = gate(backoff_max_s=1.0)
        await once(one, "throttled", 429, "3600")
        await one.enter()

    with pytest.raises(HostStoppedError, match="asks to wait 3600 s"):
        virtual_time.run(run())


def test_three_blocks_in_a_row_end_the_pass_for_the_host() -> None:
    async def run() -> HostStoppedError:
        one = gate(backoff_s=0.0)
        for _ in range(3):
            await once(one, "blocked:captcha", 200)
        with pytest.raises(HostStoppedError) as stop:
            await one.enter()
        return stop.value

    assert virtual_time.run(run()).verdict == "blocked:captcha"


def test_the_cap_counts_what_the_host_had_today_and_starts_anew_tomorrow() -> None:
    async def run(now: datetime) -> None:
        one = gate(now=now, used=9, daily_cap=10)
        await once(one)
        await one.enter()

    with pytest.raises(HostStoppedError, match="had its 10 requests"):
        virtual_time.run(run(NOON))

    async def over_midnight() -> None:
        one = HostGate(
            "host", Manners(delay_s=0.0, daily_cap=1), clock := _Hand(datetime(2021, 3, 1, 15, 59, tzinfo=UTC))
        )
        await once(one)
        clock.moment = datetime(2021, 3, 1, 16, 1, tzinfo=UTC)  # the next day in Shanghai
        await once(one)

    virtual_time.run(over_midnight())


class _Hand:
    """A clock that is set by hand."""

    kind = "simulated"

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


@pytest.mark.parametrize(
    ("begin", "end", "is_quiet"),
    [(time(8), time(18), True), (time(18), time(8), False), (time(11), time(12), False), (time(22), time(13), True)],
)
def test_quiet_hours_are_those_of_shanghai(begin: time, end: time, is_quiet: bool) -> None:
    async def run() -> None:
        await once(gate(quiet=(begin, end)))

    if is_quiet:
        with pytest.raises(HostStoppedError, match="quiet hours"):
            virtual_time.run(run())
    else:
        virtual_time.run(run())


def test_silent_throttling_doubles_the_delay_and_ends_the_pass_if_it_goes_on() -> None:
    async def run() -> HostGate:
        one = gate(delay_s=0.02, throttle_pause_s=0.1)
        before = await once(one, "throttled", 200)
        after = await once(one, "throttled", 200)
        assert after - before >= 0.1
        assert one.delay_s == 0.5  # a quarter of a second is the least a slowed host gets
        with pytest.raises(HostStoppedError, match="throttles"):
            await one.enter()
        return one

    assert virtual_time.run(run()).stopped is not None


def test_on_loopback_waits_are_short_and_there_is_no_cap() -> None:
    manners = Manners(delay_s=0.0, daily_cap=500).on_loopback()
    assert manners.daily_cap == 0
    assert manners.backoff_s == 1.0
    assert manners.throttle_pause_s == 5.0


@pytest.mark.parametrize("seconds", [121.0, 1e6, float("inf"), float("nan")])
def test_a_host_that_asks_for_too_much_is_left_and_not_asked_faster(seconds: float) -> None:
    async def run() -> None:
        one = gate(delay_s=2.0)
        one.obey_crawl_delay(seconds)
        with pytest.raises(HostStoppedError, match=r"robots\.txt of host asks for"):
            await one.enter()

    virtual_time.run(run())


def test_a_host_that_keeps_a_pass_busy_for_hours_is_left() -> None:
    async def run() -> None:
        one = gate(host_hours=0.05 / 3600)
        await once(one)
        await asyncio.sleep(0.06)
        with pytest.raises(HostStoppedError, match="kept this pass busy"):
            await one.enter()

    virtual_time.run(run())


@pytest.mark.parametrize(
    "retry_after",
    [
        "Mon, 01 Jan 2021 00:00:00 +99999999999999",
        "Mon, 01 Jan 99999 00:00:00 GMT",
        "\u00b2",
        "9" * 5000,
        "-5",
        "1e9",
        "inf",
        "",
        "Mon, 01 Jan 2021 99:99:99 GMT",
        "\x00",
        ", ",
    ],
)
def test_a_retry_after_that_is_none_leaves_no_lock(retry_after: str) -> None:
    async def run() -> None:
        one = gate()
        await once(one, "unreachable", 503, retry_after)
        await asyncio.wait_for(once(one), 2.0)
        assert one.stopped is None

    virtual_time.run(run())


@pytest.mark.parametrize("retry_after", ["9" * 18, "1000000", "Mon, 01 Jan 9999 00:00:00 GMT"])
def test_a_retry_after_beyond_all_patience_ends_the_pass_for_the_host(retry_after: str) -> None:
    async def run() -> None:
        one = gate()
        await once(one, "unreachable", 503, retry_after)
        with pytest.raises(HostStoppedError, match="asks to wait"):
            await one.enter()

    virtual_time.run(run())
