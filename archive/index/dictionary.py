"""The data dictionary of `ogi.db`, made from the schema itself: `python -m archive.index.dictionary > docs/data-dictionary.md`.

Every table and column must have its words here, or `render` raises: the documentation can't fall behind the schema.
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from archive.index.database import open_database
from archive.index.migrations import SCHEMA_VERSION
from archive.index.rows import rows
from extract.audit import CHECKS
from extract.forms import FORMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlite_utils import Database

    from extract.forms import Form

#: Tables of the contract, in its order; the others are helpers.
CONTRACT = (
    "portals",
    "agencies",
    "regions",
    "runs",
    "captures",
    "reports",
    "versions",
    "disclosure",
    "applications",
    "challenges",
    "indicators",
    "figures",
    "changes",
    "figure_changes",
    "findings",
    "obligations",
)

TABLES: dict[str, str] = {
    "portals": "Government websites that list annual reports, as defined and as they last answered.",
    "agencies": "The register of who must publish (行政机关): defined, decided by a person, or found on a portal.",
    "regions": "Provinces, cities and counties of GB/T 2260, as packaged.",
    "runs": "Harvests and imports.",
    "captures": "HTTP exchanges and loose documents stored in the segments, revisits included.",
    "reports": "One agency's annual report for one year, as last known.",
    "versions": "The content states of a report, each first seen at a capture.",
    "disclosure": "主动公开政府信息情况: one row per report, version and row of the form, one column per column of either form.",
    "applications": "收到和处理政府信息公开申请情况: one row per report, version and row of the form.",
    "challenges": "行政复议、行政诉讼情况: one row per report, version and route.",
    "indicators": "Other label / unit / value tables (the 统计表 of reports before 2019): the row is the printed label.",
    "figures": "View: one row a figure of each report's current version. Amounts in yuan.",
    "changes": "Events in a report's life, in the order of time.",
    "figure_changes": "Figures before and after a revision.",
    "findings": "What the audit checks say of a version.",
    "obligations": "Who had to publish by when, as known on the archive's last day: that of the last run's end (`runs.ended_at`), Asia/Shanghai. `ogi obligations --as-of` computes any other day.",
    "report_facts": "What each version's figures make of the statistics' indicators; what findings say against figures is not in it.",
    "report_text": "The text of each version by section, as printed.",
    "documents": "Addresses of reports: several may carry one report, one of them counts.",
    "addresses": "What is known of every address that was visited.",
    "lists": "Readings of annual-report columns, to their end or not.",
    "listings": "What each column named when it was last read.",
    "listed_elsewhere": "Rows that name annual reports in lists captured by others: candidates, as far as nothing here knows them. Never a sign that something is missing.",
    "portal_events": "Columns from which many rows went at once: held until later whole readings agree, then told as one change.",
    "portal_passes": "How each pass over a portal went as a whole.",
    "corrections": "Figures that a better extractor read differently: the archive's corrections, never the agency's revisions.",
    "notices": "Pages that could not be read, compared or placed, with the reason.",
    "withheld": "Reports and addresses that are kept out of publication, with the reason.",
    "segments": "Sealed WARC files that the index was made from.",
    "payloads": "Where each distinct payload is stored in full.",
    "origins": "Where captures by others come from: files that were brought in, public archives that were asked.",
    "quarantined": "Records that could not be taken, of others and of our own: set aside with their bytes, and what is wrong with them. One that was taken later is gone from here.",
    "passes": "Stretches of a run that are folded into the history at once; a harvest is one.",
    "run_records": "Records that a run left about itself: its start and its visit logs.",
    "agency_names": "Which printed name means which agency, on a portal (scope) or anywhere (empty scope).",
    "fingerprints": "Sketches of texts, to find copies.",
    "duty_counts": "How many obligations there are of each region, kind, year and status; kept with them.",
    "touched": "Agencies and portals whose obligations are to be judged again; empty between commands.",
    "unsealed": "Versions whose reading doesn't stand in the chain yet; empty between commands.",
    "meta": "Facts about the index itself.",
}

#: What columns mean wherever they appear; a key with a table's name in front has precedence.
COLUMNS: dict[str, str] = {
    "report": "Report id, `<portal>-<year>-<hex>`.",
    "version": "Number of the version, from 1.",
    "year": "Report year: the year that the report is about.",
    "portal": "Portal id.",
    "region": "GB/T 2260 code.",
    "run": "Run id.",
    "url": "Address.",
    "at": "Time, UTC.",
    "segment": "Name of the WARC file.",
    "offset": "Byte offset of the record in it.",
    "length": "Length of the record's gzip member, bytes.",
    "digest": "Payload digest as in the WARC record, `sha256:` and base32.",
    "title": "Title as printed.",
    "form": "Official layout: 2019 or 2021; empty for free-form reports.",
    "scope": "Whose figures: office, department or region; empty if it can't be told.",
    "published_on": "Printed date of publication; the list's where the page prints none.",
    "first_seen": "First time seen, UTC.",
    "last_seen": "Last time seen, UTC.",
    "table": "Table code.",
    "row": "Row code; for indicators the printed label.",
    "column": "Column code.",
    "value": "The number; empty for a blank or a dash. Amounts in yuan.",
    "raw": "The cell as printed.",
    "state": "value, zero, blank, dash, nothing or unread; nothing: 0 or a blank, the carrier does not tell which, counted as 0.",
    "confidence": "1.0 only where the figure's place is certain; from 0.9 on rely on it.",
    "placed": "`proved` where the carrier left the place open and the printed sums allow no other; else empty.",
    "cumulative": "The figure of all years together (历年累计), beside `value`, that of the year.",
    "where": "Place, as findings and readers name it.",
    "capture": "Capture id (WARC-Record-ID) of the evidence.",
    "cells": "JSON array: what all places of the row begin with, then for each column in order null (no such figure), the rest of its "
    "place, or [rest, raw, state, confidence], with `proved` behind them for a proved place. The view `figures` unfolds it.",
    "before": "Value before; empty for blank or absent.",
    "after": "Value after.",
    "reason": "Why.",
    "position": "Place in the order.",
    "kind": "Kind.",
    "name": "Name.",
    "status": "Status.",
    "media_type": "Media type.",
    "role": "robots, list, report, attachment, control or probe.",
    "verdict": "ok, gone?, moved, empty, throttled, unreachable, robots, blocked:… or tls:….",
    "parent": "The page that a file hangs on.",
    "column_url": "Address of the column (list).",
    "entry": "JSON: what the list said of the report.",
    "etag": "ETag of the answer.",
    "last_modified": "Last-Modified of the answer.",
    "since": "First report year expected.",
    "until": "Last report year expected; empty if open.",
    "source": "defined (portal definition), decided (by a person) or found (on a portal).",
    "started_at": "Begin, UTC.",
    "ended_at": "End, UTC.",
    "expected": "What was expected.",
    "listed": "Entries that the lists named.",
    "key": "Name of the fact.",
    "segments": "Number of segments.",
    "captures": "Number of captures.",
    "agency": "Agency id; in the view `figures` its name.",
    "unsure": "In the view `figures`: 1 if the figure was read with a confidence below 0.9.",
    "disputed": "In the view `figures`: 1 if a finding of severity error, not dismissed, names the figure.",
    "findings": "In the view `figures`: codes of the checks that speak against the figure, errors and warnings, with blanks between them.",
    "report_facts.indicators": "One after the other for the indicators that figures make (archive/index/indicators.toml, in its order): numerators, then denominators (doubles, the lowest byte first; 0 without a value), then a byte each: 0 it counts, 1 all blank or not in the form, 2 a figure was not surely read, 3 a share over 100 %. Releases have the same in columns (report_facts).",
    "portals.state": "new, ok, blocked, failing, or undefined (no definition: loose imports).",
    "portals.start": "JSON: annual-report columns.",
    "portals.platform": "Publishing system.",
    "portals.last_pass_at": "Last pass, UTC.",
    "portals.last_ok_at": "Last pass in which all lists were read to their end and gave what was expected.",
    "portals.failing_since": "First failed pass since the last good one.",
    "portals.definition": "JSON: the definition as used.",
    "portals.id": "Portal id.",
    "agencies.id": "Agency id: 12 hex digits of the normal form of its name.",
    "agencies.kind": "government, department or township.",
    "agencies.parent": "Id of the agency above it.",
    "agencies.successor": "Id of the agency that it was merged into.",
    "agencies.aliases": "JSON: other names, former ones included.",
    "regions.code": "Six digits.",
    "regions.parent": "Code of the region above; empty for provinces.",
    "regions.level": "province, city or county.",
    "runs.id": "Run id.",
    "runs.kind": "harvest or import.",
    "runs.clock": "system, or simulated (a demo or test).",
    "runs.vantage": "Where the harvest ran, as its operator says.",
    "runs.portals": "JSON: ids of the portals.",
    "runs.is_whole": "1 if every job left its visit log; 0 if one was killed, or interrupted while it asked for a part of a portal.",
    "captures.id": "WARC-Record-ID without brackets; of a capture by others one from its bytes, where its own is no UUID or is in use.",
    "captures.origin": "Of a capture by others, where it comes from; empty for our own looks.",
    "captures.exact_at": "Of a capture by others, its date as its record writes it.",
    "captures.record_sha256": "Of a capture by others, the SHA-256 of its record as it came.",
    "origins.id": "Run that brought it in, and a number.",
    "origins.kind": "file (brought in by a person) or archive (a public archive that was asked).",
    "origins.name": "Name of the file, or title of the archive.",
    "origins.size": "Bytes of the file.",
    "origins.sha256": "SHA-256 of the file in hex; empty for an archive.",
    "origins.form": "WARC, ARC, WACZ, HAR or document; of an archive the interface that was asked.",
    "origins.software": "What the file says of the program that made it.",
    "origins.learned_at": "When this archive learned of it (UTC).",
    "quarantined.sha256": "SHA-256 of the record as it came.",
    "quarantined.origin": "Where it comes from (`origins.id`, whose row stands there if something else was taken from it); empty for one of our own.",
    "quarantined.place": "Name of the file and offset in it; of our own, that in `quarantine/`.",
    "quarantined.why": "What is wrong with it.",
    "quarantined.size": "Bytes of the record; those up to 16 MB are kept.",
    "quarantined.segment": "Segment that holds it.",
    "captures.at": "WARC-Date, UTC.",
    "captures.kind": "response, revisit or resource.",
    "captures.status": "HTTP status.",
    "reports.id": "Report id.",
    "reports.url": "The address that counts.",
    "reports.status": "present, suspect (looked gone once, or lost most of its text) or vanished.",
    "reports.is_delisted": "1 if the lists no longer name it while its address answers.",
    "reports.version": "Number of the current version; 0 if it could never be read.",
    "reports.absent_at": "Last complete reading of its list, before it was first seen, that did not name it.",
    "reports.search_id": "Row of the full-text table; later years are higher.",
    "versions.figures_capture": "Capture id of the file that the figures were read from.",
    "versions.index_number": "索引号.",
    "versions.content_digest": "Digest of the normal form: title, text, cells, attachments.",
    "versions.state": "JSON: addresses and payload digests that it was read from, the page first.",
    "versions.attachments": "JSON: address, name and digest of each file.",
    "versions.coverage": "JSON: figures bound and expected, for each table.",
    "versions.warnings": "JSON: what the reader was not sure of.",
    "versions.extractor": "Release and digest of the extractor that read it.",
    "versions.first_seen": "Time of the capture in which this state was first seen, UTC.",
    "changes.id": "Change id, from what it says.",
    "changes.kind": "published, revised, vanished, restored, moved, delisted, replaced, corrected or column-shrank.",
    "changes.from_version": "Version before; empty at publication.",
    "changes.to_version": "Version after.",
    "changes.url": "The address that counts after it.",
    "changes.from_url": "The address that was left, for moved; that of the notice, for corrected.",
    "changes.text_added": "Sentences added.",
    "changes.text_removed": "Sentences removed.",
    "changes.details": "JSON: title, published_on, attachments where they changed; added and removed sentences.",
    "changes.is_false_alarm": "1 if a person marked it so.",
    "figure_changes.change": "Change id.",
    "findings.id": "Finding id, from what it says.",
    "findings.check": "Code of the check (below).",
    "findings.severity": "error, warning or info.",
    "findings.expected": "The number that should stand there.",
    "findings.actual": "The number that stands there.",
    "findings.message": "In words.",
    "findings.figures": "JSON: the figures compared.",
    "findings.quote": "The words compared.",
    "findings.is_across": "1 if it comes from a comparison with other years.",
    "findings.status": "open, confirmed or dismissed.",
    "findings.note": "Why it was confirmed or dismissed.",
    "obligations.due": "Due date by art. 49: departments and townships 31 January, governments 31 March of the next year; "
    "until report year 2018 everybody 31 March.",
    "obligations.status": "published, late, missing, vanished, pending or unknown.",
    "obligations.published_on": "The day that counts: printed, or first seen where that is known better.",
    "obligations.first_seen": "Day first seen, Asia/Shanghai.",
    "obligations.days_late": "Days after the due date.",
    "obligations.list_read_at": "Last complete reading of the portal's lists, UTC.",
    "duty_counts.region": "GB/T 2260 code, empty where it is unknown.",
    "duty_counts.kind": "Kind of the agencies.",
    "duty_counts.status": "As in `obligations`.",
    "duty_counts.n": "Number of obligations.",
    "touched.kind": "agency; portal: all agencies that are watched there; name: a name that means an agency anywhere.",
    "touched.id": "Of the agency or portal; `*` for names.",
    "obligations.kind": "Kind of the agency.",
    "report_text.kind": "preamble (in front of the first chapter), overview, disclosure, applications, challenges, problems or other.",
    "report_text.heading": "Heading as printed.",
    "report_text.text": "Text of the section.",
    "documents.entry_url": "The address that the list gives.",
    "documents.status": "present, suspect or gone.",
    "documents.gone_run": "Pass of the last look that found it gone.",
    "documents.gone_at": "Time of that look.",
    "documents.first_run": "Pass in which it was first seen.",
    "documents.is_primary": "1 if it is the address that counts.",
    "documents.is_listed": "1 if a list names it now.",
    "documents.was_listed": "1 if a list ever named it.",
    "documents.is_correction": "1 if its title says 更正.",
    "documents.is_plain": "0 for 图解, 解读 and the like.",
    "documents.figures": "Figures that may be relied on.",
    "documents.state": "Digest of its payloads when last read.",
    "documents.content_digest": "Digest of its normal form when it last counted.",
    "documents.pending_digest": "A content that may be a broken answer or noise, waiting for a second look.",
    "documents.withdrawn_digest": "Payload digest of a page in its place that has nothing of the report; empty while the report is there.",
    "documents.last_label": "Where its page printed the day of publication at the last look.",
    "documents.last_published": "That day.",
    "documents.shown_version": "Version of the report that this address was found to show, though it was read at another one.",
    "documents.shown_state": "Addresses and digests of the payloads by which it did, a JSON array: what is compared at its next change.",
    "addresses.status": "HTTP status of the last visit.",
    "addresses.visited_at": "Last visit, UTC, whatever came of it.",
    "addresses.visits": "Number of visits.",
    "addresses.digest": "Payload digest of the last good answer.",
    "addresses.digest_at": "When that answer was captured.",
    "addresses.changed_at": "When the payload last became another one.",
    "addresses.is_linked": "1 if its page's markup names it.",
    "addresses.gone_run": "Pass of the look that first found an attachment gone.",
    "addresses.gone_at": "Time of that look (UTC); the attachment counts as gone after a look at least 20 hours later.",
    "addresses.is_gone": "1 if an attachment was found gone twice.",
    "lists.is_complete": "1 if read to its end.",
    "lists.entries": "Entries read that are, or may be, reports.",
    "lists.proof": "What proves that it was read to its end, the strongest first: `total` (a count of rows agrees), `pages` (a count of pages agrees), `marks` (every mark of a further page was followed or disproved), `said empty`, `window` (it shows the newest rows only), `no mark` (nothing marks a further page). Null if it is not complete, or read before proofs were kept.",
    "lists.quote": "What stands in the page: of the proof, or of the first mark of a further page that was neither followed nor disproved.",
    "lists.rows": "Rows met, of reports and of others.",
    "lists.page_rows": "Rows of the first page, of a list of several pages: a size of the host's pages.",
    "lists.way": "How the further pages were asked for; empty for a list of one page.",
    "lists.tried": "Guesses at further pages that brought nothing, as a JSON list; they are not repeated for 90 days.",
    "listings.date": "Date in the list.",
    "listings.agency": "Unit in the list.",
    "listings.first_at": "When the column first named it, UTC.",
    "listings.absent_at": "First whole reading of the column that no longer named it, UTC; empty while it is named.",
    "listed_elsewhere.capture": "The capture of the list (`captures.id`); its origin says whose it is.",
    "listed_elsewhere.url": "Address that the row leads to.",
    "listed_elsewhere.column_url": "Address of the list.",
    "listed_elsewhere.title": "Title of the row.",
    "listed_elsewhere.date": "Date in the row.",
    "listed_elsewhere.agency": "Unit in the row.",
    "listed_elsewhere.at": "When the list stood there so, UTC.",
    "portal_events.id": "Event id, from what it says.",
    "portal_events.kind": "column-shrank.",
    "portal_events.at": "First whole reading that lacked the rows, UTC.",
    "portal_events.rows_before": "Rows that name reports before.",
    "portal_events.rows_after": "Rows that name reports still there.",
    "portal_events.rows_gone": "JSON: the addresses of the rows that went.",
    "portal_events.status": "held, confirmed or taken back.",
    "portal_events.decided_at": "When it was confirmed or taken back, UTC.",
    "portal_passes.is_ok": "1 if the lists were complete and gave what was expected.",
    "corrections.from_extractor": "Extractor before.",
    "corrections.to_extractor": "Extractor after.",
    "notices.code": "unreadable, cannot-compare, not-a-report, undecided (parts of it were not read, or its title is another paper's), agency-unknown, agency-assumed, agency-disputed, agency-elsewhere, seen-elsewhere, "
    "several-reports, shrunken, volatile, withdrawn, continued, saved-again, completed, left-out (a capture that could not be taken in) or "
    "not-applied (a decision that can't be).",
    "notices.message": "In words.",
    "withheld.url": "Empty if the whole report is withheld.",
    "segments.line": "Line of the manifest.",
    "segments.runs": "JSON: ids of the runs in it.",
    "segments.size": "Bytes.",
    "segments.sha256": "SHA-256 of the file.",
    "segments.records": "Records.",
    "passes.number": "Number of the pass in its run, from 0.",
    "passes.starts_at": "Begin, UTC.",
    "passes.ends_at": "End, UTC.",
    "passes.line": "First line of the manifest with a segment of the run.",
    "passes.is_folded": "1 once it is part of the history.",
    "run_records.kind": "start or visits.",
    "agency_names.scope": "Portal id, or empty for anywhere.",
    "agency_names.name": "Normal form of the name.",
    "fingerprints.shingle": "Hash of nine characters.",
}


class UndocumentedError(ValueError):
    """Raised when a table or column has no entry, by `render`."""


KINDS_OF_CHANGE = {
    "published": "a report is seen for the first time",
    "revised": "its figures, text, title or attachments differ from the last version; what belongs to the page only never counts",
    "vanished": "its address answers 404 or 410, an error page or the portal's home; confirmed by a second look in a later pass",
    "restored": "it is back",
    "moved": "the same report under another address",
    "delisted": "two whole readings of the portal's list, 20 hours or more apart, no longer name it, while its address still answers",
    "replaced": "its address shows another report now, and no other address shows it",
    "corrected": "a notice of correction appeared beside it; the notice's address is `from_url`, its title and text stand in `details`",
    "column-shrank": "many rows went from a column at once and stayed away; told once, at one of the reports, with all rows in `details`",
}


@dataclass(frozen=True, slots=True)
class Words:
    """What the dictionary says, in one language: `words` are those of the page itself."""

    tables: Mapping[str, str]
    columns: Mapping[str, str]
    checks: Mapping[str, str]
    kinds: Mapping[str, str]
    words: Mapping[str, str]


_ENGLISH = Words(
    TABLES,
    COLUMNS,
    CHECKS,
    KINDS_OF_CHANGE,
    {
        "title": "Data dictionary",
        "lead": "Tables of `ogi.db`, schema {version}. Times are UTC (`2021-03-04T03:08:17Z`), dates and days Asia/Shanghai, truth values 0 and 1.\n"
        "A blank counts as 0 in arithmetic, and is stored as empty. `report_fts` is the full-text table behind the site's search (pairs of\n"
        "characters; ask it through `ogi serve`).",
        "tables": "Tables for users",
        "helpers": "Helper tables",
        "head": "| column | type | meaning |",
        "key": " (key)",
        "rows": "Rows of the official forms",
        "form": "Form {form}",
        "rows_head": "| table | row | label |",
        "checks": "Checks",
        "checks_head": "| check | says |",
        "messages": "Messages of findings are Chinese, as the reports are.",
        "kinds": "Kinds of change",
        "kinds_head": "| kind | when |",
        "yuan": ", yuan",
    },
)


@cache
def chinese() -> Words:
    """The dictionary's words in Chinese, as they stand in `dictionary.zh.toml`."""
    text = resources.files("archive.index").joinpath("dictionary.zh.toml").read_text("utf-8")
    return Words(**tomllib.loads(text))


def untranslated() -> list[str]:
    """The text in one of the languages: `columns.reports.url`."""
    return sorted(
        f"{part}.{key}"
        for part in Words.__slots__
        for key in getattr(_ENGLISH, part).keys() ^ getattr(chinese(), part).keys()
    )


def words_in(language: str) -> Words:
    """The dictionary's words in `en` or `zh`; what has no Chinese yet stands in English."""
    if language == "en":
        return _ENGLISH
    return Words(*({**getattr(_ENGLISH, part), **getattr(chinese(), part)} for part in Words.__slots__))


def describe(table: str, column: str, words: Words = _ENGLISH) -> str:
    """What a column means. Raises `UndocumentedError` if nothing says it."""
    own = words.columns.get(f"{table}.{column}") or _form_columns(table, words).get(column) or words.columns.get(column)
    if own is None:
        raise UndocumentedError(f"{table}.{column} has no entry in archive/index/dictionary.py")
    return own


def _form_columns(table: str, words: Words) -> dict[str, str]:
    """Chinese labels of a figure table's columns, from the official forms."""
    labels: dict[str, list[str]] = {}
    for form in FORMS.values():
        for column in form.tables[table].columns if table in form.tables else ():
            unit = words.words["yuan"] if column.unit == "amount" else ""
            named = words.words["form"].format(form=form.code)
            said = f"{column.label} ({named[0].lower()}{named[1:]}{unit})"
            if said not in labels.setdefault(column.code, []):
                labels[column.code].append(said)
    return {code: f"{'; '.join(found)}." for code, found in labels.items()}


def _form_rows(form: Form) -> list[str]:
    return [
        f"| {table.code} | `{row.code}` | {f'{row.group} ' if row.group else ''}{row.label} |"
        for table in form.tables.values()
        for row in table.rows
    ]


def render(language: str = "en") -> str:
    """The dictionary as Markdown, in `en` or `zh`."""
    with tempfile.TemporaryDirectory() as folder:
        db = open_database(Path(folder) / "ogi.db")
        try:
            return _render(db, words_in(language))
        finally:
            db.close()


def _render(db: Database, said: Words) -> str:
    names = [
        name
        for (name,) in db.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_%' "
            "ESCAPE '\\' AND name NOT LIKE 'report_fts%' ORDER BY name"
        ).fetchall()
    ]
    missing = [name for name in names if name not in TABLES]
    if missing:
        raise UndocumentedError(f"no entry in archive/index/dictionary.py for {', '.join(missing)}")
    words = said.words
    lines = [
        f"# {words['title']}",
        "",
        "<!-- Made by `python -m archive.index.dictionary > docs/data-dictionary.md`; edit archive/index/dictionary.py, not this page. -->",
        "",
        words["lead"].format(version=SCHEMA_VERSION),
        "",
        f"## {words['tables']}",
        "",
    ]
    for name in CONTRACT:
        lines += _section(db, name, said)
    lines += [f"## {words['helpers']}", ""]
    for name in names:
        if name not in CONTRACT:
            lines += _section(db, name, said)
    return "\n".join(lines + _codes(said)) + "\n"


def _codes(said: Words) -> list[str]:
    """Rows of the forms, checks, kinds of change."""
    words = said.words
    lines = [f"## {words['rows']}", ""]
    for form_name, form in sorted(FORMS.items()):
        lines += [f"### {words['form'].format(form=form_name)}", "", words["rows_head"], "| --- | --- | --- |"]
        lines += [*_form_rows(form), ""]
    lines += [f"## {words['checks']}", "", words["checks_head"], "| --- | --- |"]
    lines += [f"| `{code}` | {said.checks[code]} |" for code in CHECKS]
    lines += ["", words["messages"], "", f"## {words['kinds']}", "", words["kinds_head"], "| --- | --- |"]
    return lines + [f"| `{kind}` | {said.kinds[kind]} |" for kind in KINDS_OF_CHANGE]


def _section(db: Database, name: str, said: Words) -> list[str]:
    lines = [f"### {name}", "", said.tables[name], "", said.words["head"], "| --- | --- | --- |"]
    for column in rows(db, "SELECT name, type, pk FROM pragma_table_info(?)", (name,)):
        key = said.words["key"] if column["pk"] else ""
        lines.append(
            f"| `{column['name']}` | {column['type'] or 'any'}{key} | {describe(name, column['name'], said)} |"
        )
    return [*lines, ""]


if __name__ == "__main__":
    sys.stdout.write(render())
