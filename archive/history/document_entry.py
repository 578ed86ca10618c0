"""Pages that were read, entered as documents of reports: whose report each is, and how it is described."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archive.history.corrections import MOST_OF_NOTICE, report_corrected_by
from archive.history.identify import Identified, choose_name, identify
from archive.history.versions import compare_figures, have_other_figures
from archive.history.withdrawn import has_nothing_of
from archive.index import addresses, captures, documents, register, reports
from archive.index.codes import AddressStatus
from archive.index.further_reports import SEVERAL_REPORTS, message_of
from archive.index.texts import load_extraction, load_text
from extract.document.clean import collapse
from extract.lexicon.organs import same_house
from extract.lexicon.titles import NOT_PLAIN, Shape, judge_title
from extract.model import Statement

if TYPE_CHECKING:
    from sqlite_utils import Database

    from archive.history.item import ItemReading
    from archive.history.report_writer import ReportWriter
    from archive.history.visits import PassSpan
    from archive.index.types import AddressRow
    from archive.warc.context import Entry
    from extract.model import Extraction


_DIGITS = re.compile(r"[\d\s]+")


def _same_but_years(had: Extraction, has: Extraction) -> bool:
    texts = ["".join(section.text for section in one.sections) for one in (had, has)]
    return _DIGITS.sub("", texts[0]) == _DIGITS.sub("", texts[1])


class DocumentEntry:
    """Enters what was read in one pass. `touched` receives the reports that must be judged for it."""

    def __init__(self, db: Database, span: PassSpan, writer: ReportWriter, touched: set[str]) -> None:
        self._db = db
        self._span = span
        self._writer = writer
        self._touched = touched

    def enter(self, url: str, at: str, reading: ItemReading) -> str | None:
        """Store the result of reading a page. Gives the report that it is a document of, `None` if it is none."""
        db = self._db
        for linked in reading.linked:
            addresses.mark_linked(db, linked)
        page = addresses.address(db, url)
        assert page is not None  # entered before it was read
        if self._is_withdrawn(url, at, reading):
            return None
        report = self._identify(url, at, page.portal, page.listed, reading)
        if report is None:
            return None
        self._notice(url, at, report, reading)
        is_new = documents.document(db, url) is None
        self._store(url, at, page, report, reading, is_new=is_new)
        if is_new or (reading.content is not None and self._may_be_present(url)):
            documents.set_present(db, url, at)
            documents.set_withdrawn(db, url, None)
        self._touched.add(report)
        return report

    def _store(self, url: str, at: str, page: AddressRow, report: str, reading: ItemReading, *, is_new: bool) -> None:
        """Store what was read of a page as a document of a report."""
        db, listed = self._db, page.listed
        entry_url = listed.url if listed is not None and listed.url else url
        listed_title = listed.title if listed is not None else ""
        title = reading.extraction.title or listed_title or None
        if is_new:
            documents.put_document(
                db,
                url,
                entry_url=entry_url,
                report=report,
                portal=page.portal,
                at=at,
                run=self._span.name,
                title=title,
            )
        figures = sum(figure.is_reliable for figure in reading.extraction.figures)
        shapes = {shape for name in (title, listed_title) for shape in judge_title(name or "").shapes}
        documents.set_read(
            db,
            url,
            state=reading.item.state,
            entry_url=entry_url,
            title=title,
            is_correction=Shape.CORRECTION in shapes,
            is_plain=not shapes & NOT_PLAIN,
            figures=figures if reading.content is not None else None,
        )

    def _notice(self, url: str, at: str, report: str, reading: ItemReading) -> None:
        """Note what of a page was not read, not compared or not entered."""
        if reading.problem is not None:
            self._writer.notice(url, at, report, "unreadable", reading.problem)
        elif reading.content is None:
            message = "the report can't be told from its page: not compared"
            self._writer.notice(url, at, report, "cannot-compare", message)
        if reading.extraction.reports:
            told = message_of((one.title, one.year) for one in reading.extraction.reports)
            self._writer.notice(url, at, report, SEVERAL_REPORTS, told)

    def _may_be_present(self, url: str) -> bool:
        """Whether a look of this pass says that a known document is there: others' looks don't bring back what we found gone."""
        known = documents.document(self._db, url)
        return not self._span.is_import or known is None or known.status == AddressStatus.PRESENT

    def _is_withdrawn(self, url: str, at: str, reading: ItemReading) -> bool:
        """Whether a page has nothing of the report that its address showed; that is kept."""
        known = documents.document(self._db, url)
        about = reports.find_report(self._db, known.report) if known is not None else None
        if about is None or not reading.page_text or not reading.is_ended or self._span.is_import:
            return False
        parts = load_text(self._db, about.id, about.version)
        if not has_nothing_of(reading.page_text, "\n".join(f"{part.heading}\n{part.text}" for part in parts)):
            return False
        documents.set_withdrawn(self._db, url, reading.item.page.digest)
        said = collapse(reading.page_text)[:60] or "no words"
        message = f"nothing of the report is on its page, which says: {said}"
        self._writer.notice(url, at, about.id, "withdrawn", message)
        return True

    def _identify(self, url: str, at: str, portal: str, listed: Entry | None, reading: ItemReading) -> str | None:
        """The report that a page is a document of, entered if it is new; `None`, with a notice, if it is no report."""
        known = documents.document(self._db, url)
        known_year = reports.year_of(self._db, known.report) if known is not None else None
        found = identify(reading, listed, known, known_year)
        if not isinstance(found, Identified):
            self._writer.notice(url, at, found.report, found.code, found.message)
            self._tell_correction(url, at, portal, listed, reading)
            return None
        is_another_s = self._is_of_another_agency(found.report, portal, reading)
        if found.report is not None and not is_another_s:
            return found.report
        if known is not None and self._is_another_s_word(url, at, portal, known.first_seen):
            message = f"others saw another report here ({found.year}), where we looked ourselves: noted, nothing else"
            self._writer.notice(url, at, known.report, "seen-elsewhere", message)
            return None
        if known is not None and (corrected := self._with_corrected_year(known.report, found.year, url, reading)):
            return corrected
        agency = self._agency(url, at, portal, None if is_another_s else listed, reading, found.year)
        if agency is None:
            return None
        if known is not None:
            documents.delete_document(self._db, url)
            self._touched.add(known.report)
        return self._writer.report_of(agency, found.year, portal, url, at)

    def _tell_correction(self, url: str, at: str, portal: str, listed: Entry | None, reading: ItemReading) -> None:
        """A page that is no report may be the notice of correction of one, by the title that our own look at a list gave it."""
        is_new = listed is not None and not self._span.is_import and documents.document(self._db, url) is None
        title = listed.title if listed is not None and is_new else ""
        report = report_corrected_by(self._db, portal, title)
        if report is not None:
            self._writer.corrected(report, at, url, title, reading.page_text[:MOST_OF_NOTICE])

    def _is_another_s_word(self, url: str, at: str, portal: str, since: str) -> bool:
        """Whether a look of others is at an address where we had looked: it takes no report from it that we saw there."""
        return self._span.is_import and (
            captures.own_digest_before(self._db, url, at) is not None
            or captures.was_looked_at(self._db, portal, since, until=at)
        )

    def _is_of_another_agency(self, report: str | None, portal: str, reading: ItemReading) -> bool:
        """Whether an address of a report shows another agency's now: both named their agency for certain, and other figures stand there.

        A body that got another name, or whose name was corrected, keeps its figures.
        """
        named = reading.extraction.agency
        about = reports.find_report(self._db, report) if report is not None else None
        if not named or about is None or register.find_agency(self._db, portal, named) == about.agency:
            return False
        had = load_extraction(self._db, about.id)
        if had is None or not had.agency or same_house(had.agency, named):
            return False
        return have_other_figures(had.figures, reading.extraction.figures)

    def _with_corrected_year(self, report: str, year: int, url: str, reading: ItemReading) -> str | None:
        """The report under its right year, where a page only corrects the year of its title: same figures, same text but for years."""
        about = reports.find_report(self._db, report)
        had = load_extraction(self._db, report)
        if about is None or had is None or len(documents.documents_of(self._db, report)) > 1:
            return None
        agency = register.agency(self._db, about.agency)
        assert agency is not None  # reports refer to agencies
        figures = reading.extraction.figures
        is_same = (
            bool(figures) and not compare_figures(had.figures, figures) and _same_but_years(had, reading.extraction)
        )
        if not is_same or reports.report_of(self._db, about.agency, year) is not None:
            return None
        made = self._writer.free_id(about.portal, year, agency.name)
        reports.rename_report(self._db, report, made, year)
        self._touched.discard(report)
        return made

    def _agency(
        self, url: str, at: str, portal: str, listed: Entry | None, reading: ItemReading, year: int
    ) -> str | None:
        """Whose report it is: a name that the register knows, else the name as printed, else the likeliest one, else the portal's own government."""
        title = listed.title if listed is not None else ""
        by_list = (listed.agency if listed else None, judge_title(title).agency)
        certain = [name for name in (reading.extraction.agency, *by_list) if name]
        likely = _likely_names(reading)
        name = choose_name(certain or likely, lambda name: register.find_agency(self._db, portal, name) is not None)
        if name is not None and self._span.is_import and (whose := register.defined_elsewhere(self._db, portal, name)):
            message = f"says that it is a report of {name}, which {whose} defines; it doesn't stand on that portal's hosts: left out"
            self._writer.notice(url, at, None, "agency-elsewhere", message)
            return None
        if name is not None:
            against = [other for other in certain if not same_house(name, other)]
            if against:
                message = f"page and list name different agencies ({', '.join(certain)}): taken for {name}"
                self._writer.notice(url, at, None, "agency-disputed", message)
            elif not certain:
                message = f"the report names no agency for certain ({', '.join(likely)}): taken for {name}"
                self._writer.notice(url, at, None, "agency-assumed", message)
            return register.find_or_add(self._db, portal, name, year=year, at=at)
        government = register.portal_government(self._db, portal)
        if government is None:
            message = f"a report for {year} that names no agency: left out"
            self._writer.notice(url, at, None, "agency-unknown", message)
            return None
        message = "the report names no agency: taken for the portal's own government"
        self._writer.notice(url, at, None, "agency-assumed", message)
        return government


def _likely_names(reading: ItemReading) -> list[str]:
    """What places of the document say of the agency without being certain, the likeliest first; the site's name says nothing here."""
    said = reading.extraction.identity.get("agency", Statement())
    names = [said.value] if said.value is not None else [one.value for one in said.candidates if one.confidence > 0]
    return [str(name) for name in dict.fromkeys(names)]
