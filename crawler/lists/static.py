"""Static lists: plain links in HTML, paged by files or by links. TRS WCM, VSB and the dialects of field guide §9 are of this kind."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.lists import pager
from crawler.lists.reader import ListReader, Reading, SeenRows, is_answer, looks_full, short_of, text_of_page
from crawler.lists.rows import list_rows, sub_lists
from crawler.pages import markup
from crawler.pages.exchange import NextRequest, PageBytes
from crawler.pages.markup import Element
from extract.lexicon.addresses import canonical, same_host, slug_rank
from extract.lexicon.titles import label_rank

if TYPE_CHECKING:
    from archive.warc.context import Entry

#: Numbers of rows with which a first page may be one of several although it has no pager at all (field guide §1.2: try the names of page 2).
_PAGE_SIZES = range(3, 61)


class StaticReader:
    """Reads a list page by page: by the pager script, else by links, else by trying the names of page 2.

    A page past the end may be a 404, a stub, a page that refreshes to the first, or the first page itself: all bring no new row.
    """

    family = "static"

    def __init__(self) -> None:
        self._first: PageBytes | None = None
        self._seen = SeenRows()
        self._first_rows = 0
        self._last_rows = 0
        self._pages = 0
        self._script: pager.ScriptPager | None = None
        self._announced_pages: int | None = None
        self._announced_rows: int | None = None
        self._tried: tuple[pager.ScriptPager, int] | None = None  # the name asked for last
        self._candidates: list[
            tuple[pager.ScriptPager, int]
        ] = []  # names that page 2 may have: pager, number in the file's name
        self._links: list[str] = []  # further pages by the pagers' links, not asked for yet
        self._asked: set[str] = set()
        self._by_links = False

    def read(self, page: PageBytes) -> Reading:
        """Take the column page first, then the pages asked for."""
        return self._read_first(page) if self._first is None else self._read_further(page)

    def _read_first(self, page: PageBytes) -> Reading:
        self._first = page
        self._asked.add(canonical(page.url))
        text = text_of_page(page)
        root = markup.parse(text)
        if root is None:
            return Reading(problem="the list page is empty")
        rows = list_rows(root, page.url)
        self._seen.add(rows)
        self._first_rows = self._last_rows = len(rows)
        self._pages = 1
        self._script = pager.script_pager(text)
        visible = markup.visible_text(text)
        self._announced_pages = self._script.pages if self._script else pager.announced_pages(visible)
        self._announced_rows = (
            self._script.records if self._script and self._script.records else pager.announced_rows(visible)
        )
        lists = sub_lists(root, page.url, is_report_column=_is_report_column(text, page.url))
        following = self._after_first(root, text, page, rows)
        problem = "" if following else self._end_problem()
        outside = pager.off_host_next(root, page.url)
        if outside and not following:
            problem = f"the next page is on another host and was not followed: {outside}"
        return Reading(rows=rows, next=following, lists=lists, problem=problem, end="one page" if not following else "")

    def _after_first(
        self, root: Element, text: str, page: PageBytes, rows: tuple[Entry, ...]
    ) -> tuple[NextRequest, ...]:
        if self._script is not None:
            if self._script.pages > 1 or looks_full(self._first_rows, 0):
                numbers = self._script.file_numbers()
                self._candidates = [
                    (self._script, number) for number in (numbers if self._script.pages > 1 else numbers[:1])
                ]
                return self._ask_candidate()
            return ()
        self._note_links(root, text, page)
        linked = self._ask_link()
        if linked:
            self._by_links = True
            return linked
        if self._first_rows in _PAGE_SIZES or (self._announced_pages or 1) > 1:
            named = re.search(r"/([A-Za-z_]+)\.(s?html?)\Z", urlsplit(page.url).path)
            stem, extensions = (named.group(1), [named.group(2)]) if named else ("index", _extensions_of(rows))
            self._candidates = [
                (pager.ScriptPager(0, False, stem, extension), number) for extension in extensions for number in (1, 2)
            ]
            return self._ask_candidate()
        return ()

    def _ask_candidate(self) -> tuple[NextRequest, ...]:
        if self._first is None:
            return ()
        while self._candidates:
            script, number = self._candidates.pop(0)
            url = script.address(self._first.url, number)
            if canonical(url) not in self._asked and same_host(url, self._first.url):
                self._asked.add(canonical(url))
                self._tried = (script, number)
                is_guess = self._pages == 1 and script.pages <= 1 and (self._announced_pages or 1) <= 1
                return (self._request(url, is_guess=is_guess),)
        return ()

    def _request(self, url: str, *, is_guess: bool = False) -> NextRequest:
        headers = (("Referer", self._first.url if self._first else url),)
        return NextRequest(url, headers=headers, is_guess=is_guess)

    def _note_links(self, root: Element, text: str, page: PageBytes) -> None:
        """Put the pages that this page's pager leads to before those that earlier ones led to.

        Some systems count their files down, so that only the pager's own links say where a page is.
        """
        following, numbered = pager.pager_links([root, *pager.hidden_pagers(root, text)], page.url)
        if page is self._first and not re.search(
            r"\d", f"{urlsplit(page.url).path.rpartition('/')[2]}{urlsplit(page.url).query}"
        ):
            own_name = numbered.pop(1, None)  # the column's own page under another of its names
            self._asked.update([canonical(own_name)] if own_name else [])
        fresh = [following] if following else []
        fresh += [numbered[number] for number in sorted(numbered)]
        self._links = [*dict.fromkeys(fresh), *(url for url in self._links if url not in fresh)]

    def _ask_link(self) -> tuple[NextRequest, ...]:
        while self._links:
            url = self._links.pop(0)
            if canonical(url) not in self._asked:
                self._asked.add(canonical(url))
                return (self._request(url),)
        return ()

    def _read_further(self, page: PageBytes) -> Reading:
        text = text_of_page(page) if is_answer(page) else ""
        root = markup.parse(text) if text else None
        rows = list_rows(root, page.url) if root is not None else ()
        if not self._seen.would_add(rows):
            return self._without_news(page, len(rows))
        if self._pages == 1:
            self._candidates = []
        self._seen.add(rows)
        self._pages += 1
        self._last_rows = len(rows)
        following: tuple[NextRequest, ...] = ()
        if self._by_links and root is not None:
            self._note_links(root, text, page)
            following = self._ask_link()
        elif self._tried is not None:
            announced = self._announced_pages
            if announced is None or self._pages < announced or looks_full(self._last_rows, self._first_rows):
                script, number = self._tried
                self._candidates = [(script, number + 1)]
                following = self._ask_candidate()
        problem = "" if following else self._end_problem()
        return Reading(rows=rows, next=following, problem=problem, end=f"{self._pages} pages" if not following else "")

    def _without_news(self, page: PageBytes, rows: int) -> Reading:
        """A page that brings nothing: the wrong name for page 2, the end, or a server that repeats itself."""
        following = self._ask_candidate() if self._pages == 1 else ()
        if not following and rows and self._by_links:
            following = self._ask_link()  # a page may stand in the pager under a second name
        if following:
            return Reading(next=following)
        what = (
            f"page {self._pages + 1} answered {page.status}"
            if not is_answer(page)
            else (f"page {self._pages + 1} repeats rows" if rows else f"page {self._pages + 1} has no rows")
        )
        problem = self._end_problem()
        if not problem and page.status not in (404, 410) and not is_answer(page):
            problem = what
        if not problem and self._by_links and not rows and self._announced_pages is None:
            problem = f"{what}, though the page before links to it"
        if problem and what not in problem:
            problem = f"{problem}; {what}"
        return Reading(problem=problem, end=f"{self._pages} pages, then {what}")

    def _end_problem(self) -> str:
        """What speaks against this being the end."""
        if self._announced_pages is not None and self._announced_pages > self._pages:
            return f"the site counts {self._announced_pages} pages, {self._pages} could be read"
        return short_of(self._announced_rows, self._seen.count)


def _extensions_of(rows: tuple[Entry, ...]) -> list[str]:
    """Endings that a list's further pages may have: that of its articles; without articles, both usual ones."""
    endings = Counter(found.group(1) for row in rows if (found := re.search(r"\.(s?html?)\Z", urlsplit(row.url).path)))
    return [endings.most_common(1)[0][0]] if endings else ["html", "shtml"]


def _is_report_column(text: str, url: str) -> bool:
    """Whether the page says by name or address that it is a column of annual reports."""
    names = (markup.meta_of(text, "ColumnName"), *re.split(r"[-_—|]", markup.title_of(text)))
    return slug_rank(url) is not None or any(label_rank(name) is not None for name in names if name)


def open_static(family: str) -> ListReader:
    """A reader of static lists under another family's name."""
    reader = StaticReader()
    reader.family = family
    return reader
