"""An address that shows another report: next year's, or another agency's; and what only looks so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.warc.context import Entry
from tests.archive.season import BASE, BUREAU, GOVERNMENT, Season, Shown, page, report

DAY = datetime(2021, 2, 1, 2, 0, 0, tzinfo=UTC)
URL = f"{BASE}/art/1.html"


@pytest.fixture
def season(tmp_path: Path) -> Season:
    return Season(tmp_path / "archive")


def kinds(season: Season) -> list[str]:
    return [change["kind"] for change in season.changes()]


def names(season: Season) -> dict[tuple[str, int], str]:
    return {(one["agency"], one["year"]): one["status"] for one in season.reports()}


@pytest.mark.parametrize(
    ("other", "year", "seed"),
    [(GOVERNMENT, 2021, 3), (BUREAU, 2020, 3), (BUREAU, 2021, 3), ("温州市瓯海区教育局", 2020, 5)],
    ids=["next year's", "another agency's", "both", "an agency's that nobody knew"],
)
@pytest.mark.parametrize("is_listed_anew", [True, False])
def test_another_report_at_the_address_is_no_revision(
    season: Season, other: str, year: int, seed: int, *, is_listed_anew: bool
) -> None:
    first, second = report(), report(other, year, seed)
    season.run(DAY, [Shown(URL, page(first))], [Entry(URL, first.title)])
    season.run(
        DAY + timedelta(days=7), [Shown(URL, page(second))], [Entry(URL, (second if is_listed_anew else first).title)]
    )
    assert names(season) == {(GOVERNMENT, 2020): "vanished", (other, year): "present"}
    assert sorted(kinds(season)) == ["published", "published", "replaced"]


@pytest.mark.parametrize("name", ["温州市瓯海区大数据发展管理局", "瓯海区财政局（国有资产监督管理办公室）"])
def test_an_agency_of_another_name_with_its_figures_stays_itself(season: Season, name: str) -> None:
    first = report(BUREAU)
    season.run(DAY, [Shown(URL, page(first))], [Entry(URL, first.title)])
    second = replace(first, agency=name)
    season.run(DAY + timedelta(days=7), [Shown(URL, page(second))], [Entry(URL, second.title)])
    assert [one["status"] for one in season.reports()] == ["present"]
    assert "replaced" not in kinds(season)


def test_all_figures_of_the_same_agency_are_a_revision(season: Season) -> None:
    first, second = report(), report(seed=3)
    season.run(DAY, [Shown(URL, page(first))], [Entry(URL, first.title)])
    season.run(DAY + timedelta(days=7), [Shown(URL, page(second))], [Entry(URL, second.title)])
    assert kinds(season) == ["published", "revised"]


def test_a_report_that_comes_back_to_its_address_is_restored(season: Season) -> None:
    first, second = report(), report(BUREAU, 2020, 3)
    for week, what in enumerate((first, second, first)):
        season.run(DAY + timedelta(days=7 * week), [Shown(URL, page(what))], [Entry(URL, what.title)])
    assert names(season)[GOVERNMENT, 2020] == "present"
    assert names(season)[BUREAU, 2020] == "vanished"
    assert "revised" not in kinds(season)
    assert "restored" in kinds(season)
