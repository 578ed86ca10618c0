"""Captures by others: their origins, what could not be taken, and what an import must know of the archive."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.index.rows import rows, value, values
from archive.warc.context import Role
from archive.warc.digests import matches
from archive.warc.records import read_record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.warc.taken import Origin


@dataclass(frozen=True, slots=True)
class Taken:
    """What the archive has already, for an import.

    Attributes:
        records: SHA-256 of each record of others that was taken or set aside.
        ids: Ids of all captures.
        own: Address, time and payload digest of our own captures by id.
        roles: What is known of addresses of reports and their files.
        parents: The page that each known file hangs on.
    """

    records: set[str]
    ids: set[str]
    own: dict[str, tuple[str, str, str | None]]
    roles: dict[str, Role]
    parents: dict[str, str]


def taken(db: Database) -> Taken:
    """What the archive has already."""
    own = {
        row["id"]: (row["url"], row["at"], row["digest"])
        for row in rows(db, "SELECT id, url, at, digest FROM captures WHERE origin IS NULL")
    }
    records = set(values(db, "SELECT record_sha256 FROM captures WHERE record_sha256 IS NOT NULL"))
    return Taken(
        records | set(values(db, "SELECT sha256 FROM quarantined")),
        set(values(db, "SELECT id FROM captures")),
        own,
        {
            row["url"]: Role(row["role"])
            for row in rows(db, "SELECT url, role FROM addresses WHERE role IN ('report', 'attachment')")
        },
        {
            row["url"]: row["parent"]
            for row in rows(db, "SELECT url, parent FROM addresses WHERE role = 'attachment' AND parent IS NOT NULL")
        },
    )


def stored_payload(db: Database, archive: Archive, stated: str, urls: Sequence[str]) -> str | None:
    """The digest of a stored payload of these addresses that another program names by a digest of its own."""
    for url in dict.fromkeys(urls):
        for row in rows(
            db,
            'SELECT DISTINCT p.digest, p.segment, p."offset" FROM captures c JOIN payloads p ON p.digest = c.digest '
            'WHERE c.url = ? ORDER BY p.segment, p."offset"',
            (url,),
        ):
            if matches(stated, read_record(archive, row["segment"], row["offset"]).payload):
                return str(row["digest"])
    return None


def own_digest_before(db: Database, url: str, at: str) -> str | None:
    """The payload of the last own whole look at an address up to a time, `None` if there was none."""
    found = value(
        db,
        "SELECT digest FROM captures WHERE url = ? AND origin IS NULL AND verdict = 'ok' AND digest IS NOT NULL "
        'AND (status IS NULL OR status NOT BETWEEN 300 AND 399) AND at <= ? ORDER BY at DESC, segment DESC, "offset" DESC LIMIT 1',
        (url, at),
    )
    return None if found is None else str(found)


def was_looked_at(db: Database, portal: str, since: str, *, until: str | None = None, line: int | None = None) -> bool:
    """Whether an own pass over a portal began after a time: up to another (`until`), or in a run before a line of the manifest."""
    found = value(
        db,
        "SELECT 1 FROM passes p JOIN runs r ON r.id = p.run WHERE r.kind <> 'import' AND p.starts_at > :since "
        "AND (:until IS NULL OR p.starts_at <= :until) AND (:line IS NULL OR p.line < :line) "
        "AND EXISTS (SELECT 1 FROM json_each(r.portals) e WHERE e.value = :portal)",
        {"since": since, "until": until, "line": line, "portal": portal},
    )
    return found is not None


def addresses_to_ask(db: Database, portals: Sequence[str], reports: Sequence[str]) -> list[str]:
    """Addresses of reports, present and former, and of the files on them, of these portals and reports; of all, where none is named."""
    sql = (
        "WITH asked AS (SELECT url FROM documents WHERE (?1 = '[]' OR portal IN (SELECT value FROM json_each(?1))) "
        "AND (?2 = '[]' OR report IN (SELECT value FROM json_each(?2)))) "
        "SELECT url FROM asked UNION SELECT a.url FROM addresses a JOIN asked ON asked.url = a.parent "
        "WHERE a.role = 'attachment' AND instr(a.url, '#') = 0 ORDER BY url"
    )
    return [str(found) for found in values(db, sql, (json.dumps(portals), json.dumps(reports)))]


def told_by(db: Database, archive: str) -> set[tuple[str, str]]:
    """Address and time (UTC ISO text) of what a web archive gave already."""
    sql = "SELECT c.url, c.at FROM captures c JOIN origins o ON o.id = c.origin WHERE o.kind = 'archive' AND o.name = ?"
    return {(row["url"], row["at"]) for row in rows(db, sql, (archive,))}


def put_origin(db: Database, origin: Origin) -> None:
    """Enter where captures come from."""
    db.execute(
        "INSERT OR IGNORE INTO origins (id, kind, name, size, sha256, form, software, learned_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            origin.id,
            origin.kind,
            origin.name,
            origin.size,
            origin.sha256,
            origin.form,
            origin.software,
            origin.learned_at,
        ),
    )


def put_quarantined(db: Database, sha256: str, *, origin: str, place: str, why: str, size: int, segment: str) -> None:
    """Enter a record that could not be taken."""
    db.execute(
        "INSERT OR IGNORE INTO quarantined (sha256, origin, place, why, size, segment) VALUES (?, ?, ?, ?, ?, ?)",
        (sha256, origin, place, why, size, segment),
    )


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """A record that could not be taken. `kind` and `file` tell what it came in (`origins.kind`, `name`); both are empty for one of our own."""

    sha256: str
    kind: str
    file: str
    place: str
    why: str
    segment: str


def quarantined(db: Database) -> list[QuarantinedRow]:
    """The records that could not be taken."""
    sql = (
        "SELECT q.sha256, coalesce(o.kind, q.origin), coalesce(o.name, q.origin), q.place, q.why, q.segment FROM quarantined q "
        "LEFT JOIN origins o ON o.id = q.origin ORDER BY q.sha256"
    )
    return [QuarantinedRow(*row) for row in db.execute(sql)]


def forget_quarantined(db: Database, sha256: str) -> None:
    """A record was taken after all."""
    db.execute("DELETE FROM quarantined WHERE sha256 = ?", (sha256,))


def put_foreign_payload(db: Database, digest: str, segment: str, offset: int, at: str) -> None:
    """Enter where bytes stand in a record of others; any place that is known already stays."""
    db.execute(
        'INSERT OR IGNORE INTO payloads (digest, segment, "offset", at) VALUES (?, ?, ?, ?)',
        (digest, segment, offset, at),
    )
