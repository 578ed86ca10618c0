"""Every parser that meets bytes from outside, as one function of bytes: documented errors may leave it, anything else is a defect."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from archive.files.settings import load_settings
from archive.warc.coding import decode_content
from archive.warc.containers import form_of
from archive.warc.context import Context
from archive.warc.foreign import iter_foreign
from archive.warc.http_head import head_fields, head_lines
from archive.warc.members import BrokenMember, iter_members
from archive.warc.records import parse_header, parse_record
from archive.warc.wacz_auth import check_package
from crawler.discovery.search import Discovery
from crawler.families import open_walk, registry
from crawler.families.article import read_article
from crawler.families.detect import detect as detect_family
from crawler.http import transport
from crawler.http.cookies import Cookies
from crawler.http.politeness import seconds_asked
from crawler.http.robots import read_rules
from crawler.lists.described import ListDescription
from crawler.lists.services import draft
from crawler.lists.walk import jump_target
from crawler.pages import markup
from crawler.pages.classify import classify
from crawler.pages.exchange import NextRequest, PageBytes
from crawler.pages.leads import jumps_of, leads_on
from crawler.portals.definitions import parse_definition
from extract.api import read_report
from extract.document.detect import decode_text
from extract.errors import OgiError
from extract.lexicon.dates import find_dates, parse_date, statistics_period
from extract.lexicon.titles import judge_title
from extract.model import Limits
from extract.readers import read_document
from tests.crawler.http.test_transport import client
from tests.crawler.sites import listing

LIMITS = Limits(max_bytes=4 << 20, max_unpacked_bytes=16 << 20, max_seconds=5.0)
URL = "http://www.example.gov.cn/zwgk/nb/"
LISTING = listing(
    [(f"/zwgk/nb/t{n}.html", f"某县第{n}局2020年政府信息公开工作年度报告", "2021-01-20") for n in range(3)]
).encode()
HOME = "<html><title>某县人民政府</title><a href='/zwgk/'>政府信息公开</a><a href='/zwgk/gov/'>县财政局</a></html>".encode()
NOW = datetime(2021, 3, 4, tzinfo=UTC)


def _file(name: str, data: bytes) -> Path:
    path = Path(os.environ.get("OGI_FUZZ_FOLDER", tempfile.gettempdir())) / f"{os.getpid()}-{name}"
    path.write_bytes(data)
    return path


def warc(data: bytes) -> None:
    with contextlib.suppress(BrokenMember):
        for member in iter_members(io.BytesIO(data)):
            with contextlib.suppress(OgiError):
                record = parse_record(member.data)
                assert isinstance(record.http_headers, tuple | list)
                assert isinstance(record.content, bytes)
                field = record.get("OGI-Context")
                if field:
                    with contextlib.suppress(ValueError):
                        Context.from_field(field)
            parse_header(member.data)


def document(data: bytes) -> None:
    with contextlib.suppress(OgiError):
        read_document(data, limits=LIMITS)


def html(data: bytes) -> None:
    with contextlib.suppress(OgiError):
        read_report(data, source="fuzz.html", url=URL, hint="text/html", limits=LIMITS)


def settings_file(data: bytes) -> None:
    path = _file("ogi.toml", data)
    with contextlib.suppress(OgiError):
        load_settings(path, {})


def foreign(data: bytes) -> None:
    path = _file("foreign.warc", data)
    with contextlib.suppress(OgiError):
        for _ in iter_foreign(path, []):
            pass


def definition(data: bytes) -> None:
    with contextlib.suppress(OgiError):
        parse_definition(data.decode("utf-8", "replace"))


def lists(data: bytes) -> None:
    _read_by(data, *registry().families, "auto")


def column(data: bytes) -> None:
    """A list by what stands in it, and by one family that may not be its own."""
    families = list(registry().families)
    _read_by(data, "auto", families[len(data) % len(families)])


def _read_by(data: bytes, *families: str) -> None:
    for family in families:
        walk = open_walk(family, URL)
        asked = [walk.start()]
        for _ in range(4):
            if not asked:
                break
            step = walk.feed(PageBytes(asked[0].url, 200, (("Content-Type", "text/html"),), data, asked[0]))
            asked = list(step.next)
    detect_family(data, URL)


def answers(data: bytes) -> None:
    head, _, body = data.partition(b"\r\n\r\n")
    headers = tuple(
        (name.decode("latin-1"), value.strip().decode("latin-1"))
        for name, _, value in (line.partition(b":") for line in head.split(b"\r\n"))
    )
    for status in (200, 302, 403, 412, 503):
        classify(status, headers, body, URL, URL + "?a=1")
    read_article(body, URL, headers)
    read_article(data, URL, headers)
    decode_content(body, dict(headers).get("Content-Encoding", "gzip, deflate, br"), 1 << 20)
    decode_text(data, "gb2312")
    for _, value in headers:
        seconds_asked(value, NOW)


def robots(data: bytes) -> None:
    for status in (200, 404, 503):
        rules = read_rules(status, data)
        rules.allows(URL, "ogi-archive/0 (+mailto:a@b)")
        rules.crawl_delay("ogi-archive/0")


def words(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    list(find_dates(text))
    parse_date(text)
    statistics_period(text)
    judge_title(text)


def _fields(head: bytes) -> tuple[tuple[str, str], ...]:
    return head_fields(line.decode("latin-1") for line in head_lines(head))


def _on_the_wire(data: bytes) -> transport._Partial:
    async def read() -> transport._Partial:
        reader = asyncio.StreamReader(limit=transport._LINE_LIMIT)
        reader.feed_data(data)
        reader.feed_eof()
        partial = transport._Partial()
        with contextlib.suppress(EOFError):
            async with asyncio.timeout(5):
                await client()._read(transport._Connection(reader, None, "", None), "GET", partial)  # type: ignore[arg-type]
        return partial

    return asyncio.run(read())


def answer(data: bytes) -> None:
    """An answer on the wire, and what a harvest does with it."""
    partial = _on_the_wire(data)
    headers, body = tuple(partial.headers), bytes(partial.body)
    classify(partial.status, headers, body, URL, URL)
    decode_content(body, partial.field("content-encoding") or "", 1 << 20)
    read_article(body, URL, headers)


def cookies(data: bytes) -> None:
    jar = Cookies()
    for field in (data.decode("latin-1"), "a=b"):
        jar.keep([field], URL)
    sent = jar.field(URL).encode("latin-1")
    assert not set(sent) & {0, 10, 13}, sent[:80]


def refresh(data: bytes) -> None:
    """A page that is left as it loads: what it leads to is an address that may be asked for."""
    head, _, body = data.partition(b"\r\n\r\n")
    headers = _fields(head)
    text = decode_text(body)
    target = jump_target(text, URL, headers)
    root = markup.parse(text)
    for found in (target, *(jumps_of(root, URL, headers) if root is not None else ())):
        assert found is None or found.startswith(("http://", "https://")), found
    leads_on(text, URL, headers)
    read_article(body, URL, headers)


def link(data: bytes) -> None:
    """A list whose answer names its next page: it is asked for on the portal's own host only."""
    walk = open_walk("auto", URL)
    asked = walk.start()
    step = walk.feed(PageBytes(asked.url, 200, (("Content-Type", "text/html"), *_fields(data)), LISTING, asked))
    for request in step.next:
        assert urlsplit(request.url).hostname == urlsplit(URL).hostname, request.url


def site_map(data: bytes) -> None:
    """A site map in place of each page that a search asks for: it ends, and leads nowhere but to the portal."""
    search = Discovery.for_url(URL)
    asked = list(search.start())
    for _ in range(30):
        if not asked:
            break
        request = asked.pop()
        assert search.portal.allows(request.url), request.url
        body = data if request.url.endswith(".xml") else HOME
        asked += search.feed(PageBytes(request.url, 200, (("Content-Type", "text/html"),), body, request)).next
    search.feed(PageBytes(URL, 200, (), data, NextRequest(URL)))
    column(data)


def bare(data: bytes) -> None:
    """Bytes that are no answer: none is made of them."""
    partial = _on_the_wire(data)
    if partial.status:
        lines = data.lstrip(b"\r\n").split(b"\n")
        assert lines[0].strip(b" \t\r").upper().startswith(b"HTTP/"), lines[0][:80]


def package(data: bytes) -> None:
    path = _file("foreign.wacz", data)
    with contextlib.suppress(OgiError):
        form_of(path)
        check_package(path)
        for _ in iter_foreign(path, []):
            pass


def service(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    draft(ListDescription(rows="", title="", link="", url="/api?page={page}"), text, URL)
    column(b"<script>var dataList=" + data + b"</script>")


#: Grammar → what its inputs are given to.
BY_GRAMMAR: dict[str, tuple[Callable[[bytes], None], ...]] = {
    "http": (answer,),
    "cookies": (cookies,),
    "robots": (robots,),
    "refresh": (refresh,),
    "link": (link,),
    "sitemaps": (site_map,),
    "bare": (bare,),
    "toml": (settings_file, definition),
    "warc": (warc, foreign),
    "wacz": (package,),
    "lists": (column, answers),
    "services": (service,),
    "words": (words,),
    "pages": (html,),
    "tables": (html,),
    "docx": (document,),
    "xlsx": (document,),
    "ofd": (document,),
    "rtf": (document,),
    "pdf": (document,),
}


def parse_with(grammar: str, data: bytes) -> None:
    """Give an input to what reads its kind."""
    for parser in BY_GRAMMAR[grammar]:
        parser(data)
