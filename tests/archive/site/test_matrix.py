"""The matrix of duties: pages by key, sums kept with the rows, and no statement that walks through the register."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.files.folder import Archive
from archive.index.database import open_index
from archive.site.readers import Readers
from bench.site.make import make
from tests.archive.site_archive import Client

STATUSES = ("published", "late", "missing", "vanished", "pending", "unknown")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return make(tmp_path_factory.mktemp("matrix") / "a", 1200)


@pytest.fixture(scope="module")
def site(archive: Archive) -> Iterator[Client]:
    client = Client(archive)
    yield client
    client.close()


def agencies_of(html: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/agency/([^"]+)"', html)


def test_pages_by_key_are_those_by_number_and_hold_every_agency_once(site: Client) -> None:
    wanted = [row["agency"] for row in site.sql("select distinct agency from obligations")]
    found: list[str] = []
    page, address = 1, "/missing"
    while True:
        html = site.text(address)
        shown = agencies_of(html)
        assert shown == agencies_of(site.text(f"/missing?page={page}")), "with and without the key"
        found += shown
        following = re.search(r'rel="next" href="([^"]+)"', html)
        if following is None:
            break
        page, address = page + 1, following[1].replace("&amp;", "&")
        assert "after=" in address
    assert len(found) == len(set(found)) == len(wanted)
    assert set(found) == set(wanted)
    assert agencies_of(site.text("/missing?page=2&after=nobody")) == [], "a key that is none leads nowhere"


@pytest.mark.parametrize(
    "query",
    ["", "?kind=government", "?year=2020", "?status=published", "?region=110000", "?region=33&year=2021&status=late"],
)
def test_every_page_answers_whatever_it_is_narrowed_to(site: Client, query: str) -> None:
    site.text(f"/missing{query}")


def counts(db: Any) -> tuple[Counter[tuple[Any, ...]], Counter[tuple[Any, ...]]]:
    kept = Counter(
        {
            tuple(row[:4]): row[4]
            for row in db.execute("SELECT region, kind, year, status, n FROM duty_counts").fetchall()
        }
    )
    rows = db.execute("SELECT coalesce(region, ''), kind, year, status FROM obligations").fetchall()
    return kept, Counter(map(tuple, rows))


def test_sums_follow_every_way_of_writing(tmp_path: Path) -> None:
    db = open_index(make(tmp_path / "a", 200))
    kept, counted = counts(db)
    assert kept == counted
    assert kept.total() > 100
    for sql in (
        "DELETE FROM obligations WHERE year = (SELECT min(year) FROM obligations)",
        "UPDATE obligations SET status = 'late' WHERE status = 'published' AND agency < '8'",
        "UPDATE obligations SET region = NULL WHERE agency > 'c'",
        "INSERT INTO obligations (agency, year, kind, due, status) SELECT id, 1999, kind, '2000-03-31', 'unknown' FROM agencies",
        "DELETE FROM obligations",
    ):
        db.execute(sql)
        kept, counted = counts(db)
        assert kept == counted, sql
        assert min(kept.values(), default=1) > 0
    db.close()


def test_no_statement_sorts_or_walks_through_the_register(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, Any]] = []
    run = Readers.run

    async def noting(self: Readers, work: Any) -> Any:
        def traced(connection: Any) -> Any:
            connection.set_trace_callback(lambda sql: asked.append((sql, None)))
            try:
                return work(connection)
            finally:
                connection.set_trace_callback(None)

        return await run(self, traced)

    monkeypatch.setattr(Readers, "run", noting)
    client = Client(archive)
    for query in ("", "?page=3", "?region=330000", "?status=missing", "?status=late&year=2020"):
        client.text(f"/missing{query}")
    client.close()
    db = open_index(archive)
    mine = [sql for sql, _ in asked if "from agencies a" in sql and "limit 60" in sql]
    assert len(mine) >= 4
    for sql in mine:
        steps = [row[3] for row in db.execute("EXPLAIN QUERY PLAN " + sql).fetchall()]
        assert not any("TEMP B-TREE" in step for step in steps), (sql, steps)
        assert any("agencies_order" in step for step in steps), (sql, steps)
    for part in ("level = 'county'", "level = 'province'"):
        steps = [
            row[3]
            for row in db.execute("EXPLAIN QUERY PLAN " + next(sql for sql, _ in asked if part in sql)).fetchall()
        ]
        assert not any(re.match(r"SCAN a\b", step) for step in steps), steps
    db.close()
