"""An index of invented reports, as large as wanted: `python -m bench.site.make FOLDER --reports 50000`.

Rows are written directly: figures, text and findings of a few extracted reports, their numbers and names varied, for six years of each agency,
in all provinces. What is measured is the site, not the harvest; there are no segments, so originals can't be shown.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

from archive import register
from archive.folder import Archive
from archive.index import open_index, rows
from archive.migrations import FIGURE_TABLES
from archive.search import VERSION, index_text

YEARS = range(2018, 2024)
BUREAUS = (
    "人民政府",
    "财政局",
    "教育局",
    "公安局",
    "民政局",
    "司法局",
    "自然资源局",
    "生态环境局",
    "住房和城乡建设局",
    "交通运输局",
)
WORDS = (
    "疫情防控", "营商环境", "乡村振兴", "教育双减", "征地拆迁", "城市更新", "医保报销", "垃圾分类", "老旧小区", "不动产登记", "食品安全", "消防救援"
)  # fmt: skip


@lru_cache(maxsize=4096)
def tokens(text: str) -> str:
    return index_text(text)


def sample() -> tuple[list[dict[str, Any]], dict[str, list[dict[str, Any]]]]:
    """Reports of a small extracted archive and their rows, by table."""
    from tests.archive.site_archive import build

    with tempfile.TemporaryDirectory() as folder:
        db = open_index(build(Path(folder) / "a"))
        reports = rows(db, "select * from reports order by id")
        tables = {
            table: rows(db, f"select * from {table}")
            for table in (*FIGURE_TABLES, "report_text", "findings", "versions", "captures")
        }
        db.close()
    return reports, tables


class Writer:
    """Collects rows and writes them by the thousand."""

    def __init__(self, db: Any) -> None:
        self.db = db
        self.rows: dict[str, list[tuple[Any, ...]]] = {}
        self.heads: dict[str, tuple[str, ...]] = {}

    def add(self, table: str, row: dict[str, Any]) -> None:
        self.heads.setdefault(table, tuple(row))
        self.rows.setdefault(table, []).append(tuple(row.values()))

    def flush(self) -> None:
        with self.db.conn:
            for table, waiting in self.rows.items():
                names = ", ".join(f'"{name}"' for name in self.heads[table])
                marks = ", ".join("?" for _ in self.heads[table])
                self.db.conn.executemany(f"insert into {table} ({names}) values ({marks})", waiting)
        self.rows.clear()


def make(root: Path, count: int, seed: int = 1) -> Archive:
    """An archive in `root` whose index holds `count` reports."""
    archive = Archive.create(root)
    db = open_index(archive)
    reports, tables = sample()
    by_report = {
        (table, report["id"]): [
            row for row in found if row.get("report") == report["id"] and row.get("version", 1) == report["version"]
        ]
        for table, found in tables.items()
        for report in reports
    }
    pick = random.Random(seed)
    writer = Writer(db)
    register.load_regions(db)
    regions = list(rows(db, "select code, name from regions where level = 'county' order by code"))
    assert regions, "the register of regions is empty"
    writer.add(
        "runs",
        {
            "id": "bench",
            "kind": "harvest",
            "started_at": "2024-04-01T00:00:00Z",
            "ended_at": "2024-04-01T08:00:00Z",
            "clock": "system",
            "vantage": None,
            "portals": "[]",
            "is_whole": 1,
            "segments": 0,
            "captures": 3 * count,
        },
    )
    started = time.monotonic()
    made = 0
    number = 0
    while made < count:
        region = regions[(number * 37) % len(regions)]
        bureau = BUREAUS[(number // len(regions)) % len(BUREAUS)]
        name = region["name"] + bureau + ("" if number < len(regions) * len(BUREAUS) else str(number))
        agency = f"{number:012x}"
        number += 1
        kind = "government" if bureau == "人民政府" else "department"
        writer.add(
            "agencies",
            {
                "id": agency,
                "name": name,
                "kind": kind,
                "region": region["code"],
                "portal": f"p{number % 3000}",
                "parent": None,
                "since": 2018,
                "until": None,
                "successor": None,
                "aliases": "[]",
                "source": "found",
                "first_seen": "2024-01-01T00:00:00Z",
            },
        )
        for year in YEARS:
            what = reports[pick.randrange(len(reports))]
            identity = f"p{number % 3000}-{year}-{agency[-6:]}"
            status = pick.choices(("published", "late", "missing", "unknown"), (80, 10, 7, 3))[0]
            has_report = status in ("published", "late") and made < count
            writer.add(
                "obligations",
                {
                    "agency": agency,
                    "year": year,
                    "kind": kind,
                    "region": region["code"],
                    "portal": f"p{number % 3000}",
                    "due": f"{year + 1}-03-31",
                    "status": status,
                    "published_on": f"{year + 1}-01-20" if has_report else None,
                    "first_seen": None,
                    "days_late": None,
                    "report": identity if has_report else None,
                    "reason": None,
                    "list_read_at": None,
                    "as_of": "2024-04-01",
                },
            )
            if not has_report:
                continue
            made += 1
            url = f"http://p{number % 3000}.example/{agency}/{year}.html"
            title = f"{name}{year}年政府信息公开工作年度报告"
            search_id = ((year - 1900) << 44) | made
            at = f"{year + 1}-0{pick.randrange(1, 4)}-{pick.randrange(1, 28):02}T0{pick.randrange(10)}:00:00Z"
            writer.add(
                "reports",
                {
                    **what,
                    "id": identity,
                    "agency": agency,
                    "year": year,
                    "title": title,
                    "url": url,
                    "portal": f"p{number % 3000}",
                    "region": region["code"],
                    "first_seen": at,
                    "last_seen": "2024-04-01T08:00:00Z",
                    "published_on": at[:10],
                    "status": "present",
                    "version": 1,
                    "search_id": search_id,
                    "absent_at": None,
                },
            )
            capture = f"urn:uuid:{made:08x}-0000-4000-8000-000000000000"
            version = next(row for row in by_report["versions", what["id"]])
            writer.add(
                "versions",
                {
                    **version,
                    "report": identity,
                    "version": 1,
                    "first_seen": at,
                    "capture": capture,
                    "figures_capture": capture,
                    "url": url,
                    "title": title,
                    "content_digest": f"{made:064x}",
                    "state": f"{made:032x}",
                    "attachments": "[]",
                },
            )
            for place in range(3):
                writer.add(
                    "captures",
                    {
                        **tables["captures"][0],
                        "id": capture if not place else f"{capture[:-1]}{place}",
                        "url": url,
                        "at": at,
                        "run": "bench",
                        "portal": f"p{number % 3000}",
                        "segment": "none",
                        "offset": made,
                        "parent": None,
                    },
                )
            writer.add(
                "documents",
                {
                    "url": url,
                    "entry_url": url,
                    "report": identity,
                    "portal": f"p{number % 3000}",
                    "status": "present",
                    "gone_run": None,
                    "gone_at": None,
                    "first_seen": at,
                    "first_run": "bench",
                    "last_seen": at,
                    "is_primary": 1,
                    "is_listed": 1,
                    "was_listed": 1,
                    "is_correction": 0,
                    "is_plain": 1,
                    "figures": 198,
                    "state": "x",
                    "content_digest": None,
                    "pending_digest": None,
                    "title": title,
                },
            )
            writer.add(
                "changes",
                {
                    "id": f"c{made}",
                    "report": identity,
                    "kind": "published",
                    "at": at,
                    "from_version": None,
                    "to_version": 1,
                    "url": url,
                    "from_url": None,
                    "text_added": 0,
                    "text_removed": 0,
                    "details": "{}",
                    "run": "bench",
                    "position": made,
                    "is_false_alarm": 0,
                },
            )
            for table, columns in FIGURE_TABLES.items():
                for row in by_report[table, what["id"]]:
                    values = {
                        column: row[column] if not row[column] else row[column] + pick.randrange(9)
                        for column in columns
                    }
                    writer.add(table, {**row, **values, "report": identity, "version": 1})
            texts = [title, name]
            for row in by_report["report_text", what["id"]]:
                own = f"{name}{year}年围绕{pick.choice(WORDS)}和{pick.choice(WORDS)}公开信息{pick.randrange(9999)}条。"
                writer.add("report_text", {**row, "report": identity, "version": 1, "text": row["text"] + own})
                texts += [row["heading"], row["text"], own]
            for place, row in enumerate(by_report["findings", what["id"]][:5]):
                writer.add("findings", {**row, "id": f"f{made}-{place}", "report": identity, "version": 1})
            writer.add(
                "report_fts",
                {
                    "rowid": search_id,
                    "title": f"{tokens(title)} {tokens(name)}",
                    "text": " ".join(tokens(text) if len(text) > 60 else index_text(text) for text in texts[2:]),
                },
            )
            if made % 2000 == 0:
                writer.flush()
                print(f"{made} reports, {time.monotonic() - started:.0f} s", file=sys.stderr)
    writer.flush()
    db.execute("insert or replace into meta (key, value) values ('search_version', ?)", (VERSION,))
    db.conn.commit()
    db.execute("insert into report_fts(report_fts) values ('optimize')")
    db.execute("analyze main")
    db.conn.commit()
    db.execute("pragma wal_checkpoint(truncate)")
    db.close()
    (root / "bench.json").write_text(json.dumps({"reports": made, "agencies": number}), "utf-8")
    return archive


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--reports", type=int, default=50_000)
    arguments = parser.parse_args()
    make(arguments.folder, arguments.reports)


if __name__ == "__main__":
    main()
