"""`python -m bench.scale [--sizes 1000,10000,100000] [--reading 100,400]`: what grows with the number of reports, and how fast.

For each size an index is written directly (`bench.site.make`: figures, text, findings and obligations of invented reports), then measured: bytes,
search, the matrix of obligations, listing, export. Reading (rebuild) is measured apart, on real segments of a smaller archive, per 1,000 versions.
CPU seconds are those of this process and its children; milliseconds are the median of wall time on a warm cache. The last column is the exponent
of growth from the first to the last size: 1 is linear; what is above 1.15 grows faster than its data and is named, with exit status 1.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive import obligations
from archive.export import export_package
from archive.folder import Archive
from archive.index import open_index, value
from archive.ingest import rebuild
from archive.queries import list_changes, list_reports
from archive.search import match_query
from bench.site.make import make
from tests.archive.season import BASE, GOVERNMENT, Season, Shown, page, report

QUERIES = ("依申请公开", "疫情防控", "教育局 2020", "垃圾分类", "营商环境 征地拆迁", "没有这样的词语", "公开")
MATRIX = "SELECT region, year, status, count(*) FROM obligations WHERE year BETWEEN 2018 AND 2023 GROUP BY region, year, status"
#: Above this exponent something grows faster than its data.
LINEAR = 1.15


def cpu() -> float:
    """CPU seconds of this process and of its children that have ended."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def timed(work: Callable[[], object]) -> float:
    began = cpu()
    work()
    return round(cpu() - began, 2)


def median_ms(works: list[Callable[[], object]], rounds: int = 5) -> float:
    for work in works:
        work()
    times = []
    for _ in range(rounds):
        for work in works:
            began = time.perf_counter()
            work()
            times.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(times), 2)


def index_figures(count: int, folder: Path) -> dict[str, Any]:
    """Make an index of so many reports and measure it."""
    archive_root = folder / f"index-{count}"
    found: dict[str, Any] = {"versions": count}
    found["write_cpu_s"] = timed(lambda: make(archive_root, count))
    archive = Archive.open(archive_root)
    found["bytes"] = archive.db_path.stat().st_size
    db = open_index(archive)
    fts = "SELECT rowid FROM report_fts WHERE report_fts MATCH ? ORDER BY rank LIMIT 20"
    found["search_ms"] = median_ms([lambda q=query: db.execute(fts, (match_query(q),)).fetchall() for query in QUERIES])
    found["matrix_ms"] = median_ms([lambda: db.execute(MATRIX).fetchall()], 3)
    some = [row[0] for row in db.execute("SELECT id FROM reports ORDER BY search_id % 9973 LIMIT 50").fetchall()]
    found["report_ms"] = median_ms(
        [
            lambda r=name: db.execute("SELECT * FROM disclosure WHERE report = ? AND version = 1", (r,)).fetchall()
            for name in some
        ],
        1,
    )
    found["list_cpu_s"] = timed(lambda: sum(1 for _ in list_reports(db)))
    found["changes_cpu_s"] = timed(lambda: sum(1 for _ in list_changes(db)))

    def refreshed() -> None:
        with db.atomic():
            obligations.refresh(db)

    found["obligations_cpu_s"] = timed(refreshed)
    found["export_cpu_s"] = timed(lambda: export_package(archive, folder / f"export-{count}"))
    found["rss_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    db.close()
    shutil.rmtree(folder)
    folder.mkdir()
    return found


def reading_figures(count: int, folder: Path) -> dict[str, Any]:
    """Harvest so many invented reports into segments (the network left out) and rebuild the database from them."""
    season = Season(folder / f"read-{count}")
    archive = season.archive
    shown = []
    for number in range(count):
        agency = f"温州市瓯海区第{number // 4}局" if number >= 4 else GOVERNMENT
        shown.append(Shown(f"{BASE}/a{number}.html", page(report(agency, 2017 + number % 4, number))))
    season.run(datetime(2024, 2, 1, tzinfo=UTC), shown)
    spent = timed(lambda: rebuild(archive, workers=1))
    db = open_index(archive)
    versions = value(db, "SELECT count(*) FROM versions")
    db.close()
    return {"versions": versions, "rebuild_cpu_s": spent, "per_1000_s": round(1000 * spent / max(1, versions), 1)}


def exponents(rows: list[dict[str, Any]]) -> dict[str, float]:
    """For each column, how it grows from the first to the last size: 1 is linear."""
    first, last = rows[0], rows[-1]
    span = math.log(last["versions"] / first["versions"])
    return {
        key: round(math.log(last[key] / first[key]) / span, 2)
        for key in first
        if key not in ("versions", "rss_mib") and first[key] and last[key]
    }


def main() -> int:
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,10000")
    parser.add_argument("--reading", default="100,300")
    options = parser.parse_args()
    tables: list[list[dict[str, Any]]] = []
    for measure, sizes in ((index_figures, options.sizes), (reading_figures, options.reading)):
        rows = []
        for size in filter(None, sizes.split(",")):
            with tempfile.TemporaryDirectory(prefix="ogi-scale-") as name:
                folder = Path(name) / "work"
                folder.mkdir()
                rows.append(measure(int(size), folder))
                print(json.dumps(rows[-1]), flush=True)
        tables.append(rows)
    faster: list[str] = []
    for rows in tables:
        if len(rows) > 1:
            growth = exponents(rows)
            print("growth " + json.dumps(growth), flush=True)
            faster += [key for key, exponent in growth.items() if exponent > LINEAR]
    print(f"grows faster than its data: {', '.join(faster) or 'nothing'}")
    return 1 if faster else 0


if __name__ == "__main__":
    sys.exit(main())
