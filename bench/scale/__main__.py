"""`python -m bench.scale [--sizes 1000,10000,100000] [--reading 100,400]`: what grows with the number of reports, and how fast.

For each size an index is written directly (`bench.site.make`: figures, text, findings and obligations of invented reports), then measured: bytes,
search, the matrix of obligations, listing, a pass that brings a few new reports, export. Reading (rebuild) is measured apart, on real segments of a
smaller archive, per 1,000 versions. A million versions need 20 GB and an hour: `--folder` keeps the index, and takes one that is there already
(`python -m bench.site.make FOLDER/index-1000000 --reports 1000000`); a package of their figures takes 30 GB more: `--export-up-to`.

All times are CPU seconds of this process and its children, because other work on the machine doesn't change them; those of single answers are
the mean of some rounds on a warm cache. The last line gives the exponent of growth from the first to the last size: 1 is linear; what is above
1.15 grows faster than its data and is named, with exit status 1.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archive.duties import obligations
from archive.files.folder import Archive
from archive.history.ingest import ingest_sealed, rebuild
from archive.index.database import open_index
from archive.index.figures import load_figures
from archive.index.meta import set_meta
from archive.index.rows import value
from archive.index.search import match_query
from archive.lists.queries import list_changes, list_findings, list_reports
from archive.publish.export import export_package
from archive.warc.context import Entry
from bench.site.make import make
from tests.archive.season import BASE, GOVERNMENT, Season, Shown, page, report

#: Of the site, by their names in its own benchmark.
PAGES = ("home", "search", "report", "matrix")
#: By how often their words stand in the reports.
QUERIES = {
    "rare": "教育局 2020 垃圾分类 征地拆迁",
    "some": "营商环境 征地拆迁",
    "everywhere": "公开",
    "nowhere": "没有这样的词语",
}
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


def mean_ms(works: list[Callable[[], object]], rounds: int = 5) -> float:
    """Milliseconds of CPU that one of them takes, on a warm cache."""
    for work in works:
        work()
    began = cpu()
    for _ in range(rounds):
        for work in works:
            work()
    return round(1000 * (cpu() - began) / rounds / len(works), 2)


class Found(dict[str, Any]):
    """What was measured; told on stderr as it comes, because a large index takes an hour."""

    def __setitem__(self, key: str, measured: Any) -> None:
        super().__setitem__(key, measured)
        print(f"{key} {measured}", file=sys.stderr, flush=True)


class Later(Season):
    """Runs over an archive that is there already."""

    def __post_init__(self) -> None:
        self.archive = Archive.open(self.root)


def a_pass(root: Path, begin: int, count: int = 20) -> float:
    """CPU seconds to take in a pass that brings so many new reports, numbered from `begin` on, reading them included."""
    season = Later(root)
    shown = [
        Shown(f"{BASE}/new{number}.html", page(report(f"温州市瓯海区第{number}局", 2023, number)))
        for number in range(begin, begin + count)
    ]
    db = open_index(season.archive)
    at = datetime.fromisoformat(value(db, "SELECT max(ended_at) FROM runs")) + timedelta(days=1)
    db.close()
    season.run(
        at,
        shown,
        [Entry(what.url, "2023年政府信息公开工作年度报告") for what in shown],
        ingest=False,
    )
    return timed(lambda: ingest_sealed(season.archive, workers=1))


def index_figures(count: int, folder: Path, most_exported: int) -> dict[str, Any]:
    """Measure the index of so many reports, made first if it isn't there."""
    archive_root = folder / f"index-{count}"
    found = Found(versions=count)
    if not (archive_root / "bench.json").exists():
        found["write_cpu_s"] = timed(lambda: make(archive_root, count))
    archive = Archive.open(archive_root)
    db = open_index(archive)
    found["bytes"] = archive.db_path.stat().st_size
    fts = "SELECT rowid FROM report_fts WHERE report_fts MATCH ? ORDER BY rowid DESC"
    for name, query in QUERIES.items():
        found[f"search_{name}_ms"] = mean_ms([lambda q=query: db.execute(fts, (match_query(q),)).fetchall()])
    some = [row[0] for row in db.execute("SELECT id FROM reports ORDER BY search_id LIMIT 50").fetchall()]
    found["report_ms"] = mean_ms([lambda r=name: load_figures(db, r, 1) for name in some], 2)
    found["list_cpu_s"] = timed(lambda: sum(1 for _ in list_reports(db)))
    found["changes_cpu_s"] = timed(lambda: sum(1 for _ in list_changes(db)))
    found["findings_cpu_s"] = timed(lambda: sum(1 for _ in list_findings(db)))
    db.close()
    pages = _pages(archive_root)
    for name, measured in pages.items():
        found[f"page_{name}_ms"] = measured["p50"]
    found["failed_pages"] = sum(measured["failures"] for measured in pages.values())
    found["first_pass_cpu_s"] = a_pass(archive_root, 1000)  # judges all obligations: nothing was judged before
    found["pass_cpu_s"] = a_pass(archive_root, 2000)
    db = open_index(archive)

    def refreshed() -> None:
        with db.atomic():
            set_meta(db, "duties_as_of", None)
            obligations.refresh(db)

    found["obligations_cpu_s"] = timed(refreshed)
    db.close()
    found["rss_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    if count <= most_exported:
        found["export_cpu_s"] = timed(lambda: export_package(archive, folder / f"export-{count}"))
        shutil.rmtree(folder / f"export-{count}")
    return found


def _pages(root: Path) -> dict[str, Any]:
    """Measure the site's pages in a process of their own: serving bounds the memory of all SQLite connections in its process."""
    with tempfile.NamedTemporaryFile(suffix=".json") as found:
        command = [sys.executable, "-m", "bench.site.measure", str(root), "--rounds=6", f"--only={','.join(PAGES)}"]
        subprocess.run([*command, f"--json={found.name}"], check=False, stdout=sys.stderr)  # 1: too slow, which is told
        measured: dict[str, Any] = json.load(found)
        return measured


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
        if key in last and key not in ("versions", "rss_mib", "failed_pages") and first[key] and last[key]
    }


def main() -> int:
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,10000")
    parser.add_argument("--reading", default="100,300")
    parser.add_argument("--folder", type=Path, default=None, help="where indexes are kept")
    parser.add_argument("--export-up-to", type=int, default=100_000, metavar="N")
    options = parser.parse_args()
    tables: list[list[dict[str, Any]]] = []

    def indexes(size: int, folder: Path) -> dict[str, Any]:
        return index_figures(size, options.folder or folder, options.export_up_to)

    for work, sizes in ((indexes, options.sizes), (reading_figures, options.reading)):
        rows = []
        for size in filter(None, sizes.split(",")):
            with tempfile.TemporaryDirectory(prefix="ogi-scale-") as name:
                rows.append(work(int(size), Path(name)))
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
