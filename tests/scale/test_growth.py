"""What one pass costs follows from what it brings, not from what the archive holds already."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

import archive.history.ingest
from archive.duties.sealing import seal_index
from archive.index.database import open_index
from archive.index.rows import rows
from archive.lists.queries import dump
from archive.warc.context import Entry, Role
from tests.archive.season import BASE, GONE_PAGE, Season, Shown, page, report

#: Tables with a row or more for each report, address, list or capture.
GROWING = re.compile(
    r"SCAN (?:\w+\.)?(addresses|agencies|a|captures|changes|c|reports|r|disclosure|applications|challenges|indicators|documents|d|fingerprints|findings|listings|l|"
    r"lists|payloads|p|report_text|versions|v)\b"
)
#: What is made anew as a whole at the end of an ingest, once, however many passes it brought; the sums of tables that are sealed
#: among them (`archive.duties.sealing.MOST_BYTES` bounds those).
ONCE = (
    "SELECT CAST(json_array(",
    "group_concat(line, char(10))",
)


class Traced:
    """Opens indexes whose statements are kept, each with its plan at the end."""

    def __init__(self) -> None:
        self.statements: set[str] = set()

    def open(self, archive: Any) -> Database:
        db = open_index(archive)
        db.conn.set_trace_callback(self.statements.add)
        return db

    def scans(self, db: Database) -> list[str]:
        """Statements that walk through a whole growing table."""
        found = []
        for sql in sorted(self.statements):
            if any(part in sql for part in ONCE) or "fts" in sql:
                continue
            if sql.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
                plan = [step[3] for step in db.execute("EXPLAIN QUERY PLAN " + sql).fetchall()]
                if any(GROWING.match(step) for step in plan):
                    found.append(f"{sql[:300]}: {plan}")
        return found


def test_a_pass_looks_nothing_up_by_walking_through_the_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    traced = Traced()
    season = Season(tmp_path / "a")
    names = [f"温州市瓯海区第{number}局" for number in range(6)]
    first = [Shown(f"{BASE}/x{number}.html", page(report(name, 2020, number))) for number, name in enumerate(names)]
    entries = [Entry(what.url, "2020年政府信息公开工作年度报告") for what in first]
    shells = [
        Shown(
            f"{BASE}/f{number}.pdf",
            b"%PDF-1.4 " + bytes([number]),
            role=Role.ATTACHMENT,
            parent=f"{BASE}/shell{number}.html" if number % 2 else first[number].url,
            media_type="application/pdf",
        )
        for number in range(4)
    ]
    left = [*entries[1:], Entry(f"{BASE}/new.html", "2020年政府信息公开工作年度报告")]
    season.run(datetime(2021, 3, 1, tzinfo=UTC), first, entries)
    season.run(datetime(2021, 3, 8, tzinfo=UTC), [], left)  # the row is gone a first time; the traced pass confirms it
    monkeypatch.setattr(archive.history.ingest, "open_index", traced.open)
    season.run(
        datetime(2021, 3, 9, tzinfo=UTC),
        [
            Shown(first[0].url, page(report(names[0], 2020, 77))),
            Shown(first[1].url, GONE_PAGE, "gone", 404),
            Shown(f"{BASE}/new.html", page(report("温州市瓯海区第九局", 2020, 9))),
            *shells,
        ],
        left,
    )
    monkeypatch.undo()
    assert {kind for kind, _ in season.kinds()} >= {"published", "revised", "delisted"}
    db = open_index(season.archive)
    assert len(traced.statements) > 100
    found = traced.scans(db)
    assert found == [], "\n".join(found)
    before = dump(db)
    db.close()
    archive.history.ingest.rebuild(season.archive, workers=1)
    db = open_index(season.archive)
    assert dump(db) == before
    db.close()


def test_a_copy_is_found_among_many_that_share_its_standard_phrases(tmp_path: Path) -> None:
    season = Season(tmp_path / "a")
    text = "".join(
        f"本局第{number}项工作由{'甲乙丙丁戊己庚辛壬癸'[number % 10]}处承担并按期完成情况良好。" for number in range(60)
    )
    numerals = "一二三四五六七八九"
    words = "".join(numerals[ord(sign) % 9] if sign.isdigit() else sign for sign in text)
    body = f"<h2>一、总体情况</h2><p>{words}{''.join(chr(0x4E00 + number * 7) for number in range(600))}</p>"
    one, two = (report(f"温州市瓯海区第{number}局", 2020, number) for number in (1, 2))
    season.run(datetime(2021, 3, 1, tzinfo=UTC), [Shown(f"{BASE}/1.html", page(one, body=body))])
    db = open_index(season.archive)
    shingles = [found["shingle"] for found in rows(db, "SELECT shingle FROM fingerprints ORDER BY shingle")]
    assert len(shingles) > 20
    with db.conn:  # half of the copied text's shingles stand in hundreds of other reports, whose names come first
        db.conn.executemany(
            "INSERT INTO fingerprints (shingle, report) VALUES (?, ?)",
            [(shingle, f"a{number:04}") for shingle in shingles[:10] for number in range(400)],
        )
    with season.archive.lock():  # they stand for reports of this archive, so they are sealed as its own
        seal_index(season.archive, db, attested=True)
    db.close()
    season.run(datetime(2021, 3, 2, tzinfo=UTC), [Shown(f"{BASE}/2.html", page(two, body=body))])
    db = open_index(season.archive)
    found = rows(
        db,
        "SELECT f.message FROM findings f JOIN reports r ON r.id = f.report WHERE f.\"check\" = 'boilerplate' AND r.url = ?",
        (f"{BASE}/2.html",),
    )
    assert any(f"{one.agency} 2020" in finding["message"] for finding in found), found
    db.close()
