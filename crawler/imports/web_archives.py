"""What a web archive says and gives: its index of captures (CDX), and one capture as it was stored.

Interfaces: the CDX server of the Internet Archive (rows of JSON behind a row of names; `[]` and a resume key if there is more) and pywb's (a JSON
object a line). Captures come by `TIMESTAMPid_/URL`: the page as it was, without the archive's own additions. An archive's silence proves nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from archive.warc.coding import unpack
from archive.warc.digests import label, parse_digest
from crawler.discovery.asking import NotFetched
from crawler.pages.exchange import NextRequest
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.files.settings import BackfillArchive
    from crawler.discovery.asking import PoliteFetcher
    from crawler.pages.exchange import PageBytes

#: Answers by which a server says that it does not want to be asked now, or at all.
REFUSALS = (403, 429, 503)
#: Rows a page of the index; the Internet Archive's own advice for resume keys is to ask for bounded pages.
_ROWS = 1000
#: Pages of one address's index that are asked for: a hostile server's resume keys have no end.
_PAGES = 50
_FIELDS = "timestamp,original,mimetype,statuscode,digest"
#: Characters of an address that stand in the archive's address as they are (RFC 3986): it is encoded once already.
_AS_IT_STANDS = "%:/?[]@!$&'()*+,;=~"
#: Headers of the original answer that are kept in the capture; the answer's own stand whole in the record beside it.
_KEPT = ("content-type", "content-language", "content-disposition", "last-modified")


class ArchiveRefused(Exception):
    """Raised when a web archive must not or can't be asked any more in this run; says why."""


class NotThatCapture(Exception):
    """Raised when what came is not the capture that was asked for; says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One capture by an index: its time (14 digits, UTC), its address as asked, and the SHA-1 of its payload (`sha1:…`)."""

    timestamp: str
    url: str
    digest: str

    @property
    def at(self) -> datetime:
        """When it was made (UTC)."""
        return datetime.strptime(self.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


@dataclass(slots=True)
class Listed:
    """What an index lists of an address: captures that can be held against a digest, and how many rows can't be taken, by reason."""

    rows: list[Row] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)

    def leave(self, why: str) -> None:
        """Count a row that isn't taken."""
        self.left[why] = self.left.get(why, 0) + 1


@dataclass(frozen=True, slots=True)
class Capture:
    """A capture as it came: status line and headers of the original as far as they are known, payload; and the answer's own headers."""

    row: Row
    asked: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    answer: tuple[tuple[str, str], ...]


def list_captures(ask: PoliteFetcher, source: BackfillArchive, url: str, since: str, until: str) -> Listed:
    """What a web archive's index lists of an address.

    Args:
        since, until: Beginnings of time stamps (`2019`, `20190305`), both included; empty: no limit.

    Raises:
        ArchiveRefused: It doesn't answer, doesn't want to be asked, or its answer is no index.
    """
    found = Listed()
    for one in _rows(ask, source, url, since, until):
        _sort(one, url, since, until, found)
    found.rows.sort(key=lambda row: row.timestamp)
    return found


def _rows(ask: PoliteFetcher, source: BackfillArchive, url: str, since: str, until: str) -> Iterator[dict[str, Any]]:
    query = {"url": url, "output": "json"} | ({"from": since} if since else {}) | ({"to": until} if until else {})
    if source.kind == "cdx":
        query |= {"fl": _FIELDS, "limit": str(_ROWS), "showResumeKey": "true"}
    mark = "&" if "?" in source.index else "?"
    for _ in range(_PAGES):
        page = _ask(ask, f"{source.index}{mark}{urlencode(query, quote_via=quote, safe='')}")
        if page.status == 404:
            return  # pywb and Common Crawl say so that they list nothing
        if page.status != 200:
            raise ArchiveRefused(f"its index answers {page.status}")
        body = unpack(page.body, _header(page.headers, "content-encoding"))
        if body.problem:
            raise ArchiveRefused(f"what its index answers is broken: {body.problem}")
        try:
            text = body.content.decode("utf-8")
            rows, resume = _cdx_rows(text) if source.kind == "cdx" else (_pywb_rows(text), "")
        except (ValueError, KeyError, TypeError, IndexError, RecursionError):
            raise ArchiveRefused(f"what its index answers can't be read as {source.kind}") from None
        yield from rows
        if not resume:
            return
        query["resumeKey"] = resume
    raise ArchiveRefused(f"its index of {url} has no end")


def _cdx_rows(text: str) -> tuple[list[dict[str, Any]], str]:
    table = json.loads(text) if text.strip() else []
    if not isinstance(table, list) or not all(isinstance(row, list) for row in table):
        raise TypeError("no rows")
    if not table:
        return [], ""
    names, rows, resume = table[0], table[1:], ""
    if len(rows) >= 2 and rows[-2] == []:
        resume, rows = str(rows[-1][0]), rows[:-2]
    return [dict(zip(names, row, strict=True)) for row in rows if row], resume


def _pywb_rows(text: str) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in text.split("\n") if line.strip()]
    if not all(isinstance(row, dict) for row in rows):
        raise TypeError("no objects")
    names = {"url": "original", "status": "statuscode", "mime": "mimetype"}
    return [{names.get(name, name): value for name, value in row.items()} for row in rows]


def _sort(one: dict[str, Any], url: str, since: str, until: str, found: Listed) -> None:
    timestamp, digest = str(one.get("timestamp", "")), str(one.get("digest", ""))
    status = str(one.get("statuscode") or "-")
    parsed = parse_digest(digest if ":" in digest else f"sha1:{digest}")
    row = Row(timestamp, url, label(*parsed) if parsed is not None else "")
    if _plain(str(one.get("original", ""))) != _plain(url):
        found.leave("another address")
    elif (
        not _is_time(row) or (since and timestamp[: len(since)] < since) or (until and timestamp[: len(until)] > until)
    ):
        found.leave("no time, or one that was not asked for")
    elif status != "200" and not (status == "-" and one.get("mimetype") == "warc/revisit"):
        found.leave("no page (status other than 200): proves nothing")
    elif parsed is None or parsed[0] != "sha1":
        found.leave("no SHA-1 to hold it against")
    else:
        found.rows.append(row)


def _is_time(row: Row) -> bool:
    try:
        return re.fullmatch(r"[0-9]{14}", row.timestamp) is not None and row.at is not None
    except ValueError:
        return False


def _plain(url: str) -> str:
    """An address without its scheme's own port: RFC 3986 §6.2.3; crawlers of old wrote `:80`."""
    try:
        parts = urlsplit(url)
        port = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
        return parts._replace(netloc=parts.netloc.lower().removesuffix(port) if port else parts.netloc).geturl()
    except ValueError:
        return url


def fetch_capture(ask: PoliteFetcher, source: BackfillArchive, row: Row) -> Capture:
    """A capture as the archive stored it.

    Raises:
        ArchiveRefused: The archive doesn't answer, or doesn't want to be asked.
        NotThatCapture: What came is another capture, or the archive's own page.
    """
    asked = f"{source.replay.rstrip('/')}/{row.timestamp}id_/{quote(row.url, safe=_AS_IT_STANDS)}"
    page = _ask(ask, asked)
    if 300 <= page.status < 400:
        target = _header(page.headers, "location") or "nowhere"
        raise NotThatCapture(f"answered by a redirect to {target}, which is another capture")
    if page.status != 200:
        raise NotThatCapture(f"answered {page.status}; that proves nothing about the page")
    if _moment(_header(page.headers, "memento-datetime")) != row.at:
        said = _header(page.headers, "memento-datetime") or localizable("no Memento-Datetime")
        raise NotThatCapture(f"answered by something else than the capture of that time ({said})")
    return _as_stored(row, asked, page)


def _as_stored(row: Row, asked: str, page: PageBytes) -> Capture:
    """The payload in the coding in which its digest is right: archives decode and encode on the way. Without one, as it came."""
    coding, body = _header(page.headers, "content-encoding"), page.body
    if coding and not _is_of(row, body):
        unpacked = unpack(body, coding)
        if not unpacked.problem and _is_of(row, unpacked.content):
            coding, body = None, unpacked.content
    headers = []
    for name in _KEPT:
        value = _header(page.headers, f"x-archive-orig-{name}") or _header(page.headers, name)
        headers += [(name.title(), value)] if value else []
    headers += [("Content-Encoding", coding)] if coding else []
    return Capture(row, asked, (*headers, ("Content-Length", str(len(body)))), body, page.headers)


def _is_of(row: Row, body: bytes) -> bool:
    return label("sha1", hashlib.sha1(body, usedforsecurity=False).digest()) == row.digest


def _moment(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _header(headers: tuple[tuple[str, str], ...], name: str) -> str | None:
    return next((value for key, value in headers if key.lower() == name), None)


def _ask(ask: PoliteFetcher, url: str) -> PageBytes:
    try:
        page = ask.as_sent(NextRequest(url, headers=(("Accept-Encoding", "gzip"), ("Accept", "*/*"))))
    except NotFetched as error:
        raise ArchiveRefused(str(error)) from None
    if page.status in REFUSALS:
        wait = _header(page.headers, "retry-after")
        raise ArchiveRefused(f"it answers {page.status}" + (f" (Retry-After: {wait})" if wait else ""))
    return page
