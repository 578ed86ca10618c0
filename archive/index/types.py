"""Row types: what queries of the index give, column by column.

A type has the columns of its table, or those that its queries ask for; `archive.index.rows.read` builds it by names and refuses a column
that it lacks. Times are UTC ISO text (`…Z`), dates ISO text, digests as the WARC records have them. The data dictionary explains columns.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from archive.warc.context import Entry

#: A JSON object as the contract shapes it, made for output.
JsonObject = dict[str, Any]


def payloads(state: str) -> list[tuple[str, str]]:
    """Address and digest of each payload that a column `state` or `shown_state` names: the page first, then what belonged to it."""
    return [(url, digest) for url, digest in json.loads(state)]


def list_entry(text: str | None) -> Entry | None:
    """The list entry that a column `entry` holds, `None` if it is empty."""
    return Entry.from_json(json.loads(text)) if text else None


@dataclass(frozen=True, slots=True)
class Payload:
    """Where the bytes with a digest are stored: a segment, and the record's offset in it."""

    digest: str
    segment: str
    offset: int


@dataclass(frozen=True, slots=True)
class AddressRow:
    """A row of `addresses`: what is known of one URL."""

    url: str
    portal: str
    role: str
    verdict: str
    status: int | None
    visited_at: str
    visits: int
    digest: str | None
    digest_at: str | None
    changed_at: str | None
    etag: str | None
    last_modified: str | None
    parent: str | None
    column_url: str | None
    entry: str | None
    is_linked: bool
    gone_run: str | None
    gone_at: str | None
    is_gone: bool

    @property
    def listed(self) -> Entry | None:
        """What a list said of it."""
        return list_entry(self.entry)


@dataclass(frozen=True, slots=True)
class StoredPage:
    """An address with its last good payload, and where that is stored."""

    url: str
    portal: str
    entry: str | None
    digest: str
    digest_at: str
    segment: str
    offset: int

    @property
    def entry_url(self) -> str:
        """The address under which a list names it: its own, or the one that leads to it."""
        listed = list_entry(self.entry)
        return listed.url if listed is not None else self.url


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An address that hangs on a page, with its last good payload. `is_linked`: the page's markup named it when it was read."""

    url: str
    digest: str
    digest_at: str
    is_linked: bool
    segment: str
    offset: int


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """A row of `captures`: one record of the evidence. Captures by other programs have no portal, role and verdict."""

    id: str
    url: str
    at: str
    run: str
    portal: str | None
    role: str | None
    verdict: str | None
    kind: str
    status: int | None
    media_type: str | None
    digest: str | None
    segment: str
    offset: int
    length: int
    etag: str | None
    last_modified: str | None
    parent: str | None
    column_url: str | None
    entry: str | None
    origin: str | None = None
    exact_at: str | None = None
    record_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class PassCapture:
    """What a capture of a pass says about its address."""

    url: str
    at: str
    portal: str
    role: str
    verdict: str
    status: int | None
    media_type: str | None
    digest: str | None
    etag: str | None
    last_modified: str | None
    parent: str | None
    column_url: str | None
    entry: str | None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A row of `documents`: one address of a report."""

    url: str
    entry_url: str
    report: str
    portal: str
    status: str
    gone_run: str | None
    gone_at: str | None
    first_seen: str
    first_run: str
    last_seen: str
    is_primary: bool
    is_listed: bool
    was_listed: bool
    is_correction: bool
    is_plain: bool
    figures: int
    state: str
    content_digest: str | None
    pending_digest: str | None
    title: str | None
    shown_version: int | None = None
    shown_state: str | None = None
    withdrawn_digest: str | None = None
    last_label: str | None = None
    last_published: str | None = None

    def shows(self, version: int) -> bool:
        """Whether the address was found to show a version that was read elsewhere."""
        return self.shown_version == version and self.shown_state is not None


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A row of `reports`: one agency's report for one year."""

    id: str
    agency: str
    year: int
    form: str | None
    scope: str | None
    title: str | None
    url: str
    portal: str
    region: str | None
    published_on: str | None
    first_seen: str
    last_seen: str
    status: str
    is_delisted: bool
    version: int
    absent_at: str | None
    search_id: int


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A row of `versions`: one content state of a report."""

    report: str
    version: int
    first_seen: str
    capture: str
    figures_capture: str
    url: str
    media_type: str | None
    title: str | None
    published_on: str | None
    form: str | None
    scope: str | None
    index_number: str | None
    content_digest: str
    state: str
    attachments: str
    coverage: str
    warnings: str
    extractor: str

    @property
    def payloads(self) -> list[tuple[str, str]]:
        """Address and digest of the page and of what belonged to it, in order."""
        return payloads(self.state)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A row of `changes`: an event in a report's life."""

    id: str
    report: str
    kind: str
    at: str
    from_version: int | None
    to_version: int | None
    url: str
    from_url: str | None
    text_added: int
    text_removed: int
    details: str
    run: str
    position: int
    is_false_alarm: bool


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A row of `findings`: what a check of the audit said about a version."""

    id: str
    report: str
    version: int
    check: str
    severity: str
    where: str
    expected: float | None
    actual: float | None
    message: str
    figures: str
    quote: str | None
    is_across: bool
    status: str = "open"
    note: str | None = None


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A row of `notices`: what could not be read, compared or assigned in a run."""

    run: str
    url: str
    at: str
    report: str | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ListingRow:
    """A row of `listings`: what a column names now, and when it did so first."""

    column_url: str
    url: str
    portal: str
    title: str | None
    date: str | None
    agency: str | None
    first_at: str
    absent_at: str | None = None


@dataclass(frozen=True, slots=True)
class AbsentRow:
    """A row of a column that whole readings no longer name.

    Attributes:
        absent_at: The first of them (UTC ISO text).
        report: The report whose document it names, `None` if the archive has none; so `year` and `agency`.
        is_listed_elsewhere: Whether a list names the report under another address.
    """

    url: str
    title: str | None
    absent_at: str
    report: str | None
    year: int | None
    agency: str | None
    is_listed_elsewhere: bool


@dataclass(frozen=True, slots=True)
class PortalEventRow:
    """A row of `portal_events`: rows that went from a column at once. `rows_gone` is a JSON array of addresses."""

    id: str
    portal: str
    kind: str
    column_url: str
    at: str
    rows_before: int
    rows_after: int
    rows_gone: str
    status: str
    decided_at: str | None

    @property
    def urls(self) -> list[str]:
        """Addresses of the rows that went."""
        found: list[str] = json.loads(self.rows_gone)
        return found


@dataclass(frozen=True, slots=True)
class ListReadingRow:
    """A row of `lists`: one reading of a column. `tried` is a JSON list of texts."""

    portal: str
    url: str
    at: str
    run: str
    is_complete: bool
    reason: str | None
    entries: int | None
    proof: str | None = None
    quote: str | None = None
    rows: int | None = None
    page_rows: int | None = None
    way: str | None = None
    tried: str | None = None


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """A row of `agencies`: an organ that must publish."""

    id: str
    name: str
    kind: str
    region: str | None
    portal: str | None
    parent: str | None
    since: int | None
    until: int | None
    successor: str | None
    aliases: str
    source: str
    first_seen: str | None

    @property
    def other_names(self) -> list[str]:
        """Its aliases."""
        names: list[str] = json.loads(self.aliases)
        return names


@dataclass(frozen=True, slots=True)
class PortalRow:
    """A row of `portals`: a website and how it stands."""

    id: str
    name: str
    region: str | None
    platform: str | None
    url: str | None
    start: str | None
    state: str
    reason: str | None
    last_pass_at: str | None
    last_ok_at: str | None
    failing_since: str | None
    listed: int | None
    expected: int | None
    definition: str | None

    @property
    def columns(self) -> list[str]:
        """Addresses of the columns that its definition names."""
        found: list[str] = json.loads(self.start or "[]")
        return found


@dataclass(frozen=True, slots=True)
class PortalPassRow:
    """A row of `portal_passes`: how one pass over a portal ended."""

    portal: str
    run: str
    at: str
    is_ok: bool
    reason: str | None
    listed: int | None = None
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    """A row of `runs`: a harvest or an import."""

    id: str
    kind: str
    started_at: str
    ended_at: str
    clock: str | None
    vantage: str | None
    portals: str | None
    is_whole: bool
    segments: int
    captures: int


@dataclass(frozen=True, slots=True)
class PassRow:
    """A row of `passes`: a span of a run whose captures are applied to the history together."""

    run: str
    number: int
    starts_at: str
    ends_at: str
    line: int
    is_folded: bool

    @property
    def name(self) -> str:
        """The run's id, with the number of the pass from the second one on."""
        return f"{self.run}#{self.number}" if self.number else self.run


def as_json(value: Any) -> str:
    """JSON as columns hold it: characters as they are."""
    return json.dumps(value, ensure_ascii=False)
