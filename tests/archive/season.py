"""Runs of a portal that never was: segments as a harvest leaves them, sealed and ready to be ingested."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from archive.clock import utc_text
from archive.files.folder import Archive
from archive.history.ingest import IngestSummary, ingest_sealed
from archive.index.database import open_index
from archive.index.known import Known, known_captures
from archive.lists.queries import list_changes, list_reports
from archive.warc.closing import seal
from archive.warc.context import Context, Entry, Role
from archive.warc.records import Exchange, Original, digest_of
from archive.warc.segments import SegmentWriter, WarcInfo
from archive.warc.visit_log import ListProof
from crawler.replica.documents.html import page_html
from crawler.replica.documents.invent import invent
from crawler.replica.documents.model import Report

PORTAL = "ouhai"
BASE = "http://www.ouhai.example"
COLUMN = f"{BASE}/col/list.html"
GOVERNMENT = "温州市瓯海区人民政府"
BUREAU = "温州市瓯海区财政局"


def definition(**changes: Any) -> dict[str, Any]:
    """The portal's definition as a run's first record holds it."""
    agencies = [
        {"name": GOVERNMENT, "kind": "government", "since": 2020, "aliases": ["瓯海区人民政府", "瓯海区政府"]},
        {"name": BUREAU, "kind": "department", "since": 2020, "aliases": []},
    ]
    portal = {
        "id": PORTAL,
        "name": GOVERNMENT,
        "region": "330304",
        "platform": "static",
        "start": [COLUMN],
        "url": BASE + "/",
    }
    return {"portal": portal, "expect": {}, "agency": agencies, **changes}


def report(agency: str = GOVERNMENT, year: int = 2020, seed: int = 7) -> Report:
    """An invented report in the year's form."""
    return invent(agency, year, seed)


def page(
    what: Report,
    *,
    title: str | None = None,
    published: str = "2021-01-20",
    noise: str = "",
    body: str = "",
    links: str = "",
) -> bytes:
    """A portal's page around a report; `noise` changes nothing that belongs to the report."""
    name = title or what.title
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{name}</title>
<meta name="ArticleTitle" content="{name}"><meta name="PubDate" content="{published} 10:19">
<meta name="ContentSource" content="{what.agency}"></head><body>
<div class="header">今天是 {noise}</div><div class="nav"><a href="/">首页</a></div>
<div class="article"><h1>{name}</h1><div class="info">发布时间：{published} 浏览次数：<span id="hits">{len(noise)}{noise}</span></div>
<div class="article-content" id="zoom">{body or page_html(what, title=False)}{links}</div></div>
<div class="footer">网站标识码 3303040001 {noise}</div></body></html>""".encode()


GONE_PAGE = "<html><head><title>页面不存在</title></head><body>您访问的页面不存在或已被删除</body></html>".encode()


@dataclass(frozen=True)
class Shown:
    """What an address answered: its bytes (`None` for a 304 or an unchanged page that left a line only), and the verdict.

    `answer`: for a line only, the bytes that came in the end, where they are not the address's own.
    """

    url: str
    body: bytes | None = None
    verdict: str = "ok"
    status: int = 200
    role: Role = Role.REPORT
    parent: str | None = None
    entry: Entry | None = None
    media_type: str = "text/html; charset=utf-8"
    answer: bytes | None = None


@dataclass
class Season:
    """An archive and the runs over its portal. `entries` is what the list names unless a run says otherwise."""

    root: Path
    portal: dict[str, Any] = field(default_factory=definition)
    archive: Archive = field(init=False)
    runs: int = 0
    #: Columns that no run reads to their end.
    incomplete: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.archive = Archive.create(self.root)

    def run(
        self,
        at: datetime,
        shown: Sequence[Shown] = (),
        listed: Iterable[Entry] | None = (),
        *,
        ok: bool | None = True,
        complete: bool = True,
        reason: str = "",
        log: bool = True,
        kind: str = "harvest",
        columns: Mapping[str, Iterable[Entry]] | None = None,
        ingest: bool = True,
        proof: ListProof | None = None,
    ) -> IngestSummary | None:
        """One run: pages captured, lists read, the visit log (unless the job was killed), sealed and ingested.

        Args:
            listed: Entries of the list; `None` if it wasn't read.
            ok: What the pass as a whole came to; `None` leaves it unsaid, as an import does.
            proof: What proves that the lists were read to their end; by default nothing is said of it.
        """
        self.runs += 1
        run = f"{at:%Y%m%dT%H%M%SZ}-{self.runs:04d}"
        clock = _Standing(at)
        writer = SegmentWriter(
            self.archive.warc_dir,
            run=run,
            group="ouhai",
            info=WarcInfo.of(self.archive.settings),
            clock=clock,
            host="test",
        )
        writer.write_metadata(
            f"urn:ogi:run:{run}:ouhai:start",
            {
                "run": run,
                "group": "ouhai",
                "kind": kind,
                "started_at": utc_text(at),
                "clock": "simulated",
                "portals": [self.portal],
            },
        )
        lines: list[dict[str, Any]] = []
        lists = {COLUMN: listed, **(columns or {})}
        named = {entry.url: entry for entries in lists.values() for entry in entries or ()}
        for column, entries in lists.items():
            if entries is None:
                continue
            clock.advance()
            lines.append(
                {
                    "k": "l",
                    "p": self.portal["portal"]["id"],
                    "u": column,
                    "t": utc_text(clock.now()),
                    "complete": complete and column not in self.incomplete,
                    "reason": reason,
                    **(proof.to_json() if proof is not None else {}),
                    "entries": [entry.to_json() for entry in entries],
                }
            )
        known = {item.url: item for item in self.known()}
        for what in shown:
            clock.advance()
            digest = self._write(writer, what, clock.now(), named.get(what.url), known)
            lines.append(
                {
                    "k": "v",
                    "u": what.url,
                    "t": utc_text(clock.now()),
                    "s": what.status,
                    "v": what.verdict,
                    "r": what.role.value,
                    "p": self.portal["portal"]["id"],
                    "d": digest,
                    "c": "new" if what.body is not None else "same",
                }
            )
        clock.advance()
        passed = [
            {
                "k": "p",
                "p": self.portal["portal"]["id"],
                "t": utc_text(clock.now()),
                "ok": ok,
                "reason": reason,
                "listed": len(named),
                "expected": None,
            }
        ]
        lines += passed if ok is not None else []
        if log:
            body = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
            writer.write_resource(f"urn:ogi:run:{run}:ouhai:visits", "application/x-ndjson", body, clock.now())
        writer.close()
        for path in writer.finished:
            seal(self.archive, path)
        return ingest_sealed(self.archive, workers=1) if ingest else None

    def _write(
        self, writer: SegmentWriter, what: Shown, at: datetime, entry: Entry | None, known: Mapping[str, Known]
    ) -> str | None:
        if what.answer is not None:
            return digest_of(what.answer)
        if what.body is None:
            found = known.get(what.url)
            return found.digest if found else None
        digest = digest_of(what.body)
        stored = next((item for item in known.values() if item.digest == digest and item.date), None)
        original = Original(stored.original_url or stored.url, stored.date or "", digest) if stored else None
        context = Context(
            self.portal["portal"]["id"],
            what.role,
            what.verdict,
            what.entry or entry or Entry(what.url),
            what.parent,
            COLUMN,
        )
        writer.write_exchange(
            Exchange(
                url=what.url,
                method="GET",
                request_headers=[],
                request_body=b"",
                status=what.status,
                reason="",
                response_headers=[("Content-Type", what.media_type)],
                body=what.body,
                ip="127.0.0.1",
                at=at,
            ),
            context,
            original,
        )
        return digest

    def known(self) -> list[Known]:
        """What the index knows of the portal."""
        db = open_index(self.archive)
        try:
            return known_captures(db, [PORTAL])
        finally:
            db.close()

    def changes(self) -> list[dict[str, Any]]:
        """All changes, as `ogi changes --json` gives them."""
        db = open_index(self.archive)
        try:
            return list(list_changes(db))
        finally:
            db.close()

    def kinds(self) -> list[tuple[str, int]]:
        """Kind and year of each change, in order."""
        return [(change["kind"], change["year"]) for change in self.changes()]

    def reports(self) -> list[dict[str, Any]]:
        """All reports, as `ogi reports --json` gives them."""
        db = open_index(self.archive)
        try:
            return list(list_reports(db))
        finally:
            db.close()


class _Standing:
    kind = "simulated"

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def advance(self) -> None:
        self._at += timedelta(seconds=1)
