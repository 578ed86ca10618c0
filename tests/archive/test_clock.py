"""Names of runs say when they began."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from archive.clock import run_began, run_name, utc_text


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - the zone is drawn beside it
    st.sampled_from([UTC, timezone(timedelta(hours=8))]),
    st.from_regex(r"[0-9a-f]{4}", fullmatch=True),
)
def test_the_name_of_a_run_says_when_it_began(began: datetime, zone: timezone, mark: str) -> None:
    at = began.replace(tzinfo=zone)
    assert run_began(run_name(at, mark)) == utc_text(at)


def test_a_run_that_is_named_otherwise_says_nothing() -> None:
    assert run_began("imported-by-hand") is None
    assert run_began("") is None
