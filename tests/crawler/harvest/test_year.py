"""A watched year against the world's own ledger: obligations, blocks, a moved column, every event told once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bench.watch.year import watch_year, weekly
from crawler.replica.generator import Plan

#: Around the due dates, through the blocks, and after the redesign of June.
DAYS = [
    date(2022, *day) for day in ((1, 9), (1, 30), (2, 2), (2, 20), (3, 6), (4, 2), (4, 24), (5, 29), (6, 26), (9, 18))
]


def test_days_of_a_year_hold_the_due_dates() -> None:
    days = weekly(2021)
    assert {date(2022, 1, 31), date(2022, 2, 1), date(2022, 3, 31), date(2022, 4, 1)} <= set(days)
    assert days == sorted(set(days))


@pytest.mark.slow
def test_small_year(tmp_path: Path) -> None:
    plan = Plan(agencies=12, years=(2020,), late=0.2, missing=0.2, backdated=0.1, edited=0.2, withdrawn=0.2)
    said: list[str] = []
    score = watch_year(tmp_path, plan, 10, DAYS, tell=said.append)
    assert score.wrong == []
    assert score.missing_in_block == []
    assert (score.lost, score.told_twice, score.untrue) == ([], [], [])
    assert score.column_lost == []
    assert score.moved
    assert score.unasked == []
    assert score.judged == len(DAYS) * 24
    assert {"published", "late", "missing", "vanished", "pending", "unknown"} <= set(score.statuses)
    assert {"published", "late", "missing", "vanished", "restored", "revised", "blocked"} <= set(score.kinds)
