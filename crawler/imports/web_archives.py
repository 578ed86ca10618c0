"""What a web archive says and gives: its index of captures, and one capture as it was stored.

Interfaces: the CDX server of the Internet Archive (rows of JSON behind a row of names; `[]` and a resume key if there is more), pywb's (a JSON
object a line), TimeMaps (`crawler.imports.time_map`) and Common Crawl (`crawler.imports.common_crawl`). Captures come by `TIMESTAMPid_/URL`: the page as it was, without the archive's own additions. An archive's silence proves nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from archive.warc.coding import unpack
from archive.warc.digests import label, matches, parse_digest
from archive.warc.statuses import is_redirect
from crawler.discovery.asking import NotFetched
from crawler.imports.common_crawl import place_of, read_crawls, record_of
from crawler.imports.taking import AHEAD, FIRST_YEAR
from crawler.imports.time_map import read_time_map
from crawler.pages.classify import TRUNCATED, UNREACHABLE
from crawler.pages.exchange import NextRequest
from extract.document.notations import parse_json
from extract.errors import OgiError
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from archive.files.settings import BackfillArchive
    from crawler.imports.exchanges import NotedExchanges
    from crawler.pages.exchange import PageBytes

_Read = TypeVar("_Read")
#: Answers by which a server says that it does not want to be asked now, or at all.
REFUSALS = (403, 429, 503)
#: Rows a page of the index; the Internet Archive's own advice for resume keys is to ask for bounded pages.
_ROWS = 1000
#: Pages of one address's index that are asked for: a hostile server's resume keys have no end.
_PAGES = 50
#: Digests that indexes name: CDX servers SHA-1, pywb whatever the record has.
_TELLING = ("sha1", "sha256", "sha512")
_FIELDS = "timestamp,original,mimetype,statuscode,digest,length"
#: Characters of an address that stand in the archive's address as they are (RFC 3986): it is encoded once already.
_AS_IT_STANDS = "%:/?[]@!$&'()*+,;=~"
#: Headers of the original answer that are kept in the capture; the answer's own stand whole in the exchange beside it.
_KEPT = ("content-type", "content-language", "content-disposition", "last-modified")


class ArchiveRefused(Exception):
    """Raised when a web archive must not or can't be asked any more in this run; says why.

    `is_refusal`: it doesn't want to be asked, or can't be reached, so that the next run waits too; `retry_after`: what it says itself.
    """

    def __init__(self, why: str, *, is_refusal: bool = False, retry_after: str | None = None) -> None:
        super().__init__(why)
        self.is_refusal = is_refusal
        self.retry_after = retry_after


class NotThatCapture(Exception):
    """Raised when what came is not the capture that was asked for; says why."""


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One capture by an index.

    Attributes:
        timestamp: Its time (14 digits, UTC).
        url: Its address as asked.
        digest: Of its payload, labelled (`sha1:…`, of pywb also `sha256:…`); empty if the index names none (TimeMaps).
        size: Bytes as stored, as far as the index tells.
        place: In Common Crawl: file, offset and length of the record.
    """

    timestamp: str
    url: str
    digest: str
    size: int | None = None
    place: tuple[str, int, int] | None = None

    @property
    def at(self) -> datetime:
        """When it was made (UTC)."""
        return datetime.strptime(self.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


@dataclass(slots=True)
class Listed:
    """What an index lists of an address: captures that can be held against a digest, and how many rows can't be taken, by reason."""

    rows: list[IndexRow] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)

    def leave(self, why: str) -> None:
        """Count a row that isn't taken."""
        self.left[why] = self.left.get(why, 0) + 1


@dataclass(frozen=True, slots=True)
class PublicCapture:
    """A capture as it came: headers of the original as far as they are known, payload.

    `member`: the original record as one gzip member, where the archive gives that.
    """

    row: IndexRow
    asked: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    member: bytes | None = None

    @property
    def is_as_listed(self) -> bool:
        """Whether the payload has the digest that the index names, if it names one."""
        return not self.row.digest or _is_of(self.row, self.body)


def list_captures(
    ask: NotedExchanges, source: BackfillArchive, url: str, since: str, until: str, now: datetime
) -> Listed:
    """What a web archive's index lists of an address.

    Args:
        since, until: Beginnings of time stamps (`2019`, `20190305`), both included; empty: no limit.

    Raises:
        ArchiveRefused: It doesn't answer, doesn't want to be asked, or its answer is no index.
    """
    found = Listed()
    for one in _INDEXES[source.kind](ask, source, url, since, until, found):
        if one:
            _sort(one, source, url, since, until, now, found)
        else:
            found.leave("a line that can't be read")
    found.rows.sort(key=lambda row: row.timestamp)
    return found


def _cdx(
    ask: NotedExchanges, source: BackfillArchive, url: str, since: str, until: str, _: Listed
) -> Iterator[dict[str, Any]]:
    query = _query(url, since, until) | {"fl": _FIELDS, "limit": str(_ROWS), "showResumeKey": "true"}
    for _page in range(_PAGES):
        rows, resume = _read(ask, _with(source.index, query), source.kind, _cdx_rows) or ([], "")
        yield from rows
        if not resume:
            return
        query["resumeKey"] = resume
    raise ArchiveRefused(f"its index of {url} has no end")


def _pywb(
    ask: NotedExchanges, source: BackfillArchive, url: str, since: str, until: str, _: Listed
) -> Iterator[dict[str, Any]]:
    yield from _read(ask, _with(source.index, _query(url, since, until)), source.kind, _pywb_rows) or ()


def _commoncrawl(
    ask: NotedExchanges, source: BackfillArchive, url: str, since: str, until: str, _: Listed
) -> Iterator[dict[str, Any]]:
    for index in _read(ask, source.index, source.kind, lambda text: read_crawls(text, since, until)) or ():
        yield from _read(ask, _with(index, {"url": url, "output": "json"}), source.kind, _pywb_rows) or ()


def _timemap(
    ask: NotedExchanges, source: BackfillArchive, url: str, _since: str, _until: str, found: Listed
) -> Iterator[dict[str, Any]]:
    asked = f"{source.index.rstrip('/')}/{quote(url, safe=_AS_IT_STANDS)}"
    rows, has_more = _read(ask, asked, source.kind, read_time_map) or ([], False)
    if has_more:
        found.leave("a further TimeMap, which was not asked for")
    yield from rows


#: How each kind of index is asked; all give rows of the names that the Internet Archive uses.
_INDEXES = {"cdx": _cdx, "pywb": _pywb, "timemap": _timemap, "commoncrawl": _commoncrawl}


def _query(url: str, since: str, until: str) -> dict[str, str]:
    return {"url": url, "output": "json"} | ({"from": since} if since else {}) | ({"to": until} if until else {})


def _with(index: str, query: Mapping[str, str]) -> str:
    return f"{index}{'&' if '?' in index else '?'}{urlencode(query, quote_via=quote, safe='')}"


def _read(ask: NotedExchanges, asked: str, kind: str, read: Callable[[str], _Read]) -> _Read | None:
    """What an index answers, read; `None` for a 404: so it says that it lists nothing."""
    try:
        page = _ask(ask, asked)
    except NotThatCapture as error:
        raise ArchiveRefused(f"what its index answers is broken: {error}") from None
    if page.status == 404:
        return None
    if page.status != 200:
        raise ArchiveRefused(f"its index answers {page.status}")
    body = unpack(page.body, _header(page.headers, "content-encoding"))
    if body.problem:
        raise ArchiveRefused(f"what its index answers is broken: {body.problem}")
    try:
        return read(body.content.decode("utf-8"))
    except (ValueError, KeyError, TypeError, IndexError):
        raise ArchiveRefused(f"what its index answers can't be read as {kind}") from None


def _cdx_rows(text: str) -> tuple[list[dict[str, Any]], str]:
    table = parse_json(text) if text.strip() else []
    if not isinstance(table, list) or not all(isinstance(row, list) for row in table):
        raise TypeError("no rows")
    if not table:
        return [], ""
    names, rows, resume = table[0], table[1:], ""
    if len(rows) >= 2 and rows[-2] == []:
        resume, rows = str(rows[-1][0]), rows[:-2]
    return [dict(zip(names, row, strict=True)) if len(row) == len(names) else {} for row in rows if row], resume


def _pywb_rows(text: str) -> list[dict[str, Any]]:
    rows = [_object_of(line) for line in text.split("\n") if line.strip()]
    if rows and not any(rows):
        raise TypeError("no objects")
    names = {"url": "original", "status": "statuscode", "mime": "mimetype"}
    return [{names.get(name, name): value for name, value in row.items()} for row in rows]


def _object_of(line: str) -> dict[str, Any]:
    """The object on a line; empty for a line that has none, which costs itself."""
    try:
        found = parse_json(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _sort(
    one: dict[str, Any], source: BackfillArchive, url: str, since: str, until: str, now: datetime, found: Listed
) -> None:
    row = _row_of(one, source, _twin_of(url, str(one.get("original", ""))))
    status = str(one.get("statuscode") or "-")
    is_page = status == "200" or (status == "-" and one.get("mimetype") == "warc/revisit")
    faults = {
        "another address": _plain(str(one.get("original", ""))) != _plain(row.url),
        "no time, or one that was not asked for": not _is_time(row) or not _is_within(row.timestamp, since, until),
        "a time to come, or before the web": _is_time(row) and not _can_be(row, now),
        "no page (status other than 200): proves nothing": not is_page,
        "no digest to hold it against": not row.digest and source.kind != "timemap",
        "no place in a file": row.place is None and source.kind == "commoncrawl",
    }
    why = next((name for name, is_so in faults.items() if is_so), None)
    if why is None:
        found.rows.append(row)
    else:
        found.leave(why)


def _row_of(one: dict[str, Any], source: BackfillArchive, url: str) -> IndexRow:
    timestamp, digest, size = (str(one.get(name) or "") for name in ("timestamp", "digest", "length"))
    return IndexRow(
        timestamp,
        url,
        _digest_in(digest),
        int(size) if re.fullmatch("[0-9]{1,12}", size) else None,
        place_of(one) if source.kind == "commoncrawl" else None,
    )


def _digest_in(said: str) -> str:
    """A digest that an index names, in our notation; empty if there is none by which bytes can be told apart. Without a label its length tells."""
    for labelled in [said] if ":" in said else [f"{name}:{said}" for name in _TELLING]:
        parsed = parse_digest(labelled)
        if parsed is not None and parsed[0] in _TELLING:
            return label(*parsed)
    return ""


def _twin_of(url: str, original: str) -> str:
    """The address that a row is about: the one that was asked for, or the same under the other of http and https, which indexes list with it."""
    scheme, _, rest = url.partition("://")
    twin = {"http": "https", "https": "http"}.get(scheme, scheme) + f"://{rest}"
    return twin if _plain(original) == _plain(twin) else url


def _is_within(timestamp: str, since: str, until: str) -> bool:
    return timestamp[: len(since)] >= since and (not until or timestamp[: len(until)] <= until)


def _is_time(row: IndexRow) -> bool:
    try:
        return re.fullmatch(r"[0-9]{14}", row.timestamp) is not None and row.at is not None
    except ValueError:
        return False


def _can_be(row: IndexRow, now: datetime) -> bool:
    """Whether a page can have stood there then: what an import would set aside isn't fetched, again and again."""
    return row.at <= now + AHEAD and row.at.year >= FIRST_YEAR


def _plain(url: str) -> str:
    """An address without its scheme's own port: RFC 3986 §6.2.3; crawlers of old wrote `:80`."""
    try:
        parts = urlsplit(url)
        port = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
        return parts._replace(netloc=parts.netloc.lower().removesuffix(port) if port else parts.netloc).geturl()
    except ValueError:
        return url


def fetch_capture(ask: NotedExchanges, source: BackfillArchive, row: IndexRow) -> PublicCapture:
    """A capture as the archive stored it.

    Raises:
        ArchiveRefused: The archive doesn't answer, or doesn't want to be asked.
        NotThatCapture: What came is another capture, or the archive's own page.
    """
    if row.place is not None:
        return _fetch_range(ask, source, row, row.place)
    asked = f"{source.replay.rstrip('/')}/{row.timestamp}id_/{quote(row.url, safe=_AS_IT_STANDS)}"
    page = _ask(ask, asked)
    if is_redirect(page.status):
        target = _header(page.headers, "location") or "nowhere"
        raise NotThatCapture(f"answered by a redirect to {target}, which is another capture")
    if page.status != 200:
        raise NotThatCapture(f"answered {page.status}; that proves nothing about the page")
    if _moment(_header(page.headers, "memento-datetime")) != row.at:
        said = _header(page.headers, "memento-datetime") or localizable("no Memento-Datetime")
        raise NotThatCapture(f"answered by something else than the capture of that time ({said})")
    return _as_stored(row, asked, page)


def _fetch_range(
    ask: NotedExchanges, source: BackfillArchive, row: IndexRow, place: tuple[str, int, int]
) -> PublicCapture:
    """A record of Common Crawl: a range of a file, which must be the capture that the index names."""
    name, offset, length = place
    asked = f"{source.replay.rstrip('/')}/{name}"
    page = _ask(ask, asked, (("Range", f"bytes={offset}-{offset + length - 1}"),))
    if page.status != 206 or len(page.body) != length:
        raise NotThatCapture(f"answered {page.status} with {len(page.body)} bytes in place of a range of {length}")
    try:
        record = record_of(page.body)
        moment = record.date
    except (ValueError, OgiError) as error:
        raise NotThatCapture(str(error)) from None
    if record.type != "response" or _plain(record.uri) != _plain(row.url) or moment != row.at:
        raise NotThatCapture(f"the range holds another record ({record.type} of {record.uri})")
    return PublicCapture(row, f"{asked} {offset}+{length}", (), record.payload, page.body)


def _as_stored(row: IndexRow, asked: str, page: PageBytes) -> PublicCapture:
    """The payload in the coding in which its digest is right: archives decode and encode on the way. Without one, as it came."""
    coding, body = _header(page.headers, "content-encoding"), page.body
    if coding and row.digest and not _is_of(row, body):
        unpacked = unpack(body, coding)
        if not unpacked.problem and _is_of(row, unpacked.content):
            coding, body = None, unpacked.content
    headers = []
    for name in _KEPT:
        value = _header(page.headers, f"x-archive-orig-{name}") or _header(page.headers, name)
        headers += [(name.title(), value)] if value else []
    headers += [("Content-Encoding", coding)] if coding else []
    return PublicCapture(row, asked, (*headers, ("Content-Length", str(len(body)))), body)


def _is_of(row: IndexRow, body: bytes) -> bool:
    return matches(row.digest, body) is True


def _moment(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text or "")
    except (ValueError, OverflowError):  # a date beyond all calendars
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _header(headers: tuple[tuple[str, str], ...], name: str) -> str | None:
    return next((value for key, value in headers if key.lower() == name), None)


def _ask(ask: NotedExchanges, url: str, headers: tuple[tuple[str, str], ...] = ()) -> PageBytes:
    coding = "identity" if headers else "gzip"  # a range is of the bytes as they are stored
    try:
        page = ask.as_sent(NextRequest(url, headers=(("Accept-Encoding", coding), ("Accept", "*/*"), *headers)))
    except NotFetched as error:
        if error.verdict == TRUNCATED:
            raise NotThatCapture(str(error)) from None
        raise ArchiveRefused(str(error), is_refusal=error.verdict == UNREACHABLE) from None
    if page.status in REFUSALS:
        wait = _header(page.headers, "retry-after")
        said = localizable(f"it answers {page.status}") + (f" (Retry-After: {wait})" if wait else "")
        raise ArchiveRefused(said, is_refusal=True, retry_after=wait)
    return page
