"""What each foreign capture was: a list, a report, a file on a report's page, a look at a report that was gone.

Somebody else's crawl says nothing of this, so pages are judged by the parsers of the harvest: a list is a page from which a family's reader gives
rows with titles of annual reports; a report is what such a row leads to, or a page with the report's own headings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive.warc.context import Context, Entry, Role
from archive.work.helper import directly
from crawler.families import open_walk
from crawler.families.article import read_article
from crawler.pages.classify import TRUNCATED, classify
from crawler.pages.exchange import NextRequest, PageBytes
from crawler.portals.definitions import PortalDefinition
from extract.lexicon.addresses import is_counter, same_file
from extract.lexicon.titles import Judgement, judge_title

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from archive.warc.records import Record
    from crawler.families.article import ArticleLinks
    from crawler.lists.model import Step
    from crawler.pages.classify import Verdict

#: Bytes of a capture that are judged in this process; hardly a page of a portal is larger.
_MOST_JUDGED_HERE = 256 << 10
OK = "ok"
GONE = "gone?"
#: Headings of the official forms (国办公开办函〔2019〕60号, 〔2021〕30号); three of them make a report.
_HEADINGS = tuple(
    re.compile(pattern.encode(encoding))
    for encoding in ("utf-8", "gb18030")
    for pattern in ("总体情况", "主动公开政府信息", "政府信息公开申请", "行政诉讼", "存在的?主要问题")
)
_MARKUP = (b"<!doc", b"<html", b"<head", b"<body", b"<div", b"<table", b"<!--", b"<meta", b"<ul", b"<p")


@dataclass(slots=True)
class Sorter:
    """Learns from all captures what is what, then tells each one's context.

    Attributes:
        known: Addresses of reports and files that the archive has already.
        apart: Calls a function with what a stranger wrote, where that can't cost this process (`archive.work.helper.Helper`).
    """

    portals: tuple[PortalDefinition, ...]
    known: dict[str, Role] = field(default_factory=dict)
    apart: Callable[..., Any] = directly
    entries: dict[str, Entry] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    lists: set[str] = field(default_factory=set)
    #: Rows that name reports, of each list by its address and the digest of its payload.
    rows: dict[tuple[str, str], tuple[Entry, ...]] = field(default_factory=dict)
    reports: set[str] = field(default_factory=set)
    verdicts: dict[str, str] = field(default_factory=dict)
    made: dict[str, PortalDefinition] = field(default_factory=dict)

    def expect(self, lists: Iterable[str], rows: Iterable[Entry]) -> None:
        """Take what was asked for as what it is: list pages, and addresses that old lists named."""
        self.lists.update(lists)
        for row in rows:
            self.entries.setdefault(row.url, row)

    def learn(self, record: Record) -> None:
        """First look at a capture: is it a list or a report, and what does it name?"""
        status = record.http_status
        if status is None or is_counter(record.uri) or record.type == "revisit" or self.verdict(record) != OK:
            return
        content = record.content
        if _is_markup(content):
            self._learn_page(record, status, content)

    def _learn_page(self, record: Record, status: int, content: bytes) -> None:
        if self._is_report(record.uri, content):
            self.reports.add(record.uri)
        page = PageBytes(record.uri, status, tuple(record.http_headers), content, NextRequest(record.uri))
        if record.uri not in self.reports:
            self._learn_list(record, page)
        if record.uri in self.reports or record.uri in self.entries or _is_listed_file(record.uri):
            self._learn_files(record.uri, content)

    def _is_report(self, url: str, content: bytes) -> bool:
        """Whether a page is known as a report, or has the chapters of one. A known one may look like a list: it names its file as a row would."""
        is_known = self.known.get(url) is Role.REPORT
        return is_known or sum(bool(pattern.search(content)) for pattern in _HEADINGS) >= 3

    def _learn_list(self, record: Record, page: PageBytes) -> None:
        step: Step = self.apart(_first_step, page)
        named = [entry for entry in step.entries if is_report_row(entry) and entry.url != record.uri]
        if not named:
            return
        self.lists.add(record.uri)
        heard = tuple(entry for entry in named if self._may_speak_for(record.uri, entry.url))
        self.rows[record.uri, record.payload_digest] = heard
        for entry in heard:
            self.entries.setdefault(entry.url, entry)
            self.columns.setdefault(entry.url, record.uri)
        for url, link in step.attachments:
            if self._may_speak_for(record.uri, url):
                self._learn_file(link.url, url)

    def _may_speak_for(self, url: str, other: str) -> bool:
        """Whether a page may say what another address is: not where that one belongs to a defined portal and the page doesn't."""
        owner = next((portal for portal in self.portals if portal.allows(other)), None)
        return owner is None or owner.allows(url)

    def _learn_files(self, url: str, content: bytes) -> None:
        links: ArticleLinks = self.apart(read_article, content, url)
        for address in (*(link.url for link in links.attachments), *links.onward):
            self._learn_file(address, url)

    def _learn_file(self, url: str, parent: str) -> None:
        if not self._may_speak_for(parent, url):
            return
        self.parents.setdefault(url, parent)
        self.parents.setdefault(same_file(url), parent)

    def rows_of(self, url: str, digest: str | None, context: Context | None) -> tuple[Entry, ...]:
        """The rows that name reports, of a capture of a list."""
        return self.rows.get((url, digest or ""), ()) if context is not None else ()

    @property
    def needs_second_look(self) -> bool:
        """Whether lists named pages that may have been looked at before it was known what they are."""
        return bool(self.entries)

    def learn_again(self, record: Record) -> None:
        """Second look, when the lists are known: files that hang on the pages that lists name."""
        if record.type == "revisit" or record.uri not in self.entries or record.uri in self.reports:
            return
        content = record.content
        if record.http_status is not None and _is_markup(content):
            self._learn_files(record.uri, content)

    def context_of(self, record: Record, digest: str | None = None) -> Context | None:
        """What the capture was; `None` for one that has nothing to do with annual reports.

        Args:
            digest: Of the payload, for a revisit, whose own bytes say nothing.
        """
        url = record.uri
        portal = self.portal_of(url).id
        if urlsplit(url).path == "/robots.txt":
            return Context(portal, Role.ROBOTS)
        verdict = self.verdict(record, digest)
        role = self.known.get(url)
        parent = self._page_of(url)
        if parent is not None and role is Role.ATTACHMENT:  # so are files that a list of others names beside their page
            return self._of_file(parent, verdict)
        if url in self.lists:
            return Context(portal, Role.LIST, verdict, column=url)
        if url in self.entries or url in self.reports or role is Role.REPORT:
            if role is not None:  # what our own lists say of it stands
                return Context(portal, Role.REPORT, verdict)
            return Context(portal, Role.REPORT, verdict, entry=self.entries.get(url), column=self.columns.get(url))
        if parent is not None:
            return self._of_file(parent, verdict)
        if verdict == OK and _is_document(record.content):
            return Context(portal, Role.REPORT, verdict, entry=self.entries.get(url))
        return None

    def _page_of(self, url: str) -> str | None:
        """The page that a file hangs on; `None` for what hangs on none."""
        parent = self.parents.get(url) or self.parents.get(same_file(url))
        return None if parent == url else parent

    def _of_file(self, parent: str, verdict: str) -> Context:
        return Context(self.portal_of(parent).id, Role.ATTACHMENT, verdict, parent=parent)

    def verdict(self, record: Record, digest: str | None = None) -> str:
        """The classifier's word on a capture; a loose document is fine. A revisit is what the payload was that it stands for."""
        if record.http_status is None:
            return OK
        if record.content_problem:
            return TRUNCATED
        if record.type == "revisit":
            return self.verdicts.get(digest or "", OK)
        judge = partial(classify, is_list=record.uri in self.lists)
        given = (record.http_status, tuple(record.http_headers), record.content, record.uri, record.uri)
        judged: Verdict = self.apart(judge, *given) if len(record.content) > _MOST_JUDGED_HERE else judge(*given)
        found = judged.verdict
        self.verdicts.setdefault(record.payload_digest, found)
        return found

    def portal_of(self, url: str) -> PortalDefinition:
        """The portal whose definition allows the address; without one, a portal named after the host."""
        for portal in (*self.portals, *self.made.values()):
            if portal.allows(url):
                return portal
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2].lower() or "unknown"
        name = re.sub(r"[^a-z0-9]+", "-", re.sub(r"^www\.", "", host)).strip("-") or "unknown"
        made = PortalDefinition(
            id=name,
            name=host,
            region="",
            platform="auto",
            start=(),
            url=f"{parts.scheme or 'http'}://{host}/",
            delay=2.0,
        )
        self.made[name] = made
        return made


def _first_step(page: PageBytes) -> Step:
    """What a page says as the first one of a list."""
    walk = open_walk("auto", page.url, page)
    walk.start()
    return walk.feed(page)


def is_report_row(entry: Entry) -> bool:
    """Whether a list's row names an annual report, by its title."""
    return judge_title(entry.title).judgement is Judgement.ACCEPT


def _is_markup(content: bytes) -> bool:
    return content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP)


def _is_document(content: bytes) -> bool:
    return content.startswith((b"%PDF", b"\xd0\xcf\x11\xe0")) or (
        content.startswith(b"PK\x03\x04") and b"word/" in content[:8192]
    )


def _is_listed_file(url: str) -> bool:
    return judge_title(url.rpartition("/")[2]).judgement is Judgement.ACCEPT
