"""Queries about runs: their segments and records, the passes that they fall into, and how passes over portals ended."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from archive.index.rows import first, read, stream, value, values
from archive.index.types import CaptureRow, PassCapture, PassRow, PortalPassRow, RunRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlite_utils import Database

    from archive.warc.manifest import SegmentInfo

_CAPTURE = (
    "INSERT OR IGNORE INTO captures (id, url, at, run, portal, role, verdict, kind, status, media_type, digest, segment, "
    '"offset", length, etag, last_modified, parent, column_url, entry, origin, exact_at, record_sha256) '
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


# ---- segments and their records -------------------------------------------------------------------------------------------


def put_segment(db: Database, info: SegmentInfo, line: int) -> None:
    """Enter a sealed segment; `line` is its line of the manifest."""
    db.execute(
        "INSERT INTO segments (name, line, runs, size, sha256, records) VALUES (?, ?, ?, ?, ?, ?)",
        (info.segment, line, json.dumps(list(info.runs)), info.size, info.sha256, info.records),
    )


def segment_names(db: Database) -> set[str]:
    """The segments that the index knows."""
    return set(values(db, "SELECT name FROM segments"))


def segments_of_unfinished_runs(db: Database) -> set[str]:
    """Names of the segments of runs that were stopped, or in which a pass over a portal failed."""
    return set(
        values(
            db,
            "SELECT DISTINCT s.name FROM segments s, json_each(s.runs) e JOIN runs r ON r.id = e.value "
            "WHERE r.is_whole = 0 OR EXISTS (SELECT 1 FROM portal_passes p WHERE p.run = r.id AND p.is_ok = 0)",
        )
    )


def put_run(db: Database, run: str, *, at: str, clock: str | None, vantage: str | None) -> None:
    """Enter a run, or let it span a time."""
    db.execute(
        "INSERT INTO runs (id, kind, started_at, ended_at, clock, vantage, is_whole, segments, captures) "
        "VALUES (?, 'harvest', ?, ?, ?, ?, 0, 0, 0) ON CONFLICT (id) DO UPDATE SET "
        "started_at = min(started_at, excluded.started_at), ended_at = max(ended_at, excluded.ended_at)",
        (run, at, at, clock, vantage),
    )


def put_run_record(db: Database, run: str, kind: str, segment: str, offset: int) -> None:
    """Enter where a run's start record or visit log stands."""
    db.execute(
        'INSERT OR IGNORE INTO run_records (run, kind, segment, "offset") VALUES (?, ?, ?, ?)',
        (run, kind, segment, offset),
    )


def put_capture(db: Database, capture: CaptureRow) -> None:
    """Enter a capture; one that is known stays as it is."""
    db.execute(
        _CAPTURE,
        (
            capture.id,
            capture.url,
            capture.at,
            capture.run,
            capture.portal,
            capture.role,
            capture.verdict,
            capture.kind,
            capture.status,
            capture.media_type,
            capture.digest,
            capture.segment,
            capture.offset,
            capture.length,
            capture.etag,
            capture.last_modified,
            capture.parent,
            capture.column_url,
            capture.entry,
            capture.origin,
            capture.exact_at,
            capture.record_sha256,
        ),
    )


def put_payload(db: Database, digest: str, segment: str, offset: int, at: str) -> None:
    """Enter where bytes of our own stand; the first place stays, unless it is in a record of others."""
    db.execute(
        'INSERT INTO payloads (digest, segment, "offset", at) VALUES (?, ?, ?, ?) ON CONFLICT (digest) DO UPDATE SET '
        'segment = excluded.segment, "offset" = excluded."offset", at = excluded.at WHERE EXISTS (SELECT 1 FROM captures c '
        'WHERE c.segment = payloads.segment AND c."offset" = payloads."offset" AND c.origin IS NOT NULL)',
        (digest, segment, offset, at),
    )


def run_records(db: Database, run: str, kind: str) -> list[tuple[str, int]]:
    """Segment and offset of a run's records of a kind (`start`, `visits`), in order."""
    found: list[tuple[str, int]] = db.execute(
        'SELECT segment, "offset" FROM run_records WHERE run = ? AND kind = ? ORDER BY segment, "offset"', (run, kind)
    ).fetchall()
    return found


def runs_with_visits(db: Database) -> list[str]:
    """Runs that have a visit log."""
    return values(db, "SELECT DISTINCT run FROM run_records WHERE kind = 'visits' ORDER BY run")


# ---- runs and passes ------------------------------------------------------------------------------------------------------


def lines_of_runs(db: Database) -> dict[str, list[int]]:
    """For each run, the lines of the manifest that name its segments, in order."""
    found: dict[str, list[int]] = {}
    for run, line in db.execute(
        "SELECT e.value, s.line FROM segments s, json_each(s.runs) e ORDER BY s.line"
    ).fetchall():
        found.setdefault(run, []).append(line)
    return found


def segments_planned(db: Database) -> dict[str, int]:
    """For each run, how many segments it had when its passes were planned."""
    return dict(db.execute("SELECT id, segments FROM runs ORDER BY id").fetchall())


def count_run_records(db: Database, run: str, kind: str) -> int:
    """How many records of a kind a run has."""
    return int(value(db, "SELECT count(*) FROM run_records WHERE run = ? AND kind = ?", (run, kind)))


def set_run(db: Database, run: str, *, kind: str, portals: Sequence[str], is_whole: bool, segments: int) -> None:
    """Keep a run's facts, and from its captures how many there are and which time they span."""
    facts = db.execute("SELECT count(*), min(at), max(at) FROM captures WHERE run = ?", (run,)).fetchone()
    db.execute(
        "UPDATE runs SET kind = ?, portals = ?, is_whole = ?, segments = ?, captures = ?, "
        "started_at = min(started_at, coalesce(?, started_at)), ended_at = max(ended_at, coalesce(?, ended_at)) WHERE id = ?",
        (kind, json.dumps(portals), int(is_whole), segments, *facts, run),
    )


def find_run(db: Database, run: str) -> RunRow | None:
    """A run by its id."""
    return first(db, RunRow, "SELECT * FROM runs WHERE id = ?", (run,))


def newest_run(db: Database) -> RunRow | None:
    """The run that ended last."""
    return first(db, RunRow, "SELECT * FROM runs ORDER BY ended_at DESC, id LIMIT 1")


def last_moment(db: Database) -> str | None:
    """When the last run ended."""
    found: str | None = value(db, "SELECT max(ended_at) FROM runs")
    return found


def set_broken(db: Database, run: str) -> None:
    """A run did not come to its end: what hangs on the pages that it stored may not have been fetched."""
    db.execute("UPDATE runs SET is_whole = 0 WHERE id = ?", (run,))


def put_passes(db: Database, run: str, spans: Sequence[tuple[str, str]], line: int) -> None:
    """Enter the passes of a run anew, none of them applied; `line` is the run's first line of the manifest."""
    db.execute("DELETE FROM passes WHERE run = ?", (run,))
    for number, (starts_at, ends_at) in enumerate(spans):
        db.execute(
            "INSERT INTO passes (run, number, starts_at, ends_at, line, is_folded) VALUES (?, ?, ?, ?, ?, 0)",
            (run, number, starts_at, ends_at, line),
        )


def passes_to_fold(db: Database) -> list[PassRow]:
    """The passes that were not applied yet, in their order."""
    return read(db, PassRow, "SELECT * FROM passes WHERE is_folded = 0 ORDER BY starts_at, line, run, number")


def folded_until(db: Database) -> str | None:
    """When the last pass began that was applied."""
    found: str | None = value(db, "SELECT max(starts_at) FROM passes WHERE is_folded = 1")
    return found


def is_folded(db: Database, run: str) -> bool:
    """Whether a pass of a run was applied."""
    return value(db, "SELECT 1 FROM passes WHERE run = ? AND is_folded = 1", (run,)) is not None


def set_folded(db: Database, this_pass: PassRow) -> None:
    """A pass was applied."""
    db.execute("UPDATE passes SET is_folded = 1 WHERE run = ? AND number = ?", (this_pass.run, this_pass.number))


def next_start(db: Database, this_pass: PassRow) -> str | None:
    """When the run's next pass begins, `None` for its last."""
    found: str | None = value(
        db, "SELECT min(starts_at) FROM passes WHERE run = ? AND number > ?", (this_pass.run, this_pass.number)
    )
    return found


def captures_of_pass(db: Database, run: str, since: str, until: str) -> list[PassCapture]:
    """A run's own captures from a time until before another, in order."""
    return read(
        db,
        PassCapture,
        "SELECT url, at, portal, role, verdict, status, media_type, digest, etag, last_modified, parent, column_url, entry "
        "FROM captures WHERE run = ? AND at >= ? AND at < ? AND role IS NOT NULL "
        "ORDER BY at, coalesce(exact_at, ''), segment, \"offset\"",
        (run, since, until),
    )


def captures_of_run(db: Database, run: str) -> Iterator[CaptureRow]:
    """All captures of a run, in order."""
    return stream(db, CaptureRow, 'SELECT * FROM captures WHERE run = ? ORDER BY at, segment, "offset"', (run,))


# ---- passes over portals --------------------------------------------------------------------------------------------------


def put_portal_pass(db: Database, found: PortalPassRow) -> None:
    """Enter how a pass over a portal ended."""
    db.execute(
        "INSERT OR REPLACE INTO portal_passes (portal, run, at, is_ok, reason, listed, expected) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (found.portal, found.run, found.at, int(found.is_ok), found.reason, found.listed, found.expected),
    )


def set_portal_state(db: Database, found: PortalPassRow, state: str) -> None:
    """Let a portal stand as its last pass ended."""
    db.execute(
        "UPDATE portals SET state = ?, reason = ?, last_pass_at = ?, last_ok_at = iif(?, ?, last_ok_at), "
        "failing_since = iif(?, NULL, coalesce(failing_since, ?)), listed = ?, expected = ? WHERE id = ?",
        (
            state,
            None if found.is_ok else found.reason,
            found.at,
            found.is_ok,
            found.at,
            found.is_ok,
            found.at,
            found.listed,
            found.expected,
            found.portal,
        ),
    )


def set_last_pass(db: Database, portal: str, at: str) -> None:
    """A pass over a portal ended that says nothing about it."""
    db.execute("UPDATE portals SET last_pass_at = ? WHERE id = ?", (at, portal))
