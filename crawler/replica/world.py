"""What the replica portals publish, and when: portals, publications and events; the state at a moment is a fold over the events."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from archive.clock import utc_text
from crawler.replica.documents.model import Report


class Carrier(StrEnum):
    """How a report hangs on its portal."""

    PAGE = "page"  # tables in the page, in the publishing system's markup
    TABLE = "table"  # tables in the page, typed plainly
    WORD = "word"  # tables in the page, pasted from Word
    PDF = "pdf"  # a page with a PDF attached
    DOCX = "docx"  # a page with a docx attached
    BOTH = "both"  # tables in the page, and the same as a PDF
    ROW_PDF = "row-pdf"  # the list's row links straight to the PDF
    VIEWER = "viewer"  # a page that shows the PDF in a script viewer
    PICTURE = "picture"  # 图解: a page that retells the report in a picture, no tables
    TEXT = "text"  # no report: a news item, a notice, a decoy


#: Carriers whose report stands in a file beside the page.
WITH_FILE = {
    Carrier.PDF: "pdf",
    Carrier.DOCX: "docx",
    Carrier.BOTH: "pdf",
    Carrier.ROW_PDF: "pdf",
    Carrier.VIEWER: "pdf",
    Carrier.PICTURE: "jpg",
}


class EventKind(StrEnum):
    """What can happen to a portal. The ledger uses these words."""

    PUBLISH = "publish"
    EDIT = "edit"  # the report in the page changes under its address
    REPLACE = "replace"  # the attachment changes under its address
    CORRECT = "correct"  # a second version （更正） appears beside the first
    WITHDRAW = "withdraw"
    RESTORE = "restore"
    DELIST = "delist"
    NOISE = "noise"  # banner, neighbours, tokens, theme: the page differs, no report does
    MOVE = "move"  # the column gets another address
    BLOCK = "block"
    UNBLOCK = "unblock"
    CLOSE = "close"  # an agency ceases to exist
    MERGE = "merge"  # an agency is merged into another


@dataclass(frozen=True, slots=True)
class Agency:
    """Who publishes; the words of a portal definition's `[[agency]]`. `path` is the unit's folder or code on its portal."""

    name: str
    kind: str
    since: int | None = None
    until: int | None = None
    aliases: tuple[str, ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True)
class Traits:
    """Switches of a portal: the variants and traps of the field guide that it shows.

    Attributes:
        page_size: Rows a list page holds.
        etag: Whether answers carry validators and conditional requests get 304.
        encoding: Of the HTML pages.
        soft_404: Whether unknown addresses answer 200 with an error page.
        robots: Text of robots.txt; empty answers 404, `html` an HTML page, `503` an error.
        tls: How the portal speaks https (see `tls.KINDS`); empty for plain http.
        variant: The family's own variant (see the family's module).
        cut_titles: Whether list texts are cut with `...` and only the `title` attribute is whole.
    """

    page_size: int = 15
    etag: bool = False
    encoding: str = "utf-8"
    soft_404: bool = False
    robots: str = ""
    tls: str = ""
    variant: frozenset[str] = frozenset()
    cut_titles: bool = True


@dataclass(frozen=True, slots=True)
class Portal:
    """A government website of one family. `column` is the family's number or folder of the report column."""

    id: str
    name: str
    region: str
    family: str
    column: str
    agencies: tuple[Agency, ...]
    traits: Traits = Traits()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """An entry of a portal's list with its page and file.

    Attributes:
        key: Name within the portal; the ledger's handle.
        serial: Number in the addresses.
        printed_on: Date shown in list and page; `loaded_on`, when given, is the one in the address.
        source: Who published it, as the page says.
        body: Paragraphs of the page when the report itself is in a file, or when there is none.
        elsewhere: Absolute address on another host, for rows that lead off the portal; there is no page here then.
    """

    key: str
    title: str
    carrier: Carrier
    serial: int
    printed_on: date
    source: str
    report: Report | None = None
    body: tuple[str, ...] = ()
    agency: str = ""
    loaded_on: date | None = None
    elsewhere: str = ""

    @property
    def address_date(self) -> date:
        """The date in the page's address: of loading, not of publishing (field guide §1.5)."""
        return self.loaded_on or self.printed_on


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens on a portal at a moment (with zone).

    `detail` is the kind's own word: a fault's name, how a page is withdrawn, the key of the publication that is corrected.
    """

    at: datetime
    kind: EventKind
    portal: str
    key: str = ""
    publication: Publication | None = None
    report: Report | None = None
    detail: str = ""

    def to_json(self, before: Report | None) -> dict[str, Any]:
        """The ledger's line; an edit names its figures before and after, and whether the text changed."""
        publication = self.publication
        line: dict[str, Any] = {"at": utc_text(self.at), "kind": self.kind.value, "portal": self.portal}
        for name, value in (("key", self.key), ("detail", self.detail)):
            if value:
                line[name] = value
        if publication is not None:
            line |= {
                "title": publication.title,
                "carrier": publication.carrier.value,
                "printed_on": publication.printed_on.isoformat(),
                "is_report": publication.report is not None,
            }
        report = self.report or (publication.report if publication else None)
        if report is not None:
            line |= {"agency": report.agency, "year": report.year, "form": report.form}
        if report is not None and before is not None:
            addresses = sorted({*before.raws, *report.raws})
            line["figures"] = [
                {
                    "table": a[0],
                    "row": a[1],
                    "column": a[2],
                    "before": before.raws.get(a),
                    "after": report.raws.get(a),
                }
                for a in addresses
                if before.raws.get(a) != report.raws.get(a)
            ]
            line["text_changed"] = before.paragraphs != report.paragraphs
        return line


@dataclass(frozen=True, slots=True)
class Shown:
    """A publication as it stands: its report after edits, and how its address answers if it was withdrawn."""

    publication: Publication
    report: Report | None
    at: datetime
    edited_at: datetime
    withdrawn: str = ""
    is_listed: bool = True


@dataclass(frozen=True, slots=True)
class PortalState:
    """A portal at a moment. `revision` counts the events so far: equal revisions are equal states."""

    shown: Mapping[str, Shown] = field(default_factory=dict)
    fault: str = ""
    noise: int = 0
    column_suffix: str = ""
    revision: int = 0
    changed_at: datetime | None = None

    def listed(self) -> list[Shown]:
        """What the list names, newest first."""
        entries = [entry for entry in self.shown.values() if entry.is_listed]
        return sorted(entries, key=lambda entry: (entry.publication.printed_on, entry.publication.serial), reverse=True)


@dataclass(frozen=True)
class World:
    """Portals and everything that happens to them, in order of time."""

    portals: tuple[Portal, ...]
    events: tuple[Event, ...]

    def __post_init__(self) -> None:
        """Order the events; events of one moment keep the order in which they were given."""
        object.__setattr__(self, "events", tuple(sorted(self.events, key=lambda event: event.at)))

    def timeline(self, portal: str) -> Timeline:
        """The states of one portal."""
        return Timeline([event for event in self.events if event.portal == portal])

    def ledger(self, until: datetime | None = None) -> list[dict[str, Any]]:
        """Every event up to a moment as a JSON object: the ground truth by which a harvest is scored."""
        reports: dict[tuple[str, str], Report | None] = {}
        lines = []
        for event in self.events:
            if until is not None and event.at > until:
                break
            place = (event.portal, event.key)
            corrected = (event.portal, event.detail) if event.kind is EventKind.CORRECT else place
            lines.append(event.to_json(reports.get(corrected)))
            if event.publication is not None:
                reports[place] = event.publication.report
            if event.report is not None:
                reports[place] = event.report
        return lines


class Timeline:
    """The states of one portal, one after each event; asking for a moment is a search."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._moments = [event.at for event in events]
        self._states = list(_states(events))

    def at(self, moment: datetime) -> PortalState:
        """The state that holds at a moment."""
        return self._states[bisect_right(self._moments, moment)]


def _states(events: Iterable[Event]) -> Iterable[PortalState]:
    state = PortalState()
    yield state
    for event in events:
        state = replace(_apply(state, event), revision=state.revision + 1, changed_at=event.at)
        yield state


def _apply(state: PortalState, event: Event) -> PortalState:
    match event.kind:
        case EventKind.PUBLISH | EventKind.CORRECT:
            if event.publication is None:
                raise ValueError(f"{event.kind} {event.key!r} without a publication")
            entry = Shown(event.publication, event.publication.report, event.at, event.at)
            return replace(state, shown={**state.shown, event.key: entry})
        case EventKind.EDIT | EventKind.REPLACE:
            return _change(state, event.key, report=event.report, edited_at=event.at)
        case EventKind.WITHDRAW:
            return _change(state, event.key, withdrawn=event.detail or "404")
        case EventKind.RESTORE:
            return _change(state, event.key, withdrawn="", is_listed=True)
        case EventKind.DELIST:
            return _change(state, event.key, is_listed=False)
        case EventKind.NOISE:
            return replace(state, noise=state.noise + 1)
        case EventKind.MOVE:
            return replace(state, column_suffix=event.detail)
        case EventKind.BLOCK:
            return replace(state, fault=event.detail)
        case EventKind.UNBLOCK:
            return replace(state, fault="")
        case EventKind.CLOSE | EventKind.MERGE:
            return state


def _change(state: PortalState, key: str, **changes: Any) -> PortalState:
    return replace(state, shown={**state.shown, key: replace(state.shown[key], **changes)})
