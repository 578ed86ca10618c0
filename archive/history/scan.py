"""From segments to rows: which captures there are, where each payload is stored, and how a run falls into passes.

A harvest is one pass. An imported file may span years: it is cut into passes wherever a page is captured again or hours lie between two
captures, so that its history comes out as if it had been harvested then.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from archive.clock import utc_text
from archive.errors import DamagedArchive
from archive.index.rows import rows
from archive.warc.manifest import warcinfo_fields
from archive.warc.members import BrokenMember, iter_members
from archive.warc.records import parse_record, read_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.warc.manifest import Entry
    from archive.warc.records import Record

#: Hours without a capture after which an import goes on as another pass.
PASS_GAP = timedelta(hours=6)
#: A page that is found gone again sooner was asked for twice in one pass: that is one look, not two.
REPEAT_GAP = timedelta(minutes=10)

_CAPTURE = (
    "INSERT OR IGNORE INTO captures (id, url, at, run, portal, role, verdict, kind, status, media_type, digest, segment, "
    '"offset", length, etag, last_modified, parent, column_url, entry) '
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def scan_segment(db: Database, archive: Archive, entry: Entry) -> None:
    """Enter a sealed segment's captures, in the caller's transaction.

    Raises:
        DamagedArchive: If it can't be read to its end.
    """
    run, facts = "", dict[str, str]()
    for record in segment_records(archive, entry.segment):
        if record.type == "warcinfo":
            facts = warcinfo_fields(record)
            run = facts.get("ogi-run", run)
            _enter_run(db, run, record, facts)
        elif record.uri.startswith("urn:ogi:run:") and record.uri.endswith((":start", ":visits")):
            kind = record.uri.rpartition(":")[2]
            db.execute(
                'INSERT OR IGNORE INTO run_records (run, kind, segment, "offset") VALUES (?, ?, ?, ?)',
                (run, kind, entry.segment, record.offset),
            )
        elif record.type in ("response", "revisit", "resource"):
            _enter_capture(db, run, record)
    info = entry.info
    db.execute(
        "INSERT INTO segments (name, line, runs, size, sha256, records) VALUES (?, ?, ?, ?, ?, ?)",
        (info.segment, entry.number, json.dumps(list(info.runs)), info.size, info.sha256, info.records),
    )


def segment_records(archive: Archive, segment: str) -> Iterator[Record]:
    """The records of a sealed segment, wherever it is stored.

    Raises:
        DamagedArchive: If it can't be read to its end.
    """
    with archive.store.open(segment) as stream:
        try:
            for member in iter_members(stream):
                yield parse_record(member.data, segment, member.offset, member.length)
        except BrokenMember as error:
            raise DamagedArchive(f"{segment}: {error}; `ogi verify` tells more") from error


def _enter_run(db: Database, run: str, record: Record, facts: dict[str, str]) -> None:
    at = utc_text(record.date)
    db.execute(
        "INSERT INTO runs (id, kind, started_at, ended_at, clock, vantage, is_whole, segments, captures) "
        "VALUES (?, 'harvest', ?, ?, ?, ?, 0, 0, 0) ON CONFLICT (id) DO UPDATE SET "
        "started_at = min(started_at, excluded.started_at), ended_at = max(ended_at, excluded.ended_at)",
        (run, at, at, facts.get("ogi-clock"), facts.get("ogi-vantage")),
    )


def _enter_capture(db: Database, run: str, record: Record) -> None:
    context = record.context
    at = utc_text(record.date)
    digest = None if record.truncated else record.payload_digest or None
    media_type = record.http_header("content-type") or (
        record.get("content-type") if record.type == "resource" else None
    )
    entry = json.dumps(context.entry.to_json(), ensure_ascii=False) if context is not None and context.entry else None
    db.execute(
        _CAPTURE,
        (
            record.id.strip("<>") or record.where,
            record.uri,
            at,
            run,
            context.portal if context else None,
            context.role.value if context else None,
            context.verdict if context else None,
            record.type,
            record.http_status,
            media_type.partition(";")[0].strip().lower() if media_type else None,
            digest,
            record.segment,
            record.offset,
            record.length,
            record.http_header("etag"),
            record.http_header("last-modified"),
            context.parent if context else None,
            context.column if context else None,
            entry,
        ),
    )
    if digest is not None and record.type != "revisit":
        db.execute(
            'INSERT OR IGNORE INTO payloads (digest, segment, "offset", at) VALUES (?, ?, ?, ?)',
            (digest, record.segment, record.offset, at),
        )


def run_start(db: Database, archive: Archive, run: str) -> list[dict[str, Any]]:
    """What each job of a run wrote when it began."""
    return [json.loads(block) for block in _run_records(db, archive, run, "start")]


def visit_lines(db: Database, archive: Archive, run: str) -> Iterator[dict[str, Any]]:
    """The lines of a run's visit logs."""
    for block in _run_records(db, archive, run, "visits"):
        for line in block.splitlines():
            if line.strip():
                yield json.loads(line)


def _run_records(db: Database, archive: Archive, run: str, kind: str) -> Iterator[bytes]:
    for place in rows(
        db,
        'SELECT segment, "offset" FROM run_records WHERE run = ? AND kind = ? ORDER BY segment, "offset"',
        (run, kind),
    ):
        yield read_record(archive, place["segment"], place["offset"]).block


def lines_of_runs(db: Database) -> dict[str, list[int]]:
    """For each run, the lines of the manifest that name its segments, in order."""
    found: dict[str, list[int]] = {}
    for run, line in db.execute(
        "SELECT e.value, s.line FROM segments s, json_each(s.runs) e ORDER BY s.line"
    ).fetchall():
        found.setdefault(run, []).append(line)
    return found


def plan_passes(db: Database, archive: Archive, run: str, lines: Sequence[int]) -> None:
    """Enter a run's facts and its passes anew, none of them folded.

    Args:
        lines: Those of the manifest that name the run's segments, in order.
    """
    starts = run_start(db, archive, run)
    kind = next((str(start["kind"]) for start in starts if start.get("kind")), "harvest")
    if any(start.get("group") == "import" for start in starts):
        kind = "import"
    portals = sorted({definition["portal"]["id"] for start in starts for definition in definitions_of(start)})
    logs = db.execute("SELECT count(*) FROM run_records WHERE run = ? AND kind = 'visits'", (run,)).fetchone()[0]
    facts = db.execute("SELECT count(*), min(at), max(at) FROM captures WHERE run = ?", (run,)).fetchone()
    db.execute(
        "UPDATE runs SET kind = ?, portals = ?, is_whole = ?, segments = ?, captures = ?, "
        "started_at = min(started_at, coalesce(?, started_at)), ended_at = max(ended_at, coalesce(?, ended_at)) WHERE id = ?",
        (kind, json.dumps(portals), int(logs >= max(1, len(starts))), len(lines), *facts, run),
    )
    first_line = lines[0] if lines else 0
    db.execute("DELETE FROM passes WHERE run = ?", (run,))
    spans = _import_spans(db, run) if kind == "import" else _harvest_span(db, run)
    for number, (starts_at, ends_at) in enumerate(spans):
        db.execute(
            "INSERT INTO passes (run, number, starts_at, ends_at, line, is_folded) VALUES (?, ?, ?, ?, ?, 0)",
            (run, number, starts_at, ends_at, first_line),
        )


def definitions_of(start: dict[str, Any]) -> list[dict[str, Any]]:
    """The portal definitions in what a job wrote when it began."""
    return [
        definition
        for definition in start.get("portals") or ()
        if isinstance(definition, dict) and "portal" in definition
    ]


def _harvest_span(db: Database, run: str) -> list[tuple[str, str]]:
    started, ended = db.execute("SELECT started_at, ended_at FROM runs WHERE id = ?", (run,)).fetchone()
    return [(started, ended)]


def _import_spans(db: Database, run: str) -> list[tuple[str, str]]:
    spans: list[tuple[str, str]] = []
    pages: dict[str, str] = {}
    for capture in rows(
        db, 'SELECT url, at, role, parent, verdict FROM captures WHERE run = ? ORDER BY at, segment, "offset"', (run,)
    ):
        at = capture["at"]
        is_page = capture["role"] == "report" and capture["parent"] is None
        is_late = bool(spans) and _moment(at) - _moment(spans[-1][1]) > PASS_GAP
        last = pages.get(capture["url"]) if is_page else None
        is_again = last is not None and (
            _moment(at) - _moment(last) >= REPEAT_GAP or (capture["verdict"] == "ok" and at > last)
        )
        if not spans or is_late or is_again:
            spans.append((at, at))
            pages.clear()
        spans[-1] = (spans[-1][0], at)
        if is_page:
            pages[capture["url"]] = at
    return spans or _harvest_span(db, run)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
