"""The lists behind the commands: rows of the index in the shapes that users script against."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from archive.history.item import Part
from archive.history.items import version_item
from archive.history.read_item import read_item
from archive.history.versions import compare, compare_attachments, compare_figures
from archive.index import lists, register
from archive.index.dump import dump
from archive.index.figures import load_figures
from archive.index.lists import Filter
from archive.index.reports import find_report, version_of
from archive.index.texts import load_text
from extract.errors import OgiError
from extract.report.content import Content, TextDiff, diff_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.index.lists import ListedChange
    from archive.index.types import JsonObject, VersionRow

__all__ = [
    "Filter",
    "UnknownReportError",
    "dump",
    "list_agencies",
    "list_changes",
    "list_findings",
    "list_reports",
    "report_diff",
]


class UnknownReportError(OgiError):
    """Raised when a report, version, agency or portal is asked for that the archive doesn't have, by the lists."""


def list_reports(db: Database, narrow: Filter | None = None) -> Iterator[JsonObject]:
    """Reports by agency and year, in the contract's shape."""
    return lists.reports(db, narrow or Filter())


def list_changes(db: Database, narrow: Filter | None = None, *, false_alarms: bool = False) -> Iterator[JsonObject]:
    """Changes in the order of time, in the contract's shape; those marked as false alarms only if asked for."""
    for change in lists.changes(db, narrow or Filter(), false_alarms=false_alarms):
        yield _change(change, lists.figures_of_change(db, change.id))


def _change(change: ListedChange, figures: Sequence[JsonObject]) -> JsonObject:
    found: JsonObject = {
        "report": change.report,
        "agency": change.agency,
        "year": change.year,
        "kind": change.kind,
        "at": change.at,
        "from_version": change.from_version,
        "to_version": change.to_version,
        "figures": figures,
        "text": {"added": change.text_added, "removed": change.text_removed},
        "url": change.url,
        "change": change.id,
        "portal": change.portal,
        "origin": origin_of(change),
    }
    if change.from_url is not None:
        found["from_url"] = change.from_url
    details = json.loads(change.details)
    found |= {name: details[name] for name in ("title", "published_on", "attachments") if name in details}
    if change.is_false_alarm:
        found["false_alarm"] = True
    return found


def origin_of(change: ListedChange) -> JsonObject | None:
    """Whose look a change rests on: `None` for our own, else who, when it stood there, and when this archive learned of it."""
    if change.origin_kind is None:
        return None
    how = "imported" if change.origin_kind == "file" else "asked"
    return {change.origin_kind: change.origin_name, "at": change.origin_at, "learned_at": change.learned_at, "how": how}


def list_findings(db: Database, narrow: Filter | None = None) -> Iterator[JsonObject]:
    """Findings about current versions, by agency and year. Dismissed ones only if their status is asked for."""
    for finding in lists.findings(db, narrow or Filter()):
        yield finding | {"figures": json.loads(finding["figures"])}


def list_agencies(db: Database, narrow: Filter | None = None) -> Iterator[JsonObject]:
    """The register, by name."""
    for agency in lists.agencies(db, narrow or Filter()):
        yield agency | {"aliases": json.loads(agency["aliases"])}


def report_diff(
    db: Database, report: str, first: int | None = None, second: int | None = None, *, archive: Archive | None = None
) -> JsonObject:
    """What changed between two versions of a report: figures, then text by sentence. The last two if none are given.

    Args:
        archive: Where to read both versions again if the index knows no difference in figures and text: cells of tables that aren't
            official ones, which count as text, stand in the documents only.

    Raises:
        UnknownReportError: If there is no such report or version.
    """
    about = find_report(db, report)
    if about is None:
        raise UnknownReportError(f"no report {report}; `ogi reports` lists them")
    agency = register.agency(db, about.agency)
    after = second if second is not None else about.version if first is None else max(about.version, first)
    before = first if first is not None else max(1, after - 1)
    old, new = (_version(db, report, number, about.version) for number in (before, after))
    figures = compare_figures(load_figures(db, report, before), load_figures(db, report, after))
    text = diff_text(_text_of(db, report, before), _text_of(db, report, after))
    if archive is not None and before != after and not (figures or text.added or text.removed):
        text = _reread(db, archive, old, new)
    found: JsonObject = {
        "report": report,
        "agency": agency.name if agency is not None else None,
        "year": about.year,
        "from_version": before,
        "to_version": after,
        "from_seen": old.first_seen,
        "to_seen": new.first_seen,
        "figures": [figure.to_json() for figure in figures],
        "text": {"added": list(text.added), "removed": list(text.removed)},
    }
    for name in ("title", "published_on", "url"):
        left, right = getattr(old, name), getattr(new, name)
        if left != right:
            found[name] = {"before": left, "after": right}
    files = compare_attachments(_files(old), _files(new))
    if files:
        found["attachments"] = files
    return found


def _files(version: VersionRow) -> list[Part]:
    return [Part(file["url"], file["digest"], "", 0) for file in json.loads(version.attachments)]


def _reread(db: Database, archive: Archive, before: VersionRow, after: VersionRow) -> TextDiff:
    """Sentences and rows of tables that differ, from the stored documents."""
    old, new = (read_item(version_item(db, archive, version)) for version in (before, after))
    difference = compare(old, new, same_document=before.media_type == after.media_type)
    return TextDiff(difference.added, difference.removed)


def _version(db: Database, report: str, number: int, last: int) -> VersionRow:
    found = version_of(db, report, number)
    if found is None:
        raise UnknownReportError(
            f"{report} has no version {number}; it has {last} ({'none was readable' if not last else '1 to ' + str(last)})"
        )
    return found


def _text_of(db: Database, report: str, version: int) -> Content:
    lines: list[str] = []
    for part in load_text(db, report, version):
        lines += [line for line in (part.heading, *part.text.split("\n")) if line]
    return Content(None, None, tuple(lines), (), text=tuple(lines))
