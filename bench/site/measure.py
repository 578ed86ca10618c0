"""Server time of the site's pages: `python -m bench.site.measure FOLDER`. Prints p50 and p95 in milliseconds, and the largest page in bytes.

Requests go to the ASGI application in this process, one after another, on a warm cache. Counted is the processor time of the process (all its
threads), which a busy machine does not change; the wall time stands beside it. Bounds are those of the project.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any
from urllib.parse import quote

from archive.files.folder import Archive
from archive.index.indicators import OFFERED as INDICATORS
from archive.site.serve import make_datasette

WORDS = (
    "复议", "依申请公开", "宁波", "疫情防控", "教育局 2020", "垃圾分类", "营商环境 征地拆迁", "公开", "海淀区", "不动产登记", "食品安全 2021年", "政府信息",
    "诉讼", "老旧小区 OR 城市更新", "财政局 -疫情防控", "没有这样的词语", "行政处罚", "交通运输局", "双减", "医保报销",
)  # fmt: skip
BOUNDS = {
    "search": 150, "report": 60, "matrix": 300, "home": 10, "statistics": 60, "statistics of a place": 60, "indicator": 60, "region": 60,
    "proof card": 60,
}  # fmt: skip


async def measure(archive: Archive, rounds: int, only: Collection[str] = ()) -> dict[str, dict[str, Any]]:
    site = make_datasette(archive)
    await site.invoke_startup()
    pick = random.Random(3)
    db = site.get_database("ogi")
    reports = [row[0] for row in (await db.execute("select id from reports order by search_id % 9973 limit 400")).rows]
    agencies = [row[0] for row in (await db.execute("select id from agencies order by id desc limit 400")).rows]
    provinces = [row[0] for row in (await db.execute("select code from regions where level = 'province'")).rows]
    pages: dict[str, Callable[[], str]] = {
        "home": lambda: "/",
        "search": lambda: f"/search?q={quote(pick.choice(WORDS))}",
        "search, narrowed": lambda: (
            f"/search?q={quote(pick.choice(WORDS))}&year={pick.randrange(2018, 2024)}&kind=department"
        ),
        "search, no words": lambda: f"/search?region={pick.choice(provinces)}",
        "report": lambda: f"/r/{pick.choice(reports)}",
        "matrix": lambda: "/missing",
        "matrix, a province": lambda: f"/missing?region={pick.choice(provinces)}&kind=department",
        "matrix, by status": lambda: f"/missing?year=2022&status={pick.choice(('late', 'missing', 'unknown'))}",
        "agency": lambda: f"/agency/{pick.choice(agencies)}",
        "compare": lambda: (
            f"/compare?indicator=granted_share&agency={pick.choice(agencies)}&agency={pick.choice(agencies)}"
        ),
        "compare, empty": lambda: "/compare",
        "changes": lambda: "/changes",
        "changes, a province": lambda: f"/changes?region={pick.choice(provinces)}",
        "findings": lambda: "/findings",
        "data": lambda: "/data",
        "statistics": lambda: "/stats",
        "statistics of a place": lambda: f"/stats?region={pick.choice(provinces)}",
        "indicator": lambda: f"/stats/{pick.choice(INDICATORS).code}?year={pick.randrange(2018, 2024)}",
        "rows of a number": lambda: f"/stats/granted_share/rows?year={pick.randrange(2018, 2024)}",
        "region": lambda: f"/region/{pick.choice(provinces)}",
        "proof card": lambda: f"/proof/published/{pick.choice(reports)}@1",
        "feed": lambda: "/feeds/changes.atom",
        "datasette search": lambda: f"/ogi/reports?_search={quote(pick.choice(WORDS))}",
        "figures of a report": lambda: f"/ogi/figures.json?report={pick.choice(reports)}",
    }
    found: dict[str, dict[str, Any]] = {}
    for name, address in pages.items():
        if only and name not in only:
            continue
        times, walls, largest, failures = [], [], 0, 0
        for number in range(rounds + 1):
            path = address()
            start, wall = time.process_time(), time.perf_counter()
            answer = await site.client.get(path)
            spent = (time.process_time() - start) * 1000
            failures += answer.status_code >= 400
            if number:  # the first one warms up
                times.append(spent)
                walls.append((time.perf_counter() - wall) * 1000)
                largest = max(largest, len(answer.content))
        times.sort()
        walls.sort()
        found[name] = {
            "p50": round(statistics.median(times), 1),
            "p95": round(times[min(len(times) - 1, int(len(times) * 0.95))], 1),
            "wall_p95": round(walls[min(len(walls) - 1, int(len(walls) * 0.95))], 1),
            "bytes": largest,
            "failures": failures,
        }
        print(
            f"{name:22} p50 {found[name]['p50']:8.1f}  p95 {found[name]['p95']:8.1f}  wall p95 {found[name]['wall_p95']:8.1f}  {largest:8} B  {failures} failed",
            flush=True,
        )
    return found


def judge(found: dict[str, dict[str, Any]]) -> int:
    """Say what misses its bound; 1 if anything does, or failed."""
    slow = [name for name, bound in BOUNDS.items() if name in found and found[name]["p95"] > bound]
    large = [name for name, item in found.items() if item["bytes"] > 200_000]
    print(f"too slow: {slow or 'none'}; too large: {large or 'none'}")
    return 1 if slow or large or any(item["failures"] for item in found.values()) else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--json", type=Path, default=None)
    parser.add_argument("--only", default="", help="names of pages, with commas between")
    arguments = parser.parse_args()
    found = asyncio.run(
        measure(Archive.open(arguments.folder), arguments.rounds, set(filter(None, arguments.only.split(","))))
    )
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1), "utf-8")
    return judge(found)


if __name__ == "__main__":
    raise SystemExit(main())
