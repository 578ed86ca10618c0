"""What the archive knows of a portal's addresses: all that a harvest job needs, carried to it as a file.

Jobs never open the database. They get, for each address, the digest and validators for conditional requests, the place
of the stored payload (list pages that answer 304 are read from it), and when it was last looked at and last changed.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from archive.warc.context import Entry, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Known:
    """One address.

    Attributes:
        digest: Payload digest of the last good answer, `None` if there never was one, or its bytes stand in a record of others only.
        segment: Segment that holds this payload in full, with `offset`; `date` is that record's WARC-Date as UTC text.
        original_url: The address under which the payload was first stored; differs from `url` for copies.
        original_id: The WARC-Record-ID of that record, without angle brackets.
        visited_at: The last visit, whatever came of it; `verdict` says what.
        report: The report whose document this is, `None` for lists, robots and pages that are no report.
        report_year: Its year; `report_status` present, suspect or vanished.
        last_changed_at: When the payload last became another one.
        is_listed: Whether a list named the address when it was last read to its end.
        state: For list pages nothing; for documents present, suspect or gone.
    """

    url: str
    role: Role
    portal: str
    digest: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    segment: str | None = None
    offset: int | None = None
    date: str | None = None
    original_url: str | None = None
    original_id: str | None = None
    visited_at: str = ""
    verdict: str = ""
    report: str | None = None
    report_year: int | None = None
    report_status: str | None = None
    column: str | None = None
    entry: Entry | None = None
    parent: str | None = None
    last_changed_at: str | None = None
    is_listed: bool = False
    state: str | None = None


_SQL = """
SELECT a.url, a.role, a.portal, iif(c.origin IS NULL, a.digest, NULL) AS digest, iif(c.origin IS NULL, a.etag, NULL) AS etag,
    iif(c.origin IS NULL, a.last_modified, NULL) AS last_modified, iif(c.origin IS NULL, p.segment, NULL) AS segment,
    iif(c.origin IS NULL, p."offset", NULL) AS "offset", iif(c.origin IS NULL, p.at, NULL) AS date,
    iif(c.origin IS NULL, c.url, NULL) AS original_url, iif(c.origin IS NULL, c.id, NULL) AS original_id, a.visited_at, a.verdict, d.report, r.year AS report_year, r.status AS report_status,
    a.column_url AS "column", a.entry, a.parent, a.changed_at AS last_changed_at, d.is_listed, d.status AS state
FROM addresses a
LEFT JOIN payloads p ON p.digest = a.digest
LEFT JOIN captures c ON c.segment = p.segment AND c."offset" = p."offset"
LEFT JOIN documents d ON d.url = coalesce(a.parent, a.url)
LEFT JOIN reports r ON r.id = d.report
WHERE a.portal IN ({marks})
ORDER BY a.url
"""


def known_captures(db: Database, portals: Sequence[str]) -> list[Known]:
    """Everything known of these portals' addresses, by address."""
    marks = ", ".join("?" for _ in portals)
    known: dict[str, Known] = {}
    for found in db.query(_SQL.format(marks=marks), list(portals)):
        known.setdefault(found["url"], _known(found))
    return list(known.values())


def _known(found: dict[str, Any]) -> Known:
    entry = found["entry"]
    return Known(
        **{
            **found,
            "role": Role(found["role"]),
            "entry": Entry.from_json(json.loads(entry)) if entry else None,
            "is_listed": bool(found["is_listed"]),
        }
    )


def as_jsonl(known: Iterable[Known]) -> Iterator[str]:
    """One line of JSON an address, each with its line feed; empty members are left out."""
    for item in known:
        data = {key: member for key, member in asdict(item).items() if member not in (None, "", False)}
        data["role"] = item.role.value
        if item.entry is not None:
            data["entry"] = item.entry.to_json()
        yield json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"


def from_jsonl(lines: Iterable[str]) -> list[Known]:
    """The inverse of `as_jsonl`; blank lines are passed over."""
    known = []
    for line in lines:
        if not line.strip():
            continue
        data = json.loads(line)
        entry = data.pop("entry", None)
        role = Role(data.pop("role"))
        known.append(Known(**data, role=role, entry=Entry.from_json(entry) if entry else None))
    return known
