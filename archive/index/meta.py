"""Facts about the index itself, and what ingesting asks of it as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.index.rows import among, value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlite_utils import Database

#: Tables that applying passes fills; scanned captures and what `decisions.jsonl` restores stay.
FOLDED = (
    "portals",
    "agencies",
    "agency_names",
    "portal_passes",
    "portal_events",
    "lists",
    "listings",
    "addresses",
    "reports",
    "documents",
    "versions",
    "report_text",
    "changes",
    "figure_changes",
    "findings",
    "obligations",
    "duty_counts",
    "notices",
    "fingerprints",
    "disclosure",
    "applications",
    "challenges",
    "indicators",
    "report_facts",
    "report_fts",
)


def get_meta(db: Database, key: str) -> str | None:
    """A fact that was kept, `None` if it wasn't."""
    found: str | None = value(db, "SELECT value FROM meta WHERE key = ?", (key,))
    return found


def set_meta(db: Database, key: str, text: str | None) -> None:
    """Keep a fact; `None` forgets it."""
    if text is None:
        db.execute("DELETE FROM meta WHERE key = ?", (key,))
    else:
        db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, text))


def forget_history(db: Database) -> None:
    """Empty what applying passes fills, so that all of them are applied again. The caller holds a transaction."""
    for table in FOLDED:
        db.execute(f"DELETE FROM {table}")
    db.execute("UPDATE passes SET is_folded = 0")
    for key in ("search_version", "duties_as_of", "readings_sealed"):
        set_meta(db, key, None)


def count_notices(db: Database, runs: Iterable[str] | None) -> int:
    """How many notices there are of some runs; of all, for `None`."""
    where, parameters = among("run", runs)
    return int(value(db, f"SELECT count(*) FROM notices WHERE {where}", parameters))


def changes_by_kind(db: Database, runs: Iterable[str] | None) -> dict[str, int]:
    """How many changes of each kind there are of some runs; of all, for `None`."""
    where, parameters = among("run", runs)
    return dict(
        db.execute(
            f"SELECT kind, count(*) FROM changes WHERE {where} GROUP BY kind ORDER BY kind", parameters
        ).fetchall()
    )
