"""Queries behind the lists of the command line: reports, changes, findings and agencies, narrowed and in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.index.codes import FindingStatus
from archive.index.rows import stream
from archive.index.types import JsonObject
from extract.lexicon.regions import region_stem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; everything that is `None` doesn't narrow it.

    Attributes:
        agency: A name or part of one, an alias, or an id.
        region: A GB/T 2260 code; its parts are included.
        since: A date or time in ISO notation: changes at or after it.
    """

    year: int | None = None
    agency: str | None = None
    portal: str | None = None
    region: str | None = None
    since: str | None = None
    kind: str | None = None
    status: str | None = None
    check: str | None = None
    severity: str | None = None


@dataclass(frozen=True, slots=True)
class ListedChange:
    """A change with what it is listed by."""

    id: str
    report: str
    agency: str
    year: int
    portal: str
    kind: str
    at: str
    from_version: int | None
    to_version: int | None
    url: str
    from_url: str | None
    text_added: int
    text_removed: int
    details: str
    is_false_alarm: bool
    origin_kind: str | None
    origin_name: str | None
    origin_at: str | None
    learned_at: str | None


#: Whose look a change rests on: joins `origins` for the capture that the version it leads to was read from; `published` and `revised` have one.
ORIGIN_OF_CHANGE = (
    "LEFT JOIN versions ov ON ov.report = c.report AND ov.version = c.to_version AND c.kind IN ('published', 'revised') "
    "LEFT JOIN captures oc ON oc.id = ov.capture LEFT JOIN origins o ON o.id = oc.origin"
)


def _where(conditions: Sequence[tuple[str, Any]]) -> tuple[str, list[Any]]:
    used = [(text, parameter) for text, parameter in conditions if parameter is not None]
    parameters: list[Any] = []
    for text, parameter in used:
        parameters += [parameter] * text.count("?")
    return (" WHERE " + " AND ".join(text for text, _ in used) if used else ""), parameters


def _common(narrow: Filter) -> list[tuple[str, Any]]:
    stem = region_stem(narrow.region) if narrow.region else None
    if stem is not None and len(stem) % 2:
        stem += "0"
    return [
        ("r.year = ?", narrow.year),
        (
            "(a.id = ? OR instr(a.name, ?) OR EXISTS (SELECT 1 FROM json_each(a.aliases) e WHERE e.value = ?))",
            narrow.agency,
        ),
        ("r.portal = ?", narrow.portal),
        ("a.region LIKE ?", f"{stem}%" if stem is not None else None),
    ]


def reports(db: Database, narrow: Filter) -> Iterator[JsonObject]:
    """Reports by agency and year, in the contract's shape."""
    where, parameters = _where([*_common(narrow), ("r.status = ?", narrow.status), ("r.first_seen >= ?", narrow.since)])
    return db.query(
        "SELECT r.id AS report, a.name AS agency, r.year, r.form, r.scope, r.title, r.url, r.portal, r.published_on, r.first_seen, "
        "r.last_seen, r.status, r.version AS versions FROM reports r JOIN agencies a ON a.id = r.agency"
        f"{where} ORDER BY a.name, r.year, r.id",
        parameters,
    )


def changes(db: Database, narrow: Filter, *, false_alarms: bool) -> Iterator[ListedChange]:
    """Changes in the order of time; those marked as false alarms only if asked for."""
    conditions = [*_common(narrow), ("c.kind = ?", narrow.kind), ("coalesce(o.learned_at, c.at) >= ?", narrow.since)]
    conditions += [] if false_alarms else [("c.is_false_alarm = ?", 0)]
    where, parameters = _where(conditions)
    return stream(
        db,
        ListedChange,
        "SELECT c.id, c.report, a.name AS agency, r.year, r.portal, c.kind, c.at, c.from_version, c.to_version, c.url, c.from_url, "
        "c.text_added, c.text_removed, c.details, c.is_false_alarm, o.kind AS origin_kind, o.name AS origin_name, "
        "iif(o.id IS NULL, NULL, oc.at) AS origin_at, o.learned_at FROM changes c JOIN reports r ON r.id = c.report "
        f"JOIN agencies a ON a.id = r.agency {ORIGIN_OF_CHANGE}{where} ORDER BY c.at, c.run, c.position",
        parameters,
    )


def figures_of_change(db: Database, change: str) -> list[JsonObject]:
    """The figures that differ in a change, in the contract's shape."""
    return list(
        db.query(
            'SELECT "table", "row", "column", before, after FROM figure_changes WHERE change = ? ORDER BY "table", "row", "column"',
            (change,),
        )
    )


def findings(db: Database, narrow: Filter) -> Iterator[JsonObject]:
    """Findings about current versions, by agency and year. Dismissed ones only if their status is asked for."""
    conditions = [
        *_common(narrow),
        ('f."check" = ?', narrow.check),
        ("f.severity = ?", narrow.severity),
        ("f.status = ?", narrow.status),
    ]
    if narrow.status is None:
        conditions.append(("f.status <> ?", FindingStatus.DISMISSED))
    where, parameters = _where(conditions)
    return db.query(
        'SELECT f.id AS finding, f.report, a.name AS agency, r.year, f.version, f."check", f.severity, f."where", f.expected, f.actual, '
        "f.message, f.figures, f.quote, f.status, f.note FROM findings f JOIN reports r ON r.id = f.report AND f.version = max(1, r.version) "
        f'JOIN agencies a ON a.id = r.agency{where} ORDER BY a.name, r.year, f."check", f."where", f.id',
        parameters,
    )


def agencies(db: Database, narrow: Filter) -> Iterator[JsonObject]:
    """The register, by name."""
    conditions = [(text.replace("r.portal", "a.portal"), parameter) for text, parameter in _common(narrow)[1:]]
    where, parameters = _where([*conditions, ("a.kind = ?", narrow.kind)])
    return db.query(
        "SELECT a.id, a.name, a.kind, a.region, a.portal, p.name AS parent, a.since, a.until, s.name AS successor, a.aliases, a.source, "
        "(SELECT count(*) FROM reports r WHERE r.agency = a.id) AS reports FROM agencies a LEFT JOIN agencies p ON p.id = a.parent "
        f"LEFT JOIN agencies s ON s.id = a.successor{where} ORDER BY a.name, a.id",
        parameters,
    )
