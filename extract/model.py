"""The types that cross module borders inside `extract`, and the result that leaves it.

All are frozen: a reader makes a `Document`, the engine makes `Figure`s from it, nobody changes either afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from extract.messages import localizable

#: From this confidence on a figure, a name or a year is one to rely on (docs/accuracy.md holds it: none wrong).
RELIABLE = 0.9
#: How the warning begins where parts of a document were not read and what was read doesn't say that it is a report.
UNDECIDED = localizable("undecided whether this is an annual report")


class State(StrEnum):
    """What a cell of an official table shows. Blank is never zero, and unread is never blank.

    `nothing`: 0 or a blank, the carrier doesn't tell which; its value is `None` and counts as 0 in arithmetic.
    """

    VALUE = "value"
    ZERO = "zero"
    BLANK = "blank"
    DASH = "dash"
    NOTHING = "nothing"
    UNREAD = "unread"


class Scope(StrEnum):
    """Whose figures a report gives: the organ's own, a department's, or a government's with all its organs."""

    OFFICE = "office"
    DEPARTMENT = "department"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what one document may cost. Hostile input ends with `DocumentTooLarge`, not with a dead machine."""

    max_bytes: int = 64 * 1024 * 1024
    max_unpacked_bytes: int = 256 * 1024 * 1024
    max_pages: int = 400
    max_cells: int = 200_000
    max_columns: int = 64
    max_depth: int = 200
    max_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a grid.

    `text` is as stored (white space collapsed, nothing else changed); `""` is a blank cell. `unread` marks a cell that
    shows ink which could not be read (a scan); it must never be taken for a blank. `look` says why a person may see
    something else than the text (`extract.document.drawn`), `()` for nearly all cells: then no figure is made of it.
    """

    text: str
    where: str
    unread: bool = False
    look: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as rows of equal length. `None` stands where a merged cell covers the position."""

    rows: tuple[tuple[Cell | None, ...], ...]
    where: str


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph or line of running text. Tabs and pipes are kept: plain-text carriers put table cells there.

    `look` is that of a cell: it counts where the line turns out to be a row of a table.
    """

    text: str
    where: str
    heading: bool = False
    look: tuple[str, ...] = ()


Block = Line | Grid


@dataclass(frozen=True, slots=True)
class Link:
    """A file or page that the document refers to; `url` is absolute when the reader knew the document's address."""

    url: str
    text: str
    is_attachment: bool = False


class UnreadKind(StrEnum):
    """What a part of a document is that was not read."""

    ATTACHMENT = "attachment"
    PICTURE = "picture"
    FRAME = "frame"
    FORM_FIELD = "form-field"
    EMBEDDED = "embedded"  # an object of another program inside the document
    SHEET = "sheet"  # of a workbook
    GLUED = "glued"  # text whose cells can't be distinguished from each other
    CUT = "cut"  # by a limit, or by a damaged file
    CHAPTERS = "chapters"  # the numbering of the chapters has a gap
    HIDDEN = "hidden"  # the page holds it and doesn't show it: a closed tab, or nothing at all
    UNFILLED = "unfilled"  # an empty place among the report's paragraphs that a script may fill
    ELSEWHERE = "elsewhere"  # the text says that something stands in another place (详见附件)


@dataclass(frozen=True, slots=True)
class UnreadPart:
    """A part of a document that was not read. While there is one, nothing may be reported as missing.

    Attributes:
        kind: What it is.
        where: Its place or address, in words that people recognise.
        may_hold: What it may hold: codes of tables and kinds of sections, `text`; empty: anything.
    """

    kind: UnreadKind
    where: str
    may_hold: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The contract's object."""
        return {"kind": self.kind.value, "where": self.where, "may_hold": list(self.may_hold)}


@dataclass(frozen=True, slots=True)
class Document:
    """What a reader found in the bytes: text and grids in reading order, and what the carrier says about itself.

    `metadata` uses the government website standard's names where the page has them (`ArticleTitle`, `PubDate`,
    `ContentSource`) and the labels of the information table (`索引号`, `发布日期`, …). `container` names the element that
    held the report on a portal page, `None` if none could be distinguished from the page around it. `alternatives` are other
    readings of the same bytes (a PDF's text order beside its grid), to be compared figure by figure. `unread` names the
    parts that the reader saw and could not read. `further` are other reports of the same bytes, where the carrier keeps them apart.
    """

    media_type: str
    blocks: tuple[Block, ...]
    titles: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    container: str | None = None
    alternatives: tuple[Document, ...] = ()
    warnings: tuple[str, ...] = ()
    unread: tuple[UnreadPart, ...] = ()
    further: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of an official table. `value` is in yuan for amounts, `None` for a blank, a dash or an unread cell.

    `placed` is `proved` where the carrier left the place open and the printed sums allow no other, else empty.
    """

    table: str
    row: str
    column: str
    value: Decimal | None
    raw: str
    state: State
    confidence: float
    where: str
    placed: str = ""

    @property
    def address(self) -> str:
        """`table.row.column`, the form in which findings name figures."""
        return f"{self.table}.{self.row}.{self.column}"

    @property
    def is_reliable(self) -> bool:
        """Whether the figure is one to rely on."""
        return self.confidence >= RELIABLE

    def to_json(self) -> dict[str, Any]:
        """The contract's object for one figure; `placed` only where it says something."""
        placed = {"placed": self.placed} if self.placed else {}
        return {
            "table": self.table,
            "row": self.row,
            "column": self.column,
            "value": number_to_json(self.value),
            "raw": self.raw,
            "state": self.state.value,
            "confidence": self.confidence,
            "where": self.where,
            **placed,
        }


#: The kinds of chapters, in the order of the official forms.
SECTION_KINDS = ("overview", "disclosure", "applications", "challenges", "problems", "other")


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter of the report. `kind`: one of `SECTION_KINDS`."""

    kind: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says. `where` and `figures` use figure addresses (`*` for a whole row or column)."""

    check: str
    severity: str
    where: str
    message: str
    expected: Decimal | None = None
    actual: Decimal | None = None
    figures: tuple[str, ...] = ()
    quote: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The contract's object for one finding, with the figures compared and the words quoted."""
        found: dict[str, Any] = {
            "check": self.check,
            "severity": self.severity,
            "where": self.where,
            "expected": number_to_json(self.expected),
            "actual": number_to_json(self.actual),
            "message": self.message,
            "figures": list(self.figures),
        }
        if self.quote is not None:
            found["quote"] = self.quote
        return found


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one place of a document says about its agency, year, title or day of publication."""

    value: str | int
    where: str
    confidence: float

    def to_json(self) -> dict[str, Any]:
        """The contract's object."""
        return {"value": self.value, "where": self.where, "confidence": self.confidence}


@dataclass(frozen=True, slots=True)
class Statement:
    """What a document says of itself in one respect, with its evidence.

    Attributes:
        value: What all places together say; `None` where they contradict each other or say nothing.
        confidence: 0 to 1; to be relied on from `RELIABLE` on.
        where: The place that the value stands at, `None` without a value.
        candidates: What each place says, the strongest first.
    """

    value: str | int | None = None
    confidence: float = 0.0
    where: str | None = None
    candidates: tuple[Candidate, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The contract's object."""
        return {
            "value": self.value,
            "confidence": self.confidence,
            "where": self.where,
            "candidates": [candidate.to_json() for candidate in self.candidates],
        }


@dataclass(frozen=True, slots=True)
class Extraction:
    """Everything that was read from one document: the contract's `ogi extract --json` object.

    `published_label` is where the day of publication stands (`PubDate`, `发布日期`, …): days of different places aren't compared.
    `unread` names every part of the document that was not read. `identity` has the evidence behind `agency`, `year`, `title` and
    `published`; `agency` is its value where that is to be relied on. `reports` are further reports in the same document.
    """

    source: str
    media_type: str
    title: str | None = None
    agency: str | None = None
    year: int | None = None
    form: str | None = None
    published: date | None = None
    period: tuple[date, date] | None = None
    scope: Scope | None = None
    scope_evidence: str | None = None
    index_number: str | None = None
    published_label: str | None = None
    sections: tuple[Section, ...] = ()
    figures: tuple[Figure, ...] = ()
    coverage: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()
    unread: tuple[UnreadPart, ...] = ()
    identity: Mapping[str, Statement] = field(default_factory=dict)
    reports: tuple[Extraction, ...] = ()

    def figure(self, table: str, row: str, column: str) -> Figure | None:
        """The figure at an address, `None` if the document gave none."""
        for candidate in self.figures:
            if candidate.table == table and candidate.row == row and candidate.column == column:
                return candidate
        return None

    def to_json(self) -> dict[str, Any]:
        """The contract's object, ready for `json.dumps`."""
        return {
            "source": self.source,
            "media_type": self.media_type,
            "title": self.title,
            "agency": self.agency,
            "year": self.year,
            "form": self.form,
            "published": self.published.isoformat() if self.published else None,
            "period": [day.isoformat() for day in self.period] if self.period else None,
            "scope": self.scope.value if self.scope else None,
            "scope_evidence": self.scope_evidence,
            "index_number": self.index_number,
            "identity": {name: statement.to_json() for name, statement in self.identity.items()},
            "sections": [{"kind": s.kind, "heading": s.heading, "text": s.text} for s in self.sections],
            "figures": [figure.to_json() for figure in self.figures],
            "coverage": {table: list(counts) for table, counts in self.coverage.items()},
            "findings": [finding.to_json() for finding in self.findings],
            "unread": [part.to_json() for part in self.unread],
            "reports": [report.to_json() for report in self.reports],
            "warnings": list(self.warnings),
        }


def number_to_json(value: Decimal | None) -> int | float | None:
    """A JSON number: an integer where the value is whole, else a float of the printed digits."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
