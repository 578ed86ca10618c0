"""An index of invented reports, as large as wanted: `python -m bench.site.make FOLDER --reports 50000`.

Rows are written directly: figures, text and findings of a few extracted reports, their numbers and names varied, for six years of each agency,
in all provinces, with the addresses, lists and fingerprints that stand behind them. There are no segments, so originals can't be shown.
A million reports take some ten minutes of one core and 16 GB.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from archive.files.folder import Archive
from archive.history.across import SKETCH
from archive.index.database import open_index
from archive.index.figure_tables import FIGURE_TABLES
from archive.index.regions import load_regions
from archive.index.rows import rows
from archive.index.search import VERSION, index_text

YEARS = range(2018, 2024)
TITLE = "{}年政府信息公开工作年度报告"
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
#: Portals that the agencies are spread over.
PORTALS = 3000
#: Of each section so many characters are kept.
SECTION = 60
#: Reports written at a time.
BATCH = 10_000
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
            for table in (*FIGURE_TABLES, "report_facts", "report_text", "findings", "versions", "captures")
        }
        db.close()
    return reports, tables


#: What is made of one staged report `m` and, where a table has several rows a report, of the sample's rows `s`: column → SQL. Columns that
#: aren't named are the sample's own.
_OF_REPORT: dict[str, dict[str, str]] = {
    "reports": {
        "id": "m.report",
        "agency": "m.agency",
        "year": "m.year",
        "title": "m.title",
        "url": "m.url",
        "portal": "m.portal",
        "region": "m.region",
        "first_seen": "m.at",
        "last_seen": "'2024-04-01T08:00:00Z'",
        "published_on": "substr(m.at, 1, 10)",
        "status": "'present'",
        "version": "1",
        "search_id": "m.search_id",
        "absent_at": "null",
    },
    "versions": {
        "first_seen": "m.at",
        "capture": "m.capture",
        "figures_capture": "m.capture",
        "url": "m.url",
        "title": "m.title",
        "content_digest": "printf('%064x', m.n)",
        "state": "printf('%032x', m.n)",
        "attachments": "'[]'",
    },
    "findings": {"id": "printf('f%d-%d', m.n, s.rowid)"},
    "report_facts": {},
    "report_text": {"text": f"substr(s.text, 1, {SECTION}) || iif(s.position = 0, m.own, '')"},
    **{
        table: {column: f'iif(s."{column}", s."{column}" + m.n % 9, s."{column}")' for column in columns}
        for table, columns in FIGURE_TABLES.items()
    },
}
_COLUMN = "'http://' || m.portal || '.example/list/'"
_ENTRY = "json_object('url', m.url, 'title', m.title, 'date', substr(m.at, 1, 10), 'agency', m.name)"
_DIGEST = "printf('%064x', m.n)"
#: One row a report each.
_PLAIN: dict[str, dict[str, str]] = {
    "captures": {
        "id": "m.capture",
        "url": "m.url",
        "at": "m.at",
        "run": "'bench'",
        "portal": "m.portal",
        "role": "'report'",
        "verdict": "'ok'",
        "kind": "'response'",
        "status": "200",
        "media_type": "'text/html'",
        "digest": _DIGEST,
        "segment": "'none'",
        "offset": "m.n",
        "length": "30000",
        "column_url": _COLUMN,
        "entry": _ENTRY,
    },
    "payloads": {"digest": _DIGEST, "segment": "'none'", "offset": "m.n", "at": "m.at"},
    "addresses": {
        "url": "m.url",
        "portal": "m.portal",
        "role": "'report'",
        "verdict": "'ok'",
        "status": "200",
        "visited_at": "m.at",
        "visits": "3",
        "digest": _DIGEST,
        "digest_at": "m.at",
        "changed_at": "m.at",
        "column_url": _COLUMN,
        "entry": _ENTRY,
        "is_linked": "0",
        "is_gone": "0",
    },
    "listings": {
        "column_url": _COLUMN,
        "url": "m.url",
        "portal": "m.portal",
        "title": "m.title",
        "date": "substr(m.at, 1, 10)",
        "agency": "m.name",
        "first_at": "m.at",
    },
    "documents": {
        "url": "m.url",
        "entry_url": "m.url",
        "report": "m.report",
        "portal": "m.portal",
        "status": "'present'",
        "first_seen": "m.at",
        "first_run": "'bench'",
        "last_seen": "m.at",
        "is_primary": "1",
        "is_listed": "1",
        "was_listed": "1",
        "is_correction": "0",
        "is_plain": "1",
        "figures": "198",
        "state": "'x'",
        "title": "m.title",
    },
    "changes": {
        "id": "'c' || m.n",
        "report": "m.report",
        "kind": "'published'",
        "at": "m.at",
        "to_version": "1",
        "url": "m.url",
        "text_added": "0",
        "text_removed": "0",
        "details": "'{}'",
        "run": "'bench'",
        "position": "m.n",
        "is_false_alarm": "0",
    },
}
#: A text's shingles: four stand in one of fifty reports (standard phrases), the others in no other one.
_FINGERPRINTS = """
insert or ignore into fingerprints (shingle, report)
select iif(k.value < 4, m.n * (k.value + 7) % 200, (m.n * 2654435761 + k.value * 97) % 4294967296), m.report
from made m, places k order by 1, 2
"""
_STAGED = (
    "n",
    "report",
    "agency",
    "name",
    "region",
    "year",
    "portal",
    "sample",
    "search_id",
    "url",
    "title",
    "at",
    "capture",
    "own",
)


class Maker:
    """Writes staged reports, and what stands behind each, a batch at a time."""

    def __init__(self, db: Any) -> None:
        self._db = db
        self.reports, tables = sample()
        db.execute(f"create temp table made ({', '.join(_STAGED)})")
        db.execute("create temp table places (value)")
        db.conn.executemany("insert into places values (?)", [(k,) for k in range(SKETCH)])
        current = {report["id"]: report["version"] for report in self.reports}
        self._statements = [_insert(table, parts, "made m") for table, parts in _PLAIN.items()]
        for table, parts in _OF_REPORT.items():
            key = "id" if table == "reports" else "report"
            found = self.reports if table == "reports" else tables[table]
            found = [row for row in found if row["version"] == current[row[key]]]
            if not found:
                continue
            columns = list(found[0])
            db.execute(f"create temp table sample_{table} ({', '.join(_quoted(columns))})")
            marks = ", ".join("?" for _ in columns)
            db.conn.executemany(f"insert into sample_{table} values ({marks})", [tuple(row.values()) for row in found])
            keys = {} if table == "reports" else {"report": "m.report", "version": "1"}
            expressions = {name: f's."{name}"' for name in columns} | keys | parts
            self._statements.append(_insert(table, expressions, f"made m join sample_{table} s on s.{key} = m.sample"))
        self._statements.append(_FINGERPRINTS)
        self._tokens = {
            report["id"]: " ".join(
                index_text(row[part][:SECTION])
                for row in tables["report_text"]
                if row["report"] == report["id"] and row["version"] == report["version"]
                for part in ("heading", "text")
            )
            for report in self.reports
        }
        self._staged: list[tuple[Any, ...]] = []

    def add(self, staged: tuple[Any, ...]) -> None:
        """Stage a report; see `_STAGED`."""
        self._staged.append(staged)
        if len(self._staged) == BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what is staged."""
        db = self._db
        with db.conn:
            marks = ", ".join("?" for _ in _STAGED)
            db.conn.executemany(f"insert into made values ({marks})", sorted(self._staged, key=lambda row: row[1]))
            for statement in self._statements:
                db.conn.execute(statement)
            db.conn.execute("delete from made")
            # FTS5 ends a segment of its index whenever a number is lower than the one before
            db.conn.executemany(
                "insert into report_fts (rowid, title, text) values (?, ?, ?)",
                sorted(
                    (
                        row[8],
                        f"{tokens(row[3])} {tokens(TITLE.format(row[5]))}",
                        f"{self._tokens[row[7]]} {own_tokens(row[13])}",
                    )
                    for row in self._staged
                ),
            )
        self._staged.clear()


def own_tokens(own: str) -> str:
    """The tokens of a report's own sentence."""
    words, _, rest = own.partition("信息")
    return f"{tokens(words)} {tokens('信息')} {rest}"


def _quoted(names: Iterable[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _insert(table: str, expressions: dict[str, str], source: str) -> str:
    return f"insert into {table} ({', '.join(_quoted(expressions))}) select {', '.join(expressions.values())} from {source}"


def make(root: Path, count: int, seed: int = 1) -> Archive:
    """An archive in `root` whose index holds `count` reports."""
    archive = Archive.create(root)
    db = open_index(archive)
    for pragma in ("journal_mode = off", "synchronous = off", "temp_store = memory", "cache_size = -1000000"):
        db.execute(f"pragma {pragma}")  # if it breaks, it is made again
    pick = random.Random(seed)
    with db.conn:
        load_regions(db)
        db.conn.execute(
            "insert into runs (id, kind, started_at, ended_at, clock, portals, is_whole, segments, captures) values "
            "('bench', 'harvest', '2024-04-01T00:00:00Z', '2024-04-01T08:00:00Z', 'system', '[]', 1, 0, ?)",
            (count,),
        )
        for number in range(PORTALS):
            portal, url = f"p{number}", f"http://p{number}.example/"
            db.conn.execute(
                "insert into portals (id, name, url, start, state) values (?, ?, ?, ?, 'ok')",
                (portal, portal, url, json.dumps([f"{url}list/"])),
            )
            db.conn.execute(
                "insert into portal_passes (portal, run, at, is_ok, listed) values (?, 'bench', '2024-04-01T02:00:00Z', 1, 1)",
                (portal,),
            )
            db.conn.execute(
                "insert into lists (portal, url, at, run, is_complete, entries) values (?, ?, '2024-04-01T02:00:00Z', 'bench', 1, 1)",
                (portal, f"{url}list/"),
            )
    regions = list(rows(db, "select code, name from regions where level = 'county' order by code"))
    assert regions, "the register of regions is empty"
    maker = Maker(db)
    started = time.monotonic()
    made = number = 0
    agencies: list[tuple[Any, ...]] = []
    duties: list[tuple[Any, ...]] = []
    while made < count:
        region = regions[(number * 37) % len(regions)]
        bureau = BUREAUS[(number // len(regions)) % len(BUREAUS)]
        name = region["name"] + bureau + ("" if number < len(regions) * len(BUREAUS) else str(number))
        agency = f"{number:012x}"
        number += 1
        portal = f"p{number % PORTALS}"
        kind = "government" if bureau == "人民政府" else "department"
        agencies.append((agency, name, kind, region["code"], portal))
        for year in YEARS:
            status = pick.choices(("published", "late", "missing", "unknown"), (80, 10, 7, 3))[0]
            has_report = status in ("published", "late") and made < count
            report = f"{portal}-{year}-{agency[-6:]}" if has_report else None
            published_on = f"{year + 1}-01-20" if has_report else None
            duties.append(
                (agency, year, kind, region["code"], portal, f"{year + 1}-03-31", status, published_on, report)
            )
            if not has_report:
                continue
            made += 1
            maker.add(
                (
                    made,
                    report,
                    agency,
                    name,
                    region["code"],
                    year,
                    portal,
                    maker.reports[pick.randrange(len(maker.reports))]["id"],
                    ((year - 1900) << 44) | made,
                    f"http://{portal}.example/{agency}/{year}.html",
                    name + TITLE.format(year),
                    f"{year + 1}-0{1 + made % 3}-{1 + made % 28:02}T0{made % 10}:00:00Z",
                    f"urn:uuid:{made:08x}-0000-4000-8000-000000000000",
                    f"{year}年围绕{pick.choice(WORDS)}和{pick.choice(WORDS)}公开信息{made % 9999}条。",
                )
            )
            if made % 50_000 == 0:
                print(f"{made} reports, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    maker.flush()
    with db.conn:
        db.conn.executemany(
            "insert into agencies (id, name, kind, region, portal, since, aliases, source, first_seen) "
            "values (?, ?, ?, ?, ?, 2018, '[]', 'found', '2024-01-01T00:00:00Z')",
            agencies,
        )
        db.conn.executemany(
            "insert into obligations (agency, year, kind, region, portal, due, status, published_on, report) "
            "values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            duties,
        )
        db.conn.execute("insert or replace into meta (key, value) values ('search_version', ?)", (VERSION,))
    db.execute("insert into report_fts(report_fts) values ('optimize')")
    db.execute("analyze main")
    db.conn.commit()
    db.enable_wal()
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
