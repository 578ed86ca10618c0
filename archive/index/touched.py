"""What obligations must be judged again for: filled by triggers (migration m009) with every row that they rest on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from archive.index.further_reports import SEVERAL_REPORTS
from archive.index.rows import value, values

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlite_utils import Database

    from archive.index.codes import DutyStatus


def touched_agencies(db: Database) -> set[str]:
    """Agencies that were touched, or are watched on a portal that was; those that are no more among them."""
    own = values(db, "SELECT id FROM touched WHERE kind = 'agency'")
    portals = values(db, "SELECT id FROM touched WHERE kind = 'portal'")
    if value(db, "SELECT 1 FROM touched WHERE kind = 'name'") is not None:
        # whose a further report on a page is follows from names that mean an agency anywhere
        portals += values(
            db, f"SELECT d.portal FROM notices n JOIN documents d ON d.url = n.url WHERE n.code = '{SEVERAL_REPORTS}'"
        )
    return {*own, *agencies_watched_on(db, portals)}


def agencies_watched_on(db: Database, portals: Iterable[str]) -> set[str]:
    """Agencies of portals, and those that a name on them stands for."""
    wanted = json.dumps(sorted(portals))
    own = values(db, "SELECT a.id FROM json_each(?) w JOIN agencies a ON a.portal = w.value", (wanted,))
    named = values(db, "SELECT n.agency FROM json_each(?) w JOIN agency_names n ON n.scope = w.value", (wanted,))
    return {*own, *named}


def is_any_touched(db: Database) -> bool:
    """Whether something waits to be judged."""
    return value(db, "SELECT 1 FROM touched LIMIT 1") is not None


def forget_touched(db: Database) -> None:
    """Everything was judged."""
    db.execute("DELETE FROM touched")


def agencies_due(db: Database, status: DutyStatus, before: str) -> set[str]:
    """Agencies with a duty of a status whose due date was before a day."""
    return set(values(db, "SELECT agency FROM obligations WHERE status = ? AND due < ?", (status, before)))


def portals_looked_at(db: Database, since: str, until: str) -> set[str]:
    """Portals of which a list was read, or a pass ended, from one time up to another one (UTC ISO text)."""
    lists = values(db, "SELECT DISTINCT portal FROM lists WHERE at >= ? AND at < ?", (since, until))
    passes = values(db, "SELECT DISTINCT portal FROM portal_passes WHERE at >= ? AND at < ?", (since, until))
    return {*lists, *passes}


def agency_count(db: Database) -> int:
    """How many agencies there are."""
    return int(value(db, "SELECT count(*) FROM agencies"))


def agencies_in_share(db: Database, share: int, shares: int) -> list[str]:
    """One of so many shares of all agencies: by their ids' first letters, hexadecimal digits of a hash."""
    sql = "SELECT id FROM agencies WHERE (unicode(id) * 961 + unicode(substr(id, 2)) * 31 + unicode(substr(id, 3))) % ?2 = ?1 ORDER BY id"
    return values(db, sql, (share % shares, shares))
