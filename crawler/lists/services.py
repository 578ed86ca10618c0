"""Lists whose rows come from a service that the page's script names: asked as the script asks, recognised by what the answer holds.

No service is known by name. An answer is the list if it has records whose texts are titles of reports and which lead to pages; from that a
description is drafted (`described`), which reads it as if a definition had given it. What was not understood is quoted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import chompjs

from crawler.lists.counts import is_avoided
from crawler.lists.described import DescribedList, ListDescription
from crawler.lists.expressions import NotUnderstood, day_of, number_in, open_answer
from crawler.lists.page import read_list_page
from crawler.lists.proof import Course, Noted, settle
from crawler.lists.reader import ListReading, is_answer, text_of_page
from crawler.lists.values import text_value
from crawler.lists.vocabulary import key_of, vocabulary
from crawler.lists.xml_list import is_xml, read_xml
from crawler.pages.exchange import NextRequest
from crawler.pages.script_values import HOLE, JsonText, shown
from crawler.pages.tags import elements
from extract.document.notations import parse_json
from extract.lexicon.addresses import join, names_image
from extract.lexicon.titles import Judgement, judge_title
from extract.messages import localizable

if TYPE_CHECKING:
    from crawler.lists.page import ListPage
    from crawler.lists.reader import ListReader
    from crawler.pages.exchange import PageBytes
    from crawler.pages.script_requests import ScriptCall

_MOST_SERVICES, _MOST_SCRIPTS = 3, 2
_MOST_DEPTH = 6
_QUOTE = 160
_MOST_LITERALS, _MOST_DATA = 20, 400_000
_SET = re.compile(r"[\w\])]\s?[=:(]\s?[\[{](?=\s{0,40}[\"'{\[\w])")
_JSON = (("Content-Type", "application/json; charset=utf-8"),)


class ServiceLists:
    """A reader of lists in HTML, and of the services that fill a page without rows.

    Args:
        inner: The reader of the page itself.
    """

    def __init__(self, inner: ListReader) -> None:
        self.family = inner.family
        self._inner = inner
        self._column: PageBytes | None = None
        self._is_inner = True
        self._met = False
        self._ended = ListReading()
        self._scripts: list[str] = []
        self._texts: list[str] = []
        self._calls: list[ScriptCall] = []
        self._waiting = ""  # what is asked for: `script` or `service`
        self._asked: ListDescription | None = None
        self._said: list[str] = []
        self._described: DescribedList | None = None

    def read(self, page: PageBytes) -> ListReading:
        """Take the column page first, then the answers to what was asked for."""
        if self._described is not None:
            return self._described.read(page)
        if self._is_inner:
            self._column = self._column or page
            reading = self._inner.read(page)
            self._met = self._met or bool(reading.rows)
            if self._met or reading.next or reading.lists:
                return reading
            return self._begin(reading)
        if self._waiting == "script":
            if is_answer(page):
                text = text_of_page(page)
                self._texts.append(text)
                brought = self._read_data(literals_in(text))
                if brought is not None:
                    return brought
            self._learn()
            return self._go_on()
        return self._try(page)

    def _begin(self, ended: ListReading) -> ListReading:
        """The page has no rows: are they in its scripts, and what do these ask for?"""
        self._ended, self._is_inner = ended, False
        brought = self._brought_along()
        if brought is not None:
            return brought
        found = self._page()
        self._scripts = list(found.scripts)[:_MOST_SCRIPTS] if found is not None else []
        self._learn()
        return self._go_on()

    def _brought_along(self) -> ListReading | None:
        """The list that the page holds as data: `var dataList = […]`, `<script type="application/json">`."""
        assert self._column is not None  # the column page comes first
        said = text_of_page(self._column)
        if is_xml(said):
            return read_xml(said, self._column.url)
        return self._read_data([said] if said.lstrip()[:1] in ("{", "[") else literals(said))

    def _read_data(self, texts: Iterable[str]) -> ListReading | None:
        """The list that one of some data holds, if one does."""
        assert self._column is not None  # the column page comes first
        nothing = ListDescription(rows="", title="", link="")
        for text in texts:
            drafted = draft(nothing, text, self._column.url)
            if isinstance(drafted, ListDescription):
                self._described = DescribedList.begun(drafted, self._column)
                data = replace(self._column, body=text.encode("utf-8", "replace"), headers=_JSON)
                return self._with_marks(self._described.read(data))
        return None

    def _with_marks(self, reading: ListReading) -> ListReading:
        """The data of a page are the whole list only if nothing in the page marks more of it."""
        found = self._page()
        marks = (*found.marks, *found.places, *found.sources) if found is not None else ()
        course = Course([Noted(mark, 1) for mark in marks], 1, len(reading.rows), (), frozenset())
        quote = next((mark.quote for mark in settle(course).open), "")
        if reading.problem or reading.next or not quote:
            return reading
        return replace(reading, problem=localizable(f"{quote} was not followed"), quote=quote)

    def _page(self) -> ListPage | None:
        assert self._column is not None  # the column page comes first
        return read_list_page(text_of_page(self._column), self._column, scripts=self._texts)

    def _learn(self) -> None:
        found = self._page()
        calls = [call for call in found.services if call.url and not is_avoided(call.url)] if found is not None else []
        if self._ended.end.startswith(
            "empty:"
        ):  # a page that says so is believed, unless a script asks for pages of rows
            calls = [call for call in calls if _asks_for_rows(call)]
        self._calls = sorted(calls, key=lambda call: not _asks_for_rows(call))

    def _go_on(self) -> ListReading:
        assert self._column is not None  # the column page comes first
        if not any(map(_asks_for_rows, self._calls)) and self._scripts:
            self._waiting = "script"
            return ListReading(
                next=(NextRequest(self._scripts.pop(0), headers=(("Referer", self._column.url),), is_script=True),)
            )
        self._waiting = "service"
        while self._calls and len(self._said) < _MOST_SERVICES:
            call = self._calls.pop(0)
            said = f"{call.method} {shown(call.url)[:_QUOTE]}"
            if any(said in other for other in self._said):
                continue
            request = request_of_call(call)
            if request is None:
                self._said.append(f"{said} (what fills it is not known)")
                continue
            self._said.append(said)
            self._asked = request
            return DescribedList.begun(request, self._column).first_request()
        return self._end()

    def _try(self, page: PageBytes) -> ListReading:
        assert self._column is not None  # the column page comes first
        asked, self._asked = self._asked, None
        if asked is None:
            return self._end()
        if not is_answer(page):
            return self._from_one(asked) or self._refused(f"answered {page.status or 'nothing'}")
        markup = self._read_markup(page)
        if markup is not None:
            return markup
        drafted = draft(asked, text_of_page(page), page.url)
        if isinstance(drafted, str):
            return self._from_one(asked) or self._refused(drafted)
        self._described = DescribedList.begun(drafted, self._column)
        return self._described.read(page)

    def _from_one(self, asked: ListDescription) -> ListReading | None:
        """The same request for page 1, where page 0 was a guess that brought nothing."""
        if not asked.is_first_guessed or self._column is None:
            return None
        self._asked = replace(asked, first=1, is_first_guessed=False)
        return DescribedList.begun(self._asked, self._column).first_request()

    def _refused(self, why: str) -> ListReading:
        self._said[-1] += f" ({why})"
        return self._go_on()

    def _read_markup(self, page: PageBytes) -> ListReading | None:
        """The rows that an answer brings as markup: `$("#list").load("/nb/inner.html")`."""
        text = text_of_page(page)
        found = read_list_page(text, page) if text.lstrip()[:1] == "<" else None
        if found is None or not found.rows:
            return None
        column = self._page()
        marks = (*found.marks, *((*column.marks, *column.places) if column is not None else ()))
        end = settle(Course([Noted(mark, 1) for mark in marks], 1, len(found.rows), (), frozenset()))
        reading = ListReading(
            rows=found.rows, lists=found.lists, end="one page", attachments=found.files, proof=end.proof
        )
        if not end.open:
            return replace(reading, quote=end.quote)
        quote = end.open[0].quote
        return replace(reading, problem=localizable(f"{quote} was not followed"), quote=quote)

    def _end(self) -> ListReading:
        if not self._said:
            return self._ended
        asked = "; ".join(self._said)
        return ListReading(
            problem=localizable(f"no rows were found; the page's script asks {asked}"), quote=asked[:_QUOTE]
        )


def literals(text: str) -> Iterator[str]:
    """Data in a page's scripts, as JSON: whole scripts of it, and arrays and objects that names are set to."""
    for script in islice(elements(text, "script"), _MOST_LITERALS):
        yield from literals_in(script.content)


def literals_in(script: str) -> Iterator[str]:
    """Data of one script, as JSON: all of it, what names are set to, or what a function is called with (JSONP)."""
    source = script.strip()
    if source[:1] in ("{", "["):
        yield source
        return
    for found in islice(_SET.finditer(source), _MOST_LITERALS):
        begin = found.end() - 1
        try:
            value: Any = chompjs.parse_js_object(source[begin : begin + _MOST_DATA])
        except ValueError:
            continue
        yield json.dumps(value, ensure_ascii=False)


def _asks_for_rows(call: ScriptCall) -> bool:
    """Whether a request has a field for the number of a page, or for the rows of one."""
    keys = vocabulary().keys
    fields = [key for key, _ in parse_qsl(call.url.partition("?")[2], keep_blank_values=True)]
    body = call.body.value if isinstance(call.body, JsonText) else call.body
    fields += list(body) if isinstance(body, Mapping) else []
    return any(key_of(key) in keys.page | keys.size | keys.offset for key in fields)


def request_of_call(call: ScriptCall) -> ListDescription | None:
    """The request of a script as a description without expressions; `None` if it has holes that nothing fills."""
    address, _, query = call.url.partition("?")
    fields = dict(_field(pair, value) for pair, value in parse_qsl(query, keep_blank_values=True))
    body = call.body.value if isinstance(call.body, JsonText) else call.body
    given = dict(_field(key, value) for key, value in body.items()) if isinstance(body, Mapping) else {}
    first, is_first_guessed = _first_page({**dict(parse_qsl(query)), **(body if isinstance(body, Mapping) else {})})
    texts = [address, *fields.values(), *given.values(), call.body if isinstance(call.body, str) else ""]
    if any(not isinstance(text, str) or HOLE.search(text) for text in texts) or call.method not in ("GET", "POST"):
        return None
    url = address + ("?" + urlencode(fields, safe="{}/,:") if fields else "")
    is_json = isinstance(call.body, JsonText)
    return ListDescription(
        rows="",
        title="",
        link="",
        url=url,
        method=call.method,
        form={} if is_json else given,
        json=given if is_json else {},
        body=call.body if isinstance(call.body, str) else "",
        first=first,
        size=_size_of(fields, given),
        is_first_guessed=is_first_guessed,
    )


def _first_page(fields: Mapping[str, Any]) -> tuple[int, bool]:
    """The number that a request's first page has, and whether it is a guess: nought then, which is the page itself or none at all."""
    begins = [value for key, value in fields.items() if key_of(key) in vocabulary().keys.page]
    is_guessed = any(isinstance(value, str) and HOLE.fullmatch(value) for value in begins)
    return (0 if is_guessed or "0" in begins else 1), is_guessed


def _field(key: str, value: Any) -> tuple[str, Any]:
    """A field of a request; the number of a page becomes a hole."""
    is_page = key_of(key) in vocabulary().keys.page and isinstance(value, str)
    return key, "{page}" if is_page and (value in ("0", "1", "") or HOLE.fullmatch(value)) else value


def _size_of(*fields: Mapping[str, Any]) -> int:
    keys = vocabulary().keys.size
    sizes = [value for values in fields for key, value in values.items() if key_of(key) in keys]
    return next((int(size) for size in sizes if isinstance(size, str) and re.fullmatch(r"[1-9]\d{0,2}", size)), 0)


def draft(request: ListDescription, text: str, base: str) -> ListDescription | str:
    """The description of the list that an answer holds, or why it holds none.

    Args:
        request: As `request_of_call` gives it.
        text: The answer to it.
        base: The answer's address.
    """
    kind = "json" if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") else "jsonp"
    try:
        open_answer(text, kind)
    except NotUnderstood:
        return localizable("its answer is no JSON")
    value = parse_json(text.lstrip("\ufeff")) if kind == "json" else _jsonp(text)
    found = max(_records(value, "", 0), key=lambda records: records[0], default=None)
    if found is None or not found[0]:
        return localizable("its answer holds no titles of reports")
    _, path, records, around = found
    keys = _keys_of(records)
    title = max(keys, key=lambda key: _accepted(records, key))
    link = next((key for key in _by_name(keys, ("url", "link", "href")) if _leads(records, key, base)), "")
    if not link:
        return localizable("its rows name no addresses")
    dates = (key for key in _by_name(keys, ("date", "time")) if key not in (title, link) and _is_date(records, key))
    date = next(dates, "")
    words = vocabulary().keys
    total = _counting(around, words.total, at_least=len(records))
    pages = _counting(around, words.pages, at_least=1)
    described = ListDescription(
        rows=path or "@", title=title, link=link, date=date, total=total, pages=pages, answer=kind,
        url=request.url, method=request.method, form=request.form, json=request.json, body=request.body,
        first=request.first, size=request.size, is_first_guessed=request.is_first_guessed,
    )  # fmt: skip
    if described.is_paged or total or pages:
        return described
    if request.size and len(records) >= request.size:
        return localizable(f"{len(records)} rows came, as many as it asks for, and nothing says whether more follow")
    return replace(described, once=True)


def _counting(around: Mapping[str, int], names: Collection[str], *, at_least: int) -> str:
    """The key beside the records that counts what `names` mean (rows, pages), empty if there is none."""
    counts = (key for key, count in around.items() if key_of(key.rpartition(".")[2]) in names and count >= at_least)
    return next(counts, "")


def _jsonp(text: str) -> Any:
    return chompjs.parse_js_object(text)


def _records(
    value: Any, path: str, depth: int, around: Mapping[str, int] | None = None
) -> Iterator[tuple[int, str, list[dict[str, Any]], Mapping[str, int]]]:
    """Arrays of records: (how many name reports, path, records, counts on the way to them)."""
    counts = dict(around or {})
    if depth > _MOST_DEPTH:
        return
    if isinstance(value, dict):
        for key, member in value.items():
            number = number_in(str(member)) if isinstance(member, str | int) and not isinstance(member, bool) else None
            if number is not None and str(member).strip() == str(number):
                counts[_step(path, key)] = number
        for key, member in value.items():
            yield from _records(member, _step(path, key), depth + 1, counts)
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        best = max((_accepted(value, key) for key in _keys_of(value)), default=0)
        yield (best if 2 * best >= len(value) else 0), path, value, counts


def _step(path: str, key: str) -> str:
    name = key if re.fullmatch(r"[A-Za-z_]\w*", key) else json.dumps(key)
    return f"{path}.{name}" if path else name


def _keys_of(records: list[dict[str, Any]]) -> list[str]:
    """The keys of the records' plain values, those of records within them too."""
    found: dict[str, None] = {}
    for key, value in records[0].items():
        if isinstance(value, dict):
            found |= {
                f"{_step('', key)}.{_step('', inner)}": None
                for inner, plain in value.items()
                if not isinstance(plain, dict | list)
            }
        elif not isinstance(value, list):
            found[_step("", key)] = None
    return list(found)


def _values(records: list[dict[str, Any]], key: str) -> list[str]:
    names = [parse_json(part) if part.startswith('"') else part for part in re.findall(r'"[^"]*"|[^.]+', key)]
    found = []
    for record in records:
        value: Any = record
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        found.append(text_value(value))
    return found


def _accepted(records: list[dict[str, Any]], key: str) -> int:
    return sum(judge_title(value).judgement is Judgement.ACCEPT for value in _values(records, key) if value)


def _by_name(keys: list[str], names: tuple[str, ...]) -> list[str]:
    return sorted(keys, key=lambda key: not any(name in key.lower() for name in names))


def _leads(records: list[dict[str, Any]], key: str, base: str) -> bool:
    """Whether a key holds the address of each record's page."""
    values = _values(records, key)
    are_addresses = all("/" in value or re.search(r"\.\w{3,5}\Z", value) for value in values)
    targets = {join(base, value) for value in values} if are_addresses and all(values) else set()
    return len(targets) == len(values) and None not in targets and not any(names_image(value) for value in values)


def _is_date(records: list[dict[str, Any]], key: str) -> bool:
    return all(day_of(value, ()) is not None for value in _values(records, key))
