"""Queries about lists captured by others: which there are to ask web archives for, and what they name that no list here does."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.index.listed_rows import ListedRow
from archive.index.rows import read, value, values
from archive.warc.context import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlite_utils import Database

    from archive.warc.context import Entry


@dataclass(frozen=True, slots=True)
class RowElsewhere(ListedRow):
    """A row that lists captured by others name, and no list of this archive's own looks: nothing is claimed of it.

    Attributes:
        seen_by: Whose captures they are: file or web archive.
        last_at: When it was named last; `first_at` when first (UTC).
        origin_kind: `file` or `archive`.
    """

    seen_by: str
    last_at: str
    origin_kind: str


def put_row(db: Database, capture: str, entry: Entry, *, column: str, portal: str, at: str) -> None:
    """Enter a row of a list captured by somebody else."""
    db.execute(
        "INSERT OR IGNORE INTO listed_elsewhere (capture, url, column_url, portal, title, date, agency, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (capture, entry.url, column, portal, entry.title or None, entry.date, entry.agency, at),
    )


def lists_to_ask(db: Database, portals: Sequence[str]) -> list[str]:
    """Addresses of list pages that this archive read, of these portals; of all, where none is named."""
    named = json.dumps(portals)
    found = values(
        db,
        "SELECT url FROM lists WHERE (?1 = '[]' OR portal IN (SELECT value FROM json_each(?1))) UNION SELECT url FROM addresses "
        "WHERE role = 'list' AND (?1 = '[]' OR portal IN (SELECT value FROM json_each(?1)))",
        (named,),
    )
    return sorted({url for url in map(str, found) if "#" not in url})


def captured_lists(db: Database, portals: Iterable[str] = ()) -> int:
    """How many captures by others are of lists: of these portals; of all, where none is named."""
    found = value(
        db,
        "SELECT count(*) FROM captures WHERE origin IS NOT NULL AND role = ?2 AND (?1 = '[]' OR portal IN (SELECT value FROM json_each(?1)))",
        (json.dumps(list(portals)), Role.LIST.value),
    )
    return int(found)


#: An address with what stands in front of its host left out: http and https are one place.
_PLAIN = "substr({0}, instr({0}, '://') + 3)"
_CANDIDATES = f"""
WITH known AS (
    SELECT {_PLAIN.format("url")} AS place FROM documents UNION SELECT {_PLAIN.format("entry_url")} FROM documents
    UNION SELECT {_PLAIN.format("url")} FROM listings
), named AS (
    SELECT e.*, row_number() OVER (PARTITION BY {_PLAIN.format("e.url")} ORDER BY e.at DESC, e.capture) AS number,
        min(e.at) OVER (PARTITION BY {_PLAIN.format("e.url")}) AS first_at
    FROM listed_elsewhere e
    WHERE (?1 = '[]' OR e.portal IN (SELECT value FROM json_each(?1))) AND {_PLAIN.format("e.url")} NOT IN (SELECT place FROM known)
)
SELECT n.portal, n.column_url AS "column", n.url, n.title, n.date, n.agency, n.first_at, a.verdict, a.visited_at AS at, NULL AS report,
    NULL AS status, NULL AS pending_digest, NULL AS withdrawn_digest, NULL AS figures, NULL AS version, NULL AS texts,
    (SELECT t.message FROM notices t WHERE t.url = n.url ORDER BY t.at DESC LIMIT 1) AS notice, NULL AS files,
    o.name AS seen_by, n.at AS last_at, o.kind AS origin_kind
FROM named n JOIN captures c ON c.id = n.capture JOIN origins o ON o.id = c.origin
LEFT JOIN addresses a ON a.url = n.url AND a.role = 'report'
WHERE n.number = 1 AND (?2 IS NULL OR (o.kind = 'archive' AND o.name = ?2)) ORDER BY n.portal, n.column_url, n.url
"""


def candidates(db: Database, portals: Iterable[str] = (), archive: str | None = None) -> list[RowElsewhere]:
    """What lists captured by others name and nothing here does, by portal, column and address.

    Args:
        portals: Only of these; of all, where none is named.
        archive: Only what this web archive's captures named last.
    """
    return read(db, RowElsewhere, _CANDIDATES, (json.dumps(list(portals)), archive))
