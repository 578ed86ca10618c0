"""`python -m bench.history`: noise that must change nothing, and planted changes that must be found, as counts of missed and false.

Pages of eleven looks and reports in nine carriers go through the harvester's own pass, the recorder, segments and ingest; only the
network is left out. Exit status 1 if one change is missed or false.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from bench.history.looks import LOOKS
from bench.history.noise import CURTAINS, Noise, noise_of
from bench.history.noise import KINDS as NOISE
from bench.history.passes import Season
from bench.history.plants import KINDS as PLANTS
from bench.history.plants import Plant, carriers_of, plant, problems
from bench.history.site import CARRIERS, Item, Site
from crawler.replica.documents.invent import invent

START = datetime(2021, 2, 1, 2, 0, 0, tzinfo=UTC)
_PASSES = 10
_PLACES = ("东湖", "西江", "南岭", "北塘", "中山", "新城", "旧港", "长桥")
_BUREAUS = (
    "财政局",
    "教育局",
    "水利局",
    "民政局",
    "司法局",
    "卫生健康局",
    "农业农村局",
    "自然资源局",
    "市场监督管理局",
    "审计局",
)


#: Codes of notices that say that something waits, or is no change: nothing was missed.
WAITING = ("volatile", "saved-again", "shrunken")


def make_item(key: int, seed: int, carrier: str | None = None) -> Item:
    """An invented report in a look and a carrier; neighbours in number differ in both."""
    names = len(_PLACES) * len(_BUREAUS)
    agency = f"示例市{_PLACES[key % len(_PLACES)]}区{_BUREAUS[key // len(_PLACES) % len(_BUREAUS)]}"
    year = (2020, 2021, 2019, 2022)[key // names % 4]
    looks = sorted(LOOKS)
    return Item(
        key,
        invent(agency, year, seed + key),
        carrier or CARRIERS[key % len(CARRIERS)],
        looks[(key * 7 + key // 11) % len(looks)],
    )


def run_noise(root: Path, fetches: int, seed: int, workers: int | None) -> tuple[int, list[str]]:
    """Fetch reports again and again with noise. Gives the number of fetches, and what was said to have changed."""
    count = max(1, fetches // _PASSES)
    items = [make_item(key, seed) for key in range(count)]
    season = Season(root, START, [Site("noise", "http://noise.example", items)])
    season.run(workers=workers)
    blame: dict[str, list[frozenset[str]]] = {}
    for visit in range(1, _PASSES + 1):
        for item in items:
            item.noise = noise_of(visit, item.key)
        season.run(workers=workers)
    changes = season.changes()
    published = Counter(change["agency"] for change in changes if change["kind"] == "published")
    false = [_told(change, blame) for change in changes if change["kind"] != "published"]
    if sum(published.values()) != count:
        false.append(f"{sum(published.values())} published, {count} reports shown")
    notices = Counter(f"{code}: {message}" for _, code, message in season.notices())
    false += [f"notice ({number}x) {text}" for text, number in notices.items()]
    return count * _PASSES, false


def _told(change: dict[str, Any], blame: dict[str, list[frozenset[str]]]) -> str:
    key = (
        int(change["url"].rpartition("_")[2].partition(".")[0])
        if "_" in change["url"]
        else int(change["url"].rpartition("/")[2].partition(".")[0])
    )
    at = datetime.fromisoformat(change["at"])
    visit = (at - START).days
    item = make_item(key, 0)
    loud = noise_of(visit, key).loud
    parts = {name: change[name] for name in ("figures", "text", "title", "attachments") if change.get(name)}
    return f"{change['kind']} ({item.look}, {item.carrier}, {'all' if len(loud) > 3 else ', '.join(loud)}) {str(parts)[:240]}"


def run_plants(root: Path, changes: int, seed: int, workers: int | None) -> tuple[Counter[str], list[str], list[str]]:
    """Plant changes and look for them. Gives how many were planted of each kind, the missed and the false."""
    random = Random(f"plants/{seed}")
    movers = max(2, changes // 30)
    items, plan = [], []
    for key in range(changes - 2 * movers):
        kind = PLANTS[key % len(PLANTS)]
        carriers = carriers_of(kind)
        items.append(make_item(key, seed, carriers[key // len(PLANTS) % len(carriers)]))
        plan.append(kind)
    site = Site("plants", "http://plants.example", items)
    planted = [plant(kind, site, item, random) for kind, item in zip(plan, list(items), strict=True)]
    hosts, folders = _movers(changes, movers, seed)
    season = Season(root, START, [site, hosts, folders])
    season.run(workers=workers)
    for visit in range(1, 5):
        for one in planted:
            if visit in one.acts:
                one.acts[visit](site)
        if visit == 1:
            hosts.base = "http://www.moved.example"
            for item in folders.items:
                item.folder = "zwgk"
        for item in (*site.items, *hosts.items, *folders.items):
            loud = noise_of(visit, item.key).loud - CURTAINS
            item.noise = Noise(loud, visit)
        season.run(workers=workers)
    told: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for change in season.changes():
        told.setdefault((change["agency"], change["year"]), []).append(change)
    missed, false, kinds = [], [], Counter(one.kind for one in planted)
    for one in planted:
        _score(one, told, missed, false)
    for label, moved in (("moved-host", hosts), ("moved-folder", folders)):
        kinds[label] = len(moved.items)
        for item in moved.items:
            _score(replace(_whole_site(site, item, random), kind=label), told, missed, false)
    notices = [notice for notice in season.notices() if notice[1] not in WAITING]
    missed += [f"notice: {url} {code}: {message}" for url, code, message in notices]
    return kinds, missed, false


def _movers(changes: int, count: int, seed: int) -> tuple[Site, Site]:
    """Two portals that move as a whole: to another host, and to another folder."""
    carriers = ("page", "table", "both-docx", "pdf")
    made = [make_item(changes + number, seed, carriers[number % 4]) for number in range(2 * count)]
    return Site("hosts", "http://hosts.example", made[:count]), Site("folders", "http://folders.example", made[count:])


def _whole_site(site: Site, item: Item, random: Random) -> Plant:
    return plant("moved", site, item, random)


def _score(one: Plant, told: dict[tuple[str, int], list[dict[str, Any]]], missed: list[str], false: list[str]) -> None:
    found = told.get((one.item.report.agency, one.item.report.year), [])
    lacking, wrong = problems(one, found)
    place = f"{one.kind} ({one.item.look}, {one.item.carrier})"
    if sum(change["kind"] == "published" for change in found) != 1:
        lacking.append("not published once")
    missed += [f"{place}: {text}" for text in lacking]
    false += [f"{place}: {text}" for text in wrong]


def main(arguments: list[str] | None = None) -> int:
    """Run both halves; the exit status is 1 if a change is missed or false."""
    parser = argparse.ArgumentParser(prog="python -m bench.history", description=__doc__)
    parser.add_argument("--fetches", type=int, default=1000, help="fetches with noise (default 1000)")
    parser.add_argument("--changes", type=int, default=300, help="planted changes (default 300)")
    parser.add_argument("--seed", type=int, default=0, help="other reports, noise and changes")
    parser.add_argument("--workers", type=int, default=None, help="processes that read documents; default: one a core")
    options = parser.parse_args(arguments)
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="ogi-history-") as folder:
        began = time.monotonic()
        fetched, noise = run_noise(Path(folder) / "noise", options.fetches, options.seed, options.workers)
        print(
            f"noise: {fetched} fetches, {len(NOISE)} kinds, {len(LOOKS)} looks, {len(CARRIERS)} carriers: {len(noise)} false changes ({time.monotonic() - began:.0f} s)"
        )
        began = time.monotonic()
        kinds, missed, false = run_plants(Path(folder) / "plants", options.changes, options.seed, options.workers)
        print(
            f"planted: {kinds.total()} changes of {len(kinds)} kinds: {len(missed)} missed, {len(false)} false ({time.monotonic() - began:.0f} s)"
        )
    for label, texts in (("false", noise), ("missed", missed), ("false", false)):
        for text in texts[:100]:
            print(f"{label}: {text}", file=sys.stderr)
    return 1 if noise or missed or false else 0


if __name__ == "__main__":
    sys.exit(main())
