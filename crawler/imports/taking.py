"""What of a foreign record can be taken, and what it then shows: address, time, payload, and this program's own judgement of it.

Nothing that the record says of itself in fields of this program is read. What it shows can only be that something was there.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive.clock import utc_text
from archive.errors import DamagedArchive
from archive.warc.digests import parse_digest
from archive.warc.records import parse_any_date, parse_record
from archive.warc.taken import Shown, sha256_of
from extract.messages import localizable

if TYPE_CHECKING:
    from archive.warc.context import Context, Entry
    from archive.warc.foreign import ForeignRecord

#: The first page of the web (info.cern.ch) is of 1990: an earlier date is a broken clock's, or made up.
FIRST_YEAR = 1990
#: How far a foreign clock may run ahead of ours.
AHEAD = timedelta(days=1)
_UUID = re.compile(r"<urn:uuid:[0-9a-fA-F-]{36}>")


@dataclass(frozen=True, slots=True)
class Judged:
    """What is known of a record before it is sorted: when it stood there, and why it can't be taken (empty if it can)."""

    at: datetime | None
    is_exact: bool
    problem: str


def judge(record: ForeignRecord, now: datetime) -> Judged:
    """Whether a record can be taken as a capture of a page."""
    if record.problem:
        return Judged(None, False, record.problem)
    try:
        parse_record(record.raw)
    except DamagedArchive:
        return Judged(None, False, "its header can't be read again as it stands")
    if not is_address(record.uri):
        return Judged(None, False, f"its address can't be read: {record.uri[:100]!r}")
    text = record.get("WARC-Date") or ""
    try:
        at, is_exact = parse_any_date(text)
    except (ValueError, OverflowError):
        return Judged(None, False, f"its date can't be read: {text[:40]!r}")
    if at > now + AHEAD:
        return Judged(at, False, f"its date lies in the future: {text[:40]}")
    if at.year < FIRST_YEAR:
        return Judged(at, False, f"its date lies before the web: {text[:40]}")
    return Judged(at, is_exact, _answer_problem(record))


def _answer_problem(record: ForeignRecord) -> str:
    status = record.http_status
    if record.type == "response" and status is None:
        return localizable("it holds no HTTP answer")
    if status is not None and not 100 <= status <= 599:
        return localizable(f"its status is none: {status}")
    return ""


def is_address(url: str) -> bool:
    """Whether a text is an address of the web."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def shown(
    record: ForeignRecord,
    at: datetime,
    context: Context | None,
    digest: str | None,
    *,
    taken_ids: set[str],
    rows: tuple[Entry, ...] = (),
) -> Shown:
    """What a record shows, for its note.

    Args:
        digest: Of its payload; for a revisit that of what it stands for.
        taken_ids: Ids of captures that are used already; gets this one's.
        rows: Of a list, its rows that name annual reports.
    """
    written = record.get("WARC-Date") or ""
    own = record.id.strip("<>")
    capture = own if _UUID.fullmatch(record.id) and own not in taken_ids else f"urn:sha256:{sha256_of(record.raw)[:40]}"
    taken_ids.add(capture)
    media_type = record.http_header("content-type") or (
        record.get("content-type") if record.type == "resource" else None
    )
    media_type = media_type.partition(";")[0].strip().lower() if media_type else None
    return Shown(
        id=capture,
        url=record.uri,
        at=utc_text(at),
        exact_at=written,
        kind=record.type,
        status=record.http_status,
        media_type=media_type if media_type and media_type.isascii() else None,
        digest=None if record.truncated else digest,
        context=context,
        faults=record.faults,
        rows=rows,
    )


def names_of_payload(record: ForeignRecord) -> set[str]:
    """Every way in which a revisit may name a record's payload: its digests, in one notation; its id; its address and date."""
    names = {_digest_name(value) for value in (record.payload_digest, record.get("WARC-Payload-Digest")) if value}
    names |= {f"id {record.id}"} if record.id else set()
    names.add(place_name(record.uri, record.get("WARC-Date") or ""))
    return names


def names_by_revisit(record: ForeignRecord) -> list[str]:
    """How a revisit names what it stands for, the surest first."""
    names = [f"id {target}"] if (target := record.get("WARC-Refers-To")) else []
    stated = record.get("WARC-Payload-Digest")
    names += [_digest_name(stated)] if stated else []
    url, date = record.get("WARC-Refers-To-Target-URI"), record.get("WARC-Refers-To-Date")
    if url and date:
        names.append(place_name(url.strip("<>"), date))
    return names


def place_name(url: str, date: str) -> str:
    """An address at a time, as one name."""
    with contextlib.suppress(ValueError, OverflowError):
        date = utc_text(parse_any_date(date)[0])
    return f"at {date} {url}"


def _digest_name(value: str) -> str:
    parsed = parse_digest(value)
    return f"{parsed[0]}:{parsed[1].hex()}" if parsed is not None else value
