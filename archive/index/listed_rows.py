"""Queries about the rows that lists name, each with what is known of the address that it leads to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.index.rows import stream, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A row of a list.

    Attributes:
        verdict: Of the last visit to its address, `None` if it was never asked for; `at` when that was.
        status: Of the document that it names, `None` if it is none; so `pending_digest`, `withdrawn_digest`, `figures`.
        version: Number of the report's current version, 0 if it could never be read.
        texts: How many parts of text that version has.
        notice: What was last noted about the address, and holds still: not a doubt that is decided; `None` if nothing was.
        files: What hangs on the page, by last verdict: `ok 2, gone? 1`.
    """

    portal: str
    column: str
    url: str
    title: str | None
    date: str | None
    agency: str | None
    first_at: str
    verdict: str | None
    at: str | None
    report: str | None
    status: str | None
    pending_digest: str | None
    withdrawn_digest: str | None
    figures: int | None
    version: int | None
    texts: int | None
    notice: str | None
    files: str | None


_SQL = """
SELECT l.portal, l.column_url AS "column", l.url, l.title, l.date, l.agency, l.first_at, a.verdict, a.visited_at AS at, d.report, d.status,
    d.pending_digest, d.withdrawn_digest, d.figures, r.version,
    (SELECT count(*) FROM report_text t WHERE t.report = r.id AND t.version = r.version) AS texts,
    (SELECT n.message FROM notices n WHERE n.url = coalesce(d.url, l.url) AND NOT (n.code = 'shrunken' AND d.pending_digest IS NULL)
        AND NOT (n.code = 'withdrawn' AND d.withdrawn_digest IS NULL) ORDER BY n.at DESC LIMIT 1) AS notice,
    (SELECT group_concat(said, ', ') FROM (SELECT f.verdict || ' ' || count(*) AS said FROM addresses f
        WHERE f.parent = coalesce(d.url, l.url) GROUP BY f.verdict ORDER BY f.verdict)) AS files
FROM listings l
LEFT JOIN addresses a ON a.url = l.url AND a.role = 'report'
LEFT JOIN documents d ON d.url = (SELECT url FROM documents WHERE url = l.url OR entry_url = l.url ORDER BY url = l.url DESC, url LIMIT 1)
LEFT JOIN reports r ON r.id = d.report
WHERE l.absent_at IS NULL AND (?1 IS NULL OR l.portal = ?1) ORDER BY l.portal, l.column_url, l.url
"""


def listed_rows(db: Database, portal: str | None = None) -> Iterator[ListedRow]:
    """The rows that the lists name now, by portal, column and address."""
    return stream(db, ListedRow, _SQL, (portal,))


def last_pass_since(db: Database, portal: str) -> str:
    """When the last run over a portal began; empty if there was none."""
    found = value(
        db,
        "SELECT r.started_at FROM runs r JOIN portal_passes p ON p.run = r.id WHERE p.portal = ? ORDER BY p.at DESC LIMIT 1",
        (portal,),
    )
    return str(found) if found is not None else ""
