"""Records of ARC files (Internet Archive, 1996–2009), made into WARC records: the answer's bytes as they stand, the ARC's own line kept beside.

An ARC record is one line (`URL IP date type length`, in version 2 more fields between) and the bytes of the answer behind it.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from archive.clock import utc_text
from archive.warc.http_head import Headers
from archive.warc.incoming import Incoming
from archive.warc.records import clean_uri, parse_header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MAX_BLOCK = 256 << 20
_MAX_LINE = 1 << 16
_LINE_END = re.compile(rb"\n")
_LINE = re.compile(rb"(\S+) (\S+) (\d{12,14}|-) (\S+)((?: \S+)*?) (\d{1,12})\Z")


@dataclass(frozen=True, slots=True)
class Made:
    """A WARC record made of what stood in another kind of file; see `archive.warc.foreign.ForeignRecord`."""

    headers: Headers
    block: bytes
    offset: int
    raw: bytes
    beside: tuple[bytes, ...] = ()
    problem: str = ""
    faults: tuple[str, ...] = ()


def made_record(kind: str, fields: list[tuple[str, str]], block: bytes, *, at: str, seed: bytes) -> bytes:
    """A WARC record of foreign bytes. Its id comes from `seed`, so that the same piece gives the same record."""
    record_id = f"<urn:uuid:{uuid.UUID(bytes=hashlib.sha256(seed).digest()[:16], version=4)}>"
    lines = ["WARC/1.1", f"WARC-Type: {kind}", f"WARC-Record-ID: {record_id}", f"WARC-Date: {at}"]
    lines += [f"{name}: {value}" for name, value in fields]
    lines.append(f"Content-Length: {len(block)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def make(
    kind: str,
    fields: list[tuple[str, str]],
    block: bytes,
    offset: int,
    *,
    at: str,
    seed: bytes,
    **more: tuple[bytes, ...] | str | tuple[str, ...],
) -> Made:
    """A record, with its header read back."""
    raw = made_record(kind, fields, block, at=at, seed=seed)
    return Made(parse_header(raw), block, offset, raw, **more)  # type: ignore[arg-type]


class ArcParser:
    """Cuts a stream of uncompressed bytes into the records of an ARC file."""

    def __init__(self, name: str, say: Callable[[str], None]) -> None:
        self._name = name
        self._say = say
        self._buffer = Incoming()
        self._needed = 0
        self._offset = 0
        self.found = 0

    def drop(self) -> None:
        """The bytes that follow don't continue those before."""
        if self._buffer.holds():
            self._say(f"an ARC record at offset {self._offset} isn't whole; left out")
        self._buffer.clear()
        self._needed = 0

    def feed(self, offset: int, data: bytes) -> Iterator[Made]:
        """Take bytes that stand at, or in the member at, an offset; gives the captures that they complete."""
        if not self._buffer:
            self._offset = offset
        self._buffer.add(data)
        while len(self._buffer) >= self._needed:
            self._buffer.cut_line_ends()
            line_end = self._buffer.find(_LINE_END, 1)
            if line_end is None:
                if len(self._buffer) > _MAX_LINE:
                    self.drop()
                return
            end = line_end[0]
            line = bytes(self._buffer.data[: min(end, _MAX_LINE)]).rstrip(b"\r")
            found = _LINE.match(line) if end <= _MAX_LINE else None
            size = int(found[6]) if found else -1
            if found is None or size > _MAX_BLOCK:
                self._say(f"no ARC record begins near offset {self._offset}; the next line is tried")
                self._buffer.cut(end + 1)
                continue
            self._needed = end + 1 + size
            if len(self._buffer) < self._needed:
                return
            block = bytes(self._buffer.data[end + 1 : self._needed])
            self._buffer.cut(self._needed)
            self._needed = 0
            self.found += 1
            made = self._made(line, found, block)
            self._offset = offset
            if made is not None:
                yield made

    def _made(self, line: bytes, found: re.Match[bytes], block: bytes) -> Made | None:
        url = found[1].decode("utf-8", "replace")
        if not url.startswith(("http://", "https://")):
            return None
        at, problem = _date(found[3].decode())
        is_http = block.startswith(b"HTTP/")
        media = "application/http;msgtype=response" if is_http else found[4].decode("latin-1")
        fields = [("WARC-Target-URI", clean_uri(url)), ("Content-Type", media), ("X-ARC-Header", clean_line(line))]
        if re.fullmatch(rb"[0-9a-fA-F.:]{3,45}", found[2]):
            fields.insert(1, ("WARC-IP-Address", found[2].decode()))
        kind = "response" if is_http else "resource"
        seed = line + b"\n" + block
        return make(
            kind, fields, block, self._offset, at=at, seed=seed, problem=problem, faults=("stood in an ARC record",)
        )


def clean_line(line: bytes) -> str:
    """A line as a header's value."""
    return re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]", " ", line.decode("utf-8", "replace"))


def _date(text: str) -> tuple[str, str]:
    """WARC-Date of an ARC date (12 or 14 digits, UTC), and what is wrong with it."""
    try:
        moment = datetime.strptime(text.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return "1970-01-01T00:00:00Z", f"its date can't be read: {text!r}"
    return utc_text(moment), ""
