#!/usr/bin/env python3
"""What the program makes of known inputs, written out, so that two checkouts can be compared to the byte.

    .ci/same.py write FOLDER [--repo CHECKOUT] [--part NAME]...   what this (or another) checkout makes, a file a thing
    .ci/same.py compare REVISION [--part NAME]...                 an older commit against this checkout; exit status 1 if they differ

Both checkouts run with the interpreter that runs this script. A change of structure must leave everything equal; one that changes
answers on purpose shows here which ones. Parts:

- `archives`   the archives under tests/fixtures/archives, rebuilt from their WARC files: every table, and the lists of the command line
- `demo`       the demo's season: its archive, the requests in their order, the visit logs, what the segments hold
- `season`     the runs of tests/archive/season.py: published, revised, suspect, vanished, restored, delisted
- `history`    noise and planted changes of bench.history
- `import`     loose documents and pages of tests/fixtures, imported
- `extract`    `ogi extract --json` of every document under tests/fixtures
- `lists`      the walk over the list of every recorded page

Columns that name the release (`extractor`, the program of a run) are left out, and the clock of what was really harvested.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import hashlib
import importlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]

#: Columns that name the release that wrote them, and not what was found.
_OF_THE_RELEASE = {
    "extractor",
    "old_extractor",
    "new_extractor",
    "program",
    "software",
    "extractor_before",
    "extractor_after",
}
#: Where a record stands, and digests of records: they hold random ids, so that no two runs agree on them.
_OF_THE_RUN = {"offset", "length", "size", "sha256", "root", "prev", "line_hash"}
#: The id of a change is made of its moment.
_CHANGE = re.compile(r'"[0-9a-f]{16}"')
_SERIAL = re.compile(r"(OGI-\d{14})-\d{5}-")
_IDS = re.compile(r"urn:uuid:[0-9a-f-]{36}")
_RUN = re.compile(r"(\d{8}T\d{6}Z)-[0-9a-f]{4}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z|\d{8}T?\d{6}Z?")


# ---- run in the checkout that is looked at --------------------------------------------------------------------------------


def module(*names: str) -> Any:
    """The first of these modules that there is: rooms move, what is in them stays."""
    for name in names:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not name.startswith(error.name):
                raise
    raise ModuleNotFoundError(names[0])


def dump(database: Path) -> str:
    """Every table of an index as text."""
    try:
        import pysqlite3 as sqlite3  # type: ignore[import-not-found]
    except ImportError:
        import sqlite3

    db = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    lines: list[str] = []
    names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'report_fts%' AND name NOT GLOB 'sqlite_*' AND name <> '_sqlite_migrations' ORDER BY name"
    for (name,) in db.execute(names).fetchall():
        columns = [column[1] for column in db.execute(f'PRAGMA table_info("{name}")')]
        kept = [column for column in columns if column not in _OF_THE_RELEASE | _OF_THE_RUN]
        lines.append(f"# {name}: {', '.join(kept)}")
        chosen = ", ".join(f'"{column}"' for column in kept)
        rows = db.execute(f'SELECT {chosen} FROM "{name}"').fetchall()
        lines += sorted(lasting(json.dumps([_plain(item) for item in row], ensure_ascii=False)) for row in rows)
    db.close()
    return "\n".join(lines) + "\n"


def _plain(item: object) -> object:
    return hashlib.sha256(item).hexdigest() if isinstance(item, bytes) else item


def ogi(*arguments: str, ok: tuple[int, ...] = (0,)) -> str:
    """Standard output of a command of the checkout that is looked at."""
    run = subprocess.run([sys.executable, "-m", "crawler", *arguments], capture_output=True, text=True, timeout=900)
    if run.returncode not in ok:
        raise SystemExit(f"ogi {' '.join(arguments)}: exit {run.returncode}\n{run.stderr[-2000:]}")
    return run.stdout


def lists(root: Path, year: int | None = None) -> str:
    """What the command line says of an archive."""
    given = ["--archive", str(root), "--json"]
    text = [ogi(name, *given) for name in ("reports", "changes", "findings", "agencies")]
    text.append(ogi("obligations", *given, "--as-of", "2024-04-15", *(["--year", str(year)] if year else [])))
    return "".join(text)


def lasting(text: str) -> str:
    """Without ids that are drawn by lot."""
    return _SERIAL.sub(r"\1-", _RUN.sub(r"\1", _IDS.sub("<id>", text)))


def timeless(text: str) -> str:
    """Without moments and in order: what was really harvested bears the time at which this ran."""
    return "".join(sorted(_CHANGE.sub('"<change>"', _TIME.sub("<time>", lasting(text))).splitlines(keepends=True)))


def archives(work: Path) -> Iterator[tuple[str, str]]:
    """The archives of earlier releases, rebuilt."""
    for folder in sorted(Path("tests/fixtures/archives").iterdir()):
        root = work / folder.name
        shutil.copytree(folder / "archive", root)
        ogi("rebuild", "--archive", str(root))
        yield f"{folder.name}.db", dump(root / "ogi.db")
        yield f"{folder.name}.lists", lists(root)


def demo(work: Path) -> Iterator[tuple[str, str]]:
    """The season of the demo on fixed ports."""
    clock_type = module("crawler.replica.clock").SeasonClock
    season, server = module("crawler.replica.season"), module("crawler.replica.server")
    folder = module("archive.files.folder", "archive.folder")
    definitions = module("crawler.portals.definitions", "crawler.definitions")
    harvest = module("crawler.harvest.run", "crawler.harvest")
    root = work / "demo"
    world, clock = season.demo_season(), clock_type(season.DAYS[0])
    archive = folder.Archive.create(root, {"harvest.delay": 0.0, "operator.contact": "same@localhost"})
    ports = dict(zip(sorted(portal.id for portal in world.portals), free_ports(len(world.portals)), strict=True))
    with server.serve(world, clock, ports) as replica:
        portals = definitions.load_portals([replica.write_definitions(root / "portals")])
        for day in season.DAYS:
            clock.set(day)
            harvest.harvest(archive, portals, clock=clock, full=True, workers=1)
        asked = [json.dumps(_asked(item), ensure_ascii=False, default=str) for item in replica.requests.all()]
    yield "requests", "\n".join(asked) + "\n"
    yield "db", timeless(dump(root / "ogi.db"))
    yield "lists", timeless(lists(root))
    ogi("rebuild", "--archive", str(root))
    yield "rebuilt", timeless(dump(root / "ogi.db"))
    yield "records", _TIME.sub("<time>", lasting(records(root)))


def _asked(item: Any) -> list[object]:
    return [item.portal, item.method, item.target, item.status]


def free_ports(count: int) -> list[int]:
    """The first free ports from 47101 on: the same ones in both checkouts, unless somebody takes one in between."""
    found: list[int] = []
    for port in range(47101, 47999):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            return found
    raise SystemExit("no free ports")


def records(root: Path) -> str:
    """What stands in the segments: kind, address, payload digest; visit logs line by line. Noise of pages bears the time: no digest of it."""
    from warcio.archiveiterator import ArchiveIterator

    lines = []
    for line in (root / "manifest.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        lines.append(f"# {re.sub('.*?-', '', entry['segment'], count=1)} {entry.get('records')}")
        with (root / "warc" / entry["segment"]).open("rb") as file:
            for record in ArchiveIterator(file, no_record_parse=True):
                head = record.rec_headers
                address = head.get_header("WARC-Target-URI")
                lines.append(f"{record.rec_type} {address} {head.get_header('OGI-Context')}")
                if address and address.endswith(":visits"):
                    lines += [_visit(text) for text in record.content_stream().read().decode().split("\n") if text]
    return "\n".join(lines) + "\n"


def _visit(text: str) -> str:
    line = json.loads(text)
    return json.dumps({key: value for key, value in line.items() if key not in ("t", "x", "d")}, ensure_ascii=False)


def season(work: Path) -> Iterator[tuple[str, str]]:
    """Runs written by hand, with a standing clock: to the digest."""
    made = module("tests.archive.season")
    root = work / "season"
    one = made.Season(root)
    begin = datetime(2021, 1, 21, 2, 0, tzinfo=UTC)
    report, bureau = made.report(), made.report(made.BUREAU, 2020, 11)
    entries = [
        made.Entry(f"{made.BASE}/art/1.html", report.title, "2021-01-20"),
        made.Entry(f"{made.BASE}/art/2.html", bureau.title),
    ]
    pages = [made.Shown(entry.url, made.page(what)) for entry, what in zip(entries, (report, bureau), strict=True)]
    one.run(begin, pages, entries)
    one.run(begin + timedelta(days=1), [made.Shown(entries[0].url, made.page(report, noise="9:41"))], entries)
    revised = (
        made.page(report)
        .replace("行政许可".encode(), "行政许可 ".encode())
        .replace(b"</p>", "（更正）</p>".encode(), 1)
    )
    one.run(
        begin + timedelta(days=2),
        [made.Shown(entries[0].url, revised), made.Shown(entries[1].url, made.GONE_PAGE, "gone:soft-404")],
        entries,
    )
    one.run(begin + timedelta(days=3), [made.Shown(entries[1].url, made.GONE_PAGE, "gone:soft-404")], entries)
    one.run(begin + timedelta(days=4), [pages[1]], entries)
    one.run(
        begin + timedelta(days=5),
        [made.Shown(entries[0].url, None, "blocked:js-challenge", 200)],
        [entries[1]],
        ok=False,
        complete=False,
        reason="blocked",
    )
    one.run(begin + timedelta(days=6), [pages[1]], [entries[1]])
    yield "db", dump(root / "ogi.db")
    yield "lists", lists(root)
    manifest = [json.loads(line) for line in (root / "manifest.jsonl").read_text("utf-8").splitlines()]
    # segments with proofs are named after the moment of the ingest, which no clock of the season tells
    names = [re.sub(r"-\d{14}-\d{5}-(?=proof)", "-", item["segment"]) for item in manifest]
    yield "manifest", "".join(f"{name} {item.get('records')}\n" for name, item in zip(names, manifest, strict=True))


def history(work: Path) -> Iterator[tuple[str, str]]:
    """Noise, and planted changes: a small number of each."""
    bench = module("bench.history.__main__")
    fetched, noise = bench.run_noise(work / "noise", 110, 3, 1)
    yield "noise", f"{fetched}\n" + "\n".join(noise) + "\n" + dump(work / "noise" / "ogi.db")
    kinds, missed, false = bench.run_plants(work / "plants", 62, 3, 1)
    yield "plants", f"{sorted(kinds.items())}\n{missed}\n{false}\n" + dump(work / "plants" / "ogi.db")
    yield "lists", lists(work / "plants")


def documents() -> list[Path]:
    """Documents of the fixtures that the program reads by itself."""
    kinds = {".html", ".txt", ".pdf", ".doc", ".docx", ".wps", ".xls", ".xlsx", ".rtf", ".json", ".gz", ".xml"}
    found = [
        file
        for file in sorted(Path("tests/fixtures").rglob("*"))
        if file.suffix in kinds and "archives" not in file.parts
    ]
    return [
        file
        for file in found
        if file.name not in ("expected.json", "history.json") and not file.name.endswith(".warc.gz")
    ]


def imported(work: Path) -> Iterator[tuple[str, str]]:
    """Loose documents, imported."""
    root = work / "import"
    ogi("init", "--archive", str(root))
    for number, file in enumerate(documents()):
        if file.suffix not in (".html", ".txt", ".pdf", ".doc", ".wps", ".docx"):
            continue
        url = f"http://www.import.example/{number}/{file.name}"
        ogi("import", str(file), "--url", url, "--date", "2021-03-02", "--archive", str(root), ok=(0, 1, 2))
    yield "db", timeless(dump(root / "ogi.db"))
    yield "lists", timeless(lists(root))


def extract(work: Path) -> Iterator[tuple[str, str]]:
    """Every document, read."""
    for file in documents():
        yield str(file.relative_to("tests/fixtures")).replace("/", "+"), ogi("extract", "--json", str(file), ok=(0, 2))


def walks(work: Path) -> Iterator[tuple[str, str]]:
    """Every recorded list, walked."""
    pages = module("tests.crawler.families.recorded", "tests.crawler.pages")
    for case in pages.cases("column"):
        expected = json.loads((case / "expected.json").read_text("utf-8"))
        outcome = pages.walk_case(case, expected)
        lines = [json.dumps(entry.to_json(), ensure_ascii=False) for entry in outcome.entries]
        lines += [f"{request.method} {request.url} {request.body!r}" for request in outcome.requests]
        last = outcome.last
        lines += [
            f"{outcome.families} {outcome.attachments}",
            f"{last.finished} {last.complete} {last.reason}" if last else "no step",
        ]
        yield f"{case.parent.name}+{case.name}", "\n".join(lines) + "\n"


PARTS: dict[str, Callable[[Path], Iterator[tuple[str, str]]]] = {
    "archives": archives,
    "demo": demo,
    "season": season,
    "history": history,
    "import": imported,
    "extract": extract,
    "lists": walks,
}


def probe(target: Path, parts: list[str]) -> None:
    """Write what the present folder's checkout makes."""
    import logging

    logging.disable(logging.WARNING)
    sys.path.insert(0, str(Path.cwd()))
    for part in parts:
        with tempfile.TemporaryDirectory(prefix="ogi-same-") as work:
            for name, text in PARTS[part](Path(work)):
                (target / f"{part}.{name}").write_text(text.replace(work, "<work>"), "utf-8")


# ---- around it ------------------------------------------------------------------------------------------------------------


def write(repo: Path, target: Path, parts: list[str]) -> None:
    """Let a checkout write what it makes."""
    target.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "PYTHONPATH": str(repo),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        # heads of the same archives that another run remembered would be alarms here
        "XDG_STATE_HOME": str(target.resolve().with_name(f"{target.name}-state")),
    }
    command = [
        sys.executable,
        str(Path(__file__).resolve()),
        "probe",
        str(target.resolve()),
        *[f"--part={part}" for part in parts],
    ]
    subprocess.run(command, cwd=repo, env=environment, check=True)


def differences(one: Path, two: Path) -> list[str]:
    """The lines that differ, by file."""
    found: list[str] = []
    for name in sorted({file.name for folder in (one, two) for file in folder.iterdir()}):
        left, right = ((folder / name).read_text("utf-8") if (folder / name).exists() else "" for folder in (one, two))
        if left != right:
            changed = list(difflib.unified_diff(left.split("\n"), right.split("\n"), lineterm="", n=0))[2:]
            found += [f"{name}: {line[:400]}" for line in changed if not line.startswith("@@")]
    return found


def compare(revision: str, parts: list[str]) -> int:
    """Hold this checkout against an older commit."""
    with tempfile.TemporaryDirectory(prefix="ogi-base-") as folder:
        base = Path(folder) / "checkout"
        subprocess.run(["git", "clone", "-q", "--no-checkout", str(HERE), str(base)], check=True)
        subprocess.run(["git", "-C", str(base), "checkout", "-q", revision], check=True)
        write(base, Path(folder) / "one", parts)
        write(HERE, Path(folder) / "two", parts)
        found = differences(Path(folder) / "one", Path(folder) / "two")
        count = len(list((Path(folder) / "one").iterdir()))
    for line in found:
        print(line)
    print(
        f"{count} things compared with {revision}: {len(found)} lines differ"
        if found
        else f"{count} things compared with {revision}: equal"
    )
    return 1 if found else 0


def main() -> int:
    """Write or compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("write", "compare", "probe"))
    parser.add_argument("where", help="a folder to write into, or the commit to compare with")
    parser.add_argument("--repo", type=Path, default=HERE)
    parser.add_argument("--part", action="append", choices=list(PARTS))
    options = parser.parse_args()
    parts = options.part or list(PARTS)
    if options.what == "probe":
        probe(Path(options.where), parts)
        return 0
    if options.what == "write":
        write(options.repo.resolve(), Path(options.where), parts)
        return 0
    return compare(options.where, parts)


if __name__ == "__main__":
    sys.exit(main())
