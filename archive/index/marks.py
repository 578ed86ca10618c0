"""What people decided, as rows: marks on findings and changes, what is withheld, and the register's agencies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from archive.index.rows import read, value
from archive.index.types import AgencyRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlite_utils import Database


def mark_finding(db: Database, finding: str, status: str, note: str | None) -> None:
    """Let a finding be confirmed, dismissed or open."""
    db.execute("UPDATE findings SET status = ?, note = ? WHERE id = ?", (status, note, finding))


def mark_change(db: Database, change: str, *, is_false_alarm: bool) -> None:
    """Let a change be a false alarm, or not."""
    db.execute("UPDATE changes SET is_false_alarm = ? WHERE id = ?", (int(is_false_alarm), change))


def set_withheld(db: Database, report: str, url: str, reason: str | None, at: str) -> None:
    """Keep a report, or one address of it, out of what is published; without a reason that ends."""
    db.execute("DELETE FROM withheld WHERE report = ? AND url = ?", (report, url))
    if reason is not None:
        db.execute("INSERT INTO withheld (report, url, reason, at) VALUES (?, ?, ?, ?)", (report, url, reason, at))


def has_finding(db: Database, finding: str) -> bool:
    """Whether there is a finding with this id."""
    return value(db, "SELECT 1 FROM findings WHERE id = ?", (finding,)) is not None


def has_change(db: Database, change: str) -> bool:
    """Whether there is a change with this id."""
    return value(db, "SELECT 1 FROM changes WHERE id = ?", (change,)) is not None


def agency_names(db: Database) -> dict[str, str]:
    """The names of all agencies by id."""
    return dict(db.execute("SELECT id, name FROM agencies").fetchall())


def agencies_named(db: Database, name: str) -> list[AgencyRow]:
    """Agencies of exactly this name."""
    return read(db, AgencyRow, "SELECT * FROM agencies WHERE name = ?", (name,))


def agencies_meant(db: Database, name: str) -> list[AgencyRow]:
    """Agencies with this id, name or alias, else those whose name has it as a part."""
    return read(
        db,
        AgencyRow,
        "SELECT * FROM agencies WHERE id = ?1 OR name = ?1 "
        "OR EXISTS (SELECT 1 FROM json_each(aliases) e WHERE e.value = ?1) ORDER BY name",
        (name,),
    ) or read(db, AgencyRow, "SELECT * FROM agencies WHERE instr(name, ?) ORDER BY name", (name,))


def set_name(db: Database, agency: str, name: str, aliases: Sequence[str]) -> None:
    """Give an agency a name, and other names beside it."""
    db.execute(
        "UPDATE agencies SET name = ?, aliases = ? WHERE id = ?",
        (name, json.dumps(list(aliases), ensure_ascii=False), agency),
    )


def set_successor(db: Database, agency: str, successor: str, last_year: int) -> None:
    """Let an agency end with a report year, and another take over."""
    db.execute("UPDATE agencies SET successor = ?, until = ? WHERE id = ?", (successor, last_year, agency))


def region_of_portal(db: Database, portal: str | None) -> str | None:
    """The region that a portal is for."""
    found: str | None = value(db, "SELECT region FROM portals WHERE id = ?", (portal,))
    return found
