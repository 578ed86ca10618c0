"""Lists that a portal's definition describes (`[[list]]`): asked page by page as the site's own script asks, read by expressions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from archive.index.codes import ProofKind
from archive.warc.context import Entry
from archive.warc.statuses import is_not_there
from crawler.lists.expressions import NotUnderstood, OpenAnswer, day_of, fill, holes_in, number_in, open_answer
from crawler.lists.reader import ListReading, SeenRows, SubList, is_answer, looks_full, short_of, text_of_page
from crawler.pages.exchange import NextRequest
from extract.lexicon.addresses import canonical, join
from extract.messages import localizable
from extract.model import Link

if TYPE_CHECKING:
    from crawler.pages.exchange import PageBytes

#: What fills a hole of a request.
PAGE_HOLES = ("page", "offset", "from", "to", "size")
_FORM = ("Content-Type", "application/x-www-form-urlencoded")
_JSON = ("Content-Type", "application/json")


@dataclass(frozen=True, slots=True)
class ListDescription:
    """A `[[list]]` table; docs/portals.md explains its keys. Expressions and templates are checked where the table is read.

    `is_first_guessed` is no key: whether the site counts its pages from nought or from one isn't known, and `first` is the lesser of both.
    """

    rows: str
    title: str
    link: str
    column: str = ""
    url: str = ""
    more: str = ""
    method: str = ""
    form: Mapping[str, Any] = field(default_factory=dict)
    json: Mapping[str, Any] = field(default_factory=dict)
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    first: int = 1
    step: int = 1
    size: int = 0
    carry: str = ""
    answer: str = "html"
    script: str = ""
    date: str = ""
    agency: str = ""
    files: str = ""
    dates: tuple[str, ...] = ()
    total: str = ""
    pages: str = ""
    next: str = ""
    once: bool = False
    lists: tuple[str, ...] = ()
    article: str = ""
    is_first_guessed: bool = False

    @property
    def is_paged(self) -> bool:
        """Whether its requests can ask for a further page."""
        asked = json.dumps([self.url, self.more, dict(self.form), dict(self.json), self.body])
        return bool(self.more or self.next) or any(name != "size" for name in holes_in(asked) if name in PAGE_HOLES)


class DescribedLists:
    """The lists that one description reads: the column's own and those below it, each at its level."""

    def __init__(self, description: ListDescription) -> None:
        self.description = description
        self._levels: dict[str, int] = {}

    def open(self, page: PageBytes) -> DescribedList:
        """The reader of a list whose first page has come."""
        return DescribedList(self.description, self._levels.get(canonical(page.request.url), 0), self._levels)


class DescribedList:
    """Reads one list by its description."""

    family = "described"

    def __init__(self, description: ListDescription, level: int = 0, levels: dict[str, int] | None = None) -> None:
        self._told = description
        self._level = level
        self._levels = levels if levels is not None else {}
        self._column: PageBytes | None = None
        self._page = 0
        self._seen = SeenRows()
        self._carried: list[tuple[str, str]] = []
        self._first_rows = 0
        self._total: int | None = None
        self._count: int | None = None  # of pages
        self._has_lists = False

    @classmethod
    def begun(cls, description: ListDescription, column: PageBytes) -> DescribedList:
        """The reader of a list whose column page was looked at already: the answer to its first request comes next."""
        reader = cls(description)
        reader._column = column
        return reader

    def first_request(self) -> ListReading:
        """The request for page 1; without its answer nothing is known."""
        return ListReading(next=(replace(self._request(1), is_guess=True),))

    def read(self, page: PageBytes) -> ListReading:
        """Take the column page first, then the answers to what was asked for."""
        if self._column is None:
            self._column = page
            if self._told.url and self._level == 0:
                try:
                    self._carry(page)
                    return ListReading(next=(self._request(1),))
                except NotUnderstood as error:
                    return ListReading(problem=str(error))
        self._page += 1
        try:
            return self._read(page)
        except NotUnderstood as error:
            return ListReading(problem=localizable(f"page {self._page} is not as the definition says: {error}"))

    def _read(self, page: PageBytes) -> ListReading:
        told = self._told
        if not is_answer(page):
            is_past_end = is_not_there(page.status) and self._page > 1 and self._total is None and self._count is None
            if is_past_end and not looks_full(0, self._first_rows):
                return self._end((), ProofKind.MARKS, localizable(f"page {self._page} answered {page.status}"))
            return ListReading(problem=localizable(f"page {self._page} answered {page.status}"))
        answer = open_answer(text_of_page(page), told.answer, told.script)
        self._carry(page, answer)
        rows, files = self._rows(answer, page.url)
        lists = self._lists(answer, page.url)
        if self._page == 1:
            self._begin(answer, len(rows))
        is_fresh = self._seen.add(rows) > 0
        if self._is_first_again(rows, is_fresh=is_fresh):
            return ListReading(rows, (self._request(2),), lists, attachments=files, way=self._way)
        following = join(page.url, answer.text(told.next)) if told.next else None
        end = self._ended(rows, is_fresh=is_fresh, has_next=following is not None)
        if end is not None:
            return ListReading(
                rows, (), lists, end.problem, end.end, files, proof=end.proof, quote=end.quote, way=end.way
            )
        return ListReading(rows, (self._request(self._page + 1, following),), lists, attachments=files, way=self._way)

    def _begin(self, answer: OpenAnswer, rows: int) -> None:
        """Take what the first answer counts."""
        self._first_rows = rows
        self._total = number_in(answer.text(self._told.total)) if self._told.total else None
        self._count = number_in(answer.text(self._told.pages)) if self._told.pages else None

    @property
    def _is_at_last_page(self) -> bool:
        """Whether as many pages were read as the site counts, if it is known what it counts from."""
        return self._count is not None and self._page >= self._count and not self._told.is_first_guessed

    def _is_first_again(self, rows: tuple[Entry, ...], *, is_fresh: bool) -> bool:
        """Whether the second answer repeats the first, where the first page's number was a guess: there is no page before that one."""
        if not self._told.is_first_guessed or self._page == 1:
            return False
        is_again = bool(rows) and not is_fresh
        self._told = replace(self._told, first=self._told.first + is_again, is_first_guessed=False)
        self._page -= is_again
        return is_again

    def _is_doubtful(self, rows: int) -> bool:
        """Whether a count that is as large as a full first page may be that page's own: one request more makes sure of it."""
        return self._page == 1 and self._told.is_paged and looks_full(rows, 0)

    def _ended(self, rows: tuple[Entry, ...], *, is_fresh: bool, has_next: bool) -> ListReading | None:
        """The end, `None` if a further page is to be asked for."""
        told, met = self._told, self._seen.count
        if not met:
            if self._total == 0:
                return self._end(
                    rows, ProofKind.SAID_EMPTY, f"{told.total} = 0", localizable("empty: the count of rows is 0")
                )
            if self._has_lists:
                return self._end(
                    rows, ProofKind.MARKS, localizable("further lists only"), localizable("empty: further lists only")
                )
            return ListReading(
                problem=localizable(f"no rows were found by {told.rows!r}, and no count says that the list is empty")
            )
        if not is_fresh:
            return self._end(rows, ProofKind.MARKS, localizable(f"page {self._page} brings no further row"))
        is_doubtful = self._is_doubtful(len(rows))
        if self._total is not None and met >= self._total and not is_doubtful:
            return self._end(rows, ProofKind.TOTAL, f"{told.total} = {self._total}")
        if self._is_at_last_page and not is_doubtful:
            return self._end(rows, ProofKind.PAGES, f"{told.pages} = {self._count}")
        if told.once:
            return self._end(rows, ProofKind.NO_MARK, localizable("one page, as the definition says"))
        if told.next and not has_next:
            return self._end(rows, ProofKind.MARKS, localizable(f"page {self._page} names no next page"))
        if told.is_paged:
            return None
        said = short_of(self._total, met) or localizable(
            "the answer has no count, and no further page can be asked for"
        )
        return ListReading(rows, problem=said)

    def _end(self, rows: tuple[Entry, ...], proof: ProofKind, quote: str, end: str = "") -> ListReading:
        problem = short_of(self._total, self._seen.count)
        if self._count is not None and self._page < self._count and not problem:
            problem = localizable(f"the site counts {self._count} pages, {self._page} brought rows")
        if not problem and self._total is not None and proof is ProofKind.MARKS and self._seen.count >= self._total:
            proof, quote = ProofKind.TOTAL, f"{self._told.total} = {self._total}"
        said = end or (f"{self._page} pages" if self._page > 1 else localizable("one page"))
        return ListReading(rows, problem=problem, end=said, proof=proof, quote=quote, way=self._way)

    @property
    def _way(self) -> str:
        return localizable("as the definition says") if self._page > 1 or self._told.url else ""

    # requests

    def _carry(self, page: PageBytes, answer: OpenAnswer | None = None) -> None:
        if self._told.carry:
            inside = answer if answer is not None else open_answer(text_of_page(page), "html")
            self._carried = inside.hidden_fields(self._told.carry)

    def _request(self, number: int, following: str | None = None) -> NextRequest:
        assert self._column is not None  # the column page comes first
        told = self._told
        values = self._values(number)
        template = told.more if told.more and number > 1 else told.url
        filled = fill(template, lambda name: values.get(name, "")) if template else ""
        url = following or (join(self._column.url, filled) if filled else self._column.url)
        if url is None:
            raise NotUnderstood(localizable(f"{filled!r} is no address"))
        body = None if told.more and number == 1 else self._body(values)
        headers = [(name, fill(value, lambda hole: values.get(hole, ""))) for name, value in told.headers.items()]
        if body is not None and not any(name.lower() == "content-type" for name in told.headers):
            headers.append(_JSON if told.json else _FORM)
        method = told.method or ("GET" if body is None else "POST")
        return NextRequest(url, method, (*headers, ("Referer", self._column.url)), body)

    def _body(self, values: Mapping[str, str]) -> bytes | None:
        told = self._told
        if told.form:
            pairs = [(key, value) for key, value in self._carried if key not in told.form]
            for key, given in told.form.items():
                for value in given if isinstance(given, list | tuple) else (given,):
                    pairs.append((key, fill(str(value), lambda name: values.get(name, ""))))
            return urlencode(pairs).encode()
        if told.json:
            return json.dumps(_filled(told.json, values), ensure_ascii=False, separators=(",", ":")).encode()
        return fill(told.body, lambda name: values.get(name, "")).encode() if told.body else None

    def _values(self, number: int) -> dict[str, str]:
        size, told = self._told.size, self._told
        numbers = {"page": told.first + (number - 1) * told.step, "size": size}
        numbers |= {"offset": (number - 1) * size, "from": (number - 1) * size + 1, "to": number * size}
        return {name: str(value) for name, value in numbers.items()}

    # what an answer holds

    def _rows(self, answer: OpenAnswer, base: str) -> tuple[tuple[Entry, ...], tuple[tuple[str, Link], ...]]:
        told = self._told
        rows: list[Entry] = []
        files: list[tuple[str, Link]] = []
        for number, row in enumerate(answer.many(told.rows), start=1):
            given = fill(told.link, row.text) if holes_in(told.link) else row.text(told.link)
            url = join(base, given) if given else None
            if url is None:
                raise NotUnderstood(localizable(f"row {number} has no address ({told.link!r} gives {given!r})"))
            date = day_of(row.text(told.date), told.dates) if told.date else None
            agency = row.text(told.agency) or None if told.agency else None
            rows.append(Entry(url, row.text(told.title), date, agency))
            named = row.texts(told.files) if told.files else []
            if told.article:
                named.append(fill(told.article, row.text))
            targets = (join(base, name) for name in named if name)
            files += [(url, Link(target, "", is_attachment=True)) for target in targets if target is not None]
        return tuple(rows), tuple(files)

    def _lists(self, answer: OpenAnswer, base: str) -> tuple[SubList, ...]:
        if self._level >= len(self._told.lists):
            return ()
        addresses = (join(base, text) for text in answer.texts(self._told.lists[self._level]))
        found = tuple(SubList(url, "") for url in dict.fromkeys(addresses) if url is not None)
        self._levels.update({canonical(sub.url): self._level + 1 for sub in found})
        self._has_lists = self._has_lists or bool(found)
        return found


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    """A JSON value with its holes filled; a text that is one hole becomes a number."""
    if isinstance(value, Mapping):
        return {key: _filled(member, values) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(member, values) for member in value]
    if not isinstance(value, str):
        return value
    filled = fill(value, lambda name: values.get(name, ""))
    return int(filled) if value in {f"{{{name}}}" for name in PAGE_HOLES} else filled
