"""The way in for everybody else: bytes → what is in the report, its normal form, and the findings of one report alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from extract.audit import audit
from extract.document.clean import squeeze
from extract.lexicon.dates import PUBLISHED_LABELS, published_on, statistics_period
from extract.lexicon.organs import same_organ
from extract.lexicon.titles import Shape, Title, is_report_title, judge_title
from extract.messages import localizable
from extract.model import (
    RELIABLE,
    UNDECIDED,
    Candidate,
    Document,
    Extraction,
    Figure,
    Grid,
    Limits,
    Line,
    State,
    Statement,
    UnreadKind,
    UnreadPart,
)
from extract.readers import read_document
from extract.report.content import Content, content_of
from extract.report.identity import Identity, identify, own_lines, printed_information
from extract.report.scope import decide_scope
from extract.report.sections import read_sections, running_text
from extract.report.several import split_reports
from extract.report.unread import lost_chapters, told_elsewhere, unread_parts, without_tables
from extract.report.years import doubt_other_years
from extract.tables import read_tables
from extract.tables.merge import one_per_address

_DOUBTED = 0.85
_AGREED = 0.99
_SHOWN = 3
_PROBABLE = 0.7
#: Fewer characters below a title are no report, nor any other paper.
_HARDLY_ANY = 60
#: Beginnings of warnings about a page that its files may answer.
_OF_THE_PAGE_ALONE = ("not an annual report", UNDECIDED, "none of the", "no official table")


@dataclass(frozen=True, slots=True)
class Reading:
    """One document read: the contract's object, the normal form (`None`: cannot be compared), and the blocks behind both.

    `further` are the readings of other reports in the same document. `digest` is the SHA-256 of the bytes, `""` where there were none (`interpret`).
    """

    extraction: Extraction
    content: Content | None
    document: Document
    digest: str = ""
    further: tuple[Reading, ...] = ()


@lru_cache(maxsize=1)
def warm_up() -> None:
    """Read a small report, once in a process: forms, patterns and vocabularies are made when they are first needed, which takes ten pages' time.

    A process that forks others for reading does this first, and they have it all.
    """
    read_report(Path(__file__).with_name("specimen.html").read_bytes(), source="specimen.html", hint="text/html")


def read_report(
    data: bytes,
    *,
    source: str,
    url: str | None = None,
    hint: str | None = None,
    limits: Limits | None = None,
    registry_names: Sequence[str] = (),
) -> Reading:
    """Read a document of any kind; the bytes decide what it is.

    Args:
        data: The file as stored.
        source: How messages and the result name it.
        url: Its address; links are made absolute with it, nothing else is taken from it.
        hint: A file name or declared media type; breaks ties only.
        limits: What the document may cost.
        registry_names: Official names of agencies of the portal, if known.

    Raises:
        UnreadableDocument: Damaged, encrypted, or of a kind without a reader.
        DocumentTooLarge: A limit was passed.
    """
    document = read_document(data, url=url, hint=hint, limits=limits or Limits())
    reading = interpret(document, source=source, registry_names=registry_names)
    return replace(reading, digest="sha256:" + hashlib.sha256(data).hexdigest())


def extract_bytes(
    data: bytes,
    *,
    source: str,
    url: str | None = None,
    hint: str | None = None,
    limits: Limits | None = None,
    registry_names: Sequence[str] = (),
) -> Extraction:
    """`read_report(…).extraction`: figures, sections and findings of one document."""
    return read_report(data, source=source, url=url, hint=hint, limits=limits, registry_names=registry_names).extraction


def interpret(document: Document, *, source: str, registry_names: Sequence[str] = ()) -> Reading:
    """What a document that was read already says; of several reports the first, with the others beside it."""
    parts = split_reports(document)
    if len(parts) == 1:
        return _interpret(document, source, registry_names)
    first, *rest = (_interpret(part, source, registry_names) for part in parts)
    further = tuple(reading for reading in rest if _is_another(reading.extraction, first.extraction))
    extraction = _with_copies(first.extraction, [one.extraction for one in rest if one not in further])
    if further:
        named = "; ".join(f"{one.extraction.title} ({one.extraction.year})" for one in further)
        told = localizable(f"the document holds more than one report; beside this one: {named}")
        extraction = replace(
            extraction,
            reports=tuple(reading.extraction for reading in further),
            warnings=(*extraction.warnings, told),
        )
    # The normal form is that of the whole: a change in any of the reports is one of the document.
    content = content_of(_whole(document), extraction.title, extraction.published)
    return Reading(extraction, content, document, further=further)


def _whole(document: Document) -> Document:
    """A document with the blocks of all reports that its carrier keeps apart."""
    return replace(document, blocks=tuple(block for one in (document, *document.further) for block in one.blocks))


def _with_copies(report: Extraction, copies: Sequence[Extraction]) -> Extraction:
    """A report that the document prints again: where the copies differ, or don't say whose they are, its figures are in doubt."""
    figures, warnings = report.figures, list(report.warnings)
    for copy in copies:
        known = {(figure.table, figure.row, figure.column) for figure in figures}
        same = [figure for figure in copy.figures if (figure.table, figure.row, figure.column) in known]
        merged, doubts = one_per_address([*figures, *same])
        figures = tuple(merged)
        warnings += doubts
        if doubts or len(same) < len(copy.figures):
            title = copy.title or localizable("a report without title")
            warnings.append(localizable(f"the document prints the report, or another one, a second time: {title}"))
    if warnings == list(report.warnings):
        return report
    doubted = replace(report, figures=figures, warnings=tuple(dict.fromkeys(warnings)))
    return replace(doubted, findings=audit(doubted))


def _is_another(report: Extraction, first: Extraction) -> bool:
    """Whether a part is a report, and not the first one again (an answer may hold it in two fields)."""
    if report.year is None or report.year != first.year:
        return report.year is not None
    return report.agency is not None and first.agency is not None and not same_organ(report.agency, first.agency)


def _interpret(document: Document, source: str, registry_names: Sequence[str]) -> Reading:
    document = replace(document, unread=unread_parts(document))
    lines = own_lines(document)
    identity = identify(document, lines, registry_names)
    information = printed_information(document)
    published, label = published_on(information, lines) or (None, None)
    content = content_of(document, identity.title, published)
    base = Extraction(
        source=source,
        media_type=document.media_type,
        title=identity.title,
        agency=identity.agency,
        published=published,
        published_label=label,
        index_number=identity.index_number,
        unread=document.unread,
        identity={**identity.statements, "published": _statement_of_day(published, label)},
    )
    if not identity.is_report:
        warning = localizable(f"not an annual report: {identity.reason}")
        document = replace(document, unread=(*document.unread, *_without_text(document, identity)))
        base = replace(base, unread=document.unread)
        if document.unread and not (identity.is_other or identity.is_disputed):
            # No sign of a report in what was read proves nothing of what was not.
            warning = f"{UNDECIDED}: {_parts_unread(document)}"
        elif identity.is_disputed:
            warning = f"{UNDECIDED}: {identity.reason}"
        return Reading(replace(base, agency=None, warnings=(*document.warnings, warning)), content, document)
    sections = read_sections(document)
    document = replace(document, unread=(*document.unread, *lost_chapters(sections), *told_elsewhere(document)))
    tables = read_tables(document)
    figures, years = doubt_other_years(tables.figures, document, identity.year)
    missing = () if tables.coverage else (_nothing_read(document),)
    text = running_text(document)
    scope, evidence = decide_scope(identity.agency, identity.title, "\n".join(text))
    extraction = replace(
        base,
        year=identity.year,
        form=tables.form,
        period=statistics_period(squeeze("".join(text))),
        scope=scope,
        scope_evidence=evidence,
        sections=sections,
        figures=figures,
        coverage=tables.coverage,
        warnings=tuple(dict.fromkeys((*document.warnings, *identity.warnings, *missing, *years, *tables.warnings))),
        unread=without_tables(document.unread, tables.coverage),
    )
    return Reading(replace(extraction, findings=audit(extraction)), content, document)


def _without_text(document: Document, identity: Identity) -> tuple[UnreadPart, ...]:
    """The body of a page that has a report's title and shows next to no text: a script may fill it, or its text is stored in a way that is not known."""
    title = squeeze(identity.title or "")
    text = sum(len(squeeze(block.text)) for block in document.blocks if isinstance(block, Line))
    is_bare = text < len(title) + _HARDLY_ANY and not any(isinstance(block, Grid) for block in document.blocks)
    named = judge_title(title)
    if not is_bare or _is_notice(named, document) or not is_report_title(title) or named.year is None:
        return ()
    return (UnreadPart(UnreadKind.UNFILLED, document.container or "the page"),)


def _is_notice(title: Title, document: Document) -> bool:
    """Whether a short page is the notice that a report was corrected: a sentence or two is all that such a one says."""
    has_sentence = any("。" in block.text for block in document.blocks if isinstance(block, Line))
    return Shape.CORRECTION in title.shapes and has_sentence


def _statement_of_day(day: date | None, label: str | None) -> Statement:
    """The day of publication with its place; the day on which a document was signed or finished is not surely that of publication."""
    if day is None:
        return Statement()
    confidence = RELIABLE if label in (*PUBLISHED_LABELS, "PubDate") else _PROBABLE
    return Statement(day.isoformat(), confidence, label, (Candidate(day.isoformat(), label or "", confidence),))


def _attached(document: Document) -> int:
    """How many files and pictures hang on a document."""
    return sum(link.is_attachment for link in document.links)


def _parts_unread(document: Document) -> str:
    """How many parts were not read, and the first of them."""
    shown = ", ".join(f"{part.kind.value} {part.where}" for part in document.unread[:_SHOWN])
    more = localizable(f" and {len(document.unread) - _SHOWN} more") if len(document.unread) > _SHOWN else ""
    return localizable(f"{len(document.unread)} parts of the document were not read ({shown}{more})")


def _nothing_read(document: Document) -> str:
    """The warning for a report without any official table: it may be an old one, or be attached."""
    if document.unread:
        return localizable(f"no official table was read; {_parts_unread(document)}")
    files = _attached(document)
    attached = localizable(f"; {files} files are attached") if files else ""
    return localizable(f"none of the official tables is in this document{attached}")


def combine(page: Reading, attachments: Sequence[tuple[str, Reading]]) -> Reading:
    """One report out of a page and the files that hang on it.

    Figures, form and sections come from the carrier that bound most figures reliably (the page at equal counts); who, when and
    which year from the page, and from that carrier what the page doesn't say. The carriers' figures are compared: where they
    disagree, confidence falls and a warning says so. The normal form is the page's text with the files' digests.

    Args:
        page: The page.
        attachments: Names (or addresses) and readings of its files, in the order of the page.
    """
    carriers = [("the page", page), *((name, _of_page(reading, page)) for name, reading in attachments)]
    matching = [(name, reading) for name, reading in carriers if _same_report(page.extraction, reading.extraction)]
    name, primary = max(matching, key=lambda pair: sum(figure.is_reliable for figure in pair[1].extraction.figures))
    ours, theirs = page.extraction, primary.extraction
    figures = theirs.figures
    warnings = _warnings_of(ours, theirs, name)
    for other_name, other in matching:
        if other is not primary:
            figures, doubts = _compare(figures, other.extraction.figures, f"{name} and {other_name}")
            warnings.extend(doubts)
    extraction = replace(
        _with_identity(ours, theirs),
        form=theirs.form,
        sections=ours.sections if len(ours.sections) >= len(theirs.sections) else theirs.sections,
        figures=figures,
        coverage=theirs.coverage,
        findings=(),
        warnings=tuple(dict.fromkeys(warnings)),
        unread=_still_unread(page, attachments),
    )
    content = _own_content(page)
    if content is not None:
        content = content.with_attachments([(name, reading.digest) for name, reading in attachments])
    return replace(page, extraction=replace(extraction, findings=audit(extraction)), content=content)


def _warnings_of(page: Extraction, carrier: Extraction, name: str) -> list[str]:
    """The page's warnings; where a file carries the figures its own too, without those of the page that it answers."""
    if carrier is page:
        return list(page.warnings)
    warnings = (*page.warnings, *carrier.warnings)
    return [warning for warning in warnings if not warning.startswith(_OF_THE_PAGE_ALONE)] + [
        localizable(f"figures are those of {name}")
    ]


def _with_identity(page: Extraction, carrier: Extraction) -> Extraction:
    """The page's statements on whose report it is, of which year and when; what it doesn't say, from the carrier of the figures."""
    scoped = page if page.scope is not None else carrier
    return replace(
        page,
        title=page.title or carrier.title,
        agency=page.agency or carrier.agency,
        year=page.year if page.year is not None else carrier.year,
        published=page.published or carrier.published,
        published_label=page.published_label or carrier.published_label,
        index_number=page.index_number or carrier.index_number,
        identity={name: _surer(one, carrier.identity.get(name, Statement())) for name, one in page.identity.items()},
        period=page.period or carrier.period,
        scope=scoped.scope,
        scope_evidence=scoped.scope_evidence,
    )


def _own_content(page: Reading) -> Content | None:
    """The page's normal form. Where nothing of the report is printed on it, its title and its files are the report."""
    ours = page.extraction
    if page.content is None and not ours.figures and not ours.sections:
        return Content(ours.title, ours.published, (), ())
    return page.content


def _of_page(file: Reading, page: Reading) -> Reading:
    """Of a file with several reports the one that the page is about."""
    fitting = (one for one in (file, *file.further) if _same_report(page.extraction, one.extraction))
    return next(fitting, file)


def _surer(ours: Statement, theirs: Statement) -> Statement:
    """The page's own statement, unless only its file's is to be relied on."""
    return theirs if ours.confidence < RELIABLE and theirs.confidence > ours.confidence else ours


def _still_unread(page: Reading, attachments: Sequence[tuple[str, Reading]]) -> tuple[UnreadPart, ...]:
    """What neither the page nor its files gave: the page's files are read if there are as many readings."""
    own = page.extraction.unread
    if _attached(page.document) <= len(attachments):
        own = tuple(part for part in own if part.kind not in (UnreadKind.ATTACHMENT, UnreadKind.PICTURE))
    return tuple(dict.fromkeys((*own, *(part for _, reading in attachments for part in reading.extraction.unread))))


def _same_report(page: Extraction, other: Extraction) -> bool:
    """Whether a file may be the page's report: no other year and, as far as both say it, no other agency."""
    if other is page:
        return True
    if other.year is None and not other.figures:
        return False
    if page.year is not None and other.year is not None and page.year != other.year:
        return False
    if page.agency and other.agency:
        return same_organ(page.agency, other.agency)
    return True


def _compare(figures: Sequence[Figure], others: Sequence[Figure], what: str) -> tuple[tuple[Figure, ...], list[str]]:
    """Figures with their confidence after a look at another reading of the same cells.

    Agreement raises it; disagreement with a reading that is itself sure puts it below what may be relied on. A reading that is
    unsure (text that lost its blank cells) has no say.
    """
    second: Mapping[tuple[str, str, str], Figure] = {
        (figure.table, figure.row, figure.column): figure for figure in others
    }
    judged: list[Figure] = []
    disagreeing: list[str] = []
    for figure in figures:
        other = second.get((figure.table, figure.row, figure.column))
        if other is None or State.UNREAD in (figure.state, other.state):
            judged.append(figure)
        elif _says_same(figure, other):
            both = 1 - (1 - figure.confidence) * (1 - min(other.confidence, RELIABLE))
            judged.append(replace(figure, confidence=max(figure.confidence, min(_AGREED, round(both, 4)))))
        elif other.is_reliable:
            judged.append(replace(figure, confidence=min(figure.confidence, _DOUBTED)))
            disagreeing.append(f"{figure.address} ({figure.raw or 'blank'} or {other.raw or 'blank'})")
        else:
            judged.append(figure)
    if not disagreeing:
        return tuple(judged), []
    shown = ", ".join(disagreeing[:5]) + (f" and {len(disagreeing) - 5} more" if len(disagreeing) > 5 else "")
    return tuple(judged), [f"{what} disagree: {shown}"]


def _says_same(figure: Figure, other: Figure) -> bool:
    return (figure.value, figure.state) == (other.value, other.state)
