"""Gauges over the whole index, for the operator's monitoring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.index.codes import ChangeKind, DutyStatus, ReportStatus, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Gauge:
    """One measure: its name, what it says, the name of its label (empty if it has none), and an amount for each value of the label."""

    name: str
    text: str
    label: str
    amounts: tuple[tuple[str, int], ...]


def _counted(table: str, column: str, names: tuple[str, ...], more: str = "") -> str:
    """A query that counts by a column, with 0 for names that don't occur: an alarm can't watch a line that isn't there."""
    values = ", ".join(f"('{name}')" for name in names)
    return (
        f"select n.column1, count(t.{column}) from (values {values}) n left join {table} t on t.{column} = n.column1 {more} "
        "group by 1 order by 1"
    )


#: Name, help text, label (none if empty) and the query for label values and amounts of each gauge.
_GAUGES: tuple[tuple[str, str, str, str], ...] = (
    (
        "ogi_captures",
        "Stored HTTP exchanges by verdict.",
        "verdict",
        "select coalesce(verdict, 'none'), count(*) from captures group by 1",
    ),
    (
        "ogi_pages",
        "Stored HTTP exchanges by portal.",
        "portal",
        "select coalesce(portal, 'none'), count(*) from captures group by 1",
    ),
    ("ogi_bytes", "Bytes in sealed segments.", "", "select '', coalesce(sum(size), 0) from segments"),
    ("ogi_reports", "Reports by status.", "status", _counted("reports", "status", tuple(ReportStatus))),
    (
        "ogi_changes",
        "Changes by kind.",
        "kind",
        _counted("changes", "kind", tuple(ChangeKind), "and t.is_false_alarm = 0"),
    ),
    (
        "ogi_findings",
        "Findings by severity.",
        "severity",
        _counted("findings", "severity", tuple(Severity), "and t.status <> 'dismissed'"),
    ),
    ("ogi_obligations", "Obligations by status.", "status", _counted("obligations", "status", tuple(DutyStatus))),
    (
        "ogi_portal_last_success_timestamp_seconds",
        "When a portal was last read without trouble.",
        "portal",
        "select id, coalesce(unixepoch(last_ok_at), 0) from portals",
    ),
    (
        "ogi_portal_listed",
        "Reports that the portal's lists named at its last pass.",
        "portal",
        "select id, coalesce(listed, 0) from portals",
    ),
    ("ogi_portal_ok", "1 where the portal's last pass went well.", "portal", "select id, state = 'ok' from portals"),
)


def gauges(db: Database) -> Iterator[Gauge]:
    """Every gauge with its present amounts."""
    for name, text, label, sql in _GAUGES:
        yield Gauge(name, text, label, tuple(db.execute(sql).fetchall()))
