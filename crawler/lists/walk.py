"""The walk over one annual-report column: its list, the list's pages, and the further lists it leads to.

The walk chooses a family for each list page by what stands in it, keeps what was asked for and what came, and ends in one of two ways:
every list read to its end, or incomplete with the reasons. Silence, a block page or a repeated page is never an end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive.index.codes import ProofKind, weakest
from archive.warc.context import Entry
from archive.warc.statuses import is_not_there
from crawler.lists.model import Step, joined_steps
from crawler.lists.page import is_named_column, says_empty
from crawler.lists.reader import ListReader, ListReading, SubList, text_of_page
from crawler.lists.requested import Requested
from crawler.pages import markup
from crawler.pages.classify import GONE, MOVED, UNREACHABLE, classify
from crawler.pages.exchange import NextRequest, PageBytes
from crawler.pages.leads import frames_of, jumps_of
from crawler.pages.markup import MAX_LINKS
from extract.lexicon.addresses import canonical, is_counter, same_host, same_site, slug_rank
from extract.lexicon.report_marks import has_report_marks
from extract.lexicon.titles import Judgement, judge_title
from extract.messages import localizable

if TYPE_CHECKING:
    from extract.model import Link

ReaderFactory = Callable[[str, PageBytes], ListReader]

MAX_LISTS = 400
MAX_DEPTH = 3
MAX_REQUESTS = 2000
_MAX_JUMPS = 3
_SHELL_BYTES = 8192


def jump_target(text: str, url: str, headers: tuple[tuple[str, str], ...] = ()) -> str | None:
    """Where a page that is only a shell leads: by refresh, by script, or by its one frame. `None` if it is no shell."""
    if len(text) > _SHELL_BYTES or len(markup.visible_text(text)) > 120:
        return None
    root = markup.parse(text)
    if root is None:
        return None
    base = markup.base_of(root, url)
    here = url.partition("#")[0]
    jump = next((target for target in jumps_of(root, url, headers) if target != here), None)
    frames = {target for target in frames_of(root, base, lambda element: False) if target != here}
    return jump if jump is not None or len(frames) != 1 else frames.pop()  # several frames are parts of the page


_LETTER = re.compile(r"[A-Za-z](?:\s?[-~～至到、,]\s?[A-Za-z])?")
#: Words in data that a script loads; Chinese may be written as JSON escapes it.
_REPORT_WORDS = ("年报", "年度报告", "\\u5e74\\u62a5", "\\u5e74\\u5ea6\\u62a5\\u544a")


def _speaks_of_reports(text: str) -> bool:
    """Whether an answer that is no page, but JSON or a script, has words of reports."""
    return not text.lstrip().startswith("<") and any(word in text for word in _REPORT_WORDS)


class _List:
    """One list under way: its reader once the first page is there."""

    def __init__(self, sub: SubList, depth: int) -> None:
        self.url = sub.url
        self.label = sub.label
        self.is_sure = sub.is_sure
        self.is_maybe = self.is_beside = sub.is_maybe  # not known yet to be a list; found beside one
        self.depth = depth
        self.reader: ListReader | None = None
        self.jumps = 0
        self.answers = 0  # pages read
        self.first_rows = 0
        self.rows = 0
        self.accepted = 0
        self.proven = depth > 0 and not sub.is_maybe


def _own_report(current: _List, page: PageBytes, text: str) -> tuple[Entry, ...]:
    """The page itself as a row, where a column shows its only report in place of a list."""
    if not has_report_marks(markup.visible_text(text)):
        return ()
    title = markup.meta_of(text, "ArticleTitle") or current.label or markup.title_of(text)
    return (Entry(url=page.url, title=title),)


class _Account:
    """What is known of the whole column: what speaks against its end, what proves it, how much was met."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.ends: list[str] = []
        self._proofs: list[tuple[ProofKind, str]] = []
        self._open_quote = self._way = ""
        self._tried: list[str] = []
        self._rows = 0
        self._page_rows: int | None = None

    def count(self, current: _List, rows: int) -> None:
        """Keep how many rows were met, and how many a first page has that is followed by others."""
        if rows and current.first_rows:
            self._page_rows = self._page_rows or current.first_rows
        current.first_rows = current.first_rows or rows
        self._rows += rows

    def settle(self, current: _List, reading: ListReading) -> None:
        """A list has come to its end, or was broken off: keep what proves it, or what was left open."""
        if reading.end:
            self.ends.append(reading.end)
        if reading.problem:
            self._open_quote = self._open_quote or reading.quote
        elif current.rows or reading.end.startswith("empty:"):
            self._proofs.append((_proof_of(current, reading), reading.quote))
        if current.depth == 0:
            self._way = reading.way
        self._tried += [guess for guess in reading.tried if guess not in self._tried]

    def step(
        self,
        entries: tuple[Entry, ...],
        requests: tuple[NextRequest, ...],
        attachments: tuple[tuple[str, Link], ...],
        *,
        is_finished: bool,
    ) -> Step:
        """What one answer brought, and how the column stands."""
        if is_finished and not self.problems and not self._proofs:  # lists that are not there prove nothing
            self.problems.append(localizable("no rows were found, and nothing says that the list is empty"))
        problems = tuple(dict.fromkeys(self.problems))
        reason = "; ".join(problems) if problems else "; ".join(dict.fromkeys(self.ends))
        complete = is_finished and not problems
        proof = weakest(kind for kind, _ in self._proofs) if complete else None
        quote = next((said for kind, said in self._proofs if kind == proof), "") if complete else self._open_quote
        return Step(
            entries,
            requests,
            is_finished,
            complete,
            reason,
            attachments,
            proof=proof,
            quote=quote,
            way=self._way,
            tried=tuple(self._tried),
            rows=self._rows,
            page_rows=self._page_rows,
        )


def _allows_none(url: str) -> bool:
    return False


class Walk:
    """A `ListWalk` over a column and the lists below it.

    Args:
        allows: Whether an address on another host belongs to the portal; by default none does.
        is_told: The definition says that this is a list of reports, and how it is read.
    """

    def __init__(
        self,
        column_url: str,
        family: str,
        open_reader: ReaderFactory,
        *,
        allows: Callable[[str], bool] | None = None,
        is_told: bool = False,
    ) -> None:
        self.column = column_url
        self.family = family
        self.families: dict[str, str] = {}  # families met, each with the page where it was met first
        self._open_reader = open_reader
        self._allows = allows if is_told and allows is not None else _allows_none
        self._is_told = is_told
        self._requested: Requested[_List] = Requested()
        self._entries: dict[str, Entry] = {}
        self._lists: set[str] = {canonical(column_url)}
        self._account = _Account()

    def start(self) -> NextRequest:
        """The column page."""
        request = NextRequest(self.column)
        self._requested.add(request, _List(SubList(self.column, ""), 0))
        return request

    def fail(self, request: NextRequest, reason: str) -> Step:
        """Take note of a request without a usable answer."""
        current = self._requested.take(request)
        if current is None:
            return self._step()
        asked = self._requested.as_asked(request)
        if asked.is_script:
            return self._feed_script(_no_answer(asked), current)
        if asked.is_guess and current.reader is not None:
            return self._without_answer(current, asked)
        self._account.problems.append(f"{request.url}: {reason}")
        return self._step()

    def feed(self, page: PageBytes) -> Step:
        """Take an answer of whatever status."""
        current = self._requested.take(page.request)
        if current is None:
            return self._step()
        if self._requested.as_asked(page.request).is_script:
            is_obstacle = page.body.lstrip()[:1] == b"<" and bool(self._obstacle(page, current))
            return self._feed_script(_no_answer(page.request) if is_obstacle else page, current)
        unusable = self._unusable(page, current)
        if unusable is not None:
            return unusable
        page, problem = _bounded(page)
        self._account.problems += [problem] if problem else []
        text = text_of_page(page)
        if current.reader is None:
            return self._feed_first(page, current, text)
        return self._take(current, page, self._read(current, page), (), text)

    def _feed_first(self, page: PageBytes, current: _List, text: str) -> Step:
        """A list's first page: it may be a shell, or no list at all."""
        shell = None if self._is_told else jump_target(text, page.url, page.headers)
        if shell is not None:
            return self._follow_shell(page, current, shell)
        if page.status >= 400:
            return self._without_list(page, current)
        current.reader = self._open_reader(self.family, page)
        self.families.setdefault(current.reader.family, page.url)
        is_named = slug_rank(page.url) == 0 or is_named_column(text)
        current.proven = current.proven or self._is_told or is_named
        own = () if self._is_told else _own_report(current, page, text)
        return self._take(current, page, self._read(current, page), own, text)

    def _feed_script(self, page: PageBytes, current: _List) -> Step:
        """Give a script to the lists that wait for it; what can't be had is for their readers to say."""
        waiting = [current, *self._requested.keep_script(page)]
        return joined_steps([self._take(one, page, self._read(one, page), (), "") for one in waiting])

    def _read(self, current: _List, page: PageBytes) -> ListReading:
        """What a list's reader makes of an answer, and of the scripts that it asks for and that are there already."""
        assert current.reader is not None  # opened with the first page
        reading = current.reader.read(page)
        while (script := self._requested.script_of(reading.next)) is not None:
            reading = reading.followed_by(current.reader.read(script))
        return reading

    def _unusable(self, page: PageBytes, current: _List) -> Step | None:
        """What follows from an answer that can't be a list's page; `None` if it may be one."""
        blocked = self._obstacle(page, current)
        asked = self._requested.as_asked(page.request)
        if blocked and asked.is_guess and current.reader is not None:
            return self._without_answer(current, asked)
        if current.is_maybe and _is_gone(page):
            return self._step()
        if blocked:
            return self._fail_with(page, blocked)
        return (
            self._fail_with(page, f"the list answered {page.status}")
            if current.is_maybe and page.status >= 400
            else None
        )

    def _without_list(self, page: PageBytes, current: _List) -> Step:
        """The server says that there is no such list, or fails."""
        if is_not_there(page.status) and current.depth > 0:
            label = current.label or localizable("a further list")
            self._account.ends.append(f"{label} is not there: {current.url} answered {page.status}")
            return self._step()
        return self._fail_with(page, f"the list answered {page.status}")

    def _without_answer(self, current: _List, request: NextRequest) -> Step:
        """A guess has no usable answer: that says nothing about the list."""
        nothing = _no_answer(request)
        reading = self._read(current, nothing) if current.reader is not None else ListReading()
        return self._take(current, nothing, reading, (), "")

    def _obstacle(self, page: PageBytes, current: _List) -> str:
        verdict = classify(page.status, page.headers, page.body, page.url, page.request.url, is_list=True)
        if verdict.is_blocked and verdict.verdict != UNREACHABLE:
            return f"{verdict.verdict} ({verdict.evidence})"
        if verdict.verdict == UNREACHABLE:
            return localizable(f"the server answered {page.status}")
        if current.reader is None and verdict.verdict in (MOVED, GONE) and page.status < 400:
            return f"{verdict.verdict} ({verdict.evidence})"
        if (
            current.reader is not None
            and not same_host(page.url, page.request.url)
            and not (same_site(page.url, current.url) or self._allows(page.url))
        ):
            return localizable(f"led to another host, {urlsplit(page.url).netloc}")
        return ""

    def _fail_with(self, page: PageBytes, reason: str) -> Step:
        self._account.problems.append(f"{page.request.url}: {reason}")
        return self._step()

    def _follow_shell(self, page: PageBytes, current: _List, target: str) -> Step:
        current.jumps += 1
        if current.jumps > _MAX_JUMPS:
            return self._fail_with(page, "one shell leads to the next without end")
        if not same_host(target, page.url):
            return self._fail_with(page, f"the page only leads to another host: {target}")
        self._lists.add(canonical(target))
        request = NextRequest(target, headers=(("Referer", page.url),))
        return self._step(requests=self._ask(current, (request,)))

    def _take(self, current: _List, page: PageBytes, reading: ListReading, own: tuple[Entry, ...], text: str) -> Step:
        rows = own + reading.rows
        if current.is_maybe and not _brings_reports(rows, self._entries):
            if _shows_all_the_same(current.label, rows, self._entries):
                self._account.problems.append(localizable(f"{current.label} shows the rows that stood there before"))
            if not rows and _speaks_of_reports(text):
                self._account.problems.append(
                    localizable(f"a script asks {page.url}, and its answer speaks of reports")
                )
            return self._step()
        current.is_maybe = False
        current.answers += 1
        self._account.count(current, len(rows))
        current.rows += len(rows)
        entries = self._new_entries(current, rows)
        requests = self._ask(current, reading.next)
        for sub in reading.lists if current.depth < MAX_DEPTH and not own else ():
            requests += self._open_list(sub, max(current.depth, 1) if sub.is_maybe else current.depth + 1)
        problem = self._problem_of(current, reading, text, is_asked=bool(requests))
        if problem:
            self._account.problems.append(f"{current.url}: {problem}")
        if not reading.next:
            self._account.settle(current, reading)
        return self._step(entries, requests, reading.attachments)

    def _problem_of(self, current: _List, reading: ListReading, text: str, *, is_asked: bool) -> str:
        """What keeps a list from being called whole after an answer; empty if nothing does."""
        if reading.problem:
            return reading.problem
        if reading.next:  # the pages of a list beside the list may be the list's own, and are read there
            is_circle = not is_asked and not self._requested.is_waited_for(current) and not current.is_beside
            return (
                localizable("the next page had been asked for before, the list runs in a circle") if is_circle else ""
            )
        leads_on = any(not sub.is_maybe for sub in reading.lists)
        is_silent = not leads_on and not self._may_be_empty(current, reading, text)
        return localizable("no rows were found, and nothing says that the list is empty") if is_silent else ""

    def _may_be_empty(self, current: _List, reading: ListReading, text: str) -> bool:
        """Whether a list without rows says itself that it has none: silence is no emptiness."""
        said = reading.end.startswith("empty:") or says_empty(text)
        return current.rows > 0 or said or not current.is_sure or self._requested.is_waited_for(current)

    def _new_entries(self, current: _List, rows: tuple[Entry, ...]) -> tuple[Entry, ...]:
        judged = [(row, judge_title(row.title)) for row in rows]
        current.accepted += sum(title.judgement is Judgement.ACCEPT for _, title in judged)
        proven = current.proven or (current.rows > 0 and 2 * current.accepted >= current.rows)
        fresh = []
        for row, title in judged:
            key = canonical(row.url)
            if key in self._entries or title.judgement is Judgement.REJECT or is_counter(row.url):
                continue
            if title.judgement is Judgement.ACCEPT or title.is_bare or proven:
                self._entries[key] = row
                fresh.append(row)
        return tuple(fresh)

    def _open_list(self, sub: SubList, depth: int) -> tuple[NextRequest, ...]:
        key = canonical(sub.url)
        if key in self._lists:
            return ()
        self._lists.add(key)
        if len(self._lists) > MAX_LISTS:
            if len(self._lists) == MAX_LISTS + 1:
                self._account.problems.append(f"more than {MAX_LISTS} lists under this column; the rest was not read")
            return ()
        return self._ask(_List(sub, depth), (NextRequest(sub.url, headers=(("Referer", self.column),)),))

    def _ask(self, current: _List, requests: tuple[NextRequest, ...]) -> tuple[NextRequest, ...]:
        taken = []
        for request in requests:
            if self._requested.is_known(request, current):
                continue
            is_own = same_site(request.url, current.url) or self._allows(request.url)
            if is_counter(request.url) or not is_own:
                self._account.problems.append(
                    f"{current.url}: the next page is on another host and was not followed: {request.url}"
                )
                continue
            if len(self._requested) >= MAX_REQUESTS:
                self._account.problems.append(f"{current.url}: more than {MAX_REQUESTS} pages; the rest was not read")
                break
            self._requested.add(request, current)
            taken.append(request)
        return tuple(taken)

    def _step(
        self,
        entries: tuple[Entry, ...] = (),
        requests: tuple[NextRequest, ...] = (),
        attachments: tuple[tuple[str, Link], ...] = (),
    ) -> Step:
        return self._account.step(entries, requests, attachments, is_finished=self._requested.is_idle)


def _brings_reports(rows: tuple[Entry, ...], known: Collection[str]) -> bool:
    """Whether a page that may be a further list is one: most of its rows are reports, and some are not known yet."""
    reports = [row for row in rows if judge_title(row.title).judgement is Judgement.ACCEPT]
    return 2 * len(reports) > len(rows) and any(canonical(row.url) not in known for row in reports)


def _bounded(page: PageBytes) -> tuple[PageBytes, str]:
    """The page up to its `MAX_LINKS`th link: no list of reports is longer, and a hostile one must not cost minutes. And what was left out."""
    if page.body.count(b"<a") <= MAX_LINKS:
        return page, ""
    place = -1
    for _ in range(MAX_LINKS + 1):
        place = page.body.find(b"<a", place + 1)
    problem = f"{page.url}: more than {MAX_LINKS} links on one page; the rest was not read"
    return replace(page, body=page.body[:place]), problem


def _shows_all_the_same(label: str, rows: tuple[Entry, ...], known: Collection[str]) -> bool:
    """Whether the link of a letter shows every row that is known: then it chooses nothing, or what it chooses is shown by a script."""
    shown = {canonical(row.url) for row in rows}
    return _LETTER.fullmatch(label.strip()) is not None and bool(shown) and shown >= set(known)


def _no_answer(request: NextRequest) -> PageBytes:
    return PageBytes(request.url, 0, (), b"", request)


def _is_gone(page: PageBytes) -> bool:
    """Whether the server says that there is no such page: a refusal or a failure says nothing about what a link leads to."""
    return classify(page.status, page.headers, page.body, page.url, page.request.url, is_list=True).verdict == GONE


def _proof_of(current: _List, reading: ListReading) -> ProofKind:
    """What proves the end of a list: as its reader says, else whether further pages were asked for."""
    if reading.proof is not None:
        return reading.proof
    if reading.end.startswith("empty:"):
        return ProofKind.SAID_EMPTY
    return ProofKind.MARKS if current.answers > 1 else ProofKind.NO_MARK
