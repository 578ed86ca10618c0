"""The reader of lists in HTML: from page to page by whatever the pages name, each step verified by the rows that it brings.

Followers in their order: links and options, functions, ASP.NET's postback, forms, pagers whose names are known, options of plugins,
addresses in scripts, services; then guesses, but only if something marks a further page. After the pager's own end one more page is asked
for by the pattern of the addresses that worked, because pagers that end too early exist.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive.index.codes import ProofKind
from crawler.lists.data_page import DataPage, is_data, read_data_page
from crawler.lists.own_scripts import OwnScripts
from crawler.lists.page import read_list_page
from crawler.lists.page_before import unanswered, ways_before
from crawler.lists.proof import Attempt, Course, Noted, settle
from crawler.lists.reader import ListReading, SeenRows, SubList, is_answer, looks_full, short_of, text_of_page
from crawler.lists.sources import SOURCE
from crawler.lists.ways import Way, by_pattern, first_ways, guesses, later_ways
from crawler.pages.exchange import NextRequest
from extract.lexicon.addresses import canonical
from extract.lexicon.dates import years_in
from extract.lexicon.titles import Judgement, judge_title
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.warc.context import Entry
    from crawler.lists.marks import Mark
    from crawler.lists.page import ListPage
    from crawler.lists.proof import ListEnd
    from crawler.lists.reader import ListReader
    from crawler.pages.exchange import PageBytes

#: Numbers of rows with which a first page may be one of several although it has no pager at all.
_PAGE_SIZES = range(3, 61)


class HtmlListReader:
    """Reads one list."""

    def __init__(self, family: str = "static") -> None:
        self.family = family
        self._skipped: tuple[str, ...] = ()
        self._worked = ""
        self._first: ListPage | None = None
        self._last: ListPage | None = None
        self._column: tuple[str, PageBytes] | None = None  # the column page, to be read again with its scripts
        self._seen = SeenRows()
        self._first_rows = self._last_rows = 0
        self._years: set[int] = set()
        self._urls: list[str] = []
        self._requests: list[NextRequest] = []
        self._marks: list[Noted] = []
        self._attempts: list[Attempt] = []
        self._via: set[str] = set()
        self._asked: set[tuple[str, str, bytes | None]] = set()
        self._pool: list[Way] = []
        self._later: dict[int, Way] = {}  # links to pages by their numbers, wherever they stood
        self._data: DataPage | None = None  # the last further page that came as data
        self._before: list[Way] = []  # to the page before the first that a number of ours brought
        self._left_out = 0  # pages that the site counts before it
        self._awaiting: Way | None = None
        self._scripts = OwnScripts()
        self._awaits_script = self._guessed = False

    def remember(self, skipped: Sequence[str], worked: str) -> None:
        """Take what is known of the host: guesses that brought nothing, not long ago, and the one that worked."""
        self._skipped, self._worked = tuple(skipped), worked

    def read(self, page: PageBytes) -> ListReading:
        """Take the column page first, then the answers to what was asked for."""
        if self._first is None:
            return self._read_first(page)
        if self._awaits_script:
            return self._read_script(page)
        way, self._awaiting = self._awaiting, None
        return self._read_further(page, way) if way is not None else self._go_on()

    # the first page

    def _read_first(self, page: PageBytes) -> ListReading:
        text = text_of_page(page)
        found = read_list_page(text, page)
        if found is None:
            return ListReading(problem=localizable("the list page is empty"))
        if not found.rows and found.frames:  # each may hold a part of the list
            parts = tuple(SubList(frame, "", is_sure=False) for frame in found.frames)
            return ListReading(lists=(*found.lists, *parts))
        self._first, self._column = found, (text, page)
        self._scripts = OwnScripts(found.scripts)
        self._asked.add(NextRequest(page.url).key)
        self._requests.append(NextRequest(page.url))
        self._accept(found)
        reading = self._go_on()
        return replace(reading, rows=found.rows, lists=found.lists, attachments=found.files)

    def _accept(self, found: ListPage) -> None:
        """Take a page in: its rows, its marks, its ways."""
        self._last = found
        self._seen.add(found.rows)
        self._years |= {year for row in found.rows for year in years_in(f"{row.title} {row.date or ''}")}
        self._last_rows = len(found.rows)
        self._first_rows = self._first_rows or len(found.rows)
        self._urls.append(found.url)
        self._marks += [Noted(mark, self._pages) for mark in found.marks]
        for way in found.ways:
            if way.is_given and way.number is not None:
                self._later.setdefault(way.number, way)
        self._pool = self._ways(found.ways, len(self._urls))

    def _ways(self, ways: Sequence[Way], number: int) -> list[Way]:
        """The ways to the page after `number`, the surest first."""
        if not self._first_rows:  # page 1 comes from the service, too: see `services`
            ways = [way for way in ways if not way.is_for_script]
        return first_ways(ways) if number == 1 else later_ways(ways, number + 1, self._via, self._later)

    @property
    def _pages(self) -> int:
        """How many pages brought rows."""
        return len(self._urls) + self._left_out

    # further pages

    def _go_on(self) -> ListReading:
        """Ask for the next page, or settle what is known."""
        course = self._course()
        is_counted = course.is_counted and any(
            noted.mark.kind == "total" and course.agrees(noted.mark) for noted in self._marks
        )
        if not is_counted:
            asked = self._ask_pool(course) or self._ask_script() or self._ask_guess() or self._ask_pattern()
            if asked:
                return ListReading(next=asked)
        return self._end()

    def _ask_pool(self, course: Course) -> tuple[NextRequest, ...]:
        if self._before:
            return self._ask(self._before)
        if course.is_counted and (len(self._urls) > 1 or not looks_full(self._first_rows, 0)):
            return ()  # as many pages as the site counts
        return self._ask(self._pool)

    def _ask(self, ways: list[Way]) -> tuple[NextRequest, ...]:
        while ways:
            way = ways.pop(0)
            request = way.request
            key = (canonical(request.url), request.method, request.body)
            if key in self._asked or request.key in self._asked:
                continue
            self._asked.add(key)
            self._awaiting = way
            referer = self._urls[-1] if self._urls else request.url
            headers = (*request.headers, ("Referer", referer))
            return (NextRequest(request.url, request.method, headers, request.body, request.is_guess),)
        return ()

    def _ask_script(self) -> tuple[NextRequest, ...]:
        """Scripts of the site's own, unless a pager was followed or a count agrees: nobody knows what they bring before they are read."""
        course = self._course()
        is_needed = (bool(self._first_rows) and not course.is_counted) or bool(settle(course).open)
        asked = self._scripts.ask(self._urls[0]) if len(self._urls) == 1 and is_needed else ()
        self._awaits_script = bool(asked)
        return asked

    def _read_script(self, page: PageBytes) -> ListReading:
        self._awaits_script = False
        is_read = self._scripts.take(page) and self._column is not None
        found = read_list_page(*self._column, scripts=self._scripts.texts) if is_read and self._column else None
        if found is None:
            return self._go_on()
        self._marks = [Noted(mark, 1) for mark in found.marks]
        self._pool = self._ways(found.ways, 1)
        self._scripts.add(found.scripts)
        reading = self._go_on()
        return replace(reading, lists=found.lists)

    def _ask_guess(self) -> tuple[NextRequest, ...]:
        """Addresses that nobody names: if a mark is open by the usual fields and file names, at most five.

        Without any mark only the names of a second file are tried: some systems draw no pager at all (field guide §1.2).
        """
        if len(self._urls) > 1 or self._guessed or any(noted.mark.is_off_site for noted in self._marks):
            return ()
        self._guessed = True
        is_open = _has_pager(settle(self._course()).open)
        if not (is_open or self._may_have_second_file()):
            return ()
        ending = _ending_of(self._first.rows if self._first is not None else ())
        found = guesses(self._urls[0], 2, ending, self._skipped, [noted.mark.quote for noted in self._marks])
        found = tuple(way for way in found if is_open or way.via.startswith("guess _"))
        self._pool = sorted(found, key=lambda way: way.via != self._worked)
        return self._ask(self._pool)

    def _may_have_second_file(self) -> bool:
        return self._first_rows in _PAGE_SIZES and not _has_pager([noted.mark for noted in self._marks])

    def _ask_pattern(self) -> tuple[NextRequest, ...]:
        """One page more than the pager names."""
        way = by_pattern(self._requests, len(self._urls) + 1)
        return self._ask([way]) if way is not None else ()

    def _read_further(self, page: PageBytes, way: Way) -> ListReading:
        found = self._read_page(page)
        is_same = found is not None and _is_same_list(found, way, self._first)
        if found is None or not is_same or not self._seen.would_add(found.rows):
            self._note_attempt(page, way, len(found.rows) if found is not None else 0, is_same=is_same)
            return self._go_on()
        if way.number == 1:  # it was left out
            self._left_out = 1
            self._seen.add(found.rows)
        else:
            self._take(page, way, found)
        return replace(self._go_on(), rows=found.rows, attachments=found.files)

    def _note_attempt(self, page: PageBytes, way: Way, rows: int, *, is_same: bool) -> None:
        if way.number == 1:  # says nothing of the list's end
            self._marks += [Noted(mark, 1) for mark in unanswered(page)]
        else:
            self._attempts.append(Attempt(way, self._pages, page.status, rows, is_same))

    def _take(self, page: PageBytes, way: Way, found: ListPage) -> None:
        self._via.add(way.via)
        self._requests.append(NextRequest(page.url) if way.request.method == "GET" else way.request)
        self._accept(found)
        self._before = self._ways_before(way) if len(self._urls) == 2 else []

    def _read_page(self, page: PageBytes) -> ListPage | None:
        """A further page, in HTML or as data."""
        number = len(self._urls) + 1
        text = text_of_page(page) if is_answer(page) else ""
        if not text or self._column is None or not is_data(text):
            return read_list_page(text, page, number=number, first=self._urls[0]) if text else None
        data = read_data_page(text, page, self._data.told if self._data is not None else None)
        column = read_list_page(*self._column, number=number, scripts=self._scripts.texts)
        if data is None or column is None:
            return None
        self._data = data
        return data.as_list_page(page.url, column.title, column.ways)

    def _ways_before(self, way: Way) -> list[Way]:
        """The way to the page before the first that a number of ours brought: some sites count from nought."""
        if way.is_given or self._column is None:
            return []
        found = read_list_page(*self._column, number=0, scripts=self._scripts.texts)
        return ways_before(way, (*guesses(self._urls[0], 1), *(found.ways if found is not None else ())))

    # the end

    def _course(self) -> Course:
        is_full = len(self._urls) == 1 and looks_full(self._first_rows, 0)
        unread = self._scripts.marks() if self._first_rows else []
        return Course(
            [*self._marks, *(Noted(mark, 1) for mark in unread)],
            self._pages,
            self._seen.count,
            self._attempts,
            frozenset(self._via),
            is_full=is_full,
            years=frozenset(self._years),
        )

    def _end(self) -> ListReading:
        verdict = settle(self._course())
        pages = self._pages
        last = self._attempts[-1] if self._attempts and self._attempts[-1].page == pages else None
        what = f"page {pages + 1} {_outcome(last)}" if last is not None and not last.way.via.startswith("guess") else ""
        end = ("one page" if pages == 1 else f"{pages} pages") + (f", then {what}" if what else "")
        is_empty = not self._seen.count and self._first is not None and self._first.says_empty
        problem = self._problem(verdict, last)
        return ListReading(
            problem=f"{problem}; {what}" if problem and what and what not in problem else problem,
            end=localizable("empty: the list says that it has no rows") if is_empty else end,
            proof=ProofKind.SAID_EMPTY if is_empty else verdict.proof,
            quote=verdict.open[0].quote if verdict.open else verdict.quote,
            way=next(iter(sorted(self._via - {"pattern"})), ""),
            tried=tuple(attempt.way.via for attempt in self._attempts if attempt.way.via.startswith("guess")),
        )

    def _problem(self, verdict: ListEnd, last: Attempt | None) -> str:
        """What speaks against this being the end."""
        if verdict.open:
            rows, pages = self._seen.count, self._pages
            return "; ".join(dict.fromkeys(_said_of(mark, rows, pages) for mark in verdict.open[:2]))
        is_given = last is not None and last.way.is_given
        if last is not None and is_given and not last.is_answered and not last.is_missing:
            return f"page {self._pages + 1} {_outcome(last)}"
        return ""


def _ending_of(rows: Sequence[Entry]) -> str:
    """The ending that a list's further pages may have: that of most of its articles."""
    found = (re.search(r"\.(s?html?)\Z", urlsplit(row.url).path) for row in rows)
    endings = Counter(match.group(1) for match in found if match)
    return endings.most_common(1)[0][0] if endings else "html"


def _is_same_list(found: ListPage, way: Way, first: ListPage | None) -> bool:
    """Whether an answer is a page of the list with this first page: a guessed parameter must not lead into another one."""
    assert first is not None  # the column page comes first
    is_named_so = found.title == first.title
    if not found.rows:  # a page that shows something else is no end of the list
        return (is_named_so and bool(first.title)) or found.says_empty
    if found.title and not is_named_so and not way.is_given and not way.is_named:
        return False  # a guess must not wander into another list
    return 2 * share_of_reports(found.rows) >= share_of_reports(first.rows)


def _said_of(mark: Mark, rows: int, pages: int) -> str:
    """Why a mark keeps a list of so many rows and pages open."""
    if mark.kind == "total":
        return short_of(mark.number, rows)
    if mark.kind == "pages":
        return localizable(f"the site counts {mark.number} pages, {pages} could be read")
    if mark.kind == "row":
        return localizable(f"a row leads nowhere: {mark.quote}")
    if mark.kind == SOURCE:
        return localizable(f"further rows may come: {mark.quote}")
    if mark.is_off_site:
        return localizable(f"the next page is on another host and was not followed: {mark.quote}")
    return localizable(f"{mark.quote} was not followed")


def _has_pager(marks: Sequence[Mark]) -> bool:
    """Whether any of the marks is one of a page that could be asked for."""
    return any(mark.kind != SOURCE for mark in marks)


def _outcome(attempt: Attempt) -> str:
    if not attempt.is_answered:
        return f"answered {attempt.status}" if attempt.status else localizable("was not answered")
    if not attempt.is_same_list:
        return localizable("is another list")
    return localizable("repeats rows") if attempt.rows else localizable("has no rows")


def share_of_reports(rows: Sequence[Entry]) -> float:
    """How many of the rows name reports."""
    titles = [judge_title(row.title) for row in rows]
    named = sum(title.judgement is Judgement.ACCEPT or (title.is_bare and title.year is not None) for title in titles)
    return named / len(rows) if rows else 0.0


def open_html(family: str) -> ListReader:
    """A reader of lists in HTML under a family's name."""
    return HtmlListReader(family)
