"""Findings that need several reports of the archive: carried over, stock, unit, growth, copies, form."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.index.database import open_index
from archive.index.rows import rows
from archive.warc.context import Entry
from tests.archive.season import BASE, BUREAU, GOVERNMENT, Season, Shown, page, report
from tests.extract import portal_pages as pages
from tests.extract.portal_pages import Report, edit

WORDS = (
    "公开工作持续推进制度建设深入落实群众关切解读政策平台规范管理监督保障培训考核队伍服务能力水平提升优化栏目发布审查"
)


@pytest.fixture
def season(tmp_path: Path) -> Season:
    return Season(tmp_path / "archive")


def prose(seed: int) -> tuple[str, ...]:
    """Text long enough to be judged, and unlike that of another seed."""
    rng = random.Random(seed)
    return tuple("".join(rng.choices(WORDS, k=20)) + "。" for _ in range(40))


def filed(received: int, carried_in: int, carried_out: int) -> tuple[tuple[int, ...], ...]:
    """An application table whose sums hold: all from natural persons, all granted."""
    disposed = received + carried_in - carried_out
    values = [0] * len(pages.ROWS_2021)
    values[0], values[1], values[2], values[-2], values[-1] = received, carried_in, disposed, disposed, carried_out
    return tuple((value, 0, 0, 0, 0, 0, value) for value in values)


def numbers(made: int, repealed: int, in_force: int, fees: int) -> tuple[int, ...]:
    return (0, 0, 0, made, repealed, in_force, 0, 0, 0, fees)


def shown(agency: str, year: int, what: Report) -> Shown:
    titled = report(agency, year)
    address = f"{BASE}/art/{agency == BUREAU:d}/{year}.html"
    return Shown(address, page(titled, published=f"{year + 1}-01-20", body=pages.body(what)))


def keep(season: Season, year: int, *what: tuple[str, Report]) -> None:
    """One run that finds the reports of a year."""
    found = [shown(agency, year, one) for agency, one in what]
    listed = [
        Entry(one.url, f"{agency}{year}年政府信息公开工作年度报告")
        for one, (agency, _) in zip(found, what, strict=True)
    ]
    season.run(datetime(year + 1, 1, 25, 2, tzinfo=UTC), found, listed)


def findings(season: Season, *checks: str) -> list[dict[str, Any]]:
    db = open_index(season.archive)
    try:
        found = rows(
            db,
            'SELECT f."check", f.severity, f."where", f.expected, f.actual, f.message, f.figures, a.name AS agency, r.year FROM findings f '
            "JOIN reports r ON r.id = f.report AND r.version = f.version JOIN agencies a ON a.id = r.agency ORDER BY r.year, f.id",
        )
    finally:
        db.close()
    return [one for one in found if one["check"] in checks]


def test_what_was_left_over_must_arrive(season: Season) -> None:
    base = edit(Report(), sentences=prose(1), challenges=(0,) * 15)
    keep(season, 2021, (BUREAU, edit(base, applications=filed(30, 0, 5))))
    keep(season, 2022, (BUREAU, edit(base, sentences=prose(2), applications=filed(31, 5, 7))))
    keep(season, 2023, (BUREAU, edit(base, sentences=prose(3), applications=filed(32, 6, 0))))
    found = findings(season, "carry_over")
    assert {(one["year"], one["where"]) for one in found} == {
        (2023, "applications.carried_in.natural_person"),
        (2023, "applications.carried_in.total"),
    }
    total = next(one for one in found if one["where"].endswith("total"))
    assert (total["severity"], total["expected"], total["actual"]) == ("error", 7, 6)
    assert "previous:applications.carried_out.total" in total["figures"]


def test_documents_in_force_and_amounts_follow_from_year_to_year(season: Season) -> None:
    base = edit(Report(), challenges=(0,) * 15, applications=filed(3, 0, 0))
    keep(season, 2021, (BUREAU, edit(base, sentences=prose(1), numbers=numbers(10, 2, 50, 130))))
    keep(season, 2022, (BUREAU, edit(base, sentences=prose(2), numbers=numbers(5, 1, 54, 1_310_000))))
    keep(season, 2023, (BUREAU, edit(base, sentences=prose(3), numbers=numbers(5, 1, 60, 128))))
    stock = findings(season, "stock")
    assert [(one["year"], one["expected"], one["actual"]) for one in stock] == [(2023, 58, 60)]
    unit = findings(season, "unit")
    assert [(one["year"], one["where"]) for one in unit] == [(2022, "disclosure.fees.amount")]
    assert "2021:disclosure.fees.amount" in unit[0]["figures"]


def test_growth_is_judged_when_last_years_report_is_there(season: Season) -> None:
    base = edit(Report(), challenges=(0,) * 15)
    told = ("2022年共收到政府信息公开申请30件，较上年增长50%。",)
    keep(season, 2022, (BUREAU, edit(base, sentences=(*prose(2), *told), applications=filed(30, 0, 0))))
    assert findings(season, "narrative") == []
    season.run(
        datetime(2022, 1, 25, 2, tzinfo=UTC),
        [shown(BUREAU, 2021, edit(base, sentences=prose(1), applications=filed(25, 0, 0)))],
        None,
    )
    found = findings(season, "narrative")
    assert [(one["year"], one["expected"], one["actual"]) for one in found] == [(2022, 20, 50)]


def test_copies_are_named_on_both_sides_until_one_is_rewritten(season: Season) -> None:
    base = edit(Report(), challenges=(0,) * 15, applications=filed(3, 0, 0))
    same = edit(base, sentences=prose(1))
    keep(season, 2021, (BUREAU, same))
    keep(season, 2022, (BUREAU, edit(base, sentences=prose(2))), (GOVERNMENT, same))
    found = findings(season, "boilerplate")
    assert {(one["agency"], one["year"]) for one in found} == {(BUREAU, 2021), (GOVERNMENT, 2022)}
    rewritten = shown(GOVERNMENT, 2022, edit(base, sentences=prose(9)))
    season.run(
        datetime(2023, 2, 25, 2, tzinfo=UTC),
        [rewritten],
        [Entry(rewritten.url, f"{GOVERNMENT}2022年政府信息公开工作年度报告")],
    )
    assert findings(season, "boilerplate") == []


def test_form_of_another_year(season: Season) -> None:
    keep(season, 2020, (BUREAU, edit(Report(), sentences=prose(1), challenges=(0,) * 15, applications=filed(3, 0, 0))))
    assert [(one["year"], one["where"]) for one in findings(season, "form")] == [(2020, "report")]
