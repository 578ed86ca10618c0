"""From segments to rows: which captures there are, where each payload is stored, and how a run falls into passes.

A harvest is one pass. An imported file may span years: it is cut into passes wherever a page is captured again or hours lie between two
captures, so that its history comes out as if it had been harvested then.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Required, TypedDict

from archive.clock import utc_text
from archive.errors import DamagedArchive
from archive.index import captures, elsewhere, runs
from archive.index.types import CaptureRow, as_json
from archive.warc.manifest import warcinfo_fields
from archive.warc.members import BrokenMember, iter_members
from archive.warc.records import CAPTURES, parse_record, read_record
from archive.warc.taken import ORIGIN, QUARANTINE, Follower, read_origin
from archive.warc.visit_log import parse_log
from extract.document.notations import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.warc.context import Context
    from archive.warc.manifest import ManifestLine
    from archive.warc.records import Record
    from archive.warc.taken import OriginNote, Shown
    from archive.warc.visit_log import Line

logger = logging.getLogger(__name__)

#: Hours without a capture after which an import goes on as another pass.
PASS_GAP = timedelta(hours=6)
#: A page that is found gone again sooner was asked for twice in one pass: that is one visit, not two.
REPEAT_GAP = timedelta(minutes=10)


def scan_segment(db: Database, archive: Archive, entry: ManifestLine) -> None:
    """Enter a sealed segment's captures, in the caller's transaction.

    Raises:
        DamagedArchive: If it can't be read to its end.
    """
    run, facts, follower = "", dict[str, str](), Follower()
    for record in segment_records(archive, entry.segment):
        place = follower.take(record)
        if place.note is not None and place.shows is not None:
            _enter_shown(db, run, record, place.note, place.shows)
        elif place.is_foreign:
            continue
        elif record.type == "warcinfo":
            facts = warcinfo_fields(record)
            run = facts.get("ogi-run", run)
            runs.put_run(
                db, run, at=utc_text(record.date), clock=facts.get("ogi-clock"), vantage=facts.get("ogi-vantage")
            )
        elif record.uri.startswith("urn:ogi:run:") and record.uri.endswith((":start", ":visits")):
            kind = record.uri.rpartition(":")[2]
            runs.put_run_record(db, run, kind, entry.segment, record.offset)
        elif record.type == "metadata" and record.uri.startswith(ORIGIN):
            captures.put_origin(db, read_origin(record))
        elif record.uri.startswith(QUARANTINE):
            _enter_quarantined(db, record)
        elif record.type in CAPTURES:
            _enter_capture(db, run, record)
    runs.put_segment(db, entry.info, entry.number)


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


def _enter_capture(db: Database, run: str, record: Record) -> None:
    capture = capture_row(record, run)
    runs.put_capture(db, capture)
    if capture.digest is not None and record.type != "revisit":
        runs.put_payload(db, capture.digest, record.segment, record.offset, capture.at)


def _enter_shown(db: Database, run: str, record: Record, note: OriginNote, shows: Shown) -> None:
    """Enter a capture by somebody else, as the note of this program has it."""
    context = shows.context
    listed = context.entry if context is not None else None
    runs.put_capture(
        db,
        CaptureRow(
            id=shows.id,
            url=shows.url,
            at=shows.at,
            run=run,
            portal=context.portal if context else None,
            role=context.role.value if context else None,
            verdict=context.verdict if context else None,
            kind=shows.kind,
            status=shows.status,
            media_type=shows.media_type,
            digest=shows.digest,
            segment=record.segment,
            offset=record.offset,
            length=record.length,
            etag=None,  # what another learned of its copy is no condition of ours
            last_modified=None,
            parent=context.parent if context else None,
            column_url=context.column if context else None,
            entry=as_json(listed.to_json()) if listed else None,
            origin=note.origin,
            exact_at=shows.exact_at,
            record_sha256=note.records[0],
        ),
    )
    if context is not None:
        for row in shows.rows:
            elsewhere.put_row(db, shows.id, row, column=shows.url, portal=context.portal, at=shows.at)
    captures.forget_quarantined(db, note.records[0])  # if it was set aside once
    if shows.digest is not None and shows.kind != "revisit":
        captures.put_foreign_payload(db, shows.digest, record.segment, record.offset, shows.at)


def _enter_quarantined(db: Database, record: Record) -> None:
    if record.type != "metadata":
        return
    facts = parse_json(record.block)
    sha256 = record.uri.removeprefix(QUARANTINE)
    if facts.get("taken") is True:
        captures.forget_quarantined(db, sha256)
        return
    captures.put_quarantined(
        db,
        sha256,
        origin=str(facts["origin"]),
        place=str(facts["place"]),
        why=str(facts["why"]),
        size=int(facts["bytes"]),
        segment=record.segment,
    )


def capture_row(record: Record, run: str) -> CaptureRow:
    """What a record says of its capture; a payload that isn't whole has no digest."""
    context = _context_of(record)
    media_type = record.http_header("content-type") or (
        record.get("content-type") if record.type == "resource" else None
    )
    listed = context.entry if context is not None else None
    return CaptureRow(
        id=record.id.strip("<>") or record.where,
        url=record.uri,
        at=utc_text(record.date),
        run=run,
        portal=context.portal if context else None,
        role=context.role.value if context else None,
        verdict=context.verdict if context else None,
        kind=record.type,
        status=record.http_status,
        media_type=media_type.partition(";")[0].strip().lower() if media_type else None,
        digest=None if record.truncated else record.payload_digest or None,
        segment=record.segment,
        offset=record.offset,
        length=record.length,
        etag=record.http_header("etag"),
        last_modified=record.http_header("last-modified"),
        parent=context.parent if context else None,
        column_url=context.column if context else None,
        entry=as_json(listed.to_json()) if listed else None,
    )


def _context_of(record: Record) -> Context | None:
    """What a capture says of itself; one that can't be read says nothing, which `ogi verify` tells."""
    try:
        return record.context
    except DamagedArchive as error:
        logger.warning("%s; the capture is kept as one of no portal", error)
        return None


class RunStart(TypedDict, total=False):
    """What a job wrote when it began; older releases and other programs may have left out any of it."""

    kind: str
    group: str
    portals: list[RunDefinition] | None


class RunDefinition(TypedDict):
    """A portal's definition as it was used."""

    portal: RunPortal


class RunPortal(TypedDict, total=False):
    """The table `[portal]` of a definition, as far as the index takes it."""

    id: Required[str]


def run_start(db: Database, archive: Archive, run: str) -> list[RunStart]:
    """What each job of a run wrote when it began."""
    return [parse_json(block) for block in _run_records(db, archive, run, "start")]


def visit_lines(db: Database, archive: Archive, run: str) -> Iterator[Line]:
    """The lines of a run's visit logs."""
    for block in _run_records(db, archive, run, "visits"):
        yield from parse_log(block)


def _run_records(db: Database, archive: Archive, run: str, kind: str) -> Iterator[bytes]:
    for segment, offset in runs.run_records(db, run, kind):
        yield read_record(archive, segment, offset).block


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
    logs = runs.count_run_records(db, run, "visits")
    runs.set_run(db, run, kind=kind, portals=portals, is_whole=logs >= max(1, len(starts)), segments=len(lines))
    spans = _import_spans(db, run) if kind == "import" else _harvest_span(db, run)
    runs.put_passes(db, run, spans, lines[0] if lines else 0)


def definitions_of(start: RunStart) -> list[RunDefinition]:
    """The portal definitions in what a job wrote when it began."""
    return [
        definition
        for definition in start.get("portals") or ()
        if isinstance(definition, dict) and "portal" in definition
    ]


def _harvest_span(db: Database, run: str) -> list[tuple[str, str]]:
    found = runs.find_run(db, run)
    assert found is not None  # its segments were read
    return [(found.started_at, found.ended_at)]


def _import_spans(db: Database, run: str) -> list[tuple[str, str]]:
    return import_spans(runs.captures_of_run(db, run)) or _harvest_span(db, run)


def import_spans(found: Iterable[CaptureRow]) -> list[tuple[str, str]]:
    """The passes into which imported captures fall, by their first and last time."""
    spans: list[tuple[str, str]] = []
    pages: dict[str, str] = {}
    for capture in found:
        is_page = capture.role == "report" and capture.parent is None
        is_late = bool(spans) and _moment(capture.at) - _moment(spans[-1][1]) > PASS_GAP
        last = pages.get(capture.url) if is_page else None
        if not spans or is_late or (last is not None and _is_again(capture, last)):
            spans.append((capture.at, capture.at))
            pages.clear()
        spans[-1] = (spans[-1][0], capture.at)
        if is_page:
            pages[capture.url] = capture.at
    return spans


def _is_again(capture: CaptureRow, last: str) -> bool:
    """Whether a page that was captured at a time is captured again, and not asked for twice in one pass."""
    return _moment(capture.at) - _moment(last) >= REPEAT_GAP or (capture.verdict == "ok" and capture.at > last)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
