"""Hanweb jcms ("jpage"): the list is an XML data store inside a script element, continued by `dataproxy.jsp`; and its 信息公开 module.

Facts and traps are those of field guide §2: groups of several browser pages, free template markup in the records, two copies of
a store (desktop and mobile), next links that are relative and shorter than needed, empty answers in place of an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlencode, urljoin, urlsplit, urlunsplit

from archive.warc.context import Entry
from crawler.families.family import Family, Sign
from crawler.lists.anchors import title_of_link
from crawler.lists.html_list import open_html
from crawler.lists.pager import announced_pages
from crawler.lists.reader import ListReader, ListReading, SeenRows, is_answer, looks_full, text_of_page
from crawler.lists.row_dates import RowDates, iso_date
from crawler.lists.rows import date_of_row, fragment_rows, sub_lists
from crawler.lists.values import whole_number
from crawler.lists.vocabulary import leads_through_pages
from crawler.pages import markup
from crawler.pages.exchange import NextRequest, PageBytes
from crawler.pages.markup import text_of
from crawler.pages.tags import elements, tags
from extract.document.numerals import is_whole
from extract.lexicon.addresses import canonical, join, same_host
from extract.lexicon.organs import is_organ
from extract.lexicon.titles import Judgement, judge_title, normalise

_CDATA = re.compile(r"\A\s*<!\[CDATA\[(.*?)\]\]>\s*\Z", re.DOTALL)
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_TOTAL = re.compile(r"\s*+(?:<!\[CDATA\[)?\s*+(\d+)", re.IGNORECASE)
_PAGE_TOTAL = re.compile(r"\btotalRecord\s*[:=]\s*['\"]?(\d+)")
_PAGE_PER = re.compile(r"\bperPage\s*[:=]\s*['\"]?(\d+)", re.IGNORECASE)
_PROXY = re.compile(r"proxyUrl\s*[:=]\s*['\"]([^'\"]*dataproxy\.jsp[^'\"]*)['\"]", re.IGNORECASE)
_PROXY_ANY = re.compile(r"['\"]([^'\"\s]*/dataproxy\.jsp)(?=[?'\"])", re.IGNORECASE)
_AJAX = re.compile(r"ajaxParam\s*[:=]\s*['\"]([^'\"]+)['\"]", re.IGNORECASE)
_AJAX_OBJECT = re.compile(r"ajaxParam\s*[:=]\s*\{([^{}]*)\}", re.IGNORECASE)
_CARRIED = ("appid", "webid", "path", "columnid", "unitid", "webname", "permissiontype", "sourceContentType", "col")
_PAGES_A_GROUP = 3
#: Rows of a browser page where the column doesn't say (field guide §2).
_USUAL_PAGE = 15
_FORM = (("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"), ("X-Requested-With", "XMLHttpRequest"))


@dataclass(frozen=True, slots=True)
class DataStore:
    """One data store, of a column page or an answer.

    Attributes:
        rows: Rows of the records that have a link.
        records: Number of records, fragments without a link included.
        next_link: The link to the next group as written, empty in the last group.
        total: The number of records that the site announces.
    """

    rows: tuple[Entry, ...]
    records: int
    next_link: str
    total: int | None


def _plain(text: str) -> str:
    found = _CDATA.match(text)
    return (
        found.group(1)
        if found
        else text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    )


def data_stores(text: str, url: str) -> list[DataStore]:
    """Read every data store of a text."""
    stores = []
    for store in elements(text, "datastore", to_end=True):
        content = store.content
        rows: list[Entry] = []
        records = [record.content for record in elements(content, "record")]
        for record in records:
            rows.extend(record_rows(_plain(record), url))
        link = ""
        following = next(elements(content, "nextgroup"), None)
        if following:
            href = _HREF.search(_plain(following.content))
            # Only &amp; is undone: a general unescape would turn &region and &current into signs.
            link = next((group for group in href.groups() if group), "").replace("&amp;", "&") if href else ""
        totals = (_TOTAL.match(content, tag.end) for tag in tags(content, "totalrecord"))
        total = next((found for found in totals if found), None)
        stores.append(DataStore(tuple(rows), len(records), link, whole_number(total.group(1)) if total else None))
    return stores


def record_rows(record: str, base: str) -> tuple[Entry, ...]:
    """The row of one record: its first link to a page; the date may stand anywhere in the record, also split over lines."""
    wrapped = record
    if re.match(r"\s*<t[rd]\b", record, re.IGNORECASE):
        wrapped = f"<table>{record}</table>"
    root = markup.parse(f"<div>{wrapped}</div>")
    if root is None:
        return ()
    rows = fragment_rows(wrapped, base)
    if len(rows) == 1 and rows[0].date is None:
        text = text_of(root)
        printed = iso_date(re.sub(re.escape(rows[0].title), "", text))
        return (Entry(url=rows[0].url, title=rows[0].title, date=printed),)
    return rows


@dataclass(slots=True)
class _Store:
    """A store that is being read to its end."""

    seen: SeenRows = field(default_factory=SeenRows)
    records: int = 0
    total: int | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    is_post: bool = False
    skipped: bool = False


class JcmsReader:
    """Reads a column's data stores and their further groups."""

    family = "jcms"

    def __init__(self) -> None:
        self._column: PageBytes | None = None
        self._proxy: str | None = None
        self._per_page = 15
        self._stores: dict[tuple[str, str, bytes | None], _Store] = {}

    def read(self, page: PageBytes) -> ListReading:
        """Take the column page first, then the groups asked for."""
        return self._read_column(page) if self._column is None else self._read_group(page)

    def _read_column(self, page: PageBytes) -> ListReading:
        self._column = page
        text = text_of_page(page)
        root = markup.parse(text)
        lists = sub_lists(root, page.url, is_report_column=True) if root is not None else ()
        proxy = _PROXY.search(text) or _PROXY_ANY.search(text)
        self._proxy = join(page.url, proxy.group(1)) if proxy else None
        self._per_page = _counted(_PAGE_PER, text) or _USUAL_PAGE
        total = _counted(_PAGE_TOTAL, text)
        given = _script_parameters(text)
        rows: list[Entry] = []
        requests: list[NextRequest] = []
        problems = []
        taken = _lists_of_reports(data_stores(text, page.url))
        for found in taken:
            store = _Store(records=found.records, total=found.total, parameters=dict(given))
            if store.total is None and len(taken) == 1:
                store.total = total
            store.seen.add(found.rows)
            rows.extend(found.rows)
            asked, problem = self._after_group(store, found, page.url)
            requests += asked
            if problem:
                problems.append(problem)
        is_silent = not rows and not requests
        if is_silent and self._proxy and given.get("columnid") and total != 0:
            # The column page holds no group at all: ask as its script does.
            requests += self._post(_Store(total=total, parameters=dict(given)))
        return ListReading(
            rows=tuple(rows),
            next=tuple(requests),
            lists=lists,
            problem="; ".join(problems),
            end=""
            if requests
            else ("empty: the site counts 0 rows" if total == 0 else "the first group is the only one"),
        )

    def _read_group(self, page: PageBytes) -> ListReading:
        store = self._stores.pop(page.request.key, None)
        if store is None:
            return ListReading()
        found = next(iter(data_stores(text_of_page(page), page.url)), None) if is_answer(page) else None
        if found is None or not found.records:
            return self._without_rows(store, page)
        if not store.seen.would_add(found.rows):
            return self._without_news(store, page, found)
        store.seen.add(found.rows)
        store.records += found.records
        store.total = found.total if found.total is not None else store.total
        requests, problem = self._after_group(store, found, page.url)
        return ListReading(
            rows=found.rows, next=requests, problem=problem, end="" if requests else "the last group has no next link"
        )

    def _after_group(self, store: _Store, found: DataStore, url: str) -> tuple[tuple[NextRequest, ...], str]:
        """The request for the group after this one, or what speaks against this being the last."""
        if found.next_link:
            request = self._get(store, found.next_link, url)
            if request is not None:
                return (request,), ""
            return (), f"the next group is on another host and was not followed: {found.next_link}"
        if store.total is not None and store.total > store.records:
            if self._proxy and store.parameters.get("columnid"):
                return self._post(store), ""
            return (), f"the site counts {store.total} rows, {store.records} came, and there is no link to more"
        if store.is_post and store.total is None and looks_full(found.records, self._per_page * _PAGES_A_GROUP):
            return self._post(store), ""
        return (), ""

    def _get(self, store: _Store, link: str, url: str) -> NextRequest | None:
        """The next group by its link: resolved against the answer's own address, with the parameters it left out carried over."""
        target = join(url, link)
        if (
            target is None
            or self._column is None
            or not same_host(target, self._column.url)
            or "dataproxy" not in urlsplit(target).path
        ):
            return None
        parts = urlsplit(target)
        given = dict(parse_qsl(parts.query, keep_blank_values=True))
        missing = [
            (name, store.parameters[name]) for name in _CARRIED if name in store.parameters and name not in given
        ]
        query = parts.query + ("&" + urlencode(missing) if missing else "")
        store.parameters.update({name: value for name, value in given.items() if name in _CARRIED})
        self._proxy = self._proxy or urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
        request = NextRequest(urlunsplit((parts.scheme, parts.netloc, parts.path, query, "")), headers=self._headers())
        store.is_post = False
        self._stores[request.key] = store
        return request

    def _post(self, store: _Store) -> tuple[NextRequest, ...]:
        """The next group as the page's own script asks for it."""
        if self._proxy is None:
            return ()
        first = store.records + 1
        last = store.records + self._per_page * _PAGES_A_GROUP
        if store.total is not None:
            last = min(last, store.total)
        query = urlencode({"startrecord": first, "endrecord": last, "perpage": self._per_page})
        form = {
            "col": "1",
            "appid": "1",
            "path": "/",
            "sourceContentType": "1",
            "permissiontype": "0",
        } | store.parameters
        form["webname"] = unquote(unquote(form.get("webname", "")))
        body = urlencode({name: form[name] for name in _CARRIED if form.get(name)}).encode("ascii")
        separator = "&" if "?" in self._proxy else "?"
        request = NextRequest(f"{self._proxy}{separator}{query}", "POST", (*_FORM, *self._headers()), body)
        store.is_post = True
        self._stores[request.key] = store
        return (request,)

    def _headers(self) -> tuple[tuple[str, str], ...]:
        return (("Referer", self._column.url),) if self._column else ()

    def _without_rows(self, store: _Store, page: PageBytes) -> ListReading:
        """An empty store or nothing at all is no end: some servers send it in place of an error."""
        if not store.is_post and self._proxy and store.parameters.get("columnid"):
            return ListReading(next=self._post(store))
        if store.total is not None and store.records >= store.total:
            return ListReading(end="all announced rows came")
        if store.is_post and store.records and store.total is None and is_answer(page):
            return ListReading(
                end="an answer without records after the last group",
                problem="the last group may not be the last: the answer was empty",
            )
        return ListReading(
            problem=f"an empty answer ({len(page.body)} bytes, status {page.status}) in place of rows after {store.records}"
        )

    def _without_news(self, store: _Store, page: PageBytes, found: DataStore) -> ListReading:
        """A group that repeats the one before: the count of groups began at another number; try the next one, once."""
        parts = urlsplit(page.request.url)
        query = parse_qsl(parts.query, keep_blank_values=True)
        number = next((value for name, value in query if name == "page"), "")
        if not store.is_post and not store.skipped and is_whole(number):
            store.skipped = True
            changed = re.sub(r"(?<![^?&])page=\d+", f"page={int(number) + 1}", parts.query)
            request = self._get(store, urlunsplit((parts.scheme, parts.netloc, parts.path, changed, "")), page.url)
            if request is not None:
                return ListReading(next=(request,))
        if store.total is not None and store.records >= store.total:
            return ListReading(end="all announced rows came")
        return ListReading(
            problem=f"a group repeats rows that came before, after {store.records} of {store.total or 'unknown'} rows"
        )


def _counted(pattern: re.Pattern[str], text: str) -> int | None:
    """The number that a script's variable holds, if the page has it."""
    found = pattern.search(text)
    return whole_number(found.group(1)) if found else None


def _script_parameters(text: str) -> dict[str, str]:
    """The parameters that the page's pager script sends with each request."""
    found = _AJAX.search(text)
    pairs = parse_qsl(found.group(1).replace("&amp;", "&"), keep_blank_values=True) if found else []
    as_object = _AJAX_OBJECT.search(text)
    if as_object:
        pairs += re.findall(r"['\"]?(?<!\w)(\w++)['\"]?\s*+:\s*+['\"]?([^'\",}]*)", as_object.group(1))
    return {name: value for name, value in pairs if name in _CARRIED}


def _lists_of_reports(stores: list[DataStore]) -> list[DataStore]:
    """The stores that make up the list: copies of one another count once, and a store of other news beside the reports not at all."""
    distinct: dict[frozenset[str], DataStore] = {}
    for store in stores:
        key = frozenset(canonical(row.url) for row in store.rows)
        if key:
            distinct.setdefault(key, store)
    named = [store for store in distinct.values() if any(_names_report(row) for row in store.rows)]
    return named or list(distinct.values())


def _names_report(row: Entry) -> bool:
    title = judge_title(row.title)
    return title.judgement is Judgement.ACCEPT or (title.is_bare and title.year is not None)


_DIRECTORY_PATH = re.compile(r"['\"]([^'\"\s]*/module/xxgk/search\w*\.jsp(?:\?[^'\"\s]*)?)['\"]", re.IGNORECASE)
_DIRECTORY_FIELDS = ("infotypeId", "jdid", "area", "divid")
_DIRECTORY_QUERY = (
    ("standardXxgk", "0"),
    ("isAllList", "1"),
    ("texttype", ""),
    ("fbtime", "-1"),
    ("vc_all", ""),
    ("vc_filenumber", ""),
    ("vc_title", ""),
    ("vc_number", ""),
)


class JcmsDirectoryReader:
    """Reads a list of the 信息公开 module: `POST /module/xxgk/search.jsp`, the unit chosen by `area`."""

    family = "jcms"

    def __init__(self) -> None:
        self._column: PageBytes | None = None
        self._address = ""
        self._fields: dict[str, str] = {}
        self._page = 0
        self._first_rows = 0
        self._announced: int | None = None
        self._seen = SeenRows()

    def read(self, page: PageBytes) -> ListReading:
        """Take the column page first, then the fragments asked for."""
        if self._column is None:
            self._column = page
            text = text_of_page(page)
            found = _DIRECTORY_PATH.search(text)
            self._address = urljoin(
                page.url, found.group(1).replace("&amp;", "&") if found else "/module/xxgk/search.jsp"
            )
            self._fields = directory_fields(text, page.url)
            if not self._fields.get("infotypeId"):
                return ListReading(problem="the page names no directory (infotypeId)")
            root = markup.parse(text)
            lists = sub_lists(root, page.url, is_report_column=True) if root is not None else ()
            return ListReading(next=(self._request(),), lists=lists)
        rows = directory_rows(text_of_page(page), page.url) if is_answer(page) else ()
        if page.status >= 400:
            return ListReading(problem=f"page {self._page} answered {page.status}")
        if self._announced is None:
            self._announced = announced_pages(markup.visible_text(text_of_page(page)))
        if not self._seen.add(rows):
            return self._at_end(rows)
        if self._page == 1:
            self._first_rows = len(rows)
        known = self._announced
        if known is None or self._page < known or looks_full(len(rows), self._first_rows if self._page > 1 else 0):
            return ListReading(rows=rows, next=(self._request(),))
        return ListReading(rows=rows, end=f"{self._page} pages")

    def _at_end(self, rows: tuple[Entry, ...]) -> ListReading:
        if self._announced is not None and self._page - 1 < self._announced:
            what = "repeats rows" if rows else "has no rows"
            return ListReading(problem=f"the site counts {self._announced} pages, but page {self._page} {what}")
        if rows and self._page > 1 and self._announced is None:
            return ListReading(problem=f"page {self._page} repeats rows, and nothing says where the list ends")
        empty = "empty: " if self._page == 1 else ""
        return ListReading(end=f"{empty}page {self._page} has no rows")

    def _request(self) -> NextRequest:
        self._page += 1
        path, _, given = self._address.partition("?")
        order = (("currpage", str(self._page)), ("sortfield", ",createdatetime:0,orderid:0"))
        query = [*parse_qsl(given, keep_blank_values=True), *_DIRECTORY_QUERY, *order]
        body = urlencode(
            [*((name, value) for name, value in self._fields.items() if value), *_DIRECTORY_QUERY, *order]
        ).encode("ascii")
        referer = (("Referer", self._column.url),) if self._column else ()
        return NextRequest(f"{path}?{urlencode(query)}", "POST", (*_FORM, *referer), body)


def directory_fields(text: str, url: str) -> dict[str, str]:
    """The fields that choose directory, site and unit: from the page's scripts, else from the column's address."""
    fields = {}
    for name in _DIRECTORY_FIELDS:
        alternatives = f"{name}|vc_xxgkarea|xxgkarea" if name == "area" else name
        found = re.search(
            rf"(?:\b(?:{alternatives}))['\"]?\s*[=:,]\s*(?:value\s*=\s*)?['\"]?([\w,]+)", text, re.IGNORECASE
        ) or re.search(
            rf"name\s*=\s*['\"](?:{alternatives})['\"][^>]*\bvalue\s*=\s*['\"]([\w,]*)['\"]", text, re.IGNORECASE
        )
        fields[name] = found.group(1) if found else ""
    if not fields["infotypeId"]:
        fields["infotypeId"] = dict(parse_qsl(urlsplit(url).query)).get("number", "")
    if not fields["jdid"]:
        site = re.search(r"\bwebid['\"]?\s*[=:]\s*['\"]?(\d+)", text, re.IGNORECASE)
        fields["jdid"] = site.group(1) if site else ""
    column = re.search(r"/col/col(\d+)", url)
    if not fields["divid"] and column:
        fields["divid"] = f"div{column.group(1)}"
    return fields


def directory_rows(text: str, base: str) -> tuple[Entry, ...]:
    """The rows of a fragment: index number, title, date and unit in cells that differ in class or only in width."""
    root = markup.parse(f"<table>{text}</table>" if re.match(r"\s*<tr\b", text, re.IGNORECASE) else text)
    if root is None:
        return ()
    rows: dict[str, Entry] = {}
    dates = RowDates()
    for anchor in root.iter("a"):
        url = join(base, anchor.get("href") or "")
        title = title_of_link(anchor)
        if url is None or not title or leads_through_pages(title):
            continue
        row = next((element for element in anchor.iterancestors() if element.tag == "tr"), None)
        agency = None
        if row is not None:
            cells = [text_of(cell) for cell in row.iter("td")]
            agency = next(
                (cell for cell in reversed(cells) if cell and cell != title and is_organ(normalise(cell), "menu")), None
            )
        rows.setdefault(canonical(url), Entry(url=url, title=title, date=date_of_row(anchor, dates), agency=agency))
    return tuple(rows.values())


def open_jcms(text: str) -> ListReader:
    """The reader for a jcms page: data store, 信息公开 module, or plain links where it has neither."""
    if next(tags(text, "datastore"), None) or _PROXY.search(text) or "dataproxy.jsp" in text:
        return JcmsReader()
    if _DIRECTORY_PATH.search(text) or "/module/xxgk/search" in text:
        return JcmsDirectoryReader()
    return open_html("jcms")


FAMILY = Family(
    "jcms",
    lambda text, page, column: open_jcms(text),
    about="Hanweb jcms",
    lists="data stores in scripts, `dataproxy.jsp` by GET and POST; `/module/xxgk/search.jsp`",
    ends="last group without next link and all counted rows; an empty answer is incomplete",
    aliases=("jpage", "hanweb", "hanweb-jcms"),
    signs=(
        Sign(40, "data store in a script element", r"<datastore[\s>]"),
        Sign(50, "dataproxy.jsp or jpage in a script", r"dataproxy\.jsp|/module/web/jpage/"),
        Sign(60, "disclosure module /module/xxgk/", r"/module/xxgk/(?:search|tree)\w*\.jsp"),
    ),
)
