"""The lists behind the commands: rows of the index in the shapes that users script against."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.history.item import Part
from archive.history.versions import compare, compare_attachments, compare_figures, load_figures
from archive.index.figure_tables import FIGURE_TABLES
from archive.index.rows import row, rows, value
from extract.errors import OgiError
from extract.lexicon.regions import region_stem
from extract.report.content import Content, TextDiff, diff_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlite_utils import Database

    from archive.files.folder import Archive

#: What a dump leaves out: the page cache of a run's scan, and facts about the file.
_NOT_DUMPED = ("_sqlite_migrations",)


class UnknownReportError(OgiError):
    """Raised when a report, version, agency or portal is asked for that the archive doesn't have, by the lists."""


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


def list_reports(db: Database, narrow: Filter | None = None) -> Iterator[dict[str, Any]]:
    """Reports by agency and year, in the contract's shape."""
    narrow = narrow or Filter()
    where, parameters = _where([*_common(narrow), ("r.status = ?", narrow.status), ("r.first_seen >= ?", narrow.since)])
    return db.query(
        "SELECT r.id AS report, a.name AS agency, r.year, r.form, r.scope, r.title, r.url, r.portal, r.published_on, r.first_seen, "
        "r.last_seen, r.status, r.version AS versions FROM reports r JOIN agencies a ON a.id = r.agency"
        f"{where} ORDER BY a.name, r.year, r.id",
        parameters,
    )


def list_changes(db: Database, narrow: Filter | None = None, *, false_alarms: bool = False) -> Iterator[dict[str, Any]]:
    """Changes in the order of time, in the contract's shape; those marked as false alarms only if asked for."""
    narrow = narrow or Filter()
    conditions = [*_common(narrow), ("c.kind = ?", narrow.kind), ("c.at >= ?", narrow.since)]
    conditions += [] if false_alarms else [("c.is_false_alarm = ?", 0)]
    where, parameters = _where(conditions)
    for change in db.query(
        "SELECT c.*, a.name AS agency, r.year, r.portal FROM changes c JOIN reports r ON r.id = c.report "
        f"JOIN agencies a ON a.id = r.agency{where} ORDER BY c.at, c.run, c.position",
        parameters,
    ):
        yield _change(db, change)


def _change(db: Database, change: Mapping[str, Any]) -> dict[str, Any]:
    figures = rows(
        db,
        'SELECT "table", "row", "column", before, after FROM figure_changes WHERE change = ? ORDER BY "table", "row", "column"',
        (change["id"],),
    )
    found = {
        "report": change["report"],
        "agency": change["agency"],
        "year": change["year"],
        "kind": change["kind"],
        "at": change["at"],
        "from_version": change["from_version"],
        "to_version": change["to_version"],
        "figures": figures,
        "text": {"added": change["text_added"], "removed": change["text_removed"]},
        "url": change["url"],
        "change": change["id"],
        "portal": change["portal"],
    }
    if change["from_url"] is not None:
        found["from_url"] = change["from_url"]
    details = json.loads(change["details"])
    found |= {name: details[name] for name in ("title", "published_on", "attachments") if name in details}
    if change["is_false_alarm"]:
        found["false_alarm"] = True
    return found


def list_findings(db: Database, narrow: Filter | None = None) -> Iterator[dict[str, Any]]:
    """Findings about current versions, by agency and year. Dismissed ones only if their status is asked for."""
    narrow = narrow or Filter()
    conditions = [
        *_common(narrow),
        ('f."check" = ?', narrow.check),
        ("f.severity = ?", narrow.severity),
        ("f.status = ?", narrow.status),
    ]
    if narrow.status is None:
        conditions.append(("f.status <> ?", "dismissed"))
    where, parameters = _where(conditions)
    for finding in db.query(
        'SELECT f.id AS finding, f.report, a.name AS agency, r.year, f.version, f."check", f.severity, f."where", f.expected, f.actual, '
        "f.message, f.figures, f.quote, f.status, f.note FROM findings f JOIN reports r ON r.id = f.report AND f.version = max(1, r.version) "
        f'JOIN agencies a ON a.id = r.agency{where} ORDER BY a.name, r.year, f."check", f."where", f.id',
        parameters,
    ):
        yield finding | {"figures": json.loads(finding["figures"])}


def list_agencies(db: Database, narrow: Filter | None = None) -> Iterator[dict[str, Any]]:
    """The register, by name."""
    narrow = narrow or Filter()
    conditions = [(text.replace("r.portal", "a.portal"), parameter) for text, parameter in _common(narrow)[1:]]
    where, parameters = _where([*conditions, ("a.kind = ?", narrow.kind)])
    for agency in db.query(
        "SELECT a.id, a.name, a.kind, a.region, a.portal, p.name AS parent, a.since, a.until, s.name AS successor, a.aliases, a.source, "
        "(SELECT count(*) FROM reports r WHERE r.agency = a.id) AS reports FROM agencies a LEFT JOIN agencies p ON p.id = a.parent "
        f"LEFT JOIN agencies s ON s.id = a.successor{where} ORDER BY a.name, a.id",
        parameters,
    ):
        yield agency | {"aliases": json.loads(agency["aliases"])}


def report_diff(
    db: Database, report: str, first: int | None = None, second: int | None = None, *, archive: Archive | None = None
) -> dict[str, Any]:
    """What changed between two versions of a report: figures, then text by sentence. The last two if none are given.

    Args:
        archive: Where to read both versions again if the index knows no difference in figures and text: cells of tables that aren't
            official ones, which count as text, stand in the documents only.

    Raises:
        UnknownReportError: If there is no such report or version.
    """
    about = row(
        db,
        "SELECT r.*, a.name AS agency_name FROM reports r JOIN agencies a ON a.id = r.agency WHERE r.id = ?",
        (report,),
    )
    if about is None:
        raise UnknownReportError(f"no report {report}; `ogi reports` lists them")
    after = second if second is not None else about["version"] if first is None else max(about["version"], first)
    before = first if first is not None else max(1, after - 1)
    versions = [_version(db, report, number, about["version"]) for number in (before, after)]
    figures = compare_figures(load_figures(db, report, before), load_figures(db, report, after))
    text = diff_text(_text_of(db, report, before), _text_of(db, report, after))
    if archive is not None and before != after and not (figures or text.added or text.removed):
        text = _reread(db, archive, versions)
    found: dict[str, Any] = {
        "report": report,
        "agency": about["agency_name"],
        "year": about["year"],
        "from_version": before,
        "to_version": after,
        "from_seen": versions[0]["first_seen"],
        "to_seen": versions[1]["first_seen"],
        "figures": [figure.to_json() for figure in figures],
        "text": {"added": list(text.added), "removed": list(text.removed)},
    }
    for name in ("title", "published_on", "url"):
        if versions[0][name] != versions[1][name]:
            found[name] = {"before": versions[0][name], "after": versions[1][name]}
    left, right = (json.loads(version["attachments"]) for version in versions)
    files = compare_attachments(
        *([Part(file["url"], file["digest"], "", 0) for file in files] for files in (left, right))
    )
    if files:
        found["attachments"] = files
    return found


def _reread(db: Database, archive: Archive, versions: list[dict[str, Any]]) -> TextDiff:
    """Sentences and rows of tables that differ, from the stored documents."""
    from archive.history.readings import read_item
    from archive.history.reports import version_item

    old, new = (read_item(version_item(db, archive, version)) for version in versions)
    difference = compare(old, new, same_document=versions[0]["media_type"] == versions[1]["media_type"])
    return TextDiff(difference.added, difference.removed)


def _version(db: Database, report: str, number: int, last: int) -> dict[str, Any]:
    found = row(db, "SELECT * FROM versions WHERE report = ? AND version = ?", (report, number))
    if found is None:
        raise UnknownReportError(
            f"{report} has no version {number}; it has {last} ({'none was readable' if not last else '1 to ' + str(last)})"
        )
    return found


def _text_of(db: Database, report: str, version: int) -> Content:
    lines: list[str] = []
    for section in rows(
        db,
        "SELECT heading, text FROM report_text WHERE report = ? AND version = ? ORDER BY position",
        (report, version),
    ):
        lines += [part for part in (section["heading"], *section["text"].split("\n")) if part]
    return Content(None, None, tuple(lines), (), text=tuple(lines))


def dump(db: Database) -> str:
    """Everything in the index as text: equal for equal histories, however they came about. For tests and comparisons."""
    lines: list[str] = []
    for (name,) in db.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'report_fts%' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    ).fetchall():
        if name in _NOT_DUMPED:
            continue
        lines.append(f"# {name}")
        lines += sorted(
            json.dumps(list(found), ensure_ascii=False) for found in db.execute(f'SELECT * FROM "{name}"').fetchall()
        )
    lines.append("# report_fts")
    lines += sorted(str(found[0]) for found in db.execute("SELECT rowid FROM report_fts").fetchall())
    return "\n".join(lines) + "\n"


def figure_count(db: Database) -> int:
    """How many figures all versions have."""
    return sum(
        value(db, f"SELECT count(*) FROM {table} w, json_each(w.cells) c WHERE c.key > 0 AND c.type <> 'null'")
        for table in FIGURE_TABLES
    )
