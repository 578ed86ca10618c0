"""What hangs on a report's page: the files that it names, and the call for a shell's text."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive.warc.context import Role
from archive.warc.statuses import is_not_there
from crawler.families.article import ArticleLinks, answers_nothing, read_article
from crawler.http.capture import Purpose
from crawler.pages import markup
from crawler.pages.exchange import MOST_READ
from crawler.passes.outcome import UNCHANGED, outcome_of
from extract.lexicon.addresses import names_image, report_extensions
from extract.lexicon.report_marks import has_report_marks
from extract.messages import localizable

if TYPE_CHECKING:
    from archive.warc.context import Entry
    from crawler.http.visiting import Visit
    from crawler.pages.exchange import NextRequest
    from crawler.passes.context import PassContext
    from crawler.passes.shells import Shells
    from crawler.passes.siblings import SiblingCheck

logger = logging.getLogger(__name__)

#: A page may lead to a frame, which leads to another, which leads to a file; and all of them together to so many places.
_MOST_STEPS = 3
_MOST_PLACES = 20
#: A report of the official form has so many tables; pictures may stand for those that a page lacks.
_OFFICIAL_TABLES = 3
#: More pictures within a text are an illustrated one.
_MOST_PICTURES = 12
_PAGE_QUERY = re.compile(rb"[?&;]([a-z_]++)=\d{1,2}[\"'&\s>]")
#: What stands in a page that names a file in any of the ways that `families.article` knows.
_FILE_MARKS = (
    *(f".{extension}".encode() for extension in report_extensions() if not names_image(f".{extension}")),
    *(b"download", b"downfile", b"attach", b"viewer", b"data-value", b"data-pdf", b"appendix", b"<embed", b"<object"),
    *("附件".encode(charset) for charset in ("utf-8", "gb18030")),
)


def _is_markup(content: bytes) -> bool:
    return content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{", b"["))


def may_name_files(content: bytes, url: str = "") -> bool:
    """Whether a page is worth parsing for the files it names.

    Most pages hold the report itself and no file; a few searches tell so at a twentieth of the cost of a tree. A page without the headings of
    a report may be a shell or a scan and is always parsed; documents never are.
    """
    if not _is_markup(content):
        return False
    lowered = content.lower()
    if any(mark in lowered for mark in _FILE_MARKS) or _has_pictures_for_tables(lowered) or _may_go_on(lowered, url):
        return True
    return not has_report_marks(markup.decode(content))


def _has_pictures_for_tables(lowered: bytes) -> bool:
    """Whether pictures may stand for some of the three official tables."""
    return b"<img" in lowered and lowered.count(b"<table") < _OFFICIAL_TABLES


def _may_go_on(lowered: bytes, url: str) -> bool:
    """Whether a page may name further pages of its text: its own name with a number behind it, or a small number in a query."""
    name = urlsplit(url).path.rpartition("/")[2].rpartition(".")[0].lower().encode() or b"index"
    return re.search(re.escape(name) + rb"[_-]\d", lowered) is not None or any(
        b"p" in found[1] for found in _PAGE_QUERY.finditer(lowered)
    )


def _is_page(content: bytes) -> bool:
    return content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


class Attachments:
    """Finds and fetches what hangs on the pages of a pass."""

    def __init__(self, context: PassContext, siblings: SiblingCheck, shells: Shells) -> None:
        self._context = context
        self._siblings = siblings
        self._shells = shells
        self._fetched: set[tuple[str, str]] = set()
        self._steps: dict[str, set[str]] = {}  # what pages behind a report's page led to

    async def named_by(self, content: bytes, url: str, entry: Entry | None, column: str | None) -> dict[str, None]:
        """Addresses of the files that a page names; a shell's content is asked for first."""
        if len(content) > MOST_READ and _is_markup(content):
            self._context.tally.misread.append(
                localizable(f"{url} (a page of {len(content)} bytes is too large to be read in a harvest)")
            )
            return {}
        if not may_name_files(content, url):
            return {}
        links = self._links_of(content, url)
        wanted = dict.fromkeys([*(link.url for link in links.attachments), *links.further])
        is_scan = not wanted and not has_report_marks(markup.decode(content))
        if links.images and (is_scan or _has_pictures_for_tables(content.lower())):
            # Of a scan the pages are the report, elsewhere they may be its tables.
            pictures = links.images if is_scan else links.images[:_MOST_PICTURES]
            wanted |= dict.fromkeys(link.url for link in pictures)
        wanted |= dict.fromkeys(links.onward)
        if links.detail is not None and self._context.go_on(links.detail.url):
            purpose = Purpose(self._context.portal.id, Role.ATTACHMENT, entry=entry, parent=url, column=column)
            wanted |= await self._ask_for_text(links.detail, purpose, url)
        return wanted

    async def _ask_for_text(self, call: NextRequest, purpose: Purpose, url: str) -> dict[str, None]:
        """Ask for a shell's text, and give the files that the answer names."""
        visit = await self._context.visitor.fetch(call, purpose, referer=url)
        self._count(visit)
        if is_not_there(visit.status) or (visit.is_ok and visit.content and answers_nothing(visit.content)):
            self._shells.note_nothing(url)
            return {}
        if not visit.is_ok or not visit.content:
            return {}
        self._shells.note_text(url)
        return dict.fromkeys(link.url for link in self._links_of(visit.content, visit.url).attachments)

    async def fetch(self, address: str, parent: str, entry: Entry | None, column: str | None, depth: int = 0) -> None:
        """Visit one file of a report, once for each page that names it, and what a page leads to that was reached so."""
        context = self._context
        url = address.partition("#")[0]
        reason = context.refusal(url)
        if reason is not None:
            context.note_refusal(url, reason)
            context.tally.attachments["elsewhere"] += 1
            return
        if url == parent or (url, parent) in self._fetched:
            return
        self._fetched.add((url, parent))
        if not context.go_on(url):
            context.tally.attachments["left"] += 1
            return
        purpose = Purpose(context.portal.id, Role.ATTACHMENT, entry=entry, parent=parent, column=column)
        visit = await self._siblings.visit(url, purpose, parent)
        self._count(visit)
        if visit.is_ok and depth < _MOST_STEPS and _is_page(content := self._content_of(visit)):
            for further in await self.named_by(content, visit.url, entry, column):
                if len(self._steps.setdefault(parent, set()) | {further}) <= _MOST_PLACES:
                    self._steps[parent].add(further)
                    await self.fetch(further, parent, entry, column, depth + 1)

    def _content_of(self, visit: Visit) -> bytes:
        """What an address shows now: of one that is unchanged what is stored."""
        if visit.content or visit.state not in UNCHANGED:
            return visit.content or b""
        held = self._context.session.known.get(visit.url)
        return self._context.stored(held) if held is not None else b""

    def _links_of(self, content: bytes, url: str) -> ArticleLinks:
        """What a page leads to. A parser failure is logged; the other pages are still read."""
        try:
            links: ArticleLinks = self._context.session.apart(read_article, content, url)
            return links
        except Exception as error:
            logger.debug("%s", url, exc_info=True)
            self._context.tally.misread.append(f"{url} ({type(error).__name__}: {error})")
            return ArticleLinks()

    def _count(self, visit: Visit) -> None:
        tally = self._context.tally
        tally.verdicts[visit.verdict] += 1
        tally.attachments[outcome_of(visit, self._context.session.known.get(visit.requested))] += 1
