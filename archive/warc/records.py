"""WARC/1.1 records (ISO 28500:2017): what they hold, how they are made, how they are read.

Record assembly is our own: one string, one compression, each digest computed once. Bytes are kept as they came off the wire, with the
chunked transfer coding removed; header fields that would then mislead a reader (`Transfer-Encoding`, a `Content-Length` that isn't the
stored length) are kept under the name `X-Archive-Orig-…`, as other crawlers do.
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive.clock import utc_text
from archive.errors import DamagedArchive
from archive.warc.coding import Unpacked, unpack
from archive.warc.context import FIELD, Context
from archive.warc.digests import digest_of as digest_of
from archive.warc.digests import label, parse_digest
from archive.warc.http_head import Headers, head_fields, head_lines, status_code
from archive.warc.members import BrokenMember, iter_members, read_member

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from archive.files.folder import Archive

VERSION = "WARC/1.1"
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
ORIG = "X-Archive-Orig-"

#: Types of records that hold what was at an address: what the index takes, and replay tools look up.
CAPTURES = frozenset({"response", "revisit", "resource"})
#: Types whose block may be an HTTP message; a `resource` of that media type is a document like any other (WARC/1.1 §6.4).
_MESSAGES = frozenset({"response", "request", "revisit"})
#: Years that a capture can be of: later ones overflow in every calendar, the Web is of 1990.
_YEARS = range(1990, 2200)
_UNSAFE_IN_URI = re.compile(r"[\x00-\x20\x7f<>]")
_LINE_BREAKS = re.compile(r"[\r\n\x00]+")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP exchange as the network gave it.

    `body` is de-chunked and still content-encoded; `at` is when the request was sent; `truncated` is WARC's reason (`length`, `time`,
    `disconnect`, `unspecified`) if the body isn't whole; `tls` holds facts such as `version`, `cipher`, `certificate`.
    """

    url: str
    method: str
    request_headers: Sequence[tuple[str, str]]
    request_body: bytes
    status: int
    reason: str
    response_headers: Sequence[tuple[str, str]]
    body: bytes
    ip: str | None
    at: datetime
    protocol: str = "http/1.1"
    truncated: str | None = None
    tls: dict[str, str | None] | None = None
    elapsed_s: float | None = None


@dataclass(frozen=True, slots=True)
class Original:
    """The response record that a revisit stands for. `date` is its WARC-Date as written; it is never a revisit itself."""

    url: str
    date: str
    digest: str
    record_id: str | None = None


def new_id() -> str:
    """A fresh WARC-Record-ID."""
    return f"<urn:uuid:{uuid.uuid4()}>"


def parse_date(text: str) -> datetime:
    """The moment of a WARC-Date, in UTC. Raises `ValueError` on anything that is no W3C date with a time."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or "T" not in text or moment.year not in _YEARS:
        raise ValueError(f"no W3C date and time: {text!r}")
    return moment.astimezone(UTC)


#: A date of the W3C's note "Date and Time Formats", which WARC/1.1 follows (§5.4), in any precision; the zone and the separators may lack.
_ANY_DATE = re.compile(
    r"(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:[Tt ]?(\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?)?(Z|z|[+-]\d\d:?\d\d)?)?)?)?"
)


def parse_any_date(text: str) -> tuple[datetime, bool]:
    """The moment of a date that another program wrote, in UTC, and whether it tells the minute. A lower precision gives its beginning.

    Raises:
        ValueError: It can't be understood.
    """
    found = _ANY_DATE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"no date: {text!r}")
    year, month, day, hour, minute, second = (int(part) if part else None for part in found.groups()[:6])
    if year not in _YEARS:
        raise ValueError(f"no date of the Web: {text!r}")
    fraction, zone = found[7], found[8]
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    moment = datetime(year or 0, month or 1, day or 1, hour or 0, minute or 0, min(second or 0, 59), micro, tzinfo=UTC)
    if zone and zone not in "Zz":
        moment -= (1 if zone[0] == "+" else -1) * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return moment, minute is not None


@dataclass(frozen=True)
class Record:
    """One record of a segment. `length` is that of its gzip member, `block` what stands behind the record's header."""

    headers: Headers
    block: bytes
    segment: str = ""
    offset: int = 0
    length: int = 0
    version: str = VERSION
    _first: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        first: dict[str, str] = {}
        for name, value in self.headers:
            first.setdefault(name.lower(), value)
        object.__setattr__(self, "_first", first)

    def get(self, name: str) -> str | None:
        """The first value of a field of the record's header, whatever its case."""
        return self._first.get(name.lower())

    @property
    def type(self) -> str:
        """`response`, `revisit`, `request`, `resource`, `metadata`, `warcinfo`, or what a foreign file says."""
        return self._first.get("warc-type", "").lower()

    @property
    def id(self) -> str:
        """The WARC-Record-ID with its angle brackets, empty if there is none."""
        return self._first.get("warc-record-id", "")

    @property
    def date(self) -> datetime:
        """The WARC-Date in UTC. Raises `DamagedArchive` if it is missing or unreadable."""
        try:
            return parse_any_date(self._first.get("warc-date", ""))[0]
        except (ValueError, OverflowError) as error:
            raise DamagedArchive(f"{self.where}: no readable WARC-Date") from error

    @property
    def where(self) -> str:
        """`segment:offset`, for messages."""
        return f"{self.segment}:{self.offset}"

    @property
    def uri(self) -> str:
        """The WARC-Target-URI without the angle brackets of older writers, empty if there is none."""
        return self._first.get("warc-target-uri", "").strip("<>")

    @property
    def profile(self) -> str | None:
        """The profile of a revisit."""
        return self._first.get("warc-profile")

    @property
    def truncated(self) -> str | None:
        """Why the stored body isn't whole. A revisit leaves its body out on purpose, so it gives `None`."""
        return None if self.type == "revisit" else self._first.get("warc-truncated")

    @property
    def refers_to(self) -> Original | None:
        """What a revisit stands for; `None` for other records, and where the address and date aren't given."""
        url, date = self._first.get("warc-refers-to-target-uri"), self._first.get("warc-refers-to-date")
        if self.type != "revisit" or url is None or date is None:
            return None
        return Original(
            url.strip("<>"), date, self._first.get("warc-payload-digest", ""), self._first.get("warc-refers-to")
        )

    @cached_property
    def context(self) -> Context | None:
        """What the capture says of itself, if it was ours."""
        value = self._first.get(FIELD.lower())
        if value is None:
            return None
        try:
            return Context.from_field(value)
        except ValueError as error:
            raise DamagedArchive(f"{self.where}: unreadable {FIELD} field") from error

    @cached_property
    def _http(self) -> tuple[str, Headers, bytes]:
        """Start line, header fields and body of an HTTP message in the block; all empty if it holds none."""
        is_message = self._first.get("content-type", "").lower().startswith("application/http")
        if not is_message or self.type not in _MESSAGES:
            return "", (), self.block
        return split_http(self.block)

    @property
    def http_status(self) -> int | None:
        """The status code. A server-not-modified revisit is written without its answer, which was 304."""
        status = status_code(self._http[0])
        if status is not None:
            return status
        return 304 if self.type == "revisit" and (self.profile or "").endswith("/server-not-modified") else None

    @property
    def http_headers(self) -> Headers:
        """The HTTP header fields as stored."""
        return self._http[1]

    def http_header(self, name: str) -> str | None:
        """The first value of an HTTP header field, whatever its case."""
        return next((value for key, value in self.http_headers if key.lower() == name.lower()), None)

    @property
    def http_body(self) -> bytes:
        """The body of the HTTP message as stored, chunked if its writer left it so; the whole block if it holds none."""
        return self._http[2]

    @cached_property
    def payload(self) -> bytes:
        """The body without transfer coding, still content-encoded; empty for a revisit."""
        if self.type == "revisit":
            return b""
        body = self.http_body
        if (self.http_header("transfer-encoding") or "").lower() == "chunked":
            return dechunk(body)
        return body

    @property
    def content(self) -> bytes:
        """The payload with its content encoding removed, as far as it can be; the payload itself if it can't be decoded at all."""
        return self._unpacked.content

    @property
    def content_problem(self) -> str:
        """Why the content isn't all that the payload holds (a bomb), in words; empty if it is."""
        return self._unpacked.problem

    @cached_property
    def _unpacked(self) -> Unpacked:
        return unpack(self.payload, self.http_header("content-encoding"))

    @cached_property
    def payload_digest(self) -> str:
        """`sha256:…` of the payload, in base32: the field, or computed where another writer used another algorithm or none.

        Some writers took theirs over the chunked bytes, so it is computed wherever the answer was chunked.
        """
        value = self._first.get("warc-payload-digest", "")
        parsed = parse_digest(value)
        if parsed is not None and parsed[0] == "sha256" and self.http_header("transfer-encoding") is None:
            return label(*parsed)
        return value if self.type == "revisit" else digest_of(self.payload)


def refers_to(record: Record) -> set[str]:
    """Ids of records without which a record can't stand: the answer of a request, what a revisit stands for."""
    name = {"request": "WARC-Concurrent-To", "revisit": "WARC-Refers-To"}.get(record.type)
    value = record.get(name) if name is not None else None
    return {value} if value else set()


def split_http(block: bytes) -> tuple[str, Headers, bytes]:
    """Split an HTTP message into start line, header fields and body. Field values are read as UTF-8, else as Latin-1."""
    head, separator, body = block.partition(b"\r\n\r\n")
    if not separator:
        head, separator, body = block.partition(b"\n\n")
    start, *lines = _decode(b"\n".join(head_lines(head))).split("\n")
    return start, head_fields(lines), body


def dechunk(body: bytes) -> bytes:
    """Remove the chunked transfer coding. A body that isn't chunked after all is given back unchanged, a torn one as far as it goes."""
    parts: list[bytes] = []
    position = 0
    while position < len(body):
        line_end = body.find(b"\r\n", position)
        if line_end < 0:
            return b"".join(parts) if parts else body
        size_text = body[position:line_end].split(b";")[0].strip()
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,8}", size_text):
            return body
        size = int(size_text, 16)
        if size == 0:
            return b"".join(parts)
        end = line_end + 2 + size
        if body[end : end + 2] not in (b"\r\n", b"\r", b""):
            return body
        parts.append(body[line_end + 2 : end])
        position = end + 2
    return b"".join(parts)


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def parse_record(data: bytes, segment: str = "", offset: int = 0, length: int = 0) -> Record:
    """Read one uncompressed record, with the two line ends behind it.

    Raises:
        DamagedArchive: It doesn't begin with a WARC version, or its Content-Length isn't the length of its block.
    """
    place = f"{segment}:{offset}"
    head, separator, rest = data.partition(b"\r\n\r\n")
    if not data.startswith(b"WARC/") or not separator:
        raise DamagedArchive(f"{place}: no WARC record")
    version, *lines = _decode(head).split("\r\n")
    record = Record(head_fields(lines), rest[:-4], segment, offset, length, version)
    if not rest.endswith(b"\r\n\r\n") or record.get("content-length") != str(len(rest) - 4):
        raise DamagedArchive(
            f"{place}: Content-Length {record.get('content-length')} but the block has {len(rest) - 4} bytes"
        )
    return record


def parse_header(data: bytes) -> Headers:
    """The header fields of a record whose block can't be trusted; empty if there are none."""
    head, separator, _ = data.partition(b"\r\n\r\n")
    return head_fields(_decode(head).split("\r\n")[1:]) if separator else ()


def iter_records(path: Path) -> Iterator[Record]:
    """Give the records of one of our segments, open or sealed, in order.

    Raises:
        DamagedArchive: A member or record is damaged; those before it have been given.
    """
    segment = path.name.removesuffix(".open")
    with path.open("rb") as stream:
        try:
            for member in iter_members(stream):
                yield parse_record(member.data, segment, member.offset, member.length)
        except BrokenMember as error:
            raise DamagedArchive(f"{segment}: {error}; `ogi verify` tells more") from error


def read_record(archive: Archive, segment: str, offset: int) -> Record:
    """Give the record at an offset of a segment. Raises `DamagedArchive` if none begins there."""
    with archive.store.open(segment) as stream:
        try:
            member = read_member(stream, offset)
        except BrokenMember as error:
            raise DamagedArchive(f"{segment}: {error}; `ogi verify` tells more") from error
    return parse_record(member.data, segment, member.offset, member.length)


def build_record(
    record_type: str, fields: Sequence[tuple[str, str | None]], block: bytes, *, at: datetime, record_id: str
) -> bytes:
    """Give the uncompressed bytes of a record. Fields without a value are left out."""
    lines = [VERSION, f"WARC-Type: {record_type}", f"WARC-Record-ID: {record_id}", f"WARC-Date: {utc_text(at)}"]
    lines.extend(f"{name}: {_LINE_BREAKS.sub(' ', value)}" for name, value in fields if value is not None)
    lines.append(f"WARC-Block-Digest: {digest_of(block)}")
    lines.append(f"Content-Length: {len(block)}")
    return b"%b\r\n\r\n%b\r\n\r\n" % ("\r\n".join(lines).encode("utf-8"), block)


def build_metadata(
    uri: str, obj: Any, at: datetime, *, concurrent: str | None = None, record_id: str | None = None
) -> bytes:
    """A metadata record with a JSON object about `uri`."""
    block = json.dumps(obj, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    fields = [
        ("WARC-Target-URI", clean_uri(uri)),
        ("WARC-Concurrent-To", concurrent),
        ("Content-Type", "application/json"),
    ]
    return build_record("metadata", fields, block, at=at, record_id=record_id or new_id())


def clean_uri(url: str) -> str:
    """The address without characters that would break a header line; they are percent-encoded."""
    return _UNSAFE_IN_URI.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8")), url)


def request_block(exchange: Exchange) -> bytes:
    """The request as sent: start line, header fields (with `Host`), body."""
    parts = urlsplit(exchange.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = list(exchange.request_headers)
    if not any(name.lower() == "host" for name, _ in headers):
        headers.insert(0, ("Host", parts.netloc.rpartition("@")[2]))
    return _message(f"{exchange.method} {clean_uri(target)} HTTP/1.1", headers) + exchange.request_body


def response_head(exchange: Exchange, *, stored_length: int) -> bytes:
    """Status line and header fields of the answer, such that they fit a body of `stored_length` bytes without transfer coding."""
    headers: list[tuple[str, str]] = []
    dechunked = has_length = False
    for name, value in exchange.response_headers:
        lowered = name.lower()
        if lowered == "transfer-encoding":
            dechunked = True
            name = ORIG + name
        elif lowered == "content-length":
            if value.strip() == str(stored_length):
                has_length = True
            else:
                dechunked = True
                name = ORIG + name
        headers.append((name, value))
    if dechunked and not has_length:
        headers.append(("Content-Length", str(stored_length)))
    return _message(f"HTTP/1.1 {exchange.status} {exchange.reason}".rstrip(), headers)


def _message(start: str, headers: Sequence[tuple[str, str]]) -> bytes:
    lines = [start, *(f"{name}: {_LINE_BREAKS.sub(' ', value)}" for name, value in headers)]
    text = "\r\n".join([_LINE_BREAKS.sub(" ", lines[0]), *lines[1:]]) + "\r\n\r\n"
    try:
        return text.encode("latin-1")  # how undecoded bytes of a server's header arrive here
    except UnicodeEncodeError:
        return text.encode("utf-8")


@dataclass(frozen=True, slots=True)
class Pair:
    """The uncompressed records of one exchange."""

    answer: bytes
    request: bytes
    answer_id: str
    digest: str
    is_revisit: bool


def build_exchange(exchange: Exchange, context: Context | None, original: Original | None) -> Pair:
    """Make the response (or revisit) and request records of an exchange.

    An answer 304 with an original becomes a server-not-modified revisit with an empty block: replay tools then give the original, whereas a
    stored 304 would be replayed as such. Any other answer with an original becomes an identical-payload-digest revisit with its own header
    fields; it must have the original's payload.
    """
    answer_id, request_id = new_id(), new_id()
    uri = clean_uri(exchange.url)
    secure = exchange.tls or {}
    fields: list[tuple[str, str | None]] = [("WARC-Target-URI", uri), ("WARC-IP-Address", exchange.ip)]
    fields.append(("WARC-Protocol", exchange.protocol.lower() or None))
    if secure.get("version"):
        fields.append(("WARC-Protocol", str(secure["version"]).lower().replace("tlsv", "tls/")))
    if secure.get("cipher"):
        fields.append(("WARC-Cipher-Suite", str(secure["cipher"])))
    fields.append((FIELD, context.to_field() if context is not None else None))
    fields.append(("Content-Type", "application/http;msgtype=response"))
    not_modified = original is not None and exchange.status == 304
    if original is None:
        digest = digest_of(exchange.body)
        block = response_head(exchange, stored_length=len(exchange.body)) + exchange.body
        fields += [("WARC-Truncated", exchange.truncated), ("WARC-Payload-Digest", digest)]
        answer = build_record("response", fields, block, at=exchange.at, record_id=answer_id)
    else:
        digest = original.digest
        block = b"" if not_modified else response_head(exchange, stored_length=len(exchange.body))
        fields += [
            ("WARC-Profile", NOT_MODIFIED if not_modified else IDENTICAL),
            ("WARC-Refers-To", original.record_id),
            ("WARC-Refers-To-Target-URI", clean_uri(original.url)),
            ("WARC-Refers-To-Date", original.date),
            (
                "WARC-Truncated",
                None if not_modified else "length",
            ),  # §6.7.2: "shall be used for any identical-digest truncation"
            ("WARC-Payload-Digest", digest),
        ]
        answer = build_record("revisit", fields, block, at=exchange.at, record_id=answer_id)
    asked: list[tuple[str, str | None]] = [
        ("WARC-Target-URI", uri),
        ("WARC-Concurrent-To", answer_id),
        ("Content-Type", "application/http;msgtype=request"),
    ]
    request = build_record("request", asked, request_block(exchange), at=exchange.at, record_id=request_id)
    return Pair(answer, request, answer_id, digest, original is not None)
